// Classes of latency: which commands are in which, and that their stages and causes add up to the picosecond.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stats/command_stats.h"
#include "util/macros.h"
#include "util/rng.h"

enum { COMMANDS = 20000 };

struct command {
    tick_t latency, controller, background, die_wait, erase;
};

// As the host hands it on: die_wait with two causes, controller with one, the rest in the array.
static void record(struct command_stats *stats, const struct command *c)
{
    tick_t waits[WAIT_COUNT] = {0};
    struct breakdown path;
    memset(waits, 0xa5, sizeof waits); // as a command before has left them
    breakdown_start(&path, STAGE_CONTROLLER, 1000);
    path.waits = waits;
    if (c->background != 0)
        wait_add(&path, WAIT_CONTROLLER_BACKGROUND, c->background);
    if (c->die_wait != 0) {
        wait_add(&path, WAIT_DIE_WAIT_ERASE, c->erase);
        wait_add(&path, WAIT_DIE_WAIT_HOST_READ, c->die_wait - c->erase);
    }
    breakdown_enter(&path, STAGE_DIE_WAIT, 1000 + c->controller);
    breakdown_enter(&path, STAGE_ARRAY, 1000 + c->controller + c->die_wait);
    breakdown_enter(&path, STAGE_ARRAY, 1000 + c->latency);
    command_stats_record(stats, IO_READ, 4096, 0, &path);
}

static struct command draw(struct rng *rng)
{
    struct command c = {.controller = rng_below(rng, 3000000), .background = rng_below(rng, 2) * 700};
    c.background = MIN(c.background, c.controller);
    c.die_wait = rng_below(rng, 4) == 0 ? rng_below(rng, 1 << 30) : 0;
    c.erase = c.die_wait / 3;
    c.latency = c.controller + c.die_wait + 50000000 + rng_below(rng, 40000000);
    return c;
}

static uint64_t ns_of(tick_t latency)
{
    return (latency + 500) / 1000;
}

// What of the commands the class should hold: those between two latencies.
static struct tail_sums expect(const struct command *commands, uint64_t above_ns, uint64_t up_to_ns)
{
    struct tail_sums sums = {0};
    for (int i = 0; i < COMMANDS; i++) {
        const struct command *c = &commands[i];
        if (ns_of(c->latency) <= above_ns || ns_of(c->latency) > up_to_ns)
            continue;
        sums.count++;
        sums.latency += c->latency;
        sums.stages[STAGE_CONTROLLER] += c->controller;
        sums.stages[STAGE_DIE_WAIT] += c->die_wait;
        sums.stages[STAGE_ARRAY] += c->latency - c->controller - c->die_wait;
        sums.waits[WAIT_CONTROLLER_BACKGROUND] += c->background;
        sums.waits[WAIT_DIE_WAIT_ERASE] += c->erase;
        sums.waits[WAIT_DIE_WAIT_HOST_READ] += c->die_wait - c->erase;
    }
    return sums;
}

static void check_sums(const struct tail_sums *told, const struct tail_sums *truth)
{
    tick_sum_t all = 0;
    assert_int_equal(told->count, truth->count);
    assert_true(told->latency == truth->latency);
    for (int i = 0; i < STAGE_COUNT; i++) {
        assert_true(told->stages[i] == truth->stages[i]);
        all += told->stages[i];
    }
    for (int i = 0; i < WAIT_COUNT; i++)
        assert_true(told->waits[i] == truth->waits[i]);
    assert_true(all == told->latency);
}

static void test_classes_hold_the_commands_between_two_latencies_to_the_picosecond(void **state)
{
    (void)state;
    static const double nominal[TAIL_CLASSES] = {0.5, 0.9, 0.99, 0.999, 1};
    static struct command commands[COMMANDS];
    struct command_stats stats;
    struct tail_class classes[TAIL_CLASSES];
    struct rng rng;
    uint64_t below_ns = 0, below = 0;
    rng_seed(&rng, 3, "test");
    command_stats_init(&stats);
    command_stats_explain(&stats);
    for (int i = 0; i < COMMANDS; i++) {
        commands[i] = draw(&rng);
        record(&stats, &commands[i]);
    }
    tail_classes(&stats.kinds[IO_READ].tail, classes);
    for (int i = 0; i < TAIL_CLASSES; i++) {
        struct tail_sums truth = expect(commands, below_ns, classes[i].up_to_ns);
        check_sums(&classes[i].sums, &truth);
        below += truth.count;
        below_ns = classes[i].up_to_ns;
        assert_true(labs((long)below - (long)(nominal[i] * COMMANDS)) < COMMANDS / 40); // a bucket's commands
    }
    assert_int_equal(below, COMMANDS);
    assert_true(tail_rest(&classes[0].sums, STAGE_CONTROLLER) ==
                classes[0].sums.stages[STAGE_CONTROLLER] - classes[0].sums.waits[WAIT_CONTROLLER_BACKGROUND]);
    assert_true(tail_rest(&classes[4].sums, STAGE_DIE_WAIT) == 0);
    command_stats_destroy(&stats);
}

