// Who may program data now: room for copies, and what the host must leave of it.
//
// Copies need places before the room of the superblock that they come from is free again. `committed` counts the units
// of victims that have no place yet; the room for them is the rest of the collector's open superblock and all free
// ones, and is never less than committed rounded up to program units. For: a victim is chosen only when that holds
// with its units, too. The host takes no superblock, nor a place in a shared one, that would break it; what it takes
// are whole program units, as is the room. A full program of copies takes as much from both. A padded one is made only
// when the copies in it are all that is committed. So every victim chosen can be finished, and free superblocks never
// run out for good. The last `gc_reserve` free superblocks are for copies alone in any case.
#include "ftl/ftl_internal.h"

// Units that copies may still be programmed to.
uint64_t gc_room(const struct ftl *ftl)
{
    const struct stream *stream = &ftl->streams[ftl->config.gc_separate ? STREAM_GC : STREAM_HOST];
    return stream->units_left + (uint64_t)ftl->free_count * ftl->data_units;
}

static bool host_has_room(const struct ftl *ftl, const struct stream *stream)
{
    uint64_t needed = ftl->gc.committed;
    bool opens = stream->superblock == NONE;
    if (opens)
        return ftl->free_count > ftl->config.gc_reserve && gc_room(ftl) >= needed + ftl->data_units;
    if (ftl->config.gc_separate)
        return true;
    return ftl->free_count >= ftl->config.gc_reserve && gc_room(ftl) >= needed + ftl->geometry.units_per_program;
}

// May data of this source be programmed now?
bool stream_has_room(const struct ftl *ftl, enum stream_id source)
{
    const struct stream *stream = &ftl->streams[ftl->config.gc_separate ? source : STREAM_HOST];
    if (source == STREAM_HOST)
        return host_has_room(ftl, stream);
    return stream->superblock != NONE || ftl->free_count > 0;
}
