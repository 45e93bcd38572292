// The trace player: recorded requests at recorded times (open loop), or as fast as a depth allows (closed loop).
//
// Open loop: request i arrives at start + floor(time_i * 1000 * denominator / numerator) ps, where numerator over
// denominator is the speed; computed in 128-bit integers from the recorded time, so that rounding never accumulates.
// Closed loop: recorded order, recorded times ignored, never more than `iodepth` in flight.
//
// Left out: dependencies between recorded requests (a request that in the recording waited for another one does not
// wait for it here, at recorded times).
#include "host/replay/replay.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>

#include "host/tokens.h"
#include "trace/filter/scale.h"
#include "util/alloc.h"
#include "util/macros.h"

// Ranges of a trim where they lie on the drive, until it completes.
struct placed {
    struct placed *next, **link; // of all such
    struct io_range ranges[];
};

struct replay {
    struct workload base;
    struct trace *trace;
    struct replay_options options;
    struct trace_request ahead; // the next request
    bool has_ahead;
    uint64_t count;
    struct workload_start start;
    tick_t next_at;    // open loop: arrival of the next request
    struct token_ring tokens;
    uint64_t wrap_at;  // bytes: capacity in whole 4 KiB, so that wrapping keeps alignment
    struct scale scale;
    struct placed *placed;
};

const struct workload_option replay_options_table[] = {
    {"speed", "ratio", "1", "recorded times are divided by it: 2 plays twice as fast"},
    {"iodepth", "count", "0", "closed loop with so many requests in flight, in recorded order; 0: at recorded times"},
    {"wrap", "flag", "off", "requests beyond the capacity: offset modulo the capacity"},
    {"scale", "flag", "off", "a recording of a larger drive: what lies between the places it touches shrinks"},
    {NULL, NULL, NULL, NULL},
};

static struct replay *replay_of(struct workload *workload)
{
    return container_of(workload, struct replay, base);
}

// --- speed ---------------------------------------------------------------------------------------------------------

static const char *read_digits(const char *text, uint64_t *value, int *digits)
{
    for (*digits = 0; isdigit((unsigned char)*text) && *digits < 10; text++, ++*digits)
        *value = *value * 10 + (uint64_t)(*text - '0');
    return text;
}

int replay_parse_speed(const char *text, struct replay_speed *speed, struct place place, struct diag *diag)
{
    uint64_t value = 0;
    int whole, decimals = 0;
    const char *end = read_digits(text, &value, &whole);
    if (*end == '.')
        end = read_digits(end + 1, &value, &decimals);
    if (*end != '\0' || value == 0 || whole > 9 || decimals > 9)
        return diag_error(diag, place, "'%s' is not a speed: a decimal number above 0, such as 2 or 0.5", text);
    *speed = (struct replay_speed){.numerator = value, .denominator = 1};
    for (; decimals > 0; decimals--)
        speed->denominator *= 10;
    return 0;
}

// --- offsets -------------------------------------------------------------------------------------------------------

static uint64_t recorded_end(const struct replay *replay)
{
    return trace_get_info(replay->trace)->end_offset;
}

