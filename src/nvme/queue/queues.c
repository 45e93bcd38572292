// Submission and completion queues, and their doorbells.
//
// Sources: NVM Express 1.4, sections 3.1.24, 3.1.25 (doorbells), 4.1 (empty and full).
//
// A ring of n entries holds at most n - 1, so that head = tail means empty. A doorbell may only move forward over
// what it owns: the tail over free entries, the head over written ones. Anything else is reported as an asynchronous
// event and has no other effect; the present value written again is harmless and taken as such.
#include "nvme/queue/queues.h"

#include <stdlib.h>

#include "nvme/queue/cq_heads.h"
#include "nvme/nvme_internal.h"
#include "util/alloc.h"
#include "util/macros.h"

void queue_memory_release(struct nvme_queue_memory *memory)
{
    free(memory->pages);
    *memory = (struct nvme_queue_memory){0};
}

static void release_all(struct nvme *nvme)
{
    for (uint32_t id = 0; id <= nvme->config->max_queues; id++) {
        queue_memory_release(&nvme->queues.sqs[id].memory);
        queue_memory_release(&nvme->queues.cqs[id].memory);
    }
}

void queues_destroy(struct nvme *nvme)
{
    release_all(nvme);
    free(nvme->queues.sqs);
    free(nvme->queues.cqs);
}

void queues_reset(struct nvme *nvme, enum nvme_reset kind)
{
    (void)kind;
    release_all(nvme);
    for (uint32_t id = 0; id <= nvme->config->max_queues; id++) {
        nvme->queues.sqs[id] = (struct nvme_sq){.id = (uint16_t)id};
        nvme->queues.cqs[id] = (struct nvme_cq){.id = (uint16_t)id};
    }
    nvme->queues.count = 0;
}

void queues_open_cq(struct nvme_cq *cq, struct nvme_queue_memory memory, uint32_t size, uint16_t vector,
                    bool interrupts)
{
    *cq = (struct nvme_cq){.id = cq->id, .exists = true, .memory = memory, .size = size, .vector = vector,
                           .interrupts = interrupts, .phase = 1};
}

void queues_open_sq(struct nvme_sq *sq, struct nvme_queue_memory memory, uint32_t size, uint32_t priority,
                    struct nvme_cq *cq)
{
    struct nvme_contender contender = sq->contender; // the arbiter may still hold the deleted queue of this number
    contender.admin = sq->id == NVME_ADMIN_QUEUE;
    contender.priority = priority;
    *sq = (struct nvme_sq){.id = sq->id, .exists = true, .memory = memory, .size = size, .cq = cq, .listed = sq->listed,
                           .contender = contender};
    cq->queues++;
}

void queues_create_admin(struct nvme *nvme)
{
    uint32_t aqa = registers_get(&nvme->registers, NVME_REG_AQA);
    struct nvme_queue_memory acq = {.base = registers_get64(&nvme->registers, NVME_REG_ACQ)};
    struct nvme_queue_memory asq = {.base = registers_get64(&nvme->registers, NVME_REG_ASQ)};
    queues_open_cq(&nvme->queues.cqs[0], acq, NVME_FIELD(aqa, NVME_AQA_ACQS) + 1, 0, true);
    queues_open_sq(&nvme->queues.sqs[0], asq, NVME_FIELD(aqa, NVME_AQA_ASQS) + 1, NVME_QPRIO_URGENT,
                   &nvme->queues.cqs[0]);
}

// --- doorbells -----------------------------------------------------------------------------------------------------

static void invalid_doorbell(struct nvme *nvme, unsigned information)
{
    nvme->stats.invalid_doorbells++;
    errors_record_event(nvme, information == NVME_EVENT_ERROR_INVALID_DOORBELL ? NVME_SC_INVALID_QID
                                                                             : NVME_SC_INVALID_FIELD);
    events_raise(nvme, NVME_EVENT_ERROR, information, NVME_LOG_ERROR);
}

static void note_doorbell(struct nvme_sq *sq, uint32_t tail, tick_t now)
{
    if (sq->rung_count == NVME_RUNG_KEPT)
        sq->rung[(sq->rung_first + NVME_RUNG_KEPT - 1) % NVME_RUNG_KEPT].tail = tail;
    else
        sq->rung[(sq->rung_first + sq->rung_count++) % NVME_RUNG_KEPT] = (struct nvme_rung){tail, now};
}

// With shadow doorbells a register may tell of less than its shadow did before.
static void wrong_value(struct nvme *nvme, uint32_t id)
{
    if (!nvme->shadow.used || id == NVME_ADMIN_QUEUE)
        invalid_doorbell(nvme, NVME_EVENT_ERROR_INVALID_DOORBELL_VALUE);
}

