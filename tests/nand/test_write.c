// Programs and erases: closed forms, interleaving on the channel, suspension.
#include "nand/control/control.h"
#include "rig.h"

static struct rig_op *program(struct rig *rig, tick_t when, uint32_t die, uint32_t row)
{
    return rig_at(rig, when, NAND_PROGRAM, NAND_HOST, (struct nand_address){.die = die, .row = row, .block = 1}, 0);
}

static struct rig_op *erase(struct rig *rig, tick_t when, uint32_t die)
{
    return rig_at(rig, when, NAND_ERASE, NAND_GC, (struct nand_address){.die = die, .block = 1}, 0);
}

static tick_t page_command(const struct nand_config *c)
{
    return 6 * c->t_wc + c->t_adl + c->t_wpst + c->t_wpsth + c->t_wb;
}

static void test_a_program_without_costs_takes_tprog(void **state)
{
    (void)state;
    struct nand_config c = rig_config();
    struct rig *rig = rig_create(&c, 1);
    struct rig_op *op = program(rig, 0, 0, 0);
    rig_run(rig);
    assert_int_equal(rig_took(op), 1100 * US);
    rig_destroy(rig);
}

static void test_a_one_shot_program_sends_every_page_of_the_word_line(void **state)
{
    (void)state;
    struct nand_config c = rig_config();
    rig_set_bus(&c, 1600000000);
    struct rig *rig = rig_create(&c, 1);
    struct rig_op *op = program(rig, 0, 0, 0);
    rig_run(rig);
    tick_t data = 10240 * NS, pages = 6; // 3 page types on 2 planes
    assert_int_equal(rig_took(op), c.t_cs + pages * (page_command(&c) + data) + (pages - 1) * c.t_dbsy + 1100 * US);
    assert_int_equal(rig_spent(op, STAGE_TRANSFER), pages * data);
    assert_int_equal(rig_spent(op, STAGE_NAND_COMMAND), c.t_cs + pages * page_command(&c) + (pages - 1) * c.t_dbsy);
    assert_int_equal(rig_spent(op, STAGE_CHANNEL_WAIT), 0);
    assert_int_equal(rig_spent(op, STAGE_ARRAY), 1100 * US);
    assert_int_equal(nand_get_stats(rig->nand)->bytes_in, 6 * 16384);
    rig_destroy(rig);
}

static void test_per_page_programs_take_the_time_of_their_page_type(void **state)
{
    (void)state;
    struct nand_config c = rig_config();
    c.program_mode = PROGRAM_PER_PAGE;
    c.t_prog = (struct config_times){.count = 3, .at = {500 * US, 1500 * US, 3000 * US}};
    rig_set_bus(&c, 1600000000);
    struct rig *rig = rig_create(&c, 1);
    for (uint32_t row = 0; row < 4; row++)
        program(rig, row * 10000 * US, 3, row);
    rig_run(rig);
    tick_t rest = c.t_cs + 2 * (page_command(&c) + 10240 * NS) + c.t_dbsy;
    for (uint32_t row = 0; row < 4; row++)
        assert_int_equal(rig_took(&rig->ops[row]), rest + c.t_prog.at[row % 3]);
    rig_destroy(rig);
}

static void test_an_erase_is_one_multi_plane_command(void **state)
{
    (void)state;
    struct nand_config c = rig_config();
    rig_set_bus(&c, 1600000000);
    struct rig *rig = rig_create(&c, 1);
    rig_fill(rig);
    struct rig_op *op = erase(rig, 0, 2);
    rig_run(rig);
    assert_int_equal(rig_took(op), c.t_cs + 2 * 4 * c.t_wc + c.t_dbsy + c.t_wb + 5000 * US);
    struct wear_stats wear = nand_get_wear_stats(rig->nand);
    assert_int_equal(wear.pe_min, 0);
    assert_int_equal(wear.pe_max, 1);
    assert_true(wear.pe_mean == 1.0 / (4 * 8));
    rig_destroy(rig);
}

static void test_wear_counts_from_what_was_there_at_the_start(void **state)
{
    (void)state;
    struct nand_config c = rig_config();
    c.reliability.initial_pe_cycles = 100;
    struct rig *rig = rig_create(&c, 1);
    rig_fill(rig);
    erase(rig, 0, 2);
    rig_run(rig);
    struct wear_stats wear = nand_get_wear_stats(rig->nand);
    assert_int_equal(wear.pe_min, 100);
    assert_int_equal(wear.pe_max, 101);
    assert_true(wear.pe_mean == 100 + 1.0 / (4 * 8));
    rig_destroy(rig);
}

