// Values to JSON; FNV-1a (Fowler, Noll, Vo: 64 bits), finished by rng_mix, over the lines `section.key=value`.
#include "config/config_json.h"

#include "config/config_internal.h"
#include "util/check.h"
#include "util/rng.h"

static json_t *formatted(const struct config_field *field, const void *value)
{
    char text[CONFIG_VALUE_BYTES];
    config_format(field, value, text, sizeof text);
    return json_string(text);
}

static json_t *times_to_json(const struct config_field *field, const struct config_times *times)
{
    struct config_field one = config_element_field(field);
    json_t *list = json_array();
    for (uint32_t i = 0; i < times->count; i++)
        json_array_append_new(list, formatted(&one, &times->at[i]));
    return list;
}

static json_t *value_to_json(const struct config_field *field, const void *value)
{
    switch (field->type) {
    case CONFIG_BOOL:
        return json_boolean(*(const bool *)value);
    case CONFIG_UINT:
        return json_integer(*(const uint32_t *)value);
    case CONFIG_UINT64:
        if (*(const uint64_t *)value <= INT64_MAX)
            return json_integer((json_int_t) * (const uint64_t *)value);
        return formatted(field, value);
    case CONFIG_REAL:
        return json_real(*(const double *)value);
    case CONFIG_TIMES:
        return times_to_json(field, value);
    default:
        return formatted(field, value);
    }
}

static void add_value(void *context, const struct config_section *section, const struct config_field *field,
                      const void *value)
{
    json_t *root = context, *object = root;
    if (section->name[0] != '\0') {
        object = json_object_get(root, section->name);
        if (object == NULL) {
            object = json_object();
            json_object_set_new(root, section->name, object);
        }
    }
    int failed = json_object_set_new(object, field->key, value_to_json(field, value));
    CHECK(failed == 0, "%s.%s does not go into JSON", section->name, field->key);
}

// Keys without effect are left out: two drives that differ in them alone are the same.
static void visit_effective(const struct config *config, config_visit_fn *visit, void *context)
{
    for (size_t i = 0; i < config->cell_count; i++) {
        const struct config_cell *cell = &config->cells[i], *decider;
        if (config_has_effect(config, cell, &decider))
            visit(context, cell->section, cell->field, cell->value);
    }
}

json_t *config_to_json(const struct config *config)
{
    json_t *root = json_object();
    visit_effective(config, add_value, root);
    return root;
}

static uint64_t fnv1a(uint64_t hash, const char *text)
{
    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return hash;
}

struct hashing {
    uint64_t hash;
    config_counts_fn *counts; // NULL: all do
};

static void hash_value(void *context, const struct config_section *section, const struct config_field *field,
                       const void *value)
{
    struct hashing *hashing = context;
    char text[CONFIG_VALUE_BYTES];
    if (hashing->counts != NULL && !hashing->counts(section->name, field->key))
        return;
    config_format(field, value, text, sizeof text);
    const char *const parts[] = {section->name, ".", field->key, "=", text, "\n"};
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
        hashing->hash = fnv1a(hashing->hash, parts[i]);
}

void config_hash_of(const struct config *config, config_counts_fn *counts, char hex[CONFIG_HASH_BYTES])
{
    struct hashing hashing = {.hash = UINT64_C(0xcbf29ce484222325), .counts = counts};
    visit_effective(config, hash_value, &hashing);
    snprintf(hex, CONFIG_HASH_BYTES, "%016llx", (unsigned long long)rng_mix(hashing.hash));
}

void config_hash(const struct config *config, char hex[CONFIG_HASH_BYTES])
{
    config_hash_of(config, NULL, hex);
}
