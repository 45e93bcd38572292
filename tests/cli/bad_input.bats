#!/usr/bin/env bats
# What the user gets wrong is told at its place, ends with exit code 2, and leaves nothing behind.
load lib

run_with()
{
    local fragment=$1 config=$2
    shift 2
    refuses "$fragment" run "$config" --job "$JOB" -o "$OUT" "$@"
}

replay()
{
    local fragment=$1 trace=$2
    shift 2
    refuses "$fragment" run tiny.yaml --trace "$trace" -o "$OUT" "$@"
}

config()
{
    cat > "$T/drive.yaml"
}

# blktrace FILE: the records of a recording's busiest CPU, to be damaged.
blktrace()
{
    mkdir -p "$T/recording"
    cp traces/fio-randread-4k-qd32-libaio/fio-randread-4k-qd32-libaio.blktrace.1 "$T/recording/x.blktrace.0"
}

overwrite() # OFFSET TEXT
{
    printf "$2" | dd of="$T/recording/x.blktrace.0" bs=1 seek="$1" conv=notrunc status=none
}

# --- configurations -------------------------------------------------------------------------------------------------

@test "a drive that promises no volatile cache, but has one, is refused" {
    refuses "the write buffer must survive power loss" check tiny.yaml --set nvme.volatile_write_cache=false
    succeeds check tiny.yaml --set nvme.volatile_write_cache=false --set ftl.power_loss_protection=true
}

@test "a missing configuration is told by name" {
    run_with "nosuch.yaml: error: cannot read: no such file, nor is it shipped with sqtail" nosuch.yaml
    run_with "tinny.yaml: error: cannot read: no such file; did you mean the shipped 'tiny.yaml'?" tinny.yaml
    run_with "nowhere/drive.yaml: error: cannot read" "$T/nowhere/drive.yaml"
}

@test "a folder is no configuration" {
    run_with "configs: error: cannot read 'configs': it is a directory" configs
}

@test "an empty configuration is refused" {
    : | config
    run_with "drive.yaml: error: the file is empty" "$T/drive.yaml"
}

@test "what is no YAML is told with line and column" {
    printf 'nand:\n  channels: 8\n bad: : x\n' | config
    run_with "drive.yaml:3:2: error: not valid YAML" "$T/drive.yaml"
}

@test "an unknown key is told with a suggestion" {
    printf 'nand:\n  plains_per_die: 2\n' | config
    run_with "drive.yaml:2:3: error: unknown key 'plains_per_die' in nand; did you mean 'planes_per_die'?" \
        "$T/drive.yaml"
}

@test "an unknown section is told with a suggestion" {
    printf 'nnd:\n  channels: 8\n' | config
    run_with "drive.yaml:1:1: error: unknown section 'nnd'; did you mean 'nand'?" "$T/drive.yaml"
}

@test "a key of another section is told to belong there" {
    printf 'ftl:\n  planes_per_die: 8\n' | config
    run_with "unknown key 'planes_per_die' in ftl; did you mean 'planes_per_die' in nand?" "$T/drive.yaml"
}

@test "a wrong unit is told" {
    printf 'nand:\n  t_bers: 5KiB\n' | config
    run_with "drive.yaml:2:11: error: 't_bers' wants a time in ps, ns, us, ms" "$T/drive.yaml"
}

@test "a bare number is no time" {
    printf 'nand:\n  t_r: 50\n' | config
    run_with "drive.yaml:2:8: error: 't_r' wants a time with its unit, such as 50us; got '50'" "$T/drive.yaml"
}

@test "fio's units hold in a configuration, where they can mean one thing only" {
    printf 'nand:\n  page_size: 16k\n' | config
    succeeds check "$T/drive.yaml" --effective
    shows "page_size: 16KiB"
    printf 'nand:\n  page_size: 16kb\n' | config
    run_with "drive.yaml:2:14: error: 'page_size' wants a size in B, KiB" "$T/drive.yaml"
    printf 'nand:\n  t_r: 5m\n' | config
    run_with "drive.yaml:2:8: error: 't_r' wants a time in ps, ns" "$T/drive.yaml"
}

