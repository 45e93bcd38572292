// Garbage collection: copies the valid units out of a victim superblock and erases it.
//
// Pacing. Between `gc_stop` and `gc_reserve` free superblocks, copies are made in proportion to host writes. A victim
// with v valid units of n gives n - v units back for v copies, so v / (n - v) copies a host unit hold the level; that
// times a gain, 0 at gc_stop, 1 half-way and 2 at gc_reserve, pulls the level to the middle. The level counts the rest
// of open superblocks, and of the victim as much as has been read, so that it moves with each unit and not by whole
// superblocks, and with it the pace. Each host program earns credit by that rule and each unit read spends it: no
// bursts, and the work of the next superblock is spread over the time in which the host fills one. Copies that cannot
// keep up, because the dies are busy, hold host programs back: these may be ahead by about one program unit a die. When
// the host must wait for a superblock all the same (urgent), credit does not matter. Collection starts below gc_start
// and, without host writes, does nothing: background collection in idle time is left out.
//
// A victim ends in this order: its last page is read; each unit is programmed elsewhere, or found stale because the
// host has overwritten it; no host read of it is under way; it is erased (superblock.c). The map is changed
// when the copy is programmed, and only if it still points to the unit copied.
//
// A unit that cannot be read is copied as it is and counted as lost; a host read of the copy succeeds, because the
// mark that controllers store with such data is not modelled.
#include <stdlib.h>

#include "ftl/ftl_internal.h"
#include "util/alloc.h"

enum { VICTIMS_MAX = 2 };

#define POLICY_OPS(id, name) &gc_##name##_ops,
const struct gc_ops *const gc_registry[FTL_GC_COUNT] = {FTL_GC_LIST(POLICY_OPS)};

void gc_seed(struct ftl *ftl)
{
    rng_seed(&ftl->gc.rng, sim_seed(ftl->sim), "ftl.gc");
}

void gc_init(struct ftl *ftl)
{
    struct gc *gc = &ftl->gc;
    const struct nand_geometry *g = &ftl->geometry;
    gc->ops = gc_registry[ftl->config.gc_policy];
    gc_seed(ftl);
    gc->victim = NONE;
    gc->ratio = 1 << CREDIT_BITS;
    gc->parallel = ftl->config.gc_parallel == 0 ? 2 * g->dies : ftl->config.gc_parallel;
    gc->gathered_capacity = 2 * g->units_per_program + (gc->parallel + 1) * g->units_per_multi_page;
    gc->gathered = xcalloc(gc->gathered_capacity, sizeof *gc->gathered);
    gc->candidates = xcalloc(g->blocks, sizeof *gc->candidates);
}

void gc_destroy(struct ftl *ftl)
{
    free(ftl->gc.gathered);
    free(ftl->gc.candidates);
}

// --- pace ---

// Superblocks free or sure to be without further reading.
static uint32_t reclaimed(const struct ftl *ftl)
{
    return ftl->free_count + ftl->erasing + ftl->drained;
}

// What the victim gives back, as far as it has been read.
static uint64_t victim_progress(const struct ftl *ftl)
{
    const struct gc *gc = &ftl->gc;
    uint64_t units = ftl->geometry.units_per_superblock;
    if (gc->victim == NONE)
        return 0;
    return (gc->cursor - gc->victim * units) * ftl->data_units / units;
}

// Units read, or being read, that have no place yet.
static uint64_t copies_pending(const struct ftl *ftl)
{
    const struct gc *gc = &ftl->gc;
    return gc->committed - (gc->victim == NONE ? 0 : ftl->superblocks[gc->victim].unread);
}

// Free space in units, as the pace goes by it.
static uint64_t level_of(const struct ftl *ftl)
{
    uint64_t level = (uint64_t)reclaimed(ftl) * ftl->data_units + victim_progress(ftl);
    for (int i = 0; i < STREAM_COUNT; i++)
        level += ftl->streams[i].units_left;
    uint64_t pending = copies_pending(ftl);
    return level - MIN(level, pending);
}

