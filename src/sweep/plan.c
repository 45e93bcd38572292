// The points of a sweep: every combination of the values of its axes, without those that are excluded.
//
// An axis with a condition takes part only where the condition holds, which looks at axes before it; elsewhere it adds
// no points.
#include "sweep/plan.h"

#include <stdlib.h>
#include <string.h>

#include "host/job/job_words.h"
#include "util/alloc.h"
#include "util/macros.h"

#define COMMAND_LINE ((struct place){.file = "--vary"})

// --- what plans consist of -----------------------------------------------------------------------------------------

void sweep_plan_init(struct sweep_plan *plan, struct sweep_words words)
{
    *plan = (struct sweep_plan){.words = words, .workload = SWEEP_NO_VALUE, .seed = SWEEP_NO_VALUE};
}

static struct sweep_axis *find_axis(const struct sweep_plan *plan, const char *name)
{
    for (size_t i = 0; i < plan->axis_count; i++)
        if (strcmp(plan->axes[i].name, name) == 0)
            return (struct sweep_axis *)&plan->axes[i];
    return NULL;
}

struct sweep_axis *sweep_plan_add_axis(struct sweep_plan *plan, const char *name, struct place place,
                                       struct diag *diag)
{
    enum { OWN = 2 }; // workload and seed
    if (strcmp(name, SWEEP_WORKLOAD) == 0 || strcmp(name, SWEEP_SEED) == 0) {
        diag_error(diag, place, strcmp(name, SWEEP_SEED) == 0
                                    ? "seeds are an axis of their own: --seeds N, or seeds: [...] in the sweep's file"
                                    : "workloads are an axis of their own: workloads: {...} in the sweep's file");
        return NULL;
    }
    if (find_axis(plan, name) != NULL) {
        diag_error(diag, place, "there is an axis '%s' already", name);
        return NULL;
    }
    if (plan->axis_count + OWN >= SWEEP_AXES_MAX) {
        diag_error(diag, place, "more than %d axes", SWEEP_AXES_MAX - OWN);
        return NULL;
    }
    struct sweep_axis *axis = &plan->axes[plan->axis_count++];
    *axis = (struct sweep_axis){.name = xstrdup(name), .place = place};
    return axis;
}

struct sweep_value *sweep_axis_add(struct sweep_axis *axis, const char *name)
{
    axis->values = xgrow(axis->values, axis->count, sizeof *axis->values);
    struct sweep_value *value = &axis->values[axis->count++];
    *value = (struct sweep_value){.name = xstrdup(name)};
    return value;
}

struct sweep_term *sweep_rule_add(struct sweep_rule *rule, const char *axis, struct place place)
{
    rule->terms = xgrow(rule->terms, rule->count, sizeof *rule->terms);
    struct sweep_term *term = &rule->terms[rule->count++];
    *term = (struct sweep_term){.axis = xstrdup(axis), .place = place};
    return term;
}

static void free_rule(struct sweep_rule *rule)
{
    for (size_t i = 0; i < rule->count; i++) {
        free(rule->terms[i].axis);
        text_list_free(&rule->terms[i].values);
    }
    free(rule->terms);
}

static void free_axis(struct sweep_axis *axis)
{
    for (size_t v = 0; v < axis->count; v++) {
        struct sweep_value *value = &axis->values[v];
        free(value->name);
        text_list_free(&value->changes);
        text_list_free(&value->load.jobs);
        text_list_free(&value->load.words);
        free(value->load.trace);
    }
    free(axis->values);
    free(axis->name);
    free_rule(&axis->when);
}

void sweep_plan_free(struct sweep_plan *plan)
{
    for (size_t i = 0; i < plan->axis_count; i++)
        free_axis(&plan->axes[i]);
    for (size_t i = 0; i < plan->excluded_count; i++)
        free_rule(&plan->excluded[i]);
    free(plan->excluded);
    free_rule(&plan->baseline);
    text_list_free(&plan->sets);
    text_list_free(&plan->metrics);
    text_list_free(&plan->pareto);
    free(plan->points);
    free(plan->config);
    free(plan->path);
}

// --- from the command line -----------------------------------------------------------------------------------------

// The next value of a list, up to a comma outside brackets, without blanks around it; *at moves behind it. To be freed.
static char *cut_value(const char **at)
{
    const char *from = *at + strspn(*at, " "), *end = from;
    for (int depth = 0; *end != '\0' && (*end != ',' || depth > 0); end++)
        depth += (*end == '[') - (*end == ']');
    *at = *end == ',' ? end + 1 : end;
    while (end > from && end[-1] == ' ')
        end--;
    return xformat("%.*s", (int)(end - from), from);
}

int sweep_plan_vary(struct sweep_plan *plan, const char *text, struct diag *diag)
{
    size_t length = strcspn(text, "=");
    if (length == 0 || text[length] == '\0' || text[length + 1] == '\0')
        return diag_error(diag, COMMAND_LINE, "wants KEY=VALUE,VALUE,...; not '%s'", text);
    char *key = xformat("%.*s", (int)length, text);
    struct sweep_axis *axis = sweep_plan_add_axis(plan, key, COMMAND_LINE, diag);
    for (const char *at = text + length + 1; axis != NULL && *at != '\0';) {
        char *value = cut_value(&at), *change = xformat("%s=%s", key, value);
        text_list_add(&sweep_axis_add(axis, value)->changes, change);
        free(change);
        free(value);
    }
    free(key);
    return axis == NULL ? -1 : 0;
}

