// The binary format: versions, byte orders, payloads, notes, order, and every kind of damage.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "fixture.h"

#define R BLKTRACE_IS_READ
#define NOTE(kind) ((uint64_t)BLKTRACE_NOTE_##kind | BLKTRACE_IS_NOTIFY)

static struct trace_events *open_events(struct fixture *f, uint64_t skip_bad)
{
    trace_events_close(f->events);
    f->events = trace_events_open_memory(f->diag, "memory", f->recording.bytes, f->recording.size, skip_bad, NULL);
    return f->events;
}

static struct trace_event next(struct fixture *f)
{
    struct trace_event event;
    assert_int_equal(trace_next_event(f->events, &event), 1);
    trace_events_name_process(f->events, &event);
    return event;
}

static void expect_end(struct fixture *f)
{
    struct trace_event event;
    assert_int_equal(trace_next_event(f->events, &event), 0);
}

static void expect_error(const struct fixture *f, const char *part)
{
    char *text = printed(f->diag);
    if (strstr(text, part) == NULL)
        fail_msg("'%s' not in: %s", part, text);
    free(text);
}

static void test_every_field_in_every_version_and_byte_order(void **state)
{
    struct fixture *f = *state;
    static const char payload[] = "ab";
    for (int variant = 0; variant < 4; variant++) {
        f->recording = (struct recording){.version = 7 + variant % 2, .swap = variant >= 2};
        struct record x = {.time = 0x1122334455667788, .sector = 0x0102030405060708, .bytes = 0x11121314,
                           .action = ACTION(ISSUE, R) | BLKTRACE_IS_PC, .sequence = 0x21222324, .pid = 0x31323334,
                           .device = 0x41424344, .cpu = 0x5152, .error = 0x6162, .pdu = payload, .pdu_length = 2};
        if (variant % 2 == 1)
            x.action |= BLKTRACE_IS_WRITE_ZEROES;
        record_add(&f->recording, x);
        x.time += 5;
        record_add(&f->recording, x);
        assert_non_null(open_events(f, 0));
        assert_string_equal(trace_events_format(f->events), "blktrace");
        assert_int_equal(next(f).time_ns, 0);
        struct trace_event event = next(f);
        assert_int_equal(event.time_ns, 5);
        assert_int_equal(event.sector, x.sector);
        assert_int_equal(event.bytes, x.bytes);
        assert_int_equal(event.action, x.action);
        assert_int_equal(event.sequence, x.sequence);
        assert_int_equal(event.pid, x.pid);
        assert_int_equal(event.device, x.device);
        assert_int_equal(event.cpu, x.cpu);
        assert_int_equal(event.error, x.error);
        assert_int_equal(event.pdu_length, 2);
        assert_memory_equal(event.pdu, payload, 2);
        assert_int_equal(event.place, variant % 2 == 1 ? 66 : 50);
        expect_end(f);
    }
}

static void test_notes_name_processes_and_do_not_start_the_clock(void **state)
{
    struct fixture *f = *state;
    struct record note = {.time = 10, .action = NOTE(TIMESTAMP), .pdu = "12345678", .pdu_length = 8};
    record_add(&f->recording, note);
    note = (struct record){.time = 20, .action = NOTE(PROCESS), .pid = 7, .pdu = "fio\0\0\0\0\0\0\0\0\0\0\0\0",
                           .pdu_length = 16};
    record_add(&f->recording, note);
    note.pdu = "later name\0\0\0\0\0";
    record_add(&f->recording, note);
    note.pdu = "fifteen-letters";
    note.pid = 8;
    record_add(&f->recording, note);
    note = (struct record){.time = 30, .action = NOTE(MESSAGE), .pdu = "hello", .pdu_length = 5};
    record_add(&f->recording, note);
    struct record x = record_of(100, ACTION(ISSUE, R), 0, 8);
    x.pid = 7;
    record_add(&f->recording, x);
    x.time = 150;
    x.pid = 8;
    record_add(&f->recording, x);
    x.pid = 9;
    record_add(&f->recording, x);
    assert_non_null(open_events(f, 0));
    struct trace_event event = next(f);
    assert_true(trace_event_is_message(&event));
    assert_memory_equal(event.pdu, "hello", 5);
    assert_int_equal(event.time_ns, 0);
    event = next(f);
    assert_int_equal(event.time_ns, 0);
    assert_int_equal(event.process_length, 3);
    assert_memory_equal(event.process, "fio", 3);
    event = next(f);
    assert_int_equal(event.time_ns, 50);
    assert_int_equal(event.process_length, 15);
    assert_memory_equal(event.process, "fifteen-letters", 15);
    event = next(f);
    assert_null(event.process);
    expect_end(f);
}

