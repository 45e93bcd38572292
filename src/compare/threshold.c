// Thresholds as the command line gives them.
#include "compare/threshold.h"

#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/macros.h"

#define PLACE ((struct place){.file = "--threshold"})

// --- limits --------------------------------------------------------------------------------------------------------

static const struct limit_unit {
    const char *name;
    double factor; // times are in us
    bool is_share, is_time;
} limit_units[] = {
    {"%", 0.01, true, false}, {"ns", 1e-3, false, true}, {"us", 1, false, true},  {"ms", 1e3, false, true},
    {"s", 1e6, false, true},  {"", 1, false, false},     {"k", 1e3, false, false}, {"M", 1e6, false, false},
};

static const struct limit_unit *find_unit(const char *text, size_t length)
{
    for (size_t i = 0; i < ARRAY_SIZE(limit_units); i++)
        if (strlen(limit_units[i].name) == length && strncmp(limit_units[i].name, text, length) == 0)
            return &limit_units[i];
    return NULL;
}

// `text` up to `length`.
static int parse_limit(struct threshold *threshold, const char *text, size_t length, struct diag *diag)
{
    char *end = NULL;
    double value = strtod(text, &end);
    const struct limit_unit *unit = end > text + length ? NULL : find_unit(end, (size_t)(text + length - end));
    if (end == text || unit == NULL || !isfinite(value) || value < 0)
        return diag_error(diag, PLACE, "'%.*s' in '%s' is no limit; write %s=5%%, %s=2us, or both: %s=5%%,2us",
                          (int)length, text, threshold->text, threshold->metric, threshold->metric,
                          threshold->metric);
    double *limit = unit->is_share ? &threshold->share : &threshold->distance;
    if (*limit >= 0)
        return diag_error(diag, PLACE, "'%s' has two limits of one kind; they are one of %% and one in the metric's "
                          "unit", threshold->text);
    *limit = value * unit->factor;
    threshold->is_time |= unit->is_time;
    return 0;
}

// --- scopes --------------------------------------------------------------------------------------------------------

static const char *const scope_words[] = {"iodepth", "offered"}, *const scope_ops[] = {"<=", ">=", "<", ">", "="};

// The index of the one that `text` begins with, or `count`.
static size_t begins_with(const char *text, const char *const *words, size_t count)
{
    size_t found = 0;
    while (found < count && strncmp(text, words[found], strlen(words[found])) != 0)
        found++;
    return found;
}

// Returns whether `text` up to `length` is one.
static bool read_scope(struct threshold_scope *scope, const char *text, size_t length)
{
    const char *end = text + length;
    size_t word = begins_with(text, scope_words, ARRAY_SIZE(scope_words));
    if (word == ARRAY_SIZE(scope_words))
        return false;
    text += strlen(scope_words[word]);
    size_t op = begins_with(text, scope_ops, ARRAY_SIZE(scope_ops));
    if (op == ARRAY_SIZE(scope_ops))
        return false;
    text += strlen(scope_ops[op]);
    char *number_end = NULL;
    *scope = (struct threshold_scope){.offered = word == 1, .value = strtod(text, &number_end)};
    strcpy(scope->op, scope_ops[op]);
    return text < end && number_end == end;
}

static int parse_scope(struct threshold *threshold, const char *text, size_t length, struct diag *diag)
{
    bool room = threshold->scope_count < THRESHOLD_SCOPES_MAX;
    if (room && read_scope(&threshold->scopes[threshold->scope_count], text, length)) {
        threshold->scope_count++;
        return 0;
    }
    return diag_error(diag, PLACE, "'%.*s' in '%s' is no scope; write such as @iodepth<=64 or @offered>100000",
                      (int)length, text, threshold->text);
}

static bool holds(const struct threshold_scope *scope, const struct metric *metric)
{
    double value = scope->offered ? metric->offered_iops : (double)metric->iodepth;
    if (value == 0)
        return false; // not a point of such a curve
    if (scope->op[0] == '=')
        return value == scope->value;
    if (value == scope->value)
        return scope->op[1] == '=';
    return (value < scope->value) == (scope->op[0] == '<');
}

