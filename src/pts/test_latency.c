// Latency: three mixes by three sizes at random places, one request at a time, until 4 KiB writes are steady, 25 rounds
// at most; then 20 minutes of 4 KiB writes for the distribution of response times.
//
// Sources (links: doc/pts.md): SNIA, "LAT (Latency) Test": nine cells of a minute, one outstanding request, mean and
// maximum; cloudharmony/block-storage, which follows Enterprise 1.1: order, the mean of 4 KiB writes is tracked, 20
// minutes of them, five nines.
#include "pts/test.h"

const struct pts_test pts_test_latency = {
    .name = "latency",
    .title = "Latency",
    .help = "mean, 99.999 % and largest response time with one request at a time, in steady state",
    .metric = PTS_MEAN_US,
    .has_response_times = true,
    .read_percents = {100, 65, 0},
    .mix_count = 3,
    .block_bytes = {8192, 4096, 512},
    .size_count = 3,
    .tracked_percent = 0,
    .tracked_bytes = 4096,
    .iodepth = 1,
    .threads = 1,
    .fills_before = 2,
    .most_rounds = 25,
    .response_minutes = 20,
};
