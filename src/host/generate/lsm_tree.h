// The shape of a log-structured merge tree: sorted files on levels, and what they hold.
#ifndef SQTAIL_HOST_GENERATE_LSM_TREE_H
#define SQTAIL_HOST_GENERATE_LSM_TREE_H

#include <stdbool.h>
#include <stdint.h>

enum { LSM_CLASSES = 41, LSM_LEVELS_MAX = 8 };

#define LSM_WHOLE (UINT64_C(1) << 32)    // the space of keys, which are spread over it evenly
#define LSM_ALL (UINT32_C(1) << 31)      // all keys of a class

// A sorted file, or what one is made of.
struct lsm_file {
    uint64_t id;                   // later ones have a larger one
    uint64_t low, high;            // of LSM_WHOLE: keys from low on and before high
    uint32_t share[LSM_CLASSES];   // of the keys there are in between, by class of popularity: of LSM_ALL
    uint64_t added_from, added_to; // insertions that it has, of the keys in between
    uint64_t bytes;
    uint32_t slot;                 // where it is
};

struct lsm_level {
    struct lsm_file *files; // by key, and disjoint; of level 0 by age, each of all keys
    uint32_t count, room;
    uint64_t bytes, target; // what there is, and above what something is to move on
    uint64_t cursor;        // where the next file that moves on begins, or later
};

struct lsm_tree {
    uint64_t keys, entry, file_bytes; // at the beginning; bytes of a key with its record; of a file at most
    uint64_t class_keys[LSM_CLASSES]; // keys of rank 2^c - 1 and on
    uint32_t level_count;             // with level 0
    struct lsm_level levels[LSM_LEVELS_MAX];
    uint64_t next_id;
};

// Files of level `from` that move to the next one, with those there that they overlap.
struct lsm_merge {
    uint32_t from;
    struct lsm_file *inputs;  // of `from`, then of the next level
    uint32_t upper, count;    // of `from`, of all
    struct lsm_file *outputs; // without slots
    uint32_t output_count;
    uint64_t bytes_in, bytes_out;
};

// `base` bounds level 1, each further one is `ratio` times the one before it, the last holds everything, and does.
void lsm_tree_init(struct lsm_tree *tree, uint64_t keys, uint64_t entry, uint64_t file_bytes, uint64_t base,
                   uint64_t ratio);
void lsm_tree_destroy(struct lsm_tree *tree);

static inline uint32_t lsm_class_of(uint64_t key)
{
    return 63 - (uint32_t)__builtin_clzll(key + 1);
}

// Where a key is.
uint64_t lsm_place_of(uint64_t key);

// Whether the file, among whose keys it is, has it. Drawn, but always the same.
bool lsm_file_has(const struct lsm_tree *tree, const struct lsm_file *file, uint64_t key);

// Of a level below 0 the file where a place is; NULL: none.
const struct lsm_file *lsm_find(const struct lsm_level *level, uint64_t place);

// Computes its bytes from what it has.
void lsm_measure(const struct lsm_tree *tree, struct lsm_file *file);

// Fills the level with the shares of keys, from one end to the other.
void lsm_fill(struct lsm_tree *tree, uint32_t level, const uint32_t share[LSM_CLASSES]);

// A new file of level 0.
void lsm_add(struct lsm_tree *tree, struct lsm_file file);

// Which level should move something on, level 0 from `trigger` files on; level_count: none.
uint32_t lsm_choose(const struct lsm_tree *tree, uint32_t trigger);

// What moves on from there: from level 0 all, else the next file in turn. It goes on in lsm_apply, with slots in the
// outputs, and is freed by it; the files that it was made from are left to the caller in between.
struct lsm_merge lsm_plan(struct lsm_tree *tree, uint32_t from);
void lsm_apply(struct lsm_tree *tree, struct lsm_merge *merge);

#endif
