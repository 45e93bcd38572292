// A YAML document as a small tree with places: what a configuration file may hold, and nothing else of YAML.
#ifndef SQTAIL_CONFIG_YAML_TREE_H
#define SQTAIL_CONFIG_YAML_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "util/diag.h"

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAPPING };

struct yaml_node {
    enum yaml_kind kind;
    bool is_plain;           // scalar without quotes, which is how an absent value looks
    bool is_bad;             // already complained about: to be skipped
    struct place place;      // its `file` is the name given to yaml_tree_read
    char *text;              // scalar
    struct yaml_node *first; // list: elements; mapping: key, value, key, value ...
    struct yaml_node *next;
};

// Reads `text`. NULL, with the reasons in `diag`, when it is not one YAML document. Anchors, aliases and tags are
// errors, but the rest is still read.
struct yaml_node *yaml_tree_read(struct diag *diag, const char *file, const char *text, size_t size);
void yaml_tree_destroy(struct yaml_node *node);

// Whether nothing stands where a value could.
bool yaml_node_is_empty(const struct yaml_node *node);

// "a single value", "a list" or "a mapping", for messages.
const char *yaml_kind_name(enum yaml_kind kind);

#endif
