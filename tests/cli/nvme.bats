#!/usr/bin/env bats
# What sqtail nvme prints is what Debian's nvme-cli prints of the same answers: that is loaded with a library which sends
# its admin commands to a simulated drive (tests/nvme_cli/device.c).
load lib

setup_file()
{
    export SQTAIL
    cd "$BATS_TEST_DIRNAME/../.." || return 1
    "${CC:-cc}" -shared -fPIC -o "$BATS_FILE_TMPDIR/device.so" tests/nvme_cli/device.c -ldl
}

# cli WORD OPTIONS...: nvme-cli's answer of the drive $DRIVE.
cli()
{
    local word=$1
    shift
    SQTAIL=$SQTAIL SQTAIL_DRIVE=$DRIVE LD_PRELOAD=$BATS_FILE_TMPDIR/device.so nvme "$word" /dev/null "$@" |
        sed 's/device:null/device:sqtail/; s/"null"/"sqtail"/'
}

ours()
{
    local word=$1
    shift
    eval "$SQTAIL nvme $word $DRIVE" '"$@"'
}

# same_text WORD OPTIONS...
same_text()
{
    cli "$@" > "$T/theirs"
    ours "$@" > "$T/ours"
    [ -s "$T/theirs" ]
    diff "$T/theirs" "$T/ours"
}

same_json()
{
    cli "$@" -o json | jq -S . > "$T/theirs"
    ours "$@" -o json | jq -S . > "$T/ours"
    [ -s "$T/theirs" ]
    diff "$T/theirs" "$T/ours"
}

same()
{
    same_text "$@"
    same_json "$@"
}

DRIVE="tiny.yaml --set nvme.serial_number=S1 --set 'nvme.namespaces=25% 4KiB, 50%' --set nvme.max_namespaces=4 \
    --set 'nvme.power_states=6500, 55 5ms 10ms idle'"

@test "nvme-cli decodes a drive's identification as it is configured" {
    same id-ctrl
    same id-ns -n 1
    same list-ns
    cli id-ctrl -o json > "$T/id"
    jq -e '.sn == "S1                  " and .nn == 4 and .tnvmcap == "4294967296" and .unvmcap == "1073741824" and
        .oacs == 10 and .wctemp == 343 and .psds[1].exit_lat == 10000 and .psds[1].max_power == 550' "$T/id"
    cli id-ns -n 2 -o json > "$T/ns"
    jq -e '.nsze == 4194304 and .lbafs[.flbas].ds == 9' "$T/ns"
}

@test "nvme-cli decodes logs and features at the end of a run" {
    DRIVE="tiny.yaml --job 'rw=read bs=128k number_ios=100'"
    same smart-log
    DRIVE=tiny.yaml
    same fw-log
    same_text get-feature -f 4
    same_text get-feature -f 0x03 -n 1
    same_json error-log -e 1
    DRIVE="tiny.yaml --set nvme.self_test=true"
    same self-test-log -e 3
}

@test "nvme tells what a run left, and structures as they are" {
    "$SQTAIL" nvme smart-log tiny.yaml --job 'rw=read bs=128k number_ios=100' -o json > "$T/log"
    jq -e '.host_read_commands == "100" and .data_units_read == "26"' "$T/log" # 13 107 200 bytes
    "$SQTAIL" nvme id-ctrl tiny.yaml -o binary > "$T/binary"
    [ "$(wc -c < "$T/binary")" -eq 4096 ]
    "$SQTAIL" nvme admin-passthru tiny.yaml --opcode=6 --cdw10=1 --data-len=4096 -r -b 2> /dev/null | cmp - "$T/binary"
    "$SQTAIL" nvme show-regs tiny.yaml | grep -qx 'version : 10400'
    "$SQTAIL" nvme effects-log tiny.yaml | grep -q '^IOCS1 .*Write .*00000003  CSUPP+  LBCC+'
    "$SQTAIL" nvme telemetry-log tiny.yaml | tail -c +513 | grep -aq '^reads 0$'
}

@test "nvme tells what it is not given, and a status" {
    refuses "nvme wants id-ctrl" nvme id-controller tiny.yaml
    refuses "there is no feature" nvme get-feature tiny.yaml -f 0xc2
    refuses "no such file" nvme id-ctrl missing.yaml
    refuses "admin-passthru wants numbers" nvme admin-passthru tiny.yaml
    run -1 "$SQTAIL" nvme self-test-log tiny.yaml
    [[ $output == *"NVMe status: (0x6109)"* ]]
    run -1 "$SQTAIL" nvme id-ns tiny.yaml -n 9
    [[ $output == *"NVMe status: (0x600b)"* ]]
}
