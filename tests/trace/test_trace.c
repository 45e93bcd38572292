// Requests from events: kinds, flags, flushes, latencies, requeues, splits, devices, losses; and what is refused.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "fixture.h"

#define R BLKTRACE_IS_READ
#define W BLKTRACE_IS_WRITE
#define D BLKTRACE_IS_DISCARD
#define S BLKTRACE_IS_SYNC
#define FLUSH BLKTRACE_IS_FLUSH
#define FUA BLKTRACE_IS_FUA

static void add(struct fixture *f, uint64_t time, uint64_t action, uint64_t sector, uint32_t sectors)
{
    struct record record = record_of(time, action, sector, sectors);
    record.sequence = (uint32_t)(f->recording.size / BLKTRACE_V7_SIZE + 1);
    record_add(&f->recording, record);
}

static const struct trace_info *open_as(struct fixture *f, char action)
{
    trace_close(f->trace);
    f->trace = record_open(&f->recording, f->diag, action, 0);
    if (f->trace == NULL)
        diag_print(f->diag, stderr);
    assert_non_null(f->trace);
    return trace_get_info(f->trace);
}

static const struct trace_request *request(const struct fixture *f, uint64_t i)
{
    assert_true(i < trace_get_info(f->trace)->requests);
    return trace_get_request(f->trace, i);
}

static void expect_error(const struct fixture *f, const char *part)
{
    char *text = printed(f->diag);
    if (strstr(text, part) == NULL)
        fail_msg("'%s' not in: %s", part, text);
    free(text);
}

static void test_kinds_and_flags(void **state)
{
    struct fixture *f = *state;
    add(f, 1000, ACTION(ISSUE, R | BLKTRACE_IS_AHEAD | BLKTRACE_IS_META), 8, 8);
    add(f, 1010, ACTION(ISSUE, W | S | FUA), 16, 16);
    add(f, 1020, ACTION(ISSUE, W | D | S), 4096, 2048);
    add(f, 1030, ACTION(ISSUE, FLUSH), 0, 0);
    add(f, 1040, ACTION(ISSUE, 0), 0, 0);
    const struct trace_info *info = open_as(f, 'D');
    assert_int_equal(info->requests, 4);
    assert_int_equal(info->unsupported, 1);
    assert_int_equal(info->events, 5);
    assert_int_equal(info->events_by_action['D'], 5);
    assert_int_equal(info->by_kind[IO_TRIM], 1);
    assert_int_equal(info->bytes_by_kind[IO_TRIM], 1 << 20);
    assert_int_equal(info->end_offset, (4096 + 2048) * 512);
    assert_int_equal(info->duration_ns, 40);
    const struct trace_request *x = request(f, 0);
    assert_true(x->kind == IO_READ && x->ahead && x->meta && !x->sync && !x->fua);
    assert_int_equal(x->offset, 4 * KIB);
    assert_int_equal(x->bytes, 4 * KIB);
    assert_int_equal(x->time_ns, 0);
    x = request(f, 1);
    assert_true(x->kind == IO_WRITE && x->fua && x->sync && !x->ahead);
    assert_int_equal(x->time_ns, 10);
    assert_int_equal(request(f, 2)->kind, IO_TRIM);
    x = request(f, 3);
    assert_true(x->kind == IO_FLUSH && x->bytes == 0 && x->offset == 0);
    assert_int_equal(x->latency_ns, TRACE_LATENCY_UNKNOWN);
    assert_int_equal(info->completed, 0);
}

static void test_write_zeroes_where_the_version_tells_them(void **state)
{
    struct fixture *f = *state;
    f->recording.version = 8;
    record_add(&f->recording, record_of(0, ACTION(ISSUE, W | BLKTRACE_IS_WRITE_ZEROES), 0, 4096));
    record_add(&f->recording, record_of(1, ACTION(ISSUE, W | BLKTRACE_IS_ZONE_RESET), 0, 4096));
    const struct trace_info *info = open_as(f, 'D');
    assert_int_equal(info->requests, 1);
    assert_int_equal(info->unsupported, 1);
    assert_int_equal(request(f, 0)->kind, IO_WRITE_ZEROES);
    assert_int_equal(request(f, 0)->bytes, 2 << 20);
}

static void test_a_preflush_comes_before_its_write(void **state)
{
    struct fixture *f = *state;
    add(f, 0, ACTION(QUEUE, FLUSH | W | S | FUA), 80, 8);
    add(f, 10, ACTION(QUEUE, FLUSH | W | S), 0, 0);
    add(f, 40, ACTION(COMPLETE, W | S | FUA), 80, 8);
    const struct trace_info *info = open_as(f, 'Q');
    assert_int_equal(info->requests, 3);
    assert_int_equal(request(f, 0)->kind, IO_FLUSH);
    assert_false(request(f, 0)->fua);
    assert_int_equal(request(f, 0)->latency_ns, TRACE_LATENCY_UNKNOWN);
    assert_int_equal(request(f, 1)->kind, IO_WRITE);
    assert_true(request(f, 1)->fua);
    assert_int_equal(request(f, 1)->latency_ns, 40);
    assert_int_equal(request(f, 1)->time_ns, request(f, 0)->time_ns);
    assert_int_equal(request(f, 2)->kind, IO_FLUSH);
}

