// Reading what is to be calibrated: rows, targets, files of measurements, bounds, and what is wrong with them.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "calibrate/keys.h"
#include "calibrate/problem.h"
#include "host/job/job_words.h"
#include "machine/machine.h"
#include "util/alloc.h"
#include "util/macros.h"

static char folder[] = "sqtail-test-XXXXXX";

static void write_file(const char *name, const char *text)
{
    char *path = xformat("%s/%s", folder, name);
    FILE *to = fopen(path, "w");
    assert_non_null(to);
    fputs(text, to);
    fclose(to);
    free(path);
}

static int setup(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL;
}

static int teardown(void **state)
{
    static const char *const names[] = {"c.yaml", "t.csv", "f.json"};
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        char *path = xformat("%s/%s", folder, names[i]);
        unlink(path);
        free(path);
    }
    return rmdir(folder);
}

static int read_problem(const char *text, struct calibrate_problem *problem, struct diag *diag)
{
    char *path = xformat("%s/c.yaml", folder);
    write_file("c.yaml", text);
    int result = calibrate_problem_read(problem, path, diag);
    free(path);
    return result;
}

static void expect_read(const char *text, struct calibrate_problem *problem)
{
    struct diag *diag = diag_create();
    if (read_problem(text, problem, diag) != 0)
        diag_print(diag, stderr);
    assert_int_equal(diag_error_count(diag), 0);
    diag_destroy(diag);
}

static char *messages(struct diag *diag)
{
    char *text;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    diag_print(diag, to);
    fclose(to);
    return text;
}

static void expect_error(const char *text, const char *message)
{
    struct calibrate_problem problem;
    struct diag *diag = diag_create();
    assert_int_equal(read_problem(text, &problem, diag), -1);
    char *said = messages(diag);
    if (strstr(said, message) == NULL)
        fail_msg("'%s' does not say '%s'", said, message);
    free(said);
    calibrate_problem_destroy(&problem);
    diag_destroy(diag);
}

#define HEAD "config: ideal.yaml\njob: rw=randread bs=4k iodepth=2\nkeys:\n  nand.t_r: [10us, 100us]\n"

static void expect_target(const struct calibrate_problem *p, size_t i, const char *job, const char *metric, double value)
{
    assert_true(i < p->target_count);
    assert_string_equal(p->rows[p->targets[i].row].jobs.at[0], job);
    assert_string_equal(p->targets[i].metric, metric);
    if (fabs(p->targets[i].value / value - 1) > 1e-12)
        fail_msg("target %zu, %s, is %.17g, not %.17g", i, metric, p->targets[i].value, value);
}

