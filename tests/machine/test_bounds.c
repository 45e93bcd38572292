// Runs with many requests in flight come to the least bound, within 3 %, and none goes above.
//
// A run counts from its first request to its last completion, so what it measures is never more than what the drive
// does in between; of writes, what may still be in the buffer is taken off.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "machine/bounds.h"
#include "draw.h"
#include "rig.h"
#include "util/rng.h"

enum { VARIATIONS = 24 };

struct trial {
    enum bound_load load;
    const char *changes, *job;
};

// Reads of what is in the flash, not in a buffer.
static const struct trial trials[] = {
    {BOUND_RANDOM_READ, "ftl.precondition=random ftl.write_buffer=0",
     "rw=randread bs=4k iodepth=256 numjobs=4 number_ios=%u"},
    {BOUND_SEQUENTIAL_READ, "ftl.precondition=sequential",
     "rw=read bs=128k iodepth=32 numjobs=4 number_ios=%u offset_increment=16m"},
    {BOUND_WRITE, "ftl.precondition=empty",
     "rw=write bs=128k iodepth=32 numjobs=4 number_ios=%u offset_increment=16m"},
    {BOUND_RANDOM_WRITE, "ftl.precondition=empty", "rw=randwrite bs=4k iodepth=256 numjobs=4 number_ios=%u"},
};

// Requests a second, and those that are in the flash for certain.
static double measure(struct rig *rig, const char *job, unsigned each, const struct bounds *bounds, double *in_flash)
{
    char text[256];
    snprintf(text, sizeof text, job, each);
    rig_open_job(rig, text);
    rig_run(rig);
    double seconds = (double)machine_duration(rig->machine) / TICKS_PER_S;
    uint64_t count = 0;
    for (int kind = 0; kind < IO_KIND_COUNT; kind++)
        count += machine_commands(rig->machine)->kinds[kind].count;
    double buffered = bounds->writes ? (double)rig->values.drive.ftl.write_buffer / (double)bounds->bytes : 0;
    *in_flash = ((double)count - buffered) / seconds;
    return (double)count / seconds;
}

struct outcome {
    double share, share_in_flash; // of the least bound
    const char *by;
    double most;            // share that a sound bound allows
};

// Where cells err by chance the bound is one of means: retries and iterations of a short run are some more or fewer.
enum { CHANCE_PERMILLE = 2 };

static double bound_by(const struct bounds *bounds, const char *by)
{
    for (size_t i = 0; i < bounds->count; i++)
        if (strcmp(bounds->bounds[i].by, by) == 0)
            return bounds->bounds[i].per_second;
    fail_msg("no bound by the %s", by);
    return 0;
}

static struct outcome try(const char *drive, const char *changes, const struct trial *trial, unsigned each)
{
    char all[1024];
    struct rig rig;
    struct bounds bounds;
    snprintf(all, sizeof all, "%s %s", changes, trial->changes);
    rig_load(&rig, drive, all);
    bounds_of(&rig.values, trial->load, &bounds);
    double in_flash, rate = measure(&rig, trial->job, each, &bounds, &in_flash);
    rig_destroy(&rig);
    return (struct outcome){
        .share = rate / bounds.least->per_second,
        .share_in_flash = in_flash / bounds.least->per_second,
        .by = bounds.least->by,
        .most = rig.values.drive.nand.reliability.model == RBER_OFF ? 1 : 1 + CHANCE_PERMILLE / 1000.0,
    };
}

// --- shipped drives ------------------------------------------------------------------------------------------------

