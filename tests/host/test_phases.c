// Phases one after another, on workloads whose latencies are made by hand.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "host/phases.h"
#include "util/alloc.h"
#include "util/macros.h"

// So many requests, one at a time; the clock may end it, and then leaves until `until`.
struct steps {
    struct workload base;
    uint64_t left;
    bool waits;
    tick_t begins, until;
};

static uint64_t seeds[4];
static tick_t starts[4];
static size_t started, destroyed;

static struct steps *steps_of(const struct workload *workload)
{
    return container_of(workload, struct steps, base);
}

static void steps_start(struct workload *workload, const struct workload_start *start)
{
    steps_of(workload)->begins = start->now;
    starts[started] = start->now;
    seeds[started++] = start->seed;
}

static tick_t steps_arrival(struct workload *workload, tick_t now)
{
    const struct steps *steps = steps_of(workload);
    return steps->waits || steps->left == 0 ? TICK_NEVER : MAX(now, steps->begins);
}

static void steps_next(struct workload *workload, tick_t now, struct workload_request *request)
{
    struct steps *steps = steps_of(workload);
    (void)now;
    *request = (struct workload_request){.kind = steps->left % 2 == 0 ? IO_READ : IO_WRITE, .bytes = 4096};
    steps->left--;
    steps->waits = true;
}

static void steps_completed(struct workload *workload, tick_t now, const struct workload_request *request)
{
    (void)now, (void)request;
    steps_of(workload)->waits = false;
}

static tick_t steps_until(struct workload *workload)
{
    return steps_of(workload)->until;
}

static void steps_destroy(struct workload *workload)
{
    destroyed++;
    free(steps_of(workload));
}

static const struct workload_ops steps_ops = {.start = steps_start, .arrival = steps_arrival, .next = steps_next,
                                              .completed = steps_completed, .until = steps_until,
                                              .destroy = steps_destroy};

static struct workload *create_steps(uint64_t count, tick_t until)
{
    struct steps *steps = xcalloc(1, sizeof *steps);
    *steps = (struct steps){.base = {.ops = &steps_ops}, .left = count, .until = until};
    return &steps->base;
}

static struct phase_result results[4];
static uint64_t nines[4];
static size_t ended;

static struct workload *first(void *self)
{
    (void)self;
    return create_steps(3, 0);
}

// Then one that the clock ends at 1000 us, then one of two requests.
static struct workload *next(void *self, const struct phase_result *result)
{
    (void)self;
    nines[ended] = histogram_quantile(result->latencies, 1);
    results[ended++] = *result;
    return ended == 1 ? create_steps(2, 1000 * TICKS_PER_US) : ended == 2 ? create_steps(2, 0) : NULL;
}

// Requests take 10 us, 20 us, 30 us and so on.
static void play(void)
{
    struct phase_source source = {.first = first, .next = next};
    struct workload *phases = phases_create(&source);
    tick_t now = 100 * TICKS_PER_US, latency = 0;
    started = ended = destroyed = 0;
    phases->ops->start(phases, &(struct workload_start){.now = now, .seed = 7});
    for (tick_t at; (at = phases->ops->arrival(phases, now)) != TICK_NEVER;) {
        struct workload_request request;
        now = MAX(now, at);
        phases->ops->next(phases, now, &request);
        assert_true(phases->ops->arrival(phases, now) == TICK_NEVER);
        now += latency += 10 * TICKS_PER_US;
        phases->ops->completed(phases, now, &request);
    }
    workload_destroy(phases);
}

static void test_a_phase_begins_where_the_one_before_it_ended(void **state)
{
    (void)state;
    play();
    assert_int_equal(started, 3);
    assert_int_equal(destroyed, 3);
    assert_int_equal(starts[0], 100 * TICKS_PER_US);
    assert_int_equal(starts[1], 160 * TICKS_PER_US);  // 10 + 20 + 30 later
    assert_int_equal(starts[2], 1000 * TICKS_PER_US); // done at 250, its time is up later
}

static void test_each_phase_is_measured_by_itself(void **state)
{
    (void)state;
    play();
    assert_int_equal(ended, 3);
    assert_int_equal(results[0].requests, 3);
    assert_int_equal(results[0].bytes, 3 * 4096);
    assert_int_equal(results[0].written, 2 * 4096); // the first and the third
    assert_true(results[0].latency == 60 * TICKS_PER_US && results[0].longest == 30 * TICKS_PER_US);
    assert_in_range(nines[0], 30000, 30000 + 30000 / 1024);
    assert_int_equal(results[0].ends, 160 * TICKS_PER_US);
    assert_true(results[1].latency == 90 * TICKS_PER_US);
    assert_int_equal(results[1].ends, 1000 * TICKS_PER_US);
    assert_true(results[2].latency == 130 * TICKS_PER_US);
    assert_int_equal(results[2].begins, 1000 * TICKS_PER_US);
    assert_int_equal(results[2].ends, 1130 * TICKS_PER_US);
}

static void test_each_phase_has_random_numbers_of_its_own_and_always_the_same(void **state)
{
    (void)state;
    play();
    uint64_t before[] = {seeds[0], seeds[1], seeds[2]};
    assert_true(seeds[0] != seeds[1] && seeds[1] != seeds[2] && seeds[0] != seeds[2]);
    play();
    assert_memory_equal(before, seeds, sizeof before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_phase_begins_where_the_one_before_it_ended),
        cmocka_unit_test(test_each_phase_is_measured_by_itself),
        cmocka_unit_test(test_each_phase_has_random_numbers_of_its_own_and_always_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
