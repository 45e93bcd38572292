// Reads: closed forms, decoding, and the steps of the read ladder.
#include "nand/chip/rber.h"
#include "nand/control/control.h"
#include "rig.h"
#include "util/rng.h"

static void test_a_read_on_a_free_bus_takes_tr_of_its_page_type(void **state)
{
    (void)state;
    struct nand_config c = rig_config();
    struct rig *rig = rig_create(&c, 1);
    rig_fill(rig);
    struct rig_op *reads[3];
    for (uint32_t page = 0; page < 3; page++)
        reads[page] = rig_read(rig, (1 + page) * 100 * US, 0, page, 1);
    rig_run(rig);
    for (uint32_t page = 0; page < 3; page++) {
        assert_int_equal(rig_took(reads[page]), c.t_r.at[page]);
        assert_int_equal(rig_spent(reads[page], STAGE_ARRAY), c.t_r.at[page]);
    }
    rig_destroy(rig);
}

static void test_array_time_and_pure_transfer(void **state)
{
    (void)state;
    struct nand_config c = rig_config();
    c.transfer_rate = 800000000;
    struct rig *rig = rig_create(&c, 1);
    rig_fill(rig);
    struct rig_op *read = rig_read(rig, 0, 0, 0, 1);
    rig_run(rig);
    assert_int_equal(rig_took(read), 40 * US + 5120 * NS);
    assert_int_equal(rig_spent(read, STAGE_TRANSFER), 5120 * NS);
    assert_int_equal(sim_events(rig->sim), 1 + 2); // the submission; array ready; done
    rig_destroy(rig);
}

static void test_one_plane_with_all_bus_times(void **state)
{
    (void)state;
    struct nand_config c = rig_config();
    rig_set_bus(&c, 1600000000);
    struct rig *rig = rig_create(&c, 1);
    rig_fill(rig);
    struct rig_op *quarter = rig_read(rig, 0, 1, 1, 1 << 2), *whole = rig_read(rig, 0, 2, 2, 0xf);
    rig_run(rig);
    tick_t command = c.t_cs + 6 * c.t_wc + c.t_wb + c.t_rr, before = c.t_rpre + c.t_dqsre;
    assert_int_equal(rig_took(quarter), command + 50 * US + before + 2560 * NS);
    assert_int_equal(rig_took(whole), command + 60 * US + before + 10240 * NS);
    assert_int_equal(rig_spent(whole, STAGE_NAND_COMMAND), command);
    assert_int_equal(rig_spent(whole, STAGE_TRANSFER), before + 10240 * NS);
    assert_int_equal(nand_get_stats(rig->nand)->bytes_out, 5 * 4096);
    assert_int_equal(nand_get_stats(rig->nand)->multi_plane_reads, 0);
    rig_destroy(rig);
}

static void test_multi_plane_and_scattered_units(void **state)
{
    (void)state;
    struct nand_config c = rig_config();
    rig_set_bus(&c, 1600000000);
    struct rig *rig = rig_create(&c, 1);
    rig_fill(rig);
    struct rig_op *both = rig_read(rig, 0, 0, 0, 0xff);
    struct rig_op *scattered = rig_read(rig, 1000 * US, 0, 0, 0x1b); // units 0, 1, 3 of plane 0 and 0 of plane 1
    struct rig_op *gap = rig_read(rig, 2000 * US, 0, 0, 0x50);       // units 0 and 2 of plane 1
    rig_run(rig);
    tick_t two = c.t_cs + 2 * 6 * c.t_wc + c.t_dbsy + c.t_wb + c.t_rr, one = c.t_cs + 6 * c.t_wc + c.t_wb + c.t_rr;
    tick_t before = c.t_rpre + c.t_dqsre, unit = 2560 * NS;
    tick_t plane = c.t_rhw + 6 * c.t_wc + c.t_ccs + before, column = c.t_rhw + 4 * c.t_wc + c.t_ccs + before;
    assert_int_equal(rig_took(both), two + 40 * US + before + 4 * unit + plane + 4 * unit);
    assert_int_equal(rig_took(scattered), two + 40 * US + before + 2 * unit + column + unit + plane + unit);
    assert_int_equal(rig_took(gap), one + 40 * US + before + unit + column + unit);
    assert_int_equal(nand_get_stats(rig->nand)->multi_plane_reads, 2);
    rig_destroy(rig);
}

