// Write amplification of the whole drive, from the host's commands to the flash, against theory.
//
// Uniform random 4 KiB writes, greedy collection, superblocks of 256 units across four dies. The theory's conditions
// hold: no time is taken anywhere, overwrites in the buffer do not replace each other, and the theory's T leaves out
// the superblocks that the core keeps free (tests/ftl/amplification_theory.h).
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <math.h>

#include "../ftl/amplification_theory.h"
#include "../sanitized.h"
#include "rig.h"

enum { DIES = 4, BLOCKS = 2048, UNITS = 256, TOTAL = BLOCKS * UNITS, DEPTH = 8 };

// Over `writes` after a warm-up, both in multiples of the flash's units.
static double simulate(double spare_factor, const char *precondition, double warm_up, double writes)
{
    struct rig rig;
    char changes[1024], job[128];
    snprintf(changes, sizeof changes,
             "nand.channels=2 nand.dies_per_channel=%d nand.blocks_per_plane=%d nand.pages_per_block=%d "
             "nand.transfer_rate=0 nand.t_r=0 nand.t_prog=0 nand.t_bers=0 "
             "ftl.capacity=%lluB ftl.write_buffer=64KiB ftl.merge=false ftl.gc_start=3 ftl.gc_stop=3 "
             "ftl.gc_reserve=1 ftl.precondition=%s",
             DIES / 2, BLOCKS, UNITS / DIES, (unsigned long long)((1 - spare_factor) * TOTAL) * 4096, precondition);
    snprintf(job, sizeof job, "rw=randwrite bs=4k iodepth=%d ramp_ios=%.0f number_ios=%.0f", DEPTH,
             warm_up * TOTAL, writes * TOTAL);
    rig_load(&rig, "ideal.yaml", changes);
    rig_open_job(&rig, job);
    rig_run(&rig);
    const struct ftl_stats *stats = ftl_get_stats(ssd_core(machine_ssd(rig.machine)));
    double amplification = stats->write_amplification;
    assert_in_range(stats->host_units_written, writes * TOTAL, writes * TOTAL + DEPTH); // the ramp's last ones on top
    rig_destroy(&rig);
    return amplification;
}

static void expect_theory(double spare_factor, const char *precondition, double warm_up, double writes,
                          double tolerance)
{
    double measured = simulate(spare_factor, precondition, warm_up, writes);
    double theory = greedy_theory(effective_rho(spare_factor, BLOCKS), UNITS);
    print_message("    measured %.3f, theory %.3f: %+.2f %%\n", measured, theory, 100 * (measured / theory - 1));
    assert_true(fabs(measured / theory - 1) < tolerance);
}

static void test_a_spare_factor_of_10_percent(void **state)
{
    (void)state;
    expect_theory(0.10, "sequential", 4, 3, 0.02);
}

static void test_a_spare_factor_of_20_percent(void **state)
{
    (void)state;
    expect_theory(0.20, "sequential", 4, 3, 0.02);
}

static void test_a_spare_factor_of_40_percent(void **state)
{
    (void)state;
    expect_theory(0.40, "sequential", 4, 3, 0.02);
}

// Without any warm-up, over a part of the drive's flash only: the prepared state must be steady from the first write.
static void test_random_precondition_is_the_steady_state(void **state)
{
    (void)state;
    expect_theory(0.10, "random", 0, 0.25, 0.03);
    expect_theory(0.20, "random", 0, 0.25, 0.03);
    expect_theory(0.40, "random", 0, 0.25, 0.03);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#ifndef SANITIZED
        cmocka_unit_test(test_a_spare_factor_of_10_percent),
        cmocka_unit_test(test_a_spare_factor_of_20_percent),
        cmocka_unit_test(test_a_spare_factor_of_40_percent),
#endif
        cmocka_unit_test(test_random_precondition_is_the_steady_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
