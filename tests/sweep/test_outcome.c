// What comes of a sweep, against hand-made tables.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sweep/outcome.h"
#include "util/alloc.h"
#include "util/macros.h"

// A sweep over a = 1, 2, 3 and b = x, y, whose metrics are given by hand.
struct bench {
    struct diag *diag;
    struct sweep_plan plan;
    struct sweep_table table;
    struct sweep_outcome outcome;
    const char *ids[64];
};

static void add_column(struct sweep_table *table, const char *name, bool higher_is_better)
{
    table->columns = xgrow(table->columns, table->column_count, sizeof *table->columns);
    table->columns[table->column_count++] = (struct sweep_column){xstrdup(name), higher_is_better};
}

static void bench_init(struct bench *bench, uint64_t seeds)
{
    *bench = (struct bench){.diag = diag_create()};
    sweep_plan_init(&bench->plan, (struct sweep_words){0});
    assert_int_equal(sweep_plan_vary(&bench->plan, "a=1,2,3", bench->diag), 0);
    assert_int_equal(sweep_plan_vary(&bench->plan, "b=x,y", bench->diag), 0);
    text_list_add(&sweep_plan_add_load(&bench->plan, "job")->jobs, "rw=read");
    for (uint64_t i = 1; i <= seeds; i++)
        sweep_plan_add_seed(&bench->plan, i == 1 ? "1" : i == 2 ? "2" : "3");
    assert_int_equal(sweep_plan_complete(&bench->plan, "1", bench->diag), 0);
    assert_int_equal(bench->plan.point_count, 6 * seeds);
    for (size_t i = 0; i < ARRAY_SIZE(bench->ids); i++)
        bench->ids[i] = "id";
    sweep_table_init(&bench->table, &bench->plan, bench->ids);
    add_column(&bench->table, "total.iops", true);
    add_column(&bench->table, "total.p99", false);
}

static void bench_destroy(struct bench *bench)
{
    sweep_outcome_free(&bench->outcome);
    sweep_table_free(&bench->table);
    sweep_plan_free(&bench->plan);
    diag_destroy(bench->diag);
}

static void set_row(struct bench *bench, size_t row, double iops, double p99)
{
    struct sweep_row *to = &bench->table.rows[row];
    to->values = xcalloc(2, sizeof *to->values);
    to->few = xcalloc(2, sizeof *to->few);
    to->values[0] = iops;
    to->values[1] = p99;
    to->count = 2;
    to->there = true;
}

static void find(struct bench *bench)
{
    assert_int_equal(sweep_outcome_find(&bench->outcome, &bench->plan, &bench->table, bench->diag), 0);
    bench->outcome.title = "drive";
}

static void fill(struct bench *bench, const double (*rows)[2], size_t count)
{
    for (size_t i = 0; i < count; i++)
        set_row(bench, i, rows[i][0], rows[i][1]);
    find(bench);
}

static void test_front_is_what_no_other_beats(void **state)
{
    (void)state;
    struct bench bench;
    static const double rows[][2] = {{10, 5}, {20, 9}, {15, 9}, {20, 8}, {5, 5}, {20, 8}};
    static const bool expected[] = {true, false, false, true, false, true};
    bench_init(&bench, 1);
    fill(&bench, rows, ARRAY_SIZE(rows));
    for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
        assert_int_equal(bench.outcome.settings[i].on_front, expected[i]);
    size_t count, *front = sweep_front(&bench.outcome, 0, &count);
    assert_int_equal(count, 3);
    assert_int_equal(front[0], 3); // best in the first metric first
    assert_int_equal(front[2], 0);
    free(front);
    bench_destroy(&bench);
}

// Rows are a=1: x, y; a=2: x, y; a=3: x, y. Along a, p99 goes from 100 to 150 with x and from 200 to 220 with y: 50 %
// and 10 %, median 30 %. Along b: 100, 33 1/3 and 46 2/3 %.
static void test_effect_is_the_span_with_all_else_held(void **state)
{
    (void)state;
    struct bench bench;
    static const double rows[][2] = {{1, 100}, {1, 200}, {1, 150}, {1, 200}, {2, 150}, {1, 220}};
    bench_init(&bench, 1);
    fill(&bench, rows, ARRAY_SIZE(rows));
    const struct sweep_effect *a = sweep_effect_of(&bench.outcome, 0, 1), *b = sweep_effect_of(&bench.outcome, 1, 1);
    assert_true(fabs(a->median - 0.3) < 1e-12 && fabs(a->most - 0.5) < 1e-12);
    assert_true(fabs(b->median - 7.0 / 15) < 1e-12 && fabs(b->most - 1) < 1e-12);
    assert_true(fabs(sweep_effect_of(&bench.outcome, 0, 0)->most - 1) < 1e-12);
    size_t axes[SWEEP_AXES_MAX];
    assert_int_equal(sweep_axes_by_effect(&bench.outcome, axes), 2);
    assert_int_equal(axes[0], 1); // by p99
    bench_destroy(&bench);
}

