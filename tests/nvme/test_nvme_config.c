// The configuration tables of the front-end, and the checks that span keys.
#include "bench.h"

#include "config/config.h"
#include "util/diag.h"

// The loader is not what is tested: all values come from nowhere.
struct place config_place(const struct config *config, const char *key)
{
    (void)config;
    (void)key;
    return (struct place){.file = "test"};
}

static void check_rows(const struct config_field *fields, size_t count, size_t struct_bytes)
{
    for (size_t i = 0; i < count; i++) {
        assert_non_null(fields[i].fallback);
        assert_non_null(fields[i].help);
        assert_true(fields[i].offset < struct_bytes);
        assert_true(fields[i].type != CONFIG_CHOICE || fields[i].choices != NULL);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(fields[i].key, fields[j].key);
            assert_int_not_equal(fields[i].offset, fields[j].offset);
        }
    }
}

static void test_every_key_has_default_help_and_place(void **state)
{
    (void)state;
    check_rows(nvme_config_fields, nvme_config_field_count, sizeof(struct nvme_config));
    check_rows(pcie_config_fields, pcie_config_field_count, sizeof(struct pcie_config));
}

static void test_statistics_rows_cover_the_struct(void **state)
{
    (void)state;
    assert_int_equal(nvme_stat_field_count * sizeof(uint64_t), sizeof(struct nvme_stats));
    for (size_t i = 0; i < nvme_stat_field_count; i++)
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(nvme_stat_fields[i].offset, nvme_stat_fields[j].offset);
}

static int nvme_errors(const struct nvme_config *config)
{
    struct diag *diag = diag_create();
    int errors = nvme_config_check(config, NULL, diag);
    assert_int_equal(errors, diag_error_count(diag));
    diag_destroy(diag);
    return errors;
}

static int pcie_errors(const struct pcie_config *config)
{
    struct diag *diag = diag_create();
    int errors = pcie_config_check(config, NULL, diag);
    assert_int_equal(errors, diag_error_count(diag));
    diag_destroy(diag);
    return errors;
}

static void test_wrong_values_are_reported_each(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    assert_int_equal(nvme_errors(&b->config), 0);
    strcpy(b->config.serial_number, "123456789012345678901");
    b->config.lba_size = 768;
    b->config.critical_temperature = b->config.warning_temperature - 1;
    assert_int_equal(nvme_errors(&b->config), 3);
    b->config.copy_range_blocks = 9;
    b->config.copy_blocks = 8;
    assert_int_equal(nvme_errors(&b->config), 3); // of a command that is not offered
    b->config.copy_ranges = 1;
    assert_int_equal(nvme_errors(&b->config), 4);
    b->config.copy_blocks = 9;
    assert_int_equal(nvme_errors(&b->config), 3);
    assert_int_equal(pcie_errors(&b->pcie), 0);
    b->pcie.lanes = 12;
    assert_int_equal(pcie_errors(&b->pcie), 0);
    b->pcie.lanes = 3;
    b->pcie.max_read_request = 384;
    b->pcie.completion_size = 512;
    assert_int_equal(pcie_errors(&b->pcie), 3);
    sim_destroy(b->sim);
    free(b->memory);
    free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_key_has_default_help_and_place),
        cmocka_unit_test(test_statistics_rows_cover_the_struct),
        cmocka_unit_test(test_wrong_values_are_reported_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
