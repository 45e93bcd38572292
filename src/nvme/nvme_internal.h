// What the files of the front-end, and its unit tests, share.
#ifndef SQTAIL_NVME_NVME_INTERNAL_H
#define SQTAIL_NVME_NVME_INTERNAL_H

#include "nvme/arbitration.h"
#include "nvme/controller.h"
#include "nvme/link.h"
#include "spec/nvme.h"
#include "spec/pci.h"
#include "util/list.h"
#include "util/pool.h"

enum {
    NVME_NAMESPACE = 1,       // the only one
    NVME_ADMIN_QUEUE = 0,
    NVME_REGISTER_BYTES = 0x40, // implemented ones; the rest up to the doorbells reads 0
    NVME_EVENT_QUEUE = 8,     // asynchronous events kept until the host asks for them
    NVME_FEATURE_COUNT = 0x0c,
    NVME_SCRATCH_BYTES = 65536, // the largest host page
};

// Where in a submission queue entry a parameter lies, as the error log names it (5.14.1.1): byte, and bit in 10:8.
#define NVME_AT(byte, bit) ((byte) | (bit) << 8)

enum nvme_location {
    AT_OPCODE = NVME_AT(0, 0),
    AT_FUSE = NVME_AT(1, 0),
    AT_PSDT = NVME_AT(1, 6),
    AT_NSID = NVME_AT(4, 0),
    AT_PRP1 = NVME_AT(24, 0),
    AT_PRP2 = NVME_AT(32, 0),
    AT_CDW10 = NVME_AT(40, 0),
    AT_CDW10_HIGH = NVME_AT(42, 0), // upper 16 bits
    AT_CDW11 = NVME_AT(44, 0),
    AT_CDW11_HIGH = NVME_AT(46, 0),
    AT_CDW12 = NVME_AT(48, 0),
    AT_SELECT = NVME_AT(41, 0), // Get Features, SEL
    AT_SAVE = NVME_AT(43, 7),   // Set Features, SV
    AT_CSI = NVME_AT(47, 0),    // Identify, NVMe 2.0
};

struct nvme_command;

struct nvme_cq {
    uint16_t id;
    uint16_t vector;
    bool exists;
    bool interrupts;
    uint16_t phase;  // of the next entry to write
    uint32_t size;   // entries
    uint32_t head;   // as the host told by doorbell
    uint32_t tail;   // next entry to write
    uint32_t queues; // submission queues that complete to it
    uint64_t base;
    struct list waiting; // commands for which there is no room
};

static inline uint32_t cq_next_tail(const struct nvme_cq *cq)
{
    return cq->tail + 1 == cq->size ? 0 : cq->tail + 1;
}

// One entry stays empty, 4.1.2.
static inline bool cq_full(const struct nvme_cq *cq)
{
    return cq_next_tail(cq) == cq->head;
}

struct nvme_sq {
    struct nvme_contender contender;
    bool exists;
    bool listed;   // the arbiter has it
    bool deleting; // nothing more is fetched
    uint16_t id;
    uint32_t size;
    uint32_t head;        // entries before it have been fetched: what CQEs report as SQHD
    uint32_t fetched;     // entries before it have been fetched or are under way
    uint32_t tail;        // as the host told by doorbell
    uint32_t outstanding; // commands under way or in the controller
    uint64_t base;
    struct nvme_cq *cq;
    struct nvme_command *deleter; // the Delete command that waits for `outstanding` to become 0
};

// Data of a command as bytes: Identify, logs and ranges, never user data.
struct nvme_buffer {
    struct list_link link;
    uint8_t *data;
    uint64_t *pages; // their addresses in host memory, the first one with its offset
    uint32_t capacity; // bytes
};

// The walk along a command's PRP list.
struct nvme_prp {
    uint64_t list;  // address of the next entries
    uint32_t left;  // pages not yet seen
    uint32_t count; // pages seen
    void (*then)(struct nvme_command *command);
};

