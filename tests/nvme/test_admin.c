// Admin commands: Identify, features, logs, asynchronous events, Abort.
#include "bench.h"

static struct nvme_sqe to_data(struct nvme_sqe sqe)
{
    sqe.prp1 = BENCH_DATA;
    return sqe;
}

static unsigned identify(struct bench *b, uint32_t cns, uint32_t nsid)
{
    memset(b->memory + BENCH_DATA, 0xee, 2 * NVME_IDENTIFY_BYTES);
    return bench_admin(b, to_data((struct nvme_sqe){.opcode = NVME_ADMIN_IDENTIFY, .nsid = nsid, .cdw10 = cns}));
}

static void test_identify_controller(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    assert_int_equal(identify(b, NVME_CNS_CONTROLLER, 0), NVME_SC_SUCCESS);
    const struct nvme_identify_controller *id = (void *)(b->memory + BENCH_DATA);
    assert_int_equal(id->vid, 0x15b7);
    assert_memory_equal(id->sn, "SERIAL              ", 20);
    assert_memory_equal(id->mn, "Model                                   ", 40);
    assert_memory_equal(id->fr, "1.0     ", 8);
    assert_int_equal(id->ver, bench_read(b, NVME_REG_VS, 4));
    assert_int_equal(id->mdts, 5);
    assert_int_equal(id->sqes, 0x66);
    assert_int_equal(id->cqes, 0x44);
    assert_int_equal(id->nn, 1);
    assert_int_equal(id->vwc, 7);
    assert_int_equal(id->oncs, NVME_ONCS_VERIFY | NVME_ONCS_WRITE_UNCORRECTABLE | NVME_ONCS_DSM | NVME_ONCS_WRITE_ZEROES | NVME_ONCS_SAVE_SELECT);
    assert_int_equal(id->wctemp, 343);
    assert_int_equal(id->elpe, 4 - 1); // entries of the error log, 0's based
    assert_int_equal(b->memory[BENCH_DATA + NVME_IDENTIFY_BYTES], 0xee);
    bench_destroy(b);
}

static void test_identify_namespace(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    assert_int_equal(identify(b, NVME_CNS_NAMESPACE, 1), NVME_SC_SUCCESS);
    const struct nvme_identify_namespace *id = (void *)(b->memory + BENCH_DATA);
    assert_int_equal(id->nsze, BENCH_CAPACITY / 512);
    assert_int_equal(id->ncap, BENCH_CAPACITY / 512);
    assert_int_equal(id->nvmcap.low, BENCH_CAPACITY);
    assert_int_equal(id->flbas, 0);
    assert_int_equal(id->lbaf[0].lbads, 9);
    assert_int_equal(identify(b, NVME_CNS_NAMESPACE, 0), NVME_SC_INVALID_NAMESPACE);
    assert_int_equal(identify(b, NVME_CNS_NAMESPACE, 2), NVME_SC_INVALID_NAMESPACE);
    bench_destroy(b);
}

static void test_identify_lists(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    uint32_t *list = (uint32_t *)(b->memory + BENCH_DATA);
    assert_int_equal(identify(b, NVME_CNS_ACTIVE_NAMESPACES, 0), NVME_SC_SUCCESS);
    assert_int_equal(list[0], 1);
    assert_int_equal(list[1], 0);
    assert_int_equal(identify(b, NVME_CNS_ACTIVE_NAMESPACES, 1), NVME_SC_SUCCESS);
    assert_int_equal(list[0], 0);
    assert_int_equal(identify(b, NVME_CNS_ACTIVE_NAMESPACES, 0xfffffffe), NVME_SC_INVALID_NAMESPACE);
    assert_int_equal(identify(b, NVME_CNS_NAMESPACE_DESCRIPTORS, 1), NVME_SC_SUCCESS);
    assert_int_equal(b->memory[BENCH_DATA], NVME_NIDT_EUI64);
    assert_int_equal(b->memory[BENCH_DATA + 1], 8);
    assert_int_equal(b->memory[BENCH_DATA + 12], NVME_NIDT_CSI);
    assert_int_equal(b->memory[BENCH_DATA + 13], 1);
    assert_int_equal(b->memory[BENCH_DATA + 16], NVME_CSI_NVM);
    assert_int_equal(b->memory[BENCH_DATA + 17], 0); // the end of the list
    uint8_t eui64[8];
    memcpy(eui64, b->memory + BENCH_DATA + 4, sizeof eui64);
    assert_int_equal(identify(b, NVME_CNS_NAMESPACE, 1), NVME_SC_SUCCESS);
    const struct nvme_identify_namespace *id = (void *)(b->memory + BENCH_DATA);
    assert_memory_equal(id->eui64, eui64, sizeof eui64); // the descriptor is a copy
    assert_int_equal(identify(b, NVME_CNS_NAMESPACE_DESCRIPTORS, 2), NVME_SC_INVALID_NAMESPACE);
    assert_int_equal(identify(b, NVME_CNS_IO_CONTROLLER, 0), NVME_SC_SUCCESS);
    assert_int_equal(identify(b, NVME_CNS_IO_NAMESPACE, 1), NVME_SC_SUCCESS);
    assert_int_equal(identify(b, 4, 1), NVME_SC_INVALID_FIELD);
    assert_int_equal(identify(b, 0xff, 1), NVME_SC_INVALID_FIELD);
    bench_destroy(b);
}

static void test_answers_may_span_two_pages(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    identify(b, NVME_CNS_CONTROLLER, 0);
    uint8_t whole[NVME_IDENTIFY_BYTES];
    memcpy(whole, b->memory + BENCH_DATA, sizeof whole);
    struct nvme_sqe sqe = {.opcode = NVME_ADMIN_IDENTIFY, .cdw10 = 1, .prp1 = BENCH_DATA + 0x10004,
                           .prp2 = BENCH_DATA + 0x20000};
    assert_int_equal(bench_admin(b, sqe), NVME_SC_SUCCESS);
    assert_memory_equal(b->memory + BENCH_DATA + 0x10004, whole, 4092);
    assert_memory_equal(b->memory + BENCH_DATA + 0x20000, whole + 4092, 4);
    sqe.prp2 += 8;
    assert_int_equal(bench_admin(b, sqe), NVME_SC_PRP_OFFSET_INVALID);
    bench_destroy(b);
}

// --- features ------------------------------------------------------------------------------------------------------

static struct nvme_cqe get_feature(struct bench *b, uint32_t id, uint32_t select, uint32_t cdw11)
{
    return bench_command(b, 0, (struct nvme_sqe){.opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = id | select << 8,
                                                 .cdw11 = cdw11});
}

