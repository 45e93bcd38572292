// Submission and completion queues: doorbells, creation and deletion.
//
// Sources: NVM Express 1.4, sections 3.1.24, 3.1.25 (doorbells), 4.1 (empty and full), 5.3 to 5.6 (commands).
//
// A ring of n entries holds at most n - 1, so that head = tail means empty. A doorbell may only move forward over
// what it owns: the tail over free entries, the head over written ones. Anything else is reported as an asynchronous
// event and has no other effect; the present value written again is harmless and taken as such. Deleting a submission
// queue stops fetching from it and completes when its last command has left the controller; commands that find no room
// in their completion queue are then completed implicitly, without an entry (5.6), so that a host that takes no more
// entries can still delete. Queues are contiguous (CAP.CQR).
#include "nvme/nvme_internal.h"
#include "util/macros.h"

static uint32_t distance(uint32_t from, uint32_t to, uint32_t size)
{
    return to >= from ? to - from : to + size - from;
}

void queues_reset(struct nvme *nvme)
{
    for (uint32_t id = 0; id <= nvme->config->max_queues; id++) {
        nvme->sqs[id] = (struct nvme_sq){.id = (uint16_t)id};
        nvme->cqs[id] = (struct nvme_cq){.id = (uint16_t)id};
    }
    nvme->io_queues = 0;
}

static void open_cq(struct nvme_cq *cq, uint64_t base, uint32_t size, uint16_t vector, bool interrupts)
{
    *cq = (struct nvme_cq){.id = cq->id, .exists = true, .base = base, .size = size, .vector = vector,
                           .interrupts = interrupts, .phase = 1};
}

static void open_sq(struct nvme_sq *sq, uint64_t base, uint32_t size, uint32_t priority, struct nvme_cq *cq)
{
    struct nvme_contender contender = sq->contender; // the arbiter may still hold the deleted queue of this number
    contender.admin = sq->id == NVME_ADMIN_QUEUE;
    contender.priority = priority;
    *sq = (struct nvme_sq){.id = sq->id, .exists = true, .base = base, .size = size, .cq = cq, .listed = sq->listed,
                           .contender = contender};
    cq->queues++;
}

void queues_create_admin(struct nvme *nvme)
{
    uint32_t aqa = registers_read(nvme, NVME_REG_AQA);
    open_cq(&nvme->cqs[0], registers_read64(nvme, NVME_REG_ACQ), NVME_FIELD(aqa, NVME_AQA_ACQS) + 1, 0, true);
    open_sq(&nvme->sqs[0], registers_read64(nvme, NVME_REG_ASQ), NVME_FIELD(aqa, NVME_AQA_ASQS) + 1,
            NVME_QPRIO_URGENT, &nvme->cqs[0]);
}

// --- doorbells -----------------------------------------------------------------------------------------------------

static void invalid_doorbell(struct nvme *nvme, unsigned information)
{
    nvme->stats.invalid_doorbells++;
    logs_record_event(nvme, information == NVME_EVENT_ERROR_INVALID_DOORBELL ? NVME_SC_INVALID_QID
                                                                             : NVME_SC_INVALID_FIELD);
    events_raise(nvme, NVME_EVENT_ERROR, information, NVME_LOG_ERROR);
}

static void tail_doorbell(struct nvme *nvme, struct nvme_sq *sq, uint32_t tail)
{
    uint32_t room = sq->size - 1 - distance(sq->head, sq->tail, sq->size);
    if (tail >= sq->size || distance(sq->tail, tail, sq->size) > room) {
        invalid_doorbell(nvme, NVME_EVENT_ERROR_INVALID_DOORBELL_VALUE);
        return;
    }
    if (sq->deleting)
        return;
    if (sq->id != NVME_ADMIN_QUEUE && tail != sq->tail)
        busy_enter(nvme, distance(sq->tail, tail, sq->size));
    sq->tail = tail;
    if (!sq->listed && sq->tail != sq->fetched) {
        sq->listed = true;
        nvme->arbitration->enter(&nvme->arbiter, &sq->contender);
        fetch_pump(nvme);
    } else if (sq->id == NVME_ADMIN_QUEUE) {
        fetch_pump(nvme); // it may have a place where those before it had none
    }
}

static void post_waiting(struct nvme_cq *cq)
{
    while (!list_empty(&cq->waiting) && !cq_full(cq))
        command_send(container_of(list_pop(&cq->waiting), struct nvme_command, link));
}

static void head_doorbell(struct nvme *nvme, struct nvme_cq *cq, uint32_t head)
{
    if (head >= cq->size || distance(cq->head, head, cq->size) > distance(cq->head, cq->tail, cq->size)) {
        invalid_doorbell(nvme, NVME_EVENT_ERROR_INVALID_DOORBELL_VALUE);
        return;
    }
    cq->head = head;
    if (cq->head == cq->tail)
        msix_satisfied(nvme, cq->vector);
    post_waiting(cq);
}

void queues_doorbell(struct nvme *nvme, uint64_t offset, uint32_t value)
{
    unsigned stride_shift = 2 + nvme->config->doorbell_stride;
    uint64_t distance_bytes = offset - NVME_REG_DOORBELLS, index = distance_bytes >> stride_shift;
    if (!nvme->ready || distance_bytes != index << stride_shift)
        return;
    nvme->stats.doorbells++;
    struct nvme_sq *sq = &nvme->sqs[index / 2];
    struct nvme_cq *cq = &nvme->cqs[index / 2];
    bool head = index % 2;
    if (head ? !cq->exists : !sq->exists)
        invalid_doorbell(nvme, NVME_EVENT_ERROR_INVALID_DOORBELL);
    else if (head)
        head_doorbell(nvme, cq, value & 0xffff);
    else
        tail_doorbell(nvme, sq, value & 0xffff);
}

