// Sums by latency, and the classes that they are dealt to.
#include "stats/tail.h"

#include <stdlib.h>

#include "util/alloc.h"
#include "util/macros.h"

enum { TABLE_BYTES = TAIL_BUCKETS * sizeof(struct tail_sums *) };

#define CLASS_NAME(name, permille) name,
#define CLASS_END(name, permille) permille,
const char *const tail_class_names[TAIL_CLASSES] = {TAIL_CLASS_LIST(CLASS_NAME)};
static const uint64_t class_ends[TAIL_CLASSES] = {TAIL_CLASS_LIST(CLASS_END)}; // in thousandths of the commands

void tail_begin(struct tail *tail)
{
    tail->buckets = lazy_alloc(TABLE_BYTES);
}

void tail_end(struct tail *tail)
{
    if (tail->buckets == NULL)
        return;
    for (uint32_t i = 0; i < TAIL_BUCKETS; i++)
        free(tail->buckets[i]);
    lazy_free(tail->buckets, TABLE_BYTES);
    tail->buckets = NULL;
}

// --- a command -----------------------------------------------------------------------------------------------------

static void add_waits(struct tail_sums *sums, const struct breakdown *path)
{
    for (unsigned split = path->split; split != 0; split &= split - 1) {
        struct wait_range range = wait_ranges[__builtin_ctz(split)];
        for (unsigned i = range.first; i < range.end; i++)
            sums->waits[i] += path->waits[i];
    }
}

void tail_add(struct tail *tail, uint64_t ns, tick_t latency, const struct breakdown *path)
{
    struct tail_sums **bucket = &tail->buckets[histogram_index(ns) >> (HISTOGRAM_SUB_BITS - TAIL_BITS)];
    if (unlikely(*bucket == NULL))
        *bucket = xcalloc(1, sizeof **bucket);
    struct tail_sums *sums = *bucket;
    sums->count++;
    sums->latency += latency;
#define ADD_STAGE(id, name, help) sums->stages[STAGE_##id] += path->spent[STAGE_##id];
    STAGE_LIST(ADD_STAGE)
#undef ADD_STAGE
    if (path->split != 0)
        add_waits(sums, path);
}

// --- classes -------------------------------------------------------------------------------------------------------

static void add_sums(struct tail_sums *to, const struct tail_sums *from)
{
    to->count += from->count;
    to->latency += from->latency;
    for (int i = 0; i < STAGE_COUNT; i++)
        to->stages[i] += from->stages[i];
    for (int i = 0; i < WAIT_COUNT; i++)
        to->waits[i] += from->waits[i];
}

// The class of ranks `below` + 1 to `below` + `own` of `count`.
static unsigned class_of(uint64_t below, uint64_t own, uint64_t count)
{
    unsigned class = 0;
    while (class < TAIL_CLASSES - 1 && (tick_sum_t)(2 * below + own) * 500 > (tick_sum_t)count * class_ends[class])
        class++;
    return below > 0 && below + own == count ? TAIL_CLASSES - 1 : class;
}

static uint64_t bucket_top(uint32_t index)
{
    return histogram_bucket_top(((index + 1) << (HISTOGRAM_SUB_BITS - TAIL_BITS)) - 1);
}

void tail_classes(const struct tail *tail, struct tail_class classes[TAIL_CLASSES])
{
    uint64_t count = 0, below = 0;
    for (uint32_t i = 0; i < TAIL_BUCKETS; i++)
        count += tail->buckets[i] == NULL ? 0 : tail->buckets[i]->count;
    for (int i = 0; i < TAIL_CLASSES; i++)
        classes[i] = (struct tail_class){0};
    for (uint32_t i = 0; i < TAIL_BUCKETS; i++) {
        if (tail->buckets[i] == NULL)
            continue;
        struct tail_class *class = &classes[class_of(below, tail->buckets[i]->count, count)];
        add_sums(&class->sums, tail->buckets[i]);
        class->up_to_ns = bucket_top(i);
        below += tail->buckets[i]->count;
    }
}

tick_sum_t tail_rest(const struct tail_sums *sums, enum stage stage)
{
    tick_sum_t rest = sums->stages[stage];
    for (unsigned i = wait_ranges[stage].first; i < wait_ranges[stage].end; i++)
        rest -= sums->waits[i];
    return rest;
}
