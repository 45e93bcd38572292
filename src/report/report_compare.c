// Comparing results metric by metric.
#include "report/report_compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/compare_load.h"
#include "report/locale_guard.h"
#include "report/metrics.h"
#include "report/number_text.h"
#include "util/alloc.h"
#include "util/macros.h"

struct threshold {
    char metric[METRIC_NAME_BYTES];
    double limit; // share of the base
};

struct comparison {
    const struct metrics *base, *new;
    const struct threshold *thresholds;
    size_t threshold_count;
    bool colour, any_load;
    FILE *to;
    struct diag *diag;
    int regressions, rows;
    bool few; // a metric was marked
};

// --- thresholds ----------------------------------------------------------------------------------------------------

static int parse_threshold(const char *text, struct threshold *threshold, struct diag *diag)
{
    struct place place = {.file = "--threshold"};
    const char *equals = strchr(text, '=');
    if (equals == NULL || equals == text || (size_t)(equals - text) >= sizeof threshold->metric)
        return diag_error(diag, place, "'%s' is no threshold; write METRIC=PERCENT%%, such as p99=5%%", text);
    snprintf(threshold->metric, sizeof threshold->metric, "%.*s", (int)(equals - text), text);
    char *end = NULL;
    double percent = strtod(equals + 1, &end);
    if (end == equals + 1 || !isfinite(percent) || percent < 0)
        return diag_error(diag, place, "'%s' in '%s' is no percentage; write %s=5%%", equals + 1, text,
                          threshold->metric);
    if (strcmp(end, "%") != 0)
        return diag_error(diag, place, "'%s' in '%s' must end with %%; did you mean '%s=%g%%'?", equals + 1, text,
                          threshold->metric, percent);
    threshold->limit = percent / 100;
    return 0;
}

static int parse_thresholds(const char *const *texts, size_t count, struct threshold *thresholds, struct diag *diag)
{
    int result = 0;
    for (size_t i = 0; i < count; i++)
        if (parse_threshold(texts[i], &thresholds[i], diag) != 0)
            result = -1;
    return result;
}

static bool means(const struct threshold *threshold, const struct metric *metric)
{
    if (strcmp(threshold->metric, metric->name) == 0)
        return true;
    return !metric->only_by_full_name && strcmp(threshold->metric, metric->last) == 0;
}

// Whatever else is compared: a drive whose commands fail is fast.
static const struct threshold no_more_errors = {"errors", 0};

// A threshold for a metric's full name goes before one for all metrics that are called so, a later before an earlier.
static const struct threshold *threshold_of(const struct comparison *c, const struct metric *metric)
{
    const struct threshold *found = means(&no_more_errors, metric) ? &no_more_errors : NULL;
    for (size_t i = 0; i < c->threshold_count; i++) {
        const struct threshold *t = &c->thresholds[i];
        bool full = strcmp(t->metric, metric->name) == 0;
        if (full || (means(t, metric) && (found == NULL || strcmp(found->metric, metric->name) != 0)))
            found = t;
    }
    return found;
}

static bool is_known(const struct metrics *metrics, const struct threshold *threshold)
{
    for (size_t i = 0; i < metrics->count; i++)
        if (means(threshold, &metrics->at[i]))
            return true;
    return false;
}

static const char *nearest_metric(const struct metrics *metrics, const char *name)
{
    const char **names = xcalloc(2 * metrics->count + 1, sizeof *names);
    for (size_t i = 0; i < metrics->count; i++) {
        names[2 * i] = metrics->at[i].last;
        names[2 * i + 1] = metrics->at[i].name;
    }
    const char *nearest = diag_nearest(name, names);
    free(names);
    return nearest;
}

// A metric that neither side has is the user's error, not a comparison that passes.
static int check_known(const struct comparison *c)
{
    int result = 0;
    for (size_t i = 0; i < c->threshold_count; i++) {
        const struct threshold *t = &c->thresholds[i];
        if (is_known(c->base, t) || is_known(c->new, t))
            continue;
        const char *nearest = nearest_metric(c->base, t->metric);
        result = diag_error(c->diag, (struct place){.file = "--threshold"}, "no metric '%s' in these results%s%s%s",
                            t->metric, nearest == NULL ? "" : "; did you mean '", nearest == NULL ? "" : nearest,
                            nearest == NULL ? "" : "'?");
    }
    return result;
}

