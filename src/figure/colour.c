// The colours of figures.
#include "figure/colour.h"

#include <stdlib.h>

static const char *const colours[FIGURE_COLOUR_COUNT][2] = {
#define FIGURE_COLOUR_ROW(id, light, dark) {light, dark},
    FIGURE_COLOUR_LIST(FIGURE_COLOUR_ROW)
#undef FIGURE_COLOUR_ROW
};

enum figure_colour figure_series_colour(unsigned index)
{
    return (enum figure_colour)(index % (FIGURE_BROWN + 1));
}

const char *figure_colour_text(enum figure_colour colour)
{
    return colours[colour][FIGURE_ON_LIGHT];
}

// `share` of the colour, the rest white or black: 255 or 0.
static const char *mix(enum figure_colour colour, double share, double other, char text[8])
{
    unsigned long rgb = strtoul(colours[colour][FIGURE_ON_LIGHT] + 1, NULL, 16), mixed = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
        double part = (double)(rgb >> shift & 0xff);
        mixed |= (unsigned long)(other - share * (other - part) + 0.5) << shift;
    }
    snprintf(text, 8, "#%06lx", mixed & 0xffffff);
    return text;
}

const char *figure_paint_text(struct figure_paint paint, char text[8])
{
    return mix(paint.colour, 1 - abs(paint.shade) / 100.0, paint.shade > 0 ? 255 : 0, text);
}

const char *figure_tint_text(enum figure_colour colour, double share, char text[8])
{
    return mix(colour, share, 255, text);
}

void figure_write_css_colours(enum figure_page page, FILE *to)
{
    for (int i = 0; i < FIGURE_COLOUR_COUNT; i++)
        fprintf(to, "--c%d:%s;", i, colours[i][page]);
}
