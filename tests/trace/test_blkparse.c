// blkparse's text: every tail, odd process names, what is passed over, and the place of what is malformed.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "fixture.h"

#define HEAD "259,0    2        1     1.000000005   767  "

static struct trace_events *open_text(struct fixture *f, const char *text, uint64_t skip_bad)
{
    trace_events_close(f->events);
    f->events = trace_events_open_memory(f->diag, "t.txt", text, strlen(text), skip_bad, NULL);
    return f->events;
}

static struct trace_event only(struct fixture *f, const char *text)
{
    struct trace_event event, none;
    if (open_text(f, text, 0) == NULL)
        fail_msg("cannot read: %s", text);
    assert_int_equal(trace_next_event(f->events, &event), 1);
    assert_int_equal(trace_next_event(f->events, &none), 0);
    return event;
}

static void expect_process(const struct trace_event *event, const char *name)
{
    assert_int_equal(event->process_length, strlen(name));
    assert_memory_equal(event->process, name, strlen(name));
}

static void expect_error(const struct fixture *f, const char *part)
{
    char *text = printed(f->diag);
    if (strstr(text, part) == NULL)
        fail_msg("'%s' not in: %s", part, text);
    free(text);
}

static void test_the_head_of_a_line(void **state)
{
    struct trace_event event = only(*state, "  8,16  13   123456    99.000000007 65535  Q WSM 8 + 16 [a]\n");
    assert_int_equal(event.device, 8u << 20 | 16);
    assert_int_equal(event.cpu, 13);
    assert_int_equal(event.sequence, 123456);
    assert_int_equal(event.time_ns, 0);
    assert_int_equal(event.pid, 65535);
    assert_int_equal(event.action,
                     ACTION(QUEUE, BLKTRACE_IS_QUEUED | BLKTRACE_IS_WRITE | BLKTRACE_IS_SYNC | BLKTRACE_IS_META));
    assert_int_equal(event.sector, 8);
    assert_int_equal(event.bytes, 16 * 512);
    expect_process(&event, "a");
}

static void test_time_counts_from_the_first_event(void **state)
{
    struct fixture *f = *state;
    struct trace_event event;
    assert_non_null(open_text(f, HEAD "D   R 0 + 8 [x]\n259,0 0 2 2.500000000 7 C R 0 + 8 [0]\n", 0));
    assert_int_equal(trace_next_event(f->events, &event), 1);
    assert_int_equal(event.time_ns, 0);
    assert_int_equal(trace_next_event(f->events, &event), 1);
    assert_int_equal(event.time_ns, 1499999995);
}

static void test_letters_of_rwbs(void **state)
{
    static const struct {
        const char *text;
        uint64_t categories;
    } cases[] = {
        {"R", BLKTRACE_IS_READ},
        {"RA", BLKTRACE_IS_READ | BLKTRACE_IS_AHEAD},
        {"W", BLKTRACE_IS_WRITE},
        {"WFS", BLKTRACE_IS_WRITE | BLKTRACE_IS_FUA | BLKTRACE_IS_SYNC},
        {"FWFSM", BLKTRACE_IS_FLUSH | BLKTRACE_IS_WRITE | BLKTRACE_IS_FUA | BLKTRACE_IS_SYNC | BLKTRACE_IS_META},
        {"WBS", BLKTRACE_IS_WRITE | BLKTRACE_IS_FLUSH | BLKTRACE_IS_SYNC}, // the barrier of Linux before 2.6.37
        {"DES", BLKTRACE_IS_DISCARD | BLKTRACE_IS_WRITE | BLKTRACE_IS_SYNC}, // secure erase
        {"WFSU", BLKTRACE_IS_WRITE | BLKTRACE_IS_FUA | BLKTRACE_IS_SYNC},    // atomic
        {"DS", BLKTRACE_IS_DISCARD | BLKTRACE_IS_WRITE | BLKTRACE_IS_SYNC},
        {"FN", BLKTRACE_IS_FLUSH},
        {"WZS", BLKTRACE_IS_WRITE | BLKTRACE_IS_WRITE_ZEROES | BLKTRACE_IS_SYNC},
        {"ZA", BLKTRACE_IS_ZONE_APPEND},
        {"ZR", BLKTRACE_IS_ZONE_RESET},
        {"ZF", BLKTRACE_IS_ZONE_FINISH},
        {"ZO", BLKTRACE_IS_ZONE_OPEN},
        {"ZC", BLKTRACE_IS_ZONE_CLOSE},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char line[128];
        snprintf(line, sizeof line, HEAD "D %s 8 + 8 [x]", cases[i].text);
        struct trace_event event = only(*state, line);
        assert_int_equal(event.action, ACTION(ISSUE, BLKTRACE_IS_ISSUED | cases[i].categories));
    }
}

