// Series: what is put in stays in when bins widen; percentiles hold to the classes' resolution.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stats/series.h"
#include "util/rng.h"

enum { FIRST_BIN = 1 << 20 };

static void test_a_completion_falls_into_the_bin_of_its_time(void **state)
{
    (void)state;
    struct series s;
    series_init(&s);
    series_restart(&s, 1000);
    assert_int_equal(series_length(&s), 0);
    series_add(&s, 999, 1, 1); // before the origin
    assert_int_equal(series_length(&s), 0);
    series_add(&s, 1000, 4096, 5000);
    series_add(&s, 1000 + FIRST_BIN - 1, 512, 7000);
    series_add(&s, 1000 + FIRST_BIN, 1, 1);
    assert_int_equal(series_length(&s), 2);
    assert_int_equal(s.bins[0].count, 2);
    assert_int_equal(s.bins[0].bytes, 4608);
    assert_int_equal(s.bins[0].latency_sum, 12000);
    assert_int_equal(s.bins[0].latency_max, 7000);
    assert_int_equal(s.bins[1].count, 1);
    series_destroy(&s);
}

static void test_bins_widen_only_when_time_runs_past_the_last(void **state)
{
    (void)state;
    struct series s;
    series_init(&s);
    unsigned first = s.shift;
    series_add(&s, (tick_t)SERIES_BINS * FIRST_BIN - 1, 1, 1);
    assert_int_equal(s.shift, first);
    assert_int_equal(series_length(&s), SERIES_BINS);
    series_add(&s, (tick_t)SERIES_BINS * FIRST_BIN, 1, 1);
    assert_int_equal(s.shift, first + 1);
    assert_int_equal(series_length(&s), SERIES_BINS / 2 + 1);
    series_destroy(&s);
}

static void test_the_largest_latency_of_two_bins_is_that_of_either(void **state)
{
    (void)state;
    struct series s;
    series_init(&s);
    series_add(&s, 0, 1, 10);
    series_add(&s, FIRST_BIN, 1, 99);
    series_add(&s, 2 * FIRST_BIN, 1, 88);
    series_add(&s, 3 * FIRST_BIN, 1, 7);
    series_add(&s, (tick_t)SERIES_BINS * FIRST_BIN, 1, 1); // two by two
    assert_int_equal(s.bins[0].latency_max, 99);
    assert_int_equal(s.bins[1].latency_max, 88);
    series_destroy(&s);
}

static void test_widening_loses_nothing(void **state)
{
    (void)state;
    struct series s;
    struct rng rng;
    uint64_t bytes = 0, count = 0, sum = 0, classes = 0, largest = 0;
    series_init(&s);
    rng_seed(&rng, 3, "test");
    for (tick_t when = 0; when < UINT64_C(1) << 40; when += rng_below(&rng, 1 << 28)) {
        tick_t latency = rng_below(&rng, 1 << 30);
        series_add(&s, when, when % 8192, latency);
        bytes += when % 8192;
        sum += latency;
        count++;
    }
    for (uint32_t i = 0; i < SERIES_BINS; i++) {
        bytes -= s.bins[i].bytes;
        sum -= s.bins[i].latency_sum;
        count -= s.bins[i].count;
        for (int c = 0; c < SERIES_CLASSES; c++)
            classes += s.bins[i].classes[c];
        classes -= s.bins[i].count;
        largest = largest > s.bins[i].latency_max ? largest : s.bins[i].latency_max;
    }
    assert_int_equal(bytes, 0);
    assert_int_equal(sum, 0);
    assert_int_equal(count, 0);
    assert_int_equal(classes, 0);
    assert_true(largest < 1 << 30 && largest > (1 << 30) - (1 << 24));
    series_destroy(&s);
}

static void test_percentiles_hold_to_the_resolution_of_the_classes(void **state)
{
    (void)state;
    struct series s;
    series_init(&s);
    assert_int_equal(series_quantile(&s.bins[0], 0.5), 0);
    for (uint64_t us = 1; us <= 1000; us++)
        series_add(&s, 0, 0, us * TICKS_PER_US);
    for (int percent = 1; percent <= 100; percent++) {
        uint64_t truth = (uint64_t)percent * 10000, told = series_quantile(&s.bins[0], percent / 100.0);
        assert_true(told >= truth && told - truth <= truth / 8);
    }
    assert_int_equal(series_quantile(&s.bins[0], 1), 1000000);
    series_destroy(&s);
}

