// Filters of requests, against schedules worked out by hand: slice, merge, remap, repeat, and one upon the other.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../util/printed.h"
#include "recorded.h"
#include "trace/filter/merge.h"
#include "trace/filter/remap.h"
#include "trace/filter/repeat.h"
#include "trace/filter/slice.h"
#include "util/macros.h"

#define NONE TRACE_LATENCY_UNKNOWN

enum { K = 4096 };

// time, kind, offset, bytes, device, cpu, latency
static const struct trace_request some[] = {
    {.time_ns = 0, .kind = IO_READ, .offset = 0, .bytes = K, .cpu = 0, .latency_ns = 50},
    {.time_ns = 10, .device = 1, .kind = IO_WRITE, .offset = 8 * K, .bytes = 2 * K, .cpu = 1, .latency_ns = NONE},
    {.time_ns = 20, .kind = IO_FLUSH, .cpu = 2, .latency_ns = 5},
    {.time_ns = 30, .device = 1, .kind = IO_WRITE, .fua = true, .offset = 10 * K, .bytes = K, .cpu = 3,
     .latency_ns = 70},
    {.time_ns = 30, .kind = IO_READ, .offset = 99 * K, .bytes = 3 * K, .cpu = 0, .latency_ns = 1},
};

// ---- what comes of it --------------------------------------------------------------------------------------------

struct expected {
    uint64_t time_ns, offset, bytes;
};

static void expect(struct request_source *source, const struct expected *expected, size_t count)
{
    for (int pass = 0; pass < 2; pass++) { // the same when it is read again
        struct trace_request request;
        for (size_t i = 0; i < count; i++) {
            assert_true(request_source_next(source, &request));
            assert_int_equal(request.time_ns, expected[i].time_ns);
            assert_int_equal(request.offset, expected[i].offset);
            assert_int_equal(request.bytes, expected[i].bytes);
        }
        assert_false(request_source_next(source, &request));
        assert_false(request_source_next(source, &request));
        request_source_rewind(source);
    }
    request_source_destroy(source);
}

#define EXPECT(source, ...) expect(source, (const struct expected[]){__VA_ARGS__}, \
                                   ARRAY_SIZE(((const struct expected[]){__VA_ARGS__})))

static void expect_slice(const struct slice_options *options, const char *indices)
{
    struct recorded recorded = RECORDED(some);
    struct expected expected[ARRAY_SIZE(some)];
    size_t count = 0;
    for (const char *c = indices; *c != '\0'; c++) {
        const struct trace_request *r = &some[*c - '0'];
        uint64_t from_ns = options->keep_times ? 0 : options->from_ns;
        expected[count++] = (struct expected){r->time_ns - from_ns, r->offset, r->bytes};
    }
    expect(slice_create(&recorded.source, options), expected, count);
}

static void test_a_slice_is_all_of_what_is_asked_for(void **state)
{
    (void)state;
    expect_slice(&(struct slice_options){0}, "01234");
    expect_slice(&(struct slice_options){.from_ns = 10, .to_ns = 30}, "12");
    expect_slice(&(struct slice_options){.from_ns = 10, .to_ns = 31, .keep_times = true}, "1234");
    expect_slice(&(struct slice_options){.kinds = 1 << IO_WRITE}, "1");
    expect_slice(&(struct slice_options){.kinds = 1 << IO_WRITE | 1 << IO_WRITE_FUA | 1 << IO_FLUSH}, "123");
    expect_slice(&(struct slice_options){.from_offset = 8 * K, .to_offset = 10 * K}, "12");
    expect_slice(&(struct slice_options){.from_offset = 8 * K + 1}, "234");
    expect_slice(&(struct slice_options){.cpu_count = 2, .cpus = {{0, 0}, {2, 3}}}, "0234");
    expect_slice(&(struct slice_options){.skip = 1, .count = 3}, "123");
    expect_slice(&(struct slice_options){.kinds = 1 << IO_READ, .skip = 1, .count = 3}, "4");
    expect_slice(&(struct slice_options){.from_ns = 31}, "");
}

static void test_parts_merge_into_what_they_were_cut_from(void **state)
{
    struct recorded all[2] = {RECORDED(some), RECORDED(some)};
    struct request_source *parts[2];
    struct expected expected[ARRAY_SIZE(some)];
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(some); i++)
        expected[i] = (struct expected){some[i].time_ns, some[i].offset, some[i].bytes};
    for (uint64_t cut = 1; cut < 40; cut++) {
        parts[0] = slice_create(&all[0].source, &(struct slice_options){.to_ns = cut, .keep_times = true});
        parts[1] = slice_create(&all[1].source, &(struct slice_options){.from_ns = cut, .keep_times = true});
        expect(merge_create(parts, 2, false), expected, ARRAY_SIZE(some));
    }
}

