// Host writes, from submit to the flash.
//
//   firmware time -> old contents of partly written units are read -> room in the buffer, first come first served
//   -> ready(): data move in -> buffered: done, or for FUA done when programmed -> gathered into program units
//
// Room is granted in whole units, as much as there is, so a write larger than the buffer is granted in turns. Data
// are dispatched in order of arrival as soon as they fill a program unit: the units of a sequential write lie side by
// side in multi-plane pages. FUA, flush and write-through dispatch what they wait for at once; the rest of its
// program unit is padding. There is no timer that empties an idle buffer.
//
// A partly written unit is completed by read-modify-write: the read comes before the write is granted room. When the
// unit is overwritten by another command meanwhile the newer contents are taken without a further read. A WRITE
// ZEROES treats the units at its edges so, and needs no data from the host. When the old contents cannot be read the
// command ends with FTL_WRITE_FAULT, though the unit is written.
//
// The map changes when the program is done (programmed): until then reads are served by the buffer.
#include "ftl/ftl_internal.h"

// --- which units a request writes ---

static uint64_t unit_count(const struct ftl *ftl, const struct ftl_request *request)
{
    uint64_t last = (request->offset + request->bytes - 1) >> ftl->unit_shift;
    return last - (request->offset >> ftl->unit_shift) + 1;
}

static uint64_t first_unit(const struct ftl *ftl, const struct ftl_request *request)
{
    return request->offset >> ftl->unit_shift;
}

// The units that the first `bytes` of the request fill; a partly written last one counts when all bytes are there.
static uint64_t units_within(const struct ftl *ftl, const struct ftl_request *request, uint64_t bytes)
{
    if (bytes == request->bytes)
        return unit_count(ftl, request);
    return ((request->offset & ftl->unit_mask) + bytes) >> ftl->unit_shift;
}

// The bytes of the request that its first `units` units hold.
static uint64_t bytes_within(const struct ftl *ftl, const struct ftl_request *request, uint64_t units)
{
    uint64_t bytes = (units << ftl->unit_shift) - (request->offset & ftl->unit_mask);
    return MIN(bytes, request->bytes);
}

// The partly written units at the edges: 0, 1 or 2.
static unsigned edge_units(const struct ftl *ftl, const struct ftl_request *request, uint64_t edges[2])
{
    uint64_t end = request->offset + request->bytes;
    uint64_t last = end >> ftl->unit_shift;
    unsigned count = 0;
    if ((request->offset & ftl->unit_mask) != 0)
        edges[count++] = first_unit(ftl, request);
    if ((end & ftl->unit_mask) != 0 && (count == 0 || last != edges[0]))
        edges[count++] = last;
    return count;
}

// --- completion ---

static bool waits_for_flash(const struct ftl *ftl, const struct ftl_request *request)
{
    return ftl->buffer.write_through || (request->fua && !ftl->config.power_loss_protection);
}

static void finish_now(struct ftl *ftl, struct ftl_request *request)
{
    breakdown_enter(request->path, STAGE_COMPLETION, sim_now(ftl->sim));
    ftl_finish(ftl, request);
}

// All data are buffered.
static void all_arrived(struct ftl *ftl, struct ftl_request *request)
{
    if (waits_for_flash(ftl, request) && request->core.pending > 0) {
        breakdown_enter(request->path, STAGE_FLUSH_WAIT, sim_now(ftl->sim));
        ftl->buffer.forced = ftl->buffer.sequence;
        return;
    }
    breakdown_enter(request->path, STAGE_COMPLETION, sim_now(ftl->sim));
    ftl_finish_later(ftl, request, sim_now(ftl->sim));
}

// --- room in the buffer ---

static void insert_unit(struct ftl *ftl, struct ftl_request *request, uint64_t lpn)
{
    struct ftl_request *waiter = waits_for_flash(ftl, request) ? request : NULL;
    if (waiter != NULL)
        request->core.pending++;
    ftl->stats.host_units_written++;
    if (buffer_insert(ftl, lpn, waiter) && !list_empty(&ftl->buffer.waiting))
        agenda_raise_later(&ftl->agenda, AGENDA_FLUSH | AGENDA_GRANT | AGENDA_DISPATCH);
}

static void grant_data(struct ftl *ftl, struct ftl_request *request)
{
    struct buffer *buffer = &ftl->buffer;
    uint64_t granted = units_within(ftl, request, request->core.granted);
    uint64_t total = unit_count(ftl, request);
    uint32_t units = (uint32_t)MIN(total - granted, (uint64_t)buffer_room(buffer));
    uint64_t bytes = bytes_within(ftl, request, granted + units) - request->core.granted;
    buffer->used += units;
    buffer->arriving += units;
    request->core.granted += bytes;
    if (granted + units == total)
        list_pop(&buffer->waiting);
    breakdown_enter(request->path, STAGE_DATA_IN, sim_now(ftl->sim));
    request->ready(request, bytes);
}

