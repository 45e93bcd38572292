// Stages: names fit the list, and a stopwatch's stages always add up.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stats/stage.h"

static tick_t spent(const struct breakdown *b)
{
    tick_t sum = 0;
    for (int i = 0; i < STAGE_COUNT; i++)
        sum += b->spent[i];
    return sum;
}

static void test_names_are_distinct_and_explained(void **state)
{
    (void)state;
    for (int i = 0; i < STAGE_COUNT; i++) {
        assert_true(strlen(stage_names[i]) > 0 && strlen(stage_help[i]) > 0);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(stage_names[i], stage_names[j]);
    }
    assert_string_equal(stage_names[STAGE_ARRAY], "array");
}

static void test_an_inserted_part_keeps_the_sum(void **state)
{
    (void)state;
    struct breakdown whole, part;
    memset(&part, 0xff, sizeof part); // a former use: what lies outside the flash's stages means nothing
    breakdown_start(&whole, STAGE_CONTROLLER, 100);
    breakdown_start_nand(&part, STAGE_DIE_WAIT, 130);
    breakdown_enter(&part, STAGE_ARRAY, 150);
    breakdown_enter(&part, STAGE_TRANSFER, 190);
    breakdown_enter(&part, STAGE_TRANSFER, 200);
    breakdown_insert(&whole, &part, STAGE_DATA_OUT);
    breakdown_enter(&whole, STAGE_COMPLETION, 230);
    assert_int_equal(whole.spent[STAGE_CONTROLLER], 30);
    assert_int_equal(whole.spent[STAGE_DIE_WAIT], 20);
    assert_int_equal(whole.spent[STAGE_ARRAY], 40);
    assert_int_equal(whole.spent[STAGE_TRANSFER], 10);
    assert_int_equal(whole.spent[STAGE_DATA_OUT], 30);
    assert_int_equal(spent(&whole), whole.changed - whole.start);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_are_distinct_and_explained),
        cmocka_unit_test(test_an_inserted_part_keeps_the_sum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
