// When requests of a recording are issued: schedules by hand, on a device that takes the same time for each.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench.h"
#include "fake_trace.h"
#include "host/job/jobs.h"
#include "host/replay/replay.h"
#include "util/macros.h"

#define US TICKS_PER_US

enum { STEPS_MAX = 64 };

// A recorded request, in microseconds: of whom, when, for how long; and when it is to come here.
struct step {
    uint32_t pid, at, latency, expected;
};

#define UNKNOWN UINT32_MAX

static struct trace recording;
static struct trace_request requests[STEPS_MAX];

struct seen {
    struct bench *bench;
    tick_t at[4 * STEPS_MAX]; // by the request's place in the recording
    uint32_t count;
};

static void see(void *context, uint32_t queue, const struct nvme_sqe *sqe)
{
    struct seen *seen = context;
    (void)queue;
    seen->at[sqe->cdw10 / 8 + seen->count / recording.info.requests * STEPS_MAX] =
        sim_now(seen->bench->sim) - seen->bench->origin;
    seen->count++;
}

static void record_into(struct trace *trace, struct trace_request *into, const struct step *steps, uint32_t count)
{
    *trace = (struct trace){.requests = into, .info = {.path = "memory", .requests = count, .granularity = 4096}};
    trace->info.end_offset = STEPS_MAX * 4096;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t latency_ns = steps[i].latency == UNKNOWN ? TRACE_LATENCY_UNKNOWN : steps[i].latency * UINT64_C(1000);
        into[i] = (struct trace_request){
            .time_ns = steps[i].at * UINT64_C(1000), .offset = i * 4096, .bytes = 4096, .latency_ns = latency_ns,
            .kind = IO_READ, .pid = steps[i].pid, .cpu = steps[i].pid % 2};
        trace->info.completed += latency_ns != TRACE_LATENCY_UNKNOWN;
    }
}

static void record(const struct step *steps, uint32_t count)
{
    record_into(&recording, requests, steps, count);
}

static struct pace_stats play(struct seen *seen, uint32_t service_us, const struct replay_options *options)
{
    struct bench bench;
    bench_init(&bench);
    *seen = (struct seen){.bench = &bench};
    bench.device->service_time = service_us * US;
    bench.device->on_io = see;
    bench.device->context = seen;
    struct workload *workload = replay_create(&recording, options);
    struct diag *diag = diag_create();
    assert_int_equal(workload_check(workload, STEPS_MAX * 4096, 512, diag), 0);
    diag_destroy(diag);
    bench_start(&bench, workload);
    sim_run_before(bench.sim, TICK_NEVER);
    assert_null(host_failure(bench.host));
    assert_int_equal(bench.finished, 1);
    host_check(bench.host);
    struct pace_stats stats = *replay_get_stats(workload);
    bench_destroy(&bench);
    return stats;
}

static struct pace_stats check(const struct step *steps, uint32_t count, uint32_t service_us,
                               const struct replay_options *options)
{
    struct seen seen;
    record(steps, count);
    struct pace_stats stats = play(&seen, service_us, options);
    assert_int_equal(seen.count, count);
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(seen.at[i], steps[i].expected * US);
    return stats;
}

static const struct replay_options dependencies = {.mode = REPLAY_DEPENDENCIES};

// --- recorded times with a bound -----------------------------------------------------------------------------------

// Two in flight at most, each of which takes 30 us: the third waits 10 us for the first, the fourth 30, and the fifth
// comes when all is over.
static void test_a_bound_holds_up_what_is_due_and_no_more(void **state)
{
    (void)state;
    const struct step steps[] = {{1, 0, 5, 0}, {1, 10, 5, 10}, {1, 20, 5, 30}, {1, 30, 5, 40}, {1, 500, 5, 500}};
    struct pace_stats stats = check(steps, 5, 30, &(struct replay_options){.mode = REPLAY_TIMES, .iodepth = 2});
    assert_int_equal(stats.late, 2);
    assert_int_equal(stats.late_mean, 10 * US);
    assert_int_equal(stats.late_max, 10 * US);
}

static void test_a_bound_that_is_not_reached_changes_nothing(void **state)
{
    (void)state;
    const struct step steps[] = {{1, 0, 5, 0}, {1, 10, 5, 10}, {1, 20, 5, 20}, {1, 25, 5, 25}};
    struct pace_stats stats = check(steps, 4, 12, &(struct replay_options){.mode = REPLAY_TIMES, .iodepth = 3});
    assert_int_equal(stats.late, 0);
    assert_int_equal(stats.late_max, 0);
}

