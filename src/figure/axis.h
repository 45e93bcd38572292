// Axes: a range with room around what it shows, and ticks at round places.
#ifndef SQTAIL_FIGURE_AXIS_H
#define SQTAIL_FIGURE_AXIS_H

#include "figure/figure.h"

// Values 0 .. hi, and some room.
void axis_set_linear(struct figure_axis *axis, const char *label, double hi);

// Values lo .. hi, no room, ticks at multiples of a round number.
void axis_set_span(struct figure_axis *axis, const char *label, double lo, double hi);

// Time from 0 to `seconds`, told in the unit that suits it.
void axis_set_time(struct figure_axis *axis, double seconds);

// Latencies of lo .. hi microseconds, logarithmic; ticks are told as us, ms or s. Where there is none, and lo is above
// hi or no number, some range.
void axis_set_latency(struct figure_axis *axis, const char *label, double lo_us, double hi_us);

// Latencies of 0 .. hi microseconds.
void axis_set_latency_linear(struct figure_axis *axis, const char *label, double hi_us);

// Counts such as queue depths, logarithmic, ticks at powers of two.
void axis_set_depth(struct figure_axis *axis, const char *label, double lo, double hi);

// 1 / (1 - percentile) up to `largest`, ticks told as percentiles.
void axis_set_percentiles(struct figure_axis *axis, double largest);

// The share that lies beyond, from 1 down to 1 / `largest`.
void axis_set_beyond(struct figure_axis *axis, double largest);

void axis_add_tick(struct figure_axis *axis, double at, const char *text);

// Rows numbered from 0 on, the number in the middle of each; not all of many.
void axis_set_indices(struct figure_axis *axis, const char *label, unsigned count);

// Names of rows, the first uppermost at y = `rows`; a row is from y - 0.5 to y + 0.5.
void axis_set_rows(struct figure_axis *axis, unsigned rows);

#endif
