#!/usr/bin/env bats
# check, schema, list, trace and man; help and version.
load lib

COMMANDS='run curve sweep compare calibrate pts check schema list trace man'

# A program with its configurations in a folder of its own, as `make install` puts them and a user may move them.
moved_installation()
{
    mkdir -p "$T/moved/bin" "$T/moved/share/sqtail/configs/nand"
    cp "$SQTAIL" "$T/moved/bin/sqtail"
    cp configs/*.yaml "$T/moved/share/sqtail/configs"
    cp configs/nand/*.yaml "$T/moved/share/sqtail/configs/nand"
    sed -i 's/^name: .*/name: moved/' "$T/moved/share/sqtail/configs/tiny.yaml"
}

@test "an installation finds its own configurations wherever it is, before any folder called configs" {
    moved_installation
    mkdir -p "$T/here/configs" "$T/here/tiny"
    echo 'name: another' > "$T/here/configs/tiny.yaml"
    run bash -c "cd '$T/here' && '$T/moved/bin/sqtail' check tiny"
    [ "$status" -eq 0 ]
    shows "file        $(realpath "$T")/moved/share/sqtail/configs/tiny.yaml" "drive       moved"
    run bash -c "cd '$T/here' && '$T/moved/bin/sqtail' list config"
    shows "nand/tlc-64l.yaml" "found in $(realpath "$T")/moved/share/sqtail/configs"
    run bash -c "cd '$T/here' && SQTAIL_CONFIGS=configs '$T/moved/bin/sqtail' check tiny.yaml"
    shows "drive       another"
}

@test "include reaches shipped drives and parts by name" {
    printf 'name: mine\ninclude: nand/tlc-64l\nftl:\n  over_provisioning: 20%%\n' > "$T/mine.yaml"
    succeeds check "$T/mine.yaml" --effective
    shows "t_prog: [1725us]" "over_provisioning: 20%"
    printf 'include: [samsung-pm9a3.yaml, nand/mlc-20nm.yaml]\nftl:\n  over_provisioning: 20%%\n' > "$T/mine.yaml"
    succeeds check "$T/mine.yaml" --effective
    shows "name: \"Samsung PM9A3-class drive, 960 GB\"" "cell: mlc" "over_provisioning: 20%"
    mkdir "$T/nand" # what stands beside the file goes first
    echo 'nand: {t_bers: 7ms}' > "$T/nand/tlc-64l.yaml"
    echo 'include: nand/tlc-64l.yaml' > "$T/mine.yaml"
    succeeds check "$T/mine.yaml" --effective
    shows "t_bers: 7ms"
}

