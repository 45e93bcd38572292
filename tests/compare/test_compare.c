// Comparison: verdicts at the edges, and nothing that passes because it was not looked at.
#define _GNU_SOURCE // nftw
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "compare/format.h"

#include "../report/sample.h"

static const char result[] =
    "{\"schema\": \"sqtail.result/1\", \"complete\": true, \"config\": {\"nand\": {\"t_r\": \"50us\", \"dies\": 8}},"
    " \"commands\": {\"read\": {\"count\": 500, \"iops\": 1000.0, \"bandwidth_mb_s\": 4.0, \"errors\": 0,"
    " \"latency_us\": {\"mean\": 80.0, \"p50\": 15.0, \"p99\": 20.0, \"p99.9\": 300.1}}},"
    " \"total\": {\"iops\": 1000.0, \"latency_us\": {\"mean\": 80.0, \"p99\": 20.0}},"
    " \"ftl\": {\"write_amplification\": 2.5}, \"seed\": 1, \"tool\": {\"version\": \"0.1.0\", \"commit\": \"abc\"},"
    " \"source\": {\"sha256\": \"00ff\", \"path\": \"traces/x\", \"job\": \"closed loop with iodepth 4\"}}";

struct outcome {
    int result;
    char *table;
    char *messages;
};

static void outcome_free(struct outcome outcome)
{
    free(outcome.table);
    free(outcome.messages);
}

// How many failed, or -1; the table and all that was told go to `outcome`.
static void compare_into(struct outcome *outcome, const char *base, const char *new, const struct compare_options *how,
                         struct diag *diag)
{
    size_t size = 0;
    FILE *table = open_memstream(&outcome->table, &size);
    struct comparison *comparison = compare(base, &new, 1, how, diag);
    outcome->result = comparison == NULL ? -1 : (int)comparison->failed;
    if (comparison != NULL) {
        comparison_write(comparison, &format_text, &(struct format_options){0}, table);
        comparison_destroy(comparison);
    }
    fclose(table);
    outcome->messages = printed(diag);
}

// The base is `result`; the new one has `from` replaced by `to`.
static struct outcome compare_options(const char *from, const char *to, const struct compare_options *how)
{
    struct sample s;
    struct outcome outcome;
    sample_init(&s);
    const char *at = strstr(result, from);
    assert_non_null(at);
    FILE *new = fopen(sample_path(&s, "new.json"), "w");
    fprintf(new, "%.*s%s%s", (int)(at - result), result, to, at + strlen(from));
    fclose(new);
    sample_write_file(sample_path(&s, "base.json"), result);
    compare_into(&outcome, sample_path(&s, "base.json"), sample_path(&s, "new.json"), how, s.diag);
    sample_destroy(&s);
    return outcome;
}

static struct outcome compare_results(const char *from, const char *to, const char *const *thresholds, size_t count)
{
    return compare_options(from, to, &(struct compare_options){.thresholds = thresholds, .threshold_count = count});
}

static void expect(int expected, const char *from, const char *to, const char *threshold)
{
    struct outcome outcome = compare_results(from, to, &threshold, threshold == NULL ? 0 : 1);
    if (outcome.result != expected)
        print_error("%s -> %s, %s: %d\n%s%s", from, to, threshold, outcome.result, outcome.table, outcome.messages);
    assert_int_equal(outcome.result, expected);
    outcome_free(outcome);
}

static void test_exactly_the_threshold_passes_and_more_does_not(void **state)
{
    (void)state;
    expect(0, "\"p99\": 20.0,", "\"p99\": 21.0,", "read.p99=5%");
    expect(1, "\"p99\": 20.0,", "\"p99\": 21.00001,", "read.p99=5%");
    expect(0, "\"p99\": 20.0,", "\"p99\": 1.0,", "read.p99=5%"); // better is never a regression
    expect(0, "300.1", "315.105", "p99.9=5%");
    expect(1, "300.1", "315.106", "p99.9=5%");
    expect(0, "\"p99\": 20.0,", "\"p99\": 20.0,", "p99=0%");
    expect(1, "\"p99\": 20.0,", "\"p99\": 20.001,", "p99=0%");
}

static void test_throughput_regresses_downward(void **state)
{
    (void)state;
    expect(0, "\"iops\": 1000.0, \"band", "\"iops\": 950.0, \"band", "iops=5%");
    expect(1, "\"iops\": 1000.0, \"band", "\"iops\": 949.9, \"band", "iops=5%");
    expect(0, "\"iops\": 1000.0, \"band", "\"iops\": 9000.0, \"band", "iops=5%");
    expect(1, "\"bandwidth_mb_s\": 4.0", "\"bandwidth_mb_s\": 3.0", "bandwidth=20%");
}

static void test_statistics_of_the_drive_and_errors_regress_upward(void **state)
{
    (void)state;
    expect(0, "2.5", "2.55", "write_amplification=2%");
    expect(1, "2.5", "2.56", "ftl.write_amplification=2%");
    expect(0, "\"errors\": 0", "\"errors\": 0", "errors=0%");
    expect(1, "\"errors\": 0", "\"errors\": 1", "errors=50%"); // from none to some is infinitely more
}