// --- dependencies --------------------------------------------------------------------------------------------------

// 7 us, then 20 us, after each completion.
static void test_one_request_at_a_time_keeps_its_think_times(void **state)
{
    (void)state;
    const struct step steps[] = {{1, 3, 10, 3}, {1, 20, 10, 110}, {1, 50, 10, 230}, {1, 67, 10, 337}};
    struct pace_stats stats = check(steps, 4, 100, &dependencies);
    assert_int_equal(stats.threads, 1);
    assert_int_equal(stats.waits_none, 1);
    assert_int_equal(stats.waits_all, 3);
    assert_int_equal(stats.late + stats.unfollowed + stats.unseen, 0);
}

// At twice the speed the host thinks half as long.
static void test_speed_divides_think_times(void **state)
{
    (void)state;
    const struct step steps[] = {{1, 4, 10, 2}, {1, 20, 10, 105}, {1, 50, 10, 215}};
    check(steps, 3, 100, &(struct replay_options){.mode = REPLAY_DEPENDENCIES, .speed = {2, 1}});
}

// Four that are answered one after the other, then 15 us, then the next four: whoever asks for all at once has waited
// for the last.
static void test_a_batch_waits_for_all_of_the_one_before_it(void **state)
{
    (void)state;
    const struct step steps[] = {{1, 0, 10, 0},   {1, 0, 20, 0},   {1, 0, 30, 0},   {1, 0, 40, 0},
                                 {1, 55, 10, 115}, {1, 55, 20, 115}, {1, 55, 30, 115}, {1, 55, 40, 115},
                                 {1, 110, 9, 230}, {1, 110, 9, 230}, {1, 111, 9, 231}, {1, 112, 9, 232}};
    struct pace_stats stats = check(steps, 12, 100, &dependencies);
    assert_int_equal(stats.waits_all, 8);
}

// Two clients behind one thread, each of which thinks 100 us after its own answer: here their answers come 200 us later
// than then. The first two decisions know of nothing yet, and are right all the same.
static void test_clients_behind_one_thread_think_beside_each_other(void **state)
{
    (void)state;
    const struct step steps[] = {{1, 0, 50, 0},     {1, 30, 50, 30},    {1, 150, 50, 350}, {1, 180, 50, 380},
                                 {1, 300, 50, 700}, {1, 330, 50, 730},  {1, 450, 50, 1050}, {1, 480, 50, 1080}};
    struct pace_stats stats = check(steps, 8, 250, &dependencies);
    assert_int_equal(stats.waits_none, 2);
    assert_int_equal(stats.waits_one, 4);
}

// Four are answered at once, and the thread takes 10 us for each before it asks again: twice as slow a drive makes no
// such rounds shorter or longer, but each one's own.
static void test_a_busy_thread_takes_its_time_for_each_answer(void **state)
{
    (void)state;
    const struct step steps[] = {{1, 0, 20, 0},   {1, 0, 20, 0},   {1, 0, 20, 0},    {1, 0, 20, 0},
                                 {1, 30, 20, 50}, {1, 40, 20, 60}, {1, 50, 20, 70},  {1, 60, 20, 80},
                                 {1, 70, 20, 100}, {1, 80, 20, 110}, {1, 90, 20, 120}, {1, 100, 20, 130}};
    struct pace_stats stats = check(steps, 12, 40, &dependencies);
    assert_true(stats.waits_turn > 0);
}

// The second thread begins 5 us after the first one's second answer, and goes its own way from then on.
static void test_a_thread_begins_after_what_was_complete_and_waits_for_itself_then(void **state)
{
    (void)state;
    const struct step steps[] = {{1, 0, 10, 0},   {1, 10, 10, 50}, {2, 25, 40, 105}, {1, 30, 10, 110},
                                 {1, 50, 10, 170}, {2, 66, 10, 156}, {2, 80, 10, 210}};
    struct pace_stats stats = check(steps, 7, 50, &dependencies);
    assert_int_equal(stats.threads, 2);
    assert_int_equal(stats.waits_any, 1);
    assert_int_equal(stats.waits_all, 5);
}

