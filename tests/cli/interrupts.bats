#!/usr/bin/env bats
# Signals: what was measured is kept, what is half written never appears, and looking does not disturb.
load lib

LONG='rw=randrw bs=4k iodepth=32 number_ios=1000000000'

# Starts a long run with the options given; its process is $pid.
start()
{
    in_background "$SQTAIL" run tiny.yaml -q --no-plots --job "$LONG" -o "$OUT" "$@" > "$T/stdout" 2> "$T/stderr"
}

# Waits until the process has its handlers: a signal that comes before them ends it. What catches it before is the shell
# that is about to become the program.
wait_for_handlers()
{
    local caught
    for _ in $(seq 600); do
        [ "/proc/$pid/exe" -ef "$SQTAIL" ] || { sleep 0.01; continue; }
        caught=$(awk '$1 == "SigCgt:" { print $2 }' "/proc/$pid/status")
        [ $((0x$caught & 0x200)) -eq 0 ] || return 0 # SIGUSR1
        sleep 0.01
    done
    return 1
}

# Waits until the run answers SIGUSR1 with requests done.
wait_until_running()
{
    wait_for_handlers
    for _ in $(seq 600); do
        kill -USR1 "$pid"
        sleep 0.05
        ! grep -q '^[1-9][0-9]* of' "$T/stderr" || return 0
    done
    cat "$T/stderr"
    return 1
}

# finishes CODE: the run ends with it.
finishes()
{
    local code=0
    wait "$pid" || code=$?
    [ "$code" -eq "$1" ] || { echo "exit code $code"; cat "$T/stderr"; return 1; }
}

is_whole_but_incomplete()
{
    jq -e '.complete == false and .total.count > 0 and .schema == "sqtail.result/1"' "$OUT/summary.json"
    for file in summary.txt stats.csv timeseries.csv read.hgrm write.hgrm host.json; do
        [ -s "$OUT/$file" ]
    done
    grep -q INCOMPLETE "$OUT/summary.txt"
    [ -z "$(find "$T" -name '.out.*')" ]
}

@test "SIGINT ends a run cleanly: results marked incomplete, exit code 130" {
    start
    wait_until_running
    kill -INT "$pid"
    finishes 130
    is_whole_but_incomplete
}

@test "SIGTERM does the same with exit code 143" {
    start
    wait_until_running
    kill -TERM "$pid"
    finishes 143
    is_whole_but_incomplete
}

@test "SIGHUP and SIGXCPU do the same with exit codes 129 and 152" {
    env --default-signal=HUP true 2> /dev/null || skip "env cannot set signals"
    for signal in HUP:129 XCPU:152; do
        start
        wait_until_running
        kill -"${signal%:*}" "$pid"
        finishes "${signal#*:}"
        is_whole_but_incomplete
        rm -r "$OUT"
    done
}

@test "a limit of processor time keeps what there is, though it is told again each second" {
    ulimit -S -t 1
    start
    finishes 152
    is_whole_but_incomplete
}

@test "what nohup has started does not end with its terminal" {
    (trap '' HUP; exec "$SQTAIL" run tiny.yaml -q --job "$LONG" 2> "$T/stderr" 3>&-) &
    pid=$!
    wait_until_running
    kill -HUP "$pid"
    sleep 0.2
    kill -0 "$pid"
    kill -KILL "$pid"
}

