// Comparison: verdicts at the edges, and nothing that passes because it was not looked at.
#define _GNU_SOURCE // nftw
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report/report_compare.h"

#include "sample.h"

static const char result[] =
    "{\"schema\": \"sqtail.result/1\", \"complete\": true, \"config\": {\"nand\": {\"t_r\": \"50us\", \"dies\": 8}},"
    " \"commands\": {\"read\": {\"count\": 500, \"iops\": 1000.0, \"bandwidth_mb_s\": 4.0, \"errors\": 0,"
    " \"latency_us\": {\"mean\": 80.0, \"p99\": 20.0, \"p99.9\": 300.1}}},"
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

// The base is `result`; the new one has `from` replaced by `to`.
static struct outcome compare(const char *from, const char *to, const char *const *thresholds, size_t count)
{
    struct sample s;
    struct outcome outcome;
    size_t size = 0;
    sample_init(&s);
    const char *at = strstr(result, from);
    assert_non_null(at);
    FILE *new = fopen(sample_path(&s, "new.json"), "w");
    fprintf(new, "%.*s%s%s", (int)(at - result), result, to, at + strlen(from));
    fclose(new);
    sample_write_file(sample_path(&s, "base.json"), result);
    const char *news[] = {sample_path(&s, "new.json")};
    FILE *table = open_memstream(&outcome.table, &size);
    struct report_compare_options options = {.thresholds = thresholds, .threshold_count = count};
    outcome.result = report_compare(sample_path(&s, "base.json"), news, 1, &options, table, s.diag);
    fclose(table);
    outcome.messages = printed(s.diag);
    sample_destroy(&s);
    return outcome;
}