// As recorded: Q FWS, G FWS, D FN, C FN 0, C WS 0.
static void test_a_flush_ends_for_the_device_and_later_for_the_queue(void **state)
{
    struct fixture *f = *state;
    add(f, 0, ACTION(QUEUE, FLUSH | W | S), 0, 0);
    add(f, 1, ACTION(GETRQ, FLUSH | W | S), 0, 0);
    add(f, 5, ACTION(ISSUE, FLUSH), 0, 0);
    add(f, 105, ACTION(COMPLETE, FLUSH), 0, 0);
    add(f, 110, ACTION(COMPLETE, W | S), 0, 0);
    assert_int_equal(open_as(f, 'D')->requests, 1);
    assert_int_equal(request(f, 0)->latency_ns, 100);
    assert_int_equal(request(f, 0)->time_ns, 5);
    assert_int_equal(open_as(f, 'Q')->requests, 1);
    assert_int_equal(request(f, 0)->latency_ns, 110);
}

static void test_latency_is_matched_by_place_and_direction(void **state)
{
    struct fixture *f = *state;
    add(f, 0, ACTION(ISSUE, R), 8, 8);
    add(f, 1, ACTION(ISSUE, W), 8, 8);
    add(f, 2, ACTION(ISSUE, R), 16, 8);
    add(f, 3, ACTION(ISSUE, R), 8, 8);
    add(f, 13, ACTION(COMPLETE, W), 8, 8);
    add(f, 20, ACTION(COMPLETE, R), 8, 8);
    add(f, 30, ACTION(COMPLETE, R), 8, 8);
    add(f, 40, ACTION(COMPLETE, R), 800, 8);
    const struct trace_info *info = open_as(f, 'D');
    assert_int_equal(info->completed, 3);
    assert_int_equal(request(f, 0)->latency_ns, 20);
    assert_int_equal(request(f, 1)->latency_ns, 12);
    assert_int_equal(request(f, 2)->latency_ns, TRACE_LATENCY_UNKNOWN);
    assert_int_equal(request(f, 3)->latency_ns, 27);
}

static void test_a_split_request_ends_with_its_last_part(void **state)
{
    struct fixture *f = *state;
    static const uint8_t where[8] = {0, 0, 0, 0, 0, 0, 4, 0}; // 1024
    add(f, 0, ACTION(QUEUE, R), 0, 2048);
    struct record split = record_of(1, ACTION(SPLIT, R), 0, 1024);
    split.pdu = where;
    split.pdu_length = 8;
    record_add(&f->recording, split);
    add(f, 50, ACTION(COMPLETE, R), 1024, 1024);
    add(f, 90, ACTION(COMPLETE, R), 0, 1024);
    open_as(f, 'Q');
    assert_int_equal(request(f, 0)->latency_ns, 90);
}

static void test_a_requeued_issue_does_not_count(void **state)
{
    struct fixture *f = *state;
    add(f, 0, ACTION(ISSUE, W), 8, 8);
    add(f, 2, ACTION(REQUEUE, W), 8, 8);
    add(f, 10, ACTION(ISSUE, W), 8, 8);
    add(f, 15, ACTION(COMPLETE, W), 8, 8);
    const struct trace_info *info = open_as(f, 'D');
    assert_int_equal(info->requests, 1);
    assert_int_equal(info->requeued, 1);
    assert_int_equal(request(f, 0)->time_ns, 10);
    assert_int_equal(request(f, 0)->latency_ns, 5);
}

static void test_passthrough_is_counted_and_not_replayed(void **state)
{
    struct fixture *f = *state;
    add(f, 0, BLKTRACE_ISSUE | BLKTRACE_IS_PC | R, UINT64_MAX, 8);
    add(f, 1, ACTION(ISSUE, R), 8, 8);
    add(f, 2, BLKTRACE_COMPLETE | BLKTRACE_IS_PC | R, 8, 8);
    add(f, 9, ACTION(COMPLETE, R), 8, 8);
    const struct trace_info *info = open_as(f, 'D');
    assert_int_equal(info->passthrough, 1);
    assert_int_equal(info->requests, 1);
    assert_int_equal(request(f, 0)->latency_ns, 8);
}