enum nvme_command_state {
    NVME_COMMAND_FREE,
    NVME_COMMAND_EVENT,  // one event is pending for it
    NVME_COMMAND_CORE,   // the core has its request
    NVME_COMMAND_PARKED, // waits in a list: for room in a completion queue, as Asynchronous Event Request, as Delete
};

struct nvme_command {
    struct ftl_request request; // request.path is the command's stopwatch
    struct list_link link;
    struct nvme *nvme;
    struct nvme_sq *sq;
    enum nvme_command_state state;
    uint32_t epoch; // of the controller when it was fetched: differs after a reset
    struct nvme_sqe sqe;
    uint32_t dw0; // of the completion
    uint16_t status;
    uint16_t location; // of the parameter in error
    uint64_t lba;      // of the error: the first block that has it
    uint16_t sqhd;     // of the completion
    bool interrupt;    // a message follows the CQE
    bool uncounted;    // a parked Asynchronous Event Request: not in `in_flight`
    uint16_t phase;
    uint32_t slot;     // in the completion queue
    bool data_to_host; // the buffer goes to the host
    uint32_t data_bytes;
    uint64_t moved; // bytes of user data
    bool lost;      // user data could not be moved, because the function was no bus master
    void (*posted)(struct nvme_command *command); // called when the CQE of its success is written; NULL for none
    tick_t data_end; // when the last data to the host are on the wire
    struct nvme_buffer *buffer;
    struct nvme_prp prp;
    uint32_t range, ranges; // Dataset Management
    struct breakdown dummy; // the stopwatch of a command that the journal does not know
};

// A DMA read of a Write command's data.
struct nvme_dma {
    struct nvme_command *command;
    uint64_t bytes;
};

struct nvme_fetch {
    struct nvme *nvme;
    struct nvme_sq *sq;
    uint32_t epoch;
    uint32_t index; // first entry
    uint32_t count;
};

// A register access that crosses the link.
struct nvme_access {
    struct nvme *nvme;
    uint64_t offset;
    uint64_t value;
    unsigned bytes;
    void (*done)(void *context, uint64_t value);
    void *context;
};

struct nvme_vector {
    struct nvme *nvme;
    uint32_t index;
    bool coalescing_disabled; // feature 09h
    uint32_t held;   // completions that the host has neither been told of nor taken by itself
    tick_t deadline; // when the aggregation time ends
};

struct nvme_event {
    uint8_t type, information, log;
};

struct nvme_events {
    struct nvme_event queue[NVME_EVENT_QUEUE];
    uint32_t count;
    uint32_t masked;   // by type: reported, and its log not yet read
    struct list requests; // parked Asynchronous Event Requests
    uint32_t request_count;
};

struct nvme {
    struct sim *sim;
    const struct nvme_config *config;
    const struct pcie_config *pcie;
    struct pcie_host_port host;
    struct ftl_port core;
    struct journal *journal;
    struct link link;
    struct nvme_stats stats;

    // PCI function
    uint8_t space[PCI_CONFIG_BYTES];
    uint8_t space_writable[PCI_CONFIG_BYTES];
    uint64_t bar_bytes, doorbell_end, table_offset, pba_offset;
    bool memory_enabled, master_enabled;
    uint32_t *table; // MSI-X, 4 doublewords a vector
    uint64_t *pending; // MSI-X pending bits
    uint32_t msix_control; // as in configuration space
    struct nvme_vector *vectors;

    // controller
    uint32_t registers[NVME_REGISTER_BYTES / 4];
    uint32_t epoch; // counts resets
    tick_t ready_at;
    unsigned page_shift;
    bool ready;
    bool stopped;       // by a shutdown: nothing more is fetched
    bool shutting_down; // the core flushes
    uint32_t shutdown_epoch; // in which that flush began
    struct ftl_request shutdown;
    struct breakdown shutdown_path;

    // queues
    uint32_t queue_limit; // I/O queues of each kind granted by feature 07h
    bool queues_granted;  // the host has asked; the answer stays until a reset
    uint32_t io_queues;   // of both kinds that exist
    struct nvme_sq *sqs;
    struct nvme_cq *cqs;
    const struct nvme_arbitration_ops *arbitration;
    struct nvme_arbiter arbiter;
    uint32_t fetches; // under way

