// The search for the largest depth that holds a latency, on a device that serves one request every 10 us, so that with d
// of them in flight each takes 10 d us.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "host/job/latency_target.h"

enum { EACH_US = 10, TRIES_MAX = 1000000 };

struct search {
    struct job_options options;
    struct latency_target target;
    tick_t now;
    uint64_t requests, highest;
};

static void start(struct search *search, uint64_t target_us, double percentile)
{
    *search = (struct search){.options = {
        .iodepth = 64,
        .latency_target = target_us * TICKS_PER_US,
        .latency_window = 2 * TICKS_PER_MS,
        .latency_percentile = percentile,
    }};
    latency_target_init(&search->target, &search->options, 0);
}

// One request is done, every `odd`-th of them late.
static void complete(struct search *search, unsigned odd)
{
    struct latency_target *target = &search->target;
    uint64_t depth = target->depth;
    bool late = odd > 0 && search->requests++ % odd == odd - 1;
    search->now += EACH_US * TICKS_PER_US;
    search->highest = depth > search->highest ? depth : search->highest;
    latency_target_completed(target, search->now, (late ? 1000 : EACH_US * depth) * TICKS_PER_US,
                             target->quiesces ? 0 : depth - 1);
}

static uint64_t depth_of(struct search *search, unsigned odd)
{
    for (int i = 0; i < TRIES_MAX && !search->target.over; i++)
        complete(search, odd);
    assert_true(search->target.over);
    return search->target.depth;
}

static void test_the_depth_is_the_largest_that_holds(void **state)
{
    (void)state;
    static const struct {
        uint64_t target_us, depth, highest;
    } rows[] = {
        {10, 1, 2},  {25, 2, 4},   {75, 7, 8},     {79, 7, 8},   {80, 8, 16},
        {5, 1, 1}, // which nothing holds
        {155, 15, 16}, {335, 33, 64}, {1000000, 64, 64},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct search search;
        start(&search, rows[i].target_us, 100);
        assert_int_equal(depth_of(&search, 0), rows[i].depth);
        assert_int_equal(search.highest, rows[i].highest);
    }
}

// Of every twenty one is late, whatever the depth: 95 % are not.
static void test_some_may_be_late(void **state)
{
    (void)state;
    struct search search;
    start(&search, 400, 95);
    assert_int_equal(depth_of(&search, 20), 40);
    start(&search, 400, 96);
    assert_int_equal(depth_of(&search, 20), 1);
    start(&search, 400, 100);
    assert_int_equal(depth_of(&search, 20), 1);
}

// 1, 2, 4, 8 and then half way, each for a window; the last one for another.
static void test_windows_are_as_long_as_they_are_said_to_be(void **state)
{
    (void)state;
    struct search search;
    start(&search, 1000000, 100);
    depth_of(&search, 0);
    // 1, 2, 4, 8, 16, 32 and 64, and the last one, in steps of a request; the first of the last ends the quiet.
    assert_int_equal(search.now, (8 * 2000 + EACH_US) * TICKS_PER_US);
}

static void test_a_search_that_goes_on_is_never_over(void **state)
{
    (void)state;
    struct search search;
    start(&search, 75, 100);
    search.options.latency_run = 1;
    for (int i = 0; i < 20000; i++) {
        complete(&search, 0);
        assert_false(search.target.over);
        assert_in_range(search.target.depth, 1, 9);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_depth_is_the_largest_that_holds),
        cmocka_unit_test(test_some_may_be_late),
        cmocka_unit_test(test_windows_are_as_long_as_they_are_said_to_be),
        cmocka_unit_test(test_a_search_that_goes_on_is_never_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
