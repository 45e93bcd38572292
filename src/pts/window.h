// The steady-state rule of the SNIA's Performance Test Specification.
#ifndef SQTAIL_PTS_WINDOW_H
#define SQTAIL_PTS_WINDOW_H

#include <stdbool.h>
#include <stddef.h>

enum { PTS_WINDOW = 5 }; // rounds of the measurement window

// Shares of the average.
#define PTS_RANGE_MOST 0.20
#define PTS_SLOPE_MOST 0.10

// What the rule looks at in a window.
struct pts_window {
    size_t first; // of its rounds, from 0 on
    double average, least, most;
    double slope;     // of the best straight line, a round
    double range;     // from the least to the most, as a share of the average
    double excursion; // of the line from one end of the window to the other, as such a share
    bool steady;
};

// Of the rounds from `first` on, of which there are PTS_WINDOW at least.
struct pts_window pts_window_at(const double *values, size_t first);

// The line's value at a round of the window, 0 to PTS_WINDOW - 1.
double pts_window_line(const struct pts_window *window, double round);

#endif
