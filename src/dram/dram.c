// The memory of the controller: a resource of one bandwidth that serves in order of arrival.
//
//   time = bytes / bandwidth, and `turnaround` when the direction changes; its data can be used `latency` later
//
// What crosses it, as it stands between the three parts of the drive:
//
//   write            in when the data have come over the link; out when their program unit goes to a die
//   read             in when the operation's units are decoded; out to the link (`reads: through`), or neither
//                    (`bypass`). What the write buffer holds, or nothing does, goes out to the link only
//   copy             in as a read, out as a write
//
// So a write is acknowledged when it is in memory, and a program starts when its data have been read from there. The
// way in counts as data_in of a write and as transfer of an operation that reads, the way out as data_out. What an
// operation reads is moved when all of it is decoded.
//
// Sources: the crossing of each byte twice, in and out, is what store-and-forward buffers do (Cosmos+ OpenSSD moves all
// user data through its DRAM); JESD79-4, write-to-read and read-to-write turnaround. Left out: banks, rows and refresh
// (they are in what bandwidth is sustained), entries of the map and commands, parity on its way.
#include "dram/dram.h"

#include <stdlib.h>

#include "sim/timeline.h"
#include "util/alloc.h"
#include "util/macros.h"
#include "util/pool.h"

enum direction { OUT, IN };

static const char *const direction_names[] = {[OUT] = "out", [IN] = "in"};

struct dram {
    struct sim *sim;
    const struct dram_config *config;
    const struct nand_geometry *geometry;
    struct nand_port nand;
    struct ftl_port core;
    struct timeline bus;
    enum direction last;
    struct meter meter;
    struct dram_stats stats;
    struct pool pieces, crossings;
};

// Some data of a request, on their way.
struct piece {
    struct dram *dram;
    struct ftl_request *request;
    uint64_t bytes;
};

// An operation on its way between core and back-end; of one that reads, what the core has set in it.
struct crossing {
    struct dram *dram;
    struct nand_op *op;
    void (*done)(struct nand_op *op);
    void *owner;
};

#define COUNT(field, u, h) {#field, STAT_COUNT, offsetof(struct dram_stats, field), u, h}
const struct stat_field dram_stat_fields[] = {
    COUNT(bytes_in, "B", "User data moved into the controller's memory."),
    COUNT(bytes_out, "B", "User data moved out of the controller's memory."),
    COUNT(turnarounds, "1", "Changes of direction."),
};
const size_t dram_stat_field_count = ARRAY_SIZE(dram_stat_fields);

// Returns when the data can be used.
static tick_t move(struct dram *dram, enum direction direction, uint64_t bytes)
{
    unsigned __int128 ticks = (unsigned __int128)bytes * TICKS_PER_S + dram->config->bandwidth / 2;
    tick_t duration = (tick_t)(ticks / dram->config->bandwidth);
    if (direction != dram->last) {
        duration += dram->config->turnaround;
        dram->stats.turnarounds++;
    }
    dram->last = direction;
    *(direction == IN ? &dram->stats.bytes_in : &dram->stats.bytes_out) += bytes;
    tick_t start = timeline_reserve(&dram->bus, sim_now(dram->sim), duration);
    meter_add_use(&dram->meter, start, duration, NULL, &direction_names[direction], NULL);
    return start + duration + dram->config->latency;
}

// --- between core and back-end -------------------------------------------------------------------------------------

static void read_stored(void *context)
{
    struct nand_op *op = context;
    op->done(op);
}

static void read_decoded(struct nand_op *op)
{
    struct crossing *read = op->owner;
    struct dram *dram = read->dram;
    op->done = read->done;
    op->owner = read->owner;
    pool_give(&dram->crossings, read);
    uint64_t bytes = (uint64_t)(unsigned)__builtin_popcountll(op->units) * dram->geometry->unit_bytes;
    tick_t stored = move(dram, IN, bytes);
    op->path.spent[STAGE_TRANSFER] += stored - op->path.changed;
    op->path.changed = stored;
    sim_at(dram->sim, stored, read_stored, op);
}

static bool is_stored(const struct dram *dram, const struct nand_op *op)
{
    return op->kind == NAND_READ &&
           (dram->config->reads == DRAM_READS_THROUGH || op->source.tag != NAND_FOR_HOST);
}

static void submit_read(struct dram *dram, struct nand_op *op)
{
    struct crossing *read = pool_take(&dram->crossings);
    *read = (struct crossing){.dram = dram, .op = op, .done = op->done, .owner = op->owner};
    op->done = read_decoded;
    op->coming = NULL;
    op->owner = read;
    nand_submit(&dram->nand, op);
}

static void program_fetched(void *context)
{
    struct crossing *program = context;
    struct dram *dram = program->dram;
    struct nand_op *op = program->op;
    pool_give(&dram->crossings, program);
    nand_submit(&dram->nand, op);
}

