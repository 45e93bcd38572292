// Binomial probabilities, and tables to draw from them.
//
// A term is computed by the saddle-point expansion of Loader, "Fast and Accurate Computation of Binomial
// Probabilities" (2000), which needs no differences of large logarithms: with q = 1 - p,
//
//   P(k) = sqrt(n / (2 pi k (n - k))) exp(S(n) - S(k) - S(n - k) - D(k, n p) - D(n - k, n q))
//
// where S is the error of Stirling's formula and D(x, m) = x log(x / m) + m - x.
//
// A tail is summed upward from its largest term, the ratio of neighbouring terms being exact: 1 - (the sum below)
// loses everything under 1e-16, while drives are specified at 1e-15 and less.
//
// A table holds the numbers of errors whose probability 64 bits can tell from 0: both tails beyond 2^-66 are cut. A
// threshold is 2^64 times the distribution function, from below its median and, as 1 minus the upper tail, from above
// it, so that either tail is as exact as the 64 bits are.
#include "nand/ecc/binomial.h"

#include <math.h>
#include <stdlib.h>

#include "util/alloc.h"
#include "util/exact_math.h"
#include "util/macros.h"

// log(n!) - log(sqrt(2 pi n) (n / e)^n), n > 0: the series from 16 on, below by what a step of n changes.
static double stirling_error(double n)
{
    double sum = 0;
    for (; n < 16; n++)
        sum += (n + 0.5) * exact_log1p(1 / n) - 1;
    double square = 1 / (n * n);
    double series = 1.0 / 1260 - square * (1.0 / 1680 - square / 1188);
    return sum + (1.0 / 12 - square * (1.0 / 360 - square * series)) / n;
}

// D(x, m) = x log(x / m) + m - x: near m, where the formula cancels, by its series in (x - m) / (x + m).
static double deviance(double x, double m)
{
    double v = (x - m) / (x + m);
    if (fabs(v) >= 0.1)
        return x * exact_log(x / m) + m - x;
    double sum = (x - m) * v, term = 2 * x * v;
    for (int i = 3; i < 20; i += 2) {
        term *= v * v;
        sum += term / i;
    }
    return sum;
}

static double probability(uint32_t n, uint32_t k, double p)
{
    if (k == 0)
        return exact_exp(n * exact_log1p(-p));
    if (k == n)
        return exact_exp(n * exact_log(p));
    double rest = (double)n - k;
    double exponent = stirling_error(n) - stirling_error(k) - stirling_error(rest);
    exponent -= deviance(k, n * p) + deviance(rest, n * (1 - p));
    return exact_exp(exponent) * sqrt(n / (2 * M_PI * k * rest));
}

// The sum of all terms above t, in units of the term t + 1.
static double relative_tail(uint32_t n, uint32_t t, double p)
{
    double odds = p / (1 - p), term = 1, sum = 1;
    for (uint32_t k = t + 1; k < n; k++) {
        term *= (double)(n - k) / (k + 1) * odds;
        sum += term;
        if (term < sum * 1e-17 && k > n * p)
            break;
    }
    return sum;
}

double binomial_tail(uint32_t n, uint32_t t, double p)
{
    if (t >= n || p <= 0)
        return 0;
    if (t + 1 > n * p)
        return probability(n, t + 1, p) * relative_tail(n, t, p);
    return 1 - probability(n, t, p) * relative_tail(n, n - t - 1, 1 - p); // the rest, seen from the other end
}

static uint64_t threshold_of(double below, double above)
{
    if (below < 0.5)
        return (uint64_t)ldexp(below, 64);
    return above <= 0 ? UINT64_MAX : UINT64_MAX - (uint64_t)ldexp(above, 64);
}

// From the mode outward, the numbers of errors that a table must hold: [*first, *end).
static void find_range(uint32_t n, double p, uint32_t *first, uint32_t *end)
{
    const double negligible = ldexp(1, -66);
    uint32_t mode = MIN((uint32_t)((n + 1.0) * p), n);
    double odds = p / (1 - p), centre = probability(n, mode, p);
    double term = centre;
    uint32_t k = mode;
    for (; k > 0 && term > negligible / n; k--)
        term *= k / (odds * (n - k + 1));
    *first = k;
    term = centre;
    for (k = mode; k < n && term > negligible / n; k++)
        term *= (double)(n - k) / (k + 1) * odds;
    *end = k + 1;
}

static void fill_thresholds(struct binomial_table *table, uint32_t n, double p)
{
    double *term = xmalloc(table->count * sizeof *term), *above = xmalloc(table->count * sizeof *above);
    double rest = 0, below = 0;
    for (uint32_t i = table->count; i-- > 0;) {
        term[i] = probability(n, table->first + i, p);
        above[i] = rest;
        rest += term[i];
    }
    for (uint32_t i = 0; i < table->count; i++) {
        below += term[i];
        table->threshold[i] = threshold_of(below, above[i]);
    }
    table->threshold[table->count - 1] = UINT64_MAX;
    free(term);
    free(above);
}

static void fill_guide(struct binomial_table *table)
{
    uint32_t i = 0;
    for (uint64_t g = 0; g < ARRAY_SIZE(table->guide); g++) {
        while (table->threshold[i] < g << (64 - BINOMIAL_GUIDE_BITS))
            i++;
        table->guide[g] = (uint16_t)i;
    }
}

struct binomial_table *binomial_table_create(uint32_t n, double p)
{
    uint32_t first = 0, end = 1;
    if (p > 0)
        find_range(n, p, &first, &end);
    struct binomial_table *table = xmalloc(sizeof *table + (end - first) * sizeof table->threshold[0]);
    table->first = first;
    table->count = end - first;
    if (p > 0)
        fill_thresholds(table, n, p);
    else
        table->threshold[0] = UINT64_MAX;
    fill_guide(table);
    return table;
}
