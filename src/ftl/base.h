// What every room of the core stands on: the engine, the configuration, the flash, the agenda, and what is counted.
#ifndef SQTAIL_FTL_BASE_H
#define SQTAIL_FTL_BASE_H

#include "ftl/agenda.h"
#include "ftl/firmware.h"
#include "ftl/ftl_config.h"
#include "ftl/ftl_stats.h"
#include "ftl/idle.h"
#include "ftl/memory.h"
#include "nand/geometry.h"
#include "nand/nand.h"
#include "nand/raid.h"
#include "sim/sim.h"

#define FTL_CHECK(base, condition, ...) SIM_CHECK((base)->sim, "ftl", condition, __VA_ARGS__)

enum { NONE = UINT32_MAX };

// For whom data are programmed.
enum purpose { PURPOSE_HOST, PURPOSE_COPY, PURPOSE_COUNT };

struct base {
    struct sim *sim;
    struct ftl_config config;
    struct nand_geometry geometry;
    const struct raid_layout *raid;
    struct nand_port nand;
    unsigned unit_shift; // log2 of the mapping unit
    uint64_t unit_mask;
    uint64_t ops;       // in the back-end
    uint32_t *die_load; // of these, by die; reads count only where the allocation looks at it
    struct agenda agenda;
    struct idle idle;
    struct firmware firmware;
    struct memory memory;
    struct ftl_stats stats;
    bool explained; // requests keep what they wait for
};

// One more is under way: in the back-end, or done with another that is.
static inline void base_op_begun(struct base *base, uint32_t die)
{
    base->ops++;
    base->die_load[die]++;
}

static inline void base_submit(struct base *base, struct nand_op *op, uint32_t die)
{
    base_op_begun(base, die);
    nand_submit(&base->nand, op);
}

static inline void base_op_done(struct base *base, uint32_t die)
{
    base->ops--;
    base->die_load[die]--;
}

#endif
