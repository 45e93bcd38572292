// Which files a path means, and what they hold once decompressed.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>
#include <cmocka.h>

#include "record.h"
#include "trace/input/input.h"

struct fixture {
    char folder[64];
    struct diag *diag;
    struct trace *trace;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    strcpy(f->folder, "test_input.XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    f->diag = diag_create();
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", f->folder);
    trace_close(f->trace);
    diag_destroy(f->diag);
    free(f);
    return system(command);
}

static const char *path_of(const struct fixture *f, const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", f->folder, name);
    return path;
}

static void write_bytes(const struct fixture *f, const char *name, const void *bytes, size_t size)
{
    FILE *to = fopen(path_of(f, name), "wb");
    assert_non_null(to);
    assert_int_equal(fwrite(bytes, 1, size, to), size);
    fclose(to);
}

// One read of `cpu` at sector 8 * cpu.
static void make_recording(struct recording *r, uint32_t cpu)
{
    struct record x = record_of(100 + cpu, ACTION(ISSUE, BLKTRACE_IS_READ), 8 * cpu, 8);
    x.cpu = cpu;
    *r = (struct recording){0};
    record_add(r, x);
}

static void write_cpu(const struct fixture *f, const char *name, uint32_t cpu)
{
    struct recording r;
    make_recording(&r, cpu);
    write_bytes(f, name, r.bytes, r.size);
}

static const struct trace_info *open_path(struct fixture *f, const char *name)
{
    trace_close(f->trace);
    f->trace = trace_open(f->diag, path_of(f, name), NULL);
    if (f->trace == NULL)
        diag_print(f->diag, stderr);
    assert_non_null(f->trace);
    return trace_get_info(f->trace);
}

static void expect_refused(struct fixture *f, const char *name, const char *part)
{
    assert_null(trace_open(f->diag, path_of(f, name), NULL));
    char *text = printed(f->diag);
    if (strstr(text, part) == NULL)
        fail_msg("'%s' not in: %s", part, text);
    free(text);
}

static void expect_told(const struct fixture *f, const char *part)
{
    char *text = printed(f->diag);
    if (part == NULL)
        assert_string_equal(text, "");
    else if (strstr(text, part) == NULL)
        fail_msg("'%s' not in: %s", part, text);
    free(text);
}

static void test_missing_and_empty_cpus_do_not_stop_it(void **state)
{
    struct fixture *f = *state;
    write_bytes(f, "r.blktrace.1", "", 0);
    write_cpu(f, "r.blktrace.2", 2);
    write_cpu(f, "r.blktrace.10", 10);
    write_cpu(f, "rr.blktrace.3", 3);
    write_cpu(f, "r.blktrace.x", 4);
    const char *const names[] = {"r", "r.blktrace.10", "r.blktrace.2"};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        const struct trace_info *info = open_path(f, names[i]);
        assert_int_equal(info->files, 3);
        assert_int_equal(info->requests, 2);
        assert_int_equal(info->cpus, 2); // of eleven
        assert_int_equal(request_at(f->trace, 0)->cpu, 2);
    }
}

static void test_files_that_are_missing_are_told(void **state)
{
    struct fixture *f = *state;
    write_cpu(f, "r.blktrace.0", 0);
    write_bytes(f, "r.blktrace.1", "", 0);
    write_cpu(f, "r.blktrace.2", 2);
    open_path(f, "r");
    expect_told(f, NULL);
    write_cpu(f, "r.blktrace.4", 4);
    write_cpu(f, "r.blktrace.9", 9);
    open_path(f, "r");
    expect_told(f, "/r: warning: no file of CPU 3, 5 to 8, though blktrace writes one for every CPU");
    write_cpu(f, "s.blktrace.2.gz", 2);
    open_path(f, "s.blktrace.2.gz");
    expect_told(f, "warning: no file of CPU 0 to 1, though");
}

