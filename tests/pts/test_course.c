// The course of each test, told results that are made by hand: what is played, in which order, and when it ends.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "pts/course.h"

enum { CAPACITY = 1 << 30 };

// A course with its phases told one by one.
struct play {
    struct pts_course course;
    struct phase_source source;
    struct workload *phase;
    struct histogram latencies;
    tick_t now;
    uint64_t phases, rate;
    tick_t longest; // latency
};

static struct pts_flow no_flow(void *self)
{
    (void)self;
    return (struct pts_flow){0};
}

static void begin(struct play *play, const struct pts_test *test, const struct pts_options *options,
                  uint32_t block_bytes)
{
    struct diag *diag = diag_create();
    struct workload_drive drive = {.capacity_bytes = CAPACITY, .block_bytes = block_bytes};
    *play = (struct play){.now = TICKS_PER_S, .rate = 1000, .longest = 5 * TICKS_PER_US};
    histogram_init(&play->latencies);
    pts_course_init(&play->course, test, options, &(struct pts_drive){.flow = no_flow});
    play->source = pts_course_source(&play->course);
    assert_int_equal(play->source.check(play->source.self, &drive, diag), 0);
    diag_destroy(diag);
    play->phase = play->source.first(play->source.self);
}

static const char *words(const struct play *play)
{
    return play->course.texts[play->phases % 2];
}

// The phase took a second, with `rate` requests of 5 us, which wrote so many bytes.
static void tell(struct play *play, uint64_t written)
{
    struct phase_result result = {.begins = play->now, .ends = play->now + TICKS_PER_S, .requests = play->rate,
                                  .bytes = play->rate * 4096, .written = written,
                                  .latency = (tick_sum_t)play->rate * 5 * TICKS_PER_US, .longest = play->longest,
                                  .latencies = &play->latencies};
    histogram_restart(&play->latencies);
    for (uint64_t i = 0; i < play->rate; i++)
        histogram_record(&play->latencies, 5000);
    struct workload *next = play->source.next(play->source.self, &result);
    workload_destroy(play->phase);
    play->phase = next;
    play->now += TICKS_PER_S;
    play->phases++;
}

static void tell_many(struct play *play, size_t count)
{
    for (size_t i = 0; i < count && play->phase != NULL; i++)
        tell(play, 0);
}

static void finish(struct play *play)
{
    workload_destroy(play->phase);
    pts_course_free(&play->course);
    histogram_destroy(&play->latencies);
}

static void test_iops_fills_the_drive_twice_then_plays_56_cells_a_round(void **state)
{
    (void)state;
    struct play play;
    begin(&play, &pts_test_iops, &(struct pts_options){0}, 512);
    assert_string_equal(words(&play), "rw=write bs=131072 size=100% iodepth=32 number_ios=16384");
    tell(&play, 0);
    assert_string_equal(words(&play), "rw=randread bs=1048576 size=100% iodepth=32 numjobs=1 "
                                      "runtime=64424509ns time_based");
    tell_many(&play, 8);
    assert_string_equal(words(&play),
                        "rw=randrw rwmixread=95 bs=1048576 size=100% iodepth=32 numjobs=1 runtime=64424509ns "
                        "time_based");
    tell_many(&play, 47);
    assert_string_equal(words(&play),
                        "rw=randwrite bs=512 size=100% iodepth=32 numjobs=1 runtime=64424509ns time_based");
    assert_int_equal(play.course.round_count, 0);
    tell(&play, 0);
    assert_int_equal(play.course.round_count, 1);
    finish(&play);
}

static void test_it_ends_with_the_first_five_rounds_that_are_steady(void **state)
{
    (void)state;
    static const uint64_t rates[] = {3000, 2000, 1200, 1000, 1010, 990, 1000, 1000}; // the last five: 1000, 2 %
    struct play play;
    struct pts_window window;
    begin(&play, &pts_test_iops, &(struct pts_options){.precondition_computed = true}, 512);
    for (size_t r = 0; r < 8; r++) {
        assert_non_null(play.phase);
        play.rate = rates[r];
        play.longest = (r == 2 ? 80 : r == 4 ? 9 : 5) * TICKS_PER_US;
        tell_many(&play, 56);
    }
    assert_null(play.phase);
    assert_true(play.course.complete && pts_course_window(&play.course, &window) && window.steady);
    assert_int_equal(window.first, 3);
    struct pts_cell cell = pts_course_mean(&play.course, &window, pts_course_tracked(&play.course));
    assert_true(fabs(cell.value[PTS_IOPS] - 1000) < 1e-9 && fabs(cell.value[PTS_MEAN_US] - 5) < 1e-9);
    assert_true(fabs(cell.value[PTS_MB_S] - 4.096) < 1e-9);
    assert_true(fabs(cell.value[PTS_NINES_US] - 5) < 5.0 / 1024); // as exact as buckets are
    assert_int_equal(cell.requests, 5000);
    assert_true(cell.value[PTS_MAX_US] == 9); // 80 was before the window
    finish(&play);
}

