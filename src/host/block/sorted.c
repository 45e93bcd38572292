// Linux 6.1 block/elevator.c: elv_rb_add, elv_rb_find, elv_merge, elv_merged_request. A list in place of the tree and the
// hash, since a scheduler has some hundred requests.
#include "host/block/sorted.h"

#include <stddef.h>

void sorted_add(struct sorted *sorted, struct block_request *request)
{
    struct block_request *before = sorted->tail;
    while (before != NULL && before->offset > request->offset)
        before = before->sort_prev;
    request->sort_prev = before;
    request->sort_next = before == NULL ? sorted->head : before->sort_next;
    *(before == NULL ? &sorted->head : &before->sort_next) = request;
    *(request->sort_next == NULL ? &sorted->tail : &request->sort_next->sort_prev) = request;
}

void sorted_remove(struct sorted *sorted, struct block_request *request)
{
    *(request->sort_prev == NULL ? &sorted->head : &request->sort_prev->sort_next) = request->sort_next;
    *(request->sort_next == NULL ? &sorted->tail : &request->sort_next->sort_prev) = request->sort_prev;
}

enum merge_kind sorted_merge_with(struct sorted *sorted, const struct block_limits *limits,
                                  struct block_request *request, struct block_part *part)
{
    enum merge_kind kind = merge_try(limits, request, part);
    if (kind == MERGE_FRONT) {
        sorted_remove(sorted, request);
        sorted_add(sorted, request);
    }
    return kind;
}

static struct block_request *find(const struct sorted *sorted, const struct block_limits *limits,
                                  const struct block_part *part, bool behind)
{
    uint64_t start = part->range.offset, end = start + part->range.bytes;
    for (struct block_request *request = sorted->head; request != NULL; request = request->sort_next) {
        uint64_t touches = behind ? request->offset + request->bytes : request->offset;
        if (touches == (behind ? start : end) && merge_find(limits, request, part) != MERGE_NONE)
            return request;
    }
    return NULL;
}

enum merge_kind sorted_merge(struct sorted *sorted, const struct block_limits *limits, struct block_part *part,
                             struct block_request **joined)
{
    struct block_request *request = find(sorted, limits, part, true);
    if (request == NULL)
        request = find(sorted, limits, part, false);
    *joined = request;
    return request == NULL ? MERGE_NONE : sorted_merge_with(sorted, limits, request, part);
}
