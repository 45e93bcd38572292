// What the data say of the keys: by how much the targets move with each of them, and which the data cannot tell apart.
//
// Central differences around the point that was found, a fiftieth of a key's range to each side. With the weighted
// effects J and the variance s^2 of what errors are left, (J'J)^-1 s^2 is the covariance of the keys, as in linear
// regression: its diagonal says how well a key is known, and two keys whose correlation is near 1 or -1 can be changed
// together without the targets showing it.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "calibrate/fit.h"
#include "util/alloc.h"
#include "util/macros.h"

static const double half_step = 0.02;

bool sensitivity_is_idle(const struct sensitivity *s, size_t key)
{
    double most = 0;
    for (size_t t = 0; t < s->targets; t++)
        most = MAX(most, fabs(s->effect[t * s->keys + key]));
    return most < 1e-3;
}

// Two points a key: below and above, within the bounds.
static double *points_around(const struct fit *fit)
{
    double *points = xcalloc(2 * fit->keys * fit->keys, sizeof *points);
    for (size_t p = 0; p < 2 * fit->keys; p++) {
        double *point = &points[p * fit->keys];
        size_t key = p / 2;
        memcpy(point, fit->best, fit->keys * sizeof *point);
        point[key] = p % 2 == 0 ? MAX(point[key] - half_step, 0) : MIN(point[key] + half_step, 1);
    }
    return points;
}

// Of the relative errors, that is of what is simulated by what was measured.
static void set_effects(const struct fit *fit, const double *points, const double *errors, double *effect)
{
    for (size_t k = 0; k < fit->keys; k++) {
        const double *below = &errors[2 * k * fit->targets], *above = below + fit->targets;
        double width = points[(2 * k + 1) * fit->keys + k] - points[2 * k * fit->keys + k];
        for (size_t t = 0; t < fit->targets; t++)
            effect[t * fit->keys + k] = (above[t] - below[t]) / width;
    }
}

int fit_differences(const struct fit *fit, double *effect)
{
    double *points = points_around(fit), *errors = xcalloc(2 * fit->keys * fit->targets, sizeof *errors);
    int stopped = fit->evaluate(fit->context, points, 2 * fit->keys, errors);
    if (stopped == 0)
        set_effects(fit, points, errors, effect);
    free(points);
    free(errors);
    return stopped;
}

// --- covariance ----------------------------------------------------------------------------------------------------

// What is singular is made barely regular: its keys come out as uncertain as they are.
static double *information(const struct sensitivity *s, const struct fit *fit)
{
    size_t n = s->keys;
    double *a = xcalloc(n * n, sizeof *a), trace = 0;
    fit_square(fit, s->effect, a);
    for (size_t i = 0; i < n; i++)
        trace += a[i * n + i];
    for (size_t i = 0; i < n; i++)
        a[i * n + i] += 1e-9 * trace + 1e-12;
    return a;
}

// Gauss and Jordan, in place: of a positive definite matrix, whose pivots are on the diagonal.
static void invert(double *a, size_t n)
{
    for (size_t p = 0; p < n; p++) {
        double pivot = a[p * n + p];
        a[p * n + p] = 1;
        for (size_t j = 0; j < n; j++)
            a[p * n + j] /= pivot;
        for (size_t i = 0; i < n; i++) {
            double factor = a[i * n + p];
            if (i == p)
                continue;
            a[i * n + p] = 0;
            for (size_t j = 0; j < n; j++)
                a[i * n + j] -= factor * a[p * n + j];
        }
    }
}

// Of the errors that are left; of as many targets as keys, or less, all of it may be the keys'.
static double variance_left(const struct fit *fit)
{
    double sum = 0;
    size_t freedom = fit->targets > fit->keys ? fit->targets - fit->keys : 1;
    for (size_t t = 0; t < fit->targets; t++)
        sum += fit_weight(fit, t) * fit->errors[t] * fit->errors[t];
    return MAX(sum / (double)freedom, 1e-6);
}

static void set_covariance(struct sensitivity *s, const struct fit *fit)
{
    size_t n = s->keys;
    double *a = information(s, fit), variance = variance_left(fit);
    invert(a, n);
    for (size_t i = 0; i < n; i++) {
        s->uncertainty[i] = sqrt(variance * a[i * n + i]);
        for (size_t j = 0; j < n; j++)
            s->correlation[i * n + j] = a[i * n + j] / sqrt(a[i * n + i] * a[j * n + j]);
    }
    free(a);
}

int sensitivity_find(struct sensitivity *s, const struct fit *fit)
{
    size_t n = fit->keys;
    *s = (struct sensitivity){.keys = n, .targets = fit->targets};
    s->effect = xcalloc(n * s->targets, sizeof *s->effect);
    s->uncertainty = xcalloc(n, sizeof *s->uncertainty);
    s->correlation = xcalloc(n * n, sizeof *s->correlation);
    int stopped = fit_differences(fit, s->effect);
    if (stopped == 0)
        set_covariance(s, fit);
    return stopped;
}

void sensitivity_destroy(struct sensitivity *s)
{
    free(s->effect);
    free(s->uncertainty);
    free(s->correlation);
    *s = (struct sensitivity){0};
}