static unsigned set_feature(struct bench *b, uint32_t id, uint32_t nsid, uint32_t value)
{
    return bench_admin(b, (struct nvme_sqe){.opcode = NVME_ADMIN_SET_FEATURES, .nsid = nsid, .cdw10 = id,
                                            .cdw11 = value});
}

static const struct {
    uint32_t id, nsid, initial, value, wrong; // wrong: 0 for none
} feature_rows[] = {
    {0x01, 0, 3, 0x02010005, 0xf8},       {0x02, 0, 0, 0x20, 0x100}, {0x04, 0, 343, 340, 0x00310000},
    {0x05, 1, 0, 0x1234, 0x10000},        {0x06, 0, 1, 0, 2},        {0x08, 0, 0, 0x0203, 0x10000},
    {0x0a, 0, 0, 1, 2},                   {0x0b, 0, 0, 0x103, 0x400},
};

// 5.14, 7.8: a reset gives back what is saved, here what was so at first.
static void test_features_have_current_default_and_saved_values(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    for (size_t i = 0; i < ARRAY_SIZE(feature_rows); i++) {
        uint32_t id = feature_rows[i].id, nsid = feature_rows[i].nsid;
        assert_int_equal(get_feature(b, id, NVME_SELECT_CURRENT, 0).dw0, feature_rows[i].initial);
        assert_int_equal(set_feature(b, id, nsid, feature_rows[i].value), NVME_SC_SUCCESS);
        assert_int_equal(get_feature(b, id, NVME_SELECT_CURRENT, 0).dw0, feature_rows[i].value);
        assert_int_equal(get_feature(b, id, NVME_SELECT_DEFAULT, 0).dw0, feature_rows[i].initial);
        assert_int_equal(get_feature(b, id, NVME_SELECT_SAVED, 0).dw0, feature_rows[i].initial);
        assert_int_equal(get_feature(b, id, NVME_SELECT_CAPABILITIES, 0).dw0,
                         NVME_FEATURE_CAN_CHANGE | NVME_FEATURE_CAN_SAVE |
                             (nsid != 0 ? NVME_FEATURE_PER_NAMESPACE : 0));
        assert_int_equal(bench_status(get_feature(b, id, 4, 0)), NVME_SC_INVALID_FIELD);
        assert_int_equal(set_feature(b, id, nsid, feature_rows[i].wrong), NVME_SC_INVALID_FIELD);
        assert_int_equal(set_feature(b, id, nsid == 0 ? 1 : 0, 0),
                         nsid == 0 ? NVME_SC_FEATURE_NOT_NAMESPACE_SPECIFIC : NVME_SC_INVALID_NAMESPACE);
        assert_int_equal(get_feature(b, id, NVME_SELECT_CURRENT, 0).dw0, feature_rows[i].value);
    }
    bench_enable_controller(b, BENCH_CC);
    for (size_t i = 0; i < ARRAY_SIZE(feature_rows); i++)
        assert_int_equal(get_feature(b, feature_rows[i].id, NVME_SELECT_CURRENT, 0).dw0, feature_rows[i].initial);
    bench_destroy(b);
}

static void test_unknown_features_are_invalid(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    static const uint32_t ids[] = {0, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x7f, 0x81, 0xff};
    for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
        for (uint32_t select = 0; select < 4; select++)
            assert_int_equal(bench_status(get_feature(b, ids[i], select, 0)), NVME_SC_INVALID_FIELD);
        assert_int_equal(set_feature(b, ids[i], 0, 0), NVME_SC_INVALID_FIELD);
    }
    bench_destroy(b);
    b = bench_create();
    b->config.volatile_write_cache = false;
    bench_up(b);
    assert_int_equal(set_feature(b, NVME_FEATURE_VOLATILE_WRITE_CACHE, 0, 0), NVME_SC_INVALID_FIELD);
    bench_destroy(b);
}

// 5.21.1.7: pairs, as many as the larger request asks for; what was allocated does not change between resets.
static void test_number_of_queues_is_granted_once_and_before_queues_exist(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    bench_start(b);
    bench_enable_function(b);
    bench_enable_controller(b, BENCH_CC);
    struct nvme_sqe sqe = {.opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = NVME_FEATURE_NUMBER_OF_QUEUES};
    static const uint32_t wrong[] = {0x0000ffff, 0xffff0000};
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        sqe.cdw11 = wrong[i];
        assert_int_equal(bench_admin(b, sqe), NVME_SC_INVALID_FIELD);
    }
    static const uint32_t requests[] = {0x00030001, 0x00050005, 0x00000000};
    for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
        sqe.cdw11 = requests[i];
        assert_int_equal(bench_command(b, 0, sqe).dw0, 0x00030003);
        assert_int_equal(get_feature(b, NVME_FEATURE_NUMBER_OF_QUEUES, 0, 0).dw0, 0x00030003);
    }
    assert_int_equal(bench_admin(b, bench_create_cq(5, 16)), NVME_SC_INVALID_QID);
    bench_create_queue(b, 4, 16);
    assert_int_equal(bench_admin(b, sqe), NVME_SC_COMMAND_SEQUENCE);
    bench_enable_controller(b, BENCH_CC);
    sqe.cdw11 = 0x00010000;
    assert_int_equal(bench_command(b, 0, sqe).dw0, 0x00010001);
    bench_enable_controller(b, BENCH_CC);
    sqe.cdw11 = 0x00ff00ff;
    assert_int_equal(bench_command(b, 0, sqe).dw0, (BENCH_QUEUES - 1) * 0x10001);
    bench_destroy(b);
}

static void test_interrupt_vectors_are_configured_one_by_one(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    static const uint32_t vectors[] = {0, 2, BENCH_VECTORS - 1};
    for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
        uint32_t vector = vectors[i];
        for (uint32_t disabled = 1; disabled < 2; disabled--) {
            assert_int_equal(set_feature(b, NVME_FEATURE_INTERRUPT_VECTOR, 0, vector | disabled << 16), 0);
            assert_int_equal(get_feature(b, NVME_FEATURE_INTERRUPT_VECTOR, 0, vector).dw0, vector | disabled << 16);
            assert_int_equal(get_feature(b, NVME_FEATURE_INTERRUPT_VECTOR, NVME_SELECT_DEFAULT, vector).dw0, vector);
        }
    }
    assert_int_equal(set_feature(b, NVME_FEATURE_INTERRUPT_VECTOR, 0, BENCH_VECTORS), NVME_SC_INVALID_FIELD);
    assert_int_equal(bench_status(get_feature(b, NVME_FEATURE_INTERRUPT_VECTOR, 0, BENCH_VECTORS)),
                     NVME_SC_INVALID_FIELD);
    bench_destroy(b);
}