static struct sweep_value *add_own(struct sweep_plan *plan, const char *axis_name, const char *name)
{
    struct sweep_axis *axis = find_axis(plan, axis_name);
    if (axis == NULL) {
        axis = &plan->axes[plan->axis_count++];
        *axis = (struct sweep_axis){.name = xstrdup(axis_name), .place = COMMAND_LINE};
    }
    return sweep_axis_add(axis, name);
}

struct sweep_load *sweep_plan_add_load(struct sweep_plan *plan, const char *name)
{
    return &add_own(plan, SWEEP_WORKLOAD, name)->load;
}

void sweep_plan_add_seed(struct sweep_plan *plan, const char *seed)
{
    add_own(plan, SWEEP_SEED, seed);
}

// --- completing ----------------------------------------------------------------------------------------------------

static size_t find_value(const struct sweep_axis *axis, const char *name)
{
    for (size_t v = 0; v < axis->count; v++)
        if (strcmp(axis->values[v].name, name) == 0)
            return v;
    return SWEEP_NO_VALUE;
}

static int tell_no_value(const struct sweep_axis *axis, const struct sweep_term *term, const char *name,
                         struct diag *diag)
{
    const char **names = xcalloc(axis->count + 1, sizeof *names);
    for (size_t v = 0; v < axis->count; v++)
        names[v] = axis->values[v].name;
    const char *nearest = diag_nearest(name, names);
    diag_error(diag, term->place, "'%s' has no value '%s'%s%s%s", axis->name, name,
               nearest == NULL ? "" : "; did you mean '", nearest == NULL ? "" : nearest, nearest == NULL ? "" : "'?");
    free(names);
    return -1;
}

// `before`: the axes that may be named.
static int resolve(const struct sweep_plan *plan, struct sweep_rule *rule, size_t before, struct diag *diag)
{
    int result = 0;
    for (size_t i = 0; i < rule->count; i++) {
        struct sweep_term *term = &rule->terms[i];
        const struct sweep_axis *axis = find_axis(plan, term->axis);
        if (axis == NULL || axis >= plan->axes + before) {
            result = diag_error(diag, term->place, "there is no axis '%s'%s", term->axis,
                                before < plan->axis_count ? " before this one" : "");
            continue;
        }
        term->index = (size_t)(axis - plan->axes);
        for (size_t v = 0; v < term->values.count; v++)
            if (find_value(axis, term->values.at[v]) == SWEEP_NO_VALUE)
                result = tell_no_value(axis, term, term->values.at[v], diag);
    }
    return result;
}

static bool term_holds(const struct sweep_plan *plan, const struct sweep_term *term, const struct sweep_point *point)
{
    const char *value = sweep_point_value(plan, point, term->index);
    for (size_t v = 0; v < term->values.count; v++)
        if (strcmp(term->values.at[v], value) == 0)
            return true;
    return false;
}

bool sweep_rule_holds(const struct sweep_plan *plan, const struct sweep_rule *rule, const struct sweep_point *point)
{
    for (size_t i = 0; i < rule->count; i++)
        if (!term_holds(plan, &rule->terms[i], point))
            return false;
    return true;
}

static int check_axis(const struct sweep_axis *axis, struct diag *diag)
{
    if (axis->count == 0)
        return diag_error(diag, axis->place, "'%s' has no values", axis->name);
    for (size_t v = 0; v < axis->count; v++)
        if (find_value(axis, axis->values[v].name) != v)
            return diag_error(diag, axis->place, "'%s' has the value '%s' twice", axis->name, axis->values[v].name);
    return 0;
}

static int check(struct sweep_plan *plan, struct diag *diag)
{
    int result = 0;
    for (size_t a = 0; a < plan->axis_count; a++)
        result |= check_axis(&plan->axes[a], diag) | resolve(plan, &plan->axes[a].when, a, diag);
    for (size_t i = 0; i < plan->excluded_count; i++)
        result |= resolve(plan, &plan->excluded[i], plan->axis_count, diag);
    return result | resolve(plan, &plan->baseline, plan->axis_count, diag);
}

static bool is_excluded(const struct sweep_plan *plan, const struct sweep_point *point)
{
    for (size_t i = 0; i < plan->excluded_count; i++)
        if (sweep_rule_holds(plan, &plan->excluded[i], point))
            return true;
    return false;
}

