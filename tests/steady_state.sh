#!/bin/sh
# Is `ftl.precondition: random` the steady state? Write amplification and IOPS of the first 100 000 random 4 KiB writes
# at depth 64 on every shipped drive at full size, against those after its spare was overwritten ten times.
#
#   sh tests/steady_state.sh            within 5 % of the reference in tests/steady_state.csv; about a minute and 2 GB
#   sh tests/steady_state.sh --renew    measures the reference anew, 500 000 writes after ten times the spare: half an
#                                       hour of CPU time
#
# That the state is also the one that writes to a drive filled in order lead to, tests/ftl/test_precondition.c shows on
# small drives, for each victim policy.
#
# Without SLC caches, which are empty at first.
#
# spare_units are the flash's mapping units, parity apart, less the user's. SQTAIL names the program. Builds with
# AddressSanitizer look at the small drives only.
set -u
here=${srcdir:-$(dirname "$0")/..}
sqtail=${SQTAIL:-./sqtail}
reference=$here/tests/steady_state.csv
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
command -v jq > /dev/null || { echo "jq is missing"; exit 77; }

# measure DRIVE WRITES BEFORE: amplification and IOPS of so many writes, after others.
measure() {
    "$sqtail" run "$here/configs/$1.yaml" --kernel native --set ftl.precondition=random --set ftl.verify=off --set ftl.placement=separate \
        -q --no-plots --job "rw=randwrite bs=4k iodepth=64 number_ios=$2 ramp_ios=$3" -o "$out/run" > "$out/log" 2>&1 ||
        { cat "$out/log" >&2; exit 1; }
    jq -r '"\(.ftl.write_amplification) \(.total.iops)"' "$out/run/summary.json"
    rm -r "$out/run"
}

drives() {
    tail -n +2 "$reference" | tr ',' ' '
}

renew() {
    head -n 1 "$reference" > "$out/new"
    drives | while read -r drive spare _; do
        measure "$drive" 500000 $((10 * spare)) > "$out/now" || exit 1
        awk -v d="$drive,$spare" '{ printf "%s,%.3f,%.0f\n", d, $1, $2 }' "$out/now" >> "$out/new"
        tail -n 1 "$out/new"
    done && cp "$out/new" "$reference"
}

compare() {
    drives | while read -r drive _ amplification iops; do
        case $drive in
        tiny | ideal) ;;
        *) ! grep -q __asan_init "$sqtail" || continue ;;
        esac
        measure "$drive" 100000 0 > "$out/now" || exit 1
        awk -v d="$drive" -v a="$amplification" -v i="$iops" '
            function off(x, y) { return x > y ? x / y - 1 : 1 - x / y }
            { bad = off($1, a) > 0.05 || off($2, i) > 0.05
              printf "%-20s write amplification %.3f, steady %.3f (%+.1f %%); IOPS %.0f, steady %.0f (%+.1f %%)%s\n",
                     d, $1, a, 100 * ($1 / a - 1), $2, i, 100 * ($2 / i - 1), bad ? ": more than 5 % off" : ""
              exit bad }' "$out/now" || echo "$drive" >> "$out/failed"
    done && [ ! -e "$out/failed" ]
}

case ${1:-} in
--renew) renew ;;
'') compare ;;
*) echo "usage: steady_state.sh [--renew]" >&2 && exit 2 ;;
esac
