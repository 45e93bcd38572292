// Requests from events: kinds, flags, flushes, latencies, requeues, splits, discards, devices, losses; and what is
// refused.
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
    return request_at(f->trace, i);
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

// Three bios of 4 KiB, the second merged behind the first and the third before it: the driver is given one request. All
// three are done with it, 100, 80 and 60 ns after each was queued.
static void test_merged_bios_are_one_request_for_the_driver(void **state)
{
    struct fixture *f = *state;
    add(f, 1000, ACTION(QUEUE, W), 100, 8);
    add(f, 1010, ACTION(GETRQ, W), 100, 8);
    add(f, 1020, ACTION(QUEUE, W), 108, 8);
    add(f, 1030, ACTION(BACKMERGE, W), 108, 8);
    add(f, 1040, ACTION(QUEUE, W), 92, 8);
    add(f, 1050, ACTION(FRONTMERGE, W), 92, 8);
    add(f, 1060, ACTION(ISSUE, W), 92, 24);
    add(f, 1100, ACTION(COMPLETE, W), 92, 24);
    const struct trace_info *info = open_as(f, 'D');
    assert_int_equal(info->requests, 1);
    assert_int_equal(request(f, 0)->offset, 92 * 512);
    assert_int_equal(request(f, 0)->bytes, 12 * KIB);
    assert_int_equal(request(f, 0)->latency_ns, 40);
    assert_int_equal(info->events_by_action['M'], 1);
    assert_int_equal(info->events_by_action['F'], 1);
    assert_int_equal(open_as(f, 'Q')->requests, 3);
    for (uint64_t i = 0; i < 3; i++) {
        assert_int_equal(request(f, i)->bytes, 4 * KIB);
        assert_int_equal(request(f, i)->latency_ns, 100 - 20 * i);
    }
}

