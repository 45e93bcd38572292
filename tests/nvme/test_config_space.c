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
    assert_int_equal(bench_config(b, PCI_EXTENDED, 4), 0);
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
    assert_int_equal(b->nvme->bar_bytes, 16384);
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
    assert_int_equal(b->nvme->doorbell_end, 0x1000 + 2 * 1025 * 64);
    assert_true(b->nvme->table_offset >= b->nvme->doorbell_end);
    assert_true(b->nvme->pba_offset >= b->nvme->table_offset + 2048 * 16);
    assert_true(b->nvme->bar_bytes >= b->nvme->pba_offset + 256);
    assert_int_equal(b->nvme->bar_bytes & (b->nvme->bar_bytes - 1), 0);
    bench_destroy(b);
}

static void test_the_three_capabilities_are_linked(void **state)
{
    (void)state;
    struct bench *b = created();
    uint32_t msix = bench_capability(b, PCI_CAP_MSIX), exp = bench_capability(b, PCI_CAP_PCIE);
    assert_int_not_equal(bench_capability(b, PCI_CAP_PM), 0);
    assert_int_equal(bench_config(b, msix + PCI_MSIX_CONTROL, 2), BENCH_VECTORS - 1);
    assert_int_equal(bench_config(b, msix + PCI_MSIX_TABLE, 4), b->nvme->table_offset);
    assert_int_equal(bench_config(b, msix + PCI_MSIX_PBA, 4), b->nvme->pba_offset);
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
    assert_int_equal(link_write_load(&b->nvme->link, 4096).tlps, 16);
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
    assert_int_equal(bench_config(b, bench_capability(b, PCI_CAP_MSIX) + PCI_MSIX_CONTROL, 2), BENCH_VECTORS - 1);
    config_write(b, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
    assert_int_equal(bench_read(b, NVME_REG_CC, 4), 0);
    assert_int_equal(bench_read(b, NVME_REG_CSTS, 4), 0);
    assert_int_equal(bench_read(b, NVME_REG_AQA, 4), 0);
    assert_int_equal(bench_read(b, b->nvme->table_offset + 12, 4), PCI_MSIX_ENTRY_MASKED);
    bench_destroy(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_header_names_an_nvme_controller),
        cmocka_unit_test(test_bar0_is_64_bit_and_tells_its_size),
        cmocka_unit_test(test_bar0_grows_with_doorbells_and_vectors),
        cmocka_unit_test(test_the_three_capabilities_are_linked),
        cmocka_unit_test(test_device_control_sets_the_links_limits),
        cmocka_unit_test(test_d3hot_closes_the_registers),
        cmocka_unit_test(test_nothing_is_fetched_without_bus_mastering),
        cmocka_unit_test(test_function_level_reset_forgets_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
