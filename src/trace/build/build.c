// Requests from events.
//
// A request is made of each 'D' event, what the driver was given: after merging, splitting and the flush machinery,
// the drive's real load; or of each 'Q' event, what was queued above. Its recorded latency ends with the 'C' events
// that cover it (trace/build/pending.h).
//
//     categories of the event          requests
//     PC (passthrough)                 none; counted. Commands such as nvme-cli's carry no address
//     zone commands                    none; counted
//     FLUSH, no bytes                  flush
//     FLUSH, bytes                     the transfer, with a preflush
//     DISCARD                          trim, of one range or of several (trace/build/discards.h)
//     WRITE_ZEROES (version 8 only)    write_zeroes
//     WRITE, READ                      write, read
//     no bytes otherwise               none; counted
//
// Version 7 of blktrace has no category for write-zeroes: such a request stands there as a WRITE, larger than the
// device's limit on transfers, and is replayed as one.
//
// The device answers a flush once, and the kernel records two completions: that of its own flush request ('FN', the
// device's) and that of the bio (a WRITE of no bytes). A 'D' flush ends with the first, a 'Q' flush with the second.
// Linux makes up to three steps of a queued write with a preflush or FUA: flush, data, and another flush where the
// device has no FUA (block/blk-flush.c). Its data complete, and then the bio does: a WRITE of no bytes at its sector.
//
// Requests are given in order of time, each once its completion was read, so that those under way are in memory, and
// those behind one whose completion was lost: at most a window of them. One that is given without its completion has
// none any more.
//
// A requeue ('R') undoes the 'D' before it: the driver gave the request back and issues it again later. Where the 'R'
// is not in the recording, another 'D' of the same range tells, if no other request for it was queued since; where
// nothing of the queue is recorded either, if the first has no completion, the second has one, and both are near in
// time.
#include "trace/build/build_internal.h"

#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"
#include "util/macros.h"

// Simulated time is in picoseconds, 64 bits.
static const uint64_t time_limit_ns = UINT64_MAX / 1000;
static const uint64_t sector_limit = (UINT64_C(1) << 63) / BLKTRACE_SECTOR_BYTES;

// ---- keys --------------------------------------------------------------------------------------------------------

static enum pending_class class_of(const struct trace_event *event)
{
    if (trace_event_is(event, BLKTRACE_IS_ZONE))
        return PENDING_ZONE;
    if (trace_event_is(event, BLKTRACE_IS_DISCARD))
        return PENDING_DISCARD;
    return trace_event_is(event, BLKTRACE_IS_WRITE) ? PENDING_WRITE : PENDING_READ;
}

static struct pending_key key_of(const struct trace_event *event)
{
    return (struct pending_key){.sector = event->sector, .device = event->device, .class = class_of(event)};
}

static struct pending_key flush_key(const struct trace_event *event)
{
    return (struct pending_key){.device = event->device, .class = PENDING_FLUSH};
}

static struct discard_place place_of(const struct trace_event *event)
{
    return (struct discard_place){.sector = event->sector, .device = event->device};
}

static uint64_t sectors_of(const struct trace_event *event)
{
    return event->bytes / BLKTRACE_SECTOR_BYTES;
}

// ---- new requests ------------------------------------------------------------------------------------------------

// NULL where it is in memory no more.
static struct draft *draft_at(struct builder *b, uint64_t request)
{
    return request < b->first ? NULL : &b->drafts[request & (b->capacity - 1)];
}

static struct draft *last_draft(struct builder *b)
{
    return draft_at(b, b->count - 1);
}

static void grow(struct builder *b)
{
    uint64_t capacity = MAX(2 * b->capacity, UINT64_C(64));
    struct draft *drafts = xcalloc(capacity, sizeof *drafts);
    for (uint64_t i = b->first; i < b->count; i++)
        drafts[i & (capacity - 1)] = *draft_at(b, i);
    free(b->drafts);
    b->drafts = drafts;
    b->capacity = capacity;
}

