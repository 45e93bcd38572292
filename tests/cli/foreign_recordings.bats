#!/usr/bin/env bats
# Recordings as others have them: filtered, cut, commented, with events lost, of stacks and of several sessions. What
# they hold is replayed with right times and places; what they lack is told.
load lib

# lines CPU SEQUENCE TIME ACTION RWBS REST: blkparse's text, one event for each line of standard input, of device 259,0.
lines()
{
    local cpu sequence time action rwbs rest
    while read -r cpu sequence time action rwbs rest; do
        printf '259,0 %4d %8d %5d.%09d %5d %2s %3s %s\n' "$cpu" "$sequence" "$((time / 1000000000))" \
            "$((time % 1000000000))" 100 "$action" "$rwbs" "$rest"
    done
}

# Q, G, I, D and C of a read or write: request CPU FIRST_SEQUENCE TIME RWBS SECTOR; 8 sectors, 50 us.
request()
{
    local i action rest="$5 + 8 [fio]" times=(0 100 200 300 50300)
    for i in 0 1 2 3 4; do
        action=$(cut -c$((i + 1)) <<< QGIDC)
        [ "$action" != C ] || rest="$5 + 8 [0]"
        echo "$1 $(($2 + i)) $(($3 + times[i])) $action $4 $rest"
    done
}

# Six requests of 4 KiB on two CPUs, every one of them complete.
six_requests()
{
    local i
    for i in 0 2 4; do
        request 0 $((i / 2 * 5 + 1)) $((i * 1000000)) R $((i * 64))
        request 1 $((i / 2 * 5 + 1)) $(((i + 1) * 1000000)) W $(((i + 1) * 64))
    done
}

# info FILE ARGUMENTS...: of `trace info`, nothing told on standard error.
info()
{
    succeeds trace info "$@"
    [ -z "$stderr" ] || show
}

latencies()
{
    succeeds trace convert "$@" --format csv
    cut -d, -f7 <<< "$output" | tail -n +2 | paste -sd ' '
}

# per_cpu TEXT FOLDER: as blktrace files of CPUs 0 and 1, called r; each begins at time 0.
per_cpu()
{
    local cpu
    mkdir -p "$2"
    for cpu in 0 1; do
        grep "^259,0 *$cpu " "$1" > "$T/of-cpu"
        succeeds trace convert "$T/of-cpu" --format blktrace -o "$2/r.blktrace.$cpu"
    done
}

# btt's row of all devices for the time from issue to completion: "MIN AVG MAX N".
btt_d2c()
{
    (cd "$T" && btt -i "$1" 2> /dev/null) | awk '$1 == "D2C" { print $2, $3, $4, $5; exit }'
}

our_d2c()
{
    "$SQTAIL" trace convert "$1" 2> /dev/null | awk -F, '
        NR > 1 && $7 != "" { n++; sum += $7; if (n == 1 || $7 < min) min = $7; if ($7 > max) max = $7 }
        END { printf "%.9f %.9f %.9f %d\n", min / 1e9, sum / n / 1e9, max / 1e9, n }'
}

# --- latencies ------------------------------------------------------------------------------------------------------

@test "btt finds the same latencies" {
    need btt
    local name
    # btt counts merged bios one by one (mke2fs), and finds none where all were split (fio-seqread).
    for name in dd dd-direct dd-sync fio-randread-4k-qd32-libaio fio-randrw70-16k-qd16-uring fio-randtrim-64k-qd4 \
        fio-randwrite-4k-odsync passthru-flush; do
        blkparse -q -D "traces/$name" -i "$name" -d "$T/$name" > /dev/null 2>&1
        [ "$(btt_d2c "$T/$name")" = "$(our_d2c "traces/$name")" ] || { echo "$name"; return 1; }
    done
}

# The first read of sector 800 has lost its completion.
lost_completion()
{
    request 0 1 0 R 800 | grep -v ' C '
    request 0 5 5000000 R 1600
    request 0 10 9000000000 R 800 | sed 's/9000050300/9000090300/'
    request 0 15 9001000000 R 800 | sed 's/9001050300/9001070300/'
}

