// Submission. Linux 6.1 block/blk-core.c: submit_bio_noacct; block/blk-mq.c: blk_mq_submit_bio, blk_mq_attempt_bio_merge;
// block/blk-mq-sched.c: __blk_mq_sched_bio_merge; block/blk-mq-tag.c: blk_mq_get_tag.
//
// For each part of a bio: where it exceeds a limit the rest is cut off; it joins the last request of its task's plug, or
// one that waits in the scheduler or among the last eight of its CPU's software queue; else it becomes a request, which
// takes a tag. Without one the task empties its plug and sleeps, with all that it still has to submit, until a tag is
// free: first in, first out. The request goes to the flush machine, into the plug, to the scheduler, or to the driver,
// whichever comes first in this order.
//
// Left out: allocation of several requests at once, nowait, cgroups, and when writeback is throttled (blk-wbt.c): a
// recording tells.
#include "host/block/submit.h"

#include "host/block/dispatch.h"
#include "host/block/flush.h"
#include "host/block/plug.h"

enum { SOFTWARE_QUEUE_CHECKED = 8 }; // Linux: blk_bio_list_merge

// --- tasks ---------------------------------------------------------------------------------------------------------

static struct block_task *task_of(struct block *block, uint32_t id)
{
    struct block_task *task = block->tasks;
    while (task != NULL && task->id != id)
        task = task->next;
    if (task != NULL)
        return task;
    task = pool_take(&block->task_pool);
    *task = (struct block_task){.id = id, .next = block->tasks};
    if (task->next != NULL)
        task->next->prev = task;
    return block->tasks = task;
}

static void forget_if_idle(struct block *block, struct block_task *task)
{
    if (task->sleeps || task->plug.head != NULL)
        return;
    *(task->prev == NULL ? &block->tasks : &task->prev->next) = task->next;
    if (task->next != NULL)
        task->next->prev = task->prev;
    pool_give(&block->task_pool, task);
}

static void go_to_sleep(struct block *block, struct block_task *task, struct hardware_queue *queue)
{
    plug_sleep(block, task);
    task->sleeps = true;
    task->slept_at = sim_now(block->sim);
    queue->sleeping_count++;
    list_push(&queue->sleeping, &task->link);
}

// --- merging -------------------------------------------------------------------------------------------------------

static enum merge_kind try_merge(struct block *block, struct block_task *task, struct block_part *part,
                                 struct block_request **joined)
{
    const struct block_limits *limits = &block->setup.limits;
    const struct block_bio *bio = part->bio;
    enum merge_kind kind = merge_try_list(limits, &(struct request_list){.tail = task->plug.head}, 1, part, joined);
    if (kind != MERGE_NONE)
        return kind;
    if (block->scheduling != NULL)
        return block->scheduler->merge(block->scheduling, block_queue_of(block, bio), part, joined);
    return merge_try_list(limits, &block->software[bio->cpu].lists[block_set_of(block, bio)], SOFTWARE_QUEUE_CHECKED,
                          part, joined);
}

static void count_merge(struct block *block, enum merge_kind kind, const struct block_part *part,
                        const struct block_request *request)
{
    uint64_t *const counters[MERGE_KINDS] = {[MERGE_BACK] = &block->stats.back_merges,
                                             [MERGE_FRONT] = &block->stats.front_merges,
                                             [MERGE_DISCARD] = &block->stats.discard_merges};
    struct block_event event = block_request_event(request, kind == MERGE_FRONT ? BLKTRACE_FRONTMERGE
                                                                                : BLKTRACE_BACKMERGE);
    ++*counters[kind];
    block->software[part->bio->cpu].merged++;
    event.how = part->bio->how;
    event.offset = part->range.offset;
    event.bytes = part->range.bytes;
    event.task = part->bio->task;
    event.cpu = part->bio->cpu;
    block_tell(block, event);
}

static bool merged(struct block *block, struct block_task *task, struct block_part *part)
{
    struct block_request *joined = NULL;
    if (!block->setup.merges || !merge_is_allowed(part->bio, part) || part->bio->range_count > 0)
        return false;
    enum merge_kind kind = try_merge(block, task, part, &joined);
    if (kind == MERGE_NONE)
        return false;
    count_merge(block, kind, part, joined);
    return true;
}

// --- requests ------------------------------------------------------------------------------------------------------

