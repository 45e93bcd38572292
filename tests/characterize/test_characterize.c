// Jobs of known words, played without a drive, are found again from their requests alone; and distances against values
// worked out by hand.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../trace/recorded.h"
#include "../util/printed.h"
#include "characterize/characterize.h"
#include "characterize/play.h"
#include "characterize/words.h"
#include "host/job/job_options.h"
#include "util/alloc.h"
#include "util/macros.h"

enum { CAPACITY_MIB = 1024 };

#define CAPACITY ((uint64_t)CAPACITY_MIB << 20)

// ---- a job's requests as a recording -----------------------------------------------------------------------------

struct kept {
    struct trace_request *requests;
    size_t count;
};

static void keep(void *context, const struct trace_request *request)
{
    struct kept *kept = context;
    kept->requests = xgrow(kept->requests, kept->count, sizeof *kept->requests);
    kept->requests[kept->count++] = *request;
}

// Each request takes 80 to 120 us.
static void record(struct kept *kept, const char *job, bool latencies)
{
    struct play_latency *latency = xcalloc(1, sizeof *latency);
    struct diag *diag = diag_create();
    latency->known = latencies;
    latency->seed = 77; // another than those are found with
    for (int kind = 0; kind < IO_KIND_COUNT; kind++)
        for (int i = 0; i < PLAY_QUANTILES; i++)
            latency->ns[kind][i] = 80000 + (uint64_t)i * 40000 / PLAY_QUANTILES;
    assert_int_equal(play_each(job, latency, CAPACITY, keep, kept, diag), 0);
    diag_destroy(diag);
    free(latency);
}

// What is found for the job of these words; its distances go to `distances`.
static struct job_options found(const char *job, bool latencies, struct distances *distances)
{
    struct kept kept = {0};
    struct characterization c;
    struct job_options options;
    struct diag *diag = diag_create();
    record(&kept, job, latencies);
    struct recorded r = RECORDED_OF(kept.requests, kept.count);
    assert_int_equal(characterize(&c, &r.source, diag), 0);
    assert_int_equal(job_options_parse(c.job, "found", &options, diag), 0);
    assert_int_equal(diag_error_count(diag), 0);
    *distances = c.distances;
    characterization_free(&c);
    free(kept.requests);
    diag_destroy(diag);
    return options;
}

static void expect_good(const struct distances *distances)
{
    for (int i = 0; i < DISTANCE_COUNT; i++)
        if (strcmp(distance_verdict(distances, (enum distance)i), "good") != 0)
            fail_msg("%s: %f is not good", distance_rows[i].name, distances->value[i]);
}

// Shares within 1 % or 2 %, depths and sizes as they are.
static void test_a_closed_loop_of_mixed_sizes_is_found(void **state)
{
    struct distances d;
    struct job_options o =
        found("rw=randrw rwmixread=70 bssplit=4k/60:64k/40,16k/100 iodepth=8 number_ios=10000", true, &d);
    (void)state;
    expect_good(&d);
    assert_int_equal(o.rw, JOB_RANDRW);
    assert_in_range(o.rwmixread, 69, 71);
    assert_int_equal(o.iodepth, 8);
    assert_int_equal(o.each[JOB_READS].rate_iops, 0);
    assert_int_equal(o.each[JOB_READS].bssplit.count, 2);
    for (int i = 0; i < 2; i++) {
        const struct job_size_share *share = &o.each[JOB_READS].bssplit.of[i];
        assert_true(share->bytes == 4096 || share->bytes == 65536);
        assert_in_range(share->percent, share->bytes == 4096 ? 59 : 39, share->bytes == 4096 ? 61 : 41);
    }
    assert_int_equal(o.each[JOB_WRITES].bssplit.count, 1);
    assert_int_equal(o.each[JOB_WRITES].bssplit.of[0].bytes, 16384);
    assert_int_equal(o.number_ios, 10000);
}