static void test_the_defaults_look_at_mean_p50_p99_and_iops(void **state)
{
    (void)state;
    expect(0, "80.0", "80.1", NULL);
    expect(1, "80.0", "85.0", NULL);
    expect(1, "15.0", "16.0", NULL);
    expect(1, "\"p99\": 20.0,", "\"p99\": 22.0,", NULL);
    expect(1, "\"iops\": 1000.0, \"band", "\"iops\": 900.0, \"band", NULL);
    expect(0, "300.1", "999.9", NULL);
}

static void test_the_total_of_a_single_kind_counts_only_by_its_full_name(void **state)
{
    (void)state;
    const char *from = "\"total\": {\"iops\": 1000.0", *to = "\"total\": {\"iops\": 1.0";
    expect(0, from, to, "iops=5%");
    expect(1, from, to, "total.iops=5%");
}

static void test_the_full_name_goes_before_the_short_one(void **state)
{
    (void)state;
    const char *const thresholds[] = {"read.p99=50%", "p99=1%"};
    struct outcome outcome = compare_results("\"p99\": 20.0,", "\"p99\": 25.0,", thresholds, 2);
    assert_int_equal(outcome.result, 0);
    outcome_free(outcome);
}

// 20 to 25 is a quarter more. And a gain within the threshold is no better than none.
static void test_a_later_threshold_goes_before_an_earlier_one(void **state)
{
    (void)state;
    const char *p99 = "\"p99\": 20.0,", *slower = "\"p99\": 25.0,";
    struct outcome strict = compare_results(p99, slower, (const char *const[]){"p99=50%", "p99=1%"}, 2);
    struct outcome mild = compare_results(p99, slower, (const char *const[]){"p99=1%", "p99=50%"}, 2);
    struct outcome gain = compare_results("\"p99\": 20.0,", "\"p99\": 19.5,", (const char *const[]){"p99=5%"}, 1);
    assert_int_equal(strict.result, 1);
    assert_int_equal(mild.result, 0);
    assert_int_equal(gain.result, 0);
    assert_null(strstr(gain.table, "better"));
    outcome_free(strict);
    outcome_free(mild);
    outcome_free(gain);
}

static void test_a_metric_that_one_side_lacks_is_told_and_fails(void **state)
{
    (void)state;
    struct outcome gone = compare_results("\"p99.9\": 300.1", "\"p99.8\": 1", (const char *const[]){"p99.9=5%"}, 1);
    assert_int_equal(gone.result, 1);
    assert_non_null(strstr(gone.table, "absent"));
    assert_non_null(strstr(gone.table, "ABSENT"));
    outcome_free(gone);
    expect(1, "\"ftl\": {", "\"ftl\": {\"gc_copies\": 3, ", "gc_copies=5%"); // only the new one has it
}

static void test_the_table_and_what_changed_in_the_configuration(void **state)
{
    (void)state;
    struct outcome outcome = compare_results("\"50us\"", "\"60us\"", (const char *const[]){"read.p99=5%"}, 1);
    assert_int_equal(outcome.result, 0);
    assert_non_null(strstr(outcome.table, "nand.t_r: \"50us\" -> \"60us\"\n"));
    assert_null(strstr(outcome.table, "dies"));
    assert_non_null(strstr(outcome.table, "read.p99                          20.00us*    20.00us*    +0.00 %"
                                          "         5 %             ok\n"));
    assert_non_null(strstr(outcome.table, "0 of 1 metrics regressed"));
    outcome_free(outcome);
}

static void expect_other_load(const char *from, const char *to, const char *message)
{
    struct outcome outcome = compare_results(from, to, NULL, 0);
    assert_true(outcome.result < 0);
    if (strstr(outcome.messages, message) == NULL)
        print_error("%s", outcome.messages);
    assert_non_null(strstr(outcome.messages, message));
    assert_null(strstr(outcome.table, "metrics regressed"));
    outcome_free(outcome);
}

static void test_another_load_is_refused_with_what_differs(void **state)
{
    (void)state;
    expect_other_load("00ff", "11ee", "new.json: error: not the load of the base: its recording is 'traces/x', the "
                                      "base's 'traces/x'");
    expect_other_load("iodepth 4", "iodepth 8", "its way of replaying is 'closed loop with iodepth 8', the base's "
                                                "'closed loop with iodepth 4'");
    expect_other_load("\"seed\": 1", "\"seed\": 2", "its seed is 2, the base's 1");
    expect_other_load("\"count\": 500", "\"count\": 499", "its number of commands (read) is 499, the base's 500");
    expect_other_load("\"commands\": {", "\"commands\": {\"trim\": {\"count\": 3}, ",
                      "its number of commands (trim) is 3, the base's none");
    expect_other_load("\"read\": {\"count\": 500", "\"write\": {\"count\": 500",
                      "its number of commands (read) is none, the base's 500");
}

