// The summary for people, with or without what depends on the machine.
#ifndef SQTAIL_REPORT_SUMMARY_TEXT_H
#define SQTAIL_REPORT_SUMMARY_TEXT_H

#include "report/report.h"

struct summary_style {
    bool colour;
    bool host; // speed of the simulator, next command
};

void report_write_summary(const struct report_input *input, struct summary_style style, FILE *to);

// Microseconds, counts and rates with the digits that matter, no more than 9 characters up to 10^9.
enum { SUMMARY_NUMBER_BYTES = 24 };
const char *summary_number(double value, char text[SUMMARY_NUMBER_BYTES]);

#endif
