// The stages of a command's life, and the exact split of its latency among them.
//
// A breakdown is a stopwatch that is always in exactly one stage: entering the next one charges the time since the
// last change to the stage left. The stages of a finished command therefore add up to its latency, to the picosecond.
#ifndef SQTAIL_STATS_STAGE_H
#define SQTAIL_STATS_STAGE_H

#include <stddef.h>

#include "sim/tick.h"

// The stages of an operation in the flash, as they follow each other among those of a command.
#define NAND_STAGE_LIST(X)                                                                                   \
    X(DIE_WAIT, "die_wait", "waiting for the die")                                                           \
    X(CHANNEL_WAIT, "channel_wait", "waiting for the channel bus")                                           \
    X(NAND_COMMAND, "nand_command", "command and address cycles on the channel")                             \
    X(ARRAY, "array", "tR, tPROG or tBERS in the array")                                                     \
    X(TRANSFER, "transfer", "data on the channel")                                                           \
    X(ECC, "ecc", "waiting for the ECC decoder and decoding")                                                \
    X(RETRY, "retry", "read-retry and soft-decision steps")                                                  \
    X(RAID, "raid", "reconstruction from the other dies of the stripe")

// name in results, what happens in it. In the order of a read's way, then of a write's.
#define STAGE_LIST(X)                                                                                        \
    X(HOST_SUBMIT, "host_submit", "host: waiting for a queue entry, building the SQE")                       \
    X(SQ_FETCH, "sq_fetch", "doorbell over the link, arbitration, SQE fetched by DMA")                       \
    X(CONTROLLER, "controller", "command decoded, PRPs fetched, firmware processor waited for and used")     \
    X(BUFFER_WAIT, "buffer_wait", "write: waiting for room in the write buffer")                             \
    X(DATA_IN, "data_in", "write: data DMA from host memory")                                                \
    X(FLUSH_WAIT, "flush_wait", "FUA and flush: waiting for buffered data to be programmed")                 \
    NAND_STAGE_LIST(X)                                                                                       \
    X(DATA_OUT, "data_out", "read: data DMA to host memory")                                                 \
    X(COMPLETION, "completion", "CQE and MSI-X over the link")                                               \
    X(HOST_COMPLETE, "host_complete", "host: interrupt to completion of the request")

enum stage {
#define STAGE_ENUM(id, name, help) STAGE_##id,
    STAGE_LIST(STAGE_ENUM)
#undef STAGE_ENUM
    STAGE_COUNT
};

extern const char *const stage_names[STAGE_COUNT];
extern const char *const stage_help[STAGE_COUNT];

// Whose an operation in the flash is, and who is asked.
struct wait_origin {
    const char *begun_by; // for what the core submitted it (ftl/inspect.h)
    uint32_t superblock;  // UINT32_MAX: of none
};
struct nand_op;
typedef struct wait_origin wait_origin_fn(const struct nand_op *op);

// Who held the die for most of a wait: facts kept for who tells of single commands.
struct wait_fact {
    tick_t length; // of the wait that was his; 0: there was no such wait, or nobody asks
    struct wait_origin origin;
    uint32_t die;
    uint8_t holder; // enum nand_holder
    uint8_t why;    // enum unsuspended (stats/holding.h)
};

struct breakdown {
    tick_t start;   // when the stopwatch was started
    tick_t changed; // when the present stage was entered
    enum stage stage;
    uint64_t causes; // that `waits` has the time of, a bit each by enum wait (stats/wait.h); of the others it is none
    tick_t *waits;   // NULL: causes are not kept
    struct wait_fact fact;
    tick_t spent[STAGE_COUNT];
};

// What goes over all stages is unrolled by their list: half the instructions of a loop, or of a call of memset.
static inline void breakdown_start(struct breakdown *b, enum stage stage, tick_t now)
{
    b->start = b->changed = now;
    b->stage = stage;
    b->causes = 0;
    b->waits = NULL;
    b->fact.length = 0;
#define CLEAR_STAGE(id, name, help) b->spent[STAGE_##id] = 0;
    STAGE_LIST(CLEAR_STAGE)
#undef CLEAR_STAGE
}

// Starts the stopwatch of an operation in the flash, which goes through its own stages alone: the others' times are
// left as they were, and mean nothing.
static inline void breakdown_start_nand(struct breakdown *b, enum stage stage, tick_t now)
{
    b->start = b->changed = now;
    b->stage = stage;
    b->causes = 0;
    b->waits = NULL;
    b->fact.length = 0;
#define CLEAR_STAGE(id, name, help) b->spent[STAGE_##id] = 0;
    NAND_STAGE_LIST(CLEAR_STAGE)
#undef CLEAR_STAGE
}

// Charges the time since the last change to the present stage and enters `next` at `when`, which may lie in the
// future when that is already known, but not before the last change.
static inline void breakdown_enter(struct breakdown *b, enum stage next, tick_t when)
{
    b->spent[b->stage] += when - b->changed;
    b->changed = when;
    b->stage = next;
}

// Adds what the finished breakdown of an operation in the flash keeps of causes to b's, if it keeps any.
void breakdown_add_waits(struct breakdown *b, const struct breakdown *part);

// Inserts the finished breakdown of an operation in the flash, such as the one that a read waited for last: the time
// until the part began stays in b's present stage, then come the part's own stages; b goes on in `next` from the
// part's end. The part must not have begun before b's last change: else charge the wait as one stage with
// breakdown_enter.
static inline void breakdown_insert(struct breakdown *__restrict b, const struct breakdown *__restrict part,
                                    enum stage next)
{
    breakdown_enter(b, next, part->start);
#define ADD_STAGE(id, name, help) b->spent[STAGE_##id] += part->spent[STAGE_##id];
    NAND_STAGE_LIST(ADD_STAGE)
#undef ADD_STAGE
    b->changed = part->changed;
    if (part->causes != 0)
        breakdown_add_waits(b, part);
}

// The finished breakdown of an operation in the flash as for who came to wait for it at `since`: its stages in their
// order, without what had passed by then. (Waiting for the channel is taken to come before the data.) Of a wait that
// had begun, each cause keeps the same share; they are put in `waits`, which has room for WAIT_NAND_COUNT, or NULL.
struct breakdown breakdown_since(const struct breakdown *part, tick_t since, tick_t *waits);

#endif
