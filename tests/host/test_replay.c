// The trace player: recorded times and any speed exactly, closed loop in recorded order, offsets beyond the drive.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench.h"
#include "fake_trace.h"
#include "host/replay/replay.h"
#include "trace/filter/scale.h"
#include "util/macros.h"

static struct trace *recording;

static struct trace *record_trace(uint64_t requests)
{
    recording = calloc(1, sizeof *recording);
    recording->requests = calloc(requests, sizeof *recording->requests);
    recording->info = (struct trace_info){.path = "memory", .requests = requests, .end_offset = requests * 4096,
                                          .granularity = 1}; // so that every request is looked at
    for (uint64_t i = 0; i < requests; i++)
        recording->requests[i] = (struct trace_request){
            .time_ns = i * 333 + (i % 7 == 0),
            .offset = i * 4096,
            .bytes = 4096,
            .latency_ns = i % 2 == 0 ? 1000 + i : TRACE_LATENCY_UNKNOWN,
            .kind = i % 3 == 0 ? IO_WRITE : IO_READ,
            .cpu = (uint32_t)(i % 6),
        };
    return recording;
}

static void forget_trace(void)
{
    free(recording->requests);
    free(recording);
}

struct witness {
    struct bench *bench;
    tick_t at[5000];
    uint64_t lba[5000];
    uint32_t queue[5000];
    uint32_t count;
    uint32_t most;
};

static void see(void *context, uint32_t queue, const struct nvme_sqe *sqe)
{
    struct witness *w = context;
    w->at[w->count] = sim_now(w->bench->sim) - w->bench->origin;
    w->queue[w->count] = queue;
    w->lba[w->count++] = sqe->cdw10;
    uint32_t in_flight = 0;
    for (int q = 1; q < FAKE_QUEUES; q++)
        in_flight += w->bench->device->queues[q].in_flight;
    w->most = MAX(w->most, in_flight);
}

static void play(struct bench *bench, struct witness *w, const struct replay_options *options)
{
    memset(w, 0, sizeof *w);
    w->bench = bench;
    bench->device->on_io = see;
    bench->device->context = w;
    bench_start(bench, replay_create(recording, options));
    sim_run_before(bench->sim, TICK_NEVER);
    assert_null(host_failure(bench->host));
    assert_int_equal(bench->finished, 1);
    host_check(bench->host);
}

static void check_times(struct replay_speed speed)
{
    static struct witness w;
    struct bench bench;
    bench_init(&bench);
    record_trace(3000);
    play(&bench, &w, &(struct replay_options){.speed = speed});
    assert_int_equal(w.count, 3000);
    for (uint64_t i = 0; i < 3000; i++) {
        const struct trace_request *r = &recording->requests[i];
        tick_t expected = r->time_ns * 1000;
        if (speed.numerator != 0)
            expected = expected * speed.denominator / speed.numerator;
        assert_int_equal(w.at[i], expected);
        assert_int_equal(w.lba[i], r->offset / 512);
        assert_int_equal(w.queue[i], r->cpu % 4 + 1);
    }
    bench_destroy(&bench);
    forget_trace();
}

static void test_requests_arrive_at_recorded_times_on_their_cpus_queue(void **state)
{
    (void)state;
    check_times((struct replay_speed){0, 0});
}

static void test_speed_divides_recorded_times_exactly(void **state)
{
    (void)state;
    check_times((struct replay_speed){2, 1});
    check_times((struct replay_speed){1, 3});
    check_times((struct replay_speed){125, 100});
    check_times((struct replay_speed){7, 3});
}

