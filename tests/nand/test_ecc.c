// Codes, their failure probabilities and decoding times against closed forms and published numbers.
#include <math.h>
#include <stdio.h>

#include "rig.h"
#include "util/rng.h"

static FILE *open_data(const char *name)
{
    char path[512];
    const char *srcdir = getenv("srcdir");
    snprintf(path, sizeof path, "%s/tests/nand/data/%s", srcdir == NULL ? "." : srcdir, name);
    return fopen(path, "r");
}

// Term by term from C(n, 0), with nothing but multiplications of long doubles scaled by powers of two.
static long double direct_tail(uint32_t n, uint32_t t, long double p)
{
    long double mantissa = 1, tail = 0;
    long exponent = 0;
    for (uint32_t i = 0; i < n; i++) {
        mantissa *= 1 - p;
        int e;
        mantissa = frexpl(mantissa, &e);
        exponent += e;
    }
    for (uint32_t k = 0; k < n; k++) {
        mantissa *= (long double)(n - k) / (k + 1) * (p / (1 - p));
        int e;
        mantissa = frexpl(mantissa, &e);
        exponent += e;
        if (k + 1 > t && exponent > -16300)
            tail += ldexpl(mantissa, (int)exponent);
    }
    return tail;
}

static struct ecc_code bch(uint64_t data_bytes, uint32_t t)
{
    struct ecc_config config = {.engine = ECC_BCH, .codeword_data = data_bytes, .bch_t = t};
    struct ecc_code code = {0};
    ecc_bch.shape(&config, &code);
    return code;
}

static void check_fer(const struct ecc_code *code, double p, double printed)
{
    double fer = binomial_tail(code->bits, code->capability[0], p);
    long double direct = direct_tail(code->bits, code->capability[0], (long double)p);
    assert_true(fabsl(fer / direct - 1) < 1e-12L);
    assert_true(fabs(fer / printed - 1) < 6e-4); // four printed digits
}

static void test_bch_shape_and_failure_probability_of_every_row_of_the_reference_table(void **state)
{
    (void)state;
    static const double rates[] = {1e-4, 5e-4, 1e-3, 2e-3, 3e-3, 5e-3};
    char line[256];
    unsigned rows = 0;
    FILE *file = open_data("bch_fer.csv");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file) != NULL) {
        unsigned data, t, m, bits;
        double rate, f[6];
        int read = sscanf(line, "%u,%u,%u,%u,%lf,%lf,%lf,%lf,%lf,%lf,%lf", &data, &t, &m, &bits, &rate, &f[0], &f[1],
                          &f[2], &f[3], &f[4], &f[5]);
        assert_int_equal(read, 11);
        struct ecc_code code = bch(data, t);
        assert_int_equal(code.bits, bits);
        assert_int_equal(code.parity_bytes, (m * t + 7) / 8);
        for (unsigned i = 0; i < 6; i++)
            check_fer(&code, rates[i], f[i]);
        rows++;
    }
    fclose(file);
    assert_int_equal(rows, 10);
}

static void test_table_thresholds_are_the_distribution_function(void **state)
{
    (void)state;
    const uint32_t n = 8752;
    const double p = 1e-3;
    struct binomial_table *table = binomial_table_create(n, p);
    for (uint32_t i = 0; i + 1 < table->count; i++) {
        double above = ldexp((double)(UINT64_MAX - table->threshold[i]), -64);
        double tail = binomial_tail(n, table->first + i, p);
        assert_true(fabs(above - tail) <= 1e-12 * tail + 0x1p-63);
    }
    assert_int_equal(table->threshold[table->count - 1], UINT64_MAX);
    free(table);
}

static void test_draws_have_mean_and_variance_of_the_binomial(void **state)
{
    (void)state;
    enum { DRAWS = 200000 };
    const double n = 36409, p = 1.48e-3;
    struct binomial_table *table = binomial_table_create((uint32_t)n, p);
    struct rng rng;
    rng_seed(&rng, 7, "test");
    double sum = 0, squares = 0;
    for (int i = 0; i < DRAWS; i++) {
        double x = binomial_quantile(table, rng_u64(&rng));
        sum += x;
        squares += x * x;
    }
    double mean = sum / DRAWS, variance = squares / DRAWS - mean * mean;
    assert_true(fabs(mean - n * p) < 5 * sqrt(n * p / DRAWS));
    assert_true(fabs(variance / (n * p * (1 - p)) - 1) < 0.02);
    free(table);
}

static void test_no_error_rate_no_errors_and_certain_errors(void **state)
{
    (void)state;
    struct rng rng;
    rng_seed(&rng, 7, "test");
    struct binomial_table *none = binomial_table_create(9000, 0);
    struct binomial_table *half = binomial_table_create(9000, 0.5);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(binomial_quantile(none, rng_u64(&rng)), 0);
        assert_in_range(binomial_quantile(half, rng_u64(&rng)), 4000, 5000);
    }
    free(none);
    free(half);
}

