// Figures as SVG within a page.
//
// Colours are those of the page, so that it can be light or dark; points that fall on one place of the picture are
// drawn once, so that a staircase of a thousand steps stays small.
#include "figure/svg.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "figure/layout.h"
#include "util/exact_math.h"
#include "util/macros.h"

// A panel that is being written.
struct canvas {
    FILE *to;
    const struct figure_panel *panel;
    struct layout_box box;
};

void figure_put_escaped(const char *text, FILE *to)
{
    for (; *text != '\0'; text++)
        switch (*text) {
        case '&': fputs("&amp;", to); break;
        case '<': fputs("&lt;", to); break;
        case '>': fputs("&gt;", to); break;
        case '"': fputs("&quot;", to); break;
        default: fputc(*text, to);
        }
}

// 0 at the axis' beginning, 1 at its end; what lies beyond is held.
static double place_on(const struct figure_axis *axis, double value)
{
    double place = axis->is_log ? exact_log(MAX(value, axis->lo) / axis->lo) / exact_log(axis->hi / axis->lo)
                                : (value - axis->lo) / (axis->hi - axis->lo);
    return MIN(MAX(place, 0), 1);
}

static double x_of(const struct canvas *c, double value)
{
    return c->box.left + place_on(&c->panel->x, value) * (c->box.right - c->box.left);
}

static double y_of(const struct canvas *c, double value)
{
    return c->box.bottom - place_on(&c->panel->y, value) * (c->box.bottom - c->box.top);
}

