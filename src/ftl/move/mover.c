// The mover: reads the valid units of a superblock, gathers them into program units, programs these, and lets the
// superblock go.
//
// A source ends in this order: its last page is read; each unit is programmed elsewhere, or found stale because the
// host has overwritten it; no host read of it is under way; it is erased (space/superblock.c). The map is changed when
// the copy is programmed, and only if it still points to the unit copied: then its valid bit is set, since the source
// is not erased before.
//
// Copies hold the controller's memory from the read on until they are programmed or found stale; what they may hold of it
// (gc_buffer) bounds what is under way. The firmware's work on them comes when they have been read.
//
// Where dies may move data by themselves (on_die.c) they do so first, and what they cannot move is read. A word line that
// a die moves counts as one read, until it is programmed.
//
// A unit that cannot be read is copied as it is and counted as lost; a host read of the copy succeeds, because the
// mark that controllers store with such data is not modelled.
#include "ftl/move/mover.h"

#include <stdlib.h>
#include <string.h>

#include "ftl/space/page_read.h"
#include "util/alloc.h"

#define WHY_OPS(id, name) [WHY_##id] = &why_##name##_ops,
static const struct why_ops *const reasons[WHY_COUNT] = {WHY_LIST(WHY_OPS)};

void mover_init(struct mover *mover, enum why why, struct space *space, struct map *map, struct pace *pace)
{
    const struct nand_geometry *g = &space->base->geometry;
    uint32_t parallel = space->base->config.gc_parallel;
    *mover = (struct mover){.base = space->base, .space = space, .map = map};
    mover->at.source = NONE;
    if (reasons[why]->applies != NULL && !reasons[why]->applies(&space->base->config))
        return;
    mover->ops = reasons[why];
    mover->copies = (uint64_t *)((char *)&space->base->stats + mover->ops->copies);
    mover->why = mover->ops->create(space, pace);
    mover->parallel = parallel == 0 ? 2 * g->dies : parallel;
    if (mover->ops->on_die != NULL && mover->ops->on_die(&space->base->config))
        mover->on_die = on_die_create(space, map);
    mover->gathered = xcalloc(g->units_per_program + g->units_per_multi_page, sizeof *mover->gathered);
}

void mover_destroy(struct mover *mover)
{
    if (mover->ops == NULL)
        return;
    mover->ops->destroy(mover->why);
    on_die_destroy(mover->on_die);
    free(mover->gathered);
}

// --- programs ---

// Reads or programs have ended: there may be more to do, for others, too.
static void advanced(struct mover *mover)
{
    mover_turn(mover);
    if (mover->ops->advanced != NULL)
        mover->ops->advanced(mover->why);
    if (unlikely(mover->space->rounding > 0))
        agenda_raise(&mover->base->agenda, AGENDA_MOVE);
}

// Lets go of the superblocks that the units were read from.
static void release_sources(struct space *space, const struct program *program)
{
    for (uint32_t i = 0, run; i < program->count; i += run) {
        run = units_from_one(space, &program->units[i], program->count - i);
        superblock_release(space, superblock_of(space, program->units[i].from), run);
    }
}

// The units lie in their new places.
static void moved(struct mover *mover, struct program *program)
{
    struct map *map = mover->map;
    for (uint32_t i = 0; i < program->count; i++)
        map_prefetch(map, program->units[i].lpn);
    map_move(map, program->units, program->count, program->first);
    release_sources(mover->space, program);
    program_give(program);
    advanced(mover);
}

static void programmed(struct program *program)
{
    struct mover *mover = program->owner;
    mover->at.programs--;
    memory_give(&mover->base->memory, MEMORY_COPIES, program->count);
    moved(mover, program);
}

// So many units of victims get a place.
static void place(struct mover *mover, uint32_t count)
{
    struct space *space = mover->space;
    FTL_CHECK(mover->base, room_for_copies(space) >= space->committed, "%llu copies have room for %llu",
              (unsigned long long)space->committed, (unsigned long long)room_for_copies(space));
    space->committed -= count;
    *mover->copies += count;
}

static struct stream *next_stream(struct mover *mover)
{
    return stream_for(mover->space, PURPOSE_COPY, mover->gathered[0].lpn);
}

static void program_gathered(struct mover *mover, uint32_t count)
{
    struct space *space = mover->space;
    struct stream *stream = next_stream(mover);
    struct program *program = program_take(space, PURPOSE_COPY, mover, programmed);
    for (uint32_t i = 0; i < count; i++)
        program->units[i] = mover->gathered[i];
    for (uint32_t i = count; i < mover->gathered_count; i++)
        mover->gathered[i - count] = mover->gathered[i];
    mover->gathered_count -= count;
    place(mover, count);
    program->op.source = mover->ops->source;
    mover->at.programs++;
    program->count = count;
    stream_program(space, stream, program);
}

