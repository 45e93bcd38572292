// Whether a part of a bio can join a request that is there already.
#ifndef SQTAIL_HOST_BLOCK_MERGE_H
#define SQTAIL_HOST_BLOCK_MERGE_H

#include "host/block/limits.h"

enum merge_kind { MERGE_NONE, MERGE_BACK, MERGE_FRONT, MERGE_DISCARD, MERGE_KINDS };

bool merge_is_allowed(const struct block_bio *bio, const struct block_part *part);

// How the part would join the request by its place and kind, whatever the limits say; MERGE_NONE: it would not.
enum merge_kind merge_find(const struct block_limits *limits, const struct block_request *request,
                           const struct block_part *part);

// Joins the part to the request where the limits allow; MERGE_NONE: they do not. A request that has no room for its
// neighbour takes none any more.
enum merge_kind merge_try(const struct block_limits *limits, struct block_request *request, struct block_part *part);

// The same with the request of `list` that fits, of at most `checked` from its end.
enum merge_kind merge_try_list(const struct block_limits *limits, const struct request_list *list, uint32_t checked,
                               struct block_part *part, struct block_request **joined);

#endif