// 100 requests within 33 us, each of which takes a second: offered is what came by then, and the other end of the loop
// has no such thing.
static void test_a_replay_at_recorded_times_says_how_late_it_is(void **state)
{
    (void)state;
    for (uint32_t depth = 0; depth <= 4; depth += 4) {
        struct bench bench;
        struct trace *trace = record_trace(100);
        bench_init(&bench);
        bench.device->service_time = TICKS_PER_S;
        bench_start(&bench, replay_create(trace, &(struct replay_options){.iodepth = depth}));
        sim_run_before(bench.sim, TICK_NEVER);
        const struct host_stats *load = host_get_stats(bench.host);
        assert_int_equal(load->most_in_flight, depth == 0 ? 100 : 4);
        assert_int_equal(load->waiting_at_end, depth == 0 ? 100 : 4);
        assert_int_equal(load->late, TICKS_PER_S);
        assert_true(depth == 0 || load->offered_iops != load->offered_iops); // not a number
        double offered = 100 / ((99 * 333) * 1e-9), told = load->offered_iops;
        assert_true(depth != 0 || (told > offered * (1 - 1e-9) && told < offered * (1 + 1e-9)));
        bench_destroy(&bench);
        forget_trace();
    }
}

// At a thousand-millionth of the speed 333 ns last 333 s, and 10 s (of the last request) 317 years.
static void test_what_would_arrive_after_the_end_of_time_does_not(void **state)
{
    (void)state;
    struct bench bench;
    struct witness w = {.bench = &bench};
    struct trace *trace = record_trace(100);
    recording->requests[99].time_ns = UINT64_C(10000000000);
    bench_init(&bench);
    bench.device->on_io = see;
    bench.device->context = &w;
    bench_start(&bench, replay_create(trace, &(struct replay_options){.speed = {1, 1000000000}}));
    sim_run_before(bench.sim, TICK_NEVER);
    assert_true(sim_out_of_time(bench.sim));
    assert_int_equal(w.count, 99);
    assert_int_equal(w.at[98], (98 * 333 + 1) * TICKS_PER_S);
    bench_destroy(&bench);
    forget_trace();
}

static void test_speed_is_parsed_without_rounding(void **state)
{
    (void)state;
    struct diag *diag = diag_create();
    struct replay_speed speed;
    struct place place = {.file = "--speed"};
    assert_int_equal(replay_parse_speed("0.1", &speed, place, diag), 0);
    assert_int_equal(speed.numerator, 1);
    assert_int_equal(speed.denominator, 10);
    assert_int_equal(replay_parse_speed("12.345", &speed, place, diag), 0);
    assert_int_equal(speed.numerator, 12345);
    assert_int_equal(speed.denominator, 1000);
    const char *bad[] = {"", "0", "0.0", "-1", "2x", "1e3", ".", "1.2.3", "12345678901"};
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        assert_int_equal(replay_parse_speed(bad[i], &speed, place, diag), -1);
    assert_int_equal(diag_error_count(diag), ARRAY_SIZE(bad));
    diag_destroy(diag);
}

static void test_a_closed_loop_keeps_the_depth_full_and_the_order(void **state)
{
    (void)state;
    static struct witness w;
    struct bench bench;
    bench_init(&bench);
    record_trace(1000);
    play(&bench, &w, &(struct replay_options){.iodepth = 10});
    assert_int_equal(w.count, 1000);
    assert_int_equal(w.most, 10);
    uint64_t last[FAKE_QUEUES] = {0};
    for (uint64_t i = 0; i < 1000; i++) {
        assert_int_equal(w.at[i], i / 10 * bench.device->service_time);
        assert_int_equal(w.lba[i] / 8 / 10, i / 10); // the queues' doorbells of one instant come one after the other
        assert_true(w.lba[i] == 0 || w.lba[i] > last[w.queue[i]]);
        last[w.queue[i]] = w.lba[i];
    }
    bench_destroy(&bench);
    forget_trace();
}

static void test_a_closed_loop_thinks_before_each_request(void **state)
{
    (void)state;
    static struct witness w;
    struct bench bench;
    bench_init(&bench);
    bench.config.think_time = 700 * TICKS_PER_NS;
    record_trace(50);
    play(&bench, &w, &(struct replay_options){.iodepth = 1});
    for (uint64_t i = 0; i < 50; i++)
        assert_int_equal(w.at[i], i * (bench.device->service_time + 700 * TICKS_PER_NS));
    bench_destroy(&bench);
    forget_trace();
}

