// A prepared drive's map as a function: nothing that grows with its units is filled in.
//
// Of superblock s preparation wrote n_s data units, of which v_s are valid (ftl/steady.c finds how many). With
// placed(s) the sum of v over lower numbers, P a permutation of the drive's units and pi_s one of 0 .. n_s - 1,
//
//   the i-th data unit of superblock s is valid if and only if pi_s(i) < v_s, and holds lpn P(placed(s) + pi_s(i))
//
// so that exactly v_s units are valid, each lpn below the sum of v lies at one place, and both ways are computed:
// g = P^-1(lpn) gives s, by a guide table, and i = pi_s^-1(g - placed(s)). In order, P is the identity, and pi_s the
// order in which dies are filled: the identity, too, unless data are striped (space/striping.h). Data units are counted
// without those of parity (nand/raid.h).
//
// A superblock counts as prepared until it is erased; what became of its units since, the map keeps (map.c).
#include "ftl/map/prepared.h"

#include <stdlib.h>

#include "util/alloc.h"
#include "util/macros.h"

static bool has_parity(const struct prepared *p)
{
    return p->raid != NULL && p->raid->enabled;
}

// --- data units of a superblock, from the row `first` (physical units) on, and physical ones ---

static uint32_t unit_at(const struct prepared *p, uint32_t first, uint32_t i)
{
    if (likely(!has_parity(p)))
        return first + i;
    uint32_t unit, rest, row = (uint32_t)fastdiv_split(i, &p->by_row_data, &rest);
    uint32_t number = (uint32_t)fastdiv_split(rest, &p->geometry->by_program, &unit);
    row += first / p->row_units;
    uint32_t die = raid_data_die(p->raid, row, number);
    return row * p->row_units + die * p->geometry->units_per_program + unit;
}

enum { NO_DATA = UINT32_MAX };

// NO_DATA where the unit is parity.
static uint32_t index_of(const struct prepared *p, uint32_t first, uint32_t physical)
{
    if (likely(!has_parity(p)))
        return physical - first;
    uint32_t unit, rest, row = (uint32_t)fastdiv_split(physical, &p->by_row_units, &rest);
    uint32_t die = (uint32_t)fastdiv_split(rest, &p->geometry->by_program, &unit);
    if (raid_is_parity(p->raid, row, die))
        return NO_DATA;
    row -= first / p->row_units;
    return row * p->row_data + raid_data_number(p->raid, row + first / p->row_units, die) *
           p->geometry->units_per_program + unit;
}

// --- striped data: programs of a superblock that hold data are counted in the order in which they were filled ---

static uint32_t stripe_width(const struct prepared *p, const struct prepared_superblock *s, uint32_t first)
{
    uint32_t programs = (s->end - s->first) / p->row_units * (p->row_data / p->geometry->units_per_program);
    return MIN(p->striping->dies, programs - first);
}

// At which data unit of the superblock the i-th that was written lies.
static uint32_t striped(const struct prepared *p, const struct prepared_superblock *s, uint32_t i)
{
    uint32_t program = p->geometry->units_per_program, stripe = p->striping->dies * program, member;
    if (likely(p->striping->dies == 1))
        return i;
    uint32_t first = i / stripe * p->striping->dies;
    uint32_t unit = striping_place(p->striping, p->geometry, stripe_width(p, s, first), i % stripe, &member);
    return (first + member) * program + unit;
}

static uint32_t unstriped(const struct prepared *p, const struct prepared_superblock *s, uint32_t i)
{
    uint32_t program = p->geometry->units_per_program, number = i / program;
    if (likely(p->striping->dies == 1))
        return i;
    uint32_t member = number % p->striping->dies, first = number - member;
    return first * program +
           striping_index(p->striping, p->geometry, stripe_width(p, s, first), member, i % program);
}

// --- the permutations ---

// A superblock's own one.
struct own_permutation {
    const struct permutation *p; // NULL: in order
    const struct prepared *prepared;
    const struct prepared_superblock *superblock;
    uint64_t salt;
    struct permutation part;
};

static inline void own_permutation_of(const struct prepared *p, uint32_t superblock, struct own_permutation *own)
{
    const struct prepared_superblock *s = &p->superblocks[superblock];
    own->p = p->shuffled ? &p->whole : NULL;
    own->prepared = p;
    own->superblock = s;
    own->salt = s->salt;
    if (likely(s->end - s->first == p->geometry->units_per_superblock) || !p->shuffled)
        return;
    own->part = p->whole;
    permutation_resize(&own->part, (s->end - s->first) / p->row_units * p->row_data);
    own->p = &own->part;
}

static inline uint64_t own_permute(const struct own_permutation *own, uint64_t i)
{
    if (likely(own->p != NULL))
        return permute(own->p, own->salt, i);
    return unstriped(own->prepared, own->superblock, (uint32_t)i);
}

static uint32_t superblock_of(const struct prepared *p, uint64_t n)
{
    uint32_t s = p->guide[n >> p->guide_shift];
    while (p->superblocks[s + 1].placed <= n)
        s++;
    return s;
}

static inline uint64_t placed_unit(const struct prepared *p, uint64_t n)
{
    return p->shuffled ? permute(&p->drive, p->salt, n) : n;
}

uint64_t prepared_unit(const struct prepared *p, uint64_t n)
{
    return placed_unit(p, n);
}

