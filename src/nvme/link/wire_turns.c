// Several engines that send data in one direction of a link.
//
// Each has a FIFO of its own. A command's data all go by one engine: the one with least before it when the first of them
// come, the first of equal ones. Engines that have data send a TLP each in turn; control goes before any of them. So a
// small read waits for no more than its engine has, and shares the wire with the others' large ones.
//
// Sources: AMD, "DMA/Bridge Subsystem for PCI Express", PG195 (up to four channels a direction, between which requests
// are interleaved); Intel, "Scalable Scatter-Gather DMA FPGA IP User Guide", 3.5, DMA Arbiter (a transfer each, round
// robin). Which command goes by which engine is an assumption.
//
// Here a loop does run over TLPs, when somebody asks. The state is that of the TLP under way: it ends at wire->clear,
// or at `end` with control behind it that came meanwhile, and nothing later is decided.
#include "nvme/link/wire_turns.h"

#include <stdbool.h>
#include <stdlib.h>

#include "nvme/link/wire.h"
#include "util/alloc.h"

struct transfer {
    tick_t duration;
    struct wire_flow *flow; // NULL: nobody asks for its end any more
    tick_t follow;          // then: what was to follow it keeps its time
};

struct engine {
    struct transfer *transfers; // a ring, in order of arrival
    uint32_t first, count, size;
    uint64_t tlps;  // of the first that are sent,
    tick_t gone;    // and the time that they took
    tick_t waiting; // what all of them take
};

struct arrival {
    tick_t when, duration;
    struct wire_flow *flow;
};

struct wire_turns {
    struct arrival *arrivals; // still to come, the next one last
    uint32_t arrival_count, arrival_size;
    uint32_t waiting;     // transfers of all engines
    bool ends;            // the TLP under way is the last one of `sent`, and ends at `end`
    struct transfer sent;
    tick_t end;
    uint32_t turn;        // the engine that goes next, if it has data
    uint32_t engine_count;
    struct engine engines[];
};

static const char *const data_word = "data", *const control_word = "control"; // what the wire is used for

struct wire_turns *turns_create(uint32_t engines)
{
    struct wire_turns *turns = xcalloc(1, sizeof *turns + engines * sizeof turns->engines[0]);
    turns->engine_count = engines;
    return turns;
}

void turns_destroy(struct wire_turns *turns)
{
    for (uint32_t i = 0; i < turns->engine_count; i++)
        free(turns->engines[i].transfers);
    free(turns->arrivals);
    free(turns);
}

static struct transfer *transfer_at(const struct engine *engine, uint32_t place)
{
    return &engine->transfers[(engine->first + place) & (engine->size - 1)];
}

static void grow(struct engine *engine)
{
    uint32_t size = MAX(2 * engine->size, 16u);
    struct transfer *transfers = xcalloc(size, sizeof *transfers);
    for (uint32_t i = 0; i < engine->count; i++)
        transfers[i] = *transfer_at(engine, i);
    free(engine->transfers);
    engine->transfers = transfers;
    engine->first = 0;
    engine->size = size;
}

// --- data come ---

// Engines are numbered from 1 in flows, so that 0 is none yet.
static struct engine *engine_of(struct wire_turns *turns, struct wire_flow *flow)
{
    uint32_t least = 0;
    for (uint32_t i = 1; i < turns->engine_count && flow->engine == 0; i++)
        if (turns->engines[i].waiting < turns->engines[least].waiting)
            least = i;
    flow->engine = flow->engine == 0 ? least + 1 : flow->engine;
    return &turns->engines[flow->engine - 1];
}

static void come(struct wire *wire, tick_t when, tick_t duration, struct wire_flow *flow)
{
    struct wire_turns *turns = wire->turns;
    struct engine *engine = engine_of(turns, flow);
    wire_take(wire, when, duration, &data_word);
    if (turns->waiting++ == 0)
        wire->clear = MAX(wire->clear, when);
    if (engine->count == engine->size)
        grow(engine);
    *transfer_at(engine, engine->count++) = (struct transfer){.duration = duration, .flow = flow};
    engine->waiting += duration;
}

static tick_t next_to_come(const struct wire_turns *turns)
{
    return turns->arrival_count == 0 ? TICK_NEVER : turns->arrivals[turns->arrival_count - 1].when;
}

static void come_up_to(struct wire *wire, tick_t now)
{
    struct wire_turns *turns = wire->turns;
    while (next_to_come(turns) <= now) {
        struct arrival next = turns->arrivals[--turns->arrival_count];
        come(wire, next.when, next.duration, next.flow);
    }
}

// --- data are sent ---

// The end of a transfer; its flow's rest follows.
static void end_sent(struct wire *wire)
{
    const struct transfer *sent = &wire->turns->sent;
    wire->turns->ends = false;
    if (sent->flow == NULL) {
        wire->clear += sent->follow;
        return;
    }
    sent->flow->end = wire->turns->end;
    if (--sent->flow->pending == 0 && sent->flow->follow > 0)
        sent->flow->follow_end = wire->clear += sent->flow->follow;
}

static uint32_t behind(const struct wire_turns *turns, uint32_t engine)
{
    return engine + 1 == turns->engine_count ? 0 : engine + 1;
}

