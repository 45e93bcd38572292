// What a stream of requests is like. Everything is counted as requests come, in order of time; sizes, intervals,
// latencies and depths in histograms of three digits (stats/histogram.h), places in equal parts of where data are,
// what is touched again by sampled reuse distances (profile/reuse.c).
#include "profile/profile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"
#include "util/macros.h"

int profile_direction_of(enum io_kind kind)
{
    static const int directions[IO_KIND_COUNT] = {
        [IO_READ] = PROFILE_READS,   [IO_WRITE] = PROFILE_WRITES, [IO_WRITE_FUA] = PROFILE_WRITES,
        [IO_TRIM] = PROFILE_TRIMS,   [IO_WRITE_ZEROES] = PROFILE_ZEROES, [IO_FLUSH] = -1,
    };
    return directions[kind];
}

struct profile_scope profile_scope_of(struct request_source *source)
{
    struct profile_scope scope = {.lo = UINT64_MAX};
    struct trace_request r;
    while (request_source_next(source, &r)) {
        uint64_t takes = r.latency_ns == TRACE_LATENCY_UNKNOWN ? 0 : r.latency_ns;
        scope.duration_ns = MAX(scope.duration_ns, r.time_ns + takes);
        if (!io_moves_data(r.kind))
            continue;
        scope.lo = MIN(scope.lo, r.offset);
        scope.hi = MAX(scope.hi, r.offset + r.bytes);
    }
    request_source_rewind(source);
    scope.lo = MIN(scope.lo, scope.hi);
    return scope;
}

struct profile *profile_create(const struct profile_scope *scope)
{
    struct profile *p = xcalloc(1, sizeof *p);
    p->scope = *scope;
    histogram_init(&p->intervals);
    histogram_init(&p->depth);
    for (int kind = 0; kind < IO_KIND_COUNT; kind++) {
        histogram_init(&p->kinds[kind].sizes);
        histogram_init(&p->kinds[kind].latency);
    }
    for (int i = 0; i < PROFILE_STREAMS; i++)
        p->ends[i] = UINT64_MAX;
    for (int i = 0; i < PROFILE_DIRECTIONS; i++)
        p->places[i].end = UINT64_MAX;
    p->reuse = reuse_create(REUSE_CHUNKS_KEPT);
    return p;
}

void profile_destroy(struct profile *p)
{
    if (p == NULL)
        return;
    for (int kind = 0; kind < IO_KIND_COUNT; kind++) {
        histogram_destroy(&p->kinds[kind].sizes);
        histogram_destroy(&p->kinds[kind].latency);
    }
    histogram_destroy(&p->intervals);
    histogram_destroy(&p->depth);
    reuse_destroy(p->reuse);
    in_flight_destroy(&p->in_flight);
    free(p);
}

// ---- counting ----------------------------------------------------------------------------------------------------

static unsigned part_of(uint64_t value, uint64_t whole, unsigned parts)
{
    if (value >= whole)
        return parts - 1;
    return (unsigned)((unsigned __int128)value * parts / whole);
}

static void count_time(struct profile *p, const struct trace_request *r)
{
    unsigned bin = part_of(r->time_ns, p->scope.duration_ns, PROFILE_BINS);
    if (p->requests == 0)
        p->first_ns = r->time_ns;
    else {
        uint64_t interval = r->time_ns - p->last_ns;
        histogram_record(&p->intervals, interval);
        p->interval_squares += (double)interval * (double)interval;
    }
    p->last_ns = r->time_ns;
    p->bins[bin]++;
    p->byte_bins[bin] += io_moves_data(r->kind) ? r->bytes : 0;
}

static void count_kind(struct profile *p, const struct trace_request *r)
{
    struct profile_kind *kind = &p->kinds[io_kind_with_fua(r->kind, r->fua)];
    kind->count++;
    kind->bytes += r->bytes;
    if (r->kind != IO_FLUSH)
        histogram_record(&kind->sizes, r->bytes / PROFILE_SECTOR);
    if (r->latency_ns == TRACE_LATENCY_UNKNOWN)
        return;
    kind->completed++;
    kind->latency_sum += (double)r->latency_ns;
    histogram_record(&kind->latency, r->latency_ns);
}

