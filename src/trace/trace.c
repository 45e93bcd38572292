// Requests from events.
//
// A request is made of each 'D' event, what the driver was given: after merging, splitting and the flush machinery,
// the drive's real load; or of each 'Q' event, what was queued above. Its recorded latency ends with the 'C' events
// that cover it (trace/pending.h).
//
//     categories of the event          requests
//     PC (passthrough)                 none; counted. Commands such as nvme-cli's carry no address
//     zone commands                    none; counted
//     FLUSH, no bytes                  flush
//     FLUSH, bytes                     flush, then the transfer: a preflush
//     DISCARD                          trim
//     WRITE_ZEROES (version 8 only)    write_zeroes
//     WRITE, READ                      write, read
//     no bytes otherwise               none; counted
//
// Version 7 of blktrace has no category for write-zeroes: such a request stands there as a WRITE, larger than the
// device's limit on transfers, and is replayed as one.
//
// The device answers a flush once, and the kernel records two completions: that of its own flush request ('FN', the
// device's) and that of the bio (a WRITE of no bytes). A 'D' flush ends with the first, a 'Q' flush with the second.
//
// A requeue ('R') undoes the 'D' before it: the driver gave the request back and issues it again later. A remap ('A')
// needs nothing: the kernel records it before the 'Q' of the device that it led to. Where the requests of a recording
// went to several devices, those of one are replayed, with a warning: the one with most 'D' events, since a stacked
// device (dm, md) has none, else the one with most requests.
#include "trace/trace.h"

#include <stdlib.h>
#include <string.h>

#include "trace/input.h"
#include "trace/pending.h"
#include "trace/trace_event.h"
#include "trace/trace_internal.h"
#include "util/alloc.h"

// Simulated time is in picoseconds, 64 bits.
static const uint64_t time_limit_ns = UINT64_MAX / 1000;
static const uint64_t sector_limit = (UINT64_C(1) << 63) / BLKTRACE_SECTOR_BYTES;

enum { VOID = UINT32_MAX };

// What is known of a request until all is read.
struct draft {
    uint32_t device;
    uint32_t parts; // not completed; VOID: given back to the kernel
};

struct device {
    uint32_t number;
    uint64_t issues;
    uint64_t requests;
};

struct sequence {
    uint32_t first, last;
    uint64_t count;
};

struct trace {
    struct trace_info info;
    char *path;
    struct trace_request *requests;
};

struct builder {
    struct diag *diag;
    struct trace_events *events;
    struct trace_info *info;
    unsigned action; // BLKTRACE_ISSUE or BLKTRACE_QUEUE
    uint64_t now_ns;
    struct trace_request *requests;
    struct draft *drafts;
    uint64_t count, capacity;
    struct pending pending;
    struct device *devices;
    uint64_t device_count;
    struct pair_map device_index;
    struct sequence *sequences; // one for each pair of CPU and device
    uint64_t sequence_count;
    struct pair_map sequence_index;
};

// ---- bookkeeping of every event ----------------------------------------------------------------------------------

// Doubles the array when `count` has reached a power of two; for arrays that start empty.
static void *grow(void *array, uint64_t count, size_t element)
{
    if ((count & (count - 1)) != 0)
        return array;
    return xrealloc(array, (count == 0 ? 1 : 2 * count) * element);
}

static struct device *find_device(struct builder *b, uint32_t number)
{
    if (b->device_count > 0 && b->devices[b->device_count - 1].number == number)
        return &b->devices[b->device_count - 1];
    uint64_t index = *pair_map_get(&b->device_index, number, 0, b->device_count);
    if (index == b->device_count) {
        b->devices = grow(b->devices, b->device_count, sizeof *b->devices);
        b->devices[b->device_count++] = (struct device){.number = number};
    }
    return &b->devices[index];
}

static void note_sequence(struct builder *b, const struct trace_event *event)
{
    uint64_t index = *pair_map_get(&b->sequence_index, event->cpu, event->device, b->sequence_count);
    if (index == b->sequence_count) {
        b->sequences = grow(b->sequences, b->sequence_count, sizeof *b->sequences);
        b->sequences[b->sequence_count++] = (struct sequence){event->sequence, event->sequence, 0};
    }
    struct sequence *s = &b->sequences[index];
    s->first = MIN(s->first, event->sequence);
    s->last = MAX(s->last, event->sequence);
    s->count++;
}

