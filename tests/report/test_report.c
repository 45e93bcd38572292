// Result folders: numbers agree with the samples, two writes agree with each other, nothing foreign is lost.
#define _GNU_SOURCE // nftw
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <locale.h>

#include "report/text/number_text.h"
#include "report/text/summary_text.h"
#include "util/macros.h"
#include "util/rng.h"
#include "util/version.h"

#include "sample.h"

// Each draw is a statement: the order of arguments is the compiler's.
static void fill_one(struct sample *s, struct rng *rng)
{
    enum io_kind kind = rng_below(rng, 4) == 0 ? IO_WRITE : IO_READ;
    uint64_t bytes = 4096 << rng_below(rng, 3);
    tick_t start = rng_below(rng, s->input.duration / 2);
    tick_t fetch = rng_below(rng, 3000000);
    sample_record(s, kind, bytes, start, fetch, rng_below(rng, 90000000));
}

static void fill(struct sample *s, int commands)
{
    struct rng rng;
    rng_seed(&rng, 5, "test");
    for (int i = 0; i < commands; i++)
        fill_one(s, &rng);
}

static bool starts_with(const char *text, const char *beginning)
{
    return strncmp(text, beginning, strlen(beginning)) == 0;
}

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

static json_t *read_json(const char *path)
{
    json_error_t error;
    json_t *json = json_load_file(path, 0, &error);
    assert_non_null(json);
    return json;
}

// --- numbers -------------------------------------------------------------------------------------------------------

enum { SAMPLES = 1000 };

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// Latencies in us of SAMPLES reads, sorted, also recorded in the sample.
static void record_reads(struct sample *s, double us[SAMPLES])
{
    struct rng rng;
    rng_seed(&rng, 9, "test");
    for (int i = 0; i < SAMPLES; i++) {
        tick_t fetch = 1000000, array = 40000000 + rng_below(&rng, 1000000000);
        sample_record(s, IO_READ, 4096, (tick_t)i * 1000, fetch, array);
        us[i] = (double)(fetch + array) / 1e6;
    }
    qsort(us, SAMPLES, sizeof *us, compare_doubles);
}

static void test_numbers_agree_with_the_samples(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int rank;
    } percentiles[] = {{"p50", 500}, {"p90", 900}, {"p95", 950}, {"p99", 990}, {"p99.9", 999}, {"p99.99", 1000}};
    struct sample s;
    double us[SAMPLES], sum = 0;
    sample_init(&s);
    record_reads(&s, us);
    for (int i = 0; i < SAMPLES; i++)
        sum += us[i];
    assert_int_equal(report_write(&s.input, sample_path(&s, "r"), s.diag), 0);
    json_t *json = read_json(sample_path(&s, "r/summary.json"));
    assert_true(sample_number(json, "commands.read|count") == SAMPLES);
    assert_true(sample_number(json, "commands.read|bytes") == SAMPLES * 4096);
    assert_true(fabs(sample_number(json, "commands.read|iops") - SAMPLES / 0.002) < 1e-3);
    assert_true(fabs(sample_number(json, "commands.read|bandwidth_mb_s") - SAMPLES * 4096 / 0.002 / 1e6) < 1e-6);
    assert_true(fabs(sample_number(json, "commands.read.latency_us|mean") - sum / SAMPLES) < 1e-6);
    assert_true(fabs(sample_number(json, "commands.read.latency_us|min") - us[0]) < 1e-6);
    assert_true(fabs(sample_number(json, "commands.read.latency_us|max") - us[SAMPLES - 1]) < 1e-6);
    for (size_t i = 0; i < ARRAY_SIZE(percentiles); i++) {
        char path[64];
        snprintf(path, sizeof path, "commands.read.latency_us|%s", percentiles[i].name);
        double truth = us[percentiles[i].rank - 1], told = sample_number(json, path);
        assert_true(told > truth - 0.001 && told < truth * 1.001 + 0.001);
    }
    assert_true(sample_number(json, "commands.read.stages_us|sq_fetch") == 1);
    assert_true(fabs(sample_number(json, "commands.read.stages_us|array") - (sum / SAMPLES - 1)) < 1e-6);
    assert_true(sample_number(json, "total|count") == SAMPLES);
    assert_true(isnan(sample_number(json, "commands.write|count")));
    json_decref(json);
    sample_destroy(&s);
}

// 24 requests of a million seconds each, a quarter of it the fetch: 2.4 * 10^19 ps of latency and 1.8 * 10^19 of one
// stage, 64 bits end at 1.84 * 10^19.
static void test_means_are_right_where_sums_pass_64_bits(void **state)
{
    (void)state;
    const tick_t quarter = 250000 * TICKS_PER_S;
    struct sample s;
    sample_init(&s);
    s.input.duration = 4 * quarter;
    for (int i = 0; i < 24; i++) {
        sample_record(&s, IO_READ, 4096, 0, quarter, 3 * quarter);
        command_stats_record_recorded(&s.commands, IO_READ, UINT64_C(1000000000000000000));
    }
    assert_int_equal(report_write(&s.input, sample_path(&s, "r"), s.diag), 0);
    json_t *json = read_json(sample_path(&s, "r/summary.json"));
    assert_true(sample_number(json, "commands.read.latency_us|mean") == 1e12);
    assert_true(sample_number(json, "commands.read.stages_us|sq_fetch") == 0.25e12);
    assert_true(sample_number(json, "commands.read.stages_us|array") == 0.75e12);
    assert_true(sample_number(json, "total.latency_us|mean") == 1e12);
    assert_true(sample_number(json, "recorded.read.latency_us|mean") == 1e15);
    assert_true(fabs(sample_number(json, "utilization|die") - 24 * 0.75 / 8) < 1e-12);
    char *text = sample_read(sample_path(&s, "r/summary.txt"));
    assert_non_null(strstr(text, " 25.0%"));
    assert_non_null(strstr(text, " 75.0%"));
    char *stages = sample_read(sample_path(&s, "r/plots/stages.dat"));
    assert_non_null(strstr(stages, "\n2.5e+11 0.64 1e+12 1.36\n"));
    char *course = sample_read(sample_path(&s, "r/timeseries.csv"));
    assert_non_null(strstr(course, ",1e+12,1e+12,1e+12,1e+12,"));
    json_decref(json);
    free(text);
    free(stages);
    free(course);
    sample_destroy(&s);
}