@test "values may be relative to those of the drive" {
    succeeds check tiny.yaml --set nand.t_prog=+20% --set nand.t_r=-10% --set nand.channels=x2 --effective
    shows "t_prog: [1404us]" "t_r: [36us, 45us, 54us]" "channels: 4"
    run_with "--set:15: error: 'channels' is 2, of which '+20%' makes no whole number" tiny.yaml \
        --set nand.channels=+20%
    run_with "'over_provisioning' is a share itself" tiny.yaml --set ftl.over_provisioning=+20%
    run_with "'t_prog' must be 0 to 100ms; got '1170s'" tiny.yaml --set nand.t_prog=x1000000
}

# The file's bound had an effect by the scheduler that the drive had then; its suspend_limit took none away.
@test "a key that lost its effect by the last of two others is no error" {
    printf 'include: tiny.yaml\nnand:\n  starvation_bound: 5ms\n  suspend_limit: 0\n' | config
    succeeds check "$T/drive.yaml" --set nand.scheduler=fifo
    printf 'include: tiny.yaml\nnand:\n  starvation_bound: 5ms\n  suspend_limit: 0\n  scheduler: fifo\n' | config
    run_with "starvation_bound: has an effect only when" "$T/drive.yaml"
}

@test "an abbreviation of a key is told whose it is" {
    run_with "unknown key 'gen' in pcie; did you mean 'generation'?" tiny.yaml --set pcie.gen=3
    run_with "unknown key 'payload' in pcie; did you mean 'max_payload'?" tiny.yaml --set pcie.payload=128B
    run_with "unknown key 'qd' in host; did you mean 'queue_depth'?" tiny.yaml --set host.qd=4
}

@test "a key that has another name now is told by that name" {
    run_with "error: 'ftl.precondition_pe_cycles' is now 'reliability.initial_pe_cycles'" tiny.yaml \
        --set ftl.precondition_pe_cycles=500
    run_with "error: 'ftl.gc_separate' is now 'ftl.placement'" tiny.yaml --set ftl.gc_separate=false
    printf 'include: tiny.yaml\nftl:\n  precondition_pe_cycles: 500\n' | config
    run_with "drive.yaml:3:3: error: 'ftl.precondition_pe_cycles' is now 'reliability.initial_pe_cycles'" "$T/drive.yaml"
}

@test "zero channels are out of range" {
    printf 'nand:\n  channels: 0\n' | config
    run_with "drive.yaml:2:13: error: 'channels' must be 1 to 256; got '0'" "$T/drive.yaml"
}

@test "a key given twice is told with both lines" {
    printf 'nand:\n  channels: 8\n  t_bers: 1ms\n  channels: 4\n' | config
    run_with "drive.yaml:4:3: error: key 'channels' in nand is given twice; first in line 2" "$T/drive.yaml"
}

@test "a cyclic alias is refused" {
    printf 'nand: &a\n  channels: *a\n' | config
    run_with "drive.yaml:2:13: error: aliases ('*') are not allowed" "$T/drive.yaml"
    tells "drive.yaml:1:7: error: anchors ('&') are not allowed"
}

@test "files that include each other are refused" {
    echo 'include: other.yaml' | config
    echo 'include: drive.yaml' > "$T/other.yaml"
    run_with "other.yaml:1:10: error: cannot read" "$T/drive.yaml"
    tells "it includes itself"
}

@test "a missing included file is told where it is named" {
    echo 'include: nowhere.yaml' | config
    run_with "drive.yaml:1:10: error: cannot read" "$T/drive.yaml"
    tells "nowhere.yaml"
}

@test "all errors of a file are told, not only the first" {
    printf 'nand:\n  plains_per_die: 2\n  t_r: 50\n  t_bers: 5KiB\n  channels: 0\nftl:\n  gc_policy: greddy\n' |
        config
    run_with "drive.yaml:2:3: error: unknown key" "$T/drive.yaml"
    tells "drive.yaml:3:8: error:" "drive.yaml:4:11: error:" "drive.yaml:5:13: error:" "drive.yaml:7:14: error:"
}

