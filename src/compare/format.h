// How a comparison is written: for people, for programs, for a merge request, for CI systems and benchmark trackers.
#ifndef SQTAIL_COMPARE_FORMAT_H
#define SQTAIL_COMPARE_FORMAT_H

#include <stdio.h>

#include "compare/compare.h"

#define COMPARE_SCHEMA "sqtail.compare/1"

struct format_options {
    bool colour;      // for a terminal
    bool all_changes; // every difference of configuration, not the first few
};

struct compare_format {
    const char *name;
    const char *help;
    bool takes_one; // says something of a base alone
    void (*write)(const struct comparison *comparison, const struct format_options *options, FILE *to);
};

#define COMPARE_FORMATS "text|json|markdown|junit|benchmark|benchmark-bigger"

// A file and a row each: format_NAME.c. Ends with NULL.
extern const struct compare_format *const compare_formats[];
extern const struct compare_format format_text, format_json, format_markdown, format_junit, format_benchmark,
    format_benchmark_bigger;

void comparison_write(const struct comparison *comparison, const struct compare_format *format,
                      const struct format_options *options, FILE *to);

// All metrics that there are, with their values, for people.
void comparison_list_metrics(const struct comparison *comparison, FILE *to);

#endif