static struct block_request *make_request(struct block *block, struct block_part *part, struct hardware_queue *queue,
                                          uint32_t tag)
{
    const struct block_bio *bio = part->bio;
    struct block_request *request = pool_take(&block->requests);
    bool scheduled = block->scheduling != NULL;
    *request = (struct block_request){
        .kind = bio->kind, .how = bio->how, .fua = bio->fua, .preflush = bio->preflush, .cpu = bio->cpu,
        .task = bio->task, .offset = part->range.offset, .bytes = part->range.bytes,
        .segments = limits_segments(bio->kind, part->range.bytes), .first = part, .last = part, .queue = queue,
        .tag = scheduled ? BLOCK_NO_TAG : tag, .scheduler_tag = scheduled ? tag : BLOCK_NO_TAG,
        .no_merge = !merge_is_allowed(bio, part) || bio->range_count > 0,
        .made = sim_now(block->sim), .inserted = TICK_NEVER,
    };
    part->next = NULL;
    block->stats.requests++;
    queue->queued++;
    return request;
}

// A trim of several ranges is one command, which was made of them elsewhere.
static void add_ranges(struct block *block, struct block_request *request)
{
    struct block_bio *bio = request->first->bio;
    for (uint32_t i = 1; i < bio->range_count; i++) {
        struct block_part *part = pool_take(&block->parts);
        *part = (struct block_part){.bio = bio, .range = bio->ranges[i]};
        request->last->next = part;
        request->last = part;
        request->bytes += part->range.bytes;
        request->segments++;
        bio->open++;
    }
}

// Below a scheduler one of its own, of as many as it lets the bio see.
static uint32_t take_tag(struct block *block, const struct block_bio *bio, struct hardware_queue *queue)
{
    const struct block_scheduler_ops *ops = block->scheduler;
    if (block->scheduling == NULL)
        return tags_take(&queue->tags);
    if (ops->limit_depth != NULL && tags_used(&queue->scheduler_tags) >= ops->limit_depth(block->scheduling, bio))
        return BLOCK_NO_TAG;
    return tags_take(&queue->scheduler_tags);
}

// NULL: there is no tag.
static struct block_request *get_request(struct block *block, struct block_part *part, struct hardware_queue *queue)
{
    uint32_t tag = take_tag(block, part->bio, queue);
    if (tag == BLOCK_NO_TAG)
        return NULL;
    struct block_request *request = make_request(block, part, queue, tag);
    add_ranges(block, request);
    block_tell(block, block_request_event(request, BLKTRACE_GETRQ));
    return request;
}

// FUA alone takes no step of its own, but neither a plug nor a scheduler.
static void route(struct block *block, struct block_task *task, struct block_request *request)
{
    if (request->preflush) {
        flush_insert(block, request, submit_end_request);
    } else if (request->fua) {
        dispatch_insert_first(block, request);
        dispatch_run(request->queue, false);
    } else if ((request->how & IO_PLUGGED) != 0) {
        plug_add(block, task, request);
    } else if (block->scheduling != NULL) {
        dispatch_insert(block, request);
        dispatch_run_later(request->queue);
    } else {
        dispatch_issue(block, request, false);
    }
}

// --- bios ----------------------------------------------------------------------------------------------------------

static struct block_event bio_event(const struct block_bio *bio, enum blktrace_action action)
{
    return (struct block_event){.action = action, .has_kind = true, .kind = bio->kind, .how = bio->how,
                                .fua = bio->fua, .preflush = bio->preflush, .offset = bio->position,
                                .bytes = bio->left, .cpu = bio->cpu, .task = bio->task};
}

static void tell_split(struct block *block, const struct block_bio *bio, uint64_t bytes)
{
    struct block_event event = bio_event(bio, BLKTRACE_SPLIT);
    event.value = bio->position + bytes;
    event.bytes = bytes;
    block->stats.splits++;
    block_tell(block, event);
}

static struct block_part *cut_part(struct block *block, struct block_bio *bio)
{
    struct block_part *part = pool_take(&block->parts);
    uint64_t bytes = limits_first_part(&block->setup.limits, bio->kind, bio->position, bio->left);
    if (bio->range_count > 0)
        bytes = bio->left;
    *part = (struct block_part){.bio = bio, .range = {bio->position, bytes}, .split = bytes < bio->left};
    if (bio->range_count > 0)
        part->range = bio->ranges[0];
    if (part->split) {
        tell_split(block, bio, bytes);
        bio->how &= ~(uint32_t)IO_POLLED; // bio_clear_polled
    }
    bio->position += bytes;
    bio->left -= bytes;
    bio->open++;
    return part;
}

// False: the task sleeps, and goes on with this part.
static bool place_part(struct block *block, struct block_task *task)
{
    struct hardware_queue *queue = &block->hardware[block_queue_of(block, task->bio)];
    struct block_request *request = get_request(block, task->part, queue);
    if (request == NULL) {
        block->stats.tag_waits++;
        go_to_sleep(block, task, queue);
        return false;
    }
    task->part = NULL;
    route(block, task, request);
    return true;
}