@test "closed standard files and a reader that goes away cost no result" {
    succeeds run tiny.yaml --job "$JOB" -q --no-plots -o "$T/whole"
    "$SQTAIL" run tiny.yaml --job "$JOB" --no-plots -o "$T/silent" > "$T/stdout" 2>&-
    same_results "$T/whole" "$T/silent"
    grep -q latency "$T/stdout"
    run -2 bash -c "'$SQTAIL' run tiny.yaml --job '$JOB' --no-plots -o '$T/mute' >&- 2> '$T/stderr'"
    same_results "$T/whole" "$T/mute"
    grep -q 'standard output: Bad file descriptor' "$T/stderr"
    "$SQTAIL" run tiny.yaml --job "$JOB" -q --no-plots -o "$T/deaf" <&- >&- 2>&-
    same_results "$T/whole" "$T/deaf"
    # A pipe without a reader on standard error, while progress is told.
    local job='rw=randread bs=4k iodepth=32 number_ios=1000000'
    { "$SQTAIL" run tiny.yaml --job "$job" --progress=always -q --no-plots -o "$T/alone" 2>&1 > /dev/null
        echo $? > "$T/code"; } | true
    for _ in $(seq 600); do [ ! -s "$T/code" ] || break; sleep 0.05; done
    [ "$(cat "$T/code")" = 0 ]
    jq -e .complete "$T/alone/summary.json"
}

@test "the native kernel is interrupted as cleanly" {
    start --kernel native
    wait_until_running
    kill -INT "$pid"
    finishes 130
    is_whole_but_incomplete
}

@test "SIGINT while the drive is prepared ends at once and writes nothing" {
    in_background "$SQTAIL" run generic-tlc-gen4.yaml --job "$LONG" --set ftl.precondition=random -o "$OUT" \
        2> "$T/stderr"
    wait_for_handlers
    for _ in $(seq 600); do
        kill -USR1 "$pid"
        ! grep -q 'preparing the drive' "$T/stderr" || break
        sleep 0.01
    done
    kill -INT "$pid"
    finishes 130
    grep -q 'ended while preparing the drive; nothing was measured' "$T/stderr"
    [ ! -e "$OUT" ] && [ -z "$(find "$T" -name '.out.*')" ]
}

@test "SIGUSR1 prints a status line and disturbs nothing" {
    local job='rw=randrw bs=4k iodepth=32 number_ios=200000'
    succeeds run tiny.yaml -q --job "$job" -o "$T/undisturbed"
    in_background "$SQTAIL" run tiny.yaml -q --job "$job" -o "$OUT" 2> "$T/stderr"
    wait_for_handlers
    while kill -USR1 "$pid" 2> /dev/null; do
        sleep 0.02
    done
    finishes 0
    grep -Eq '^[1-9][0-9]* of 200000 requests, [0-9]+ %, [0-9]+ k/s' "$T/stderr"
    same_results "$T/undisturbed" "$OUT"
}

@test "a gnuplot that hangs holds neither the result nor its own process" {
    mkdir "$T/bin"
    printf '#!/bin/sh\necho $$ > "%s/gnuplot.pid"\nexec sleep 1000\n' "$T" > "$T/bin/gnuplot"
    chmod +x "$T/bin/gnuplot"
    PATH="$T/bin:$PATH" in_background "$SQTAIL" run tiny.yaml -q --job "$JOB" -o "$OUT" 2> "$T/stderr"
    for _ in $(seq 600); do [ ! -s "$T/gnuplot.pid" ] || break; sleep 0.02; done
    jq -e .complete "$OUT/summary.json"
    [ -z "$(find "$T" -name '.out.*')" ]
    kill -INT "$pid"
    finishes 130
    grep -q 'ended while drawing the plots; the result is written' "$T/stderr"
    for _ in $(seq 100); do kill -0 "$(cat "$T/gnuplot.pid")" 2> /dev/null || return 0; sleep 0.02; done
    return 1
}

@test "two runs into one folder: the second is told who is at it, and the first goes on" {
    start
    wait_until_running
    run -2 --separate-stderr "$SQTAIL" run tiny.yaml -q --job "$JOB" -o "$OUT"
    tells "out: error: another sqtail (process $pid) is writing a result there"
    run -2 --separate-stderr "$SQTAIL" curve tiny.yaml -q --job 'rw=randread' --iodepth 1 -o "$OUT"
    tells "(process $pid) is writing a result there"
    kill -INT "$pid"
    finishes 130
    is_whole_but_incomplete
    succeeds run tiny.yaml -q --no-plots --job "$JOB" -o "$OUT"
}

