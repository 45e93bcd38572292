#!/usr/bin/env bats
# Reports as pages, and the completion of command lines.
load lib

setup_file()
{
    results_of_a_change
}

# Whether a page is one whole thing: every element is closed, and nothing is loaded.
is_whole()
{
    sed 's/<!DOCTYPE html>//; s/<meta [^>]*>//g; s/&/+/g' "$1" > "$T/page.xml"
    python3 -c 'import sys, xml.etree.ElementTree as tree; tree.parse(sys.argv[1])' "$T/page.xml"
    ! grep -qE 'src=|href=|@import|url\(' "$1"
}

@test "a report is one page, with the figures of the result, its plots and how to reproduce it" {
    need python3
    succeeds report "$R/base" -o "$T/report.html"
    [ -z "$output" ]
    is_whole "$T/report.html"
    page=$(cat "$T/report.html")
    iops=$(jq -r '.commands.read.count' "$R/base/summary.json")
    [[ $page == *"<th>read</th><td>$iops</td>"* ]]
    for words in 'Latency distribution' 'Where the time went' 'How busy each die and channel was' \
            'prefers-color-scheme:dark' '@media print' 'sqtail run tiny.yaml --job' "$(jq -r .config_id "$R/base/summary.json")"; do
        [[ $page == *"$words"* ]] || { echo "no $words"; return 1; }
    done
    [ "$(grep -c '<svg' "$T/report.html")" -ge 8 ]
    succeeds report "$R/base"
    diff <(echo "$output") "$T/report.html"
}

@test "a report of several shows them side by side, and what differs" {
    need python3
    succeeds report "$R/base" "$R/new" -o "$T/report.html"
    is_whole "$T/report.html"
    page=$(cat "$T/report.html")
    [[ $page == *"2 results side by side"* && $page == *"new (nand.t_r=+30%)"* ]]
    [[ $page == *'<tr class="differs"><th>nand.t_r</th>'* ]]
    [[ $page != *'<tr class="differs"><th>nand.t_prog</th>'* ]]
    succeeds report "$R/curve" -o "$T/curve.html"
    is_whole "$T/curve.html"
    grep -q 'Latency against throughput' "$T/curve.html"
    sqtail report "$R/base" "$R/curve"
    [ "$status" -eq 2 ] || show
    tells "cannot be shown over each other"
}

@test "a report names what is hostile in a job as text" {
    need python3
    cp -r "$R/base" "$T/odd"
    jq '.source.job = "</title><script>alert(1)</script> & \"x\"" | .drive = "<b>"' "$R/base/summary.json" > "$T/odd/summary.json"
    succeeds report "$T/odd" -o "$T/report.html"
    is_whole "$T/report.html"
    ! grep -q '<script' "$T/report.html"
}

@test "the slowest commands have a row each, with what they waited for, below as many headings as cells" {
    succeeds run tiny.yaml --job 'rw=randrw rwmixread=99 bs=4k iodepth=4 number_ios=3000' -s ftl.precondition=random -q --no-plots \
        -o "$OUT"
    succeeds report "$OUT" -o "$T/page.html"
    python3 - "$T/page.html" "$OUT/slowest.csv" << 'END'
import csv, re, sys
page, rows = open(sys.argv[1]).read(), list(csv.DictReader(open(sys.argv[2])))
table = page.split("<h2>Slowest commands</h2>")[1].split("</table>")[0]
heads, *lines = table.split("<tr>")[1:]
heads = re.findall(r"<th[^>]*>([^<]*)</th>", heads)
lines = [re.findall(r"<td[^>]*>([^<]*)</td>", line) for line in lines]
assert len(lines) == 20 and all(len(line) == len(heads) for line in lines), (heads, lines[0])
for line, row in zip(lines, rows):
    cell = dict(zip(heads, line))
    assert cell["number"] == row["number"] and cell["kind"] == row["kind"] and cell["offset"] == row["offset"]
    told = cell["where most of it went, behind what"].split(", ")
    stages = {n[:-3]: float(v) for n, v in row.items() if n.endswith("_us") and ":" not in n and n not in ("time_us", "latency_us")}
    order = sorted(stages, key=stages.get, reverse=True)[:3]
    assert [t.split(" ")[0] for t in told] == order, (told, order)
    cause = re.search(r"\((.*)\)", told[0])
    if cause:
        assert float(row[f"{order[0]}:{cause[1]}_us"]) >= stages[order[0]] / 2
assert any("(erase)" in line[-1] for line in lines)
END
}