static void expect(int expected, const char *from, const char *to, const char *threshold)
{
    struct outcome outcome = compare(from, to, &threshold, threshold == NULL ? 0 : 1);
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

static void test_the_defaults_look_at_mean_p99_and_iops(void **state)
{
    (void)state;
    expect(0, "80.0", "80.1", NULL);
    expect(1, "80.0", "85.0", NULL);
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
    struct outcome outcome = compare("\"p99\": 20.0,", "\"p99\": 25.0,", thresholds, 2);
    assert_int_equal(outcome.result, 0);
    outcome_free(outcome);
}

// 20 to 25 is a quarter more. And a gain within the threshold is no better than none.
static void test_a_later_threshold_goes_before_an_earlier_one(void **state)
{
    (void)state;
    struct outcome strict = compare("\"p99\": 20.0,", "\"p99\": 25.0,", (const char *const[]){"p99=50%", "p99=1%"}, 2);
    struct outcome mild = compare("\"p99\": 20.0,", "\"p99\": 25.0,", (const char *const[]){"p99=1%", "p99=50%"}, 2);
    struct outcome gain = compare("\"p99\": 20.0,", "\"p99\": 19.5,", (const char *const[]){"p99=5%"}, 1);
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
    struct outcome gone = compare("\"p99.9\": 300.1", "\"p99.8\": 1", (const char *const[]){"p99.9=5%"}, 1);
    assert_int_equal(gone.result, 1);
    assert_non_null(strstr(gone.table, "absent"));
    assert_non_null(strstr(gone.table, "ABSENT"));
    outcome_free(gone);
    expect(1, "\"ftl\": {", "\"ftl\": {\"gc_copies\": 3, ", "gc_copies=5%"); // only the new one has it
}

static void test_the_table_and_what_changed_in_the_configuration(void **state)
{
    (void)state;
    struct outcome outcome = compare("\"50us\"", "\"60us\"", (const char *const[]){"read.p99=5%"}, 1);
    assert_int_equal(outcome.result, 0);
    assert_non_null(strstr(outcome.table, "nand.t_r: \"50us\" -> \"60us\"\n"));
    assert_null(strstr(outcome.table, "dies"));
    assert_non_null(strstr(outcome.table, "read.p99                             20.00*      20.00*    +0.00 %"
                                          "         5 %  ok\n"));
    assert_non_null(strstr(outcome.table, "0 of 1 metrics regressed"));
    outcome_free(outcome);
}

static void expect_other_load(const char *from, const char *to, const char *message)
{
    struct outcome outcome = compare(from, to, NULL, 0);
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
    char text[512], *table = NULL;
    size_t size = 0;
    sample_init(&s);
    snprintf(text, sizeof text, job, base, 5);
    sample_write_file(sample_path(&s, "base.json"), text);
    snprintf(text, sizeof text, job, new, count);
    sample_write_file(sample_path(&s, "new.json"), text);
    const char *news[] = {sample_path(&s, "new.json")}, *threshold = "mean=5%";
    FILE *to = open_memstream(&table, &size);
    struct report_compare_options options = {.thresholds = &threshold, .threshold_count = 1, .any_load = any_load};
    int outcome = report_compare(sample_path(&s, "base.json"), news, 1, &options, to, s.diag);
    fclose(to);
    free(table);
    char *messages = printed(s.diag);
    if (message == NULL)
        assert_string_equal(messages, "");
    else
        assert_non_null(strstr(messages, message));
    free(messages);
    sample_destroy(&s);
    return outcome;
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
    struct outcome outcome = compare(from, to, NULL, 0);
    assert_non_null(strstr(outcome.table, "read.errors                              0       500.0      +inf %"
                                          "         0 %  REGRESSION"));
    assert_non_null(strstr(outcome.table, "1 of 4 metrics regressed")); // mean, p99, iops and errors of reads
    outcome_free(outcome);
    outcome = compare("80.0", "80.0", NULL, 0);
    assert_null(strstr(outcome.table, "errors")); // none on either side: nothing to say
    outcome_free(outcome);
}

// Of 500 reads 5 lie beyond p99.
static void test_a_percentile_that_rests_on_few_requests_is_marked(void **state)
{
    (void)state;
    struct outcome outcome = compare("80.0", "80.0", NULL, 0);
    assert_non_null(strstr(outcome.table, "read.p99                             20.00*      20.00*    +0.00 %"));
    assert_non_null(strstr(outcome.table, "read.mean                            80.00       80.00     +0.00 %"));
    assert_non_null(strstr(outcome.table, "* rests on fewer than ten requests\n"));
    outcome_free(outcome);
}

static void test_another_sqtail_is_told_and_compared(void **state)
{
    (void)state;
    struct outcome outcome = compare("\"abc\"", "\"def\"", NULL, 0);
    assert_int_equal(outcome.result, 0);
    assert_non_null(strstr(outcome.table, "tool.commit: \"abc\" -> \"def\"\n"));
    outcome_free(outcome);
}

static void expect_message(const char *threshold, const char *message)
{
    struct outcome outcome = compare("80.0", "80.0", &threshold, 1);
    assert_true(outcome.result < 0);
    if (strstr(outcome.messages, message) == NULL)
        print_error("%s", outcome.messages);
    assert_non_null(strstr(outcome.messages, message));
    outcome_free(outcome);
}

static void test_wrong_thresholds_are_explained(void **state)
{
    (void)state;
    expect_message("p99", "'p99' is no threshold; write METRIC=PERCENT%");
    expect_message("=5%", "is no threshold");
    expect_message("p99=5", "must end with %; did you mean 'p99=5%'?");
    expect_message("p99=five%", "'five%' in 'p99=five%' is no percentage");
    expect_message("p99=-5%", "is no percentage");
    expect_message("p99=nan%", "is no percentage");
    expect_message("p98=5%", "no metric 'p98' in these results; did you mean 'p99'?");
    expect_message("write_amplifcation=5%", "did you mean 'write_amplification'?");
    expect_message("total.iosp=5%", "did you mean 'total.iops'?");
    expect_message("temperature=5%", "no metric 'temperature' in these results");
}

static void expect_no_result(const char *text, const char *message)
{
    struct sample s;
    sample_init(&s);
    sample_write_file(sample_path(&s, "base.json"), result);
    if (text != NULL)
        sample_write_file(sample_path(&s, "new.json"), text);
    const char *news[] = {sample_path(&s, "new.json")};
    FILE *nowhere = fopen("/dev/null", "w");
    assert_true(report_compare(sample_path(&s, "base.json"), news, 1, &(struct report_compare_options){0}, nowhere,
                               s.diag) < 0);
    fclose(nowhere);
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
    static const char *const thresholds[] = {"mean=0%", "p99.999=0%", "iops=0%", "bandwidth=0%", "die=0%"};
    char *table = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&table, &size);
    struct report_compare_options options = {.thresholds = thresholds, .threshold_count = 5};
    assert_int_equal(report_compare(sample_path(&s, "a"), news, 2, &options, to, s.diag), 0);
    fclose(to);
    assert_non_null(strstr(table, "0 of 26 metrics regressed")); // 4 of read, write and total, and 1, twice
    free(table);
    sample_destroy(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exactly_the_threshold_passes_and_more_does_not),
        cmocka_unit_test(test_throughput_regresses_downward),
        cmocka_unit_test(test_statistics_of_the_drive_and_errors_regress_upward),
        cmocka_unit_test(test_the_defaults_look_at_mean_p99_and_iops),
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
