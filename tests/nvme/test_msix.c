// MSI-X masks and pending bits, and interrupt coalescing to the picosecond.
#include "bench.h"

static uint64_t control_of(const struct bench *b, uint32_t vector)
{
    return b->nvme->table_offset + vector * PCI_MSIX_ENTRY_BYTES + 12;
}

static uint32_t pending(struct bench *b)
{
    return (uint32_t)bench_read(b, b->nvme->pba_offset, 4);
}

static void complete_one(struct bench *b)
{
    assert_int_equal(bench_status(bench_command(b, 1, bench_rw(NVME_IO_READ, 0, 8))), NVME_SC_SUCCESS);
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
    complete_one(b);
    complete_one(b);
    assert_int_equal(b->messages[1], 0);
    assert_int_equal(pending(b), 1 << 1);
    bench_write(b, b->nvme->pba_offset, 0); // read-only
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
    complete_one(b);
    assert_int_equal(bench_admin(b, (struct nvme_sqe){.opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = 1}), 0);
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
    uint64_t entry = b->nvme->table_offset + 3 * 16;
    bench_write(b, entry, 0xfee00003);
    bench_write(b, entry + 4, 0x12345678);
    bench_write(b, entry + 8, 0xabcdef01);
    bench_write(b, entry + 12, 0xffffffff);
    assert_int_equal(bench_read(b, entry, 4), 0xfee00000);
    assert_int_equal(bench_read(b, entry + 4, 4), 0x12345678);
    assert_int_equal(bench_read(b, entry + 8, 4), 0xabcdef01);
    assert_int_equal(bench_read(b, entry + 12, 4), 1);
    bench_write(b, b->nvme->table_offset + 16 * BENCH_VECTORS, 0xffffffff); // beyond the table
    assert_int_equal(bench_read(b, b->nvme->table_offset + 16 * BENCH_VECTORS, 4), 0);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_completion_interrupts_its_queues_vector),
        cmocka_unit_test(test_a_masked_vector_is_pending_until_unmasked),
        cmocka_unit_test(test_the_function_mask_masks_all_vectors),
        cmocka_unit_test(test_table_entries_keep_what_is_written),
        cmocka_unit_test(test_the_completion_beyond_the_threshold_interrupts),
        cmocka_unit_test(test_the_aggregation_time_ends_the_wait),
        cmocka_unit_test(test_coalescing_is_off_for_a_vector_that_disables_it_and_for_the_admin_queue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
