// Sorted stretches of time.
#include "timeline/windows.h"

#include <stdlib.h>

#include "util/alloc.h"
#include "util/macros.h"

void windows_add(struct timeline_windows *windows, tick_t from, tick_t to)
{
    windows->at = xgrow(windows->at, windows->count, sizeof *windows->at);
    windows->at[windows->count++] = (struct timeline_window){from, to};
}

static int by_start(const void *a, const void *b)
{
    const struct timeline_window *one = a, *other = b;
    return (one->from > other->from) - (one->from < other->from);
}

void windows_merge(struct timeline_windows *windows)
{
    size_t kept = 0;
    if (windows->count == 0)
        return;
    qsort(windows->at, windows->count, sizeof *windows->at, by_start);
    for (size_t i = 1; i < windows->count; i++) {
        if (windows->at[i].from > windows->at[kept].to)
            windows->at[++kept] = windows->at[i];
        else
            windows->at[kept].to = MAX(windows->at[kept].to, windows->at[i].to);
    }
    windows->count = kept + 1;
}

void windows_free(struct timeline_windows *windows)
{
    free(windows->at);
    *windows = (struct timeline_windows){NULL, 0};
}

// The first window that ends after `when`.
static size_t first_ending_after(const struct timeline_windows *windows, tick_t when)
{
    size_t low = 0, high = windows->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (windows->at[middle].to > when)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

bool windows_show(const struct timeline_windows *windows, tick_t from, tick_t to)
{
    size_t i = first_ending_after(windows, from);
    return i < windows->count && windows->at[i].from < MAX(to, from + 1);
}
