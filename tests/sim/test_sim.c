// The engine: order of events, bounds, stops, who drives it from outside, and the end of time; clocks and timelines.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "sim/sim.h"
#include "sim/timeline.h"
#include "util/check.h"
#include "util/rng.h"

struct recorder {
    struct sim *sim;
    struct rng rng;
    uint64_t left; // events still to schedule
    tick_t last_time;
    uint64_t last_number;
    uint64_t ran;
};

struct ticket {
    struct recorder *recorder;
    tick_t when;
    uint64_t number; // order of scheduling
};

static uint64_t tickets;

static void run_ticket(void *context);

static void schedule_ticket(struct recorder *r, tick_t delay)
{
    struct ticket *ticket = malloc(sizeof *ticket);
    *ticket = (struct ticket){.recorder = r, .when = sim_now(r->sim) + delay, .number = tickets++};
    sim_after(r->sim, delay, run_ticket, ticket);
}

static void run_ticket(void *context)
{
    struct ticket *ticket = context;
    struct recorder *r = ticket->recorder;
    assert_int_equal(sim_now(r->sim), ticket->when);
    assert_true(ticket->when > r->last_time || (ticket->when == r->last_time && ticket->number > r->last_number));
    r->last_time = ticket->when;
    r->last_number = ticket->number;
    r->ran++;
    uint64_t children = rng_below(&r->rng, 3);
    for (uint64_t i = 0; i < children && r->left > 0; i++, r->left--)
        schedule_ticket(r, rng_below(&r->rng, 4) == 0 ? 0 : rng_below(&r->rng, 50));
    free(ticket);
}

static void test_events_run_by_time_then_by_order_of_scheduling(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct recorder r = {.sim = sim_create(seed), .left = 5000};
        rng_seed(&r.rng, seed, "test");
        tickets = 0;
        r.last_number = UINT64_MAX; // so that the first event at tick 0 must be later in time or is number 0
        r.last_time = 0;
        schedule_ticket(&r, 1);
        for (int i = 0; i < 2000; i++)
            schedule_ticket(&r, 1 + rng_below(&r.rng, 100));
        sim_run_before(r.sim, TICK_NEVER);
        assert_int_equal(r.ran, tickets);
        assert_int_equal(sim_events(r.sim), tickets);
        assert_int_equal(sim_next(r.sim), TICK_NEVER);
        sim_destroy(r.sim);
    }
}

static void append(void *context)
{
    char **text = context;
    *(*text)++ = 'w';
}

static void test_the_bound_is_exclusive(void **state)
{
    (void)state;
    char text[8] = "", *end = text;
    struct sim *sim = sim_create(1);
    sim_at(sim, 9, append, &end);
    sim_at(sim, 10, append, &end);
    sim_run_before(sim, 10);
    assert_string_equal(text, "w");
    assert_int_equal(sim_next(sim), 10);
    assert_int_equal(sim_now(sim), 9);
    sim_run_before(sim, 11);
    assert_string_equal(text, "ww");
    sim_destroy(sim);
}

struct chain {
    struct sim *sim;
    int left;
    tick_t next_seen;
};

static void chain_step(void *context)
{
    struct chain *chain = context;
    chain->next_seen = sim_next(chain->sim);
    if (--chain->left == 0)
        sim_stop(chain->sim);
    else
        sim_after(chain->sim, 3, chain_step, chain);
}

static void test_stop_returns_after_the_current_event_and_can_be_resumed(void **state)
{
    (void)state;
    struct chain chain = {.sim = sim_create(1), .left = 4};
    char text[8] = "", *end = text;
    sim_at(chain.sim, 0, chain_step, &chain);
    sim_at(chain.sim, 100, append, &end);
    sim_run_before(chain.sim, TICK_NEVER);
    assert_true(sim_stopped(chain.sim));
    assert_int_equal(sim_now(chain.sim), 9);
    assert_int_equal(chain.next_seen, 100);
    assert_string_equal(text, "");
    sim_run_before(chain.sim, TICK_NEVER);
    assert_string_equal(text, "w");
    sim_destroy(chain.sim);
}

static void count(void *context)
{
    ++*(int *)context;
}

static void nothing(void *context)
{
    (void)context;
}

struct peek {
    struct sim *sim;
    tick_t next;
};

static void peek(void *context)
{
    struct peek *peek = context;
    peek->next = sim_next(peek->sim);
}

static void test_an_event_sees_only_what_comes_after_it(void **state)
{
    (void)state;
    struct peek seen = {.sim = sim_create(1)};
    for (tick_t when = 1; when <= 9; when++)
        sim_at(seen.sim, when, peek, &seen);
    for (tick_t when = 1; when <= 9; when++) {
        sim_run_before(seen.sim, when + 1);
        assert_int_equal(seen.next, when < 9 ? when + 1 : TICK_NEVER);
    }
    sim_destroy(seen.sim);
}

