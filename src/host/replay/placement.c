// Where requests of a recording land: where they were, or, of a larger drive, wrapped or scaled.
#include "host/replay/placement.h"

#include <inttypes.h>
#include <stdlib.h>

#include "util/alloc.h"
#include "util/macros.h"

// Ranges of a trim where they lie on the drive, until it completes.
struct placed {
    struct placed *next, **link; // of all such
    struct io_range ranges[];
};

static uint64_t recorded_end(const struct placement *placement)
{
    return trace_get_info(placement->trace)->end_offset;
}

// Shifts the range down so that it lies within the drive, and shortens what is larger than the drive.
static struct io_range clip(struct io_range range, const struct workload_drive *drive)
{
    range.bytes = MIN(MAX(range.bytes, drive->block_bytes), drive->capacity_bytes);
    range.offset = MIN(range.offset, drive->capacity_bytes - range.bytes);
    range.offset -= range.offset % drive->block_bytes;
    return range;
}

// Data keep their length; what names a range only, its ends.
static struct io_range scale(const struct placement *placement, struct io_range range, enum io_kind kind)
{
    uint64_t start = scale_place(&placement->scale, range.offset);
    uint64_t end = scale_place(&placement->scale, range.offset + range.bytes);
    if (!io_moves_data(kind) && end >= start)
        range.bytes = end - start;
    range.offset = start;
    return range;
}

static struct io_range place(const struct placement *placement, struct io_range range, enum io_kind kind)
{
    if (likely(!placement->moves))
        return range;
    if (placement->beyond == REPLAY_BEYOND_WRAP)
        range.offset %= placement->wrap_at;
    else
        range = scale(placement, range, kind);
    return clip(range, &placement->drive);
}

static struct io_range *place_ranges(struct placement *placement, const struct trace_request *recorded)
{
    struct placed *placed = xmalloc(sizeof *placed + recorded->range_count * sizeof *placed->ranges);
    placed->next = placement->placed;
    placed->link = &placement->placed;
    if (placed->next != NULL)
        placed->next->link = &placed->next;
    placement->placed = placed;
    for (uint32_t i = 0; i < recorded->range_count; i++)
        placed->ranges[i] = place(placement, recorded->ranges[i], recorded->kind);
    return placed->ranges;
}

void placement_forget(const struct io_range *ranges)
{
    struct placed *placed = container_of(ranges, struct placed, ranges);
    *placed->link = placed->next;
    if (placed->next != NULL)
        placed->next->link = placed->link;
    free(placed);
}

void placement_place(struct placement *placement, const struct trace_request *recorded,
                     struct workload_request *request)
{
    struct io_range range = place(placement, (struct io_range){recorded->offset, recorded->bytes}, recorded->kind);
    request->offset = range.offset;
    request->bytes = range.bytes;
    if (recorded->range_count == 0)
        return;
    request->ranges = place_ranges(placement, recorded);
    request->range_count = recorded->range_count;
    request->bytes = 0;
    for (uint32_t i = 0; i < request->range_count; i++)
        request->bytes += request->ranges[i].bytes;
    request->offset = request->ranges[0].offset;
}

// --- before the run ------------------------------------------------------------------------------------------------

static int check_range(const struct trace_request *request, struct io_range range, uint64_t number,
                       const struct workload_drive *drive, struct place place, struct diag *diag)
{
    if (range.bytes == 0)
        return diag_error(diag, place, "request %" PRIu64 ": a %s of no bytes", number, io_kind_name(request->kind));
    if (range.offset % drive->block_bytes != 0 || range.bytes % drive->block_bytes != 0)
        return diag_error(diag, place,
                          "request %" PRIu64 ": %s of %" PRIu64 " bytes at %" PRIu64
                          " is not made of whole logical blocks of %u bytes",
                          number, io_kind_name(request->kind), range.bytes, range.offset, drive->block_bytes);
    return 0;
}

static int check_request(const struct trace_request *request, uint64_t number, const struct workload_drive *drive,
                         struct place place, struct diag *diag)
{
    int errors = 0;
    if (request->kind == IO_FLUSH)
        return 0;
    if (request->range_count == 0)
        return check_range(request, (struct io_range){request->offset, request->bytes}, number, drive, place, diag);
    for (uint32_t i = 0; i < request->range_count; i++)
        errors |= check_range(request, request->ranges[i], number, drive, place, diag);
    return errors;
}

// Whether the drive can take all of it by its blocks; only where it cannot every request is looked at, to name it.
static int check_blocks(struct trace *trace, const struct workload_drive *drive, struct place place,
                        struct diag *diag)
{
    const struct trace_info *info = trace_get_info(trace);
    struct trace_request request;
    int errors = 0;
    if (!info->has_empty && info->granularity % drive->block_bytes == 0)
        return 0;
    trace_rewind(trace);
    for (uint64_t i = 1; errors < DIAG_ERRORS_SHOWN && trace_next(trace, &request); i++)
        errors -= check_request(&request, i, drive, place, diag);
    return errors == 0 ? 0 : -1;
}

void placement_prepare(struct placement *placement, const struct workload_drive *drive)
{
    placement->drive = *drive;
    placement->wrap_at = drive->capacity_bytes & ~UINT64_C(4095);
    placement->moves = placement->beyond != REPLAY_BEYOND_ERROR && recorded_end(placement) > drive->capacity_bytes;
    if (!placement->moves || placement->beyond != REPLAY_BEYOND_SCALE)
        return;
    scale_destroy(&placement->scale);
    scale_init(&placement->scale, trace_as_source(placement->trace), drive->capacity_bytes);
}

int placement_check(struct placement *placement, const struct workload_drive *drive, struct diag *diag)
{
    struct place place = {.file = trace_get_info(placement->trace)->path};
    if (placement->beyond == REPLAY_BEYOND_ERROR && recorded_end(placement) > drive->capacity_bytes)
        return diag_error(diag, place,
                          "the recording reaches byte %" PRIu64 ", the drive has %" PRIu64
                          "; take a larger drive, or --wrap or --scale",
                          recorded_end(placement), drive->capacity_bytes);
    placement_prepare(placement, drive);
    if (scale_folds(&placement->scale))
        diag_warning(diag, place, "what it touches, %" PRIu64 " bytes, is more than the drive holds: places that far "
                     "apart become one", placement->scale.touched);
    return check_blocks(placement->trace, drive, place, diag);
}

void placement_init(struct placement *placement, struct trace *trace, enum replay_beyond beyond)
{
    *placement = (struct placement){.trace = trace, .beyond = beyond};
}

void placement_destroy(struct placement *placement)
{
    scale_destroy(&placement->scale);
    while (placement->placed != NULL)
        placement_forget(placement->placed->ranges);
}
