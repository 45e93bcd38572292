// Keys, their values and where those came from; --set.
#include "config/config_internal.h"

#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"
#include "util/check.h"

static void fill_cell(struct config_cell *cell, const struct config_section *section,
                      const struct config_field *field, void *values)
{
    struct config_problem problem;
    cell->section = section;
    cell->field = field;
    cell->value = (char *)values + section->offset + field->offset;
    cell->place = (struct place){.file = "default"};
    bool is_read = config_parse(field, field->fallback, cell->value, &problem);
    CHECK(is_read, "default of %s.%s: %s", section->name, field->key, problem.message);
}

// What the writers rely on, so that what they write loads: every name leads to its own key, and tables of the same
// section stand together.
static void check_tables(const struct config *config)
{
    for (size_t i = 0; i < config->cell_count; i++) {
        const struct config_cell *cell = &config->cells[i];
        const char *section = cell->section->name, *key = cell->field->key;
        CHECK(config_find_cell(config, section, key) == cell, "two keys '%s.%s'", section, key);
        bool is_reserved = strcmp(key, "include") == 0 || config_find_section(config, key) != NULL;
        CHECK(section[0] != '\0' || !is_reserved, "top-level key '%s' means something else", key);
        const struct config_cell *decider;
        config_has_effect(config, cell, &decider); // that its condition can be read, and leads back to no key twice
    }
    for (size_t i = 1; i < config->section_count; i++) {
        const char *name = config->sections[i].name;
        bool is_together = config_find_section(config, name) == &config->sections[i] ||
                           strcmp(config->sections[i - 1].name, name) == 0;
        CHECK(is_together, "the tables of section '%s' do not stand together", name);
    }
}

struct config *config_create(const struct config_section *sections, void *values)
{
    struct config *config = xcalloc(1, sizeof *config);
    config->sections = sections;
    for (; sections[config->section_count].name != NULL; config->section_count++)
        config->cell_count += sections[config->section_count].field_count;
    config->cells = xcalloc(config->cell_count + 1, sizeof *config->cells);
    struct config_cell *cell = config->cells;
    for (const struct config_section *section = sections; section->name != NULL; section++) {
        for (size_t i = 0; i < section->field_count; i++)
            fill_cell(cell++, section, &section->fields[i], values);
    }
    check_tables(config);
    return config;
}

void config_destroy(struct config *config)
{
    if (config == NULL)
        return;
    for (size_t i = 0; i < config->file_count; i++)
        free(config->files[i]);
    free(config->files);
    free(config->cells);
    free(config);
}

const char *config_keep_file_name(struct config *config, const char *name)
{
    for (size_t i = 0; i < config->file_count; i++) {
        if (strcmp(config->files[i], name) == 0)
            return config->files[i];
    }
    config->files = xrealloc(config->files, (config->file_count + 1) * sizeof *config->files);
    return config->files[config->file_count++] = xstrdup(name);
}

// Back to the default, but it stays known where it was given.
static void put_back(struct config_cell *cell)
{
    struct config_problem problem;
    config_parse(cell->field, cell->field->fallback, cell->value, &problem);
}

void config_take(struct config *config, struct config_cell *cell, const void *value, struct place place,
                 unsigned layer)
{
    char before[CONFIG_VALUE_BYTES], after[CONFIG_VALUE_BYTES];
    config_format(cell->field, cell->value, before, sizeof before);
    config_format(cell->field, value, after, sizeof after);
    if (strcmp(before, after) != 0)
        cell->changed = layer;
    memcpy(cell->value, value, config_value_type(cell->field->type)->size);
    cell->place = place;
    cell->layer = layer;
    if (cell->field->instead_of == NULL)
        return;
    struct config_cell *other = config_cell_of(config, cell->field->instead_of);
    if (other->layer < layer)
        put_back(other);
}

// A cell whose key is `name`, of any section.
static const struct config_cell *find_anywhere(const struct config *config, const char *name)
{
    for (size_t i = 0; name != NULL && i < config->cell_count; i++) {
        if (strcmp(config->cells[i].field->key, name) == 0)
            return &config->cells[i];
    }
    return NULL;
}

// The key nearest to `key` in a section, or in all of them when section is NULL.
static const char *nearest_key(const struct config *config, const char *section, const char *key)
{
    const char **names = xcalloc(config->cell_count + 1, sizeof *names);
    size_t count = 0;
    for (size_t i = 0; i < config->cell_count; i++) {
        if (section == NULL || strcmp(config->cells[i].section->name, section) == 0)
            names[count++] = config->cells[i].field->key;
    }
    const char *near = diag_nearest(key, names);
    free(names);
    return near;
}

// The cell that a key was renamed to.
static const struct config_cell *find_renamed(const struct config *config, const char *section, const char *key)
{
    char name[CONFIG_NAME_BYTES];
    snprintf(name, sizeof name, "%s.%s", section, key);
    for (size_t i = 0; i < config->cell_count; i++) {
        const char *formerly = config->cells[i].field->formerly;
        if (formerly != NULL && strcmp(formerly, name) == 0)
            return &config->cells[i];
    }
    return NULL;
}

