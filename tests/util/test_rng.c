// The generator against the numbers of its authors' program, and the independence of streams.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "util/macros.h"
#include "util/rng.h"

// xoshiro256starstar.c (Blackman and Vigna) from the state 1, 2, 3, 4.
static void test_numbers_are_those_of_the_reference(void **state)
{
    (void)state;
    static const uint64_t expected[] = {
        UINT64_C(11520),
        UINT64_C(0),
        UINT64_C(1509978240),
        UINT64_C(1215971899390074240),
        UINT64_C(1216172134540287360),
        UINT64_C(607988272756665600),
        UINT64_C(16172922978634559625),
        UINT64_C(8476171486693032832),
        UINT64_C(10595114339597558777),
        UINT64_C(2904607092377533576),
    };
    struct rng rng = {.s = {1, 2, 3, 4}};
    for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
        assert_int_equal(rng_u64(&rng), expected[i]);
}

// splitmix64.c (Vigna) from 0: the finaliser of the first two multiples of the golden ratio.
static void test_the_hash_is_that_of_splitmix64(void **state)
{
    (void)state;
    const uint64_t golden = UINT64_C(0x9e3779b97f4a7c15);
    assert_int_equal(rng_mix(golden), UINT64_C(0xe220a8397b1dcdaf));
    assert_int_equal(rng_mix(2 * golden), UINT64_C(0x6e789e6aa1b965f4));
}

static void test_streams_differ_by_seed_and_by_every_letter_of_the_name(void **state)
{
    (void)state;
    static const struct {
        uint64_t seed;
        const char *path;
    } streams[] = {{0, "host.job0"}, {1, "host.job0"}, {1, "host.job1"}, {1, "gost.job0"}, {1, "host.job"}, {1, ""}};
    uint64_t first[ARRAY_SIZE(streams)];
    for (size_t i = 0; i < ARRAY_SIZE(streams); i++) {
        struct rng rng;
        rng_seed(&rng, streams[i].seed, streams[i].path);
        first[i] = rng_u64(&rng);
        for (size_t other = 0; other < i; other++)
            assert_int_not_equal(first[i], first[other]);
    }
}

static void test_numbers_below_a_bound_are_spread_evenly(void **state)
{
    (void)state;
    enum { BOUND = 7, DRAWS = 70000 };
    unsigned counts[BOUND] = {0};
    struct rng rng;
    rng_seed(&rng, 3, "test");
    for (int i = 0; i < DRAWS; i++)
        counts[rng_below(&rng, BOUND)]++;
    for (int i = 0; i < BOUND; i++)
        assert_in_range(counts[i], DRAWS / BOUND - 500, DRAWS / BOUND + 500); // five deviations of 93
    assert_int_equal(rng_below(&rng, 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_are_those_of_the_reference),
        cmocka_unit_test(test_the_hash_is_that_of_splitmix64),
        cmocka_unit_test(test_streams_differ_by_seed_and_by_every_letter_of_the_name),
        cmocka_unit_test(test_numbers_below_a_bound_are_spread_evenly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
