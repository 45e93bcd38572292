#!/usr/bin/env bats
# Timelines as users ask for them: files that their tools open, and what is wrong with what was asked.
load lib

LOAD='rw=randrw bs=4k iodepth=16 number_ios=2000'
USED='ftl.precondition=random'

# left: what is left beside the files asked for.
left()
{
    find "$T" -name '*.new'
}

@test "a timeline changes no result, and is the same from both kernels" {
    "$SQTAIL" run --help | grep -q 'systemc|native' || skip "built without SystemC"
    succeeds run tiny.yaml --job "$LOAD" --set $USED -q -o "$T/plain" --no-plots
    for kernel in systemc native; do
        succeeds run tiny.yaml --job "$LOAD" --set $USED -q -o "$T/$kernel" --no-plots --kernel $kernel \
            --timeline "$T/$kernel.json" --timeline "$T/$kernel.vcd"
        same_results "$T/plain" "$T/$kernel"
    done
    cmp "$T/systemc.json" "$T/native.json"
    cmp "$T/systemc.vcd" "$T/native.vcd"
    [ -z "$(left)" ]
}

@test "trace events are read by two parsers, with all commands and the utilisation of the result" {
    succeeds run tiny.yaml --job "rw=randread bs=4k iodepth=16 number_ios=2000" --set $USED -q -o "$OUT" --no-plots \
        --timeline "$T/all.json"
    jq -e '[.[] | select(.ph == "b" and .cat == "command")] | length == 2000' "$T/all.json"
    # Reads end with the last completion, so that all of the dies' time is within the run.
    python3 - "$T/all.json" "$OUT/summary.json" << 'END'
import collections, json, sys
events, result = (json.load(open(path)) for path in sys.argv[1:])
die = next(e["pid"] for e in events if e["ph"] == "M" and e["args"].get("name") == "die")
holds = [e for e in events if e["ph"] == "X" and e["pid"] == die and "block" in e["args"]]
busy = collections.Counter()
for e in holds:
    busy[e["tid"]] += e["args"]["ps"][1] - e["args"]["ps"][0]
commands = [e for e in events if e["ph"] == "b" and e["cat"] == "command"]
end = max(e["args"]["ps"][1] for e in commands)
told = result["utilization"]["die"]
assert abs(sum(busy.values()) / len(busy) / (result["sim"]["time_s"] * 1e12) - told) < 1e-6 * told
assert all(sum(e["args"]["stages_ps"].values()) == e["args"]["ps"][1] - e["args"]["ps"][0] for e in commands)
# As a viewer takes them, in whole nanoseconds: what lies in another slice of its track ends with it.
tracks = collections.defaultdict(list)
for e in events:
    if e["ph"] == "X":
        begin = round(e["ts"] * 1000)
        tracks[e["pid"], e["tid"]].append((begin, -(begin + round(e["dur"] * 1000))))
for slices in tracks.values():
    ends = []
    for begin, end in sorted(slices):
        while ends and ends[-1] <= begin:
            ends.pop()
        assert not ends or -end <= ends[-1]
        ends.append(-end)
END
}

@test "GTKWave's converter takes a value change dump, of a window and of several" {
    need vcd2fst
    succeeds run tiny.yaml --job "$LOAD" --set $USED -q --timeline "$T/w.vcd" --window 1ms-3ms
    vcd2fst "$T/w.vcd" "$T/w.fst"
    [ -s "$T/w.fst" ]
    [ "$(grep '^#' "$T/w.vcd" | head -n 1)" = '#1000000000' ]
    [ "$(grep '^#' "$T/w.vcd" | tail -n 1)" = '#3000000000' ]
    succeeds run tiny.yaml --job "$LOAD" --set $USED -q --timeline "$T/s.vcd" --around-slowest 3
    vcd2fst "$T/s.vcd" "$T/s.fst"
    [ "$(grep -c '^$dumpoff' "$T/s.vcd")" -ge 1 ]
}

