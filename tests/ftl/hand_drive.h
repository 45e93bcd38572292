// A small drive with a back-end whose operations end when the test says so (hand_nand.h).
//
// The drive: 2 dies, a superblock of 16 units in 8 pages and 4 program units, 0 and 2 on die 0, 1 and 3 on die 1.
#ifndef SQTAIL_TESTS_FTL_HAND_DRIVE_H
#define SQTAIL_TESTS_FTL_HAND_DRIVE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ftl/core.h"
#include "hand_nand.h"
#include "nand/raid.h"
#include "util/macros.h"

enum { UNIT = 4096, N = 16, USER = 4 * N, IOS = 512 };

struct drive;

struct io {
    struct ftl_request request;
    struct breakdown path;
    tick_t waits[WAIT_COUNT]; // causes of the path, of a drive that is explained
    struct drive *d;
    unsigned done;
};

struct drive {
    struct sim *sim;
    struct hand_nand nand;
    struct ftl *ftl;
    struct ftl_port port;
    struct io ios[IOS];
    unsigned count;
    bool explained;
};

// Of an SLC cache of so many bytes, 8 units a superblock, and its open one.
static inline uint32_t cache_superblocks(const struct ftl_config *config)
{
    return config->placement == FTL_PLACE_SLC ? (uint32_t)(config->slc_size / (8 * UNIT)) + 1 : 0;
}

// As many superblocks as the drive needs: 5 for the user's units, gc_stop, two open ones, and those of an SLC cache.
static inline struct drive *drive_open(const struct ftl_config *config)
{
    struct nand_geometry g = {.channels = 2, .dies = 2, .planes = 1, .rows = 2,
                              .blocks = 5 + config->gc_stop + 2 + cache_superblocks(config),
                              .pages_per_row = 2, .bits_per_cell = 2, .units_per_page = 2, .unit_bytes = UNIT,
                              .page_bytes = 2 * UNIT};
    nand_geometry_derive(&g);
    struct drive *d = calloc(1, sizeof *d);
    d->sim = d->nand.sim = sim_create(1);
    d->nand.geometry = g;
    d->ftl = ftl_create(d->sim, config, &g, NULL);
    d->port = ftl_get_port(d->ftl);
    ftl_bind(d->ftl, hand_nand_port(&d->nand));
    return d;
}

// Requests from now on keep what their waits are for.
static inline void drive_explain(struct drive *d)
{
    ftl_explain(d->ftl);
    d->explained = true;
}

static inline void settle(struct drive *d)
{
    sim_run_before(d->sim, TICK_NEVER);
}

static inline void end_all(struct drive *d)
{
    settle(d);
    while (d->nand.count > 0) {
        hand_end(&d->nand, d->nand.ops[0].name);
        settle(d);
    }
}

static inline void drive_close(struct drive *d)
{
    end_all(d);
    for (unsigned i = 0; i < d->count; i++)
        assert_int_equal(d->ios[i].done, 1);
    ftl_check(d->ftl);
    ftl_destroy(d->ftl);
    sim_destroy(d->sim);
    free(d);
}

static inline void on_piece(struct ftl_request *request, uint64_t bytes)
{
    (void)request, (void)bytes;
}

static inline void on_ready(struct ftl_request *request, uint64_t bytes)
{
    struct io *io = request->owner;
    ftl_data_in(&io->d->port, request, bytes);
}

static inline void on_done(struct ftl_request *request)
{
    struct io *io = request->owner;
    io->done++;
}

static inline struct io *begin(struct drive *d, struct ftl_request request)
{
    assert_true(d->count < IOS);
    struct io *io = &d->ios[d->count++];
    *io = (struct io){.request = request, .d = d};
    io->request.piece = on_piece;
    io->request.ready = on_ready;
    io->request.done = on_done;
    io->request.owner = io;
    io->request.path = &io->path;
    breakdown_start(&io->path, STAGE_CONTROLLER, sim_now(d->sim));
    io->path.waits = d->explained ? io->waits : NULL;
    memset(io->waits, 0xa5, sizeof io->waits); // as a command before has left them
    ftl_submit(&d->port, &io->request);
    return io;
}

static inline struct io *submit(struct drive *d, struct ftl_request request)
{
    struct io *io = begin(d, request);
    settle(d);
    return io;
}

// `units` from unit `first` on.
static inline struct io *ask(struct drive *d, enum ftl_kind kind, uint64_t first, uint64_t units)
{
    return submit(d, (struct ftl_request){.kind = kind, .offset = first * UNIT, .bytes = units * UNIT});
}

static inline struct io *fua_read(struct drive *d, uint64_t first, uint64_t units)
{
    return submit(d, (struct ftl_request){
                         .kind = FTL_READ, .fua = true, .offset = first * UNIT, .bytes = units * UNIT});
}

static inline void expect(struct drive *d, const char *outstanding)
{
    assert_string_equal(hand_names(&d->nand), outstanding);
}

struct step {
    const char *end, *outstanding;
};

static inline void follow(struct drive *d, const struct step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        hand_end(&d->nand, steps[i].end);
        settle(d);
        expect(d, steps[i].outstanding);
    }
}

static inline void nothing(void *context)
{
    (void)context;
}

static inline void pass(struct drive *d, tick_t duration)
{
    sim_after(d->sim, duration, nothing, NULL);
    settle(d);
}

static inline uint64_t stat(struct drive *d, const char *name)
{
    const char *stats = (const char *)ftl_get_stats(d->ftl);
    for (size_t i = 0; i < ftl_stat_field_count; i++)
        if (strcmp(ftl_stat_fields[i].name, name) == 0)
            return *(const uint64_t *)(stats + ftl_stat_fields[i].offset);
    fail_msg("no statistic %s", name);
    return 0;
}

#endif