@test "what a killed run has left is removed by the next" {
    start
    wait_until_running
    kill -KILL "$pid"
    finishes 137
    mkdir "$T/.out.new-$pid"
    [ -e "$T/.out.lock" ]
    succeeds run tiny.yaml -q --no-plots --job "$JOB" -o "$OUT"
    [ -z "$(find "$T" -name '.out.*')" ]
}

@test "SIGKILL leaves nothing under the name of the result folder" {
    start
    wait_until_running
    kill -KILL "$pid"
    finishes 137
    [ ! -e "$OUT" ]
}

@test "SIGKILL leaves an older result as it was" {
    succeeds run tiny.yaml --job "$JOB" -q --no-plots -o "$OUT"
    cp -r "$OUT" "$T/before"
    start
    wait_until_running
    kill -KILL "$pid"
    finishes 137
    diff -r "$T/before" "$OUT"
}

@test "an interrupted curve keeps the depths that were measured" {
    in_background "$SQTAIL" curve tiny.yaml -q --progress=always --no-plots --iodepth 1,64,128,256 \
        --job 'rw=randread bs=4k runtime=20 time_based=1' -o "$OUT" 2> "$T/stderr"
    for _ in $(seq 600); do
        sleep 0.05
        ! grep -q '^depth 1: 1 of 4' "$T/stderr" || break
    done
    kill -INT "$pid"
    finishes 130
    jq -e '.complete == false and (.points | length) < 4 and .points[0].iodepth == 1' "$OUT/curve.json"
}

# Starts a curve whose points take a moment each; its process is $pid.
start_curve()
{
    in_background "$SQTAIL" curve tiny.yaml -q --progress=always --no-plots -o "$OUT" \
        --job 'rw=randread bs=4k number_ios=300000' "$@" > "$T/stdout" 2> "$T/stderr"
}

# wait_for_file FILE
wait_for_file()
{
    for _ in $(seq 1200); do [ ! -e "$1" ] || return 0; sleep 0.02; done
    return 1
}

# Whether a process has ended; in a container nobody may collect what its parent left.
is_gone()
{
    ! grep -q '^State:[[:space:]]*[^Z]' "/proc/$1/status" 2> /dev/null
}

@test "a curve that is killed has kept what was done, takes its runs with it, and goes on when asked again" {
    local depths=1,2,4 children
    succeeds curve tiny.yaml -q --no-plots --job 'rw=randread bs=4k number_ios=300000' --iodepth $depths -o "$T/whole"
    start_curve --iodepth $depths
    wait_for_file "$OUT/curve.json"
    children=$(pgrep -P "$pid" || true)
    kill -KILL "$pid"
    finishes 137
    for child in $children; do
        for _ in $(seq 100); do ! is_gone "$child" || break; sleep 0.02; done
        is_gone "$child"
    done
    jq -e '.complete == false and (.points | length) < 3 and .points[0].iodepth == 1' "$OUT/curve.json"
    jq -e '.complete and .total.count == 300000' "$OUT/points/iodepth-1/summary.json"
    touch -d 2000-01-01 "$OUT/points/iodepth-1/summary.json"
    succeeds curve tiny.yaml --no-plots --job 'rw=randread bs=4k number_ios=300000' --iodepth $depths -o "$OUT"
    tells "out: going on; "
    [ "$(date -r "$OUT/points/iodepth-1/summary.json" +%Y)" = 2000 ] # not measured again
    same_results "$T/whole" "$OUT"
    [ -z "$(find "$T" -name '.out.*')" ]
}

@test "a curve whose starter ignored the end of its children sees how they end" {
    need env
    env --ignore-signal=CHLD true 2> /dev/null || skip "env cannot ignore signals"
    run -0 timeout 60 env --ignore-signal=CHLD "$SQTAIL" curve tiny.yaml -q --job 'rw=randread bs=4k number_ios=500' \
        --iodepth 1,2 -o "$OUT"
    jq -e '.complete and (.points | length) == 2' "$OUT/curve.json"
}

