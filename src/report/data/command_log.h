// A log of every command that is measured, written as it completes: a CSV file, or an SQLite database of one table.
#ifndef SQTAIL_REPORT_DATA_COMMAND_LOG_H
#define SQTAIL_REPORT_DATA_COMMAND_LOG_H

#include "stats/command_record.h"
#include "util/diag.h"

struct command_log;

// How the log is written: one file, one row in command_log.c's table.
struct command_log_format {
    const char *name;
    const char *const *suffixes; // of names that ask for it; ends with NULL
    // Returns what it keeps, or NULL with the reason in `diag`.
    void *(*open)(const char *path, struct diag *diag);
    void (*add)(void *self, const struct command_record *record);
    // Returns 0, or -1 with the reason in `diag`, also for what went wrong before.
    int (*close)(void *self, const char *path, struct diag *diag);
};

extern const struct command_log_format command_log_csv;
#ifdef HAVE_SQLITE
extern const struct command_log_format command_log_sqlite;
#endif

// Opens the log; `format` NULL: by the name's end. It is written beside its place and takes it when it is closed. NULL
// with the reason in `diag`.
struct command_log *command_log_open(const char *path, const char *format, struct diag *diag);
void command_log_add(struct command_log *log, const struct command_record *record);
int command_log_close(struct command_log *log, struct diag *diag); // NULL: 0

#endif
