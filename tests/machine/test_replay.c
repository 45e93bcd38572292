// A job's own recording, replayed: on the drive that it was recorded on each request comes at its recorded time; on one
// that is twice as slow dependencies give what the job itself reaches there, recorded times and a depth do not.
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/job/job.h"
#include "host/replay/replay.h"
#include "rig.h"
#include "trace/trace_internal.h"
#include "util/alloc.h"
#include "util/macros.h"

// --- a workload that is recorded -----------------------------------------------------------------------------------

enum { RECORDED_MAX = 4000 };

struct recorded {
    struct workload_request request;
    tick_t issued, completed; // since the start
    bool done;
};

struct recorder {
    struct workload base;
    struct workload *inner;
    tick_t begin;
    struct recorded requests[RECORDED_MAX];
    uint32_t count;
};

static struct recorder *recorder_of(const struct workload *workload)
{
    return container_of(workload, struct recorder, base);
}

static int recorder_check(struct workload *workload, const struct workload_drive *drive, struct diag *diag)
{
    struct workload *inner = recorder_of(workload)->inner;
    return inner->ops->check(inner, drive, diag);
}

static void recorder_start(struct workload *workload, const struct workload_start *start)
{
    struct recorder *recorder = recorder_of(workload);
    recorder->begin = start->now;
    recorder->inner->ops->start(recorder->inner, start);
}

static tick_t recorder_arrival(struct workload *workload, tick_t now)
{
    struct workload *inner = recorder_of(workload)->inner;
    return inner->ops->arrival(inner, now);
}

static void recorder_next(struct workload *workload, tick_t now, struct workload_request *request)
{
    struct recorder *recorder = recorder_of(workload);
    recorder->inner->ops->next(recorder->inner, now, request);
    assert_true(recorder->count < RECORDED_MAX);
    recorder->requests[recorder->count++] = (struct recorded){.request = *request, .issued = now - recorder->begin};
}

// Of equal requests under way the first one.
static void recorder_completed(struct workload *workload, tick_t now, const struct workload_request *request)
{
    struct recorder *recorder = recorder_of(workload);
    struct recorded *r = recorder->requests;
    while (r->done || r->request.offset != request->offset || r->request.job != request->job ||
           r->request.kind != request->kind)
        r++;
    r->done = true;
    r->completed = now - recorder->begin;
    recorder->inner->ops->completed(recorder->inner, now, request);
}

static uint64_t recorder_count(const struct workload *workload)
{
    return workload_request_count(recorder_of(workload)->inner);
}

static const struct workload_ops recorder_ops = {
    .name = "recorder",
    .check = recorder_check,
    .start = recorder_start,
    .arrival = recorder_arrival,
    .next = recorder_next,
    .completed = recorder_completed,
    .count = recorder_count,
};

static struct recorder *recorder_create(struct workload *inner)
{
    struct recorder *recorder = xcalloc(1, sizeof *recorder);
    recorder->base = (struct workload){.ops = &recorder_ops, .open_loop = inner->open_loop};
    recorder->inner = inner;
    return recorder;
}

static void recorder_destroy(struct recorder *recorder)
{
    if (recorder->inner != NULL)
        workload_destroy(recorder->inner);
    free(recorder);
}

// Times in picoseconds become whole nanoseconds, as a kernel's clock would cut them.
static char *recording_of(const struct recorder *recorder)
{
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    for (const struct recorded *r = recorder->requests; r < recorder->requests + recorder->count; r++) {
        uint64_t begin = r->issued / TICKS_PER_NS, end = r->completed / TICKS_PER_NS;
        fprintf(to, "%llu %u %u %s %llu %llu %llu\n", (unsigned long long)begin, r->request.cpu, r->request.job + 1,
                io_kind_name(r->request.kind), (unsigned long long)r->request.offset,
                (unsigned long long)r->request.bytes, (unsigned long long)(end - begin));
    }
    fclose(to);
    return text;
}

static struct trace *open_recording(const char *text, struct diag *diag)
{
    struct trace_options options = {
        .format = "columns: time=1:ns cpu=2 pid=3 op=4:read,write,flush offset=5 bytes=6 latency=7:ns zero=start"};
    struct trace *trace = trace_open_memory(diag, "recording", text, strlen(text), &options);
    diag_print(diag, stderr);
    assert_non_null(trace);
    return trace;
}