static inline void tail_doorbell(struct nvme *nvme, struct nvme_sq *sq, uint32_t tail)
{
    uint32_t room = sq->size - 1 - queues_distance(sq->head, sq->tail, sq->size);
    if (tail >= sq->size || queues_distance(sq->tail, tail, sq->size) > room) {
        wrong_value(nvme, sq->id);
        return;
    }
    if (sq->deleting)
        return;
    if (sq->id != NVME_ADMIN_QUEUE && tail != sq->tail)
        health_busy_enter(nvme, queues_distance(sq->tail, tail, sq->size));
    if (tail != sq->tail)
        note_doorbell(sq, tail, sim_now(nvme->sim));
    sq->tail = tail;
    if (!sq->listed && sq->tail != sq->fetched) {
        fetch_enter(nvme, sq);
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
    cq_heads_arrive(nvme, cq);
    if (head >= cq->size || queues_distance(cq->head, head, cq->size) > queues_distance(cq->head, cq->tail, cq->size)) {
        wrong_value(nvme, cq->id);
        return;
    }
    cq->head = head;
    if (cq->head == cq->promised)
        interrupt_satisfied(nvme, cq->vector);
    post_waiting(cq);
}

static void shadow_tail(struct nvme *nvme, struct nvme_sq *sq, uint32_t tail)
{
    tail_doorbell(nvme, sq, tail);
}

// Who still waits is to be told of the next entry that is taken, too.
static void shadow_head(struct nvme *nvme, struct nvme_cq *cq, uint32_t head)
{
    bool moved = head != cq->head;
    head_doorbell(nvme, cq, head);
    if (moved && cq->exists && (!list_empty(&cq->waiting) || !interrupt_owes_nothing(&nvme->interrupts, cq->vector)))
        shadow_look_at_head(nvme, cq);
}

void queues_doorbell(struct nvme *nvme, uint64_t offset, uint32_t value)
{
    unsigned stride_shift = 2 + nvme->config->doorbell_stride;
    uint64_t distance_bytes = offset - NVME_REG_DOORBELLS, index = distance_bytes >> stride_shift;
    if (!nvme->ready || distance_bytes != index << stride_shift)
        return;
    nvme->stats.doorbells++;
    struct nvme_sq *sq = &nvme->queues.sqs[index / 2];
    struct nvme_cq *cq = &nvme->queues.cqs[index / 2];
    bool head = index % 2;
    if (head ? !cq->exists : !sq->exists)
        invalid_doorbell(nvme, NVME_EVENT_ERROR_INVALID_DOORBELL);
    else if (head)
        shadow_head(nvme, cq, value & NVME_DOORBELL_MASK);
    else
        tail_doorbell(nvme, sq, value & NVME_DOORBELL_MASK);
}

// Whether nobody waits for what the host says of the queue.
static inline bool is_carefree(const struct nvme *nvme, const struct nvme_cq *cq)
{
    return cq->exists && list_empty(&cq->waiting) && interrupt_owes_nothing(&nvme->interrupts, cq->vector) &&
           nvme->features.value[NVME_FEATURE_INTERRUPT_COALESCING] == 0;
}

bool queues_keep_doorbell(struct nvme *nvme, uint64_t offset, uint32_t value, tick_t at)
{
    unsigned shift = 2 + nvme->config->doorbell_stride;
    if ((offset >> shift) % 2 == 0 || offset < NVME_REG_DOORBELLS || offset >= nvme->pci.doorbell_end ||
        !nvme->ready || !nvme->pci.memory_enabled || nvme->shadow.used || offset % (UINT64_C(1) << shift) != 0)
        return false;
    struct nvme_cq *cq = &nvme->queues.cqs[(offset - NVME_REG_DOORBELLS) >> (shift + 1)];
    if (!is_carefree(nvme, cq))
        return false;
    nvme->stats.doorbells += cq_heads_take(cq, sim_now(nvme->sim));
    return cq_heads_keep(cq, value & NVME_DOORBELL_MASK, at);
}

void queues_create(struct nvme *nvme)
{
    nvme->shadow.tail = shadow_tail;
    nvme->shadow.head = shadow_head;
    nvme->queues.sqs = xcalloc(nvme->config->max_queues + 1, sizeof *nvme->queues.sqs);
    nvme->queues.cqs = xcalloc(nvme->config->max_queues + 1, sizeof *nvme->queues.cqs);
}
