// Block events as the kernel's tracers, trace-cmd and perf print them. What a line means was worked out from the print
// formats of Linux (include/trace/events/block.h, kernel/trace/blktrace.c).
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "fixture.h"

// A recording of nothing but a line: what came of it.
static struct trace_event only(struct fixture *f, const char *line)
{
    struct trace_event event, none;
    trace_events_close(f->events);
    f->events = trace_events_open_memory(f->diag, "t.txt", line, strlen(line), 0, NULL);
    if (f->events == NULL)
        fail_msg("cannot read: %s", line);
    assert_string_equal(trace_events_format(f->events), "ftrace");
    assert_int_equal(trace_next_event(f->events, &event), 1);
    assert_int_equal(trace_next_event(f->events, &none), 0);
    return event;
}

static void read_requests(struct fixture *f, const char *text, char action)
{
    struct trace_options options = {.action = action};
    trace_close(f->trace);
    f->trace = trace_open_memory(f->diag, "t.txt", text, strlen(text), &options);
}

static void expect_message(const struct fixture *f, const char *part)
{
    char *text = printed(f->diag);
    if (strstr(text, part) == NULL)
        fail_msg("'%s' not in: %s", part, text);
    free(text);
}

// ---- heads -------------------------------------------------------------------------------------------------------

#define ISSUE "block_rq_issue: 8,16 R 4096 () 800 + 8 [fio]\n"

static void test_every_head_says_who_and_when(void **state)
{
    static const struct { const char *head; uint32_t pid, cpu; } heads[] = {
        {"             fio-1234    [003] d..1.  5.000700: " ISSUE, 1234, 3},
        {"             fio-1234    [003]  5.000700: " ISSUE, 1234, 3},
        {"             fio-1234    (   1230) [003] .....  5.000700: " ISSUE, 1234, 3},
        {"             fio-1234    (-----) [003] .....  5.000700: " ISSUE, 1234, 3},
        {"    kworker/3:1H-1234    [003] .....  5.000700: " ISSUE, 1234, 3},
        {"   Web [2] -con:t-1234    [003] .....  5.000700: " ISSUE, 1234, 3},
        {"           <...>-1234    [003] .....  5.000700: " ISSUE, 1234, 3},
        {"     fio  1234 [003]     5.000700:  block:" ISSUE, 1234, 3},
        {"  my fio  1230/1234  [003]     5.000700:  block:" ISSUE, 1234, 3},
        {"5.000700:       block:" ISSUE, 0, 0},
        {"buffer:              fio-1234  [003] 5.000700000:       block_rq_issue: 8,16 R 4096 () 800 + 8 0x2,0,4 [fio]\n",
         1234, 3},
    };
    for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
        struct trace_event event = only(*state, heads[i].head);
        if (event.pid != heads[i].pid || event.cpu != heads[i].cpu || event.device != (8u << 20 | 16) ||
            event.sector != 800 || event.bytes != 4096 || trace_event_action(&event) != BLKTRACE_ISSUE)
            fail_msg("%s: pid %u, CPU %u", heads[i].head, event.pid, event.cpu);
    }
}

static void test_times_are_exact_whatever_their_digits(void **state)
{
    struct fixture *f = *state;
    read_requests(f, "a-1 [000] ..... 5.0007: block_rq_issue: 8,0 R 512 () 0 + 1 [a]\n"
                     "a-1 [000] ..... 5.000701: block_rq_issue: 8,0 R 512 () 1 + 1 [a]\n"
                     "a-1 [000] ..... 5.000701002: block_rq_issue: 8,0 R 512 () 2 + 1 [a]\n", 'D');
    assert_int_equal(request_at(f->trace, 1)->time_ns, 1000);
    assert_int_equal(request_at(f->trace, 2)->time_ns, 1002);
}

// ---- bodies ------------------------------------------------------------------------------------------------------

#define HEAD "a-7 [001] ..... 1.000000: "
#define READ_ BLKTRACE_IS_READ
#define WRITE_ BLKTRACE_IS_WRITE

