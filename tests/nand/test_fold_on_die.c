// Folding by the dies themselves: its time to the tick, what crosses the channel, suspension, and what must not be. A
// word line of three pages on two planes; blocks 1 and 2 are in SLC mode, block 3 takes what is folded.
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nand/control/control.h"
#include "rig.h"
#include "util/check.h"

static struct nand_config fold_config(void)
{
    struct nand_config c = rig_config();
    c.slc_t_r = 25 * US;
    c.slc_t_prog = 250 * US;
    c.slc_t_bers = 2000 * US;
    return c;
}

static const tick_t FOLDED = 10000 * US; // when folding begins: what it folds is written by then

static void write_slc(struct rig *rig, uint32_t die, uint32_t block, uint32_t rows)
{
    for (uint32_t row = 0; row < rows; row++) {
        struct nand_address at = {.block = block, .row = row, .die = die};
        rig_at(rig, row * 1000 * US, NAND_PROGRAM, NAND_HOST, at, 0)->op.mode = NAND_SLC;
    }
}

// Pages of row 0 of block 1, of row 2 of block 2, and of row 1 of block 1.
static struct rig_op *fold(struct rig *rig, uint32_t die, ppn_t sources[3])
{
    static const struct nand_address from[3] = {{.block = 1}, {.block = 2, .row = 2}, {.block = 1, .row = 1}};
    for (uint32_t page = 0; page < 3; page++)
        sources[page] = nand_unit_at(rig->g, from[page]);
    struct rig_op *r = rig_at(rig, FOLDED, NAND_FOLD_ON_DIE, NAND_FOLD, (struct nand_address){.block = 3, .die = die}, 0);
    r->op.sources = sources;
    return r;
}

static struct rig *rig_written(const struct nand_config *c)
{
    struct rig *rig = rig_create(c, 1);
    write_slc(rig, 0, 1, 2);
    write_slc(rig, 0, 2, 3);
    return rig;
}

// Read command of two planes: tCS + 12 tWC + tWB = 420 ns on the bus, tDBSY + tRR = 520 ns on the die; program without
// data: 420 ns and tDBSY.
static void test_a_folded_word_line_takes_its_reads_and_its_program_and_no_transfer(void **state)
{
    (void)state;
    struct nand_config c = fold_config();
    rig_set_bus(&c, 409600000);
    ppn_t sources[3];
    struct rig *rig = rig_written(&c);
    struct rig_op *folded = fold(rig, 0, sources);
    struct nand_address top = {.block = 3, .page = 2};
    rig_at(rig, 20000 * US, NAND_READ, NAND_HOST, top, 1);
    sim_run_before(rig->sim, FOLDED);
    tick_sum_t before = meter_total(nand_channel_meter(rig->nand));
    sim_run_before(rig->sim, 19000 * US);
    assert_int_equal(rig_took(folded), 3 * (420 * NS + 520 * NS + 25 * US) + 420 * NS + 500 * NS + 1100 * US);
    assert_int_equal(rig_spent(folded, STAGE_ARRAY), 3 * 25 * US + 1100 * US);
    assert_int_equal(rig_spent(folded, STAGE_TRANSFER), 0);
    assert_int_equal(meter_total(nand_channel_meter(rig->nand)) - before, 4 * 420 * NS);
    const struct nand_stats *stats = nand_get_stats(rig->nand);
    assert_int_equal(stats->bytes_out, 0);
    assert_int_equal(stats->bytes_in, 5 * 2 * 16384);
    assert_int_equal(stats->done[NAND_FOLD_ON_DIE], 1);
    assert_int_equal(stats->done[NAND_PROGRAM], 5);
    rig_run(rig); // all pages of the word line can be read
    rig_destroy(rig);
}

