// A command's life in the front-end, from its place among them to its completion; and what a reset does to those in
// flight.
//
// Source: NVM Express 1.4, sections 4.6 (completion queue entry), 7.2 (command processing).
//
// A completion has its room in the queue when the command is done. It is sent behind the command's data, before data of
// others that wait, and the queue's next entry is its own when it comes: completions of one queue overtake those whose
// data are still on their way. With its data and its interrupt it reaches host memory in one event: the link keeps
// their order, so nobody can see one of them before. When that event comes too early, because of what the link has sent
// in between, it waits again.
//
// A reset cannot take commands back from the core or from pending events. They keep the epoch in which they were
// fetched; whoever comes back with an old epoch is released without a trace.
#include "nvme/command/command.h"

#include <stdlib.h>

#include "nvme/command/command_buffer.h"
#include "nvme/queue/cq_heads.h"
#include "nvme/pci/bus_master.h"
#include "nvme/nvme_internal.h"
#include "stats/wait.h"
#include "util/alloc.h"
#include "util/macros.h"

void flight_enter(struct nvme *nvme, uint32_t count)
{
    nvme->commands.in_flight += count;
}

void flight_leave(struct nvme *nvme, uint32_t count)
{
    nvme->commands.in_flight -= count;
    if (unlikely(nvme->stopped))
        nvme->commands.settled(nvme);
    if (is_room_wanted(nvme))
        nvme->commands.room(nvme);
}

static bool is_stale(const struct nvme_command *command)
{
    return command->epoch != command->nvme->epoch;
}

static void leave_queue(struct nvme *nvme, struct nvme_sq *sq)
{
    if (--sq->outstanding == 0 && sq->deleting)
        nvme->commands.drained(sq);
}

void command_release(struct nvme_command *command)
{
    struct nvme *nvme = command->nvme;
    command_buffer_release(command);
    if (command->data.pending > 0)
        wire_forget(&nvme->link.up, sim_now(nvme->sim), &command->data);
    command->state = NVME_COMMAND_FREE;
    list_push_front(&nvme->commands.free, &command->link);
    if (!is_stale(command)) {
        health_busy_leave(nvme, command->sq->id != NVME_ADMIN_QUEUE);
        leave_queue(nvme, command->sq);
    }
    if (!command->uncounted)
        flight_leave(nvme, 1);
}

bool command_stale(struct nvme_command *command)
{
    if (likely(!is_stale(command)))
        return false;
    command_release(command);
    return true;
}

void command_at(struct nvme_command *command, tick_t when, sim_event_fn *fn)
{
    command->state = NVME_COMMAND_EVENT;
    sim_at(command->nvme->sim, when, fn, command);
}

void command_park(struct nvme_command *command, struct list *list)
{
    command->state = NVME_COMMAND_PARKED;
    list_push(list, &command->link);
}

// The stopwatch starts when the doorbell arrived.
static void start_stopwatch(struct nvme_command *command)
{
    tick_t now = sim_now(command->nvme->sim), rung = sq_take_rung(command->sq);
    breakdown_start(&command->path, STAGE_CONTROLLER, now);
    command->path.start = rung;
    command->path.spent[STAGE_SQ_FETCH] = now - rung;
    tick_t *const *waits = command->nvme->observer.waits;
    if (waits != NULL && command->sq->id != NVME_ADMIN_QUEUE)
        command->path.waits = waits[command->sq->id] + (size_t)command->sqe.cid * WAIT_COUNT;
}

struct nvme_command *command_take(struct nvme *nvme, struct nvme_sq *sq, const struct nvme_sqe *sqe)
{
    struct nvme_command *command = container_of(list_pop(&nvme->commands.free), struct nvme_command, link);
    command->sq = sq;
    command->epoch = nvme->epoch;
    command->sqe = *sqe;
    command->dw0 = 0;
    command->status = NVME_SC_SUCCESS;
    command->data_bytes = 0;
    command->lba = 0;
    command->moved = 0;
    command->lost = false;
    command->posted = NULL;
    command->data = (struct wire_flow){0};
    command->uncounted = false;
    start_stopwatch(command);
    return command;
}

// --- completion ----------------------------------------------------------------------------------------------------

