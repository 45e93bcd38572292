// What is the same for all models of applications: clients with operations, tasks in the background, their requests.
//
// A closed loop: each client begins an operation when its last one is over and thinktime has passed. With rate_ops
// operations come by time alone, to the client that has been idle longest, or wait for one; an operation's latency
// counts from when it came. Each takes optime of a processor, then its steps. What is ready to go on at one moment goes
// on in the order in which it became so, and requests are issued in the order in which steps asked for them.
//
// number_ops operations are measured, those that began after the ramp; with the last of them the run is over, and what
// is left to be done in the background is not. Each client and task draws from a stream of its own.
#include "host/generate/generator.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/job/arrivals.h"
#include "stats/histogram.h"
#include "util/alloc.h"
#include "util/check.h"
#include "util/macros.h"

// A request that was asked for.
struct asked {
    struct task *task;
    tick_t at;
    enum io_kind kind;
    bool fua, preflush;
    uint64_t offset, bytes;
};

// In the order in which they were asked for: a ring that grows.
struct asked_ring {
    struct asked *slots;
    uint32_t size, head, count; // size: a power of two, or 0
};

// What is told of operations.
struct operation_counts {
    uint64_t operations;
    double operations_per_s;
    tick_t mean, p50, p99, p99_9, longest;
};

#define ROW(name, kind, one, text) {#name, kind, offsetof(struct operation_counts, name), one, text}
static const struct stat_field operation_fields[] = {
    ROW(operations, STAT_COUNT, "1", "Operations of the model's clients."),
    ROW(operations_per_s, STAT_REAL, "1/s", "Over the time until the last one was done."),
    ROW(mean, STAT_TIME, "us", "Their mean latency."),
    ROW(p50, STAT_TIME, "us", "Half of the operations took at most as long."),
    ROW(p99, STAT_TIME, "us", "99 % of the operations took at most as long."),
    {"p99.9", STAT_TIME, offsetof(struct operation_counts, p99_9), "us",
     "99.9 % of the operations took at most as long."},
    ROW(longest, STAT_TIME, "us", "The longest operation."),
};
#undef ROW

struct generator {
    struct workload base;
    const struct model_ops *ops;
    struct model_options *options; // the model's begin with them
    struct load_terms terms;
    char *where;        // for messages
    uint64_t line;
    uint32_t index, first_cpu;
    uint32_t clients, task_count;

    // once started
    uint64_t first;     // byte of the drive where its space begins
    void *model;
    tick_t now;
    struct task *tasks; // clients, then those in the background
    struct task_list ready, idle;
    struct arrivals timers; // of tasks, and of the next operation where there is a rate
    struct rng rng;         // of the rate
    tick_t due;             // of that operation
    bool awaits_due;        // its timer is set
    struct asked_ring asked;

    // its course
    struct load_ramp *ramp, own_ramp;
    uint64_t ramp_left;     // operations that the ramp still lacks
    tick_t begins, think_time;
    uint64_t limit, begun, done; // operations that are measured; UINT64_MAX: no limit
    bool measuring;
    tick_t last_done;

    // what is told
    struct histogram latencies; // ns
    tick_sum_t latency_sum;
    struct operation_counts told;
    void *counts;
};

static struct generator *generator_of(const struct workload *workload)
{
    return container_of(workload, struct generator, base);
}

// --- words ---------------------------------------------------------------------------------------------------------

#define TIME_MAX (100 * 86400 * TICKS_PER_S)
#define COUNT_MAX (UINT64_C(1) << 50)
#define BYTES_MAX (JOB_PERCENT - 1)
#define WORD(...) WORD_ROW(struct model_options, __VA_ARGS__)

