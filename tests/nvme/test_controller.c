// The controller as a whole: bring-up in Linux's order, resets with commands in flight, foreign hosts, many commands.
#include "bench.h"

#include "util/rng.h"

// The order of a recorded Linux 6.1 probe, for a controller with CAP.CSS = NVM only.
static void test_bring_up_in_the_order_of_linux(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    bench_start(b);
    bench_enable_function(b);
    assert_int_not_equal(bench_read(b, NVME_REG_CSTS, 4), 0xffffffff);
    uint64_t cap = bench_read(b, NVME_REG_CAP, 4) | bench_read(b, NVME_REG_CAP + 4, 4) << 32;
    assert_true(NVME_FIELD(cap, NVME_CAP_MQES) >= 1);
    assert_int_equal(bench_read(b, NVME_REG_CMBSZ, 4), 0);
    bench_write(b, NVME_REG_CC, 0);
    assert_int_equal(bench_read(b, NVME_REG_CSTS, 4) & NVME_CSTS_RDY, 0);
    bench_enable_controller(b, 0x00460001);
    assert_int_equal(bench_read(b, NVME_REG_CC, 4), 0x00460001);
    assert_int_equal(bench_read(b, NVME_REG_AQA, 4), 0x001f001f);
    assert_int_equal(bench_read(b, NVME_REG_CSTS, 4), NVME_CSTS_RDY);

    struct nvme_sqe sqe = {.opcode = NVME_ADMIN_IDENTIFY, .cdw10 = NVME_CNS_CONTROLLER, .prp1 = BENCH_DATA};
    assert_int_equal(bench_admin(b, sqe), NVME_SC_SUCCESS);
    sqe = (struct nvme_sqe){.opcode = NVME_ADMIN_GET_LOG_PAGE, .nsid = NVME_NSID_ALL, .prp1 = BENCH_DATA,
                            .cdw10 = NVME_LOG_COMMANDS_EFFECTS | 1023 << 16};
    assert_int_equal(bench_admin(b, sqe), NVME_SC_SUCCESS);
    sqe.cdw10 = NVME_LOG_SMART | 127 << 16;
    assert_int_equal(bench_admin(b, sqe), NVME_SC_SUCCESS);
    sqe = (struct nvme_sqe){.opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = NVME_FEATURE_NUMBER_OF_QUEUES,
                            .cdw11 = 0x00030003};
    assert_int_equal(bench_command(b, 0, sqe).dw0, 0x00030003);
    for (uint32_t qid = 1; qid <= 4; qid++)
        bench_create_queue(b, qid, 1024);
    sqe = (struct nvme_sqe){.opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = NVME_FEATURE_ASYNC_EVENT, .cdw11 = 0x100};
    assert_int_equal(bench_admin(b, sqe), NVME_SC_SUCCESS);
    bench_put(b, 0, (struct nvme_sqe){.opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST});
    bench_ring(b, 0);
    static const struct {
        uint32_t cns, nsid;
    } identifications[] = {{NVME_CNS_IO_CONTROLLER, 0}, {NVME_CNS_ACTIVE_NAMESPACES, 0},
                           {NVME_CNS_NAMESPACE_DESCRIPTORS, 1}, {NVME_CNS_NAMESPACE, 1}, {NVME_CNS_NAMESPACE, 1}};
    for (size_t i = 0; i < ARRAY_SIZE(identifications); i++) {
        sqe = (struct nvme_sqe){.opcode = NVME_ADMIN_IDENTIFY, .nsid = identifications[i].nsid,
                                .cdw10 = identifications[i].cns, .prp1 = BENCH_DATA};
        assert_int_equal(bench_admin(b, sqe), NVME_SC_SUCCESS);
    }
    static const uint64_t partition_scan[] = {0, 8, 24};
    for (size_t i = 0; i < ARRAY_SIZE(partition_scan); i++)
        assert_int_equal(bench_status(bench_command(b, 2, bench_rw(NVME_IO_READ, partition_scan[i], 8))), 0);
    assert_int_equal(b->messages[2], 3);
    assert_int_equal(nvme_get_stats(b->nvme)->errors_generic + nvme_get_stats(b->nvme)->errors_command, 0);
    assert_true(nvme_idle(b->nvme));
    bench_destroy(b);
}

