// From a YAML file, and the files it includes, to values with places.
//
// A file is read in two passes over its tree: first its includes, then its own keys, which therefore win wherever
// `include:` stands. Every value is assigned as soon as it is read; one in error leaves the value before it, so that
// reading can go on and find the next error.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config_internal.h"
#include "config/yaml_tree.h"
#include "util/alloc.h"

// Far beyond any configuration; they keep what is none from taking long.
enum { FILE_BYTES_MAX = 1 << 20, FILES_MAX = 256, ERRORS_MAX = 100 };

// The files being read, from the innermost outward.
struct open_file {
    const char *name; // kept by the configuration
    dev_t device;
    ino_t inode;
    const struct open_file *outer;
};

struct loader {
    struct config *config;
    struct diag *diag;
    unsigned files;
    unsigned errors_before;
    unsigned layer; // of the file whose own keys are being read
};

// One file's pass over its own keys. What was seen is told by its line; 0 is not yet.
struct pass {
    struct loader *loader;
    uint64_t *key_lines;     // by cell
    uint64_t *section_lines; // by section
    uint64_t include_line;
};

static unsigned errors_of(const struct loader *loader)
{
    return diag_error_count(loader->diag) - loader->errors_before;
}

// True for a key that can be looked up; otherwise it has been reported.
static bool is_name(struct loader *loader, const struct yaml_node *key)
{
    if (key->kind != YAML_SCALAR)
        diag_error(loader->diag, key->place, "a key must be a single value, not %s", yaml_kind_name(key->kind));
    return key->kind == YAML_SCALAR && !key->is_bad;
}

// Reports a name that this file already gave.
static bool is_first(struct loader *loader, uint64_t *line, const struct yaml_node *key, const char *what,
                     const char *section)
{
    if (*line != 0) {
        const char *in = section[0] == '\0' ? "" : " in ";
        diag_error(loader->diag, key->place, "%s '%s'%s%s is given twice; first in line %llu", what, key->text, in,
                   section, (unsigned long long)*line);
        return false;
    }
    *line = key->place.line;
    return true;
}

static void assign_scalar(struct loader *loader, struct config_cell *cell, const struct yaml_node *value)
{
    struct config_problem problem;
    union config_any read;
    if (yaml_node_is_empty(value))
        diag_error(loader->diag, value->place, "'%s' has no value; it wants %s", cell->field->key,
                   config_value_type(cell->field->type)->wants);
    else if (!config_parse(cell->field, value->text, &read, &problem))
        diag_error(loader->diag, value->place, "%s", problem.message);
    else
        config_take(loader->config, cell, &read, value->place, loader->layer);
}

// Reports an element that is not a single value.
static bool is_scalar_element(struct loader *loader, const char *key, const struct yaml_node *element)
{
    if (element->kind != YAML_SCALAR)
        diag_error(loader->diag, element->place, "an element of '%s' must be a single value, not %s", key,
                   yaml_kind_name(element->kind));
    return element->kind == YAML_SCALAR && !element->is_bad;
}

static void assign_list(struct loader *loader, struct config_cell *cell, const struct yaml_node *list)
{
    struct config_field one = config_element_field(cell->field);
    struct config_times times = {.count = 0};
    struct config_problem problem;
    unsigned errors = errors_of(loader);
    if (list->first == NULL && !config_may_be_empty(cell->field))
        diag_error(loader->diag, list->place, "'%s' wants at least one time", one.key);
    for (const struct yaml_node *element = list->first; element != NULL; element = element->next) {
        if (times.count == CONFIG_TIMES_MAX) {
            diag_error(loader->diag, element->place, "'%s' takes at most %d times", one.key, CONFIG_TIMES_MAX);
            break;
        }
        tick_t *at = &times.at[times.count++];
        if (is_scalar_element(loader, one.key, element) && !config_parse(&one, element->text, at, &problem))
            diag_error(loader->diag, element->place, "%s", problem.message);
    }
    if (errors_of(loader) == errors)
        config_take(loader->config, cell, &times, list->place, loader->layer);
}

static void assign(struct loader *loader, struct config_cell *cell, const struct yaml_node *value)
{
    cell->place = value->place;
    if (value->is_bad)
        return;
    if (value->kind == YAML_SCALAR)
        assign_scalar(loader, cell, value);
    else if (value->kind == YAML_LIST && cell->field->type == CONFIG_TIMES)
        assign_list(loader, cell, value);
    else
        diag_error(loader->diag, value->place, "'%s' wants %s, not %s", cell->field->key,
                   config_value_type(cell->field->type)->wants, yaml_kind_name(value->kind));
}

