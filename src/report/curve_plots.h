// The plots of a load curve.
#ifndef SQTAIL_REPORT_CURVE_PLOTS_H
#define SQTAIL_REPORT_CURVE_PLOTS_H

#include "report/plot.h"
#include "report/report_curve.h"

void report_plot_curve(struct plots *plots, const struct report_curve *curve);

#endif
