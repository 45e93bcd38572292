// Reading the file of a sweep: YAML, as a drive's configuration is.
//
//     config: generic-tlc-gen4.yaml                  the drive without any change
//     set: [ftl.precondition=sequential]             changed for all points
//     job: rw=randread bs=4k number_ios=20000        the load; a list where several jobs run at once; or
//     workloads:                                     several, each measured with each drive
//       read: rw=randread bs=4k iodepth=16 number_ios=20000
//       both: [rw=randread iodepth=4, rw=write bs=128k rate=200m]
//       database: {trace: recordings/db, iodepth: 8}     words as the options of sqtail run
//     seeds: [1, 2, 3]                               each point with each
//     axes:
//       nand.channels: [4, 8, 16]                    a key and its values, as of --set: +20% and x2 as well
//       job.iodepth: [1, 16]                         a word of all jobs
//       spare: {zip: {ftl.over_provisioning: [7%, 28%], ftl.gc_policy: [greedy, cost_benefit]}}  two go together
//       what if:                                     named changes, of any number of keys
//         cases: {as it is: {}, slow: {nand.t_prog: +20%, nand.t_r: +20%}}
//       nand.t_erase:                                only where another axis has that value
//         values: [3ms, 6ms]
//         when: {nand.channels: [4, 8]}
//     exclude: [{nand.channels: 16, spare: 28%/cost_benefit}]    points left out
//     baseline: {nand.channels: 8}                   what others are compared with
//     metrics: [iops, p99]                           that summaries show
//     pareto: [iops, p99]                            between which there is a choice
#include <stdlib.h>
#include <string.h>

#include "config/yaml_read.h"
#include "sweep/plan.h"
#include "util/alloc.h"
#include "util/macros.h"

struct reader {
    struct sweep_plan *plan;
    struct diag *diag;
};

typedef int read_fn(struct reader *reader, const struct yaml_node *node);

static struct place place_of(const struct reader *reader, const struct yaml_node *node)
{
    return (struct place){reader->plan->path, node->place.line, node->place.column};
}

static int expect_mapping(struct reader *reader, const struct yaml_node *node, const char *expected)
{
    return node->kind == YAML_MAPPING ? 0 : yaml_complain(reader->diag, node, expected);
}

// --- values --------------------------------------------------------------------------------------------------------

// "44us", or "[44us, 55us]" of a list; to be freed.
static char *value_text(const struct yaml_node *node)
{
    char *text = NULL;
    size_t size = 0;
    if (node->kind == YAML_SCALAR)
        return xstrdup(node->text);
    FILE *to = open_memstream(&text, &size);
    fputc('[', to);
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next)
        fprintf(to, "%s%s", item == node->first ? "" : ", ", item->kind == YAML_SCALAR ? item->text : "");
    fputc(']', to);
    fclose(to);
    return text;
}

static int add_change(struct reader *reader, struct sweep_value *value, const char *key, const struct yaml_node *node)
{
    if (node->kind == YAML_MAPPING || yaml_node_is_empty(node))
        return yaml_complain(reader->diag, node, "a value, as of --set");
    char *text = value_text(node), *change = xformat("%s=%s", key, text);
    text_list_add(&value->changes, change);
    free(change);
    free(text);
    return 0;
}

static int read_values(struct reader *reader, struct sweep_axis *axis, const struct yaml_node *node)
{
    int result = 0;
    if (node->kind != YAML_LIST)
        return yaml_complain(reader->diag, node, "a list of values");
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        char *name = item->kind == YAML_MAPPING ? xstrdup("") : value_text(item);
        result |= add_change(reader, sweep_axis_add(axis, name), axis->name, item);
        free(name);
    }
    return result;
}

