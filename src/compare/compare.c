// Comparing results metric by metric.
//
// Noise is judged for all that is compared at once: of m differences each may be the seeds' doing with a probability of
// 1/m of what is allowed for all (Bonferroni), so that a comparison of many points and metrics raises no more false
// alarms than one of few. Where only what is worse fails, all of that lies to one side: the test is a one-sided one.
#include "compare/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare/load.h"
#include "compare/noise.h"
#include "report/locale_guard.h"
#include "util/alloc.h"
#include "util/macros.h"

// --- thresholds ----------------------------------------------------------------------------------------------------

// Whatever else is compared: a drive whose commands fail is fast.
static const struct threshold no_more_errors = {.metric = "errors", .share = 0, .distance = -1};

static const struct threshold *threshold_of(const struct comparison *c, const struct metric *metric)
{
    const struct threshold *found = threshold_fits(&no_more_errors, metric) > 0 ? &no_more_errors : NULL;
    unsigned best = 0;
    for (size_t i = 0; i < c->threshold_count; i++) {
        unsigned fit = threshold_fits(&c->thresholds[i], metric);
        if (fit > 0 && fit >= best) {
            found = &c->thresholds[i];
            best = fit;
        }
    }
    return found;
}

static int parse_thresholds(struct comparison *c, const struct compare_options *options, struct diag *diag)
{
    static const char *const defaults[] = {COMPARE_DEFAULTS};
    bool given = options->threshold_count > 0;
    const char *const *texts = given ? options->thresholds : defaults;
    int result = 0;
    c->threshold_count = given ? options->threshold_count : ARRAY_SIZE(defaults);
    c->thresholds = xcalloc(c->threshold_count, sizeof *c->thresholds);
    for (size_t i = 0; i < c->threshold_count; i++)
        result |= threshold_parse(texts[i], &c->thresholds[i], diag);
    return result;
}

static const char *nearest_metric(const struct metrics *metrics, const char *name)
{
    const char **names = xcalloc(3 * metrics->count + 1, sizeof *names);
    for (size_t i = 0; i < metrics->count; i++) {
        names[3 * i] = metrics->at[i].last;
        names[3 * i + 1] = metrics->at[i].bare;
        names[3 * i + 2] = metrics->at[i].name;
    }
    const char *nearest = diag_nearest(name, names);
    free(names);
    return nearest;
}

static int check_unit(const struct threshold *t, const struct metric *metric, struct diag *diag)
{
    struct place place = {.file = "--threshold"};
    bool is_time = strcmp(metric->unit, "us") == 0;
    if (t->distance < 0 || is_time == t->is_time)
        return 0;
    if (t->is_time)
        return diag_error(diag, place, "'%s' has a limit in time, but %s is none", t->text, metric->name);
    return diag_error(diag, place, "'%s' has a limit without unit; did you mean '%s=%g%%' or '%s=%gus'?", t->text,
                      t->metric, t->distance, t->metric, t->distance);
}

// Returns 1 when a metric fits, else 0; -1 after an error.
static int check_in(const struct metrics *metrics, const struct threshold *t, struct diag *diag)
{
    for (size_t i = 0; i < metrics->count; i++)
        if (threshold_fits(t, &metrics->at[i]) > 0)
            return check_unit(t, &metrics->at[i], diag) == 0 ? 1 : -1;
    return 0;
}

// A metric that no side has is the user's error, not a comparison that passes.
static int check_known(const struct comparison *c, const struct threshold *t, struct diag *diag)
{
    int found = check_in(&c->base, t, diag);
    for (size_t i = 0; i < c->new_count && found == 0; i++)
        found = check_in(&c->news[i], t, diag);
    if (found != 0)
        return found < 0 ? -1 : 0;
    struct threshold anywhere = *t;
    anywhere.scope_count = 0;
    anywhere.distance = -1;
    struct place place = {.file = "--threshold"};
    if (check_in(&c->base, &anywhere, diag) > 0)
        return diag_error(diag, place, "'%s' fits no point of these results", t->text);
    const char *nearest = nearest_metric(&c->base, t->metric);
    return diag_error(diag, place, "no metric '%s' in these results%s%s%s (--list-metrics shows them)", t->metric,
                      nearest == NULL ? "" : "; did you mean '", nearest == NULL ? "" : nearest,
                      nearest == NULL ? "" : "'?");
}