static void test_a_stop_asked_for_between_runs_ends_the_next_at_once(void **state)
{
    (void)state;
    char text[8] = "", *end = text;
    struct sim *sim = sim_create(1);
    sim_at(sim, 5, append, &end);
    sim_stop(sim);
    sim_run_before(sim, TICK_NEVER);
    assert_true(sim_stopped(sim));
    assert_string_equal(text, "");
    sim_run_before(sim, TICK_NEVER);
    assert_false(sim_stopped(sim));
    assert_string_equal(text, "w");
    sim_destroy(sim);
}

static void test_an_outside_driver_hears_of_earlier_events_only(void **state)
{
    (void)state;
    int heard = 0, ran = 0;
    struct sim *sim = sim_create(1);
    sim_on_earlier(sim, count, &heard);
    sim_at(sim, 50, count, &ran);
    assert_int_equal(heard, 1);
    sim_at(sim, 60, count, &ran);
    assert_int_equal(heard, 1);
    sim_at(sim, 40, count, &ran);
    assert_int_equal(heard, 2);
    sim_run_before(sim, TICK_NEVER);
    assert_int_equal(ran, 3);
    sim_destroy(sim);
}

struct lowering {
    struct sim *sim;
    int ran;
};

static void lower_to_20(void *context)
{
    struct lowering *lowering = context;
    lowering->ran++;
    sim_lower_bound(lowering->sim, 20);
    sim_lower_bound(lowering->sim, 30); // later than what holds: no effect
}

static void test_an_event_can_lower_the_bound_of_its_run(void **state)
{
    (void)state;
    struct lowering lowering = {.sim = sim_create(1)};
    sim_at(lowering.sim, 10, lower_to_20, &lowering);
    sim_at(lowering.sim, 19, count, &lowering.ran);
    sim_at(lowering.sim, 20, count, &lowering.ran);
    sim_run_before(lowering.sim, 100);
    assert_int_equal(lowering.ran, 2);
    sim_run_before(lowering.sim, 100);
    assert_int_equal(lowering.ran, 3);
    sim_destroy(lowering.sim);
}

// Whoever drives it from outside looks for the next event, moves the clock, and schedules something before it.
static void test_an_outside_driver_may_schedule_before_the_event_it_saw(void **state)
{
    (void)state;
    char text[8] = "", *end = text;
    int heard = 0, ran = 0;
    struct sim *sim = sim_create(1);
    sim_on_earlier(sim, count, &heard);
    sim_at(sim, 10 * TICKS_PER_S, append, &end);
    sim_run_before(sim, 10 * TICKS_PER_S);
    assert_int_equal(sim_next(sim), 10 * TICKS_PER_S);
    sim_advance(sim, 4 * TICKS_PER_S);
    sim_at(sim, 4 * TICKS_PER_S, count, &ran);
    assert_int_equal(heard, 2);
    assert_int_equal(sim_next(sim), 4 * TICKS_PER_S);
    sim_run_before(sim, 10 * TICKS_PER_S);
    assert_int_equal(ran, 1);
    assert_string_equal(text, "");
    sim_run_before(sim, TICK_NEVER);
    assert_string_equal(text, "w");
    sim_destroy(sim);
}

struct countdown {
    struct sim *sim;
    uint64_t ran;
    tick_t last;
};

static void count_up(void *context)
{
    struct countdown *countdown = context;
    countdown->ran++;
    assert_true(sim_now(countdown->sim) >= countdown->last);
    countdown->last = sim_now(countdown->sim);
}

static void test_millions_of_events_may_be_pending(void **state)
{
    (void)state;
    enum { EVENTS = 1100000 };
    struct countdown countdown = {.sim = sim_create(1)};
    for (uint64_t i = 0; i < EVENTS; i++)
        sim_at(countdown.sim, i * 7919 % 1000003, count_up, &countdown);
    sim_run_before(countdown.sim, TICK_NEVER);
    assert_int_equal(countdown.ran, EVENTS);
    sim_destroy(countdown.sim);
}

