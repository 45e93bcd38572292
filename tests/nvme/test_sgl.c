// Scatter gather lists: what they say of where data lie, what is refused, and what crosses the link. Sections are NVM
// Express 1.4's.
#include "conform.h"

enum { BLOCK = 512 };

static struct nvme_sgl_descriptor descriptor(unsigned type, uint64_t address, uint32_t length)
{
    return (struct nvme_sgl_descriptor){.address = address, .length = length, .type = (uint8_t)(type << 4)};
}

static struct bench *up(bool contents)
{
    struct bench *b = bench_create();
    b->config.sgl = true;
    b->contents = b->config.functional = contents;
    return bench_up(b);
}

static struct nvme_sqe with(struct nvme_sqe sqe, struct nvme_sgl_descriptor first)
{
    sqe.flags = 1 << 6;
    memcpy(&sqe.prp1, &first, sizeof first);
    return sqe;
}

static unsigned run(struct bench *b, struct nvme_sqe sqe)
{
    return bench_status(bench_command(b, 1, sqe));
}

static void put_segment(struct bench *b, uint64_t at, const struct nvme_sgl_descriptor *descriptors, size_t count)
{
    memcpy(b->memory + at, descriptors, count * sizeof *descriptors);
}

static void fill(uint8_t *to, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i++)
        to[i] = (uint8_t)(i * 13 + i / 255);
}

// 4.4: data blocks of any length and alignment, in segments that lead on to others
static void test_data_are_gathered_and_scattered(void **state)
{
    (void)state;
    struct bench *b = up(true);
    uint8_t data[16 * BLOCK];
    const struct nvme_sgl_descriptor first[] = {descriptor(NVME_SGL_DATA_BLOCK, BENCH_DATA + 1, 1001),
                                                descriptor(NVME_SGL_DATA_BLOCK, BENCH_DATA + 0x5003, 7),
                                                descriptor(NVME_SGL_DATA_BLOCK, 0, 0),
                                                descriptor(NVME_SGL_LAST_SEGMENT, BENCH_LISTS + 0x1008, 2 * 16)};
    const struct nvme_sgl_descriptor last[] = {descriptor(NVME_SGL_DATA_BLOCK, BENCH_DATA + 0x9000, 5000),
                                               descriptor(NVME_SGL_DATA_BLOCK, BENCH_DATA + 0x2000, 9000)}; // too long
    put_segment(b, BENCH_LISTS, first, ARRAY_SIZE(first));
    put_segment(b, BENCH_LISTS + 0x1008, last, ARRAY_SIZE(last));
    fill(data, sizeof data);
    memcpy(b->memory + BENCH_DATA + 1, data, 1001);
    memcpy(b->memory + BENCH_DATA + 0x5003, data + 1001, 7);
    memcpy(b->memory + BENCH_DATA + 0x9000, data + 1008, 5000);
    memcpy(b->memory + BENCH_DATA + 0x2000, data + 6008, sizeof data - 6008);
    struct nvme_sgl_descriptor list = descriptor(NVME_SGL_SEGMENT, BENCH_LISTS, sizeof first);
    assert_int_equal(run(b, with(bench_rw(NVME_IO_WRITE, 8, 16), list)), NVME_SC_SUCCESS);
    memset(b->memory + BENCH_DATA, 0, 0x10000);
    struct nvme_sgl_descriptor plain = descriptor(NVME_SGL_DATA_BLOCK, BENCH_DATA + 5, sizeof data);
    assert_int_equal(run(b, with(bench_rw(NVME_IO_READ, 8, 16), plain)), NVME_SC_SUCCESS);
    assert_memory_equal(b->memory + BENCH_DATA + 5, data, sizeof data);
    memset(b->memory + BENCH_DATA, 0, 0x10000);
    assert_int_equal(run(b, with(bench_rw(NVME_IO_READ, 8, 16), list)), NVME_SC_SUCCESS);
    assert_memory_equal(b->memory + BENCH_DATA + 0x5003, data + 1001, 7);
    assert_memory_equal(b->memory + BENCH_DATA + 0x2000, data + 6008, sizeof data - 6008);
    assert_int_equal(b->memory[BENCH_DATA + 0x2000 + sizeof data - 6008], 0); // no more than the data
    assert_int_equal(run(b, with(bench_rw(NVME_IO_COMPARE, 8, 16), list)), NVME_SC_SUCCESS);
    bench_destroy(b);
}

