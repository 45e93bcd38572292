// Defaults, --set, and the effective configuration as YAML, JSON and one short id.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/config_internal.h"
#include "config/config_json.h"
#include "example.h"
#include "util/check.h"
#include "util/rng.h"

struct fixture {
    struct example values;
    struct config *config;
    struct diag *diag;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    fixture->config = config_create(example_sections, &fixture->values);
    fixture->diag = diag_create();
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    config_destroy(fixture->config);
    diag_destroy(fixture->diag);
    free(fixture);
    return 0;
}

static void refuse(struct fixture *fixture, const char *assignment, const char *message)
{
    char *text;
    size_t size;
    struct diag *diag = diag_create();
    assert_true(config_set(fixture->config, diag, assignment) < 0);
    FILE *to = open_memstream(&text, &size);
    diag_print(diag, to);
    fclose(to);
    assert_string_equal(text, message);
    free(text);
    diag_destroy(diag);
}

static void set(struct fixture *fixture, const char *assignment)
{
    assert_int_equal(config_set(fixture->config, fixture->diag, assignment), 0);
}

static void test_every_key_starts_with_its_default(void **state)
{
    struct fixture *fixture = *state;
    assert_string_equal(fixture->values.top.name, "a \"drive\"");
    assert_int_equal(fixture->values.nand.t_prog, 660 * TICKS_PER_US);
    assert_int_equal(fixture->values.nand.t_r.count, 2);
    assert_int_equal(fixture->values.nand.t_extra.count, 0);
    assert_true(fixture->values.nvme.over_provisioning == 0.07);
    assert_string_equal(config_place(fixture->config, "nand.t_prog").file, "default");
}

static void test_set_assigns_and_marks_the_place(void **state)
{
    struct fixture *fixture = *state;
    set(fixture, "nand.t_prog=1ms");
    set(fixture, "seed=7");
    set(fixture, "nand.t_r=[1us, 2us]");
    set(fixture, "nand.t_extra=1us,2us,3us");
    set(fixture, "name=x=y");
    assert_int_equal(fixture->values.nand.t_prog, TICKS_PER_MS);
    assert_int_equal(fixture->values.top.seed, 7);
    assert_int_equal(fixture->values.nand.t_r.at[1], 2 * TICKS_PER_US);
    assert_int_equal(fixture->values.nand.t_extra.count, 3);
    assert_string_equal(fixture->values.top.name, "x=y");
    assert_string_equal(config_place(fixture->config, "nand.t_prog").file, "--set");
    assert_string_equal(config_place(fixture->config, "seed").file, "--set");
}

static void test_set_refuses_with_the_column_in_the_assignment(void **state)
{
    struct fixture *fixture = *state;
    refuse(fixture, "nand.plains_per_die=4",
           "--set:6: error: unknown key 'plains_per_die' in nand; did you mean 'planes_per_die'?\n");
    refuse(fixture, "nnad.t_prog=1us", "--set:1: error: unknown section 'nnad'; did you mean 'nand'?\n");
    refuse(fixture, "t_prog=1us", "--set:1: error: unknown key 't_prog'; did you mean 't_prog' in nand?\n");
    refuse(fixture, "nand=1", "--set:1: error: 'nand' is a section; set one of its keys, as in nand.key=value\n");
    refuse(fixture, "nand.=1", "--set:6: error: unknown key '' in nand\n");
    refuse(fixture, "nand.t_prog=50",
           "--set:13: error: 't_prog' wants a time with its unit, such as 50us; got '50'\n");
    refuse(fixture, "nand.t_prog=",
           "--set:13: error: 't_prog' has no value; it wants a time with its unit, such as 50us\n");
    refuse(fixture, "nand.t_r=[1us, 2]",
           "--set:16: error: 't_r' wants a time with its unit, such as 50us; got '2'\n");
    refuse(fixture, "nand.t_r=1us,2ms", "--set:14: error: 't_r' must be at most 1ms; got '2ms'\n");
    refuse(fixture, "seed=-1", "--set:6: error: 'seed' must not be negative; got '-1'\n");
    refuse(fixture, "nand.t_prog", "--set:1: error: wants section.key=value; got 'nand.t_prog'\n");
    refuse(fixture, "=1", "--set:1: error: wants section.key=value; got '=1'\n");
    refuse(fixture, "", "--set:1: error: wants section.key=value; got ''\n");
    assert_int_equal(fixture->values.nand.t_prog, 660 * TICKS_PER_US);
    assert_string_equal(config_place(fixture->config, "nand.t_prog").file, "default");
}

static void note_key(void *context, const struct config_section *section, const struct config_field *field,
                     const void *value)
{
    assert_non_null(value);
    char *keys = context;
    sprintf(keys + strlen(keys), "%s.%s ", section->name, field->key);
}

