#!/bin/sh
# Does a gate catch what it should, and nothing else? In each trial five seeds of a drive are compared with the same
# drive, tR 5 % longer, under the same seeds, as CI has it, and under others; and with the drive itself under other
# seeds. Which metrics show it is counted, too. What becomes of a single seed a side is told for comparison: there the
# threshold alone decides.
#
#   sh tests/gate_trials.sh [TRIALS]    200 without a number: about five minutes of processor time
#
# Fails when less than 99 % of the planted changes are caught, under the same seeds or others, or a seed alone raises an
# alarm.
# SQTAIL names the program.
set -eu
sqtail=$(realpath "${SQTAIL:-./sqtail}")
trials=${1:-200}
cd "$(dirname "$0")/.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
gate='--threshold read.mean=2% --threshold read.p50=2% --threshold read.p99=3% --threshold read.p99.9=3%'

# run FOLDER SEED ARGUMENTS...
run() {
    folder=$1 seed=$2
    shift 2
    "$sqtail" run tiny.yaml --set ftl.precondition=random --job 'rw=randread bs=4k iodepth=4 number_ios=4000' \
        --kernel native --seed "$seed" -q --no-plots -o "$folder/$seed" "$@"
}

# verdict NAME BASE NEW: one letter a trial, c when the gate has caught something; and by which metrics.
verdict() {
    # shellcheck disable=SC2086
    if "$sqtail" compare "$2" "$3" $gate > "$out/log" 2>&1; then
        echo . >> "$out/$1"
    elif [ $? -eq 1 ]; then
        echo c >> "$out/$1"
        awk '/REGRESSION/ { print $1 }' "$out/log" >> "$out/$1.metrics"
    else
        cat "$out/log" && exit 2
    fi
}

trial() {
    rm -rf "$out/base" "$out/slow" "$out/other"
    for k in 1 2 3 4 5; do
        run "$out/base" $(($1 * 100 + k))
        run "$out/slow" $(($1 * 100 + k)) --set nand.t_r=+5%
        run "$out/other" $(($1 * 100 + 50 + k))
    done
    verdict same "$out/base" "$out/slow"
    verdict others "$out/other" "$out/slow"
    verdict none "$out/base" "$out/other"
    gate="$gate --any-load"
    verdict single "$out/base/$(($1 * 100 + 1))" "$out/other/$(($1 * 100 + 51))"
    gate=${gate% --any-load}
}

count() {
    grep -c c "$out/$1" || true
}

# by NAME: " by read.mean 199 by read.p50 200"
by() {
    sort "$out/$1.metrics" | uniq -c | awk '{ printf " by %s %d", $2, $1 }'
}

trial=0
while [ "$trial" -lt "$trials" ]; do
    trial=$((trial + 1))
    trial "$trial"
done
echo "$trials trials; the gate:$(echo "$gate" | sed 's/--threshold//g')"
echo "tR + 5 %, the same seeds: caught $(count same) times;$(by same)"
echo "tR + 5 %, other seeds: caught $(count others) times;$(by others)"
echo "other seeds alone: $(count none) alarms"
echo "another seed alone, one a side: $(count single) alarms"
[ $((100 * $(count same))) -ge $((99 * trials)) ] && [ $((100 * $(count others))) -ge $((99 * trials)) ] &&
    [ "$(count none)" -eq 0 ]
