// What the files of the host share: rings, tags, queues, requests.
#ifndef SQTAIL_HOST_DRIVER_HOST_INTERNAL_H
#define SQTAIL_HOST_DRIVER_HOST_INTERNAL_H

#include <math.h>

#include "host/block/block.h"
#include "host/host.h"
#include "host/driver/memory.h"
#include "sim/timeline.h"
#include "spec/nvme.h"
#include "spec/pci.h"
#include "util/fastdiv.h"
#include "util/list.h"
#include "util/pool.h"

enum {
    ADMIN_ENTRIES = 32,        // Linux: NVME_AQ_DEPTH
    ADMIN_CID = 0,             // one admin command at a time
    ADMIN_EVENT_CID = 31,      // Linux: the last tag is kept for the Asynchronous Event Request
    PRP_LIST_ENTRIES = MEMORY_PAGE_BYTES / 8,
    HOST_FAILURE_BYTES = 256,
};

// A submission queue and its completion queue, as addressable memory.
struct host_ring {
    struct nvme_sqe *sq;
    const struct nvme_cqe *cq; // the device writes it
    uint64_t sq_address, cq_address;
    uint64_t sq_doorbell, cq_doorbell; // offsets in BAR0
    uint32_t entries;
    uint32_t sq_tail;
    uint32_t cq_head;
    uint16_t phase; // of entries that are new
};

struct host_request {
    struct list_link link; // in its CPU's list, then in its queue's list of those waiting for a tag
    struct host_queue *queue;
    struct workload_request io;
    tick_t arrival;
    tick_t submitted;  // when its CPU has had t_submit for it
    uint64_t position; // bytes: where the next command begins
    uint64_t left;     // bytes for which no command was sent yet
    uint32_t open;     // commands in flight
    bool preflush;     // its flush command is not complete
    bool sent;         // no command is left to send
    bool failed;
};

struct host_cpu {
    struct host *host;
    struct timeline timeline;
    struct list submitting; // requests, in the order in which it gets to them; the first has an event
};

struct host_tag {
    union {                       // NULL: free
        struct host_request *request;
        struct block_request *block; // with a block layer
    };
    bool told;                    // the drive has said where the time went: `path`
    tick_t rung;                  // when the entry was written and its doorbell rung
    struct breakdown path;
    uint32_t list_entries;        // for which the tag's PRP list stands in memory; 0: none
};

// Where contents are checked: a command as it was sent, and when.
struct host_sent {
    struct nvme_sqe sqe;
    uint64_t number;
    uint32_t place; // contents.c
};

struct host_queue {
    struct host *host;
    struct host_ring ring;
    struct host_tag *tags;
    struct host_sent *sent; // by tag; NULL: contents are not checked
    uint16_t *free_tags; // stack
    uint32_t free_count;
    uint32_t id; // 1 and up
    struct list waiting;
    bool dirty;    // the tail has moved since its doorbell was rung
    bool handling; // an interrupt is being handled
    tick_t interrupted_at;
    uint32_t handled; // entries since the head's doorbell was rung
    uint64_t data;    // address of tag 0's data buffer, the others follow
    uint64_t lists;   // of tag 0's PRP list pages
    uint64_t ranges;  // of tag 0's DSM ranges
    // a queue that is polled
    bool polled;
    bool look_pending; // a look that will find something
    uint32_t in_flight;
    tick_t poll_from;  // looks are made from then on
    tick_t slept;      // before
};

// One of the loads of a workload that are measured each by itself, beside the whole.
struct host_group {
    struct command_stats commands; // over its own time
    struct host_group_load load;
    uint64_t arrived, completed;   // since the start
    uint64_t submitted, offered_bytes;
    tick_t last_arrival;
};

enum host_state { HOST_OFF, HOST_BRINGUP, HOST_RUNNING, HOST_FINISHED, HOST_FAILED };

struct host {
    struct sim *sim;
    const struct host_config *config;
    const struct pcie_config *pcie;
    struct command_stats *command_stats;
    struct pcie_device_port device;
    struct memory memory;
    struct host_stats stats;
    enum host_state state;

    // I/O
    struct host_queue *queues;
    uint32_t queue_count;
    struct queue_map map; // of the queues, by what they are for
    uint32_t depth; // tags a queue
    bool free_of_charge; // the host takes no CPU time
    tick_t **waits;      // by queue, from 1 on: where causes of its commands' waits are kept; NULL: nowhere
    struct fastdiv by_queues, by_cpus;
    struct host_cpu *cpus;
    struct host_queue **dirty; // queues whose doorbells are to be rung
    uint32_t dirty_count;
    uint64_t part_limit[IO_KIND_COUNT]; // bytes a command may cover
    uint64_t buffer_bytes;              // data buffer of a tag
    uint32_t list_bytes;                // PRP list pages of a tag
    unsigned block_shift;
    bool deallocates;                   // Write Zeroes asks for it, and may
    struct pool requests;

    bool functional;                // the drive keeps contents
    struct host_contents *contents; // NULL: they are not checked

    // with a block layer
    struct block *block;          // NULL: there is none
    struct pool bios;
    struct layer_means *means;    // of hybrid polling
    struct host_tag *completing;  // whose command has just completed
    tick_t cpu_time;              // that the host's software took since measuring began
    struct block_stats block_stats; // as told last
    tick_t layer_begun;           // the workload's time zero
    host_block_event_fn *block_event; // NULL: nobody asks
    void *block_event_context;
    void (*layer_done)(struct host *host, struct host_request *request, const struct breakdown *path);