static void report_mistaken_key(const struct config *config, struct diag *diag, struct place place,
                                const char *section, const char *key)
{
    char shown[CONFIG_SHOWN_BYTES];
    const char *in = section[0] == '\0' ? "" : " in ";
    const struct config_cell *other = find_anywhere(config, key);
    const char *near = other == NULL ? nearest_key(config, section, key) : NULL;
    if (other == NULL && near == NULL)
        other = find_anywhere(config, nearest_key(config, NULL, key));
    config_show(shown, key);
    if (near != NULL)
        diag_error(diag, place, "unknown key '%s'%s%s; did you mean '%s'?", shown, in, section, near);
    else if (other != NULL && other->section->name[0] == '\0')
        diag_error(diag, place, "unknown key '%s'%s%s; did you mean '%s' at the top level?", shown, in, section,
                   other->field->key);
    else if (other != NULL)
        diag_error(diag, place, "unknown key '%s'%s%s; did you mean '%s' in %s?", shown, in, section,
                   other->field->key, other->section->name);
    else
        diag_error(diag, place, "unknown key '%s'%s%s", shown, in, section);
}

void config_report_unknown_key(const struct config *config, struct diag *diag, struct place place,
                               const char *section, const char *key)
{
    char name[CONFIG_NAME_BYTES];
    const struct config_cell *renamed = find_renamed(config, section, key);
    if (renamed == NULL)
        report_mistaken_key(config, diag, place, section, key);
    else
        diag_error(diag, place, "'%s' is now '%s'", renamed->field->formerly, config_name(renamed, name));
}

void config_report_unknown_section(const struct config *config, struct diag *diag, struct place place,
                                   const char *name)
{
    char shown[CONFIG_SHOWN_BYTES];
    const char **names = xcalloc(config->section_count + 1, sizeof *names);
    size_t count = 0;
    for (size_t i = 0; i < config->section_count; i++) {
        if (config->sections[i].name[0] != '\0')
            names[count++] = config->sections[i].name;
    }
    const char *near = diag_nearest(name, names);
    config_show(shown, name);
    if (near != NULL)
        diag_error(diag, place, "unknown section '%s'; did you mean '%s'?", shown, near);
    else
        diag_error(diag, place, "unknown section '%s'", shown);
    free(names);
}

// `name` is "section.key", or the bare key of a top-level value; it is cut in two.
static void split_name(char *name, const char **section, const char **key)
{
    char *dot = strchr(name, '.');
    *section = dot == NULL ? "" : name;
    *key = dot == NULL ? name : dot + 1;
    if (dot != NULL)
        *dot = '\0';
}

static int assign(struct config *config, struct diag *diag, char *name, const char *text)
{
    const char *section, *key;
    struct place place = {.file = "--set", .column = 1};
    struct config_problem problem;
    split_name(name, &section, &key);
    if (section[0] == '\0' && key == name && config_find_section(config, key) != NULL)
        return diag_error(diag, place, "'%s' is a section; set one of its keys, as in %s.key=value", key, key);
    if (section[0] != '\0' && config_find_section(config, section) == NULL) {
        config_report_unknown_section(config, diag, place, section);
        return -1;
    }
    struct config_cell *cell = config_find_cell(config, section, key);
    if (cell == NULL) {
        place.column = (uint64_t)(key - name) + 1;
        config_report_unknown_key(config, diag, place, section, key);
        return -1;
    }
    union config_any value;
    char absolute[CONFIG_VALUE_BYTES];
    enum config_relation relation = config_relative(cell->field, cell->value, text, absolute, &problem);
    if (relation == CONFIG_RELATIVE)
        text = absolute;
    if (relation == CONFIG_RELATION_BAD || !config_parse(cell->field, text, &value, &problem)) {
        place.column = (uint64_t)(key - name) + strlen(key) + problem.at + 2;
        return diag_error(diag, place, "%s", problem.message);
    }
    config_take(config, cell, &value, (struct place){.file = "--set"}, CONFIG_LAYER_SET);
    return 0;
}

int config_set(struct config *config, struct diag *diag, const char *assignment)
{
    char shown[CONFIG_SHOWN_BYTES];
    char *name = xstrdup(assignment);
    char *equals = strchr(name, '=');
    int result;
    if (equals == NULL || equals == name) {
        result = diag_error(diag, (struct place){.file = "--set", .column = 1},
                            "wants section.key=value; got '%s'", config_show(shown, assignment));
    } else {
        *equals = '\0';
        result = assign(config, diag, name, equals + 1);
    }
    free(name);
    return result;
}

struct place config_place(const struct config *config, const char *key)
{
    return config_cell_of(config, key)->place;
}

void config_on_include(struct config *config, config_find_fn *find)
{
    config->find_include = find;
}

void config_visit(const struct config *config, config_visit_fn *visit, void *context)
{
    for (size_t i = 0; i < config->cell_count; i++) {
        const struct config_cell *cell = &config->cells[i];
        visit(context, cell->section, cell->field, cell->value);
    }
}