@test "a lost completion costs one latency, as btt has it" {
    lost_completion | lines > "$T/t.txt"
    [ "$(latencies "$T/t.txt")" = " 50000 90000 70000" ]
    succeeds trace info "$T/t.txt"
    tells "t.txt: warning: 1 request has no completion after it: its latency is not known"
    need btt
    succeeds trace convert "$T/t.txt" --format blktrace -o "$T/t"
    [ "$(btt_d2c "$T/t")" = "$(our_d2c "$T/t")" ]
}

@test "a request issued again counts once, without its requeue, too" {
    lines > "$T/t.txt" <<< '3 7 0 D DS 983948192 + 64 [kworker]
3 9 30720 D DS 983948192 + 64 [kworker]
3 11 71544 D DS 983948192 + 64 [kworker]
3 13 2367675 C DS 983948192 + 64 [0]'
    [ "$(latencies "$T/t.txt")" = 2296131 ]
    succeeds trace info "$T/t.txt"
    shows "requeued                   2"
    [[ $stderr$output != *lost* ]]
}

# --- what is replayed -----------------------------------------------------------------------------------------------

# ideal.yaml: every flush and every write costs a program of 500 us and what moves its data, 4.12 and 5.12 us.
@test "a preflush comes first, and its write waits for it" {
    lines > "$T/t.txt" <<< '0 1 0 Q W 800 + 8 [a]
0 2 1000 Q FWFS 1600 + 8 [a]
0 3 900000 C W 800 + 8 [0]
0 4 1900000 C FWFS 1600 + 8 [0]'
    succeeds run ideal.yaml --trace "$T/t.txt" --action Q -q --no-plots -o "$OUT"
    jq -e '.commands.write_fua.latency_us.mean | . > 1008 and . < 1010' "$OUT/summary.json"
    jq -e '.recorded.write_fua.latency_us.mean == 1899' "$OUT/summary.json"
    jq -e '.commands | has("flush") | not' "$OUT/summary.json"
}

# ideal.yaml: a read of 4 KiB that reaches the flash takes 25 us and the channel, one of nothing takes no time.
@test "a discard of several ranges trims these, and nothing else" {
    lines > "$T/t.txt" <<< '0 1 0 Q DS 0 + 8 [a]
0 2 5 G DS 0 + 8 [a]
0 3 10 Q DS 800 + 8 [a]
0 4 20 Q DS 1600 + 8 [a]
0 5 1000 D DS 0 + 24 [a]
0 6 100000 C DS 0 + 24 [0]
0 7 200000 D R 16 + 8 [a]
0 8 300000 D R 800 + 8 [a]'
    succeeds run ideal.yaml --trace "$T/t.txt" -q --no-plots -o "$OUT"
    jq -e '.ftl.unmapped_reads == 1 and .nand.host_reads == 1 and .commands.trim.count == 1' "$OUT/summary.json"
    jq -e '.commands.read.latency_us | .min == 0 and .max > 25' "$OUT/summary.json"
    [ "$("$SQTAIL" trace convert "$T/t.txt" 2> /dev/null | grep -c ',trim,')" -eq 3 ]
}

# Half a 4 GiB recording apart, two sequential streams: scaled to half the size each is as fast as before.
@test "--scale leaves a sequential stream sequential" {
    local i
    for i in $(seq 0 199); do
        echo "0 $((i + 1)) $((i * 1000)) D R $((i * 256)) + 256 [a]"
    done > "$T/events"
    echo "0 201 200000 D R 8000000 + 8 [a]" >> "$T/events"
    lines < "$T/events" > "$T/t.txt"
    succeeds run tiny.yaml --trace "$T/t.txt" --set ftl.precondition=sequential --iodepth 4 -q --no-plots -o "$T/whole"
    succeeds run tiny.yaml --trace "$T/t.txt" --set ftl.precondition=sequential --set ftl.capacity=1GiB --scale \
        --iodepth 4 -q --no-plots -o "$T/scaled"
    jq -en --slurpfile a "$T/whole/summary.json" --slurpfile b "$T/scaled/summary.json" \
        '($a[0].sim.time_s / $b[0].sim.time_s - 1) | fabs < 0.02'
}

