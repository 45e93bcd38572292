// Binomial probabilities in the log domain, and tables to draw from them.
//
// A tail is summed upward from its largest term, the ratio of neighbouring terms being exact: 1 - (the sum below)
// loses everything under 1e-16, while drives are specified at 1e-15 and less.
//
// A table holds the numbers of errors whose probability 64 bits can tell from 0: both tails beyond 2^-66 are cut. A
// threshold is 2^64 times the distribution function, from below its median and, as 1 minus the upper tail, from above
// it, so that either tail is as exact as the 64 bits are.
#include "nand/binomial.h"

#include <math.h>
#include <stdlib.h>

#include "util/alloc.h"
#include "util/macros.h"

static double log_choose(double n, double k)
{
    int sign;
    return lgamma_r(n + 1, &sign) - lgamma_r(k + 1, &sign) - lgamma_r(n - k + 1, &sign);
}

static double probability(uint32_t n, uint32_t k, double p)
{
    return exp(log_choose(n, k) + k * log(p) + (n - k) * log1p(-p));
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
