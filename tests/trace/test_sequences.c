// Gaps in sequence numbers: by CPU and recorder, in any order, filled by events of which the recorder is not known.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "trace/build/sequences.h"

static int set_up(void **state)
{
    static struct sequences sequences;
    sequences_init(&sequences);
    *state = &sequences;
    return 0;
}

static int tear_down(void **state)
{
    sequences_destroy(*state);
    return 0;
}

static void note(void **state, uint32_t cpu, uint32_t recorder, uint32_t sequence)
{
    sequences_note(*state, &(struct trace_event){.cpu = cpu, .recorder = recorder, .sequence = sequence});
}

static void test_numbers_in_a_row_leave_no_gap(void **state)
{
    assert_int_equal(sequences_gaps(*state), 0);
    for (uint32_t i = 100; i < 200; i++)
        note(state, 3, 8, i);
    assert_int_equal(sequences_gaps(*state), 0);
}

static void test_each_cpu_and_recorder_has_its_own_numbers(void **state)
{
    note(state, 0, 8, 1);
    note(state, 0, 8, 4); // 2, 3
    note(state, 1, 8, 10);
    note(state, 1, 8, 12); // 11
    note(state, 1, 9, 500);
    note(state, 1, 9, 506); // five
    assert_int_equal(sequences_gaps(*state), 8);
}

static void test_the_order_does_not_matter(void **state)
{
    note(state, 0, 8, 5);
    note(state, 0, 8, 2);
    note(state, 0, 8, 9);
    note(state, 0, 8, 3);
    assert_int_equal(sequences_gaps(*state), 4); // 4, 6, 7, 8
}

static void test_unknown_recorders_fill_gaps_of_their_cpu(void **state)
{
    note(state, 2, 8, 1);
    note(state, 2, 8, 4);
    note(state, 2, TRACE_RECORDER_UNKNOWN, 2);
    note(state, 7, TRACE_RECORDER_UNKNOWN, 3); // of another CPU
    assert_int_equal(sequences_gaps(*state), 1);
    note(state, 2, TRACE_RECORDER_UNKNOWN, 3);
    note(state, 2, TRACE_RECORDER_UNKNOWN, 77);
    assert_int_equal(sequences_gaps(*state), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_numbers_in_a_row_leave_no_gap),
        TEST(test_each_cpu_and_recorder_has_its_own_numbers),
        TEST(test_the_order_does_not_matter),
        TEST(test_unknown_recorders_fill_gaps_of_their_cpu),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