@test "errors of the configuration, the job and the result folder are told together" {
    printf 'nand:\n  channels: 0\n' | config
    touch "$T/file"
    refuses "drive.yaml:2:13: error:" run "$T/drive.yaml" --job "rw=randread bss=4k" -o "$T/file"
    tells "unknown word 'bss'; did you mean 'bs'?" "is not a folder"
}

@test "no more than 20 errors are shown, and how many more there are" {
    { echo 'nand:'; for i in $(seq 25); do echo "  nonsense_number_$i: 1"; done; } | config
    run_with "and 5 more errors" "$T/drive.yaml"
    [ "$(grep -c ': error: ' <<< "$stderr")" -eq 20 ]
}

@test "--set is as strict as a file" {
    run_with "--set:6: error: unknown key 't_progg' in nand; did you mean 't_prog'?" tiny.yaml --set nand.t_progg=1us
    run_with "--set:13: error: 't_prog' wants a time with its unit" tiny.yaml --set nand.t_prog=1
    run_with "--set:1: error: wants section.key=value; got 'nand.t_prog'" tiny.yaml --set nand.t_prog
    run_with "'nand' is a section" tiny.yaml --set nand=1
}

@test "flash too small for capacity and over-provisioning is told" {
    run_with "the flash is too small" tiny.yaml --set ftl.capacity=5GiB
    run_with "the flash is too small" tiny.yaml --set nand.blocks_per_plane=4
}

@test "a key without effect is told, with what takes its effect away" {
    run_with "ftl.gc_choices: has an effect only when ftl.gc_policy is d_choices; ftl.gc_policy is greedy (default)" \
        tiny.yaml --set ftl.gc_choices=4
    printf 'ecc:\n  engine: bch\n  ldpc_rate: 0.8\n' | config
    run_with "drive.yaml:3:14: error: ecc.ldpc_rate: has an effect only when ecc.engine is ldpc" "$T/drive.yaml"
    succeeds check "$T/drive.yaml" --set ecc.engine=ldpc # not the file's last word
    run_with "host.low_weight: has an effect only when host.arbitration is weighted_round_robin" tiny.yaml \
        --set host.low_weight=2
    run_with "nand.cell: becomes qlc, but nand.t_prog (" tiny.yaml --set nand.cell=qlc
    run_with "ftl.stripe_dies: the write buffer holds 42 program units of 98304 bytes" tiny.yaml \
        --set ftl.striping=plane_first --set ftl.stripe_dies=43
    run_with "ftl.read_ahead: smaller than one mapping unit of 4096 bytes" tiny.yaml --set ftl.read_ahead=2KiB
    run_with "ftl.read_ahead_buffer: does not hold what is read ahead of one stream, 8388608 bytes" tiny.yaml \
        --set ftl.read_ahead=8MiB
    run_with "ftl.write_buffer: smaller than what one program command writes, 98304 bytes" tiny.yaml \
        --set ftl.write_buffer=64KiB
}

@test "a policy that does not exist is told with a suggestion" {
    run_with "did you mean 'greedy'?" tiny.yaml --set ftl.gc_policy=greddy
}

# --- recordings -----------------------------------------------------------------------------------------------------

@test "a missing recording is told by name" {
    replay "nosuch: error: cannot read: No such file or directory" "$T/nosuch"
}

@test "a recording that is cut off is read to there, and told with the byte" {
    blktrace
    truncate -s 10001 "$T/recording/x.blktrace.0"
    succeeds run tiny.yaml --trace "$T/recording" -q --no-plots -o "$OUT"
    tells "x.blktrace.0: warning: record at byte 10000: the last one is cut off and passed over"
}

@test "a corrupted recording is told with the byte" {
    blktrace
    overwrite 10000 'XXXX'
    replay "x.blktrace.0: error: record at byte 10000: wrong magic" "$T/recording"
}

