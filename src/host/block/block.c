// The block layer as a whole.
//
// Source: Linux 6.1, block/, file by file as the others name it: the kernel of doc/models.md's recordings follows these
// rules. Files stand in an order, and none knows one that comes later:
//
//     limits < merge < scheduler; map; tags < dispatch < flush, plug < submit < block
#include "host/block/block.h"

#include <stdlib.h>

#include "host/block/block_internal.h"
#include "host/block/dispatch.h"
#include "host/block/flush.h"
#include "host/block/submit.h"
#include "util/alloc.h"

enum { DEFAULT_REQUESTS = 128 }; // Linux: BLKDEV_DEFAULT_RQ

// With a scheduler twice the driver's tags, but not of more than 128; without one all that the driver has.
static uint32_t choose_requests(const struct block_setup *setup)
{
    bool scheduled = block_schedulers[setup->scheduler]->create != NULL;
    uint32_t usual = scheduled ? 2 * MIN(setup->tags, (uint32_t)DEFAULT_REQUESTS) : setup->tags;
    uint32_t requests = setup->requests == 0 ? usual : setup->requests;
    return scheduled ? requests : MIN(requests, setup->tags);
}

static void create_queue(struct block *block, uint32_t index)
{
    struct hardware_queue *queue = &block->hardware[index];
    bool scheduled = block->scheduler->create != NULL;
    *queue = (struct hardware_queue){.block = block, .index = index, .set = map_set_of(&block->setup.map, index)};
    tags_init(&queue->tags, scheduled ? block->setup.tags : block->setup.requests);
    tags_init(&queue->scheduler_tags, scheduled ? block->setup.requests : 0);
    flush_init(queue);
}

static void create_scheduler(struct block *block)
{
    if (block->scheduler->create == NULL)
        return;
    block->scheduling = block->scheduler->create(&(struct scheduler_setup){
        .sim = block->sim,
        .limits = &block->setup.limits,
        .cpus = block->setup.cpus,
        .hardware_queues = block->queue_count,
        .requests = block->setup.requests,
    });
}

struct block *block_create(struct sim *sim, const struct block_setup *setup, struct block_port port)
{
    struct block *block = xcalloc(1, sizeof *block);
    block->sim = sim;
    block->setup = *setup;
    block->setup.requests = choose_requests(setup);
    block->port = port;
    block->scheduler = block_schedulers[setup->scheduler];
    block->software = xcalloc(setup->cpus, sizeof *block->software);
    block->queue_count = map_queue_count(&setup->map);
    block->hardware = xcalloc(block->queue_count, sizeof *block->hardware);
    for (uint32_t i = 0; i < block->queue_count; i++)
        create_queue(block, i);
    create_scheduler(block);
    pool_init(&block->requests, sizeof(struct block_request));
    pool_init(&block->parts, sizeof(struct block_part));
    pool_init(&block->task_pool, sizeof(struct block_task));
    return block;
}

void block_destroy(struct block *block)
{
    if (block == NULL)
        return;
    for (uint32_t i = 0; i < block->queue_count; i++) {
        tags_destroy(&block->hardware[i].tags);
        tags_destroy(&block->hardware[i].scheduler_tags);
    }
    if (block->scheduling != NULL)
        block->scheduler->destroy(block->scheduling);
    pool_destroy(&block->requests);
    pool_destroy(&block->parts);
    pool_destroy(&block->task_pool);
    free(block->software);
    free(block->hardware);
    free(block);
}

void block_on_event(struct block *block, block_event_fn *event, void *context)
{
    block->event = event;
    block->event_context = context;
}

void block_note_polls(struct block *block, uint64_t looks, tick_t spun, tick_t slept)
{
    block->stats.polls += looks;
    block->stats.poll_hits++;
    block->stats.poll_time += spun;
    block->stats.poll_sleep += slept;
}

static void needless_flush_done(void *context)
{
    struct block_bio *bio = context;
    struct block *block = bio->block;
    block->port.bio_done(block->port.self, bio, NULL);
}

// Without a volatile cache (submit_bio_noacct).
static bool is_needless(struct block *block, struct block_bio *bio)
{
    if (block->setup.volatile_cache)
        return false;
    bio->preflush = bio->fua = false;
    return bio->kind == IO_FLUSH;
}

void block_submit(struct block *block, struct block_bio *bio)
{
    bio->block = block;
    if (!is_needless(block, bio)) {
        submit_bio(block, bio);
        return;
    }
    block->stats.flushes_needless++;
    bio->failed = false;
    sim_after(block->sim, 0, needless_flush_done, bio);
}

void block_end_plugs(struct block *block)
{
    submit_end_plugs(block);
}

void block_sleep(struct block *block)
{
    submit_sleep(block);
}

static void tell_flush_done(struct block *block, const struct block_request *request, bool failed)
{
    struct block_event event = block_request_event(request, BLKTRACE_COMPLETE);
    event.failed = failed;
    block_tell(block, event);
}

void block_complete(struct block *block, struct block_request *request, bool failed)
{
    if (!flush_owns(request)) {
        submit_end_request(block, request, failed);
        return;
    }
    if (request->first == NULL)
        tell_flush_done(block, request, failed);
    flush_completed(block, request, failed, submit_end_request);
}

void block_resume(struct block *block, uint32_t queue)
{
    struct hardware_queue *hardware = &block->hardware[queue];
    if (hardware->dispatch.head != NULL || block->scheduling != NULL)
        dispatch_run(hardware, true);
    submit_wake(hardware);
    for (uint32_t i = 0; block->scheduler->shares && i < block->queue_count; i++)
        if (i != queue)
            dispatch_run(&block->hardware[i], true);
}

const struct block_stats *block_get_stats(const struct block *block)
{
    return &block->stats;
}

void block_restart_stats(struct block *block)
{
    block->stats = (struct block_stats){0};
}

void block_check(const struct block *block)
{
    size_t requests = pool_taken(&block->requests), parts = pool_taken(&block->parts);
    size_t tasks = pool_taken(&block->task_pool);
    SIM_CHECK(block->sim, "block", requests == 0 && parts == 0 && tasks == 0,
              "%zu requests, %zu parts and %zu tasks are left", requests, parts, tasks);
}
