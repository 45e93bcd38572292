// Schedulers of the block layer: each a file with a row of functions, and a line in the list below.
#ifndef SQTAIL_HOST_BLOCK_SCHEDULER_H
#define SQTAIL_HOST_BLOCK_SCHEDULER_H

#include "host/block/limits.h"
#include "host/block/merge.h"
#include "sim/sim.h"

#define BLOCK_SCHEDULER_LIST(X)    \
    X(NONE, none)                  \
    X(MQ_DEADLINE, mq_deadline)    \
    X(KYBER, kyber)                \
    X(BFQ, bfq)

enum block_scheduler {
#define BLOCK_SCHEDULER_ENUM(id, name) BLOCK_SCHEDULER_##id,
    BLOCK_SCHEDULER_LIST(BLOCK_SCHEDULER_ENUM)
#undef BLOCK_SCHEDULER_ENUM
    BLOCK_SCHEDULER_COUNT
};

// What a scheduler is told of the queue that it is for.
struct scheduler_setup {
    struct sim *sim;
    const struct block_limits *limits;
    uint32_t cpus, hardware_queues;
    uint32_t requests; // that a hardware queue may have in it
};

// One instance serves all hardware queues; `queue` is the index of one. A scheduler keeps requests and schedules
// nothing itself, unless it says so. Between insert and dispatch it may use the links of the request and its own fields.
struct block_scheduler_ops {
    const char *name;
    const char *help;

    // NULL, with all that follow it, where requests are not kept: they are issued as they come.
    void *(*create)(const struct scheduler_setup *setup);
    void (*destroy)(void *self);

    // A request of `queue` comes, behind the others of its kind.
    void (*insert)(void *self, uint32_t queue, struct block_request *request);

    // Which request goes to the driver now, of those that `queue` may send; it is the scheduler's no more. NULL: none.
    struct block_request *(*dispatch)(void *self, uint32_t queue);

    // A part that is about to become a request of `queue` may join one that is here: how it did, MERGE_NONE: it did
    // not. `joined` is that request.
    enum merge_kind (*merge)(void *self, uint32_t queue, struct block_part *part, struct block_request **joined);

    // How many requests a hardware queue may have with this bio's; NULL: as many as there are.
    uint32_t (*limit_depth)(const void *self, const struct block_bio *bio);

    // A request that was made is complete; what goes past the scheduler, too. NULL: of no interest.
    void (*completed)(void *self, uint32_t queue, struct block_request *request);

    // A completion on one queue may let another one send.
    bool shares;
};

#define BLOCK_SCHEDULER_DECLARE(id, name) extern const struct block_scheduler_ops block_##name##_ops;
BLOCK_SCHEDULER_LIST(BLOCK_SCHEDULER_DECLARE)
#undef BLOCK_SCHEDULER_DECLARE

extern const struct block_scheduler_ops *const block_schedulers[BLOCK_SCHEDULER_COUNT + 1]; // ends with NULL
extern const char *const block_scheduler_names[BLOCK_SCHEDULER_COUNT + 1];                  // the same

#endif
