// Whether two results are of the same load: without that, a comparison says nothing of the drives.
//
// The same recording by its content, replayed in the same way, or the same job by its words in any order; the same
// kinds of command; and as many of each, unless the job ends when its time is over or its latency steady: then the
// drive decides how many. A single seed must be the base's; of several on a side any will do, for noise is told from
// change. Of sweeps that holds at each point that both have, which is one at least.
#include "compare/load.h"

#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"
#include "util/macros.h"

// Two results that should be of one load.
struct pair {
    json_t *base, *new;
    const char *path; // of the new one
    enum metrics_kind kind;
    bool tolerate;
    bool other_seed; // what a job draws by chance, such as whether to read or to write, is another's
    struct diag *diag;
    bool *told; // that something differs; NULL: nobody asks
};

// What differs is a warning or an error, as the caller wants it.
static int tell(const struct pair *check, const char *what, const char *base, const char *new)
{
    if (check->told != NULL)
        *check->told = true;
    struct place place = {.file = check->path};
    static const char format[] = "not the load of the base: its %s is %s, the base's %s";
    if (check->tolerate) {
        diag_warning(check->diag, place, format, what, new, base);
        return 0;
    }
    return diag_error(check->diag, place, format, what, new, base);
}

// --- jobs ----------------------------------------------------------------------------------------------------------

enum { WORDS_MAX = 64 };

