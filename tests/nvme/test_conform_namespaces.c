// Conformance, group Namespaces: Identify's lists and structures, management, attachment, and what I/O sees of them.
#include "conform.h"

enum { MIB = 1 << 20 };

static struct bench *several(const char *layout, uint32_t max)
{
    struct bench *b = bench_create();
    snprintf(b->config.namespaces, sizeof b->config.namespaces, "%s", layout);
    b->config.max_namespaces = max;
    return bench_up(b);
}

static uint32_t list_at(const void *list, size_t index)
{
    uint32_t nsid;
    memcpy(&nsid, (const uint8_t *)list + 4 * index, sizeof nsid);
    return nsid;
}

// 5.15.2.1: each has its size and its format; the formats are 512 B to 4 KiB.
static void test_namespaces_are_as_configured(void **state)
{
    (void)state;
    static const struct {
        uint64_t bytes;
        unsigned shift;
    } rows[] = {{BENCH_CAPACITY / 4, 12}, {256 * MIB, 9}, {BENCH_CAPACITY / 2, 10}};
    struct bench *b = several("25% 4KiB, 256MiB, 0 1KiB", 0);
    for (uint32_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const struct nvme_identify_namespace *id = conform_identify(b, NVME_CNS_NAMESPACE, i + 1);
        assert_int_equal(id->nlbaf, 3);
        assert_int_equal(id->lbaf[id->flbas & 0xf].lbads, rows[i].shift);
        assert_int_equal(id->nsze << rows[i].shift, rows[i].bytes);
        assert_int_equal(id->nvmcap.low, rows[i].bytes);
        for (unsigned format = 0; format <= id->nlbaf; format++)
            assert_int_equal(id->lbaf[format].lbads, 9 + format);
    }
    assert_int_equal(((const struct nvme_identify_controller *)conform_identify(b, NVME_CNS_CONTROLLER, 0))->nn, 3);
    bench_destroy(b);
}

// 5.15.2.3: ascending, above NSID; 7.11: each namespace has an identifier of its own.
static void test_lists_and_descriptors(void **state)
{
    (void)state;
    struct bench *b = several("25%, 25%, 25%", 0);
    static const uint32_t lists[] = {NVME_CNS_ACTIVE_NAMESPACES, NVME_CNS_IO_ACTIVE_NAMESPACES};
    for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
        for (uint32_t above = 0; above < 5; above++)
            for (uint32_t at = 0; at < 4; at++)
                assert_int_equal(list_at(conform_identify(b, lists[i], above), at),
                                 above + 1 + at <= 3 ? above + 1 + at : 0);
    uint8_t eui64[3][8];
    for (uint32_t i = 0; i < 3; i++) {
        const uint8_t *list = conform_identify(b, NVME_CNS_NAMESPACE_DESCRIPTORS, i + 1);
        assert_int_equal(list[0], NVME_NIDT_EUI64);
        memcpy(eui64[i], list + 4, 8);
        for (uint32_t j = 0; j < i; j++)
            assert_memory_not_equal(eui64[i], eui64[j], 8);
    }
    bench_destroy(b);
}

