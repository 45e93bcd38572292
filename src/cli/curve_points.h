// The points of a curve: each a run of its own in a process of its own.
#ifndef SQTAIL_CLI_CURVE_POINTS_H
#define SQTAIL_CLI_CURVE_POINTS_H

#include <stdbool.h>
#include <stdio.h>

#include "cli/session.h"
#include "report/report_curve.h"

enum { CURVE_POINTS_MAX = 64 };

enum curve_point_state { CURVE_POINT_WAITING, CURVE_POINT_DONE, CURVE_POINT_FAILED };

struct curve_run {
    uint32_t iodepth;
    enum curve_point_state state;
    FILE *summary;  // that it writes its summary.json to
    char *folder;   // that it writes its result to; NULL for none
    struct report_curve_point point; // once it is done
};

struct curve_points {
    struct session_options session; // of every point, but for its depth and folder
    const char *line;               // command line that reproduces them
    uint32_t job;       // of the session's jobs, the one whose depth is set
    const char *varied; // its name, where there are several; else NULL
    const char *stage;              // folder for the points' folders; NULL for none
    size_t jobs;                    // to run at once
    struct curve_run runs[CURVE_POINTS_MAX]; // rising depths
    size_t count;
    // Called for each that is done, in the order in which they end. Returns 0, or -1 to start no more.
    int (*done)(void *context, const struct curve_run *run);
    void *context;
};

// Runs those that wait. When one fails, or the user asks to end, no more are started, and those that run come to their
// end. Returns the exit code.
int curve_points_run(struct curve_points *points);

#endif
