// Bits by sector, in words of which there are those that were ever set.
#include "store/sectors.h"

#include "util/macros.h"

enum { SECTOR_SHIFT = 9, GROUP = 64 };

void sectors_init(struct sectors *sectors, uint64_t capacity_bytes)
{
    *sectors = (struct sectors){0};
    sparse_init(&sectors->groups, (capacity_bytes >> SECTOR_SHIFT) / GROUP + 1, sizeof(uint64_t));
}

void sectors_destroy(struct sectors *sectors)
{
    sparse_destroy(&sectors->groups);
}

// The bits of a group that lie in a range of sectors.
static uint64_t mask_of(uint64_t group, uint64_t begin, uint64_t end)
{
    uint64_t first = MAX(begin, group * GROUP) - group * GROUP, last = MIN(end, (group + 1) * GROUP) - group * GROUP;
    return UINT64_MAX >> (GROUP - (last - first)) << first;
}

void sectors_add(struct sectors *sectors, uint64_t offset, uint64_t bytes)
{
    uint64_t begin = offset >> SECTOR_SHIFT, end = (offset + bytes) >> SECTOR_SHIFT;
    for (uint64_t group = begin / GROUP; group * GROUP < end; group++) {
        uint64_t *bits = sparse_touch(&sectors->groups, group), mask = mask_of(group, begin, end);
        sectors->count += (uint64_t)__builtin_popcountll(mask & ~*bits);
        *bits |= mask;
    }
}

// The next group of the range that has any; its end otherwise.
static uint64_t next_group(const struct sectors *sectors, uint64_t group, uint64_t end)
{
    return sparse_next(&sectors->groups, group, (end + GROUP - 1) / GROUP);
}

void sectors_remove(struct sectors *sectors, uint64_t offset, uint64_t bytes)
{
    uint64_t begin = offset >> SECTOR_SHIFT, end = (offset + bytes) >> SECTOR_SHIFT;
    for (uint64_t group = next_group(sectors, begin / GROUP, end); group * GROUP < end;
         group = next_group(sectors, group + 1, end)) {
        uint64_t *bits = sparse_find(&sectors->groups, group), mask = mask_of(group, begin, end);
        sectors->count -= (uint64_t)__builtin_popcountll(mask & *bits);
        *bits &= ~mask;
    }
}

uint64_t sectors_first(const struct sectors *sectors, uint64_t offset, uint64_t bytes)
{
    uint64_t begin = offset >> SECTOR_SHIFT, end = (offset + bytes) >> SECTOR_SHIFT;
    for (uint64_t group = next_group(sectors, begin / GROUP, end); group * GROUP < end;
         group = next_group(sectors, group + 1, end)) {
        const uint64_t *bits = sparse_find(&sectors->groups, group);
        uint64_t found = *bits & mask_of(group, begin, end);
        if (found != 0)
            return (group * GROUP + (uint64_t)__builtin_ctzll(found)) << SECTOR_SHIFT;
    }
    return offset + bytes;
}
