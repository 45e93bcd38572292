// Finds a job that is like a recording. What follows from it directly are words (characterize/words.c): mix, sizes,
// shares that are sequential, region, rate. What does not, is tried: jobs are played without a drive (play.c), looked
// at as the recording was, and the nearest is kept; first in how its requests come, then in where they go.
#include "characterize/characterize.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "characterize/play.h"
#include "characterize/words.h"
#include "util/alloc.h"
#include "util/macros.h"

struct search {
    const struct profile *recorded;
    struct words_scope scope;
    struct play_latency latency;
    struct diag *diag;
    struct words_choice best;
    struct profile *best_profile;
    struct distances best_distances;
    double best_sum;
    unsigned tried;
};

// The distances that a stage is about.
struct stage {
    enum distance of[4];
    unsigned count;
};
static const struct stage times = {{DISTANCE_RATE, DISTANCE_INTERVALS, DISTANCE_DEPTH}, 3};
static const struct stage places = {{DISTANCE_SEQUENTIAL, DISTANCE_OFFSETS, DISTANCE_HOTTEST}, 3};

static double sum_of(const struct distances *distances, const struct stage *stage)
{
    double sum = 0;
    for (unsigned i = 0; i < stage->count; i++)
        sum += distance_weighed(distances, stage->of[i]);
    return sum;
}

// By how much it may be farther and is taken nevertheless, for it needs less to be said: a closed loop has its rate
// without being told it; a sequential job is none that is random in no request.
static double slack_of(const struct stage *stage, const struct words_choice *choice)
{
    if (stage == &times)
        return choice->iodepth != 0 ? 0.5 : 0;
    return choice->sequential ? 1e-9 : 0;
}

static int try_job(struct search *search, const struct stage *stage, const struct words_choice *choice)
{
    char *text = words_of(search->recorded, &search->scope, choice);
    struct profile *made = play_job(text, &search->latency, &search->recorded->scope, search->diag);
    free(text);
    search->tried++;
    if (made == NULL)
        return -1;
    struct distances distances = distances_between(search->recorded, made);
    double sum = sum_of(&distances, stage);
    if (search->best_profile != NULL && sum >= search->best_sum + slack_of(stage, choice)) {
        profile_destroy(made);
        return 0;
    }
    profile_destroy(search->best_profile);
    search->best = *choice;
    search->best_profile = made;
    search->best_distances = distances;
    search->best_sum = sum;
    return 0;
}

// ---- how requests come -------------------------------------------------------------------------------------------

// One at a time, each a think time after the one before, so that the rate is the recording's.
static int try_thinking(struct search *search, struct words_choice choice)
{
    const struct profile *p = search->recorded;
    double think = profile_mean_interval(p) - p->busy_ns / (double)MAX(profile_completed(p), UINT64_C(1));
    if (!search->latency.known || histogram_quantile(&p->depth, 0.9) > 0 || think < 1000)
        return 0;
    choice.iodepth = 1;
    choice.think_us = (uint64_t)(think / 1000 + 0.5);
    return try_job(search, &times, &choice);
}

// At its rate, evenly or by chance; and, where latencies are known, in a closed loop of several depths.
static int search_times(struct search *search)
{
    const struct profile *p = search->recorded;
    struct words_choice choice = search->best;
    uint64_t depths[] = {histogram_quantile(&p->depth, 0.5) + 1, histogram_quantile(&p->depth, 0.9) + 1,
                         p->deepest + 1};
    int failed = try_job(search, &times, &choice);
    choice.poisson = true;
    failed |= try_job(search, &times, &choice);
    choice.poisson = false;
    for (size_t i = 0; search->latency.known && i < ARRAY_SIZE(depths); i++) {
        choice.iodepth = MIN(depths[i], UINT64_C(65536));
        if (i == 0 || depths[i] != depths[i - 1])
            failed |= try_job(search, &times, &choice);
    }
    return failed | try_thinking(search, choice);
}

// ---- where they go -----------------------------------------------------------------------------------------------

static int try_distribution(struct search *search, const char *distribution)
{
    struct words_choice choice = search->best;
    choice.sequential = false;
    snprintf(choice.distribution, sizeof choice.distribution, "%s", distribution);
    return try_job(search, &places, &choice);
}

static int try_zipf(struct search *search, unsigned hundredths)
{
    char text[32];
    snprintf(text, sizeof text, "zipf:%u.%02u", hundredths / 100, hundredths % 100);
    return try_distribution(search, text);
}