struct arrival {
    tick_t when;
    uint32_t unit;
};

struct told {
    struct arrival at[16];
    uint32_t count;
};

static struct told told;

static void note_coming(struct nand_op *op, const struct nand_arrivals *arrivals)
{
    struct rig_op *r = op->owner;
    for (uint32_t i = 0; i < arrivals->count; i++) {
        assert_true(arrivals->when[i] >= (i == 0 ? sim_now(r->rig->sim) : arrivals->when[i - 1]));
        told.at[told.count++] = (struct arrival){arrivals->when[i], arrivals->unit[i]};
    }
}

static void run_told(struct rig *rig, struct rig_op *read)
{
    told.count = 0;
    read->op.coming = note_coming;
    rig_run(rig);
}

// Page by page, unit by unit, as they come over the bus; the last one comes when the operation ends.
static void test_who_reads_several_units_is_told_when_each_comes(void **state)
{
    (void)state;
    struct nand_config c = rig_config();
    rig_set_bus(&c, 1600000000);
    struct rig *rig = rig_create(&c, 1);
    rig_fill(rig);
    struct rig_op *read = rig_read(rig, 0, 0, 0, 0x9b); // units 0, 1, 3 of plane 0, 0 and 3 of plane 1
    run_told(rig, read);
    tick_t before = c.t_rpre + c.t_dqsre, unit = 2560 * NS, column = c.t_rhw + 4 * c.t_wc + c.t_ccs + before;
    tick_t first = c.t_cs + 2 * 6 * c.t_wc + c.t_dbsy + c.t_wb + c.t_rr + 40 * US + before + unit;
    tick_t fourth = first + unit + column + unit + c.t_rhw + 6 * c.t_wc + c.t_ccs + before + unit;
    const struct arrival expected[] = {{first, 0}, {first + unit, 1}, {first + unit + column + unit, 3},
                                       {fourth, 4}, {fourth + column + unit, 7}};
    assert_int_equal(told.count, 5);
    for (uint32_t i = 0; i < told.count; i++) {
        assert_int_equal(told.at[i].when, expected[i].when);
        assert_int_equal(told.at[i].unit, expected[i].unit);
    }
    assert_int_equal(read->done, told.at[4].when);
    rig_destroy(rig);
}

// With many errors the times of decoding differ. Units that fail are not told of, and those of a page that are, in order
// of time. The read ends with the last of any page.
static void test_decoders_that_overtake_are_told_of_in_order(void **state)
{
    (void)state;
    unsigned overtaken = 0, failed = 0;
    for (uint32_t page = 0; page < 3; page++)
        for (uint32_t row = 0; row < 8; row++) {
            struct nand_config c = rig_config();
            c.ecc = (struct ecc_config){.engine = ECC_LDPC, .codeword_data = 4096, .clock = 500000000, .ldpc_rate = 0.9,
                                        .ldpc_efficiency = 0.55, .ldpc_min_iterations = 2, .ldpc_max_iterations = 30,
                                        .ldpc_iteration_bits = 64, .retry_gain = 1, .decoders_per_channel = 8};
            c.reliability = (struct reliability_config){.model = RBER_CONSTANT, .rber = 0.0065};
            c.transfer_rate = 1600000000;
            struct rig *rig = rig_create(&c, 1);
            rig_fill(rig);
            struct nand_address at = {.row = row, .page = page};
            struct rig_op *read = rig_at(rig, 0, NAND_READ, NAND_HOST, at, 0xff);
            run_told(rig, read);
            uint64_t units = 0;
            for (uint32_t i = 0; i < told.count; i++) {
                overtaken += i > 0 && told.at[i].unit < told.at[i - 1].unit;
                units |= UINT64_C(1) << told.at[i].unit;
                assert_true(told.at[i].when <= read->done);
            }
            assert_int_equal(units, 0xff & ~read->op.failed_units);
            failed += read->op.failed_units != 0;
            rig_destroy(rig);
        }
    assert_true(overtaken > 0 && failed > 0 && failed < 24);
}

