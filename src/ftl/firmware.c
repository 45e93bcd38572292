// The core's processors.
//
// Firmware runs on `processors` equal processors; a piece of work goes to the one that is free first (ties: the lowest
// number), starts on an edge of the processor clock and takes whole cycles. It goes in order of arrival, but for two
// rules that bound how long a command of the host waits for work that is not its own:
//   * `host_first`: background work begins only on a processor that is idle.
//   * `slice`: who takes longer gives way after each slice, and goes on when a processor is idle: the rest of a host's
//     command (a large trim) before background work, and either in turns with others of its kind.
// Who has waited for an idle processor for `background_bound` gets his next slice in order of arrival after all.
//
// So nothing overtakes a piece of work that has been given its place, and where it ends is known when it arrives:
// processors are timelines, and cost an event only where somebody waits for an idle one or is cut. Invariant: when
// somebody waits, a wake-up is scheduled, no later than a processor is idle or somebody has waited for the bound.
//
// Left out: what it costs to change from one task to another; processors of different kinds.
#include "ftl/firmware.h"

#include <stdlib.h>

#include "util/alloc.h"
#include "util/macros.h"

// Work that waits for an idle processor, or is done slice by slice.
struct firmware_task {
    struct list_link link;
    struct firmware *firmware;
    enum firmware_class class;
    tick_t left;
    tick_t since; // when it began to wait
    struct breakdown *path; // as in firmware_serve, or NULL
    sim_event_fn *then;
    void *context;
};

void firmware_init(struct firmware *firmware, struct sim *sim, const struct ftl_config *config)
{
    firmware->sim = sim;
    firmware->clock = clock_from_hz(config->clock);
    firmware->count = config->processors;
    firmware->host_first = config->host_first;
    firmware->slice = config->slice == 0 ? TICK_NEVER : clock_round_up(firmware->clock, config->slice);
    firmware->bound = config->background_bound == 0 ? TICK_END : config->background_bound;
    pool_init(&firmware->tasks, sizeof(struct firmware_task));
    meter_init(&firmware->meter, config->processors);
    meter_set_units(&firmware->meter, firmware->processors, sizeof firmware->processors[0]);
}

void firmware_destroy(struct firmware *firmware)
{
    pool_destroy(&firmware->tasks);
    free(firmware->runs);
}

void firmware_explain(struct firmware *firmware)
{
    firmware->runs = xcalloc(firmware->count, sizeof *firmware->runs);
}

static inline struct timeline *first_free(struct firmware *firmware)
{
    struct timeline *first = &firmware->processors[0];
    for (uint32_t i = 1; i < firmware->count; i++)
        if (firmware->processors[i].free_at < first->free_at)
            first = &firmware->processors[i];
    return first;
}

static const char *const class_names[] = {[FIRMWARE_HOST] = "host", [FIRMWARE_BACKGROUND] = "background"};

// Of the time from `ready` to `start`, for which a piece of work waits, what is background's; what lies further back
// than is known counts as the host's.
static tick_t background_until(const struct firmware_runs *runs, tick_t ready, tick_t start)
{
    tick_t time = 0;
    for (uint32_t i = 0; i < FIRMWARE_RUNS; i++) {
        tick_t from = MAX(runs->runs[i].from, ready), to = MIN(runs->runs[i].to, start);
        time += to > from ? to - from : 0;
    }
    return time;
}

static __attribute__((noinline)) void explain_wait(const struct firmware_runs *runs, tick_t ready, tick_t start,
                                                   struct breakdown *path)
{
    tick_t background = runs->runs[runs->latest].to > ready ? background_until(runs, ready, start) : 0;
    wait_add(path, WAIT_CONTROLLER_BACKGROUND, background);
    wait_add(path, WAIT_CONTROLLER_HOST_WORK, start - ready - background);
}

static __attribute__((noinline)) void note_background(struct firmware_runs *runs, tick_t from, tick_t to)
{
    if (runs->runs[runs->latest].to != from) {
        runs->latest = (runs->latest + 1) % FIRMWARE_RUNS;
        runs->runs[runs->latest].from = from;
    }
    runs->runs[runs->latest].to = to;
}

// Returns when it ends.
static inline tick_t reserve(struct firmware *firmware, enum firmware_class class, tick_t duration,
                             struct breakdown *path)
{
    tick_t ready = clock_edge(firmware->clock, sim_now(firmware->sim));
    struct timeline *processor = first_free(firmware);
    tick_t start = timeline_reserve(processor, ready, duration);
    meter_add_use(&firmware->meter, start, duration, processor, &class_names[class], NULL);
    if (start > ready && path != NULL && unlikely(path->waits != NULL))
        explain_wait(&firmware->runs[processor - firmware->processors], ready, start, path);
    if (class == FIRMWARE_BACKGROUND && unlikely(firmware->runs != NULL))
        note_background(&firmware->runs[processor - firmware->processors], start, start + duration);
    return start + duration;
}

