// What has become possible in the core, done in one order.
//
// The files of the core lie one above the other and call downwards only. When something happens below that lets work
// above go on (room in the buffer, a program done, a superblock erased), the file below raises an item here. The items
// raised are done at once, without an event, in the order of this list: flushes end before writers get their room, both
// before host data are sent, and the collector comes last. An item raised while others are being done comes when
// those before it in the list are.
#ifndef SQTAIL_FTL_AGENDA_H
#define SQTAIL_FTL_AGENDA_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/sim.h"

enum {
    AGENDA_FLUSH = 1 << 0,    // end the flushes whose data are in the flash
    AGENDA_GRANT = 1 << 1,    // give waiting writers room in the buffer
    AGENDA_DISPATCH = 1 << 2, // send buffered data to the flash
    AGENDA_MOVE = 1 << 3,     // read and program units that are to be moved
    AGENDA_ITEMS = 4,
};

// What each item stands for; `context` is the agenda's.
typedef void agenda_fn(void *context);

struct agenda {
    struct sim *sim;
    agenda_fn *const *rows; // AGENDA_ITEMS, in order of their bits
    void *context;
    unsigned raised;
    unsigned later; // to be raised by an event that is scheduled
    bool running;
};

// Does the items, or has them done by the agenda_raise that is running.
void agenda_raise(struct agenda *agenda, unsigned items);

// As agenda_raise, in an event of its own at the present time.
void agenda_raise_later(struct agenda *agenda, unsigned items);

#endif