static void append(struct builder *b, const struct trace_event *event, enum io_kind kind)
{
    bool flush = kind == IO_FLUSH;
    if (b->count - b->first == b->capacity)
        grow(b);
    struct draft *draft = draft_at(b, b->count++);
    *draft = (struct draft){.device = event->device, .parts = 1, .reissue = NONE, .whole = event->whole};
    draft->request = (struct trace_request){
        .time_ns = event->time_ns,
        .offset = flush ? 0 : event->sector * BLKTRACE_SECTOR_BYTES,
        .bytes = flush ? 0 : event->bytes,
        .latency_ns = TRACE_LATENCY_UNKNOWN,
        .kind = kind,
        .cpu = event->cpu,
        .device = event->device,
        .pid = event->pid,
        .fua = !flush && trace_event_is(event, BLKTRACE_IS_FUA),
        .preflush = !flush && trace_event_is(event, BLKTRACE_IS_FLUSH),
        .sync = trace_event_is(event, BLKTRACE_IS_SYNC),
        .meta = trace_event_is(event, BLKTRACE_IS_META),
        .ahead = trace_event_is(event, BLKTRACE_IS_AHEAD),
    };
}

static void forget_old(struct builder *b)
{
    pending_forget_before(&b->pending, b->first);
    b->sweep_at = 2 * MAX((uint64_t)pending_size(&b->pending), b->window);
}

static void start(struct builder *b, const struct trace_event *event, struct pending_key key, uint64_t sectors)
{
    if (event->whole)
        return;
    if (pending_size(&b->pending) >= b->sweep_at)
        forget_old(b);
    if (!pending_was_early(&b->pending, key, b->count - 1, sectors, event->time_ns, event->cpu))
        pending_add(&b->pending, key, b->count - 1, sectors, event->time_ns);
}

static enum io_kind transfer_kind(const struct trace_event *event)
{
    if (trace_event_is(event, BLKTRACE_IS_DISCARD))
        return IO_TRIM;
    if (trace_event_is(event, BLKTRACE_IS_WRITE_ZEROES))
        return IO_WRITE_ZEROES;
    return trace_event_is(event, BLKTRACE_IS_WRITE) ? IO_WRITE : IO_READ;
}

// The request went back to the queue, and with it what it was made of.
static void give_back(struct builder *b, const struct trace_event *event, struct pending_key key)
{
    uint64_t request = pending_take(&b->pending, key);
    struct draft *draft = request == NONE ? NULL : draft_at(b, request);
    if (draft == NULL)
        return;
    draft->parts = VOID;
    b->info.requeued++;
    queuers_note(&b->queuers, key, draft->request.pid);
    if (key.class != PENDING_DISCARD || draft->ranges != NULL)
        return;
    discards_queue(&b->discards, place_of(event), draft->request.bytes / BLKTRACE_SECTOR_BYTES, event->pid);
    discards_lead(&b->discards, place_of(event), true);
}

// A 'D' where the same range is still under way: the same request again, or another one.
static void look_for_reissue(struct builder *b, const struct trace_event *event, uint64_t sectors)
{
    const struct pending_node *before = pending_newest(&b->pending, key_of(event));
    if (before == NULL || before->sectors != sectors || event->time_ns > before->time_ns + PENDING_FORGET_NS)
        return;
    struct draft *draft = draft_at(b, before->request);
    if (!build_device(b, event->device)->queued && draft != NULL)
        draft->reissue = b->count;
    else if (!before->queued_anew)
        give_back(b, event, key_of(event));
}

static void keep_ranges(struct draft *draft, const struct discard_request *merged)
{
    draft->range_count = merged->count;
    draft->ranges = xmalloc(merged->count * sizeof *draft->ranges);
    memcpy(draft->ranges, merged->ranges, merged->count * sizeof *draft->ranges);
}

static void follow_discard(struct builder *b, const struct trace_event *event, uint64_t sectors)
{
    enum discards_answer answer = discards_issue(&b->discards, place_of(event), sectors);
    last_draft(b)->unfollowed = answer == DISCARDS_UNKNOWN;
    if (answer == DISCARDS_SEVERAL)
        keep_ranges(last_draft(b), discards_find(&b->discards, place_of(event), sectors));
}

static int add_transfer(struct builder *b, const struct trace_event *event)
{
    uint64_t sectors = sectors_of(event);
    if (event->sector > sector_limit || sectors > sector_limit - event->sector)
        return trace_events_fault(b->events, event, "absurd range: sector %llu + %llu",
                                  (unsigned long long)event->sector, (unsigned long long)sectors);
    if (event->bytes % BLKTRACE_SECTOR_BYTES != 0)
        return trace_events_fault(b->events, event, "%llu bytes are no whole number of sectors",
                                  (unsigned long long)event->bytes);
    if (b->action == BLKTRACE_ISSUE && !event->whole)
        look_for_reissue(b, event, sectors);
    append(b, event, transfer_kind(event));
    if (b->action == BLKTRACE_ISSUE && !event->whole && class_of(event) == PENDING_DISCARD)
        follow_discard(b, event, sectors);
    start(b, event, key_of(event), sectors);
    return 0;
}