// A file of the recorder's own, with an event for each number; 0 ends them.
static void write_numbered(const struct fixture *f, const char *name, uint64_t time, const uint32_t *sequences)
{
    struct recording r = {0};
    for (int i = 0; sequences[i] != 0; i++) {
        struct record x = record_of(time + (uint64_t)i, ACTION(ISSUE, BLKTRACE_IS_READ), 8 * (uint64_t)i, 8);
        x.sequence = sequences[i];
        x.cpu = (uint32_t)time;
        record_add(&r, x);
    }
    write_bytes(f, name, r.bytes, r.size);
}

static void test_gaps_in_the_recorders_own_files_are_losses(void **state)
{
    struct fixture *f = *state;
    write_numbered(f, "r.blktrace.0", 0, (const uint32_t[]){1, 2, 5, 6, 0});
    write_numbered(f, "r.blktrace.1", 1, (const uint32_t[]){7, 8, 9, 11, 0});
    const struct trace_info *info = open_path(f, "r");
    assert_int_equal(info->lost, 3); // 3, 4 and 10
    assert_int_equal(info->gaps, 0);
    expect_told(f, "/r: warning: the recorder lost 3 events\n");
}

enum { OLD_DISK = 259 << 20 };

static void write_session(const struct fixture *f, const char *name, uint64_t note, uint64_t time, uint32_t cpu)
{
    struct recording r = {0};
    if (note != 0)
        record_add(&r, (struct record){.time = note, .action = BLKTRACE_IS_NOTIFY | BLKTRACE_NOTE_TIMESTAMP,
                                       .device = OLD_DISK, .pdu = "12345678", .pdu_length = 8});
    for (uint32_t i = 0; i < 3; i++) {
        struct record x = record_of(time + i * UINT64_C(1000), ACTION(ISSUE, BLKTRACE_IS_READ), 8 * i, 8);
        x.sequence = i + 1;
        x.cpu = cpu;
        record_add(&r, x);
    }
    write_bytes(f, name, r.bytes, r.size);
}

#define SECONDS(n) ((uint64_t)(n) * 1000000000)

static void test_files_of_an_older_session_are_refused(void **state)
{
    struct fixture *f = *state;
    write_session(f, "r.blktrace.0", SECONDS(5000), SECONDS(5000) + 100, 0);
    write_session(f, "r.blktrace.1", 0, SECONDS(5001), 1);
    assert_int_equal(open_path(f, "r")->requests, 6);
    expect_told(f, NULL);
    write_session(f, "r.blktrace.2", 0, SECONDS(4000), 2); // left over
    expect_refused(f, "r", "r.blktrace.2: error: 3 of its 3 events are of another session than the one that begins");
    write_session(f, "r.blktrace.2", SECONDS(100), SECONDS(100), 2); // with a note of its own
    expect_refused(f, "r", "r.blktrace.0' 4900.000 s after the last of them");
    expect_told(f, "r.blktrace.2: error: two sessions of one device begin in the recording; take each by itself\n");
    write_session(f, "r.blktrace.2", SECONDS(9000), SECONDS(9000), 2); // from before the machine started anew
    expect_refused(f, "r", "r.blktrace.0: error: 3 of its 3 events are of another session");
}

static void test_a_file_far_from_all_others_is_told(void **state)
{
    struct fixture *f = *state;
    write_session(f, "r.blktrace.0", 0, SECONDS(5000), 0);
    write_session(f, "r.blktrace.1", 0, SECONDS(5009), 1);
    open_path(f, "r");
    expect_told(f, NULL);
    write_session(f, "r.blktrace.2", 0, SECONDS(100), 2);
    open_path(f, "r");
    expect_told(f, "r.blktrace.2: warning: lies 4900 s from other files of the recording: is it of another session?\n");
}

