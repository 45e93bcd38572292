#!/bin/sh
# The gate of this project's own results: curves of reads and of a mix, five seeds each, against those in results/gate.
# Nothing may move by more than 3 %, for worse or for better, and beyond the noise.
#
#   sh tests/gate.sh            compares; what differs is shown
#   sh tests/gate.sh --renew    measures the baselines anew: a commit that means to move them does
#
# SQTAIL names the program.
set -eu
sqtail=$(realpath "${SQTAIL:-./sqtail}")
cd "$(dirname "$0")/.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# measure NAME JOB: the curve goes to $out/NAME.
measure() {
    "$sqtail" curve tiny.yaml --set ftl.precondition=random --job "$2" --iodepth 1,8,32 --seeds 5 --kernel native \
        -q --no-plots -o "$out/$1"
}

keep() {
    mkdir -p "results/gate/$1"
    cp "$out/$1/curve.json" "results/gate/$1/"
}

compare() {
    "$sqtail" compare "results/gate/$1" "$out/$1" --either --threshold iops=3% --threshold mean=3% --threshold p50=3% \
        --threshold p99=3% --threshold p99.9=3%
}

measure reads 'rw=randread bs=4k number_ios=5000'
measure mix 'rw=randrw rwmixread=70 bs=16k number_ios=3000'
failed=0
for name in reads mix; do
    case ${1:-} in
    --renew) keep $name ;;
    '') compare $name || failed=1 ;;
    *) echo "usage: gate.sh [--renew]" >&2 && exit 2 ;;
    esac
done
[ $failed -eq 0 ] || { echo "results moved; if they were to, sh tests/gate.sh --renew" && exit 1; }
