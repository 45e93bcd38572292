// Counts over time: nothing is lost or counted twice when bins widen.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "stats/strip.h"

static void test_counts_are_kept_while_bins_widen(void **state)
{
    (void)state;
    struct strip strip;
    strip_init(&strip);
    for (tick_t at = 0; at < 60; at++)
        strip_count(&strip, at * TICKS_PER_S / 3, at);
    assert_true(strip.shift > 22);
    assert_true(strip_total(&strip, 60 * TICKS_PER_S) == 59 * 60 / 2);
    assert_true(fabs(strip_total(&strip, 10 * TICKS_PER_S) - 29 * 30 / 2) < 31); // but for the bin that holds the end
}

static void test_counting_begins_at_the_origin(void **state)
{
    (void)state;
    struct strip strip;
    strip_init(&strip);
    strip_count(&strip, 5, 7);
    strip_restart(&strip, 1000);
    strip_count(&strip, 999, 2);
    strip_count(&strip, 1000, 3);
    assert_int_equal(strip.bins[0], 3);
    assert_true(strip_total(&strip, TICKS_PER_S) == 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts_are_kept_while_bins_widen),
        cmocka_unit_test(test_counting_begins_at_the_origin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
