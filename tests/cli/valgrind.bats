#!/usr/bin/env bats
# No wrong access to memory, no use of what was never set, no leak: what the sanitizers do not see, valgrind does.
load lib

# checked ARGUMENTS...: the native kernel, since valgrind does not follow SystemC's coroutines.
checked()
{
    need valgrind
    ! grep -q __asan_init "$SQTAIL" || skip "built with AddressSanitizer"
    run valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,indirect "$SQTAIL" "$@"
    [ "$status" -eq "$expected" ] || { echo "$output"; false; }
}

@test "a job with every model at work is clean under valgrind" {
    expected=0
    checked run tiny.yaml --kernel native -q --no-plots -o "$OUT" --set ftl.capacity=256MiB \
        --set nand.blocks_per_plane=32 --set ftl.precondition=random --set raid.enabled=true \
        --set reliability.initial_pe_cycles=3000 --job 'rw=randrw bs=6k iodepth=8 number_ios=1500 fsync=20'
}

@test "a replay is clean under valgrind" {
    expected=0
    checked run tiny.yaml --kernel native -q --set ftl.precondition=empty --trace traces/mke2fs
}

@test "a configuration full of mistakes is clean under valgrind" {
    expected=2
    checked check tests/fuzz/corpus/config/unknown-and-duplicate.yaml
}