// Seeds 1, 2, 3 of values 10, 12, 14: mean 12, deviation 2, t(2, 5 %) = 4.302653, so 12 +- 4.968.
static void test_seeds_give_a_mean_and_its_interval(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench, 3);
    for (size_t i = 0; i < bench.plan.point_count; i++)
        set_row(&bench, i, 1, 10 + 2 * (double)(i % 3));
    find(&bench);
    assert_int_equal(bench.outcome.setting_count, 6);
    struct mean_interval value = sweep_setting_value(&bench.outcome, &bench.outcome.settings[4], 1);
    assert_true(value.mean == 12 && fabs(value.deviation - 2) < 1e-12);
    assert_true(fabs(value.half_width - 4.302653 * 2 / sqrt(3)) < 1e-5);
    assert_int_equal(bench.outcome.settings[4].on_front, true);
    bench_destroy(&bench);
}

static char *markdown(struct bench *bench)
{
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    sweep_write_markdown(&bench->outcome, 100, to);
    fclose(to);
    return text;
}

static void expect_text(const char *text, const char *expected)
{
    if (strstr(text, expected) == NULL)
        fail_msg("missing: %s\nin:\n%s", expected, text);
}

static void test_differences_are_from_the_baseline(void **state)
{
    (void)state;
    struct bench bench;
    static const double rows[][2] = {{100, 10}, {200, 10}, {100, 11}, {150, 9}, {100, 10.004}, {100, 30}};
    bench_init(&bench, 1);
    struct sweep_term *term = sweep_rule_add(&bench.plan.baseline, "b", (struct place){.file = "test"});
    text_list_add(&term->values, "y");
    term->index = 1;
    fill(&bench, rows, ARRAY_SIZE(rows));
    assert_int_equal(bench.outcome.baseline[0], 1);
    char *text = markdown(&bench);
    expect_text(text, "| 1   | y   |           200.0 |           10.00us | baseline, front |");
    expect_text(text, "| 2   | y   | 150.0 (-25.0 %) | 9.000us (-10.0 %) | front           |");
    expect_text(text, "10.00us (0 %)");
    expect_text(text, "30.00us (+200 %)");
    free(text);
    bench_destroy(&bench);
}

static void test_what_is_missing_is_told_and_does_not_count(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench, 1);
    set_row(&bench, 1, 100, 20);
    set_row(&bench, 3, 100, 40);
    find(&bench);
    assert_false(bench.outcome.complete);
    assert_int_equal(bench.outcome.setting_count, 2);
    assert_true(sweep_effect_of(&bench.outcome, 0, 1)->median == 1);
    assert_true(isnan(sweep_effect_of(&bench.outcome, 1, 1)->median));
    char *text = markdown(&bench);
    expect_text(text, "Not complete");
    free(text);
    bench_destroy(&bench);
}

static void test_latencies_of_a_job_are_times_too(void **state)
{
    (void)state;
    static const struct {
        const char *metric;
        bool is_time;
    } rows[] = {{"p99", true}, {"p99.9", true}, {"read.p99.9", true}, {"db.read.p99", true}, {"db.read.mean", true},
                {"db.read.p99.9", true}, {"db.read.iops", false}, {"ftl.gc_reads", false}, {"ftl.gc_active_us", true}};
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        assert_int_equal(sweep_is_time(rows[i].metric), rows[i].is_time);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_front_is_what_no_other_beats),
        cmocka_unit_test(test_effect_is_the_span_with_all_else_held),
        cmocka_unit_test(test_seeds_give_a_mean_and_its_interval),
        cmocka_unit_test(test_differences_are_from_the_baseline),
        cmocka_unit_test(test_what_is_missing_is_told_and_does_not_count),
        cmocka_unit_test(test_latencies_of_a_job_are_times_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
