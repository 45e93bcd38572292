// sqtail schema: every key of a configuration.
#include <stdlib.h>

#include "cli/commands.h"
#include "cli/session.h"

struct schema_options {
    uint32_t format;
};

static const struct option_row rows[] = {
    {"format", 'f', OPTION_CHOICE, offsetof(struct schema_options, format), "text|json|man|sample",
     "A table, a JSON Schema, a manual page fragment, or a YAML file with every key at its default."},
};

static int run(const struct invocation *call)
{
    const struct schema_options *options = call->options;
    struct config_section sections[MACHINE_SECTIONS_MAX];
    machine_get_sections(sections);
    config_write_schema(sections, (enum config_schema_format)options->format, stdout);
    return EXIT_SUCCESS;
}

const struct command command_schema = {
    .name = "schema",
    .arguments = "[--format FORMAT]",
    .summary = "Show every key of a configuration: type, default, range, meaning.",
    .example = "sqtail schema --format sample > drive.yaml",
    .rows = rows,
    .row_count = ARRAY_SIZE(rows),
    .options_bytes = sizeof(struct schema_options),
    .run = run,
};
