// Reading the file that says what to calibrate: YAML, as a drive's configuration is.
//
//     config: generic-tlc-gen4.yaml               the drive to begin with
//     set: [ftl.precondition=random]              changed in it, and not searched
//     seeds: [1, 2]                               each row runs with each, and metrics are their means
//     job: rw=randread bs=4k number_ios=20000     of every row; a list where several run at once
//     keys:
//       nand.t_r: [x0.5, x2]                      bounds: of the value there is,
//       host.t_submit: {min: 0.1us, max: 5us, scale: log}    or absolute
//     targets:
//       - {job: iodepth=1, mean: 59.72us}         words of the row, and what was measured
//       - {job: iodepth=64, p99: 410us, iops: 464k, weight: 2}
//       - {csv: depths.csv}                       a row a line (targets_csv.c)
//       - {fio: output.json, use: [mean, p99]}    a row a job (targets_fio.c)
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "calibrate/problem.h"
#include "calibrate/targets.h"
#include "config/config.h"
#include "config/decimal.h"
#include "config/yaml_read.h"
#include "util/alloc.h"
#include "util/macros.h"

struct reader {
    struct calibrate_problem *problem;
    struct diag *diag;
};

// --- keys ----------------------------------------------------------------------------------------------------------

static int read_scale(struct reader *reader, const struct yaml_node *node, struct calibrate_key *key)
{
    key->scale_given = true;
    key->logarithmic = node->kind == YAML_SCALAR && strcmp(node->text, "log") == 0;
    if (key->logarithmic || (node->kind == YAML_SCALAR && strcmp(node->text, "linear") == 0))
        return 0;
    return diag_error(reader->diag, node->place, "scale must be log or linear");
}

static int read_bounds_by_name(struct reader *reader, const struct yaml_node *node, struct calibrate_key *key)
{
    static const char *const names[] = {"min", "max", "scale", NULL};
    int result = 0;
    for (const struct yaml_node *name = node->first; name != NULL; name = name->next->next) {
        if (yaml_is_key(name, "min") && key->low_text == NULL)
            result |= yaml_read_text(reader->diag, name->next, &key->low_text);
        else if (yaml_is_key(name, "max") && key->high_text == NULL)
            result |= yaml_read_text(reader->diag, name->next, &key->high_text);
        else if (yaml_is_key(name, "scale"))
            result |= read_scale(reader, name->next, key);
        else
            result |= yaml_unknown_key(reader->diag, name, names);
    }
    return result;
}

static int read_bounds(struct reader *reader, const struct yaml_node *node, struct calibrate_key *key)
{
    static const char expected[] = "bounds: [30us, 90us], [x0.5, x2], or {min: 30us, max: 90us, scale: log}";
    int result = 0;
    if (node->kind == YAML_MAPPING)
        result = read_bounds_by_name(reader, node, key);
    else if (node->kind == YAML_LIST && node->first != NULL && node->first->next != NULL &&
             node->first->next->next == NULL)
        result = yaml_read_text(reader->diag, node->first, &key->low_text) |
                 yaml_read_text(reader->diag, node->first->next, &key->high_text);
    if (result == 0 && (key->low_text == NULL || key->high_text == NULL))
        return diag_error(reader->diag, node->place, "%s wants %s", key->name, expected);
    return result;
}

static int read_key(struct reader *reader, const struct yaml_node *name)
{
    struct calibrate_problem *p = reader->problem;
    if (name->kind != YAML_SCALAR)
        return yaml_complain(reader->diag, name, "the name of a key");
    if (p->key_count == CALIBRATE_KEYS_MAX)
        return diag_error(reader->diag, name->place, "more than %d keys", CALIBRATE_KEYS_MAX);
    for (size_t i = 0; i < p->key_count; i++)
        if (strcmp(p->keys[i].name, name->text) == 0)
            return diag_error(reader->diag, name->place, "'%s' is given twice", name->text);
    struct calibrate_key *key = &p->keys[p->key_count++];
    *key = (struct calibrate_key){.name = xstrdup(name->text), .place = name->place};
    key->place.file = p->path;
    return read_bounds(reader, name->next, key);
}

static int read_keys(struct reader *reader, const struct yaml_node *node)
{
    int result = 0;
    if (node->kind != YAML_MAPPING)
        return yaml_complain(reader->diag, node, "keys with their bounds");
    for (const struct yaml_node *name = node->first; name != NULL; name = name->next->next)
        result |= read_key(reader, name);
    return result;
}

