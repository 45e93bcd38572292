// What readers of YAML files share: their trees, texts and lists, and what they say of what is none.
#ifndef SQTAIL_CONFIG_YAML_READ_H
#define SQTAIL_CONFIG_YAML_READ_H

#include "config/yaml_tree.h"
#include "util/text_list.h"

// The tree of the file `path`, which must outlive it; NULL with the reasons in `diag`.
struct yaml_node *yaml_file_read(struct diag *diag, const char *path);

bool yaml_is_key(const struct yaml_node *key, const char *name);

// The value of the key `name` of a mapping; NULL where there is none.
const struct yaml_node *yaml_find(const struct yaml_node *mapping, const char *name);

// An error: "expected a list, not a mapping"; none where there was one already. Returns -1.
int yaml_complain(struct diag *diag, const struct yaml_node *node, const char *expected);

// An error about a key that is none of `names`, which end with NULL. Returns -1.
int yaml_unknown_key(struct diag *diag, const struct yaml_node *key, const char *const *names);

// A single value, a copy of which *text becomes. Returns 0, or -1 with the reason.
int yaml_read_text(struct diag *diag, const struct yaml_node *node, char **text);

// A single value or a list of such; as yaml_read_text.
int yaml_read_texts(struct diag *diag, const struct yaml_node *node, struct text_list *list);

#endif