static void test_the_cgroup_before_a_payload_is_passed_over(void **state)
{
    struct fixture *f = *state;
    struct record x = record_of(0, ACTION(SPLIT, R) | BLKTRACE_ACTION_CGROUP, 0, 8);
    x.pdu = "cgroupid\0\0\0\0\0\0\1\2";
    x.pdu_length = 16;
    record_add(&f->recording, x);
    x.pdu_length = 4; // too short for a cgroup
    record_add(&f->recording, x);
    assert_non_null(open_events(f, 0));
    assert_int_equal(next(f).value, 258);
    assert_int_equal(next(f).value, 0);
}

static void test_a_remap_tells_both_devices(void **state)
{
    struct fixture *f = *state;
    struct record x = record_of(0, ACTION(REMAP, R), 1000, 8);
    x.pdu = "\x10\x30\x00\x05\x00\x80\x00\x00\0\0\0\0\0\0\0\x40";
    x.pdu_length = 16;
    record_add(&f->recording, x);
    assert_non_null(open_events(f, 0));
    struct trace_event event = next(f);
    assert_int_equal(event.device, 8u << 20);
    assert_int_equal(event.from_device, 259u << 20 | 5);
    assert_int_equal(event.from_sector, 64);
    assert_int_equal(event.recorder, 259u << 20); // the disk that was traced
}

static void test_records_come_in_order_of_time_then_sequence(void **state)
{
    struct fixture *f = *state;
    static const uint32_t times[] = {50, 10, 30, 10, 20}, sequences[] = {5, 4, 3, 2, 1};
    static const uint32_t expected[] = {2, 4, 1, 3, 5};
    for (int i = 0; i < 5; i++) {
        struct record x = record_of(times[i], ACTION(ISSUE, R), 0, 8);
        x.sequence = sequences[i];
        record_add(&f->recording, x);
    }
    assert_non_null(open_events(f, 0));
    for (int i = 0; i < 5; i++)
        assert_int_equal(next(f).sequence, expected[i]);
    expect_end(f);
}

static void add_good(struct fixture *f, int count)
{
    for (int i = 0; i < count; i++) {
        struct record x = record_of(10 + f->recording.size, ACTION(ISSUE, R), 8, 8);
        x.sequence = (uint32_t)f->recording.size;
        record_add(&f->recording, x);
    }
}

static unsigned count_events(struct fixture *f)
{
    struct trace_event event;
    unsigned count = 0;
    while (trace_next_event(f->events, &event) > 0)
        count++;
    return count;
}

// As where a disk was full: what is whole is read, and the rest told.
static void test_a_last_record_that_is_cut_off_is_passed_over(void **state)
{
    struct fixture *f = *state;
    add_good(f, 3);
    for (size_t cut = 1; cut < BLKTRACE_V7_SIZE; cut++) {
        f->recording.size = 3 * BLKTRACE_V7_SIZE - cut;
        assert_non_null(open_events(f, 0));
        assert_int_equal(count_events(f), 2);
        assert_int_equal(trace_events_skipped(f->events), 0);
        assert_int_equal(trace_events_passed(f->events), 1);
        assert_int_equal(trace_events_unread(f->events), 1);
    }
    assert_int_equal(diag_error_count(f->diag), 0);
    expect_error(f, "memory: warning: record at byte 96: the last one is cut off and passed over\n");
}

