#!/usr/bin/env bats
# sqtail pts: the tests of the SNIA's Performance Test Specification on a drive of 512 MiB, and how their results look.
load lib

SMALL=(tiny.yaml --set nand.blocks_per_plane=32 --set ftl.capacity=512MiB)
SHORT=(--minute 5ms)

@test "a test of each kind comes to its end and writes what its report has" {
    local test short
    for test in wsat iops throughput throughput-128k latency; do
        short=("${SHORT[@]}")
        [ $test != wsat ] || short=() # which has no more rounds than a day has minutes
        succeeds pts $test "${SMALL[@]}" "${short[@]}" --no-plots -o "$T/$test"
        shows "SNIA PTS" "rounds " "tracked " "R/W"
        jq -e --arg test $test '.schema == "sqtail.pts/1" and .complete and .test == $test
            and .window.last_round - .window.first_round == 4 and (.rounds | length) == .window.last_round
            and (.window.steady or .window.last_round == 25 or $test == "wsat")' "$T/$test/pts.json"
        [ "$(wc -l < "$T/$test/rounds.csv")" -eq \
            "$(jq '1 + (.rounds | length) * (.table | length)' "$T/$test/pts.json")" ]
        [ "$(wc -l < "$T/$test/table.csv")" -eq "$(jq '1 + (.table | length)' "$T/$test/pts.json")" ]
        for plot in convergence window table; do
            [ -s "$T/$test/plots/$plot.gp" ]
        done
    done
    jq -e '.minute_s == 0.005 and (.table | length) == 56 and ([.table[] | select(.read_percent == 0 and .block_bytes == 4096).iops][0]
        - .window.average | fabs) < 1e-6' "$T/iops/pts.json"
    jq -e '.minute_s == .capacity_bytes * 60 / 1e12 and (.rounds | last | .capacities_written) >= 4 and .rounds[0].write_amplification == 1
        and (.rounds | last | .write_amplification) > 2' "$T/wsat/pts.json"
    [ -s "$T/wsat/plots/saturation.gp" ]
    # At one request at a time what is done a second is one over the mean latency.
    jq -e '(.response_times | .block_bytes == 4096 and .read_percent == 0 and (.iops * .mean_us / 1e6 - 1 | fabs) < 1e-9)
        and all(.table[]; .mean_us <= .max_us)' "$T/latency/pts.json"
    [ -s "$T/latency/response-times.hgrm" ]
    PYTHON=$(command -v python3)
    "$PYTHON" -c 'import jsonschema' 2> /dev/null || PYTHON=/usr/bin/python3
    "$PYTHON" -c 'import jsonschema' 2> /dev/null || skip "python3-jsonschema is not installed"
    "$PYTHON" -c 'import json, sys, jsonschema
for name in sys.argv[2:]: jsonschema.validate(json.load(open(name)), json.load(open(sys.argv[1])))' \
        doc/schema/pts.json "$T"/*/pts.json
}

@test "the same test is the same again, by either kernel, and takes the place of the one before" {
    succeeds pts throughput "${SMALL[@]}" "${SHORT[@]}" -q --no-plots -o "$OUT"
    for command in compare\ "$OUT" plot report; do
        sqtail $command "$OUT"
        [ "$status" -eq 2 ] && [[ $stderr == *"$OUT: error: holds a test of sqtail pts"* ]] || show
    done
    cp -r "$OUT" "$T/first"
    succeeds pts throughput "${SMALL[@]}" "${SHORT[@]}" -q --no-plots --kernel native -o "$OUT"
    same_results "$T/first" "$OUT"
    [ -z "$stderr" ] || show
}

# The computed state has a few more superblocks free, which the first rounds have the use of.
@test "computed preconditioning measures nearly what played preconditioning does" {
    succeeds pts throughput "${SMALL[@]}" -q --no-plots --minute 20ms -o "$T/played"
    succeeds pts throughput "${SMALL[@]}" -q --no-plots --minute 20ms -p computed -o "$T/computed"
    jq -en --slurpfile a "$T/played/pts.json" --slurpfile b "$T/computed/pts.json" \
        '$a[0].window.average / $b[0].window.average - 1 | fabs < 0.08'
}

@test "pts says what is wrong, and does not begin" {
    refuses "there is no test 'iop'" pts iop tiny.yaml -o "$OUT"
    refuses "--rounds wants 5" pts iops tiny.yaml --rounds 4 -o "$OUT"
    refuses "--minute: error: wants a time" pts iops tiny.yaml --minute soon -o "$OUT"
    refuses "nothing goes before it" pts wsat tiny.yaml -p computed -o "$OUT"
    refuses "the test says what the drive begins with" pts iops tiny.yaml --set ftl.precondition=random -o "$OUT"
    refuses "--active-range wants 1 to 100" pts iops tiny.yaml --active-range 101 -o "$OUT"
    refuses "sqtail pts:1" pts throughput tiny.yaml --set nand.blocks_per_plane=32 --set ftl.capacity=64MiB \
        --active-range 1 -o "$OUT"
    refuses "--iodepth is too large" pts iops tiny.yaml --iodepth 70000 -o "$OUT"
    succeeds run tiny.yaml --job "$JOB" -q --no-plots -o "$T/run"
    sqtail pts wsat tiny.yaml --minute 5ms -o "$T/run"
    [ "$status" -eq 2 ] && tells "holds the result of a run"
}

@test "doc/pts.md: its commands run, and are steady" {
    local program page=$PWD/doc/pts.md
    program=$(realpath "$SQTAIL")
    awk '/^```/ { inside = $0 == "```sh"; next } inside' "$page" | sed "s|^sqtail \(.*\)|$program \1 --no-plots -q|" > "$T/commands"
    [ "$(wc -l < "$T/commands")" -eq 4 ]
    export SQTAIL_CONFIGS=$PWD/configs
    mkdir "$T/work"
    (cd "$T/work" && sh -e "$T/commands")
    jq -e '.window.steady' "$T"/work/*/pts.json
}
