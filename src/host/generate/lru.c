// A cache of blocks, least recently used first out: a hash table with chains, and a list by use, both of indices.
#include "host/generate/lru.h"

#include <stdlib.h>

#include "util/alloc.h"
#include "util/macros.h"
#include "util/rng.h"

void lru_init(struct lru *lru, uint64_t room)
{
    uint32_t buckets = 1;
    *lru = (struct lru){.room = (uint32_t)MIN(room, UINT32_MAX / 4)};
    while (buckets < lru->room)
        buckets *= 2;
    lru->mask = buckets - 1;
    lru->buckets = xcalloc(buckets, sizeof *lru->buckets);
    lru->blocks = xcalloc((size_t)lru->room + 1, sizeof *lru->blocks);
}

void lru_destroy(struct lru *lru)
{
    free(lru->blocks);
    free(lru->buckets);
}

static uint32_t *bucket_of(const struct lru *lru, uint64_t number)
{
    return &lru->buckets[rng_mix(number) & lru->mask];
}

static void unlink_use(struct lru *lru, struct lru_block *block)
{
    *(block->newer == 0 ? &lru->newest : &lru->blocks[block->newer].older) = block->older;
    *(block->older == 0 ? &lru->oldest : &lru->blocks[block->older].newer) = block->newer;
}

static void link_newest(struct lru *lru, uint32_t at)
{
    struct lru_block *block = &lru->blocks[at];
    block->newer = 0;
    block->older = lru->newest;
    *(lru->newest == 0 ? &lru->oldest : &lru->blocks[lru->newest].newer) = at;
    lru->newest = at;
}

struct lru_block *lru_find(struct lru *lru, uint64_t number)
{
    uint32_t at = *bucket_of(lru, number);
    while (at != 0 && lru->blocks[at].number != number)
        at = lru->blocks[at].chain;
    return at == 0 ? NULL : &lru->blocks[at];
}

struct lru_block *lru_use(struct lru *lru, uint64_t number)
{
    struct lru_block *block = lru_find(lru, number);
    if (block == NULL)
        return NULL;
    uint32_t at = (uint32_t)(block - lru->blocks);
    if (at != lru->newest) {
        unlink_use(lru, block);
        link_newest(lru, at);
    }
    return block;
}

// The place of the oldest, which leaves.
static uint32_t drive_out(struct lru *lru)
{
    uint32_t at = lru->oldest, *link = bucket_of(lru, lru->blocks[at].number);
    while (*link != at)
        link = &lru->blocks[*link].chain;
    *link = lru->blocks[at].chain;
    unlink_use(lru, &lru->blocks[at]);
    return at;
}

struct lru_block *lru_add(struct lru *lru, uint64_t number)
{
    if (lru->room == 0)
        return NULL;
    uint32_t at = lru->count < lru->room ? ++lru->count : drive_out(lru), *bucket = bucket_of(lru, number);
    lru->blocks[at] = (struct lru_block){.number = number, .chain = *bucket};
    *bucket = at;
    link_newest(lru, at);
    return &lru->blocks[at];
}
