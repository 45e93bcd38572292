#!/usr/bin/env bats
# sqtail trace: parts, several as one, other places, repetitions; and what is said of words that make no sense. What each
# filter does is in tests/trace/test_filter.c.
load lib

@test "parts of a recording, cut by time and by kind, merge into the whole" {
    succeeds trace convert "$RECORDING" -o "$T/whole"
    succeeds trace slice "$RECORDING" --to-time 300ms --keep-times -o "$T/1"
    succeeds trace slice "$RECORDING" --from-time 300ms --keep-times --kind read -o "$T/2"
    succeeds trace slice "$RECORDING" --from-time 300ms --keep-times --kind write,write_fua -o "$T/3"
    succeeds trace merge "$T/1" "$T/2" "$T/3" -o "$T/merged"
    cmp "$T/whole" "$T/merged"
}

@test "filters follow each other through pipes, in any format" {
    succeeds trace slice "$RECORDING" --count 100 -f blktrace -o "$T/100"
    "$SQTAIL" trace repeat "$T/100" --times 3 | "$SQTAIL" trace remap - --wrap 1MiB -f blkparse > "$T/text"
    [ "$(grep -c ' D ' "$T/text")" = 300 ]
    succeeds trace info "$T/text"
    shows "300 with a recorded latency" "(1.00 MiB)"
}

@test "recordings lie apart as devices or as offsets, and each can be chosen" {
    succeeds trace merge traces/mke2fs traces/dd-sync --apart devices -o "$T/devices"
    succeeds trace convert "$T/devices" --device 0,1 -o "$T/second"
    [ "$(cut -d, -f1-8 "$T/second" | sha256sum)" = "$("$SQTAIL" trace convert traces/dd-sync | cut -d, -f1-8 | sha256sum)" ]
    succeeds trace merge traces/mke2fs traces/dd-sync --apart offsets -o "$T/offsets"
    succeeds trace remap "$T/devices" --device all --apart -o "$T/same"
    cmp "$T/offsets" "$T/same"
    # mke2fs reaches 4 GiB: dd's read lies behind it.
    grep -q ',read,4294967296,' "$T/offsets"
    sqtail trace convert "$T/devices" --device all -f fio-iolog-3 -o "$T/log"
    tells "fio-iolog-3 has no place for which of several devices: 190 requests"
}

# Independently of it: sums of the requests' lines, and what btt makes of the recording.
@test "what trace info says agrees with sums over the lines, and with btt" {
    need blkparse btt
    succeeds trace info "$RECORDING" --json
    echo "$output" > "$T/info.json"
    "$SQTAIL" trace convert "$RECORDING" -o "$T/csv"
    awk -F, 'NR > 1 { n++; count[$3]++; latency[$3] += $7; all += $7; if (n > 1) { d = $1 - last; sq += d * d } else first = $1
            last = $1; if ($1 + $7 > end) end = $1 + $7
            for (c = int($4 / 4096); c < ($4 + $5) / 4096; c++) chunks[c] }
        END { m = (last - first) / (n - 1)
            printf "%d %d %.3f %.3f %.4f %.4f %d\n", count["read"], count["write"], latency["read"] / count["read"] / 1e3,
                m / 1e3, sqrt(sq / (n - 1) - m * m) / m, all / (end - first), length(chunks) * 4096 }' "$T/csv" > "$T/awk"
    jq -r '[.kinds.read.count, .kinds.write.count, .kinds.read.latency_us.mean, .interval_us.mean, .interval_us.variation,
        .depth.mean, .footprint.bytes] | @tsv' "$T/info.json" |
        awk '{ printf "%d %d %.3f %.3f %.4f %.4f %d\n", $1, $2, $3, $4, $5, $6, $7 }' | diff "$T/awk" -
    blkparse -q -i "$RECORDING/$(basename "$RECORDING")" -d "$T/bin" -O
    btt -i "$T/bin" > "$T/btt" 2> /dev/null
    # D2C of all, in seconds with 9 digits: minimum, average, maximum, number.
    awk '$1 == "D2C" { print $3 * 1e6, $5 }' "$T/btt" | head -1 > "$T/d2c"
    jq -r '(.kinds.read.latency_us, .kinds.write.latency_us) | [.mean, .count] | @tsv' "$T/info.json" |
        awk '{ sum += $1 * $2; n += $2 } END { print sum / n, n }' > "$T/ours"
    paste "$T/d2c" "$T/ours" | awk '{ exit !($2 == $4 && $1 > $3 - 0.01 && $1 < $3 + 0.01) }'
}

# The job that was recorded: rw=randrw rwmixread=70 bs=16k iodepth=16 number_ios=1000 in 1 GiB; 68.2 % of it were reads.
@test "the job that is fitted to a recording is one that sqtail and fio take" {
    succeeds trace characterize "$RECORDING" --fio "$T/like.fio"
    local job
    job=$(sed -n '1s/--job "\(.*\)"$/\1/p' <<< "$output")
    [[ $job =~ ^"rw=randrw rwmixread=68 bs=16k offset="[0-9]+" size="[0-9]+" norandommap=1 iodepth=16 " ]] || show
    [[ $job == *" number_ios=1000" ]] || show
    shows "mix" "offsets" "intervals" "good"
    succeeds run tiny.yaml --job "$job" --set ftl.precondition=empty -q --no-plots -o "$T/job"
    succeeds run tiny.yaml --fio "$T/like.fio" --set ftl.precondition=empty -q --no-plots -o "$T/fio"
    [ "$(number "$T/job/summary.json" .total.count)" = 1000 ] && [ "$(number "$T/fio/summary.json" .total.count)" = 1000 ]
    command -v fio > /dev/null || skip "fio is not installed"
    fio --parse-only --filename="$T/file" "$T/like.fio"
}

@test "words that make no sense are told" {
    refuses "'--from-time' wants a time with its unit, such as 50us; got '1'" trace slice "$RECORDING" --from-time 1
    refuses "--to-time must be later than --from-time" trace slice "$RECORDING" --from-time 2s --to-time 1s
    refuses "--to-offset must be beyond --from-offset" trace slice "$RECORDING" --from-offset 2MiB --to-offset 1MiB
    refuses "--kind: error: there is no kind 'writ'; did you mean 'write'?" trace slice "$RECORDING" --kind read,writ
    refuses "--cpu: error: '3-1' is no CPU and no range of them, such as 0-3" trace slice "$RECORDING" --cpu 0,3-1
    refuses "one more argument is needed; usage: sqtail trace merge PATH PATH... [options]" trace merge "$RECORDING"
    refuses "say where to: --wrap, --modulo, --scale, --shift or --apart" trace remap "$RECORDING"
    refuses "give one of --wrap, --modulo and --scale" trace remap "$RECORDING" --wrap 1MiB --scale 1MiB
    refuses "--scale: error: '5000B' is no multiple of 4KiB" trace remap "$RECORDING" --scale 5000B
    refuses "'8' is not a device: MAJOR,MINOR, such as 8,16" trace remap "$RECORDING" --shift 8=1GiB
    refuses "--times wants at least 1" trace repeat "$RECORDING" --times 0
    refuses "--gap is no option of trace slice, but of trace repeat" trace slice "$RECORDING" --gap 1s
    sqtail trace slice "$RECORDING" --from-time 1h
    tells "no request is left: what is written holds none"
    sqtail trace
    [ "$status" -eq 2 ] || show
    tells "slice" "merge" "remap" "repeat" "characterize"
}
