// Loading: what is read, and every reason to complain, with its exact place and words.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/config_internal.h"
#include "example.h"

struct loaded {
    struct example values;
    struct config *config;
    struct diag *diag;
    int result;
    char *messages;
};

static void finish(struct loaded *loaded)
{
    size_t size;
    FILE *to = open_memstream(&loaded->messages, &size);
    diag_print(loaded->diag, to);
    fclose(to);
    assert_int_equal(loaded->result, diag_error_count(loaded->diag) == 0 ? 0 : -1);
}

static void begin(struct loaded *loaded)
{
    loaded->config = config_create(example_sections, &loaded->values);
    loaded->diag = diag_create();
}

static void load_bytes(struct loaded *loaded, const char *text, size_t size)
{
    begin(loaded);
    loaded->result = config_load_text(loaded->config, loaded->diag, "d.yaml", text, size);
    finish(loaded);
}

static void load(struct loaded *loaded, const char *text)
{
    load_bytes(loaded, text, strlen(text));
}

static void unload(struct loaded *loaded)
{
    free(loaded->messages);
    config_destroy(loaded->config);
    diag_destroy(loaded->diag);
}

static void expect(const char *text, const char *messages)
{
    struct loaded loaded;
    load(&loaded, text);
    assert_string_equal(loaded.messages, messages);
    unload(&loaded);
}

static void expect_place(const struct config *config, const char *key, const char *file, unsigned line,
                         unsigned column)
{
    struct place place = config_place(config, key);
    assert_string_equal(place.file, file);
    assert_int_equal(place.line, line);
    assert_int_equal(place.column, column);
}

static void test_every_type_is_read_and_its_place_known(void **state)
{
    (void)state;
    struct loaded loaded;
    load(&loaded, "name: \"fast one\"\n"
                  "nand:\n"
                  "  planes_per_die: 2\n"
                  "  t_prog: 7.5us\n"
                  "  t_r: [1us, 2us, 3us]\n"
                  "  page: 4KiB\n"
                  "  bus: 1600MT/s\n"
                  "  rber: 1e-4\n"
                  "nvme: {cmb: true, vendor_id: 0x144d, clock: 1.2GHz, over_provisioning: 28%, gc: fifo}\n");
    assert_string_equal(loaded.messages, "");
    const struct example *values = &loaded.values;
    assert_string_equal(values->top.name, "fast one");
    assert_int_equal(values->top.seed, 1);
    assert_int_equal(values->nand.planes_per_die, 2);
    assert_int_equal(values->nand.t_prog, 7500000);
    assert_int_equal(values->nand.t_r.count, 3);
    assert_int_equal(values->nand.t_r.at[2], 3000000);
    assert_int_equal(values->nand.page_bytes, 4096);
    assert_int_equal(values->nand.bus_rate, 1600000000);
    assert_true(values->nand.rber == 1e-4);
    assert_true(values->nvme.cmb);
    assert_int_equal(values->nvme.vendor_id, 0x144d);
    assert_int_equal(values->nvme.clock, 1200000000);
    assert_true(values->nvme.over_provisioning == 0.28);
    assert_int_equal(values->nvme.gc, 2);
    expect_place(loaded.config, "name", "d.yaml", 1, 7);
    expect_place(loaded.config, "nand.t_r", "d.yaml", 5, 8);
    expect_place(loaded.config, "nvme.cmb", "d.yaml", 9, 13);
    expect_place(loaded.config, "seed", "default", 0, 0);
    unload(&loaded);
}

static void test_an_empty_section_and_a_single_time_for_a_list_are_fine(void **state)
{
    (void)state;
    struct loaded loaded;
    load(&loaded, "nvme:\nnand:\n  t_r: 9us\n  t_extra: []\n");
    assert_string_equal(loaded.messages, "");
    assert_int_equal(loaded.values.nand.t_r.count, 1);
    assert_int_equal(loaded.values.nand.t_r.at[0], 9000000);
    unload(&loaded);
}