static void test_tails(void **state)
{
    struct trace_event event = only(*state, HEAD "X   R 2048 / 3072 [fio]");
    assert_int_equal(event.value, 3072);
    assert_int_equal(event.recorder, 259u << 20);
    assert_int_equal(event.bytes, 1024 * 512);
    event = only(*state, HEAD "UT   N [dd] 17");
    assert_int_equal(event.value, 17);
    assert_int_equal(trace_event_action(&event), BLKTRACE_UNPLUG_TIMER);
    event = only(*state, "8,0 1 2 0.000000000 5 A W 100 + 8 <- (259,3) 36");
    assert_int_equal(event.device, 8u << 20);
    assert_int_equal(event.from_device, 259u << 20 | 3);
    assert_int_equal(event.from_sector, 36);
    assert_int_equal(event.recorder, TRACE_RECORDER_UNKNOWN); // whose trace it is in the text does not tell
    event = only(*state, HEAD "C  WS 0 [0]");
    assert_int_equal(event.bytes, 0);
    assert_false(trace_event_is(&event, BLKTRACE_IS_PC));
    event = only(*state, HEAD "C   R 8 + 8 [65531]");
    assert_int_equal(event.error, 65531);
    event = only(*state, HEAD "C   R 8 + 8 [-5]");
    assert_int_equal((int16_t)event.error, -5);
    event = only(*state, HEAD "Q FWS [mke2fs]");
    expect_process(&event, "mke2fs");
    assert_int_equal(event.bytes, 0);
    event = only(*state, HEAD "P   N [mke2fs]");
    expect_process(&event, "mke2fs");
}

static void test_a_message_is_kept_as_it_is(void **state)
{
    struct trace_event event = only(*state, "8,0 1 0 0.000000000 0  m   N cfq7  [x] + 8\nTotal (x):\n");
    assert_true(trace_event_is_message(&event));
    assert_int_equal(event.pdu_length, 13);
    assert_memory_equal(event.pdu, "cfq7  [x] + 8", 13);
}

static void test_passthrough_requests(void **state)
{
    struct trace_event event = only(*state, HEAD "D   R 512 (12 00 ff ..) [sg inq]");
    assert_true(trace_event_is(&event, BLKTRACE_IS_PC));
    assert_int_equal(event.bytes, 512);
    assert_int_equal(event.pdu_length, 3);
    assert_memory_equal(event.pdu, "\x12\x00\xff", 3);
    expect_process(&event, "sg inq");
    assert_true(trace_event_is(&event, BLKTRACE_IS_PC));
    event = only(*state, HEAD "D   N 0 [nvme]");
    assert_true(trace_event_is(&event, BLKTRACE_IS_PC));
    event = only(*state, HEAD "C   N [0]");
    assert_true(trace_event_is(&event, BLKTRACE_IS_PC));
    event = only(*state, HEAD "C   N (12 00) [0]");
    assert_int_equal(event.pdu_length, 2);
}

static void test_times_of_option_t_are_passed_over(void **state)
{
    struct trace_event event = only(*state, HEAD "D   W 100 + 8 (    1234) [fio]");
    assert_int_equal(event.bytes, 8 * 512);
    event = only(*state, HEAD "C   W 100 + 8 (    1234) [0]");
    assert_int_equal(event.bytes, 8 * 512);
    event = only(*state, HEAD "C   W 100 (    1234) [0]");
    assert_false(trace_event_is(&event, BLKTRACE_IS_PC));
    event = only(*state, HEAD "D  FN (    1234) [fio]");
    expect_process(&event, "fio");
}

