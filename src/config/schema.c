// Every key with type, default, range and help: for the terminal, for a manual page, as a JSON schema (draft 2020-12,
// for editors that check YAML by one), and as a commented configuration to start from.
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "config/config_internal.h"
#include "util/alloc.h"
#include "util/check.h"

enum { LINE_COLUMNS = 100, CHOICES_BYTES = 512, CONDITION_BYTES = 1024 };

// Breaks text at spaces into lines that begin with `before`.
static void write_wrapped(FILE *to, const char *before, const char *text)
{
    size_t room = LINE_COLUMNS - strlen(before);
    while (*text != '\0') {
        size_t length = strlen(text);
        if (length > room) {
            length = room;
            while (length > 0 && text[length] != ' ')
                length--;
            length = length == 0 ? strcspn(text, " ") : length;
        }
        fprintf(to, "%s%.*s\n", before, (int)length, text);
        text += length;
        text += strspn(text, " ");
    }
}

static void write_condition(FILE *to, const char *before, const struct config_field *field)
{
    char text[CONDITION_BYTES];
    snprintf(text, sizeof text, "Only when %s.", field->when);
    write_wrapped(to, before, text);
}

// What may stand there: the choices, or the range, or nothing.
static const char *allowed(const struct config_field *field, char text[CHOICES_BYTES])
{
    if (field->type != CONFIG_CHOICE)
        return config_range(text, field);
    size_t length = 0;
    text[0] = '\0';
    for (const char *const *choice = field->choices; *choice != NULL && length < CHOICES_BYTES; choice++) {
        const char *before = choice == field->choices ? "" : ", ";
        length += (size_t)snprintf(text + length, CHOICES_BYTES - length, "%s%s", before, *choice);
    }
    return text;
}

static const char *type_name(const struct config_field *field)
{
    return config_value_type(field->type)->name;
}

// Whether section goes on with the keys of the one before it.
static bool is_continued(const struct config_section *sections, const struct config_section *section)
{
    return section != sections && strcmp(section[-1].name, section->name) == 0;
}

static void write_text_section(const struct config_section *section, FILE *to)
{
    int key_width = 0, default_width = 0;
    for (size_t i = 0; i < section->field_count; i++) {
        key_width = MAX(key_width, (int)strlen(section->fields[i].key));
        default_width = MAX(default_width, (int)strlen(section->fields[i].fallback));
    }
    for (size_t i = 0; i < section->field_count; i++) {
        const struct config_field *field = &section->fields[i];
        char text[CHOICES_BYTES];
        const char *range = allowed(field, text);
        int pad = range[0] == '\0' ? 0 : default_width;
        fprintf(to, "  %-*s  %-13s  %-*s%s%s\n", key_width, field->key, type_name(field), pad, field->fallback,
                pad == 0 ? "" : "  ", range);
        write_wrapped(to, "      ", field->help);
        if (field->when != NULL)
            write_condition(to, "      ", field);
    }
}

static void write_text(const struct config_section *sections, FILE *to)
{
    for (const struct config_section *section = sections; section->name != NULL; section++) {
        if (!is_continued(sections, section))
            fprintf(to, "%s%s: %s\n", section == sections ? "" : "\n",
                    section->name[0] == '\0' ? "(top level)" : section->name, section->help);
        write_text_section(section, to);
    }
}

// What a general YAML reader makes of a value: 0 needs no unit, 0x15b7 is a number, 7% is not but 0.07 is.
static json_t *json_types(enum config_type type)
{
    switch (type) {
    case CONFIG_BOOL:
        return json_string("boolean");
    case CONFIG_UINT:
    case CONFIG_UINT64:
        return json_string("integer");
    case CONFIG_REAL:
        return json_string("number");
    case CONFIG_RATIO:
        return json_pack("[s, s]", "string", "number");
    case CONFIG_TIMES:
        return json_pack("[s, s, s]", "array", "string", "integer");
    case CONFIG_CHOICE:
    case CONFIG_STRING:
        return json_string("string");
    default:
        return json_pack("[s, s]", "string", "integer");
    }
}