static void test_wrong_namespaces_of_identify(void **state)
{
    (void)state;
    enum { OPCODE = NVME_ADMIN_IDENTIFY, NS = NVME_SC_INVALID_NAMESPACE };
    static const struct conform_check checks[] = {
        {"5.15.2.1: NSID 0 is no namespace", {.opcode = OPCODE, .cdw10 = 0x00}, NS},
        {"5.15.2.1: above NN", {.opcode = OPCODE, .nsid = 5, .cdw10 = 0x00}, NS},
        {"5.15.2.1: FFFFFFFEh", {.opcode = OPCODE, .nsid = 0xfffffffe, .cdw10 = 0x00}, NS},
        {"5.15.2.1: FFFFFFFFh with Namespace Management", {.opcode = OPCODE, .nsid = NVME_NSID_ALL, .cdw10 = 0x00}, 0},
        {"5.15.2.3: FFFFFFFEh", {.opcode = OPCODE, .nsid = 0xfffffffe, .cdw10 = 0x02}, NS},
        {"5.15.2.3: FFFFFFFFh", {.opcode = OPCODE, .nsid = NVME_NSID_ALL, .cdw10 = 0x02}, NS},
        {"5.15.2.4: inactive", {.opcode = OPCODE, .nsid = 4, .cdw10 = 0x03}, NS},
        {"5.15.2.4: all", {.opcode = OPCODE, .nsid = NVME_NSID_ALL, .cdw10 = 0x03}, NS},
        {"5.15.2.7: FFFFFFFEh", {.opcode = OPCODE, .nsid = 0xfffffffe, .cdw10 = 0x10}, NS},
        {"5.15.2.8: above NN", {.opcode = OPCODE, .nsid = 5, .cdw10 = 0x11}, NS},
        {"5.15.2.8: unallocated", {.opcode = OPCODE, .nsid = 4, .cdw10 = 0x11}, 0},
        {"5.15.2.9: attached controllers", {.opcode = OPCODE, .nsid = 1, .cdw10 = 0x12}, 0},
        {"5.15.2.9: above NN", {.opcode = OPCODE, .nsid = 9, .cdw10 = 0x12}, NS},
        {"5.15.2.10: controllers", {.opcode = OPCODE, .cdw10 = 0x13}, 0},
        {"Base 2.0, 5.17.2: CSI that is not there", {.opcode = OPCODE, .nsid = 1, .cdw10 = 0x05, .cdw11 = 2u << 24},
         NVME_SC_INVALID_FIELD},
        {"Base 2.0, 5.17.2: CSI that is not there", {.opcode = OPCODE, .cdw10 = 0x06, .cdw11 = 1u << 24},
         NVME_SC_INVALID_FIELD},
        {"Base 2.0, 5.17.2: CSI that is not there", {.opcode = OPCODE, .cdw10 = 0x07, .cdw11 = 3u << 24},
         NVME_SC_INVALID_FIELD},
        {"Base 2.0, 5.17.2.8: independent of the set", {.opcode = OPCODE, .nsid = 1, .cdw10 = 0x08}, 0},
        {"Base 2.0, 5.17.2.23: command sets", {.opcode = OPCODE, .cdw10 = 0x1c}, 0},
        {"5.15.1: a CNS that is not there", {.opcode = OPCODE, .cdw10 = 0x14}, NVME_SC_INVALID_FIELD},
    };
    struct bench *b = several("25%, 25%, 25%", 4);
    CONFORM_RUN(b, checks);
    bench_destroy(b);
}

// 6.1.2: an inactive one is all zeroes; 5.15.2.8 tells of it by its own CNS.
static void test_an_inactive_namespace_is_all_zeroes(void **state)
{
    (void)state;
    static const uint8_t zeroes[NVME_IDENTIFY_BYTES];
    struct bench *b = several("25%, 25%, 25%", 4);
    assert_memory_equal(conform_identify(b, NVME_CNS_NAMESPACE, 4), zeroes, sizeof zeroes);
    assert_memory_equal(conform_identify(b, NVME_CNS_ALLOCATED_NAMESPACE, 4), zeroes, sizeof zeroes);
    bench_destroy(b);
}

// --- I/O -----------------------------------------------------------------------------------------------------------

static unsigned io(struct bench *b, uint8_t opcode, uint32_t nsid, uint64_t slba, uint32_t blocks)
{
    struct nvme_sqe sqe = bench_rw(opcode, slba, blocks);
    sqe.nsid = nsid;
    return bench_status(bench_command(b, 1, sqe));
}

// Block n of a namespace is where its range begins, n of its own blocks on; beyond its end is LBA Out of Range, 4.1.2
// of the status codes, although the drive goes on.
static void test_io_stays_within_its_namespace(void **state)
{
    (void)state;
    struct bench *b = several("256MiB 4KiB, 512MiB 2KiB, 0 512B", 0);
    static const struct {
        uint64_t base, blocks;
        unsigned shift;
    } rows[] = {{0, 65536, 12}, {256 * MIB, 262144, 11}, {768 * MIB, 524288, 9}};
    for (uint32_t i = 0; i < ARRAY_SIZE(rows); i++) {
        uint32_t before = b->core_count;
        assert_int_equal(io(b, NVME_IO_WRITE, i + 1, rows[i].blocks - 1, 1), NVME_SC_SUCCESS);
        assert_int_equal(b->core_log[before].offset, rows[i].base + ((rows[i].blocks - 1) << rows[i].shift));
        assert_int_equal(b->core_log[before].bytes, 1u << rows[i].shift);
        assert_int_equal(io(b, NVME_IO_READ, i + 1, rows[i].blocks - 1, 2), NVME_SC_LBA_RANGE);
        assert_int_equal(io(b, NVME_IO_READ, i + 1, rows[i].blocks, 1), NVME_SC_LBA_RANGE);
        assert_int_equal(b->core_count, before + 1);
    }
    assert_int_equal(io(b, NVME_IO_READ, 4, 0, 1), NVME_SC_INVALID_NAMESPACE);
    bench_destroy(b);
}

