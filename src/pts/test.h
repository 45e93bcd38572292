// The tests of the SNIA's Solid State Storage Performance Test Specification: a file each.
#ifndef SQTAIL_PTS_TEST_H
#define SQTAIL_PTS_TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What a test tells of each cell, and tracks of one.
enum pts_metric { PTS_IOPS, PTS_MB_S, PTS_MEAN_US, PTS_NINES_US, PTS_MAX_US, PTS_METRICS };

struct pts_metric_row {
    const char *title; // with its unit
    const char *format; // of a number in a table
};
extern const struct pts_metric_row pts_metrics[PTS_METRICS];

enum { PTS_MIXES_MAX = 8, PTS_SIZES_MAX = 8 };

struct pts_test {
    const char *name;
    const char *title;
    const char *help;
    enum pts_metric metric;
    bool sequential;                        // else at random places
    bool has_response_times;                // tables of mean, five nines and maximum beside the metric's
    uint32_t read_percents[PTS_MIXES_MAX];  // in the order in which a round has them
    size_t mix_count;
    uint32_t block_bytes[PTS_SIZES_MAX];    // of each mix one after the other, falling
    size_t size_count;
    uint32_t tracked_percent, tracked_bytes; // the cell whose metric the rule looks at
    uint32_t iodepth, threads;              // unless the user says otherwise
    uint32_t fills_before;                  // capacities written in sequence before the first round
    uint32_t most_fills;                    // ends when so many capacities have been written; 0: when it is steady
    uint32_t most_rounds;
    uint32_t response_minutes; // after the rounds, of the tracked cell; 0: none
};

extern const struct pts_test pts_test_wsat, pts_test_iops, pts_test_throughput, pts_test_throughput_128k,
    pts_test_latency;

// Ends with NULL.
extern const struct pts_test *const pts_tests[];

#define PTS_TEST_NAMES "wsat|iops|throughput|throughput-128k|latency"

// NULL: there is none of that name.
const struct pts_test *pts_test_find(const char *name);

// "0.5 KiB", "1024 KiB"; "35/65": reads and writes.
enum { PTS_NAME_BYTES = 24 };
const char *pts_size_name(uint32_t bytes, char text[PTS_NAME_BYTES]);
const char *pts_mix_name(uint32_t read_percent, char text[PTS_NAME_BYTES]);

#endif