static void test_a_damaged_magic_is_an_error_or_the_next_record_is_sought(void **state)
{
    struct fixture *f = *state;
    add_good(f, 4);
    f->recording.bytes[BLKTRACE_V7_SIZE] ^= 0xff;
    open_events(f, 0);
    expect_error(f, "memory: error: record at byte 48: wrong magic 0x656174f8, expected 0x65617407");
    assert_non_null(open_events(f, 1));
    assert_int_equal(count_events(f), 3);
}

static void test_a_damaged_start_is_an_error_or_passed_over(void **state)
{
    struct fixture *f = *state;
    add_good(f, 2);
    memset(f->recording.bytes, 0, 4);
    assert_null(open_events(f, 0));
    expect_error(f, "memory: error: not a recording in a known format (sqtail list trace)");
}

static void test_a_payload_beyond_the_end(void **state)
{
    struct fixture *f = *state;
    add_good(f, 3);
    f->recording.bytes[2 * BLKTRACE_V7_SIZE + BLKTRACE_V7_PDU_LEN] = 1;
    assert_non_null(open_events(f, 0));
    assert_int_equal(count_events(f), 2);
    expect_error(f, "memory: warning: record at byte 96: the last one is cut off and passed over\n");
    f->recording.bytes[BLKTRACE_V7_SIZE + BLKTRACE_V7_PDU_LEN] = 49; // another record follows: this one is damaged
    open_events(f, 0);
    expect_error(f, "error: record at byte 48: payload of 49 bytes, but the file ends after 48");
}

static void test_an_absurd_cpu(void **state)
{
    struct fixture *f = *state;
    struct record x = record_of(0, ACTION(ISSUE, R), 0, 8);
    x.cpu = 65535;
    record_add(&f->recording, x);
    assert_non_null(open_events(f, 0));
    assert_int_equal(count_events(f), 1);
    x.cpu = 65536;
    record_add(&f->recording, x);
    open_events(f, 0);
    expect_error(f, "record at byte 48: absurd CPU number 65536");
}

static void test_an_unknown_version(void **state)
{
    struct fixture *f = *state;
    add_good(f, 1);
    f->recording.bytes[0] = 9;
    assert_null(open_events(f, 5));
    expect_error(f, "memory: error: blktrace version 9; only 7 and 8 are known");
}

// One flipped byte of the first record, or of all but the last, is damage and no other version.
static void test_a_damaged_version_is_a_damaged_record(void **state)
{
    struct fixture *f = *state;
    add_good(f, 3);
    f->recording.bytes[0] = 9;
    open_events(f, 0);
    expect_error(f, "memory: error: record at byte 0: no blktrace magic before byte 48");
    assert_non_null(open_events(f, 1));
    assert_int_equal(count_events(f), 2);
    f->recording.bytes[BLKTRACE_V7_SIZE] = 6;
    assert_non_null(open_events(f, 1));
    assert_int_equal(count_events(f), 1);
}

static void test_errors_are_collected_up_to_a_limit(void **state)
{
    struct fixture *f = *state;
    add_good(f, 100);
    for (size_t i = 1; i < 100; i += 2)
        f->recording.bytes[i * BLKTRACE_V7_SIZE] = 0;
    assert_null(open_events(f, 0));
    assert_int_equal(diag_error_count(f->diag), DIAG_ERRORS_SHOWN);
    assert_null(open_events(f, 30));
    assert_int_equal(diag_error_count(f->diag), 2 * DIAG_ERRORS_SHOWN);
    assert_non_null(open_events(f, 50));
    assert_int_equal(count_events(f), 50);
    assert_int_equal(trace_events_skipped(f->events), 50);
}

