// A pool of equal objects: take and give back in a few instructions, memory grows by chunks and is freed as one.
//
// Nothing on the request path calls malloc: requests, commands and NAND operations come from pools. A taken object
// keeps the bytes it was given back with, apart from its first pointer's worth: the caller initialises it.
#ifndef SQTAIL_UTIL_POOL_H
#define SQTAIL_UTIL_POOL_H

#include <stddef.h>

struct pool_free {
    struct pool_free *next;
};

struct pool {
    struct pool_free *free; // objects given back, last in first out
    struct pool_chunk *chunks;
    size_t object_bytes;
    size_t chunk_objects; // objects in the next chunk
    size_t objects;       // in all chunks
};

void pool_init(struct pool *pool, size_t object_bytes);
void pool_destroy(struct pool *pool);
void pool_grow(struct pool *pool);

// How many objects are in use; found by counting those that are not.
size_t pool_taken(const struct pool *pool);

static inline void *pool_take(struct pool *pool)
{
    if (pool->free == NULL)
        pool_grow(pool);
    struct pool_free *object = pool->free;
    pool->free = object->next;
    return object;
}

static inline void pool_give(struct pool *pool, void *object)
{
    struct pool_free *entry = object;
    entry->next = pool->free;
    pool->free = entry;
}

#endif
