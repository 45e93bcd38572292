// Streams: the open superblocks, and the programs that fill them.
//
// Placement (place_*.c) chooses the stream of a program. A stream fills one superblock at a time, row by row, because a
// NAND block's word lines are programmed in order. Within a row the allocation policy chooses the die of each program
// unit. The parity unit of a stripe (nand/raid.h) is programmed as soon as all the stripe's data units of that row were
// handed out. Superblocks are opened least worn first, ties by number: dynamic wear levelling. Static wear levelling,
// the moving of data that nobody overwrites, is left out.
#include "ftl/space/stream.h"

#include <stdlib.h>

#include "ftl/space/policies.h"
#include "util/alloc.h"

#define POLICY_OPS(id, name) &alloc_##name##_ops,
const struct alloc_ops *const alloc_registry[FTL_ALLOC_COUNT] = {FTL_ALLOC_LIST(POLICY_OPS)};
#undef POLICY_OPS
#define POLICY_OPS(id, name) &place_##name##_ops,
const struct place_ops *const place_registry[FTL_PLACE_COUNT] = {FTL_PLACE_LIST(POLICY_OPS)};
#undef POLICY_OPS

static const struct stream_row rows[STREAM_COUNT] = {
    [STREAM_HOST] = {"host", NAND_NATIVE, .parity = true},
    [STREAM_COPIES] = {"copies", NAND_NATIVE, .parity = true},
    [STREAM_SLC] = {"slc", NAND_SLC, .parity = true},
};

// Dies that half the write buffer can fill, at most those of a row that hold data.
static uint32_t stripe_dies(const struct base *base)
{
    const struct nand_geometry *g = &base->geometry;
    uint64_t units = (uint64_t)g->dies * g->units_per_program;
    uint64_t row = base->raid == NULL ? g->dies : raid_data_units(base->raid, units) / g->units_per_program;
    uint64_t buffered = base->config.write_buffer / 2 / ((uint64_t)g->units_per_program * g->unit_bytes);
    uint64_t dies = base->config.stripe_dies;
    if (dies == 0)
        dies = base->config.write_buffer == 0 ? row : MAX(buffered, 1u);
    return (uint32_t)MIN(dies, row);
}

static struct striping striping_make(const struct base *base)
{
    const struct nand_geometry *g = &base->geometry;
    bool by_way = base->config.allocation == FTL_ALLOC_WAY_FIRST;
    uint32_t dies = base->config.striping == FTL_STRIPING_OFF ? 1 : stripe_dies(base);
    const uint32_t group[] = {
        [FTL_STRIPING_OFF] = 1,
        [FTL_STRIPING_PLANE_FIRST] = 1,
        [FTL_STRIPING_PLANE_BETWEEN] = by_way ? g->dies / g->channels : g->channels,
        [FTL_STRIPING_PLANE_LAST] = dies,
    };
    return (struct striping){.dies = dies, .group = group[base->config.striping]};
}

// One page a plane in SLC mode.
static uint32_t program_units(const struct nand_geometry *geometry, enum nand_mode mode)
{
    return mode == NAND_SLC ? geometry->units_per_multi_page : geometry->units_per_program;
}

void streams_init(struct space *space)
{
    const struct nand_geometry *g = &space->base->geometry;
    space->alloc = alloc_registry[space->base->config.allocation];
    space->place = place_registry[space->base->config.placement];
    space->striping = striping_make(space->base);
    space->reads_loaded = space->alloc->needs_load;
    for (int i = 0; i < STREAM_COUNT; i++)
        space->streams[i] = (struct stream){.what = &rows[i], .dies = {0, g->dies}, .superblock = NONE,
                                            .takes_copies = space->place->streams[PURPOSE_COPY] >> i & 1,
                                            .program = program_units(g, rows[i].mode),
                                            .row_dies = xcalloc(bitmap_words(g->dies), sizeof(uint64_t))};
    bool cache = space->place->streams[PURPOSE_HOST] >> STREAM_SLC & 1;
    space->least_program = program_units(g, cache ? NAND_SLC : NAND_NATIVE);
    pool_init(&space->programs, sizeof(struct program) + g->units_per_program * sizeof(struct program_unit));
}

void streams_destroy(struct space *space)
{
    pool_destroy(&space->programs);
    for (int i = 0; i < STREAM_COUNT; i++)
        free(space->streams[i].row_dies);
}

// --- opening and closing ---

static bool is_parity(const struct space *space, const struct stream *stream, uint32_t die)
{
    const struct raid_layout *raid = space->base->raid;
    return stream->what->parity && raid != NULL && raid_is_parity(raid, stream->row, die);
}

static void start_row(struct space *space, struct stream *stream)
{
    stream->left = 0;
    stream->cursor = 0;
    for (uint32_t die = stream->dies.first; die < stream->dies.first + stream->dies.count; die++) {
        bitmap_clear(stream->row_dies, die);
        if (is_parity(space, stream, die))
            continue;
        bitmap_set(stream->row_dies, die);
        stream->left++;
    }
}

static uint32_t row_units(const struct space *space, const struct stream *stream)
{
    uint64_t units = (uint64_t)stream->dies.count * stream->program;
    return (uint32_t)(stream->what->parity && space->base->raid != NULL ? raid_data_units(space->base->raid, units)
                                                                        : units);
}