static void test_what_would_read_the_rest_is_named(void **state)
{
    struct fixture *f = *state;
    add_good(f, 9);
    f->recording.bytes[2 * BLKTRACE_V7_SIZE] = 0;
    f->recording.bytes[5 * BLKTRACE_V7_SIZE] = 0;
    assert_non_null(open_events(f, 0));
    trace_events_close(f->events);
    f->events = NULL;
    expect_error(f, "memory: warning: --skip-bad 2 passes over so many malformed records or lines and reads the "
                    "rest\n");
    diag_destroy(f->diag);
    f->diag = diag_create();
    assert_non_null(open_events(f, 2));
    assert_int_equal(count_events(f), 7);
    trace_events_close(f->events);
    f->events = NULL;
    char *text = printed(f->diag);
    assert_string_equal(text, "");
    free(text);
}

// Three numbers are missing: two of records that cannot be read, and one that nobody knows of.
static void test_records_that_cannot_be_read_are_not_lost(void **state)
{
    struct fixture *f = *state;
    for (uint32_t i = 1; i <= 6; i++) {
        struct record x = record_of(10 * i, ACTION(ISSUE, R), 8 * i, 8);
        x.sequence = i < 6 ? i : 7;
        record_add(&f->recording, x);
    }
    f->recording.bytes[1 * BLKTRACE_V7_SIZE] = 0;
    f->recording.bytes[2 * BLKTRACE_V7_SIZE] = 0; // passed over together
    f->trace = record_open(&f->recording, f->diag, 'D', 1);
    assert_non_null(f->trace);
    assert_int_equal(trace_get_info(f->trace)->gaps, 1);
    assert_int_equal(trace_get_info(f->trace)->skipped, 1);
}

// ---- sessions ----------------------------------------------------------------------------------------------------

static const uint64_t clock_step = 10000000; // what is still no step back

#define SECONDS(n) ((uint64_t)(n) * 1000000000)

static void add_start(struct fixture *f, uint64_t time, uint32_t device)
{
    record_add(&f->recording, (struct record){.time = time, .action = NOTE(TIMESTAMP), .device = device,
                                              .pdu = "12345678", .pdu_length = 8});
}

static void add_read(struct fixture *f, uint64_t time, uint32_t sequence, uint32_t device)
{
    struct record x = record_of(time, ACTION(ISSUE, R), 8, 8);
    x.sequence = sequence;
    x.device = device;
    record_add(&f->recording, x);
}

static void test_two_sessions_in_one_file_are_refused(void **state)
{
    struct fixture *f = *state;
    add_start(f, SECONDS(100), 8);
    add_read(f, SECONDS(101), 1, 8);
    add_read(f, SECONDS(110), 2, 8);
    add_start(f, SECONDS(500), 8);
    add_read(f, SECONDS(501), 3, 8);
    assert_null(open_events(f, 100));
    expect_error(f, "memory: error: two sessions of one device begin in the recording; take each by itself\n");
}

// Stopped and started at once, or noted by two CPUs: less than a second is one beginning.
static void test_notes_near_each_other_are_one_beginning(void **state)
{
    struct fixture *f = *state;
    add_start(f, SECONDS(100), 8);
    add_start(f, SECONDS(100) + SECONDS(1), 8);
    add_read(f, SECONDS(102), 1, 8);
    assert_non_null(open_events(f, 0));
    add_start(f, SECONDS(102) + 1, 8);
    assert_null(open_events(f, 0));
}

// As blkparse -d writes it: events from 0 on, notes as they were.
static void test_a_merged_file_has_its_note_after_its_events(void **state)
{
    struct fixture *f = *state;
    add_start(f, SECONDS(100), 8);
    add_read(f, 0, 1, 8);
    add_read(f, SECONDS(1), 2, 8);
    assert_non_null(open_events(f, 0));
    assert_int_equal(count_events(f), 2);
}

static void test_devices_whose_recording_began_apart_are_one_session(void **state)
{
    struct fixture *f = *state;
    add_start(f, SECONDS(100), 8);
    add_read(f, SECONDS(100) - 1000000, 1, 8); // another CPU was a moment earlier than the note
    add_start(f, SECONDS(500), 9);
    add_read(f, SECONDS(501), 1, 9);
    assert_non_null(open_events(f, 0));
    assert_int_equal(count_events(f), 2);
    char *text = printed(f->diag);
    assert_string_equal(text, "");
    free(text);
}

