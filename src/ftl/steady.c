// The steady state of uniform random overwrites, found on the superblocks alone.
//
// What such a drive settles at depends on all that collection does: the victim policy, the pace, the levels, the
// streams. So it is not computed by a formula for each policy but played, with the core's own parts and on its own
// table of superblocks: mover_choose() and with it the policy chooses, the streams open the least worn superblock,
// pace_worth() says how many host units the copies of a victim are worth. Only the units have no names here: a host
// write takes one valid unit from a superblock with a probability in proportion to how many it holds, and adds one to
// the host's open superblock. This is the finite form of the mean-field models (Van Houdt, "A mean field model for a
// class of garbage collection algorithms in flash-based solid state drives", SIGMETRICS 2013), and holds for any
// policy that chooses by what is in the table.
//
// The start is close to the end already: validity decays with age as under collection in order of age,
//
//   v(k) = n x^(k + 1/2),   sum over k of v(k) = U
//
// for the k-th youngest superblock of n units, U units mapped (Desnoyers, "Analytic modeling of SSD write
// performance", SYSTOR 2012). From there the data are overwritten OVERWRITES times. What is left of the start is then
// below exp(-OVERWRITES) of the data; a drive of so many superblocks that its victims could not all be chosen within
// LOOKS_MAX looks at the table stops earlier.
//
// Speed: where superblocks are large one draw stands for several host units, so that a superblock is worth DRAWS draws
// at most, DRAWS_COUNTED where the amplification is the result: valid counts then have the noise that superblocks of so
// many units have, below one in a hundred, by which greedy policies win a little. And a drive of many superblocks is
// played as a smaller one (steady_model.c).
//
// Floating point: only +, *, / and the square root, which IEEE 754 defines to the last bit, so that every machine
// comes to the same state.
#include <math.h>

#include "ftl/ftl_internal.h"

enum { OVERWRITES = 5, SETTLING = 2, DRAWS = 2048, DRAWS_COUNTED = 8192 };

static const uint64_t LOOKS_MAX = UINT64_C(1) << 31;

struct steady {
    struct ftl *ftl;
    struct rng rng;
    uint32_t grain;   // host units that one draw stands for
    uint64_t written; // host units
};

// --- the start ---

static double curve_sum(double x, uint32_t superblocks, double n)
{
    double v = n * sqrt(x), sum = 0;
    for (uint32_t k = 0; k < superblocks; k++, v *= x)
        sum += v;
    return sum;
}

static double solve_curve(uint64_t units, uint32_t superblocks, double n)
{
    double low = 0, high = 1;
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        if (curve_sum(middle, superblocks, n) < (double)units)
            low = middle;
        else
            high = middle;
    }
    return high;
}

// Superblock 0 is the youngest; the counts are rounded so that they add up to `units`.
static void start_on_curve(struct ftl *ftl, uint64_t units)
{
    uint32_t n = ftl->space.data_units;
    const struct ftl_config *config = &ftl->base.config;
    enum { OPEN = 2 };
    uint32_t kept = (config->gc_stop + config->gc_reserve) / 2 + OPEN + ftl->space.slc.fixed;
    uint32_t superblocks = ftl->base.geometry.blocks - kept;
    double x = solve_curve(units, superblocks, n);
    double v = n * sqrt(x), sum = 0, scale = (double)units / curve_sum(x, superblocks, n);
    uint64_t placed = 0;
    for (uint32_t s = 0; s < superblocks; s++, v *= x) {
        sum += v * scale;
        uint64_t target = s + 1 < superblocks ? MIN((uint64_t)(sum + 0.5), units) : units;
        uint32_t valid = (uint32_t)MIN(target - placed, (uint64_t)n);
        struct superblock *sb = &ftl->space.superblocks[s];
        sb->state = SUPERBLOCK_CLOSED;
        sb->valid = valid;
        sb->closed = (uint64_t)(superblocks - s) * n;
        placed += valid;
    }
    FTL_CHECK(&ftl->base, placed == units, "the start holds %llu of %llu units", (unsigned long long)placed,
              (unsigned long long)units);
    ftl->space.free_count -= superblocks;
    ftl->space.write_clock = (uint64_t)superblocks * n;
    space_reindex(&ftl->space);
}