struct widening {
    struct rig *rig;
    struct rig_op *started, *waiting;
};

static void widen_both(void *context)
{
    const struct widening *widening = context;
    assert_false(nand_widen(&widening->rig->port, &widening->started->op, 0xf0));
    assert_true(nand_widen(&widening->rig->port, &widening->waiting->op, 0x30));
}

// A read that waits takes more units of its page along, of another plane, too; one that has begun does not.
static void test_a_read_that_waits_can_be_widened(void **state)
{
    (void)state;
    struct nand_config c = rig_config();
    struct rig *rig = rig_create(&c, 1);
    rig_fill(rig);
    struct widening widening = {rig, rig_read(rig, 0, 0, 0, 1), rig_read(rig, 0, 0, 1, 1)};
    sim_at(rig->sim, 10 * US, widen_both, &widening);
    rig_run(rig);
    assert_int_equal(rig_took(widening.started), 40 * US);
    assert_int_equal(rig_took(widening.waiting), 90 * US);
    assert_int_equal(widening.started->op.units, 1);
    assert_int_equal(widening.waiting->op.units, 0x31);
    assert_int_equal(nand_get_stats(rig->nand)->bytes_out, 4 * 4096);
    assert_int_equal(nand_get_stats(rig->nand)->multi_plane_reads, 1);
    rig_destroy(rig);
}

static void test_reads_count_for_whom_they_are(void **state)
{
    (void)state;
    struct nand_config c = rig_config();
    struct rig *rig = rig_create(&c, 1);
    rig_fill(rig);
    for (uint32_t die = 0; die < 4; die++)
        rig_at(rig, 0, NAND_READ, die == 2 ? NAND_HOST : NAND_GC, (struct nand_address){.die = die}, 1);
    rig_run(rig);
    assert_int_equal(nand_get_stats(rig->nand)->done[NAND_READ], 4);
    assert_int_equal(nand_get_stats(rig->nand)->done_for[NAND_READ][NAND_FOR_HOST], 1);
    assert_int_equal(nand_get_stats(rig->nand)->done_for[NAND_READ][NAND_FOR_GC], 3);
    rig_destroy(rig);
}

static struct nand_config bch_config(double rber)
{
    struct nand_config c = rig_config();
    c.ecc = (struct ecc_config){.engine = ECC_BCH, .codeword_data = 1024, .clock = 500000000,
                                .decoders_per_channel = 1, .bch_t = 40, .bch_syndrome_bits = 64,
                                .bch_chien_bits = 64, .retry_gain = 1};
    c.reliability = (struct reliability_config){.model = RBER_CONSTANT, .rber = rber};
    return c;
}

static void test_parity_is_transferred_when_it_shall_be(void **state)
{
    (void)state;
    for (int parity = 0; parity < 2; parity++) {
        struct nand_config c = bch_config(0);
        c.transfer_rate = 1000000000; // 1 ns a byte
        c.ecc.transfer_parity = parity;
        struct rig *rig = rig_create(&c, 1);
        rig_fill(rig);
        struct rig_op *read = rig_read(rig, 0, 0, 0, 1), *two = rig_read(rig, 0, 1, 0, 3);
        rig_run(rig);
        tick_t unit = 4096 + (parity ? 4 * 70 : 0);
        assert_int_equal(rig_spent(read, STAGE_TRANSFER), unit * NS);
        assert_int_equal(rig_spent(two, STAGE_TRANSFER), 2 * unit * NS);
        assert_int_equal(nand_get_stats(rig->nand)->bytes_out, 3 * unit);
        rig_destroy(rig);
    }
}