static void test_equal_latencies_have_equal_percentiles_to_the_picosecond(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    for (int i = 0; i < 10; i++)
        sample_record(&s, IO_READ, 4096, 0, 1234567, 50000001);
    struct report_latency latency = report_latency_of(&s.commands.kinds[IO_READ]);
    assert_true(latency.min == 51.234568 && latency.max == 51.234568);
    for (int i = 0; i < REPORT_PERCENTILES; i++)
        assert_true(latency.percentile[i] == 51.234568);
    sample_destroy(&s);
}

static void test_the_result_says_what_was_run(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    s.input.sets = (const char *const[]){"nand.t_r=+10%", "seed=42"};
    s.input.set_count = 2;
    s.source = (struct trace_info){.format = "blktrace", .path = "caf\xe9", .sha256 = "00ff", .requests = 7,
                                   .skipped = 1};
    s.source.by_kind[IO_READ] = 7;
    s.input.source = &s.source;
    s.input.complete = false;
    s.input.seed = UINT64_MAX;
    sample_record(&s, IO_READ, 4096, 0, 1, 1);
    command_stats_record_recorded(&s.commands, IO_READ, 250000);
    assert_int_equal(report_write(&s.input, sample_path(&s, "r"), s.diag), 0);
    json_t *json = read_json(sample_path(&s, "r/summary.json")), *source = json_object_get(json, "source");
    assert_string_equal(json_string_value(json_object_get(json, "schema")), "sqtail.result/1");
    assert_true(json_is_false(json_object_get(json, "complete")));
    assert_string_equal(json_string_value(json_object_get(json, "seed")), "18446744073709551615");
    assert_int_equal(strlen(json_string_value(json_object_get(json, "config_id"))), 16);
    assert_string_equal(json_string_value(json_object_get(json_object_get(json_object_get(json, "config"), "nand"),
                                                          "t_r")), "50us");
    assert_string_equal(json_string_value(json_object_get(source, "path")), "caf?"); // was no UTF-8
    assert_string_equal(json_string_value(json_object_get(source, "sha256")), "00ff");
    assert_true(sample_number(source, "requests") != sample_number(source, "skipped"));
    assert_true(sample_number(json, "source.requests_by_kind|read") == 7);
    assert_true(sample_number(json, "recorded.read.latency_us|p50") == 250);
    assert_true(sample_number(json, "ftl|gc_copies") == 12);
    assert_true(sample_number(json, "ftl|write_amplification") == 1.25);
    assert_true(sample_number(json, "ftl|gc_stall_time_us") == 1.5);
    assert_true(json_is_null(json_object_get(json_object_get(json, "ftl"), "undefined")));
    assert_true(sample_number(json, "utilization|die") >= 0);
    json_decref(json);
    sample_destroy(&s);
}

static void test_stats_csv_has_a_row_for_each_number(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    sample_record(&s, IO_READ, 4096, 0, 1000000, 2500000);
    assert_int_equal(report_write(&s.input, sample_path(&s, "r"), s.diag), 0);
    char *csv = sample_read(sample_path(&s, "r/stats.csv"));
    assert_true(starts_with(csv, "group,name,value,unit\nsim,time_s,0.002,s\nsim,events,1000,1\n"
                                 "commands.read,count,1,1\n"));
    assert_non_null(strstr(csv, "\ncommands.read,iops,500,1/s\n"));
    assert_non_null(strstr(csv, "\ncommands.read.latency_us,p99.9,3.5,us\n"));
    assert_non_null(strstr(csv, "\ncommands.read.stages_us,array,2.5,us\n"));
    assert_non_null(strstr(csv, "\nftl,gc_copies,12,1\nftl,gc_stall_time_us,1.5,us\nftl,undefined,,1\n"));
    assert_non_null(strstr(csv, "\nutilization,die,0.00015625,1\n"));
    free(csv);
    sample_destroy(&s);
}