@test "damaged records are tolerated and counted when asked for" {
    blktrace
    overwrite 10000 'XXXX'
    succeeds run tiny.yaml --trace "$T/recording" --skip-bad 5 -q -o "$OUT"
    [ "$(number "$OUT/summary.json" .source.skipped)" -ge 1 ]
    rm -r "$OUT"
    overwrite 20080 'XXXX'
    replay "error: " "$T/recording" --skip-bad 1
}

@test "a file that begins with a wrong magic is no recording" {
    blktrace
    overwrite 0 'ABCD'
    replay "recording: error: not a recording in a known format (sqtail list trace)" "$T/recording"
}

@test "a configuration is no recording" {
    replay "configs/tiny.yaml: error: not a recording in a known format" configs/tiny.yaml
}

@test "a recording whose files are all empty is refused" {
    mkdir "$T/recording"
    touch "$T/recording/x.blktrace.0" "$T/recording/x.blktrace.1"
    replay "recording: error: no requests in it: it is empty" "$T/recording"
}

@test "a folder without a recording is refused" {
    mkdir "$T/recording"
    echo hello > "$T/recording/readme.txt"
    replay "recording: error: no recording in this folder" "$T/recording"
}

@test "a drive too small for a recording is told, with what helps" {
    replay "the recording reaches byte" traces/fio-randread-4k-qd32-libaio --set ftl.capacity=512MiB
    tells "--wrap" "--scale"
}

@test "--wrap and --scale fit a recording into a smaller drive" {
    for how in --wrap --scale; do
        succeeds run tiny.yaml --trace traces/fio-randread-4k-qd32-libaio --set ftl.capacity=512MiB \
            --set ftl.precondition=random $how -q --no-plots -o "$T/$how"
        [ "$(number "$T/$how/summary.json" .total.count)" -eq 1500 ]
    done
    run ! diff -q "$T/--wrap/read.hgrm" "$T/--scale/read.hgrm"
}

# --- result folders -------------------------------------------------------------------------------------------------

@test "a file in the place of the result folder is told before the run" {
    touch "$T/file"
    refuses "file: error: is not a folder" run tiny.yaml --job "$JOB" -o "$T/file"
    refuses "file: error: is not a folder" curve tiny.yaml --job "rw=randread" -o "$T/file"
    refuses "cannot write results here: Not a directory" run tiny.yaml --job "$JOB" -o "$T/file/result"
}

@test "a foreign folder is left alone" {
    mkdir "$T/mine"
    echo precious > "$T/mine/diary.txt"
    refuses "mine: error: holds other files and no result" run tiny.yaml --job "$JOB" -o "$T/mine"
    [ "$(ls -A "$T/mine")" = diary.txt ]
}

@test "a run does not take a curve's place, nor a curve a run's" {
    succeeds curve tiny.yaml --job 'rw=randread number_ios=20' --iodepth 1,2 -q --no-plots -o "$T/curve"
    succeeds run tiny.yaml --job "$JOB" -q --no-plots -o "$T/run"
    find "$T/curve" "$T/run" -type f -exec sha256sum {} + > "$T/sums"
    refuses "curve: error: holds the result of a curve" run tiny.yaml --job "$JOB" -o "$T/curve/"
    refuses "run: error: holds the result of a run" curve tiny.yaml --job 'rw=randread' -o "$T/run"
    sha256sum --quiet --check "$T/sums"
}

@test "a read-only parent of the result folder is told before the run" {
    mkdir "$T/locked"
    chmod 555 "$T/locked"
    [ ! -w "$T/locked" ] || skip "root may write everywhere"
    refuses "locked/result: error: cannot write results here" run tiny.yaml --job "$JOB" -o "$T/locked/result"
}

@test "a name that leaves no room for the temporary ones is told before the run" {
    local name
    name=$(printf 'n%.0s' $(seq 245))
    refuses "the name is too long: results need one of 242 bytes or fewer" run tiny.yaml --job "$JOB" -o "$T/$name"
    refuses "the name is too long" curve tiny.yaml --job rw=randread -o "$T/$name"
}

