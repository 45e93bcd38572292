// Bars of latency, each made of parts: one above the other, as times and as shares.
#ifndef SQTAIL_REPORT_PLOT_BARS_H
#define SQTAIL_REPORT_PLOT_BARS_H

#include "figure/figure.h"

enum { BARS_MAX = 48, BAR_PARTS_MAX = 64, BAR_NAME_BYTES = 64 };

struct bars {
    struct bar {
        char name[BAR_NAME_BYTES];
        double us[BAR_PARTS_MAX]; // of each part
    } at[BARS_MAX];
    unsigned count;
    struct bar_part {
        char name[BAR_NAME_BYTES];
        struct figure_paint paint;
    } parts[BAR_PARTS_MAX]; // in the order in which they stand in a bar
    unsigned part_count;
};

// The index of a part, which is added when it is not there; -1 when there is no room.
int bars_part(struct bars *bars, const char *name, struct figure_paint paint);

// Adds a bar with no parts yet; NULL when there is no room.
struct bar *bars_add(struct bars *bars, const char *name);

// Two panels, of `label` and of shares of it. Parts that are less than a hundredth of every bar are told as one, "other";
// the legend has the largest first. Does nothing when there are no bars.
void bars_draw(const struct bars *bars, struct figure *figure, const char *label);

#endif
