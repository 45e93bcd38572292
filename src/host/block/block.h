// Linux's block layer, multi-queue: bios in, requests out.
//
// It knows nothing of NVMe. Life: block_create, block_submit and block_complete, block_destroy. A bio is done when all of
// its parts are; port.bio_done tells, never from inside block_submit.
#ifndef SQTAIL_HOST_BLOCK_BLOCK_H
#define SQTAIL_HOST_BLOCK_BLOCK_H

#include "host/block/block_stats.h"
#include "host/block/limits.h"
#include "host/block/map.h"
#include "host/block/scheduler.h"
#include "sim/sim.h"
#include "spec/blktrace.h"

struct block;

struct block_setup {
    struct block_limits limits;
    enum block_scheduler scheduler;
    uint32_t cpus;
    struct queue_map map;
    uint32_t tags;       // of the driver, a hardware queue
    uint32_t requests;   // nr_requests; 0: Linux's own
    bool merges;         // false: nomerges
    bool volatile_cache; // of the drive: without one there is nothing to flush
    tick_t worker_delay; // until a worker runs a queue that was left to it
};

struct block_port {
    void *self;
    // Sends a request to the driver; its tag is its own until block_complete.
    void (*issue)(void *self, uint32_t queue, struct block_request *request);
    // What was issued from inside a worker's event is all there is of it: doorbells may be rung.
    void (*commit)(void *self);
    // The last request that has a part of it is complete; `last` is that one, NULL where none was needed.
    void (*bio_done)(void *self, struct block_bio *bio, const struct block_request *last);
};

// Something that happened, as blktrace tells it.
struct block_event {
    enum blktrace_action action;
    enum io_kind kind;
    uint32_t how;
    bool fua, preflush;
    bool failed;
    uint64_t offset, bytes;
    uint64_t value;  // U, UT: requests; X: the byte at which the second part begins
    uint32_t cpu, task;
    bool by_worker;  // the kernel's, not the task's
    bool by_machine; // the flush machine's own flush command
    bool has_kind;   // false of plugs
};
typedef void block_event_fn(void *context, const struct block_event *event);

struct block *block_create(struct sim *sim, const struct block_setup *setup, struct block_port port);
void block_destroy(struct block *block);

// Tells of all that happens; NULL: nobody asks.
void block_on_event(struct block *block, block_event_fn *event, void *context);

void block_submit(struct block *block, struct block_bio *bio);

// A bio with IO_PLUGGED is held in its task's plug, which ends with a bio that says so, or when all tasks go to sleep.
// Tasks from BLOCK_TASK_CPUS on are the CPUs themselves; their plugs end with block_end_plugs.
#define BLOCK_TASK_CPUS (UINT32_C(1) << 31)
void block_end_plugs(struct block *block);
void block_sleep(struct block *block);

// The driver has done a request, well or not. What it makes possible is begun by block_resume, after the last of
// those that are completed at once.
void block_complete(struct block *block, struct block_request *request, bool failed);
void block_resume(struct block *block, uint32_t queue);

const struct block_stats *block_get_stats(const struct block *block);
void block_restart_stats(struct block *block);

// Nothing is left in it. Stops the program when something is.
void block_check(const struct block *block);

// A look for completions, or so many, while the processor did nothing else, after it had slept.
void block_note_polls(struct block *block, uint64_t looks, tick_t spun, tick_t slept);

#endif
