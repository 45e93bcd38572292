// Instant preconditioning: fills the tables with the state that writes would have left, without simulating them.
//
// sequential: the first units of the drive in order, as one write from the start to the fill leaves them.
//
// random: what uniform random overwrites with greedy collection leave in the long run. Let superblock k be the k-th
// youngest of N closed ones, n units each, U units mapped. While one superblock is filled n / A host writes happen
// (A the write amplification), each of which hits a given unit with probability 1 / U; so validity decays with age,
//
//   v(k) = n exp(-lambda (k + 1/2)),  lambda = n / (A U),  sum over k of v(k) = U
//
// and the sum fixes lambda (Desnoyers, "Analytic modeling of SSD write performance", SYSTOR 2012). For greedy
// collection of small superblocks the mean field has the same curve: superblocks with i valid units in proportion 1 /
// i. The counts are rounded so that they add up to U exactly. Which units of a superblock are valid is drawn
// uniformly, and the units of the drive are spread by a pseudo-random permutation, so that any range of addresses
// scatters over dies and superblocks. Free superblocks are left at the level that pacing holds, plus the two that the
// streams open first.
//
// Speed: the reverse map is written in order; the forward map is hit at random, one cache miss a unit, so those
// writes are collected in batches that are prefetched first.
#include "ftl/ftl_internal.h"
#include "util/exact_math.h"

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
    uint32_t lpns[BATCH], ppns[BATCH];
};

static void flush_batch(struct filler *filler)
{
    uint32_t *forward = filler->ftl->mapping.forward;
    for (uint32_t i = 0; i < filler->batch_count; i++)
        forward[filler->lpns[i]] = filler->ppns[i] + 1;
    filler->batch_count = 0;
}

static inline void place(struct filler *filler, uint32_t lpn, uint32_t ppn)
{
    struct mapping *map = &filler->ftl->mapping;
    map->reverse[ppn] = lpn;
    bitmap_set(map->valid, ppn);
    __builtin_prefetch(&map->forward[lpn], 1);
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
    ftl->mapping.mapped += valid;
    filler->superblocks++;
}

// Calls fill for each program unit of the superblock that holds data, in order of their numbers.
typedef void fill_program_fn(struct filler *filler, uint32_t first, void *context);

static void fill_superblock(struct filler *filler, uint32_t s, fill_program_fn *fill, void *context)
{
    struct ftl *ftl = filler->ftl;
    const struct nand_geometry *g = &ftl->geometry;
    for (uint32_t row = 0; row < g->rows; row++)
        for (uint32_t die = 0; die < g->dies; die++)
            if (!ftl_is_parity(ftl, row, die))
                fill(filler, nand_unit_at(g, (struct nand_address){s, row, die, 0, 0, 0}).n, context);
}

// --- sequential ---

static void fill_in_order(struct filler *filler, uint32_t first, void *context)
{
    uint32_t units = filler->ftl->geometry.units_per_program;
    (void)context;
    for (uint32_t i = 0; i < units && filler->next < filler->count; i++)
        place(filler, (uint32_t)filler->next++, first + i);
}

static void fill_sequential(struct filler *filler)
{
    for (uint32_t s = 0; filler->next < filler->count; s++) {
        uint64_t before = filler->next;
        fill_superblock(filler, s, fill_in_order, NULL);
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
static void fill_at_random(struct filler *filler, uint32_t first, void *context)
{
    struct selection *left = context;
    uint32_t units = filler->ftl->geometry.units_per_program;
    for (uint32_t i = 0; i < units; i++, left->units--) {
        if (rng_below(&filler->rng, left->units) >= left->valid)
            continue;
        left->valid--;
        place(filler, (uint32_t)permute(filler, filler->next++), first + i);
    }
}

static double total_valid(double lambda, uint32_t superblocks, double n)
{
    double sum = 0;
    for (uint32_t k = 0; k < superblocks; k++)
        sum += n * exact_exp(-lambda * (k + 0.5));
    return sum;
}

static double solve_lambda(uint64_t units, uint32_t superblocks, double n)
{
    double low = 0, high = 64;
    for (int i = 0; i < 100; i++) {
        double middle = (low + high) / 2;
        if (total_valid(middle, superblocks, n) > (double)units)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

static void fill_random(struct filler *filler)
{
    const struct ftl *ftl = filler->ftl;
    uint32_t level = (ftl->config.gc_stop + ftl->config.gc_reserve) / 2;
    uint32_t closed = ftl->geometry.blocks - level - 2;
    double lambda = solve_lambda(filler->count, closed, ftl->data_units);
    double scale = (double)filler->count / total_valid(lambda, closed, ftl->data_units), sum = 0;
    uint64_t placed = 0;
    init_permutation(filler);
    for (uint32_t s = 0; s < closed; s++) { // the oldest first
        sum += scale * ftl->data_units * exact_exp(-lambda * (closed - 1 - s + 0.5));
        uint64_t target = s + 1 < closed ? (uint64_t)(sum + 0.5) : filler->count;
        uint32_t valid = (uint32_t)MIN(target - placed, (uint64_t)ftl->data_units);
        struct selection left = {.units = ftl->data_units, .valid = valid};
        fill_superblock(filler, s, fill_at_random, &left);
        close_superblock(filler, s, valid);
        placed += valid;
    }
    FTL_CHECK(ftl, placed == filler->count, "preconditioning placed %llu of %llu units",
              (unsigned long long)placed, (unsigned long long)filler->count);
}

// The back-end learns which blocks are written, and how worn all are.
static void tell_nand(struct ftl *ftl)
{
    for (uint32_t s = 0; s < ftl->geometry.blocks; s++) {
        const struct superblock *sb = &ftl->superblocks[s];
        nand_assume(&ftl->nand, s, sb->state == SUPERBLOCK_FREE ? 0 : ftl->geometry.rows, sb->pe_cycles);
    }
}

void ftl_precondition(struct ftl *ftl)
{
    struct filler filler = {.ftl = ftl};
    filler.count = (uint64_t)((double)ftl->mapping.lpns * ftl->config.precondition_fill);
    rng_seed(&filler.rng, sim_seed(ftl->sim), "ftl.precondition");
    FTL_CHECK(ftl, ftl->mapping.mapped == 0 && ftl_idle(ftl), "only an unused drive can be preconditioned");
    if (filler.count > 0 && ftl->config.precondition == FTL_PRECONDITION_SEQUENTIAL)
        fill_sequential(&filler);
    if (filler.count > 0 && ftl->config.precondition == FTL_PRECONDITION_RANDOM)
        fill_random(&filler);
    flush_batch(&filler);
    tell_nand(ftl);
}
