// A configuration: values laid over the rooms' structs, read from YAML files and `--set key=value`.
//
// Strict: an unknown or duplicate key, a bare number for a time, an alias, a value out of range are errors with their
// place; all of them are reported, not only the first. Afterwards every key has a value, and it is known where from.
#ifndef SQTAIL_CONFIG_CONFIG_H
#define SQTAIL_CONFIG_CONFIG_H

#include <stdio.h>

#include "config/field.h"
#include "util/diag.h"

struct config;

// Lays `sections` (ending with a NULL name) over `values`, the struct that their offsets refer to, and gives every
// field its default. Both must outlive the configuration.
struct config *config_create(const struct config_section *sections, void *values);
void config_destroy(struct config *config);

// Reads a YAML file, and what its `include:` names (paths relative to the including file, or what config_on_include
// finds; read first, so that the including file's own keys win). Returns 0, or a negative number with the reasons in
// `diag`.
int config_load(struct config *config, struct diag *diag, const char *path);

// Who is asked for the file of an include that is not beside the including one: returns its path, to be freed, or NULL.
typedef char *config_find_fn(const char *name);
void config_on_include(struct config *config, config_find_fn *find);

// `name` as seen from the folder of the file that names it; to be freed.
char *config_path_beside(const char *file, const char *name);

// Takes one `section.key=value`, as of the command line's --set, or `key=value` for a key of the top level; a list of
// times is `[a, b]` or `a,b`; a number may be relative to the one there is: `+20%`, `-10%`, `x2`. Returns as
// config_load.
int config_set(struct config *config, struct diag *diag, const char *assignment);

// Where the value of "section.key" was given: file, line and column, or {"--set"}, or {"default"}.
struct place config_place(const struct config *config, const char *key);

// An error about the value of a key, "ftl.capacity": at its place, with its name.
#define CONFIG_ERROR(config, diag, key, format, ...) \
    diag_error(diag, config_place(config, key), "%s: " format, key, ##__VA_ARGS__)

// Keys that were given though they have no effect, and values that were chosen for another value of a key they go
// with. What stands in a file and lost its meaning by what was given later (a file that includes it, --set) is no
// error. To be called once all is read. Returns the number of errors.
int config_check_effect(const struct config *config, struct diag *diag);

// Calls visit with a line for each key that was given, but gave way to what was given later.
typedef void config_idle_fn(void *context, const char *line);
void config_visit_idle(const struct config *config, config_idle_fn *visit, void *context);

// Calls visit for every key, in the order of the tables. `value` points at the field's value.
typedef void config_visit_fn(void *context, const struct config_section *section, const struct config_field *field,
                             const void *value);
void config_visit(const struct config *config, config_visit_fn *visit, void *context);

// The effective configuration as YAML that loads again; keys without effect are comments.
void config_write_yaml(const struct config *config, FILE *to);

// The schema: every key with type, default, range and help.
enum config_schema_format { CONFIG_SCHEMA_TEXT, CONFIG_SCHEMA_JSON, CONFIG_SCHEMA_MAN, CONFIG_SCHEMA_SAMPLE };
void config_write_schema(const struct config_section *sections, enum config_schema_format format, FILE *to);

#endif
