// sqtail schema: every key of a configuration, or those of a section, or one.
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/session/session.h"

struct schema_options {
    bool json, man, sample;
};

#define AT(member) offsetof(struct schema_options, member)

static const struct option_row rows[] = {
    {"json", 0, OPTION_FLAG, AT(json), NULL, "As a JSON Schema, for editors and other programs."},
    {"man", 0, OPTION_FLAG, AT(man), NULL, "As a fragment of a manual page."},
    {"sample", 0, OPTION_FLAG, AT(sample), NULL, "As a YAML file with every key at its default."},
};

static enum config_schema_format format_of(const struct schema_options *options)
{
    return options->json     ? CONFIG_SCHEMA_JSON
           : options->man    ? CONFIG_SCHEMA_MAN
           : options->sample ? CONFIG_SCHEMA_SAMPLE
                             : CONFIG_SCHEMA_TEXT;
}

// Whether a section goes by a name: that of what stands before its keys; those of the file's top level go by "general".
static bool is_section(const struct config_section *section, const char *name)
{
    return strcmp(*section->name == '\0' ? "general" : section->name, name) == 0;
}

// Keeps of `sections` those of that name, and with `key` that one alone. Returns how many keys are left.
static size_t keep(struct config_section *sections, const char *name, const char *key)
{
    size_t left = 0;
    struct config_section *to = sections;
    for (const struct config_section *section = sections; section->name != NULL; section++)
        for (size_t i = 0; is_section(section, name) && i < section->field_count; i++) {
            bool whole = key == NULL;
            if (!whole && strcmp(section->fields[i].key, key) != 0)
                continue;
            *to = *section;
            to->fields += whole ? 0 : i;
            to->field_count = whole ? section->field_count : 1;
            left += to++->field_count;
            break;
        }
    *to = (struct config_section){.name = NULL};
    return left;
}

// "nand", "nand.t_prog", or a key of the file's top level.
static size_t keep_named(struct config_section *sections, const char *what)
{
    struct config_section all[MACHINE_SECTIONS_MAX];
    const char *dot = strchr(what, '.');
    char name[64];
    memcpy(all, sections, sizeof all);
    snprintf(name, sizeof name, "%.*s", (int)(dot == NULL ? strlen(what) : (size_t)(dot - what)), what);
    size_t left = keep(sections, name, dot == NULL ? NULL : dot + 1);
    if (left > 0 || dot != NULL)
        return left;
    memcpy(sections, all, sizeof all);
    return keep(sections, "general", what);
}

static int unknown(const char *what)
{
    struct config_section sections[MACHINE_SECTIONS_MAX];
    static char words[512][64];
    const char *names[ARRAY_SIZE(words) + 1] = {NULL};
    size_t count = 0;
    machine_get_sections(sections);
    for (const struct config_section *section = sections; section->name != NULL; section++) {
        names[count] = *section->name == '\0' ? "general" : section->name;
        count++;
        for (size_t i = 0; i < section->field_count && count < ARRAY_SIZE(words); i++, count++) {
            snprintf(words[count], sizeof words[0], "%s%s%s", section->name, *section->name == '\0' ? "" : ".",
                     section->fields[i].key);
            names[count] = words[count];
        }
    }
    const char *nearest = diag_nearest(what, names);
    fprintf(stderr, "sqtail: error: there is no section and no key '%s'", what);
    fprintf(stderr, nearest == NULL ? "; see sqtail schema\n" : "; did you mean '%s'?\n", nearest);
    return EXIT_USER_ERROR;
}

static int run(const struct invocation *call)
{
    const struct schema_options *options = call->options;
    struct config_section sections[MACHINE_SECTIONS_MAX];
    machine_get_sections(sections);
    if (options->json + options->man + options->sample > 1) {
        fprintf(stderr, "sqtail: error: give one of --json, --man and --sample\n");
        return EXIT_USER_ERROR;
    }
    if (call->count > 0 && keep_named(sections, call->arguments[0]) == 0)
        return unknown(call->arguments[0]);
    config_write_schema(sections, format_of(options), stdout);
    return EXIT_SUCCESS;
}

const struct command command_schema = {
    .name = "schema",
    .arguments = "[SECTION | SECTION.KEY] [--json | --man | --sample]",
    .summary = "Show every key of a configuration, or one: type, default, range, meaning.",
    .example = "sqtail schema nand.t_prog",
    .rows = rows,
    .row_count = ARRAY_SIZE(rows),
    .max_arguments = 1,
    .options_bytes = sizeof(struct schema_options),
    .run = run,
};
