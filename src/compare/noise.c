// The noise of a difference between means over seeds.
//
// Seeds that both sides have make pairs: the load's random choices are the same, so that much of what a seed does goes
// away in the difference (common random numbers). Welch's t takes both sides by themselves, with variances of their own
// (Welch 1947); the paired t takes the differences (both: Law and Kelton, Simulation Modeling and Analysis, 10.2.1 and
// 10.2.2). Where both apply, each is allowed half of what may lie outside, so that the narrower one may be taken. One
// run against several is as a further one of these would be.
#include "compare/noise.h"

#include <math.h>
#include <stdlib.h>

#include "stats/confidence.h"
#include "util/alloc.h"
#include "util/macros.h"

// Variance of the mean.
struct mean_variance {
    double variance, df;
};

static struct mean_variance variance_of(const double *values, size_t count)
{
    double deviation = mean_interval_of(values, count, 0.5).deviation;
    return (struct mean_variance){deviation * deviation / (double)count, (double)count - 1};
}

static double *values_of(const struct metric *metric)
{
    double *values = xcalloc(metric->value_count, sizeof *values);
    for (size_t i = 0; i < metric->value_count; i++)
        values[i] = metric->values[i].value;
    return values;
}

static struct mean_variance variance_of_metric(const struct metric *metric)
{
    double *values = values_of(metric);
    struct mean_variance found = variance_of(values, metric->value_count);
    free(values);
    return found;
}

static double half_width(struct mean_variance v, double outside)
{
    return v.variance == 0 ? 0 : student_t(v.df, outside) * sqrt(v.variance);
}

static double welch(const struct metric *base, const struct metric *new, double outside)
{
    struct mean_variance a = variance_of_metric(base), b = variance_of_metric(new);
    struct mean_variance sum = {.variance = a.variance + b.variance, .df = 1};
    if (sum.variance > 0)
        sum.df = sum.variance * sum.variance / (a.variance * a.variance / a.df + b.variance * b.variance / b.df);
    return half_width(sum, outside);
}

static double one_more(const struct metric *several, double outside)
{
    struct mean_variance v = variance_of_metric(several);
    v.variance *= 1 + (double)several->value_count;
    return half_width(v, outside);
}

static bool find_seed(const struct metric *metric, uint64_t seed, double *value)
{
    for (size_t i = 0; i < metric->value_count; i++)
        if (metric->values[i].seed == seed) {
            *value = metric->values[i].value;
            return true;
        }
    return false;
}

// The variance of the mean of the differences between runs of one seed; df 0: they do not have the same seeds.
static struct mean_variance variance_of_pairs(const struct metric *base, const struct metric *new)
{
    size_t count = new->value_count, same = 0;
    struct mean_variance found = {0};
    double *differences = values_of(new), before;
    for (; same < count && base->value_count == count && find_seed(base, new->values[same].seed, &before); same++)
        differences[same] -= before;
    if (same == count)
        found = variance_of(differences, count);
    free(differences);
    return found;
}

double noise_of(const struct metric *base, const struct metric *new, double outside)
{
    if (base->value_count < 2 && new->value_count < 2)
        return -1;
    if (base->value_count < 2 || new->value_count < 2)
        return one_more(base->value_count < 2 ? new : base, outside);
    struct mean_variance pairs = variance_of_pairs(base, new);
    if (pairs.df == 0)
        return welch(base, new, outside);
    return MIN(half_width(pairs, outside / 2), welch(base, new, outside / 2));
}

// --- how many seeds ------------------------------------------------------------------------------------------------

// With so many a side, of which a difference has that variance of one seed.
static double width_with(size_t seeds, double variance, double df_of_one, double outside)
{
    double df = df_of_one * (double)(seeds - 1);
    return half_width((struct mean_variance){variance / (double)seeds, df}, outside);
}

size_t noise_seeds_for(const struct metric *base, const struct metric *new, double outside, double width)
{
    size_t count = MIN(base->value_count, new->value_count);
    if (count < 2)
        return 0;
    double one = variance_of_metric(base).variance * (double)base->value_count +
                 variance_of_metric(new).variance * (double)new->value_count;
    struct mean_variance pairs = variance_of_pairs(base, new);
    double least = pairs.df == 0 ? outside : outside / 2;
    for (size_t n = 2; n <= NOISE_SEEDS_MAX; n++)
        if (width_with(n, one, 2, least) <= width ||
            (pairs.df > 0 && width_with(n, pairs.variance * (double)count, 1, least) <= width))
            return n;
    return 0;
}