static int add_request(struct builder *b, const struct trace_event *event)
{
    if (trace_event_is(event, BLKTRACE_IS_ZONE) || (event->bytes == 0 && !trace_event_is(event, BLKTRACE_IS_FLUSH))) {
        b->info.unsupported++;
        return 0;
    }
    if (event->bytes != 0)
        return add_transfer(b, event);
    append(b, event, IO_FLUSH);
    start(b, event, flush_key(event), 0);
    return 0;
}

// ---- whole requests ----------------------------------------------------------------------------------------------

static bool has_room(const struct draft *draft, uint64_t more)
{
    return draft->request.bytes <= INT64_MAX - more && draft->range_count < DISCARDS_RANGES_MAX;
}

static void add_range(struct draft *draft, struct io_range range)
{
    draft->ranges = xgrow(draft->ranges, draft->range_count, sizeof *draft->ranges);
    draft->ranges[draft->range_count++] = range;
}

// A further range of the trim that was begun.
static void extend_trim(struct draft *draft, const struct trace_request *range)
{
    struct trace_request *request = &draft->request;
    if (draft->range_count == 0)
        add_range(draft, (struct io_range){request->offset, request->bytes});
    add_range(draft, (struct io_range){range->offset, range->bytes});
    request->bytes += range->bytes;
}

// What was begun by the event before is finished by this one: a preflush by its transfer, a trim by another range.
// False where the two are no such thing.
static bool join_whole(struct draft *draft, const struct trace_request *last)
{
    struct trace_request *request = &draft->request;
    if (request->kind == IO_TRIM && last->kind == IO_TRIM && has_room(draft, last->bytes))
        extend_trim(draft, last);
    else if (request->kind == IO_FLUSH && last->bytes != 0) {
        *request = *last;
        request->preflush = true;
    } else
        return false;
    request->latency_ns = last->latency_ns;
    return true;
}

static int add_whole(struct builder *b, const struct trace_event *event)
{
    bool joins = b->more;
    uint64_t count = b->count;
    build_device(b, event->device)->issues++;
    b->more = event->more;
    if (add_request(b, event) < 0)
        return -1;
    if (b->count == count)
        return 0;
    struct trace_request *request = &last_draft(b)->request;
    struct draft *before = joins && count > 0 ? draft_at(b, count - 1) : NULL;
    request->latency_ns = event->latency_ns;
    if (event->latency_ns != TRACE_LATENCY_UNKNOWN)
        b->info.duration_ns = MAX(b->info.duration_ns, event->time_ns + event->latency_ns);
    b->count -= before != NULL && join_whole(before, request);
    return 0;
}

// ---- completions -------------------------------------------------------------------------------------------------

// The bio of the write may complete later, and its latency with it.
static void await_steps(struct builder *b, uint64_t request)
{
    struct draft *draft = draft_at(b, request), *before;
    uint64_t *last = pair_map_get(&b->in_steps, draft->request.offset, draft->device, request);
    before = draft_at(b, *last);
    if (before != NULL)
        before->in_steps = false;
    *last = request;
    draft->in_steps = true;
}

static void end_part(void *context, uint64_t request, bool shared)
{
    struct builder *b = context;
    struct draft *draft = draft_at(b, request);
    if (draft == NULL)
        return;
    draft->shared |= shared;
    if (--draft->parts != 0)
        return;
    draft->request.latency_ns = b->now_ns - draft->request.time_ns;
    if (b->action == BLKTRACE_QUEUE && (draft->request.preflush || draft->request.fua))
        await_steps(b, request);
}

static void end_transfer(struct builder *b, const struct trace_event *event, struct pending_key key, uint64_t sectors)
{
    if (pending_complete(&b->pending, key, sectors, end_part, b))
        return;
    uint64_t request = pending_deny_early(&b->pending, key, sectors, event->time_ns);
    if (request != NONE)
        end_part(b, request, true);
    else
        pending_note_early(&b->pending, (struct pending_early){
            .key = key, .sectors = sectors, .time_ns = event->time_ns, .cpu = event->cpu});
}

