#!/usr/bin/env bats
# sqtail compare on results as runs write them: repetitions, formats, files, metrics by name.
load lib

MIXED='rw=randrw bs=4k iodepth=8 number_ios=1500'

# repetitions NAME SEED... [-- ARGUMENTS...]: a folder of results, one a seed.
repetitions()
{
    local name=$1 seed seeds=()
    shift
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        seeds+=("$1")
        shift
    done
    for seed in "${seeds[@]}"; do
        succeeds run tiny.yaml --set ftl.precondition=random --job "$MIXED" --seed "$seed" -q --no-plots \
            -o "$T/$name/$seed" "${@:2}"
    done
}

@test "another seed alone raises no alarm, a slower array is found" {
    repetitions base 1 2 3 4 5
    repetitions other 11 12 13 14 15
    repetitions slow 1 2 3 4 5 -- --set nand.t_r=+50%
    succeeds compare "$T/base" "$T/other" --threshold p99=1% --threshold mean=1%
    shows "base   $T/base, 5 seeds" "0 of 6 metrics regressed"
    [[ $output != *" seed: "* ]] || show
    tells "thresholds are narrower than the noise, the widest that of"
    sqtail compare "$T/base" "$T/slow" --threshold read.mean=3% --threshold 'write.p99.9=1%'
    [ "$status" -eq 1 ] || show
    [[ $output =~ read.mean\ .*REGRESSION ]] || show
    shows 'nand.t_r: ["40us", "50us", "60us"] -> ["60us", "75us", "90us"]'
    sqtail compare "$T/slow" "$T/base" --threshold read.mean=3% --either
    [ "$status" -eq 1 ] || show
    shows CHANGED
}

@test "results of one folder that are no repetitions are refused" {
    repetitions mixed 1
    repetitions mixed 2 -- --set nand.t_r=+20%
    refuses "is of another configuration than" compare "$T/mixed" "$T/mixed/1"
    repetitions twice 1
    cp -r "$T/twice/1" "$T/twice/2"
    refuses "has seed 1, as another in" compare "$T/twice" "$T/mixed/1"
}

@test "a single run says how well it knows a percentile, and warns of a threshold that is narrower" {
    repetitions base 1
    succeeds compare "$T/base/1" "$T/base/1" --threshold read.p99.9=3%
    tells "1 threshold is narrower than what one run knows: read.p99.9 of "
    shows "~ how far one run knows it"
    succeeds compare "$T/base/1" "$T/base/1" --threshold read.mean=50%
    [ -z "$stderr" ] || show
}

@test "metrics are listed by the names by which they are compared" {
    repetitions base 1
    succeeds compare "$T/base/1" --list-metrics
    shows "read.p99.9 " "write.stage.buffer_wait " "read.tail.p99.9-max.mean " "read.tail.p50-p90.array " "ftl.write_amplification " "utilization.die "
    local name count=0
    while read -r name; do
        count=$((count + 1))
        thresholds+=(--threshold "$name=0%")
    done < <(awk 'NR % 4 == 2 { print $1 }' <<< "$output")
    [ "$count" -gt 100 ] && [ "$count" -le 256 ]
    succeeds compare "$T/base/1" "$T/base/1" "${thresholds[@]}"
    shows "0 of $count metrics regressed or absent"
}

@test "a comparison is written in every format, and one that cannot be written is exit code 2" {
    repetitions base 1
    repetitions slow 1 -- --set nand.t_r=+50%
    sqtail compare "$T/base/1" "$T/slow/1" --write text="$T/a" --write json="$T/b" --write markdown="$T/c" \
        --write junit="$T/d" --write benchmark="$T/e" --write benchmark-bigger="$T/f"
    [ "$status" -eq 1 ] || show
    grep -q 'read.mean .*REGRESSION' "$T/a"
    jq -e '.schema == "sqtail.compare/1" and .failed >= 1 and (.metrics | length) == .compared' "$T/b"
    grep -q '^| read.mean .*\*\*REGRESSION\*\* |$' "$T/c"
    [ "$(grep -c '^| read.mean ' "$T/c")" -eq 1 ] && [ "$(sed '1,/<details>/d' "$T/c" | grep -c REGRESSION)" -eq 0 ]
    python3 -c 'import sys, xml.etree.ElementTree as e; r = e.parse(sys.argv[1]).getroot()
assert int(r.get("failures")) == len(r.findall(".//failure")) > 0 and r.find("testsuite").get("name")' "$T/d"
    jq -e 'all(.[]; (.name | type) == "string" and (.value | type) == "number" and has("unit"))
        and any(.[]; .name == "read.p99") and all(.[]; .name != "read.iops")' "$T/e"
    jq -e 'any(.[]; .name == "read.iops") and all(.[]; .name != "read.p99")' "$T/f"
    succeeds compare "$T/slow/1" --format benchmark
    diff <(echo "$output") "$T/e"
    run -2 bash -c "ulimit -f 0; '$SQTAIL' compare '$T/base/1' '$T/base/1' --write junit='$T/full' 2>&1 | cat;
        exit \${PIPESTATUS[0]}"
    [[ $output == *"full: error: cannot write: File too large"* ]]
}

@test "of many rows those are shown in which something moved" {
    repetitions base 1
    repetitions slow 1 -- --set nand.t_r=+50%
    sqtail compare "$T/base/1" "$T/slow/1" --threshold '*=900%' --threshold read.stage.array=2%
    [ "$status" -eq 1 ] || show
    grep -q '^read.stage.array .*REGRESSION$' <<< "$output" || show
    [ "$(grep -c ' ok$' <<< "$output")" -eq 0 ] || show
    shows " rows in which nothing moved beyond its threshold are left out"
}

