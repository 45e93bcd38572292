// I/O commands: what reaches the core, their statuses, PRP lists of all shapes, and times to the picosecond.
#include <math.h>

#include "bench.h"
#include "stats/wait.h"

static unsigned run(struct bench *b, struct nvme_sqe sqe)
{
    return bench_status(bench_command(b, 1, sqe));
}

static void put_list(struct bench *b, uint64_t at, uint64_t first_page, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint64_t page = first_page + i * UINT64_C(4096);
        memcpy(b->memory + at + i * 8, &page, sizeof page);
    }
}

static void test_reads_and_writes_reach_the_core_in_bytes(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    assert_int_equal(run(b, bench_rw(NVME_IO_READ, 5, 3)), NVME_SC_SUCCESS);
    assert_int_equal(run(b, bench_rw(NVME_IO_WRITE, 16, 16)), NVME_SC_SUCCESS);
    struct nvme_sqe fua = bench_rw(NVME_IO_WRITE, 0, 8);
    fua.cdw12 |= NVME_RW_FUA;
    assert_int_equal(run(b, fua), NVME_SC_SUCCESS);
    struct nvme_sqe fua_read = bench_rw(NVME_IO_READ, 0, 8);
    fua_read.cdw12 |= NVME_RW_FUA;
    assert_int_equal(run(b, fua_read), NVME_SC_SUCCESS);
    struct nvme_sqe zeroes = bench_rw(NVME_IO_WRITE_ZEROES, 8, 65536); // MDTS does not bind it
    assert_int_equal(run(b, zeroes), NVME_SC_SUCCESS);
    zeroes.cdw12 |= NVME_RW_DEAC;
    assert_int_equal(run(b, zeroes), NVME_SC_SUCCESS);
    assert_int_equal(run(b, (struct nvme_sqe){.opcode = NVME_IO_FLUSH, .nsid = 1}), NVME_SC_SUCCESS);
    assert_int_equal(run(b, (struct nvme_sqe){.opcode = NVME_IO_FLUSH, .nsid = NVME_NSID_ALL}), NVME_SC_SUCCESS);
    static const struct bench_core_entry expected[] = {
        {.kind = FTL_READ, .offset = 5 * 512, .bytes = 3 * 512},
        {.kind = FTL_WRITE, .offset = 16 * 512, .bytes = 16 * 512},
        {.kind = FTL_WRITE, .offset = 0, .bytes = 4096, .fua = true},
        {.kind = FTL_READ, .offset = 0, .bytes = 4096, .fua = true},
        {.kind = FTL_WRITE, .offset = 8 * 512, .bytes = 65536 * 512}, // 6.17: the host does not want to deallocate
        {.kind = FTL_WRITE_ZEROES, .offset = 8 * 512, .bytes = 65536 * 512},
        {.kind = FTL_FLUSH},
        {.kind = FTL_FLUSH},
    };
    assert_int_equal(b->core_count, ARRAY_SIZE(expected));
    for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
        assert_int_equal(b->core_log[i].kind, expected[i].kind);
        assert_int_equal(b->core_log[i].offset, expected[i].offset);
        assert_int_equal(b->core_log[i].bytes, expected[i].bytes);
        assert_true(b->core_log[i].kind == FTL_FLUSH || b->core_log[i].fua == expected[i].fua);
    }
    const struct nvme_stats *stats = nvme_get_stats(b->nvme);
    assert_int_equal(stats->reads, 2);
    assert_int_equal(stats->writes, 2);
    assert_int_equal(stats->flushes, 2);
    assert_int_equal(stats->write_zeroes, 2);
    assert_int_equal(stats->data_read_bytes, 11 * 512);
    assert_int_equal(stats->data_written_bytes, 24 * 512);
    assert_true(nvme_idle(b->nvme));
    bench_destroy(b);
}

static void test_blocks_of_4_kib(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    b->config.lba_size = 4096;
    bench_up(b);
    assert_int_equal(run(b, bench_rw(NVME_IO_READ, 7, 2)), NVME_SC_SUCCESS);
    assert_int_equal(b->core_log[0].offset, 7 * 4096);
    assert_int_equal(b->core_log[0].bytes, 2 * 4096);
    assert_int_equal(run(b, bench_rw(NVME_IO_READ, (BENCH_CAPACITY >> 12) - 1, 2)), NVME_SC_LBA_RANGE);
    bench_destroy(b);
}

