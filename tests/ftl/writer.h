// Writes of one unit each to a core that has nothing else to do: the next comes when the last is done.
#ifndef SQTAIL_TESTS_FTL_WRITER_H
#define SQTAIL_TESTS_FTL_WRITER_H

#include "ftl/ftl.h"
#include "sim/sim.h"
#include "util/rng.h"

enum { WRITER_UNIT = 4096 };

struct writer {
    struct sim *sim;
    struct ftl_port port;
    struct rng *rng; // of uniform addresses; NULL: round and round in order
    uint64_t (*draw)(void *context); // of addresses of another kind; NULL: those
    void *draw_context;
    uint64_t range;  // units, the first of the drive
    uint64_t next, left;
    struct ftl_request request;
    struct breakdown path;
};

static inline uint64_t writer_unit(struct writer *w)
{
    if (w->draw != NULL)
        return w->draw(w->draw_context);
    return w->rng != NULL ? rng_below(w->rng, w->range) : w->next++ % w->range;
}

static inline void writer_next(struct writer *w)
{
    if (w->left == 0)
        return;
    w->left--;
    w->request.offset = writer_unit(w) * WRITER_UNIT;
    breakdown_start(&w->path, STAGE_CONTROLLER, sim_now(w->sim));
    ftl_submit(&w->port, &w->request);
}

static inline void writer_ready(struct ftl_request *request, uint64_t bytes)
{
    struct writer *w = request->owner;
    ftl_data_in(&w->port, request, bytes);
}

static inline void writer_done(struct ftl_request *request)
{
    writer_next(request->owner);
}

// Until all is quiet again.
static inline void writer_run(struct writer *w, uint64_t units)
{
    w->request = (struct ftl_request){.kind = FTL_WRITE, .bytes = WRITER_UNIT, .ready = writer_ready,
                                      .done = writer_done, .owner = w, .path = &w->path};
    w->left = units;
    writer_next(w);
    sim_run_before(w->sim, TICK_NEVER);
}

#endif