static void test_unknown_names_are_errors_with_the_nearest_valid_one(void **state)
{
    (void)state;
    expect("nand:\n  plains_per_die: 4\n",
           "d.yaml:2:3: error: unknown key 'plains_per_die' in nand; did you mean 'planes_per_die'?\n");
    expect("nvme:\n  t_prog: 1us\n",
           "d.yaml:2:3: error: unknown key 't_prog' in nvme; did you mean 't_prog' in nand?\n");
    expect("nvme:\n  t_porg: 1us\n",
           "d.yaml:2:3: error: unknown key 't_porg' in nvme; did you mean 't_prog' in nand?\n");
    expect("nand:\n  sead: 1\n",
           "d.yaml:2:3: error: unknown key 'sead' in nand; did you mean 'seed' at the top level?\n");
    expect("nvme:\n  bus_rate: 1\n", "d.yaml:2:3: error: 'nvme.bus_rate' is now 'nand.bus'\n");
    expect("nand:\n  bus_rate: 1\n", "d.yaml:2:3: error: unknown key 'bus_rate' in nand\n");
    expect("nand:\n  voltage: 1\n", "d.yaml:2:3: error: unknown key 'voltage' in nand\n");
    expect("sed: 1\n", "d.yaml:1:1: error: unknown key 'sed'; did you mean 'seed'?\n");
    expect("t_prog: 1us\n", "d.yaml:1:1: error: unknown key 't_prog'; did you mean 't_prog' in nand?\n");
    expect("nnad:\n  t_prog: 1us\n", "d.yaml:1:1: error: unknown section 'nnad'; did you mean 'nand'?\n");
    expect("dram: {}\n", "d.yaml:1:1: error: unknown section 'dram'\n");
    expect("nand:\n  \"a\\nb\": 1\n", "d.yaml:2:3: error: unknown key 'a?b' in nand\n");
    expect("\"\": 1\n", "d.yaml:1:1: error: unknown key ''\n");
}

static void test_a_name_given_twice_is_an_error(void **state)
{
    (void)state;
    expect("nand:\n  t_prog: 1us\n  t_prog: 2us\n",
           "d.yaml:3:3: error: key 't_prog' in nand is given twice; first in line 2\n");
    expect("seed: 1\nseed: 1\n", "d.yaml:2:1: error: key 'seed' is given twice; first in line 1\n");
    expect("nand: {}\nnvme: {}\nnand: {}\n", "d.yaml:3:1: error: section 'nand' is given twice; first in line 1\n");
    expect("include: []\ninclude: []\n", "d.yaml:2:1: error: key 'include' is given twice; first in line 1\n");
}

static void test_the_wrong_kind_of_node_is_an_error(void **state)
{
    (void)state;
    expect("nand: 3\n", "d.yaml:1:7: error: section 'nand' must be a mapping of keys, not a single value\n");
    expect("nand: [1]\n", "d.yaml:1:7: error: section 'nand' must be a mapping of keys, not a list\n");
    expect("nand: \"\"\n", "d.yaml:1:7: error: section 'nand' must be a mapping of keys, not a single value\n");
    expect("seed: [1]\n", "d.yaml:1:7: error: 'seed' wants a whole number, such as 12, not a list\n");
    expect("seed: {a: 1}\n", "d.yaml:1:7: error: 'seed' wants a whole number, such as 12, not a mapping\n");
    expect("nand:\n  t_r: {a: 1us}\n",
           "d.yaml:2:8: error: 't_r' wants a time or a list of times, such as [40us, 55us], not a mapping\n");
    expect("nand:\n  t_r: [1us, [2us]]\n",
           "d.yaml:2:14: error: an element of 't_r' must be a single value, not a list\n");
    expect("nand:\n  [a]: 1\n", "d.yaml:2:3: error: a key must be a single value, not a list\n");
    expect("? {a: b}\n: 1\n", "d.yaml:1:3: error: a key must be a single value, not a mapping\n");
    expect("- nand\n", "d.yaml:1:1: error: a configuration is a mapping of sections, not a list\n");
    expect("nand\n", "d.yaml:1:1: error: a configuration is a mapping of sections, not a single value\n");
    expect("include: {a: b}\n", "d.yaml:1:10: error: 'include' wants the name of a file, or a list of them\n");
    expect("include:\n", "d.yaml:1:9: error: 'include' wants the name of a file, or a list of them\n");
}

static void test_wrong_values_are_errors_at_the_value(void **state)
{
    (void)state;
    expect("nand:\n  t_prog: 50\n",
           "d.yaml:2:11: error: 't_prog' wants a time with its unit, such as 50us; got '50'\n");
    expect("nand:\n  t_prog: 20ms\n", "d.yaml:2:11: error: 't_prog' must be 1us to 10ms; got '20ms'\n");
    expect("seed:\n", "d.yaml:1:6: error: 'seed' has no value; it wants a whole number, such as 12\n");
    expect("name:\n", "d.yaml:1:6: error: 'name' has no value; it wants a text\n");
    expect("seed: 010\n", "d.yaml:1:7: error: 'seed' must not have leading zeros; got '010'\n");
    expect("nvme:\n  gc: gredy\n",
           "d.yaml:2:7: error: 'gc' must be one of greedy, cost_benefit, fifo; got 'gredy'; "
           "did you mean 'greedy'?\n");
    expect("nand:\n  t_r: [1us, 2, 2ms]\n",
           "d.yaml:2:14: error: 't_r' wants a time with its unit, such as 50us; got '2'\n"
           "d.yaml:2:17: error: 't_r' must be at most 1ms; got '2ms'\n");
    expect("nand:\n  t_r: []\n", "d.yaml:2:8: error: 't_r' wants at least one time\n");
    expect("nand:\n  t_r: [1us,1us,1us,1us,1us,1us,1us,1us,1us,1us]\n",
           "d.yaml:2:41: error: 't_r' takes at most 8 times\n");
}

