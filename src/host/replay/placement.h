// Where requests of a recording land on the simulated drive.
#ifndef SQTAIL_HOST_REPLAY_PLACEMENT_H
#define SQTAIL_HOST_REPLAY_PLACEMENT_H

#include "host/workload.h"
#include "trace/filter/scale.h"
#include "trace/trace.h"
#include "util/macros.h"

// What becomes of a request beyond the capacity.
enum replay_beyond {
    REPLAY_BEYOND_ERROR, // the user's error, found before the run
    REPLAY_BEYOND_WRAP,  // offset modulo the capacity
    REPLAY_BEYOND_SCALE, // moved together, when the recorded range is larger (trace/filter/scale.h)
};

// Bytes, or a share of the drive, in whole chunks of 4 KiB.
struct replay_extent {
    uint64_t bytes;
    uint64_t numerator, denominator; // 0/0: bytes
};

// The part of the drive that is a recording's; a size of nothing: up to the end.
struct replay_region {
    struct replay_extent offset, size;
};

struct placement {
    struct trace *trace;
    enum replay_beyond beyond;
    struct replay_region region;
    uint64_t first;              // byte where that begins
    struct workload_drive drive; // as if it were all there is
    bool moves;       // requests do not stay where they were
    uint64_t wrap_at; // bytes: capacity in whole 4 KiB, so that wrapping keeps alignment
    struct scale scale;
    struct placed *placed; // ranges of trims that have not completed
};

void placement_init(struct placement *placement, struct trace *trace, enum replay_beyond beyond,
                    const struct replay_region *region);
void placement_destroy(struct placement *placement);

// Before any of what follows, once the drive is known. It may read the recording, and leaves it anywhere.
void placement_prepare(struct placement *placement, const struct workload_drive *drive);

// Finds what the drive cannot serve. Returns 0, or -1 with the reasons in `diag`. It may read the recording.
int placement_check(struct placement *placement, const struct workload_drive *drive, struct diag *diag);

// The same for one that moves, or has ranges.
void placement_move(struct placement *placement, const struct trace_request *recorded,
                    struct workload_request *request);

// Sets offset, bytes and ranges, which are to be given back once the request has completed.
static inline void placement_place(struct placement *placement, const struct trace_request *recorded,
                                   struct workload_request *request)
{
    if (unlikely(placement->moves || recorded->range_count > 0)) {
        placement_move(placement, recorded, request);
        return;
    }
    request->offset = placement->first + recorded->offset;
    request->bytes = recorded->bytes;
}

void placement_forget(const struct io_range *ranges);

#endif
