// Targets from comma-separated values: a line a row, the first one names the columns.
//
// A column is a metric with its unit (mean_us, p99_us, iops, bandwidth_mb_s, write_amplification), as in the curve.csv
// of sqtail curve, or a word of the job (iodepth, bs, rate). What else there is must be taken out by naming the metrics
// to use, or be one of the columns of a curve that say nothing of the load.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calibrate/targets.h"
#include "config/decimal.h"
#include "host/job/job.h"
#include "host/job/job_words.h"
#include "util/alloc.h"
#include "util/macros.h"

enum { COLUMNS_MAX = 64 };

struct column {
    char *metric; // NULL: none
    char *word;   // of the job; NULL: none
};

struct table {
    const struct targets_source *source;
    struct column columns[COLUMNS_MAX];
    size_t count;
    uint64_t line;
};

bool targets_uses(const struct targets_source *source, const char *metric)
{
    for (size_t i = 0; i < source->use->count; i++)
        if (strcmp(source->use->at[i], metric) == 0)
            return true;
    return source->use->count == 0;
}

size_t targets_add_row(const struct targets_source *source, struct place place, const char *words)
{
    struct text_list jobs = {0};
    char *first = job_words_merge(source->jobs->count > 0 ? source->jobs->at[0] : "", words);
    text_list_add(&jobs, first);
    for (size_t i = 1; i < source->jobs->count; i++)
        text_list_add(&jobs, source->jobs->at[i]);
    size_t row = calibrate_add_row(source->problem, place, &jobs);
    text_list_free(&jobs);
    free(first);
    return row;
}

// What a column is called without whose it is: "iops" of "read.iops".
static const char *own_name(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot == NULL ? name : dot + 1;
}

// "mean_us" is "mean", "bandwidth_mb_s" is "bandwidth".
static char *metric_of(const char *name)
{
    static const char *const units[] = {"_us", "_mb_s"};
    size_t length = strlen(name);
    for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
        size_t tail = strlen(units[i]);
        if (length > tail && strcmp(name + length - tail, units[i]) == 0)
            return xformat("%.*s", (int)(length - tail), name);
    }
    bool plain = strcmp(own_name(name), "iops") == 0 || strcmp(name, "write_amplification") == 0;
    return plain ? xstrdup(name) : NULL;
}

static bool is_word(const char *name)
{
    for (const struct workload_option *o = job_options_table; o->name != NULL; o++)
        if (strcmp(o->name, name) == 0)
            return true;
    return false;
}

static bool says_nothing(const char *name)
{
    return strcmp(name, "offered_iops") == 0 || strcmp(own_name(name), "count") == 0 ||
           strcmp(own_name(name), "errors") == 0;
}

static struct place place_of(const struct table *table)
{
    return (struct place){.file = table->source->problem->path, .line = table->line};
}

static int complain(const struct table *table, const char *format, const char *text)
{
    return diag_error(table->source->diag, (struct place){table->source->path, table->line, 0}, format, text);
}

static int add_column(struct table *table, const char *name)
{
    struct column *column = &table->columns[table->count++];
    *column = (struct column){.metric = metric_of(name)};
    if (column->metric == NULL && is_word(name))
        column->word = xstrdup(name);
    if (column->metric != NULL && !targets_uses(table->source, column->metric)) {
        free(column->metric);
        column->metric = NULL;
        return 0;
    }
    bool known = column->metric != NULL || column->word != NULL || says_nothing(name);
    return known || table->source->use->count > 0 ? 0
           : complain(table, "column '%s' is neither a metric with its unit, such as mean_us, nor a word of a job; say "
                             "which to use: [mean]", name);
}

// --- lines ---------------------------------------------------------------------------------------------------------

struct cells {
    const char *at[COLUMNS_MAX];
    size_t count;
};

static void find_cells(char *line, struct cells *cells)
{
    line[strcspn(line, "\r\n")] = '\0';
    cells->count = 0;
    for (char *cell = line; cell != NULL && cells->count < COLUMNS_MAX;) {
        char *comma = strchr(cell, ',');
        if (comma != NULL)
            *comma++ = '\0';
        cells->at[cells->count++] = cell;
        cell = comma;
    }
}

// "iodepth=4 bs=8k " of the columns that are words.
static char *words_of(const struct table *table, const struct cells *cells)
{
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    for (size_t i = 0; i < table->count; i++)
        if (table->columns[i].word != NULL && cells->at[i][0] != '\0')
            fprintf(to, "%s%s=%s", ftell(to) > 0 ? " " : "", table->columns[i].word, cells->at[i]);
    fclose(to);
    return text;
}

static int read_header(struct table *table, char *line)
{
    struct cells cells;
    int result = 0;
    find_cells(line, &cells);
    for (size_t i = 0; i < cells.count; i++)
        result |= add_column(table, cells.at[i]);
    return result;
}

static int read_line(struct table *table, char *line)
{
    struct cells cells;
    find_cells(line, &cells);
    if (cells.count != table->count)
        return complain(table, "a line of another number of columns than the first%s", "");
    char *words = words_of(table, &cells);
    size_t row = targets_add_row(table->source, place_of(table), words);
    int result = 0;
    free(words);
    for (size_t i = 0; i < table->count && result == 0; i++) {
        double value;
        if (table->columns[i].metric == NULL || cells.at[i][0] == '\0')
            continue;
        if (decimal_real(cells.at[i], &value) != DECIMAL_OK)
            return complain(table, "'%s' is no number", cells.at[i]);
        result = calibrate_add_value(table->source->problem, row, table->columns[i].metric, value,
                                     table->source->weight, place_of(table), table->source->diag);
    }
    return result;
}

static int read_lines(struct table *table, FILE *file)
{
    char *line = NULL;
    size_t size = 0;
    int result = 0;
    while (result == 0 && getline(&line, &size, file) > 0) {
        table->line++;
        if (line[0] == '#' || line[strspn(line, "\r\n")] == '\0')
            continue;
        result = table->count == 0 ? read_header(table, line) : read_line(table, line);
    }
    free(line);
    return result;
}

int targets_read_csv(const struct targets_source *source)
{
    struct table table = {.source = source};
    FILE *file = fopen(source->path, "r");
    if (file == NULL)
        return diag_error(source->diag, (struct place){.file = source->path}, "cannot read: %s", strerror(errno));
    int result = read_lines(&table, file);
    fclose(file);
    for (size_t i = 0; i < table.count; i++) {
        free(table.columns[i].metric);
        free(table.columns[i].word);
    }
    return result;
}
