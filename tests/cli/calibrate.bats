#!/usr/bin/env bats
# sqtail calibrate, from end to end.
load lib

setup_file()
{
    "${SQTAIL:-$PWD/sqtail}" calibrate /nonexistent 2>&1 | grep -q 'without NLopt' && skip "sqtail was built without NLopt"
    return 0
}

# The words of all runs; a drive whose values are known, and what it measures.
WORDS='rw=randread bs=4k number_ios=600'

measure_drive()
{
    local depth
    echo 'iodepth,mean_us,iops'
    for depth in 1 32; do
        "$SQTAIL" run tiny.yaml --set nand.t_r=x1.3 --set host.t_submit=2us --set ftl.precondition=sequential \
            --set host.cpus=1 --job "$WORDS iodepth=$depth" -q --no-plots -o "$T/d$depth"
        jq -r '"'$depth',\(.total.latency_us.mean),\(.total.iops)"' "$T/d$depth/summary.json"
    done
}

calibration()
{
    measure_drive > "$T/drive.csv"
    cat > "$T/drive.yaml" <<END
config: tiny.yaml
set: [ftl.precondition=sequential, host.cpus=1]
job: $WORDS
keys:
  nand.t_r: [x0.6, x2]
  host.t_submit: [0.2us, 9us]
targets:
  - {csv: drive.csv}
END
}

@test "a drive is found again by what it measures, the same every time, and the result loads" {
    calibration
    succeeds calibrate "$T/drive.yaml" -o "$OUT" --evaluations 24 --kernel native
    shows "nand.t_r" "host.t_submit" "iodepth=32 mean" "calibrated.yaml"
    jq -e '.complete and .error < 0.002 and .largest_error < 0.004 and (.targets | length) == 4
        and (.keys["nand.t_r"].found | ltrimstr("x") | tonumber - 1.3 | fabs) < 0.01
        and (.keys["host.t_submit"].uncertainty_of_range < 0.1)' "$OUT/calibration.json"
    grep -q '^include: tiny.yaml$' "$OUT/calibrated.yaml"
    grep -q 't_submit: .*us # calibrated: ' "$OUT/calibrated.yaml" || grep -q 't_submit: .*ns # calibrated: ' "$OUT/calibrated.yaml"
    grep -q 'precondition: sequential # set in ' "$OUT/calibrated.yaml"
    succeeds run "$OUT/calibrated.yaml" --job "$WORDS iodepth=32" -q --no-plots -o "$T/again"
    jq -e --argjson was "$(jq .total.latency_us.mean "$T/d32/summary.json")" \
        '(.total.latency_us.mean / $was - 1 | fabs) < 0.01' "$T/again/summary.json"
    succeeds calibrate "$T/drive.yaml" -o "$T/second" --evaluations 24 --kernel native -q --parallel 1
    cmp "$OUT/calibrated.yaml" "$T/second/calibrated.yaml"
    cmp "$OUT/calibration.json" "$T/second/calibration.json"
}

@test "a calibration that was interrupted says so, and goes on with the runs that are there" {
    calibration
    in_background "$SQTAIL" calibrate "$T/drive.yaml" -o "$OUT" --evaluations 24 --kernel native -q --parallel 1
    local waited=0
    while [ "$(ls "$OUT/runs" 2> /dev/null | wc -l)" -lt 8 ] && [ $waited -lt 300 ]; do
        sleep 0.1
        waited=$((waited + 1))
    done
    kill -INT "$pid"
    local code=0
    wait "$pid" || code=$?
    [ $code -eq 130 ]
    jq -e '.complete | not' "$OUT/calibration.json"
    local before
    before=$(ls "$OUT/runs" | wc -l)
    succeeds calibrate "$T/drive.yaml" -o "$OUT" --evaluations 24 --kernel native -q
    jq -e '.complete and .error < 0.002' "$OUT/calibration.json"
    # What comes is what comes without the interruption, and with all that there is nothing is simulated again.
    cp "$OUT/calibrated.yaml" "$T/first.yaml"
    local after
    after=$(find "$OUT/runs" -name '*.json' -printf '%f %T@\n' | sort)
    succeeds calibrate "$T/drive.yaml" -o "$OUT" --evaluations 24 --kernel native -q
    cmp "$OUT/calibrated.yaml" "$T/first.yaml"
    [ "$after" = "$(find "$OUT/runs" -name '*.json' -printf '%f %T@\n' | sort)" ]
    [ "$before" -lt "$(ls "$OUT/runs" | wc -l)" ]
}