// --- who waits for an idle processor ---

static struct firmware_task *head_of(const struct firmware *firmware, unsigned class)
{
    struct list_link *link = firmware->waiting[class].head;
    return link == NULL ? NULL : container_of(link, struct firmware_task, link);
}

static bool anyone_waits(const struct firmware *firmware)
{
    return !list_empty(&firmware->waiting[FIRMWARE_HOST]) || !list_empty(&firmware->waiting[FIRMWARE_BACKGROUND]);
}

// The list whose first may begin a slice now; NULL for none.
static struct list *next_list(struct firmware *firmware)
{
    tick_t now = sim_now(firmware->sim);
    struct list *next = NULL;
    for (unsigned class = FIRMWARE_CLASSES; class-- > 0;) {
        const struct firmware_task *task = head_of(firmware, class);
        if (task == NULL)
            continue;
        next = &firmware->waiting[class];
        if (now - task->since >= firmware->bound) {
            firmware->stats.overdue++;
            return next;
        }
    }
    return first_free(firmware)->free_at <= now ? next : NULL;
}

static void slice_over(void *context);

static void begin_slice(struct firmware_task *task)
{
    struct firmware *firmware = task->firmware;
    tick_t slice = MIN(firmware->slice, task->left);
    task->left -= slice;
    tick_t waited = sim_now(firmware->sim) - task->since;
    if (waited > 0 && task->path != NULL && task->path->waits != NULL)
        wait_add(task->path, WAIT_CONTROLLER_HOST_WORK, waited);
    sim_at(firmware->sim, reserve(firmware, task->class, slice, task->path), slice_over, task);
}

static void wake(void *context);

static void schedule_wake(struct firmware *firmware)
{
    tick_t when = first_free(firmware)->free_at;
    for (unsigned class = 0; class < FIRMWARE_CLASSES; class++)
        if (head_of(firmware, class) != NULL)
            when = MIN(when, head_of(firmware, class)->since + firmware->bound);
    firmware->wake_pending = true;
    sim_at(firmware->sim, when, wake, firmware);
}

// Those begin who may.
static void serve(struct firmware *firmware)
{
    for (struct list *list; (list = next_list(firmware)) != NULL;)
        begin_slice(container_of(list_pop(list), struct firmware_task, link));
    if (anyone_waits(firmware) && !firmware->wake_pending)
        schedule_wake(firmware);
}

static void wake(void *context)
{
    struct firmware *firmware = context;
    firmware->wake_pending = false;
    serve(firmware);
}

static void wait_for_idle(struct firmware_task *task)
{
    struct firmware *firmware = task->firmware;
    task->since = sim_now(firmware->sim);
    list_push(&firmware->waiting[task->class], &task->link);
    serve(firmware);
}

static void slice_over(void *context)
{
    struct firmware_task *task = context, done = *task;
    if (task->left > 0) {
        task->firmware->stats.yields++;
        wait_for_idle(task);
        return;
    }
    pool_give(&task->firmware->tasks, task);
    done.then(done.context);
}

// --- what arrives ---

// What one reservation is not enough for; out of line, so that other work saves no registers for it.
static __attribute__((noinline)) void run_as_task(struct firmware_task arrived, bool waits)
{
    struct firmware_task *task = pool_take(&arrived.firmware->tasks);
    *task = arrived;
    task->since = sim_now(task->firmware->sim);
    task->firmware->stats.waits += waits;
    if (waits)
        wait_for_idle(task);
    else
        begin_slice(task);
}

static inline void arrive(struct firmware *firmware, enum firmware_class class, tick_t duration,
                          struct breakdown *path, sim_event_fn *then, void *context)
{
    tick_t now = sim_now(firmware->sim), left = clock_round_up(firmware->clock, duration);
    bool behind = class != FIRMWARE_HOST && firmware->host_first;
    bool waits = behind && (anyone_waits(firmware) || first_free(firmware)->free_at > now);
    if (unlikely(waits || left > firmware->slice))
        run_as_task((struct firmware_task){.firmware = firmware, .class = class, .left = left, .path = path,
                                           .then = then, .context = context}, waits);
    else
        sim_at(firmware->sim, left == 0 ? now : reserve(firmware, class, left, path), then, context);
}

void firmware_run(struct firmware *firmware, enum firmware_class class, tick_t duration, sim_event_fn *then,
                  void *context)
{
    arrive(firmware, class, duration, NULL, then, context);
}

void firmware_serve(struct firmware *firmware, tick_t duration, struct breakdown *path, sim_event_fn *then,
                    void *context)
{
    arrive(firmware, FIRMWARE_HOST, duration, path, then, context);
}