@test "check tells what each shipped configuration adds up to" {
    succeeds check configs/*.yaml
    [ "$(grep -c ': fine$' <<< "$output")" -eq "$(ls configs/*.yaml | wc -l)" ]
    shows capacity over-provisioning tPROG
}

@test "check finds shipped configurations by name from anywhere" {
    mkdir "$T/elsewhere"
    cp -r configs "$T/shipped"
    local program
    program=$(realpath "$SQTAIL")
    cd "$T/elsewhere"
    for name in tiny.yaml tiny; do
        SQTAIL_CONFIGS=$T/shipped run "$program" check $name
        [ "$status" -eq 0 ]
        [[ $output == *"tiny TLC drive"* ]]
    done
}

@test "check --effective prints every key, and the whole loads again" {
    succeeds check tiny.yaml --set nand.t_prog=900us --effective
    echo "$output" > "$T/effective.yaml"
    grep -q 't_prog: \[900us\]' "$T/effective.yaml"
    succeeds check "$T/effective.yaml" --effective
    diff "$T/effective.yaml" <(echo "$output")
}

@test "schema: the table names every key of the sample" {
    succeeds schema
    table=$output
    succeeds schema --sample
    local key missing=0
    for key in $(grep -oE '^ *#? *[a-z_0-9]+:' <<< "$output" | tr -d ' #:'); do
        grep -qw "$key" <<< "$table" || { echo "$key"; missing=1; }
    done
    [ $missing -eq 0 ]
}

@test "schema: the sample loads" {
    succeeds schema --sample
    echo "$output" > "$T/sample.yaml"
    succeeds check "$T/sample.yaml"
}

@test "schema: the JSON is one, with every section" {
    succeeds schema --json
    jq -e '.properties | has("nand") and has("ftl") and has("nvme") and has("pcie") and has("host") and has("ecc")
        and has("raid") and has("reliability")' <<< "$output"
}

@test "schema: the manual page fragment is clean" {
    succeeds schema --man
    shows ".TP"
}

@test "list shows every kind, all together and one by one" {
    succeeds list
    all=$output
    local kind
    for kind in config job trace alloc gc sched ecc arbitration stage; do
        succeeds list $kind
        [ "$(wc -l <<< "$output")" -ge 2 ]
        [[ $all == *"$output"* ]]
    done
    succeeds list gc
    shows greedy cost_benefit
}

@test "what list shows as policies, the configuration takes" {
    local key kind name
    for key in ftl.allocation=alloc ftl.gc_policy=gc nand.scheduler=sched nvme.arbitration=arbitration; do
        kind=${key#*=}
        for name in $("$SQTAIL" list "$kind" | awk 'NR > 1 { print $1 }'); do
            succeeds run tiny.yaml --job "$JOB" -q --set "${key%=*}=$name"
        done
    done
    for name in $("$SQTAIL" list ecc | awk 'NR > 1 { print $1 }'); do
        succeeds run tiny.yaml --job "$JOB" -q --set "ecc.engine=$name"
    done
}

@test "trace info counts what is in a recording" {
    succeeds trace info traces/mke2fs
    shows blktrace "requests" "190" "trim" "flush"
    succeeds trace info traces/mke2fs --action Q
}

@test "trace head prints events as blkparse does" {
    need blkparse
    succeeds trace head "$RECORDING" --count 25
    [ "$(wc -l <<< "$output")" -eq 25 ]
    diff <(blkparse -q -i "$RECORDING/$(basename $RECORDING)" | head -n 25) <(echo "$output")
}

@test "a recording converted to blktrace and back is the same" {
    for name in mke2fs fio-randrw70-16k-qd16-uring fio-seqread-1m-qd2; do
        succeeds trace convert traces/$name --format blktrace -o "$T/$name"
        succeeds trace convert traces/$name --format csv -o "$T/$name.csv"
        succeeds trace convert "$T/$name" --format csv -o "$T/$name.again.csv"
        diff "$T/$name.csv" "$T/$name.again.csv"
        succeeds trace convert traces/$name --format blkparse -o "$T/$name.txt"
        succeeds trace convert "$T/$name.txt" --format csv -o "$T/$name.text.csv"
        diff "$T/$name.csv" "$T/$name.text.csv"
    done
}

@test "a conversion that fails costs no older file, one onto itself works, a device stays" {
    mkdir "$T/broken"
    cat traces/fio-randread-4k-qd32-libaio/*.blktrace.1 > "$T/broken/x.blktrace.0"
    printf XXXX | dd of="$T/broken/x.blktrace.0" bs=1 seek=10000 conv=notrunc 2> /dev/null # the magic of a record
    echo older > "$T/file"
    sqtail trace convert "$T/broken" -o "$T/file"
    [ "$status" -eq 2 ]
    [ "$(cat "$T/file")" = older ] && [ -z "$(find "$T" -name '*.new-*')" ]
    sqtail trace convert "$T/broken" -o /dev/null
    [ "$status" -eq 2 ] && [ -c /dev/null ]
    succeeds trace convert "$RECORDING" --format blkparse -o "$T/text"
    cp "$T/text" "$T/copy"
    succeeds trace convert "$T/text" --format blkparse -o "$T/text"
    cmp "$T/text" "$T/copy"
}

@test "a recording comes from standard input as -" {
    need blkparse
    blkparse -q -i "$RECORDING/$(basename $RECORDING)" > "$T/text"
    run --separate-stderr "$SQTAIL" trace info - < "$T/text"
    [ "$status" -eq 0 ]
    shows "1000 with a recorded latency"
    run --separate-stderr bash -c "cat '$T/text' | '$SQTAIL' run tiny.yaml --trace - -q --no-plots -o '$OUT'"
    [ "$status" -eq 0 ]
    jq -e '.source.completed == 1000' "$OUT/summary.json"
}

@test "csv has a line for each request, and goes to standard output by default" {
    succeeds trace convert "$RECORDING"
    [ "${lines[0]}" = "time_ns,cpu,kind,offset,bytes,fua,latency_ns,more,device,pid" ]
    [ "${#lines[@]}" -eq 1001 ]
}

@test "man: a page without groff warnings, that names every command, option and key" {
    succeeds man
    echo "$output" > "$T/sqtail.1"
    for command in $COMMANDS; do
        grep -q "sqtail $command" "$T/sqtail.1"
    done
    grep -q 'skip\\-bad' "$T/sqtail.1"
    grep -q 't_prog' "$T/sqtail.1"
    need groff
    run groff -man -Tutf8 -ww -z "$T/sqtail.1"
    [ "$status" -eq 0 ] && [ -z "$output" ] || { echo "$output"; return 1; }
}

@test "help names every command, and every command has its own" {
    succeeds --help
    for command in $COMMANDS; do
        shows "  $command "
    done
    [ "$(wc -L <<< "$output")" -le 100 ]
    help=$output
    succeeds help
    [ "$output" = "$help" ]
    for command in $COMMANDS; do
        succeeds $command --help
        shows "usage: sqtail $command" "-h, --help"
        [ "$(wc -L <<< "$output")" -le 100 ] || show
        [ -z "$stderr" ]
        help=$output
        succeeds help $command
        [ "$output" = "$help" ]
    done
}

@test "the command that help suggests works" {
    succeeds --help
    eval "sqtail $(sed -n 's/^ *sqtail \(run tiny.yaml.*\)/\1/p' <<< "$output")"
    [ "$status" -eq 0 ] || show
    shows latency
}

@test "the version is told" {
    succeeds --version
    [[ $output =~ ^sqtail\ [0-9]+\.[0-9]+\.[0-9]+\ \(commit\ ([0-9a-f]{40}(-dirty)?|unknown)\)$ ]]
}

@test "a full standard output is exit code 2, whatever is printed" {
    [ -c /dev/full ] || skip "there is no /dev/full"
    succeeds run tiny.yaml --job "$JOB" -q --no-plots -o "$T/base"
    succeeds run tiny.yaml --job "$JOB" --set nand.t_r=200us -q --no-plots -o "$T/slow"
    run -1 "$SQTAIL" compare "$T/base" "$T/slow"
    local line
    for line in --help --version list schema man "check tiny.yaml" "run --help" "trace info traces/mke2fs" \
        "trace head traces/mke2fs" "trace convert traces/mke2fs" "run tiny.yaml --job rw=randread" \
        "curve tiny.yaml --job rw=randread --iodepth 1" "compare $T/base $T/base" "compare $T/base $T/slow"; do
        run -2 bash -c "'$SQTAIL' $line > /dev/full"
        [[ $output == *"No space left on device"* ]] || { echo "$line: $output"; return 1; }
    done
}

@test "a result folder on a full disk is exit code 2, and is not left behind" {
    run -2 bash -c "ulimit -f 4; '$SQTAIL' run tiny.yaml --job '$JOB' -q --no-plots -o '$OUT'"
    [[ $output == *"cannot write: File too large"* ]]
    [ ! -e "$OUT" ] && [ -z "$(find "$T" -name '.out.*')" ]
}

@test "a terminal that takes no escapes gets plain text" {
    need script
    on_terminal()
    {
        env "$@" script -qec "'$SQTAIL' run tiny.yaml --job '$JOB'" /dev/null
    }
    [[ $(on_terminal TERM=xterm NO_COLOR=) == *$'\033['* ]]
    [[ $(on_terminal TERM=dumb) != *$'\033'* ]]
    [[ $(on_terminal -u TERM) != *$'\033'* ]]
    [[ $(on_terminal TERM=xterm NO_COLOR=1) != *$'\033['*m* ]]
}

@test "what the summary advises is right for the drive" {
    succeeds run tiny.yaml --set ftl.precondition=empty --job 'rw=randread bs=4k number_ios=100'
    shows "fill the drive: --set ftl.precondition=sequential"
    succeeds run tiny.yaml --set ftl.precondition_fill=1% --set ftl.precondition=sequential \
        --job 'rw=randread bs=4k number_ios=100'
    shows "fill the drive: --set ftl.precondition_fill=100%"
    # The drive was full; what is read has been trimmed.
    printf '259,0 0 1 0.000000000 9 D D 0 + 1024 [x]\n259,0 0 2 0.010000000 9 D R 0 + 8 [x]\n' > "$T/trimmed"
    succeeds run tiny.yaml --set ftl.precondition=sequential --trace "$T/trimmed"
    [[ $output != *"fill the drive"* ]] || show
    succeeds run tiny.yaml --job "$JOB" --no-plots -o "$T/my results"
    shows "sqtail compare '$T/my results' OTHER"
    succeeds compare "$T/my results" "$T/my results"
}

@test "nothing is printed with --quiet" {
    succeeds run tiny.yaml --job "$JOB" --quiet
    [ -z "$output$stderr" ]
}

@test "no colour without a terminal" {
    succeeds run tiny.yaml --job "$JOB"
    [[ $output != *$'\033'* ]]
}

@test "schema shows a section or a key" {
    succeeds schema nand.t_prog
    [ "$(grep -c '^  [a-z]' <<< "$output")" -eq 1 ] && shows "t_prog" "1170us"
    succeeds schema raid
    shows "enabled" "stripe_dies" "t_xor"
    [[ $output != *t_prog* ]]
    succeeds schema seed
    shows "Seed of every random stream"
    succeeds schema nand --json
    jq -e '.properties.nand.properties.t_r and (.properties | has("ftl") | not)' <<< "$output"
    sqtail schema nand.t_porg
    [ "$status" -eq 2 ] || show
    tells "there is no section and no key 'nand.t_porg'; did you mean 'nand.t_prog'?"
}

@test "check tells what the drive has in store, and gives it as JSON" {
    succeeds check tiny.yaml
    shows "read retry  from a raw bit error rate of 4.15e-03 on (one read in 1000), now 1.48e-03; reached at 2160 P/E cycles" \
        "collection  21 of 192 superblocks free as prepared; it begins after 0.4 GB of writes"
    succeeds check tiny.yaml ideal.yaml --json
    jq -e 'length == 2 and .[0].flash.dies == 4 and .[0].read_retry.pe_cycles == 2160 and .[1].read_retry == null
        and (.[0].loads[0] | .load == "random reads" and .iops == ([.bounds[].iops] | min))' <<< "$output"
    headroom=$(jq '.[0].collection.headroom_bytes' <<< "$output")
    # Collection is off until the writes of which check told, and on soon after.
    for percent in 90 120; do
        succeeds run tiny.yaml --job "rw=randwrite bs=128k iodepth=8 number_ios=$((headroom * percent / 100 / 131072))" \
            -q --no-plots -o "$T/$percent"
    done
    jq -e '.ftl.gc_active_time_us == 0' "$T/90/summary.json"
    jq -e '.ftl.gc_active_time_us > 0' "$T/120/summary.json"
    sqtail check tiny.yaml --json --effective
    [ "$status" -eq 2 ] || show
}

@test "every configuration is installed" {
    diff <(cd "$SOURCE" && find configs -type f | LC_ALL=C sort) \
        <(sed -n '/^nobase_dist_pkgdata_DATA/,/^$/s/^\t\([^ ]*\).*/\1/p' "$SOURCE/Makefile.am" | LC_ALL=C sort)
}

@test "no command has two options of one name" {
    for command in run curve sweep compare plot report calibrate check list schema trace; do
        sqtail "$command" --help
        [ -z "$(grep -oE '^ +(-., )?--[a-z-]+' <<< "$output" | grep -oE -- '--.*' | sort | uniq -d)" ] || show
    done
}
