// The metrics of a sweep.
#ifndef SQTAIL_REPORT_READ_METRICS_SWEEP_H
#define SQTAIL_REPORT_READ_METRICS_SWEEP_H

#include "report/read/metrics.h"

// Adds those of all points of the sweep.json that the source holds, whose own results lie beside it, and to that JSON:
// "loads", by a point's name and its seed what a comparison of loads looks at; "config", the keys that are the same at
// all points. Returns 0, or -1 with the reason.
int metrics_add_sweep(struct metrics *metrics, struct metrics_source *source, struct diag *diag);

#endif
