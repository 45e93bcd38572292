// The course over time: nothing is lost or counted twice when bins are brought to one width.
#define _GNU_SOURCE // nftw
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report/data/course.h"
#include "util/macros.h"
#include "util/rng.h"

#include "sample.h"

static double seconds_of(const struct course *course, uint32_t bin)
{
    double start = (double)bin * (double)course->width / 1e12;
    return 2 * (course_middle_s(course, bin) - start);
}

static void test_rates_times_widths_are_the_counts(void **state)
{
    (void)state;
    struct sample s;
    struct rng rng;
    sample_init(&s);
    rng_seed(&rng, 2, "test");
    s.input.duration = 3 * TICKS_PER_MS + 7;
    for (int i = 0; i < 20000; i++) { // writes end early: their series keeps finer bins than that of reads
        tick_t start = rng_below(&rng, i % 2 == IO_READ ? 2 * TICKS_PER_MS : TICKS_PER_MS / 4);
        sample_record(&s, i % 2, 4096, start, 100, rng_below(&rng, 80000000));
    }
    struct course *course = course_create(&s.input);
    double count = 0, bytes = 0, end = 0;
    for (uint32_t bin = 0; bin < course->bins; bin++) {
        double seconds = seconds_of(course, bin);
        for (int kind = 0; kind < 2; kind++) {
            count += course->kinds[kind][bin].iops * seconds;
            bytes += course->kinds[kind][bin].bandwidth_mb_s * seconds * 1e6;
        }
        end += seconds;
    }
    assert_true(course->bins > 64 && course->bins <= 128);
    assert_true(fabs(count - 20000) < 1e-3);
    assert_true(fabs(bytes - 20000 * 4096.0) < 10);
    assert_true(fabs(end - 0.003000000007) < 1e-12);
    course_destroy(course);
    sample_destroy(&s);
}

// The last bin reaches to the end, and is half to one and a half times as wide as the others: 0.4 of a width joins the
// bin before it, 0.6 is a bin of its own.
static void test_the_last_bin_is_neither_sliver_nor_giant(void **state)
{
    (void)state;
    static const tick_t width = 1 << 20;
    const struct {
        tick_t duration;
        uint32_t bins;
    } cases[] = {{8 * width + 4 * width / 10, 8}, {7 * width + 6 * width / 10, 8}, {5 * width + 6 * width / 10, 6}};
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct sample s;
        sample_init(&s);
        s.input.duration = cases[i].duration;
        for (int k = 0; k < IO_KIND_COUNT; k++) // no finer than this
            s.commands.series[k].shift = 20;
        s.dies.shift = 20;
        struct course *course = course_create(&s.input);
        assert_int_equal(course->width, width);
        assert_int_equal(course->bins, cases[i].bins);
        double last = seconds_of(course, course->bins - 1) * 1e12 / (double)width;
        assert_true(last >= 0.5 && last < 1.5);
        course_destroy(course);
        sample_destroy(&s);
    }
}

// 50 us, and then 1 us, in finer bins of their own that come together in one.
static void test_the_largest_latency_of_a_bin_is_that_of_all_its_parts(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    sample_record(&s, IO_READ, 4096, 0, 0, 50 * TICKS_PER_US);
    sample_record(&s, IO_READ, 4096, 99 * TICKS_PER_US, 0, TICKS_PER_US);
    struct course *course = course_create(&s.input);
    const struct course_bin *first = &course->kinds[IO_READ][0];
    assert_true(first->count == 2 && first->max_us == 50 && fabs(first->mean_us - 25.5) < 1e-9);
    course_destroy(course);
    sample_destroy(&s);
}

static void test_mean_utilisation_is_that_of_the_meter(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    for (tick_t t = 0; t < 2 * TICKS_PER_MS - 50000000; t += 10000000)
        sample_record(&s, IO_READ, 512, t, 0, 40000000);
    struct course *course = course_create(&s.input);
    double busy = 0;
    for (uint32_t bin = 0; bin < course->bins; bin++)
        busy += course->utilization[0][bin] * seconds_of(course, bin);
    assert_true(fabs(busy / 0.002 - meter_utilization(&s.dies, s.input.duration)) < 1e-9);
    course_destroy(course);
    sample_destroy(&s);
}

