// The register file: masks of every register, enabling, disabling, shutdown, fatal status.
#include "bench.h"

static struct bench *enabled_function(void)
{
    struct bench *b = bench_create();
    bench_start(b);
    bench_enable_function(b);
    return b;
}

static void test_capabilities_and_version(void **state)
{
    (void)state;
    struct bench *b = enabled_function();
    uint64_t cap = bench_read(b, NVME_REG_CAP, 8);
    assert_int_equal(NVME_FIELD(cap, NVME_CAP_MQES), 1023);
    assert_int_equal(NVME_FIELD(cap, NVME_CAP_CQR), 1);
    assert_int_equal(NVME_FIELD(cap, NVME_CAP_AMS), 0);
    assert_int_equal(NVME_FIELD(cap, NVME_CAP_TO), 1);
    assert_int_equal(NVME_FIELD(cap, NVME_CAP_DSTRD), 0);
    assert_int_equal(NVME_FIELD(cap, NVME_CAP_CSS), 1);
    assert_int_equal(NVME_FIELD(cap, NVME_CAP_MPSMIN), 0);
    assert_int_equal(NVME_FIELD(cap, NVME_CAP_MPSMAX), 4);
    assert_int_equal(cap, bench_read(b, 0, 4) | bench_read(b, 4, 4) << 32);
    assert_int_equal(bench_read(b, NVME_REG_VS, 4), 0x10400);
    bench_destroy(b);
}

// Bits that a write of all ones changes, per doubleword; INTMS, INTMC and CC have tests of their own.
static void test_each_register_takes_exactly_its_writable_bits(void **state)
{
    (void)state;
    static const struct {
        uint32_t offset, reset, ones;
    } rows[] = {
        {NVME_REG_CAP, 0x010103ff, 0x010103ff}, {NVME_REG_CAP + 4, 0x00400020, 0x00400020},
        {NVME_REG_VS, 0x10400, 0x10400},        {NVME_REG_CSTS, 0, 0},
        {0x18, 0, 0},                           {NVME_REG_NSSR, 0, 0},
        {NVME_REG_AQA, 0, 0x0fff0fff},          {NVME_REG_ASQ, 0, 0xfffff000},
        {NVME_REG_ASQ + 4, 0, 0xffffffff},      {NVME_REG_ACQ, 0, 0xfffff000},
        {NVME_REG_ACQ + 4, 0, 0xffffffff},      {NVME_REG_CMBLOC, 0, 0},
        {NVME_REG_CMBSZ, 0, 0},                 {NVME_REG_BPINFO, 0, 0},
        {NVME_REG_BPRSEL, 0, 0},                {NVME_REG_BPMBL, 0, 0},
        {NVME_REG_BPMBL + 4, 0, 0},             {NVME_REG_CMBMSC, 0, 0},
        {NVME_REG_CMBMSC + 4, 0, 0},            {NVME_REG_CMBSTS, 0, 0},
        {0x5c, 0, 0},                           {NVME_REG_CRTO, 0, 0}, // of NVMe 2.0
        {0x6c, 0, 0},                           {0x70, 0, 0},
        {0xe00, 0, 0},
    };
    struct bench *b = enabled_function();
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        assert_int_equal(bench_read(b, rows[i].offset, 4), rows[i].reset);
        bench_write(b, rows[i].offset, 0xffffffff);
        assert_int_equal(bench_read(b, rows[i].offset, 4), rows[i].ones);
        bench_write(b, rows[i].offset, 0);
        assert_int_equal(bench_read(b, rows[i].offset, 4), rows[i].ones == rows[i].reset ? rows[i].reset : 0);
    }
    bench_write(b, NVME_REG_CC, 0xfffffffe & ~(3u << 14));
    assert_int_equal(bench_read(b, NVME_REG_CC, 4), 0x00ff3ff0);
    bench_destroy(b);
}

