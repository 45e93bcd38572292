// Jobs in fio's words: parsing and its errors, ranges, mixes, rates, depths, ramps.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench.h"
#include "host/job/exponential.h"
#include "host/job/job_options.h"
#include "util/macros.h"

// --- parsing -------------------------------------------------------------------------------------------------------

static struct job_options parse(const char *text)
{
    struct diag *diag = diag_create();
    struct job_options options;
    if (job_options_parse(text, "--job", &options, diag) != 0)
        diag_print(diag, stderr);
    assert_int_equal(diag_error_count(diag), 0);
    diag_destroy(diag);
    return options;
}

static void test_words_and_units_are_fios(void **state)
{
    (void)state;
    struct job_options o = parse("rw=randrw bs=16K iodepth=64 number_ios=1m\tnumjobs=4  rwmixread=70 size=1g "
                                 "offset=4mb offset_increment=2t runtime=10 ramp_time=500ms fsync=3");
    assert_int_equal(o.rw, JOB_RANDRW);
    assert_int_equal(o.bs, 16384);
    assert_int_equal(o.iodepth, 64);
    assert_int_equal(o.number_ios, 1 << 20);
    assert_int_equal(o.numjobs, 4);
    assert_int_equal(o.rwmixread, 70);
    assert_int_equal(o.size, 1 << 30);
    assert_int_equal(o.offset, 4 << 20);
    assert_int_equal(o.offset_increment, UINT64_C(2) << 40);
    assert_int_equal(o.runtime, 10 * TICKS_PER_S);
    assert_int_equal(o.ramp_time, 500 * TICKS_PER_MS);
    assert_int_equal(o.fsync, 3);
    o = parse("readwrite=randread blocksize=512 rate_iops=50k rate_process=poisson runtime=2m time_based");
    assert_int_equal(o.rw, JOB_RANDREAD);
    assert_int_equal(o.bs, 512);
    assert_int_equal(o.rate_iops, 51200);
    assert_true(o.rate_process.random);
    assert_int_equal(o.rate_process.count, 0);
    assert_int_equal(o.runtime, 120 * TICKS_PER_S);
    assert_int_equal(o.time_based, 1);
    o = parse("");
    assert_int_equal(o.bs, 4096);
    assert_int_equal(o.iodepth, 1);
    assert_int_equal(o.numjobs, 1);
    assert_int_equal(o.rwmixread, 50);
    assert_int_equal(o.rw, JOB_READ);
}

static void expect_errors(const char *job, unsigned count, const char *message)
{
    struct diag *diag = diag_create();
    char *text;
    size_t length;
    assert_null(job_create(job, diag));
    FILE *to = open_memstream(&text, &length);
    diag_print(diag, to);
    fclose(to);
    if (strstr(text, message) == NULL)
        fail_msg("'%s' does not say '%s'", text, message);
    assert_int_equal(diag_error_count(diag), count);
    free(text);
    diag_destroy(diag);
}

static void test_errors_have_a_place_and_a_suggestion(void **state)
{
    (void)state;
    expect_errors("rw=randread iodepht=4", 1, "--job:1:13: error: unknown word 'iodepht'; did you mean 'iodepth'?");
    expect_errors("rw=ranread", 1, "--job:1:4: error: unknown rw 'ranread'; did you mean 'randread'?");
    expect_errors("bs=4q", 1, "--job:1:4: error: '4q' is not a value of bs: expected a size");
    expect_errors("bs=4kib", 1, "--job:1:4");
    expect_errors("runtime=4k", 1, "expected a time");
    expect_errors("runtime=99999999d", 1, "expected a time");
    expect_errors("ramp_time=101d", 1, "at most 100d");
    expect_errors("number_ios=9999t", 1, "out of range");
    expect_errors("size=99999999999999999999", 1, "expected a size");
    expect_errors("size=16777216t", 1, "expected a size");
    expect_errors("iodepth=0", 1, "out of range");
    expect_errors("rwmixread=101 rw=rw", 1, "out of range");
    expect_errors("iodepth=", 1, "expected a number");
    expect_errors("iodepth", 1, "'iodepth' needs a value");
    expect_errors("iodepth=1 iodepth=2", 1, "--job:1:11: error: 'iodepth' is given twice");
    expect_errors("foo=1 bs=x =", 3, "--job:1:10");
    expect_errors("bs=1000", 1, "multiple of 512");
}

static void test_units_of_a_configuration_are_taken_too(void **state)
{
    (void)state;
    struct diag *diag = diag_create();
    struct job_options options;
    const char *job = "bs=4KiB size=1.5MiB rw=randrw runtime=50us ramp_time=2.5ms";
    assert_int_equal(job_options_parse(job, "--job", &options, diag), 0);
    assert_int_equal(options.bs, 4096);
    assert_int_equal(options.size, 3 << 19);
    assert_int_equal(options.runtime, 50 * TICKS_PER_US);
    assert_int_equal(options.ramp_time, 2500 * TICKS_PER_US);
    diag_destroy(diag);
}

