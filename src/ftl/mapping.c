// The page map: where each logical unit lies, and what each physical unit holds.
//
// Two tables of 4 bytes a unit and one bit: lpn -> ppn, ppn -> lpn, and whether the ppn is still what its lpn maps
// to. Both tables are held in the controller's memory as a whole; neither a mapping cache nor the journal that makes
// the map survive power loss is modelled.
//
// Invariant: forward[lpn] = ppn + 1 if and only if reverse[ppn] = lpn and ppn is valid; a superblock's `valid` counts
// its valid bits. A host read checks it for the unit it reads.
//
// With `verify: versions` each arrival of data for a unit, and each trim, takes the unit's next version number; the
// physical unit remembers which one it holds. As buffered data are visible from their arrival on, a read must find
// exactly the last version that arrived, which is never older than the last one acknowledged.
#include <stdlib.h>

#include "ftl/ftl_internal.h"
#include "util/alloc.h"

enum { CHECK_UNITS_MAX = 1 << 24 }; // a map up to this size is checked entry by entry at the end of the run

static size_t valid_bytes(const struct mapping *map)
{
    return (bitmap_words(map->ppns) + 1) * sizeof(uint64_t); // one word more for bitmap_extract
}

void mapping_init(struct ftl *ftl)
{
    struct mapping *map = &ftl->mapping;
    map->ppns = ftl->geometry.units;
    map->lpns = ftl_config_user_units(&ftl->config, &ftl->geometry, ftl->raid);
    map->forward = lazy_alloc_huge(map->lpns * sizeof *map->forward);
    map->reverse = lazy_alloc_huge(map->ppns * sizeof *map->reverse);
    map->valid = lazy_alloc_huge(valid_bytes(map));
    if (ftl->config.verify == FTL_VERIFY_OFF)
        return;
    map->written = lazy_alloc(map->lpns * sizeof *map->written);
    map->stored = lazy_alloc(map->ppns * sizeof *map->stored);
}

void mapping_destroy(struct ftl *ftl)
{
    struct mapping *map = &ftl->mapping;
    lazy_free(map->forward, map->lpns * sizeof *map->forward);
    lazy_free(map->reverse, map->ppns * sizeof *map->reverse);
    lazy_free(map->valid, valid_bytes(map));
    lazy_free(map->written, map->lpns * sizeof *map->written);
    lazy_free(map->stored, map->ppns * sizeof *map->stored);
}

uint32_t mapping_version_next(struct ftl *ftl, uint32_t lpn)
{
    uint32_t *written = ftl->mapping.written;
    if (written == NULL)
        return 0;
    written[lpn] = (written[lpn] + 1) & ~VERSION_ZEROED;
    return written[lpn];
}

void mapping_check_read(struct ftl *ftl, uint32_t lpn, uint32_t ppn)
{
    const struct mapping *map = &ftl->mapping;
    FTL_CHECK(ftl, map->reverse[ppn] == lpn && bitmap_test(map->valid, ppn),
              "read of unit %u reached physical unit %u, which belongs to %u", lpn, ppn, map->reverse[ppn]);
    if (map->written != NULL)
        FTL_CHECK(ftl, map->stored[ppn] == map->written[lpn], "read of unit %u found version %u instead of %u", lpn,
                  map->stored[ppn], map->written[lpn]);
}

void mapping_check_buffered(struct ftl *ftl, uint32_t lpn, uint32_t version)
{
    const uint32_t *written = ftl->mapping.written;
    if (written != NULL)
        FTL_CHECK(ftl, version == written[lpn], "read of unit %u found version %u in the buffer instead of %u", lpn,
                  version, written[lpn]);
}

void mapping_check_zero(struct ftl *ftl, uint32_t lpn)
{
    const uint32_t *written = ftl->mapping.written;
    if (written != NULL)
        FTL_CHECK(ftl, written[lpn] == 0 || (written[lpn] & VERSION_ZEROED) != 0,
                  "version %u of unit %u is lost", written[lpn], lpn);
}

