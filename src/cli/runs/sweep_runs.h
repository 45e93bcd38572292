// The points of a sweep as runs: their names, what is there of them, and the making of the others.
//
// A point is named by the hash of its effective configuration, seed and load, and its result lies in the folder of that
// name. What was made is found again under it, by whatever sweep, shard or job array; points that come to the same are
// made once.
#ifndef SQTAIL_CLI_RUNS_SWEEP_RUNS_H
#define SQTAIL_CLI_RUNS_SWEEP_RUNS_H

#include "cli/session/session.h"
#include "sweep/plan.h"

enum { SWEEP_ID_BYTES = 17 };

struct sweep_run {
    const struct sweep_point *point;
    struct text_list sets, jobs;
    char id[SWEEP_ID_BYTES];
    char state[CONFIG_HASH_BYTES]; // what its drive's initial state follows from
    char *folder;   // of its result
    bool there;     // whole
    bool failed;
    bool is_twin;   // one of the same name comes before it
    bool is_base;   // the drive and the load are those without any change
};

struct sweep_runs {
    const struct sweep_plan *plan;
    const char *config; // path or name of the drive's
    const char *output; // folder of the sweep
    uint32_t kernel, until; // of all
    size_t at_once;
    bool shows_progress;
    struct sweep_run *at;
    size_t count;
    size_t wanted, made, failed; // of those to be made now
};

// Names all points of the plan, and looks which are there. Returns 0, or -1 with the reasons: points whose
// configuration or load is none.
int sweep_runs_plan(struct sweep_runs *runs, struct diag *diag);
void sweep_runs_free(struct sweep_runs *runs);

void sweep_runs_describe(const struct sweep_runs *runs, const struct sweep_run *run, struct session_options *session);

// Makes those that are neither there nor twins and whose number is `shard` modulo `shards`. A point that fails is told,
// and the others go on. Returns the exit code.
int sweep_runs_make(struct sweep_runs *runs, size_t shard, size_t shards);

#endif