static void test_ldpc_bounds_are_the_capacities(void **state)
{
    (void)state;
    static const double rows[][3] = { // rate, hard, soft: three digits as published tables print them
        {0.80, 0.0311, 0.0548}, {0.85, 0.0215, 0.0403}, {0.88, 0.0163, 0.0318},
        {0.90, 0.0130, 0.0263}, {0.92, 0.0099, 0.0208}, {0.94, 0.0070, 0.0154},
    };
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        assert_true(fabs(ecc_hard_bound(rows[i][0]) - rows[i][1]) < 6e-5);
        assert_true(fabs(ecc_soft_bound(rows[i][0]) - rows[i][2]) < 6e-5);
    }
}

static void test_ldpc_soft_levels_come_half_way_to_the_bound_each(void **state)
{
    (void)state;
    struct ecc_config config = {.codeword_data = 4096, .ldpc_rate = 0.9, .ldpc_efficiency = 0.55, .soft_levels = 3};
    struct ecc_code code = {0};
    ecc_ldpc.shape(&config, &code);
    assert_int_equal(code.bits, 36409);
    assert_int_equal(code.capability[0], (uint32_t)(0.55 * ecc_hard_bound(0.9) * 36409));
    double hard = ecc_hard_bound(0.9), soft = ecc_soft_bound(0.9); // each level covers half of what is left between
    static const double covered[] = {0, 1 / 2.0, 3 / 4.0, 7 / 8.0};
    for (unsigned level = 1; level <= 3; level++)
        assert_int_equal(code.capability[level], (uint32_t)(0.55 * (hard + covered[level] * (soft - hard)) * 36409));
}

// As many errors as hard decisions can just correct are the most work for them, and less with a soft level.
static void test_ldpc_iterations_at_a_soft_level_go_by_what_it_corrects(void **state)
{
    (void)state;
    struct ecc_config config = {.engine = ECC_LDPC, .codeword_data = 4096, .clock = 500000000, .ldpc_rate = 0.9,
                                .ldpc_efficiency = 0.55, .ldpc_min_iterations = 2, .ldpc_max_iterations = 30,
                                .ldpc_iteration_bits = 512, .soft_levels = 1, .retry_gain = 1};
    struct ecc ecc;
    ecc_init(&ecc, &config, 4096, 1e-3);
    double load = 260.0 / ecc.code.capability[1];
    assert_int_equal(ecc.times[0][260].latency, 30 * 72 * 2 * NS);
    assert_int_equal(ecc.times[1][260].latency, (2 + (tick_t)ceil(28 * load * load * load)) * 72 * 2 * NS);
    assert_true(ecc.times[1][260].latency < 20 * 72 * 2 * NS);
    ecc_destroy(&ecc);
}

static void test_bch_cycles(void **state)
{
    (void)state;
    struct ecc_config config = {.engine = ECC_BCH, .codeword_data = 1024, .bch_t = 40, .bch_syndrome_bits = 64,
                                .bch_chien_bits = 32};
    struct ecc_code code = bch(1024, 40); // 8752 bits: 137 and 274 cycles
    assert_int_equal(ecc_bch.cycles(&config, &code, 0, 0).latency, 0);
    assert_int_equal(ecc_bch.cycles(&config, &code, 0, 0).occupancy, 137);
    assert_int_equal(ecc_bch.cycles(&config, &code, 0, 5).latency, 5 + 2 + 274);
    assert_int_equal(ecc_bch.cycles(&config, &code, 0, 41).latency, 40 + 274);
    assert_int_equal(ecc_bch.cycles(&config, &code, 0, 5).occupancy, 274);
}

static void test_ldpc_iterations_grow_with_the_errors(void **state)
{
    (void)state;
    struct ecc_config config = {.codeword_data = 4096, .ldpc_rate = 0.9, .ldpc_efficiency = 0.55,
                                .ldpc_min_iterations = 2, .ldpc_max_iterations = 30, .ldpc_iteration_bits = 512};
    struct ecc_code code = {0};
    ecc_ldpc.shape(&config, &code);
    assert_int_equal(ecc_ldpc.cycles(&config, &code, 0, 0).latency, 2 * 72);
    assert_int_equal(ecc_ldpc.cycles(&config, &code, 0, code.capability[0] + 1).latency, 30 * 72);
    for (uint32_t e = 1; e <= code.capability[0]; e++)
        assert_true(ecc_ldpc.cycles(&config, &code, 0, e).latency >=
                    ecc_ldpc.cycles(&config, &code, 0, e - 1).latency);
}

// Of the code's 260 errors: 2 iterations, and 28 more times the cube of the share, in whole ones.
static void test_ldpc_iterations_follow_the_cube_of_the_load(void **state)
{
    (void)state;
    static const uint32_t rows[][2] = {{0, 2}, {1, 3}, {65, 3}, {130, 6}, {195, 14}, {208, 17}, {259, 30}, {260, 30}};
    struct ecc_config config = {.codeword_data = 4096, .ldpc_rate = 0.9, .ldpc_efficiency = 0.55,
                                .ldpc_min_iterations = 2, .ldpc_max_iterations = 30, .ldpc_iteration_bits = 512};
    struct ecc_code code = {0};
    ecc_ldpc.shape(&config, &code);
    assert_int_equal(code.capability[0], 260);
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        struct ecc_cycles cycles = ecc_ldpc.cycles(&config, &code, 0, rows[i][0]);
        assert_int_equal(cycles.latency, rows[i][1] * 72); // 36409 bits by 512
        assert_int_equal(cycles.occupancy, cycles.latency);
    }
}