static void test_numbers_that_start_again_are_told(void **state)
{
    struct fixture *f = *state;
    add_read(f, SECONDS(1), 1, 8);
    add_read(f, SECONDS(1) + 10, 2, 8);
    add_read(f, SECONDS(2), 1, 9); // another device has its own
    add_read(f, SECONDS(3), 9, 8);
    add_read(f, SECONDS(3) + 1, 3, 8); // lower, but not to where the file began
    assert_non_null(open_events(f, 0));
    char *text = printed(f->diag);
    assert_string_equal(text, "");
    free(text);
    add_read(f, SECONDS(4), 1, 8);
    add_read(f, SECONDS(5), 2, 8);
    assert_non_null(open_events(f, 0));
    expect_error(f, "memory: warning: record at byte 240: the numbers of CPU 0 start again: does it hold several "
                    "sessions?\n");
}

// Merged files begin at time 0, each of them.
static void test_recordings_joined_in_one_file_are_refused(void **state)
{
    struct fixture *f = *state;
    for (uint64_t again = 0; again < 2; again++) {
        add_read(f, 0, 1, 8);
        add_read(f, SECONDS(1), 2, 8);
        add_read(f, SECONDS(2), 3, 8);
        if (again == 0)
            assert_non_null(open_events(f, 0));
    }
    assert_null(open_events(f, 100));
    expect_error(f, "memory: error: several recordings, one behind the other, whose clocks overlap; take each by "
                    "itself\n");
    f->recording.size = 0;
    add_read(f, 0, 1, 8);
    add_read(f, SECONDS(2), 2, 8);
    add_read(f, SECONDS(2) - clock_step, 3, 8);
    assert_non_null(open_events(f, 0));
    add_read(f, SECONDS(2) - 2 * clock_step - 1, 4, 8); // its clock has started again
    assert_null(open_events(f, 100));
}

// Each number once: somebody has sorted them otherwise.
static void test_records_out_of_order_are_one_recording(void **state)
{
    struct fixture *f = *state;
    for (uint32_t i = 9; i > 0; i--)
        add_read(f, SECONDS(i), i, 8);
    assert_non_null(open_events(f, 0));
    for (uint32_t i = 1; i < 10; i++)
        assert_int_equal(next(f).sequence, i);
    char *text = printed(f->diag);
    assert_string_equal(text, "");
    free(text);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_every_field_in_every_version_and_byte_order),
        TEST(test_notes_name_processes_and_do_not_start_the_clock),
        TEST(test_the_cgroup_before_a_payload_is_passed_over),
        TEST(test_a_remap_tells_both_devices),
        TEST(test_records_come_in_order_of_time_then_sequence),
        TEST(test_a_last_record_that_is_cut_off_is_passed_over),
        TEST(test_a_damaged_magic_is_an_error_or_the_next_record_is_sought),
        TEST(test_a_damaged_start_is_an_error_or_passed_over),
        TEST(test_a_payload_beyond_the_end),
        TEST(test_an_absurd_cpu),
        TEST(test_an_unknown_version),
        TEST(test_a_damaged_version_is_a_damaged_record),
        TEST(test_errors_are_collected_up_to_a_limit),
        TEST(test_what_would_read_the_rest_is_named),
        TEST(test_records_that_cannot_be_read_are_not_lost),
        TEST(test_two_sessions_in_one_file_are_refused),
        TEST(test_notes_near_each_other_are_one_beginning),
        TEST(test_a_merged_file_has_its_note_after_its_events),
        TEST(test_devices_whose_recording_began_apart_are_one_session),
        TEST(test_numbers_that_start_again_are_told),
        TEST(test_recordings_joined_in_one_file_are_refused),
        TEST(test_records_out_of_order_are_one_recording),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
