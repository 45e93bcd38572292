// What a stream of requests is like: against values worked out by hand, a cache that is simulated, and closed forms.
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
#include "profile/profile.h"
#include "util/macros.h"
#include "util/rng.h"

#define NONE TRACE_LATENCY_UNKNOWN

enum { K = 4096 };

static struct profile *profile_array(const struct trace_request *requests, size_t count)
{
    struct recorded recorded = RECORDED_OF(requests, count);
    return profile_of(&recorded.source);
}

// ---- by hand -----------------------------------------------------------------------------------------------------

// Reads of a stream, writes of another between them, one far away; a flush, a trim that is no data.
static const struct trace_request some[] = {
    {.time_ns = 0, .kind = IO_READ, .offset = 0, .bytes = K, .latency_ns = 150},
    {.time_ns = 100, .kind = IO_WRITE, .offset = 100 * K, .bytes = 2 * K, .latency_ns = 10},
    {.time_ns = 100, .kind = IO_READ, .offset = K, .bytes = 3 * K, .latency_ns = 300},
    {.time_ns = 200, .kind = IO_WRITE, .fua = true, .offset = 102 * K, .bytes = K, .latency_ns = NONE},
    {.time_ns = 300, .kind = IO_FLUSH, .latency_ns = 50},
    {.time_ns = 400, .kind = IO_READ, .offset = 100 * K, .bytes = K, .latency_ns = 100},
    {.time_ns = 500, .kind = IO_TRIM, .offset = 1000 * K, .bytes = 4 * K, .latency_ns = NONE},
    {.time_ns = 1000, .kind = IO_READ, .offset = 103 * K, .bytes = K, .latency_ns = 0},
};

static void test_counts_mix_and_places(void **state)
{
    struct profile *p = profile_array(some, ARRAY_SIZE(some));
    (void)state;
    assert_int_equal(p->requests, 8);
    assert_int_equal(p->scope.duration_ns, 1000);
    assert_int_equal(p->scope.lo, 0);
    assert_int_equal(p->scope.hi, 104 * K);
    assert_int_equal(p->kinds[IO_READ].count, 4);
    assert_int_equal(p->kinds[IO_READ].bytes, 6 * K);
    assert_int_equal(p->kinds[IO_WRITE].count, 1);
    assert_int_equal(p->kinds[IO_WRITE_FUA].count, 1);
    assert_int_equal(p->kinds[IO_FLUSH].count, 1);
    assert_int_equal(p->kinds[IO_FLUSH].sizes.count, 0);
    assert_int_equal(profile_data_bytes(p), 9 * K);
    // Reads: the second follows the first. The last follows a write. Writes: the second follows, though it has FUA.
    assert_int_equal(p->places[PROFILE_READS].count, 4);
    assert_int_equal(p->places[PROFILE_READS].sequential, 1);
    assert_int_equal(p->places[PROFILE_READS].interleaved, 2);
    assert_int_equal(p->places[PROFILE_READS].offset_bits, 100 * K | 103 * K);
    assert_int_equal(p->places[PROFILE_WRITES].sequential, 1);
    assert_int_equal(p->places[PROFILE_TRIMS].count, 1);
    assert_int_equal(p->bins[0] + p->bins[10] + p->bins[20] + p->bins[30] + p->bins[40] + p->bins[50] + p->bins[99], 8);
    assert_int_equal(p->byte_bins[10], 5 * K);
    profile_destroy(p);
}

// Intervals 100, 0, 100, 100, 100, 100, 500: mean 1000/7, mean square 300000/7.
static void test_times_and_depth(void **state)
{
    struct profile *p = profile_array(some, ARRAY_SIZE(some));
    double mean = 1000.0 / 7;
    (void)state;
    assert_true(fabs(profile_mean_interval(p) - mean) < 1e-9);
    assert_true(fabs(profile_interval_variation(p) - sqrt(300000.0 / 7 - mean * mean) / mean) < 1e-9);
    assert_int_equal(histogram_quantile(&p->intervals, 0.5), 100);
    assert_int_equal(histogram_quantile(&p->intervals, 1), 500);
    // Found under way: 0, 1 (to 150), 2, 1 (to 400), 1, 0 (that to 400 and the flush are over), 0 or 1 (to 500: over),
    // 0.
    static const uint64_t found[] = {4, 3, 1};
    for (size_t i = 0; i < ARRAY_SIZE(found); i++)
        assert_int_equal(p->depth.buckets[i], found[i]);
    assert_int_equal(p->deepest, 2);
    // Little's law: 610 ns of latency in 1000 ns.
    assert_true(fabs(profile_mean_depth(p) - 0.61) < 1e-12);
    assert_int_equal(profile_completed(p), 6);
    assert_int_equal(histogram_quantile(&p->kinds[IO_READ].latency, 1), 300);
    profile_destroy(p);
}

