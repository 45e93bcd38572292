// The drive: front-end, core and back-end, put together.
#ifndef SQTAIL_SSD_SSD_H
#define SQTAIL_SSD_SSD_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "dram/dram.h"
#include "ftl/core.h"
#include "ftl/ftl_config.h"
#include "nand/backend.h"
#include "nand/nand_config.h"
#include "nvme/controller.h"
#include "nvme/nvme_config.h"
#include "stats/meter.h"
#include "stats/stat.h"
#include "stats/strip.h"

struct ssd_config {
    struct pcie_config pcie;
    struct nvme_config nvme;
    struct dram_config dram;
    struct ftl_config ftl;
    struct nand_config nand;
};

// Checks what spans several keys. Returns the number of errors, which are in `diag`.
int ssd_check_config(const struct ssd_config *values, const struct config *config, struct diag *diag);

// After that check: values too small to be of use. Returns the number of errors.
int ssd_check_effect(const struct ssd_config *values, const struct config *config, struct diag *diag);

struct ssd;

// Who watches a whole drive: instrumentation, not part of it. Its parts have observers of their own.
struct ssd_observer {
    void *self;
    // Puts itself between the front-end and the core: returns what requests go to from now on.
    struct ftl_port (*over_core)(void *self, struct ftl_port core);
    // Measuring begins, perhaps anew.
    void (*restarted)(void *self, tick_t origin);
};

// Creates the parts, not yet bound to each other. The configuration must outlive the drive.
struct ssd *ssd_create(struct sim *sim, const struct ssd_config *config);
void ssd_destroy(struct ssd *ssd);

// What commands wait for is told where their observer lends room for it. To be called before the first event.
void ssd_explain(struct ssd *ssd, bool facts);

struct nvme *ssd_frontend(struct ssd *ssd);
struct ftl *ssd_core(struct ssd *ssd);
struct nand *ssd_backend(struct ssd *ssd);

// What front-end and core are bound to: core and back-end, with the controller's memory before them, if there is one.
struct ftl_port ssd_core_port(struct ssd *ssd);
struct nand_port ssd_backend_port(struct ssd *ssd);

// Before anything is bound; `observer` must stay as it is.
void ssd_observe(struct ssd *ssd, const struct ssd_observer *observer);

// Binds the parts to each other and the front-end to the host.
void ssd_bind(struct ssd *ssd, struct pcie_host_port host);

// Brings the flash into its initial state, as `ftl.precondition` says. After binding, before the first event. `other`: as
// ftl_precondition_beside.
void ssd_precondition(struct ssd *ssd, const struct ssd *other);

// Forgets the statistics so far; measuring begins at `origin`.
void ssd_restart_stats(struct ssd *ssd, tick_t origin);

// The statistics of all parts, and how busy they were. Return how many there are.
enum { SSD_GROUPS_MAX = 3 + NAND_STAT_GROUPS, SSD_METERS_MAX = 7 };
struct ssd_meter {
    const char *name; // as in results: such as "die"
    struct meter *meter;
};
size_t ssd_stat_groups(struct ssd *ssd, struct stat_group groups[SSD_GROUPS_MAX]);
size_t ssd_meters(struct ssd *ssd, struct ssd_meter meters[SSD_METERS_MAX]);

// What was counted over time.
enum { SSD_COUNTS_MAX = NAND_COUNTS_MAX };
size_t ssd_counts(struct ssd *ssd, struct named_strip counts[SSD_COUNTS_MAX]);

// Nothing is in flight anywhere, and the tables agree with each other: a broken invariant ends the program.
void ssd_check(struct ssd *ssd);

#endif
