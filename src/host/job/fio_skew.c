// Hot and cold blocks as fio draws them (its lib/zipf.c and lib/gauss.c, 3.33), from 32-bit numbers r:
//
//   zipf    u = r / (2^32 - 1), after Gray et al., "Quickly generating billion-record synthetic databases", SIGMOD 1994:
//           rank 0 where u zeta < 1, rank 1 where it is below 1 + 2^-theta, else floor(n (eta u - eta + 1)^(1 / (1 -
//           theta))), with zeta the sum of i^-theta over the first n (10 million at most) and eta = (1 - (2 / n)^(1 -
//           theta)) / (1 - (1 + 2^-theta) / zeta). An approximation: ranks above the second are continuous
//   pareto  floor((n - 1) u^p), p = log h / log(1 - h)
//   normal  the mean of twelve uniform numbers from 0 to n, rounded up, plus another one from a band as wide as the
//           deviation
//
// A rank is multiplied by 2^64 over the golden ratio, and shifted by the centre or, without one, by the first number
// drawn, all modulo n: neighbours in rank are far apart, and where n is no power of two, some ranks fall together.
//
// Elementary functions are util/exact_math.h's; where libm's differ in the last bit a rank that lies on the boundary of
// two may be the other one.
#include "host/job/fio_skew.h"

#include "util/exact_math.h"
#include "util/macros.h"

#define GOLDEN UINT64_C(0x61c8864680b583eb)

// The sum of i^-theta for i = 1 .. count: the first terms one by one, the rest by Euler's and Maclaurin's formula.
static double zeta_of(uint64_t count, double theta)
{
    enum { ONE_BY_ONE = 1000 };
    double sum = 0, first = ONE_BY_ONE, last = (double)count;
    for (uint64_t i = 1; i <= MIN(count, (uint64_t)ONE_BY_ONE); i++)
        sum += exact_pow(1 / (double)i, theta);
    if (count <= ONE_BY_ONE)
        return sum;
    double at_first = exact_pow(first, -theta), at_last = exact_pow(last, -theta);
    double integral = (last * at_last - first * at_first) / (1 - theta);
    return sum + integral + (at_last - at_first) / 2 + theta / 12 * (at_first / first - at_last / last);
}

static void init_zipf(struct fio_skew *skew, double theta)
{
    enum { TERMS_MAX = 10000000 };
    double of_two = 1 + exact_pow(0.5, theta);
    skew->theta = theta;
    skew->zeta = zeta_of(MIN(skew->count, (uint64_t)TERMS_MAX), theta);
    skew->eta = (1 - exact_pow(2 / (double)skew->count, 1 - theta)) / (1 - of_two / skew->zeta);
}

static void init_normal(struct fio_skew *skew, double percent)
{
    double deviation = (double)skew->count * percent / 100;
    uint64_t whole = (uint64_t)deviation + ((double)(uint64_t)deviation < deviation);
    skew->deviation = (uint32_t)MIN(whole, skew->count / 2);
}

// Of a normal one its middle, half the blocks, moves there.
static uint64_t shift_of(struct fio_skew *skew, const struct distribution_spec *spec)
{
    if (skew->kind == DISTRIBUTION_NORMAL && spec->centred)
        return (uint64_t)((double)skew->count * (spec->centre < 0.5 ? spec->centre + 0.5 : spec->centre - 0.5));
    if (skew->kind == DISTRIBUTION_NORMAL)
        return 0;
    uint32_t drawn = fio_stream_next32(&skew->stream);
    return spec->centred ? (uint64_t)((double)skew->count * spec->centre) : drawn;
}

void fio_skew_init(struct fio_skew *skew, const struct distribution_spec *spec, enum fio_generator generator,
                   uint64_t count, uint64_t seed)
{
    *skew = (struct fio_skew){.kind = spec->kind, .count = count};
    bool own = generator == FIO_GENERATOR_XOSHIRO;
    fio_stream_seed(&skew->stream, own ? generator : FIO_GENERATOR_TAUSWORTHE, seed);
    skew->shift = shift_of(skew, spec);
    if (spec->kind == DISTRIBUTION_ZIPF)
        init_zipf(skew, spec->parameter);
    else if (spec->kind == DISTRIBUTION_PARETO)
        skew->power = exact_log(spec->parameter) / exact_log(1 - spec->parameter);
    else
        init_normal(skew, spec->parameter);
}

// 0 and 1 included.
static double uniform(struct fio_skew *skew)
{
    return (double)fio_stream_next32(&skew->stream) / (double)UINT32_MAX;
}

static uint64_t next_zipf(struct fio_skew *skew)
{
    double u = uniform(skew), z = u * skew->zeta;
    if (z < 1)
        return 0;
    if (z < 1 + exact_pow(0.5, skew->theta))
        return 1;
    return (uint64_t)((double)skew->count * exact_pow(skew->eta * u - skew->eta + 1, 1 / (1 - skew->theta)));
}

static uint64_t next_pareto(struct fio_skew *skew)
{
    double u = uniform(skew);
    return u == 0 ? 0 : (uint64_t)((double)(skew->count - 1) * exact_pow(u, skew->power));
}

// A deviation that leads beyond either end is halved until it does not.
static uint64_t next_normal(struct fio_skew *skew)
{
    enum { SUMMANDS = 12 };
    uint64_t sum = 0;
    for (int i = 0; i < SUMMANDS; i++)
        sum += fio_stream_next32(&skew->stream) % (skew->count + 1);
    sum = (sum + SUMMANDS - 1) / SUMMANDS;
    if (skew->deviation == 0)
        return sum;
    double share = (double)fio_stream_next32(&skew->stream) * 0x1p-32;
    int64_t deviation = (int64_t)((double)skew->deviation * share) - skew->deviation / 2;
    while (deviation != 0 && (uint64_t)((int64_t)sum + deviation) >= skew->count)
        deviation /= 2;
    return (uint64_t)((int64_t)sum + deviation);
}

uint64_t fio_skew_next(struct fio_skew *skew)
{
    uint64_t rank = skew->kind == DISTRIBUTION_ZIPF     ? next_zipf(skew)
                    : skew->kind == DISTRIBUTION_PARETO ? next_pareto(skew)
                                                        : next_normal(skew);
    return (rank * GOLDEN + skew->shift) % skew->count;
}
