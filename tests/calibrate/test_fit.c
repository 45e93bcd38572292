// The search and what it says of the keys, on models whose answers are known.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "calibrate/fit.h"
#include "util/macros.h"

enum { MODEL_TARGETS_MAX = 16 };

// The relative error of a target at a point.
typedef double model_fn(const double *point, size_t target);

struct model {
    model_fn *error;
    size_t keys, targets;
    size_t stop_at; // points, after which it is stopped; 0: never
    size_t looked;
    double sum;     // of all coordinates: whether the same points were looked at
};

static int evaluate(void *context, const double *points, size_t count, double *errors)
{
    struct model *m = context;
    if (m->stop_at != 0 && m->looked + count > m->stop_at)
        return 130;
    for (size_t p = 0; p < count; p++)
        for (size_t k = 0; k < m->keys; k++) {
            assert_true(points[p * m->keys + k] >= 0 && points[p * m->keys + k] <= 1);
            m->sum += points[p * m->keys + k] * (double)(++m->looked);
        }
    for (size_t p = 0; p < count; p++)
        for (size_t t = 0; t < m->targets; t++)
            errors[p * m->targets + t] = m->error(&points[p * m->keys], t);
    return 0;
}

static const double ones[MODEL_TARGETS_MAX] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
static const double nowhere[CALIBRATE_KEYS_MAX] = {-1, -1, -1, -1, -1, -1, -1, -1};

static struct fit fit_of(struct model *m, size_t budget)
{
    return (struct fit){.keys = m->keys, .targets = m->targets, .start = nowhere, .weights = ones, .budget = budget,
                        .evaluate = evaluate, .context = m};
}

// Latency at depths 1, 2, 4 ... of a service of 40 to 80 us and a limit of 200 to 800 thousand a second.
static double latency(const double *x, double depth)
{
    double service = 40 + 40 * x[0], limit = 0.2 + 0.6 * x[1];
    return MAX(service, depth / limit) + 2 * depth * x[2];
}

static double curve_error(const double *point, size_t target)
{
    static const double truth[] = {0.31, 0.62, 0.17};
    return latency(point, (double)(1 << target)) / latency(truth, (double)(1 << target)) - 1;
}

static void test_what_made_a_curve_is_found_again(void **state)
{
    (void)state;
    if (!fit_is_available())
        return;
    struct model m = {.error = curve_error, .keys = 3, .targets = 9};
    struct fit fit = fit_of(&m, 130);
    assert_int_equal(fit_run(&fit), 0);
    assert_true(fit.error < FIT_GOOD);
    assert_true(fabs(fit.best[0] - 0.31) < 2e-3 && fabs(fit.best[1] - 0.62) < 2e-3 && fabs(fit.best[2] - 0.17) < 2e-3);
    assert_true(fabs(fit_error(&fit, fit.errors) - fit.error) < 1e-15);
    fit_destroy(&fit);
}

static void test_the_search_is_the_same_every_time(void **state)
{
    (void)state;
    if (!fit_is_available())
        return;
    struct model a = {.error = curve_error, .keys = 3, .targets = 9}, b = a;
    struct fit first = fit_of(&a, 100), second = fit_of(&b, 100);
    fit_run(&first);
    fit_run(&second);
    assert_memory_equal(first.best, second.best, 3 * sizeof(double));
    assert_true(a.sum == b.sum && a.looked == b.looked);
    fit_destroy(&first);
    fit_destroy(&second);
}

static double one_key_error(const double *point, size_t target)
{
    return (point[0] - 0.4) * (double)(target + 1);
}

static void test_one_key_is_found(void **state)
{
    (void)state;
    if (!fit_is_available())
        return;
    struct model m = {.error = one_key_error, .keys = 1, .targets = 2};
    struct fit fit = fit_of(&m, 40);
    assert_int_equal(fit_run(&fit), 0);
    assert_true(fabs(fit.best[0] - 0.4) < FIT_GOOD);
    fit_destroy(&fit);
}

static double outside_error(const double *point, size_t target)
{
    return target == 0 ? point[0] - 1.5 : point[1] + 0.25 - 0.5 * point[0];
}

static void test_what_would_lie_outside_comes_to_the_bound(void **state)
{
    (void)state;
    if (!fit_is_available())
        return;
    struct model m = {.error = outside_error, .keys = 2, .targets = 2};
    struct fit fit = fit_of(&m, 60);
    assert_int_equal(fit_run(&fit), 0);
    assert_true(fit.best[0] > 1 - 1e-6 && fabs(fit.best[1] - 0.25) < 1e-3);
    fit_destroy(&fit);
}