static void test_wrong_commands_get_the_standards_status(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    uint64_t blocks = BENCH_CAPACITY / 512;
    struct nvme_sqe sqe = bench_rw(NVME_IO_READ, 0, 8);
    static const uint8_t unknown[] = {0x03, NVME_IO_COMPARE, 0x0d, 0x7f, 0xff};
    for (size_t i = 0; i < ARRAY_SIZE(unknown); i++) {
        sqe.opcode = unknown[i];
        struct nvme_cqe cqe = bench_command(b, 1, sqe);
        assert_int_equal(bench_status(cqe), NVME_SC_INVALID_OPCODE);
        assert_true(cqe.status >> 1 & NVME_STATUS_DNR);
    }
    static const uint32_t nsids[] = {0, 2, 0xfffffffe, NVME_NSID_ALL};
    for (size_t i = 0; i < ARRAY_SIZE(nsids); i++) {
        sqe = bench_rw(NVME_IO_READ, 0, 8);
        sqe.nsid = nsids[i];
        assert_int_equal(run(b, sqe), NVME_SC_INVALID_NAMESPACE);
    }
    for (uint32_t flags = 1; flags < 256; flags <<= 1) {
        sqe = bench_rw(NVME_IO_READ, 0, 8);
        sqe.flags = (uint8_t)flags;
        assert_int_equal(run(b, sqe), flags & 0xc3 ? NVME_SC_INVALID_FIELD : NVME_SC_SUCCESS);
    }
    static const uint8_t ranged[] = {NVME_IO_READ, NVME_IO_WRITE, NVME_IO_WRITE_ZEROES};
    for (size_t i = 0; i < ARRAY_SIZE(ranged); i++) {
        assert_int_equal(run(b, bench_rw(ranged[i], blocks - 8, 8)), NVME_SC_SUCCESS);
        assert_int_equal(run(b, bench_rw(ranged[i], blocks - 7, 8)), NVME_SC_LBA_RANGE);
        assert_int_equal(run(b, bench_rw(ranged[i], blocks, 1)), NVME_SC_LBA_RANGE);
        assert_int_equal(run(b, bench_rw(ranged[i], UINT64_MAX, 8)), NVME_SC_LBA_RANGE);
    }
    sqe = bench_rw(NVME_IO_READ, 0, 257); // MDTS is 128 KiB
    assert_int_equal(run(b, sqe), NVME_SC_INVALID_FIELD);
    sqe.opcode = NVME_IO_WRITE;
    assert_int_equal(run(b, sqe), NVME_SC_INVALID_FIELD);
    bench_destroy(b);
}

static void test_media_errors_of_the_core_become_statuses(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    b->core_status = FTL_UNRECOVERED_READ;
    struct nvme_cqe cqe = bench_command(b, 1, bench_rw(NVME_IO_READ, 0, 8));
    assert_int_equal(bench_status(cqe), NVME_SC_UNRECOVERED_READ);
    assert_false(cqe.status >> 1 & NVME_STATUS_DNR);
    b->core_status = FTL_WRITE_FAULT;
    assert_int_equal(run(b, bench_rw(NVME_IO_WRITE, 0, 8)), NVME_SC_WRITE_FAULT);
    assert_int_equal(nvme_get_stats(b->nvme)->errors_media, 2);
    const uint16_t do_not_retry = 1 << 15; // 4.6.1
    assert_false(bench_command(b, 1, bench_rw(NVME_IO_WRITE, 0, 8)).status & do_not_retry);
    assert_true(bench_command(b, 1, bench_rw(NVME_IO_WRITE, BENCH_CAPACITY / 512, 8)).status & do_not_retry);
    b->core_status = FTL_OK;
    assert_int_equal(run(b, bench_rw(NVME_IO_READ, 0, 8)), NVME_SC_SUCCESS);
    bench_destroy(b);
}

// --- write cache ---------------------------------------------------------------------------------------------------

static void test_writes_go_to_the_flash_while_the_cache_is_off(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    struct nvme_sqe cache = {.opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = NVME_FEATURE_VOLATILE_WRITE_CACHE};
    assert_int_equal(bench_admin(b, cache), NVME_SC_SUCCESS);
    run(b, bench_rw(NVME_IO_WRITE, 0, 8));
    run(b, bench_rw(NVME_IO_WRITE_ZEROES, 0, 8));
    run(b, bench_rw(NVME_IO_READ, 0, 8));
    cache.cdw11 = 1;
    assert_int_equal(bench_admin(b, cache), NVME_SC_SUCCESS);
    run(b, bench_rw(NVME_IO_WRITE, 0, 8));
    assert_int_equal(b->core_log[0].kind, FTL_FLUSH); // what it held when it was switched off, as QEMU's hw/nvme does
    assert_true(b->core_log[1].fua);
    assert_true(b->core_log[2].fua);
    assert_false(b->core_log[3].fua); // a read may be answered from anywhere
    assert_int_equal(b->core_count, 5); // nothing is written out when it is switched on
    assert_false(b->core_log[4].fua);
    bench_destroy(b);
}

static void test_a_protected_cache_needs_no_flush(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    b->config.volatile_write_cache = false;
    bench_up(b);
    struct nvme_sqe fua = bench_rw(NVME_IO_WRITE, 0, 8);
    fua.cdw12 |= NVME_RW_FUA;
    assert_int_equal(run(b, fua), NVME_SC_SUCCESS);
    assert_int_equal(run(b, (struct nvme_sqe){.opcode = NVME_IO_FLUSH, .nsid = 1}), NVME_SC_SUCCESS);
    assert_int_equal(b->core_count, 1);
    assert_false(b->core_log[0].fua);
    fua.opcode = NVME_IO_READ;
    assert_int_equal(run(b, fua), NVME_SC_SUCCESS);
    assert_false(b->core_log[1].fua);
    bench_destroy(b);
}

// --- PRPs ----------------------------------------------------------------------------------------------------------

