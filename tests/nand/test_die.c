// Dies and channels under contention: to the tick; the order of scheduling; determinism.
#include <stdio.h>

#include "nand/control/scheduler.h"
#include "rig.h"
#include "util/rng.h"

static void test_a_die_is_busy_at_t_minus_1_and_free_at_t(void **state)
{
    (void)state;
    for (tick_t early = 0; early < 2; early++) {
        struct nand_config c = rig_config();
        c.transfer_rate = 1600000000;
        struct rig *rig = rig_create(&c, 1);
        rig_fill(rig);
        struct rig_op *first = rig_read(rig, 0, 0, 0, 1);
        tick_t held = 40 * US + 2560 * NS; // its page register is needed until the data are out
        struct rig_op *second = rig_read(rig, held - early, 0, 0, 1);
        rig_run(rig);
        assert_int_equal(first->done, held);
        assert_int_equal(second->done, 2 * held);
        assert_int_equal(rig_spent(second, STAGE_DIE_WAIT), early);
        rig_destroy(rig);
    }
}

static void test_two_dies_share_a_channel_but_not_their_arrays(void **state)
{
    (void)state;
    struct nand_config c = rig_config();
    rig_set_bus(&c, 1600000000);
    struct rig *rig = rig_create(&c, 1);
    rig_fill(rig);
    struct rig_op *a = rig_read(rig, 0, 0, 0, 1), *b = rig_read(rig, 0, 2, 0, 1), *other = rig_read(rig, 0, 1, 0, 1);
    rig_run(rig);
    tick_t command = 270 * NS, data = 30 * NS + 2560 * NS, alone = command + 20 * NS + 40 * US + data;
    assert_int_equal(a->done, alone);
    assert_int_equal(other->done, alone); // on the other channel
    assert_int_equal(rig_spent(b, STAGE_CHANNEL_WAIT), command + (data - command));
    assert_int_equal(b->done, alone + data);
    rig_destroy(rig);
}

static void test_the_die_takes_the_next_operation_while_the_last_is_decoded(void **state)
{
    (void)state;
    struct nand_config c = rig_config();
    c.ecc = (struct ecc_config){.engine = ECC_LDPC, .codeword_data = 4096, .clock = 500000000, .ldpc_rate = 0.9,
                                .ldpc_efficiency = 0.55, .ldpc_min_iterations = 10, .ldpc_max_iterations = 10,
                                .ldpc_iteration_bits = 512, .retry_gain = 1};
    struct rig *rig = rig_create(&c, 1);
    rig_fill(rig);
    struct rig_op *first = rig_read(rig, 0, 0, 0, 1), *second = rig_read(rig, 0, 0, 0, 1);
    rig_run(rig);
    assert_int_equal(first->done, 40 * US + 1440 * NS);
    assert_int_equal(second->done, 80 * US + 1440 * NS);
    rig_destroy(rig);
}

static void test_a_wake_up_is_spent_only_when_somebody_waits(void **state)
{
    (void)state;
    struct nand_config c = rig_config();
    c.transfer_rate = 1600000000;
    struct rig *rig = rig_create(&c, 1);
    rig_fill(rig);
    for (int i = 0; i < 3; i++)
        rig_read(rig, 0, 0, 0, 1);
    rig_run(rig);
    assert_int_equal(sim_events(rig->sim), 3 + 3 * 2 + 2); // submissions; ready and done of each; two wake-ups
    rig_destroy(rig);
}

// One busy die; then, in this order, an erase, reads of garbage collection and reads of the host.
static struct rig *contend(uint32_t scheduler, tick_t bound)
{
    struct nand_config c = rig_config();
    c.scheduler = scheduler;
    c.starvation_bound = bound;
    struct rig *rig = rig_create(&c, 1);
    rig_fill(rig);
    rig_read(rig, 0, 0, 0, 1);
    rig_at(rig, 1 * US, NAND_ERASE, NAND_GC, (struct nand_address){.block = 3}, 0);
    for (int i = 0; i < 2; i++)
        rig_at(rig, 2 * US, NAND_READ, NAND_GC, (struct nand_address){.block = 2}, 1);
    for (int i = 0; i < 2; i++)
        rig_read(rig, 3 * US, 0, 0, 1);
    rig_run(rig);
    return rig;
}

