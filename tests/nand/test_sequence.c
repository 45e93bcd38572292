// Bus and die times of every command sequence against the formulas, written out by hand, for several sets of times.
#include "nand/chip/sequence.h"
#include "rig.h"

static struct nand_config config_of(unsigned set)
{
    struct nand_config c = rig_config();
    if (set == 0)
        return c; // all free
    rig_set_bus(&c, 800000000);
    if (set == 2) { // each time another prime, so that no two can be mistaken for each other
        tick_t *const times[] = {&c.t_cs, &c.t_wc, &c.t_wb, &c.t_rr, &c.t_adl, &c.t_ccs,
                                 &c.t_rhw, &c.t_dbsy, &c.t_rpre, &c.t_dqsre, &c.t_wpst, &c.t_wpsth};
        const tick_t primes[] = {10007, 20011, 30011, 40009, 50021, 60013, 70001, 80021, 90001,
                                 100003, 110017, 120011};
        for (unsigned i = 0; i < ARRAY_SIZE(times); i++)
            *times[i] = primes[i];
    }
    return c;
}

static void expect(const struct nand_config *c, enum nand_sequence sequence, uint32_t planes, tick_t bus, tick_t die)
{
    struct sequence_time time = nand_sequence_time(c, sequence, planes);
    assert_int_equal(time.bus, bus);
    assert_int_equal(time.die, die);
}

static void test_sequences_take_what_the_formulas_say(void **state)
{
    (void)state;
    for (unsigned set = 0; set < 3; set++) {
        struct nand_config c = config_of(set);
        for (uint32_t k = 1; k <= 4; k++) {
            expect(&c, SEQUENCE_READ, k, c.t_cs + k * 6 * c.t_wc + c.t_wb, (k - 1) * c.t_dbsy + c.t_rr);
            expect(&c, SEQUENCE_ERASE, k, c.t_cs + k * 4 * c.t_wc + c.t_wb, (k - 1) * c.t_dbsy);
        }
        tick_t page = 6 * c.t_wc + c.t_adl + c.t_wpst + c.t_wpsth + c.t_wb;
        expect(&c, SEQUENCE_READ_DATA, 1, c.t_rpre + c.t_dqsre, 0);
        expect(&c, SEQUENCE_NEXT_PLANE, 1, c.t_rhw + 6 * c.t_wc + c.t_ccs + c.t_rpre + c.t_dqsre, 0);
        expect(&c, SEQUENCE_NEXT_COLUMN, 1, c.t_rhw + 4 * c.t_wc + c.t_ccs + c.t_rpre + c.t_dqsre, 0);
        expect(&c, SEQUENCE_PROGRAM, 1, c.t_cs + page, 0);
        expect(&c, SEQUENCE_PROGRAM_NEXT, 1, page, c.t_dbsy);
        expect(&c, SEQUENCE_SUSPEND, 1, c.t_cs + 3 * c.t_wc, 0);
    }
}

static void test_toggle_selects_a_plane_by_ten_cycles(void **state)
{
    (void)state;
    struct nand_config c = config_of(1);
    c.interface = INTERFACE_TOGGLE;
    expect(&c, SEQUENCE_NEXT_PLANE, 1, c.t_rhw + 10 * c.t_wc + c.t_ccs + c.t_rpre + c.t_dqsre, 0);
    expect(&c, SEQUENCE_READ, 1, c.t_cs + 6 * c.t_wc + c.t_wb, c.t_rr);
}

static void test_command_overhead_of_a_read_is_the_published_0_29_us(void **state)
{
    (void)state;
    struct nand_config c = config_of(1);
    struct sequence_time time = nand_sequence_time(&c, SEQUENCE_READ, 1);
    assert_int_equal(time.bus + time.die, 290 * NS);
}

static void test_transfer_times(void **state)
{
    (void)state;
    struct nand_config c = config_of(1);
    assert_int_equal(nand_transfer_time(&c, 4096), 5120 * NS);
    c.transfer_rate = 1600000000;
    assert_int_equal(nand_transfer_time(&c, 4096), 2560 * NS);
    c.transfer_rate = 600000000;
    assert_int_equal(nand_transfer_time(&c, 4096), 6826667); // 6.8266667 us
    c.transfer_rate = 333000000;
    assert_int_equal(nand_transfer_time(&c, 4096), 12300300); // 12.3003003... us
    c.transfer_rate = 0;
    assert_int_equal(nand_transfer_time(&c, 4096), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sequences_take_what_the_formulas_say),
        cmocka_unit_test(test_toggle_selects_a_plane_by_ten_cycles),
        cmocka_unit_test(test_command_overhead_of_a_read_is_the_published_0_29_us),
        cmocka_unit_test(test_transfer_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