// A block is erased on one die, another on all of them, and then all others.
static void test_wear_is_counted_by_block(void **state)
{
    (void)state;
    struct nand_config c = rig_config();
    struct rig *rig = rig_create(&c, 1);
    rig_at(rig, 0, NAND_ERASE, NAND_GC, (struct nand_address){.block = 7}, 0);
    for (uint32_t die = 0; die < 4; die++)
        rig_at(rig, 0, NAND_ERASE, NAND_GC, (struct nand_address){.die = die}, 0);
    assert_false(rig->nand->blocks.states[7].touched); // for nothing has come to it yet
    rig_run(rig);
    struct wear_stats wear = nand_get_wear_stats(rig->nand);
    assert_int_equal(wear.pe_min, 0);
    assert_int_equal(wear.pe_max, 1);
    assert_true(wear.pe_mean == 5.0 / (4 * 8));
    for (uint32_t block = 1; block < 8; block++)
        for (uint32_t die = 0; die < 4; die++)
            rig_at(rig, sim_now(rig->sim), NAND_ERASE, NAND_GC, (struct nand_address){.block = block, .die = die}, 0);
    rig_run(rig);
    wear = nand_get_wear_stats(rig->nand);
    assert_int_equal(wear.pe_min, 1);
    assert_int_equal(wear.pe_max, 2);
    assert_true(wear.pe_mean == 33.0 / (4 * 8));
    rig_destroy(rig);
}

static void test_a_block_can_be_written_again_after_its_erase(void **state)
{
    (void)state;
    struct nand_config c = rig_config();
    struct rig *rig = rig_create(&c, 1);
    rig_fill(rig);
    erase(rig, 0, 2);
    program(rig, 0, 2, 0);
    program(rig, 0, 2, 1);
    struct rig_op *read = rig_at(rig, 8000 * US, NAND_READ, NAND_HOST,
                                 (struct nand_address){.die = 2, .block = 1, .row = 1}, 1);
    rig_run(rig);
    assert_int_equal(rig->ops[2].done, 5000 * US + 2 * 1100 * US);
    assert_int_equal(rig_took(read), 40 * US);
    const struct nand_stats *s = nand_get_stats(rig->nand);
    assert_int_equal(s->done_for[NAND_PROGRAM][NAND_FOR_HOST], 2);
    assert_int_equal(s->done[NAND_ERASE], 1);
    rig_destroy(rig);
}

static void test_a_read_of_another_die_comes_in_between_two_pages(void **state)
{
    (void)state;
    struct nand_config c = rig_config();
    rig_set_bus(&c, 1600000000);
    struct rig *rig = rig_create(&c, 1);
    rig_fill(rig);
    erase(rig, 0, 0);
    tick_t start = 6000 * US;
    struct rig_op *op = program(rig, start, 0, 0), *read = rig_read(rig, start + 1 * US, 2, 0, 1);
    rig_run(rig);
    tick_t first = c.t_cs + page_command(&c) + 10240 * NS; // holds the bus when the read arrives
    assert_int_equal(rig_spent(read, STAGE_CHANNEL_WAIT) - (first - 1 * US),
                     rig_took(read) - (first - 1 * US) - 290 * NS - 40 * US - 2590 * NS);
    assert_true(rig_spent(read, STAGE_CHANNEL_WAIT) >= first - 1 * US);
    assert_true(rig_spent(read, STAGE_CHANNEL_WAIT) <= first - 1 * US + page_command(&c) + 10240 * NS);
    assert_true(rig_spent(op, STAGE_CHANNEL_WAIT) > 0 || read->done > op->done - 1100 * US);
    rig_destroy(rig);
}

static struct nand_config suspending(uint32_t limit)
{
    struct nand_config c = rig_config();
    c.suspend_limit = limit;
    c.t_suspend_program = 20 * US;
    c.t_suspend_erase = 100 * US;
    return c;
}

