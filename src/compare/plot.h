// A comparison as a folder: compare.json, compare.txt, and plots.
#ifndef SQTAIL_COMPARE_PLOT_H
#define SQTAIL_COMPARE_PLOT_H

#include "compare/compare.h"

// Returns 0, or a negative number with the reasons in `diag`. Of the plots the scripts are written, for report_draw.
int comparison_write_folder(const struct comparison *comparison, const char *folder, struct diag *diag);

#endif
