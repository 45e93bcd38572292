// The slowest commands of a run, each with all its times.
#ifndef SQTAIL_REPORT_TEXT_SLOW_COMMANDS_H
#define SQTAIL_REPORT_TEXT_SLOW_COMMANDS_H

#include <stdio.h>

#include "stats/command_record.h"

struct slow_commands;

struct slow_commands *slow_commands_create(uint32_t limit);
void slow_commands_destroy(struct slow_commands *slowest); // may be NULL

// What a command must have taken at least to be added; it rises.
const tick_t *slow_commands_least(const struct slow_commands *slowest);

// Takes a copy of the command if it is slower than the last of those kept; of equal ones the earlier stays.
void slow_commands_add(struct slow_commands *slowest, const struct command_record *record);

// Slowest first.
uint32_t slow_commands_count(struct slow_commands *slowest);
const struct command_record *slow_commands_get(struct slow_commands *slowest, uint32_t index);

void slow_commands_write_csv(struct slow_commands *slowest, FILE *to);

// The lives of the first `count` in words.
void slow_commands_tell(struct slow_commands *slowest, uint32_t count, FILE *to);

#endif