static void test_words_of_a_row_take_the_place_of_the_jobs_own(void **state)
{
    (void)state;
    static const struct {
        const char *job, *words, *expected;
    } rows[] = {
        {"bs=4k iodepth=1", "iodepth=8", "bs=4k iodepth=8"},
        {"bs=4k iodepth=1 rw=read", "rw=write bs=8k", "iodepth=1 rw=write bs=8k"},
        {"iodepth_batch=1 iodepth=1", "iodepth=8", "iodepth_batch=1 iodepth=8"},
        {"iodepth=1 bs=4k", "iodepth_batch=8", "iodepth=1 bs=4k iodepth_batch=8"},
        {"exitall bs=4k", "exitall", "bs=4k exitall"},
        {"bs=4k", "", "bs=4k "},
        {"", "bs=4k", "bs=4k"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char *merged = job_words_merge(rows[i].job, rows[i].words);
        assert_string_equal(merged, rows[i].expected);
        free(merged);
    }
}

static void test_rows_have_targets_with_units(void **state)
{
    (void)state;
    struct calibrate_problem p;
    expect_read(HEAD "set: [ftl.precondition=random]\nseeds: [1, 7]\n"
                "targets:\n"
                "  - {job: iodepth=1, mean: 59.72us, p99.9: 1.5ms, weight: 3}\n"
                "  - {job: rw=randwrite, set: [nand.channels=2], write_amplification: 3.25, iops: 540k, name: writes}\n"
                "  - {job: bs=128k, bandwidth: 1.5GB/s, read.p50: 80us}\n", &p);
    assert_int_equal(p.target_count, 6);
    expect_target(&p, 0, "rw=randread bs=4k iodepth=1", "total.mean", 59.72);
    expect_target(&p, 1, "rw=randread bs=4k iodepth=1", "total.p99.9", 1500);
    expect_target(&p, 2, "bs=4k iodepth=2 rw=randwrite", "ftl.write_amplification", 3.25);
    expect_target(&p, 3, "bs=4k iodepth=2 rw=randwrite", "total.iops", 540000);
    expect_target(&p, 4, "rw=randread iodepth=2 bs=128k", "total.bandwidth", 1500);
    expect_target(&p, 5, "rw=randread iodepth=2 bs=128k", "read.p50", 80);
    assert_true(p.targets[0].weight == 3 && p.targets[1].weight == 3 && p.targets[2].weight == 1);
    assert_int_equal(p.targets[2].place.line, 9);
    assert_int_equal(p.seeds.count, 2);
    assert_string_equal(p.sets.at[0], "ftl.precondition=random");
    assert_string_equal(p.rows[0].name, "iodepth=1");
    assert_string_equal(p.rows[1].name, "writes");
    assert_string_equal(p.rows[1].sets.at[0], "nand.channels=2");
    calibrate_problem_destroy(&p);
}

static void test_several_jobs_are_a_list_whose_words_are_merged_one_by_one(void **state)
{
    (void)state;
    struct calibrate_problem p;
    expect_read("config: ideal.yaml\njob: [rw=randread iodepth=1 name=r, rw=write rate=5m name=w]\n"
                "keys: {nand.t_r: [10us, 100us]}\ntargets:\n  - {job: [iodepth=4, rate=9m], r.read.mean: 100us}\n", &p);
    assert_int_equal(p.rows[0].jobs.count, 2);
    assert_string_equal(p.rows[0].jobs.at[0], "rw=randread name=r iodepth=4");
    assert_string_equal(p.rows[0].jobs.at[1], "rw=write name=w rate=9m");
    assert_string_equal(p.targets[0].metric, "r.read.mean");
    calibrate_problem_destroy(&p);
}

static void test_lines_of_a_table_are_rows(void **state)
{
    (void)state;
    struct calibrate_problem p;
    write_file("t.csv", "# a comment\niodepth,offered_iops,count,iops,bandwidth_mb_s,mean_us,p99.9_us,errors\n"
                        "1,0,100,16740,68.5,59.72,,0\n8,0,100,122500,501.7,65.26,300,0\n");
    expect_read(HEAD "targets:\n  - {csv: t.csv, use: [mean, p99.9], job: bs=8k, weight: 2}\n", &p);
    assert_int_equal(p.row_count, 2);
    assert_int_equal(p.target_count, 3);
    expect_target(&p, 0, "rw=randread bs=8k iodepth=1", "total.mean", 59.72);
    expect_target(&p, 1, "rw=randread bs=8k iodepth=8", "total.mean", 65.26);
    expect_target(&p, 2, "rw=randread bs=8k iodepth=8", "total.p99.9", 300);
    assert_true(p.targets[2].weight == 2);
    assert_string_equal(p.rows[1].name, "bs=8k iodepth=8");
    calibrate_problem_destroy(&p);
    expect_read(HEAD "targets:\n  - {csv: t.csv}\n", &p);
    assert_int_equal(p.target_count, 2 * 3 + 1);
    calibrate_problem_destroy(&p);
}

static void test_jobs_of_fio_are_rows(void **state)
{
    (void)state;
    struct calibrate_problem p;
    write_file("f.json",
               "{\"fio version\": \"fio-3.33\", \"global options\": {\"bs\": \"16k\", \"runtime\": \"5\", \"iodepth\": \"2\"},"
               " \"jobs\": [{\"jobname\": \"a\", \"job options\": {\"rw\": \"randrw\", \"iodepth\": \"16\", \"name\": \"a\"},"
               "  \"read\": {\"total_ios\": 5000, \"iops\": 1000.5, \"bw_bytes\": 16392192, \"lat_ns\": {\"mean\": 250000.5},"
               "   \"clat_ns\": {\"percentile\": {\"50.000000\": 200704, \"99.900000\": 900000}}},"
               "  \"write\": {\"total_ios\": 5000, \"iops\": 990, \"bw_bytes\": 1, \"lat_ns\": {\"mean\": 30000}}}]}");
    expect_read(HEAD "targets:\n  - {fio: f.json, use: [mean, p50, read.iops]}\n", &p);
    assert_int_equal(p.target_count, 4);
    static const char job[] = "bs=16k rw=randrw iodepth=16";
    expect_target(&p, 0, job, "read.mean", 250.0005);
    expect_target(&p, 1, job, "read.p50", 200.704);
    expect_target(&p, 2, job, "read.iops", 1000.5);
    expect_target(&p, 3, job, "write.mean", 30);
    calibrate_problem_destroy(&p);
    expect_read(HEAD "targets:\n  - {fio: f.json}\n", &p); // all but p99.9, which five requests lie beyond
    assert_int_equal(p.target_count, 4 + 3);
    calibrate_problem_destroy(&p);
}

static void test_what_is_wrong_is_told_with_its_place(void **state)
{
    (void)state;
    expect_error(HEAD "targets:\n  - {job: iodepth=1, mean: 59.72}\n", "c.yaml:6:22: error: '59.72' is no value of mean: "
                 "expected a time with its unit");
    expect_error(HEAD "targets:\n  - {job: iodepth=1, maen: 59us}\n", "c.yaml:6:22: error: unknown metric 'maen'");
    expect_error(HEAD "targets:\n  - {job: iodepth=1, mean: 0us}\n", "a target must be above zero");
    expect_error(HEAD "targets:\n  - {job: iodepth=1}\n", "a row without a target");
    expect_error(HEAD "targets:\n  - {mean: 5us, weight: 0}\n", "weight must be a number above zero");
    expect_error(HEAD "targets: []\n", "there are no targets");
    expect_error(HEAD, "'targets' is missing");
    expect_error("keys: {nand.t_r: [1us, 2us]}\ntargets: [{mean: 3us}]\n", "'config' is missing");
    expect_error(HEAD "target:\n  - {mean: 5us}\n", "c.yaml:5:1: error: unknown key 'target'; did you mean 'targets'?");
    expect_error("config: a\nkeys: {nand.t_r: 5us}\ntargets: [{mean: 3us}]\n", "nand.t_r wants bounds");
    expect_error("config: a\nkeys: {nand.t_r: {min: 5us, mx: 6us}}\ntargets: [{mean: 3us}]\n", "did you mean 'max'?");
    expect_error("config: a\nkeys: {nand.t_r: {min: 5us, max: 6us, scale: square}}\ntargets: [{mean: 3us}]\n",
                 "scale must be log or linear");
    expect_error(HEAD "targets:\n  - {csv: missing.csv}\n", "missing.csv: error: cannot read: No such file");
    write_file("t.csv", "iodepth,mean\n1,5\n");
    expect_error(HEAD "targets:\n  - {csv: t.csv}\n", "t.csv:1: error: column 'mean' is neither a metric with its unit");
    write_file("t.csv", "iodepth,mean_us\n1,5,6\n");
    expect_error(HEAD "targets:\n  - {csv: t.csv}\n", "t.csv:2: error: a line of another number of columns");
    write_file("t.csv", "iodepth,mean_us\n1,five\n");
    expect_error(HEAD "targets:\n  - {csv: t.csv}\n", "t.csv:2: error: 'five' is no number");
    write_file("f.json", "{\"jobs\": []}");
    expect_error(HEAD "targets:\n  - {fio: f.json}\n", "f.json: error: no job with a target in it");
    write_file("f.json", "fio: broken");
    expect_error(HEAD "targets:\n  - {fio: f.json}\n", "wanted is what fio writes with --output-format=json");
}

// --- keys ----------------------------------------------------------------------------------------------------------

struct drive {
    struct config_section sections[MACHINE_SECTIONS_MAX];
    struct machine_config values;
    struct config *config;
};

static void drive_create(struct drive *drive)
{
    machine_get_sections(drive->sections);
    drive->config = config_create(drive->sections, &drive->values);
}

static int bind(struct calibrate_problem *problem, const char *key, const char *low, const char *high,
                struct diag *diag)
{
    struct drive *drive = xcalloc(1, sizeof *drive);
    drive_create(drive);
    *problem = (struct calibrate_problem){.key_count = 1};
    problem->keys[0] = (struct calibrate_key){.name = xstrdup(key), .low_text = xstrdup(low), .high_text = xstrdup(high),
                                              .place = {.file = "c.yaml"}};
    int result = calibrate_bind_keys(problem, drive->config, diag);
    config_destroy(drive->config);
    free(drive);
    return result;
}

static void expect_values(const char *name, const char *low, const char *high, const char *expected_low,
                          const char *expected_middle, const char *expected_high)
{
    struct calibrate_problem p;
    struct diag *diag = diag_create();
    assert_int_equal(bind(&p, name, low, high, diag), 0);
    const char *const expected[] = {expected_low, expected_middle, expected_high};
    for (int i = 0; i < 3; i++) {
        char *text = calibrate_key_text(&p.keys[0], i / 2.0);
        assert_string_equal(text, expected[i]);
        free(text);
    }
    calibrate_problem_destroy(&p);
    diag_destroy(diag);
}

// By ratios from a third on, else by differences; four digits; whole numbers whole.
static void test_values_lie_between_the_bounds(void **state)
{
    (void)state;
    expect_values("host.t_submit", "1us", "100us", "1us", "10us", "100us");
    expect_values("host.t_submit", "1us", "2us", "1us", "1500ns", "2us");
    expect_values("host.t_submit", "0", "2us", "0", "1us", "2us");
    expect_values("nand.t_r", "x0.5", "x2", "x0.5", "x1", "x2");
    expect_values("nand.t_r", "10us", "13.5793us", "10us", "11790ns", "13580ns");
    expect_values("nand.channels", "2", "7", "2", "4", "7");
    expect_values("ftl.over_provisioning", "5%", "10%", "5%", "7.5%", "10%");
}

static void test_the_search_begins_where_the_configuration_is(void **state)
{
    (void)state;
    static const struct {
        const char *key, *low, *high;
        double start;
    } rows[] = {
        {"nand.channels", "1", "64", 0.5},     // 8, by ratios
        {"nand.channels", "4", "10", 2.0 / 3}, // by differences
        {"nand.channels", "9", "10", -1},
        {"nand.t_r", "x0.5", "x2", 0.5},
        {"nand.t_r", "x0.5", "x1.25", 2.0 / 3},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct calibrate_problem p;
        struct diag *diag = diag_create();
        assert_int_equal(bind(&p, rows[i].key, rows[i].low, rows[i].high, diag), 0);
        if (fabs(p.keys[0].start - rows[i].start) > 1e-9)
            fail_msg("row %zu: %.9f", i, p.keys[0].start);
        calibrate_problem_destroy(&p);
        diag_destroy(diag);
    }
}

static void test_bounds_are_values_of_their_key(void **state)
{
    (void)state;
    static const struct {
        const char *key, *low, *high, *message;
    } rows[] = {
        {"nand.t_rx", "1us", "2us", "unknown key 'nand.t_rx'"},
        {"ftl.gc_policy", "1", "2", "is no number that a search could go through"},
        {"nand.t_r", "1us", "x2", "one bound is a factor, the other is not"},
        {"nand.t_r", "x0", "x2", "is no factor"},
        {"nand.t_r", "2us", "1us", "the lower bound must be below the upper"},
        {"nand.t_r", "2", "5", "nand.t_r: "},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct calibrate_problem p;
        struct diag *diag = diag_create();
        if (bind(&p, rows[i].key, rows[i].low, rows[i].high, diag) != -1)
            fail_msg("row %zu is taken", i);
        char *said = messages(diag);
        if (strstr(said, rows[i].message) == NULL)
            fail_msg("'%s' does not say '%s'", said, rows[i].message);
        free(said);
        calibrate_problem_destroy(&p);
        diag_destroy(diag);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_of_a_row_take_the_place_of_the_jobs_own),
        cmocka_unit_test(test_rows_have_targets_with_units),
        cmocka_unit_test(test_several_jobs_are_a_list_whose_words_are_merged_one_by_one),
        cmocka_unit_test(test_lines_of_a_table_are_rows),
        cmocka_unit_test(test_jobs_of_fio_are_rows),
        cmocka_unit_test(test_what_is_wrong_is_told_with_its_place),
        cmocka_unit_test(test_values_lie_between_the_bounds),
        cmocka_unit_test(test_the_search_begins_where_the_configuration_is),
        cmocka_unit_test(test_bounds_are_values_of_their_key),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