// 4.4, bit bucket: dropped of what is read, nothing of what is written
static void test_bit_buckets_take_what_nobody_wants(void **state)
{
    (void)state;
    struct bench *b = up(true);
    uint8_t data[2 * BLOCK];
    fill(data, sizeof data);
    const struct nvme_sgl_descriptor list[] = {descriptor(NVME_SGL_DATA_BLOCK, BENCH_DATA, 100),
                                               descriptor(NVME_SGL_BIT_BUCKET, 0, 700),
                                               descriptor(NVME_SGL_DATA_BLOCK, BENCH_DATA + 100, 924)};
    put_segment(b, BENCH_LISTS, list, 3);
    struct nvme_sgl_descriptor segment = descriptor(NVME_SGL_LAST_SEGMENT, BENCH_LISTS, sizeof list);
    memcpy(b->memory + BENCH_DATA, data, sizeof data);
    assert_int_equal(run(b, with(bench_rw(NVME_IO_WRITE, 0, 2), segment)), NVME_SC_SUCCESS);
    memset(b->memory + BENCH_DATA, 0, 0x1000);
    assert_int_equal(run(b, with(bench_rw(NVME_IO_READ, 0, 2), segment)), NVME_SC_SUCCESS);
    assert_memory_equal(b->memory + BENCH_DATA, data, 100);
    assert_memory_equal(b->memory + BENCH_DATA + 100, data + 800, 224);
    assert_int_equal(b->memory[BENCH_DATA + 324], 0);
    bench_destroy(b);
}

// 8 KiB by 4 descriptors, one a bit bucket of 2 KiB: 64 bytes of descriptors come, 6 KiB of data go. TLPs hold 256 B of
// payload: 24 for the data, 1 for the completion, 1 for its message, and the requests for entry and segment.
static void test_the_link_carries_what_arithmetic_says(void **state)
{
    (void)state;
    struct bench *b = up(false);
    const struct nvme_sgl_descriptor list[] = {descriptor(NVME_SGL_DATA_BLOCK, BENCH_DATA, 2048),
                                               descriptor(NVME_SGL_BIT_BUCKET, 0, 2048),
                                               descriptor(NVME_SGL_DATA_BLOCK, BENCH_DATA + 0x3000, 2048),
                                               descriptor(NVME_SGL_DATA_BLOCK, BENCH_DATA + 0x6000, 2048)};
    put_segment(b, BENCH_LISTS, list, 4);
    const struct nvme_stats *stats = nvme_get_stats(b->nvme);
    uint64_t up_before = stats->tlps_to_host, down_before = stats->tlps_to_device, bytes = b->dma_read_bytes;
    struct nvme_sqe sqe = with(bench_rw(NVME_IO_READ, 0, 16), descriptor(NVME_SGL_LAST_SEGMENT, BENCH_LISTS, sizeof list));
    bench_submit(b, 1, sqe);
    stats = nvme_get_stats(b->nvme);
    assert_int_equal(b->dma_read_bytes - bytes, NVME_SQE_BYTES + sizeof list);
    assert_int_equal(stats->tlps_to_host - up_before, 24 + 1 + 1 + 2);
    assert_int_equal(stats->tlps_to_device - down_before, 1 + 2); // doorbell; a completion for each request
    assert_int_equal(stats->prp_lists, 1);
    bench_destroy(b);
}

static void test_a_long_segment_is_fetched_in_parts(void **state)
{
    (void)state;
    struct bench *b = up(false);
    struct nvme_sgl_descriptor list[600];
    for (size_t i = 0; i < 600; i++)
        list[i] = descriptor(NVME_SGL_DATA_BLOCK, BENCH_DATA + i * 16, i < 599 ? 13 : 128 << 10);
    put_segment(b, BENCH_LISTS, list, 600);
    struct nvme_sgl_descriptor segment = descriptor(NVME_SGL_LAST_SEGMENT, BENCH_LISTS, sizeof list);
    assert_int_equal(run(b, with(bench_rw(NVME_IO_READ, 0, 256), segment)), NVME_SC_SUCCESS);
    assert_int_equal(nvme_get_stats(b->nvme)->prp_lists, 3); // 9600 bytes, 4096 at a time
    bench_destroy(b);
}

