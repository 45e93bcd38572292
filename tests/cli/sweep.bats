#!/usr/bin/env bats
# sqtail sweep, from end to end.
load lib

LOAD='rw=randread bs=4k iodepth=8 number_ios=300'

# How many results there are, and when each was written.
written()
{
    find "$1/points" -name summary.json -not -path '*/.*' -printf '%P %i %T@\n' | sort
}

# A column of a CSV table whose fields hold no commas: column FILE NAME.
column()
{
    awk -F, -v name="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) at = i; next } { print $at }' "$1"
}

@test "each combination of values is a point, whose result is that of the run of its own" {
    succeeds sweep tiny.yaml --vary nand.channels=2,4 --vary nand.t_r=x1,+20% --vary job.iodepth=1,16 --job "$LOAD" \
        --set ftl.t_read=2us -o "$OUT" -j 2 --no-plots
    [ "$(wc -l < "$OUT/table.csv")" -eq 9 ]
    [ "$(column "$OUT/table.csv" nand.t_r | sort | uniq -c | awk '{ print $1 $2 }' | xargs)" = "4+20% 4x1" ]
    succeeds run tiny.yaml --set ftl.t_read=2us --set nand.channels=4 --set nand.t_r=+20% \
        --job 'rw=randread bs=4k number_ios=300 iodepth=16' -q --no-plots -o "$T/own"
    local id
    id=$(awk -F, '$2 == 4 && $3 == "+20%" && $4 == 16 { print $1 }' "$OUT/table.csv")
    same_results "$OUT/points/$id" "$T/own"
    [ "$(awk -F, -v id="$id" '$1 == id' "$OUT/table.csv" | cut -d, -f 2-6)" = "4,+20%,16,1,job" ]
    jq -e '.schema == "sqtail.sweep/1" and .complete and (.points | length) == 8' "$OUT/sweep.json"
    jq -es --arg id "$id" --argjson own "$(jq .total.latency_us.p99 "$T/own/summary.json")" \
        'length == 8 and (map(select(.id == $id))[0] | .["total.p99"] == $own and .["job.iodepth"] == "16")' \
        "$OUT/table.jsonl"
}

# The initial state is found once for all six drives: by array times, link and error rates it does not differ.
@test "drives that differ in what their initial state does not follow from are prepared beside each other" {
    succeeds sweep tiny.yaml --set ftl.precondition=random --vary nand.t_r=x1,+20% --vary pcie.generation=3,4,5 \
        --seeds 2 --job 'rw=randrw iodepth=4 number_ios=200' -o "$OUT" -q --no-plots -j 1
    local id
    for id in $(jq -r 'select(.["nand.t_r"] == "+20%" and .["pcie.generation"] == "5") | .id' "$OUT/table.jsonl"); do
        succeeds run tiny.yaml --set ftl.precondition=random --set nand.t_r=+20% --set pcie.generation=5 \
            --job 'rw=randrw iodepth=4 number_ios=200' --seed "$(jq .seed "$OUT/points/$id/summary.json")" -q --no-plots \
            -o "$T/$id"
        same_results "$OUT/points/$id" "$T/$id"
    done
}

@test "a summary tells differences from the drive as it is, the choice, and what moves what, and is drawn" {
    succeeds sweep tiny.yaml --vary nand.channels=2,4 --vary nand.t_r=x1,+50% --job "$LOAD" -o "$OUT" -m iops \
        -m read.p99
    cmp <(echo "$output") "$OUT/sweep.md"
    shows "# 4 settings of tiny TLC drive, 4 GiB" "## job: $LOAD" "## What moves what"
    grep -qE '^\| 2 +\| x1 +\| +[0-9.]+ \| +[0-9.]+us\* \| baseline' "$OUT/sweep.md"
    grep -qE '^\| 4 +\| x1 +\| +[0-9.]+ \(\+[0-9.]+ %\) \| +[0-9.]+us\* \(-[0-9.]+ %\) \| front' "$OUT/sweep.md"
    jq -e '.effects["nand.t_r"]["read.p99"].median > 0.1 and .baseline.job == .points[0].id
        and (.front.job | length) == 1 and .front.job[0] == .points[2].id' "$OUT/sweep.json"
    for plot in choice effects along-nand.channels along-nand.t_r; do
        [ -e "$OUT/plots/$plot.gp" ]
        ! command -v gnuplot > /dev/null || grep -q '</svg>' "$OUT/plots/$plot.svg"
    done
    succeeds sweep tiny.yaml --vary nand.t_r=+50%,x1 --job "$LOAD" -o "$T/last" -q --no-plots
    jq -e '.baseline.job == .points[1].id' "$T/last/sweep.json"
    sqtail sweep tiny.yaml --vary nand.channels=2,4 --vary nand.t_r=x1,+50% --job "$LOAD" -o "$OUT" -m read.p98
    [ "$status" -eq 2 ] || show
    tells "no point has a metric 'read.p98'; did you mean 'read.p9"
}

