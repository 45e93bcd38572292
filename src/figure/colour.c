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

const char *figure_tint_text(enum figure_colour colour, double share, char text[8])
{
    unsigned long rgb = strtoul(colours[colour][FIGURE_ON_LIGHT] + 1, NULL, 16), tint = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
        double part = (double)(rgb >> shift & 0xff);
        tint |= (unsigned long)(255 - share * (255 - part) + 0.5) << shift;
    }
    snprintf(text, 8, "#%06lx", tint & 0xffffff);
    return text;
}

void figure_write_css_colours(enum figure_page page, FILE *to)
{
    for (int i = 0; i < FIGURE_COLOUR_COUNT; i++)
        fprintf(to, "--c%d:%s;", i, colours[i][page]);
}
