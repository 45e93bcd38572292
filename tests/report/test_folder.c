// Folders: complete or not there, and never in the place of somebody else's files.
#define _GNU_SOURCE // nftw
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>

#include "report/folder/folder.h"
#include "util/macros.h"

#include "sample.h"

static int write_result(struct sample *s, const char *name)
{
    return report_write(&s->input, sample_path(s, name), s->diag);
}

static void expect_error(struct sample *s, const char *name, const char *what)
{
    assert_true(write_result(s, name) < 0);
    char *messages = printed(s->diag);
    assert_non_null(strstr(messages, what));
    free(messages);
}

// How many entries the sample's folder has, hidden ones included: no temporary folder may be left.
static unsigned entries(const struct sample *s, const char *name)
{
    unsigned count = 0;
    DIR *dir = opendir(sample_path(s, name));
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(dir);
    return count;
}

static void test_missing_parents_are_made_and_nothing_else_is_left(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    assert_int_equal(write_result(&s, "a/b/c//"), 0);
    assert_int_equal(access(sample_path(&s, "a/b/c/summary.json"), F_OK), 0);
    assert_int_equal(entries(&s, "a/b"), 1);
    sample_destroy(&s);
}

static void test_an_older_result_is_replaced_and_other_files_in_it_are_kept(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    sample_record(&s, IO_WRITE, 4096, 0, 1, 1);
    assert_int_equal(write_result(&s, "r"), 0);
    assert_int_equal(access(sample_path(&s, "r/write.hgrm"), F_OK), 0);
    sample_write_file(sample_path(&s, "r/notes.txt"), "mine");
    command_stats_restart(&s.commands, 0);
    sample_record(&s, IO_READ, 4096, 0, 1, 1);
    assert_int_equal(write_result(&s, "r"), 0);
    char *notes = sample_read(sample_path(&s, "r/notes.txt"));
    assert_string_equal(notes, "mine");
    free(notes);
    assert_int_equal(access(sample_path(&s, "r/read.hgrm"), F_OK), 0);
    assert_int_not_equal(access(sample_path(&s, "r/write.hgrm"), F_OK), 0); // of the older run
    assert_int_equal(entries(&s, ""), 1);
    sample_destroy(&s);
}

static void test_an_empty_folder_is_filled(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    assert_int_equal(mkdir(sample_path(&s, "r"), 0777), 0);
    assert_int_equal(write_result(&s, "r"), 0);
    assert_int_equal(entries(&s, ""), 1);
    sample_destroy(&s);
}

static void test_a_foreign_folder_is_left_alone(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    assert_int_equal(mkdir(sample_path(&s, "r"), 0777), 0);
    sample_write_file(sample_path(&s, "r/thesis.tex"), "years");
    expect_error(&s, "r", "holds other files and no result");
    sample_write_file(sample_path(&s, "r/summary.json"), "{\"schema\": \"another.tool/3\"}");
    expect_error(&s, "r", "holds other files and no result");
    char *text = sample_read(sample_path(&s, "r/thesis.tex"));
    assert_string_equal(text, "years");
    free(text);
    assert_int_equal(entries(&s, ""), 1);
    sample_destroy(&s);
}

static void test_a_place_that_cannot_be_written_is_told(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    sample_write_file(sample_path(&s, "file"), "x");
    expect_error(&s, "file", "is not a folder");
    expect_error(&s, "file/r", "Not a directory");
    assert_true(report_write(&s.input, "/proc/none/r", s.diag) < 0);
    assert_true(report_write(&s.input, "/", s.diag) < 0);
    assert_true(report_write(&s.input, ".", s.diag) < 0);
    assert_int_equal(entries(&s, ""), 1);
    sample_destroy(&s);
}

static void expect_refused(struct sample *s, const char *path, const char *what)
{
    struct diag *diag = diag_create();
    assert_true(folder_check(path, FOLDER_RUN, diag) < 0);
    char *messages = printed(diag);
    assert_non_null(strstr(messages, what));
    free(messages);
    diag_destroy(diag);
    assert_int_equal(entries(s, ""), 3);
}

static void test_a_place_is_checked_without_touching_it(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    assert_int_equal(write_result(&s, "result"), 0);
    assert_int_equal(mkdir(sample_path(&s, "mine"), 0777), 0);
    sample_write_file(sample_path(&s, "mine/x"), "x");
    sample_write_file(sample_path(&s, "file"), "x");
    expect_refused(&s, sample_path(&s, "file"), "is not a folder");
    expect_refused(&s, sample_path(&s, "file/r"), "Not a directory");
    expect_refused(&s, sample_path(&s, "file/r/s"), "Not a directory");
    expect_refused(&s, sample_path(&s, "mine"), "holds other files and no result");
    expect_refused(&s, "", "wants the name of a folder");
    expect_refused(&s, "/", "a name of its own");
    expect_refused(&s, ".", "a name of its own");
    expect_refused(&s, sample_path(&s, "mine/.."), "a name of its own");
    const char *const good[] = {"result", "result/", "new", "new/deep/er", "mine/r"};
    for (size_t i = 0; i < ARRAY_SIZE(good); i++)
        assert_int_equal(folder_check(sample_path(&s, good[i]), FOLDER_RUN, s.diag), 0);
    assert_int_equal(folder_check("relative", FOLDER_RUN, s.diag), 0);
    assert_int_equal(entries(&s, ""), 3);
    sample_destroy(&s);
}

