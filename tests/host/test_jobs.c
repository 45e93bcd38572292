// Several jobs at once: who issues what and when, on a drive that takes 10 us for everything, however much it is given.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench.h"
#include "host/job/jobs.h"
#include "util/macros.h"

enum { SEEN_MAX = 4096 };

// What arrived at the device, by queue: a CPU, and so a job, each.
static struct seen {
    struct bench *bench;
    struct {
        tick_t at[SEEN_MAX]; // since measuring began last
        uint64_t lba[SEEN_MAX];
        uint32_t count;
    } queues[FAKE_QUEUES];
} seen;

static void see(void *context, uint32_t queue, const struct nvme_sqe *sqe)
{
    (void)context;
    uint32_t count = seen.queues[queue].count++;
    if (count == SEEN_MAX)
        fail_msg("too much to see");
    seen.queues[queue].at[count] = sim_now(seen.bench->sim) - seen.bench->origin;
    seen.queues[queue].lba[count] = sqe->cdw10;
}

static void start(struct bench *bench, const char *const *texts, uint32_t count)
{
    bench_init(bench);
    seen = (struct seen){.bench = bench};
    bench->device->on_io = see;
    bench_start(bench, bench_jobs(texts, count));
}

static void finish(struct bench *bench)
{
    sim_run_before(bench->sim, TICK_NEVER);
    assert_null(host_failure(bench->host));
    assert_int_equal(bench->finished, 1);
    host_check(bench->host);
}

static void run(struct bench *bench, const char *const *texts, uint32_t count)
{
    start(bench, texts, count);
    finish(bench);
}

#define RUN(bench, ...) run(bench, (const char *const[]){__VA_ARGS__}, ARRAY_SIZE(((const char *const[]){__VA_ARGS__})))

static const struct command_stats *commands_of(struct bench *bench, uint32_t job)
{
    return host_get_group(bench->host, job).commands;
}

static uint64_t count_of(struct bench *bench, uint32_t job, enum io_kind kind)
{
    return commands_of(bench, job)->kinds[kind].count;
}

static uint64_t count_of_all(struct bench *bench, enum io_kind kind)
{
    return bench->stats.kinds[kind].count;
}

static tick_t time_of(struct bench *bench, uint32_t job)
{
    return commands_of(bench, job)->end - commands_of(bench, job)->origin;
}

// --- statistics ----------------------------------------------------------------------------------------------------

static void test_each_job_is_measured_beside_the_whole(void **state)
{
    (void)state;
    struct bench bench;
    RUN(&bench, "rw=randread number_ios=30", "rw=randwrite bs=8k number_ios=50 iodepth=2 name=writer");
    assert_int_equal(host_group_count(bench.host), 2);
    assert_string_equal(host_get_group(bench.host, 0).name, "job1");
    assert_string_equal(host_get_group(bench.host, 1).name, "writer");
    assert_string_equal(host_get_group(bench.host, 0).text, "rw=randread number_ios=30");
    assert_int_equal(count_of(&bench, 0, IO_READ), 30);
    assert_int_equal(count_of(&bench, 0, IO_WRITE), 0);
    assert_int_equal(count_of(&bench, 1, IO_WRITE), 50);
    assert_int_equal(commands_of(&bench, 1)->kinds[IO_WRITE].bytes, 50 * 8192);
    assert_int_equal(bench.stats.kinds[IO_READ].count, 30);
    assert_int_equal(bench.stats.kinds[IO_WRITE].count, 50);
    // Each over its own time: 30 of 10 us one by one, 50 by twos; the whole until the last of all.
    assert_int_equal(time_of(&bench, 0), 300 * TICKS_PER_US);
    assert_int_equal(time_of(&bench, 1), 250 * TICKS_PER_US);
    assert_int_equal(bench.stats.end - bench.stats.origin, 300 * TICKS_PER_US);
    assert_int_equal(workload_request_count(bench.workload), 80);
    assert_int_equal(host_requests_done(bench.host), 80);
    bench_destroy(&bench);
}

