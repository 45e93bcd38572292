// The summary's table of stages: where the latency of each kind of command went.
#include <math.h>

#include "report/text/summary_internal.h"

enum { BAR = 20, LEAST_PERMILLE = 5, KINDS_IN_WIDTH = 5 };

// The kinds of command that a table has columns for, those from `first` up to `end`; with two at most there are bars.
struct columns {
    int first, end;
    bool bar;
};

static double share_of(const struct kind_stats *kind, tick_sum_t sum)
{
    return kind->latency_sum == 0 ? 0 : (double)sum / (double)kind->latency_sum;
}

// Worth a line of its own: half a percent of any kind's latency.
static bool stage_matters(const struct report_input *input, struct columns columns, int stage)
{
    for (int i = columns.first; i < columns.end; i++) {
        const struct kind_stats *kind = &input->commands->kinds[i];
        if (share_of(kind, kind->stage_sum[stage]) * 1000 >= LEAST_PERMILLE)
            return true;
    }
    return false;
}

// Blanks that nothing follows are not put: `gap` carries them from one cell of a line to the next.
static int put_share(const struct page *page, const struct kind_stats *kind, tick_sum_t sum, bool bar, int gap)
{
    double share = share_of(kind, sum);
    int length = (int)lround(BAR * share);
    fprintf(page->to, "%*s", gap, "");
    if (sum == 0) {
        fprintf(page->to, "%10s", "-");
        return 7 + (bar ? BAR + 1 : 0);
    }
    page_put_time(page, 10, (double)sum / (double)kind->count / 1e6);
    fprintf(page->to, "%6.1f%%", 100 * share);
    if (!bar || length == 0)
        return bar ? BAR + 1 : 0;
    fprintf(page->to, " %s%.*s%s", page_dim(page), length, "####################", page_plain(page));
    return BAR - length;
}

// One line: what the selected stages took of each kind.
static void put_stage_line(const struct page *page, const struct report_input *input, const char *name,
                           struct columns columns, const bool selected[STAGE_COUNT])
{
    int gap = 0;
    fprintf(page->to, "%-14s", name);
    for (int i = columns.first; i < columns.end; i++) {
        const struct kind_stats *kind = &input->commands->kinds[i];
        tick_sum_t sum = 0;
        for (int s = 0; s < STAGE_COUNT; s++)
            sum += selected[s] ? kind->stage_sum[s] : 0;
        if (kind->count != 0)
            gap = put_share(page, kind, sum, columns.bar, gap);
    }
    fputc('\n', page->to);
}

static struct columns columns_from(const struct report_input *input, int first)
{
    struct columns columns = {.first = first, .end = first};
    int kinds = 0;
    for (; columns.end < IO_KIND_COUNT; columns.end++) {
        bool occurs = input->commands->kinds[columns.end].count != 0;
        if (occurs && kinds == KINDS_IN_WIDTH)
            break;
        kinds += occurs;
    }
    columns.bar = kinds <= 2;
    return columns;
}

static void put_stage_heading(const struct page *page, const struct report_input *input, struct columns columns)
{
    int gap = 0;
    fprintf(page->to, "\n%s%-14s", page_bold(page), "time spent");
    for (int i = columns.first; i < columns.end; i++) {
        if (input->commands->kinds[i].count == 0)
            continue;
        fprintf(page->to, "%*s%17s", gap, "", io_kind_name(i));
        gap = columns.bar ? BAR + 1 : 0;
    }
    fprintf(page->to, "%s\n", page_plain(page));
}

static void put_stage_table(const struct page *page, const struct report_input *input, struct columns columns)
{
    bool other[STAGE_COUNT] = {false}, any_other = false;
    put_stage_heading(page, input, columns);
    for (int s = 0; s < STAGE_COUNT; s++) {
        bool only[STAGE_COUNT] = {false};
        only[s] = stage_matters(input, columns, s);
        if (only[s])
            put_stage_line(page, input, stage_names[s], columns, only);
        for (int i = columns.first; i < columns.end && !only[s]; i++)
            other[s] |= input->commands->kinds[i].stage_sum[s] != 0;
        any_other |= other[s];
    }
    if (any_other)
        put_stage_line(page, input, "other", columns, other);
}

void summary_put_stages(const struct page *page, const struct report_input *input)
{
    int first = 0;
    while (first < IO_KIND_COUNT && input->commands->kinds[first].count == 0)
        first++;
    while (first < IO_KIND_COUNT) {
        struct columns columns = columns_from(input, first);
        put_stage_table(page, input, columns);
        first = columns.end;
    }
}
