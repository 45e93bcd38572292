// Which units a request touches, and which of them only in part.
#ifndef SQTAIL_FTL_SERVE_EXTENT_H
#define SQTAIL_FTL_SERVE_EXTENT_H

#include "ftl/base.h"
#include "ftl/ftl.h"

static inline uint64_t extent_first(const struct base *base, const struct ftl_request *request)
{
    return request->offset >> base->unit_shift;
}

static inline uint64_t extent_last(const struct base *base, const struct ftl_request *request)
{
    return (request->offset + request->bytes - 1) >> base->unit_shift;
}

static inline uint64_t extent_units(const struct base *base, const struct ftl_request *request)
{
    return extent_last(base, request) - extent_first(base, request) + 1;
}

// The units that the first `bytes` of the request fill; a partly written last one counts when all bytes are there.
static inline uint64_t extent_units_within(const struct base *base, const struct ftl_request *request, uint64_t bytes)
{
    if (bytes == request->bytes)
        return extent_units(base, request);
    return ((request->offset & base->unit_mask) + bytes) >> base->unit_shift;
}

// The bytes of the request that its first `units` units hold.
static inline uint64_t extent_bytes_within(const struct base *base, const struct ftl_request *request, uint64_t units)
{
    uint64_t bytes = (units << base->unit_shift) - (request->offset & base->unit_mask);
    return MIN(bytes, request->bytes);
}

// The bytes of the request that lie in the `units` units from lpn on.
static inline uint64_t extent_bytes_of(const struct base *base, const struct ftl_request *request, uint64_t lpn,
                                       uint64_t units)
{
    uint64_t end = MIN((lpn + units) << base->unit_shift, request->offset + request->bytes);
    return end - MAX(lpn << base->unit_shift, request->offset);
}

// The partly covered units at the edges: 0, 1 or 2.
static inline unsigned extent_edges(const struct base *base, const struct ftl_request *request, uint64_t edges[2])
{
    uint64_t end = request->offset + request->bytes;
    uint64_t last = end >> base->unit_shift;
    unsigned count = 0;
    if ((request->offset & base->unit_mask) != 0)
        edges[count++] = extent_first(base, request);
    if ((end & base->unit_mask) != 0 && (count == 0 || last != edges[0]))
        edges[count++] = last;
    return count;
}

#endif