// Each device has its own beginning.
static void test_files_of_devices_that_began_apart_are_one_recording(void **state)
{
    struct fixture *f = *state;
    struct recording r = {0};
    for (uint32_t device = 8; device < 10; device++) {
        uint64_t time = SECONDS(100 * device);
        record_add(&r, (struct record){.time = time, .action = BLKTRACE_IS_NOTIFY | BLKTRACE_NOTE_TIMESTAMP,
                                       .device = device, .pdu = "12345678", .pdu_length = 8});
        struct record x = record_of(time + 5, ACTION(ISSUE, BLKTRACE_IS_READ), 8, 8);
        x.device = device;
        record_add(&r, x);
    }
    write_bytes(f, "r.blktrace.0", r.bytes, r.size);
    assert_int_equal(open_path(f, "r")->requests, 1);
}

// Long recordings have long pauses.
static void test_a_pause_as_others_in_the_recording_is_none_of_two_sessions(void **state)
{
    struct fixture *f = *state;
    struct recording r = {0};
    struct record x = record_of(0, ACTION(ISSUE, BLKTRACE_IS_READ), 8, 8);
    record_add(&r, x);
    x.time = SECONDS(100);
    x.sequence = 2;
    record_add(&r, x);
    write_bytes(f, "r.blktrace.0", r.bytes, r.size);
    write_session(f, "r.blktrace.1", 0, SECONDS(300), 1);
    open_path(f, "r");
    expect_told(f, NULL);
}

static void test_a_folder_means_the_recording_in_it(void **state)
{
    struct fixture *f = *state;
    write_cpu(f, "r.blktrace.0", 0);
    write_cpu(f, "r.blktrace.1", 1);
    write_bytes(f, "r.blkparse.txt", "8,0 0 1 0.000000000 1 D R 8 + 8 [x]\n", 36);
    write_bytes(f, "command.txt", "fio\n", 4);
    assert_int_equal(open_path(f, "")->requests, 2);
    write_cpu(f, "s.blktrace.0", 1);
    expect_refused(f, "", "holds more than one recording: 'r.blktrace.1' and 's.blktrace.0'");
}

static void test_a_folder_may_hold_a_single_file(void **state)
{
    struct fixture *f = *state;
    write_bytes(f, "command.txt", "fio\n", 4);
    expect_refused(f, "", "no recording in this folder");
    write_cpu(f, "merged", 5);
    assert_int_equal(open_path(f, "")->requests, 1);
    assert_int_equal(request_at(f->trace, 0)->cpu, 5);
    write_bytes(f, "text", "8,0 0 1 0.000000000 1 D R 8 + 8 [x]\n", 36);
    expect_refused(f, "", "holds more than one recording");
}

static void test_what_cannot_be_read_is_named(void **state)
{
    struct fixture *f = *state;
    expect_refused(f, "absent", "/absent: error: cannot read: No such file or directory; nor is there a "
                                "'absent.blktrace.0' or such of another CPU");
    write_bytes(f, "empty", "", 0);
    expect_refused(f, "empty", "/empty: error: no requests in it: it is empty");
    write_bytes(f, "junk", "junk", 4);
    expect_refused(f, "junk", "/junk: error: not a recording in a known format (sqtail list trace)");
    assert_int_equal(mkdir(path_of(f, "x.blktrace.0"), 0700), 0);
    expect_refused(f, "x", "x.blktrace.0: error: cannot read: Is a directory");
    assert_int_equal(symlink("/dev/zero", path_of(f, "endless")), 0);
    expect_refused(f, "endless", "/endless: error: cannot read: No such device");
}

static void test_two_files_of_one_cpu_are_refused(void **state)
{
    struct fixture *f = *state;
    write_cpu(f, "r.blktrace.0", 0);
    write_cpu(f, "r.blktrace.0.gz", 0);
    expect_refused(f, "r", "is of the same CPU as");
    expect_refused(f, "", "is of the same CPU as");
}

