// The controller memory buffer: registers, what may lie there, and that it does not cross the link.
#include "bench.h"

enum { CMB_BYTES = 64 << 10 };
static const uint64_t CBA = UINT64_C(0x240000000); // in no host's memory

static uint64_t place_in_bar(struct bench *b)
{
    return bench_read(b, NVME_REG_CMBLOC, 4) >> NVME_CMBLOC_OFST_SHIFT << 12;
}

static void enable(struct bench *b, uint64_t control)
{
    b->device.mmio_write(b->nvme, NVME_REG_CMBMSC, 8, control);
    bench_run(b);
}

static struct bench *up(void)
{
    struct bench *b = bench_create();
    b->config.cmb = CMB_BYTES;
    bench_up(b);
    enable(b, CBA | NVME_CMBMSC_CRE | NVME_CMBMSC_CMSE);
    return b;
}

// As a host's stores of 8 bytes do.
static void store(struct bench *b, uint64_t offset, const void *from, size_t bytes)
{
    uint64_t place = place_in_bar(b) + offset;
    for (size_t i = 0; i < bytes; i += 8) {
        uint64_t word;
        memcpy(&word, (const char *)from + i, 8);
        b->device.mmio_write(b->nvme, place + i, 8, word);
    }
    bench_run(b);
}

static void load(struct bench *b, uint64_t offset, void *to, size_t bytes)
{
    for (size_t i = 0; i < bytes; i += 8)
        memcpy((char *)to + i, &(uint64_t){bench_read(b, place_in_bar(b) + offset + i, 8)}, 8);
}

// NVMe 1.4, 3.1.1 (CMBS), 3.1.11, 3.1.12, 3.1.16: location and size are shown when CRE is set. 16 units of 4 KiB;
// submission queues, lists, reads and writes, no completion queues.
static void test_registers_say_where_and_how_large_it_is(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    b->config.cmb = CMB_BYTES;
    bench_up(b);
    assert_int_equal(NVME_FIELD(bench_read(b, NVME_REG_CAP, 8), NVME_CAP_CMBS), 1);
    assert_int_equal(bench_read(b, NVME_REG_CMBLOC, 4) | bench_read(b, NVME_REG_CMBSZ, 4), 0);
    enable(b, NVME_CMBMSC_CRE);
    assert_int_equal(bench_read(b, NVME_REG_CMBSZ, 4), 16 << 12 | 0x1d);
    uint32_t location = (uint32_t)bench_read(b, NVME_REG_CMBLOC, 4);
    assert_int_equal(location & 7, 0); // BAR0
    assert_true(place_in_bar(b) > b->nvme->pci.pba_offset);
    assert_true(place_in_bar(b) + CMB_BYTES <= b->nvme->pci.bar_bytes);
    bench_write(b, NVME_REG_CMBSZ, 0);
    bench_write(b, NVME_REG_CMBLOC, 0xffffffff);
    assert_int_equal(bench_read(b, NVME_REG_CMBLOC, 4), location);
    enable(b, UINT64_MAX);
    assert_int_equal(bench_read(b, NVME_REG_CMBMSC, 8), ~UINT64_C(0xffc));
    enable(b, 0);
    assert_int_equal(bench_read(b, NVME_REG_CMBLOC, 4) | bench_read(b, NVME_REG_CMBSZ, 4), 0);
    bench_destroy(b);
}

// 3.1.17: a base from which the buffer would reach beyond all addresses.
static void test_an_invalid_base_is_told_and_not_used(void **state)
{
    (void)state;
    struct bench *b = up();
    enable(b, ~UINT64_C(0xfff) | NVME_CMBMSC_CRE | NVME_CMBMSC_CMSE);
    assert_int_equal(bench_read(b, NVME_REG_CMBSTS, 4), NVME_CMBSTS_CBAI);
    assert_int_equal(b->nvme->cmb.window, 0);
    enable(b, CBA | NVME_CMBMSC_CRE | NVME_CMBMSC_CMSE);
    assert_int_equal(bench_read(b, NVME_REG_CMBSTS, 4), 0);
    bench_destroy(b);
}

// 3.1.16: a controller reset leaves CMBMSC; others clear it.
static void test_resets(void **state)
{
    (void)state;
    struct bench *b = up();
    bench_enable_controller(b, BENCH_CC);
    assert_int_equal(bench_read(b, NVME_REG_CMBMSC, 8), CBA | 3);
    assert_int_equal(b->nvme->cmb.window, CMB_BYTES);
    assert_int_equal(bench_read(b, NVME_REG_CMBSZ, 4), 16 << 12 | 0x1d);
    b->device.reset(b->nvme, PCIE_RESET_HOT);
    bench_enable_function(b);
    assert_int_equal(bench_read(b, NVME_REG_CMBMSC, 8), 0);
    assert_int_equal(bench_read(b, NVME_REG_CMBSZ, 4), 0);
    assert_int_equal(b->nvme->cmb.window, 0);
    bench_destroy(b);
}