static void end_bio_part(struct block *block, struct block_bio *bio, const struct block_request *last)
{
    if (--bio->open == 0)
        block->port.bio_done(block->port.self, bio, last);
}

static void follow_mark(struct block *block, struct block_task *task, uint32_t how)
{
    if ((how & IO_UNPLUG_END) != 0)
        plug_end(block, task);
    if ((how & IO_UNPLUG_SLEEP) != 0)
        plug_sleep(block, task);
}

// The rest of the task's bio; false: it sleeps.
static bool go_on(struct block *block, struct block_task *task)
{
    struct block_bio *bio = task->bio;
    uint32_t how = bio->how;
    if (task->part != NULL && !place_part(block, task))
        return false;
    while (bio->left > 0 || (bio->kind == IO_FLUSH && bio->open == 1)) {
        task->part = cut_part(block, bio);
        if (!merged(block, task, task->part) && !place_part(block, task))
            return false;
        if (bio->kind == IO_FLUSH)
            break;
    }
    task->part = NULL;
    end_bio_part(block, bio, NULL);
    follow_mark(block, task, how);
    return true;
}

// Who was throttled when it was recorded sleeps until something completes, if anything will.
static void begin(struct block *block, struct block_task *task, struct block_bio *bio)
{
    block_tell(block, bio_event(bio, BLKTRACE_QUEUE));
    task->bio = bio;
    bio->open = 1;
    if ((bio->how & IO_SLEPT_FIRST) == 0 || task->plug.head == NULL)
        return;
    block->stats.throttled++;
    go_to_sleep(block, task, &block->hardware[block_queue_of(block, bio)]);
}

void submit_bio(struct block *block, struct block_bio *bio)
{
    struct block_task *task = task_of(block, bio->task);
    bio->failed = false;
    bio->position = bio->range_count > 0 ? bio->ranges[0].offset : bio->offset;
    bio->left = bio->bytes;
    block->stats.bios++;
    if (task->sleeps) {
        list_push(&task->bios, &bio->link);
        return;
    }
    begin(block, task, bio);
    if (!task->sleeps)
        go_on(block, task);
    forget_if_idle(block, task);
}

static void wake(struct block *block, struct block_task *task)
{
    struct list_link *next;
    block->stats.tag_time += sim_now(block->sim) - task->slept_at;
    task->sleeps = false;
    while (!task->sleeps && go_on(block, task) && (next = list_pop(&task->bios)) != NULL) {
        struct block_bio *bio = container_of(next, struct block_bio, link);
        begin(block, task, bio);
    }
}

void submit_wake(struct hardware_queue *queue)
{
    struct block *block = queue->block;
    const struct tags *tags = block->scheduling != NULL ? &queue->scheduler_tags : &queue->tags;
    for (uint32_t left = queue->sleeping_count; left > 0 && tags->free_count > 0; left--) {
        struct block_task *task = container_of(list_pop(&queue->sleeping), struct block_task, link);
        queue->sleeping_count--;
        wake(block, task);
        forget_if_idle(block, task);
    }
}

static void for_each_task(struct block *block, uint32_t from, void (*empty)(struct block *, struct block_task *))
{
    for (struct block_task *task = block->tasks, *next; task != NULL; task = next) {
        next = task->next;
        if (!task->sleeps && task->id >= from)
            empty(block, task);
        forget_if_idle(block, task);
    }
}

void submit_end_plugs(struct block *block)
{
    for_each_task(block, BLOCK_TASK_CPUS, plug_end);
}

void submit_sleep(struct block *block)
{
    for_each_task(block, 0, plug_sleep);
}

// --- the end -------------------------------------------------------------------------------------------------------

void submit_end_request(struct block *block, struct block_request *request, bool failed)
{
    struct block_event event = block_request_event(request, BLKTRACE_COMPLETE);
    event.failed = failed;
    block_tell(block, event);
    if (block->scheduling != NULL && block->scheduler->completed != NULL)
        block->scheduler->completed(block->scheduling, request->queue->index, request);
    tags_give(&request->queue->tags, request->tag);
    tags_give(&request->queue->scheduler_tags, request->scheduler_tag);
    block->software[request->cpu].completed++;
    for (struct block_part *part = request->first, *next; part != NULL; part = next) {
        next = part->next;
        part->bio->failed |= failed;
        end_bio_part(block, part->bio, request);
        pool_give(&block->parts, part);
    }
    pool_give(&block->requests, request);
}