static void test_codewords_go_through_the_decoder_one_after_the_other(void **state)
{
    (void)state;
    struct nand_config c = bch_config(0); // the bus takes no time: all come at once
    struct rig *rig = rig_create(&c, 1);
    rig_fill(rig);
    struct rig_op *read = rig_read(rig, 0, 0, 0, 1);
    rig_run(rig);
    // Without errors the last of four codewords has no latency, but waits for the syndromes, 137 cycles, of three.
    assert_int_equal(rig_spent(read, STAGE_ECC), 3 * 137 * 2 * NS);
    assert_int_equal(nand_get_ecc_stats(rig->nand)->codewords, 4);
    rig_destroy(rig);
}

static void test_decoder_contention_and_unlimited_decoders(void **state)
{
    (void)state;
    for (uint32_t decoders = 0; decoders < 3; decoders++) {
        struct nand_config c = rig_config();
        c.ecc = (struct ecc_config){.engine = ECC_LDPC, .codeword_data = 4096, .clock = 500000000, .ldpc_rate = 0.9,
                                    .ldpc_efficiency = 0.55, .ldpc_min_iterations = 10, .ldpc_max_iterations = 10,
                                    .ldpc_iteration_bits = 512, .retry_gain = 1, .decoders_per_channel = decoders};
        struct rig *rig = rig_create(&c, 1);
        rig_fill(rig);
        struct rig_op *first = rig_read(rig, 0, 0, 0, 1), *second = rig_read(rig, 0, 2, 0, 1); // dies of channel 0
        struct rig_op *other = rig_read(rig, 0, 1, 0, 1);                                      // of channel 1
        rig_run(rig);
        tick_t decode = 10 * 72 * 2 * NS;
        assert_int_equal(rig_spent(other, STAGE_ECC), decode);
        assert_int_equal(rig_spent(first, STAGE_ECC), decode);
        assert_int_equal(rig_spent(second, STAGE_ECC), decoders == 1 ? 2 * decode : decode);
        rig_destroy(rig);
    }
}

static void test_decoding_overlaps_the_transfer_of_later_units(void **state)
{
    (void)state;
    struct nand_config c = bch_config(0);
    c.transfer_rate = 1000000000;
    struct rig *rig = rig_create(&c, 1);
    rig_fill(rig);
    struct rig_op *read = rig_read(rig, 0, 0, 0, 0xf);
    rig_run(rig);
    assert_int_equal(rig_spent(read, STAGE_TRANSFER), 4 * 4096 * NS);
    assert_int_equal(rig_spent(read, STAGE_ECC), 0); // a codeword comes every 1024 ns and takes 274
    rig_destroy(rig);
}

// A codeword comes every 1024 ns; 137 cycles of 10 ns are 1370. The last of 16 waits for 15 times the difference.
static void test_slow_decoders_lag_behind_the_bus(void **state)
{
    (void)state;
    struct nand_config c = bch_config(0);
    c.transfer_rate = 1000000000;
    c.ecc.clock = 100000000;
    struct rig *rig = rig_create(&c, 1);
    rig_fill(rig);
    struct rig_op *read = rig_read(rig, 0, 0, 0, 0xf);
    run_told(rig, read);
    assert_int_equal(rig_spent(read, STAGE_ECC), 15 * (1370 - 1024) * NS);
    assert_int_equal(told.count, 4);
    for (uint32_t unit = 0; unit < 4; unit++) // with its fourth codeword
        assert_int_equal(told.at[unit].when, 40 * US + 1024 * NS + (4 * unit + 3) * 1370 * NS);
    rig_destroy(rig);
}

// Reads the units of every page of every die that `units` has a bit of.
static void read_all_pages(struct rig *rig, uint64_t units, tick_t distance)
{
    for (uint32_t i = 0; i < rig->g->units / rig->g->units_per_multi_page; i++) {
        ppn_t ppn = {.n = (uint64_t)i * rig->g->units_per_multi_page};
        rig_at(rig, i * distance, NAND_READ, NAND_HOST, nand_locate(rig->g, ppn), units);
    }
}

