// IOPS: seven mixes by eight sizes at random places, a minute each, until 4 KiB writes are steady, 25 rounds at most.
//
// Source: PTS Enterprise 1.1, section 7, whose pseudo-code test scripts quote: two capacities in sequential writes of
// 128 KiB; mixes from reads to writes, of each sizes from large to small, in that order; IOPS of 4 KiB at 0/100 tell
// steady state; outstanding requests and threads are the operator's choice.
#include "pts/test.h"

const struct pts_test pts_test_iops = {
    .name = "iops",
    .title = "IOPS",
    .help = "random accesses of seven mixes by eight block sizes, in steady state",
    .metric = PTS_IOPS,
    .read_percents = {100, 95, 65, 50, 35, 5, 0},
    .mix_count = 7,
    .block_bytes = {1048576, 131072, 65536, 32768, 16384, 8192, 4096, 512},
    .size_count = 8,
    .tracked_percent = 0,
    .tracked_bytes = 4096,
    .iodepth = 32,
    .threads = 1,
    .fills_before = 2,
    .most_rounds = 25,
};