@test "of several devices --device chooses" {
    printf '253,1 0 1 0.000000000 1 D R 0 + 8 [a]\n8,16 0 1 0.000000000 1 D R 8 + 8 [a]\n8,16 0 2 0.1 1 D R 8 + 8\n' |
        sed 's/0\.1 /0.100000000 /; s/8$/8 [a]/' > "$T/t.txt"
    succeeds trace info "$T/t.txt"
    shows "device          8,16"
    tells "requests to 2 devices; only those to 8,16 are replayed; --device chooses another: 253,1 (1)"
    info "$T/t.txt" --device 253,1
    shows "device          253,1"
    refuses "--device: error: no requests to 8,17 in it; there are to (how many): 8,16 (2), 253,1 (1)" \
        run tiny.yaml --trace "$T/t.txt" --device 8,17 -o "$OUT"
}

# --- what is not there ----------------------------------------------------------------------------------------------

@test "filtered recordings have lost nothing" {
    six_requests | lines > "$T/all.txt"
    info "$T/all.txt"
    shows "requests                   6   6 with a recorded latency"
    grep ' D ' "$T/all.txt" > "$T/issues.txt"
    info "$T/issues.txt"
    shows "requests                   6   0 with a recorded latency" "gaps                      16"
    need blkparse
    per_cpu "$T/all.txt" "$T/r"
    info "$T/r"
    blkparse -q -D "$T/r" -a issue -i r > "$T/r.txt"
    blkparse -q -D "$T/r" -a issue -i r -d "$T/merged" > /dev/null
    local filtered
    for filtered in "$T/r.txt" "$T/merged"; do
        info "$filtered"
        shows "requests                   6   0 with a recorded latency" "gaps                      16"
    done
}

@test "a missing file of a CPU is told" {
    mkdir "$T/r"
    local cpu
    for cpu in 0 2 3; do
        request $cpu 1 $((cpu * 1000000)) R $((cpu * 64)) | lines > "$T/t.txt"
        succeeds trace convert "$T/t.txt" --format blktrace -o "$T/r/nvme0n1.blktrace.$cpu"
    done
    succeeds trace info "$T/r"
    shows "requests                   3" "CPUs                       3"
    tells "r: warning: no file of CPU 1, though blktrace writes one for every CPU: what happened there is missing"
    touch "$T/r/nvme0n1.blktrace.1"
    info "$T/r"
}

@test "only CPUs that issued requests are counted" {
    request 7 1 0 R 0 | lines > "$T/t.txt"
    succeeds run tiny.yaml --trace "$T/t.txt" --no-plots -o "$OUT"
    shows "1 request from 1 CPU,"
    jq -e '.source.cpus == 1' "$OUT/summary.json"
}

@test "recordings of queued events or of completions only say what to do" {
    six_requests | lines > "$T/all.txt"
    grep ' Q ' "$T/all.txt" > "$T/queued.txt"
    refuses "--action Q replays what was queued" run tiny.yaml --trace "$T/queued.txt" -o "$OUT"
    succeeds run tiny.yaml --trace "$T/queued.txt" --action Q -q --no-plots -o "$OUT"
    grep ' C ' "$T/all.txt" > "$T/completed.txt"
    rm -r "$OUT"
    refuses "completions do not tell when a request began" trace info "$T/completed.txt"
}

# --- text as people have it -----------------------------------------------------------------------------------------

@test "comments, prompts, gaps and a byte order mark do not hide the events" {
    {
        printf '\xef\xbb\xbf'
        six_requests | lines | sed '3i # a comment' | sed '9i [...]'
        echo 'user@host:~$ '
    } > "$T/t.txt"
    succeeds trace info "$T/t.txt"
    shows "requests                   6   6 with a recorded latency" "passed over                3"
    tells "t.txt:3: warning: passed over, and with it every line that is no event: 3 in all"
    succeeds run tiny.yaml --trace "$T/t.txt" -q --no-plots -o "$OUT"
    jq -e '.source.passed == 3 and .total.count == 6' "$OUT/summary.json"
}

