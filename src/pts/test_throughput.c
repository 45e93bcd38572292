// Throughput: one block size in sequence, reads and writes, until writes are steady, 25 rounds at most. 1 MiB and
// 128 KiB are tests of their own, each after a purge and a preconditioning.
//
// Sources (links: doc/pts.md): SNIA, "PTS Testing Service": large blocks, sequential, MB/s; implementations of
// Enterprise 1.1 (cloudharmony/block-storage: sizes, mixes, a purge for each size, writes tracked, 32 outstanding).
#include "pts/test.h"

#define THROUGHPUT(BYTES)              \
    .metric = PTS_MB_S,                \
    .sequential = true,                \
    .read_percents = {100, 0},         \
    .mix_count = 2,                    \
    .block_bytes = {BYTES},            \
    .size_count = 1,                   \
    .tracked_percent = 0,              \
    .tracked_bytes = BYTES,            \
    .iodepth = 32,                     \
    .threads = 1,                      \
    .fills_before = 2,                 \
    .most_rounds = 25

const struct pts_test pts_test_throughput = {
    .name = "throughput",
    .title = "Throughput",
    .help = "sequential reads and writes of 1 MiB, in steady state",
    THROUGHPUT(1 << 20),
};

const struct pts_test pts_test_throughput_128k = {
    .name = "throughput-128k",
    .title = "Throughput",
    .help = "sequential reads and writes of 128 KiB, in steady state",
    THROUGHPUT(128 << 10),
};