// --- verdicts ------------------------------------------------------------------------------------------------------

bool verdict_fails(enum verdict verdict)
{
    return verdict >= VERDICT_WORSE;
}

const char *verdict_word(enum verdict verdict)
{
    static const char *const words[] = {"ok", "better", "noise", "REGRESSION", "CHANGED", "ABSENT"};
    return words[verdict];
}

double metric_reach(const struct metric *metric)
{
    if (!metric->has_interval || metric->value_count != 1)
        return -1;
    return MAX(metric->high - metric->value, metric->value - metric->low);
}

static double change_of(double base, double difference)
{
    if (difference == 0)
        return 0;
    return base == 0 ? copysign(INFINITY, difference) : difference / fabs(base);
}

// Values are written with 12 digits: a difference that exceeds its limit by less than 1e-9 of the base does not.
static enum verdict judge(const struct comparison *c, const struct compared_row *row, const struct compared *new)
{
    if (row->base == NULL || new->metric == NULL)
        return VERDICT_ABSENT;
    double worse = row->metric->higher_is_better ? -new->difference : new->difference;
    if (fabs(worse) <= threshold_limit(row->threshold, row->base->value) + 1e-9 * fabs(row->base->value))
        return VERDICT_OK;
    if (fabs(worse) <= new->noise)
        return VERDICT_NOISE;
    return worse > 0 ? VERDICT_WORSE : c->either ? VERDICT_CHANGED : VERDICT_BETTER;
}

// --- rows ----------------------------------------------------------------------------------------------------------

static void set_difference(const struct compared_row *row, struct compared *new)
{
    if (row->base == NULL || new->metric == NULL)
        return;
    new->difference = new->metric->value - row->base->value;
    new->change = change_of(row->base->value, new->difference);
}

static void add_row(struct comparison *c, const struct metric *metric, const struct threshold *threshold)
{
    c->rows = xgrow(c->rows, c->row_count, sizeof *c->rows);
    struct compared_row *row = &c->rows[c->row_count++];
    *row = (struct compared_row){.metric = metric, .threshold = threshold,
                                 .base = metrics_named(&c->base, metric->name),
                                 .news = xcalloc(c->new_count + 1, sizeof *row->news)};
    for (size_t i = 0; i < c->new_count; i++) {
        row->news[i] = (struct compared){.metric = metrics_named(&c->news[i], metric->name), .noise = -1};
        set_difference(row, &row->news[i]);
    }
}

// That there are no errors needs no line, unless somebody asked.
static bool goes_without_saying(const struct comparison *c, const struct metric *metric)
{
    const struct metric *base = metrics_named(&c->base, metric->name);
    bool none = base == NULL || base->value == 0;
    for (size_t i = 0; i < c->new_count; i++) {
        const struct metric *new = metrics_named(&c->news[i], metric->name);
        none = none && (new == NULL || new->value == 0);
    }
    return none;
}

static void add_metric(struct comparison *c, const struct metric *metric)
{
    const struct threshold *threshold = threshold_of(c, metric);
    if (threshold != NULL && (threshold != &no_more_errors || !goes_without_saying(c, metric)))
        add_row(c, metric, threshold);
}

// Whether a side before the n-th new one has it already.
static bool is_known_before(const struct comparison *c, size_t n, const char *name)
{
    bool known = metrics_named(&c->base, name) != NULL;
    for (size_t i = 0; i < n && !known; i++)
        known = metrics_named(&c->news[i], name) != NULL;
    return known;
}