// With fewer blocks, and a buffer of two program units a die.
static const struct {
    const char *name, *changes;
    struct {
        unsigned each;
        const char *least;
    } loads[ARRAY_SIZE(trials)];
} drives[] = {
    {"generic-tlc-gen4.yaml", "nand.blocks_per_plane=80 nand.pages_per_block=48 ftl.write_buffer=24MiB",
     {{40000, "dies that wait for channels"},
      {1500, "link to the host"},
      {1500, "link to the device"},
      {20000, "link to the device"}}},
    {"wd-black-sn750-1tb.yaml",
     "ftl.placement=separate nand.blocks_per_plane=200 nand.pages_per_block=48 ftl.capacity=0 ftl.write_buffer=6MiB",
     {{40000, "dies that wait for channels"}, {1500, "link to the host"}, {2000, "dies"}, {60000, "dies"}}},
    {"sandforce-sf3700.yaml", "nand.blocks_per_plane=128 nand.pages_per_block=32 ftl.capacity=0 ftl.write_buffer=5MiB",
     {{20000, "firmware"}, {1500, "link to the host"}, {1500, "link to the device"}, {20000, "firmware"}}},
    {"tiny.yaml", "ftl.capacity=2GiB ftl.write_buffer=1MiB",
     {{10000, "dies that wait for channels"}, {800, "dies"}, {1000, "dies"}, {20000, "dies"}}},
    {"ideal.yaml", "ftl.write_buffer=1MiB",
     {{100000, "dies that wait for channels"}, {1500, "dies"}, {1500, "dies"}, {40000, "dies"}}},
};

static void test_shipped_drives_come_to_their_least_bound(void **state)
{
    (void)state;
    for (size_t d = 0; d < ARRAY_SIZE(drives); d++)
        for (size_t i = 0; i < ARRAY_SIZE(trials); i++) {
            struct outcome o = try(drives[d].name, drives[d].changes, &trials[i], drives[d].loads[i].each);
            if (o.share < 0.97 || o.share_in_flash > o.most || strcmp(o.by, drives[d].loads[i].least) != 0)
                fail_msg("%s, load %zu: %.4f of what the %s allow", drives[d].name, i, o.share, o.by);
        }
}

// --- variations ----------------------------------------------------------------------------------------------------

// One number a call: in which order the arguments of a call are evaluated is the compiler's to choose.
static void draw_drive(struct rng *rng, struct changes *to)
{
    add(to, "nand.blocks_per_plane=600 nand.pages_per_block=48 nand.t_r=50us ");
    add(to, "ftl.capacity=256MiB ftl.verify=off ftl.merge=false ftl.write_buffer=16MiB ");
    add(to, "nand.channels=%u ", 1u << draw(rng, 3));
    add(to, "nand.dies_per_channel=%u ", 1 + draw(rng, 4));
    add(to, "nand.planes_per_die=%u ", 1 + draw(rng, 4));
    add(to, "nand.transfer_rate=%uMT/s ", 200 << draw(rng, 4));
    add(to, "pcie.generation=%u ", 1 + draw(rng, 5));
    add(to, "pcie.lanes=%u ", 1u << draw(rng, 3));
    add(to, "nvme.t_decode=%uns ", 100u << draw(rng, 8));
    add(to, "nvme.processors=%u ", 1 + draw(rng, 2));
    add(to, "ftl.t_read=%uns ", 500u << draw(rng, 6));
    add(to, "ftl.t_write=%uns ", 500u << draw(rng, 6));
    add(to, "ftl.t_write_unit=%uns ", 100 * draw(rng, 3));
    add(to, "ftl.processors=%u ", 1 + draw(rng, 3));
    add(to, "ecc.engine=%s ", CHOOSE(rng, "none", "bch", "ldpc"));
    add(to, "ecc.clock=%s ", CHOOSE(rng, "500MHz", "20MHz"));
    add(to, "reliability.model=%s ", CHOOSE(rng, "off", "constant"));
    add(to, "reliability.rber=%s ", CHOOSE(rng, "1e-3", "8e-3"));
    add(to, "host.t_complete=%uns ", 200u << draw(rng, 5));
    add(to, "host.t_submit=%uns ", 200u << draw(rng, 5));
    add(to, "ecc.codeword_data=%s ", CHOOSE(rng, "1KiB", "4KiB"));
}

static void test_variations_come_to_their_least_bound(void **state)
{
    (void)state;
    struct rng rng;
    rng_seed(&rng, 1, "bounds");
    for (int i = 0; i < VARIATIONS; i++) {
        struct changes changes = {.length = 0};
        draw_drive(&rng, &changes);
        if (i % 12 == 0)
            add(&changes, "nvme.max_commands=1 ");
        const struct trial *trial = &trials[i % (int)ARRAY_SIZE(trials)];
        unsigned each = trial->load == BOUND_RANDOM_READ ? 6000 : trial->load == BOUND_RANDOM_WRITE ? 30000 : 1200;
        struct outcome o = try("tiny.yaml", changes.text, trial, each);
        if (o.share_in_flash > o.most || o.share < (trial->load == BOUND_SEQUENTIAL_READ ? 0.95 : 0.97))
            fail_msg("load %d: %.4f (%.4f) of what the %s allow; %s", trial->load, o.share, o.share_in_flash, o.by,
                     changes.text);
    }
}

