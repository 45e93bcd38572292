// Memory of the controller that is handed out while the drive works, in mapping units: to what is read ahead, and to
// copies, from the read of a unit until it is programmed elsewhere.
//
// Each may hold so much, and both together what map and write buffer leave (ftl.memory). What copies need to come to an
// end is kept for them, so that reading ahead may take what is left and never stops them.
#ifndef SQTAIL_FTL_MEMORY_H
#define SQTAIL_FTL_MEMORY_H

#include <stdint.h>

#include "util/macros.h"

enum memory_user { MEMORY_AHEAD, MEMORY_COPIES, MEMORY_USERS };

struct memory {
    uint64_t limit[MEMORY_USERS];
    uint64_t kept[MEMORY_USERS]; // for the one, out of reach of the other
    uint64_t held[MEMORY_USERS];
    uint64_t shared; // by both together
};

static inline uint64_t memory_room(const struct memory *memory, enum memory_user user)
{
    enum memory_user other = user == MEMORY_AHEAD ? MEMORY_COPIES : MEMORY_AHEAD;
    uint64_t own = memory->limit[user] - memory->held[user];
    return MIN(own, memory->shared - memory->held[user] - MAX(memory->held[other], memory->kept[other]));
}

static inline void memory_take(struct memory *memory, enum memory_user user, uint64_t units)
{
    memory->held[user] += units;
}

static inline void memory_give(struct memory *memory, enum memory_user user, uint64_t units)
{
    memory->held[user] -= units;
}

#endif