// 4.6.1, figure 126: what each status is for; none of the commands reaches the core
static void test_wrong_lists_get_their_statuses(void **state)
{
    (void)state;
    enum { AT = BENCH_LISTS, NEXT = BENCH_LISTS + 0x1000 };
    static const struct {
        unsigned status;
        struct nvme_sgl_descriptor first, list[3], next[1];
    } rows[] = {
        {NVME_SC_INVALID_SGL_LENGTH, {BENCH_DATA, 4095, {0}, 0}, {{0}}, {{0}}},
        {NVME_SC_INVALID_SGL_TYPE, {BENCH_DATA, 4096, {0}, NVME_SGL_KEYED << 4}, {{0}}, {{0}}},
        {NVME_SC_INVALID_SGL_TYPE, {BENCH_DATA, 4096, {0}, 0x50}, {{0}}, {{0}}},
        {NVME_SC_INVALID_SGL_TYPE, {BENCH_DATA, 4096, {0}, 0xf0}, {{0}}, {{0}}},
        {NVME_SC_INVALID_SGL_TYPE, {BENCH_DATA, 4096, {0}, 0x01}, {{0}}, {{0}}}, // an offset
        {NVME_SC_INVALID_SGL_SEGMENT, {AT, 0, {0}, 0x20}, {{0}}, {{0}}},
        {NVME_SC_INVALID_SGL_SEGMENT, {AT, 40, {0}, 0x30}, {{0}}, {{0}}},
        {NVME_SC_INVALID_SGL_COUNT, {AT, 48, {0}, 0x20}, {{NEXT, 16, {0}, 0x30}, {BENCH_DATA, 4096, {0}, 0}}, {{0}}},
        {NVME_SC_INVALID_SGL_SEGMENT, {AT, 16, {0}, 0x30}, {{NEXT, 16, {0}, 0x30}}, {{BENCH_DATA, 4096, {0}, 0}}},
        {NVME_SC_INVALID_SGL_SEGMENT, {AT, 16, {0}, 0x20}, {{BENCH_DATA, 4096, {0}, 0}}, {{0}}}, // leads nowhere
        {NVME_SC_INVALID_SGL_LENGTH, {AT, 16, {0}, 0x20}, {{NEXT, 16, {0}, 0x30}}, {{BENCH_DATA, 4095, {0}, 0}}},
        {NVME_SC_DATA_TRANSFER_ERROR, {BENCH_MEMORY, 16, {0}, 0x30}, {{0}}, {{0}}},
    };
    struct bench *b = up(false);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        put_segment(b, AT, rows[i].list, 3);
        put_segment(b, NEXT, rows[i].next, 1);
        struct nvme_cqe cqe = bench_command(b, 1, with(bench_rw(NVME_IO_READ, 0, 8), rows[i].first));
        assert_int_equal(bench_status(cqe), rows[i].status);
        assert_int_equal(b->nvme->errors.ring[(b->nvme->errors.count - 1) % 4].location, AT_PRP1);
    }
    assert_int_equal(b->core_count, 0);
    bench_destroy(b);
}

// Figure 104: PSDT 1 and 2 are SGLs, 3 is reserved; Admin commands of a PCIe function have PRPs only
static void test_who_may_use_them(void **state)
{
    (void)state;
    struct bench *b = up(false);
    struct nvme_sqe sqe = with(bench_rw(NVME_IO_READ, 0, 8), descriptor(NVME_SGL_DATA_BLOCK, BENCH_DATA, 4096));
    for (uint8_t psdt = 1; psdt < 4; psdt++) {
        sqe.flags = (uint8_t)(psdt << 6);
        assert_int_equal(run(b, sqe), psdt == 3 ? NVME_SC_INVALID_FIELD : NVME_SC_SUCCESS);
    }
    sqe.flags = 1 << 6 | 1;
    assert_int_equal(run(b, sqe), NVME_SC_INVALID_FIELD); // fused
    sqe = with((struct nvme_sqe){.opcode = NVME_ADMIN_IDENTIFY, .cdw10 = 1},
               descriptor(NVME_SGL_DATA_BLOCK, BENCH_DATA, 4096));
    assert_int_equal(bench_admin(b, sqe), NVME_SC_INVALID_FIELD);
    const struct nvme_identify_controller *id = conform_identify(b, NVME_CNS_CONTROLLER, 0);
    assert_int_equal(id->sgls, 1 | 1 << 16 | 1 << 18);
    bench_destroy(b);
}

static void test_ranges_to_deallocate_may_be_scattered(void **state)
{
    (void)state;
    struct bench *b = up(false);
    struct nvme_dsm_range ranges[] = {{.slba = 8, .nlb = 8}, {.slba = 64, .nlb = 16}};
    memcpy(b->memory + BENCH_DATA + 2, &ranges[0], sizeof ranges[0]);
    memcpy(b->memory + BENCH_DATA + 0x2001, &ranges[1], sizeof ranges[1]);
    const struct nvme_sgl_descriptor list[] = {descriptor(NVME_SGL_DATA_BLOCK, BENCH_DATA + 2, 16),
                                               descriptor(NVME_SGL_DATA_BLOCK, BENCH_DATA + 0x2001, 16)};
    put_segment(b, BENCH_LISTS, list, 2);
    struct nvme_sqe sqe = {.opcode = NVME_IO_DATASET_MANAGEMENT, .nsid = 1, .cdw10 = 1, .cdw11 = NVME_DSM_AD};
    assert_int_equal(run(b, with(sqe, descriptor(NVME_SGL_LAST_SEGMENT, BENCH_LISTS, sizeof list))), NVME_SC_SUCCESS);
    assert_int_equal(b->core_count, 2);
    assert_int_equal(b->core_log[1].offset, 64 * BLOCK);
    assert_int_equal(b->core_log[1].bytes, 16 * BLOCK);
    bench_destroy(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_data_are_gathered_and_scattered),
        cmocka_unit_test(test_bit_buckets_take_what_nobody_wants),
        cmocka_unit_test(test_the_link_carries_what_arithmetic_says),
        cmocka_unit_test(test_a_long_segment_is_fetched_in_parts),
        cmocka_unit_test(test_wrong_lists_get_their_statuses),
        cmocka_unit_test(test_who_may_use_them),
        cmocka_unit_test(test_ranges_to_deallocate_may_be_scattered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
