// One direction of a link, shared TLP by TLP.
//
// Those who send are the agents of a controller's DMA: fetches of queue entries and lists, reads of data, completions
// and messages, which send one or a few small TLPs each (control), and the engine that writes data to the host. An
// arbiter lets them take turns, a TLP each. Control finds the wire taken by a data TLP at most, and by control that came
// before it; the data's engine goes on with the next of its transfers in the order in which they came (descriptors in
// a FIFO). Whatever belongs behind data, as a CQE behind what its command read, is not sent before they are.
//
// Sources: Intel, "Scalable Scatter-Gather DMA FPGA IP User Guide", 3.5, DMA Arbiter: prefetcher, MSI-X and each
// device agent are granted a transfer each, round robin; Cosmos+ OpenSSD (Hanyang University), host interface: command
// FIFOs of the DMA engine, one a direction; PCI Express Base 4.0, 2.4.1: what is posted is not passed by what comes
// later, so that the order in which the arbiter hands TLPs over is the one in which they arrive.
//
// Data of an operation of several units come one after the other over a channel, at times that are known beforehand:
// they are told of at once, as a run.
//
// Nothing here is an event, and no loop runs over TLPs. Work never waits while the wire is free, so when all of it is
// done (`work`) depends on nobody's order. Of data only the first transfer has a place in time: those behind it begin
// when it ends, or when control lets go of the wire. Control looks up the next end of a TLP of the first transfer, and
// moves the rest of it. So the end of a transfer is known when time has come to it, and until then bounded from below:
// its owner asks then, and waits again for as long as it was moved.
//
// Nor is each transfer looked at. Those of equal length are a lot, of which some are sent by a division. Whose they are
// is kept only of those behind which, as far as is known, none of their flow comes, since nobody asks for the end of
// another. And up to the next of these, while the wire is not free, those that come need no order: they are counted.
//
// Several engines for data are in wire_turns.c. Left out: priority among control.
#include "nvme/link/wire.h"

#include <stdlib.h>

#include "util/alloc.h"
#include "util/macros.h"

enum { RUN_UNITS = 16 }; // what is more becomes further runs

// Transfers of a flow that are still to come, in order.
struct wire_run {
    struct wire_flow *flow;
    bool is_latest;  // of the flow's
    tick_t duration; // of each
    tick_t next;     // the next one comes; TICK_NEVER: all have
    tick_t end;      // the last one comes
    uint32_t come, count;
    tick_t when[RUN_UNITS + 1]; // all of them do; behind them TICK_NEVER
};

static const char *const data_word = "data", *const control_word = "control"; // what the wire is used for

void wire_init(struct wire *wire, uint64_t tlp, uint32_t engines)
{
    *wire = (struct wire){.tlp = tlp, .end = TICK_NEVER, .next = TICK_NEVER};
    wire->turns = engines > 1 ? turns_create(engines) : NULL;
    meter_init(&wire->meter, 1);
    pool_init(&wire->run_pool, sizeof(struct wire_run));
}

void wire_destroy(struct wire *wire)
{
    if (wire->turns != NULL)
        turns_destroy(wire->turns);
    free(wire->lots);
    free(wire->runs);
    pool_destroy(&wire->run_pool);
}

// --- transfers that have come ---

static inline struct wire_lot *lot_at(const struct wire *wire, uint32_t place)
{
    return &wire->lots[(wire->first + place) & (wire->size - 1)];
}

static __attribute__((noinline)) void grow(struct wire *wire)
{
    uint32_t size = MAX(2 * wire->size, 16u);
    struct wire_lot *lots = xcalloc(size, sizeof *lots);
    for (uint32_t i = 0; i < wire->count; i++)
        lots[i] = *lot_at(wire, i);
    free(wire->lots);
    wire->lots = lots;
    wire->first = 0;
    wire->size = size;
}

// Some that have come, the first of which begins at `start` at the earliest: at once when none wait.
static inline struct wire_lot *line_up(struct wire *wire, tick_t start, tick_t duration, uint32_t count)
{
    struct wire_lot *lot = lot_at(wire, wire->count - 1);
    if (wire->count > 0 && !lot->closed && lot->duration == duration) {
        lot->count += count;
        return lot;
    }
    if (unlikely(wire->count == wire->size))
        grow(wire);
    if (wire->count == 0) {
        wire->start = start;
        wire->end = start + duration;
    }
    lot = lot_at(wire, wire->count++);
    lot->duration = duration;
    lot->count = count;
    lot->closed = false;
    return lot;
}

