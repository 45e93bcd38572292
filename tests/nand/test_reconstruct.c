// RAID reconstruction: its time is that of the slowest member, and two failures are one too many.
#include "rig.h"

// One stripe over all dies, without read-retry; the error rate is for each test to set.
static struct nand_config raid_config_of(uint32_t channels, uint32_t dies)
{
    struct nand_config c = rig_config();
    c.channels = channels;
    c.dies_per_channel = dies;
    c.raid = (struct raid_config){.enabled = true, .t_xor = 3 * US};
    c.ecc = (struct ecc_config){.engine = ECC_BCH, .codeword_data = 1024, .bch_t = 40, .retry_gain = 1};
    c.reliability = (struct reliability_config){.model = RBER_CONSTANT, .rber = 0};
    return c;
}

// A seed with which the read is uncorrectable and no member is.
static uint64_t seed_where_only_the_first_fails(const struct nand_config *config)
{
    for (uint64_t seed = 1; seed < 1000; seed++) {
        struct rig *rig = rig_create(config, seed);
        rig_fill(rig);
        struct rig_op *read = rig_read(rig, 0, 0, 0, 1);
        rig_run(rig);
        bool found = nand_get_raid_stats(rig->nand)->reconstructions == 1 && read->op.status == NAND_OK;
        rig_destroy(rig);
        if (found)
            return seed;
    }
    fail_msg("no seed found");
    return 0;
}

static void test_members_on_other_channels_are_read_at_once(void **state)
{
    (void)state;
    struct nand_config c = raid_config_of(4, 1);
    c.reliability.rber = 3.5e-3; // a codeword of four fails now and then
    rig_set_bus(&c, 1600000000);
    uint64_t seed = seed_where_only_the_first_fails(&c);
    struct rig *rig = rig_create(&c, seed);
    rig_fill(rig);
    struct rig_op *read = rig_read(rig, 0, 0, 0, 1);
    rig_run(rig);
    tick_t once = 290 * NS + 40 * US + 30 * NS + 2560 * NS;
    assert_int_equal(rig_took(read), once + once + 3 * US);
    assert_int_equal(rig_spent(read, STAGE_RAID), once + 3 * US);
    assert_int_equal(read->op.failed_units, 0);
    assert_int_equal(nand_get_raid_stats(rig->nand)->member_reads, 3);
    assert_int_equal(nand_get_stats(rig->nand)->done_for[NAND_READ][NAND_FOR_STRIPE], 3);
    assert_int_equal(nand_get_stats(rig->nand)->done_for[NAND_READ][NAND_FOR_HOST], 1);
    rig_destroy(rig);
}

static void test_members_on_one_channel_share_it(void **state)
{
    (void)state;
    struct nand_config c = raid_config_of(1, 4);
    c.reliability.rber = 3.5e-3;
    rig_set_bus(&c, 1600000000);
    c.t_rr = 0;
    uint64_t seed = seed_where_only_the_first_fails(&c);
    struct rig *rig = rig_create(&c, seed);
    rig_fill(rig);
    struct rig_op *read = rig_read(rig, 0, 0, 0, 1);
    rig_run(rig);
    tick_t command = 270 * NS, data = 30 * NS + 2560 * NS; // three commands, tR of the first, three transfers
    assert_int_equal(rig_spent(read, STAGE_RAID), command + 40 * US + 3 * data + 3 * US);
    rig_destroy(rig);
}

static void test_the_busiest_member_is_waited_for(void **state)
{
    (void)state;
    struct nand_config c = raid_config_of(4, 1);
    c.reliability.rber = 3.5e-3;
    uint64_t seed = seed_where_only_the_first_fails(&c);
    struct rig *rig = rig_create(&c, seed);
    rig_fill(rig);
    struct rig_op *read = rig_read(rig, 0, 0, 0, 1);
    rig_at(rig, 0, NAND_ERASE, NAND_GC, (struct nand_address){.die = 2, .block = 5}, 0);
    rig_run(rig);
    assert_int_equal(read->op.status, NAND_OK);
    assert_int_equal(read->done, 5000 * US + 40 * US + 3 * US);
    rig_destroy(rig);
}