static void test_failure_frequency_is_that_of_the_code(void **state)
{
    (void)state;
    struct nand_config c = bch_config(3e-3);
    c.blocks_per_plane = 40;
    struct rig *rig = rig_create(&c, 1);
    rig_fill(rig);
    read_all_pages(rig, 0xff, 100 * US);
    rig_run(rig);
    const struct ecc_stats *s = nand_get_ecc_stats(rig->nand);
    double codewords = 40 * 4 * 24 * 32, expected = codewords * 4.565e-3; // FER of 1024 bytes, t = 40, at 3e-3
    assert_int_equal(s->codewords, codewords);
    assert_true(s->failed_codewords > expected * 0.85 && s->failed_codewords < expected * 1.15);
    double bits = (double)s->corrected_bits / codewords;
    assert_true(bits > 26.0 && bits < 26.3); // 8752 * 3e-3 = 26.26, less what failed
    rig_destroy(rig);
}

// What a page's codewords have wrong they have wrong at each reading, until the block is erased and written anew; a retry
// step that lowers no rate helps none of them.
static void test_errors_have_a_memory(void **state)
{
    (void)state;
    enum { TIMES = 10 };
    struct nand_config c = bch_config(3.9e-3); // one unit in five has a codeword of 41 errors or more
    c.ecc.retry_steps = 2;
    struct rig *rig = rig_create(&c, 1);
    rig_fill(rig);
    for (int i = 0; i < 2 * TIMES; i++)
        rig_read(rig, (i < TIMES ? 0 : 20000 * US) + i * 500 * US, 0, 0, 0xff);
    rig_at(rig, 10000 * US, NAND_ERASE, NAND_HOST, (struct nand_address){.die = 0}, 0);
    rig_at(rig, 16000 * US, NAND_PROGRAM, NAND_HOST, (struct nand_address){.die = 0}, 0);
    rig_run(rig);
    uint64_t before = rig->ops[0].op.failed_units, after = rig->ops[TIMES].op.failed_units;
    for (int i = 0; i < 2 * TIMES; i++)
        assert_int_equal(rig->ops[i].op.failed_units, i < TIMES ? before : after);
    assert_true(before != 0 && before != 0xff && before != after);
    assert_int_equal(nand_get_ecc_stats(rig->nand)->uncorrectable_reads, TIMES * ((before != 0) + (after != 0)));
    assert_int_equal(nand_get_ecc_stats(rig->nand)->retry_steps, 2 * TIMES * ((before != 0) + (after != 0)));
    rig_destroy(rig);
}

// A rate at which the first read always fails and the retry step, at a tenth of it, never does.
static void test_a_retry_step_is_a_whole_read_of_what_failed(void **state)
{
    (void)state;
    struct nand_config c = bch_config(1.5e-2);
    rig_set_bus(&c, 1600000000);
    c.ecc.clock = 0;
    c.ecc.retry_steps = 3;
    c.ecc.retry_gain = 0.05;
    c.ecc.t_retry = 1 * US;
    struct rig *rig = rig_create(&c, 1);
    rig_fill(rig);
    struct rig_op *read = rig_read(rig, 0, 0, 0, 3);
    rig_run(rig);
    tick_t rest = c.t_cs + 6 * c.t_wc + c.t_wb + c.t_rr + c.t_rpre + c.t_dqsre + 2 * 2560 * NS;
    assert_int_equal(read->op.status, NAND_OK);
    assert_int_equal(read->op.failed_units, 0);
    assert_int_equal(rig_took(read), 40 * US + rest + 40 * US + 1 * US + rest);
    assert_int_equal(rig_spent(read, STAGE_RETRY), 41 * US + rest);
    assert_int_equal(nand_get_ecc_stats(rig->nand)->retry_steps, 1);
    assert_int_equal(nand_get_ecc_stats(rig->nand)->retried_reads, 1);
    rig_destroy(rig);
}

