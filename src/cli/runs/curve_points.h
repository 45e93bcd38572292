// The points of a curve: each a run of its own in a process of its own.
#ifndef SQTAIL_CLI_RUNS_CURVE_POINTS_H
#define SQTAIL_CLI_RUNS_CURVE_POINTS_H

#include <stdbool.h>
#include <stdio.h>

#include "cli/session/session.h"
#include "report/report_curve.h"

enum curve_point_state { CURVE_POINT_WAITING, CURVE_POINT_DONE, CURVE_POINT_FAILED };

struct curve_run {
    struct report_curve_load load;
    const char *seed; // NULL: the curve's own
    enum curve_point_state state;
    char *job;      // the varied job's words with the load's; NULL: a recording is replayed
    FILE *summary;  // that it writes its summary.json to
    char *folder;   // that it writes its result to; NULL for none
    struct report_curve_point point; // once it is done
};

struct curve_points {
    struct session_options session; // of every point, but for its load, seed and folder
    const char *line;               // command line that reproduces them
    uint32_t job;       // of the session's jobs, the one whose load is set
    const char *varied; // its name, where there are several; else NULL
    const char *stage;  // folder for the points' folders; NULL for none
    size_t at_once;
    struct curve_run *runs; // in the order in which they are begun
    size_t count;
    // Called for each that is done, in the order in which they end. Returns 0, or -1 to start no more.
    int (*done)(void *context, const struct curve_run *run);
    void *context;
};

// Adds a run; those that were added before may move.
struct curve_run *curve_points_add(struct curve_points *points, struct report_curve_load load, const char *seed);

// "depth 8", "rate 20000, seed 2"
void curve_points_name(const struct curve_run *run, FILE *to);

// Runs those that wait. When one fails, or the user asks to end, no more are started, and those that run come to their
// end. Returns the exit code.
int curve_points_run(struct curve_points *points);

void curve_points_free(struct curve_points *points);

#endif