    // commands
    struct nvme_command *commands;
    uint32_t command_total;
    struct list free_commands;
    uint32_t in_flight; // being fetched or in the controller, without Asynchronous Event Requests
    struct pool dmas, fetch_pool, accesses;
    struct list buffers;
    uint8_t *scratch; // NVME_SCRATCH_BYTES: a host page of PRP entries, a burst of SQEs, a log page
    struct timeline processors[NVME_PROCESSORS_MAX];
    struct meter processor_meter;
    struct clock clock;
    tick_t t_decode, t_complete; // whole cycles

    // namespace
    unsigned lba_shift;
    uint64_t blocks;
    uint32_t transfer_max; // bytes, MDTS

    // what the host can ask for
    uint32_t features[NVME_FEATURE_COUNT];
    uint32_t under_temperature; // feature 04h, THSEL 1
    struct nvme_events events;
    struct nvme_error_entry *errors; // ring, the newest at (error_count - 1) % error_log_entries
    uint64_t error_count;
    uint64_t host_reads, host_writes, units_read_bytes, units_written_bytes, media_errors;
    uint64_t io_commands; // rung in by the host and not yet completed
    tick_t busy_since, busy; // with any
    unsigned available_spare, percentage_used;
};

// --- bus_master.c --------------------------------------------------------------------------------------------------
// DMA from and to host memory; false when it did not take place.
bool bus_read(const struct nvme *nvme, uint64_t address, void *to, size_t bytes);
bool bus_write(const struct nvme *nvme, uint64_t address, const void *from, size_t bytes);
// Sends an MSI-X message; the function must be bus master.
void bus_message(const struct nvme *nvme, uint64_t address, uint32_t data);

// --- config_space.c, msix.c ----------------------------------------------------------------------------------------
void config_space_power_on(struct nvme *nvme);
uint32_t config_space_read(void *self, uint32_t offset, unsigned bytes);
void config_space_write(void *self, uint32_t offset, unsigned bytes, uint32_t value);

uint32_t msix_read(const struct nvme *nvme, uint64_t offset);
void msix_write(struct nvme *nvme, uint64_t offset, uint32_t value);
// Masks, enable bit or bus mastering have changed: what is pending and may now be sent is.
void msix_control_changed(struct nvme *nvme);
// A message of `vector` has reached the host: delivered, or kept pending while it may not be sent.
void msix_raise(struct nvme *nvme, uint32_t vector);
// The host has emptied, or deleted, a completion queue of `vector`: when that was the last one, nothing is owed.
void msix_satisfied(struct nvme *nvme, uint32_t vector);
// Whether a message of `vector` would be sent now: MSI-X on, nothing masked, bus master.
bool msix_sends(const struct nvme *nvme, uint32_t vector);
// Whether the completion that is now posted sends a message behind it.
bool msix_coalesce(struct nvme *nvme, const struct nvme_command *command);
// Nothing is owed, and table and enable bits stay.
void msix_forget(struct nvme *nvme);

// --- registers.c ---------------------------------------------------------------------------------------------------
void registers_init(struct nvme *nvme);
uint32_t registers_read(const struct nvme *nvme, uint32_t offset);
void registers_write(struct nvme *nvme, uint32_t offset, uint32_t value);
uint64_t registers_read64(const struct nvme *nvme, uint32_t offset);
// CSTS.CFS.
void registers_set_fatal(struct nvme *nvme);
// Goes on with a shutdown when the commands that it waits for have left.
void registers_shutdown_advance(struct nvme *nvme);

// --- controller.c --------------------------------------------------------------------------------------------------
// All but the registers and the PCI function is as after power-on; commands in flight are forgotten.
void controller_reset(struct nvme *nvme);
// A queue in host memory cannot be reached: CSTS.CFS, and nothing more happens until a reset.
void controller_fatal(struct nvme *nvme);

