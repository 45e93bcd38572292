// Interrupts of every kind: INTx, MSI, MSI-X, and MSI-X by the vector's number for a host that keeps the table itself.
// MSI-X's masks and coalescing have tests of their own.
#include "bench.h"

enum { PLAIN = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER };

// A controller that is up with one I/O queue, whose vector is 1, without MSI-X.
static struct bench *up(struct bench *b, uint32_t command, uint32_t msi_control)
{
    bench_start(b);
    b->device.config_write(b->nvme, PCI_COMMAND, 2, command);
    b->device.config_write(b->nvme, PCI_MSI_AT + PCI_MSI_ADDRESS, 4, BENCH_MSI);
    b->device.config_write(b->nvme, PCI_MSI_AT + PCI_MSI_CONTROL, 2, msi_control);
    bench_enable_controller(b, BENCH_CC);
    bench_create_queue(b, 1, 64);
    return b;
}

static uint32_t messages(const struct bench *b)
{
    uint32_t sum = 0;
    for (uint32_t vector = 0; vector < BENCH_VECTORS; vector++)
        sum += b->messages[vector];
    return sum;
}

// The host leaves the completion in its queue.
static void complete_untaken(struct bench *b)
{
    bench_submit(b, 1, bench_rw(NVME_IO_READ, 0, 8));
}

static void take(struct bench *b)
{
    struct nvme_cqe cqe;
    assert_true(bench_take(b, 1, &cqe));
    bench_ring_head(b, 1);
    bench_run(b);
}

// NVMe 1.4, 7.5.1: the line is asserted from the first entry until the host has acknowledged the last.
static void test_the_line_is_asserted_while_there_are_entries(void **state)
{
    (void)state;
    struct bench *b = up(bench_create(), PLAIN, 0);
    uint32_t edges = b->line_edges;
    assert_false(b->line);
    complete_untaken(b);
    assert_true(b->line);
    complete_untaken(b);
    take(b);
    assert_true(b->line); // one is left
    take(b);
    assert_false(b->line);
    assert_int_equal(b->line_edges, edges + 2);
    assert_int_equal(messages(b), 0);
    bench_destroy(b);
}

// The assertion follows its entry as a message without data: 24 bytes behind 40. The other edge comes by a message of
// its own.
static void test_the_line_follows_its_entry(void **state)
{
    (void)state;
    struct bench *b = up(bench_create(), PLAIN, 0);
    uint64_t tlps = b->nvme->link.tlps_up, bytes = b->nvme->link.wire_bytes_up;
    complete_untaken(b);
    assert_int_equal(b->nvme->link.tlps_up - tlps, 1 + 32 + 2); // fetch, data of 128 B each, entry and message
    assert_int_equal(b->nvme->link.wire_bytes_up - bytes, 24 + 4096 + 32 * 24 + 40 + 24);
    tlps = b->nvme->link.tlps_up;
    take(b);
    assert_int_equal(b->nvme->link.tlps_up - tlps, 1);
    bench_destroy(b);
}

// 3.1.3, 3.1.4.
static void test_a_masked_vector_does_not_hold_the_line(void **state)
{
    (void)state;
    struct bench *b = up(bench_create(), PLAIN, 0);
    complete_untaken(b);
    bench_write(b, NVME_REG_INTMS, 1 << 1);
    assert_false(b->line);
    assert_int_equal(bench_config(b, PCI_STATUS, 2) & PCI_STATUS_INTERRUPT, 0);
    bench_submit(b, 0, (struct nvme_sqe){.opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = 1});
    assert_true(b->line); // vector 0 is not
    bench_write(b, NVME_REG_INTMS, 1 << 0);
    assert_false(b->line);
    bench_write(b, NVME_REG_INTMC, 1 << 1);
    assert_true(b->line);
    take(b);
    assert_false(b->line);
    bench_destroy(b);
}

