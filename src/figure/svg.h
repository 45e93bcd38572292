// Figures as SVG within a page of HTML, whose style sheet gives their colours (figure/colour.h) and fonts.
#ifndef SQTAIL_FIGURE_SVG_H
#define SQTAIL_FIGURE_SVG_H

#include <stdio.h>

#include "figure/figure.h"

// An <svg> element of that many pixels' width, which the page may scale; without title and lines, which the page tells.
// Its parts have the classes fig, grid, axis, tick, label, line.
void figure_write_svg(const struct figure *figure, double width, FILE *to);

// A text with what HTML takes for its own replaced.
void figure_put_escaped(const char *text, FILE *to);

#endif
