// Who watches the operations of a back-end: instrumentation, not part of the modelled flash.
//
// Told is what an operation does on its die from when on. It does so until it is told of the next; a die that is held
// does what its operation does. How long resources are busy is told by their meters (stats/meter.h).
#ifndef SQTAIL_NAND_OBSERVER_H
#define SQTAIL_NAND_OBSERVER_H

#include "nand/nand.h"

// What, name in results, whether the die shows busy (R/B# is low) meanwhile.
#define NAND_DOING_LIST(X)                                                                             \
    X(WAITS, "wait for channel", false)     /* has its die, and waits for the channel */               \
    X(COMMAND, "command", false)            /* command and address cycles on the channel */            \
    X(SETTLES, "settle", true)              /* the die is busy by itself: tDBSY, tRR */                \
    X(ARRAY, "array", true)                 /* tR, tPROG, tBERS; until the die takes reads, when it is suspended */ \
    X(DATA, "data", false)                  /* on the channel */                                       \
    X(DECODES, "decode", false)             /* has left its die, if it read */                         \
    X(RESTS, "suspended", false)            /* has left its die, and goes on with WAITS */             \
    X(ENDS, "end", false)                   /* has left its die, too, unless it read */

#define NAND_DOING_ENUM(id, name, busy) DOING_##id,
enum nand_doing { NAND_DOING_LIST(NAND_DOING_ENUM) DOING_COUNT };
#undef NAND_DOING_ENUM

struct nand_observer {
    void *self;
    // `from` is not before the present, nor before what the operation was told to do last. Of a read that takes several
    // steps, each ends. Must not change what is simulated.
    void (*doing)(void *self, const struct nand_op *op, enum nand_doing doing, tick_t from);
};

// What the bus is used for that op's channel has just been given for it (meter_use.op): "command", "data in",
// "data out", "suspend", "resume". NULL: a command that comes too late to suspend anything.
const char *nand_bus_use(const struct nand_op *op);

#endif