static void test_of_equal_times_the_first_named_comes_first_and_devices_are_numbered(void **state)
{
    static const struct trace_request a[] = {{.time_ns = 5, .offset = 1, .device = 77}, {.time_ns = 9, .offset = 2}};
    static const struct trace_request b[] = {
        {.time_ns = 5, .offset = 3}, {.time_ns = 6, .offset = 4}, {.time_ns = 9, .offset = 5}};
    struct recorded first = RECORDED(a), second = RECORDED(b);
    struct request_source *inputs[] = {&first.source, &second.source};
    struct request_source *merged = merge_create(inputs, 2, true);
    const uint32_t devices[] = {0, 1, 1, 0, 1};
    struct trace_request request;
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
        assert_true(request_source_next(merged, &request));
        assert_int_equal(request.device, devices[i]);
    }
    request_source_rewind(merged);
    EXPECT(merged, {5, 1, 0}, {5, 3, 0}, {6, 4, 0}, {9, 2, 0}, {9, 5, 0});
}

// The last request is complete at 100.
static void test_repeating_begins_when_all_is_complete(void **state)
{
    struct recorded recorded = RECORDED(some);
    struct diag *diag = diag_create();
    struct request_source *source = repeat_create(&recorded.source, 3, 7, diag);
    struct trace_request request;
    size_t count = 0;
    (void)state;
    for (; request_source_next(source, &request); count++) {
        const struct trace_request *once = &some[count % ARRAY_SIZE(some)];
        assert_int_equal(request.time_ns, once->time_ns + count / ARRAY_SIZE(some) * 107);
        assert_int_equal(request.offset, once->offset);
    }
    assert_int_equal(count, 3 * ARRAY_SIZE(some));
    request_source_destroy(source);
    recorded.next = 0;
    assert_null(repeat_create(&recorded.source, UINT64_MAX / 200, 1, diag));
    char *text = printed(diag);
    assert_string_equal(text, "sqtail: error: 92233720368547758 times 0.000 s are longer than a recording can be\n");
    free(text);
    diag_destroy(diag);
}

// ---- places ------------------------------------------------------------------------------------------------------

static void test_places_wrap(void **state)
{
    struct recorded recorded = RECORDED(some);
    (void)state;
    // 99 modulo 10 is 9: three chunks from there would end at 12, and are moved back.
    EXPECT(remap_fit_create(&recorded.source, REMAP_WRAP, 10 * K), {0, 0, K}, {10, 8 * K, 2 * K}, {20, 0, 0},
           {30, 0, K}, {30, 7 * K, 3 * K});
}

static void test_places_modulo_go_on_at_0(void **state)
{
    static const struct trace_request large[] = {{.offset = 3 * K, .bytes = 9 * K, .kind = IO_TRIM}};
    struct recorded recorded = RECORDED(some), trim = RECORDED(large);
    (void)state;
    EXPECT(remap_fit_create(&recorded.source, REMAP_MODULO, 10 * K), {0, 0, K}, {10, 8 * K, 2 * K}, {20, 0, 0},
           {30, 0, K}, {30, 9 * K, K}, {30, 0, 2 * K});
    // Larger than all there is: covered once.
    EXPECT(remap_fit_create(&trim.source, REMAP_MODULO, 4 * K), {0, 3 * K, K}, {0, 0, 3 * K});
}

// Touched are chunks 0, 8 to 10 and 99 to 101: 7 chunks, and 95 of holes, which become 3: 7 of them shrink to 0, all 95
// to 3 (95 * 3 / 95), the first 7 to 7 * 3 / 95 = 0.
static void test_places_scale_by_chunks(void **state)
{
    struct recorded recorded = RECORDED(some), again = RECORDED(some);
    (void)state;
    EXPECT(remap_fit_create(&recorded.source, REMAP_SCALE, 10 * K), {0, 0, K}, {10, K, 2 * K}, {20, 0, 0},
           {30, 3 * K, K}, {30, 7 * K, 3 * K});
    // What fits stays where it is.
    EXPECT(remap_fit_create(&again.source, REMAP_SCALE, 200 * K), {0, 0, K}, {10, 8 * K, 2 * K}, {20, 0, 0},
           {30, 10 * K, K}, {30, 99 * K, 3 * K});
}

// A stream of requests of a chunk and a half each, that one drive holds eight times: neighbours stay neighbours.
static void test_scaling_keeps_a_stream_sequential(void **state)
{
    struct trace_request stream[40];
    struct trace_request request, before = {0};
    (void)state;
    for (size_t i = 0; i < 20; i++)
        stream[i] = (struct trace_request){.kind = IO_READ, .offset = 1000 * K + i * 6144, .bytes = 6144};
    for (size_t i = 20; i < 40; i++)
        stream[i] = (struct trace_request){.kind = IO_READ, .offset = i * 100 * K, .bytes = 512};
    struct recorded recorded = RECORDED(stream);
    struct request_source *source = remap_fit_create(&recorded.source, REMAP_SCALE, 100 * K);
    for (size_t i = 0; request_source_next(source, &request); i++) {
        if (i > 0 && i < 20)
            assert_int_equal(request.offset, before.offset + before.bytes);
        assert_true(request.offset + request.bytes <= 100 * K);
        before = request;
    }
    request_source_destroy(source);
}

