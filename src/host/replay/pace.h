// When the requests of a recording are issued: an interface, a file for each way, and the registry of those there are.
#ifndef SQTAIL_HOST_REPLAY_PACE_H
#define SQTAIL_HOST_REPLAY_PACE_H

#include "host/replay/source.h"
#include "host/workload.h"
#include "stats/stat.h"

// What is one thread of a recording, whose requests wait for each other.
enum replay_threads { REPLAY_THREADS_PROCESS, REPLAY_THREADS_CPU, REPLAY_THREADS_ONE };

struct pace_options {
    uint32_t iodepth; // requests in flight, at most; 0: no bound
    enum replay_threads threads;
    uint64_t window;  // requests to look ahead
};

// What became of the recorded order of things, by all requests.
struct pace_stats {
    uint64_t late;       // due while as many as may be were in flight
    tick_t late_mean, late_max;
    uint64_t threads;    // dependencies: of the recording
    uint64_t waits_all;  // for all completions of their thread,
    uint64_t waits_one;  // for one of them,
    uint64_t waits_turn; // for one and for the thread itself,
    uint64_t waits_any;  // for those of any thread, as the first of a thread do,
    uint64_t waits_none; // or for none
    uint64_t unfollowed; // nothing waits for their completion: the recording does not tell it
    uint64_t unseen;     // came into view only after what they waited for
};

extern const struct stat_field pace_stat_fields[];
extern const size_t pace_stat_field_count;

struct pace;

struct pace_ops {
    const char *name;
    const char *help;
    bool needs_iodepth, needs_latencies, ignores_times;

    struct pace *(*create)(const struct pace_options *options);

    // Each of these leaves `due` and `first` as they are from then on. It starts at the source's front; the first is
    // issued, as `request`, of which `job` is the pace's own; one that was issued has completed.
    void (*start)(struct pace *pace, const struct workload_start *start);
    void (*issued)(struct pace *pace, tick_t now, struct workload_request *request);
    void (*completed)(struct pace *pace, tick_t now, const struct workload_request *request);

    void (*destroy)(struct pace *pace);
};

// The first member of every pace.
struct pace {
    const struct pace_ops *ops;
    struct replay_source *source;
    tick_t due;                        // when the next request comes, as of a workload,
    const struct trace_request *first; // and which it is
    struct pace_stats stats;
    tick_sum_t late_sum;
};

// As they are now.
struct stat_group pace_stat_group(struct pace *pace);

// A request that was due at `due` is issued.
static inline void pace_note_late(struct pace *pace, tick_t due, tick_t now)
{
    if (likely(now <= due))
        return;
    pace->stats.late++;
    pace->late_sum += now - due;
    pace->stats.late_max = MAX(pace->stats.late_max, now - due);
}

// By enum replay_mode.
extern const struct pace_ops *const pace_registry[];

extern const struct pace_ops pace_times, pace_depth, pace_dependencies;

#endif
