// The summary for people, with or without what depends on the machine.
#ifndef SQTAIL_REPORT_TEXT_SUMMARY_TEXT_H
#define SQTAIL_REPORT_TEXT_SUMMARY_TEXT_H

#include "report/report.h"

struct summary_style {
    bool colour;
    bool host; // speed of the simulator, next command
};

void report_write_summary(const struct report_input *input, struct summary_style style, FILE *to);

#endif
