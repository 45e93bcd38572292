// The table of a sweep as an SQLite database of one table, `points`.
#include "build_config.h"
#include "sweep/table.h"

#ifdef HAVE_SQLITE

#include <math.h>
#include <stdlib.h>

#include <sqlite3.h>

#include "util/alloc.h"

static int fail(sqlite3 *db, const char *path, struct diag *diag)
{
    return diag_error(diag, (struct place){.file = path}, "cannot write: %s", sqlite3_errmsg(db));
}

static void put_name(sqlite3_str *sql, const char *name, const char *type)
{
    sqlite3_str_appendf(sql, ", \"%w\" %s", name, type);
}

static char *create_statement(const struct sweep_table *table)
{
    sqlite3_str *sql = sqlite3_str_new(NULL);
    sqlite3_str_appendall(sql, "CREATE TABLE points (id TEXT");
    for (size_t a = 0; a < table->plan->axis_count; a++)
        put_name(sql, table->plan->axes[a].name, "TEXT");
    for (size_t c = 0; c < table->column_count; c++)
        put_name(sql, table->columns[c].name, "REAL");
    sqlite3_str_appendall(sql, ")");
    return sqlite3_str_finish(sql);
}

static char *insert_statement(const struct sweep_table *table)
{
    sqlite3_str *sql = sqlite3_str_new(NULL);
    sqlite3_str_appendall(sql, "INSERT INTO points VALUES (?");
    for (size_t i = 0; i < table->plan->axis_count + table->column_count; i++)
        sqlite3_str_appendall(sql, ",?");
    sqlite3_str_appendall(sql, ")");
    return sqlite3_str_finish(sql);
}

static bool insert_row(sqlite3_stmt *insert, const struct sweep_table *table, size_t row)
{
    const struct sweep_plan *plan = table->plan;
    int at = 1;
    sqlite3_reset(insert);
    sqlite3_clear_bindings(insert);
    sqlite3_bind_text(insert, at++, table->rows[row].id, -1, SQLITE_STATIC);
    for (size_t a = 0; a < plan->axis_count; a++)
        sqlite3_bind_text(insert, at++, sweep_point_value(plan, table->rows[row].point, a), -1, SQLITE_STATIC);
    for (size_t c = 0; c < table->column_count; c++, at++)
        if (isfinite(sweep_table_value(table, row, c)))
            sqlite3_bind_double(insert, at, sweep_table_value(table, row, c));
    return sqlite3_step(insert) == SQLITE_DONE;
}

static bool insert_rows(sqlite3 *db, const struct sweep_table *table)
{
    sqlite3_stmt *insert = NULL;
    char *sql = insert_statement(table);
    bool good = sqlite3_prepare_v2(db, sql, -1, &insert, NULL) == SQLITE_OK;
    for (size_t i = 0; i < table->row_count && good; i++)
        good = !table->rows[i].there || insert_row(insert, table, i);
    sqlite3_finalize(insert);
    sqlite3_free(sql);
    return good;
}

static bool fill(sqlite3 *db, const struct sweep_table *table)
{
    char *create = create_statement(table);
    bool good = sqlite3_exec(db, "PRAGMA journal_mode = OFF; BEGIN", NULL, NULL, NULL) == SQLITE_OK &&
                sqlite3_exec(db, create, NULL, NULL, NULL) == SQLITE_OK && insert_rows(db, table) &&
                sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
    sqlite3_free(create);
    return good;
}

static bool fits(sqlite3 *db, const struct sweep_table *table)
{
    return 1 + table->plan->axis_count + table->column_count <= (size_t)sqlite3_limit(db, SQLITE_LIMIT_COLUMN, -1);
}

int sweep_write_sqlite(const struct sweep_table *table, const char *path, struct diag *diag)
{
    char *fresh = xformat("%s.new", path);
    sqlite3 *db = NULL;
    int result = 0;
    remove(fresh);
    if (sqlite3_open(fresh, &db) != SQLITE_OK)
        result = fail(db, path, diag);
    else if (!fits(db, table))
        diag_warning(diag, (struct place){.file = path}, "left out: SQLite takes no table of so many columns");
    else if (!fill(db, table))
        result = fail(db, path, diag);
    bool filled = result == 0 && fits(db, table);
    sqlite3_close(db);
    if (filled && rename(fresh, path) != 0)
        result = diag_error(diag, (struct place){.file = path}, "cannot write: %m");
    remove(fresh);
    free(fresh);
    return result;
}

#else

int sweep_write_sqlite(const struct sweep_table *table, const char *path, struct diag *diag)
{
    (void)table, (void)path, (void)diag;
    return 0;
}

#endif
