// What is measured of the host's commands: counts, latencies, stages, and their course over time.
#ifndef SQTAIL_STATS_COMMAND_STATS_H
#define SQTAIL_STATS_COMMAND_STATS_H

#include <stdbool.h>

#include "spec/io.h"
#include "stats/histogram.h"
#include "stats/places.h"
#include "stats/series.h"
#include "stats/stage.h"
#include "stats/tail.h"

// All of one kind, such as all reads.
struct kind_stats {
    uint64_t count;
    uint64_t bytes;
    uint64_t errors;          // completed with a status other than success
    tick_sum_t latency_sum;   // ps
    tick_t latency_min, latency_max; // TICK_NEVER and 0 while there is none
    tick_sum_t stage_sum[STAGE_COUNT];
    struct histogram latency; // ns, rounded to nearest
    struct tail tail;         // kept where commands are explained
    struct histogram recorded; // ns: what the recording says, where it does
    tick_sum_t recorded_sum_ns;
    uint64_t recorded_min_ns, recorded_max_ns; // min: UINT64_MAX while there is none
};

struct command_stats {
    bool explained; // classes of latency are kept
    struct kind_stats kinds[IO_KIND_COUNT];
    struct series series[IO_KIND_COUNT];
    struct places *places; // where they went; NULL: that is not kept
    tick_t origin; // where measuring began
    tick_t end;    // last completion, or later where measuring went on
};

void kind_stats_init(struct kind_stats *kind);
void kind_stats_destroy(struct kind_stats *kind);

// All but the bytes, which count for some kinds only.
void kind_stats_add(struct kind_stats *to, const struct kind_stats *from);

void command_stats_init(struct command_stats *stats);
void command_stats_destroy(struct command_stats *stats);

// Classes of latency are kept from now on.
void command_stats_explain(struct command_stats *stats);

// Where commands go is kept from now on, for who records them to add.
void command_stats_keep_places(struct command_stats *stats);

// Forgets everything and measures from `origin` on.
void command_stats_restart(struct command_stats *stats, tick_t origin);

// A command of `kind` completed; its stopwatch has just been stopped: path->changed is the time of completion and the
// stages must add up to changed - start, which is checked.
void command_stats_record(struct command_stats *stats, enum io_kind kind, uint64_t bytes, int failed,
                          const struct breakdown *path);

// Where commands are explained, brings the sums of the stages up to date, before somebody reads them.
void command_stats_settle(struct command_stats *stats);

// That the stages add up, of a command that is not measured.
void command_stats_check(enum io_kind kind, const struct breakdown *path);

// Measuring went on until `end` at least, though nothing completed then.
void command_stats_extend(struct command_stats *stats, tick_t end);

void command_stats_record_recorded(struct command_stats *stats, enum io_kind kind, uint64_t latency_ns);

// Adds all kinds together into `total`, which the caller has initialised and destroys. Its bytes are those that crossed
// the link: not what trims and write zeroes named.
void command_stats_total(const struct command_stats *stats, struct kind_stats *total);

#endif