// MDTS is in bytes: 128 KiB are 32 blocks of 4 KiB, and 256 of 512 B.
static void test_mdts_is_the_same_for_every_format(void **state)
{
    (void)state;
    struct bench *b = several("256MiB 4KiB, 256MiB 512B", 0);
    assert_int_equal(io(b, NVME_IO_WRITE_ZEROES, 1, 0, 33), NVME_SC_SUCCESS);
    assert_int_equal(io(b, NVME_IO_READ, 1, 0, 33), NVME_SC_INVALID_FIELD);
    assert_int_equal(io(b, NVME_IO_READ, 2, 0, 257), NVME_SC_INVALID_FIELD);
    assert_int_equal(io(b, NVME_IO_READ, 1, 0, 32), NVME_SC_SUCCESS);
    assert_int_equal(io(b, NVME_IO_READ, 2, 0, 256), NVME_SC_SUCCESS);
    bench_destroy(b);
}

// 6.8: FFFFFFFFh flushes all of them, one request to the core.
static void test_flush_of_all_namespaces(void **state)
{
    (void)state;
    struct bench *b = several("25%, 25%", 0);
    assert_int_equal(io(b, NVME_IO_FLUSH, NVME_NSID_ALL, 0, 1), NVME_SC_SUCCESS);
    assert_int_equal(io(b, NVME_IO_FLUSH, 2, 0, 1), NVME_SC_SUCCESS);
    assert_int_equal(b->core_count, 2);
    bench_destroy(b);
}

// --- management ----------------------------------------------------------------------------------------------------

static struct nvme_cqe manage(struct bench *b, uint32_t select, uint32_t nsid, struct nvme_identify_namespace id)
{
    memcpy(conform_data(b), &id, sizeof id);
    return conform_command(b, (struct nvme_sqe){.opcode = NVME_ADMIN_NAMESPACE_MANAGEMENT, .nsid = nsid,
                                                .cdw10 = select});
}

static struct nvme_cqe create(struct bench *b, uint64_t bytes, uint8_t format)
{
    uint64_t blocks = bytes >> (9 + format);
    return manage(b, NVME_NAMESPACE_CREATE, 0,
                  (struct nvme_identify_namespace){.nsze = blocks, .ncap = blocks, .flbas = format});
}

static unsigned delete(struct bench *b, uint32_t nsid)
{
    return bench_status(manage(b, NVME_NAMESPACE_DELETE, nsid, (struct nvme_identify_namespace){0}));
}

static unsigned attach(struct bench *b, uint32_t select, uint32_t nsid, uint16_t count, uint16_t controller)
{
    struct nvme_controller_list list = {.count = count, .id = {controller}};
    memcpy(conform_data(b), &list, sizeof list);
    return conform_admin(b, (struct nvme_sqe){.opcode = NVME_ADMIN_NAMESPACE_ATTACHMENT, .nsid = nsid,
                                              .cdw10 = select});
}