static void test_the_mix_is_given_by_either_of_its_words(void **state)
{
    (void)state;
    struct diag *diag = diag_create();
    struct job_options options;
    assert_int_equal(job_options_parse("rw=randrw rwmixwrite=30", "--job", &options, diag), 0);
    assert_int_equal(options.rwmixread, 70);
    assert_int_equal(job_options_parse("rw=randrw rwmixread=30%", "--job", &options, diag), 0);
    assert_int_equal(options.rwmixread, 30);
    diag_destroy(diag);
    expect_errors("rw=randrw rwmixread=30 rwmixwrite=70", 1, "'rwmixread' is given twice");
    expect_errors("rw=randrw rwmixwrite=101", 1, "out of range");
}

static void test_neutral_words_of_fio_change_nothing_and_others_are_told(void **state)
{
    (void)state;
    struct diag *diag = diag_create();
    struct job_options plain, with;
    assert_int_equal(job_options_parse("rw=randread", "--job", &plain, diag), 0);
    assert_int_equal(job_options_parse("rw=randread ioengine=io_uring direct=1 thread group_reporting "
                                       "filename=/dev/nvme0n1 norandommap randrepeat=1 invalidate=0", "--job", &with, diag), 0);
    assert_memory_equal(&plain, &with, sizeof plain);
    diag_destroy(diag);
    expect_errors("rw=randread direct=0", 1, "direct=0 is not how it is here: there is no page cache");
    expect_errors("rw=randread randrepeat=0", 1, "--seed");
    expect_errors("rw=randread ioengine=psync", 1, "requests are asynchronous");
    expect_errors("rw=randread ioengine=uring", 1, "ioengine=uring");
}

static void test_words_without_effect_are_errors(void **state)
{
    (void)state;
    expect_errors("rw=read rwmixread=50", 1, "rwmixread has a meaning");
    expect_errors("rw=read fsync=1", 1, "fsync needs a job that writes");
    expect_errors("rw=randtrim writefua", 1, "writefua needs a job that writes");
    expect_errors("rate_iops=5 rate=4m", 1, "exclude each other");
    expect_errors("rate_process=poisson", 1, "rate_process needs rate_iops");
    expect_errors("time_based", 1, "time_based needs runtime");
    expect_errors("time_based runtime=1 number_ios=5", 1, "exclude each other");
    expect_errors("ramp_ios=1 ramp_time=1", 1, "exclude each other");
    expect_errors("offset_increment=4k", 1, "needs numjobs");
    expect_errors("ramp_time=60d runtime=41d time_based", 1, "together are out of range: at most 100d");
}

static int check(const char *job, uint64_t capacity, uint32_t block)
{
    struct diag *diag = diag_create();
    struct workload *workload = bench_job(job);
    int result = workload_check(workload, capacity, block, diag);
    assert_int_equal(diag_error_count(diag), result == 0 ? 0 : 1);
    workload_destroy(workload);
    diag_destroy(diag);
    return result;
}

static void test_sizes_are_given_in_percent_of_the_drive_too(void **state)
{
    (void)state;
    assert_int_equal(parse("size=50%").size, JOB_PERCENT | 50);
    expect_errors("size=50.5%", 1, "expected a whole percentage up to 100%");
    expect_errors("offset=101%", 1, "expected a whole percentage up to 100%");
    expect_errors("bs=50%", 1, "expected a size");
    expect_errors("rw=read random_distribution=zipf:1", 1, "random_distribution has a meaning with random jobs only");
    expect_errors("random_distribution=zipf:", 1, "--job:1:21: error: 'zipf:' is not a value of random_distribution");
}

static void test_regions_are_checked_against_the_drive(void **state)
{
    (void)state;
    assert_int_equal(check("size=1m", 1 << 20, 512), 0);
    assert_int_equal(check("size=1m", (1 << 20) - 512, 512), -1);
    assert_int_equal(check("offset=1m", 1 << 20, 512), -1);
    assert_int_equal(check("offset=1020k", 1 << 20, 512), 0);
    assert_int_equal(check("offset=1022k", 1 << 20, 512), -1);
    assert_int_equal(check("size=256k numjobs=4 offset_increment=256k", 1 << 20, 512), 0);
    assert_int_equal(check("size=256k numjobs=5 offset_increment=256k", 1 << 20, 512), -1);
    assert_int_equal(check("size=25% offset=75%", 1 << 20, 512), 0);
    assert_int_equal(check("size=26% offset=75%", 1 << 20, 512), -1);
    assert_int_equal(check("size=25% numjobs=4 offset_increment=25%", 1 << 20, 512), 0);
    assert_int_equal(check("size=25% numjobs=5 offset_increment=25%", 1 << 20, 512), -1);
    assert_int_equal(check("size=0%", 1 << 20, 512), -1);
    assert_int_equal(check("offset=33% size=33%", 1 << 18, 512), 0); // rounded, or it would begin within a block
    assert_int_equal(check("bs=2k", 1 << 20, 4096), -1);
    assert_int_equal(check("offset=2k", 1 << 20, 4096), -1);
}

// --- what is issued ------------------------------------------------------------------------------------------------

struct witness {
    struct bench *bench;
    uint64_t blocks[64];  // how often each 4 KiB block of the first 64
    uint64_t outside;
    uint64_t lba[10000];
    uint8_t opcode[10000];
    tick_t at[10000];
    uint32_t queue[10000];
    uint32_t bytes[10000];
    uint32_t count;
};

static struct witness w;

