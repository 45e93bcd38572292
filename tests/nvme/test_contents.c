// Contents kept: what the host reads is what it wrote, wherever its pages lie and whatever comes between.
#include "conform.h"

enum { BLOCK = 512 };

static struct bench *up(void)
{
    struct bench *b = bench_create();
    b->contents = true;
    b->volatile_bytes = 1 << 20;
    return bench_up(b);
}

static unsigned run(struct bench *b, struct nvme_sqe sqe)
{
    return bench_status(bench_command(b, 1, sqe));
}

static void fill(struct bench *b, uint64_t address, uint32_t bytes, uint32_t seed)
{
    for (uint32_t i = 0; i < bytes; i++)
        b->memory[address + i] = (uint8_t)(seed + i * 7 + i / 251);
}

static bool holds(const struct bench *b, uint64_t address, uint32_t bytes, uint32_t seed)
{
    for (uint32_t i = 0; i < bytes; i++)
        if (b->memory[address + i] != (uint8_t)(seed + i * 7 + i / 251))
            return false;
    return true;
}

static bool is_zero(const struct bench *b, uint64_t address, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i++)
        if (b->memory[address + i] != 0)
            return false;
    return true;
}

// Writes that many blocks from BENCH_DATA, filled with a seed.
static void put(struct bench *b, uint64_t slba, uint32_t blocks, uint32_t seed)
{
    fill(b, BENCH_DATA, blocks * BLOCK, seed);
    assert_int_equal(run(b, bench_rw(NVME_IO_WRITE, slba, blocks)), NVME_SC_SUCCESS);
}

static void get(struct bench *b, uint64_t slba, uint32_t blocks)
{
    memset(b->memory + BENCH_DATA, 0xee, 0x4000);
    assert_int_equal(run(b, bench_rw(NVME_IO_READ, slba, blocks)), NVME_SC_SUCCESS);
}

// NVM Command Set 1.0, 3.2.4 (Read), 3.2.6 (Write)
static void test_reads_give_back_what_was_written(void **state)
{
    (void)state;
    struct bench *b = up();
    put(b, 100, 16, 1);
    put(b, 104, 3, 2);
    get(b, 99, 16);
    assert_true(is_zero(b, BENCH_DATA, BLOCK));
    get(b, 104, 3);
    assert_true(holds(b, BENCH_DATA, 3 * BLOCK, 2));
    assert_int_equal(b->memory[BENCH_DATA + 3 * BLOCK], 0xee); // and no more than was asked for
    get(b, 107, 9);
    fill(b, BENCH_LISTS, 16 * BLOCK, 1);
    assert_memory_equal(b->memory + BENCH_DATA, b->memory + BENCH_LISTS + 7 * BLOCK, 9 * BLOCK);
    bench_destroy(b);
}

// 1.4, 4.3: PRP1 with an offset, then a list whose pages lie backwards in memory
static void test_prp_lists_say_where_the_data_lie(void **state)
{
    (void)state;
    struct bench *b = up();
    enum { PAGES = 5, OFFSET = 1024 };
    struct nvme_sqe sqe = bench_rw(NVME_IO_WRITE, 8, (PAGES * 4096 - OFFSET) / BLOCK);
    uint64_t page[PAGES];
    for (int i = 0; i < PAGES; i++)
        page[i] = BENCH_DATA + (PAGES - 1 - (uint64_t)i) * 0x3000;
    memcpy(b->memory + BENCH_LISTS, page + 1, (PAGES - 1) * 8);
    sqe.prp1 = page[0] + OFFSET;
    sqe.prp2 = BENCH_LISTS;
    for (int i = 0; i < PAGES; i++)
        fill(b, page[i], 4096, (uint32_t)i);
    assert_int_equal(run(b, sqe), NVME_SC_SUCCESS);
    for (int i = 0; i < PAGES; i++) {
        get(b, 8 + (uint64_t)i * 8 - (i > 0 ? OFFSET / BLOCK : 0), i > 0 ? 8 : 6);
        fill(b, BENCH_LISTS + 0x1000, 4096, (uint32_t)i);
        assert_memory_equal(b->memory + BENCH_DATA, b->memory + BENCH_LISTS + 0x1000 + (i > 0 ? 0 : OFFSET),
                            (i > 0 ? 8 : 6) * BLOCK);
    }
    bench_destroy(b);
}

