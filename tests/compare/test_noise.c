// Noise: widths worked out by hand, and as many false alarms as are allowed, whatever the seeds draw.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "compare/noise.h"
#include "stats/confidence.h"
#include "util/rng.h"

enum { SEEDS_MAX = 8 };

struct side {
    struct metric_value values[SEEDS_MAX];
    struct metric metric;
};

static void fill(struct side *side, const double *values, size_t count, uint64_t seed)
{
    side->metric = (struct metric){.values = side->values, .value_count = count};
    for (size_t i = 0; i < count; i++) {
        side->values[i] = (struct metric_value){seed + i, values[i]};
        side->metric.value += values[i] / (double)count;
    }
}

static void expect_noise(const double *base, size_t base_count, const double *new, size_t new_count, uint64_t new_seed,
                         double expected)
{
    struct side a, b;
    fill(&a, base, base_count, 1);
    fill(&b, new, new_count, new_seed);
    double noise = noise_of(&a.metric, &b.metric, 0.05);
    if (fabs(noise - expected) > 1e-9)
        print_error("%.12g instead of %.12g\n", noise, expected);
    assert_true(fabs(noise - expected) <= 1e-9);
}

static const double base[] = {10, 12, 14}, wide[] = {20, 24, 28}, shifted[] = {13, 15, 17.3};

// Variances of the means: 4 / 3 and 16 / 3; Welch's degrees of freedom (20/3)^2 / ((4/3)^2 / 2 + (16/3)^2 / 2) = 2.941.
static void test_other_seeds_give_welchs_t(void **state)
{
    (void)state;
    expect_noise(base, 3, wide, 3, 10, student_t(50.0 / 17, 0.05) * sqrt(20.0 / 3));
    expect_noise(base, 3, base, 3, 10, student_t(4, 0.05) * sqrt(8.0 / 3));
}

// Differences 3, 3, 3.3: their deviation is sqrt(0.03), far less than that of either side.
static void test_the_same_seeds_give_the_paired_t_at_half_of_what_is_allowed(void **state)
{
    (void)state;
    expect_noise(base, 3, shifted, 3, 1, student_t(2, 0.025) * sqrt(0.03 / 3));
}

// 10, 12, 14 against 14, 12, 10 of the same seeds: pairs differ by 4, 0 and -4, and Welch's is the narrower.
static void test_pairs_that_say_nothing_leave_welchs(void **state)
{
    static const double crossed[] = {14, 12, 10};
    (void)state;
    expect_noise(base, 3, crossed, 3, 1, student_t(4, 0.025) * sqrt(8.0 / 3));
}

static void test_one_run_against_several_is_one_more_of_them(void **state)
{
    (void)state;
    expect_noise(base, 3, wide, 1, 10, student_t(2, 0.05) * sqrt(4 * (1 + 1.0 / 3)));
    expect_noise(wide, 1, base, 3, 10, student_t(2, 0.05) * sqrt(4 * (1 + 1.0 / 3)));
    expect_noise(base, 1, wide, 1, 10, -1);
}

static size_t seeds_for(const double *before, const double *after, uint64_t seed, double width)
{
    struct side a, b;
    fill(&a, before, 3, 1);
    fill(&b, after, 3, seed);
    return noise_seeds_for(&a.metric, &b.metric, 0.05, width);
}

// 4 and 4 of one seed each: at n seeds the noise is t sqrt(8 / n) with 2 n - 2 degrees of freedom. From tables of t at
// 0.05: 2.306 sqrt(8/5) = 2.917 with 5 seeds, 2.447 sqrt(8/4) = 3.461 with 4. Pairs that differ by 3, 3 and 3.3 have
// 0.03: at 0.025, t of 2 is 6.205, and 6.205 sqrt(0.01) = 0.62; of 3 4.177, and 4.177 sqrt(0.03/4) = 0.362.
static void test_as_many_seeds_are_told_as_bring_noise_down_to_a_width(void **state)
{
    static const double same[] = {10, 12, 14};
    (void)state;
    assert_int_equal(seeds_for(base, same, 10, 2.92), 5);
    assert_int_equal(seeds_for(base, same, 10, 2.91), 6);
    assert_int_equal(seeds_for(base, same, 10, 3.47), 4);
    assert_int_equal(seeds_for(base, same, 10, 1e-3), 0);
    assert_int_equal(seeds_for(base, same, 10, 100), 2);
    assert_int_equal(seeds_for(base, shifted, 1, 0.63), 3);
    assert_int_equal(seeds_for(base, shifted, 1, 0.37), 4);
}

static void test_seeds_that_change_nothing_make_no_noise(void **state)
{
    static const double same[] = {5, 5, 5};
    (void)state;
    expect_noise(same, 3, same, 3, 10, 0);
    expect_noise(same, 3, same, 3, 1, 0);
}

// Sums of twelve even draws are normal nearly. Of 4000 pairs of sides that are alike 5 % may differ by more than noise.
static void test_differences_beyond_noise_are_as_rare_as_was_asked_for(void **state)
{
    enum { TRIALS = 4000 };
    struct rng rng;
    struct side sides[2];
    int beyond = 0;
    (void)state;
    rng_seed(&rng, 3, "test");
    for (int i = 0; i < TRIALS; i++) {
        for (int side = 0; side < 2; side++) {
            double values[5] = {0};
            for (int k = 0; k < 5 * 12; k++)
                values[k / 12] += (double)rng_below(&rng, 1000) / 1000;
            fill(&sides[side], values, 5, side == 0 ? 1 : 100);
        }
        beyond += fabs(sides[0].metric.value - sides[1].metric.value) >
                  noise_of(&sides[0].metric, &sides[1].metric, 0.05);
    }
    assert_in_range(beyond, TRIALS * 35 / 1000, TRIALS * 60 / 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_other_seeds_give_welchs_t),
        cmocka_unit_test(test_the_same_seeds_give_the_paired_t_at_half_of_what_is_allowed),
        cmocka_unit_test(test_pairs_that_say_nothing_leave_welchs),
        cmocka_unit_test(test_one_run_against_several_is_one_more_of_them),
        cmocka_unit_test(test_as_many_seeds_are_told_as_bring_noise_down_to_a_width),
        cmocka_unit_test(test_seeds_that_change_nothing_make_no_noise),
        cmocka_unit_test(test_differences_beyond_noise_are_as_rare_as_was_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