    // the run
    struct workload *workload;
    struct host_group *groups; // NULL: the workload has none
    void (*finished)(void *context);
    void *finished_context;
    void (*measure)(void *context, tick_t origin);
    void *measure_context;
    void (*command_done)(void *context, const struct command_record *record); // NULL: nobody asks
    void *command_context;
    const tick_t *command_least;
    bool ramping;    // measuring has not begun
    tick_t measured_from;
    tick_t last_arrival;
    tick_t until;    // when the clock ended the workload; 0: it did not
    uint64_t offered_bytes;
    tick_t standing_at;    // where requests complete without any time having passed
    uint32_t standing;     // so many in a row
    const char *stopped;   // why the host stopped the workload before its end
    bool stopping;
    bool exhausted;  // the workload gives nothing more unless something completes
    tick_t wake_at;  // of the pending arrival event; TICK_NEVER: none
    uint64_t arrived, completed; // since the start
    // Little's law
    tick_sum_t area;     // integral of outstanding requests over time
    tick_t area_at;      // until here
    tick_sum_t latency_sum;

    // bring-up
    uint32_t step;       // the next row of its table
    const struct step *current; // the row that is being waited for; NULL: none
    struct host_ring admin;
    uint64_t scratch;    // address of a page for what admin commands carry
    uint64_t cap;
    uint32_t vs;
    uint32_t msix;       // offset of the capability
    uint32_t vectors;    // of the device
    uint32_t pair;       // I/O queue pair being created
    uint32_t nsid;
    uint64_t capacity_bytes;
    tick_t deadline;     // for CSTS.RDY
    uint32_t csts;       // last read
    struct nvme_identify_controller *controller; // a copy
    char failure[HOST_FAILURE_BYTES];
};

// --- rings ---------------------------------------------------------------------------------------------------------

void host_ring_init(struct host *host, struct host_ring *ring, uint32_t entries);

static inline struct nvme_sqe *host_ring_push(struct host_ring *ring)
{
    struct nvme_sqe *sqe = &ring->sq[ring->sq_tail];
    ring->sq_tail = ring->sq_tail + 1 == ring->entries ? 0 : ring->sq_tail + 1;
    return sqe;
}

// The completion queue entry at the head, if it is new.
static inline bool host_ring_peek(const struct host_ring *ring, struct nvme_cqe *cqe)
{
    const struct nvme_cqe *head = &ring->cq[ring->cq_head];
    if ((head->status & NVME_CQE_PHASE) != ring->phase)
        return false;
    *cqe = *head;
    return true;
}

static inline void host_ring_pop(struct host_ring *ring)
{
    if (++ring->cq_head < ring->entries)
        return;
    ring->cq_head = 0;
    ring->phase ^= NVME_CQE_PHASE;
}

// --- between the files ---------------------------------------------------------------------------------------------

// bringup.c
void bringup_start(struct host *host);
void bringup_interrupt(struct host *host); // admin completion queue
const char *bringup_waits_for(const struct host *host); // NULL: for nothing

// measure.c
void host_restart_measuring(struct host *host); // from now on
void host_tell_command(struct host *host, const struct host_request *request, const struct breakdown *path);

// group.c
void group_create_all(struct host *host); // of the workload, which has been started
void group_destroy_all(struct host *host);
void group_restart_all(struct host *host);
void group_arrived(struct host *host, const struct workload_request *io);
void group_completed(struct host *host, const struct host_request *request, const struct breakdown *path);
void group_finish_all(struct host *host);

// play.c
void host_begin(struct host *host); // the controller is up
void host_fail(struct host *host, const char *format, ...) PRINTF_LIKE(2, 3);
void host_pump(struct host *host);  // submits what is due, rings doorbells, finishes
void host_finish_request(struct host *host, struct host_request *request, const struct breakdown *path);

// queue.c
void queue_create_all(struct host *host); // host memory of the I/O queues
void queue_destroy_all(struct host *host);
uint64_t queue_memory_bytes(const struct host_config *config); // upper bound of what they take
void queue_set_limits(struct host *host); // once the namespace is known
void queue_add_request(struct host *host, struct host_request *request);

// A command for a request of the block layer, with its tag.
void queue_send_block_request(struct host_queue *queue, struct block_request *request);

// Its flush command is complete: the data follow.
void queue_end_preflush(struct host *host, struct host_request *request);
void queue_send_waiting(struct host_queue *queue);
void queue_ring_doorbells(struct host *host);

// complete.c
void complete_interrupt(struct host *host, uint32_t vector);

static inline double host_per_second(uint64_t count, tick_t time)
{
    return time == 0 ? NAN : (double)count * TICKS_PER_S / (double)time;
}

static inline struct queue_map host_make_map(const struct host *host)
{
    const struct host_config *config = host->config;
    if (!config->block_layer)
        return (struct queue_map){{host->queue_count, 0, 0}};
    return map_make(host->queue_count, config->write_queues, config->poll_queues);
}

// CPU time: when `cost` that is ready now ends on the processor.
static inline tick_t host_cpu_reserve(struct host *host, uint32_t cpu, tick_t cost)
{
    host->cpu_time += cost;
    return timeline_reserve(&host->cpus[cpu].timeline, sim_now(host->sim), cost) + cost;
}

#endif
