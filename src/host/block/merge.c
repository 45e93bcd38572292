// Merging. Linux 6.1 block/blk-merge.c: blk_try_merge, ll_back_merge_fn, ll_front_merge_fn, bio_attempt_discard_merge,
// blk_attempt_bio_merge, blk_bio_list_merge; rq_mergeable and bio_mergeable of include/linux/blk-mq.h and bio.h.
//
// Two trims join whatever their places, as further ranges of one command, where the device takes several. Flushes,
// write-zeroes, and what has FUA or a preflush never join. A request with too little room for its neighbour is not
// looked at again (req_set_nomerge), and what was split off a bio has nothing to join (bio_split_to_limits).
//
// Left out: gaps in memory (virt boundary), priorities, cgroups, integrity, merging of two requests by a third.
#include "host/block/merge.h"

bool merge_is_allowed(const struct block_bio *bio, const struct block_part *part)
{
    bool kind = bio->kind == IO_READ || bio->kind == IO_WRITE || bio->kind == IO_TRIM;
    return kind && !bio->fua && !bio->preflush && !part->split;
}

enum merge_kind merge_find(const struct block_limits *limits, const struct block_request *request,
                           const struct block_part *part)
{
    if (request->no_merge || request->kind != part->bio->kind)
        return MERGE_NONE;
    if (request->kind == IO_TRIM && limits->max_discard_segments > 1)
        return MERGE_DISCARD;
    if (request->offset + request->bytes == part->range.offset)
        return MERGE_BACK;
    return part->range.offset + part->range.bytes == request->offset ? MERGE_FRONT : MERGE_NONE;
}

static bool has_room(const struct block_limits *limits, const struct block_request *request,
                     const struct block_part *part, enum merge_kind kind)
{
    uint64_t start = kind == MERGE_FRONT ? part->range.offset : request->offset;
    uint64_t bytes = request->bytes + part->range.bytes;
    uint32_t segments = request->segments + limits_segments(request->kind, part->range.bytes);
    uint32_t most = kind == MERGE_DISCARD ? limits->max_discard_segments : limits->max_segments;
    return segments <= most && limits_first_part(limits, request->kind, start, bytes) == bytes;
}

static void join(struct block_request *request, struct block_part *part, enum merge_kind kind)
{
    request->bytes += part->range.bytes;
    request->segments += limits_segments(request->kind, part->range.bytes);
    if (kind == MERGE_FRONT) {
        request->offset = part->range.offset;
        part->next = request->first;
        request->first = part;
    } else {
        part->next = NULL;
        request->last->next = part;
        request->last = part;
    }
}

enum merge_kind merge_try(const struct block_limits *limits, struct block_request *request, struct block_part *part)
{
    enum merge_kind kind = merge_find(limits, request, part);
    if (kind == MERGE_NONE)
        return MERGE_NONE;
    if (!has_room(limits, request, part, kind)) {
        request->no_merge = true;
        return MERGE_NONE;
    }
    join(request, part, kind);
    return kind;
}

enum merge_kind merge_try_list(const struct block_limits *limits, const struct request_list *list, uint32_t checked,
                               struct block_part *part, struct block_request **joined)
{
    for (struct block_request *request = list->tail; request != NULL && checked-- > 0; request = request->prev)
        if (merge_find(limits, request, part) != MERGE_NONE) {
            *joined = request;
            return merge_try(limits, request, part);
        }
    return MERGE_NONE;
}
