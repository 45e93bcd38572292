// Write saturation of a whole drive: level while it is new, then towards the write amplification of theory
// (tests/ftl/amplification_theory.h). Programs take time, so that rounds come to their end; nothing else does.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "../ftl/amplification_theory.h"
#include "../machine/rig.h"
#include "pts/course.h"

enum { BLOCKS = 128, UNITS = 256, TOTAL = BLOCKS * UNITS };

static struct pts_flow flow_of(void *self)
{
    const struct ftl_stats *stats = ftl_get_stats(ssd_core(machine_ssd(((struct rig *)self)->machine)));
    return (struct pts_flow){stats->host_units_programmed + stats->buffer_merges,
                             stats->host_units_programmed + stats->gc_copies + stats->padding_units};
}

// `course` is to be freed.
static void saturate(struct pts_course *course, double spare_factor, uint32_t fills)
{
    struct rig rig;
    struct pts_test test = pts_test_wsat;
    char changes[512];
    test.most_fills = fills;
    snprintf(changes, sizeof changes,
             "nand.channels=2 nand.dies_per_channel=2 nand.blocks_per_plane=%d nand.pages_per_block=%d "
             "nand.transfer_rate=0 nand.t_r=0 nand.t_prog=100us nand.t_bers=0 ftl.capacity=%lluB "
             "ftl.write_buffer=64KiB ftl.merge=false ftl.gc_start=3 ftl.gc_stop=3 ftl.gc_reserve=1 "
             "ftl.precondition=empty",
             BLOCKS, UNITS / 4, (unsigned long long)((1 - spare_factor) * TOTAL) * 4096);
    pts_course_init(course, &test, &(struct pts_options){.iodepth = 8, .minute = 50 * TICKS_PER_MS},
                    &(struct pts_drive){.self = &rig, .flow = flow_of});
    struct phase_source source = pts_course_source(course);
    rig_load(&rig, "ideal.yaml", changes);
    rig_open(&rig, phases_create(&source));
    rig.workload_is_own = true;
    rig_run(&rig);
    rig_destroy(&rig);
    course->test = &pts_test_wsat;
}

// In capacities; of superblocks three stay free and one is open.
static void expect_level_until_full(const struct pts_course *course, double spare_factor)
{
    size_t level = 0;
    while (course->rounds[level].write_amplification == 1)
        level++;
    double full = 1 / (1 - spare_factor) * (1 - 4.0 / BLOCKS);
    double share = course->rounds[level].fills - course->rounds[level - 1].fills;
    print_message("    level for %.3f capacities, flash of %.3f\n", course->rounds[level - 1].fills, full);
    assert_true(fabs(course->rounds[level].fills - full) <= share + 0.01);
}

// The mean over the last capacity that was written; what the theory leaves out is told at test_write_amplification.c of
// the machine.
static void expect_theory(const struct pts_course *course, double spare_factor, uint32_t fills)
{
    double sum = 0, theory = greedy_theory(effective_rho(spare_factor, BLOCKS), UNITS);
    size_t count = 0;
    for (size_t r = course->round_count; r-- > 0 && course->rounds[r].fills > fills - 1.0; count++)
        sum += course->rounds[r].write_amplification;
    double measured = sum / (double)count;
    print_message("    %zu rounds, measured %.3f, theory %.3f: %+.2f %%\n", course->round_count, measured, theory,
                  100 * (measured / theory - 1));
    assert_true(count >= 5 && fabs(measured / theory - 1) < 0.02);
}

static void test_a_new_drive_is_level_until_full_then_comes_to_the_amplification_of_theory(void **state)
{
    (void)state;
    struct pts_course course;
    saturate(&course, 0.20, 7);
    expect_level_until_full(&course, 0.20);
    expect_theory(&course, 0.20, 7);
    pts_course_free(&course);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_new_drive_is_level_until_full_then_comes_to_the_amplification_of_theory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
