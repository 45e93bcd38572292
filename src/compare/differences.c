// Differences of configuration, key by key.
#include "compare/differences.h"

#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"

static json_t *root_of(const struct metrics *metrics, const char *root)
{
    return json_object_get(metrics->sources[0].json, root);
}

// The value of `key` in the section, or at the top where that is "".
static json_t *value_of(json_t *root, const char *section, const char *key)
{
    return json_object_get(*section == '\0' ? root : json_object_get(root, section), key);
}

static char *text_of(json_t *value)
{
    return value == NULL ? NULL : json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(12));
}

struct collector {
    const struct comparison *c;
    struct differences found;
    const char *root;
};

static bool is_listed(const struct differences *found, const char *key)
{
    for (size_t i = 0; i < found->count; i++)
        if (strcmp(found->at[i].key, key) == 0)
            return true;
    return false;
}

static bool differs(const struct collector *k, const char *section, const char *key)
{
    json_t *base = value_of(root_of(&k->c->base, k->root), section, key);
    for (size_t i = 0; i < k->c->new_count; i++) {
        json_t *new = value_of(root_of(&k->c->news[i], k->root), section, key);
        if (new != base && !json_equal(new, base))
            return true;
    }
    return false;
}

// Takes `name`.
static void add(struct collector *k, char *name, const char *section, const char *key)
{
    struct differences *found = &k->found;
    found->at = xrealloc(found->at, (found->count + 1) * sizeof *found->at);
    struct difference *d = &found->at[found->count++];
    *d = (struct difference){.key = name, .values = xcalloc(k->c->new_count + 1, sizeof *d->values)};
    d->base = text_of(value_of(root_of(&k->c->base, k->root), section, key));
    for (size_t i = 0; i < k->c->new_count; i++)
        d->values[i] = text_of(value_of(root_of(&k->c->news[i], k->root), section, key));
}

static bool is_one_of_several_seeds(const struct collector *k, const char *name)
{
    return strcmp(name, "seed") == 0 && metrics_seed_count(&k->c->base) > 1;
}

static void look_at(struct collector *k, const char *section, const char *key)
{
    bool is_tool = strcmp(k->root, "tool") == 0;
    char *name = xformat("%s%s%s%s", is_tool ? "tool." : "", section, *section == '\0' ? "" : ".", key);
    if (!is_listed(&k->found, name) && !is_one_of_several_seeds(k, name) && differs(k, section, key))
        add(k, name, section, key);
    else
        free(name);
}

// The keys that one side has.
static void look_through(struct collector *k, json_t *root)
{
    const char *section, *key;
    json_t *value, *inner;
    json_object_foreach(root, section, value) {
        if (!json_is_object(value))
            look_at(k, "", section);
        json_object_foreach(value, key, inner)
            look_at(k, section, key);
    }
}

struct differences differences_of(const struct comparison *c)
{
    static const char *const roots[] = {"tool", "config"};
    struct collector k = {.c = c, .found = {.columns = c->new_count}};
    for (size_t r = 0; r < 2; r++) {
        k.root = roots[r];
        look_through(&k, root_of(&c->base, roots[r]));
        for (size_t i = 0; i < c->new_count; i++)
            look_through(&k, root_of(&c->news[i], roots[r]));
    }
    return k.found;
}

const char *difference_text(const char *value)
{
    return value == NULL ? "(none)" : value;
}

void differences_free(struct differences *differences)
{
    for (size_t i = 0; i < differences->count; i++) {
        for (size_t k = 0; k < differences->columns; k++)
            free(differences->at[i].values[k]);
        free(differences->at[i].values);
        free(differences->at[i].base);
        free(differences->at[i].key);
    }
    free(differences->at);
}
