// Queues: rings that wrap, PRPs of every length, splitting, tags, doorbells, the host's own time.
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench.h"
#include "host/block/scheduler.h"
#include "host/driver/memory.h"
#include "util/macros.h"
#include "util/rng.h"

static void test_rings_wrap_and_the_phase_turns_over_many_rounds(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    bench.config.queue_depth = 6;
    bench_run_job(&bench, "rw=randread iodepth=5 number_ios=1003 numjobs=4");
    assert_int_equal(bench.device->io_commands, 4012);
    assert_int_equal(bench.stats.kinds[IO_READ].count, 4012);
    for (int q = 1; q <= 4; q++) {
        assert_int_equal(bench.device->queues[q].cq_tail, 1003 % 7);
        assert_int_equal(bench.device->queues[q].cq_head, 1003 % 7);
        assert_int_equal(bench.device->queues[q].sq_tail, 1003 % 7);
        assert_int_equal(bench.device->queues[q].phase, (1003 / 7) % 2 == 0);
    }
    bench_destroy(&bench);
}

// --- PRPs ----------------------------------------------------------------------------------------------------------

struct shapes {
    struct fake_device *device;
    uint64_t bytes;   // of every command
    uint64_t commands;
    uint64_t next;    // LBA
    uint64_t seen[16]; // first page of commands in flight
};

static void check_shape(void *context, uint32_t queue, const struct nvme_sqe *sqe)
{
    struct shapes *shapes = context;
    uint64_t pages[1024];
    uint32_t count = fake_walk_prps(shapes->device, sqe, shapes->bytes, pages);
    assert_int_equal(queue, 1);
    assert_int_equal(sqe->nsid, 1);
    assert_int_equal(sqe->flags, 0);
    assert_int_equal(((sqe->cdw12 & NVME_RW_NLB_MASK) + 1) * 512ull, shapes->bytes);
    assert_int_equal(sqe->cdw10 | (uint64_t)sqe->cdw11 << 32, shapes->next);
    if (count == 1)
        assert_int_equal(sqe->prp2, 0);
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(pages[i], pages[0] + i * 4096ull);
    assert_int_equal(pages[0] % 4096, 0);
    for (uint64_t i = 0; i < MIN(shapes->commands, 3u); i++) { // three in flight: buffers are disjoint
        uint64_t other = shapes->seen[(shapes->commands - 1 - i) % 16];
        assert_true(other == pages[0] || other + shapes->bytes <= pages[0] || pages[0] + shapes->bytes <= other);
    }
    shapes->seen[shapes->commands++ % 16] = pages[0];
    shapes->next += shapes->bytes / 512;
}

static void check_prps(uint64_t bytes)
{
    struct bench bench;
    bench_init(&bench);
    bench.device->controller.mdts = 0;
    bench.config.max_transfer = 4 << 20;
    bench.config.queue_depth = 3;
    struct shapes shapes = {.device = bench.device, .bytes = bytes};
    bench.device->on_io = check_shape;
    bench.device->context = &shapes;
    char job[100];
    snprintf(job, sizeof job, "rw=write bs=%llu iodepth=3 number_ios=10", (unsigned long long)bytes);
    bench_run_job(&bench, job);
    assert_int_equal(shapes.commands, 10);
    bench_destroy(&bench);
}

static void test_prps_name_every_page_of_a_transfer(void **state)
{
    (void)state;
    const uint64_t sizes[] = {512, 1024, 4096, 4608, 8192, 8704, 12288, 65536, 131072, 1 << 20,
                              513 * 4096, 514 * 4096, 515 * 4096, 1023 * 4096, 4 << 20};
    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
        check_prps(sizes[i]);
}

static void check_changing_length(void *context, uint32_t queue, const struct nvme_sqe *sqe)
{
    struct shapes *shapes = context;
    uint64_t pages[1024];
    (void)queue;
    uint32_t count = fake_walk_prps(shapes->device, sqe, ((sqe->cdw12 & 0xffff) + 1) * 512ull, pages);
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(pages[i], pages[0] + i * 4096ull);
    shapes->commands++;
}

