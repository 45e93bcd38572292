// The tags of a hardware queue: as many requests as it may have.
#ifndef SQTAIL_HOST_BLOCK_TAGS_H
#define SQTAIL_HOST_BLOCK_TAGS_H

#include "host/block/request.h"

struct tags {
    uint16_t *free; // stack
    uint32_t count, free_count;
};

void tags_init(struct tags *tags, uint32_t count);
void tags_destroy(struct tags *tags);

static inline uint32_t tags_used(const struct tags *tags)
{
    return tags->count - tags->free_count;
}

static inline uint32_t tags_take(struct tags *tags)
{
    return tags->free_count == 0 ? BLOCK_NO_TAG : tags->free[--tags->free_count];
}

static inline void tags_give(struct tags *tags, uint32_t tag)
{
    if (tag != BLOCK_NO_TAG)
        tags->free[tags->free_count++] = (uint16_t)tag;
}

#endif