// --- verdicts ------------------------------------------------------------------------------------------------------

enum verdict { BETTER, OK, WORSE, ABSENT };

static double change_of(double base, double new)
{
    if (base == new)
        return 0;
    return base == 0 ? copysign(INFINITY, new) : (new - base) / fabs(base);
}

// Values are written with 12 digits: a change that exceeds its limit by less than 1e-9 does not.
static enum verdict judge(const struct metric *metric, double change, double limit)
{
    double worse = metric->higher_is_better ? -change : change;
    if (worse > limit + 1e-9)
        return WORSE;
    return worse < -limit - 1e-9 ? BETTER : OK;
}

// The blank behind a value, or the mark of a percentile that rests on few requests.
static char mark(struct comparison *c, const struct metric *metric)
{
    bool few = metric != NULL && metric->rests_on_few;
    c->few |= few;
    return few ? '*' : ' ';
}

static void put_value(FILE *to, const struct metric *metric)
{
    char text[NUMBER_TEXT_BYTES];
    fprintf(to, "%11s", metric == NULL ? "absent" : number_text(metric->value, text));
}

static void put_verdict(const struct comparison *c, enum verdict verdict)
{
    static const char *const words[] = {"better", "ok", "REGRESSION", "ABSENT"};
    static const char *const colours[] = {"\033[32m", "", "\033[31;1m", "\033[31;1m"};
    fprintf(c->to, "  %s%s%s\n", c->colour ? colours[verdict] : "", words[verdict], c->colour ? "\033[0m" : "");
}

static void put_row(struct comparison *c, const struct metric *base, const struct metric *new, double limit)
{
    enum verdict verdict = ABSENT;
    fprintf(c->to, "%-30s ", base != NULL ? base->name : new->name);
    put_value(c->to, base);
    fputc(mark(c, base), c->to);
    put_value(c->to, new);
    fputc(mark(c, new), c->to);
    if (base != NULL && new != NULL) {
        double change = change_of(base->value, new->value);
        verdict = judge(base, change, limit);
        fprintf(c->to, "%+9.2f %%", 100 * change);
    } else {
        fprintf(c->to, "%11s", "");
    }
    fprintf(c->to, " %9.4g %%", 100 * limit);
    put_verdict(c, verdict);
    c->rows++;
    c->regressions += verdict == WORSE || verdict == ABSENT;
}

// That there are no errors needs no line, unless somebody asked.
static bool goes_without_saying(const struct threshold *threshold, const struct metric *base, const struct metric *new)
{
    return threshold == &no_more_errors && (base == NULL || base->value == 0) && (new == NULL || new->value == 0);
}

static void compare_metric(struct comparison *c, const struct metric *base, const struct metric *new)
{
    const struct threshold *t = threshold_of(c, base != NULL ? base : new);
    if (t != NULL && !goes_without_saying(t, base, new))
        put_row(c, base, new, t->limit);
}

static void compare_metrics(struct comparison *c)
{
    for (size_t i = 0; i < c->base->count; i++)
        compare_metric(c, &c->base->at[i], metrics_find(c->new, c->base->at[i].name));
    for (size_t i = 0; i < c->new->count; i++)
        if (metrics_find(c->base, c->new->at[i].name) == NULL)
            compare_metric(c, NULL, &c->new->at[i]);
}

// --- what differs in the configurations ----------------------------------------------------------------------------

enum { CHANGES_SHOWN = 8 };

static void put_change(FILE *to, const char *section, const char *key, json_t *base, json_t *new)
{
    char *before = json_dumps(base, JSON_ENCODE_ANY | JSON_REAL_PRECISION(12));
    char *after = json_dumps(new, JSON_ENCODE_ANY | JSON_REAL_PRECISION(12));
    fprintf(to, "      %s%s%s: %s -> %s\n", section, *section == '\0' ? "" : ".", key,
            before == NULL ? "(none)" : before, after == NULL ? "(none)" : after);
    free(before);
    free(after);
}

