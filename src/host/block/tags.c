// Tags. Linux 6.1 block/blk-mq-tag.c, lib/sbitmap.c: a number for each request that the driver has, taken when the
// request is made, or, below a scheduler, when it is dispatched. The one given back last is taken first, as with the
// driver's own. Left out: that sbitmap prefers other bits on each CPU, and wakes sleepers in batches.
#include "host/block/tags.h"

#include <stdlib.h>

#include "util/alloc.h"

void tags_init(struct tags *tags, uint32_t count)
{
    *tags = (struct tags){.count = count};
    tags->free = xcalloc(count, sizeof *tags->free);
    for (uint32_t tag = count; tag-- > 0;)
        tags_give(tags, tag);
}

void tags_destroy(struct tags *tags)
{
    free(tags->free);
}
