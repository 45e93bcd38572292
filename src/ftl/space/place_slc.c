// Placement: host data into the SLC cache while it has room, else to native superblocks; copies, folded data among
// them, to native ones of their own.
#include "ftl/space/policies.h"

// With slc_full: wait the host waits for the cache as long as there is something to fold in it.
static bool to_cache(const struct space *space)
{
    const struct slc_cache *slc = &space->slc;
    if (slc->off)
        return false;
    if (space->streams[STREAM_SLC].superblock != NONE || room_for_cache(space))
        return true;
    return slc->waits && slc->count > 0 && slc_limit(space) > 0;
}

static enum stream_id choose(const struct space *space, const struct placing *placing)
{
    if (placing->purpose == PURPOSE_COPY)
        return STREAM_COPIES;
    return to_cache(space) ? STREAM_SLC : STREAM_HOST;
}

const struct place_ops place_slc_ops = {
    .name = "slc",
    .help = "host data into an SLC cache while it has room; copies in superblocks of their own",
    .streams = {[PURPOSE_HOST] = 1 << STREAM_SLC | 1 << STREAM_HOST, [PURPOSE_COPY] = 1 << STREAM_COPIES},
    .choose = choose,
};
