// What a host finds in configuration space, and what it can change there.
#include "bench.h"

static void config_write(struct bench *b, uint32_t offset, unsigned bytes, uint32_t value)
{
    b->device.config_write(b->nvme, offset, bytes, value);
}

static struct bench *created(void)
{
    struct bench *b = bench_create();
    bench_start(b);
    return b;
}

static void test_header_names_an_nvme_controller(void **state)
{
    (void)state;
    struct bench *b = created();
    assert_int_equal(bench_config(b, PCI_VENDOR_ID, 4), 0x500615b7);
    assert_int_equal(bench_config(b, PCI_REVISION_ID, 4), 0x01080201);
    assert_int_equal(bench_config(b, PCI_SUBSYSTEM_VENDOR_ID, 4), 0x500715b7);
    assert_int_equal(bench_config(b, PCI_HEADER_TYPE, 1), 0);
    assert_int_equal(bench_config(b, PCI_STATUS, 2), PCI_STATUS_CAPABILITIES);
    config_write(b, PCI_VENDOR_ID, 4, 0);
    config_write(b, PCI_REVISION_ID, 4, 0);
    assert_int_equal(bench_config(b, PCI_VENDOR_ID, 4), 0x500615b7);
    assert_int_equal(bench_config(b, PCI_REVISION_ID, 4), 0x01080201);
    assert_int_equal(bench_config(b, PCI_INTERRUPT_PIN, 1), PCI_PIN_INTA);
    bench_destroy(b);
}

static void test_bar0_is_64_bit_and_tells_its_size(void **state)
{
    (void)state;
    struct bench *b = created();
    config_write(b, PCI_BAR0, 4, 0xffffffff);
    config_write(b, PCI_BAR1, 4, 0xffffffff);
    assert_int_equal(bench_config(b, PCI_BAR0, 4), 0xffffc004); // 16 KiB
    assert_int_equal(bench_config(b, PCI_BAR1, 4), 0xffffffff);
    assert_int_equal(b->nvme->pci.bar_bytes, 16384);
    bench_destroy(b);
}

static void test_bar0_grows_with_doorbells_and_vectors(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    b->config.max_queues = 1024;
    b->config.doorbell_stride = 4;
    b->config.msix_vectors = 2048;
    bench_start(b);
    assert_int_equal(b->nvme->pci.doorbell_end, 0x1000 + 2 * 1025 * 64);
    assert_true(b->nvme->pci.table_offset >= b->nvme->pci.doorbell_end);
    assert_true(b->nvme->pci.pba_offset >= b->nvme->pci.table_offset + 2048 * 16);
    assert_true(b->nvme->pci.bar_bytes >= b->nvme->pci.pba_offset + 256);
    assert_int_equal(b->nvme->pci.bar_bytes & (b->nvme->pci.bar_bytes - 1), 0);
    bench_destroy(b);
    b = bench_create(); // what fills its pages exactly needs no more
    b->config.max_queues = 511;
    b->config.msix_vectors = 256;
    bench_start(b);
    assert_int_equal(b->nvme->pci.table_offset, 0x2000);
    assert_int_equal(b->nvme->pci.pba_offset, 0x3000);
    assert_int_equal(b->nvme->pci.bar_bytes, 0x4000);
    bench_destroy(b);
    b = bench_create(); // the pending bits lie in it, too, where they begin at a power of two
    b->config.max_queues = 511;
    b->config.msix_vectors = 512;
    bench_start(b);
    assert_int_equal(b->nvme->pci.pba_offset, 0x4000);
    assert_int_equal(b->nvme->pci.bar_bytes, 0x8000);
    bench_destroy(b);
}

