// The stripes' shape: one parity in each, on each die in its turn.
#include "rig.h"

static struct raid_layout make(uint32_t stripe_dies, uint32_t dies)
{
    struct nand_geometry geometry = {.dies = dies};
    struct raid_config config = {.enabled = true, .stripe_dies = stripe_dies};
    return raid_layout_make(&config, &geometry);
}

static void test_each_row_of_each_stripe_has_one_parity_die(void **state)
{
    (void)state;
    struct raid_layout layout = make(4, 12);
    for (uint32_t row = 0; row < 50; row++) {
        for (uint32_t first = 0; first < 12; first += 4) {
            uint32_t parities = 0;
            for (uint32_t die = first; die < first + 4; die++) {
                assert_int_equal(raid_first_die(&layout, die), first);
                parities += raid_is_parity(&layout, row, die);
            }
            assert_int_equal(parities, 1);
        }
    }
}

static void test_parity_starts_at_the_last_die_and_rotates(void **state)
{
    (void)state;
    struct raid_layout layout = make(0, 3);
    const uint32_t expected[] = {2, 1, 0, 2, 1, 0, 2};
    for (uint32_t row = 0; row < ARRAY_SIZE(expected); row++)
        assert_int_equal(raid_parity_die(&layout, row, 1), expected[row]);
    assert_int_equal(raid_data_units(&layout, 300), 200);
}

static void test_a_drive_without_raid_holds_no_parity(void **state)
{
    (void)state;
    struct nand_geometry geometry = {.dies = 8};
    struct raid_config config = {.stripe_dies = 4};
    struct raid_layout layout = raid_layout_make(&config, &geometry);
    for (uint32_t die = 0; die < 8; die++)
        assert_false(raid_is_parity(&layout, die, die));
    assert_int_equal(raid_data_units(&layout, 300), 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_row_of_each_stripe_has_one_parity_die),
        cmocka_unit_test(test_parity_starts_at_the_last_die_and_rotates),
        cmocka_unit_test(test_a_drive_without_raid_holds_no_parity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
