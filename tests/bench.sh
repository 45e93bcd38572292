#!/bin/sh
# Measures sqtail itself: speed by CPU time, instructions a request, preparation and memory, and how cost grows.
#
#   make bench                      speed, instructions, preparation; some ten minutes; needs jq, and valgrind
#   make bench BENCH=fast           speed and preparation with fewer runs, no instructions; a minute or two
#   make bench BENCH=reading        how fast recordings are read, and in how much memory; needs GNU time and a GB of disk
#   make bench BENCH=growth         how the cost of a request grows with depth, dies, capacity and superblocks
#   make bench AGAINST=PROGRAM      the same with another build beside it, in the same run
#
# Speed is work a second of user CPU time and differs between machines; runs of both kernels, and of both builds,
# alternate, and medians of them are compared within this one run. Instructions are counted by callgrind as the
# difference of two runs that differ in nothing but the number of requests, so that start and preparation do not count.
set -eu
sqtail=${SQTAIL:-./sqtail}
other=${AGAINST:-}
configs=${srcdir:-.}/configs
default=$configs/generic-tlc-gen4.yaml
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
rounds=5
[ "${BENCH:-}" != fast ] || rounds=3

# once PROGRAM NAME ARGUMENTS...: one run of it; its result is left in $out/NAME.
once() {
    program=$1 name=$2
    shift 2
    "$program" run "$default" "$@" --quiet --no-plots --progress never --output "$out/$name"
}

median() {
    sort -n "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# user_seconds: sets `seconds` to those of all runs so far.
user_seconds() {
    times > "$out/times"
    seconds=$(awk 'NR == 2 { sub("m", " ", $1); sub("s", "", $1); split($1, t, " "); print 60 * t[1] + t[2] }' \
        "$out/times")
}

# What the last run did: requests, or for writes with collection units moved, by the host and as copies.
work() {
    case $1 in
    *_with_gc) jq '.ftl.host_units_programmed + .ftl.gc_copies' "$out/$2/summary.json" ;;
    *) jq .total.count "$out/$2/summary.json" ;;
    esac
}

# per_second TITLE PROGRAM ARGUMENTS...: what is done a second of user CPU time, as the difference of two runs of
# `$count` and three times as many requests: start, preparation and the first touch of memory do not count.
per_second() {
    what=$1 with=$2
    shift 2
    user_seconds
    begin=$seconds
    once "$with" speed "$@" --job "$job number_ios=$count"
    user_seconds
    middle=$seconds
    first=$(work "$what" speed)
    user_seconds
    again=$seconds
    once "$with" speed "$@" --job "$job number_ios=$((3 * count))"
    user_seconds
    echo "$begin $middle $again $seconds $first $(work "$what" speed)" |
        awk '{ print ($6 - $5) / ($4 - $3 - $2 + $1) }'
}

# collection: how much of it there was in the last run, for a row of writes; a row named so without any is an error.
collection() {
    case $1 in
    *_with_gc)
        jq -r 'if .ftl.gc_copies > 0 then "   write amplification \(.ftl.write_amplification * 100 | round / 100)"
               else error("no collection ran") end' "$out/$2/summary.json"
        ;;
    esac
}