// Of 1000 reads of 3 us the ten slowest take 100 us, of which 90 are the array's; a job of the same reads says the same.
static void test_the_tail_is_told_to_programs_and_people(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    command_stats_explain(&s.commands);
    for (int i = 0; i < 990; i++)
        sample_record(&s, IO_READ, 4096, 0, 1000000, 2000000);
    for (int i = 0; i < 10; i++)
        sample_record(&s, IO_READ, 4096, 0, 10000000, 90000000);
    s.input.jobs = &(struct report_job){.name = "a", .text = "b", .commands = &s.commands};
    s.input.job_count = 1;
    assert_int_equal(report_write(&s.input, sample_path(&s, "r"), s.diag), 0);
    json_t *json = read_json(sample_path(&s, "r/summary.json")), *tail = json_object_get(json, "tail");
    json_t *read = json_object_get(tail, "read"), *slowest = json_array_get(read, 1);
    assert_int_equal(json_array_size(read), 2);
    assert_true(json_equal(tail, json_object_get(json_object_get(json_object_get(json, "jobs"), "a"), "tail")));
    assert_string_equal(json_string_value(json_object_get(slowest, "class")), "p99.9-max");
    assert_true(sample_number(slowest, "|count") == 10 && sample_number(slowest, "|mean_us") == 100);
    assert_true(sample_number(slowest, "|up_to_us") == 100);
    assert_true(sample_number(slowest, "stages_us|array") == 90 && sample_number(slowest, "stages_us|sq_fetch") == 10);
    char *csv = sample_read(sample_path(&s, "r/stats.csv")), *text = sample_read(sample_path(&s, "r/summary.txt"));
    assert_non_null(strstr(csv, "\ntail.read.p99.9-max,count,10,1\n"));
    assert_non_null(strstr(csv, "\ntail.read.p99.9-max.stages_us,array,90,us\n"));
    assert_non_null(strstr(text, "read                     p0-p50        p99.9-max\n"
                                 "commands                    990               10\n"
                                 "mean             3.000us 100.0%   100.0us 100.0%\n"
                                 "sq_fetch         1.000us  33.3%   10.00us  10.0%\n"
                                 "array            2.000us  66.7%   90.00us  90.0%\n"));
    free(csv);
    free(text);
    json_decref(json);
    sample_destroy(&s);
}

// --- sameness ------------------------------------------------------------------------------------------------------

static unsigned compare_folders(const char *a, const char *b)
{
    unsigned files = 0;
    DIR *dir = opendir(a);
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        char one[600], other[600];
        snprintf(one, sizeof one, "%s/%s", a, entry->d_name);
        snprintf(other, sizeof other, "%s/%s", b, entry->d_name);
        if (entry->d_name[0] == '.' || strcmp(entry->d_name, "host.json") == 0)
            continue;
        if (strcmp(entry->d_name, "plots") == 0) {
            files += compare_folders(one, other);
            continue;
        }
        char *x = sample_read(one), *y = sample_read(other);
        assert_non_null(y);
        assert_string_equal(x, y);
        assert_true(*x != '\0');
        free(x);
        free(y);
        files++;
    }
    closedir(dir);
    return files;
}

static void test_two_writes_are_byte_identical_but_for_the_machine(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    fill(&s, 3000);
    assert_int_equal(report_write(&s.input, sample_path(&s, "a"), s.diag), 0);
    s.input.host = (struct report_host){"other", "systemc", 9, 9, 9, 9};
    s.input.next = "something else";
    assert_int_equal(report_write(&s.input, sample_path(&s, "b"), s.diag), 0);
    report_draw(sample_path(&s, "a"), REPORT_DRAW_LIMIT_S, s.diag);
    report_draw(sample_path(&s, "b"), REPORT_DRAW_LIMIT_S, s.diag);
    assert_true(compare_folders(sample_path(&s, "a"), sample_path(&s, "b")) >= 18);
    char *host = sample_read(sample_path(&s, "b/host.json"));
    assert_non_null(strstr(host, "\"kernel\": \"systemc\""));
    free(host);
    sample_destroy(&s);
}

static void test_results_do_not_follow_the_locale(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    fill(&s, 100);
    assert_int_equal(report_write(&s.input, sample_path(&s, "a"), s.diag), 0);
    bool changed = setlocale(LC_ALL, "de_DE.UTF-8") != NULL || setlocale(LC_ALL, "fr_FR.UTF-8") != NULL;
    assert_int_equal(report_write(&s.input, sample_path(&s, "b"), s.diag), 0);
    setlocale(LC_ALL, "C");
    compare_folders(sample_path(&s, "a"), sample_path(&s, "b"));
    sample_destroy(&s);
    if (!changed)
        skip();
}

static char *summary(const struct sample *s, bool colour);

// --- plots ---------------------------------------------------------------------------------------------------------

static bool have_gnuplot(void)
{
    return system("gnuplot --version > /dev/null 2>&1") == 0;
}

static void check_plots(int commands, bool recorded)
{
    static const char *const names[] = {"latency_cdf", "latency_ccdf", "latency_percentiles", "latency_time",
                                        "throughput_time", "stages",           "utilization_time"};
    struct sample s;
    sample_init(&s);
    fill(&s, commands);
    if (recorded)
        command_stats_record_recorded(&s.commands, IO_READ, 99000);
    assert_int_equal(report_write(&s.input, sample_path(&s, "r"), s.diag), 0);
    report_draw(sample_path(&s, "r"), REPORT_DRAW_LIMIT_S, s.diag);
    char *messages = printed(s.diag);
    assert_string_equal(messages, "");
    free(messages);
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        char svg[64];
        snprintf(svg, sizeof svg, "r/plots/%s.svg", names[i]);
        char *text = sample_read(sample_path(&s, svg));
        assert_true(commands == 0 ? text == NULL : text != NULL && strstr(text, "</svg>") != NULL);
        free(text);
    }
    assert_int_equal(exists(sample_path(&s, "r/plots/recorded_cdf.svg")), recorded);
    sample_destroy(&s);
}

