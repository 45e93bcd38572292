// Events that are nearly in order of time come out in order; what is too far behind comes where reading is.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "trace/number_set.h"
#include "trace/order.h"

static bool put(struct trace_order *order, uint64_t time_ns, uint64_t tie, uint32_t pid)
{
    struct trace_event event = {.time_ns = time_ns, .tie = tie, .pid = pid};
    return trace_order_put(order, &event);
}

static void expect(struct trace_order *order, uint64_t time_ns, uint32_t pid)
{
    struct trace_event event;
    assert_true(trace_order_take(order, &event));
    assert_int_equal(event.time_ns, time_ns);
    assert_int_equal(event.pid, pid);
}

static void test_events_come_out_by_time_then_tie_then_as_they_came(void **state)
{
    struct trace_order *order = trace_order_create(8);
    struct trace_event event;
    (void)state;
    put(order, 30, 0, 1);
    put(order, 10, 0, 2);
    put(order, 20, 7, 3);
    put(order, 20, 5, 4);
    put(order, 20, 7, 5);
    put(order, 10, 0, 6);
    expect(order, 10, 2);
    expect(order, 10, 6);
    expect(order, 20, 4);
    expect(order, 20, 3);
    expect(order, 20, 5);
    expect(order, 30, 1);
    assert_false(trace_order_take(order, &event));
    trace_order_destroy(order);
}

// A window of W puts right what is at most W - 1 events behind: what follows it in the file, and is later, waits.
static void test_what_is_behind_by_less_than_the_window_is_put_right(void **state)
{
    enum { WINDOW = 4 };
    struct trace_order *order = trace_order_create(WINDOW);
    (void)state;
    for (uint32_t i = 1; i < WINDOW; i++)
        assert_true(put(order, 100 * i, 0, i));
    assert_false(trace_order_is_full(order));
    assert_true(put(order, 50, 0, 9)); // WINDOW - 1 behind
    assert_true(trace_order_is_full(order));
    expect(order, 50, 9);
    assert_true(put(order, 400, 0, 4));
    expect(order, 100, 1);
    assert_false(put(order, 60, 0, 8)); // one more: 100 is gone
    expect(order, 100, 8);
    expect(order, 200, 2);
    expect(order, 300, 3);
    expect(order, 400, 4);
    trace_order_destroy(order);
}

// What an event points to is its own from then on.
static void test_texts_and_payloads_are_kept(void **state)
{
    struct trace_order *order = trace_order_create(4);
    char name[] = "first";
    uint8_t pdu[] = {1, 2, 3};
    struct trace_event event = {.time_ns = 2, .process = name, .process_length = 5, .pdu = pdu, .pdu_length = 3};
    (void)state;
    trace_order_put(order, &event);
    memcpy(name, "other", 5);
    pdu[0] = 9;
    event = (struct trace_event){.time_ns = 1, .process = name, .process_length = 5};
    trace_order_put(order, &event);
    assert_true(trace_order_take(order, &event));
    assert_memory_equal(event.process, "other", 5);
    assert_true(trace_order_take(order, &event));
    assert_memory_equal(event.process, "first", 5);
    assert_int_equal(event.pdu_length, 3);
    assert_int_equal(event.pdu[0], 1);
    trace_order_destroy(order);
}

// Against a sort of the whole, with steps back of less than the window.
static void test_any_order_within_the_window_is_that_of_a_sort(void **state)
{
    enum { COUNT = 20000, WINDOW = 64 };
    struct trace_order *order = trace_order_create(WINDOW);
    struct trace_event event;
    uint64_t before = 0, taken = 0, sum = 0, wanted = 0, seed = 1;
    (void)state;
    for (uint32_t i = 0; i < COUNT; i++) {
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
        uint64_t time = 1000 + i - seed % (WINDOW - 1);
        wanted += time;
        if (trace_order_is_full(order)) {
            assert_true(trace_order_take(order, &event));
            assert_true(event.time_ns >= before);
            before = event.time_ns;
            sum += event.time_ns;
            taken++;
        }
        assert_true(put(order, time, 0, i));
    }
    while (trace_order_take(order, &event)) {
        assert_true(event.time_ns >= before);
        before = event.time_ns;
        sum += event.time_ns;
        taken++;
    }
    assert_int_equal(taken, COUNT);
    assert_int_equal(sum, wanted);
    trace_order_destroy(order);
}

static void test_a_number_is_known_again(void **state)
{
    struct number_set set;
    (void)state;
    number_set_init(&set);
    for (uint32_t n = 1; n < 3 * NUMBER_SET_CHUNK; n++)
        assert_false(number_set_add(&set, 0, 8 << 20, n));
    assert_false(number_set_add(&set, 1, 8 << 20, 5));
    assert_false(number_set_add(&set, 0, 9 << 20, 5));
    assert_false(number_set_add(&set, 0, 8 << 20, UINT32_MAX));
    assert_false(number_set_add(&set, 0, 8 << 20, 0));
    assert_true(number_set_add(&set, 0, 8 << 20, 5));
    assert_true(number_set_add(&set, 0, 8 << 20, 3 * NUMBER_SET_CHUNK - 1));
    assert_true(number_set_add(&set, 0, 8 << 20, UINT32_MAX));
    assert_false(number_set_add(&set, 0, 8 << 20, 3 * NUMBER_SET_CHUNK));
    number_set_destroy(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events_come_out_by_time_then_tie_then_as_they_came),
        cmocka_unit_test(test_what_is_behind_by_less_than_the_window_is_put_right),
        cmocka_unit_test(test_texts_and_payloads_are_kept),
        cmocka_unit_test(test_any_order_within_the_window_is_that_of_a_sort),
        cmocka_unit_test(test_a_number_is_known_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
