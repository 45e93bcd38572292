// Where the parts of a figure stand.
//
// From top to bottom: the title and its lines; then for each panel its legend, as many rows as it needs, what lies
// between the axes, ticks, and the label of the axis below.
#include "figure/layout.h"

#include <string.h>

#include "util/macros.h"

enum { TITLE_ROW = 24, LINE_ROW = 18, TICK_ROW = 24, LABEL_ROW = 34, LEGEND_GAP = 18, ABOVE = 8 };

// Bytes that begin a character of UTF-8.
double layout_text_width(const char *text)
{
    unsigned characters = 0;
    for (; *text != '\0'; text++)
        characters += ((unsigned char)*text & 0xc0) != 0x80;
    return characters * 0.57 * LAYOUT_FONT;
}

static double item_width(const struct figure_series *series)
{
    return LAYOUT_SAMPLE + 6 + layout_text_width(series->title) + LEGEND_GAP;
}

// Returns how many rows there are; `put` may be NULL.
static unsigned visit_legend(const struct figure_panel *panel, double left, double right, double top,
                             layout_legend_fn *put, void *context)
{
    double x = left;
    unsigned rows = 0;
    for (size_t i = 0; i < panel->series_count; i++) {
        const struct figure_series *series = &panel->series[i];
        if (series->title[0] == '\0')
            continue;
        if (rows == 0 || x + item_width(series) - LEGEND_GAP > right) {
            x = left;
            rows++;
        }
        if (put != NULL)
            put(context, series, x, top + LAYOUT_LEGEND_ROW * (rows - 0.5));
        x += item_width(series);
    }
    return rows;
}

static double left_margin(const struct figure *figure)
{
    double widest = 0, label = 0;
    for (unsigned i = 0; i < figure->panel_count; i++) {
        const struct figure_axis *y = &figure->panels[i]->y;
        label = y->label[0] == '\0' ? label : 34;
        for (unsigned k = 0; k < y->tick_count; k++)
            widest = MAX(widest, layout_text_width(y->ticks[k].text));
    }
    return widest + label + 16;
}

static double title_height(const struct figure *figure)
{
    double height = TITLE_ROW + 14;
    for (unsigned i = 0; i < FIGURE_LINES; i++)
        height += figure->lines[i][0] == '\0' ? 0 : LINE_ROW;
    return height;
}

// Rows have names to the left of the axes, which may be long: their legend begins below the title.
static double legend_left(const struct figure_panel *panel, double left)
{
    return panel->has_rows ? MIN(LAYOUT_EDGE, left) : left;
}

struct layout layout_of(const struct figure *figure, double width, bool with_title)
{
    struct layout layout = {.width = width, .has_title = with_title};
    double left = left_margin(figure), right = width - LAYOUT_EDGE, y = with_title ? title_height(figure) : 4;
    for (unsigned i = 0; i < figure->panel_count; i++) {
        const struct figure_panel *panel = figure->panels[i];
        y += LAYOUT_LEGEND_ROW * visit_legend(panel, legend_left(panel, left), right, 0, NULL, NULL) + ABOVE;
        layout.panels[i] = (struct layout_box){left, right, y, y + panel->height};
        y += panel->height + TICK_ROW + (panel->x.label[0] == '\0' ? 4 : LABEL_ROW);
    }
    layout.height = y + 4;
    return layout;
}

void layout_visit_legend(const struct layout *layout, const struct figure *figure, unsigned panel,
                         layout_legend_fn *put, void *context)
{
    const struct layout_box *box = &layout->panels[panel];
    double left = legend_left(figure->panels[panel], box->left);
    unsigned rows = visit_legend(figure->panels[panel], left, box->right, 0, NULL, NULL);
    double top = box->top - ABOVE / 2 - LAYOUT_LEGEND_ROW * rows;
    visit_legend(figure->panels[panel], left, box->right, top, put, context);
}
