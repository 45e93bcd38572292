// The SLC cache as reviews plot it: fast until it is full, then a cliff, and fast again after a pause. One die without
// any cost but its own, so that each time is a sum of programs:
//
//   a unit in SLC mode: 5.12 us transfer + 200 us; three natively: 3 * 5.12 us + 900 us
//   a superblock: 4 rows, so 4 units in SLC mode, 12 natively. The cache: 4 superblocks, 16 units
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "nand/backend.h"
#include "rig.h"

#define DRIVE                                                                                                      \
    "nand.channels=1 nand.dies_per_channel=1 nand.cell=tlc nand.pages_per_block=12 nand.blocks_per_plane=60 "      \
    "nand.t_r=50us nand.t_prog=900us nand.t_bers=2ms nand.slc_t_r=25us nand.slc_t_prog=200us nand.slc_t_bers=1ms " \
    "ftl.capacity=1600KiB ftl.write_buffer=0 ftl.precondition=empty "                    \
    "ftl.placement=slc ftl.slc_size=64KiB "

enum { KIB = 1024, UNIT = 4 * KIB, CACHE = 16 };

static const double NS_SLC = 205120, NS_NATIVE = 3 * 5120 + 900000, NS_READ = 25000 + 5120, NS_ERASE = 1000000;
static const tick_t MS = 1000000000;

static uint64_t nanoseconds(tick_t ticks)
{
    return ticks / 1000;
}

static void run(struct rig *rig, const char *changes, struct script *script)
{
    char all[1024];
    snprintf(all, sizeof all, DRIVE "%s", changes);
    rig_load(rig, "ideal.yaml", all);
    rig_open(rig, &script->workload);
    rig_run(rig);
}

static uint64_t core_stat(struct rig *rig, const char *name)
{
    unsigned long long value = 0;
    char *text = rig_statistics(rig), line[64];
    snprintf(line, sizeof line, "\nftl.%s ", name);
    const char *at = strstr(text, line);
    assert_non_null(at);
    assert_int_equal(sscanf(at + strlen(line), "%llu", &value), 1);
    free(text);
    return value;
}

// As many units as the cache holds, and as many again: 16 single programs, then 5 full ones and one for the last unit.
// 10 ms later the cache is folded; what comes before finds it full.
static void test_fast_until_full_then_a_cliff_and_fast_again_after_a_pause(void **state)
{
    (void)state;
    static const struct {
        tick_t pause;
        bool recovered;
    } cases[] = {{9, false}, {200, true}};
    for (size_t i = 0; i < 2; i++) {
        struct script script;
        struct rig rig;
        script_init(&script);
        script_add(&script, 1000 * MS, IO_WRITE, 0, CACHE * UNIT, false);
        script_add(&script, 1005 * MS, IO_WRITE, CACHE * UNIT, CACHE * UNIT, false);
        script_add(&script, (1011 + cases[i].pause) * MS, IO_WRITE, 2 * CACHE * UNIT, CACHE * UNIT, false);
        run(&rig, "ftl.slc_fold_idle=10ms", &script);
        uint64_t fast = (uint64_t)(16 * NS_SLC), slow = (uint64_t)(6 * NS_NATIVE);
        assert_int_equal(nanoseconds(script.latency[0]), fast);
        assert_int_equal(nanoseconds(script.latency[1]), slow);
        assert_int_equal(nanoseconds(script.latency[2]), cases[i].recovered ? fast : slow);
        assert_int_equal(core_stat(&rig, "slc_written"), cases[i].recovered ? 2 * CACHE : CACHE);
        assert_int_equal(core_stat(&rig, "slc_folded"), cases[i].recovered ? CACHE : 0);
        assert_int_equal(core_stat(&rig, "slc_overflows"), 1);
        rig_destroy(&rig);
    }
}