static void test_recorded_latencies_stand_beside_the_simulated_ones(void **state)
{
    (void)state;
    static struct witness w;
    struct bench bench;
    bench_init(&bench);
    record_trace(60);
    play(&bench, &w, &(struct replay_options){.iodepth = 1});
    assert_int_equal(bench.stats.kinds[IO_READ].count, 40);
    assert_int_equal(bench.stats.kinds[IO_READ].recorded.count, 20);
    assert_int_equal(bench.stats.kinds[IO_WRITE].recorded.count, 10);
    assert_int_equal(bench.stats.kinds[IO_WRITE].recorded_min_ns, 1000);
    assert_int_equal(bench.stats.kinds[IO_WRITE].recorded_max_ns, 1054);
    bench_destroy(&bench);
    forget_trace();
}

// --- beyond the drive ----------------------------------------------------------------------------------------------

static int check(const struct replay_options *options, uint64_t capacity, uint32_t block, unsigned *errors)
{
    struct diag *diag = diag_create();
    struct workload *workload = replay_create(recording, options);
    int result = workload_check(workload, capacity, block, diag);
    *errors = diag_error_count(diag);
    workload_destroy(workload);
    diag_destroy(diag);
    return result;
}

static void test_a_recording_larger_than_the_drive_is_an_error_before_the_run(void **state)
{
    (void)state;
    unsigned errors;
    record_trace(100);
    assert_int_equal(check(&(struct replay_options){0}, 100 * 4096, 512, &errors), 0);
    assert_int_equal(check(&(struct replay_options){0}, 100 * 4096 - 512, 512, &errors), -1);
    assert_int_equal(errors, 1);
    assert_int_equal(check(&(struct replay_options){.beyond = REPLAY_BEYOND_WRAP}, 4096, 512, &errors), 0);
    assert_int_equal(check(&(struct replay_options){.beyond = REPLAY_BEYOND_SCALE}, 4096, 512, &errors), 0);
    recording->requests[5].offset += 512;
    assert_int_equal(check(&(struct replay_options){0}, 100 * 4096, 512, &errors), 0);
    assert_int_equal(check(&(struct replay_options){0}, 100 * 4096, 4096, &errors), -1);
    recording->requests[5].offset -= 512;
    recording->requests[5].bytes = 0;
    assert_int_equal(check(&(struct replay_options){0}, 100 * 4096, 512, &errors), -1);
    recording->requests[5].kind = IO_FLUSH;
    assert_int_equal(check(&(struct replay_options){0}, 100 * 4096, 512, &errors), 0);
    forget_trace();
}

// A capacity of 64 chunks of 4 KiB and three blocks: offsets stay at multiples of 4 KiB.
static void test_wrap_keeps_the_alignment_of_offsets(void **state)
{
    (void)state;
    static struct witness w;
    struct bench bench;
    bench_init(&bench);
    bench.device->ns.nsze = 64 * 8 + 3;
    record_trace(1000);
    play(&bench, &w, &(struct replay_options){.iodepth = 1, .beyond = REPLAY_BEYOND_WRAP});
    for (uint64_t i = 0; i < 1000; i++)
        assert_int_equal(w.lba[i], i % 64 * 8);
    bench_destroy(&bench);
    forget_trace();
}

static void test_wrap_takes_offsets_modulo_the_capacity(void **state)
{
    (void)state;
    static struct witness w;
    struct bench bench;
    bench_init(&bench);
    bench.device->ns.nsze = 64 * 8;
    record_trace(1000);
    recording->requests[63].bytes = 8192; // over the edge: shifted down to fit
    play(&bench, &w, &(struct replay_options){.iodepth = 1, .beyond = REPLAY_BEYOND_WRAP});
    for (uint64_t i = 0; i < 1000; i++)
        assert_int_equal(w.lba[i], i == 63 ? 62 * 8 : i % 64 * 8);
    bench_destroy(&bench);
    forget_trace();
}