const struct word_row generator_rows[] = {
    WORD(clients, clients, COUNT, "0", 0, 4096, "that carry out an operation each; 0: as the model has it",
         .alias = "iodepth"),
    WORD(number_ops, number_ops, COUNT, "0", 0, COUNT_MAX, "operations of all clients; 0: 100000, or until runtime"),
    WORD(rate_ops, rate_ops, COUNT, "0", 0, 1000000000, "operations a second, whatever completes; 0: closed loop",
         .alias = "rate_iops"),
    WORD(rate_process, rate_process, PROCESS, "poisson", 0, 0, "arrivals of a rate, as a job's"),
    WORD(optime, optime, TIME, "10us", TICKS_PER_NS, TIME_MAX, "of a processor, in each operation before its requests"),
    WORD(thinktime, thinktime, TIME, "0", 0, TIME_MAX, "between two operations of a client"),
    WORD(offset, offset, SHARE, "0", 0, BYTES_MAX, "where the model's space on the drive begins, or 25%"),
    WORD(size, size, SHARE, "0", 0, BYTES_MAX, "of its space, or 50%; 0: to the end of the drive"),
    WORD(startdelay, startdelay, TIME, "0", 0, TIME_MAX, "when it begins, seen from the beginning of the run"),
    WORD(runtime, runtime, TIME, "0", 0, TIME_MAX, "nothing is issued after it"),
    WORD(ramp_time, ramp_time, TIME, "0", 0, TIME_MAX, "run so long before measuring"),
    WORD(ramp_ops, ramp_ops, COUNT, "0", 0, COUNT_MAX, "run so many operations before measuring"),
    WORD(stonewall, stonewall, COUNT, "0", 0, 1, "1: begins when all loads before it are done"),
    WORD(exitall, exitall, COUNT, "0", 0, 1, "1: when it is done, all others issue nothing more"),
    WORD(name, name, NAME, "", 0, 0, "what results call it where there are several"),
    {.name = NULL},
};

