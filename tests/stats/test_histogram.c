// Histogram: buckets cover all values to 3 digits, quantiles are ranks, the text is HdrHistogram's.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stats/histogram.h"
#include "util/macros.h"
#include "util/rng.h"

static void check_bucket_of(uint64_t value)
{
    uint32_t index = histogram_index(value);
    assert_true(index < HISTOGRAM_BUCKETS);
    uint64_t bottom = histogram_bucket_bottom(index), top = histogram_bucket_top(index);
    assert_true(bottom <= value && value <= top);
    assert_true(top - bottom <= bottom / 1024);
}

static void test_every_value_lies_in_a_bucket_no_wider_than_a_1024th_of_it(void **state)
{
    (void)state;
    struct rng rng;
    rng_seed(&rng, 1, "test");
    for (int shift = 0; shift < 64; shift++)
        for (int i = 0; i < 200; i++)
            check_bucket_of(rng_u64(&rng) >> shift);
    for (int bit = 0; bit < 64; bit++) {
        check_bucket_of(UINT64_C(1) << bit);
        check_bucket_of((UINT64_C(1) << bit) - 1);
    }
    check_bucket_of(UINT64_MAX);
}

static void test_buckets_follow_each_other_without_gap(void **state)
{
    (void)state;
    assert_int_equal(histogram_bucket_bottom(0), 0);
    for (uint32_t i = 0; i + 1 < HISTOGRAM_BUCKETS; i++)
        assert_int_equal(histogram_bucket_top(i) + 1, histogram_bucket_bottom(i + 1));
    assert_true(histogram_bucket_top(HISTOGRAM_BUCKETS - 1) == UINT64_MAX);
}

static void test_quantiles_are_the_value_of_their_rank(void **state)
{
    (void)state;
    struct histogram h;
    histogram_init(&h);
    for (uint64_t value = 1; value <= 1000; value++)
        histogram_record(&h, value);
    assert_int_equal(h.count, 1000);
    assert_int_equal(histogram_quantile(&h, 0), 1);
    assert_int_equal(histogram_quantile(&h, 0.0001), 1);
    assert_int_equal(histogram_quantile(&h, 0.5), 500);
    assert_int_equal(histogram_quantile(&h, 0.5001), 501);
    assert_int_equal(histogram_quantile(&h, 0.999), 999);
    assert_int_equal(histogram_quantile(&h, 0.9991), 1000);
    assert_int_equal(histogram_quantile(&h, 1), 1000);
    for (int i = 1; i <= 100; i++) // i / 100.0 is no exact binary number, the rank is exact all the same
        assert_int_equal(histogram_quantile(&h, i / 100.0), 10 * i);
    histogram_destroy(&h);
}

