// The colours of figures: those of series stay apart for colour-blind readers (Okabe and Ito, 2008).
#ifndef SQTAIL_FIGURE_COLOUR_H
#define SQTAIL_FIGURE_COLOUR_H

#include <stdio.h>

// Its name, on white, on black.
#define FIGURE_COLOUR_LIST(X)              \
    X(BLUE, "#0072b2", "#4aa8e0")          \
    X(VERMILION, "#d55e00", "#f07f2e")     \
    X(GREEN, "#009e73", "#2dc79c")         \
    X(PURPLE, "#b8558f", "#dd8fbe")        \
    X(ORANGE, "#d69000", "#f0b440")        \
    X(SKY, "#3fa0dc", "#8accf2")           \
    X(BROWN, "#7a4b1e", "#c08a55")         \
    X(INK, "#222222", "#e6e6e6")           \
    X(GREY, "#8c8c8c", "#9a9a9a")          \
    X(PALE, "#d4d4d4", "#4d4d4d")          \
    X(HEAT, "#c2410c", "#ff8a3d")          \
    X(STAGE_LILAC, "#c5b0d5", "#b9a3cc")   \
    X(STAGE_CYAN, "#17a2b8", "#2fb9cf")    \
    X(STAGE_VIOLET, "#6f4ba8", "#9a7ad0")  \
    X(STAGE_OLIVE, "#b9b82c", "#c9c846")   \
    X(STAGE_BLUE, "#4292c6", "#5aa9dd")    \
    X(STAGE_MUD, "#8c6d31", "#b39250")     \
    X(STAGE_PEACH, "#fdae6b", "#f2a25f")   \
    X(STAGE_RUST, "#9b3410", "#c85f38")    \
    X(STAGE_YELLOW, "#f2d72e", "#eed649")  \
    X(STAGE_RED, "#dd4b12", "#ef6430")     \
    X(STAGE_PINK, "#f27fb2", "#f08fbb")    \
    X(STAGE_GREEN, "#31a354", "#4cbf70")   \
    X(STAGE_LIME, "#a9dd94", "#a3d68f")    \
    X(STAGE_TEAL, "#00665a", "#2f9c8e")    \
    X(STAGE_NAVY, "#1f4e99", "#5682cf")    \
    X(STAGE_ICE, "#a6cfe8", "#9cc6e0")     \
    X(STAGE_SLATE, "#5f6b76", "#8995a0")

enum figure_colour {
#define FIGURE_COLOUR_ENUM(id, light, dark) FIGURE_##id,
    FIGURE_COLOUR_LIST(FIGURE_COLOUR_ENUM)
#undef FIGURE_COLOUR_ENUM
    FIGURE_COLOUR_COUNT
};

// A colour with so many percent of white in it, below 0 of black.
struct figure_paint {
    enum figure_colour colour;
    int shade;
};

// Those of series, by their index; after seven they begin again.
enum figure_colour figure_series_colour(unsigned index);

// On white, as "#rrggbb".
const char *figure_colour_text(enum figure_colour colour);

const char *figure_paint_text(struct figure_paint paint, char text[8]);

// The same mixed with white: 0 gives white, 1 the colour. Returns `text`.
const char *figure_tint_text(enum figure_colour colour, double share, char text[8]);

// Declarations of CSS: --c0, --c1 and so on, on a light or a dark page.
enum figure_page { FIGURE_ON_LIGHT, FIGURE_ON_DARK };
void figure_write_css_colours(enum figure_page page, FILE *to);

#endif
