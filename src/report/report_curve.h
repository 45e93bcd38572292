// A load curve: throughput and latency at one load after another.
#ifndef SQTAIL_REPORT_REPORT_CURVE_H
#define SQTAIL_REPORT_REPORT_CURVE_H

#include "report/report.h"

// Plain data, so that points may come from processes of their own.
struct report_curve_point {
    uint32_t iodepth;
    double offered_iops; // 0: closed loop at `iodepth`
    uint64_t count, errors;
    double iops, bandwidth_mb_s;
    struct report_latency latency;
};

struct report_curve_point report_curve_point_of(const struct command_stats *commands, tick_t duration,
                                                uint32_t iodepth, double offered_iops);

struct report_curve {
    const char *drive;
    const struct config *config;
    uint64_t seed;
    bool complete;
    const char *job; // the load as text
    const struct report_curve_point *points;
    size_t count;
    uint64_t events; // of all points together
    struct report_host host;
};

// Writes curve.json (schema sqtail.curve/1), curve.csv, host.json and plots into `folder`; as report_write.
int report_write_curve(const struct report_curve *curve, const char *folder, struct diag *diag);

// The points as a table.
void report_print_curve(const struct report_curve *curve, FILE *to, bool colour);

#endif
