#!/usr/bin/env bats
# sqtail curve: loads, seeds, and what is told of each point. How it goes on is in interrupts.bats.
load lib

@test "each point tells reads and writes apart, with stages, utilisation and write amplification" {
    succeeds curve tiny.yaml --job 'rw=randrw bs=4k number_ios=500' --iodepth 1,8 -o "$OUT" --no-plots
    shows $'\nread\n' $'\nwrite\n' "write amplification"
    for depth in 1 8; do
        jq -e --argjson point "$(jq ".points[] | select(.iodepth == $depth)" "$OUT/curve.json")" \
            '.commands == $point.commands and .utilization == $point.utilization and .ftl == $point.ftl
             and .total.stages_us == $point.stages_us and .total.latency_us == $point.latency_us' \
            "$OUT/points/iodepth-$depth/summary.json"
    done
}

# Every row of both tables: the stages and the rest of them add up to the mean, to the digits shown.
@test "the table tells where the time of reads and writes went at each load" {
    succeeds curve tiny.yaml --set ftl.precondition=random --job 'rw=randrw bs=4k number_ios=500' --iodepth 1,4,16
    awk 'function us(text) { return text + 0 == 0 ? 0 : text ~ /ms$/ ? 1000 * text : text ~ /ns$/ ? text / 1000 : text + 0 }
        /^where the time of a (read|write) went$/ { kinds++; left = 4; next }
        left > 0 && --left < 3 { for (i = 3; i <= NF; i++) sum += us($i)
            rows++; if (sum / us($2) > 1.002 || sum / us($2) < 0.998) bad = 1; sum = 0 }
        END { exit !(kinds == 2 && rows == 6 && !bad) }' <<< "$output" || show
    shows "buffer_wait" "die_wait"
}

@test "a point of a curve is the run of its own" {
    for kernel in systemc native; do
        "$SQTAIL" run --help | grep -q "$kernel" || continue
        succeeds curve tiny.yaml --set ftl.precondition=random --job 'rw=randrw number_ios=400' --iodepth 2,4 \
            --kernel $kernel -o "$T/$kernel" -q --no-plots
        succeeds run tiny.yaml --set ftl.precondition=random --job 'rw=randrw number_ios=400 iodepth=4' \
            --kernel $kernel -o "$T/run-$kernel" -q --no-plots
        same_results "$T/$kernel/points/iodepth-4" "$T/run-$kernel"
    done
}

@test "a recording is replayed at one depth after another" {
    succeeds curve wd-black-sn750-1tb.yaml --trace "$RECORDING" --action Q --iodepth 1,4 -o "$OUT" -q --no-plots
    succeeds run wd-black-sn750-1tb.yaml --trace "$RECORDING" --action Q --iodepth 4 -q --no-plots -o "$T/run"
    same_results "$OUT/points/iodepth-4" "$T/run"
    jq -e --arg sha "$(jq -r .source.sha256 "$T/run/summary.json")" '.complete and (.points | map(.count) == [1000, 1000])
        and (.job | endswith("SHA-256 " + $sha[:16] + " --action Q"))' "$OUT/curve.json" || show
    succeeds curve wd-black-sn750-1tb.yaml --trace "$RECORDING" --iodepth 1,4 -o "$T/issued" -q --no-plots
    sqtail compare "$OUT" "$T/issued"
    [ "$status" -eq 2 ] || show
    tells "not the load of the base: its job is 'recording $RECORDING"
    rm -r "$OUT"
    refuses "--rate is for jobs" curve tiny.yaml --trace "$RECORDING" --rate auto
    refuses "give either --trace or --job" curve tiny.yaml --trace "$RECORDING" --job rw=randread
    refuses "--wrap is for recordings" curve tiny.yaml --wrap --job rw=randread
}

@test "seeds give means with their deviation and interval, and one seed more keeps those that are there" {
    local what=(curve tiny.yaml --job 'rw=randrw bs=4k number_ios=300' --iodepth 1,4 -o "$OUT" --no-plots)
    succeeds "${what[@]}" -q
    touch -d 2000-01-01 "$OUT/points/iodepth-4/summary.json"
    succeeds "${what[@]}" --seeds 3 --resume
    [ "$(date -r "$OUT/points/iodepth-4/summary.json" +%Y)" = 2000 ]
    shows "±" "means over 3 seeds"
    jq -e '.seeds == [1, 2, 3] and .complete' "$OUT/curve.json"
    jq -s '(map(.total.latency_us.p90) | add / 3), (map(.total.iops) | add / 3), (map(.total.count) | add)' \
        "$OUT"/points/iodepth-4{,-seed-2,-seed-3}/summary.json > "$T/means"
    jq '.points[1] | .latency_us.p90, .iops, .count' "$OUT/curve.json" | paste - "$T/means" |
        awk '{ if ($1 / $2 > 1 + 1e-9 || $1 / $2 < 1 - 1e-9) exit 1 }'
    jq -e '.points[1].runs | map(.seed) == [1, 2, 3]' "$OUT/curve.json"
    succeeds run tiny.yaml --job 'rw=randrw bs=4k number_ios=300 iodepth=4' --seed 3 -q --no-plots -o "$T/third"
    same_results "$T/third" "$OUT/points/iodepth-4-seed-3"
}