static void test_without_suspension_a_read_waits_for_the_program(void **state)
{
    (void)state;
    struct nand_config c = suspending(0);
    struct rig *rig = rig_create(&c, 1);
    nand_assume(&rig->port, 0, rig->g->rows);
    program(rig, 0, 0, 0);
    struct rig_op *read = rig_read(rig, 300 * US, 0, 0, 1);
    rig_run(rig);
    assert_int_equal(read->done, 1100 * US + 40 * US);
    assert_int_equal(rig_spent(read, STAGE_DIE_WAIT), 800 * US);
    rig_destroy(rig);
}

static void test_a_host_read_suspends_a_program_which_then_goes_on(void **state)
{
    (void)state;
    struct nand_config c = suspending(1);
    rig_set_bus(&c, 0);
    struct rig *rig = rig_create(&c, 1);
    nand_assume(&rig->port, 0, rig->g->rows);
    struct rig_op *op = program(rig, 0, 0, 0), *read = rig_read(rig, 300 * US, 0, 0, 1);
    struct rig_op *other = rig_read(rig, 310 * US, 0, 1, 1); // is served in the same suspension
    rig_run(rig);
    tick_t command = c.t_cs + 3 * c.t_wc, one = 290 * NS + c.t_rpre + c.t_dqsre;
    assert_int_equal(read->done, 300 * US + command + 20 * US + one + 40 * US);
    assert_int_equal(other->done, read->done + one + 50 * US);
    tick_t alone = c.t_cs + 6 * page_command(&c) + 5 * c.t_dbsy + 1100 * US;
    assert_int_equal(op->done, alone + (other->done - (300 * US + command)) + command);
    assert_int_equal(rig_spent(op, STAGE_ARRAY), 1100 * US);
    assert_int_equal(rig_spent(op, STAGE_DIE_WAIT), other->done - (300 * US + command));
    assert_int_equal(nand_get_stats(rig->nand)->suspends, 1);
    assert_int_equal(meter_total(nand_die_meter(rig->nand)), op->done); // without a gap
    rig_destroy(rig);
}

static void test_an_operation_is_suspended_no_more_often_than_the_limit(void **state)
{
    (void)state;
    struct nand_config c = suspending(2);
    struct rig *rig = rig_create(&c, 1);
    rig_fill(rig);
    struct rig_op *op = erase(rig, 0, 0), *reads[3];
    for (int i = 0; i < 3; i++)
        reads[i] = rig_read(rig, (1 + i) * 500 * US, 0, 0, 1);
    rig_run(rig);
    assert_int_equal(rig_took(reads[0]), 100 * US + 40 * US);
    assert_int_equal(rig_took(reads[1]), 100 * US + 40 * US);
    assert_int_equal(op->done, 5000 * US + 2 * 140 * US);
    assert_int_equal(reads[2]->done, op->done + 40 * US);
    assert_int_equal(nand_get_stats(rig->nand)->suspends, 2);
    rig_destroy(rig);
}

static void test_reads_that_keep_coming_delay_a_suspended_program_up_to_the_bound(void **state)
{
    (void)state;
    struct nand_config c = suspending(1);
    c.starvation_bound = 200 * US;
    struct rig *rig = rig_create(&c, 1);
    nand_assume(&rig->port, 0, rig->g->rows);
    struct rig_op *op = program(rig, 0, 0, 0), *reads[20];
    for (int i = 0; i < 20; i++)
        reads[i] = rig_read(rig, 100 * US, 0, 0, 1);
    rig_run(rig);
    // From 120 us on a read each 40 us; at 320 us the suspension has lasted 220 us.
    assert_int_equal(reads[4]->done, 320 * US);
    assert_int_equal(op->done, 1000 * US + 320 * US);
    assert_int_equal(reads[5]->done, op->done + 40 * US);
    rig_destroy(rig);
}

