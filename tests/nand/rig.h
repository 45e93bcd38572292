// What the back-end's tests share: a small drive whose every cost is known, and operations that remember their end.
#ifndef TESTS_NAND_RIG_H
#define TESTS_NAND_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "nand/backend.h"
#include "nand/ecc/ecc.h"

#define NS TICKS_PER_NS
#define US TICKS_PER_US

enum { SCHED_FIFO_INDEX, SCHED_READ_PRIORITY_INDEX };

// 2 channels, 2 dies each, 2 planes, 8 blocks, TLC, 16 KiB pages of 4 KiB units; nothing costs anything but the
// array.
static inline struct nand_config rig_config(void)
{
    return (struct nand_config){
        .channels = 2,
        .dies_per_channel = 2,
        .planes_per_die = 2,
        .blocks_per_plane = 8,
        .pages_per_block = 24,
        .page_size = 16384,
        .cell = CELL_TLC,
        .program_mode = PROGRAM_ONE_SHOT,
        .interface = INTERFACE_NV_DDR3,
        .t_r = {.count = 3, .at = {40 * US, 50 * US, 60 * US}},
        .t_prog = {.count = 1, .at = {1100 * US}},
        .t_bers = 5000 * US,
        .scheduler = SCHED_READ_PRIORITY_INDEX,
        .ecc = {.engine = ECC_NONE, .codeword_data = 4096, .retry_gain = 1},
        .unit_bytes = 4096,
    };
}

// Bus times of the published formulas: MQSim's NV-DDR2 times.
static inline void rig_set_bus(struct nand_config *c, uint64_t transfers_per_s)
{
    c->transfer_rate = transfers_per_s;
    c->t_cs = 20 * NS;
    c->t_wc = 25 * NS;
    c->t_wb = 100 * NS;
    c->t_rr = 20 * NS;
    c->t_adl = 70 * NS;
    c->t_ccs = 300 * NS;
    c->t_rhw = 100 * NS;
    c->t_dbsy = 500 * NS;
    c->t_rpre = 15 * NS;
    c->t_dqsre = 15 * NS;
    c->t_wpst = 6 * NS;
    c->t_wpsth = 15 * NS;
}

struct rig;

struct rig_op {
    struct nand_op op;
    struct rig *rig;
    tick_t submitted, done;
    unsigned order; // of completion, from 1
};

enum { RIG_OPS = 4096 };

struct rig {
    struct sim *sim;
    struct nand *nand;
    struct nand_port port;
    const struct nand_geometry *g;
    struct rig_op ops[RIG_OPS];
    unsigned count, finished;
};

static inline struct rig *rig_create(const struct nand_config *config, uint64_t seed)
{
    struct rig *rig = calloc(1, sizeof *rig);
    rig->sim = sim_create(seed);
    rig->nand = nand_create(rig->sim, config);
    rig->port = nand_get_port(rig->nand);
    rig->g = nand_get_geometry(rig->nand);
    return rig;
}

static inline void rig_destroy(struct rig *rig)
{
    nand_destroy(rig->nand);
    sim_destroy(rig->sim);
    free(rig);
}

static inline void rig_fill(struct rig *rig)
{
    for (uint32_t block = 0; block < rig->g->blocks; block++)
        nand_assume(&rig->port, block, rig->g->rows);
}

// Every operation's stages add up to what it took.
static void rig_done(struct nand_op *op)
{
    struct rig_op *r = op->owner;
    r->done = sim_now(r->rig->sim);
    r->order = ++r->rig->finished;
    assert_int_equal(op->path.start, r->submitted);
    assert_int_equal(op->path.changed, r->done);
    tick_t sum = 0;
    for (int i = 0; i < STAGE_COUNT; i++)
        sum += op->path.spent[i];
    assert_int_equal(sum, r->done - r->submitted);
}

static void rig_submit_now(void *context)
{
    struct rig_op *r = context;
    r->submitted = sim_now(r->rig->sim);
    unsigned finished = r->rig->finished;
    nand_submit(&r->rig->port, &r->op);
    assert_int_equal(r->rig->finished, finished); // never done from inside submit
}

static inline struct rig_op *rig_at(struct rig *rig, tick_t when, enum nand_kind kind, struct nand_source source,
                                    struct nand_address at, uint64_t units)
{
    assert_true(rig->count < RIG_OPS);
    struct rig_op *r = &rig->ops[rig->count++];
    *r = (struct rig_op){.rig = rig};
    r->op.done = rig_done;
    r->op.owner = r;
    r->op.kind = kind;
    r->op.source = source;
    r->op.at = nand_unit_at(rig->g, at);
    r->op.units = units;
    sim_at(rig->sim, when, rig_submit_now, r);
    return r;
}

static inline struct rig_op *rig_read(struct rig *rig, tick_t when, uint32_t die, uint32_t page, uint64_t units)
{
    return rig_at(rig, when, NAND_READ, NAND_HOST, (struct nand_address){.die = die, .page = page}, units);
}

static inline void rig_run(struct rig *rig)
{
    sim_run_before(rig->sim, TICK_NEVER);
    assert_int_equal(rig->finished, rig->count);
    assert_true(nand_idle(rig->nand));
}

static inline tick_t rig_took(const struct rig_op *r)
{
    return r->done - r->submitted;
}

static inline tick_t rig_spent(const struct rig_op *r, enum stage stage)
{
    return r->op.path.spent[stage];
}

#endif
