#!/bin/sh
# Counts the test cases in the logs of the build folders given, names those that failed, and prints last
# `N passed, N failed`. Fails when a case failed, when a program failed without naming a case, or when nothing ran.
# BROKEN: builds that failed, counted as failed cases.
set -eu
find "$@" -name '*.trs' -path '*/tests/*' | LC_ALL=C sort > /tmp/sqtail-trs.$$
trap 'rm -f /tmp/sqtail-trs.$$' EXIT
passed=0 failed=${BROKEN:-0}
while read -r trs; do
    log=${trs%.trs}.log
    ok=$(grep -cE '^(\[       OK \]|ok [0-9]+ )' "$log" || true)
    skipped=$(grep -cE '^ok [0-9]+ .*# skip' "$log" || true)
    bad=$(grep -oE '^(\[  FAILED  \] [A-Za-z0-9_]+$|not ok [0-9]+ )' "$log" | sort -u | wc -l)
    result=$(sed -n 's/^:test-result: //p' "$trs")
    case $result in
    PASS) bad=0 ;;
    SKIP) ok=0 bad=0 ;;
    *) [ "$bad" -gt 0 ] || bad=1; echo "failed: $log" ;;
    esac
    passed=$((passed + ok - skipped))
    failed=$((failed + bad))
done < /tmp/sqtail-trs.$$
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
