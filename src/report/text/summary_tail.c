// The summary's tables of the tail: where the time went in each class of latency, and what was waited for. Of the two
// kinds of command whose slowest class is slowest.
#include <stdlib.h>

#include "report/text/summary_internal.h"
#include "util/macros.h"

enum {
    TABLES = 2,
    FEWEST = 100,      // commands of which classes are told
    LEAST_PERCENT = 5, // of a class's latency, for a line of its own
    SHARE_WIDTH = 7,
};

struct tail_table {
    enum io_kind kind;
    double slowest; // mean of the slowest class
    struct tail_class classes[TAIL_CLASSES];
};

// What one stage, or one cause, took in each class.
struct tail_line {
    const char *name;
    bool indented;
    tick_sum_t parts[TAIL_CLASSES];
};

static bool matters(const struct tail_table *table, const struct tail_line *line)
{
    for (int i = 0; i < TAIL_CLASSES; i++)
        if (line->parts[i] != 0 && line->parts[i] * 100 >= table->classes[i].sums.latency * LEAST_PERCENT)
            return true;
    return false;
}

// Blanks that nothing follows are not put: those behind a dash come with the next cell.
static void put_line(const struct page *page, const struct tail_table *table, const struct tail_line *line)
{
    int gap = 0;
    fprintf(page->to, "%s%-*s", line->indented ? "  " : "", line->indented ? 12 : 14, line->name);
    for (int i = 0; i < TAIL_CLASSES; i++) {
        const struct tail_sums *sums = &table->classes[i].sums;
        if (sums->count == 0)
            continue;
        fprintf(page->to, "%*s", gap, "");
        gap = line->parts[i] == 0 ? SHARE_WIDTH : 0;
        if (line->parts[i] == 0) {
            page_put_cell(page, 10, "-");
            continue;
        }
        page_put_time(page, 10, (double)line->parts[i] / (double)sums->count / 1e6);
        fprintf(page->to, "%6.1f%%", 100 * (double)line->parts[i] / (double)sums->latency);
    }
    fputc('\n', page->to);
}

static void put_heading(const struct page *page, const struct tail_table *table)
{
    fprintf(page->to, "\n%s%-14s", page_bold(page), io_kind_name(table->kind));
    for (int i = 0; i < TAIL_CLASSES; i++)
        if (table->classes[i].sums.count != 0)
            page_put_cell(page, 10 + SHARE_WIDTH, tail_class_names[i]);
    fprintf(page->to, "%s\n%-14s", page_plain(page), "commands");
    for (int i = 0; i < TAIL_CLASSES; i++)
        if (table->classes[i].sums.count != 0)
            page_put_count(page, 10 + SHARE_WIDTH, table->classes[i].sums.count);
    fputc('\n', page->to);
}

// --- lines ---------------------------------------------------------------------------------------------------------

static void put_if_it_matters(const struct page *page, const struct tail_table *table, const struct tail_line *line)
{
    if (matters(table, line))
        put_line(page, table, line);
}

static void put_causes(const struct page *page, const struct tail_table *table, enum stage stage)
{
    struct wait_range range = wait_ranges[stage];
    for (unsigned w = range.first; w < range.end; w++) {
        struct tail_line line = {.name = wait_rows[w].name, .indented = true};
        for (int i = 0; i < TAIL_CLASSES; i++)
            line.parts[i] = table->classes[i].sums.waits[w];
        put_if_it_matters(page, table, &line);
    }
}

static void put_stages(const struct page *page, const struct tail_table *table)
{
    struct tail_line other = {.name = "other"};
    bool any_other = false;
    for (int s = 0; s < STAGE_COUNT; s++) {
        struct tail_line line = {.name = stage_names[s]};
        for (int i = 0; i < TAIL_CLASSES; i++)
            line.parts[i] = table->classes[i].sums.stages[s];
        if (matters(table, &line)) {
            put_line(page, table, &line);
            put_causes(page, table, s);
            continue;
        }
        for (int i = 0; i < TAIL_CLASSES; i++)
            any_other |= (other.parts[i] += line.parts[i]) != 0;
    }
    if (any_other)
        put_line(page, table, &other);
}

static void put_table(const struct page *page, const struct tail_table *table)
{
    struct tail_line mean = {.name = "mean"};
    for (int i = 0; i < TAIL_CLASSES; i++)
        mean.parts[i] = table->classes[i].sums.latency;
    put_heading(page, table);
    put_line(page, table, &mean);
    put_stages(page, table);
}

// --- which kinds ---------------------------------------------------------------------------------------------------

static int by_slowest(const void *a, const void *b)
{
    const struct tail_table *x = a, *y = b;
    return (x->slowest < y->slowest) - (x->slowest > y->slowest);
}

static int by_kind(const void *a, const void *b)
{
    const struct tail_table *x = a, *y = b;
    return (x->kind > y->kind) - (x->kind < y->kind);
}

// False for a kind of which there are too few, or all took the same time.
static bool fill(struct tail_table *table, const struct kind_stats *stats, enum io_kind kind)
{
    if (stats->count < FEWEST)
        return false;
    tail_classes(&stats->tail, table->classes);
    const struct tail_sums *slowest = &table->classes[TAIL_CLASSES - 1].sums;
    table->kind = kind;
    table->slowest = slowest->count == 0 ? 0 : (double)slowest->latency / (double)slowest->count;
    return slowest->count != 0;
}

void summary_put_tail(const struct page *page, const struct report_input *input)
{
    struct tail_table tables[IO_KIND_COUNT];
    size_t count = 0;
    for (int i = 0; input->commands->explained && i < IO_KIND_COUNT; i++)
        count += fill(&tables[count], &input->commands->kinds[i], i);
    qsort(tables, count, sizeof *tables, by_slowest);
    count = MIN(count, (size_t)TABLES);
    qsort(tables, count, sizeof *tables, by_kind);
    for (size_t i = 0; i < count; i++)
        put_table(page, &tables[i]);
}
