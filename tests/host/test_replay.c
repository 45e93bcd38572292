// The trace player: recorded times and any speed exactly, closed loop in recorded order, offsets beyond the drive.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench.h"
#include "host/replay.h"
#include "util/macros.h"

// A recording in memory stands in for the trace room's.
struct trace {
    struct trace_info info;
    struct trace_request *requests;
};

static struct trace *recording;

const struct trace_info *trace_get_info(const struct trace *trace)
{
    return &trace->info;
}

const struct trace_request *trace_get_request(const struct trace *trace, uint64_t index)
{
    assert_true(index < trace->info.requests);
    return &trace->requests[index];
}

static struct trace *record_trace(uint64_t requests)
{
    recording = calloc(1, sizeof *recording);
    recording->requests = calloc(requests, sizeof *recording->requests);
    recording->info = (struct trace_info){.path = "memory", .requests = requests, .end_offset = requests * 4096};
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

static void test_scale_keeps_proportions_and_alignment(void **state)
{
    (void)state;
    static struct witness w;
    struct bench bench;
    bench_init(&bench);
    bench.device->ns.nsze = 100 * 8;
    record_trace(1000);
    play(&bench, &w, &(struct replay_options){.iodepth = 1, .beyond = REPLAY_BEYOND_SCALE});
    for (uint64_t i = 0; i < 1000; i++)
        assert_int_equal(w.lba[i], i / 10 * 8);
    bench_destroy(&bench);
    forget_trace();
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
        cmocka_unit_test(test_speed_is_parsed_without_rounding),
        cmocka_unit_test(test_a_closed_loop_keeps_the_depth_full_and_the_order),
        cmocka_unit_test(test_recorded_latencies_stand_beside_the_simulated_ones),
        cmocka_unit_test(test_a_recording_larger_than_the_drive_is_an_error_before_the_run),
        cmocka_unit_test(test_wrap_takes_offsets_modulo_the_capacity),
        cmocka_unit_test(test_scale_keeps_proportions_and_alignment),
        cmocka_unit_test(test_every_registered_workload_is_complete),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
