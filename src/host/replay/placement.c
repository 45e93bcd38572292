// Where requests of a recording land: where they were, or, of a larger drive, wrapped or scaled. Of a part of the drive
// that is the recording's, all of that is as if the part were the drive.
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
    if (likely(!placement->moves)) {
        range.offset += placement->first;
        return range;
    }
    if (placement->beyond == REPLAY_BEYOND_WRAP)
        range.offset %= placement->wrap_at;
    else
        range = scale(placement, range, kind);
    range = clip(range, &placement->drive);
    range.offset += placement->first;
    return range;
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

void placement_move(struct placement *placement, const struct trace_request *recorded,
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

static uint64_t bytes_of(const struct replay_extent *extent, uint64_t capacity)
{
    if (extent->denominator == 0)
        return extent->bytes;
    __extension__ unsigned __int128 share = (unsigned __int128)capacity * extent->numerator / extent->denominator;
    return (uint64_t)share & ~UINT64_C(4095);
}

// False where it is not within the drive.
static bool find_region(struct placement *placement, const struct workload_drive *drive)
{
    uint64_t capacity = drive->capacity_bytes, first = bytes_of(&placement->region.offset, capacity);
    uint64_t size = bytes_of(&placement->region.size, capacity);
    placement->first = first;
    placement->drive = *drive;
    if (first >= capacity || size > capacity - first || first % drive->block_bytes != 0)
        return false;
    placement->drive.capacity_bytes = size == 0 ? capacity - first : size;
    return true;
}

static void fit(struct placement *placement)
{
    uint64_t capacity = placement->drive.capacity_bytes;
    placement->wrap_at = MAX(capacity & ~UINT64_C(4095), UINT64_C(4096));
    placement->moves = placement->beyond != REPLAY_BEYOND_ERROR && recorded_end(placement) > capacity;
    if (!placement->moves || placement->beyond != REPLAY_BEYOND_SCALE)
        return;
    scale_destroy(&placement->scale);
    scale_init(&placement->scale, trace_as_source(placement->trace), capacity);
}

void placement_prepare(struct placement *placement, const struct workload_drive *drive)
{
    find_region(placement, drive);
    fit(placement);
}

int placement_check(struct placement *placement, const struct workload_drive *drive, struct diag *diag)
{
    struct place place = {.file = trace_get_info(placement->trace)->path};
    if (!find_region(placement, drive))
        return diag_error(diag, place, "offset and size: its region does not lie within the drive's %" PRIu64
                          " bytes, in whole blocks of %u", drive->capacity_bytes, drive->block_bytes);
    uint64_t capacity = placement->drive.capacity_bytes;
    if (placement->beyond == REPLAY_BEYOND_ERROR && recorded_end(placement) > capacity)
        return diag_error(diag, place, "the recording reaches byte %" PRIu64 ", %s has %" PRIu64
                          "; take a larger drive, or --wrap or --scale",
                          recorded_end(placement), capacity == drive->capacity_bytes ? "the drive" : "its region",
                          capacity);
    fit(placement);
    if (scale_folds(&placement->scale))
        diag_warning(diag, place, "what it touches, %" PRIu64 " bytes, is more than the drive holds: places that far "
                     "apart become one", placement->scale.touched);
    return check_blocks(placement->trace, drive, place, diag);
}

void placement_init(struct placement *placement, struct trace *trace, enum replay_beyond beyond,
                    const struct replay_region *region)
{
    *placement = (struct placement){.trace = trace, .beyond = beyond, .region = *region};
}

void placement_destroy(struct placement *placement)
{
    scale_destroy(&placement->scale);
    while (placement->placed != NULL)
        placement_forget(placement->placed->ranges);
}
