// What reading ahead and superpages are for, on whole drives: small reads in sequence cost what the controller and the
// link cost, large ones are never slower than those at random, and a slower array is not faster.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "rig.h"
#include "util/macros.h"

struct drive {
    const char *name, *changes;
};

// As shipped, but small, and filled in order.
static const struct drive drives[] = {
    {"generic-tlc-gen4.yaml", "nand.blocks_per_plane=60 nand.pages_per_block=48 ftl.over_provisioning=50%"},
    {"wd-black-sn750-1tb.yaml", "nand.blocks_per_plane=60 nand.pages_per_block=48 ftl.capacity=0 "
                                "ftl.placement=separate ftl.over_provisioning=50%"},
    {"sandforce-sf3700.yaml", "nand.blocks_per_plane=60 nand.pages_per_block=48 ftl.capacity=0 "
                              "ftl.over_provisioning=50%"},
};

struct outcome {
    uint64_t median; // ns
    double rate;     // requests a second
};

static struct outcome run(const struct drive *drive, const char *keys, const char *job)
{
    char changes[512];
    struct rig rig;
    snprintf(changes, sizeof changes, "reliability.model=off %s %s", drive->changes, keys);
    rig_load(&rig, drive->name, changes);
    rig_open_job(&rig, job);
    rig_run(&rig);
    const struct kind_stats *reads = &machine_commands(rig.machine)->kinds[IO_READ];
    struct outcome outcome = {
        .median = histogram_quantile(&reads->latency, 0.5),
        .rate = (double)reads->count * TICKS_PER_S / (double)machine_duration(rig.machine),
    };
    rig_destroy(&rig);
    return outcome;
}

// A unit that was read ahead comes from the controller's memory as zeroes of a unit never written do.
static void test_a_small_read_in_sequence_takes_as_long_as_one_that_needs_no_flash(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(drives); i++) {
        struct outcome ahead = run(&drives[i], "ftl.precondition=sequential", "rw=read bs=4k number_ios=1000");
        struct outcome empty = run(&drives[i], "ftl.precondition=empty", "rw=randread bs=4k number_ios=1000");
        assert_int_equal(ahead.median, empty.median);
    }
}

static void test_reads_in_sequence_are_never_slower_than_at_random(void **state)
{
    (void)state;
    char job[128];
    for (size_t i = 0; i < ARRAY_SIZE(drives); i++)
        for (unsigned depth = 1; depth <= 64; depth *= 2) {
            snprintf(job, sizeof job, "rw=read bs=128k iodepth=%u number_ios=600", depth);
            double ordered = run(&drives[i], "ftl.precondition=sequential", job).rate;
            snprintf(job, sizeof job, "rw=randread bs=128k iodepth=%u number_ios=600", depth);
            double random = run(&drives[i], "ftl.precondition=sequential", job).rate;
            if (ordered < 0.998 * random) // where the link is full, both come to its rate, a little later in order
                fail_msg("%s, depth %u: %.0f/s in order, %.0f/s at random", drives[i].name, depth, ordered, random);
        }
}

// Requests that go round the dies in step may meet them a little better where an array is slower: up to 2 % pass.
// `spread` percent of each kind of page's own times, which lie `apart` percent from each other.
static void check_slower_arrays(unsigned apart, unsigned spread)
{
    char keys[160], job[128];
    for (unsigned depth = 1; depth <= 16; depth *= 2) {
        double least = 1e9;
        snprintf(job, sizeof job, "rw=read bs=128k iodepth=%u number_ios=1000", depth);
        for (unsigned t_r = 30; t_r <= 100; t_r++) {
            snprintf(keys, sizeof keys, "ftl.precondition=sequential nand.t_r=[%uns,%uns,%uns] nand.t_r_spread=%u%%",
                     (1000 - 10 * apart) * t_r, 1000 * t_r, (1000 + 10 * apart) * t_r, spread);
            double rate = run(&drives[0], keys, job).rate;
            if (rate > 1.02 * least)
                fail_msg("depth %u, tR %u us: %.0f/s after %.0f/s", depth, t_r, rate, least);
            least = rate < least ? rate : least;
        }
    }
}

static void test_a_slower_array_is_not_faster(void **state)
{
    (void)state;
    check_slower_arrays(20, 0);
}

static void test_a_slower_array_whose_times_vary_is_not_faster(void **state)
{
    (void)state;
    check_slower_arrays(0, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_small_read_in_sequence_takes_as_long_as_one_that_needs_no_flash),
        cmocka_unit_test(test_reads_in_sequence_are_never_slower_than_at_random),
        cmocka_unit_test(test_a_slower_array_is_not_faster),
        cmocka_unit_test(test_a_slower_array_whose_times_vary_is_not_faster),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
