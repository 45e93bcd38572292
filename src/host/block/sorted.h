// Requests by their place on the drive, and which of them a bio may join.
#ifndef SQTAIL_HOST_BLOCK_SORTED_H
#define SQTAIL_HOST_BLOCK_SORTED_H

#include "host/block/merge.h"

// Chained by sort_prev and sort_next; of equal places in the order in which they came. An empty one is all zeroes.
struct sorted {
    struct block_request *head, *tail;
};

void sorted_add(struct sorted *sorted, struct block_request *request);
void sorted_remove(struct sorted *sorted, struct block_request *request);

// A part joins the request that it follows, or, when there is none, the one that it precedes, which then gets its place.
enum merge_kind sorted_merge(struct sorted *sorted, const struct block_limits *limits, struct block_part *part,
                             struct block_request **joined);

// It joins `request`, which is one of them.
enum merge_kind sorted_merge_with(struct sorted *sorted, const struct block_limits *limits,
                                  struct block_request *request, struct block_part *part);

#endif
