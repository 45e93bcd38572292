// The back-end of a drive: channels, dies, error model, ECC and RAID behind a `struct nand_port`.
#ifndef SQTAIL_NAND_BACKEND_H
#define SQTAIL_NAND_BACKEND_H

#include <stdbool.h>
#include <stddef.h>

#include "nand/nand.h"
#include "nand/nand_config.h"
#include "nand/nand_stats.h"
#include "nand/observer.h"
#include "nand/raid.h"
#include "sim/sim.h"
#include "stats/meter.h"
#include "stats/stat.h"
#include "stats/strip.h"

struct nand;

// `config` has passed nand_config_check and is copied.
struct nand *nand_create(struct sim *sim, const struct nand_config *config);
void nand_destroy(struct nand *nand);

// From now on operations keep what their waits were for, and, unless `origin_of` is NULL, who held their die longest.
// To be called before the first.
void nand_explain(struct nand *nand, wait_origin_fn *origin_of);

struct nand_port nand_get_port(struct nand *nand);
const struct nand_geometry *nand_get_geometry(const struct nand *nand);
const struct raid_layout *nand_get_raid_layout(const struct nand *nand);

// Is no operation under way?
bool nand_idle(const struct nand *nand);

// The groups `nand`, `ecc`, `raid` and `wear`. Wear is what it was at the last call; the others follow the run.
enum { NAND_STAT_GROUPS = 4 };
void nand_stat_groups(struct nand *nand, struct stat_group groups[NAND_STAT_GROUPS]);
const struct nand_stats *nand_get_stats(const struct nand *nand);
const struct ecc_stats *nand_get_ecc_stats(const struct nand *nand);
const struct raid_stats *nand_get_raid_stats(const struct nand *nand);
struct wear_stats nand_get_wear_stats(const struct nand *nand);

// From now on `observer`, which must stay as it is, is told what each operation does. Before the first one.
void nand_observe(struct nand *nand, const struct nand_observer *observer);

// Time that dies are held by operations, and channels by cycles and data.
struct meter *nand_die_meter(struct nand *nand);
struct meter *nand_channel_meter(struct nand *nand);

// What was counted over time. Returns how many.
enum { NAND_COUNTS_MAX = 4 };
size_t nand_counts(const struct nand *nand, struct named_strip counts[NAND_COUNTS_MAX]);

// Forgets counters and utilisation: the measurement begins at `origin`. The state of the flash stays.
void nand_stats_restart(struct nand *nand, tick_t origin);

#endif
