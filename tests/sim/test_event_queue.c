// The queue alone, held against sorting: whatever the times are, events come in order of time and of scheduling.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/event_queue.h"
#include "util/rng.h"

struct entry {
    tick_t time;
    uint64_t number; // order of scheduling
};

static void nothing(void *context)
{
    (void)context;
}

static void push(struct event_queue *queue, struct entry *entry)
{
    event_queue_push(queue, entry->time, nothing, entry);
}

static void expect(struct event_queue *queue, const struct entry *entry)
{
    assert_false(event_queue_empty(queue));
    assert_int_equal(event_queue_first(queue)->time, entry->time);
    struct event event = event_queue_pop(queue);
    assert_int_equal(event.time, entry->time);
    assert_ptr_equal(event.context, entry);
}

static int compare(const void *a, const void *b)
{
    const struct entry *x = *(struct entry *const *)a, *y = *(struct entry *const *)b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

// --- patterns of times: random ones, and those that are hard on one queue or another ---------------------------------

static tick_t one_moment(struct rng *rng, uint64_t i)
{
    (void)rng, (void)i;
    return 123456789;
}

static tick_t one_nanosecond(struct rng *rng, uint64_t i)
{
    (void)i;
    return 123456789 + rng_below(rng, TICKS_PER_NS);
}

static tick_t in_order(struct rng *rng, uint64_t i)
{
    (void)rng;
    return 1 + 17 * i;
}

static tick_t in_reverse(struct rng *rng, uint64_t i)
{
    (void)rng;
    return TICKS_PER_S - 997 * i;
}

static tick_t days_apart(struct rng *rng, uint64_t i)
{
    (void)i;
    return rng_below(rng, 100 * 86400) * TICKS_PER_S;
}

static tick_t any_magnitude(struct rng *rng, uint64_t i)
{
    (void)i;
    return rng_u64(rng) >> rng_below(rng, 64);
}

// Near powers of two, on which levels begin, and at both ends of time.
static tick_t at_edges(struct rng *rng, uint64_t i)
{
    (void)i;
    tick_t edge = UINT64_C(1) << rng_below(rng, 64);
    return edge - 2 + rng_below(rng, 4);
}

static tick_t bursts(struct rng *rng, uint64_t i)
{
    return i / 1000 * TICKS_PER_S + rng_below(rng, 10) * TICKS_PER_US;
}

static tick_t like_a_drive(struct rng *rng, uint64_t i)
{
    static const tick_t delays[] = {0, 20, 350, 1000, 3300, 55000, 600000, 3000000};
    (void)i;
    tick_t delay = delays[rng_below(rng, 8)] * TICKS_PER_NS;
    bool exact = rng_below(rng, 2) == 0;
    return exact ? delay : delay + rng_below(rng, TICKS_PER_US);
}

static tick_t (*const patterns[])(struct rng *rng, uint64_t i) = {
    one_moment, one_nanosecond, in_order, in_reverse, days_apart, any_magnitude, at_edges, bursts, like_a_drive,
};

static void test_what_was_scheduled_comes_sorted(void **state)
{
    (void)state;
    enum { ENTRIES = 60000 };
    struct entry *entries = malloc(ENTRIES * sizeof *entries), **sorted = malloc(ENTRIES * sizeof(void *));
    for (size_t p = 0; p < ARRAY_SIZE(patterns); p++) {
        struct event_queue queue;
        struct rng rng;
        event_queue_init(&queue);
        rng_seed(&rng, p, "test");
        for (uint64_t i = 0; i < ENTRIES; i++) {
            entries[i] = (struct entry){.time = patterns[p](&rng, i), .number = i};
            sorted[i] = &entries[i];
            push(&queue, &entries[i]);
        }
        qsort(sorted, ENTRIES, sizeof(void *), compare);
        for (uint64_t i = 0; i < ENTRIES; i++)
            expect(&queue, sorted[i]);
        assert_true(event_queue_empty(&queue));
        event_queue_destroy(&queue);
    }
    free(entries);
    free(sorted);
}

// Each event may schedule others, at its own time too; the pending ones are some hundreds. An order that never goes
// back, in which nobody is missing, is that of sorting.
static void test_what_is_scheduled_meanwhile_comes_sorted(void **state)
{
    (void)state;
    enum { EVENTS = 150000, PENDING = 500 };
    struct entry *entries = malloc(EVENTS * sizeof *entries);
    for (size_t p = 0; p < ARRAY_SIZE(patterns); p++) {
        struct event_queue queue;
        struct rng rng;
        struct entry last = {0};
        uint64_t pushed = 0, popped = 0;
        event_queue_init(&queue);
        rng_seed(&rng, p, "test");
        while (popped < EVENTS) {
            uint64_t more = pushed - popped < PENDING ? 1 + rng_below(&rng, 3) : rng_below(&rng, 2);
            for (; more > 0 && pushed < EVENTS; more--, pushed++) {
                tick_t delay = patterns[p](&rng, rng_below(&rng, 100)), left = TICK_NEVER - last.time;
                entries[pushed] = (struct entry){.time = last.time + MIN(delay, left), .number = pushed};
                push(&queue, &entries[pushed]);
            }
            const struct entry *next = event_queue_pop(&queue).context;
            assert_true(popped == 0 || next->time > last.time ||
                        (next->time == last.time && next->number > last.number));
            last = *next;
            popped++;
        }
        assert_true(event_queue_empty(&queue));
        event_queue_destroy(&queue);
    }
    free(entries);
}

// Who has looked may still schedule something earlier than what was seen.
static void test_looking_leaves_no_trace(void **state)
{
    (void)state;
    struct event_queue queue, before;
    struct entry far = {5 * TICKS_PER_S, 0}, also_far = {5 * TICKS_PER_S - 1, 1}, near = {3, 2}, nearer = {2, 3};
    event_queue_init(&queue);
    push(&queue, &far);
    push(&queue, &also_far);
    before = queue;
    assert_int_equal(event_queue_first(&queue)->time, also_far.time);
    assert_false(event_queue_empty(&queue));
    assert_memory_equal(&queue, &before, sizeof queue);
    push(&queue, &near);
    push(&queue, &nearer);
    expect(&queue, &nearer);
    expect(&queue, &near);
    expect(&queue, &also_far);
    expect(&queue, &far);
    event_queue_destroy(&queue);
}

// A million at one moment and one after the other of a million moments: as many steps each as the few of a drive.
static void test_a_million_pending_cost_no_more_than_a_few(void **state)
{
    (void)state;
    enum { EVENTS = 1000000 };
    for (size_t p = 0; p < 2; p++) {
        struct event_queue queue;
        event_queue_init(&queue);
        for (uint64_t i = 0; i < EVENTS; i++)
            event_queue_push(&queue, p == 0 ? TICKS_PER_US : i * TICKS_PER_US, nothing, (void *)(uintptr_t)i);
        for (uint64_t i = 0; i < EVENTS; i++)
            assert_int_equal((uintptr_t)event_queue_pop(&queue).context, i);
        event_queue_destroy(&queue);
    }
}

static void test_memory_is_that_of_the_most_that_were_pending(void **state)
{
    (void)state;
    struct event_queue queue;
    event_queue_init(&queue);
    for (tick_t i = 0; i < 10; i++)
        event_queue_push(&queue, i, nothing, NULL);
    size_t next_chunk = queue.events.chunk_objects;
    for (int i = 0; i < 100000; i++)
        event_queue_push(&queue, event_queue_pop(&queue).time + TICKS_PER_S, nothing, NULL);
    assert_int_equal(queue.events.chunk_objects, next_chunk);
    assert_int_equal(pool_taken(&queue.events), 10);
    event_queue_destroy(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_scheduled_comes_sorted),
        cmocka_unit_test(test_what_is_scheduled_meanwhile_comes_sorted),
        cmocka_unit_test(test_looking_leaves_no_trace),
        cmocka_unit_test(test_a_million_pending_cost_no_more_than_a_few),
        cmocka_unit_test(test_memory_is_that_of_the_most_that_were_pending),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