static const struct {
    const char *line;
    unsigned action;
    uint64_t categories; // these and no other of what the device does
    uint64_t sector, bytes;
} bodies[] = {
    {HEAD "block_bio_queue: 8,0 WFS 64 + 8 [a]\n", BLKTRACE_QUEUE, WRITE_ | BLKTRACE_IS_FUA, 64, 4096},
    {HEAD "block_getrq: 8,0 RA 64 + 8 [a]\n", BLKTRACE_GETRQ, READ_, 64, 4096},
    {HEAD "block_bio_backmerge: 8,0 W 64 + 8 [a]\n", BLKTRACE_BACKMERGE, WRITE_, 64, 4096},
    {HEAD "block_bio_frontmerge: 8,0 W 64 + 8 [a]\n", BLKTRACE_FRONTMERGE, WRITE_, 64, 4096},
    {HEAD "block_rq_insert: 8,0 W 4096 () 64 + 8 be,0,4 [a]\n", BLKTRACE_INSERT, WRITE_, 64, 4096},
    // The number of bytes is 0 in old kernels; perf cannot name a priority.
    {HEAD "block_rq_issue: 8,0 W 0 () 64 + 8 [a]\n", BLKTRACE_ISSUE, WRITE_, 64, 4096},
    {HEAD "block_rq_issue: 8,0 W 4096 () 64 + 8 0x2,0,4 [a]\n", BLKTRACE_ISSUE, WRITE_, 64, 4096},
    {HEAD "block_rq_complete: 8,0 W () 64 + 8 none,0,0 [0]\n", BLKTRACE_COMPLETE, WRITE_, 64, 4096},
    {HEAD "block_bio_complete: 8,0 W 64 + 8 [-5]\n", BLKTRACE_COMPLETE, WRITE_, 64, 4096},
    {HEAD "block_rq_requeue: 8,0 W () 64 + 8 be,0,4 [0]\n", BLKTRACE_REQUEUE, WRITE_, 64, 4096},
    {HEAD "block_split: 8,0 W 64 / 72 [a]\n", BLKTRACE_SPLIT, WRITE_, 64, 4096},
    {HEAD "block_bio_remap: 8,0 W 64 + 8 <- (8,1) 0\n", BLKTRACE_REMAP, WRITE_, 64, 4096},
    {HEAD "block_rq_remap: 8,0 W 64 + 8 <- (8,1) 0 3\n", BLKTRACE_REMAP, WRITE_, 64, 4096},
    {HEAD "block_rq_issue: 8,0 DS 4096 () 64 + 8 be,0,4 [a]\n", BLKTRACE_ISSUE, WRITE_ | BLKTRACE_IS_DISCARD, 64, 4096},
    // Neither read nor write nor flush: with sectors it writes zeroes, without it is a command of its own.
    {HEAD "block_rq_issue: 8,0 NS 4096 () 64 + 8 [a]\n", BLKTRACE_ISSUE, WRITE_ | BLKTRACE_IS_WRITE_ZEROES, 64, 4096},
    {HEAD "block_rq_issue: 8,0 N 36 (12 00 00 00 24 00 ) 0 + 0 [a]\n", BLKTRACE_ISSUE, BLKTRACE_IS_PC, 0, 36},
    {HEAD "block_rq_complete: 8,0 N () 18446744073709551615 + 0 [0]\n", BLKTRACE_COMPLETE, BLKTRACE_IS_PC, 0, 0},
    {HEAD "block_rq_issue: 8,0 FF 0 () 0 + 0 none,0,0 [a]\n", BLKTRACE_ISSUE, BLKTRACE_IS_FLUSH, 0, 0},
    {HEAD "block_rq_complete: 8,0 FF () 18446744073709551615 + 0 [0]\n", BLKTRACE_COMPLETE, BLKTRACE_IS_FLUSH, 0, 0},
    {HEAD "  8,0    D  FN [a]\n", BLKTRACE_ISSUE, BLKTRACE_IS_FLUSH, 0, 0},
    {HEAD "  8,0    C  WS 64 + 8 [0]\n", BLKTRACE_COMPLETE, WRITE_, 64, 4096},
    {HEAD "  8,0    X  RA 64 / 72 [a]\n", BLKTRACE_SPLIT, READ_, 64, 4096},
    {"  8,0    1 51457.172139028  2163  Q  RA 64 + 8 [a]\n", BLKTRACE_QUEUE, READ_, 64, 4096},
};

