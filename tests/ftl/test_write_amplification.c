// Write amplification of uniform random writes against theory. Greedy, random and d_choices: see
// amplification_theory.h. The FIFO policy: 1/A = x solves x = 1 - exp(-alpha x), alpha = T / U.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <math.h>

#include "amplification_theory.h"
#include "fake_nand.h"
#include "ftl/ftl_internal.h"
#include "writer.h"

enum { BLOCKS = 2048, N = 256 };

// The amplification seen over 6 T host writes after 4 T. In theory a victim is moved at once: reads that are outstanding side
// by side let the host overwrite units of victims meanwhile, 3 % of the copies with 16 units a superblock.
static double simulate(uint32_t policy, double spare_factor, uint32_t choices, uint32_t n)
{
    struct sim *sim = sim_create(7);
    struct nand_geometry g = fake_geometry(1, 1, BLOCKS, n / 4, 1, 4);
    struct ftl_config config = {.mapping_unit = 4096, .write_buffer = 16 * 4096, .gc_policy = policy,
                                .placement = FTL_PLACE_SEPARATE, .gc_start = 3, .gc_stop = 3, .gc_reserve = 1, .gc_parallel = 1,
                                .processors = 1,
                                .gc_choices = choices, .verify = FTL_VERIFY_OFF};
    config.capacity = (uint64_t)((double)g.units * (1 - spare_factor)) * 4096;
    struct fake_nand *nand = fake_nand_create(sim, &g, 0, 0, 0);
    struct ftl *ftl = ftl_create(sim, &config, &g, NULL);
    ftl_bind(ftl, fake_nand_port(nand));
    struct rng rng;
    struct writer writer = {.sim = sim, .port = ftl_get_port(ftl), .rng = &rng, .range = config.capacity / 4096};
    rng_seed(&rng, 7, "test");
    writer_run(&writer, 4 * g.units);
    ftl_stats_restart(ftl, sim_now(sim));
    writer_run(&writer, 6 * g.units);
    double amplification = ftl_get_stats(ftl)->write_amplification;
    if (policy == FTL_GC_GREEDY) // whose victims are alike: pacing never lets the host wait
        assert_int_equal(ftl_get_stats(ftl)->gc_urgent_stalls, 0);
    ftl_check(ftl);
    ftl_destroy(ftl);
    fake_nand_destroy(nand);
    sim_destroy(sim);
    return amplification;
}

// --- theory ---

static double fifo_theory(double rho)
{
    double x = 1;
    for (int i = 0; i < 100000; i++)
        x = 1 - exp(-x / rho);
    return 1 / x;
}

static void expect_near(double measured, double expected, double tolerance)
{
    print_message("    measured %.3f, theory %.3f: %+.2f %%\n", measured, expected, 100 * (measured / expected - 1));
    assert_true(fabs(measured / expected - 1) < tolerance);
}

static void test_the_equations_give_the_published_values(void **state)
{
    (void)state;
    expect_near(greedy_theory(0.9, N), 5.083, 0.001);
    expect_near(greedy_theory(0.8, N), 2.668, 0.001);
    expect_near(greedy_theory(0.6, N), 1.474, 0.001);
    expect_near(fifo_theory(0.8), 2.693, 0.001);
    expect_near(choices_theory(0.9, 64, 2, true), 6.852, 0.001);
    expect_near(choices_theory(0.8, N, 5, true), 2.884, 0.001);
    expect_near(choices_theory(0.6, 64, 10, true), 1.487, 0.001);
    expect_near(choices_theory(0.8, 16, 1, false), random_theory(0.8, 16), 1e-6);
}

static void test_greedy_at_a_spare_factor_of_10_percent(void **state)
{
    (void)state;
    expect_near(simulate(FTL_GC_GREEDY, 0.10, 1, N), greedy_theory(effective_rho(0.10, BLOCKS), N), 0.02);
}

static void test_greedy_at_a_spare_factor_of_20_percent(void **state)
{
    (void)state;
    expect_near(simulate(FTL_GC_GREEDY, 0.20, 1, N), greedy_theory(effective_rho(0.20, BLOCKS), N), 0.02);
}

static void test_greedy_at_a_spare_factor_of_40_percent(void **state)
{
    (void)state;
    expect_near(simulate(FTL_GC_GREEDY, 0.40, 1, N), greedy_theory(effective_rho(0.40, BLOCKS), N), 0.02);
}

static void test_fifo_at_a_spare_factor_of_20_percent(void **state)
{
    (void)state;
    expect_near(simulate(FTL_GC_FIFO, 0.20, 1, N), fifo_theory(effective_rho(0.20, BLOCKS)), 0.02);
}

// With few units a superblock it matters that full ones are not chosen: 0.6, 9 and 6 % here.
static void test_random_choice(void **state)
{
    (void)state;
    expect_near(simulate(FTL_GC_RANDOM, 0.40, 1, N), random_theory(effective_rho(0.40, BLOCKS), N), 0.01);
    expect_near(simulate(FTL_GC_RANDOM, 0.40, 1, 16), random_theory(effective_rho(0.40, BLOCKS), 16), 0.02);
    expect_near(simulate(FTL_GC_RANDOM, 0.20, 1, 64), random_theory(effective_rho(0.20, BLOCKS), 64), 0.02);
}

static void test_the_best_of_several_drawn(void **state)
{
    (void)state;
    expect_near(simulate(FTL_GC_D_CHOICES, 0.20, 2, 64),
                choices_theory(effective_rho(0.20, BLOCKS), 64, 2, false), 0.01);
    expect_near(simulate(FTL_GC_D_CHOICES, 0.20, 2, 16),
                choices_theory(effective_rho(0.20, BLOCKS), 16, 2, false), 0.02);
    expect_near(simulate(FTL_GC_D_CHOICES, 0.20, 10, 64),
                choices_theory(effective_rho(0.20, BLOCKS), 64, 10, false), 0.02);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_equations_give_the_published_values),
        cmocka_unit_test(test_greedy_at_a_spare_factor_of_40_percent),
        cmocka_unit_test(test_greedy_at_a_spare_factor_of_20_percent),
        cmocka_unit_test(test_greedy_at_a_spare_factor_of_10_percent),
        cmocka_unit_test(test_fifo_at_a_spare_factor_of_20_percent),
        cmocka_unit_test(test_random_choice),
        cmocka_unit_test(test_the_best_of_several_drawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
