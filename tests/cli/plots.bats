#!/usr/bin/env bats
# Plots of results, from end to end.
load lib

setup_file()
{
    results_of_a_change
}

@test "a result's plots are drawn again, as the run has drawn them" {
    cp -r "$R/base" "$OUT"
    mv "$OUT/plots" "$T/before"
    succeeds plot "$OUT" --no-plots
    diff -r "$T/before" "$OUT/plots"
    [[ $output == *"$OUT/plots/latency_ccdf.gp"* && $output == *"$OUT/plots/stages.gp"* ]]
}

@test "several results are shown over each other, and told apart by what was changed" {
    succeeds plot "$R/base" "$R/new" --kind ccdf --kind stages --no-plots -o "$OUT"
    [ "$output" = "$OUT/latency_ccdf.gp
$OUT/stages.gp" ]
    grep -q '^# base read: x, y' "$OUT/latency_ccdf.dat"
    grep -q '^# new (nand.t_r=+30%) write: x, y' "$OUT/latency_ccdf.dat"
    grep -q "'read, base' 4, 'read, new' 3, 'write, base' 2, 'write, new' 1" "$OUT/stages.gp"
    mean=$(jq '.commands.read.latency_us.mean' "$R/new/summary.json")
    awk -v mean="$mean" '/^#/ { last = /^# other/ } last && NF == 4 && $2 < 3 && $2 > 2 { end = $3 }
        END { exit !(end - mean < 1e-3 && mean - end < 1e-3) }' "$OUT/stages.dat" # the row of new's reads ends there
    succeeds plot "$R/curve" "$R/curve" --no-plots -o "$OUT"
    [ -s "$OUT/curve.gp" ] && [ -s "$OUT/curve_load.gp" ]
}

@test "a curve of reads and writes shows each by itself, with its stages, and how busy the drive was" {
    succeeds curve tiny.yaml --job 'rw=randrw bs=4k number_ios=300' --iodepth 1,8 -q --no-plots -o "$OUT"
    python3 - "$OUT" << 'END'
import json, re, sys
points = json.load(open(sys.argv[1] + "/curve.json"))["points"]
def blocks(name): # [(title, rows)]
    text = open(f"{sys.argv[1]}/plots/{name}.dat").read()
    return [(b.split(": x, ")[0], [list(map(float, l.split())) for l in b.splitlines()[1:] if l]) for b in text.split("# ")[1:]]
def near(rows, wanted):
    assert len(rows) == len(wanted) and all(abs(a - b) <= 1e-6 * abs(b) for r, w in zip(rows, wanted) for a, b in zip(r, w)), (rows, wanted)
LINES = ["mean", "p50", "p99", "p99.9"]
kinds = [[p["commands"][k] for p in points] for k in ("read", "write")]
shown = blocks("curve")
assert [title for title, _ in shown] == 2 * LINES
for at, (title, rows) in enumerate(shown):
    near(rows, [(f["iops"], f["latency_us"][title]) for f in kinds[at // 4]])
load = blocks("curve_load")
assert [title for title, _ in load] == ["read", "write"] + 2 * LINES
near(load[1][1], [(p["iodepth"], f["iops"]) for p, f in zip(points, kinds[1])])
near(load[6][1], [(p["iodepth"], f["latency_us"]["mean"]) for p, f in zip(points, kinds[1])])
drive = dict(blocks("curve_drive"))
assert "busiest die" not in drive and "die max" not in drive
near(drive["die"], [(p["iodepth"], 100 * p["utilization"]["die"]) for p in points])
near(drive["link to host"], [(p["iodepth"], 100 * p["utilization"]["link_to_host"]) for p in points])
near(drive["write amplification"], [(p["iodepth"], p["ftl"]["write_amplification"]) for p in points])
script = open(sys.argv[1] + "/plots/curve_stages.gp").read()
assert "set ytics scale 0 ('read 1' 4, 'read 8' 3, 'write 1' 2, 'write 8' 1)" in script
def end_of(rows_of, row):
    return max(r[2] for title, rows in rows_of for r in rows if r[1] < row < r[3])
times = [b for b in blocks("curve_stages") if b[0] != "(not in the legend)"]
for row, figures in zip((4, 3, 2, 1), kinds[0] + kinds[1]):
    assert abs(end_of(times, row) - figures["latency_us"]["mean"]) < 1e-5 * figures["latency_us"]["mean"]
END
    succeeds plot "$OUT" --kind stages --no-plots
    [ "$output" = "$OUT/plots/curve_stages.gp" ]
}

@test "pictures are SVG, PNG or PDF" {
    gnuplot --version > /dev/null || skip "gnuplot is not installed"
    for format in svg png pdf; do
        succeeds plot "$R/base" --kind percentiles --format $format -o "$OUT"
        [ "$output" = "$OUT/latency_percentiles.$format" ] && [ -z "$stderr" ]
    done
    grep -q '</svg>' "$OUT/latency_percentiles.svg"
    [ "$(head -c 4 "$OUT/latency_percentiles.png" | tail -c 3)" = PNG ]
    [ "$(head -c 4 "$OUT/latency_percentiles.pdf")" = %PDF ]
}

@test "what cannot be shown is told" {
    sqtail plot "$R/base" --kind ccfd
    [ "$status" -eq 2 ] || show
    tells "there is no plot of kind 'ccfd'; did you mean 'ccdf'?"
    sqtail plot "$R/base" "$R/new"
    [ "$status" -eq 2 ] || show
    tells "plots of several results need a folder of their own: --output DIR"
    sqtail plot "$R/base" "$R/curve" -o "$OUT"
    [ "$status" -eq 2 ] || show
    tells "is a run, '$R/curve' is a curve: they cannot be shown over each other"
    sqtail plot "$R/base" --kind curve -o "$OUT"
    [ "$status" -eq 2 ] || show
    tells "there is nothing to show"
    sqtail plot "$T" -o "$OUT"
    [ "$status" -eq 2 ] || show
    tells "is no result folder"
    succeeds list plot
    shows "ccdf" "stages" "curve"
}

@test "a recording is drawn: where its requests went, and what they took" {
    succeeds trace plot "$RECORDING" --no-plots -o "$OUT"
    [ "$output" = "$OUT/recording.gp
$OUT/profile.gp" ]
    requests=$("$SQTAIL" trace info "$RECORDING" | awk '$1 == "read" { print $2 }')
    grep -q '^# read: the darker the more, up to [0-9]* in a cell: x, y, to x, to y, colour' "$OUT/recording.dat"
    # The rate over time adds up to the requests: a hundred bins of the recording's time.
    awk -v reads="$(succeeds trace convert "$RECORDING"; echo "$output" | grep -c ',read,')" '
        /^#/ { block++ } /^# read: x, y$/ { lines++ } lines == 2 && NF == 2 && !/^#/ { sum += $2; last = $1 }
        /^# write: x, y$/ && lines == 2 { lines = 9 }
        END { width = last / 99.5; exit !(sum * width > reads - 0.5 && sum * width < reads + 0.5 && reads > 0) }' "$OUT/recording.dat"
    sqtail trace info "$RECORDING" --picture png
    [ "$status" -eq 2 ] || show
    tells "--picture is no option of trace info, but of trace plot"
}

@test "a stage has one colour, and each of its causes one, whatever shows it; no two are alike" {
    succeeds run tiny.yaml --job 'rw=randrw bs=4k iodepth=16 number_ios=4000 fsync=8' --set ftl.precondition=random -q --no-plots \
        -o "$OUT"
    succeeds plot "$OUT" --kind tail --kind stages --no-plots
    succeeds report "$OUT" -o "$T/page.html"
    python3 - "$OUT/plots" "$T/page.html" << 'END'
import re, sys
folder, page = sys.argv[1], open(sys.argv[2]).read()
def parts(name): # of a plot: {part: colour}
    names = re.findall(r"^# (.*): x, y, to x, to y$", open(f"{folder}/{name}.dat").read(), re.M)
    colours = re.findall(r"boxxyerror.*linecolor '(#[0-9a-f]+)'", open(f"{folder}/{name}.gp").read())
    assert len(names) == len(colours), (names, colours)
    return {n: c for n, c in zip(names, colours) if n != "(not in the legend)"}
stages, tail = parts("stages"), parts("tail")
everything = stages | tail
assert all(tail[name] == stages[name] for name in stages if name in tail)
assert len(stages) > 5 and len(everything) > 9 and len(set(everything.values())) == len(everything), everything
light = dict(re.findall(r"--c(\d+):(#[0-9a-f]+);", page.split("prefers-color-scheme")[0]))
def mixed(number, other, percent):
    whole = int(light[number][1:], 16)
    return "#" + "".join("%02x" % int(other - (1 - percent / 100) * (other - (whole >> s & 255)) + 0.5) for s in (16, 8, 0))
shown = re.findall(r'fill:(var\(--c(\d+)\)|color-mix\(in srgb,var\(--c(\d+)\),#(fff|000) (\d+)%\))" d="[^"]*"><title>([^<]*)<', page)
assert len({name for *_, name in shown}) == len(everything), shown
for _, plain, base, other, percent, name in shown:
    colour = light[plain] if plain else mixed(base, 255 if other == "fff" else 0, int(percent))
    assert colour == everything[name], (name, colour, everything[name])
END
}

@test "trims have a rate and no panel of bandwidth" {
    succeeds run tiny.yaml --job 'rw=randtrim bs=64k number_ios=100' -q --no-plots -o "$OUT"
    [ "$(grep -c '^set ylabel' "$OUT/plots/throughput_time.gp")" -eq 1 ]
    grep -q "^set ylabel 'IOPS'" "$OUT/plots/throughput_time.gp"
}

@test "where a run's requests went is drawn: each of them once, by time and offset, as the log of commands has it" {
    succeeds run tiny.yaml --job 'rw=randrw bs=4k size=1g offset=1g iodepth=8 number_ios=5000 random_distribution=zipf:1.2' -q --no-plots --log "$T/log.csv" \
        -o "$OUT"
    succeeds plot "$OUT" --kind offsets --no-plots
    [ "$output" = "$OUT/plots/offsets.gp" ]
    python3 - "$OUT" "$T/log.csv" << 'END'
import csv, math, re, sys
log = list(csv.DictReader(open(sys.argv[2])))
rows = list(csv.DictReader(open(sys.argv[1] + "/offsets.csv")))
ends, start = [], 0
for row in rows:
    start = 2 * float(row["time_s"]) - start
    ends.append(start)
for kind in ("read", "write"):
    there = {}
    for command in log:
        if command["kind"] == kind:
            bin = next((i for i, end in enumerate(ends) if float(command["time_us"]) / 1e6 < end), len(ends) - 1)
            there[bin, int(command["offset"])] = there.get((bin, int(command["offset"])), 0) + 1
    parts = [(name, *map(int, re.fullmatch(kind + "@([0-9]+)-([0-9]+)", name).groups())) for name in rows[0] if name.startswith(kind + "@")]
    assert 32 < len(parts) <= 64 and all(a[2] == b[1] for a, b in zip(parts, parts[1:])), parts
    assert parts[0][1] >= 1 << 30 and parts[-1][2] <= 2 << 30
    for bin, row in enumerate(rows):
        for name, lo, hi in parts:
            assert int(row[name]) == sum(n for (b, o), n in there.items() if b == bin and lo <= o < hi), (bin, name)
# Cells are drawn where something began, and nowhere else, each as dark as it has more, on a logarithmic scale from 5 of
# 20 levels on.
most = max(int(row[name]) for row in rows for name in row if name != "time_s")
assert most > 4
blocks = open(sys.argv[1] + "/plots/offsets.dat").read().split("# ")[1:]
assert [b.split(":")[0] for b in blocks] == ["read", "write"]
for kind, block in zip(("read", "write"), blocks):
    cells = {} # by their lower end, in MiB
    for line in filter(None, block.splitlines()[1:]):
        x, y, x2, y2, _, value = line.split()
        cells.setdefault(round(float(y) * 1e9 / 2**20), []).append((float(x), float(x2), float(value)))
    for bin, row in enumerate(rows):
        x = float(row["time_s"])
        for name in row:
            if name.startswith(kind + "@"):
                lo, hi = map(int, name.split("@")[1].split("-"))
                drawn = [value for begin, end, value in cells.get(round(lo / 2**20), []) if begin < x < end]
                count = int(row[name])
                assert len(drawn) == (count > 0), (name, x)
                if count:
                    level = 20 * drawn[0]
                    assert abs(level - math.ceil(5 + 15 * math.log(count) / math.log(most) - 1e-9)) < 1e-3, (count, drawn, most, name, x)
END
    sqtail plot "$R/curve" --kind offsets -o "$T/none"
    [ "$status" -eq 2 ] || show
    tells "there is nothing to show"
}

@test "the plot of the tail has what commands waited for, each class as long as it took, each part in its own colour" {
    succeeds run tiny.yaml --job 'rw=randrw bs=4k iodepth=16 number_ios=4000' --set ftl.precondition=random -q --no-plots \
        -o "$OUT"
    succeeds plot "$OUT" --kind tail --no-plots
    data=$OUT/plots/tail.dat
    grep -q '^# die_wait: host_read: x' "$data" && grep -q '^# die_wait: gc_write: x' "$data"
    # The first class is the uppermost row; its parts end where its mean is.
    mean=$(jq '.tail.read[0].mean_us' "$OUT/summary.json")
    rows=$(jq '[.tail[][] | select(.count > 0)] | length' "$OUT/summary.json")
    awk -v row="$rows" -v mean="$mean" '/not in the legend/ { exit } NF == 4 && $2 < row && $4 > row && $3 > end { end = $3 }
        END { exit !(end - mean < 1e-3 && mean - end < 1e-3) }' "$data"
    colours=$(grep -o "boxxyerror.*linecolor '[^']*'" "$OUT/plots/tail.gp" | grep -o "#[0-9a-f]*")
    parts=$(grep -c '^# .*: x, y, to x, to y$' "$data")
    [ "$(LC_ALL=C sort -u <<< "$colours" | wc -l)" -eq $((parts / 2)) ] # in two panels
}