// 5.14, 5.21, 6.1.4, as QEMU's nvme_get_feature and nvme_set_feature answer; Get of 05h for none as SPDK's tests ask.
static void test_features_have_the_scope_of_their_row(void **state)
{
    (void)state;
    enum { OK = NVME_SC_SUCCESS, NS = NVME_SC_INVALID_NAMESPACE, SPECIFIC = NVME_SC_FEATURE_NOT_NAMESPACE_SPECIFIC };
    static const struct {
        uint32_t nsid;
        unsigned controller_get, controller_set, namespace_get, namespace_set;
    } rows[] = {
        {0, OK, OK, OK, NS}, {1, OK, SPECIFIC, OK, OK}, {2, NS, NS, NS, NS}, {99, NS, NS, NS, NS},
        {NVME_NSID_ALL - 1, NS, NS, NS, NS}, {NVME_NSID_ALL, OK, OK, NS, OK},
    };
    struct bench *b = bench_up(bench_create());
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        for (size_t f = 0; f < ARRAY_SIZE(feature_rows); f++) {
            uint32_t id = feature_rows[f].id, nsid = rows[i].nsid;
            bool named = id == NVME_FEATURE_ERROR_RECOVERY;
            for (uint32_t select = 0; select < 4; select++)
                assert_int_equal(bench_admin(b, (struct nvme_sqe){.opcode = NVME_ADMIN_GET_FEATURES, .nsid = nsid,
                                                                  .cdw10 = id | select << 8}),
                                 named ? rows[i].namespace_get : rows[i].controller_get);
            assert_int_equal(set_feature(b, id, nsid, feature_rows[f].value),
                             named ? rows[i].namespace_set : rows[i].controller_set);
        }
    }
    bench_destroy(b);
}

// --- logs ----------------------------------------------------------------------------------------------------------

static unsigned get_log(struct bench *b, uint32_t lid, uint32_t bytes, uint64_t offset)
{
    memset(b->memory + BENCH_DATA, 0xee, 2 * 4096);
    uint32_t dwords = bytes / 4 - 1;
    return bench_admin(b, to_data((struct nvme_sqe){
                              .opcode = NVME_ADMIN_GET_LOG_PAGE, .nsid = NVME_NSID_ALL, .prp2 = BENCH_DATA + 0x1000,
                              .cdw10 = lid | dwords << 16, .cdw11 = dwords >> 16, .cdw12 = (uint32_t)offset,
                              .cdw13 = (uint32_t)(offset >> 32)}));
}

static void test_error_log_holds_the_last_errors_newest_first(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    for (uint32_t i = 1; i <= 6; i++)
        bench_command(b, 1, bench_rw(NVME_IO_READ, BENCH_CAPACITY + i, 8));
    assert_int_equal(get_log(b, NVME_LOG_ERROR, 512, 0), NVME_SC_SUCCESS);
    const struct nvme_error_entry *entries = (void *)(b->memory + BENCH_DATA);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(entries[i].error_count, 6 - i);
        assert_int_equal(entries[i].sqid, 1);
        assert_int_equal(entries[i].lba, BENCH_CAPACITY + 6 - i);
        assert_int_equal(entries[i].status >> 1 & NVME_STATUS_CODE_MASK, NVME_SC_LBA_RANGE);
        assert_int_equal(entries[i].location, 40);
        assert_int_equal(entries[i].nsid, 1);
    }
    assert_int_equal(entries[4].error_count, 0); // beyond the log's four entries
    assert_int_equal(b->memory[BENCH_DATA + 512], 0xee);
    bench_destroy(b);
}

static void test_smart_log_counts(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    for (int i = 0; i < 9; i++)
        assert_int_equal(bench_status(bench_command(b, 1, bench_rw(NVME_IO_READ, 0, 256))), 0); // list of zeroes
    bench_command(b, 1, bench_rw(NVME_IO_WRITE, 0, 8));
    b->core_status = FTL_UNRECOVERED_READ;
    bench_command(b, 1, bench_rw(NVME_IO_READ, 0, 8));
    nvme_report_health(b->nvme, 77, 12);
    assert_int_equal(get_log(b, NVME_LOG_SMART, 512, 0), NVME_SC_SUCCESS);
    const struct nvme_smart_log *log = (void *)(b->memory + BENCH_DATA);
    assert_int_equal(log->temperature, 313);
    assert_int_equal(log->critical_warning, 0);
    assert_int_equal(log->available_spare, 77);
    assert_int_equal(log->percentage_used, 12);
    assert_int_equal(log->host_reads.low, 10);
    assert_int_equal(log->host_writes.low, 1);
    assert_int_equal(log->data_units_read.low, 3); // 9 * 256 + 8 blocks
    assert_int_equal(log->data_units_written.low, 1);
    assert_int_equal(log->media_errors.low, 1);
    assert_int_equal(log->error_log_entries.low, 1);
    assert_int_equal(log->power_cycles.low, 1);
    bench_destroy(b);
}

static void test_smart_log_warns_after_a_reset_too(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    b->config.temperature = b->config.warning_temperature;
    bench_up(b);
    nvme_report_health(b->nvme, 9, 0);
    for (int resets = 0; resets < 2; resets++) {
        assert_int_equal(get_log(b, NVME_LOG_SMART, 512, 0), NVME_SC_SUCCESS);
        assert_int_equal(b->memory[BENCH_DATA], NVME_WARNING_SPARE | NVME_WARNING_TEMPERATURE);
        bench_enable_controller(b, BENCH_CC);
    }
    bench_destroy(b);
}

static void test_firmware_and_effects_logs(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    assert_int_equal(get_log(b, NVME_LOG_FIRMWARE, 512, 0), NVME_SC_SUCCESS);
    assert_int_equal(b->memory[BENCH_DATA], 1);
    assert_memory_equal(b->memory + BENCH_DATA + 8, "1.0     ", 8);
    assert_int_equal(get_log(b, NVME_LOG_COMMANDS_EFFECTS, 4096, 0), NVME_SC_SUCCESS);
    const struct nvme_effects_log *log = (void *)(b->memory + BENCH_DATA);
    assert_int_equal(log->admin[NVME_ADMIN_IDENTIFY], NVME_EFFECT_SUPPORTED);
    assert_int_equal(log->admin[NVME_ADMIN_FIRMWARE_COMMIT], 0);
    assert_int_equal(log->io[NVME_IO_READ], NVME_EFFECT_SUPPORTED);
    assert_int_equal(log->io[NVME_IO_WRITE], NVME_EFFECT_SUPPORTED | NVME_EFFECT_LOGICAL_BLOCKS);
    assert_int_equal(log->io[NVME_IO_COMPARE], 0);
    bench_destroy(b);
}

