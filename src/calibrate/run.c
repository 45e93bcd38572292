// All of the search: far, then near, from each of a few places; the best of what they come to.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "calibrate/fit.h"
#include "util/alloc.h"

struct champion {
    double *point, *errors, error;
};

static void copy(const struct fit *fit, double *to_point, const double *point, double *to_errors, const double *errors)
{
    memcpy(to_point, point, fit->keys * sizeof *point);
    memcpy(to_errors, errors, fit->targets * sizeof *errors);
}

static void judge(const struct fit *fit, struct champion *champion)
{
    if (fit->error >= champion->error)
        return;
    champion->error = fit->error;
    copy(fit, champion->point, fit->best, champion->errors, fit->errors);
}

static void search_each(struct fit *fit, const struct fit_starts *starts, struct champion *champion)
{
    size_t left = fit->budget > fit->evaluations ? fit->budget - fit->evaluations : 0;
    for (size_t i = 0; i < starts->count && fit->stopped == 0 && champion->error > FIT_GOOD; i++) {
        fit->error = INFINITY;
        fit_search(fit, &starts->points[i * fit->keys], left / starts->count);
        if (fit->stopped == 0)
            fit_polish(fit);
        judge(fit, champion);
    }
}

int fit_run(struct fit *fit)
{
    struct fit_starts starts;
    struct champion champion = {.error = INFINITY};
    champion.point = xcalloc(fit->keys, sizeof *champion.point);
    champion.errors = xcalloc(fit->targets, sizeof *champion.errors);
    fit->best = xcalloc(fit->keys, sizeof *fit->best);
    fit->errors = xcalloc(fit->targets, sizeof *fit->errors);
    fit->error = fit->least = INFINITY;
    fit_spread(fit, &starts);
    judge(fit, &champion);
    search_each(fit, &starts, &champion);
    fit->error = champion.error;
    copy(fit, fit->best, champion.point, fit->errors, champion.errors);
    free(champion.point);
    free(champion.errors);
    free(starts.points);
    return fit->stopped;
}