// Drops what the host has overwritten or trimmed since it was read; looks only when it did so with units of victims.
static void drop_stale(struct mover *mover)
{
    struct space *space = mover->space;
    uint32_t kept = 0;
    if (mover->outdated == space->outdated)
        return;
    mover->outdated = space->outdated;
    for (uint32_t i = 0, run; i < mover->gathered_count; i += run) {
        struct program_unit *units = &mover->gathered[i];
        run = units_from_one(space, units, mover->gathered_count - i);
        uint32_t valid = map_keep_valid(mover->map, units, run);
        memmove(&mover->gathered[kept], units, valid * sizeof *units);
        kept += valid;
        space->committed -= run - valid;
        memory_give(&mover->base->memory, MEMORY_COPIES, run - valid);
        superblock_release(space, superblock_of(space, units->from), run - valid);
    }
    mover->gathered_count = kept;
}

static void program_full(struct mover *mover)
{
    uint32_t units = mover->base->geometry.units_per_program;
    while (mover->gathered_count >= units) {
        drop_stale(mover);
        if (mover->gathered_count >= units)
            program_gathered(mover, units);
    }
}

// No further source can be read: what is gathered must go out as it is, if somebody waits for it.
static void pad_when_stuck(struct mover *mover)
{
    const struct progress *at = &mover->at;
    bool busy = at->reads + at->arriving > 0 || at->programs > 0 || at->source != NONE;
    if (busy || mover->gathered_count == 0 || !mover->ops->urgent(mover->why))
        return;
    drop_stale(mover);
    if (mover->gathered_count > 0)
        program_gathered(mover, mover->gathered_count);
}

// --- reading ---

static void gather(struct mover *mover, const struct page_read *read)
{
    uint64_t first = page_read_first_unit(read), lpns[MULTI_PAGE_UNITS_MAX], *lpn = lpns;
    FTL_CHECK(mover->base, mover->gathered_count < mover->base->geometry.units_per_program,
              "%u copies wait for room that was kept for them", mover->gathered_count);
    mover->outdated = MIN(mover->outdated, read->outdated);
    map_owners(mover->map, first, read->op.units, lpns);
    for (uint64_t left = read->op.units; left != 0; left &= left - 1)
        mover->gathered[mover->gathered_count++] =
            (struct program_unit){.lpn = *lpn++, .from = first + (unsigned)__builtin_ctzll(left)};
}

static void arrived(void *context)
{
    struct page_read *read = context;
    struct mover *mover = read->owner;
    mover->at.arriving--;
    gather(mover, read);
    page_read_finish(read);
    advanced(mover);
}

// The firmware's work is done on what has come, so that the dies go on reading meanwhile, as far as memory allows.
static void page_done(struct nand_op *op)
{
    struct page_read *read = container_of(op, struct page_read, op);
    struct mover *mover = read->owner;
    struct base *base = mover->base;
    tick_t cost = (unsigned)__builtin_popcountll(op->units) * base->config.t_gc_unit;
    if (unlikely(op->status == NAND_UNCORRECTABLE))
        base->stats.lost_units += (unsigned)__builtin_popcountll(op->failed_units);
    mover->at.reads--;
    mover->at.arriving++;
    if (cost == 0) {
        arrived(read);
        return;
    }
    firmware_run(&base->firmware, FIRMWARE_BACKGROUND, cost, arrived, read);
    mover_turn(mover);
}

// So many units of the source are on their way.
static void leave_source(struct mover *mover, uint32_t count)
{
    uint32_t superblock = mover->at.source;
    struct superblock *source = &mover->space->superblocks[superblock];
    superblock_hold(mover->space, superblock, count);
    source->unread -= MIN(source->unread, count);
    mover->at.reads++;
    if (mover->ops->reads != NULL)
        mover->ops->reads(mover->why, count);
}

static void read_page(struct mover *mover, uint64_t ppn, uint64_t units)
{
    uint32_t count = (uint32_t)__builtin_popcountll(units);
    struct page_read *read = page_read_take(mover->space, ppn, mover->ops->source, mover, page_done);
    read->op.units = units;
    read->outdated = mover->space->outdated;
    memory_take(&mover->base->memory, MEMORY_COPIES, count);
    leave_source(mover, count);
    page_read_issue(read);
}

// Every page of the source is read or needs no reading.
static void source_read(struct mover *mover)
{
    uint32_t source = mover->at.source;
    struct superblock *sb = &mover->space->superblocks[source];
    mover->space->committed -= sb->unread; // overwritten since it was chosen
    sb->unread = 0;
    mover->at.source = NONE;
    superblock_drain(mover->space, source);
}

