// Plots of where the time went: the mean latency of each kind of command, and of each class of latency, by stage.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/plot/bars.h"
#include "report/plot/plot_parts.h"
#include "report/plot/stage_colour.h"
#include "stats/stage.h"
#include "util/alloc.h"
#include "util/macros.h"

// --- by kind -------------------------------------------------------------------------------------------------------

static void add_stages(struct bars *bars, struct bar *bar, json_t *stages)
{
    for (int i = 0; i < STAGE_COUNT; i++) {
        int part = bars_part(bars, stage_names[i], stage_paint(stage_names[i], NULL));
        bar->us[part] = json_number_value(json_object_get(stages, stage_names[i]));
    }
}

static void add_kind(struct bars *bars, const struct shown *shown, size_t result, enum io_kind kind)
{
    char path[64], name[FIGURE_TEXT];
    if (plot_count(&shown->results[result], kind) == 0)
        return;
    snprintf(path, sizeof path, "commands|%s|stages_us", io_kind_name(kind));
    if (shown->count == 1)
        snprintf(name, sizeof name, "%s", io_kind_name(kind));
    else
        snprintf(name, sizeof name, "%s, %s", io_kind_name(kind), shown->results[result].name);
    struct bar *bar = bars_add(bars, name);
    if (bar != NULL)
        add_stages(bars, bar, result_at(&shown->results[result], path));
}

struct figure *plot_build_stages(const struct shown *shown)
{
    struct figure *figure = plot_begin(shown, "stages", "Where the time went");
    struct bars *bars = xcalloc(1, sizeof *bars);
    for (int kind = 0; kind < IO_KIND_COUNT; kind++)
        for (size_t i = 0; i < shown->count; i++)
            add_kind(bars, shown, i, kind);
    bars_draw(bars, figure, "mean latency");
    free(bars);
    return plot_end(figure);
}

// --- by class of latency -------------------------------------------------------------------------------------------

// A stage as a whole, or, where it is known what held the resource, by that.
static void add_stage(struct bars *bars, struct bar *bar, const char *stage, double us, json_t *waits)
{
    const char *cause;
    json_t *part_us;
    json_object_foreach(waits, cause, part_us) {
        char name[BAR_NAME_BYTES];
        if (strcmp(cause, "other") == 0 || strcmp(cause, "work") == 0) // nobody else's
            continue;
        snprintf(name, sizeof name, "%s: %s", stage, cause);
        int part = bars_part(bars, name, stage_paint(stage, cause));
        if (part >= 0)
            bar->us[part] += json_number_value(part_us);
        us -= json_number_value(part_us);
    }
    int part = bars_part(bars, stage, stage_paint(stage, NULL));
    if (part >= 0 && us > 1e-6)
        bar->us[part] += us;
}

static void add_class(struct bars *bars, const struct shown *shown, size_t result, const char *kind, json_t *class)
{
    const char *stage, *range = json_string_value(json_object_get(class, "class"));
    char name[2 * FIGURE_TEXT];
    json_t *us, *waits = json_object_get(class, "waits_us");
    if (range == NULL || json_integer_value(json_object_get(class, "count")) == 0)
        return;
    snprintf(name, sizeof name, "%s %s", kind, range);
    if (shown->count > 1)
        snprintf(name, sizeof name, "%s %s, %s", kind, range, shown->results[result].name);
    struct bar *bar = bars_add(bars, name);
    if (bar == NULL)
        return;
    json_object_foreach(json_object_get(class, "stages_us"), stage, us)
        add_stage(bars, bar, stage, json_number_value(us), json_object_get(waits, stage));
}

static json_t *classes_of(const struct shown *shown, size_t result, const char *kind)
{
    return json_object_get(result_at(&shown->results[result], "tail"), kind);
}

static size_t class_count(const struct shown *shown, const char *kind)
{
    size_t most = 0;
    for (size_t i = 0; i < shown->count; i++) {
        size_t own = json_array_size(classes_of(shown, i, kind));
        most = MAX(most, own);
    }
    return most;
}

// Class by class, so that several results stand beside each other.
static void add_classes(struct bars *bars, const struct shown *shown, const char *kind)
{
    for (size_t class = 0; class < class_count(shown, kind); class++)
        for (size_t i = 0; i < shown->count; i++)
            add_class(bars, shown, i, kind, json_array_get(classes_of(shown, i, kind), class));
}

struct figure *plot_build_tail(const struct shown *shown)
{
    struct figure *figure = plot_begin(shown, "tail", "Where the time went, from the fastest commands to the slowest");
    struct bars *bars = xcalloc(1, sizeof *bars);
    for (int kind = 0; kind < IO_KIND_COUNT; kind++)
        add_classes(bars, shown, io_kind_name(kind));
    bars_draw(bars, figure, "mean latency of the class");
    free(bars);
    return plot_end(figure);
}