static void test_all_errors_are_reported_and_values_in_error_left_alone(void **state)
{
    (void)state;
    struct loaded loaded;
    load(&loaded, "nand:\n  t_prog: 50\n  t_r: [1us, x]\n  planes_per_die: 8\nfoo: 1\nnvme:\n  cmb: on\n");
    assert_string_equal(loaded.messages,
                        "d.yaml:2:11: error: 't_prog' wants a time with its unit, such as 50us; got '50'\n"
                        "d.yaml:3:14: error: 't_r' wants a time with its unit, such as 50us; got 'x'\n"
                        "d.yaml:5:1: error: unknown key 'foo'\n"
                        "d.yaml:7:8: error: 'cmb' wants true or false; got 'on'\n");
    assert_int_equal(loaded.values.nand.t_prog, 660 * TICKS_PER_US);
    assert_int_equal(loaded.values.nand.t_r.count, 2);
    assert_int_equal(loaded.values.nand.t_r.at[0], 40 * TICKS_PER_US);
    assert_int_equal(loaded.values.nand.planes_per_die, 8);
    unload(&loaded);
}

static void test_anchors_aliases_and_tags_are_refused(void **state)
{
    (void)state;
    expect("nand: &n {t_prog: 1us}\nnvme: *n\n",
           "d.yaml:1:7: error: anchors ('&') are not allowed in a configuration\n"
           "d.yaml:2:7: error: aliases ('*') are not allowed in a configuration\n");
    expect("name: &a [*a]\n", "d.yaml:1:7: error: anchors ('&') are not allowed in a configuration\n"
                              "d.yaml:1:11: error: aliases ('*') are not allowed in a configuration\n");
    expect("seed: !!int 3\n", "d.yaml:1:7: error: tags ('!') are not allowed in a configuration\n");
    expect("nand: !x\n  t_prog: 1us\n", "d.yaml:1:7: error: tags ('!') are not allowed in a configuration\n");
    expect("&k seed: 3\n", "d.yaml:1:1: error: anchors ('&') are not allowed in a configuration\n");
    expect("include: &k x.yaml\n", "d.yaml:1:10: error: anchors ('&') are not allowed in a configuration\n");
}

static void test_what_is_no_yaml_is_an_error_with_its_place(void **state)
{
    (void)state;
    expect("nand:\n  t_prog: 1us\n bad\n",
           "d.yaml:3:2: error: not valid YAML: did not find expected key, while parsing a block mapping of line 1\n");
    expect("nand: [1\n", "d.yaml:2:1: error: not valid YAML: did not find expected ',' or ']', "
                         "while parsing a flow sequence of line 1\n");
    expect("nand:\n\tt_prog: 1us\n",
           "d.yaml:2:1: error: not valid YAML: found character that cannot start any token, "
                                     "while scanning for the next token of line 2\n");
    expect("name: a\nseed: \x01\n", "d.yaml:2:7: error: not text in UTF-8: control characters are not allowed\n");
    expect("name: a\xff\n", "d.yaml:1:8: error: not text in UTF-8: invalid leading UTF-8 octet\n");
    expect("name: \"a\\0b\"\n", "d.yaml:1:7: error: zero bytes are not allowed in a configuration\n");
    expect("seed: 1\n---\nseed: 2\n", "d.yaml:2:1: error: a second document; a configuration is one\n");
}

static void test_a_file_without_content_is_an_error(void **state)
{
    (void)state;
    const char *message = "d.yaml: error: the file is empty; a configuration is a mapping of sections\n";
    expect("", message);
    expect("\n\n", message);
    expect("# nothing\n", message);
    expect("---\n", message);
    expect("---\n...\n", message);
}