static void check_turns(const char *job)
{
    struct bench bench;
    bench_init(&bench);
    bench.device->controller.mdts = 0;
    bench.config.max_transfer = 4 << 20;
    bench.config.queue_depth = 1;
    struct shapes shapes = {.device = bench.device};
    bench.device->on_io = check_changing_length;
    bench.device->context = &shapes;
    bench_run_job(&bench, job);
    assert_int_equal(shapes.commands, 40);
    bench_destroy(&bench);
}

// One tag serves a long and a short part in turn, so that its list is written anew; in the second case the short one's
// 512 entries just fill a page of the list, the last of which the long one has for the address of the next page.
static void test_a_tag_whose_length_changes_gets_another_list(void **state)
{
    (void)state;
    check_turns("rw=read bs=6216k number_ios=20");
    check_turns("rw=read bs=6148k number_ios=20");
}

// --- splitting -----------------------------------------------------------------------------------------------------

struct recorder {
    struct nvme_sqe sqes[64];
    uint32_t queues[64];
    tick_t at[64];
    uint32_t count;
    struct bench *bench;
    struct nvme_dsm_range range;
};

static void record(void *context, uint32_t queue, const struct nvme_sqe *sqe)
{
    struct recorder *recorder = context;
    struct fake_device *device = recorder->bench->device;
    if (sqe->opcode == NVME_IO_DATASET_MANAGEMENT)
        device->host.dma_read(device->host.self, sqe->prp1, &recorder->range, sizeof recorder->range);
    if (recorder->count == ARRAY_SIZE(recorder->sqes))
        return;
    recorder->sqes[recorder->count] = *sqe;
    recorder->queues[recorder->count] = queue;
    recorder->at[recorder->count++] = sim_now(recorder->bench->sim);
}

static void attach_recorder(struct bench *bench, struct recorder *recorder)
{
    *recorder = (struct recorder){.bench = bench};
    bench->device->on_io = record;
    bench->device->context = recorder;
}

static void test_a_request_beyond_mdts_is_split_and_counted_once(void **state)
{
    (void)state;
    struct bench bench;
    struct recorder r;
    bench_init(&bench);
    attach_recorder(&bench, &r);
    bench.device->controller.mdts = 5; // 128 KiB
    bench_run_job(&bench, "rw=write bs=300k number_ios=2");
    assert_int_equal(r.count, 6);
    const uint32_t blocks[] = {256, 256, 88};
    uint32_t lba = 0;
    for (int i = 0; i < 6; i++) {
        assert_int_equal(r.sqes[i].cdw10, lba);
        assert_int_equal(r.sqes[i].cdw12, blocks[i % 3] - 1);
        lba += blocks[i % 3];
    }
    assert_int_equal(bench.stats.kinds[IO_WRITE].count, 2);
    assert_int_equal(bench.stats.kinds[IO_WRITE].bytes, 600 << 10);
    assert_int_equal(host_get_stats(bench.host)->split, 2);
    assert_int_equal(host_get_stats(bench.host)->commands, 6);
    assert_int_equal(bench.device->queues[1].sq_doorbells, 2); // the parts of a request share one
    bench_destroy(&bench);
}

static void test_max_transfer_splits_below_mdts(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    bench.config.max_transfer = 8192;
    bench_run_job(&bench, "rw=read bs=20k number_ios=1");
    assert_int_equal(bench.device->io_commands, 3);
    bench_destroy(&bench);
}

// With one tag the parts run one after another; the last one's stopwatch covers all three.
static void test_a_split_request_takes_from_arrival_to_its_last_part(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    bench.config.queue_depth = 1;
    bench.config.max_transfer = 4096;
    bench_run_job(&bench, "rw=read bs=12k number_ios=1");
    const struct kind_stats *reads = &bench.stats.kinds[IO_READ];
    assert_int_equal(reads->latency_sum, 3 * bench.device->service_time);
    assert_int_equal(reads->stage_sum[STAGE_HOST_SUBMIT], 2 * bench.device->service_time);
    assert_int_equal(reads->stage_sum[STAGE_SQ_FETCH], bench.device->service_time);
    bench_destroy(&bench);
}

// --- kinds ---------------------------------------------------------------------------------------------------------

