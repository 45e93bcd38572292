// Bars of latency.
#include "report/plot/bars.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "figure/axis.h"
#include "report/text/number_text.h"
#include "util/macros.h"

enum { ROW_HEIGHT = 30, OTHER = -1 };

int bars_part(struct bars *bars, const char *name, struct figure_paint paint)
{
    for (unsigned i = 0; i < bars->part_count; i++)
        if (strcmp(bars->parts[i].name, name) == 0)
            return (int)i;
    if (bars->part_count == BAR_PARTS_MAX)
        return -1;
    struct bar_part *part = &bars->parts[bars->part_count];
    snprintf(part->name, sizeof part->name, "%s", name);
    part->paint = paint;
    return (int)bars->part_count++;
}

struct bar *bars_add(struct bars *bars, const char *name)
{
    if (bars->count == BARS_MAX)
        return NULL;
    struct bar *bar = &bars->at[bars->count++];
    snprintf(bar->name, sizeof bar->name, "%s", name);
    return bar;
}

static double whole(const struct bars *bars, const struct bar *bar)
{
    double us = 0;
    for (unsigned i = 0; i < bars->part_count; i++)
        us += bar->us[i];
    return us;
}

static double share(const struct bars *bars, const struct bar *bar, int part)
{
    double all = whole(bars, bar);
    return all > 0 ? bar->us[part] / all : 0;
}

// --- what is told together -------------------------------------------------------------------------------------------

// The parts that are shown by themselves, the largest first.
struct choice {
    const struct bars *bars;
    int parts[BAR_PARTS_MAX];
    unsigned count;
    bool has_other;
};

static double largest_share(const struct bars *bars, int part)
{
    double largest = 0;
    for (unsigned i = 0; i < bars->count; i++)
        largest = MAX(largest, share(bars, &bars->at[i], part));
    return largest;
}

static double sum_of_shares(const struct bars *bars, int part)
{
    double sum = 0;
    for (unsigned i = 0; i < bars->count; i++)
        sum += share(bars, &bars->at[i], part);
    return sum;
}

static void insert(struct choice *choice, int part)
{
    unsigned at = choice->count++;
    for (; at > 0 && sum_of_shares(choice->bars, choice->parts[at - 1]) < sum_of_shares(choice->bars, part); at--)
        choice->parts[at] = choice->parts[at - 1];
    choice->parts[at] = part;
}

static struct choice choose(const struct bars *bars)
{
    struct choice choice = {.bars = bars};
    for (unsigned i = 0; i < bars->part_count; i++) {
        double largest = largest_share(bars, (int)i);
        if (largest >= 0.01)
            insert(&choice, (int)i);
        choice.has_other |= largest > 0 && largest < 0.01;
    }
    return choice;
}

static bool is_chosen(const struct choice *choice, int part)
{
    for (unsigned i = 0; i < choice->count; i++)
        if (choice->parts[i] == part)
            return true;
    return false;
}

// --- drawing -------------------------------------------------------------------------------------------------------

// Where `part` of a bar begins: behind all that are shown and stand before it. What is told together comes last.
static double start_of(const struct choice *choice, const struct bar *bar, int part)
{
    double us = 0;
    for (int i = 0; i < (int)choice->bars->part_count && (part == OTHER || i < part); i++)
        if (is_chosen(choice, i))
            us += bar->us[i];
    return us;
}

static double length_of(const struct choice *choice, const struct bar *bar, int part)
{
    return part == OTHER ? whole(choice->bars, bar) - start_of(choice, bar, OTHER) : bar->us[part];
}

static void add_part(struct figure_panel *panel, const struct choice *choice, int part, bool as_share)
{
    const struct bars *bars = choice->bars;
    struct figure_paint paint = part == OTHER ? (struct figure_paint){FIGURE_PALE, 0} : bars->parts[part].paint;
    struct figure_series *series =
        figure_add_series(panel, FIGURE_BOXES, paint.colour,
                          as_share ? "" : part == OTHER ? "other" : bars->parts[part].name);
    series->shade = paint.shade;
    for (unsigned i = 0; i < bars->count; i++) {
        const struct bar *bar = &bars->at[i];
        double all = whole(bars, bar), scale = as_share ? (all > 0 ? 100 / all : 0) : 1, y = bars->count - i;
        double from = start_of(choice, bar, part), length = length_of(choice, bar, part);
        if (length > 0)
            figure_add_point(series, (struct figure_point){.x = from * scale, .x2 = (from + length) * scale,
                                                           .y = y - 0.36, .y2 = y + 0.36, .value = length});
    }
}

static struct figure_panel *add_panel(struct figure *figure, const struct choice *choice, bool as_share)
{
    const struct bars *bars = choice->bars;
    struct figure_panel *panel = figure_add_panel(figure, ROW_HEIGHT * bars->count + 8);
    panel->has_rows = true;
    axis_set_rows(&panel->y, bars->count);
    for (unsigned i = 0; i < bars->count && i < FIGURE_TICKS; i++)
        axis_add_tick(&panel->y, bars->count - i, bars->at[i].name);
    for (unsigned i = 0; i < choice->count; i++)
        add_part(panel, choice, choice->parts[i], as_share);
    if (choice->has_other)
        add_part(panel, choice, OTHER, as_share);
    return panel;
}

// How long the whole of each bar is, behind its end.
static void add_wholes(struct figure_panel *panel, const struct bars *bars)
{
    for (unsigned i = 0; i < bars->count; i++) {
        double us = whole(bars, &bars->at[i]);
        struct figure_note note = {.x = us, .y = bars->count - i, .right = 6, .anchor = FIGURE_LEFT};
        spaced_time_text(us, note.text, sizeof note.text);
        figure_add_note(panel, note);
    }
}

void bars_draw(const struct bars *bars, struct figure *figure, const char *label)
{
    double longest = 0;
    if (bars->count == 0)
        return;
    struct choice choice = choose(bars);
    for (unsigned i = 0; i < bars->count; i++)
        longest = MAX(longest, whole(bars, &bars->at[i]));
    struct figure_panel *times = add_panel(figure, &choice, false);
    axis_set_latency_linear(&times->x, label, longest * 1.22);
    add_wholes(times, bars);
    axis_set_span(&add_panel(figure, &choice, true)->x, "share of it (%)", 0, 100);
}
