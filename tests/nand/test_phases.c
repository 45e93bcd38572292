// What operations hold of a die, and the tables of their phases.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "nand/control/op.h"
#include "util/macros.h"

static void test_parts_are_a_bit_for_each_plane_and_one_interface(void **state)
{
    (void)state;
    assert_int_equal(parts_on(PART_ARRAY, 0x5), 0x5);
    assert_int_equal(parts_on(PART_REGISTER | PART_INTERFACE, 0x8001), UINT64_C(0x1000080010000));
    assert_int_equal(parts_on(PART_CACHE, 0xffff), UINT64_C(0xffff00000000));
    assert_int_equal(parts_on(PART_INTERFACE, 0xffff), UINT64_C(1) << 48);
    assert_int_equal(parts_on(PART_ARRAY | PART_REGISTER | PART_CACHE, 0xffff), UINT64_C(0xffffffffffff));
}

static void test_parts_are_held_at_t_minus_1_and_free_at_t(void **state)
{
    (void)state;
    struct part_holds holds = {0};
    parts_take(&holds, 0x7, 100);
    assert_false(parts_free(&holds, 0x4, 100));
    assert_true(parts_free(&holds, 0x8, 100));
    assert_true(parts_give(&holds, 0x6, 100, 500));
    assert_false(parts_give(&holds, 0x1, 499, 600)); // one lot at a time
    assert_false(parts_free(&holds, 0x2, 499));
    assert_true(parts_free(&holds, 0x6, 500));
    assert_false(parts_free(&holds, 0x1, 500)); // what was not given back
}

// Nobody looked between the time at which they were given back and the next operation.
static void test_what_is_taken_anew_stays_held(void **state)
{
    (void)state;
    struct part_holds holds = {0};
    parts_take(&holds, 0x3, 0);
    assert_true(parts_give(&holds, 0x3, 5, 10));
    parts_take(&holds, 0x1, 10);
    assert_false(parts_free(&holds, 0x1, 11));
    assert_true(parts_free(&holds, 0x2, 11));
}

#define KIND(id, name) &op_##name,
static const struct op_kind *const kinds[] = {NAND_KIND_LIST(KIND)};

static unsigned row_count(const struct op_kind *kind)
{
    unsigned count = 0;
    while (kind->phases[count].place != AT_END)
        count++;
    return count;
}

static void test_every_operation_begins_at_the_bus_and_ends(void **state)
{
    (void)state;
    for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
        assert_int_equal(kinds[k]->phases[0].place, AT_BUS);
        assert_in_range(row_count(kinds[k]), 1, 16);
    }
}

// On each way through the rows, from this one on.
static void check_gives(const struct phase *row, parts_t left)
{
    for (; row->place != AT_END; row++) {
        if (row->goes_to > row)
            check_gives(row->goes_to, left);
        assert_int_equal(row->gives & ~left, 0);
        left &= ~row->gives;
    }
    assert_int_equal(left, 0);
}

static void test_what_an_operation_holds_it_gives_back_once(void **state)
{
    (void)state;
    for (size_t k = 0; k < ARRAY_SIZE(kinds); k++)
        check_gives(kinds[k]->phases, kinds[k]->holds);
}

static void test_every_phase_takes_time_of_a_stage_of_the_flash_and_leads_to_a_row(void **state)
{
    (void)state;
    for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
        const struct phase *rows = kinds[k]->phases;
        unsigned count = row_count(kinds[k]);
        for (unsigned row = 0; row < count; row++) {
            assert_non_null(rows[row].takes);
            assert_true(rows[row].place != AT_WORK || kinds[k]->suspend_times != NULL);
            assert_in_range(rows[row].stage, STAGE_DIE_WAIT, STAGE_RAID);
            if (rows[row].goes_to != NULL)
                assert_in_range(rows[row].goes_to - rows, 0, 16);
            assert_true((rows[row].goes_to == NULL) || rows[row].over != NULL);
        }
    }
}

// A suspended program keeps its data where reads do not need them.
static void test_reads_need_nothing_that_a_suspended_program_keeps(void **state)
{
    (void)state;
    assert_int_equal(op_read.holds & PART_CACHE, 0);
    assert_true(op_program.holds & PART_CACHE);
    assert_int_equal(op_erase.holds, PART_INTERFACE | PART_ARRAY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts_are_a_bit_for_each_plane_and_one_interface),
        cmocka_unit_test(test_parts_are_held_at_t_minus_1_and_free_at_t),
        cmocka_unit_test(test_what_is_taken_anew_stays_held),
        cmocka_unit_test(test_every_operation_begins_at_the_bus_and_ends),
        cmocka_unit_test(test_what_an_operation_holds_it_gives_back_once),
        cmocka_unit_test(test_every_phase_takes_time_of_a_stage_of_the_flash_and_leads_to_a_row),
        cmocka_unit_test(test_reads_need_nothing_that_a_suspended_program_keeps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
