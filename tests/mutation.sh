#!/bin/sh
# Plants small faults, one at a time, and tells which of them the tests notice.
#
#   sh tests/mutation.sh [-j N] [-q | -r] [WORD...]   the rows of tests/mutations.txt that hold one of the words, or all
#   sh tests/mutation.sh --check                      only whether every row still applies
#
# A row of the table names a file and what a user would meet; then what is replaced, and by what:
#
#   src/ROOM/FILE.c: reads come back twice
#   @ static void function(      the first one after the line that holds this; may be left out
#   - text of one line           must stand in the file once, or with @ after the one line that @ names
#   + what comes in its place    may be nothing
#
# Each fault is planted in a copy of the tree, built, and given to the tests up to the first that fails or hangs: those
# of its room (-r: no others), then the other quick ones (-q: no others), then the slow ones and those of the command
# line.
# A row that does not apply or not build is an error. Fails when a fault was not noticed. -j: so many faults at once.
set -eu
cd "$(dirname "$0")/.."
table=tests/mutations.txt
slow='tests/machine/test_queue_reference tests/machine/test_write_amplification tests/ftl/test_write_amplification
tests/machine/test_invariants tests/steady_state.sh'

jobs=$(nproc) check="" quick="" room_only=""
while [ $# -gt 0 ]; do
    case $1 in
    -j) jobs=$2 && shift ;;
    -q) quick=yes ;;
    -r) room_only=yes ;;
    --check) check=yes ;;
    *) break ;;
    esac
    shift
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# The rows as they are wanted: file, what, after, old, new, each on a line of its own in a file of its own.
WORDS=$(printf '%s\n' "$@") awk -v work="$work" '
function put() {
    if (file == "") return
    for (i in words) wanted += index(file ": " what, words[i]) > 0
    if (count == 0 || wanted)
        printf "%s\n%s\n%s\n%s\n%s\n", file, what, after, old, new > sprintf("%s/row.%04d", work, ++rows)
    file = after = old = new = ""; wanted = 0
}
BEGIN { count = split(ENVIRON["WORDS"], words, "\n") }
/^src\// { put(); file = $0; sub(/: .*/, "", file); what = $0; sub(/^[^:]*: /, "", what) }
/^@ / { after = substr($0, 3) }
/^- / { old = substr($0, 3) }
/^\+ / { new = substr($0, 3) }
END { put() }' "$table"

field() {
    sed -n "$2p" "$1"
}

# plant ROW SOURCE TARGET: TARGET is SOURCE with the fault.
plant() {
    AFTER=$(field "$1" 3) OLD=$(field "$1" 4) NEW=$(field "$1" 5) awk '
    BEGIN { after = ENVIRON["AFTER"]; old = ENVIRON["OLD"]; new = ENVIRON["NEW"] }
    after != "" && index($0, after) > 0 { places++ }
    old != "" && (after == "" || (places == 1 && !found)) && (at = index($0, old)) > 0 {
        found += after == "" && index(substr($0, at + 1), old) > 0 ? 2 : 1
        $0 = substr($0, 1, at - 1) new substr($0, at + length(old))
    }
    { print }
    END { exit found != 1 || (after != "" && places != 1) }' "$2" > "$3"
}

name() {
    echo "$(field "$1" 1): $(field "$1" 2)"
}

bad=0
for row in "$work"/row.*; do
    plant "$row" "$(field "$row" 1)" "$work/planted" && ! cmp -s "$(field "$row" 1)" "$work/planted" && continue
    echo "does not apply: $(name "$row")"
    bad=1
done
[ $bad -eq 0 ] || exit 1
if [ -n "$check" ]; then
    echo "[       OK ] every_row_of_the_table_of_faults_applies"
    exit 0
fi

# --- trees that are built, one for each that works at the same time ---------------------------------------------------

without() {
    grep -vxF -e "$(echo "$1" | tr ' ' '\n')" || true
}

unit_tests() {
    for source in tests/*/test_*.c; do
        echo "${source%.c}"
    done | without "$slow" | without "$broken" | grep -E "^tests/(${rooms:-.*})/"
}

late_tests() {
    { echo "$slow" | tr ' ' '\n'; ls tests/cli/*.bats; } | without "$broken"
}

# run TESTS...: whether all pass.
run() {
    make -s -k check-TESTS TESTS="$*" LOG_COMPILER='timeout -k 5 120' > /dev/null 2>&1
}

# failed TESTS...: which did not pass the last time.
failed() {
    for test in "$@"; do
        grep -qsx ':test-result: [PS].*' "${test%.bats}.trs" || echo "$test"
    done
}

# Tests that fail without a fault tell nothing: they are named and left out.
find_broken() {
    cd "$work/1/build"
    tests=$(cd .. && unit_tests)
    [ -n "$quick$room_only" ] || tests="$tests $(cd .. && late_tests)"
    # shellcheck disable=SC2086
    run $tests || failed $tests
}

make_trees() {
    mkdir "$work/1"
    tar -cf - --exclude=./build --exclude=./.git --exclude=./results . | tar -C "$work/1" -xf -
    (cd "$work/1" && { [ -x configure ] || autoreconf -i; } && mkdir build && cd build &&
        ../configure -q --without-systemc CFLAGS='-O1 -g0 -w' && make -s -j"$jobs" all) > "$work/log" 2>&1 ||
        { tail -n 40 "$work/log"; exit 1; }
    for n in $(seq 2 "$jobs"); do
        cp -a "$work/1" "$work/$n"
    done
}

# --- one fault --------------------------------------------------------------------------------------------------------

# notices TESTS...: whether one of them fails, and which.
notices() {
    run "$@" && return 1
    noticed=$(failed "$@" | head -n 1)
}

# shellcheck disable=SC2046,SC2086
noticed_by_any() {
    all=$(cd .. && unit_tests)
    own=$(echo "$all" | grep "^tests/$(echo "$1" | cut -d/ -f2)/" || true)
    [ -n "$own" ] && notices $own && return 0
    [ -z "$room_only" ] || return 1
    notices $(echo "$all" | without "$own") && return 0
    [ -z "$quick" ] && make -s all > /dev/null 2>&1 && notices $(cd .. && late_tests)
}

# try ROW: in the tree and the build folder that it is called in.
try() {
    file=$(field "$1" 1)
    cp "../$file" "$1.true"
    plant "$1" "$1.true" "../$file"
    target=libsqtail.a
    [ "${file#src/cli/}" = "$file" ] || target=sqtail
    if ! make -s $target > "$1.log" 2>&1; then
        echo "does not build: $(name "$1")"
        tail -n 5 "$1.log"
    elif noticed_by_any "$file"; then
        echo "noticed: $(name "$1") ($noticed)"
    else
        echo "NOT NOTICED: $(name "$1")"
    fi
    cp "$1.true" "../$file"
}

work_off() {
    cd "$work/$1/build"
    number=0
    for row in "$work"/row.????; do
        number=$((number + 1))
        [ $((number % jobs + 1)) -eq "$1" ] && try "$row"
    done
}

broken="" rooms=""
[ -z "$room_only" ] || rooms=$(head -qn 1 "$work"/row.* | cut -d/ -f2 | sort -u | paste -sd '|')
make_trees
broken=$(find_broken)
for test in $broken; do
    echo "fails without a fault, and is left out: $test"
done
for n in $(seq "$jobs"); do
    (work_off "$n") &
done | tee "$work/report"
total=$(grep -c . "$work/report" || true) noticed=$(grep -c '^noticed' "$work/report" || true)
echo "$noticed of $total faults noticed, $((100 * noticed / total)) %"
[ "$noticed" -eq "$total" ]
