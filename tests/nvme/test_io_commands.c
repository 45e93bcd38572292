// Compare, Verify, Write Uncorrectable, Copy: what each does, and what it says when it fails. Sections are NVM Express
// 1.4's; Copy's are the NVM Command Set 1.0's.
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

// --- NVM Command Set 1.0, 3.2.2, Copy ------------------------------------------------------------------------------

enum { COPY_RANGES = 4, COPY_RANGE_BLOCKS = 16, COPY_BLOCKS = 40 };

struct range {
    uint64_t slba;
    uint32_t blocks;
};

static struct bench *with_copy(void)
{
    struct bench *b = bench_create();
    b->contents = b->config.functional = true;
    b->config.copy_ranges = COPY_RANGES;
    b->config.copy_range_blocks = COPY_RANGE_BLOCKS;
    b->config.copy_blocks = COPY_BLOCKS;
    return bench_up(b);
}

// Descriptors as the section's figures lay them out: 32 bytes of format 0h, 40 of 1h; SLBA at 8, NLB at 16.
static struct nvme_sqe copy_of(struct bench *b, unsigned format, uint64_t sdlba, const struct range *ranges,
                               uint32_t count)
{
    uint32_t bytes = format == 0 ? 32 : 40;
    memset(b->memory + BENCH_LISTS, 0, count * (size_t)bytes);
    for (uint32_t i = 0; i < count; i++) {
        uint16_t nlb = (uint16_t)(ranges[i].blocks - 1);
        memcpy(b->memory + BENCH_LISTS + i * bytes + 8, &ranges[i].slba, sizeof ranges[i].slba);
        memcpy(b->memory + BENCH_LISTS + i * bytes + 16, &nlb, sizeof nlb);
    }
    return (struct nvme_sqe){.opcode = 0x19, .nsid = 1, .prp1 = BENCH_LISTS, .prp2 = BENCH_LISTS + 0x1000,
                             .cdw10 = (uint32_t)sdlba, .cdw11 = (uint32_t)(sdlba >> 32),
                             .cdw12 = (count - 1) | format << 8};
}

static unsigned copy(struct bench *b, uint64_t sdlba, const struct range *ranges, uint32_t count)
{
    return run(b, copy_of(b, 0, sdlba, ranges, count));
}

// Blocks full of their number, from 0.
static void number_blocks(struct bench *b, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        memset(b->memory + BENCH_DATA, (int)i, BLOCK);
        assert_int_equal(run_at(b, NVME_IO_WRITE, i, 1), NVME_SC_SUCCESS);
    }
}

static uint8_t number_at(struct bench *b, uint64_t lba)
{
    assert_int_equal(run_at(b, NVME_IO_READ, lba, 1), NVME_SC_SUCCESS);
    return b->memory[BENCH_DATA + BLOCK - 1];
}

static void assert_numbers(struct bench *b, uint64_t lba, const uint8_t *expected, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(number_at(b, lba + i), expected[i]);
}

static void test_copy_gathers_ranges_in_their_order(void **state)
{
    (void)state;
    static const struct range ranges[] = {{20, 3}, {4, 1}, {10, 2}};
    for (unsigned format = 0; format < 2; format++) {
        struct bench *b = with_copy();
        number_blocks(b, 24);
        assert_int_equal(run(b, copy_of(b, format, 100, ranges, 3)), NVME_SC_SUCCESS);
        assert_numbers(b, 99, (const uint8_t[]){0, 20, 21, 22, 4, 10, 11, 0}, 8);
        assert_numbers(b, 20, (const uint8_t[]){20, 21, 22}, 3);
        bench_destroy(b);
    }
}