// --- writing ---

// So many units of the stream's open superblock are written.
static void advance(struct ftl *ftl, struct stream *stream, uint32_t units)
{
    ftl->space.write_clock += units;
    stream->units_left -= units;
    if (stream->units_left == 0)
        stream_close(&ftl->space, stream);
}

static struct superblock *open_superblock(struct ftl *ftl, struct stream *stream)
{
    if (stream->superblock == NONE)
        stream_open(&ftl->space, stream);
    superblock_changed(&ftl->space, stream->superblock);
    return &ftl->space.superblocks[stream->superblock];
}

// A superblock, drawn in proportion to its valid units.
static struct superblock *draw(struct steady *steady)
{
    const struct ftl *ftl = steady->ftl;
    for (;;) {
        uint64_t random = rng_u64(&steady->rng);
        struct superblock *sb = &ftl->space.superblocks[(random >> 32) * ftl->space.count >> 32];
        if ((random & UINT32_MAX) * ftl->space.data_units >> 32 < sb->valid)
            return sb;
    }
}

// The host overwrites `units` units, for which there is room in the stream's open superblock.
static void overwrite_within(struct steady *steady, struct stream *stream, uint32_t units)
{
    struct space *space = &steady->ftl->space;
    struct superblock *open = open_superblock(steady->ftl, stream);
    for (uint32_t left = units, count; left > 0; left -= count) {
        struct superblock *sb = draw(steady);
        count = MIN(left, MIN(steady->grain, sb->valid));
        open->valid += count;
        sb->valid -= count;
        superblock_changed(space, (uint32_t)(sb - space->superblocks));
    }
    advance(steady->ftl, stream, units);
    steady->written += units;
}

// The host overwrites as many units, or fewer when there is no superblock for it.
static void overwrite(struct steady *steady, uint64_t units)
{
    struct ftl *ftl = steady->ftl;
    struct stream *stream = stream_for(&ftl->space, PURPOSE_HOST, 0);
    while (units > 0 && stream_has_room(&ftl->space, stream)) {
        open_superblock(ftl, stream);
        uint32_t count = (uint32_t)MIN(units, stream->units_left);
        overwrite_within(steady, stream, count);
        units -= count;
    }
}

// --- collecting ---

static struct progress *collector(struct ftl *ftl)
{
    return &ftl->movers[WHY_COLLECT].at;
}

static void copy(struct ftl *ftl, uint32_t units)
{
    struct superblock *victim = &ftl->space.superblocks[collector(ftl)->source];
    victim->valid -= units;
    victim->unread -= units;
    ftl->space.committed -= units;
    struct stream *stream = stream_for(&ftl->space, PURPOSE_COPY, 0);
    for (uint32_t count; units > 0; units -= count) {
        struct superblock *open = open_superblock(ftl, stream);
        count = (uint32_t)MIN(units, stream->units_left);
        open->valid += count;
        advance(ftl, stream, count);
    }
}

static void release(struct ftl *ftl)
{
    struct progress *at = collector(ftl);
    ftl->space.superblocks[at->source].pe_cycles++;
    superblock_free(&ftl->space, at->source);
    at->source = NONE;
}

// The host units that so many copies of the victim are worth.
static uint64_t host_share(const struct ftl *ftl, uint32_t copies)
{
    enum { UNITS = 1 << 20 };
    uint64_t pace = pace_worth(&ftl->pace, UNITS, ftl->pace.ratio);
    return pace == 0 ? 0 : (uint64_t)(((unsigned __int128)copies << CREDIT_BITS) * UNITS / pace);
}

static void collect_victim(struct steady *steady)
{
    struct ftl *ftl = steady->ftl;
    uint32_t valid = ftl->space.superblocks[collector(ftl)->source].valid;
    uint64_t share = host_share(ftl, valid);
    copy(ftl, valid);
    release(ftl);
    overwrite(steady, share);
}