// The transfer that came last, sent at `end` at the earliest, is its flow's last.
static inline void close_lot(struct wire_lot *lot, struct wire_flow *flow, tick_t end)
{
    lot->closed = true;
    lot->flow = flow;
    lot->follow = 0;
    flow->end = end;
}

// The first lot is sent, at `end`. What follows the flow does not wait for others, and pushes them back.
static inline void end_lot(struct wire *wire, tick_t end)
{
    const struct wire_lot *lot = lot_at(wire, 0);
    wire->first++;
    wire->count--;
    if (!lot->closed)
        return;
    struct wire_flow *flow = lot->flow;
    if (unlikely(flow == NULL)) {
        wire->clear += lot->follow;
        return;
    }
    flow->end = end;
    if (--flow->pending == 0 && flow->follow > 0)
        flow->follow_end = wire->clear += flow->follow;
}

// Of the first lot those that end up to `now` are sent, the first of which does; the next one begins.
static inline void end_some(struct wire *wire, tick_t now)
{
    struct wire_lot *lot = lot_at(wire, 0);
    tick_t end = wire->end, behind = MAX(wire->clear, end);
    uint32_t more = 0;
    if (lot->count > 1 && behind + lot->duration <= now) {
        uint64_t fit = lot->duration == 0 ? lot->count : (now - behind) / lot->duration;
        more = (uint32_t)MIN(fit, (uint64_t)lot->count - 1);
        end = behind + more * lot->duration;
    }
    wire->clear = MAX(wire->clear, end);
    lot->count -= 1 + more;
    if (lot->count == 0)
        end_lot(wire, end);
    wire->start = wire->clear;
    wire->end = wire->count == 0 ? TICK_NEVER : wire->start + lot_at(wire, 0)->duration;
}

static inline void end_up_to(struct wire *wire, tick_t now)
{
    while (wire->end <= now)
        end_some(wire, now);
}

// --- data still to come ---

static void give_back(struct wire *wire, struct wire_run *run)
{
    if (run->is_latest)
        run->flow->latest = NULL;
    pool_give(&wire->run_pool, run);
}

// Of the runs that are their flows' latest the one whose last transfer comes first.
static uint32_t first_to_end(const struct wire *wire)
{
    uint32_t first = 0;
    tick_t end = TICK_NEVER;
    for (uint32_t i = 0; i < wire->run_count; i++) {
        if (!wire->runs[i]->is_latest || wire->runs[i]->end >= end)
            continue;
        first = i;
        end = wire->runs[i]->end;
    }
    return first;
}

// Runs all of which have come go, and the next to come is found: of those that come at once who was told of first.
static void look_over(struct wire *wire)
{
    uint32_t kept = 0;
    tick_t next = TICK_NEVER;
    for (uint32_t i = 0; i < wire->run_count; i++) {
        struct wire_run *run = wire->runs[i];
        if (unlikely(run->next == TICK_NEVER)) {
            give_back(wire, run);
            continue;
        }
        if (run->next < next) {
            next = run->next;
            wire->next_run = kept;
        }
        wire->runs[kept++] = run;
    }
    wire->run_count = kept;
    wire->next = next;
}

// Those of the runs from `from` up to `to` that come before `before` have come. Returns how many.
static inline uint32_t pass(struct wire *wire, uint32_t from, uint32_t to, tick_t before)
{
    uint32_t count = 0;
    for (uint32_t i = from; i < to; i++) {
        struct wire_run *run = wire->runs[i];
        if (run->next >= before)
            continue;
        const tick_t *when = &run->when[run->come];
        while (*++when < before)
            ;
        run->next = *when;
        uint32_t come = (uint32_t)(when - run->when);
        count += come - run->come;
        run->come = come;
    }
    return count;
}