static void test_a_rate_is_found_and_whether_it_is_even(void **state)
{
    struct distances d;
    struct job_options o = found("rw=randread bs=4k rate_iops=20000 number_ios=10000", true, &d);
    (void)state;
    expect_good(&d);
    assert_in_range(o.rate_iops, 19800, 20200);
    assert_true(o.rate_process.random == false);
    o = found("rw=randread bs=4k rate_iops=20000 rate_process=poisson number_ios=10000", true, &d);
    expect_good(&d);
    assert_in_range(o.rate_iops, 19400, 20600);
    assert_true(o.rate_process.random);
    // Evenly, of several sizes: a larger one takes more of the rate.
    o = found("rw=randread bssplit=4k/50:32k/50 rate=180m iodepth=16 number_ios=5000", true, &d);
    assert_in_range(o.rate, 183000000, 195000000);
    expect_good(&d);
    // By chance, without latencies.
    o = found("rw=randwrite bssplit=4k/50:32k/50 rate_iops=10000 rate_process=poisson number_ios=10000", false, &d);
    assert_in_range(o.rate_iops, 9700, 10300);
    assert_true(isnan(d.value[DISTANCE_DEPTH]));
    assert_true(d.value[DISTANCE_RATE] < 0.05 && d.value[DISTANCE_SIZES] < 0.05);
}

static void test_skew_is_found(void **state)
{
    static const struct {
        const char *job;
        double theta;
    } skews[] = {
        {"rw=randread bs=4k size=64m random_distribution=zipf:0.9 iodepth=4 number_ios=30000", 0.9},
        {"rw=randread bs=4k size=64m random_distribution=zipf:1.2 iodepth=4 number_ios=30000", 1.2},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(skews); i++) {
        struct distances d;
        struct job_options o = found(skews[i].job, true, &d);
        assert_int_equal(o.random_distribution.kind, DISTRIBUTION_ZIPF);
        assert_true(fabs(o.random_distribution.parameter - skews[i].theta) <= 0.04);
        assert_true(d.value[DISTANCE_HOTTEST] < 0.03);
    }
}

static void test_streams_are_found(void **state)
{
    struct distances d;
    struct job_options o = found("rw=write bs=128k size=512m iodepth=2 number_ios=3000", true, &d);
    (void)state;
    expect_good(&d);
    assert_int_equal(o.rw, JOB_WRITE);
    assert_int_equal(o.bs, 131072);
    assert_int_equal(o.iodepth, 2);
    assert_int_equal(o.rate_iops, 0); // a closed loop, though a rate would do as well
    o = found("rw=randread bs=8k percentage_random=30 norandommap=1 iodepth=3 number_ios=10000", true, &d);
    assert_int_equal(o.rw, JOB_RANDREAD);
    assert_in_range(o.each[JOB_READS].percentage_random, 28, 32);
    assert_true(d.value[DISTANCE_SEQUENTIAL] < 0.03);
}

static void test_regions_flushes_and_fua_are_found(void **state)
{
    struct distances d;
    struct job_options o =
        found("rw=randwrite bs=4k offset=256m size=128m fsync=16 writefua=1 iodepth=1 number_ios=8000", true, &d);
    (void)state;
    assert_in_range(o.offset, (uint64_t)256 << 20, (uint64_t)257 << 20);
    assert_in_range(o.offset + o.size, (uint64_t)383 << 20, (uint64_t)384 << 20);
    assert_int_equal(o.fsync, 16);
    assert_int_equal(o.writefua, 1);
    assert_true(d.value[DISTANCE_MIX] < 0.01);
    o = found("rw=randtrim bs=64k iodepth=1 number_ios=500", true, &d);
    assert_int_equal(o.rw, JOB_RANDTRIM);
    assert_int_equal(o.bs, 65536);
}