// --- collection ----------------------------------------------------------------------------------------------------

static const struct trial collected = {BOUND_COLLECTED_WRITE, "ftl.precondition=random",
                                       "rw=randwrite bs=4k iodepth=256 numjobs=4 number_ios=%u"};

// The closer dies and channels are to each other as limits, the more a run stays below (bounds.c): `share` is what it
// reaches at least. At most 1 % more: so far off may the write amplification be that the bound goes by (bounds.c).
static const struct {
    const char *name, *changes, *least;
    double share;
} collecting[] = {
    {"sandforce-sf3700.yaml",
     "nand.blocks_per_plane=256 nand.pages_per_block=32 ftl.capacity=0 ftl.over_provisioning=28% "
     "ftl.write_buffer=5MiB", "firmware", 0.97},
    {"ideal.yaml", "ftl.write_buffer=1MiB", "dies that wait for channels", 0.99},
    {"tiny.yaml", "ftl.write_buffer=1MiB", "dies", 0.97},
    {"wd-black-sn750-1tb.yaml",
     "ftl.placement=separate nand.blocks_per_plane=200 nand.pages_per_block=48 ftl.capacity=0 ftl.over_provisioning=13% "
     "ftl.write_buffer=6MiB", "dies that wait for channels", 0.97},
    {"generic-tlc-gen4.yaml",
     "nand.blocks_per_plane=200 nand.pages_per_block=48 ftl.over_provisioning=13% ftl.write_buffer=24MiB",
     "dies that wait for channels", 0.87},
};

static void test_writes_with_collection_come_near_their_bound(void **state)
{
    (void)state;
    for (size_t d = 0; d < ARRAY_SIZE(collecting); d++) {
        struct outcome o = try(collecting[d].name, collecting[d].changes, &collected, 15000);
        bool reached = o.share >= collecting[d].share && o.share_in_flash <= 1.01;
        if (!reached || strcmp(o.by, collecting[d].least) != 0)
            fail_msg("%s: %.4f (%.4f) of what the %s allow", collecting[d].name, o.share, o.share_in_flash, o.by);
    }
}

// 128 KiB are pages of 48 KiB only in parts, and two dies whose reads are of different length do not fall into step:
// both are held all the time, and the channel idles. With parts of equal length they do.
static void test_sequential_reads_of_unequal_length_wait_for_each_other(void **state)
{
    (void)state;
#define TWO_DIES "nand.channels=1 nand.dies_per_channel=2 nand.transfer_rate=800MT/s ftl.capacity=256MiB "
    struct outcome unequal = try("tiny.yaml", TWO_DIES "nand.planes_per_die=3", &trials[1], 600);
    struct outcome equal = try("tiny.yaml", TWO_DIES "nand.planes_per_die=4", &trials[1], 600);
    if (fabs(unequal.share - 0.90) > 0.02 || equal.share < 0.97)
        fail_msg("%.4f and %.4f of what the %s and %s allow", unequal.share, equal.share, unequal.by, equal.by);
}

// One job at a depth of 64 on 16 dies, some of which are always idle by chance; the host's queue tells the bound.
static void test_random_reads_at_a_depth_come_to_the_bound_of_that_depth(void **state)
{
    (void)state;
    const struct trial at_64 = {BOUND_RANDOM_READ, "ftl.precondition=random ftl.write_buffer=0",
                                 "rw=randread bs=4k iodepth=64 number_ios=%u ramp_ios=1000"};
    struct outcome o = try("ideal.yaml", "host.queues=1 host.queue_depth=64 nand.dies_per_channel=2", &at_64, 100000);
    if (fabs(o.share - 1) > 0.005)
        fail_msg("%.4f of what the %s allow", o.share, o.by);
}

