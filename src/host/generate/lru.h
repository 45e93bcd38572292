// A cache of blocks that are known by a number, the one used least recently leaving first.
#ifndef SQTAIL_HOST_GENERATE_LRU_H
#define SQTAIL_HOST_GENERATE_LRU_H

#include <stdbool.h>
#include <stdint.h>

struct lru_block {
    uint64_t number;
    uint32_t newer, older; // by use
    uint32_t chain;        // the next of its bucket
    bool dirty;
};

struct lru {
    struct lru_block *blocks; // from 1 on
    uint32_t *buckets;        // first block of each; 0: none
    uint32_t mask, room, count;
    uint32_t newest, oldest;
};

// Room for so many blocks, which may be none.
void lru_init(struct lru *lru, uint64_t room);
void lru_destroy(struct lru *lru);

// The block, which is now the newest; NULL: it is not there.
struct lru_block *lru_use(struct lru *lru, uint64_t number);

// The same without using it.
struct lru_block *lru_find(struct lru *lru, uint64_t number);

// The block that the next one to be added drives out; NULL: none.
static inline struct lru_block *lru_leaves(struct lru *lru)
{
    return lru->count < lru->room || lru->room == 0 ? (struct lru_block *)0 : &lru->blocks[lru->oldest];
}

// Adds a block that is not there, clean, as the newest; NULL: there is no room for any.
struct lru_block *lru_add(struct lru *lru, uint64_t number);

#endif
