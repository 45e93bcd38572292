// The page map: two tables and one bit a unit over what preparation left, lpn -> ppn, ppn -> lpn, and whether the ppn
// is still what its lpn maps to. All is held in the controller's memory as a whole; neither a mapping cache nor the
// journal that makes the map survive power loss is modelled.
//
// Invariant: a unit's place is valid, belongs to it, and is one of those that preparation wrote if and only if the
// unit's entry is 0; a superblock's `valid` counts its valid places. A host read checks it for the unit it reads.
//
// A bit of `changed` says that a place is valid, but of those that preparation wrote, until they are erased, that it is
// no longer what it was: so all is zero at first, and takes no memory.
//
// With `verify: versions` each arrival of data for a unit, and each trim, takes the unit's next version number; the
// physical unit remembers which one it holds. As buffered data are visible from their arrival on, a read must find
// exactly the last version that arrived, which is never older than the last one acknowledged.
#include "ftl/map/map.h"

#include <inttypes.h>

#include "util/alloc.h"

#define MAP_CHECK(map, condition, ...) SIM_CHECK((map)->sim, "ftl", condition, __VA_ARGS__)
#define VERSION_ZEROED (UINT32_C(1) << 31)

enum { CHECK_UNITS_MAX = 1 << 20 }; // a map up to this size is checked entry by entry at the end of the run

static size_t changed_bytes(const struct map *map)
{
    return (bitmap_words(map->ppns) + 1) * sizeof(uint64_t); // one word more for bitmap_extract
}

void map_init(struct map *map, struct space *space, uint64_t lpns, bool verify)
{
    *map = (struct map){.sim = space->base->sim, .geometry = &space->base->geometry, .space = space, .lpns = lpns};
    map->ppns = map->geometry->units;
    forward_init(&map->forward, map->lpns, map->ppns);
    map->reverse = packed_create(map->ppns, map->lpns);
    map->changed = lazy_alloc(changed_bytes(map));
    if (!verify)
        return;
    map->written = lazy_alloc(map->lpns * sizeof *map->written);
    map->stored = lazy_alloc(map->ppns * sizeof *map->stored);
}

void map_destroy(struct map *map)
{
    forward_destroy(&map->forward);
    packed_destroy(&map->reverse);
    lazy_free(map->changed, changed_bytes(map));
    lazy_free(map->written, map->lpns * sizeof *map->written);
    lazy_free(map->stored, map->ppns * sizeof *map->stored);
    prepared_destroy(&map->prepared);
}

void map_prepare(struct map *map, const struct raid_layout *raid, uint64_t count,
                 const struct prepared_content *contents, struct rng *rng)
{
    MAP_CHECK(map, map->mapped == 0 && map->prepared.count == 0, "only an unused drive can be prepared");
    prepared_init(&map->prepared, map->geometry, raid, &map->space->striping, count, contents, rng);
    map->mapped = map->prepared.superblocks[map->geometry->blocks].placed;
    MAP_CHECK(map, map->mapped == count, "preparation placed %" PRIu64 " of %" PRIu64 " units", map->mapped, count);
}

static uint64_t page_left(const struct map *map, uint64_t ppn)
{
    uint32_t unit;
    fastdiv_split(ppn, &map->geometry->by_multi_page, &unit);
    return map->geometry->units_per_multi_page - unit;
}

// How many of the units from the run's first on have entries that begin with `entry` and rise by `step`.
static inline uint32_t like_first(const struct map *map, const struct map_run *run, uint64_t entry, unsigned step,
                           uint64_t most)
{
    uint32_t count = 1;
    if (most == 1)
        return 1;
    most = MIN(most, page_left(map, run->ppn));
    if (step == 0 && forward_empty(&map->forward))
        return (uint32_t)most;
    while (count < most && forward_get(&map->forward, run->lpn + count) == entry + step * count)
        count++;
    return count;
}