// PCI 3.0, 6.2.2, 6.2.3: Interrupt Disable keeps the line from being asserted; Interrupt Status does not ask for it.
static void test_interrupt_disable_and_status(void **state)
{
    (void)state;
    struct bench *b = up(bench_create(), PLAIN | PCI_COMMAND_INTX_DISABLE, 0);
    complete_untaken(b);
    assert_int_equal(b->line_edges, 0);
    assert_int_equal(bench_config(b, PCI_STATUS, 2) & PCI_STATUS_INTERRUPT, PCI_STATUS_INTERRUPT);
    b->device.config_write(b->nvme, PCI_COMMAND, 2, PLAIN);
    bench_run(b);
    assert_true(b->line); // of what was there already
    b->device.config_write(b->nvme, PCI_COMMAND, 2, PLAIN | PCI_COMMAND_INTX_DISABLE);
    bench_run(b);
    assert_false(b->line);
    take(b);
    assert_int_equal(bench_config(b, PCI_STATUS, 2) & PCI_STATUS_INTERRUPT, 0);
    bench_destroy(b);
}

static void test_resets_and_power_states_release_the_line(void **state)
{
    (void)state;
    for (int way = 0; way < 3; way++) {
        struct bench *b = up(bench_create(), PLAIN, 0);
        complete_untaken(b);
        assert_true(b->line);
        if (way == 0)
            bench_write(b, NVME_REG_CC, BENCH_CC & ~1u);
        else if (way == 1)
            b->device.config_write(b->nvme, PCI_EXP_AT + PCI_EXP_DEVICE_CONTROL, 2, PCI_EXP_DEVICE_CONTROL_FLR);
        else
            b->device.config_write(b->nvme, PCI_PM_AT + PCI_PM_CONTROL, 2, 3);
        bench_run(b);
        assert_false(b->line);
        bench_destroy(b);
    }
}

// PCI 3.0, 6.8.1.6: the vector is in the data's low bits, as many as the host has enabled.
static void test_msi_messages_differ_in_their_low_bits(void **state)
{
    (void)state;
    for (uint32_t enabled = 0; enabled <= 3; enabled++) {
        struct bench *b = up(bench_create(), PLAIN, PCI_MSI_CONTROL_ENABLE | enabled << PCI_MSI_CONTROL_ENABLED_SHIFT);
        struct nvme_sqe cq = bench_create_cq(2, 8);
        cq.cdw11 = NVME_QUEUE_PC | NVME_CQ_IEN | 6 << NVME_CQ_VECTOR_SHIFT;
        assert_int_equal(bench_admin(b, cq), NVME_SC_SUCCESS);
        assert_int_equal(bench_admin(b, bench_create_sq(2, 8)), NVME_SC_SUCCESS);
        b->queues[2] = (struct bench_queue){.size = 8, .phase = 1, .sq = BENCH_SQ + 0x20000, .cq = BENCH_CQ + 0x20000};
        uint32_t number = 6 % (1u << enabled), before = b->messages[number];
        bench_submit(b, 2, bench_rw(NVME_IO_READ, 0, 8));
        assert_int_equal(b->messages[number], before + 1);
        assert_int_equal(b->vector, number);
        assert_int_equal(b->line_edges, 0);
        bench_destroy(b);
    }
}

static void test_a_masked_msi_vector_is_told_of_once_when_unmasked(void **state)
{
    (void)state;
    struct bench *b = up(bench_create(), PLAIN, PCI_MSI_CONTROL_ENABLE | 3 << PCI_MSI_CONTROL_ENABLED_SHIFT);
    bench_write(b, NVME_REG_INTMS, 1 << 1);
    complete_untaken(b);
    complete_untaken(b);
    assert_int_equal(b->messages[1], 0);
    bench_write(b, NVME_REG_INTMC, 1 << 1);
    assert_int_equal(b->messages[1], 1);
    bench_write(b, NVME_REG_INTMS, 1 << 1);
    complete_untaken(b);
    for (int i = 0; i < 3; i++)
        take(b);
    bench_write(b, NVME_REG_INTMC, 1 << 1);
    assert_int_equal(b->messages[1], 1); // the host has taken all
    bench_destroy(b);
}