static void test_a_second_failure_loses_the_data(void **state)
{
    (void)state;
    struct nand_config c = raid_config_of(4, 1);
    c.reliability.rber = 0.1;
    struct rig *rig = rig_create(&c, 1);
    rig_fill(rig);
    struct rig_op *read = rig_read(rig, 0, 0, 0, 0x21);
    rig_run(rig);
    assert_int_equal(read->op.status, NAND_UNCORRECTABLE);
    assert_int_equal(read->op.failed_units, 0x21);
    assert_int_equal(nand_get_raid_stats(rig->nand)->failures, 1);
    assert_int_equal(nand_get_raid_stats(rig->nand)->reconstructions, 1); // members are not reconstructed in turn
    assert_int_equal(nand_get_ecc_stats(rig->nand)->uncorrectable_reads, 1 + 3);
    rig_destroy(rig);
}

// Each unit, of one codeword, fails with about one chance in four. With two members data are lost when either fails.
static void test_any_members_failure_loses_the_data_and_only_lost_units_are_read(void **state)
{
    (void)state;
    enum { READS = 64 * 24 };
    struct nand_config c = raid_config_of(3, 1);
    c.blocks_per_plane = 64;
    c.t_r = (struct config_times){.count = 1, .at = {40 * US}};
    c.ecc.codeword_data = 4096;
    c.reliability.rber = 1.08e-3; // 33408 bits: 36 errors of 40 that are corrected
    double p = binomial_tail(33408, 40, 1.08e-3);
    rig_set_bus(&c, 1600000000);
    struct rig *rig = rig_create(&c, 1);
    rig_fill(rig);
    for (int i = 0; i < READS; i++)
        rig_at(rig, i * 200 * US, NAND_READ, NAND_HOST,
               (struct nand_address){.block = (uint32_t)i / 24, .row = (uint32_t)i % 24 / 3, .page = (uint32_t)i % 3}, 3);
    rig_run(rig);
    tick_t one = 290 * NS + 40 * US + 30 * NS + 2560 * NS + 3 * US, lost = 0, raid[2] = {0};
    for (int i = 0; i < READS; i++) {
        tick_t spent = rig_spent(&rig->ops[i], STAGE_RAID);
        assert_true(spent == 0 || spent == one || spent == one + 2560 * NS);
        if (spent > 0)
            raid[spent > one]++;
        lost += rig->ops[i].op.status == NAND_UNCORRECTABLE;
    }
    const struct raid_stats *s = nand_get_raid_stats(rig->nand);
    assert_int_equal(s->reconstructions, raid[0] + raid[1]);
    assert_int_equal(s->failures, lost);
    assert_int_equal(nand_get_ecc_stats(rig->nand)->codewords, 2 * READS + 2 * (raid[0] + 2 * raid[1]));
    double survive = (1 - p) * (1 - p); // both members have the unit
    double expected = (double)raid[0] * (1 - survive) + (double)raid[1] * (1 - survive * survive);
    assert_true(p > 0.15 && p < 0.35 && raid[1] > 30 && raid[0] > 2 * raid[1]); // as 2 (1 - p) to p
    assert_true((double)lost > 0.85 * expected && (double)lost < 1.15 * expected);
    rig_destroy(rig);
}

static void test_members_of_a_host_read_go_before_reads_of_garbage_collection(void **state)
{
    (void)state;
    struct nand_config c = raid_config_of(2, 1);
    c.reliability.rber = 0.1;
    struct rig *rig = rig_create(&c, 1);
    rig_fill(rig);
    rig_at(rig, 0, NAND_ERASE, NAND_GC, (struct nand_address){.die = 1, .block = 5}, 0);
    struct rig_op *other = rig_at(rig, 1 * US, NAND_READ, NAND_GC, (struct nand_address){.die = 1}, 1);
    rig_read(rig, 0, 0, 0, 1); // fails after 40 us
    rig_run(rig);
    assert_int_equal(rig_spent(other, STAGE_DIE_WAIT), 5000 * US + 40 * US - 1 * US);
    rig_destroy(rig);
}

