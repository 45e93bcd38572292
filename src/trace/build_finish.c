// What of the requests is kept, what is counted of them, and what is said, once all events are read.
#include "trace/build_internal.h"

#include <stdlib.h>

#include "trace/input.h"
#include "util/alloc.h"
#include "util/macros.h"

// ---- re-issues that nothing tells --------------------------------------------------------------------------------

// From the last on, so that of a request issued three times the first two are seen to be void.
static void void_reissued(struct builder *b)
{
    for (uint64_t i = b->count; i-- > 0;) {
        struct draft *draft = &b->drafts[i];
        if (draft->reissue == NONE || draft->parts == VOID || b->requests[i].latency_ns != TRACE_LATENCY_UNKNOWN)
            continue;
        if (b->drafts[draft->reissue].parts != VOID &&
            b->requests[draft->reissue].latency_ns == TRACE_LATENCY_UNKNOWN)
            continue;
        draft->parts = VOID;
        b->drafts[draft->reissue].shared = false;
        b->info->requeued++;
    }
}

// ---- what remains ------------------------------------------------------------------------------------------------

static void count_request(struct trace_info *info, const struct trace_request *request)
{
    enum io_kind kind = io_kind_with_fua(request->kind, request->fua);
    info->requests++;
    info->by_kind[kind]++;
    info->bytes_by_kind[kind] += request->bytes;
    info->completed += request->latency_ns != TRACE_LATENCY_UNKNOWN;
    info->preflushes += request->preflush;
    if (request->range_count == 0)
        info->end_offset = MAX(info->end_offset, request->offset + request->bytes);
    for (uint32_t i = 0; i < request->range_count; i++)
        info->end_offset = MAX(info->end_offset, request->ranges[i].offset + request->ranges[i].bytes);
}

static void keep_requests(struct builder *b)
{
    for (uint64_t i = 0; i < b->count; i++) {
        const struct draft *draft = &b->drafts[i];
        if (draft->parts == VOID)
            continue;
        if (draft->device != b->info->device) {
            b->info->other_devices++;
            continue;
        }
        struct trace_request *kept = &b->requests[b->info->requests];
        *kept = b->requests[i];
        if (draft->discard != NONE) {
            const struct discard_request *merged = &b->discards.requests[draft->discard];
            kept->range_count = merged->count;
            kept->ranges = &b->discards.ranges[merged->first];
        }
        b->info->unfollowed += draft->unfollowed;
        b->info->untrusted += draft->shared && kept->latency_ns != TRACE_LATENCY_UNKNOWN;
        count_request(b->info, kept);
    }
}

// Those that were under way when the recording ended have not lost their completion: they are no older than the
// slowest one that has one.
static void count_unanswered(struct builder *b)
{
    uint64_t slowest = 0;
    for (uint64_t i = 0; i < b->info->requests; i++)
        if (b->requests[i].latency_ns != TRACE_LATENCY_UNKNOWN)
            slowest = MAX(slowest, b->requests[i].latency_ns);
    for (uint64_t i = 0; i < b->info->requests && b->info->completed != 0; i++)
        b->info->unanswered += b->requests[i].latency_ns == TRACE_LATENCY_UNKNOWN &&
                               b->info->duration_ns - b->requests[i].time_ns > slowest;
}

static void count_cpus(struct builder *b)
{
    uint32_t limit = 0;
    for (uint64_t i = 0; i < b->info->requests; i++)
        limit = MAX(limit, b->requests[i].cpu + 1);
    bool *seen = xcalloc(limit + UINT64_C(1), sizeof *seen);
    for (uint64_t i = 0; i < b->info->requests; i++)
        seen[b->requests[i].cpu] = true;
    for (uint32_t cpu = 0; cpu < limit; cpu++)
        b->info->cpus += seen[cpu];
    free(seen);
}

