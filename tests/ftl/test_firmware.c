// The core's processors, by schedules made by hand: which work runs from when to when; and their waits by theory.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ftl/firmware.h"
#include "util/alloc.h"
#include "util/exact_math.h"
#include "util/macros.h"
#include "util/rng.h"

enum { NEVER = -1, WORKS_MAX = 16 };

#define HOST FIRMWARE_HOST
#define BACK FIRMWARE_BACKGROUND

// Work that arrives, and when it must be done.
struct row {
    tick_t at;
    enum firmware_class class;
    tick_t duration; // 0: no further row
    int64_t done;    // NEVER: not by the end of the run
};

struct bench {
    struct sim *sim;
    struct firmware firmware;
};

struct work {
    struct bench *bench;
    const struct row *row;
    int64_t ended;
};

static void ended(void *context)
{
    struct work *work = context;
    assert_int_equal(work->ended, NEVER);
    work->ended = (int64_t)sim_now(work->bench->sim);
}

static void arrives(void *context)
{
    struct work *work = context;
    firmware_run(&work->bench->firmware, work->row->class, work->row->duration, ended, work);
}

static struct firmware_stats expect_until(struct ftl_config config, const struct row *rows, tick_t until)
{
    struct bench bench = {.sim = sim_create(1)};
    struct work works[WORKS_MAX];
    tick_t busy = 0;
    uint32_t count = 0;
    firmware_init(&bench.firmware, bench.sim, &config);
    for (; rows[count].duration != 0; count++) {
        works[count] = (struct work){&bench, &rows[count], NEVER};
        sim_at(bench.sim, rows[count].at, arrives, &works[count]);
        busy += rows[count].duration;
    }
    sim_run_before(bench.sim, until);
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(works[i].ended, rows[i].done);
    if (until == TICK_NEVER && config.clock == 0)
        assert_true(meter_total(&bench.firmware.meter) == busy);
    firmware_destroy(&bench.firmware);
    sim_destroy(bench.sim);
    return bench.firmware.stats;
}

static struct firmware_stats expect(struct ftl_config config, const struct row *rows)
{
    return expect_until(config, rows, TICK_NEVER);
}

#define SCHEDULE(...) ((const struct row[]){__VA_ARGS__, {0, HOST, 0, 0}})

// Processor 0: 0-10; processor 1: 0-4, 4-7, 7-12.
static void test_all_work_goes_in_order_of_arrival(void **state)
{
    (void)state;
    expect((struct ftl_config){.processors = 2},
           SCHEDULE({0, HOST, 10, 10}, {0, BACK, 4, 4}, {1, HOST, 3, 7}, {2, BACK, 5, 12}));
}

// 0-8 background, 8-11 and 11-15 the host's, 15-20 the background work that waited since 1.
static void test_background_work_begins_on_an_idle_processor_only(void **state)
{
    (void)state;
    struct ftl_config config = {.processors = 1, .host_first = true};
    expect(config, SCHEDULE({0, BACK, 8, 8}, {1, BACK, 5, 20}, {2, HOST, 3, 11}, {9, HOST, 4, 15}));
    config.host_first = false;
    expect(config, SCHEDULE({0, BACK, 8, 8}, {1, BACK, 5, 13}, {2, HOST, 3, 16}, {9, HOST, 4, 20}));
}

// Processor 0: 0-10; processor 1: 1-5, and from when it is idle 5-8.
static void test_background_work_waits_for_the_processor_that_is_idle_first(void **state)
{
    (void)state;
    expect((struct ftl_config){.processors = 2, .host_first = true},
           SCHEDULE({0, BACK, 10, 10}, {1, HOST, 4, 5}, {2, BACK, 3, 8}));
}

// Background work that arrives last does not overtake that which waits.
static void test_background_work_is_done_in_order_of_arrival(void **state)
{
    (void)state;
    expect((struct ftl_config){.processors = 1, .host_first = true},
           SCHEDULE({0, HOST, 10, 10}, {1, BACK, 6, 16}, {2, BACK, 1, 17}, {16, BACK, 2, 19}));
}

