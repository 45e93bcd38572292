#!/usr/bin/env bats
# A log of every command: the page on it works as written, and its figures are the summary's.
load lib

sqtail()
{
    "$SQTAIL" "$@"
}

# In a folder of its own, from which configurations are found.
away()
{
    root=$PWD
    export SQTAIL_CONFIGS=$root/configs
    cd "$T" || return 1
}

# The block of doc/log.md with that label.
block()
{
    awk -v label="\`\`\`$1" '$0 == label { inside = 1; next } /^```/ { inside = 0 } inside' "$root/doc/log.md"
}

# near A B TOLERANCE, relative
near()
{
    awk -v a="$1" -v b="$2" -v t="$3" 'BEGIN { d = a - b; exit !(d * d <= t * t * b * b + 1e-12) }' || { echo "$1 is not $2"; return 1; }
}

@test "doc/log.md: the log is a database whose queries give the summary's figures" {
    command -v sqlite3 > /dev/null || skip "no sqlite3"
    away
    eval "$(block sh) -q --no-plots" 2> log || { grep -q 'built without SQLite' log && skip "no libsqlite3"; cat log; false; }
    ask() { block "sql $1" | sqlite3 -separator ' ' commands.sqlite; }
    get() { jq -r "$1" result/summary.json; }
    while read -r kind count mean max; do
        [ "$count" = "$(get ".commands.$kind.count")" ]
        near "$mean" "$(get ".commands.$kind.latency_us.mean")" 1e-9
        near "$max" "$(get ".commands.$kind.latency_us.max")" 1e-9
    done < <(ask means)
    near "$(ask p99.9)" "$(get '.commands.read.latency_us["p99.9"]')" 0.001
    read -r die channel array < <(ask stages)
    near "$die" "$(get .commands.read.stages_us.die_wait)" 1e-9
    near "$channel" "$(get .commands.read.stages_us.channel_wait)" 1e-9
    near "$array" "$(get .commands.read.stages_us.array)" 1e-9
    [ "$(ask causes | wc -w)" = 3 ]
    [ "$(ask places | wc -l)" = 4 ]
    [ "$(ask sums)" = 0 ]
}

@test "a log in CSV adds up to the picosecond, row by row, cause by cause, and its percentiles are the summary's" {
    away
    sqtail run tiny.yaml --job "rw=randrw bs=4k iodepth=32 number_ios=6000 fsync=16" -s ftl.precondition=random \
        -o result --log commands.csv -q --no-plots
    python3 - << 'END'
import csv, json, math
from decimal import Decimal as D
summary = json.load(open("result/summary.json"))
rows = list(csv.DictReader(open("commands.csv")))
stages = [c[:-3] for c in rows[0] if c.endswith("_us") and ":" not in c and c not in ("time_us", "latency_us")]
causes = {s: [c for c in rows[0] if c.startswith(s + ":")] for s in stages}
seen = {}
for row in rows:
    assert sum(D(row[s + "_us"]) for s in stages) == D(row["latency_us"]), row
    for s in stages:
        if causes[s]:
            assert sum(D(row[c]) for c in causes[s]) == D(row[s + "_us"]), (s, row)
            assert all(D(row[c]) >= 0 for c in causes[s])
    seen.setdefault(row["kind"], []).append(D(row["latency_us"]))
assert [int(r["number"]) for r in rows] == list(range(1, len(rows) + 1))
for kind, us in seen.items():
    told = summary["commands"][kind]
    us.sort()
    assert len(us) == told["count"]
    for name, p in (("p50", D("0.5")), ("p90", D("0.9")), ("p99", D("0.99")), ("p99.9", D("0.999"))):
        truth, value = float(us[math.ceil(p * len(us)) - 1]), told["latency_us"][name]
        assert truth - 0.001 <= value <= truth * (1 + 1 / 1024) + 0.001, (kind, name, truth, value)
slowest = list(csv.DictReader(open("result/slowest.csv")))
assert list(slowest[0]) == list(rows[0]) and len(slowest) == 100
ranked = sorted(rows, key=lambda r: (-D(r["latency_us"]), int(r["number"])))
assert slowest == ranked[:100]
END
}

