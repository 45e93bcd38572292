// Panels of where requests went over time, one for each kind: cells, the darker the more requests began in them, on a
// logarithmic scale, so that one request alone is still seen.
#ifndef SQTAIL_REPORT_PLOT_OFFSET_PANEL_H
#define SQTAIL_REPORT_PLOT_OFFSET_PANEL_H

#include "figure/figure.h"
#include "spec/io.h"

// A grid of counts.
struct offset_grid {
    unsigned columns, rows;
    double seconds;     // of all columns
    double lo, hi;      // bytes, of all rows
    const double *ends; // of each column, seconds; NULL: all are as wide
    const uint32_t *counts[IO_KIND_COUNT]; // column by column of each row; NULL: none of that kind
};

// `name`: what stands before the kind in the labels, or "".
void offset_panels_add(struct figure *figure, const struct offset_grid *grid, const char *name);

#endif
