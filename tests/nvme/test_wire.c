// The order on one direction of a link: schedules by hand, and all of them against a model that sends TLP by TLP.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "nvme/link/wire.h"
#include "util/macros.h"
#include "util/rng.h"

enum { TLP = 100 }; // ps of a full one

static struct wire make_with(uint32_t engines)
{
    struct wire wire;
    wire_init(&wire, (uint64_t)TLP << LINK_TICK_SHIFT, engines);
    return wire;
}

static struct wire make(void)
{
    return make_with(1);
}

// Three full TLPs and one of 50 ps, from 0. Control that comes at 120 waits for the second one's end, at 200; one that
// comes meanwhile waits for it. The data are moved by both. At 351 their last TLP is under way (350 to 400 with 30
// more before it): control comes behind it, and does not move it.
static void test_control_goes_between_tlps_and_moves_the_rest(void **state)
{
    (void)state;
    struct wire wire = make();
    struct wire_flow flow = {0};
    assert_int_equal(wire_data(&wire, 0, 350, &flow), 350);
    assert_int_equal(wire_control(&wire, 120, 20), 220);
    assert_int_equal(wire_control(&wire, 210, 10), 230);
    assert_int_equal(wire_look(&wire, 240, &flow), 380);
    assert_int_equal(wire_control(&wire, 351, 7), 387);
    assert_int_equal(wire_look(&wire, 380, &flow), 380);
    assert_int_equal(flow.end, 380);
    assert_int_equal(flow.pending, 0);
    wire_destroy(&wire);
}

// At the very end of a TLP, and a tick before and after.
static void test_a_boundary_is_taken_by_who_is_there_at_it(void **state)
{
    (void)state;
    static const struct {
        tick_t at, end;
    } cases[] = {{0, 9}, {1, 109}, {99, 109}, {100, 109}, {101, 209}, {199, 209}, {200, 209}, {201, 259}, {250, 259}};
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct wire wire = make();
        struct wire_flow flow = {0};
        wire_data(&wire, 0, 250, &flow);
        assert_int_equal(wire_control(&wire, cases[i].at, 9), cases[i].end);
        assert_int_equal(wire_look(&wire, 300, &flow), cases[i].end <= 209 ? 259 : 250);
        wire_destroy(&wire);
    }
}

// A is sent from 0 to 200, what follows it to 210; B from there. Control at 150 goes before what follows A, at 200,
// and moves it and B, not A. What follows a flow waits for none of the data of others.
static void test_what_follows_data_comes_right_behind_them(void **state)
{
    (void)state;
    struct wire wire = make();
    struct wire_flow a = {0}, b = {0};
    wire_data(&wire, 0, 200, &a);
    assert_int_equal(wire_follow(&wire, 0, 10, &a), 210);
    assert_int_equal(wire_data(&wire, 0, 200, &b), 410);
    assert_int_equal(wire_follow(&wire, 0, 10, &b), 420);
    assert_int_equal(wire_control(&wire, 150, 5), 205);
    assert_int_equal(wire_look(&wire, 300, &a), 215);
    assert_int_equal(a.end, 200);
    assert_int_equal(wire_look(&wire, 420, &b), 425);
    assert_int_equal(wire_look(&wire, 425, &b), 425);
    assert_int_equal(b.end, 415);
    wire_destroy(&wire);
}

// A's completion is ready only when B's data wait behind A's: it goes before them all the same.
static void test_what_follows_later_goes_before_data_that_wait(void **state)
{
    (void)state;
    struct wire wire = make();
    struct wire_flow a = {0}, b = {0};
    wire_data(&wire, 0, 200, &a);
    wire_data(&wire, 0, 200, &b);
    assert_int_equal(wire_follow(&wire, 0, 10, &b), 410);
    assert_int_equal(wire_follow(&wire, 50, 10, &a), 210);
    assert_int_equal(wire_look(&wire, 210, &a), 210);
    assert_int_equal(wire_look(&wire, 410, &b), 420);
    assert_int_equal(wire_look(&wire, 420, &b), 420);
    wire_destroy(&wire);
}