static void test_the_anchor_has_a_bin_of_its_own(void **state)
{
    (void)state;
    struct ecc_config config = {.engine = ECC_BCH, .codeword_data = 1024, .bch_t = 8, .retry_gain = 0.5,
                                .retry_steps = 3};
    struct ecc ecc;
    ecc_init(&ecc, &config, 4096, 1.2345e-3);
    uint32_t bin = ecc_bin(&ecc, 1.2345e-3);
    assert_int_equal(bin, ecc.anchor_bin);
    assert_int_equal(ecc_bin(&ecc, 2 * 1.2345e-3), bin + RBER_BINS_PER_OCTAVE);
    assert_int_equal(ecc_bin(&ecc, 0), 0);
    const struct binomial_table *table = ecc_table(&ecc, bin, 1); // half the rate
    struct binomial_table *expected = binomial_table_create(ecc.code.bits, 1.2345e-3 / 2);
    assert_int_equal(table->count, expected->count);
    assert_memory_equal(table->threshold, expected->threshold, table->count * sizeof table->threshold[0]);
    assert_ptr_equal(ecc_table(&ecc, bin, 1), table);
    free(expected);
    ecc_destroy(&ecc);
}

static void test_soft_steps_keep_the_error_rate_of_the_last_retry_step(void **state)
{
    (void)state;
    struct ecc_config config = {.engine = ECC_LDPC, .codeword_data = 4096, .ldpc_rate = 0.9, .ldpc_efficiency = 0.55,
                                .soft_levels = 2, .retry_gain = 0.5, .retry_steps = 3};
    struct ecc ecc;
    ecc_init(&ecc, &config, 4096, 1e-2);
    uint32_t bin = ecc_bin(&ecc, 1e-2);
    assert_ptr_not_equal(ecc_table(&ecc, bin, 2), ecc_table(&ecc, bin, 3));
    for (uint32_t step = 4; step <= ecc.last_step; step++)
        assert_ptr_equal(ecc_table(&ecc, bin, step), ecc_table(&ecc, bin, 3));
    assert_int_equal(ecc.last_step, 5);
    ecc_destroy(&ecc);
}

static void test_the_slowest_stage_of_a_bch_decoder_bounds_its_rate(void **state)
{
    (void)state;
    static const uint32_t rows[][3] = {{64, 128, 137}, {128, 64, 137}, {0, 0, 32}, {1024, 1024, 32}}; // solve: 30 + 2
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        struct ecc_config config = {.engine = ECC_BCH, .codeword_data = 1024, .bch_t = 40,
                                    .bch_syndrome_bits = rows[i][0], .bch_chien_bits = rows[i][1]};
        struct ecc_code code = bch(1024, 40); // 8752 bits
        assert_int_equal(ecc_bch.cycles(&config, &code, 0, 30).occupancy, rows[i][2]);
    }
}

// 1019 bytes and 3 * 13 bits of parity are 8191 = 2^13 - 1 bits; a byte more takes a field of degree 14.
static void test_the_field_of_a_bch_code_is_the_least_that_holds_it(void **state)
{
    (void)state;
    assert_int_equal(bch(1019, 3).bits, 8191);
    assert_int_equal(bch(1020, 3).bits, 8160 + 3 * 14);
}

static void test_every_engine_is_registered_under_its_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < ecc_engine_count; i++)
        assert_string_equal(ecc_engines[i]->name, ecc_engine_names[i]);
    assert_null(ecc_engine_names[ecc_engine_count]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bch_shape_and_failure_probability_of_every_row_of_the_reference_table),
        cmocka_unit_test(test_table_thresholds_are_the_distribution_function),
        cmocka_unit_test(test_draws_have_mean_and_variance_of_the_binomial),
        cmocka_unit_test(test_no_error_rate_no_errors_and_certain_errors),
        cmocka_unit_test(test_ldpc_bounds_are_the_capacities),
        cmocka_unit_test(test_ldpc_soft_levels_come_half_way_to_the_bound_each),
        cmocka_unit_test(test_bch_cycles),
        cmocka_unit_test(test_ldpc_iterations_grow_with_the_errors),
        cmocka_unit_test(test_ldpc_iterations_follow_the_cube_of_the_load),
        cmocka_unit_test(test_ldpc_iterations_at_a_soft_level_go_by_what_it_corrects),
        cmocka_unit_test(test_the_anchor_has_a_bin_of_its_own),
        cmocka_unit_test(test_soft_steps_keep_the_error_rate_of_the_last_retry_step),
        cmocka_unit_test(test_the_slowest_stage_of_a_bch_decoder_bounds_its_rate),
        cmocka_unit_test(test_the_field_of_a_bch_code_is_the_least_that_holds_it),
        cmocka_unit_test(test_every_engine_is_registered_under_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