static void test_a_reset_forgets_commands_at_every_moment_of_their_lives(void **state)
{
    (void)state;
    static const uint8_t opcodes[] = {NVME_IO_READ, NVME_IO_WRITE, NVME_IO_FLUSH, NVME_IO_DATASET_MANAGEMENT};
    for (tick_t when = 0; when < 6 * TICKS_PER_US; when += 50000) {
        struct bench *b = bench_create();
        b->config.t_decode = 100000;
        b->config.t_complete = 100000;
        b->core_delay = 2 * TICKS_PER_US;
        bench_up(b);
        bench_put(b, 0, (struct nvme_sqe){.opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST});
        bench_ring(b, 0);
        for (int i = 0; i < 8; i++) {
            struct nvme_sqe sqe = bench_rw(opcodes[i % 4], 0, i < 4 ? 8 : 24);
            if (sqe.opcode == NVME_IO_DATASET_MANAGEMENT)
                sqe.cdw11 = NVME_DSM_AD;
            bench_put(b, 1, sqe);
        }
        *(struct nvme_dsm_range *)(b->memory + BENCH_DATA) = (struct nvme_dsm_range){.nlb = 8};
        bench_ring(b, 1);
        tick_t start = sim_now(b->sim);
        sim_run_before(b->sim, start + when);
        struct nvme_cqe cqe;
        uint32_t before = 0;
        while (bench_take(b, 1, &cqe))
            before++;
        if (when == 0)
            assert_int_equal(before, 0);
        registers_write(b->nvme, NVME_REG_CC, BENCH_CC & ~1u);
        memset(b->memory + BENCH_CQ + 0x10000, 0, 64 * NVME_CQE_BYTES);
        uint32_t messages = b->messages[1];
        bench_run(b);
        assert_int_equal(b->messages[1], messages);
        for (uint32_t i = 0; i < 64 * NVME_CQE_BYTES; i++)
            assert_int_equal(b->memory[BENCH_CQ + 0x10000 + i], 0);
        assert_int_equal(b->nvme->commands.in_flight, 0);
        assert_true(nvme_idle(b->nvme));
        bench_enable_controller(b, BENCH_CC);
        bench_create_queue(b, 1, 64);
        assert_int_equal(bench_status(bench_command(b, 1, bench_rw(NVME_IO_READ, 0, 8))), NVME_SC_SUCCESS);
        bench_destroy(b);
    }
}

// A fetch that is on its way over the link at a reset holds its commands' room until it arrives.
static void test_a_fetch_from_before_a_reset_gives_its_room_back(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    struct nvme_cqe cqe;
    b->config.max_commands = 8;
    b->config.ready_delay = 0;
    bench_up(b);
    for (int i = 0; i < 8; i++)
        bench_put(b, 1, bench_rw(NVME_IO_READ, 0, 8));
    bench_ring(b, 1);
    bench_post(b, NVME_REG_CC, BENCH_CC & ~1);
    bench_post(b, NVME_REG_CC, BENCH_CC);
    b->queues[0] = (struct bench_queue){.size = BENCH_ADMIN_ENTRIES, .phase = 1, .sq = BENCH_ASQ, .cq = BENCH_ACQ};
    memset(b->memory + BENCH_ACQ, 0, BENCH_ADMIN_ENTRIES * NVME_CQE_BYTES);
    bench_put(b, 0, (struct nvme_sqe){.opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = 1});
    bench_ring(b, 0);
    bench_run(b);
    assert_int_equal(b->core_count, 0); // none of the reads got further
    assert_true(bench_take(b, 0, &cqe));
    assert_true(nvme_idle(b->nvme));
    bench_destroy(b);
}

