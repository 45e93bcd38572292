// A comparison as a table for people.
#include <stdlib.h>
#include <string.h>

#include "compare/cells.h"
#include "compare/differences.h"
#include "compare/format.h"
#include "util/macros.h"

enum { CHANGES_SHOWN = 8, ROWS_SHOWN = 60, NAME_WIDTH = 30, VALUE_WIDTH = 11, CHANGE_WIDTH = 11 };

struct table {
    const struct comparison *c;
    const struct format_options *options;
    FILE *to;
    int name_width;
    bool few, reach;   // marks that want their line below
    const char *point; // of a sweep, whose heading was printed last
    size_t left_out;   // rows in which nothing is to be seen
};

static const char *colour(const struct table *table, const char *code)
{
    return table->options->colour ? code : "";
}

// --- what is compared ----------------------------------------------------------------------------------------------

static void put_side(const struct table *table, const char *name, const struct metrics *metrics)
{
    char seeds[CELL_BYTES];
    fprintf(table->to, "%-6s %s, %s\n", name, metrics->path, cell_seeds(metrics, seeds));
}

static void put_difference(const struct table *table, const struct difference *d)
{
    fprintf(table->to, "       %s: %s", d->key, difference_text(d->base));
    for (size_t i = 0; i < table->c->new_count; i++)
        fprintf(table->to, " %s %s", i == 0 ? "->" : "|", difference_text(d->values[i]));
    fputc('\n', table->to);
}

static void put_sides(const struct table *table)
{
    char name[CELL_BYTES];
    struct differences found = differences_of(table->c);
    put_side(table, "base", &table->c->base);
    for (size_t i = 0; i < table->c->new_count; i++)
        put_side(table, cell_column(table->c, i, name), &table->c->news[i]);
    size_t shown = table->options->all_changes ? found.count : MIN(found.count, CHANGES_SHOWN);
    for (size_t i = 0; i < shown; i++)
        put_difference(table, &found.at[i]);
    if (shown < found.count)
        fprintf(table->to, "       and %zu more differences of configuration: --config-diff\n", found.count - shown);
    differences_free(&found);
}

// --- rows ----------------------------------------------------------------------------------------------------------

static void put_header(const struct table *table)
{
    char name[CELL_BYTES];
    fprintf(table->to, "\n%s%-*s%*s ", colour(table, "\033[1m"), table->name_width, "metric", VALUE_WIDTH, "base");
    for (size_t i = 0; i < table->c->new_count; i++)
        fprintf(table->to, "%*s %*s", VALUE_WIDTH, cell_column(table->c, i, name), CHANGE_WIDTH, "change");
    fprintf(table->to, "%12s%11s  verdict%s\n", "threshold", "noise", colour(table, "\033[0m"));
}

// With the mark of a percentile that rests on few requests, or a blank.
static void put_value(struct table *table, const struct metric *metric)
{
    char text[CELL_BYTES];
    bool few = metric != NULL && metric->rests_on_few;
    table->few |= few;
    fprintf(table->to, "%*s%c", VALUE_WIDTH, cell_value(metric, text), few ? '*' : ' ');
}

static void put_verdict(const struct table *table, enum verdict verdict)
{
    static const char *const colours[] = {"", "\033[32m", "\033[33m", "\033[31;1m", "\033[31;1m", "\033[31;1m"};
    fprintf(table->to, "  %s%s%s", colour(table, colours[verdict]), verdict_word(verdict), colour(table, "\033[0m"));
}

// Metrics of a sweep stand below their point.
static bool is_below_point(const struct table *table, const struct metric *metric)
{
    return table->c->base.kind == METRICS_OF_SWEEP && metric->bare > metric->name;
}

static void put_point(struct table *table, const struct metric *metric)
{
    int length = (int)(metric->bare - metric->name);
    bool same = table->point != NULL && strncmp(table->point, metric->name, (size_t)length) == 0;
    if (is_below_point(table, metric) && !same)
        fprintf(table->to, "%s%.*s%s\n", colour(table, "\033[1m"), length - 1, metric->name, colour(table, "\033[0m"));
    table->point = metric->name;
}

static void put_row(struct table *table, const struct compared_row *row)
{
    char text[THRESHOLD_TEXT_BYTES];
    put_point(table, row->metric);
    fprintf(table->to, "%-*s", table->name_width, is_below_point(table, row->metric) ? row->metric->bare
                                                                                     : row->metric->name);
    put_value(table, row->base);
    for (size_t i = 0; i < table->c->new_count; i++) {
        put_value(table, row->news[i].metric);
        fprintf(table->to, "%*s", CHANGE_WIDTH, cell_change(row, &row->news[i], text));
    }
    fprintf(table->to, "%12s", threshold_limit_text(row->threshold, text));
    const char *noise = cell_noise(row, table->c->new_count, text);
    table->reach |= noise[0] == '~';
    fprintf(table->to, "%11s", noise);
    for (size_t i = 0; i < table->c->new_count; i++)
        put_verdict(table, row->news[i].verdict);
    fputc('\n', table->to);
}

// --- all -----------------------------------------------------------------------------------------------------------

static int name_width(const struct table *table)
{
    size_t width = NAME_WIDTH;
    for (size_t i = 0; i < table->c->row_count; i++) {
        const struct metric *metric = table->c->rows[i].metric;
        width = MAX(width, strlen(is_below_point(table, metric) ? metric->bare : metric->name) + 1);
    }
    return (int)width;
}

// Of many rows those are shown in which something moved.
static bool is_shown(const struct comparison *c, const struct compared_row *row)
{
    bool shown = c->row_count <= ROWS_SHOWN;
    for (size_t i = 0; i < c->new_count; i++)
        shown |= row->news[i].verdict != VERDICT_OK;
    return shown;
}

static void put_rows(struct table *table)
{
    put_header(table);
    for (size_t i = 0; i < table->c->row_count; i++)
        if (is_shown(table->c, &table->c->rows[i]))
            put_row(table, &table->c->rows[i]);
        else
            table->left_out++;
    fputc('\n', table->to);
    if (table->left_out > 0)
        fprintf(table->to, "%zu rows in which nothing moved beyond its threshold are left out; --format json has "
                "them\n", table->left_out);
}

static void write_text(const struct comparison *c, const struct format_options *options, FILE *to)
{
    struct table table = {.c = c, .options = options, .to = to};
    table.name_width = name_width(&table);
    put_sides(&table);
    put_rows(&table);
    if (table.few)
        fputs("* rests on fewer than ten requests\n", to);
    if (table.reach)
        fputs("~ how far one run knows it, with 95 % confidence; not part of the verdict\n", to);
    if (c->more_points > 0)
        fprintf(to, "%zu points that the base has not are not compared\n", c->more_points);
    if (c->in_noise > 0)
        fprintf(to, "%zu beyond the threshold, but not beyond the noise: more seeds would tell\n", c->in_noise);
    fprintf(to, "%zu of %zu metrics %s or absent\n", c->failed, c->compared, c->either ? "changed" : "regressed");
}

const struct compare_format format_text = {
    .name = "text",
    .help = "a table for people",
    .write = write_text,
};