@test "the table reads into SQLite" {
    need sqlite3
    succeeds sweep tiny.yaml --vary nand.channels=2,4 --vary job.iodepth=1,16 --job "$LOAD" -o "$OUT" -q --no-plots
    [ -e "$OUT/table.sqlite" ] || skip "sqtail was built without SQLite"
    sqlite3 -csv -header "$OUT/table.sqlite" 'select id, "nand.channels", "job.iodepth", seed, "workload" from points' |
        cmp - <(cut -d, -f 1-5 "$OUT/table.csv")
    sqlite3 "$OUT/table.sqlite" 'select "total.p99" from points where "nand.channels" = 4 and "job.iodepth" = 16' |
        cmp - <(jq -r 'select(.["nand.channels"] == "4" and .["job.iodepth"] == "16") | .["total.p99"]' \
            "$OUT/table.jsonl")
}

@test "the table does not depend on how many points run at once, nor on the kernel" {
    for jobs in 1 3; do
        succeeds sweep tiny.yaml --vary ftl.precondition=random,sequential --vary job.bs=4k,8k \
            --job "$LOAD" --seeds 2 -o "$T/$jobs" -j $jobs -q --no-plots
    done
    succeeds sweep tiny.yaml --vary ftl.precondition=random,sequential --vary job.bs=4k,8k \
        --job "$LOAD" --seeds 2 -o "$T/native" --kernel native -q --no-plots
    same_results "$T/1" "$T/3"
    same_results "$T/1" "$T/native"
}

@test "new values only add points, and what is there is not made again" {
    succeeds sweep tiny.yaml --vary nand.channels=2,4 --job "$LOAD" -o "$OUT" --no-plots
    tells "2 of 2 points are there, 2 of them made now"
    written "$OUT" > "$T/before"
    succeeds sweep tiny.yaml --vary nand.channels=2,4,8 --job "$LOAD" -o "$OUT" --no-plots
    tells "3 of 3 points are there, 1 of them made now"
    written "$OUT" > "$T/after"
    [ "$(comm -12 "$T/before" "$T/after" | wc -l)" -eq 2 ]
    succeeds sweep tiny.yaml --vary nand.channels=8,2 --job "$LOAD" -o "$OUT" --list
    [ "$(grep -c ' there ' <<< "$output")" -eq 2 ]
}

@test "points that come to the same are made once, and each has its row" {
    succeeds sweep tiny.yaml --vary nand.channels=2,x1,4 --job "$LOAD" -o "$OUT" --no-plots
    tells "3 of 3 points are there, 2 of them made now"
    [ "$(column "$OUT/table.csv" id | sort -u | wc -l)" -eq 2 ]
    [ "$(ls "$OUT/points" | wc -l)" -eq 2 ]
}

