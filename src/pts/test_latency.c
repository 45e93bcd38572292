// Latency: three mixes by three sizes at random places, one request at a time, until 4 KiB writes are steady, 25 rounds
// at most; then response times of 4 KiB of each mix.
//
// Source (link: doc/pts.md): SNIA, "LAT (Latency) Test": nine cells of a minute, one outstanding request, mean and
// maximum. Assumed, for want of the text: that the mean of 4 KiB writes is tracked, and how long the response times are
// taken for, 20 minutes of each mix.
#include "pts/test.h"

const struct pts_test pts_test_latency = {
    .name = "latency",
    .title = "Latency",
    .help = "mean, 99.999 % and largest response time with one request at a time, in steady state",
    .metric = PTS_MEAN_US,
    .has_response_times = true,
    .read_percents = {100, 65, 0},
    .mix_count = 3,
    .block_bytes = {512, 4096, 8192},
    .size_count = 3,
    .tracked_percent = 0,
    .tracked_bytes = 4096,
    .iodepth = 1,
    .threads = 1,
    .fills_before = 2,
    .most_rounds = 25,
    .histogram_minutes = 20,
};
