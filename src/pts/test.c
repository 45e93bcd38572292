// The list of tests, and what reports call their parts.
#include "pts/test.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const struct pts_metric_row pts_metrics[PTS_METRICS] = {
    [PTS_IOPS] = {"IOPS", "%.0f"},
    [PTS_MB_S] = {"MB/s", "%.1f"},
    [PTS_MEAN_US] = {"mean latency (us)", "%.2f"},
    [PTS_NINES_US] = {"99.999 % latency (us)", "%.2f"},
    [PTS_MAX_US] = {"largest latency (us)", "%.2f"},
};

const struct pts_test *const pts_tests[] = {&pts_test_wsat, &pts_test_iops, &pts_test_throughput,
                                            &pts_test_throughput_128k, &pts_test_latency, NULL};

const struct pts_test *pts_test_find(const char *name)
{
    const struct pts_test *const *test = pts_tests;
    while (*test != NULL && strcmp((*test)->name, name) != 0)
        test++;
    return *test;
}

const char *pts_size_name(uint32_t bytes, char text[PTS_NAME_BYTES])
{
    snprintf(text, PTS_NAME_BYTES, "%g KiB", bytes / 1024.0);
    return text;
}

const char *pts_mix_name(uint32_t read_percent, char text[PTS_NAME_BYTES])
{
    snprintf(text, PTS_NAME_BYTES, "%" PRIu32 "/%" PRIu32, read_percent, 100 - read_percent);
    return text;
}