// Those that come while the wire is not free, of equal length, up to the first that may be its flow's last. The more
// have come, the longer it is not. With the last one come those that were told of before it.
static void come_together(struct wire *wire, tick_t now)
{
    uint32_t ends = first_to_end(wire), count = 0, more;
    struct wire_flow *flow = wire->runs[ends]->flow;
    tick_t start = wire->work.free_at, end = wire->runs[ends]->end, limit = MIN(now, end), until, taken = start;
    do {
        until = MIN(limit, taken);
        more = pass(wire, 0, ends + 1, until + 1) + pass(wire, ends + 1, wire->run_count, until + (until < end));
        count += more;
        taken += more * wire->run_duration;
    } while (more > 0 && until < limit);
    look_over(wire);
    struct wire_lot *lot = line_up(wire, start, wire->run_duration, count);
    tick_t all_sent = wire_take(wire, start, taken - start, &data_word);
    if (until == end)
        close_lot(lot, flow, all_sent);
}

// The flow's last transfer that is known of found the wire free, and is sent.
static void end_alone(struct wire_run *run, tick_t end)
{
    run->flow->end = end;
    run->flow->pending--;
}

// The one that comes next does. One that is sent by now has found nobody waiting, and nobody has come between its TLPs.
static void come_alone(struct wire *wire, tick_t now)
{
    struct wire_run *run = wire->runs[wire->next_run];
    bool last = ++run->come == run->count && run->is_latest;
    end_up_to(wire, MIN(now, run->next));
    tick_t all_sent = wire_take(wire, run->next, run->duration, &data_word);
    if (all_sent > now || wire->count > 0) {
        struct wire_lot *lot = line_up(wire, all_sent - run->duration, run->duration, 1);
        if (last)
            close_lot(lot, run->flow, all_sent);
    } else {
        wire->clear = all_sent;
        if (last)
            end_alone(run, all_sent);
    }
    run->next = run->when[run->come];
    look_over(wire);
}

static __attribute__((noinline)) void come(struct wire *wire, tick_t now)
{
    while (wire->next <= now)
        if (wire->next <= wire->work.free_at && wire->run_duration > 0 && wire->meter.listeners == NULL)
            come_together(wire, now);
        else
            come_alone(wire, now);
}

void wire_catch_up(struct wire *wire, tick_t now)
{
    if (unlikely(wire->turns != NULL)) {
        turns_advance(wire, now);
        return;
    }
    if (wire->next <= now)
        come(wire, now);
    end_up_to(wire, now);
}

// The next end of a TLP of the first transfer; its last one may be shorter.
static tick_t next_boundary(const struct wire *wire, tick_t now)
{
    if (now <= wire->start)
        return now;
    uint64_t half = UINT64_C(1) << (LINK_TICK_SHIFT - 1), gone = ((now - wire->start) << LINK_TICK_SHIFT) - half;
    uint64_t tlps = (gone + wire->tlp - 1) / wire->tlp;
    return MIN(wire->start + ((tlps * wire->tlp + half) >> LINK_TICK_SHIFT), wire->end);
}

// Goes between the TLPs of the first transfer, whose rest it moves.
static tick_t control_among(struct wire *wire, tick_t now, tick_t duration)
{
    tick_t start = MAX(wire->clear, next_boundary(wire, now));
    tick_t moved = start < wire->end ? duration : 0;
    wire->start += moved;
    wire->end += moved;
    return wire->clear = start + duration;
}

// What is still to come finds the wire taken until after `now`, if what has come takes it that long.
tick_t wire_control(struct wire *wire, tick_t now, tick_t duration)
{
    if (unlikely(wire->turns != NULL))
        return turns_control(wire, now, duration);
    if (wire->next <= now && wire->work.free_at <= now)
        come(wire, now);
    end_up_to(wire, now);
    tick_t all_sent = wire_take(wire, now, duration, &control_word);
    return wire->count == 0 ? wire->clear = all_sent : control_among(wire, now, duration);
}

tick_t wire_data(struct wire *wire, tick_t now, tick_t duration, struct wire_flow *flow)
{
    if (unlikely(wire->turns != NULL))
        return turns_data(wire, now, duration, flow);
    wire_advance(wire, now);
    flow->pending++;
    tick_t all_sent = wire_take(wire, now, duration, &data_word);
    close_lot(line_up(wire, all_sent - duration, duration, 1), flow, all_sent);
    return all_sent;
}