static int exit_status_of_scheduling_at(tick_t when)
{
    pid_t child = fork();
    if (child == 0) {
        struct sim *sim = sim_create(1);
        fclose(stderr);
        sim_at(sim, 100, nothing, NULL);
        sim_run_before(sim, TICK_NEVER);
        sim_at(sim, when, nothing, NULL);
        _exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    return WEXITSTATUS(status);
}

static void test_nothing_is_scheduled_in_the_past(void **state)
{
    (void)state;
    assert_int_equal(exit_status_of_scheduling_at(100), 0);
    assert_int_equal(exit_status_of_scheduling_at(99), EXIT_BROKEN_INVARIANT);
}

static void test_simulated_time_ends(void **state)
{
    (void)state;
    int ran = 0;
    struct sim *sim = sim_create(1);
    assert_false(sim_out_of_time(sim));
    sim_at(sim, TICK_END - 1, count, &ran);
    sim_at(sim, TICK_END, count, &ran);
    sim_at(sim, TICK_NEVER, count, &ran);
    assert_int_equal(sim_next(sim), TICK_END - 1);
    assert_false(sim_out_of_time(sim));
    sim_run_before(sim, TICK_NEVER);
    assert_int_equal(ran, 1);
    assert_int_equal(sim_now(sim), TICK_END - 1);
    assert_int_equal(sim_next(sim), TICK_NEVER);
    assert_true(sim_out_of_time(sim));
    sim_destroy(sim);
}

// A hundred reservations of 53 days each, and every end lies behind its beginning.
static void test_a_timeline_never_wraps(void **state)
{
    (void)state;
    const tick_t duration = (tick_t)1 << 62;
    struct timeline timeline = {0};
    assert_int_equal(timeline_reserve(&timeline, 5, duration), 5);
    assert_int_equal(timeline_reserve(&timeline, 6, duration), 5 + duration);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(timeline_reserve(&timeline, 7, duration), TICK_END);
        assert_int_equal(timeline.free_at, TICK_END + duration);
    }
}

static void test_periods_are_rounded_to_the_nearest_picosecond(void **state)
{
    (void)state;
    assert_int_equal(clock_from_hz(600000000).period, 1667); // 1666.67
    assert_int_equal(clock_from_hz(300000000).period, 3333); // 3333.33
    assert_int_equal(clock_round_up(clock_from_hz(500000000), 2001), 4000);
    assert_int_equal(clock_round_up(clock_from_hz(500000000), 4000), 4000);
}

static void test_a_timeline_serves_in_order_and_not_before_the_work_is_there(void **state)
{
    (void)state;
    struct timeline timeline = {0};
    assert_int_equal(timeline_reserve(&timeline, 100, 50), 100);
    assert_int_equal(timeline_reserve(&timeline, 120, 30), 150);
    assert_int_equal(timeline_reserve(&timeline, 180, 5), 180);
    assert_int_equal(timeline_reserve(&timeline, 1000, 1), 1000);
    assert_int_equal(timeline.free_at, 1001);
}

static void test_cycles_beyond_the_end_of_time_end_just_before_it(void **state)
{
    (void)state;
    struct clock slow = clock_from_hz(1);
    assert_int_equal(clock_cycles(slow, 3), 3 * TICKS_PER_S);
    assert_int_equal(clock_cycles(slow, 9223372), 9223372 * TICKS_PER_S);
    assert_int_equal(clock_cycles(slow, 9223373), TICK_END - 1);
    assert_int_equal(clock_cycles(slow, 18446745), TICK_END - 1); // past 2^64
    assert_int_equal(clock_cycles(slow, UINT64_MAX), TICK_END - 1);
}

static void test_clock_edges(void **state)
{
    (void)state;
    struct clock clock = clock_from_hz(400000000);
    assert_int_equal(clock.period, 2500);
    assert_int_equal(clock_edge(clock, 0), 0);
    assert_int_equal(clock_edge(clock, 1), 2500);
    assert_int_equal(clock_edge(clock, 2500), 2500);
    assert_int_equal(clock_edge(clock, 2501), 5000);
    assert_int_equal(clock_cycles(clock, 4), 10000);
    struct clock ideal = clock_from_hz(0);
    assert_int_equal(clock_edge(ideal, 17), 17);
    assert_int_equal(clock_cycles(ideal, 4), 0);
    assert_int_equal(clock_from_hz(600000000).period, 1667); // 1666.67
    assert_int_equal(clock_from_hz(300000000).period, 3333); // 3333.33
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events_run_by_time_then_by_order_of_scheduling),
        cmocka_unit_test(test_the_bound_is_exclusive),
        cmocka_unit_test(test_stop_returns_after_the_current_event_and_can_be_resumed),
        cmocka_unit_test(test_an_event_sees_only_what_comes_after_it),
        cmocka_unit_test(test_a_stop_asked_for_between_runs_ends_the_next_at_once),
        cmocka_unit_test(test_an_outside_driver_hears_of_earlier_events_only),
        cmocka_unit_test(test_an_event_can_lower_the_bound_of_its_run),
        cmocka_unit_test(test_an_outside_driver_may_schedule_before_the_event_it_saw),
        cmocka_unit_test(test_millions_of_events_may_be_pending),
        cmocka_unit_test(test_nothing_is_scheduled_in_the_past),
        cmocka_unit_test(test_simulated_time_ends),
        cmocka_unit_test(test_a_timeline_never_wraps),
        cmocka_unit_test(test_periods_are_rounded_to_the_nearest_picosecond),
        cmocka_unit_test(test_a_timeline_serves_in_order_and_not_before_the_work_is_there),
        cmocka_unit_test(test_cycles_beyond_the_end_of_time_end_just_before_it),
        cmocka_unit_test(test_clock_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
