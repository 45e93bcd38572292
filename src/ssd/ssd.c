// Composition of the drive. Capacity flows upward when it is built: the back-end's geometry gives the core's capacity,
// which the front-end shows as its namespace.
#include "ssd/ssd.h"

#include <stdlib.h>

#include "ftl/inspect.h"
#include "util/alloc.h"
#include "util/check.h"

struct ssd {
    struct sim *sim;
    uint32_t rated_pe_cycles;
    struct raid_layout raid;
    struct nvme *frontend;
    struct dram *dram; // NULL: data cross none
    struct ftl *core;
    struct nand *backend;
    const struct ssd_observer *observer; // NULL: none
};

// Two values that rooms share: pages are divided into the core's mapping units,
static struct nand_config nand_with_units(const struct ssd_config *config)
{
    struct nand_config nand = config->nand;
    nand.unit_bytes = (uint32_t)config->ftl.mapping_unit;
    return nand;
}

// and the core counts erasures from the wear that the flash begins with.
static struct ftl_config core_with_wear(const struct ssd_config *config)
{
    struct ftl_config core = config->ftl;
    core.initial_pe_cycles = config->nand.reliability.initial_pe_cycles;
    return core;
}

// A front-end that shows no volatile cache answers Flush at once and passes no FUA on: what the core has buffered must
// then be safe.
static int check_cache(const struct ssd_config *values, const struct config *config, struct diag *diag)
{
    bool safe = values->ftl.power_loss_protection || values->ftl.write_buffer == 0 || values->ftl.write_through;
    if (values->nvme.volatile_write_cache || safe)
        return 0;
    CONFIG_ERROR(config, diag, "nvme.volatile_write_cache",
                 "without a volatile write cache the write buffer must survive power loss: set "
                 "ftl.power_loss_protection, or ftl.write_buffer to 0");
    return 1;
}

int ssd_check_config(const struct ssd_config *values, const struct config *config, struct diag *diag)
{
    struct nand_config nand = nand_with_units(values);
    int errors = pcie_config_check(&values->pcie, config, diag) + nvme_config_check(&values->nvme, config, diag) +
                 ftl_config_check(&values->ftl, config, diag) + nand_config_check(&nand, config, diag) +
                 check_cache(values, config, diag);
    if (errors > 0)
        return errors;
    struct nand_geometry geometry = nand_geometry_make(&nand);
    struct raid_layout raid = raid_layout_make(&nand.raid, &geometry);
    errors = ftl_config_check_capacity(&values->ftl, &geometry, &raid, config, diag);
    if (errors > 0)
        return errors;
    uint64_t capacity = ftl_config_user_units(&values->ftl, &geometry, &raid) * values->ftl.mapping_unit;
    return nvme_config_check_capacity(&values->nvme, capacity, config, diag);
}

int ssd_check_effect(const struct ssd_config *values, const struct config *config, struct diag *diag)
{
    struct nand_config nand = nand_with_units(values);
    struct nand_geometry geometry = nand_geometry_make(&nand);
    return ftl_config_check_effect(&values->ftl, &geometry, config, diag);
}

struct ssd *ssd_create(struct sim *sim, const struct ssd_config *config)
{
    struct ssd *ssd = xcalloc(1, sizeof *ssd);
    struct nand_config nand = nand_with_units(config);
    struct ftl_config core = core_with_wear(config);
    ssd->sim = sim;
    ssd->rated_pe_cycles = nand.reliability.rated_pe_cycles;
    ssd->backend = nand_create(sim, &nand);
    ssd->raid = raid_layout_make(&nand.raid, nand_get_geometry(ssd->backend));
    ssd->core = ftl_create(sim, &core, nand_get_geometry(ssd->backend), &ssd->raid);
    ssd->dram = dram_create(sim, &config->dram, nand_get_geometry(ssd->backend));
    ssd->frontend = nvme_create(sim, &config->pcie, &config->nvme, ftl_capacity_bytes(ssd->core));
    if (config->nvme.functional)
        nvme_keep_contents(ssd->frontend, config->nvme.volatile_write_cache ? config_bytes_of(config->ftl.write_buffer, config->ftl.memory) : 0);
    return ssd;
}

static struct wait_origin origin_of(const struct nand_op *op)
{
    struct ftl_op_info info = ftl_inspect(op);
    return (struct wait_origin){info.purpose, info.superblock};
}

void ssd_explain(struct ssd *ssd, bool facts)
{
    nand_explain(ssd->backend, facts ? origin_of : NULL);
    ftl_explain(ssd->core);
}