// A completion that was made before another may come behind it: what it says of the queue's head is then old.
static uint16_t newest_head(struct nvme_sq *sq, uint32_t head)
{
    if (queues_distance(sq->told, head, sq->size) <= queues_distance(sq->told, sq->head, sq->size))
        sq->told = head;
    return (uint16_t)sq->told;
}

static bool write_entry(const struct nvme_command *command)
{
    struct nvme *nvme = command->nvme;
    struct nvme_cq *cq = command->sq->cq;
    struct nvme_cqe cqe = {
        .dw0 = command->dw0,
        .sqhd = newest_head(command->sq, command->sqhd),
        .sqid = command->sq->id,
        .cid = command->sqe.cid,
        .status = (uint16_t)(command->status << NVME_CQE_STATUS_SHIFT | cq->phase),
    };
    uint64_t address = queue_memory_at(&cq->memory, (uint64_t)cq->tail * NVME_CQE_BYTES);
    cq->tail = cq_next(cq, cq->tail);
    if (cq->tail == 0)
        cq->phase ^= NVME_CQE_PHASE;
    nvme->stats.completions++;
    return bus_write(nvme, address, &cqe, sizeof cqe);
}

// Whether trying again could help: NVM Express 1.4, 4.6.1 (DNR).
static bool retry_is_futile(unsigned status)
{
    switch (status) {
    case NVME_SC_DATA_TRANSFER_ERROR:
    case NVME_SC_ABORT_REQUESTED:
    case NVME_SC_SELF_TEST_IN_PROGRESS:
    case NVME_SC_WRITE_FAULT:
    case NVME_SC_UNRECOVERED_READ: return false;
    default: return true;
    }
}

static void count_error(struct nvme_stats *stats, unsigned status)
{
    switch (status >> NVME_STATUS_TYPE_SHIFT) {
    case 0: stats->errors_generic++; break;
    case 1: stats->errors_command++; break;
    default: stats->errors_media++; break;
    }
}

// Makes it a failed one, without completing it.
static void set_error(struct nvme_command *command, unsigned status, unsigned location)
{
    count_error(&command->nvme->stats, status);
    command->status = (uint16_t)(status | NVME_STATUS_MORE | (retry_is_futile(status) ? NVME_STATUS_DNR : 0));
    command->location = (uint16_t)location;
    errors_record_command(command);
}

static void send_buffer(struct nvme_command *command)
{
    if (!command->data_to_host || command->status != NVME_SC_SUCCESS)
        return;
    if (!command_buffer_move(command))
        set_error(command, NVME_SC_DATA_TRANSFER_ERROR, AT_PRP1);
}

static void tell_observer(const struct nvme_command *command)
{
    const struct nvme_observer *observer = &command->nvme->observer;
    if (observer->completed == NULL)
        return;
    observer->completed(observer->self, &(struct nvme_completed){
        .sqid = command->sq->id,
        .status = command->status,
        .sqe = &command->sqe,
        .bytes = command->data_bytes,
        .path = &command->path,
    });
}

// Data were sent later than was known when the command was done.
static void settle_data_stage(struct nvme_command *command)
{
    struct breakdown *path = &command->path;
    if (command->data.end <= path->changed)
        return;
    path->spent[STAGE_DATA_OUT] += command->data.end - path->changed;
    path->changed = command->data.end;
}

static void complete_now(struct nvme_command *command)
{
    struct nvme *nvme = command->nvme;
    uint32_t vector = command->sq->cq->vector;
    bool interrupt = command->interrupt;
    settle_data_stage(command);
    if (command->buffer != NULL)
        send_buffer(command);
    if (!write_entry(command)) {
        nvme->reset(nvme, NVME_RESET_FATAL);
        command_release(command);
        return;
    }
    if (command->posted != NULL && command->status == NVME_SC_SUCCESS)
        command->posted(command);
    breakdown_enter(&command->path, STAGE_HOST_COMPLETE, sim_now(nvme->sim));
    tell_observer(command);
    command_release(command);
    if (interrupt)
        interrupt_raise(nvme, vector);
}

static void completion_arrived(void *context)
{
    struct nvme_command *command = context;
    if (command_stale(command))
        return;
    struct nvme *nvme = command->nvme;
    tick_t now = sim_now(nvme->sim), arrival = link_arrival(&nvme->link, now, &command->data);
    if (arrival > now)
        sim_at(nvme->sim, arrival, completion_arrived, command);
    else
        complete_now(command);
}