// The unit no longer holds what its lpn maps to.
void mapping_invalidate(struct ftl *ftl, uint32_t ppn)
{
    struct superblock *sb = &ftl->superblocks[superblock_of(ftl, ppn)];
    FTL_CHECK(ftl, sb->valid > 0, "superblock %u loses a unit and has none", superblock_of(ftl, ppn));
    bitmap_clear(ftl->mapping.valid, ppn);
    sb->valid--;
}

// Maps lpn to ppn, which has just been programmed, in place of where it was before.
void mapping_set(struct ftl *ftl, uint32_t lpn, uint32_t ppn, uint32_t version)
{
    struct mapping *map = &ftl->mapping;
    uint32_t old = map->forward[lpn];
    if (old != 0)
        mapping_invalidate(ftl, old - 1);
    else
        map->mapped++;
    map->forward[lpn] = ppn + 1;
    map->reverse[ppn] = lpn;
    bitmap_set(map->valid, ppn);
    ftl->superblocks[superblock_of(ftl, ppn)].valid++;
    if (map->stored != NULL)
        map->stored[ppn] = version;
}

static uint64_t trim_one(struct ftl *ftl, uint32_t lpn)
{
    struct mapping *map = &ftl->mapping;
    uint32_t old = map->forward[lpn];
    if (old == 0)
        return 0;
    mapping_invalidate(ftl, old - 1);
    map->forward[lpn] = 0;
    map->mapped--;
    return 1;
}

static void trim_versions(struct mapping *map, uint32_t first, uint64_t end)
{
    if (map->written == NULL)
        return;
    for (uint64_t lpn = first; lpn < end; lpn++)
        map->written[lpn] = (map->written[lpn] + 1) | VERSION_ZEROED;
}

// Unmaps the units [first, end); returns how many were mapped. Unmapped stretches are skipped two entries a look, so
// that a trim of a large empty range costs little more than reading the table.
uint64_t mapping_trim(struct ftl *ftl, uint32_t first, uint64_t end)
{
    enum { AHEAD = 16 };
    struct mapping *map = &ftl->mapping;
    uint64_t trimmed = 0;
    trim_versions(map, first, end);
    for (uint64_t lpn = first; lpn < end; lpn++) {
        if (lpn + 1 < end && (map->forward[lpn] | map->forward[lpn + 1]) == 0) {
            lpn++;
            continue;
        }
        if (lpn + AHEAD < end && map->forward[lpn + AHEAD] != 0)
            __builtin_prefetch(&map->valid[map->forward[lpn + AHEAD] / 64], 1);
        trimmed += trim_one(ftl, (uint32_t)lpn);
    }
    return trimmed;
}

static void check_each(struct ftl *ftl)
{
    const struct mapping *map = &ftl->mapping;
    uint64_t mapped = 0;
    for (uint64_t lpn = 0; lpn < map->lpns; lpn++) {
        uint32_t at = map->forward[lpn];
        if (at == 0)
            continue;
        mapped++;
        FTL_CHECK(ftl, map->reverse[at - 1] == lpn && bitmap_test(map->valid, at - 1),
                  "unit %llu maps to physical unit %u, which does not map back", (unsigned long long)lpn, at - 1);
    }
    FTL_CHECK(ftl, mapped == map->mapped, "%llu units mapped, %llu counted", (unsigned long long)mapped,
              (unsigned long long)map->mapped);
}

void mapping_check(struct ftl *ftl)
{
    const struct mapping *map = &ftl->mapping;
    uint64_t counted = 0, bits = 0;
    for (uint32_t s = 0; s < ftl->geometry.blocks; s++)
        counted += ftl->superblocks[s].valid;
    for (size_t w = 0; w < bitmap_words(map->ppns); w++)
        bits += (unsigned)__builtin_popcountll(map->valid[w]);
    FTL_CHECK(ftl, counted == map->mapped && bits == map->mapped,
              "%llu units mapped, superblocks count %llu, %llu marked valid", (unsigned long long)map->mapped,
              (unsigned long long)counted, (unsigned long long)bits);
    if (map->lpns <= CHECK_UNITS_MAX)
        check_each(ftl);
}
