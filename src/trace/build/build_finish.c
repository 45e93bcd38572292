// What is in a recording: its requests are counted by device, since which of them is replayed is known once all are
// read; then what is said of it.
#include "trace/build/build_internal.h"

#include <stdlib.h>

#include "trace/input/input.h"
#include "util/alloc.h"
#include "util/macros.h"

// Requests without a latency, the last of them: whether they were still under way at the end is known there.
enum { UNANSWERED_KEPT = 1 << 16 };

struct unanswered {
    uint64_t time_ns;
    uint32_t device;
};

struct survey {
    struct builder *builder;
    struct diag *diag;
    struct trace_info *info;
    struct unanswered *unanswered; // a ring
    uint64_t unanswered_count;     // ever
};

// ---- counting ----------------------------------------------------------------------------------------------------

static void count_range(struct device_counts *counts, struct io_range range)
{
    counts->end_offset = MAX(counts->end_offset, range.offset + range.bytes);
    counts->granularity |= range.offset | range.bytes;
    counts->has_empty |= range.bytes == 0;
}

static void count_ranges(struct device_counts *counts, const struct trace_request *request)
{
    if (request->kind == IO_FLUSH)
        return;
    if (request->range_count == 0)
        count_range(counts, (struct io_range){request->offset, request->bytes});
    for (uint32_t i = 0; i < request->range_count; i++)
        count_range(counts, request->ranges[i]);
}

static void count_cpu(struct device_counts *counts, uint32_t cpu)
{
    if (cpu >= counts->cpu_limit) {
        uint32_t limit = MAX(cpu + 1, 2 * counts->cpu_limit);
        counts->cpus = xrealloc(counts->cpus, limit * sizeof *counts->cpus);
        while (counts->cpu_limit < limit)
            counts->cpus[counts->cpu_limit++] = false;
    }
    counts->cpus[cpu] = true;
}

// Those that were under way when the recording ended have not lost their completion: they are no older than the
// slowest one that has one. Of very many the oldest are older than that.
static void judge_unanswered(struct survey *s, const struct unanswered *request, bool at_end)
{
    struct device_counts *counts = &build_device(s->builder, request->device)->counts;
    counts->unanswered += !at_end || s->info->duration_ns - request->time_ns > counts->slowest_ns;
}

static void note_unanswered(struct survey *s, struct unanswered request)
{
    struct unanswered *place = &s->unanswered[s->unanswered_count % UNANSWERED_KEPT];
    if (s->unanswered_count++ >= UNANSWERED_KEPT)
        judge_unanswered(s, place, false);
    *place = request;
}

static void judge_rest(struct survey *s)
{
    uint64_t kept = MIN(s->unanswered_count, (uint64_t)UNANSWERED_KEPT);
    for (uint64_t i = 0; i < kept; i++)
        judge_unanswered(s, &s->unanswered[i], true);
}

static void count_request(struct survey *s, const struct draft *draft)
{
    const struct trace_request *request = &draft->request;
    struct device_counts *counts = &build_device(s->builder, draft->device)->counts;
    enum io_kind kind = io_kind_with_fua(request->kind, request->fua);
    bool known = request->latency_ns != TRACE_LATENCY_UNKNOWN;
    counts->requests++;
    counts->by_kind[kind]++;
    counts->bytes_by_kind[kind] += request->bytes;
    counts->completed += known;
    counts->slowest_ns = known ? MAX(counts->slowest_ns, request->latency_ns) : counts->slowest_ns;
    counts->untrusted += draft->shared && known;
    counts->unfollowed += draft->unfollowed;
    counts->preflushes += request->preflush;
    count_ranges(counts, request);
    count_cpu(counts, request->cpu);
    if (!known)
        note_unanswered(s, (struct unanswered){request->time_ns, draft->device});
}

// ---- what is known of the chosen device --------------------------------------------------------------------------

static void add_counts(struct trace_info *info, const struct device_counts *counts)
{
    info->requests += counts->requests;
    info->completed += counts->completed;
    info->unanswered += counts->completed == 0 ? 0 : counts->unanswered;
    info->untrusted += counts->untrusted;
    info->preflushes += counts->preflushes;
    info->unfollowed += counts->unfollowed;
    info->end_offset = MAX(info->end_offset, counts->end_offset);
    info->granularity |= counts->granularity;
    info->has_empty |= counts->has_empty;
    for (int kind = 0; kind < IO_KIND_COUNT; kind++) {
        info->by_kind[kind] += counts->by_kind[kind];
        info->bytes_by_kind[kind] += counts->bytes_by_kind[kind];
    }
}

static bool used_cpu(const struct device_counts *counts, uint32_t cpu)
{
    return cpu < counts->cpu_limit && counts->cpus[cpu];
}

// CPUs that issued requests to any of the first `count` devices.
static uint32_t count_cpus(const struct builder *b, uint64_t count)
{
    uint32_t cpus = 0, limit = 0;
    for (uint64_t i = 0; i < count; i++)
        limit = MAX(limit, b->devices[i].counts.cpu_limit);
    for (uint32_t cpu = 0; cpu < limit; cpu++) {
        bool used = false;
        for (uint64_t i = 0; i < count && !used; i++)
            used = used_cpu(&b->devices[i].counts, cpu);
        cpus += used;
    }
    return cpus;
}

// Of the one that was chosen, or of all.
static void take_counts(struct trace_info *info, const struct builder *b)
{
    uint64_t count = MIN(info->every_device ? info->device_count : 1, info->device_count);
    for (uint64_t i = 0; i < count; i++)
        add_counts(info, &b->devices[i].counts);
    info->cpus = count_cpus(b, count);
    for (uint64_t i = count; i < info->device_count; i++)
        info->other_devices += b->devices[i].counts.requests;
}

