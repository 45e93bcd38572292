// Blocks in SLC mode: which operations are in it, their times to the tick, errors, wear, and what must not be.
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nand/chip/block.h"
#include "nand/chip/rber.h"
#include "nand/control/control.h"
#include "rig.h"
#include "util/check.h"

static struct nand_config slc_config(void)
{
    struct nand_config c = rig_config();
    c.slc_t_r = 25 * US;
    c.slc_t_prog = 250 * US;
    c.slc_t_bers = 2000 * US;
    c.reliability.slc_rber = 0.125;
    c.reliability.slc_wear = 0.1;
    return c;
}

static struct rig_op *program(struct rig *rig, tick_t when, uint32_t block, uint32_t row, enum nand_mode mode)
{
    struct rig_op *r = rig_at(rig, when, NAND_PROGRAM, NAND_HOST, (struct nand_address){.block = block, .row = row}, 0);
    r->op.mode = mode;
    return r;
}

static struct rig_op *read_page(struct rig *rig, tick_t when, uint32_t block, uint32_t row, uint32_t page)
{
    struct nand_address at = {.block = block, .row = row, .page = page};
    return rig_at(rig, when, NAND_READ, NAND_HOST, at, 1);
}

static struct rig_op *erase(struct rig *rig, tick_t when, uint32_t block)
{
    return rig_at(rig, when, NAND_ERASE, NAND_GC, (struct nand_address){.block = block}, 0);
}

// A page of each of two planes goes over the bus, 40 us each, where a native program sends six.
static void test_an_slc_program_sends_one_page_a_plane_and_takes_its_own_time(void **state)
{
    (void)state;
    struct nand_config c = slc_config();
    c.transfer_rate = 409600000; // a unit: 10 us
    struct rig *rig = rig_create(&c, 1);
    struct rig_op *slc = program(rig, 0, 1, 0, NAND_SLC), *native = program(rig, 10000 * US, 2, 0, NAND_NATIVE);
    struct rig_op *last = program(rig, 20000 * US, 1, 1, NAND_SLC);
    rig_run(rig);
    assert_int_equal(rig_took(slc), 2 * 40 * US + 250 * US);
    assert_int_equal(rig_took(native), 6 * 40 * US + 1100 * US);
    assert_int_equal(rig_took(last), 330 * US);
    assert_int_equal(nand_get_stats(rig->nand)->bytes_in, (2 + 6 + 2) * 16384);
    assert_int_equal(nand_get_stats(rig->nand)->done_in_slc[NAND_PROGRAM], 2);
    rig_destroy(rig);
}

static void test_reads_and_erases_go_by_the_mode_of_their_block_until_its_erase(void **state)
{
    (void)state;
    struct nand_config c = slc_config();
    struct rig *rig = rig_create(&c, 1);
    nand_assume(&rig->port, 0, rig->g->rows);
    program(rig, 0, 1, 0, NAND_SLC);
    struct rig_op *slc = read_page(rig, 10000 * US, 1, 0, 0), *native = read_page(rig, 11000 * US, 0, 0, 0);
    struct rig_op *out = erase(rig, 20000 * US, 1), *empty = erase(rig, 30000 * US, 1);
    struct rig_op *again = program(rig, 40000 * US, 1, 0, NAND_NATIVE), *top = read_page(rig, 50000 * US, 1, 0, 2);
    rig_run(rig);
    assert_int_equal(rig_took(slc), 25 * US);
    assert_int_equal(rig_took(native), 40 * US);
    assert_int_equal(rig_took(out), 2000 * US);
    assert_int_equal(rig_took(empty), 5000 * US);
    assert_int_equal(rig_took(again), 1100 * US);
    assert_int_equal(rig_took(top), 60 * US);
    const struct nand_stats *stats = nand_get_stats(rig->nand);
    assert_int_equal(stats->done_in_slc[NAND_READ], 1);
    assert_int_equal(stats->done_in_slc[NAND_ERASE], 1);
    rig_destroy(rig);
}

