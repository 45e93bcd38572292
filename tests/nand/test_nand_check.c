// What the check of the configuration refuses, and the geometry of what it accepts.
#include "config/config.h"
#include "nand/chip/timing.h"
#include "rig.h"

static const char *places[16];
static unsigned place_count;

// Stands in for the loader's: remembers which keys were complained of.
__attribute__((weak)) struct place config_place(const struct config *config, const char *key)
{
    (void)config;
    places[place_count++] = key;
    return (struct place){.file = "test"};
}

static void expect_error(const struct nand_config *config, const char *key)
{
    struct diag *diag = diag_create();
    place_count = 0;
    assert_int_equal(nand_config_check(config, NULL, diag), key == NULL ? 0 : 1);
    assert_int_equal(diag_error_count(diag), key == NULL ? 0 : 1);
    if (key != NULL)
        assert_string_equal(places[0], key);
    diag_destroy(diag);
}

static void test_each_contradiction_is_reported_at_its_key(void **state)
{
    (void)state;
    struct nand_config good = rig_config(), c;
    expect_error(&good, NULL);
    c = good, c.pages_per_block = 25;
    expect_error(&c, "nand.pages_per_block");
    c = good, c.page_size = 6000;
    expect_error(&c, "nand.page_size");
    c = good, c.planes_per_die = 16, c.page_size = 32768;
    expect_error(&c, "nand.page_size");
    c = good, c.t_r.count = 2;
    expect_error(&c, "nand.t_r");
    c.t_r.count = 4;
    expect_error(&c, "nand.t_r");
    c = good, c.t_prog.count = 3;
    expect_error(&c, "nand.t_prog");
    c.program_mode = PROGRAM_PER_PAGE;
    expect_error(&c, NULL);
    c = good, c.transfer_rate = 1600000001;
    expect_error(&c, "nand.transfer_rate");
    c = good, c.blocks_per_plane = 4194304, c.pages_per_block = 65535;
    expect_error(&c, "nand.blocks_per_plane");
    c = good, c.ecc.engine = ECC_BCH, c.ecc.codeword_data = 3000;
    expect_error(&c, "ecc.codeword_data");
    c.ecc.codeword_data = 8192;
    expect_error(&c, "ecc.codeword_data");
    c = good, c.raid.enabled = true, c.raid.stripe_dies = 3;
    expect_error(&c, "raid.stripe_dies");
}

static void test_what_is_just_possible_is_accepted(void **state)
{
    (void)state;
    struct nand_config good = rig_config(), c;
    c = good, c.planes_per_die = 16; // of 4 units: 64
    expect_error(&c, NULL);
    c = good, c.transfer_rate = 1600000000;
    expect_error(&c, NULL);
    c = good, c.ecc.engine = ECC_LDPC, c.ecc.ldpc_min_iterations = c.ecc.ldpc_max_iterations = 7;
    expect_error(&c, NULL);
    c.ecc.ldpc_min_iterations = 8;
    expect_error(&c, "ecc.ldpc_max_iterations");
    c = good, c.raid.enabled = true, c.raid.stripe_dies = 2;
    expect_error(&c, NULL);
    c.raid.stripe_dies = 1;
    expect_error(&c, "raid.stripe_dies");
}

static void test_geometry_of_both_program_modes(void **state)
{
    (void)state;
    struct nand_config c = rig_config();
    struct nand_geometry g = nand_geometry_make(&c);
    assert_int_equal(g.dies, 4);
    assert_int_equal(g.rows, 8);
    assert_int_equal(g.pages_per_row, 3);
    assert_int_equal(g.units_per_program, 24);
    assert_int_equal(g.units, 8 * 8 * 4 * 24);
    c.program_mode = PROGRAM_PER_PAGE;
    g = nand_geometry_make(&c);
    assert_int_equal(g.rows, 24);
    assert_int_equal(g.units_per_program, 8);
}

static void test_a_mode_tells_page_types_and_what_the_array_takes(void **state)
{
    (void)state;
    struct nand_config c = rig_config();
    struct nand_geometry g = nand_geometry_make(&c);
    struct cell_mode mode = cell_mode_make(&c, &g, NAND_NATIVE);
    assert_int_equal(mode.pages_per_row, 3);
    assert_int_equal(page_type(&mode, 5, 0), 0); // a word line has a page of each type
    assert_int_equal(page_type(&mode, 5, 2), 2);
    assert_int_equal(mode.array_read[1], 50 * US);
    assert_int_equal(mode.array_program[2], 1100 * US);
    assert_int_equal(mode.array_erase, 5000 * US);
    c.program_mode = PROGRAM_PER_PAGE;
    g = nand_geometry_make(&c);
    mode = cell_mode_make(&c, &g, NAND_NATIVE);
    assert_int_equal(mode.pages_per_row, 1);
    assert_int_equal(page_type(&mode, 5, 0), 2);
    assert_int_equal(page_type(&mode, 6, 0), 0);
}

static void test_addresses_survive_the_round_trip(void **state)
{
    (void)state;
    struct nand_config c = rig_config();
    c.channels = 3;
    struct nand_geometry g = nand_geometry_make(&c);
    for (uint32_t n = 0; n < g.units; n++) {
        struct nand_address at = nand_locate(&g, (ppn_t){n});
        assert_true(at.block < g.blocks && at.row < g.rows && at.die < g.dies && at.page < g.pages_per_row);
        assert_true(at.plane < g.planes && at.unit < g.units_per_page);
        assert_int_equal(nand_unit_at(&g, at).n, n);
    }
}

static void check_keys(const struct config_field *fields, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_non_null(fields[i].fallback);
        assert_non_null(fields[i].help);
        for (size_t other = 0; other < i; other++) {
            assert_string_not_equal(fields[i].key, fields[other].key);
            assert_int_not_equal(fields[i].offset, fields[other].offset);
        }
    }
}

static void test_every_key_has_a_default_a_help_and_a_place_of_its_own(void **state)
{
    (void)state;
    check_keys(nand_config_fields, nand_config_field_count);
    check_keys(ecc_config_fields, ecc_config_field_count);
    check_keys(raid_config_fields, raid_config_field_count);
    check_keys(reliability_config_fields, reliability_config_field_count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_contradiction_is_reported_at_its_key),
        cmocka_unit_test(test_what_is_just_possible_is_accepted),
        cmocka_unit_test(test_geometry_of_both_program_modes),
        cmocka_unit_test(test_a_mode_tells_page_types_and_what_the_array_takes),
        cmocka_unit_test(test_addresses_survive_the_round_trip),
        cmocka_unit_test(test_every_key_has_a_default_a_help_and_a_place_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