static void test_trim_is_a_dsm_with_one_range_in_memory(void **state)
{
    (void)state;
    struct bench bench;
    struct recorder r;
    bench_init(&bench);
    attach_recorder(&bench, &r);
    bench_run_job(&bench, "rw=trim bs=64m number_ios=2");
    assert_int_equal(r.count, 2);
    assert_int_equal(r.sqes[1].opcode, NVME_IO_DATASET_MANAGEMENT);
    assert_int_equal(r.sqes[1].cdw10, 0);
    assert_int_equal(r.sqes[1].cdw11, NVME_DSM_AD);
    assert_int_equal(r.range.slba, 131072);
    assert_int_equal(r.range.nlb, 131072);
    assert_int_equal(bench.stats.kinds[IO_TRIM].count, 2);
    bench_destroy(&bench);
}

static void test_fsync_flushes_and_writefua_sets_the_bit(void **state)
{
    (void)state;
    struct bench bench;
    struct recorder r;
    bench_init(&bench);
    attach_recorder(&bench, &r);
    bench_run_job(&bench, "rw=write fsync=2 writefua number_ios=4");
    const uint8_t opcodes[] = {NVME_IO_WRITE, NVME_IO_WRITE, NVME_IO_FLUSH,
                               NVME_IO_WRITE, NVME_IO_WRITE, NVME_IO_FLUSH};
    assert_int_equal(r.count, 6);
    for (int i = 0; i < 6; i++) {
        assert_int_equal(r.sqes[i].opcode, opcodes[i]);
        assert_int_equal(r.sqes[i].cdw12, opcodes[i] == NVME_IO_WRITE ? 7 | NVME_RW_FUA : 0);
        assert_true(opcodes[i] == NVME_IO_WRITE || r.sqes[i].prp1 == 0);
    }
    assert_int_equal(bench.stats.kinds[IO_FLUSH].count, 2);
    assert_int_equal(bench.stats.kinds[IO_WRITE_FUA].count, 4);
    assert_int_equal(bench.stats.kinds[IO_WRITE].count, 0);
    bench_destroy(&bench);
}

static void test_an_error_status_fails_the_request_and_the_run_goes_on(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    bench.device->io_status = NVME_SC_UNRECOVERED_READ;
    bench_run_job(&bench, "rw=read number_ios=5");
    assert_int_equal(host_get_stats(bench.host)->failed, 5);
    assert_int_equal(bench.stats.kinds[IO_READ].errors, 5);
    bench_destroy(&bench);
}

static void test_one_failed_part_fails_the_request(void **state)
{
    (void)state;
    for (uint32_t failing = 0; failing < 2; failing++) {
        struct bench bench;
        bench_init(&bench);
        bench.device->controller.mdts = 5; // 128 KiB
        bench.device->hold = true;
        bench_start(&bench, bench_job("rw=read bs=256k number_ios=1"));
        sim_run_before(bench.sim, TICK_NEVER);
        for (uint32_t part = 0; part < 2; part++) {
            bench.device->io_status = part == failing ? NVME_SC_UNRECOVERED_READ : NVME_SC_SUCCESS;
            fake_release(bench.device, part, 1);
        }
        assert_int_equal(bench.finished, 1);
        assert_int_equal(bench.stats.kinds[IO_READ].count, 1);
        assert_int_equal(bench.stats.kinds[IO_READ].errors, 1);
        bench_destroy(&bench);
    }
}

// --- tags ----------------------------------------------------------------------------------------------------------

static void test_requests_without_a_tag_wait_in_order(void **state)
{
    (void)state;
    struct bench bench;
    struct recorder r;
    bench_init(&bench);
    attach_recorder(&bench, &r);
    bench.config.queue_depth = 4;
    bench.device->hold = true;
    bench_start(&bench, bench_job("rw=read iodepth=10 number_ios=10"));
    sim_run_before(bench.sim, TICK_NEVER);
    assert_int_equal(r.count, 4);
    assert_int_equal(host_get_stats(bench.host)->queue_full, 6);
    assert_string_equal(host_failure(bench.host), "10 requests never completed");
    fake_release(bench.device, 2, 1);
    assert_int_equal(r.count, 5); // the tag went to the first that waited
    assert_int_equal(r.sqes[4].cid, r.sqes[2].cid);
    fake_release(bench.device, 0, 2);
    fake_release(bench.device, 3, 2);
    fake_release(bench.device, 5, 4);
    assert_int_equal(r.count, 10);
    for (uint32_t i = 0; i < 10; i++)
        assert_int_equal(r.sqes[i].cdw10, 8 * i);
    assert_int_equal(bench.finished, 0);
    fake_release(bench.device, 9, 1);
    assert_int_equal(bench.finished, 1);
    assert_null(host_failure(bench.host));
    host_check(bench.host);
    bench_destroy(&bench);
}