// One victim, or host writes while collection is off. False when nothing can go on.
static bool step(struct steady *steady)
{
    struct ftl *ftl = steady->ftl;
    uint64_t before = steady->written;
    pace_update(&ftl->pace);
    if (ftl->pace.active && mover_choose(&ftl->movers[WHY_COLLECT]))
        collect_victim(steady);
    else
        overwrite(steady, ftl->space.streams[STREAM_HOST].units_left + 1);
    return ftl->pace.active || steady->written > before;
}

// --- the end ---

// Half of a victim's rows are read and copied.
static void stop_half_way(struct steady *steady)
{
    struct ftl *ftl = steady->ftl;
    struct progress *at = collector(ftl);
    const struct nand_geometry *g = &ftl->base.geometry;
    pace_update(&ftl->pace);
    if (!ftl->pace.active || !mover_choose(&ftl->movers[WHY_COLLECT]))
        return;
    struct superblock *victim = &ftl->space.superblocks[at->source];
    uint32_t rows = g->rows / 2;
    uint32_t copies = (uint32_t)((uint64_t)victim->valid * rows / g->rows);
    uint64_t share = host_share(ftl, copies);
    copy(ftl, copies);
    at->cursor += (uint64_t)rows * g->dies * g->units_per_program;
    overwrite(steady, share);
    ftl->space.committed = victim->unread = victim->valid;
}

// Open superblocks end with a whole row.
static void round_to_rows(struct ftl *ftl, struct stream *stream)
{
    if (stream->superblock == NONE)
        return;
    uint32_t row_units = ftl->space.data_units / ftl->base.geometry.rows;
    uint32_t rows_left = (uint32_t)(stream->units_left / row_units);
    if (rows_left == 0)
        stream_close(&ftl->space, stream);
    else
        stream_resume(&ftl->space, stream, ftl->base.geometry.rows - rows_left);
}

static void forget_the_way(struct ftl *ftl)
{
    for (uint32_t s = 0; s < ftl->base.geometry.blocks; s++)
        ftl->space.superblocks[s].pe_cycles = ftl->base.config.initial_pe_cycles;
    ftl->base.stats = (struct ftl_stats){0};
    ftl->space.slc.off = ftl->base.config.placement != FTL_PLACE_SLC;
    space_reindex(&ftl->space);
    collect_seed(ftl_collect(ftl));
}

static struct steady begin(struct ftl *ftl, uint64_t units, uint32_t draws)
{
    struct steady steady = {.ftl = ftl, .grain = ftl->space.data_units / draws + 1};
    rng_seed(&steady.rng, sim_seed(ftl->base.sim), "ftl.steady");
    ftl->space.slc.off = true; // the cache is empty at first
    start_on_curve(ftl, units);
    return steady;
}

// Until so many host units are written.
static void play(struct steady *steady, uint64_t written)
{
    uint64_t steps = LOOKS_MAX / steady->ftl->base.geometry.blocks;
    for (; steps > 0 && steady->written < written; steps--)
        if (!step(steady))
            break;
}

// Leaves superblocks, streams and collector as overwriting the drive's first `units` units leaves them in the long
// run. Which units a superblock holds is for the caller to say.
void steady_play(struct ftl *ftl, uint64_t units)
{
    struct steady steady = begin(ftl, units, DRAWS);
    play(&steady, OVERWRITES * units);
    stop_half_way(&steady);
    for (int i = 0; i < STREAM_COUNT; i++)
        round_to_rows(ftl, &ftl->space.streams[i]);
    pace_settle(&ftl->pace);
    forget_the_way(ftl);
}

// Counted once the start is forgotten.
double steady_play_amplification(struct ftl *ftl)
{
    uint64_t units = ftl->map.lpns;
    struct steady steady = begin(ftl, units, DRAWS_COUNTED);
    play(&steady, SETTLING * units);
    uint64_t written = steady.written, clock = ftl->space.write_clock;
    play(&steady, OVERWRITES * units);
    written = steady.written - written;
    return written == 0 ? 1 : (double)(ftl->space.write_clock - clock) / (double)written;
}