static unsigned best_theta(const struct search *search)
{
    unsigned whole, part;
    return sscanf(search->best.distribution, "zipf:%u.%2u", &whole, &part) == 2 ? 100 * whole + part : 0;
}

// First coarsely, then around the best: in steps of 0.2, 0.1, 0.05, 0.02 and 0.01.
static int search_zipf(struct search *search)
{
    static const unsigned steps[] = {10, 5, 2, 1};
    int failed = 0;
    for (unsigned theta = 40; theta <= 160 && failed == 0; theta += 20)
        failed = try_zipf(search, theta);
    for (size_t i = 0; i < ARRAY_SIZE(steps) && failed == 0; i++) {
        unsigned theta = best_theta(search);
        if (theta == 0)
            break;
        failed = try_zipf(search, theta - steps[i]) | try_zipf(search, theta + steps[i]);
    }
    return failed;
}

// Whether the best job is so far off that it is worth while to look for others: places of two samples of n requests,
// both at random, lie some 0.44 / sqrt(n) apart by chance.
static bool is_off(const struct search *search, enum distance which)
{
    double distance = search->best_distances.value[which], chance = 1 / sqrt((double)search->scope.requests);
    return distance > MAX(distance_rows[which].good / 2, chance);
}

static int search_places(struct search *search)
{
    char zones[WORDS_DISTRIBUTION];
    struct words_choice choice = search->best;
    search->best_sum = sum_of(&search->best_distances, &places);
    choice.sequential = true;
    int failed = try_job(search, &places, &choice);
    if (failed == 0 && is_off(search, DISTANCE_HOTTEST))
        failed = search_zipf(search);
    words_zones(search->recorded, zones);
    if (failed == 0 && is_off(search, DISTANCE_OFFSETS) && *zones != '\0')
        failed = try_distribution(search, zones);
    return failed;
}

// ---- all of it ---------------------------------------------------------------------------------------------------

static int check(const struct profile *p, const struct words_scope *scope, struct diag *diag)
{
    const struct place place = {.file = "sqtail"};
    if (scope->requests == 0 || (scope->trims ? p->kinds[IO_TRIM].count : profile_data_bytes(p)) == 0)
        return diag_error(diag, place, "no reads, writes or trims in it that a job could be like");
    if (!scope->trims && scope->size == 0)
        return diag_error(diag, place, "its reads and writes are of no bytes");
    return 0;
}

// Where a recording is of trims alone its region is theirs.
static struct profile *profile_source(struct request_source *source)
{
    struct profile_scope scope = profile_scope_of(source);
    struct trace_request r;
    bool has_data = scope.hi > 0;
    scope.lo = has_data ? scope.lo : UINT64_MAX;
    while (!has_data && request_source_next(source, &r))
        if (r.kind == IO_TRIM) {
            scope.lo = MIN(scope.lo, r.offset);
            scope.hi = MAX(scope.hi, r.offset + r.bytes);
        }
    request_source_rewind(source);
    scope.lo = MIN(scope.lo, scope.hi);
    struct profile *p = profile_create(&scope);
    while (request_source_next(source, &r))
        profile_add(p, &r);
    request_source_rewind(source);
    return p;
}

static int find(struct characterization *c, struct diag *diag)
{
    struct search *search = xcalloc(1, sizeof *search);
    search->recorded = c->recorded;
    search->scope = words_scope_of(c->recorded);
    search->diag = diag;
    play_latency_of(&search->latency, c->recorded);
    int failed = check(c->recorded, &search->scope, diag);
    if (failed == 0)
        failed = search_times(search);
    if (failed == 0)
        failed = search_places(search);
    if (failed == 0)
        c->job = words_of(c->recorded, &search->scope, &search->best);
    c->made = search->best_profile;
    c->distances = search->best_distances;
    c->tried = search->tried;
    free(search);
    return failed;
}

int characterize(struct characterization *c, struct request_source *source, struct diag *diag)
{
    *c = (struct characterization){.recorded = profile_source(source)};
    int failed = request_source_failed(source) ? -1 : find(c, diag);
    if (failed != 0)
        characterization_free(c);
    return failed;
}

void characterization_free(struct characterization *c)
{
    profile_destroy(c->recorded);
    profile_destroy(c->made);
    free(c->job);
    *c = (struct characterization){0};
}