static void test_process_names_may_hold_anything(void **state)
{
    static const char *const names[] = {"a b", "a]b", "[x]", "] + 8 [", "kworker/2:1H-kblockd", ""};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        char line[128];
        snprintf(line, sizeof line, HEAD "D R 8 + 8 [%s]\r\n", names[i]);
        struct trace_event event = only(*state, line);
        expect_process(&event, names[i]);
    }
}

static void test_the_summary_and_remarks_are_passed_over(void **state)
{
    only(*state, "Input file x.blktrace.0 added\n\n" HEAD "D R 8 + 8 [x]\nCPU0 (x):\n Reads Queued: 1, 4KiB\n"
                 "\nThroughput (R/W): 1KiB/s / 0KiB/s\nEvents (x): 1 entries\nSkips: 0 forward (0 -   0.0%)\n");
}

static void test_events_out_of_order_are_sorted(void **state)
{
    struct fixture *f = *state;
    static const uint32_t sequences[] = {2, 3, 9};
    struct trace_event event;
    assert_non_null(open_text(f, "8,0 0 9 0.000000009 1 D R 8 + 8 [x]\n8,0 0 2 0.000000001 1 D R 8 + 8 [x]\n"
                                 "8,0 0 3 0.000000001 1 D R 8 + 8 [x]\n", 0));
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(trace_next_event(f->events, &event), 1);
        assert_int_equal(event.sequence, sequences[i]);
    }
}

static void expect_silence(const struct fixture *f)
{
    char *text = printed(f->diag);
    assert_string_equal(text, "");
    free(text);
}

// As `blkparse -s` prints it: a part for each program, which begins with its name, before the CPUs.
static void test_the_summary_of_programs_is_passed_over(void **state)
{
    only(*state, HEAD "D R 8 + 8 [x]\nfio (100)\n Reads Queued:           3,       12KiB\t Writes Queued: 0\n"
                 " Completion wait:        0        \t Completion wait:         0\n\nkworker/0:1 (7)\n"
                 " Reads Queued:           3,       12KiB\t Writes Queued: 0\n\nCPU0 (t):\n Reads Queued: 1\n");
    expect_silence(*state);
}

static void test_what_is_no_event_is_passed_over_and_told(void **state)
{
    struct fixture *f = *state;
    only(f, "\xef\xbb\xbf" "  8,0 1 2 0.000000000 5 D R 8 + 8 [x]\n\n");
    expect_silence(f);
    only(f, "$ blkparse -i sda\n# recorded on Monday\n" HEAD "D R 8 + 8 [x]\n[...]\nfio (100)\n$ ");
    assert_int_equal(trace_events_passed(f->events), 5);
    assert_int_equal(trace_events_skipped(f->events), 0);
    expect_error(f, "t.txt:1: warning: passed over, and with it every line that is no event: 5 in all\n");
}

// Only the line right above a program's summary is its name.
static void test_a_remark_before_the_summary_is_told(void **state)
{
    struct fixture *f = *state;
    only(f, "a remark\n" HEAD "D R 8 + 8 [x]\nCPU0 (x):\n Reads Queued: 1, 4KiB\n");
    assert_int_equal(trace_events_passed(f->events), 1);
    expect_error(f, "t.txt:1: warning: passed over, and with it every line that is no event: 1 in all\n");
}

static void test_lines_that_cannot_be_read_leave_no_gaps(void **state)
{
    static const char text[] = "8,0 0 1 0.000000000 1 D R 8 + 8 [x]\n8,0 0 2 0.000000001 1 D R 8 - 8 [x]\n"
                               "8,0 0 3 0.000000002 1 D R 8 + 8 [x]\n8,0 0 5 0.000000003 1 D R 8 + 8 [x]\n";
    struct fixture *f = *state;
    f->trace = trace_open_memory(f->diag, "t.txt", text, sizeof text - 1, &(struct trace_options){.skip_bad = 1});
    assert_non_null(f->trace);
    assert_int_equal(trace_get_info(f->trace)->gaps, 1);
}