// Returns how many keys differ; shows the first of them.
static int put_changes(FILE *to, const char *section, json_t *base, json_t *new, int shown)
{
    const char *key;
    json_t *value;
    json_object_foreach(base, key, value) {
        json_t *other = json_object_get(new, key);
        if (json_equal(value, other))
            continue;
        if (json_is_object(value) && json_is_object(other))
            shown = put_changes(to, key, value, other, shown);
        else if (shown++ < CHANGES_SHOWN)
            put_change(to, section, key, value, other);
    }
    json_object_foreach(new, key, value)
        if (json_object_get(base, key) == NULL && shown++ < CHANGES_SHOWN)
            put_change(to, section, key, NULL, value);
    return shown;
}

static void put_heading(const struct comparison *c)
{
    fprintf(c->to, "base  %s\nnew   %s\n", c->base->path, c->new->path);
    put_changes(c->to, "tool", json_object_get(c->base->json, "tool"), json_object_get(c->new->json, "tool"), 0);
    int changes = put_changes(c->to, "", json_object_get(c->base->json, "config"),
                              json_object_get(c->new->json, "config"), 0);
    if (changes > CHANGES_SHOWN)
        fprintf(c->to, "      and %d more differences of configuration\n", changes - CHANGES_SHOWN);
    fprintf(c->to, "\n%s%-30s%12s%12s%12s%12s  verdict%s\n", c->colour ? "\033[1m" : "", "metric", "base", "new",
            "change", "threshold", c->colour ? "\033[0m" : "");
}

// --- all -----------------------------------------------------------------------------------------------------------

static int compare_one(struct comparison *c, const char *path)
{
    struct metrics new;
    if (metrics_read(&new, path, c->diag) != 0)
        return -1;
    c->new = &new;
    struct load_check check = {.base = c->base, .new = &new, .tolerate = c->any_load, .diag = c->diag};
    int result = 0;
    if (new.is_curve != c->base->is_curve) {
        result = diag_error(c->diag, (struct place){.file = path}, "is a %s, but the base is a %s",
                            new.is_curve ? "curve" : "run", c->base->is_curve ? "curve" : "run");
    } else {
        result = check_load(&check) | check_known(c); // both are told
    }
    if (result == 0) {
        put_heading(c);
        compare_metrics(c);
        fputc('\n', c->to);
    }
    metrics_destroy(&new);
    return result;
}

static int compare_all(struct comparison *c, const char *const *news, size_t count)
{
    int result = 0;
    for (size_t i = 0; i < count; i++)
        if (compare_one(c, news[i]) != 0)
            result = -1;
    if (result != 0)
        return -1;
    if (c->few)
        fputs("* rests on fewer than ten requests\n", c->to);
    fprintf(c->to, "%d of %d metrics regressed or absent\n", c->regressions, c->rows);
    return c->regressions;
}

int report_compare(const char *base, const char *const *news, size_t count,
                   const struct report_compare_options *options, FILE *to, struct diag *diag)
{
    static const char *const defaults[] = {REPORT_COMPARE_DEFAULTS};
    bool given = options->threshold_count > 0;
    const char *const *texts = given ? options->thresholds : defaults;
    size_t texts_count = given ? options->threshold_count : ARRAY_SIZE(defaults);
    struct threshold *thresholds = xcalloc(texts_count, sizeof *thresholds);
    struct locale_guard guard = locale_guard_enter();
    struct metrics base_metrics;
    int result = parse_thresholds(texts, texts_count, thresholds, diag);
    if (metrics_read(&base_metrics, base, diag) != 0) {
        result = -1;
    } else {
        struct comparison c = {.base = &base_metrics, .thresholds = thresholds, .threshold_count = texts_count,
                               .colour = options->colour, .any_load = options->any_load, .to = to, .diag = diag};
        result = result != 0 ? -1 : compare_all(&c, news, count);
        metrics_destroy(&base_metrics);
    }
    locale_guard_leave(guard);
    free(thresholds);
    return result;
}