static void see(void *context, uint32_t queue, const struct nvme_sqe *sqe)
{
    struct witness *witness = context;
    if (sqe->cdw10 < 512 && sqe->cdw10 % 8 == 0)
        witness->blocks[sqe->cdw10 / 8]++;
    else
        witness->outside++;
    if (witness->count == ARRAY_SIZE(witness->lba))
        return;
    witness->at[witness->count] = sim_now(witness->bench->sim) - witness->bench->origin;
    witness->opcode[witness->count] = sqe->opcode;
    witness->queue[witness->count] = queue;
    witness->bytes[witness->count] = 512 * ((sqe->cdw12 & 0xffff) + 1);
    witness->lba[witness->count++] = sqe->cdw10;
}

static void watch(struct bench *bench)
{
    bench_init(bench);
    w = (struct witness){.bench = bench};
    bench->device->on_io = see;
    bench->device->context = &w;
}

// Half the drive from its quarter on; 33 % of it is rounded down to whole requests.
static void test_shares_of_the_drive_are_rounded_down_to_requests(void **state)
{
    (void)state;
    struct bench bench;
    watch(&bench);
    bench.device->ns.nsze = bench.device->ns.ncap = 512; // of 512 bytes
    bench_run_job(&bench, "rw=randread offset=25% size=50% number_ios=3200 iodepth=32");
    for (int block = 0; block < 64; block++)
        assert_true((w.blocks[block] > 0) == (block >= 16 && block < 48));
    bench_destroy(&bench);
    watch(&bench);
    bench.device->ns.nsze = bench.device->ns.ncap = 512;
    bench_run_job(&bench, "rw=read offset=33% size=33%");
    assert_int_equal(w.count, 21);      // of 21.12
    assert_int_equal(w.lba[0], 21 * 8);
    bench_destroy(&bench);
}

static void test_hot_blocks_are_those_of_the_region_for_every_job(void **state)
{
    (void)state;
    struct bench bench;
    uint64_t first[64];
    watch(&bench);
    bench_run_job(&bench, "rw=randread size=256k numjobs=2 number_ios=5000 random_distribution=zipf:1.2");
    memcpy(first, w.blocks, sizeof first);
    bench_destroy(&bench);
    uint64_t hottest = 0, again = 0;
    for (uint64_t block = 0; block < 64; block++)
        hottest = first[block] > first[hottest] ? block : hottest;
    // 1 / sum of k^-1.2, k = 1 .. 64, of the requests: two jobs with a hot block each would have half of that.
    assert_in_range(first[hottest], 2925 - 230, 2925 + 230); // 5 sigma
    watch(&bench);
    bench_run_job(&bench, "rw=randwrite size=256k number_ios=5000 random_distribution=zipf:1.2 iodepth=4");
    for (uint64_t block = 0; block < 64; block++)
        again = w.blocks[block] > w.blocks[again] ? block : again;
    assert_int_equal(again, hottest);
    bench_destroy(&bench);
}

static void count_sizes(const struct bench *bench, uint64_t counts[3])
{
    static const uint64_t sizes[] = {4096, 8192, 65536};
    (void)bench;
    memset(counts, 0, 3 * sizeof *counts);
    for (uint32_t i = 0; i < w.count; i++)
        for (int s = 0; s < 3; s++)
            counts[s] += w.bytes[i] == sizes[s];
}

// Shares within 5 sigma; nothing outside the region, however large; on multiples of the smallest.
static void test_sizes_are_mixed_by_their_shares(void **state)
{
    (void)state;
    struct bench bench;
    uint64_t counts[3];
    watch(&bench);
    bench_run_job(&bench, "rw=randread offset=64k size=128k bssplit=4k/20:64k/30:8k/50 number_ios=5000 iodepth=8");
    count_sizes(&bench, counts);
    assert_int_equal(counts[0] + counts[1] + counts[2], 5000);
    assert_in_range(counts[0], 1000 - 141, 1000 + 141);
    assert_in_range(counts[1], 2500 - 177, 2500 + 177);
    assert_in_range(counts[2], 1500 - 162, 1500 + 162);
    for (uint32_t i = 0; i < w.count; i++) {
        assert_int_equal(w.lba[i] % 8, 0);
        assert_true(w.lba[i] >= 128 && w.lba[i] + w.bytes[i] / 512 <= 384);
    }
    bench_destroy(&bench);
}

static void test_mixed_sizes_follow_each_other_and_take_their_time(void **state)
{
    (void)state;
    struct bench bench;
    watch(&bench);
    bench_run_job(&bench, "rw=read size=256k bssplit=4k/50:64k/50 number_ios=200 rate=4m");
    uint64_t next = 0, bytes = 0;
    for (uint32_t i = 0; i < w.count; i++) {
        bool anew = next + w.bytes[i] / 512 > 512;
        assert_int_equal(w.lba[i], anew ? 0 : next);
        assert_true(w.at[i] - bytes * TICKS_PER_S / (4 << 20) <= 1);
        next = w.lba[i] + w.bytes[i] / 512;
        bytes += w.bytes[i];
    }
    bench_destroy(&bench);
    expect_errors("bssplit=4k/50:64k/50", 1, "bssplit needs number_ios or time_based");
    expect_errors("bs=4k bssplit=4k/50:64k/50 number_ios=1", 1, "bs and bssplit exclude each other");
    expect_errors("bssplit=4k/50:64k/49 number_ios=1", 1, "their percentages, 100 in all");
    expect_errors("bssplit=4k/50:6k/50 number_ios=1", 1, "a multiple of the smallest");
    expect_errors("bssplit=4k:6k number_ios=1", 1, "--job:1:9: error: '4k:6k' is not a value of bssplit");
    assert_int_equal(check("bssplit=4k/50:2m/50 number_ios=1", 1 << 20, 512), -1);
}