static void test_a_failed_file_leaves_nothing_behind(void **state)
{
    (void)state;
    struct sample s;
    struct folder folder;
    sample_init(&s);
    assert_int_equal(folder_begin(&folder, sample_path(&s, "r"), s.diag), 0);
    assert_null(folder_open(&folder, "no/such/place"));
    assert_true(folder_commit(&folder) < 0);
    assert_int_equal(diag_error_count(s.diag), 1);
    assert_int_equal(entries(&s, ""), 0);
    sample_destroy(&s);
}

static void test_a_failed_rename_puts_the_older_result_back(void **state)
{
    (void)state;
    struct sample s;
    struct folder folder;
    sample_init(&s);
    assert_int_equal(write_result(&s, "r"), 0);
    sample_write_file(sample_path(&s, "r/notes.txt"), "mine");
    assert_int_equal(folder_begin(&folder, sample_path(&s, "r"), s.diag), 0);
    char *gone = strdup(sample_path(&s, "gone"));
    assert_int_equal(rename(folder.temporary, gone), 0);
    free(gone);
    assert_true(folder_commit(&folder) < 0);
    assert_int_equal(diag_error_count(s.diag), 1);
    assert_int_equal(access(sample_path(&s, "r/summary.json"), F_OK), 0);
    assert_int_equal(access(sample_path(&s, "r/notes.txt"), F_OK), 0);
    assert_int_equal(entries(&s, ""), 2); // r and gone
    sample_destroy(&s);
}

// The longest name beside the folder, ".NAME.new-4194304", has 13 characters more; a file system takes 255.
static void test_a_name_that_is_too_long_is_told_before(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    if (pathconf(s.root, _PC_NAME_MAX) != 255)
        skip();
    char path[8000], name[256];
    memset(name, 'n', sizeof name);
    for (int length = 241; length <= 255; length++) {
        struct diag *diag = diag_create();
        snprintf(path, sizeof path, "%s/%.*s", s.root, length, name);
        assert_int_equal(folder_check(path, FOLDER_RUN, diag) == 0, length <= 242);
        assert_int_equal(diag_error_count(diag), length <= 242 ? 0 : 1);
        diag_destroy(diag);
    }
    snprintf(path, sizeof path, "%s/%.242s", s.root, name);
    assert_int_equal(report_write(&s.input, path, s.diag), 0);
    int at = snprintf(path, sizeof path, "%s", s.root);
    while (at < 4000)
        at += snprintf(path + at, sizeof path - (size_t)at, "/d");
    assert_true(folder_check(path, FOLDER_RUN, s.diag) < 0);
    sample_destroy(&s);
}

static void test_one_writer_at_a_time(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    struct folder_lock *lock = folder_lock(sample_path(&s, "deep/r"), s.diag);
    assert_non_null(lock);
    assert_null(folder_lock(sample_path(&s, "deep/r/"), s.diag));
    char *messages = printed(s.diag), expected[64];
    snprintf(expected, sizeof expected, "another sqtail (process %ld) is writing a result there", (long)getpid());
    assert_non_null(strstr(messages, expected));
    free(messages);
    struct folder_lock *other = folder_lock(sample_path(&s, "deep/other"), s.diag);
    assert_non_null(other);
    folder_unlock(other);
    assert_int_equal(write_result(&s, "deep/r"), 0);
    folder_unlock(lock);
    assert_int_equal(entries(&s, "deep"), 1);
    lock = folder_lock(sample_path(&s, "deep/r"), s.diag);
    assert_non_null(lock);
    folder_unlock(lock);
    sample_destroy(&s);
}

static void make(struct sample *s, const char *folder, const char *file, const char *text)
{
    char path[128];
    assert_int_equal(mkdir(sample_path(s, folder), 0777), 0);
    snprintf(path, sizeof path, "%s/%s", folder, file);
    sample_write_file(sample_path(s, path), text);
}

static bool is_there(const struct sample *s, const char *name)
{
    return access(sample_path(s, name), F_OK) == 0;
}