static void test_plots_are_drawn_without_complaint_from_many_one_and_no_commands(void **state)
{
    (void)state;
    if (!have_gnuplot())
        skip();
    check_plots(2000, true);
    check_plots(1, false);
    check_plots(0, false);
}

static void range_of(const struct sample *s, const char *script, const char *axis, double *lo, double *hi)
{
    char *text = sample_read(sample_path(s, script)), command[32];
    snprintf(command, sizeof command, "set %srange [", axis);
    assert_non_null(text);
    const char *at = NULL;
    for (const char *next = text; (next = strstr(next, command)) != NULL; next++)
        at = next + strlen(command);
    assert_non_null(at);
    assert_int_equal(sscanf(at, "%lf:%lf", lo, hi), 2);
    free(text);
}

// Reads of 10 us and one of 5 ms: every axis of latencies holds both, with no more than a decade around them.
static void test_all_latencies_lie_within_their_plots(void **state)
{
    (void)state;
    static const struct {
        const char *script, *axis;
    } axes[] = {{"r/plots/latency_cdf.gp", "x"}, {"r/plots/latency_percentiles.gp", "y"},
                {"r/plots/latency_time.gp", "y"}};
    struct sample s;
    sample_init(&s);
    for (int i = 0; i < 199; i++) // all end in one moment, whose p99 is 10 us
        sample_record(&s, IO_READ, 4096, 6 * TICKS_PER_MS - 10 * TICKS_PER_US, 0, 10 * TICKS_PER_US);
    sample_record(&s, IO_READ, 4096, TICKS_PER_MS, 0, 5 * TICKS_PER_MS);
    s.input.duration = 10 * TICKS_PER_MS;
    assert_int_equal(report_write(&s.input, sample_path(&s, "r"), s.diag), 0);
    for (size_t i = 0; i < ARRAY_SIZE(axes); i++) {
        double lo, hi;
        range_of(&s, axes[i].script, axes[i].axis, &lo, &hi);
        assert_true(lo > 1 && lo < 10 && hi > 5000 && hi < 50000);
    }
    double lo, hi;
    range_of(&s, "r/plots/latency_percentiles.gp", "x", &lo, &hi);
    assert_true(lo == 1 && hi > 200 && hi < 2000); // 1 / (1 - percentile) of 200 reads
    range_of(&s, "r/plots/latency_time.gp", "x", &lo, &hi);
    assert_true(lo == 0 && hi == 0.01); // s
    sample_destroy(&s);
}

// Each curve of the distribution ends with all of its commands.
static void test_the_distribution_ends_with_all_commands(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    for (int i = 1; i <= 10003; i++) // no whole number of steps
        sample_record(&s, IO_READ, 4096, 0, 0, (tick_t)i * TICKS_PER_US);
    assert_int_equal(report_write(&s.input, sample_path(&s, "r"), s.diag), 0);
    FILE *data = fopen(sample_path(&s, "r/plots/latency_cdf.dat"), "r");
    assert_non_null(data);
    char line[128];
    double us = 0, percent = -1, at_half = 0;
    unsigned lines = 0;
    while (fgets(line, sizeof line, data) != NULL)
        if (sscanf(line, "%lf %lf", &us, &percent) == 2) {
            lines++;
            at_half = percent <= 50 ? us : at_half;
        }
    fclose(data);
    assert_true(us == 10003 && percent == 100);
    assert_true(fabs(at_half - 5000) < 100);
    assert_true(lines > 200 && lines < 2000); // steps of 1 %, finer towards the end
    sample_destroy(&s);
}

// Half a percent of the latency is worth a line, less is not: 6 of 1000 us, and 4 of 1000.
static void test_stages_of_less_than_half_a_percent_are_told_together(void **state)
{
    (void)state;
    for (tick_t us = 4; us <= 6; us += 2) {
        struct sample s;
        sample_init(&s);
        sample_record(&s, IO_READ, 4096, 0, us * TICKS_PER_US, (1000 - us) * TICKS_PER_US);
        char *text = summary(&s, false);
        assert_int_equal(strstr(text, "\nsq_fetch ") != NULL, us == 6);
        assert_int_equal(strstr(text, "\nother ") != NULL, us == 4);
        free(text);
        sample_destroy(&s);
    }
}

// Measuring began at 7 ms and took 2: a die of eight that was busy for 1 ms is 1/16.
static void test_utilisation_counts_from_where_measuring_began(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    meter_restart(&s.dies, 7 * TICKS_PER_MS);
    meter_add(&s.dies, 7 * TICKS_PER_MS, TICKS_PER_MS);
    assert_int_equal(report_write(&s.input, sample_path(&s, "r"), s.diag), 0);
    json_t *json = read_json(sample_path(&s, "r/summary.json"));
    assert_true(fabs(sample_number(json, "utilization|die") - 0.0625) < 1e-9);
    json_decref(json);
    char *text = summary(&s, false);
    assert_non_null(strstr(text, "\nbusy     die 6.2 %\n"));
    free(text);
    sample_destroy(&s);
}