// As one thread, or by CPU, which the two share with nobody, too.
static void test_threads_may_be_all_or_those_of_a_cpu(void **state)
{
    (void)state;
    const struct step as_one[] = {{1, 0, 10, 0}, {2, 12, 10, 52}, {1, 24, 10, 104}, {2, 36, 10, 156}};
    const struct step by_cpu[] = {{1, 0, 10, 0}, {3, 12, 10, 52}, {2, 12, 10, 52}, {4, 24, 10, 104}};
    struct replay_options options = dependencies;
    options.threads = REPLAY_THREADS_ONE;
    assert_int_equal(check(as_one, 4, 50, &options).threads, 1);
    options.threads = REPLAY_THREADS_CPU;
    assert_int_equal(check(by_cpu, 4, 50, &options).threads, 2);
}

// The fourth waits for an answer that comes early here, while the third still thinks.
static void test_a_thread_does_not_overtake_itself(void **state)
{
    (void)state;
    const struct step steps[] = {{1, 0, 10, 0}, {1, 0, 105, 0}, {1, 100, 10, 110}, {1, 106, 10, 110}};
    check(steps, 4, 20, &dependencies);
}

// The second's completion is not recorded: the third waits for the first alone, and the fourth for two.
static void test_a_request_without_completion_counts_for_nobody(void **state)
{
    (void)state;
    const struct step steps[] = {{1, 0, 10, 0}, {1, 5, UNKNOWN, 5}, {1, 12, 10, 52}, {1, 25, 10, 105}};
    assert_int_equal(check(steps, 4, 50, &dependencies).unfollowed, 1);
}

static void test_what_is_due_waits_for_a_place(void **state)
{
    (void)state;
    const struct step steps[] = {{1, 0, 10, 0}, {2, 0, 10, 100}, {1, 15, 10, 200}, {2, 16, 10, 300}};
    struct replay_options options = dependencies;
    options.iodepth = 1;
    assert_int_equal(check(steps, 4, 100, &options).late, 3);
}

// With two requests in view the first thread's second one comes into it when one of the second thread's has left, at
// 70 us; it would have been due at 61.
static void test_what_is_not_in_view_waits_and_is_counted(void **state)
{
    (void)state;
    struct step steps[] = {{1, 0, 50, 0}, {2, 0, 10, 0}, {2, 30, 10, 70}, {2, 60, 10, 140}, {1, 61, 10, 70}};
    struct replay_options options = dependencies;
    options.window = 2;
    struct pace_stats stats = check(steps, 5, 50, &options);
    assert_int_equal(stats.unseen, 1);
    assert_int_equal(stats.late, 0);
    options.window = 0;
    steps[4].expected = 61;
    assert_int_equal(check(steps, 5, 50, &options).unseen, 0);
}

static int check_recording(const struct replay_options *options)
{
    struct diag *diag = diag_create();
    struct workload *workload = replay_create(&recording, options);
    int result = workload_check(workload, STEPS_MAX * 4096, 512, diag);
    workload_destroy(workload);
    diag_destroy(diag);
    return result;
}

static void test_without_completions_nothing_is_known_to_wait(void **state)
{
    (void)state;
    const struct step steps[] = {{1, 0, UNKNOWN, 0}, {1, 5, UNKNOWN, 5}};
    record(steps, 2);
    assert_int_equal(check_recording(&dependencies), -1);
    assert_int_equal(check_recording(&(struct replay_options){0}), 0);
}

// --- loops and ramps -----------------------------------------------------------------------------------------------

// The recording's last request is complete at 45 us: so much later is each of the second loop.
static void test_times_go_on_from_loop_to_loop(void **state)
{
    (void)state;
    const struct step steps[] = {{1, 0, 5, 0}, {1, 15, 5, 15}, {1, 40, 5, 40}};
    struct seen seen;
    record(steps, 3);
    play(&seen, 10, &(struct replay_options){.loops = 3});
    assert_int_equal(seen.count, 9);
    for (uint32_t i = 0; i < 9; i++)
        assert_int_equal(seen.at[i % 3 + i / 3 * STEPS_MAX], (steps[i % 3].at + 45 * (i / 3)) * US);
}

// A second loop waits for the first as it goes on: the thread asks at once, since a loop ends with the last answer.
static void test_dependencies_reach_over_the_end_of_a_loop(void **state)
{
    (void)state;
    const struct step steps[] = {{1, 0, 8, 0}, {1, 20, 8, 112}};
    struct seen seen;
    record(steps, 2);
    play(&seen, 100, &(struct replay_options){.mode = REPLAY_DEPENDENCIES, .loops = 2});
    assert_int_equal(seen.count, 4);
    assert_int_equal(seen.at[1], 112 * US);
    assert_int_equal(seen.at[STEPS_MAX], 212 * US);
    assert_int_equal(seen.at[STEPS_MAX + 1], 324 * US);
}