// Read, write, read, write, each of which takes the core's delay: nothing but the entry and the descriptors is fetched,
// nothing but the completion is sent.
static void test_copy_reads_and_writes_in_the_drive(void **state)
{
    (void)state;
    static const struct range ranges[] = {{20, 3}, {4, 16}};
    static const struct bench_core_entry expected[] = {
        {FTL_READ, 20 * BLOCK, 3 * BLOCK, false, 0},
        {FTL_WRITE, 100 * BLOCK, 3 * BLOCK, true, 1000000},
        {FTL_READ, 4 * BLOCK, 16 * BLOCK, false, 2000000},
        {FTL_WRITE, 103 * BLOCK, 16 * BLOCK, true, 3000000},
    };
    for (unsigned format = 0; format < 2; format++) {
        struct bench *b = with_copy();
        b->core_delay = 1000000;
        struct nvme_sqe sqe = copy_of(b, format, 100, ranges, 2);
        sqe.cdw12 |= NVME_RW_FUA;
        uint32_t before = b->core_count;
        uint64_t writes = b->dma_writes, bytes = b->dma_read_bytes;
        assert_int_equal(run(b, sqe), NVME_SC_SUCCESS);
        assert_int_equal(b->core_count, before + 4);
        for (uint32_t i = 0; i < 4; i++) {
            const struct bench_core_entry *entry = &b->core_log[before + i];
            assert_int_equal(entry->kind, expected[i].kind);
            assert_int_equal(entry->offset, expected[i].offset);
            assert_int_equal(entry->bytes, expected[i].bytes);
            assert_int_equal(entry->fua, expected[i].fua);
            assert_int_equal(entry->at - b->core_log[before].at, expected[i].at);
        }
        assert_int_equal(b->dma_read_bytes, bytes + NVME_SQE_BYTES + (format == 0 ? 64 : 80));
        assert_int_equal(b->dma_writes, writes + 1);
        assert_int_equal(nvme_get_stats(b->nvme)->other_commands, 1);
        bench_destroy(b);
    }
}

// A range is moved as if it had been read as a whole; a later one sees what an earlier one has written.
static void test_copy_onto_its_source(void **state)
{
    (void)state;
    struct bench *b = with_copy();
    number_blocks(b, 10);
    assert_int_equal(copy(b, 2, (const struct range[]){{1, 5}}, 1), NVME_SC_SUCCESS);
    assert_numbers(b, 0, (const uint8_t[]){0, 1, 1, 2, 3, 4, 5, 7, 8, 9}, 10);
    assert_int_equal(copy(b, 0, (const struct range[]){{2, 5}}, 1), NVME_SC_SUCCESS);
    assert_numbers(b, 0, (const uint8_t[]){1, 2, 3, 4, 5, 4, 5, 7, 8, 9}, 10);
    assert_int_equal(copy(b, 7, (const struct range[]){{0, 2}, {7, 2}}, 2), NVME_SC_SUCCESS);
    assert_numbers(b, 7, (const uint8_t[]){1, 2, 1, 2}, 4);
    bench_destroy(b);
}

static void test_copy_checks_its_limits(void **state)
{
    (void)state;
    enum { END = (1 << 30) / BLOCK };
    static const struct {
        uint64_t sdlba;
        struct range ranges[5];
        uint32_t count;
        unsigned status;
        uint64_t lba; // of the error
    } cases[] = {
        {100, {{0, 1}, {0, 1}, {0, 1}, {0, 1}, {0, 1}}, 5, NVME_SC_COMMAND_SIZE_LIMIT, 0}, // MSRC
        {100, {{0, 1}, {0, 1}, {0, 1}, {0, 1}}, 4, NVME_SC_SUCCESS, 0},
        {100, {{0, 1}, {0, 17}}, 2, NVME_SC_COMMAND_SIZE_LIMIT, 0}, // MSSRL
        {100, {{0, 1}, {0, 16}}, 2, NVME_SC_SUCCESS, 0},
        {100, {{0, 16}, {0, 16}, {0, 9}}, 3, NVME_SC_COMMAND_SIZE_LIMIT, 0}, // MCL
        {100, {{0, 16}, {0, 16}, {0, 8}}, 3, NVME_SC_SUCCESS, 0},
        {100, {{0, 1}, {END - 7, 8}}, 2, NVME_SC_LBA_RANGE, END},
        {100, {{0, 1}, {UINT64_MAX, 2}}, 2, NVME_SC_LBA_RANGE, UINT64_MAX},
        {100, {{0, 1}, {END - 8, 8}}, 2, NVME_SC_SUCCESS, 0},
        {END - 8, {{0, 1}, {0, 8}}, 2, NVME_SC_LBA_RANGE, END},
        {END - 9, {{0, 1}, {0, 8}}, 2, NVME_SC_SUCCESS, 0},
    };
    struct bench *b = with_copy();
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        uint32_t before = b->core_count;
        assert_int_equal(copy(b, cases[i].sdlba, cases[i].ranges, cases[i].count), cases[i].status);
        assert_int_equal(b->core_count - before, cases[i].status == NVME_SC_SUCCESS ? 2 * cases[i].count : 0);
        if (cases[i].status != NVME_SC_SUCCESS)
            assert_int_equal(last_error(b)->lba, cases[i].lba);
    }
    for (unsigned format = 2; format < 16; format++)
        assert_int_equal(run(b, copy_of(b, format, 100, cases[1].ranges, 1)), NVME_SC_INVALID_FIELD);
    struct nvme_sqe sqe = copy_of(b, 0, 100, cases[1].ranges, 1);
    sqe.prp1 = BENCH_MEMORY;
    assert_int_equal(run(b, sqe), NVME_SC_DATA_TRANSFER_ERROR);
    bench_destroy(b);
}