static void expect_order(struct rig *rig, const unsigned *order)
{
    for (unsigned i = 0; i < rig->count; i++)
        assert_int_equal(rig->ops[i].order, order[i]);
    rig_destroy(rig);
}

static void test_fifo_serves_in_order_of_arrival(void **state)
{
    (void)state;
    expect_order(contend(SCHED_FIFO_INDEX, 0), (const unsigned[]){1, 2, 3, 4, 5, 6});
}

static void test_read_priority_puts_host_reads_first_and_erases_last(void **state)
{
    (void)state;
    expect_order(contend(SCHED_READ_PRIORITY_INDEX, 0), (const unsigned[]){1, 6, 4, 5, 2, 3});
}

static void test_read_priority_goes_by_age_past_the_bound(void **state)
{
    (void)state;
    // At 40 us the erase has waited 39 us, at 80 us 79: with a bound of 78 us it goes second, of 79 us third.
    expect_order(contend(SCHED_READ_PRIORITY_INDEX, 78 * US), (const unsigned[]){1, 3, 4, 5, 2, 6});
    expect_order(contend(SCHED_READ_PRIORITY_INDEX, 79 * US), (const unsigned[]){1, 4, 5, 6, 2, 3});
}

static void test_of_operations_of_one_age_past_the_bound_the_hosts_read_goes_first(void **state)
{
    (void)state;
    struct nand_config c = rig_config();
    c.starvation_bound = 10 * US;
    struct rig *rig = rig_create(&c, 1);
    rig_fill(rig);
    rig_read(rig, 0, 0, 0, 1);
    rig_at(rig, 1 * US, NAND_ERASE, NAND_GC, (struct nand_address){.block = 3}, 0);
    rig_at(rig, 1 * US, NAND_READ, NAND_GC, (struct nand_address){.block = 2}, 1);
    rig_read(rig, 1 * US, 0, 0, 1);
    rig_run(rig);
    expect_order(rig, (const unsigned[]){1, 4, 3, 2});
}

static void test_every_scheduler_is_registered_and_keeps_the_order_of_writes(void **state)
{
    (void)state;
    assert_null(scheduler_names[scheduler_count]);
    for (uint32_t s = 0; s < scheduler_count; s++) {
        assert_string_equal(schedulers[s]->name, scheduler_names[s]);
        struct nand_config c = rig_config();
        c.scheduler = s;
        struct rig *rig = rig_create(&c, 1);
        for (uint32_t row = 0; row < rig->g->rows; row++)
            rig_at(rig, 0, NAND_PROGRAM, row % 2 == 0 ? NAND_GC : NAND_HOST, (struct nand_address){.row = row}, 0);
        rig_run(rig); // a row out of order would break an invariant
        rig_destroy(rig);
    }
}

static void test_utilisation_counts_held_dies_and_channels(void **state)
{
    (void)state;
    struct nand_config c = rig_config();
    c.transfer_rate = 1000000000;
    struct rig *rig = rig_create(&c, 1);
    rig_fill(rig);
    for (int i = 0; i < 5; i++)
        rig_read(rig, 0, 0, 0, 1);
    rig_run(rig);
    assert_int_equal(meter_total(nand_die_meter(rig->nand)), 5 * (40 * US + 4096 * NS));
    assert_int_equal(meter_total(nand_channel_meter(rig->nand)), 5 * 4096 * NS);
    nand_stats_restart(rig->nand, sim_now(rig->sim));
    assert_int_equal(meter_total(nand_die_meter(rig->nand)), 0);
    assert_int_equal(nand_get_stats(rig->nand)->done[NAND_READ], 0);
    rig_destroy(rig);
}

