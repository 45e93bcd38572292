// The search for the point of the unit cube with the least error, and what its surroundings say of it.
#ifndef SQTAIL_CALIBRATE_FIT_H
#define SQTAIL_CALIBRATE_FIT_H

#include <stdbool.h>
#include <stddef.h>

#include "calibrate/problem.h"

// The errors of all targets, relative, at `count` points at once: errors[point * targets + target]. Returns 0, or what
// ends the search.
typedef int fit_evaluate_fn(void *context, const double *points, size_t count, double *errors);

struct fit {
    size_t keys, targets;
    const double *start;   // by key; negative: none
    const double *weights; // by target
    size_t budget;         // points that may be looked at
    fit_evaluate_fn *evaluate;
    // Told of each point that was looked at; NULL: nobody.
    void (*seen)(void *context, const struct fit *fit, double error);
    void *context;
    // Found:
    double *best;          // the point
    double *errors;        // there, by target
    double error;          // there: root of the weighted mean square
    double least;          // error of all that was looked at
    size_t evaluations;
    int stopped;           // what ended it early; 0: nothing
};

// Whether the program was built with what it takes.
bool fit_is_available(void);

// To be destroyed in any case. Returns fit->stopped.
int fit_run(struct fit *fit);
void fit_destroy(struct fit *fit);

double fit_error(const struct fit *fit, const double *errors);

// An error that is not worth a search: no measurement is better, and values have four digits.
#define FIT_GOOD 2e-4

// A point that was looked at: becomes the best one where it is.
void fit_take(struct fit *fit, const double *point, const double *errors);

// Places to search from: looked at, among the best, and apart from each other. The points are to be freed.
enum { FIT_STARTS_MAX = 3 };
struct fit_starts {
    double *points;
    size_t count;
};
int fit_spread(struct fit *fit, struct fit_starts *starts);

// Searches from a point, over so many others at most. What ends it is in fit->stopped.
void fit_search(struct fit *fit, const double *from, size_t evaluations);

// Goes from the best point to better ones by the differences around it, as long as there are any. Returns fit->stopped.
int fit_polish(struct fit *fit);

// --- what the data say of the keys ---------------------------------------------------------------------------------

struct sensitivity {
    size_t keys, targets;
    double *effect;      // [target * keys + key]: relative change of the target as the key goes through its whole range
                         // at the rate that it has at the best point
    double *uncertainty; // by key: one sigma, as a share of its range; above 1: the data say nothing of it
    double *correlation; // [key * keys + key]
};

// What the targets do around the best point: `effect` as below. Returns 0, or what ended it.
int fit_differences(const struct fit *fit, double *effect);

// Weights that are 1 in the mean.
double fit_weight(const struct fit *fit, size_t target);

// J'J of weighted effects: square[key * keys + key], all zeroes before.
void fit_square(const struct fit *fit, const double *effect, double *square);

// Looks at points around the best one. Returns 0, or what ended it; to be destroyed in any case.
int sensitivity_find(struct sensitivity *sensitivity, const struct fit *fit);
void sensitivity_destroy(struct sensitivity *sensitivity);

// Whether no target moves with the key.
bool sensitivity_is_idle(const struct sensitivity *sensitivity, size_t key);

#endif
