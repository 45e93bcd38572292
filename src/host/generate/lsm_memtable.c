// The memtable: a hash table of keys, as many as there is room for.
#include "host/generate/lsm_memtable.h"

#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"
#include "util/macros.h"
#include "util/rng.h"

void lsm_memtable_init(struct lsm_memtable *table, uint64_t room)
{
    uint64_t size = 2;
    while (size < 2 * room)
        size *= 2;
    *table = (struct lsm_memtable){.slots = xcalloc(size, sizeof *table->slots), .mask = size - 1, .room = room,
                                   .added_from = UINT64_MAX};
}

void lsm_memtable_destroy(struct lsm_memtable *table)
{
    free(table->slots);
}

void lsm_memtable_clear(struct lsm_memtable *table)
{
    memset(table->slots, 0, (table->mask + 1) * sizeof *table->slots);
    memset(table->keys, 0, sizeof table->keys);
    table->records = table->added_to = 0;
    table->added_from = UINT64_MAX;
}

static uint64_t *slot_of(const struct lsm_memtable *table, uint64_t key)
{
    uint64_t at = rng_mix(key) & table->mask;
    while (table->slots[at] != 0 && table->slots[at] != key + 1)
        at = (at + 1) & table->mask;
    return &table->slots[at];
}

bool lsm_memtable_has(const struct lsm_memtable *table, uint64_t key)
{
    return *slot_of(table, key) != 0;
}

void lsm_memtable_put(struct lsm_memtable *table, const struct lsm_tree *tree, uint64_t key)
{
    uint64_t *slot = slot_of(table, key);
    table->records++;
    if (*slot != 0)
        return;
    *slot = key + 1;
    if (key < tree->keys) {
        table->keys[lsm_class_of(key)]++;
        return;
    }
    table->added_from = MIN(table->added_from, key);
    table->added_to = MAX(table->added_to, key + 1);
}

struct lsm_file lsm_memtable_file(const struct lsm_memtable *table, const struct lsm_tree *tree)
{
    struct lsm_file file = {.high = LSM_WHOLE};
    for (int c = 0; c < LSM_CLASSES; c++)
        if (table->keys[c] > 0)
            file.share[c] = (uint32_t)((unsigned __int128)table->keys[c] * LSM_ALL / tree->class_keys[c]);
    if (table->added_from < table->added_to) {
        file.added_from = table->added_from;
        file.added_to = table->added_to;
    }
    lsm_measure(tree, &file);
    return file;
}
