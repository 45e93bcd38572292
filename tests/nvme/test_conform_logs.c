// Conformance, group Log pages: lengths, offsets, scope, and what each page tells.
#include "conform.h"
#include "nvme/log/log_page.h"

enum { FIELD = NVME_SC_INVALID_FIELD };

static struct bench *with_namespaces(void)
{
    struct bench *b = bench_create();
    strcpy(b->config.namespaces, "25% 4KiB, 25% 512B");
    return bench_up(b);
}

// Base 2.0, 5.16.1.1: what the list has, and only that, can be read.
static void test_the_list_of_pages_is_what_there_is(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    b->config.self_test = true;
    b = bench_up(b);
    uint32_t list[256];
    assert_int_equal(conform_log(b, NVME_LOG_SUPPORTED, NVME_NSID_ALL, sizeof list, 0), 0);
    memcpy(list, conform_data(b), sizeof list);
    for (uint32_t lid = 0; lid < 256; lid++) {
        struct nvme_sqe sqe = {.opcode = NVME_ADMIN_GET_LOG_PAGE, .cdw10 = lid | 127 << 16,
                               .cdw11 = lid == NVME_LOG_ENDURANCE_GROUP ? 1 << 16 : 0};
        assert_int_equal(conform_admin(b, sqe), list[lid] & 1 ? 0 : NVME_SC_INVALID_LOG_PAGE);
        sqe.cdw14 = NVME_LOG_OT;
        assert_int_equal(conform_admin(b, sqe), !(list[lid] & 1) ? NVME_SC_INVALID_LOG_PAGE : list[lid] & 2 ? 0 : FIELD);
    }
    assert_int_equal(list[NVME_LOG_ERROR], 3);
    assert_int_equal(list[NVME_LOG_SMART], 1);
    assert_int_equal(list[NVME_LOG_SELF_TEST], 1);
    bench_destroy(b);
}

// 5.14: lengths in doublewords up to MDTS, offsets in doublewords up to the end.
static void test_lengths_and_offsets(void **state)
{
    (void)state;
    enum { OP = NVME_ADMIN_GET_LOG_PAGE, SMART = NVME_LOG_SMART | 127 << 16 };
    static const struct conform_check checks[] = {
        {"5.14: one doubleword", {.opcode = OP, .cdw10 = NVME_LOG_SMART}, 0},
        {"5.14: LPOL 511", {.opcode = OP, .cdw10 = NVME_LOG_SMART, .cdw12 = 511}, FIELD},
        {"5.14: LPOL 508", {.opcode = OP, .cdw10 = NVME_LOG_SMART, .cdw12 = 508}, 0},
        {"5.14: LPOL at the end", {.opcode = OP, .cdw10 = NVME_LOG_SMART, .cdw12 = 512}, 0},
        {"5.14: LPOL beyond the end", {.opcode = OP, .cdw10 = NVME_LOG_SMART, .cdw12 = 516}, FIELD},
        {"5.14: LPOU", {.opcode = OP, .cdw10 = SMART, .cdw13 = 1}, FIELD},
        {"5.14: NUMDU beyond MDTS", {.opcode = OP, .cdw10 = SMART, .cdw11 = 1}, FIELD},
        {"5.14.1.2: a namespace without LPA bit 0", {.opcode = OP, .nsid = 1, .cdw10 = SMART}, FIELD},
        {"5.14: a namespace that is not there", {.opcode = OP, .nsid = 7, .cdw10 = SMART}, FIELD},
        {"5.14: all namespaces", {.opcode = OP, .nsid = NVME_NSID_ALL, .cdw10 = SMART}, 0},
        {"5.14.1.1: the error log is the controller's", {.opcode = OP, .nsid = 1, .cdw10 = NVME_LOG_ERROR}, FIELD},
        {"5.14.1.9: endurance group 0", {.opcode = OP, .cdw10 = NVME_LOG_ENDURANCE_GROUP}, FIELD},
        {"5.14.1.9: endurance group 1", {.opcode = OP, .cdw10 = NVME_LOG_ENDURANCE_GROUP, .cdw11 = 1 << 16}, 0},
        {"5.14.1.9: endurance group 2", {.opcode = OP, .cdw10 = NVME_LOG_ENDURANCE_GROUP, .cdw11 = 2 << 16}, FIELD},
        {"5.14.1.7: a block", {.opcode = OP, .cdw10 = NVME_LOG_TELEMETRY_HOST | 127 << 16}, 0},
        {"5.14.1.7: less than a block", {.opcode = OP, .cdw10 = NVME_LOG_TELEMETRY_HOST | 63 << 16}, FIELD},
        {"5.14.1.8: within a block", {.opcode = OP, .cdw10 = NVME_LOG_TELEMETRY_CONTROLLER | 127 << 16, .cdw12 = 64},
         FIELD},
        {"Base 2.0, 5.16: index", {.opcode = OP, .cdw10 = NVME_LOG_ERROR | 15 << 16, .cdw12 = 1, .cdw14 = NVME_LOG_OT}, 0},
        {"Base 2.0, 5.16: index beyond the end",
         {.opcode = OP, .cdw10 = NVME_LOG_ERROR | 15 << 16, .cdw12 = 5, .cdw14 = NVME_LOG_OT}, FIELD},
    };
    struct bench *b = bench_up(bench_create());
    CONFORM_RUN(b, checks);
    bench_destroy(b);
}

