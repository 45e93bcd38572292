// The log as a whole: which format, and a file that takes its place only when it is complete. And CSV.
#include "build_config.h"
#include "report/data/command_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/text/command_columns.h"
#include "util/alloc.h"

// --- CSV -----------------------------------------------------------------------------------------------------------

static void *csv_open(const char *path, struct diag *diag)
{
    FILE *file = fopen(path, "w");
    if (file == NULL)
        diag_error(diag, (struct place){.file = path}, "cannot be written: %m");
    else
        command_write_heading(file);
    return file;
}

static void csv_add(void *self, const struct command_record *record)
{
    command_write_row(record, self);
}

static int csv_close(void *self, const char *path, struct diag *diag)
{
    bool failed = ferror(self) != 0;
    if (fclose(self) == 0 && !failed)
        return 0;
    return diag_error(diag, (struct place){.file = path}, "cannot be written: %m");
}

const struct command_log_format command_log_csv = {
    .name = "csv",
    .suffixes = (const char *const[]){".csv", NULL},
    .open = csv_open,
    .add = csv_add,
    .close = csv_close,
};

// --- which format --------------------------------------------------------------------------------------------------

static const struct command_log_format *const formats[] = {
    &command_log_csv,
#ifdef HAVE_SQLITE
    &command_log_sqlite,
#endif
    NULL,
};

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), wanted = strlen(end);
    return length >= wanted && strcmp(text + length - wanted, end) == 0;
}

static bool asks_for(const struct command_log_format *format, const char *path, const char *name)
{
    if (name != NULL)
        return strcmp(format->name, name) == 0;
    for (size_t i = 0; format->suffixes[i] != NULL; i++)
        if (ends_with(path, format->suffixes[i]))
            return true;
    return false;
}

static const struct command_log_format *find(const char *path, const char *name)
{
    for (size_t i = 0; formats[i] != NULL; i++)
        if (asks_for(formats[i], path, name))
            return formats[i];
    return NULL;
}

static void refuse(const char *path, const char *name, struct diag *diag)
{
    static const struct place place = {.file = "--log"};
    bool sqlite = name != NULL ? strcmp(name, "sqlite") == 0 : ends_with(path, ".sqlite") || ends_with(path, ".db");
    if (sqlite)
        diag_error(diag, place, "this sqtail was built without SQLite (libsqlite3); a log can be CSV");
    else
        diag_error(diag, place, "'%s' does not say of which format it is to be: let it end in .csv, .sqlite or .db, or "
                   "give --log-format", path);
}

struct command_log {
    const struct command_log_format *format;
    void *self;
    char *path, *fresh;
};

struct command_log *command_log_open(const char *path, const char *name, struct diag *diag)
{
    const struct command_log_format *format = find(path, name);
    if (format == NULL) {
        refuse(path, name, diag);
        return NULL;
    }
    char *fresh = xformat("%s.new", path);
    remove(fresh);
    void *self = format->open(fresh, diag);
    if (self == NULL) {
        free(fresh);
        return NULL;
    }
    struct command_log *log = xcalloc(1, sizeof *log);
    *log = (struct command_log){.format = format, .self = self, .path = xstrdup(path), .fresh = fresh};
    return log;
}

void command_log_add(struct command_log *log, const struct command_record *record)
{
    log->format->add(log->self, record);
}

int command_log_close(struct command_log *log, struct diag *diag)
{
    if (log == NULL)
        return 0;
    int result = log->format->close(log->self, log->path, diag);
    if (result == 0 && rename(log->fresh, log->path) != 0)
        result = diag_error(diag, (struct place){.file = log->path}, "cannot be written: %m");
    remove(log->fresh);
    free(log->fresh);
    free(log->path);
    free(log);
    return result;
}