static void list_devices(struct trace_info *info, const struct builder *b)
{
    struct trace_device *devices = xcalloc(info->device_count, sizeof *devices);
    for (uint64_t i = 0; i < info->device_count; i++) {
        const struct device_counts *counts = &b->devices[i].counts;
        devices[i] = (struct trace_device){.number = b->devices[i].number, .requests = counts->requests,
                                           .end_offset = counts->end_offset};
        for (int kind = 0; kind < IO_KIND_COUNT; kind++)
            devices[i].bytes += counts->bytes_by_kind[kind];
    }
    info->devices = devices;
}

// What was counted of events, and by who read them.
static void take_events(struct trace_info *info, const struct builder *b)
{
    struct trace_info named = *info;
    *info = b->info;
    info->format = named.format;
    info->path = named.path;
    info->files = named.files;
    info->skipped = trace_events_skipped(b->events);
    info->disordered = trace_events_disordered(b->events);
    info->late = trace_events_late(b->events);
    info->unaligned = trace_events_unaligned(b->events);
    info->passed = trace_events_passed(b->events);
}

// Only blktrace's own files are what the recorder wrote; others may have been filtered since.
static void count_gaps(const struct builder *b, struct trace_info *info)
{
    const struct trace_input *input = trace_events_input(b->events);
    uint64_t gaps = sequences_gaps(&b->sequences), unread = trace_events_unread(b->events);
    bool as_recorded = true;
    gaps -= MIN(gaps, unread);
    for (size_t i = 0; i < input->count; i++)
        as_recorded = as_recorded && input->files[i].per_cpu;
    *(as_recorded ? &info->lost : &info->gaps) = gaps;
}

// ---- what is said of it ------------------------------------------------------------------------------------------
static void warn(const struct survey *s, uint64_t count, const char *one, const char *many)
{
    if (count == 1)
        diag_warning(s->diag, (struct place){.file = s->info->path}, "%s", one);
    else if (count != 0)
        diag_warning(s->diag, (struct place){.file = s->info->path}, "%llu %s", (unsigned long long)count, many);
}

static void warn_all(const struct survey *s)
{
    const struct trace_info *info = s->info;
    warn(s, info->skipped, "1 malformed record or line skipped", "malformed records or lines skipped");
    if (info->lost != 0)
        diag_warning(s->diag, (struct place){.file = info->path}, "the recorder lost %llu events",
                     (unsigned long long)info->lost);
    warn(s, info->disordered, "1 request stood behind a later one: they were put in order of time",
         "requests stood behind later ones: they were put in order of time");
    warn(s, info->late, "1 event or request came too late to be put in order of time: it is taken to be of when it came",
         "events or requests came too late to be put in order of time: they are taken to be of when they came");
    warn(s, info->unaligned, "1 request was extended to whole sectors", "requests were extended to whole sectors");
    warn(s, info->unanswered, "1 request has no completion after it: its latency is not known",
         "requests have no completion after them: their latencies are not known");
    warn(s, info->untrusted,
         "1 recorded latency cannot be trusted: the completion may be that of another request to the same place",
         "recorded latencies cannot be trusted: the completion may be that of another request to the same place");
    warn(s, info->unfollowed, "1 discard cannot be followed to what was queued: if it has several ranges, other "
                              "data are trimmed than in the recording",
         "discards cannot be followed to what was queued: where one has several ranges, other data are trimmed than "
         "in the recording");
}

static const char *what_to_do(const struct survey *s)
{
    const struct builder *b = s->builder;
    const uint64_t *events = s->info->events_by_action;
    if (b->action == BLKTRACE_ISSUE && events['D'] == 0 && events['Q'] != 0)
        return "; --action Q replays what was queued";
    if (b->action == BLKTRACE_QUEUE && events['Q'] == 0 && events['D'] != 0)
        return "; --action D replays what was issued";
    if (events['D'] == 0 && events['Q'] == 0 && events['C'] != 0)
        return "; completions do not tell when a request began: record issues, too (without blktrace's or blkparse's "
               "-a complete)";
    return "";
}

static int refuse_empty(const struct survey *s)
{
    const struct trace_info *info = s->info;
    char action = s->builder->action == BLKTRACE_ISSUE ? 'D' : 'Q';
    return diag_error(s->diag, (struct place){.file = info->path},
                      "no requests in it: %llu events, %llu of them '%c', %llu passthrough%s",
                      (unsigned long long)info->events,
                      (unsigned long long)info->events_by_action[(unsigned char)action], action,
                      (unsigned long long)info->passthrough, what_to_do(s));
}

static int finish(struct survey *s, const char *wanted_device)
{
    struct builder *b = s->builder;
    take_events(s->info, b);
    judge_rest(s);
    if (build_choose_device(b, s->diag, wanted_device, s->info) != 0)
        return -1;
    take_counts(s->info, b);
    count_gaps(b, s->info);
    warn_all(s);
    if (s->info->requests == 0)
        return refuse_empty(s);
    list_devices(s->info, b);
    return 0;
}

int build_survey(struct builder *b, struct diag *diag, const struct trace_options *options, struct trace_info *info)
{
    struct survey s = {.builder = b, .diag = diag, .info = info};
    const struct draft *draft;
    int result;
    s.unanswered = xcalloc(UNANSWERED_KEPT, sizeof *s.unanswered);
    while ((result = build_next_draft(b, &draft)) > 0)
        count_request(&s, draft);
    if (result == 0)
        result = finish(&s, options == NULL ? NULL : options->device);
    free(s.unanswered);
    return result;
}
