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

static inline uint32_t bucket_of(uint32_t index)
{
    return index >> (HISTOGRAM_SUB_BITS - TAIL_BITS);
}

static inline void add_waits(struct tail_bucket *bucket, const struct breakdown *path)
{
    for (uint64_t left = path->causes; left != 0; left &= left - 1)
        bucket->waits[__builtin_ctzll(left)] += path->waits[__builtin_ctzll(left)];
}

// Out of line, so that what nearly every command does saves no registers for it.
static __attribute__((noinline)) tick_t make_room_and_add(struct tail *tail, uint32_t index, tick_t latency,
                                                          const struct breakdown *path)
{
    struct tail_bucket **bucket = &tail->buckets[bucket_of(index)];
    if (*bucket == NULL)
        *bucket = xcalloc(1, sizeof **bucket);
    else
        settle(*bucket);
    return tail_add(tail, index, latency, path);
}

tick_t tail_add(struct tail *tail, uint32_t index, tick_t latency, const struct breakdown *path)
{
    struct tail_bucket *bucket = tail->buckets[bucket_of(index)];
    tick_t all = 0;
    if (unlikely(bucket == NULL || bucket->latency + latency >= TICK_END))
        return make_room_and_add(tail, index, latency, path);
    bucket->count++;
    bucket->latency += latency;
#define ADD_STAGE(id, name, help) all += path->spent[STAGE_##id], bucket->stages[STAGE_##id] += path->spent[STAGE_##id];
    STAGE_LIST(ADD_STAGE)
#undef ADD_STAGE
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