// A busy drive with everything on; the hash of all completions.
static uint64_t busy_run(uint64_t seed, uint32_t scheduler)
{
    struct nand_config c = rig_config();
    c.scheduler = scheduler;
    rig_set_bus(&c, 800000000);
    c.starvation_bound = 3000 * US;
    c.suspend_limit = 2;
    c.t_suspend_program = 30 * US;
    c.raid = (struct raid_config){.enabled = true, .t_xor = 1 * US};
    c.ecc = (struct ecc_config){.engine = ECC_LDPC, .codeword_data = 4096, .clock = 500000000, .ldpc_rate = 0.9,
                                .ldpc_efficiency = 0.55, .ldpc_min_iterations = 2, .ldpc_max_iterations = 30,
                                .ldpc_iteration_bits = 512, .soft_levels = 2, .t_sense = 10 * US, .retry_steps = 2,
                                .retry_gain = 0.9, .decoders_per_channel = 1};
    c.reliability = (struct reliability_config){.model = RBER_TLC_72L, .initial_pe_cycles = 3500};
    struct rig *rig = rig_create(&c, seed);
    rig_fill(rig);
    struct rng rng;
    rng_seed(&rng, seed, "test.busy");
    for (uint32_t die = 0; die < 4; die++) {
        struct nand_address at = {.die = die, .block = 7};
        rig_at(rig, 0, NAND_ERASE, NAND_GC, at, 0);
        for (at.row = 0; at.row < rig->g->rows; at.row++)
            rig_at(rig, 1, NAND_PROGRAM, NAND_HOST, at, 0);
    }
    for (int i = 0; i < 2000; i++) {
        struct nand_address at = {.die = rng_below(&rng, 4)};
        at.block = rng_below(&rng, 7);
        at.row = rng_below(&rng, 8);
        at.page = rng_below(&rng, 3);
        tick_t when = rng_below(&rng, 60000 * US);
        bool host = rng_below(&rng, 2) != 0;
        rig_at(rig, when, NAND_READ, host ? NAND_HOST : NAND_GC, at, 1 + rng_below(&rng, 255));
    }
    rig_run(rig);
    assert_true(nand_get_ecc_stats(rig->nand)->soft_steps > 0);
    assert_true(nand_get_stats(rig->nand)->suspends > 0 || scheduler == SCHED_FIFO_INDEX);
    uint64_t hash = sim_events(rig->sim);
    for (unsigned i = 0; i < rig->count; i++)
        hash = rng_mix(hash ^ rig->ops[i].done ^ rig->ops[i].op.failed_units << 40);
    rig_destroy(rig);
    return hash;
}

static void test_the_same_seed_gives_the_same_run(void **state)
{
    (void)state;
    for (uint32_t s = 0; s < scheduler_count; s++) {
        assert_int_equal(busy_run(3, s), busy_run(3, s));
        for (uint64_t seed = 4; seed < 10; seed++)
            assert_true(busy_run(3, s) != busy_run(seed, s));
    }
}

static void test_statistics_are_tables_that_cover_the_groups(void **state)
{
    (void)state;
    struct nand_config c = rig_config();
    struct rig *rig = rig_create(&c, 1);
    struct stat_group groups[NAND_STAT_GROUPS];
    nand_stat_groups(rig->nand, groups);
    const char *const names[] = {"nand", "ecc", "raid", "wear"};
    for (int i = 0; i < NAND_STAT_GROUPS; i++) {
        assert_string_equal(groups[i].name, names[i]);
        assert_true(groups[i].field_count > 0 && groups[i].values != NULL);
    }
    rig_destroy(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_die_is_busy_at_t_minus_1_and_free_at_t),
        cmocka_unit_test(test_two_dies_share_a_channel_but_not_their_arrays),
        cmocka_unit_test(test_the_die_takes_the_next_operation_while_the_last_is_decoded),
        cmocka_unit_test(test_a_wake_up_is_spent_only_when_somebody_waits),
        cmocka_unit_test(test_fifo_serves_in_order_of_arrival),
        cmocka_unit_test(test_read_priority_puts_host_reads_first_and_erases_last),
        cmocka_unit_test(test_read_priority_goes_by_age_past_the_bound),
        cmocka_unit_test(test_of_operations_of_one_age_past_the_bound_the_hosts_read_goes_first),
        cmocka_unit_test(test_every_scheduler_is_registered_and_keeps_the_order_of_writes),
        cmocka_unit_test(test_utilisation_counts_held_dies_and_channels),
        cmocka_unit_test(test_the_same_seed_gives_the_same_run),
        cmocka_unit_test(test_statistics_are_tables_that_cover_the_groups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