// 1 us of fetching and 4 us of array, as times and as shares.
static void test_the_plot_of_stages_holds_where_the_time_went(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    sample_record(&s, IO_READ, 4096, 0, 1000000, 4000000);
    assert_int_equal(report_write(&s.input, sample_path(&s, "r"), s.diag), 0);
    char *data = sample_read(sample_path(&s, "r/plots/stages.dat"));
    assert_non_null(strstr(data, "# sq_fetch: "));
    assert_non_null(strstr(data, "\n0 0.64 1 1.36\n"));
    assert_non_null(strstr(data, "\n1 0.64 5 1.36\n"));
    assert_non_null(strstr(data, "\n20 0.64 100 1.36\n"));
    free(data);
    sample_record(&s, IO_WRITE, 4096, 0, 0, 1000000); // shorter than reads, which must still fit
    assert_int_equal(report_write(&s.input, sample_path(&s, "r"), s.diag), 0);
    char *script = sample_read(sample_path(&s, "r/plots/stages.gp"));
    double longest = 0;
    assert_int_equal(sscanf(strstr(script, "set xrange [0:"), "set xrange [0:%lf]", &longest), 1);
    assert_true(longest > 5 && longest < 10);
    free(script);
    sample_destroy(&s);
}

// 3 commands and 1000 events in a quarter of a second of processor time.
static void test_the_speed_of_the_simulator_is_by_processor_time(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    for (int i = 0; i < 3; i++)
        sample_record(&s, IO_READ, 4096, 0, 0, 12345678);
    assert_int_equal(report_write(&s.input, sample_path(&s, "r"), s.diag), 0);
    json_t *json = read_json(sample_path(&s, "r/host.json"));
    assert_true(sample_number(json, "|commands_per_cpu_s") == 12 && sample_number(json, "|events_per_cpu_s") == 4000);
    assert_true(sample_number(json, "|wall_s") == 0.5 && sample_number(json, "|prepare_s") == 0.05);
    json_decref(json);
    // HdrHistogram's text in microseconds: 12.346 to the histogram's resolution.
    char *hgrm = sample_read(sample_path(&s, "r/read.hgrm"));
    const char *max = strstr(hgrm, "#[Max ");
    double us = 0, total = 0;
    assert_non_null(max);
    assert_int_equal(sscanf(max, "#[Max = %lf, Total count = %lf", &us, &total), 2);
    assert_true(fabs(us - 12.346) < 0.013 && total == 3);
    free(hgrm);
    sample_destroy(&s);
}

// The largest of 100 values lies beyond every percentile up to 1 - 1/100: the curve ends with the second largest, and
// no two of its points have the same place.
static void test_the_percentile_plot_ends_without_a_spike(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    for (int i = 1; i <= 100; i++)
        sample_record(&s, IO_READ, 4096, 0, 0, (tick_t)(i == 100 ? 1000 : i) * TICKS_PER_US);
    assert_int_equal(report_write(&s.input, sample_path(&s, "r"), s.diag), 0);
    FILE *data = fopen(sample_path(&s, "r/plots/latency_percentiles.dat"), "r");
    assert_non_null(data);
    double before = 0, inverse, us = 0;
    char line[128];
    while (fgets(line, sizeof line, data) != NULL) {
        if (sscanf(line, "%lf %lf", &inverse, &us) != 2)
            continue;
        assert_true(inverse >= before);
        before = inverse;
    }
    fclose(data);
    assert_true(before == 100 && fabs(us - 99) < 0.1);
    sample_destroy(&s);
}

static void test_titles_name_the_job_or_the_recording(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    fill(&s, 10);
    s.input.sets = (const char *const[]){"nand.t_r=+10%", "seed=42"};
    s.input.set_count = 2;
    s.source = (struct trace_info){.format = "blktrace", .path = "traces/x", .sha256 = "00ff"};
    for (int recording = 0; recording < 2; recording++) {
        s.input.source = recording ? &s.source : NULL;
        assert_int_equal(report_write(&s.input, sample_path(&s, "r"), s.diag), 0);
        char *script = sample_read(sample_path(&s, "r/plots/latency_cdf.gp"));
        assert_non_null(strstr(script, recording ? "\nset label 'traces/x, rw=randread" : "\nset label 'rw=randread bs=4k' at"));
        assert_non_null(strstr(script, "\nset label 'a drive made by ''hand''; seed 42, with nand.t_r=+10%' at"));
        free(script);
    }
    sample_destroy(&s);
}

static void test_without_gnuplot_the_scripts_are_there_and_one_line_says_so(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    fill(&s, 10);
    char *path = strdup(getenv("PATH"));
    setenv("PATH", s.root, 1);
    assert_int_equal(report_write(&s.input, sample_path(&s, "r"), s.diag), 0);
    report_draw(sample_path(&s, "r"), REPORT_DRAW_LIMIT_S, s.diag);
    setenv("PATH", path, 1);
    free(path);
    assert_true(exists(sample_path(&s, "r/plots/latency_cdf.gp")));
    assert_false(exists(sample_path(&s, "r/plots/latency_cdf.svg")));
    char *messages = printed(s.diag);
    assert_non_null(strstr(messages, "gnuplot was not found"));
    assert_ptr_equal(strchr(messages, '\n'), messages + strlen(messages) - 1);
    assert_int_equal(diag_error_count(s.diag), 0);
    free(messages);
    sample_destroy(&s);
}

// Its first picture is whole, its second begun.
static const char hanging_gnuplot[] = "#!/bin/sh\necho '<svg></svg>' > latency_cdf.svg\necho '<svg>' > stages.svg\n"
                                      "exec sleep 1000\n";

