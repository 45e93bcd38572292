// What the examples of doc/adding.md do, once tests/examples.sh has built them in.
#include "../nvme/bench.h"
#include "nand/backend.h"
#include "nand/ecc/ecc.h"
#include "nvme/feature/feature.h"

enum { WARM = 0xc0, THERMAL = 0x10, WORK_LOG = 0xc0 };

// --- an operation of a die -----------------------------------------------------------------------------------------

struct copyback {
    struct nand_op op;
    struct sim *sim;
    tick_t done;
};

static void copied(struct nand_op *op)
{
    struct copyback *c = op->owner;
    c->done = sim_now(c->sim);
}

// tCS + 2 planes of 6 tWC + tWB, tDBSY and tRR; tR; tCS + 6 tWC + tADL + tWPST + tWPSTH + tWB; tPROG: no data.
static void test_copyback_takes_its_commands_and_the_array(void **state)
{
    (void)state;
    const tick_t ns = TICKS_PER_NS, us = TICKS_PER_US;
    const struct nand_config config = {
        .channels = 1, .dies_per_channel = 1, .planes_per_die = 2, .blocks_per_plane = 4, .pages_per_block = 8,
        .page_size = 16384, .cell = CELL_SLC, .program_mode = PROGRAM_ONE_SHOT, .interface = INTERFACE_NV_DDR3,
        .transfer_rate = 1600000000, .t_r = {1, {40 * us}}, .t_prog = {1, {700 * us}}, .t_bers = 5000 * us,
        .t_cs = 20 * ns, .t_wc = 25 * ns, .t_wb = 100 * ns, .t_rr = 20 * ns, .t_adl = 70 * ns, .t_dbsy = 500 * ns,
        .t_wpst = 6 * ns, .t_wpsth = 15 * ns, .unit_bytes = 4096,
        .ecc = {.engine = ECC_NONE, .codeword_data = 4096, .retry_gain = 1},
    };
    struct sim *sim = sim_create(1);
    struct nand *nand = nand_create(sim, &config);
    struct nand_port port = nand_get_port(nand);
    struct copyback c = {.op = {.kind = NAND_COPYBACK, .done = copied, .owner = &c}, .sim = sim};
    nand_submit(&port, &c.op);
    sim_run_before(sim, TICK_NEVER);
    tick_t read = (20 + 2 * 6 * 25 + 100 + 500 + 20) * ns + 40 * us;
    tick_t program = (20 + 6 * 25 + 70 + 6 + 15 + 100) * ns + 700 * us;
    assert_int_equal(c.done, read + program);
    assert_int_equal(c.op.path.spent[STAGE_TRANSFER], 0);
    nand_destroy(nand);
    sim_destroy(sim);
}

// --- the front-end -------------------------------------------------------------------------------------------------

static void test_warming_reads_the_flash_and_sends_nothing(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    uint32_t before = b->core_count;
    uint64_t writes = b->dma_writes;
    assert_int_equal(bench_status(bench_command(b, 1, bench_rw(WARM, 16, 8))), NVME_SC_SUCCESS);
    assert_int_equal(b->core_count, before + 1);
    assert_int_equal(b->core_log[before].kind, FTL_READ);
    assert_int_equal(b->core_log[before].bytes, b->core_log[before].offset / 2); // 8 blocks, at the 16th
    assert_int_equal(b->dma_writes, writes + 1); // the completion
    assert_int_equal(bench_status(bench_command(b, 1, bench_rw(WARM, UINT64_C(1) << 40, 8))), NVME_SC_LBA_RANGE);
    bench_destroy(b);
}

static unsigned set_thermal(struct bench *b, uint32_t tmt1, uint32_t tmt2)
{
    return bench_admin(b, (struct nvme_sqe){.opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = THERMAL,
                                            .cdw11 = tmt1 << 16 | tmt2});
}

static void test_the_lighter_temperature_is_below_the_heavier(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    assert_int_equal(set_thermal(b, 340, 350), NVME_SC_SUCCESS);
    assert_int_equal(set_thermal(b, 350, 350), NVME_SC_INVALID_FIELD);
    struct nvme_cqe cqe = bench_command(b, 0, (struct nvme_sqe){.opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = THERMAL});
    assert_int_equal(bench_status(cqe), NVME_SC_SUCCESS);
    assert_int_equal(cqe.dw0, 340 << 16 | 350);
    bench_destroy(b);
}

static void test_the_log_tells_what_was_moved(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    uint64_t log[2];
    bench_command(b, 1, bench_rw(NVME_IO_WRITE, 0, 8));
    bench_command(b, 1, bench_rw(NVME_IO_WRITE, 0, 8));
    bench_command(b, 1, bench_rw(NVME_IO_READ, 0, 8));
    struct nvme_sqe get = {.opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = BENCH_DATA,
                           .cdw10 = WORK_LOG | (sizeof log / 4 - 1) << 16};
    assert_int_equal(bench_admin(b, get), NVME_SC_SUCCESS);
    memcpy(log, b->memory + BENCH_DATA, sizeof log);
    assert_int_equal(log[0], 2 * log[1]);
    assert_int_equal(log[1], 8 * b->config.lba_size);
    bench_destroy(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_copyback_takes_its_commands_and_the_array),
        cmocka_unit_test(test_warming_reads_the_flash_and_sends_nothing),
        cmocka_unit_test(test_the_lighter_temperature_is_below_the_heavier),
        cmocka_unit_test(test_the_log_tells_what_was_moved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
