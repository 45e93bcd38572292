// The table of a sweep.
#include "sweep/table.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "report/read/metrics.h"
#include "report/data/summary_json.h"
#include "util/alloc.h"
#include "util/macros.h"

void sweep_table_init(struct sweep_table *table, const struct sweep_plan *plan, const char *const *ids)
{
    *table = (struct sweep_table){.plan = plan, .row_count = plan->point_count};
    table->rows = xcalloc(plan->point_count, sizeof *table->rows);
    for (size_t i = 0; i < plan->point_count; i++)
        table->rows[i] = (struct sweep_row){.point = &plan->points[i], .id = ids[i]};
}

void sweep_table_free(struct sweep_table *table)
{
    for (size_t i = 0; i < table->column_count; i++)
        free(table->columns[i].name);
    for (size_t i = 0; i < table->row_count; i++) {
        free(table->rows[i].values);
        free(table->rows[i].few);
    }
    free(table->columns);
    free(table->rows);
}

// --- reading -------------------------------------------------------------------------------------------------------

// Metrics come in the same order from one result as from the next: `guess` is where the last one suggests it is.
static size_t column_of(struct sweep_table *table, const struct metric *metric, size_t guess)
{
    if (guess < table->column_count && strcmp(table->columns[guess].name, metric->name) == 0)
        return guess;
    for (size_t c = 0; c < table->column_count; c++)
        if (strcmp(table->columns[c].name, metric->name) == 0)
            return c;
    table->columns = xgrow(table->columns, table->column_count, sizeof *table->columns);
    table->columns[table->column_count] = (struct sweep_column){xstrdup(metric->name), metric->higher_is_better};
    return table->column_count++;
}

static void set_value(struct sweep_row *row, size_t column, const struct metric *metric)
{
    if (column >= row->count) {
        row->values = xrealloc(row->values, (column + 1) * sizeof *row->values);
        row->few = xrealloc(row->few, (column + 1) * sizeof *row->few);
        for (size_t c = row->count; c <= column; c++) {
            row->values[c] = NAN;
            row->few[c] = false;
        }
        row->count = column + 1;
    }
    row->values[column] = metric->value;
    row->few[column] = metric->rests_on_few;
}

int sweep_table_read(struct sweep_table *table, size_t row, const char *folder, struct diag *diag)
{
    struct metrics metrics;
    if (metrics_read(&metrics, folder, diag) != 0)
        return -1;
    size_t column = 0;
    for (size_t i = 0; i < metrics.count; i++) {
        column = column_of(table, &metrics.at[i], column);
        set_value(&table->rows[row], column++, &metrics.at[i]);
    }
    table->rows[row].there = true;
    metrics_destroy(&metrics);
    return 0;
}

double sweep_table_value(const struct sweep_table *table, size_t row, size_t column)
{
    return column < table->rows[row].count ? table->rows[row].values[column] : (double)NAN;
}

// Whether a name is `metric`, or that and its unit.
static bool is_metric(const char *name, const char *metric)
{
    static const char *const units[] = {"", "_us", "_s", "_mb_s", "_bytes"};
    size_t length = strlen(metric);
    for (size_t u = 0; u < ARRAY_SIZE(units); u++)
        if (strncmp(name, metric, length) == 0 && strcmp(name + length, units[u]) == 0)
            return true;
    return false;
}

size_t sweep_table_find(const struct sweep_table *table, const char *metric)
{
    static const char *const scopes[] = {"", "total.", "ftl."};
    for (size_t s = 0; s < ARRAY_SIZE(scopes); s++) {
        size_t length = strlen(scopes[s]);
        for (size_t c = 0; c < table->column_count; c++)
            if (strncmp(table->columns[c].name, scopes[s], length) == 0 &&
                is_metric(table->columns[c].name + length, metric))
                return c;
    }
    return SWEEP_NO_VALUE;
}

// Of "db.read.p99.9" it is "p99.9": a part begins with a letter.
static const char *last_part(const char *metric)
{
    const char *last = metric;
    for (const char *dot = strchr(metric, '.'); dot != NULL; dot = strchr(dot + 1, '.'))
        if (isalpha((unsigned char)dot[1]))
            last = dot + 1;
    return last;
}

bool sweep_is_time(const char *metric)
{
    static const char *const names[] = {"mean", "min", "max"};
    const char *last = last_part(metric);
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (strcmp(last, names[i]) == 0)
            return true;
    size_t length = strlen(metric);
    return (last[0] == 'p' && strspn(last + 1, "0123456789.") == strlen(last + 1)) ||
           (length > 3 && strcmp(metric + length - 3, "_us") == 0);
}

// --- writing -------------------------------------------------------------------------------------------------------

static void put_csv_text(const char *text, FILE *to)
{
    if (strpbrk(text, ",\"\n") == NULL) {
        fputs(text, to);
        return;
    }
    fputc('"', to);
    for (; *text != '\0'; text++)
        fprintf(to, *text == '"' ? "\"\"" : "%c", *text);
    fputc('"', to);
}

static void put_csv_heading(const struct sweep_table *table, FILE *to)
{
    fputs("id", to);
    for (size_t a = 0; a < table->plan->axis_count; a++) {
        fputc(',', to);
        put_csv_text(table->plan->axes[a].name, to);
    }
    for (size_t c = 0; c < table->column_count; c++) {
        fputc(',', to);
        put_csv_text(table->columns[c].name, to);
    }
    fputc('\n', to);
}

static void put_csv_row(const struct sweep_table *table, size_t row, FILE *to)
{
    fputs(table->rows[row].id, to);
    for (size_t a = 0; a < table->plan->axis_count; a++) {
        fputc(',', to);
        put_csv_text(sweep_point_value(table->plan, table->rows[row].point, a), to);
    }
    for (size_t c = 0; c < table->column_count; c++) {
        double value = sweep_table_value(table, row, c);
        if (isfinite(value))
            fprintf(to, ",%.12g", value);
        else
            fputc(',', to);
    }
    fputc('\n', to);
}

void sweep_write_csv(const struct sweep_table *table, FILE *to)
{
    put_csv_heading(table, to);
    for (size_t i = 0; i < table->row_count; i++)
        if (table->rows[i].there)
            put_csv_row(table, i, to);
}

static json_t *row_json(const struct sweep_table *table, size_t row)
{
    const struct sweep_plan *plan = table->plan;
    json_t *json = json_object();
    json_object_set_new(json, "id", json_string(table->rows[row].id));
    for (size_t a = 0; a < plan->axis_count; a++)
        json_object_set_new(json, plan->axes[a].name,
                            report_json_text(sweep_point_value(plan, table->rows[row].point, a)));
    for (size_t c = 0; c < table->column_count; c++) {
        double value = sweep_table_value(table, row, c);
        json_object_set_new(json, table->columns[c].name, isfinite(value) ? json_real(value) : json_null());
    }
    return json;
}

void sweep_write_json_lines(const struct sweep_table *table, FILE *to)
{
    for (size_t i = 0; i < table->row_count; i++) {
        if (!table->rows[i].there)
            continue;
        json_t *json = row_json(table, i);
        json_dumpf(json, to, JSON_COMPACT | JSON_REAL_PRECISION(12));
        fputc('\n', to);
        json_decref(json);
    }
}