// The first of two reads is served whatever the bound; the second in the same suspension when the work has rested no
// longer than the bound, which it has for 20 us + 40 us at that moment.
static void test_a_suspension_serves_a_read_and_further_ones_up_to_the_bound(void **state)
{
    (void)state;
    const tick_t bounds[] = {1, 20 * US - 1, 20 * US, 20 * US + 1, 60 * US - 1, 60 * US, 0};
    for (unsigned i = 0; i < ARRAY_SIZE(bounds); i++) {
        bool both = bounds[i] == 0 || bounds[i] >= 60 * US;
        struct nand_config c = suspending(2);
        c.starvation_bound = bounds[i];
        struct rig *rig = rig_create(&c, 1);
        nand_assume(&rig->port, 0, rig->g->rows);
        struct rig_op *op = program(rig, 0, 0, 0);
        struct rig_op *first = rig_read(rig, 300 * US, 0, 0, 1), *second = rig_read(rig, 300 * US, 0, 0, 1);
        rig_run(rig);
        assert_int_equal(first->done, 300 * US + 20 * US + 40 * US);
        assert_int_equal(second->done, first->done + (both ? 0 : 20 * US) + 40 * US);
        assert_int_equal(nand_get_stats(rig->nand)->suspends, both ? 1 : 2);
        assert_int_equal(op->done, 1100 * US + (both ? 1 : 2) * 20 * US + 2 * 40 * US);
        rig_destroy(rig);
    }
}

// In order of arrival a retry step of any read goes to the head of the queue, also while the die is being suspended for
// the read that stood there.
static void test_a_suspension_serves_the_retry_step_that_has_come_before_its_read(void **state)
{
    (void)state;
    struct nand_config c = suspending(1);
    c.scheduler = SCHED_FIFO_INDEX;
    c.ecc = (struct ecc_config){.engine = ECC_BCH, .codeword_data = 1024, .clock = 500000000, .bch_t = 40,
                                .bch_chien_bits = 64, .retry_steps = 1, .retry_gain = 0.05, .t_retry = 1 * US};
    c.reliability = (struct reliability_config){.model = RBER_CONSTANT, .rber = 1.5e-2}; // fails once, for certain
    struct rig *rig = rig_create(&c, 1);
    nand_assume(&rig->port, 0, rig->g->rows);
    rig_at(rig, 0, NAND_READ, NAND_GC, (struct nand_address){.die = 0}, 1);
    program(rig, 1 * US, 0, 0); // begins at 40 us and is suspended at once, for
    struct rig_op *read = rig_read(rig, 2 * US, 0, 0, 1);
    rig_run(rig);
    assert_int_equal(nand_get_stats(rig->nand)->suspends, 1);
    assert_int_equal(rig_spent(read, STAGE_DIE_WAIT), 38 * US + 20 * US + 41 * US);
    rig_destroy(rig);
}

// The same to the picosecond with commands that take time: the work rests from the end of the suspend command on.
static void test_the_rest_of_the_work_is_counted_from_the_end_of_the_suspend_command(void **state)
{
    (void)state;
    for (tick_t early = 0; early < 2; early++) {
        struct nand_config c = suspending(1);
        rig_set_bus(&c, 0);
        tick_t one = 290 * NS + 40 * US + c.t_rpre + c.t_dqsre;
        c.starvation_bound = 20 * US + one - early;
        struct rig *rig = rig_create(&c, 1);
        nand_assume(&rig->port, 0, rig->g->rows);
        struct rig_op *op = program(rig, 0, 0, 0);
        rig_read(rig, 300 * US, 0, 0, 1);
        struct rig_op *second = rig_read(rig, 300 * US, 0, 0, 1);
        rig_run(rig);
        assert_int_equal(second->done > op->done, early);
        rig_destroy(rig);
    }
}

// At the very moment at which the read's data are out and the work is about to go on.
static void test_what_comes_when_a_suspension_ends_waits_for_the_work(void **state)
{
    (void)state;
    struct nand_config c = suspending(1);
    c.transfer_rate = 1600000000; // a unit: 2.56 us; the program's 24: 61.44 us
    struct rig *rig = rig_create(&c, 1);
    nand_assume(&rig->port, 0, rig->g->rows);
    struct rig_op *op = program(rig, 0, 0, 0);
    rig_read(rig, 300 * US, 0, 0, 1);
    struct rig_op *late = rig_at(rig, 362560 * NS, NAND_READ, NAND_GC, (struct nand_address){.die = 0}, 1);
    rig_run(rig);
    assert_int_equal(op->done, 61440 * NS + 1100 * US + 62560 * NS);
    assert_int_equal(late->done, op->done + 42560 * NS);
    rig_destroy(rig);
}