static void test_what_killed_writers_left_is_removed_and_nothing_else(void **state)
{
    (void)state;
    static const char *const others[] = {".r.new-x", ".r.new-", ".rr.new-5", "r.new-5", ".r.new-5.new-6", ".r.txt-5"};
    struct sample s;
    sample_init(&s);
    assert_int_equal(write_result(&s, "r"), 0);
    make(&s, ".r.new-999999", "summary.json", "{");
    make(&s, ".r.part-7", "x", "y");
    make(&s, ".r.old-12", "summary.json", "{}");
    for (size_t i = 0; i < ARRAY_SIZE(others); i++)
        make(&s, others[i], "x", "y");
    folder_unlock(folder_lock(sample_path(&s, "r"), s.diag));
    for (size_t i = 0; i < ARRAY_SIZE(others); i++)
        assert_true(is_there(&s, others[i]));
    assert_int_equal(entries(&s, ""), 1 + ARRAY_SIZE(others));
    sample_destroy(&s);
}

// Killed between its two renames, a writer leaves the older result aside; killed after them, the user's files.
static void test_what_a_killed_writer_put_aside_is_put_back(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    make(&s, ".r.old-12", "summary.json", "{\"schema\": \"sqtail.result/1\"}");
    folder_unlock(folder_lock(sample_path(&s, "r"), s.diag));
    assert_true(is_there(&s, "r/summary.json"));
    make(&s, ".r.old-13", "notes.txt", "mine");
    sample_write_file(sample_path(&s, ".r.old-13/read.hgrm"), "older");
    folder_unlock(folder_lock(sample_path(&s, "r"), s.diag));
    assert_true(is_there(&s, "r/notes.txt") && !is_there(&s, "r/read.hgrm"));
    make(&s, ".r.old-14", "notes.txt", "another");
    folder_unlock(folder_lock(sample_path(&s, "r"), s.diag));
    char *notes = sample_read(sample_path(&s, "r/notes.txt"));
    assert_string_equal(notes, "mine");
    free(notes);
    assert_true(is_there(&s, ".r.old-14/notes.txt")); // nobody's file is thrown away
    sample_destroy(&s);
}

static void test_a_result_in_its_place_is_renewed_file_by_file(void **state)
{
    (void)state;
    struct sample s;
    struct folder folder;
    sample_init(&s);
    make(&s, "r", "curve.csv", "older");
    assert_int_equal(mkdir(sample_path(&s, "stage"), 0777), 0);
    folder_reopen(&folder, sample_path(&s, "r"), s.diag);
    FILE *file = folder_open(&folder, "curve.csv");
    fputs("newer", file);
    fflush(file);
    char *text = sample_read(sample_path(&s, "r/curve.csv"));
    assert_string_equal(text, "older");
    free(text);
    folder_close(&folder, file, "curve.csv");
    assert_int_equal(folder_take(&folder, sample_path(&s, "stage"), "points/iodepth-1"), 0);
    assert_int_equal(folder_commit(&folder), 0);
    text = sample_read(sample_path(&s, "r/curve.csv"));
    assert_string_equal(text, "newer");
    free(text);
    assert_true(is_there(&s, "r/points/iodepth-1") && !is_there(&s, "stage"));
    assert_int_equal(entries(&s, "r"), 3); // and plots
    sample_destroy(&s);
}

static void test_a_full_disk_is_told(void **state)
{
    (void)state;
    struct sample s;
    struct folder folder;
    sample_init(&s);
    FILE *full = fopen("/dev/full", "w");
    if (full == NULL)
        skip();
    assert_int_equal(folder_begin(&folder, sample_path(&s, "r"), s.diag), 0);
    fputs("lost", full);
    folder_close(&folder, full, "summary.json");
    assert_true(folder_commit(&folder) < 0);
    char *messages = printed(s.diag);
    assert_non_null(strstr(messages, "/r/summary.json: error: cannot write: No space left on device"));
    free(messages);
    sample_destroy(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_missing_parents_are_made_and_nothing_else_is_left),
        cmocka_unit_test(test_an_older_result_is_replaced_and_other_files_in_it_are_kept),
        cmocka_unit_test(test_an_empty_folder_is_filled),
        cmocka_unit_test(test_a_foreign_folder_is_left_alone),
        cmocka_unit_test(test_a_place_that_cannot_be_written_is_told),
        cmocka_unit_test(test_a_place_is_checked_without_touching_it),
        cmocka_unit_test(test_a_failed_file_leaves_nothing_behind),
        cmocka_unit_test(test_a_failed_rename_puts_the_older_result_back),
        cmocka_unit_test(test_a_name_that_is_too_long_is_told_before),
        cmocka_unit_test(test_one_writer_at_a_time),
        cmocka_unit_test(test_what_killed_writers_left_is_removed_and_nothing_else),
        cmocka_unit_test(test_what_a_killed_writer_put_aside_is_put_back),
        cmocka_unit_test(test_a_result_in_its_place_is_renewed_file_by_file),
        cmocka_unit_test(test_a_full_disk_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
