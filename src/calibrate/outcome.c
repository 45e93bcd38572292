// What came of a calibration.
#include "calibrate/outcome.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "calibrate/keys.h"
#include "config/value.h"
#include "report/locale_guard.h"
#include "report/text/number_text.h"
#include "report/data/summary_json.h"
#include "util/alloc.h"
#include "util/macros.h"
#include "util/version.h"

// Keys whose correlation is above are told to be hardly told apart.
static const double together = 0.95;

static double largest_error(const struct fit *fit)
{
    double most = 0;
    for (size_t t = 0; t < fit->targets; t++)
        most = MAX(most, fabs(fit->errors[t]));
    return most;
}

static char *found_text(const struct calibrate_outcome *o, size_t key)
{
    return calibrate_key_text(&o->problem->keys[key], o->fit->best[key]);
}

// What the data say of a key: how well they know it, or that they do not; to be freed.
static char *knowledge_text(const struct calibrate_outcome *o, size_t key)
{
    const struct sensitivity *s = o->sensitivity;
    if (s == NULL)
        return xstrdup("");
    if (sensitivity_is_idle(s, key))
        return xstrdup("no target moves with it");
    if (s->uncertainty[key] > 0.5)
        return xstrdup("the data hardly say where");
    const struct calibrate_key *k = &o->problem->keys[key];
    double low = calibrate_key_value(k, MAX(o->fit->best[key] - s->uncertainty[key], 0));
    double high = calibrate_key_value(k, MIN(o->fit->best[key] + s->uncertainty[key], 1));
    double value = calibrate_key_value(k, o->fit->best[key]);
    if (value <= 0 || high - low > 2 * value)
        return xstrdup("the data hardly say where");
    return xformat("+- %.2g %%", 100 * (high - low) / 2 / value);
}

static bool is_at_bound(const struct calibrate_outcome *o, size_t key)
{
    return o->fit->best[key] < 1e-3 || o->fit->best[key] > 1 - 1e-3;
}

// --- for people ----------------------------------------------------------------------------------------------------

static const char *value_text(const char *metric, double value, char text[NUMBER_TEXT_BYTES])
{
    return calibrate_is_latency(metric) ? time_text(value, text) : number_text(value, text);
}

static void print_targets(const struct calibrate_outcome *o, FILE *to)
{
    fprintf(to, "%-48s %10s %10s %9s\n", "target", "measured", "simulated", "error");
    for (size_t t = 0; t < o->fit->targets; t++) {
        const struct calibrate_target *target = &o->problem->targets[t];
        char name[256], measured[NUMBER_TEXT_BYTES], simulated[NUMBER_TEXT_BYTES];
        snprintf(name, sizeof name, "%s %s", o->problem->rows[target->row].name, target->shown);
        fprintf(to, "%-48s %10s %10s %+8.2f %%\n", name, value_text(target->shown, target->value, measured),
                value_text(target->shown, target->value * (1 + o->fit->errors[t]), simulated),
                100 * o->fit->errors[t]);
    }
}

static void print_keys(const struct calibrate_outcome *o, FILE *to)
{
    fprintf(to, "\n%-28s %12s  %-26s\n", "key", "found", "within");
    for (size_t k = 0; k < o->problem->key_count; k++) {
        const struct calibrate_key *key = &o->problem->keys[k];
        char *found = found_text(o, k), *knows = knowledge_text(o, k);
        char within[64];
        snprintf(within, sizeof within, "%.28s to %.28s", key->low_text, key->high_text);
        fprintf(to, "%-28s %12s  %-26s %s%s\n", key->name, found, within, knows,
                is_at_bound(o, k) ? "; at its bound" : "");
        free(found);
        free(knows);
    }
}

