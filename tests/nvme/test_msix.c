// MSI-X masks and pending bits, and interrupt coalescing to the picosecond.
#include "bench.h"

static uint64_t control_of(const struct bench *b, uint32_t vector)
{
    return b->nvme->pci.table_offset + vector * PCI_MSIX_ENTRY_BYTES + 12;
}

static uint32_t pending(struct bench *b)
{
    return (uint32_t)bench_read(b, b->nvme->pci.pba_offset, 4);
}

static void complete_one(struct bench *b)
{
    assert_int_equal(bench_status(bench_command(b, 1, bench_rw(NVME_IO_READ, 0, 8))), NVME_SC_SUCCESS);
}

// The host leaves the completion in its queue.
static void complete_untaken(struct bench *b)
{
    bench_submit(b, 1, bench_rw(NVME_IO_READ, 0, 8));
}

static void take_all(struct bench *b)
{
    struct nvme_cqe cqe;
    while (bench_take(b, 1, &cqe))
        continue;
    bench_ring_head(b, 1);
    bench_run(b);
}

static void test_a_completion_interrupts_its_queues_vector(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    uint32_t admin = b->messages[0];
    complete_one(b);
    assert_int_equal(b->messages[1], 1);
    assert_int_equal(b->messages[0], admin);
    bench_destroy(b);
}

static void test_a_masked_vector_is_pending_until_unmasked(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    bench_write(b, control_of(b, 1), 1);
    complete_untaken(b);
    complete_untaken(b);
    assert_int_equal(b->messages[1], 0);
    assert_int_equal(pending(b), 1 << 1);
    bench_write(b, b->nvme->pci.pba_offset, 0); // read-only
    assert_int_equal(pending(b), 1 << 1);
    bench_write(b, control_of(b, 1), 0);
    assert_int_equal(b->messages[1], 1);
    assert_int_equal(pending(b), 0);
    bench_destroy(b);
}

static void test_the_function_mask_masks_all_vectors(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    uint32_t msix = bench_capability(b, PCI_CAP_MSIX) + PCI_MSIX_CONTROL, admin = b->messages[0];
    b->device.config_write(b->nvme, msix, 2, PCI_MSIX_CONTROL_ENABLE | PCI_MSIX_CONTROL_MASK_ALL);
    complete_untaken(b);
    bench_submit(b, 0, (struct nvme_sqe){.opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = 1});
    assert_int_equal(b->messages[1], 0);
    assert_int_equal(pending(b), 3);
    b->device.config_write(b->nvme, msix, 2, PCI_MSIX_CONTROL_ENABLE);
    bench_run(b);
    assert_int_equal(b->messages[1], 1);
    assert_int_equal(b->messages[0], admin + 1);
    assert_int_equal(pending(b), 0);
    bench_destroy(b);
}

static void test_table_entries_keep_what_is_written(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    bench_start(b);
    bench_enable_function(b);
    uint64_t entry = b->nvme->pci.table_offset + 3 * 16;
    bench_write(b, entry, 0xfee00003);
    bench_write(b, entry + 4, 0x12345678);
    bench_write(b, entry + 8, 0xabcdef01);
    bench_write(b, entry + 12, 0xffffffff);
    assert_int_equal(bench_read(b, entry, 4), 0xfee00000);
    assert_int_equal(bench_read(b, entry + 4, 4), 0x12345678);
    assert_int_equal(bench_read(b, entry + 8, 4), 0xabcdef01);
    assert_int_equal(bench_read(b, entry + 12, 4), 1);
    bench_write(b, b->nvme->pci.table_offset + 16 * BENCH_VECTORS, 0xffffffff); // beyond the table
    assert_int_equal(bench_read(b, b->nvme->pci.table_offset + 16 * BENCH_VECTORS, 4), 0);
    bench_destroy(b);
}

static void set_coalescing(struct bench *b, uint32_t threshold, uint32_t time)
{
    assert_int_equal(bench_admin(b, (struct nvme_sqe){.opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 8,
                                                      .cdw11 = threshold | time << 8}), NVME_SC_SUCCESS);
}