// Three arrivals a microsecond, two tags, and interrupt handlers that go on while requests arrive: tags come free
// before those that wait are looked at.
static void test_what_arrives_overtakes_nothing_that_waits(void **state)
{
    (void)state;
    struct bench bench;
    struct recorder r;
    bench_init(&bench);
    attach_recorder(&bench, &r);
    bench.config.queue_depth = 2;
    bench.config.t_complete = 300 * TICKS_PER_NS;
    bench.device->batch_time = 700 * TICKS_PER_NS;
    bench.device->service_time = TICKS_PER_US;
    bench_run_job(&bench, "rw=read rate_iops=3000000 number_ios=64");
    assert_int_equal(r.count, 64);
    assert_true(host_get_stats(bench.host)->queue_full > 0);
    for (uint32_t i = 0; i < 64; i++)
        assert_int_equal(r.sqes[i].cdw10, 8 * i);
    bench_destroy(&bench);
}

// --- doorbells -----------------------------------------------------------------------------------------------------

static void test_what_arrives_at_one_instant_rings_one_doorbell(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    bench.device->hold = true;
    bench_start(&bench, bench_job("rw=read iodepth=32 number_ios=96"));
    sim_run_before(bench.sim, TICK_NEVER);
    struct fake_queue *q = &bench.device->queues[1];
    assert_int_equal(q->in_flight, 32);
    assert_int_equal(q->sq_doorbells, 1);
    fake_release(bench.device, 0, 20); // one interrupt: one head doorbell, one tail doorbell for 20 successors
    assert_int_equal(q->cq_doorbells, 1);
    assert_int_equal(q->sq_doorbells, 2);
    assert_int_equal(bench.device->held_count, 52);
    fake_release(bench.device, 20, 1);
    assert_int_equal(q->cq_doorbells, 2);
    assert_int_equal(q->sq_doorbells, 3);
    assert_int_equal(host_get_stats(bench.host)->interrupts, 2);
    assert_int_equal(host_get_stats(bench.host)->sq_doorbells, 3);
    assert_int_equal(host_get_stats(bench.host)->cq_doorbells, 2);
    bench_destroy(&bench);
}

static void test_an_interrupt_for_nothing_is_counted_and_rings_no_doorbell(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    bench.device->hold = true;
    bench_start(&bench, bench_job("rw=read number_ios=1"));
    sim_run_before(bench.sim, TICK_NEVER);
    bench.device->host.interrupt(bench.device->host.self, 1, MEMORY_INTERRUPT_BASE, 1);
    assert_int_equal(host_get_stats(bench.host)->interrupts, 1);
    assert_int_equal(host_get_stats(bench.host)->spurious, 1);
    assert_int_equal(bench.device->queues[1].cq_doorbells, 0);
    fake_release(bench.device, 0, 1);
    assert_int_equal(host_get_stats(bench.host)->spurious, 1);
    assert_int_equal(bench.device->queues[1].cq_doorbells, 1);
    assert_int_equal(bench.finished, 1);
    bench_destroy(&bench);
}

// The fake device's service is one event a request; the host adds none of its own.
static void test_a_host_without_costs_takes_no_events(void **state)
{
    (void)state;
    uint64_t events[2];
    for (int i = 0; i < 2; i++) {
        struct bench bench;
        bench_init(&bench);
        bench_run_job(&bench, i == 0 ? "rw=randrw iodepth=16 number_ios=1000"
                                     : "rw=randrw iodepth=16 number_ios=3000");
        events[i] = sim_events(bench.sim);
        bench_destroy(&bench);
    }
    assert_int_equal(events[1] - events[0], 2000);
}

// --- the host's time -----------------------------------------------------------------------------------------------

