// Moves the valid units of a superblock elsewhere, for one reason.
#ifndef SQTAIL_FTL_MOVE_MOVER_H
#define SQTAIL_FTL_MOVE_MOVER_H

#include "ftl/map/map.h"
#include "ftl/move/on_die.h"
#include "ftl/move/why.h"
#include "ftl/space/stream.h"

struct mover {
    struct base *base;
    struct space *space;
    struct map *map;
    const struct why_ops *ops; // NULL: the drive has no such reason
    void *why;
    struct progress at;
    bool waits;        // for memory
    uint32_t parallel; // reads outstanding at most
    struct on_die *on_die; // NULL: dies move nothing by themselves
    struct program_unit *gathered; // read and not yet programmed
    uint32_t gathered_count;
    uint64_t *copies;  // statistics
    uint64_t outdated; // space->outdated when all gathered was known to be current
};

void mover_init(struct mover *mover, enum why why, struct space *space, struct map *map, struct pace *pace);
void mover_destroy(struct mover *mover);

// Does what there is to do now. A mover without a reason does nothing.
void mover_turn(struct mover *mover);

// Chooses the next superblock to move from; false when there is none, or no room for its units.
bool mover_choose(struct mover *mover);

#endif