@test "a disk without room is told before the run" {
    mkdir "$T/small"
    mount -t tmpfs -o size=64k none "$T/small" 2> /dev/null || skip "cannot mount"
    sqtail run tiny.yaml --job "$JOB" -o "$T/small/out"
    umount "$T/small"
    [ "$status" -eq 2 ] || show
    tells "small/out: error: cannot write results here: No space left on device"
}

@test "a mounted file system in the place of the result folder is told before the run, and a folder in it is fine" {
    mkdir "$T/volume"
    mount -t tmpfs -o size=8m none "$T/volume" 2> /dev/null || skip "cannot mount"
    sqtail run tiny.yaml --job "$JOB" -o "$T/volume"
    local code=$status
    sqtail run tiny.yaml --job "$JOB" -q --no-plots -o "$T/volume/out"
    umount "$T/volume"
    [ "$code" -eq 2 ] && [ "$status" -eq 0 ] || show
}

@test "the result folder wants a name" {
    refuses "--output: error: wants the name of a folder" run tiny.yaml --job "$JOB" -o ''
}

# --- the command line -----------------------------------------------------------------------------------------------

@test "an unknown option is told with a suggestion" {
    run_with "sqtail: error: unknown option '--itterations'" tiny.yaml --itterations 5
    refuses "unknown option '--jop'; did you mean '--job'?" run tiny.yaml --jop "$JOB"
    refuses "unknown option '-z'" run tiny.yaml -z
    for command in curve compare check schema list trace man; do
        refuses "unknown option '--nonsense'" $command --nonsense
    done
}

@test "an unknown subcommand is told with a suggestion" {
    refuses "unknown command 'rum'; did you mean 'run'?" rum tiny.yaml
    refuses "unknown command 'frobnicate'; see sqtail --help" frobnicate
    refuses "unknown command 'frobnicate'" help frobnicate
    refuses "options come after a command" --quiet run
    refuses "options come after a command" --version run
}

@test "missing and superfluous arguments are told with the usage" {
    refuses "usage: sqtail run CONFIG.yaml" run
    refuses "'b.yaml' is one argument too many; usage: sqtail run" run tiny.yaml b.yaml --job "$JOB"
    refuses "--job wants a value" run tiny.yaml --job
    refuses "--quiet takes no value" run tiny.yaml --quiet=yes
    refuses "nothing to run" run tiny.yaml
    refuses "usage: sqtail COMMAND"
}

@test "a job without its quotes is told to want them" {
    refuses "'bs=4k' is one argument too many; the words of a job are one value, in quotes: --job" \
        run tiny.yaml --job rw=randread bs=4k iodepth=8
    refuses "the words of a job are one value" curve tiny.yaml --job rw=randread bs=4k
    refuses "'a=b' is one argument too many; usage: sqtail man" man a=b
}

@test "an option given twice is refused, not half ignored" {
    run_with "--output is given twice" tiny.yaml -o "$T/other"
    run_with "--seed is given twice" tiny.yaml --seed 1 --seed=2
}

@test "a seed must be a whole number" {
    for seed in abc -1 1.5 18446744073709551616 ''; do
        run_with "--seed: error: wants a whole number" tiny.yaml "--seed=$seed"
    done
}

@test "a speed must be above zero" {
    for speed in 0 -1 abc ''; do
        replay "--speed: error: '$speed' is not a speed" "$RECORDING" "--speed=$speed"
    done
}

@test "a depth must be a number above zero" {
    replay "--iodepth wants a whole number, not 'abc'" "$RECORDING" --iodepth abc
    replay "--iodepth wants at least 1" "$RECORDING" --iodepth 0
}

@test "an unknown kernel is told with those there are" {
    run_with "--kernel wants one of" tiny.yaml --kernel foo
    tells "native, not 'foo'"
}