@test "around the slowest commands there are these, and the result is that of the load" {
    succeeds run tiny.yaml --job "$LOAD" --set $USED -q -o "$T/plain" --no-plots --timeline "$T/all.json"
    succeeds run tiny.yaml --job "$LOAD" --set $USED -q -o "$OUT" --no-plots --timeline "$T/s.json" --around-slowest 4
    same_results "$T/plain" "$OUT"
    jq -c '[.[] | select(.ph == "b" and .cat == "command") | .args | {command, took: (.ps[1] - .ps[0])}]
        | sort_by(-.took) | .[:4] | map(.took)' "$T/all.json" > "$T/all.slowest"
    jq -c '[.[] | select(.ph == "b" and .cat == "command") | .args | {command, took: (.ps[1] - .ps[0])}]
        | sort_by(-.took) | .[:4] | map(.took)' "$T/s.json" > "$T/s.slowest"
    cmp "$T/all.slowest" "$T/s.slowest"
    [ "$(wc -c < "$T/s.json")" -lt "$(wc -c < "$T/all.json")" ]
    [ -z "$(left)" ]
}

@test "the page on timelines: its commands do what it says" {
    need vcd2fst
    awk '/^```sh$/ { inside = 1; next } /^```$/ { inside = 0 } inside && !/^gtkwave/' doc/timeline.md > "$T/page.sh"
    [ "$(grep -c '^sqtail run' "$T/page.sh")" -eq 2 ]
    ln -s "$SQTAIL" "$T/sqtail"
    (export SQTAIL_CONFIGS=$PWD/configs && cd "$T" && PATH=$T:$PATH bash -e page.sh > told)
    grep -q '^host read [0-9.]*$' "$T/told"
    [ -s "$T/slow.fst" ]
}

@test "what cannot be shown is refused before anything is run" {
    refuses "ends before it begins" run tiny.yaml --job "$LOAD" --timeline "$T/a.json" --window 3ms-2ms -o "$OUT"
    refuses "ends before it begins" run tiny.yaml --job "$LOAD" --timeline "$T/a.json" --window 3ms-3ms -o "$OUT"
    refuses "wants two times" run tiny.yaml --job "$LOAD" --timeline "$T/a.json" --window 3ms -o "$OUT"
    refuses "--window: error" run tiny.yaml --job "$LOAD" --timeline "$T/a.json" --window 3-5 -o "$OUT"
    refuses ".json (Perfetto) and .vcd (GTKWave)" run tiny.yaml --job "$LOAD" --timeline "$T/a.fst" -o "$OUT"
    refuses "give --timeline" run tiny.yaml --job "$LOAD" --window 1ms-2ms -o "$OUT"
    refuses "not both" run tiny.yaml --job "$LOAD" --timeline "$T/a.json" --window 1ms-2ms --around-slowest 2 -o "$OUT"
    refuses "at most 10000" run tiny.yaml --job "$LOAD" --timeline "$T/a.json" --around-slowest 10001 -o "$OUT"
    refuses "standard input" run tiny.yaml --trace - --timeline "$T/a.json" --around-slowest 2 -o "$OUT"
    refuses "cannot be written" run tiny.yaml --job "$LOAD" --timeline "$T/nowhere/a.json" -o "$OUT"
    [ ! -e "$T/a.json" ]
    [ -z "$(left)" ]
}

@test "a window in which nothing happened is told, and its file is still one" {
    succeeds run tiny.yaml --job "$LOAD" --set $USED -q --timeline "$T/a.json" --timeline "$T/a.vcd" --window 10s-11s
    tells "nothing happened in the window: the run ended at"
    jq -e 'all(.[]; .ph == "M")' "$T/a.json"
    grep -q 'enddefinitions' "$T/a.vcd"
}

@test "a run that was stopped leaves a whole file, and says where it ends" {
    in_background "$SQTAIL" run tiny.yaml --job "rw=randread bs=4k runtime=3600s time_based" --set $USED -q \
        --timeline "$T/a.json" --window 1ms-2ms 2> "$T/told"
    for _ in $(seq 600); do
        [ ! -s "$T/a.json.new" ] || break
        sleep 0.05
    done
    kill -INT "$pid"
    status=0
    wait "$pid" || status=$?
    [ "$status" -eq 130 ]
    grep -q 'ends where the run was stopped' "$T/told"
    jq -e 'length > 100' "$T/a.json"
    [ -z "$(left)" ]
}
