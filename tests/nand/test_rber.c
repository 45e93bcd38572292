// The error rate formula against a table computed by others' code, row by row, to its printed digits.
#include <math.h>
#include <stdio.h>

#include "nand/chip/rber.h"
#include "nand/ecc/binomial.h"
#include "rig.h"

static FILE *open_data(const char *name)
{
    char path[512];
    const char *srcdir = getenv("srcdir");
    snprintf(path, sizeof path, "%s/tests/nand/data/%s", srcdir == NULL ? "." : srcdir, name);
    return fopen(path, "r");
}

static void test_every_row_of_the_reference_table(void **state)
{
    (void)state;
    char line[256], expected[32], got[32];
    double pe, age, reads;
    unsigned rows = 0;
    FILE *file = open_data("rber_model_table.csv");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file) != NULL) {
        assert_int_equal(sscanf(strrchr(line, '"') + 1, ",%lf,%lf,%lf,%31[0-9.e+-]", &pe, &age, &reads, expected), 4);
        enum reliability_model model = strstr(line, "MLC") != NULL ? RBER_MLC_2YNM : RBER_TLC_72L;
        snprintf(got, sizeof got, "%.4e", rber_formula(model, 0, pe, age, reads));
        if (atof(expected) <= 0.5)
            assert_string_equal(got, expected);
        else
            assert_string_equal(got, "5.0000e-01");
        rows++;
    }
    fclose(file);
    assert_int_equal(rows, 324);
}

static void test_published_vectors(void **state)
{
    (void)state;
    assert_true(fabs(rber_formula(RBER_TLC_72L, 0, 1000, 0, 0) / 2.030890e-3 - 1) < 1e-6);
    assert_true(fabs(rber_formula(RBER_TLC_72L, 0, 1000, 1000, 0) / 8.916773e-3 - 1) < 1e-6);
    assert_true(fabs(rber_formula(RBER_TLC_72L, 0, 3000, 2000, 500) / 2.055420e-2 - 1) < 1e-6);
}

// JESD218 asks one thing of both after their rated cycles, 1600 and 3000: three months. By hand, of TLC: 1.48e-3,
// 3.9e-10 * 3000^2.05 = 5.238e-3 and 6.28e-5 * 3000^0.14 * 90^0.54 = 2.188e-3, together 8.906e-3.
static void test_qlc_after_its_rated_cycles_and_three_months_is_as_tlc_after_its_own(void **state)
{
    (void)state;
    double qlc = rber_formula(RBER_QLC_64L, 0, 1600, 90, 0), tlc = rber_formula(RBER_TLC_72L, 0, 3000, 90, 0);
    assert_true(fabs(tlc / 8.906e-3 - 1) < 1e-4);
    assert_true(fabs(qlc / tlc - 1) < 5e-3); // coefficients have three digits
}

// Of the code of rate 0.9, which corrects 260 of 36409 bits. Up to 5.9e-3 fewer than one codeword in a thousand has more:
// 215 + 3.09 * sqrt(215) = 260. With one step of retry, 0.7 times as much, of 6.2e-3 one in a hundred has; with two none.
static void test_qlc_is_read_without_retry_while_new_and_with_one_or_two_steps_at_its_end(void **state)
{
    (void)state;
    assert_true(rber_formula(RBER_QLC_64L, 0, 1600, 0, 0) < 5.9e-3);
    double end = rber_formula(RBER_QLC_64L, 0, 1600, 90, 0);
    assert_true(end > 260.0 / 36409);
    assert_true(fabs(binomial_tail(36409, 260, 0.7 * end) - 0.014) < 0.006);
    assert_true(binomial_tail(36409, 260, 0.49 * end) < 1e-10);
}

static void test_no_rate_is_above_one_half(void **state)
{
    (void)state;
    assert_true(rber_formula(RBER_TLC_72L, 0, 100000, 0, 0) == 0.5); // 3.9e-10 * 10^(5 * 2.05) alone is 6.9
    assert_true(rber_formula(RBER_MLC_2YNM, 0, 10000, 10000, 0) == 0.5);
    assert_true(rber_formula(RBER_CONSTANT, 0.7, 0, 0, 0) == 0.5);
}

static void test_a_block_counts_age_in_the_configured_unit_and_reads_as_the_model_does(void **state)
{
    (void)state;
    struct reliability_config c = {.model = RBER_TLC_72L, .retention_age = 240 * 3600 * TICKS_PER_S};
    assert_true(rber_of_block(&c, 1000, true, 0, 10) == rber_formula(RBER_TLC_72L, 0, 1000, 10, 0));
    assert_true(rber_of_block(&c, 1000, false, 500, 10) == rber_formula(RBER_TLC_72L, 0, 1000, 0, 50));
    c.age_unit = AGE_HOURS;
    assert_true(rber_of_block(&c, 1000, true, 0, 10) == rber_formula(RBER_TLC_72L, 0, 1000, 240, 0));
    c.model = RBER_QLC_64L;
    assert_true(rber_of_block(&c, 1000, false, 500, 10) == rber_formula(RBER_QLC_64L, 0, 1000, 0, 50));
    c.model = RBER_MLC_2YNM;
    assert_true(rber_of_block(&c, 1000, false, 500, 10) == rber_formula(RBER_MLC_2YNM, 0, 1000, 0, 500));
    c.model = RBER_CONSTANT, c.rber = 2e-3;
    assert_true(rber_of_block(&c, 9, true, 9, 10) == 2e-3);
    c.model = RBER_OFF;
    assert_true(rber_of_block(&c, 9, true, 9, 10) == 0);
}

// e + 6.28e-5 * 30^0.54, which is that much for any drive that is not worn.
static void test_data_in_a_blocks_first_cycle_age(void **state)
{
    (void)state;
    struct reliability_config c = {.model = RBER_TLC_72L, .retention_age = 30 * 24 * 3600 * TICKS_PER_S};
    for (uint32_t cycles = 0; cycles < 2; cycles++)
        assert_true(fabs(rber_of_block(&c, cycles, true, 0, 10) / 1.874e-3 - 1) < 1e-3);
    assert_true(rber_of_block(&c, 0, false, 0, 10) < 1.4801e-3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_data_in_a_blocks_first_cycle_age),
        cmocka_unit_test(test_every_row_of_the_reference_table),
        cmocka_unit_test(test_published_vectors),
        cmocka_unit_test(test_qlc_after_its_rated_cycles_and_three_months_is_as_tlc_after_its_own),
        cmocka_unit_test(test_qlc_is_read_without_retry_while_new_and_with_one_or_two_steps_at_its_end),
        cmocka_unit_test(test_no_rate_is_above_one_half),
        cmocka_unit_test(test_a_block_counts_age_in_the_configured_unit_and_reads_as_the_model_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