// A request under a wire that is never free waits for the TLP under way: for a 300th of what is queued before it.
static void test_control_waits_for_one_tlp_under_any_backlog(void **state)
{
    (void)state;
    struct wire wire = make();
    struct wire_flow flow = {0};
    wire_data(&wire, 0, 100000, &flow);
    for (tick_t now = 1; now < 30000; now += 997) {
        tick_t end = wire_control(&wire, now, 3);
        assert_true(end >= now + 3);
        assert_true(end <= now + 3 + TLP);
    }
    wire_destroy(&wire);
}

static void test_a_forgotten_flow_keeps_its_time(void **state)
{
    (void)state;
    for (tick_t when = 0; when <= 250; when += 50) {
        struct wire wire = make();
        struct wire_flow a = {0}, gone = {0}, b = {0};
        wire_data(&wire, 0, 200, &a);
        wire_data(&wire, 0, 200, &gone);
        wire_follow(&wire, 0, 10, &gone);
        wire_data(&wire, 0, 200, &b);
        wire_forget(&wire, when, &gone);
        assert_int_equal(gone.pending, 0);
        assert_int_equal(wire_look(&wire, 610, &b), 610);
        wire_destroy(&wire);
    }
}

// Two flows over two channels, told of at 0: A comes at 100, 300 and 300, B at 110 and 120, 60 ps each. What comes at 305
// waits behind A's last one, control at 310 goes before it.
static void test_data_to_come_are_sent_in_order_of_arrival(void **state)
{
    (void)state;
    struct wire wire = make();
    struct wire_flow a = {0}, b = {0}, c = {0};
    wire_data_later(&wire, 60, (tick_t[]){100, 300, 300}, 3, &a);
    wire_data_later(&wire, 60, (tick_t[]){110, 120}, 2, &b);
    assert_int_equal(wire_control(&wire, 90, 5), 95);
    assert_int_equal(wire_follow(&wire, 120, 10, &b), 290);
    assert_int_equal(wire_look(&wire, 290, &b), 290);
    assert_int_equal(b.end, 280);
    assert_int_equal(wire_data(&wire, 305, 60, &c), 480);
    assert_int_equal(wire_control(&wire, 310, 5), 365);
    assert_int_equal(wire_look(&wire, 365, &a), 425);
    assert_int_equal(wire_look(&wire, 485, &a), 425);
    assert_int_equal(wire_look(&wire, 485, &c), 485);
    assert_true(meter_total(&wire.meter) == 6 * 60 + 5 + 10 + 5);
    wire_destroy(&wire);
}

// Of those that come at once who was told of first is sent first.
static void test_data_that_come_at_once_are_sent_as_told(void **state)
{
    (void)state;
    struct wire wire = make();
    struct wire_flow flows[3] = {{0}};
    for (int i = 0; i < 3; i++)
        wire_data_later(&wire, 10, (tick_t[]){50, 70}, 2, &flows[i]);
    for (int i = 0; i < 3; i++)
        assert_int_equal(wire_look(&wire, 200, &flows[i]), 90 + 10 * i);
    wire_destroy(&wire);
}

// Nor does their length matter: 10, 30 and 20 ps, all at 50 and again at 200.
static void test_data_of_different_lengths_that_come_at_once_are_sent_as_told(void **state)
{
    (void)state;
    static const tick_t durations[] = {10, 30, 20}, ends[] = {210, 240, 260};
    struct wire wire = make();
    struct wire_flow flows[3] = {{0}};
    for (int i = 0; i < 3; i++)
        wire_data_later(&wire, durations[i], (tick_t[]){50, 200}, 2, &flows[i]);
    for (int i = 0; i < 3; i++)
        assert_int_equal(wire_look(&wire, 300, &flows[i]), ends[i]);
    wire_destroy(&wire);
}

// Told of 40 at once, more than a run holds: 100, 200 and so on, 10 ps each, A's before B's.
static void test_any_number_of_data_may_be_told_of_at_once(void **state)
{
    (void)state;
    struct wire wire = make();
    struct wire_flow a = {0}, b = {0};
    tick_t when[40];
    for (size_t i = 0; i < ARRAY_SIZE(when); i++)
        when[i] = 100 * (i + 1);
    wire_data_later(&wire, 10, when, ARRAY_SIZE(when), &a);
    wire_data_later(&wire, 10, when, ARRAY_SIZE(when), &b);
    for (uint32_t i = 0; i < ARRAY_SIZE(when); i++) {
        assert_int_equal(wire_control(&wire, when[i] + 15, 1), when[i] + 21);
    }
    wire_destroy(&wire);
}