@test "a file says all of it: zipped axes, cases, conditions, exclusions, workloads, seeds" {
    mkdir "$T/here"
    cat > "$T/here/study.yaml" <<'END'
config: tiny.yaml
set: [ftl.t_read=2us]
workloads:
  read: rw=randread bs=4k iodepth=4 number_ios=200
  both: [rw=randread iodepth=2 number_ios=100, rw=randwrite iodepth=2 number_ios=100]
seeds: [3, 5]
axes:
  timing: {zip: {nand.t_r: [40us, "[40us, 50us, 60us]"], nand.t_prog: [400us, 600us]}}
  what:
    cases:
      as it is: {}
      wide: {nand.channels: 4, job.bs: 8k}
  ecc.engine: [bch, ldpc]
  ecc.bch_t: {values: [40, 60], when: {ecc.engine: bch}}
exclude:
  - {what: wide, ecc.engine: ldpc}
  - {what: wide, ecc.bch_t: [40]}
END
    # 2 timings x (as it is x (bch x 2 + ldpc) + wide x (bch x 1)) x 2 seeds x 2 workloads
    succeeds sweep "$T/here/study.yaml" --list
    [ "$(wc -l <<< "$output")" -eq 32 ]
    [ "$(grep -c 'what=wide' <<< "$output")" -eq 8 ]
    [ "$(grep -c 'ecc.engine=ldpc, ecc.bch_t' <<< "$output")" -eq 0 ]
    succeeds sweep "$T/here/study.yaml" -o "$OUT" -q --no-plots
    [ "$(wc -l < "$OUT/table.jsonl")" -eq 32 ]
    local id folder
    id=$(jq -r 'select(.timing == "[40us, 50us, 60us]/600us" and .what == "wide" and .seed == "5" and
        .workload == "both") | .id' "$OUT/table.jsonl")
    folder=$OUT/points/$id
    jq -e '.seed == 5 and .config.nand.t_r == ["40us", "50us", "60us"] and .config.nand.t_prog == ["600us"]
        and .config.nand.channels == 4 and .config.ftl.t_read == "2us"
        and .source.job == "rw=randread iodepth=2 number_ios=100 bs=8k | rw=randwrite iodepth=2 number_ios=100 bs=8k"' \
        "$folder/summary.json" || { jq '.config.nand, .source' "$folder/summary.json" && false; }
}

@test "recordings are loads like any other, and another recording is another point" {
    cp -r "$RECORDING" "$T/recording"
    succeeds sweep wd-black-sn750-1tb.yaml --vary nand.t_r=x1,+20% --trace "$T/recording" --iodepth 4 -o "$OUT" \
        --no-plots
    [ "$(wc -l < "$OUT/table.csv")" -eq 3 ]
    jq -e '.source.job | test("iodepth 4")' "$OUT"/points/*/summary.json
    rm -r "$T/recording"
    cp -r traces/mke2fs "$T/recording"
    succeeds sweep wd-black-sn750-1tb.yaml --vary nand.t_r=x1,+20% --trace "$T/recording" --iodepth 4 -o "$OUT" --list
    [ "$(grep -c missing <<< "$output")" -eq 2 ]
}

@test "a recording in a sweep has the words that run has, in a file, on the command line and in what is emitted" {
    "$SQTAIL" trace convert "$RECORDING" -o "$T/some.csv"
    sed -i '5s/^/no number/' "$T/some.csv"
    cat > "$T/replays.yaml" <<END
config: wd-black-sn750-1tb.yaml
workloads:
  queued: {trace: $RECORDING, action: Q, iodepth: 4}
  described: {trace: $T/some.csv, from: "columns: time=1:ns op=3:read,write offset=4 bytes=5",
              skip-bad: 1, speed: 2, wrap: true}
axes: {nand.t_r: [x1, +20%]}
END
    succeeds sweep "$T/replays.yaml" -o "$OUT" -q --no-plots
    succeeds run wd-black-sn750-1tb.yaml --set nand.t_r=+20% --trace "$RECORDING" --action Q --iodepth 4 -q --no-plots \
        -o "$T/own"
    local id
    id=$(jq -r 'select(.workload == "queued" and .["nand.t_r"] == "+20%") | .id' "$OUT/table.jsonl")
    same_results "$OUT/points/$id" "$T/own"
    id=$(jq -r 'select(.workload == "described" and .["nand.t_r"] == "x1") | .id' "$OUT/table.jsonl")
    jq -e '.source.job == "2 times as fast as recorded, offsets wrapped" and .total.count == 999' \
        "$OUT/points/$id/summary.json"
    succeeds sweep "$T/replays.yaml" -o "$T/lines" --emit parallel
    [ "$(grep -c -- '--action Q' <<< "$output")" -eq 2 ] && [ "$(grep -c -- '--skip-bad 1' <<< "$output")" -eq 2 ]
    sh -c "$(head -1 <<< "$output")"
    sh -c "$(tail -1 <<< "$output")"
    succeeds sweep "$T/replays.yaml" -o "$T/lines" --list
    [ "$(grep -c ' there ' <<< "$output")" -eq 2 ]
    succeeds sweep wd-black-sn750-1tb.yaml --vary nand.t_r=x1,+20% --trace "$RECORDING" --action Q --iodepth 4 \
        -o "$T/lines" --list
    [ "$(grep -c ' there ' <<< "$output")" -eq 1 ]
    sed -i 's/action: Q/action: X/; s/skip-bad/skip-bat/; s/wrap: true/wrap: 1/' "$T/replays.yaml"
    sqtail sweep "$T/replays.yaml" -o "$OUT"
    [ "$status" -eq 2 ] || show
    tells "replays.yaml:3:63: error: action wants one of D|Q, not 'X'" "unknown key 'skip-bat'; did you mean 'skip-bad'?" \
        "error: wrap wants one of false|true, not '1'"
}

@test "parts of a sweep, lists of commands and makefiles make the same points" {
    local what=(sweep tiny.yaml --vary nand.channels=2,4 --vary 'nand.t_r=44us,[40us, 50us, 60us]' --job "$LOAD"
        --no-plots)
    succeeds "${what[@]}" -o "$T/whole" -q
    for part in 1 2 3; do
        succeeds "${what[@]}" -o "$T/parts" --shard $part/3
        [ ! -e "$T/parts/table.csv" ]
    done
    succeeds "${what[@]}" -o "$T/parts" -q
    same_results "$T/whole" "$T/parts"
    succeeds "${what[@]}" -o "$T/lines" --emit parallel
    [ "$(wc -l <<< "$output")" -eq 4 ]
    xargs -P 2 -I LINE sh -c LINE < <(sed 's/[\"'"'"']/\\&/g' <<< "$output")
    succeeds "${what[@]}" -o "$T/lines" -q
    same_results "$T/whole" "$T/lines"
    if command -v make > /dev/null; then
        succeeds "${what[@]}" -o "$T/made" --emit make
        make -s -j 2 -f <(echo "$output")
        succeeds "${what[@]}" -o "$T/made"
        tells "0 of them made now"
        same_results "$T/whole" "$T/made"
    fi
}

# killed_and_resumed ROUNDS ARGUMENTS...: kills a sweep at random moments and begins it again; then lets it end. What
# was there at one moment must be there at the next, the same file written at the same time.
killed_and_resumed()
{
    local rounds=$1 round
    shift
    touch "$T/seen"
    for round in $(seq "$rounds"); do
        in_background "$SQTAIL" "$@" > /dev/null 2>&1
        sleep "0.$((RANDOM % 15 + 10))"
        kill -KILL "$pid" 2> /dev/null || true
        wait "$pid" 2> /dev/null || true
        [ -d "$OUT/points" ] || continue
        written "$OUT" > "$T/now"
        [ -z "$(comm -23 "$T/seen" "$T/now")" ]
        mv "$T/now" "$T/seen"
    done
    find "$OUT/points" -name summary.json -not -path '*/.*' -exec jq -e .complete {} + > /dev/null
    succeeds "$@"
    written "$OUT" > "$T/now"
    [ -z "$(comm -23 "$T/seen" "$T/now")" ]
}