// Where preparation goes round the dies before the next plane, a stripe of one die alone has neighbours all the same.
static uint32_t extend(const struct map *map, const struct map_run *run, uint64_t most)
{
    uint32_t count = run->count, end = (uint32_t)MIN(most, page_left(map, run->ppn));
    while (count < end && forward_get(&map->forward, run->lpn + count) == 0 &&
           map_lookup(map, run->lpn + count) == run->ppn + count)
        count++;
    return count;
}

struct map_run map_find(const struct map *map, uint64_t lpn, uint64_t most)
{
    struct map_run run = {.lpn = lpn, .ppn = MAP_NOWHERE, .count = 1};
    uint64_t entry = forward_get(&map->forward, lpn);
    if (entry - 1 < map->ppns) {
        run.ppn = entry - 1;
        run.count = like_first(map, &run, entry, 1, most);
    } else if (entry == 0 && lpn < map->prepared.count) {
        run.placed = true;
        uint64_t sure = most;
        run.ppn = prepared_run(&map->prepared, lpn, &sure);
        run.count = like_first(map, &run, 0, 0, sure);
        if (run.count == sure && sure < most && prepared_scatters(&map->prepared))
            run.count = extend(map, &run, most);
    }
    return run;
}

unsigned map_owners(const struct map *map, uint64_t first, uint64_t places, uint64_t *lpns)
{
    if (prepared_covers(&map->prepared, first))
        return prepared_owners(&map->prepared, first, places, lpns);
    unsigned count = 0;
    for (; places != 0; places &= places - 1)
        lpns[count++] = packed_get(&map->reverse, first + (unsigned)__builtin_ctzll(places));
    return count;
}

uint32_t map_version_next(struct map *map, uint64_t lpn)
{
    uint32_t *written = map->written;
    if (written == NULL)
        return 0;
    written[lpn] = (written[lpn] + 1) & ~VERSION_ZEROED;
    return written[lpn];
}

static bool owned(const struct map *map, const struct map_run *run)
{
    for (uint32_t i = 0; i < run->count; i++)
        if (packed_get(&map->reverse, run->ppn + i) != run->lpn + i)
            return false;
    return true;
}

// Both ways agree. What is computed needs no look at its owner: that is the inverse of what was computed.
static inline bool maps_back(const struct map *map, const struct map_run *run)
{
    bool one = likely(run->count == 1);
    uint64_t changed = one ? bitmap_test(map->changed, run->ppn) : bitmap_extract(map->changed, run->ppn, run->count);
    if (prepared_covers(&map->prepared, run->ppn) != run->placed)
        return false;
    if (run->placed)
        return changed == 0;
    return changed == UINT64_MAX >> (64 - run->count) && owned(map, run);
}

static void check_versions(const struct map *map, const struct map_run *run)
{
    for (uint32_t i = 0; i < run->count; i++)
        MAP_CHECK(map, map->stored[run->ppn + i] == map->written[run->lpn + i],
                  "read of unit %" PRIu64 " found version %u instead of %u", run->lpn + i, map->stored[run->ppn + i],
                  map->written[run->lpn + i]);
}

static inline void check_run(const struct map *map, const struct map_run *run)
{
    MAP_CHECK(map, maps_back(map, run),
              "read of %u units from %" PRIu64 " on reached those from physical unit %" PRIu64 " on, which belongs to %"
              PRIu64, run->count, run->lpn, run->ppn, map_owner(map, run->ppn));
    if (map->written != NULL)
        check_versions(map, run);
}

static void check_oldest(struct map *map)
{
    check_run(map, &map->arrears[(map->next - map->due) % MAP_ARREARS]);
    map->due--;
}

// Before any change of the map.
static inline void settle(struct map *map)
{
    while (unlikely(map->due > 0))
        check_oldest(map);
}

// Versions change with every arrival of data, so those are checked at once.
void map_check_read(struct map *map, const struct map_run *run)
{
    if (map->written != NULL) {
        check_run(map, run);
        return;
    }
    if (map->due == MAP_ARREARS)
        check_oldest(map);
    __builtin_prefetch(&map->changed[run->ppn / 64]);
    if (!run->placed)
        packed_prefetch(&map->reverse, run->ppn);
    map->arrears[map->next++ % MAP_ARREARS] = *run;
    map->due++;
}

