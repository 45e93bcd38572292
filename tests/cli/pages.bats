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
    for command in $(completes sqtail '' | grep -v '^-'); do
        [ "$command" = help ] && continue
        diff <(completes sqtail "$command" --) \
            <("$SQTAIL" "$command" --help | grep -oE '^ {2,6}(-., )?--[a-z-]+' | grep -oE -- '--.*' | LC_ALL=C sort) || return 1
    done
}

@test "zsh's completion is well formed and knows the same" {
    succeeds completion zsh
    [ "${lines[0]}" = '#compdef sqtail' ]
    shows "'run:" "--kernel[" "nand.t_prog="
    if command -v zsh > /dev/null; then echo "$output" > "$T/_sqtail" && zsh -n "$T/_sqtail"; fi
    sqtail completion fish
    [ "$status" -eq 2 ] || show
}