static void test_data_to_come_of_a_forgotten_flow_do_not_come(void **state)
{
    (void)state;
    struct wire wire = make();
    struct wire_flow gone = {0}, b = {0};
    wire_data_later(&wire, 60, (tick_t[]){100, 110, 300}, 3, &gone);
    wire_data_later(&wire, 60, (tick_t[]){115}, 1, &b);
    wire_forget(&wire, 105, &gone);
    assert_int_equal(gone.pending, 0);
    assert_int_equal(wire_look(&wire, 400, &b), 220);
    assert_true(meter_total(&wire.meter) == 120);
    wire_destroy(&wire);
}

// A large transfer of four TLPs comes at 0, a small one of two at 50, one of half a TLP at 60, control at 210. By one
// engine they are sent one behind the other, and control goes between the large one's TLPs. By two the small one takes
// turns with the large one from 100 on: it is sent at 100 and 305, the large one at 200, 405 and, with the third one
// between, 555. The third one goes by the engine with less before it, the small one's.
static void test_two_engines_send_in_turn(void **state)
{
    (void)state;
    static const tick_t ends[][3] = {{405, 605, 655}, {655, 405, 555}};
    for (uint32_t engines = 1; engines <= 2; engines++) {
        struct wire wire = make_with(engines);
        struct wire_flow flows[3] = {{0}};
        wire_data(&wire, 0, 400, &flows[0]);
        wire_data(&wire, 50, 200, &flows[1]);
        wire_data(&wire, 60, 50, &flows[2]);
        assert_int_equal(wire_control(&wire, 210, 5), 305);
        for (uint32_t i = 0; i < 3; i++)
            assert_int_equal(wire_look(&wire, 1000, &flows[i]), ends[engines - 1][i]);
        assert_true(meter_total(&wire.meter) == 655);
        wire_destroy(&wire);
    }
}

// --- TLP by TLP ----------------------------------------------------------------------------------------------------

enum { FLOWS = 12, ITEMS = 60, ENGINES = 4 };

struct item {
    tick_t at, duration, end;
    enum { CONTROL, DATA, FOLLOW } kind;
    uint32_t flow;
    uint32_t engine; // of data that have come, from 1 on
    uint32_t told; // of data: with which item, itself or an earlier one
    tick_t sent; // of data: how much
    bool done;
};

struct model {
    uint32_t engines, turn;
    uint32_t engine_of[FLOWS];
    struct item items[ITEMS];
    uint32_t left[FLOWS]; // data of a flow that are not sent
    tick_t data_end[FLOWS];
};

// When it could be sent at the earliest, as far as its own kind is concerned.
static tick_t ready(const struct model *model, const struct item *item)
{
    if (item->kind != FOLLOW)
        return item->at;
    return model->left[item->flow] > 0 ? TICK_NEVER : MAX(item->at, model->data_end[item->flow]);
}

// Data of a flow go by the engine that has least before it when the first come.
static void give_to_engine(struct model *model, struct item *item)
{
    tick_t before[ENGINES] = {0};
    uint32_t least = 0;
    for (uint32_t i = 0; i < ITEMS; i++)
        if (model->items[i].engine > 0 && !model->items[i].done)
            before[model->items[i].engine - 1] += model->items[i].duration;
    for (uint32_t e = 1; e < model->engines; e++)
        least = before[e] < before[least] ? e : least;
    if (model->engine_of[item->flow] == 0)
        model->engine_of[item->flow] = least + 1;
    item->engine = model->engine_of[item->flow];
}

// Control by the time since when it is ready.
static struct item *choose_control(struct model *model, tick_t now)
{
    struct item *best = NULL;
    for (uint32_t i = 0; i < ITEMS; i++) {
        struct item *item = &model->items[i];
        if (item->done || item->kind == DATA || ready(model, item) > now)
            continue;
        if (best == NULL || ready(model, item) < ready(model, best))
            best = item;
    }
    return best;
}