static void test_random_blocks_cover_the_region_evenly_and_nothing_else(void **state)
{
    (void)state;
    struct bench bench;
    watch(&bench);
    bench_run_job(&bench, "rw=randread offset=64k size=128k number_ios=64000 iodepth=32");
    assert_int_equal(w.outside, 0);
    for (int block = 0; block < 64; block++) {
        if (block < 16 || block >= 48)
            assert_int_equal(w.blocks[block], 0);
        else
            assert_in_range(w.blocks[block], 2000 - 225, 2000 + 225); // 5 sigma
    }
    bench_destroy(&bench);
}

static void test_sequential_blocks_follow_and_begin_anew(void **state)
{
    (void)state;
    struct bench bench;
    watch(&bench);
    bench_run_job(&bench, "rw=read bs=8k offset=16k size=80k number_ios=25");
    assert_int_equal(w.count, 25);
    for (uint32_t i = 0; i < 25; i++)
        assert_int_equal(w.lba[i], 32 + i % 10 * 16);
    bench_destroy(&bench);
}

static void test_the_number_of_requests_defaults_to_the_regions_blocks(void **state)
{
    (void)state;
    struct bench bench;
    watch(&bench);
    bench_run_job(&bench, "rw=randwrite size=400k numjobs=3");
    assert_int_equal(bench.stats.kinds[IO_WRITE].count, 300);
    bench_destroy(&bench);
}

static void test_the_mix_is_as_asked(void **state)
{
    (void)state;
    struct bench bench;
    watch(&bench);
    bench_run_job(&bench, "rw=randrw rwmixread=70 number_ios=40000 iodepth=16 size=1m");
    uint64_t reads = bench.stats.kinds[IO_READ].count;
    assert_in_range(reads, 28000 - 460, 28000 + 460); // 5 sigma
    assert_int_equal(reads + bench.stats.kinds[IO_WRITE].count, 40000);
    bench_destroy(&bench);
}

static void test_a_sequential_mix_keeps_a_position_for_each_kind(void **state)
{
    (void)state;
    struct bench bench;
    watch(&bench);
    bench_run_job(&bench, "rw=rw number_ios=1000 size=1g");
    uint64_t next[2] = {0, 0};
    for (uint32_t i = 0; i < w.count; i++) {
        uint64_t *position = &next[w.opcode[i] == NVME_IO_WRITE];
        assert_int_equal(w.lba[i], *position);
        *position += 8;
    }
    assert_int_equal(next[0] + next[1], 8000);
    bench_destroy(&bench);
}

static void test_jobs_have_cpus_and_random_numbers_of_their_own(void **state)
{
    (void)state;
    struct bench bench;
    watch(&bench);
    bench_run_job(&bench, "rw=randread number_ios=100 numjobs=2");
    uint64_t alone[100];
    uint32_t count[2] = {0, 0}, same = 0;
    for (uint32_t i = 0; i < w.count; i++) {
        uint32_t job = w.queue[i] - 1;
        assert_in_range(job, 0, 1);
        if (job == 0)
            alone[count[0]] = w.lba[i];
        count[job]++;
        same += i > 0 && w.lba[i] == w.lba[i - 1];
    }
    assert_int_equal(count[0], 100);
    assert_int_equal(count[1], 100);
    assert_true(same < 5);
    bench_destroy(&bench);
    watch(&bench);
    bench_run_job(&bench, "rw=randread number_ios=100"); // job 0's numbers do not depend on the others
    for (uint32_t i = 0; i < 100; i++)
        assert_int_equal(w.lba[i], alone[i]);
    bench_destroy(&bench);
}

// --- loops ---------------------------------------------------------------------------------------------------------

// With constant service s and think time z, depth d, job by job: throughput is d / (s + z) exactly.
static void test_a_closed_loop_is_never_above_its_depth_and_always_full(void **state)
{
    (void)state;
    for (tick_t think = 0; think < 3000000; think += 1234567) {
        struct bench bench;
        watch(&bench);
        bench.config.think_time = think;
        bench_run_job(&bench, "rw=randread iodepth=20 numjobs=2 number_ios=2000");
        assert_int_equal(bench.device->queues[1].most_in_flight, 20);
        assert_int_equal(bench.device->queues[2].most_in_flight, 20);
        tick_t service = bench.device->service_time;
        assert_int_equal(bench.stats.end - bench.stats.origin, 100 * service + 99 * think);
        assert_int_equal(bench.stats.kinds[IO_READ].latency_sum, 4000 * service);
        bench_destroy(&bench);
    }
}

static void test_linear_arrivals_are_exact_and_do_not_wait(void **state)
{
    (void)state;
    struct bench bench;
    watch(&bench);
    bench.device->service_time = 1 * TICKS_PER_S; // far slower than the rate
    bench_run_job(&bench, "rw=randread rate_iops=30001 number_ios=900");
    for (uint64_t i = 0; i < 900; i++)
        assert_int_equal(w.at[i], i * TICKS_PER_S / 30001);
    assert_int_equal(bench.device->queues[1].most_in_flight, 900);
    bench_destroy(&bench);
}

