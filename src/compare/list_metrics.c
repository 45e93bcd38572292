// The metrics that results have, as a table.
#include <string.h>

#include "compare/cells.h"
#include "compare/format.h"
#include "report/locale_guard.h"
#include "util/macros.h"

static int name_width(const struct comparison *c)
{
    size_t width = 30;
    for (size_t i = 0; i < c->base.count; i++)
        width = MAX(width, strlen(c->base.at[i].name) + 1);
    return (int)width;
}

static void put_metric(const struct comparison *c, const struct metric *metric, int width, FILE *to)
{
    char text[CELL_BYTES];
    fprintf(to, "%-*s%-6s%-8s%11s", width, metric->name, metric->unit, metric->higher_is_better ? "higher" : "lower",
            cell_value(metrics_named(&c->base, metric->name), text));
    for (size_t i = 0; i < c->new_count; i++)
        fprintf(to, "%12s", cell_value(metrics_named(&c->news[i], metric->name), text));
    fputc('\n', to);
}

void comparison_list_metrics(const struct comparison *c, FILE *to)
{
    struct locale_guard guard = locale_guard_enter();
    int width = name_width(c);
    char name[CELL_BYTES];
    fprintf(to, "%-*s%-6s%-8s%11s", width, "metric", "unit", "better", "base");
    for (size_t i = 0; i < c->new_count; i++)
        fprintf(to, "%12s", cell_column(c, i, name));
    fputc('\n', to);
    for (size_t i = 0; i < c->base.count; i++)
        put_metric(c, &c->base.at[i], width, to);
    for (size_t n = 0; n < c->new_count; n++)
        for (size_t i = 0; i < c->news[n].count; i++)
            if (metrics_named(&c->base, c->news[n].at[i].name) == NULL)
                put_metric(c, &c->news[n].at[i], width, to);
    locale_guard_leave(guard);
}
