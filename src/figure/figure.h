// Figures: what a plot shows, and not who draws it.
//
// A figure is panels, one above the other; a panel has two axes and series of lines, areas and boxes in the axes' own
// units. figure/gnuplot.h writes it as a gnuplot script with its data, figure/svg.h as SVG for a page. Ranges and ticks
// are part of the figure, so that both show the same, and neither guesses from data of one point or none.
#ifndef SQTAIL_FIGURE_FIGURE_H
#define SQTAIL_FIGURE_FIGURE_H

#include <stdbool.h>
#include <stddef.h>

#include "figure/colour.h"

enum { FIGURE_TEXT = 128, FIGURE_TICK_TEXT = 40, FIGURE_TICKS = 64, FIGURE_PANELS = 8, FIGURE_LINES = 3,
       FIGURE_LINE_TEXT = 112 }; // of a line, so that it fits the width of a picture

struct figure_tick {
    double at;
    char text[FIGURE_TICK_TEXT];
};

struct figure_axis {
    char label[FIGURE_TEXT];
    bool is_log;
    double lo, hi; // lo < hi; both above 0 where is_log
    struct figure_tick ticks[FIGURE_TICKS];
    unsigned tick_count;
};

enum figure_mark {
    FIGURE_LINE,  // through x, y; a y that is no number interrupts it
    FIGURE_AREA,  // between y and y2 over x
    FIGURE_BOXES, // from x, y to x2, y2
    FIGURE_CELLS, // boxes, each the darker the greater its value (0 to 1)
};

struct figure_point {
    double x, y, x2, y2, value;
};

struct figure_series {
    char title[FIGURE_TEXT]; // in the legend; "" for none there
    enum figure_mark mark;
    enum figure_colour colour;
    int shade; // of boxes, as figure_paint's
    double width; // of a line, pixels
    bool dashed, dots; // dots: at each point
    struct figure_point *points;
    size_t count;
};

enum figure_anchor { FIGURE_LEFT, FIGURE_CENTRE, FIGURE_RIGHT };

// Words at a place of the axes, moved by pixels to the right and down.
struct figure_note {
    double x, y;
    int right, down;
    enum figure_anchor anchor;
    char text[FIGURE_TEXT];
};

struct figure_panel {
    struct figure_axis x, y;
    bool has_rows; // y has no scale but names of rows: no lines across
    unsigned height; // of what lies between the axes, pixels
    struct figure_series *series;
    size_t series_count;
    struct figure_note *notes;
    size_t note_count;
};

struct figure {
    char name[FIGURE_TEXT];                // of its files
    char title[FIGURE_TEXT];
    char lines[FIGURE_LINES][FIGURE_LINE_TEXT]; // below the title; "" for none
    struct figure_panel *panels[FIGURE_PANELS];
    unsigned panel_count;
};

struct figure *figure_create(const char *name, const char *title);
void figure_destroy(struct figure *figure);

// A line below the title; one that is too long ends in "...". NULL and "" are none.
void figure_add_line(struct figure *figure, const char *text);

// At most FIGURE_PANELS.
struct figure_panel *figure_add_panel(struct figure *figure, unsigned height);

// Valid until the next series of the panel is added.
struct figure_series *figure_add_series(struct figure_panel *panel, enum figure_mark mark, enum figure_colour colour,
                                        const char *title);

void figure_add_point(struct figure_series *series, struct figure_point point);

// A step: from the last point on the level to `x`, then to `y`.
void figure_add_step(struct figure_series *series, double x, double y);

void figure_add_note(struct figure_panel *panel, struct figure_note note);

// Copies text in one line, in UTF-8 that is not cut within a character; what is too long ends in "...".
void figure_copy_text(char *to, size_t size, const char *text);

#endif