// --- targets -------------------------------------------------------------------------------------------------------

// What a row says, before it is one.
struct row_draft {
    const struct yaml_node *node;
    struct text_list jobs, sets, use;
    char *csv, *fio, *name;
    double weight;
};

static int read_weight(struct reader *reader, const struct yaml_node *node, double *weight)
{
    if (node->kind == YAML_SCALAR && decimal_real(node->text, weight) == DECIMAL_OK && *weight > 0)
        return 0;
    return diag_error(reader->diag, node->place, "weight must be a number above zero");
}

// What a row may say beside its metrics, and where that goes.
static const struct row_word {
    const char *name;
    enum { WORD_TEXTS, WORD_TEXT, WORD_WEIGHT } type;
    size_t offset; // in the draft
} row_words[] = {
    {"job", WORD_TEXTS, offsetof(struct row_draft, jobs)}, {"set", WORD_TEXTS, offsetof(struct row_draft, sets)},
    {"use", WORD_TEXTS, offsetof(struct row_draft, use)},  {"csv", WORD_TEXT, offsetof(struct row_draft, csv)},
    {"fio", WORD_TEXT, offsetof(struct row_draft, fio)},   {"name", WORD_TEXT, offsetof(struct row_draft, name)},
    {"weight", WORD_WEIGHT, offsetof(struct row_draft, weight)},
};

// NULL: what is a metric.
static const struct row_word *find_row_word(const struct yaml_node *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(row_words); i++)
        if (yaml_is_key(name, row_words[i].name))
            return &row_words[i];
    return NULL;
}

static int read_row_word(struct reader *reader, const struct yaml_node *name, struct row_draft *draft)
{
    const struct row_word *word = find_row_word(name);
    if (word == NULL)
        return name->kind == YAML_SCALAR ? 0 : yaml_complain(reader->diag, name, "a word");
    void *to = (char *)draft + word->offset;
    if (word->type == WORD_TEXTS)
        return yaml_read_texts(reader->diag, name->next, to);
    return word->type == WORD_TEXT ? yaml_read_text(reader->diag, name->next, to) : read_weight(reader, name->next, to);
}

static struct place place_of(const struct reader *reader, const struct yaml_node *node)
{
    return (struct place){reader->problem->path, node->place.line, node->place.column};
}

static int add_metric(struct reader *reader, size_t row, const struct yaml_node *name, double weight)
{
    if (name->next->kind != YAML_SCALAR)
        return yaml_complain(reader->diag, name->next, "a single value");
    return calibrate_add_target(reader->problem, row, name->text, name->next->text, weight, place_of(reader, name),
                                reader->diag);
}

static int add_metrics(struct reader *reader, const struct row_draft *draft)
{
    size_t row = calibrate_add_row(reader->problem, place_of(reader, draft->node), &draft->jobs), metrics = 0;
    int result = 0;
    for (const struct yaml_node *name = draft->node->first; name != NULL; name = name->next->next) {
        if (find_row_word(name) != NULL)
            continue;
        metrics++;
        result |= add_metric(reader, row, name, draft->weight);
    }
    if (metrics == 0)
        return diag_error(reader->diag, draft->node->place, "a row without a target: give mean: 59.7us or such");
    return result;
}

static int add_rows(struct reader *reader, const struct row_draft *draft)
{
    struct targets_source source = {
        .problem = reader->problem, .jobs = &draft->jobs, .use = &draft->use, .weight = draft->weight,
        .diag = reader->diag,
    };
    if (draft->csv == NULL && draft->fio == NULL)
        return add_metrics(reader, draft);
    if (draft->csv != NULL && draft->fio != NULL)
        return diag_error(reader->diag, draft->node->place, "give either csv or fio");
    source.path = config_path_beside(reader->problem->path, draft->csv != NULL ? draft->csv : draft->fio);
    int result = draft->csv != NULL ? targets_read_csv(&source) : targets_read_fio(&source);
    free(source.path);
    return result;
}

