// The effective configuration as YAML.
#include <stdlib.h>
#include <string.h>

#include "config/config_internal.h"
#include "util/alloc.h"

// In double quotes a string needs two escapes only, as config_parse lets no control characters in.
static char *quoted(const char *string)
{
    char *text = xmalloc(2 * strlen(string) + 3), *to = text;
    *to++ = '"';
    for (; *string != '\0'; string++) {
        if (*string == '"' || *string == '\\')
            *to++ = '\\';
        *to++ = *string;
    }
    strcpy(to, "\"");
    return text;
}

char *config_yaml_value(const struct config_field *field, const void *value)
{
    char text[CONFIG_VALUE_BYTES];
    if (field->type == CONFIG_STRING)
        return quoted(value);
    config_format(field, value, text, sizeof text);
    return xstrdup(text);
}

void config_write_yaml(const struct config *config, FILE *to)
{
    const char *open = "";
    for (size_t i = 0; i < config->cell_count; i++) {
        const struct config_cell *cell = &config->cells[i];
        char *text = config_yaml_value(cell->field, cell->value);
        const char *section = cell->section->name;
        if (strcmp(section, open) != 0)
            fprintf(to, "%s%s:\n", i == 0 ? "" : "\n", section);
        const struct config_cell *decider;
        const char *indent = section[0] == '\0' ? "" : "  ";
        if (config_has_effect(config, cell, &decider))
            fprintf(to, "%s%s: %s\n", indent, cell->field->key, text);
        else
            fprintf(to, "%s# %s has an effect only when %s\n", indent, cell->field->key, cell->field->when);
        open = section;
        free(text);
    }
}
