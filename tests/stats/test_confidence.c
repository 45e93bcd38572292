// Student's t against printed tables, ranks against sums of binomial coefficients.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stats/confidence.h"
#include "util/macros.h"

static void expect_near(double value, double expected, double error)
{
    if (!(fabs(value - expected) <= error))
        print_error("%.9g instead of %.9g\n", value, expected);
    assert_true(fabs(value - expected) <= error);
}

// Abramowitz and Stegun, table 26.10: the quantiles at A(t|df) = 1 - outside.
static void test_t_is_that_of_the_tables(void **state)
{
    static const struct {
        double df, outside, t, error;
    } rows[] = {
        {1, 0.05, 12.706, 5e-4}, {2, 0.05, 4.303, 5e-4},   {4, 0.05, 2.776, 5e-4}, {9, 0.05, 2.262, 5e-4},
        {30, 0.05, 2.042, 5e-4}, {120, 0.05, 1.980, 5e-4}, {4, 0.01, 4.604, 5e-4}, {8, 0.01, 3.355, 5e-4},
        {4, 0.001, 8.610, 5e-4}, {1, 0.001, 636.619, 5e-4}, {5, 0.5, 0.727, 5e-4},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        expect_near(student_t(rows[i].df, rows[i].outside), rows[i].t, rows[i].error);
}

// One degree of freedom is Cauchy's distribution, t = 1 / tan(pi * outside / 2); two have the closed form
// t^2 = 2 (1 - outside)^2 / (outside (2 - outside)); infinitely many are the normal distribution.
static void test_t_is_that_of_the_closed_forms(void **state)
{
    (void)state;
    expect_near(student_t(1, 2e-6) / (1 / tan(acos(-1) * 1e-6)), 1, 1e-9);
    for (double outside = 0.5; outside > 1e-9; outside /= 7)
        expect_near(student_t(2, outside) / sqrt(2 * (1 - outside) * (1 - outside) / (outside * (2 - outside))), 1,
                    1e-9);
    expect_near(student_t(1e7, 0.05), 1.959964, 2e-6);
    assert_true(student_t(2.5, 0.05) < student_t(2, 0.05) && student_t(2.5, 0.05) > student_t(3, 0.05));
}

// Sums the binomial distribution term by term: that at most k of n lie below.
static double summed(uint64_t k, uint64_t n, double p)
{
    double sum = 0, all = lgamma((double)n + 1);
    for (uint64_t i = 0; i <= k && i <= n; i++)
        sum += exp(all - lgamma((double)i + 1) - lgamma((double)(n - i) + 1) + (double)i * log(p) +
                   (double)(n - i) * log1p(-p));
    return sum;
}

// Of ten values the median lies between the second and the ninth with 97.9 % confidence (1 - 22 / 1024), and between
// the third and the eighth with 89 % only; of a hundred between the 40th and the 61st.
static void test_ranks_of_a_median(void **state)
{
    (void)state;
    struct rank_interval ten = quantile_ranks(10, 0.5, 0.05), hundred = quantile_ranks(100, 0.5, 0.05);
    assert_int_equal(ten.low, 2);
    assert_int_equal(ten.high, 9);
    assert_int_equal(hundred.low, 40);
    assert_int_equal(hundred.high, 61);
}

// Each bound holds its half of what may lie outside, and the next one inward does not.
static void test_ranks_hold_the_quantile_and_are_no_wider_than_that(void **state)
{
    static const double fractions[] = {0.01, 0.5, 0.9, 0.99, 0.999};
    (void)state;
    for (uint64_t n = 1; n < 2000; n = n * 3 + 1)
        for (size_t i = 0; i < ARRAY_SIZE(fractions); i++) {
            double p = fractions[i];
            struct rank_interval r = quantile_ranks(n, p, 0.05);
            assert_true(r.low == 0 || summed(r.low - 1, n, p) <= 0.025 + 1e-9);
            assert_true(summed(r.low, n, p) > 0.025 - 1e-9);
            assert_true(r.high == n + 1 || summed(r.high - 1, n, p) >= 0.975 - 1e-9);
            assert_true(r.high < 2 || summed(r.high - 2, n, p) < 0.975 + 1e-9);
        }
}

// 50 000 requests: 50 lie beyond p99.9, whose number is Poisson's nearly; its table has 37 to 65 within 95 %.
static void test_ranks_of_a_percentile_far_out(void **state)
{
    (void)state;
    struct rank_interval r = quantile_ranks(50000, 0.999, 0.05);
    assert_in_range(50000 - r.low, 63, 66);
    assert_in_range(50000 - r.high, 35, 38);
    struct rank_interval few = quantile_ranks(100, 0.9999, 0.05);
    assert_int_equal(few.high, 101);
}

// By hand: 1, 2, 3, 4, 5 have the mean 3 and the deviation sqrt(2.5); 2.776 of its fifth's root are 1.963.
static void test_the_interval_of_a_mean(void **state)
{
    (void)state;
    struct mean_interval m = mean_interval_of((const double[]){1, 2, 3, 4, 5}, 5, 0.05);
    expect_near(m.mean, 3, 1e-15);
    expect_near(m.deviation, sqrt(2.5), 1e-15);
    expect_near(m.half_width, 1.9632, 1e-3);
    assert_true(isinf(mean_interval_of((const double[]){7}, 1, 0.05).half_width));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_t_is_that_of_the_tables),
        cmocka_unit_test(test_t_is_that_of_the_closed_forms),
        cmocka_unit_test(test_ranks_of_a_median),
        cmocka_unit_test(test_ranks_hold_the_quantile_and_are_no_wider_than_that),
        cmocka_unit_test(test_ranks_of_a_percentile_far_out),
        cmocka_unit_test(test_the_interval_of_a_mean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
