// Instant preconditioning: fills the tables with the state that writes would have left, without simulating them.
//
// sequential: the first units of the drive in order, as one write from the start to the fill leaves them.
//
// random: what uniform random overwrites, as fast as the drive takes them, leave in the long run. steady.c finds how
// many valid units each superblock holds, and how far the open ones and the victim are. Which units of a superblock
// are valid is drawn uniformly, and the units of the drive are spread by a pseudo-random permutation, so that any range
// of addresses scatters over dies and superblocks. The write buffer is full of units that wait to be programmed, which
// goes on at the first write or flush: a drive that is only read stays as it is.
//
// Speed: the reverse map is written in order; the forward map is hit at random, one cache miss a unit, so those
// writes are collected in batches that are prefetched first.
#include "ftl/ftl_internal.h"

enum { BATCH = 64 };

struct filler {
    struct ftl *ftl;
    struct rng rng;
    uint32_t superblocks; // filled so far
    // permutation of 0 .. count - 1, by walking the cycles of one of 0 .. mask
    uint64_t count, mask;
    unsigned shift;
    uint64_t keys[3];
    uint64_t next; // number of the next unit to place
    // forward-map writes under way
    uint32_t batch_count;
    uint64_t lpns[BATCH], ppns[BATCH];
};

static void flush_batch(struct filler *filler)
{
    for (uint32_t i = 0; i < filler->batch_count; i++)
        packed_set(&filler->ftl->map.forward, filler->lpns[i], filler->ppns[i] + 1);
    filler->batch_count = 0;
}

static inline void place(struct filler *filler, uint64_t lpn, uint64_t ppn)
{
    struct map *map = &filler->ftl->map;
    packed_set(&map->reverse, ppn, lpn);
    bitmap_set(map->valid, ppn);
    map_prefetch(map, lpn);
    filler->lpns[filler->batch_count] = lpn;
    filler->ppns[filler->batch_count] = ppn;
    if (++filler->batch_count == BATCH)
        flush_batch(filler);
}

// A superblock holds `valid` units and is closed.
static void close_superblock(struct filler *filler, uint32_t s, uint32_t valid)
{
    struct ftl *ftl = filler->ftl;
    struct superblock *sb = &ftl->superblocks[s];
    sb->valid = valid;
    sb->state = SUPERBLOCK_CLOSED;
    ftl->write_clock += ftl->data_units;
    sb->closed = ftl->write_clock;
    ftl->free_count--;
    ftl->map.mapped += valid;
    filler->superblocks++;
}

struct span {
    uint32_t first, end; // rows
};

// Calls fill for each program unit of the superblock that holds data, in order of their numbers.
typedef void fill_program_fn(struct filler *filler, uint64_t first, void *context);

static void fill_superblock(struct filler *filler, uint32_t s, struct span rows, fill_program_fn *fill, void *context)
{
    struct ftl *ftl = filler->ftl;
    const struct nand_geometry *g = &ftl->geometry;
    for (uint32_t row = rows.first; row < rows.end; row++)
        for (uint32_t die = 0; die < g->dies; die++)
            if (!ftl_is_parity(ftl, row, die))
                fill(filler, nand_unit_at(g, (struct nand_address){s, row, die, 0, 0, 0}).n, context);
}

// --- sequential ---

static void fill_in_order(struct filler *filler, uint64_t first, void *context)
{
    uint32_t units = filler->ftl->geometry.units_per_program;
    (void)context;
    for (uint32_t i = 0; i < units && filler->next < filler->count; i++)
        place(filler, filler->next++, first + i);
}

static void fill_sequential(struct filler *filler)
{
    for (uint32_t s = 0; filler->next < filler->count; s++) {
        uint64_t before = filler->next;
        fill_superblock(filler, s, (struct span){0, filler->ftl->geometry.rows}, fill_in_order, NULL);
        close_superblock(filler, s, (uint32_t)(filler->next - before));
    }
}

// --- random ---

static void init_permutation(struct filler *filler)
{
    unsigned bits = 2;
    while ((UINT64_C(1) << bits) < filler->count)
        bits++;
    filler->mask = (UINT64_C(1) << bits) - 1;
    filler->shift = (bits + 1) / 2;
    for (int i = 0; i < 3; i++)
        filler->keys[i] = rng_u64(&filler->rng) | 1;
}

