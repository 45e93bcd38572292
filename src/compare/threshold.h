// What may become worse, and by how much.
#ifndef SQTAIL_COMPARE_THRESHOLD_H
#define SQTAIL_COMPARE_THRESHOLD_H

#include "report/read/metrics.h"

enum { THRESHOLD_NAME_BYTES = METRIC_NAME_BYTES, THRESHOLD_SCOPES_MAX = 4 };

// A condition on the point of a curve: "iodepth<=64", "offered>1e5".
struct threshold_scope {
    bool offered; // else the depth
    char op[3];   // < <= = >= >
    double value;
};

// "METRIC=LIMIT[,LIMIT][@SCOPE[,SCOPE]...]". METRIC is a metric's name, with its point or without, or the part behind
// the kind of command or the part of the drive, which then stands for that of each; * and ? may stand in it as in names
// of files. A metric is worse than may be when it exceeds all limits.
struct threshold {
    char metric[THRESHOLD_NAME_BYTES];
    double share;    // of the base; negative: none is given
    double distance; // in the metric's unit; negative: none is given
    bool is_time;    // the distance is given as a time
    struct threshold_scope scopes[THRESHOLD_SCOPES_MAX];
    size_t scope_count;
    const char *text; // as it was given
};

int threshold_parse(const char *text, struct threshold *threshold, struct diag *diag);

// How well it fits: 0 not at all; of several the best holds, and of equal ones the last.
unsigned threshold_fits(const struct threshold *threshold, const struct metric *metric);

// How far the metric may lie from `base`.
double threshold_limit(const struct threshold *threshold, double base);

// "3 %", "2 us", "3 % and 2 us"
enum { THRESHOLD_TEXT_BYTES = 64 };
const char *threshold_limit_text(const struct threshold *threshold, char text[THRESHOLD_TEXT_BYTES]);

#endif
