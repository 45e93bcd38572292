// Steady state: over a window of five rounds in a row, of the variable y that is tracked,
//
//   max(y) - min(y) <= 20 % of the mean, and the best straight line (least squares) rises or falls by no more than 10 %
//   of the mean from the window's first round to its last.
//
// Source: SNIA, "LAT (Latency) Test", https://www.snia.org/forums/sssi/pts/lat: "maximum data excursion and maximum
// slope excursion to be within 20% and 10% of the average, respectively"; a "Measurement Window" of 5 "Rounds". With
// x = 0 .. 4 the sum of (x - 2)^2 is 10, so the slope is the sum of (x - 2) y over 10.
#include "pts/window.h"

#include <math.h>

#include "util/macros.h"

static const double middle = (PTS_WINDOW - 1) / 2.0;

static double slope_of(const double *values)
{
    double products = 0, squares = 0;
    for (int i = 0; i < PTS_WINDOW; i++) {
        products += (i - middle) * values[i];
        squares += (i - middle) * (i - middle);
    }
    return products / squares;
}

struct pts_window pts_window_at(const double *values, size_t first)
{
    const double *y = &values[first];
    struct pts_window window = {.first = first, .least = y[0], .most = y[0], .slope = slope_of(y)};
    for (int i = 0; i < PTS_WINDOW; i++) {
        window.average += y[i] / PTS_WINDOW;
        window.least = MIN(window.least, y[i]);
        window.most = MAX(window.most, y[i]);
    }
    window.range = (window.most - window.least) / window.average;
    window.excursion = fabs(window.slope) * (PTS_WINDOW - 1) / window.average;
    window.steady = window.average > 0 && window.range <= PTS_RANGE_MOST && window.excursion <= PTS_SLOPE_MOST;
    return window;
}

double pts_window_line(const struct pts_window *window, double round)
{
    return window->average + (round - middle) * window->slope;
}
