// The search: points spread over the whole cube, then a local search without derivatives from the best of them.
//
// Spread are the configuration's own point and a Halton sequence (Halton 1960); they are independent of each other,
// and so run beside each other. Then, from a few of the best that are apart, BOBYQA (Powell 2009), which fits a
// quadratic to what it has seen and keeps to the bounds; of one key Subplex (Rowan 1990), since BOBYQA wants two.
// Both are NLopt's (Johnson, the NLopt nonlinear-optimization package). They know the error as a whole only; the last
// steps use what each target does (polish.c). With the same random numbers at every point the error is a
// deterministic function, and so is the search.
#include "calibrate/fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "build_config.h"
#ifdef HAVE_NLOPT
#include <nlopt.h>
#endif

#include "util/alloc.h"
#include "util/macros.h"

bool fit_is_available(void)
{
#ifdef HAVE_NLOPT
    return true;
#else
    return false;
#endif
}

#ifdef HAVE_NLOPT

// --- spread points -------------------------------------------------------------------------------------------------

static double halton(size_t index, unsigned base)
{
    double result = 0, digit = 1;
    for (; index > 0; index /= base) {
        digit /= base;
        result += digit * (double)(index % base);
    }
    return result;
}

struct spread {
    double *points, *errors, *error;
    size_t count;
};

static void place_points(const struct fit *fit, struct spread *spread)
{
    static const unsigned primes[CALIBRATE_KEYS_MAX] = {2,  3,  5,  7,  11, 13, 17, 19,
                                                        23, 29, 31, 37, 41, 43, 47, 53};
    for (size_t p = 0; p < spread->count; p++)
        for (size_t k = 0; k < fit->keys; k++)
            spread->points[p * fit->keys + k] =
                p == 0 && fit->start[k] >= 0 ? fit->start[k] : halton(p + 1, primes[k]);
}

static int look_around(struct fit *fit, struct spread *spread)
{
    place_points(fit, spread);
    fit->stopped = fit->evaluate(fit->context, spread->points, spread->count, spread->errors);
    for (size_t p = 0; p < spread->count && fit->stopped == 0; p++) {
        const double *errors = &spread->errors[p * fit->targets];
        spread->error[p] = fit_error(fit, errors);
        fit_take(fit, &spread->points[p * fit->keys], errors);
    }
    return fit->stopped;
}

static double distance(const struct fit *fit, const double *a, const double *b)
{
    double most = 0;
    for (size_t k = 0; k < fit->keys; k++)
        most = MAX(most, fabs(a[k] - b[k]));
    return most;
}

// Whether a point is none of the starts, nor near one.
static bool is_apart(const struct fit *fit, const double *point, const struct fit_starts *starts)
{
    static const double apart = 0.25;
    for (size_t i = 0; i < starts->count; i++)
        if (distance(fit, point, &starts->points[i * fit->keys]) < apart)
            return false;
    return true;
}

static bool add_start(const struct fit *fit, const struct spread *spread, struct fit_starts *starts)
{
    const double *best = NULL;
    double error = INFINITY;
    for (size_t p = 0; p < spread->count; p++) {
        const double *point = &spread->points[p * fit->keys];
        if (spread->error[p] >= error || !is_apart(fit, point, starts))
            continue;
        best = point;
        error = spread->error[p];
    }
    if (best != NULL)
        memcpy(&starts->points[starts->count++ * fit->keys], best, fit->keys * sizeof *best);
    return best != NULL;
}

int fit_spread(struct fit *fit, struct fit_starts *starts)
{
    struct spread spread = {.count = MIN(2 + 8 * fit->keys, MAX(fit->budget / 3, 1))};
    spread.points = xcalloc(spread.count * fit->keys, sizeof *spread.points);
    spread.errors = xcalloc(spread.count * fit->targets, sizeof *spread.errors);
    spread.error = xcalloc(spread.count, sizeof *spread.error);
    *starts = (struct fit_starts){.points = xcalloc(FIT_STARTS_MAX * fit->keys, sizeof *starts->points)};
    if (look_around(fit, &spread) == 0)
        while (starts->count < FIT_STARTS_MAX && add_start(fit, &spread, starts))
            ;
    free(spread.points);
    free(spread.errors);
    free(spread.error);
    return fit->stopped;
}

// --- local search --------------------------------------------------------------------------------------------------

struct local {
    struct fit *fit;
    nlopt_opt optimizer;
    double *errors;
};

// Of the square a quadratic is a good model; of its root not.
static double objective(unsigned keys, const double *x, double *gradient, void *context)
{
    struct local *local = context;
    struct fit *fit = local->fit;
    (void)keys, (void)gradient;
    fit->stopped = fit->evaluate(fit->context, x, 1, local->errors);
    if (fit->stopped != 0) {
        nlopt_force_stop(local->optimizer);
        return HUGE_VAL;
    }
    double error = fit_error(fit, local->errors);
    fit_take(fit, x, local->errors);
    return error * error;
}

void fit_search(struct fit *fit, const double *from, size_t evaluations)
{
    enum { LEAST = 3 };
    if (evaluations < fit->keys + LEAST)
        return;
    struct local local = {.fit = fit, .errors = xcalloc(fit->targets, sizeof(double))};
    double *x = xcalloc(fit->keys, sizeof *x), least;
    local.optimizer = nlopt_create(fit->keys > 1 ? NLOPT_LN_BOBYQA : NLOPT_LN_SBPLX, (unsigned)fit->keys);
    memcpy(x, from, fit->keys * sizeof *x);
    nlopt_set_lower_bounds1(local.optimizer, 0);
    nlopt_set_upper_bounds1(local.optimizer, 1);
    nlopt_set_min_objective(local.optimizer, objective, &local);
    nlopt_set_initial_step1(local.optimizer, 0.15);
    nlopt_set_xtol_abs1(local.optimizer, 1e-4);
    nlopt_set_maxeval(local.optimizer, (int)evaluations);
    nlopt_optimize(local.optimizer, x, &least); // what it found was taken on the way, however it ended
    nlopt_destroy(local.optimizer);
    free(local.errors);
    free(x);
}

#else

int fit_spread(struct fit *fit, struct fit_starts *starts)
{
    *starts = (struct fit_starts){0};
    return fit->stopped = -1;
}

void fit_search(struct fit *fit, const double *from, size_t evaluations)
{
    (void)fit, (void)from, (void)evaluations;
}

#endif