static void test_host_costs_add_up_at_depth_one(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    bench.config.t_submit = 700;
    bench.config.t_interrupt = 300;
    bench.config.t_complete = 200;
    bench.config.think_time = 5000;
    bench_run_job(&bench, "rw=randread number_ios=50");
    const struct kind_stats *reads = &bench.stats.kinds[IO_READ];
    tick_t service = bench.device->service_time;
    assert_int_equal(reads->latency_min, 700 + service + 500);
    assert_int_equal(reads->latency_max, 700 + service + 500);
    assert_int_equal(reads->stage_sum[STAGE_HOST_SUBMIT], 50 * 700);
    assert_int_equal(reads->stage_sum[STAGE_HOST_COMPLETE], 50 * 500);
    assert_int_equal(bench.stats.end - bench.stats.origin, 50 * (1200 + service) + 49 * 5000);
    bench_destroy(&bench);
}

// 16 submissions at one instant share a CPU: the n-th is ready after n times t_submit.
static void test_submissions_share_the_cpu_in_order(void **state)
{
    (void)state;
    struct bench bench;
    struct recorder r;
    bench_init(&bench);
    attach_recorder(&bench, &r);
    bench.config.t_submit = 1000;
    bench_run_job(&bench, "rw=read iodepth=8 number_ios=8 numjobs=2");
    assert_int_equal(r.count, 16);
    for (uint32_t i = 0; i < 16; i++)
        assert_int_equal(r.at[i] - bench.origin, (i / 2 + 1) * 1000);
    bench_destroy(&bench);
}

// Completions are handled one after the other; what comes meanwhile is handled with them.
static void test_one_handler_takes_all_new_completions(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    bench.config.t_interrupt = 1000;
    bench.config.t_complete = 100;
    bench_run_job(&bench, "rw=read iodepth=8 number_ios=8");
    const struct kind_stats *reads = &bench.stats.kinds[IO_READ];
    tick_t service = bench.device->service_time;
    assert_int_equal(reads->latency_min, service + 1100);
    assert_int_equal(reads->latency_max, service + 1800);
    assert_int_equal(bench.device->queues[1].cq_doorbells, 1);
    bench_destroy(&bench);
}

struct jitter {
    struct fake_device *device;
    struct rng rng;
};

static void vary_service_time(void *context, uint32_t queue, const struct nvme_sqe *sqe)
{
    struct jitter *jitter = context;
    (void)queue;
    (void)sqe;
    jitter->device->service_time = rng_below(&jitter->rng, 50 * TICKS_PER_US);
    jitter->device->batch_time = rng_below(&jitter->rng, 3) == 0 ? rng_below(&jitter->rng, 5 * TICKS_PER_US) : 0;
}

// Few tags, split requests, completions out of order and several to an interrupt, a host that takes time: at the end
// Little's law holds to the picosecond and the stages add up, both of which are checked on every run.
static void test_littles_law_holds_with_everything_at_once(void **state)
{
    (void)state;
    const char *jobs[] = {
        "rw=randrw bs=20k iodepth=9 numjobs=5 number_ios=400 fsync=7",
        "rw=randrw bs=20k rate_iops=40000 rate_process=poisson numjobs=5 number_ios=400 fsync=7",
    };
    for (size_t i = 0; i < 2 * ARRAY_SIZE(jobs); i++) {
        struct bench bench;
        bench_init(&bench);
        struct jitter jitter = {.device = bench.device};
        rng_seed(&jitter.rng, i, "test");
        bench.device->on_io = vary_service_time;
        bench.device->context = &jitter;
        bench.config = (struct host_config){.cpus = 4, .nsid = 1, .queues = 3, .queue_depth = 5, .max_transfer = 8192};
        if (i % 2 == 1)
            bench.config.t_submit = bench.config.t_interrupt = bench.config.t_complete = 300 * TICKS_PER_NS;
        bench_run_job(&bench, jobs[i / 2]);
        uint64_t data = bench.stats.kinds[IO_READ].count + bench.stats.kinds[IO_WRITE].count;
        assert_int_equal(data, 2000);
        assert_int_equal(host_get_stats(bench.host)->split, 2000);
        assert_int_equal(bench.device->io_commands, 3 * 2000 + bench.stats.kinds[IO_FLUSH].count);
        assert_true(host_get_stats(bench.host)->interrupts < bench.device->io_commands);
        for (int q = 1; q <= 3; q++)
            assert_in_range(bench.device->queues[q].most_in_flight, 4, 5);
        bench_destroy(&bench);
    }
}