static void test_a_single_job_is_the_whole(void **state)
{
    (void)state;
    struct bench bench;
    RUN(&bench, "rw=randread number_ios=30 name=alone");
    assert_int_equal(host_group_count(bench.host), 0);
    assert_int_equal(bench.stats.kinds[IO_READ].count, 30);
    bench_destroy(&bench);
}

static void test_clones_of_a_job_are_measured_together_on_cpus_of_their_own(void **state)
{
    (void)state;
    struct bench bench;
    RUN(&bench, "rw=randread numjobs=2 number_ios=10", "rw=randread number_ios=7", "rw=randread number_ios=5");
    assert_int_equal(count_of(&bench, 0, IO_READ), 20);
    const uint32_t expected[] = {0, 10, 10, 7, 5}; // by queue; 0 is the admin's
    for (uint32_t queue = 1; queue <= 4; queue++)
        assert_int_equal(seen.queues[queue].count, expected[queue]);
    bench_destroy(&bench);
}

static void test_an_open_loop_beside_a_closed_one_says_what_it_was_offered(void **state)
{
    (void)state;
    struct bench bench;
    RUN(&bench, "rw=randread rate_iops=10000 number_ios=101", "rw=randwrite number_ios=100");
    assert_null(host_get_group(bench.host, 1).load);
    const struct host_group_load *load = host_get_group(bench.host, 0).load;
    assert_true(fabs(load->offered_iops - 10100) < 1e-6); // 101 within the 10 ms from the first to the last
    assert_true(fabs(load->offered_mb_s - 10100 * 4096 / 1e6) < 1e-6);
    assert_int_equal(load->most_in_flight, 1);
    assert_int_equal(load->waiting_at_end, 1);
    assert_false(bench.workload->open_loop);
    bench_destroy(&bench);
}

// --- streams -------------------------------------------------------------------------------------------------------

static void test_a_job_more_changes_nobody_elses_requests(void **state)
{
    (void)state;
    struct bench bench;
    static struct seen two;
    RUN(&bench, "rw=randread number_ios=200", "rw=randread number_ios=200");
    two = seen;
    bench_destroy(&bench);
    RUN(&bench, "rw=randread number_ios=200", "rw=randread number_ios=200", "rw=randwrite iodepth=8 number_ios=900");
    assert_int_equal(seen.queues[3].count, 900);
    for (uint32_t queue = 1; queue <= 2; queue++)
        assert_memory_equal(seen.queues[queue].lba, two.queues[queue].lba, 200 * sizeof(uint64_t));
    assert_true(memcmp(two.queues[1].lba, two.queues[2].lba, 200 * sizeof(uint64_t)) != 0);
    bench_destroy(&bench);
    RUN(&bench, "rw=randread number_ios=200"); // alone as beside others
    assert_memory_equal(seen.queues[1].lba, two.queues[1].lba, 200 * sizeof(uint64_t));
    bench_destroy(&bench);
}

// --- times ---------------------------------------------------------------------------------------------------------

static void test_a_job_begins_at_its_startdelay_and_is_measured_from_there(void **state)
{
    (void)state;
    struct bench bench;
    RUN(&bench, "rw=randread number_ios=100", "rw=randread number_ios=20 startdelay=300us",
        "rw=randread rate_iops=100000 number_ios=3 startdelay=55us");
    assert_int_equal(seen.queues[1].at[0], 0);
    assert_int_equal(seen.queues[2].at[0], 300 * TICKS_PER_US);
    assert_int_equal(seen.queues[3].at[0], 55 * TICKS_PER_US);
    assert_int_equal(seen.queues[3].at[2], 75 * TICKS_PER_US);
    assert_int_equal(commands_of(&bench, 1)->origin - bench.origin, 300 * TICKS_PER_US);
    assert_int_equal(time_of(&bench, 1), 200 * TICKS_PER_US);
    assert_int_equal(bench.measured, 1);
    bench_destroy(&bench);
}