// 8.12: created with the lowest identifier, of use once it is attached, gone when it is deleted.
static void test_a_namespace_is_created_attached_detached_and_deleted(void **state)
{
    (void)state;
    struct bench *b = several("50%", 4);
    struct nvme_cqe cqe = create(b, 64 * MIB, 3);
    assert_int_equal(bench_status(cqe), NVME_SC_SUCCESS);
    assert_int_equal(cqe.dw0, 2);
    assert_int_equal(io(b, NVME_IO_READ, 2, 0, 1), NVME_SC_INVALID_NAMESPACE);
    assert_int_equal(list_at(conform_identify(b, NVME_CNS_ACTIVE_NAMESPACES, 0), 1), 0);
    assert_int_equal(list_at(conform_identify(b, NVME_CNS_ALLOCATED_NAMESPACES, 0), 1), 2);
    assert_int_equal(list_at(conform_identify(b, NVME_CNS_IO_ALLOCATED_NAMESPACES, 1), 0), 2);
    assert_int_equal(*(const uint16_t *)conform_identify(b, NVME_CNS_ATTACHED_CONTROLLERS, 2), 0);
    assert_int_equal(attach(b, NVME_NAMESPACE_ATTACH, 2, 1, 0), NVME_SC_SUCCESS);
    assert_int_equal(*(const uint16_t *)conform_identify(b, NVME_CNS_ATTACHED_CONTROLLERS, 2), 1);
    assert_int_equal(io(b, NVME_IO_READ, 2, 64 * MIB / 4096 - 1, 1), NVME_SC_SUCCESS);
    assert_int_equal(b->core_log[b->core_count - 1].offset, BENCH_CAPACITY / 2 + 64 * MIB - 4096);
    assert_int_equal(attach(b, NVME_NAMESPACE_DETACH, 2, 1, 0), NVME_SC_SUCCESS);
    assert_int_equal(io(b, NVME_IO_READ, 2, 0, 1), NVME_SC_INVALID_NAMESPACE);
    assert_int_equal(delete(b, 2), NVME_SC_SUCCESS);
    struct bench_core_entry trim = b->core_log[b->core_count - 1]; // what it held is given back
    assert_int_equal(trim.kind, FTL_TRIM);
    assert_int_equal(trim.offset, BENCH_CAPACITY / 2);
    assert_int_equal(trim.bytes, 64 * MIB);
    assert_int_equal(list_at(conform_identify(b, NVME_CNS_ALLOCATED_NAMESPACES, 0), 1), 0);
    bench_destroy(b);
}

// 5.20: what cannot be is told by its own status.
static void test_creation_that_cannot_be(void **state)
{
    (void)state;
    struct bench *b = several("50%", 3);
    assert_int_equal(bench_status(create(b, BENCH_CAPACITY / 2 + 4096, 0)), NVME_SC_INSUFFICIENT_CAPACITY);
    assert_int_equal(bench_status(create(b, UINT64_C(1) << 60, 0)), NVME_SC_INSUFFICIENT_CAPACITY);
    assert_int_equal(bench_status(create(b, 4096, 4)), NVME_SC_INVALID_FORMAT);
    assert_int_equal(bench_status(create(b, 0, 0)), NVME_SC_INVALID_FIELD);
    assert_int_equal(bench_status(manage(b, 0, 0, (struct nvme_identify_namespace){.nsze = 8, .ncap = 4})),
                     NVME_SC_INVALID_FIELD); // thin
    assert_int_equal(bench_status(manage(b, 2, 0, (struct nvme_identify_namespace){.nsze = 8, .ncap = 8})),
                     NVME_SC_INVALID_FIELD);
    assert_int_equal(create(b, MIB, 0).dw0, 2);
    assert_int_equal(create(b, MIB, 0).dw0, 3);
    assert_int_equal(bench_status(create(b, MIB, 0)), NVME_SC_NSID_UNAVAILABLE);
    assert_int_equal(delete(b, 0), NVME_SC_INVALID_NAMESPACE);
    assert_int_equal(delete(b, 4), NVME_SC_INVALID_NAMESPACE);
    bench_destroy(b);
}