static void test_requests_move_by_device(void **state)
{
    struct recorded recorded = RECORDED(some);
    const struct remap_shift shifts[] = {{.device = 1, .bytes = -8 * K}, {.every = true, .bytes = K}};
    struct diag *diag = diag_create();
    (void)state;
    EXPECT(remap_shift_create(&recorded.source, shifts, 2, diag), {0, K, K}, {10, 0, 2 * K}, {20, 0, 0}, {30, 2 * K, K},
           {30, 100 * K, 3 * K});
    assert_int_equal(diag_error_count(diag), 0);
    diag_destroy(diag);
}

static void test_nothing_moves_below_0(void **state)
{
    struct recorded recorded = RECORDED(some);
    struct diag *diag = diag_create();
    struct trace_request request;
    struct request_source *source =
        remap_shift_create(&recorded.source, &(struct remap_shift){.every = true, .bytes = -1}, 1, diag);
    (void)state;
    assert_false(request_source_next(source, &request));
    assert_true(request_source_failed(source));
    char *text = printed(diag);
    assert_string_equal(text, "--shift: error: the request at byte 0, 0.000000000 s, would lie before 0 or beyond "
                              "what a drive can be\n");
    free(text);
    request_source_destroy(source);
    diag_destroy(diag);
}

// Device 0 reaches byte 102 * 4096, so device 1 begins at 1 MiB.
static void test_devices_lie_one_behind_the_other(void **state)
{
    struct recorded recorded = RECORDED(some);
    struct request_source *source = remap_apart_create(&recorded.source, NULL);
    struct trace_request request;
    (void)state;
    while (request_source_next(source, &request))
        assert_int_equal(request.device, 0);
    request_source_rewind(source);
    EXPECT(source, {0, 0, K}, {10, 1048576 + 8 * K, 2 * K}, {20, 0, 0}, {30, 1048576 + 10 * K, K}, {30, 99 * K, 3 * K});
}

static void test_ranges_of_a_trim_move_each(void **state)
{
    static const struct io_range ranges[] = {{5 * K, K}, {25 * K, 2 * K}};
    static const struct trace_request trims[] = {
        {.kind = IO_TRIM, .offset = 5 * K, .bytes = 3 * K, .range_count = 2, .ranges = ranges}};
    struct recorded recorded = RECORDED(trims);
    struct request_source *source = remap_fit_create(&recorded.source, REMAP_WRAP, 10 * K);
    struct trace_request request;
    (void)state;
    assert_true(request_source_next(source, &request));
    assert_int_equal(request.range_count, 2);
    assert_int_equal(request.ranges[0].offset, 5 * K);
    assert_int_equal(request.ranges[1].offset, 5 * K);
    assert_int_equal(request.ranges[1].bytes, 2 * K);
    assert_int_equal(ranges[1].offset, 25 * K);
    request_source_destroy(source);
}

// Writes of the second half, three times, within 9 chunks.
static void test_filters_stand_upon_each_other(void **state)
{
    struct recorded recorded = RECORDED(some);
    struct diag *diag = diag_create();
    const struct slice_options part = {.from_ns = 20, .kinds = 1 << IO_READ | 1 << IO_WRITE_FUA};
    struct request_source *source = slice_create(&recorded.source, &part);
    (void)state;
    source = remap_fit_create(source, REMAP_WRAP, 9 * K);
    source = repeat_create(source, 3, 0, diag);
    EXPECT(source, {10, K, K}, {10, 0, 3 * K}, {90, K, K}, {90, 0, 3 * K}, {170, K, K}, {170, 0, 3 * K});
    diag_destroy(diag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_slice_is_all_of_what_is_asked_for),
        cmocka_unit_test(test_parts_merge_into_what_they_were_cut_from),
        cmocka_unit_test(test_of_equal_times_the_first_named_comes_first_and_devices_are_numbered),
        cmocka_unit_test(test_repeating_begins_when_all_is_complete),
        cmocka_unit_test(test_places_wrap),
        cmocka_unit_test(test_places_modulo_go_on_at_0),
        cmocka_unit_test(test_places_scale_by_chunks),
        cmocka_unit_test(test_scaling_keeps_a_stream_sequential),
        cmocka_unit_test(test_requests_move_by_device),
        cmocka_unit_test(test_nothing_moves_below_0),
        cmocka_unit_test(test_devices_lie_one_behind_the_other),
        cmocka_unit_test(test_ranges_of_a_trim_move_each),
        cmocka_unit_test(test_filters_stand_upon_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
