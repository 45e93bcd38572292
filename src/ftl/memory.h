// Memory of the controller that is handed out while the drive works, in mapping units.
#ifndef SQTAIL_FTL_MEMORY_H
#define SQTAIL_FTL_MEMORY_H

#include <stdint.h>

#include "util/macros.h"

// X(enumerator): what is read ahead; copies, from the read of a unit until it is programmed elsewhere.
enum memory_user { MEMORY_AHEAD, MEMORY_COPIES, MEMORY_USERS };

struct memory {
    uint64_t limit[MEMORY_USERS];
    uint64_t held[MEMORY_USERS];
};

static inline uint64_t memory_room(const struct memory *memory, enum memory_user user)
{
    return memory->limit[user] - memory->held[user];
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