static void test_logs_are_read_in_parts(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    assert_int_equal(get_log(b, NVME_LOG_FIRMWARE, 8, 8), NVME_SC_SUCCESS);
    assert_memory_equal(b->memory + BENCH_DATA, "1.0     ", 8);
    assert_int_equal(b->memory[BENCH_DATA + 8], 0xee);
    assert_int_equal(get_log(b, NVME_LOG_FIRMWARE, 8, 512), NVME_SC_SUCCESS); // at its end: zeroes
    assert_int_equal(b->memory[BENCH_DATA], 0);
    assert_int_equal(get_log(b, NVME_LOG_FIRMWARE, 8, 516), NVME_SC_INVALID_FIELD);
    assert_int_equal(get_log(b, NVME_LOG_FIRMWARE, 8, 2), NVME_SC_INVALID_FIELD);
    assert_int_equal(get_log(b, NVME_LOG_FIRMWARE, 128 * 1024 + 4, 0), NVME_SC_INVALID_FIELD); // MDTS
    static const uint32_t unknown[] = {6, 0x0a, 0x0d, 0x14, 0x80, 0xc0, 0xff};
    for (size_t i = 0; i < ARRAY_SIZE(unknown); i++)
        assert_int_equal(get_log(b, unknown[i], 512, 0), NVME_SC_INVALID_LOG_PAGE);
    struct nvme_sqe sqe = to_data((struct nvme_sqe){.opcode = NVME_ADMIN_GET_LOG_PAGE, .nsid = 1,
                                                    .cdw10 = NVME_LOG_SMART | 127 << 16});
    assert_int_equal(bench_admin(b, sqe), NVME_SC_INVALID_FIELD);
    bench_destroy(b);
}

// --- events --------------------------------------------------------------------------------------------------------

static uint16_t request_event(struct bench *b)
{
    uint16_t cid = bench_put(b, 0, (struct nvme_sqe){.opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST});
    bench_ring(b, 0);
    bench_run(b);
    return cid;
}

static bool take_admin(struct bench *b, struct nvme_cqe *cqe)
{
    bool taken = bench_take(b, 0, cqe);
    bench_ring_head(b, 0);
    bench_run(b);
    return taken;
}

static void test_a_type_of_event_is_held_back_until_its_log_is_read(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    struct nvme_cqe cqe;
    uint16_t first = request_event(b), second = request_event(b);
    assert_true(nvme_idle(b->nvme)); // they do not count
    bench_write(b, bench_doorbell(b, 7, false), 1);
    bench_write(b, bench_doorbell(b, 1, false), 99);
    assert_true(take_admin(b, &cqe));
    assert_int_equal(cqe.cid, first);
    assert_int_equal(cqe.dw0, 0x00010000);
    assert_false(take_admin(b, &cqe));
    bench_put(b, 0, to_data((struct nvme_sqe){.opcode = NVME_ADMIN_GET_LOG_PAGE,
                                              .cdw10 = NVME_LOG_ERROR | NVME_LOG_RAE | 15 << 16}));
    bench_ring(b, 0);
    bench_run(b);
    assert_true(take_admin(b, &cqe));
    assert_false(take_admin(b, &cqe)); // retained
    bench_put(b, 0, to_data((struct nvme_sqe){.opcode = NVME_ADMIN_GET_LOG_PAGE,
                                              .cdw10 = NVME_LOG_ERROR | 15 << 16}));
    bench_ring(b, 0);
    bench_run(b);
    assert_true(take_admin(b, &cqe));
    assert_int_equal(bench_status(cqe), NVME_SC_SUCCESS);
    assert_int_equal(cqe.dw0, 0); // 5.2: cleared after the command that reads the log completes
    assert_true(take_admin(b, &cqe));
    assert_int_equal(cqe.cid, second);
    assert_int_equal(cqe.dw0, 0x00010100);
    assert_int_equal(nvme_get_stats(b->nvme)->events, 2);
    bench_destroy(b);
}

static void test_events_wait_for_a_request(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    struct nvme_cqe cqe;
    bench_write(b, bench_doorbell(b, 7, false), 1);
    bench_write(b, bench_doorbell(b, 6, false), 1); // tells the same
    assert_false(take_admin(b, &cqe));
    request_event(b);
    assert_true(take_admin(b, &cqe));
    assert_int_equal(cqe.dw0, 0x00010000);
    assert_int_equal(b->nvme->events.count, 0);
    bench_destroy(b);
}

// 5.2: the event stays when the command that was to read its log fails.
static void test_an_event_outlives_a_failed_reading_of_its_log(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    struct nvme_cqe cqe;
    request_event(b);
    request_event(b);
    bench_write(b, bench_doorbell(b, 7, false), 1);
    bench_write(b, bench_doorbell(b, 1, false), 99);
    assert_true(take_admin(b, &cqe));
    static const uint64_t prps[] = {BENCH_DATA + 2, BENCH_MEMORY}; // wrong, and out of reach
    for (size_t i = 0; i < ARRAY_SIZE(prps); i++) {
        bench_submit(b, 0, (struct nvme_sqe){.opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = prps[i],
                                             .cdw10 = NVME_LOG_ERROR | 15 << 16});
        assert_true(take_admin(b, &cqe));
        assert_int_not_equal(bench_status(cqe), NVME_SC_SUCCESS);
        assert_false(take_admin(b, &cqe));
    }
    assert_int_equal(get_log(b, NVME_LOG_ERROR, 64, 0), NVME_SC_SUCCESS);
    assert_true(take_admin(b, &cqe));
    assert_int_equal(cqe.dw0, 0x00010100);
    bench_destroy(b);
}

static void enable_events(struct bench *b, uint32_t mask)
{
    assert_int_equal(set_feature(b, NVME_FEATURE_ASYNC_EVENT, 0, mask), NVME_SC_SUCCESS);
}

enum { SPARE_EVENT = NVME_EVENT_SMART | NVME_EVENT_SMART_SPARE << 8 | NVME_LOG_SMART << 16,
       TEMPERATURE_EVENT = NVME_EVENT_SMART | NVME_EVENT_SMART_TEMPERATURE << 8 | NVME_LOG_SMART << 16 };

static void assert_event(struct bench *b, uint32_t dw0)
{
    struct nvme_cqe cqe;
    assert_true(take_admin(b, &cqe));
    assert_int_equal(cqe.dw0, dw0);
    assert_false(take_admin(b, &cqe));
}