// --- queues.c ------------------------------------------------------------------------------------------------------
void queues_reset(struct nvme *nvme);
void queues_create_admin(struct nvme *nvme);
void queues_doorbell(struct nvme *nvme, uint64_t offset, uint32_t value);
void admin_create_cq(struct nvme_command *command);
void admin_create_sq(struct nvme_command *command);
void admin_delete_cq(struct nvme_command *command);
void admin_delete_sq(struct nvme_command *command);
// A command of the queue left the controller.
void queues_command_left(struct nvme_sq *sq);

// --- fetch.c -------------------------------------------------------------------------------------------------------
void fetch_pump(struct nvme *nvme);

// --- command.c -----------------------------------------------------------------------------------------------------
void command_start(struct nvme *nvme, struct nvme_sq *sq, const struct nvme_sqe *sqe);
void command_complete(struct nvme_command *command);
void command_fail(struct nvme_command *command, unsigned status, unsigned location);
// Writes the completion, which its queue has room for.
void command_send(struct nvme_command *command);
void command_release(struct nvme_command *command);
// Makes it a failed one, without completing it.
void command_set_error(struct nvme_command *command, unsigned status, unsigned location);
// A command that asks for fusion or SGLs.
void command_fail_flags(struct nvme_command *command);
// An event for the command: `fn` gets the command, unless the controller was reset meanwhile.
void command_at(struct nvme_command *command, tick_t when, sim_event_fn *fn);
// Whether the controller was reset since the command was fetched; then it is released.
bool command_stale(struct nvme_command *command);
void flight_enter(struct nvme *nvme, uint32_t count);
void flight_leave(struct nvme *nvme, uint32_t count); // their room is used at once
void command_park(struct nvme_command *command, struct list *list);
// Commands of I/O queues come by doorbell, and go when they are completed or dropped: the time with any is SMART's.
void busy_enter(struct nvme *nvme, uint64_t count);
void busy_leave(struct nvme *nvme, uint64_t count);
void commands_reset(struct nvme *nvme);
void commands_create(struct nvme *nvme);
void commands_destroy(struct nvme *nvme);

// --- prp.c ---------------------------------------------------------------------------------------------------------
// Checks the command's PRP entries for data_bytes, fetching lists; then(command), or the command fails. With a
// buffer, the pages' addresses are kept there.
void prp_walk(struct nvme_command *command, void (*then)(struct nvme_command *command));
void command_buffer_attach(struct nvme_command *command, uint32_t bytes, bool to_host);
void command_buffer_release(struct nvme_command *command);
// Moves the bytes between buffer and host memory; false when a page could not be reached.
bool command_buffer_move(struct nvme_command *command);
// The command's answer is in its buffer: walk the PRPs, send it, complete.
void command_buffer_answer(struct nvme_command *command);

// --- commands ------------------------------------------------------------------------------------------------------
void admin_execute(struct nvme_command *command);
void io_execute(struct nvme_command *command);
void admin_identify(struct nvme_command *command);
void admin_get_features(struct nvme_command *command);
void admin_set_features(struct nvme_command *command);
void admin_get_log_page(struct nvme_command *command);
void admin_async_event_request(struct nvme_command *command);
bool admin_supports(uint8_t opcode);
bool io_supports(uint8_t opcode);
bool io_changes_blocks(uint8_t opcode);
// Completes when the core has written out what it holds.
void io_flush(struct nvme_command *command);

void features_reset(struct nvme *nvme);
void logs_record_error(struct nvme_command *command);
// An error of no command.
void logs_record_event(struct nvme *nvme, unsigned status);

void events_reset(struct nvme *nvme);
void events_deliver(struct nvme *nvme);
void events_raise(struct nvme *nvme, enum nvme_event_type type, unsigned information, unsigned log);
void events_log_read(struct nvme *nvme, enum nvme_log log);
// Completes the Asynchronous Event Request of that identifier, if there is one, as aborted.
bool events_abort(struct nvme *nvme, uint16_t cid);
// The SMART log's critical warning: temperature and spare against their thresholds.
uint8_t events_critical_warning(const struct nvme *nvme);
// Reports the warnings that are enabled, for as long as they stand.
void events_check_health(struct nvme *nvme);

#endif