@test "the slowest are told in words, in the order of slowest.csv" {
    away
    run sqtail run tiny.yaml --job "rw=randrw bs=4k iodepth=32 number_ios=3000" -s ftl.precondition=random \
        --explain-slowest 3 --no-plots -o result
    [ "$status" -eq 0 ]
    [ "$(grep -c 'to be done$' <<< "$output")" = 3 ]
    number=$(sed -n 2p result/slowest.csv | cut -d, -f1)
    grep -q "^1\. .* as number $number to be done" <<< "$output"
    grep -Eq '^    .* (gc_read|pacing|host_read|erase): ' <<< "$output"
}

@test "doc/log.md: the operation that a read waited for longest is the one that the timeline shows" {
    away
    sqtail run tiny.yaml --job "rw=randrw rwmixread=99 bs=4k iodepth=4 number_ios=3000" -s ftl.precondition=random \
        --explain-slowest 1 --timeline drive.json > told
    [ "$(sed -n '/^1\. /,$p' told)" = "$(awk '/^```/ { inside = $0 == "```"; next } inside && /^(1\.|  )/' "$root/doc/log.md")" ]
    read -r us die superblock < <(sed -nE 's/^ *waited longest, (.*) ms, for die ([0-9]+): an erase of superblock ([0-9]+) .*/\1 \2 \3/
        s/^([0-9]+)\.([0-9]{3}) /\1\2 /p' told)
    jq -e --argjson us "$us" --argjson die "$die" --argjson superblock "$superblock" \
        'any(.[]; .name == "erase" and .tid == $die and .args.superblock == $superblock and .dur >= $us)' drive.json
}

# In the first run nothing is collected, so that all that is erased was folded; in the second all erases are told to wait
# for the first program.
@test "an erase that a read waited for is told with what began it" {
    away
    sqtail run tiny.yaml -s ftl.placement=slc -s ftl.slc_size=64MiB -s ftl.slc_full=wait -s nand.suspend_limit=0 \
        --job "rw=randrw rwmixread=90 bs=16k iodepth=4 number_ios=60000" --explain-slowest 4000 > folded
    grep -q 'no garbage collection yet' folded
    sqtail run tiny.yaml -s ftl.erase=before_program -s ftl.precondition=random -s nand.suspend_limit=0 \
        --job "rw=randrw rwmixread=90 bs=4k iodepth=4 number_ios=60000" --explain-slowest 2000 > reused
    [ "$(grep -o 'an erase of superblock.*' folded | cut -d ' ' -f 6- | sort -u)" = 'begun by folding of the SLC cache,' ]
    [ "$(grep -o 'an erase of superblock.*' reused | cut -d ' ' -f 6- | sort -u)" = 'begun before its first program,' ]
    grep -q 'a program of superblock [0-9]* begun by folding' folded
    grep -q 'a program of superblock [0-9]* begun by garbage collection' reused
}

@test "a log of no known format, or that cannot be written, is an error before the run" {
    away
    run sqtail run tiny.yaml --job "rw=randread bs=4k number_ios=10" --log commands.txt
    [ "$status" -eq 2 ]
    [[ "$output" == *".csv, .sqlite or .db"* ]]
    run sqtail run tiny.yaml --job "rw=randread bs=4k number_ios=10" --log none/commands.csv
    [ "$status" -eq 2 ]
    [[ "$output" == *"none/commands.csv"* ]]
    run sqtail run tiny.yaml --job "rw=randread bs=4k number_ios=10" --tail=off --explain-slowest 2
    [ "$status" -eq 2 ]
    sqtail run tiny.yaml --job "rw=randread bs=4k number_ios=10" --log commands.txt --log-format csv -q
    [ "$(wc -l < commands.txt)" = 11 ]
}

@test "doc/slow.md: from a recording to why it is slow, and to what would help" {
    away
    ln -s "$root/traces" .
    awk '/^```/ { inside = $0 == "```sh"; next } inside' "$root/doc/slow.md" > commands
    [ "$(grep -c '^sqtail' commands)" -eq 5 ]
    (set -e; . ./commands) > told
    grep -q 'requests  *150 ' told
    # What the page says of the usual write, of the slowest, and of protection.
    jq -e '.tail.write_fua | (first | .stages_us.flush_wait > 0.95 * .mean_us and .waits_us.flush_wait.program > 340)
        and (last | .waits_us.flush_wait.gc_write > 1000)' slow/summary.json
    grep -q 'garbage collection programs a copy' told
    [ "$(jq '.points | length' what-helps/sweep.json)" -eq 8 ]
    jq -e '.commands.write_fua.latency_us.p50 | . > 7 and . < 9' protected/summary.json
    grep -q 'write_fua.p50 .*better' told
}