static void test_frequent_sizes_come_first(void **state)
{
    struct profile_size sizes[3];
    struct histogram h;
    (void)state;
    histogram_init(&h);
    for (int i = 0; i < 5; i++)
        histogram_record(&h, 8);
    for (int i = 0; i < 7; i++)
        histogram_record(&h, 256);
    for (int i = 0; i < 5; i++)
        histogram_record(&h, 1);
    histogram_record(&h, 2048);
    assert_int_equal(profile_frequent_sizes(&h, sizes, 2), 2);
    assert_int_equal(sizes[0].bytes, 256 * 512);
    assert_int_equal(sizes[1].bytes, 512);
    assert_int_equal(profile_frequent_sizes(&h, sizes, 3), 3);
    assert_int_equal(sizes[2].bytes, 8 * 512);
    histogram_destroy(&h);
}

// ---- reuse -------------------------------------------------------------------------------------------------------

static void access_one(struct reuse *reuse, uint64_t chunk, bool writes)
{
    reuse_add(reuse, (struct io_range){chunk * K, K}, writes);
}

// a b c a a b: a after 2 others, a after none, b after 2 (c, a).
static void test_distances_by_hand(void **state)
{
    struct reuse *reuse = reuse_create(64);
    (void)state;
    reuse_add(reuse, (struct io_range){10 * K, 3 * K}, false); // 10 11 12
    access_one(reuse, 10, true);
    access_one(reuse, 10, true);
    reuse_add(reuse, (struct io_range){11 * K + 100, 200}, false); // a part of 11
    struct reuse_summary s = reuse_summarize(reuse);
    assert_int_equal(s.sampled_one_of, 1);
    assert_true(s.chunks == 3 && s.chunks_read == 3 && s.chunks_written == 1);
    assert_true(s.accesses == 6 && s.again == 3 && s.writes == 2 && s.rewrites == 1);
    assert_true(s.distance[0] == 1 && s.distance[1] == 0 && s.distance[2] == 2);
    // A cache of one chunk has one of six, of two no more, of four all three.
    assert_true(reuse_lru_hits(&s, K) * 6 == 1 && reuse_lru_hits(&s, 2 * K) * 6 == 1);
    assert_true(reuse_lru_hits(&s, 4 * K) * 6 == 3);
    assert_int_equal(reuse_distance_quantile(&s, 0.3), K);
    assert_int_equal(reuse_distance_quantile(&s, 0.5), 4 * K);
    reuse_destroy(reuse);
}

// An LRU cache as it is: a list of chunks, the latest first.
struct cache {
    uint64_t chunks[64];
    size_t count, size;
};

static bool cache_has(struct cache *cache, uint64_t chunk)
{
    size_t at = 0;
    while (at < cache->count && cache->chunks[at] != chunk)
        at++;
    bool hit = at < cache->count;
    if (!hit)
        cache->count = MIN(cache->count + 1, cache->size);
    at = MIN(at, cache->count - 1);
    memmove(&cache->chunks[1], &cache->chunks[0], at * sizeof *cache->chunks);
    cache->chunks[0] = chunk;
    return hit;
}

static void test_hits_are_those_of_caches(void **state)
{
    struct cache caches[7] = {{.count = 0}};
    uint64_t hits[7] = {0};
    struct reuse *reuse = reuse_create(200); // places are numbered anew often
    struct rng rng;
    (void)state;
    rng_seed(&rng, 1, "reuse");
    for (int i = 0; i < 20000; i++) {
        uint64_t chunk = rng_below(&rng, 1 + rng_below(&rng, 150));
        access_one(reuse, chunk, false);
        for (int c = 0; c < 7; c++) {
            caches[c].size = (size_t)1 << c;
            hits[c] += cache_has(&caches[c], chunk);
        }
    }
    struct reuse_summary s = reuse_summarize(reuse);
    for (int c = 0; c < 7; c++)
        assert_true(reuse_lru_hits(&s, (uint64_t)K << c) == (double)hits[c] / 20000);
    reuse_destroy(reuse);
}