// One codeword a unit, of which about every second fails at the first step and none at the next.
static void test_a_retry_reads_and_sends_only_the_units_that_failed(void **state)
{
    (void)state;
    enum { READS = 8 * 4 * 24 };
    struct nand_config c = bch_config(1.2e-3);
    rig_set_bus(&c, 1600000000);
    c.ecc.codeword_data = 4096;
    c.ecc.clock = 0;
    c.ecc.retry_steps = 1;
    c.ecc.retry_gain = 0.05;
    c.t_r = (struct config_times){.count = 1, .at = {40 * US}};
    struct rig *rig = rig_create(&c, 1);
    rig_fill(rig);
    read_all_pages(rig, 0x11, 200 * US);
    rig_run(rig);
    const struct ecc_stats *s = nand_get_ecc_stats(rig->nand);
    tick_t one = c.t_cs + 6 * c.t_wc + c.t_wb + c.t_rr + 40 * US + c.t_rpre + c.t_dqsre + 2560 * NS, two = 0;
    two = one + 6 * c.t_wc + c.t_dbsy + c.t_rhw + 6 * c.t_wc + c.t_ccs + c.t_rpre + c.t_dqsre + 2560 * NS;
    unsigned steps[3] = {0};
    for (int i = 0; i < READS; i++) {
        tick_t retry = rig_took(&rig->ops[i]) - two;
        assert_true(retry == 0 || retry == one || retry == two);
        steps[retry == 0 ? 0 : retry == one ? 1 : 2]++;
    }
    assert_true(steps[0] > 0 && steps[1] > 0 && steps[2] > 0);
    assert_int_equal(s->failed_codewords, steps[1] + 2 * steps[2]);
    assert_int_equal(s->codewords, 2 * READS + s->failed_codewords);
    assert_int_equal(s->retried_reads, steps[1] + steps[2]);
    assert_int_equal(nand_get_stats(rig->nand)->bytes_out, s->codewords * 4096);
    assert_int_equal(nand_get_stats(rig->nand)->multi_plane_reads, READS);
    rig_destroy(rig);
}

static void test_the_ladder_ends_uncorrectable(void **state)
{
    (void)state;
    struct nand_config c = rig_config();
    c.ecc = (struct ecc_config){.engine = ECC_LDPC, .codeword_data = 4096, .ldpc_rate = 0.9, .ldpc_efficiency = 0.5,
                                .retry_gain = 1, .retry_steps = 2, .soft_levels = 3, .t_sense = 7 * US,
                                .t_retry = 1 * US};
    c.reliability = (struct reliability_config){.model = RBER_CONSTANT, .rber = 0.1};
    struct rig *rig = rig_create(&c, 1);
    rig_fill(rig);
    struct rig_op *read = rig_read(rig, 0, 0, 0, 5);
    rig_run(rig);
    assert_int_equal(read->op.status, NAND_UNCORRECTABLE);
    assert_int_equal(read->op.failed_units, 5);
    assert_int_equal(rig_took(read), 40 * US + 2 * 41 * US + 3 * 14 * US);
    assert_int_equal(nand_get_ecc_stats(rig->nand)->soft_steps, 3);
    assert_int_equal(nand_get_ecc_stats(rig->nand)->retry_steps, 2);
    assert_int_equal(nand_get_ecc_stats(rig->nand)->retried_reads, 1);
    assert_int_equal(nand_get_ecc_stats(rig->nand)->codewords, 6 * 2);
    assert_int_equal(nand_get_ecc_stats(rig->nand)->corrected_bits, 0); // of words that fail nothing is corrected
    struct stat_group groups[NAND_STAT_GROUPS];
    nand_stat_groups(rig->nand, groups);
    assert_true(nand_get_ecc_stats(rig->nand)->mean_steps == 5);
    assert_int_equal(nand_get_ecc_stats(rig->nand)->uncorrectable_reads, 1);
    rig_destroy(rig);
}

static void test_soft_levels_save_what_hard_decisions_cannot(void **state)
{
    (void)state;
    struct nand_config c = rig_config();
    c.ecc = (struct ecc_config){.engine = ECC_LDPC, .codeword_data = 4096, .ldpc_rate = 0.9, .ldpc_efficiency = 0.55,
                                .retry_gain = 1, .soft_levels = 3, .t_sense = 10 * US};
    c.reliability = (struct reliability_config){.model = RBER_CONSTANT, .rber = 9e-3}; // above 7.2e-3, below 1.08e-2
    struct rig *rig = rig_create(&c, 1);
    rig_fill(rig);
    struct rig_op *read = rig_read(rig, 0, 0, 0, 1);
    rig_run(rig);
    assert_int_equal(read->op.status, NAND_OK);
    assert_int_equal(rig_took(read), 40 * US + 20 * US);
    rig_destroy(rig);
}