// As `grep -n`, `grep -nH`, `grep -A`, `cat -n` and a system's log put it.
static void test_what_stands_before_every_event_is_passed_over(void **state)
{
    static const char *const prefixes[] = {"12:", "a b.txt:12:  ", "12-", "     1\t  ",
                                           "Nov 26 00:36:17 host blkparse[12]: ", "> "};
    struct fixture *f = *state;
    for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
        char text[512], expected[128];
        snprintf(text, sizeof text, "%s# who knows\n%s8,1 3 7 2.000000005 5 D R 80 + 8 [9,1 2]\n%s\n", prefixes[i],
                 prefixes[i], prefixes[i]);
        struct trace_event event = only(f, text);
        assert_int_equal(event.device, 8 << BLKTRACE_MINOR_BITS | 1);
        assert_int_equal(event.cpu, 3);
        assert_int_equal(event.sector, 80);
        assert_int_equal(event.bytes, 4096);
        snprintf(expected, sizeof expected, "t.txt:2: warning: what stands before the event is passed over, here and "
                 "in every line: '%s", prefixes[i]);
        expect_error(f, expected);
    }
    only(f, "12:" HEAD "D R 8 + 8 [x]\n" HEAD "D R 8 + 8 [x]\n"); // one line is whole: the other is no event
    assert_int_equal(trace_events_passed(f->events), 1);
}

static void test_a_long_preface_does_not_hide_the_events(void **state)
{
    struct fixture *f = *state;
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    for (int i = 0; i < 5000; i++)
        fprintf(to, "line %d of what somebody had to say\n", i);
    fputs(HEAD "D R 8 + 8 [x]\n", to);
    fclose(to);
    only(f, text);
    assert_int_equal(trace_events_passed(f->events), 5000);
    free(text);
}

static void test_a_last_line_that_is_cut_off_is_passed_over(void **state)
{
    struct fixture *f = *state;
    static const char last[] = HEAD "D R 8 + 8 [x]";
    for (size_t length = 1; length < sizeof last - 1; length++) {
        char text[256];
        snprintf(text, sizeof text, HEAD "D R 8 + 8 [x]\n%.*s", (int)length, last);
        only(f, text);
        assert_int_equal(trace_events_skipped(f->events), 0);
        assert_int_equal(trace_events_passed(f->events), 1);
    }
    expect_error(f, "t.txt:2: warning: the last line is cut off and passed over\n");
}

// ---- clocks ------------------------------------------------------------------------------------------------------

// One event for each of "cpu sequence ms", in this order; their times as read, in ms.
static void expect_times(struct fixture *f, const char *events, const char *expected)
{
    char lines[4096] = "", times[256] = "";
    unsigned cpu, sequence, ms;
    int used;
    for (; sscanf(events, "%u %u %u%n", &cpu, &sequence, &ms, &used) == 3; events += used)
        snprintf(lines + strlen(lines), sizeof lines - strlen(lines), "8,0 %u %u %u.%03u000000 1 D R 8 + 8 [x]\n", cpu,
                 sequence, ms / 1000, ms % 1000);
    assert_non_null(open_text(f, lines, 0));
    struct trace_event event;
    while (trace_next_event(f->events, &event) > 0)
        snprintf(times + strlen(times), sizeof times - strlen(times), "%u:%llu ", event.sequence,
                 (unsigned long long)event.time_ns / 1000000);
    assert_string_equal(times, expected);
}

static void test_a_clock_that_starts_again_is_not_interleaved(void **state)
{
    struct fixture *f = *state;
    expect_times(f, "0 1 0  0 2 100  0 3 2000  0 4 2100  0 5 0  0 6 200", "1:0 2:100 3:2000 4:2100 5:2100 6:2300 ");
    expect_error(f, "t.txt:5: warning: the clock starts again here: what follows is taken to follow at once\n");
    expect_times(f, "0 1 0  0 2 2000  0 3 0  0 4 3000  0 5 1", "1:0 2:2000 3:2000 4:5000 5:5000 ");
    expect_error(f, "t.txt:3: warning: the clock starts again here, and so at 1 other places");
}