static const char job[] = "{\"schema\": \"sqtail.result/1\", \"complete\": true, \"seed\": 1,"
                          " \"source\": {\"job\": \"%s\"},"
                          " \"commands\": {\"read\": {\"count\": %d, \"latency_us\": {\"mean\": 8.0}}}}";

// Compares `base`, 5 reads, with `new` and so many; returns the outcome's number.
static int compare_jobs(const char *base, const char *new, int count, bool any_load, const char *message)
{
    struct sample s;
    char text[512];
    sample_init(&s);
    snprintf(text, sizeof text, job, base, 5);
    sample_write_file(sample_path(&s, "base.json"), text);
    snprintf(text, sizeof text, job, new, count);
    sample_write_file(sample_path(&s, "new.json"), text);
    const char *threshold = "mean=5%";
    struct compare_options options = {.thresholds = &threshold, .threshold_count = 1, .any_load = any_load};
    struct outcome outcome;
    compare_into(&outcome, sample_path(&s, "base.json"), sample_path(&s, "new.json"), &options, s.diag);
    if (message == NULL)
        assert_string_equal(outcome.messages, "");
    else
        assert_non_null(strstr(outcome.messages, message));
    int number = outcome.result;
    outcome_free(outcome);
    sample_destroy(&s);
    return number;
}

static void test_jobs_are_the_same_by_their_words_and_a_timed_one_decides_no_count(void **state)
{
    (void)state;
    assert_int_equal(compare_jobs("rw=read bs=4k", " bs=4k  rw=read", 5, false, NULL), 0);
    assert_true(compare_jobs("rw=read bs=4k", "rw=read bs=8k", 5, false, "its job is 'rw=read bs=8k', the base") < 0);
    assert_true(compare_jobs("rw=read bs=4k", "rw=read", 5, false, "its job is 'rw=read'") < 0);
    assert_true(compare_jobs("rw=read", "rw=read", 6, false, "number of commands (read) is 6, the base's 5") < 0);
    assert_int_equal(compare_jobs("rw=read runtime=1", "rw=read runtime=1", 6, false, NULL), 0);
    assert_int_equal(compare_jobs("rw=read bs=4k | rw=trim", "bs=4k rw=read | rw=trim", 5, false, NULL), 0);
    assert_true(compare_jobs("rw=read bs=4k | rw=trim", "rw=read | rw=trim bs=4k", 5, false, "its job is") < 0);
    assert_true(compare_jobs("rw=read | rw=trim", "rw=read", 5, false, "its job is 'rw=read'") < 0);
    assert_true(compare_jobs("rw=read | rw=trim", "rw=read | rw=write", 5, false, "its job is") < 0);
    assert_int_equal(compare_jobs("rw=read exitall | rw=write", "rw=read exitall | rw=write", 6, false, NULL), 0);
    assert_int_equal(compare_jobs("rw=read bs=4k", "rw=read bs=8k", 7, true, "warning: not the load of the base"), 0);
}

// A drive whose reads all fail is as fast as one whose reads do not.
static void test_more_errors_are_a_regression_whatever_is_compared(void **state)
{
    (void)state;
    const char *from = "\"errors\": 0", *to = "\"errors\": 500";
    expect(1, from, to, NULL);
    expect(1, from, to, "p99=5%");
    expect(1, from, to, "read.mean=5%");
    struct outcome outcome = compare_results(from, to, NULL, 0);
    assert_non_null(strstr(outcome.table, "read.errors                             0       500.0      +inf %"
                                          "         0 %             REGRESSION"));
    assert_non_null(strstr(outcome.table, "1 of 5 metrics regressed")); // mean, p50, p99, iops and errors of reads
    outcome_free(outcome);
    outcome = compare_results("80.0", "80.0", NULL, 0);
    assert_null(strstr(outcome.table, "errors")); // none on either side: nothing to say
    outcome_free(outcome);
}

// Of 500 reads 5 lie beyond p99.
static void test_a_percentile_that_rests_on_few_requests_is_marked(void **state)
{
    (void)state;
    struct outcome outcome = compare_results("80.0", "80.0", NULL, 0);
    assert_non_null(strstr(outcome.table, "read.p99                          20.00us*    20.00us*    +0.00 %"));
    assert_non_null(strstr(outcome.table, "read.mean                         80.00us     80.00us     +0.00 %"));
    assert_non_null(strstr(outcome.table, "* rests on fewer than ten requests\n"));
    outcome_free(outcome);
}

static void test_another_sqtail_is_told_and_compared(void **state)
{
    (void)state;
    struct outcome outcome = compare_results("\"abc\"", "\"def\"", NULL, 0);
    assert_int_equal(outcome.result, 0);
    assert_non_null(strstr(outcome.table, "tool.commit: \"abc\" -> \"def\"\n"));
    outcome_free(outcome);
}

static void expect_message(const char *threshold, const char *message)
{
    struct outcome outcome = compare_results("80.0", "80.0", &threshold, 1);
    assert_true(outcome.result < 0);
    if (strstr(outcome.messages, message) == NULL)
        print_error("%s", outcome.messages);
    assert_non_null(strstr(outcome.messages, message));
    outcome_free(outcome);
}

