// Requests of the host: one file a kind of request, or a step that several kinds take.
#ifndef SQTAIL_FTL_SERVE_SERVE_H
#define SQTAIL_FTL_SERVE_SERVE_H

#include "ftl/base.h"
#include "ftl/buffer/policies.h"
#include "ftl/ftl.h"
#include "ftl/map/map.h"
#include "ftl/move/pace.h"
#include "ftl/serve/ahead.h"
#include "ftl/space/page_read.h"
#include "ftl/space/space.h"

struct serve {
    struct base *base;
    struct space *space;
    struct map *map;
    struct buffer *buffer;
    struct pace *pace;
    struct ahead ahead;
    uint64_t requests;      // held
    uint32_t host_programs; // outstanding
    const struct destage_ops *destage;
    struct program **stripe; // of the programs filled together, those from `stripe_next` on are still to go
    uint32_t stripe_next, stripe_end;
    struct stream *stripe_stream;
    tick_t gather_until; // forced data wait for more until then; 0: they do not
    const struct program *last; // that has ended, while what waits for it is looked at; else NULL
    bool past_cache;     // the last host data went past the SLC cache
    bool aging;          // an event looks at the age of what is buffered
    struct idle_watch idle;
};

// --- request.c ---

// The firmware works on the request for `cost`; then(request).
static inline void serve_work(struct serve *serve, struct ftl_request *request, tick_t cost, sim_event_fn *then)
{
    firmware_serve(&serve->base->firmware, cost, request->path, then, request);
}

// The request is the caller's again: at once, in an event of its own, or after what is left to do, the firmware's work.
void serve_finish(struct serve *serve, struct ftl_request *request);
void serve_finish_later(struct serve *serve, struct ftl_request *request);
void serve_work_and_finish(struct serve *serve, struct ftl_request *request, tick_t cost);

// The operation could not read what of `units` is for the request: its status, and where in its range that begins.
void serve_lost(struct ftl_request *request, const struct page_read *read, uint64_t units, enum ftl_status status);

// --- one for each kind, called once the request is taken in ---

void read_submit(struct serve *serve, struct ftl_request *request);
void write_submit(struct serve *serve, struct ftl_request *request);
void flush_submit(struct serve *serve, struct ftl_request *request);
void trim_submit(struct serve *serve, struct ftl_request *request);
void write_zeroes_submit(struct serve *serve, struct ftl_request *request);

// `bytes` more of a WRITE, asked for by ready(), have arrived.
void write_data_in(struct serve *serve, struct ftl_request *request, uint64_t bytes);

// read.c: what a read waits for of what is read ahead has come.
void read_part_arrived(const struct ahead_part *part, const struct page_read *read);

// --- steps ---

// flush.c: the request waits until all up to its core.until is programmed; then goes on with it.
void flush_wait(struct serve *serve, struct ftl_request *request, void (*then)(struct ftl_request *request));
// Ends the waits that are over, in order of arrival.
void flush_advance(struct serve *serve);

// trim.c: unmaps the units that lie wholly in the range; returns how many were mapped.
uint64_t trim_whole_units(struct serve *serve, uint64_t offset, uint64_t bytes);

// old_contents.c: reads what of partly written units must be kept, then lets the request wait for room.
void old_contents_start(struct serve *serve, struct ftl_request *request);

// grant.c: gives waiting writers the room that there is, first come first served.
void grant_room(struct serve *serve);
void grant_wait(struct serve *serve, struct ftl_request *request);
void grant_insert(struct serve *serve, struct ftl_request *request, uint64_t lpn);
void grant_all_arrived(struct serve *serve, struct ftl_request *request);

// linger.c: what has been in the buffer for long is sent.
void linger_init(struct serve *serve);
void linger_arrived(struct serve *serve);

// destage.c
void destage_init(struct serve *serve);
void destage_destroy(struct serve *serve);

// Sends the next program of buffered data, if there is one and it may go. False when there is none.
bool destage_next(struct serve *serve);

// May that do anything? Not while the buffer holds less than a program unit and nobody waits for it.
static inline bool destage_wanted(const struct serve *serve)
{
    const struct buffer *buffer = serve->buffer;
    return buffer->queued >= serve->space->least_program || buffer->forced > 0 ||
           !list_empty(&buffer->waiting) || serve->pace->hold != HOST_GOES;
}

#endif