static void test_runtime_counts_from_a_jobs_own_beginning(void **state)
{
    (void)state;
    struct bench bench;
    RUN(&bench, "rw=randread time_based runtime=1ms", "rw=randread startdelay=400us time_based runtime=250us");
    assert_int_equal(count_of(&bench, 0, IO_READ), 100);
    assert_int_equal(count_of(&bench, 1, IO_READ), 25);
    assert_int_equal(time_of(&bench, 0), 1000 * TICKS_PER_US);
    assert_int_equal(time_of(&bench, 1), 250 * TICKS_PER_US);
    bench_destroy(&bench);
}

static void test_who_is_done_first_leaves_the_others_going_on(void **state)
{
    (void)state;
    struct bench bench;
    RUN(&bench, "rw=randread time_based runtime=95us", "rw=randread number_ios=50");
    assert_int_equal(count_of(&bench, 0, IO_READ), 10);
    assert_int_equal(time_of(&bench, 0), 100 * TICKS_PER_US); // until its last completion, which is after its runtime
    assert_int_equal(count_of(&bench, 1, IO_READ), 50);
    assert_int_equal(time_of(&bench, 1), 500 * TICKS_PER_US);
    bench_destroy(&bench);
    RUN(&bench, "rw=randread rate_iops=1000 time_based runtime=10500us", "rw=randread number_ios=50");
    assert_int_equal(count_of(&bench, 0, IO_READ), 11);
    assert_int_equal(time_of(&bench, 0), 10500 * TICKS_PER_US); // the clock ended it
    assert_int_equal(time_of(&bench, 1), 500 * TICKS_PER_US);
    assert_int_equal(bench.stats.end - bench.stats.origin, 10500 * TICKS_PER_US);
    bench_destroy(&bench);
}

static void test_exitall_ends_the_others_with_its_last_completion(void **state)
{
    (void)state;
    struct bench bench;
    RUN(&bench, "rw=randread number_ios=50 exitall", "rw=randwrite iodepth=4", "rw=randwrite number_ios=10");
    assert_int_equal(count_of(&bench, 0, IO_READ), 50);
    assert_int_equal(count_of(&bench, 2, IO_WRITE), 10);
    assert_in_range(count_of(&bench, 1, IO_WRITE), 200, 204); // those of 500 us, and what was in flight then
    assert_in_range(time_of(&bench, 1), 500 * TICKS_PER_US, 510 * TICKS_PER_US);
    assert_int_equal(time_of(&bench, 2), 100 * TICKS_PER_US); // it had ended before
    assert_int_equal(workload_request_count(bench.workload), 50);
    assert_int_equal(host_requests_done(bench.host), 50);
    bench_destroy(&bench);
}

// Its last request arrives at 245 us and takes 10.
static void test_exitall_waits_for_what_is_in_flight(void **state)
{
    (void)state;
    struct bench bench;
    RUN(&bench, "rw=randread rate_iops=200000 number_ios=50 exitall", "rw=randwrite rate_iops=1000000 number_ios=3000");
    assert_in_range(count_of(&bench, 1, IO_WRITE), 255, 256);
    bench_destroy(&bench);
}

// --- ramps ---------------------------------------------------------------------------------------------------------

