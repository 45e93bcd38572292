// Destaging between two marks: nothing goes until the buffer holds as much as the high one says, then it goes until the
// low one is reached (as write-back caches do, e.g. the dirty ratios of Linux). Overwrites meet their older versions in
// the buffer: a hot set below the high mark hardly ever reaches the flash.
//
// When writers wait for room the marks do not count: all that fills program units goes, so that a buffer with marks is
// no slower than one without.
#include "ftl/buffer/policies.h"

static bool wanted(struct buffer *buffer)
{
    if (buffer->queued >= buffer->high)
        buffer->draining = true;
    if (buffer->queued <= buffer->low)
        buffer->draining = false;
    return buffer->draining || !list_empty(&buffer->waiting);
}

const struct destage_ops destage_water_ops = {
    .name = "water",
    .help = "from destage_high of the buffer on, down to destage_low",
    .wanted = wanted,
};
