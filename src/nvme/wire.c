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
// are told of at once, and wait among those still to come until it is their turn.
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

static const char *const data_word = "data", *const control_word = "control"; // what the wire is used for

void wire_init(struct wire *wire, uint64_t tlp)
{
    *wire = (struct wire){.tlp = tlp, .end = TICK_NEVER, .next = TICK_NEVER, .due = TICK_NEVER};
    meter_init(&wire->meter, 1);
}

void wire_destroy(struct wire *wire)
{
    free(wire->transfers);
    free(wire->later);
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

// The first one begins at once. Returns when it can be sent at the earliest.
static inline tick_t come(struct wire *wire, tick_t now, struct wire_transfer transfer)
{
    tick_t all_sent = wire_take(wire, now, transfer.duration, &data_word);
    if (unlikely(wire->count == wire->size))
        grow(wire);
    if (wire->count == 0) {
        wire->start = all_sent - transfer.duration;
        wire->end = all_sent;
    }
    *transfer_at(wire, wire->count++) = transfer;
    return all_sent;
}

static inline tick_t next_arrival(const struct wire *wire)
{
    return wire->later_count == 0 ? TICK_NEVER : wire->later[wire->later_count - 1].when;
}

static __attribute__((noinline)) void come_next(struct wire *wire)
{
    const struct wire_arrival *arrival = &wire->later[--wire->later_count];
    tick_t all_sent = come(wire, arrival->when, arrival->transfer);
    arrival->transfer.flow->end = all_sent;
    wire->next = next_arrival(wire);
}

void wire_advance(struct wire *wire, tick_t now)
{
    while (wire->due <= now) {
        if (wire->end <= wire->next)
            end_first(wire);
        else
            come_next(wire);
        wire->due = MIN(wire->end, wire->next);
    }
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
    flow->end = come(wire, now, (struct wire_transfer){.duration = duration, .flow = flow});
    wire->due = MIN(wire->end, wire->next);
    return flow->end;
}

static void make_room(struct wire *wire, uint32_t arrivals)
{
    if (wire->later_count + arrivals <= wire->later_size)
        return;
    wire->later_size = MAX(2 * wire->later_size, wire->later_count + arrivals);
    wire->later = xrealloc(wire->later, wire->later_size * sizeof *wire->later);
}

// Sorted in from the next one on; of those that come at the same time who was told of first is first.
void wire_data_later(struct wire *wire, tick_t duration, const tick_t *when, uint32_t count, struct wire_flow *flow)
{
    make_room(wire, count);
    struct wire_arrival *before = wire->later + wire->later_count, *place = before + count;
    for (uint32_t i = 0; i < count;) {
        if (before > wire->later && before[-1].when <= when[i])
            *--place = *--before;
        else
            *--place = (struct wire_arrival){.when = when[i++], .transfer = {.duration = duration, .flow = flow}};
    }
    flow->pending += count;
    wire->later_count += count;
    wire->next = next_arrival(wire);
    wire->due = MIN(wire->end, wire->next);
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

static void forget_arrivals(struct wire *wire, struct wire_flow *flow)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < wire->later_count; i++)
        if (wire->later[i].transfer.flow == flow)
            flow->pending--;
        else
            wire->later[kept++] = wire->later[i];
    wire->later_count = kept;
    wire->next = next_arrival(wire);
}

void wire_forget(struct wire *wire, tick_t now, struct wire_flow *flow)
{
    wire_go_on_to(wire, now);
    forget_arrivals(wire, flow);
    for (uint32_t i = 0; flow->pending > 0; i++)
        if (transfer_at(wire, i)->flow == flow)
            forget_transfer(wire, i);
    wire->due = MIN(wire->end, wire->next);
}