// A million opening brackets, and mappings in mappings.
static void test_nesting_is_limited(void **state)
{
    (void)state;
    enum { DEPTH = 1000000 };
    char *text = malloc(DEPTH + 1);
    struct loaded loaded;
    memset(text, '[', DEPTH);
    load_bytes(&loaded, text, DEPTH);
    assert_string_equal(loaded.messages, "d.yaml:1:17: error: nested more than 16 deep\n");
    unload(&loaded);
    for (size_t i = 0; i < DEPTH; i++)
        text[i] = "{a: "[i % 4];
    load_bytes(&loaded, text, DEPTH);
    assert_string_equal(loaded.messages, "d.yaml:1:65: error: nested more than 16 deep\n");
    unload(&loaded);
    free(text);
}

static void test_sizes_are_limited(void **state)
{
    (void)state;
    enum { BYTES = (1 << 20) + 1 };
    char *text = malloc(BYTES);
    struct loaded loaded;
    memset(text, 'x', BYTES);
    memcpy(text, "name: ", 6);
    load_bytes(&loaded, text, BYTES);
    assert_string_equal(loaded.messages, "d.yaml: error: cannot read 'd.yaml': it is larger than 1MiB\n");
    unload(&loaded);
    load_bytes(&loaded, text, BYTES - 1);
    assert_string_equal(loaded.messages, "d.yaml:1:7: error: 'name' takes at most 255 bytes; got 1048570\n");
    unload(&loaded);
    free(text);
}

static void test_reading_gives_up_after_a_hundred_errors(void **state)
{
    (void)state;
    char text[4096] = "nand:\n";
    struct loaded loaded;
    for (int i = 0; i < 150; i++)
        strcat(text, "  zzzzzzzz: 1\n");
    load(&loaded, text);
    assert_int_equal(diag_error_count(loaded.diag), 100);
    unload(&loaded);
}

// --- files ----------------------------------------------------------------------------------------------------

static int enter_folder(void **state)
{
    static char folder[64];
    strcpy(folder, "/tmp/test_loader.XXXXXX");
    *state = folder;
    return mkdtemp(folder) == NULL || chdir(folder) != 0 || mkdir("nand", 0777) != 0;
}

static int leave_folder(void **state)
{
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", (const char *)*state);
    return chdir("/") != 0 || system(command) != 0;
}

static void write_file(const char *name, const char *text)
{
    FILE *to = fopen(name, "w");
    fputs(text, to);
    fclose(to);
}

static void load_path(struct loaded *loaded, const char *name)
{
    begin(loaded);
    loaded->result = config_load(loaded->config, loaded->diag, name);
    finish(loaded);
}

static void expect_file(const char *name, const char *messages)
{
    struct loaded loaded;
    load_path(&loaded, name);
    assert_string_equal(loaded.messages, messages);
    unload(&loaded);
}

static void test_own_keys_win_over_included_ones_wherever_include_stands(void **state)
{
    (void)state;
    struct loaded loaded;
    write_file("drive.yaml", "nand:\n  t_prog: 3us\ninclude: [nand/tlc.yaml, other.yaml]\n");
    write_file("nand/tlc.yaml", "include: base.yaml\nnand:\n  t_prog: 1us\n  page: 4KiB\n");
    write_file("nand/base.yaml", "nand:\n  page: 8KiB\n  planes_per_die: 2\n");
    write_file("other.yaml", "nand:\n  t_r: 2us\n");
    load_path(&loaded, "drive.yaml");
    assert_string_equal(loaded.messages, "");
    assert_int_equal(loaded.values.nand.t_prog, 3 * TICKS_PER_US);
    assert_int_equal(loaded.values.nand.page_bytes, 4096);
    assert_int_equal(loaded.values.nand.planes_per_die, 2);
    assert_int_equal(loaded.values.nand.t_r.at[0], 2 * TICKS_PER_US);
    expect_place(loaded.config, "nand.t_prog", "drive.yaml", 2, 11);
    expect_place(loaded.config, "nand.page", "nand/tlc.yaml", 4, 9);
    expect_place(loaded.config, "nand.planes_per_die", "nand/base.yaml", 3, 19);
    unload(&loaded);
}

static void test_the_later_of_two_includes_wins(void **state)
{
    (void)state;
    struct loaded loaded;
    write_file("both.yaml", "include:\n  - one.yaml\n  - two.yaml\n");
    write_file("one.yaml", "seed: 1\n");
    write_file("two.yaml", "seed: 2\n");
    load_path(&loaded, "both.yaml");
    assert_string_equal(loaded.messages, "");
    assert_int_equal(loaded.values.top.seed, 2);
    unload(&loaded);
}

static void test_errors_name_the_included_file(void **state)
{
    (void)state;
    write_file("outer.yaml", "include: nand/wrong.yaml\nseed: x\n");
    write_file("nand/wrong.yaml", "nand:\n  t_prog: 5\n");
    expect_file("./outer.yaml",
                "./nand/wrong.yaml:2:11: error: 't_prog' wants a time with its unit, such as 50us; got '5'\n"
                "./outer.yaml:2:7: error: 'seed' wants a whole number, such as 12; got 'x'\n");
}

