// Where requests come from: a small interface that the host plays, and the registry of those there are.
//
// The host asks for the next request when its time has come and tells of every completion; open and closed loops
// differ only in what `arrival` answers.
#ifndef SQTAIL_HOST_WORKLOAD_H
#define SQTAIL_HOST_WORKLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/tick.h"
#include "spec/io.h"
#include "util/diag.h"

struct workload_request {
    enum io_kind kind;
    bool fua;             // makes IO_WRITE one of IO_WRITE_FUA
    bool ramp;            // comes before the measurement and is not part of it
    bool preflush;        // a flush command goes first; the others wait for its completion
    uint8_t how;          // enum io_how: of interest to the block layer alone
    uint32_t cpu;
    uint32_t job;         // the workload's own: who issued it,
    tick_t issued;        // and when
    uint32_t group;       // whose statistics it counts in beside the whole's: below group_count
    uint32_t task;        // who submits it, to the block layer; 0: its CPU
    uint64_t offset;      // bytes, a multiple of the logical block
    uint64_t bytes;       // 0 for IO_FLUSH
    uint32_t range_count;          // IO_TRIM of several ranges in one command: at most NVME_DSM_RANGES_MAX; else 0
    const struct io_range *ranges; // these, each below 2^32 blocks; they live until the request's completion
    uint64_t recorded_ns; // latency in the recording; TRACE_LATENCY_UNKNOWN when there is none
};

// The drive as the workload needs to know it.
struct workload_drive {
    uint64_t capacity_bytes;
    uint32_t block_bytes; // logical block
};

struct workload_start {
    tick_t now;        // time zero of the workload
    tick_t think_time; // closed loop: between a completion and the next request
    uint64_t seed;     // of the run
    struct workload_drive drive;
};

// One row for each word that a workload understands, for `list` and for the parser.
struct workload_option {
    const char *name;
    const char *type;
    const char *fallback;
    const char *help;
};

// One of several loads at once that are measured each by itself, too.
struct workload_group {
    const char *name;
    const char *text;
    bool open_loop;
    tick_t begins; // once started: when it begins to issue
    tick_t until;  // as the op of that name
};

struct workload;
struct beside_ops;
struct stat_group;

struct workload_ops {
    const char *name;
    const char *help;

    // Finds everything in the workload that this drive cannot serve, before the run. Returns 0, or -1 with the
    // reasons in `diag`. May be called several times.
    int (*check)(struct workload *workload, const struct workload_drive *drive, struct diag *diag);

    // Called once, when the drive is ready, before the calls below.
    void (*start)(struct workload *workload, const struct workload_start *start);

    // When the next request arrives, not later than `now` if it is due; TICK_NEVER when none will arrive before
    // another request has completed, or none at all. Changes nothing that can be seen.
    tick_t (*arrival)(struct workload *workload, tick_t now);

    // Takes the request that is due, and says what it is; `request` comes empty, its latency unknown.
    void (*next)(struct workload *workload, tick_t now, struct workload_request *request);

    // A request that was taken has completed. NULL: of no interest.
    void (*completed)(struct workload *workload, tick_t now, const struct workload_request *request);

    // Once started: when measuring begins; TICK_NEVER: with the first request that is not of the ramp; 0: at the start.
    // NULL: at the start.
    tick_t (*ramp_end)(const struct workload *workload);

    // Once nothing more comes: until when requests came, for a workload that the clock has ended and that had more to
    // give; else 0. NULL: 0.
    tick_t (*until)(struct workload *workload);

    // How many requests will be measured, for the progress display, and how many of these have completed; a count of 0
    // when it is not known before. NULL for `done`: every request counts.
    uint64_t (*count)(const struct workload *workload);
    uint64_t (*done)(const struct workload *workload);

    // What it counted of itself since measuring began, at most so many groups; returns how many. Their values live as long
    // as the workload. NULL: nothing.
    size_t (*stats)(struct workload *workload, struct stat_group *groups, size_t at_most);

    // NULL where group_count is 0.
    struct workload_group (*group)(struct workload *workload, uint32_t index);

    void (*destroy)(struct workload *workload);

    const struct beside_ops *beside; // host/beside.h; NULL: it cannot run beside others
};

// The first member of every workload.
struct workload {
    const struct workload_ops *ops;
    bool open_loop;       // arrivals do not wait for completions
    uint32_t group_count; // loads that are measured each by itself, too; 0: there is but one
};

int workload_check(struct workload *workload, uint64_t capacity_bytes, uint32_t block_bytes, struct diag *diag);
uint64_t workload_request_count(const struct workload *workload);
uint64_t workload_requests_done(const struct workload *workload, uint64_t completed);
tick_t workload_ramp_end(const struct workload *workload);
tick_t workload_until(struct workload *workload);
enum { WORKLOAD_GROUPS_MAX = 128 };
size_t workload_stats(struct workload *workload, struct stat_group *groups, size_t at_most);
void workload_destroy(struct workload *workload);

struct workload_kind {
    const struct workload_ops *ops;
    const struct workload_option *options; // ends with a NULL name
};

extern const struct workload_kind workload_registry[];
extern const size_t workload_registry_count;

#endif