// At 10.075 ms the program begins. A read that comes before has the die then, at the earliest; one that comes later stops
// it: 100 us until the die takes reads, 40 us for it, 20 us until the array goes on.
static void test_the_program_gives_way_to_host_reads_and_the_reads_before_it_do_not(void **state)
{
    (void)state;
    static const struct {
        tick_t at, read_took;
    } cases[] = {{10 * US, 65 * US + 140 * US}, {200 * US, 140 * US}};
    for (size_t i = 0; i < 2; i++) {
        struct nand_config c = fold_config();
        c.suspend_limit = 5;
        c.t_suspend_program = 100 * US;
        c.t_resume = 20 * US;
        ppn_t sources[3];
        struct rig *rig = rig_written(&c);
        nand_assume(&rig->port, 0, 1);
        struct rig_op *folded = fold(rig, 0, sources), *read = rig_read(rig, FOLDED + cases[i].at, 0, 0, 1);
        rig_run(rig);
        assert_int_equal(rig_took(read), cases[i].read_took);
        assert_int_equal(rig_took(folded), 75 * US + 1100 * US + 160 * US);
        assert_int_equal(nand_get_stats(rig->nand)->suspends, 1);
        rig_destroy(rig);
    }
}

// Each array time lies around its own mean: with the widest spread the reads stay in SLC's range and the program in its.
static void test_array_times_vary_as_those_of_reads_and_programs(void **state)
{
    (void)state;
    struct nand_config c = fold_config();
    ppn_t sources[3];
    c.t_prog_spread = 0.1;
    struct rig *rig = rig_written(&c);
    struct rig_op *folded = fold(rig, 0, sources);
    rig_run(rig);
    assert_in_range(rig_took(folded), 75 * US + 990 * US, 75 * US + 1210 * US);
    assert_int_not_equal(rig_took(folded), 75 * US + 1100 * US);
    rig_destroy(rig);
    c.t_prog_spread = 0;
    c.t_r_spread = 0.5;
    rig = rig_written(&c);
    folded = fold(rig, 0, sources);
    rig_run(rig);
    assert_in_range(rig_took(folded), 37 * US + 1100 * US, 113 * US + 1100 * US);
    assert_int_not_equal(rig_took(folded), 75 * US + 1100 * US);
    rig_destroy(rig);
}

// The pages that are read count as reads of their blocks, of each plane one.
static void test_reads_disturb_the_blocks_that_they_come_from(void **state)
{
    (void)state;
    struct nand_config c = fold_config();
    c.ecc = (struct ecc_config){.engine = ECC_BCH, .codeword_data = 1024, .bch_t = 40, .retry_gain = 1};
    ppn_t sources[3];
    struct rig *rig = rig_written(&c);
    fold(rig, 0, sources);
    rig_run(rig);
    assert_int_equal(block_of(&rig->nand->blocks, 0, 1)->reads, 2 * 2);
    assert_int_equal(block_of(&rig->nand->blocks, 0, 2)->reads, 2);
    assert_int_equal(block_of(&rig->nand->blocks, 0, 3)->reads, 0);
    assert_int_equal(nand_get_ecc_stats(rig->nand)->codewords, 0);
    rig_destroy(rig);
}

// Does the drive end by a broken invariant, with so many rows of block 2 written, on the die given?
static bool breaks(uint32_t die, uint32_t rows, enum nand_mode mode)
{
    pid_t child = fork();
    if (child == 0) {
        ppn_t sources[3];
        fclose(stderr);
        struct nand_config c = fold_config();
        struct rig *rig = rig_create(&c, 1);
        write_slc(rig, 0, 1, 2);
        write_slc(rig, 0, 2, rows);
        fold(rig, die, sources)->op.mode = mode;
        sim_run_before(rig->sim, TICK_NEVER);
        _exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    return WEXITSTATUS(status) == EXIT_BROKEN_INVARIANT;
}

static void test_a_die_folds_what_it_has_in_slc_mode_and_into_native_blocks(void **state)
{
    (void)state;
    assert_false(breaks(0, 3, NAND_NATIVE));
    assert_true(breaks(1, 3, NAND_NATIVE));
    assert_true(breaks(0, 2, NAND_NATIVE));
    assert_true(breaks(0, 3, NAND_SLC));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_folded_word_line_takes_its_reads_and_its_program_and_no_transfer),
        cmocka_unit_test(test_the_program_gives_way_to_host_reads_and_the_reads_before_it_do_not),
        cmocka_unit_test(test_array_times_vary_as_those_of_reads_and_programs),
        cmocka_unit_test(test_reads_disturb_the_blocks_that_they_come_from),
        cmocka_unit_test(test_a_die_folds_what_it_has_in_slc_mode_and_into_native_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
