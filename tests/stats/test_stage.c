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

// The order is waiting for the die, command, array, waiting for the channel, transfer, decoding.
static void test_who_comes_later_is_charged_what_is_left(void **state)
{
    (void)state;
    struct breakdown part, rest;
    breakdown_start_nand(&part, STAGE_DIE_WAIT, 100);
    breakdown_enter(&part, STAGE_NAND_COMMAND, 120);
    breakdown_enter(&part, STAGE_ARRAY, 121);
    breakdown_enter(&part, STAGE_CHANNEL_WAIT, 171);
    breakdown_enter(&part, STAGE_TRANSFER, 180);
    breakdown_enter(&part, STAGE_ECC, 195);
    breakdown_enter(&part, STAGE_ECC, 200);
    static const struct {
        tick_t since, die_wait, command, array, channel_wait, transfer, ecc;
    } expected[] = {
        {100, 20, 1, 50, 9, 15, 5}, {105, 15, 1, 50, 9, 15, 5}, {120, 0, 1, 50, 9, 15, 5}, {151, 0, 0, 20, 9, 15, 5},
        {175, 0, 0, 0, 5, 15, 5},   {199, 0, 0, 0, 0, 0, 1},    {200, 0, 0, 0, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        rest = breakdown_since(&part, expected[i].since, NULL);
        assert_int_equal(rest.start, expected[i].since);
        assert_int_equal(rest.changed, 200);
        assert_int_equal(rest.spent[STAGE_DIE_WAIT], expected[i].die_wait);
        assert_int_equal(rest.spent[STAGE_NAND_COMMAND], expected[i].command);
        assert_int_equal(rest.spent[STAGE_ARRAY], expected[i].array);
        assert_int_equal(rest.spent[STAGE_CHANNEL_WAIT], expected[i].channel_wait);
        assert_int_equal(rest.spent[STAGE_TRANSFER], expected[i].transfer);
        assert_int_equal(rest.spent[STAGE_ECC], expected[i].ecc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_are_distinct_and_explained),
        cmocka_unit_test(test_an_inserted_part_keeps_the_sum),
        cmocka_unit_test(test_who_comes_later_is_charged_what_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
