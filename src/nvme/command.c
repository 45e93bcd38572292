// A command's life in the front-end: arrival, decoding, completion; and what a reset does to those in flight.
//
// Source: NVM Express 1.4, sections 4.6 (completion queue entry), 7.2 (command processing). The processors that
// decode and complete are equal; each command goes to the one that is free first.
//
// A completion takes its slot in the queue when it is sent, and reaches host memory together with its data and its
// interrupt in one event: the link keeps their order, so nobody can see one of them before.
//
// A reset cannot take commands back from the core or from pending events. They keep the epoch in which they were
// fetched; whoever comes back with an old epoch is released without a trace.
#include "nvme/nvme_internal.h"

#include <stdlib.h>

#include "util/alloc.h"
#include "util/macros.h"

void flight_enter(struct nvme *nvme, uint32_t count)
{
    nvme->in_flight += count;
}

void flight_leave(struct nvme *nvme, uint32_t count)
{
    nvme->in_flight -= count;
    if (unlikely(nvme->stopped))
        registers_shutdown_advance(nvme);
    fetch_pump(nvme);
}

void busy_enter(struct nvme *nvme, uint64_t count)
{
    if (nvme->io_commands == 0)
        nvme->busy_since = sim_now(nvme->sim);
    nvme->io_commands += count;
}

void busy_leave(struct nvme *nvme, uint64_t count)
{
    if (count == 0)
        return;
    nvme->io_commands -= count;
    if (nvme->io_commands == 0)
        nvme->busy += sim_now(nvme->sim) - nvme->busy_since;
}

static bool is_stale(const struct nvme_command *command)
{
    return command->epoch != command->nvme->epoch;
}