// 300 requests that wait a day each: 2.6 * 10^19 ps of latency, more than 64 bits hold.
static void test_latencies_may_add_up_to_more_than_64_bits(void **state)
{
    (void)state;
    const tick_t day = 86400 * TICKS_PER_S;
    struct bench bench;
    watch(&bench);
    bench.device->service_time = day;
    bench_run_job(&bench, "rw=randread iodepth=300 number_ios=300");
    const struct kind_stats *reads = &bench.stats.kinds[IO_READ];
    assert_true(reads->latency_sum > UINT64_MAX);
    assert_true(reads->latency_sum / reads->count == day && reads->latency_sum % reads->count == 0);
    assert_true(reads->stage_sum[STAGE_SQ_FETCH] == reads->latency_sum);
    bench_destroy(&bench);
}

static void test_jobs_of_one_rate_arrive_in_their_order(void **state)
{
    (void)state;
    struct bench bench;
    watch(&bench);
    bench_run_job(&bench, "rw=read size=40k offset=4k offset_increment=400k numjobs=4 rate_iops=1000 number_ios=5");
    for (uint32_t i = 0; i < 20; i++) {
        assert_int_equal(w.at[i], i / 4 * TICKS_PER_MS);
        assert_int_equal(w.queue[i], i % 4 + 1);
        assert_int_equal(w.lba[i], 8 + i % 4 * 800 + i / 4 * 8); // each in a region of its own
    }
    bench_destroy(&bench);
}

// A request that arrives as the ramp ends is measured: those at 10, 11, ... 14 ms are.
static void test_what_arrives_as_the_ramp_ends_is_measured(void **state)
{
    (void)state;
    struct bench bench;
    watch(&bench);
    bench_run_job(&bench, "rw=randread rate_iops=1000 ramp_time=10ms number_ios=5");
    assert_int_equal(w.count, 15);
    assert_int_equal(bench.stats.kinds[IO_READ].count, 5);
    assert_int_equal(bench.stats.end - bench.stats.origin, 4 * TICKS_PER_MS + bench.device->service_time);
    bench_destroy(&bench);
}

static void test_a_flush_of_an_open_loop_comes_with_its_write(void **state)
{
    (void)state;
    struct bench bench;
    watch(&bench);
    bench_run_job(&bench, "rw=write rate_iops=1000 fsync=2 number_ios=4");
    const uint8_t opcodes[] = {1, 1, 0, 1, 1, 0};
    const int ms[] = {0, 1, 1, 2, 3, 3};
    assert_int_equal(w.count, 6);
    for (int i = 0; i < 6; i++) {
        assert_int_equal(w.opcode[i], opcodes[i]);
        assert_int_equal(w.at[i], ms[i] * TICKS_PER_MS);
    }
    bench_destroy(&bench);
}

static void test_poisson_intervals_have_mean_and_deviation_of_the_rate(void **state)
{
    (void)state;
    struct bench bench;
    watch(&bench);
    bench_run_job(&bench, "rw=randread rate_iops=100000 rate_process=poisson number_ios=5000 numjobs=2");
    double sum = 0, squares = 0;
    for (uint32_t i = 1; i < w.count; i++) {
        double interval = (double)(w.at[i] - w.at[i - 1]) / 5e6; // two streams: 200 000 a second
        sum += interval;
        squares += interval * interval;
    }
    assert_true(w.at[0] > 0); // the first one comes after an interval, too
    double mean = sum / (w.count - 1), variance = squares / (w.count - 1) - mean * mean;
    assert_true(mean > 0.95 && mean < 1.05);
    assert_true(variance > 0.85 && variance < 1.15);
    bench_destroy(&bench);
}

// Nothing comes in the other nine tenths of a round, whichever way requests are chosen; the first of a pattern comes at
// once.
static void test_a_rate_that_changes_is_off_when_it_is_off(void **state)
{
    (void)state;
    static const char *const jobs[] = {
        "rw=randread rate_iops=100000 rate_process=steps:1/100us:0/900us number_ios=1000",
        "rw=randread:4 rate_iops=100000 rate_process=steps:1/100us:0/900us number_ios=1000",
    };
    for (size_t j = 0; j < ARRAY_SIZE(jobs); j++) {
        struct bench bench;
        watch(&bench);
        bench_run_job(&bench, jobs[j]);
        assert_int_equal(w.count, 1000);
        for (uint32_t i = 0; i < w.count; i++)
            assert_true(w.at[i] % TICKS_PER_MS < 100 * TICKS_PER_US);
        assert_in_range(w.at[999] / TICKS_PER_US, 8000, 12000);
        bench_destroy(&bench);
    }
}

static void test_the_exponential_agrees_with_known_logarithms(void **state)
{
    (void)state;
    const struct {
        uint64_t u;
        double expected; // -ln(u / 2^64)
    } known[] = {
        {UINT64_C(1) << 63, 0.69314718056},       {UINT64_C(1) << 62, 1.38629436112},
        {UINT64_C(1), 44.36141955584},            {UINT64_C(0x4000000000000000) / 25, 1.38629436112 + 3.21887582487},
        {UINT64_MAX / 10 * 9, 0.10536051566},     {UINT64_MAX, 0.0},
    };
    for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
        double got = (double)exponential_q32(known[i].u) / 4294967296.0;
        assert_true(got - known[i].expected < 5e-9 && known[i].expected - got < 5e-9);
    }
}