// Of its superblocks.
static uint32_t stream_rows(const struct space *space, const struct stream *stream)
{
    return nand_mode_rows(&space->base->geometry, stream->what->mode);
}

uint32_t stream_units(const struct space *space, const struct stream *stream)
{
    return stream_rows(space, stream) * row_units(space, stream);
}

// The open superblock's rows before `row` count as written.
void stream_resume(struct space *space, struct stream *stream, uint32_t row)
{
    stream->row = row;
    stream->units_left = (uint64_t)(stream_rows(space, stream) - row) * row_units(space, stream);
    start_row(space, stream);
}

void stream_open(struct space *space, struct stream *stream)
{
    uint32_t s = ranking_first(&space->wear);
    uint32_t units = stream_units(space, stream);
    FTL_CHECK(space->base, s != NONE, "no free superblock to open, %u counted", space->free_count);
    superblock_open(space, s, stream->what->mode, units);
    stream->superblock = s;
    stream_resume(space, stream, 0);
}

void stream_close(struct space *space, struct stream *stream)
{
    superblock_close(space, stream->superblock);
    stream->superblock = NONE;
    stream->units_left = 0;
}

// --- programs ---

static void program_done(struct nand_op *op)
{
    struct program *program = container_of(op, struct program, op);
    struct space *space = program->space;
    FTL_CHECK(space->base, op->status == NAND_OK, "a program failed, which no die reports");
    base_op_done(space->base, program->die);
    if (--space->superblocks[program->superblock].programs == 0)
        superblock_changed(space, program->superblock);
    program->done(program);
}

struct program *program_take(struct space *space, enum purpose purpose, void *owner, program_done_fn *done)
{
    struct program *program = pool_take(&space->programs);
    program->op.kind = NAND_PROGRAM;
    program->op.source = purpose == PURPOSE_HOST ? NAND_HOST : NAND_GC;
    program->op.owner = space;
    program->op.done = program_done;
    program->op.units = 0;
    program->op.waits = space->base->explained && purpose == PURPOSE_HOST ? program->waits : NULL;
    program->space = space;
    program->owner = owner;
    program->done = done;
    program->purpose = purpose;
    program->count = 0;
    return program;
}

static void submit_at(struct space *space, const struct stream *stream, struct program *program, uint32_t die)
{
    struct nand_address at = {.block = stream->superblock, .row = stream->row, .die = die};
    ppn_t first = nand_unit_at(&space->base->geometry, at);
    program->superblock = stream->superblock;
    program->die = die;
    program->first = first.n;
    program->op.at = layout_place(&space->layout, first);
    program->op.mode = stream->what->mode;
    space->superblocks[stream->superblock].programs++;
    if (stream->row == 0)
        superblock_first_program(space, stream->superblock, die);
    base_submit(space->base, &program->op, die);
}

static bool row_die_left(const struct stream *stream, uint32_t first, uint32_t count)
{
    for (uint32_t die = first; die < first + count; die++)
        if (bitmap_test(stream->row_dies, die))
            return true;
    return false;
}

static void parity_programmed(struct program *program)
{
    struct base *base = program->space->base;
    program_give(program);
    agenda_raise(&base->agenda, AGENDA_MOVE);
}

static void program_parity(struct space *space, const struct stream *stream, uint32_t die, enum purpose purpose)
{
    const struct raid_layout *raid = space->base->raid;
    if (raid == NULL || !raid->enabled || !stream->what->parity)
        return;
    if (row_die_left(stream, raid_first_die(raid, die), raid->stripe_dies))
        return;
    struct program *program = program_take(space, purpose, NULL, parity_programmed);
    space->base->stats.parity_programs++;
    program->op.source.purpose = NAND_TO_PARITY;
    submit_at(space, stream, program, raid_parity_die(raid, stream->row, die));
}

static void advance(struct space *space, struct stream *stream)
{
    if (stream->left > 0)
        return;
    if (++stream->row < stream_rows(space, stream))
        start_row(space, stream);
    else
        stream_close(space, stream);
}

static void program_row(struct space *space, struct stream *stream, struct program *program, uint32_t die)
{
    uint32_t units = stream->program;
    bitmap_clear(stream->row_dies, die);
    stream->left--;
    stream->units_left -= units;
    space->write_clock += units;
    space->base->stats.padding_units += units - program->count;
    submit_at(space, stream, program, die);
    program_parity(space, stream, die, program->purpose);
    advance(space, stream);
}

void stream_program(struct space *space, struct stream *stream, struct program *program)
{
    if (stream->superblock == NONE)
        stream_open(space, stream);
    program_row(space, stream, program, space->alloc->pick(space, stream));
}

void stream_program_on(struct space *space, struct stream *stream, struct program *program, uint32_t die)
{
    if (stream->superblock == NONE)
        stream_open(space, stream);
    FTL_CHECK(space->base, bitmap_test(stream->row_dies, die), "die %u has no place in row %u", die, stream->row);
    program_row(space, stream, program, die);
}

uint32_t stream_stripe(const struct space *space, const struct stream *stream)
{
    uint64_t left = stream->superblock != NONE ? stream->units_left : stream_units(space, stream);
    return (uint32_t)MIN((uint64_t)space->striping.dies, left / stream->program);
}

struct stream *stream_for(struct space *space, enum purpose purpose, uint64_t lpn)
{
    return &space->streams[space->place->choose(space, &(struct placing){.purpose = purpose, .lpn = lpn})];
}
