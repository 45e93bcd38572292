// The rooms of space put together.
#include "ftl/space/space.h"

#include "ftl/space/page_read.h"
#include "ftl/space/stream.h"

void space_init(struct space *space, struct base *base)
{
    space->base = base;
    layout_init(&space->layout, &base->geometry);
    superblocks_init(space);
    slc_init(space);
    streams_init(space);
    page_reads_init(space);
}

void space_destroy(struct space *space)
{
    page_reads_destroy(space);
    streams_destroy(space);
    slc_destroy(space);
    superblocks_destroy(space);
    layout_destroy(&space->layout);
}