// Dword 0 names the first range that was not copied; what could be read is readable where it was written.
static void test_copy_names_the_range_that_failed(void **state)
{
    (void)state;
    static const struct range ranges[] = {{0, 2}, {2, 2}, {4, 2}};
    struct bench *b = with_copy();
    number_blocks(b, 6);
    assert_int_equal(run_at(b, NVME_IO_WRITE_UNCORRECTABLE, 3, 1), NVME_SC_SUCCESS);
    assert_int_equal(run_at(b, NVME_IO_WRITE_UNCORRECTABLE, 100, 3), NVME_SC_SUCCESS);
    struct nvme_cqe cqe = bench_command(b, 1, copy_of(b, 0, 100, ranges, 3));
    assert_int_equal(bench_status(cqe), NVME_SC_UNRECOVERED_READ);
    assert_int_equal(cqe.dw0, 1);
    assert_int_equal(last_error(b)->lba, 3);
    assert_numbers(b, 100, (const uint8_t[]){0, 1}, 2);
    assert_int_equal(run_at(b, NVME_IO_READ, 102, 1), NVME_SC_UNRECOVERED_READ);
    b->core_status = FTL_WRITE_FAULT;
    cqe = bench_command(b, 1, copy_of(b, 0, 100, ranges, 1));
    assert_int_equal(bench_status(cqe), NVME_SC_WRITE_FAULT);
    assert_int_equal(cqe.dw0, 0);
    bench_destroy(b);
}

// A reset while the core has a range: nobody completes it, and nothing more of it is done.
static void test_copy_ends_with_a_reset(void **state)
{
    (void)state;
    struct bench *b = with_copy();
    number_blocks(b, 2);
    b->core_hold = true;
    uint32_t before = b->core_count;
    bench_submit(b, 1, copy_of(b, 0, 100, (const struct range[]){{0, 1}, {1, 1}}, 2));
    bench_write(b, NVME_REG_CC, 0);
    bench_core_release(b);
    bench_run(b);
    assert_int_equal(b->core_count, before + 1);
    bench_enable_controller(b, BENCH_CC);
    bench_create_queue(b, 1, 64);
    assert_int_equal(number_at(b, 100), 0);
    assert_int_equal(copy(b, 100, (const struct range[]){{1, 1}}, 1), NVME_SC_SUCCESS);
    assert_int_equal(number_at(b, 100), 1);
    bench_destroy(b);
}

// Identify: ONCS bit 8, OCFS at 534 of the controller's; MSSRL at 74, MCL at 76, MSRC at 80 of the namespace's.
static void test_copy_is_there_where_it_is_asked_for(void **state)
{
    (void)state;
    for (int asked = 0; asked < 2; asked++) {
        struct bench *b = asked ? with_copy() : up();
        const uint8_t *id = conform_identify(b, NVME_CNS_CONTROLLER, 0);
        assert_int_equal(id[521] & 1, asked);
        assert_int_equal(id[534] | id[535] << 8, asked ? 3 : 0);
        id = conform_identify(b, NVME_CNS_NAMESPACE, 1);
        assert_int_equal(id[74] | id[75] << 8, asked ? COPY_RANGE_BLOCKS : 0);
        assert_int_equal(id[76] | id[77] << 8, asked ? COPY_BLOCKS : 0);
        assert_int_equal(id[80], asked ? COPY_RANGES - 1 : 0);
        unsigned status = copy(b, 100, (const struct range[]){{0, 1}}, 1);
        assert_int_equal(status, asked ? NVME_SC_SUCCESS : NVME_SC_INVALID_OPCODE);
        bench_destroy(b);
    }
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
        cmocka_unit_test(test_copy_gathers_ranges_in_their_order),
        cmocka_unit_test(test_copy_reads_and_writes_in_the_drive),
        cmocka_unit_test(test_copy_onto_its_source),
        cmocka_unit_test(test_copy_checks_its_limits),
        cmocka_unit_test(test_copy_names_the_range_that_failed),
        cmocka_unit_test(test_copy_ends_with_a_reset),
        cmocka_unit_test(test_copy_is_there_where_it_is_asked_for),
        cmocka_unit_test(test_sets_of_sectors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