static uint64_t count_lost(const struct builder *b)
{
    uint64_t lost = 0;
    for (uint64_t i = 0; i < b->sequence_count; i++) {
        uint64_t span = (uint64_t)b->sequences[i].last - b->sequences[i].first + 1;
        lost += span > b->sequences[i].count ? span - b->sequences[i].count : 0;
    }
    return lost;
}

static void count_event(struct builder *b, const struct trace_event *event)
{
    static const char letters[] = {0, 'Q', 'M', 'F', 'G', 'S', 'R', 'D', 'C', 'P', 'U', 'T', 'I', 'X', 'B', 'A'};
    unsigned action = trace_event_action(event);
    char letter = trace_event_is_message(event) ? 'm' : action < ARRAY_SIZE(letters) ? letters[action] : 0;
    b->info->events++;
    b->info->events_by_action[(unsigned char)letter]++;
    b->info->cpus = MAX(b->info->cpus, event->cpu + 1);
    b->info->duration_ns = MAX(b->info->duration_ns, event->time_ns);
}

// ---- requests ----------------------------------------------------------------------------------------------------

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

static void append(struct builder *b, const struct trace_event *event, enum io_kind kind)
{
    if (b->count == b->capacity) {
        b->capacity = b->capacity == 0 ? 1024 : 2 * b->capacity;
        b->requests = xrealloc(b->requests, b->capacity * sizeof *b->requests);
        b->drafts = xrealloc(b->drafts, b->capacity * sizeof *b->drafts);
    }
    bool flush = kind == IO_FLUSH;
    b->drafts[b->count] = (struct draft){.device = event->device, .parts = 1};
    b->requests[b->count++] = (struct trace_request){
        .time_ns = event->time_ns,
        .offset = flush ? 0 : event->sector * BLKTRACE_SECTOR_BYTES,
        .bytes = flush ? 0 : event->bytes,
        .latency_ns = TRACE_LATENCY_UNKNOWN,
        .kind = kind,
        .cpu = event->cpu,
        .fua = !flush && trace_event_is(event, BLKTRACE_IS_FUA),
        .sync = trace_event_is(event, BLKTRACE_IS_SYNC),
        .meta = trace_event_is(event, BLKTRACE_IS_META),
        .ahead = trace_event_is(event, BLKTRACE_IS_AHEAD),
    };
}

static enum io_kind transfer_kind(const struct trace_event *event)
{
    if (trace_event_is(event, BLKTRACE_IS_DISCARD))
        return IO_TRIM;
    if (trace_event_is(event, BLKTRACE_IS_WRITE_ZEROES))
        return IO_WRITE_ZEROES;
    return trace_event_is(event, BLKTRACE_IS_WRITE) ? IO_WRITE : IO_READ;
}

static int add_transfer(struct builder *b, const struct trace_event *event)
{
    uint64_t sectors = event->bytes / BLKTRACE_SECTOR_BYTES;
    if (event->sector > sector_limit || sectors > sector_limit - event->sector)
        return trace_events_fault(b->events, event, "absurd range: sector %llu + %llu",
                                  (unsigned long long)event->sector, (unsigned long long)sectors);
    if (event->bytes % BLKTRACE_SECTOR_BYTES != 0)
        return trace_events_fault(b->events, event, "%llu bytes are no whole number of sectors",
                                  (unsigned long long)event->bytes);
    if (trace_event_is(event, BLKTRACE_IS_FLUSH))
        append(b, event, IO_FLUSH);
    append(b, event, transfer_kind(event));
    pending_add(&b->pending, key_of(event), b->count - 1, sectors);
    return 0;
}

static int add_request(struct builder *b, const struct trace_event *event)
{
    if (trace_event_is(event, BLKTRACE_IS_ZONE) || (event->bytes == 0 && !trace_event_is(event, BLKTRACE_IS_FLUSH))) {
        b->info->unsupported++;
        return 0;
    }
    if (event->bytes != 0)
        return add_transfer(b, event);
    append(b, event, IO_FLUSH);
    pending_add(&b->pending, flush_key(event), b->count - 1, 0);
    return 0;
}