static void test_a_suspension_is_not_for_reads_of_garbage_collection_behind_the_hosts(void **state)
{
    (void)state;
    struct nand_config c = suspending(1);
    c.scheduler = SCHED_FIFO_INDEX;
    struct rig *rig = rig_create(&c, 1);
    nand_assume(&rig->port, 0, rig->g->rows);
    program(rig, 0, 0, 0);
    struct rig_op *host = rig_read(rig, 300 * US, 0, 0, 1);
    struct rig_op *other = rig_at(rig, 301 * US, NAND_READ, NAND_GC, (struct nand_address){.die = 0}, 1);
    rig_run(rig);
    assert_int_equal(host->done, 360 * US);
    assert_int_equal(other->done, 1200 * US);
    rig_destroy(rig);
}

static void test_each_operation_has_its_own_limit_of_suspensions(void **state)
{
    (void)state;
    struct nand_config c = suspending(1);
    struct rig *rig = rig_create(&c, 1);
    nand_assume(&rig->port, 0, rig->g->rows);
    for (uint32_t row = 0; row < 3; row++) {
        program(rig, row * 2000 * US, 0, row);
        rig_read(rig, row * 2000 * US + 300 * US, 0, 0, 1);
    }
    rig_run(rig);
    assert_int_equal(nand_get_stats(rig->nand)->suspends, 3);
    rig_destroy(rig);
}

static void test_programs_count_for_whom_they_are_and_with_their_parity(void **state)
{
    (void)state;
    struct nand_config c = rig_config();
    c.ecc = (struct ecc_config){.engine = ECC_BCH, .codeword_data = 1024, .bch_t = 40, .retry_gain = 1,
                                .transfer_parity = true};
    struct rig *rig = rig_create(&c, 1);
    program(rig, 0, 0, 0);
    rig_at(rig, 0, NAND_PROGRAM, NAND_GC, (struct nand_address){.die = 1, .block = 1}, 0);
    program(rig, 0, 2, 0);
    rig_run(rig);
    assert_int_equal(nand_get_stats(rig->nand)->done_for[NAND_PROGRAM][NAND_FOR_HOST], 2);
    assert_int_equal(nand_get_stats(rig->nand)->done_for[NAND_PROGRAM][NAND_FOR_GC], 1);
    assert_int_equal(nand_get_stats(rig->nand)->done[NAND_PROGRAM], 3);
    // 3 pages on 2 planes of 4 units, each of 4 codewords with 14 * 40 bits of parity
    assert_int_equal(nand_get_stats(rig->nand)->bytes_in, 3 * 3 * 2 * 4 * (4096 + 4 * 70));
    rig_destroy(rig);
}

static void test_no_suspension_when_the_array_is_sooner_done(void **state)
{
    (void)state;
    struct nand_config c = suspending(9);
    for (tick_t early = 0; early < 2; early++) {
        struct rig *rig = rig_create(&c, 1);
        nand_assume(&rig->port, 0, rig->g->rows);
        program(rig, 0, 0, 0);
        struct rig_op *read = rig_read(rig, 1080 * US - early, 0, 0, 1);
        rig_run(rig);
        assert_int_equal(nand_get_stats(rig->nand)->suspends, early);
        assert_int_equal(read->done, (early ? 1100 * US - 1 : 1100 * US) + 40 * US);
        rig_destroy(rig);
    }
}

// The same with a suspend command that takes time, which belongs to what suspending costs.
static void test_no_suspension_when_the_array_is_done_before_the_command_has_taken_effect(void **state)
{
    (void)state;
    for (tick_t early = 0; early < 2; early++) {
        struct nand_config c = suspending(9);
        rig_set_bus(&c, 0);
        tick_t end = c.t_cs + 6 * page_command(&c) + 5 * c.t_dbsy + 1100 * US, command = c.t_cs + 3 * c.t_wc;
        struct rig *rig = rig_create(&c, 1);
        nand_assume(&rig->port, 0, rig->g->rows);
        program(rig, 0, 0, 0);
        rig_read(rig, end - 20 * US - command - early, 0, 0, 1);
        rig_run(rig);
        assert_int_equal(nand_get_stats(rig->nand)->suspends, early);
        rig_destroy(rig);
    }
}

