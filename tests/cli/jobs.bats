#!/usr/bin/env bats
# Several jobs in one run, from end to end.
load lib

READER='rw=randread bs=4k number_ios=2000 exitall name=reader'
WRITER='rw=write bs=128k rate=50m iodepth=4 name=writer'

@test "several jobs run at once, and each has its own figures in every form of the result" {
    succeeds run tiny.yaml --job "$READER iodepth=8" --job "$WRITER" -o "$OUT"
    shows "reader: $READER iodepth=8" "writer: $WRITER" "jobs "
    jq -e '.jobs.reader.commands.read.count == 2000 and .commands.read.count == 2000
        and .jobs.writer.commands.write.count == .commands.write.count and .commands.write.count > 0
        and .jobs.reader.total.latency_us.mean == .commands.read.latency_us.mean
        and .jobs.reader.time_s > 0 and .jobs.writer.start_s == 0 and .jobs.reader.commands.read.iops > 0
        and .source.job == "'"$READER iodepth=8 | $WRITER"'"' "$OUT/summary.json"
    grep -q '^jobs.writer.commands.write.latency_us,p99.9,' "$OUT/stats.csv"
    [ -s "$OUT/reader.read.hgrm" ] && [ -s "$OUT/writer.write.hgrm" ] && [ -s "$OUT/plots/jobs_percentiles.gp" ]
    succeeds run tiny.yaml --job "$READER iodepth=8" -q --no-plots -o "$T/alone"
    jq -e 'has("jobs") | not' "$T/alone/summary.json"
    [ ! -e "$T/alone/plots/jobs_percentiles.gp" ]
}

@test "what one job is compared with is itself" {
    succeeds run tiny.yaml --job "$READER iodepth=8" --job "$WRITER" -q --no-plots -o "$T/base"
    succeeds run tiny.yaml --job "$READER iodepth=8" --job "$WRITER" --set nand.t_r=+50% -q --no-plots -o "$T/slow"
    sqtail compare "$T/base" "$T/slow" --threshold reader.read.mean=5%
    [ "$status" -eq 1 ] || show
    shows "reader.read.mean" "REGRESSION"
    # The same words, but one of them in the other job, are another load.
    succeeds run tiny.yaml --job "$READER" --job "$WRITER" -q --no-plots -o "$T/base"
    succeeds run tiny.yaml --job "${READER/ exitall/}" --job "$WRITER exitall number_ios=9" -q --no-plots -o "$T/other"
    sqtail compare "$T/base" "$T/other"
    [ "$status" -eq 2 ] || show
    tells "not the load of the base: its job"
}

@test "a curve varies the one job that leaves its depth open, and its figures are that job's" {
    succeeds curve tiny.yaml --job "$READER" --job "$WRITER" --iodepth 1,8 -o "$OUT" --no-plots
    shows "load and figures are of reader"
    jq -e '.varied == "reader" and (.points | length) == 2 and .points[1].count == 2000' "$OUT/curve.json"
    jq -e '.jobs.reader.total.latency_us.mean' "$OUT/points/iodepth-8/summary.json" > "$T/mean"
    jq -e '.points[1].latency_us.mean' "$OUT/curve.json" | cmp - "$T/mean"
    sqtail curve tiny.yaml --job "rw=read" --job "rw=write" --iodepth 1,8
    [ "$status" -eq 2 ] || show
    tells "the depth of one job varies, the others have an iodepth or a rate; here 2 jobs have neither"
    sqtail curve tiny.yaml --job "rw=read rate=5m" --iodepth 1,8
    [ "$status" -eq 2 ] || show
    tells "the job must leave iodepth to the curve, and have no rate"
}

@test "a model of an application stands beside a job, and its operations are compared" {
    set -- --workload "lsm name=kv keys=20k memtable=1m base=4m file=1m number_ops=3000 size=40% exitall" \
        --job "name=noise rw=write bs=64k offset=50% size=40% time_based runtime=1h" -q --no-plots
    succeeds run tiny.yaml "$@" -o "$T/base"
    jq -e '.jobs.kv.ops.operations == 3000 and .jobs.kv.lsm.user_bytes == .jobs.kv.lsm.updates * 1024
        and .jobs.noise.commands.write.count > 0 and .ops == null' "$T/base/summary.json"
    succeeds run tiny.yaml "$@" --set nand.t_r=x2 -o "$T/slow"
    sqtail compare "$T/base" "$T/slow" --threshold kv.ops.mean=5% --threshold kv.ops.operations_per_s=5%
    [ "$status" -eq 1 ] || show
    shows kv.ops.mean_us
    shows kv.ops.operations_per_s
    succeeds list workload
    shows "YCSB on a B-tree"
}

