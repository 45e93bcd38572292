// Sections of the manual page that are tables of the program itself.
#ifndef SQTAIL_CLI_MAN_TABLES_H
#define SQTAIL_CLI_MAN_TABLES_H

// Words of a job, stages of latency, kinds of plots, statistics by their names as metrics; in man(7) markup.
void man_print_jobs(void);
void man_print_workloads(void);
void man_print_stages(void);
void man_print_plots(void);
void man_print_metrics(void);

#endif
