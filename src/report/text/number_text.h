// Numbers and times as people read them.
#ifndef SQTAIL_REPORT_TEXT_NUMBER_TEXT_H
#define SQTAIL_REPORT_TEXT_NUMBER_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Microseconds, counts and rates with the digits that matter, no more than 9 characters up to 10^9.
enum { NUMBER_TEXT_BYTES = 24 };
const char *number_text(double value, char text[NUMBER_TEXT_BYTES]);

// A time with the unit that makes it readable: "87.04us", "21.66ms", "1.234s".
const char *time_text(double us, char text[NUMBER_TEXT_BYTES]);

// The same as running text has it: "17.3 s", "250 us".
void spaced_time_text(double us, char *text, size_t size);

// Whether fewer than FEW_REQUESTS of `count` requests lie beyond that percentile: another run would give another.
enum { FEW_REQUESTS = 10 };
bool rests_on_few(uint64_t count, double fraction);

#endif
