// Finding a key, and what it is called.
#include <stdio.h>
#include <string.h>

#include "config/config_internal.h"
#include "util/check.h"

const struct config_section *config_find_section(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->section_count; i++) {
        if (strcmp(config->sections[i].name, name) == 0)
            return &config->sections[i];
    }
    return NULL;
}

struct config_cell *config_find_cell(const struct config *config, const char *section, const char *key)
{
    for (size_t i = 0; i < config->cell_count; i++) {
        struct config_cell *cell = &config->cells[i];
        if (strcmp(cell->field->key, key) == 0 && strcmp(cell->section->name, section) == 0)
            return cell;
    }
    return NULL;
}

struct config_cell *config_cell_of(const struct config *config, const char *name)
{
    const char *dot = strchr(name, '.'), *key = dot == NULL ? name : dot + 1;
    size_t length = dot == NULL ? 0 : (size_t)(dot - name);
    struct config_cell *cell = config->cells, *end = cell + config->cell_count;
    for (; cell < end; cell++) {
        const char *section = cell->section->name;
        if (strlen(section) == length && memcmp(section, name, length) == 0 && strcmp(cell->field->key, key) == 0)
            break;
    }
    CHECK(cell < end, "no configuration key '%s'", name);
    return cell;
}

const char *config_name(const struct config_cell *cell, char text[CONFIG_NAME_BYTES])
{
    const char *section = cell->section->name;
    snprintf(text, CONFIG_NAME_BYTES, "%s%s%s", section, section[0] == '\0' ? "" : ".", cell->field->key);
    return text;
}
