// Elementary functions against printed values, against libm's long doubles over their whole range, and, so that every
// build gives the same, against the bits of one machine.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "util/exact_math.h"
#include "util/macros.h"
#include "util/rng.h"

static void expect(double got, long double wanted, double tolerance)
{
    if (!(fabsl(got - wanted) <= tolerance * fabsl(wanted)))
        fail_msg("%.17g instead of %.20Lg", got, wanted);
}

// Abramowitz and Stegun, tables 4.2, 4.4, 7.1 and 7.3: as many digits as they print, 15 or 10.
static void test_printed_values(void **state)
{
    (void)state;
    expect(exact_log(2), 0.693147180559945L, 1e-15);
    expect(exact_log(10), 2.302585092994046L, 1e-15);
    expect(exact_log(1.25), 0.223143551314210L, 3e-15);
    expect(exact_log1p(0.25), 0.223143551314210L, 3e-15);
    expect(exact_log1p(-0.5), -0.693147180559945L, 1e-15);
    expect(exact_exp(1), 2.718281828459045L, 1e-15);
    expect(exact_exp(-10), 4.539992976248485e-5L, 1e-15);
    expect(exact_exp2(0.5), 1.414213562373095L, 1e-15);
    expect(exact_pow(10, 0.5), 3.162277660168379L, 2e-15);
    expect(exact_erfc(0.5), 1 - 0.5204998778L, 1e-10);
    expect(exact_erfc(1.5), 1 - 0.9661051465L, 2e-9);
    expect(exact_erfc(2), 4.677734981047266e-3L, 2e-15);
    expect(exact_erfc(10), 2.088487583762545e-45L, 1e-14);
}

// Uniform in [from, to).
static double draw(struct rng *rng, double from, double to)
{
    return from + (double)(rng_u64(rng) >> 11) * 0x1p-53 * (to - from);
}

static void test_whole_range_against_long_doubles(void **state)
{
    (void)state;
    struct rng rng;
    rng_seed(&rng, 1, "test");
    for (int i = 0; i < 20000; i++) {
        double mantissa = draw(&rng, 1, 2);
        double scale = ldexp(mantissa, (int)draw(&rng, -1022, 1023)), near_one = draw(&rng, 0.5, 2);
        double small = draw(&rng, -0.999, 3), exponent = draw(&rng, -700, 700), x = draw(&rng, 0, 8);
        double power = draw(&rng, 0, 4);
        expect(exact_log(scale), logl(scale), 6e-16);
        expect(exact_log(near_one), logl(near_one), 6e-16);
        expect(exact_log1p(small), log1pl(small), 6e-16);
        expect(exact_log2(scale), log2l(scale), 6e-16);
        expect(exact_exp(exponent), expl(exponent), 2e-16);
        expect(exact_exp2(exponent), exp2l(exponent), 2e-16);
        expect(exact_pow(x, power), powl(x, power), 6e-15);
        expect(exact_erfc(x), erfcl(x), 4e-15 + 1e-16 * x * x);
    }
}

static void test_powers_of_two_are_exact(void **state)
{
    (void)state;
    for (int i = -1074; i <= 1023; i++) {
        assert_true(exact_exp2(i) == ldexp(1, i));
        assert_true(exact_log2(ldexp(1, i)) == i);
    }
}

static void test_powers_of_ten_are_the_nearest_doubles(void **state)
{
    (void)state;
    for (int i = -22; i <= 22; i++) {
        char text[16];
        snprintf(text, sizeof text, "1e%d", i);
        assert_true(exact_pow(10, i) == strtod(text, NULL));
    }
}

static void test_ends_of_the_range(void **state)
{
    (void)state;
    assert_true(exact_log(1) == 0 && exact_log1p(0) == 0 && exact_exp(0) == 1 && exact_erfc(0) == 1);
    assert_true(exact_pow(0, 0) == 1 && exact_pow(0, 2) == 0 && exact_pow(7, 0) == 1 && exact_pow(1, 9) == 1);
    assert_true(isinf(exact_exp(710)) && isinf(exact_exp2(1024)) && isfinite(exact_exp(709.7)));
    assert_true(exact_exp(-745) == 0x1p-1074 && exact_exp(-747) == 0 && exact_exp2(-1076) == 0);
    expect(exact_log(0x1p-1074), -744.4400719213812L, 1e-15);
    expect(exact_erfc(26), 5.663192408856143e-296L, 1e-13);
}

static uint64_t mix(uint64_t hash, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return rng_mix(hash ^ bits);
}

// Whatever compiler, options or processor: a build that differs here gives other results for the same input.
static void test_every_build_gives_the_same_bits(void **state)
{
    (void)state;
    struct rng rng;
    uint64_t hash = 0;
    rng_seed(&rng, 2, "test");
    for (int i = 0; i < 10000; i++) {
        double x = draw(&rng, 0, 9), y = draw(&rng, -0.9, 4);
        const double values[] = {exact_log(x),  exact_log1p(y),        exact_log2(x), exact_exp(40 * y),
                                 exact_exp2(x), exact_pow(x, fabs(y)), exact_erfc(x)};
        for (size_t v = 0; v < ARRAY_SIZE(values); v++)
            hash = mix(hash, values[v]);
    }
    assert_int_equal(hash, UINT64_C(0x50c5b4640f3de380));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_printed_values),
        cmocka_unit_test(test_whole_range_against_long_doubles),
        cmocka_unit_test(test_powers_of_two_are_exact),
        cmocka_unit_test(test_powers_of_ten_are_the_nearest_doubles),
        cmocka_unit_test(test_ends_of_the_range),
        cmocka_unit_test(test_every_build_gives_the_same_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