static void print_pairs(const struct calibrate_outcome *o, FILE *to)
{
    const struct sensitivity *s = o->sensitivity;
    for (size_t i = 0; s != NULL && i < s->keys; i++)
        for (size_t j = i + 1; j < s->keys; j++) {
            double r = s->correlation[i * s->keys + j];
            if (fabs(r) < together || sensitivity_is_idle(s, i) || sensitivity_is_idle(s, j))
                continue;
            fprintf(to, "%s and %s can hardly be told apart: correlation %.3f, one %s as the other grows\n",
                    o->problem->keys[i].name, o->problem->keys[j].name, r, r < 0 ? "shrinks" : "grows");
        }
}

void outcome_print(const struct calibrate_outcome *o, FILE *to)
{
    struct locale_guard guard = locale_guard_enter();
    fprintf(to, "%s: error %.2f %%, largest %.2f %%, %zu points looked at\n\n", o->problem->path, 100 * o->fit->error,
            100 * largest_error(o->fit), o->fit->evaluations);
    print_targets(o, to);
    print_keys(o, to);
    print_pairs(o, to);
    if (!o->complete)
        fputs("INCOMPLETE: stopped before the end; the same command goes on\n", to);
    locale_guard_leave(guard);
}

// --- JSON ----------------------------------------------------------------------------------------------------------

static json_t *target_json(const struct calibrate_outcome *o, size_t t)
{
    const struct calibrate_target *target = &o->problem->targets[t];
    const struct sensitivity *s = o->sensitivity;
    json_t *json = json_object(), *effects = json_object();
    json_object_set_new(json, "row", report_json_text(o->problem->rows[target->row].name));
    json_object_set_new(json, "metric", report_json_text(target->metric));
    json_object_set_new(json, "weight", json_real(target->weight));
    json_object_set_new(json, "measured", json_real(target->value));
    json_object_set_new(json, "simulated", json_real(target->value * (1 + o->fit->errors[t])));
    json_object_set_new(json, "error", json_real(o->fit->errors[t]));
    for (size_t k = 0; s != NULL && k < s->keys; k++)
        json_object_set_new(effects, o->problem->keys[k].name, json_real(s->effect[t * s->keys + k]));
    json_object_set_new(json, "effect_of_whole_range", effects);
    return json;
}

static json_t *key_json(const struct calibrate_outcome *o, size_t k)
{
    const struct calibrate_key *key = &o->problem->keys[k];
    const struct sensitivity *s = o->sensitivity;
    json_t *json = json_object(), *correlation = json_object();
    char *found = found_text(o, k);
    json_object_set_new(json, "found", json_string(found));
    json_object_set_new(json, "min", report_json_text(key->low_text));
    json_object_set_new(json, "max", report_json_text(key->high_text));
    json_object_set_new(json, "scale", json_string(key->logarithmic ? "log" : "linear"));
    json_object_set_new(json, "at_bound", json_boolean(is_at_bound(o, k)));
    for (size_t other = 0; s != NULL && other < s->keys; other++)
        if (other != k)
            json_object_set_new(correlation, o->problem->keys[other].name,
                                json_real(s->correlation[k * s->keys + other]));
    if (s != NULL)
        json_object_set_new(json, "uncertainty_of_range", json_real(MIN(s->uncertainty[k], 1)));
    json_object_set_new(json, "correlation", correlation);
    free(found);
    return json;
}

void outcome_write_json(const struct calibrate_outcome *o, FILE *to)
{
    json_t *json = json_object(), *targets = json_array(), *keys = json_object();
    for (size_t t = 0; t < o->fit->targets; t++)
        json_array_append_new(targets, target_json(o, t));
    for (size_t k = 0; k < o->problem->key_count; k++)
        json_object_set_new(keys, o->problem->keys[k].name, key_json(o, k));
    json_object_set_new(json, "schema", json_string(CALIBRATE_SCHEMA));
    json_object_set_new(json, "tool", report_tool_json());
    json_object_set_new(json, "complete", json_boolean(o->complete));
    json_object_set_new(json, "file", report_json_text(o->problem->path));
    json_object_set_new(json, "config", report_json_text(o->problem->config));
    json_object_set_new(json, "error", json_real(o->fit->error));
    json_object_set_new(json, "largest_error", json_real(largest_error(o->fit)));
    json_object_set_new(json, "points", report_whole_json(o->fit->evaluations));
    json_object_set_new(json, "keys", keys);
    json_object_set_new(json, "targets", targets);
    report_dump_json(json, to);
    json_decref(json);
}

