// Load curves: files that agree with the points, plots, and comparison by depth.
#define _GNU_SOURCE // nftw
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "compare/format.h"
#include "config/config_json.h"
#include "report/report_curve.h"
#include "util/macros.h"
#include "util/version.h"

#include "sample.h"

static struct report_curve curve_of(const struct sample *s, const struct report_curve_point *points, size_t count)
{
    return (struct report_curve){
        .drive = s->input.drive,
        .config = s->config,
        .complete = true,
        .job = "rw=randread",
        .points = points,
        .count = count,
        .host = s->input.host,
    };
}

static struct report_curve_point point_at(uint32_t iodepth, double us)
{
    struct report_curve_point point = {.iodepth = iodepth, .count = 100, .iops = 1e6 * iodepth / us,
                                       .latency = {.mean = us, .min = us, .max = us}};
    for (int i = 0; i < REPORT_PERCENTILES; i++)
        point.latency.percentile[i] = us;
    return point;
}

static void write_point(struct sample *s, const char *folder)
{
    assert_int_equal(report_write(&s->input, sample_path(s, folder), s->diag), 0);
}

static int find_point(const struct sample *s, uint32_t iodepth, struct report_curve_point *point)
{
    const struct report_curve_load load = {.iodepth = iodepth};
    char name[REPORT_CURVE_POINT_BYTES], id[CONFIG_HASH_BYTES];
    config_hash(s->config, id);
    return report_curve_point_find(sample_path(s, "c"), report_curve_point_name(&load, NULL, name), id, NULL, &load,
                                   point);
}

static void test_a_point_is_the_total_of_its_commands(void **state)
{
    (void)state;
    struct sample s;
    struct report_curve_point point;
    sample_init(&s);
    sample_record(&s, IO_READ, 4096, 0, 0, 10000000);
    sample_record(&s, IO_WRITE, 4096, 0, 0, 30000000);
    s.input.duration = TICKS_PER_MS;
    write_point(&s, "c/points/iodepth-4");
    assert_int_equal(find_point(&s, 4, &point), 0);
    assert_int_equal(point.iodepth, 4);
    assert_int_equal(point.count, 2);
    assert_int_equal(point.errors, 0);
    assert_int_equal(point.events, 1000);
    assert_true(point.iops == 2000);
    assert_true(fabs(point.bandwidth_mb_s - 8.192) < 1e-9);
    assert_true(point.latency.mean == 20 && point.latency.min == 10 && point.latency.max == 30);
    json_t *commands = json_object_get(point.parts, "commands");
    assert_true(sample_number(commands, "read.latency_us|mean") == 10);
    assert_true(sample_number(commands, "write.latency_us|mean") == 30);
    assert_non_null(json_object_get(json_object_get(commands, "read"), "stages_us"));
    report_curve_point_free(&point);
    sample_destroy(&s);
}

static void test_loads_have_names(void **state)
{
    (void)state;
    char name[REPORT_CURVE_POINT_BYTES];
    const struct report_curve_load depth = {.iodepth = 8}, rate = {.iodepth = 1, .rate_iops = 20000};
    assert_string_equal(report_curve_point_name(&depth, NULL, name), "points/iodepth-8");
    assert_string_equal(report_curve_point_name(&rate, "18446744073709551615", name),
                        "points/rate-20000-seed-18446744073709551615");
}

