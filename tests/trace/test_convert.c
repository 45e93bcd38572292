// What is printed and written: CSV, the first events, the summary; and what a format cannot hold.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "record.h"
#include "trace/write/convert.h"

struct fixture {
    char path[32];
    struct recording recording;
    struct diag *diag;
    char *text;
    size_t size;
    FILE *to;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    strcpy(f->path, "test_convert.XXXXXX");
    close(mkstemp(f->path));
    f->diag = diag_create();
    f->to = open_memstream(&f->text, &f->size);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    unlink(f->path);
    diag_destroy(f->diag);
    fclose(f->to);
    free(f->text);
    free(f);
    return 0;
}

static void add(struct fixture *f, uint64_t time, uint64_t action, uint64_t sector, uint32_t sectors)
{
    struct record x = record_of(time, action, sector, sectors);
    x.sequence = (uint32_t)f->recording.size / 48 + 1;
    record_add(&f->recording, x);
}

static void save(struct fixture *f)
{
    FILE *to = fopen(f->path, "wb");
    assert_int_equal(fwrite(f->recording.bytes, 1, f->recording.size, to), f->recording.size);
    fclose(to);
}

static void save_text(struct fixture *f, const char *text)
{
    f->recording.size = strlen(text);
    memcpy(f->recording.bytes, text, f->recording.size);
    save(f);
}

static void add_four(struct fixture *f)
{
    add(f, 1000, ACTION(ISSUE, BLKTRACE_IS_WRITE | BLKTRACE_IS_FUA), 8, 8);
    add(f, 1010, ACTION(ISSUE, BLKTRACE_IS_FLUSH), 0, 0);
    add(f, 1250, ACTION(COMPLETE, BLKTRACE_IS_WRITE | BLKTRACE_IS_FUA), 8, 8);
    add(f, 2000001000, ACTION(ISSUE, BLKTRACE_IS_WRITE | BLKTRACE_IS_DISCARD), 4096, 2048);
    save(f);
}

static void expect_error(const struct fixture *f, const char *part)
{
    char *text = printed(f->diag);
    if (strstr(text, part) == NULL)
        fail_msg("'%s' not in: %s", part, text);
    free(text);
}

static void test_csv_has_the_requests(void **state)
{
    struct fixture *f = *state;
    add_four(f);
    assert_int_equal(trace_convert(f->diag, f->path, NULL, "csv", f->to), 0);
    assert_string_equal(f->text, "time_ns,cpu,kind,offset,bytes,fua,latency_ns,more,device,pid\n"
                                 "0,0,write,4096,4096,1,250,0,259:0,0\n"
                                 "10,0,flush,0,0,0,,0,259:0,0\n"
                                 "2000000000,0,trim,2097152,1048576,0,,0,259:0,0\n");
}

// What a request of several steps or ranges does, in lines that a reader without such a notion can replay.
static void test_csv_spells_out_preflushes_and_ranges(void **state)
{
    struct fixture *f = *state;
    const uint64_t discard = BLKTRACE_IS_WRITE | BLKTRACE_IS_DISCARD;
    add(f, 0, ACTION(ISSUE, BLKTRACE_IS_WRITE | BLKTRACE_IS_FLUSH | BLKTRACE_IS_FUA), 8, 8);
    add(f, 30, ACTION(COMPLETE, BLKTRACE_IS_WRITE | BLKTRACE_IS_FUA), 8, 8);
    add(f, 40, ACTION(QUEUE, discard), 80, 8);
    add(f, 41, ACTION(GETRQ, discard), 80, 8);
    add(f, 42, ACTION(QUEUE, discard), 800, 16);
    add(f, 50, ACTION(ISSUE, discard), 80, 24);
    add(f, 75, ACTION(COMPLETE, discard), 80, 24);
    save(f);
    assert_int_equal(trace_convert(f->diag, f->path, NULL, "csv", f->to), 0);
    assert_string_equal(f->text, "time_ns,cpu,kind,offset,bytes,fua,latency_ns,more,device,pid\n"
                                 "0,0,flush,0,0,0,,1,259:0,0\n"
                                 "0,0,write,4096,4096,1,30,0,259:0,0\n"
                                 "50,0,trim,40960,4096,0,,1,259:0,0\n"
                                 "50,0,trim,409600,8192,0,25,0,259:0,0\n");
}

