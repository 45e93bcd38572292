// Until it is steady, on a workload whose latencies are made by hand.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "host/steady.h"
#include "util/alloc.h"
#include "util/macros.h"
#include "util/rng.h"

// A closed loop of one request after the other.
struct loop {
    struct workload base;
    uint64_t issued, limit;
    bool waits;
};

static struct loop *loop_of(const struct workload *workload)
{
    return container_of(workload, struct loop, base);
}

static void loop_start(struct workload *workload, const struct workload_start *start)
{
    (void)workload, (void)start;
}

static tick_t loop_arrival(struct workload *workload, tick_t now)
{
    struct loop *loop = loop_of(workload);
    return loop->waits || loop->issued == loop->limit ? TICK_NEVER : now;
}

static void loop_next(struct workload *workload, tick_t now, struct workload_request *request)
{
    (void)now;
    *request = (struct workload_request){.offset = loop_of(workload)->issued++};
    loop_of(workload)->waits = true;
}

static void loop_completed(struct workload *workload, tick_t now, const struct workload_request *request)
{
    (void)now, (void)request;
    loop_of(workload)->waits = false;
}

static uint64_t loop_count(const struct workload *workload)
{
    return loop_of(workload)->limit;
}

static void loop_destroy(struct workload *workload)
{
    free(loop_of(workload));
}

static const struct workload_ops loop_ops = {.start = loop_start, .arrival = loop_arrival, .next = loop_next,
                                             .completed = loop_completed, .count = loop_count,
                                             .destroy = loop_destroy};

// 0 .. 1
static double rng_real(struct rng *rng)
{
    return (double)rng_below(rng, 1 << 30) / (1 << 30);
}

typedef double latency_fn(uint64_t request, struct rng *rng); // us

// What was measured: the mean latency of requests that are not of the ramp.
static struct steady_outcome play(latency_fn *latency, uint64_t limit, double *measured_mean)
{
    struct loop *loop = xcalloc(1, sizeof *loop);
    struct rng rng;
    double sum = 0;
    uint64_t count = 0;
    *loop = (struct loop){.base = {.ops = &loop_ops}, .limit = limit};
    struct workload *steady = steady_create(&loop->base);
    rng_seed(&rng, 1, "test");
    steady->ops->start(steady, &(struct workload_start){.now = 1000});
    assert_true(steady->ops->ramp_end(steady) == TICK_NEVER);
    for (tick_t now = 1000; steady->ops->arrival(steady, now) == now;) {
        struct workload_request request;
        steady->ops->next(steady, now, &request);
        double us = latency(request.offset, &rng);
        now += (tick_t)(us * TICKS_PER_US);
        sum += request.ramp ? 0 : us;
        count += !request.ramp;
        steady->ops->completed(steady, now, &request);
    }
    struct steady_outcome outcome = steady_get_outcome(steady);
    assert_int_equal(outcome.measured, count);
    assert_int_equal(outcome.dropped + outcome.measured, loop->issued);
    *measured_mean = sum / (double)count;
    workload_destroy(steady);
    return outcome;
}

static double constant(uint64_t request, struct rng *rng)
{
    (void)request, (void)rng;
    return 80;
}

// 32 batches of 64 are looked at first. Of the measured ones, batches are of 256 when there are more than 8192
// requests, so the first look at 10 000 or more is at 40 times 256.
static void test_what_never_changes_is_steady_as_soon_as_may_be(void **state)
{
    (void)state;
    double mean;
    struct steady_outcome outcome = play(constant, 1000000, &mean);
    assert_true(outcome.warmed_up && outcome.reached);
    assert_int_equal(outcome.dropped, 32 * 64);
    assert_int_equal(outcome.measured, 40 * 256);
    assert_true(outcome.mean_us == 80 && outcome.half_width == 0);
}

static double noise(struct rng *rng)
{
    return 2 * rng_real(rng); // mean 1, deviation 1 / sqrt(3)
}

// Falls from five times to once the mean over 6000 requests.
static double falling(uint64_t request, struct rng *rng)
{
    double above = request < 6000 ? 4 * (1 - (double)request / 6000) : 0;
    return 100 * (1 + above) * noise(rng);
}

static void test_a_warm_up_is_dropped(void **state)
{
    (void)state;
    double mean;
    struct steady_outcome outcome = play(falling, 1000000, &mean);
    assert_true(outcome.warmed_up && outcome.reached);
    assert_true(outcome.dropped >= 6000 && outcome.dropped < 60000);
    assert_true(fabs(mean / 100 - 1) < 0.02);
    assert_true(outcome.half_width <= 0.01);
}

static double noisy(uint64_t request, struct rng *rng)
{
    (void)request;
    double rare = rng_real(rng) < 0.01 ? 100 : 0;
    return 10 * (0.5 * noise(rng) + rare) + 1;
}

// Mean 16, deviation 100 from one in a hundred of 1000: a half width of 1 % takes (1.96 * 100 / 0.16)^2 requests, some
// 1.5 million.
static void test_noise_is_measured_until_the_mean_is_known(void **state)
{
    (void)state;
    double mean;
    struct steady_outcome outcome = play(noisy, 20000000, &mean);
    assert_true(outcome.warmed_up && outcome.reached);
    assert_true(outcome.measured > 700000 && outcome.measured < 3500000);
    assert_true(outcome.half_width <= 0.01 && fabs(mean / 16 - 1) < 0.02);
}

static double rising(uint64_t request, struct rng *rng)
{
    return 10 * (1 + (double)request / 1000) * noise(rng);
}

static void test_what_never_becomes_steady_is_told(void **state)
{
    (void)state;
    double mean;
    struct steady_outcome outcome = play(rising, 50000, &mean);
    assert_true(!outcome.warmed_up && !outcome.reached);
    assert_int_equal(outcome.dropped, 25000);
    assert_int_equal(outcome.measured, 25000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_never_changes_is_steady_as_soon_as_may_be),
        cmocka_unit_test(test_a_warm_up_is_dropped),
        cmocka_unit_test(test_noise_is_measured_until_the_mean_is_known),
        cmocka_unit_test(test_what_never_becomes_steady_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