static struct trace_request data(enum io_kind kind, uint64_t chunk, uint64_t chunks)
{
    return (struct trace_request){.kind = kind, .offset = chunk * 4096, .bytes = chunks * 4096,
                                  .latency_ns = TRACE_LATENCY_UNKNOWN};
}

// A recording of these requests, of a drive of so many chunks of 4 KiB.
static void record_requests(const struct trace_request *requests, uint64_t count, uint64_t chunks)
{
    record_trace(count);
    memcpy(recording->requests, requests, count * sizeof *requests);
    recording->info.end_offset = chunks * 4096;
}

// Plays it on a drive of so many chunks; w->lba then has where each request went, in blocks of 512 bytes.
static void play_scaled(struct witness *w, uint64_t chunks)
{
    struct bench bench;
    bench_init(&bench);
    bench.device->ns.nsze = chunks * 8;
    play(&bench, w, &(struct replay_options){.iodepth = 1, .beyond = REPLAY_BEYOND_SCALE});
    bench_destroy(&bench);
}

// Two streams and a place between them, on a drive of 10000 chunks that shrinks to 1000: 212 chunks are touched, so
// that the holes of 1000, 4900 and 3888 chunks share 788.
static void test_scale_keeps_streams_whole_and_shrinks_what_is_between(void **state)
{
    (void)state;
    static struct witness w;
    struct trace_request requests[203];
    for (uint64_t i = 0; i < 100; i++) {
        requests[2 * i] = data(IO_READ, 1000 + i, 1);
        requests[2 * i + 1] = data(IO_WRITE, 6000 + i, 1);
    }
    requests[200] = data(IO_READ, 9988, 12);
    requests[201] = data(IO_READ, 1000, 4); // again, by another size
    requests[202] = data(IO_READ, 6001, 2);
    record_requests(requests, 203, 10000);
    play_scaled(&w, 1000);
    uint64_t first = 1000 * 788 / 9788, second = 100 + 5900 * 788 / 9788;
    for (uint64_t i = 0; i < 100; i++) {
        assert_int_equal(w.lba[2 * i], 8 * (first + i));
        assert_int_equal(w.lba[2 * i + 1], 8 * (second + i));
    }
    assert_int_equal(w.lba[200], 8 * (1000 - 12));
    assert_int_equal(w.lba[201], 8 * first);
    assert_int_equal(w.lba[202], 8 * (second + 1));
    forget_trace();
}

static void test_scale_keeps_places_apart_whatever_they_are(void **state)
{
    (void)state;
    static struct witness w;
    struct trace_request requests[400];
    uint64_t chunk = 0, touched = 0;
    for (uint64_t i = 0; i < 400; i++) {
        uint64_t chunks = 1 + i % 3;
        requests[i] = data(IO_WRITE, chunk, chunks);
        chunk += chunks + (i * 7919) % 5;
        touched += chunks;
    }
    record_requests(requests, 400, chunk + 100);
    for (uint64_t room = touched; room < chunk + 100; room += 97) {
        play_scaled(&w, room);
        for (uint64_t i = 1; i < 400; i++) {
            bool neighbours = requests[i].offset == requests[i - 1].offset + requests[i - 1].bytes;
            uint64_t end = w.lba[i - 1] + requests[i - 1].bytes / 512;
            assert_true(neighbours ? w.lba[i] == end : w.lba[i] >= end);
        }
    }
    forget_trace();
}

static void test_scale_keeps_offsets_within_a_chunk(void **state)
{
    (void)state;
    static struct witness w;
    struct trace_request requests[2] = {data(IO_WRITE, 500, 1), data(IO_WRITE, 501, 1)};
    requests[0].offset += 512;
    requests[0].bytes = 1024;
    requests[1].offset += 3584;
    requests[1].bytes = 512;
    record_requests(requests, 2, 1000);
    play_scaled(&w, 100);
    assert_int_equal(w.lba[0] % 8, 1);
    assert_int_equal(w.lba[1], w.lba[0] + 14);
    forget_trace();
}

