// Plots: for each a gnuplot script and its data in plots/.
#ifndef SQTAIL_REPORT_PLOT_H
#define SQTAIL_REPORT_PLOT_H

#include "report/folder.h"

enum { PLOT_NAME_BYTES = 48 };

// A set of plots being written. Every script can be run again by hand: `cd plots; gnuplot NAME.gp`.
struct plots {
    struct folder *folder;
    const char *title;    // below each plot's own: what was run, a job or a recording; or NULL
    const char *subtitle; // below that: the drive
    char open[PLOT_NAME_BYTES]; // the file that is being written, one at a time
};

// Opens plots/NAME.SUFFIX for data.
FILE *plot_open_data(struct plots *plots, const char *name, const char *suffix);
void plot_close_data(struct plots *plots, FILE *data);

// A script of `panels` plots, one above the other, `height` pixels in all.
struct plot_layout {
    const char *title;
    unsigned panels, height;
};

// Opens plots/NAME.gp and writes what all scripts begin with, up to the first panel's own settings. NULL when that
// failed.
FILE *plot_open(struct plots *plots, const char *name, struct plot_layout layout);
void plot_close(struct plots *plots, FILE *gp);

// A text in single quotes, safe whatever it holds.
void plot_put_quoted(FILE *gp, const char *text);

// A logarithmic range of axis `axis` ('x' or 'y') that leaves room around lo .. hi; both are made positive.
void plot_put_log_range(FILE *gp, char axis, double lo, double hi);

// A linear range 0 .. hi and some room; never empty.
void plot_put_linear_range(FILE *gp, char axis, double hi);

// Colours that stay apart for colour-blind readers (Okabe and Ito, 2008), by index.
const char *plot_colour(unsigned index);

#endif