// Means 90, 100 and 110 us: mean 100, deviation 10; t with two degrees of freedom leaves 5 % outside 4.302653, and the
// interval is that times 10 / sqrt(3). Requests and errors are added.
static void test_a_point_of_several_seeds_is_their_mean(void **state)
{
    (void)state;
    struct report_curve_point points[] = {point_at(4, 90), point_at(4, 100), point_at(4, 110)};
    const struct report_curve_point *const all[] = {&points[0], &points[1], &points[2]};
    const uint64_t seeds[] = {7, 8, 9};
    for (int i = 0; i < 3; i++)
        points[i].parts = json_pack("{s:{s:f},s:{s:{s:i}}}", "utilization", "die", 0.1 * (i + 1), "commands", "read",
                                    "iops", 1000 * i);
    points[1].errors = 2;
    struct report_curve_point joined = report_curve_join(all, seeds, 3);
    assert_int_equal(joined.count, 300);
    assert_int_equal(joined.errors, 2);
    assert_int_equal(joined.iodepth, 4);
    assert_true(fabs(joined.latency.mean - 100) < 1e-9);
    assert_true(fabs(sample_number(joined.parts, "utilization|die") - 0.2) < 1e-12);
    assert_true(sample_number(joined.parts, "commands.read|iops") == 1000);
    assert_true(fabs(sample_number(joined.parts, "deviation.latency_us|mean") - 10) < 1e-9);
    assert_true(fabs(sample_number(joined.parts, "interval_95.latency_us|mean") - 4.302653 * 10 / sqrt(3)) < 1e-4);
    json_t *runs = json_object_get(joined.parts, "runs");
    assert_int_equal(json_array_size(runs), 3);
    assert_true(sample_number(json_array_get(runs, 2), "|seed") == 9);
    assert_true(sample_number(json_array_get(runs, 2), "latency_us|mean") == 110);
    report_curve_point_free(&joined);
    for (int i = 0; i < 3; i++)
        report_curve_point_free(&points[i]);
}

static void test_a_point_of_another_configuration_or_unfinished_is_none(void **state)
{
    (void)state;
    struct sample s;
    struct report_curve_point point;
    sample_init(&s);
    s.input.complete = false;
    write_point(&s, "c/points/iodepth-1");
    s.input.complete = true;
    write_point(&s, "c/points/iodepth-2");
    assert_true(find_point(&s, 1, &point) < 0);
    assert_int_equal(find_point(&s, 2, &point), 0);
    report_curve_point_free(&point);
    assert_true(find_point(&s, 3, &point) < 0);
    assert_int_equal(config_set(s.config, s.diag, "nand.dies=4"), 0);
    assert_true(find_point(&s, 2, &point) < 0);
    sample_destroy(&s);
}

static void expect_there(const struct sample *s, const struct report_curve *curve, enum report_curve_there there,
                         const char *difference)
{
    const char *told;
    assert_int_equal(report_curve_look(curve, sample_path(s, "c"), &told), there);
    if (difference == NULL)
        assert_null(told);
    else
        assert_string_equal(told, difference);
}

static void test_a_curve_knows_its_own_beginning(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    const struct report_curve_point points[] = {point_at(1, 80)};
    struct report_curve curve = curve_of(&s, points, 1);
    expect_there(&s, &curve, REPORT_CURVE_NONE, NULL);
    write_point(&s, "c");
    expect_there(&s, &curve, REPORT_CURVE_OTHER, "kind: it is a run");
    curve.complete = false;
    assert_int_equal(report_write_curve(&curve, sample_path(&s, "c"), s.diag), 0);
    expect_there(&s, &curve, REPORT_CURVE_INCOMPLETE, NULL);
    curve.complete = true;
    assert_int_equal(report_write_curve(&curve, sample_path(&s, "c"), s.diag), 0);
    expect_there(&s, &curve, REPORT_CURVE_COMPLETE, NULL);
    curve.seed = 7;
    expect_there(&s, &curve, REPORT_CURVE_OTHER, "seed");
    curve.seed = 0;
    curve.job = "rw=randwrite";
    expect_there(&s, &curve, REPORT_CURVE_OTHER, "job");
    curve.job = "rw=randread";
    char *text = sample_read(sample_path(&s, "c/curve.json")), *commit = strstr(text, version_commit);
    assert_non_null(commit);
    commit[0] = commit[0] == 'x' ? 'y' : 'x';
    sample_write_file(sample_path(&s, "c/curve.json"), text);
    free(text);
    expect_there(&s, &curve, REPORT_CURVE_OTHER, "version of sqtail");
    assert_int_equal(config_set(s.config, s.diag, "nand.dies=4"), 0);
    expect_there(&s, &curve, REPORT_CURVE_OTHER, "configuration");
    sample_destroy(&s);
}

