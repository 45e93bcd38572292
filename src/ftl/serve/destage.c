// From the write buffer into the flash.
//
// Data are dispatched in order of arrival, a program unit's worth at a time: the units of a sequential write lie side
// by side in multi-plane pages. A policy says when (buffer/policies.h).
//
// FUA, flush and write-through force what they wait for, and all that is older: it goes at once, and the rest of its
// program unit is padding. With `forced_wait` it is gathered first: as long as other programs of host data are under
// way it waits for so long at most, or until a program unit is full, and while each die could have one it waits for one
// to end. So what is forced one by one costs no time, and what is forced by many at once shares programs (as in group
// commit: Gray and Reuter, "Transaction Processing", 1993, section 9.4.7; Nagle's rule, RFC 896, has the same form).
//
// Where data are striped (space/striping.h), the programs of several dies are filled together, as soon as there is so
// much, and then go one after the other. What is forced fills as few as it can, all of them to the same level.
//
// The map changes when the program is done: until then reads are served by the buffer.
#include <stdlib.h>

#include "ftl/serve/explain.h"
#include "ftl/space/stream.h"
#include "util/alloc.h"

#define POLICY_OPS(id, name) &destage_##name##_ops,
const struct destage_ops *const destage_registry[FTL_DESTAGE_COUNT] = {FTL_DESTAGE_LIST(POLICY_OPS)};
#undef POLICY_OPS

void destage_init(struct serve *serve)
{
    serve->destage = destage_registry[serve->base->config.destage];
    serve->stripe = xcalloc(serve->space->striping.dies, sizeof *serve->stripe);
}

void destage_destroy(struct serve *serve)
{
    free(serve->stripe);
}

// The stream of what goes next; the buffer has something queued.
static struct stream *next_stream(const struct serve *serve)
{
    const struct buffer *buffer = serve->buffer;
    return stream_for(serve->space, PURPOSE_HOST, buffer->entries[buffer->first_queued].lpn);
}

static uint32_t units_of_stream(const struct serve *serve)
{
    const struct space *space = serve->space;
    const struct stream *stream = next_stream(serve);
    return space->striping.dies == 1 ? stream->program : stream->program * stream_stripe(space, stream);
}

// How many units go together.
static inline uint32_t units_together(const struct serve *serve)
{
    if (likely(serve->space->striping.dies == 1 && serve->space->slc.off))
        return serve->base->geometry.units_per_program;
    return units_of_stream(serve);
}

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
    if (buffer->queued >= units_together(serve))
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
    explain_flush_ends(serve, waiter, serve->last);
    breakdown_enter(waiter->path, STAGE_COMPLETION, sim_now(serve->base->sim));
    serve_finish(serve, waiter);
}

static void programmed(struct program *program)
{
    struct serve *serve = program->owner;
    prefetch_map(serve, program);
    serve->host_programs--;
    serve->last = program;
    for (uint32_t i = 0; i < program->count; i++)
        unit_programmed(serve, program->units[i].entry, program->first + i);
    agenda_raise(&serve->base->agenda, AGENDA_FLUSH | AGENDA_GRANT | AGENDA_DISPATCH | AGENDA_MOVE);
    serve->last = NULL;
    program_give(program);
}

// --- the next one ---

// Fills the programs that go together, with what there is.
static void fill_stripe(struct serve *serve, struct stream *stream)
{
    const struct nand_geometry *g = &serve->base->geometry;
    uint32_t units = MIN(serve->buffer->queued, units_together(serve)), member;
    uint32_t width = (units + stream->program - 1) / stream->program;
    for (uint32_t i = 0; i < width; i++)
        serve->stripe[i] = program_take(serve->space, PURPOSE_HOST, serve, programmed);
    for (uint32_t k = 0; k < units; k++) {
        uint32_t at = striping_place(&serve->space->striping, g, width, k, &member);
        serve->stripe[member]->units[at].entry = buffer_dispatch(serve->buffer);
        serve->stripe[member]->count++;
    }
    serve->stripe_next = 0;
    serve->stripe_end = width;
    serve->stripe_stream = stream;
}

static void send_program(struct serve *serve)
{
    struct program *program = serve->stripe[serve->stripe_next++];
    serve->host_programs++;
    serve->gather_until = 0;
    serve->base->stats.host_units_programmed += program->count;
    if (unlikely(serve->base->explained))
        explain_sent(serve, program);
    stream_program(serve->space, serve->stripe_stream, program);
    if (serve->stripe_stream->what->mode == NAND_SLC)
        serve->base->stats.slc_written += program->count;
    else
        pace_earn(serve->pace, serve->base->geometry.units_per_program);
}

// May the next program of host data go now? An SLC cache takes nothing of what collection has to give back: what is in
// it earns collection its credit when it is folded.
static enum host_hold hold_of(const struct serve *serve, const struct stream *stream)
{
    bool cached = stream->what->mode == NAND_SLC;
    if (!stream_has_room(serve->space, stream))
        return cached ? HOST_FOLDING : HOST_BLOCKED;
    return !cached && pace_lags(serve->pace) ? HOST_PACED : HOST_GOES;
}

// Counts when host data begin to go past a cache.
static void count_overflow(struct serve *serve, const struct stream *stream)
{
    bool past = stream->what->mode == NAND_NATIVE;
    serve->base->stats.slc_overflows += past && !serve->past_cache;
    serve->past_cache = past;
}

static inline bool has_filled(const struct serve *serve)
{
    return serve->stripe_next < serve->stripe_end;
}

bool destage_next(struct serve *serve)
{
    if (!has_filled(serve) && !must_dispatch(serve)) {
        pace_set_hold(serve->pace, HOST_GOES);
        return false;
    }
    struct stream *stream = has_filled(serve) ? serve->stripe_stream : next_stream(serve);
    if (!serve->space->slc.off)
        count_overflow(serve, stream);
    pace_set_hold(serve->pace, hold_of(serve, stream));
    if (serve->pace->hold != HOST_GOES)
        return true;
    if (!has_filled(serve))
        fill_stripe(serve, stream);
    send_program(serve);
    return true;
}
