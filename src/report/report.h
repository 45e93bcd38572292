// Results of a run: the result folder, and the summary for people.
//
// A result folder holds summary.json, summary.txt, stats.csv, a .hgrm histogram for each kind of command,
// timeseries.csv, utilization.csv, offsets.csv, plots, and host.json. Whatever may differ between machines, kernels or
// moments is in host.json alone: the rest is byte for byte the same for the same input (the plots' SVG for the same
// gnuplot).
#ifndef SQTAIL_REPORT_REPORT_H
#define SQTAIL_REPORT_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "config/config.h"
#include "host/host_stats.h"
#include "host/steady.h"
#include "stats/command_stats.h"
#include "stats/meter.h"
#include "stats/stat.h"
#include "stats/strip.h"
#include "trace/trace.h"
#include "util/diag.h"

// A group of resources whose utilisation is told, such as "die".
struct report_meter {
    const char *name;
    const struct meter *meter;
};

// What depends on the machine: host.json and the summary's line on speed.
struct report_host {
    const char *command_line;
    const char *kernel;         // "systemc" or "native"
    double prepare_s;           // wall time of bringing the drive into its initial state
    double wall_s, cpu_s;       // of the simulation after that
    uint64_t peak_memory_bytes;
};

// One of several jobs that ran at once, measured over its own time: from commands->origin to commands->end.
struct report_job {
    const char *name;
    const char *text;
    const struct command_stats *commands;
    const struct host_group_load *load; // as report_input's, or NULL
    const struct trace_info *source;    // as report_input's, or NULL
};

struct slow_commands;

struct report_input {
    const char *drive;                // one line that describes the drive
    const struct config *config;
    uint64_t seed;
    const char *const *sets;          // what was changed with --set, as given; NULL: nothing
    size_t set_count;
    bool complete;                    // false when the run was stopped early
    const char *stopped;              // why, in words; NULL: somebody stopped it, or nobody did
    const struct trace_info *source;  // NULL when the load was synthetic
    const char *job;                  // the synthetic load as text, or how the trace was replayed; or NULL
    const char *note;                 // what one should know of how the load was played; or NULL
    const struct host_stats *load;    // of a load whose arrivals do not wait for completions; else NULL
    uint64_t events;                  // that the engine ran
    tick_t duration;                  // ps that were measured, from commands->origin on
    const struct command_stats *commands;
    const struct report_job *jobs;    // each of several; their sum is in `commands`
    size_t job_count;                 // 0: there was but one load
    const struct stat_group *groups;
    size_t group_count;
    const struct report_meter *meters;
    size_t meter_count;
    const struct steady_outcome *steady; // of a job that was to become so; else NULL
    const struct named_strip *counts; // over time
    size_t count_count;
    struct slow_commands *slowest;          // commands; NULL: none were kept
    struct report_host host;
    const char *next;                 // a command to try next, for the terminal; or NULL
};

// Writes the result folder `folder`, under a temporary name beside it until it is complete. A result folder that is
// already there is replaced, files that sqtail did not write are kept; a folder that is none is an error. Of the plots
// the scripts are written, for report_draw. Returns 0, or a negative number with the reasons in `diag`.
int report_write(const struct report_input *input, const char *folder, struct diag *diag);

// Runs gnuplot on every script in the plots of a result that is already in its place, so that a result does not wait
// for its pictures. Warns when gnuplot is missing, fails, or takes longer than `limit_s` seconds.
enum { REPORT_DRAW_LIMIT_S = 60 };
void report_draw(const char *folder, unsigned limit_s, struct diag *diag);

// The same of the scripts NAME.gp, or with `names` of those alone, in any folder.
struct report_scripts {
    const char *folder;
    char *const *names; // without .gp; NULL: all that are there
    size_t count;
};
void report_draw_scripts(const struct report_scripts *scripts, unsigned limit_s, struct diag *diag);

// One screen, no wider than 100 columns; `colour` for terminals.
void report_print_summary(const struct report_input *input, FILE *to, bool colour);

enum { REPORT_PERCENTILES = 7 };

// p50 p90 p95 p99 p99.9 p99.99 p99.999
struct report_percentile {
    const char *name;
    double fraction;
};
extern const struct report_percentile report_percentiles[REPORT_PERCENTILES];

// Of one kind of command; microseconds, all 0 when there was none.
struct report_latency {
    double mean, min, max;
    double percentile[REPORT_PERCENTILES];
};

struct report_latency report_latency_of(const struct kind_stats *kind);
struct report_latency report_recorded_of(const struct kind_stats *kind);

#endif
