// The core's port: logical reads and writes.
//
// Who holds a `struct ftl_port` submits requests for byte ranges of the drive; the core maps, buffers, programs and
// collects garbage behind it. Callbacks come in their own events, never from inside submit or data_in:
//
//   READ           piece() each time some of the data lie decoded in the controller, or pieces() as soon as it is known
//                  when several will, none of them later than done(); then done(); with `fua` what the
//                  write buffer holds of the range is programmed first, and read from the flash like the rest
//   WRITE          ready() when the write buffer has room for `bytes` more: the caller moves them from the host and
//                  calls data_in() as they come, in one piece or more; several times for a write larger than the
//                  buffer; then done(), when all is buffered, or programmed where `fua` asks for that
//   FLUSH          done() when all that was buffered before the submit is programmed
//   TRIM           done(); reads of the range give zeroes from submit on. Only whole units are unmapped
//   WRITE_ZEROES   done(); as TRIM for whole units, and writes the partial ones at the edges
#ifndef SQTAIL_FTL_FTL_H
#define SQTAIL_FTL_FTL_H

#include <stdbool.h>
#include <stdint.h>

#include "stats/stage.h"
#include "util/list.h"

enum ftl_kind { FTL_READ, FTL_WRITE, FTL_FLUSH, FTL_TRIM, FTL_WRITE_ZEROES, FTL_KIND_COUNT };

enum ftl_status {
    FTL_OK,
    FTL_UNRECOVERED_READ, // NVMe status 2/81h is what a front-end makes of it
    FTL_WRITE_FAULT,
};

struct dram;

struct ftl_request {
    struct list_link link; // the core's while it holds the request
    enum ftl_kind kind;
    bool fua;        // WRITE, WRITE_ZEROES: done only when the data are in the flash; READ: read from there
    uint64_t offset; // bytes from the start of the drive; the caller has checked it against the capacity
    uint64_t bytes;  // 0 for FLUSH
    void (*piece)(struct ftl_request *request, uint64_t bytes); // READ
    // READ; NULL: not wanted. `count` pieces of `bytes` each, in order of time.
    void (*pieces)(struct ftl_request *request, uint64_t bytes, const tick_t *when, uint32_t count);
    void (*ready)(struct ftl_request *request, uint64_t bytes); // WRITE
    void (*done)(struct ftl_request *request);
    void *owner; // the caller's, untouched
    enum ftl_status status;
    uint64_t error_offset; // with any other status: the first byte of the range that could not be read
    // The command's stopwatch, in STAGE_CONTROLLER at submit. The core leaves it in STAGE_DATA_OUT (READ),
    // STAGE_DATA_IN (WRITE, at each ready; the last data_in finds it there) or STAGE_COMPLETION (at done of all but
    // READ).
    struct breakdown *path;
    // the controller's memory's own, where there is one: what the caller has set
    struct {
        struct dram *dram;
        void (*piece)(struct ftl_request *request, uint64_t bytes);
        void (*done)(struct ftl_request *request);
        uint32_t pending;
        bool over;
    } memory;
    // the core's own while it holds the request
    struct {
        void *state;
        void (*then)(struct ftl_request *request); // what goes on with it when its wait is over
        uint64_t until;   // what it waits for: the buffer's arrivals up to here are in the flash
        uint32_t pending; // parts not yet done
        unsigned edges;   // WRITE_ZEROES: units still to be written, a bit each
        union {
            uint64_t granted;   // WRITE: bytes for which ready() was called
            uint64_t hit_bytes; // READ: what needs no NAND
        };
        uint64_t arrived; // WRITE: bytes for which data_in() was called
    } core;
};

// How the front-end reaches the core; also what a core of one's own must provide.
struct ftl_port {
    void *self;
    void (*submit)(void *self, struct ftl_request *request);
    void (*data_in)(void *self, struct ftl_request *request, uint64_t bytes);
};

static inline void ftl_submit(const struct ftl_port *port, struct ftl_request *request)
{
    port->submit(port->self, request);
}

static inline void ftl_data_in(const struct ftl_port *port, struct ftl_request *request, uint64_t bytes)
{
    port->data_in(port->self, request, bytes);
}

#endif
