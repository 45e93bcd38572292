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

// The bin that was added to last is remembered, with the time that it covers.
static void test_what_follows_in_the_same_bin_or_another_goes_where_it_belongs(void **state)
{
    (void)state;
    struct meter meter;
    meter_init(&meter, 1);
    meter_restart(&meter, 1000);
    tick_t bin = (tick_t)1 << meter.shift;
    const tick_t rows[][2] = {{bin + 5, 10}, {bin, 3}, {2 * bin - 4, 4}, {2 * bin - 1, 2},
                              {2 * bin + 1, 7}, {bin - 1, 1}, {bin, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        meter_add(&meter, 1000 + rows[i][0], rows[i][1]);
    assert_int_equal(meter.busy[0], 1);
    assert_int_equal(meter.busy[1], 10 + 3 + 4 + 1);
    assert_int_equal(meter.busy[2], 1 + 7);
    assert_int_equal(meter.latest, 1000 + 2 * bin + 8);
    meter_add(&meter, 999, 3); // begins before the origin
    assert_int_equal(meter.busy[0], 1 + 2);
    meter_add(&meter, 1000 + METER_BINS * bin, 1); // all bins are twice as wide now
    meter_add(&meter, 1000 + 2 * bin, 1);
    assert_int_equal(meter.busy[0], 3 + 18);
    assert_int_equal(meter.busy[1], 8 + 1);
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

// Intervals back and forth, of no length too, from an odd origin: each piece of them is counted in its own bin.
static void test_every_interval_is_in_its_bins_whatever_came_before(void **state)
{
    (void)state;
    enum { BINS = 8 };
    struct meter meter;
    struct rng rng;
    const tick_t origin = 12345, piece = 1 << 16;
    tick_t expected[BINS] = {0}, latest = 0;
    meter_init(&meter, 5);
    meter_restart(&meter, origin);
    rng_seed(&rng, 3, "test");
    unsigned pieces_a_bin = (unsigned)(((tick_t)1 << meter.shift) / piece);
    for (int i = 0; i < 20000; i++) {
        unsigned first = (unsigned)rng_below(&rng, BINS * pieces_a_bin), count = (unsigned)rng_below(&rng, 100);
        count = MIN(count, BINS * pieces_a_bin - first);
        meter_add(&meter, origin + first * piece, count * piece);
        for (unsigned k = first; k < first + count; k++)
            expected[k / pieces_a_bin] += piece;
        if (count > 0)
            latest = MAX(latest, (first + count) * piece);
    }
    for (int bin = 0; bin < BINS; bin++)
        assert_int_equal(meter.busy[bin], expected[bin]);
    assert_int_equal(meter.latest, origin + latest);
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
    meter_add_elsewhere(&m, NULL, end - 10, 10);
    assert_int_equal(m.shift, first);
    assert_int_equal(m.busy[METER_BINS - 1], 10);
    meter_add_elsewhere(&m, NULL, end - 1, 2);
    assert_int_equal(m.shift, first + 1);
    assert_int_equal(m.busy[METER_BINS / 2 - 1], 11);
    assert_int_equal(m.busy[METER_BINS / 2], 1);
}

struct told {
    struct meter_listener listener;
    tick_t starts[4], sum;
    uint32_t indices[4];
    const char *words[4];
    unsigned count;
};

static void note(struct meter_listener *listener, tick_t start, tick_t duration, const struct meter_use *use)
{
    struct told *told = container_of(listener, struct told, listener);
    told->starts[told->count] = start;
    told->indices[told->count] = use->index;
    told->words[told->count++] = use->what;
    told->sum += duration;
}

// All within one bin, which is remembered where nobody listens.
static void test_who_listens_is_told_of_each_interval_also_after_a_restart(void **state)
{
    (void)state;
    static const char *const word = "work";
    struct { char state[40]; } units[3];
    struct meter meter;
    struct told first = {.listener.busy = note}, second = {.listener.busy = note};
    meter_init(&meter, 3);
    meter_set_units(&meter, units, sizeof units[0]);
    meter_add(&meter, 0, 1); // nobody hears it
    meter_listen(&meter, &first.listener);
    meter_listen(&meter, &second.listener);
    meter_add_use(&meter, 10, 5, &units[2], &word, NULL);
    meter_add_use(&meter, 15, 0, &units[0], &word, NULL); // no time
    meter_restart(&meter, 20);
    meter_add_use(&meter, 18, 4, &units[1], &word, NULL);
    meter_add(&meter, 30, 7);
    assert_int_equal(first.count, 3);
    assert_int_equal(second.count, 3);
    assert_int_equal(first.sum, 5 + 4 + 7);
    assert_int_equal(meter_total(&meter), 2 + 7);
    assert_int_equal(first.starts[1], 18);
    assert_int_equal(first.indices[0], 2);
    assert_int_equal(first.indices[1], 1);
    assert_string_equal(first.words[0], "work");
    assert_null(first.words[2]);
}

// What each of three resources did adds up to the meter, bin by bin, however much the bins have widened.
static void test_each_resource_is_kept_by_itself(void **state)
{
    (void)state;
    enum { RESOURCES = 3 };
    struct meter meter;
    tick_sum_t told[RESOURCES] = {0};
    meter_init(&meter, RESOURCES);
    meter_keep_each(&meter);
    meter_add_own(&meter, meter_own(&meter, 1), 0, 50, NULL, NULL, NULL);
    meter_restart(&meter, 100);
    for (tick_t i = 0; i < 3000; i++) {
        tick_t duration = i * i % 7919 * 1000;
        meter_add_own(&meter, meter_own(&meter, i % RESOURCES), 100 + i * TICKS_PER_US * 20, duration, NULL, NULL, NULL);
        told[i % RESOURCES] += duration;
    }
    assert_true(meter.shift > 22);
    for (uint32_t i = 0; i < RESOURCES; i++)
        assert_true(meter_own_total(&meter, i, TICKS_PER_S) == (double)told[i]);
    for (uint32_t bin = 0; bin < METER_BINS; bin++)
        assert_true(meter.busy[bin] == (tick_sum_t)meter_own(&meter, 0)[bin] + meter_own(&meter, 1)[bin] +
                                           meter_own(&meter, 2)[bin]);
    meter_destroy(&meter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_interval_is_shared_among_the_bins_it_covers),
        cmocka_unit_test(test_time_before_the_origin_does_not_count),
        cmocka_unit_test(test_what_follows_in_the_same_bin_or_another_goes_where_it_belongs),
        cmocka_unit_test(test_widening_keeps_the_sum),
        cmocka_unit_test(test_every_interval_is_in_its_bins_whatever_came_before),
        cmocka_unit_test(test_utilisation_is_busy_time_over_time_of_all_resources),
        cmocka_unit_test(test_work_after_the_end_does_not_count),
        cmocka_unit_test(test_who_listens_is_told_of_each_interval_also_after_a_restart),
        cmocka_unit_test(test_busy_time_goes_beyond_64_bits),
        cmocka_unit_test(test_bins_widen_only_when_time_runs_past_the_last),
        cmocka_unit_test(test_each_resource_is_kept_by_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