// What a driver notes of a request (17, of a category of its own) is no request, and starts the clock as any event does.
static void test_notes_of_drivers_are_counted_only(void **state)
{
    struct fixture *f = *state;
    const uint64_t note = 17 | BLKTRACE_IS_DRV_DATA;
    add(f, 1000, note, 100, 8);
    add(f, 1010, ACTION(ISSUE, W), 100, 8);
    add(f, 1020, note, 100, 8);
    add(f, 1050, ACTION(COMPLETE, W), 100, 8);
    const struct trace_info *info = open_as(f, 'D');
    assert_int_equal(info->events, 4);
    assert_int_equal(info->requests, 1);
    assert_int_equal(info->lost, 0);
    assert_int_equal(request(f, 0)->time_ns, 10);
    assert_int_equal(request(f, 0)->latency_ns, 40);
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

static void test_a_preflush_belongs_to_its_write(void **state)
{
    struct fixture *f = *state;
    add(f, 0, ACTION(QUEUE, FLUSH | W | S | FUA), 80, 8);
    add(f, 10, ACTION(QUEUE, FLUSH | W | S), 0, 0);
    add(f, 40, ACTION(COMPLETE, W | S | FUA), 80, 8);
    const struct trace_info *info = open_as(f, 'Q');
    assert_int_equal(info->requests, 2);
    assert_int_equal(info->preflushes, 1);
    assert_int_equal(request(f, 0)->kind, IO_WRITE);
    assert_true(request(f, 0)->fua && request(f, 0)->preflush);
    assert_int_equal(request(f, 0)->latency_ns, 40);
    assert_int_equal(request(f, 1)->kind, IO_FLUSH);
    assert_false(request(f, 1)->fua || request(f, 1)->preflush);
}

// As block/blk-flush.c completes it: the data, and once the last step is done the bio.
static void test_a_write_in_several_steps_ends_with_the_last(void **state)
{
    struct fixture *f = *state;
    add(f, 0, ACTION(QUEUE, FLUSH | W | S | FUA), 80, 8);
    add(f, 1, ACTION(QUEUE, FLUSH | W | S), 0, 0);
    add(f, 10, ACTION(ISSUE, FLUSH), 0, 0);
    add(f, 20, ACTION(COMPLETE, FLUSH), 0, 0);
    add(f, 21, ACTION(ISSUE, W | S), 80, 8);
    add(f, 40, ACTION(COMPLETE, W | S), 80, 8);
    add(f, 70, ACTION(COMPLETE, W | S), 80, 0);
    add(f, 90, ACTION(COMPLETE, W | S), 0, 0);
    open_as(f, 'Q');
    assert_int_equal(request(f, 0)->latency_ns, 70);
    assert_int_equal(request(f, 1)->latency_ns, 89);
    const struct trace_info *info = open_as(f, 'D'); // the device's share of it
    assert_int_equal(info->requests, 2);
    assert_int_equal(request(f, 0)->latency_ns, 10);
    assert_int_equal(request(f, 1)->latency_ns, 19);
    assert_false(request(f, 1)->preflush);
}

// At sector 0, which is where flushes stand, too.
static void test_a_write_in_steps_and_a_flush_are_not_mistaken(void **state)
{
    struct fixture *f = *state;
    add(f, 0, ACTION(QUEUE, FLUSH | W | S | FUA), 0, 8);
    add(f, 40, ACTION(COMPLETE, W | S | FUA), 0, 8);
    add(f, 70, ACTION(COMPLETE, W | S), 0, 0);
    add(f, 80, ACTION(QUEUE, FLUSH | W | S), 0, 0);
    add(f, 100, ACTION(COMPLETE, W | S), 0, 0);
    open_as(f, 'Q');
    assert_int_equal(request(f, 0)->latency_ns, 70);
    assert_int_equal(request(f, 1)->latency_ns, 20);
    f->recording.size = 0;
    add(f, 0, ACTION(ISSUE, W | S | FUA), 0, 8);
    add(f, 40, ACTION(COMPLETE, W | S | FUA), 0, 8);
    add(f, 80, ACTION(ISSUE, FLUSH), 0, 0);
    add(f, 100, ACTION(COMPLETE, FLUSH), 0, 0);
    open_as(f, 'D');
    assert_int_equal(request(f, 0)->latency_ns, 40);
    assert_int_equal(request(f, 1)->latency_ns, 20);
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
    assert_int_equal(info->untrusted, 2);
    assert_int_equal(info->unanswered, 1);
    assert_int_equal(request(f, 0)->latency_ns, 30); // either way round their sum is 47
    assert_int_equal(request(f, 1)->latency_ns, 12);
    assert_int_equal(request(f, 2)->latency_ns, TRACE_LATENCY_UNKNOWN);
    assert_int_equal(request(f, 3)->latency_ns, 17);
}

enum { MS = 1000000, SECOND = 1000000000 };

// Q, G, I and D, 100 ns apart, of a read.
static void queue_and_issue(struct fixture *f, uint64_t time, uint64_t sector)
{
    add(f, time, ACTION(QUEUE, R), sector, 8);
    add(f, time + 100, ACTION(GETRQ, R), sector, 8);
    add(f, time + 200, ACTION(INSERT, R), sector, 8);
    add(f, time + 300, ACTION(ISSUE, R), sector, 8);
}

// btt 2.09 finds N = 3, min 70 us, avg 80 us, max 90 us in such a recording.
static void test_a_lost_completion_costs_one_latency(void **state)
{
    struct fixture *f = *state;
    queue_and_issue(f, 0, 800);
    queue_and_issue(f, 5 * MS, 1600);
    add(f, 5 * MS + 80300, ACTION(COMPLETE, R), 1600, 8);
    queue_and_issue(f, UINT64_C(9) * SECOND, 800);
    add(f, UINT64_C(9) * SECOND + 90300, ACTION(COMPLETE, R), 800, 8);
    queue_and_issue(f, UINT64_C(9) * SECOND + MS, 800);
    add(f, UINT64_C(9) * SECOND + MS + 70300, ACTION(COMPLETE, R), 800, 8);
    const struct trace_info *info = open_as(f, 'D');
    static const uint64_t expected[] = {TRACE_LATENCY_UNKNOWN, 80000, 90000, 70000};
    assert_int_equal(info->requests, 4);
    for (uint64_t i = 0; i < 4; i++)
        assert_int_equal(request(f, i)->latency_ns, expected[i]);
    assert_int_equal(info->unanswered, 1);
    assert_int_equal(info->untrusted, 0);
    expect_error(f, "memory: warning: 1 request has no completion after it: its latency is not known\n");
}

static void test_a_lost_completion_of_a_flush_costs_one_latency(void **state)
{
    struct fixture *f = *state;
    for (uint64_t i = 0; i < 100; i++) {
        add(f, i * MS, ACTION(ISSUE, FLUSH), 0, 0);
        if (i != 10)
            add(f, i * MS + 500 + i, ACTION(COMPLETE, FLUSH), 0, 0);
    }
    const struct trace_info *info = open_as(f, 'D');
    assert_int_equal(info->completed, 99);
    assert_int_equal(info->unanswered, 1);
    for (uint64_t i = 0; i < 100; i++)
        assert_int_equal(request(f, i)->latency_ns, i == 10 ? TRACE_LATENCY_UNKNOWN : 500 + i);
}

// The second CPU's clock is 50 us behind.
static void test_a_completion_stamped_before_its_issue_costs_one_latency(void **state)
{
    struct fixture *f = *state;
    add(f, 1 * MS, ACTION(ISSUE, W), 8, 8);
    struct record early = record_of(1 * MS - 50000, ACTION(COMPLETE, W), 8, 8);
    early.cpu = 1;
    record_add(&f->recording, early);
    for (uint64_t i = 2; i < 10; i++) {
        add(f, i * MS, ACTION(ISSUE, W), 8, 8);
        add(f, i * MS + 700 + i, ACTION(COMPLETE, W), 8, 8);
    }
    const struct trace_info *info = open_as(f, 'D');
    assert_int_equal(info->requests, 9);
    assert_int_equal(info->requeued, 0);
    assert_int_equal(info->unanswered, 1);
    assert_int_equal(info->untrusted, 0);
    assert_int_equal(request(f, 0)->latency_ns, TRACE_LATENCY_UNKNOWN);
    for (uint64_t i = 2; i < 10; i++)
        assert_int_equal(request(f, i - 1)->latency_ns, 700 + i);
}

// The first request's issue is lost, so that its completion looks like an early one of the second.
static void test_a_lost_issue_just_before_costs_no_latency(void **state)
{
    struct fixture *f = *state;
    struct record lonely = record_of(1 * MS, ACTION(COMPLETE, W), 8, 8);
    lonely.cpu = 1;
    record_add(&f->recording, lonely);
    add(f, 1 * MS + 1000, ACTION(ISSUE, W), 8, 8);
    add(f, 1 * MS + 91000, ACTION(COMPLETE, W), 8, 8);
    add(f, 3 * MS, ACTION(ISSUE, W), 8, 8);
    add(f, 3 * MS + 70000, ACTION(COMPLETE, W), 8, 8);
    const struct trace_info *info = open_as(f, 'D');
    assert_int_equal(info->requests, 2);
    assert_int_equal(info->unanswered, 0);
    assert_int_equal(info->untrusted, 1);
    assert_int_equal(request(f, 0)->latency_ns, 90000);
    assert_int_equal(request(f, 1)->latency_ns, 70000);
    expect_error(f, "1 recorded latency cannot be trusted");
}

// What is still under way when the recorder stops has lost nothing.
static void test_requests_under_way_at_the_end_are_not_unanswered(void **state)
{
    struct fixture *f = *state;
    add(f, 0, ACTION(ISSUE, R), 8, 8);
    add(f, 100, ACTION(COMPLETE, R), 8, 8);
    add(f, 900, ACTION(ISSUE, R), 16, 8);
    add(f, 950, ACTION(ISSUE, R), 24, 8);
    add(f, 1000, ACTION(COMPLETE, R), 24, 8);
    assert_int_equal(open_as(f, 'D')->unanswered, 0);
    add(f, 1001, ACTION(ISSUE, R), 32, 8);
    assert_int_equal(open_as(f, 'D')->unanswered, 1);
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

static void test_a_split_request_without_one_of_its_ends_has_none(void **state)
{
    struct fixture *f = *state;
    static const uint8_t where[8] = {0, 0, 0, 0, 0, 0, 4, 0}; // 1024
    add(f, 0, ACTION(QUEUE, R), 0, 2048);
    struct record split = record_of(1, ACTION(SPLIT, R), 0, 1024);
    split.pdu = where;
    split.pdu_length = 8;
    record_add(&f->recording, split);
    add(f, 50, ACTION(COMPLETE, R), 1024, 1024);
    open_as(f, 'Q');
    assert_int_equal(request(f, 0)->latency_ns, TRACE_LATENCY_UNKNOWN);
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

// Three issues of one request 30 and 40 us apart, its requeues filtered out.
static void test_an_issue_of_what_is_under_way_is_the_same_request_again(void **state)
{
    struct fixture *f = *state;
    add(f, 0, ACTION(ISSUE, W), 8, 64);
    add(f, 30720, ACTION(ISSUE, W), 8, 64);
    add(f, 71544, ACTION(ISSUE, W), 8, 64);
    add(f, 2367675, ACTION(COMPLETE, W), 8, 64);
    const struct trace_info *info = open_as(f, 'D');
    assert_int_equal(info->requests, 1);
    assert_int_equal(info->requeued, 2);
    assert_int_equal(info->untrusted, 0);
    assert_int_equal(request(f, 0)->time_ns, 71544);
    assert_int_equal(request(f, 0)->latency_ns, 2296131);
}

static void test_equal_requests_at_a_time_are_not_one(void **state)
{
    struct fixture *f = *state;
    add(f, 0, ACTION(ISSUE, R), 8, 8); // both complete
    add(f, 10, ACTION(ISSUE, R), 8, 8);
    add(f, 30, ACTION(COMPLETE, R), 8, 8);
    add(f, 40, ACTION(COMPLETE, R), 8, 8);
    add(f, 50, ACTION(ISSUE, R), 80, 8); // no completions at all tell nothing
    add(f, 60, ACTION(ISSUE, R), 80, 8);
    const struct trace_info *info = open_as(f, 'D');
    assert_int_equal(info->requests, 4);
    assert_int_equal(info->requeued, 0);
}

// Where the queue was recorded, it tells: an issue without a new 'Q' or 'G' is the same request.
static void test_what_was_queued_tells_a_new_request_from_a_reissue(void **state)
{
    struct fixture *f = *state;
    queue_and_issue(f, 0, 8);
    add(f, 1000, ACTION(ISSUE, R), 8, 8);
    queue_and_issue(f, 2000, 8); // its completion is lost
    queue_and_issue(f, 3000, 8);
    add(f, 5000, ACTION(COMPLETE, R), 8, 8);
    const struct trace_info *info = open_as(f, 'D');
    assert_int_equal(info->requests, 3);
    assert_int_equal(info->requeued, 1);
    assert_int_equal(request(f, 0)->time_ns, 1000);
    assert_int_equal(request(f, 2)->latency_ns, 1700);
}

// Without the other events of the queue: what is queued again is another request.
static void test_queue_events_alone_tell_it_too(void **state)
{
    struct fixture *f = *state;
    add(f, 0, ACTION(QUEUE, R), 8, 8);
    add(f, 10, ACTION(ISSUE, R), 8, 8); // its completion is lost
    add(f, 20, ACTION(QUEUE, R), 8, 8);
    add(f, 30, ACTION(ISSUE, R), 8, 8);
    add(f, 90, ACTION(COMPLETE, R), 8, 8);
    const struct trace_info *info = open_as(f, 'D');
    assert_int_equal(info->requests, 2);
    assert_int_equal(info->requeued, 0);
    assert_int_equal(info->untrusted, 1); // of the one that has a latency
    assert_int_equal(request(f, 0)->latency_ns, TRACE_LATENCY_UNKNOWN);
    assert_int_equal(request(f, 1)->latency_ns, 60);
}

static void test_a_reissue_is_of_the_same_length_and_near_in_time(void **state)
{
    struct fixture *f = *state;
    add(f, 0, ACTION(ISSUE, R), 8, 8);
    add(f, 10, ACTION(ISSUE, R), 8, 16);
    add(f, 50, ACTION(COMPLETE, R), 8, 16);
    add(f, 100, ACTION(ISSUE, R), 80, 8);
    add(f, UINT64_C(2) * SECOND, ACTION(ISSUE, R), 80, 8);
    add(f, UINT64_C(2) * SECOND + 70, ACTION(COMPLETE, R), 80, 8);
    const struct trace_info *info = open_as(f, 'D');
    assert_int_equal(info->requests, 4);
    assert_int_equal(info->requeued, 0);
}

static void test_the_second_half_of_a_split_is_not_a_reissue(void **state)
{
    struct fixture *f = *state;
    static const uint8_t where[8] = {0, 0, 0, 0, 0, 0, 4, 0}; // 1024
    for (uint64_t time = 0; time < 200; time += 100) {
        add(f, time, ACTION(QUEUE, R), 0, 2048);
        struct record split = record_of(time + 1, ACTION(SPLIT, R), 0, 1024);
        split.pdu = where;
        split.pdu_length = 8;
        record_add(&f->recording, split);
        add(f, time + 2, ACTION(ISSUE, R), 0, 1024);
        add(f, time + 3, ACTION(ISSUE, R), 1024, 1024);
    }
    assert_int_equal(open_as(f, 'D')->requests, 4);
}

static void add_discard(struct fixture *f, uint64_t time, unsigned action, uint64_t sector, uint32_t sectors)
{
    add(f, time, action | W | D | S | BLKTRACE_IS_FS, sector, sectors);
}

// Three discards that the kernel merged into one request: it names the first sector and the sum.
static void add_merged_discards(struct fixture *f)
{
    add_discard(f, 0, BLKTRACE_QUEUE, 0, 8);
    add_discard(f, 5, BLKTRACE_GETRQ, 0, 8);
    add_discard(f, 10, BLKTRACE_QUEUE, 800, 8);
    add_discard(f, 20, BLKTRACE_QUEUE, 1600, 8);
    add_discard(f, 1000, BLKTRACE_ISSUE, 0, 24);
}

static void expect_three_ranges(const struct trace_request *x)
{
    assert_int_equal(x->kind, IO_TRIM);
    assert_int_equal(x->bytes, 24 * 512);
    assert_int_equal(x->range_count, 3);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(x->ranges[i].offset, 800 * 512 * i);
        assert_int_equal(x->ranges[i].bytes, 8 * 512);
    }
}

static void test_a_discard_trims_the_ranges_that_were_queued(void **state)
{
    struct fixture *f = *state;
    add_merged_discards(f);
    add_discard(f, 1100, BLKTRACE_REQUEUE, 0, 24);
    add_discard(f, 2000, BLKTRACE_ISSUE, 0, 24);
    add_discard(f, 9000, BLKTRACE_COMPLETE, 0, 24);
    const struct trace_info *info = open_as(f, 'D');
    assert_int_equal(info->requests, 1);
    assert_int_equal(info->requeued, 1);
    assert_int_equal(info->unfollowed, 0);
    assert_int_equal(info->end_offset, 1608 * 512);
    assert_int_equal(request(f, 0)->latency_ns, 7000);
    expect_three_ranges(request(f, 0));
    open_as(f, 'Q'); // each of the three completes with the request
    for (uint64_t i = 0; i < 3; i++) {
        assert_int_equal(request(f, i)->offset, 800 * 512 * i);
        assert_int_equal(request(f, i)->range_count, 0);
        assert_int_equal(request(f, i)->latency_ns, 9000 - 10 * i);
    }
}

static void test_a_discard_that_cannot_be_followed_is_told(void **state)
{
    struct fixture *f = *state;
    add_discard(f, 0, BLKTRACE_ISSUE, 0, 24);
    assert_int_equal(open_as(f, 'D')->unfollowed, 1);
    expect_error(f, "memory: warning: 1 discard cannot be followed to what was queued");
    add_discard(f, 1, BLKTRACE_REQUEUE, 0, 24);
    add_discard(f, 2, BLKTRACE_QUEUE, 800, 8);
    add_discard(f, 3, BLKTRACE_ISSUE, 800, 8);
    add_discard(f, 4, BLKTRACE_REQUEUE, 800, 8);
    add_discard(f, 5, BLKTRACE_ISSUE, 800, 8);
    assert_int_equal(open_as(f, 'D')->unfollowed, 0);
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

// What was given back is a request of its own when it comes again: it does not end up in another one's ranges.
static void test_a_discard_given_back_keeps_its_request(void **state)
{
    struct fixture *f = *state;
    add_discard(f, 0, BLKTRACE_QUEUE, 0, 8);
    add_discard(f, 1, BLKTRACE_GETRQ, 0, 8);
    add_discard(f, 2, BLKTRACE_ISSUE, 0, 8);
    add_discard(f, 3, BLKTRACE_QUEUE, 100, 8);
    add_discard(f, 4, BLKTRACE_GETRQ, 100, 8);
    add_discard(f, 5, BLKTRACE_REQUEUE, 0, 8);
    add_discard(f, 6, BLKTRACE_ISSUE, 100, 16); // whatever else is in it
    assert_int_equal(open_as(f, 'D')->unfollowed, 1);
    assert_int_equal(request(f, 0)->range_count, 0);
}

// Nothing issued anywhere: the one with most requests, or of equal ones the one with the lowest number.
static void test_of_devices_side_by_side_the_busiest_is_chosen(void **state)
{
    struct fixture *f = *state;
    struct record x = record_of(0, ACTION(QUEUE, R), 0, 8);
    static const uint32_t devices[] = {9, 8, 7};
    for (uint64_t i = 0; i < 3; i++) {
        x.device = devices[i];
        record_add(&f->recording, x);
    }
    assert_int_equal(open_as(f, 'Q')->device, 7);
    x.device = 9;
    record_add(&f->recording, x);
    assert_int_equal(open_as(f, 'Q')->device, 9);
}

static void add_to(struct fixture *f, uint32_t device, uint64_t time, uint64_t action, uint64_t sector)
{
    struct record x = record_of(time, action, sector, 8);
    x.device = device;
    record_add(&f->recording, x);
}

enum { MULTIPATH = 253 << 20 | 1, PATH_A = 8 << 20 | 16, PATH_B = 8 << 20 | 32 };

// Request-based device mapper: the stacked device has issues, too, and a remap for each stands with the path.
static void add_multipath(struct fixture *f)
{
    static const uint8_t to_a[16] = {0x0f, 0xd0, 0, 1, 0, 0x80, 0, 0x10};
    for (uint64_t i = 0; i < 3; i++) {
        add_to(f, MULTIPATH, 100 * i, ACTION(QUEUE, R), 8 * i);
        add_to(f, MULTIPATH, 100 * i + 10, ACTION(ISSUE, R), 8 * i);
        struct record remap = record_of(100 * i + 20, ACTION(REMAP, R), 8 * i, 8);
        remap.device = PATH_A;
        remap.pdu = to_a;
        remap.pdu_length = sizeof to_a;
        record_add(&f->recording, remap);
        add_to(f, PATH_A, 100 * i + 30, ACTION(ISSUE, R), 8 * i);
        add_to(f, PATH_A, 100 * i + 80, ACTION(COMPLETE, R), 8 * i);
        add_to(f, MULTIPATH, 100 * i + 90, ACTION(COMPLETE, R), 8 * i);
    }
    add_to(f, MULTIPATH, 400, ACTION(ISSUE, R), 8000); // more there than below: one went another way
    add_to(f, PATH_B, 430, ACTION(ISSUE, R), 8000);
}

static void test_of_a_stack_the_lowest_device_is_chosen(void **state)
{
    struct fixture *f = *state;
    add_multipath(f);
    const struct trace_info *info = open_as(f, 'D');
    assert_int_equal(info->device, PATH_A);
    assert_int_equal(info->requests, 3);
    assert_int_equal(request(f, 0)->latency_ns, 50);
    expect_error(f, "requests to 3 devices; only those to 8,16 are replayed; --device chooses another: 8,32 (1), "
                    "253,1 (4)");
}

// A partition's remap to its own disk, as both are one device to the recorder, does not make the disk a stack.
static void test_a_remap_within_a_device_hides_nothing(void **state)
{
    static const uint8_t within_a[16] = {0, 0x80, 0, 0x10, 0, 0x80, 0, 0x10};
    struct fixture *f = *state;
    struct record remap = record_of(0, ACTION(REMAP, R), 8, 8);
    remap.device = PATH_A;
    remap.pdu = within_a;
    remap.pdu_length = sizeof within_a;
    record_add(&f->recording, remap);
    add_to(f, PATH_A, 10, ACTION(ISSUE, R), 8);
    add_to(f, PATH_A, 20, ACTION(ISSUE, R), 16);
    add_to(f, PATH_B, 30, ACTION(ISSUE, R), 8);
    assert_int_equal(open_as(f, 'D')->device, PATH_A);
}

static struct trace *open_device(struct fixture *f, const char *device)
{
    trace_close(f->trace);
    return f->trace = trace_open_memory(f->diag, "memory", f->recording.bytes, f->recording.size,
                                        &(struct trace_options){.device = device});
}

static void test_another_device_can_be_chosen(void **state)
{
    struct fixture *f = *state;
    add_multipath(f);
    assert_non_null(open_device(f, "253,1"));
    assert_int_equal(trace_get_info(f->trace)->requests, 4);
    assert_int_equal(request(f, 0)->latency_ns, 80);
    assert_null(open_device(f, "8,48"));
    expect_error(f, "--device: error: no requests to 8,48 in it; there are to (how many): 8,16 (3), 8,32 (1), "
                    "253,1 (4)");
    static const char *const bad[] = {"", "8", "8,", "8,16x", "sda"};
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        assert_null(open_device(f, bad[i]));
    expect_error(f, "--device: error: 'sda' is not a device: MAJOR,MINOR, such as 8,16");
}

// One file for two CPUs is not the recorder's own: somebody may have filtered it.
static void test_gaps_in_a_merged_recording_are_no_losses(void **state)
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
    assert_int_equal(info->lost, 0);
    assert_int_equal(info->gaps, 3);
    assert_int_equal(info->cpus, 2);
    char *text = printed(f->diag);
    assert_string_equal(text, "");
    free(text);
}

// A remap from a partition is numbered by the disk whose trace it is in, whatever it names.
static void test_remaps_leave_no_gaps(void **state)
{
    struct fixture *f = *state;
    static const uint8_t to_partition[16] = {0x0f, 0xd0, 0, 0, 0, 0x80, 0, 1}, to_disk[16] = {0, 0x80, 0, 1, 0, 0x80};
    for (uint32_t i = 0; i < 10; i++) {
        struct record x = record_of(10 * i, ACTION(REMAP, R), 8 * i, 8);
        x.device = 8 << 20;
        x.sequence = 3 * i + 1;
        x.pdu = i % 2 == 0 ? to_partition : to_disk;
        x.pdu_length = 16;
        record_add(&f->recording, x);
        x = record_of(10 * i + 1, ACTION(QUEUE, R), 8 * i, 8);
        x.device = 8 << 20;
        x.sequence = 3 * i + 2;
        record_add(&f->recording, x);
        x.action = ACTION(ISSUE, R);
        x.sequence = 3 * i + 3;
        record_add(&f->recording, x);
    }
    const struct trace_info *info = open_as(f, 'D');
    assert_int_equal(info->gaps, 0);
    assert_int_equal(info->requests, 10);
}

static void test_nothing_to_replay_is_an_error(void **state)
{
    struct fixture *f = *state;
    add(f, 0, ACTION(QUEUE, R), 0, 8);
    assert_null(record_open(&f->recording, f->diag, 'D', 0));
    expect_error(f, "memory: error: no requests in it: 1 events, 0 of them 'D', 0 passthrough; --action Q replays what "
                    "was queued\n");
    f->recording.size = 0;
    assert_null(record_open(&f->recording, f->diag, 'D', 0));
    expect_error(f, "memory: error: no requests in it: it is empty");
}

static void test_a_recording_of_one_kind_of_event_tells_what_to_do(void **state)
{
    struct fixture *f = *state;
    add(f, 0, ACTION(COMPLETE, R), 0, 8);
    assert_null(record_open(&f->recording, f->diag, 'D', 0));
    expect_error(f, "completions do not tell when a request began: record issues, too");
    f->recording.size = 0;
    add(f, 0, ACTION(ISSUE, R), 0, 8);
    assert_null(record_open(&f->recording, f->diag, 'Q', 0));
    expect_error(f, "0 of them 'Q', 0 passthrough; --action D replays what was issued\n");
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
        TEST(test_merged_bios_are_one_request_for_the_driver),
        TEST(test_notes_of_drivers_are_counted_only),
        TEST(test_write_zeroes_where_the_version_tells_them),
        TEST(test_a_preflush_belongs_to_its_write),
        TEST(test_a_write_in_several_steps_ends_with_the_last),
        TEST(test_a_write_in_steps_and_a_flush_are_not_mistaken),
        TEST(test_a_flush_ends_for_the_device_and_later_for_the_queue),
        TEST(test_latency_is_matched_by_place_and_direction),
        TEST(test_a_lost_completion_costs_one_latency),
        TEST(test_a_lost_completion_of_a_flush_costs_one_latency),
        TEST(test_a_completion_stamped_before_its_issue_costs_one_latency),
        TEST(test_a_lost_issue_just_before_costs_no_latency),
        TEST(test_requests_under_way_at_the_end_are_not_unanswered),
        TEST(test_a_split_request_ends_with_its_last_part),
        TEST(test_a_split_request_without_one_of_its_ends_has_none),
        TEST(test_a_requeued_issue_does_not_count),
        TEST(test_an_issue_of_what_is_under_way_is_the_same_request_again),
        TEST(test_equal_requests_at_a_time_are_not_one),
        TEST(test_what_was_queued_tells_a_new_request_from_a_reissue),
        TEST(test_queue_events_alone_tell_it_too),
        TEST(test_a_reissue_is_of_the_same_length_and_near_in_time),
        TEST(test_the_second_half_of_a_split_is_not_a_reissue),
        TEST(test_a_discard_trims_the_ranges_that_were_queued),
        TEST(test_a_discard_that_cannot_be_followed_is_told),
        TEST(test_passthrough_is_counted_and_not_replayed),
        TEST(test_one_device_is_chosen_with_a_warning),
        TEST(test_a_discard_given_back_keeps_its_request),
        TEST(test_of_devices_side_by_side_the_busiest_is_chosen),
        TEST(test_of_a_stack_the_lowest_device_is_chosen),
        TEST(test_a_remap_within_a_device_hides_nothing),
        TEST(test_another_device_can_be_chosen),
        TEST(test_gaps_in_a_merged_recording_are_no_losses),
        TEST(test_remaps_leave_no_gaps),
        TEST(test_nothing_to_replay_is_an_error),
        TEST(test_a_recording_of_one_kind_of_event_tells_what_to_do),
        TEST(test_an_unknown_action_to_replay_is_an_error),
        TEST(test_absurd_ranges_and_times_are_malformed),
        TEST(test_bytes_that_are_no_whole_sectors_are_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
