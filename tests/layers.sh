#!/bin/sh
# Fails when a source file includes a header of a room above its own, or of another room on its own floor (the floors
# are those of doc/architecture.md, highest first), or calls what differs in the last bit from libm to libm.
set -eu
src=${srcdir:-.}/src
floors='
9 cli
8 sc
7 report machine
6 host
5 ssd
4 nvme
3 ftl
2 nand
1 trace config stats
0 sim spec util
'
report=$(find "$src" -name '*.[ch]' -o -name '*.cpp' | LC_ALL=C sort | xargs awk -v src="$src/" -v floors="$floors" '
BEGIN {
    count = split(floors, lines, "\n")
    for (i = 1; i <= count; i++) {
        n = split(lines[i], words, " ")
        for (j = 2; j <= n; j++) floor[words[j]] = words[1]
    }
}
FNR == 1 {
    room = substr(FILENAME, length(src) + 1); sub("/.*", "", room)
    if (!(room in floor)) print FILENAME ": the room " room " is on no floor"
}
/^[ \t]*#[ \t]*include[ \t]*"/ {
    target = $0; sub(/^[^"]*"/, "", target); sub(/".*/, "", target)
    if (target == "build_config.h" || target == "commit.h") next
    other = target; sub("/.*", "", other)
    if (index(target, "/") == 0 || !(other in floor)) {
        print FILENAME ":" FNR ": include \"" target "\" by its room: \"room/header.h\""
    } else if (other != room && floor[other] >= floor[room] && !(floor[room] == 0 && floor[other] == 0)) {
        print FILENAME ":" FNR ": " room " (floor " floor[room] ") must not include " target " (floor " floor[other] ")"
    }
}')
if [ -n "$report" ]; then
    echo "$report"
    exit 1
fi
echo "[       OK ] no_room_reaches_upward"

inexact='a?(cos|sin|tan)h?|atan2|cbrt|erfc?|exp(2|10|m1)?|fma|hypot|l?gamma(_r)?|log(2|10|1p)?|pow(10)?|tgamma'
calls=$(grep -rnE "(^|[^A-Za-z0-9_])($inexact)[fl]?\\(" "$src" --include='*.[ch]' --include='*.cpp' |
    grep -vE '^[^:]*:[0-9]*:[[:space:]]*//' || true)
if [ -n "$calls" ]; then
    echo "$calls"
    echo "not the same on every machine: use util/exact_math.h"
    exit 1
fi
echo "[       OK ] results_do_not_depend_on_libm"