static void test_prp_entries_must_lie_on_pages(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    struct nvme_sqe sqe = bench_rw(NVME_IO_READ, 0, 8);
    sqe.prp2 = 1; // not used: one page
    assert_int_equal(run(b, sqe), NVME_SC_SUCCESS);
    sqe.prp1 = BENCH_DATA + 2;
    assert_int_equal(run(b, sqe), NVME_SC_PRP_OFFSET_INVALID);
    sqe.prp1 = BENCH_DATA + 512; // now it takes a second page
    sqe.prp2 = BENCH_DATA + 0x1004;
    assert_int_equal(run(b, sqe), NVME_SC_PRP_OFFSET_INVALID);
    sqe.prp2 = BENCH_DATA + 0x1000;
    assert_int_equal(run(b, sqe), NVME_SC_SUCCESS);
    sqe = bench_rw(NVME_IO_READ, 0, 24);
    sqe.prp2 = BENCH_LISTS + 4; // a list, not on a quadword
    assert_int_equal(run(b, sqe), NVME_SC_PRP_OFFSET_INVALID);
    put_list(b, BENCH_LISTS + 16, BENCH_DATA, 2);
    sqe.prp2 = BENCH_LISTS + 16;
    assert_int_equal(run(b, sqe), NVME_SC_SUCCESS);
    put_list(b, BENCH_LISTS + 16, BENCH_DATA + 8, 2); // entries with offsets
    assert_int_equal(run(b, sqe), NVME_SC_PRP_OFFSET_INVALID);
    bench_destroy(b);
}

static void test_only_the_needed_entries_of_a_list_are_fetched(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    put_list(b, BENCH_LISTS, BENCH_DATA, 512);
    for (uint32_t pages = 1; pages <= 32; pages++) {
        struct nvme_sqe sqe = bench_rw(NVME_IO_READ, 0, pages * 8);
        sqe.prp2 = pages == 2 ? BENCH_DATA : BENCH_LISTS;
        uint64_t before = b->dma_read_bytes;
        assert_int_equal(run(b, sqe), NVME_SC_SUCCESS);
        assert_int_equal(b->dma_read_bytes - before, NVME_SQE_BYTES + (pages > 2 ? (pages - 1) * 8 : 0));
    }
    bench_destroy(b);
}

static void test_lists_are_chained_by_the_last_entry_of_a_page(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    // 32 pages need 31 entries. The list starts 4 entries before a page's end: 3 entries and a pointer, then 28.
    uint64_t next = BENCH_LISTS + 0x8000;
    put_list(b, BENCH_LISTS + 4096 - 32, BENCH_DATA, 3);
    memcpy(b->memory + BENCH_LISTS + 4096 - 8, &next, sizeof next);
    put_list(b, next, BENCH_DATA + 3 * 4096, 28);
    struct nvme_sqe sqe = bench_rw(NVME_IO_READ, 0, 256);
    sqe.prp2 = BENCH_LISTS + 4096 - 32;
    uint64_t bytes = b->dma_read_bytes, reads = b->dma_reads;
    assert_int_equal(run(b, sqe), NVME_SC_SUCCESS);
    assert_int_equal(b->dma_read_bytes - bytes, NVME_SQE_BYTES + 32 + 28 * 8);
    assert_int_equal(b->dma_reads - reads, 3);
    assert_int_equal(nvme_get_stats(b->nvme)->prp_lists, 2);
    // Exactly as many entries as the page has left: the last one is data, not a pointer.
    sqe = bench_rw(NVME_IO_READ, 0, 5 * 8);
    sqe.prp2 = BENCH_LISTS + 4096 - 32;
    reads = b->dma_reads;
    assert_int_equal(run(b, sqe), NVME_SC_SUCCESS);
    assert_int_equal(b->dma_reads - reads, 2);
    next += 8; // the pointer itself must name a whole page
    memcpy(b->memory + BENCH_LISTS + 4096 - 8, &next, sizeof next);
    sqe = bench_rw(NVME_IO_READ, 0, 256);
    sqe.prp2 = BENCH_LISTS + 4096 - 32;
    assert_int_equal(run(b, sqe), NVME_SC_PRP_OFFSET_INVALID);
    bench_destroy(b);
}

static void test_larger_host_pages(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    bench_start(b);
    bench_enable_function(b);
    bench_enable_controller(b, BENCH_CC | 4 << NVME_CC_MPS_SHIFT); // 64 KiB
    bench_create_queue(b, 1, 64);
    struct nvme_sqe sqe = bench_rw(NVME_IO_READ, 0, 256); // two pages
    sqe.prp2 = BENCH_DATA + 0x1000;
    assert_int_equal(run(b, sqe), NVME_SC_PRP_OFFSET_INVALID);
    sqe.prp2 = BENCH_DATA + 0x10000;
    assert_int_equal(run(b, sqe), NVME_SC_SUCCESS);
    bench_destroy(b);
}

// --- dataset management --------------------------------------------------------------------------------------------

