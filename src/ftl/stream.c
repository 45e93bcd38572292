// Streams: the open superblocks, and the programs that fill them.
//
// A stream fills one superblock at a time, row by row, because a NAND block's word lines are programmed in order.
// Within a row the allocation policy chooses the die of each program unit. The parity unit of a stripe
// (nand/raid.h) is programmed as soon as all the stripe's data units of that row were handed out. Superblocks are
// opened least worn first, ties by number: dynamic wear levelling. Static wear levelling, the moving of data that
// nobody overwrites, is left out.
#include <stdlib.h>

#include "ftl/ftl_internal.h"
#include "util/alloc.h"

#define POLICY_OPS(id, name) &alloc_##name##_ops,
const struct alloc_ops *const alloc_registry[FTL_ALLOC_COUNT] = {FTL_ALLOC_LIST(POLICY_OPS)};

void stream_init(struct ftl *ftl)
{
    size_t words = bitmap_words(ftl->geometry.dies);
    ftl->alloc = alloc_registry[ftl->config.allocation];
    ftl->die_load = xcalloc(ftl->geometry.dies, sizeof *ftl->die_load);
    for (int i = 0; i < STREAM_COUNT; i++)
        ftl->streams[i] = (struct stream){.superblock = NONE, .row_dies = xcalloc(words, sizeof(uint64_t))};
    pool_init(&ftl->programs, sizeof(struct program) + ftl->geometry.units_per_program * sizeof(struct copy));
}

void stream_destroy(struct ftl *ftl)
{
    pool_destroy(&ftl->programs);
    for (int i = 0; i < STREAM_COUNT; i++)
        free(ftl->streams[i].row_dies);
    free(ftl->die_load);
}

struct stream *stream_of(struct ftl *ftl, enum stream_id source)
{
    return &ftl->streams[ftl->config.gc_separate ? source : STREAM_HOST];
}

static bool row_die_left(const struct stream *stream, uint32_t first, uint32_t count)
{
    for (uint32_t die = first; die < first + count; die++)
        if (bitmap_test(stream->row_dies, die))
            return true;
    return false;
}

static void start_row(struct ftl *ftl, struct stream *stream)
{
    stream->left = 0;
    stream->cursor = 0;
    for (uint32_t die = 0; die < ftl->geometry.dies; die++) {
        bitmap_clear(stream->row_dies, die);
        if (ftl_is_parity(ftl, stream->row, die))
            continue;
        bitmap_set(stream->row_dies, die);
        stream->left++;
    }
}

static uint32_t least_worn_free(const struct ftl *ftl)
{
    uint32_t best = NONE;
    for (uint32_t s = 0; s < ftl->geometry.blocks; s++) {
        const struct superblock *sb = &ftl->superblocks[s];
        if (sb->state == SUPERBLOCK_FREE && (best == NONE || sb->pe_cycles < ftl->superblocks[best].pe_cycles))
            best = s;
    }
    return best;
}

// The open superblock's rows before `row` count as written.
void stream_resume(struct ftl *ftl, struct stream *stream, uint32_t row)
{
    stream->row = row;
    stream->units_left = (uint64_t)(ftl->geometry.rows - row) * (ftl->data_units / ftl->geometry.rows);
    start_row(ftl, stream);
}

void stream_open(struct ftl *ftl, struct stream *stream)
{
    uint32_t s = least_worn_free(ftl);
    FTL_CHECK(ftl, s != NONE, "no free superblock to open, %u counted", ftl->free_count);
    ftl->superblocks[s].state = SUPERBLOCK_OPEN;
    ftl->free_count--;
    stream->superblock = s;
    stream_resume(ftl, stream, 0);
}

void stream_close(struct ftl *ftl, struct stream *stream)
{
    struct superblock *sb = &ftl->superblocks[stream->superblock];
    sb->state = SUPERBLOCK_CLOSED;
    sb->closed = ftl->write_clock;
    stream->superblock = NONE;
    stream->units_left = 0;
}

static void program_done(struct nand_op *op)
{
    struct program *program = container_of(op, struct program, op);
    struct ftl *ftl = program->ftl;
    FTL_CHECK(ftl, op->status == NAND_OK, "a program failed, which no die reports");
    ftl_op_done(ftl, program->die);
    ftl->superblocks[program->superblock].programs--;
    program->done(ftl, program);
}

struct program *stream_take_program(struct ftl *ftl, enum stream_id source, program_done_fn *done)
{
    struct program *program = pool_take(&ftl->programs);
    program->op.kind = NAND_PROGRAM;
    program->op.source = source == STREAM_HOST ? NAND_HOST : NAND_GC;
    program->op.owner = ftl;
    program->op.done = program_done;
    program->op.units = 0;
    program->ftl = ftl;
    program->done = done;
    program->source = source;
    program->count = 0;
    return program;
}

static void submit_at(struct ftl *ftl, struct stream *stream, struct program *program, uint32_t die)
{
    const struct nand_geometry *g = &ftl->geometry;
    program->superblock = stream->superblock;
    program->die = die;
    program->op.at = nand_unit_at(g, (struct nand_address){stream->superblock, stream->row, die, 0, 0, 0});
    ftl->superblocks[stream->superblock].programs++;
    ftl_submit_op(ftl, &program->op, die);
}

static void parity_programmed(struct ftl *ftl, struct program *program)
{
    pool_give(&ftl->programs, program);
    agenda_raise(&ftl->agenda, AGENDA_MOVE);
}

static void program_parity(struct ftl *ftl, struct stream *stream, uint32_t die, enum stream_id source)
{
    if (ftl->raid == NULL || !ftl->raid->enabled)
        return;
    uint32_t first = raid_first_die(ftl->raid, die);
    if (row_die_left(stream, first, ftl->raid->stripe_dies))
        return;
    struct program *program = stream_take_program(ftl, source, parity_programmed);
    ftl->stats.parity_programs++;
    submit_at(ftl, stream, program, raid_parity_die(ftl->raid, stream->row, die));
}

static void advance(struct ftl *ftl, struct stream *stream)
{
    if (stream->left > 0)
        return;
    if (++stream->row < ftl->geometry.rows)
        start_row(ftl, stream);
    else
        stream_close(ftl, stream);
}

// Programs what `program` holds at the stream's next place; stream_has_room() held.
void stream_program(struct ftl *ftl, struct program *program)
{
    struct stream *stream = stream_of(ftl, program->source);
    uint32_t units = ftl->geometry.units_per_program;
    if (stream->superblock == NONE)
        stream_open(ftl, stream);
    uint32_t die = ftl->alloc->pick(ftl, stream);
    bitmap_clear(stream->row_dies, die);
    stream->left--;
    stream->units_left -= units;
    ftl->write_clock += units;
    ftl->stats.padding_units += units - program->count;
    submit_at(ftl, stream, program, die);
    program_parity(ftl, stream, die, program->source);
    advance(ftl, stream);
}
