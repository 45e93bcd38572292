// Flushes. Linux 6.1 block/blk-flush.c: blk_insert_flush, blk_flush_complete_seq, blk_kick_flush, flush_end_io,
// mq_flush_data_end_io.
//
// A request goes through those of its steps that it needs: flush, data, flush. Requests that wait for a flush collect on
// one list while a flush command serves those of another; it is sent when none is running and no data of the machine are
// in flight, or when the first has waited for five seconds. All on its list move on together. The flush and the data
// after it are sent by a worker. The command has the tag of the first request that it serves, which is only waiting.
//
// A drive with a volatile cache has FUA: there is no step after the data. Without one nothing comes here.
#include "host/block/flush.h"

#include "host/block/dispatch.h"

#define FLUSH_PENDING_TIMEOUT (5 * TICKS_PER_S)

void flush_init(struct hardware_queue *queue)
{
    queue->flush.request = (struct block_request){
        .kind = IO_FLUSH, .preflush = true, .no_merge = true, .queue = queue, .tag = BLOCK_NO_TAG,
        .scheduler_tag = BLOCK_NO_TAG, .inserted = TICK_NEVER,
    };
}

static struct request_list *collecting(struct flush_queue *flush)
{
    return &flush->pending[flush->collects];
}

static void send_flush(struct block *block, struct hardware_queue *queue)
{
    struct flush_queue *flush = &queue->flush;
    struct request_list *served = collecting(flush);
    flush->request.cpu = served->head->cpu;
    flush->request.tag = served->head->tag;
    flush->collects ^= 1;
    flush->running = true;
    block->stats.flushes++;
    block->stats.flushes_shared += served->count - 1;
    dispatch_insert_first(block, &flush->request);
    dispatch_run_later(queue);
}

static void kick(struct block *block, struct hardware_queue *queue)
{
    struct flush_queue *flush = &queue->flush;
    if (flush->running || collecting(flush)->head == NULL)
        return;
    if (flush->data_in_flight > 0 && sim_now(block->sim) < flush->pending_since + FLUSH_PENDING_TIMEOUT)
        return;
    send_flush(block, queue);
}

static void wait_for_flush(struct block *block, struct block_request *request)
{
    struct flush_queue *flush = &request->queue->flush;
    if (collecting(flush)->head == NULL)
        flush->pending_since = sim_now(block->sim);
    request_push(collecting(flush), request);
}

static void send_data(struct block *block, struct block_request *request)
{
    request->queue->flush.data_in_flight++;
    block->stats.flush_time += sim_now(block->sim) - request->made;
    dispatch_insert_first(block, request);
    dispatch_run_later(request->queue);
}

static void end_step(struct block *block, struct block_request *request, unsigned step, bool failed,
                     flush_done_fn *done)
{
    request->flush_left &= (uint8_t)~step;
    if (failed || request->flush_left == 0)
        done(block, request, failed);
    else if ((request->flush_left & FLUSH_PRE) == 0 && (request->flush_left & FLUSH_DATA) != 0)
        send_data(block, request);
    else
        wait_for_flush(block, request);
}

void flush_insert(struct block *block, struct block_request *request, flush_done_fn *done)
{
    request->flush_left = FLUSH_PRE | (request->bytes > 0 ? FLUSH_DATA : 0);
    request->preflush = false; // a step of its own; what is left of the request is a write
    request->how |= IO_SYNC;
    end_step(block, request, 0, false, done);
    kick(block, request->queue);
}

bool flush_owns(const struct block_request *request)
{
    return request->flush_left != 0 || request == &request->queue->flush.request;
}

static void end_flush(struct block *block, struct hardware_queue *queue, bool failed, flush_done_fn *done)
{
    struct flush_queue *flush = &queue->flush;
    struct request_list served = flush->pending[flush->collects ^ 1];
    struct block_request *request;
    flush->pending[flush->collects ^ 1] = (struct request_list){0};
    flush->running = false;
    if (block->scheduling != NULL)
        tags_give(&queue->tags, flush->request.tag);
    flush->request.tag = BLOCK_NO_TAG;
    while ((request = request_pop(&served)) != NULL)
        end_step(block, request, (request->flush_left & FLUSH_PRE) != 0 ? FLUSH_PRE : FLUSH_POST, failed, done);
}

void flush_completed(struct block *block, struct block_request *request, bool failed, flush_done_fn *done)
{
    struct hardware_queue *queue = request->queue;
    if (request == &queue->flush.request) {
        end_flush(block, queue, failed, done);
    } else {
        queue->flush.data_in_flight--;
        end_step(block, request, FLUSH_DATA, failed, done);
    }
    kick(block, queue);
}