static void test_a_gnuplot_that_hangs_is_ended_and_leaves_no_half_picture(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    fill(&s, 10);
    assert_int_equal(report_write(&s.input, sample_path(&s, "r"), s.diag), 0);
    sample_write_file(sample_path(&s, "gnuplot"), hanging_gnuplot);
    assert_int_equal(chmod(sample_path(&s, "gnuplot"), 0755), 0);
    char *path = strdup(getenv("PATH")), with[4096], here[2048];
    assert_non_null(getcwd(here, sizeof here));
    snprintf(with, sizeof with, "%s/%s:%s", here, s.root, path);
    setenv("PATH", with, 1);
    report_draw(sample_path(&s, "r"), 1, s.diag);
    setenv("PATH", path, 1);
    free(path);
    char *messages = printed(s.diag);
    assert_non_null(strstr(messages, "gnuplot did not end within 1 s"));
    assert_int_equal(diag_error_count(s.diag), 0);
    free(messages);
    assert_true(exists(sample_path(&s, "r/plots/latency_cdf.svg")));
    assert_false(exists(sample_path(&s, "r/plots/stages.svg")));
    sample_destroy(&s);
}

// --- the summary ---------------------------------------------------------------------------------------------------

static char *summary(const struct sample *s, bool colour)
{
    FILE *to = fopen(sample_path(s, "summary"), "w");
    assert_non_null(to);
    report_print_summary(&s->input, to, colour);
    fclose(to);
    return sample_read(sample_path(s, "summary"));
}

static void test_the_summary_is_this(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    sample_record(&s, IO_READ, 4096, 0, 1000000, 50000000);
    sample_record(&s, IO_READ, 4096, 0, 1000000, 70000000);
    sample_record(&s, IO_WRITE, 8192, 0, 3000000, 0);
    command_stats_record_recorded(&s.commands, IO_READ, 99000);
    s.input.next = "sqtail compare a b";
    char *text = summary(&s, false);
    assert_true(starts_with(text, "drive    a drive made by 'hand'\n"
                                  "job      rw=randread bs=4k\n"
                                  "run      0.002 s simulated, seed 42, configuration "));
    assert_string_equal(
        strstr(text, "\n\n"),
        "\n\n"
        "latency          count     IOPS     MB/s     mean     p50      p99    p99.9   p99.99       max\n"
        "read                 2     1000    4.096  61.00us 51.01us* 71.00us* 71.00us* 71.00us*  71.00us\n"
        "  recorded           1                    99.00us 99.00us* 99.00us* 99.00us* 99.00us*  99.00us\n"
        "write                1    500.0    4.096  3.000us 3.000us* 3.000us* 3.000us* 3.000us*  3.000us\n"
        "total                3     1500    8.192  41.67us 51.01us* 71.00us* 71.00us* 71.00us*  71.00us\n"
        "  recorded           1                    99.00us 99.00us* 99.00us* 99.00us* 99.00us*  99.00us\n"
        "* rests on fewer than ten requests\n"
        "\n"
        "time spent                 read                                 write\n"
        "sq_fetch         1.000us   1.6%                        3.000us 100.0% ####################\n"
        "array            60.00us  98.4% ####################         -\n"
        "\n"
        "ftl      write amplification 1.250, gc copies 12, gc stall time 1.500 us\n"
        "busy     die 0.8 %\n"
        "speed    simulated in 0.5 s, 12 commands a CPU-second, 1 MiB, kernel native\n"
        "next     sqtail compare a b\n");
    free(text);
    sample_destroy(&s);
}

static void test_each_of_several_jobs_is_told_over_its_own_time(void **state)
{
    (void)state;
    struct sample s;
    struct command_stats late;
    struct host_group_load load = {.offered_iops = 2500, .offered_mb_s = 10.24, .waiting_at_end = 1, .most_in_flight = 3};
    struct breakdown path;
    sample_init(&s);
    command_stats_init(&late);
    command_stats_restart(&late, 500 * TICKS_PER_US);
    breakdown_start(&path, STAGE_ARRAY, 600 * TICKS_PER_US);
    breakdown_enter(&path, STAGE_ARRAY, 900 * TICKS_PER_US);
    command_stats_record(&late, IO_WRITE, 4096, 0, &path);
    sample_record(&s, IO_READ, 4096, 0, 0, 1000 * TICKS_PER_US);
    const struct report_job jobs[] = {{"reader", "rw=randread", &s.commands, NULL, NULL},
                                      {"late", "rw=randwrite startdelay=500us", &late, &load, NULL}};
    s.input.jobs = jobs;
    s.input.job_count = 2;
    char *text = summary(&s, false);
    assert_non_null(strstr(text, "jobs     reader: rw=randread\n         late: rw=randwrite startdelay=500us\n"));
    assert_non_null(strstr(text, "\nreader: 0.001 s\n  read               1     1000    4.096  1.000ms"));
    assert_non_null(strstr(text, "\nlate: 0.0004 s, offered 2500 IOPS and 10.24 MB/s, most in flight 3\n"
                                 "  write              1     2500    10.24  300.0us"));
    free(text);
    assert_int_equal(report_write(&s.input, sample_path(&s, "r"), s.diag), 0);
    json_t *json = read_json(sample_path(&s, "r/summary.json"));
    assert_true(sample_number(json, "jobs.late|start_s") == 0.0005);
    assert_true(sample_number(json, "jobs.late|time_s") == 0.0004);
    assert_true(sample_number(json, "jobs.late|offered_iops") == 2500);
    assert_true(fabs(sample_number(json, "jobs.late.commands.write|iops") - 2500) < 1e-6);
    assert_true(sample_number(json, "jobs.late.total.latency_us|mean") == 300);
    assert_true(isnan(sample_number(json, "jobs.reader|offered_iops")));
    json_decref(json);
    command_stats_destroy(&late);
    sample_destroy(&s);
}