// A trim of the whole drive touches more than there is: it trims the whole drive that is there.
static void test_scale_moves_a_large_trim_by_its_ends(void **state)
{
    (void)state;
    struct scale scale;
    struct trace_request requests[3] = {data(IO_TRIM, 0, 1000), data(IO_WRITE, 100, 10), data(IO_WRITE, 800, 10)};
    record_requests(requests, 3, 1000);
    scale_init(&scale, trace_as_source(recording), 100 * 4096);
    assert_false(scale_folds(&scale));
    assert_int_equal(scale_place(&scale, 0), 0);
    assert_int_equal(scale_place(&scale, 1000 * 4096), 100 * 4096);
    assert_int_equal(scale_place(&scale, 110 * 4096), scale_place(&scale, 100 * 4096) + 10 * 4096);
    assert_int_equal(scale_place(&scale, 100 * 4096), 100 * 80 / 980 * 4096);
    assert_int_equal(scale_place(&scale, 800 * 4096), (10 + 790 * 80 / 980) * 4096);
    scale_destroy(&scale);
    forget_trace();
}

static void test_scale_knows_what_lies_within_what(void **state)
{
    (void)state;
    struct scale scale;
    struct trace_request requests[3] = {data(IO_WRITE, 0, 10), data(IO_READ, 2, 1), data(IO_READ, 900, 1)};
    record_requests(requests, 3, 1000);
    scale_init(&scale, trace_as_source(recording), 100 * 4096);
    assert_int_equal(scale.touched, 11 * 4096);
    assert_int_equal(scale_place(&scale, 9 * 4096), 9 * 4096);
    scale_destroy(&scale);
    forget_trace();
}

// Two ranges far apart: what lies between them is no part of the trim, though the sum of their lengths reaches there.
static void test_scale_touches_the_ranges_of_a_trim_only(void **state)
{
    (void)state;
    static const struct io_range ranges[] = {{0, 10 * 4096}, {500 * 4096, 10 * 4096}};
    struct scale scale;
    struct trace_request requests[2] = {data(IO_TRIM, 0, 20), data(IO_WRITE, 900, 10)};
    requests[0].range_count = 2;
    requests[0].ranges = ranges;
    record_requests(requests, 2, 1000);
    scale_init(&scale, trace_as_source(recording), 100 * 4096);
    assert_int_equal(scale.touched, 30 * 4096);
    scale_destroy(&scale);
    forget_trace();
}

// The hole in which it lies has shrunk to nothing; a command of nothing there is not.
static void test_a_trim_that_shrinks_to_nothing_trims_a_block(void **state)
{
    (void)state;
    static struct witness w;
    struct bench bench;
    bench_init(&bench);
    bench.device->ns.nsze = 91 * 8;
    struct trace_request requests[3] = {data(IO_TRIM, 0, 1000), data(IO_WRITE, 100, 90), data(IO_TRIM, 500, 1)};
    record_requests(requests, 3, 1000);
    play(&bench, &w, &(struct replay_options){.iodepth = 1, .beyond = REPLAY_BEYOND_SCALE});
    assert_int_equal(bench.stats.kinds[IO_TRIM].bytes, 91 * 4096 + 512);
    bench_destroy(&bench);
    forget_trace();
}

static void test_more_than_the_drive_holds_goes_round(void **state)
{
    (void)state;
    static struct witness w;
    record_trace(1000);
    play_scaled(&w, 100);
    for (uint64_t i = 0; i < 1000; i++)
        assert_int_equal(w.lba[i], i % 100 * 8);
    forget_trace();
}

// --- what one request asks for --------------------------------------------------------------------------------------

struct ranges_seen {
    struct fake_device *device;
    struct nvme_dsm_range ranges[4];
    uint32_t count, commands;
};