// PCI 3.0, 6.8.1.3 and 6.8.2.3: with MSI enabled there is no INTx, with MSI-X neither; the drive uses one kind.
static void test_the_kinds_exclude_each_other(void **state)
{
    (void)state;
    struct bench *b = up(bench_create(), PLAIN, 0);
    complete_untaken(b);
    assert_true(b->line);
    b->device.config_write(b->nvme, PCI_MSI_AT + PCI_MSI_CONTROL, 2, PCI_MSI_CONTROL_ENABLE);
    bench_run(b);
    assert_false(b->line);
    uint32_t before = b->messages[0];
    complete_untaken(b);
    assert_int_equal(b->messages[0], before + 1);
    b->device.config_write(b->nvme, PCI_MSIX_AT + PCI_MSIX_CONTROL, 2, PCI_MSIX_CONTROL_ENABLE);
    complete_untaken(b);
    assert_int_equal(b->messages[0], before + 1);
    assert_int_equal(bench_read(b, b->nvme->pci.pba_offset, 4), 1 << 1); // its table is masked
    assert_false(b->line);
    bench_destroy(b);
}

// 3.1.3: with MSI-X the host shall not access INTMS; here it does nothing.
static void test_intms_does_not_mask_msix(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    bench_write(b, NVME_REG_INTMS, 0xffffffff);
    complete_untaken(b);
    assert_int_equal(b->messages[1], 1);
    bench_destroy(b);
}

// A host that keeps the table hears the vector's number, with the table in BAR0 as power-on left it: masked. The
// function mask is in configuration space, which both see.
static void test_a_host_that_keeps_the_table_is_told_the_vector(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    b->keeps_vectors = true;
    bench_start(b);
    b->device.config_write(b->nvme, PCI_COMMAND, 2, PLAIN);
    b->device.config_write(b->nvme, PCI_MSIX_AT + PCI_MSIX_CONTROL, 2, PCI_MSIX_CONTROL_ENABLE);
    bench_enable_controller(b, BENCH_CC);
    bench_create_queue(b, 1, 64);
    assert_int_equal(b->messages[0], 2);
    complete_untaken(b);
    assert_int_equal(b->messages[1], 1);
    b->device.config_write(b->nvme, PCI_MSIX_AT + PCI_MSIX_CONTROL, 2,
                           PCI_MSIX_CONTROL_ENABLE | PCI_MSIX_CONTROL_MASK_ALL);
    complete_untaken(b);
    assert_int_equal(b->messages[1], 1);
    assert_int_equal(bench_read(b, b->nvme->pci.pba_offset, 4), 1 << 1);
    b->device.config_write(b->nvme, PCI_MSIX_AT + PCI_MSIX_CONTROL, 2, PCI_MSIX_CONTROL_ENABLE);
    bench_run(b);
    assert_int_equal(b->messages[1], 2);
    bench_destroy(b);
}

// 5.21.1.8 holds for every kind: three completions are told of together, or when the time is over.
static void test_the_line_waits_for_the_aggregation_time(void **state)
{
    (void)state;
    struct bench *b = up(bench_create(), PLAIN, 0);
    assert_int_equal(bench_admin(b, (struct nvme_sqe){.opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 8,
                                                      .cdw11 = 10 | 1 << 8}), NVME_SC_SUCCESS);
    bench_put(b, 1, bench_rw(NVME_IO_READ, 0, 8));
    bench_ring(b, 1);
    sim_run_before(b->sim, sim_now(b->sim) + 90 * TICKS_PER_US);
    assert_false(b->line);
    bench_run(b);
    assert_true(b->line);
    assert_true(b->line_at > 100 * TICKS_PER_US);
    take(b);
    assert_false(b->line);
    bench_destroy(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_line_is_asserted_while_there_are_entries),
        cmocka_unit_test(test_the_line_follows_its_entry),
        cmocka_unit_test(test_a_masked_vector_does_not_hold_the_line),
        cmocka_unit_test(test_interrupt_disable_and_status),
        cmocka_unit_test(test_resets_and_power_states_release_the_line),
        cmocka_unit_test(test_msi_messages_differ_in_their_low_bits),
        cmocka_unit_test(test_a_masked_msi_vector_is_told_of_once_when_unmasked),
        cmocka_unit_test(test_the_kinds_exclude_each_other),
        cmocka_unit_test(test_intms_does_not_mask_msix),
        cmocka_unit_test(test_a_host_that_keeps_the_table_is_told_the_vector),
        cmocka_unit_test(test_the_line_waits_for_the_aggregation_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
