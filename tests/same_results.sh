#!/bin/sh
# Does a change leave every result as it was? All shipped drives, empty, filled in order and in the random steady state,
# with jobs of every kind, every shipped recording, and drives with errors, parity and checked versions.
#
#   sh tests/same_results.sh                    each run's digest as tests/same_results.sums has it; some 10 seconds
#   sh tests/same_results.sh --renew            writes the digests anew: a commit that means to change results does,
#                                               and its diff shows which ones
#   sh tests/same_results.sh --against PROGRAM  byte by byte with what another build gives, drives at full size too;
#                                               says where they differ, the first lines of it
#
# A digest covers what was simulated: statistics, histograms, time series and the summary's figures, without the
# tool's version, the configuration, the count of events that the simulator itself needed, and the classes of latency. SQTAIL names the program.
set -u
sqtail=$(realpath "${SQTAIL:-./sqtail}")
other=$([ "${1:-}" != --against ] || realpath "${2:?--against needs a program}")
sums=tests/same_results.sums
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
cd "${srcdir:-$(dirname "$0")/..}" || exit 1 # results name their recording by its path

jobs='
randread  rw=randread bs=4k iodepth=64 number_ios=2000
randwrite rw=randwrite bs=4k iodepth=32 number_ios=3000
randrw    rw=randrw rwmixread=70 bs=16k iodepth=16 numjobs=2 number_ios=800
read      rw=read bs=128k iodepth=8 number_ios=200
write     rw=write bs=128k iodepth=8 number_ios=200
small     rw=randrw bs=512 iodepth=4 number_ios=500
fsync     rw=randwrite bs=4k iodepth=4 fsync=8 number_ios=400
trim      rw=randtrim bs=64k iodepth=4 number_ios=300
open      rw=randread bs=4k rate_iops=200k number_ios=1500 ramp_time=1ms
'
odd='
errors    tiny reliability.model=constant reliability.rber=4e-3
worn      tiny reliability.initial_pe_cycles=3000
parity    tiny ftl.capacity=3GiB raid.enabled=true
versions  tiny ftl.verify=versions
shared    tiny ftl.placement=shared
unbuffered tiny ftl.write_buffer=0
onequeue  tiny host.queues=1 host.queue_depth=31
'

# run NAME ARGUMENTS...: the result lies in $out/NAME; with --against, the other program's in $out/NAME.other.
run() {
    name=$1
    shift
    "$sqtail" run "$@" --kernel native -q --no-plots -o "$out/$name" > "$out/log" 2>&1 ||
        { echo "$name: $sqtail run $*"; cat "$out/log"; echo "$name" >> "$out/failed"; return; }
    judge "$name" "$@"
    rm -rf "${out:?}/$name" "$out/$name.other"
}

digest() {
    (cd "$1" && for file in *.hgrm *.csv; do
        if [ "$file" != slowest.csv ]; then echo "$file"; grep -Ev '^(sim,|tail\.)' "$file"; fi
    done &&
        awk '/^  "/ { skip = $1 ~ /^"(tool|config|config_id|sim|tail)":/ } !skip' summary.json) | sha256sum | cut -d ' ' -f 1
}

print_sum() {
    echo "$1 $(digest "$out/$1")"
}

compare_sum() {
    print_sum "$1" > "$out/sum"
    grep -qxF -f "$out/sum" "$sums" || { echo "$1: not the result of before"; echo "$1" >> "$out/failed"; }
}

other_program() {
    name=$1
    shift
    "$other" run "$@" --kernel native -q --no-plots -o "$out/$name.other" > "$out/log" 2>&1 ||
        { echo "$name: $other run $*"; cat "$out/log"; echo "$name" >> "$out/failed"; return; }
    for folder in "$out/$name" "$out/$name.other"; do
        sed -i '/^    "commit": /d' "$folder/summary.json"
        sed -i '/^sim,events,/d' "$folder/stats.csv"
        awk '/^  "/ { skip = $1 == "\"sim\":" } !skip' "$folder/summary.json" > "$out/now"
        mv "$out/now" "$folder/summary.json"
    done
    diff -r --exclude=host.json "$out/$name.other" "$out/$name" > "$out/diff" && echo "$name: same" ||
        { echo "$name: differs"; head -n 12 "$out/diff"; echo "$name" >> "$out/failed"; }
}

# What a filled drive is shortened to: not its structure, but its number of pages and blocks.
short() {
    case $1 in
    tiny | ideal) ;;
    wd-black-*) echo "$(short other) --set ftl.slc_size=64MiB --set ftl.over_provisioning=30%" ;;
    *) echo "--set nand.blocks_per_plane=64 --set nand.pages_per_block=48 --set ftl.over_provisioning=25%" ;;
    esac
}

# every_job NAME DRIVE STATE SETTINGS...
every_job() {
    group=$1 drive=configs/$2.yaml state=$3
    shift 3
    echo "$jobs" | while read -r job words; do
        [ -z "$job" ] || run "$group.$job" "$drive" "$@" --set "ftl.precondition=$state" --job "$words"
    done
}

# every_recording DRIVE STATE
every_recording() {
    for trace in traces/*/; do
        run "$1.$(basename "$trace")" "configs/$1.yaml" --trace "$trace" --set "ftl.precondition=$2"
    done
}

every_run() {
    for file in configs/*.yaml; do
        shipped=$(basename "$file" .yaml)
        every_job "$shipped.empty" "$shipped" empty
        every_job "$shipped.sequential" "$shipped" sequential $(short "$shipped")
        every_job "$shipped.random" "$shipped" random $(short "$shipped")
        [ -z "$other" ] ||
            run "$shipped.full" "$file" --set ftl.precondition=random \
                --job 'rw=randrw bs=4k iodepth=32 number_ios=20000'
        case $shipped in tiny | ideal) every_recording "$shipped" random ;; *) every_recording "$shipped" empty ;; esac
    done
    echo "$odd" | while read -r name drive settings; do
        [ -z "$name" ] || every_job "$drive.$name" "$drive" random $(printf -- '--set %s ' $settings)
    done
}

case ${1:-} in
--renew)
    judge() { print_sum "$1"; }
    every_run > "$out/new"
    [ -e "$out/failed" ] || cp "$out/new" "$sums"
    ;;
--against)
    judge() { other_program "$@"; }
    every_run
    ;;
'')
    judge() { compare_sum "$1"; }
    every_run
    ;;
*) echo "usage: same_results.sh [--renew | --against PROGRAM]" >&2 && exit 2 ;;
esac
if [ -e "$out/failed" ]; then
    echo "$(wc -l < "$out/failed") runs differ or failed"
    exit 1
fi
echo "[       OK ] no_result_has_changed"