// Slices of 5: a command that comes within one waits for its end, one that comes as it ends goes before the next.
static void test_long_work_gives_way_after_each_slice(void **state)
{
    (void)state;
    struct ftl_config config = {.processors = 1, .slice = 5};
    expect(config, SCHEDULE({0, HOST, 13, 13}));
    expect(config, SCHEDULE({0, HOST, 13, 15}, {3, HOST, 2, 7}));
    expect(config, SCHEDULE({0, HOST, 13, 15}, {5, HOST, 2, 7}));
    expect(config, SCHEDULE({0, HOST, 13, 15}, {6, HOST, 2, 12}));
    config.slice = 0;
    expect(config, SCHEDULE({0, HOST, 13, 13}, {3, HOST, 2, 15}));
}

// A 0-5, B 5-10, A 10-15, B 15-20, A 20-22, B 22-24.
static void test_long_works_take_turns(void **state)
{
    (void)state;
    expect((struct ftl_config){.processors = 1, .slice = 5}, SCHEDULE({0, HOST, 12, 22}, {0, HOST, 12, 24}));
}

// What is exactly a slice long is not cut, and a tick more is: 5-6 goes to who came meanwhile.
static void test_a_slice_is_cut_only_beyond_its_end(void **state)
{
    (void)state;
    struct ftl_config config = {.processors = 1, .slice = 5};
    expect(config, SCHEDULE({0, HOST, 5, 5}, {1, HOST, 1, 6}));
    expect(config, SCHEDULE({0, HOST, 6, 7}, {1, HOST, 1, 6}));
}

// The command 0-5, 5-10, 10-12, then what is in the background.
static void test_the_rest_of_a_command_goes_before_background_work(void **state)
{
    (void)state;
    expect((struct ftl_config){.processors = 1, .slice = 5, .host_first = true},
           SCHEDULE({0, HOST, 12, 12}, {1, BACK, 3, 15}));
}

// Commands of 10 that come before the one before them is done leave no idle time. Background work that waits since 5
// gets its turn after 20, at 25, in order of arrival: behind the command that runs until 30, before the one of 29.
static void test_what_has_waited_for_the_bound_goes_in_order_of_arrival(void **state)
{
    (void)state;
    struct ftl_config config = {.processors = 1, .host_first = true, .background_bound = 20};
    expect(config, SCHEDULE({0, HOST, 10, 10}, {5, BACK, 3, 33}, {9, HOST, 10, 20}, {19, HOST, 10, 30},
                            {29, HOST, 10, 43}, {39, HOST, 10, 53}));
    config.background_bound = 25; // at 30, behind that of 29
    expect(config, SCHEDULE({0, HOST, 10, 10}, {5, BACK, 3, 43}, {9, HOST, 10, 20}, {19, HOST, 10, 30},
                            {29, HOST, 10, 40}, {39, HOST, 10, 53}));
    config.background_bound = 0;
    expect_until(config, SCHEDULE({0, HOST, 10, 10}, {5, BACK, 3, NEVER}, {9, HOST, 10, 20}, {19, HOST, 10, 30},
                                  {29, HOST, 10, 40}, {39, HOST, 10, 50}), 53);
}

// Each slice waits anew: 0-5, then the bound of 20 passes at 25 (it runs 30-35), and again at 55 (60-62), with never an
// idle moment.
static void test_each_slice_has_a_bound_of_its_own(void **state)
{
    (void)state;
    expect((struct ftl_config){.processors = 1, .slice = 5, .background_bound = 20},
           SCHEDULE({0, HOST, 12, 62}, {1, HOST, 5, 10}, {9, HOST, 5, 15}, {14, HOST, 5, 20}, {19, HOST, 5, 25},
                    {24, HOST, 5, 30}, {29, HOST, 5, 40}, {39, HOST, 5, 45}, {44, HOST, 5, 50}, {49, HOST, 5, 55},
                    {54, HOST, 5, 60}, {59, HOST, 5, 67}));
}