static void test_all_are_measured_from_the_end_of_the_last_ramp(void **state)
{
    (void)state;
    struct bench bench;
    RUN(&bench, "rw=randread number_ios=40 ramp_time=200us startdelay=100us",
        "rw=randread number_ios=50 ramp_time=100us", "rw=randread time_based runtime=1ms");
    assert_int_equal(bench.measured, 2);
    assert_int_equal(seen.queues[1].count, 20 + 40);
    assert_int_equal(seen.queues[2].count, 30 + 50);
    assert_int_equal(seen.queues[3].count, 30 + 100);
    for (uint32_t job = 0; job < 3; job++)
        assert_int_equal(commands_of(&bench, job)->origin, bench.origin);
    assert_int_equal(count_of(&bench, 0, IO_READ), 40);
    assert_int_equal(count_of(&bench, 1, IO_READ), 50);
    assert_int_equal(count_of(&bench, 2, IO_READ), 100);
    assert_int_equal(bench.stats.kinds[IO_READ].count, 190);
    bench_destroy(&bench);
}

static void test_a_ramp_by_requests_is_over_when_each_job_has_issued_its_own(void **state)
{
    (void)state;
    struct bench bench;
    RUN(&bench, "rw=randread number_ios=50 ramp_ios=30", "rw=randread number_ios=40 ramp_ios=10",
        "rw=randread number_ios=20 iodepth=2");
    assert_int_equal(bench.measured, 2);
    assert_int_equal(count_of(&bench, 0, IO_READ), 50);
    assert_int_equal(count_of(&bench, 1, IO_READ), 40);
    assert_int_equal(count_of(&bench, 2, IO_READ), 20);
    // The first job's 30th is issued after 290 us; who issues after it in that moment is measured.
    assert_int_equal(seen.queues[1].count, 30 + 50);
    assert_int_equal(seen.queues[2].count, 29 + 40);
    bench_destroy(&bench);
}

static void test_a_ramp_by_time_and_one_by_requests_are_both_waited_for(void **state)
{
    (void)state;
    struct bench bench;
    RUN(&bench, "rw=randread number_ios=50 ramp_ios=3", "rw=randread number_ios=40 ramp_time=205us");
    assert_int_equal(seen.queues[1].count, 21 + 50);
    assert_int_equal(seen.queues[2].count, 21 + 40);
    assert_int_equal(bench.stats.kinds[IO_READ].count, 90);
    bench_destroy(&bench);
}

// --- rates ---------------------------------------------------------------------------------------------------------

static void test_a_rate_in_bytes_sets_arrivals_by_their_size(void **state)
{
    (void)state;
    struct bench bench;
    RUN(&bench, "rw=write bs=128k rate=500m number_ios=4000", "rw=read bs=4k rate=4096 number_ios=2");
    for (uint64_t n = 0; n < 4000; n++) // 4000 a second: 250 us, exactly
        assert_int_equal(seen.queues[1].at[n], n * 250 * TICKS_PER_US);
    assert_int_equal(seen.queues[2].at[1], TICKS_PER_S);
    bench_destroy(&bench);
}

static void test_a_rate_with_a_depth_waits_for_a_place_and_then_catches_up(void **state)
{
    (void)state;
    struct bench bench;
    start(&bench, (const char *const[]){"rw=randread rate_iops=1000000 iodepth=3 number_ios=90",
                                        "rw=randread rate_iops=50000 iodepth=3 number_ios=90"}, 2);
    finish(&bench);
    // 3 in 10 us each: it is served 0.3 of what it asks for, and never has more in flight.
    for (uint32_t n = 0; n < 90; n++)
        assert_int_equal(seen.queues[1].at[n], (n / 3 * 10 + n % 3) * TICKS_PER_US);
    assert_int_equal(bench.device->queues[1].most_in_flight, 3);
    assert_int_equal(time_of(&bench, 0), 302 * TICKS_PER_US);
    for (uint32_t n = 0; n < 90; n++) // it has always a place
        assert_int_equal(seen.queues[2].at[n], n * 20 * TICKS_PER_US);
    assert_null(host_get_group(bench.host, 0).load);
    bench_destroy(&bench);
}

static void release(void *context)
{
    struct bench *bench = context;
    bench->device->hold = false;
    fake_release(bench->device, 0, bench->device->held_count);
}