static struct nvme_sqe deallocation(struct bench *b, const struct nvme_dsm_range *ranges, uint32_t count)
{
    memcpy(b->memory + BENCH_DATA, ranges, count * sizeof *ranges);
    return (struct nvme_sqe){.opcode = NVME_IO_DATASET_MANAGEMENT, .nsid = 1, .prp1 = BENCH_DATA,
                             .cdw10 = count - 1, .cdw11 = NVME_DSM_AD};
}

static void test_ranges_are_trimmed_in_order(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    static const struct nvme_dsm_range ranges[] = {
        {.nlb = 8, .slba = 100}, {.nlb = 0, .slba = 7}, {.nlb = 0x200000, .slba = 0}, {.nlb = 1, .slba = 0x1fffff}};
    assert_int_equal(run(b, deallocation(b, ranges, 4)), NVME_SC_SUCCESS);
    assert_int_equal(b->core_count, 3);
    assert_int_equal(b->core_log[0].kind, FTL_TRIM);
    assert_int_equal(b->core_log[0].offset, 100 * 512);
    assert_int_equal(b->core_log[0].bytes, 8 * 512);
    assert_int_equal(b->core_log[1].bytes, BENCH_CAPACITY);
    assert_int_equal(b->core_log[2].offset, 0x1fffff * UINT64_C(512));
    struct nvme_sqe hint = deallocation(b, ranges, 1);
    hint.cdw11 = 3; // integral read and write
    assert_int_equal(run(b, hint), NVME_SC_SUCCESS);
    assert_int_equal(b->core_count, 3);
    assert_true(nvme_idle(b->nvme));
    bench_destroy(b);
}

static void test_nothing_is_trimmed_when_one_range_is_wrong(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    static const struct nvme_dsm_range wrong[] = {{.nlb = 8, .slba = 100}, {.nlb = 2, .slba = 0x1fffff}};
    assert_int_equal(run(b, deallocation(b, wrong, 2)), NVME_SC_LBA_RANGE);
    static const struct nvme_dsm_range far[] = {{.nlb = 8, .slba = UINT64_MAX}};
    assert_int_equal(run(b, deallocation(b, far, 1)), NVME_SC_LBA_RANGE);
    assert_int_equal(b->core_count, 0);
    struct nvme_sqe sqe = deallocation(b, wrong, 1);
    sqe.prp1++;
    assert_int_equal(run(b, sqe), NVME_SC_PRP_OFFSET_INVALID);
    bench_destroy(b);
}

static void test_ranges_may_span_two_pages(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    struct nvme_dsm_range ranges[256];
    for (uint32_t i = 0; i < 256; i++)
        ranges[i] = (struct nvme_dsm_range){.nlb = 1, .slba = i};
    struct nvme_sqe sqe = deallocation(b, ranges, 256);
    memcpy(b->memory + BENCH_DATA + 0x1000 - 64, ranges, 64);
    memcpy(b->memory + BENCH_DATA + 0x5000, ranges + 4, sizeof ranges - 64);
    sqe.prp1 = BENCH_DATA + 0x1000 - 64;
    sqe.prp2 = BENCH_DATA + 0x5000;
    assert_int_equal(run(b, sqe), NVME_SC_SUCCESS);
    assert_int_equal(b->core_count, 256);
    for (uint32_t i = 0; i < 256; i++)
        assert_int_equal(b->core_log[i].offset, i * UINT64_C(512));
    bench_destroy(b);
}

// --- time ----------------------------------------------------------------------------------------------------------

// Time on the wire at 8 GT/s, 4 lanes, 128b/130b: 8 * 130 / (128 * 32) ns a byte; rounding of each transfer is to 1
// ps.
static double wire_ps(double bytes)
{
    return bytes * 8 * 130 / (128 * 32) * 1000;
}

static void assert_near(tick_t actual, double expected)
{
    if ((double)actual < expected - 4 || (double)actual > expected + 4)
        fail_msg("%llu ps, expected %.1f", (unsigned long long)actual, expected);
}

enum { TO_HOST = 150000, TO_DEVICE = 140000, HOST_READ = 200000 };

// Doorbell of 4 B with 24 B of header and framing; request of 24 B, answered by 64 B with 20 B.
static double fetch_ps(void)
{
    return wire_ps(28) + TO_DEVICE + wire_ps(24) + TO_HOST + HOST_READ + wire_ps(84) + TO_DEVICE;
}

static void test_a_read_takes_the_sum_of_its_parts(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    b->core_delay = 50 * TICKS_PER_US;
    b->config.t_decode = 300000;
    b->config.t_complete = 0;
    bench_up(b);
    tick_t start = sim_now(b->sim);
    bench_put(b, 1, bench_rw(NVME_IO_READ, 0, 8));
    bench_ring(b, 1);
    bench_run(b);
    double data = wire_ps(4096 + 16 * 24), completion = wire_ps(16 + 24 + 4 + 24);
    assert_near(b->message_at - start, fetch_ps() + 300000 + 50e6 + data + completion + TO_HOST);
    const struct breakdown *path = &b->path;
    double doorbell = wire_ps(28) + TO_DEVICE;
    assert_near(path->start - start, doorbell);
    assert_int_equal(path->stage, STAGE_HOST_COMPLETE);
    assert_int_equal(path->changed, b->message_at);
    assert_near(path->spent[STAGE_SQ_FETCH], fetch_ps() - doorbell);
    assert_near(path->spent[STAGE_CONTROLLER], 300000 + 50e6); // this core has no stages of its own
    assert_near(path->spent[STAGE_DATA_OUT], data);
    assert_near(path->spent[STAGE_COMPLETION], completion + TO_HOST);
    tick_t sum = 0;
    for (int i = 0; i < STAGE_COUNT; i++)
        sum += path->spent[i];
    assert_int_equal(sum, b->message_at - path->start);
    bench_destroy(b);
}