# speed TITLE TARGET COUNT JOB ARGUMENTS...: both kernels, and the other build's native one, alternating.
speed() {
    title=$1 target=$2 count=$3 job=$4
    shift 4
    i=0
    while [ $((i += 1)) -le $rounds ]; do
        [ -z "$other" ] || per_second "$title" "$other" "$@" --kernel native >> "$out/other"
        per_second "$title" "$sqtail" "$@" --kernel systemc >> "$out/systemc"
        per_second "$title" "$sqtail" "$@" --kernel native >> "$out/native"
    done
    gc=$(collection "$title" speed)
    echo "$title $(median "$out/systemc") $(median "$out/native") $target $([ -z "$other" ] || median "$out/other")" |
        awk -v gc="$gc" '{ printf "%-28s %9.0f %9.0f %8.2f %9d", $1, $2, $3, $2 / $3, $4
                           if ($5) printf " %9.0f %8.2f", $5, $3 / $5
                           print gc }'
    rm -r "$out"/*
}

# count_instructions PROGRAM ARGUMENTS...: of one request. No result is written: what that takes depends on how many
# points of time it has, which is no matter of requests, and may be fewer of a longer run.
count_instructions() {
    program=$1
    shift
    for n in 20000 60000; do
        valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" run "$default" "$@" \
            --job "$job number_ios=$n" --kernel native --quiet --progress never 2>&1 |
            awk '/Collected/ { print $NF }'
    done | paste -s -d ' ' | awk '{ printf "%.0f", ($2 - $1) / 40000 }'
}

# instructions TITLE TARGET STATE JOB: on the default drive with fewer blocks.
instructions() {
    title=$1 target=$2 job=$4
    set -- --set nand.blocks_per_plane=96 --set ftl.precondition="$3"
    now=$(count_instructions "$sqtail" "$@")
    once "$sqtail" instructions --kernel native --job "$job number_ios=60000" "$@"
    gc=$(collection "$title" instructions)
    before=$([ -z "$other" ] || count_instructions "$other" "$@")
    echo "$title $now $target $before" | awk -v gc="$gc" \
        '{ printf "%-28s %9d %9d", $1, $2, $3; if ($4) printf " %9d %8.2f", $4, $2 / $4; print gc }'
    rm -r "$out"/*
}

# prepare TITLE ARGUMENTS...: a run of a thousand requests, preparation and all.
prepare() {
    title=$1
    shift
    for program in "$sqtail" $other; do
        begin=$(date +%s%N)
        once "$program" drive --kernel native --job "rw=randrw bs=4k iodepth=16 number_ios=1000" "$@"
        wall=$((($(date +%s%N) - begin) / 1000000))
        echo "$wall $(jq '.peak_memory_bytes / 1048576' "$out/drive/host.json")"
    done | paste -s -d ' ' | awk -v title="$title" \
        '{ printf "%-28s %9.2f %9.0f", title, $1 / 1000, $2; if ($3) printf " %9.2f %9.0f", $3 / 1000, $4; print "" }'
    rm -r "$out"/*
}

# growth TITLE JOB ARGUMENTS...: instructions a request, and the other build's.
growth() {
    title=$1 job=$2
    shift 2
    now=$(count_instructions "$sqtail" "$@")
    once "$sqtail" instructions --kernel native --job "$job number_ios=60000" "$@"
    gc=$(collection "$title" instructions)
    before=$([ -z "$other" ] || count_instructions "$other" "$@")
    echo "$title $now $before" |
        awk -v gc="$gc" '{ printf "%-34s %9d", $1, $2; if ($3) printf " %9d %8.2f", $3, $2 / $3; print gc }'
    rm -r "$out"/*
}

# write_events N: so many events in blkparse's words, every other the completion of the one before.
write_events() {
    awk -v n="$1" 'BEGIN {
        srand(1)
        for (i = 1; i < n; i += 2) {
            t += int(1000 + rand() * 1000)
            sector = int(rand() * 2 ^ 27) * 8
            rwbs = rand() < 0.5 ? "R" : "W"
            printf "8,0 0 %d %d.%09d 1 D %s %d + 8 [x]\n", i, t / 1e9, t % 1e9, rwbs, sector
            printf "8,0 0 %d %d.%09d 0 C %s %d + 8 [0]\n", i + 1, (t + 900) / 1e9, (t + 900) % 1e9, rwbs, sector
        }
    }'
}

# read_row TITLE FILE RECORDS ASKED: records a CPU-second, system's share and the hash of the file among it, and memory.
read_row() {
    for program in "$sqtail" $other; do
        i=0
        while [ $((i += 1)) -le $rounds ]; do
            /usr/bin/time -o "$out/used" -f '%U %S %M' "$program" trace info --brief "$out/$2" > /dev/null
            awk -v n="$3" '{ print n / ($1 + $2), $3 / 1024 }' "$out/used"
        done | sort -n | awk '{ rate[NR] = $1; memory[NR] = $2 }
                              END { m = int((NR + 1) / 2); print rate[m], memory[m] }'
    done | paste -s -d ' ' | awk -v title="$1" -v asked="$4" \
        '{ printf "%-28s %9d %9d %9.1f", title, $1, asked, $2; if ($3) printf " %9d %9.1f", $3, $4; print "" }'
}

# Of blktrace's records one is a request's beginning or its end; a line of csv is a request.
reading_table() {
    echo "reading, a CPU-second          records     asked       MiB${other:+     other       MiB}"
    for millions in 1 "$1"; do
        write_events $((millions * 1000000)) > "$out/events.txt"
        "$sqtail" trace convert "$out/events.txt" --format blktrace --output "$out/recording"
        rm "$out/events.txt"
        read_row "blktrace_${millions}_M" recording $((millions * 1000000)) 8000000
        "$sqtail" trace convert "$out/recording" --format csv --output "$out/lines"
        read_row "csv_${millions}_M" lines $((millions * 500000)) 4000000
        rm "$out/recording" "$out/lines"
    done
}

growth_table() {
    echo "how it grows                       instructions a request${other:+; other, ratio}"
    small='--set nand.blocks_per_plane=96 --set ftl.precondition=sequential'
    for depth in 1 4 16 64 256 1024; do
        growth "depth_$depth" "rw=randread bs=4k iodepth=$depth" $small
    done
    for dies in 8x1 8x8 16x16 32x16; do
        growth "dies_$dies" "rw=randread bs=4k iodepth=64" --set nand.channels=${dies%x*} \
            --set nand.dies_per_channel=${dies#*x} --set nand.blocks_per_plane=96 --set ftl.precondition=sequential
    done
    for capacity in 1 4 16 64; do
        growth "capacity_${capacity}_TB" "rw=randread bs=4k iodepth=64" \
            --set nand.blocks_per_plane=$((344 * capacity)) --set ftl.mapping_unit=16KiB
    done
    for superblocks in 1000 10000 50000 200000; do
        growth "superblocks_${superblocks}_with_gc" "rw=randwrite bs=4k iodepth=64 ramp_ios=100000" \
            --set nand.channels=2 --set nand.dies_per_channel=2 --set nand.pages_per_block=48 \
            --set nand.blocks_per_plane=$superblocks
    done
}

if [ "${BENCH:-}" = growth ]; then
    growth_table
    exit
fi
if [ "${BENCH:-}" = reading ]; then
    reading_table 20
    exit
fi
echo "default drive, a CPU-second    systemc    native    ratio     asked${other:+     other     gain}" \
    "  (medians of $rounds)"
speed random_reads 1500000 1000000 "rw=randread bs=4k iodepth=64"
speed random_writes_with_gc 6000000 1000000 "rw=randwrite bs=4k iodepth=64"
speed sequential_reads_128k 350000 200000 "rw=read bs=128k iodepth=8" --set ftl.precondition=sequential
if [ "${BENCH:-}" != fast ]; then
    echo
    echo "instructions a request       callgrind     asked${other:+     other    ratio}"
    instructions random_reads 3300 sequential "rw=randread bs=4k iodepth=64"
    instructions random_writes_with_gc 5000 random "rw=randwrite bs=4k iodepth=64 ramp_ios=200000"
    instructions sequential_reads_128k 0 sequential "rw=read bs=128k iodepth=8"
fi
echo
echo "a run of 1000 requests         seconds       MiB${other:+     other       MiB}"
prepare empty_8_TB --set nand.blocks_per_plane=2752 --set ftl.precondition=empty
prepare sequential_1_TB --set ftl.precondition=sequential
prepare random_1_TB
[ "${BENCH:-}" = fast ] || prepare random_8_TB --set nand.blocks_per_plane=2752
echo
reading_table 4