static void read_key(struct pass *pass, const char *section, const struct yaml_node *key)
{
    struct loader *loader = pass->loader;
    struct config_cell *cell = config_find_cell(loader->config, section, key->text);
    if (cell == NULL)
        config_report_unknown_key(loader->config, loader->diag, key->place, section, key->text);
    else if (is_first(loader, &pass->key_lines[cell - loader->config->cells], key, "key", section))
        assign(loader, cell, key->next);
}

static void read_section(struct pass *pass, const struct config_section *section, const struct yaml_node *key)
{
    struct loader *loader = pass->loader;
    const struct yaml_node *body = key->next;
    if (!is_first(loader, &pass->section_lines[section - loader->config->sections], key, "section", ""))
        return;
    if (body->is_bad || yaml_node_is_empty(body))
        return;
    if (body->kind != YAML_MAPPING) {
        diag_error(loader->diag, body->place, "section '%s' must be a mapping of keys, not %s", section->name,
                   yaml_kind_name(body->kind));
        return;
    }
    for (const struct yaml_node *inner = body->first; inner != NULL && errors_of(loader) < ERRORS_MAX;
         inner = inner->next->next) {
        if (is_name(loader, inner))
            read_key(pass, section->name, inner);
    }
}

static void read_top_level(struct pass *pass, const struct yaml_node *key)
{
    struct loader *loader = pass->loader;
    const struct config_section *section = config_find_section(loader->config, key->text);
    if (strcmp(key->text, "include") == 0)
        is_first(loader, &pass->include_line, key, "key", "");
    else if (section != NULL && key->text[0] != '\0')
        read_section(pass, section, key);
    else if (key->next->kind == YAML_MAPPING && config_find_cell(loader->config, "", key->text) == NULL)
        config_report_unknown_section(loader->config, loader->diag, key->place, key->text);
    else
        read_key(pass, "", key);
}

static void read_keys(struct loader *loader, const struct yaml_node *root)
{
    struct pass pass = {.loader = loader};
    loader->layer = ++loader->config->layers;
    pass.key_lines = xcalloc(loader->config->cell_count + 1, sizeof *pass.key_lines);
    pass.section_lines = xcalloc(loader->config->section_count + 1, sizeof *pass.section_lines);
    for (const struct yaml_node *key = root->first; key != NULL && errors_of(loader) < ERRORS_MAX;
         key = key->next->next) {
        if (is_name(loader, key))
            read_top_level(&pass, key);
    }
    free(pass.section_lines);
    free(pass.key_lines);
}

static void load_file(struct loader *loader, const char *name, const struct yaml_node *include,
                      const struct open_file *outer);

char *config_path_beside(const char *file, const char *name)
{
    const char *slash = strrchr(file, '/');
    size_t folder = slash == NULL || name[0] == '/' ? 0 : (size_t)(slash - file) + 1;
    char *path = xmalloc(folder + strlen(name) + 1);
    memcpy(path, file, folder);
    strcpy(path + folder, name);
    return path;
}

// Beside the including file, else where whoever loads the configuration finds it.
static char *included_path(const struct loader *loader, const char *file, const char *name)
{
    char *path = config_path_beside(file, name);
    if (access(path, F_OK) == 0 || loader->config->find_include == NULL)
        return path;
    char *found = loader->config->find_include(name);
    if (found == NULL)
        return path;
    free(path);
    return found;
}

static void load_include(struct loader *loader, const struct yaml_node *name, const struct open_file *outer)
{
    if (errors_of(loader) >= ERRORS_MAX || !is_scalar_element(loader, "include", name))
        return;
    if (name->text[0] == '\0') {
        diag_error(loader->diag, name->place, "'include' wants the name of a file, or a list of them");
        return;
    }
    char *path = included_path(loader, outer->name, name->text);
    load_file(loader, path, name, outer);
    free(path);
}