static void test_nothing_is_issued_after_runtime(void **state)
{
    (void)state;
    struct bench bench;
    watch(&bench);
    // 10 us each, one at a time: those issued at 0, 10, ... 990 us
    bench_run_job(&bench, "rw=randread time_based runtime=1ms size=8k");
    assert_int_equal(bench.stats.kinds[IO_READ].count, 100);
    assert_int_equal(w.at[99], 990 * TICKS_PER_US);
    bench_destroy(&bench);
    watch(&bench);
    bench_run_job(&bench, "rw=randread runtime=1ms size=8k"); // the region's two blocks come first
    assert_int_equal(bench.stats.kinds[IO_READ].count, 2);
    bench_destroy(&bench);
}

static void test_a_ramp_is_not_measured(void **state)
{
    (void)state;
    struct bench bench;
    watch(&bench);
    bench_run_job(&bench, "rw=randread number_ios=70 ramp_ios=30 numjobs=2");
    assert_int_equal(bench.measured, 2);
    assert_int_equal(w.count, 200);
    assert_int_equal(bench.stats.kinds[IO_READ].count, 140);
    assert_int_equal(host_get_stats(bench.host)->completed, 140);
    bench_destroy(&bench);
    watch(&bench);
    bench_run_job(&bench, "rw=randread number_ios=70 ramp_time=205us");
    // 20 complete within the ramp, the 21st is in flight at its end and not measured; 70 are issued from then on.
    assert_int_equal(bench.measured, 2);
    assert_int_equal(w.count, 91);
    assert_int_equal(bench.stats.kinds[IO_READ].count, 70);
    assert_int_equal(bench.stats.origin, bench.origin);
    assert_int_equal(bench.stats.end - bench.stats.origin, 5 * TICKS_PER_US + 70 * bench.device->service_time);
    bench_destroy(&bench);
}

// Whatever the ramp, number_ios requests of each job are measured, each from beginning to end: so that, by Little's
// law, throughput never exceeds depth over service time, and progress ends at 100 %.
static void test_with_a_ramp_number_ios_requests_are_measured_whole(void **state)
{
    (void)state;
    const struct {
        const char *job;
        uint64_t expected, depth;
    } rows[] = {
        {"rw=randread iodepth=32 number_ios=1000 ramp_time=10ms", 1000, 32},
        {"rw=randread iodepth=32 number_ios=40 ramp_time=15us", 40, 32},
        {"rw=randread iodepth=1 number_ios=10 ramp_time=1s", 10, 1},
        {"rw=randread iodepth=32 number_ios=33 ramp_ios=7", 33, 32},
        {"rw=randread iodepth=8 number_ios=100 ramp_ios=500 numjobs=4", 400, 32},
        {"rw=randread iodepth=8 number_ios=100 ramp_time=333us numjobs=4", 400, 32},
        {"rw=randread rate_iops=10000000 number_ios=10000 ramp_time=1ms", 10000, 1023},
        {"rw=randread rate_iops=10000000 number_ios=10000 ramp_ios=5000", 10000, 1023},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct bench bench;
        watch(&bench);
        bench_run_job(&bench, rows[i].job);
        const struct kind_stats *reads = &bench.stats.kinds[IO_READ];
        assert_int_equal(reads->count, rows[i].expected);
        assert_int_equal(host_get_stats(bench.host)->submitted, rows[i].expected);
        assert_int_equal(host_get_stats(bench.host)->completed, rows[i].expected);
        assert_int_equal(workload_request_count(bench.workload), rows[i].expected);
        assert_int_equal(host_requests_done(bench.host), rows[i].expected);
        tick_t time = bench.stats.end - bench.stats.origin;
        assert_true(reads->count * bench.device->service_time <= rows[i].depth * time);
        bench_destroy(&bench);
    }
}

static void test_nothing_counts_as_done_within_the_ramp(void **state)
{
    (void)state;
    struct bench bench;
    watch(&bench);
    bench_start(&bench, bench_job("rw=write fsync=1 number_ios=10 ramp_time=10ms"));
    sim_run_before(bench.sim, 10 * TICKS_PER_MS);
    assert_true(w.count > 500);
    assert_int_equal(host_requests_done(bench.host), 0);
    assert_int_equal(bench.stats.kinds[IO_WRITE].count, 0);
    sim_run_before(bench.sim, TICK_NEVER);
    assert_int_equal(host_requests_done(bench.host), 10); // the flushes are not of those counted
    assert_int_equal(bench.stats.kinds[IO_FLUSH].count, 10);
    bench_destroy(&bench);
}

static void test_flushes_do_not_count_into_the_ramp(void **state)
{
    (void)state;
    struct bench bench;
    watch(&bench);
    bench_run_job(&bench, "rw=write fsync=1 number_ios=100 ramp_ios=300");
    assert_int_equal(w.count, 800);
    assert_int_equal(bench.stats.kinds[IO_WRITE].count, 100);
    assert_int_equal(bench.stats.kinds[IO_FLUSH].count, 100);
    bench_destroy(&bench);
}

