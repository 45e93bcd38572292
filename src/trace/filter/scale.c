// Fitting a recording of a larger drive onto a smaller one: what is touched keeps its size, what lies between shrinks.
//
// The chunks of 4 KiB that the recording touches make up runs. Each run moves as a whole, so that neighbours stay
// neighbours, a stream stays sequential and never overlaps itself, and two places are one only if they were before.
// The holes between the runs shrink in proportion, which keeps order and distance:
//
//     touched runs   T bytes in all          place of a run = runs before it + holes before it * (C - T) / H
//     holes          H = recorded end - T
//     simulated      C bytes                 holes in whole chunks, rounded down
//
// Trims and writes of zeroes count as touched while T does not exceed C. They may be as large as the drive; where they
// make T too large they count as holes, and move by their ends: what they cover is still what they covered, but one
// that fell into a hole may end up with nothing, and then covers the block there. Where reads and writes alone exceed
// C no place of its own is left for each: runs then follow each other without holes and are taken modulo C.
#include "trace/filter/scale.h"

#include <stdlib.h>

#include "util/alloc.h"
#include "util/macros.h"

#define CHUNK UINT64_C(4096)

enum { MERGE_AT = 1 << 20 }; // runs in memory beside those that are touched

static uint64_t chunk_down(uint64_t offset)
{
    return offset & ~(CHUNK - 1);
}

static uint64_t chunk_up(uint64_t offset)
{
    return chunk_down(offset + CHUNK - 1);
}

static int compare_runs(const void *a, const void *b)
{
    const struct scale_run *x = a, *y = b;
    return (x->start > y->start) - (x->start < y->start);
}

// What was collected becomes runs, and stays in memory; what follows is put beside it and merged again.
static void merge(struct scale *scale)
{
    uint64_t kept = 0;
    if (scale->count > 1)
        qsort(scale->runs, scale->count, sizeof *scale->runs, compare_runs);
    for (uint64_t i = 0; i < scale->count; i++) {
        struct scale_run run = scale->runs[i];
        if (kept > 0 && run.start <= scale->runs[kept - 1].end)
            scale->runs[kept - 1].end = MAX(scale->runs[kept - 1].end, run.end);
        else
            scale->runs[kept++] = run;
    }
    scale->count = kept;
    scale->merge_at = MAX(2 * kept, (uint64_t)MERGE_AT);
    scale->touched = 0;
    for (uint64_t i = 0; i < kept; i++) {
        scale->runs[i].before = scale->touched;
        scale->touched += scale->runs[i].end - scale->runs[i].start;
    }
}

static void add_run(struct scale *scale, uint64_t offset, uint64_t bytes)
{
    if (scale->count == scale->merge_at)
        merge(scale);
    scale->runs = xgrow(scale->runs, scale->count, sizeof *scale->runs);
    scale->runs[scale->count++] = (struct scale_run){.start = chunk_down(offset), .end = chunk_up(offset + bytes)};
}

static void collect(struct scale *scale, struct request_source *source, bool only_data)
{
    struct trace_request r;
    scale->count = 0;
    scale->merge_at = MERGE_AT;
    request_source_rewind(source);
    while (request_source_next(source, &r)) {
        if (r.kind == IO_FLUSH || (only_data && !io_moves_data(r.kind)))
            continue;
        for (uint32_t range = 0; range < r.range_count; range++)
            add_run(scale, r.ranges[range].offset, r.ranges[range].bytes);
        if (r.range_count == 0)
            add_run(scale, r.offset, r.bytes);
    }
    merge(scale);
}

void scale_init(struct scale *scale, struct request_source *source, uint64_t capacity)
{
    *scale = (struct scale){.capacity = chunk_down(capacity)};
    collect(scale, source, false);
    scale->end = scale->count == 0 ? 0 : scale->runs[scale->count - 1].end;
    if (!scale_folds(scale))
        return;
    collect(scale, source, true);
}

void scale_destroy(struct scale *scale)
{
    free(scale->runs);
    *scale = (struct scale){0};
}

bool scale_folds(const struct scale *scale)
{
    return scale->touched > scale->capacity;
}

// How many runs begin at or before the offset.
static uint64_t runs_before(const struct scale *scale, uint64_t offset)
{
    uint64_t low = 0, high = scale->count;
    while (low < high) {
        uint64_t middle = (low + high) / 2;
        if (scale->runs[middle].start <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

// How far holes of so many bytes in all move what stands behind them.
static uint64_t shrink(const struct scale *scale, uint64_t holes)
{
    uint64_t all = scale->end - scale->touched;
    if (scale->touched >= scale->capacity || all == 0)
        return 0;
    return chunk_down((uint64_t)((unsigned __int128)holes * (scale->capacity - scale->touched) / all));
}

static uint64_t place_unfolded(const struct scale *scale, uint64_t offset)
{
    uint64_t before = runs_before(scale, offset);
    if (before == 0)
        return shrink(scale, offset);
    const struct scale_run *run = &scale->runs[before - 1];
    if (offset < run->end)
        return run->before + shrink(scale, run->start - run->before) + (offset - run->start);
    uint64_t touched = run->before + (run->end - run->start);
    return touched + shrink(scale, offset - touched);
}

uint64_t scale_place(const struct scale *scale, uint64_t offset)
{
    uint64_t place = place_unfolded(scale, offset);
    return scale_folds(scale) ? place % scale->capacity : place;
}
