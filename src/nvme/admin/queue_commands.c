// Creation and deletion of I/O queues: NVM Express 1.4, sections 5.3 to 5.6.
//
// Deleting a submission queue stops fetching from it and completes when its last command has left the controller;
// commands that find no room in their completion queue are then completed implicitly, without an entry (5.6), so that
// a host that takes no more entries can still delete.
#include "nvme/admin/queue_commands.h"

#include <string.h>

#include "nvme/queue/cq_heads.h"
#include "nvme/command/command_buffer.h"
#include "nvme/command/prp.h"
#include "nvme/nvme_internal.h"
#include "util/alloc.h"
#include "util/macros.h"

struct creation {
    uint32_t qid, size;
    uint32_t partner; // the vector of a completion queue, the completion queue of a submission queue
};

static struct creation creation_of(const struct nvme_sqe *sqe)
{
    return (struct creation){.qid = NVME_FIELD(sqe->cdw10, NVME_QUEUE_QID),
                             .size = NVME_FIELD(sqe->cdw10, NVME_QUEUE_QSIZE) + 1,
                             .partner = NVME_FIELD(sqe->cdw11, NVME_SQ_CQID)};
}

static bool qid_valid(const struct nvme *nvme, uint32_t qid)
{
    return qid != NVME_ADMIN_QUEUE && qid <= nvme->queues.limit;
}

// What both kinds of queue are checked for. Returns false after having failed the command.
static bool creation_valid(struct nvme_command *command, struct creation c, bool exists)
{
    if (!qid_valid(command->nvme, c.qid) || exists)
        command_fail(command, NVME_SC_INVALID_QID, AT_CDW10);
    else if (c.size < 2 || c.size > command->nvme->config->max_queue_entries)
        command_fail(command, NVME_SC_INVALID_QUEUE_SIZE, AT_CDW10_HIGH);
    else if (!(command->sqe.cdw11 & NVME_QUEUE_PC) && command->nvme->config->contiguous_queues)
        command_fail(command, NVME_SC_INVALID_FIELD, AT_CDW11);
    else if (command->sqe.prp1 & ((UINT64_C(1) << command->nvme->page_shift) - 1))
        command_fail(command, NVME_SC_PRP_OFFSET_INVALID, AT_PRP1);
    else
        return true;
    return false;
}

// Where the queue lies: the pages that its list named, if it has one.
static struct nvme_queue_memory memory_of(const struct nvme_command *command)
{
    struct nvme_queue_memory memory = {.base = command->sqe.prp1, .page_shift = command->nvme->page_shift};
    if (command->buffer == NULL)
        return memory;
    memory.pages = xcalloc(command->prp.count, sizeof *memory.pages);
    memcpy(memory.pages, command->buffer->pages, command->prp.count * sizeof *memory.pages);
    return memory;
}

// Opens the queue, when its list of pages has been read if it has one.
static void place_queue(struct nvme_command *command, uint32_t entry_bytes, void (*open)(struct nvme_command *command))
{
    uint64_t bytes = (uint64_t)creation_of(&command->sqe).size * entry_bytes;
    unsigned shift = command->nvme->page_shift;
    if (command->sqe.cdw11 & NVME_QUEUE_PC)
        open(command);
    else
        prp_walk_queue(command, (uint32_t)((bytes + (UINT64_C(1) << shift) - 1) >> shift), open);
}

static bool cq_creation_valid(struct nvme_command *command, struct creation c)
{
    struct nvme *nvme = command->nvme;
    if (!creation_valid(command, c, qid_valid(nvme, c.qid) && nvme->queues.cqs[c.qid].exists))
        return false;
    if (c.partner >= nvme->config->msix_vectors)
        command_fail(command, NVME_SC_INVALID_INTERRUPT_VECTOR, AT_CDW11_HIGH);
    else if (NVME_FIELD(registers_get(&nvme->registers, NVME_REG_CC), NVME_CC_IOCQES) != NVME_CQE_SHIFT)
        command_fail(command, NVME_SC_INVALID_QUEUE_SIZE, NVME_LOCATION_NONE); // as QEMU's hw/nvme answers
    else if (cmb_has(&nvme->cmb, command->sqe.prp1))
        command_fail(command, NVME_SC_INVALID_CMB_USE, AT_PRP1); // CMBSZ.CQS is 0
    else
        return true;
    return false;
}

// Checked again: while the list was read another command may have created it.
static void open_cq(struct nvme_command *command)
{
    struct creation c = creation_of(&command->sqe);
    if (!cq_creation_valid(command, c))
        return;
    queues_open_cq(&command->nvme->queues.cqs[c.qid], memory_of(command), c.size, (uint16_t)c.partner,
                   command->sqe.cdw11 & NVME_CQ_IEN);
    command->nvme->queues.count++;
    command_complete(command);
}

static void create_cq(struct nvme_command *command)
{
    if (cq_creation_valid(command, creation_of(&command->sqe)))
        place_queue(command, NVME_CQE_BYTES, open_cq);
}

