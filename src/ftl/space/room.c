// Who may program data now: room for copies, and what the host must leave of it.
//
// Copies need places before the room of the superblock that they come from is free again. `committed` counts the units
// of victims that have no place yet; the room for them is the rest of the open superblock for copies and all free ones,
// and is never less than committed rounded up to program units. For: a victim is chosen only when that holds with its
// units, too. The host takes no superblock, nor a place in a shared one, that would break it; what it takes are whole
// program units, as is the room. A full program of copies takes as much from both. A padded one is made only when the
// copies in it are all that is committed. So every victim chosen can be finished, and free superblocks never run out
// for good. The last `gc_reserve` free superblocks are for copies alone in any case.
#include "ftl/space/policies.h"
#include "ftl/space/stream.h"

uint64_t room_for_copies(const struct space *space)
{
    uint64_t units = (uint64_t)space->free_count * space->data_units;
    for (int i = 0; i < STREAM_COUNT; i++)
        if (space->streams[i].takes_copies)
            units += space->streams[i].units_left;
    return units;
}

static bool host_has_room(const struct space *space, const struct stream *stream)
{
    uint32_t reserve = space->base->config.gc_reserve;
    uint64_t needed = space->committed;
    if (stream->superblock == NONE)
        return space->free_count > reserve && room_for_copies(space) >= needed + space->data_units;
    needed += space->base->geometry.units_per_program;
    return space->free_count >= reserve && room_for_copies(space) >= needed;
}

bool room_in_stream(const struct space *space, const struct stream *stream, enum purpose purpose)
{
    return purpose == PURPOSE_HOST ? host_has_room(space, stream) : space->free_count > 0;
}

bool room_for_victim(const struct space *space, uint32_t valid)
{
    uint64_t program = space->base->geometry.units_per_program;
    uint64_t units = space->committed + valid + program - 1;
    return room_for_copies(space) >= units - units % program;
}
