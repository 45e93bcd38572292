// Reading ahead: what a sequential reader will ask for next is read before it does.
//
// A stream is a number of host reads each of which begins where the last one ended. Reads in sequence are told from
// others by the ends of the last few that belong to no stream (candidates); `read_ahead_after` of them make one. There
// are up to `read_ahead_streams`; a new one takes the place of the one not used for longest.
//
// A stream has a window, how far is read ahead of the reader, as far as the last page's units lie side by side. It
// begins with the size of a read, doubles when half of it has been read, up to `read_ahead` and its share of
// `read_ahead_buffer`, and is halved when data that were read ahead are given up unread. Data stay until the reader has
// passed them (when it left some out, by half a window), or room is needed and only others are read.
//
// What was read ahead belongs to a place in the flash, so that nobody need tell of writes: it counts only as long as
// the map still points there and the superblock was not erased. Reads ahead are as urgent as the host's, since a reader
// mostly comes to wait for them. Left out: reading backwards or by strides, the firmware's own time for all this, and data
// that leave for the host before all of a segment has come.
#include "ftl/serve/ahead.h"

#include <stdlib.h>

#include "util/alloc.h"

void ahead_init(struct ahead *ahead, struct base *base, struct space *space, struct map *map,
                const struct buffer *buffer)
{
    const struct ftl_config *config = &base->config;
    *ahead = (struct ahead){.base = base, .space = space, .map = map, .buffer = buffer};
    if (config->read_ahead == 0)
        return;
    ahead->stream_count = config->read_ahead_streams;
    ahead->streams = xcalloc(ahead->stream_count, sizeof *ahead->streams);
    pool_init(&ahead->segments, sizeof(struct ahead_segment));
    pool_init(&ahead->parts, sizeof(struct ahead_part));
}

void ahead_destroy(struct ahead *ahead)
{
    if (ahead->streams == NULL)
        return;
    pool_destroy(&ahead->parts);
    pool_destroy(&ahead->segments);
    free(ahead->streams);
}

// --- segments ---

static uint64_t end_of(const struct ahead_segment *segment)
{
    return segment->lpn + segment->count;
}

static bool wholly_used(const struct ahead_segment *segment)
{
    return segment->used == UINT64_MAX >> (64 - segment->count);
}

static void free_segment(struct ahead *ahead, struct ahead_segment *segment)
{
    memory_give(&ahead->base->memory, MEMORY_AHEAD, segment->count);
    ahead->base->stats.ahead_useless += segment->count - (unsigned)__builtin_popcountll(segment->used);
    pool_give(&ahead->segments, segment);
}

// Who waits for a segment on its way still gets it.
static void give_up(struct ahead_stream *stream, struct ahead_segment *segment)
{
    if (segment->used == 0)
        stream->window = MAX(stream->window / 2, 1u);
    segment->given_up = true;
    if (segment->state != AHEAD_ON_ITS_WAY)
        free_segment(segment->ahead, segment);
}

static void give_up_first(struct ahead_stream *stream)
{
    give_up(stream, container_of(list_pop(&stream->segments), struct ahead_segment, link));
}

static void end_stream(struct ahead_stream *stream)
{
    while (!list_empty(&stream->segments))
        give_up_first(stream);
    stream->used = 0;
}

static void segment_read(struct nand_op *op)
{
    struct page_read *read = container_of(op, struct page_read, op);
    struct ahead_segment *segment = read->owner;
    struct ahead *ahead = segment->ahead;
    segment->state = op->status == NAND_OK ? AHEAD_ARRIVED : AHEAD_LOST;
    for (struct list_link *link; (link = list_pop(&segment->parts)) != NULL;) {
        struct ahead_part *part = container_of(link, struct ahead_part, link);
        ahead->part_arrived(part, read);
        pool_give(&ahead->parts, part);
    }
    page_read_finish(read);
    if (segment->given_up)
        free_segment(ahead, segment);
}

// --- what a read finds ---

static bool holds(const struct space *space, const struct ahead_segment *segment, const struct map_run *run)
{
    uint64_t at = run->lpn - segment->lpn;
    return at < segment->count && segment->ppn + at == run->ppn && segment->state != AHEAD_LOST &&
           segment->pe_cycles == space->superblocks[segment->superblock].pe_cycles;
}

