// Every key of every section is explained in the same form, so that `sqtail schema` reads as one text.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <ctype.h>
#include <string.h>

#include <cmocka.h>

#include "machine/machine.h"

// A capital first, or a symbol of a data sheet such as tR.
static bool begins_well(const char *help)
{
    return isupper((unsigned char)help[0]) || (help[0] == 't' && isupper((unsigned char)help[1]));
}

static void check_help(const char *section, const struct config_field *field)
{
    const char *help = field->help;
    size_t length = help == NULL ? 0 : strlen(help);
    if (length < 10 || !begins_well(help) || help[length - 1] != '.' || help[length - 2] == '.')
        fail_msg("%s.%s: '%s' does not begin with a capital and end with a full stop", section, field->key, help);
    if (strstr(help, "assumption.") != NULL)
        fail_msg("%s.%s: assumptions stand in brackets", section, field->key);
}

static void test_every_help_is_a_sentence_of_the_same_form(void **state)
{
    (void)state;
    struct config_section sections[MACHINE_SECTIONS_MAX];
    unsigned keys = 0;
    machine_get_sections(sections);
    for (const struct config_section *section = sections; section->name != NULL; section++)
        for (size_t i = 0; i < section->field_count; i++, keys++)
            check_help(section->name, &section->fields[i]);
    assert_true(keys > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_help_is_a_sentence_of_the_same_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