// First fit: of two gaps the first that is large enough; together they are too small for what is larger than each.
static void test_a_range_is_contiguous_and_the_first_that_fits(void **state)
{
    (void)state;
    struct bench *b = several("64MiB, 64MiB, 256MiB, 128MiB, 512MiB", 8);
    assert_int_equal(delete(b, 2), NVME_SC_SUCCESS);
    assert_int_equal(delete(b, 4), NVME_SC_SUCCESS);
    const struct nvme_identify_controller *id = conform_identify(b, NVME_CNS_CONTROLLER, 0);
    assert_int_equal(id->unvmcap.low, 192 * MIB);
    assert_int_equal(id->tnvmcap.low, BENCH_CAPACITY);
    assert_int_equal(bench_status(create(b, 129 * MIB, 0)), NVME_SC_INSUFFICIENT_CAPACITY);
    assert_int_equal(create(b, 65 * MIB, 0).dw0, 2);
    assert_int_equal(create(b, 64 * MIB, 0).dw0, 4);
    static const struct {
        uint32_t nsid;
        uint64_t base;
    } rows[] = {{2, UINT64_C(384) * MIB}, {4, UINT64_C(64) * MIB}};
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        assert_int_equal(attach(b, NVME_NAMESPACE_ATTACH, rows[i].nsid, 1, 0), NVME_SC_SUCCESS);
        assert_int_equal(io(b, NVME_IO_READ, rows[i].nsid, 0, 8), NVME_SC_SUCCESS);
        assert_int_equal(b->core_log[b->core_count - 1].offset, rows[i].base);
    }
    bench_destroy(b);
}

// 5.19, figure 286.
static void test_attachment_that_cannot_be(void **state)
{
    (void)state;
    struct bench *b = several("25%, 25%", 3);
    assert_int_equal(attach(b, NVME_NAMESPACE_ATTACH, 1, 1, 0), NVME_SC_ALREADY_ATTACHED);
    assert_int_equal(attach(b, NVME_NAMESPACE_DETACH, 1, 1, 1), NVME_SC_INVALID_CONTROLLER_LIST);
    assert_int_equal(attach(b, NVME_NAMESPACE_DETACH, 1, 0, 0), NVME_SC_INVALID_CONTROLLER_LIST);
    assert_int_equal(attach(b, NVME_NAMESPACE_DETACH, 1, 2, 0), NVME_SC_INVALID_CONTROLLER_LIST);
    assert_int_equal(attach(b, NVME_NAMESPACE_DETACH, 3, 1, 0), NVME_SC_INVALID_NAMESPACE);
    assert_int_equal(attach(b, NVME_NAMESPACE_DETACH, 0, 1, 0), NVME_SC_INVALID_NAMESPACE);
    assert_int_equal(attach(b, 2, 1, 1, 0), NVME_SC_INVALID_FIELD);
    assert_int_equal(attach(b, NVME_NAMESPACE_DETACH, 1, 1, 0), NVME_SC_SUCCESS);
    assert_int_equal(attach(b, NVME_NAMESPACE_DETACH, 1, 1, 0), NVME_SC_NOT_ATTACHED);
    bench_destroy(b);
}

// 5.20: FFFFFFFFh deletes all, each given back.
static void test_all_are_deleted_at_once(void **state)
{
    (void)state;
    struct bench *b = several("25%, 25%, 25%", 3);
    assert_int_equal(delete(b, NVME_NSID_ALL), NVME_SC_SUCCESS);
    assert_int_equal(b->core_count, 3);
    assert_int_equal(list_at(conform_identify(b, NVME_CNS_ALLOCATED_NAMESPACES, 0), 0), 0);
    assert_int_equal(create(b, BENCH_CAPACITY, 0).dw0, 1);
    bench_destroy(b);
}

// 5.2 and 5.14.1.4: the event names the log; the log lists what changed, until it is read without RAE.
static void test_changes_are_told(void **state)
{
    (void)state;
    uint32_t event;
    struct bench *b = several("25%, 25%, 25%", 4);
    conform_request_event(b);
    assert_int_equal(attach(b, NVME_NAMESPACE_DETACH, 3, 1, 0), NVME_SC_SUCCESS);
    assert_false(conform_event(b, &event)); // not enabled
    assert_int_equal(conform_admin(b, (struct nvme_sqe){.opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 0x0b,
                                                        .cdw11 = NVME_OAES_NAMESPACE_ATTRIBUTE}), 0);
    struct nvme_controller_list one = {.count = 1};
    memcpy(conform_data(b), &one, sizeof one);
    bench_submit(b, 0, (struct nvme_sqe){.opcode = NVME_ADMIN_NAMESPACE_ATTACHMENT, .nsid = 1, .prp1 = BENCH_DATA,
                                         .cdw10 = NVME_NAMESPACE_DETACH});
    assert_true(conform_event(b, &event));
    assert_int_equal(event, NVME_EVENT_NOTICE | NVME_LOG_CHANGED_NAMESPACES << 16);
    assert_true(conform_event(b, &event)); // the command's own
    static const struct {
        uint32_t flags, first, second;
    } readings[] = {{NVME_LOG_RAE, 1, 3}, {0, 1, 3}, {0, 0, 0}};
    for (size_t i = 0; i < ARRAY_SIZE(readings); i++) {
        assert_int_equal(conform_log(b, NVME_LOG_CHANGED_NAMESPACES | readings[i].flags, NVME_NSID_ALL, 4096, 0), 0);
        assert_int_equal(list_at(conform_data(b), 0), readings[i].first);
        assert_int_equal(list_at(conform_data(b), 1), readings[i].second);
    }
    bench_destroy(b);
}