// All points that begin with the values of the axes before `axis`; false when there are too many.
static bool add_points(struct sweep_plan *plan, struct sweep_point *point, size_t axis)
{
    if (axis == plan->axis_count) {
        if (is_excluded(plan, point))
            return true;
        if (plan->point_count == SWEEP_POINTS_MAX)
            return false;
        plan->points = xgrow(plan->points, plan->point_count, sizeof *plan->points);
        plan->points[plan->point_count++] = *point;
        return true;
    }
    point->at[axis] = SWEEP_NO_VALUE;
    if (!sweep_rule_holds(plan, &plan->axes[axis].when, point))
        return add_points(plan, point, axis + 1);
    for (size_t v = 0; v < plan->axes[axis].count; v++) {
        point->at[axis] = v;
        if (!add_points(plan, point, axis + 1))
            return false;
    }
    return true;
}

// Workloads and seeds go last, in this order, whenever they were given: points of one drive stand together.
static void put_own_axes_last(struct sweep_plan *plan)
{
    static const char *const names[] = {SWEEP_SEED, SWEEP_WORKLOAD};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        struct sweep_axis *axis = find_axis(plan, names[i]), copy = *axis;
        size_t behind = (size_t)(plan->axes + plan->axis_count - axis) - 1;
        memmove(axis, axis + 1, behind * sizeof *axis);
        plan->axes[plan->axis_count - 1] = copy;
    }
    plan->seed = plan->axis_count - 2;
    plan->workload = plan->axis_count - 1;
}

int sweep_plan_complete(struct sweep_plan *plan, const char *seed, struct diag *diag)
{
    struct sweep_point point = {.at = {0}};
    struct place place = {.file = plan->path != NULL ? plan->path : "sqtail"};
    if (find_axis(plan, SWEEP_WORKLOAD) == NULL)
        return diag_error(diag, place, "a sweep needs its load: --job \"rw=randread bs=4k iodepth=16 "
                          "number_ios=20000\", --trace PATH, or workloads in its file");
    if (find_axis(plan, SWEEP_SEED) == NULL)
        sweep_plan_add_seed(plan, seed);
    put_own_axes_last(plan);
    if (check(plan, diag) != 0)
        return -1;
    if (!add_points(plan, &point, 0))
        return diag_error(diag, place, "more than %d points; exclude some, or part the sweep", SWEEP_POINTS_MAX);
    if (plan->point_count == 0)
        return diag_error(diag, place, "all points are excluded");
    return 0;
}

// --- a point -------------------------------------------------------------------------------------------------------

static const struct sweep_value *value_of(const struct sweep_plan *plan, const struct sweep_point *point, size_t axis)
{
    return point->at[axis] == SWEEP_NO_VALUE ? NULL : &plan->axes[axis].values[point->at[axis]];
}

const char *sweep_point_value(const struct sweep_plan *plan, const struct sweep_point *point, size_t axis)
{
    const struct sweep_value *value = value_of(plan, point, axis);
    return value == NULL ? "" : value->name;
}

const struct sweep_load *sweep_point_load(const struct sweep_plan *plan, const struct sweep_point *point)
{
    return &value_of(plan, point, plan->workload)->load;
}

bool sweep_point_is_changed(const struct sweep_plan *plan, const struct sweep_point *point)
{
    for (size_t a = 0; a < plan->axis_count; a++) {
        const struct sweep_value *value = value_of(plan, point, a);
        if (value != NULL && value->changes.count > 0)
            return true;
    }
    return false;
}

static bool is_of_job(const char *change)
{
    return strncmp(change, SWEEP_JOB_PREFIX, strlen(SWEEP_JOB_PREFIX)) == 0;
}

typedef void change_fn(void *context, const char *change);

static void visit_changes(const struct sweep_plan *plan, const struct sweep_point *point, bool of_job,
                          change_fn *visit, void *context)
{
    for (size_t a = 0; a < plan->axis_count; a++) {
        const struct sweep_value *value = value_of(plan, point, a);
        for (size_t i = 0; value != NULL && i < value->changes.count; i++)
            if (is_of_job(value->changes.at[i]) == of_job)
                visit(context, value->changes.at[i]);
    }
}

static void add_set(void *context, const char *change)
{
    text_list_add(context, change);
}

void sweep_point_sets(const struct sweep_plan *plan, const struct sweep_point *point, struct text_list *sets)
{
    text_list_add_all(sets, &plan->sets);
    visit_changes(plan, point, false, add_set, sets);
}

static void change_words(void *context, const char *change)
{
    struct text_list *jobs = context;
    for (size_t i = 0; i < jobs->count; i++) {
        char *merged = job_words_merge(jobs->at[i], change + strlen(SWEEP_JOB_PREFIX));
        free(jobs->at[i]);
        jobs->at[i] = merged;
    }
}

void sweep_point_jobs(const struct sweep_plan *plan, const struct sweep_point *point, struct text_list *jobs)
{
    text_list_add_all(jobs, &sweep_point_load(plan, point)->jobs);
    visit_changes(plan, point, true, change_words, jobs);
}

void sweep_point_print(const struct sweep_plan *plan, const struct sweep_point *point, FILE *to)
{
    const char *before = "";
    for (size_t a = 0; a < plan->axis_count; a++) {
        if (plan->axes[a].count < 2 || point->at[a] == SWEEP_NO_VALUE)
            continue;
        fprintf(to, "%s%s=%s", before, plan->axes[a].name, sweep_point_value(plan, point, a));
        before = ", ";
    }
}