// PCI Local Bus 3.0, 6.2.5.1: of what a write of ones leaves, the lowest address bit is the BAR's size; the drive has
// but one. 6.2.5.2: no expansion ROM.
static void test_each_bar_answers_when_it_is_sized(void **state)
{
    (void)state;
    static const uint32_t after_ones[] = {0xffffc004, 0xffffffff, 0, 0, 0, 0};
    struct bench *b = created();
    for (uint32_t i = 0; i < ARRAY_SIZE(after_ones); i++) {
        uint32_t at = PCI_BAR0 + 4 * i, before = bench_config(b, at, 4);
        config_write(b, at, 4, 0xffffffff);
        assert_int_equal(bench_config(b, at, 4), after_ones[i]);
        config_write(b, at, 4, before);
        assert_int_equal(bench_config(b, at, 4), before);
    }
    config_write(b, PCI_EXPANSION_ROM, 4, 0xfffff800);
    assert_int_equal(bench_config(b, PCI_EXPANSION_ROM, 4), 0);
    bench_destroy(b);
}

// Every bit of all 4096 bytes: no write changes what no row's mask names, and all that the masks name changes.
static void test_a_write_changes_the_bits_of_its_masks_and_no_others(void **state)
{
    (void)state;
    struct bench *b = created();
    const uint32_t resets = PCI_EXP_DEVICE_CONTROL_FLR, power = 3;
    uint32_t expected[PCI_CONFIG_BYTES / 4] = {0};
    for (size_t i = 0; i < nvme_pci_register_count; i++) {
        const struct nvme_pci_register *row = &nvme_pci_registers[i];
        assert_non_null(row->name);
        assert_true(i == 0 || row->offset > nvme_pci_registers[i - 1].offset);
        expected[row->offset / 4] = row->rw | (row->rw_of != NULL ? row->rw_of(b->nvme) : 0);
    }
    expected[(PCI_EXP_AT + PCI_EXP_DEVICE_CONTROL) / 4] &= ~resets;
    for (uint32_t offset = 0; offset < PCI_CONFIG_BYTES; offset += 4) {
        uint32_t before = bench_config(b, offset, 4), not = offset == PCI_PM_AT + PCI_PM_CONTROL ? power : 0;
        config_write(b, offset, 4, ~before & ~(offset == PCI_EXP_AT + PCI_EXP_DEVICE_CONTROL ? resets : not));
        assert_int_equal(bench_config(b, offset, 4) ^ before, expected[offset / 4] & ~not);
    }
    bench_destroy(b);
}

// PCI Express Base 4.0, 7.2.1 and 2.2.7: a configuration request is for bytes of one doubleword.
static void test_accesses_have_widths_and_bounds(void **state)
{
    (void)state;
    static const struct {
        uint32_t offset;
        unsigned bytes;
    } wrong[] = {{1, 2}, {2, 4}, {3, 2}, {0, 3}, {0, 0}, {0, 8}, {4096, 1}, {4096, 4}, {0xfffffffc, 4}};
    struct bench *b = created();
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        assert_int_equal(bench_config(b, wrong[i].offset, wrong[i].bytes), 0xffffffff);
        config_write(b, wrong[i].offset, wrong[i].bytes, 0xffffffff);
    }
    for (uint32_t byte = 0; byte < 4; byte++)
        assert_int_equal(bench_config(b, byte, 1), 0x500615b7 >> 8 * byte & 0xff);
    assert_int_equal(bench_config(b, PCI_DEVICE_ID, 2), 0x5006);
    config_write(b, PCI_BAR1 + 2, 1, 0xabcd12);
    assert_int_equal(bench_config(b, PCI_BAR1, 4), 0x00120000);
    assert_int_equal(bench_config(b, 4092, 4), 0);
    bench_destroy(b);
}

static void test_identity_is_what_the_configuration_says(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    b->pcie.vendor_id = 0x1234, b->pcie.device_id = 0x5678, b->pcie.revision = 0x9a, b->pcie.class_code = 0x010803;
    b->pcie.subsystem_vendor_id = 0xbcde, b->pcie.subsystem_id = 0xf012;
    bench_start(b);
    assert_int_equal(bench_config(b, PCI_VENDOR_ID, 4), 0x56781234);
    assert_int_equal(bench_config(b, PCI_REVISION_ID, 4), 0x0108039a);
    assert_int_equal(bench_config(b, PCI_SUBSYSTEM_VENDOR_ID, 4), 0xf012bcde);
    bench_destroy(b);
}