static uint64_t measured(const struct replay_options *options)
{
    static const struct step steps[] = {{1, 0, 5, 0}, {1, 10, 5, 10}, {1, 20, 5, 20}, {1, 30, 5, 30}};
    struct bench bench;
    record(steps, 4);
    bench_init(&bench);
    bench_start(&bench, replay_create(&recording, options));
    sim_run_before(bench.sim, TICK_NEVER);
    host_check(bench.host);
    uint64_t count = bench.stats.kinds[IO_READ].count;
    bench_destroy(&bench);
    return count;
}

static void test_a_ramp_is_not_measured(void **state)
{
    (void)state;
    assert_int_equal(measured(&(struct replay_options){0}), 4);
    assert_int_equal(measured(&(struct replay_options){.ramp_ios = 3}), 1);
    assert_int_equal(measured(&(struct replay_options){.ramp_time = 10 * US}), 3);
    assert_int_equal(measured(&(struct replay_options){.ramp_time = 10 * US + 1}), 2);
}

// --- several at once -----------------------------------------------------------------------------------------------

struct landed {
    struct bench *bench;
    tick_t at[16];
    uint64_t chunk[16];
    uint32_t count;
};

static void see_place(void *context, uint32_t queue, const struct nvme_sqe *sqe)
{
    struct landed *places = context;
    (void)queue;
    assert_true(places->count < ARRAY_SIZE(places->at));
    places->at[places->count] = sim_now(places->bench->sim);
    places->chunk[places->count++] = sqe->cdw10 / 8;
}

static const struct step first_steps[] = {{1, 0, 5, 0}, {1, 10, 5, 0}, {1, 20, 5, 0}},
                         second_steps[] = {{1, 5, 5, 0}, {1, 15, 5, 0}};

// Two recordings as one load each, of a drive of 1000 chunks.
static struct workload *play_two(struct bench *bench, struct landed *places, struct trace traces[2],
                                 const struct replay_options options[2])
{
    static struct trace_request of_first[STEPS_MAX], of_second[STEPS_MAX];
    struct diag *diag = diag_create();
    record_into(&traces[0], of_first, first_steps, ARRAY_SIZE(first_steps));
    record_into(&traces[1], of_second, second_steps, ARRAY_SIZE(second_steps));
    const struct load_part parts[] = {{replay_create(&traces[0], &options[0]), "the first"},
                                      {replay_create(&traces[1], &options[1]), "the second"}};
    struct workload *workload = jobs_beside(parts, 2, diag);
    assert_non_null(workload);
    assert_int_equal(workload_check(workload, 1000 * 4096, 512, diag), 0);
    bench_init(bench);
    bench->device->ns.nsze = 1000 * 8;
    bench->device->on_io = see_place;
    bench->device->context = places;
    *places = (struct landed){.bench = bench};
    bench_start(bench, workload);
    sim_run_before(bench->sim, TICK_NEVER);
    assert_int_equal(bench->finished, 1);
    host_check(bench->host);
    diag_destroy(diag);
    return workload;
}

// In turn by their times, each on its half, and each measured by itself.
static void test_recordings_beside_each_other_have_a_part_of_the_drive_each(void **state)
{
    (void)state;
    struct bench bench;
    struct landed places;
    struct trace traces[2];
    const struct replay_options halves[] = {
        {.name = "a", .region = {.offset = {.numerator = 0, .denominator = 2}, .size = {0, 1, 2}}},
        {.name = "b", .region = {.offset = {.numerator = 1, .denominator = 2}, .size = {0, 1, 2}}}};
    play_two(&bench, &places, traces, halves);
    static const uint64_t chunks[] = {0, 500, 1, 501, 2};
    assert_int_equal(places.count, 5);
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(places.chunk[i], chunks[i]);
        assert_int_equal(places.at[i] - places.at[0], 5 * i * US);
    }
    assert_string_equal(host_get_group(bench.host, 0).name, "a");
    assert_string_equal(host_get_group(bench.host, 1).text, "the second");
    assert_int_equal(host_get_group(bench.host, 0).commands->kinds[IO_READ].count, 3);
    assert_int_equal(host_get_group(bench.host, 1).commands->kinds[IO_READ].count, 2);
    bench_destroy(&bench);
}

