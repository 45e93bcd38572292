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
#include "trace/input.h"

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

static void test_missing_and_empty_cpus_do_not_matter(void **state)
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
        assert_int_equal(trace_get_request(f->trace, 0)->cpu, 2);
    }
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
    assert_int_equal(trace_get_request(f->trace, 0)->cpu, 5);
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
    expect_refused(f, "junk", "/junk: error: not a recording in a known format (blktrace, blkparse)");
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
                 {"bz2", ARCHIVE_FILTER_BZIP2}};
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
        assert_int_equal(trace_get_request(f->trace, 0)->cpu, i);
        snprintf(name, sizeof name, "text.%s", kinds[i].suffix);
        write_packed(f, name, kinds[i].filter, text, sizeof text - 1);
        assert_string_equal(open_path(f, name)->format, "blkparse");
    }
    const struct trace_info *info = open_path(f, "cpus");
    assert_int_equal(info->files, 4);
    assert_int_equal(info->requests, 4);
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

static void test_what_expands_absurdly_is_refused(void **state)
{
    struct fixture *f = *state;
    uint8_t *bytes = malloc(64 << 20);
    memset(bytes, 7, 64 << 20); // zeroes would be an empty tar archive
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

static void test_a_tar_archive_means_the_recording_in_it(void **state)
{
    struct fixture *f = *state;
    for (int packed = 0; packed < 2; packed++) {
        struct archive *archive = archive_write_new();
        struct recording r;
        if (packed)
            archive_write_add_filter_xz(archive);
        archive_write_set_format_ustar(archive);
        assert_int_equal(archive_write_open_filename(archive, path_of(f, "r.tar")), ARCHIVE_OK);
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
        assert_int_equal(trace_get_request(f->trace, 0)->cpu, 2);
    }
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
        TEST(test_missing_and_empty_cpus_do_not_matter),
        TEST(test_a_folder_means_the_recording_in_it),
        TEST(test_a_folder_may_hold_a_single_file),
        TEST(test_what_cannot_be_read_is_named),
        TEST(test_two_files_of_one_cpu_are_refused),
        TEST(test_compressed_files_of_every_kind),
        TEST(test_damaged_compressed_files_are_refused),
        TEST(test_what_expands_absurdly_is_refused),
        TEST(test_a_tar_archive_means_the_recording_in_it),
        TEST(test_the_hash_is_of_the_files_one_after_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