struct ahead_segment *ahead_find(const struct ahead *ahead, const struct ahead_stream *stream, struct map_run *run)
{
    for (struct list_link *link = stream->segments.head; link != NULL; link = link->next) {
        struct ahead_segment *segment = container_of(link, struct ahead_segment, link);
        if (!holds(ahead->space, segment, run))
            continue;
        run->count = (uint32_t)MIN(run->count, end_of(segment) - run->lpn);
        return segment;
    }
    return NULL;
}

static void wait_for(struct ahead *ahead, struct ahead_segment *segment, const struct map_run *run,
                     struct ftl_request *request, uint64_t bytes)
{
    struct ahead_part *part = pool_take(&ahead->parts);
    *part = (struct ahead_part){.request = request, .bytes = bytes, .since = sim_now(ahead->base->sim),
                                .ppn = run->ppn, .count = run->count};
    list_push(&segment->parts, &part->link);
    ahead->base->stats.ahead_waits++;
}

bool ahead_take(struct ahead *ahead, struct ahead_segment *segment, const struct map_run *run,
                struct ftl_request *request, uint64_t bytes)
{
    uint64_t units = (UINT64_MAX >> (64 - run->count)) << (run->lpn - segment->lpn);
    ahead->base->stats.ahead_used += (unsigned)__builtin_popcountll(units & ~segment->used);
    segment->used |= units;
    if (segment->state == AHEAD_ARRIVED)
        return true;
    wait_for(ahead, segment, run, request, bytes);
    return false;
}

// --- streams ---

static uint64_t bytes_of(const struct ahead *ahead, uint64_t units)
{
    return units << ahead->base->unit_shift;
}

// Reads that come a little late, or leave some out, belong to it, too.
static bool belongs(const struct ahead *ahead, const struct ahead_stream *stream, uint64_t offset)
{
    uint64_t slack = bytes_of(ahead, stream->window / 2);
    return stream->used != 0 && offset + slack >= stream->next &&
           offset <= MAX(stream->next, bytes_of(ahead, stream->end));
}

static struct ahead_stream *begin_stream(struct ahead *ahead, const struct ftl_request *request)
{
    struct ahead_stream *stream = &ahead->streams[0];
    for (uint32_t i = 1; i < ahead->stream_count; i++)
        if (ahead->streams[i].used < stream->used)
            stream = &ahead->streams[i];
    ahead->begun = MAX(ahead->begun, (uint32_t)(stream - ahead->streams) + 1);
    end_stream(stream);
    *stream = (struct ahead_stream){.next = request->offset, .used = ++ahead->clock,
                                    .window = MAX(request->bytes >> ahead->base->unit_shift, 1u)};
    return stream;
}

// Multiplicative hashing (Knuth, volume 3, section 6.4), by the golden ratio. Who comes later takes the place.
static struct ahead_candidate *candidate_of(struct ahead *ahead, uint64_t offset)
{
    return &ahead->candidates[(offset * UINT64_C(0x9e3779b97f4a7c15)) >> (64 - AHEAD_CANDIDATE_BITS)];
}

// Reads that end with this one and are in sequence.
static uint32_t reads_in_sequence(struct ahead *ahead, const struct ftl_request *request)
{
    struct ahead_candidate *before = candidate_of(ahead, request->offset);
    uint64_t end = request->offset + request->bytes;
    uint32_t reads = before->next == request->offset ? before->reads + 1 : 1;
    *candidate_of(ahead, end) = (struct ahead_candidate){.next = end, .reads = reads};
    return reads;
}

struct ahead_stream *ahead_stream_of(struct ahead *ahead, const struct ftl_request *request)
{
    for (uint32_t i = 0; i < ahead->begun; i++) {
        if (!belongs(ahead, &ahead->streams[i], request->offset))
            continue;
        ahead->streams[i].used = ++ahead->clock;
        return &ahead->streams[i];
    }
    if (likely(reads_in_sequence(ahead, request) < ahead->base->config.read_ahead_after))
        return NULL;
    return begin_stream(ahead, request);
}