static bool fits(const struct replay *replay)
{
    return replay->options.beyond == REPLAY_BEYOND_ERROR ||
           recorded_end(replay) <= replay->start.drive.capacity_bytes;
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
static struct io_range scale(const struct replay *replay, struct io_range range, enum io_kind kind)
{
    uint64_t start = scale_place(&replay->scale, range.offset);
    uint64_t end = scale_place(&replay->scale, range.offset + range.bytes);
    if (!io_moves_data(kind) && end >= start)
        range.bytes = end - start;
    range.offset = start;
    return range;
}

static struct io_range place(const struct replay *replay, struct io_range range, enum io_kind kind)
{
    if (fits(replay))
        return range;
    if (replay->options.beyond == REPLAY_BEYOND_WRAP)
        range.offset %= replay->wrap_at;
    else
        range = scale(replay, range, kind);
    return clip(range, &replay->start.drive);
}

static struct io_range *place_ranges(struct replay *replay, const struct trace_request *recorded)
{
    struct placed *placed = xmalloc(sizeof *placed + recorded->range_count * sizeof *placed->ranges);
    placed->next = replay->placed;
    placed->link = &replay->placed;
    if (placed->next != NULL)
        placed->next->link = &placed->next;
    replay->placed = placed;
    for (uint32_t i = 0; i < recorded->range_count; i++)
        placed->ranges[i] = place(replay, recorded->ranges[i], recorded->kind);
    return placed->ranges;
}

static void forget_ranges(const struct io_range *ranges)
{
    struct placed *placed = container_of(ranges, struct placed, ranges);
    *placed->link = placed->next;
    if (placed->next != NULL)
        placed->next->link = placed->link;
    free(placed);
}

static void place_request(struct replay *replay, const struct trace_request *recorded,
                          struct workload_request *request)
{
    struct io_range range = place(replay, (struct io_range){recorded->offset, recorded->bytes}, recorded->kind);
    request->offset = range.offset;
    request->bytes = range.bytes;
    if (recorded->range_count == 0)
        return;
    request->ranges = place_ranges(replay, recorded);
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

static void prepare_scale(struct replay *replay, uint64_t capacity)
{
    if (replay->options.beyond != REPLAY_BEYOND_SCALE || recorded_end(replay) <= capacity)
        return;
    scale_destroy(&replay->scale);
    scale_init(&replay->scale, trace_as_source(replay->trace), capacity);
}

// Whether the drive can take all of it by its blocks; only where it cannot every request is looked at, to name it.
static int check_blocks(struct replay *replay, const struct workload_drive *drive, struct place place,
                        struct diag *diag)
{
    const struct trace_info *info = trace_get_info(replay->trace);
    struct trace_request request;
    int errors = 0;
    if (!info->has_empty && info->granularity % drive->block_bytes == 0)
        return 0;
    trace_rewind(replay->trace);
    for (uint64_t i = 1; errors < DIAG_ERRORS_SHOWN && trace_next(replay->trace, &request); i++)
        errors -= check_request(&request, i, drive, place, diag);
    return errors == 0 ? 0 : -1;
}

static int replay_check(struct workload *workload, const struct workload_drive *drive, struct diag *diag)
{
    struct replay *replay = replay_of(workload);
    struct place place = {.file = trace_get_info(replay->trace)->path};
    if (replay->options.beyond == REPLAY_BEYOND_ERROR && recorded_end(replay) > drive->capacity_bytes)
        return diag_error(diag, place,
                          "the recording reaches byte %" PRIu64 ", the drive has %" PRIu64
                          "; take a larger drive, or --wrap or --scale",
                          recorded_end(replay), drive->capacity_bytes);
    prepare_scale(replay, drive->capacity_bytes);
    if (scale_folds(&replay->scale))
        diag_warning(diag, place, "what it touches, %" PRIu64 " bytes, is more than the drive holds: places that far "
                     "apart become one", replay->scale.touched);
    return check_blocks(replay, drive, place, diag);
}

// --- the run -------------------------------------------------------------------------------------------------------

static void set_next_arrival(struct replay *replay)
{
    replay->next_at = TICK_NEVER;
    if (!replay->has_ahead)
        return;
    const struct replay_speed *speed = &replay->options.speed;
    unsigned __int128 after = (unsigned __int128)replay->ahead.time_ns * TICKS_PER_NS;
    if (speed->numerator != speed->denominator)
        after = after * speed->denominator / speed->numerator;
    replay->next_at = (tick_t)MIN(replay->start.now + after, (unsigned __int128)TICK_END);
}

static void look_ahead(struct replay *replay)
{
    replay->has_ahead = trace_next(replay->trace, &replay->ahead);
    set_next_arrival(replay);
}

static void prepare_places(struct replay *replay)
{
    replay->wrap_at = replay->start.drive.capacity_bytes & ~UINT64_C(4095);
    prepare_scale(replay, replay->start.drive.capacity_bytes);
}

static void replay_start(struct workload *workload, const struct workload_start *start)
{
    struct replay *replay = replay_of(workload);
    replay->start = *start;
    prepare_places(replay);
    for (uint32_t i = 0; i < replay->options.iodepth; i++)
        token_ring_push(&replay->tokens, start->now, 0);
    trace_rewind(replay->trace);
    look_ahead(replay);
}

static tick_t replay_arrival(struct workload *workload, tick_t now)
{
    (void)now;
    struct replay *replay = replay_of(workload);
    if (replay->options.iodepth == 0)
        return replay->next_at;
    const struct token *token = token_ring_first(&replay->tokens);
    return !replay->has_ahead || token == NULL ? TICK_NEVER : token->free_at;
}

static uint8_t how_it_came(const struct trace_request *recorded)
{
    return (uint8_t)((recorded->sync ? IO_SYNC : 0) | (recorded->meta ? IO_META : 0) |
                     (recorded->ahead ? IO_AHEAD : 0) | (recorded->plugged ? IO_PLUGGED : 0) |
                     (recorded->unplug_end ? IO_UNPLUG_END : 0) | (recorded->unplug_sleep ? IO_UNPLUG_SLEEP : 0));
}

static void replay_next(struct workload *workload, tick_t now, struct workload_request *request)
{
    (void)now;
    struct replay *replay = replay_of(workload);
    const struct trace_request *recorded = &replay->ahead;
    *request = (struct workload_request){
        .kind = recorded->kind,
        .fua = recorded->fua,
        .preflush = recorded->preflush,
        .how = how_it_came(recorded),
        .cpu = recorded->cpu,
        .task = recorded->pid,
        .recorded_ns = recorded->latency_ns,
    };
    if (recorded->kind != IO_FLUSH)
        place_request(replay, recorded, request);
    look_ahead(replay);
    if (replay->options.iodepth > 0)
        token_ring_pop(&replay->tokens);
}

static void replay_completed(struct workload *workload, tick_t now, const struct workload_request *request)
{
    struct replay *replay = replay_of(workload);
    if (request->ranges != NULL)
        forget_ranges(request->ranges);
    if (replay->options.iodepth > 0)
        token_ring_push(&replay->tokens, now + replay->start.think_time, 0);
}

static void replay_destroy(struct workload *workload)
{
    struct replay *replay = replay_of(workload);
    token_ring_destroy(&replay->tokens);
    scale_destroy(&replay->scale);
    while (replay->placed != NULL)
        forget_ranges(replay->placed->ranges);
    free(replay);
}

static uint64_t replay_count(const struct workload *workload)
{
    return container_of(workload, struct replay, base)->count;
}

const struct workload_ops replay_ops = {
    .name = "replay",
    .help = "plays a recording, at recorded times or as fast as a queue depth allows",
    .check = replay_check,
    .start = replay_start,
    .arrival = replay_arrival,
    .next = replay_next,
    .completed = replay_completed,
    .count = replay_count,
    .destroy = replay_destroy,
};

struct workload *replay_create(struct trace *trace, const struct replay_options *options)
{
    struct replay *replay = xcalloc(1, sizeof *replay);
    replay->base = (struct workload){.ops = &replay_ops, .open_loop = options->iodepth == 0};
    replay->trace = trace;
    replay->options = *options;
    if (options->speed.numerator == 0)
        replay->options.speed = (struct replay_speed){1, 1};
    replay->count = trace_get_info(trace)->requests;
    token_ring_init(&replay->tokens, MAX(options->iodepth, 1));
    return &replay->base;
}