// WRITE ZEROES: its edges, core.sequence tells which; no data move.
static void grant_edge(struct ftl *ftl, struct ftl_request *request)
{
    struct buffer *buffer = &ftl->buffer;
    uint64_t edges[2];
    edge_units(ftl, request, edges);
    unsigned edge = (request->core.sequence & 1) != 0 ? 0 : 1;
    buffer->used++;
    buffer->arriving++;
    insert_unit(ftl, request, edges[edge]);
    request->core.sequence &= ~(UINT64_C(1) << edge);
    if (request->core.sequence != 0)
        return;
    list_pop(&buffer->waiting);
    request->core.arrived = request->bytes;
    all_arrived(ftl, request);
}

// Gives waiting writers the room that there is, first come first served.
void write_grant(struct ftl *ftl)
{
    struct buffer *buffer = &ftl->buffer;
    while (!list_empty(&buffer->waiting) && buffer_room(buffer) > 0) {
        struct ftl_request *request = container_of(buffer->waiting.head, struct ftl_request, link);
        if (request->kind == FTL_WRITE)
            grant_data(ftl, request);
        else
            grant_edge(ftl, request);
    }
}

static void wait_for_room(struct ftl *ftl, struct ftl_request *request)
{
    struct buffer *buffer = &ftl->buffer;
    if (!list_empty(&buffer->waiting) || buffer_room(buffer) < unit_count(ftl, request))
        ftl->stats.buffer_waits++;
    list_push(&buffer->waiting, &request->link);
    agenda_raise(&ftl->agenda, AGENDA_GRANT | AGENDA_DISPATCH);
}

// --- read-modify-write ---

static void old_contents_read(struct nand_op *op)
{
    struct read_op *read = container_of(op, struct read_op, op);
    struct ftl *ftl = read->ftl;
    struct ftl_request *request = read->request;
    if (op->status == NAND_UNCORRECTABLE)
        read_lost(ftl, read, FTL_WRITE_FAULT);
    bool last = --request->core.pending == 0;
    if (last)
        breakdown_insert(request->path, &op->path, STAGE_BUFFER_WAIT);
    read_op_finish(ftl, read);
    if (last)
        wait_for_room(ftl, request);
}

static bool read_old_contents(struct ftl *ftl, struct ftl_request *request)
{
    uint64_t edges[2];
    unsigned count = edge_units(ftl, request, edges);
    for (unsigned i = 0; i < count; i++) {
        uint64_t ppn = map_lookup(&ftl->map, edges[i]);
        if (ppn == MAP_NOWHERE || buffer_find(&ftl->buffer, edges[i]) != NONE)
            continue;
        struct read_op *read = read_op_take(ftl, ppn, NAND_HOST, old_contents_read);
        read->request = request;
        read->op.units = read_unit_bit(ftl, ppn);
        request->core.pending++;
        ftl->stats.rmw_reads++;
        read_op_issue(ftl, read);
    }
    return request->core.pending > 0;
}

static void start(void *context)
{
    struct ftl_request *request = context;
    struct ftl *ftl = request->core.state;
    if (read_old_contents(ftl, request))
        return;
    breakdown_enter(request->path, STAGE_BUFFER_WAIT, sim_now(ftl->sim));
    wait_for_room(ftl, request);
}

void write_submit(struct ftl *ftl, struct ftl_request *request)
{
    tick_t cost = ftl->config.t_write + unit_count(ftl, request) * ftl->config.t_write_unit;
    sim_at(ftl->sim, ftl_charge(ftl, cost), start, request);
}

void write_data_in(struct ftl *ftl, struct ftl_request *request, uint64_t bytes)
{
    uint64_t unit = units_within(ftl, request, request->core.arrived);
    request->core.arrived += bytes;
    FTL_CHECK(ftl, request->core.arrived <= request->core.granted, "data arrive that were not asked for");
    uint64_t end = units_within(ftl, request, request->core.arrived);
    for (; unit < end; unit++)
        insert_unit(ftl, request, first_unit(ftl, request) + unit);
    if (request->core.arrived == request->bytes)
        all_arrived(ftl, request);
    else if (request->core.arrived == request->core.granted)
        breakdown_enter(request->path, STAGE_BUFFER_WAIT, sim_now(ftl->sim));
    agenda_raise(&ftl->agenda, AGENDA_DISPATCH);
}

// --- WRITE ZEROES ---

