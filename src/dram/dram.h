// The memory of the controller: user data on their way between link and flash take time in it.
#ifndef SQTAIL_DRAM_DRAM_H
#define SQTAIL_DRAM_DRAM_H

#include "dram/dram_config.h"
#include "ftl/ftl.h"
#include "nand/geometry.h"
#include "nand/nand.h"
#include "sim/sim.h"
#include "stats/meter.h"
#include "stats/stat.h"

struct dram;

struct dram_stats {
    uint64_t bytes_in, bytes_out, turnarounds;
};

extern const struct stat_field dram_stat_fields[];
extern const size_t dram_stat_field_count;

// NULL when data cross no memory. The configuration must outlive it.
struct dram *dram_create(struct sim *sim, const struct dram_config *config, const struct nand_geometry *geometry);
void dram_destroy(struct dram *dram);

// It stands between the core and the back-end, and between the front-end and the core: each returns what the upper one
// is to be bound to in place of the lower one. Without a memory that is the lower one itself.
struct nand_port dram_over_nand(struct dram *dram, struct nand_port nand);
struct ftl_port dram_over_core(struct dram *dram, struct ftl_port core);

void dram_stats_restart(struct dram *dram, tick_t origin);
const struct dram_stats *dram_get_stats(const struct dram *dram);
struct meter *dram_get_meter(struct dram *dram);

#endif
