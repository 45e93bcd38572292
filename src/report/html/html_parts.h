// What the files on reports share.
#ifndef SQTAIL_REPORT_HTML_HTML_PARTS_H
#define SQTAIL_REPORT_HTML_HTML_PARTS_H

#include "figure/svg.h"
#include "report/html/html.h"

// What a page begins with, up to its first section, and ends with.
void html_begin(const char *title, FILE *to);
void html_end(FILE *to);

void html_put_heading(const char *text, FILE *to);

// A cell of a table, by its tag ("td" or "th"); class may be NULL.
void html_put_cell(const char *tag, const char *text, FILE *to);
void html_put_time_cell(double us, FILE *to);
void html_put_number_cell(double value, FILE *to);

// A section of plots by their names, side by side, below what `words` puts, which may be NULL. Plots that have nothing
// to show are left out, and so is a section of none.
void html_put_figures(const struct shown *shown, const char *heading, const char *const *names,
                      void (*words)(const struct shown *shown, FILE *to), FILE *to);

// The sections below the plots: where it went in words, slowest commands, statistics, configuration, how to reproduce.
void html_put_tail_words(const struct shown *shown, FILE *to);
void html_put_slowest(const struct shown *shown, FILE *to);
void html_put_statistics(const struct shown *shown, FILE *to);
void html_put_config(const struct shown *shown, FILE *to);
void html_put_reproduce(const struct shown *shown, FILE *to);

#endif
