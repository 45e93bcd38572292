// Compare, Verify, Write Uncorrectable: what each does, and what it says when it fails. Sections are NVM Express 1.4's.
#include "conform.h"
#include "store/sectors.h"
#include "util/rng.h"

enum { BLOCK = 512 };

static struct bench *up(void)
{
    struct bench *b = bench_create();
    b->contents = b->config.functional = true;
    return bench_up(b);
}

static unsigned run(struct bench *b, struct nvme_sqe sqe)
{
    return bench_status(bench_command(b, 1, sqe));
}

static unsigned run_at(struct bench *b, uint8_t opcode, uint64_t slba, uint32_t blocks)
{
    return run(b, bench_rw(opcode, slba, blocks));
}

static const struct nvme_error_entry *last_error(struct bench *b)
{
    return &b->nvme->errors.ring[(b->nvme->errors.count - 1) % b->config.error_log_entries];
}

static struct bench *with_data(void)
{
    struct bench *b = up();
    for (uint32_t i = 0; i < 16 * BLOCK; i++)
        b->memory[BENCH_DATA + i] = (uint8_t)(i * 31 + i / 509);
    assert_int_equal(run_at(b, NVME_IO_WRITE, 32, 16), NVME_SC_SUCCESS);
    return b;
}

// --- 6.6, Compare --------------------------------------------------------------------------------------------------

static void test_compare_succeeds_on_what_was_written(void **state)
{
    (void)state;
    struct bench *b = with_data();
    assert_int_equal(run_at(b, NVME_IO_COMPARE, 32, 16), NVME_SC_SUCCESS);
    memset(b->memory + BENCH_DATA, 0, 16 * BLOCK);
    assert_int_equal(run_at(b, NVME_IO_COMPARE, 1000, 16), NVME_SC_SUCCESS); // never written: zeroes, as DLFEAT says
    bench_destroy(b);
}

static void test_compare_names_the_first_block_that_differs(void **state)
{
    (void)state;
    struct bench *b = with_data();
    static const uint32_t bytes[] = {0, BLOCK - 1, BLOCK, 7 * BLOCK + 100, 16 * BLOCK - 1};
    for (size_t i = 0; i < ARRAY_SIZE(bytes); i++) {
        b->memory[BENCH_DATA + bytes[i]] ^= 1;
        b->memory[BENCH_DATA + 16 * BLOCK - 1] ^= 2;
        assert_int_equal(run_at(b, NVME_IO_COMPARE, 32, 16), NVME_SC_COMPARE_FAILURE);
        assert_int_equal(last_error(b)->lba, 32 + bytes[i] / BLOCK);
        b->memory[BENCH_DATA + bytes[i]] ^= 1;
        b->memory[BENCH_DATA + 16 * BLOCK - 1] ^= 2;
    }
    assert_int_equal(run_at(b, NVME_IO_COMPARE, 32, 16), NVME_SC_SUCCESS);
    assert_int_equal(b->nvme->subsystem.health.media_errors, 0); // the flash is not to blame
    bench_destroy(b);
}

// The blocks are read; then as much is fetched as a Write's data are, behind the command: read, fetch, and no data back.
static void test_compare_takes_a_read_and_a_fetch(void **state)
{
    (void)state;
    struct bench *b = with_data();
    uint32_t before = b->core_count;
    uint64_t writes = b->dma_writes, bytes = b->dma_read_bytes;
    assert_int_equal(run_at(b, NVME_IO_COMPARE, 32, 16), NVME_SC_SUCCESS);
    assert_int_equal(b->core_count, before + 1);
    assert_int_equal(b->core_log[before].kind, FTL_READ);
    assert_int_equal(b->core_log[before].offset, 32 * BLOCK);
    assert_int_equal(b->core_log[before].bytes, 16 * BLOCK);
    assert_int_equal(b->dma_read_bytes, bytes + NVME_SQE_BYTES + 16 * BLOCK);
    assert_int_equal(b->dma_writes, writes + 1); // the completion
    assert_int_equal(nvme_get_stats(b->nvme)->other_commands, 1);
    bench_destroy(b);
}

