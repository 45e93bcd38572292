// Commands' statistics: exact sums, the split that must add up, totals over the kinds.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/wait.h>
#include <unistd.h>

#include "stats/command_stats.h"
#include "util/check.h"

static struct breakdown finished(tick_t start, tick_t fetch, tick_t array)
{
    struct breakdown path;
    breakdown_start(&path, STAGE_SQ_FETCH, start);
    breakdown_enter(&path, STAGE_ARRAY, start + fetch);
    breakdown_enter(&path, STAGE_COUNT - 1, start + fetch + array);
    return path;
}

static void record(struct command_stats *stats, enum io_kind kind, uint64_t bytes, int failed, struct breakdown path)
{
    command_stats_record(stats, kind, bytes, failed, &path);
}

static void test_sums_are_exact_and_the_histogram_rounds_to_nearest(void **state)
{
    (void)state;
    struct command_stats stats;
    command_stats_init(&stats);
    record(&stats, IO_READ, 4096, 0, finished(1000, 499, 1000));  // 1.499 ns
    record(&stats, IO_READ, 8192, 1, finished(2000, 500, 2000)); // 2.5 ns
    const struct kind_stats *k = &stats.kinds[IO_READ];
    assert_int_equal(k->count, 2);
    assert_int_equal(k->bytes, 12288);
    assert_int_equal(k->errors, 1);
    assert_int_equal(k->latency_sum, 3999);
    assert_int_equal(k->latency_min, 1499);
    assert_int_equal(k->latency_max, 2500);
    assert_int_equal(k->stage_sum[STAGE_SQ_FETCH], 999);
    assert_int_equal(k->stage_sum[STAGE_ARRAY], 3000);
    assert_int_equal(histogram_quantile(&k->latency, 0.5), 1);
    assert_int_equal(histogram_quantile(&k->latency, 1), 3);
    assert_int_equal(stats.end, 4500);
    assert_int_equal(stats.series[IO_READ].bins[0].count, 2);
    assert_int_equal(stats.kinds[IO_WRITE].count, 0);
    command_stats_destroy(&stats);
}

static void test_a_restart_forgets_and_sets_the_origin(void **state)
{
    (void)state;
    struct command_stats stats;
    command_stats_init(&stats);
    record(&stats, IO_WRITE, 4096, 0, finished(0, 10, 10));
    command_stats_record_recorded(&stats, IO_WRITE, 5);
    command_stats_restart(&stats, 777);
    assert_int_equal(stats.origin, 777);
    assert_int_equal(stats.end, 777);
    assert_int_equal(stats.kinds[IO_WRITE].count, 0);
    assert_int_equal(stats.kinds[IO_WRITE].recorded.count, 0);
    assert_true(stats.kinds[IO_WRITE].latency_min == TICK_NEVER);
    assert_int_equal(series_length(&stats.series[IO_WRITE]), 0);
    record(&stats, IO_WRITE, 4096, 0, finished(700, 0, 77)); // began before, completes at the origin: counted
    assert_int_equal(stats.kinds[IO_WRITE].count, 1);
    assert_int_equal(stats.series[IO_WRITE].bins[0].count, 1);
    command_stats_destroy(&stats);
}

static void test_the_total_is_all_kinds_together(void **state)
{
    (void)state;
    struct command_stats stats;
    struct kind_stats total;
    command_stats_init(&stats);
    kind_stats_init(&total);
    record(&stats, IO_READ, 4096, 0, finished(0, 1000, 4000));
    record(&stats, IO_WRITE, 512, 1, finished(0, 2000, 1000));
    record(&stats, IO_FLUSH, 0, 0, finished(0, 9000, 0));
    record(&stats, IO_TRIM, 1 << 30, 0, finished(0, 4000, 0)); // names bytes, moves none
    command_stats_record_recorded(&stats, IO_READ, 50);
    command_stats_record_recorded(&stats, IO_WRITE, 70);
    command_stats_total(&stats, &total);
    assert_int_equal(total.count, 4);
    assert_int_equal(total.bytes, 4608);
    assert_int_equal(total.errors, 1);
    assert_int_equal(total.latency_sum, 21000);
    assert_int_equal(total.latency_min, 3000);
    assert_int_equal(total.latency_max, 9000);
    assert_int_equal(total.stage_sum[STAGE_ARRAY], 5000);
    assert_int_equal(total.latency.count, 4);
    assert_int_equal(histogram_quantile(&total.latency, 0.5), 4);
    assert_int_equal(total.recorded.count, 2);
    assert_int_equal(total.recorded_sum_ns, 120);
    assert_int_equal(total.recorded_min_ns, 50);
    assert_int_equal(total.recorded_max_ns, 70);
    kind_stats_destroy(&total);
    command_stats_destroy(&stats);
}

// Five latencies of 2^62 ps (53 days) are 2^64 + 2^62 ps; half of each is the fetch, half the array.
static void test_sums_go_beyond_64_bits(void **state)
{
    (void)state;
    const tick_t latency = (tick_t)1 << 62;
    const tick_sum_t one = (tick_sum_t)1 << 62;
    struct command_stats stats;
    struct kind_stats total;
    command_stats_init(&stats);
    kind_stats_init(&total);
    for (int i = 0; i < 5; i++) {
        record(&stats, IO_READ, 4096, 0, finished(0, latency / 2, latency / 2));
        record(&stats, IO_WRITE, 4096, 0, finished(0, latency / 2, latency / 2));
        command_stats_record_recorded(&stats, IO_READ, UINT64_C(1) << 63);
    }
    command_stats_total(&stats, &total);
    assert_true(stats.kinds[IO_READ].latency_sum == 5 * one);
    assert_true(stats.kinds[IO_READ].stage_sum[STAGE_SQ_FETCH] == 5 * one / 2);
    assert_true(stats.kinds[IO_READ].stage_sum[STAGE_ARRAY] == 5 * one / 2);
    assert_true(stats.kinds[IO_READ].recorded_sum_ns == 10 * one);
    assert_true(stats.series[IO_READ].bins[SERIES_BINS / 2].latency_sum == 5 * one);
    assert_true(total.latency_sum == 10 * one);
    assert_true(total.stage_sum[STAGE_ARRAY] == 5 * one);
    assert_true(total.recorded_sum_ns == 10 * one);
    kind_stats_destroy(&total);
    command_stats_destroy(&stats);
}

static int exit_status_of_recording(struct breakdown path)
{
    pid_t child = fork();
    if (child == 0) {
        struct command_stats stats;
        command_stats_init(&stats);
        if (freopen("/dev/null", "w", stderr) == NULL)
            _exit(99);
        record(&stats, IO_READ, 4096, 0, path);
        command_stats_destroy(&stats);
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_stages_that_do_not_add_up_stop_the_run(void **state)
{
    (void)state;
    struct breakdown path = finished(5, 10, 20);
    assert_int_equal(exit_status_of_recording(path), 0);
    path.spent[STAGE_ECC]++;
    assert_int_equal(exit_status_of_recording(path), EXIT_BROKEN_INVARIANT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sums_are_exact_and_the_histogram_rounds_to_nearest),
        cmocka_unit_test(test_a_restart_forgets_and_sets_the_origin),
        cmocka_unit_test(test_the_total_is_all_kinds_together),
        cmocka_unit_test(test_sums_go_beyond_64_bits),
        cmocka_unit_test(test_stages_that_do_not_add_up_stop_the_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