// The second is issued while the first is under way, and complete before it.
static void test_whole_requests_become_events(void **state)
{
    struct fixture *f = *state;
    save_text(f, "128166372011600556,mds,0,Write,4096,512,45361\n128166372011600557,mds,0,Read,8192,512,7\n");
    assert_int_equal(trace_convert(f->diag, f->path, NULL, "blkparse", f->to), 0);
    assert_string_equal(f->text, "  0,0    0        0     0.000000000     0  Q   W 8 + 1 [(null)]\n"
                                 "  0,0    0        0     0.000000000     0  G   W 8 + 1 [(null)]\n"
                                 "  0,0    0        0     0.000000000     0  D   W 8 + 1 [(null)]\n"
                                 "  0,0    0        0     0.000000100     0  Q   R 16 + 1 [(null)]\n"
                                 "  0,0    0        0     0.000000100     0  G   R 16 + 1 [(null)]\n"
                                 "  0,0    0        0     0.000000100     0  D   R 16 + 1 [(null)]\n"
                                 "  0,0    0        0     0.000000800     0  C   R 16 + 1 [0]\n"
                                 "  0,0    0        0     0.004536100     0  C   W 8 + 1 [0]\n");
}

static void test_the_head_shows_what_is_there(void **state)
{
    struct fixture *f = *state;
    save_text(f, "128166372011600556,mds,0,Write,4096,512,45361\n128166372011600557,mds,0,Read,8192,512,7\n");
    assert_int_equal(trace_print_head(f->diag, f->path, NULL, 10, f->to), 0);
    assert_string_equal(f->text, "  0,0    0        0     0.000000000     0  D   W 8 + 1 [(null)]\n"
                                 "  0,0    0        0     0.000000100     0  D   R 16 + 1 [(null)]\n");
}

static void test_head_stops_after_so_many_events(void **state)
{
    struct fixture *f = *state;
    add_four(f);
    assert_int_equal(trace_print_head(f->diag, f->path, NULL, 2, f->to), 0);
    assert_string_equal(f->text, "259,0    0        1     0.000000000     0  D  WF 8 + 8 [(null)]\n"
                                 "259,0    0        2     0.000000010     0  D  FN [(null)]\n");
    size_t size = f->size;
    assert_int_equal(trace_print_head(f->diag, f->path, NULL, 0, f->to), 0);
    assert_int_equal(f->size, size);
    f->recording.bytes[3 * BLKTRACE_V7_SIZE] = 0; // damage behind what is asked for
    save(f);
    assert_int_equal(trace_print_head(f->diag, f->path, NULL, 2, f->to), -1);
    expect_error(f, "record at byte 144: wrong magic");
}

// As blkparse has it: a message has neither number nor process.
static void test_a_message_is_printed_without_number_and_process(void **state)
{
    struct fixture *f = *state;
    record_add(&f->recording, (struct record){.time = 4, .action = BLKTRACE_IS_NOTIFY | BLKTRACE_NOTE_MESSAGE,
                                              .pid = 33, .sequence = 7, .device = 8 << 20, .pdu = "hello",
                                              .pdu_length = 5});
    add_four(f);
    assert_int_equal(trace_print_head(f->diag, f->path, NULL, 1, f->to), 0);
    assert_string_equal(f->text, "  8,0    0        0     0.000000000     0  m   N hello\n");
}

static void test_events_of_one_device_can_be_chosen(void **state)
{
    struct fixture *f = *state;
    struct record x = record_of(5, ACTION(ISSUE, BLKTRACE_IS_READ), 8, 8);
    x.device = 8 << 20 | 1;
    record_add(&f->recording, x);
    add_four(f);
    struct trace_options other = {.device = "8,1"}, bad = {.device = "8,1048576"};
    assert_int_equal(trace_print_head(f->diag, f->path, &other, 2, f->to), 0);
    assert_string_equal(f->text, "  8,1    0        1     0.000000000     0  D   R 8 + 8 [(null)]\n");
    assert_int_equal(trace_print_head(f->diag, f->path, &bad, 2, f->to), -1);
    expect_error(f, "--device: error: '8,1048576' is not a device: MAJOR,MINOR, such as 8,16\n");
}

static void test_the_summary_names_what_was_found(void **state)
{
    struct fixture *f = *state;
    add_four(f);
    struct trace *trace = trace_open(f->diag, f->path, NULL);
    trace_print_info(trace_get_info(trace), f->to);
    fflush(f->to);
    static const char *const parts[] = {
        "format          blktrace, 1 file\n", "device          259,0\n", "duration            2.000000 s\n",
        "events                     4   C 1 D 3\n", "requests                   3   1 with a recorded latency\n",
        "  write_fua                1   4.00 KiB\n", "  trim                     1   1.00 MiB\n",
        "  flush                    1   0 B\n", "end                  3145728   bytes",
    };
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
        if (strstr(f->text, parts[i]) == NULL)
            fail_msg("'%s' not in:\n%s", parts[i], f->text);
    assert_null(strstr(f->text, "lost"));
    trace_close(trace);
}