static void test_one_device_is_chosen_with_a_warning(void **state)
{
    struct fixture *f = *state;
    struct record x = record_of(0, ACTION(QUEUE, W), 100, 8);
    for (int i = 0; i < 3; i++) { // a stacked device: more is queued there, but nothing issued
        x.device = 253u << 20;
        x.time++;
        record_add(&f->recording, x);
    }
    x.device = 8u << 20 | 1;
    x.sector = 300;
    record_add(&f->recording, x);
    x.action = ACTION(ISSUE, W);
    record_add(&f->recording, x);
    const struct trace_info *info = open_as(f, 'Q');
    assert_int_equal(info->requests, 1);
    assert_int_equal(info->other_devices, 3);
    assert_int_equal(info->device, 8u << 20 | 1);
    assert_int_equal(request(f, 0)->offset, 300 * 512);
    expect_error(f, "warning: requests to 2 devices; only those to 8,1 are replayed");
}

static void test_gaps_in_sequence_numbers_are_losses(void **state)
{
    struct fixture *f = *state;
    static const uint32_t sequences[2][4] = {{1, 2, 5, 6}, {7, 8, 9, 11}};
    for (uint32_t cpu = 0; cpu < 2; cpu++)
        for (uint32_t i = 0; i < 4; i++) {
            struct record x = record_of(i, ACTION(ISSUE, R), 8 * i, 8);
            x.cpu = cpu;
            x.sequence = sequences[cpu][i];
            record_add(&f->recording, x);
        }
    const struct trace_info *info = open_as(f, 'D');
    assert_int_equal(info->lost, 3);
    assert_int_equal(info->cpus, 2);
    expect_error(f, "memory: warning: the recorder lost 3 events");
}

static void test_nothing_to_replay_is_an_error(void **state)
{
    struct fixture *f = *state;
    add(f, 0, ACTION(QUEUE, R), 0, 8);
    assert_null(record_open(&f->recording, f->diag, 'D', 0));
    expect_error(f, "memory: error: no requests in it: 1 events, 0 of them 'D', 0 passthrough");
    f->recording.size = 0;
    assert_null(record_open(&f->recording, f->diag, 'D', 0));
    expect_error(f, "memory: error: no requests in it: it is empty");
}

static void test_an_unknown_action_to_replay_is_an_error(void **state)
{
    struct fixture *f = *state;
    add(f, 0, ACTION(ISSUE, R), 0, 8);
    assert_null(record_open(&f->recording, f->diag, 'C', 0));
    expect_error(f, "cannot replay events 'C', only 'D' or 'Q'");
}

static void test_absurd_ranges_and_times_are_malformed(void **state)
{
    struct fixture *f = *state;
    add(f, 0, ACTION(ISSUE, R), 0, 8);
    add(f, 1, ACTION(ISSUE, R), UINT64_MAX / 512, 8);
    add(f, 2, ACTION(ISSUE, W), (UINT64_C(1) << 54) - 8, 8); // the last that is possible
    add(f, 3, ACTION(ISSUE, W), (UINT64_C(1) << 54) - 7, 8);
    add(f, UINT64_MAX / 1000, ACTION(ISSUE, R), 8, 8);
    add(f, UINT64_MAX / 1000 + 1, ACTION(ISSUE, R), 8, 8);
    assert_null(record_open(&f->recording, f->diag, 'D', 2));
    expect_error(f, "memory: error: record at byte 240: absurd time");
    f->trace = record_open(&f->recording, f->diag, 'D', 3);
    assert_non_null(f->trace);
    assert_int_equal(trace_get_info(f->trace)->skipped, 3);
    assert_int_equal(trace_get_info(f->trace)->requests, 3);
    expect_error(f, "warning: 3 malformed records or lines skipped");
}

static void test_bytes_that_are_no_whole_sectors_are_malformed(void **state)
{
    struct fixture *f = *state;
    struct record x = record_of(0, ACTION(ISSUE, R), 0, 8);
    x.bytes = 700;
    record_add(&f->recording, x);
    assert_null(record_open(&f->recording, f->diag, 'D', 0));
    expect_error(f, "record at byte 0: 700 bytes are no whole number of sectors");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_kinds_and_flags),
        TEST(test_write_zeroes_where_the_version_tells_them),
        TEST(test_a_preflush_comes_before_its_write),
        TEST(test_a_flush_ends_for_the_device_and_later_for_the_queue),
        TEST(test_latency_is_matched_by_place_and_direction),
        TEST(test_a_split_request_ends_with_its_last_part),
        TEST(test_a_requeued_issue_does_not_count),
        TEST(test_passthrough_is_counted_and_not_replayed),
        TEST(test_one_device_is_chosen_with_a_warning),
        TEST(test_gaps_in_sequence_numbers_are_losses),
        TEST(test_nothing_to_replay_is_an_error),
        TEST(test_an_unknown_action_to_replay_is_an_error),
        TEST(test_absurd_ranges_and_times_are_malformed),
        TEST(test_bytes_that_are_no_whole_sectors_are_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