static void submit(struct bench *b, int count)
{
    for (int i = 0; i < count; i++)
        bench_put(b, 1, bench_rw(NVME_IO_READ, 0, 8));
    bench_ring(b, 1);
}

static void test_the_completion_beyond_the_threshold_interrupts(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    set_coalescing(b, 3, 255); // 0's based: four completions
    submit(b, 8);
    sim_run_before(b->sim, sim_now(b->sim) + TICKS_PER_MS);
    assert_int_equal(b->messages[1], 2);
    assert_int_equal(nvme_get_stats(b->nvme)->interrupts_coalesced, 6);
    bench_run(b);
    assert_int_equal(b->messages[1], 2);
    bench_destroy(b);
}

static void test_the_aggregation_time_ends_the_wait(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    set_coalescing(b, 10, 2); // 200 us
    tick_t start = sim_now(b->sim);
    b->core_delay = 10 * TICKS_PER_US;
    submit(b, 2);
    bench_run(b);
    assert_int_equal(b->messages[1], 1);
    // doorbell, fetch and core before the first completion is sent, the message's way after the time is over
    assert_true(b->message_at > start + 210 * TICKS_PER_US && b->message_at < start + 213 * TICKS_PER_US);
    bench_destroy(b);
}

static void test_the_aggregation_time_of_an_interrupt_already_sent_does_not_end_the_next(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    set_coalescing(b, 3, 2); // four completions or 200 us
    tick_t start = sim_now(b->sim);
    submit(b, 4);
    sim_run_before(b->sim, start + 150 * TICKS_PER_US);
    assert_int_equal(b->messages[1], 1);
    sim_advance(b->sim, start + 150 * TICKS_PER_US);
    submit(b, 1);
    sim_run_before(b->sim, start + 300 * TICKS_PER_US);
    assert_int_equal(b->messages[1], 1);
    bench_run(b);
    assert_int_equal(b->messages[1], 2);
    bench_destroy(b);
}

static void test_coalescing_is_off_for_a_vector_that_disables_it_and_for_the_admin_queue(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    uint32_t admin = b->messages[0];
    set_coalescing(b, 10, 255);
    assert_int_equal(bench_admin(b, (struct nvme_sqe){.opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 9,
                                                      .cdw11 = 1 | 1 << 16}), NVME_SC_SUCCESS);
    assert_int_equal(b->messages[0], admin + 2);
    submit(b, 2);
    sim_run_before(b->sim, sim_now(b->sim) + TICKS_PER_MS);
    assert_int_equal(b->messages[1], 2);
    bench_destroy(b);
}

// PCI 3.0, 6.8.3.4: a pending bit is cleared when what it stands for has been serviced otherwise.
static void test_nothing_is_pending_for_an_emptied_queue(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    bench_write(b, control_of(b, 1), 1);
    complete_untaken(b);
    complete_untaken(b);
    struct nvme_cqe cqe;
    assert_true(bench_take(b, 1, &cqe));
    bench_ring_head(b, 1);
    bench_run(b);
    assert_int_equal(pending(b), 1 << 1); // one is left
    take_all(b);
    assert_int_equal(pending(b), 0);
    bench_write(b, control_of(b, 1), 0);
    assert_int_equal(b->messages[1], 0);
    bench_destroy(b);
}

static void test_queues_that_share_a_vector_are_all_emptied(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    struct nvme_sqe cq = bench_create_cq(2, 16);
    cq.cdw11 = NVME_QUEUE_PC | NVME_CQ_IEN | 1 << NVME_CQ_VECTOR_SHIFT;
    assert_int_equal(bench_admin(b, cq), 0);
    assert_int_equal(bench_admin(b, bench_create_sq(2, 16)), 0);
    b->queues[2] = (struct bench_queue){.size = 16, .phase = 1, .sq = BENCH_SQ + 0x20000, .cq = BENCH_CQ + 0x20000};
    bench_write(b, control_of(b, 1), 1);
    complete_untaken(b);
    bench_submit(b, 2, bench_rw(NVME_IO_READ, 0, 8));
    take_all(b);
    assert_int_equal(pending(b), 1 << 1); // for the other queue
    bench_write(b, control_of(b, 1), 0);
    assert_int_equal(b->messages[1], 1);
    bench_destroy(b);
}