static void test_what_version_7_cannot_hold_is_refused(void **state)
{
    struct fixture *f = *state;
    f->recording.version = 8;
    add(f, 0, ACTION(ISSUE, BLKTRACE_IS_READ), 0, 8);
    add(f, 1, ACTION(ISSUE, BLKTRACE_IS_WRITE | BLKTRACE_IS_WRITE_ZEROES), 8, 8);
    save(f);
    assert_int_equal(trace_convert(f->diag, f->path, NULL, "blktrace", f->to), -1);
    expect_error(f, "error: record at byte 64: version 7 of blktrace has no write-zeroes and no zone commands");
    struct trace_options tolerant = {.skip_bad = 1};
    unsigned errors = diag_error_count(f->diag);
    assert_int_equal(trace_convert(f->diag, f->path, &tolerant, "blktrace", f->to), 0);
    assert_int_equal(diag_error_count(f->diag), errors);
}

static void test_text_and_back_keeps_every_event(void **state)
{
    struct fixture *f = *state;
    f->recording.version = 8;
    add(f, 0, ACTION(ISSUE, BLKTRACE_IS_READ | BLKTRACE_IS_META), 0, 8);
    add(f, 1, ACTION(ISSUE, BLKTRACE_IS_WRITE | BLKTRACE_IS_WRITE_ZEROES), 8, 1 << 20);
    add(f, 2, ACTION(COMPLETE, BLKTRACE_IS_WRITE | BLKTRACE_IS_WRITE_ZEROES), 8, 1 << 20);
    save(f);
    assert_int_equal(trace_convert(f->diag, f->path, NULL, "blkparse", f->to), 0);
    struct trace *trace = trace_open_memory(f->diag, "text", f->text, f->size, NULL);
    assert_non_null(trace);
    assert_string_equal(trace_get_info(trace)->format, "blkparse");
    assert_int_equal(trace_get_info(trace)->bytes_by_kind[IO_WRITE_ZEROES], 512 << 20);
    assert_int_equal(request_at(trace, 1)->latency_ns, 1);
    assert_true(request_at(trace, 0)->meta);
    trace_close(trace);
}

static void test_an_unknown_format_is_refused_with_the_nearest_name(void **state)
{
    struct fixture *f = *state;
    add_four(f);
    assert_int_equal(trace_convert(f->diag, f->path, NULL, "blkparze", f->to), -1);
    expect_error(f, "--format: error: cannot write format 'blkparze'; did you mean 'blkparse'?\n");
}

static void test_a_malformed_recording_fails_in_every_format(void **state)
{
    struct fixture *f = *state;
    add_four(f);
    f->recording.bytes[BLKTRACE_V7_SIZE] = 0;
    save(f);
    for (size_t i = 0; trace_writers[i] != NULL; i++)
        assert_int_equal(trace_convert(f->diag, f->path, NULL, trace_writers[i]->name, f->to), -1);
}

static void test_a_full_disk_is_an_error(void **state)
{
    struct fixture *f = *state;
    FILE *full = fopen("/dev/full", "w");
    if (full == NULL)
        skip();
    add_four(f);
    assert_int_equal(trace_convert(f->diag, f->path, NULL, "csv", full), -1);
    expect_error(f, "output: error: cannot write: No space left on device");
    fclose(full);
}

// ---- round trips -------------------------------------------------------------------------------------------------

// A request of each kind that all formats know, at odd times.
static const char every_kind[] = "time_ns,cpu,kind,offset,bytes,fua,latency_ns,more\n"
                                 "0,1,read,4096,8192,0,1500,0\n"
                                 "1501,2,write,0,512,0,,0\n"
                                 "2999,0,write,1048576,4096,1,700,0\n"
                                 "3000,0,flush,0,0,0,90000,0\n"
                                 "5000000123,3,trim,8192,1073741824,0,10,0\n";

static const struct kept {
    const char *format;
    uint64_t unit_ns; // of its times
    bool latency, fua, cpu;
} kept[] = {
    {"blkparse", 1, true, true, true},
    {"blktrace", 1, true, true, true},
    {"csv", 1, true, true, true},
    {"fio-iolog-3", 1000, false, false, false},
};