static json_t *plain_number(const struct config_field *field, const char *text)
{
    double real;
    uint64_t wide = 0;
    uint32_t narrow;
    struct config_field unbounded = *field;
    struct config_problem problem;
    unbounded.min = unbounded.max = NULL;
    void *value = field->type == CONFIG_REAL ? (void *)&real : field->type == CONFIG_UINT ? (void *)&narrow : &wide;
    bool is_read = config_parse(&unbounded, text, value, &problem);
    CHECK(is_read, "bound of a configuration key: %s", problem.message);
    if (field->type == CONFIG_REAL)
        return json_real(real);
    wide = field->type == CONFIG_UINT ? narrow : wide;
    return wide <= INT64_MAX ? json_integer((json_int_t)wide) : json_real((double)wide);
}

// A default as JSON: a number, a boolean, a list or a string.
static json_t *json_default(const struct config_field *field)
{
    if (field->type == CONFIG_BOOL)
        return json_boolean(strcmp(field->fallback, "true") == 0);
    if (config_value_type(field->type)->is_plain_number)
        return plain_number(field, field->fallback);
    if (field->type != CONFIG_TIMES)
        return json_string(field->fallback);
    struct config_times times;
    struct config_problem problem;
    struct config_field one = config_element_field(field);
    bool is_read = config_parse(field, field->fallback, &times, &problem);
    CHECK(is_read, "default of a configuration key: %s", problem.message);
    json_t *list = json_array();
    for (uint32_t i = 0; i < times.count; i++) {
        char text[48];
        config_format(&one, &times.at[i], text, sizeof text);
        json_array_append_new(list, json_string(text));
    }
    return list;
}

static void set_string(json_t *object, const char *key, const char *text)
{
    int failed = json_object_set_new(object, key, json_string(text));
    CHECK(failed == 0, "'%s' of the schema is not UTF-8", key);
}

static void add_json_bound(json_t *object, const struct config_field *field, bool is_max, const char *text)
{
    if (text == NULL)
        return;
    if (config_value_type(field->type)->is_plain_number)
        json_object_set_new(object, is_max ? "maximum" : "minimum", plain_number(field, text));
    else
        set_string(object, is_max ? "x-maximum" : "x-minimum", text);
}

static void add_json_bounds(json_t *object, const struct config_field *field)
{
    add_json_bound(object, field, false, field->min);
    add_json_bound(object, field, true, field->max);
    if (field->type == CONFIG_STRING)
        json_object_set_new(object, "maxLength", json_integer(CONFIG_STRING_BYTES - 1));
    if (field->type != CONFIG_TIMES)
        return;
    json_object_set_new(object, "items", json_pack("{s:[s, s]}", "type", "string", "integer"));
    json_object_set_new(object, "maxItems", json_integer(CONFIG_TIMES_MAX));
}

static json_t *json_field(const struct config_field *field)
{
    json_t *object = json_object();
    set_string(object, "description", field->help);
    json_object_set_new(object, "type", json_types(field->type));
    set_string(object, "x-type", type_name(field));
    json_object_set_new(object, "default", json_default(field));
    add_json_bounds(object, field);
    if (field->when != NULL)
        set_string(object, "x-when", field->when);
    if (field->type == CONFIG_CHOICE) {
        json_t *names = json_array();
        for (const char *const *choice = field->choices; *choice != NULL; choice++)
            json_array_append_new(names, json_string(*choice));
        json_object_set_new(object, "enum", names);
    }
    return object;
}

static json_t *json_mapping(const char *help)
{
    json_t *object = json_object();
    set_string(object, "description", help);
    set_string(object, "type", "object");
    json_object_set_new(object, "additionalProperties", json_false());
    json_object_set_new(object, "properties", json_object());
    return object;
}

static json_t *json_include(void)
{
    return json_pack("{s:s, s:[{s:s}, {s:s, s:{s:s}}]}", "description",
                     "Files to read first, relative to this one; own keys win.", "oneOf", "type", "string", "type",
                     "array", "items", "type", "string");
}

static void write_json(const struct config_section *sections, FILE *to)
{
    json_t *root = json_mapping("A configuration of sqtail.");
    json_t *top = json_object_get(root, "properties");
    set_string(root, "$schema", "https://json-schema.org/draft/2020-12/schema");
    json_object_set_new(top, "include", json_include());
    for (const struct config_section *section = sections; section->name != NULL; section++) {
        bool is_top = section->name[0] == '\0';
        if (!is_top && json_object_get(top, section->name) == NULL)
            json_object_set_new(top, section->name, json_mapping(section->help));
        json_t *keys = is_top ? top : json_object_get(json_object_get(top, section->name), "properties");
        for (size_t i = 0; i < section->field_count; i++)
            json_object_set_new(keys, section->fields[i].key, json_field(&section->fields[i]));
    }
    json_dumpf(root, to, JSON_INDENT(2));
    fputc('\n', to);
    json_decref(root);
}