static void test_visit_goes_in_the_order_of_the_tables(void **state)
{
    struct fixture *fixture = *state;
    char keys[512] = "";
    config_visit(fixture->config, note_key, keys);
    assert_string_equal(keys, ".name .seed nand.planes_per_die nand.t_prog nand.t_r nand.t_extra nand.page nand.bus "
                              "nand.rber nvme.cmb nvme.vendor_id nvme.clock nvme.over_provisioning nvme.gc ");
}

static char *written(const struct config *config)
{
    char *text;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    config_write_yaml(config, to);
    fclose(to);
    return text;
}

static void test_yaml_has_every_key_in_canonical_form(void **state)
{
    struct fixture *fixture = *state;
    set(fixture, "nand.t_prog=7.5us");
    char *yaml = written(fixture->config);
    assert_string_equal(yaml, "name: \"a \\\"drive\\\"\"\n"
                              "seed: 1\n"
                              "\n"
                              "nand:\n"
                              "  planes_per_die: 4\n"
                              "  t_prog: 7500ns\n"
                              "  t_r: [40us, 55us]\n"
                              "  t_extra: []\n"
                              "  page: 16KiB\n"
                              "  bus: 1200MT/s\n"
                              "  rber: 0.00148\n"
                              "\n"
                              "nvme:\n"
                              "  cmb: false\n"
                              "  vendor_id: 0x15b7\n"
                              "  clock: 500MHz\n"
                              "  over_provisioning: 7%\n"
                              "  gc: greedy\n");
    free(yaml);
}

static tick_t random_time(struct rng *rng, tick_t min, tick_t max)
{
    return min + rng_below(rng, max - min + 1);
}

static void randomize(struct rng *rng, struct example *values)
{
    static const char letters[] = "a \"\\':#{}[]&*!|>%@`,-?~0";
    memset(values->top.name, 0, sizeof values->top.name);
    for (uint64_t i = rng_below(rng, CONFIG_STRING_BYTES); i > 0; i--)
        values->top.name[i - 1] = letters[rng_below(rng, sizeof letters - 1)];
    values->top.seed = rng_u64(rng);
    values->nand.planes_per_die = 1 + (uint32_t)rng_below(rng, 16);
    values->nand.t_prog = random_time(rng, TICKS_PER_US, 10 * TICKS_PER_MS);
    values->nand.t_r.count = 1 + (uint32_t)rng_below(rng, CONFIG_TIMES_MAX);
    for (uint32_t i = 0; i < CONFIG_TIMES_MAX; i++)
        values->nand.t_r.at[i] = i < values->nand.t_r.count ? random_time(rng, 0, TICKS_PER_MS) : 0;
    uint64_t page = rng_u64(rng), rate = rng_u64(rng);
    values->nand.page_bytes = 512 + (page >> rng_below(rng, 60)) / 2;
    values->nand.bus_rate = rate >> rng_below(rng, 64);
    values->nand.rber = (double)(rng_u64(rng) >> 11) * 0x1p-53;
    values->nvme.cmb = rng_below(rng, 2);
    values->nvme.vendor_id = (uint32_t)rng_below(rng, 0x10000);
    values->nvme.clock = rng_below(rng, 2000000001);
    values->nvme.over_provisioning = (double)(rng_u64(rng) >> 11) * 0x1p-51;
    values->nvme.gc = (uint32_t)rng_below(rng, 3);
}

static void test_yaml_loads_again_to_equal_values(void **state)
{
    struct fixture *fixture = *state;
    struct rng rng;
    rng_seed(&rng, 1, "test.config");
    for (int i = 0; i < 300; i++) {
        struct example again;
        memset(&again, 0, sizeof again);
        struct config *config = config_create(example_sections, &again);
        randomize(&rng, &fixture->values);
        char *yaml = written(fixture->config);
        if (config_load_text(config, fixture->diag, "written.yaml", yaml, strlen(yaml)) != 0)
            diag_print(fixture->diag, stderr);
        assert_int_equal(diag_error_count(fixture->diag), 0);
        assert_memory_equal(&fixture->values, &again, sizeof again);
        free(yaml);
        config_destroy(config);
    }
}

static void test_json_keeps_numbers_and_writes_quantities_as_text(void **state)
{
    struct fixture *fixture = *state;
    json_t *json = config_to_json(fixture->config);
    char *text = json_dumps(json, JSON_REAL_PRECISION(15));
    assert_string_equal(text, "{\"name\": \"a \\\"drive\\\"\", \"seed\": 1, "
                              "\"nand\": {\"planes_per_die\": 4, \"t_prog\": \"660us\", "
                              "\"t_r\": [\"40us\", \"55us\"], "
                              "\"t_extra\": [], \"page\": \"16KiB\", \"bus\": \"1200MT/s\", \"rber\": 0.00148}, "
                              "\"nvme\": {\"cmb\": false, \"vendor_id\": \"0x15b7\", \"clock\": \"500MHz\", "
                              "\"over_provisioning\": \"7%\", \"gc\": \"greedy\"}}");
    free(text);
    json_decref(json);
    fixture->values.top.seed = UINT64_MAX;
    json = config_to_json(fixture->config);
    assert_string_equal(json_string_value(json_object_get(json, "seed")), "18446744073709551615");
    json_decref(json);
}

