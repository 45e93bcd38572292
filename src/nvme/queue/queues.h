// Submission and completion queues.
#ifndef SQTAIL_NVME_QUEUE_QUEUES_H
#define SQTAIL_NVME_QUEUE_QUEUES_H

#include <stdbool.h>
#include <stdint.h>

#include "nvme/queue/arbitration.h"
#include "nvme/reset.h"
#include "sim/tick.h"
#include "util/list.h"

enum { NVME_ADMIN_QUEUE = 0 };

struct nvme_command;

// Where a queue's entries lie: in one range, or in pages whose list was read when the queue was created.
struct nvme_queue_memory {
    uint64_t base;
    uint64_t *pages; // of 1 << page_shift bytes; NULL: one range from `base` on
    unsigned page_shift;
};

static inline uint64_t queue_memory_at(const struct nvme_queue_memory *memory, uint64_t offset)
{
    if (__builtin_expect(memory->pages == NULL, 1))
        return memory->base + offset;
    return memory->pages[offset >> memory->page_shift] + (offset & ((UINT64_C(1) << memory->page_shift) - 1));
}

// A doorbell that arrives at `at`; see nvme/queue/cq_heads.h.
enum { NVME_HEADS_KEPT = 4 };

struct nvme_kept_head {
    uint32_t head;
    tick_t at;
};

struct nvme_cq {
    uint16_t id;
    uint16_t vector;
    bool exists;
    bool interrupts;
    uint16_t phase;  // of the next entry to write
    uint32_t size;   // entries
    uint32_t head;   // as the host told by doorbell, but for those kept
    uint32_t tail;   // next entry to write
    uint32_t promised; // entries before it are written or on their way
    uint32_t queues; // submission queues that complete to it
    struct nvme_queue_memory memory;
    struct list waiting; // commands for which there is no room
    uint32_t kept_first, kept_end; // of those kept: counted up for ever, places are modulo
    struct nvme_kept_head kept[NVME_HEADS_KEPT];
};

// Entries from one index to another, in a ring of `size`.
static inline uint32_t queues_distance(uint32_t from, uint32_t to, uint32_t size)
{
    return to >= from ? to - from : to + size - from;
}

static inline uint32_t cq_next(const struct nvme_cq *cq, uint32_t entry)
{
    return entry + 1 == cq->size ? 0 : entry + 1;
}

// One entry stays empty, 4.1.2.
static inline bool cq_full(const struct nvme_cq *cq)
{
    return cq_next(cq, cq->promised) == cq->head;
}

// When doorbells arrived that say up to where there are entries. As many are known apart as there is room for; the
// newest then takes in what comes after it.
enum { NVME_RUNG_KEPT = 8 };

struct nvme_rung {
    uint32_t tail;
    tick_t at;
};

struct nvme_sq {
    struct nvme_contender contender;
    bool exists;
    bool listed;   // the arbiter has it
    bool deleting; // nothing more is fetched
    bool looked_at; // its shadow doorbell is being read
    uint16_t id;
    uint32_t size;
    uint32_t head;        // entries before it have been fetched: what CQEs report as SQHD
    uint32_t told;        // the SQHD reported last
    uint32_t fetched;     // entries before it have been fetched or are under way
    uint32_t tail;        // as the host told by doorbell
    uint32_t outstanding; // commands under way or in the controller
    struct nvme_queue_memory memory;
    struct nvme_cq *cq;
    uint32_t started; // entries before it have become commands
    uint32_t rung_first, rung_count;
    struct nvme_rung rung[NVME_RUNG_KEPT];
    struct nvme_command *deleter; // the Delete command that waits for `outstanding` to become 0
};

// The next entry becomes a command: when the doorbell that covers it arrived.
static inline tick_t sq_take_rung(struct nvme_sq *sq)
{
    const struct nvme_rung *rung = &sq->rung[sq->rung_first];
    sq->started = sq->started + 1 == sq->size ? 0 : sq->started + 1;
    if (sq->started == rung->tail) {
        sq->rung_first = (sq->rung_first + 1) % NVME_RUNG_KEPT;
        sq->rung_count--;
    }
    return rung->at;
}

struct nvme_queues {
    struct nvme_sq *sqs;
    struct nvme_cq *cqs;
    uint32_t limit; // I/O queues of each kind granted by feature 07h
    bool granted;   // the host has asked; the answer stays until a reset
    uint32_t count; // I/O queues of both kinds that exist
    // The doorbell of a completion queue arrives at `at`, in an event.
    void (*ring_later)(struct nvme *nvme, uint32_t id, uint32_t head, tick_t at);
};

void queues_create(struct nvme *nvme);
void queues_destroy(struct nvme *nvme);
void queues_reset(struct nvme *nvme, enum nvme_reset kind);

// Puts a queue of that number and place, whose list of pages becomes its own, into service.
void queues_open_cq(struct nvme_cq *cq, struct nvme_queue_memory memory, uint32_t size, uint16_t vector,
                    bool interrupts);
void queues_open_sq(struct nvme_sq *sq, struct nvme_queue_memory memory, uint32_t size, uint32_t priority,
                    struct nvme_cq *cq);

// A queue is out of service, and does not need its memory any more.
void queue_memory_release(struct nvme_queue_memory *memory);

// As the registers AQA, ASQ and ACQ say.
void queues_create_admin(struct nvme *nvme);

// A doorbell that will arrive at `at`: true when nothing is to be done then.
bool queues_keep_doorbell(struct nvme *nvme, uint64_t offset, uint32_t value, tick_t at);
void queues_doorbell(struct nvme *nvme, uint64_t offset, uint32_t value);

#endif