static bool in_scope(const struct threshold *threshold, const struct metric *metric)
{
    for (size_t i = 0; i < threshold->scope_count; i++)
        if (!holds(&threshold->scopes[i], metric))
            return false;
    return true;
}

// --- all -----------------------------------------------------------------------------------------------------------

typedef int part_fn(struct threshold *threshold, const char *text, size_t length, struct diag *diag);

// Parts between commas, up to `stop` or the end.
static int parse_parts(struct threshold *threshold, const char *text, char stop, part_fn *parse, struct diag *diag)
{
    const char ends[] = {',', stop, '\0'};
    for (;;) {
        size_t length = strcspn(text, ends);
        if (parse(threshold, text, length, diag) != 0)
            return -1;
        if (text[length] != ',')
            return 0;
        text += length + 1;
    }
}

// `with` is no longer than `part`.
static void replace(char *text, const char *part, const char *with)
{
    char *at = strstr(text, part);
    if (at == NULL)
        return;
    memcpy(at, with, strlen(with));
    memmove(at + strlen(with), at + strlen(part), strlen(at + strlen(part)) + 1);
}

// A path as it stands in summary.json: "commands.read.latency_us.p99".
static void take_json_path(char *name)
{
    if (strncmp(name, "commands.", strlen("commands.")) == 0)
        replace(name, "commands.", "");
    replace(name, "latency_us.", "");
    replace(name, "stages_us.", "stage.");
}

int threshold_parse(const char *text, struct threshold *threshold, struct diag *diag)
{
    size_t length = strcspn(text, "=@");
    *threshold = (struct threshold){.share = -1, .distance = -1, .text = text};
    if (length == 0 || text[length] != '=' || length >= sizeof threshold->metric)
        return diag_error(diag, PLACE, "'%s' is no threshold; write METRIC=LIMIT, such as p99=5%% or p99=5%%,2us",
                          text);
    memcpy(threshold->metric, text, length);
    take_json_path(threshold->metric);
    const char *at = strchr(text, '@');
    int result = parse_parts(threshold, text + length + 1, '@', parse_limit, diag);
    return at == NULL || result != 0 ? result : parse_parts(threshold, at + 1, '\0', parse_scope, diag);
}

static bool fits(const char *pattern, const char *name, const struct metric *metric)
{
    if (strpbrk(pattern, "*?") != NULL)
        return fnmatch(pattern, name, 0) == 0;
    struct metric part = *metric;
    snprintf(part.name, sizeof part.name, "%s", name);
    return metric_is_called(&part, pattern);
}

unsigned threshold_fits(const struct threshold *threshold, const struct metric *metric)
{
    unsigned name = fits(threshold->metric, metric->name, metric)                                ? 6
                    : fits(threshold->metric, metric->bare, metric)                              ? 4
                    : !metric->only_by_full_name && fits(threshold->metric, metric->last, metric) ? 2
                                                                                                  : 0;
    if (name == 0 || !in_scope(threshold, metric))
        return 0;
    if (strpbrk(threshold->metric, "*?") != NULL)
        name = 1;
    return 2 * name + (threshold->scope_count > 0);
}

double threshold_limit(const struct threshold *threshold, double base)
{
    double share = threshold->share < 0 ? 0 : threshold->share * fabs(base);
    return MAX(share, MAX(threshold->distance, 0));
}

const char *threshold_limit_text(const struct threshold *threshold, char text[THRESHOLD_TEXT_BYTES])
{
    int length = 0;
    text[0] = '\0';
    if (threshold->share >= 0)
        length = snprintf(text, THRESHOLD_TEXT_BYTES, "%.4g %%", 100 * threshold->share);
    if (threshold->distance >= 0)
        snprintf(text + length, THRESHOLD_TEXT_BYTES - (size_t)length, "%s%.4g%s", length > 0 ? "," : "",
                 threshold->distance, threshold->is_time ? "us" : "");
    return text;
}