static void record_many(struct command_stats *stats, int count, tick_t latency)
{
    for (int i = 0; i < count; i++)
        record(stats, &(struct command){.latency = latency});
}

static void check_counts(const struct command_stats *stats, const uint64_t expected[TAIL_CLASSES])
{
    struct tail_class classes[TAIL_CLASSES];
    tail_classes(&stats->kinds[IO_READ].tail, classes);
    for (int i = 0; i < TAIL_CLASSES; i++)
        assert_int_equal(classes[i].sums.count, expected[i]);
}

static void test_whole_buckets_go_where_their_middle_is_and_the_slowest_to_the_last_class(void **state)
{
    (void)state;
    struct command_stats stats;
    command_stats_init(&stats);
    command_stats_explain(&stats);
    record_many(&stats, 1000, 80000000);
    check_counts(&stats, (uint64_t[]){1000, 0, 0, 0, 0}); // all alike: there is no tail
    record_many(&stats, 2, 900000000);
    check_counts(&stats, (uint64_t[]){1000, 0, 0, 0, 2}); // ranks 1001 and 1002 of 1002
    record_many(&stats, 600, 90000000);
    check_counts(&stats, (uint64_t[]){1000, 600, 0, 0, 2}); // middle of 1 to 1000: 31 %, of 1001 to 1600: 81 %
    record_many(&stats, 98, 400000000);
    check_counts(&stats, (uint64_t[]){1000, 600, 98, 0, 2}); // its middle is at 97 %
    command_stats_restart(&stats, 5);
    check_counts(&stats, (uint64_t[]){0, 0, 0, 0, 0});
    record_many(&stats, 400, 80000000);
    record_many(&stats, 100, 900000000);
    check_counts(&stats, (uint64_t[]){400, 0, 0, 0, 100}); // its middle is at 90 %, but it is the slowest
    record_many(&stats, 400, 90000000);
    check_counts(&stats, (uint64_t[]){400, 400, 0, 0, 100}); // it begins at 44 %, its middle is at 67 %
    command_stats_destroy(&stats);
}

static void test_what_is_not_explained_keeps_nothing(void **state)
{
    (void)state;
    struct command_stats stats;
    command_stats_init(&stats);
    record_many(&stats, 3, 80000000);
    assert_null(stats.kinds[IO_READ].tail.buckets);
    command_stats_destroy(&stats);
}

// Half of a wait has passed when somebody joins: half of each cause is left, and together they are the wait.
static void test_who_comes_later_is_told_the_same_shares_of_what_is_left(void **state)
{
    (void)state;
    tick_t waits[WAIT_NAND_COUNT] = {0}, left[WAIT_NAND_COUNT];
    struct breakdown part;
    breakdown_start_nand(&part, STAGE_DIE_WAIT, 100);
    part.waits = waits;
    wait_add(&part, WAIT_DIE_WAIT_ERASE, 601);
    wait_add(&part, WAIT_DIE_WAIT_GC_READ, 400);
    breakdown_enter(&part, STAGE_ARRAY, 1101);
    breakdown_enter(&part, STAGE_ARRAY, 2101);
    struct breakdown rest = breakdown_since(&part, 600, left);
    assert_int_equal(rest.spent[STAGE_DIE_WAIT], 501);
    assert_int_equal(rest.waits[WAIT_DIE_WAIT_GC_READ], 400 * 501 / 1001);
    assert_int_equal(rest.waits[WAIT_DIE_WAIT_GC_READ] + rest.waits[WAIT_DIE_WAIT_ERASE], 501);
    assert_int_equal(wait_rest(&rest, STAGE_DIE_WAIT), 0);
}

// So does a copy that joins a read of the host's: its causes are kept nowhere.
static void test_who_keeps_no_causes_may_come_later_too(void **state)
{
    (void)state;
    tick_t waits[WAIT_NAND_COUNT] = {0};
    struct breakdown part;
    breakdown_start_nand(&part, STAGE_DIE_WAIT, 100);
    part.waits = waits;
    wait_add(&part, WAIT_DIE_WAIT_ERASE, 1000);
    breakdown_enter(&part, STAGE_ARRAY, 1100);
    struct breakdown rest = breakdown_since(&part, 600, NULL);
    assert_int_equal(rest.spent[STAGE_DIE_WAIT], 500);
    assert_int_equal(wait_of(&rest, WAIT_DIE_WAIT_ERASE), 0);
    assert_int_equal(wait_rest(&rest, STAGE_DIE_WAIT), 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_classes_hold_the_commands_between_two_latencies_to_the_picosecond),
        cmocka_unit_test(test_whole_buckets_go_where_their_middle_is_and_the_slowest_to_the_last_class),
        cmocka_unit_test(test_what_is_not_explained_keeps_nothing),
        cmocka_unit_test(test_who_comes_later_is_told_the_same_shares_of_what_is_left),
        cmocka_unit_test(test_who_keeps_no_causes_may_come_later_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