static void test_interrupt_mask_is_set_and_cleared_by_ones(void **state)
{
    (void)state;
    struct bench *b = enabled_function();
    bench_write(b, NVME_REG_INTMS, 0xf0);
    bench_write(b, NVME_REG_INTMS, 0x0f);
    assert_int_equal(bench_read(b, NVME_REG_INTMS, 4), 0xff);
    bench_write(b, NVME_REG_INTMC, 0x3c);
    assert_int_equal(bench_read(b, NVME_REG_INTMS, 4), 0xc3);
    assert_int_equal(bench_read(b, NVME_REG_INTMC, 4), 0xc3);
    bench_destroy(b);
}

static void test_a_64_bit_write_is_two_halves(void **state)
{
    (void)state;
    struct bench *b = enabled_function();
    b->device.mmio_write(b->nvme, NVME_REG_ASQ, 8, UINT64_C(0x123456789abcd000));
    bench_run(b);
    assert_int_equal(bench_read(b, NVME_REG_ASQ, 8), UINT64_C(0x123456789abcd000));
    bench_destroy(b);
}

static void test_ready_comes_after_its_delay(void **state)
{
    (void)state;
    struct bench *b = enabled_function();
    b->config.ready_delay = 3 * TICKS_PER_MS;
    bench_enable_controller(b, BENCH_CC & ~1);
    bench_post(b, NVME_REG_CC, BENCH_CC);
    tick_t enabled = sim_next(b->sim);
    sim_run_before(b->sim, enabled + 3 * TICKS_PER_MS);
    assert_int_equal(registers_read(b->nvme, NVME_REG_CSTS), 0);
    sim_run_before(b->sim, enabled + 3 * TICKS_PER_MS + 1);
    assert_int_equal(registers_read(b->nvme, NVME_REG_CSTS), NVME_CSTS_RDY);
    bench_destroy(b);
}

static void test_disabled_before_ready_stays_unready(void **state)
{
    (void)state;
    struct bench *b = enabled_function();
    b->config.ready_delay = 3 * TICKS_PER_MS;
    bench_enable_controller(b, BENCH_CC & ~1);
    bench_post(b, NVME_REG_CC, BENCH_CC);
    bench_post(b, NVME_REG_CC, BENCH_CC & ~1);
    bench_run(b);
    assert_int_equal(bench_read(b, NVME_REG_CSTS, 4), 0);
    bench_destroy(b);
}

static void test_a_wrong_configuration_is_fatal_until_disabled(void **state)
{
    (void)state;
    static const struct {
        uint32_t offset, value, cc;
    } wrong[] = {
        {NVME_REG_AQA, 0x001f0000, BENCH_CC}, {NVME_REG_AQA, 0x0000001f, BENCH_CC},
        {NVME_REG_ASQ, 0x11000, BENCH_CC | 4 << NVME_CC_MPS_SHIFT}, // not on a page of 64 KiB
        {NVME_REG_ACQ, 0x21000, BENCH_CC | 4 << NVME_CC_MPS_SHIFT},
        {NVME_REG_VS, 0, BENCH_CC | 6 << NVME_CC_CSS_SHIFT},  // only the NVM command set
        {NVME_REG_VS, 0, BENCH_CC | 5 << NVME_CC_MPS_SHIFT},  // beyond CAP.MPSMAX
        {NVME_REG_VS, 0, BENCH_CC | 1 << NVME_CC_AMS_SHIFT},  // not in CAP.AMS
    };
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        struct bench *b = enabled_function();
        bench_enable_controller(b, BENCH_CC & ~1);
        bench_write(b, wrong[i].offset, wrong[i].value);
        bench_write(b, NVME_REG_CC, wrong[i].cc);
        assert_int_equal(bench_read(b, NVME_REG_CSTS, 4), NVME_CSTS_CFS);
        bench_write(b, NVME_REG_CC, wrong[i].cc & ~1u);
        assert_int_equal(bench_read(b, NVME_REG_CSTS, 4), 0);
        bench_enable_controller(b, BENCH_CC);
        assert_int_equal(bench_read(b, NVME_REG_CSTS, 4), NVME_CSTS_RDY);
        bench_destroy(b);
    }
}

static unsigned shutdown_status(struct bench *b)
{
    return NVME_FIELD(bench_read(b, NVME_REG_CSTS, 4), NVME_CSTS_SHST);
}

