// A command in the front-end.
#ifndef SQTAIL_NVME_COMMAND_COMMAND_H
#define SQTAIL_NVME_COMMAND_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "ftl/ftl.h"
#include "nvme/admin/errors.h"
#include "nvme/reset.h"
#include "nvme/link/wire.h"
#include "sim/sim.h"
#include "spec/nvme.h"
#include "util/list.h"

struct nvme;
struct nvme_sq;

enum nvme_command_state {
    NVME_COMMAND_FREE,
    NVME_COMMAND_EVENT,  // one event is pending for it
    NVME_COMMAND_CORE,   // the core has its request
    NVME_COMMAND_PARKED, // waits in a list: for room in a completion queue, as Asynchronous Event Request, as Delete
};

// The walk along a command's PRP list.
struct nvme_prp {
    uint64_t list;  // address of the next entries
    uint32_t left;  // pages not yet seen
    uint32_t count; // pages seen
    void (*then)(struct nvme_command *command);
    void (*taken)(struct nvme_command *command); // the data have been fetched
};

// The walk along a command's SGL.
struct nvme_sgl {
    uint64_t at, next;         // addresses of the segment, from here on, and of the one that it leads to
    uint32_t left, next_bytes; // of them; 0: there is none
    uint32_t covered;          // bytes of data
    bool in_last;              // the segment is the last
    bool placed;               // a data block was seen
    void (*then)(struct nvme_command *command);
};

struct nvme_command {
    struct ftl_request request;
    struct list_link link;
    struct nvme *nvme;
    struct nvme_sq *sq;
    const struct nvme_opcode *opcode; // its row
    struct nvme_namespace *ns;        // NULL: the command names none, or all of them
    enum nvme_command_state state;
    uint32_t epoch; // of the controller when it was fetched: differs after a reset
    struct nvme_sqe sqe;
    uint32_t dw0; // of the completion
    uint16_t status;
    uint16_t location; // of the parameter in error
    uint64_t lba;      // of the error: the first block that has it
    uint16_t sqhd;     // of the completion, when it is made
    bool interrupt;    // a message follows the CQE
    bool uncounted;    // a parked Asynchronous Event Request: not in flight
    bool data_to_host; // the buffer goes to the host
    uint32_t data_bytes;
    uint64_t moved; // bytes of user data
    bool in_cmb;    // its data lie in the controller memory buffer: they do not cross the link
    bool lost;      // user data could not be moved, because the function was no bus master
    void (*posted)(struct nvme_command *command); // called when the CQE of its success is written; NULL for none
    struct wire_flow data; // on their way to the host, and the CQE behind them
    struct nvme_buffer *buffer;
    struct nvme_prp prp;
    struct nvme_sgl sgl;
    uint32_t bucket_bytes; // of a Read's data, which the host does not want
    uint32_t range, ranges; // Dataset Management
    uint64_t mark;          // Flush: of the store
    struct breakdown path; // its stopwatch
};

struct nvme_commands {
    struct nvme_command *all;
    uint32_t total;
    struct list free;
    uint32_t in_flight; // being fetched or in the controller, without Asynchronous Event Requests
    // What a command's end sets off; each is registered by who does it.
    void (*room)(struct nvme *nvme);     // there is for another one
    void (*settled)(struct nvme *nvme);  // in a controller that was stopped, one has left or waits for the host
    void (*drained)(struct nvme_sq *sq); // the last one of a queue that is being deleted has left
};

void commands_create(struct nvme *nvme);
void commands_destroy(struct nvme *nvme);

// The caller has begun a new epoch.
void commands_reset(struct nvme *nvme, enum nvme_reset kind);

// One for an entry that was fetched, whose place flight_enter has taken.
struct nvme_command *command_take(struct nvme *nvme, struct nvme_sq *sq, const struct nvme_sqe *sqe);
void command_release(struct nvme_command *command);
void command_complete(struct nvme_command *command);
void command_fail(struct nvme_command *command, unsigned status, unsigned location);

// Writes the completion, which its queue has room for.
void command_send(struct nvme_command *command);

// An event for the command: `fn` gets the command, unless the controller was reset meanwhile.
void command_at(struct nvme_command *command, tick_t when, sim_event_fn *fn);

// Whether the controller was reset since the command was fetched; then it is released.
bool command_stale(struct nvme_command *command);
void command_park(struct nvme_command *command, struct list *list);
void flight_enter(struct nvme *nvme, uint32_t count);
void flight_leave(struct nvme *nvme, uint32_t count); // their room is used at once

#endif