static void test_what_the_host_stores_it_reads(void **state)
{
    (void)state;
    struct bench *b = up();
    uint8_t written[256], read[256];
    for (int i = 0; i < 256; i++)
        written[i] = (uint8_t)(i * 7);
    store(b, CMB_BYTES - 256, written, sizeof written);
    load(b, CMB_BYTES - 256, read, sizeof read);
    assert_memory_equal(read, written, sizeof written);
    bench_destroy(b);
}

struct traffic {
    uint64_t up, down;
};

static struct traffic traffic_of(const struct bench *b)
{
    return (struct traffic){b->nvme->link.wire_bytes_up, b->nvme->link.wire_bytes_down};
}

// Generation 3: an entry by eight stores of 8 + 24 bytes; it is not fetched over the link, which saves a request of 24
// and a completion of 64 + 20. What is left is the doorbells, 28 each, data of 16 x 24 + 4096, entry and message, 40 +
// 28.
static void test_a_submission_queue_there_is_not_fetched_over_the_link(void **state)
{
    (void)state;
    struct bench *b = up();
    struct nvme_sqe create = bench_create_sq(2, 8), sqe = bench_rw(NVME_IO_READ, 0, 8);
    create.prp1 = CBA + 0x1000;
    assert_int_equal(bench_admin(b, bench_create_cq(2, 8)), NVME_SC_SUCCESS);
    assert_int_equal(bench_admin(b, create), NVME_SC_SUCCESS);
    sqe.cid = 77;
    struct traffic before = traffic_of(b);
    uint64_t reads = b->dma_reads;
    store(b, 0x1000, &sqe, sizeof sqe);
    assert_int_equal(traffic_of(b).down - before.down, 24 + 8 * 32); // CMBLOC is asked for
    before = traffic_of(b);
    bench_write(b, bench_doorbell(b, 2, false), 1);
    assert_int_equal(traffic_of(b).up - before.up, 16 * 24 + 4096 + 40 + 28);
    assert_int_equal(traffic_of(b).down - before.down, 28);
    assert_int_equal(b->dma_reads, reads);
    struct nvme_cqe cqe;
    memcpy(&cqe, b->memory + BENCH_CQ + 0x20000, sizeof cqe);
    assert_int_equal(cqe.cid, 77);
    assert_int_equal(cqe.status, 1);
    bench_destroy(b);
}

// Data there cross neither way; only the entry's fetch, its completion and the message do.
static void test_data_there_do_not_cross_the_link(void **state)
{
    (void)state;
    static const uint8_t opcodes[] = {NVME_IO_READ, NVME_IO_WRITE};
    for (size_t i = 0; i < ARRAY_SIZE(opcodes); i++) {
        struct bench *b = up();
        struct nvme_sqe sqe = bench_rw(opcodes[i], 0, 16);
        sqe.prp1 = CBA, sqe.prp2 = CBA + 0x1000;
        struct traffic before = traffic_of(b);
        bench_submit(b, 1, sqe);
        assert_int_equal(traffic_of(b).up - before.up, 24 + 40 + 28);
        assert_int_equal(traffic_of(b).down - before.down, 28 + 84);
        struct nvme_cqe cqe;
        assert_true(bench_take(b, 1, &cqe));
        assert_int_equal(bench_status(cqe), NVME_SC_SUCCESS);
        assert_int_equal(b->completed.bytes, 8192);
        bench_destroy(b);
    }
}

// Bytes that the controller makes: Identify's page, by a PRP list there that names pages there.
static void test_structures_and_lists_lie_there(void **state)
{
    (void)state;
    struct bench *b = up();
    struct nvme_sqe identify = {.opcode = NVME_ADMIN_IDENTIFY, .prp1 = CBA + 0x3000, .cdw10 = 1};
    struct nvme_identify_controller id;
    assert_int_equal(bench_admin(b, identify), NVME_SC_SUCCESS);
    load(b, 0x3000, &id, sizeof id);
    assert_int_equal(id.vid, 0x15b7);
    uint64_t list[3] = {CBA + 0x5000, CBA + 0x6000, CBA + 0x7000};
    store(b, 0x4000, list, sizeof list);
    struct nvme_sqe sqe = bench_rw(NVME_IO_READ, 0, 32);
    sqe.prp1 = CBA + 0x2000, sqe.prp2 = CBA + 0x4000;
    struct traffic before = traffic_of(b);
    assert_int_equal(bench_status(bench_command(b, 1, sqe)), NVME_SC_SUCCESS);
    assert_int_equal(traffic_of(b).up - before.up, 24 + 40 + 28);
    bench_destroy(b);
}

