// Two levels of places, and slabs that the elements fill one after another.
#include "util/sparse.h"

#include <stdlib.h>

#include "util/alloc.h"
#include "util/macros.h"

enum { SLAB_BYTES = 16 << 20, LEAF_MASK = (1 << SPARSE_LEAF_SHIFT) - 1 };

static size_t leaf_count(const struct sparse *sparse)
{
    return (size_t)(sparse->count >> SPARSE_LEAF_SHIFT) + 1;
}

static size_t slab_bytes(const struct sparse *sparse)
{
    return sparse->element_bytes << sparse->slab_shift;
}

static uint32_t slab_count(const struct sparse *sparse)
{
    return (sparse->used + (UINT32_C(1) << sparse->slab_shift) - 1) >> sparse->slab_shift;
}

void sparse_init(struct sparse *sparse, uint64_t count, size_t element_bytes)
{
    *sparse = (struct sparse){.count = count, .element_bytes = element_bytes};
    while (slab_bytes(sparse) < SLAB_BYTES)
        sparse->slab_shift++;
    sparse->leaves = xcalloc(leaf_count(sparse), sizeof *sparse->leaves);
}

void sparse_destroy(struct sparse *sparse)
{
    for (size_t i = 0; sparse->leaves != NULL && i < leaf_count(sparse); i++)
        free(sparse->leaves[i]);
    for (uint32_t i = 0; i < slab_count(sparse); i++)
        lazy_free(sparse->slabs[i], slab_bytes(sparse));
    free(sparse->leaves);
    free(sparse->slabs);
}

static uint32_t add_element(struct sparse *sparse)
{
    uint32_t slab = sparse->used >> sparse->slab_shift;
    if (slab == slab_count(sparse)) {
        sparse->slabs = xgrow(sparse->slabs, slab, sizeof *sparse->slabs);
        sparse->slabs[slab] = lazy_alloc(slab_bytes(sparse));
        lazy_advise_huge(sparse->slabs[slab], slab_bytes(sparse));
    }
    return ++sparse->used;
}

void *sparse_touch(struct sparse *sparse, uint64_t index)
{
    uint32_t **leaf = &sparse->leaves[index >> SPARSE_LEAF_SHIFT];
    if (*leaf == NULL)
        *leaf = xcalloc(1 << SPARSE_LEAF_SHIFT, sizeof **leaf);
    uint32_t *place = &(*leaf)[index & LEAF_MASK];
    if (*place == 0)
        *place = add_element(sparse);
    return sparse_element(sparse, *place - 1);
}

uint64_t sparse_next(const struct sparse *sparse, uint64_t index, uint64_t end)
{
    while (index < end && sparse_find(sparse, index) == NULL)
        index = sparse->leaves[index >> SPARSE_LEAF_SHIFT] == NULL ? (index | LEAF_MASK) + 1 : index + 1;
    return MIN(index, end);
}