// The level at which the pace is zero: gc_stop superblocks free, and half of each open one and of the victim.
static uint64_t level_full(const struct ftl *ftl)
{
    uint64_t halves = ftl->config.gc_separate ? 3 : 2;
    return (2 * ftl->config.gc_stop + halves) * (uint64_t)ftl->data_units / 2;
}

static uint64_t level_span(const struct ftl *ftl)
{
    return (ftl->config.gc_stop - ftl->config.gc_reserve) * (uint64_t)ftl->data_units;
}

// The copies that so many host units are worth at a rate given, both in 1/1024.
uint64_t gc_pace(const struct ftl *ftl, uint32_t host_units, uint64_t ratio)
{
    uint64_t level = level_of(ftl), full = level_full(ftl);
    if (level >= full)
        return 0;
    return (uint64_t)((unsigned __int128)host_units * ratio * 2 * (full - level) / level_span(ftl));
}

void gc_credit(struct ftl *ftl, uint32_t host_units)
{
    struct gc *gc = &ftl->gc;
    if (!gc->active)
        return;
    gc->credit += (int64_t)gc_pace(ftl, host_units, gc->ratio);
    gc->credit = MIN(gc->credit, (int64_t)ftl->data_units << CREDIT_BITS);
}

// What copies may lag behind, a program unit a die.
static int64_t slack(const struct ftl *ftl)
{
    return (int64_t)((uint64_t)ftl->geometry.dies * ftl->geometry.units_per_program << CREDIT_BITS);
}

// Are copies so far behind the pace that the host must wait for them? Never when none is under way, so that there is
// an end to the wait.
bool gc_lags(const struct ftl *ftl)
{
    const struct gc *gc = &ftl->gc;
    return gc->credit > slack(ftl) && gc->reads + gc->programs > 0;
}

// As when the host has written for long as fast as it can: copies lag behind by what they may.
void gc_settle_pace(struct ftl *ftl)
{
    ftl->gc.credit = ftl->gc.active ? slack(ftl) : 0;
}

static bool has_room_for(const struct ftl *ftl, uint32_t valid)
{
    uint64_t program = ftl->geometry.units_per_program;
    uint64_t units = ftl->gc.committed + valid + program - 1;
    return gc_room(ftl) >= units - units % program;
}

// Chooses the next victim, unless there is none, or no room for its copies.
bool gc_select_victim(struct ftl *ftl)
{
    enum { RATIO_MAX = 1 << 20 };
    struct gc *gc = &ftl->gc;
    if (reclaimed(ftl) >= ftl->config.gc_stop || ftl->drained >= VICTIMS_MAX)
        return false;
    uint32_t victim = gc->ops->pick(ftl);
    if (victim == NONE || !has_room_for(ftl, ftl->superblocks[victim].valid))
        return false;
    struct superblock *sb = &ftl->superblocks[victim];
    FTL_CHECK(ftl, gc_eligible(ftl, sb), "policy %s chose superblock %u", gc->ops->name, victim);
    sb->state = SUPERBLOCK_VICTIM;
    sb->unread = sb->valid;
    gc->committed += sb->valid;
    gc->victim = victim;
    gc->cursor = (uint64_t)victim * ftl->geometry.units_per_superblock;
    gc->end = gc->cursor + ftl->geometry.units_per_superblock;
    uint64_t ratio = ((uint64_t)sb->valid << CREDIT_BITS) / (ftl->data_units - sb->valid);
    gc->ratio = MIN(MAX(ratio, 1u), (uint64_t)RATIO_MAX); // not 0: empty victims come one after the other
    ftl->stats.gc_victims++;
    return true;
}

// --- copies ---

// Some copies have come further: do more, and let the host go on if it was waiting for that.
static void pump_and_release(struct ftl *ftl)
{
    gc_pump(ftl);
    if (ftl->gc.hold == HOST_PACED)
        agenda_raise(&ftl->agenda, AGENDA_DISPATCH);
}

static bool is_current(const struct ftl *ftl, const struct copy *copy)
{
    return map_still_valid(&ftl->map, copy->from);
}

