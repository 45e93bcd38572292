#!/bin/sh
# Is what README.md shows of its first command what comes? Its sample line by line, and the picture by the means in it.
#
#   sh tests/readme.sh            compares
#   sh tests/readme.sh --renew    puts the present sample and pictures in their place; draws with gnuplot
#
# SQTAIL names the program.
set -eu
sqtail=$(realpath "${SQTAIL:-./sqtail}")
cd "$(dirname "$0")/.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
first='drive    WD Black'

demo() {
    "$sqtail" run configs/wd-black-sn750-1tb.yaml --trace traces/fio-randrw70-16k-qd16-uring "$@" -o "$out/demo" |
        sed '/^speed /,$d' > "$out/now"
}

compare() {
    demo --no-plots
    awk -v first="$first" '/^```/ { inside = 0 } index($0, first) == 1 { inside = 1 } inside' README.md > "$out/shown"
    diff "$out/shown" "$out/now"
    for mean in $(awk '$1 ~ /^(read|write)$/ && NF == 9 { print $5 }' "$out/now"); do
        grep -qF ">${mean%us} us<" doc/images/stages.svg || { echo "doc/images/stages.svg does not show $mean" && exit 1; }
    done
}

renew() {
    demo
    cp "$out/demo/plots/stages.svg" doc/images/
    awk -v first="$first" -v now="$out/now" '
        /^```/ { inside = 0 }
        index($0, first) == 1 { inside = 1; while ((getline line < now) > 0) print line }
        !inside' README.md > "$out/readme"
    cat "$out/readme" > README.md
    "$sqtail" curve generic-tlc-gen4.yaml --job "rw=randread bs=4k number_ios=100000" -q -o "$out/curve"
    cp "$out/curve/plots/curve.svg" doc/images/
}

case ${1:-} in
--renew) renew ;;
'') compare ;;
*) echo "usage: readme.sh [--renew]" >&2 && exit 2 ;;
esac
