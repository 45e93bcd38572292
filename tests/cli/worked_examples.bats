#!/usr/bin/env bats
# doc/worked-examples.md: its commands run as they stand there, and what it says of their results is so.
load lib

# Once for both tests: in a folder of their own with the recordings beside them. Pictures are not tried here.
setup_file()
{
    cd "$BATS_TEST_DIRNAME/../.." || return 1
    export WORK=$BATS_FILE_TMPDIR/work ROOT=$PWD
    mkdir "$WORK" "$BATS_FILE_TMPDIR/bin"
    ln -s "$(realpath "$SQTAIL")" "$BATS_FILE_TMPDIR/bin/sqtail"
    ln -s "$(type -P true)" "$BATS_FILE_TMPDIR/bin/gnuplot"
    command -v blkparse > /dev/null || ln -s "$(type -P true)" "$BATS_FILE_TMPDIR/bin/blkparse"
    ln -s "$PWD/traces" "$WORK"
    awk '/^```/ { inside = $0 == "```sh"; next } inside' doc/worked-examples.md > "$BATS_FILE_TMPDIR/commands"
    cd "$WORK" || return 1
    PATH="$BATS_FILE_TMPDIR/bin:$PATH" SQTAIL_CONFIGS=$ROOT/configs sh -e ../commands > ../told 2> ../warned ||
        { cat ../warned; return 1; }
}

setup()
{
    cd "$WORK" || return 1
}

# row SWEEP METRIC FILTER: the metric in the row of a sweep's table.
row()
{
    jq "select($3)[\"$2\"]" "$1/table.jsonl"
}

# about X SHOWN: as the page rounds it.
about()
{
    awk -v x="$1" -v shown="$2" 'BEGIN { exit !(x > 0.93 * shown && x < 1.07 * shown) }' || { echo "$1, not $2"; return 1; }
}

@test "dd: its events, its life, and what it meets" {
    local shown=$BATS_TEST_TMPDIR/shown
    awk '/^259,0/' "$ROOT/doc/worked-examples.md" > "$shown"
    [ "$(grep -cFxf "$shown" ../told)" -ge 7 ] # of sqtail trace head, and of blkparse
    if command -v blkparse > /dev/null; then [ "$(grep -cFxf "$shown" ../told)" -eq 14 ]; fi
    awk '/^1\. write of 512/ { inside = 1 } /^```/ { inside = 0 } inside' "$ROOT/doc/worked-examples.md" > "$shown"
    [ "$(wc -l < "$shown")" -eq 6 ] && [ "$(grep -cFxf "$shown" ../told)" -ge 6 ]
    local drive read direct sync
    while read -r drive read direct sync; do
        about "$(row what-dd-meets read.mean ".workload == \"dd\" and .[\"ftl.precondition\"] == \"$drive\"")" "$read"
        about "$(row what-dd-meets write.mean ".workload == \"dd direct\" and .[\"ftl.precondition\"] == \"$drive\"")" \
            "$direct"
        about "$(row what-dd-meets write.mean ".workload == \"dd and sync\" and .[\"ftl.precondition\"] == \"$drive\"")" \
            "$sync"
    done <<< 'random 86 430 355
sequential 66 65 8
empty 8.5 7.0 8.0'
}

@test "mke2fs: the latency of each request, its causes, and what would help" {
    grep -q '^requests  *190 ' ../told
    [ "$(wc -l < each.csv)" -eq 191 ]
    jq -e '.ftl.unmapped_reads == 8 and .commands.trim.count == 5 and .tail.write[-1].waits_us.buffer_wait.programs > 80000
        and .tail.write[-1].stages_us.buffer_wait > 0.99 * .tail.write[-1].mean_us' used/summary.json
    about "$(jq .commands.write.latency_us.mean used/summary.json)" 22000
    about "$(jq .commands.flush.latency_us.max used/summary.json)" 82000
    jq -e '[.commands[].count] | add == 488' queued/summary.json
    jq -e '.block.back_merges == 300 and .block.splits == 2 and .block.issued == 190 and (.commands.write |
        .stages_us.host_submit > 1700 and .stages_us.host_submit < 2100 and .stages_us.buffer_wait > 7400
        and .stages_us.buffer_wait < 8400)' through-the-block-layer/summary.json
    jq -e 'length > 1000' slowest.json
    local channels buffer write flush
    while read -r channels buffer write flush; do
        local at=".[\"nand.channels\"] == \"$channels\" and .[\"ftl.write_buffer\"] == \"$buffer\""
        about "$(row what-if write.mean "$at")" "$write"
        about "$(row what-if flush.max "$at")" "$flush"
    done <<< '2 4MiB 22000 82000
4 4MiB 2700 12000
8 4MiB 750 4700
2 32MiB 150 82000
8 32MiB 150 30000'
    grep -q '^write.mean .*better' ../told
}
