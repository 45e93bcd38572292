// A machine: a host with a simulated drive in its slot, ready to play a workload.
//
// It creates the parts, and either binds them to each other itself (machine_run_native) or leaves that to who composes
// them in another way (src/sc). What they do is the same: all of it happens in the events of one engine.
#ifndef SQTAIL_MACHINE_MACHINE_H
#define SQTAIL_MACHINE_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "host/host.h"
#include "host/workload.h"
#include "ssd/ssd.h"
#include "stats/command_stats.h"
#include "stats/stat.h"

struct machine_config {
    char name[CONFIG_STRING_BYTES];        // of the drive, for people
    char description[CONFIG_STRING_BYTES]; // one sentence
    uint64_t seed;                         // of every random stream
    struct host_config host;
    struct ssd_config drive;
};

// Fills in every section of a configuration file, laid over a struct machine_config; the last has a NULL name.
enum { MACHINE_SECTIONS_MAX = 16 };
void machine_get_sections(struct config_section sections[MACHINE_SECTIONS_MAX]);

// Checks what spans several keys. Returns the number of errors, which are in `diag`.
int machine_check_config(const struct machine_config *values, const struct config *config, struct diag *diag);

struct machine;

// Creates all parts, not yet bound to each other. The configuration must have passed its check and stay as it is until
// machine_destroy.
struct machine *machine_create(const struct machine_config *config);
void machine_destroy(struct machine *machine);

// The commands' latencies are explained: their classes, and what each command waited for; with `facts` also who held the
// die for most of its wait. To be called before it starts.
void machine_explain(struct machine *machine, bool facts);

// Where commands go over time is kept. To be called before it starts.
void machine_keep_places(struct machine *machine);

struct sim *machine_sim(struct machine *machine);
struct host *machine_host(struct machine *machine);
struct ssd *machine_ssd(struct machine *machine);
const struct command_stats *machine_commands(struct machine *machine);

// Binds host and drive to each other, for who does not do so in another way.
void machine_bind(struct machine *machine);

// Who watches a run; it cannot change the results, but for ending the run early.
struct machine_watcher {
    void *context;
    // The drive is in its initial state, and simulating begins.
    void (*prepared)(void *context);
    // The engine was stopped from outside, by sim_stop: true to go on, false to end the run early.
    bool (*stopped)(void *context);
};

// With the drive bound: brings the flash into its initial state. May be called before machine_start, so that several
// runs, each in a copy of the process, begin from it; parts may then be bound anew.
void machine_prepare(struct machine *machine);

// The same, faster beside another one that is in its initial state, if that is the same but for what does not matter to
// it, such as times. Results do not depend on it.
void machine_prepare_beside(struct machine *machine, const struct machine *other);

// With all parts bound: brings the flash into its initial state unless it is, and schedules the bring-up of the drive
// and the playing of `workload`; it and the watcher must outlive the run.
void machine_start(struct machine *machine, struct workload *workload, const struct machine_watcher *watcher);

// All of the workload has been completed, or the drive did not come up (machine_failure tells why, else it is NULL).
bool machine_finished(const struct machine *machine);
const char *machine_failure(const struct machine *machine);

// Why the run ended before the workload did, with what there was until then: simulated time ended, or would not have
// passed. NULL: it did not.
const char *machine_stopped(const struct machine *machine);

// To be called by who drives the engine whenever it was stopped. When the watcher so wishes, the run ends early: no
// more requests are issued, those on their way complete.
void machine_on_stopped(struct machine *machine);

// Runs the engine in a plain loop until nothing is left to do.
void machine_run_native(struct machine *machine);

// The invariants that hold after every run that was not cut off by the end of simulated time: submitted = completed,
// mapped = valid, everything idle, Little's law.
void machine_check(const struct machine *machine);

// When the drive was ready and measuring began, and how long the workload took from then to the last completion.
tick_t machine_origin(const struct machine *machine);
tick_t machine_duration(const struct machine *machine);

// The statistics of all parts: groups and meters for the writers of results. Returns how many.
enum { MACHINE_GROUPS_MAX = 2 + SSD_GROUPS_MAX };
size_t machine_stat_groups(struct machine *machine, struct stat_group groups[MACHINE_GROUPS_MAX]);
size_t machine_meters(struct machine *machine, struct ssd_meter meters[SSD_METERS_MAX]);

#endif
