// Which colour a stage has, and what it is split into: the same wherever stages are drawn.
#ifndef SQTAIL_REPORT_PLOT_STAGE_COLOUR_H
#define SQTAIL_REPORT_PLOT_STAGE_COLOUR_H

#include "figure/colour.h"

// By the names in results: a stage, and of one that is split a cause, in a shade of the stage's colour. `cause` NULL:
// the stage as a whole, or what is left of it. Pale grey for what is no stage.
struct figure_paint stage_paint(const char *stage, const char *cause);

#endif
