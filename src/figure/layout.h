// Where the parts of a figure stand, in pixels from its upper left corner.
#ifndef SQTAIL_FIGURE_LAYOUT_H
#define SQTAIL_FIGURE_LAYOUT_H

#include "figure/figure.h"

enum {
    LAYOUT_EDGE = 18,      // left free at the sides
    LAYOUT_FONT = 13,       // pixels of all text but the title's
    LAYOUT_TITLE_FONT = 17,
    LAYOUT_SAMPLE = 22,     // width of a legend's sample of its line
    LAYOUT_LEGEND_ROW = 20,
};

struct layout_box {
    double left, right, top, bottom;
};

struct layout {
    double width, height;
    bool has_title;
    struct layout_box panels[FIGURE_PANELS]; // what lies between the axes
};

// `with_title` leaves room for title and lines.
struct layout layout_of(const struct figure *figure, double width, bool with_title);

// Calls `put` for each series of a panel's legend, with the left end and the middle of its row.
typedef void layout_legend_fn(void *context, const struct figure_series *series, double x, double y);
void layout_visit_legend(const struct layout *layout, const struct figure *figure, unsigned panel,
                         layout_legend_fn *put, void *context);

// About as wide as most fonts without serifs have it.
double layout_text_width(const char *text);

#endif