static void add_run(struct wire *wire, struct wire_run *run)
{
    if (unlikely(wire->run_count == wire->run_size)) {
        wire->run_size = MAX(2 * wire->run_size, 16u);
        wire->runs = xrealloc(wire->runs, wire->run_size * sizeof *wire->runs);
    }
    if (wire->run_count == 0)
        wire->run_duration = run->duration;
    else if (wire->run_duration != run->duration)
        wire->run_duration = 0;
    if (run->next < wire->next) {
        wire->next = run->next;
        wire->next_run = wire->run_count;
    }
    wire->runs[wire->run_count++] = run;
}

// The run is its flow's latest, unless one that was told of before comes later.
static void set_latest(struct wire_run *run)
{
    struct wire_flow *flow = run->flow;
    run->is_latest = flow->latest == NULL || flow->latest->end <= run->end;
    if (!run->is_latest)
        return;
    if (flow->latest == NULL)
        flow->pending++;
    else
        flow->latest->is_latest = false;
    flow->latest = run;
}

// Returns how many it takes of `count`.
static uint32_t tell_of_run(struct wire *wire, tick_t duration, const tick_t *when, uint32_t count,
                            struct wire_flow *flow)
{
    struct wire_run *run = pool_take(&wire->run_pool);
    count = MIN(count, (uint32_t)RUN_UNITS);
    run->flow = flow;
    run->duration = duration;
    run->come = 0;
    run->count = count;
    run->next = when[0];
    run->end = when[count - 1];
    tick_t *to = run->when;
    for (const tick_t *end = when + count; when < end;)
        *to++ = *when++;
    *to = TICK_NEVER;
    set_latest(run);
    add_run(wire, run);
    return count;
}

void wire_data_later(struct wire *wire, tick_t duration, const tick_t *when, uint32_t count, struct wire_flow *flow)
{
    if (unlikely(wire->turns != NULL)) {
        turns_data_later(wire, duration, when, count, flow);
        return;
    }
    for (uint32_t i = 0; i < count;)
        i += tell_of_run(wire, duration, when + i, count - i, flow);
}

// Behind data that others follow it moves those, and is moved by what belongs to those before it.
tick_t wire_follow(struct wire *wire, tick_t now, tick_t duration, struct wire_flow *flow)
{
    if (unlikely(wire->turns != NULL))
        return turns_follow(wire, now, duration, flow);
    if (flow->pending > 0)
        wire_advance(wire, now);
    if (flow->pending == 0)
        return flow->follow_end = wire_control(wire, now, duration);
    const struct wire_lot *newest = lot_at(wire, wire->count - 1);
    bool last = newest->closed && newest->flow == flow;
    flow->end = last ? wire->work.free_at : flow->end;
    flow->follow = duration;
    tick_t all_sent = wire_take(wire, now, duration, &control_word);
    return last ? all_sent : wire_earliest(wire, flow);
}

// When all data up to the last of the flow can be sent, and what follows them.
tick_t wire_earliest(const struct wire *wire, const struct wire_flow *flow)
{
    if (unlikely(wire->turns != NULL))
        return turns_earliest(wire, flow);
    tick_t end = wire->end;
    for (uint32_t i = 0, left = flow->pending; i < wire->count; i++) {
        const struct wire_lot *lot = lot_at(wire, i);
        end += (lot->count - (i == 0)) * lot->duration;
        if (lot->closed && lot->flow == flow && --left == 0)
            break;
    }
    return MAX(end, wire->clear) + flow->follow;
}

// What was to follow its data keeps its time on the wire.
static void forget_lot(struct wire_lot *lot)
{
    struct wire_flow *flow = lot->flow;
    lot->flow = NULL;
    lot->follow = --flow->pending == 0 ? flow->follow : 0;
}

static void forget_runs(struct wire *wire, struct wire_flow *flow)
{
    for (uint32_t i = 0; i < wire->run_count; i++)
        if (wire->runs[i]->flow == flow)
            wire->runs[i]->next = TICK_NEVER;
    flow->pending -= flow->latest != NULL;
    look_over(wire);
}

void wire_forget(struct wire *wire, tick_t now, struct wire_flow *flow)
{
    if (unlikely(wire->turns != NULL)) {
        turns_forget(wire, now, flow);
        return;
    }
    wire_advance(wire, now);
    forget_runs(wire, flow);
    for (uint32_t i = 0; flow->pending > 0; i++)
        if (lot_at(wire, i)->closed && lot_at(wire, i)->flow == flow)
            forget_lot(lot_at(wire, i));
}