// Edges of 4: what arrives at 1 begins at 4; 13 are 16, a slice of 5 is 8: 4-12, and 12-20.
static void test_slices_are_whole_cycles(void **state)
{
    (void)state;
    const uint64_t hz = TICKS_PER_S / 4;
    expect((struct ftl_config){.processors = 1, .slice = 5, .clock = hz}, SCHEDULE({1, HOST, 13, 20}));
    expect((struct ftl_config){.processors = 1, .slice = 5, .clock = hz},
           SCHEDULE({1, HOST, 13, 24}, {11, HOST, 3, 16}));
}

// The first command 0-5 and 5-7; background work, which waited since 1, 7-12, and once more until its bound at 20, for
// 22-24.
static void test_what_is_counted(void **state)
{
    (void)state;
    struct ftl_config config = {.processors = 1, .slice = 5, .host_first = true, .background_bound = 8};
    struct firmware_stats stats =
        expect(config, SCHEDULE({0, HOST, 7, 7}, {1, BACK, 7, 24}, {8, HOST, 5, 17}, {13, HOST, 5, 22}));
    assert_int_equal(stats.waits, 1);
    assert_int_equal(stats.yields, 2);
    assert_int_equal(stats.overdue, 1);
}

// --- queueing theory -----------------------------------------------------------------------------------------------

// Both streams last as long.
enum { HOST_VISITS = 300000, HOST_TIME = 1000, BACK_VISITS = 100000, BACK_TIME = 4000 };

// Work of one class that arrives at random, as a Poisson process.
struct stream {
    struct bench *bench;
    struct rng rng;
    enum firmware_class class;
    tick_t duration;
    double rate; // a tick
    double next, waited;
    uint32_t visits, came, done;
};

struct visit {
    struct stream *stream;
    tick_t came;
};

static void visit_over(void *context)
{
    struct visit *visit = context;
    struct stream *stream = visit->stream;
    stream->waited += (double)(sim_now(stream->bench->sim) - visit->came - stream->duration);
    stream->done++;
    free(visit);
}

static void visit_begins(void *context);

static void schedule_visit(struct stream *stream)
{
    double u = (double)(rng_u64(&stream->rng) >> 11) * 0x1p-53;
    stream->next -= exact_log1p(-u) / stream->rate;
    if (stream->came++ < stream->visits)
        sim_at(stream->bench->sim, (tick_t)stream->next, visit_begins, stream);
}

static void visit_begins(void *context)
{
    struct stream *stream = context;
    struct visit *visit = xmalloc(sizeof *visit);
    *visit = (struct visit){stream, sim_now(stream->bench->sim)};
    firmware_run(&stream->bench->firmware, stream->class, stream->duration, visit_over, visit);
    schedule_visit(stream);
}

// The mean waits, in ticks, on one processor that is 30 % busy for the host and 40 % in the background.
static void waits_of(struct ftl_config config, double waits[FIRMWARE_CLASSES])
{
    struct bench bench = {.sim = sim_create(1)};
    struct stream streams[FIRMWARE_CLASSES] = {
        {.duration = HOST_TIME, .rate = 0.3 / HOST_TIME, .visits = HOST_VISITS},
        {.duration = BACK_TIME, .rate = 0.4 / BACK_TIME, .visits = BACK_VISITS}};
    config.processors = 1;
    firmware_init(&bench.firmware, bench.sim, &config);
    for (unsigned class = 0; class < FIRMWARE_CLASSES; class++) {
        streams[class].bench = &bench;
        streams[class].class = class;
        rng_seed(&streams[class].rng, class, "arrivals");
        schedule_visit(&streams[class]);
    }
    sim_run_before(bench.sim, TICK_NEVER);
    for (unsigned class = 0; class < FIRMWARE_CLASSES; class++) {
        assert_int_equal(streams[class].done, streams[class].visits);
        waits[class] = streams[class].waited / streams[class].visits;
    }
    firmware_destroy(&bench.firmware);
    sim_destroy(bench.sim);
}

static void expect_wait(double wait, double theory)
{
    if (wait < 0.98 * theory || wait > 1.02 * theory)
        fail_msg("%g instead of %g", wait, theory);
}

// Who comes finds, on average, left to do of the work that runs: half a piece of each kind, as often as it runs.
#define LEFT(host, back) (0.3 * (host) / 2 + 0.4 * (back) / 2)