void map_check_buffered(const struct map *map, uint64_t lpn, uint32_t version)
{
    const uint32_t *written = map->written;
    if (written != NULL)
        MAP_CHECK(map, version == written[lpn],
                  "read of unit %" PRIu64 " found version %u in the buffer instead of %u", lpn, version, written[lpn]);
}

void map_check_zero(const struct map *map, uint64_t lpn)
{
    const uint32_t *written = map->written;
    if (written != NULL)
        MAP_CHECK(map, written[lpn] == 0 || (written[lpn] & VERSION_ZEROED) != 0,
                  "version %u of unit %" PRIu64 " is lost", written[lpn], lpn);
}

// The place no longer holds what its lpn maps to.
static void invalidate(struct map *map, uint64_t ppn)
{
    bitmap_flip(map->changed, ppn);
    superblock_loses(map->space, superblock_of(map->space, ppn), 1);
}

// Both ways, and that it is valid.
static inline void enter(struct map *map, uint64_t lpn, uint64_t ppn, uint32_t version)
{
    forward_set(&map->forward, lpn, ppn + 1);
    packed_set(&map->reverse, ppn, lpn);
    bitmap_set(map->changed, ppn);
    if (map->stored != NULL)
        map->stored[ppn] = version;
}

void map_set(struct map *map, uint64_t lpn, uint64_t ppn, uint32_t version)
{
    uint64_t old = map_lookup(map, lpn);
    settle(map);
    if (old != MAP_NOWHERE)
        invalidate(map, old);
    else
        map->mapped++;
    enter(map, lpn, ppn, version);
    superblock_gains(map->space, superblock_of(map->space, ppn), 1);
}

uint32_t map_keep_valid(const struct map *map, struct program_unit *units, uint32_t count)
{
    struct prepared_range as_prepared = prepared_range(&map->prepared, superblock_of(map->space, units[0].from));
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++)
        if (map_valid_beside(map, as_prepared, units[i].from))
            units[kept++] = units[i];
    return kept;
}

// Units of one superblock; returns how many were moved. The superblocks' counts are the caller's.
static uint32_t move_run(struct map *map, const struct program_unit *units, uint32_t count, uint64_t to)
{
    struct prepared_range as_prepared = prepared_range(&map->prepared, superblock_of(map->space, units[0].from));
    uint32_t moved = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!map_valid_beside(map, as_prepared, units[i].from))
            continue;
        bitmap_flip(map->changed, units[i].from);
        enter(map, units[i].lpn, to + i, map->stored != NULL ? map->stored[units[i].from] : 0);
        moved++;
    }
    return moved;
}

void map_move(struct map *map, const struct program_unit *units, uint32_t count, uint64_t to)
{
    struct space *space = map->space;
    uint32_t all = 0;
    settle(map);
    for (uint32_t i = 0, run; i < count; i += run) {
        run = units_from_one(space, &units[i], count - i);
        uint32_t moved = move_run(map, &units[i], run, to + i);
        superblock_moved(space, superblock_of(space, units[i].from), moved);
        all += moved;
    }
    superblock_gains(space, superblock_of(space, to), all);
}

void map_erased(struct map *map, uint32_t superblock)
{
    settle(map);
    if (!prepared_pristine(&map->prepared, superblock))
        return;
    uint64_t units = map->geometry->units_per_superblock;
    bitmap_clear_range(map->changed, superblock * units, units);
    prepared_forget(&map->prepared, superblock);
}

static uint64_t trim_one(struct map *map, uint64_t lpn)
{
    uint64_t old = map_lookup(map, lpn);
    if (old == MAP_NOWHERE)
        return 0;
    invalidate(map, old);
    forward_set(&map->forward, lpn, lpn < map->prepared.count ? forward_last(&map->forward) : 0);
    map->mapped--;
    return 1;
}