@test "a sweep that is killed again and again loses nothing, and makes nothing twice" {
    local what=(sweep tiny.yaml --vary nand.channels=2,4 --vary nand.t_r=x1,x1.1,x1.2 --vary job.iodepth=1,2,3,4
        --job 'rw=randread bs=4k number_ios=1500' --no-plots -q -j 2)
    succeeds "${what[@]}" -o "$T/whole"
    killed_and_resumed 6 "${what[@]}" -o "$OUT"
    same_results "$T/whole" "$OUT"
    [ -z "$(find "$OUT" -maxdepth 2 -name '.*.new-*' -o -maxdepth 2 -name '.*.lock')" ]
}

@test "the first interrupt ends a sweep with a table of what is there" {
    in_background "$SQTAIL" sweep tiny.yaml --vary job.iodepth=1,2,3,4,5,6,7,8 -j 1 --no-plots -q \
        --job 'rw=randread bs=4k number_ios=60000' -o "$OUT"
    for _ in $(seq 600); do
        [ -z "$(ls "$OUT/points" 2> /dev/null)" ] || break
        sleep 0.02
    done
    kill -INT "$pid"
    local code=0
    wait "$pid" || code=$?
    [ $code -eq 130 ]
    jq -e '.complete | not' "$OUT/sweep.json"
    [ "$(wc -l < "$OUT/table.csv")" -gt 1 ]
    [ "$(wc -l < "$OUT/table.csv")" -lt 9 ]
}

