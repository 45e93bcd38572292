// Agreement with the real blkparse, on every recording in traces/ and on events that those lack.
//
// Its text is compared whole, line by line: device, CPU, sequence, time, process, action, rwbs, range, name. Where
// blkparse is not installed the program exits with 77, which makes it skipped.
//
// blkparse 1.2.0 reads a merged file from a pipe 512 records at a time and takes the genesis anew after the first
// batch; so our merged files are compared through it with those of its own option -d, which suffer the same.
#define _GNU_SOURCE // asprintf
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "record.h"
#include "trace/write/convert.h"
#include "trace/trace_event.h"

enum { EXIT_SKIPPED = 77 };

static const char *const recordings[] = {
    "dd", "dd-direct", "dd-sync", "fio-randread-4k-qd32-libaio", "fio-randrw70-16k-qd16-uring",
    "fio-randtrim-64k-qd4", "fio-randwrite-4k-odsync", "fio-seqread-1m-qd2", "mke2fs", "passthru-flush",
};

static char *path_in_traces(const char *format, const char *name)
{
    const char *source = getenv("srcdir");
    char tail[128], *path = NULL;
    snprintf(tail, sizeof tail, format, name, name);
    assert_true(asprintf(&path, "%s/traces/%s", source == NULL ? "." : source, tail) > 0);
    return path;
}

static bool is_event_line(const char *line)
{
    unsigned major, minor;
    return sscanf(line, " %u,%u ", &major, &minor) == 2;
}

// The lines of a stream that are events.
static char *event_lines(FILE *from)
{
    char *text = NULL, *line = NULL;
    size_t size = 0, capacity = 0;
    FILE *to = open_memstream(&text, &size);
    while (getline(&line, &capacity, from) > 0)
        if (is_event_line(line))
            fputs(line, to);
    free(line);
    fclose(to);
    return text;
}

static char *run(const char *format, const char *a, const char *b)
{
    char command[1024];
    snprintf(command, sizeof command, format, a, b);
    FILE *from = popen(command, "r");
    assert_non_null(from);
    char *text = event_lines(from);
    pclose(from);
    return text;
}

static char *converted(const char *path, const char *format, size_t *size)
{
    char *text = NULL;
    struct diag *diag = diag_create();
    FILE *to = open_memstream(&text, size);
    int result = trace_convert(diag, path, NULL, format, to);
    fclose(to);
    diag_print(diag, stderr);
    assert_int_equal(result, 0);
    assert_int_equal(diag_error_count(diag), 0);
    diag_destroy(diag);
    return text;
}

static void expect_same_lines(const char *ours, const char *theirs)
{
    unsigned line = 1;
    size_t i = 0, start = 0;
    assert_true(theirs[0] != '\0');
    for (; ours[i] == theirs[i]; i++) {
        if (ours[i] == '\0')
            return;
        if (ours[i] == '\n') {
            line++;
            start = i + 1;
        }
    }
    fail_msg("line %u differs\nours:   %.*s\ntheirs: %.*s", line, (int)strcspn(ours + start, "\n"), ours + start,
             (int)strcspn(theirs + start, "\n"), theirs + start);
}

static void test_every_recording_event_by_event(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(recordings); i++) {
        char *folder = path_in_traces("%s", recordings[i]);
        char *theirs = run("blkparse -D '%s' -i '%s' 2>&1", folder, recordings[i]);
        size_t size;
        char *ours = converted(folder, "blkparse", &size);
        expect_same_lines(ours, theirs);
        free(ours);
        free(theirs);
        free(folder);
    }
}

static void test_the_text_beside_each_recording_gives_the_same_events_and_requests(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(recordings); i++) {
        char *folder = path_in_traces("%s", recordings[i]);
        char *text = path_in_traces("%s/%s.blkparse.txt", recordings[i]);
        FILE *from = fopen(text, "r");
        assert_non_null(from);
        char *kept = event_lines(from);
        fclose(from);
        size_t size;
        char *ours = converted(text, "blkparse", &size);
        expect_same_lines(ours, kept);
        char *from_binary = converted(folder, "csv", &size), *from_text = converted(text, "csv", &size);
        assert_string_equal(from_binary, from_text);
        free(from_binary);
        free(from_text);
        free(ours);
        free(kept);
        free(text);
        free(folder);
    }
}