// Data in order, of the engine whose turn it is.
static struct item *choose_data(struct model *model)
{
    for (uint32_t e = 0; e < model->engines; e++) {
        uint32_t engine = (model->turn + e) % model->engines;
        for (uint32_t i = 0; i < ITEMS; i++) {
            if (model->items[i].done || model->items[i].engine != engine + 1)
                continue;
            model->turn = (engine + 1) % model->engines;
            return &model->items[i];
        }
    }
    return NULL;
}

static struct item *choose(struct model *model, tick_t now)
{
    for (uint32_t i = 0; i < ITEMS; i++)
        if (model->items[i].kind == DATA && model->items[i].engine == 0 && model->items[i].at <= now)
            give_to_engine(model, &model->items[i]);
    struct item *control = choose_control(model, now);
    return control != NULL ? control : choose_data(model);
}

static tick_t send_one(struct model *model, struct item *item, tick_t now)
{
    tick_t part = item->kind == DATA ? MIN((tick_t)TLP, item->duration - item->sent) : item->duration;
    item->sent += part;
    if (item->sent < item->duration)
        return now + part;
    item->done = true;
    item->end = now + part;
    if (item->kind == DATA && --model->left[item->flow] == 0)
        model->data_end[item->flow] = item->end;
    return now + part;
}

static void run_model(struct model *model)
{
    tick_t now = 0;
    for (uint32_t left = ITEMS; left > 0;) {
        struct item *item = choose(model, now);
        now = item == NULL ? now + 1 : send_one(model, item, now);
        left -= item != NULL && item->done;
    }
}

// Every flow has one or more transfers, then what follows. All come at different times: what comes at once has no order.
// In half of the models data are of equal length, mostly.
static void draw(struct model *model, struct rng *rng)
{
    *model = (struct model){.engines = 1 + (uint32_t)rng_below(rng, ENGINES)};
    tick_t equal = rng_below(rng, 2) * (100 + rng_below(rng, 400));
    uint32_t transfers[FLOWS] = {0};
    bool closed[FLOWS] = {false};
    tick_t at = 0;
    for (uint32_t i = 0; i < ITEMS; i++) {
        uint32_t flow = (uint32_t)rng_below(rng, FLOWS);
        struct item *item = &model->items[i];
        at += 1 + rng_below(rng, rng_below(rng, 4) == 0 ? 700 : 60);
        *item = (struct item){.at = at, .flow = flow, .kind = CONTROL, .duration = 1 + rng_below(rng, 40), .told = i};
        if (closed[flow] || rng_below(rng, 3) == 0)
            continue;
        bool follows = transfers[flow] > 0 && rng_below(rng, 2) == 0;
        item->kind = follows ? FOLLOW : DATA;
        closed[flow] = follows;
        item->told = follows || rng_below(rng, 2) == 0 ? i : (uint32_t)rng_below(rng, i + 1);
        bool differs = equal == 0 || rng_below(rng, 100) == 0;
        item->duration = follows ? item->duration : differs ? 1 + rng_below(rng, 500) : equal;
        transfers[flow] += !follows;
        model->left[flow] += !follows;
    }
}

// What belongs to one flow and comes at the end of its data finds them sent or not sent by a tick: not drawn again, but
// passed over.
static bool has_ties(const struct model *model)
{
    for (uint32_t i = 0; i < ITEMS; i++)
        for (uint32_t j = 0; j < ITEMS; j++)
            if (model->items[i].kind != DATA && model->items[j].kind == DATA && model->items[i].at == model->items[j].end)
                return true;
    return false;
}

// As a command does: looks when its completion can have come, and again when that was too early.
struct waiter {
    struct wire_flow flow;
    tick_t look_at;
    const struct item *item; // what follows; NULL: nothing is waited for
};

static void look_until(struct wire *wire, struct waiter *waiters, tick_t now)
{
    for (uint32_t i = 0; i < FLOWS;) {
        struct waiter *w = &waiters[i];
        if (w->item == NULL || w->look_at > now) {
            i++;
            continue;
        }
        tick_t end = wire_look(wire, w->look_at, &w->flow);
        if (end > w->look_at) {
            assert_true(end <= w->item->end);
            w->look_at = end;
            i = 0;
            continue;
        }
        assert_int_equal(end, w->item->end);
        w->item = NULL;
    }
}