// --- drives --------------------------------------------------------------------------------------------------------

// Array, channel and the controller's time for a write are all that takes time there.
#define SMALL "nand.channels=2 nand.dies_per_channel=2 nand.blocks_per_plane=80 ftl.write_buffer=1MiB host.cpus=4 "
#define FAST SMALL "nand.t_r=50us nand.t_prog=300us nand.transfer_rate=800MT/s ftl.t_write=2us "
#define SLOW SMALL "nand.t_r=100us nand.t_prog=600us nand.transfer_rate=400MT/s ftl.t_write=4us "

static struct recorder *run(const char *drive, struct workload *workload)
{
    struct rig rig;
    struct recorder *recorder = recorder_create(workload);
    rig_load(&rig, "ideal.yaml", drive);
    rig_open(&rig, &recorder->base);
    rig_run(&rig);
    rig_destroy(&rig);
    return recorder;
}

static struct recorder *run_job(const char *drive, const char *job)
{
    struct diag *diag = diag_create();
    struct workload *workload = job_create(job, diag);
    diag_print(diag, stderr);
    assert_non_null(workload);
    diag_destroy(diag);
    return run(drive, workload);
}

static tick_t duration(const struct recorder *recorder)
{
    tick_t last = 0;
    for (uint32_t i = 0; i < recorder->count; i++)
        last = MAX(last, recorder->requests[i].completed);
    return last;
}

static struct recorder *replay(const char *drive, const char *recording, const struct replay_options *options)
{
    struct diag *diag = diag_create();
    struct trace *trace = open_recording(recording, diag);
    struct recorder *replayed = run(drive, replay_create(trace, options));
    workload_destroy(replayed->inner);
    replayed->inner = NULL;
    trace_close(trace);
    diag_destroy(diag);
    return replayed;
}

// How much more throughput it has than the job itself, in percent.
static double excess(const char *drive, const char *recording, const struct replay_options *options, tick_t own)
{
    struct recorder *replayed = replay(drive, recording, options);
    double percent = 100 * ((double)own / (double)duration(replayed) - 1);
    recorder_destroy(replayed);
    return percent;
}

// How much more throughput the others must have at least, in percent, for the load to tell them apart.
struct load {
    const char *job;
    const char *think; // of the host, which a replay has in its times
    uint32_t depth;    // in all
    double times, with_depth;
};

#define NOTHING (-1.0)

static const struct load loads[] = {
    {"rw=randread bs=4k iodepth=1 number_ios=500", "", 1, 99, NOTHING},
    {"rw=randread bs=4k iodepth=4 number_ios=1000", "", 4, 45, NOTHING},
    {"rw=randread bs=4k iodepth=32 number_ios=2000", "", 32, NOTHING, NOTHING}, // the drive is full in either case
    {"rw=randread bs=4k iodepth=1 number_ios=500", "host.think_time=100us", 1, 35, 90},
    {"rw=randread bs=4k iodepth=4 number_ios=1000", "host.think_time=100us", 4, 45, 35},
    {"rw=randread bs=4k iodepth=32 number_ios=2000", "host.think_time=1ms", 32, 14, 30},
    {"rw=randread bs=4k iodepth=1 thinktime=200us number_ios=500", "", 1, 20, 180},
    {"rw=randread bs=4k iodepth=8 thinktime=500us thinktime_blocks=16 number_ios=1000", "", 8, 39, 110},
    {"rw=randread bs=4k iodepth=32 thinktime=2ms thinktime_blocks=64 number_ios=2000", "", 32, 5, 5},
    {"rw=randrw bs=4k iodepth=16 number_ios=1500", "", 16, NOTHING, NOTHING},
    {"rw=randread bs=4k iodepth=2 numjobs=4 number_ios=400", "", 8, 19, NOTHING},
    {"rw=randread bs=4k iodepth=1 numjobs=4 thinktime=100us number_ios=300", "", 4, 45, 39},
    {"rw=randread bs=4k iodepth=16 iodepth_batch_complete_min=8 number_ios=1000", "", 16, 10, 1},
};

static const struct replay_options dependencies = {.mode = REPLAY_DEPENDENCIES};

