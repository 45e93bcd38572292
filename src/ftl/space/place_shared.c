// Placement: all data into one open superblock, as they come.
#include "ftl/space/policies.h"

static enum stream_id choose(const struct space *space, const struct placing *placing)
{
    (void)space;
    (void)placing;
    return STREAM_HOST;
}

const struct place_ops place_shared_ops = {
    .name = "shared",
    .help = "host data and copies in the same superblocks",
    .streams = {[PURPOSE_HOST] = 1 << STREAM_HOST, [PURPOSE_COPY] = 1 << STREAM_HOST},
    .choose = choose,
};