// fio 3.33, --ioengine=null --rate_iops=1 --runtime=5 --time_based: 5 requests, 0.9996 IOPS.
static void test_a_timed_job_is_measured_over_its_runtime(void **state)
{
    (void)state;
    const struct {
        const char *job;
        uint64_t count;
        tick_t time;
    } rows[] = {
        {"rw=randread rate_iops=1 runtime=10 time_based", 10, 10 * TICKS_PER_S},
        {"rw=randread rate_iops=10 runtime=2 ramp_time=50ms", 20, 2 * TICKS_PER_S},
        {"rw=randread rate_iops=10 runtime=50ms ramp_time=110ms", 0, 50 * TICKS_PER_MS},
        {"rw=randread rate_iops=10 runtime=2 ramp_ios=1000", 20, 2 * TICKS_PER_S},
        {"rw=randread runtime=1ms time_based", 100, TICKS_PER_MS},
        {"rw=randread runtime=1005us time_based", 101, 1010 * TICKS_PER_US}, // the last one is waited for
        {"rw=randread runtime=1 number_ios=3", 3, 30 * TICKS_PER_US},
        {"rw=randread runtime=1 rate_iops=1k number_ios=3", 3, 2 * TICKS_PER_S / 1024 + 10 * TICKS_PER_US},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct bench bench;
        watch(&bench);
        bench_run_job(&bench, rows[i].job);
        assert_int_equal(bench.stats.kinds[IO_READ].count, rows[i].count);
        assert_int_equal(bench.stats.end - bench.stats.origin, rows[i].time);
        bench_destroy(&bench);
    }
}

static bool near(double value, double expected)
{
    return fabs(value - expected) <= 1e-9 * expected;
}

// 900 requests at 1000/s, each of which takes a second: the last one arrives after 0.899 s and is done a second later.
static void test_an_open_loop_says_what_was_offered_and_what_served(void **state)
{
    (void)state;
    struct bench bench;
    watch(&bench);
    bench.device->service_time = TICKS_PER_S;
    bench_run_job(&bench, "rw=randread bs=8k rate_iops=1000 number_ios=900");
    const struct host_stats *load = host_get_stats(bench.host);
    assert_true(near(load->offered_iops, 900 / 0.899));
    assert_true(near(load->offered_mb_s, 900 / 0.899 * 8192 / 1e6));
    assert_true(near(load->served_iops, 900 / 1.899));
    assert_true(near(load->served_mb_s, 900 / 1.899 * 8192 / 1e6));
    assert_int_equal(load->waiting_at_end, 900);
    assert_int_equal(load->most_in_flight, 900);
    assert_int_equal(load->late, TICKS_PER_S);
    bench_destroy(&bench);
    watch(&bench); // keeps up: two in flight, and within runtime all are done
    bench.device->service_time = 1500 * TICKS_PER_US;
    bench_run_job(&bench, "rw=randtrim rate_iops=1000 runtime=900ms");
    load = host_get_stats(bench.host);
    assert_true(near(load->offered_iops, 1000));
    assert_true(near(load->served_iops, 900 / 0.9005));
    assert_true(load->offered_mb_s == 0 && load->served_mb_s == 0);
    assert_int_equal(load->waiting_at_end, 2);
    assert_int_equal(load->most_in_flight, 2);
    assert_int_equal(load->late, TICKS_PER_MS / 2);
    bench_destroy(&bench);
    watch(&bench);
    bench_run_job(&bench, "rw=randread iodepth=5 number_ios=100");
    load = host_get_stats(bench.host);
    assert_true(isnan(load->offered_iops) && isnan(load->served_mb_s));
    assert_int_equal(load->most_in_flight, 5);
    bench_destroy(&bench);
    watch(&bench); // some 10 in flight, and more at times
    bench_run_job(&bench, "rw=randread rate_process=poisson rate_iops=1000000 number_ios=10000");
    load = host_get_stats(bench.host);
    assert_int_equal(load->most_in_flight, bench.device->queues[1].most_in_flight);
    assert_true(load->most_in_flight > load->waiting_at_end);
    bench_destroy(&bench);
    watch(&bench); // two are in flight at the ramp's end, and none arrives after it
    bench.device->service_time = TICKS_PER_S;
    bench_run_job(&bench, "rw=randread rate_iops=10 runtime=50ms ramp_time=110ms");
    load = host_get_stats(bench.host);
    assert_int_equal(load->most_in_flight, 2);
    assert_int_equal(load->submitted, 0);
    bench_destroy(&bench);
}

static void test_a_ramp_ends_on_a_drive_that_takes_no_time(void **state)
{
    (void)state;
    struct bench bench;
    watch(&bench);
    bench.device->service_time = 0;
    bench_run_job(&bench, "rw=randread number_ios=70 ramp_ios=30");
    assert_int_equal(bench.measured, 2);
    assert_int_equal(bench.stats.kinds[IO_READ].count, 70);
    bench_destroy(&bench);
}