// A read of what lies in the cache takes SLC's tR, and after folding the native one.
static void test_reads_from_the_cache_take_its_time(void **state)
{
    (void)state;
    struct script script;
    struct rig rig;
    script_init(&script);
    script_add(&script, 1000 * MS, IO_WRITE, 0, 3 * UNIT, false);
    script_add(&script, 1005 * MS, IO_READ, UNIT, UNIT, false);
    script_add(&script, 1006 * MS, IO_WRITE, 3 * UNIT, UNIT, false); // closes the superblock, which may then be folded
    script_add(&script, 1200 * MS, IO_READ, UNIT, UNIT, false);
    run(&rig, "ftl.slc_fold_idle=10ms", &script);
    assert_int_equal(nanoseconds(script.latency[1]), 25000 + 5120);
    assert_int_equal(nanoseconds(script.latency[3]), 50000 + 5120);
    rig_destroy(&rig);
}

// Each unit is programmed in SLC mode, all but the last few read and programmed natively, and each four cost an erasure:
// the die has no other work, and always some. No program is padded.
static void test_a_host_that_waits_for_folding_has_the_sum_of_both(void **state)
{
    (void)state;
    enum { WRITES = 60, STEP = 4 };
    struct script script;
    struct rig rig;
    script_init(&script);
    for (uint64_t i = 0; i < WRITES; i++)
        script_add(&script, 1000 * MS, IO_WRITE, i * STEP * UNIT, STEP * UNIT, false);
    run(&rig, "ftl.slc_fold_idle=0 ftl.slc_full=wait", &script);
    double folded = (double)core_stat(&rig, "slc_folded"), erased = (double)core_stat(&rig, "erased_superblocks");
    double expected = WRITES * STEP * NS_SLC + folded * (NS_READ + NS_NATIVE / 3) + erased * NS_ERASE;
    double taken = (double)nanoseconds(script.latency[WRITES - 1]);
    assert_true(taken > 0.99 * expected && taken < 1.01 * expected);
    assert_true(folded >= WRITES * STEP - CACHE && folded <= WRITES * STEP);
    assert_true(core_stat(&rig, "slc_waits") > 0);
    assert_int_equal(core_stat(&rig, "slc_written"), WRITES * STEP);
    assert_int_equal(core_stat(&rig, "padding_units"), 0);
    rig_destroy(&rig);
}

// Programs of single pages: natively each takes 300 us, in SLC mode 200, and a block of 12 pages has 4 of them. The cache
// takes 16 units, then each is a native program; after the pause all 16 have been folded.
static void test_a_cache_of_pages_that_are_programmed_one_by_one(void **state)
{
    (void)state;
    static const char *const ways[] = {"copy", "on_die"};
    for (size_t i = 0; i < 2; i++) {
        char changes[256];
        struct script script;
        struct rig rig;
        script_init(&script);
        script_add(&script, 1000 * MS, IO_WRITE, 0, CACHE * UNIT, false);
        script_add(&script, 1005 * MS, IO_WRITE, CACHE * UNIT, CACHE * UNIT, false);
        script_add(&script, 1200 * MS, IO_WRITE, 2 * CACHE * UNIT, CACHE * UNIT, false);
        script_add(&script, 1400 * MS, IO_READ, 0, CACHE * UNIT, false);
        snprintf(changes, sizeof changes, "nand.program_mode=per_page nand.t_prog=300us ftl.verify=versions "
                 "ftl.slc_fold_idle=10ms ftl.slc_fold=%s", ways[i]);
        run(&rig, changes, &script);
        assert_int_equal(nanoseconds(script.latency[0]), (uint64_t)(CACHE * NS_SLC));
        assert_int_equal(nanoseconds(script.latency[1]), CACHE * (5120 + 300000));
        assert_int_equal(nanoseconds(script.latency[2]), (uint64_t)(CACHE * NS_SLC));
        assert_int_equal(core_stat(&rig, "slc_folded"), 2 * CACHE);
        assert_int_equal(core_stat(&rig, "slc_folded_on_die"), i == 0 ? 0 : 2 * CACHE);
        assert_int_equal(core_stat(&rig, "padding_units"), 0);
        rig_destroy(&rig);
    }
}

static double channel_ns(struct rig *rig)
{
    return (double)(uint64_t)meter_total(nand_channel_meter(ssd_backend(machine_ssd(rig->machine)))) / 1000;
}