@test "names of folders are escaped in JUnit XML" {
    repetitions 'a <b> & "c"' 1
    succeeds compare "$T/a <b> & \"c\"/1" "$T/a <b> & \"c\"/1" --format junit
    python3 -c 'import sys, xml.etree.ElementTree as e
assert e.fromstring(sys.stdin.read()).find("testsuite").get("name").endswith("a <b> & \"c\"/1")' <<< "$output"
}

@test "plots of a comparison lie in a folder of their own" {
    repetitions base 1
    repetitions slow 1 -- --set nand.t_r=+50%
    sqtail compare "$T/base/1" "$T/slow/1" --plot "$OUT"
    [ "$status" -eq 1 ] || show
    jq -e .failed "$OUT/compare.json"
    [ "$(grep -c "'read.mean'" "$OUT/plots/changes.gp")" -eq 1 ] && [ -s "$OUT/plots/changes.dat" ]
    refuses() { sqtail "${@:2}"; [ "$status" -eq 2 ] || show; tells "$1"; }
    refuses "holds the result of a run" compare "$T/base/1" "$T/slow/1" --plot "$T/base/1"
    need gnuplot
    grep -q '</svg>' "$OUT/plots/changes.svg"
    grep -q '</svg>' "$OUT/plots/latency_percentiles.svg"
}

@test "all differences of configuration are shown when asked for" {
    repetitions base 1
    repetitions other 1 -- --set nand.t_r=+1% --set nand.t_prog=+1% --set nand.t_bers=+1% --set nand.transfer_rate=-1% \
        --set ftl.t_read=1us --set ftl.t_write=1us --set nvme.t_decode=1us --set nvme.processors=3 \
        --set host.queues=3 --set ftl.gc_policy=fifo --set host.queue_depth=100
    sqtail compare "$T/base/1" "$T/other/1"
    shows "more differences of configuration: --config-diff"
    sqtail compare "$T/base/1" "$T/other/1" --config-diff
    [[ $output != *"more differences"* ]] || show
    shows "host.queues: " "nvme.t_decode: "
}

# sweep NAME CHANNELS [ARGUMENTS...]
sweep()
{
    succeeds sweep tiny.yaml --vary "nand.channels=$2" --vary nand.t_r=x1,+20% -q --no-plots -o "$T/$1" \
        --job 'rw=randread iodepth=4 number_ios=400' "${@:3}"
}

@test "two sweeps are compared point by point, and each metric of a point is that of the two runs" {
    sweep base 2,4 --seeds 3
    sweep slow 4,2,8 --seeds 3 --set nand.transfer_rate=-50%
    sqtail compare "$T/base" "$T/slow" --threshold read.stage.transfer=2% --write json="$T/json"
    [ "$status" -eq 1 ] || show
    shows "base   $T/base, 3 seeds" 'nand.transfer_rate: "' $'\nnand.channels:4,nand.t_r:+20%\nread.stage.transfer ' \
        "2 points that the base has not are not compared" "4 of 4 metrics regressed or absent"
    [[ $output != *"nand.channels: "* ]] || show
    local ids id
    ids=$(jq -r 'select(.["nand.channels"] == "4" and .["nand.t_r"] == "+20%") | .id' "$T/base/table.jsonl")
    for id in $ids; do cat "$T/base/points/$id/summary.json"; done |
        jq -es --slurpfile compared "$T/json" '(map(.commands.read.stages_us.transfer) | add / 3) as $own |
            ($compared[0].metrics[] | select(.metric == "nand.channels:4,nand.t_r:+20%.read.stage.transfer").base)
            | . / $own - 1 | fabs < 1e-9'
    succeeds compare "$T/base" "$T/base" --either
    sqtail compare "$T/slow" "$T/base" --threshold p50=2%
    [ "$status" -eq 1 ] || show
    shows "2 of 6 metrics regressed or absent" "ABSENT"
    succeeds compare "$T/base" "$T/slow" --threshold 'nand.channels:2*.read.p50=50%'
    shows "0 of 2 metrics regressed or absent"
}

@test "sweeps of another load, without a point in common, or not complete are refused" {
    sweep base 2
    sweep other 4
    refuses() { sqtail "${@:2}"; [ "$status" -eq 2 ] || show; tells "$1"; }
    refuses "has none of the base's points" compare "$T/base" "$T/other"
    succeeds sweep tiny.yaml --vary nand.channels=2 --vary nand.t_r=x1,+20% -q --no-plots -o "$T/deeper" \
        --job 'rw=randread iodepth=8 number_ios=400'
    refuses "deeper/sweep.json, nand.channels:2,nand.t_r:x1: error: not the load of the base: its job is 'rw=randread" \
        compare "$T/base" "$T/deeper"
    [ "$(grep -c 'error' <<< "$stderr")" -eq 1 ]
    succeeds compare "$T/base" "$T/deeper" --any-load --threshold mean=900%
    refuses "is a run, but the base is a sweep" compare "$T/base" "$(ls -d "$T"/base/points/* | head -1)"
    rm -r "$(ls -d "$T"/other/points/* | head -1)"
    refuses "a sweep is compared by the results of its points" compare "$T/other" "$T/other"
    sed -i 's/"complete": true/"complete": false/' "$T/base/sweep.json"
    refuses "is not complete: the sweep was stopped before its end" compare "$T/base" "$T/base"
}