// Another key's values join those that are there: "7%" becomes "7%/greedy".
static int join_values(struct reader *reader, struct sweep_axis *axis, const struct yaml_node *key)
{
    const struct yaml_node *item = key->next->kind == YAML_LIST ? key->next->first : NULL;
    int result = 0;
    size_t v = 0;
    if (key->kind != YAML_SCALAR || key->next->kind != YAML_LIST)
        return yaml_complain(reader->diag, key->next, "a key and the list of its values");
    for (; item != NULL && v < axis->count; item = item->next, v++) {
        char *text = item->kind == YAML_MAPPING ? xstrdup("") : value_text(item);
        char *name = xformat("%s/%s", axis->values[v].name, text);
        free(axis->values[v].name);
        axis->values[v].name = name;
        free(text);
        result |= add_change(reader, &axis->values[v], key->text, item);
    }
    if (item != NULL || v < axis->count)
        return diag_error(reader->diag, key->place, "'%s' has another number of values than the first key of the zip",
                          key->text);
    return result;
}

static int begin_zip(struct reader *reader, struct sweep_axis *axis, const struct yaml_node *key)
{
    int result = 0;
    if (key->kind != YAML_SCALAR || key->next->kind != YAML_LIST)
        return yaml_complain(reader->diag, key->next, "a key and the list of its values");
    for (const struct yaml_node *item = key->next->first; item != NULL; item = item->next) {
        char *name = item->kind == YAML_MAPPING ? xstrdup("") : value_text(item);
        result |= add_change(reader, sweep_axis_add(axis, name), key->text, item);
        free(name);
    }
    return result;
}

static int read_zip(struct reader *reader, struct sweep_axis *axis, const struct yaml_node *node)
{
    if (expect_mapping(reader, node, "keys and lists of their values") != 0)
        return -1;
    int result = node->first == NULL ? 0 : begin_zip(reader, axis, node->first);
    for (const struct yaml_node *key = node->first; key != NULL && key->next->next != NULL; key = key->next->next)
        result |= join_values(reader, axis, key->next->next);
    return result;
}

static int read_case(struct reader *reader, struct sweep_axis *axis, const struct yaml_node *name)
{
    int result = 0;
    if (name->kind != YAML_SCALAR)
        return yaml_complain(reader->diag, name, "the name of a case");
    struct sweep_value *value = sweep_axis_add(axis, name->text);
    if (yaml_node_is_empty(name->next))
        return 0;
    if (expect_mapping(reader, name->next, "the keys that change, and their values") != 0)
        return -1;
    for (const struct yaml_node *key = name->next->first; key != NULL; key = key->next->next)
        result |= key->kind == YAML_SCALAR ? add_change(reader, value, key->text, key->next)
                                           : yaml_complain(reader->diag, key, "a key");
    return result;
}

static int read_cases(struct reader *reader, struct sweep_axis *axis, const struct yaml_node *node)
{
    int result = 0;
    if (expect_mapping(reader, node, "cases by their names") != 0)
        return -1;
    for (const struct yaml_node *name = node->first; name != NULL; name = name->next->next)
        result |= read_case(reader, axis, name);
    return result;
}

// --- rules ---------------------------------------------------------------------------------------------------------

static int read_rule(struct reader *reader, const struct yaml_node *node, struct sweep_rule *rule)
{
    int result = 0;
    if (expect_mapping(reader, node, "axes and their values, such as {nand.channels: 16}") != 0)
        return -1;
    for (const struct yaml_node *key = node->first; key != NULL; key = key->next->next)
        result |= key->kind != YAML_SCALAR
                      ? yaml_complain(reader->diag, key, "the name of an axis")
                      : yaml_read_texts(reader->diag, key->next,
                                        &sweep_rule_add(rule, key->text, place_of(reader, key))->values);
    return result;
}

static int read_exclude(struct reader *reader, const struct yaml_node *node)
{
    struct sweep_plan *plan = reader->plan;
    int result = 0;
    if (node->kind != YAML_LIST)
        return yaml_complain(reader->diag, node, "a list of what to leave out");
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        plan->excluded = xgrow(plan->excluded, plan->excluded_count, sizeof *plan->excluded);
        struct sweep_rule *rule = &plan->excluded[plan->excluded_count++];
        *rule = (struct sweep_rule){0};
        result |= read_rule(reader, item, rule);
        if (item->kind == YAML_MAPPING && item->first == NULL)
            result |= yaml_complain(reader->diag, item, "axes and their values");
    }
    return result;
}