// Where planes are not filled first, data go on elsewhere at the end of a plane's page.
static uint64_t side_by_side(const struct prepared *p, uint64_t i, uint64_t most)
{
    if (likely(p->striping->group == 1))
        return most;
    uint32_t unit;
    fastdiv_split(i, &p->geometry->by_units_per_page, &unit);
    return MIN(most, (uint64_t)(p->geometry->units_per_page - unit));
}

uint64_t prepared_run(const struct prepared *p, uint64_t lpn, uint64_t *most)
{
    uint64_t n = p->shuffled ? permute_back(&p->drive, p->salt, lpn) : lpn;
    uint32_t superblock = superblock_of(p, n);
    const struct prepared_superblock *s = &p->superblocks[superblock];
    uint64_t i = n - s->placed;
    *most = p->shuffled ? 1 : side_by_side(p, i, MIN(*most, s[1].placed - n));
    if (p->shuffled) {
        struct own_permutation own;
        own_permutation_of(p, superblock, &own);
        i = permute_back(own.p, own.salt, i);
    } else {
        i = striped(p, s, (uint32_t)i);
    }
    return (uint64_t)superblock * p->geometry->units_per_superblock + unit_at(p, s->first, (uint32_t)i);
}

uint64_t prepared_place(const struct prepared *p, uint64_t lpn)
{
    uint64_t most = 1;
    return prepared_run(p, lpn, &most);
}

unsigned prepared_owners(const struct prepared *p, uint64_t first, uint64_t places, uint64_t *lpns)
{
    uint32_t unit, superblock = (uint32_t)fastdiv_split(first, &p->geometry->by_superblock, &unit);
    const struct prepared_superblock *s = &p->superblocks[superblock];
    struct own_permutation own;
    own_permutation_of(p, superblock, &own);
    uint32_t i = index_of(p, s->first, unit);
    unsigned count = 0;
    for (; places != 0; places &= places - 1)
        lpns[count++] = placed_unit(p, s->placed + own_permute(&own, i + (unsigned)__builtin_ctzll(places)));
    return count;
}

uint64_t prepared_valid_units(const struct prepared *p, uint64_t first, unsigned count)
{
    uint32_t unit, superblock = (uint32_t)fastdiv_split(first, &p->geometry->by_superblock, &unit);
    const struct prepared_superblock *s = &p->superblocks[superblock];
    uint64_t valid = s[1].placed - s->placed, bits = 0;
    uint32_t i = index_of(p, s->first, unit);
    if (i == NO_DATA)
        return 0;
    struct own_permutation own;
    own_permutation_of(p, superblock, &own);
    for (unsigned k = 0; k < count; k++)
        bits |= (uint64_t)(own_permute(&own, i + k) < valid) << k;
    return bits;
}

void prepared_forget(struct prepared *p, uint32_t superblock)
{
    bitmap_clear(p->pristine, superblock);
    p->pristine_count--;
}

// --- creation ---

static void set_superblocks(struct prepared *p, const struct prepared_content *contents)
{
    uint32_t count = p->geometry->blocks;
    p->superblocks = xcalloc((size_t)count + 1, sizeof *p->superblocks);
    p->pristine = xcalloc(bitmap_words(count), sizeof *p->pristine);
    for (uint32_t s = 0; s < count; s++) {
        struct prepared_superblock *superblock = &p->superblocks[s];
        superblock->first = contents[s].first_row * p->row_units;
        superblock->end = contents[s].end_row * p->row_units;
        superblock[1].placed = superblock->placed + contents[s].valid;
        if (contents[s].end_row == contents[s].first_row)
            continue;
        bitmap_set(p->pristine, s);
        p->pristine_count++;
    }
}

// About as many entries as there are superblocks, so that a search from one takes a step or two.
static void make_guide(struct prepared *p)
{
    while (p->count >> p->guide_shift > p->geometry->blocks)
        p->guide_shift++;
    uint64_t entries = (p->count >> p->guide_shift) + 1;
    p->guide = xcalloc(entries, sizeof *p->guide);
    uint32_t s = 0;
    for (uint64_t i = 0; i < entries; i++) {
        while (s + 1 < p->geometry->blocks && p->superblocks[s + 1].placed <= i << p->guide_shift)
            s++;
        p->guide[i] = s;
    }
}

void prepared_init(struct prepared *p, const struct nand_geometry *geometry, const struct raid_layout *raid,
                   const struct striping *striping, uint64_t count, const struct prepared_content *contents,
                   struct rng *rng)
{
    *p = (struct prepared){.count = count, .geometry = geometry, .raid = raid, .striping = striping,
                           .shuffled = rng != NULL};
    p->row_units = geometry->dies * geometry->units_per_program;
    p->row_data = raid == NULL ? p->row_units : (uint32_t)raid_data_units(raid, p->row_units);
    p->by_row_units = fastdiv_make(p->row_units);
    p->by_row_data = fastdiv_make(p->row_data);
    set_superblocks(p, contents);
    make_guide(p);
    if (rng == NULL)
        return;
    p->drive = permutation_draw(rng, count);
    p->whole = permutation_draw(rng, (uint64_t)p->row_data * geometry->rows);
    p->salt = rng_u64(rng);
    for (uint32_t s = 0; s < geometry->blocks; s++)
        p->superblocks[s].salt = rng_mix(p->salt + s);
}

void prepared_destroy(struct prepared *p)
{
    free(p->superblocks);
    free(p->guide);
    free(p->pristine);
}