// PCI Local Bus 3.0, 6.8.1.3: as many messages as the next lower power of two of vectors, 32 at most.
static void test_msi_offers_a_power_of_two_of_messages(void **state)
{
    (void)state;
    static const struct {
        uint32_t vectors, log2_messages;
    } rows[] = {{1, 0}, {2, 1}, {3, 1}, {9, 3}, {31, 4}, {32, 5}, {2048, 5}};
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct bench *b = bench_create();
        b->config.msix_vectors = rows[i].vectors;
        bench_start(b);
        uint32_t control = bench_config(b, bench_capability(b, PCI_CAP_MSI) + PCI_MSI_CONTROL, 2);
        assert_int_equal(control, PCI_MSI_CONTROL_64BIT | rows[i].log2_messages << PCI_MSI_CONTROL_CAPABLE_SHIFT);
        bench_destroy(b);
    }
}

enum { UNCORRECTABLE = PCI_AER_AT + PCI_AER_UNCORRECTABLE, CORRECTABLE = PCI_AER_AT + PCI_AER_CORRECTABLE };

static uint32_t device_status(struct bench *b)
{
    return bench_config(b, PCI_EXP_AT + PCI_EXP_DEVICE_STATUS, 2);
}

// PCI Express Base 4.0, 6.2.3.2.4 and figure 6-2: an unsupported request that is not posted is an advisory error, with
// the uncorrectable status only where the mask lets it; a posted one is a non-fatal error; written ones clear the bits.
static void test_an_unsupported_request_is_noted(void **state)
{
    (void)state;
    struct bench *b = created(); // memory space is not enabled
    assert_int_equal(bench_config(b, PCI_AER_AT, 4), 0x00020001);
    assert_int_equal(bench_read(b, NVME_REG_VS, 4), 0xffffffff);
    assert_int_equal(device_status(b), PCI_EXP_DEVICE_STATUS_CORRECTABLE | PCI_EXP_DEVICE_STATUS_UNSUPPORTED);
    assert_int_equal(bench_config(b, CORRECTABLE, 4), PCI_AER_ADVISORY);
    assert_int_equal(bench_config(b, UNCORRECTABLE, 4), 0);
    config_write(b, PCI_AER_AT + PCI_AER_CORRECTABLE_MASK, 4, 0);
    bench_read(b, NVME_REG_VS, 4);
    assert_int_equal(bench_config(b, UNCORRECTABLE, 4), PCI_AER_UNSUPPORTED_REQUEST);
    assert_int_equal(bench_config(b, PCI_AER_AT + PCI_AER_CONTROL, 4), 20); // first error pointer
    config_write(b, UNCORRECTABLE, 4, PCI_AER_UNSUPPORTED_REQUEST);
    config_write(b, CORRECTABLE, 4, PCI_AER_ADVISORY);
    config_write(b, PCI_EXP_AT + PCI_EXP_DEVICE_STATUS, 2, 0xffff);
    assert_int_equal(bench_config(b, UNCORRECTABLE, 4) | bench_config(b, CORRECTABLE, 4) | device_status(b), 0);
    bench_write(b, NVME_REG_CC, 0);
    assert_int_equal(device_status(b), PCI_EXP_DEVICE_STATUS_NON_FATAL | PCI_EXP_DEVICE_STATUS_UNSUPPORTED);
    assert_int_equal(bench_config(b, UNCORRECTABLE, 4), PCI_AER_UNSUPPORTED_REQUEST);
    config_write(b, PCI_AER_AT + PCI_AER_SEVERITY, 4, PCI_AER_UNSUPPORTED_REQUEST);
    bench_read(b, NVME_REG_VS, 4);
    assert_true(device_status(b) & PCI_EXP_DEVICE_STATUS_FATAL);
    bench_destroy(b);
}

