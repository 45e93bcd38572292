// A binary heap of what is due.
#include "host/replay/time_heap.h"

#include <stdbool.h>
#include <stdlib.h>

#include "util/alloc.h"
#include "util/macros.h"

static bool is_before(const struct time_heap_entry *a, const struct time_heap_entry *b)
{
    return a->at != b->at ? a->at < b->at : a->number < b->number;
}

void time_heap_destroy(struct time_heap *heap)
{
    free(heap->entries);
    *heap = (struct time_heap){0};
}

void time_heap_push(struct time_heap *heap, struct time_heap_entry entry)
{
    if (heap->count == heap->capacity) {
        heap->capacity = MAX(2 * heap->capacity, UINT64_C(64));
        heap->entries = xrealloc(heap->entries, heap->capacity * sizeof *heap->entries);
    }
    uint64_t hole = heap->count++;
    for (; hole > 0 && is_before(&entry, &heap->entries[(hole - 1) / 2]); hole = (hole - 1) / 2)
        heap->entries[hole] = heap->entries[(hole - 1) / 2];
    heap->entries[hole] = entry;
}

struct time_heap_entry time_heap_pop(struct time_heap *heap)
{
    struct time_heap_entry first = heap->entries[0], last = heap->entries[--heap->count];
    uint64_t hole = 0;
    for (uint64_t child; (child = 2 * hole + 1) < heap->count; hole = child) {
        if (child + 1 < heap->count && is_before(&heap->entries[child + 1], &heap->entries[child]))
            child++;
        if (!is_before(&heap->entries[child], &last))
            break;
        heap->entries[hole] = heap->entries[child];
    }
    heap->entries[hole] = last;
    return first;
}