@test "options that contradict each other are refused" {
    replay "'1x' is no place such as 1g or 50%" "$RECORDING" --offset 1x
    replay "'5%%' is no size such as 1g or 50%" "$RECORDING" --size 5%%
    replay "'0%' is no size such as 1g or 50%" "$RECORDING" --size 0%
    replay "its region does not lie within the drive's" "$RECORDING" --offset 50% --size 51%
    replay "'x' is not a speed" "$RECORDING speed=x"
    replay "give either --wrap or --scale, not both" "$RECORDING" --wrap --scale
    replay "--speed scales the recorded times, which --iodepth ignores" "$RECORDING" --speed 2 --iodepth 4
    replay "--replay depth needs its depth: give --iodepth N" "$RECORDING" --replay depth
    replay "it needs --replay dependencies" "$RECORDING" --threads one
    replay "--ramp-time and --ramp-ios exclude each other" "$RECORDING" --ramp-time 1s --ramp-ios 5
    replay "'100ios' is no time such as 10s or 500ms" "$RECORDING" --ramp-time 100ios
    replay "'10x' is neither a number of requests nor a share of them" "$RECORDING" --ramp-ios 10x
    replay "100% leaves nothing to measure of" "$RECORDING" --ramp-ios 100%
    for option in --replay=times --threads=one --loops=2 --ramp-time=1s --ramp-ios=5 --offset=0 --size=1g --wrap --scale --speed=2 --iodepth=4 --action=Q --skip-bad=3 --device=8,0 --from=csv --look-ahead=9; do
        run_with "is for recordings" tiny.yaml $option
    done
}

@test "options of another use of a command are refused" {
    refuses "--count is no option of trace info, but of trace head" trace info "$RECORDING" --count 5
    refuses "--format is no option of trace head, but of trace convert, trace slice" trace head "$RECORDING" --format csv
    refuses "-o is no option of trace info, but of trace plot, trace convert, trace slice, trace merge, trace remap, trace repeat" trace info "$RECORDING" -o "$OUT"
}

# --- jobs -----------------------------------------------------------------------------------------------------------

job()
{
    refuses "$1" run tiny.yaml --job "$2" -o "$OUT"
}

@test "an unknown word in a job is told with a suggestion" {
    job "--job:1:13: error: unknown word 'bss'; did you mean 'bs'?" "rw=randread bss=4k"
    job "unknown rw 'sideways'; see sqtail list job" "rw=sideways"
    job "unknown word 'zebras'; see sqtail list job" "rw=randread zebras=none"
    job "zonemode=zbd needs a zoned drive; zonemode=strided visits" "rw=randread zonemode=zbd"
    job "--job:1:13: error: wait_for=x is not how it is here: stonewall waits for all jobs before" "rw=randread wait_for=x"
    job "words are separated by blanks" "rw=randread,bs=4k"
}

@test "an impossible job is refused, each of its errors told" {
    job "bs=0 is out of range" "rw=randread bs=0 iodepth=0 rwmixread=150"
    tells "iodepth=0 is out of range" "rwmixread=150 is out of range"
    job "bs must be a multiple of 512" "rw=randread bs=1000"
    job "'x' is not a value of iodepth: expected a number" "rw=randread iodepth=x"
}

@test "an empty job is refused" {
    job "the job is empty" ""
    job "the job is empty" "  "
}

@test "a region beyond the drive is refused" {
    job "offset and size: the region of job 0 reaches beyond the drive's 4294967296 bytes" "rw=randread offset=8g"
    job "reaches beyond the drive's" "rw=randread bs=4k offset=1g size=4g"
}

# --- the other commands ---------------------------------------------------------------------------------------------