static void write_packed(const struct fixture *f, const char *name, int filter, const void *bytes, size_t size)
{
    struct archive *archive = archive_write_new();
    struct archive_entry *entry = archive_entry_new();
    assert_int_equal(archive_write_add_filter(archive, filter), ARCHIVE_OK);
    assert_int_equal(archive_write_set_format_raw(archive), ARCHIVE_OK);
    assert_int_equal(archive_write_open_filename(archive, path_of(f, name)), ARCHIVE_OK);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_write_header(archive, entry);
    assert_int_equal(archive_write_data(archive, bytes, size), size);
    archive_write_close(archive);
    archive_write_free(archive);
    archive_entry_free(entry);
}

static void test_compressed_files_of_every_kind(void **state)
{
    static const struct {
        const char *suffix;
        int filter;
    } kinds[] = {{"gz", ARCHIVE_FILTER_GZIP}, {"xz", ARCHIVE_FILTER_XZ}, {"zst", ARCHIVE_FILTER_ZSTD},
                 {"bz2", ARCHIVE_FILTER_BZIP2}, {"lz4", ARCHIVE_FILTER_LZ4}};
    static const char text[] = "8,0 0 1 0.000000000 1 D R 8 + 8 [x]\n";
    struct fixture *f = *state;
    for (uint32_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        struct recording r;
        char name[64];
        make_recording(&r, i);
        snprintf(name, sizeof name, "cpus.blktrace.%u.%s", i, kinds[i].suffix);
        write_packed(f, name, kinds[i].filter, r.bytes, r.size);
        snprintf(name, sizeof name, "merged.%s", kinds[i].suffix);
        write_packed(f, name, kinds[i].filter, r.bytes, r.size);
        assert_int_equal(open_path(f, name)->requests, 1);
        assert_int_equal(request_at(f->trace, 0)->cpu, i);
        snprintf(name, sizeof name, "text.%s", kinds[i].suffix);
        write_packed(f, name, kinds[i].filter, text, sizeof text - 1);
        assert_string_equal(open_path(f, name)->format, "blkparse");
    }
    const struct trace_info *info = open_path(f, "cpus");
    assert_int_equal(info->files, ARRAY_SIZE(kinds));
    assert_int_equal(info->requests, ARRAY_SIZE(kinds));
}

static void test_damaged_compressed_files_are_refused(void **state)
{
    struct fixture *f = *state;
    uint8_t bytes[4096];
    write_packed(f, "whole.gz", ARCHIVE_FILTER_GZIP, "8,0 0 1 0.000000000 1 D R 8 + 8 [x]\n", 36);
    FILE *from = fopen(path_of(f, "whole.gz"), "rb");
    size_t size = fread(bytes, 1, sizeof bytes, from);
    fclose(from);
    for (size_t cut = 3; cut < size; cut++) {
        write_bytes(f, "cut.gz", bytes, cut);
        assert_null(trace_open(f->diag, path_of(f, "cut.gz"), NULL));
    }
    expect_refused(f, "cut.gz", "/cut.gz: error: cannot decompress: ");
}

// What the last warning says of a file that ends early.
static unsigned long long bytes_told(const struct fixture *f)
{
    static const char words[] = "decompressed is read, ";
    unsigned long long told = 0;
    char *said = printed(f->diag);
    for (const char *at = said; (at = strstr(at, words)) != NULL; at++)
        sscanf(at, "decompressed is read, %llu bytes", &told);
    free(said);
    return told;
}