// Uniform accesses to N chunks: nearly all are touched. An LRU cache of N / 2 is full after N ln 2 accesses, of which
// N (ln 2 - 1/2) hit; then every other one hits: 0.4874 of 400 000. A sample of some 1/16 is near, and always the same.
static void test_a_sample_is_near_and_the_same_again(void **state)
{
    enum { CHUNKS = 1 << 15, ACCESSES = 400000 };
    struct reuse_summary s[2];
    (void)state;
    for (int run = 0; run < 2; run++) {
        struct reuse *reuse = reuse_create(2048);
        struct rng rng;
        rng_seed(&rng, 7, "uniform");
        for (int i = 0; i < ACCESSES; i++)
            access_one(reuse, rng_below(&rng, CHUNKS), i % 4 == 0);
        s[run] = reuse_summarize(reuse);
        reuse_destroy(reuse);
    }
    assert_memory_equal(&s[0], &s[1], sizeof s[0]);
    assert_in_range(s[0].sampled_one_of, 16, 32);
    assert_true(fabs(s[0].chunks / CHUNKS - 1) < 0.05);
    assert_true(fabs(s[0].accesses / ACCESSES - 1) < 0.05);
    assert_true(fabs(reuse_lru_hits(&s[0], (uint64_t)CHUNKS / 2 * K) - 0.4874) < 0.02);
    assert_true(fabs(s[0].writes / s[0].accesses - 0.25) < 0.01);
}

// Of 10 chunks one is touched 91 times, the others once each: of 100 accesses 91 go to the hottest tenth.
static void test_the_hottest_chunks(void **state)
{
    struct reuse *reuse = reuse_create(64);
    (void)state;
    for (uint64_t i = 0; i < 10; i++)
        access_one(reuse, i, false);
    for (int i = 0; i < 90; i++)
        access_one(reuse, 5, false);
    struct reuse_summary s = reuse_summarize(reuse);
    assert_true(fabs(s.hottest[0] - 0.091) < 1e-12); // a tenth of the first chunk
    assert_true(fabs(s.hottest[2] - 0.91) < 1e-12);
    assert_true(fabs(s.hottest[3] - 0.92) < 1e-12);
    assert_true(fabs(s.hottest[4] - 0.95) < 1e-12);
    reuse_destroy(reuse);
}

static void test_what_is_too_large_is_left_out(void **state)
{
    struct reuse *reuse = reuse_create(64);
    (void)state;
    reuse_add(reuse, (struct io_range){0, UINT64_C(1) << 62}, true);
    reuse_add(reuse, (struct io_range){0, 0}, true);
    struct reuse_summary s = reuse_summarize(reuse);
    assert_int_equal(s.skipped, 1);
    assert_true(s.chunks == 0 && s.accesses == 0 && s.hottest[0] == 0);
    assert_int_equal(reuse_distance_quantile(&s, 0.5), 0);
    reuse_destroy(reuse);
}

// ---- in flight ---------------------------------------------------------------------------------------------------

static void test_a_heap_of_ends_counts_as_a_list_does(void **state)
{
    struct in_flight heap = {0};
    uint64_t ends[500];
    struct rng rng;
    (void)state;
    rng_seed(&rng, 3, "ends");
    for (uint64_t now = 0, i = 0; i < ARRAY_SIZE(ends); i++, now += rng_below(&rng, 20)) {
        size_t under_way = 0;
        for (uint64_t k = 0; k < i; k++)
            under_way += ends[k] > now;
        assert_int_equal(in_flight_at(&heap, now), under_way);
        ends[i] = now + rng_below(&rng, 300);
        in_flight_add(&heap, ends[i]);
    }
    in_flight_destroy(&heap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts_mix_and_places),
        cmocka_unit_test(test_times_and_depth),
        cmocka_unit_test(test_frequent_sizes_come_first),
        cmocka_unit_test(test_distances_by_hand),
        cmocka_unit_test(test_hits_are_those_of_caches),
        cmocka_unit_test(test_a_sample_is_near_and_the_same_again),
        cmocka_unit_test(test_the_hottest_chunks),
        cmocka_unit_test(test_what_is_too_large_is_left_out),
        cmocka_unit_test(test_a_heap_of_ends_counts_as_a_list_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