static int compare_words(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

// Splits `text`, which is changed, into its words, sorted. Returns how many.
static size_t sorted_words(char *text, char *words[WORDS_MAX])
{
    size_t count = 0;
    for (char *word = strtok(text, " \t\n"); word != NULL && count < WORDS_MAX; word = strtok(NULL, " \t\n"))
        words[count++] = word;
    qsort(words, count, sizeof *words, compare_words);
    return count;
}

// Of one job.
static bool same_words_of_one(const char *a, const char *b)
{
    char *copies[] = {xstrdup(a), xstrdup(b)}, *words[2][WORDS_MAX];
    size_t count = sorted_words(copies[0], words[0]);
    bool same = count == sorted_words(copies[1], words[1]);
    for (size_t i = 0; same && i < count; i++)
        same = strcmp(words[0][i], words[1][i]) == 0;
    free(copies[0]);
    free(copies[1]);
    return same;
}

// Job by job: "rw=read | rw=write".
static bool same_words(const char *a, const char *b)
{
    static const char separator[] = " | ";
    const char *next_a = strstr(a, separator), *next_b = strstr(b, separator);
    if (next_a == NULL || next_b == NULL)
        return next_a == next_b && same_words_of_one(a, b);
    char *first_a = xformat("%.*s", (int)(next_a - a), a), *first_b = xformat("%.*s", (int)(next_b - b), b);
    bool same = same_words_of_one(first_a, first_b);
    free(first_a);
    free(first_b);
    return same && same_words(next_a + strlen(separator), next_b + strlen(separator));
}

// --- what a result says of its load --------------------------------------------------------------------------------

static const char *text_at(json_t *json, const char *object, const char *name)
{
    json_t *from = object == NULL ? json : json_object_get(json, object);
    const char *text = json_string_value(json_object_get(from, name));
    return text == NULL ? "" : text;
}

// Of a run it lies in "source", of a curve at the top.
static const char *job_of(const struct pair *pair, json_t *json)
{
    return text_at(json, pair->kind == METRICS_OF_CURVE ? NULL : "source", "job");
}

// Until when a load is measured, where not to its end.
static const char *until_of(json_t *json)
{
    return json_object_get(json, "steady") != NULL ? "steady" : text_at(json, NULL, "until");
}

static bool is_timed(const struct pair *pair)
{
    const char *job = job_of(pair, pair->base);
    return *until_of(pair->base) != '\0' || strstr(job, "runtime") != NULL || strstr(job, "exitall") != NULL;
}

static int check_text(const struct pair *check, const char *what, const char *base, const char *new, bool same)
{
    char quoted[2][256];
    if (same)
        return 0;
    snprintf(quoted[0], sizeof quoted[0], *base == '\0' ? "none" : "'%s'", base);
    snprintf(quoted[1], sizeof quoted[1], *new == '\0' ? "none" : "'%s'", new);
    return tell(check, what, quoted[0], quoted[1]);
}

static int check_source(const struct pair *check)
{
    json_t *base = check->base, *new = check->new;
    bool same = strcmp(text_at(base, "source", "sha256"), text_at(new, "source", "sha256")) == 0;
    return check_text(check, "recording", text_at(base, "source", "path"), text_at(new, "source", "path"), same);
}

static int check_job(const struct pair *check)
{
    const char *base = job_of(check, check->base), *new = job_of(check, check->new);
    bool replayed = *text_at(check->base, "source", "sha256") != '\0';
    return check_text(check, replayed ? "way of replaying" : "job", base, new, same_words(base, new));
}

static int check_until(const struct pair *check)
{
    const char *base = until_of(check->base), *new = until_of(check->new);
    return check_text(check, "end", base, new, strcmp(base, new) == 0);
}

// As text; a seed of 2^63 or more is a string already.
static void value_text(json_t *value, char text[32])
{
    if (json_is_string(value))
        snprintf(text, 32, "%s", json_string_value(value));
    else if (json_is_number(value))
        snprintf(text, 32, "%.20g", json_number_value(value));
    else
        snprintf(text, 32, "none");
}

static int check_value(const struct pair *check, const char *what, json_t *base, json_t *new)
{
    char texts[2][32];
    value_text(base, texts[0]);
    value_text(new, texts[1]);
    return json_equal(base, new) || (base == NULL && new == NULL) ? 0 : tell(check, what, texts[0], texts[1]);
}

// --- kinds and counts ----------------------------------------------------------------------------------------------

static json_t *count_of(json_t *kind)
{
    return json_object_get(kind, "count");
}

static int check_count(const struct pair *check, const char *scope, json_t *base, json_t *new)
{
    char what[96];
    snprintf(what, sizeof what, "number of commands (%s)", scope);
    if (is_timed(check) && base != NULL && new != NULL)
        return 0;
    return check_value(check, what, count_of(base), count_of(new));
}

static int check_kinds(const struct pair *check)
{
    json_t *base = json_object_get(check->base, "commands"), *new = json_object_get(check->new, "commands");
    const char *name;
    json_t *kind;
    int result = 0;
    if (check->other_seed)
        return check_count(check, "in all", json_object_get(check->base, "total"),
                           json_object_get(check->new, "total"));
    json_object_foreach(base, name, kind)
        result |= check_count(check, name, kind, json_object_get(new, name));
    json_object_foreach(new, name, kind)
        if (json_object_get(base, name) == NULL)
            result |= check_count(check, name, NULL, kind);
    return result;
}

static bool same_member(json_t *a, json_t *b, const char *name)
{
    json_t *one = json_object_get(a, name), *other = json_object_get(b, name);
    return one == other || json_equal(one, other); // of two that are not there the latter says no
}

// A depth that one of two curves lacks is absent in the table.
static int check_points(const struct pair *check)
{
    json_t *bases = json_object_get(check->base, "points"), *news = json_object_get(check->new, "points");
    json_t *base, *new;
    size_t i, k;
    int result = 0;
    json_array_foreach(bases, i, base)
        json_array_foreach(news, k, new)
            if (same_member(base, new, "iodepth") && same_member(base, new, "offered_iops"))
                result |= check_count(check, "of a point", base, new);
    return result;
}

static int check_pair(const struct pair *check)
{
    bool is_curve = check->kind == METRICS_OF_CURVE;
    int result = is_curve ? 0 : check_source(check);
    result |= check_job(check) | check_until(check);
    if (result == 0) // else it is no wonder that they differ
        result = is_curve ? check_points(check) : check_kinds(check);
    return result == 0 ? 0 : -1;
}

// --- sweeps --------------------------------------------------------------------------------------------------------

// The load of a point of which the base has one of that seed; else the first, and *other_seed.
static json_t *load_beside(json_t *loads, const char *seed, bool *other_seed)
{
    json_t *load = json_object_get(loads, seed);
    *other_seed = load == NULL;
    return load != NULL ? load : json_object_iter_value(json_object_iter(loads));
}

static int check_point(const struct pair *sweep, const char *name, json_t *base, json_t *new)
{
    void *first = json_object_iter(base);
    struct pair point = *sweep;
    char *place = xformat("%s, %.*s", sweep->path, (int)MAX(strlen(name), 1u) - 1, name);
    point.path = place;
    point.base = json_object_iter_value(first);
    point.new = load_beside(new, json_object_iter_key(first), &point.other_seed);
    int result = check_pair(&point);
    free(place);
    return result;
}

// The first point that differs is told for all.
static int check_sweeps(const struct pair *check)
{
    json_t *bases = json_object_get(check->base, "loads"), *news = json_object_get(check->new, "loads"), *base;
    const char *name;
    bool common = false, told = false;
    struct pair pair = *check;
    pair.told = &told;
    json_object_foreach(bases, name, base) {
        json_t *new = json_object_get(news, name);
        int result = new == NULL ? 0 : check_point(&pair, name, base, new);
        common |= new != NULL;
        if (told)
            return result;
    }
    if (common)
        return 0;
    return diag_error(check->diag, (struct place){.file = check->path}, "has none of the base's points: a point is "
                      "known by its axes, their values and its workload");
}

// --- seeds ---------------------------------------------------------------------------------------------------------

static int check_seeds(const struct load_check *check, const struct pair *pair)
{
    uint64_t base = check->base->sources[0].seed, new = check->new->sources[0].seed;
    char texts[2][32];
    if (base == new || metrics_seed_count(check->base) > 1 || metrics_seed_count(check->new) > 1)
        return 0;
    snprintf(texts[0], sizeof texts[0], "%llu", (unsigned long long)base);
    snprintf(texts[1], sizeof texts[1], "%llu", (unsigned long long)new);
    return tell(pair, "seed", texts[0], texts[1]);
}

int check_load(const struct load_check *check)
{
    const struct metrics_source *base = &check->base->sources[0], *new = &check->new->sources[0];
    struct pair pair = {base->json,      new->json,               new->path,  check->base->kind,
                        check->tolerate, base->seed != new->seed, check->diag, NULL};
    if (check->new->kind != check->base->kind)
        return diag_error(check->diag, (struct place){.file = new->path}, "is a %s, but the base is a %s",
                          metrics_kind_name(check->new->kind), metrics_kind_name(check->base->kind));
    return check_seeds(check, &pair) | (pair.kind == METRICS_OF_SWEEP ? check_sweeps(&pair) : check_pair(&pair));
}

// --- repetitions ---------------------------------------------------------------------------------------------------

static bool same_but_for_seed(json_t *a, json_t *b)
{
    json_t *copies[] = {json_copy(a), json_copy(b)};
    for (int i = 0; i < 2 && copies[i] != NULL; i++)
        json_object_del(copies[i], "seed");
    bool same = copies[0] == copies[1] || json_equal(copies[0], copies[1]);
    json_decref(copies[0]);
    json_decref(copies[1]);
    return same;
}

static bool has_seed_before(const struct metrics *metrics, size_t source)
{
    for (size_t i = 0; i < source; i++)
        if (metrics->sources[i].seed == metrics->sources[source].seed)
            return true;
    return false;
}

static int check_repetition(const struct metrics *metrics, size_t i, struct diag *diag)
{
    const struct metrics_source *first = &metrics->sources[0], *this = &metrics->sources[i];
    struct place place = {.file = this->path};
    struct pair pair = {first->json, this->json, this->path, metrics->kind, false, true, diag, NULL};
    if (has_seed_before(metrics, i))
        return diag_error(diag, place, "has seed %llu, as another in %s: one result would count twice",
                          (unsigned long long)this->seed, metrics->path);
    if (!same_but_for_seed(json_object_get(first->json, "config"), json_object_get(this->json, "config")))
        return diag_error(diag, place, "is of another configuration than %s: results in one folder are repetitions "
                          "with other seeds; name each by itself", first->path);
    return check_pair(&pair);
}

int check_repetitions(const struct metrics *metrics, struct diag *diag)
{
    int result = 0;
    for (size_t i = 1; i < metrics->source_count; i++)
        result |= check_repetition(metrics, i, diag);
    return result;
}
