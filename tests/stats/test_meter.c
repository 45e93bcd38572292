// Meter: busy time is neither lost nor doubled, whatever the bins do.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stats/meter.h"
#include "util/rng.h"

static void test_an_interval_is_shared_among_the_bins_it_covers(void **state)
{
    (void)state;
    struct meter meter;
    meter_init(&meter, 2);
    tick_t bin = (tick_t)1 << meter.shift;
    meter_add(&meter, bin - 10, bin + 15);
    assert_int_equal(meter.busy[0], 10);
    assert_int_equal(meter.busy[1], bin);
    assert_int_equal(meter.busy[2], 5);
    assert_int_equal(meter_total(&meter), bin + 15);
}

static void test_time_before_the_origin_does_not_count(void **state)
{
    (void)state;
    struct meter meter;
    meter_init(&meter, 1);
    meter_add(&meter, 0, 5);
    meter_restart(&meter, 100);
    assert_int_equal(meter_total(&meter), 0);
    assert_int_equal(meter.resources, 1);
    meter_add(&meter, 50, 50); // ends as counting begins
    assert_int_equal(meter_total(&meter), 0);
    meter_add(&meter, 90, 20);
    assert_int_equal(meter_total(&meter), 10);
    assert_int_equal(meter.busy[0], 10);
}

static void test_widening_keeps_the_sum(void **state)
{
    (void)state;
    struct meter meter;
    struct rng rng;
    meter_init(&meter, 3);
    rng_seed(&rng, 1, "test");
    unsigned first = meter.shift;
    tick_sum_t sum = 0;
    for (tick_t t = 0; t < UINT64_C(1) << 36; t += rng_below(&rng, 1 << 26)) {
        tick_t duration = rng_below(&rng, 1 << 24);
        meter_add(&meter, t, duration);
        sum += duration;
    }
    assert_true(meter.shift > first);
    assert_int_equal(meter_total(&meter), sum);
}

static void test_utilisation_is_busy_time_over_time_of_all_resources(void **state)
{
    (void)state;
    struct meter meter;
    meter_init(&meter, 4);
    meter_restart(&meter, 1000);
    meter_add(&meter, 1000, 500);
    meter_add(&meter, 1200, 500);
    assert_true(meter_utilization(&meter, 2000) == 0.25);
    assert_true(meter_utilization(&meter, 1000) == 0);
    struct meter none;
    meter_init(&none, 0);
    assert_true(meter_utilization(&none, 2000) == 0);
}

static void test_work_after_the_end_does_not_count(void **state)
{
    (void)state;
    struct meter meter;
    meter_init(&meter, 1);
    tick_t width = (tick_t)1 << meter.shift;
    meter_restart(&meter, 7);
    meter_add(&meter, 7, 10 * width);
    assert_true(meter_utilization(&meter, 7 + 4 * width) == 1);
    assert_true(meter_utilization(&meter, 7 + 4 * width + width / 2) == 1);
    assert_true(meter_utilization(&meter, 7 + 20 * width) == 0.5);
    assert_true(meter_busy_before(&meter, 4, 7 + 4 * width) == 0);
    assert_true(meter_busy_before(&meter, 4, 7 + 4 * width + 1) == 1);
    assert_true(meter_busy_before(&meter, 3, 7 + 4 * width) == (double)width);
}

// Six of eight resources busy for 2^62 ps (53 days): 1.5 * 2^64 ps of busy time.
static void test_busy_time_goes_beyond_64_bits(void **state)
{
    (void)state;
    struct meter meter;
    meter_init(&meter, 8);
    for (int i = 0; i < 6; i++)
        meter_add(&meter, 0, (tick_t)1 << 62);
    assert_true(meter_total(&meter) == (tick_sum_t)6 << 62);
    assert_true(meter_utilization(&meter, (tick_t)1 << 62) == 0.75);
    meter_restart(&meter, 0);
    meter.resources = 1 << 16;
    meter.shift = 53; // the bins of a run of 106 days
    for (uint32_t i = 0; i < meter.resources; i++)
        meter_add(&meter, 0, (tick_t)1 << 53);
    assert_true(meter.busy[0] == (tick_sum_t)1 << 69);
    assert_true(meter_utilization(&meter, (tick_t)1 << 54) == 0.5);
}

static void test_bins_widen_only_when_time_runs_past_the_last(void **state)
{
    (void)state;
    struct meter m;
    meter_init(&m, 1);
    unsigned first = m.shift;
    tick_t end = (tick_t)METER_BINS << first;
    meter_add_across(&m, end - 10, 10);
    assert_int_equal(m.shift, first);
    assert_int_equal(m.busy[METER_BINS - 1], 10);
    meter_add_across(&m, end - 1, 2);
    assert_int_equal(m.shift, first + 1);
    assert_int_equal(m.busy[METER_BINS / 2 - 1], 11);
    assert_int_equal(m.busy[METER_BINS / 2], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_interval_is_shared_among_the_bins_it_covers),
        cmocka_unit_test(test_time_before_the_origin_does_not_count),
        cmocka_unit_test(test_widening_keeps_the_sum),
        cmocka_unit_test(test_utilisation_is_busy_time_over_time_of_all_resources),
        cmocka_unit_test(test_work_after_the_end_does_not_count),
        cmocka_unit_test(test_busy_time_goes_beyond_64_bits),
        cmocka_unit_test(test_bins_widen_only_when_time_runs_past_the_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