// A broken device is a bug of the simulator: the run stops with exit status 3.
static void run_with_wrong_completion(void)
{
    struct bench bench;
    bench_init(&bench);
    bench.device->hold = true;
    bench_start(&bench, bench_job("rw=read iodepth=2 number_ios=2"));
    sim_run_before(bench.sim, TICK_NEVER);
    bench.device->held[0]->sqe.cid = 77;
    fake_release(bench.device, 0, 1);
    exit(0);
}

static void run_with_wrong_address(void)
{
    struct bench bench;
    char byte = 0;
    bench_init(&bench);
    bench_start(&bench, bench_job("rw=read"));
    bench.device->host.dma_write(bench.device->host.self, MEMORY_BASE - 1, &byte, 1);
    exit(0);
}

static void run_unfinished(void)
{
    struct bench bench;
    bench_init(&bench);
    bench.device->hold = true;
    bench_start(&bench, bench_job("rw=read iodepth=2 number_ios=2"));
    sim_run_before(bench.sim, TICK_NEVER);
    host_check(bench.host);
    exit(0);
}

static void expect_exit_3(void (*run)(void))
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        assert_non_null(freopen("/dev/null", "w", stderr));
        run();
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 3);
}

static void test_broken_invariants_stop_the_run(void **state)
{
    (void)state;
    expect_exit_3(run_with_wrong_completion);
    expect_exit_3(run_with_wrong_address);
    expect_exit_3(run_unfinished);
}

// --- the end -------------------------------------------------------------------------------------------------------

static void test_an_interrupted_run_completes_what_has_arrived(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    bench_start(&bench, bench_job("rw=randread iodepth=32 time_based runtime=1d"));
    while (bench.stats.kinds[IO_READ].count < 1000)
        sim_run_before(bench.sim, sim_next(bench.sim) + 1);
    assert_int_equal(bench.finished, 0);
    host_interrupt_run(bench.host);
    sim_run_before(bench.sim, TICK_NEVER);
    assert_int_equal(bench.finished, 1);
    assert_null(host_failure(bench.host));
    assert_in_range(bench.stats.kinds[IO_READ].count, 1000, 1064);
    host_check(bench.host);
    bench_destroy(&bench);
}

static void test_an_interrupt_before_the_drive_is_ready_is_told(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    bench_start(&bench, bench_job("rw=read"));
    sim_run_before(bench.sim, 10 * TICKS_PER_US);
    host_interrupt_run(bench.host);
    sim_run_before(bench.sim, TICK_NEVER);
    assert_int_equal(bench.finished, 1);
    assert_non_null(strstr(host_failure(bench.host), "interrupted"));
    bench_destroy(&bench);
}

// --- with a block layer --------------------------------------------------------------------------------------------

static void layer_init(struct bench *bench)
{
    bench_init(bench);
    bench->config.block_layer = bench->config.merges = bench->config.plugs = true;
    bench->config.max_segments = 127;
    bench->config.max_discard_segments = 256;
    bench->config.max_discard = UINT64_C(4294966784);
}

static void test_neighbours_of_one_moment_are_one_command_and_each_has_its_latency(void **state)
{
    (void)state;
    struct bench bench;
    struct recorder r;
    layer_init(&bench);
    attach_recorder(&bench, &r);
    bench_run_job(&bench, "rw=write bs=4k iodepth=4 number_ios=8");
    assert_int_equal(r.count, 2);
    assert_int_equal(r.sqes[1].cdw10, 32);
    assert_int_equal(r.sqes[1].cdw12, 31);
    assert_int_equal(bench.stats.kinds[IO_WRITE].count, 8);
    assert_int_equal(bench.stats.kinds[IO_WRITE].latency_sum, 8 * bench.device->service_time);
    assert_int_equal(host_get_stats(bench.host)->commands, 2);
    assert_int_equal(host_block_stats(bench.host)->back_merges, 6);
    bench_destroy(&bench);
}

static void check_ranges(void *context, uint32_t queue, const struct nvme_sqe *sqe)
{
    struct recorder *recorder = context;
    struct fake_device *device = recorder->bench->device;
    struct nvme_dsm_range ranges[3];
    (void)queue;
    recorder->count++;
    assert_int_equal(sqe->cdw10, 2);
    device->host.dma_read(device->host.self, sqe->prp1, ranges, sizeof ranges);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(ranges[i].slba, 128 * i);
        assert_int_equal(ranges[i].nlb, 128);
    }
}