// A queue that does not interrupt owes nothing, though it has entries and its vector is another's.
static void test_a_queue_without_interrupts_keeps_no_vector_pending(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    struct nvme_sqe cq = bench_create_cq(2, 16);
    cq.cdw11 = NVME_QUEUE_PC | 1 << NVME_CQ_VECTOR_SHIFT;
    assert_int_equal(bench_admin(b, cq), 0);
    assert_int_equal(bench_admin(b, bench_create_sq(2, 16)), 0);
    b->queues[2] = (struct bench_queue){.size = 16, .phase = 1, .sq = BENCH_SQ + 0x20000, .cq = BENCH_CQ + 0x20000};
    bench_write(b, control_of(b, 1), 1);
    bench_submit(b, 2, bench_rw(NVME_IO_READ, 0, 8));
    assert_int_equal(pending(b), 0);
    complete_untaken(b);
    assert_int_equal(pending(b), 1 << 1);
    take_all(b);
    assert_int_equal(pending(b), 0);
    bench_destroy(b);
}

// PCI Local Bus 3.0, 6.8.2.9: 64 bits to a quadword, of which a doubleword may be read.
static void test_pending_bits_are_found_in_every_doubleword(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    b->config.msix_vectors = 70;
    bench_up(b);
    for (uint32_t vector = 0; vector < 70; vector += 23) { // 0, 23, 46, 69
        struct nvme_sqe cq = bench_create_cq(2, 16);
        cq.cdw11 = NVME_QUEUE_PC | NVME_CQ_IEN | vector << NVME_CQ_VECTOR_SHIFT;
        assert_int_equal(bench_admin(b, cq), 0);
        assert_int_equal(bench_admin(b, bench_create_sq(2, 16)), 0);
        b->queues[2] = (struct bench_queue){.size = 16, .phase = 1, .sq = BENCH_SQ + 0x20000,
                                            .cq = BENCH_CQ + 0x20000};
        memset(b->memory + b->queues[2].cq, 0, 16 * NVME_CQE_BYTES);
        bench_write(b, control_of(b, vector), 1);
        bench_submit(b, 2, bench_rw(NVME_IO_READ, 0, 8));
        for (uint32_t word = 0; word < 4; word++)
            assert_int_equal(bench_read(b, b->nvme->pci.pba_offset + 4 * word, 4),
                             word == vector / 32 ? 1u << vector % 32 : 0);
        bench_write(b, control_of(b, vector), vector == 0 ? 0 : 1);
        assert_int_equal(bench_admin(b, (struct nvme_sqe){.opcode = NVME_ADMIN_DELETE_SQ, .cdw10 = 2}), 0);
        assert_int_equal(bench_admin(b, (struct nvme_sqe){.opcode = NVME_ADMIN_DELETE_CQ, .cdw10 = 2}), 0);
    }
    bench_destroy(b);
}

static void test_nothing_is_pending_after_a_reset_or_a_deletion(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    bench_write(b, control_of(b, 1), 1);
    complete_untaken(b);
    assert_int_equal(bench_admin(b, (struct nvme_sqe){.opcode = NVME_ADMIN_DELETE_SQ, .cdw10 = 1}), 0);
    assert_int_equal(pending(b), 1 << 1);
    assert_int_equal(bench_admin(b, (struct nvme_sqe){.opcode = NVME_ADMIN_DELETE_CQ, .cdw10 = 1}), 0);
    assert_int_equal(pending(b), 0);
    bench_create_queue(b, 1, 64);
    complete_untaken(b);
    bench_enable_controller(b, BENCH_CC);
    assert_int_equal(pending(b), 0);
    bench_write(b, control_of(b, 1), 0);
    assert_int_equal(b->messages[1], 0);
    bench_destroy(b);
}

static void test_no_aggregated_interrupt_for_a_host_that_polled(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    set_coalescing(b, 3, 1);
    submit(b, 2);
    sim_run_before(b->sim, sim_now(b->sim) + 50 * TICKS_PER_US);
    take_all(b);
    assert_int_equal(b->messages[1], 0);
    submit(b, 4); // counted anew
    sim_run_before(b->sim, sim_now(b->sim) + 50 * TICKS_PER_US);
    assert_int_equal(b->messages[1], 1);
    bench_run(b);
    assert_int_equal(b->messages[1], 1);
    bench_destroy(b);
}