// A small error at 0.9 in a narrow well, a larger one at 0.2 in a wide one.
static double two_wells_error(const double *point, size_t target)
{
    double narrow = 10 * fabs(point[0] - 0.9) + 0.01, wide = fabs(point[0] - 0.2) + 0.1;
    return target == 0 ? MIN(narrow, wide) : point[1] - 0.5;
}

static void test_the_best_of_several_wells_is_found(void **state)
{
    (void)state;
    if (!fit_is_available())
        return;
    struct model m = {.error = two_wells_error, .keys = 2, .targets = 2};
    struct fit fit = fit_of(&m, 120);
    assert_int_equal(fit_run(&fit), 0);
    assert_true(fabs(fit.best[0] - 0.9) < 0.02);
    fit_destroy(&fit);
}

static void test_a_search_that_is_stopped_has_the_best_until_then(void **state)
{
    (void)state;
    if (!fit_is_available())
        return;
    for (size_t stop = 60; stop < 120; stop += 10) {
        struct model m = {.error = curve_error, .keys = 3, .targets = 9, .stop_at = stop};
        struct fit fit = fit_of(&m, 130);
        assert_int_equal(fit_run(&fit), 130);
        assert_true(isfinite(fit.error));
        double errors[9];
        for (size_t t = 0; t < 9; t++)
            errors[t] = curve_error(fit.best, t);
        assert_true(fabs(fit_error(&fit, errors) - fit.error) < 1e-12);
        fit_destroy(&fit);
    }
}

// The minimum of a linear model is one step away; weighted, it is where the weights say.
static double line_error(const double *point, size_t target)
{
    return target == 0 ? point[0] - 0.2 : target == 1 ? point[0] - 0.8 : point[1] - 0.5 + 0.1 * point[0];
}

static void test_the_last_steps_solve_a_linear_model_by_its_weights(void **state)
{
    (void)state;
    static const double weights[] = {3, 1, 2};
    struct model m = {.error = line_error, .keys = 2, .targets = 3};
    double best[] = {0.9, 0.1}, errors[3];
    struct fit fit = fit_of(&m, 50);
    fit.weights = weights;
    fit.best = best;
    fit.errors = errors;
    for (size_t t = 0; t < 3; t++)
        errors[t] = line_error(best, t);
    fit.error = fit.least = fit_error(&fit, errors);
    assert_int_equal(fit_polish(&fit), 0);
    assert_true(fabs(best[0] - (3 * 0.2 + 0.8) / 4) < 1e-4);
    assert_true(fabs(best[1] - (0.5 - 0.1 * best[0])) < 1e-4);
}

static double below_error(const double *point, size_t target)
{
    return target == 0 ? point[0] + 0.5 : point[1] - 0.75 - 0.5 * point[0];
}

// Where one key would go on beyond its bound, the other takes the place that is best with it there.
static void expect_held(model_fn *error, double bound, double other)
{
    struct model m = {.error = error, .keys = 2, .targets = 2};
    double best[] = {bound, 0.9}, errors[2];
    struct fit fit = fit_of(&m, 50);
    fit.best = best;
    fit.errors = errors;
    for (size_t t = 0; t < 2; t++)
        errors[t] = error(best, t);
    fit.error = fit.least = fit_error(&fit, errors);
    assert_int_equal(fit_polish(&fit), 0);
    assert_true(best[0] == bound && fabs(best[1] - other) < 1e-3);
}

static void test_the_last_steps_hold_a_key_at_its_bound(void **state)
{
    (void)state;
    expect_held(outside_error, 1, 0.25);
    expect_held(below_error, 0, 0.75);
}

// --- sensitivity ---------------------------------------------------------------------------------------------------

// Errors e = J (x - 1/2) + rest: J known, so that the covariance is s^2 (J'J)^-1 by hand. A third key moves nothing.
static const double jacobian[4][2] = {{1, 0.5}, {0, 1}, {1, 0}, {1, 1}};

static double linear_error(const double *point, size_t target)
{
    static const double rest[] = {0.01, -0.01, 0.01, -0.01};
    double sum = rest[target];
    for (int k = 0; k < 2; k++)
        sum += jacobian[target][k] * (point[k] - 0.5);
    return sum;
}