@test "rates are offered as they are given" {
    succeeds curve tiny.yaml --job 'rw=randread bs=4k number_ios=400 numjobs=2' --rate 500,1k,20k -o "$OUT" --no-plots
    shows " offered "
    jq -e '[.points[].offered_iops / 1000 | round] == [1, 2, 40] and (.points[2].iops / 40000 - 1 | fabs) < 0.01' \
        "$OUT/curve.json"
    [ -e "$OUT/points/rate-20000/summary.json" ]
}

# Near what a deep queue gets; all loads up to there are served, none beyond, and the first beyond is near.
@test "saturation is found where the drive falls behind" {
    succeeds curve tiny.yaml --job 'rw=randread bs=4k number_ios=4000' --rate auto -o "$OUT" -q --no-plots --parallel 2
    succeeds curve tiny.yaml --job 'rw=randread bs=4k number_ios=4000' --iodepth 256 -o "$T/deep" -q --no-plots
    jq -e --argjson most "$(jq '.points[0].iops' "$T/deep/curve.json")" '
        (.saturation_iops / $most) as $share | $share > 0.9 and $share < 1.05
        and (.saturation_iops as $limit | .points | map(.offered_iops <= $limit) == map(.iops >= 0.99 * .offered_iops))
        and ([.points[] | select(.iops < 0.99 * .offered_iops) | .offered_iops] | min) < 1.025 * .saturation_iops
        and ([.points[].offered_iops] | . == sort) and .complete' "$OUT/curve.json"
    succeeds curve tiny.yaml --job 'rw=randread bs=4k number_ios=4000' --rate auto -o "$OUT" -q --no-plots --resume
    jq -e .complete "$OUT/curve.json"
}

@test "what is no load is refused" {
    refuses "--rate wants requests a second" curve tiny.yaml --job rw=randread --rate 0
    refuses "--rate wants requests a second" curve tiny.yaml --job rw=randread --rate 10q
    refuses "wants rising rates; 1000 comes after 2000" curve tiny.yaml --job rw=randread --rate 2k,1k
    succeeds curve tiny.yaml --job 'rw=randread number_ios=100' --iodepth '1, 4' -q
    refuses "give either --iodepth or --rate" curve tiny.yaml --job rw=randread --rate 2k --iodepth 1
    refuses "--seeds takes up to 64" curve tiny.yaml --job rw=randread --seeds 65
}

@test "a curve until it is steady drops the warm-up, stops by itself, and says what it could not reach" {
    succeeds curve tiny.yaml --job 'rw=randread bs=4k number_ios=200000' --iodepth 1,8 --until steady -o "$OUT" \
        --no-plots
    jq -e '.until == "steady" and (.points | all(.steady.reached and .steady.warmed_up and .steady.dropped >= 2048
        and .count >= 10000 and .count < 60000 and .steady.half_width_95 <= 0.01))' "$OUT/curve.json"
    succeeds run tiny.yaml --job 'rw=randread bs=4k number_ios=200000 iodepth=8' --until steady -q --no-plots \
        -o "$T/run"
    same_results "$T/run" "$OUT/points/iodepth-8"
    succeeds curve tiny.yaml --job 'rw=randread bs=4k number_ios=5000' --iodepth 8 --until steady
    shows "1 of the points did not become steady within their requests"
    sqtail curve tiny.yaml --job 'rw=randread bs=4k number_ios=200000' --iodepth 1,8 -o "$OUT" --resume
    [ "$status" -eq 2 ] || show
    tells "it differs in until when it is measured"
}

@test "a sweep tells points until steady from others" {
    local what=(sweep tiny.yaml --vary nand.channels=2,4 --job 'rw=randread iodepth=8 number_ios=200000' -o "$OUT")
    succeeds "${what[@]}" --until steady -q --no-plots
    jq -e '.["total.iops"] > 0' "$OUT/table.jsonl"
    succeeds "${what[@]}" --list
    [ "$(grep -c missing <<< "$output")" -eq 2 ]
    succeeds "${what[@]}" --until steady --list
    [ "$(grep -c ' there ' <<< "$output")" -eq 2 ]
}

@test "what cannot become steady is refused" {
    refuses "a recording ends with its last request" run tiny.yaml --trace "$RECORDING" --until steady
    refuses "leave runtime, ramp_time and ramp_ios out" run tiny.yaml --job 'rw=read runtime=1' --until steady
    refuses "leave runtime, ramp_time and ramp_ios out" curve tiny.yaml --job 'rw=read ramp_ios=1' --until steady
}