void command_release(struct nvme_command *command)
{
    struct nvme *nvme = command->nvme;
    command_buffer_release(command);
    command->state = NVME_COMMAND_FREE;
    list_push_front(&nvme->free_commands, &command->link);
    if (!is_stale(command)) {
        busy_leave(nvme, command->sq->id != NVME_ADMIN_QUEUE);
        queues_command_left(command->sq);
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

// --- processors ----------------------------------------------------------------------------------------------------

// Returns when the processor that is free first has done work that takes `duration`, a multiple of its cycle.
static tick_t process(struct nvme *nvme, tick_t duration)
{
    struct timeline *first = &nvme->processors[0];
    for (uint32_t i = 1; i < nvme->config->processors; i++)
        if (nvme->processors[i].free_at < first->free_at)
            first = &nvme->processors[i];
    tick_t now = sim_now(nvme->sim);
    tick_t ready = first->free_at > now ? now : clock_edge(nvme->clock, now);
    tick_t start = timeline_reserve(first, ready, duration);
    meter_add(&nvme->processor_meter, start, duration);
    return start + duration;
}

// --- arrival -------------------------------------------------------------------------------------------------------

static void execute(struct nvme_command *command)
{
    if (command->sq->id == NVME_ADMIN_QUEUE)
        admin_execute(command);
    else
        io_execute(command);
}

static void decoded(void *context)
{
    struct nvme_command *command = context;
    if (!command_stale(command))
        execute(command);
}

static void start_stopwatch(struct nvme_command *command)
{
    struct nvme *nvme = command->nvme;
    struct breakdown *path =
        nvme->journal == NULL ? NULL : journal_at(nvme->journal, command->sq->id, command->sqe.cid);
    if (path == NULL) {
        path = &command->dummy;
        breakdown_start(path, STAGE_CONTROLLER, sim_now(nvme->sim));
    } else {
        breakdown_enter(path, STAGE_CONTROLLER, sim_now(nvme->sim));
    }
    command->request.path = path;
}

void command_start(struct nvme *nvme, struct nvme_sq *sq, const struct nvme_sqe *sqe)
{
    struct nvme_command *command = container_of(list_pop(&nvme->free_commands), struct nvme_command, link);
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
    command->data_end = 0;
    command->uncounted = false;
    start_stopwatch(command);
    if (nvme->t_decode == 0)
        execute(command);
    else
        command_at(command, process(nvme, nvme->t_decode), decoded);
}

// --- completion ----------------------------------------------------------------------------------------------------

static bool write_entry(const struct nvme_command *command)
{
    struct nvme *nvme = command->nvme;
    struct nvme_cqe cqe = {
        .dw0 = command->dw0,
        .sqhd = command->sqhd,
        .sqid = command->sq->id,
        .cid = command->sqe.cid,
        .status = (uint16_t)(command->status << NVME_CQE_STATUS_SHIFT | command->phase),
    };
    nvme->stats.completions++;
    return bus_write(nvme, command->sq->cq->base + (uint64_t)command->slot * NVME_CQE_BYTES, &cqe, sizeof cqe);
}

static void send_buffer(struct nvme_command *command)
{
    if (!command->data_to_host || command->status != NVME_SC_SUCCESS)
        return;
    if (!command_buffer_move(command))
        command_set_error(command, NVME_SC_DATA_TRANSFER_ERROR, AT_PRP1);
}

static void completion_arrived(void *context)
{
    struct nvme_command *command = context;
    if (command_stale(command))
        return;
    struct nvme *nvme = command->nvme;
    uint32_t vector = command->sq->cq->vector;
    bool interrupt = command->interrupt;
    if (command->buffer != NULL)
        send_buffer(command);
    if (!write_entry(command)) {
        controller_fatal(nvme);
        command_release(command);
        return;
    }
    if (command->posted != NULL && command->status == NVME_SC_SUCCESS)
        command->posted(command);
    breakdown_enter(command->request.path, STAGE_HOST_COMPLETE, sim_now(nvme->sim));
    command_release(command);
    if (interrupt)
        msix_raise(nvme, vector);
}

void command_send(struct nvme_command *command)
{
    struct nvme *nvme = command->nvme;
    struct nvme_cq *cq = command->sq->cq;
    command->slot = cq->tail;
    command->phase = cq->phase;
    command->sqhd = (uint16_t)command->sq->head;
    cq->tail = cq_next_tail(cq);
    if (cq->tail == 0)
        cq->phase ^= NVME_CQE_PHASE;
    command->interrupt = cq->interrupts && msix_coalesce(nvme, command);
    bool message = command->interrupt && msix_sends(nvme, cq->vector);
    command_at(command, link_completion_entry(&nvme->link, sim_now(nvme->sim), message), completion_arrived);
}

static void command_post(struct nvme_command *command)
{
    struct nvme_cq *cq = command->sq->cq;
    if (!cq_full(cq)) { // then none waits: the head doorbell lets them in
        command_send(command);
    } else if (command->sq->deleting) {
        command_release(command); // implicitly completed, 5.6
    } else {
        command->nvme->stats.completions_delayed++;
        command_park(command, &cq->waiting);
        registers_shutdown_advance(command->nvme);
    }
}

static void completed(void *context)
{
    struct nvme_command *command = context;
    if (!command_stale(command))
        command_post(command);
}

static void count_command(struct nvme *nvme, const struct nvme_command *command)
{
    struct nvme_stats *stats = &nvme->stats;
    if (command->sq->id == NVME_ADMIN_QUEUE) {
        stats->admin_commands++;
        return;
    }
    switch (command->sqe.opcode) {
    case NVME_IO_READ: stats->reads++; break;
    case NVME_IO_WRITE: stats->writes++; break;
    case NVME_IO_FLUSH: stats->flushes++; break;
    case NVME_IO_WRITE_ZEROES: stats->write_zeroes++; break;
    case NVME_IO_DATASET_MANAGEMENT: stats->dataset_managements++; break;
    default: stats->other_commands++; break;
    }
}

void command_complete(struct nvme_command *command)
{
    struct nvme *nvme = command->nvme;
    tick_t now = sim_now(nvme->sim);
    count_command(nvme, command);
    breakdown_enter(command->request.path, STAGE_COMPLETION, MAX(now, command->data_end));
    if (nvme->t_complete == 0)
        command_post(command);
    else
        command_at(command, process(nvme, nvme->t_complete), completed);
}

// Whether trying again could help: NVM Express 1.4, 4.6.1 (DNR).
static bool retry_is_futile(unsigned status)
{
    switch (status) {
    case NVME_SC_DATA_TRANSFER_ERROR:
    case NVME_SC_ABORT_REQUESTED:
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

void command_set_error(struct nvme_command *command, unsigned status, unsigned location)
{
    count_error(&command->nvme->stats, status);
    command->status = (uint16_t)(status | NVME_STATUS_MORE | (retry_is_futile(status) ? NVME_STATUS_DNR : 0));
    command->location = (uint16_t)location;
    logs_record_error(command);
}

void command_fail(struct nvme_command *command, unsigned status, unsigned location)
{
    command_set_error(command, status, location);
    command_complete(command);
}

void command_fail_flags(struct nvme_command *command)
{
    command_fail(command, NVME_SC_INVALID_FIELD, command->sqe.flags & NVME_SQE_FUSE_MASK ? AT_FUSE : AT_PSDT);
}

// --- all commands --------------------------------------------------------------------------------------------------

// The core keeps its pointer to the request, so the request must let go of a stopwatch that the host will reuse.
static void detach_stopwatch(struct nvme_command *command)
{
    if (command->request.path == &command->dummy)
        return;
    command->dummy = *command->request.path;
    command->request.path = &command->dummy;
}

// The caller has begun a new epoch.
void commands_reset(struct nvme *nvme)
{
    for (uint32_t i = 0; i < nvme->command_total; i++) {
        struct nvme_command *command = &nvme->commands[i];
        if (command->state == NVME_COMMAND_PARKED)
            command_release(command);
        else if (command->state == NVME_COMMAND_CORE)
            detach_stopwatch(command);
    }
}

void commands_create(struct nvme *nvme)
{
    // The admin queue has one of its own, and Asynchronous Event Requests that wait do not count.
    nvme->command_total = nvme->config->max_commands + 1 + nvme->config->aerl + 1;
    nvme->commands = xcalloc(nvme->command_total, sizeof *nvme->commands);
    for (uint32_t i = 0; i < nvme->command_total; i++) {
        nvme->commands[i].nvme = nvme;
        nvme->commands[i].request.owner = &nvme->commands[i];
        list_push(&nvme->free_commands, &nvme->commands[i].link);
    }
}

void commands_destroy(struct nvme *nvme)
{
    for (uint32_t i = 0; i < nvme->command_total; i++)
        command_buffer_release(&nvme->commands[i]);
    free(nvme->commands);
}