// 1.4, 6.7.1.1 and 6.17: deallocated blocks, and those of Write Zeroes with and without DEAC, read as DLFEAT says
static void test_deallocated_and_zeroed_blocks_read_as_zeroes(void **state)
{
    (void)state;
    struct bench *b = up();
    for (int way = 0; way < 3; way++) {
        put(b, 16, 16, 5);
        struct nvme_sqe sqe = bench_rw(NVME_IO_WRITE_ZEROES, 19, 4);
        if (way == 1)
            sqe.cdw12 |= NVME_RW_DEAC;
        if (way == 2) {
            sqe = (struct nvme_sqe){.opcode = NVME_IO_DATASET_MANAGEMENT, .nsid = 1, .prp1 = BENCH_LISTS,
                                    .cdw10 = 1, .cdw11 = NVME_DSM_AD};
            struct nvme_dsm_range ranges[] = {{.slba = 19, .nlb = 1}, {.slba = 20, .nlb = 3}};
            memcpy(b->memory + BENCH_LISTS, ranges, sizeof ranges);
        }
        assert_int_equal(run(b, sqe), NVME_SC_SUCCESS);
        get(b, 16, 16);
        assert_true(holds(b, BENCH_DATA, 3 * BLOCK, 5));
        assert_true(is_zero(b, BENCH_DATA + 3 * BLOCK, 4 * BLOCK));
        assert_false(is_zero(b, BENCH_DATA + 7 * BLOCK, BLOCK));
    }
    bench_destroy(b);
}

static void test_hints_deallocate_nothing(void **state)
{
    (void)state;
    struct bench *b = up();
    put(b, 0, 8, 3);
    struct nvme_dsm_range range = {.slba = 0, .nlb = 8};
    memcpy(b->memory + BENCH_LISTS, &range, sizeof range);
    assert_int_equal(run(b, (struct nvme_sqe){.opcode = NVME_IO_DATASET_MANAGEMENT, .nsid = 1, .prp1 = BENCH_LISTS,
                                              .cdw11 = 1}), NVME_SC_SUCCESS);
    get(b, 0, 8);
    assert_true(holds(b, BENCH_DATA, 8 * BLOCK, 3));
    bench_destroy(b);
}

// 1.4, 4.6.1, status 04h: data that could not be fetched change nothing
static void test_a_write_whose_data_cannot_be_reached_leaves_the_old(void **state)
{
    (void)state;
    struct bench *b = up();
    put(b, 0, 8, 1);
    struct nvme_sqe sqe = bench_rw(NVME_IO_WRITE, 0, 8);
    sqe.prp1 = BENCH_MEMORY;
    assert_int_equal(run(b, sqe), NVME_SC_DATA_TRANSFER_ERROR);
    sqe.opcode = NVME_IO_READ;
    assert_int_equal(run(b, sqe), NVME_SC_DATA_TRANSFER_ERROR);
    get(b, 0, 8);
    assert_true(holds(b, BENCH_DATA, 8 * BLOCK, 1));
    bench_destroy(b);
}

// 1.4, 7.3.2: a controller reset leaves the blocks as they are; a write that it took back never comes
static void test_contents_outlive_a_reset_and_stale_writes_do_not(void **state)
{
    (void)state;
    struct bench *b = up();
    put(b, 0, 8, 1);
    b->core_hold = true;
    fill(b, BENCH_DATA, 8 * BLOCK, 2);
    bench_submit(b, 1, bench_rw(NVME_IO_WRITE, 0, 8));
    bench_enable_controller(b, BENCH_CC);
    bench_core_release(b);
    bench_run(b);
    bench_create_queue(b, 1, 64);
    get(b, 0, 8);
    assert_true(holds(b, BENCH_DATA, 8 * BLOCK, 1));
    bench_destroy(b);
}

