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
// Data of an operation of several units come one after the other over a channel, at times that are known beforehand: they
// are told of at once, as a run. Runs are kept in the order of what comes next of each. A channel's next unit comes about
// as late as anybody's, so that a run goes back to its place from the end.
//
// Nothing here is an event, and no loop runs over TLPs. Work never waits while the wire is free, so when all of it is
// done (`work`) depends on nobody's order. Of data only the first transfer has a place in time: those behind it begin
// when it ends, or when control lets go of the wire. Control looks up the next end of a TLP of the first transfer, and
// moves the rest of it. So the end of a transfer is known when time has come to it, and until then bounded from below:
// its owner asks then, and waits again for as long as it was moved.
//
// Left out: turns of several engines for data; priority among control.
#include "nvme/wire.h"

#include <stdlib.h>

#include "util/alloc.h"
#include "util/macros.h"

enum { RUN_UNITS = 16 }; // what is more becomes further runs

// Transfers of a flow that are still to come.
struct wire_run {
    struct wire_run *before, *behind; // in order of when the next one comes, NULL at the ends
    struct wire_flow *flow;
    tick_t duration; // of each
    uint64_t told;   // its number: of those that come at the same time who was told of first is first
    tick_t next;     // the next one comes
    uint32_t come, count;
    tick_t when[RUN_UNITS]; // all of them do
};

static const char *const data_word = "data", *const control_word = "control"; // what the wire is used for

void wire_init(struct wire *wire, uint64_t tlp)
{
    *wire = (struct wire){.tlp = tlp, .end = TICK_NEVER, .next = TICK_NEVER, .due = TICK_NEVER};
    meter_init(&wire->meter, 1);
    pool_init(&wire->runs, sizeof(struct wire_run));
}

void wire_destroy(struct wire *wire)
{
    free(wire->transfers);
    pool_destroy(&wire->runs);
}

static inline struct wire_transfer *transfer_at(const struct wire *wire, uint32_t place)
{
    return &wire->transfers[(wire->first + place) & (wire->size - 1)];
}

// The first transfer is sent; its flow's rest follows, then the next one begins.
static void end_first(struct wire *wire)
{
    struct wire_flow *flow = transfer_at(wire, 0)->flow;
    wire->clear = MAX(wire->clear, wire->end);
    if (likely(flow != NULL)) {
        flow->end = wire->end;
        if (--flow->pending == 0 && flow->follow > 0)
            flow->follow_end = wire->clear += flow->follow;
    }
    wire->first++;
    wire->count--;
    wire->start = wire->clear;
    wire->end = wire->count == 0 ? TICK_NEVER : wire->start + transfer_at(wire, 0)->duration;
}

static __attribute__((noinline)) void grow(struct wire *wire)
{
    uint32_t size = MAX(2 * wire->size, 16u);
    struct wire_transfer *transfers = xcalloc(size, sizeof *transfers);
    for (uint32_t i = 0; i < wire->count; i++)
        transfers[i] = *transfer_at(wire, i);
    free(wire->transfers);
    wire->transfers = transfers;
    wire->first = 0;
    wire->size = size;
}

// One that has come, and will be sent by `all_sent` at the earliest; the first one begins at once.
static inline void line_up(struct wire *wire, tick_t all_sent, tick_t duration, struct wire_flow *flow)
{
    if (unlikely(wire->count == wire->size))
        grow(wire);
    if (wire->count == 0) {
        wire->start = all_sent - duration;
        wire->end = all_sent;
    }
    *transfer_at(wire, wire->count++) = (struct wire_transfer){.duration = duration, .flow = flow};
}

// --- data still to come ---

static inline bool comes_before(const struct wire_run *run, const struct wire_run *other)
{
    return run->next < other->next || (run->next == other->next && run->told < other->told);
}

static inline void enter(struct wire *wire, struct wire_run *run)
{
    struct wire_run *before = wire->latest, *behind = NULL;
    while (before != NULL && comes_before(run, before)) {
        behind = before;
        before = before->before;
    }
    run->before = before;
    run->behind = behind;
    *(before == NULL ? &wire->earliest : &before->behind) = run;
    *(behind == NULL ? &wire->latest : &behind->before) = run;
}

static inline void take_out(struct wire *wire, struct wire_run *run)
{
    *(run->before == NULL ? &wire->earliest : &run->before->behind) = run->behind;
    *(run->behind == NULL ? &wire->latest : &run->behind->before) = run->before;
}

// The first run has come on by one.
static inline void come_on(struct wire *wire, struct wire_run *run)
{
    if (++run->come == run->count) {
        take_out(wire, run);
        pool_give(&wire->runs, run);
        return;
    }
    run->next = run->when[run->come];
    if (run->behind == NULL || comes_before(run, run->behind))
        return;
    take_out(wire, run);
    enter(wire, run);
}