static void submit_program(struct dram *dram, struct nand_op *op)
{
    const struct nand_geometry *g = dram->geometry;
    uint64_t units = op->mode == NAND_SLC ? g->units_per_multi_page : g->units_per_program;
    struct crossing *program = pool_take(&dram->crossings);
    *program = (struct crossing){.dram = dram, .op = op};
    sim_at(dram->sim, move(dram, OUT, units * g->unit_bytes), program_fetched, program);
}

static void submit_op(void *self, struct nand_op *op)
{
    struct dram *dram = self;
    if (op->kind == NAND_PROGRAM)
        submit_program(dram, op);
    else if (is_stored(dram, op))
        submit_read(dram, op);
    else
        nand_submit(&dram->nand, op);
}

// --- between front-end and core ------------------------------------------------------------------------------------

static void send_later(struct dram *dram, struct ftl_request *request, enum direction direction, uint64_t bytes,
                       sim_event_fn *moved)
{
    struct piece *piece = pool_take(&dram->pieces);
    *piece = (struct piece){.dram = dram, .request = request, .bytes = bytes};
    sim_at(dram->sim, move(dram, direction, bytes), moved, piece);
}

// The last one is followed by the end of the request, which came with it.
static void piece_fetched(void *context)
{
    struct piece piece = *(struct piece *)context;
    struct ftl_request *request = piece.request;
    pool_give(&piece.dram->pieces, context);
    request->memory.piece(request, piece.bytes);
    if (--request->memory.pending == 0 && request->memory.over)
        request->memory.done(request);
}

static void fetch_piece(struct ftl_request *request, uint64_t bytes)
{
    request->memory.pending++;
    send_later(request->memory.dram, request, OUT, bytes, piece_fetched);
}

static void end_request(struct ftl_request *request)
{
    request->memory.over = true;
    if (request->memory.pending == 0)
        request->memory.done(request);
}

static void submit_request(void *self, struct ftl_request *request)
{
    struct dram *dram = self;
    if (request->kind == FTL_READ && dram->config->reads == DRAM_READS_THROUGH) {
        if (request->done != end_request) { // else it was before
            request->memory.piece = request->piece;
            request->memory.done = request->done;
        }
        request->piece = fetch_piece;
        request->pieces = NULL;
        request->done = end_request;
        request->memory.dram = dram;
        request->memory.pending = 0;
        request->memory.over = false;
    }
    ftl_submit(&dram->core, request);
}

static void data_stored(void *context)
{
    struct piece piece = *(struct piece *)context;
    pool_give(&piece.dram->pieces, context);
    ftl_data_in(&piece.dram->core, piece.request, piece.bytes);
}

static void data_in(void *self, struct ftl_request *request, uint64_t bytes)
{
    send_later(self, request, IN, bytes, data_stored);
}

// --- creation ------------------------------------------------------------------------------------------------------

static bool widen(void *self, struct nand_op *op, uint64_t units)
{
    return nand_widen(&((struct dram *)self)->nand, op, units);
}

static void assume(void *self, uint32_t block, uint32_t rows_written)
{
    nand_assume(&((struct dram *)self)->nand, block, rows_written);
}

struct nand_port dram_over_nand(struct dram *dram, struct nand_port nand)
{
    if (dram == NULL)
        return nand;
    dram->nand = nand;
    return (struct nand_port){.self = dram, .submit = submit_op, .widen = widen, .assume = assume};
}

struct ftl_port dram_over_core(struct dram *dram, struct ftl_port core)
{
    if (dram == NULL)
        return core;
    dram->core = core;
    return (struct ftl_port){.self = dram, .submit = submit_request, .data_in = data_in};
}

struct dram *dram_create(struct sim *sim, const struct dram_config *config, const struct nand_geometry *geometry)
{
    if (config->bandwidth == 0)
        return NULL;
    struct dram *dram = xcalloc(1, sizeof *dram);
    dram->sim = sim;
    dram->config = config;
    dram->geometry = geometry;
    pool_init(&dram->pieces, sizeof(struct piece));
    pool_init(&dram->crossings, sizeof(struct crossing));
    meter_init(&dram->meter, 1);
    return dram;
}

void dram_destroy(struct dram *dram)
{
    if (dram == NULL)
        return;
    pool_destroy(&dram->pieces);
    pool_destroy(&dram->crossings);
    free(dram);
}

void dram_stats_restart(struct dram *dram, tick_t origin)
{
    if (dram == NULL)
        return;
    dram->stats = (struct dram_stats){0};
    meter_restart(&dram->meter, origin);
}

const struct dram_stats *dram_get_stats(const struct dram *dram)
{
    return &dram->stats;
}

struct meter *dram_get_meter(struct dram *dram)
{
    return &dram->meter;
}