// Pollaczek and Khinchine, in order of arrival: the rest over 1 - 0.7, for everybody. Cobham ("Priority assignment in
// waiting line problems", Operations Research 2, 1954), with priorities: over 1 - 0.3 for the host, over that times
// 1 - 0.7 in the background. With slices of background work the host waits for the rest of a slice alone.
static void test_waits_are_those_of_theory(void **state)
{
    (void)state;
    double waits[FIRMWARE_CLASSES], rest = LEFT(HOST_TIME, BACK_TIME);
    waits_of((struct ftl_config){.host_first = false}, waits);
    expect_wait(waits[HOST], rest / 0.3);
    expect_wait(waits[BACK], rest / 0.3);
    waits_of((struct ftl_config){.host_first = true}, waits);
    expect_wait(waits[HOST], rest / 0.7);
    expect_wait(waits[BACK], rest / 0.7 / 0.3);
    waits_of((struct ftl_config){.host_first = true, .slice = HOST_TIME}, waits);
    expect_wait(waits[HOST], LEFT(HOST_TIME, HOST_TIME) / 0.7);
}

// --- what commands wait for ----------------------------------------------------------------------------------------

struct command {
    struct firmware *firmware;
    tick_t duration;
    struct breakdown path;
    tick_t waits[WAIT_COUNT];
};

static void worked(void *context)
{
    struct command *command = context;
    breakdown_enter(&command->path, STAGE_COMPLETION, sim_now(command->firmware->sim));
}

static void command_arrives(void *context)
{
    struct command *command = context;
    breakdown_start(&command->path, STAGE_CONTROLLER, sim_now(command->firmware->sim));
    command->path.waits = command->waits;
    firmware_serve(command->firmware, command->duration, &command->path, worked, command);
}

static void nothing(void *context)
{
    (void)context;
}

static void background_of_20(void *context)
{
    firmware_run(context, BACK, 20, nothing, NULL);
}

// One processor: a command 0-10, background 10-30, commands that come at 4 and at 6: 30-37 and 37-40.
static void test_who_waits_is_told_behind_whose_work(void **state)
{
    (void)state;
    struct firmware firmware;
    struct sim *sim = sim_create(1);
    struct command commands[] = {{&firmware, .duration = 10}, {&firmware, .duration = 7}, {&firmware, .duration = 3}};
    static const tick_t at[] = {0, 4, 6}, host[] = {0, 6, 4 + 7}, background[] = {0, 20, 20};
    firmware_init(&firmware, sim, &(struct ftl_config){.processors = 1});
    firmware_explain(&firmware);
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
        sim_at(sim, at[i], command_arrives, &commands[i]);
    sim_at(sim, 2, background_of_20, &firmware);
    sim_run_before(sim, TICK_NEVER);
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        const struct breakdown *path = &commands[i].path;
        assert_int_equal(wait_of(path, WAIT_CONTROLLER_HOST_WORK), host[i]);
        assert_int_equal(wait_of(path, WAIT_CONTROLLER_BACKGROUND), background[i]);
        assert_int_equal(wait_rest(path, STAGE_CONTROLLER), commands[i].duration);
    }
    firmware_destroy(&firmware);
    sim_destroy(sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_work_goes_in_order_of_arrival),
        cmocka_unit_test(test_background_work_begins_on_an_idle_processor_only),
        cmocka_unit_test(test_background_work_waits_for_the_processor_that_is_idle_first),
        cmocka_unit_test(test_background_work_is_done_in_order_of_arrival),
        cmocka_unit_test(test_long_work_gives_way_after_each_slice),
        cmocka_unit_test(test_long_works_take_turns),
        cmocka_unit_test(test_a_slice_is_cut_only_beyond_its_end),
        cmocka_unit_test(test_the_rest_of_a_command_goes_before_background_work),
        cmocka_unit_test(test_what_has_waited_for_the_bound_goes_in_order_of_arrival),
        cmocka_unit_test(test_each_slice_has_a_bound_of_its_own),
        cmocka_unit_test(test_slices_are_whole_cycles),
        cmocka_unit_test(test_what_is_counted),
        cmocka_unit_test(test_waits_are_those_of_theory),
        cmocka_unit_test(test_who_waits_is_told_behind_whose_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