static int read_baseline(struct reader *reader, const struct yaml_node *node)
{
    return read_rule(reader, node, &reader->plan->baseline);
}

// --- axes ----------------------------------------------------------------------------------------------------------

static const struct axis_form {
    const char *name;
    int (*read)(struct reader *reader, struct sweep_axis *axis, const struct yaml_node *node);
} axis_forms[] = {{"values", read_values}, {"zip", read_zip}, {"cases", read_cases}};

static const struct axis_form *find_form(const struct yaml_node *key)
{
    for (size_t i = 0; i < ARRAY_SIZE(axis_forms); i++)
        if (yaml_is_key(key, axis_forms[i].name))
            return &axis_forms[i];
    return NULL;
}

static int read_axis_by_form(struct reader *reader, struct sweep_axis *axis, const struct yaml_node *node)
{
    static const char *const names[] = {"values", "zip", "cases", "when", NULL};
    int result = 0;
    for (const struct yaml_node *key = node->first; key != NULL; key = key->next->next) {
        const struct axis_form *form = find_form(key);
        if (form != NULL && axis->count > 0)
            result = diag_error(reader->diag, key->place, "'%s' has its values already", axis->name);
        else if (form != NULL)
            result |= form->read(reader, axis, key->next);
        else if (yaml_is_key(key, "when"))
            result |= read_rule(reader, key->next, &axis->when);
        else
            result |= yaml_unknown_key(reader->diag, key, names);
    }
    return result;
}

static int read_axis(struct reader *reader, const struct yaml_node *name)
{
    if (name->kind != YAML_SCALAR)
        return yaml_complain(reader->diag, name, "the name of an axis");
    struct sweep_axis *axis = sweep_plan_add_axis(reader->plan, name->text, place_of(reader, name), reader->diag);
    if (axis == NULL)
        return -1;
    if (name->next->kind == YAML_MAPPING)
        return read_axis_by_form(reader, axis, name->next);
    return read_values(reader, axis, name->next);
}

static int read_axes(struct reader *reader, const struct yaml_node *node)
{
    int result = 0;
    if (expect_mapping(reader, node, "axes and their values") != 0)
        return -1;
    for (const struct yaml_node *name = node->first; name != NULL; name = name->next->next)
        result |= read_axis(reader, name);
    return result;
}

// --- loads ---------------------------------------------------------------------------------------------------------

static int read_word(struct reader *reader, const struct yaml_node *key, struct sweep_load *load)
{
    char *value = NULL;
    if (yaml_read_text(reader->diag, key->next, &value) != 0)
        return -1;
    char *word = xformat("%s=%s", key->text, value);
    int result = reader->plan->words.check(word, place_of(reader, key->next), reader->diag);
    text_list_add(&load->words, word);
    free(word);
    free(value);
    return result;
}

enum { WORDS_MAX = 32 };

static int tell_unknown_word(struct reader *reader, const struct yaml_node *key)
{
    const char *const *names = reader->plan->words.names;
    const char *all[WORDS_MAX + 2] = {"trace"};
    for (size_t i = 0; i < WORDS_MAX && names[i] != NULL; i++)
        all[i + 1] = names[i];
    return yaml_unknown_key(reader->diag, key, all);
}

static int read_recording_word(struct reader *reader, const struct yaml_node *node, const struct yaml_node *key,
                               struct sweep_load *load)
{
    if (key->kind == YAML_SCALAR && yaml_find(node, key->text) != key->next)
        return diag_error(reader->diag, key->place, "'%s' is given twice", key->text);
    if (yaml_is_key(key, "trace"))
        return yaml_read_text(reader->diag, key->next, &load->trace);
    for (const char *const *name = reader->plan->words.names; *name != NULL; name++)
        if (yaml_is_key(key, *name))
            return read_word(reader, key, load);
    return tell_unknown_word(reader, key);
}

static int read_load(struct reader *reader, const char *name, const struct yaml_node *node)
{
    struct sweep_load *load = sweep_plan_add_load(reader->plan, name);
    int result = 0;
    if (node->kind != YAML_MAPPING)
        return yaml_read_texts(reader->diag, node, &load->jobs);
    for (const struct yaml_node *key = node->first; key != NULL; key = key->next->next)
        result |= read_recording_word(reader, node, key, load);
    if (result == 0 && load->trace == NULL)
        return diag_error(reader->diag, node->place, "'%s' names no recording: give trace: PATH", name);
    return result;
}