static void test_what_a_slow_drive_delayed_is_caught_up_with(void **state)
{
    (void)state;
    struct bench bench;
    start(&bench, (const char *const[]){"rw=randread rate_iops=100000 iodepth=2 number_ios=9",
                                        "rw=write number_ios=1"}, 2);
    bench.device->hold = true;
    sim_at(bench.sim, 100 * TICKS_PER_MS, release, &bench);
    sim_run_before(bench.sim, 100 * TICKS_PER_MS);
    assert_int_equal(seen.queues[1].count, 2); // both places are taken
    finish(&bench);
    // All were due long ago: by twos, as places come free.
    for (uint32_t n = 3; n < 9; n++)
        assert_int_equal(seen.queues[1].at[n] - seen.queues[1].at[2], (n - 2) / 2 * 10 * TICKS_PER_US);
    bench_destroy(&bench);
}

// --- errors --------------------------------------------------------------------------------------------------------

static char *messages(struct diag *diag)
{
    char *text;
    size_t length;
    FILE *to = open_memstream(&text, &length);
    diag_print(diag, to);
    fclose(to);
    return text;
}

static void expect(const char *first, const char *second, const char *message)
{
    struct diag *diag = diag_create();
    assert_null(jobs_create((const char *const[]){first, second}, 2, diag));
    char *text = messages(diag);
    if (strstr(text, message) == NULL)
        fail_msg("'%s' does not say '%s'", text, message);
    free(text);
    diag_destroy(diag);
}

static void test_errors_say_which_job_and_word(void **state)
{
    (void)state;
    expect("rw=randread", "rw=write bss=4k", "--job 2:1:10: error: unknown word 'bss'; did you mean 'bs'?");
    expect("rw=randread iodepth=x", "rw=write bss=4k", "--job 1:1:21: error: 'x' is not a value of iodepth");
    expect("rw=randread iodepth=x", "rw=write bss=4k", "--job 2:1:10");
    expect("rw=randread", "fsync=3", "--job 2:1: error: fsync needs a job that writes");
    expect("name=a", "name=a", "--job: error: jobs 1 and 2 are both called 'a'");
    expect("name=job2", "rw=read", "both called 'job2'");
    expect("name=a.b", "rw=read", "--job 1:1:6: error: 'a.b' is not a value of name");
    expect("rate=4k rate_iops=3", "rw=read", "--job 1:1: error: rate and rate_iops exclude each other");
    expect("rw=read", "lsmm mix=a", "--workload 2:1:1: error: unknown workload 'lsmm'; did you mean 'lsm'?");
    expect("lsm mix=z", "rw=read", "--workload 1:1:9: error: unknown mix 'z'");
    expect("bs=1g rate=1k", "rw=read", "rate is too low for bs");
    expect("startdelay=60d runtime=60d", "rw=read", "at most 100d");
}

static void test_regions_of_all_are_checked_against_the_drive(void **state)
{
    (void)state;
    struct diag *diag = diag_create();
    struct workload *workload = bench_jobs((const char *const[]){"rw=read offset=2m", "rw=read size=2m"}, 2);
    assert_int_equal(workload_check(workload, 1 << 20, 512, diag), -1);
    char *text = messages(diag);
    assert_non_null(strstr(text, "--job 1:1: error: offset and size"));
    assert_non_null(strstr(text, "--job 2:1: error: offset and size"));
    free(text);
    workload_destroy(workload);
    diag_destroy(diag);
}

// --- phases and pace -----------------------------------------------------------------------------------------------

static void expect_times(uint32_t queue, const unsigned *us, uint32_t count)
{
    assert_int_equal(seen.queues[queue].count, count);
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(seen.queues[queue].at[i] / TICKS_PER_US, us[i]);
}

#define EXPECT_TIMES(queue, ...) \
    expect_times(queue, (const unsigned[]){__VA_ARGS__}, ARRAY_SIZE(((const unsigned[]){__VA_ARGS__})))

