// The log as an SQLite database: one table, `commands`, filled in one transaction. Times are REAL, in microseconds.
#include "build_config.h"
#include "report/data/command_log.h"

#ifdef HAVE_SQLITE

#include <stdlib.h>

#include <sqlite3.h>

#include "report/text/command_columns.h"
#include "util/alloc.h"

struct database {
    sqlite3 *db;
    sqlite3_stmt *insert;
    bool failed;
    char *why;
};

static void run(struct database *d, const char *sql)
{
    if (!d->failed && sqlite3_exec(d->db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        d->failed = true;
        d->why = xstrdup(sqlite3_errmsg(d->db));
    }
}

static void create_table(struct database *d)
{
    char name[COMMAND_COLUMN_BYTES];
    sqlite3_str *sql = sqlite3_str_new(d->db);
    sqlite3_str_appendall(sql, "CREATE TABLE commands (number INTEGER PRIMARY KEY, time_us REAL, queue INTEGER, kind TEXT, "
                               "offset INTEGER, bytes INTEGER");
    for (unsigned i = 0; i < COMMAND_TIMES; i++)
        sqlite3_str_appendf(sql, ", \"%w\" REAL", command_time_name(i, name));
    sqlite3_str_appendall(sql, ")");
    char *text = sqlite3_str_finish(sql);
    run(d, text);
    sqlite3_free(text);
}

static void prepare_insert(struct database *d)
{
    sqlite3_str *sql = sqlite3_str_new(d->db);
    sqlite3_str_appendall(sql, "INSERT INTO commands VALUES (?,?,?,?,?,?");
    for (unsigned i = 0; i < COMMAND_TIMES; i++)
        sqlite3_str_appendall(sql, ",?");
    sqlite3_str_appendall(sql, ")");
    char *text = sqlite3_str_finish(sql);
    if (!d->failed && sqlite3_prepare_v2(d->db, text, -1, &d->insert, NULL) != SQLITE_OK) {
        d->failed = true;
        d->why = xstrdup(sqlite3_errmsg(d->db));
    }
    sqlite3_free(text);
}

static int end(struct database *d, const char *path, struct diag *diag)
{
    bool failed = d->failed;
    sqlite3_finalize(d->insert);
    sqlite3_close(d->db);
    if (failed)
        diag_error(diag, (struct place){.file = path}, "cannot be written: %s", d->why == NULL ? "no memory" : d->why);
    free(d->why);
    free(d);
    return failed ? -1 : 0;
}

static void *open_database(const char *path, struct diag *diag)
{
    struct database *d = xcalloc(1, sizeof *d);
    if (sqlite3_open(path, &d->db) != SQLITE_OK) {
        d->failed = true;
        d->why = xstrdup(sqlite3_errmsg(d->db));
    }
    run(d, "PRAGMA journal_mode = OFF");
    run(d, "PRAGMA synchronous = OFF");
    run(d, "BEGIN");
    create_table(d);
    prepare_insert(d);
    if (!d->failed)
        return d;
    end(d, path, diag);
    return NULL;
}

static double us(tick_t time)
{
    return (double)time / (double)TICKS_PER_US;
}

static void add(void *self, const struct command_record *record)
{
    struct database *d = self;
    tick_t times[COMMAND_TIMES];
    if (d->failed)
        return;
    command_times(record, times);
    sqlite3_bind_int64(d->insert, 1, (sqlite3_int64)record->number);
    sqlite3_bind_double(d->insert, 2, us(record->time));
    sqlite3_bind_int64(d->insert, 3, record->queue);
    sqlite3_bind_text(d->insert, 4, io_kind_name(record->kind), -1, SQLITE_STATIC);
    sqlite3_bind_int64(d->insert, 5, (sqlite3_int64)record->offset);
    sqlite3_bind_int64(d->insert, 6, (sqlite3_int64)record->bytes);
    for (unsigned i = 0; i < COMMAND_TIMES; i++)
        sqlite3_bind_double(d->insert, (int)i + 7, us(times[i]));
    if (sqlite3_step(d->insert) != SQLITE_DONE) {
        d->failed = true;
        d->why = xstrdup(sqlite3_errmsg(d->db));
    }
    sqlite3_reset(d->insert);
}

static int close_database(void *self, const char *path, struct diag *diag)
{
    run(self, "COMMIT");
    return end(self, path, diag);
}

const struct command_log_format command_log_sqlite = {
    .name = "sqlite",
    .suffixes = (const char *const[]){".sqlite", ".db", NULL},
    .open = open_database,
    .add = add,
    .close = close_database,
};

#endif