static void end_discards(struct builder *b, const struct trace_event *event, const struct discard_request *merged)
{
    for (uint32_t i = 0; i < merged->count; i++) {
        const struct io_range *range = &merged->ranges[i];
        struct pending_key key = key_of(event);
        key.sector = range->offset / BLKTRACE_SECTOR_BYTES;
        end_transfer(b, event, key, range->bytes / BLKTRACE_SECTOR_BYTES);
    }
}

// The bio of a write in several steps is complete: its data were before.
static bool end_steps(struct builder *b, const struct trace_event *event)
{
    uint64_t offset = event->sector * BLKTRACE_SECTOR_BYTES;
    const uint64_t *found = pair_map_find(&b->in_steps, offset, event->device);
    if (found == NULL)
        return false;
    struct draft *draft = draft_at(b, *found);
    if (draft != NULL) {
        draft->request.latency_ns = event->time_ns - draft->request.time_ns;
        draft->in_steps = false;
    }
    pair_map_remove(&b->in_steps, offset, event->device);
    return true;
}

static void end_flush(struct builder *b, const struct trace_event *event)
{
    uint64_t ends_flush = b->action == BLKTRACE_ISSUE ? BLKTRACE_IS_FLUSH : BLKTRACE_IS_WRITE;
    if (trace_event_is(event, ends_flush) && !end_steps(b, event))
        end_transfer(b, event, flush_key(event), 0);
}

// ---- events by action --------------------------------------------------------------------------------------------

// Another request for the place is on its way: an equal issue will be its own.
static void note_queued(struct builder *b, const struct trace_event *event, uint64_t sector)
{
    struct pending_key key = key_of(event);
    key.sector = sector;
    if (b->action != BLKTRACE_ISSUE)
        return;
    queuers_note(&b->queuers, key, event->pid);
    if (trace_event_is(event, BLKTRACE_IS_FLUSH))
        queuers_note(&b->queuers, flush_key(event), event->pid);
    struct pending_node *node = pending_newest(&b->pending, key);
    if (node != NULL)
        node->queued_anew = true;
}

static int on_queue(struct builder *b, const struct trace_event *event)
{
    build_device(b, event->device)->queued = true;
    note_queued(b, event, event->sector);
    if (class_of(event) == PENDING_DISCARD)
        discards_queue(&b->discards, place_of(event), sectors_of(event), event->pid);
    return b->action == BLKTRACE_QUEUE ? add_request(b, event) : 0;
}

static int on_getrq(struct builder *b, const struct trace_event *event)
{
    build_device(b, event->device)->queued = true;
    note_queued(b, event, event->sector);
    if (class_of(event) == PENDING_DISCARD)
        discards_lead(&b->discards, place_of(event), true);
    return 0;
}

static int on_merge(struct builder *b, const struct trace_event *event)
{
    if (class_of(event) == PENDING_DISCARD)
        discards_lead(&b->discards, place_of(event), false);
    return 0;
}

// Whoever issues it, it is of the process that queued it.
static int issue_request(struct builder *b, const struct trace_event *event)
{
    uint64_t count = b->count;
    int result = add_request(b, event);
    struct pending_key key = event->bytes == 0 ? flush_key(event) : key_of(event);
    if (b->count != count)
        last_draft(b)->request.pid = queuers_take(&b->queuers, key, event->pid);
    return result;
}

static int on_issue(struct builder *b, const struct trace_event *event)
{
    build_device(b, event->device)->issues++;
    if (b->action == BLKTRACE_ISSUE)
        return issue_request(b, event);
    if (class_of(event) == PENDING_DISCARD)
        discards_issue(&b->discards, place_of(event), sectors_of(event));
    return 0;
}

static int on_complete(struct builder *b, const struct trace_event *event)
{
    uint64_t sectors = sectors_of(event);
    const struct discard_request *merged = NULL;
    b->now_ns = event->time_ns;
    if (event->bytes == 0) {
        end_flush(b, event);
        return 0;
    }
    if (b->action == BLKTRACE_QUEUE && class_of(event) == PENDING_DISCARD)
        merged = discards_find(&b->discards, place_of(event), sectors);
    if (merged != NULL)
        end_discards(b, event, merged);
    else if (sectors != 0)
        end_transfer(b, event, key_of(event), sectors);
    return 0;
}

