// A heap of the slowest so far, the quickest of them first: of two that took as long the earlier one stays.
#include "timeline/slowest.h"

#include <stdlib.h>

#include "util/alloc.h"

struct slowest {
    struct nvme_observer next; // who looked on before
    struct ssd_observer on_ssd;
    tick_t origin;
    bool measuring;
    struct timeline_window *heap;
    size_t count, limit;
};

static tick_t length_of(const struct timeline_window *window)
{
    return window->to - window->from;
}

static void swap(struct timeline_window *a, struct timeline_window *b)
{
    struct timeline_window kept = *a;
    *a = *b;
    *b = kept;
}

static void sink(struct slowest *slowest)
{
    struct timeline_window *heap = slowest->heap;
    for (size_t i = 0, child; (child = 2 * i + 1) < slowest->count; i = child) {
        child += child + 1 < slowest->count && length_of(&heap[child + 1]) < length_of(&heap[child]);
        if (length_of(&heap[child]) >= length_of(&heap[i]))
            return;
        swap(&heap[i], &heap[child]);
    }
}

static void add(struct slowest *slowest, struct timeline_window window)
{
    struct timeline_window *heap = slowest->heap;
    if (slowest->count == slowest->limit) {
        if (length_of(&window) <= length_of(&heap[0]))
            return;
        heap[0] = window;
        sink(slowest);
        return;
    }
    size_t i = slowest->count++;
    for (heap[i] = window; i > 0 && length_of(&heap[i]) < length_of(&heap[(i - 1) / 2]); i = (i - 1) / 2)
        swap(&heap[i], &heap[(i - 1) / 2]);
}

static void command_completed(void *self, const struct nvme_completed *completed)
{
    struct slowest *slowest = self;
    const struct breakdown *path = completed->path;
    if (slowest->measuring && completed->sqid != 0 && path->start >= slowest->origin)
        add(slowest, (struct timeline_window){path->start, path->changed});
    if (slowest->next.completed != NULL)
        slowest->next.completed(slowest->next.self, completed);
}

static struct ftl_port same_core(void *self, struct ftl_port core)
{
    (void)self;
    return core;
}

static void measuring_begins(void *self, tick_t origin)
{
    struct slowest *slowest = self;
    slowest->origin = origin;
    slowest->measuring = true;
    slowest->count = 0;
}

struct slowest *slowest_create(struct ssd *ssd, size_t count)
{
    struct slowest *slowest = xcalloc(1, sizeof *slowest);
    slowest->heap = xcalloc(count, sizeof *slowest->heap);
    slowest->limit = count;
    slowest->next = nvme_get_observer(ssd_frontend(ssd));
    slowest->on_ssd = (struct ssd_observer){slowest, same_core, measuring_begins};
    nvme_observe(ssd_frontend(ssd), (struct nvme_observer){
        .self = slowest, .waits = slowest->next.waits, .completed = command_completed});
    ssd_observe(ssd, &slowest->on_ssd);
    return slowest;
}

struct timeline_windows slowest_windows(const struct slowest *slowest)
{
    struct timeline_windows windows = {NULL, 0};
    for (size_t i = 0; i < slowest->count; i++)
        windows_add(&windows, slowest->heap[i].from - slowest->origin, slowest->heap[i].to - slowest->origin);
    return windows;
}

void slowest_destroy(struct slowest *slowest)
{
    if (slowest == NULL)
        return;
    free(slowest->heap);
    free(slowest);
}