static void draw_collecting(struct rng *rng, struct changes *to)
{
    add(to, "nand.blocks_per_plane=150 nand.pages_per_block=48 nand.channels=1 nand.t_r=50us nand.t_prog=600us ");
    add(to, "ftl.capacity=0 ftl.verify=off ftl.merge=false ftl.write_buffer=16MiB ");
    add(to, "nand.dies_per_channel=%u ", 1 + draw(rng, 8));
    add(to, "nand.planes_per_die=%u ", 1 + draw(rng, 4));
    add(to, "nand.transfer_rate=%uMT/s ", 200 << draw(rng, 4));
    add(to, "ftl.over_provisioning=%u%% ", 15 + draw(rng, 25));
}

// The buffer is full at the start as at the end; a short run may have half a percent fewer copies than
// the long run has.
static void test_no_drive_that_collects_goes_above_its_bound(void **state)
{
    (void)state;
    struct rng rng;
    rng_seed(&rng, 3, "collecting");
    for (int i = 0; i < 6; i++) {
        struct changes changes = {.length = 0};
        draw_collecting(&rng, &changes);
        struct outcome o = try("tiny.yaml", changes.text, &collected, 8000);
        if (o.share > 1.005 || o.share < 0.84)
            fail_msg("%.4f of what the %s allow; %s", o.share, o.by, changes.text);
    }
}

// --- by hand -------------------------------------------------------------------------------------------------------

static double bound_of(const char *drive, enum bound_load load, const char *by)
{
    struct rig rig;
    struct bounds bounds;
    rig_load(&rig, drive, "");
    bounds_of(&rig.values, load, &bounds);
    rig_destroy(&rig);
    return bound_by(&bounds, by);
}

#define expect_near(value, expected) assert_true(fabs((value) / (expected) - 1) < 1e-3)

static void test_bounds_of_shipped_drives_are_those_computed_by_hand(void **state)
{
    (void)state;
    // one firmware processor at 6 666 ns; three at 5.8 us
    expect_near(bound_of("sandforce-sf3700.yaml", BOUND_RANDOM_READ, "firmware"), 1e9 / 6666);
    expect_near(bound_of("wd-black-sn750-1tb.yaml", BOUND_RANDOM_READ, "firmware"), 3 / 5.8e-6);
    // 2.0 x4: 2 GB/s; 512 TLPs of 256 + 24 B up, 40 of completion, 28 of interrupt, 24 / 8 of fetch; 2 % of DLLPs
    expect_near(bound_of("sandforce-sf3700.yaml", BOUND_SEQUENTIAL_READ, "link to the host"),
                2e9 / 1.02 / (512 * 280 + 40 + 28 + 3));
    // down: 512 TLPs of 256 + 20 B, an entry of 64 B with its share of two 20 B headers for eight
    expect_near(bound_of("sandforce-sf3700.yaml", BOUND_WRITE, "link to the device"),
                2e9 / 1.02 / (512 * 276 + 64 + 5));
    // 64 dies; tR 50 us, command 290 ns, 30 ns, 4096 + 456 B at 1.6 GB/s
    expect_near(bound_of("generic-tlc-gen4.yaml", BOUND_RANDOM_READ, "dies"), 64 / (50.29e-6 + 30e-9 + 4552 / 1.6e9));
    // the ideal drive: 64 dies, 500 us and 5.12 us a page of 4 KiB; 8 channels
    expect_near(bound_of("ideal.yaml", BOUND_RANDOM_WRITE, "dies"), 64 / 505.12e-6);
    expect_near(bound_of("ideal.yaml", BOUND_RANDOM_READ, "channels"), 8 / 5.12e-6);
    assert_true(isinf(bound_of("ideal.yaml", BOUND_RANDOM_READ, "link to the host")));
    assert_true(isinf(bound_of("ideal.yaml", BOUND_RANDOM_READ, "firmware")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shipped_drives_come_to_their_least_bound),
        cmocka_unit_test(test_variations_come_to_their_least_bound),
        cmocka_unit_test(test_writes_with_collection_come_near_their_bound),
        cmocka_unit_test(test_sequential_reads_of_unequal_length_wait_for_each_other),
        cmocka_unit_test(test_random_reads_at_a_depth_come_to_the_bound_of_that_depth),
        cmocka_unit_test(test_no_drive_that_collects_goes_above_its_bound),
        cmocka_unit_test(test_bounds_of_shipped_drives_are_those_computed_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
