#!/bin/sh
# Builds the examples of doc/adding.md into a copy of the source and tries them: each file, row and build line as the
# page has it, then its commands, then tests/examples/test_examples.c and the test that goes through rows of formats.
#
# In the page, ```c FILE is a new file; ```diff FILE a place in one (a line that is there, exactly once, and lines to
# put behind it); ```sh commands. Builds with AddressSanitizer are skipped: one build of the copy is enough.
set -eu
source=$(realpath "${srcdir:-$(dirname "$0")/..}")
page=$source/doc/adding.md
! grep -q __asan_init ./sqtail || { echo "skipped: once, without sanitizers"; exit 77; }
command -v autoreconf > /dev/null || { echo "autoreconf is missing"; exit 77; }
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
mkdir "$out/copy"
(cd "$source" && tar -cf - --exclude=.git --exclude=autom4te.cache --exclude='./build*' --exclude=./_build \
    --exclude=./_inst --exclude='./*.tar.gz' .) |
    tar -xf - -C "$out/copy"
chmod -R u+w "$out/copy"
cd "$out/copy"

awk '
function refuse(why) { print "doc/adding.md:" FNR ": " why > "/dev/stderr"; exit failed = 1 }
function insert(file, anchor, lines,    line, text, found) {
    while ((getline line < file) > 0) {
        text = text line "\n"
        if (line == anchor) { text = text lines; found++ }
    }
    close(file)
    if (found != 1) refuse(file " has " found + 0 " lines \"" anchor "\"")
    printf "%s", text > file
    close(file)
}
/^```./ { kind = substr($1, 4); file = $2; body = anchor = ""; count[kind]++; next }
/^```$/ {
    if (kind == "c") { printf "%s", body > file; close(file) }
    if (kind == "diff") insert(file, anchor, body)
    kind = ""
    next
}
kind == "c" { body = body $0 "\n" }
kind == "diff" && /^ / { if (anchor != "") refuse("a second line to look for"); anchor = substr($0, 2) }
kind == "diff" && /^\+/ { body = body substr($0, 2) "\n" }
kind == "sh" { print > "commands" }
END { if (!failed && (!count["c"] || !count["diff"] || !count["sh"])) refuse("no examples found") }' "$page"

unset MAKEFLAGS MFLAGS MAKELEVEL # of the make that runs the tests
autoreconf -i > log 2>&1 && ./configure -q --without-systemc CFLAGS=-O0 >> log 2>&1 &&
    make -s -j2 sqtail tests/examples/test_examples tests/trace/test_columns >> log 2>&1 || { tail -n 30 log; exit 1; }
! grep -A 5 'warning:' log || exit 1
while read -r command; do
    PATH=$PWD:$PATH sh -c "$command" > log 2>&1 || { echo "$command"; cat log; exit 1; }
    echo "[       OK ] $command"
done < commands
tests/trace/test_columns
tests/examples/test_examples