static void test_wrong_thresholds_are_explained(void **state)
{
    (void)state;
    expect_message("p99", "'p99' is no threshold; write METRIC=LIMIT, such as p99=5% or p99=5%,2us");
    expect_message("=5%", "is no threshold");
    expect_message("p99=5", "'p99=5' has a limit without unit; did you mean 'p99=5%' or 'p99=5us'?");
    expect_message("iops=5us", "'iops=5us' has a limit in time, but read.iops is none");
    expect_message("p99=five%", "'five%' in 'p99=five%' is no limit; write p99=5%, p99=2us, or both: p99=5%,2us");
    expect_message("p99=-5%", "is no limit");
    expect_message("p99=nan%", "is no limit");
    expect_message("p99=", "is no limit");
    expect_message("p99=5%,", "is no limit");
    expect_message("p99=5%,3%", "has two limits of one kind");
    expect_message("p99=5%@depth<=3", "'depth<=3' in 'p99=5%@depth<=3' is no scope; write such as @iodepth<=64");
    expect_message("p99=5%@iodepth<=", "is no scope");
    expect_message("p99=5%@iodepth", "is no scope");
    expect_message("p99=5%@iodepth<=3", "fits no point of these results");
    expect_message("p98=5%", "no metric 'p98' in these results; did you mean 'p99'?");
    expect_message("write_amplifcation=5%", "did you mean 'write_amplification'?");
    expect_message("total.iosp=5%", "did you mean 'total.iops'?");
    expect_message("temperature=5%", "no metric 'temperature' in these results");
    expect_message("stage.*=5%", "no metric 'stage.*' in these results");
}

static void expect_no_result(const char *text, const char *message)
{
    struct sample s;
    sample_init(&s);
    sample_write_file(sample_path(&s, "base.json"), result);
    if (text != NULL)
        sample_write_file(sample_path(&s, "new.json"), text);
    const char *news[] = {sample_path(&s, "new.json")};
    assert_null(compare(sample_path(&s, "base.json"), news, 1, &(struct compare_options){0}, s.diag));
    char *messages = printed(s.diag);
    assert_non_null(strstr(messages, message));
    free(messages);
    sample_destroy(&s);
}

static void test_what_is_no_complete_result_is_refused(void **state)
{
    (void)state;
    expect_no_result(NULL, "no such result");
    expect_no_result("{\"schema\": ", "new.json:1:");
    expect_no_result("[]", "names no schema");
    expect_no_result("{\"a\": 1}", "names no schema");
    expect_no_result("{\"schema\": \"sqtail.result/2\", \"complete\": true}", "has schema 'sqtail.result/2'");
    expect_no_result("{\"schema\": \"sqtail.result/1\", \"complete\": false}", "is not complete");
    expect_no_result("{\"schema\": \"sqtail.result/1\"}", "is not complete");
    expect_no_result("{\"schema\": \"sqtail.curve/1\", \"complete\": true}", "is a curve, but the base is a run");
}

static void test_a_written_result_compares_equal_to_itself(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    for (int i = 0; i < 100; i++)
        sample_record(&s, i % 2, 4096, 0, 1000, (tick_t)i * 1000000);
    assert_int_equal(report_write(&s.input, sample_path(&s, "a"), s.diag), 0);
    const char *news[] = {sample_path(&s, "a"), sample_path(&s, "a/summary.json")};
    static const char *const thresholds[] = {"mean=0%", "p99.999=0%", "iops=0%", "bandwidth=0%", "die=0%",
                                             "read.stage.*=0%"};
    struct compare_options options = {.thresholds = thresholds, .threshold_count = ARRAY_SIZE(thresholds)};
    struct comparison *comparison = compare(sample_path(&s, "a"), news, 2, &options, s.diag);
    assert_int_equal(comparison->failed, 0);
    assert_int_equal(comparison->compared, 2 * (3 * 4 + 1 + STAGE_COUNT)); // read, write, total: four each; twice
    comparison_destroy(comparison);
    sample_destroy(&s);
}

// --- limits, scopes, both directions -------------------------------------------------------------------------------

static void test_both_limits_must_be_exceeded(void **state)
{
    (void)state;
    const char *from = "\"p99\": 20.0,", *to = "\"p99\": 22.0,"; // 10 %, 2 us
    expect(1, from, to, "read.p99=5%,1us");
    expect(0, from, to, "read.p99=5%,2us");
    expect(0, from, to, "read.p99=11%,1us");
    expect(1, from, to, "read.p99=1.9us");
    expect(1, from, to, "read.p99=1900ns");
    expect(0, from, to, "read.p99=0.002ms");
    expect(1, "2.5", "2.7", "write_amplification=0.1");
    expect(0, "2.5", "2.7", "write_amplification=0.3");
    expect(0, "\"iops\": 1000.0, \"band", "\"iops\": 500.0, \"band", "read.iops=1k");
    expect(1, "\"iops\": 1000.0, \"band", "\"iops\": 500.0, \"band", "read.iops=0.4k");
}