// Bytes of user data, where a drive keeps them: written from there, read to there, and to the host's memory.
static void test_contents_move_to_and_from_it(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    b->config.cmb = CMB_BYTES;
    b->contents = true;
    bench_up(b);
    enable(b, CBA | NVME_CMBMSC_CRE | NVME_CMBMSC_CMSE);
    uint8_t written[4096], read[4096];
    for (int i = 0; i < 4096; i++)
        written[i] = (uint8_t)(i * 31 + i / 256);
    store(b, 0x2000, written, sizeof written);
    struct nvme_sqe write = bench_rw(NVME_IO_WRITE, 40, 8), back = bench_rw(NVME_IO_READ, 40, 8);
    write.prp1 = CBA + 0x2000, back.prp1 = CBA + 0x6000;
    assert_int_equal(bench_status(bench_command(b, 1, write)), NVME_SC_SUCCESS);
    assert_int_equal(bench_status(bench_command(b, 1, back)), NVME_SC_SUCCESS);
    load(b, 0x6000, read, sizeof read);
    assert_memory_equal(read, written, sizeof written);
    assert_int_equal(bench_status(bench_command(b, 1, bench_rw(NVME_IO_READ, 40, 8))), NVME_SC_SUCCESS);
    assert_memory_equal(b->memory + BENCH_DATA, written, sizeof written);
    bench_destroy(b);
}

// 4.7: data lie there all of them or none; 12h is the status for all wrong use.
static void test_wrong_use_is_refused(void **state)
{
    (void)state;
    struct bench *b = up();
    struct nvme_sqe sqe = bench_rw(NVME_IO_READ, 0, 16), cq = bench_create_cq(2, 8);
    sqe.prp1 = CBA;
    assert_int_equal(bench_status(bench_command(b, 1, sqe)), NVME_SC_INVALID_CMB_USE);
    sqe.prp1 = BENCH_DATA, sqe.prp2 = CBA;
    assert_int_equal(bench_status(bench_command(b, 1, sqe)), NVME_SC_INVALID_CMB_USE);
    memcpy(b->memory + BENCH_LISTS, (uint64_t[]){BENCH_DATA, CBA, BENCH_DATA}, 24);
    sqe = bench_rw(NVME_IO_WRITE, 0, 32);
    sqe.prp2 = BENCH_LISTS;
    assert_int_equal(bench_status(bench_command(b, 1, sqe)), NVME_SC_INVALID_CMB_USE);
    cq.prp1 = CBA;
    assert_int_equal(bench_admin(b, cq), NVME_SC_INVALID_CMB_USE);
    struct nvme_sqe identify = {.opcode = NVME_ADMIN_IDENTIFY, .prp1 = CBA + CMB_BYTES - 0x800, .prp2 = CBA,
                                .cdw10 = 1};
    assert_int_equal(bench_admin(b, identify), NVME_SC_SUCCESS); // two pages of it
    identify.prp2 = CBA + CMB_BYTES;
    assert_int_equal(bench_admin(b, identify), NVME_SC_INVALID_CMB_USE);
    bench_destroy(b);
}

// Where there is none its registers are reserved, and its addresses the host's.
static void test_a_drive_without(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    enable(b, CBA | 3);
    assert_int_equal(bench_read(b, NVME_REG_CMBMSC, 8), 0);
    assert_int_equal(NVME_FIELD(bench_read(b, NVME_REG_CAP, 8), NVME_CAP_CMBS), 0);
    assert_int_equal(bench_admin(b, (struct nvme_sqe){.opcode = NVME_ADMIN_IDENTIFY, .prp1 = CBA, .cdw10 = 1}),
                     NVME_SC_DATA_TRANSFER_ERROR);
    bench_destroy(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_registers_say_where_and_how_large_it_is),
        cmocka_unit_test(test_an_invalid_base_is_told_and_not_used),
        cmocka_unit_test(test_resets),
        cmocka_unit_test(test_what_the_host_stores_it_reads),
        cmocka_unit_test(test_a_submission_queue_there_is_not_fetched_over_the_link),
        cmocka_unit_test(test_data_there_do_not_cross_the_link),
        cmocka_unit_test(test_structures_and_lists_lie_there),
        cmocka_unit_test(test_contents_move_to_and_from_it),
        cmocka_unit_test(test_wrong_use_is_refused),
        cmocka_unit_test(test_a_drive_without),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