@test "errors name the job and its word" {
    sqtail run tiny.yaml --job "$READER" --job "rw=write bss=4k" -o "$OUT"
    [ "$status" -eq 2 ] || show
    tells "--job 2:1:10: error: unknown word 'bss'; did you mean 'bs'?"
    sqtail run tiny.yaml --job "$READER" --job " " -o "$OUT"
    [ "$status" -eq 2 ] || show
    tells "the job is empty"
}

# tiny.yaml: 4 MiB of map and 4 of write buffer; copies take 1 MiB here, what is read ahead 1, and there is memory for
# little more than one of them.
@test "copies and what is read ahead for other jobs share the controller's memory, and both go on" {
    set -- --set ftl.precondition=random --set ftl.read_ahead=256KiB --set ftl.read_ahead_buffer=1MiB \
        --set ftl.gc_buffer=1MiB -q --no-plots
    for memory in 0 9604KiB; do
        succeeds run tiny.yaml --job 'rw=randwrite bs=4k iodepth=32 number_ios=4000 name=writer' \
            --job 'rw=read bs=4k iodepth=8 numjobs=4 number_ios=500 name=reader' "$@" \
            --set "ftl.memory=$memory" -o "$T/$memory"
    done
    jq -es '(.[0].ftl.ahead_units > 0) and (.[1].ftl.ahead_units > 0) and (.[1].ftl.gc_copies > 0)
        and (.[1].ftl.ahead_refused > .[0].ftl.ahead_refused)
        and (.[1].ftl.gc_memory_waits > .[0].ftl.gc_memory_waits)' "$T/0/summary.json" "$T/9604KiB/summary.json"
    succeeds check tiny.yaml "${@:1:8}" --set ftl.memory=9604KiB
    shows "memory      9.4 MiB: map 4.0, write buffer 4.0, 1.4 left for reading ahead (up to 1.0) and copies (1.0)"
}

# 16 MiB: 4 of map, 4 of buffer, 2 for reading ahead, 1 for copies.
@test "a drive with shares of its memory is the one with their bytes" {
    set -- --job 'rw=randrw bs=4k iodepth=8 number_ios=3000' --set ftl.precondition=random --set ftl.read_ahead=64KiB \
        --set ftl.memory=16MiB -q --no-plots
    succeeds run tiny.yaml "$@" --set ftl.write_buffer=25% --set ftl.read_ahead_buffer=12.5% \
        --set ftl.gc_buffer=6.25% -o "$T/shares"
    succeeds run tiny.yaml "$@" --set ftl.write_buffer=4MiB --set ftl.read_ahead_buffer=2MiB \
        --set ftl.gc_buffer=1MiB -o "$T/bytes"
    cmp "$T/shares/stats.csv" "$T/bytes/stats.csv"
    sqtail check tiny.yaml --set ftl.write_buffer=25%
    [ "$status" -eq 2 ] || show
    tells "ftl.write_buffer: is a share of ftl.memory, which is not given: give the bytes of one or the other"
}

@test "recordings run beside jobs and each other, each with its own words, part of the drive and figures" {
    succeeds run tiny.yaml --trace "$RECORDING speed=2 wrap=true" --trace "$RECORDING replay=dependencies name=again" \
        --job "${READER/exitall/} iodepth=2 offset=0 size=1g" --wrap --no-plots -o "$OUT"
    shows "loads " "reader: " "fio-randrw70-16k-qd16-uring: $RECORDING speed=2 wrap=true" "again: "
    jq -e '.jobs.again.commands.write.count == .jobs["fio-randrw70-16k-qd16-uring"].commands.write.count
        and .jobs.again.source.requests == .jobs.again.commands.read.count + .jobs.again.commands.write.count
        and .jobs.reader.commands.read.count == 2000 and (.jobs.reader | has("source") | not)
        and .jobs.again.replay.threads == 1 and (.source | has("path") | not)' "$OUT/summary.json"
    # One recording alone, whose words say what options do.
    succeeds run tiny.yaml --trace "$RECORDING wrap=true speed=2" --format json
    words=$(jq .commands <<< "$output")
    succeeds run tiny.yaml --trace "$RECORDING" --wrap --speed 2 --format json
    [ "$(jq .commands <<< "$output")" = "$words" ]
}