static void see_ranges(void *context, uint32_t queue, const struct nvme_sqe *sqe)
{
    struct ranges_seen *seen = context;
    (void)queue;
    seen->commands++;
    assert_int_equal(sqe->opcode, NVME_IO_DATASET_MANAGEMENT);
    assert_int_equal(sqe->cdw11, NVME_DSM_AD);
    seen->count = sqe->cdw10 + 1;
    assert_true(seen->count <= 4);
    seen->device->host.dma_read(seen->device->host.self, sqe->prp1, seen->ranges,
                                seen->count * sizeof seen->ranges[0]);
}

static struct ranges_seen play_ranges(const struct replay_options *options, uint64_t chunks)
{
    static const struct io_range ranges[] = {{0, 4096}, {40 * 4096, 8192}, {90 * 4096, 4096}};
    struct bench bench;
    bench_init(&bench);
    struct ranges_seen seen = {.device = bench.device};
    bench.device->on_io = see_ranges;
    bench.device->context = &seen;
    bench.device->ns.nsze = chunks * 8;
    struct trace_request request = data(IO_TRIM, 0, 4);
    request.ranges = ranges;
    request.range_count = 3;
    record_requests(&request, 1, 91);
    bench_start(&bench, replay_create(recording, options));
    sim_run_before(bench.sim, TICK_NEVER);
    assert_int_equal(bench.finished, 1);
    host_check(bench.host);
    assert_int_equal(bench.stats.kinds[IO_TRIM].bytes, 4 * 4096);
    bench_destroy(&bench);
    forget_trace();
    return seen;
}

static void test_a_trim_of_several_ranges_is_one_command(void **state)
{
    (void)state;
    struct ranges_seen seen = play_ranges(&(struct replay_options){0}, 100);
    assert_int_equal(seen.commands, 1);
    assert_int_equal(seen.count, 3);
    static const uint64_t slba[] = {0, 320, 720}, nlb[] = {8, 16, 8};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(seen.ranges[i].slba, slba[i]);
        assert_int_equal(seen.ranges[i].nlb, nlb[i]);
    }
    seen = play_ranges(&(struct replay_options){.beyond = REPLAY_BEYOND_WRAP}, 64);
    assert_int_equal(seen.ranges[1].slba, 320);
    assert_int_equal(seen.ranges[2].slba, (90 - 64) * 8);
}

static void see_first_ranges(void *context, uint32_t queue, const struct nvme_sqe *sqe)
{
    struct ranges_seen *seen = context;
    struct nvme_dsm_range ranges[2];
    (void)queue;
    assert_int_equal(sqe->cdw10, 1);
    seen->device->host.dma_read(seen->device->host.self, sqe->prp1, ranges, sizeof ranges);
    assert_int_equal(ranges[0].slba, 8 * seen->commands);
    assert_int_equal(ranges[1].slba, 8 * (seen->commands + 50));
    seen->commands++;
}

// Those that wait for a tag keep their ranges, whatever comes behind them.
static void test_waiting_trims_keep_their_ranges(void **state)
{
    (void)state;
    struct io_range ranges[8];
    struct trace_request requests[4];
    for (uint64_t i = 0; i < 4; i++) {
        ranges[2 * i] = (struct io_range){i * 4096, 4096};
        ranges[2 * i + 1] = (struct io_range){(i + 50) * 4096, 4096};
        requests[i] = data(IO_TRIM, i, 2);
        requests[i].ranges = &ranges[2 * i];
        requests[i].range_count = 2;
    }
    struct bench bench;
    bench_init(&bench);
    struct ranges_seen seen = {.device = bench.device};
    bench.config.queue_depth = 1;
    bench.device->on_io = see_first_ranges;
    bench.device->context = &seen;
    record_requests(requests, 4, 100);
    bench_start(&bench, replay_create(recording, &(struct replay_options){0}));
    sim_run_before(bench.sim, TICK_NEVER);
    assert_int_equal(bench.finished, 1);
    assert_int_equal(seen.commands, 4);
    bench_destroy(&bench);
    forget_trace();
}