void command_send(struct nvme_command *command)
{
    struct nvme *nvme = command->nvme;
    struct nvme_cq *cq = command->sq->cq;
    cq->promised = cq_next(cq, cq->promised);
    command->sqhd = (uint16_t)command->sq->head;
    command->interrupt = cq->interrupts && interrupt_coalesce(nvme, cq, command->status != NVME_SC_SUCCESS);
    enum link_message message = command->interrupt ? interrupt_message(&nvme->interrupts, cq->vector) : LINK_MESSAGE_NONE;
    tick_t arrival = link_completion_entry(&nvme->link, sim_now(nvme->sim), &command->data, message);
    command_at(command, arrival, completion_arrived);
}

static bool cq_has_room(struct nvme *nvme, struct nvme_cq *cq)
{
    if (unlikely(cq_full(cq)))
        cq_heads_arrive(nvme, cq);
    return !cq_full(cq);
}

static void completed(void *context);

// Which completions share an interrupt is decided in the order in which they are sent: then data must be gone first.
static bool waits_for_data(struct nvme_command *command)
{
    struct nvme *nvme = command->nvme;
    if (likely(nvme->features.value[NVME_FEATURE_INTERRUPT_COALESCING] == 0))
        return false;
    tick_t now = sim_now(nvme->sim), sent = wire_look(&nvme->link.up, now, &command->data);
    if (sent <= now)
        return false;
    command_at(command, sent, completed);
    return true;
}

static void command_post(struct nvme_command *command)
{
    struct nvme_cq *cq = command->sq->cq;
    if (waits_for_data(command))
        return;
    if (cq_has_room(command->nvme, cq)) { // then none waits: the head doorbell lets them in
        command_send(command);
    } else if (command->sq->deleting) {
        command_release(command); // implicitly completed, 5.6
    } else {
        command->nvme->stats.completions_delayed++;
        cq_heads_become_events(command->nvme);
        if (list_empty(&cq->waiting))
            shadow_look_at_head(command->nvme, cq);
        command_park(command, &cq->waiting);
        command->nvme->commands.settled(command->nvme);
    }
}

static void completed(void *context)
{
    struct nvme_command *command = context;
    if (!command_stale(command))
        command_post(command);
}

void command_complete(struct nvme_command *command)
{
    struct nvme *nvme = command->nvme;
    tick_t now = sim_now(nvme->sim);
    ++*(uint64_t *)((char *)&nvme->stats + command->opcode->counter);
    breakdown_enter(&command->path, STAGE_COMPLETION, MAX(now, command->data.end));
    if (nvme->processors.complete.takes == 0)
        command_post(command);
    else
        command_at(command, processors_work(nvme, &nvme->processors.complete), completed);
}

void command_fail(struct nvme_command *command, unsigned status, unsigned location)
{
    set_error(command, status, location);
    command_complete(command);
}

// --- all commands --------------------------------------------------------------------------------------------------

void commands_reset(struct nvme *nvme, enum nvme_reset kind)
{
    (void)kind;
    for (uint32_t i = 0; i < nvme->commands.total; i++) {
        struct nvme_command *command = &nvme->commands.all[i];
        if (command->state == NVME_COMMAND_PARKED)
            command_release(command);
    }
}

void commands_create(struct nvme *nvme)
{
    // The admin queue has one of its own, and Asynchronous Event Requests that wait do not count.
    nvme->commands.total = nvme->config->max_commands + 1 + nvme->config->aerl + 1;
    nvme->commands.all = xcalloc(nvme->commands.total, sizeof *nvme->commands.all);
    for (uint32_t i = 0; i < nvme->commands.total; i++) {
        nvme->commands.all[i].nvme = nvme;
        nvme->commands.all[i].request.owner = &nvme->commands.all[i];
        nvme->commands.all[i].request.path = &nvme->commands.all[i].path;
        list_push(&nvme->commands.free, &nvme->commands.all[i].link);
    }
}

void commands_destroy(struct nvme *nvme)
{
    for (uint32_t i = 0; i < nvme->commands.total; i++)
        command_buffer_release(&nvme->commands.all[i]);
    free(nvme->commands.all);
}
