// The stretches of time that a timeline shows.
#ifndef SQTAIL_TIMELINE_WINDOWS_H
#define SQTAIL_TIMELINE_WINDOWS_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/tick.h"

// Since measuring began.
struct timeline_window {
    tick_t from, to;
};

// In order, and none touches another once they are merged.
struct timeline_windows {
    struct timeline_window *at;
    size_t count;
};

void windows_add(struct timeline_windows *windows, tick_t from, tick_t to);
void windows_merge(struct timeline_windows *windows);
void windows_free(struct timeline_windows *windows);

// Does any part of what goes from `from` to `to` lie in a window?
bool windows_show(const struct timeline_windows *windows, tick_t from, tick_t to);

#endif