static bool summary_has(const struct sample *s, const char *fragment)
{
    char *text = summary(s, false);
    bool has = strstr(text, fragment) != NULL;
    free(text);
    return has;
}

static void test_the_summary_leaves_zeroes_out_and_scales_times(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    s.stats.gc_stall_time = 17 * TICKS_PER_S + 250 * TICKS_PER_MS;
    assert_true(summary_has(&s, "gc copies 12, gc stall time 17.25 s\n"));
    s.stats.gc_stall_time = 20 * TICKS_PER_MS;
    assert_true(summary_has(&s, "gc copies 12, gc stall time 20.00 ms\n"));
    s.stats.gc_stall_time = 0;
    assert_true(summary_has(&s, "ftl      write amplification 1.250, gc copies 12\n"));
    s.stats.gc_copies = 0;
    assert_true(summary_has(&s, "ftl      write amplification 1.250, no garbage collection\n"));
    s.stats.write_amplification = 0;
    assert_false(summary_has(&s, "ftl "));
    sample_destroy(&s);
}

static void test_times_are_told_in_the_unit_that_makes_them_readable(void **state)
{
    (void)state;
    static const struct {
        double us;
        const char *text;
    } cases[] = {{0, "0us"},           {0.0005, "0.001us"},   {9.9996, "10.00us"},    {99.996, "100.0us"},
                 {999.94, "999.9us"},  {999.96, "1.000ms"},   {21660, "21.66ms"},     {999960, "1.000s"},
                 {1.234e6, "1.234s"},  {59.994e6, "59.99s"},  {1.8446744e13, "18446744s"}};
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char text[NUMBER_TEXT_BYTES];
        assert_string_equal(time_text(cases[i].us, text), cases[i].text);
    }
}

// Ten of 1000 requests lie beyond p99; of 100 000, ten beyond p99.99.
static void test_a_percentile_rests_on_the_requests_beyond_it(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint64_t enough;
    } cases[] = {{"p50", 20}, {"p90", 100}, {"p95", 200}, {"p99", 1000}, {"p99.9", 10000}, {"p99.99", 100000},
                 {"p99.999", 1000000}};
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        assert_string_equal(report_percentiles[i].name, cases[i].name);
        assert_false(rests_on_few(cases[i].enough, report_percentiles[i].fraction));
        assert_true(rests_on_few(cases[i].enough - 1, report_percentiles[i].fraction));
    }
}

static void test_nine_characters_and_more_touch_nothing(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    s.input.duration = 1; // 10^12 requests a second
    for (int i = 0; i < 3; i++)
        sample_record(&s, IO_READ, UINT64_C(1) << 40, 0, 1, UINT64_MAX / 4);
    s.commands.kinds[IO_READ].count = UINT64_C(12345678901234);
    char *text = summary(&s, false), *line = strstr(text, "\nread ");
    assert_non_null(line);
    line[1 + strcspn(line + 1, "\n")] = '\0';
    unsigned words = 0;
    for (char *word = strtok(line, " "); word != NULL; word = strtok(NULL, " "))
        words++;
    assert_int_equal(words, 10); // the name, count, IOPS, MB/s, mean, four percentiles, max
    assert_non_null(strstr(line + 6, "12345678901234"));
    free(text);
    sample_destroy(&s);
}

// 2 ms; a trim of 1 GiB and a write of zeroes of 64 MiB move nothing, a write of 8 KiB moves 4.096 MB/s.
static void test_what_moves_no_data_has_no_bandwidth(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    sample_record(&s, IO_TRIM, 1 << 30, 0, 1000000, 0);
    sample_record(&s, IO_WRITE_ZEROES, 64 << 20, 0, 1000000, 0);
    sample_record(&s, IO_WRITE, 8192, 0, 1000000, 0);
    char *text = summary(&s, false);
    assert_non_null(strstr(text, "\ntrim                 1    500.0        -  1.000us"));
    assert_non_null(strstr(text, "\nwrite_zeroes         1    500.0        -  1.000us"));
    assert_non_null(strstr(text, "\nwrite                1    500.0    4.096  1.000us"));
    assert_non_null(strstr(text, "\ntotal                3     1500    4.096  1.000us"));
    free(text);
    assert_int_equal(report_write(&s.input, sample_path(&s, "r"), s.diag), 0);
    json_t *json = read_json(sample_path(&s, "r/summary.json"));
    assert_true(sample_number(json, "commands.trim|bandwidth_mb_s") == 0);
    assert_true(sample_number(json, "commands.trim|bytes") == 1 << 30);
    assert_true(sample_number(json, "commands.write_zeroes|bandwidth_mb_s") == 0);
    assert_true(fabs(sample_number(json, "total|bandwidth_mb_s") - 4.096) < 1e-9);
    json_decref(json);
    char *plot = sample_read(sample_path(&s, "r/plots/throughput_time.dat"));
    char *iops = strstr(plot, "# write: "), *bandwidth = strstr(iops + 1, "# write: ");
    assert_true(strstr(iops, "# trim: ") < bandwidth);
    assert_null(strstr(bandwidth, "# trim: "));
    free(plot);
    char *course = sample_read(sample_path(&s, "r/timeseries.csv"));
    assert_true(starts_with(course, "time_s,write_iops,write_bandwidth_mb_s,write_mean_us,write_p50_us,write_p99_us,write_max_us,"
                                    "trim_iops,trim_bandwidth_mb_s,"));
    double write_mb_s = 0, trim_mb_s = 1;
    assert_int_equal(sscanf(strchr(course, '\n') + 1, "%*f,%*f,%lf,%*f,%*f,%*f,%*f,%*f,%lf", &write_mb_s, &trim_mb_s),
                     2);
    assert_true(write_mb_s > 4.096 && trim_mb_s == 0); // all in the first bin
    free(course);
    sample_destroy(&s);
}

