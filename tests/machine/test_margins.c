// Margins against closed forms: where retry begins by the binomial distribution summed here, and the wear that leads
// there by solving the published formula for it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "machine/margins.h"
#include "nand/ecc/ecc.h"

#include "rig.h"

// P(more than t of n bits are wrong), term by term.
static double tail(uint32_t n, uint32_t t, double p)
{
    double sum = 0;
    for (uint32_t k = t + 1; k <= n && k < t + 2000; k++)
        sum += exp(lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0) + k * log(p) + (n - k) * log1p(-p));
    return sum;
}

static void test_retry_begins_where_one_read_in_a_thousand_needs_it(void **state)
{
    (void)state;
    struct rig drive;
    rig_load(&drive, "tiny.yaml", "ftl.precondition=empty");
    struct retry_margin margin = retry_margin_of(&drive.values);
    struct ecc ecc;
    ecc_init(&ecc, &drive.values.drive.nand.ecc, 4096, 1e-3);
    double share = ecc.codewords_per_unit * tail(ecc.code.bits, ecc.code.capability[0], margin.rber_retry);
    assert_true(margin.applies && fabs(share / 1e-3 - 1) < 1e-6);
    // RBER = e + a PE^k of fresh data: coefficients of the 72-layer set.
    double pe = pow((margin.rber_retry - 1.48e-3) / 3.90e-10, 1 / 2.05);
    assert_true(margin.pe_cycles >= pe && margin.pe_cycles < pe + 1);
    ecc_destroy(&ecc);
    rig_destroy(&drive);
}

// Data in their first cycle: RBER = e + a + b t^n, t in days.
static void test_age_leads_to_retry_as_wear_does(void **state)
{
    (void)state;
    struct rig drive;
    rig_load(&drive, "tiny.yaml", "reliability.initial_pe_cycles=1000");
    struct retry_margin margin = retry_margin_of(&drive.values);
    double left = margin.rber_retry - 1.48e-3 - 3.90e-10 * pow(1000, 2.05);
    double days = pow(left / (6.28e-5 * pow(1000, 0.14)), 1 / 0.54);
    assert_true(days < 200 && fabs(margin.age_s / 86400 - days) < 1e-3);
    rig_destroy(&drive);
}

static void test_without_errors_there_is_no_retry(void **state)
{
    (void)state;
    struct rig drive;
    rig_load(&drive, "tiny.yaml", "reliability.model=off");
    assert_false(retry_margin_of(&drive.values).applies);
    rig_destroy(&drive);
}

// A drive that is full from the start has as many free superblocks as it has spare ones; an empty one has all.
static void test_headroom_is_what_is_free_above_the_start_of_collection(void **state)
{
    (void)state;
    static const char *const fills[] = {"ftl.precondition=empty", "ftl.precondition=sequential"};
    for (size_t i = 0; i < 2; i++) {
        struct rig drive;
        rig_load(&drive, "tiny.yaml", fills[i]);
        struct collection_margin margin = collection_margin_of(&drive.values);
        uint64_t per_superblock = 25165824; // 4 dies x 2 planes x 192 pages of 16 KiB
        assert_true(margin.free == 192 - (i == 0 ? 0 : (4294967296 + per_superblock - 1) / per_superblock));
        assert_true(margin.headroom_bytes <= margin.free * per_superblock);
        assert_true(margin.headroom_bytes >= (margin.free - 8) * per_superblock);
        rig_destroy(&drive);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_retry_begins_where_one_read_in_a_thousand_needs_it),
        cmocka_unit_test(test_age_leads_to_retry_as_wear_does),
        cmocka_unit_test(test_without_errors_there_is_no_retry),
        cmocka_unit_test(test_headroom_is_what_is_free_above_the_start_of_collection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