static int compare_values(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void test_quantiles_agree_with_sorted_samples_to_3_digits(void **state)
{
    (void)state;
    enum { SAMPLES = 20000 };
    static uint64_t samples[SAMPLES];
    static const double fractions[] = {0.01, 0.5, 0.9, 0.95, 0.99, 0.999, 0.9999, 1};
    static const int ranks[] = {200, 10000, 18000, 19000, 19800, 19980, 19998, 20000};
    struct histogram h;
    struct rng rng;
    histogram_init(&h);
    rng_seed(&rng, 7, "test");
    for (int i = 0; i < SAMPLES; i++) {
        samples[i] = rng_u64(&rng);
        samples[i] >>= 20 + rng_below(&rng, 40);
        histogram_record(&h, samples[i]);
    }
    qsort(samples, SAMPLES, sizeof *samples, compare_values);
    for (size_t i = 0; i < ARRAY_SIZE(fractions); i++) {
        uint64_t truth = samples[ranks[i] - 1], told = histogram_quantile(&h, fractions[i]);
        assert_true(told >= truth && told - truth <= truth / 1024);
    }
    histogram_destroy(&h);
}

static void test_an_empty_histogram_has_quantile_0(void **state)
{
    (void)state;
    struct histogram h;
    histogram_init(&h);
    assert_int_equal(histogram_quantile(&h, 0.5), 0);
    histogram_record(&h, 12);
    histogram_restart(&h);
    assert_int_equal(h.count, 0);
    assert_int_equal(histogram_quantile(&h, 1), 0);
    histogram_destroy(&h);
}

static void test_adding_is_recording_both(void **state)
{
    (void)state;
    struct histogram a, b, both;
    histogram_init(&a);
    histogram_init(&b);
    histogram_init(&both);
    for (uint64_t i = 0; i < 3000; i++) {
        uint64_t value = i * i * 7;
        histogram_record(i % 3 == 0 ? &a : &b, value);
        histogram_record(&both, value);
    }
    histogram_add(&a, &b);
    assert_int_equal(a.count, both.count);
    assert_memory_equal(a.buckets, both.buckets, HISTOGRAM_BUCKETS * sizeof *a.buckets);
    histogram_destroy(&a);
    histogram_destroy(&b);
    histogram_destroy(&both);
}

static char *hgrm(const struct histogram *h, double scale)
{
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    histogram_write_hgrm(h, scale, 5, to);
    fclose(to);
    return text;
}

static void test_text_is_that_of_hdrhistogram(void **state)
{
    (void)state;
    static const char expected[] =
        "       Value     Percentile TotalCount 1/(1-Percentile)\n"
        "\n"
        "       1.000 0.000000000000          1           1.00\n"
        "       1.000 0.100000000000          1           1.11\n"
        "       2.000 0.200000000000          2           1.25\n"
        "       3.000 0.300000000000          3           1.43\n"
        "       4.000 0.400000000000          4           1.67\n"
        "       5.000 0.500000000000          5           2.00\n"
        "       6.000 0.550000000000          6           2.22\n"
        "       6.000 0.600000000000          6           2.50\n"
        "       7.000 0.650000000000          7           2.86\n"
        "       7.000 0.700000000000          7           3.33\n"
        "       8.000 0.750000000000          8           4.00\n"
        "       8.000 0.775000000000          8           4.44\n"
        "       8.000 0.800000000000          8           5.00\n"
        "       9.000 0.825000000000          9           5.71\n"
        "       9.000 0.850000000000          9           6.67\n"
        "       9.000 0.875000000000          9           8.00\n"
        "       9.000 0.887500000000          9           8.89\n"
        "       9.000 0.900000000000          9          10.00\n"
        "      10.000 0.912500000000         10          11.43\n"
        "      10.000 1.000000000000         10\n"
        "#[Mean    =        5.500, StdDeviation   =        2.872]\n"
        "#[Max     =       10.000, Total count    =           10]\n"
        "#[Buckets =           54, SubBuckets     =         2048]\n";
    struct histogram h;
    histogram_init(&h);
    for (uint64_t value = 1; value <= 10; value++)
        histogram_record(&h, value);
    char *text = hgrm(&h, 1);
    assert_string_equal(text, expected);
    free(text);
    histogram_destroy(&h);
}

static void test_text_of_one_value_and_of_none(void **state)
{
    (void)state;
    struct histogram h;
    histogram_init(&h);
    char *none = hgrm(&h, 1000);
    assert_non_null(strstr(none, "Percentile)\n\n#[Mean    =        0.000, StdDeviation   =        0.000]\n"));
    assert_non_null(strstr(none, "Total count    =            0]\n"));
    free(none);
    histogram_record(&h, 1500);
    char *one = hgrm(&h, 1000);
    assert_non_null(strstr(one, "Percentile)\n\n       1.500 0.000000000000          1           1.00\n"
                                "       1.500 1.000000000000          1\n#[Mean    =        1.500,"));
    free(one);
    histogram_destroy(&h);
}

// 0.07 as a double is a little more than 7/100: the seventh of a hundred is the percentile all the same.
static void test_a_percentile_is_the_rank_that_is_meant(void **state)
{
    (void)state;
    struct histogram h;
    histogram_init(&h);
    for (int i = 0; i < 100; i++)
        histogram_record(&h, i < 7 ? 1 : 2);
    assert_int_equal(histogram_quantile(&h, 0.07), 1);
    assert_int_equal(histogram_quantile(&h, 0.0701), 2);
    histogram_destroy(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_percentile_is_the_rank_that_is_meant),
        cmocka_unit_test(test_every_value_lies_in_a_bucket_no_wider_than_a_1024th_of_it),
        cmocka_unit_test(test_buckets_follow_each_other_without_gap),
        cmocka_unit_test(test_quantiles_are_the_value_of_their_rank),
        cmocka_unit_test(test_quantiles_agree_with_sorted_samples_to_3_digits),
        cmocka_unit_test(test_an_empty_histogram_has_quantile_0),
        cmocka_unit_test(test_adding_is_recording_both),
        cmocka_unit_test(test_text_is_that_of_hdrhistogram),
        cmocka_unit_test(test_text_of_one_value_and_of_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