static void write_file(const char *path, const void *bytes, size_t size)
{
    FILE *to = fopen(path, "wb");
    assert_non_null(to);
    assert_int_equal(fwrite(bytes, 1, size, to), size);
    fclose(to);
}

static void test_merged_files_are_read_alike_both_ways(void **state)
{
    char *const *files = *state;
    for (size_t i = 0; i < ARRAY_SIZE(recordings); i++) {
        char *folder = path_in_traces("%s", recordings[i]), command[1024];
        snprintf(command, sizeof command, "blkparse -D '%s' -i '%s' -d '%s' >/dev/null 2>&1", folder, recordings[i],
                 files[0]);
        assert_int_equal(system(command), 0);
        size_t size;
        char *ours = converted(folder, "blktrace", &size);
        write_file(files[1], ours, size);
        char *theirs_read_back = run("blkparse -i - < '%s' 2>&1", files[0], "");
        char *ours_read_back = run("blkparse -i - < '%s' 2>&1", files[1], "");
        expect_same_lines(ours_read_back, theirs_read_back);
        char *straight = converted(folder, "blkparse", &size);
        for (int which = 0; which < 2; which++) {
            char *again = converted(files[which], "blkparse", &size);
            expect_same_lines(again, straight);
            free(again);
        }
        free(straight);
        free(ours_read_back);
        free(theirs_read_back);
        free(ours);
        free(folder);
    }
}


// The 'D' lines of blkparse, counted by kind with nothing of ours in between.
static void test_issues_by_kind(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(recordings); i++) {
        char *folder = path_in_traces("%s", recordings[i]);
        char *text = run("blkparse -D '%s' -i '%s' -f '1,1 %%a %%d %%n\\n' 2>&1", folder, recordings[i]);
        uint64_t counts[IO_KIND_COUNT] = {0}, bytes[IO_KIND_COUNT] = {0};
        for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
            char action[8], rwbs[8];
            unsigned sectors;
            if (sscanf(line, "1,1 %7s %7s %u", action, rwbs, &sectors) != 3 || strcmp(action, "D") != 0 ||
                strcmp(rwbs, "N") == 0)
                continue;
            static const char letters[IO_KIND_COUNT] = {[IO_READ] = 'R', [IO_WRITE] = 'W', [IO_WRITE_FUA] = '-',
                                                        [IO_FLUSH] = 'F', [IO_TRIM] = 'D', [IO_WRITE_ZEROES] = '-'};
            int kind = 0;
            while (letters[kind] != rwbs[0])
                assert_true(++kind < IO_KIND_COUNT);
            if (kind == IO_WRITE && rwbs[1] == 'F')
                kind = IO_WRITE_FUA;
            counts[kind]++;
            bytes[kind] += sectors * UINT64_C(512);
        }
        struct diag *diag = diag_create();
        struct trace *trace = trace_open(diag, folder, NULL);
        assert_non_null(trace);
        for (int kind = 0; kind < IO_KIND_COUNT; kind++) {
            assert_int_equal(trace_get_info(trace)->by_kind[kind], counts[kind]);
            assert_int_equal(trace_get_info(trace)->bytes_by_kind[kind], bytes[kind]);
        }
        assert_int_equal(trace_get_info(trace)->completed, trace_get_info(trace)->requests);
        trace_close(trace);
        diag_destroy(diag);
        free(text);
        free(folder);
    }
}

static void add_payload(struct recording *r, struct record x, const char *payload, uint16_t length)
{
    x.pdu = payload;
    x.pdu_length = length;
    x.sequence = (uint32_t)r->size;
    x.time = 1000 + r->size;
    x.device = 8u << 20 | 16;
    x.pid = 77;
    record_add(r, x);
}

