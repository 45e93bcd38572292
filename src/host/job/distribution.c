// Which blocks of its region a random job asks for.
//
//   random  each as likely
//   zipf    rank k = 1 .. n with probability proportional to k^-theta, exactly, for any theta >= 0 (1 included), by
//           rejection-inversion (Hoermann and Derflinger, "Rejection-inversion to generate variates from monotone
//           discrete distributions", ACM TOMACS 6(3), 1996): H(x) = (x^(1-theta) - 1) / (1 - theta), or log x, is the
//           integral of the density; a point under it, drawn and inverted, is rounded to a rank and refused where it
//           lies outside the bar of that rank. No table, however large n is, and 1.1 to 1.3 points a rank.
//   pareto  rank k = 0 .. n-1 as floor(n U^p), p = log h / log(1 - h): the share h of the blocks gets the share 1 - h
//           of the requests (fio's lib/zipf.c)
//   zoned   zone by zone from the region's beginning, shares of requests and sizes given; uniform within
//
// Ranks are spread over the region by a keyed permutation, so that hot blocks are not neighbours and no two ranks fall
// on one block: frequencies are exactly the distribution's (fio spreads by a hash, which lets some fall together). All
// jobs of a run over equally many blocks have the same hot ones.
//
// Of normal, zoned_abs and a centre only the words are read here.
#include "host/job/distribution.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/decimal.h"
#include "host/job/job_values.h"
#include "util/exact_math.h"
#include "util/macros.h"

// --- words ---------------------------------------------------------------------------------------------------------

// "1.2" of "1.2:0.3"; returns where it ends, or NULL.
static const char *read_parameter(const char *text, double *value)
{
    uint64_t millionths;
    size_t length = decimal_length(text, false);
    if (length == 0 || decimal_scale(text, length, 1000000, &millionths) != DECIMAL_OK)
        return NULL;
    *value = (double)millionths / 1e6;
    return text + length;
}

// ":1.2", ":1.2:0.3" or nothing: the parameter, and the centre.
static bool read_parameters(const char *text, struct distribution_spec *spec)
{
    if (*text == ':')
        text = read_parameter(text + 1, &spec->parameter);
    if (text == NULL || *text == '\0')
        return text != NULL;
    spec->centred = *text == ':' && (text = read_parameter(text + 1, &spec->centre)) != NULL && *text == '\0';
    return spec->centred && spec->centre <= 1;
}

static const char *parse_zipf(const char *text, struct distribution_spec *spec)
{
    spec->parameter = 1.1;
    bool fine = read_parameters(text, spec) && spec->parameter <= 10;
    return fine ? NULL : "zipf:THETA with a theta from 0 to 10, such as zipf:1.2";
}

static const char *parse_pareto(const char *text, struct distribution_spec *spec)
{
    spec->parameter = 0.2;
    bool fine = read_parameters(text, spec) && spec->parameter > 0 && spec->parameter < 1;
    return fine ? NULL : "pareto:H with an H between 0 and 1, such as pareto:0.2";
}

static const char *parse_normal(const char *text, struct distribution_spec *spec)
{
    bool fine = read_parameters(text, spec) && spec->parameter < 100;
    return fine ? NULL : "normal:D with a deviation in percent below 100, such as normal:20";
}

#define SIZE_OPEN UINT64_MAX

// "60/10" of "60/10:30/20", or "60/" or "60" where the size is left open; returns where the next begins, or NULL.
static const char *parse_zone(const char *text, struct distribution_zone *zone, bool absolute)
{
    char *end, size[24];
    zone->accesses = (uint32_t)strtoul(text, &end, 10);
    if (end == text || (*end != '/' && *end != ':' && *end != '\0'))
        return NULL;
    text = end + (*end == '/');
    size_t length = strcspn(text, ":");
    zone->size = SIZE_OPEN;
    if (*end != '/' || length == 0)
        return absolute || *end == '/' ? text : NULL;
    if (length >= sizeof size)
        return NULL;
    snprintf(size, sizeof size, "%.*s", (int)length, text);
    if (absolute)
        return job_value_size(size, &zone->size) ? text + length : NULL;
    zone->size = strtoul(size, &end, 10);
    return *end == '\0' ? text + length : NULL;
}

// What is left of 100 is shared by the zones whose sizes are open.
static bool fill_sizes(struct distribution_spec *spec)
{
    uint64_t sum = 0, open = 0;
    for (uint32_t i = 0; i < spec->zone_count; i++) {
        open += spec->zones[i].size == SIZE_OPEN;
        sum += spec->zones[i].size == SIZE_OPEN ? 0 : spec->zones[i].size;
    }
    for (uint32_t i = 0; i < spec->zone_count && sum <= 100; i++)
        if (spec->zones[i].size == SIZE_OPEN)
            spec->zones[i].size = (100 - sum) / open;
    return open > 0 ? sum + open <= 100 : sum == 100;
}

static bool parse_zones(const char *text, struct distribution_spec *spec, bool absolute)
{
    uint64_t accesses = 0;
    for (bool more = *text++ == ':'; more;) {
        struct distribution_zone zone;
        text = parse_zone(text, &zone, absolute);
        if (text == NULL || spec->zone_count == DISTRIBUTION_ZONES_MAX || zone.size == 0)
            return false;
        accesses += zone.accesses;
        spec->zones[spec->zone_count++] = zone;
        more = *text++ == ':';
    }
    return accesses == 100;
}

static const char *parse_zoned(const char *text, struct distribution_spec *spec)
{
    bool fine = parse_zones(text, spec, false) && fill_sizes(spec);
    return fine ? NULL : "zoned:A/S:A/S:... with A % of the requests in the next S % of the region, both 100 in all, "
                         "such as zoned:60/10:40/90";
}