// Base 2.0, 5.16: entry n by index is entry n by offset.
static void test_an_index_names_an_entry(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    for (unsigned i = 0; i < 4; i++)
        bench_admin(b, (struct nvme_sqe){.opcode = 0xc0});
    for (uint32_t index = 0; index < 4; index++) {
        assert_int_equal(conform_admin(b, (struct nvme_sqe){.opcode = NVME_ADMIN_GET_LOG_PAGE, .cdw12 = index,
                                                            .cdw10 = NVME_LOG_ERROR | 15 << 16, .cdw14 = NVME_LOG_OT}), 0);
        assert_int_equal(((const struct nvme_error_entry *)conform_data(b))->error_count, 4 - index);
    }
    bench_destroy(b);
}

// 5.14.1.2 with LPA bit 0: what was moved in each namespace, and in all.
static void test_smart_of_a_namespace(void **state)
{
    (void)state;
    struct bench *b = with_namespaces();
    assert_true(((const struct nvme_identify_controller *)conform_identify(b, NVME_CNS_CONTROLLER, 0))->lpa & 1);
    for (uint32_t nsid = 1; nsid <= 2; nsid++)
        for (uint32_t i = 0; i < nsid * 3; i++) {
            struct nvme_sqe sqe = bench_rw(i % 3 == 0 ? NVME_IO_WRITE : NVME_IO_READ, 0, 1);
            sqe.nsid = nsid;
            assert_int_equal(bench_status(bench_command(b, 1, sqe)), 0);
        }
    static const struct {
        uint32_t nsid;
        uint64_t reads, writes;
    } rows[] = {{1, 2, 1}, {2, 4, 2}, {NVME_NSID_ALL, 6, 3}, {0, 6, 3}};
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        assert_int_equal(conform_log(b, NVME_LOG_SMART, rows[i].nsid, 512, 0), 0);
        const struct nvme_smart_log *log = conform_data(b);
        assert_int_equal(log->host_reads.low, rows[i].reads);
        assert_int_equal(log->host_writes.low, rows[i].writes);
        assert_int_equal(log->data_units_written.low, 1);
    }
    bench_destroy(b);
}

// Base 2.0, 5.16.1.17: the features that can be read are those that the page lists, each with its scope.
static void test_effects_of_features(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    uint32_t list[256];
    assert_int_equal(conform_log(b, NVME_LOG_FEATURE_EFFECTS, 0, sizeof list, 0), 0);
    memcpy(list, conform_data(b), sizeof list);
    for (uint32_t fid = 0; fid < 256; fid++) {
        struct nvme_cqe cqe = conform_command(b, (struct nvme_sqe){.opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = fid | 3 << 8});
        assert_int_equal(list[fid] & 1, bench_status(cqe) == 0);
        assert_int_equal(list[fid] >> 20, !(list[fid] & 1) ? 0 : cqe.dw0 & NVME_FEATURE_PER_NAMESPACE ? 1 : 2);
    }
    bench_destroy(b);
}