static void test_events_that_the_recordings_lack(void **state)
{
    char *const *files = *state;
    static struct recording r;
    const uint64_t pc = BLKTRACE_IS_PC | BLKTRACE_IS_READ, write = BLKTRACE_IS_WRITE;
    r.size = 0;
    record_add(&r, (struct record){.action = BLKTRACE_IS_NOTIFY, .pid = 77, .pdu = "a] b\0\0\0\0\0\0\0\0\0\0\0\0",
                                   .pdu_length = 16});
    add_payload(&r, record_of(0, ACTION(REMAP, write), 1000, 8), "\0\x80\0\x11\0\x80\0\x10\0\0\0\0\0\0\1\0", 16);
    add_payload(&r, record_of(0, ACTION(QUEUE, write | BLKTRACE_IS_FLUSH | BLKTRACE_IS_FUA | BLKTRACE_IS_META), 8, 8),
                "", 0);
    add_payload(&r, record_of(0, ACTION(FRONTMERGE, write), 8, 8), "", 0);
    add_payload(&r, record_of(0, ACTION(SLEEPRQ, write), 8, 8), "", 0);
    add_payload(&r, record_of(0, ACTION(BOUNCE, write), 8, 8), "", 0);
    add_payload(&r, record_of(0, ACTION(REQUEUE, write), 8, 8), "", 0);
    add_payload(&r, record_of(0, ACTION(UNPLUG_IO, 0), 0, 0), "\0\0\0\0\0\0\0\5", 8);
    add_payload(&r, record_of(0, ACTION(INSERT, BLKTRACE_IS_READ | BLKTRACE_IS_AHEAD), UINT64_C(1) << 40, 8), "", 0);
    add_payload(&r, record_of(0, BLKTRACE_ISSUE | pc, 0, 8), "\x12\0\0\0\x24\0", 6);
    add_payload(&r, record_of(0, BLKTRACE_ISSUE | pc, 0, 8), "\x12\0\0\0\x24\1", 6);
    add_payload(&r, record_of(0, BLKTRACE_ISSUE | pc, 0, 8), "\0\0\0\0\0\0", 6);
    add_payload(&r, record_of(0, BLKTRACE_ISSUE | pc, 0, 8), "\x12\0", 2);
    add_payload(&r, record_of(0, BLKTRACE_ISSUE | pc, 0, 8), "\0", 1);
    struct record failed = record_of(0, BLKTRACE_COMPLETE | pc, 0, 8);
    failed.error = 5;
    add_payload(&r, failed, "\x12\0\0\0\x24\0", 6);
    add_payload(&r, record_of(0, ACTION(SPLIT, write), 8, 16), "\0\0\0\0\0\0\0\x10", 8);
    struct record unnamed = record_of(0, ACTION(QUEUE, write), 8, 8);
    add_payload(&r, unnamed, "", 0);
    unnamed.cpu = 0;
    unnamed.error = 0xfffb;
    unnamed.action = ACTION(COMPLETE, write);
    add_payload(&r, unnamed, "", 0);
    write_file(files[2], r.bytes, r.size);
    size_t size;
    char *theirs = run("cd '%s' && blkparse -i synthetic 2>&1", files[3], "");
    char *ours = converted(files[2], "blkparse", &size);
    expect_same_lines(ours, theirs);
    free(ours);
    ours = converted(files[2], "blktrace", &size);
    write_file(files[1], ours, size);
    char *read_back = run("blkparse -i - < '%s' 2>&1", files[1], "");
    expect_same_lines(read_back, theirs);
    free(read_back);
    free(theirs);
    free(ours);
}

static int set_up(void **state)
{
    static char folder[] = "test_agreement.XXXXXX";
    char **files = calloc(4, sizeof *files);
    if (mkdtemp(folder) == NULL || asprintf(&files[0], "%s/theirs", folder) < 0 ||
        asprintf(&files[1], "%s/ours", folder) < 0 || asprintf(&files[2], "%s/synthetic.blktrace.0", folder) < 0)
        return -1;
    files[3] = folder;
    *state = files;
    return 0;
}

static int tear_down(void **state)
{
    char **files = *state, command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", files[3]);
    for (int i = 0; i < 3; i++)
        free(files[i]);
    free(files);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_recording_event_by_event),
        cmocka_unit_test(test_the_text_beside_each_recording_gives_the_same_events_and_requests),
        cmocka_unit_test(test_merged_files_are_read_alike_both_ways),
        cmocka_unit_test(test_issues_by_kind),
        cmocka_unit_test(test_events_that_the_recordings_lack),
    };
    if (system("blkparse -V >/dev/null 2>&1") != 0) {
        puts("blkparse is not installed: skipped");
        return EXIT_SKIPPED;
    }
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