static void assert_no_event(struct bench *b)
{
    struct nvme_cqe cqe;
    assert_false(take_admin(b, &cqe));
}

// 5.21.1.11: an event is sent when the condition holds while its notice is enabled, whichever came first.
static void test_smart_events_as_enabled(void **state)
{
    (void)state;
    for (unsigned enabled_first = 0; enabled_first < 2; enabled_first++) {
        struct bench *b = bench_up(bench_create());
        request_event(b);
        if (enabled_first)
            enable_events(b, NVME_WARNING_SPARE);
        nvme_report_health(b->nvme, 10, 0); // at the threshold, not below
        bench_run(b);
        assert_no_event(b);
        nvme_report_health(b->nvme, 9, 0);
        bench_run(b);
        if (!enabled_first) {
            assert_no_event(b);
            uint16_t cid = bench_submit(b, 0, (struct nvme_sqe){.opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 0x0b,
                                                                .cdw11 = NVME_WARNING_SPARE});
            struct nvme_cqe cqe;
            assert_true(bench_take(b, 0, &cqe)); // either first
            if (cqe.cid == cid)
                assert_true(bench_take(b, 0, &cqe));
            assert_int_equal(cqe.dw0, SPARE_EVENT);
        } else {
            assert_event(b, SPARE_EVENT);
        }
        bench_destroy(b);
    }
}

// 5.21.1.11: a condition that persists is reported again when the log has been read, until it is gone or disabled.
static void test_a_warning_that_persists_is_reported_again(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    enable_events(b, NVME_WARNING_SPARE);
    nvme_report_health(b->nvme, 9, 0);
    for (int i = 0; i < 3; i++) {
        request_event(b);
        assert_event(b, SPARE_EVENT);
        request_event(b);
        assert_no_event(b); // until the log is read
        assert_int_equal(get_log(b, NVME_LOG_SMART, 512, 0), NVME_SC_SUCCESS);
        assert_event(b, SPARE_EVENT);
        assert_int_equal(get_log(b, NVME_LOG_SMART, 512, 0), NVME_SC_SUCCESS);
    }
    enable_events(b, 0);
    request_event(b);
    assert_no_event(b);
    bench_submit(b, 0, (struct nvme_sqe){.opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 0x0b,
                                         .cdw11 = NVME_WARNING_SPARE | NVME_WARNING_TEMPERATURE});
    struct nvme_cqe cqe;
    while (take_admin(b, &cqe))
        continue;
    request_event(b);
    nvme_report_health(b->nvme, 50, 0); // gone
    assert_int_equal(get_log(b, NVME_LOG_SMART, 512, 0), NVME_SC_SUCCESS);
    assert_no_event(b);
    bench_destroy(b);
}

static void test_warnings_take_turns(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    enable_events(b, NVME_WARNING_SPARE | NVME_WARNING_TEMPERATURE);
    nvme_report_health(b->nvme, 9, 0);
    assert_int_equal(set_feature(b, NVME_FEATURE_TEMPERATURE_THRESHOLD, 0, 313), NVME_SC_SUCCESS);
    for (int i = 0; i < 4; i++) {
        request_event(b);
        assert_event(b, i % 2 == 0 ? SPARE_EVENT : TEMPERATURE_EVENT);
        assert_int_equal(get_log(b, NVME_LOG_SMART, 512, 0), NVME_SC_SUCCESS);
        assert_int_equal(b->memory[BENCH_DATA], NVME_WARNING_SPARE | NVME_WARNING_TEMPERATURE);
    }
    bench_destroy(b);
}

static void test_requests_beyond_the_limit_fail(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    struct nvme_cqe cqe;
    for (int i = 0; i < 4; i++)
        request_event(b);
    assert_false(take_admin(b, &cqe));
    request_event(b);
    assert_true(take_admin(b, &cqe));
    assert_int_equal(bench_status(cqe), NVME_SC_AER_LIMIT);
    bench_destroy(b);
}

static void test_abort_reaches_event_requests_only(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    struct nvme_cqe first, second;
    uint16_t kept = request_event(b), cid = request_event(b);
    bench_put(b, 0, (struct nvme_sqe){.opcode = NVME_ADMIN_ABORT, .cdw10 = (uint32_t)cid << 16});
    bench_ring(b, 0);
    bench_run(b);
    assert_true(take_admin(b, &first));
    assert_true(take_admin(b, &second));
    assert_int_equal(first.cid, cid);
    assert_int_equal(bench_status(first), NVME_SC_ABORT_REQUESTED);
    assert_int_equal(second.dw0, 0);
    struct nvme_sqe other = {.opcode = NVME_ADMIN_ABORT, .cdw10 = 1 | (uint32_t)kept << 16}; // of another queue
    assert_int_equal(bench_command(b, 0, other).dw0, 1);
    assert_int_equal(b->nvme->events.request_count, 1);
    bench_destroy(b);
}

// An identifier that two requests share is the first one's: the other stays, and gets its event.
static void test_abort_of_a_shared_identifier_takes_the_first_request(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    const struct nvme_sqe abort = {.opcode = NVME_ADMIN_ABORT, .cdw10 = 77 << 16};
    struct nvme_cqe cqe;
    request_event(b);
    b->next_cid = 77;
    request_event(b);
    b->next_cid = 77;
    request_event(b);
    bench_put(b, 0, abort);
    bench_ring(b, 0);
    bench_run(b);
    assert_true(take_admin(b, &cqe));
    assert_int_equal(cqe.cid, 77);
    assert_int_equal(bench_status(cqe), NVME_SC_ABORT_REQUESTED);
    assert_true(take_admin(b, &cqe));
    assert_int_equal(cqe.dw0, 0);
    assert_false(take_admin(b, &cqe));
    bench_put(b, 0, abort);
    bench_ring(b, 0);
    bench_run(b);
    assert_true(take_admin(b, &cqe));
    assert_int_equal(bench_status(cqe), NVME_SC_ABORT_REQUESTED);
    assert_true(take_admin(b, &cqe));
    assert_int_equal(bench_command(b, 0, abort).dw0, 1); // the one that is left has another identifier
    bench_write(b, bench_doorbell(b, 7, false), 1);
    assert_true(take_admin(b, &cqe));
    assert_int_equal(cqe.dw0, 0x00010000);
    bench_destroy(b);
}

