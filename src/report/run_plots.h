// The plots of a run.
#ifndef SQTAIL_REPORT_RUN_PLOTS_H
#define SQTAIL_REPORT_RUN_PLOTS_H

#include "report/course.h"
#include "report/plot.h"
#include "report/report.h"

void report_plot_cdf(struct plots *plots, const struct report_input *input);
void report_plot_percentiles(struct plots *plots, const struct report_input *input);
void report_plot_recorded(struct plots *plots, const struct report_input *input); // only where something was recorded
void report_plot_jobs(struct plots *plots, const struct report_input *input);     // only where there are several
void report_plot_stages(struct plots *plots, const struct report_input *input);
void report_plot_latency(struct plots *plots, const struct course *course);
void report_plot_throughput(struct plots *plots, const struct course *course);
void report_plot_utilization(struct plots *plots, const struct course *course);

#endif