// Edges that hold anything must be written; the others are zeroes already. One bit each in core.sequence.
static void mark_edges(struct ftl *ftl, struct ftl_request *request)
{
    uint64_t edges[2];
    unsigned count = edge_units(ftl, request, edges);
    request->core.sequence = 0;
    for (unsigned i = 0; i < count; i++)
        if (map_lookup(&ftl->map, edges[i]) != MAP_NOWHERE || buffer_find(&ftl->buffer, edges[i]) != NONE)
            request->core.sequence |= UINT64_C(1) << i;
}

void write_zeroes_submit(struct ftl *ftl, struct ftl_request *request)
{
    uint64_t trimmed = trim_whole_units(ftl, request->offset, request->bytes);
    mark_edges(ftl, request);
    tick_t ready = ftl_charge(ftl, ftl->config.t_trim + trimmed * ftl->config.t_trim_unit);
    if (request->core.sequence != 0) {
        sim_at(ftl->sim, ready, start, request);
        return;
    }
    breakdown_enter(request->path, STAGE_COMPLETION, ready);
    ftl_finish_later(ftl, request, ready);
}

// --- into the flash ---

// A writer waits, the buffer holds less than a program unit, and nothing is under way that would make room: only
// padding helps.
static bool stuck(const struct ftl *ftl)
{
    const struct buffer *buffer = &ftl->buffer;
    return !list_empty(&buffer->waiting) && buffer_room(buffer) == 0 && buffer->arriving == 0 &&
           ftl->host_programs == 0;
}

static bool must_dispatch(const struct ftl *ftl)
{
    const struct buffer *buffer = &ftl->buffer;
    if (buffer->queued == 0)
        return false;
    if (buffer->queued >= ftl->geometry.units_per_program)
        return true;
    return buffer->entries[buffer->first_queued].sequence <= buffer->forced || stuck(ftl);
}

static void set_hold(struct ftl *ftl, enum host_hold hold)
{
    if (ftl->gc.hold == hold)
        return;
    gc_count_time(ftl);
    ftl->stats.gc_paced_waits += hold == HOST_PACED;
    ftl->stats.gc_urgent_stalls += hold == HOST_BLOCKED;
    ftl->gc.hold = hold;
}

// May the next program of host data go now?
static enum host_hold host_hold(const struct ftl *ftl)
{
    if (!stream_has_room(ftl, STREAM_HOST))
        return HOST_BLOCKED;
    return gc_lags(ftl) ? HOST_PACED : HOST_GOES;
}

// Finds the map entries that a program will change in memory before they are needed one after the other.
static void prefetch_map(const struct ftl *ftl, const struct program *program)
{
    const struct buffer_entry *entries = ftl->buffer.entries;
    for (uint32_t i = 0; i < program->count; i++)
        map_prefetch(&ftl->map, entries[program->units[i].lpn].lpn);
    for (uint32_t i = 0; i < program->count; i++)
        map_prefetch_old(&ftl->map, entries[program->units[i].lpn].lpn);
}

static void unit_programmed(struct ftl *ftl, uint32_t index, uint64_t ppn)
{
    struct buffer_entry *entry = &ftl->buffer.entries[index];
    struct ftl_request *waiter = entry->waiter;
    if (!entry->stale)
        map_set(&ftl->map, entry->lpn, ppn, entry->version);
    buffer_release(ftl, index);
    if (waiter != NULL && --waiter->core.pending == 0 && waiter->core.arrived == waiter->bytes)
        finish_now(ftl, waiter);
}

static void programmed(struct ftl *ftl, struct program *program)
{
    prefetch_map(ftl, program);
    ftl->host_programs--;
    for (uint32_t i = 0; i < program->count; i++)
        unit_programmed(ftl, (uint32_t)program->units[i].lpn, program->op.at.n + i);
    pool_give(&ftl->programs, program);
    agenda_raise(&ftl->agenda, AGENDA_FLUSH | AGENDA_GRANT | AGENDA_DISPATCH | AGENDA_MOVE);
}

static void dispatch_program(struct ftl *ftl)
{
    struct buffer *buffer = &ftl->buffer;
    struct program *program = stream_take_program(ftl, STREAM_HOST, programmed);
    uint32_t count = MIN(buffer->queued, ftl->geometry.units_per_program);
    for (uint32_t i = 0; i < count; i++)
        program->units[i].lpn = buffer_dispatch(buffer);
    program->count = count;
    ftl->host_programs++;
    ftl->stats.host_units_programmed += count;
    stream_program(ftl, program);
    gc_credit(ftl, ftl->geometry.units_per_program);
}

// Sends the next program of host data, if there is one and it may go. False when there is none.
bool write_dispatch(struct ftl *ftl)
{
    if (!must_dispatch(ftl)) {
        set_hold(ftl, HOST_GOES);
        return false;
    }
    set_hold(ftl, host_hold(ftl));
    if (ftl->gc.hold == HOST_GOES)
        dispatch_program(ftl);
    return true;
}
