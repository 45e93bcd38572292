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

// A time with the unit that makes it readable: "87.04us", "21.66ms", "1.234s".
const char *summary_time(double us, char text[SUMMARY_NUMBER_BYTES]);

// Whether fewer than SUMMARY_FEW of `count` requests lie beyond that percentile: another run would give another.
enum { SUMMARY_FEW = 10 };
bool summary_rests_on_few(uint64_t count, double fraction);

#endif