static bool sq_creation_valid(struct nvme_command *command, struct creation c)
{
    struct nvme *nvme = command->nvme;
    if (!creation_valid(command, c, qid_valid(nvme, c.qid) && nvme->queues.sqs[c.qid].exists))
        return false;
    if (!qid_valid(nvme, c.partner))
        command_fail(command, NVME_SC_INVALID_QID, AT_CDW11_HIGH);
    else if (!nvme->queues.cqs[c.partner].exists)
        command_fail(command, NVME_SC_INVALID_CQ, AT_CDW11_HIGH);
    else if (NVME_FIELD(registers_get(&nvme->registers, NVME_REG_CC), NVME_CC_IOSQES) != NVME_SQE_SHIFT)
        command_fail(command, NVME_SC_INVALID_QUEUE_SIZE, NVME_LOCATION_NONE);
    else
        return true;
    return false;
}

static void open_sq(struct nvme_command *command)
{
    struct nvme *nvme = command->nvme;
    struct creation c = creation_of(&command->sqe);
    if (!sq_creation_valid(command, c))
        return;
    queues_open_sq(&nvme->queues.sqs[c.qid], memory_of(command), c.size,
                   NVME_FIELD(command->sqe.cdw11, NVME_SQ_QPRIO), &nvme->queues.cqs[c.partner]);
    shadow_open(nvme, &nvme->queues.sqs[c.qid]);
    nvme->queues.count++;
    command_complete(command);
}

static void create_sq(struct nvme_command *command)
{
    if (sq_creation_valid(command, creation_of(&command->sqe)))
        place_queue(command, NVME_SQE_BYTES, open_sq);
}

static void finish_deletion(struct nvme_sq *sq)
{
    struct nvme_command *deleter = sq->deleter;
    sq->cq->queues--;
    sq->exists = sq->deleting = false;
    sq->deleter = NULL;
    queue_memory_release(&sq->memory);
    deleter->nvme->queues.count--;
    command_complete(deleter);
}

void queue_commands_create(struct nvme *nvme)
{
    nvme->commands.drained = finish_deletion;
}

// The queue's commands that wait for room in the completion queue, which others may share, are dropped.
static void drop_waiting(struct nvme_sq *sq)
{
    struct list waiting = sq->cq->waiting;
    sq->cq->waiting = (struct list){NULL, NULL};
    for (struct list_link *link; (link = list_pop(&waiting)) != NULL;) {
        struct nvme_command *command = container_of(link, struct nvme_command, link);
        if (command->sq == sq)
            command_release(command);
        else
            list_push(&sq->cq->waiting, link);
    }
}

static void delete_sq(struct nvme_command *command)
{
    uint32_t qid = NVME_FIELD(command->sqe.cdw10, NVME_QUEUE_QID);
    struct nvme *nvme = command->nvme;
    if (qid == NVME_ADMIN_QUEUE || qid > nvme->config->max_queues || !nvme->queues.sqs[qid].exists ||
        nvme->queues.sqs[qid].deleting) {
        command_fail(command, NVME_SC_INVALID_QID, AT_CDW10);
        return;
    }
    struct nvme_sq *sq = &nvme->queues.sqs[qid];
    sq->deleting = true;
    sq->deleter = command;
    command->state = NVME_COMMAND_PARKED;
    health_busy_leave(nvme, queues_distance(sq->fetched, sq->tail, sq->size));
    sq->outstanding++; // until those that wait for room are gone
    drop_waiting(sq);
    if (--sq->outstanding == 0)
        finish_deletion(sq);
}

static void delete_cq(struct nvme_command *command)
{
    uint32_t qid = NVME_FIELD(command->sqe.cdw10, NVME_QUEUE_QID);
    struct nvme *nvme = command->nvme;
    if (qid == NVME_ADMIN_QUEUE || qid > nvme->config->max_queues || !nvme->queues.cqs[qid].exists) {
        command_fail(command, NVME_SC_INVALID_QID, AT_CDW10);
        return;
    }
    if (nvme->queues.cqs[qid].queues > 0) {
        command_fail(command, NVME_SC_INVALID_QUEUE_DELETION, AT_CDW10);
        return;
    }
    cq_heads_become_events(nvme);
    nvme->queues.cqs[qid].exists = false;
    queue_memory_release(&nvme->queues.cqs[qid].memory);
    nvme->queues.count--;
    interrupt_satisfied(nvme, nvme->queues.cqs[qid].vector);
    command_complete(command);
}

const struct nvme_opcode nvme_opcode_create_cq = {
    .set = NVME_SET_ADMIN,
    .code = NVME_ADMIN_CREATE_CQ,
    .name = "Create I/O Completion Queue",
    .counter = OPCODE_COUNTER(admin_commands),
    .execute = create_cq,
};

const struct nvme_opcode nvme_opcode_create_sq = {
    .set = NVME_SET_ADMIN,
    .code = NVME_ADMIN_CREATE_SQ,
    .name = "Create I/O Submission Queue",
    .counter = OPCODE_COUNTER(admin_commands),
    .execute = create_sq,
};

const struct nvme_opcode nvme_opcode_delete_cq = {
    .set = NVME_SET_ADMIN,
    .code = NVME_ADMIN_DELETE_CQ,
    .name = "Delete I/O Completion Queue",
    .counter = OPCODE_COUNTER(admin_commands),
    .execute = delete_cq,
};

const struct nvme_opcode nvme_opcode_delete_sq = {
    .set = NVME_SET_ADMIN,
    .code = NVME_ADMIN_DELETE_SQ,
    .name = "Delete I/O Submission Queue",
    .counter = OPCODE_COUNTER(admin_commands),
    .execute = delete_sq,
};