// A quarter of the region has three quarters of the requests.
static void test_zones_are_found(void **state)
{
    struct distances d;
    struct job_options o =
        found("rw=randread bs=4k random_distribution=zoned:75/25:25/75 iodepth=4 number_ios=20000", true, &d);
    uint64_t size = 0, accesses = 0;
    (void)state;
    assert_int_equal(o.random_distribution.kind, DISTRIBUTION_ZONED);
    for (uint32_t i = 0; i < o.random_distribution.zone_count && size < 25; i++) {
        size += o.random_distribution.zones[i].size;
        accesses += o.random_distribution.zones[i].accesses;
    }
    assert_int_equal(size, 25);
    assert_in_range(accesses, 73, 77);
    assert_true(d.value[DISTANCE_OFFSETS] < 0.02);
}

static void test_one_at_a_time_with_thinking_is_found(void **state)
{
    struct distances d;
    struct job_options o = found("rw=randread bs=4k iodepth=1 thinktime=500 number_ios=2000", true, &d);
    (void)state;
    expect_good(&d);
    assert_int_equal(o.iodepth, 1);
    assert_in_range(o.thinktime, 495 * TICKS_PER_US, 505 * TICKS_PER_US);
}

// ---- distances ---------------------------------------------------------------------------------------------------

static void add(struct profile *p, enum io_kind kind, uint64_t time, uint64_t offset, uint64_t bytes, uint64_t latency)
{
    profile_add(p, &(struct trace_request){.kind = kind, .time_ns = time, .offset = offset, .bytes = bytes,
                                           .latency_ns = latency});
}

static void test_distances_by_hand(void **state)
{
    const struct profile_scope scope = {.duration_ns = 1000000, .lo = 0, .hi = 1 << 20};
    struct profile *a = profile_create(&scope), *b = profile_create(&scope);
    (void)state;
    for (uint64_t i = 0; i < 100; i++) { // reads of 4 KiB at 0 or 3, every 10 us, alone; a quarter of them writes
        add(a, IO_READ, i * 10000, 0, 4096, 1000);
        add(b, i % 4 == 0 ? IO_WRITE : IO_READ, i * 20000, 1 << 18, 16384, 1000);
    }
    struct distances same = distances_between(a, a), d = distances_between(a, b);
    for (int i = 0; i < DISTANCE_COUNT; i++)
        assert_true(same.value[i] == 0);
    assert_true(fabs(d.value[DISTANCE_MIX] - 0.25) < 1e-12);
    assert_true(fabs(d.value[DISTANCE_SIZES] - log2(32.5 / 8.5)) < 1e-9); // in sectors, and a half
    assert_true(fabs(d.value[DISTANCE_OFFSETS] - 0.25) < 1e-12);
    assert_true(fabs(d.value[DISTANCE_RATE] - 1) < 1e-12);
    assert_true(fabs(d.value[DISTANCE_INTERVALS] - log2(20107.0 / 10107.0)) < 2e-3);
    assert_true(d.value[DISTANCE_DEPTH] == 0);
    assert_string_equal(distance_verdict(&d, DISTANCE_MIX), "poor");
    assert_string_equal(distance_verdict(&d, DISTANCE_DEPTH), "good");
    profile_destroy(a);
    profile_destroy(b);
}

static void test_what_no_job_is_like_is_told(void **state)
{
    static const struct trace_request flush[] = {{.kind = IO_FLUSH, .latency_ns = TRACE_LATENCY_UNKNOWN}};
    struct recorded r = RECORDED(flush);
    struct characterization c;
    struct diag *diag = diag_create();
    (void)state;
    assert_int_equal(characterize(&c, &r.source, diag), -1);
    char *text = printed(diag);
    assert_string_equal(text, "sqtail: error: no reads, writes or trims in it that a job could be like\n");
    free(text);
    diag_destroy(diag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_closed_loop_of_mixed_sizes_is_found),
        cmocka_unit_test(test_a_rate_is_found_and_whether_it_is_even),
        cmocka_unit_test(test_skew_is_found),
        cmocka_unit_test(test_streams_are_found),
        cmocka_unit_test(test_regions_flushes_and_fua_are_found),
        cmocka_unit_test(test_zones_are_found),
        cmocka_unit_test(test_one_at_a_time_with_thinking_is_found),
        cmocka_unit_test(test_distances_by_hand),
        cmocka_unit_test(test_what_no_job_is_like_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