static void finish_rows(struct reader *reader, const struct row_draft *draft, size_t first)
{
    for (size_t r = first; r < reader->problem->row_count; r++) {
        struct calibrate_row *row = &reader->problem->rows[r];
        for (size_t i = 0; i < draft->sets.count; i++)
            text_list_add(&row->sets, draft->sets.at[i]);
        if (draft->name == NULL)
            continue;
        free(row->name);
        row->name = xstrdup(draft->name);
    }
}

static int read_row(struct reader *reader, const struct yaml_node *node)
{
    struct row_draft draft = {.node = node, .weight = 1};
    size_t first = reader->problem->row_count;
    int result = 0;
    if (node->kind != YAML_MAPPING)
        return yaml_complain(reader->diag, node, "a row, such as {job: iodepth=1, mean: 59.7us}");
    for (const struct yaml_node *name = node->first; name != NULL; name = name->next->next)
        result |= read_row_word(reader, name, &draft);
    if (result == 0)
        result = add_rows(reader, &draft);
    finish_rows(reader, &draft, first);
    text_list_free(&draft.jobs);
    text_list_free(&draft.sets);
    text_list_free(&draft.use);
    free(draft.csv);
    free(draft.fio);
    free(draft.name);
    return result;
}

static int read_targets(struct reader *reader, const struct yaml_node *node)
{
    int result = 0;
    if (node->kind != YAML_LIST)
        return yaml_complain(reader->diag, node, "a list of rows");
    for (const struct yaml_node *row = node->first; row != NULL; row = row->next)
        result |= read_row(reader, row);
    return result;
}

// --- the file ------------------------------------------------------------------------------------------------------

static int read_config(struct reader *reader, const struct yaml_node *node)
{
    return yaml_read_text(reader->diag, node, &reader->problem->config);
}

static int read_sets(struct reader *reader, const struct yaml_node *node)
{
    return yaml_read_texts(reader->diag, node, &reader->problem->sets);
}

static int read_seeds(struct reader *reader, const struct yaml_node *node)
{
    return yaml_read_texts(reader->diag, node, &reader->problem->seeds);
}

static int read_jobs(struct reader *reader, const struct yaml_node *node)
{
    return yaml_read_texts(reader->diag, node, &reader->problem->jobs);
}

static const struct {
    const char *name;
    int (*read)(struct reader *reader, const struct yaml_node *node);
    bool is_needed;
} parts[] = { // in the order in which they are read: rows are made of what stands above them
    {"config", read_config, true}, {"set", read_sets, false},    {"seeds", read_seeds, false},
    {"job", read_jobs, false},     {"keys", read_keys, true},    {"targets", read_targets, true},
};

static int check_parts(struct reader *reader, const struct yaml_node *root)
{
    const char *names[ARRAY_SIZE(parts) + 1] = {NULL};
    int result = 0;
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
        names[i] = parts[i].name;
    for (const struct yaml_node *key = root->first; key != NULL; key = key->next->next) {
        bool known = false;
        for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
            known |= yaml_is_key(key, parts[i].name);
        if (!known)
            result |= yaml_unknown_key(reader->diag, key, names);
        else if (yaml_find(root, key->text) != key->next)
            result |= diag_error(reader->diag, key->place, "'%s' is given twice", key->text);
    }
    return result;
}

static int read_root(struct reader *reader, const struct yaml_node *root)
{
    if (root->kind != YAML_MAPPING)
        return yaml_complain(reader->diag, root, "config, keys and targets");
    int result = check_parts(reader, root);
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        const struct yaml_node *node = yaml_find(root, parts[i].name);
        if (node != NULL)
            result |= parts[i].read(reader, node);
        else if (parts[i].is_needed)
            result |= diag_error(reader->diag, root->place, "'%s' is missing", parts[i].name);
    }
    if (result == 0 && reader->problem->target_count == 0)
        result = diag_error(reader->diag, root->place, "there are no targets");
    if (result == 0 && reader->problem->key_count == 0)
        result = diag_error(reader->diag, root->place, "there are no keys to calibrate");
    return result;
}

int calibrate_problem_read(struct calibrate_problem *problem, const char *path, struct diag *diag)
{
    *problem = (struct calibrate_problem){.path = xstrdup(path)};
    struct reader reader = {.problem = problem, .diag = diag};
    struct yaml_node *root = yaml_file_read(diag, problem->path);
    int result = root == NULL ? -1 : read_root(&reader, root);
    yaml_tree_destroy(root);
    return result;
}