static void test_unsupported_admin_commands_are_invalid_opcodes(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    static const uint8_t opcodes[] = {0x03, 0x07, 0x0d, 0x10, 0x11, 0x14, 0x15, 0x7c, 0xc0, 0xff};
    for (size_t i = 0; i < ARRAY_SIZE(opcodes); i++)
        assert_int_equal(bench_admin(b, (struct nvme_sqe){.opcode = opcodes[i]}), NVME_SC_INVALID_OPCODE);
    assert_int_equal(bench_admin(b, (struct nvme_sqe){.opcode = NVME_ADMIN_IDENTIFY, .flags = 0x40, .cdw10 = 1}),
                     NVME_SC_INVALID_FIELD);
    assert_int_equal(nvme_get_stats(b->nvme)->errors_generic, ARRAY_SIZE(opcodes) + 1);
    bench_destroy(b);
}

// --- what logs and Identify say ------------------------------------------------------------------------------------

static const struct nvme_error_entry *newest_error(struct bench *b)
{
    assert_int_equal(get_log(b, NVME_LOG_ERROR, 64, 0), NVME_SC_SUCCESS);
    return (const struct nvme_error_entry *)(b->memory + BENCH_DATA);
}

// A log has no 4 GiB; 5.14.1.1: bytes 46 and 47 of the command are the upper half of doubleword 11.
static void test_what_a_command_has_wrong_is_told_by_its_place(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    struct nvme_sqe lacks_queue = bench_create_sq(2, 16);
    lacks_queue.cdw11 = NVME_QUEUE_PC | 5 << NVME_SQ_CQID_SHIFT;
    assert_int_equal(bench_admin(b, lacks_queue), NVME_SC_INVALID_CQ);
    assert_int_equal(newest_error(b)->location, 46);
    assert_int_equal(get_log(b, NVME_LOG_SMART, 512, UINT64_C(1) << 32), NVME_SC_INVALID_FIELD);
    bench_destroy(b);
}

// All places taken: two reads, the admin queue's own, and one more event request than may wait.
static void test_event_requests_take_no_place_of_commands(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    b->config.max_commands = 2;
    bench_up(b);
    for (int i = 0; i < 4; i++)
        request_event(b);
    b->core_hold = true;
    for (int i = 0; i < 2; i++)
        bench_submit(b, 1, bench_rw(NVME_IO_READ, 0, 8));
    assert_int_equal(identify(b, NVME_CNS_CONTROLLER, 0), NVME_SC_SUCCESS);
    bench_core_release(b);
    bench_run(b);
    assert_true(nvme_idle(b->nvme));
    bench_destroy(b);
}

// 5.14.1.1, LBA: the first block that has the error; 0 where there is none.
static void test_the_error_log_names_the_block_in_error(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    const uint64_t blocks = BENCH_CAPACITY / 512;
    bench_command(b, 1, bench_rw(NVME_IO_READ, blocks - 3, 8));
    assert_int_equal(newest_error(b)->lba, blocks); // the first ones are there
    bench_command(b, 1, bench_rw(NVME_IO_WRITE, blocks + 7, 8));
    assert_int_equal(newest_error(b)->lba, blocks + 7);
    struct nvme_dsm_range ranges[2] = {{.nlb = 8}, {.nlb = 8, .slba = blocks - 1}};
    memcpy(b->memory + BENCH_DATA + 0x4000, ranges, sizeof ranges);
    bench_command(b, 1, (struct nvme_sqe){.opcode = NVME_IO_DATASET_MANAGEMENT, .nsid = 1, .cdw10 = 1,
                                          .cdw11 = NVME_DSM_AD, .prp1 = BENCH_DATA + 0x4000});
    assert_int_equal(newest_error(b)->lba, blocks);
    b->core_status = FTL_UNRECOVERED_READ;
    b->core_error_offset = 21 * 512;
    bench_command(b, 1, bench_rw(NVME_IO_READ, 16, 8));
    assert_int_equal(newest_error(b)->lba, 21);
    bench_command(b, 1, (struct nvme_sqe){.opcode = 0x7f, .nsid = 1, .cdw10 = 99});
    assert_int_equal(newest_error(b)->lba, 0);
    bench_admin(b, (struct nvme_sqe){.opcode = 0xc0, .cdw10 = 99});
    assert_int_equal(newest_error(b)->lba, 0);
    bench_destroy(b);
}

// 5.14.1.1, Parameter Error Location: byte in 7:0, bit in 10:8.
static void test_the_error_log_names_the_parameter_in_error(void **state)
{
    (void)state;
    static const struct {
        struct nvme_sqe sqe;
        uint16_t location;
    } rows[] = {
        {{.opcode = 0xc0}, 0},
        {{.opcode = NVME_ADMIN_IDENTIFY, .flags = 1}, 1},
        {{.opcode = NVME_ADMIN_IDENTIFY, .flags = 0x40}, 1 | 6 << 8},
        {{.opcode = NVME_ADMIN_IDENTIFY, .cdw10 = 0xff}, 40},
        {{.opcode = NVME_ADMIN_IDENTIFY, .nsid = 9, .prp1 = BENCH_DATA}, 4},
        {{.opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = 1 | 7 << 8}, 41},
        {{.opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 7 | UINT32_C(1) << 31}, 43 | 7 << 8},
        {{.opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 1, .cdw11 = 0xf8}, 44},
        {{.opcode = NVME_ADMIN_CREATE_CQ, .cdw10 = 2, .cdw11 = NVME_QUEUE_PC}, 42},
        {{.opcode = NVME_ADMIN_CREATE_CQ, .cdw10 = 2 | 3 << 16, .cdw11 = NVME_QUEUE_PC, .prp1 = 8}, 24},
        {{.opcode = NVME_ADMIN_CREATE_CQ, .cdw10 = 2 | 3 << 16, .cdw11 = NVME_QUEUE_PC | 99 << 16}, 46},
    };
    struct bench *b = bench_up(bench_create());
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct nvme_cqe cqe = bench_command(b, 0, rows[i].sqe);
        assert_true(cqe.status >> 1 & NVME_STATUS_MORE); // 4.6.1: the log has more
        assert_int_equal(newest_error(b)->location, rows[i].location);
        assert_int_equal(newest_error(b)->cid, cqe.cid);
    }
    assert_false(bench_command(b, 0, (struct nvme_sqe){.opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = 1}).status >> 1);
    bench_destroy(b);
}

// 5.14.1.1: SQID and CID are FFFFh for an error that no command has.
static void test_a_wrong_doorbell_has_an_entry_in_the_error_log(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    static const struct {
        uint32_t qid, value;
        unsigned status;
    } rows[] = {{7, 1, NVME_SC_INVALID_QID}, {1, 99, NVME_SC_INVALID_FIELD}};
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        bench_write(b, bench_doorbell(b, rows[i].qid, false), rows[i].value);
        const struct nvme_error_entry *entry = newest_error(b);
        assert_int_equal(entry->error_count, i + 1);
        assert_int_equal(entry->sqid, 0xffff);
        assert_int_equal(entry->cid, 0xffff);
        assert_int_equal(entry->location, 0xffff);
        assert_int_equal(entry->status >> 1, rows[i].status);
    }
    bench_destroy(b);
}