static void end_part(void *context, uint64_t request)
{
    struct builder *b = context;
    if (--b->drafts[request].parts == 0)
        b->requests[request].latency_ns = b->now_ns - b->requests[request].time_ns;
}

static void complete(struct builder *b, const struct trace_event *event)
{
    uint64_t sectors = event->bytes / BLKTRACE_SECTOR_BYTES;
    b->now_ns = event->time_ns;
    if (event->bytes != 0) {
        if (sectors != 0)
            pending_complete(&b->pending, key_of(event), sectors, end_part, b);
        return;
    }
    uint64_t ends_flush = b->action == BLKTRACE_ISSUE ? BLKTRACE_IS_FLUSH : BLKTRACE_IS_WRITE;
    if (trace_event_is(event, ends_flush))
        pending_complete(&b->pending, flush_key(event), 0, end_part, b);
}

static void requeue(struct builder *b, const struct trace_event *event)
{
    uint64_t request = pending_take(&b->pending, event->bytes == 0 ? flush_key(event) : key_of(event));
    if (request == PAIR_MAP_ABSENT)
        return;
    b->drafts[request].parts = VOID;
    b->info->requeued++;
}

static void split(struct builder *b, const struct trace_event *event)
{
    uint64_t request = pending_split(&b->pending, key_of(event), event->value);
    if (request != PAIR_MAP_ABSENT)
        b->drafts[request].parts++;
}

static int handle_request(struct builder *b, const struct trace_event *event)
{
    unsigned action = trace_event_action(event);
    struct device *device = find_device(b, event->device);
    device->issues += action == BLKTRACE_ISSUE;
    if (action == b->action)
        return add_request(b, event);
    if (action == BLKTRACE_COMPLETE)
        complete(b, event);
    else if (action == BLKTRACE_REQUEUE && b->action == BLKTRACE_ISSUE)
        requeue(b, event);
    else if (action == BLKTRACE_SPLIT && b->action == BLKTRACE_QUEUE)
        split(b, event);
    return 0;
}

static int handle_event(struct builder *b, const struct trace_event *event)
{
    if (event->time_ns > time_limit_ns)
        return trace_events_fault(b->events, event, "absurd time: %llu ns after the first event",
                                  (unsigned long long)event->time_ns);
    count_event(b, event);
    if (trace_event_is_message(event))
        return 0;
    note_sequence(b, event);
    if (!trace_event_is(event, BLKTRACE_IS_PC))
        return handle_request(b, event);
    // A passthrough request has no 'Q': its 'D' is what there is of it.
    b->info->passthrough += trace_event_action(event) == BLKTRACE_ISSUE;
    return 0;
}

static int read_events(struct builder *b)
{
    struct trace_event event;
    int result;
    while ((result = trace_next_event(b->events, &event)) > 0)
        if (handle_event(b, &event) < 0)
            return -1;
    return result;
}

// ---- one device, no void requests --------------------------------------------------------------------------------

static bool is_better(const struct device *a, const struct device *b)
{
    if (a->issues != b->issues)
        return a->issues > b->issues;
    return a->requests != b->requests ? a->requests > b->requests : a->number < b->number;
}

static void choose_device(struct builder *b)
{
    const struct device *best = NULL;
    uint64_t devices = 0;
    for (uint64_t i = 0; i < b->count; i++)
        find_device(b, b->drafts[i].device)->requests += b->drafts[i].parts != VOID;
    for (uint64_t i = 0; i < b->device_count; i++) {
        if (b->devices[i].requests == 0)
            continue;
        devices++;
        if (best == NULL || is_better(&b->devices[i], best))
            best = &b->devices[i];
    }
    if (best == NULL)
        return;
    b->info->device = best->number;
    if (devices > 1)
        diag_warning(b->diag, (struct place){.file = b->info->path},
                     "requests to %llu devices; only those to %u,%u are replayed", (unsigned long long)devices,
                     best->number >> BLKTRACE_MINOR_BITS, best->number & ((1u << BLKTRACE_MINOR_BITS) - 1));
}

static void count_request(struct trace_info *info, const struct trace_request *request)
{
    enum io_kind kind = io_kind_with_fua(request->kind, request->fua);
    info->requests++;
    info->by_kind[kind]++;
    info->bytes_by_kind[kind] += request->bytes;
    info->completed += request->latency_ns != TRACE_LATENCY_UNKNOWN;
    info->end_offset = MAX(info->end_offset, request->offset + request->bytes);
}