// The first's two requests before 12 us, and the second's one, are of one ramp.
static void test_recordings_beside_each_other_have_one_ramp(void **state)
{
    (void)state;
    struct bench bench;
    struct landed places;
    struct trace traces[2];
    const struct replay_options options[] = {{.name = "a", .ramp_time = 12 * US}, {.name = "b"}};
    play_two(&bench, &places, traces, options);
    assert_int_equal(places.count, 5);
    assert_int_equal(bench.stats.kinds[IO_READ].count, 2);
    assert_int_equal(host_get_group(bench.host, 0).commands->kinds[IO_READ].count, 1);
    assert_int_equal(host_get_group(bench.host, 1).commands->kinds[IO_READ].count, 1);
    bench_destroy(&bench);
}

// 64 chunks are recorded; the part has 40, from chunk 100 on.
static void test_what_is_beyond_a_part_is_wrapped_within_it(void **state)
{
    (void)state;
    const struct step steps[] = {{1, 0, 5, 0}, {1, 10, 5, 0}};
    struct replay_options options = {.region = {.offset = {.bytes = 100 * 4096}, .size = {.bytes = 40 * 4096}}};
    struct bench bench;
    struct landed places = {.bench = &bench};
    record(steps, 2);
    requests[1].offset = 63 * 4096;
    assert_int_equal(check_recording(&options), -1); // beyond STEPS_MAX chunks
    options.beyond = REPLAY_BEYOND_WRAP;
    bench_init(&bench);
    bench.device->ns.nsze = 1000 * 8;
    bench.device->on_io = see_place;
    bench.device->context = &places;
    bench_start(&bench, replay_create(&recording, &options));
    sim_run_before(bench.sim, TICK_NEVER);
    assert_int_equal(places.chunk[0], 100);
    assert_int_equal(places.chunk[1], 123);
    bench_destroy(&bench);
}

static void test_a_part_must_lie_within_the_drive(void **state)
{
    (void)state;
    const struct step steps[] = {{1, 0, 5, 0}};
    record(steps, 1);
    recording.info.end_offset = 4096;
    assert_int_equal(check_recording(&(struct replay_options){.region = {.offset = {.bytes = 63 * 4096}}}), 0);
    assert_int_equal(check_recording(&(struct replay_options){.region = {.offset = {.bytes = 64 * 4096}}}), -1);
    assert_int_equal(check_recording(&(struct replay_options){.region = {.offset = {.bytes = 100}}}), -1);
    assert_int_equal(check_recording(&(struct replay_options){
        .region = {.offset = {.numerator = 1, .denominator = 2}, .size = {.bytes = 33 * 4096}}}), -1);
    assert_int_equal(check_recording(&(struct replay_options){
        .region = {.offset = {.numerator = 1, .denominator = 2}, .size = {.bytes = 32 * 4096}}}), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_bound_holds_up_what_is_due_and_no_more),
        cmocka_unit_test(test_a_bound_that_is_not_reached_changes_nothing),
        cmocka_unit_test(test_one_request_at_a_time_keeps_its_think_times),
        cmocka_unit_test(test_speed_divides_think_times),
        cmocka_unit_test(test_a_batch_waits_for_all_of_the_one_before_it),
        cmocka_unit_test(test_clients_behind_one_thread_think_beside_each_other),
        cmocka_unit_test(test_a_busy_thread_takes_its_time_for_each_answer),
        cmocka_unit_test(test_a_thread_begins_after_what_was_complete_and_waits_for_itself_then),
        cmocka_unit_test(test_threads_may_be_all_or_those_of_a_cpu),
        cmocka_unit_test(test_a_thread_does_not_overtake_itself),
        cmocka_unit_test(test_a_request_without_completion_counts_for_nobody),
        cmocka_unit_test(test_what_is_due_waits_for_a_place),
        cmocka_unit_test(test_what_is_not_in_view_waits_and_is_counted),
        cmocka_unit_test(test_without_completions_nothing_is_known_to_wait),
        cmocka_unit_test(test_times_go_on_from_loop_to_loop),
        cmocka_unit_test(test_dependencies_reach_over_the_end_of_a_loop),
        cmocka_unit_test(test_a_ramp_is_not_measured),
        cmocka_unit_test(test_recordings_beside_each_other_have_a_part_of_the_drive_each),
        cmocka_unit_test(test_recordings_beside_each_other_have_one_ramp),
        cmocka_unit_test(test_what_is_beyond_a_part_is_wrapped_within_it),
        cmocka_unit_test(test_a_part_must_lie_within_the_drive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
