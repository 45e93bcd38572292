// Victim policy: the superblock that was filled first, as in a circular log.
#include "ftl/move/policies.h"

static uint32_t pick(const struct space *space, struct gc_draw *draw)
{
    (void)draw;
    return ranking_first(&space->victims.by_age);
}

const struct gc_ops gc_fifo_ops = {
    .name = "fifo",
    .help = "the superblock filled first",
    .pick = pick,
};