static const char *common_mistake(const struct model_options *o)
{
    const struct {
        bool holds;
        const char *message;
    } mistakes[] = {
        {o->ramp_time > 0 && o->ramp_ops > 0, "ramp_time and ramp_ops exclude each other"},
        {o->runtime > 0 && o->number_ops > 0, "runtime and number_ops exclude each other"},
        {o->startdelay + o->ramp_time + o->runtime > TIME_MAX,
         "startdelay, ramp_time and runtime together are out of range: at most 100d"},
        {o->ramp_ops > 0 && o->stonewall, "ramp_ops and stonewall exclude each other; ramp_time is a ramp of its own"},
        {o->rate_ops > 0 && o->thinktime > 0, "thinktime has no meaning with rate_ops"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(mistakes); i++)
        if (mistakes[i].holds)
            return mistakes[i].message;
    return NULL;
}

// --- what models ask for -------------------------------------------------------------------------------------------

void task_list_push(struct task_list *list, struct task *task)
{
    task->next = NULL;
    if (list->first == NULL)
        list->first = task;
    else
        list->last->next = task;
    list->last = task;
}

struct task *task_list_pop(struct task_list *list)
{
    struct task *task = list->first;
    if (task != NULL)
        list->first = task->next;
    return task;
}

const void *generator_options(const struct generator *g)
{
    return g->options;
}

uint32_t generator_clients(const struct generator *g)
{
    return g->clients;
}

void *generator_model(const struct generator *g)
{
    return g->model;
}

void *generator_counts(struct generator *g)
{
    return g->counts;
}

tick_t generator_now(const struct generator *g)
{
    return g->now;
}

static void seed_task(struct generator *g, struct task *task, uint64_t seed)
{
    char path[64];
    snprintf(path, sizeof path, "host.%u.%s%u", g->index, g->ops->name, task->index);
    rng_seed(&task->rng, seed, path);
}

struct task *generator_add_task(struct generator *g,
                                enum step_result (*step)(struct generator *generator, struct task *task))
{
    CHECK(g->task_count < g->clients + g->ops->tasks, "%s has more tasks than it says", g->ops->name);
    struct task *task = &g->tasks[g->task_count++];
    task->step = step;
    task->resting = true;
    return task;
}

void generator_wake(struct generator *g, struct task *task)
{
    if (!task->resting)
        return;
    task->resting = false;
    task_list_push(&g->ready, task);
}

void generator_sleep(struct generator *g, struct task *task, tick_t until)
{
    arrivals_push(&g->timers, (struct arrival){.at = until, .stream = task->index});
}

static struct asked *ask(struct generator *g)
{
    struct asked_ring *ring = &g->asked;
    if (ring->count == ring->size) {
        uint32_t size = MAX(2 * ring->size, 64u);
        struct asked *slots = xcalloc(size, sizeof *slots);
        for (uint32_t i = 0; i < ring->count; i++)
            slots[i] = ring->slots[(ring->head + i) & (ring->size - 1)];
        free(ring->slots);
        *ring = (struct asked_ring){.slots = slots, .size = size, .count = ring->count};
    }
    return &ring->slots[(ring->head + ring->count++) & (ring->size - 1)];
}

void generator_io(struct generator *g, struct task *task, enum io_kind kind, uint64_t offset, uint64_t bytes)
{
    *ask(g) = (struct asked){.task = task, .at = g->now, .kind = kind, .offset = offset, .bytes = bytes};
    task->in_flight++;
}

void generator_write_through(struct generator *g, struct task *task, uint64_t offset, uint64_t bytes, bool preflush)
{
    *ask(g) = (struct asked){.task = task, .at = g->now, .kind = IO_WRITE, .fua = true, .preflush = preflush,
                             .offset = offset, .bytes = bytes};
    task->in_flight++;
}

// --- operations ----------------------------------------------------------------------------------------------------

static bool in_ramp(const struct generator *g, tick_t at)
{
    return g->ramp->counting > 0 || at < g->ramp->end;
}

// An operation that began within the ramp is not measured, nor are its requests; the background is from the first one
// on that is.
static bool counts(const struct generator *g, const struct task *task)
{
    return (task->index < g->clients ? task->measured : g->measuring) && !in_ramp(g, g->now);
}

// Of issuing; TICK_NEVER: not by time, or not before the ramp has ended.
static tick_t end_of(const struct generator *g)
{
    if (g->options->runtime == 0 || g->ramp->measured_from == TICK_NEVER)
        return TICK_NEVER;
    return MAX(g->ramp->measured_from, g->begins) + g->options->runtime;
}

static void begin_counting(struct generator *g)
{
    g->measuring = true;
    memset(g->counts, 0, g->ops->counts_bytes);
}

static bool is_over(const struct generator *g)
{
    return g->done == g->limit;
}

// The client's next operation, which came at `came`.
static void begin(struct generator *g, struct task *client, tick_t came)
{
    bool ramp = in_ramp(g, came);
    if (g->ramp_left > 0)
        g->ramp->counting -= --g->ramp_left == 0;
    client->began = came;
    client->measured = !ramp;
    client->at = 0;
    g->begun += !ramp;
    if (!ramp && !g->measuring)
        begin_counting(g);
    g->ops->choose(g, client);
    generator_sleep(g, client, MAX(came, g->now) + g->options->optime);
}

static uint32_t stream_of_rate(const struct generator *g)
{
    return g->clients + g->ops->tasks;
}

// What has come goes to those who are idle. What has not has a timer, one at most: an older one that is still there is
// of now, and sets the next.
static void deal_out(struct generator *g)
{
    uint32_t stream = stream_of_rate(g);
    struct task *client;
    while (g->due <= g->now && g->begun < g->limit && (client = task_list_pop(&g->idle)) != NULL) {
        begin(g, client, g->due);
        g->due += arrivals_interval(&g->timers, stream, 1, &g->rng);
    }
    if (g->awaits_due || g->due <= g->now)
        return;
    g->awaits_due = true;
    arrivals_push(&g->timers, (struct arrival){.at = g->due, .stream = stream});
}

static void take_next(struct generator *g, struct task *client, tick_t at)
{
    client->resting = true;
    if (g->options->rate_ops > 0) {
        task_list_push(&g->idle, client);
        deal_out(g);
    } else if (g->begun < g->limit) {
        begin(g, client, at);
    }
}

static void finish(struct generator *g, struct task *client)
{
    if (client->measured) {
        histogram_record(&g->latencies, (g->now - client->began) / TICKS_PER_NS);
        g->latency_sum += g->now - client->began;
        g->last_done = g->now;
        g->done++;
    }
    take_next(g, client, g->now + g->options->thinktime + g->think_time);
}

static void carry_on(struct generator *g, struct task *task)
{
    enum step_result result;
    while ((result = task->step(g, task)) == STEP_ON)
        if (task->in_flight > 0)
            return;
    CHECK(task->in_flight == 0, "%s: a task rests with requests in flight", g->ops->name);
    task->resting = true;
    if (result == STEP_DONE && task->index < g->clients)
        finish(g, task);
}

static void run(struct generator *g)
{
    for (struct task *task; (task = task_list_pop(&g->ready)) != NULL;)
        carry_on(g, task);
}

// --- the life of a workload ----------------------------------------------------------------------------------------

static uint64_t share_of(uint64_t capacity, uint64_t size)
{
    const uint64_t whole = UINT64_C(1) << 16;
    if ((size & JOB_PERCENT) == 0)
        return size;
    uint64_t share = (uint64_t)((unsigned __int128)capacity * (size & ~JOB_PERCENT) / 100);
    return share / whole * whole;
}

// Returns NULL, or what is wrong with it.
static const char *find_space(const struct generator *g, const struct workload_drive *drive, uint64_t *first,
                              struct model_space *space)
{
    uint64_t capacity = drive->capacity_bytes;
    *first = share_of(capacity, g->options->offset);
    if (*first >= capacity || *first % drive->block_bytes != 0)
        return "offset must be a multiple of the logical block, within the drive";
    uint64_t size = share_of(capacity, g->options->size);
    *space = (struct model_space){.bytes = size == 0 ? capacity - *first : size, .block = drive->block_bytes};
    if (space->bytes > capacity - *first)
        return "offset and size reach beyond the drive's end";
    return g->ops->check_space(g->options, space);
}

static int generator_check(struct workload *workload, const struct workload_drive *drive, struct diag *diag)
{
    const struct generator *g = generator_of(workload);
    struct model_space space;
    uint64_t first;
    const char *mistake = find_space(g, drive, &first, &space);
    if (mistake == NULL)
        return 0;
    return diag_error(diag, (struct place){.file = g->where, .line = g->line}, "%s: %s", g->ops->name, mistake);
}

static void start_clients(struct generator *g)
{
    g->due = g->begins;
    if (g->options->rate_ops > 0 && g->options->rate_process.random)
        g->due += arrivals_interval(&g->timers, stream_of_rate(g), 1, &g->rng);
    for (uint32_t i = 0; i < g->clients; i++)
        take_next(g, &g->tasks[i], g->begins);
}

static void start_tasks(struct generator *g, uint64_t seed)
{
    uint32_t most = g->clients + g->ops->tasks;
    g->task_count = g->clients;
    g->tasks = xcalloc(most, sizeof *g->tasks);
    arrivals_init(&g->timers, most + 1, g->options->rate_ops, &g->options->rate_process);
    for (uint32_t i = 0; i < most; i++) {
        g->tasks[i].index = i;
        g->tasks[i].step = g->ops->step;
        seed_task(g, &g->tasks[i], seed);
    }
}

static void join(struct workload *workload, struct load_ramp *ramp, const struct workload_start *start)
{
    struct generator *g = generator_of(workload);
    const struct model_options *o = g->options;
    struct model_space space;
    char path[32];
    find_space(g, &start->drive, &g->first, &space);
    snprintf(path, sizeof path, "host.%u.rate", g->index);
    rng_seed(&g->rng, start->seed, path);
    g->now = start->now;
    g->begins = g->last_done = start->now + o->startdelay;
    g->think_time = start->think_time;
    g->ramp = ramp;
    g->ramp_left = o->ramp_ops;
    ramp->counting += o->ramp_ops > 0;
    if (o->ramp_time > 0)
        ramp->end = MAX(ramp->end, g->begins + o->ramp_time);
    start_tasks(g, start->seed);
    g->model = g->ops->create(g, &space);
    start_clients(g);
}

static void generator_start(struct workload *workload, const struct workload_start *start)
{
    struct generator *g = generator_of(workload);
    g->own_ramp = (struct load_ramp){0};
    join(workload, &g->own_ramp, start);
    load_ramp_seal(&g->own_ramp, start->now);
}

static void fire(struct generator *g)
{
    struct arrivals *timers = &g->timers;
    while (timers->count > 0 && timers->heap[0].at <= g->now) {
        uint32_t stream = arrivals_pop(timers).stream;
        if (stream == stream_of_rate(g))
            g->awaits_due = false;
        else
            generator_wake(g, &g->tasks[stream]);
        if (g->options->rate_ops > 0)
            deal_out(g);
        run(g);
    }
}

// Steps are taken here when their time has come: what it answers depends on `now` alone.
static tick_t generator_arrival(struct workload *workload, tick_t now)
{
    struct generator *g = generator_of(workload);
    if (is_over(g) || now >= end_of(g))
        return TICK_NEVER;
    g->now = MAX(g->now, now);
    fire(g);
    if (is_over(g))
        return TICK_NEVER;
    if (g->asked.count > 0)
        return g->asked.slots[g->asked.head].at;
    tick_t next = g->timers.count > 0 ? g->timers.heap[0].at : TICK_NEVER;
    return next >= end_of(g) ? TICK_NEVER : next;
}

static void generator_next(struct workload *workload, tick_t now, struct workload_request *request)
{
    struct generator *g = generator_of(workload);
    struct asked_ring *ring = &g->asked;
    const struct asked *asked = &ring->slots[ring->head];
    request->kind = asked->kind;
    request->fua = asked->fua;
    request->preflush = asked->preflush;
    request->offset = asked->kind == IO_FLUSH ? 0 : g->first + asked->offset;
    request->bytes = asked->bytes;
    request->job = asked->task->index;
    request->cpu = g->first_cpu + asked->task->index;
    request->issued = now;
    request->ramp = !counts(g, asked->task);
    ring->head = (ring->head + 1) & (ring->size - 1);
    ring->count--;
    if (!request->ramp)
        g->ramp->measured_from = MIN(g->ramp->measured_from, now);
}

static void generator_completed(struct workload *workload, tick_t now, const struct workload_request *request)
{
    struct generator *g = generator_of(workload);
    struct task *task = &g->tasks[request->job];
    g->now = MAX(g->now, now);
    if (--task->in_flight > 0 || now >= end_of(g))
        return;
    task_list_push(&g->ready, task);
    run(g);
}

static tick_t generator_ramp_end(const struct workload *workload)
{
    const struct load_ramp *ramp = generator_of(workload)->ramp;
    return ramp->by_count ? TICK_NEVER : ramp->end;
}

static tick_t generator_until(struct workload *workload)
{
    const struct generator *g = generator_of(workload);
    return is_over(g) || g->options->runtime == 0 ? 0 : end_of(g);
}

static uint64_t generator_count(const struct workload *workload)
{
    const struct generator *g = generator_of(workload);
    return g->limit == UINT64_MAX ? 0 : g->limit;
}

static uint64_t generator_done(const struct workload *workload)
{
    return generator_of(workload)->done;
}

static void generator_destroy(struct workload *workload)
{
    struct generator *g = generator_of(workload);
    if (g->model != NULL)
        g->ops->destroy(g->model);
    arrivals_destroy(&g->timers);
    histogram_destroy(&g->latencies);
    free(g->asked.slots);
    free(g->tasks);
    free(g->counts);
    free(g->options);
    free(g->where);
    free(g);
}

// --- what is told of it --------------------------------------------------------------------------------------------

static tick_t quantile(const struct generator *g, double fraction)
{
    return histogram_quantile(&g->latencies, fraction) * TICKS_PER_NS;
}

static void settle(struct generator *g)
{
    struct operation_counts *told = &g->told;
    tick_t from = MIN(MAX(g->ramp->measured_from, g->begins), g->last_done), time = g->last_done - from;
    told->operations = g->done;
    told->operations_per_s = time == 0 ? NAN : (double)g->done * TICKS_PER_S / (double)time;
    told->mean = g->done == 0 ? 0 : (tick_t)(g->latency_sum / g->done);
    told->p50 = quantile(g, 0.5);
    told->p99 = quantile(g, 0.99);
    told->p99_9 = quantile(g, 0.999);
    told->longest = quantile(g, 1);
    if (g->ops->settle != NULL)
        g->ops->settle(g);
}

static size_t generator_stats(struct workload *workload, struct stat_group *groups, size_t at_most)
{
    struct generator *g = generator_of(workload);
    if (at_most < 2 || g->model == NULL)
        return 0;
    settle(g);
    groups[0] = (struct stat_group){"ops", operation_fields, ARRAY_SIZE(operation_fields), &g->told};
    groups[1] = (struct stat_group){g->ops->name, g->ops->fields, g->ops->field_count, g->counts};
    return 2;
}

// --- beside others -------------------------------------------------------------------------------------------------

static const struct load_terms *get_terms(const struct workload *workload)
{
    return &generator_of(workload)->terms;
}

static void set_first_cpu(struct workload *workload, uint32_t cpu)
{
    generator_of(workload)->first_cpu = cpu;
}

static tick_t begins_of(const struct workload *workload)
{
    const struct generator *g = generator_of(workload);
    bool own = g->ramp == &g->own_ramp && g->ramp->measured_from != TICK_NEVER;
    return own ? MAX(g->begins, g->ramp->measured_from) : g->begins;
}

static const struct beside_ops beside = {
    .terms = get_terms,
    .set_first_cpu = set_first_cpu,
    .join = join,
    .begins = begins_of,
};

const struct workload_ops generator_ops = {
    .name = "workload",
    .help = "a model of an application, such as \"oltp clients=16 number_ops=100000\"",
    .check = generator_check,
    .start = generator_start,
    .arrival = generator_arrival,
    .next = generator_next,
    .completed = generator_completed,
    .ramp_end = generator_ramp_end,
    .until = generator_until,
    .count = generator_count,
    .done = generator_done,
    .stats = generator_stats,
    .destroy = generator_destroy,
    .beside = &beside,
};

// --- creation ------------------------------------------------------------------------------------------------------

static int read_options(const struct model_ops *model, const struct job_text *text, struct model_options *options,
                        uint64_t *given, struct diag *diag)
{
    struct words words = {.text = text, .diag = diag, .place = {.file = text->where}, .list = "workload"};
    struct word_tables tables = {{generator_rows, model->rows}};
    if (word_rows_read(&words, &tables, options, given) != 0)
        return -1;
    const char *mistake = common_mistake(options);
    if (mistake == NULL && model->check != NULL)
        mistake = model->check(options);
    return mistake == NULL ? 0 : words_refuse(&words, mistake);
}

static struct load_terms terms_of(const struct generator *g, uint64_t given)
{
    const struct model_options *o = g->options;
    struct load_terms terms = {
        .cpus = g->clients + g->ops->tasks,
        .numjobs = 1,
        .stonewall = o->stonewall != 0,
        .exitall = o->exitall != 0,
        .has_load = (given & 1) != 0 || o->rate_ops > 0, // clients are the first row
    };
    memcpy(terms.name, o->name, sizeof terms.name);
    return terms;
}

// Where nothing is said it ends, too.
static uint64_t limit_of(const struct model_options *o)
{
    const uint64_t operations = 100000;
    return o->runtime > 0 ? UINT64_MAX : o->number_ops > 0 ? o->number_ops : operations;
}

struct workload *generator_create(const struct model_ops *model, const struct job_text *text, uint32_t index,
                                  struct diag *diag)
{
    struct model_options *options = xcalloc(1, model->options_bytes);
    uint64_t given;
    if (read_options(model, text, options, &given, diag) != 0) {
        free(options);
        return NULL;
    }
    struct generator *g = xcalloc(1, sizeof *g);
    g->base = (struct workload){.ops = &generator_ops};
    g->ops = model;
    g->options = options;
    g->where = xstrdup(text->where);
    g->line = text->line;
    g->index = index;
    g->clients = (uint32_t)(options->clients > 0 ? options->clients : model->clients(options));
    g->limit = limit_of(options);
    g->counts = xcalloc(1, model->counts_bytes);
    g->terms = terms_of(g, given);
    histogram_init(&g->latencies);
    return &g->base;
}