static void test_an_include_that_cannot_be_read_is_an_error_at_its_place(void **state)
{
    (void)state;
    write_file("missing.yaml", "include: nand/none.yaml\n");
    expect_file("missing.yaml",
                "missing.yaml:1:10: error: cannot read 'nand/none.yaml': No such file or directory\n");
    write_file("folder.yaml", "include: [nand]\n");
    expect_file("folder.yaml", "folder.yaml:1:11: error: cannot read 'nand': it is a directory\n");
    write_file("device.yaml", "include: /dev/zero\n");
    expect_file("device.yaml", "device.yaml:1:10: error: cannot read '/dev/zero': it is not a regular file\n");
    write_file("list.yaml", "include: [[a]]\n");
    expect_file("list.yaml", "list.yaml:1:11: error: an element of 'include' must be a single value, not a list\n");
}

static void test_include_cycles_are_errors_at_their_place(void **state)
{
    (void)state;
    write_file("self.yaml", "include: ./self.yaml\n");
    expect_file("self.yaml", "self.yaml:1:10: error: cannot read './self.yaml': it includes itself\n");
    write_file("a.yaml", "seed: 1\ninclude: nand/b.yaml\n");
    write_file("nand/b.yaml", "include: ../a.yaml\n");
    expect_file("a.yaml", "nand/b.yaml:1:10: error: cannot read 'nand/../a.yaml': it includes itself\n");
}

// Each file includes the next one four times: without a limit 4^12 files.
static void test_the_number_of_included_files_is_limited(void **state)
{
    (void)state;
    struct loaded loaded;
    for (int i = 0; i < 12; i++) {
        char name[16], text[128];
        int next = i + 1;
        snprintf(name, sizeof name, "x%d.yaml", i);
        snprintf(text, sizeof text, "include: [x%d.yaml, x%d.yaml, x%d.yaml, x%d.yaml]\n", next, next, next, next);
        write_file(name, text);
    }
    write_file("x12.yaml", "seed: 1\n");
    load_path(&loaded, "x0.yaml");
    assert_non_null(strstr(loaded.messages, "cannot read 'x12.yaml': too many files are included\n"));
    unload(&loaded);
}

static void test_a_file_that_cannot_be_read_is_an_error(void **state)
{
    (void)state;
    expect_file("none.yaml", "none.yaml: error: cannot read 'none.yaml': No such file or directory\n");
    expect_file("nand", "nand: error: cannot read 'nand': it is a directory\n");
    expect_file("/dev/zero", "/dev/zero: error: cannot read '/dev/zero': it is larger than 1MiB\n");
    if (geteuid() == 0)
        return; // may read everything
    write_file("secret.yaml", "seed: 1\n");
    chmod("secret.yaml", 0);
    expect_file("secret.yaml", "secret.yaml: error: cannot read 'secret.yaml': Permission denied\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_type_is_read_and_its_place_known),
        cmocka_unit_test(test_an_empty_section_and_a_single_time_for_a_list_are_fine),
        cmocka_unit_test(test_unknown_names_are_errors_with_the_nearest_valid_one),
        cmocka_unit_test(test_a_name_given_twice_is_an_error),
        cmocka_unit_test(test_the_wrong_kind_of_node_is_an_error),
        cmocka_unit_test(test_wrong_values_are_errors_at_the_value),
        cmocka_unit_test(test_all_errors_are_reported_and_values_in_error_left_alone),
        cmocka_unit_test(test_anchors_aliases_and_tags_are_refused),
        cmocka_unit_test(test_what_is_no_yaml_is_an_error_with_its_place),
        cmocka_unit_test(test_a_file_without_content_is_an_error),
        cmocka_unit_test(test_nesting_is_limited),
        cmocka_unit_test(test_sizes_are_limited),
        cmocka_unit_test(test_reading_gives_up_after_a_hundred_errors),
        cmocka_unit_test(test_own_keys_win_over_included_ones_wherever_include_stands),
        cmocka_unit_test(test_the_later_of_two_includes_wins),
        cmocka_unit_test(test_errors_name_the_included_file),
        cmocka_unit_test(test_an_include_that_cannot_be_read_is_an_error_at_its_place),
        cmocka_unit_test(test_include_cycles_are_errors_at_their_place),
        cmocka_unit_test(test_the_number_of_included_files_is_limited),
        cmocka_unit_test(test_a_file_that_cannot_be_read_is_an_error),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