static struct engine *next_engine(struct wire_turns *turns)
{
    uint32_t next = turns->turn;
    while (turns->engines[next].count == 0)
        next = behind(turns, next);
    turns->turn = behind(turns, next);
    return &turns->engines[next];
}

static void end_transfer(struct wire_turns *turns, struct engine *engine, tick_t end)
{
    turns->sent = *transfer_at(engine, 0);
    turns->ends = true;
    turns->end = end;
    turns->waiting--;
    engine->waiting -= turns->sent.duration;
    engine->tlps = engine->gone = 0;
    engine->first++;
    engine->count--;
}

// The last TLP of a transfer may be shorter.
static void send_tlp(struct wire *wire, tick_t start)
{
    struct engine *engine = next_engine(wire->turns);
    tick_t duration = transfer_at(engine, 0)->duration, edge = wire_edge(wire, ++engine->tlps);
    tick_t gone = wire->tlp == 0 ? duration : MIN(edge, duration);
    wire->clear = start + gone - engine->gone;
    engine->gone = gone;
    if (gone == duration)
        end_transfer(wire->turns, engine, wire->clear);
}

// A TLP is not sent before time has passed its beginning: control that comes then goes first.
void turns_advance(struct wire *wire, tick_t now)
{
    struct wire_turns *turns = wire->turns;
    while (!turns->ends || turns->end <= now) {
        if (turns->ends)
            end_sent(wire);
        tick_t start = turns->waiting > 0 ? wire->clear : MAX(wire->clear, next_to_come(turns));
        if (start >= now)
            break;
        come_up_to(wire, start);
        send_tlp(wire, start);
    }
    come_up_to(wire, now);
}

tick_t turns_control(struct wire *wire, tick_t now, tick_t duration)
{
    turns_advance(wire, now);
    wire_take(wire, now, duration, &control_word);
    return wire->clear = MAX(wire->clear, now) + duration;
}

tick_t turns_data(struct wire *wire, tick_t now, tick_t duration, struct wire_flow *flow)
{
    turns_advance(wire, now);
    flow->pending++;
    come(wire, now, duration, flow);
    return flow->end = turns_earliest(wire, flow);
}

static void add_arrival(struct wire_turns *turns, struct arrival added)
{
    if (turns->arrival_count == turns->arrival_size) {
        turns->arrival_size = MAX(2 * turns->arrival_size, 16u);
        turns->arrivals = xrealloc(turns->arrivals, turns->arrival_size * sizeof *turns->arrivals);
    }
    uint32_t place = turns->arrival_count++;
    for (; place > 0 && turns->arrivals[place - 1].when <= added.when; place--)
        turns->arrivals[place] = turns->arrivals[place - 1];
    turns->arrivals[place] = added;
}

void turns_data_later(struct wire *wire, tick_t duration, const tick_t *when, uint32_t count, struct wire_flow *flow)
{
    flow->pending += count;
    for (uint32_t i = 0; i < count; i++)
        add_arrival(wire->turns, (struct arrival){.when = when[i], .duration = duration, .flow = flow});
}

tick_t turns_follow(struct wire *wire, tick_t now, tick_t duration, struct wire_flow *flow)
{
    turns_advance(wire, now);
    if (flow->pending == 0)
        return flow->follow_end = turns_control(wire, now, duration);
    flow->follow = duration;
    wire_take(wire, now, duration, &control_word);
    return turns_earliest(wire, flow);
}

// If the other engines sent nothing.
tick_t turns_earliest(const struct wire *wire, const struct wire_flow *flow)
{
    const struct wire_turns *turns = wire->turns;
    tick_t end = wire->clear;
    uint32_t left = flow->pending - (turns->ends && turns->sent.flow == flow);
    if (left == 0)
        return MAX(end, turns->end) + flow->follow;
    const struct engine *engine = &turns->engines[flow->engine - 1];
    for (uint32_t i = 0; i < engine->count && left > 0; i++) {
        end += transfer_at(engine, i)->duration;
        left -= transfer_at(engine, i)->flow == flow;
    }
    return end - engine->gone + flow->follow;
}

// --- a flow's owner goes away ---

static void forget_transfer(struct transfer *transfer, struct wire_flow *flow)
{
    if (transfer->flow != flow)
        return;
    transfer->flow = NULL;
    transfer->follow = --flow->pending == 0 ? flow->follow : 0;
}

static void forget_arrivals(struct wire_turns *turns, struct wire_flow *flow)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < turns->arrival_count; i++) {
        turns->arrivals[kept] = turns->arrivals[i];
        kept += turns->arrivals[i].flow != flow;
    }
    flow->pending -= turns->arrival_count - kept;
    turns->arrival_count = kept;
}

void turns_forget(struct wire *wire, tick_t now, struct wire_flow *flow)
{
    struct wire_turns *turns = wire->turns;
    turns_advance(wire, now);
    forget_arrivals(turns, flow);
    if (turns->ends)
        forget_transfer(&turns->sent, flow);
    for (uint32_t e = 0; e < turns->engine_count; e++)
        for (uint32_t i = 0; i < turns->engines[e].count; i++)
            forget_transfer(transfer_at(&turns->engines[e], i), flow);
}
