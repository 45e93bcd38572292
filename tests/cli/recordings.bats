#!/usr/bin/env bats
# Every recording in traces/ replays to the end on every shipped configuration, and what was replayed is what blkparse
# counts. Large drives are left empty here, since filling their maps takes a second each; one of them is filled.
load lib

# The issued requests (D) of a recording by kind, as blkparse tells them: {"read": 1, ...}. Raw commands (N) are not
# replayed; a flush has no sectors.
blkparse_counts()
{
    blkparse -q -i "$1/$(basename "$1")" -f '%a %d %n\n' | awk '
        $1 != "D" || $2 ~ /^N/ { next }
        $2 ~ /^F/ && $3 == 0 { kinds["flush"]++; next }
        $2 ~ /^F?R/ { kinds["read"]++ }
        $2 ~ /^F?W/ { kinds[$2 ~ /^F?WF/ ? "write_fua" : "write"]++ }
        $2 ~ /^F?D/ { kinds["trim"]++ }
        END { for (kind in kinds) printf "%s %d\n", kind, kinds[kind] }' | LC_ALL=C sort
}

requests_by_kind()
{
    jq -r '.source.requests_by_kind | to_entries[] | "\(.key) \(.value)"' "$1" | LC_ALL=C sort
}

commands_by_kind()
{
    jq -r '.commands | to_entries[] | "\(.key) \(.value.count)"' "$1" | LC_ALL=C sort
}

# replays NAME FULL...: on every configuration; the drives named are filled sequentially, the others empty.
replays()
{
    local recording=traces/$1 config drive
    [ -d "$recording" ]
    for config in configs/*.yaml; do
        drive=$(basename "$config" .yaml)
        local precondition=empty
        case $drive in tiny | ideal) precondition=sequential ;; esac
        succeeds run "$config" --trace "$recording" --set ftl.precondition=$precondition -q --no-plots -o "$T/$drive"
        jq -e '.complete and .total.errors == 0' "$T/$drive/summary.json" || { echo "$drive"; return 1; }
        same_counts "$T/$drive/summary.json"
        has_recorded_latencies "$T/$drive/summary.json"
        agrees_with_blkparse "$recording" "$T/$drive/summary.json"
    done
}

# What was asked for was done, each request once.
same_counts()
{
    diff <(requests_by_kind "$1") <(commands_by_kind "$1")
    jq -e '.source.requests == .source.completed and .source.requests == .total.count' "$1"
}

has_recorded_latencies()
{
    jq -e '.recorded | length > 0 and
        all(.[]; .count > 0 and .latency_us.mean > 0 and .latency_us.max >= .latency_us.p50)' "$1"
}

agrees_with_blkparse()
{
    command -v blkparse > /dev/null || return 0
    diff <(blkparse_counts "$1") <(requests_by_kind "$2")
}

@test "dd replays everywhere" { replays dd; }
@test "dd-direct replays everywhere" { replays dd-direct; }
@test "dd-sync replays everywhere" { replays dd-sync; }
@test "fio-randread-4k-qd32-libaio replays everywhere" { replays fio-randread-4k-qd32-libaio; }
@test "fio-randrw70-16k-qd16-uring replays everywhere" { replays fio-randrw70-16k-qd16-uring; }
@test "fio-randtrim-64k-qd4 replays everywhere" { replays fio-randtrim-64k-qd4; }
@test "fio-randwrite-4k-odsync replays everywhere" { replays fio-randwrite-4k-odsync; }
@test "fio-seqread-1m-qd2 replays everywhere" { replays fio-seqread-1m-qd2; }
@test "mke2fs replays everywhere" { replays mke2fs; }
@test "passthru-flush replays everywhere" { replays passthru-flush; }

@test "every recording that is shipped is tried above" {
    for recording in traces/*/; do
        grep -q "replays $(basename "$recording");" "$BATS_TEST_FILENAME" || { echo "$recording"; return 1; }
    done
}

@test "blkparse counts the requests that are replayed" {
    need blkparse
    [ "$(blkparse_counts traces/mke2fs)" = "$(printf 'flush 3\nread 9\ntrim 5\nwrite 173')" ]
}

@test "a large drive that is full serves a recording from its flash" {
    succeeds run sandforce-sf3700.yaml --trace traces/fio-randread-4k-qd32-libaio --set ftl.precondition=sequential \
        -q --no-plots -o "$OUT"
    jq -e '.nand.host_reads == 1500 and .ftl.unmapped_reads == 0 and .commands.read.latency_us.min > 40' \
        "$OUT/summary.json"
}