static const struct nvme_smart_log *smart(struct bench *b)
{
    assert_int_equal(get_log(b, NVME_LOG_SMART, 512, 0), NVME_SC_SUCCESS);
    return (const struct nvme_smart_log *)(b->memory + BENCH_DATA);
}

static void nothing(void *context)
{
    (void)context;
}

static void wait_until(struct bench *b, tick_t when)
{
    sim_at(b->sim, when, nothing, NULL);
    bench_run(b);
}

// 5.14.1.2: minutes at or above WCTEMP and below CCTEMP, and at or above CCTEMP.
static void test_smart_counts_the_minutes_that_are_too_warm(void **state)
{
    (void)state;
    static const struct {
        uint32_t temperature, warning, critical;
    } rows[] = {{342, 0, 0}, {343, 10, 0}, {357, 10, 0}, {358, 0, 10}};
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct bench *b = bench_create();
        b->config.temperature = rows[i].temperature;
        bench_up(b);
        wait_until(b, 630 * TICKS_PER_S);
        assert_int_equal(smart(b)->warning_temperature_minutes, rows[i].warning);
        assert_int_equal(smart(b)->critical_temperature_minutes, rows[i].critical);
        bench_destroy(b);
    }
}

// 5.14.1.2: whole hours since the power came.
static void test_smart_counts_the_hours_of_power(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    wait_until(b, 3599 * TICKS_PER_S);
    assert_int_equal(smart(b)->power_on_hours.low, 0);
    wait_until(b, 3 * 3600 * TICKS_PER_S);
    assert_int_equal(smart(b)->power_on_hours.low, 3);
    bench_enable_controller(b, BENCH_CC); // a reset is no power cycle
    assert_int_equal(smart(b)->power_on_hours.low, 3);
    bench_destroy(b);
}

// 5.14.1.2: busy while an I/O queue has a command outstanding, from its doorbell on; admin commands do not count.
static void test_busy_time_is_that_of_io_commands(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    b->config.max_commands = 1;
    bench_up(b);
    assert_int_equal(b->nvme->subsystem.health.busy, 0);
    identify(b, NVME_CNS_CONTROLLER, 0);
    assert_int_equal(b->nvme->subsystem.health.busy, 0);
    b->core_hold = true;
    bench_put(b, 1, bench_rw(NVME_IO_READ, 0, 8));
    bench_put(b, 1, bench_rw(NVME_IO_READ, 0, 8)); // in the host's queue until the first is done
    tick_t begin = sim_now(b->sim);
    bench_ring(b, 1);
    bench_run(b);
    wait_until(b, begin + 90 * TICKS_PER_S);
    bench_core_release(b);
    bench_run(b);
    tick_t busy = b->nvme->subsystem.health.busy, end = sim_now(b->sim);
    assert_true(busy > 90 * TICKS_PER_S && busy < end - begin); // the doorbell took its way
    assert_int_equal(smart(b)->controller_busy_minutes.low, 1);
    b->core_hold = true;
    bench_submit(b, 1, bench_rw(NVME_IO_READ, 0, 8));
    wait_until(b, sim_now(b->sim) + 30 * TICKS_PER_S);
    assert_true(b->nvme->subsystem.health.io_commands == 1);
    bench_enable_controller(b, BENCH_CC); // forgets it
    busy = b->nvme->subsystem.health.busy;
    assert_true(busy > 120 * TICKS_PER_S && busy < 121 * TICKS_PER_S);
    bench_core_release(b);
    bench_run(b);
    wait_until(b, sim_now(b->sim) + 300 * TICKS_PER_S);
    assert_int_equal(smart(b)->controller_busy_minutes.low, 2);
    assert_int_equal(b->nvme->subsystem.health.busy, busy);
    bench_destroy(b);
}

// What was never fetched of a deleted queue is not outstanding for ever.
static void test_a_deleted_queue_leaves_nothing_busy(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    b->config.max_commands = 2;
    bench_up(b);
    b->core_hold = true;
    for (int i = 0; i < 5; i++)
        bench_put(b, 1, bench_rw(NVME_IO_READ, 0, 8));
    bench_ring(b, 1);
    bench_run(b);
    assert_int_equal(b->nvme->subsystem.health.io_commands, 5);
    bench_put(b, 0, (struct nvme_sqe){.opcode = NVME_ADMIN_DELETE_SQ, .cdw10 = 1});
    bench_ring(b, 0);
    sim_after(b->sim, 0, bench_core_run, container_of(list_pop(&b->core_held), struct ftl_request, link));
    bench_run(b); // room for one more: the admin queue's turn comes after a read's
    bench_core_release(b);
    bench_run(b);
    assert_int_equal(b->nvme->subsystem.health.io_commands, 0);
    assert_true(nvme_idle(b->nvme));
    bench_destroy(b);
}

// 5.14.1.4 and OAES bit 8 go together: the event names this log.
static void test_the_changed_namespace_list_is_there_and_empty(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    static const uint8_t empty[4096];
    assert_int_equal(identify(b, NVME_CNS_CONTROLLER, 0), NVME_SC_SUCCESS);
    assert_int_equal(((const struct nvme_identify_controller *)(b->memory + BENCH_DATA))->oaes,
                     NVME_OAES_NAMESPACE_ATTRIBUTE | NVME_OAES_FIRMWARE_ACTIVATION);
    assert_int_equal(get_log(b, NVME_LOG_CHANGED_NAMESPACES, 4096, 0), NVME_SC_SUCCESS);
    assert_memory_equal(b->memory + BENCH_DATA, empty, sizeof empty);
    bench_destroy(b);
}

// 7.9: who owns no domain names itself by a UUID; the drive's is always the same.
static void test_the_subsystem_is_named_by_a_uuid(void **state)
{
    (void)state;
    char names[2][256];
    for (int i = 0; i < 2; i++) {
        struct bench *b = bench_create();
        if (i == 1)
            strcpy(b->config.serial_number, "OTHER");
        bench_up(b);
        assert_int_equal(identify(b, NVME_CNS_CONTROLLER, 0), NVME_SC_SUCCESS);
        memcpy(names[i], ((struct nvme_identify_controller *)(b->memory + BENCH_DATA))->subnqn, sizeof names[i]);
        bench_destroy(b);
    }
    static const char form[] = "nqn.2014-08.org.nvmexpress:uuid:########-####-8###-V###-############";
    assert_int_equal(strlen(names[0]), strlen(form));
    for (size_t i = 0; form[i] != '\0'; i++) {
        const char *allowed = form[i] == '#' ? "0123456789abcdef" : form[i] == 'V' ? "89ab" : (char[]){form[i], 0};
        assert_non_null(strchr(allowed, names[0][i]));
    }
    assert_string_not_equal(names[0], names[1]);
}

