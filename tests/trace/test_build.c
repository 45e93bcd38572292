// Requests in constant memory: however many there are, no more of them wait than reading looks ahead, whatever is lost;
// and what a narrower look ahead makes of a recording is what it must.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "trace/build/build_internal.h"
#include "util/macros.h"

enum { MANY = 20000, WINDOW = 64 };

// Text in memory, a line at a time.
struct lines {
    char *text;
    size_t size;
    FILE *to;
};

static void begin(struct lines *lines)
{
    lines->to = open_memstream(&lines->text, &lines->size);
}

static void put(const struct lines *lines, uint64_t number, uint64_t time_ns, char action, const char *rwbs,
                uint64_t sector)
{
    fprintf(lines->to, "8,0 0 %llu %llu.%09llu 1 %c %s %llu + 8 %s\n", (unsigned long long)number,
            (unsigned long long)time_ns / 1000000000, (unsigned long long)time_ns % 1000000000, action, rwbs,
            (unsigned long long)sector, action == 'C' ? "[0]" : "[x]");
}

static struct trace *open_lines(struct fixture *f, struct lines *lines, char action, uint64_t window)
{
    struct trace_options options = {.action = action, .window = window};
    fclose(lines->to);
    trace_close(f->trace);
    f->trace = trace_open_memory(f->diag, "memory", lines->text, lines->size, &options);
    assert_non_null(f->trace);
    free(lines->text);
    return f->trace;
}

// What reading all of it has kept at its end, beside the requests that it gave.
static uint64_t read_all(struct fixture *f, struct lines *lines, unsigned action, struct builder **builder)
{
    struct trace_reading reading = {.window = WINDOW};
    struct trace_request request;
    uint64_t count = 0;
    fclose(lines->to);
    f->events = trace_events_begin_memory(f->diag, "memory", lines->text, lines->size, &reading);
    free(lines->text);
    assert_non_null(f->events);
    *builder = build_begin(f->events, action, WINDOW);
    while (build_next(*builder, &(uint32_t){8 << 20}, &request) > 0)
        count++;
    return count;
}

static void test_requests_without_completions_do_not_pile_up(void **state)
{
    struct fixture *f = *state;
    struct builder *b;
    struct lines lines;
    begin(&lines);
    for (uint64_t i = 0; i < MANY; i++)
        put(&lines, i + 1, i * 1000, 'D', "R", i * 8);
    assert_int_equal(read_all(f, &lines, BLKTRACE_ISSUE, &b), MANY);
    assert_in_range(b->capacity, 1, 2 * WINDOW);
    assert_in_range(pending_size(&b->pending), 1, 4 * WINDOW);
    assert_in_range(b->pending.count, 1, 4 * WINDOW); // nodes, those that are free among them
    build_end(b);
}

// Queued writes with FUA wait for their bios, which nobody recorded.
static void test_writes_in_steps_do_not_pile_up(void **state)
{
    struct fixture *f = *state;
    struct builder *b;
    struct lines lines;
    begin(&lines);
    for (uint64_t i = 0; i < MANY; i++) {
        put(&lines, 2 * i + 1, i * 1000, 'Q', "WF", i * 8);
        put(&lines, 2 * i + 2, i * 1000 + 500, 'C', "WF", i * 8);
    }
    assert_int_equal(read_all(f, &lines, BLKTRACE_QUEUE, &b), MANY);
    assert_in_range(b->capacity, 1, 2 * WINDOW);
    assert_in_range(b->in_steps.count, 0, WINDOW);
    build_end(b);
}

// Completed by the next event, a request waits for none but itself.
static void test_requests_that_complete_at_once_are_given_at_once(void **state)
{
    struct fixture *f = *state;
    struct builder *b;
    struct lines lines;
    begin(&lines);
    for (uint64_t i = 0; i < MANY; i++) {
        put(&lines, 2 * i + 1, i * 1000, 'D', "R", i % 7 * 8);
        put(&lines, 2 * i + 2, i * 1000 + 500, 'C', "R", i % 7 * 8);
    }
    assert_int_equal(read_all(f, &lines, BLKTRACE_ISSUE, &b), MANY);
    assert_int_equal(b->capacity, 64); // what it begins with
    build_end(b);
}

// The first is complete behind `others` requests, which are complete at once: 10 us each.
static void write_slow_one(struct lines *lines, uint64_t others)
{
    begin(lines);
    put(lines, 1, 0, 'D', "W", 1 << 20);
    for (uint64_t i = 1; i <= others; i++) {
        put(lines, 2 * i, i * 10000, 'D', "R", i * 8);
        put(lines, 2 * i + 1, i * 10000 + 4000, 'C', "R", i * 8);
    }
    put(lines, 2 * others + 2, (others + 1) * 10000, 'C', "W", 1 << 20);
}

static void test_a_completion_is_found_as_far_as_reading_looks_ahead(void **state)
{
    struct fixture *f = *state;
    struct lines lines;
    for (uint64_t others = WINDOW - 2; others <= WINDOW + 2; others++) {
        write_slow_one(&lines, others);
        struct trace *trace = open_lines(f, &lines, 'D', WINDOW);
        bool found = others + 1 < WINDOW; // a window is not full yet when it comes
        assert_int_equal(trace_get_info(trace)->requests, others + 1);
        assert_int_equal(trace_get_info(trace)->completed, others + found);
        assert_int_equal(trace_get_info(trace)->unanswered, !found);
        assert_int_equal(request_at(trace, 0)->latency_ns,
                         found ? (others + 1) * 10000 : TRACE_LATENCY_UNKNOWN);
        assert_int_equal(request_at(trace, others)->time_ns, others * 10000);
        assert_int_equal(request_at(trace, others)->latency_ns, 4000);
    }
}

