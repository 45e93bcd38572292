// The plots of results: each shows one result, or several over each other.
//
// They show what the files of a result hold, and nothing else, so that `sqtail plot` draws what the run itself drew.
#ifndef SQTAIL_REPORT_PLOT_PLOTS_H
#define SQTAIL_REPORT_PLOT_PLOTS_H

#include "figure/figure.h"
#include "figure/gnuplot.h"
#include "report/folder/folder.h"
#include "report/read/result.h"

// What is shown together: runs, or curves.
struct shown {
    const struct result *results;
    size_t count;
};

struct plot_row {
    const char *kind; // several plots may be of one kind
    const char *help;
    struct figure *(*build)(const struct shown *shown); // NULL when there is nothing to show
    bool on_demand; // of much data: not drawn unless it is asked for
};

// Ends with a kind of NULL.
extern const struct plot_row plot_rows[];

// Writes script and data of a figure into a folder, as `under`NAME.gp and .dat.
void plot_write(struct folder *folder, const char *under, const struct figure *figure, enum figure_format format);

// All plots of one result into plots/ of `folder`.
void plot_write_all(struct folder *folder, const struct result *result);

#endif
