#!/bin/sh
# Measures sqtail itself: speed by CPU time, instructions a request, memory and preparation time of large drives.
#
#   make bench            everything, about ten minutes; needs 20 GB of memory for the 8 TB drive, jq, and valgrind
#   make bench BENCH=fast without the 8 TB drive
#
# Speed is a ratio of work to CPU time and differs between machines; runs of both kernels alternate, and medians of
# them are compared within this one run. Instructions are counted by callgrind as the difference of two runs that differ
# in nothing but the number of requests, so that start and preparation do not count.
set -eu
sqtail=${SQTAIL:-./sqtail}
configs=${srcdir:-.}/configs
default=$configs/generic-tlc-gen4.yaml
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# run NAME ARGUMENTS...: one run; its host.json is left in $out/NAME.
run() {
    name=$1
    shift
    "$sqtail" run "$@" --quiet --no-plots --progress never --output "$out/$name"
}

value() {
    jq "$2" "$out/$1/host.json"
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

median() {
    sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# speed TITLE JOB TARGET: both kernels, alternating, five runs each.
speed() {
    for i in 1 2 3 4 5; do
        for kernel in systemc native; do
            run speed "$default" --job "$2" --kernel $kernel
            value speed .commands_per_cpu_s >> "$out/$kernel"
        done
    done
    s=$(median < "$out/systemc") n=$(median < "$out/native")
    rm "$out/systemc" "$out/native"
    gc=$(collection "$1" speed)
    echo "$1 $s $n $3" | awk -v gc="$gc" \
        '{ printf "%-34s %9.0f %9.0f %8.2f   (asked: %d)%s\n", $1, $2, $3, $2 / $3, $4, gc }'
}

# instructions TITLE JOB: of one request, on the default drive with fewer blocks.
instructions() {
    for n in 20000 120000; do
        valgrind --tool=callgrind --callgrind-out-file=/dev/null "$sqtail" run "$default" \
            --set nand.blocks_per_plane=96 --set ftl.precondition="$3" --kernel native --quiet --progress never \
            --no-plots --output "$out/instructions_$n" --job "$2 number_ios=$n" 2>&1 |
            awk '/Collected/ { print $NF }' >> "$out/instructions"
    done
    gc=$(collection "$1" instructions_120000)
    paste -s -d ' ' "$out/instructions" | awk -v title="$1" -v gc="$gc" \
        '{ printf "%-34s %9.0f%s\n", title, ($2 - $1) / 100000, gc }'
    rm -r "$out/instructions" "$out"/instructions_*
}

# drive TITLE ARGUMENTS...: preparation time and peak memory.
drive() {
    title=$1
    shift
    run drive "$default" --job "rw=randread bs=4k iodepth=64 number_ios=10000" "$@"
    printf '%-34s %9.1f %9.2f\n' "$title" "$(value drive .prepare_s)" "$(value drive '.peak_memory_bytes / 1073741824')"
}

echo "4 KiB, depth 64, default drive       systemc    native    ratio   requests a CPU-second, medians of 5"
speed random_reads "rw=randread bs=4k iodepth=64 number_ios=1000000" 500000
speed random_writes_with_gc "rw=randwrite bs=4k iodepth=64 number_ios=2000000 ramp_ios=200000" 300000
echo
echo "instructions a request             callgrind"
instructions random_reads "rw=randread bs=4k iodepth=64" sequential
instructions random_writes_with_gc "rw=randwrite bs=4k iodepth=64 ramp_ios=20000" random
instructions sequential_reads_128k "rw=read bs=128k iodepth=8" sequential
echo
echo "drive                             prepare, s  peak, GiB"
drive empty_8_TB --set ftl.capacity=8TB --set nand.blocks_per_plane=2816 --set ftl.precondition=empty
drive random_1_TB
[ "${BENCH:-}" = fast ] || drive random_8_TB --set ftl.capacity=8TB --set nand.blocks_per_plane=2816