static void test_in_either_direction_what_became_better_fails_too(void **state)
{
    (void)state;
    static const char *const threshold = "p99=5%";
    struct compare_options how = {.thresholds = &threshold, .threshold_count = 1, .either = true};
    struct outcome better = compare_options("\"p99\": 20.0,", "\"p99\": 10.0,", &how);
    assert_int_equal(better.result, 1);
    assert_non_null(strstr(better.table, "CHANGED"));
    assert_non_null(strstr(better.table, "1 of 1 metrics changed or absent"));
    outcome_free(better);
}

static void test_metrics_are_found_by_pattern_and_without_their_unit(void **state)
{
    (void)state;
    expect(1, "300.1", "999.9", "read.p99*=5%");
    expect(1, "300.1", "999.9", "p99.?=5%");
    expect(1, "300.1", "999.9", "commands.read.latency_us.p99.9=5%");
    expect(0, "300.1", "999.9", "total.latency_us.p99=5%");
    expect(1, "\"bandwidth_mb_s\": 4.0", "\"bandwidth_mb_s\": 3.0", "read.bandwidth_mb_s=20%");
    const char *const thresholds[] = {"read.p99.9=900%", "read.*=5%"}; // a name goes before a pattern
    struct outcome outcome = compare_results("300.1", "999.9", thresholds, 2);
    assert_int_equal(outcome.result, 0);
    outcome_free(outcome);
}

// --- several seeds -------------------------------------------------------------------------------------------------

// A folder of results of reads, with the means given and a median of 50 us; seeds count from `seed` on, and the last has
// errors.
static void write_seeds_with(const struct sample *s, const char *name, uint64_t seed, const double *means,
                             unsigned count, unsigned errors)
{
    char path[300], text[600];
    mkdir(sample_path(s, name), 0777);
    for (unsigned i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%u", sample_path(s, name), i);
        mkdir(path, 0777);
        strcat(path, "/summary.json");
        snprintf(text, sizeof text, "{\"schema\": \"sqtail.result/1\", \"complete\": true, \"seed\": %llu, "
                 "\"config\": {\"seed\": %llu}, \"total\": {\"count\": 100}, \"commands\": {\"read\": "
                 "{\"count\": 100, \"errors\": %u, \"latency_us\": {\"mean\": %.9g, \"p50\": 50}}}}",
                 (unsigned long long)(seed + i), (unsigned long long)(seed + i), i + 1 < count ? 0 : errors, means[i]);
        sample_write_file(path, text);
    }
}

static void write_seeds(const struct sample *s, const char *name, uint64_t seed, const double *means, unsigned count)
{
    write_seeds_with(s, name, seed, means, count, 0);
}

// What became of the mean, with a threshold of 1 %.
static enum verdict verdict_either(const double *base, uint64_t base_seed, const double *new, uint64_t new_seed,
                                   unsigned count, bool either)
{
    static const char *const threshold = "mean=1%";
    struct sample s;
    sample_init(&s);
    write_seeds(&s, "base", base_seed, base, count);
    write_seeds(&s, "new", new_seed, new, count);
    const char *news[] = {sample_path(&s, "new")};
    struct compare_options how = {.thresholds = &threshold, .threshold_count = 1, .either = either};
    struct comparison *c = compare(sample_path(&s, "base"), news, 1, &how, s.diag);
    assert_non_null(c);
    enum verdict verdict = c->rows[0].news[0].verdict;
    comparison_destroy(c);
    sample_destroy(&s);
    return verdict;
}

static enum verdict verdict_of(const double *base, uint64_t base_seed, const double *new, uint64_t new_seed,
                               unsigned count)
{
    return verdict_either(base, base_seed, new, new_seed, count, false);
}

static void test_a_change_must_exceed_the_noise_as_well(void **state)
{
    (void)state;
    static const double base[] = {100, 104, 96, 102, 98}, noisy[] = {102, 106, 99, 104, 101},
                        apart[] = {140, 144, 136, 142, 138}, low[] = {60, 64, 56, 62, 58};
    assert_int_equal(verdict_of(base, 1, noisy, 11, 5), VERDICT_NOISE);
    assert_int_equal(verdict_of(base, 1, apart, 11, 5), VERDICT_WORSE);
    assert_int_equal(verdict_of(base, 1, low, 11, 5), VERDICT_BETTER);
    assert_int_equal(verdict_of(base, 1, base, 11, 5), VERDICT_OK);
}

