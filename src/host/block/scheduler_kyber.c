// Scheduler kyber. Linux 6.1 block/kyber-iosched.c: kyber_dispatch_request, kyber_get_domain_token, kyber_timer_fn,
// calculate_percentile, add_latency_sample, kyber_resize_domain, kyber_bio_merge.
//
// Reads, writes, trims and others are domains, each with a depth: so many of it may be in the driver, of all hardware queues
// together. A hardware queue gives batches of a domain, at most batch_size, then turns to the next. Requests wait by CPU,
// where bios may join the last eight of their domain, until their queue has none of the domain left; then all come over, CPU
// by CPU.
//
// Depths follow latencies. Of each domain that has a target there are histograms in quarters of it, of the time in the
// driver and of that since the request was made. A tenth of a second after a completion, with 500 samples or a second after
// the first: when the 90th percentile of any domain's time in the driver is beyond its target, the drive is congested, and
// each domain's depth is scaled with the 99th percentile of its whole time, p99 / target in quarters; without congestion
// only those whose p99 is beyond the target are, upwards. All but synchronous requests get no more than three quarters of
// the requests.
#include <stdlib.h>
#include <string.h>

#include "host/block/scheduler.h"
#include "util/alloc.h"

enum domain { READS, WRITES, TRIMS, OTHERS, DOMAINS };
enum latency { TOTAL, IN_DRIVER, LATENCIES };
enum {
    BUCKETS = 8,
    GOOD_BUCKETS = 4, // up to the target
    SAMPLES = 500,
    CHECKED = 8,      // blk_bio_list_merge
    UNKNOWN = -1,
};
static const uint32_t depth_limit[DOMAINS] = {[READS] = 256, [WRITES] = 128, [TRIMS] = 64, [OTHERS] = 16};
static const uint32_t batch_limit[DOMAINS] = {[READS] = 16, [WRITES] = 8, [TRIMS] = 1, [OTHERS] = 1};
static const tick_t target[DOMAINS] = {
    [READS] = 2 * TICKS_PER_MS, [WRITES] = 10 * TICKS_PER_MS, [TRIMS] = 5 * TICKS_PER_S};

struct kyber_domain {
    uint32_t depth, used;
    uint32_t histogram[LATENCIES][BUCKETS];
    tick_t timeout[LATENCIES]; // of a second since the first sample was looked at; 0: not looked at yet
    int p99;
};

struct kyber_cpu {
    struct request_list lists[DOMAINS];
};

struct kyber_queue {
    struct request_list lists[DOMAINS];
    enum domain domain; // of the batch
    uint32_t batch;
};

struct kyber {
    struct scheduler_setup setup;
    struct kyber_domain domains[DOMAINS];
    struct kyber_cpu *cpus; // of each hardware queue
    struct kyber_queue *queues;
    bool timer; // is running
};

static enum domain domain_of(enum io_kind kind)
{
    static const enum domain domains[IO_KIND_COUNT] = {
        [IO_READ] = READS, [IO_WRITE] = WRITES, [IO_TRIM] = TRIMS, [IO_FLUSH] = OTHERS, [IO_WRITE_ZEROES] = OTHERS};
    return domains[kind];
}

static void *create(const struct scheduler_setup *setup)
{
    struct kyber *kyber = xcalloc(1, sizeof *kyber);
    kyber->setup = *setup;
    kyber->cpus = xcalloc((size_t)setup->hardware_queues * setup->cpus, sizeof *kyber->cpus);
    kyber->queues = xcalloc(setup->hardware_queues, sizeof *kyber->queues);
    for (int domain = 0; domain < DOMAINS; domain++) {
        kyber->domains[domain].depth = depth_limit[domain];
        kyber->domains[domain].p99 = UNKNOWN;
    }
    return kyber;
}

static void destroy(void *self)
{
    struct kyber *kyber = self;
    free(kyber->cpus);
    free(kyber->queues);
    free(kyber);
}

// --- dispatch ------------------------------------------------------------------------------------------------------

static struct kyber_cpu *cpu_of(const struct kyber *kyber, uint32_t queue, uint32_t cpu)
{
    return &kyber->cpus[(size_t)queue * kyber->setup.cpus + cpu];
}

static void insert(void *self, uint32_t queue, struct block_request *request)
{
    struct kyber *kyber = self;
    request_push(&cpu_of(kyber, queue, request->cpu)->lists[domain_of(request->kind)], request);
}

static void fetch_from_cpus(struct kyber *kyber, uint32_t queue, enum domain domain)
{
    struct block_request *request;
    for (uint32_t cpu = 0; cpu < kyber->setup.cpus; cpu++)
        while ((request = request_pop(&cpu_of(kyber, queue, cpu)->lists[domain])) != NULL)
            request_push(&kyber->queues[queue].lists[domain], request);
}

static struct block_request *dispatch_domain(struct kyber *kyber, uint32_t index)
{
    struct kyber_queue *queue = &kyber->queues[index];
    struct kyber_domain *domain = &kyber->domains[queue->domain];
    struct request_list *list = &queue->lists[queue->domain];
    if (domain->used >= domain->depth)
        return NULL;
    if (list->head == NULL)
        fetch_from_cpus(kyber, index, queue->domain);
    struct block_request *request = request_pop(list);
    if (request == NULL)
        return NULL;
    domain->used++;
    queue->batch++;
    request->has_token = true;
    return request;
}