static void submit(struct wire *wire, struct waiter *w, const struct item *item, uint32_t index)
{
    if (item->kind == CONTROL) {
        assert_int_equal(wire_control(wire, item->at, item->duration), item->end);
    } else if (item->kind == DATA && item->told == index) {
        assert_true(wire_data(wire, item->at, item->duration, &w->flow) <= item->end);
    } else if (item->kind == FOLLOW) {
        w->look_at = wire_follow(wire, item->at, item->duration, &w->flow);
        assert_in_range(w->look_at, item->at + item->duration, item->end);
        w->item = item;
    }
}

// Those of a flow that come later than the item with which they are told of, of equal length together.
static void tell_of_flow(struct wire *wire, struct wire_flow *flow, const struct model *model, uint32_t index,
                         uint32_t of)
{
    tick_t when[ITEMS], duration = 0;
    uint32_t count = 0;
    for (uint32_t i = index + 1; i < ITEMS; i++) {
        const struct item *item = &model->items[i];
        if (item->kind != DATA || item->told != index || item->flow != of)
            continue;
        if (count > 0 && item->duration != duration) {
            wire_data_later(wire, duration, when, count, flow);
            count = 0;
        }
        duration = item->duration;
        when[count++] = item->at;
    }
    if (count > 0)
        wire_data_later(wire, duration, when, count, flow);
}

static void tell(struct wire *wire, struct waiter *waiters, const struct model *model, uint32_t index)
{
    for (uint32_t flow = 0; flow < FLOWS; flow++)
        tell_of_flow(wire, &waiters[flow].flow, model, index, flow);
}

static void assert_same(struct model *model)
{
    struct wire wire = make_with(model->engines);
    struct waiter waiters[FLOWS] = {0};
    tick_t busy = 0;
    for (uint32_t i = 0; i < ITEMS; i++) {
        const struct item *item = &model->items[i];
        look_until(&wire, waiters, item->at);
        submit(&wire, &waiters[item->flow], item, i);
        tell(&wire, waiters, model, i);
        busy += item->duration;
    }
    look_until(&wire, waiters, 1000000);
    for (uint32_t i = 0; i < FLOWS; i++) {
        wire_look(&wire, 1000000, &waiters[i].flow);
        assert_int_equal(waiters[i].flow.end, model->data_end[i]);
        assert_null(waiters[i].item);
    }
    assert_true(meter_total(&wire.meter) == busy);
    wire_destroy(&wire);
}

static void test_every_schedule_is_that_of_single_tlps(void **state)
{
    (void)state;
    struct rng rng;
    rng_seed(&rng, 1, "test/wire");
    unsigned compared = 0;
    for (unsigned i = 0; i < 3000; i++) {
        struct model model;
        draw(&model, &rng);
        run_model(&model);
        if (has_ties(&model))
            continue;
        compared++;
        assert_same(&model);
    }
    assert_true(compared > 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_control_goes_between_tlps_and_moves_the_rest),
        cmocka_unit_test(test_a_boundary_is_taken_by_who_is_there_at_it),
        cmocka_unit_test(test_what_follows_data_comes_right_behind_them),
        cmocka_unit_test(test_what_follows_later_goes_before_data_that_wait),
        cmocka_unit_test(test_control_waits_for_one_tlp_under_any_backlog),
        cmocka_unit_test(test_a_forgotten_flow_keeps_its_time),
        cmocka_unit_test(test_data_to_come_are_sent_in_order_of_arrival),
        cmocka_unit_test(test_data_that_come_at_once_are_sent_as_told),
        cmocka_unit_test(test_data_of_different_lengths_that_come_at_once_are_sent_as_told),
        cmocka_unit_test(test_any_number_of_data_may_be_told_of_at_once),
        cmocka_unit_test(test_data_to_come_of_a_forgotten_flow_do_not_come),
        cmocka_unit_test(test_two_engines_send_in_turn),
        cmocka_unit_test(test_every_schedule_is_that_of_single_tlps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