static const char *parse_zoned_abs(const char *text, struct distribution_spec *spec)
{
    bool fine = parse_zones(text, spec, true);
    for (uint32_t i = 0; i < spec->zone_count; i++)
        fine &= spec->zones[i].size != SIZE_OPEN;
    return fine ? NULL : "zoned_abs:A/S:A/S:... with A % of the requests, 100 in all, in the next S bytes of the region, "
                         "such as zoned_abs:60/1g:40/3g";
}

const char *distribution_parse(const char *text, struct distribution_spec *spec)
{
    static const struct {
        const char *name;
        enum distribution_kind kind;
        const char *(*parse)(const char *text, struct distribution_spec *spec);
    } kinds[] = {
        {"zipf", DISTRIBUTION_ZIPF, parse_zipf},
        {"pareto", DISTRIBUTION_PARETO, parse_pareto},
        {"normal", DISTRIBUTION_NORMAL, parse_normal},
        {"zoned", DISTRIBUTION_ZONED, parse_zoned},
        {"zoned_abs", DISTRIBUTION_ZONED_ABS, parse_zoned_abs},
    };
    size_t length = strcspn(text, ":");
    *spec = (struct distribution_spec){.kind = DISTRIBUTION_RANDOM};
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        spec->kind = kinds[i].kind;
        if (strlen(kinds[i].name) == length && strncmp(text, kinds[i].name, length) == 0)
            return kinds[i].parse(text + length, spec);
    }
    spec->kind = DISTRIBUTION_RANDOM;
    return strcmp(text, "random") == 0 ? NULL : "random, zipf:THETA, pareto:H, normal:D, zoned:A/S:A/S:... or "
                                                "zoned_abs:A/S:...";
}

// --- zipf ----------------------------------------------------------------------------------------------------------

// (exp(x) - 1) / x, also near 0, where the difference would lose its digits.
static double expm1_over(double x)
{
    enum { TERMS = 14 };
    if (fabs(x) > 0.25)
        return (exact_exp(x) - 1) / x;
    double sum = 1;
    for (int i = TERMS; i > 1; i--)
        sum = 1 + sum * x / i;
    return sum;
}

// log(1 + x) / x.
static double log1p_over(double x)
{
    return x == 0 ? 1 : exact_log1p(x) / x;
}

// H, its inverse, and the density itself.
static double integral(double theta, double x)
{
    double log_x = exact_log(x);
    return expm1_over((1 - theta) * log_x) * log_x;
}

static double integral_inverse(double theta, double x)
{
    double t = MAX(x * (1 - theta), -1 + 0x1p-53); // rounding must not leave the domain
    return exact_exp(log1p_over(t) * x);
}

static double density(double theta, double x)
{
    return exact_exp(-theta * exact_log(x));
}

static void init_zipf(struct distribution *d)
{
    double theta = d->exponent;
    d->head = integral(theta, 1.5) - 1;
    d->span = integral(theta, (double)d->count + 0.5) - d->head;
    d->squeeze = 2 - integral_inverse(theta, integral(theta, 2.5) - density(theta, 2));
}

// In (0, 1].
static double uniform(struct rng *rng)
{
    return (double)((rng_u64(rng) >> 11) + 1) * 0x1p-53;
}

static uint64_t draw_zipf(const struct distribution *d, struct rng *rng)
{
    for (;;) {
        double u = d->head + uniform(rng) * d->span;
        double x = integral_inverse(d->exponent, u);
        double k = MIN(MAX(floor(x + 0.5), 1), (double)d->count);
        if (k - x <= d->squeeze || u >= integral(d->exponent, k + 0.5) - density(d->exponent, k))
            return (uint64_t)k - 1;
    }
}

// --- the others ----------------------------------------------------------------------------------------------------

static uint64_t draw_pareto(const struct distribution *d, struct rng *rng)
{
    double rank = (double)d->count * exact_pow(uniform(rng), d->exponent);
    return MIN((uint64_t)rank, d->count - 1);
}

static uint64_t percent_of(uint64_t count, uint64_t percent)
{
    return (uint64_t)((unsigned __int128)count * percent / 100);
}

// A zone of less than a block is one.
static uint64_t draw_zoned(const struct distribution *d, struct rng *rng)
{
    const struct distribution_zone *zone = d->spec->zones;
    uint64_t choice = rng_below(rng, 100), before = 0;
    for (; choice >= zone->accesses; zone++) {
        choice -= zone->accesses;
        before += zone->size;
    }
    uint64_t first = percent_of(d->count, before), end = percent_of(d->count, before + zone->size);
    return first + rng_below(rng, MAX(end - first, 1));
}

void distribution_init(struct distribution *d, const struct distribution_spec *spec, uint64_t count,
                       struct rng *spread)
{
    *d = (struct distribution){.spec = spec, .count = count, .spread = permutation_draw(spread, count)};
    d->salt = rng_u64(spread);
    d->exponent = spec->parameter;
    if (spec->kind == DISTRIBUTION_ZIPF)
        init_zipf(d);
    else if (spec->kind == DISTRIBUTION_PARETO)
        d->exponent = exact_log(spec->parameter) / exact_log1p(-spec->parameter);
}

uint64_t distribution_draw_rank(const struct distribution *d, struct rng *rng)
{
    return d->spec->kind == DISTRIBUTION_ZIPF ? draw_zipf(d, rng) : draw_pareto(d, rng);
}

uint64_t distribution_draw_uneven(const struct distribution *d, struct rng *rng)
{
    if (d->spec->kind == DISTRIBUTION_ZONED)
        return draw_zoned(d, rng);
    return permute(&d->spread, d->salt, distribution_draw_rank(d, rng));
}