static void test_ranges_are_checked_one_by_one(void **state)
{
    (void)state;
    struct io_range ranges[2] = {{512, 4096}, {8192, 4096}};
    struct trace_request request = data(IO_TRIM, 0, 2);
    unsigned errors;
    request.ranges = ranges;
    request.range_count = 2;
    record_requests(&request, 1, 100);
    assert_int_equal(check(&(struct replay_options){0}, 100 * 4096, 512, &errors), 0);
    assert_int_equal(check(&(struct replay_options){0}, 100 * 4096, 4096, &errors), -1);
    ranges[0].offset = 0;
    ranges[1].bytes = 0;
    assert_int_equal(check(&(struct replay_options){0}, 100 * 4096, 512, &errors), -1);
    forget_trace();
}

struct steps_seen {
    struct bench *bench;
    uint8_t opcodes[8];
    tick_t at[8];
    uint32_t count;
};

static void see_steps(void *context, uint32_t queue, const struct nvme_sqe *sqe)
{
    struct steps_seen *seen = context;
    (void)queue;
    assert_true(seen->count < 8);
    seen->opcodes[seen->count] = sqe->opcode;
    seen->at[seen->count++] = sim_now(seen->bench->sim) - seen->bench->origin;
}

static struct steps_seen play_preflush(uint8_t vwc, uint32_t queue_depth, unsigned io_status)
{
    struct bench bench;
    bench_init(&bench);
    struct steps_seen seen = {.bench = &bench};
    bench.device->controller.vwc = vwc;
    bench.config.queue_depth = queue_depth;
    bench.device->io_status = io_status;
    bench.device->on_io = see_steps;
    bench.device->context = &seen;
    struct trace_request requests[2] = {data(IO_WRITE, 0, 1), data(IO_WRITE, 1, 1)};
    requests[0].preflush = true;
    record_requests(requests, 2, 2);
    bench_start(&bench, replay_create(recording, &(struct replay_options){0}));
    sim_run_before(bench.sim, TICK_NEVER);
    assert_int_equal(bench.finished, 1);
    host_check(bench.host);
    const struct kind_stats *writes = &bench.stats.kinds[IO_WRITE];
    tick_t steps = vwc == 1 && io_status == 0 ? 2 : 1;
    assert_int_equal(writes->count, 2);
    assert_int_equal(bench.stats.kinds[IO_FLUSH].count, 0);
    if (queue_depth > 1)
        assert_int_equal(writes->latency_max, steps * bench.device->service_time);
    bench_destroy(&bench);
    forget_trace();
    return seen;
}

static void test_data_wait_for_their_preflush(void **state)
{
    (void)state;
    struct steps_seen seen = play_preflush(1, 8, 0);
    static const uint8_t cached[] = {NVME_IO_FLUSH, NVME_IO_WRITE, NVME_IO_WRITE};
    assert_int_equal(seen.count, 3);
    assert_memory_equal(seen.opcodes, cached, 3);
    assert_int_equal(seen.at[0], 0);
    assert_int_equal(seen.at[1], 0); // the other request does not wait
    assert_true(seen.at[2] > 0);
    seen = play_preflush(1, 1, 0); // one tag for all: the data queue up behind the other request
    assert_int_equal(seen.count, 3);
    assert_memory_equal(seen.opcodes, cached, 3);
    seen = play_preflush(0, 8, 0);
    assert_int_equal(seen.count, 2); // no cache, nothing to flush
    seen = play_preflush(1, 8, NVME_SC_INTERNAL);
    assert_int_equal(seen.count, 2); // a failed flush ends its request
    assert_int_equal(seen.opcodes[0], NVME_IO_FLUSH);
}

// Linux 6.1, nvme_setup_write_zeroes and nvme_config_discard: DEAC where deallocated blocks read as zeroes, and may.
static void see_zeroes(void *context, uint32_t queue, const struct nvme_sqe *sqe)
{
    (void)queue;
    assert_int_equal(sqe->opcode, NVME_IO_WRITE_ZEROES);
    *(uint32_t *)context = sqe->cdw12;
}

