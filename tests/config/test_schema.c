// The schema in its four forms.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "config/config_internal.h"
#include "example.h"

static char *schema(enum config_schema_format format)
{
    char *text;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    config_write_schema(example_sections, format, to);
    fclose(to);
    return text;
}

static void expect_within(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("no\n%s\nin\n%s", part, text);
}

static void test_the_table_has_a_row_for_each_key_and_no_trailing_spaces(void **state)
{
    (void)state;
    char *text = schema(CONFIG_SCHEMA_TEXT);
    expect_within(text, "(top level): The run.\n"
                        "  name  text           a \"drive\"\n"
                        "      Of the drive.\n"
                        "  seed  number         1\n");
    expect_within(text, "\n\nnand: The flash.\n"
                        "  planes_per_die  number         4             1 to 16\n"
                        "      Planes of a die (ONFI 5.1, section 3.1).\n");
    expect_within(text, "  page            size           16KiB         at least 512B\n");
    expect_within(text, "  gc                 choice         greedy  greedy, cost_benefit, fifo\n");
    assert_null(strstr(text, " \n"));
    free(text);
}

static void test_json_describes_each_key(void **state)
{
    (void)state;
    char *text = schema(CONFIG_SCHEMA_JSON);
    json_error_t error;
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    assert_non_null(root);
    const char *type, *default_text, *description, *x_type;
    json_int_t planes_min, planes_max;
    int is_open = 1;
    assert_int_equal(json_unpack(root, "{s:b, s:{s:{s:{s:{s:s, s:I, s:I}, s:{s:s, s:s, s:s, s:s}}}}}",
                                 "additionalProperties", &is_open, "properties", "nand", "properties",
                                 "planes_per_die", "type", &type, "minimum", &planes_min, "maximum", &planes_max,
                                 "t_prog", "x-type", &x_type, "default", &default_text, "x-maximum", &description,
                                 "description", &description), 0);
    assert_false(is_open);
    assert_string_equal(type, "integer");
    assert_int_equal(planes_min, 1);
    assert_int_equal(planes_max, 16);
    assert_string_equal(x_type, "time");
    assert_string_equal(default_text, "660us");
    assert_string_equal(description, "Program time.");
    json_t *top = json_object_get(root, "properties");
    assert_non_null(json_object_get(top, "include"));
    assert_int_equal(json_integer_value(json_object_get(json_object_get(top, "seed"), "default")), 1);
    json_decref(root);
    free(text);
}

static void test_json_keeps_the_order_of_the_tables(void **state)
{
    (void)state;
    char *text = schema(CONFIG_SCHEMA_JSON);
    const char *last = text;
    for (size_t i = 0; i < ARRAY_SIZE(example_nand_fields); i++) {
        char name[64];
        snprintf(name, sizeof name, "\"%s\": {", example_nand_fields[i].key);
        const char *found = strstr(last, name);
        assert_non_null(found);
        last = found;
    }
    free(text);
}

static void test_the_manual_has_a_tagged_paragraph_for_each_key(void **state)
{
    (void)state;
    char *text = schema(CONFIG_SCHEMA_MAN);
    expect_within(text, ".SS Top level\nThe run.\n.TP\n\\fBname\\fR (text, default a \"drive\")\n");
    expect_within(text, ".SS nand\nThe flash.\n.TP\n\\fBnand.planes_per_die\\fR (number, default 4; 1 to 16)\n");
    expect_within(text, "\\fBnvme.gc\\fR (choice, default greedy; one of greedy, cost_benefit, fifo)\n");
    expect_within(text, "Spare capacity \\- as a share of what the host sees.\n");
    free(text);
}

static void test_the_sample_loads_and_gives_every_key_its_default(void **state)
{
    (void)state;
    char *text = schema(CONFIG_SCHEMA_SAMPLE);
    expect_within(text, "# The run.\n# Of the drive.\nname: \"a \\\"drive\\\"\"\n");
    expect_within(text, "\n# The flash.\nnand:\n  # Planes of a die (ONFI 5.1, section 3.1).\n  # Range: 1 to 16\n"
                        "  planes_per_die: 4\n");
    struct example defaults, values;
    memset(&defaults, 0, sizeof defaults);
    memset(&values, 0, sizeof values);
    struct diag *diag = diag_create();
    config_destroy(config_create(example_sections, &defaults));
    struct config *config = config_create(example_sections, &values);
    assert_int_equal(config_load_text(config, diag, "sample.yaml", text, strlen(text)), 0);
    assert_memory_equal(&values, &defaults, sizeof values);
    for (size_t i = 0; i < config->cell_count; i++)
        assert_string_equal(config->cells[i].place.file, "sample.yaml");
    config_destroy(config);
    diag_destroy(diag);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_table_has_a_row_for_each_key_and_no_trailing_spaces),
        cmocka_unit_test(test_json_describes_each_key),
        cmocka_unit_test(test_json_keeps_the_order_of_the_tables),
        cmocka_unit_test(test_the_manual_has_a_tagged_paragraph_for_each_key),
        cmocka_unit_test(test_the_sample_loads_and_gives_every_key_its_default),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
