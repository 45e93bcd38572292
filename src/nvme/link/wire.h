// One direction of a link, shared TLP by TLP by those who send in it.
#ifndef SQTAIL_NVME_LINK_WIRE_H
#define SQTAIL_NVME_LINK_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "nvme/link/wire_turns.h"
#include "sim/tick.h"
#include "sim/timeline.h"
#include "stats/meter.h"
#include "util/macros.h"
#include "util/pool.h"

enum { LINK_TICK_SHIFT = 20 };

struct wire_run;

// Data that belong together, such as a command's, and what must follow the last of them. Begins all zeroes.
struct wire_flow {
    uint32_t pending;  // closed lots not known to be sent, and one for what is still to come
    struct wire_run *latest; // of those of its runs that are still to come the one that comes last; NULL: none are
    tick_t end;        // of the last data: the earliest that it can be, exact once none are pending
    tick_t follow;     // duration of what follows them; 0: nothing yet
    tick_t follow_end; // as `end`
    uint32_t engine;   // where there are several: by which its data go, from 1 on; 0: none yet
};

// Transfers that have come, one behind the other, of equal length. Behind the last of a closed lot, as far as is known,
// none of its flow comes.
struct wire_lot {
    tick_t duration; // of each
    struct wire_flow *flow; // closed: whose it is; NULL: nobody asks for its end any more
    tick_t follow;          // of one that nobody asks for: what was to follow it keeps its time
    uint32_t count;
    bool closed;
};

struct wire {
    uint64_t tlp;         // a full data TLP, in 2^-LINK_TICK_SHIFT ps; 0: all takes no time
    struct timeline work; // ends when all that is known is sent
    struct meter meter;
    tick_t clear;         // up to here the wire is given to what goes before data
    tick_t start, end;    // of the first transfer not known to be sent, moved by what has come between its TLPs; end:
                          // TICK_NEVER without one
    struct wire_lot *lots; // what has come and is not known to be sent: a ring
    uint32_t first, count, size;
    struct wire_run **runs; // data that are still to come, in the order in which they were told of
    uint32_t run_count, run_size;
    struct pool run_pool;
    uint32_t next_run;      // of which the next one comes
    tick_t next;            // it does; TICK_NEVER without one
    tick_t run_duration;    // of each of them; 0: they differ
    struct wire_turns *turns; // of several engines, in which the data are then; NULL: there is one
};

// `engines`: that send data.
void wire_init(struct wire *wire, uint64_t tlp, uint32_t engines);
void wire_destroy(struct wire *wire);

// What wire_advance leaves to be done when there is something.
void wire_catch_up(struct wire *wire, tick_t now);

// Transfers that come up to `now` come, and those that end are sent.
static inline void wire_advance(struct wire *wire, tick_t now)
{
    if (wire->next <= now || wire->end <= now || wire->turns != NULL)
        wire_catch_up(wire, now);
}

// Work never waits while the wire is free: it is busy for as long as all that is known takes, whatever goes first.
// Returns when all of it is sent.
static inline tick_t wire_take(struct wire *wire, tick_t now, tick_t duration, const char *const *what)
{
    tick_t start = timeline_reserve(&wire->work, now, duration);
    meter_add_use(&wire->meter, start, duration, NULL, what, NULL);
    return wire->work.free_at;
}

// The time that so many full TLPs take.
static inline tick_t wire_edge(const struct wire *wire, uint64_t tlps)
{
    return (tlps * wire->tlp + (UINT64_C(1) << (LINK_TICK_SHIFT - 1))) >> LINK_TICK_SHIFT;
}

// Goes before data, from the next end of a TLP on. Returns its end, which nothing changes any more.
tick_t wire_control(struct wire *wire, tick_t now, tick_t duration);

// Data, in order of arrival. Returns the earliest end; flow->end is exact once the flow is settled.
tick_t wire_data(struct wire *wire, tick_t now, tick_t duration, struct wire_flow *flow);

// Data that will come at `when[0]`, ..., `when[count - 1]`, in order of time, none before `now`; each takes `duration`.
void wire_data_later(struct wire *wire, tick_t duration, const tick_t *when, uint32_t count, struct wire_flow *flow);

// What comes right behind the flow's data, all of which have come, once for each flow. Returns the earliest end.
tick_t wire_follow(struct wire *wire, tick_t now, tick_t duration, struct wire_flow *flow);

// When the flow can be sent at best, of which some is not sent yet.
tick_t wire_earliest(const struct wire *wire, const struct wire_flow *flow);

// When the flow's data, and what follows them, are sent: exact when that is not later than `now`, else the earliest.
static inline tick_t wire_look(struct wire *wire, tick_t now, const struct wire_flow *flow)
{
    if (flow->pending > 0)
        wire_advance(wire, now);
    return likely(flow->pending == 0) ? MAX(flow->end, flow->follow_end) : wire_earliest(wire, flow);
}

// The flow's owner goes away.
void wire_forget(struct wire *wire, tick_t now, struct wire_flow *flow);

#endif
