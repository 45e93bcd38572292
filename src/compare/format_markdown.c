// A comparison as Markdown: for a merge request or a CI job's summary. What failed comes first, the rest folds away.
#include "compare/cells.h"
#include "compare/differences.h"
#include "compare/format.h"

static void put_header(const struct comparison *c, FILE *to)
{
    char name[CELL_BYTES];
    fputs("| metric | base |", to);
    for (size_t i = 0; i < c->new_count; i++)
        fprintf(to, " %s | change |", cell_column(c, i, name));
    fputs(" threshold | noise | verdict |\n|:--|--:|", to);
    for (size_t i = 0; i < c->new_count; i++)
        fputs("--:|--:|", to);
    fputs("--:|--:|:--|\n", to);
}

static void put_row(const struct comparison *c, const struct compared_row *row, FILE *to)
{
    char text[THRESHOLD_TEXT_BYTES];
    fprintf(to, "| %s | %s |", row->metric->name, cell_value(row->base, text));
    for (size_t i = 0; i < c->new_count; i++) {
        fprintf(to, " %s |", cell_value(row->news[i].metric, text));
        fprintf(to, " %s |", cell_change(row, &row->news[i], text));
    }
    fprintf(to, " %s |", threshold_limit_text(row->threshold, text));
    fprintf(to, " %s |", cell_noise(row, c->new_count, text));
    for (size_t i = 0; i < c->new_count; i++) {
        const char *bold = verdict_fails(row->news[i].verdict) ? "**" : "";
        fprintf(to, " %s%s%s", bold, verdict_word(row->news[i].verdict), bold);
    }
    fputs(" |\n", to);
}

static bool row_fails(const struct comparison *c, const struct compared_row *row)
{
    for (size_t i = 0; i < c->new_count; i++)
        if (verdict_fails(row->news[i].verdict))
            return true;
    return false;
}

// Returns how many there were; with `to` NULL they are only counted.
static size_t put_rows(const struct comparison *c, bool failing, FILE *to)
{
    size_t count = 0;
    for (size_t i = 0; i < c->row_count; i++)
        if (row_fails(c, &c->rows[i]) == failing && count++ < SIZE_MAX && to != NULL)
            put_row(c, &c->rows[i], to);
    return count;
}

static void put_differences(const struct comparison *c, FILE *to)
{
    struct differences found = differences_of(c);
    for (size_t i = 0; i < found.count; i++) {
        fprintf(to, "%s- `%s`: %s", i == 0 ? "\n" : "", found.at[i].key, difference_text(found.at[i].base));
        for (size_t k = 0; k < c->new_count; k++)
            fprintf(to, " %s %s", k == 0 ? "->" : "|", difference_text(found.at[i].values[k]));
        fputc('\n', to);
    }
    differences_free(&found);
}

static void put_part(const struct comparison *c, bool failing, FILE *to)
{
    if (put_rows(c, failing, NULL) == 0)
        return;
    fputs(failing ? "\n" : "\n<details><summary>What did not fail</summary>\n\n", to);
    put_header(c, to);
    put_rows(c, failing, to);
    if (!failing)
        fputs("\n</details>\n", to);
}

static void write_markdown(const struct comparison *c, const struct format_options *options, FILE *to)
{
    char seeds[CELL_BYTES];
    (void)options;
    fprintf(to, "### sqtail: %zu of %zu metrics %s or absent\n\n", c->failed, c->compared,
            c->either ? "changed" : "regressed");
    fprintf(to, "base `%s`, %s", c->base.path, cell_seeds(&c->base, seeds));
    for (size_t i = 0; i < c->new_count; i++)
        fprintf(to, "; new `%s`, %s", c->news[i].path, cell_seeds(&c->news[i], seeds));
    fputc('\n', to);
    if (c->more_points > 0)
        fprintf(to, "\n%zu points that the base has not are not compared.\n", c->more_points);
    if (c->in_noise > 0)
        fprintf(to, "\n%zu beyond the threshold, but not beyond the noise: more seeds would tell.\n", c->in_noise);
    put_differences(c, to);
    put_part(c, true, to);
    put_part(c, false, to);
}

const struct compare_format format_markdown = {
    .name = "markdown",
    .help = "for a merge request or a job's summary",
    .write = write_markdown,
};