@test "a recording replays faster, in closed loop, and by its queued events" {
    local trace=traces/fio-randread-4k-qd32-libaio
    succeeds run tiny.yaml --trace $trace --set ftl.precondition=sequential -q --no-plots -o "$T/recorded"
    succeeds run tiny.yaml --trace $trace --set ftl.precondition=sequential -q --no-plots -o "$T/fast" --speed 10
    succeeds run tiny.yaml --trace $trace --set ftl.precondition=sequential -q --no-plots -o "$T/closed" --iodepth 1
    succeeds run tiny.yaml --trace $trace --set ftl.precondition=sequential -q --no-plots -o "$T/queued" --action Q
    grep -q '^note .*--set host.block_layer=true' "$T/queued/summary.txt"
    ! grep -q '^note' "$T/recorded/summary.txt" || return 1
    local recorded fast closed
    recorded=$(number "$T/recorded/summary.json" .sim.time_s)
    fast=$(number "$T/fast/summary.json" .sim.time_s)
    jq -en "$fast * 9 < $recorded and $recorded < $fast * 11"
    # One at a time: the duration is the sum of all latencies.
    jq -e '(.total.latency_us.mean * .total.count / 1e6 / .sim.time_s - 1) | fabs < 1e-3' "$T/closed/summary.json"
    jq -e '.source.requests == 1500' "$T/queued/summary.json"
}

# 488 bios become 188 requests by 148 plugs; the same process of the other recording is another one.
@test "two recordings share no plugs, though their processes have the same numbers" {
    succeeds run tiny.yaml --trace traces/mke2fs --trace traces/mke2fs --wrap --action Q --set host.block_layer=true \
        -q --no-plots -o "$OUT"
    jq -e '.block | [.bios, .requests, .plugs] == [976, 376, 296]' "$OUT/summary.json"
    grep -q '^block    bios 976, requests 376, back merges 600, plugs 296$' "$OUT/summary.txt"
    ! grep -q '^note' "$OUT/summary.txt"
}

@test "what is no word of a recording is told as such" {
    refuses "--trace: note: 'sped=2' is no word of a recording" run tiny.yaml --trace "traces/mke2fs sped=2" -o "$OUT"
}

@test "a merged recording and a compressed one give the same results" {
    need gzip
    succeeds trace convert "$RECORDING" --format blktrace -o "$T/merged"
    gzip -k "$T/merged"
    for trace in "$RECORDING" "$T/merged" "$T/merged.gz"; do
        succeeds run tiny.yaml --trace "$trace" -q --no-plots -o "$T/$(basename "$trace").result"
    done
    local name
    for name in merged merged.gz; do
        diff "$T/$(basename $RECORDING).result/stats.csv" "$T/$name.result/stats.csv"
        diff "$T/$(basename $RECORDING).result/read.hgrm" "$T/$name.result/read.hgrm"
    done
}

# What a run on the drive gave, apart from where it was read from.
results_of()
{
    (cd "$1" && sha256sum stats.csv ./*.hgrm)
}

@test "every recording gives the same results from the CSV that it was converted to" {
    local recording name
    for recording in traces/*/; do
        name=$(basename "$recording")
        succeeds trace convert "$recording" -o "$T/$name.csv"
        succeeds run tiny.yaml --trace "$recording" --set ftl.precondition=empty -q --no-plots -o "$T/recorded"
        succeeds run tiny.yaml --trace "$T/$name.csv" --set ftl.precondition=empty -q --no-plots -o "$T/converted"
        diff <(results_of "$T/recorded") <(results_of "$T/converted") || { echo "$name"; return 1; }
        succeeds trace convert "$T/$name.csv" -o "$T/again.csv"
        cmp "$T/$name.csv" "$T/again.csv"
        rm -r "$T/recorded" "$T/converted"
    done
}

@test "a text of described columns replays, and its latencies stand beside the simulated ones" {
    printf '10,R,4096,4096,5\n20,W,8192,4096,7\n' > "$T/text"
    succeeds run tiny.yaml --trace "$T/text" --set ftl.precondition=sequential -q --no-plots -o "$OUT" \
        --from "columns: time=1:us op=2:R,W offset=3 bytes=4 latency=5:us"
    jq -e '.source.requests == 2 and .recorded.read.latency_us.mean == 5 and .recorded.write.latency_us.mean == 7' \
        "$OUT/summary.json"
}

@test "trace info, head and convert read a text whose format is named" {
    printf '10 0 8 8 1\n12 0 16 8 0\n' > "$T/text"
    succeeds trace info "$T/text" --from "ssdsim: time=1:us"
    [[ $output == *"duration            0.000002 s"* ]]
    succeeds trace head "$T/text" --from "ssdsim: time=1:us" --count 1
    [ "$output" = "  0,0    0        0     0.000000000     0  D   R 8 + 8 [(null)]" ]
    succeeds trace convert "$T/text" --from "ssdsim: time=1:us" --format csv
    [ "${lines[2]}" = "2000,0,write,8192,4096,0,,0,0:0,0" ]
}
