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

// Six pages of 3 + 40 us: the array works from 258 to 358 us. The other die's read has its command from 278 to 281, its
// array until 321, and its 4 units of one plane on the bus until 361. The suspend command for the read that
// comes at 324 would stop the work at 325.5, but has the bus only at 361.
static void test_a_suspend_command_that_comes_too_late_leaves_the_die_ready_for_the_next(void **state)
{
    (void)state;
    struct nand_config c = busy_bus();
    struct rig *rig = rig_written(&c);
    struct rig_op *first = program(rig, 0, 0);
    struct rig_op *other = rig_read(rig, 278 * US, 1, 0, 0xf), *late = rig_read(rig, 324 * US, 0, 0, 1);
    struct rig_op *second = program(rig, 1000 * US, 1), *read = rig_read(rig, 1300 * US, 0, 0, 1);
    rig_run(rig);
    assert_int_equal(first->done, 358 * US);
    assert_int_equal(rig_spent(first, STAGE_DIE_WAIT), 0);
    assert_int_equal(other->done, 361 * US);
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

// --- what bounds it, on a bus that costs nothing: tPROG 1000 us, tR 40 us ---------------------------------------------

static struct nand_config free_bus(void)
{
    struct nand_config c = rig_config();
    c.t_prog = (struct config_times){.count = 1, .at = {1000 * US}};
    c.suspend_limit = 4;
    return c;
}

// Steps of 150 us: told to at 200 us the array stops at 300, and the die takes reads 20 us later. Of the 1000 us 700 are
// left, from 360 on; the second read comes at 400, when 340 are done: the array stops at 470, with 450 done.
static void test_the_array_stops_at_the_end_of_a_step(void **state)
{
    (void)state;
    struct nand_config c = free_bus();
    c.t_suspend_program = 20 * US;
    c.suspend_steps_program = (struct config_times){.count = 1, .at = {150 * US}};
    struct rig *rig = rig_written(&c);
    struct rig_op *written = program(rig, 0, 0);
    struct rig_op *read = rig_read(rig, 200 * US, 0, 0, 1), *second = rig_read(rig, 400 * US, 0, 0, 1);
    rig_run(rig);
    assert_int_equal(read->done, (300 + 20 + 40) * US);
    assert_int_equal(second->done, (510 + 20 + 40) * US);
    assert_int_equal(written->done, (570 + 550) * US);
    assert_int_equal(rig_spent(written, STAGE_ARRAY), 1000 * US);
    rig_destroy(rig);
}

// Steps of 400 us, then 100, then 30 each. Told to at 200, 410, 500 and 541 us of its work the array stops at 400, 500,
// 500 and 560.
static void test_steps_can_differ(void **state)
{
    (void)state;
    static const tick_t told[] = {200 * US, 410 * US, 500 * US, 541 * US}, stops[] = {400 * US, 500 * US, 500 * US, 560 * US};
    for (int i = 0; i < 4; i++) {
        struct nand_config c = free_bus();
        c.suspend_steps_program = (struct config_times){.count = 3, .at = {400 * US, 100 * US, 30 * US}};
        struct rig *rig = rig_written(&c);
        struct rig_op *written = program(rig, 0, 0), *read = rig_read(rig, told[i], 0, 0, 1);
        rig_run(rig);
        assert_int_equal(read->done, stops[i] + 40 * US);
        assert_int_equal(written->done, 1040 * US);
        rig_destroy(rig);
    }
}

// Told to at the very end of a step it stops there; told to in the last step it does not, which ends sooner.
static void test_steps_end_where_they_should(void **state)
{
    (void)state;
    struct nand_config c = free_bus();
    c.suspend_steps_program = (struct config_times){.count = 1, .at = {250 * US}};
    struct rig *rig = rig_written(&c);
    struct rig_op *written = program(rig, 0, 0);
    struct rig_op *at_once = rig_read(rig, 500 * US, 0, 0, 1), *last = rig_read(rig, 900 * US, 0, 0, 1);
    rig_run(rig);
    assert_int_equal(at_once->done, 540 * US);
    assert_int_equal(written->done, 1040 * US);
    assert_int_equal(last->done, 1080 * US);
    assert_int_equal(nand_get_stats(rig->nand)->suspends, 1);
    assert_int_equal(nand_get_stats(rig->nand)->suspends_too_late, 1);
    rig_destroy(rig);
}

// Resumed at 140 us, at work from 170 on. The read at 180 may stop it 100 us after that, the one at 400 at once.
static void test_resuming_takes_time_and_work_runs_for_a_while_before_it_is_suspended_again(void **state)
{
    (void)state;
    struct nand_config c = free_bus();
    c.t_resume = 30 * US;
    c.suspend_min_run = 100 * US;
    struct rig *rig = rig_written(&c);
    struct rig_op *written = program(rig, 0, 0), *first = rig_read(rig, 100 * US, 0, 0, 1);
    struct rig_op *delayed = rig_read(rig, 180 * US, 0, 0, 1), *third = rig_read(rig, 500 * US, 0, 0, 1);
    rig_run(rig);
    assert_int_equal(first->done, 140 * US);
    assert_int_equal(delayed->done, (270 + 40) * US);
    assert_int_equal(third->done, 540 * US);
    assert_int_equal(written->done, (1000 + 3 * (40 + 30)) * US);
    assert_int_equal(rig_spent(written, STAGE_ARRAY), (1000 + 3 * 30) * US);
    assert_int_equal(nand_get_stats(rig->nand)->suspends, 3);
    assert_int_equal(nand_get_stats(rig->nand)->suspends_delayed, 1);
    rig_destroy(rig);
}

// A read every 60 us, each of which stops the work for 40: after the third it has rested for 120 us, and that is all.
static void test_suspensions_together_last_no_longer_than_their_total(void **state)
{
    (void)state;
    enum { READS = 12 };
    struct nand_config c = free_bus();
    c.suspend_limit = 100;
    c.suspend_total = 100 * US;
    struct rig *rig = rig_written(&c);
    struct rig_op *written = program(rig, 0, 0), *reads[READS];
    for (int i = 0; i < READS; i++)
        reads[i] = rig_read(rig, (100 + 60 * i) * US, 0, 0, 1);
    rig_run(rig);
    for (int i = 0; i < 3; i++)
        assert_int_equal(rig_took(reads[i]), 40 * US);
    assert_int_equal(written->done, 1120 * US);
    assert_int_equal(reads[3]->done, 1160 * US);
    assert_int_equal(nand_get_stats(rig->nand)->suspends, 3);
    assert_int_equal(nand_get_stats(rig->nand)->suspends_refused_total, 1); // those behind it wait for it
    rig_destroy(rig);
}

// Reads that keep coming at one suspension are served until the total is used up.
static void test_one_suspension_serves_reads_up_to_the_total(void **state)
{
    (void)state;
    enum { READS = 12 };
    struct nand_config c = free_bus();
    c.suspend_total = 100 * US;
    struct rig *rig = rig_written(&c);
    struct rig_op *written = program(rig, 0, 0), *reads[READS];
    for (int i = 0; i < READS; i++)
        reads[i] = rig_read(rig, 100 * US, 0, 0, 1);
    rig_run(rig);
    assert_int_equal(reads[2]->done, 220 * US);
    assert_int_equal(written->done, 1120 * US);
    assert_int_equal(reads[3]->done, 1160 * US);
    rig_destroy(rig);
}

// The limit of one suspension is told of for the first read that it holds up.
static void test_reads_that_a_limit_holds_up_are_counted(void **state)
{
    (void)state;
    struct nand_config c = free_bus();
    c.suspend_limit = 1;
    struct rig *rig = rig_written(&c);
    program(rig, 0, 0);
    rig_read(rig, 100 * US, 0, 0, 1);
    struct rig_op *held = rig_read(rig, 300 * US, 0, 0, 1);
    rig_run(rig);
    assert_int_equal(held->done, 1080 * US);
    assert_int_equal(nand_get_stats(rig->nand)->suspends_refused_limit, 1);
    assert_int_equal(nand_get_stats(rig->nand)->suspends_too_late, 0);
    rig_destroy(rig);
}

// Whatever comes, an operation under way is held up by no more than its total, one read and the time to stop.
static void test_no_operation_is_held_up_for_longer_than_the_total(void **state)
{
    (void)state;
    enum { READS = 1000 };
    struct nand_config c = free_bus();
    c.suspend_limit = 1000;
    c.suspend_total = 2000 * US;
    c.t_suspend_program = 50 * US;
    struct rig *rig = rig_written(&c);
    struct rig_op *written = program(rig, 0, 0);
    for (int i = 0; i < READS; i++)
        rig_read(rig, (tick_t)i * 45 * US, 0, 0, 1);
    rig_run(rig);
    assert_in_range(written->done, 1000 * US, (1000 + 2000 + 40 + 50) * US);
    rig_destroy(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_suspend_command_that_comes_too_late_leaves_the_die_ready_for_the_next),
        cmocka_unit_test(test_work_that_a_read_awaits_stops_when_it_begins),
        cmocka_unit_test(test_the_array_stops_at_the_end_of_a_step),
        cmocka_unit_test(test_steps_can_differ),
        cmocka_unit_test(test_steps_end_where_they_should),
        cmocka_unit_test(test_resuming_takes_time_and_work_runs_for_a_while_before_it_is_suspended_again),
        cmocka_unit_test(test_suspensions_together_last_no_longer_than_their_total),
        cmocka_unit_test(test_one_suspension_serves_reads_up_to_the_total),
        cmocka_unit_test(test_reads_that_a_limit_holds_up_are_counted),
        cmocka_unit_test(test_no_operation_is_held_up_for_longer_than_the_total),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