static void test_a_clock_steps_back_by_more_than_rounding(void **state)
{
    expect_times(*state, "0 1 0  0 2 2000  0 3 1991", "1:0 3:1991 2:2000 ");
    expect_silence(*state);
    expect_times(*state, "0 1 0  0 2 2000  0 3 1980", "1:0 2:2000 3:2000 ");
}

// The other CPU's first event after the restart stands before that of the CPU which shows it.
static void test_a_restart_is_where_time_steps_back(void **state)
{
    struct fixture *f = *state;
    expect_times(f, "0 1 0  0 2 2000  1 90 0  1 91 1  0 3 2", "1:0 2:2000 90:2000 91:2001 3:2002 ");
    expect_error(f, "t.txt:3: warning: the clock starts again here");
}

static void test_another_recording_in_the_same_text_is_not_interleaved(void **state)
{
    struct fixture *f = *state;
    expect_times(f, "0 1 0  1 1 1  0 2 5  1 1 0  0 1 3  0 2 4", "1:0 1:1 2:5 1:5 1:8 2:9 ");
    expect_error(f, "t.txt:4: warning: another recording begins here: what follows is taken to follow at once\n");
}

static void test_lines_out_of_order_are_sorted_without_a_word(void **state)
{
    struct fixture *f = *state;
    expect_times(f, "0 3 3000  0 2 2000  0 1 0", "1:0 2:2000 3:3000 ");              // backwards
    expect_times(f, "0 1 0  0 2 3000  1 1 1  1 2 2000", "1:0 1:1 2:2000 2:3000 ");   // a CPU after the other
    expect_times(f, "0 1 0  0 2 3000  1 1 2999  0 3 2995", "1:0 3:2995 1:2999 2:3000 "); // a small inversion
    expect_silence(f);
}