@test "a point that fails is told, and the others are made" {
    succeeds sweep tiny.yaml --vary nand.channels=2,4 --job "$LOAD" -o "$OUT" --list
    local id
    id=$(head -1 <<< "$output" | cut -d' ' -f1)
    mkdir -p "$OUT/points"
    touch "$OUT/points/$id" # in the way of its result
    echo '{"schema": "sqtail.sweep/1"}' > "$OUT/sweep.json"
    sqtail sweep tiny.yaml --vary nand.channels=2,4 --job "$LOAD" -o "$OUT" --no-plots
    [ "$status" -eq 2 ] || show
    tells "error: the run $id (nand.channels=2) failed" "1 of 2 points are there, 1 of them made now; some failed"
    jq -e '.complete | not' "$OUT/sweep.json"
}

@test "after eight failures in a row no more points are begun" {
    local what=(sweep tiny.yaml --vary 'job.iodepth=1 , 2, 3, 4, 5, 6, 7, 8, 9, 10' --job "$LOAD" -o "$OUT" --no-plots -j 1)
    succeeds "${what[@]}" --list
    mkdir -p "$OUT/points"
    head -9 <<< "$output" | (cd "$OUT/points" && cut -d' ' -f1 | xargs touch)
    echo '{"schema": "sqtail.sweep/1"}' > "$OUT/sweep.json"
    sqtail "${what[@]}"
    [ "$status" -eq 2 ] || show
    tells "8 points in a row failed, so no more are begun" "0 of 10 points are there"
    [ "$(grep -c 'error: the run' <<< "$stderr")" -eq 8 ]
    tells "(job.iodepth=1) failed"
}

@test "progress is a line at each tenth where there is no terminal" {
    succeeds sweep tiny.yaml --vary nand.channels=2,4 --vary job.iodepth=1,2,4,8,16,32,64,128,256,512 --job "$LOAD" \
        -o "$OUT" --no-plots --progress always
    [ "$(grep -c ' of 20 points, .* %' <<< "$stderr")" -eq 10 ]
    tells "10 of 20 points, 50 %, " " a second, " " s left" "20 of 20 points, 100 %"
}

@test "what cannot be swept is told with its place" {
    refuses "a sweep needs its load" sweep tiny.yaml --vary nand.channels=2,4 -o "$OUT"
    refuses "a sweep needs a folder for its results" sweep tiny.yaml --vary nand.channels=2,4 --job "$LOAD"
    refuses "--vary: error: wants KEY=VALUE" sweep tiny.yaml --vary nand.channels --job "$LOAD" -o "$OUT"
    refuses "'nand.channels' has the value '4' twice" sweep tiny.yaml --vary nand.channels=4,4 --job "$LOAD" -o "$OUT"
    refuses "there is an axis 'nand.channels' already" sweep tiny.yaml --vary nand.channels=2 --vary nand.channels=4 \
        --job "$LOAD" -o "$OUT"
    refuses "did you mean 'channels'" sweep tiny.yaml --vary nand.chanels=2,4 --job "$LOAD" -o "$OUT"
    refuses "so it is at the point nand.channels=1;" sweep tiny.yaml --vary nand.channels=2,1 --job "$LOAD" -o "$OUT"
    refuses "unknown word 'bss'; did you mean 'bs'?" sweep tiny.yaml --vary job.bss=4k,8k --job "$LOAD" -o "$OUT"
    refuses "so it is at the only point" sweep tiny.yaml --vary nand.channels=0 --job "$LOAD" -o "$OUT"
    refuses "seeds are an axis of their own: --seeds N" sweep tiny.yaml --vary seed=1,2 --job "$LOAD" -o "$OUT"
    refuses "--iodepth is for recordings" sweep tiny.yaml --vary nand.channels=2,4 --job "$LOAD" --iodepth 4 -o "$OUT"
    refuses "give either --trace or --job" sweep tiny.yaml --vary nand.channels=2,4 --job "$LOAD" --trace "$RECORDING" \
        -o "$OUT"
    refuses "--shard wants a part of all" sweep tiny.yaml --vary nand.channels=2 --job "$LOAD" -o "$OUT" --shard 3/2
    cat > "$T/bad.yaml" <<'END'
config: tiny.yaml
job: rw=randread iodepth=4 number_ios=100
axes:
  nand.channels: [2, 4]
  nand.t_r: {values: [x1, x2], when: {nand.channel: 2}}
  both: {zip: {nand.t_prog: [x1, x2], nand.t_erase: [x1]}}
exlude: []
baseline: {nand.channels: 3}
END
    sqtail sweep "$T/bad.yaml" -o "$OUT"
    [ "$status" -eq 2 ] || show
    tells "bad.yaml:7:1: error: unknown key 'exlude'; did you mean 'exclude'?" \
        "bad.yaml:6:39: error: 'nand.t_erase' has another number of values than the first key of the zip"
    sed -i '/exlude/d; s/, nand.t_erase: .x1.//' "$T/bad.yaml"
    sqtail sweep "$T/bad.yaml" -o "$OUT"
    [ "$status" -eq 2 ] || show
    tells "bad.yaml:5:39: error: there is no axis 'nand.channel'" \
        "bad.yaml:7:12: error: 'nand.channels' has no value '3'"
    cat > "$T/bad.yaml" <<'END'
config: tiny.yaml
workloads: {twice: {trace: traces/mke2fs, speed: 2, speed: 3}}
axes: {nand.channels: [2, 4]}
pareto: [iops]
END
    sqtail sweep "$T/bad.yaml" -o "$OUT"
    [ "$status" -eq 2 ] || show
    tells "bad.yaml:2:53: error: 'speed' is given twice" "bad.yaml:4:9: error: pareto wants two metrics"
}