// Both sides' means have a variance of 10 / 5, their difference 2 squared; t of 8 degrees of freedom is 4.501 at 0.001 to
// one side and 5.041 to both together (tables of Student's t), so that noise ends at 9.002 and 10.082.
static void test_one_direction_has_all_of_what_is_allowed_and_two_share_it(void **state)
{
    (void)state;
    static const double base[] = {100, 104, 96, 102, 98}, just_in[] = {108.9, 112.9, 104.9, 110.9, 106.9},
                        beyond_one[] = {109.1, 113.1, 105.1, 111.1, 107.1},
                        in_both[] = {110, 114, 106, 112, 108}, beyond_both[] = {110.2, 114.2, 106.2, 112.2, 108.2};
    assert_int_equal(verdict_of(base, 1, just_in, 11, 5), VERDICT_NOISE);
    assert_int_equal(verdict_of(base, 1, beyond_one, 11, 5), VERDICT_WORSE);
    assert_int_equal(verdict_either(base, 1, in_both, 11, 5, true), VERDICT_NOISE);
    assert_int_equal(verdict_either(base, 1, beyond_both, 11, 5, true), VERDICT_WORSE);
    assert_int_equal(verdict_either(beyond_both, 1, base, 11, 5, true), VERDICT_CHANGED);
}

// As above, of two metrics: each is allowed half, so that in one direction t is that at 0.0005, 5.041, and noise ends at
// 10.082.
static void test_of_two_metrics_each_is_allowed_half(void **state)
{
    static const char *const thresholds[] = {"mean=1%", "p50=1%"};
    static const double base[] = {100, 104, 96, 102, 98}, within[] = {110, 114, 106, 112, 108};
    struct sample s;
    (void)state;
    sample_init(&s);
    write_seeds(&s, "base", 1, base, 5);
    write_seeds(&s, "new", 11, within, 5);
    const char *news[] = {sample_path(&s, "new")};
    struct compare_options how = {.thresholds = thresholds, .threshold_count = 2};
    struct comparison *c = compare(sample_path(&s, "base"), news, 1, &how, s.diag);
    assert_int_equal(c->row_count, 2);
    assert_int_equal(c->rows[0].news[0].verdict, VERDICT_NOISE);
    assert_true(fabs(c->rows[0].news[0].noise / 10.082 - 1) < 1e-3);
    comparison_destroy(c);
    assert_int_equal(verdict_of(base, 1, within, 11, 5), VERDICT_WORSE);
    sample_destroy(&s);
}

// Five in one run of five, none in the base: the seeds' spread would hide them.
static void test_errors_where_there_were_none_are_no_noise(void **state)
{
    static const char *const threshold = "mean=1%";
    static const double base[] = {100, 104, 96, 102, 98};
    struct sample s;
    (void)state;
    sample_init(&s);
    write_seeds(&s, "base", 1, base, 5);
    write_seeds_with(&s, "new", 11, base, 5, 5);
    const char *news[] = {sample_path(&s, "new")};
    struct compare_options how = {.thresholds = &threshold, .threshold_count = 1};
    struct comparison *c = compare(sample_path(&s, "base"), news, 1, &how, s.diag);
    assert_int_equal(c->failed, 1);
    comparison_destroy(c);
    sample_destroy(&s);
}

// The same seeds: each is 2 us slower and a bit, which the seeds themselves do not blur.
static void test_seeds_that_both_sides_have_are_compared_pair_by_pair(void **state)
{
    (void)state;
    static const double base[] = {100, 104, 96, 102, 98}, slower[] = {102, 106.1, 98, 104.1, 100};
    assert_int_equal(verdict_of(base, 1, slower, 11, 5), VERDICT_NOISE);
    assert_int_equal(verdict_of(base, 1, slower, 1, 5), VERDICT_WORSE);
}

static void expect_no_repetitions(const char *base, const char *with, const char *message)
{
    static const double means[] = {100, 101};
    struct sample s;
    char *text, *messages;
    sample_init(&s);
    write_seeds(&s, "set", 1, means, 2);
    const char *path = sample_path(&s, "set/1/summary.json"), *news[] = {sample_path(&s, "set")};
    text = sample_read(path);
    char *at = strstr(text, base), *changed = NULL;
    assert_non_null(at);
    assert_true(asprintf(&changed, "%.*s%s%s", (int)(at - text), text, with, at + strlen(base)) > 0);
    sample_write_file(path, changed);
    assert_null(compare(sample_path(&s, "set"), news, 1, &(struct compare_options){0}, s.diag));
    messages = printed(s.diag);
    if (strstr(messages, message) == NULL)
        print_error("%s", messages);
    assert_non_null(strstr(messages, message));
    free(messages);
    free(changed);
    free(text);
    sample_destroy(&s);
}

static void test_results_in_a_folder_must_be_repetitions(void **state)
{
    (void)state;
    expect_no_repetitions("\"seed\": 2, \"config\"", "\"seed\": 1, \"config\"", "has seed 1, as another in");
    expect_no_repetitions("\"seed\": 2}", "\"seed\": 2, \"t_r\": 3}", "is of another configuration than");
    expect_no_repetitions("\"total\": {\"count\": 100}", "\"total\": {\"count\": 99}", "number of commands (in all)");
    expect_no_repetitions("\"complete\": true", "\"complete\": false", "is not complete");
    expect_no_repetitions("sqtail.result/1", "sqtail.curve/1", "lies beside results of another kind");
}

// --- curves ----------------------------------------------------------------------------------------------------------