static void test_every_event_has_its_meaning(void **state)
{
    const uint64_t told = READ_ | WRITE_ | BLKTRACE_IS_FLUSH | BLKTRACE_IS_DISCARD | BLKTRACE_IS_WRITE_ZEROES |
                          BLKTRACE_IS_PC | BLKTRACE_IS_FUA;
    for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
        struct trace_event event = only(*state, bodies[i].line);
        if (trace_event_action(&event) != bodies[i].action || (event.action & told) != bodies[i].categories ||
            event.sector != bodies[i].sector || event.bytes != bodies[i].bytes)
            fail_msg("%s: action %llx, %llu + %llu", bodies[i].line, (unsigned long long)event.action,
                     (unsigned long long)event.sector, (unsigned long long)event.bytes);
    }
}

static void test_a_passthrough_command_is_kept(void **state)
{
    struct trace_event event = only(*state, HEAD "block_rq_issue: 8,0 N 36 (12 00 00 00 24 00 ) 0 + 0 [a]\n");
    assert_int_equal(event.pdu_length, 6);
    assert_memory_equal(event.pdu, "\x12\0\0\0\x24\0", 6);
}

// ---- requests ----------------------------------------------------------------------------------------------------

// A flush is answered twice, to the device's own request and to the bio; the first is the device's.
static const char flush[] =
    "  mke2fs-1    [000] ..... 1.000000: block_bio_queue: 7,0 FWS 0 + 0 [mke2fs]\n"
    "    kw/0-2    [000] ..... 1.000010: block_rq_issue: 7,0 FF 0 () 0 + 0 none,0,0 [kw/0]\n"
    " ksoft/0-3    [000] ..s.. 1.000250: block_rq_complete: 7,0 FF () 18446744073709551615 + 0 none,0,0 [0]\n"
    " ksoft/0-3    [000] d.s1. 1.000260: block_rq_complete: 7,0 WS () 0 + 0 be,0,4 [0]\n";

static void test_a_flush_ends_where_it_was_asked_for(void **state)
{
    struct fixture *f = *state;
    read_requests(f, flush, 'D');
    assert_int_equal(trace_get_info(f->trace)->requests, 1);
    assert_int_equal(request_at(f->trace, 0)->kind, IO_FLUSH);
    assert_int_equal(request_at(f->trace, 0)->latency_ns, 240000);
    read_requests(f, flush, 'Q');
    assert_int_equal(request_at(f->trace, 0)->latency_ns, 260000);
}

static void test_zeroes_that_are_written_are_replayed_as_such(void **state)
{
    struct fixture *f = *state;
    read_requests(f, HEAD "block_rq_issue: 8,0 NS 4096 () 64 + 8 [a]\n"
                     "a-7 [001] ..... 1.000030: block_rq_complete: 8,0 NS () 64 + 8 [0]\n", 'D');
    assert_int_equal(request_at(f->trace, 0)->kind, IO_WRITE_ZEROES);
    assert_int_equal(request_at(f->trace, 0)->latency_ns, 30000);
}

static void test_what_surrounds_events_is_passed_over(void **state)
{
    struct fixture *f = *state;
    read_requests(f, "# tracer: nop\n#\n# entries-in-buffer/entries-written: 4/4   #P:2\n"
                     HEAD "block_rq_issue: 8,0 R 4096 () 64 + 8 [a]\n"
                     "\tffffffff81b0785f blk_mq_start_request+0xcf ([kernel.kallsyms])\n"
                     "\t    7f12aab3 [unknown] (/usr/bin/fio)\n"
                     " => blk_mq_start_request\n\n"
                     HEAD "block_io_start: 8,0 R 4096 () 64 + 8 [a]\n"
                     HEAD "block_rq_error: 8,0 R () 64 + 8 [-5]\n"
                     HEAD "block_rq_complete: 8,0 R () 64 + 8 [0]\n", 'D');
    assert_int_equal(trace_get_info(f->trace)->events, 2);
    assert_int_equal(trace_get_info(f->trace)->passed, 0);
    char *text = printed(f->diag);
    assert_string_equal(text, "");
    free(text);
}

static void test_events_of_others_are_counted(void **state)
{
    struct fixture *f = *state;
    read_requests(f, HEAD "block_rq_issue: 8,0 R 4096 () 64 + 8 [a]\n" HEAD "sched_switch: prev_comm=a\n", 'D');
    assert_int_equal(trace_get_info(f->trace)->passed, 1);
    expect_message(f, "t.txt:2: warning: passed over, and with it every line that is no event: 1 in all");
}

// ---- what is wrong -----------------------------------------------------------------------------------------------

