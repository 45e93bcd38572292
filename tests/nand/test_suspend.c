// Suspension as a machine of states: the ways through it that a busy channel opens.
#include "rig.h"

// Pages of a program take 40 us on the bus, commands some: a bus that is busy for long.
static struct nand_config busy_bus(void)
{
    struct nand_config c = rig_config();
    c.channels = 1;
    c.dies_per_channel = 2;
    c.t_wc = 500 * NS;
    c.transfer_rate = 409600000; // a unit: 10 us
    c.t_prog = (struct config_times){.count = 1, .at = {100 * US}};
    c.suspend_limit = 4;
    return c;
}

static struct rig_op *program(struct rig *rig, tick_t when, uint32_t row)
{
    return rig_at(rig, when, NAND_PROGRAM, NAND_HOST, (struct nand_address){.block = 1, .row = row}, 0);
}

static struct rig *rig_written(const struct nand_config *c)
{
    struct rig *rig = rig_create(c, 1);
    nand_assume(&rig->port, 0, rig->g->rows);
    return rig;
}

// Six pages of 3 + 40 us: the array works from 258 to 358 us. The other die's read has its command from 258 to 264, its
// array until 304, and its 8 units on the bus until 387 (a plane's change: 3 us and 40 us twice). The suspend command
// for the read that comes at 310 would stop the work at 311.5, but has the bus only at 387.
static void test_a_suspend_command_that_comes_too_late_leaves_the_die_ready_for_the_next(void **state)
{
    (void)state;
    struct nand_config c = busy_bus();
    struct rig *rig = rig_written(&c);
    struct rig_op *first = program(rig, 0, 0);
    struct rig_op *other = rig_read(rig, 250 * US, 1, 0, 0xff), *late = rig_read(rig, 310 * US, 0, 0, 1);
    struct rig_op *second = program(rig, 1000 * US, 1), *read = rig_read(rig, 1300 * US, 0, 0, 1);
    rig_run(rig);
    assert_int_equal(first->done, 358 * US);
    assert_int_equal(rig_spent(first, STAGE_DIE_WAIT), 0);
    assert_int_equal(other->done, 387 * US);
    assert_int_equal(late->done, other->done + 1500 * NS + 3 * US + 40 * US + 10 * US);
    // Alone on the channel: stopped at 1301.5, for 3 + 40 + 10 us of the read and 1.5 of the resume command.
    assert_int_equal(read->done, 1300 * US + 1500 * NS + 53 * US);
    assert_int_equal(second->done, 1358 * US + 53 * US + 1500 * NS);
    assert_int_equal(nand_get_stats(rig->nand)->suspends, 1);
    rig_destroy(rig);
}

// The read comes while the program's data are sent: the work stops as soon as it has begun.
static void test_work_that_a_read_awaits_stops_when_it_begins(void **state)
{
    (void)state;
    struct nand_config c = busy_bus();
    c.t_suspend_program = 20 * US;
    struct rig *rig = rig_written(&c);
    struct rig_op *written = program(rig, 0, 0), *read = rig_read(rig, 240 * US, 0, 0, 1);
    rig_run(rig);
    tick_t stopped = 258 * US + 1500 * NS;
    assert_int_equal(read->done, stopped + 20 * US + 53 * US);
    assert_int_equal(written->done, read->done + 1500 * NS + 100 * US - 1500 * NS);
    assert_int_equal(rig_spent(written, STAGE_ARRAY), 100 * US);
    rig_destroy(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_suspend_command_that_comes_too_late_leaves_the_die_ready_for_the_next),
        cmocka_unit_test(test_work_that_a_read_awaits_stops_when_it_begins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
