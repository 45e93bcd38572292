// The plot of a recording.
#ifndef SQTAIL_REPORT_PLOT_PLOT_RECORDING_H
#define SQTAIL_REPORT_PLOT_PLOT_RECORDING_H

#include "figure/figure.h"
#include "profile/profile.h"
#include "trace/trace.h"

// Where its requests went over time, their bandwidth and rate, and how long the recorded device took.
struct figure *plot_recording(struct trace *trace);

// Its sizes, times between requests, queue depth and reuse, cumulative. `path` is what it was read from.
struct figure *plot_profile(const char *path, const struct profile *profile);

#endif
