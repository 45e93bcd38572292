// The newest records of a log-structured merge tree, in memory: which keys, and how many of each class.
#ifndef SQTAIL_HOST_GENERATE_LSM_MEMTABLE_H
#define SQTAIL_HOST_GENERATE_LSM_MEMTABLE_H

#include "host/generate/lsm_tree.h"

struct lsm_memtable {
    uint64_t *slots;  // keys less than 2^63, each with one added; 0: free
    uint64_t mask;
    uint64_t records, room; // written to it, each takes memory; and at most
    uint64_t keys[LSM_CLASSES];    // different ones that were there at the beginning
    uint64_t added_from, added_to; // insertions; from above to: none
};

void lsm_memtable_init(struct lsm_memtable *table, uint64_t room);
void lsm_memtable_destroy(struct lsm_memtable *table);
void lsm_memtable_clear(struct lsm_memtable *table);
void lsm_memtable_put(struct lsm_memtable *table, const struct lsm_tree *tree, uint64_t key);
bool lsm_memtable_has(const struct lsm_memtable *table, uint64_t key);

// As a file of level 0.
struct lsm_file lsm_memtable_file(const struct lsm_memtable *table, const struct lsm_tree *tree);

#endif