static void test_compare_checks_its_fields(void **state)
{
    (void)state;
    struct bench *b = with_data();
    assert_int_equal(run_at(b, NVME_IO_COMPARE, BENCH_CAPACITY / BLOCK, 1), NVME_SC_LBA_RANGE);
    assert_int_equal(run_at(b, NVME_IO_COMPARE, 0, 257), NVME_SC_INVALID_FIELD); // MDTS, 5.15.2.2
    struct nvme_sqe sqe = bench_rw(NVME_IO_COMPARE, 32, 1);
    sqe.prp1 = BENCH_DATA + 2;
    assert_int_equal(run(b, sqe), NVME_SC_PRP_OFFSET_INVALID);
    sqe.prp1 = BENCH_MEMORY;
    assert_int_equal(run(b, sqe), NVME_SC_DATA_TRANSFER_ERROR);
    b->core_status = FTL_UNRECOVERED_READ;
    assert_int_equal(run_at(b, NVME_IO_COMPARE, 32, 1), NVME_SC_UNRECOVERED_READ);
    bench_destroy(b);
}

static void test_compare_is_there_where_contents_are(void **state)
{
    (void)state;
    for (int contents = 0; contents < 2; contents++) {
        struct bench *b = bench_create();
        b->contents = b->config.functional = contents != 0;
        bench_up(b);
        const struct nvme_identify_controller *id = conform_identify(b, NVME_CNS_CONTROLLER, 0);
        assert_int_equal((id->oncs & NVME_ONCS_COMPARE) != 0, contents != 0);
        assert_int_equal(run_at(b, NVME_IO_COMPARE, 0, 1) == NVME_SC_INVALID_OPCODE, contents == 0);
        bench_destroy(b);
    }
}

// --- 6.14, Verify --------------------------------------------------------------------------------------------------

static void test_verify_reads_and_moves_nothing(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    uint32_t before = b->core_count;
    uint64_t writes = b->dma_writes, bytes = b->dma_read_bytes;
    struct nvme_sqe sqe = bench_rw(NVME_IO_VERIFY, 8, 65536); // MDTS does not bind it
    sqe.cdw12 |= NVME_RW_FUA;
    assert_int_equal(run(b, sqe), NVME_SC_SUCCESS);
    assert_int_equal(b->core_log[before].kind, FTL_READ);
    assert_int_equal(b->core_log[before].bytes, 65536 * BLOCK);
    assert_true(b->core_log[before].fua);
    assert_int_equal(b->dma_writes, writes + 1);
    assert_int_equal(b->dma_read_bytes, bytes + NVME_SQE_BYTES);
    assert_int_equal(b->completed.bytes, 0);
    b->core_status = FTL_UNRECOVERED_READ;
    b->core_error_offset = 9 * BLOCK;
    assert_int_equal(run_at(b, NVME_IO_VERIFY, 8, 8), NVME_SC_UNRECOVERED_READ);
    assert_int_equal(last_error(b)->lba, 9);
    assert_int_equal(run_at(b, NVME_IO_VERIFY, BENCH_CAPACITY / BLOCK - 7, 8), NVME_SC_LBA_RANGE);
    bench_destroy(b);
}

// --- 6.16, Write Uncorrectable -------------------------------------------------------------------------------------

static void test_uncorrectable_blocks_cannot_be_read(void **state)
{
    (void)state;
    static const uint8_t readers[] = {NVME_IO_READ, NVME_IO_COMPARE, NVME_IO_VERIFY};
    struct bench *b = with_data();
    assert_int_equal(run_at(b, NVME_IO_WRITE_UNCORRECTABLE, 35, 2), NVME_SC_SUCCESS);
    for (size_t i = 0; i < ARRAY_SIZE(readers); i++) {
        assert_int_equal(run_at(b, readers[i], 32, 3), NVME_SC_SUCCESS);
        assert_int_equal(run_at(b, readers[i], 32, 16), NVME_SC_UNRECOVERED_READ);
        assert_int_equal(last_error(b)->lba, 35);
        assert_int_equal(run_at(b, readers[i], 36, 1), NVME_SC_UNRECOVERED_READ);
        assert_int_equal(last_error(b)->lba, 36);
    }
    bench_enable_controller(b, BENCH_CC); // 7.3.2: a reset mends nothing
    bench_create_queue(b, 1, 64);
    assert_int_equal(run_at(b, NVME_IO_READ, 36, 1), NVME_SC_UNRECOVERED_READ);
    bench_destroy(b);
}