static void test_of_a_command_that_a_reset_forgets_nobody_is_told(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    b->core_hold = true;
    bench_put(b, 1, bench_rw(NVME_IO_WRITE, 0, 8));
    bench_ring(b, 1);
    bench_run(b);
    registers_write(b->nvme, NVME_REG_CC, BENCH_CC & ~1u);
    bench_core_release(b);
    bench_run(b);
    assert_int_equal(b->completed_count, 0);
    bench_destroy(b);
}

static void test_a_controller_that_nobody_observes_and_large_identifiers(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    struct nvme_sqe sqe = bench_rw(NVME_IO_READ, 0, 8);
    sqe.cid = 0xfffe;
    memcpy(b->memory + b->queues[1].sq, &sqe, sizeof sqe);
    bench_write(b, bench_doorbell(b, 1, false), 1);
    struct nvme_cqe cqe;
    assert_true(bench_take(b, 1, &cqe));
    assert_int_equal(cqe.cid, 0xfffe);
    assert_int_equal(b->entry.cid, 0xfffe);
    assert_int_equal(b->entry.opcode, NVME_IO_READ);
    assert_int_equal(b->completed.bytes, 8 * 512);
    assert_int_equal(b->completed.status, NVME_SC_SUCCESS);
    nvme_observe(b->nvme, (struct nvme_observer){.self = NULL, .completed = NULL});
    memcpy(b->memory + b->queues[1].sq + NVME_SQE_BYTES, &sqe, sizeof sqe);
    bench_write(b, bench_doorbell(b, 1, false), 2);
    assert_true(bench_take(b, 1, &cqe));
    assert_int_equal(b->completed_count, 1);
    bench_destroy(b);
}

struct starts {
    uint32_t count;
    tick_t at[16];
};

static void note_start(void *self, const struct nvme_completed *completed)
{
    struct starts *starts = self;
    starts->at[starts->count++] = completed->path->start;
}

static void ring_once_more(void *context)
{
    bench_put(context, 1, bench_rw(NVME_IO_READ, 0, 8));
    bench_ring(context, 1);
}