// With each point that ends, its folder moves in and the curve's files are renewed; what else is there stays.
static void test_a_curve_grows_in_its_place(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    const struct report_curve_point points[] = {point_at(1, 80), point_at(8, 100)};
    struct report_curve curve = curve_of(&s, points, 1);
    char stage[256];
    curve.complete = false;
    for (uint32_t depth = 1; depth <= 8; depth += 7) {
        write_point(&s, "stage");
        snprintf(stage, sizeof stage, "%s", sample_path(&s, "stage"));
        curve.finished = stage;
        curve.finished_name = depth == 1 ? "points/iodepth-1" : "points/iodepth-8";
        assert_int_equal(report_write_curve(&curve, sample_path(&s, "c"), s.diag), 0);
        assert_int_not_equal(access(stage, F_OK), 0);
        if (depth == 1)
            sample_write_file(sample_path(&s, "c/notes.txt"), "mine");
        curve.there = curve.complete = true;
        curve.count = 2;
    }
    assert_int_equal(access(sample_path(&s, "c/points/iodepth-1/summary.json"), F_OK), 0);
    assert_int_equal(access(sample_path(&s, "c/points/iodepth-8/summary.json"), F_OK), 0);
    assert_int_equal(access(sample_path(&s, "c/notes.txt"), F_OK), 0);
    json_t *json = json_load_file(sample_path(&s, "c/curve.json"), 0, NULL);
    assert_true(json_is_true(json_object_get(json, "complete")));
    assert_int_equal(json_array_size(json_object_get(json, "points")), 2);
    json_decref(json);
    // Another result in its place takes the points away with the rest.
    write_point(&s, "c");
    assert_int_not_equal(access(sample_path(&s, "c/points"), F_OK), 0);
    assert_int_equal(access(sample_path(&s, "c/notes.txt"), F_OK), 0);
    sample_destroy(&s);
}

static void test_the_files_hold_the_points(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    struct report_curve_point points[] = {point_at(1, 80), point_at(8, 100)};
    points[1].errors = 7;
    points[1].latency.min = 90;
    points[0].events = 1000;
    points[1].events = 3000;
    struct report_curve curve = curve_of(&s, points, 2);
    curve.host.cpu_s = 2;
    assert_int_equal(report_write_curve(&curve, sample_path(&s, "c"), s.diag), 0);
    char *csv = sample_read(sample_path(&s, "c/curve.csv"));
    assert_string_equal(csv,
                        "iodepth,offered_iops,count,iops,bandwidth_mb_s,mean_us,min_us,p50_us,p90_us,p95_us,p99_us,"
                        "p99.9_us,p99.99_us,p99.999_us,max_us,errors\n"
                        "1,0,100,12500,0,80,80,80,80,80,80,80,80,80,80,0\n"
                        "8,0,100,80000,0,100,90,100,100,100,100,100,100,100,100,7\n");
    free(csv);
    json_t *host = json_load_file(sample_path(&s, "c/host.json"), 0, NULL);
    assert_true(sample_number(host, "|events_per_cpu_s") == 2000);
    json_decref(host);
    json_t *json = json_load_file(sample_path(&s, "c/curve.json"), 0, NULL);
    assert_string_equal(json_string_value(json_object_get(json, "schema")), "sqtail.curve/1");
    json_t *last = json_array_get(json_object_get(json, "points"), 1);
    assert_true(sample_number(last, "|iodepth") == 8);
    assert_true(sample_number(last, "latency_us|p99.9") == 100);
    json_decref(json);
    sample_destroy(&s);
}

