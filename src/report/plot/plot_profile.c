// The plot of what a recording is like: sizes, times between requests, queue depth and reuse, each cumulative.
#include <math.h>

#include "figure/axis.h"
#include "report/plot/plot_recording.h"
#include "util/macros.h"

enum { HEIGHT = 150 };

struct span {
    double lo, hi;
};

// A staircase of a histogram's values times `unit`, those of 0 at `least`; `span` grows to hold it.
static void add_staircase(struct figure_panel *panel, const struct histogram *h, double unit, double least,
                          enum figure_colour colour, const char *title, struct span *span)
{
    struct figure_series *series = figure_add_series(panel, FIGURE_LINE, colour, title);
    uint64_t below = 0;
    bool begun = false;
    for (uint32_t i = 0; below < h->count; i++) {
        if (h->buckets[i] == 0)
            continue;
        double x = MAX((double)histogram_bucket_bottom(i) * unit, least);
        if (!begun)
            figure_add_point(series, (struct figure_point){.x = x, .y = 0});
        begun = true;
        below += h->buckets[i];
        figure_add_step(series, x, 100 * (double)below / (double)h->count);
        *span = (struct span){fmin(span->lo, x), fmax(span->hi, x)};
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
            add_staircase(panel, &p->kinds[kind].sizes, PROFILE_SECTOR / 1024.0, 0.5,
                          figure_series_colour((unsigned)kind), io_kind_name((enum io_kind)kind), &span);
    axis_set_depth(&panel->x, "size, KiB", span.lo < span.hi ? span.lo : span.lo / 2, fmax(span.hi, 1));
}

static void add_intervals(struct figure *figure, const struct profile *p)
{
    struct span span = {INFINITY, 0};
    if (p->intervals.count == 0)
        return;
    struct figure_panel *panel = add_panel(figure);
    add_staircase(panel, &p->intervals, 1e-3, 1e-3, figure_series_colour(0), "", &span);
    axis_set_latency(&panel->x, "time between requests", span.lo, span.hi);
}

static void add_depth(struct figure *figure, const struct profile *p)
{
    struct span span = {INFINITY, 0};
    if (profile_completed(p) == 0)
        return;
    struct figure_panel *panel = add_panel(figure);
    add_staircase(panel, &p->depth, 1, 0.5, figure_series_colour(0), "", &span);
    axis_set_depth(&panel->x, "others under way when a request comes", 0.5, fmax(span.hi, 1));
}

// What an LRU cache of each size would have had.
static void add_reuse(struct figure *figure, const struct profile *p)
{
    struct reuse_summary s = reuse_summarize(p->reuse);
    double most = s.again / MAX(s.accesses, 1), mib = REUSE_CHUNK / 1048576.0;
    if (s.again <= 0)
        return;
    struct figure_panel *panel = add_panel(figure);
    struct figure_series *series = figure_add_series(panel, FIGURE_LINE, figure_series_colour(0), "");
    series->dots = true;
    int i = 0;
    do
        figure_add_point(series, (struct figure_point){
            .x = mib * (double)(UINT64_C(1) << i), .y = 100 * reuse_lru_hits(&s, (uint64_t)REUSE_CHUNK << i)});
    while (reuse_lru_hits(&s, (uint64_t)REUSE_CHUNK << i) < most - 1e-12 && ++i <= REUSE_OCTAVES);
    axis_set_linear(&panel->y, "hits, %", 100);
    axis_set_depth(&panel->x, "LRU cache, MiB", mib, mib * (double)(UINT64_C(1) << MAX(i, 1)));
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
