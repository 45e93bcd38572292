// Intervals of a run's mean and percentiles: exact where theory says what they are, wider where latencies come in
// bursts.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report/data/precision.h"
#include "stats/confidence.h"

enum { VALUES = 1000, BATCHES = 32, BIN = 1 << 20 };

static void record(struct command_stats *stats, tick_t end, tick_t latency)
{
    struct breakdown path;
    breakdown_start(&path, STAGE_ARRAY, end - latency);
    breakdown_enter(&path, STAGE_ARRAY, end);
    command_stats_record(stats, IO_READ, 4096, 0, &path);
}

static struct report_precision precision_of(struct command_stats *stats)
{
    struct report_precision found = report_precision_of(&stats->kinds[IO_READ], &stats->series[IO_READ], 1);
    command_stats_destroy(stats);
    return found;
}

// 1 to 1000 us, each once; the i-th is i * step modulo 1000, so that 1 is a run that grows slower and slower.
static struct report_precision of_all_values(unsigned step)
{
    struct command_stats stats;
    command_stats_init(&stats);
    command_stats_restart(&stats, 1000 * TICKS_PER_US);
    for (unsigned i = 0; i < VALUES; i++)
        record(&stats, (tick_t)(i + 1001) * TICKS_PER_US, (tick_t)(i * step % VALUES + 1) * TICKS_PER_US);
    return precision_of(&stats);
}

static void expect_near(double value, double expected, double share)
{
    if (!(fabs(value / expected - 1) <= share))
        print_error("%.9g instead of %.9g\n", value, expected);
    assert_true(fabs(value / expected - 1) <= share);
}

// The k-th of the values is k us, to the resolution of the histogram.
static void test_percentiles_of_latencies_that_are_spread_evenly_lie_between_their_order_statistics(void **state)
{
    (void)state;
    struct report_precision found = of_all_values(619);
    struct rank_interval p50 = quantile_ranks(VALUES, 0.5, 0.05), p90 = quantile_ranks(VALUES, 0.9, 0.05);
    expect_near(found.percentile[0].low, (double)p50.low, 2e-3);
    expect_near(found.percentile[0].high, (double)p50.high, 2e-3);
    expect_near(found.percentile[1].low, (double)p90.low, 2e-3);
    expect_near(found.percentile[1].high, (double)p90.high, 2e-3);
    assert_true(found.percentile[REPORT_PERCENTILES - 1].high == 1000);
}

// What lies beyond the percentile lies in whole batches: the 1000 latencies are worth about one a batch.
static void test_latencies_in_one_burst_are_worth_one_a_batch(void **state)
{
    (void)state;
    struct report_precision found = of_all_values(1);
    struct rank_interval few = quantile_ranks(BATCHES, 0.5, 0.05);
    expect_near(found.percentile[0].low, 1000.0 * (double)few.low / BATCHES, 0.1);
    expect_near(found.percentile[0].high, 1000.0 * (double)few.high / BATCHES, 0.1);
    assert_true(found.percentile[1].high == 1000);
}

// Batches of 100 and 300 us in turn: a batch deviates by 100 sqrt(32 / 31), and their mean by the root of a 32nd of it.
static void test_the_mean_has_the_interval_of_its_batches(void **state)
{
    (void)state;
    struct command_stats stats;
    command_stats_init(&stats);
    command_stats_restart(&stats, 1000 * TICKS_PER_US);
    for (unsigned i = 0; i < BATCHES; i++)
        for (unsigned bin = 0; bin < 8; bin += 7) {
            tick_t latency = (i % 2 == 0 ? 100 : 300) * TICKS_PER_US;
            record(&stats, stats.origin + (tick_t)(8 * i + bin) * BIN, latency);
        }
    struct report_precision found = precision_of(&stats);
    double half = student_t(BATCHES - 1, 0.05) * 100 / sqrt(BATCHES - 1);
    expect_near(found.mean.low, 200 - half, 1e-9);
    expect_near(found.mean.high, 200 + half, 1e-9);
}

static void test_equal_latencies_are_known_exactly_and_one_is_all_there_is(void **state)
{
    (void)state;
    for (unsigned count = 1; count <= 100; count += 99) {
        struct command_stats stats;
        command_stats_init(&stats);
        for (unsigned i = 0; i < count; i++)
            record(&stats, (tick_t)(i + 100) * TICKS_PER_US, 50 * TICKS_PER_US);
        struct report_precision found = precision_of(&stats);
        assert_true(found.mean.low == 50 && found.mean.high == 50);
        for (int i = 0; i < REPORT_PERCENTILES; i++)
            assert_true(found.percentile[i].low == 50 && found.percentile[i].high == 50);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_percentiles_of_latencies_that_are_spread_evenly_lie_between_their_order_statistics),
        cmocka_unit_test(test_latencies_in_one_burst_are_worth_one_a_batch),
        cmocka_unit_test(test_the_mean_has_the_interval_of_its_batches),
        cmocka_unit_test(test_equal_latencies_are_known_exactly_and_one_is_all_there_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
