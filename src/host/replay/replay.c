// The trace player: requests of a recording, each when its pace has it (host/replay/pace.h), where its placement has it
// (host/replay/placement.h), as often as the recording is to be played (trace/filter/repeat.h).
//
// A ramp, by simulated time or by requests, goes first and is not measured, even where its requests complete later.
// Loads beside each other share one (host/beside.h).
#include "host/replay/replay.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "trace/filter/repeat.h"
#include "util/alloc.h"
#include "util/macros.h"

struct replay {
    struct workload base;
    struct replay_options options;
    struct trace *trace;
    struct request_source *loops; // NULL: it is played once
    struct replay_source source;
    struct placement placement;
    struct pace *pace;
    uint64_t count, done; // requests
    uint64_t ramp_left;   // ramp_ios
    struct load_ramp *ramp, own_ramp;
    tick_t begins;
    struct load_terms terms;
    uint32_t first_cpu;
};

const struct workload_option replay_options_table[] = {
    {"replay", "mode", "auto", "times: at recorded times; depth: as fast as iodepth allows; dependencies: each request "
     "waits as in the recording; auto: times, or depth where an iodepth is given"},
    {"iodepth", "count", "0", "requests in flight: of depth always so many, else at most; 0: no bound"},
    {"speed", "ratio", "1", "recorded times are divided by it: 2 plays twice as fast"},
    {"threads", "what", "process", "dependencies: what waits for its own requests: process, cpu or one (all)"},
    {"loops", "count", "1", "play it so often; times go on"},
    {"ramp-time", "time", "0", "what is issued before is not measured"},
    {"ramp-ios", "count", "0", "so many requests, or a share such as 10%, go first and are not measured"},
    {"wrap", "flag", "off", "requests beyond the capacity: offset modulo the capacity"},
    {"scale", "flag", "off", "a recording of a larger drive: what lies between the places it touches shrinks"},
    {NULL, NULL, NULL, NULL},
};

static struct replay *replay_of(const struct workload *workload)
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

// --- the run -------------------------------------------------------------------------------------------------------

// The recording is read for how long it is.
static int prepare_loops(struct replay *replay, struct diag *diag)
{
    if (replay->options.loops <= 1 || replay->loops != NULL)
        return 0;
    trace_rewind(replay->trace);
    replay->loops = repeat_create(trace_as_source(replay->trace), replay->options.loops, 0, diag);
    replay->source.requests = replay->loops;
    return replay->loops == NULL ? -1 : 0;
}

static int replay_check(struct workload *workload, const struct workload_drive *drive, struct diag *diag)
{
    struct replay *replay = replay_of(workload);
    const struct trace_info *info = trace_get_info(replay->trace);
    if (replay->pace->ops->needs_latencies && info->completed == 0)
        return diag_error(diag, (struct place){.file = info->path}, "it does not tell when requests completed, so that "
                          "what waited for what is not known: replay it at recorded times, or with --iodepth N");
    return placement_check(&replay->placement, drive, diag) | prepare_loops(replay, diag);
}

static void join_ramp(struct replay *replay, struct load_ramp *ramp)
{
    const struct replay_options *options = &replay->options;
    replay->ramp = ramp;
    replay->ramp_left = options->ramp_ios;
    ramp->counting += options->ramp_ios > 0;
    if (options->ramp_time > 0)
        ramp->end = MAX(ramp->end, replay->begins + options->ramp_time);
}

static void replay_join(struct workload *workload, struct load_ramp *ramp, const struct workload_start *start)
{
    struct replay *replay = replay_of(workload);
    placement_prepare(&replay->placement, &start->drive);
    replay->begins = start->now;
    join_ramp(replay, ramp);
    replay->source.begin = start->now;
    request_source_rewind(replay->source.requests);
    replay->pace->ops->start(replay->pace, start);
}

static void replay_start(struct workload *workload, const struct workload_start *start)
{
    struct replay *replay = replay_of(workload);
    replay->own_ramp = (struct load_ramp){0};
    replay_join(workload, &replay->own_ramp, start);
    load_ramp_seal(&replay->own_ramp, start->now);
}

static tick_t replay_arrival(struct workload *workload, tick_t now)
{
    (void)now;
    return replay_of(workload)->pace->due;
}

static bool in_ramp(struct replay *replay, tick_t now)
{
    struct load_ramp *ramp = replay->ramp;
    if (unlikely(replay->ramp_left > 0)) {
        ramp->counting -= --replay->ramp_left == 0;
        return true;
    }
    if (unlikely(ramp->counting > 0 || now < ramp->end))
        return true;
    ramp->measured_from = MIN(ramp->measured_from, now);
    return false;
}

static uint8_t how_it_came(const struct trace_request *recorded)
{
    return (uint8_t)((recorded->sync ? IO_SYNC : 0) | (recorded->meta ? IO_META : 0) |
                     (recorded->ahead ? IO_AHEAD : 0) | (recorded->plugged ? IO_PLUGGED : 0) |
                     (recorded->unplug_end ? IO_UNPLUG_END : 0) | (recorded->unplug_sleep ? IO_UNPLUG_SLEEP : 0) |
                     (recorded->slept_first ? IO_SLEPT_FIRST : 0));
}

// Linux's processes have numbers below 2^22: the recording's own stands above, where the block layer's workers have none,
// so that two recordings share no plug. 0 is nobody, and the highest bit a CPU's.
static uint32_t task_of(const struct replay *replay, const struct trace_request *recorded)
{
    enum { NUMBER_SHIFT = 23 };
    return recorded->pid == 0 ? 0 : (recorded->pid ^ replay->options.number << NUMBER_SHIFT) & INT32_MAX;
}

