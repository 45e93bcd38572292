// Bars of latency.
#include "report/bars.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "figure/axis.h"
#include "report/number_text.h"
#include "stats/stage.h"
#include "util/alloc.h"
#include "util/macros.h"

enum { ROW_HEIGHT = 30, OTHER = -1 };

// Of one family of hue are what belongs together: host grey, link blue, controller violet, buffer olive, NAND warm,
// correction green.
static const enum figure_colour stage_colours[STAGE_COUNT] = {
    [STAGE_HOST_SUBMIT] = FIGURE_STAGE_LILAC, [STAGE_SQ_FETCH] = FIGURE_STAGE_CYAN,
    [STAGE_CONTROLLER] = FIGURE_STAGE_VIOLET, [STAGE_BUFFER_WAIT] = FIGURE_STAGE_OLIVE,
    [STAGE_DATA_IN] = FIGURE_STAGE_BLUE,      [STAGE_FLUSH_WAIT] = FIGURE_STAGE_MUD,
    [STAGE_DIE_WAIT] = FIGURE_STAGE_PEACH,    [STAGE_CHANNEL_WAIT] = FIGURE_STAGE_RUST,
    [STAGE_NAND_COMMAND] = FIGURE_STAGE_YELLOW, [STAGE_ARRAY] = FIGURE_STAGE_RED,
    [STAGE_TRANSFER] = FIGURE_STAGE_PINK,     [STAGE_ECC] = FIGURE_STAGE_GREEN,
    [STAGE_RETRY] = FIGURE_STAGE_LIME,        [STAGE_RAID] = FIGURE_STAGE_TEAL,
    [STAGE_DATA_OUT] = FIGURE_STAGE_NAVY,     [STAGE_COMPLETION] = FIGURE_STAGE_ICE,
    [STAGE_HOST_COMPLETE] = FIGURE_STAGE_SLATE,
};

enum figure_colour stage_colour(const char *stage)
{
    for (int i = 0; i < STAGE_COUNT; i++)
        if (strcmp(stage_names[i], stage) == 0)
            return stage_colours[i];
    return FIGURE_PALE;
}

int bars_part(struct bars *bars, const char *name, enum figure_colour colour)
{
    for (unsigned i = 0; i < bars->part_count; i++)
        if (strcmp(bars->parts[i].name, name) == 0)
            return (int)i;
    if (bars->part_count == BAR_PARTS_MAX)
        return -1;
    struct bar_part *part = &bars->parts[bars->part_count];
    snprintf(part->name, sizeof part->name, "%s", name);
    part->colour = colour;
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
    enum figure_colour colours[BAR_PARTS_MAX];
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

// Whether a part that is shown has that colour of its own.
static bool is_owned(const struct choice *choice, enum figure_colour colour)
{
    for (unsigned i = 0; i < choice->count; i++)
        if (choice->bars->parts[choice->parts[i]].colour == colour)
            return true;
    return false;
}

// Those without a colour of their own get one each, as far as there are, the largest first.
static void set_colours(struct choice *choice)
{
    static const enum figure_colour spare[] = {
        FIGURE_STAGE_PEACH, FIGURE_BROWN, FIGURE_STAGE_OLIVE, FIGURE_PURPLE, FIGURE_SKY,   FIGURE_STAGE_SLATE,
        FIGURE_GREEN,       FIGURE_STAGE_RUST, FIGURE_STAGE_LILAC, FIGURE_STAGE_MUD, FIGURE_STAGE_LIME, FIGURE_INK,
    };
    unsigned taken = 0;
    for (unsigned i = 0; i < choice->count; i++) {
        enum figure_colour own = choice->bars->parts[choice->parts[i]].colour;
        while (taken < ARRAY_SIZE(spare) && is_owned(choice, spare[taken]))
            taken++;
        choice->colours[i] = own == FIGURE_COLOUR_COUNT ? spare[taken++ % ARRAY_SIZE(spare)] : own;
    }
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
    set_colours(&choice);
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

static void add_part(struct figure_panel *panel, const struct choice *choice, int part, enum figure_colour colour,
                     bool as_share)
{
    const struct bars *bars = choice->bars;
    struct figure_series *series =
        figure_add_series(panel, FIGURE_BOXES, colour,
                          as_share ? "" : part == OTHER ? "other" : bars->parts[part].name);
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
        add_part(panel, choice, choice->parts[i], choice->colours[i], as_share);
    if (choice->has_other)
        add_part(panel, choice, OTHER, FIGURE_PALE, as_share);
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