static void test_what_is_never_steady_ends_with_25_rounds(void **state)
{
    (void)state;
    struct play play;
    struct pts_window window;
    begin(&play, &pts_test_throughput, &(struct pts_options){.precondition_computed = true}, 512);
    while (play.phase != NULL) {
        play.rate = play.course.round_count % 2 == 0 ? 1000 : 1500;
        tell_many(&play, 2);
    }
    assert_int_equal(play.course.round_count, 25);
    assert_true(play.course.complete && pts_course_window(&play.course, &window) && !window.steady);
    finish(&play);
}

static void test_latency_takes_response_times_of_its_tracked_cell_at_the_end(void **state)
{
    (void)state;
    struct play play;
    begin(&play, &pts_test_latency, &(struct pts_options){.minute = TICKS_PER_MS}, 512);
    tell_many(&play, 1 + 9 * 5);
    assert_string_equal(words(&play),
                        "rw=randwrite bs=4096 size=100% iodepth=1 numjobs=1 runtime=20000000ns time_based");
    assert_false(play.course.complete);
    tell(&play, 0);
    assert_null(play.phase);
    assert_true(play.course.complete);
    assert_int_equal(play.course.round_count, 5);
    assert_int_equal(play.course.response.latencies.count, 1000);
    finish(&play);
}

// It is level from the first round on, and goes on until four capacities have been written: a quarter in each round.
static void test_saturation_ends_with_four_capacities_not_with_the_rule(void **state)
{
    (void)state;
    struct play play;
    begin(&play, &pts_test_wsat, &(struct pts_options){0}, 512);
    assert_string_equal(words(&play),
                        "rw=randwrite bs=4096 size=100% iodepth=32 numjobs=1 runtime=64424509ns time_based");
    while (play.phase != NULL)
        tell(&play, CAPACITY / 4);
    assert_int_equal(play.course.round_count, 16);
    assert_true(play.course.rounds[15].fills == 4 && play.course.rounds[15].seconds == 16);
    finish(&play);
}

static void test_blocks_that_the_drive_cannot_serve_are_left_out(void **state)
{
    (void)state;
    struct play play;
    begin(&play, &pts_test_iops, &(struct pts_options){.precondition_computed = true}, 4096);
    assert_int_equal(pts_course_cells(&play.course), 49);
    assert_int_equal(pts_cell_bytes(&play.course, pts_course_tracked(&play.course)), 4096);
    assert_int_equal(pts_cell_percent(&play.course, pts_course_tracked(&play.course)), 0);
    tell_many(&play, 49);
    assert_int_equal(play.course.round_count, 1);
    finish(&play);
}

static void test_sequential_threads_begin_at_places_of_their_own_in_the_active_range(void **state)
{
    (void)state;
    struct play play;
    begin(&play, &pts_test_throughput_128k, &(struct pts_options){.threads = 4, .iodepth = 8, .active_percent = 75,
                                                                  .minute = TICKS_PER_MS}, 512);
    assert_string_equal(words(&play), "rw=write bs=131072 size=75% iodepth=32 number_ios=12288"); // 2 x 0.75 x 8192
    tell(&play, 0);
    assert_string_equal(words(&play), "rw=read bs=131072 size=18% iodepth=8 numjobs=4 offset_increment=18% "
                                      "runtime=1000000ns time_based");
    finish(&play);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_iops_fills_the_drive_twice_then_plays_56_cells_a_round),
        cmocka_unit_test(test_it_ends_with_the_first_five_rounds_that_are_steady),
        cmocka_unit_test(test_what_is_never_steady_ends_with_25_rounds),
        cmocka_unit_test(test_latency_takes_response_times_of_its_tracked_cell_at_the_end),
        cmocka_unit_test(test_saturation_ends_with_four_capacities_not_with_the_rule),
        cmocka_unit_test(test_blocks_that_the_drive_cannot_serve_are_left_out),
        cmocka_unit_test(test_sequential_threads_begin_at_places_of_their_own_in_the_active_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
