// The keys that are searched, as points of the unit cube: 0 is a key's lower bound, 1 the upper.
#ifndef SQTAIL_CALIBRATE_KEYS_H
#define SQTAIL_CALIBRATE_KEYS_H

#include "calibrate/problem.h"

// Finds the keys in the configuration that the search begins with, and reads their bounds. Returns 0, or -1 with all
// reasons in `diag`.
int calibrate_bind_keys(struct calibrate_problem *problem, const struct config *config, struct diag *diag);

// The value at `x`, 0 .. 1, with four digits, in the smallest step or as a factor.
double calibrate_key_value(const struct calibrate_key *key, double x);

// The same as a user would write it: "52.31us", "x1.043". To be freed.
char *calibrate_key_text(const struct calibrate_key *key, double x);

#endif
