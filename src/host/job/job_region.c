// The part of the drive that is a job's.
//
// Shares of the drive are rounded to whole requests: down; with fio's words left open as in fio (`fio`), offsets up, or
// to offset_align, and a region that reaches beyond the end is cut there.
#include "host/job/job_region.h"

#include <inttypes.h>

#include "util/macros.h"

static bool is_share(uint64_t size)
{
    return (size & JOB_PERCENT) != 0;
}

static uint64_t share_of(uint64_t bytes, uint64_t size)
{
    return (uint64_t)((unsigned __int128)bytes * (size & ~JOB_PERCENT) / 100);
}

// A share of the drive is rounded down to whole requests.
static uint64_t bytes_of(const struct job_options *o, uint64_t size, const struct workload_drive *drive)
{
    if (!is_share(size))
        return size;
    uint64_t share = share_of(drive->capacity_bytes, size);
    return share - share % o->bs;
}

// Where one of offset and offset_increment is a share, the sum is rounded up.
static uint64_t fio_first(const struct job_options *o, uint64_t index, const struct workload_drive *drive)
{
    uint64_t align = o->offset_align > 0 ? o->offset_align : o->bs, capacity = drive->capacity_bytes;
    uint64_t offset = is_share(o->offset) ? share_of(capacity, o->offset) : o->offset;
    uint64_t step = is_share(o->offset_increment) ? share_of(capacity, o->offset_increment) : o->offset_increment;
    uint64_t first;
    if (__builtin_mul_overflow(step, index, &first) || __builtin_add_overflow(first, offset, &first))
        return UINT64_MAX;
    bool rounded = is_share(o->offset) || is_share(o->offset_increment);
    return rounded ? (first + align - 1) / align * align : first;
}

// Returns false where the region would begin beyond the drive's end.
static bool find_first(const struct job_options *o, uint64_t job, const struct workload_drive *drive, uint64_t *first)
{
    uint64_t shift;
    if (o->fio)
        return (*first = fio_first(o, job, drive)) < drive->capacity_bytes;
    return !__builtin_mul_overflow(job, bytes_of(o, o->offset_increment, drive), &shift) &&
           !__builtin_add_overflow(bytes_of(o, o->offset, drive), shift, first) && *first < drive->capacity_bytes;
}

static uint64_t region_bytes(const struct job_options *o, uint64_t first, const struct workload_drive *drive)
{
    uint64_t left = drive->capacity_bytes - first;
    if (o->size == 0)
        return left;
    bool cut = o->fio && is_share(o->size);
    return cut ? MIN(bytes_of(o, o->size, drive), left) : bytes_of(o, o->size, drive);
}

int job_region_check(const struct job_options *o, uint64_t job, const struct workload_drive *drive, struct place place,
                     struct diag *diag)
{
    uint64_t first;
    if (!find_first(o, job, drive, &first) || region_bytes(o, first, drive) > drive->capacity_bytes - first)
        return diag_error(diag, place, "offset and size: the region of job %" PRIu64 " reaches beyond the drive's %"
                          PRIu64 " bytes", job, drive->capacity_bytes);
    if (region_bytes(o, first, drive) < o->largest)
        return diag_error(diag, place, "size: the region of job %" PRIu64 " is smaller than bs", job);
    if (first % drive->block_bytes != 0)
        return diag_error(diag, place, "offset: the region of job %" PRIu64 " does not begin at a logical block of %u"
                          " bytes", job, drive->block_bytes);
    return 0;
}

struct job_region job_region_of(const struct job_options *o, uint64_t index, const struct workload_drive *drive)
{
    struct job_region region = {0};
    find_first(o, index, drive, &region.first);
    region.bytes = region_bytes(o, region.first, drive);
    region.io_size = is_share(o->io_size) ? share_of(region.bytes, o->io_size) : o->io_size;
    return region;
}