// 16 KiB in four pieces, which take 1.14 us each on the link. When they come more slowly only the last one is waited for;
// when they come faster, the link is busy from the first one on.
static void test_pieces_of_a_read_leave_as_they_come(void **state)
{
    (void)state;
    double piece = wire_ps(4096 + 16 * 24);
    const struct {
        tick_t spacing;
        double data_out;
    } cases[] = {{2000000, piece}, {1000000, 1e6 + 4 * piece - 4e6}, {500000, 0.5e6 + 4 * piece - 2e6}};
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct bench *b = bench_create();
        b->core_pieces = 4;
        b->core_spacing = cases[i].spacing;
        bench_up(b);
        uint64_t tlps = nvme_get_stats(b->nvme)->tlps_to_host;
        bench_put(b, 1, bench_rw(NVME_IO_READ, 0, 32));
        put_list(b, BENCH_DATA + 0x1000, BENCH_DATA, 3);
        bench_ring(b, 1);
        bench_run(b);
        assert_near(b->path.spent[STAGE_DATA_OUT], cases[i].data_out);
        assert_near(b->path.spent[STAGE_COMPLETION], wire_ps(68) + TO_HOST);
        // requests for the entry and the list, data, CQE, message
        assert_int_equal(nvme_get_stats(b->nvme)->tlps_to_host - tlps, 2 + 64 + 2);
        assert_true(nvme_idle(b->nvme));
        bench_destroy(b);
    }
}

static void test_a_write_fetches_its_data_when_the_core_has_room(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    b->core_delay = 10 * TICKS_PER_US;
    b->core_pieces = 2;
    bench_up(b);
    tick_t start = sim_now(b->sim);
    bench_put(b, 1, bench_rw(NVME_IO_WRITE, 0, 8));
    bench_ring(b, 1);
    bench_run(b);
    // Two reads of 2 KiB: the first needs 4 requests of 512 B, then both come back to back, 8 completions of 256 B
    // each.
    double data = wire_ps(4 * 24) + TO_HOST + HOST_READ + 2 * wire_ps(2048 + 8 * 20) + TO_DEVICE;
    assert_near(b->core_data_at - start, fetch_ps() + 10e6 + data);
    assert_near(b->message_at - start, fetch_ps() + 10e6 + data + wire_ps(68) + TO_HOST);
    bench_destroy(b);
}

static void test_processors_take_whole_cycles_and_work_in_parallel(void **state)
{
    (void)state;
    for (uint32_t processors = 1; processors <= 2; processors++) {
        struct bench *b = bench_create();
        b->config.processors = processors;
        b->config.frequency = 100000000; // 10 ns
        b->config.t_decode = 95000;
        b->config.t_complete = 5000;
        bench_up(b);
        b->core_count = 0;
        for (int i = 0; i < 4; i++)
            bench_put(b, 1, bench_rw(NVME_IO_READ, 0, 8));
        b->core_hold = true;
        bench_ring(b, 1);
        bench_run(b);
        for (uint32_t i = 0; i < 4; i++) {
            assert_int_equal(b->core_log[i].at % 10000, 0);
            assert_int_equal(b->core_log[i].at - b->core_log[0].at, i / processors * 100000);
        }
        bench_core_release(b);
        bench_run(b);
        assert_true(nvme_idle(b->nvme));
        assert_true(meter_utilization(nvme_processor_meter(b->nvme), sim_now(b->sim)) > 0);
        bench_destroy(b);
    }
}

// Four commands come with one fetch: the last waits until three are decoded, or of two processors one.
static void test_a_command_waits_for_those_that_are_decoded_before_it(void **state)
{
    (void)state;
    static tick_t of_queue[64 * WAIT_COUNT];
    tick_t *const waits[] = {NULL, of_queue};
    for (uint32_t processors = 1; processors <= 2; processors++) {
        struct bench *b = bench_create();
        b->config.processors = processors;
        b->config.frequency = 0;
        b->config.t_decode = 95000;
        bench_up(b);
        nvme_observe(b->nvme, (struct nvme_observer){.self = b, .waits = waits, .completed = bench_completed});
        for (int i = 0; i < 4; i++)
            bench_put(b, 1, bench_rw(NVME_IO_READ, 0, 8));
        bench_ring(b, 1);
        bench_run(b);
        assert_int_equal(wait_of(&b->path, WAIT_CONTROLLER_FRONTEND), (processors == 1 ? 3 : 1) * 95000);
        bench_destroy(b);
    }
}

