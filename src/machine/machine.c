// Puts host and drive together and runs them.
//
// A run ends when the workload is complete and nothing is left to do: what was written reaches the flash, garbage
// collection ends what it began, and every event has run.
#include "machine/machine.h"

#include <stdlib.h>

#include "util/alloc.h"
#include "util/check.h"

struct machine {
    const struct machine_config *config;
    struct sim *sim;
    struct command_stats commands;
    struct host *host;
    struct ssd *ssd;
    const struct machine_watcher *watcher;
    tick_t origin;
    bool prepared;
    bool finished;
};

static int check_arbitration(const struct machine_config *values, const struct config *config, struct diag *diag)
{
    if (values->host.arbitration <= values->drive.nvme.arbitration)
        return 0;
    CONFIG_ERROR(config, diag, "host.arbitration", "asks for what nvme.arbitration does not offer");
    return 1;
}

static int check_namespace(const struct machine_config *values, const struct config *config, struct diag *diag)
{
    uint32_t count = nvme_config_namespaces(&values->drive.nvme);
    if (values->host.nsid <= count)
        return 0;
    CONFIG_ERROR(config, diag, "host.namespace", "the drive begins with %u namespace%s", count, count == 1 ? "" : "s");
    return 1;
}

int machine_check_config(const struct machine_config *values, const struct config *config, struct diag *diag)
{
    int errors = host_config_check(&values->host, config, diag) + ssd_check_config(&values->drive, config, diag) +
                 check_arbitration(values, config, diag);
    return errors > 0 ? errors : check_namespace(values, config, diag);
}

static void on_measure(void *context, tick_t origin)
{
    struct machine *machine = context;
    machine->origin = origin;
    ssd_restart_stats(machine->ssd, origin);
}

struct machine *machine_create(const struct machine_config *config)
{
    struct machine *machine = xcalloc(1, sizeof *machine);
    machine->config = config;
    machine->sim = sim_create(config->seed);
    command_stats_init(&machine->commands);
    machine->ssd = ssd_create(machine->sim, &config->drive);
    machine->host = host_create(machine->sim, &config->host, &config->drive.pcie, &machine->commands);
    if (config->drive.nvme.functional)
        host_check_contents(machine->host);
    nvme_observe(ssd_frontend(machine->ssd), host_get_observer(machine->host));
    host_on_measure(machine->host, on_measure, machine);
    return machine;
}

void machine_destroy(struct machine *machine)
{
    if (machine == NULL)
        return;
    host_destroy(machine->host);
    ssd_destroy(machine->ssd);
    command_stats_destroy(&machine->commands);
    sim_destroy(machine->sim);
    free(machine);
}

void machine_explain(struct machine *machine, bool facts)
{
    command_stats_explain(&machine->commands);
    ssd_explain(machine->ssd, facts);
    host_explain(machine->host);
    nvme_observe(ssd_frontend(machine->ssd), host_get_observer(machine->host));
}

void machine_keep_places(struct machine *machine)
{
    command_stats_keep_places(&machine->commands);
}

struct sim *machine_sim(struct machine *machine)
{
    return machine->sim;
}

struct host *machine_host(struct machine *machine)
{
    return machine->host;
}

struct ssd *machine_ssd(struct machine *machine)
{
    return machine->ssd;
}

const struct command_stats *machine_commands(struct machine *machine)
{
    command_stats_settle(&machine->commands);
    return &machine->commands;
}

void machine_bind(struct machine *machine)
{
    ssd_bind(machine->ssd, host_get_port(machine->host));
    host_bind(machine->host, nvme_get_port(ssd_frontend(machine->ssd)));
}

static void on_finished(void *context)
{
    struct machine *machine = context;
    machine->finished = true;
    ftl_rest(ssd_core(machine->ssd));
}

void machine_prepare(struct machine *machine)
{
    machine_prepare_beside(machine, NULL);
}

void machine_prepare_beside(struct machine *machine, const struct machine *other)
{
    if (!machine->prepared)
        ssd_precondition(machine->ssd, other == NULL ? NULL : other->ssd);
    machine->prepared = true;
}

void machine_start(struct machine *machine, struct workload *workload, const struct machine_watcher *watcher)
{
    machine->watcher = watcher;
    machine_prepare(machine);
    watcher->prepared(watcher->context);
    host_start(machine->host, workload, on_finished, machine);
}

bool machine_finished(const struct machine *machine)
{
    return machine->finished;
}

const char *machine_failure(const struct machine *machine)
{
    return sim_out_of_time(machine->sim) ? NULL : host_failure(machine->host);
}

const char *machine_stopped(const struct machine *machine)
{
    if (sim_out_of_time(machine->sim))
        return "simulated time ended: it goes up to 106 days, and what comes next is later than that";
    return host_stopped(machine->host);
}

void machine_on_stopped(struct machine *machine)
{
    if (!machine->watcher->stopped(machine->watcher->context))
        host_interrupt_run(machine->host);
}

void machine_run_native(struct machine *machine)
{
    do {
        sim_run_before(machine->sim, TICK_NEVER);
        if (sim_stopped(machine->sim))
            machine_on_stopped(machine);
    } while (sim_next(machine->sim) != TICK_NEVER);
}

void machine_check(const struct machine *machine)
{
    if (sim_out_of_time(machine->sim))
        return; // what was under way stays so
    host_check(machine->host);
    ssd_check(machine->ssd);
}

tick_t machine_origin(const struct machine *machine)
{
    return machine->origin;
}

tick_t machine_duration(const struct machine *machine)
{
    return machine->commands.end - machine->commands.origin;
}
