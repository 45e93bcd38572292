// What comes of a sweep.
#ifndef SQTAIL_SWEEP_OUTCOME_H
#define SQTAIL_SWEEP_OUTCOME_H

#include "sweep/table.h"

#define SWEEP_SCHEMA "sqtail.sweep/1"

struct sweep_outcome {
    const struct sweep_plan *plan;
    const struct sweep_table *table; // NULL: not known yet
    bool complete;
};

// sweep.json: the plan and its points.
void sweep_write_json(const struct sweep_outcome *outcome, FILE *to);

#endif