static const char header[] = "time_ns,cpu,kind,offset,bytes,fua,latency_ns,more\n";

// The one that is behind stands at its time, or where reading had come to.
static void test_a_request_is_put_in_order_as_far_as_reading_looks_ahead(void **state)
{
    struct fixture *f = *state;
    struct lines lines;
    for (uint64_t behind = WINDOW - 2; behind <= WINDOW + 2; behind++) {
        bool in_time = behind < WINDOW;
        begin(&lines);
        fputs(header, lines.to);
        for (uint64_t i = 0; i < behind + 1; i++)
            fprintf(lines.to, "%llu,0,read,%llu,4096,0,5,0\n", 100 + (unsigned long long)i * 10, (unsigned long long)i * 4096);
        fprintf(lines.to, "105,0,write,0,512,0,6,0\n"); // behind the first, before `behind` others
        struct trace *trace = open_lines(f, &lines, 'D', WINDOW);
        assert_int_equal(trace_get_info(trace)->disordered, 1);
        assert_int_equal(trace_get_info(trace)->late, !in_time);
        assert_int_equal(trace_get_info(trace)->requests, behind + 2);
        uint64_t place = in_time ? 1 : behind - WINDOW + 2;
        assert_int_equal(request_at(trace, place)->kind, IO_WRITE);
        assert_int_equal(request_at(trace, place)->time_ns, in_time ? 105 : request_at(trace, place - 1)->time_ns);
    }
}

// Twice from the front, and from the middle.
static void test_a_recording_is_read_as_often_as_one_likes(void **state)
{
    struct fixture *f = *state;
    struct trace_request request;
    struct lines lines;
    write_slow_one(&lines, 100);
    struct trace *trace = open_lines(f, &lines, 'D', 0);
    for (int time = 0; time < 3; time++) {
        uint64_t count = 0;
        while (count < (time == 1 ? 50 : UINT64_MAX) && trace_next(trace, &request)) {
            assert_int_equal(request.time_ns, count * 10000);
            count++;
        }
        assert_int_equal(count, time == 1 ? 50 : 101);
        trace_rewind(trace);
    }
    assert_false(trace_failed(trace));
}

// Somebody writes to the file between the first reading and the second.
static void test_a_recording_that_has_changed_is_told(void **state)
{
    static const char name[] = "test_build.csv";
    struct fixture *f = *state;
    struct trace_request request;
    FILE *to = fopen(name, "w");
    fprintf(to, "%s0,0,read,0,4096,0,5,0\n", header);
    fclose(to);
    f->trace = trace_open(f->diag, name, NULL);
    assert_non_null(f->trace);
    to = fopen(name, "a");
    fputs("9,0,read,4096,4096,0,5,0\n", to);
    fclose(to);
    assert_false(trace_next(f->trace, &request));
    assert_true(trace_failed(f->trace));
    assert_true(diag_error_count(f->diag) > 0);
    remove(name);
}

// Issued by others: the request of a process, the parts of one that was split, one whose front was merged last, one that
// was given back, a flush; and one of which nothing is recorded but that.
static void test_a_request_is_of_the_process_that_queued_it(void **state)
{
    static const char *const events[] = {
        "10 Q R 0 + 8 [a]",   "99 D R 0 + 8 [k]",   "11 Q R 8 + 16 [a]",   "11 X R 8 / 16 [a]",  "99 D R 8 + 8 [k]",
        "99 D R 16 + 8 [k]",  "12 Q W 108 + 8 [a]", "13 Q W 100 + 8 [a]",  "13 F W 100 + 8 [a]", "99 D W 100 + 16 [k]",
        "98 D R 200 + 8 [k]", "14 Q R 300 + 8 [a]", "99 D R 300 + 8 [k]",  "99 R R 300 + 8 [0]", "97 D R 300 + 8 [k]",
        "15 Q FWS 0 + 0 [a]", "99 D FN 0 + 0 [k]",  "99 C R 0 + 8 [0]",   "96 D R 0 + 8 [k]"};
    static const uint32_t pids[] = {10, 11, 11, 13, 98, 14, 15, 96};
    struct fixture *f = *state;
    struct trace_request request;
    struct lines lines;
    begin(&lines);
    for (size_t i = 0; i < ARRAY_SIZE(events); i++)
        fprintf(lines.to, "8,0 0 %zu 0.%09zu %s\n", i + 1, 1000 * i, events[i]);
    struct trace *trace = open_lines(f, &lines, 'D', 0);
    for (size_t i = 0; i < ARRAY_SIZE(pids); i++) {
        assert_true(trace_next(trace, &request));
        assert_int_equal(request.pid, pids[i]);
    }
    assert_false(trace_next(trace, &request));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_requests_without_completions_do_not_pile_up, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_writes_in_steps_do_not_pile_up, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_requests_that_complete_at_once_are_given_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_completion_is_found_as_far_as_reading_looks_ahead, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_request_is_put_in_order_as_far_as_reading_looks_ahead, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_recording_is_read_as_often_as_one_likes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_recording_that_has_changed_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_request_is_of_the_process_that_queued_it, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