static void expect_kept(const struct kept *what, const struct trace_request *before, const struct trace_request *after)
{
    uint64_t latency = what->latency ? before->latency_ns : TRACE_LATENCY_UNKNOWN;
    if (after->kind != before->kind || after->offset != before->offset || after->bytes != before->bytes ||
        after->time_ns != before->time_ns / what->unit_ns * what->unit_ns || after->latency_ns != latency ||
        after->fua != (what->fua && before->fua) || after->cpu != (what->cpu ? before->cpu : 0))
        fail_msg("%s: %llu %s %llu + %llu, CPU %u", what->format, (unsigned long long)after->time_ns,
                 io_kind_name(after->kind), (unsigned long long)after->offset, (unsigned long long)after->bytes,
                 after->cpu);
}

static void expect_same_requests(struct fixture *f, const struct kept *what)
{
    struct trace *before = trace_open_memory(f->diag, "before", every_kind, strlen(every_kind), NULL);
    struct trace *after = trace_open_memory(f->diag, "after", f->text, f->size, NULL);
    assert_non_null(after);
    assert_string_equal(trace_get_info(after)->format, what->format);
    assert_int_equal(trace_get_info(after)->requests, 5);
    for (uint64_t i = 0; i < 5; i++)
        expect_kept(what, request_at(before, i), request_at(after, i));
    trace_close(before);
    trace_close(after);
}

// Written once more, what was written and read is the same, byte by byte.
static void expect_same_again(struct fixture *f, const char *format)
{
    char *again = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&again, &size), *file = fopen(f->path, "wb");
    fwrite(f->text, 1, f->size, file);
    fclose(file);
    assert_int_equal(trace_convert(f->diag, f->path, NULL, format, to), 0);
    fclose(to);
    assert_int_equal(size, f->size);
    assert_memory_equal(again, f->text, size);
    free(again);
}

static void test_written_and_read_a_recording_is_the_same(void **state)
{
    for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
        struct fixture *f = *state;
        save_text(f, every_kind);
        rewind(f->to);
        assert_int_equal(trace_convert(f->diag, f->path, NULL, kept[i].format, f->to), 0);
        expect_same_requests(f, &kept[i]);
        expect_same_again(f, kept[i].format);
    }
}

static void test_every_format_written_is_in_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; trace_writers[i] != NULL; i++)
        assert_string_equal(trace_writers[i]->name, kept[i].format);
}

static void test_fio_has_words_for_steps_and_not_for_the_rest(void **state)
{
    struct fixture *f = *state;
    save_text(f, "time_ns,cpu,kind,offset,bytes,fua,latency_ns,more\n"
                 "0,0,flush,0,0,0,,1\n0,0,write,512,512,1,9,0\n"
                 "1500,0,trim,0,512,0,,1\n1500,0,trim,4096,1024,0,7,0\n"
                 "3000,0,write_zeroes,8192,4096,0,,0\n");
    assert_int_equal(trace_convert(f->diag, f->path, NULL, "fio-iolog-3", f->to), 0);
    assert_string_equal(f->text, "fio version 3 iolog\n0 recording add\n0 recording open\n"
                                 "0 recording sync 0 0\n0 recording write 512 512\n"
                                 "1 recording trim 0 512\n1 recording trim 4096 1024\n"
                                 "3 recording write 8192 4096\n3 recording close\n");
    static const char *const told[] = {
        "fio-iolog-3 has no place for recorded latencies: 2 requests",
        "fio-iolog-3 has no place for that a write must be on the medium: 1 request\n",
        "fio-iolog-3 has no place for write-zeroes, which become writes: 1 request\n",
        "fio-iolog-3 has no place for parts of a microsecond: 1 request\n",
        "fio-iolog-3 has no place for trims of several ranges, which become several: 1 request\n",
    };
    for (size_t i = 0; i < ARRAY_SIZE(told); i++)
        expect_error(f, told[i]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_csv_has_the_requests),
        TEST(test_csv_spells_out_preflushes_and_ranges),
        TEST(test_whole_requests_become_events),
        TEST(test_the_head_shows_what_is_there),
        TEST(test_head_stops_after_so_many_events),
        TEST(test_a_message_is_printed_without_number_and_process),
        TEST(test_events_of_one_device_can_be_chosen),
        TEST(test_the_summary_names_what_was_found),
        TEST(test_what_version_7_cannot_hold_is_refused),
        TEST(test_text_and_back_keeps_every_event),
        TEST(test_an_unknown_format_is_refused_with_the_nearest_name),
        TEST(test_a_malformed_recording_fails_in_every_format),
        TEST(test_a_full_disk_is_an_error),
        TEST(test_written_and_read_a_recording_is_the_same),
        TEST(test_every_format_written_is_in_the_table),
        TEST(test_fio_has_words_for_steps_and_not_for_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