// Of a sweep that has grown: its points are no regression.
static bool is_of_more_points(const struct comparison *c, const struct metric *metric)
{
    char point[METRIC_POINT_BYTES];
    if (c->base.kind != METRICS_OF_SWEEP)
        return false;
    snprintf(point, sizeof point, "%.*s", (int)(metric->bare - metric->name), metric->name);
    return json_object_get(json_object_get(c->base.sources[0].json, "loads"), point) == NULL;
}

static void count_more_points(struct comparison *c)
{
    json_t *bases = json_object_get(c->base.sources[0].json, "loads"), *load;
    const char *point;
    for (size_t n = 0; n < c->new_count && c->base.kind == METRICS_OF_SWEEP; n++)
        json_object_foreach(json_object_get(c->news[n].sources[0].json, "loads"), point, load)
            c->more_points += json_object_get(bases, point) == NULL;
}

static void add_rows(struct comparison *c)
{
    for (size_t i = 0; i < c->base.count; i++)
        add_metric(c, &c->base.at[i]);
    for (size_t n = 0; n < c->new_count; n++)
        for (size_t i = 0; i < c->news[n].count; i++)
            if (!is_known_before(c, n, c->news[n].at[i].name) && !is_of_more_points(c, &c->news[n].at[i]))
                add_metric(c, &c->news[n].at[i]);
}

// Errors where there were none are no matter of chance.
static bool has_noise(const struct compared_row *row, const struct compared *new)
{
    return row->base != NULL && new->metric != NULL && (row->threshold != &no_more_errors || row->base->value > 0);
}

static void set_noise(struct comparison *c, double outside)
{
    for (size_t i = 0; i < c->row_count; i++)
        for (size_t n = 0; n < c->new_count; n++)
            if (has_noise(&c->rows[i], &c->rows[i].news[n]))
                c->rows[i].news[n].noise = noise_of(c->rows[i].base, c->rows[i].news[n].metric, outside);
}

// What noise_of() is to leave outside, to both sides together.
static double outside_of_each(const struct comparison *c)
{
    double alarms = (1 - c->confidence) / (double)MAX(c->compared, 1);
    return c->either ? alarms : 2 * alarms;
}

static void judge_all(struct comparison *c)
{
    c->compared = c->row_count * c->new_count;
    set_noise(c, outside_of_each(c));
    for (size_t i = 0; i < c->row_count; i++)
        for (size_t n = 0; n < c->new_count; n++) {
            struct compared *new = &c->rows[i].news[n];
            new->verdict = judge(c, &c->rows[i], new);
            c->failed += verdict_fails(new->verdict);
            c->in_noise += new->verdict == VERDICT_NOISE;
        }
}

// --- what the measurements cannot tell -----------------------------------------------------------------------------

// How far the difference may be nobody's doing: the noise, or, of one seed, the reach of the less certain of the two.
static double blur_of(const struct compared_row *row, const struct compared *new)
{
    if (row->base == NULL || new->metric == NULL)
        return -1;
    return new->noise >= 0 ? new->noise : MAX(metric_reach(row->base), metric_reach(new->metric));
}

// That as a share of what is allowed, where it is more; else 0.
static double excess(const struct compared_row *row, const struct compared *new)
{
    double blur = blur_of(row, new), limit = threshold_limit(row->threshold, row->base == NULL ? 0 : row->base->value);
    return blur <= limit ? 0 : limit == 0 ? INFINITY : blur / limit;
}

// "some 23 seeds a side, or longer runs,"; without the number where that is not known.
static void put_remedy(const struct comparison *c, const struct compared_row *row, const struct compared *new,
                       char text[64])
{
    double limit = threshold_limit(row->threshold, row->base->value);
    size_t seeds = noise_seeds_for(row->base, new->metric, outside_of_each(c), limit);
    if (limit == 0 || seeds == 0)
        strcpy(text, "more seeds or longer runs");
    else
        snprintf(text, 64, "some %zu seeds a side, or longer runs,", seeds);
}