static void test_shutdown_is_complete_when_the_core_has_flushed(void **state)
{
    (void)state;
    for (uint32_t shn = NVME_SHN_NORMAL; shn <= NVME_SHN_ABRUPT; shn++) {
        struct bench *b = bench_up(bench_create());
        b->core_hold = true;
        bench_write(b, NVME_REG_CC, BENCH_CC | shn << NVME_CC_SHN_SHIFT);
        assert_int_equal(b->core_count, 1);
        assert_int_equal(b->core_log[0].kind, FTL_FLUSH);
        assert_int_equal(shutdown_status(b), NVME_SHST_OCCURRING);
        assert_false(nvme_idle(b->nvme));
        bench_core_release(b);
        bench_run(b);
        assert_int_equal(shutdown_status(b), NVME_SHST_COMPLETE);
        assert_true(nvme_idle(b->nvme));
        bench_enable_controller(b, BENCH_CC);
        assert_int_equal(bench_read(b, NVME_REG_CSTS, 4), NVME_CSTS_RDY);
        bench_destroy(b);
    }
}

static void test_a_shutdown_does_not_rely_on_the_flush_of_one_before_a_reset(void **state)
{
    (void)state;
    const uint32_t shut_down = BENCH_CC | NVME_SHN_NORMAL << NVME_CC_SHN_SHIFT;
    struct bench *b = bench_up(bench_create());
    b->core_hold = true;
    bench_write(b, NVME_REG_CC, shut_down);
    bench_enable_controller(b, BENCH_CC);
    bench_write(b, NVME_REG_CC, shut_down);
    assert_int_equal(b->core_count, 1);
    sim_after(b->sim, 0, bench_core_run, container_of(list_pop(&b->core_held), struct ftl_request, link));
    bench_run(b);
    assert_int_equal(b->core_count, 2); // it does not cover what was written since
    assert_int_equal(shutdown_status(b), NVME_SHST_OCCURRING);
    bench_core_release(b);
    bench_run(b);
    assert_int_equal(shutdown_status(b), NVME_SHST_COMPLETE);
    assert_true(nvme_idle(b->nvme));
    bench_destroy(b);
}

// 7.3.2: all registers but those of the admin queues have their reset values.
static void test_a_reset_ends_shutdown_and_interrupt_masks(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    bench_write(b, NVME_REG_INTMS, 0xff);
    bench_write(b, NVME_REG_CC, BENCH_CC | NVME_SHN_NORMAL << NVME_CC_SHN_SHIFT);
    assert_int_equal(shutdown_status(b), NVME_SHST_COMPLETE);
    bench_write(b, NVME_REG_CC, BENCH_CC & ~1);
    assert_int_equal(bench_read(b, NVME_REG_CSTS, 4), 0);
    assert_int_equal(bench_read(b, NVME_REG_INTMS, 4), 0);
    assert_int_equal(bench_read(b, NVME_REG_ASQ, 4), BENCH_ASQ);
    bench_destroy(b);
}

static void test_registers_read_ones_while_memory_space_is_disabled(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    bench_start(b);
    assert_int_equal(bench_read(b, NVME_REG_VS, 4), 0xffffffff);
    bench_enable_function(b);
    assert_int_equal(bench_read(b, NVME_REG_VS, 4), 0x10400);
    bench_destroy(b);
}

// 3.1.9: an address like any other; that nothing answers there shows when the queue is used.
static void test_an_admin_queue_may_lie_at_address_0(void **state)
{
    (void)state;
    struct bench *b = enabled_function();
    bench_enable_controller(b, BENCH_CC & ~1);
    bench_write(b, NVME_REG_ASQ, 0);
    bench_write(b, NVME_REG_CC, BENCH_CC);
    assert_int_equal(bench_read(b, NVME_REG_CSTS, 4), NVME_CSTS_RDY);
    bench_write(b, bench_doorbell(b, 0, false), 1);
    assert_int_equal(bench_read(b, NVME_REG_CSTS, 4), NVME_CSTS_RDY | NVME_CSTS_CFS);
    bench_enable_controller(b, BENCH_CC);
    assert_int_equal(bench_read(b, NVME_REG_CSTS, 4), NVME_CSTS_RDY);
    assert_int_equal(bench_admin(b, (struct nvme_sqe){.opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = 1}), 0);
    bench_destroy(b);
}

