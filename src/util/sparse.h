// A table of many elements, most of which are never touched: those that are lie close together, in the order in which
// they were, so that memory and page faults grow with their number alone.
#ifndef SQTAIL_UTIL_SPARSE_H
#define SQTAIL_UTIL_SPARSE_H

#include <stddef.h>
#include <stdint.h>

enum { SPARSE_LEAF_SHIFT = 14 };

struct sparse {
    uint64_t count;
    size_t element_bytes;
    uint32_t slab_shift; // elements a slab
    uint32_t **leaves;   // where each element is, plus 1; NULL: none of a leaf is there
    uint8_t **slabs;
    uint32_t used;
};

// Of up to 2^32 - 1 elements that are touched.
void sparse_init(struct sparse *sparse, uint64_t count, size_t element_bytes);
void sparse_destroy(struct sparse *sparse);

// The element, all zeroes if it was never touched.
void *sparse_touch(struct sparse *sparse, uint64_t index);

static inline void *sparse_element(const struct sparse *sparse, uint32_t place)
{
    uint32_t in_slab = place & ((UINT32_C(1) << sparse->slab_shift) - 1);
    return sparse->slabs[place >> sparse->slab_shift] + in_slab * sparse->element_bytes;
}

// NULL: it was never touched.
static inline void *sparse_find(const struct sparse *sparse, uint64_t index)
{
    const uint32_t *leaf = sparse->leaves[index >> SPARSE_LEAF_SHIFT];
    uint32_t place = leaf == NULL ? 0 : leaf[index & ((1 << SPARSE_LEAF_SHIFT) - 1)];
    return place == 0 ? NULL : sparse_element(sparse, place - 1);
}

// The first index from `index` on, below `end`, that was touched; `end`: there is none.
uint64_t sparse_next(const struct sparse *sparse, uint64_t index, uint64_t end);

#endif