static void keep_requests(struct builder *b)
{
    for (uint64_t i = 0; i < b->count; i++) {
        if (b->drafts[i].parts == VOID)
            continue;
        if (b->drafts[i].device != b->info->device) {
            b->info->other_devices++;
            continue;
        }
        b->requests[b->info->requests] = b->requests[i];
        count_request(b->info, &b->requests[b->info->requests]);
    }
}

// ---- opening -----------------------------------------------------------------------------------------------------

static int finish(struct builder *b)
{
    struct place place = {.file = b->info->path};
    choose_device(b);
    keep_requests(b);
    b->info->lost = count_lost(b);
    b->info->skipped = trace_events_skipped(b->events);
    if (b->info->skipped != 0)
        diag_warning(b->diag, place, "%llu malformed records or lines skipped",
                     (unsigned long long)b->info->skipped);
    if (b->info->lost != 0)
        diag_warning(b->diag, place, "the recorder lost %llu events", (unsigned long long)b->info->lost);
    if (b->info->requests != 0)
        return 0;
    char action = b->action == BLKTRACE_ISSUE ? 'D' : 'Q';
    return diag_error(b->diag, place, "no requests in it: %llu events, %llu of them '%c', %llu passthrough",
                      (unsigned long long)b->info->events,
                      (unsigned long long)b->info->events_by_action[(unsigned char)action], action,
                      (unsigned long long)b->info->passthrough);
}

static int build(struct builder *b)
{
    pending_init(&b->pending);
    pair_map_init(&b->device_index);
    pair_map_init(&b->sequence_index);
    int result = read_events(b) < 0 ? -1 : finish(b);
    pending_destroy(&b->pending);
    pair_map_destroy(&b->device_index);
    pair_map_destroy(&b->sequence_index);
    free(b->devices);
    free(b->sequences);
    free(b->drafts);
    return result;
}

static unsigned chosen_action(struct diag *diag, const char *path, const struct trace_options *options)
{
    if (options == NULL || options->action == '\0' || options->action == 'D')
        return BLKTRACE_ISSUE;
    if (options->action == 'Q')
        return BLKTRACE_QUEUE;
    diag_error(diag, (struct place){.file = path}, "cannot replay events '%c', only 'D' or 'Q'", options->action);
    return 0;
}

static struct trace *open_events(struct diag *diag, const char *path, unsigned action, struct trace_events *events)
{
    if (events == NULL)
        return NULL;
    struct trace *trace = xcalloc(1, sizeof *trace);
    trace->path = xstrdup(path);
    const struct trace_input *input = trace_events_input(events);
    trace->info.path = trace->path;
    trace->info.format = trace_events_format(events);
    trace->info.files = input->count;
    memcpy(trace->info.sha256, input->sha256, sizeof trace->info.sha256);
    struct builder builder = {.diag = diag, .events = events, .info = &trace->info, .action = action};
    int result = build(&builder);
    trace->requests = builder.requests;
    trace_events_close(events);
    if (result == 0)
        return trace;
    trace_close(trace);
    return NULL;
}

struct trace *trace_open(struct diag *diag, const char *path, const struct trace_options *options)
{
    unsigned action = chosen_action(diag, path, options);
    if (action == 0)
        return NULL;
    return open_events(diag, path, action, trace_events_open(diag, path, options == NULL ? 0 : options->skip_bad));
}

struct trace *trace_open_memory(struct diag *diag, const char *path, const void *bytes, size_t size,
                                const struct trace_options *options)
{
    unsigned action = chosen_action(diag, path, options);
    if (action == 0)
        return NULL;
    return open_events(diag, path, action,
                       trace_events_open_memory(diag, path, bytes, size, options == NULL ? 0 : options->skip_bad));
}

void trace_close(struct trace *trace)
{
    if (trace == NULL)
        return;
    free(trace->requests);
    free(trace->path);
    free(trace);
}

const struct trace_info *trace_get_info(const struct trace *trace)
{
    return &trace->info;
}

const struct trace_request *trace_get_request(const struct trace *trace, uint64_t index)
{
    return &trace->requests[index];
}