static void prefetch_map(const struct ftl *ftl, const struct program *program)
{
    for (uint32_t i = 0; i < program->count; i++)
        map_prefetch(&ftl->map, program->units[i].lpn);
}

static void copies_programmed(struct ftl *ftl, struct program *program)
{
    prefetch_map(ftl, program);
    ftl->gc.programs--;
    for (uint32_t i = 0; i < program->count; i++) {
        struct copy copy = program->units[i];
        if (is_current(ftl, &copy))
            map_move(&ftl->map, copy.lpn, copy.from, program->op.at.n + i);
    }
    for (uint32_t i = 0; i < program->count; i++)
        superblock_release(ftl, superblock_of(ftl, program->units[i].from), 1);
    pool_give(&ftl->programs, program);
    pump_and_release(ftl);
}

static void program_gathered(struct ftl *ftl, uint32_t count)
{
    struct gc *gc = &ftl->gc;
    FTL_CHECK(ftl, gc_room(ftl) >= gc->committed, "%llu copies have room for %llu", (unsigned long long)gc->committed,
              (unsigned long long)gc_room(ftl));
    struct program *program = stream_take_program(ftl, STREAM_GC, copies_programmed);
    for (uint32_t i = 0; i < count; i++)
        program->units[i] = gc->gathered[i];
    for (uint32_t i = count; i < gc->gathered_count; i++)
        gc->gathered[i - count] = gc->gathered[i];
    gc->gathered_count -= count;
    gc->committed -= count;
    gc->programs++;
    program->count = count;
    ftl->stats.gc_copies += count;
    stream_program(ftl, program);
}

static void drop_stale(struct ftl *ftl)
{
    struct gc *gc = &ftl->gc;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < gc->gathered_count; i++) {
        struct copy copy = gc->gathered[i];
        if (is_current(ftl, &copy)) {
            gc->gathered[kept++] = copy;
            continue;
        }
        gc->committed--;
        superblock_release(ftl, superblock_of(ftl, copy.from), 1);
    }
    gc->gathered_count = kept;
}

static void program_full(struct ftl *ftl)
{
    struct gc *gc = &ftl->gc;
    uint32_t units = ftl->geometry.units_per_program;
    while (gc->gathered_count >= units && stream_has_room(ftl, STREAM_GC)) {
        drop_stale(ftl);
        if (gc->gathered_count >= units)
            program_gathered(ftl, units);
    }
}

// --- reading ---

static void gather(struct ftl *ftl, const struct read_op *read)
{
    struct gc *gc = &ftl->gc;
    uint64_t first = read->page * ftl->geometry.units_per_multi_page;
    for (uint64_t left = read->op.units; left != 0; left &= left - 1) {
        uint64_t from = first + (unsigned)__builtin_ctzll(left);
        gc->gathered[gc->gathered_count++] = (struct copy){.lpn = map_owner(&ftl->map, from), .from = from};
    }
}

static void page_read(struct nand_op *op)
{
    struct read_op *read = container_of(op, struct read_op, op);
    struct ftl *ftl = read->ftl;
    if (unlikely(op->status == NAND_UNCORRECTABLE))
        ftl->stats.lost_units += (unsigned)__builtin_popcountll(op->failed_units);
    gather(ftl, read);
    ftl->gc.reads--;
    read_op_finish(ftl, read);
    pump_and_release(ftl);
}

static void issue_charged(void *context)
{
    struct read_op *read = context;
    read_op_issue(read->ftl, read);
}

static void read_page(struct ftl *ftl, uint64_t ppn, uint64_t units)
{
    struct gc *gc = &ftl->gc;
    uint32_t count = (uint32_t)__builtin_popcountll(units);
    struct read_op *read = read_op_take(ftl, ppn, NAND_GC, page_read);
    struct superblock *sb = &ftl->superblocks[read->superblock];
    read->op.units = units;
    superblock_hold(ftl, read->superblock, count);
    sb->unread -= MIN(sb->unread, count);
    gc->reads++;
    gc->credit -= (int64_t)count << CREDIT_BITS;
    ftl->stats.gc_reads++;
    tick_t ready = ftl_charge(ftl, count * ftl->config.t_gc_unit);
    if (ready == sim_now(ftl->sim))
        read_op_issue(ftl, read);
    else
        sim_at(ftl->sim, ready, issue_charged, read);
}