static char *record(const struct load *load, const char *drive, tick_t *time)
{
    char changes[512];
    snprintf(changes, sizeof changes, "%s%s", drive, load->think);
    struct recorder *recorded = run_job(changes, load->job);
    char *text = recording_of(recorded);
    *time = duration(recorded);
    recorder_destroy(recorded);
    return text;
}

static void check_load(const struct load *load)
{
    tick_t fast, slow;
    char *text = record(load, FAST, &fast);
    free(record(load, SLOW, &slow));
    double with_times = excess(SLOW, text, &(struct replay_options){0}, slow);
    double with_depth = excess(SLOW, text, &(struct replay_options){.iodepth = load->depth}, slow);
    double with_dependencies = excess(SLOW, text, &dependencies, slow);
    print_message("%s %s: recorded times %+.1f %%, depth %+.1f %%, dependencies %+.2f %%\n", load->job, load->think,
                  with_times, with_depth, with_dependencies);
    assert_true(with_dependencies > -2 && with_dependencies < 2);
    assert_true(with_times > load->times);
    assert_true(with_depth > load->with_depth);
    free(text);
}

static void test_dependencies_give_what_the_job_reaches_on_a_drive_twice_as_slow(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(loads); i++)
        check_load(&loads[i]);
}

// All times of these drives are whole nanoseconds, as those of a recording are.
static void test_on_the_drive_that_it_was_recorded_on_dependencies_are_recorded_times(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(loads); i++) {
        char changes[512];
        snprintf(changes, sizeof changes, "%s%s", FAST, loads[i].think);
        struct recorder *recorded = run_job(changes, loads[i].job);
        char *text = recording_of(recorded);
        struct recorder *replayed = replay(FAST, text, &dependencies);
        assert_int_equal(replayed->count, recorded->count);
        for (uint32_t r = 0; r < recorded->count; r++) {
            assert_int_equal(replayed->requests[r].issued, recorded->requests[r].issued);
            assert_int_equal(replayed->requests[r].completed, recorded->requests[r].completed);
        }
        free(text);
        recorder_destroy(recorded);
        recorder_destroy(replayed);
    }
}

// --- recordings of Linux -------------------------------------------------------------------------------------------

static const char *const shipped[] = {"dd", "dd-direct", "dd-sync", "fio-randread-4k-qd32-libaio",
                                      "fio-randrw70-16k-qd16-uring", "fio-randtrim-64k-qd4", "fio-randwrite-4k-odsync",
                                      "fio-seqread-1m-qd2", "mke2fs", "passthru-flush"};

static void play_shipped(struct trace *trace)
{
    struct rig rig;
    struct workload *workload =
        replay_create(trace, &(struct replay_options){.mode = REPLAY_DEPENDENCIES, .beyond = REPLAY_BEYOND_WRAP});
    rig_load(&rig, "ideal.yaml", SLOW);
    rig_open(&rig, workload);
    rig_run(&rig);
    const struct pace_stats *stats = replay_get_stats(workload);
    assert_int_equal(stats->waits_all + stats->waits_one + stats->waits_turn + stats->waits_any + stats->waits_none,
                     trace_get_info(trace)->requests);
    assert_in_range(stats->waits_none, 1, 4);
    assert_int_equal(stats->late + stats->unseen, 0);
    rig_destroy(&rig);
    workload_destroy(workload);
}

// Whatever waits for whatever, each request comes once.
static void test_all_requests_of_real_recordings_come(void **state)
{
    (void)state;
    const char *folder = getenv("srcdir");
    for (size_t i = 0; i < ARRAY_SIZE(shipped); i++) {
        char path[4096];
        struct diag *diag = diag_create();
        snprintf(path, sizeof path, "%s/traces/%s", folder == NULL ? "." : folder, shipped[i]);
        struct trace *trace = trace_open(diag, path, NULL);
        assert_non_null(trace);
        play_shipped(trace);
        trace_close(trace);
        diag_destroy(diag);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dependencies_give_what_the_job_reaches_on_a_drive_twice_as_slow),
        cmocka_unit_test(test_on_the_drive_that_it_was_recorded_on_dependencies_are_recorded_times),
        cmocka_unit_test(test_all_requests_of_real_recordings_come),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
