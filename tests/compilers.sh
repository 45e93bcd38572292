#!/bin/sh
# tests/compilers.sh A B: two builds of sqtail, by different compilers, give the same bytes.
set -eu
first=$1 second=$2
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0

# same NAME ARGUMENTS...: runs both builds and compares all that does not depend on the machine.
same() {
    name=$1
    shift
    "$first" run "$@" --quiet --progress never --output "$folder/first"
    "$second" run "$@" --quiet --progress never --output "$folder/second"
    if diff -r --exclude=host.json "$folder/first" "$folder/second"; then
        echo "[       OK ] both_compilers_agree_on_$name"
    else
        echo "[  FAILED  ] both_compilers_agree_on_$name"
        failed=1
    fi
    rm -rf "$folder/first" "$folder/second"
}

for config in configs/*.yaml; do
    name=$(basename "$config" .yaml | tr -c 'a-z0-9\n' _)
    same "$name" "$config" --set ftl.precondition=sequential \
        --job "rw=randrw bs=4k iodepth=16 number_ios=20000 fsync=100"
done
same a_recording configs/tiny.yaml --trace traces/mke2fs
same errors_and_collection configs/tiny.yaml --set ftl.precondition=random --set raid.enabled=true \
    --set nand.blocks_per_plane=250 --set reliability.initial_pe_cycles=3000 --set reliability.retention_age=100d \
    --job "rw=randrw bs=8k iodepth=16 number_ios=20000"
exit $failed