# completes LINE...: what bash offers for the last word, sorted.
completes()
{
    SQTAIL=$SQTAIL bash -c '
        PATH=$(dirname "$SQTAIL"):$PATH
        compopt() { :; }
        eval "$(sqtail completion bash)"
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _sqtail
        printf "%s\n" "${COMPREPLY[@]}" | LC_ALL=C sort' bash "$@"
}

@test "bash completes commands, options, choices, keys, configurations and files" {
    [ "$(completes sqtail cu)" = curve ]
    [ "$(completes sqtail run --kern)" = --kernel ]
    completes sqtail run --kernel '' | grep -qx native
    [ "$(completes sqtail plot x --format p)" = 'pdf
png' ]
    [ "$(completes sqtail run tiny.yaml --set nand.t_pr)" = 'nand.t_prog=
nand.t_prog_spread=' ]
    completes sqtail check ti | grep -qx tiny.yaml
    completes sqtail trace in | grep -qx info
    [ "$(completes sqtail run tiny.yaml --trace traces/mke)" = traces/mke2fs ]
    # Every command and every option of each.
    for command in $(completes sqtail '' | grep -v '^-') $(completes sqtail trace '' | sed '/[^a-z]/d; s/^/trace:/'); do
        [ "$command" = help ] || [ -e "${command#*:}" ] && continue
        diff <(completes sqtail ${command/:/ } --) \
            <("$SQTAIL" ${command/:/ } --help | grep -oE '^ {2,6}(-., )?--[a-z-]+' | grep -oE -- '--.*' | LC_ALL=C sort) || return 1
    done
}

# zsh_makes LINE...: what an interactive zsh makes of each line when TAB is pressed. A '|' ends each.
zsh_makes()
{
    "$SQTAIL" completion zsh > "$T/_sqtail"
    ln -sf "$(realpath "$SQTAIL")" "$T/sqtail"
    PATH=$T:$PATH timeout 60 zsh -f "$BATS_TEST_DIRNAME/complete.zsh" "$T" "$@"
}

@test "zsh completes commands, options in both forms, choices, keys, kinds, configurations and files" {
    command -v zsh > /dev/null || skip "zsh is not installed"
    zsh -n <("$SQTAIL" completion zsh)
    diff - <(zsh_makes 'sqtail pl' 'sqtail run --expl' 'sqtail run tiny.yaml --kernel na' 'sqtail run tiny.yaml --kernel=na' \
        'sqtail run tiny.yaml --set nand.t_pro' 'sqtail run tiny.yaml --set nand.t_prog_' 'sqtail run tiny.yaml -s nand.t_prog_' \
        'sqtail plot x -k cc' 'sqtail run sand' 'sqtail help cur' 'sqtail trace in' 'sqtail run tiny.yaml --trace traces/mke' \
        'sqtail run tiny.yaml -o x --outp' 'sqtail run tiny.yaml --set seed=1 --se') << 'END'
sqtail plot |
sqtail run --explain-slowest=|
sqtail run tiny.yaml --kernel native |
sqtail run tiny.yaml --kernel=native |
sqtail run tiny.yaml --set nand.t_prog|
sqtail run tiny.yaml --set nand.t_prog_spread=|
sqtail run tiny.yaml -s nand.t_prog_spread=|
sqtail plot x -k ccdf |
sqtail run sandforce-sf3700.yaml |
sqtail help curve |
sqtail trace info |
sqtail run tiny.yaml --trace traces/mke2fs/|
sqtail run tiny.yaml -o x --outp|
sqtail run tiny.yaml --set seed=1 --se|
END
}

@test "zsh's completion is well formed and knows the same" {
    succeeds completion zsh
    [ "${lines[0]}" = '#compdef sqtail' ]
    shows "'run:" "--kernel=" "nand.t_prog="
    sqtail completion fish
    [ "$status" -eq 2 ] || show
}