// Each step, an odd multiplication or a shift and exclusive or within the mask, can be undone: a permutation of
// 0 .. mask. Walking its cycle until below count gives one of 0 .. count - 1.
static inline uint64_t permute(const struct filler *filler, uint64_t x)
{
    do {
        for (int i = 0; i < 3; i++) {
            x = (x * filler->keys[i] + (filler->keys[i] >> 32)) & filler->mask;
            x ^= x >> filler->shift;
        }
    } while (x >= filler->count);
    return x;
}

// How many data units of the superblock are still to be looked at, and how many of them are to be valid.
struct selection {
    uint32_t units;
    uint32_t valid;
};

// Selection sampling (Knuth, volume 2, section 3.4.2, algorithm S).
static void fill_at_random(struct filler *filler, uint64_t first, void *context)
{
    struct selection *left = context;
    uint32_t units = filler->ftl->geometry.units_per_program;
    for (uint32_t i = 0; i < units; i++, left->units--) {
        if (rng_below(&filler->rng, left->units) >= left->valid)
            continue;
        left->valid--;
        place(filler, permute(filler, filler->next++), first + i);
    }
}

// The rows of a superblock that may hold valid units.
static struct span rows_in_use(const struct ftl *ftl, uint32_t s)
{
    const struct nand_geometry *g = &ftl->geometry;
    if (s == ftl->gc.victim) {
        uint64_t read = ftl->gc.cursor - (uint64_t)s * g->units_per_superblock;
        return (struct span){(uint32_t)(read / (g->dies * g->units_per_program)), g->rows};
    }
    for (int i = 0; i < STREAM_COUNT; i++)
        if (s == ftl->streams[i].superblock)
            return (struct span){0, ftl->streams[i].row};
    return (struct span){0, ftl->superblocks[s].state == SUPERBLOCK_FREE ? 0 : g->rows};
}

static void fill_buffer(struct filler *filler)
{
    struct ftl *ftl = filler->ftl;
    struct buffer *buffer = &ftl->buffer;
    uint64_t units = buffer->write_through ? 0 : MIN(filler->count, (uint64_t)buffer->capacity);
    for (uint64_t i = 0; i < units; i++) {
        buffer->used++;
        buffer->arriving++;
        buffer_insert(ftl, permute(filler, i * (filler->count / units)), NULL);
    }
}

static void fill_random(struct filler *filler)
{
    struct ftl *ftl = filler->ftl;
    uint32_t row_units = ftl->data_units / ftl->geometry.rows;
    init_permutation(filler);
    steady_reach(ftl, filler->count);
    for (uint32_t s = 0; s < ftl->geometry.blocks; s++) {
        struct span rows = rows_in_use(ftl, s);
        struct selection left = {.units = (rows.end - rows.first) * row_units, .valid = ftl->superblocks[s].valid};
        fill_superblock(filler, s, rows, fill_at_random, &left);
    }
    FTL_CHECK(ftl, filler->next == filler->count, "preconditioning placed %llu of %llu units",
              (unsigned long long)filler->next, (unsigned long long)filler->count);
    ftl->map.mapped = filler->count;
    fill_buffer(filler);
}

// The back-end learns which blocks are written, and how worn all are.
static void tell_nand(struct ftl *ftl)
{
    for (uint32_t s = 0; s < ftl->geometry.blocks; s++) {
        const struct superblock *sb = &ftl->superblocks[s];
        uint32_t rows = s == ftl->gc.victim ? ftl->geometry.rows : rows_in_use(ftl, s).end;
        nand_assume(&ftl->nand, s, rows, sb->pe_cycles);
    }
}

void ftl_precondition(struct ftl *ftl)
{
    struct filler filler = {.ftl = ftl};
    filler.count = (uint64_t)((double)ftl->map.lpns * ftl->config.precondition_fill);
    rng_seed(&filler.rng, sim_seed(ftl->sim), "ftl.precondition");
    FTL_CHECK(ftl, ftl->map.mapped == 0 && ftl_idle(ftl), "only an unused drive can be preconditioned");
    if (filler.count > 0 && ftl->config.precondition == FTL_PRECONDITION_SEQUENTIAL)
        fill_sequential(&filler);
    if (filler.count > 0 && ftl->config.precondition == FTL_PRECONDITION_RANDOM)
        fill_random(&filler);
    flush_batch(&filler);
    tell_nand(ftl);
}
