// Figures as gnuplot scripts.
#ifndef SQTAIL_FIGURE_GNUPLOT_H
#define SQTAIL_FIGURE_GNUPLOT_H

#include <stdio.h>

#include "figure/figure.h"

enum figure_format { FIGURE_SVG, FIGURE_PNG, FIGURE_PDF };
#define FIGURE_FORMATS "svg|png|pdf"

// "svg"
const char *figure_format_suffix(enum figure_format format);

// The data of all series, a block each, in the order in which they are drawn.
void figure_write_data(const struct figure *figure, FILE *to);

// The script NAME.gp, which reads those from NAME.dat beside it and draws NAME.svg, .png or .pdf.
void figure_write_gnuplot(const struct figure *figure, enum figure_format format, FILE *to);

#endif
