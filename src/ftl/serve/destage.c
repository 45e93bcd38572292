// From the write buffer into the flash.
//
// Data are dispatched in order of arrival, a program unit's worth at a time: the units of a sequential write lie side by
// side in multi-plane pages. A policy says when (buffer/policies.h).
//
// FUA, flush and write-through force what they wait for, and all that is older: it goes at once, and the rest of its
// program unit is padding. With `forced_wait` it is gathered first: as long as other programs of host data are under
// way it waits for so long at most, or until a program unit is full, and while each die could have one it waits for one
// to end. So what is forced one by one costs no time, and what is forced by many at once shares programs (as in group
// commit: Gray and Reuter, "Transaction Processing", 1993, section 9.4.7; Nagle's rule, RFC 896, has the same form).
//
// The map changes when the program is done: until then reads are served by the buffer.
#include "ftl/serve/serve.h"
#include "ftl/space/stream.h"

#define POLICY_OPS(id, name) &destage_##name##_ops,
const struct destage_ops *const destage_registry[FTL_DESTAGE_COUNT] = {FTL_DESTAGE_LIST(POLICY_OPS)};
#undef POLICY_OPS

// A writer waits, the buffer holds less than a program unit, and nothing is under way that would make room: only
// padding helps.
static bool stuck(const struct serve *serve)
{
    const struct buffer *buffer = serve->buffer;
    return !list_empty(&buffer->waiting) && buffer_room(buffer) == 0 && buffer->arriving == 0 &&
           serve->host_programs == 0;
}

static void gathered(void *context)
{
    struct serve *serve = context;
    agenda_raise(&serve->base->agenda, AGENDA_DISPATCH);
}

// May forced data that fill no program unit go as they are?
static bool may_pad(struct serve *serve)
{
    const struct base *base = serve->base;
    tick_t now = sim_now(base->sim);
    if (base->config.forced_wait == 0 || serve->host_programs == 0)
        return true;
    if (serve->gather_until == 0) {
        serve->gather_until = now + base->config.forced_wait;
        sim_at(base->sim, serve->gather_until, gathered, serve);
    }
    return now >= serve->gather_until && serve->host_programs < base->geometry.dies;
}

static bool must_dispatch(struct serve *serve)
{
    struct buffer *buffer = serve->buffer;
    if (buffer->queued == 0)
        return false;
    bool forced = buffer->entries[buffer->first_queued].sequence <= buffer->forced;
    if (buffer->queued >= serve->base->geometry.units_per_program)
        return forced || serve->destage->wanted(buffer);
    return (forced && may_pad(serve)) || stuck(serve);
}

// --- the program is done ---

// Finds the map entries that a program will change in memory before they are needed one after the other.
static void prefetch_map(const struct serve *serve, const struct program *program)
{
    const struct buffer_entry *entries = serve->buffer->entries;
    for (uint32_t i = 0; i < program->count; i++)
        map_prefetch(serve->map, entries[program->units[i].entry].lpn);
    for (uint32_t i = 0; i < program->count; i++)
        map_prefetch_old(serve->map, entries[program->units[i].entry].lpn);
}

static void unit_programmed(struct serve *serve, uint32_t index, uint64_t ppn)
{
    const struct buffer_entry *entry = &serve->buffer->entries[index];
    struct ftl_request *waiter = entry->waiter;
    if (!entry->stale)
        map_set(serve->map, entry->lpn, ppn, entry->version);
    buffer_release(serve->buffer, index);
    if (waiter == NULL || --waiter->core.pending > 0 || waiter->core.arrived < waiter->bytes)
        return;
    breakdown_enter(waiter->path, STAGE_COMPLETION, sim_now(serve->base->sim));
    serve_finish(serve, waiter);
}

static void programmed(struct program *program)
{
    struct serve *serve = program->owner;
    prefetch_map(serve, program);
    serve->host_programs--;
    for (uint32_t i = 0; i < program->count; i++)
        unit_programmed(serve, program->units[i].entry, program->first + i);
    program_give(program);
    agenda_raise(&serve->base->agenda, AGENDA_FLUSH | AGENDA_GRANT | AGENDA_DISPATCH | AGENDA_MOVE);
}

// --- the next one ---

static void dispatch_program(struct serve *serve, struct stream *stream)
{
    struct base *base = serve->base;
    struct program *program = program_take(serve->space, PURPOSE_HOST, serve, programmed);
    uint32_t count = MIN(serve->buffer->queued, base->geometry.units_per_program);
    for (uint32_t i = 0; i < count; i++)
        program->units[i].entry = buffer_dispatch(serve->buffer);
    program->count = count;
    serve->host_programs++;
    serve->gather_until = 0;
    base->stats.host_units_programmed += count;
    stream_program(serve->space, stream, program);
    pace_earn(serve->pace, base->geometry.units_per_program);
}

// May the next program of host data go now?
static enum host_hold hold_of(const struct serve *serve, const struct stream *stream)
{
    if (!stream_has_room(serve->space, stream, PURPOSE_HOST))
        return HOST_BLOCKED;
    return pace_lags(serve->pace) ? HOST_PACED : HOST_GOES;
}

bool destage_next(struct serve *serve)
{
    const struct buffer *buffer = serve->buffer;
    if (!must_dispatch(serve)) {
        pace_set_hold(serve->pace, HOST_GOES);
        return false;
    }
    struct stream *stream = stream_for(serve->space, PURPOSE_HOST, buffer->entries[buffer->first_queued].lpn);
    pace_set_hold(serve->pace, hold_of(serve, stream));
    if (serve->pace->hold == HOST_GOES)
        dispatch_program(serve, stream);
    return true;
}