static int on_requeue(struct builder *b, const struct trace_event *event)
{
    if (b->action == BLKTRACE_ISSUE)
        give_back(b, event, event->bytes == 0 ? flush_key(event) : key_of(event));
    return 0;
}

static int on_split(struct builder *b, const struct trace_event *event)
{
    if (class_of(event) == PENDING_DISCARD)
        discards_split(&b->discards, place_of(event), event->value);
    note_queued(b, event, event->value);
    if (b->action != BLKTRACE_QUEUE)
        return 0;
    uint64_t request = pending_split(&b->pending, key_of(event), event->value);
    struct draft *draft = request == NONE ? NULL : draft_at(b, request);
    if (draft != NULL)
        draft->parts++;
    return 0;
}

static int on_remap(struct builder *b, const struct trace_event *event)
{
    if (event->from_device != event->device)
        build_device(b, event->from_device)->remapped = true;
    note_queued(b, event, event->sector);
    return 0;
}

static void count_event(struct builder *b, const struct trace_event *event)
{
    static const char letters[] = {0, 'Q', 'M', 'F', 'G', 'S', 'R', 'D', 'C', 'P', 'U', 'T', 'I', 'X', 'B', 'A'};
    unsigned action = trace_event_action(event);
    char letter = trace_event_is_message(event) ? 'm' : action < ARRAY_SIZE(letters) ? letters[action] : 0;
    b->info.events++;
    b->info.events_by_action[(unsigned char)letter]++;
    b->info.duration_ns = MAX(b->info.duration_ns, event->time_ns);
}

static void tell_plug(void *context, uint64_t request, unsigned fate)
{
    struct draft *draft = draft_at(context, request);
    if (draft == NULL)
        return;
    draft->request.plugged |= (fate & PLUG_HELD) != 0;
    draft->request.unplug_end |= (fate & PLUG_ENDS) != 0;
    draft->request.unplug_sleep |= (fate & PLUG_SLEEPS) != 0;
    draft->request.slept_first |= (fate & PLUG_SLEPT) != 0;
    draft->open_plug = (draft->open_plug || (fate & PLUG_OPEN) != 0) &&
                       (fate & (PLUG_CLOSED | PLUG_ENDS | PLUG_SLEEPS)) == 0;
}

static void note_plug(struct builder *b, const struct trace_event *event, bool added)
{
    unsigned action = trace_event_action(event);
    bool past = trace_event_is(event, BLKTRACE_IS_FLUSH | BLKTRACE_IS_FUA) && action != BLKTRACE_QUEUE;
    if (!past && (action != BLKTRACE_QUEUE || added))
        plugs_note(&b->plugs, event->pid, event->device, action, b->count - 1, tell_plug, b);
}

static int handle_request(struct builder *b, const struct trace_event *event)
{
    static int (*const handlers[BLKTRACE_ACTION_COUNT])(struct builder *, const struct trace_event *) = {
        [BLKTRACE_QUEUE] = on_queue,     [BLKTRACE_GETRQ] = on_getrq,       [BLKTRACE_BACKMERGE] = on_merge,
        [BLKTRACE_FRONTMERGE] = on_merge, [BLKTRACE_ISSUE] = on_issue,      [BLKTRACE_COMPLETE] = on_complete,
        [BLKTRACE_REQUEUE] = on_requeue, [BLKTRACE_SPLIT] = on_split,       [BLKTRACE_REMAP] = on_remap,
    };
    unsigned action = trace_event_action(event);
    uint64_t count = b->count;
    int result = action >= ARRAY_SIZE(handlers) || handlers[action] == NULL ? 0 : handlers[action](b, event);
    if (b->action == BLKTRACE_QUEUE)
        note_plug(b, event, b->count != count);
    return result;
}

static int handle_event(struct builder *b, const struct trace_event *event)
{
    bool message = trace_event_is_message(event);
    if (!message)
        sequences_note(&b->sequences, event);
    if (event->time_ns > time_limit_ns)
        return trace_events_fault(b->events, event, "absurd time: %llu ns after the first event",
                                  (unsigned long long)event->time_ns);
    if (event->whole && event->latency_ns != TRACE_LATENCY_UNKNOWN && event->latency_ns > time_limit_ns)
        return trace_events_fault(b->events, event, "absurd latency: %llu ns", (unsigned long long)event->latency_ns);
    count_event(b, event);
    if (message)
        return 0;
    if (event->whole)
        return add_whole(b, event);
    if (!trace_event_is(event, BLKTRACE_IS_PC))
        return handle_request(b, event);
    // A passthrough request has no 'Q': its 'D' is what there is of it.
    b->info.passthrough += trace_event_action(event) == BLKTRACE_ISSUE;
    return 0;
}