static void test_zeroes_are_deallocated_where_that_reads_as_zeroes(void **state)
{
    (void)state;
    static const struct {
        uint8_t dlfeat;
        bool deallocates;
    } rows[] = {{0, false}, {1, false}, {8, false}, {8 | 2, false}, {8 | 1, true}};
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct bench bench;
        uint32_t cdw12 = 0;
        bench_init(&bench);
        bench.device->ns.dlfeat = rows[i].dlfeat;
        bench.device->on_io = see_zeroes;
        bench.device->context = &cdw12;
        struct trace_request request = data(IO_WRITE_ZEROES, 0, 4);
        record_requests(&request, 1, 92);
        bench_start(&bench, replay_create(recording, &(struct replay_options){0}));
        sim_run_before(bench.sim, TICK_NEVER);
        assert_int_equal(bench.finished, 1);
        assert_int_equal(cdw12, 31 | (rows[i].deallocates ? NVME_RW_DEAC : 0));
        bench_destroy(&bench);
        forget_trace();
    }
}

// --- the registry --------------------------------------------------------------------------------------------------

static void test_every_registered_workload_is_complete(void **state)
{
    (void)state;
    assert_true(workload_registry_count >= 2);
    for (size_t i = 0; i < workload_registry_count; i++) {
        const struct workload_ops *ops = workload_registry[i].ops;
        assert_true(ops->name != NULL && ops->help != NULL);
        assert_true(ops->check && ops->start && ops->arrival && ops->next && ops->destroy);
        for (const struct workload_option *o = workload_registry[i].options; o->name != NULL; o++)
            assert_true(o->type != NULL && o->fallback != NULL && strlen(o->help) > 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests_arrive_at_recorded_times_on_their_cpus_queue),
        cmocka_unit_test(test_speed_divides_recorded_times_exactly),
        cmocka_unit_test(test_a_replay_at_recorded_times_says_how_late_it_is),
        cmocka_unit_test(test_what_would_arrive_after_the_end_of_time_does_not),
        cmocka_unit_test(test_speed_is_parsed_without_rounding),
        cmocka_unit_test(test_a_closed_loop_keeps_the_depth_full_and_the_order),
        cmocka_unit_test(test_a_closed_loop_thinks_before_each_request),
        cmocka_unit_test(test_recorded_latencies_stand_beside_the_simulated_ones),
        cmocka_unit_test(test_a_recording_larger_than_the_drive_is_an_error_before_the_run),
        cmocka_unit_test(test_wrap_keeps_the_alignment_of_offsets),
        cmocka_unit_test(test_wrap_takes_offsets_modulo_the_capacity),
        cmocka_unit_test(test_scale_keeps_streams_whole_and_shrinks_what_is_between),
        cmocka_unit_test(test_scale_keeps_places_apart_whatever_they_are),
        cmocka_unit_test(test_scale_keeps_offsets_within_a_chunk),
        cmocka_unit_test(test_scale_moves_a_large_trim_by_its_ends),
        cmocka_unit_test(test_scale_knows_what_lies_within_what),
        cmocka_unit_test(test_scale_touches_the_ranges_of_a_trim_only),
        cmocka_unit_test(test_a_trim_that_shrinks_to_nothing_trims_a_block),
        cmocka_unit_test(test_more_than_the_drive_holds_goes_round),
        cmocka_unit_test(test_a_trim_of_several_ranges_is_one_command),
        cmocka_unit_test(test_waiting_trims_keep_their_ranges),
        cmocka_unit_test(test_ranges_are_checked_one_by_one),
        cmocka_unit_test(test_data_wait_for_their_preflush),
        cmocka_unit_test(test_zeroes_are_deallocated_where_that_reads_as_zeroes),
        cmocka_unit_test(test_every_registered_workload_is_complete),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