static const char curve[] =
    "{\"schema\": \"sqtail.curve/1\", \"complete\": true, \"seed\": 1, \"job\": \"rw=randread\", \"points\": ["
    "{\"iodepth\": 8, \"count\": 50, \"iops\": 90, \"latency_us\": {\"p99\": %g}},"
    "{\"iodepth\": 64, \"count\": 50, \"iops\": 99, \"latency_us\": {\"p99\": %g}},"
    "{\"iodepth\": 64, \"seed\": 2, \"count\": 50, \"iops\": 99, \"latency_us\": {\"p99\": %g}}]}";

// A point of several seeds holds what each gave.
static const char seeds_curve[] =
    "{\"schema\": \"sqtail.curve/1\", \"complete\": true, \"seed\": 1, \"job\": \"rw=randread\", "
    "\"until\": \"steady\", \"saturation_iops\": 200, "
    "\"points\": [{\"iodepth\": 8, \"count\": %d, \"iops\": 95, \"latency_us\": {\"p99\": 105}, \"runs\": ["
    "{\"seed\": 1, \"count\": 50, \"iops\": 90, \"latency_us\": {\"p99\": 100}, \"ftl\": {\"waf\": 2}, "
    "\"commands\": {\"read\": {\"latency_us\": {\"p99\": 70}}}},"
    "{\"seed\": 2, \"count\": 50, \"iops\": 100, \"latency_us\": {\"p99\": 110}, \"ftl\": {\"waf\": 3}, "
    "\"commands\": {\"read\": {\"latency_us\": {\"p99\": 80}}}}]}]}";

static void test_a_point_of_a_curve_with_seeds_has_what_each_gave(void **state)
{
    (void)state;
    static const char *const thresholds[] = {"p99=5%", "read.p99=5%", "waf=5%", "saturation_iops=5%"};
    struct sample s;
    char text[900];
    sample_init(&s);
    snprintf(text, sizeof text, seeds_curve, 100);
    sample_write_file(sample_path(&s, "base.json"), text);
    snprintf(text, sizeof text, seeds_curve, 90); // its load was over sooner
    sample_write_file(sample_path(&s, "new.json"), text);
    const char *news[] = {sample_path(&s, "new.json")};
    struct compare_options how = {.thresholds = thresholds, .threshold_count = 4};
    struct comparison *c = compare(sample_path(&s, "base.json"), news, 1, &how, s.diag);
    assert_non_null(c);
    assert_int_equal(c->row_count, 4);
    assert_true(c->rows[0].base->value == 105 && c->rows[1].base->value == 75 && c->rows[2].base->value == 2.5);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(c->rows[i].base->value_count, 2);
    comparison_destroy(c);
    sample_destroy(&s);
}

static struct comparison *compare_curves(struct sample *s, const char *threshold)
{
    char text[600];
    snprintf(text, sizeof text, curve, 100.0, 200.0, 220.0);
    sample_write_file(sample_path(s, "base.json"), text);
    snprintf(text, sizeof text, curve, 110.0, 400.0, 420.0);
    sample_write_file(sample_path(s, "new.json"), text);
    const char *news[] = {sample_path(s, "new.json")};
    struct compare_options how = {.thresholds = &threshold, .threshold_count = 1};
    return compare(sample_path(s, "base.json"), news, 1, &how, s->diag);
}

static void test_points_of_other_numbers_of_commands_are_another_load(void **state)
{
    (void)state;
    struct sample s;
    char text[600], *messages, *count;
    sample_init(&s);
    snprintf(text, sizeof text, curve, 100.0, 200.0, 220.0);
    sample_write_file(sample_path(&s, "base.json"), text);
    count = strstr(text, "50");
    memcpy(count, "49", 2);
    sample_write_file(sample_path(&s, "new.json"), text);
    const char *news[] = {sample_path(&s, "new.json")};
    assert_null(compare(sample_path(&s, "base.json"), news, 1, &(struct compare_options){0}, s.diag));
    messages = printed(s.diag);
    assert_non_null(strstr(messages, "its number of commands (of a point) is 49, the base's 50"));
    free(messages);
    sample_destroy(&s);
}

static void expect_rows(const char *threshold, const char *first, size_t count)
{
    struct sample s;
    sample_init(&s);
    struct comparison *c = compare_curves(&s, threshold);
    assert_non_null(c);
    assert_int_equal(c->row_count, count);
    assert_string_equal(c->rows[0].metric->name, first);
    comparison_destroy(c);
    sample_destroy(&s);
}

static void test_points_of_curves_are_scoped(void **state)
{
    (void)state;
    expect_rows("p99=5%", "iodepth-8.p99", 2);
    expect_rows("p99=5%@iodepth<64", "iodepth-8.p99", 1);
    expect_rows("p99=5%@iodepth<=8", "iodepth-8.p99", 1);
    expect_rows("p99=5%@iodepth=64", "iodepth-64.p99", 1);
    expect_rows("p99=5%@iodepth>8", "iodepth-64.p99", 1);
    expect_rows("p99=5%@iodepth>=8,iodepth<=63", "iodepth-8.p99", 1);
    expect_rows("iodepth-64.p99=5%", "iodepth-64.p99", 1);
}