// A read of 128 KiB keeps the way to the host busy for 36 us.
static void start_long_read(struct bench *b)
{
    bench_put(b, 1, bench_rw(NVME_IO_READ, 0, 256));
    put_list(b, BENCH_DATA + 0x1000, BENCH_DATA, 31);
    bench_ring(b, 1);
    sim_run_before(b->sim, sim_now(b->sim) + 10 * TICKS_PER_US);
    assert_int_equal(b->core_count, 1);
}

// 64 B of a queue: their request waits for one TLP under way, and not for 36 us of data.
static void test_a_fetch_waits_for_one_packet_of_data(void **state)
{
    (void)state;
    for (tick_t later = 0; later < 80000; later += 7000) {
        struct bench *b = bench_up(bench_create());
        start_long_read(b);
        sim_run_before(b->sim, sim_now(b->sim) + later);
        bench_put(b, 1, bench_rw(NVME_IO_READ, 0, 8));
        bench_ring(b, 1);
        bench_run(b);
        double fetch = (double)b->path.spent[STAGE_SQ_FETCH], alone = fetch_ps() - (wire_ps(28) + TO_DEVICE);
        assert_true(fetch >= alone - 4 && fetch <= alone + wire_ps(256 + 24) + 4);
        bench_destroy(b);
    }
}

// A write meets the data of a read that was before it: its request for the entry, those for its data, and its completion
// go between them and move them by 24, 8 * 24 and 68 B. The completions lie in the queue in the order in which they came.
static void test_a_completion_overtakes_data_of_others_but_not_its_own(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    start_long_read(b);
    bench_put(b, 1, bench_rw(NVME_IO_WRITE, 0, 8));
    bench_ring(b, 1);
    bench_run(b);
    struct nvme_cqe cqe;
    assert_true(bench_take(b, 1, &cqe));
    uint16_t first = cqe.cid;
    assert_true(bench_take(b, 1, &cqe));
    assert_int_equal((uint16_t)(first - 1), cqe.cid);
    assert_int_equal(b->entry.opcode, NVME_IO_READ);
    assert_near(b->path.spent[STAGE_DATA_OUT], wire_ps(131072 + 512 * 24 + 24 + 8 * 24 + 68));
    assert_near(b->path.spent[STAGE_COMPLETION], wire_ps(68) + TO_HOST);
    assert_true(nvme_idle(b->nvme));
    bench_destroy(b);
}

// 64 KiB in pieces of 16 KiB, for each of which 32 requests of 512 B are answered by 64 completions of 256 B. With two
// pieces under way the data come back to back; with one, or with 4 KiB at a time, each piece takes a round trip.
static void test_tags_bound_how_much_data_are_asked_for_at_once(void **state)
{
    (void)state;
    double piece = wire_ps(16384 + 64 * 20), trip = TO_HOST + HOST_READ + TO_DEVICE;
    const struct {
        uint32_t requests;
        double time;
    } cases[] = {
        {64, wire_ps(32 * 24) + trip + 4 * piece},
        {768, wire_ps(32 * 24) + trip + 4 * piece},
        {32, 4 * (wire_ps(32 * 24) + trip + piece)},
        {63, 4 * (wire_ps(32 * 24) + trip + piece)},
        {8, 16 * (wire_ps(8 * 24) + trip + wire_ps(4096 + 16 * 20))},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct bench *b = bench_create();
        b->pcie.read_requests = cases[i].requests;
        bench_up(b);
        bench_put(b, 1, bench_rw(NVME_IO_WRITE, 0, 128));
        put_list(b, BENCH_DATA + 0x1000, BENCH_DATA, 15);
        bench_ring(b, 1);
        bench_run(b);
        if (fabs((double)(b->core_data_at - b->core_log[0].at) - cases[i].time) > 20)
            fail_msg("%u requests: %llu ps, expected %.1f", cases[i].requests,
                     (unsigned long long)(b->core_data_at - b->core_log[0].at), cases[i].time);
        assert_true(nvme_idle(b->nvme));
        bench_destroy(b);
    }
}

static void test_an_ideal_front_end_takes_no_time(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    b->pcie.generation = 0;
    b->pcie.latency_to_host = b->pcie.latency_to_device = b->pcie.host_read_latency = 0;
    b->core_delay = 12345;
    bench_up(b);
    tick_t start = sim_now(b->sim);
    bench_put(b, 1, bench_rw(NVME_IO_READ, 0, 256));
    put_list(b, BENCH_DATA + 0x1000, BENCH_DATA, 31);
    bench_ring(b, 1);
    bench_run(b);
    assert_int_equal(b->message_at - start, 12345);
    bench_destroy(b);
}

static void test_a_read_costs_three_events_beside_the_cores(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    uint64_t before = sim_events(b->sim);
    bench_put(b, 1, bench_rw(NVME_IO_READ, 0, 8));
    bench_ring(b, 1);
    bench_run(b);
    assert_int_equal(sim_events(b->sim) - before, 3 + 1); // doorbell, entries, completion; one of the core
    bench_destroy(b);
}