@test "curve refuses what it cannot sweep" {
    refuses "a curve needs its load" curve tiny.yaml
    refuses "the job must leave iodepth to the curve" curve tiny.yaml --job "rw=randread iodepth=4"
    refuses "wants depths from 1 to 65535" curve tiny.yaml --job "rw=randread" --iodepth 0
    refuses "wants depths from 1 to 65535" curve tiny.yaml --job "rw=randread" --iodepth 1,,2
    refuses "--resume goes on with the curve in a folder" curve tiny.yaml --job rw=randread --resume
    refuses "wants rising depths; 2 comes after 4" curve tiny.yaml --job "rw=randread" --iodepth 4,2
    refuses "unknown word 'bss'; did you mean 'bs'?" curve tiny.yaml --job "rw=randread bss=4k" --parallel 4
    [ "$(wc -l <<< "$stderr")" -eq 1 ]
}

@test "compare refuses what is no result" {
    succeeds run tiny.yaml --job "$JOB" -q --no-plots -o "$T/base"
    refuses "configs: error: is no result folder" compare "$T/base" configs
    refuses "nosuch: error: no such result" compare "$T/base" "$T/nosuch"
    refuses "usage: sqtail compare BASE NEW" compare "$T/base"
    refuses "usage: sqtail compare BASE NEW" compare
    refuses "--write wants FORMAT=FILE with one of text|json" compare "$T/base" "$T/base" --write "$T/x.xml"
    refuses "--confidence wants a percentage" compare "$T/base" "$T/base" --confidence 5
    mkdir "$T/broken"
    echo '{"schema": "sqtail.result/1", ' > "$T/broken/summary.json"
    refuses "broken/summary.json:" compare "$T/base" "$T/broken"
    refuses "stats.csv:1:" compare "$T/base" "$T/base/stats.csv"
    tells "a result is a folder, or the summary.json, curve.json or sweep.json in it"
}

@test "compare refuses unknown metrics and malformed thresholds" {
    succeeds run tiny.yaml --job "$JOB" -q --no-plots -o "$T/base"
    with() { refuses "$1" compare "$T/base" "$T/base" --threshold "$2"; }
    with "no metric 'foo' in these results" foo=5%
    with "no metric 'trim.p99' in these results" trim.p99=5%
    with "'p99' is no threshold; write METRIC=LIMIT" p99
    with "did you mean 'p99=5%' or 'p99=5us'?" p99=5
    with "is no limit" p99=-5%
    with "is no limit" p99=abc%
    with "fits no point of these results" 'p99=5%@iodepth<=4'
    succeeds run tiny.yaml --job "rw=read number_ios=10" -q --no-plots -o "$T/other"
    refuses "no metric 'foo' in these results" compare "$T/base" "$T/other" --threshold foo=5%
    tells "not the load of the base"
}

@test "list, trace and schema refuse what they do not know" {
    refuses "there is no list of 'gcc'; did you mean 'gc'?" list gcc
    refuses "trace wants info, head, plot, convert, slice, merge, remap, repeat or characterize; did you mean 'info'?" trace infoo "$RECORDING"
    refuses "cannot write format 'csvv'; did you mean 'csv'?" trace convert "$RECORDING" --format csvv
    refuses "cannot write: No such file or directory" trace convert "$RECORDING" -o "$T/nowhere/x"
    refuses "give one of --json, --man and --sample" schema --json --man
}

@test "check tells the errors of each file and goes on" {
    printf 'nand:\n  channels: 0\n' | config
    sqtail check tiny.yaml "$T/drive.yaml" ideal.yaml
    [ "$status" -eq 2 ]
    tells "drive.yaml:2:13: error:"
    shows "tiny.yaml: fine" "ideal.yaml: fine"
}

@test "a 32-bit build is refused by configure" {
    [ -x configure ] || skip "no configure in the source folder"
    mkdir "$T/build"
    run bash -c "cd '$T/build' && ac_cv_sizeof_void_p=4 '$PWD/configure' --quiet 2>&1"
    [ "$status" -ne 0 ]
    [[ $output == *"sqtail needs a 64-bit build: pointers have 4 bytes here"* ]]
}

@test "a full disk is told" {
    [ -w /dev/full ] || skip "no /dev/full"
    run bash -c "'$SQTAIL' schema 2>&1 > /dev/full"
    [ "$status" -ne 0 ]
    [[ $output == *"No space left on device"* ]]
}
