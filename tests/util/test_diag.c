// User errors: their layout, their limit, and the suggestion of a near name.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "printed.h"
#include "util/diag.h"

static void test_messages_read_like_a_compilers(void **state)
{
    (void)state;
    struct diag *diag = diag_create();
    assert_int_equal(diag_error(diag, (struct place){"drive.yaml", 14, 9}, "unknown key '%s'", "plains"), -1);
    diag_warning(diag, (struct place){.file = "--set"}, "odd");
    char *text = printed(diag);
    assert_string_equal(text, "drive.yaml:14:9: error: unknown key 'plains'\n--set: warning: odd\n");
    assert_int_equal(diag_error_count(diag), 1);
    free(text);
    diag_destroy(diag);
}

static void test_only_the_first_errors_are_shown_and_the_rest_counted(void **state)
{
    (void)state;
    struct diag *diag = diag_create();
    for (int i = 0; i < 25; i++)
        diag_error(diag, (struct place){"a", 1, 1}, "wrong");
    char *text = printed(diag);
    size_t lines = 0;
    for (const char *c = text; *c != '\0'; c++)
        lines += *c == '\n';
    assert_int_equal(lines, DIAG_ERRORS_SHOWN + 1);
    assert_non_null(strstr(text, "and 5 more errors"));
    free(text);
    diag_destroy(diag);
}

static void test_the_nearest_name_is_suggested_if_it_is_near(void **state)
{
    (void)state;
    const char *const names[] = {"channels", "planes", "planes_per_die", "dies_per_channel", NULL};
    assert_string_equal(diag_nearest("plains_per_die", names), "planes_per_die");
    assert_string_equal(diag_nearest("chanels", names), "channels");
    assert_string_equal(diag_nearest("palnes", names), "planes");
    assert_null(diag_nearest("voltage", names));
    static const char *const words[] = {"lun", "lum", "latency_to_host", NULL};
    assert_string_equal(diag_nearest("luq", words), "lun"); // of two as near the first; of three letters one may differ
    assert_string_equal(diag_nearest("lnu", words), "lun"); // swapped letters are one mistake
    assert_null(diag_nearest("lqq", words));
    const char *const keys[] = {"max_payload", "generation", "queue_depth", "queues", "planes_per_die", NULL};
    assert_string_equal(diag_nearest("gen", keys), "generation");
    assert_string_equal(diag_nearest("payload", keys), "max_payload");
    assert_string_equal(diag_nearest("qd", keys), "queue_depth");
    assert_string_equal(diag_nearest("maxpay", keys), "max_payload");
    assert_string_equal(diag_nearest("max_pay", keys), "max_payload");
    assert_string_equal(diag_nearest("ppd", keys), "planes_per_die");
    assert_null(diag_nearest("eneration_x_y_z", keys));
    assert_null(diag_nearest("dq", keys));
    assert_null(diag_nearest("", (const char *const[]){NULL}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages_read_like_a_compilers),
        cmocka_unit_test(test_only_the_first_errors_are_shown_and_the_rest_counted),
        cmocka_unit_test(test_the_nearest_name_is_suggested_if_it_is_near),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
