#!/bin/sh
# Fails when a source file includes a header of a room above its own, or of another room on its own floor (the floors
# are those of doc/architecture.md, highest first), or, in a room within a room, what that may not see; or calls what
# differs in the last bit from libm to libm.
set -eu
src=${srcdir:-.}/src
floors='
9 cli
8 sc calibrate pts sweep compare characterize
7 report machine
6 host timeline
5 ssd
4 nvme dram
3 ftl
2 nand profile
1 trace config stats figure store
0 sim spec util
'
# Of the room that it is in, a room may include its own headers, these rooms or headers, and what lies in none of its
# rooms, but not the whole.
inside='
cli/session
cli/runs cli/session
cli/nvme cli/session
cli/trace
ftl/space
ftl/map ftl/space
ftl/buffer ftl/space
ftl/move ftl/space ftl/map
ftl/serve ftl/space ftl/map ftl/buffer ftl/move/pace.h
nand/ecc
nand/chip nand/ecc
nand/control nand/chip nand/ecc
trace/input
trace/read trace/input
trace/build trace/input
trace/filter
trace/write trace/read/rwbs.h
report/folder
report/text
report/data report/text
report/read report/folder report/data report/text
report/plot report/folder report/read report/text
report/html report/plot report/text
nvme/link
nvme/queue nvme/pci/bus_master.h
nvme/pci nvme/link/link.h nvme/queue nvme/admin/events.h
nvme/command nvme/link nvme/pci nvme/queue nvme/admin/errors.h
nvme/log nvme/command nvme/admin nvme/identify/identity.h
nvme/admin nvme/command nvme/queue nvme/log/log_page.h
nvme/identify nvme/command nvme/log/log_page.h
nvme/io nvme/command
nvme/feature nvme/admin nvme/command nvme/queue nvme/io/io.h
host/job
host/generate host/job
host/replay
host/block
host/console
host/driver host/block
'
wholes='ftl/core.h ftl/ftl_internal.h nand/backend.h'
report=$(find "$src" -name '*.[ch]' -o -name '*.cpp' | LC_ALL=C sort |
    xargs awk -v src="$src/" -v floors="$floors" -v inside="$inside" -v wholes="$wholes" '
# The folder that a file lies in, when it is a room within a room.
function inner_room(path) {
    return match(path, "^[^/]*/[^/]*/") ? substr(path, 1, RLENGTH - 1) : ""
}
BEGIN {
    count = split(floors, lines, "\n")
    for (i = 1; i <= count; i++) {
        n = split(lines[i], words, " ")
        for (j = 2; j <= n; j++) floor[words[j]] = words[1]
    }
    count = split(inside, lines, "\n")
    for (i = 1; i <= count; i++) {
        n = split(lines[i], words, " ")
        if (n > 0) seen[words[1], words[1]] = known[words[1]] = 1
        for (j = 2; j <= n; j++) seen[words[1], words[j]] = 1
    }
    n = split(wholes, words, " ")
    for (j = 1; j <= n; j++) whole[words[j]] = 1
}
FNR == 1 {
    path = substr(FILENAME, length(src) + 1)
    room = path; sub("/.*", "", room)
    inner = inner_room(path)
    if (!(room in floor)) print FILENAME ": the room " room " is on no floor"
    if (inner != "" && !(inner in known)) print FILENAME ": nothing says what the room " inner " may include"
}
/^[ \t]*#[ \t]*include[ \t]*"/ {
    target = $0; sub(/^[^"]*"/, "", target); sub(/".*/, "", target)
    if (target == "build_config.h" || target == "commit.h") next
    other = target; sub("/.*", "", other)
    if (index(target, "/") == 0 || !(other in floor)) {
        print FILENAME ":" FNR ": include \"" target "\" by its room: \"room/header.h\""
    } else if (other != room && floor[other] >= floor[room] && !(floor[room] == 0 && floor[other] == 0)) {
        print FILENAME ":" FNR ": " room " (floor " floor[room] ") must not include " target " (floor " floor[other] ")"
    } else if (inner != "" && other == room) {
        to = inner_room(target)
        if (target in whole || (to != "" && !((inner, to) in seen) && !((inner, target) in seen)))
            print FILENAME ":" FNR ": " inner " must not include " target
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