// --- the configuration ---------------------------------------------------------------------------------------------

struct yaml_writer {
    const struct calibrate_outcome *outcome;
    FILE *to;
    const char *section; // that was begun last
};

static bool is_set(const struct calibrate_problem *problem, const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < problem->sets.count; i++)
        if (strncmp(problem->sets.at[i], name, length) == 0 && problem->sets.at[i][length] == '=')
            return true;
    return false;
}

static size_t find_key(const struct calibrate_problem *problem, const char *name)
{
    size_t k = 0;
    while (k < problem->key_count && strcmp(problem->keys[k].name, name) != 0)
        k++;
    return k;
}

// Where a number is from.
static char *origin_of(const struct calibrate_outcome *o, size_t k)
{
    if (k == o->problem->key_count)
        return xformat("set in %s", o->problem->path);
    const struct calibrate_key *key = &o->problem->keys[k];
    char *found = found_text(o, k), *knows = knowledge_text(o, k);
    char *text = xformat("calibrated: %s within %s to %s%s%s", found, key->low_text, key->high_text,
                         *knows == '\0' ? "" : ", ", knows);
    free(found);
    free(knows);
    return text;
}

static void write_value(void *context, const struct config_section *section, const struct config_field *field,
                        const void *value)
{
    struct yaml_writer *writer = context;
    const struct calibrate_outcome *o = writer->outcome;
    bool top = section->name[0] == '\0';
    char *name = top ? xstrdup(field->key) : xformat("%s.%s", section->name, field->key);
    size_t key = find_key(o->problem, name);
    if (key < o->problem->key_count || is_set(o->problem, name)) {
        char text[CONFIG_VALUE_BYTES], *origin = origin_of(o, key);
        config_format(field, value, text, sizeof text);
        if (!top && strcmp(writer->section, section->name) != 0)
            fprintf(writer->to, "%s:\n", section->name);
        writer->section = section->name;
        bool quoted = field->type == CONFIG_STRING;
        fprintf(writer->to, "%s%s: %s%s%s # %s\n", top ? "" : "  ", field->key, quoted ? "'" : "", text,
                quoted ? "'" : "", origin);
        free(origin);
    }
    free(name);
}

void outcome_write_yaml(const struct calibrate_outcome *o, FILE *to)
{
    struct yaml_writer writer = {.outcome = o, .to = to, .section = ""};
    struct locale_guard guard = locale_guard_enter();
    fprintf(to, "# Calibrated by sqtail %s to the %zu targets of %s:\n"
                "# error %.2f %% (root of the weighted mean square), largest %.2f %%%s.\n"
                "# What is marked was found or set there; every other number is the included configuration's.\n",
            version_release, o->fit->targets, o->problem->path, 100 * o->fit->error,
            100 * largest_error(o->fit), o->complete ? "" : ". INCOMPLETE: the search was stopped");
    for (size_t t = 0; t < o->fit->targets; t++) {
        const struct calibrate_target *target = &o->problem->targets[t];
        char measured[NUMBER_TEXT_BYTES], simulated[NUMBER_TEXT_BYTES];
        fprintf(to, "#   %s %s: measured %s, simulated %s\n", o->problem->rows[target->row].name, target->shown,
                value_text(target->shown, target->value, measured),
                value_text(target->shown, target->value * (1 + o->fit->errors[t]), simulated));
    }
    fprintf(to, "include: %s\n", o->include);
    config_visit(o->config, write_value, &writer);
    locale_guard_leave(guard);
}