// Text for roff: no escapes, no requests at the start of a line, minus signs that can be copied.
static void write_roff(FILE *to, const char *text)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", to);
    for (; *text != '\0'; text++) {
        if (*text == '\\')
            fputs("\\e", to);
        else if (*text == '-')
            fputs("\\-", to);
        else
            fputc(*text, to);
    }
}

static void write_man_field(const struct config_section *section, const struct config_field *field, FILE *to)
{
    char text[CHOICES_BYTES];
    const char *range = allowed(field, text);
    fputs(".TP\n\\fB", to);
    write_roff(to, section->name);
    fputs(section->name[0] == '\0' ? "" : ".", to);
    write_roff(to, field->key);
    fprintf(to, "\\fR (%s, default ", type_name(field));
    write_roff(to, field->fallback[0] == '\0' ? "empty" : field->fallback);
    fputs(range[0] == '\0' ? "" : field->type == CONFIG_CHOICE ? "; one of " : "; ", to);
    write_roff(to, range);
    fputs(")\n", to);
    write_roff(to, field->help);
    fputc('\n', to);
    if (field->when == NULL)
        return;
    fputs("Only when ", to);
    write_roff(to, field->when);
    fputs(".\n", to);
}

static void write_man(const struct config_section *sections, FILE *to)
{
    for (const struct config_section *section = sections; section->name != NULL; section++) {
        if (!is_continued(sections, section)) {
            fputs(".SS ", to);
            write_roff(to, section->name[0] == '\0' ? "Top level" : section->name);
            fputc('\n', to);
            write_roff(to, section->help);
            fputc('\n', to);
        }
        for (size_t i = 0; i < section->field_count; i++)
            write_man_field(section, &section->fields[i], to);
    }
}

// The default in YAML's notation, as the table has it; a comment where the key has no effect by default.
static void write_sample_field(const struct config *config, const struct config_cell *cell, FILE *to)
{
    const struct config_field *field = cell->field;
    const char *indent = cell->section->name[0] == '\0' ? "" : "  ";
    char before[8], text[CHOICES_BYTES];
    const struct config_cell *decider;
    const char *range = allowed(field, text);
    snprintf(before, sizeof before, "%s# ", indent);
    write_wrapped(to, before, field->help);
    if (range[0] != '\0')
        fprintf(to, "%s%s%s\n", before, field->type == CONFIG_CHOICE ? "One of: " : "Range: ", range);
    if (field->when != NULL)
        write_condition(to, before, field);
    char *yaml = field->type == CONFIG_STRING ? config_yaml_value(field, cell->value) : xstrdup(field->fallback);
    fprintf(to, "%s%s: %s\n", config_has_effect(config, cell, &decider) ? indent : before, field->key, yaml);
    free(yaml);
}

// Bytes of the struct that the sections are laid over.
static size_t values_size(const struct config_section *sections)
{
    size_t size = 0;
    for (const struct config_section *section = sections; section->name != NULL; section++)
        for (size_t i = 0; i < section->field_count; i++) {
            const struct config_field *field = &section->fields[i];
            size = MAX(size, section->offset + field->offset + config_value_type(field->type)->size);
        }
    return size;
}

static void write_sample(const struct config_section *sections, FILE *to)
{
    void *values = xcalloc(1, values_size(sections));
    struct config *config = config_create(sections, values);
    const struct config_cell *cell = config->cells;
    for (const struct config_section *section = sections; section->name != NULL; section++) {
        if (!is_continued(sections, section)) {
            fputs(section == sections ? "" : "\n", to);
            write_wrapped(to, "# ", section->help);
        }
        if (section->name[0] != '\0' && !is_continued(sections, section))
            fprintf(to, "%s:\n", section->name);
        for (size_t i = 0; i < section->field_count; i++)
            write_sample_field(config, cell++, to);
    }
    config_destroy(config);
    free(values);
}

void config_write_schema(const struct config_section *sections, enum config_schema_format format, FILE *to)
{
    switch (format) {
    case CONFIG_SCHEMA_TEXT:
        write_text(sections, to);
        break;
    case CONFIG_SCHEMA_JSON:
        write_json(sections, to);
        break;
    case CONFIG_SCHEMA_MAN:
        write_man(sections, to);
        break;
    case CONFIG_SCHEMA_SAMPLE:
        write_sample(sections, to);
        break;
    }
}