// OACS bit 3, the effects log and the opcodes agree.
static void test_management_is_offered_when_asked_for(void **state)
{
    (void)state;
    for (uint32_t max = 0; max < 3; max++) {
        struct bench *b = several("50%", max);
        const struct nvme_identify_controller *id = conform_identify(b, NVME_CNS_CONTROLLER, 0);
        assert_int_equal(id->oacs & NVME_OACS_NAMESPACES, max > 0 ? NVME_OACS_NAMESPACES : 0);
        assert_int_equal(id->nn, MAX(max, 1));
        assert_int_equal(conform_log(b, NVME_LOG_COMMANDS_EFFECTS, 0, 4096, 0), 0);
        const struct nvme_effects_log *log = conform_data(b);
        uint32_t management = log->admin[NVME_ADMIN_NAMESPACE_MANAGEMENT];
        assert_int_equal(management, max > 0 ? NVME_EFFECT_SUPPORTED | NVME_EFFECT_LOGICAL_BLOCKS |
                                                   NVME_EFFECT_INVENTORY : 0);
        assert_int_equal(attach(b, NVME_NAMESPACE_DETACH, 1, 1, 0), max > 0 ? 0 : NVME_SC_INVALID_OPCODE);
        bench_destroy(b);
    }
}

// --- layouts -------------------------------------------------------------------------------------------------------

static void test_layouts_that_cannot_be(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool reads, fits;
    } rows[] = {
        {"", true, true}, {"100%", true, true}, {"50%,50%", true, true}, {"60%, 60%", true, false},
        {"1GiB, 0", true, false}, {"1023MiB, 0", true, true}, {"512KiB", true, false}, {"2GiB", true, false},
        {"50% 8KiB", false, false}, {"50% 600B", false, false}, {"50% 4KiB x", false, false}, {",", false, false},
        {"50%,", false, false}, {"half", false, false}, {"110%", false, false}, {"0 4KiB", true, true},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct nvme_config config = {.lba_size = 512};
        struct nvme_layout layout;
        struct config_problem problem = {0};
        snprintf(config.namespaces, sizeof config.namespaces, "%s", rows[i].text);
        assert_int_equal(layout_read(&config, &layout, &problem), rows[i].reads);
        assert_int_equal(problem.message[0] != '\0', !rows[i].reads);
        assert_int_equal(rows[i].reads && layout_fits(&layout, BENCH_CAPACITY), rows[i].fits);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_namespaces_are_as_configured),
        cmocka_unit_test(test_lists_and_descriptors),
        cmocka_unit_test(test_wrong_namespaces_of_identify),
        cmocka_unit_test(test_an_inactive_namespace_is_all_zeroes),
        cmocka_unit_test(test_io_stays_within_its_namespace),
        cmocka_unit_test(test_mdts_is_the_same_for_every_format),
        cmocka_unit_test(test_flush_of_all_namespaces),
        cmocka_unit_test(test_a_namespace_is_created_attached_detached_and_deleted),
        cmocka_unit_test(test_creation_that_cannot_be),
        cmocka_unit_test(test_a_range_is_contiguous_and_the_first_that_fits),
        cmocka_unit_test(test_attachment_that_cannot_be),
        cmocka_unit_test(test_all_are_deleted_at_once),
        cmocka_unit_test(test_changes_are_told),
        cmocka_unit_test(test_management_is_offered_when_asked_for),
        cmocka_unit_test(test_layouts_that_cannot_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
