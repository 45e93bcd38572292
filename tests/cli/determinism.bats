#!/usr/bin/env bats
# The same input gives the same bytes: twice, from both kernels, and where the seed is the same.
load lib

CONFIGS='generic-tlc-gen4 ideal intel-p4320-qlc micron-7450-max micron-7450-pro samsung-pm9a3 sandforce-sf3700
    solidigm-p5520 tiny wd-black-sn750-1tb wd-zn540'

with_systemc()
{
    "$SQTAIL" run --help | grep -q 'systemc|native' || skip "built without SystemC"
}

# What a drive starts from: large ones empty, since filling them takes seconds.
start_of()
{
    case $1 in tiny | ideal) echo random ;; *) echo empty ;; esac
}

@test "every shipped configuration is tried" {
    [ "$(LC_ALL=C ls configs/*.yaml)" = "$(printf 'configs/%s.yaml\n' $CONFIGS)" ]
}

@test "the same command gives the same bytes" {
    for drive in $CONFIGS; do
        for run in 1 2; do
            succeeds run $drive.yaml --job "$JOB" --set ftl.precondition="$(start_of $drive)" -q -o "$T/$drive.$run"
        done
        same_results "$T/$drive.1" "$T/$drive.2"
    done
}

@test "the summary on the terminal is the same but for the simulator's speed" {
    succeeds run tiny.yaml --job "$JOB"
    first=$(grep -v '^speed' <<< "$output")
    succeeds run tiny.yaml --job "$JOB"
    [ "$first" = "$(grep -v '^speed' <<< "$output")" ]
}

@test "both kernels give the same bytes from a job" {
    with_systemc
    for drive in $CONFIGS; do
        for kernel in systemc native; do
            succeeds run $drive.yaml --job "$JOB" --set ftl.precondition="$(start_of $drive)" --kernel $kernel -q \
                --no-plots -o "$T/$drive.$kernel"
            [ "$(jq -r .kernel "$T/$drive.$kernel/host.json")" = $kernel ]
        done
        same_results "$T/$drive.systemc" "$T/$drive.native"
    done
}

@test "both kernels give the same bytes from a recording" {
    with_systemc
    for drive in $CONFIGS; do
        for kernel in systemc native; do
            succeeds run $drive.yaml --trace traces/mke2fs --set ftl.precondition="$(start_of $drive)" \
                --kernel $kernel -q --no-plots -o "$T/$drive.$kernel"
        done
        same_results "$T/$drive.systemc" "$T/$drive.native"
    done
}

@test "both kernels give the same bytes while garbage is collected" {
    with_systemc
    for kernel in systemc native; do
        succeeds run tiny.yaml --job 'rw=randwrite bs=4k iodepth=32 number_ios=20000' --set ftl.precondition=random \
            --kernel $kernel -q --no-plots -o "$T/$kernel"
    done
    jq -e '.ftl.gc_copies > 0' "$T/native/summary.json"
    same_results "$T/systemc" "$T/native"
}

@test "another seed gives other results" {
    for seed in 1 2; do
        succeeds run tiny.yaml --job "$JOB" --set ftl.precondition=random --seed $seed -q --no-plots -o "$T/$seed"
    done
    [ "$(number "$T/2/summary.json" .seed)" = 2 ]
    run ! diff -q "$T/1/read.hgrm" "$T/2/read.hgrm"
}

@test "--seed is --set seed" {
    succeeds run tiny.yaml --job "$JOB" --seed 7 -q --no-plots -o "$T/option"
    succeeds run tiny.yaml --job "$JOB" --set seed=7 -q --no-plots -o "$T/key"
    same_results "$T/option" "$T/key"
}

@test "a curve does not depend on how many points run at once" {
    local job='rw=randread bs=4k number_ios=2000'
    for jobs in 1 3; do
        succeeds curve tiny.yaml --set ftl.precondition=random --job "$job" --iodepth 1,4,16 \
            --parallel $jobs -q -o "$T/$jobs"
    done
    same_results "$T/1" "$T/3"
}