# The what-ifs are run by tests/readme.sh, which compares what comes with what the page shows.
@test "the page's commands are as they should be" {
    mkdir "$T/bin" "$T/work"
    ln -s "$(realpath "$SQTAIL")" "$T/bin/sqtail"
    awk '/^```/ { inside = $0 == "```sh"; blocks += inside; next } inside && blocks > 1' doc/sweep.md > "$T/commands"
    [ "$(grep -c '^sqtail' "$T/commands")" -eq 9 ]
    export SQTAIL_CONFIGS=$PWD/configs PATH="$T/bin:$PATH"
    cd "$T/work"
    run sh -e "$T/commands"
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ "$(grep -c ' there ' <<< "$output")" -eq 8 ] && [ "$(grep -c ' missing ' <<< "$output")" -eq 4 ]
    jq -e '.complete and (.points | length) == 12' channels/sweep.json
    jq -e '.saturation_iops > 0' load/curve.json
    jq -e '.until == "steady" and (.points | length) == 3' steady/curve.json
}

# A Slurm of one node, this machine, whose files and processes are the test's own.
start_slurm()
{
    local host port=$((20000 + $$ % 20000)) program
    PATH=$PATH:/usr/sbin:/sbin
    for program in sbatch slurmctld slurmd; do need $program; done
    host=$(hostname -s)
    export SLURM_CONF=$T/slurm/slurm.conf
    mkdir -p "$T/slurm/spool" "$T/slurm/state"
    cat > "$SLURM_CONF" <<END
ClusterName=one
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmdPort=$((port + 1))
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/none
CredType=cred/none
ProctrackType=proctrack/pgid
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
StateSaveLocation=$T/slurm/state
SlurmdSpoolDir=$T/slurm/spool
SlurmctldPidFile=$T/slurm/slurmctld.pid
SlurmdPidFile=$T/slurm/slurmd.pid
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
END
    slurmctld -D > "$T/slurm/controller" 2>&1 3>&- &
    slurmd -D > "$T/slurm/node" 2>&1 3>&- &
    for _ in $(seq 40); do
        [ "$(sinfo -h -o %t 2> /dev/null)" != idle ] || return 0
        sleep 0.25
    done
    skip "Slurm does not start here: $(tail -1 "$T/slurm/controller")"
}

@test "the job array runs on a Slurm, and the table is that of -j 2" {
    start_slurm
    local what=(sweep tiny.yaml --vary nand.channels=2,4 --vary job.iodepth=1,8 --job 'rw=randread number_ios=500'
        --no-plots)
    succeeds "${what[@]}" -o "$T/array" --emit slurm
    echo "$output" > "$T/job.sh"
    timeout 100 sbatch --wait "$T/job.sh"
    succeeds "${what[@]}" -o "$T/array"
    tells "4 of 4 points are there, 0 of them made now"
    succeeds "${what[@]}" -o "$T/here" -j 2 -q
    same_results "$T/here" "$T/array"
}