static void test_statistics_begin_anew_in_every_group(void **state)
{
    (void)state;
    struct nand_config c = raid_config_of(2, 1);
    c.reliability.rber = 0.1;
    rig_set_bus(&c, 1600000000);
    struct rig *rig = rig_create(&c, 1);
    rig_fill(rig);
    rig_read(rig, 0, 0, 0, 1);
    rig_run(rig);
    assert_int_equal(nand_get_raid_stats(rig->nand)->failures, 1);
    nand_stats_restart(rig->nand, sim_now(rig->sim));
    assert_memory_equal(nand_get_stats(rig->nand), &(struct nand_stats){0}, sizeof(struct nand_stats));
    assert_memory_equal(nand_get_ecc_stats(rig->nand), &(struct ecc_stats){0}, sizeof(struct ecc_stats));
    assert_memory_equal(nand_get_raid_stats(rig->nand), &(struct raid_stats){0}, sizeof(struct raid_stats));
    assert_true(meter_total(nand_channel_meter(rig->nand)) == 0 && meter_total(nand_die_meter(rig->nand)) == 0);
    rig_destroy(rig);
}

static void test_members_not_yet_programmed_are_in_memory(void **state)
{
    (void)state;
    struct nand_config c = raid_config_of(4, 1);
    c.reliability.rber = 0.1;
    struct rig *rig = rig_create(&c, 1);
    struct nand_address at = {.die = 1, .block = 3};
    rig_at(rig, 0, NAND_PROGRAM, NAND_HOST, at, 0);
    struct rig_op *read = rig_at(rig, 2000 * US, NAND_READ, NAND_HOST, at, 1);
    rig_run(rig);
    assert_int_equal(read->op.status, NAND_OK);
    assert_int_equal(rig_took(read), 40 * US + 3 * US);
    assert_int_equal(nand_get_raid_stats(rig->nand)->member_reads, 0);
    rig_destroy(rig);
}

static void test_members_are_read_from_the_same_page_of_the_row(void **state)
{
    (void)state;
    struct nand_config c = raid_config_of(4, 1);
    c.reliability.rber = 0.1;
    struct rig *rig = rig_create(&c, 1);
    rig_fill(rig);
    struct rig_op *read = rig_read(rig, 0, 0, 2, 1);
    rig_run(rig);
    assert_int_equal(rig_spent(read, STAGE_RAID), 60 * US + 3 * US);
    rig_destroy(rig);
}

static void test_only_the_dies_of_the_own_stripe_are_read(void **state)
{
    (void)state;
    struct nand_config c = raid_config_of(6, 1);
    c.raid.stripe_dies = 3;
    c.reliability.rber = 0.1;
    struct rig *rig = rig_create(&c, 1);
    rig_fill(rig);
    rig_read(rig, 0, 4, 0, 1);
    rig_run(rig);
    assert_int_equal(nand_get_raid_stats(rig->nand)->member_reads, 2);
    rig_destroy(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members_on_other_channels_are_read_at_once),
        cmocka_unit_test(test_members_on_one_channel_share_it),
        cmocka_unit_test(test_the_busiest_member_is_waited_for),
        cmocka_unit_test(test_a_second_failure_loses_the_data),
        cmocka_unit_test(test_any_members_failure_loses_the_data_and_only_lost_units_are_read),
        cmocka_unit_test(test_members_of_a_host_read_go_before_reads_of_garbage_collection),
        cmocka_unit_test(test_statistics_begin_anew_in_every_group),
        cmocka_unit_test(test_members_not_yet_programmed_are_in_memory),
        cmocka_unit_test(test_members_are_read_from_the_same_page_of_the_row),
        cmocka_unit_test(test_only_the_dies_of_the_own_stripe_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
