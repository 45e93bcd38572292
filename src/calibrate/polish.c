// The last steps of the search: Levenberg and Marquardt's, by differences (Marquardt, SIAM J. Appl. Math. 11, 1963).
//
// Where keys can nearly stand in for each other the error lies in a narrow valley, along which a search that knows
// the error alone creeps. Each target by itself tells the valley's direction. From the best point (J'J + d diag J'J)
// s = -J'e is solved for several dampings d at once, keys at a bound that it would leave held there; the best of
// those points is the next, until none is better.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "calibrate/fit.h"
#include "util/alloc.h"
#include "util/macros.h"

enum { ROUNDS_MAX = 8, DAMPINGS = 6 };

static const double damping_of[DAMPINGS] = {1e-4, 1e-2, 0.1, 0.5, 2, 10};

// J'J and J'e.
struct normal {
    size_t keys;
    double *square, *slope;
    bool *held;
};

static void set_normal(struct normal *n, const struct fit *fit, const double *effect)
{
    memset(n->square, 0, n->keys * n->keys * sizeof *n->square);
    memset(n->slope, 0, n->keys * sizeof *n->slope);
    fit_square(fit, effect, n->square);
    for (size_t t = 0; t < fit->targets; t++)
        for (size_t i = 0; i < n->keys; i++)
            n->slope[i] += fit_weight(fit, t) * effect[t * n->keys + i] * fit->errors[t];
    for (size_t i = 0; i < n->keys; i++)
        n->held[i] = (fit->best[i] <= 0 && n->slope[i] > 0) || (fit->best[i] >= 1 && n->slope[i] < 0);
}

// Gauss's elimination of a positive definite system of `n`, in place; the solution is left in `b`.
static void solve(double *a, double *b, size_t n)
{
    for (size_t p = 0; p < n; p++)
        for (size_t i = p + 1; i < n; i++) {
            double factor = a[i * n + p] / a[p * n + p];
            for (size_t j = p; j < n; j++)
                a[i * n + j] -= factor * a[p * n + j];
            b[i] -= factor * b[p];
        }
    for (size_t p = n; p-- > 0;) {
        for (size_t j = p + 1; j < n; j++)
            b[p] -= a[p * n + j] * b[j];
        b[p] /= a[p * n + p];
    }
}

static void set_step(const struct normal *n, const struct fit *fit, double damping, double *point)
{
    size_t keys = n->keys;
    double *a = xcalloc(keys * keys, sizeof *a), *step = xcalloc(keys, sizeof *step);
    for (size_t i = 0; i < keys; i++) {
        for (size_t j = 0; j < keys; j++)
            a[i * keys + j] = n->held[i] || n->held[j] ? 0 : n->square[i * keys + j];
        a[i * keys + i] = n->held[i] ? 1 : n->square[i * keys + i] * (1 + damping) + 1e-9;
        step[i] = n->held[i] ? 0 : -n->slope[i];
    }
    solve(a, step, keys);
    for (size_t i = 0; i < keys; i++)
        point[i] = MIN(MAX(fit->best[i] + step[i], 0), 1);
    free(a);
    free(step);
}

static int look(struct fit *fit, const struct normal *n)
{
    double *points = xcalloc(DAMPINGS * n->keys, sizeof *points);
    double *errors = xcalloc(DAMPINGS * fit->targets, sizeof *errors);
    for (size_t d = 0; d < DAMPINGS; d++)
        set_step(n, fit, damping_of[d], &points[d * n->keys]);
    fit->stopped = fit->evaluate(fit->context, points, DAMPINGS, errors);
    for (size_t d = 0; d < DAMPINGS && fit->stopped == 0; d++)
        fit_take(fit, &points[d * n->keys], &errors[d * fit->targets]);
    free(points);
    free(errors);
    return fit->stopped;
}

int fit_polish(struct fit *fit)
{
    struct normal n = {.keys = fit->keys};
    double *effect = xcalloc(fit->keys * fit->targets, sizeof *effect), before = INFINITY;
    n.square = xcalloc(n.keys * n.keys, sizeof *n.square);
    n.slope = xcalloc(n.keys, sizeof *n.slope);
    n.held = xcalloc(n.keys, sizeof *n.held);
    for (int round = 0; round < ROUNDS_MAX && fit->error > FIT_GOOD && fit->error < 0.998 * before; round++) {
        before = fit->error;
        fit->stopped = fit_differences(fit, effect);
        if (fit->stopped != 0)
            break;
        set_normal(&n, fit, effect);
        if (look(fit, &n) != 0)
            break;
    }
    free(n.square);
    free(n.slope);
    free(n.held);
    free(effect);
    return fit->stopped;
}
