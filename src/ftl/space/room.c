// Who may program data now: room for copies, and what the host must leave of it.
//
// Copies need places before the room of the superblock that they come from is free again. `committed` counts the units
// of victims that have no place yet; the room for them is the rest of the open superblock for copies and all free ones,
// and is never less than committed rounded up to program units. For: a victim is chosen only when that holds with its
// units, too. The host takes no superblock, nor a place in a shared one, that would break it; what it takes are whole
// program units, as is the room. A full program of copies takes as much from both. A padded one is made only when the
// copies in it are all that its mover has committed; where there are several movers, `rounding` is kept for the others.
// So every victim chosen can be finished, and free superblocks never run out
// for good. The last `gc_reserve` free superblocks are for copies alone in any case.
#include "ftl/space/policies.h"
#include "ftl/space/stream.h"

uint64_t room_for_copies(const struct space *space)
{
    uint64_t units = (uint64_t)space_available(space) * space->data_units;
    for (int i = 0; i < STREAM_COUNT; i++)
        if (space->streams[i].takes_copies)
            units += space->streams[i].units_left;
    return units;
}

// Beyond what is set aside the cache takes nothing that collection keeps free.
bool room_for_cache(const struct space *space)
{
    const struct slc_cache *slc = &space->slc;
    if (slc->count < slc->fixed)
        return space->free_count > 0;
    return slc->count < slc_limit(space) && space_available(space) > space->base->config.gc_stop &&
           room_for_copies(space) >= space->committed + space->rounding + space->data_units;
}

bool room_in_stream(const struct space *space, const struct stream *stream)
{
    uint32_t reserve = space->base->config.gc_reserve, available = space_available(space);
    uint64_t needed = space->committed + space->rounding;
    if (stream->what->mode == NAND_SLC)
        return room_for_cache(space);
    if (stream->superblock == NONE)
        return available > reserve && room_for_copies(space) >= needed + space->data_units;
    needed += space->base->geometry.units_per_program;
    return available >= reserve && room_for_copies(space) >= needed;
}

// Those that are committed, and so many, in whole programs.
static uint64_t committed_with(const struct space *space, uint32_t units)
{
    uint64_t program = space->base->geometry.units_per_program;
    uint64_t all = space->committed + units + program - 1;
    return all - all % program;
}

bool room_for_victim(const struct space *space, uint32_t valid)
{
    return room_for_copies(space) >= committed_with(space, valid) + space->rounding;
}

// Folded data take room as host writes do: they leave the reserve, unless the superblock that they come from will be
// everybody's.
bool room_for_folding(const struct space *space, uint32_t valid)
{
    uint64_t reserve = (uint64_t)space->base->config.gc_reserve * space->data_units;
    if (!room_for_victim(space, valid))
        return false;
    return space->slc.count > space->slc.fixed || room_for_copies(space) >= committed_with(space, valid) + reserve;
}