// After the totals come the columns of each kind, where there are several; a load without one leaves them empty.
static void test_the_csv_tells_kinds_apart(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    struct report_curve_point points[] = {point_at(1, 80), point_at(8, 100)};
    points[0].parts = json_pack("{s:{s:{s:i,s:f,s:f,s:i,s:{s:f,s:f,s:f,s:f}},s:{s:i}}}", "commands", "read", "count", 70,
                                "iops", 700.5, "bandwidth_mb_s", 2.5, "errors", 3, "latency_us", "mean", 50.5, "min", 40.0,
                                "p99.9", 90.0, "max", 95.0, "write", "count", 30);
    points[1].parts = json_pack("{s:{s:{s:i}}}", "commands", "read", "count", 100);
    struct report_curve curve = curve_of(&s, points, 2);
    assert_int_equal(report_write_curve(&curve, sample_path(&s, "c"), s.diag), 0);
    char *csv = sample_read(sample_path(&s, "c/curve.csv")), *line = strtok(csv, "\n");
    assert_non_null(strstr(line, ",max_us,errors,read.count,read.iops,read.bandwidth_mb_s,read.mean_us,read.min_us,"
                                 "read.p50_us,"));
    assert_non_null(strstr(line, ",read.max_us,read.errors,write.count,"));
    line = strtok(NULL, "\n");
    assert_non_null(strstr(line, ",80,0,70,700.5,2.5,50.5,40,"));
    assert_non_null(strstr(line, ",95,3,30,"));
    line = strtok(NULL, "\n");
    assert_non_null(strstr(line, ",100,0,100,"));
    assert_string_equal(line + strlen(line) - REPORT_PERCENTILES - 7, ",,,,,,,,,,,,,,");
    free(csv);
    json_decref(points[0].parts);
    json_decref(points[1].parts);
    sample_destroy(&s);
}

// The table as it is printed; to be freed.
static char *table_of(const struct report_curve *curve)
{
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    report_print_curve(curve, to, false);
    fclose(to);
    return text;
}

// The first of two points has 100 requests, the second enough for every percentile.
static void test_the_mark_of_any_point_is_explained(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    struct report_curve_point points[] = {point_at(1, 80), point_at(8, 100)};
    points[1].count = 100000000;
    struct report_curve curve = curve_of(&s, points, 2);
    char *text = table_of(&curve);
    assert_non_null(strstr(text, "\n* rests on fewer than ten requests\n"));
    free(text);
    sample_destroy(&s);
}

static void check_drawn(const struct report_curve_point *points, size_t count)
{
    struct sample s;
    sample_init(&s);
    struct report_curve curve = curve_of(&s, points, count);
    assert_int_equal(report_write_curve(&curve, sample_path(&s, "c"), s.diag), 0);
    report_draw(sample_path(&s, "c"), REPORT_DRAW_LIMIT_S, s.diag);
    char *messages = printed(s.diag);
    assert_string_equal(messages, "");
    free(messages);
    assert_int_equal(access(sample_path(&s, "c/plots/curve.svg"), F_OK) == 0, count > 0);
    assert_int_equal(access(sample_path(&s, "c/plots/curve_load.svg"), F_OK) == 0, count > 0);
    sample_destroy(&s);
}

static void test_curves_of_many_one_and_no_points_are_drawn_without_complaint(void **state)
{
    (void)state;
    if (system("gnuplot --version > /dev/null 2>&1") != 0)
        skip();
    struct report_curve_point points[] = {point_at(1, 80), point_at(8, 100), point_at(256, 9000)};
    check_drawn(points, 3);
    check_drawn(points, 1);
    check_drawn(points, 0);
    for (size_t i = 0; i < ARRAY_SIZE(points); i++)
        points[i].offered_iops = 1000 * (double)(i + 1);
    check_drawn(points, 3);
}

// The range of an axis as a script sets it; the last of several.
static void range_of(const struct sample *s, const char *script, const char *axis, double *lo, double *hi)
{
    char *text = sample_read(sample_path(s, script)), command[32];
    snprintf(command, sizeof command, "set %srange [", axis);
    assert_non_null(text);
    const char *at = NULL;
    for (const char *next = text; (next = strstr(next, command)) != NULL; next++)
        at = next + strlen(command);
    assert_int_equal(sscanf(at, "%lf:%lf", lo, hi), 2);
    free(text);
}