static void test_the_result_says_which_sqtail_made_it(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    assert_int_equal(report_write(&s.input, sample_path(&s, "r"), s.diag), 0);
    json_t *json = read_json(sample_path(&s, "r/summary.json")), *tool = json_object_get(json, "tool");
    const char *commit = json_string_value(json_object_get(tool, "commit"));
    assert_string_equal(json_string_value(json_object_get(tool, "version")), version_release);
    assert_true(strcmp(commit, "unknown") == 0 || strspn(commit, "0123456789abcdef") == 40);
    json_decref(json);
    sample_destroy(&s);
}

static void test_the_summary_says_what_an_open_loop_was_offered(void **state)
{
    (void)state;
    struct host_stats load = {
        .submitted = 20000, .offered_iops = 451171.875, .offered_mb_s = 1848, .served_iops = 405517.578,
        .served_mb_s = 1661, .waiting_at_end = 20345, .late = 262 * TICKS_PER_MS, .most_in_flight = 20346,
    };
    struct sample s;
    sample_init(&s);
    sample_record(&s, IO_READ, 4096, 0, 1000000, 50000000);
    s.input.load = &load;
    char *text = summary(&s, false);
    assert_non_null(strstr(text, "\nOVERLOAD offered 451172 IOPS and 1848 MB/s, served 405518 IOPS and 1661 MB/s\n"
                                 "         20345 waiting at the end, done 262.0 ms later, most in flight 20346\n"));
    free(text);
    load.served_iops = 0.95 * load.offered_iops;
    text = summary(&s, false);
    assert_non_null(strstr(text, "\nload     offered 451172 IOPS"));
    free(text);
    load.served_iops = 405517.578;
    load.waiting_at_end = 100; // a burst
    text = summary(&s, false);
    assert_null(strstr(text, "OVERLOAD"));
    free(text);
    load.offered_iops = load.offered_mb_s = NAN; // all came in one instant
    text = summary(&s, false);
    assert_non_null(strstr(text, "\nload     served 405518 IOPS"));
    free(text);
    sample_destroy(&s);
}

static void test_the_summary_is_no_wider_than_100_columns(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    for (int kind = 0; kind < IO_KIND_COUNT; kind++)
        for (int i = 0; i < 50; i++)
            sample_record(&s, kind, 1 << 30, 0, 1, UINT64_C(99999999999999));
    char *text = summary(&s, false), *coloured = summary(&s, true);
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
        assert_true(strlen(line) <= 100);
    assert_non_null(strstr(coloured, "\033[1m"));
    free(text);
    free(coloured);
    sample_destroy(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_agree_with_the_samples),
        cmocka_unit_test(test_means_are_right_where_sums_pass_64_bits),
        cmocka_unit_test(test_equal_latencies_have_equal_percentiles_to_the_picosecond),
        cmocka_unit_test(test_the_result_says_what_was_run),
        cmocka_unit_test(test_stats_csv_has_a_row_for_each_number),
        cmocka_unit_test(test_the_tail_is_told_to_programs_and_people),
        cmocka_unit_test(test_two_writes_are_byte_identical_but_for_the_machine),
        cmocka_unit_test(test_results_do_not_follow_the_locale),
        cmocka_unit_test(test_plots_are_drawn_without_complaint_from_many_one_and_no_commands),
        cmocka_unit_test(test_all_latencies_lie_within_their_plots),
        cmocka_unit_test(test_the_distribution_ends_with_all_commands),
        cmocka_unit_test(test_stages_of_less_than_half_a_percent_are_told_together),
        cmocka_unit_test(test_utilisation_counts_from_where_measuring_began),
        cmocka_unit_test(test_the_plot_of_stages_holds_where_the_time_went),
        cmocka_unit_test(test_the_speed_of_the_simulator_is_by_processor_time),
        cmocka_unit_test(test_the_percentile_plot_ends_without_a_spike),
        cmocka_unit_test(test_titles_name_the_job_or_the_recording),
        cmocka_unit_test(test_without_gnuplot_the_scripts_are_there_and_one_line_says_so),
        cmocka_unit_test(test_a_gnuplot_that_hangs_is_ended_and_leaves_no_half_picture),
        cmocka_unit_test(test_the_summary_is_this),
        cmocka_unit_test(test_each_of_several_jobs_is_told_over_its_own_time),
        cmocka_unit_test(test_the_summary_leaves_zeroes_out_and_scales_times),
        cmocka_unit_test(test_times_are_told_in_the_unit_that_makes_them_readable),
        cmocka_unit_test(test_a_percentile_rests_on_the_requests_beyond_it),
        cmocka_unit_test(test_nine_characters_and_more_touch_nothing),
        cmocka_unit_test(test_what_moves_no_data_has_no_bandwidth),
        cmocka_unit_test(test_the_result_says_which_sqtail_made_it),
        cmocka_unit_test(test_the_summary_says_what_an_open_loop_was_offered),
        cmocka_unit_test(test_the_summary_is_no_wider_than_100_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
