// What holds for every row of the front-end's tables: opcodes, features, log pages, values of CNS.
#include "bench.h"
#include "nvme/identify/cns.h"
#include "nvme/feature/feature.h"
#include "nvme/log/log_page.h"

static struct nvme_sqe opcode_of(unsigned code)
{
    struct nvme_sqe sqe = bench_rw((uint8_t)code, 0, 8);
    sqe.cdw10 = 0xffff; // of admin commands: no queue, log, feature or structure that is there
    return sqe;
}

static bool listed(const uint8_t *list, size_t count, unsigned code)
{
    return memchr(list, (int)code, count) != NULL;
}

// Figures 139 and 346, as far as they are offered.
static void test_only_the_opcodes_of_the_rows_are_there(void **state)
{
    (void)state;
    static const uint8_t admin[] = {0x00, 0x01, 0x02, 0x04, 0x05, 0x06, 0x08, 0x09, 0x0a, 0x80};
    static const uint8_t io[] = {0x00, 0x01, 0x02, 0x04, 0x08, 0x09, 0x0c};
    struct bench *b = bench_up(bench_create());
    for (unsigned code = 0; code < 256; code++) {
        if (code != NVME_ADMIN_ASYNC_EVENT_REQUEST)
            assert_int_equal(bench_admin(b, opcode_of(code)) != NVME_SC_INVALID_OPCODE,
                             listed(admin, sizeof admin, code));
        assert_int_equal(bench_status(bench_command(b, 1, opcode_of(code))) != NVME_SC_INVALID_OPCODE,
                         listed(io, sizeof io, code));
    }
    bench_destroy(b);
}

// NSID FFFFFFFFh is Flush's only, 0 and 2 nobody's.
static void test_commands_that_need_a_namespace_check_it(void **state)
{
    (void)state;
    static const uint8_t io[] = {0x01, 0x02, 0x04, 0x08, 0x09, 0x0c};
    static const uint32_t wrong[] = {0, 2, NVME_NSID_ALL - 1, NVME_NSID_ALL};
    struct bench *b = bench_up(bench_create());
    for (size_t i = 0; i < sizeof io; i++)
        for (size_t j = 0; j < ARRAY_SIZE(wrong); j++) {
            struct nvme_sqe sqe = bench_rw(io[i], 0, 8);
            sqe.nsid = wrong[j];
            assert_int_equal(bench_status(bench_command(b, 1, sqe)), NVME_SC_INVALID_NAMESPACE);
        }
    struct nvme_sqe flush = {.opcode = NVME_IO_FLUSH, .nsid = NVME_NSID_ALL};
    assert_int_equal(bench_status(bench_command(b, 1, flush)), NVME_SC_SUCCESS);
    bench_destroy(b);
}

static unsigned set_feature(struct bench *b, const struct nvme_feature_row *row, uint32_t value)
{
    return bench_admin(b, (struct nvme_sqe){.opcode = NVME_ADMIN_SET_FEATURES,
                                            .nsid = row->scope == SCOPE_NAMESPACE ? 1 : 0, .prp1 = BENCH_DATA,
                                            .cdw10 = row->fid, .cdw11 = value});
}

static void test_every_reserved_bit_of_every_feature_is_refused(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    for (size_t i = 0; i < NVME_FEATURE_COUNT; i++)
        for (unsigned bit = 0; bit < 32; bit++)
            if (nvme_feature_rows[i]->reserved >> bit & 1)
                assert_int_equal(set_feature(b, nvme_feature_rows[i], UINT32_C(1) << bit), NVME_SC_INVALID_FIELD);
    bench_destroy(b);
}

static void test_only_the_features_of_the_rows_are_there(void **state)
{
    (void)state;
    static const uint8_t there[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x16, 0x80};
    struct bench *b = bench_up(bench_create());
    for (unsigned fid = 0; fid < 256; fid++) {
        struct nvme_sqe sqe = {.opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = fid | NVME_SELECT_CAPABILITIES << 8};
        assert_int_equal(bench_admin(b, sqe) == NVME_SC_SUCCESS, listed(there, sizeof there, fid));
    }
    bench_destroy(b);
}

static void read_log(struct bench *b, uint8_t lid, uint32_t bytes, uint32_t offset, uint8_t *to)
{
    uint32_t dwords = bytes / 4 - 1;
    memset(b->memory + BENCH_DATA, 0xee, bytes);
    struct nvme_sqe sqe = {.opcode = NVME_ADMIN_GET_LOG_PAGE, .nsid = NVME_NSID_ALL, .prp1 = BENCH_DATA,
                           .prp2 = BENCH_DATA + 0x1000, .cdw10 = lid | dwords << 16, .cdw12 = offset};
    assert_int_equal(bench_admin(b, sqe), NVME_SC_SUCCESS);
    memcpy(to, b->memory + BENCH_DATA, bytes);
}

// Read in parts of so many bytes, a log is what it is as a whole.
static void test_every_log_is_the_sum_of_its_parts(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {4, 20, 64, 100, 512};
    static uint8_t whole[8192], parts[8192];
    struct bench *b = bench_create();
    b->config.self_test = true; // its log is there, too
    bench_up(b);
    for (unsigned i = 0; i < 3; i++)
        bench_admin(b, (struct nvme_sqe){.opcode = (uint8_t)(0xc0 + i)}); // entries of the error log
    for (size_t i = 0; i < NVME_LOG_PAGE_COUNT; i++) {
        const struct nvme_log_page *page = nvme_log_pages[i];
        if (page->check != NULL)
            continue; // it has a form of its own
        uint32_t size = (uint32_t)page->size(b->nvme);
        read_log(b, page->lid, size, 0, whole);
        for (size_t j = 0; j < ARRAY_SIZE(sizes); j++) {
            for (uint32_t at = 0; at < size; at += sizes[j])
                read_log(b, page->lid, sizes[j], at, parts + at); // beyond its end it reads 0
            assert_memory_equal(whole, parts, size);
        }
    }
    bench_destroy(b);
}

static void test_only_the_structures_of_the_rows_are_there(void **state)
{
    (void)state;
    static const uint8_t there[] = {0x00, 0x01, 0x02, 0x03, 0x05, 0x06, 0x07, 0x08, 0x1c};
    struct bench *b = bench_up(bench_create());
    for (unsigned cns = 0; cns < 256; cns++) {
        struct nvme_sqe sqe = {.opcode = NVME_ADMIN_IDENTIFY, .nsid = 1, .prp1 = BENCH_DATA, .cdw10 = cns};
        assert_int_equal(bench_admin(b, sqe) == NVME_SC_SUCCESS, listed(there, sizeof there, cns));
    }
    bench_destroy(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_the_opcodes_of_the_rows_are_there),
        cmocka_unit_test(test_commands_that_need_a_namespace_check_it),
        cmocka_unit_test(test_every_reserved_bit_of_every_feature_is_refused),
        cmocka_unit_test(test_only_the_features_of_the_rows_are_there),
        cmocka_unit_test(test_every_log_is_the_sum_of_its_parts),
        cmocka_unit_test(test_only_the_structures_of_the_rows_are_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