@test "what a terminal, an editor or another system adds does not hide the events" {
    need iconv
    six_requests | lines > "$T/plain.txt"
    printf '\033[?2004hroot@host:~# blkparse -i x\r\n\033[?2004l\r' > "$T/script.txt"
    sed 's/$/\r\r/' "$T/plain.txt" >> "$T/script.txt"
    grep --color=always -E ' [QGIDC] ' "$T/plain.txt" > "$T/coloured.txt"
    grep -q $'\033' "$T/coloured.txt"
    { printf '\xff\xfe'; sed 's/$/\r/' "$T/plain.txt" | iconv -t utf-16le; } > "$T/utf-16.txt"
    (cd "$T" && cp plain.txt ._plain.txt && tar cf both.tar ._plain.txt plain.txt)
    local as_is file
    as_is=$("$SQTAIL" trace convert "$T/plain.txt")
    for file in script.txt coloured.txt utf-16.txt both.tar; do
        succeeds trace convert "$T/$file"
        [ "$output" = "$as_is" ] || { echo "$file"; show; }
    done
}

@test "the barrier of old kernels is a flush before the write" {
    lines > "$T/t.txt" <<< '5 316 0 A WBS 1950885322 + 8 <- (8,17) 1950885288
5 317 867 Q WBS 1950885322 + 8 [jbd2/sdb1-8]
5 318 2140 G WBS 1950885322 + 8 [jbd2/sdb1-8]
5 319 3528 P N [jbd2/sdb1-8]
5 320 4058 I WBS 1950885322 + 8 [jbd2/sdb1-8]'
    info "$T/t.txt" --action Q
    shows "preflushes                 1"
}

@test "the summary of programs of blkparse -s is passed over" {
    need blkparse
    six_requests | lines > "$T/all.txt"
    per_cpu "$T/all.txt" "$T/r"
    (cd "$T/r" && blkparse -s -i r > s.txt)
    grep -q '^fio (100)' "$T/r/s.txt"
    info "$T/r/s.txt"
    shows "requests                   6   6 with a recorded latency"
}

@test "blkparse at work on a pipe starts its clock again, and nothing is interleaved" {
    need blkparse
    local recording=traces/fio-randread-4k-qd32-libaio
    succeeds trace convert $recording --format blktrace -o "$T/merged"
    blkparse -i - < "$T/merged" > "$T/live.txt"
    succeeds trace info "$T/live.txt"
    tells "live.txt:513: warning: the clock starts again here"
    offsets() { "$SQTAIL" trace convert "$1" 2> /dev/null | cut -d, -f4; }
    diff <(offsets "$T/live.txt") <(offsets $recording)
}

@test "messages are converted as blkparse prints them" {
    need blkparse
    mkdir "$T/r"
    printf '8,0 0 0 0.000000000 0 m N hello\n8,0 0 1 0.000000000 7 D R 8 + 8 [x]\n' > "$T/t.txt"
    succeeds trace convert "$T/t.txt" --format blktrace -o "$T/r/t.blktrace.0"
    printf '\x05\x00\x00\x00' | dd of="$T/r/t.blktrace.0" bs=1 seek=4 conv=notrunc 2> /dev/null
    diff <(cd "$T/r" && blkparse -q -i t | grep hello) <("$SQTAIL" trace convert "$T/r" --format blkparse | grep hello)
}

@test "a recording in a zip archive is read" {
    need python3
    six_requests | lines > "$T/t.txt"
    (cd "$T" && python3 -m zipfile -c t.zip t.txt)
    info "$T/t.zip"
    shows "requests                   6"
}

@test "what would read the rest of a damaged recording is named" {
    six_requests | lines | sed '7s/+/-/' > "$T/t.txt"
    refuses "t.txt:7: error: " trace info "$T/t.txt"
    tells "t.txt: warning: --skip-bad 1 passes over so many malformed records or lines and reads the rest"
    succeeds trace info "$T/t.txt" --skip-bad 1
    ! grep -q gaps <<< "$output"
}