static struct block_request *dispatch(void *self, uint32_t index)
{
    struct kyber *kyber = self;
    struct kyber_queue *queue = &kyber->queues[index];
    struct block_request *request = NULL;
    if (queue->batch < batch_limit[queue->domain])
        request = dispatch_domain(kyber, index);
    if (request != NULL)
        return request;
    queue->batch = 0;
    for (int i = 0; i < DOMAINS && request == NULL; i++) {
        queue->domain = (queue->domain + 1) % DOMAINS;
        request = dispatch_domain(kyber, index);
    }
    return request;
}

// --- latencies -----------------------------------------------------------------------------------------------------

// The bucket of the percentile, or UNKNOWN as long as there are too few samples.
static int percentile(struct kyber *kyber, struct kyber_domain *domain, enum latency latency, uint32_t percent)
{
    uint32_t *histogram = domain->histogram[latency], samples = 0, rank;
    tick_t now = sim_now(kyber->setup.sim);
    int bucket = 0;
    for (int i = 0; i < BUCKETS; i++)
        samples += histogram[i];
    if (samples == 0)
        return UNKNOWN;
    if (domain->timeout[latency] == 0)
        domain->timeout[latency] = now + TICKS_PER_S;
    if (samples < SAMPLES && now < domain->timeout[latency])
        return UNKNOWN;
    domain->timeout[latency] = 0;
    rank = (uint32_t)(((uint64_t)samples * percent + 99) / 100);
    for (; bucket < BUCKETS - 1 && histogram[bucket] < rank; bucket++)
        rank -= histogram[bucket];
    memset(histogram, 0, sizeof domain->histogram[latency]);
    return bucket;
}

static void adjust(struct kyber *kyber, enum domain index, bool congested)
{
    struct kyber_domain *domain = &kyber->domains[index];
    int p99 = percentile(kyber, domain, TOTAL, 99);
    if (congested && p99 == UNKNOWN)
        p99 = domain->p99;
    if (congested)
        domain->p99 = UNKNOWN;
    else if (p99 != UNKNOWN)
        domain->p99 = p99;
    if (p99 == UNKNOWN || (!congested && p99 < GOOD_BUCKETS))
        return;
    uint32_t depth = domain->depth * (uint32_t)(p99 + 1) / GOOD_BUCKETS;
    domain->depth = MIN(MAX(depth, 1u), depth_limit[index]);
}

static void look_at_latencies(void *context)
{
    struct kyber *kyber = context;
    bool congested = false;
    kyber->timer = false;
    for (int domain = 0; domain < OTHERS; domain++)
        congested |= percentile(kyber, &kyber->domains[domain], IN_DRIVER, 90) >= GOOD_BUCKETS;
    for (int domain = 0; domain < OTHERS; domain++)
        adjust(kyber, domain, congested);
}

static void add_sample(struct kyber_domain *domain, enum latency latency, tick_t wanted, tick_t time)
{
    tick_t bucket = time == 0 ? 0 : (time - 1) / MAX(wanted / GOOD_BUCKETS, (tick_t)1);
    domain->histogram[latency][MIN(bucket, (tick_t)BUCKETS - 1)]++;
}

static void note_latency(struct kyber *kyber, const struct block_request *request)
{
    enum domain index = domain_of(request->kind);
    tick_t now = sim_now(kyber->setup.sim);
    if (index == OTHERS)
        return;
    add_sample(&kyber->domains[index], TOTAL, target[index], now - request->made);
    add_sample(&kyber->domains[index], IN_DRIVER, target[index], now - request->issued);
    if (kyber->timer)
        return;
    kyber->timer = true;
    sim_after(kyber->setup.sim, 100 * TICKS_PER_MS, look_at_latencies, kyber);
}

// --- merging and limits --------------------------------------------------------------------------------------------

static enum merge_kind merge(void *self, uint32_t queue, struct block_part *part, struct block_request **joined)
{
    struct kyber *kyber = self;
    const struct block_bio *bio = part->bio;
    return merge_try_list(kyber->setup.limits, &cpu_of(kyber, queue, bio->cpu)->lists[domain_of(bio->kind)], CHECKED,
                          part, joined);
}

static uint32_t limit_depth(const void *self, const struct block_bio *bio)
{
    uint32_t requests = ((const struct kyber *)self)->setup.requests;
    bool sync = bio->kind == IO_READ || bio->preflush || bio->fua || (bio->how & IO_SYNC) != 0;
    return sync ? requests : MAX(3 * requests / 4, 1u);
}

static void completed(void *self, uint32_t queue, struct block_request *request)
{
    struct kyber *kyber = self;
    (void)queue;
    if (!request->has_token)
        return;
    kyber->domains[domain_of(request->kind)].used--;
    note_latency(kyber, request);
}

const struct block_scheduler_ops block_kyber_ops = {
    .name = "kyber",
    .help = "so many reads, writes and trims in the driver as keeps their latencies below targets",
    .create = create,
    .destroy = destroy,
    .insert = insert,
    .dispatch = dispatch,
    .merge = merge,
    .limit_depth = limit_depth,
    .completed = completed,
    .shares = true,
};
