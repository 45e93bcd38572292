// A run's course over time: all kinds of command and all meters on one common axis of bins.
#ifndef SQTAIL_REPORT_DATA_COURSE_H
#define SQTAIL_REPORT_DATA_COURSE_H

#include "report/report.h"

struct course_bin {
    uint64_t count;
    double iops, bandwidth_mb_s;
    double mean_us, p50_us, p99_us, max_us; // nothing to tell while count is 0
};

struct course {
    uint32_t bins;
    tick_t width;    // ps; the last bin reaches to the end of the run
    tick_t duration; // ps
    bool has_kind[IO_KIND_COUNT];
    struct course_bin *kinds[IO_KIND_COUNT]; // [bins]
    size_t meter_count;
    const struct report_meter *meters;
    double **utilization; // [meter_count][bins], 0 to 1
    size_t count_count;
    const struct named_strip *counts;
    const struct places *places; // NULL: not kept
};

struct course *course_create(const struct report_input *input);
void course_destroy(struct course *course);

double course_middle_s(const struct course *course, uint32_t bin);

// As CSV: time_s, then for each kind with commands its columns, the meters, and what was counted, a second. Empty where
// there is no value.
void course_write_csv(const struct course *course, FILE *to);

// How busy each of the resources was, a column each: time_s,die0,die1 ... channel0,channel1 ...
void course_write_utilization(const struct course *course, FILE *to);

// How many commands of each kind began in which part of the drive, a column a part: time_s,read@0-4096,read@4096-8192
// ... write@0-4096 ... The bytes that a part goes from and to are in its name. Only where there were any.
bool course_has_offsets(const struct course *course);
void course_write_offsets(const struct course *course, FILE *to);

#endif
