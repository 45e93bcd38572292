// The steady-state rule on series whose answers were worked out by hand. With y over rounds 0 to 4 the slope of the
// best straight line is (-2 y0 - y1 + y3 + 2 y4) / 10, and from end to end it moves by four times that.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pts/window.h"

static void expect(const double *y, double average, double range, double slope, bool steady)
{
    struct pts_window window = pts_window_at(y, 0);
    assert_true(fabs(window.average - average) < 1e-9);
    assert_true(fabs(window.range - range) < 1e-9);
    assert_true(fabs(window.slope - slope) < 1e-9);
    assert_true(fabs(window.excursion - 4 * fabs(slope) / average) < 1e-9);
    assert_int_equal(window.steady, steady);
}

static void test_what_stays_the_same_is_steady(void **state)
{
    (void)state;
    expect((double[]){250, 250, 250, 250, 250}, 250, 0, 0, true);
}

static void test_a_range_of_a_fifth_is_allowed_and_no_more(void **state)
{
    (void)state;
    expect((double[]){90, 110, 100, 100, 100}, 100, 0.20, 1, true);    // (-180 - 110 + 100 + 200) / 10
    expect((double[]){90, 111, 100, 100, 99}, 100, 0.21, 0.7, false);  // (-180 - 111 + 100 + 198) / 10
    expect((double[]){100, 112, 100, 88, 100}, 100, 0.24, -2.4, false);
}

static void test_a_line_may_move_by_a_tenth_and_no_more(void **state)
{
    (void)state;
    expect((double[]){95, 97.5, 100, 102.5, 105}, 100, 0.10, 2.5, true);
    expect((double[]){105, 102.5, 100, 97.5, 95}, 100, 0.10, -2.5, true);
    expect((double[]){94, 97, 100, 103, 106}, 100, 0.12, 3, false);
    expect((double[]){106, 103, 100, 97, 94}, 100, 0.12, -3, false);
}

// What is far from its line counts in the range, and hardly in the line: 80 of the middle round.
static void test_one_round_that_falls_out_is_seen(void **state)
{
    (void)state;
    expect((double[]){105, 105, 80, 105, 105}, 100, 0.25, 0, false);
}

static void test_a_window_lies_where_it_begins(void **state)
{
    (void)state;
    double y[] = {1000, 500, 95, 97.5, 100, 102.5, 105};
    struct pts_window window = pts_window_at(y, 2);
    assert_true(window.steady);
    assert_int_equal(window.first, 2);
    assert_true(window.least == 95 && window.most == 105);
    assert_true(fabs(pts_window_line(&window, 0) - 95) < 1e-9);
    assert_true(fabs(pts_window_line(&window, 4) - 105) < 1e-9);
    assert_false(pts_window_at(y, 1).steady);
}

static void test_nothing_at_all_is_not_steady(void **state)
{
    (void)state;
    assert_false(pts_window_at((double[]){0, 0, 0, 0, 0}, 0).steady);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_stays_the_same_is_steady),
        cmocka_unit_test(test_a_range_of_a_fifth_is_allowed_and_no_more),
        cmocka_unit_test(test_a_line_may_move_by_a_tenth_and_no_more),
        cmocka_unit_test(test_one_round_that_falls_out_is_seen),
        cmocka_unit_test(test_a_window_lies_where_it_begins),
        cmocka_unit_test(test_nothing_at_all_is_not_steady),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