// Lines of 49 bytes, each with a sector of its own so that they do not compress to nothing.
static void test_what_is_read_of_a_file_that_ends_early(void **state)
{
    enum { LINE = 49, LINES = 20000 };
    static const int filters[] = {ARCHIVE_FILTER_GZIP, ARCHIVE_FILTER_XZ, ARCHIVE_FILTER_ZSTD, ARCHIVE_FILTER_BZIP2};
    struct fixture *f = *state;
    char *text = malloc((size_t)LINE * LINES + 1);
    for (uint32_t i = 0; i < LINES; i++)
        snprintf(text + (size_t)LINE * i, LINE + 1, "8,0 0 %05u 0.%09u 1 D R %010u + 8 [x]\n", i + 1, i,
                 i * UINT32_C(2654435761) % UINT32_C(1000000000));
    for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
        write_packed(f, "whole", filters[i], text, (size_t)LINE * LINES);
        assert_int_equal(open_path(f, "whole")->requests, LINES);
        uint8_t *bytes = malloc((size_t)LINE * LINES);
        FILE *from = fopen(path_of(f, "whole"), "rb");
        size_t size = fread(bytes, 1, (size_t)LINE * LINES, from);
        fclose(from);
        write_bytes(f, "cut", bytes, size - size / 16);
        free(bytes);
        const struct trace_info *info = open_path(f, "cut");
        assert_in_range(info->requests, 1, LINES - 1);
        const struct trace_request *last = request_at(f->trace, info->requests - 1);
        assert_int_equal(last->time_ns, info->requests - 1);
        assert_int_equal(info->requests, bytes_told(f) / LINE);
    }
    free(text);
}

static void test_what_expands_absurdly_is_refused(void **state)
{
    struct fixture *f = *state;
    static const char line[] = "8,0 0 1 0.000000000 1 D R 8 + 8 [x]";
    uint8_t *bytes = malloc(64 << 20);
    memset(bytes, '\n', 64 << 20);
    memcpy(bytes, line, sizeof line - 1);
    write_packed(f, "bomb.zst", ARCHIVE_FILTER_ZSTD, bytes, 64 << 20);
    free(bytes);
    expect_refused(f, "bomb.zst", "cannot decompress: it expands to absurdly many bytes");
}

static void add_member(struct archive *archive, const char *name, const void *bytes, size_t size)
{
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_pathname(entry, name);
    archive_entry_set_size(entry, (la_int64_t)size);
    archive_entry_set_perm(entry, 0644);
    archive_write_header(archive, entry);
    assert_int_equal(archive_write_data(archive, bytes, size), size);
    archive_entry_free(entry);
}

static void add_folder(struct archive *archive, const char *name)
{
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_filetype(entry, AE_IFDIR);
    archive_entry_set_pathname(entry, name);
    archive_entry_set_perm(entry, 0755);
    archive_write_header(archive, entry);
    archive_entry_free(entry);
}

static void test_an_archive_means_the_recording_in_it(void **state)
{
    struct fixture *f = *state;
    for (int kind = 0; kind < 3; kind++) { // tar, compressed tar, zip
        struct archive *archive = archive_write_new();
        struct recording r;
        if (kind == 1)
            archive_write_add_filter_xz(archive);
        if (kind == 2)
            archive_write_set_format_zip(archive);
        else
            archive_write_set_format_ustar(archive);
        assert_int_equal(archive_write_open_filename(archive, path_of(f, "r.tar")), ARCHIVE_OK);
        add_folder(archive, "dir/r.blktrace.9");
        add_member(archive, "dir/command.txt", "fio\n", 4);
        make_recording(&r, 7);
        add_member(archive, "dir/r.blktrace.7", r.bytes, r.size);
        make_recording(&r, 2);
        add_member(archive, "dir/r.blktrace.2", r.bytes, r.size);
        archive_write_close(archive);
        archive_write_free(archive);
        const struct trace_info *info = open_path(f, "r.tar");
        assert_int_equal(info->files, 2);
        assert_int_equal(info->requests, 2);
        assert_int_equal(request_at(f->trace, 0)->cpu, 2);
    }
}

static size_t pack(const struct fixture *f, uint32_t cpu, uint8_t bytes[4096])
{
    struct recording r;
    make_recording(&r, cpu);
    write_packed(f, "member", ARCHIVE_FILTER_GZIP, r.bytes, r.size);
    FILE *from = fopen(path_of(f, "member"), "rb");
    size_t size = fread(bytes, 1, 4096, from);
    fclose(from);
    return size;
}