// 7.3.2: a reset leaves AQA, ASQ and ACQ; what else the host writes with EN = 0 is reset, too.
static void test_a_reset_keeps_the_admin_queues_registers_only(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    uint64_t aqa = bench_read(b, NVME_REG_AQA, 4);
    bench_write(b, NVME_REG_CC, 0x00460000 | NVME_SHN_NORMAL << NVME_CC_SHN_SHIFT);
    assert_int_equal(bench_read(b, NVME_REG_CC, 4), 0);
    assert_int_equal(bench_read(b, NVME_REG_CSTS, 4), 0); // no shutdown
    assert_int_equal(b->core_count, 0);
    assert_int_equal(bench_read(b, NVME_REG_AQA, 4), aqa);
    assert_int_equal(bench_read(b, NVME_REG_ASQ, 8), BENCH_ASQ);
    assert_int_equal(bench_read(b, NVME_REG_ACQ, 8), BENCH_ACQ);
    bench_write(b, NVME_REG_CC, 0x00460000); // no reset now: it is disabled already
    assert_int_equal(bench_read(b, NVME_REG_CC, 4), 0x00460000);
    bench_destroy(b);
}

// 7.6.2: what has been fetched ends, then the core is flushed; what has not stays in the host's queue.
static void test_a_shutdown_waits_for_the_commands_under_way(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    struct nvme_cqe cqe;
    b->config.max_commands = 2;
    bench_up(b);
    b->core_hold = true;
    for (int i = 0; i < 3; i++)
        bench_put(b, 1, bench_rw(NVME_IO_WRITE, 0, 8));
    bench_ring(b, 1);
    bench_run(b);
    bench_write(b, NVME_REG_CC, BENCH_CC | NVME_SHN_NORMAL << NVME_CC_SHN_SHIFT);
    assert_int_equal(shutdown_status(b), NVME_SHST_OCCURRING);
    assert_int_equal(b->core_count, 2); // no flush yet
    bench_core_release(b);
    bench_run(b);
    assert_int_equal(shutdown_status(b), NVME_SHST_COMPLETE);
    assert_true(bench_take(b, 1, &cqe) && bench_take(b, 1, &cqe));
    assert_false(bench_take(b, 1, &cqe));
    assert_int_equal(b->core_count, 3);
    assert_int_equal(b->core_log[2].kind, FTL_FLUSH);
    assert_true(nvme_idle(b->nvme));
    bench_destroy(b);
}

static void test_a_shutdown_does_not_wait_for_room_in_a_completion_queue(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    assert_int_equal(bench_admin(b, bench_create_cq(2, 2)), 0);
    assert_int_equal(bench_admin(b, bench_create_sq(2, 64)), 0);
    b->queues[2] = (struct bench_queue){.size = 64, .sq = BENCH_SQ + 0x20000};
    bench_submit(b, 2, bench_rw(NVME_IO_READ, 0, 8)); // fills it
    b->core_delay = TICKS_PER_US;
    bench_put(b, 2, bench_rw(NVME_IO_READ, 0, 8));
    bench_ring(b, 2);
    sim_run_before(b->sim, sim_now(b->sim) + TICKS_PER_US);
    assert_int_equal(b->core_count, 2);
    bench_post(b, NVME_REG_CC, BENCH_CC | NVME_SHN_ABRUPT << NVME_CC_SHN_SHIFT);
    bench_run(b);
    assert_int_equal(shutdown_status(b), NVME_SHST_COMPLETE);
    bench_destroy(b);
}