static inline void set_next(struct wire *wire)
{
    wire->next = wire->earliest == NULL ? TICK_NEVER : wire->earliest->next;
}

// The one that comes next does. One that is sent by now has found nobody waiting, since all who wait are sent later, and
// nobody has come between its TLPs.
static inline void come_next(struct wire *wire, tick_t now)
{
    struct wire_run *run = wire->earliest;
    struct wire_flow *flow = run->flow;
    flow->end = wire_take(wire, run->next, run->duration, &data_word);
    if (flow->end <= now) {
        flow->pending--;
        wire->clear = flow->end;
    } else {
        line_up(wire, flow->end, run->duration, flow);
    }
    come_on(wire, run);
    set_next(wire);
}

// Those that have come go before all that are still to come.
void wire_advance(struct wire *wire, tick_t now)
{
    while (wire->end <= now)
        end_first(wire);
    while (wire->next <= now)
        come_next(wire, now);
    wire->due = MIN(wire->end, wire->next);
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
    wire->due = MIN(wire->end, wire->next);
    return wire->clear = start + duration;
}

tick_t wire_control(struct wire *wire, tick_t now, tick_t duration)
{
    wire_go_on_to(wire, now);
    tick_t all_sent = wire_take(wire, now, duration, &control_word);
    return wire->count == 0 ? wire->clear = all_sent : control_among(wire, now, duration);
}

tick_t wire_data(struct wire *wire, tick_t now, tick_t duration, struct wire_flow *flow)
{
    wire_go_on_to(wire, now);
    flow->pending++;
    flow->end = wire_take(wire, now, duration, &data_word);
    line_up(wire, flow->end, duration, flow);
    wire->due = MIN(wire->end, wire->next);
    return flow->end;
}

static struct wire_run *run_of(struct wire *wire, tick_t duration, struct wire_flow *flow)
{
    struct wire_run *run = pool_take(&wire->runs);
    run->flow = flow;
    run->duration = duration;
    run->told = wire->told++;
    run->come = run->count = 0;
    return run;
}

void wire_data_later(struct wire *wire, tick_t duration, const tick_t *when, uint32_t count, struct wire_flow *flow)
{
    flow->pending += count;
    for (uint32_t i = 0; i < count;) {
        struct wire_run *run = run_of(wire, duration, flow);
        while (i < count && run->count < RUN_UNITS)
            run->when[run->count++] = when[i++];
        run->next = run->when[0];
        enter(wire, run);
    }
    set_next(wire);
    wire->due = MIN(wire->due, wire->next);
}

// Behind data that others follow it moves those, and is moved by what belongs to those before it.
tick_t wire_follow(struct wire *wire, tick_t now, tick_t duration, struct wire_flow *flow)
{
    if (flow->pending > 0)
        wire_go_on_to(wire, now);
    if (flow->pending == 0)
        return flow->follow_end = wire_control(wire, now, duration);
    bool last = transfer_at(wire, wire->count - 1)->flow == flow;
    flow->end = last ? wire->work.free_at : flow->end;
    flow->follow = duration;
    tick_t all_sent = wire_take(wire, now, duration, &control_word);
    return last ? all_sent : MAX(flow->end, wire->end) + duration;
}

// When all data up to the last of the flow can be sent, and what follows them.
tick_t wire_earliest(const struct wire *wire, const struct wire_flow *flow)
{
    tick_t end = wire->end;
    for (uint32_t i = 0, left = flow->pending; i < wire->count; i++) {
        end += i > 0 ? transfer_at(wire, i)->duration : 0;
        if (transfer_at(wire, i)->flow == flow && --left == 0)
            break;
    }
    return MAX(end, wire->clear) + flow->follow;
}

// What was to follow its data keeps its time on the wire.
static void forget_transfer(struct wire *wire, uint32_t place)
{
    struct wire_transfer *transfer = transfer_at(wire, place);
    struct wire_flow *flow = transfer->flow;
    transfer->flow = NULL;
    if (--flow->pending > 0)
        return;
    transfer->duration += flow->follow;
    wire->end += place == 0 ? flow->follow : 0;
}

static void forget_runs(struct wire *wire, struct wire_flow *flow)
{
    for (struct wire_run *run = wire->earliest, *behind; run != NULL; run = behind) {
        behind = run->behind;
        if (run->flow != flow)
            continue;
        flow->pending -= run->count - run->come;
        take_out(wire, run);
        pool_give(&wire->runs, run);
    }
}

void wire_forget(struct wire *wire, tick_t now, struct wire_flow *flow)
{
    wire_go_on_to(wire, now);
    forget_runs(wire, flow);
    for (uint32_t i = 0; flow->pending > 0; i++)
        if (transfer_at(wire, i)->flow == flow)
            forget_transfer(wire, i);
    set_next(wire);
    wire->due = MIN(wire->end, wire->next);
}
