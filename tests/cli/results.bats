#!/usr/bin/env bats
# doc/results.md: what is written is as the schemas say, and what the page shows reads it.
load lib

# A python3 that has the module, of several that may be installed; nothing where none has it.
python_with()
{
    local python
    for python in python3 /usr/bin/python3; do
        if "$python" -c "import $1" 2> /dev/null; then
            echo "$python"
            return
        fi
    done
}

# validates SCHEMA FILE...: lines of .jsonl files each by itself.
validates()
{
    "$PYTHON" - "doc/schema/$1.json" "${@:2}" <<'PYTHON'
import json, sys, jsonschema
schema = json.load(open(sys.argv[1]))
jsonschema.Draft202012Validator.check_schema(schema)
validator, bad = jsonschema.Draft202012Validator(schema), 0
for name in sys.argv[2:]:
    for text in open(name) if name.endswith(".jsonl") else [open(name).read()]:
        for error in validator.iter_errors(json.loads(text)):
            print(name, list(error.path), error.message[:200])
            bad += 1
sys.exit(bad > 0)
PYTHON
}

need_schemas()
{
    PYTHON=$(python_with jsonschema)
    [ -n "$PYTHON" ] || skip "python3-jsonschema is not installed"
}

@test "results of runs are as their schema says" {
    need_schemas
    succeeds run tiny.yaml --job "$JOB" --set ftl.precondition=random -q --no-plots -o "$T/one"
    succeeds run tiny.yaml --job 'rw=randrw bs=4k iodepth=8 number_ios=500 fsync=20' --job 'name=t rw=randtrim rate_iops=1k
        number_ios=20' -q --no-plots -o "$T/two" --tail=off
    succeeds run tiny.yaml --trace "$RECORDING" -q --no-plots -o "$T/replayed"
    succeeds run tiny.yaml --trace traces/mke2fs --iodepth 4 --seed 18446744073709551615 -q --no-plots -o "$T/again"
    succeeds run tiny.yaml --job 'rw=randread bs=4k iodepth=4 number_ios=5000' --until steady -q --no-plots -o "$T/until"
    validates result "$T"/*/summary.json
    validates host "$T"/*/host.json
}