static void load_includes(struct loader *loader, const struct yaml_node *root, const struct open_file *outer)
{
    for (const struct yaml_node *key = root->first; key != NULL; key = key->next->next) {
        if (key->kind != YAML_SCALAR || key->is_bad || strcmp(key->text, "include") != 0)
            continue;
        const struct yaml_node *value = key->next;
        if (value->is_bad)
            return;
        if (value->kind == YAML_MAPPING)
            diag_error(loader->diag, value->place, "'include' wants the name of a file, or a list of them");
        if (value->kind == YAML_SCALAR)
            load_include(loader, value, outer);
        for (const struct yaml_node *name = value->first; value->kind == YAML_LIST && name != NULL; name = name->next)
            load_include(loader, name, outer);
        return; // a second `include` is an error of the other pass
    }
}

static void load_text(struct loader *loader, const struct open_file *file, const char *text, size_t size)
{
    struct yaml_node *root = yaml_tree_read(loader->diag, file->name, text, size);
    if (root == NULL)
        return;
    if (root->kind != YAML_MAPPING) {
        diag_error(loader->diag, root->place, "a configuration is a mapping of sections, not %s",
                   yaml_kind_name(root->kind));
    } else {
        load_includes(loader, root, file);
        read_keys(loader, root);
    }
    yaml_tree_destroy(root);
}

// Whether `file` is being read already, at any depth.
static bool is_open(const struct open_file *file)
{
    for (const struct open_file *outer = file->outer; outer != NULL; outer = outer->outer) {
        if (outer->device == file->device && outer->inode == file->inode)
            return true;
    }
    return false;
}

// NULL if the file may be read, else why not. Only the outermost may be a pipe.
static const char *why_not(const struct loader *loader, const struct stat *info, const struct open_file *file)
{
    if (S_ISDIR(info->st_mode))
        return "it is a directory";
    if (file->outer != NULL && !S_ISREG(info->st_mode))
        return "it is not a regular file";
    if (is_open(file))
        return "it includes itself";
    if (loader->files > FILES_MAX)
        return "too many files are included";
    return info->st_size > FILE_BYTES_MAX ? "it is larger than 1MiB" : NULL;
}

// The content of at most FILE_BYTES_MAX + 1 bytes; NULL with errno.
static char *read_whole(const char *path, size_t *size)
{
    FILE *from = fopen(path, "re");
    if (from == NULL)
        return NULL;
    char *text = xmalloc(FILE_BYTES_MAX + 1);
    *size = fread(text, 1, FILE_BYTES_MAX + 1, from);
    int error = ferror(from) ? errno : 0;
    fclose(from);
    if (error != 0) {
        free(text);
        errno = error;
        return NULL;
    }
    return text;
}

// The outermost file has no place other than its name.
static void report_unreadable(struct loader *loader, const char *name, const struct yaml_node *include,
                              const char *reason)
{
    struct place place = include != NULL ? include->place : (struct place){.file = name};
    diag_error(loader->diag, place, "cannot read '%s': %s", name, reason);
}

static void load_file(struct loader *loader, const char *name, const struct yaml_node *include,
                      const struct open_file *outer)
{
    struct stat info;
    size_t size = 0;
    if (stat(name, &info) != 0) {
        report_unreadable(loader, name, include, strerror(errno));
        return;
    }
    struct open_file file = {config_keep_file_name(loader->config, name), info.st_dev, info.st_ino, outer};
    loader->files++;
    const char *reason = why_not(loader, &info, &file);
    char *text = reason == NULL ? read_whole(name, &size) : NULL;
    if (reason == NULL && text == NULL)
        reason = strerror(errno);
    if (reason == NULL && size > FILE_BYTES_MAX)
        reason = "it is larger than 1MiB";
    if (reason != NULL)
        report_unreadable(loader, name, include, reason);
    else
        load_text(loader, &file, text, size);
    free(text);
}

int config_load(struct config *config, struct diag *diag, const char *path)
{
    struct loader loader = {.config = config, .diag = diag, .errors_before = diag_error_count(diag)};
    load_file(&loader, path, NULL, NULL);
    return errors_of(&loader) == 0 ? 0 : -1;
}

int config_load_text(struct config *config, struct diag *diag, const char *name, const char *text, size_t size)
{
    struct loader loader = {.config = config, .diag = diag, .errors_before = diag_error_count(diag)};
    struct open_file file = {.name = config_keep_file_name(config, name)};
    if (size > FILE_BYTES_MAX)
        report_unreadable(&loader, name, NULL, "it is larger than 1MiB");
    else
        load_text(&loader, &file, text, size);
    return errors_of(&loader) == 0 ? 0 : -1;
}
