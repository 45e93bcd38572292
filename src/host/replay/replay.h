// The trace player.
#ifndef SQTAIL_HOST_REPLAY_REPLAY_H
#define SQTAIL_HOST_REPLAY_REPLAY_H

#include "host/workload.h"
#include "trace/trace.h"

// What becomes of a request beyond the drive's capacity.
enum replay_beyond {
    REPLAY_BEYOND_ERROR, // the user's error, found before the run
    REPLAY_BEYOND_WRAP,  // offset modulo the capacity
    REPLAY_BEYOND_SCALE, // moved together, when the recorded range is larger than the drive (trace/filter/scale.h)
};

// Playing twice as fast: 2/1; half as fast: 1/2.
struct replay_speed {
    uint64_t numerator, denominator;
};

struct replay_options {
    struct replay_speed speed; // of recorded times; {0, 0} stands for 1
    uint32_t iodepth;          // 0: at recorded times; else closed loop with so many in flight, in recorded order
    enum replay_beyond beyond;
};

extern const struct workload_ops replay_ops;
extern const struct workload_option replay_options_table[];

// Reads "2", "0.5", "1.25" exactly: up to nine digits before and after the point, above zero. Returns 0, or -1 with
// the reason in `diag`.
int replay_parse_speed(const char *text, struct replay_speed *speed, struct place place, struct diag *diag);

// The trace must outlive the workload, which reads it from its beginning when it is checked and when it starts.
struct workload *replay_create(struct trace *trace, const struct replay_options *options);

#endif
