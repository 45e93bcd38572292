// How many requests are under way: a heap of their ends.
#include "profile/in_flight.h"

#include <stdlib.h>

#include "util/alloc.h"
#include "util/macros.h"

static void sift_down(uint64_t *ends, size_t count)
{
    uint64_t moved = ends[0];
    size_t at = 0;
    for (size_t child = 1; child < count; child = 2 * at + 1) {
        child += child + 1 < count && ends[child + 1] < ends[child];
        if (ends[child] >= moved)
            break;
        ends[at] = ends[child];
        at = child;
    }
    ends[at] = moved;
}

size_t in_flight_at(struct in_flight *f, uint64_t now)
{
    while (f->count > 0 && f->ends[0] <= now) {
        f->ends[0] = f->ends[--f->count];
        if (f->count > 0)
            sift_down(f->ends, f->count);
    }
    return f->count;
}

void in_flight_add(struct in_flight *f, uint64_t end)
{
    if (f->count == IN_FLIGHT_MAX)
        return;
    if (f->count == f->capacity) {
        f->capacity = MAX(2 * f->capacity, (size_t)64);
        f->ends = xrealloc(f->ends, f->capacity * sizeof *f->ends);
    }
    size_t at = f->count++;
    for (; at > 0 && f->ends[(at - 1) / 2] > end; at = (at - 1) / 2)
        f->ends[at] = f->ends[(at - 1) / 2];
    f->ends[at] = end;
}

void in_flight_destroy(struct in_flight *f)
{
    free(f->ends);
    *f = (struct in_flight){0};
}
