#!/bin/sh
# Is what README.md shows of its first command what comes? Its sample line by line, and the picture by the means in it.
# And the table that doc/sweep.md shows of its what-ifs.
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

# The table of the mixed load, that comes and that is shown.
what_ifs() {
    awk '/^```/ { inside = $0 == "```sh"; blocks += inside; next } inside && blocks == 1' doc/sweep.md > "$out/commands"
    mkdir "$out/bin" "$out/work"
    ln -s "$sqtail" "$out/bin/sqtail"
    configs=$PWD/configs
    (cd "$out/work" && PATH="$out/bin:$PATH" SQTAIL_CONFIGS="$configs" sh -e "$out/commands" > /dev/null 2>&1)
    awk '/^## / { mixed = $2 == "mixed:" } /^$/ { if (table) exit } mixed && /^\|/ { table = 1; print }' \
        "$out/work/what-ifs/sweep.md" > "$out/what-ifs"
}

shown_what_ifs='/^\| what if / && !table { table = 1 } /^$/ { table = 0 }'

compare() {
    what_ifs
    awk "$shown_what_ifs table" doc/sweep.md | diff - "$out/what-ifs"
    demo --no-plots
    awk -v first="$first" '/^```/ { inside = 0 } index($0, first) == 1 { inside = 1 } inside' README.md > "$out/shown"
    diff "$out/shown" "$out/now"
    for mean in $(awk '$1 ~ /^(read|write)$/ && NF == 9 { print $5 }' "$out/now"); do
        grep -qF ">${mean%us} us<" doc/images/stages.svg || { echo "doc/images/stages.svg does not show $mean" && exit 1; }
    done
}

renew() {
    what_ifs
    awk -v now="$out/what-ifs" "$shown_what_ifs"'
        table == 1 { table = 2; while ((getline line < now) > 0) print line }
        !table' doc/sweep.md > "$out/page"
    cat "$out/page" > doc/sweep.md
    demo
    cp "$out/demo/plots/stages.svg" doc/images/
    awk -v first="$first" -v now="$out/now" '
        /^```/ { inside = 0 }
        index($0, first) == 1 { inside = 1; while ((getline line < now) > 0) print line }
        !inside' README.md > "$out/readme"
    cat "$out/readme" > README.md
    "$sqtail" curve generic-tlc-gen4.yaml --job "rw=randread bs=4k number_ios=100000" -q -o "$out/curve"
    cp "$out/curve/plots/curve.svg" doc/images/
    "$sqtail" pts wsat tiny.yaml --set nand.blocks_per_plane=32 --set ftl.capacity=512MiB --minute 100ms -q -o "$out/pts"
    cp "$out/pts/plots/saturation.svg" doc/images/
    "$sqtail" run tiny.yaml --set ftl.precondition=random --trace traces/mke2fs -q -o "$out/used"
    cp "$out/used/plots/recorded_cdf.svg" doc/images/mke2fs.svg
}

case ${1:-} in
--renew) renew ;;
'') compare ;;
*) echo "usage: readme.sh [--renew]" >&2 && exit 2 ;;
esac