static void test_trims_of_one_moment_are_ranges_of_one_command(void **state)
{
    (void)state;
    struct bench bench;
    struct recorder r = {.bench = &bench};
    layer_init(&bench);
    bench.device->on_io = check_ranges;
    bench.device->context = &r;
    bench_run_job(&bench, "rw=trim bs=64k iodepth=3 number_ios=3");
    assert_int_equal(r.count, 1);
    assert_int_equal(bench.stats.kinds[IO_TRIM].count, 3);
    bench_destroy(&bench);
}

// Two tags and requests one after the other: the third waits, as a bio of its CPU, for the first.
static void test_a_bio_without_a_tag_waits_before_its_command(void **state)
{
    (void)state;
    struct bench bench;
    layer_init(&bench);
    bench.config.nr_requests = 2;
    bench_run_job(&bench, "rw=randread bs=4k iodepth=3 number_ios=3");
    const struct kind_stats *reads = &bench.stats.kinds[IO_READ];
    assert_int_equal(host_block_stats(bench.host)->tag_waits, 1);
    assert_int_equal(reads->latency_sum, 4 * bench.device->service_time);
    assert_int_equal(reads->stage_sum[STAGE_HOST_SUBMIT], bench.device->service_time);
    assert_int_equal(host_block_stats(bench.host)->tag_time, bench.device->service_time);
    bench_destroy(&bench);
}

static void test_the_layer_works_below_cpus_that_take_time(void **state)
{
    (void)state;
    struct bench bench;
    layer_init(&bench);
    bench.config.t_submit = bench.config.t_interrupt = bench.config.t_complete = TICKS_PER_US;
    bench_run_job(&bench, "rw=randrw bs=4k iodepth=6 numjobs=3 fsync=5 number_ios=200");
    assert_int_equal(host_get_stats(bench.host)->failed, 0);
    bench_destroy(&bench);
}

// Few tags, so that tasks sleep in the middle of a plug, and go on when the CPU has nothing more to submit.
static void test_no_scheduler_leaves_a_request_behind(void **state)
{
    (void)state;
    for (uint32_t scheduler = 0; scheduler < BLOCK_SCHEDULER_COUNT; scheduler++)
        for (uint32_t cost = 0; cost < 2; cost++) {
            struct bench bench;
            layer_init(&bench);
            bench.config.queues = 2;
            bench.config.queue_depth = 4;
            bench.config.scheduler = scheduler;
            bench.config.t_submit = cost * TICKS_PER_US;
            bench_run_job(&bench, "rw=randrw bs=4k iodepth=24 numjobs=3 fsync=9 number_ios=300");
            assert_int_equal(host_get_stats(bench.host)->failed, 0);
            bench_destroy(&bench);
        }
}

static void poll_init(struct bench *bench, enum host_polling polling)
{
    layer_init(bench);
    bench->config.poll_queues = 1;
    bench->config.polling = polling;
}

// Looks at 0, 3, 6, ... us; the first that is not before the entry finds it.
static void test_a_poll_finds_an_entry_at_the_next_look(void **state)
{
    (void)state;
    struct bench bench;
    poll_init(&bench, HOST_POLL_POLL);
    bench.config.t_poll = 3 * TICKS_PER_US;
    bench.device->service_time = 10 * TICKS_PER_US;
    bench_run_job(&bench, "rw=randread bs=4k iodepth=1 number_ios=5");
    const struct kind_stats *reads = &bench.stats.kinds[IO_READ];
    assert_int_equal(reads->latency_sum, 5 * 12 * TICKS_PER_US);
    assert_int_equal(reads->stage_sum[STAGE_HOST_COMPLETE], 5 * 2 * TICKS_PER_US);
    assert_int_equal(host_get_stats(bench.host)->interrupts, 0);
    assert_int_equal(host_block_stats(bench.host)->polls, 5 * 5);
    assert_int_equal(host_block_stats(bench.host)->poll_hits, 5);
    assert_int_equal(host_block_stats(bench.host)->poll_time, 5 * 12 * TICKS_PER_US);
    bench_destroy(&bench);
}