static void count_depth(struct profile *p, const struct trace_request *r)
{
    size_t depth = in_flight_at(&p->in_flight, r->time_ns);
    histogram_record(&p->depth, depth);
    p->deepest = MAX(p->deepest, (uint64_t)depth);
    if (r->latency_ns == TRACE_LATENCY_UNKNOWN)
        return;
    p->busy_ns += (double)r->latency_ns;
    in_flight_add(&p->in_flight, r->time_ns + r->latency_ns);
}

static bool continues_any(const struct profile *p, uint64_t offset)
{
    for (int i = 0; i < PROFILE_STREAMS; i++)
        if (p->ends[i] == offset)
            return true;
    return false;
}

static void count_place(struct profile *p, const struct trace_request *r)
{
    int direction = profile_direction_of(r->kind);
    if (direction < 0)
        return;
    struct profile_places *places = &p->places[direction];
    places->sequential += places->end == r->offset;
    places->offset_bits |= places->end == r->offset ? 0 : r->offset;
    places->interleaved += continues_any(p, r->offset);
    places->end = r->offset + r->bytes;
    places->count++;
    p->ends[p->placed++ % PROFILE_STREAMS] = places->end;
    if (p->scope.hi > p->scope.lo && r->offset >= p->scope.lo)
        places->parts[part_of(r->offset - p->scope.lo, p->scope.hi - p->scope.lo, PROFILE_PLACES)]++;
}

void profile_add(struct profile *p, const struct trace_request *r)
{
    count_time(p, r);
    count_kind(p, r);
    count_depth(p, r);
    count_place(p, r);
    if (io_moves_data(r->kind))
        reuse_add(p->reuse, (struct io_range){r->offset, r->bytes}, r->kind != IO_READ);
    p->requests++;
}

struct profile *profile_of(struct request_source *source)
{
    struct profile_scope scope = profile_scope_of(source);
    struct profile *p = profile_create(&scope);
    struct trace_request request;
    while (request_source_next(source, &request))
        profile_add(p, &request);
    request_source_rewind(source);
    return p;
}

// ---- what follows ------------------------------------------------------------------------------------------------

double profile_seconds(const struct profile *p)
{
    return (double)(p->scope.duration_ns - MIN(p->first_ns, p->scope.duration_ns)) / 1e9;
}

uint64_t profile_data_bytes(const struct profile *p)
{
    return p->kinds[IO_READ].bytes + p->kinds[IO_WRITE].bytes + p->kinds[IO_WRITE_FUA].bytes;
}

uint64_t profile_completed(const struct profile *p)
{
    uint64_t sum = 0;
    for (int kind = 0; kind < IO_KIND_COUNT; kind++)
        sum += p->kinds[kind].completed;
    return sum;
}

double profile_mean_depth(const struct profile *p)
{
    double seconds = profile_seconds(p);
    return seconds > 0 ? p->busy_ns / 1e9 / seconds : 0;
}

double profile_mean_interval(const struct profile *p)
{
    return p->intervals.count > 0 ? (double)(p->last_ns - p->first_ns) / (double)p->intervals.count : 0;
}

double profile_interval_variation(const struct profile *p)
{
    double mean = profile_mean_interval(p);
    if (mean <= 0)
        return 0;
    double variance = p->interval_squares / (double)p->intervals.count - mean * mean;
    return variance > 0 ? sqrt(variance) / mean : 0;
}

// Puts a size where it belongs among the `count` most frequent so far; returns how many there are then.
static unsigned insert_size(struct profile_size *frequent, unsigned count, unsigned limit, struct profile_size size)
{
    unsigned at = count;
    while (at > 0 && frequent[at - 1].count < size.count)
        at--;
    if (at == limit)
        return count;
    count = MIN(count + 1, limit);
    memmove(&frequent[at + 1], &frequent[at], (count - 1 - at) * sizeof *frequent);
    frequent[at] = size;
    return count;
}

unsigned profile_frequent_sizes(const struct histogram *sizes, struct profile_size *frequent, unsigned limit)
{
    unsigned count = 0;
    uint64_t left = sizes->count;
    for (uint32_t i = 0; left > 0; i++) {
        if (sizes->buckets[i] == 0)
            continue;
        struct profile_size size = {histogram_bucket_bottom(i) * PROFILE_SECTOR, sizes->buckets[i]};
        count = insert_size(frequent, count, limit, size);
        left -= sizes->buckets[i];
    }
    return count;
}
