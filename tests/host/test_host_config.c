// What spans several keys of the host.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "host/host_config.h"

struct place config_place(const struct config *config, const char *key)
{
    (void)config;
    return (struct place){.file = key};
}

static void test_queues_that_no_processor_uses_are_an_error(void **state)
{
    (void)state;
    struct diag *diag = diag_create();
    struct host_config config = {.cpus = 4, .queues = 4};
    assert_int_equal(host_config_check(&config, NULL, diag), 0);
    config.queues = 5;
    assert_int_equal(host_config_check(&config, NULL, diag), 1);
    assert_int_equal(diag_error_count(diag), 1);
    diag_destroy(diag);
}

static void test_no_number_of_queues_stands_for_one_a_processor(void **state)
{
    (void)state;
    struct host_config config = {.cpus = 6};
    assert_int_equal(host_config_queues(&config), 6);
    config.queues = 2;
    assert_int_equal(host_config_queues(&config), 2);
}

static unsigned errors_of(struct host_config config)
{
    struct diag *diag = diag_create();
    config.cpus = 4;
    unsigned errors = (unsigned)host_config_check(&config, NULL, diag);
    assert_int_equal(diag_error_count(diag), errors);
    diag_destroy(diag);
    return errors;
}

static void test_there_are_no_more_queues_in_classes_than_there_are(void **state)
{
    (void)state;
    enum { WEIGHTED = 1 };
    assert_int_equal(errors_of((struct host_config){.arbitration = WEIGHTED, .high_weight = 9, .high_queues = 4}), 0);
    assert_int_equal(
        errors_of((struct host_config){.arbitration = WEIGHTED, .urgent_queues = 2, .medium_queues = 3}), 1);
}

// Urgent, high and medium queues come first, in this order; the rest is low (NVMe 1.4, 5.3: QPRIO 0 to 3).
static void test_queues_are_of_their_classes(void **state)
{
    (void)state;
    const struct host_config config = {.urgent_queues = 1, .high_queues = 2, .medium_queues = 3};
    const uint32_t expected[] = {0, 1, 1, 2, 2, 2, 3, 3};
    for (uint32_t id = 1; id <= 8; id++)
        assert_int_equal(host_config_priority(&config, id), expected[id - 1]);
    const struct host_config plain = {0};
    assert_int_equal(host_config_priority(&plain, 1), 3);
}

static void test_every_key_is_explained(void **state)
{
    (void)state;
    for (size_t i = 0; i < host_config_field_count; i++) {
        assert_true(strlen(host_config_fields[i].help) > 10);
        assert_non_null(host_config_fields[i].fallback);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_queues_that_no_processor_uses_are_an_error),
        cmocka_unit_test(test_no_number_of_queues_stands_for_one_a_processor),
        cmocka_unit_test(test_there_are_no_more_queues_in_classes_than_there_are),
        cmocka_unit_test(test_queues_are_of_their_classes),
        cmocka_unit_test(test_every_key_is_explained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
