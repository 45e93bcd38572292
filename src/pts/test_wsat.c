// Write saturation: random writes of 4 KiB on a drive as new, minute by minute, until four times its capacity has been
// written, or for a day.
//
// Sources (links: doc/pts.md): SNIA, "PTS Testing Service": a drive as new, no workload-independent preconditioning;
// TKperf and Myce's reviews: random 4 KiB writes, until four times the user capacity or 24 hours, no steady state
// needed. Other implementations end it with the rule over every 31st minute. Over minutes in a row it would end in the
// first ones, since a new drive is level until its spare is used up; whether the last ones are steady is told.
#include "pts/test.h"

const struct pts_test pts_test_wsat = {
    .name = "wsat",
    .title = "Write saturation",
    .help = "random 4 KiB writes on a drive as new, until four times its capacity is written",
    .metric = PTS_IOPS,
    .has_response_times = true,
    .read_percents = {0},
    .mix_count = 1,
    .block_bytes = {4096},
    .size_count = 1,
    .tracked_percent = 0,
    .tracked_bytes = 4096,
    .iodepth = 32,
    .threads = 1,
    .most_fills = 4,
    .most_rounds = 24 * 60,
};