// --- admin commands ------------------------------------------------------------------------------------------------

struct creation {
    uint32_t qid, size, flags, high; // high: of CDW11
};

static struct creation creation_of(const struct nvme_sqe *sqe)
{
    return (struct creation){.qid = sqe->cdw10 & 0xffff, .size = (sqe->cdw10 >> 16) + 1,
                             .flags = sqe->cdw11 & 0xffff, .high = sqe->cdw11 >> 16};
}

static bool qid_valid(const struct nvme *nvme, uint32_t qid)
{
    return qid != NVME_ADMIN_QUEUE && qid <= nvme->queue_limit;
}

// What both kinds of queue are checked for. Returns false after having failed the command.
static bool creation_valid(struct nvme_command *command, struct creation c, bool exists)
{
    if (!qid_valid(command->nvme, c.qid) || exists)
        command_fail(command, NVME_SC_INVALID_QID, AT_CDW10);
    else if (c.size < 2 || c.size > command->nvme->config->max_queue_entries)
        command_fail(command, NVME_SC_INVALID_QUEUE_SIZE, AT_CDW10_HIGH);
    else if (!(c.flags & NVME_QUEUE_PC))
        command_fail(command, NVME_SC_INVALID_FIELD, AT_CDW11);
    else if (command->sqe.prp1 & ((UINT64_C(1) << command->nvme->page_shift) - 1))
        command_fail(command, NVME_SC_PRP_OFFSET_INVALID, AT_PRP1);
    else
        return true;
    return false;
}

void admin_create_cq(struct nvme_command *command)
{
    struct nvme *nvme = command->nvme;
    struct creation c = creation_of(&command->sqe);
    if (!creation_valid(command, c, qid_valid(nvme, c.qid) && nvme->cqs[c.qid].exists))
        return;
    if (c.high >= nvme->config->msix_vectors) {
        command_fail(command, NVME_SC_INVALID_INTERRUPT_VECTOR, AT_CDW11_HIGH);
        return;
    }
    if (NVME_FIELD(registers_read(nvme, NVME_REG_CC), NVME_CC_IOCQES) != NVME_CQE_SHIFT) {
        command_fail(command, NVME_SC_INVALID_QUEUE_SIZE, NVME_LOCATION_NONE); // as QEMU's hw/nvme answers
        return;
    }
    open_cq(&nvme->cqs[c.qid], command->sqe.prp1, c.size, (uint16_t)c.high, c.flags & NVME_CQ_IEN);
    nvme->io_queues++;
    command_complete(command);
}

void admin_create_sq(struct nvme_command *command)
{
    struct nvme *nvme = command->nvme;
    struct creation c = creation_of(&command->sqe);
    if (!creation_valid(command, c, qid_valid(nvme, c.qid) && nvme->sqs[c.qid].exists))
        return;
    if (!qid_valid(nvme, c.high)) {
        command_fail(command, NVME_SC_INVALID_QID, AT_CDW11_HIGH);
        return;
    }
    if (!nvme->cqs[c.high].exists) {
        command_fail(command, NVME_SC_INVALID_CQ, AT_CDW11_HIGH);
        return;
    }
    if (NVME_FIELD(registers_read(nvme, NVME_REG_CC), NVME_CC_IOSQES) != NVME_SQE_SHIFT) {
        command_fail(command, NVME_SC_INVALID_QUEUE_SIZE, NVME_LOCATION_NONE);
        return;
    }
    open_sq(&nvme->sqs[c.qid], command->sqe.prp1, c.size, NVME_FIELD(c.flags, NVME_SQ_QPRIO), &nvme->cqs[c.high]);
    nvme->io_queues++;
    command_complete(command);
}

static void finish_deletion(struct nvme_sq *sq)
{
    struct nvme_command *deleter = sq->deleter;
    sq->cq->queues--;
    sq->exists = sq->deleting = false;
    sq->deleter = NULL;
    deleter->nvme->io_queues--;
    command_complete(deleter);
}

void queues_command_left(struct nvme_sq *sq)
{
    sq->outstanding--;
    if (sq->deleting && sq->outstanding == 0)
        finish_deletion(sq);
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

void admin_delete_sq(struct nvme_command *command)
{
    uint32_t qid = command->sqe.cdw10 & 0xffff;
    struct nvme *nvme = command->nvme;
    if (qid == NVME_ADMIN_QUEUE || qid > nvme->config->max_queues || !nvme->sqs[qid].exists ||
        nvme->sqs[qid].deleting) {
        command_fail(command, NVME_SC_INVALID_QID, AT_CDW10);
        return;
    }
    struct nvme_sq *sq = &nvme->sqs[qid];
    sq->deleting = true;
    sq->deleter = command;
    command->state = NVME_COMMAND_PARKED;
    busy_leave(nvme, distance(sq->fetched, sq->tail, sq->size));
    sq->outstanding++; // until those that wait for room are gone
    drop_waiting(sq);
    queues_command_left(sq);
}

void admin_delete_cq(struct nvme_command *command)
{
    uint32_t qid = command->sqe.cdw10 & 0xffff;
    struct nvme *nvme = command->nvme;
    if (qid == NVME_ADMIN_QUEUE || qid > nvme->config->max_queues || !nvme->cqs[qid].exists) {
        command_fail(command, NVME_SC_INVALID_QID, AT_CDW10);
        return;
    }
    if (nvme->cqs[qid].queues > 0) {
        command_fail(command, NVME_SC_INVALID_QUEUE_DELETION, AT_CDW10);
        return;
    }
    nvme->cqs[qid].exists = false;
    nvme->io_queues--;
    msix_satisfied(nvme, nvme->cqs[qid].vector);
    command_complete(command);
}