static int read_job(struct reader *reader, const struct yaml_node *node)
{
    return read_load(reader, "job", node);
}

static int read_workloads(struct reader *reader, const struct yaml_node *node)
{
    int result = 0;
    if (expect_mapping(reader, node, "workloads by their names") != 0)
        return -1;
    for (const struct yaml_node *name = node->first; name != NULL; name = name->next->next)
        result |= name->kind == YAML_SCALAR ? read_load(reader, name->text, name->next)
                                            : yaml_complain(reader->diag, name, "the name of a workload");
    return result;
}

static int read_seeds(struct reader *reader, const struct yaml_node *node)
{
    struct text_list seeds = {0};
    int result = yaml_read_texts(reader->diag, node, &seeds);
    for (size_t i = 0; i < seeds.count; i++)
        sweep_plan_add_seed(reader->plan, seeds.at[i]);
    text_list_free(&seeds);
    return result;
}

// --- the file ------------------------------------------------------------------------------------------------------

static int read_config(struct reader *reader, const struct yaml_node *node)
{
    return yaml_read_text(reader->diag, node, &reader->plan->config);
}

static int read_sets(struct reader *reader, const struct yaml_node *node)
{
    return yaml_read_texts(reader->diag, node, &reader->plan->sets);
}

static int read_metrics(struct reader *reader, const struct yaml_node *node)
{
    return yaml_read_texts(reader->diag, node, &reader->plan->metrics);
}

static int read_pareto(struct reader *reader, const struct yaml_node *node)
{
    int result = yaml_read_texts(reader->diag, node, &reader->plan->pareto);
    if (result == 0 && reader->plan->pareto.count != 2)
        return diag_error(reader->diag, node->place, "pareto wants two metrics");
    return result;
}

static const struct {
    const char *name;
    read_fn *read;
} parts[] = {
    {"config", read_config},     {"set", read_sets},         {"job", read_job},           {"workloads", read_workloads},
    {"seeds", read_seeds},       {"axes", read_axes},        {"exclude", read_exclude},   {"baseline", read_baseline},
    {"metrics", read_metrics},   {"pareto", read_pareto},
};

static int read_part(struct reader *reader, const struct yaml_node *root, const struct yaml_node *key)
{
    const char *names[ARRAY_SIZE(parts) + 1] = {NULL};
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        names[i] = parts[i].name;
        if (!yaml_is_key(key, parts[i].name))
            continue;
        if (yaml_find(root, key->text) != key->next)
            return diag_error(reader->diag, key->place, "'%s' is given twice", key->text);
        return parts[i].read(reader, key->next);
    }
    return yaml_unknown_key(reader->diag, key, names);
}

static int read_root(struct reader *reader, const struct yaml_node *root)
{
    int result = 0;
    if (expect_mapping(reader, root, "config, axes and a load") != 0)
        return -1;
    for (const struct yaml_node *key = root->first; key != NULL; key = key->next->next)
        result |= read_part(reader, root, key);
    if (result == 0 && reader->plan->config == NULL)
        return diag_error(reader->diag, root->place, "'config' is missing");
    return result;
}

int sweep_plan_read(struct sweep_plan *plan, const char *path, struct diag *diag)
{
    struct reader reader = {.plan = plan, .diag = diag};
    plan->path = xstrdup(path);
    struct yaml_node *root = yaml_file_read(diag, plan->path);
    int result = root == NULL ? -1 : read_root(&reader, root);
    yaml_tree_destroy(root);
    return result;
}

bool sweep_is_plan(const char *path)
{
    struct diag *diag = diag_create();
    struct yaml_node *root = yaml_file_read(diag, path);
    bool is = root != NULL && root->kind == YAML_MAPPING && yaml_find(root, "config") != NULL;
    yaml_tree_destroy(root);
    diag_destroy(diag);
    return is;
}
