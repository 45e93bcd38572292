// Whole machines for tests: a shipped configuration with changes laid over it, a workload, a run in this process.
#ifndef SQTAIL_TESTS_MACHINE_RIG_H
#define SQTAIL_TESTS_MACHINE_RIG_H

#include "machine/machine.h"

struct rig {
    struct config_section sections[MACHINE_SECTIONS_MAX];
    struct machine_config values;
    struct config *config;
    struct machine *machine;
    struct workload *workload;
    bool workload_is_own; // made by rig_open_job, to be destroyed with the rig
};

// Reads $srcdir/configs/NAME, then the changes "key=value key=value ...". Wrong ones end the test.
void rig_load(struct rig *rig, const char *name, const char *changes);

// A machine of the configuration with a workload: one of the test's own, or a job in fio's words.
void rig_open(struct rig *rig, struct workload *workload);
void rig_open_job(struct rig *rig, const char *job);

// Binds the parts to each other and starts; from then on the engine is the test's to drive.
void rig_start(struct rig *rig);

// After a run: it came to its end, and every invariant holds.
void rig_check(struct rig *rig);

// All of it: start, run, check.
void rig_run(struct rig *rig);

// Another machine of the same configuration.
void rig_close(struct rig *rig);

void rig_destroy(struct rig *rig);

// For machine_start, when somebody else drives the engine.
extern const struct machine_watcher rig_watcher;

// Everything that was measured, as text: one line a number. To be freed.
char *rig_statistics(struct rig *rig);

// --- a workload of requests at given times -------------------------------------------------------------------------

struct script_step {
    tick_t at; // simulated time, later than bring-up; not earlier than the step before
    enum io_kind kind;
    uint64_t offset, bytes;
    bool fua;
};

enum { SCRIPT_STEPS_MAX = 64 };

struct script {
    struct workload workload; // first
    uint32_t count, next;
    struct script_step steps[SCRIPT_STEPS_MAX];
    tick_t latency[SCRIPT_STEPS_MAX];
};

void script_init(struct script *script);
void script_add(struct script *script, tick_t at, enum io_kind kind, uint64_t offset, uint64_t bytes, bool fua);

#endif
