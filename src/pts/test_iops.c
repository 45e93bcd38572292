// IOPS: seven mixes by eight sizes at random places, a minute each, until 4 KiB writes are steady, 25 rounds at most.
//
// Sources (links: doc/pts.md): SNIA, "PTS Testing Service": a matrix of 56; The SSD Review: sizes and mixes, one minute
// each and 25 rounds of 56 minutes; Calypso's sample report: RND 4 KiB 100 % W is tracked; Fateast/ssd-test: two
// capacities in sequential writes of 128 KiB go first.
#include "pts/test.h"

const struct pts_test pts_test_iops = {
    .name = "iops",
    .title = "IOPS",
    .help = "random accesses of seven mixes by eight block sizes, in steady state",
    .metric = PTS_IOPS,
    .read_percents = {100, 95, 65, 50, 35, 5, 0},
    .mix_count = 7,
    .block_bytes = {512, 4096, 8192, 16384, 32768, 65536, 131072, 1048576},
    .size_count = 8,
    .tracked_percent = 0,
    .tracked_bytes = 4096,
    .iodepth = 32,
    .threads = 1,
    .fills_before = 2,
    .most_rounds = 25,
};