static bool is_to_copy(struct mover *mover, uint64_t ppn)
{
    return mover->on_die == NULL || on_die_take_page(mover->on_die, ppn);
}

// Reads the source's next page that holds valid units, or finds that there is none.
static void read_next(struct mover *mover)
{
    struct progress *at = &mover->at;
    uint32_t page = mover->base->geometry.units_per_multi_page;
    while (at->cursor < at->end) {
        uint64_t ppn = at->cursor;
        uint64_t units = map_valid_units(mover->map, ppn, page);
        at->cursor += page;
        if (units != 0 && is_to_copy(mover, ppn)) {
            read_page(mover, ppn, units);
            break;
        }
    }
    if (at->cursor >= at->end)
        source_read(mover);
}

// --- by the dies themselves ---

// Of what a die has moved by itself no data were in the controller.
static void moved_on_die(struct program *program)
{
    struct mover *mover = program->owner;
    mover->at.reads--;
    moved(mover, program);
}

static void worked(void *context)
{
    struct mover *mover = context;
    mover->at.arriving--;
    advanced(mover);
}

// The firmware works on the units while the die moves them.
static void work(struct mover *mover, uint32_t count)
{
    tick_t cost = count * mover->base->config.t_gc_unit;
    if (cost == 0)
        return;
    mover->at.arriving++;
    firmware_run(&mover->base->firmware, FIRMWARE_BACKGROUND, cost, worked, mover);
}

static void add_page(struct mover *mover, struct program *program, uint32_t page, uint64_t ppn)
{
    uint32_t units = mover->base->geometry.units_per_multi_page;
    uint64_t lpns[MULTI_PAGE_UNITS_MAX];
    program->sources[page] = layout_place(&mover->space->layout, (ppn_t){ppn});
    map_owners(mover->map, ppn, UINT64_MAX >> (64 - units), lpns);
    for (uint32_t i = 0; i < units; i++)
        program->units[program->count++] = (struct program_unit){.lpn = lpns[i], .from = ppn + i};
}

// One word line to the stream of copies; false when no die can make one now.
static bool move_on_die(struct mover *mover)
{
    struct space *space = mover->space;
    struct stream *stream = &space->streams[STREAM_COPIES];
    struct word_line line;
    if (!on_die_take(mover->on_die, stream, &line))
        return false;
    struct program *program = program_take(space, PURPOSE_COPY, mover, moved_on_die);
    program->op.kind = NAND_FOLD_ON_DIE;
    program->op.source = mover->ops->source;
    program->op.sources = program->sources;
    for (uint32_t page = 0; page < mover->base->geometry.pages_per_row; page++)
        add_page(mover, program, page, line.pages[page]);
    leave_source(mover, program->count);
    place(mover, program->count);
    mover->base->stats.slc_folded_on_die += program->count;
    stream_program_on(space, stream, program, line.die);
    work(mover, program->count);
    return true;
}

// --- one after the other ---

bool mover_choose(struct mover *mover)
{
    struct space *space = mover->space;
    uint32_t source = mover->ops->pick(mover->why);
    if (source == NONE || !room_for_victim(space, space->superblocks[source].valid))
        return false;
    FTL_CHECK(mover->base, superblock_movable(&space->superblocks[source]), "%s chose superblock %u",
              mover->ops->name, source);
    superblock_choose(space, source);
    mover->at.source = source;
    mover->at.cursor = superblock_first_unit(space, source);
    mover->at.end = superblock_first_unit(space, source + 1);
    if (mover->on_die != NULL)
        on_die_begin(mover->on_die, source);
    if (mover->ops->begun != NULL)
        mover->ops->begun(mover->why, &space->superblocks[source]);
    return true;
}

static bool has_memory(struct mover *mover)
{
    struct base *base = mover->base;
    bool waits = memory_room(&base->memory, MEMORY_COPIES) < base->geometry.units_per_multi_page;
    base->stats.gc_memory_waits += waits && !mover->waits;
    mover->waits = waits;
    return !waits;
}

static bool may_read(struct mover *mover)
{
    if (mover->at.reads >= mover->parallel || mover->at.arriving > mover->parallel)
        return false;
    return mover->ops->may_read(mover->why) && has_memory(mover);
}

// Called whenever something has changed: host programs, ends of reads, programs and erasures.
void mover_turn(struct mover *mover)
{
    if (mover->ops == NULL)
        return;
    program_full(mover);
    if (!mover->ops->wanted(mover->why))
        return;
    while (may_read(mover)) {
        if (mover->at.source == NONE && !mover_choose(mover))
            break;
        if (mover->on_die == NULL || !move_on_die(mover))
            read_next(mover);
    }
    pad_when_stuck(mover);
}