static void test_what_the_recorder_lost_is_told(void **state)
{
    static const struct { const char *line, *told; } rows[] = {
        {"# entries-in-buffer/entries-written: 485/1000   #P:2\n",
         "t.txt:1: warning: the recorder says that it dropped 515 events: larger buffers keep them"},
        {"CPU:1 [LOST 37 EVENTS]\n", "t.txt:1: warning: the recorder says that it dropped 37 events: "},
        {"CPU:1 [LOST EVENTS]\n", "t.txt:1: warning: the recorder says that it dropped 1 event: "},
        {"CPU:0 [9 EVENTS DROPPED]\n", "t.txt:1: warning: the recorder says that it dropped 9 events: "},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct fixture *f = *state;
        char text[256];
        snprintf(text, sizeof text, "%s" HEAD "block_rq_issue: 8,0 R 4096 () 64 + 8 [a]\n", rows[i].line);
        read_requests(f, text, 'D');
        expect_message(f, rows[i].told);
    }
}

#define GOOD HEAD "block_rq_issue: 8,0 R 4096 () 64 + 8 [a]\n"

static const struct { const char *line, *told; } bad_lines[] = {
    {HEAD "block_rq_issue: 8 R 4096 () 64 + 8 [a]\n", "t.txt:2: error: bad device"},
    {HEAD "block_rq_issue: 8,0 R 4096 () x + 8 [a]\n", "t.txt:2: error: bad sector"},
    {HEAD "block_rq_issue: 8,0 R 4096 () 64 - 8 [a]\n", "t.txt:2: error: expected + after the sector"},
    {HEAD "block_rq_issue: 8,0 R 4096 () 64 + y [a]\n", "t.txt:2: error: bad number of sectors"},
    {HEAD "block_rq_issue: 8,0 R z () 64 + 8 [a]\n", "t.txt:2: error: bad number of bytes"},
    {HEAD "block_rq_issue: 8,0 R 4096 (xx) 64 + 8 [a]\n", "t.txt:2: error: bad command of a passthrough request"},
    {HEAD "block_rq_issue: 8,0 R 4096 () 64 + 8\n", "t.txt:2: error: expected [process]"},
    {HEAD "block_rq_issue: 8,0 Q 4096 () 64 + 8 [a]\n", "t.txt:2: error: unknown rwbs"},
    {HEAD "block_rq_complete: 8,0 R () 64 + 8 [x]\n", "t.txt:2: error: bad error number"},
    {HEAD "block_rq_complete: 8,0 R () 64 + 8 [0] more\n", "t.txt:2: error: unexpected text at the end"},
    {HEAD "block_split: 8,0 R 64 [a]\n", "t.txt:2: error: expected / after the sector"},
    {HEAD "block_bio_remap: 8,0 W 64 + 8 (8,1) 0\n", "t.txt:2: error: expected <- after the sectors"},
    {HEAD "  8,0    E  RA 64 + 8 [a]\n", "t.txt:2: error: unknown action"},
    {"a-7 [99999] ..... 1.000000: block_rq_issue: 8,0 R 4096 () 64 + 8 [a]\n", "t.txt:2: error: bad CPU number"},
    {"a-99999999999 [001] ..... 1.000000: block_rq_issue: 8,0 R 0 () 64 + 8 [a]\n",
     "t.txt:2: error: bad process number"},
    {"a-7 [001] ..... 1.0000000001: block_rq_issue: 8,0 R 4096 () 64 + 8 [a]\n", "t.txt:2: error: bad time"},
};

static void test_a_malformed_line_is_named(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < ARRAY_SIZE(bad_lines); i++) {
        char text[512];
        diag_destroy(f->diag);
        f->diag = diag_create();
        snprintf(text, sizeof text, "%s%s%s", GOOD, bad_lines[i].line, GOOD);
        read_requests(f, text, 'D');
        if (f->trace != NULL)
            fail_msg("accepted: %s", bad_lines[i].line);
        expect_message(f, bad_lines[i].told);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_every_head_says_who_and_when),
        TEST(test_times_are_exact_whatever_their_digits),
        TEST(test_every_event_has_its_meaning),
        TEST(test_a_passthrough_command_is_kept),
        TEST(test_a_flush_ends_where_it_was_asked_for),
        TEST(test_zeroes_that_are_written_are_replayed_as_such),
        TEST(test_what_surrounds_events_is_passed_over),
        TEST(test_events_of_others_are_counted),
        TEST(test_what_the_recorder_lost_is_told),
        TEST(test_a_malformed_line_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
