// A comparison as a table for people.
#include <stdlib.h>
#include <string.h>

#include "compare/cells.h"
#include "compare/differences.h"
#include "compare/format.h"
#include "util/macros.h"

enum { CHANGES_SHOWN = 8, NAME_WIDTH = 30, VALUE_WIDTH = 11, CHANGE_WIDTH = 11 };

struct table {
    const struct comparison *c;
    const struct format_options *options;
    FILE *to;
    int name_width;
    bool few, reach; // marks that want their line below
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

static void put_row(struct table *table, const struct compared_row *row)
{
    char text[THRESHOLD_TEXT_BYTES];
    fprintf(table->to, "%-*s", table->name_width, row->metric->name);
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

static int name_width(const struct comparison *c)
{
    size_t width = NAME_WIDTH;
    for (size_t i = 0; i < c->row_count; i++)
        width = MAX(width, strlen(c->rows[i].metric->name) + 1);
    return (int)width;
}

static void write_text(const struct comparison *c, const struct format_options *options, FILE *to)
{
    struct table table = {.c = c, .options = options, .to = to, .name_width = name_width(c)};
    put_sides(&table);
    put_header(&table);
    for (size_t i = 0; i < c->row_count; i++)
        put_row(&table, &c->rows[i]);
    fputc('\n', to);
    if (table.few)
        fputs("* rests on fewer than ten requests\n", to);
    if (table.reach)
        fputs("~ how far one run knows it, with 95 % confidence; not part of the verdict\n", to);
    if (c->in_noise > 0)
        fprintf(to, "%zu beyond the threshold, but not beyond the noise: more seeds would tell\n", c->in_noise);
    fprintf(to, "%zu of %zu metrics %s or absent\n", c->failed, c->compared, c->either ? "changed" : "regressed");
}

const struct compare_format format_text = {
    .name = "text",
    .help = "a table for people",
    .write = write_text,
};
