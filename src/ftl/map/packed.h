// Tables of unit numbers: 4 bytes an entry, 5 when the numbers need them. All zero at first, and no memory until
// written.
#ifndef SQTAIL_FTL_MAP_PACKED_H
#define SQTAIL_FTL_MAP_PACKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "util/alloc.h"
#include "util/macros.h"

#define PACKED_WIDE_LAST ((UINT64_C(1) << 40) - 1)

struct packed {
    uint8_t *entries;
    size_t bytes;
    bool wide;
};

// A number beyond `most`, which an entry can hold, too.
static inline uint64_t packed_last(uint64_t most)
{
    return most < UINT32_MAX ? UINT32_MAX : PACKED_WIDE_LAST;
}

// `count` entries of up to `most`, or packed_last().
static inline struct packed packed_create(uint64_t count, uint64_t most)
{
    bool wide = packed_last(most) > UINT32_MAX;
    size_t bytes = count * (wide ? 5 : 4);
    return (struct packed){.entries = lazy_alloc(bytes), .bytes = bytes, .wide = wide};
}

static inline void packed_destroy(struct packed *table)
{
    lazy_free(table->entries, table->bytes);
}

static inline uint8_t *packed_at(const struct packed *table, uint64_t index)
{
    return table->entries + index * (table->wide ? 5 : 4);
}

static inline uint64_t packed_get(const struct packed *table, uint64_t index)
{
    const uint8_t *at = packed_at(table, index);
    uint32_t low;
    memcpy(&low, at, sizeof low);
    return likely(!table->wide) ? low : low | (uint64_t)at[4] << 32;
}

static inline void packed_set(struct packed *table, uint64_t index, uint64_t value)
{
    uint8_t *at = packed_at(table, index);
    uint32_t low = (uint32_t)value;
    memcpy(at, &low, sizeof low);
    if (unlikely(table->wide))
        at[4] = (uint8_t)(value >> 32);
}

static inline void packed_prefetch(const struct packed *table, uint64_t index)
{
    __builtin_prefetch(packed_at(table, index), 1);
}

#endif