// `planes` of the two are read; the reads of one count half for both.
static void expect_disturb(uint64_t units, uint32_t planes, double wear_and_disturb)
{
    enum { READS = 2000 };
    struct nand_config c = bch_config(0);
    c.ecc.bch_t = 200; // 10992 bits
    c.pages_per_block = 3;
    c.reliability = (struct reliability_config){.model = RBER_TLC_72L, .initial_pe_cycles = 3000};
    struct rig *rig = rig_create(&c, 1);
    rig_fill(rig);
    double expected = 0, bits = planes * 4 * 10992;
    for (uint32_t i = 0; i < READS; i++) {
        rig_read(rig, i * 100 * US, 0, 0, units);
        expected += rber_of_block(&c.reliability, 3000, true, i * planes / 2, 3) * bits;
    }
    rig_run(rig);
    double corrected = (double)nand_get_ecc_stats(rig->nand)->corrected_bits;
    assert_true(expected > READS * bits * wear_and_disturb);
    assert_true(corrected > expected * 0.95 && corrected < expected * 1.01); // a bin lags behind by up to an eighth
    rig_destroy(rig);
}

static void test_a_blocks_rate_is_renewed_when_its_reads_have_grown_by_an_eighth_or_64(void **state)
{
    (void)state;
    static const uint64_t rows[][2] = {{0, 64},       {64, 128},      {512, 576}, {520, 585},
                                       {1024, 1152}, {80000, 90000}, {UINT64_C(1) << 32, UINT64_C(9) << 29}};
    struct nand_config c = bch_config(1e-3);
    struct rig *rig = rig_create(&c, 1);
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        struct block_state block = {.reads = rows[i][0], .refresh_at = rows[i][0]};
        block_read(&rig->nand->blocks, &block);
        assert_int_equal(block.refresh_at, rows[i][1]);
        assert_int_equal(block.reads, rows[i][0] + 1);
        block.bin = 0; // stays until then
        assert_int_equal(block_read(&rig->nand->blocks, &block), 0);
    }
    rig_destroy(rig);
}

// Rates that were computed lately are remembered: of each past its own.
static void test_a_blocks_rate_is_that_of_its_own_past_whatever_others_were_read(void **state)
{
    (void)state;
    struct nand_config c = bch_config(1e-3);
    c.reliability = (struct reliability_config){.model = RBER_TLC_72L, .initial_pe_cycles = 100,
                                                .retention_age = 30 * 86400 * TICKS_PER_S};
    struct rig *rig = rig_create(&c, 1);
    struct rng rng;
    rng_seed(&rng, 1, "test.rates");
    for (unsigned i = 0; i < 2000; i++) {
        bool aged = rng_below(&rng, 2);
        uint32_t erases = 1000 * rng_below(&rng, 4);
        uint64_t reads = 50000 * (uint64_t)rng_below(&rng, 40);
        struct block_state block = {.reads = reads, .worn = erases * WEAR_PER_CYCLE, .aged = aged};
        double rber = rber_of_block(&c.reliability, 100 + erases, aged, reads / c.planes_per_die, c.pages_per_block);
        assert_int_equal(block_read(&rig->nand->blocks, &block), ecc_bin(&rig->nand->ecc, rber));
    }
    rig_destroy(rig);
}

static void test_an_erased_block_has_nothing_behind_it_but_its_wear(void **state)
{
    (void)state;
    struct block_row rows[3] = {{0}};
    struct blocks blocks = {.rows = rows, .wear = {WEAR_PER_CYCLE, 102}};
    struct block_state block = {.worn = 41 * WEAR_PER_CYCLE, .mode = NAND_SLC, .reads = 7, .refresh_at = 9, .next_row = 3, .bin = 5, .aged = true};
    const struct block_state erased = {.worn = 41 * WEAR_PER_CYCLE + 102, .touched = true};
    block_erased(&blocks, &block, 2);
    assert_memory_equal(&block, &erased, sizeof block);
    assert_int_equal(rows[2].worn, 102);
}

