// The core of the drive: a page-mapped flash translation layer behind ftl/ftl.h, over nand/nand.h.
#ifndef SQTAIL_FTL_CORE_H
#define SQTAIL_FTL_CORE_H

#include <stdbool.h>
#include <stdint.h>

#include "ftl/ftl.h"
#include "ftl/ftl_config.h"
#include "ftl/ftl_stats.h"
#include "nand/geometry.h"
#include "nand/nand.h"
#include "nand/raid.h"
#include "sim/sim.h"
#include "stats/meter.h"

struct ftl;

// `config` and `geometry` are copied and must have passed ftl_config_check_capacity; `raid` is NULL without RAID and
// must outlive the core.
struct ftl *ftl_create(struct sim *sim, const struct ftl_config *config, const struct nand_geometry *geometry,
                       const struct raid_layout *raid);
void ftl_destroy(struct ftl *ftl);

// Connects the back-end; before anything is submitted.
// Requests whose path keeps causes put down what they wait for. To be called before the first.
void ftl_explain(struct ftl *ftl);

void ftl_bind(struct ftl *ftl, struct nand_port nand);

// What the front-end submits to.
struct ftl_port ftl_get_port(struct ftl *ftl);

uint64_t ftl_capacity_bytes(const struct ftl *ftl);

// Brings an empty drive into the state that the configuration's `precondition` asks for, in no simulated time.
void ftl_precondition(struct ftl *ftl);

// The same, faster where `other`, which is in that state and has not been used, came to the same; NULL: there is none.
void ftl_precondition_beside(struct ftl *ftl, const struct ftl *other);

// The write amplification of uniform random overwrites in the long run, as this very drive's collection has it
// (steady.c). Of an empty drive, which is good for nothing else afterwards.
double ftl_steady_amplification(struct ftl *ftl);

// No request will come any more: nothing is begun in idle time.
void ftl_rest(struct ftl *ftl);

// No request held and no operation of ours in the back-end. Data that fill no program unit may stay buffered.
bool ftl_idle(const struct ftl *ftl);

// The invariants at the end of a run; one that does not hold ends the process.
void ftl_check(struct ftl *ftl);

// The counters, with what is computed brought up to date.
const struct ftl_stats *ftl_get_stats(struct ftl *ftl);
struct meter *ftl_get_processor_meter(struct ftl *ftl);
void ftl_stats_restart(struct ftl *ftl, tick_t origin);

#endif