// Each batch waits for its own time; what was told is not counted again.
static void test_every_batch_is_told_of(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    set_coalescing(b, 3, 1);
    for (uint32_t batch = 1; batch <= 3; batch++) {
        submit(b, 3);
        bench_run(b);
        assert_int_equal(b->messages[1], batch);
    }
    bench_destroy(b);
}

static void test_a_threshold_lowered_below_what_is_held_is_exceeded(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    set_coalescing(b, 10, 255);
    submit(b, 5);
    sim_run_before(b->sim, sim_now(b->sim) + 50 * TICKS_PER_US);
    bench_put(b, 0, (struct nvme_sqe){.opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 8, .cdw11 = 2 | 255 << 8});
    bench_ring(b, 0);
    sim_run_before(b->sim, sim_now(b->sim) + 50 * TICKS_PER_US);
    assert_int_equal(b->messages[1], 0);
    submit(b, 1);
    sim_run_before(b->sim, sim_now(b->sim) + 50 * TICKS_PER_US);
    assert_int_equal(b->messages[1], 1);
    bench_destroy(b);
}

// 5.21.1.8: coalescing is for I/O queues, whatever their vector; completions with an error are best told at once.
static void test_only_good_completions_of_io_queues_are_coalesced(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    b->config.msix_vectors = 1;
    bench_start(b);
    bench_enable_function(b);
    bench_enable_controller(b, BENCH_CC);
    struct nvme_sqe cq = bench_create_cq(1, 64);
    cq.cdw11 = NVME_QUEUE_PC | NVME_CQ_IEN;
    assert_int_equal(bench_admin(b, cq), 0);
    assert_int_equal(bench_admin(b, bench_create_sq(1, 64)), 0);
    b->queues[1] = (struct bench_queue){.size = 64, .phase = 1, .sq = BENCH_SQ + 0x10000, .cq = BENCH_CQ + 0x10000};
    set_coalescing(b, 10, 255);
    uint32_t before = b->messages[0];
    submit(b, 2);
    sim_run_before(b->sim, sim_now(b->sim) + TICKS_PER_MS);
    assert_int_equal(b->messages[0], before);
    bench_put(b, 1, bench_rw(NVME_IO_READ, UINT64_MAX, 8));
    bench_ring(b, 1);
    sim_run_before(b->sim, sim_now(b->sim) + TICKS_PER_MS);
    assert_int_equal(b->messages[0], before + 1); // and tells of the first two
    bench_run(b);
    assert_int_equal(b->messages[0], before + 1);
    bench_destroy(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_completion_interrupts_its_queues_vector),
        cmocka_unit_test(test_a_masked_vector_is_pending_until_unmasked),
        cmocka_unit_test(test_the_function_mask_masks_all_vectors),
        cmocka_unit_test(test_table_entries_keep_what_is_written),
        cmocka_unit_test(test_the_completion_beyond_the_threshold_interrupts),
        cmocka_unit_test(test_the_aggregation_time_ends_the_wait),
        cmocka_unit_test(test_the_aggregation_time_of_an_interrupt_already_sent_does_not_end_the_next),
        cmocka_unit_test(test_coalescing_is_off_for_a_vector_that_disables_it_and_for_the_admin_queue),
        cmocka_unit_test(test_nothing_is_pending_for_an_emptied_queue),
        cmocka_unit_test(test_queues_that_share_a_vector_are_all_emptied),
        cmocka_unit_test(test_a_queue_without_interrupts_keeps_no_vector_pending),
        cmocka_unit_test(test_pending_bits_are_found_in_every_doubleword),
        cmocka_unit_test(test_nothing_is_pending_after_a_reset_or_a_deletion),
        cmocka_unit_test(test_no_aggregated_interrupt_for_a_host_that_polled),
        cmocka_unit_test(test_every_batch_is_told_of),
        cmocka_unit_test(test_a_threshold_lowered_below_what_is_held_is_exceeded),
        cmocka_unit_test(test_only_good_completions_of_io_queues_are_coalesced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
