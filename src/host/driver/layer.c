// The driver below the block layer: a bio for each request of the workload, a command for each request of the layer.
//
// Source: Linux 6.1 drivers/nvme/host/core.c (nvme_setup_cmd). The layer's tags are the driver's: a command has the tag of
// its request, so that there always is one. A request of the workload takes from its arrival to its bio's end; the path
// is that of the command that completed last of those that have a part of it, and all before that command is
// STAGE_HOST_SUBMIT's.
#include "host/driver/layer.h"

#include "host/block/view.h"
#include "host/driver/layer_means.h"

struct layer_bio {
    struct block_bio bio;
    struct host_request *request;
};

// --- down ----------------------------------------------------------------------------------------------------------

// The first of those in flight begins the looking.
static void begin_polling(struct host_queue *queue, const struct block_request *request)
{
    struct host *host = queue->host;
    queue->slept = host->config->polling == HOST_POLL_HYBRID ? layer_mean(host->means, request) / 2 : 0;
    queue->poll_from = sim_now(host->sim) + queue->slept;
}

static void issue(void *self, uint32_t index, struct block_request *request)
{
    struct host *host = self;
    struct host_queue *queue = &host->queues[index];
    if (queue->polled && queue->in_flight++ == 0)
        begin_polling(queue, request);
    queue_send_block_request(queue, request);
}

static void commit(void *self)
{
    queue_ring_doorbells(self);
}

static uint32_t polled(const struct host *host, const struct workload_request *io)
{
    return host->config->polling != HOST_POLL_INTERRUPT && io_moves_data(io->kind) ? IO_POLLED : 0;
}

// Direct writes are waited for (Linux: REQ_SYNC | REQ_IDLE).
static uint32_t how_of(const struct host *host, const struct workload_request *io)
{
    if (io->task != 0 || io->how != 0)
        return io->how;
    return (io->kind == IO_READ ? 0 : IO_SYNC) | (host->config->plugs ? IO_PLUGGED : 0);
}

void layer_add_request(struct host *host, struct host_request *request)
{
    const struct workload_request *io = &request->io;
    struct layer_bio *bio = pool_take(&host->bios);
    uint32_t cpu;
    fastdiv_split(io->cpu, &host->by_cpus, &cpu);
    bio->request = request;
    bio->bio = (struct block_bio){
        .kind = io->kind == IO_WRITE_FUA ? IO_WRITE : io->kind,
        .how = how_of(host, io) | polled(host, io),
        .fua = io->fua || io->kind == IO_WRITE_FUA,
        .preflush = io->preflush || io->kind == IO_FLUSH,
        .cpu = cpu,
        .task = io->task != 0 ? io->task : BLOCK_TASK_CPUS + cpu,
        .offset = io->offset,
        .bytes = io->bytes,
        .range_count = io->range_count,
        .ranges = io->ranges,
    };
    host->stats.split += io->range_count == 0 && io->bytes > host->part_limit[io->kind];
    block_submit(host->block, &bio->bio);
}

void layer_rest(struct host *host)
{
    block_end_plugs(host->block);
    if (host->exhausted)
        block_sleep(host->block);
}

// --- up ------------------------------------------------------------------------------------------------------------

// A bio for which no command was needed has waited for its CPU alone.
static struct breakdown path_of(const struct host *host, tick_t arrival, bool command)
{
    struct breakdown path;
    if (command) {
        path = host->completing->path;
        path.spent[STAGE_HOST_SUBMIT] += path.start - arrival;
        path.start = arrival;
    } else {
        breakdown_start(&path, STAGE_HOST_SUBMIT, arrival);
        breakdown_enter(&path, STAGE_HOST_COMPLETE, sim_now(host->sim));
    }
    return path;
}

static void bio_done(void *self, struct block_bio *done, const struct block_request *last)
{
    struct host *host = self;
    struct layer_bio *bio = container_of(done, struct layer_bio, bio);
    struct host_request *request = bio->request;
    struct breakdown path = path_of(host, request->arrival, last != NULL);
    request->failed |= done->failed;
    pool_give(&host->bios, bio);
    host->layer_done(host, request, &path);
}

void layer_complete(struct host_queue *queue, struct host_tag *tag, bool failed)
{
    struct block_request *request = tag->block;
    if (queue->polled) {
        layer_add_mean(queue->host->means, request, sim_now(queue->host->sim));
        queue->in_flight--;
    }
    tag->block = NULL;
    queue->host->completing = tag;
    block_complete(queue->host->block, request, failed);
    queue->host->completing = NULL;
}

// Tasks that were woken have submitted; where submitting takes no time, more may come at this moment.
void layer_resume(struct host_queue *queue)
{
    block_resume(queue->host->block, queue->id - 1);
    if (!queue->host->free_of_charge)
        layer_rest(queue->host);
}

// --- creation ------------------------------------------------------------------------------------------------------

static void tell(void *context, const struct block_event *event)
{
    struct host *host = context;
    host->block_event(host->block_event_context, sim_now(host->sim) - host->layer_begun, event);
}

static struct block_setup setup_of(const struct host *host)
{
    const struct host_config *config = host->config;
    uint64_t transfer = host->part_limit[IO_READ];
    uint64_t block_mask = ~((UINT64_C(1) << host->block_shift) - 1);
    return (struct block_setup){
        .limits = {.max_bytes = {[IO_READ] = transfer, [IO_WRITE] = transfer, [IO_WRITE_ZEROES] = transfer,
                                 [IO_TRIM] = config->max_discard & block_mask},
                   .boundary = config->io_boundary,
                   .max_segments = config->max_segments,
                   .max_discard_segments = config->max_discard_segments},
        .scheduler = config->scheduler,
        .cpus = config->cpus,
        .map = host->map,
        .tags = host->depth,
        .requests = config->nr_requests,
        .merges = config->merges,
        .volatile_cache = (host->controller->vwc & 1) != 0,
        .worker_delay = config->t_worker,
    };
}

void layer_create(struct host *host, layer_done_fn *done)
{
    struct block_setup setup = setup_of(host);
    host->part_limit[IO_TRIM] = setup.limits.max_bytes[IO_TRIM];
    host->layer_done = done;
    host->means = layer_means_create();
    pool_init(&host->bios, sizeof(struct layer_bio));
    host->block = block_create(host->sim, &setup,
                               (struct block_port){.self = host, .issue = issue, .commit = commit,
                                                   .bio_done = bio_done});
    host->layer_begun = sim_now(host->sim);
    if (host->block_event != NULL)
        block_on_event(host->block, tell, host);
}

void host_on_block_event(struct host *host, host_block_event_fn *event, void *context)
{
    host->block_event = event;
    host->block_event_context = context;
}

void host_print_block(const struct host *host, FILE *to)
{
    if (host->block == NULL)
        return;
    block_print_map(host->block, to);
    fputc('\n', to);
    block_print_queues(host->block, to);
}

void layer_destroy(struct host *host)
{
    if (host->block == NULL)
        return;
    block_destroy(host->block);
    layer_means_destroy(host->means);
    pool_destroy(&host->bios);
}
