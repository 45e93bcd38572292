// What stands in the cells of tables.
#include "compare/cells.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/text/number_text.h"
#include "util/macros.h"

const char *cell_column(const struct comparison *comparison, size_t column, char text[CELL_BYTES])
{
    if (comparison->new_count == 1)
        return "new";
    snprintf(text, CELL_BYTES, "new %zu", column + 1);
    return text;
}

const char *cell_value(const struct metric *metric, char text[CELL_BYTES])
{
    char number[NUMBER_TEXT_BYTES];
    if (metric == NULL)
        return "absent";
    bool is_time = strcmp(metric->unit, "us") == 0;
    snprintf(text, CELL_BYTES, "%s", is_time ? time_text(metric->value, number)
                                                    : number_text(metric->value, number));
    return text;
}

const char *cell_change(const struct compared_row *row, const struct compared *new, char text[CELL_BYTES])
{
    if (row->base == NULL || new->metric == NULL)
        return "";
    snprintf(text, CELL_BYTES, "%+.2f %%", 100 * new->change);
    return text;
}

const char *cell_noise(const struct compared_row *row, size_t columns, char text[CELL_BYTES])
{
    double noise = -1, reach = row->base == NULL ? -1 : metric_reach(row->base);
    for (size_t i = 0; i < columns; i++) {
        noise = MAX(noise, row->news[i].noise);
        reach = row->news[i].metric == NULL ? reach : MAX(reach, metric_reach(row->news[i].metric));
    }
    double width = noise >= 0 ? noise : reach;
    if (row->base == NULL || row->base->value == 0 || width < 0)
        return "";
    snprintf(text, CELL_BYTES, "%s%.2f %%", noise >= 0 ? "" : "~", 100 * width / fabs(row->base->value));
    return text;
}

const char *cell_seeds(const struct metrics *metrics, char text[CELL_BYTES])
{
    size_t count = metrics_seed_count(metrics);
    if (count > 1)
        snprintf(text, CELL_BYTES, "%zu seeds", count);
    else
        snprintf(text, CELL_BYTES, "seed %llu", (unsigned long long)metrics->sources[0].seed);
    return text;
}