// 5.21.1.4: THSEL 1 is the threshold below; both ends count as reached.
static void test_the_temperature_has_a_threshold_on_either_side(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    enum { UNDER = 1 << 20, TEMPERATURE = 313 };
    for (uint32_t threshold = TEMPERATURE - 1; threshold <= TEMPERATURE + 1; threshold++) {
        assert_int_equal(set_feature(b, NVME_FEATURE_TEMPERATURE_THRESHOLD, 0, UNDER | threshold), NVME_SC_SUCCESS);
        assert_int_equal(get_feature(b, NVME_FEATURE_TEMPERATURE_THRESHOLD, 0, UNDER).dw0, threshold);
        assert_int_equal(get_feature(b, NVME_FEATURE_TEMPERATURE_THRESHOLD, 0, 0).dw0, 343);
        assert_int_equal(smart(b)->critical_warning, threshold >= TEMPERATURE ? NVME_WARNING_TEMPERATURE : 0);
    }
    assert_int_equal(get_feature(b, NVME_FEATURE_TEMPERATURE_THRESHOLD, NVME_SELECT_DEFAULT, UNDER).dw0, 0);
    assert_int_equal(set_feature(b, NVME_FEATURE_TEMPERATURE_THRESHOLD, 0, 2 << 20), NVME_SC_INVALID_FIELD);
    bench_destroy(b);
}

// 5.14: without a saved value a feature has its default one again, also where CDW11 selects a part of it.
static void test_a_reset_gives_back_what_is_selected_by_parts(void **state)
{
    (void)state;
    enum { UNDER = 1 << 20, CD = 1 << 16 };
    struct bench *b = bench_up(bench_create());
    assert_int_equal(set_feature(b, NVME_FEATURE_TEMPERATURE_THRESHOLD, 0, UNDER | 300), NVME_SC_SUCCESS);
    for (uint32_t vector = 1; vector < BENCH_VECTORS; vector++)
        assert_int_equal(set_feature(b, NVME_FEATURE_INTERRUPT_VECTOR, 0, CD | vector), NVME_SC_SUCCESS);
    bench_enable_controller(b, BENCH_CC);
    assert_int_equal(get_feature(b, NVME_FEATURE_TEMPERATURE_THRESHOLD, NVME_SELECT_CURRENT, UNDER).dw0, 0);
    for (uint32_t vector = 1; vector < BENCH_VECTORS; vector++)
        assert_int_equal(get_feature(b, NVME_FEATURE_INTERRUPT_VECTOR, NVME_SELECT_CURRENT, vector).dw0, vector);
    bench_destroy(b);
}

// 5.2: an event is known by its type and its information; here both informations are 1.
static void test_events_of_two_types_are_not_mistaken_for_each_other(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    struct nvme_cqe cqe;
    enable_events(b, NVME_WARNING_TEMPERATURE);
    bench_write(b, bench_doorbell(b, 1, false), 99);
    assert_int_equal(set_feature(b, NVME_FEATURE_TEMPERATURE_THRESHOLD, 0, 300), NVME_SC_SUCCESS); // it is 313 K
    request_event(b);
    assert_true(take_admin(b, &cqe));
    assert_int_equal(cqe.dw0, 0x00010100);
    request_event(b);
    assert_true(take_admin(b, &cqe));
    assert_int_equal(cqe.dw0, TEMPERATURE_EVENT);
    bench_destroy(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identify_controller),
        cmocka_unit_test(test_identify_namespace),
        cmocka_unit_test(test_identify_lists),
        cmocka_unit_test(test_answers_may_span_two_pages),
        cmocka_unit_test(test_features_have_current_default_and_saved_values),
        cmocka_unit_test(test_unknown_features_are_invalid),
        cmocka_unit_test(test_number_of_queues_is_granted_once_and_before_queues_exist),
        cmocka_unit_test(test_interrupt_vectors_are_configured_one_by_one),
        cmocka_unit_test(test_error_log_holds_the_last_errors_newest_first),
        cmocka_unit_test(test_smart_log_counts),
        cmocka_unit_test(test_smart_log_warns_after_a_reset_too),
        cmocka_unit_test(test_firmware_and_effects_logs),
        cmocka_unit_test(test_logs_are_read_in_parts),
        cmocka_unit_test(test_a_type_of_event_is_held_back_until_its_log_is_read),
        cmocka_unit_test(test_events_wait_for_a_request),
        cmocka_unit_test(test_an_event_outlives_a_failed_reading_of_its_log),
        cmocka_unit_test(test_smart_events_as_enabled),
        cmocka_unit_test(test_a_warning_that_persists_is_reported_again),
        cmocka_unit_test(test_warnings_take_turns),
        cmocka_unit_test(test_features_have_the_scope_of_their_row),
        cmocka_unit_test(test_requests_beyond_the_limit_fail),
        cmocka_unit_test(test_abort_reaches_event_requests_only),
        cmocka_unit_test(test_what_a_command_has_wrong_is_told_by_its_place),
        cmocka_unit_test(test_event_requests_take_no_place_of_commands),
        cmocka_unit_test(test_abort_of_a_shared_identifier_takes_the_first_request),
        cmocka_unit_test(test_unsupported_admin_commands_are_invalid_opcodes),
        cmocka_unit_test(test_the_error_log_names_the_block_in_error),
        cmocka_unit_test(test_the_error_log_names_the_parameter_in_error),
        cmocka_unit_test(test_a_wrong_doorbell_has_an_entry_in_the_error_log),
        cmocka_unit_test(test_smart_counts_the_minutes_that_are_too_warm),
        cmocka_unit_test(test_smart_counts_the_hours_of_power),
        cmocka_unit_test(test_busy_time_is_that_of_io_commands),
        cmocka_unit_test(test_a_deleted_queue_leaves_nothing_busy),
        cmocka_unit_test(test_the_changed_namespace_list_is_there_and_empty),
        cmocka_unit_test(test_the_subsystem_is_named_by_a_uuid),
        cmocka_unit_test(test_the_temperature_has_a_threshold_on_either_side),
        cmocka_unit_test(test_a_reset_gives_back_what_is_selected_by_parts),
        cmocka_unit_test(test_events_of_two_types_are_not_mistaken_for_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