// 0.07 as a double is a little more than 7/100: the seventh of a hundred is the percentile all the same.
static void test_a_percentile_is_the_rank_that_is_meant(void **state)
{
    (void)state;
    struct series s;
    series_init(&s);
    for (int i = 0; i < 100; i++)
        series_add(&s, 0, 0, (i < 7 ? 1 : 2) * TICKS_PER_NS);
    assert_int_equal(series_quantile(&s.bins[0], 0.07), 1);
    assert_int_equal(series_quantile(&s.bins[0], 0.0701), 2);
    series_destroy(&s);
}

static void test_latencies_below_16_ns_are_exact_and_giant_ones_counted(void **state)
{
    (void)state;
    struct series s;
    series_init(&s);
    for (uint64_t ns = 1; ns <= 16; ns++)
        series_add(&s, 0, 0, ns * TICKS_PER_NS);
    for (int i = 1; i <= 16; i++)
        assert_int_equal(series_quantile(&s.bins[0], i / 16.0), i);
    series_add(&s, 1, 0, UINT64_C(20000) * TICKS_PER_S);
    assert_int_equal(series_quantile(&s.bins[0], 1), UINT64_C(20000000000000));
    series_destroy(&s);
}

// The last class, 255, begins where 8 classes to a power of two end: at 15 * 2^30 ns, 16.1 s.
static void test_what_takes_longer_than_the_last_class_is_counted_in_it(void **state)
{
    (void)state;
    const tick_t long_ones[] = {UINT64_C(16106127360) * TICKS_PER_NS, 18 * TICKS_PER_S, 20000 * TICKS_PER_S,
                                UINT64_C(1) << 63};
    struct series s;
    series_init(&s);
    for (int i = 0; i < 4; i++)
        series_add(&s, 0, 0, long_ones[i]);
    series_add(&s, 0, 0, (UINT64_C(16106127360) - 1) * TICKS_PER_NS);
    assert_int_equal(s.bins[0].classes[SERIES_CLASSES - 1], 4);
    assert_int_equal(s.bins[0].classes[SERIES_CLASSES - 2], 1);
    struct series_bin empty = {0};
    for (int i = 1; i < SERIES_BINS; i++)
        assert_memory_equal(&s.bins[i], &empty, sizeof empty);
    assert_int_equal(series_quantile(&s.bins[0], 0.2), UINT64_C(16106127359));
    assert_int_equal(series_quantile(&s.bins[0], 0.4), UINT64_C(9223372036854776)); // to the nearest ns
    series_destroy(&s);
}

static void test_sums_go_beyond_64_bits_in_a_bin_and_when_bins_are_merged(void **state)
{
    (void)state;
    const tick_sum_t one = (tick_sum_t)1 << 63;
    struct series s;
    series_init(&s);
    for (int i = 0; i < 3; i++)
        series_add(&s, FIRST_BIN, 0, (tick_t)1 << 63);
    assert_true(s.bins[1].latency_sum == 3 * one);
    series_add(&s, (tick_t)SERIES_BINS * FIRST_BIN, 0, 1);
    assert_true(s.bins[0].latency_sum == 3 * one);
    series_destroy(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_completion_falls_into_the_bin_of_its_time),
        cmocka_unit_test(test_bins_widen_only_when_time_runs_past_the_last),
        cmocka_unit_test(test_the_largest_latency_of_two_bins_is_that_of_either),
        cmocka_unit_test(test_widening_loses_nothing),
        cmocka_unit_test(test_percentiles_hold_to_the_resolution_of_the_classes),
        cmocka_unit_test(test_a_percentile_is_the_rank_that_is_meant),
        cmocka_unit_test(test_latencies_below_16_ns_are_exact_and_giant_ones_counted),
        cmocka_unit_test(test_what_takes_longer_than_the_last_class_is_counted_in_it),
        cmocka_unit_test(test_sums_go_beyond_64_bits_in_a_bin_and_when_bins_are_merged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