static void test_each_malformed_line_is_named(void **state)
{
    static const struct {
        const char *line, *message;
    } cases[] = {
        {"259,0 2 1 1.5 767 D R 8 + 8 [x]", "bad time: expected nine digits after the point"},
        {"259,0 2 1 1 767 D R 8 + 8 [x]", "bad time"},
        {"259,0 70000 1 1.000000000 767 D R 8 + 8 [x]", "bad CPU number"},
        {"259,0 2 99999999999 1.000000000 767 D R 8 + 8 [x]", "bad sequence number"},
        {"259,1048576 2 1 1.000000000 767 D R 8 + 8 [x]", "bad device"},
        {"259,0 2 1 99999999999999999999.000000000 767 D R 8 + 8 [x]", "bad time"},
        {HEAD "Y R 8 + 8 [x]", "unknown action"},
        {HEAD "D Y 8 + 8 [x]", "unknown rwbs"},
        {HEAD "D RY 8 + 8 [x]", "unknown rwbs"},
        {HEAD "D R 8 + [x]", "bad number of sectors"},
        {HEAD "D R 99999999999999999999 + 8 [x]", "bad sector"},
        {HEAD "D R 8 + 99999999999999999999 [x]", "bad number of sectors"},
        {HEAD "D R 8 + 8", "expected [process]"},
        {HEAD "D R 8 + 8 [x", "expected ] after the process"},
        {HEAD "D R 8 + 8 [x] y", "unexpected text at the end"},
        {HEAD "D R 8 (12 zz) [x]", "bad command of a passthrough request"},
        {HEAD "C R 8 + 8 [x]", "bad error number"},
        {HEAD "X R 8 + 8 [x]", "expected / after the sector"},
        {HEAD "A R 8 + 8 (8,0) 9", "expected <- after the sectors"},
        {HEAD "G R 8 [x]", "expected + after the sector"},
        {HEAD "D", "unknown rwbs"},
        {HEAD, "unknown action"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct fixture *f = *state;
        char text[256], message[128];
        struct trace_event event;
        snprintf(text, sizeof text, HEAD "D R 8 + 8 [x]\n%s\n" HEAD "D R 8 + 8 [x]\n", cases[i].line);
        snprintf(message, sizeof message, "t.txt:2: error: %s\n", cases[i].message);
        assert_non_null(open_text(f, text, 0));
        while (trace_next_event(f->events, &event) > 0)
            continue;
        assert_int_equal(trace_next_event(f->events, &event), -1);
        expect_error(f, message);
        trace_events_close(f->events);
        f->events = NULL;
        diag_destroy(f->diag); // it shows no more than 20 messages
        f->diag = diag_create();
        assert_non_null(open_text(f, text, 1));
        assert_int_equal(trace_next_event(f->events, &event), 1);
        assert_int_equal(trace_next_event(f->events, &event), 1);
        assert_int_equal(trace_next_event(f->events, &event), 0);
    }
}

// ---- layouts of -f and -F ----------------------------------------------------------------------------------------

static bool open_as(struct fixture *f, const char *text, const char *format)
{
    trace_events_close(f->events);
    diag_destroy(f->diag);
    f->diag = diag_create();
    f->events = trace_events_open_memory(f->diag, "t.txt", text, strlen(text), 0, format);
    return f->events != NULL;
}

// Each line is of CPU 3, process 77, called "a b", that issues a forced write of sectors 800 to 815 at 2.000000007 s.
static const struct { const char *format, *line; } told_layouts[] = {
    {"blkparse: %D %2c %8s %5T.%9t %5p %2a %3d %S + %n [%C]\\n",
     "259,0    3       12     2.000000007    77  D WFS 800 + 16 [a b]\n"},
    {"blkparse: %T.%t,%a,%d,%S,%N,%c,%p,%C\n", "2.000000007,D,WFS,800,8192,3,77,a b\n"},
    {"blkparse: D,%T.%t;%d;%S;%n;%c;%p;%C;", "2.000000007;WFS;800;16;3;77;a b;\n"},
    {"blkparse: %-12C|%P|%u|%z|%e|%U|%M:%m %c %p %a %d %S %n %T.%t",
     "a b         |01 02 |17.5|19:11:19.93|-5|7|259:0 3 77 D WFS 800 16 2.000000007\n"},
};

static void expect_write(const char *line, const struct trace_event *event)
{
    if (trace_event_action(event) != BLKTRACE_ISSUE || !trace_event_is(event, BLKTRACE_IS_WRITE) ||
        !trace_event_is(event, BLKTRACE_IS_FUA) || event->sector != 800 || event->bytes != 8192 || event->cpu != 3 ||
        event->pid != 77)
        fail_msg("%s: action %llx, %llu + %llu, CPU %u, pid %u", line, (unsigned long long)event->action,
                 (unsigned long long)event->sector, (unsigned long long)event->bytes, event->cpu, event->pid);
    expect_process(event, "a b");
}

static void test_lines_of_a_told_layout(void **state)
{
    struct fixture *f = *state;
    struct trace_event event;
    for (size_t i = 0; i < ARRAY_SIZE(told_layouts); i++) {
        if (!open_as(f, told_layouts[i].line, told_layouts[i].format))
            fail_msg("%s: %s", told_layouts[i].format, printed(f->diag));
        assert_int_equal(trace_next_event(f->events, &event), 1);
        expect_write(told_layouts[i].line, &event);
    }
}

static void test_actions_without_a_layout_are_as_by_default(void **state)
{
    struct fixture *f = *state;
    struct trace_event event;
    assert_true(open_as(f, "259,0    2        1     1.000000000   767  Q   R 8 + 8 [a]\n1.000000050 259,0 R 8 8\n"
                           "259,0    2        3     1.000000900     0  C   R 8 + 8 [0]\n",
                        "blkparse: D,%T.%t %D %d %S %n\\n"));
    const unsigned actions[] = {BLKTRACE_QUEUE, BLKTRACE_ISSUE, BLKTRACE_COMPLETE};
    const uint64_t times[] = {0, 50, 900};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(trace_next_event(f->events, &event), 1);
        assert_int_equal(trace_event_action(&event), actions[i]);
        assert_int_equal(event.time_ns, times[i]);
        assert_int_equal(event.device, 259u << 20);
    }
}