// ---- requests that are given -------------------------------------------------------------------------------------

// Whether nothing more can be learned of it.
static bool is_settled(const struct builder *b, const struct draft *draft)
{
    if (draft->parts == VOID)
        return true;
    if (draft->whole)
        return !b->more || b->first + 1 < b->count;
    return draft->parts == 0 && !draft->in_steps && !(draft->open_plug && draft->request.plugged);
}

static bool is_known(const struct draft *draft)
{
    return draft->parts == VOID || draft->request.latency_ns != TRACE_LATENCY_UNKNOWN;
}

// Re-issues that nothing tells: of a request issued three times the first two are void.
static bool was_reissued(struct builder *b, const struct draft *draft)
{
    while (!is_known(draft) && draft->reissue != NONE) {
        draft = draft_at(b, draft->reissue);
        if (is_known(draft))
            return true;
    }
    return false;
}

// What completes a write in steps from now on is not its bio.
static void leave_steps(struct builder *b, const struct draft *draft)
{
    const uint64_t *last = pair_map_find(&b->in_steps, draft->request.offset, draft->device);
    if (draft->in_steps && last != NULL && *last == b->first)
        pair_map_remove(&b->in_steps, draft->request.offset, draft->device);
}

// Moves the first request to `given`; returns whether it is one.
static bool take_first(struct builder *b)
{
    struct draft *draft = draft_at(b, b->first);
    bool reissued = was_reissued(b, draft);
    if (reissued)
        draft_at(b, draft->reissue)->shared = false;
    leave_steps(b, draft);
    b->info.requeued += reissued;
    b->first++;
    free(b->given.ranges);
    b->given = *draft;
    b->given.request.unplug_end |= draft->open_plug && draft->request.plugged; // the recording is at its end
    b->given.request.ranges = b->given.ranges;
    b->given.request.range_count = b->given.range_count;
    return draft->parts != VOID && !reissued;
}

static bool is_due(struct builder *b)
{
    return b->first != b->count &&
           (b->ended || b->count - b->first >= b->window || is_settled(b, draft_at(b, b->first)));
}

static int read_event(struct builder *b)
{
    struct trace_event event;
    int result = trace_next_event(b->events, &event);
    b->ended = result == 0;
    return result > 0 ? handle_event(b, &event) : result;
}

int build_next_draft(struct builder *b, const struct draft **draft)
{
    *draft = &b->given;
    for (;;) {
        while (is_due(b))
            if (take_first(b))
                return 1;
        if (b->ended)
            return 0;
        if (read_event(b) < 0)
            return -1;
    }
}

int build_next(struct builder *b, const uint32_t *device, struct trace_request *request)
{
    const struct draft *draft;
    int result;
    while ((result = build_next_draft(b, &draft)) > 0 && device != NULL && draft->device != *device)
        continue;
    *request = draft->request;
    return result;
}

struct builder *build_begin(struct trace_events *events, unsigned action, uint64_t window)
{
    struct builder *b = xcalloc(1, sizeof *b);
    b->events = events;
    b->action = action;
    b->window = window;
    b->sweep_at = 2 * window;
    pending_init(&b->pending);
    discards_init(&b->discards);
    plugs_init(&b->plugs);
    sequences_init(&b->sequences);
    pair_map_init(&b->in_steps);
    pair_map_init(&b->device_index);
    return b;
}

void build_end(struct builder *b)
{
    if (b == NULL)
        return;
    for (; b->first < b->count; b->first++)
        free(draft_at(b, b->first)->ranges);
    pending_destroy(&b->pending);
    discards_destroy(&b->discards);
    plugs_destroy(&b->plugs);
    queuers_destroy(&b->queuers);
    sequences_destroy(&b->sequences);
    pair_map_destroy(&b->in_steps);
    pair_map_destroy(&b->device_index);
    for (uint64_t i = 0; i < b->device_count; i++)
        free(b->devices[i].counts.cpus);
    free(b->given.ranges);
    free(b->devices);
    free(b->drafts);
    free(b);
}