@test "of a curve's runs that fail or are killed it is told which, and the others are kept" {
    start_curve --iodepth 1,2 --parallel 2
    local first
    for _ in $(seq 600); do first=$(pgrep -o -P "$pid" || true); [ -z "$first" ] || break; sleep 0.01; done
    kill -KILL "$first"
    finishes 137
    grep -q 'error: the run at depth 1 was killed by signal 9 (Killed)' "$T/stderr"
    jq -e '.complete == false and [.points[].iodepth] == [2]' "$OUT/curve.json"
    [ -e "$OUT/points/iodepth-2/summary.json" ] && [ ! -e "$OUT/points/iodepth-1" ]
}

@test "--resume adds depths to a complete curve, and replaces no other" {
    local job='rw=randread bs=4k number_ios=500'
    succeeds curve tiny.yaml -q --no-plots --job "$job" --iodepth 1,4 -o "$OUT"
    touch -d 2000-01-01 "$OUT/points/iodepth-1/summary.json"
    succeeds curve tiny.yaml -q --no-plots --job "$job" --iodepth 1,2,4 -o "$OUT" --resume
    jq -e '.complete and [.points[].iodepth] == [1, 2, 4]' "$OUT/curve.json"
    [ "$(date -r "$OUT/points/iodepth-1/summary.json" +%Y)" = 2000 ]
    cp -r "$OUT" "$T/before"
    sqtail curve tiny.yaml -q --job "$job" --seed 2 --iodepth 1 -o "$OUT" --resume
    [ "$status" -eq 2 ]
    tells "it differs in seed"
    sqtail curve tiny.yaml -q --job "$job size=1g" --iodepth 1 -o "$OUT" --resume
    [ "$status" -eq 2 ]
    tells "it differs in job"
    diff -r "$T/before" "$OUT"
    succeeds curve tiny.yaml -q --no-plots --job "$job" --iodepth 1,4 -o "$OUT" # without it, anew
    [ "$(date -r "$OUT/points/iodepth-1/summary.json" +%Y)" != 2000 ]
    jq -e '[.points[].iodepth] == [1, 4]' "$OUT/curve.json"
    [ ! -e "$OUT/points/iodepth-2" ]
}

@test "progress is told line by line where there is no terminal, and not at all with --progress=never" {
    local job='rw=randread bs=4k iodepth=32 number_ios=1500000'
    succeeds run tiny.yaml --job "$job"
    tells "of 1500000 requests, " " k/s"
    succeeds run tiny.yaml --progress=never --job "$job"
    [ -z "$stderr" ]
    succeeds run tiny.yaml -q --job "$job"
    [ -z "$stderr$output" ]
    succeeds curve tiny.yaml -q --job "rw=randread bs=4k number_ios=1000" --iodepth 1,2
    [ -z "$stderr$output" ]
    succeeds run tiny.yaml -q --progress=always --job "$job"
    tells "of 1500000 requests, "
}

# inner COMMAND: a test of the usual frame that starts an endless run and ends with the command.
inner()
{
    {
        printf 'load "%s/lib"\n@test "x" {\n' "$BATS_TEST_DIRNAME"
        printf 'cd "%s"\nin_background "%s" run tiny.yaml -q --job "%s"\n' "$PWD" "$SQTAIL" "$LONG"
        printf 'echo $pid > "%s"\nkill -0 $pid\n%s\n}\n' "$T/inner.pid" "$1"
    } > "$T/inner.bats"
    SQTAIL_TEST_LIMIT=1 run ! bats "$T/inner.bats"
}

@test "a test that fails or is killed leaves no process" {
    local ending inner_pid
    for ending in false 'kill -KILL $$'; do
        inner "$ending"
        inner_pid=$(cat "$T/inner.pid")
        for _ in $(seq 500); do ! is_gone "$inner_pid" || break; sleep 0.02; done
        is_gone "$inner_pid"
    done
}