static void test_a_split_in_a_told_layout_has_its_place(void **state)
{
    struct fixture *f = *state;
    struct trace_event event;
    assert_true(open_as(f, "1.000000000 X RA 800 16 808\n", "blkparse: %T.%t %a %d %S %n %U"));
    assert_int_equal(trace_next_event(f->events, &event), 1);
    assert_int_equal(event.value, 808);
}

static const struct { const char *format, *text, *told; } told_wrong[] = {
    {"blkparse: %T.%t %a %d %S %k", "", "--from: error: '%k' is no value of blkparse's formats"},
    {"blkparse: %t %a %d %S %n", "", "--from: error: the format has no %T, the seconds"},
    {"blkparse: %T %a %d %S %n", "", "--from: error: the format has no %t, the nanoseconds"},
    {"blkparse: %T.%t %a %S %n", "", "--from: error: the format has no %d, the rwbs"},
    {"blkparse: %T.%t %a %d %n", "", "--from: error: the format has no %S, the sector"},
    {"blkparse: %T.%t %a %d %S", "", "--from: error: the format has no %n or %N, the size"},
    {"blkparse: %T.%t %d %S %n", "",
     "--from: error: the format has no %a, the action, nor does it begin with one, such as D,"},
    {"blkparse: %T.%t;%a;%d;%S;%n", "1.5;D;R;8;8\n1.6 D R 8 8\n", "t.txt:2: error: not as the format has it"},
    {"blkparse: %T.%t;%a;%d;%S;%n", "1.5;D;R;8;8;9\n", "t.txt:1: error: unexpected text at the end"},
    {"blkparse: %T.%t;%a;%d;%S;%n", "1.5;E;R;8;8\n", "t.txt:1: error: unknown action"},
    {"blkparse: %T.%t;%a;%d;%S;%n", "1.5;D;R;;8\n", "t.txt:1: error: bad sector"},
};

static void test_what_is_wrong_with_a_told_layout(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < ARRAY_SIZE(told_wrong); i++) {
        struct trace_event event;
        const char *text = told_wrong[i].text[0] == '\0' ? "x\n" : told_wrong[i].text;
        int result = open_as(f, text, told_wrong[i].format) ? 1 : -1;
        while (result > 0)
            result = trace_next_event(f->events, &event);
        assert_int_equal(result, -1);
        expect_error(f, told_wrong[i].told);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_the_head_of_a_line),
        TEST(test_time_counts_from_the_first_event),
        TEST(test_letters_of_rwbs),
        TEST(test_tails),
        TEST(test_a_message_is_kept_as_it_is),
        TEST(test_passthrough_requests),
        TEST(test_times_of_option_t_are_passed_over),
        TEST(test_process_names_may_hold_anything),
        TEST(test_the_summary_and_remarks_are_passed_over),
        TEST(test_events_out_of_order_are_sorted),
        TEST(test_the_summary_of_programs_is_passed_over),
        TEST(test_what_is_no_event_is_passed_over_and_told),
        TEST(test_a_remark_before_the_summary_is_told),
        TEST(test_lines_that_cannot_be_read_leave_no_gaps),
        TEST(test_what_stands_before_every_event_is_passed_over),
        TEST(test_a_long_preface_does_not_hide_the_events),
        TEST(test_a_last_line_that_is_cut_off_is_passed_over),
        TEST(test_a_clock_that_starts_again_is_not_interleaved),
        TEST(test_a_clock_steps_back_by_more_than_rounding),
        TEST(test_a_restart_is_where_time_steps_back),
        TEST(test_another_recording_in_the_same_text_is_not_interleaved),
        TEST(test_lines_out_of_order_are_sorted_without_a_word),
        TEST(test_each_malformed_line_is_named),
        TEST(test_lines_of_a_told_layout),
        TEST(test_actions_without_a_layout_are_as_by_default),
        TEST(test_a_split_in_a_told_layout_has_its_place),
        TEST(test_what_is_wrong_with_a_told_layout),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