static void trim_versions(struct map *map, uint64_t first, uint64_t end)
{
    if (map->written == NULL)
        return;
    for (uint64_t lpn = first; lpn < end; lpn++)
        map->written[lpn] = (map->written[lpn] + 1) | VERSION_ZEROED;
}

// Units that hold nothing and never did, from lpn on: 0, 1 or 2.
static unsigned never_mapped(const struct map *map, uint64_t lpn)
{
    if (lpn < map->prepared.count || forward_get(&map->forward, lpn) != 0)
        return 0;
    return lpn + 1 < map->lpns && forward_get(&map->forward, lpn + 1) == 0 ? 2 : 1;
}

// Unmapped stretches are skipped two entries a look, so that a trim of a large empty range costs little more than
// reading the table.
uint64_t map_trim(struct map *map, uint64_t first, uint64_t end)
{
    enum { AHEAD = 16 };
    uint64_t trimmed = 0;
    settle(map);
    trim_versions(map, first, end);
    for (uint64_t lpn = first; lpn < end && map->mapped > 0;) {
        unsigned skipped = never_mapped(map, lpn);
        lpn += skipped;
        if (skipped > 0)
            continue;
        if (lpn + AHEAD < end)
            map_prefetch_old(map, lpn + AHEAD);
        trimmed += trim_one(map, lpn++);
    }
    return trimmed;
}

// --- the invariants ---

static void check_each(const struct map *map)
{
    uint64_t mapped = 0;
    for (uint64_t lpn = 0; lpn < map->lpns; lpn++) {
        struct map_run run = map_find(map, lpn, 1);
        if (run.ppn == MAP_NOWHERE)
            continue;
        mapped++;
        MAP_CHECK(map, maps_back(map, &run),
                  "unit %" PRIu64 " maps to physical unit %" PRIu64 ", which does not map back", lpn, run.ppn);
    }
    MAP_CHECK(map, mapped == map->mapped, "%" PRIu64 " units mapped, %" PRIu64 " counted", mapped, map->mapped);
}

static uint64_t count_changed(const struct map *map, uint64_t first, uint64_t end)
{
    uint64_t bits = 0;
    for (; first < end; first += 64)
        bits += (unsigned)__builtin_popcountll(bitmap_extract(map->changed, first, (unsigned)MIN(end - first, 64u)));
    return bits;
}

// The valid places of a superblock by their bits. A large drive's superblocks that are empty or as prepared are taken
// as they are counted: to look at bits that nothing has changed would take memory for them.
static uint64_t count_valid(const struct map *map, uint32_t superblock)
{
    const struct prepared *prepared = &map->prepared;
    uint64_t first = (uint64_t)superblock * map->geometry->units_per_superblock;
    uint64_t end = first + map->geometry->units_per_superblock;
    bool pristine = prepared_pristine(prepared, superblock);
    uint32_t counted = map->space->superblocks[superblock].valid;
    if (map->ppns > CHECK_UNITS_MAX && (pristine || counted == 0))
        return counted;
    if (!pristine)
        return count_changed(map, first, end);
    const struct prepared_superblock *s = &prepared->superblocks[superblock];
    uint64_t lost = count_changed(map, first + s->first, first + s->end);
    return s[1].placed - s->placed - lost + count_changed(map, first + s->end, end);
}

void map_check(struct map *map)
{
    settle(map);
    uint64_t counted = 0, bits = 0;
    for (uint32_t s = 0; s < map->geometry->blocks; s++) {
        counted += map->space->superblocks[s].valid;
        bits += count_valid(map, s);
    }
    MAP_CHECK(map, counted == map->mapped && bits == map->mapped,
              "%" PRIu64 " units mapped, superblocks count %" PRIu64 ", %" PRIu64 " marked valid", map->mapped,
              counted, bits);
    if (map->lpns <= CHECK_UNITS_MAX)
        check_each(map);
}