static void test_what_is_written_or_deallocated_is_correct_again(void **state)
{
    (void)state;
    struct bench *b = with_data();
    assert_int_equal(run_at(b, NVME_IO_WRITE_UNCORRECTABLE, 0, 64), NVME_SC_SUCCESS);
    assert_int_equal(run_at(b, NVME_IO_WRITE, 0, 8), NVME_SC_SUCCESS);
    assert_int_equal(run_at(b, NVME_IO_WRITE_ZEROES, 8, 8), NVME_SC_SUCCESS);
    struct nvme_dsm_range range = {.slba = 16, .nlb = 8};
    memcpy(b->memory + BENCH_LISTS, &range, sizeof range);
    assert_int_equal(run(b, (struct nvme_sqe){.opcode = NVME_IO_DATASET_MANAGEMENT, .nsid = 1, .prp1 = BENCH_LISTS,
                                              .cdw11 = NVME_DSM_AD}), NVME_SC_SUCCESS);
    assert_int_equal(run_at(b, NVME_IO_READ, 0, 16), NVME_SC_SUCCESS);
    assert_int_equal(run_at(b, NVME_IO_READ, 16, 8), NVME_SC_SUCCESS);
    assert_int_equal(run_at(b, NVME_IO_READ, 23, 2), NVME_SC_UNRECOVERED_READ);
    b->core_status = FTL_WRITE_FAULT;
    assert_int_equal(run_at(b, NVME_IO_WRITE, 24, 1), NVME_SC_WRITE_FAULT);
    b->core_status = FTL_OK;
    assert_int_equal(run_at(b, NVME_IO_READ, 24, 1), NVME_SC_UNRECOVERED_READ); // it was not written
    bench_destroy(b);
}

static void test_uncorrectable_checks_its_range(void **state)
{
    (void)state;
    struct bench *b = up();
    assert_int_equal(run_at(b, NVME_IO_WRITE_UNCORRECTABLE, BENCH_CAPACITY / BLOCK - 7, 8), NVME_SC_LBA_RANGE);
    assert_int_equal(run_at(b, NVME_IO_WRITE_UNCORRECTABLE, BENCH_CAPACITY / BLOCK - 8, 8), NVME_SC_SUCCESS);
    bench_destroy(b);
}

// --- sets of sectors, against a plain array ------------------------------------------------------------------------

static void test_sets_of_sectors(void **state)
{
    (void)state;
    enum { SECTORS = 300 };
    bool in[SECTORS] = {false};
    struct sectors sectors;
    struct rng rng;
    rng_seed(&rng, 1, "sectors");
    sectors_init(&sectors, SECTORS * BLOCK);
    for (int step = 0; step < 1000; step++) {
        uint64_t first = rng_below(&rng, SECTORS), count = 1 + rng_below(&rng, MIN(SECTORS - first, UINT64_C(140)));
        bool add = rng_below(&rng, 2) != 0;
        (add ? sectors_add : sectors_remove)(&sectors, first * BLOCK, count * BLOCK);
        for (uint64_t i = first; i < first + count; i++)
            in[i] = add;
        uint64_t sum = 0, from = rng_below(&rng, SECTORS), found = from;
        for (int i = 0; i < SECTORS; i++)
            sum += in[i];
        while (found < SECTORS && !in[found])
            found++;
        assert_int_equal(sectors.count, sum);
        assert_int_equal(sectors_first(&sectors, from * BLOCK, (SECTORS - from) * BLOCK), found * BLOCK);
    }
    sectors_destroy(&sectors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compare_succeeds_on_what_was_written),
        cmocka_unit_test(test_compare_names_the_first_block_that_differs),
        cmocka_unit_test(test_compare_takes_a_read_and_a_fetch),
        cmocka_unit_test(test_compare_checks_its_fields),
        cmocka_unit_test(test_compare_is_there_where_contents_are),
        cmocka_unit_test(test_verify_reads_and_moves_nothing),
        cmocka_unit_test(test_uncorrectable_blocks_cannot_be_read),
        cmocka_unit_test(test_what_is_written_or_deallocated_is_correct_again),
        cmocka_unit_test(test_uncorrectable_checks_its_range),
        cmocka_unit_test(test_sets_of_sectors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