static void test_a_stonewall_waits_for_all_before_it_and_is_measured_by_itself(void **state)
{
    (void)state;
    struct bench bench;
    RUN(&bench, "rw=randread number_ios=3", "rw=randread number_ios=5", "rw=randread number_ios=4 ramp_time=15us stonewall",
        "rw=randread number_ios=2");
    EXPECT_TIMES(1, 0, 10, 20);
    EXPECT_TIMES(3, 50, 60, 70, 80, 90, 100); // of which two are its ramp's
    EXPECT_TIMES(4, 50, 60);
    assert_int_equal(count_of(&bench, 2, IO_READ), 4);
    assert_int_equal(time_of(&bench, 2), 45 * TICKS_PER_US); // from 65 to 110
    assert_int_equal(count_of(&bench, 3, IO_READ), 2);
    assert_int_equal(time_of(&bench, 3), 20 * TICKS_PER_US);
    assert_int_equal(bench.stats.kinds[IO_READ].count, 14);
    bench_destroy(&bench);
}

static void test_a_phase_begins_when_the_time_of_the_one_before_it_is_up(void **state)
{
    (void)state;
    struct bench bench;
    RUN(&bench, "rw=randread rate_iops=100000 iodepth=1 runtime=35us", "rw=randread number_ios=2 stonewall",
        "rw=randread number_ios=1 startdelay=7us stonewall");
    EXPECT_TIMES(1, 0, 10, 20, 30);
    EXPECT_TIMES(2, 40, 50);
    EXPECT_TIMES(3, 67);
    bench_destroy(&bench);
}

static void test_exitall_ends_its_phase_alone(void **state)
{
    (void)state;
    struct bench bench;
    RUN(&bench, "rw=randread number_ios=3 exitall", "rw=randread number_ios=50", "rw=randread number_ios=2 stonewall");
    EXPECT_TIMES(2, 0, 10, 20);
    EXPECT_TIMES(3, 30, 40);
    bench_destroy(&bench);
}

static void test_think_time_comes_after_requests_that_are_done(void **state)
{
    (void)state;
    struct bench bench;
    RUN(&bench, "rw=randread number_ios=3 thinktime=30");
    EXPECT_TIMES(1, 0, 40, 80);
    bench_destroy(&bench);
    RUN(&bench, "rw=randread number_ios=6 thinktime=30us thinktime_blocks=2 iodepth=2");
    EXPECT_TIMES(1, 0, 0, 10, 50, 50, 90); // the third had been issued before two were done
    bench_destroy(&bench);
    RUN(&bench, "rw=randread number_ios=5 thinktime=30us thinktime_blocks=2 iodepth=4 thinktime_blocks_type=issue");
    EXPECT_TIMES(1, 0, 0, 40, 40, 80);
    bench_destroy(&bench);
}

// Two in flight from 3 us on, which are done at 10 and at 13.
static void test_completions_are_taken_in_batches(void **state)
{
    (void)state;
    struct bench bench;
    RUN(&bench, "rw=randread bs=4k rate_iops=333333 iodepth=2 number_ios=4 norandommap=0");
    EXPECT_TIMES(1, 0, 3, 10, 13);
    bench_destroy(&bench);
    RUN(&bench, "rw=randread bs=4k rate_iops=333333 iodepth=2 number_ios=4 iodepth_batch_complete_min=2");
    EXPECT_TIMES(1, 0, 3, 13, 13);
    bench_destroy(&bench);
    RUN(&bench, "rw=randread bs=4k rate_iops=333333 iodepth=3 number_ios=5 iodepth_low=1");
    EXPECT_TIMES(1, 0, 3, 6, 13, 13); // of 0, 3 and 6 one is left at 13
    bench_destroy(&bench);
}

