// The drive's own stopwatch, under a host that keeps no statistics: the bench.
#include "bench.h"

#include "nvme/stopwatch.h"

enum { COMMANDS = 20 };

// When what the host posts now reaches the drive: 4 + 24 bytes on the wire, and the way.
static tick_t doorbell_arrives(struct bench *b)
{
    return sim_now(b->sim) + link_ticks(&b->nvme->link, 28) + b->pcie.latency_to_device;
}

// From the doorbell to the message behind the completion queue entry, which come in one event.
static void test_latencies_are_the_ones_that_the_host_sees_at_the_link(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    struct nvme_stopwatch stopwatch;
    tick_t sum = 0, longest = 0;
    uint32_t told = b->completed_count;
    nvme_stopwatch_start(&stopwatch, b->nvme, sim_now(b->sim));
    for (uint32_t i = 0; i < COMMANDS; i++) {
        struct nvme_cqe cqe;
        b->core_delay = i * 3 * TICKS_PER_US;
        bench_put(b, 1, bench_rw(NVME_IO_READ, 0, 8));
        tick_t rung = doorbell_arrives(b);
        bench_ring(b, 1);
        bench_run(b);
        assert_true(bench_take(b, 1, &cqe));
        bench_ring_head(b, 1);
        bench_run(b);
        sum += b->message_at - rung;
        longest = MAX(longest, b->message_at - rung);
    }
    const struct kind_stats *reads = &stopwatch.stats.kinds[IO_READ];
    assert_int_equal(reads->count, COMMANDS);
    assert_int_equal(reads->bytes, COMMANDS * 4096);
    assert_int_equal((tick_t)reads->latency_sum, sum);
    assert_int_equal(reads->latency_max, longest);
    tick_t stages = 0;
    for (int stage = 0; stage < STAGE_COUNT; stage++)
        stages += (tick_t)reads->stage_sum[stage];
    assert_int_equal(stages, sum);
    assert_int_equal((tick_t)reads->stage_sum[STAGE_HOST_SUBMIT] + (tick_t)reads->stage_sum[STAGE_HOST_COMPLETE], 0);
    assert_int_equal(b->completed_count - told, COMMANDS); // who looked on before is told, too
    nvme_stopwatch_stop(&stopwatch);
    bench_command(b, 1, bench_rw(NVME_IO_READ, 0, 8));
    assert_int_equal(b->completed_count - told, COMMANDS + 1);
    bench_destroy(b);
}

static void test_commands_are_counted_by_kind(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    struct nvme_stopwatch stopwatch;
    struct nvme_sqe fua = bench_rw(NVME_IO_WRITE, 0, 8), trim = bench_rw(NVME_IO_DATASET_MANAGEMENT, 0, 1);
    fua.cdw12 |= NVME_RW_FUA;
    trim.cdw10 = 0, trim.cdw11 = NVME_DSM_AD, trim.cdw12 = 0;
    nvme_stopwatch_start(&stopwatch, b->nvme, sim_now(b->sim));
    bench_command(b, 1, bench_rw(NVME_IO_WRITE, 0, 8));
    bench_command(b, 1, fua);
    bench_command(b, 1, fua);
    bench_command(b, 1, (struct nvme_sqe){.opcode = NVME_IO_FLUSH, .nsid = 1});
    bench_command(b, 1, trim);
    bench_command(b, 1, bench_rw(NVME_IO_READ, UINT64_C(1) << 40, 8)); // beyond the end
    bench_command(b, 1, bench_rw(0x7f, 0, 8));                        // no such opcode
    bench_admin(b, (struct nvme_sqe){.opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = 1});
    const struct kind_stats *kinds = stopwatch.stats.kinds;
    assert_int_equal(kinds[IO_WRITE].count, 1);
    assert_int_equal(kinds[IO_WRITE_FUA].count, 2);
    assert_int_equal(kinds[IO_FLUSH].count, 1);
    assert_int_equal(kinds[IO_TRIM].count, 1);
    assert_int_equal(kinds[IO_READ].count, 1);
    assert_int_equal(kinds[IO_READ].errors, 1);
    nvme_stopwatch_stop(&stopwatch);
    bench_destroy(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_latencies_are_the_ones_that_the_host_sees_at_the_link),
        cmocka_unit_test(test_commands_are_counted_by_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