// 3.1: each has its place, none lies in another's.
static void test_the_table_is_in_order(void **state)
{
    (void)state;
    uint32_t end = 0;
    for (size_t i = 0; i < nvme_register_count; i++) {
        const struct nvme_register_row *row = &nvme_register_rows[i];
        assert_true(row->offset >= end && row->offset % 4 == 0);
        assert_true(row->bytes == 4 || row->bytes == 8);
        assert_int_equal(row->rw & (row->w1s | row->w1c), 0);
        assert_true((row->rw | row->w1c) == 0 || (row->kept & ~(row->rw | row->w1c)) == 0);
        end = row->offset + row->bytes;
    }
    assert_int_equal(end, 0x6c);
}

// 3.1: other widths are not for registers. Bytes can be read, and writes of them are dropped.
static void test_narrow_accesses_read_and_write_nothing(void **state)
{
    (void)state;
    struct bench *b = enabled_function();
    assert_int_equal(bench_read(b, NVME_REG_VS + 2, 2), 0x0001);
    assert_int_equal(bench_read(b, NVME_REG_VS + 1, 1), 0x04);
    b->device.mmio_write(b->nvme, NVME_REG_AQA, 2, 0x0101);
    b->device.mmio_write(b->nvme, NVME_REG_AQA + 2, 1, 0x01);
    bench_run(b);
    assert_int_equal(bench_read(b, NVME_REG_AQA, 4), 0);
    bench_destroy(b);
}

// NVMe 2.0, 3.1.3.1 (CAP.CRMS), 3.1.3.23 (CRTO): 1.2 s are three units of 500 ms.
static void test_version_2_has_ready_timeouts(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    b->config.version = NVME_VERSION_2_0;
    b->config.ready_delay = 1200 * TICKS_PER_MS;
    bench_start(b);
    bench_enable_function(b);
    assert_int_equal(bench_read(b, NVME_REG_VS, 4), 0x00020000);
    uint64_t cap = bench_read(b, NVME_REG_CAP, 8);
    assert_int_equal(cap >> 59 & 3, 1);
    assert_int_equal(NVME_FIELD(cap, NVME_CAP_TO), 3);
    assert_int_equal(bench_read(b, NVME_REG_CRTO, 4), 3);
    bench_write(b, NVME_REG_CRTO, 0xffffffff);
    assert_int_equal(bench_read(b, NVME_REG_CRTO, 4), 3);
    bench_destroy(b);
}

// 3.1.7, 7.3.1: the letters alone reset, and only where CAP.NSSRS says so; CSTS.NSSRO tells until it is cleared by a
// one, a controller reset leaves it (3.1.6).
static void test_nssr_resets_the_subsystem(void **state)
{
    (void)state;
    for (int offered = 0; offered < 2; offered++) {
        struct bench *b = bench_create();
        b->config.subsystem_reset = offered;
        bench_up(b);
        assert_int_equal(NVME_FIELD(bench_read(b, NVME_REG_CAP, 8), NVME_CAP_NSSRS), offered);
        bench_write(b, NVME_REG_NSSR, 0x4e564d66);
        assert_int_equal(bench_read(b, NVME_REG_CSTS, 4), NVME_CSTS_RDY);
        bench_write(b, NVME_REG_NSSR, 0x4e564d65);
        if (offered) {
            assert_int_equal(bench_read(b, NVME_REG_CSTS, 4), 0xffffffff); // configuration space is reset, too
            bench_enable_function(b);
            assert_int_equal(bench_read(b, NVME_REG_CSTS, 4), NVME_CSTS_NSSRO);
            assert_int_equal(bench_read(b, NVME_REG_NSSR, 4), 0);
            bench_enable_controller(b, BENCH_CC);
            bench_write(b, NVME_REG_CC, 0);
            assert_int_equal(bench_read(b, NVME_REG_CSTS, 4), NVME_CSTS_NSSRO);
            bench_write(b, NVME_REG_CSTS, NVME_CSTS_NSSRO);
            assert_int_equal(bench_read(b, NVME_REG_CSTS, 4), 0);
        } else {
            assert_int_equal(bench_read(b, NVME_REG_CSTS, 4), NVME_CSTS_RDY);
        }
        bench_destroy(b);
    }
}

