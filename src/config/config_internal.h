// What the files of a configuration share: one cell for each key.
#ifndef SQTAIL_CONFIG_CONFIG_INTERNAL_H
#define SQTAIL_CONFIG_CONFIG_INTERNAL_H

#include "config/config.h"
#include "config/value.h"

struct config_cell {
    const struct config_section *section;
    const struct config_field *field;
    void *value;
    struct place place;
    unsigned layer;   // which file's keys, in the order in which they were read, or CONFIG_LAYER_SET; 0: the default
    unsigned changed; // the layer that last gave another value than there was before; 0: none
};

enum { CONFIG_LAYER_SET = 1000000 };

struct config {
    const struct config_section *sections;
    size_t section_count;
    struct config_cell *cells; // in the order of the tables
    size_t cell_count;
    char **files; // names that places point to
    size_t file_count;
    unsigned layers; // read so far
    config_find_fn *find_include; // may be NULL
};

// A copy of `name` that lives as long as the configuration.
const char *config_keep_file_name(struct config *config, const char *name);

// By name; NULL when there is none. Top-level keys stand in the section "".
const struct config_section *config_find_section(const struct config *config, const char *name);
struct config_cell *config_find_cell(const struct config *config, const char *section, const char *key);

// The same by its whole name, "section.key"; a key that does not exist is a bug.
struct config_cell *config_cell_of(const struct config *config, const char *name);

// A value for the cell was read into `value`: takes it over, with its place and layer.
void config_take(struct config *config, struct config_cell *cell, const void *value, struct place place,
                 unsigned layer);

// Whether the key has an effect, as its row says. If not, *decider is the latest given of the keys that decide so.
bool config_has_effect(const struct config *config, const struct config_cell *cell,
                       const struct config_cell **decider);

// "nand.t_prog", cut to `size`. Returns `text`.
enum { CONFIG_NAME_BYTES = 96 };
const char *config_name(const struct config_cell *cell, char text[CONFIG_NAME_BYTES]);

// `error: unknown key ...` with the nearest valid name: an equal one of another section, else a near one of its own,
// else a near one anywhere.
void config_report_unknown_key(const struct config *config, struct diag *diag, struct place place,
                               const char *section, const char *key);
void config_report_unknown_section(const struct config *config, struct diag *diag, struct place place,
                                   const char *name);

// As config_load, from memory. `name` is the file's name in messages, and what its includes are relative to.
int config_load_text(struct config *config, struct diag *diag, const char *name, const char *text, size_t size);

// "true", "50us", or a string in double quotes: what may follow `key: ` in YAML. Free it.
char *config_yaml_value(const struct config_field *field, const void *value);

#endif