// 8.14: nothing is there before it is captured; what is captured stays until it is captured anew.
static void test_telemetry_is_captured(void **state)
{
    (void)state;
    enum { CREATE = 1 << 8 };
    struct bench *b = bench_up(bench_create());
    const struct nvme_telemetry_log *log = conform_data(b);
    assert_int_equal(conform_log(b, NVME_LOG_TELEMETRY_HOST, 0, 512, 0), 0);
    assert_int_equal(log->area_last[0], 0);
    for (int i = 0; i < 3; i++)
        bench_command(b, 1, bench_rw(NVME_IO_READ, 0, 8));
    assert_int_equal(conform_log(b, NVME_LOG_TELEMETRY_HOST | CREATE, 0, 512, 0), 0);
    assert_int_equal(log->lid, NVME_LOG_TELEMETRY_HOST);
    assert_int_equal(log->host_generation, 1);
    assert_int_equal(log->area_last[0], 8);
    for (int again = 0; again < 2; again++) {
        bench_command(b, 1, bench_rw(NVME_IO_READ, 0, 8));
        assert_int_equal(conform_log(b, NVME_LOG_TELEMETRY_HOST, 0, 512, 512), 0);
        assert_memory_equal(conform_data(b), "reads 3\nwrites 0\n", 17);
    }
    assert_int_equal(conform_log(b, NVME_LOG_TELEMETRY_HOST | CREATE, 0, 1024, 0), 0);
    assert_memory_equal((uint8_t *)conform_data(b) + 512, "reads 5\n", 8);
    assert_int_equal(log->host_generation, 2);
    assert_int_equal(conform_log(b, NVME_LOG_TELEMETRY_CONTROLLER, 0, 512, 0), 0);
    assert_int_equal(log->controller_available, 0);
    assert_int_equal(log->area_last[0], 0);
    bench_destroy(b);
}

// 5.14.1.9; CTRATT bit 4, ENDGIDMAX and the namespaces' ENDGID name the same group.
static void test_the_endurance_group(void **state)
{
    (void)state;
    struct bench *b = with_namespaces();
    bench_command(b, 1, bench_rw(NVME_IO_WRITE, 0, 8));
    nvme_report_health(b->nvme, 9, 42);
    assert_int_equal(conform_admin(b, (struct nvme_sqe){.opcode = NVME_ADMIN_GET_LOG_PAGE, .cdw11 = 1 << 16,
                                                        .cdw10 = NVME_LOG_ENDURANCE_GROUP | 127 << 16}), 0);
    const struct nvme_endurance_group_log *log = conform_data(b);
    assert_int_equal(log->percentage_used, 42);
    assert_int_equal(log->available_spare, 9);
    assert_int_equal(log->critical_warning, 1);
    assert_int_equal(log->host_writes.low, 1);
    assert_int_equal(log->data_units_written.low, 1);
    const struct nvme_identify_controller *id = conform_identify(b, NVME_CNS_CONTROLLER, 0);
    assert_true(id->ctratt & NVME_CTRATT_ENDURANCE_GROUPS);
    assert_int_equal(id->endgidmax, 1);
    for (uint32_t nsid = 1; nsid <= 2; nsid++)
        assert_int_equal(((const struct nvme_identify_namespace *)conform_identify(b, NVME_CNS_NAMESPACE, nsid))->endgid, 1);
    bench_destroy(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_list_of_pages_is_what_there_is),
        cmocka_unit_test(test_lengths_and_offsets),
        cmocka_unit_test(test_an_index_names_an_entry),
        cmocka_unit_test(test_smart_of_a_namespace),
        cmocka_unit_test(test_effects_of_features),
        cmocka_unit_test(test_telemetry_is_captured),
        cmocka_unit_test(test_the_endurance_group),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
