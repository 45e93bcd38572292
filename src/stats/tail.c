// Sums by latency, and the classes that they are dealt to.
#include "stats/tail.h"

#include <stdlib.h>

#include "util/alloc.h"
#include "util/check.h"
#include "util/macros.h"

enum { TABLE_BYTES = TAIL_BUCKETS * sizeof(struct tail_bucket *) };

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
    for (uint32_t i = 0; i < TAIL_BUCKETS; i++) {
        if (tail->buckets[i] != NULL)
            free(tail->buckets[i]->sums);
        free(tail->buckets[i]);
    }
    lazy_free(tail->buckets, TABLE_BYTES);
    tail->buckets = NULL;
}

// --- a command -----------------------------------------------------------------------------------------------------

// Everything so far goes into the sums.
static void settle(struct tail_bucket *bucket)
{
    if (bucket->sums == NULL)
        bucket->sums = xcalloc(1, sizeof *bucket->sums);
    struct tail_sums *sums = bucket->sums;
    sums->count = bucket->count;
    sums->latency += bucket->latency;
    bucket->latency = 0;
    for (int i = 0; i < STAGE_COUNT; i++) {
        sums->stages[i] += bucket->stages[i];
        bucket->stages[i] = 0;
    }
    for (int i = 0; i < WAIT_COUNT; i++) {
        sums->waits[i] += bucket->waits[i];
        bucket->waits[i] = 0;
    }
}

// With a number that the compiler knows, so that it adds several at a time.
static inline __attribute__((always_inline)) void add_range(tick_t *restrict to, const tick_t *restrict from,
                                                            enum stage stage)
{
    for (unsigned i = wait_ranges[stage].first; i < wait_ranges[stage].end; i++)
        to[i] += from[i];
}

static __attribute__((noinline)) void add_holders(tick_t *restrict to, const tick_t *restrict from)
{
    for (int i = 0; i < NAND_HOLDER_COUNT; i++)
        to[i] += from[i];
}

static inline void add_waits(struct tail_bucket *bucket, const struct breakdown *path)
{
    if (wait_is_split(path, STAGE_CONTROLLER))
        add_range(bucket->waits, path->waits, STAGE_CONTROLLER);
    if (wait_is_split(path, STAGE_DIE_WAIT))
        add_holders(bucket->waits + WAIT_DIE_WAIT_HOST_READ, path->waits + WAIT_DIE_WAIT_HOST_READ);
    if (wait_is_split(path, STAGE_CHANNEL_WAIT))
        add_holders(bucket->waits + WAIT_CHANNEL_WAIT_HOST_READ, path->waits + WAIT_CHANNEL_WAIT_HOST_READ);
    if (wait_is_split(path, STAGE_BUFFER_WAIT))
        add_range(bucket->waits, path->waits, STAGE_BUFFER_WAIT);
    if (wait_is_split(path, STAGE_FLUSH_WAIT))
        add_range(bucket->waits, path->waits, STAGE_FLUSH_WAIT);
}

tick_t tail_add(struct tail *tail, uint64_t ns, tick_t latency, const struct breakdown *path)
{
    struct tail_bucket **at = &tail->buckets[histogram_index(ns) >> (HISTOGRAM_SUB_BITS - TAIL_BITS)];
    if (unlikely(*at == NULL))
        *at = xcalloc(1, sizeof **at);
    struct tail_bucket *bucket = *at;
    tick_t all = 0;
    bucket->count++;
    if (unlikely(bucket->latency + latency >= TICK_END))
        settle(bucket);
    bucket->latency += latency;
#define ADD_STAGE(id, name, help) all += path->spent[STAGE_##id], bucket->stages[STAGE_##id] += path->spent[STAGE_##id];
    STAGE_LIST(ADD_STAGE)
#undef ADD_STAGE
    if (path->split != 0)
        add_waits(bucket, path);
    return all;
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
        settle(tail->buckets[i]);
        add_sums(&class->sums, tail->buckets[i]->sums);
        class->up_to_ns = bucket_top(i);
        below += tail->buckets[i]->count;
    }
}

void tail_stages(const struct tail *tail, tick_sum_t stages[STAGE_COUNT])
{
    struct tail_sums all = {0};
    for (uint32_t i = 0; i < TAIL_BUCKETS; i++)
        if (tail->buckets[i] != NULL) {
            settle(tail->buckets[i]);
            add_sums(&all, tail->buckets[i]->sums);
        }
    for (int i = 0; i < STAGE_COUNT; i++)
        stages[i] = all.stages[i];
}

tick_sum_t tail_rest(const struct tail_sums *sums, enum stage stage)
{
    tick_sum_t rest = sums->stages[stage];
    for (unsigned i = wait_ranges[stage].first; i < wait_ranges[stage].end; i++)
        rest -= sums->waits[i];
    CHECK(rest <= sums->stages[stage], "causes of %s add up to more than it", stage_names[stage]);
    return rest;
}