static void reset_controller(struct bench *b)
{
    bench_write(b, NVME_REG_CC, 0);
}

static void reset_function(struct bench *b)
{
    uint32_t at = PCI_EXP_AT + PCI_EXP_DEVICE_CONTROL;
    b->device.config_write(b->nvme, at, 2, bench_config(b, at, 2) | PCI_EXP_DEVICE_CONTROL_FLR);
}

static void reset_subsystem(struct bench *b)
{
    bench_write(b, NVME_REG_NSSR, NVME_NSSR_NVME);
}

static void reset_hot(struct bench *b)
{
    b->device.reset(b->nvme, PCIE_RESET_HOT);
}

static void reset_cold(struct bench *b)
{
    b->device.reset(b->nvme, PCIE_RESET_COLD);
}

// NVMe 1.4, 7.3.1, 7.3.2; PCI Express Base 4.0, 6.6.1, 6.6.2: what is there of what the host has set, after each kind.
// The link's speed is sticky, the payload size is kept by a function level reset. All of them forget queues and
// features.
static void test_each_reset_keeps_what_is_not_its_own(void **state)
{
    (void)state;
    static const struct {
        void (*reset)(struct bench *b);
        bool aqa, msix_table, command, payload, speed;
    } rows[] = {
        {reset_controller, true, true, true, true, true},
        {reset_function, false, false, false, true, true},
        {reset_hot, false, false, false, false, true},
        {reset_subsystem, false, false, false, false, true},
        {reset_cold, false, false, false, false, false},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct bench *b = bench_create();
        b->config.subsystem_reset = true;
        bench_up(b);
        b->device.config_write(b->nvme, PCI_EXP_AT + PCI_EXP_LINK_CONTROL_2, 2, 1);
        bench_admin(b, (struct nvme_sqe){.opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 1, .cdw11 = 7});
        rows[i].reset(b);
        assert_int_equal(bench_config(b, PCI_COMMAND, 2) != 0, rows[i].command);
        assert_int_equal(bench_config(b, PCI_EXP_AT + PCI_EXP_DEVICE_CONTROL, 2) >> 5 & 7,
                         rows[i].payload ? BENCH_PAYLOAD : 0);
        assert_int_equal(bench_config(b, PCI_EXP_AT + PCI_EXP_LINK_CONTROL_2, 2), rows[i].speed ? 1 : 3);
        b->device.config_write(b->nvme, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
        assert_int_equal(bench_read(b, NVME_REG_AQA, 4) != 0, rows[i].aqa);
        assert_int_equal(bench_read(b, b->nvme->pci.table_offset, 4) != 0, rows[i].msix_table);
        assert_int_equal(bench_read(b, NVME_REG_CC, 4), 0);
        assert_int_equal(b->nvme->features.value[NVME_FEATURE_ARBITRATION], b->config.arbitration_burst);
        assert_false(b->nvme->queues.cqs[1].exists);
        bench_enable_function(b);
        bench_enable_controller(b, BENCH_CC);
        bench_create_queue(b, 1, 64);
        assert_int_equal(bench_status(bench_command(b, 1, bench_rw(NVME_IO_READ, 0, 8))), NVME_SC_SUCCESS);
        bench_destroy(b);
    }
}

// 3.1.5, 7.6.2: power is about to go: the core is flushed at once, not when the commands under way have ended.
static void test_an_abrupt_shutdown_waits_for_no_command(void **state)
{
    (void)state;
    for (uint32_t shn = NVME_SHN_NORMAL; shn <= NVME_SHN_ABRUPT; shn++) {
        struct bench *b = bench_up(bench_create());
        b->core_hold = true;
        bench_submit(b, 1, bench_rw(NVME_IO_WRITE, 0, 8));
        bench_write(b, NVME_REG_CC, BENCH_CC | shn << NVME_CC_SHN_SHIFT);
        assert_int_equal(b->core_count, shn == NVME_SHN_ABRUPT ? 2 : 1);
        bench_core_release(b);
        bench_run(b);
        assert_int_equal(b->core_count, 2);
        assert_int_equal(shutdown_status(b), NVME_SHST_COMPLETE);
        assert_true(nvme_idle(b->nvme));
        bench_destroy(b);
    }
}

static bool has_line(const char *text, const char *line)
{
    const char *at = strstr(text, line);
    return at != NULL && (at == text || at[-1] == '\n') && at[strlen(line)] == '\n';
}

// Values of the tests above, each field worked out by hand from the standard's bit positions.
static void test_registers_are_shown_in_words(void **state)
{
    (void)state;
    static const struct {
        enum registers_form form;
        const char *line;
    } expected[] = {
        {REGISTERS_PLAIN, "cap     : 400020010103ff"},
        {REGISTERS_PLAIN, "version : 10400"},
        {REGISTERS_PLAIN, "cc      : 460001"},
        {REGISTERS_PLAIN, "aqa     : 1f001f"},
        {REGISTERS_HUMAN, "\tMemory Page Size Maximum (MPSMAX): 65536 bytes"},
        {REGISTERS_HUMAN, "\tMaximum Queue Entries Supported (MQES): 1024"},
        {REGISTERS_HUMAN, "\tContiguous Queues Required (CQR): Yes"},
        {REGISTERS_HUMAN, "\tDoorbell Stride (DSTRD): 4 bytes"},
        {REGISTERS_HUMAN, "\tTimeout (TO): 500 ms"},
        {REGISTERS_HUMAN, "\tI/O Submission Queue Entry Size (IOSQES): 64 bytes"},
        {REGISTERS_HUMAN, "\tShutdown Status (SHST): Normal operation"},
        {REGISTERS_HUMAN, "\tReady (RDY): Yes"},
        {REGISTERS_HUMAN, "\tAdmin Submission Queue Size (ASQS): 32"},
        {REGISTERS_HUMAN, "\tAdmin Submission Queue Base (ASQB): 10000"},
        {REGISTERS_JSON, "  \"cap\":18014535965279231,"},
        {REGISTERS_JSON, "  \"csts\":1,"},
    };
    struct bench *b = bench_up(bench_create());
    for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
        char *text;
        size_t size;
        FILE *out = open_memstream(&text, &size);
        registers_show(b->nvme, out, expected[i].form);
        fclose(out);
        assert_true(has_line(text, expected[i].line));
        free(text);
    }
    bench_destroy(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_capabilities_and_version),
        cmocka_unit_test(test_each_register_takes_exactly_its_writable_bits),
        cmocka_unit_test(test_interrupt_mask_is_set_and_cleared_by_ones),
        cmocka_unit_test(test_a_64_bit_write_is_two_halves),
        cmocka_unit_test(test_ready_comes_after_its_delay),
        cmocka_unit_test(test_disabled_before_ready_stays_unready),
        cmocka_unit_test(test_a_wrong_configuration_is_fatal_until_disabled),
        cmocka_unit_test(test_shutdown_is_complete_when_the_core_has_flushed),
        cmocka_unit_test(test_a_shutdown_does_not_rely_on_the_flush_of_one_before_a_reset),
        cmocka_unit_test(test_a_reset_ends_shutdown_and_interrupt_masks),
        cmocka_unit_test(test_registers_read_ones_while_memory_space_is_disabled),
        cmocka_unit_test(test_an_admin_queue_may_lie_at_address_0),
        cmocka_unit_test(test_a_reset_keeps_the_admin_queues_registers_only),
        cmocka_unit_test(test_a_shutdown_waits_for_the_commands_under_way),
        cmocka_unit_test(test_a_shutdown_does_not_wait_for_room_in_a_completion_queue),
        cmocka_unit_test(test_the_table_is_in_order),
        cmocka_unit_test(test_narrow_accesses_read_and_write_nothing),
        cmocka_unit_test(test_version_2_has_ready_timeouts),
        cmocka_unit_test(test_nssr_resets_the_subsystem),
        cmocka_unit_test(test_each_reset_keeps_what_is_not_its_own),
        cmocka_unit_test(test_an_abrupt_shutdown_waits_for_no_command),
        cmocka_unit_test(test_registers_are_shown_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