static void test_a_read_that_came_during_data_input_suspends_when_the_array_begins(void **state)
{
    (void)state;
    struct nand_config c = suspending(1);
    rig_set_bus(&c, 1600000000);
    struct rig *rig = rig_create(&c, 1);
    nand_assume(&rig->port, 0, rig->g->rows);
    program(rig, 0, 0, 0);
    struct rig_op *read = rig_read(rig, 1 * US, 0, 0, 1);
    rig_run(rig);
    tick_t array = c.t_cs + 6 * (page_command(&c) + 10240 * NS) + 5 * c.t_dbsy;
    assert_int_equal(read->done, array + c.t_cs + 3 * c.t_wc + 20 * US + 290 * NS + 40 * US + 30 * NS + 2560 * NS);
    rig_destroy(rig);
}

static void test_reads_of_garbage_collection_do_not_suspend(void **state)
{
    (void)state;
    struct nand_config c = suspending(9);
    struct rig *rig = rig_create(&c, 1);
    nand_assume(&rig->port, 0, rig->g->rows);
    program(rig, 0, 0, 0);
    struct rig_op *read = rig_at(rig, 300 * US, NAND_READ, NAND_GC, (struct nand_address){.die = 0}, 1);
    rig_run(rig);
    assert_int_equal(read->done, 1140 * US);
    rig_destroy(rig);
}

// Three dies on one channel, whose commands take 1 us and whose pages 10.24. The work of die 0 begins at 62.44 us. A
// read for it comes at 345 while die 2 sends a page, until 351.24, and die 4 waits to send one: the suspend command
// goes first. From 352.24 on the work rests; at 372.24 the read begins, and with 1 + 40 + 2.56 us its data are out at
// 415.8. By then die 4 waits with a command, which came first, and die 2 again with a page, which the resume command
// passes: the work goes on at 417.8, with 1100 - (352.24 - 62.44) us left.
static void test_suspend_and_resume_commands_pass_data_that_wait_but_no_commands(void **state)
{
    (void)state;
    struct nand_config c = suspending(1);
    c.dies_per_channel = 3;
    c.transfer_rate = 1600000000;
    c.t_cs = 1 * US;
    struct rig *rig = rig_create(&c, 1);
    nand_assume(&rig->port, 0, rig->g->rows);
    struct rig_op *op = program(rig, 0, 0, 0);
    rig_read(rig, 300 * US, 2, 0, 0xf);
    struct rig_op *waits = rig_read(rig, 300 * US, 4, 0, 0xf), *read = rig_read(rig, 345 * US, 0, 0, 1);
    struct rig_op *data = rig_read(rig, 373 * US, 2, 0, 0xf), *command = rig_read(rig, 415 * US, 4, 0, 0xf);
    rig_run(rig);
    assert_int_equal(waits->done, 352240 * NS + 10240 * NS);
    assert_int_equal(read->done, 415800 * NS);
    assert_int_equal(rig_spent(command, STAGE_CHANNEL_WAIT), 800 * NS);
    assert_int_equal(data->done, 417800 * NS + 10240 * NS);
    assert_int_equal(op->done, 1228000 * NS);
    assert_int_equal(rig_spent(op, STAGE_ARRAY), 1100 * US);
    assert_int_equal(rig_spent(op, STAGE_DIE_WAIT), 415800 * NS - 352240 * NS);
    assert_int_equal(rig_spent(op, STAGE_CHANNEL_WAIT), 1 * US);
    assert_int_equal(rig_spent(op, STAGE_NAND_COMMAND), 2 * US);
    assert_int_equal(rig_spent(op, STAGE_TRANSFER), 61440 * NS);
    rig_destroy(rig);
}

// Of three dies on a channel one sends a page from 41 to 51.24 us and another waits to send one.
static void test_an_erase_command_passes_data_that_wait(void **state)
{
    (void)state;
    struct nand_config c = rig_config();
    c.dies_per_channel = 3;
    c.transfer_rate = 1600000000;
    c.t_cs = 1 * US;
    struct rig *rig = rig_create(&c, 1);
    nand_assume(&rig->port, 0, rig->g->rows);
    rig_read(rig, 0, 2, 0, 0xf);
    struct rig_op *waits = rig_read(rig, 0, 4, 0, 0xf), *op = erase(rig, 45 * US, 0);
    rig_run(rig);
    assert_int_equal(op->done, 52240 * NS + 5000 * US);
    assert_int_equal(waits->done, 52240 * NS + 10240 * NS);
    rig_destroy(rig);
}

