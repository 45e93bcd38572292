// The trace player.
#ifndef SQTAIL_HOST_REPLAY_REPLAY_H
#define SQTAIL_HOST_REPLAY_REPLAY_H

#include "host/beside.h"
#include "host/replay/pace.h"
#include "host/replay/placement.h"
#include "host/replay/source.h"
#include "host/workload.h"
#include "trace/trace.h"

// When requests are issued (host/replay/pace.h): the default is at recorded times, or by depth where one is given.
#define REPLAY_MODES "auto|times|depth|dependencies"
enum replay_mode { REPLAY_AUTO, REPLAY_TIMES, REPLAY_DEPTH, REPLAY_DEPENDENCIES };

struct replay_options {
    enum replay_mode mode;
    struct replay_speed speed; // of recorded times; {0, 0} stands for 1
    uint32_t iodepth;          // requests in flight: of a closed loop, else at most; 0: no bound
    enum replay_threads threads;
    uint64_t window;           // requests that dependencies look ahead; 0: as reading does
    enum replay_beyond beyond;
    struct replay_region region;
    char name[LOAD_NAME_BYTES]; // beside others
    uint32_t number;           // among them, from 0: their processes are others than its own
    uint64_t loops;            // 0 stands for 1
    tick_t ramp_time;          // not measured: what is issued before,
    uint64_t ramp_ios;         // or so many requests; at most one of both
};

extern const struct workload_ops replay_ops;
extern const struct workload_option replay_options_table[];

// Reads "2", "0.5", "1.25" exactly: up to nine digits before and after the point, above zero. Returns 0, or -1 with
// the reason in `diag`.
int replay_parse_speed(const char *text, struct replay_speed *speed, struct place place, struct diag *diag);

// The mode that `mode` stands for.
enum replay_mode replay_mode_of(enum replay_mode mode, uint64_t iodepth);

// The trace must outlive the workload, which reads it from its beginning when it is checked, as it must be if there are
// loops, and when it starts.
struct workload *replay_create(struct trace *trace, const struct replay_options *options);

// What became of the recorded order of things; once it has run.
const struct pace_stats *replay_get_stats(const struct workload *replay);

#endif
