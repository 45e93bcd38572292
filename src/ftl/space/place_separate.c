// Placement: data of the host and copies in superblocks of their own, which keeps data apart that live for different
// times.
#include "ftl/space/policies.h"

static enum stream_id choose(const struct space *space, const struct placing *placing)
{
    (void)space;
    return placing->purpose == PURPOSE_HOST ? STREAM_HOST : STREAM_COPIES;
}

const struct place_ops place_separate_ops = {
    .name = "separate",
    .help = "host data and copies in superblocks of their own",
    .streams = {[PURPOSE_HOST] = 1 << STREAM_HOST, [PURPOSE_COPY] = 1 << STREAM_COPIES},
    .choose = choose,
};
