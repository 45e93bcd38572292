#!/usr/bin/env bats
# What sqtail writes, others read: the real blkparse, btt and fio.
load lib

# Of fio's JSON: reads, writes, trims and syncs that it did, and the bytes of the first two.
fio_did()
{
    (cd "$T" && fio --name=replay "$@" --ioengine=null --replay_redirect="$T/target" --replay_no_stall=1 \
        --output-format=json) |
        jq -c '.jobs[0] | [.read.total_ios, .write.total_ios, .trim.total_ios, .sync.total_ios, .read.io_bytes,
            .write.io_bytes]'
}

# The same of our CSV.
recorded()
{
    "$SQTAIL" trace convert "$1" 2> /dev/null | awk -F, '
        $3 == "read" { r++; rb += $5 } $3 == "write" { w++; wb += $5 } $3 == "trim" { t++ } $3 == "flush" { f++ }
        END { printf "[%d,%d,%d,%d,%d,%d]\n", r, w, t, f, rb, wb }'
}

@test "fio replays an iolog that was written" {
    need fio
    local name
    truncate -s 8G "$T/target"
    # fio 3.33 does no trims of a log that has reads or writes, too.
    for name in fio-randrw70-16k-qd16-uring fio-randwrite-4k-odsync dd-sync passthru-flush fio-seqread-1m-qd2; do
        succeeds trace convert "traces/$name" --format fio-iolog-3 -o "$T/log"
        [ "$(fio_did --read_iolog="$T/log")" = "$(recorded "traces/$name")" ] || { echo "$name"; return 1; }
    done
}

@test "fio replays blktrace that was written" {
    need fio
    local name
    truncate -s 8G "$T/target"
    for name in fio-randrw70-16k-qd16-uring fio-randtrim-64k-qd4; do
        succeeds trace convert "traces/$name" --format blktrace -o "$T/bin"
        [ "$(fio_did --read_iolog="$T/bin" | cut -d, -f1-3)" = "$(recorded "traces/$name" | cut -d, -f1-3)" ]
    done
}

@test "what fio has logged is read as it was done" {
    need fio
    truncate -s 16M "$T/target"
    (cd "$T" && fio --name=a --filename="$T/target" --rw=randrw --bsrange=512-64k --number_ios=60 --fsync=8 \
        --fdatasync=5 --ioengine=psync --write_iolog="$T/log" --output-format=json) > "$T/fio.json"
    [ "$(recorded "$T/log" | cut -d, -f1-2,5-6)" = \
        "$(jq -c '.jobs[0] | [.read.total_ios, .write.total_ios, .read.io_bytes, .write.io_bytes]' "$T/fio.json")" ]
    [ "$(recorded "$T/log" | cut -d, -f4)" = "$(grep -c sync "$T/log")" ]
}

# Requests with their latencies become events; 4.5361 ms and 0.7 us.
@test "blkparse, btt and fio read blktrace that was written of any format" {
    need blkparse
    need btt
    need fio
    printf '%s\n' 128166372011600556,mds,0,Write,8192,4096,45361 128166372011601556,mds,0,Read,512,512,7 > "$T/msr.csv"
    succeeds trace convert "$T/msr.csv" --format blktrace -o "$T/m.blktrace.0"
    run blkparse -q -D "$T" -i m -d "$T/merged"
    [ "$status" -eq 0 ]
    shows "0.000000000     0  D   W 16 + 8 [" "0.000100000     0  D   R 1 + 1 [" "0.004536100     0  C   W 16 + 8 [0]"
    [[ $output != *[Ss]kip* ]]
    [ "$(cd "$T" && btt -i merged 2> /dev/null | awk '$1 == "D2C" { print $2, $4, $5; exit }')" = \
        "0.000000700 0.004536100 2" ]
    truncate -s 1M "$T/target"
    [ "$(fio_did --read_iolog="$T/merged")" = "[1,1,0,0,512,4096]" ]
}

# mke2fs' 488 bios; as many requests as Linux made of them, where the drive's limits are the recorded one's.
@test "blkparse and btt read what the block layer did" {
    need blkparse
    need btt
    succeeds run configs/tiny.yaml --kernel=native --trace traces/mke2fs --action Q --wrap -q \
        --set host.block_layer=true --set host.max_transfer=512KiB --set host.max_discard=2147483136B \
        --block-trace "$T/block" --block-state "$T/state"
    blkparse -q -i - < "$T/block" > "$T/parsed"
    [ "$(grep -c ' D ' "$T/parsed")" = 190 ] && [ "$(grep -c ' M ' "$T/parsed")" = 300 ]
    [ "$(cd "$T" && btt -i block 2> /dev/null | awk '$1 == "Q2M" { print $5; exit }')" = 300 ]
    succeeds trace info "$T/block"
    shows "C 193 D 190 G 190 I 77 M 300 P 150 Q 488 T 47 X 2"
    grep -q '^nvme0: 4/0/0 default/read/poll queues$' "$T/state"
    refuses "--block-trace: error: there is no block layer: give --set host.block_layer=true, too" \
        run configs/tiny.yaml --kernel=native --job "rw=read" --block-trace "$T/none"
}

# packed FILE: the same requests come out of it, and out of a pipe.
packed()
{
    local wanted
    wanted=$("$SQTAIL" trace convert "$T/plain" 2> /dev/null | md5sum)
    [ "$("$SQTAIL" trace convert "$1" | md5sum)" = "$wanted" ] || { echo "$1"; return 1; }
    [ "$(cat "$1" | "$SQTAIL" trace convert /dev/stdin | md5sum)" = "$wanted" ] || { echo "$1 | "; return 1; }
}

@test "whatever it is packed with, a recording is the same, and from a pipe" {
    local tool
    seq 1 20000 | sed 's/.*/& 0 &8 8 1/' > "$T/plain"
    packed "$T/plain"
    for tool in gzip xz zstd bzip2 lz4; do
        command -v "$tool" > /dev/null || continue
        "$tool" -c < "$T/plain" > "$T/$tool"
        packed "$T/$tool"
        tar -C "$T" -cf "$T/$tool.tar" "$tool" # packed in an archive
        packed "$T/$tool.tar"
        "$tool" -c < "$T/$tool.tar" > "$T/again" # and this once more
        packed "$T/again"
    done
    ! command -v zip > /dev/null || { (cd "$T" && zip -q plain.zip plain) && packed "$T/plain.zip"; }
}
