// A report: one HTML file that needs nothing else, of one result or of several side by side.
#ifndef SQTAIL_REPORT_HTML_HTML_H
#define SQTAIL_REPORT_HTML_HTML_H

#include <stdio.h>

#include "report/plot/plots.h"

// Runs, or curves; their labels are set (result_set_labels).
void report_write_html(const struct shown *shown, FILE *to);

#endif