static void test_the_hash_is_of_values_and_not_of_how_they_were_written(void **state)
{
    struct fixture *fixture = *state;
    char first[CONFIG_HASH_BYTES], second[CONFIG_HASH_BYTES];
    config_hash(fixture->config, first);
    assert_int_equal(strlen(first), 16);
    assert_int_equal(strspn(first, "0123456789abcdef"), 16);
    set(fixture, "nand.t_prog=0.66ms");
    config_hash(fixture->config, second);
    assert_string_equal(first, second);
    set(fixture, "nand.t_prog=0.660000001ms");
    config_hash(fixture->config, second);
    assert_string_not_equal(first, second);
}

// Exit code of a process that lays `field` over an example.
static int exit_code_of_create(const struct config_field *fields, size_t count)
{
    struct config_section sections[] = {{"nand", "", fields, count, offsetof(struct example, nand)}, {0}};
    pid_t child = fork();
    if (child == 0) {
        struct example values;
        if (freopen("/dev/null", "w", stderr) == NULL)
            _exit(1);
        config_destroy(config_create(sections, &values));
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WEXITSTATUS(status);
}

static void test_a_table_that_contradicts_itself_is_a_bug(void **state)
{
    (void)state;
    struct config_field field = example_nand_fields[1];
    assert_int_equal(exit_code_of_create(&field, 1), 0);
    assert_int_equal(exit_code_of_create((struct config_field[]){field, field}, 2), EXIT_BROKEN_INVARIANT);
    field.fallback = "20ms";
    assert_int_equal(exit_code_of_create(&field, 1), EXIT_BROKEN_INVARIANT);
    field.fallback = "1ms";
    field.max = "10";
    assert_int_equal(exit_code_of_create(&field, 1), EXIT_BROKEN_INVARIANT);
}

#define with_fixture(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

// From the example's defaults, worked out by hand.
static void test_relative_values_are_exact_and_rounded_to_the_nearest(void **state)
{
    struct fixture *fixture = *state;
    const struct example *values = &fixture->values;
    set(fixture, "nand.t_prog=+20%"); // of 660 us
    assert_int_equal(values->nand.t_prog, 792000000);
    set(fixture, "nand.t_prog=-10%");
    assert_int_equal(values->nand.t_prog, 712800000);
    set(fixture, "nand.t_prog=1.000001us");
    set(fixture, "nand.t_prog=x1.5"); // 1500001.5 ps
    assert_int_equal(values->nand.t_prog, 1500002);
    set(fixture, "nand.t_r=+20%"); // of 40 and 55 us
    assert_int_equal(values->nand.t_r.count, 2);
    assert_int_equal(values->nand.t_r.at[0], 48000000);
    assert_int_equal(values->nand.t_r.at[1], 66000000);
    set(fixture, "nand.planes_per_die=+25%");
    assert_int_equal(values->nand.planes_per_die, 5);
    set(fixture, "nand.planes_per_die=4");
    assert_true(config_set(fixture->config, fixture->diag, "nand.planes_per_die=x1073741825") < 0); // 2^32 + 4
    set(fixture, "seed=-150%"); // there is nothing below nothing
    assert_int_equal(values->top.seed, 0);
}

// 2^-19 has 19 digits behind the point: 2 bytes of a MiB.
static void test_fractions_of_19_digits_are_exact(void **state)
{
    struct fixture *fixture = *state;
    set(fixture, "nand.page=1.0000019073486328125MiB");
    assert_int_equal(fixture->values.nand.page_bytes, 1048578);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_fixture(test_every_key_starts_with_its_default),
        with_fixture(test_set_assigns_and_marks_the_place),
        with_fixture(test_set_refuses_with_the_column_in_the_assignment),
        with_fixture(test_visit_goes_in_the_order_of_the_tables),
        with_fixture(test_yaml_has_every_key_in_canonical_form),
        with_fixture(test_yaml_loads_again_to_equal_values),
        with_fixture(test_json_keeps_numbers_and_writes_quantities_as_text),
        with_fixture(test_a_table_that_contradicts_itself_is_a_bug),
        with_fixture(test_the_hash_is_of_values_and_not_of_how_they_were_written),
        with_fixture(test_relative_values_are_exact_and_rounded_to_the_nearest),
        with_fixture(test_fractions_of_19_digits_are_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
