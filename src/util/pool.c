// Pool growth: each chunk doubles the number of objects, up to a limit, and stays until the pool goes.
#include "util/pool.h"

#include <stdalign.h>
#include <stdlib.h>

#include "util/alloc.h"
#include "util/macros.h"

enum { FIRST_CHUNK = 64, LARGEST_CHUNK = 4096 };

struct pool_chunk {
    struct pool_chunk *next;
    alignas(max_align_t) unsigned char objects[];
};

void pool_init(struct pool *pool, size_t object_bytes)
{
    size_t alignment = alignof(max_align_t);
    size_t bytes = MAX(object_bytes, sizeof(struct pool_free));
    *pool = (struct pool){
        .object_bytes = (bytes + alignment - 1) / alignment * alignment,
        .chunk_objects = FIRST_CHUNK,
    };
}

void pool_destroy(struct pool *pool)
{
    while (pool->chunks != NULL) {
        struct pool_chunk *chunk = pool->chunks;
        pool->chunks = chunk->next;
        free(chunk);
    }
    pool->free = NULL;
}

void pool_grow(struct pool *pool)
{
    struct pool_chunk *chunk = xmalloc(sizeof *chunk + pool->chunk_objects * pool->object_bytes);
    chunk->next = pool->chunks;
    pool->chunks = chunk;
    for (size_t i = pool->chunk_objects; i-- > 0;) {
        struct pool_free *object = (struct pool_free *)(chunk->objects + i * pool->object_bytes);
        object->next = pool->free;
        pool->free = object;
    }
    pool->objects += pool->chunk_objects;
    pool->chunk_objects = MIN(2 * pool->chunk_objects, LARGEST_CHUNK);
}

size_t pool_taken(const struct pool *pool)
{
    size_t taken = pool->objects;
    for (const struct pool_free *object = pool->free; object != NULL; object = object->next)
        taken--;
    return taken;
}
