// Plugs. Linux 6.1 block/blk-mq.c: blk_add_rq_to_plug, blk_mq_flush_plug_list, blk_mq_plug_issue_direct,
// blk_mq_dispatch_plug_list.
//
// A plug is a stack: the last request is on top. It is emptied with BLK_MAX_REQUEST_COUNT requests in it, or when the one
// on top has BLK_PLUG_FLUSH_SIZE bytes, before another one is added; at its end; and when its task goes to sleep.
// Without a scheduler it then goes to the driver from the top down, so in reverse order, by the task itself. But of a
// task that goes to sleep, or with a scheduler, requests are inserted in the order in which they came, those of one CPU and
// hardware queue at a time ('U' or 'UT' tells how many), and a worker sends them.
//
// Left out: plugs with requests to several devices.
#include "host/block/plug.h"

#include "host/block/dispatch.h"

static void count_out(struct block *block, const struct block_request *request)
{
    block->stats.plug_time += sim_now(block->sim) - request->made;
}

static void issue_all(struct block *block, struct block_task *task)
{
    struct block_request *request;
    while ((request = request_pop(&task->plug)) != NULL) {
        count_out(block, request);
        dispatch_issue(block, request, false);
    }
}

// Takes those of the first one's CPU and queue out of the plug, and puts them in the order in which they came.
static void take_alike(struct request_list *plug, struct request_list *alike)
{
    const struct block_request *first = plug->head;
    for (struct block_request *request = plug->head, *next; request != NULL; request = next) {
        next = request->next;
        if (request->queue != first->queue || request->cpu != first->cpu)
            continue;
        request_remove(plug, request);
        request_push_front(alike, request);
    }
}

static void insert_alike(struct block *block, struct block_task *task, bool sleeps)
{
    struct request_list alike = {0};
    struct block_request *request;
    take_alike(&task->plug, &alike);
    struct hardware_queue *queue = alike.head->queue;
    block_tell(block, (struct block_event){
        .action = sleeps ? BLKTRACE_UNPLUG_TIMER : BLKTRACE_UNPLUG_IO, .value = alike.count, .cpu = alike.head->cpu,
        .task = task->id});
    while ((request = request_pop(&alike)) != NULL) {
        count_out(block, request);
        dispatch_insert(block, request);
    }
    if (sleeps)
        dispatch_run_later(queue);
    else
        dispatch_run(queue, false);
}

static void empty(struct block *block, struct block_task *task, bool sleeps)
{
    if (block->scheduling == NULL && !sleeps)
        issue_all(block, task);
    while (task->plug.head != NULL)
        insert_alike(block, task, sleeps);
}

static bool is_full(const struct block *block, const struct block_task *task)
{
    return task->plug.count >= PLUG_REQUESTS || (block->setup.merges && task->plug.head->bytes >= PLUG_FLUSH_BYTES);
}

void plug_add(struct block *block, struct block_task *task, struct block_request *request)
{
    if (task->plug.head != NULL && is_full(block, task)) {
        block->stats.unplugs_full++;
        empty(block, task, false);
    }
    if (task->plug.head == NULL) {
        block->stats.plugs++;
        block_tell(block, (struct block_event){.action = BLKTRACE_PLUG, .cpu = request->cpu, .task = task->id});
    }
    block->stats.plugged++;
    request_push_front(&task->plug, request);
}

void plug_end(struct block *block, struct block_task *task)
{
    block->stats.unplugs_end += task->plug.head != NULL;
    empty(block, task, false);
}

void plug_sleep(struct block *block, struct block_task *task)
{
    block->stats.unplugs_sleep += task->plug.head != NULL;
    empty(block, task, true);
}