// Every page of the victim is read or needs no reading.
static void victim_read(struct ftl *ftl)
{
    struct gc *gc = &ftl->gc;
    uint32_t victim = gc->victim;
    struct superblock *sb = &ftl->superblocks[victim];
    gc->committed -= sb->unread; // overwritten since the victim was chosen
    sb->unread = 0;
    gc->victim = NONE;
    superblock_drain(ftl, victim);
}

// Reads the victim's next page that holds valid units, or finds that there is none.
static void read_next(struct ftl *ftl)
{
    struct gc *gc = &ftl->gc;
    uint32_t page = ftl->geometry.units_per_multi_page;
    while (gc->cursor < gc->end) {
        uint64_t ppn = gc->cursor;
        uint64_t units = map_valid_units(&ftl->map, ppn, page);
        gc->cursor += page;
        if (units != 0) {
            read_page(ftl, ppn, units);
            break;
        }
    }
    if (gc->cursor >= gc->end)
        victim_read(ftl);
}

static bool may_read(const struct ftl *ftl)
{
    const struct gc *gc = &ftl->gc;
    if (gc->reads >= gc->parallel || gc->programs > ftl->geometry.dies)
        return false;
    if (gc->gathered_count >= 2 * ftl->geometry.units_per_program)
        return false;
    return gc->hold == HOST_BLOCKED || gc->credit > 0;
}

// Adds to the statistics the time since this was done last. Done before what is timed changes, and before somebody
// reads the statistics.
void gc_count_time(struct ftl *ftl)
{
    struct gc *gc = &ftl->gc;
    tick_t now = sim_now(ftl->sim);
    if (now <= gc->counted)
        return;
    tick_t passed = now - gc->counted;
    ftl->stats.gc_active_time += gc->active ? passed : 0;
    ftl->stats.gc_paced_time += gc->hold == HOST_PACED ? passed : 0;
    ftl->stats.gc_urgent_time += gc->hold == HOST_BLOCKED ? passed : 0;
    gc->counted = now;
}

void gc_update_active(struct ftl *ftl)
{
    struct gc *gc = &ftl->gc;
    uint32_t level = gc->active ? ftl->config.gc_stop : ftl->config.gc_start;
    bool wanted = gc->hold == HOST_BLOCKED || reclaimed(ftl) < level;
    if (wanted == gc->active)
        return;
    gc_count_time(ftl);
    gc->active = wanted;
    gc->credit = 0;
}

// Host units that can be programmed until collection starts.
uint64_t gc_headroom(const struct ftl *ftl)
{
    uint32_t level = reclaimed(ftl), start = ftl->config.gc_start;
    if (ftl->gc.active || level < start)
        return 0;
    return ftl->streams[STREAM_HOST].units_left + (uint64_t)(level - start) * ftl->data_units;
}

// The host waits and no further victim can be read: what is gathered must go out as it is.
static void pad_when_stuck(struct ftl *ftl)
{
    struct gc *gc = &ftl->gc;
    bool busy = gc->victim != NONE || gc->reads > 0 || gc->programs > 0;
    if (gc->hold != HOST_BLOCKED || busy || gc->gathered_count == 0)
        return;
    drop_stale(ftl);
    if (gc->gathered_count > 0 && stream_has_room(ftl, STREAM_GC))
        program_gathered(ftl, MIN(gc->gathered_count, ftl->geometry.units_per_program));
}

// Does what there is to do now. Called whenever something has changed: host programs, ends of reads, programs and
// erasures.
void gc_pump(struct ftl *ftl)
{
    struct gc *gc = &ftl->gc;
    program_full(ftl);
    gc_update_active(ftl);
    if (!gc->active)
        return;
    while (may_read(ftl)) {
        if (gc->victim == NONE && !gc_select_victim(ftl))
            break;
        read_next(ftl);
    }
    pad_when_stuck(ftl);
}
