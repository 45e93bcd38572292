#!/usr/bin/env bats
# The three ways in which sqtail is used, from end to end: a recording replayed, a what-if, a check in CI.
load lib

is_svg()
{
    [ -s "$1" ] && grep -q '<svg' "$1" && grep -q '</svg>' "$1"
}

@test "a run that simulated time cannot hold, or cannot end, stops with what there is and says why" {
    local kernel
    for kernel in systemc native; do
        [ $kernel = native ] || "$SQTAIL" run --help | grep -q 'systemc|native' || continue
        sqtail run tiny.yaml --set host.think_time=1h --job "rw=randread number_ios=6000" --kernel $kernel --no-plots \
            -o "$OUT"
        [ "$status" -eq 2 ] || show
        tells "simulated time ended"
        [[ $output == *INCOMPLETE* ]] || show
        jq -e '(.complete | not) and (.stopped | startswith("simulated time ended")) and .commands.read.count == 2563' \
            "$OUT/summary.json"
    done
    sqtail run ideal.yaml --job "rw=randtrim runtime=1ms time_based" --no-plots -o "$OUT"
    [ "$status" -eq 2 ] || show
    tells "simulated time stands still"
    jq -e '(.complete | not) and (.stopped | startswith("simulated time stands still"))' "$OUT/summary.json"
}

