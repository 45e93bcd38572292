// Student's t, and order statistics as bounds of a quantile.
//
// Both distributions are the regularised incomplete beta function (Abramowitz and Stegun 26.5.24, 26.7.1), here by its
// continued fraction (26.5.8) with the modified algorithm of Lentz. That the number of values below a quantile is
// binomial whatever their distribution is Thompson's (1936; David and Nagaraja, Order Statistics, 7.1). Values must be
// independent; who has others counts fewer.
#include "stats/confidence.h"

#include <math.h>
#include <stdbool.h>

#include "util/exact_math.h"
#include "util/macros.h"

// --- the incomplete beta function ----------------------------------------------------------------------------------

// Stirling's series (Abramowitz and Stegun 6.1.41) from 16 on, where five terms leave an error below 1e-16.
static double log_gamma(double x)
{
    static const double half_log_two_pi = 0.91893853320467274;
    double down = 1;
    for (; x < 16; x++)
        down *= x;
    double y = 1 / (x * x);
    double series = (1.0 / 12 - y * (1.0 / 360 - y * (1.0 / 1260 - y * (1.0 / 1680 - y / 1188)))) / x;
    return (x - 0.5) * exact_log(x) - x + half_log_two_pi + series - exact_log(down);
}

static double away_from_zero(double value)
{
    return fabs(value) < 1e-300 ? 1e-300 : value;
}

static double beta_term(double x, double a, double b, double m, bool odd)
{
    if (odd)
        return -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    return m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
}

// Converges fast for x < (a + 1) / (a + b + 2), within some times the root of the larger of a and b.
static double beta_fraction(double x, double a, double b)
{
    double c = 1, d = 1 / away_from_zero(beta_term(x, a, b, 0, true) + 1), value = d;
    for (int i = 2; i < 100000; i++) {
        double term = beta_term(x, a, b, i / 2, i % 2 == 1);
        d = 1 / away_from_zero(1 + term * d);
        c = away_from_zero(1 + term / c);
        value *= c * d;
        if (fabs(c * d - 1) < 1e-15)
            break;
    }
    return value;
}

static double beta_front(double x, double a, double b)
{
    return exact_exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * exact_log(x) + b * exact_log1p(-x));
}

// I_x(a, b)
static double incomplete_beta(double x, double a, double b)
{
    if (x <= 0 || x >= 1)
        return x <= 0 ? 0 : 1;
    if (x < (a + 1) / (a + b + 2))
        return beta_front(x, a, b) * beta_fraction(x, a, b) / a;
    return 1 - beta_front(x, a, b) * beta_fraction(1 - x, b, a) / b;
}

// --- Student's t ---------------------------------------------------------------------------------------------------

static double outside_of_t(double t, double df)
{
    return incomplete_beta(df / (df + t * t), df / 2, 0.5);
}

double student_t(double df, double outside)
{
    double lo = 0, hi = 1;
    while (outside_of_t(hi, df) > outside && hi < 1e150)
        hi *= 2;
    for (int i = 0; i < 60; i++) {
        double middle = lo + (hi - lo) / 2;
        *(outside_of_t(middle, df) > outside ? &lo : &hi) = middle;
    }
    return hi;
}

struct mean_interval mean_interval_of(const double *values, uint64_t count, double outside)
{
    struct mean_interval found = {.half_width = INFINITY};
    double squares = 0;
    for (uint64_t i = 0; i < count; i++)
        found.mean += values[i] / (double)count;
    for (uint64_t i = 0; i < count; i++)
        squares += (values[i] - found.mean) * (values[i] - found.mean);
    if (count < 2)
        return found;
    found.deviation = sqrt(squares / (double)(count - 1));
    found.half_width = student_t((double)(count - 1), outside) * found.deviation / sqrt((double)count);
    return found;
}

// --- quantiles -----------------------------------------------------------------------------------------------------

// That at most k of n values lie below the quantile at p.
static double at_most(uint64_t k, uint64_t n, double p)
{
    return k >= n ? 1 : incomplete_beta(1 - p, (double)(n - k), (double)k + 1);
}

// The least k for which that is more than `share`.
static uint64_t least_beyond(uint64_t n, double p, double share)
{
    uint64_t lo = 0, hi = n;
    while (lo < hi) {
        uint64_t middle = lo + (hi - lo) / 2;
        if (at_most(middle, n, p) > share)
            hi = middle;
        else
            lo = middle + 1;
    }
    return lo;
}

// The k-th value is above the quantile when at most k - 1 lie below it: the lower bound is the last k of which that is
// no more likely than half of `outside`, the upper one the first of which it is as likely as all but that.
struct rank_interval quantile_ranks(uint64_t count, double fraction, double outside)
{
    uint64_t low = least_beyond(count, fraction, outside / 2);
    uint64_t high = least_beyond(count, fraction, 1 - outside / 2);
    return (struct rank_interval){low, MIN(high + 1, count + 1)};
}
