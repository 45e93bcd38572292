// The times of a command as columns of tables: its latency, its stages, and the causes of those that are split.
#ifndef SQTAIL_REPORT_TEXT_COMMAND_COLUMNS_H
#define SQTAIL_REPORT_TEXT_COMMAND_COLUMNS_H

#include <stddef.h>
#include <stdio.h>

#include "stats/command_record.h"

enum {
    COMMAND_RESTS = 5,
    COMMAND_TIMES = 1 + STAGE_COUNT + WAIT_COUNT + COMMAND_RESTS,
    COMMAND_COLUMN_BYTES = 48,
};

// The columns before the times.
extern const char *const command_first_columns[]; // ends with NULL

// "latency_us", "die_wait_us", "die_wait:erase_us"
const char *command_time_name(unsigned column, char name[COMMAND_COLUMN_BYTES]);
void command_times(const struct command_record *record, tick_t times[COMMAND_TIMES]);

// A line with the names, and one for a command: times in microseconds with six decimals, so to the picosecond.
void command_write_heading(FILE *to);
void command_write_row(const struct command_record *record, FILE *to);

#endif