@test "a recording is replayed into a result folder with everything in it" {
    succeeds run tiny.yaml --trace "$RECORDING" --set ftl.precondition=random -o "$OUT"
    shows "$RECORDING" "read" "write" "recorded" "p99.9"
    for file in summary.json summary.txt stats.csv timeseries.csv read.hgrm write.hgrm host.json; do
        [ -s "$OUT/$file" ] || { echo "$file"; return 1; }
    done
    for file in "$OUT"/*.json; do
        jq -e . "$file" > /dev/null
    done
    jq -e '.schema == "sqtail.result/1" and .complete and .seed == 1 and (.config_id | length) == 16
        and (.config.nand.t_r | length) == 3 and .source.format == "blktrace" and (.source.sha256 | length) == 64
        and .commands.read.latency_us["p99.9"] > 0 and .commands.read.stages_us.array > 0
        and .recorded.read.latency_us.mean > 0 and .ftl.write_amplification >= 0 and .nand.reads > 0
        and .ecc.codewords > 0 and (.raid | has("reconstructions")) and (.wear | has("pe_mean"))
        and .utilization.die >= 0 and .utilization.die <= 1' "$OUT/summary.json"
    jq -e '.command_line and .kernel and .wall_s >= 0' "$OUT/host.json"
    [ -z "$(find "$T" -name '.out.*')" ]
}

@test "every plot has its script, its data and a picture" {
    need gnuplot
    succeeds run tiny.yaml --trace "$RECORDING" --set ftl.precondition=random -q -o "$OUT"
    local count=0 script
    for script in "$OUT"/plots/*.gp; do
        is_svg "${script%.gp}.svg" || { echo "$script"; return 1; }
        count=$((count + 1))
    done
    [ "$count" -ge 6 ]
    for plot in latency_cdf latency_percentiles latency_time throughput_time stages; do
        [ -s "$OUT/plots/$plot.gp" ]
    done
    # Each script can be run again by hand where it lies.
    rm "$OUT"/plots/*.svg
    (cd "$OUT/plots" && gnuplot latency_cdf.gp)
    is_svg "$OUT/plots/latency_cdf.svg"
}

@test "without gnuplot the scripts are written, and the tool says so" {
    mkdir "$T/bin"
    ln -s "$(command -v sh)" "$T/bin"
    run env PATH="$T/bin" "$(realpath "$SQTAIL")" run tiny.yaml --job "$JOB" -q -o "$OUT"
    [ "$status" -eq 0 ]
    shows gnuplot
    [ -s "$OUT/plots/latency_cdf.gp" ] && [ ! -e "$OUT/plots/latency_cdf.svg" ]
}

@test "what README shows of its first command is what comes" {
    run env SQTAIL="$SQTAIL" sh tests/readme.sh
    [ "$status" -eq 0 ] || { echo "$output"; echo "sh tests/readme.sh --renew puts it right"; return 1; }
}

@test "README's table of configurations names those there are" {
    local shipped
    for shipped in configs/*.yaml; do
        grep -qF "| \`$(basename "$shipped")\` |" README.md
    done
}

@test "a second run replaces its result and keeps the user's notes in it" {
    succeeds run tiny.yaml --job "$JOB" -q --no-plots -o "$OUT"
    echo mine > "$OUT/notes.txt"
    succeeds run tiny.yaml --job 'rw=write number_ios=10' -q --no-plots -o "$OUT"
    jq -e '.total.count == 10' "$OUT/summary.json"
    [ "$(cat "$OUT/notes.txt")" = mine ] && [ ! -e "$OUT/read.hgrm" ]
}

@test "the effective configuration of a result reproduces it" {
    succeeds run tiny.yaml --job "$JOB" --set ftl.precondition=random --set nand.t_prog=900us -q --no-plots \
        -o "$T/one"
    succeeds check tiny.yaml --set ftl.precondition=random --set nand.t_prog=900us --effective
    echo "$output" > "$T/effective.yaml"
    succeeds run "$T/effective.yaml" --job "$JOB" -q --no-plots -o "$T/other"
    jq -e '.set == ["ftl.precondition=random", "nand.t_prog=900us"]' "$T/one/summary.json" # what --set changed is named
    for result in one other; do
        rm -r "$T/$result/plots"
        jq 'del(.set)' "$T/$result/summary.json" > "$T/rest" && mv "$T/rest" "$T/$result/summary.json"
    done
    same_results "$T/one" "$T/other"
}

@test "over-provisioning given on the command line takes the place of the file's capacity, and check says so" {
    succeeds check wd-black-sn750-1tb.yaml --set ftl.over_provisioning=28%
    shows "over-provisioning 28.0 %" "gave way to ftl.over_provisioning (--set)"
    succeeds check sandforce-sf3700.yaml --set ecc.engine=bch
    shows "ecc.ldpc_rate (" "has an effect only when ecc.engine is ldpc; ecc.engine is bch (--set)"
    succeeds check sandforce-sf3700.yaml --set ecc.engine=bch --effective
    shows "  # ldpc_rate has an effect only when ecc.engine is ldpc"
}

@test "check names what limits each load" {
    succeeds check sandforce-sf3700.yaml
    shows "random reads of 4 KiB                      150.0 k IOPS  614.5 MB/s  limited by firmware"
    [[ $output =~ "sequential reads of 128 KiB "[^$'\n']*"limited by link to the host" ]]
    [[ $output =~ "sequential writes of 128 KiB "[^$'\n']*"limited by link to the device" ]]
    [[ $output != *"front-end processors"* ]] # 5 M IOPS
    succeeds check sandforce-sf3700.yaml --all
    shows "then by front-end processors"
    succeeds check sandforce-sf3700.yaml --set ftl.t_read=100ns --set nvme.t_decode=20us
    shows "random reads of 4 KiB                      50.00 k IOPS  204.8 MB/s  limited by front-end processors"
    succeeds check ideal.yaml --set nand.t_r=0 --set nand.transfer_rate=0
    shows "random reads of 4 KiB                      limited by nothing"
}

@test "what if programs took 20 % longer: writes that wait for them do too" {
    local job='rw=randwrite bs=16k iodepth=64 number_ios=6000'
    succeeds run tiny.yaml --job "$job" -q --no-plots -o "$T/base"
    succeeds run tiny.yaml --job "$job" --set nand.t_prog=1404us -q --no-plots -o "$T/slower"
    local base slower
    base=$(number "$T/base/summary.json" .commands.write.latency_us.mean)
    slower=$(number "$T/slower/summary.json" .commands.write.latency_us.mean)
    jq -en "$slower > 1.10 * $base and $slower < 1.25 * $base"
    jq -e '.config.nand.t_prog == ["1404us"]' "$T/slower/summary.json"
    run ! diff -q <(jq -r .config_id "$T/base/summary.json") <(jq -r .config_id "$T/slower/summary.json")
}

@test "a check in CI: a curve agrees with itself and fails with slower flash" {
    local job='rw=randread bs=4k number_ios=2000'
    curve()
    {
        succeeds curve tiny.yaml --set ftl.precondition=sequential --job "$job" --iodepth 1,8 -q --no-plots "$@"
    }
    curve -o "$T/base"
    curve -o "$T/same"
    curve -o "$T/slow" --set nand.t_r=60us,75us,90us
    succeeds compare "$T/base" "$T/same"
    shows "0 of"
    sqtail compare "$T/base" "$T/slow" --threshold p99=5%
    [ "$status" -eq 1 ]
    shows "p99" "regress"
    sqtail compare "$T/base" "$T/slow" --threshold p99=500%
    [ "$status" -eq 0 ]
}

@test "results of runs are compared by metric" {
    succeeds run tiny.yaml --job "$JOB" --set ftl.precondition=random -q --no-plots -o "$T/base"
    succeeds run tiny.yaml --job "$JOB" --set ftl.precondition=random --set nand.t_r=100us -q --no-plots -o "$T/slow"
    succeeds compare "$T/base" "$T/base"
    sqtail compare "$T/base" "$T/slow" --threshold read.mean=5% --threshold iops=5%
    [ "$status" -eq 1 ]
    shows "read.mean" "iops"
    sqtail compare "$T/base" "$T/base" "$T/slow"
    [ "$status" -eq 1 ]
    succeeds compare "$T/slow" "$T/base" --threshold read.mean=5% --threshold iops=5% # better is no regression
}

@test "different loads are not compared, a drive whose reads fail is not ok" {
    run_to()
    {
        succeeds run tiny.yaml --set ftl.precondition=sequential --job "$2" -q --no-plots -o "$T/$1" "${@:3}"
    }
    run_to base 'rw=randread bs=4k number_ios=2000'
    run_to seed 'rw=randread bs=4k number_ios=2000' --seed 2
    run_to job 'rw=randread bs=8k number_ios=2000'
    run_to order 'number_ios=2000 rw=randread bs=4k'
    run_to broken 'rw=randread bs=4k number_ios=2000' --set reliability.model=constant --set reliability.rber=0.4
    sqtail compare "$T/base" "$T/seed"
    [ "$status" -eq 2 ] || show
    tells "seed/summary.json: error: not the load of the base: its seed is 2, the base's 1"
    sqtail compare "$T/base" "$T/job"
    [ "$status" -eq 2 ]
    tells "its job is 'rw=randread bs=8k number_ios=2000', the base's 'rw=randread bs=4k number_ios=2000'"
    sqtail compare "$T/base" "$T/job" --any-load --threshold iops=100%
    [ "$status" -eq 0 ] || show
    tells "warning: not the load of the base"
    succeeds compare "$T/base" "$T/order"
    sqtail compare "$T/base" "$T/broken" --threshold mean=100000% --threshold iops=100%
    [ "$status" -eq 1 ] || show
    shows "read.errors" "2000" "REGRESSION"
}

@test "a curve is written with table, data and plots" {
    succeeds curve tiny.yaml --set ftl.precondition=sequential --job 'rw=randread bs=4k number_ios=500' --iodepth 1,2 \
        -o "$OUT"
    shows iodepth p99.9
    jq -e '.schema == "sqtail.curve/1" and .complete and (.points | length) == 2' "$OUT/curve.json"
    [ "$(wc -l < "$OUT/curve.csv")" -eq 3 ]
    need gnuplot
    for picture in "$OUT"/plots/*.svg; do
        is_svg "$picture"
    done
}

@test "the summary fits 100 columns" {
    for source in traces/mke2fs "$RECORDING"; do
        succeeds run tiny.yaml --trace $source --set ftl.precondition=random
        [ "$(wc -L <<< "$output")" -le 100 ] || show
    done
    succeeds run tiny.yaml --job 'rw=randrw bs=4k iodepth=32 number_ios=20000' --set ftl.precondition=random
    [ "$(wc -L <<< "$output")" -le 100 ] || show
}

@test "the summary says whether garbage collection ran, and how far it is from that" {
    local job='rw=randwrite bs=4k iodepth=16 number_ios=2000'
    succeeds run tiny.yaml --set ftl.precondition=random --job "$job"
    [[ $output == *"garbage collection on for 100 % of the time, "*" of 192 superblocks free"* ]]
    succeeds run tiny.yaml --set ftl.precondition=sequential --job "$job"
    # Prepared are 4.295 of 4.832 GB: 171 superblocks, so 21 are free. It starts when 4 are (gc_start), and the first
    # superblock is open by then: 17 superblocks of 25.17 MB, of which 2000 writes of 4 KiB fill some 8.2 MB.
    [[ $output == *"no garbage collection yet: 0.008 of 0.428 GB written until it starts"* ]]
    # Forced writes are written, too; what programs are filled up with for them counts against what is left.
    succeeds run tiny.yaml --set ftl.precondition=sequential --job "$job sync=dsync"
    [[ $output == *"no garbage collection yet: 0.008 of 0.4"??" GB written until it starts"* ]]
}

# Blocks have 1500 of their 3000 cycles behind them. Reads erase nothing.
@test "the wear that a drive begins with is in its statistics, whatever its state" {
    local state
    for state in empty sequential random; do
        succeeds run tiny.yaml --set reliability.initial_pe_cycles=1500 --set ftl.precondition=$state \
            --job 'rw=randread bs=4k number_ios=100' -o "$T/$state" -q --no-plots
        grep -q '^ftl,pe_cycles_min,1500,' "$T/$state/stats.csv"
        grep -q '^ftl,pe_cycles_max,1500,' "$T/$state/stats.csv"
    done
}