@test "what fio writes is a row for each of its jobs" {
    need fio
    fio --name=a --ioengine=null --rw=randrw --bs=8k --iodepth=4 --size=1g --number_ios=3000 \
        --name=b --ioengine=null --rw=randread --iodepth=16 --size=1g --number_ios=3000 --random_distribution=zipf:1.1 \
        --output-format=json --output="$T/fio.json"
    cat > "$T/fio.yaml" <<'END'
config: tiny.yaml
job: number_ios=30
keys: {nand.t_r: [x0.5, x2]}
targets: [{fio: fio.json, use: [mean, iops]}]
END
    succeeds calibrate "$T/fio.yaml" -o "$OUT" --evaluations 3 --kernel native -q
    jq -e --argjson fio "$(cat "$T/fio.json")" '
        [.targets[] | .row + " " + .metric] == ["rw=randrw bs=8k iodepth=4 read.mean", "rw=randrw bs=8k iodepth=4 read.iops",
            "rw=randrw bs=8k iodepth=4 write.mean", "rw=randrw bs=8k iodepth=4 write.iops",
            "rw=randread iodepth=16 random_distribution=zipf:1.1 total.mean",
            "rw=randread iodepth=16 random_distribution=zipf:1.1 total.iops"]
        and (.targets[0].measured * 1000 - $fio.jobs[0].read.lat_ns.mean | fabs) < 0.001
        and (.targets[5].measured - $fio.jobs[1].read.iops | fabs) < 0.01' "$OUT/calibration.json"
}

@test "errors name the file, its line and what is wrong" {
    cat > "$T/bad.yaml" <<'END'
config: tiny.yaml
job: rw=randread bs=4k number_ios=100
keys:
  nand.t_q: [x0.6, x2]
targets:
  - {job: iodpth=1, mean: 59us}
END
    sqtail calibrate "$T/bad.yaml" -o "$OUT"
    [ "$status" -eq 2 ] || show
    tells "bad.yaml:4:3: error: unknown key 'nand.t_q'; see sqtail schema"
    tells "unknown word 'iodpth'; did you mean 'iodepth'?"
    tells "bad.yaml:6:5: error: so says the job of this row"
    [ ! -e "$OUT" ]
    sed -i 's/t_q/t_r/; s/iodpth/iodepth/; s/mean/writer.read.mean/' "$T/bad.yaml"
    sqtail calibrate "$T/bad.yaml" -o "$OUT" --evaluations 5
    [ "$status" -eq 2 ] || show
    tells "the run of this row has no metric 'writer.read.mean'"
    sqtail run tiny.yaml --job "$JOB" -q --no-plots -o "$OUT"
    [ "$status" -eq 2 ] || show
    tells "holds the result of a calibration"
    sed -i 's/writer.read.mean/mean/; s/nand.t_r: .*/nand.transfer_rate: [x0.5, x90]/' "$T/bad.yaml"
    sqtail calibrate "$T/bad.yaml" -o "$OUT" --evaluations 5
    [ "$status" -eq 2 ] || show
    tells "nand.transfer_rate: faster than the interface"
    tells "bad.yaml:6:5: error: the search came to a point where there is no such drive: --set nand.transfer_rate=x"
}

@test "the shipped calibration's drive gives the measured latencies within three per cent, at every depth" {
    local found=configs/calibrations/nvme-libaio-found.yaml
    succeeds curve $found --job "rw=randread bs=4k ramp_ios=2000 number_ios=20000" --iodepth 1,2,4,8,16,32,64,128,256 \
        --parallel 2 -q --no-plots -o "$OUT"
    jq -r '.points[] | "\(.iodepth),\(.latency_us.mean)"' "$OUT/curve.json" > "$T/simulated"
    grep '^[0-9]' configs/calibrations/nvme-libaio.csv | paste -d, - "$T/simulated" |
        awk -F, '{ error = $4 / $2 - 1; print $1, $2, $4, error; rows++; bad += $1 != $3 || error > 0.03 || error < -0.03 }
            END { exit bad > 0 || rows != 9 }'
}