// Only blktrace's own files are what the recorder wrote; others may have been filtered since.
static void count_gaps(struct builder *b)
{
    const struct trace_input *input = trace_events_input(b->events);
    uint64_t gaps = sequences_gaps(&b->sequences), unread = trace_events_unread(b->events);
    bool as_recorded = true;
    gaps -= MIN(gaps, unread);
    for (size_t i = 0; i < input->count; i++)
        as_recorded = as_recorded && input->files[i].per_cpu;
    *(as_recorded ? &b->info->lost : &b->info->gaps) = gaps;
}

// ---- what is said of it ------------------------------------------------------------------------------------------
static void warn(const struct builder *b, uint64_t count, const char *one, const char *many)
{
    if (count == 1)
        diag_warning(b->diag, (struct place){.file = b->info->path}, "%s", one);
    else if (count != 0)
        diag_warning(b->diag, (struct place){.file = b->info->path}, "%llu %s", (unsigned long long)count, many);
}

static void warn_all(const struct builder *b)
{
    const struct trace_info *info = b->info;
    warn(b, info->skipped, "1 malformed record or line skipped", "malformed records or lines skipped");
    if (info->lost != 0)
        diag_warning(b->diag, (struct place){.file = info->path}, "the recorder lost %llu events",
                     (unsigned long long)info->lost);
    warn(b, info->disordered, "1 request stood behind a later one: they were put in order of time",
         "requests stood behind later ones: they were put in order of time");
    warn(b, info->late, "1 event or request came too late to be put in order of time: it is taken to be of when it came",
         "events or requests came too late to be put in order of time: they are taken to be of when they came");
    warn(b, info->unaligned, "1 request was extended to whole sectors", "requests were extended to whole sectors");
    warn(b, info->unanswered, "1 request has no completion after it: its latency is not known",
         "requests have no completion after them: their latencies are not known");
    warn(b, info->untrusted,
         "1 recorded latency cannot be trusted: the completion may be that of another request to the same place",
         "recorded latencies cannot be trusted: the completion may be that of another request to the same place");
    warn(b, info->unfollowed, "1 discard cannot be followed to what was queued: if it has several ranges, other "
                              "data are trimmed than in the recording",
         "discards cannot be followed to what was queued: where one has several ranges, other data are trimmed than "
         "in the recording");
}

static const char *what_to_do(const struct builder *b)
{
    const uint64_t *events = b->info->events_by_action;
    if (b->action == BLKTRACE_ISSUE && events['D'] == 0 && events['Q'] != 0)
        return "; --action Q replays what was queued";
    if (b->action == BLKTRACE_QUEUE && events['Q'] == 0 && events['D'] != 0)
        return "; --action D replays what was issued";
    if (events['D'] == 0 && events['Q'] == 0 && events['C'] != 0)
        return "; completions do not tell when a request began: record issues, too (without blktrace's or blkparse's "
               "-a complete)";
    return "";
}

static int refuse_empty(const struct builder *b)
{
    char action = b->action == BLKTRACE_ISSUE ? 'D' : 'Q';
    return diag_error(b->diag, (struct place){.file = b->info->path},
                      "no requests in it: %llu events, %llu of them '%c', %llu passthrough%s",
                      (unsigned long long)b->info->events,
                      (unsigned long long)b->info->events_by_action[(unsigned char)action], action,
                      (unsigned long long)b->info->passthrough, what_to_do(b));
}

int build_finish(struct builder *b)
{
    void_reissued(b);
    if (build_choose_device(b) != 0)
        return -1;
    keep_requests(b);
    count_unanswered(b);
    count_cpus(b);
    count_gaps(b);
    b->info->skipped = trace_events_skipped(b->events);
    b->info->disordered = trace_events_disordered(b->events);
    b->info->late = trace_events_late(b->events);
    b->info->unaligned = trace_events_unaligned(b->events);
    b->info->passed = trace_events_passed(b->events);
    warn_all(b);
    return b->info->requests != 0 ? 0 : refuse_empty(b);
}
