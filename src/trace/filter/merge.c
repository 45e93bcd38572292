// Several sources as one. Of each the next request is at hand: the earliest goes. What a request points to stays with
// its source until that is asked again, which is when the request itself is asked for no more.
#include "trace/filter/merge.h"

#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"
#include "util/macros.h"

struct merge {
    struct request_source base;
    struct request_source **inner;
    struct trace_request *ahead;
    bool *has_ahead;
    uint32_t count;
    uint32_t given; // the source of the request that was given last, whose next one is not known; `count`: none
    bool started, number;
};

static struct merge *merge_of(const struct request_source *source)
{
    return container_of(source, struct merge, base);
}

static void look_ahead(struct merge *merge, uint32_t i)
{
    merge->has_ahead[i] = request_source_next(merge->inner[i], &merge->ahead[i]);
}

static void catch_up(struct merge *merge)
{
    for (uint32_t i = 0; !merge->started && i < merge->count; i++)
        look_ahead(merge, i);
    if (merge->started && merge->given < merge->count)
        look_ahead(merge, merge->given);
    merge->started = true;
}

static uint32_t earliest(const struct merge *merge)
{
    uint32_t best = merge->count;
    for (uint32_t i = 0; i < merge->count; i++)
        if (merge->has_ahead[i] && (best == merge->count || merge->ahead[i].time_ns < merge->ahead[best].time_ns))
            best = i;
    return best;
}

static bool next(struct request_source *source, struct trace_request *request)
{
    struct merge *merge = merge_of(source);
    catch_up(merge);
    merge->given = earliest(merge);
    if (merge->given == merge->count)
        return false;
    *request = merge->ahead[merge->given];
    if (merge->number)
        request->device = merge->given;
    return true;
}

static void rewind_merge(struct request_source *source)
{
    struct merge *merge = merge_of(source);
    for (uint32_t i = 0; i < merge->count; i++)
        request_source_rewind(merge->inner[i]);
    merge->started = false;
}

static bool failed(const struct request_source *source)
{
    const struct merge *merge = merge_of(source);
    for (uint32_t i = 0; i < merge->count; i++)
        if (request_source_failed(merge->inner[i]))
            return true;
    return false;
}

static void destroy(struct request_source *source)
{
    struct merge *merge = merge_of(source);
    for (uint32_t i = 0; i < merge->count; i++)
        request_source_destroy(merge->inner[i]);
    free(merge->inner);
    free(merge->ahead);
    free(merge->has_ahead);
    free(merge);
}

static const struct request_source_ops ops = {
    .next = next, .rewind = rewind_merge, .failed = failed, .destroy = destroy};

struct request_source *merge_create(struct request_source *const *inner, uint32_t count, bool number)
{
    struct merge *merge = xcalloc(1, sizeof *merge);
    *merge = (struct merge){.base = {.ops = &ops}, .count = count, .given = count, .number = number};
    merge->inner = xcalloc(count, sizeof(struct request_source *));
    memcpy(merge->inner, inner, count * sizeof(struct request_source *));
    merge->ahead = xcalloc(count, sizeof *merge->ahead);
    merge->has_ahead = xcalloc(count, sizeof *merge->has_ahead);
    return &merge->base;
}