static void test_accesses_beyond_bar0_are_not_answered(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    assert_int_equal(bench_read(b, b->nvme->pci.bar_bytes - 4, 4), 0);
    assert_int_equal(device_status(b), 0);
    assert_int_equal(bench_read(b, b->nvme->pci.bar_bytes, 4), 0xffffffff);
    assert_int_equal(bench_read(b, b->nvme->pci.bar_bytes - 4, 8), UINT64_MAX);
    assert_true(device_status(b) & PCI_EXP_DEVICE_STATUS_UNSUPPORTED);
    bench_write(b, b->nvme->pci.bar_bytes, 0);
    bench_destroy(b);
}

// PCI Local Bus 3.0, 6.2.3: a read of the drive's own that nobody answers.
static void test_a_read_that_nobody_answers_is_a_master_abort(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    assert_int_equal(bench_config(b, PCI_STATUS, 2), PCI_STATUS_CAPABILITIES);
    b->dma_until_failure = 1;
    bench_submit(b, 1, bench_rw(NVME_IO_READ, 0, 8));
    assert_int_equal(bench_config(b, PCI_STATUS, 2), PCI_STATUS_CAPABILITIES | PCI_STATUS_RECEIVED_MASTER_ABORT);
    config_write(b, PCI_STATUS, 2, PCI_STATUS_RECEIVED_MASTER_ABORT);
    assert_int_equal(bench_config(b, PCI_STATUS, 2), PCI_STATUS_CAPABILITIES);
    bench_destroy(b);
}

static void test_the_capabilities_are_linked(void **state)
{
    (void)state;
    struct bench *b = created();
    uint32_t msix = bench_capability(b, PCI_CAP_MSIX), exp = bench_capability(b, PCI_CAP_PCIE);
    assert_int_not_equal(bench_capability(b, PCI_CAP_PM), 0);
    assert_int_equal(bench_config(b, msix + PCI_MSIX_CONTROL, 2), BENCH_VECTORS - 1);
    assert_int_equal(bench_config(b, msix + PCI_MSIX_TABLE, 4), b->nvme->pci.table_offset);
    assert_int_equal(bench_config(b, msix + PCI_MSIX_PBA, 4), b->nvme->pci.pba_offset);
    assert_int_equal(bench_config(b, exp + PCI_EXP_CAPABILITIES, 2), 2);
    assert_int_equal(bench_config(b, exp + PCI_EXP_LINK_STATUS, 2), 3 | 4 << 4);
    assert_int_equal(bench_config(b, exp + PCI_EXP_LINK_CAPABILITIES, 4) & 0x3ff, 3 | 4 << 4);
    assert_int_equal(bench_config(b, exp + PCI_EXP_DEVICE_CAPABILITIES, 4) & 7, 1); // 256 B
    bench_destroy(b);
}

static void test_device_control_sets_the_links_limits(void **state)
{
    (void)state;
    struct bench *b = created();
    uint32_t control = bench_capability(b, PCI_CAP_PCIE) + PCI_EXP_DEVICE_CONTROL;
    assert_int_equal(link_write_load(&b->nvme->link, 4096).tlps, 32); // 128 B after power-on
    config_write(b, control, 2, 1 << PCI_EXP_DEVICE_CONTROL_MPS_SHIFT | 3 << PCI_EXP_DEVICE_CONTROL_MRRS_SHIFT);
    assert_int_equal(link_write_load(&b->nvme->link, 4096).tlps, 16);
    config_write(b, control, 2, 5 << PCI_EXP_DEVICE_CONTROL_MPS_SHIFT | 3 << PCI_EXP_DEVICE_CONTROL_MRRS_SHIFT);
    assert_int_equal(link_write_load(&b->nvme->link, 4096).tlps, 16); // not beyond what the drive can
    config_write(b, control, 2, 0 << PCI_EXP_DEVICE_CONTROL_MPS_SHIFT | 3 << PCI_EXP_DEVICE_CONTROL_MRRS_SHIFT);
    assert_int_equal(link_write_load(&b->nvme->link, 4096).tlps, 32);
    assert_int_equal(link_read_request_load(&b->nvme->link, 4096).tlps, 4);
    bench_destroy(b);
}