// Does the drive end by a broken invariant?
static bool breaks_in(enum nand_program_mode program_mode, void (*use)(struct rig *rig))
{
    pid_t child = fork();
    if (child == 0) {
        fclose(stderr);
        struct nand_config c = slc_config();
        c.program_mode = program_mode;
        struct rig *rig = rig_create(&c, 1);
        use(rig);
        sim_run_before(rig->sim, TICK_NEVER);
        _exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    return WEXITSTATUS(status) == EXIT_BROKEN_INVARIANT;
}

static bool breaks(void (*use)(struct rig *rig))
{
    return breaks_in(PROGRAM_ONE_SHOT, use);
}

static void mixes_modes(struct rig *rig)
{
    program(rig, 0, 1, 0, NAND_SLC);
    program(rig, 1000 * US, 1, 1, NAND_NATIVE);
}

static void keeps_the_mode(struct rig *rig)
{
    program(rig, 0, 1, 0, NAND_SLC);
    program(rig, 1000 * US, 1, 1, NAND_SLC);
    read_page(rig, 2000 * US, 1, 1, 0);
}

static void reads_what_slc_has_not(struct rig *rig)
{
    program(rig, 0, 1, 0, NAND_SLC);
    read_page(rig, 1000 * US, 1, 0, 1);
}

static void goes_on_in_a_prepared_block(struct rig *rig)
{
    nand_assume(&rig->port, 3, 1);
    program(rig, 0, 3, 1, NAND_SLC);
}

static void test_a_block_has_one_mode_and_in_slc_one_page_a_row(void **state)
{
    (void)state;
    assert_false(breaks(keeps_the_mode));
    assert_true(breaks(mixes_modes));
    assert_true(breaks(reads_what_slc_has_not));
    assert_true(breaks(goes_on_in_a_prepared_block));
}

static void test_a_word_line_has_one_page_in_slc_mode(void **state)
{
    (void)state;
    struct nand_config c = slc_config();
    struct nand_geometry g = nand_geometry_make(&c);
    assert_int_equal(nand_mode_rows(&g, NAND_NATIVE), 8);
    assert_int_equal(nand_mode_rows(&g, NAND_SLC), 8);
    assert_false(nand_has_mode(&g, NAND_MODE_COUNT));
    c.program_mode = PROGRAM_PER_PAGE;
    g = nand_geometry_make(&c);
    assert_int_equal(nand_mode_rows(&g, NAND_NATIVE), 24);
    assert_int_equal(nand_mode_rows(&g, NAND_SLC), 8);
    assert_true(nand_has_mode(&g, NAND_SLC));
    c.pages_per_block = 2;
    g = nand_geometry_make(&c);
    assert_true(nand_has_mode(&g, NAND_NATIVE));
    assert_false(nand_has_mode(&g, NAND_SLC));
}

// Where pages are programmed one by one: native ones of the third kind take 1.5 ms, all those in SLC mode the same.
static void test_pages_programmed_one_by_one_have_one_kind_in_slc_mode(void **state)
{
    (void)state;
    struct nand_config c = slc_config();
    c.program_mode = PROGRAM_PER_PAGE;
    c.t_prog = (struct config_times){.count = 3, .at = {500 * US, 1000 * US, 1500 * US}};
    struct rig *rig = rig_create(&c, 1);
    struct rig_op *slc[3], *native[3], *reads[2];
    for (uint32_t row = 0; row < 3; row++) {
        slc[row] = program(rig, row * 5000 * US, 1, row, NAND_SLC);
        native[row] = program(rig, row * 5000 * US + 2000 * US, 2, row, NAND_NATIVE);
    }
    reads[0] = read_page(rig, 30000 * US, 1, 2, 0);
    reads[1] = read_page(rig, 31000 * US, 2, 2, 0);
    rig_run(rig);
    for (uint32_t row = 0; row < 3; row++) {
        assert_int_equal(rig_took(slc[row]), 250 * US);
        assert_int_equal(rig_took(native[row]), (row + 1) * 500 * US);
    }
    assert_int_equal(rig_took(reads[0]), 25 * US);
    assert_int_equal(rig_took(reads[1]), 60 * US);
    rig_destroy(rig);
}

static void fill_rows(struct rig *rig, uint32_t rows)
{
    for (uint32_t row = 0; row < rows; row++)
        program(rig, row * 1000 * US, 1, row, NAND_SLC);
}

static void fills_all_word_lines(struct rig *rig)
{
    fill_rows(rig, 8);
}

static void fills_one_more(struct rig *rig)
{
    fill_rows(rig, 9);
}

static void test_where_pages_are_programmed_one_by_one_a_block_has_a_third_of_them(void **state)
{
    (void)state;
    assert_false(breaks_in(PROGRAM_PER_PAGE, fills_all_word_lines));
    assert_true(breaks_in(PROGRAM_PER_PAGE, fills_one_more));
}

// A block in SLC mode has a third of the pages, which share its reads. Modes of one past have rates of their own.
static void test_the_error_rate_of_slc_blocks_is_the_share_that_the_key_says(void **state)
{
    (void)state;
    struct nand_config c = slc_config();
    c.ecc = (struct ecc_config){.engine = ECC_BCH, .codeword_data = 1024, .bch_t = 40, .retry_gain = 1};
    c.reliability.model = RBER_TLC_72L;
    c.reliability.initial_pe_cycles = 3000;
    struct rig *rig = rig_create(&c, 1);
    for (int round = 0; round < 2; round++)
        for (uint8_t mode = 0; mode < NAND_MODE_COUNT; mode++) {
            struct block_state block = {.reads = 160000, .mode = mode, .worn = 10 * WEAR_PER_CYCLE};
            double rber = rber_of_block(&c.reliability, 3010, false, 80000, mode == NAND_SLC ? 8 : 24);
            rber *= mode == NAND_SLC ? 0.125 : 1;
            assert_int_equal(block_read(&rig->nand->blocks, &block), ecc_bin(&rig->nand->ecc, rber));
        }
    rig_destroy(rig);
}

// 102 of 1024 a cycle: ten of them in SLC mode and one native one are 1.996 cycles.
static void test_cycles_in_slc_mode_wear_a_block_less(void **state)
{
    (void)state;
    struct nand_config c = slc_config();
    c.reliability.initial_pe_cycles = 7;
    struct rig *rig = rig_create(&c, 1);
    for (unsigned i = 0; i < 11; i++) {
        program(rig, i * 10000 * US, 1, 0, i < 10 ? NAND_SLC : NAND_NATIVE);
        erase(rig, i * 10000 * US + 5000 * US, 1);
    }
    rig_run(rig);
    struct wear_stats wear = nand_get_wear_stats(rig->nand);
    assert_int_equal(wear.pe_max, 8);
    assert_true(wear.pe_mean == 7 + (10 * 102 + 1024) / 1024.0 / 32);
    rig_destroy(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_slc_program_sends_one_page_a_plane_and_takes_its_own_time),
        cmocka_unit_test(test_reads_and_erases_go_by_the_mode_of_their_block_until_its_erase),
        cmocka_unit_test(test_a_block_has_one_mode_and_in_slc_one_page_a_row),
        cmocka_unit_test(test_a_word_line_has_one_page_in_slc_mode),
        cmocka_unit_test(test_pages_programmed_one_by_one_have_one_kind_in_slc_mode),
        cmocka_unit_test(test_where_pages_are_programmed_one_by_one_a_block_has_a_third_of_them),
        cmocka_unit_test(test_the_error_rate_of_slc_blocks_is_the_share_that_the_key_says),
        cmocka_unit_test(test_cycles_in_slc_mode_wear_a_block_less),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
