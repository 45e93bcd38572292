// What readers of YAML files share.
#include "config/yaml_read.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"

static char *read_file(const char *path, size_t *size, struct diag *diag)
{
    char *text = NULL;
    FILE *file = fopen(path, "r"), *to = open_memstream(&text, size);
    char buffer[4096];
    size_t got = 0;
    while (file != NULL && (got = fread(buffer, 1, sizeof buffer, file)) > 0)
        fwrite(buffer, 1, got, to);
    bool failed = file == NULL || ferror(file);
    if (failed)
        diag_error(diag, (struct place){.file = path}, "cannot read: %s", strerror(errno));
    if (file != NULL)
        fclose(file);
    fclose(to);
    if (!failed)
        return text;
    free(text);
    return NULL;
}

struct yaml_node *yaml_file_read(struct diag *diag, const char *path)
{
    size_t size = 0;
    char *text = read_file(path, &size, diag);
    struct yaml_node *root = text == NULL ? NULL : yaml_tree_read(diag, path, text, size);
    free(text);
    return root;
}

bool yaml_is_key(const struct yaml_node *key, const char *name)
{
    return key->kind == YAML_SCALAR && strcmp(key->text, name) == 0;
}

const struct yaml_node *yaml_find(const struct yaml_node *mapping, const char *name)
{
    for (const struct yaml_node *key = mapping->first; key != NULL; key = key->next->next)
        if (yaml_is_key(key, name))
            return key->next;
    return NULL;
}

int yaml_complain(struct diag *diag, const struct yaml_node *node, const char *expected)
{
    if (node->is_bad)
        return -1;
    return diag_error(diag, node->place, "expected %s, not %s", expected, yaml_kind_name(node->kind));
}

int yaml_unknown_key(struct diag *diag, const struct yaml_node *key, const char *const *names)
{
    const char *text = key->kind == YAML_SCALAR ? key->text : "";
    const char *nearest = diag_nearest(text, names);
    if (nearest == NULL)
        return diag_error(diag, key->place, "unknown key '%s'", text);
    return diag_error(diag, key->place, "unknown key '%s'; did you mean '%s'?", text, nearest);
}

int yaml_read_text(struct diag *diag, const struct yaml_node *node, char **text)
{
    if (node->kind != YAML_SCALAR || yaml_node_is_empty(node))
        return yaml_complain(diag, node, "a single value");
    *text = xstrdup(node->text);
    return 0;
}

int yaml_read_texts(struct diag *diag, const struct yaml_node *node, struct text_list *list)
{
    if (node->kind == YAML_SCALAR) {
        text_list_add(list, node->text);
        return 0;
    }
    if (node->kind != YAML_LIST)
        return yaml_complain(diag, node, "a single value or a list");
    int result = 0;
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next)
        result |= item->kind == YAML_SCALAR ? yaml_read_texts(diag, item, list)
                                            : yaml_complain(diag, item, "a single value");
    return result;
}