// 6.7: a range of no blocks is one, too; at the end, at the start, and several in a row.
static void test_empty_ranges_are_passed_over_wherever_they_stand(void **state)
{
    (void)state;
    for (unsigned full = 0; full < 1 << 5; full++) { // bit n: range n has blocks
        struct bench *b = bench_up(bench_create());
        struct nvme_dsm_range ranges[5];
        uint32_t expected = 0;
        for (uint32_t i = 0; i < 5; i++)
            ranges[i] = (struct nvme_dsm_range){.nlb = full >> i & 1, .slba = 10 * i};
        assert_int_equal(run(b, deallocation(b, ranges, 5)), NVME_SC_SUCCESS);
        for (uint32_t i = 0; i < 5; i++)
            if (full >> i & 1)
                assert_int_equal(b->core_log[expected++].offset, 10 * i * 512);
        assert_int_equal(b->core_count, expected);
        bench_destroy(b);
    }
}

// The buffer of a command is another's next: behind an empty range at the end of a list lie the ranges of a longer one.
static void test_a_list_of_ranges_ends_with_an_empty_one(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    static const struct nvme_dsm_range longer[] = {{.nlb = 8}, {.nlb = 0}, {.nlb = 0}, {.nlb = 8, .slba = 100}};
    assert_int_equal(run(b, deallocation(b, longer, 4)), NVME_SC_SUCCESS);
    assert_int_equal(b->core_count, 2);
    assert_int_equal(run(b, deallocation(b, longer, 2)), NVME_SC_SUCCESS);
    assert_int_equal(b->core_count, 3);
    bench_destroy(b);
}

// --- DMA that fails ------------------------------------------------------------------------------------------------

static void assert_not_transferred(struct nvme_cqe cqe)
{
    assert_int_equal(bench_status(cqe), NVME_SC_DATA_TRANSFER_ERROR);
    assert_true(cqe.status >> 1 & NVME_STATUS_MORE);
    assert_false(cqe.status >> 1 & NVME_STATUS_DNR);
}

// 4.6.1, Data Transfer Error. Nothing answers in the first page, nor beyond the memory.
static void test_data_that_cannot_be_moved_fail_their_command(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    struct nvme_sqe identify = {.opcode = NVME_ADMIN_IDENTIFY, .cdw10 = 1, .prp1 = BENCH_DATA + 3072};
    assert_not_transferred(bench_command(b, 0, identify));
    identify.prp2 = BENCH_MEMORY;
    assert_not_transferred(bench_command(b, 0, identify));
    struct nvme_sqe log = {.opcode = NVME_ADMIN_GET_LOG_PAGE, .cdw10 = NVME_LOG_SMART | 127 << 16};
    assert_not_transferred(bench_command(b, 0, log));
    struct nvme_sqe list = bench_rw(NVME_IO_READ, 0, 24);
    list.prp2 = 0x800;
    assert_not_transferred(bench_command(b, 1, list));
    static const struct nvme_dsm_range range = {.nlb = 1};
    struct nvme_sqe ranges = deallocation(b, &range, 1);
    ranges.prp1 = BENCH_MEMORY;
    assert_not_transferred(bench_command(b, 1, ranges));
    assert_int_equal(b->core_count, 0);
    for (uint32_t i = 0; i < 0x1000; i++)
        assert_int_equal(b->memory[i], 0);
    assert_true(nvme_idle(b->nvme));
    assert_int_equal(bench_read(b, NVME_REG_CSTS, 4), NVME_CSTS_RDY);
    bench_destroy(b);
}

// 3.1.6, CSTS.CFS: an error that no completion can tell of.
static void test_a_queue_that_cannot_be_reached_is_fatal(void **state)
{
    (void)state;
    for (unsigned completion = 0; completion < 2; completion++) {
        struct bench *b = bench_up(bench_create());
        struct nvme_sqe cq = bench_create_cq(2, 16), sq = bench_create_sq(2, 16);
        *(completion ? &cq.prp1 : &sq.prp1) = BENCH_MEMORY;
        assert_int_equal(bench_admin(b, cq), NVME_SC_SUCCESS);
        assert_int_equal(bench_admin(b, sq), NVME_SC_SUCCESS);
        uint32_t messages = b->messages[1] + b->messages[2];
        b->queues[2] = (struct bench_queue){.size = 16, .sq = BENCH_SQ + 0x20000};
        b->core_delay = TICKS_PER_US;
        bench_put(b, 1, bench_rw(NVME_IO_WRITE, 0, 8));
        bench_put(b, 2, bench_rw(NVME_IO_READ, 0, 8));
        bench_ring(b, 2);
        bench_run(b);
        assert_int_equal(bench_read(b, NVME_REG_CSTS, 4), NVME_CSTS_RDY | NVME_CSTS_CFS);
        bench_ring(b, 1); // nothing is done any more
        bench_run(b);
        assert_int_equal(b->messages[1] + b->messages[2], messages);
        assert_true(nvme_idle(b->nvme));
        bench_enable_controller(b, BENCH_CC);
        assert_int_equal(bench_read(b, NVME_REG_CSTS, 4), NVME_CSTS_RDY);
        bench_create_queue(b, 1, 64);
        assert_int_equal(run(b, bench_rw(NVME_IO_READ, 0, 8)), NVME_SC_SUCCESS);
        bench_destroy(b);
    }
}