@test "what recordings are like is as its schema says" {
    need_schemas
    for name in mke2fs passthru-flush fio-randrw70-16k-qd16-uring dd; do
        "$SQTAIL" trace info traces/$name --json > "$T/$name.json"
    done
    "$SQTAIL" trace info traces/dd --json --brief > "$T/brief.json"
    validates recording "$T"/*.json
    [ "$(jq 'has("kinds")' "$T/dd.json" "$T/brief.json" | paste -s)" = "$(printf 'true\tfalse')" ]
    for name in mke2fs fio-randrw70-16k-qd16-uring; do
        "$SQTAIL" trace characterize traces/$name --json > "$T/$name.like"
    done
    validates characterize "$T"/*.like
}

@test "curves, sweeps and comparisons are as theirs say" {
    need_schemas
    succeeds curve tiny.yaml --job 'rw=randread bs=4k number_ios=300' --iodepth 1,4 -q --no-plots -o "$T/curve"
    succeeds sweep tiny.yaml --vary nand.t_r=50us,60us --job 'rw=randread bs=4k number_ios=300' -q -o "$T/sweep"
    succeeds curve tiny.yaml --job 'rw=randread bs=4k number_ios=300' --iodepth 1,4 --seeds 2 -q --no-plots -o "$T/seeds"
    validates curve "$T/curve/curve.json" "$T/seeds/curve.json"
    validates sweep "$T/sweep/sweep.json"
    validates table "$T/sweep/table.jsonl"
    validates result "$T"/sweep/points/*/summary.json
    sqtail compare "$T"/sweep/points/* --format json
    echo "$output" > "$T/compare.json"
    validates compare "$T/compare.json"
}

@test "a result that lacks what is promised, or says it otherwise, is not as its schema says" {
    need_schemas
    succeeds run tiny.yaml --job "$JOB" -q --no-plots -o "$OUT"
    local change
    for change in 'del(.tool.commit)' 'del(.commands.read.latency_us["p99.9"])' '.commands.read.latency_us.p98 = 1' \
        '.complete = "yes"' '.commands.reads = .commands.read' '.seed = -1' '.commands.read.interval_us.mean_low = "1"' \
        '.schema = "sqtail.result/2"' '.utilization.die = "busy"'; do
        jq "$change" "$OUT/summary.json" > "$T/changed.json"
        run ! validates result "$T/changed.json"
    done
}

@test "stats.csv has every number of summary.json, by the same names" {
    succeeds run tiny.yaml --job "$JOB" -q --no-plots -o "$OUT"
    jq -r 'del(.config, .tool, .source, .tail, .seed, .set) | paths(numbers) as $p |
        ($p[:-1] | join(".")) + "," + $p[-1]' "$OUT/summary.json" | sort > "$T/json"
    awk -F, 'NR > 1 && $3 != "" { print $1 "," $2 }' "$OUT/stats.csv" | grep -v '^tail\.' | sort > "$T/csv"
    diff "$T/json" "$T/csv"
    [ "$(wc -l < "$T/csv")" -gt 150 ]
}

# block LANGUAGE: the page's blocks in it, one after the other.
block()
{
    awk -v info="\`\`\`$1" '/^```/ { inside = $0 == info; next } inside' doc/results.md
}

@test "what the page shows reads results" {
    need sqlite3
    local page=$PWD/doc/results.md
    mkdir "$T/bin" "$T/work"
    ln -s "$(realpath "$SQTAIL")" "$T/bin/sqtail"
    block sh > "$T/commands"
    block python > "$T/read.py"
    block r > "$T/read.R"
    [ -s "$T/read.py" ] && [ -s "$T/read.R" ] && [ "$(grep -c sqlite3 "$T/commands")" -eq 2 ]
    export SQTAIL_CONFIGS=$PWD/configs PATH="$T/bin:$PATH"
    PYTHON=$(python_with pandas)
    cd "$T/work"
    run sh -e "$T/commands"
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    shows "array|" "50us|"
    if [ -n "$PYTHON" ]; then "$PYTHON" "$T/read.py"; fi
    if command -v Rscript > /dev/null; then Rscript --vanilla "$T/read.R"; fi
}

# Of fio's own paths all are there but those that the page names, and nothing else is.
@test "fio's layout is that of fio" {
    need fio
    cd "$T"
    fio --name=x --ioengine=null --rw=randrw --bs=4k --size=1m --number_ios=100 --output-format=json+ --output=fio.json
    cd "$BATS_TEST_DIRNAME/../.."
    sqtail run tiny.yaml --job 'rw=randrw bs=4k size=1m number_ios=200' --format fio-json+
    echo "$output" > "$T/ours.json"
    local paths='[paths(scalars)] | map(map(tostring) | join("/")) | map(select(test("/bins/|job options|^disk_util|^time") | not)) | .[]'
    jq -r "$paths" "$T/fio.json" | grep -vE '^jobs/0/(iodepth_|latency_(depth|target|percentile|window))' | sort > "$T/theirs"
    jq -r "$paths" "$T/ours.json" | grep -vE '/lat_ns/percentile/' | sort > "$T/ours"
    diff "$T/theirs" "$T/ours"
    jq -e '.jobs[0] | .read.total_ios + .write.total_ios == 200 and ."job options".rw == "randrw"
        and (.read.clat_ns.bins | add) == .read.total_ios and .read.lat_ns.N == .read.total_ios
        and (([.latency_ns, .latency_us, .latency_ms] | map(add) | add) - 100 | fabs) < 1e-6' "$T/ours.json"
}

@test "fio's layout has the figures of the result" {
    need fio_jsonplus_clat2csv
    succeeds run tiny.yaml --job 'rw=randread bs=4k iodepth=4 number_ios=3000' --format fio-json+ -o "$OUT" --no-plots
    echo "$output" > "$T/fio.json"
    jq -en --slurpfile f "$T/fio.json" --slurpfile s "$OUT/summary.json" '$f[0].jobs[0].read as $read |
        $s[0].commands.read as $ours | ($read.lat_ns.mean / 1000 / $ours.latency_us.mean - 1 | fabs) < 1e-9
        and ($read.clat_ns.percentile["99.900000"] / 1000 / $ours.latency_us["p99.9"] - 1 | fabs) < 2e-3
        and ($read.iops / $ours.iops - 1 | fabs) < 1e-9 and $read.io_bytes == $ours.bytes'
    (cd "$T" && fio_jsonplus_clat2csv fio.json clat.csv)
    [ "$(awk -F, 'END { print $9 + 0 }' "$T/clat_job0.csv")" -eq 3000 ]
}

@test "a run prints what is asked for" {
    succeeds run tiny.yaml --job "$JOB" --no-plots -o "$OUT" --format json
    diff <(echo "$output") "$OUT/summary.json"
}