static void become_master(void *context)
{
    struct bench *b = context;
    b->device.config_write(b->nvme, PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
}

// Twelve doorbells, 1 us apart, before anything is fetched: the first eight are known apart, the eighth takes in the
// rest.
static void test_a_stopwatch_starts_with_the_doorbell_that_covers_the_command(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    struct starts starts = {0};
    tick_t now = sim_now(b->sim);
    nvme_observe(b->nvme, (struct nvme_observer){.self = &starts, .completed = note_start});
    b->device.config_write(b->nvme, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
    for (unsigned i = 0; i < 12; i++)
        sim_at(b->sim, now + (i + 1) * TICKS_PER_US, ring_once_more, b);
    sim_at(b->sim, now + 20 * TICKS_PER_US, become_master, b);
    bench_run(b);
    assert_int_equal(starts.count, 12);
    tick_t way = starts.at[0] - now - TICKS_PER_US;
    assert_in_range(way, 140000, 200000); // 28 B on the wire, and the latency
    for (unsigned i = 0; i < 12; i++)
        assert_int_equal(starts.at[i], now + (MIN(i, 7u) + 1) * TICKS_PER_US + way);
    bench_destroy(b);
}

// Random commands on all queues: each is completed once, with the status that it must have.
static void run_random_commands(struct bench *b, struct rng *rng, unsigned rounds)
{
    uint32_t submitted = 0, completed = 0;
    for (unsigned round = 0; round < rounds; round++) {
        uint32_t qid = 1 + (uint32_t)rng_below(rng, 4), batch = (uint32_t)rng_below(rng, 9);
        for (uint32_t i = 0; i < batch && submitted - completed < 60; i++, submitted++) {
            uint8_t opcode = rng_below(rng, 3) == 0 ? NVME_IO_WRITE : NVME_IO_READ;
            uint64_t slba = rng_below(rng, 1000);
            bench_put(b, qid, bench_rw(opcode, slba, 1 + (uint32_t)rng_below(rng, 16)));
        }
        bench_ring(b, qid);
        sim_run_before(b->sim, sim_now(b->sim) + rng_below(rng, 3 * TICKS_PER_US));
        struct nvme_cqe cqe;
        for (qid = 1; qid <= 4; qid++) {
            while (rng_below(rng, 4) != 0 && bench_take(b, qid, &cqe)) {
                assert_int_equal(bench_status(cqe), NVME_SC_SUCCESS);
                completed++;
            }
            bench_ring_head(b, qid);
        }
    }
    bench_run(b);
    struct nvme_cqe cqe;
    for (uint32_t qid = 1; qid <= 4; qid++)
        while (bench_take(b, qid, &cqe))
            completed++;
    assert_int_equal(completed, submitted);
    assert_true(submitted > rounds);
}

static void test_every_command_is_completed_once_under_either_arbitration(void **state)
{
    (void)state;
    for (uint32_t ams = 0; ams < NVME_ARBITRATION_COUNT; ams++) {
        struct bench *b = bench_create();
        struct rng rng;
        rng_seed(&rng, ams, "test");
        b->config.arbitration = ams;
        b->config.max_commands = 16;
        b->config.t_decode = 50000;
        b->config.processors = 2;
        b->core_delay = TICKS_PER_US;
        bench_start(b);
        bench_enable_function(b);
        bench_enable_controller(b, BENCH_CC | ams << NVME_CC_AMS_SHIFT);
        for (uint32_t qid = 1; qid <= 4; qid++)
            bench_create_queue(b, qid, 64);
        run_random_commands(b, &rng, 3000);
        assert_true(nvme_idle(b->nvme));
        assert_int_equal(nvme_get_stats(b->nvme)->invalid_doorbells, 0);
        bench_destroy(b);
    }
}

static void test_statistics_restart_from_zero(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    b->config.t_decode = 95000;
    bench_up(b);
    nvme_stats_restart(b->nvme, sim_now(b->sim));
    bench_command(b, 1, bench_rw(NVME_IO_READ, 0, 8));
    const struct nvme_stats *stats = nvme_get_stats(b->nvme);
    assert_int_equal(stats->reads, 1);
    assert_int_equal(stats->admin_commands, 0);
    assert_int_equal(stats->fetches, 1);
    assert_int_equal(stats->doorbells, 2);
    assert_int_equal(stats->interrupts, 1);
    assert_int_equal(stats->tlps_to_host, 1 + 16 + 2); // fetch request, data, completion and message
    assert_int_equal(stats->tlps_to_device, 2 + 1);    // doorbells, fetch completion
    assert_int_equal(stats->wire_bytes_to_host, 24 + 16 * 280 + 40 + 28);
    assert_true(stats->entries_per_fetch == 1);
    assert_true(meter_total(nvme_processor_meter(b->nvme)) == 95000);
    assert_true(meter_total(nvme_link_up_meter(b->nvme)) > 0 && meter_total(nvme_link_down_meter(b->nvme)) > 0);
    bench_destroy(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bring_up_in_the_order_of_linux),
        cmocka_unit_test(test_a_reset_forgets_commands_at_every_moment_of_their_lives),
        cmocka_unit_test(test_a_fetch_from_before_a_reset_gives_its_room_back),
        cmocka_unit_test(test_of_a_command_that_a_reset_forgets_nobody_is_told),
        cmocka_unit_test(test_a_controller_that_nobody_observes_and_large_identifiers),
        cmocka_unit_test(test_a_stopwatch_starts_with_the_doorbell_that_covers_the_command),
        cmocka_unit_test(test_every_command_is_completed_once_under_either_arbitration),
        cmocka_unit_test(test_statistics_restart_from_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