// Requests of 1 ms, one after the other: the mean of the window that ended at 101 ms, the first sample being of 1 ms, is
// known to the nine that are sent from then on.
static void test_hybrid_polling_sleeps_half_the_mean(void **state)
{
    (void)state;
    struct bench bench;
    poll_init(&bench, HOST_POLL_HYBRID);
    bench.config.t_poll = 100 * TICKS_PER_NS;
    bench.device->service_time = TICKS_PER_MS;
    bench_run_job(&bench, "rw=randread bs=4k iodepth=1 number_ios=110");
    assert_int_equal(bench.stats.kinds[IO_READ].latency_sum, 110 * TICKS_PER_MS);
    assert_int_equal(host_block_stats(bench.host)->poll_sleep, 9 * TICKS_PER_MS / 2);
    assert_int_equal(host_block_stats(bench.host)->poll_time, 110 * TICKS_PER_MS - 9 * TICKS_PER_MS / 2);
    bench_destroy(&bench);
}

// Flushes go where interrupts are, reads and writes, deep ones too, where they are polled for.
static void test_polled_queues_are_beside_others(void **state)
{
    (void)state;
    for (uint32_t cost = 0; cost < 2; cost++) {
        struct bench bench;
        poll_init(&bench, HOST_POLL_POLL);
        bench.config.poll_queues = 3;
        bench.config.t_complete = cost * TICKS_PER_US;
        bench_run_job(&bench, "rw=randrw bs=4k iodepth=8 numjobs=4 fsync=16 number_ios=400");
        assert_int_equal(host_get_stats(bench.host)->queues, 7);
        assert_int_equal(host_get_stats(bench.host)->failed, 0);
        assert_true(host_block_stats(bench.host)->poll_hits > 0);
        bench_destroy(&bench);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rings_wrap_and_the_phase_turns_over_many_rounds),
        cmocka_unit_test(test_prps_name_every_page_of_a_transfer),
        cmocka_unit_test(test_a_tag_whose_length_changes_gets_another_list),
        cmocka_unit_test(test_a_request_beyond_mdts_is_split_and_counted_once),
        cmocka_unit_test(test_max_transfer_splits_below_mdts),
        cmocka_unit_test(test_a_split_request_takes_from_arrival_to_its_last_part),
        cmocka_unit_test(test_trim_is_a_dsm_with_one_range_in_memory),
        cmocka_unit_test(test_fsync_flushes_and_writefua_sets_the_bit),
        cmocka_unit_test(test_an_error_status_fails_the_request_and_the_run_goes_on),
        cmocka_unit_test(test_one_failed_part_fails_the_request),
        cmocka_unit_test(test_what_arrives_overtakes_nothing_that_waits),
        cmocka_unit_test(test_an_interrupt_for_nothing_is_counted_and_rings_no_doorbell),
        cmocka_unit_test(test_requests_without_a_tag_wait_in_order),
        cmocka_unit_test(test_what_arrives_at_one_instant_rings_one_doorbell),
        cmocka_unit_test(test_a_host_without_costs_takes_no_events),
        cmocka_unit_test(test_host_costs_add_up_at_depth_one),
        cmocka_unit_test(test_submissions_share_the_cpu_in_order),
        cmocka_unit_test(test_one_handler_takes_all_new_completions),
        cmocka_unit_test(test_littles_law_holds_with_everything_at_once),
        cmocka_unit_test(test_broken_invariants_stop_the_run),
        cmocka_unit_test(test_an_interrupted_run_completes_what_has_arrived),
        cmocka_unit_test(test_an_interrupt_before_the_drive_is_ready_is_told),
        cmocka_unit_test(test_neighbours_of_one_moment_are_one_command_and_each_has_its_latency),
        cmocka_unit_test(test_trims_of_one_moment_are_ranges_of_one_command),
        cmocka_unit_test(test_a_bio_without_a_tag_waits_before_its_command),
        cmocka_unit_test(test_the_layer_works_below_cpus_that_take_time),
        cmocka_unit_test(test_no_scheduler_leaves_a_request_behind),
        cmocka_unit_test(test_a_poll_finds_an_entry_at_the_next_look),
        cmocka_unit_test(test_hybrid_polling_sleeps_half_the_mean),
        cmocka_unit_test(test_polled_queues_are_beside_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