// Of four rows of a superblock the die folds three, and the last one goes by copy: of 16 units 12 are not read over the
// channel, nor sent to the die again; the other four take a program and a padded one, of three pages each.
static void test_dies_that_fold_save_the_channel_what_they_fold(void **state)
{
    (void)state;
    static const char *const ways[] = {"copy", "on_die"};
    double busy[2];
    for (size_t i = 0; i < 2; i++) {
        char changes[64];
        struct script script;
        struct rig rig;
        script_init(&script);
        script_add(&script, 1000 * MS, IO_WRITE, 0, CACHE * UNIT, false);
        script_add(&script, 1100 * MS, IO_READ, 0, CACHE * UNIT, false);
        snprintf(changes, sizeof changes, "ftl.verify=versions ftl.slc_fold_idle=10ms ftl.slc_fold=%s", ways[i]);
        run(&rig, changes, &script);
        assert_int_equal(core_stat(&rig, "slc_folded"), CACHE);
        assert_int_equal(core_stat(&rig, "slc_folded_on_die"), i == 0 ? 0 : 12);
        assert_int_equal(core_stat(&rig, "padding_units"), 2);
        busy[i] = channel_ns(&rig);
        rig_destroy(&rig);
    }
    assert_true(busy[0] - busy[1] == (12 + 12) * 5120.0);
}

// Twelve rows: four word lines of three pages, which the die reads and programs itself. Each unit is programmed in SLC
// mode, and takes a read and a third of a program on the die; each twelve cost an erasure.
static void test_a_host_that_waits_for_dies_to_fold_has_the_sum_of_what_they_do(void **state)
{
    (void)state;
    enum { WRITES = 60, STEP = 4 };
    struct script script;
    struct rig rig;
    script_init(&script);
    for (uint64_t i = 0; i < WRITES; i++)
        script_add(&script, 1000 * MS, IO_WRITE, i * STEP * UNIT, STEP * UNIT, false);
    run(&rig, "nand.pages_per_block=36 ftl.slc_size=192KiB ftl.slc_fold_idle=0 ftl.slc_full=wait ftl.slc_fold=on_die",
        &script);
    double folded = (double)core_stat(&rig, "slc_folded"), erased = (double)core_stat(&rig, "erased_superblocks");
    double expected = WRITES * STEP * NS_SLC + folded * (25000 + 900000 / 3.0) + erased * NS_ERASE;
    double taken = (double)nanoseconds(script.latency[WRITES - 1]);
    assert_true(taken > 0.99 * expected && taken < 1.01 * expected);
    assert_in_range((uint64_t)folded, WRITES * STEP - 48, WRITES * STEP - 12);
    assert_int_equal(core_stat(&rig, "slc_folded_on_die"), (uint64_t)folded);
    rig_destroy(&rig);
}

// A drive in use, whose collection is on and as far behind as it may be, by a program unit of 24 units on each of 32 dies.
// What goes into the cache takes nothing of what collection keeps free, and makes no copies beyond those and a last
// program that they fill.
static void test_data_into_the_cache_of_a_drive_in_use_make_no_copies(void **state)
{
    (void)state;
    struct rig rig;
    rig_load(&rig, "wd-black-sn750-1tb.yaml",
             "nand.pages_per_block=12 nand.blocks_per_plane=200 ftl.capacity=1600MiB ftl.slc_size=64MiB "
             "ftl.slc_fold_idle=0 ftl.write_buffer=1MiB ftl.precondition=random");
    rig_open_job(&rig, "rw=randwrite bs=4k iodepth=32 number_ios=8000");
    rig_run(&rig);
    assert_in_range(core_stat(&rig, "slc_written"), 8000, 8000 + 256); // with what the buffer held
    assert_in_range(core_stat(&rig, "gc_copies"), 0, 32 * 24 + 24);
    rig_destroy(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fast_until_full_then_a_cliff_and_fast_again_after_a_pause),
        cmocka_unit_test(test_reads_from_the_cache_take_its_time),
        cmocka_unit_test(test_a_host_that_waits_for_folding_has_the_sum_of_both),
        cmocka_unit_test(test_a_cache_of_pages_that_are_programmed_one_by_one),
        cmocka_unit_test(test_dies_that_fold_save_the_channel_what_they_fold),
        cmocka_unit_test(test_a_host_that_waits_for_dies_to_fold_has_the_sum_of_what_they_do),
        cmocka_unit_test(test_data_into_the_cache_of_a_drive_in_use_make_no_copies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