static void warn(const struct comparison *c, const struct compared_row *row, const struct compared *new, size_t count,
                 struct diag *diag)
{
    char limit[THRESHOLD_TEXT_BYTES], remedy[64];
    const struct metric *metric = row->base;
    struct place place = {.file = c->base.path};
    const char *are = count == 1 ? " is" : "s are";
    double share = 100 * blur_of(row, new) / fabs(metric->value);
    threshold_limit_text(row->threshold, limit);
    put_remedy(c, row, new, remedy);
    if (new->noise >= 0)
        diag_warning(diag, place, "%zu threshold%s narrower than the noise, the widest that of %s: %.2g %%, its "
                     "threshold is %s; %s show smaller changes", count, are, metric->name, share, limit, remedy);
    else
        diag_warning(diag, place, "%zu threshold%s narrower than what one run knows: %s of %llu commands is known to "
                     "%.2g %%, its threshold is %s; with several seeds a side, noise is told from change", count, are,
                     metric->name, (unsigned long long)metric->count, share, limit);
}

static void warn_of_narrow_thresholds(const struct comparison *c, struct diag *diag)
{
    const struct compared_row *worst = NULL;
    const struct compared *of = NULL;
    double most = 0;
    size_t count = 0;
    for (size_t i = 0; i < c->row_count; i++)
        for (size_t n = 0; n < c->new_count; n++) {
            double this = excess(&c->rows[i], &c->rows[i].news[n]);
            count += this > 0;
            if (this <= most)
                continue;
            most = this;
            worst = &c->rows[i];
            of = &worst->news[n];
        }
    if (worst != NULL)
        warn(c, worst, of, count, diag);
}

// --- all -----------------------------------------------------------------------------------------------------------

static int read_sides(struct comparison *c, const char *base, const char *const *news, size_t count, struct diag *diag)
{
    int result = metrics_read(&c->base, base, diag);
    c->news = xcalloc(count + 1, sizeof *c->news);
    for (size_t i = 0; i < count && result == 0; i++) {
        result = metrics_read(&c->news[i], news[i], diag);
        c->new_count += result == 0;
    }
    return result;
}

static int check_sides(const struct comparison *c, bool any_load, struct diag *diag)
{
    int result = check_repetitions(&c->base, diag);
    for (size_t i = 0; i < c->new_count; i++) {
        struct load_check check = {.base = &c->base, .new = &c->news[i], .tolerate = any_load, .diag = diag};
        result |= check_repetitions(&c->news[i], diag) | check_load(&check);
    }
    for (size_t i = 0; i < c->threshold_count; i++)
        result |= check_known(c, &c->thresholds[i], diag);
    return result;
}

static int compare_all(struct comparison *c, const char *base, const char *const *news, size_t count,
                       const struct compare_options *options, struct diag *diag)
{
    int parsed = parse_thresholds(c, options, diag);
    if (read_sides(c, base, news, count, diag) != 0 || parsed != 0 || check_sides(c, options->any_load, diag) != 0)
        return -1;
    c->either = options->either;
    c->confidence = options->confidence == 0 ? COMPARE_CONFIDENCE : options->confidence;
    add_rows(c);
    count_more_points(c);
    judge_all(c);
    warn_of_narrow_thresholds(c, diag);
    return 0;
}

struct comparison *compare(const char *base, const char *const *news, size_t count,
                           const struct compare_options *options, struct diag *diag)
{
    struct comparison *c = xcalloc(1, sizeof *c);
    struct locale_guard guard = locale_guard_enter();
    int result = compare_all(c, base, news, count, options, diag);
    locale_guard_leave(guard);
    if (result == 0)
        return c;
    comparison_destroy(c);
    return NULL;
}

void comparison_destroy(struct comparison *c)
{
    for (size_t i = 0; i < c->row_count; i++)
        free(c->rows[i].news);
    for (size_t i = 0; i < c->new_count; i++)
        metrics_destroy(&c->news[i]);
    if (c->base.path != NULL)
        metrics_destroy(&c->base);
    free(c->news);
    free(c->rows);
    free(c->thresholds);
    free(c);
}