void ssd_destroy(struct ssd *ssd)
{
    if (ssd == NULL)
        return;
    nvme_destroy(ssd->frontend);
    ftl_destroy(ssd->core);
    dram_destroy(ssd->dram);
    nand_destroy(ssd->backend);
    free(ssd);
}

struct nvme *ssd_frontend(struct ssd *ssd)
{
    return ssd->frontend;
}

struct ftl *ssd_core(struct ssd *ssd)
{
    return ssd->core;
}

struct nand *ssd_backend(struct ssd *ssd)
{
    return ssd->backend;
}

struct nand_port ssd_backend_port(struct ssd *ssd)
{
    return dram_over_nand(ssd->dram, nand_get_port(ssd->backend));
}

struct ftl_port ssd_core_port(struct ssd *ssd)
{
    struct ftl_port core = ftl_get_port(ssd->core);
    if (ssd->observer != NULL)
        core = ssd->observer->over_core(ssd->observer->self, core);
    return dram_over_core(ssd->dram, core);
}

void ssd_observe(struct ssd *ssd, const struct ssd_observer *observer)
{
    ssd->observer = observer;
}

void ssd_bind(struct ssd *ssd, struct pcie_host_port host)
{
    ftl_bind(ssd->core, ssd_backend_port(ssd));
    nvme_bind(ssd->frontend, host, ssd_core_port(ssd));
}

// What the SMART log tells of the flash. No block is ever retired, so the spare is whole.
static void report_health(struct ssd *ssd)
{
    double used = 100 * nand_get_wear_stats(ssd->backend).pe_mean / ssd->rated_pe_cycles;
    nvme_report_health(ssd->frontend, 100, used < UINT8_MAX ? (unsigned)used : UINT8_MAX);
}

void ssd_precondition(struct ssd *ssd, const struct ssd *other)
{
    ftl_precondition_beside(ssd->core, other == NULL ? NULL : other->core);
    report_health(ssd);
}

void ssd_restart_stats(struct ssd *ssd, tick_t origin)
{
    nvme_stats_restart(ssd->frontend, origin);
    ftl_stats_restart(ssd->core, origin);
    nand_stats_restart(ssd->backend, origin);
    dram_stats_restart(ssd->dram, origin);
    if (ssd->observer != NULL)
        ssd->observer->restarted(ssd->observer->self, origin);
}

size_t ssd_stat_groups(struct ssd *ssd, struct stat_group groups[SSD_GROUPS_MAX])
{
    groups[0] = (struct stat_group){"nvme", nvme_stat_fields, nvme_stat_field_count, nvme_get_stats(ssd->frontend)};
    groups[1] = (struct stat_group){"ftl", ftl_stat_fields, ftl_stat_field_count, ftl_get_stats(ssd->core)};
    nand_stat_groups(ssd->backend, groups + 2);
    if (ssd->dram == NULL)
        return 2 + NAND_STAT_GROUPS;
    groups[2 + NAND_STAT_GROUPS] =
        (struct stat_group){"dram", dram_stat_fields, dram_stat_field_count, dram_get_stats(ssd->dram)};
    return SSD_GROUPS_MAX;
}

size_t ssd_meters(struct ssd *ssd, struct ssd_meter meters[SSD_METERS_MAX])
{
    meters[0] = (struct ssd_meter){"die", nand_die_meter(ssd->backend)};
    meters[1] = (struct ssd_meter){"channel", nand_channel_meter(ssd->backend)};
    meters[2] = (struct ssd_meter){"link_to_host", nvme_link_up_meter(ssd->frontend)};
    meters[3] = (struct ssd_meter){"link_to_device", nvme_link_down_meter(ssd->frontend)};
    meters[4] = (struct ssd_meter){"frontend_processor", nvme_processor_meter(ssd->frontend)};
    meters[5] = (struct ssd_meter){"processor", ftl_get_processor_meter(ssd->core)};
    if (ssd->dram == NULL)
        return 6;
    meters[6] = (struct ssd_meter){"dram", dram_get_meter(ssd->dram)};
    return SSD_METERS_MAX;
}

size_t ssd_counts(struct ssd *ssd, struct named_strip counts[SSD_COUNTS_MAX])
{
    return nand_counts(ssd->backend, counts);
}

void ssd_check(struct ssd *ssd)
{
    SIM_CHECK(ssd->sim, "nvme", nvme_idle(ssd->frontend), "commands are still in flight");
    SIM_CHECK(ssd->sim, "ftl", ftl_idle(ssd->core), "requests or operations are still in flight");
    SIM_CHECK(ssd->sim, "nand", nand_idle(ssd->backend), "dies are still busy");
    ftl_check(ssd->core);
}
