#!/bin/sh
# A sweep of 1000 points, killed (SIGKILL) again and again at random moments and begun anew, until it is whole: no point
# is lost, none is made twice, and its table is that of a sweep that nobody killed.
#
#   sh tests/killed_sweep.sh [SECONDS]    the longest time between two kills; 8 if it is not given
#
# SQTAIL names the program, which is not to be built anew meanwhile: results of another version are made again.
set -eu
sqtail=$(realpath "${SQTAIL:-./sqtail}")
longest=${1:-8}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
t_r=$(awk 'BEGIN { for (i = 0; i < 50; i++) printf "%sx1.%02d", i == 0 ? "" : ",", i }')
t_prog=$(awk 'BEGIN { for (i = 0; i < 20; i++) printf "%sx1.%02d", i == 0 ? "" : ",", i }')

# In a process that becomes the sweep.
sweep() {
    exec "$sqtail" sweep tiny.yaml --vary "nand.t_r=$t_r" --vary "nand.t_prog=$t_prog" --no-plots --quiet \
        --job "rw=randrw bs=4k iodepth=4 number_ios=300" --output "$1"
}

# Which results are there, and when each was written.
written() {
    find "$out/killed/points" -name summary.json -not -path '*/.*' -printf '%P %i %T@\n' 2> /dev/null | sort
}

kills=0
written > "$out/before" || true
while :; do
    sweep "$out/killed" &
    process=$!
    sleep "$(awk -v longest="$longest" -v seed="$(od -An -N4 -tu4 /dev/urandom)" \
        'BEGIN { srand(seed); printf "%.2f", 0.2 + rand() * longest }')"
    if ! kill -KILL "$process" 2> /dev/null; then
        wait "$process"
        break
    fi
    wait "$process" 2> /dev/null || true
    kills=$((kills + 1))
    written > "$out/now"
    [ -z "$(comm -23 "$out/before" "$out/now")" ] || { echo "a result is gone, or was made twice" && exit 1; }
    mv "$out/now" "$out/before"
done
written > "$out/now"
[ -z "$(comm -23 "$out/before" "$out/now")" ] || { echo "a result is gone, or was made twice" && exit 1; }
[ "$(wc -l < "$out/now")" -eq 1000 ] || { echo "of 1000 results there are $(wc -l < "$out/now")" && exit 1; }
(sweep "$out/whole")
diff -r --exclude=host.json "$out/whole" "$out/killed"
echo "1000 points, $kills kills: nothing lost, nothing made twice, the same table"