static void test_covariance_is_that_of_linear_regression(void **state)
{
    (void)state;
    struct model m = {.error = linear_error, .keys = 2, .targets = 4};
    double best[] = {0.5, 0.5, 0.5}, errors[4];
    struct fit fit = fit_of(&m, 50);
    struct sensitivity s;
    fit.best = best;
    fit.errors = errors;
    for (size_t t = 0; t < 4; t++)
        errors[t] = linear_error(best, t);
    assert_int_equal(sensitivity_find(&s, &fit), 0);
    for (size_t t = 0; t < 4; t++)
        for (size_t k = 0; k < 2; k++)
            assert_true(fabs(s.effect[t * 2 + k] - jacobian[t][k]) < 1e-9);
    // J'J = {{3, 1.5}, {1.5, 2.25}}, its determinant 4.5; s^2 = 4 * 0.01^2 / (4 - 2)
    double variance = 4 * 1e-4 / 2;
    assert_true(fabs(s.uncertainty[0] - sqrt(variance * 2.25 / 4.5)) < 1e-6);
    assert_true(fabs(s.uncertainty[1] - sqrt(variance * 3 / 4.5)) < 1e-6);
    assert_true(fabs(s.correlation[1] + 1.5 / sqrt(2.25 * 3)) < 1e-6);
    assert_true(fabs(s.correlation[0] - 1) < 1e-12);
    sensitivity_destroy(&s);
}

// Weights 3, 1, 1, 3 are 1.5, 0.5, 0.5, 1.5: J'WJ = {{3.5, 2.25}, {2.25, 2.375}}, its determinant 3.25; s^2 as above.
static void test_covariance_counts_targets_by_their_weights(void **state)
{
    (void)state;
    static const double weights[] = {3, 1, 1, 3};
    struct model m = {.error = linear_error, .keys = 2, .targets = 4};
    double best[] = {0.5, 0.5}, errors[4], variance = 4 * 1e-4 / 2;
    struct fit fit = fit_of(&m, 50);
    struct sensitivity s;
    fit.weights = weights;
    fit.best = best;
    fit.errors = errors;
    for (size_t t = 0; t < 4; t++)
        errors[t] = linear_error(best, t);
    assert_int_equal(sensitivity_find(&s, &fit), 0);
    assert_true(fabs(s.uncertainty[0] - sqrt(variance * 2.375 / 3.25)) < 1e-6);
    assert_true(fabs(s.uncertainty[1] - sqrt(variance * 3.5 / 3.25)) < 1e-6);
    assert_true(fabs(s.correlation[1] + 2.25 / sqrt(3.5 * 2.375)) < 1e-6);
    sensitivity_destroy(&s);
}

static void test_a_key_that_nothing_moves_with_is_told(void **state)
{
    (void)state;
    struct model m = {.error = linear_error, .keys = 3, .targets = 4};
    double best[] = {0.5, 0.5, 0.5}, errors[4] = {0.01, 0.01, 0.01, 0.01};
    struct fit fit = fit_of(&m, 50);
    struct sensitivity s;
    fit.best = best;
    fit.errors = errors;
    assert_int_equal(sensitivity_find(&s, &fit), 0);
    assert_false(sensitivity_is_idle(&s, 0));
    assert_true(sensitivity_is_idle(&s, 2));
    assert_true(s.uncertainty[2] > 1);
    sensitivity_destroy(&s);
}

// Only the sum of the two keys is known.
static double sum_error(const double *point, size_t target)
{
    return (point[0] + point[1] - 0.9) * (double)(target + 1) + (target % 2 == 0 ? 0.001 : -0.001);
}

static void test_keys_that_stand_in_for_each_other_are_correlated(void **state)
{
    (void)state;
    struct model m = {.error = sum_error, .keys = 2, .targets = 4};
    double best[] = {0.5, 0.4}, errors[4];
    struct fit fit = fit_of(&m, 50);
    struct sensitivity s;
    fit.best = best;
    fit.errors = errors;
    for (size_t t = 0; t < 4; t++)
        errors[t] = sum_error(best, t);
    assert_int_equal(sensitivity_find(&s, &fit), 0);
    assert_true(s.correlation[1] < -0.999 && s.uncertainty[0] > 1);
    sensitivity_destroy(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_made_a_curve_is_found_again),
        cmocka_unit_test(test_the_search_is_the_same_every_time),
        cmocka_unit_test(test_one_key_is_found),
        cmocka_unit_test(test_what_would_lie_outside_comes_to_the_bound),
        cmocka_unit_test(test_the_best_of_several_wells_is_found),
        cmocka_unit_test(test_a_search_that_is_stopped_has_the_best_until_then),
        cmocka_unit_test(test_the_last_steps_solve_a_linear_model_by_its_weights),
        cmocka_unit_test(test_the_last_steps_hold_a_key_at_its_bound),
        cmocka_unit_test(test_covariance_is_that_of_linear_regression),
        cmocka_unit_test(test_covariance_counts_targets_by_their_weights),
        cmocka_unit_test(test_a_key_that_nothing_moves_with_is_told),
        cmocka_unit_test(test_keys_that_stand_in_for_each_other_are_correlated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
