// The plot of a recording: offsets over time, as iowatcher draws them, with bandwidth, rate and recorded latency.
//
// Offsets are a grid of cells: a recording of millions of requests is a picture of some thousand cells.
#include "report/plot/plot_recording.h"

#include <math.h>
#include <stdlib.h>

#include "figure/axis.h"
#include "report/plot/offset_panel.h"
#include "util/alloc.h"
#include "util/macros.h"

enum { COLUMNS = 160, ROWS = 90, BINS = 100 };

// What was recorded of one kind.
struct kind_course {
    uint64_t count;
    uint32_t cells[ROWS][COLUMNS];
    double bytes[BINS], requests[BINS], latency_ns[BINS], completed[BINS];
};

struct recorded {
    struct kind_course kinds[IO_KIND_COUNT];
    uint64_t lo, hi; // bytes: the places that were touched
    double seconds;
};

static void find_extent(struct trace *trace, struct recorded *recorded)
{
    struct trace_request request;
    recorded->lo = UINT64_MAX;
    recorded->seconds = (double)trace_get_info(trace)->duration_ns / 1e9;
    while (trace_next(trace, &request)) {
        if (request.kind == IO_FLUSH)
            continue;
        recorded->lo = MIN(recorded->lo, request.offset);
        recorded->hi = MAX(recorded->hi, request.offset + request.bytes);
    }
    trace_rewind(trace);
    recorded->lo = MIN(recorded->lo, recorded->hi);
}

static unsigned part_of(double value, double whole, unsigned parts)
{
    double part = whole > 0 ? value / whole * parts : 0;
    return (unsigned)MIN(part, parts - 1);
}

static void add_request(struct recorded *recorded, const struct trace_request *request)
{
    struct kind_course *kind = &recorded->kinds[request->kind];
    double seconds = (double)request->time_ns / 1e9;
    unsigned bin = part_of(seconds, recorded->seconds, BINS);
    kind->count++;
    kind->requests[bin]++;
    kind->bytes[bin] += io_moves_data(request->kind) ? (double)request->bytes : 0;
    if (request->latency_ns != TRACE_LATENCY_UNKNOWN) {
        kind->completed[bin]++;
        kind->latency_ns[bin] += (double)request->latency_ns;
    }
    if (request->kind != IO_FLUSH)
        kind->cells[part_of((double)(request->offset - recorded->lo), (double)(recorded->hi - recorded->lo), ROWS)]
                   [part_of(seconds, recorded->seconds, COLUMNS)]++;
}

static void add_offsets(struct figure *figure, const struct recorded *recorded)
{
    struct offset_grid grid = {.columns = COLUMNS, .rows = ROWS, .seconds = recorded->seconds,
                               .lo = (double)recorded->lo, .hi = (double)recorded->hi};
    for (int kind = 0; kind < IO_KIND_COUNT; kind++)
        if (kind != IO_FLUSH && recorded->kinds[kind].count > 0)
            grid.counts[kind] = recorded->kinds[kind].cells[0];
    offset_panels_add(figure, &grid, "");
}

// --- over time -----------------------------------------------------------------------------------------------------

// What a bin of a kind has of something; no number: nothing to tell.
typedef double bin_fn(const struct kind_course *kind, unsigned bin, double seconds);

static double bandwidth(const struct kind_course *kind, unsigned bin, double seconds)
{
    return kind->bytes[bin] / seconds / 1e6;
}

static double rate(const struct kind_course *kind, unsigned bin, double seconds)
{
    return kind->requests[bin] / seconds;
}

static double latency(const struct kind_course *kind, unsigned bin, double seconds)
{
    (void)seconds;
    return kind->completed[bin] > 0 ? kind->latency_ns[bin] / kind->completed[bin] / 1e3 : NAN;
}

struct extent {
    double lo, hi;
};

static void add_line(struct figure_panel *panel, const struct recorded *recorded, enum io_kind kind, bin_fn *of,
                     struct extent *extent)
{
    double width = recorded->seconds > 0 ? recorded->seconds / BINS : 1, most = 0;
    for (unsigned bin = 0; bin < BINS; bin++)
        most = fmax(most, of(&recorded->kinds[kind], bin, width));
    if (most <= 0)
        return;
    struct figure_series *series =
        figure_add_series(panel, FIGURE_LINE, figure_series_colour((unsigned)kind), io_kind_name(kind));
    for (unsigned bin = 0; bin < BINS; bin++) {
        double value = of(&recorded->kinds[kind], bin, width);
        figure_add_point(series, (struct figure_point){.x = (bin + 0.5) * width, .y = value});
        extent->lo = fmin(extent->lo, value > 0 ? value : NAN);
        extent->hi = fmax(extent->hi, value);
    }
}

static struct figure_panel *add_lines(struct figure *figure, const struct recorded *recorded, bin_fn *of,
                                      struct extent *extent)
{
    struct figure_panel *panel = figure_add_panel(figure, 130);
    *extent = (struct extent){INFINITY, 0};
    for (int kind = 0; kind < IO_KIND_COUNT; kind++)
        add_line(panel, recorded, kind, of, extent);
    return panel;
}

static bool has_latencies(const struct trace *trace)
{
    return trace_get_info(trace)->completed > 0;
}

static void set_time_axes(struct figure *figure, double seconds)
{
    for (unsigned i = 0; i < figure->panel_count; i++) {
        axis_set_time(&figure->panels[i]->x, seconds);
        if (i + 1 < figure->panel_count)
            figure->panels[i]->x.label[0] = '\0';
    }
}

struct figure *plot_recording(struct trace *trace)
{
    struct trace_request request;
    struct recorded *recorded = xcalloc(1, sizeof *recorded);
    struct figure *figure = figure_create("recording", "Requests over time");
    struct extent extent;
    figure_add_line(figure, trace_get_info(trace)->path);
    find_extent(trace, recorded);
    while (trace_next(trace, &request))
        add_request(recorded, &request);
    add_offsets(figure, recorded);
    struct figure_panel *panel = add_lines(figure, recorded, bandwidth, &extent);
    axis_set_linear(&panel->y, "MB/s", extent.hi);
    panel = add_lines(figure, recorded, rate, &extent);
    axis_set_linear(&panel->y, "requests a second", extent.hi);
    if (has_latencies(trace)) {
        panel = add_lines(figure, recorded, latency, &extent);
        axis_set_latency(&panel->y, "mean latency", extent.lo, extent.hi);
    }
    set_time_axes(figure, recorded->seconds);
    free(recorded);
    return figure;
}
