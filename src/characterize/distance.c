// How far two streams of requests are from each other. Distributions are compared rank by rank, at 99 quantiles: that
// is the Wasserstein distance of order 1, of logarithms where what counts is the factor. It is told in units that mean
// something, and small where values are nearly the same, which the largest distance of two distribution functions
// (Kolmogorov, Smirnov) is not.
#include "characterize/distance.h"

#include <math.h>

#include "util/exact_math.h"
#include "util/macros.h"

enum { RANKS = 99 };

const struct distance_row distance_rows[DISTANCE_COUNT] = {
#define ROW(id, name, unit, near, far) {#name, unit, near, far},
    DISTANCE_LIST(ROW)
#undef ROW
};

// Mean of |log2((a + least) / (b + least))| over the ranks.
static double octaves(const struct histogram *a, const struct histogram *b, double least)
{
    double sum = 0;
    if (a->count == 0 || b->count == 0)
        return NAN;
    for (int rank = 1; rank <= RANKS; rank++) {
        double fraction = (double)rank / (RANKS + 1);
        double x = (double)histogram_quantile(a, fraction) + least, y = (double)histogram_quantile(b, fraction) + least;
        sum += fabs(exact_log2(x / y));
    }
    return sum / RANKS;
}

static double mix(const struct profile *a, const struct profile *b)
{
    double sum = 0, all_a = (double)a->requests, all_b = (double)b->requests;
    for (int kind = 0; kind < IO_KIND_COUNT; kind++)
        sum += fabs((double)a->kinds[kind].count / all_a - (double)b->kinds[kind].count / all_b);
    return sum / 2;
}

// Of each kind that both have, by its share in the first.
static double sizes(const struct profile *a, const struct profile *b)
{
    double sum = 0, weight = 0;
    for (int kind = 0; kind < IO_KIND_COUNT; kind++) {
        double d = octaves(&a->kinds[kind].sizes, &b->kinds[kind].sizes, 0.5);
        if (isnan(d))
            continue;
        sum += d * (double)a->kinds[kind].count;
        weight += (double)a->kinds[kind].count;
    }
    return weight > 0 ? sum / weight : NAN;
}

static double share_sequential(const struct profile_places *places)
{
    return (double)places->sequential / (double)places->count;
}

static double sequential(const struct profile *a, const struct profile *b)
{
    double sum = 0, weight = 0;
    for (int i = 0; i < PROFILE_DIRECTIONS; i++) {
        if (a->places[i].count == 0 || b->places[i].count == 0)
            continue;
        sum += fabs(share_sequential(&a->places[i]) - share_sequential(&b->places[i])) * (double)a->places[i].count;
        weight += (double)a->places[i].count;
    }
    return weight > 0 ? sum / weight : NAN;
}

static double data_parts(const struct profile *p, int part)
{
    return (double)p->places[PROFILE_READS].parts[part] + (double)p->places[PROFILE_WRITES].parts[part];
}

// The area between the two distribution functions over the region.
static double offsets(const struct profile *a, const struct profile *b)
{
    double all_a = 0, all_b = 0, at_a = 0, at_b = 0, area = 0;
    for (int part = 0; part < PROFILE_PLACES; part++) {
        all_a += data_parts(a, part);
        all_b += data_parts(b, part);
    }
    if (all_a <= 0 || all_b <= 0)
        return NAN;
    for (int part = 0; part < PROFILE_PLACES; part++) {
        at_a += data_parts(a, part) / all_a;
        at_b += data_parts(b, part) / all_b;
        area += fabs(at_a - at_b);
    }
    return area / PROFILE_PLACES;
}

static double hottest(const struct profile *a, const struct profile *b)
{
    struct reuse_summary x = reuse_summarize(a->reuse), y = reuse_summarize(b->reuse);
    double sum = 0;
    if (x.chunks <= 0 || y.chunks <= 0)
        return NAN;
    for (size_t i = 0; i < ARRAY_SIZE(x.hottest); i++)
        sum += fabs(x.hottest[i] - y.hottest[i]);
    return sum / ARRAY_SIZE(x.hottest);
}

static double rate(const struct profile *a, const struct profile *b)
{
    double x = profile_mean_interval(a), y = profile_mean_interval(b);
    return x > 0 && y > 0 ? fabs(exact_log2(x / y)) : NAN;
}

// Tenths of a microsecond more or less are no difference.
static double intervals(const struct profile *a, const struct profile *b)
{
    return octaves(&a->intervals, &b->intervals, 100);
}

static double depth(const struct profile *a, const struct profile *b)
{
    return profile_completed(a) == 0 || profile_completed(b) == 0 ? NAN : octaves(&a->depth, &b->depth, 1);
}

struct distances distances_between(const struct profile *a, const struct profile *b)
{
    static double (*const measures[DISTANCE_COUNT])(const struct profile *, const struct profile *) = {
        [DISTANCE_MIX] = mix,         [DISTANCE_SIZES] = sizes, [DISTANCE_SEQUENTIAL] = sequential,
        [DISTANCE_OFFSETS] = offsets, [DISTANCE_HOTTEST] = hottest, [DISTANCE_RATE] = rate,
        [DISTANCE_INTERVALS] = intervals, [DISTANCE_DEPTH] = depth,
    };
    struct distances d;
    for (int i = 0; i < DISTANCE_COUNT; i++)
        d.value[i] = a->requests == 0 || b->requests == 0 ? NAN : measures[i](a, b);
    return d;
}

double distance_weighed(const struct distances *distances, enum distance which)
{
    double value = distances->value[which];
    return isnan(value) ? 0 : value / distance_rows[which].good;
}

const char *distance_verdict(const struct distances *distances, enum distance which)
{
    double value = distances->value[which];
    if (isnan(value))
        return "-";
    return value <= distance_rows[which].good ? "good" : value <= distance_rows[which].fair ? "fair" : "poor";
}