// The suspend command waits 10.24 us for the bus. With the 1 us that it takes and 20 us more it comes too late for work
// that ends at that moment, and in time for work that ends a picosecond later.
static void test_a_suspend_command_that_had_to_wait_is_weighed_again(void **state)
{
    (void)state;
    for (tick_t early = 0; early < 2; early++) {
        struct nand_config c = suspending(1);
        c.transfer_rate = 1600000000;
        c.t_cs = 1 * US;
        struct rig *rig = rig_create(&c, 1);
        nand_assume(&rig->port, 0, rig->g->rows);
        tick_t end = 62440 * NS + 1100 * US, granted = end - 21 * US - early;
        program(rig, 0, 0, 0);
        rig_read(rig, granted - 51240 * NS, 2, 0, 0xf); // on the bus from granted - 10.24 us on
        struct rig_op *read = rig_read(rig, granted - 10 * US, 0, 0, 1);
        rig_run(rig);
        assert_int_equal(nand_get_stats(rig->nand)->suspends, early);
        assert_int_equal(read->done, end - early + 43560 * NS);
        rig_destroy(rig);
    }
}

static void test_a_host_read_suspends_though_a_read_of_garbage_collection_waits_already(void **state)
{
    (void)state;
    struct nand_config c = suspending(1);
    struct rig *rig = rig_create(&c, 1);
    nand_assume(&rig->port, 0, rig->g->rows);
    struct rig_op *op = program(rig, 0, 0, 0);
    struct rig_op *other = rig_at(rig, 200 * US, NAND_READ, NAND_GC, (struct nand_address){.die = 0}, 1);
    struct rig_op *host = rig_read(rig, 300 * US, 0, 0, 1);
    rig_run(rig);
    assert_int_equal(host->done, 360 * US);
    assert_int_equal(op->done, 1160 * US);
    assert_int_equal(other->done, 1200 * US);
    rig_destroy(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_program_without_costs_takes_tprog),
        cmocka_unit_test(test_a_one_shot_program_sends_every_page_of_the_word_line),
        cmocka_unit_test(test_per_page_programs_take_the_time_of_their_page_type),
        cmocka_unit_test(test_an_erase_is_one_multi_plane_command),
        cmocka_unit_test(test_wear_counts_from_what_was_there_at_the_start),
        cmocka_unit_test(test_wear_is_counted_by_block),
        cmocka_unit_test(test_a_block_can_be_written_again_after_its_erase),
        cmocka_unit_test(test_a_read_of_another_die_comes_in_between_two_pages),
        cmocka_unit_test(test_without_suspension_a_read_waits_for_the_program),
        cmocka_unit_test(test_a_host_read_suspends_a_program_which_then_goes_on),
        cmocka_unit_test(test_an_operation_is_suspended_no_more_often_than_the_limit),
        cmocka_unit_test(test_reads_that_keep_coming_delay_a_suspended_program_up_to_the_bound),
        cmocka_unit_test(test_a_suspension_serves_a_read_and_further_ones_up_to_the_bound),
        cmocka_unit_test(test_a_suspension_serves_the_retry_step_that_has_come_before_its_read),
        cmocka_unit_test(test_the_rest_of_the_work_is_counted_from_the_end_of_the_suspend_command),
        cmocka_unit_test(test_what_comes_when_a_suspension_ends_waits_for_the_work),
        cmocka_unit_test(test_a_suspension_is_not_for_reads_of_garbage_collection_behind_the_hosts),
        cmocka_unit_test(test_each_operation_has_its_own_limit_of_suspensions),
        cmocka_unit_test(test_programs_count_for_whom_they_are_and_with_their_parity),
        cmocka_unit_test(test_no_suspension_when_the_array_is_sooner_done),
        cmocka_unit_test(test_no_suspension_when_the_array_is_done_before_the_command_has_taken_effect),
        cmocka_unit_test(test_a_read_that_came_during_data_input_suspends_when_the_array_begins),
        cmocka_unit_test(test_reads_of_garbage_collection_do_not_suspend),
        cmocka_unit_test(test_suspend_and_resume_commands_pass_data_that_wait_but_no_commands),
        cmocka_unit_test(test_an_erase_command_passes_data_that_wait),
        cmocka_unit_test(test_a_suspend_command_that_had_to_wait_is_weighed_again),
        cmocka_unit_test(test_a_host_read_suspends_though_a_read_of_garbage_collection_waits_already),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