// Reads at 100 us, writes at 50: twice as many, whatever is drawn.
static void test_each_direction_has_its_own_rate(void **state)
{
    (void)state;
    struct bench bench;
    RUN(&bench, "rw=randrw rate_iops=10000,20000 iodepth=8 runtime=2ms time_based");
    assert_int_equal(count_of_all(&bench, IO_READ), 20);
    assert_int_equal(count_of_all(&bench, IO_WRITE), 40);
    bench_destroy(&bench);
}

static void test_a_last_flush_comes_when_all_is_done(void **state)
{
    (void)state;
    struct bench bench;
    RUN(&bench, "rw=randwrite number_ios=3 iodepth=2 end_fsync");
    EXPECT_TIMES(1, 0, 0, 10, 20);
    assert_int_equal(bench.stats.kinds[IO_FLUSH].count, 1);
    bench_destroy(&bench);
}

// Depths of 1, 2 and 4 for a window each, the last of which is measured anew once nothing is in flight.
static void test_what_comes_before_a_depth_is_found_is_not_measured(void **state)
{
    (void)state;
    struct bench bench;
    RUN(&bench, "rw=randread latency_target=50us latency_window=100us iodepth=4");
    assert_int_equal(bench.stats.kinds[IO_READ].count, 40);
    assert_int_equal(host_get_stats(bench.host)->most_in_flight, 4);
    assert_int_equal(bench.stats.end - bench.stats.origin, 100 * TICKS_PER_US);
    bench_destroy(&bench);
    RUN(&bench, "rw=randread latency_target=50us latency_window=100us iodepth=4 runtime=150us"); // before it is found
    assert_int_equal(bench.stats.kinds[IO_READ].count, 0);
    bench_destroy(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_job_is_measured_beside_the_whole),
        cmocka_unit_test(test_a_stonewall_waits_for_all_before_it_and_is_measured_by_itself),
        cmocka_unit_test(test_a_phase_begins_when_the_time_of_the_one_before_it_is_up),
        cmocka_unit_test(test_exitall_ends_its_phase_alone),
        cmocka_unit_test(test_think_time_comes_after_requests_that_are_done),
        cmocka_unit_test(test_completions_are_taken_in_batches),
        cmocka_unit_test(test_each_direction_has_its_own_rate),
        cmocka_unit_test(test_a_last_flush_comes_when_all_is_done),
        cmocka_unit_test(test_what_comes_before_a_depth_is_found_is_not_measured),
        cmocka_unit_test(test_a_single_job_is_the_whole),
        cmocka_unit_test(test_clones_of_a_job_are_measured_together_on_cpus_of_their_own),
        cmocka_unit_test(test_an_open_loop_beside_a_closed_one_says_what_it_was_offered),
        cmocka_unit_test(test_a_job_more_changes_nobody_elses_requests),
        cmocka_unit_test(test_a_job_begins_at_its_startdelay_and_is_measured_from_there),
        cmocka_unit_test(test_runtime_counts_from_a_jobs_own_beginning),
        cmocka_unit_test(test_who_is_done_first_leaves_the_others_going_on),
        cmocka_unit_test(test_exitall_ends_the_others_with_its_last_completion),
        cmocka_unit_test(test_exitall_waits_for_what_is_in_flight),
        cmocka_unit_test(test_all_are_measured_from_the_end_of_the_last_ramp),
        cmocka_unit_test(test_a_ramp_by_requests_is_over_when_each_job_has_issued_its_own),
        cmocka_unit_test(test_a_ramp_by_time_and_one_by_requests_are_both_waited_for),
        cmocka_unit_test(test_a_rate_in_bytes_sets_arrivals_by_their_size),
        cmocka_unit_test(test_a_rate_with_a_depth_waits_for_a_place_and_then_catches_up),
        cmocka_unit_test(test_what_a_slow_drive_delayed_is_caught_up_with),
        cmocka_unit_test(test_errors_say_which_job_and_word),
        cmocka_unit_test(test_regions_of_all_are_checked_against_the_drive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