static void test_where_no_command_takes_time_a_job_that_waits_for_time_ends(void **state)
{
    (void)state;
    const struct {
        const char *job;
        bool stopped;
    } rows[] = {
        {"rw=randread time_based runtime=1ms", true},
        {"rw=randwrite fsync=3 time_based runtime=1ms iodepth=7", true},
        {"rw=randread number_ios=5 ramp_time=1ms", true},
        {"rw=randread number_ios=1100000 iodepth=3", false},
        {"rw=randread rate_iops=1000000000 runtime=1100us time_based", false}, // at as many different times
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct bench bench;
        watch(&bench);
        bench.device->service_time = 0;
        bench_run_job(&bench, rows[i].job);
        assert_int_equal(host_stopped(bench.host) != NULL, rows[i].stopped);
        if (rows[i].stopped)
            assert_non_null(strstr(host_stopped(bench.host), "time stands still"));
        bench_destroy(&bench);
    }
}

// 1.1 million requests within 1.1 ms, for a CPU that needs 1 us for each before it gets to any completion.
static void test_a_million_requests_may_wait_for_a_cpu(void **state)
{
    (void)state;
    struct bench bench;
    watch(&bench);
    bench.config.t_submit = TICKS_PER_US;
    bench_run_job(&bench, "rw=randread rate_iops=1000000000 number_ios=1100000");
    const struct kind_stats *reads = &bench.stats.kinds[IO_READ];
    assert_int_equal(reads->count, 1100000);
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(w.at[i], (i + 1) * TICKS_PER_US);
    assert_int_equal(host_get_stats(bench.host)->most_in_flight, 1100000);
    assert_true(reads->latency_min >= 1100000 * TICKS_PER_US - 1099999 * TICKS_PER_NS);
    bench_destroy(&bench);
}

static void test_a_run_stops_where_simulated_time_ends(void **state)
{
    (void)state;
    struct bench bench;
    watch(&bench);
    bench.config.think_time = 3600 * TICKS_PER_S;
    bench_start(&bench, bench_job("rw=randread number_ios=6000"));
    sim_run_before(bench.sim, TICK_NEVER);
    assert_true(sim_out_of_time(bench.sim));
    assert_int_equal(bench.finished, 0);
    assert_int_equal(bench.stats.kinds[IO_READ].count, 2563); // 2562 hours and a bit
    bench_destroy(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_and_units_are_fios),
        cmocka_unit_test(test_errors_have_a_place_and_a_suggestion),
        cmocka_unit_test(test_units_of_a_configuration_are_taken_too),
        cmocka_unit_test(test_the_mix_is_given_by_either_of_its_words),
        cmocka_unit_test(test_neutral_words_of_fio_change_nothing_and_others_are_told),
        cmocka_unit_test(test_words_without_effect_are_errors),
        cmocka_unit_test(test_sizes_are_given_in_percent_of_the_drive_too),
        cmocka_unit_test(test_regions_are_checked_against_the_drive),
        cmocka_unit_test(test_sizes_are_mixed_by_their_shares),
        cmocka_unit_test(test_mixed_sizes_follow_each_other_and_take_their_time),
        cmocka_unit_test(test_shares_of_the_drive_are_rounded_down_to_requests),
        cmocka_unit_test(test_hot_blocks_are_those_of_the_region_for_every_job),
        cmocka_unit_test(test_random_blocks_cover_the_region_evenly_and_nothing_else),
        cmocka_unit_test(test_sequential_blocks_follow_and_begin_anew),
        cmocka_unit_test(test_the_number_of_requests_defaults_to_the_regions_blocks),
        cmocka_unit_test(test_the_mix_is_as_asked),
        cmocka_unit_test(test_a_sequential_mix_keeps_a_position_for_each_kind),
        cmocka_unit_test(test_jobs_have_cpus_and_random_numbers_of_their_own),
        cmocka_unit_test(test_a_closed_loop_is_never_above_its_depth_and_always_full),
        cmocka_unit_test(test_linear_arrivals_are_exact_and_do_not_wait),
        cmocka_unit_test(test_latencies_may_add_up_to_more_than_64_bits),
        cmocka_unit_test(test_jobs_of_one_rate_arrive_in_their_order),
        cmocka_unit_test(test_what_arrives_as_the_ramp_ends_is_measured),
        cmocka_unit_test(test_a_flush_of_an_open_loop_comes_with_its_write),
        cmocka_unit_test(test_poisson_intervals_have_mean_and_deviation_of_the_rate),
        cmocka_unit_test(test_a_rate_that_changes_is_off_when_it_is_off),
        cmocka_unit_test(test_the_exponential_agrees_with_known_logarithms),
        cmocka_unit_test(test_nothing_is_issued_after_runtime),
        cmocka_unit_test(test_a_ramp_is_not_measured),
        cmocka_unit_test(test_where_no_command_takes_time_a_job_that_waits_for_time_ends),
        cmocka_unit_test(test_a_million_requests_may_wait_for_a_cpu),
        cmocka_unit_test(test_a_run_stops_where_simulated_time_ends),
        cmocka_unit_test(test_with_a_ramp_number_ios_requests_are_measured_whole),
        cmocka_unit_test(test_nothing_counts_as_done_within_the_ramp),
        cmocka_unit_test(test_flushes_do_not_count_into_the_ramp),
        cmocka_unit_test(test_a_timed_job_is_measured_over_its_runtime),
        cmocka_unit_test(test_an_open_loop_says_what_was_offered_and_what_served),
        cmocka_unit_test(test_a_ramp_ends_on_a_drive_that_takes_no_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