// p99.9, the highest line that is drawn, lies ten times above all others here; p99.99 and the largest are not drawn.
static void test_every_line_lies_within_its_plot(void **state)
{
    (void)state;
    static const char *const scripts[] = {"c/plots/curve.gp", "c/plots/curve_load.gp"};
    struct sample s;
    sample_init(&s);
    struct report_curve_point points[] = {point_at(1, 80), point_at(8, 100), point_at(64, 500)};
    points[0].latency.percentile[0] = 20; // p50 below the mean
    points[2].latency.percentile[4] = 5000;
    points[2].latency.percentile[5] = points[2].latency.max = 1e9;
    struct report_curve curve = curve_of(&s, points, 3);
    assert_int_equal(report_write_curve(&curve, sample_path(&s, "c"), s.diag), 0);
    for (size_t i = 0; i < ARRAY_SIZE(scripts); i++) {
        double lo, hi;
        range_of(&s, scripts[i], "y", &lo, &hi);
        assert_true(lo < 20 && lo > 2 && hi > 5000 && hi < 50000);
    }
    double lo, hi;
    range_of(&s, "c/plots/curve.gp", "x", &lo, &hi);
    assert_true(lo == 0 && hi > 128e3 && hi < 200e3); // 64 in flight at 500 us
    sample_destroy(&s);
}

static const char *label_of(const char *script, uint32_t iodepth)
{
    char label[32];
    snprintf(label, sizeof label, "\nset label '%u' at ", iodepth);
    const char *at = strstr(script, label);
    return at == NULL ? "" : at + strlen(label);
}

// Below its point where the lowest line leaves room there, beside a line that goes straight up, and each in a place of
// its own: around points that fall together there are five, so that of eight three are left out.
static void test_depths_touch_neither_lines_nor_each_other(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    struct report_curve_point points[12] = {point_at(1, 20), point_at(2, 21), point_at(64, 650), point_at(128, 1300)};
    points[2].iops = points[3].iops = 200000;
    for (uint32_t i = 0; i < 8; i++) {
        points[4 + i] = point_at(256 + i, 9000);
        points[4 + i].iops = 100000;
    }
    struct report_curve curve = curve_of(&s, points, 12);
    assert_int_equal(report_write_curve(&curve, sample_path(&s, "c"), s.diag), 0);
    char *script = sample_read(sample_path(&s, "c/plots/curve.gp"));
    assert_int_equal(strncmp(label_of(script, 1), "50000,20 center offset", 22), 0);
    assert_int_equal(strncmp(label_of(script, 2), "95238.0952,21 center offset", 27), 0);
    assert_int_equal(strncmp(label_of(script, 128), "200000,1300 left offset", 23), 0);
    unsigned there = 0;
    for (uint32_t i = 0; i < 8; i++)
        there += *label_of(script, 256 + i) != '\0';
    assert_true(there >= 2 && there <= 5);
    free(script);
    sample_destroy(&s);
}

static void test_titles_name_job_and_drive(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    const struct report_curve_point points[] = {point_at(1, 80)};
    struct report_curve curve = curve_of(&s, points, 1);
    assert_int_equal(report_write_curve(&curve, sample_path(&s, "c"), s.diag), 0);
    char *script = sample_read(sample_path(&s, "c/plots/curve_load.gp"));
    assert_non_null(strstr(script, "\nset label 'Throughput and latency against load' at"));
    assert_non_null(strstr(script, "\nset label 'rw=randread' at"));
    assert_non_null(strstr(script, "\nset label 'a drive made by ''hand''; seed 0' at"));
    free(script);
    sample_destroy(&s);
}

