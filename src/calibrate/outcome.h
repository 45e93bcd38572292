// What came of a calibration: for people, as JSON, and as a configuration.
#ifndef SQTAIL_CALIBRATE_OUTCOME_H
#define SQTAIL_CALIBRATE_OUTCOME_H

#include <stdio.h>

#include "calibrate/fit.h"
#include "calibrate/problem.h"

#define CALIBRATE_SCHEMA "sqtail.calibration/1"

struct calibrate_outcome {
    const struct calibrate_problem *problem;
    const struct fit *fit;
    const struct sensitivity *sensitivity; // NULL: not known
    const struct config *config;           // with the values that were found
    const char *include;                   // what the configuration is to include
    bool complete;
};

void outcome_print(const struct calibrate_outcome *outcome, FILE *to);
void outcome_write_json(const struct calibrate_outcome *outcome, FILE *to);

// A configuration that includes the one that the search began with; each number says where it is from.
void outcome_write_yaml(const struct calibrate_outcome *outcome, FILE *to);

#endif