static void test_d3hot_closes_the_registers(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    uint32_t control = bench_capability(b, PCI_CAP_PM) + PCI_PM_CONTROL;
    config_write(b, control, 2, 3);
    assert_int_equal(bench_config(b, control, 2), 3 | 8);
    assert_int_equal(bench_read(b, NVME_REG_VS, 4), 0xffffffff);
    config_write(b, control, 2, 0);
    assert_int_equal(bench_read(b, NVME_REG_VS, 4), 0x10400);
    bench_destroy(b);
}

static void test_nothing_is_fetched_without_bus_mastering(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    config_write(b, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
    uint64_t before = b->dma_reads;
    bench_put(b, 1, bench_rw(NVME_IO_READ, 0, 8));
    bench_ring(b, 1);
    bench_run(b);
    assert_int_equal(b->dma_reads, before);
    config_write(b, PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    bench_run(b);
    struct nvme_cqe cqe;
    assert_true(bench_take(b, 1, &cqe));
    bench_destroy(b);
}

static void test_function_level_reset_forgets_everything(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    uint32_t control = bench_capability(b, PCI_CAP_PCIE) + PCI_EXP_DEVICE_CONTROL;
    config_write(b, control, 2, PCI_EXP_DEVICE_CONTROL_FLR);
    assert_int_equal(bench_config(b, control, 2) & PCI_EXP_DEVICE_CONTROL_FLR, 0);
    assert_int_equal(bench_config(b, PCI_COMMAND, 2), 0);
    assert_int_equal(bench_read(b, NVME_REG_VS, 4), 0xffffffff); // nobody answers
    bench_write(b, NVME_REG_CC, BENCH_CC);
    assert_int_equal(bench_config(b, bench_capability(b, PCI_CAP_MSIX) + PCI_MSIX_CONTROL, 2), BENCH_VECTORS - 1);
    config_write(b, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
    assert_int_equal(bench_read(b, NVME_REG_CC, 4), 0);
    assert_int_equal(bench_read(b, NVME_REG_CSTS, 4), 0);
    assert_int_equal(bench_read(b, NVME_REG_AQA, 4), 0);
    assert_int_equal(bench_read(b, b->nvme->pci.table_offset + 12, 4), PCI_MSIX_ENTRY_MASKED);
    bench_destroy(b);
}

// PCI Express Base 4.0, 7.5.3.4: 128 B payload, 512 B read requests, relaxed ordering, no snoop; the bits of extended
// tags, phantom functions and auxiliary power read 0. 7.5.3.19: the target speed is the highest.
static void test_device_and_link_control_after_power_on(void **state)
{
    (void)state;
    struct bench *b = created();
    uint32_t exp = bench_capability(b, PCI_CAP_PCIE);
    assert_int_equal(bench_config(b, exp + PCI_EXP_DEVICE_CONTROL, 2), 0x2810);
    config_write(b, exp + PCI_EXP_DEVICE_CONTROL, 2, 0x7fff);
    assert_int_equal(bench_config(b, exp + PCI_EXP_DEVICE_CONTROL, 2), 0x78ff);
    assert_int_equal(bench_config(b, exp + PCI_EXP_LINK_CONTROL_2, 2), 3);
    bench_destroy(b);
}

// PCI Express Base 4.0, 6.6.2: Max_Payload_Size, the link's controls and sticky bits are not the function's alone.
static void test_a_function_level_reset_leaves_what_belongs_to_the_link(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    uint32_t exp = bench_capability(b, PCI_CAP_PCIE);
    config_write(b, exp + PCI_EXP_DEVICE_CONTROL, 2, 0x5020 | 0xf); // 4 KiB requests, 256 B payload, errors reported
    config_write(b, exp + PCI_EXP_LINK_CONTROL, 2, 0x00c3);
    config_write(b, exp + PCI_EXP_LINK_CONTROL_2, 2, 1);
    config_write(b, exp + PCI_EXP_DEVICE_CONTROL, 2, 0x5020 | 0xf | PCI_EXP_DEVICE_CONTROL_FLR);
    assert_int_equal(bench_config(b, exp + PCI_EXP_DEVICE_CONTROL, 2), 0x2830);
    assert_int_equal(bench_config(b, exp + PCI_EXP_LINK_CONTROL, 2), 0x00c3);
    assert_int_equal(bench_config(b, exp + PCI_EXP_LINK_CONTROL_2, 2), 1);
    assert_int_equal(link_write_load(&b->nvme->link, 4096).tlps, 16);
    assert_int_equal(link_read_request_load(&b->nvme->link, 4096).tlps, 8);
    bench_destroy(b);
}

// PCI Power Management 1.2, 3.2.4: a write of a state that is not there completes and changes nothing.
static void test_power_states_that_are_not_there_are_not_entered(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    uint32_t control = bench_capability(b, PCI_CAP_PM) + PCI_PM_CONTROL;
    static const uint32_t powered[] = {0, 3};
    for (size_t i = 0; i < ARRAY_SIZE(powered); i++) {
        config_write(b, control, 2, powered[i]);
        for (uint32_t unsupported = 1; unsupported <= 2; unsupported++) {
            config_write(b, control, 2, unsupported);
            assert_int_equal(bench_config(b, control, 2), powered[i] | 8);
            assert_int_equal(bench_read(b, NVME_REG_VS, 4), powered[i] == 0 ? 0x10400 : 0xffffffff);
        }
    }
    bench_destroy(b);
}

static void set_master(struct bench *b, bool by_power, bool on)
{
    if (by_power)
        config_write(b, bench_capability(b, PCI_CAP_PM) + PCI_PM_CONTROL, 2, on ? 0 : 3);
    else
        config_write(b, PCI_COMMAND, 2, PCI_COMMAND_MEMORY | (on ? PCI_COMMAND_MASTER : 0));
}

// PCI Express Base 4.0, 7.5.1.1.3 and 5.3.1: neither memory requests nor messages without Bus Master Enable, or in
// D3hot. The bench's port asserts it for each; what was under way is lost, which CSTS.CFS tells.
static void test_no_dma_and_no_message_without_bus_mastering(void **state)
{
    (void)state;
    static const struct nvme_sqe sqes[] = {
        {.opcode = NVME_IO_READ, .nsid = 1, .prp1 = BENCH_DATA, .cdw12 = 7},
        {.opcode = NVME_IO_WRITE, .nsid = 1, .prp1 = BENCH_DATA, .cdw12 = 7},
        {.opcode = NVME_IO_READ, .nsid = 1, .prp1 = BENCH_DATA, .prp2 = BENCH_LISTS, .cdw12 = 23}, // of a list
        {.opcode = NVME_IO_DATASET_MANAGEMENT, .nsid = 1, .prp1 = BENCH_DATA, .cdw11 = NVME_DSM_AD},
        {.opcode = 0x7f, .nsid = 1},
    };
    for (unsigned round = 0; round < 2 * ARRAY_SIZE(sqes); round++) {
        for (tick_t when = 0; when < 4 * TICKS_PER_US; when += 100000) {
            struct bench *b = bench_create();
            struct nvme_cqe cqe;
            b->core_delay = TICKS_PER_US;
            bench_up(b);
            uint64_t fetches = nvme_get_stats(b->nvme)->fetches;
            bench_put(b, 1, sqes[round / 2]);
            bench_ring(b, 1);
            sim_run_before(b->sim, sim_now(b->sim) + when);
            bool done = bench_take(b, 1, &cqe);
            set_master(b, round % 2, false);
            uint64_t reads = b->dma_reads, writes = b->dma_writes;
            uint32_t messages = b->messages[1];
            bool fetched = nvme_get_stats(b->nvme)->fetches > fetches;
            bench_run(b);
            assert_int_equal(b->dma_reads, reads);
            assert_int_equal(b->dma_writes, writes);
            assert_int_equal(b->messages[1], messages);
            set_master(b, round % 2, true);
            bench_run(b);
            done |= bench_take(b, 1, &cqe);
            uint64_t csts = bench_read(b, NVME_REG_CSTS, 4);
            assert_int_equal(csts, done || !fetched ? NVME_CSTS_RDY : NVME_CSTS_RDY | NVME_CSTS_CFS);
            assert_true(nvme_idle(b->nvme));
            bench_enable_controller(b, BENCH_CC);
            bench_create_queue(b, 1, 64);
            assert_int_equal(bench_status(bench_command(b, 1, sqes[0])), NVME_SC_SUCCESS);
            bench_destroy(b);
        }
    }
}

// What the controller begins by itself waits until it is bus master again: interrupts that are owed, events.
static void test_what_waits_for_bus_mastering_follows_it(void **state)
{
    (void)state;
    for (unsigned by_power = 0; by_power < 2; by_power++) {
        struct bench *b = bench_up(bench_create());
        struct nvme_cqe cqe;
        assert_int_equal(bench_admin(b, (struct nvme_sqe){.opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 8,
                                                          .cdw11 = 10 | 1 << 8}), NVME_SC_SUCCESS);
        assert_int_equal(bench_admin(b, (struct nvme_sqe){.opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 0x0b,
                                                          .cdw11 = NVME_WARNING_SPARE}), NVME_SC_SUCCESS);
        bench_submit(b, 0, (struct nvme_sqe){.opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST});
        bench_put(b, 1, bench_rw(NVME_IO_READ, 0, 8)); // its interrupt is held for 100 us
        bench_ring(b, 1);
        sim_run_before(b->sim, sim_now(b->sim) + 10 * TICKS_PER_US);
        set_master(b, by_power, false);
        nvme_report_health(b->nvme, 9, 0);
        bench_run(b);
        assert_int_equal(b->messages[1], 0);
        assert_false(bench_take(b, 0, &cqe));
        set_master(b, by_power, true);
        bench_run(b);
        assert_int_equal(b->messages[1], 1);
        assert_true(bench_take(b, 0, &cqe));
        assert_int_equal(bench_read(b, NVME_REG_CSTS, 4), NVME_CSTS_RDY);
        bench_destroy(b);
    }
}

// User data that were to move in between are lost, and the completion, which comes after, says so.
static void test_data_without_bus_mastering_are_not_transferred(void **state)
{
    (void)state;
    static const uint8_t opcodes[] = {NVME_IO_READ, NVME_IO_WRITE};
    for (size_t i = 0; i < ARRAY_SIZE(opcodes); i++) {
        struct bench *b = bench_up(bench_create());
        struct nvme_cqe cqe;
        b->core_hold = true;
        bench_submit(b, 1, bench_rw(opcodes[i], 0, 8));
        bench_core_release(b);
        if (opcodes[i] == NVME_IO_WRITE)
            sim_run_before(b->sim, sim_now(b->sim) + 1); // the data have been asked for
        set_master(b, false, false);
        tick_t before = b->core_data_at;
        if (opcodes[i] == NVME_IO_READ)
            sim_run_before(b->sim, sim_now(b->sim) + 1);
        while (opcodes[i] == NVME_IO_WRITE && b->core_data_at == before)
            sim_run_before(b->sim, sim_next(b->sim) + 1);
        set_master(b, false, true);
        bench_run(b);
        assert_true(bench_take(b, 1, &cqe));
        assert_int_equal(bench_status(cqe), NVME_SC_DATA_TRANSFER_ERROR);
        assert_int_equal(bench_read(b, NVME_REG_CSTS, 4), NVME_CSTS_RDY);
        bench_destroy(b);
    }
}

// The core hands a read on, or asks for a write's data, by halves; the first one only meets no bus master.
static void test_a_lost_piece_is_told_though_the_next_one_is_transferred(void **state)
{
    (void)state;
    static const uint8_t opcodes[] = {NVME_IO_READ, NVME_IO_WRITE};
    for (size_t i = 0; i < ARRAY_SIZE(opcodes); i++) {
        struct bench *b = bench_up(bench_create());
        struct nvme_cqe cqe;
        b->core_hold = true;
        bench_submit(b, 1, bench_rw(opcodes[i], 0, 8));
        struct ftl_request *request = container_of(list_pop(&b->core_held), struct ftl_request, link);
        breakdown_enter(request->path, request->kind == FTL_READ ? STAGE_DATA_OUT : STAGE_DATA_IN, sim_now(b->sim));
        request->core.arrived = 0;
        for (int half = 0; half < 2; half++) {
            set_master(b, false, half == 1);
            (request->kind == FTL_READ ? request->piece : request->ready)(request, request->bytes / 2);
            bench_run(b);
        }
        if (request->kind == FTL_READ)
            bench_core_done(request);
        bench_run(b);
        assert_true(bench_take(b, 1, &cqe));
        assert_int_equal(bench_status(cqe), NVME_SC_DATA_TRANSFER_ERROR);
        bench_destroy(b);
    }
}

// A host that maps BAR0 itself sets Command to 0404h only; D3hot ends its accesses all the same, a reset does not.
static void test_a_host_that_maps_bar0_needs_no_memory_space_enable(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    b->maps_memory = true;
    bench_start(b);
    assert_int_equal(bench_read(b, NVME_REG_VS, 4), 0x10400);
    config_write(b, PCI_COMMAND, 2, PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE);
    assert_int_equal(bench_config(b, PCI_COMMAND, 2), 0x0404);
    bench_enable_controller(b, BENCH_CC);
    bench_create_queue(b, 1, 64);
    assert_int_equal(bench_status(bench_command(b, 1, bench_rw(NVME_IO_READ, 0, 8))), NVME_SC_SUCCESS);
    config_write(b, PCI_PM_AT + PCI_PM_CONTROL, 2, 3);
    assert_int_equal(bench_read(b, NVME_REG_VS, 4), 0xffffffff);
    b->device.reset(b->nvme, PCIE_RESET_HOT);
    assert_int_equal(bench_read(b, NVME_REG_VS, 4), 0x10400);
    bench_destroy(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_header_names_an_nvme_controller),
        cmocka_unit_test(test_bar0_is_64_bit_and_tells_its_size),
        cmocka_unit_test(test_bar0_grows_with_doorbells_and_vectors),
        cmocka_unit_test(test_each_bar_answers_when_it_is_sized),
        cmocka_unit_test(test_a_write_changes_the_bits_of_its_masks_and_no_others),
        cmocka_unit_test(test_accesses_have_widths_and_bounds),
        cmocka_unit_test(test_identity_is_what_the_configuration_says),
        cmocka_unit_test(test_msi_offers_a_power_of_two_of_messages),
        cmocka_unit_test(test_an_unsupported_request_is_noted),
        cmocka_unit_test(test_accesses_beyond_bar0_are_not_answered),
        cmocka_unit_test(test_a_read_that_nobody_answers_is_a_master_abort),
        cmocka_unit_test(test_the_capabilities_are_linked),
        cmocka_unit_test(test_device_control_sets_the_links_limits),
        cmocka_unit_test(test_d3hot_closes_the_registers),
        cmocka_unit_test(test_nothing_is_fetched_without_bus_mastering),
        cmocka_unit_test(test_function_level_reset_forgets_everything),
        cmocka_unit_test(test_device_and_link_control_after_power_on),
        cmocka_unit_test(test_a_function_level_reset_leaves_what_belongs_to_the_link),
        cmocka_unit_test(test_power_states_that_are_not_there_are_not_entered),
        cmocka_unit_test(test_no_dma_and_no_message_without_bus_mastering),
        cmocka_unit_test(test_what_waits_for_bus_mastering_follows_it),
        cmocka_unit_test(test_data_without_bus_mastering_are_not_transferred),
        cmocka_unit_test(test_a_lost_piece_is_told_though_the_next_one_is_transferred),
        cmocka_unit_test(test_a_host_that_maps_bar0_needs_no_memory_space_enable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
