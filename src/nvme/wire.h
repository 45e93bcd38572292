// One direction of a link, shared TLP by TLP by those who send in it.
#ifndef SQTAIL_NVME_WIRE_H
#define SQTAIL_NVME_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/tick.h"
#include "sim/timeline.h"
#include "stats/meter.h"
#include "util/macros.h"

enum { LINK_TICK_SHIFT = 20 };

// Data that belong together, such as a command's, and what must follow the last of them. Begins all zeroes.
struct wire_flow {
    uint32_t pending;  // transfers not known to be sent
    tick_t end;        // of the last data: the earliest that it can be, exact once none are pending
    tick_t follow;     // duration of what follows them; 0: nothing yet
    tick_t follow_end; // as `end`
    tick_t moved;      // wire.moved when `follow_end` was said
};

struct wire_transfer {
    tick_t duration;
    struct wire_flow *flow; // NULL: nobody asks for its end any more
};

struct wire {
    uint64_t tlp;         // a full data TLP, in 2^-LINK_TICK_SHIFT ps; 0: all takes no time
    struct timeline work; // ends when all that is known is sent
    struct meter meter;
    tick_t clear;         // up to here the wire is given to what goes before data
    tick_t start, end;    // of the first transfer; moved by what has come between its TLPs,
    tick_t moved;         // all of them so far by so much
    struct wire_transfer *transfers; // a ring, in order of arrival
    uint32_t first, count, size;
};

void wire_init(struct wire *wire, uint64_t tlp);
void wire_destroy(struct wire *wire);

// Goes before data, from the next end of a TLP on. Returns its end, which nothing changes any more.
tick_t wire_control(struct wire *wire, tick_t now, tick_t duration);

// Data, in order of arrival. Returns the earliest end; flow->end is exact once the flow is settled.
tick_t wire_data(struct wire *wire, tick_t now, tick_t duration, struct wire_flow *flow);

// What comes right behind the flow's data, once for each flow. Returns the earliest end.
tick_t wire_follow(struct wire *wire, tick_t now, tick_t duration, struct wire_flow *flow);

// When the flow's data can be sent at best, and what follows them: exact when that is not later than `now`.
tick_t wire_look(struct wire *wire, tick_t now, struct wire_flow *flow);

// The same for what follows its data, when the time that wire_follow returned, or somewhat more, has come.
static inline tick_t wire_look_again(struct wire *wire, tick_t now, struct wire_flow *flow)
{
    return likely(flow->moved == wire->moved) ? flow->follow_end : wire_look(wire, now, flow);
}

// The flow's owner goes away.
void wire_forget(struct wire *wire, tick_t now, struct wire_flow *flow);

#endif