static void test_csv_has_a_line_a_bin_and_a_cell_a_column(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    s.input.duration = 0;
    sample_record(&s, IO_READ, 4096, 0, 0, 0);
    struct course *course = course_create(&s.input);
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    course_write_csv(course, to);
    fclose(to);
    assert_string_equal(text, "time_s,read_iops,read_bandwidth_mb_s,read_mean_us,read_p50_us,read_p99_us,read_max_us,"
                              "die_utilization\n0,0,0,0,0,0,0,0\n");
    free(text);
    course_destroy(course);
    sample_destroy(&s);
}

// Commands enough for 64 bins, and a meter whose bins are eight times as wide: each bin has its own busy time.
static void test_no_bin_is_narrower_than_those_of_a_meter(void **state)
{
    (void)state;
    static const tick_t width = 1 << 23;
    struct sample s;
    sample_init(&s);
    s.input.duration = 8 * width;
    for (uint64_t i = 0; i < 8192; i++)
        sample_record(&s, IO_READ, 4096, i * (width >> 10), 100, 1000);
    meter_init(&s.dies, s.dies.resources);
    s.dies.shift = 23;
    meter_add_elsewhere(&s.dies, NULL, 0, 8 * width);
    struct course *course = course_create(&s.input);
    assert_int_equal(course->width, width);
    assert_int_equal(course->bins, 8);
    for (uint32_t bin = 0; bin < course->bins; bin++)
        assert_true(fabs(course->utilization[0][bin] * s.dies.resources - 1) < 1e-9);
    course_destroy(course);
    sample_destroy(&s);
}

// Of three dies one is busy for the first half, one all the time, the last never; 40 erases come in the second half.
static void test_each_die_has_its_own_course(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    struct meter dies;
    struct strip erases;
    meter_init(&dies, 3);
    meter_keep_each(&dies);
    strip_init(&erases);
    tick_t time = s.input.duration;
    meter_add_own(&dies, meter_own(&dies, 0), 0, time / 2, NULL, NULL, NULL);
    meter_add_own(&dies, meter_own(&dies, 1), 0, time, NULL, NULL, NULL);
    for (tick_t i = 0; i < 40; i++)
        strip_count(&erases, time / 2 + i * time / 80, 1);
    s.meters[0] = (struct report_meter){"die", &dies};
    s.input.counts = &(struct named_strip){"erases", &erases};
    s.input.count_count = 1;
    assert_int_equal(report_write(&s.input, sample_path(&s, "r"), s.diag), 0);
    char *text = sample_read(sample_path(&s, "r/utilization.csv")), *course = sample_read(sample_path(&s, "r/timeseries.csv"));
    double at, die0, die1, sum0 = 0, erased = 0, start = 0;
    assert_int_equal(strncmp(text, "time_s,die0,die1,die2\n", 22), 0);
    assert_non_null(strstr(course, ",erases_per_s\n"));
    char *line = strchr(text, '\n') + 1, *other = strchr(course, '\n') + 1;
    for (; *line != '\0'; line = strchr(line, '\n') + 1, other = strchr(other, '\n') + 1) {
        assert_int_equal(sscanf(line, "%lf,%lf,%lf", &at, &die0, &die1), 3);
        double width = 2 * (at - start);
        assert_true(die1 > 0.999);
        sum0 += die0 * width;
        const char *cell = strchr(other, '\n');
        while (cell[-1] != ',')
            cell--;
        erased += strtod(cell, NULL) * width;
        start += width;
    }
    assert_true(fabs(sum0 - 0.001) < 1e-5 && fabs(erased - 40) < 0.1); // 1 of 2 ms
    free(text);
    free(course);
    text = sample_read(sample_path(&s, "r/stats.csv"));
    assert_non_null(strstr(text, "\nutilization,die_max,1,1\nutilization,busiest_die,1,1\n"));
    free(text);
    meter_destroy(&dies);
    sample_destroy(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rates_times_widths_are_the_counts),
        cmocka_unit_test(test_the_last_bin_is_neither_sliver_nor_giant),
        cmocka_unit_test(test_the_largest_latency_of_a_bin_is_that_of_all_its_parts),
        cmocka_unit_test(test_mean_utilisation_is_that_of_the_meter),
        cmocka_unit_test(test_csv_has_a_line_a_bin_and_a_cell_a_column),
        cmocka_unit_test(test_no_bin_is_narrower_than_those_of_a_meter),
        cmocka_unit_test(test_each_die_has_its_own_course),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