static void put_text(FILE *to, const char *class, double x, double y, enum figure_anchor anchor, const char *text)
{
    static const char *const anchors[] = {
        [FIGURE_LEFT] = "start", [FIGURE_CENTRE] = "middle", [FIGURE_RIGHT] = "end"};
    fprintf(to, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", class, x, y, anchors[anchor]);
    figure_put_escaped(text, to);
    fputs("</text>\n", to);
}

// --- axes ----------------------------------------------------------------------------------------------------------

static void put_grid(const struct canvas *c)
{
    fputs("<path class=\"grid\" d=\"", c->to);
    for (unsigned i = 0; i < c->panel->x.tick_count; i++)
        fprintf(c->to, "M%.1f %.1fV%.1f", x_of(c, c->panel->x.ticks[i].at), c->box.top, c->box.bottom);
    for (unsigned i = 0; i < c->panel->y.tick_count && !c->panel->has_rows; i++)
        fprintf(c->to, "M%.1f %.1fH%.1f", c->box.left, y_of(c, c->panel->y.ticks[i].at), c->box.right);
    fprintf(c->to, "\"/>\n");
}

static void put_axis_lines(const struct canvas *c)
{
    fprintf(c->to, "<path class=\"axis\" d=\"M%.1f %.1fV%.1fH%.1f\"/>\n", c->box.left, c->box.top, c->box.bottom,
            c->box.right);
}

// A tick's words are left out where they would touch those before.
static void put_x_ticks(const struct canvas *c)
{
    const struct figure_axis *axis = &c->panel->x;
    double free_from = -INFINITY;
    for (unsigned i = 0; i < axis->tick_count; i++) {
        double x = x_of(c, axis->ticks[i].at), half = layout_text_width(axis->ticks[i].text) / 2;
        if (x - half < free_from)
            continue;
        put_text(c->to, "tick", x, c->box.bottom + 17, FIGURE_CENTRE, axis->ticks[i].text);
        free_from = x + half + 6;
    }
}

static void put_y_ticks(const struct canvas *c)
{
    const struct figure_axis *axis = &c->panel->y;
    double last = -INFINITY;
    for (unsigned i = 0; i < axis->tick_count; i++) {
        double y = y_of(c, axis->ticks[i].at);
        if (fabs(y - last) < LAYOUT_FONT && !c->panel->has_rows)
            continue;
        put_text(c->to, "tick", c->box.left - 6, y + 4, FIGURE_RIGHT, axis->ticks[i].text);
        last = y;
    }
}

static void put_labels(const struct canvas *c)
{
    const struct layout_box *box = &c->box;
    if (c->panel->x.label[0] != '\0')
        put_text(c->to, "label", (box->left + box->right) / 2, box->bottom + 38, FIGURE_CENTRE, c->panel->x.label);
    if (c->panel->y.label[0] == '\0')
        return;
    fprintf(c->to, "<text class=\"label\" transform=\"translate(12 %.1f) rotate(-90)\" text-anchor=\"middle\">",
            (box->top + box->bottom) / 2);
    figure_put_escaped(c->panel->y.label, c->to);
    fputs("</text>\n", c->to);
}

// --- series --------------------------------------------------------------------------------------------------------

static bool is_gap(const struct figure_series *series, size_t point)
{
    return point >= series->count || isnan(series->points[point].y);
}

// The points from `first` to before the next gap, on the upper or the lower edge; lifts the pen before the first unless
// `go_on`. Returns where they end.
static size_t put_stretch(const struct canvas *c, const struct figure_series *series, size_t first)
{
    double last_x = NAN, last_y = NAN;
    size_t i = first;
    for (; !is_gap(series, i); i++) {
        double x = round(10 * x_of(c, series->points[i].x)) / 10, y = round(10 * y_of(c, series->points[i].y)) / 10;
        if (i > first && x == last_x && y == last_y && !is_gap(series, i + 1))
            continue;
        fprintf(c->to, "%s%.6g %.6g", i == first ? "M" : "L", x, y);
        last_x = x;
        last_y = y;
    }
    if (i == first + 1)
        fputs("h.01", c->to); // a point alone is seen as its line's round end
    return i;
}

// Back along the lower edge, from before `end`.
static void put_way_back(const struct canvas *c, const struct figure_series *series, size_t first, size_t end)
{
    for (size_t i = end; i-- > first;)
        fprintf(c->to, "L%.6g %.6g", round(10 * x_of(c, series->points[i].x)) / 10,
                round(10 * y_of(c, series->points[i].y2)) / 10);
    fputc('Z', c->to);
}

static void put_path(const struct canvas *c, const struct figure_series *series)
{
    bool is_area = series->mark == FIGURE_AREA;
    if (is_area)
        fprintf(c->to, "<path style=\"fill:var(--c%d);fill-opacity:.2\" d=\"", series->colour);
    else
        fprintf(c->to, "<path class=\"line\" style=\"stroke:var(--c%d);stroke-width:%g\"%s d=\"", series->colour,
                series->width, series->dashed ? " stroke-dasharray=\"5 5\"" : "");
    for (size_t i = 0; i < series->count; i++) {
        size_t first = i;
        if (is_gap(series, i))
            continue;
        i = put_stretch(c, series, i);
        if (is_area)
            put_way_back(c, series, first, i);
    }
    fputs("\"/>\n", c->to);
}

static void put_dots(const struct canvas *c, const struct figure_series *series)
{
    for (size_t i = 0; i < series->count; i++)
        if (!is_gap(series, i))
            fprintf(c->to, "<circle style=\"fill:var(--c%d)\" cx=\"%.1f\" cy=\"%.1f\" r=\"2.6\"/>\n", series->colour,
                    x_of(c, series->points[i].x), y_of(c, series->points[i].y));
}

static void put_box(const struct canvas *c, const struct figure_point *p)
{
    double x = x_of(c, p->x), y = y_of(c, p->y2);
    fprintf(c->to, "M%.1f %.1fH%.1fV%.1fH%.1fz", x, y, x_of(c, p->x2), y_of(c, p->y), x);
}

// What a series is filled with, as a value of CSS.
static void put_fill(const struct figure_series *series, FILE *to)
{
    if (series->shade == 0)
        fprintf(to, "var(--c%d)", series->colour);
    else
        fprintf(to, "color-mix(in srgb,var(--c%d),%s %d%%)", series->colour, series->shade > 0 ? "#fff" : "#000",
                abs(series->shade));
}

static void put_boxes(const struct canvas *c, const struct figure_series *series)
{
    fputs("<path style=\"fill:", c->to);
    put_fill(series, c->to);
    fputs("\" d=\"", c->to);
    for (size_t i = 0; i < series->count; i++)
        put_box(c, &series->points[i]);
    fputs("\">", c->to);
    if (series->title[0] != '\0') {
        fputs("<title>", c->to);
        figure_put_escaped(series->title, c->to);
        fputs("</title>", c->to);
    }
    fputs("</path>\n", c->to);
}

// A path for all cells of one value.
static void put_cells(const struct canvas *c, const struct figure_series *series)
{
    enum { LEVELS = 20 };
    for (int level = 1; level <= LEVELS; level++) {
        bool any = false;
        for (size_t i = 0; i < series->count; i++) {
            if ((int)ceil(series->points[i].value * LEVELS - 1e-9) != level)
                continue;
            if (!any)
                fprintf(c->to, "<path style=\"fill:var(--c%d);fill-opacity:%g\" d=\"", series->colour,
                        (double)level / LEVELS);
            put_box(c, &series->points[i]);
            any = true;
        }
        fputs(any ? "\"/>\n" : "", c->to);
    }
}

static void put_series(const struct canvas *c, const struct figure_series *series)
{
    static void (*const put[])(const struct canvas *c, const struct figure_series *series) = {
        [FIGURE_LINE] = put_path, [FIGURE_AREA] = put_path, [FIGURE_BOXES] = put_boxes, [FIGURE_CELLS] = put_cells};
    put[series->mark](c, series);
    if (series->dots)
        put_dots(c, series);
}

// --- words ---------------------------------------------------------------------------------------------------------

static void put_line_sample(const struct figure_series *series, double x, double y, FILE *to)
{
    fprintf(to, "<path class=\"line\" style=\"stroke:var(--c%d);stroke-width:%g\"%s d=\"M%.1f %.1fh%d\"/>\n",
            series->colour, series->width, series->dashed ? " stroke-dasharray=\"5 5\"" : "", x, y, LAYOUT_SAMPLE);
}

static void put_box_sample(const struct figure_series *series, double x, double y, FILE *to)
{
    fputs("<rect style=\"fill:", to);
    put_fill(series, to);
    fprintf(to, ";fill-opacity:%s\" x=\"%.1f\" y=\"%.1f\" width=\"18\" height=\"12\"/>\n",
            series->mark == FIGURE_AREA ? ".2" : "1", x + 4, y - 6);
}

static void put_legend_item(void *context, const struct figure_series *series, double x, double y)
{
    FILE *to = context;
    (series->mark == FIGURE_LINE ? put_line_sample : put_box_sample)(series, x, y, to);
    put_text(to, "tick", x + LAYOUT_SAMPLE + 6, y + 4, FIGURE_LEFT, series->title);
}

static struct layout_box note_box(const struct canvas *c, const struct figure_note *note)
{
    double width = layout_text_width(note->text), x = x_of(c, note->x) + note->right, y = y_of(c, note->y) + note->down;
    double left = note->anchor == FIGURE_LEFT ? x : note->anchor == FIGURE_CENTRE ? x - width / 2 : x - width;
    return (struct layout_box){left, left + width, y - LAYOUT_FONT / 2.0, y + LAYOUT_FONT / 2.0};
}

// Whether it would touch one that stands before it: pages are narrower than what notes were made for.
static bool touches_another(const struct canvas *c, size_t at)
{
    struct layout_box box = note_box(c, &c->panel->notes[at]);
    for (size_t i = 0; i < at; i++) {
        struct layout_box other = note_box(c, &c->panel->notes[i]);
        if (box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom)
            return true;
    }
    return false;
}

static void put_notes(const struct canvas *c)
{
    for (size_t i = 0; i < c->panel->note_count; i++) {
        const struct figure_note *note = &c->panel->notes[i];
        if (touches_another(c, i))
            continue;
        put_text(c->to, "tick", x_of(c, note->x) + note->right, y_of(c, note->y) + note->down + 4, note->anchor,
                 note->text);
    }
}

void figure_write_svg(const struct figure *figure, double width, FILE *to)
{
    struct layout layout = layout_of(figure, width, false);
    fprintf(to, "<svg class=\"fig\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"", layout.width, layout.height);
    figure_put_escaped(figure->title, to);
    fputs("\">\n", to);
    for (unsigned i = 0; i < figure->panel_count; i++) {
        struct canvas c = {to, figure->panels[i], layout.panels[i]};
        put_grid(&c);
        for (size_t k = 0; k < c.panel->series_count; k++)
            put_series(&c, &c.panel->series[k]);
        put_axis_lines(&c);
        put_x_ticks(&c);
        put_y_ticks(&c);
        put_labels(&c);
        put_notes(&c);
        layout_visit_legend(&layout, figure, i, put_legend_item, to);
    }
    fputs("</svg>\n", to);
}