// The table of a comparison in which so many failed; to be freed.
static char *compared(struct sample *s, const char *base, const char *new, const struct compare_options *options,
                      size_t failed)
{
    char *table = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&table, &size);
    struct comparison *comparison = compare(base, &new, 1, options, s->diag);
    assert_non_null(comparison);
    assert_int_equal(comparison->failed, failed);
    comparison_write(comparison, &format_text, &(struct format_options){0}, to);
    comparison_destroy(comparison);
    fclose(to);
    return table;
}

static void test_curves_compare_depth_by_depth(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    const struct report_curve_point base[] = {point_at(1, 80), point_at(8, 100), point_at(64, 500)};
    const struct report_curve_point new[] = {point_at(1, 80), point_at(8, 120)};
    struct report_curve curve = curve_of(&s, base, 3);
    assert_int_equal(report_write_curve(&curve, sample_path(&s, "base"), s.diag), 0);
    curve.points = new;
    curve.count = 2;
    assert_int_equal(report_write_curve(&curve, sample_path(&s, "new"), s.diag), 0);
    static const char *const thresholds[] = {"p99=10%"};
    struct compare_options options = {.thresholds = thresholds, .threshold_count = 1};
    char *table = compared(&s, sample_path(&s, "base"), sample_path(&s, "new"), &options, 2);
    assert_non_null(strstr(table, "iodepth-8.p99                     100.0us*    120.0us*   +20.00 %"));
    assert_non_null(strstr(table, "iodepth-64.p99                    500.0us*     absent"));
    free(table);
    sample_destroy(&s);
}

static void test_offered_loads_that_are_no_whole_numbers_are_told_apart(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    struct report_curve_point points[] = {point_at(1, 80), point_at(1, 90)};
    points[0].offered_iops = 1000.25;
    points[1].offered_iops = 1000.5;
    struct report_curve curve = curve_of(&s, points, 2);
    assert_int_equal(report_write_curve(&curve, sample_path(&s, "c"), s.diag), 0);
    char *table = compared(&s, sample_path(&s, "c"), sample_path(&s, "c"), &(struct compare_options){0}, 0);
    assert_non_null(strstr(table, "offered-1000.25.mean "));
    assert_non_null(strstr(table, "offered-1000.5.iops "));
    free(table);
    sample_destroy(&s);
}

static void test_the_table_shows_every_point(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    struct report_curve_point points[] = {point_at(1, 80), point_at(256, 9000)};
    points[0].errors = 3;
    struct report_curve curve = curve_of(&s, points, 2);
    char *text = table_of(&curve);
    assert_non_null(strstr(text, "  iodepth     IOPS     MB/s     mean     p50      p99    p99.9   p99.99       max"
                                 "   errors\n"
                                 "        1    12500        0  80.00us 80.00us  80.00us* 80.00us* 80.00us*  80.00us"
                                 "        3\n"
                                 "      256    28444        0  9.000ms"));
    free(text);
    sample_destroy(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_point_is_the_total_of_its_commands),
        cmocka_unit_test(test_loads_have_names),
        cmocka_unit_test(test_a_point_of_several_seeds_is_their_mean),
        cmocka_unit_test(test_a_point_of_another_configuration_or_unfinished_is_none),
        cmocka_unit_test(test_a_curve_knows_its_own_beginning),
        cmocka_unit_test(test_a_curve_grows_in_its_place),
        cmocka_unit_test(test_the_files_hold_the_points),
        cmocka_unit_test(test_the_csv_tells_kinds_apart),
        cmocka_unit_test(test_the_mark_of_any_point_is_explained),
        cmocka_unit_test(test_curves_of_many_one_and_no_points_are_drawn_without_complaint),
        cmocka_unit_test(test_every_line_lies_within_its_plot),
        cmocka_unit_test(test_depths_touch_neither_lines_nor_each_other),
        cmocka_unit_test(test_titles_name_job_and_drive),
        cmocka_unit_test(test_curves_compare_depth_by_depth),
        cmocka_unit_test(test_offered_loads_that_are_no_whole_numbers_are_told_apart),
        cmocka_unit_test(test_the_table_shows_every_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