// 1.4, 5.21.1.6 and 6.8: what a power loss may take back, by FUA, Flush, and neither
static void test_flush_and_fua_make_writes_durable(void **state)
{
    (void)state;
    struct bench *b = up();
    put(b, 0, 8, 1);
    assert_true(store_is_volatile(b->nvme->store, 0, 8 * BLOCK));
    assert_int_equal(run(b, (struct nvme_sqe){.opcode = NVME_IO_FLUSH, .nsid = 1}), NVME_SC_SUCCESS);
    assert_int_equal(store_volatile_bytes(b->nvme->store), 0);
    put(b, 0, 4, 2);
    fill(b, BENCH_DATA, 2 * BLOCK, 3);
    struct nvme_sqe fua = bench_rw(NVME_IO_WRITE, 1, 2);
    fua.cdw12 |= NVME_RW_FUA;
    assert_int_equal(run(b, fua), NVME_SC_SUCCESS);
    assert_false(store_is_volatile(b->nvme->store, BLOCK, 2 * BLOCK));
    assert_true(store_is_volatile(b->nvme->store, 0, BLOCK));
    store_lose_power(b->nvme->store);
    get(b, 0, 1);
    assert_true(holds(b, BENCH_DATA, BLOCK, 1));
    get(b, 1, 2);
    assert_true(holds(b, BENCH_DATA, 2 * BLOCK, 3));
    bench_destroy(b);
}

// A flush covers what had completed when it was submitted (1.4, 6.8), no more.
static void test_a_flush_does_not_cover_what_comes_after_it(void **state)
{
    (void)state;
    struct bench *b = up();
    put(b, 0, 1, 1);
    b->core_hold = true;
    bench_submit(b, 1, (struct nvme_sqe){.opcode = NVME_IO_FLUSH, .nsid = 1});
    b->core_hold = false;
    struct nvme_cqe cqe;
    fill(b, BENCH_DATA, BLOCK, 2);
    bench_submit(b, 1, bench_rw(NVME_IO_WRITE, 1, 1));
    assert_true(bench_take(b, 1, &cqe));
    bench_core_release(b);
    bench_run(b);
    assert_true(bench_take(b, 1, &cqe));
    assert_false(store_is_volatile(b->nvme->store, 0, BLOCK));
    assert_true(store_is_volatile(b->nvme->store, BLOCK, BLOCK));
    bench_destroy(b);
}

static void test_namespaces_have_contents_of_their_own(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    strcpy(b->config.namespaces, "256MiB 512B, 0 4KiB");
    b->contents = true;
    bench_up(b);
    put(b, 0, 8, 1);
    fill(b, BENCH_DATA, 4096, 2);
    struct nvme_sqe sqe = bench_rw(NVME_IO_WRITE, 0, 1);
    sqe.nsid = 2;
    assert_int_equal(run(b, sqe), NVME_SC_SUCCESS);
    get(b, 0, 8);
    assert_true(holds(b, BENCH_DATA, 4096, 1));
    sqe.opcode = NVME_IO_READ;
    assert_int_equal(run(b, sqe), NVME_SC_SUCCESS);
    assert_true(holds(b, BENCH_DATA, 4096, 2));
    bench_destroy(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_give_back_what_was_written),
        cmocka_unit_test(test_prp_lists_say_where_the_data_lie),
        cmocka_unit_test(test_deallocated_and_zeroed_blocks_read_as_zeroes),
        cmocka_unit_test(test_hints_deallocate_nothing),
        cmocka_unit_test(test_a_write_whose_data_cannot_be_reached_leaves_the_old),
        cmocka_unit_test(test_contents_outlive_a_reset_and_stale_writes_do_not),
        cmocka_unit_test(test_flush_and_fua_make_writes_durable),
        cmocka_unit_test(test_a_flush_does_not_cover_what_comes_after_it),
        cmocka_unit_test(test_namespaces_have_contents_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
