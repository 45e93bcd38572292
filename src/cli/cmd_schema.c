// sqtail schema: every key of a configuration.
#include <stdlib.h>

#include "cli/commands.h"
#include "cli/session.h"

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

static int run(const struct invocation *call)
{
    const struct schema_options *options = call->options;
    struct config_section sections[MACHINE_SECTIONS_MAX];
    machine_get_sections(sections);
    if (options->json + options->man + options->sample > 1) {
        fprintf(stderr, "sqtail: error: give one of --json, --man and --sample\n");
        return EXIT_USER_ERROR;
    }
    config_write_schema(sections, format_of(options), stdout);
    return EXIT_SUCCESS;
}

const struct command command_schema = {
    .name = "schema",
    .arguments = "[--json | --man | --sample]",
    .summary = "Show every key of a configuration: type, default, range, meaning.",
    .example = "sqtail schema --sample > drive.yaml",
    .rows = rows,
    .row_count = ARRAY_SIZE(rows),
    .options_bytes = sizeof(struct schema_options),
    .run = run,
};
