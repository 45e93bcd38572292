// Throughput: large blocks in sequence, reads and writes, until writes of 1 MiB are steady, 25 rounds at most.
//
// Sources (links: doc/pts.md): SNIA, "PTS Testing Service": large blocks, sequential, MB/s; Fateast/ssd-test,
// test02.sh: sizes, mixes, 25 rounds. Which of them is tracked, and that both sizes share one preconditioning, is
// assumed.
#include "pts/test.h"

const struct pts_test pts_test_throughput = {
    .name = "throughput",
    .title = "Throughput",
    .help = "sequential reads and writes of 128 KiB and 1 MiB, in steady state",
    .metric = PTS_MB_S,
    .sequential = true,
    .read_percents = {100, 0},
    .mix_count = 2,
    .block_bytes = {131072, 1048576},
    .size_count = 2,
    .tracked_percent = 0,
    .tracked_bytes = 1048576,
    .iodepth = 32,
    .threads = 1,
    .fills_before = 2,
    .most_rounds = 25,
};
