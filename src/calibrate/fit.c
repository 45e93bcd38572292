// A search on its way: what was looked at, and the best of it.
#include "calibrate/fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "util/macros.h"

double fit_error(const struct fit *fit, const double *errors)
{
    double sum = 0, weights = 0;
    for (size_t i = 0; i < fit->targets; i++) {
        sum += fit->weights[i] * errors[i] * errors[i];
        weights += fit->weights[i];
    }
    return sqrt(sum / weights);
}

void fit_destroy(struct fit *fit)
{
    free(fit->best);
    free(fit->errors);
    fit->best = fit->errors = NULL;
}

void fit_take(struct fit *fit, const double *point, const double *errors)
{
    double error = fit_error(fit, errors);
    fit->evaluations++;
    fit->least = fit->evaluations == 1 ? error : MIN(fit->least, error);
    if (error < fit->error) {
        fit->error = error;
        memcpy(fit->best, point, fit->keys * sizeof *point);
        memcpy(fit->errors, errors, fit->targets * sizeof *errors);
    }
    if (fit->seen != NULL)
        fit->seen(fit->context, fit, error);
}

double fit_weight(const struct fit *fit, size_t target)
{
    double sum = 0;
    for (size_t t = 0; t < fit->targets; t++)
        sum += fit->weights[t];
    return fit->weights[target] * (double)fit->targets / sum;
}

void fit_square(const struct fit *fit, const double *effect, double *square)
{
    for (size_t t = 0; t < fit->targets; t++) {
        const double *row = &effect[t * fit->keys];
        double weight = fit_weight(fit, t);
        for (size_t i = 0; i < fit->keys; i++)
            for (size_t j = 0; j < fit->keys; j++)
                square[i * fit->keys + j] += weight * row[i] * row[j];
    }
}