// --- the window ---

static bool passed(const struct ahead *ahead, const struct ahead_stream *stream)
{
    const struct ahead_segment *first = container_of(stream->segments.head, struct ahead_segment, link);
    uint64_t end = bytes_of(ahead, end_of(first));
    if (stream->next < end)
        return false;
    return wholly_used(first) || stream->next - end > bytes_of(ahead, stream->window / 2);
}

// A stream that others were read from so many times since its last read may have come to its end.
static bool active(const struct ahead *ahead, const struct ahead_stream *stream)
{
    enum { ACTIVE_READS = 256 };
    return stream->used != 0 && stream->used + ACTIVE_READS > ahead->clock;
}

static uint64_t share(const struct ahead *ahead)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < ahead->stream_count; i++)
        count += active(ahead, &ahead->streams[i]);
    return MIN(ahead->base->config.read_ahead >> ahead->base->unit_shift, ahead->base->memory.limit[MEMORY_AHEAD] / count);
}

static void end_inactive(struct ahead *ahead)
{
    for (uint32_t i = 0; i < ahead->stream_count; i++)
        if (!active(ahead, &ahead->streams[i]))
            end_stream(&ahead->streams[i]);
}

static bool has_room(struct ahead *ahead, uint32_t units)
{
    const struct memory *memory = &ahead->base->memory;
    if (unlikely(memory_room(memory, MEMORY_AHEAD) < units))
        end_inactive(ahead);
    bool has = memory_room(memory, MEMORY_AHEAD) >= units;
    ahead->base->stats.ahead_refused += !has;
    return has;
}

static void read_segment(struct ahead *ahead, struct ahead_stream *stream, const struct map_run *run)
{
    struct ahead_segment *segment = pool_take(&ahead->segments);
    struct page_read *read = page_read_take(ahead->space, run->ppn, NAND_AHEAD, segment, segment_read);
    read->op.units = page_read_bits(read, run->ppn, run->count);
    page_read_issue(read);
    *segment = (struct ahead_segment){.ahead = ahead, .lpn = run->lpn, .ppn = run->ppn, .count = run->count,
                                      .superblock = read->superblock, .pe_cycles = read->pe_cycles};
    list_push(&stream->segments, &segment->link);
    memory_take(&ahead->base->memory, MEMORY_AHEAD, run->count);
    ahead->base->stats.ahead_units += run->count;
}

// The stream's next unit, and with it those that lie beside it. False when there is no room.
static bool read_next(struct ahead *ahead, struct ahead_stream *stream)
{
    struct map_run run = map_find(ahead->map, stream->end, ahead->map->lpns - stream->end);
    bool in_flash = run.ppn != MAP_NOWHERE && buffer_find(ahead->buffer, stream->end) == NONE;
    if (in_flash && !has_room(ahead, run.count))
        return false;
    if (in_flash)
        read_segment(ahead, stream, &run);
    stream->end += run.count;
    return true;
}

static void grow(const struct ahead *ahead, struct ahead_stream *stream, uint64_t first)
{
    if (first < stream->grows)
        return;
    stream->window = MIN(2 * stream->window, share(ahead));
    stream->grows = first + stream->window / 2;
}

// Page by page, or, of a window that is still small, by its half.
static void fill(struct ahead *ahead, struct ahead_stream *stream)
{
    uint64_t first = stream->next >> ahead->base->unit_shift;
    uint64_t page = ahead->base->geometry.units_per_multi_page;
    grow(ahead, stream, first);
    stream->end = MAX(stream->end, first);
    uint64_t target = MIN(first + stream->window, ahead->map->lpns);
    if (stream->end + MIN(page, stream->window / 2) > target)
        return;
    while (stream->end < target && read_next(ahead, stream))
        ;
}

void ahead_advance(struct ahead *ahead, struct ahead_stream *stream, const struct ftl_request *request)
{
    uint64_t end = request->offset + request->bytes;
    if (end <= stream->next)
        return;
    stream->next = end;
    while (!list_empty(&stream->segments) && passed(ahead, stream))
        give_up_first(stream);
    fill(ahead, stream);
}