static void test_a_point_has_as_many_values_as_seeds(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    struct comparison *c = compare_curves(&s, "p99=5%");
    assert_int_equal(c->rows[1].base->value_count, 2);
    assert_true(c->rows[1].base->value == 210 && c->rows[1].news[0].difference == 200);
    assert_true(c->rows[0].news[0].noise < 0 && c->rows[1].news[0].noise == 0); // each seed by 200
    comparison_destroy(c);
    sample_destroy(&s);
}

// --- formats -------------------------------------------------------------------------------------------------------

static char *formatted(const struct compare_format *format)
{
    struct sample s;
    char *text = NULL;
    size_t size = 0;
    sample_init(&s);
    struct comparison *c = compare_curves(&s, "p99=5%@iodepth<=8");
    FILE *to = open_memstream(&text, &size);
    comparison_write(c, format, &(struct format_options){0}, to);
    fclose(to);
    comparison_destroy(c);
    sample_destroy(&s);
    return text;
}

static void expect_in(const struct compare_format *format, const char *part)
{
    char *text = formatted(format);
    if (strstr(text, part) == NULL)
        print_error("%s", text);
    assert_non_null(strstr(text, part));
    free(text);
}

static void test_formats_say_what_failed(void **state)
{
    (void)state;
    expect_in(&format_markdown, "| iodepth-8.p99 | 100.0us | 110.0us | +10.00 % | 5 % |  | **REGRESSION** |");
    expect_in(&format_junit, "<testcase classname=\"");
    expect_in(&format_junit, "name=\"iodepth-8.p99\">\n      <failure type=\"REGRESSION\" message=\"base 100.0us, "
                             "new 110.0us, change +10.00 %, threshold 5 %\"/>");
    expect_in(&format_junit, "tests=\"1\" failures=\"1\"");
    expect_in(&format_benchmark, "\"name\": \"iodepth-8.p99\",\n    \"unit\": \"us\",\n    \"value\": 110.0");
    char *bigger = formatted(&format_benchmark_bigger), *json = formatted(&format_json);
    assert_string_equal(bigger, "[]\n");
    json_t *parsed = json_loads(json, 0, NULL);
    assert_true(sample_number(json_array_get(json_object_get(parsed, "metrics"), 0), "|base") == 100);
    assert_int_equal(json_integer_value(json_object_get(parsed, "failed")), 1);
    json_decref(parsed);
    free(json);
    free(bigger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exactly_the_threshold_passes_and_more_does_not),
        cmocka_unit_test(test_throughput_regresses_downward),
        cmocka_unit_test(test_statistics_of_the_drive_and_errors_regress_upward),
        cmocka_unit_test(test_the_defaults_look_at_mean_p50_p99_and_iops),
        cmocka_unit_test(test_the_total_of_a_single_kind_counts_only_by_its_full_name),
        cmocka_unit_test(test_the_full_name_goes_before_the_short_one),
        cmocka_unit_test(test_a_later_threshold_goes_before_an_earlier_one),
        cmocka_unit_test(test_a_metric_that_one_side_lacks_is_told_and_fails),
        cmocka_unit_test(test_the_table_and_what_changed_in_the_configuration),
        cmocka_unit_test(test_another_load_is_refused_with_what_differs),
        cmocka_unit_test(test_jobs_are_the_same_by_their_words_and_a_timed_one_decides_no_count),
        cmocka_unit_test(test_more_errors_are_a_regression_whatever_is_compared),
        cmocka_unit_test(test_a_percentile_that_rests_on_few_requests_is_marked),
        cmocka_unit_test(test_another_sqtail_is_told_and_compared),
        cmocka_unit_test(test_wrong_thresholds_are_explained),
        cmocka_unit_test(test_what_is_no_complete_result_is_refused),
        cmocka_unit_test(test_a_written_result_compares_equal_to_itself),
        cmocka_unit_test(test_both_limits_must_be_exceeded),
        cmocka_unit_test(test_in_either_direction_what_became_better_fails_too),
        cmocka_unit_test(test_metrics_are_found_by_pattern_and_without_their_unit),
        cmocka_unit_test(test_a_change_must_exceed_the_noise_as_well),
        cmocka_unit_test(test_one_direction_has_all_of_what_is_allowed_and_two_share_it),
        cmocka_unit_test(test_of_two_metrics_each_is_allowed_half),
        cmocka_unit_test(test_errors_where_there_were_none_are_no_noise),
        cmocka_unit_test(test_seeds_that_both_sides_have_are_compared_pair_by_pair),
        cmocka_unit_test(test_results_in_a_folder_must_be_repetitions),
        cmocka_unit_test(test_points_of_curves_are_scoped),
        cmocka_unit_test(test_a_point_has_as_many_values_as_seeds),
        cmocka_unit_test(test_points_of_other_numbers_of_commands_are_another_load),
        cmocka_unit_test(test_a_point_of_a_curve_with_seeds_has_what_each_gave),
        cmocka_unit_test(test_formats_say_what_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