static void replay_next(struct workload *workload, tick_t now, struct workload_request *request)
{
    struct replay *replay = replay_of(workload);
    struct pace *pace = replay->pace;
    const struct trace_request *recorded = pace->first;
    *request = (struct workload_request){
        .kind = recorded->kind,
        .fua = recorded->fua,
        .ramp = in_ramp(replay, now),
        .preflush = recorded->preflush,
        .how = how_it_came(recorded),
        .cpu = replay->first_cpu + recorded->cpu,
        .task = task_of(replay, recorded),
        .recorded_ns = recorded->latency_ns,
    };
    if (recorded->kind != IO_FLUSH)
        placement_place(&replay->placement, recorded, request);
    pace->ops->issued(pace, now, request);
}

static void replay_completed(struct workload *workload, tick_t now, const struct workload_request *request)
{
    struct replay *replay = replay_of(workload);
    if (request->ranges != NULL)
        placement_forget(request->ranges);
    replay->done++;
    replay->pace->ops->completed(replay->pace, now, request);
}

static tick_t replay_ramp_end(const struct workload *workload)
{
    const struct load_ramp *ramp = replay_of(workload)->ramp;
    return ramp->by_count ? TICK_NEVER : ramp->end;
}

static uint64_t replay_count(const struct workload *workload)
{
    return replay_of(workload)->count;
}

static uint64_t replay_done(const struct workload *workload)
{
    return replay_of(workload)->done;
}

// Where anything may hold requests up.
static size_t replay_stats(struct workload *workload, struct stat_group *groups, size_t at_most)
{
    struct pace *pace = replay_of(workload)->pace;
    if (workload->open_loop || pace->ops == &pace_depth || at_most == 0)
        return 0;
    groups[0] = pace_stat_group(pace);
    return 1;
}

static void replay_destroy(struct workload *workload)
{
    struct replay *replay = replay_of(workload);
    replay->pace->ops->destroy(replay->pace);
    placement_destroy(&replay->placement);
    request_source_destroy(replay->loops);
    free(replay);
}

// --- beside others -------------------------------------------------------------------------------------------------

static const struct load_terms *replay_terms(const struct workload *workload)
{
    return &replay_of(workload)->terms;
}

static void set_first_cpu(struct workload *workload, uint32_t cpu)
{
    replay_of(workload)->first_cpu = cpu;
}

// One that has a ramp of its own is measured from its end on.
static tick_t replay_begins(const struct workload *workload)
{
    const struct replay *replay = replay_of(workload);
    bool own = replay->ramp == &replay->own_ramp && replay->ramp->measured_from != TICK_NEVER;
    return own ? MAX(replay->begins, replay->ramp->measured_from) : replay->begins;
}

static const struct beside_ops beside = {
    .terms = replay_terms, .set_first_cpu = set_first_cpu, .join = replay_join, .begins = replay_begins};

const struct workload_ops replay_ops = {
    .name = "replay",
    .help = "plays a recording: at recorded times, as fast as a queue depth allows, or as its requests waited",
    .check = replay_check,
    .start = replay_start,
    .arrival = replay_arrival,
    .next = replay_next,
    .completed = replay_completed,
    .ramp_end = replay_ramp_end,
    .count = replay_count,
    .done = replay_done,
    .stats = replay_stats,
    .destroy = replay_destroy,
    .beside = &beside,
};

// --- creation ------------------------------------------------------------------------------------------------------

enum replay_mode replay_mode_of(enum replay_mode mode, uint64_t iodepth)
{
    if (mode != REPLAY_AUTO)
        return mode;
    return iodepth == 0 ? REPLAY_TIMES : REPLAY_DEPTH;
}

static struct pace *create_pace(const struct replay_options *options, struct replay_source *source)
{
    const struct pace_ops *ops = pace_registry[replay_mode_of(options->mode, options->iodepth) - REPLAY_TIMES];
    struct pace *pace = ops->create(&(struct pace_options){
        .iodepth = options->iodepth,
        .threads = options->threads,
        .window = options->window,
    });
    pace->ops = ops;
    pace->source = source;
    return pace;
}

static struct replay_source source_of(struct trace *trace, const struct replay_options *options)
{
    struct replay_source source = {.requests = trace_as_source(trace), .speed = options->speed};
    if (source.speed.numerator == 0)
        source.speed = (struct replay_speed){1, 1};
    return source;
}

struct workload *replay_create(struct trace *trace, const struct replay_options *options)
{
    struct replay *replay = xcalloc(1, sizeof *replay);
    uint64_t requests = trace_get_info(trace)->requests;
    replay->options = *options;
    replay->trace = trace;
    replay->source = source_of(trace, options);
    replay->pace = create_pace(options, &replay->source);
    replay->base = (struct workload){.ops = &replay_ops,
                                     .open_loop = replay->pace->ops == &pace_times && options->iodepth == 0};
    placement_init(&replay->placement, trace, options->beyond, &options->region);
    replay->terms = (struct load_terms){.cpus = trace_get_info(trace)->cpus, .numjobs = 1, .has_load = true};
    memcpy(replay->terms.name, options->name, sizeof options->name);
    if (__builtin_mul_overflow(requests, MAX(options->loops, 1), &replay->count))
        replay->count = UINT64_MAX;
    return &replay->base;
}

const struct pace_stats *replay_get_stats(const struct workload *workload)
{
    return pace_stat_group(replay_of(workload)->pace).values;
}