static void submit_one_of_each(struct bench *b)
{
    static const struct nvme_dsm_range ranges[2] = {{.nlb = 8}, {.nlb = 8, .slba = 8}};
    struct nvme_sqe list = bench_rw(NVME_IO_WRITE, 0, 24);
    list.prp2 = BENCH_LISTS;
    put_list(b, BENCH_LISTS, BENCH_DATA, 2);
    bench_put(b, 1, bench_rw(NVME_IO_READ, 0, 8));
    bench_put(b, 1, list);
    bench_put(b, 1, deallocation(b, ranges, 2));
    bench_put(b, 0, (struct nvme_sqe){.opcode = NVME_ADMIN_IDENTIFY, .cdw10 = 1, .prp1 = BENCH_DATA + 0x10800,
                                      .prp2 = BENCH_DATA + 0x20000});
    bench_ring(b, 1);
    bench_ring(b, 0);
    bench_run(b);
}

// Whichever DMA it is that fails: a command tells of it, or CSTS does, and a reset mends it.
static void test_any_dma_may_fail(void **state)
{
    (void)state;
    unsigned failed = 0, fatal = 0;
    for (uint64_t nth = 1;; nth++) {
        struct bench *b = bench_up(bench_create());
        struct nvme_cqe cqe;
        b->dma_until_failure = nth;
        submit_one_of_each(b);
        unsigned good = 0, bad = 0;
        for (uint32_t qid = 0; qid < 2; qid++)
            while (bench_take(b, qid, &cqe))
                *(bench_status(cqe) == NVME_SC_DATA_TRANSFER_ERROR ? &bad : &good) += 1;
        bool is_fatal = bench_read(b, NVME_REG_CSTS, 4) & NVME_CSTS_CFS;
        bool reached = b->dma_until_failure == 0;
        failed += bad;
        fatal += is_fatal;
        assert_int_equal(bad + is_fatal, reached);
        assert_true(is_fatal || good + bad == 4);
        assert_true(nvme_idle(b->nvme));
        b->dma_until_failure = 0;
        bench_enable_controller(b, BENCH_CC);
        bench_create_queue(b, 1, 64);
        assert_int_equal(run(b, bench_rw(NVME_IO_READ, 0, 8)), NVME_SC_SUCCESS);
        bench_destroy(b);
        if (!reached)
            break;
    }
    assert_int_equal(failed, 4); // a PRP list, the ranges, two pages of Identify
    assert_int_equal(fatal, 6);  // two fetches, four completions
}

static void test_a_range_that_fails_ends_its_command(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    static const struct nvme_dsm_range ranges[] = {{.nlb = 8}, {.nlb = 8, .slba = 100}};
    b->core_status = FTL_WRITE_FAULT;
    assert_int_equal(run(b, deallocation(b, ranges, 2)), NVME_SC_WRITE_FAULT);
    assert_int_equal(b->core_count, 1);
    assert_true(nvme_idle(b->nvme));
    bench_destroy(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_and_writes_reach_the_core_in_bytes),
        cmocka_unit_test(test_blocks_of_4_kib),
        cmocka_unit_test(test_wrong_commands_get_the_standards_status),
        cmocka_unit_test(test_media_errors_of_the_core_become_statuses),
        cmocka_unit_test(test_writes_go_to_the_flash_while_the_cache_is_off),
        cmocka_unit_test(test_a_protected_cache_needs_no_flush),
        cmocka_unit_test(test_prp_entries_must_lie_on_pages),
        cmocka_unit_test(test_only_the_needed_entries_of_a_list_are_fetched),
        cmocka_unit_test(test_lists_are_chained_by_the_last_entry_of_a_page),
        cmocka_unit_test(test_larger_host_pages),
        cmocka_unit_test(test_ranges_are_trimmed_in_order),
        cmocka_unit_test(test_nothing_is_trimmed_when_one_range_is_wrong),
        cmocka_unit_test(test_ranges_may_span_two_pages),
        cmocka_unit_test(test_a_read_takes_the_sum_of_its_parts),
        cmocka_unit_test(test_pieces_of_a_read_leave_as_they_come),
        cmocka_unit_test(test_a_write_fetches_its_data_when_the_core_has_room),
        cmocka_unit_test(test_processors_take_whole_cycles_and_work_in_parallel),
        cmocka_unit_test(test_a_command_waits_for_those_that_are_decoded_before_it),
        cmocka_unit_test(test_a_fetch_waits_for_one_packet_of_data),
        cmocka_unit_test(test_a_completion_overtakes_data_of_others_but_not_its_own),
        cmocka_unit_test(test_tags_bound_how_much_data_are_asked_for_at_once),
        cmocka_unit_test(test_an_ideal_front_end_takes_no_time),
        cmocka_unit_test(test_a_read_costs_three_events_beside_the_cores),
        cmocka_unit_test(test_a_list_of_ranges_ends_with_an_empty_one),
        cmocka_unit_test(test_empty_ranges_are_passed_over_wherever_they_stand),
        cmocka_unit_test(test_data_that_cannot_be_moved_fail_their_command),
        cmocka_unit_test(test_a_queue_that_cannot_be_reached_is_fatal),
        cmocka_unit_test(test_any_dma_may_fail),
        cmocka_unit_test(test_a_range_that_fails_ends_its_command),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
