// The plot of what a recording is like: sizes, times between requests, queue depth and reuse, each cumulative.
#include <math.h>
#include <stdio.h>

#include "figure/axis.h"
#include "report/plot/plot_recording.h"
#include "util/macros.h"

enum { HEIGHT = 150 };

struct span {
    double lo, hi;
};

// Where a histogram's value is shown on a logarithmic axis, which has no place for 0.
struct scale {
    double unit, plus, least;
};

// A staircase of a histogram's values; `span` grows to hold it.
static void add_staircase(struct figure_panel *panel, const struct histogram *h, struct scale scale,
                          enum figure_colour colour, const char *title, struct span *span)
{
    struct figure_series *series = figure_add_series(panel, FIGURE_LINE, colour, title);
    uint64_t below = 0;
    bool begun = false;
    for (uint32_t i = 0; below < h->count; i++) {
        if (h->buckets[i] == 0)
            continue;
        double x = MAX((double)histogram_bucket_bottom(i) * scale.unit + scale.plus, scale.least);
        if (!begun)
            figure_add_point(series, (struct figure_point){.x = x, .y = 0});
        begun = true;
        below += h->buckets[i];
        figure_add_step(series, x, 100 * (double)below / (double)h->count);
        *span = (struct span){fmin(span->lo, x), fmax(span->hi, x)};
    }
}

// An axis of powers of two as sizes, told in the unit that suits each tick.
static void set_size_axis(struct figure_axis *axis, const char *label, double lo_kib, double hi_kib)
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB"};
    axis_set_depth(axis, label, lo_kib, hi_kib);
    for (unsigned i = 0; i < axis->tick_count; i++) {
        double size = axis->ticks[i].at;
        unsigned unit = 0;
        for (; size >= 1024 && unit + 1 < ARRAY_SIZE(units); unit++)
            size /= 1024;
        snprintf(axis->ticks[i].text, sizeof axis->ticks[i].text, "%g %s", size, units[unit]);
    }
}

static struct figure_panel *add_panel(struct figure *figure)
{
    struct figure_panel *panel = figure_add_panel(figure, HEIGHT);
    axis_set_linear(&panel->y, "share, %", 100);
    return panel;
}

static void add_sizes(struct figure *figure, const struct profile *p)
{
    struct figure_panel *panel = add_panel(figure);
    struct span span = {INFINITY, 0};
    for (int kind = 0; kind < IO_KIND_COUNT; kind++)
        if (p->kinds[kind].sizes.count > 0)
            add_staircase(panel, &p->kinds[kind].sizes, (struct scale){PROFILE_SECTOR / 1024.0, 0, 0.5},
                          figure_series_colour((unsigned)kind), io_kind_name((enum io_kind)kind), &span);
    set_size_axis(&panel->x, "size", span.lo < span.hi ? span.lo : span.lo / 2, fmax(span.hi, 1));
}

static void add_intervals(struct figure *figure, const struct profile *p)
{
    struct span span = {INFINITY, 0};
    if (p->intervals.count == 0)
        return;
    struct figure_panel *panel = add_panel(figure);
    add_staircase(panel, &p->intervals, (struct scale){1e-3, 0, 1e-3}, figure_series_colour(0), "", &span);
    axis_set_latency(&panel->x, "time between requests", span.lo, span.hi);
}

static void add_depth(struct figure *figure, const struct profile *p)
{
    struct span span = {INFINITY, 0};
    if (profile_completed(p) == 0)
        return;
    struct figure_panel *panel = add_panel(figure);
    add_staircase(panel, &p->depth, (struct scale){1, 1, 1}, figure_series_colour(0), "", &span);
    axis_set_depth(&panel->x, "queue depth: requests under way when one has come", 1, fmax(span.hi, 2));
}

// What an LRU cache of each size would have had.
static void add_reuse(struct figure *figure, const struct profile *p)
{
    struct reuse_summary s = reuse_summarize(p->reuse);
    double most = s.again / MAX(s.accesses, 1), kib = REUSE_CHUNK / 1024.0;
    if (s.again <= 0)
        return;
    struct figure_panel *panel = add_panel(figure);
    struct figure_series *series = figure_add_series(panel, FIGURE_LINE, figure_series_colour(0), "");
    series->dots = true;
    int i = 0;
    do
        figure_add_point(series, (struct figure_point){
            .x = kib * (double)(UINT64_C(1) << i), .y = 100 * reuse_lru_hits(&s, (uint64_t)REUSE_CHUNK << i)});
    while (reuse_lru_hits(&s, (uint64_t)REUSE_CHUNK << i) < most - 1e-12 && ++i <= REUSE_OCTAVES);
    axis_set_linear(&panel->y, "hits, %", 100);
    set_size_axis(&panel->x, "LRU cache", kib, kib * (double)(UINT64_C(1) << MAX(i, 1)));
}

struct figure *plot_profile(const char *path, const struct profile *profile)
{
    struct figure *figure = figure_create("profile", "What a recording is like");
    figure_add_line(figure, path);
    add_sizes(figure, profile);
    add_intervals(figure, profile);
    add_depth(figure, profile);
    add_reuse(figure, profile);
    return figure;
}