// One of three is cut off: nothing of so short a one can be read, and the others are.
static void test_members_may_be_compressed(void **state)
{
    struct fixture *f = *state;
    uint8_t bytes[4096];
    struct archive *archive = archive_write_new();
    archive_write_set_format_ustar(archive);
    assert_int_equal(archive_write_open_filename(archive, path_of(f, "r.tar")), ARCHIVE_OK);
    for (uint32_t cpu = 0; cpu < 3; cpu++) {
        char name[64];
        size_t size = pack(f, cpu, bytes);
        snprintf(name, sizeof name, "dir/r.blktrace.%u.gz", cpu);
        add_member(archive, name, bytes, cpu == 1 ? size - 9 : size);
    }
    archive_write_close(archive);
    archive_write_free(archive);
    const struct trace_info *info = open_path(f, "r.tar");
    assert_int_equal(info->files, 3);
    assert_int_equal(info->requests, 2);
    assert_int_equal(request_at(f->trace, 1)->cpu, 2);
    char *said = printed(f->diag);
    assert_non_null(strstr(said, "r.tar:dir/r.blktrace.1.gz: warning: ends early or is damaged ("));
    free(said);
}

enum { LONG = 1200 }; // records: more than one block of an archive

static void make_long(struct recording *r, uint32_t cpu)
{
    *r = (struct recording){0};
    for (uint32_t i = 0; i < LONG; i++) {
        struct record x = record_of(1000 * i + cpu, ACTION(ISSUE, BLKTRACE_IS_READ), 8 * (rand() % 100000), 8);
        x.cpu = cpu;
        x.sequence = i + 1;
        record_add(r, x);
    }
}

// Where `part` stands in the bytes, or their end.
static size_t offset_of(const uint8_t *bytes, size_t size, const void *part, size_t length)
{
    size_t at = 0;
    while (at + length <= size && memcmp(bytes + at, part, length) != 0)
        at++;
    return at + length <= size ? at : size;
}

// An archive of two long recordings, plain or compressed; in memory.
static size_t make_archive(struct fixture *f, bool zip, bool packed, uint8_t *to, size_t room)
{
    size_t used;
    struct archive *archive = archive_write_new();
    if (zip)
        archive_write_set_format_zip(archive);
    else
        archive_write_set_format_ustar(archive);
    assert_int_equal(archive_write_open_memory(archive, to, room, &used), ARCHIVE_OK);
    for (uint32_t cpu = 0; cpu < 2; cpu++) {
        struct recording r;
        char name[64];
        make_long(&r, cpu);
        snprintf(name, sizeof name, "dir/r.blktrace.%u%s", cpu, packed ? ".gz" : "");
        if (packed) {
            write_packed(f, "member", ARCHIVE_FILTER_GZIP, r.bytes, r.size);
            FILE *from = fopen(path_of(f, "member"), "rb");
            r.size = fread(r.bytes, 1, sizeof r.bytes, from);
            fclose(from);
        }
        add_member(archive, name, r.bytes, r.size);
    }
    archive_write_close(archive);
    archive_write_free(archive);
    return used;
}

// The first recording is whole; of the second what came before the cut is read. Where it was compressed that may be
// nothing, for it is unpacked in blocks of 64 KiB and more.
static void test_a_member_that_is_cut_off_is_read_as_far_as_it_goes(void **state)
{
    struct fixture *f = *state;
    static uint8_t bytes[1 << 20];
    for (int kind = 0; kind < 3; kind++) { // tar, tar of compressed files, zip
        size_t size = make_archive(f, kind == 2, kind == 1, bytes, sizeof bytes);
        write_bytes(f, "whole.tar", bytes, size);
        assert_int_equal(open_path(f, "whole.tar")->requests, 2 * LONG);
        size_t cut = kind == 0 ? offset_of(bytes, size, "dir/r.blktrace.1", 16) + 512 + 20000 : size * 3 / 5;
        write_bytes(f, "cut.tar", bytes, cut);
        const struct trace_info *info = open_path(f, "cut.tar");
        assert_int_equal(info->files, 2);
        assert_in_range(info->requests, LONG, 2 * LONG - 1);
        if (kind == 0) // 20 000 bytes behind the header: 416 records of 48
            assert_int_equal(info->requests, LONG + 416);
        expect_told(f, "cut.tar: warning: ends early or is damaged (");
    }
}

