// Building figures.
#include "figure/figure.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"

void figure_copy_text(char *to, size_t size, const char *text)
{
    size_t length = strlen(text);
    bool is_long = length >= size;
    for (length = is_long ? size - sizeof "..." : length; is_long && ((unsigned char)text[length] & 0xc0) == 0x80;)
        length--;
    snprintf(to, size, "%.*s%s", (int)length, text, is_long ? "..." : "");
    for (; *to != '\0'; to++)
        if ((unsigned char)*to < ' ')
            *to = ' ';
}

struct figure *figure_create(const char *name, const char *title)
{
    struct figure *figure = xcalloc(1, sizeof *figure);
    figure_copy_text(figure->name, sizeof figure->name, name);
    figure_copy_text(figure->title, sizeof figure->title, title);
    return figure;
}

static void destroy_panel(struct figure_panel *panel)
{
    for (size_t i = 0; i < panel->series_count; i++)
        free(panel->series[i].points);
    free(panel->series);
    free(panel->notes);
    free(panel);
}

void figure_destroy(struct figure *figure)
{
    if (figure == NULL)
        return;
    for (unsigned i = 0; i < figure->panel_count; i++)
        destroy_panel(figure->panels[i]);
    free(figure);
}

void figure_add_line(struct figure *figure, const char *text)
{
    unsigned line = 0;
    while (line < FIGURE_LINES && figure->lines[line][0] != '\0')
        line++;
    if (text != NULL && line < FIGURE_LINES)
        figure_copy_text(figure->lines[line], sizeof figure->lines[line], text);
}

struct figure_panel *figure_add_panel(struct figure *figure, unsigned height)
{
    assert(figure->panel_count < FIGURE_PANELS);
    struct figure_panel *panel = xcalloc(1, sizeof *panel);
    panel->height = height;
    figure->panels[figure->panel_count++] = panel;
    return panel;
}

struct figure_series *figure_add_series(struct figure_panel *panel, enum figure_mark mark, enum figure_colour colour,
                                        const char *title)
{
    panel->series = xgrow(panel->series, panel->series_count, sizeof *panel->series);
    struct figure_series *series = &panel->series[panel->series_count++];
    *series = (struct figure_series){.mark = mark, .colour = colour, .width = 2};
    figure_copy_text(series->title, sizeof series->title, title);
    return series;
}

void figure_add_point(struct figure_series *series, struct figure_point point)
{
    series->points = xgrow(series->points, series->count, sizeof *series->points);
    series->points[series->count++] = point;
}

void figure_add_step(struct figure_series *series, double x, double y)
{
    if (series->count > 0)
        figure_add_point(series, (struct figure_point){.x = x, .y = series->points[series->count - 1].y});
    figure_add_point(series, (struct figure_point){.x = x, .y = y});
}

void figure_add_note(struct figure_panel *panel, struct figure_note note)
{
    panel->notes = xgrow(panel->notes, panel->note_count, sizeof *panel->notes);
    panel->notes[panel->note_count++] = note;
}