static void test_wear_and_read_disturb_raise_the_error_rate(void **state)
{
    (void)state;
    expect_disturb(0x11, 2, 7.5e-3); // wear alone would be 6.7e-3
    expect_disturb(0x01, 1, 6.9e-3);
}

static void test_only_data_placed_by_preparation_have_aged(void **state)
{
    (void)state;
    enum { PAGES = 4 * 24 };
    struct nand_config c = bch_config(0);
    c.ecc.bch_t = 200;
    for (int aged = 0; aged < 2; aged++) {
        c.reliability = (struct reliability_config){.model = RBER_TLC_72L, .initial_pe_cycles = aged ? 1200 : 500,
                                                    .retention_age = 30 * 86400 * TICKS_PER_S};
        struct rig *rig = rig_create(&c, 1);
        nand_assume(&rig->port, 0, aged ? rig->g->rows : 0);
        for (uint32_t i = 0; i < 4 * rig->g->rows && !aged; i++)
            rig_at(rig, 0, NAND_PROGRAM, NAND_HOST, (struct nand_address){.die = i % 4, .row = i / 4}, 0);
        for (uint32_t i = 0; i < PAGES; i++)
            rig_at(rig, 20000 * US + i * 200 * US, NAND_READ, NAND_HOST,
                   (struct nand_address){.die = i % 4, .row = i / 4 / 3, .page = i / 4 % 3}, 0xff);
        rig_run(rig);
        double expected = PAGES * 32 * 10992.0 * rber_of_block(&c.reliability, aged ? 1200 : 500, aged, 12, 24);
        double corrected = (double)nand_get_ecc_stats(rig->nand)->corrected_bits;
        assert_true(corrected > expected * 0.988 && corrected < expected * 1.012);
        assert_int_equal(nand_get_wear_stats(rig->nand).pe_max, aged ? 1200 : 500);
        rig_destroy(rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_read_on_a_free_bus_takes_tr_of_its_page_type),
        cmocka_unit_test(test_array_time_and_pure_transfer),
        cmocka_unit_test(test_one_plane_with_all_bus_times),
        cmocka_unit_test(test_multi_plane_and_scattered_units),
        cmocka_unit_test(test_a_read_that_waits_can_be_widened),
        cmocka_unit_test(test_reads_count_for_whom_they_are),
        cmocka_unit_test(test_parity_is_transferred_when_it_shall_be),
        cmocka_unit_test(test_codewords_go_through_the_decoder_one_after_the_other),
        cmocka_unit_test(test_decoder_contention_and_unlimited_decoders),
        cmocka_unit_test(test_decoding_overlaps_the_transfer_of_later_units),
        cmocka_unit_test(test_slow_decoders_lag_behind_the_bus),
        cmocka_unit_test(test_who_reads_several_units_is_told_when_each_comes),
        cmocka_unit_test(test_decoders_that_overtake_are_told_of_in_order),
        cmocka_unit_test(test_failure_frequency_is_that_of_the_code),
        cmocka_unit_test(test_errors_have_a_memory),
        cmocka_unit_test(test_a_retry_step_is_a_whole_read_of_what_failed),
        cmocka_unit_test(test_a_retry_reads_and_sends_only_the_units_that_failed),
        cmocka_unit_test(test_the_ladder_ends_uncorrectable),
        cmocka_unit_test(test_soft_levels_save_what_hard_decisions_cannot),
        cmocka_unit_test(test_a_blocks_rate_is_renewed_when_its_reads_have_grown_by_an_eighth_or_64),
        cmocka_unit_test(test_a_blocks_rate_is_that_of_its_own_past_whatever_others_were_read),
        cmocka_unit_test(test_an_erased_block_has_nothing_behind_it_but_its_wear),
        cmocka_unit_test(test_wear_and_read_disturb_raise_the_error_rate),
        cmocka_unit_test(test_only_data_placed_by_preparation_have_aged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