// A wrong checksum is told of its member, and costs no other one.
static void test_a_damaged_member_costs_no_other(void **state)
{
    struct fixture *f = *state;
    static uint8_t bytes[1 << 20];
    size_t size = make_archive(f, true, false, bytes, sizeof bytes);
    uint8_t crc[4]; // of the central directory's first entry, which has it at byte 16
    memcpy(crc, bytes + offset_of(bytes, size, "PK\1\2", 4) + 16, sizeof crc);
    for (size_t at; (at = offset_of(bytes, size, crc, sizeof crc)) < size;)
        bytes[at] ^= 1;
    write_bytes(f, "r.zip", bytes, size);
    const struct trace_info *info = open_path(f, "r.zip");
    assert_int_equal(info->files, 2);
    assert_in_range(info->requests, LONG, 2 * LONG - 1);
    expect_told(f, "r.zip:dir/r.blktrace.0: warning: ends early or is damaged (");
}

static void test_an_archive_without_a_recording_is_refused(void **state)
{
    struct fixture *f = *state;
    struct archive *archive = archive_write_new();
    archive_write_set_format_zip(archive);
    assert_int_equal(archive_write_open_filename(archive, path_of(f, "r.zip")), ARCHIVE_OK);
    add_member(archive, "a.txt", "fio\n", 4);
    add_member(archive, "b.txt", "fio\n", 4);
    archive_write_close(archive);
    archive_write_free(archive);
    expect_refused(f, "r.zip", "/r.zip: error: no recording in this archive\n");
}

static void test_the_hash_is_of_the_files_one_after_another(void **state)
{
    struct fixture *f = *state;
    write_cpu(f, "r.blktrace.3", 3);
    write_cpu(f, "r.blktrace.20", 20);
    struct recording a, b;
    struct sha256 hash;
    char hex[SHA256_HEX_SIZE];
    make_recording(&a, 3);
    make_recording(&b, 20);
    sha256_init(&hash);
    sha256_add(&hash, a.bytes, a.size);
    sha256_add(&hash, b.bytes, b.size);
    sha256_finish(&hash, hex);
    assert_string_equal(open_path(f, "r")->sha256, hex);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_missing_and_empty_cpus_do_not_stop_it),
        TEST(test_files_that_are_missing_are_told),
        TEST(test_gaps_in_the_recorders_own_files_are_losses),
        TEST(test_files_of_an_older_session_are_refused),
        TEST(test_a_file_far_from_all_others_is_told),
        TEST(test_files_of_devices_that_began_apart_are_one_recording),
        TEST(test_a_pause_as_others_in_the_recording_is_none_of_two_sessions),
        TEST(test_a_folder_means_the_recording_in_it),
        TEST(test_a_folder_may_hold_a_single_file),
        TEST(test_what_cannot_be_read_is_named),
        TEST(test_two_files_of_one_cpu_are_refused),
        TEST(test_compressed_files_of_every_kind),
        TEST(test_damaged_compressed_files_are_refused),
        TEST(test_what_is_read_of_a_file_that_ends_early),
        TEST(test_members_may_be_compressed),
        TEST(test_what_expands_absurdly_is_refused),
        TEST(test_an_archive_means_the_recording_in_it),
        TEST(test_a_member_that_is_cut_off_is_read_as_far_as_it_goes),
        TEST(test_a_damaged_member_costs_no_other),
        TEST(test_an_archive_without_a_recording_is_refused),
        TEST(test_the_hash_is_of_the_files_one_after_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
