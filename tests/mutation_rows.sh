#!/bin/sh
# Whether every row of the table of small faults, tests/mutations.txt, still applies.
exec sh "${srcdir:-.}/tests/mutation.sh" --check
