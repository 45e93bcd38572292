// Causes: what held the resource for which a command waited. They split some of its stages further.
//
// A cause belongs to one stage, and the causes of a stage add up to it, together with its rest: what is left when the
// causes are taken away, as the firmware's own work is of STAGE_CONTROLLER.
#ifndef SQTAIL_STATS_WAIT_H
#define SQTAIL_STATS_WAIT_H

#include <stdbool.h>

#include "stats/stage.h"

// Who holds a die or a channel: name in results, what it does.
#define NAND_HOLDER_LIST(X, stage)                                                                           \
    X(stage, HOST_READ, "host_read", "a read for the host")                                                  \
    X(stage, READ_AHEAD, "read_ahead", "a read ahead of a sequential reader")                                \
    X(stage, HOST_WRITE, "host_write", "a program of host data")                                             \
    X(stage, PARITY, "parity", "a program of parity")                                                        \
    X(stage, GC_READ, "gc_read", "garbage collection reads what it copies")                                  \
    X(stage, GC_WRITE, "gc_write", "garbage collection programs a copy")                                     \
    X(stage, FOLD_READ, "fold_read", "folding of the SLC cache reads")                                       \
    X(stage, FOLD_WRITE, "fold_write", "folding of the SLC cache programs")                                  \
    X(stage, ERASE, "erase", "an erase")                                                                     \
    X(stage, SUSPEND, "suspend", "a program or erase is suspended or resumed")                               \
    X(stage, RAID, "raid", "a stripe's member is read for a reconstruction")                                 \
    X(stage, PAUSE, "pause", "the channel is idle between two pages of a program and kept for it")

// Why data in the write buffer do not go to the flash faster.
#define BUFFER_HOLDER_LIST(X, stage)                                                                         \
    X(stage, PROGRAMS, "programs", "programs are under way or being gathered")                               \
    X(stage, PACING, "pacing", "copies of garbage collection lag behind its pace")                           \
    X(stage, URGENT, "urgent", "garbage collection has to free a superblock first")                          \
    X(stage, FOLDING, "folding", "the SLC cache is full and has to be folded")

// stage, cause, name in results, what it is. Those of an operation in the flash come first.
#define WAIT_LIST(X)                                                                                         \
    NAND_HOLDER_LIST(X, DIE_WAIT)                                                                            \
    NAND_HOLDER_LIST(X, CHANNEL_WAIT)                                                                        \
    X(CONTROLLER, FRONTEND, "frontend", "the front-end's processors decode or complete others")              \
    X(CONTROLLER, HOST_WORK, "host_work", "the core's processors work on other commands")                    \
    X(CONTROLLER, BACKGROUND, "background", "the core's processors work for garbage collection or folding")  \
    BUFFER_HOLDER_LIST(X, BUFFER_WAIT)                                                                       \
    BUFFER_HOLDER_LIST(X, FLUSH_WAIT)                                                                        \
    NAND_HOLDER_LIST(X, FLUSH_WAIT)                                                                          \
    X(FLUSH_WAIT, CHANNEL, "channel", "the last program waits for its channel")                              \
    X(FLUSH_WAIT, PROGRAM, "program", "the last program is sent and at work")

enum wait {
#define WAIT_ENUM(stage, id, name, help) WAIT_##stage##_##id,
    WAIT_LIST(WAIT_ENUM)
    WAIT_COUNT,
    WAIT_NAND_COUNT = WAIT_CONTROLLER_FRONTEND,
#undef WAIT_ENUM
};

enum nand_holder {
#define HOLDER_ENUM(stage, id, name, help) HOLDER_##id,
    NAND_HOLDER_LIST(HOLDER_ENUM, ANY)
#undef HOLDER_ENUM
    NAND_HOLDER_COUNT
};

struct wait_row {
    enum stage stage;
    const char *name;
    const char *help;
};

extern const struct wait_row wait_rows[WAIT_COUNT];

#ifndef __cplusplus // which knows no such table, and needs nothing of this

// The causes of a stage, from `first` up to `end`; none: both are 0. Here, so that compilers see them.
static const struct wait_range {
    uint8_t first, end;
} wait_ranges[STAGE_COUNT] = {
    [STAGE_DIE_WAIT] = {WAIT_DIE_WAIT_HOST_READ, WAIT_DIE_WAIT_PAUSE + 1},
    [STAGE_CHANNEL_WAIT] = {WAIT_CHANNEL_WAIT_HOST_READ, WAIT_CHANNEL_WAIT_PAUSE + 1},
    [STAGE_CONTROLLER] = {WAIT_CONTROLLER_FRONTEND, WAIT_CONTROLLER_BACKGROUND + 1},
    [STAGE_BUFFER_WAIT] = {WAIT_BUFFER_WAIT_PROGRAMS, WAIT_BUFFER_WAIT_FOLDING + 1},
    [STAGE_FLUSH_WAIT] = {WAIT_FLUSH_WAIT_PROGRAMS, WAIT_FLUSH_WAIT_PROGRAM + 1},
};

// What the rest of a stage is called, of one that has causes; else NULL.
extern const char *const wait_rest_names[STAGE_COUNT];
extern const char *const wait_rest_help[STAGE_COUNT];

static inline tick_t wait_of(const struct breakdown *path, enum wait wait)
{
    return path->causes >> wait & 1 ? path->waits[wait] : 0;
}

// The path keeps causes. (No jump depends on whether it had this one.)
static inline void wait_add(struct breakdown *path, enum wait wait, tick_t time)
{
    path->waits[wait] = (path->waits[wait] & -(path->causes >> wait & 1)) + time;
    path->causes |= UINT64_C(1) << wait;
}

// `count` causes from `first` on, which are begun with together, may be added to from now on, at what is returned. The
// path keeps causes.
static inline tick_t *wait_open(struct breakdown *path, enum wait first, unsigned count)
{
    for (unsigned i = first; i < first + count && !(path->causes >> first & 1); i++)
        path->waits[i] = 0;
    path->causes |= ((UINT64_C(1) << count) - 1) << first;
    return path->waits + first;
}

#endif

// What of the stage no cause was found for.
tick_t wait_rest(const struct breakdown *path, enum stage stage);

#endif
