// Channels: what passes what; and throughput and latency of a whole drive against an independent queueing simulation.
#include <math.h>

#include "rig.h"
#include "util/rng.h"

static struct nand_config slow_bus(void)
{
    struct nand_config c = rig_config();
    c.dies_per_channel = 4;
    c.t_wc = 500 * NS; // a read's command: 3 us
    c.transfer_rate = 409600000; // a unit: 10 us
    return c;
}

static void test_a_command_waits_for_the_burst_but_passes_waiting_data(void **state)
{
    (void)state;
    struct nand_config c = slow_bus();
    struct rig *rig = rig_create(&c, 1);
    rig_fill(rig);
    // Data of the first at 43 to 53 us; those of the second wait from 46 us on; a command comes at 47 us.
    struct rig_op *first = rig_read(rig, 0, 0, 0, 1), *second = rig_read(rig, 0, 2, 0, 1);
    struct rig_op *command = rig_read(rig, 47 * US, 4, 0, 1);
    rig_run(rig);
    assert_int_equal(first->done, 53 * US);
    assert_int_equal(second->done, 53 * US + 3 * US + 10 * US);
    assert_int_equal(rig_spent(command, STAGE_CHANNEL_WAIT), 6 * US);
    assert_int_equal(command->done, 53 * US + 3 * US + 40 * US + 10 * US);
    rig_destroy(rig);
}

static void test_the_bus_is_busy_at_t_minus_1_and_free_at_t(void **state)
{
    (void)state;
    for (tick_t early = 0; early < 2; early++) {
        struct nand_config c = slow_bus();
        struct rig *rig = rig_create(&c, 1);
        rig_fill(rig);
        rig_read(rig, 0, 0, 0, 1);
        struct rig_op *other = rig_read(rig, 53 * US - early, 2, 0, 1);
        rig_run(rig);
        assert_int_equal(rig_spent(other, STAGE_CHANNEL_WAIT), early);
        rig_destroy(rig);
    }
}

// At the very moment at which the burst ends, before the bus is given to who waits.
static void test_what_comes_when_a_burst_ends_goes_behind_what_waits(void **state)
{
    (void)state;
    struct nand_config c = slow_bus();
    struct rig *rig = rig_create(&c, 1);
    rig_fill(rig);
    rig_read(rig, 0, 0, 0, 1); // its data: 43 to 53 us
    struct rig_op *waits = rig_read(rig, 47 * US, 2, 0, 1), *comes = rig_read(rig, 53 * US, 4, 0, 1);
    rig_run(rig);
    assert_int_equal(waits->done, (53 + 3 + 40 + 10) * US);
    assert_int_equal(rig_spent(comes, STAGE_CHANNEL_WAIT), 3 * US + 7 * US); // its command; its data behind the other's
    rig_destroy(rig);
}

// --- reads of two planes: command until 6 us, array until 46, a page until 56, a plane's change and a page until 69 ---

static struct rig_op *read_of_two_planes(struct rig *rig, struct nand_source source)
{
    return rig_at(rig, 0, NAND_READ, source, (struct nand_address){0}, 0x11);
}

static void test_a_command_comes_between_the_pages_of_two_planes(void **state)
{
    (void)state;
    struct nand_config c = slow_bus();
    struct rig *rig = rig_create(&c, 1);
    rig_fill(rig);
    struct rig_op *read = read_of_two_planes(rig, NAND_HOST), *command = rig_read(rig, 47 * US, 2, 0, 1);
    rig_run(rig);
    assert_int_equal(command->done, (56 + 3 + 40 + 10) * US);
    assert_int_equal(read->done, (69 + 3) * US);
    assert_int_equal(rig_spent(read, STAGE_CHANNEL_WAIT), 3 * US);
    assert_int_equal(rig_spent(read, STAGE_TRANSFER), (10 + 3 + 10) * US);
    rig_destroy(rig);
}

// The other's command until 9 us, its array until 49.
static void test_data_of_another_host_read_do_not_come_between_them(void **state)
{
    (void)state;
    struct nand_config c = slow_bus();
    struct rig *rig = rig_create(&c, 1);
    rig_fill(rig);
    struct rig_op *read = read_of_two_planes(rig, NAND_HOST), *other = rig_read(rig, 1 * US, 2, 0, 1);
    rig_run(rig);
    assert_int_equal(read->done, 69 * US);
    assert_int_equal(other->done, (69 + 10) * US);
    rig_destroy(rig);
}

static void test_data_of_host_reads_come_between_the_pages_of_copies(void **state)
{
    (void)state;
    struct nand_config c = slow_bus();
    struct rig *rig = rig_create(&c, 1);
    rig_fill(rig);
    struct rig_op *copy = read_of_two_planes(rig, NAND_GC), *read = rig_read(rig, 1 * US, 2, 0, 1);
    rig_run(rig);
    assert_int_equal(read->done, (56 + 10) * US);
    assert_int_equal(copy->done, (69 + 10) * US);
    rig_destroy(rig);
}

static void test_what_takes_no_time_on_the_bus_does_not_wait_for_it(void **state)
{
    (void)state;
    struct nand_config c = slow_bus();
    c.t_wc = 0;
    struct rig *rig = rig_create(&c, 1);
    rig_fill(rig);
    rig_read(rig, 0, 0, 0, 1);
    struct rig_op *other = rig_read(rig, 45 * US, 2, 0, 1); // while the first's data are on the bus
    rig_run(rig);
    assert_int_equal(rig_took(other), 50 * US);
    rig_destroy(rig);
}

// --- programs among reads: pages of 43 us, six a program ---

// Block 0 is written, block 1 is not.
static struct rig *slow_bus_rig(tick_t starvation_bound)
{
    struct nand_config c = slow_bus();
    c.starvation_bound = starvation_bound;
    struct rig *rig = rig_create(&c, 1);
    nand_assume(&rig->port, 0, rig->g->rows);
    return rig;
}

static struct rig_op *program(struct rig *rig, tick_t when, uint32_t die)
{
    return rig_at(rig, when, NAND_PROGRAM, NAND_HOST, (struct nand_address){.block = 1, .die = die}, 0);
}

// Its command at 0 to 3 us, its array until 53 us.
static struct rig_op *read_from(struct rig *rig, struct nand_source source)
{
    return rig_at(rig, 0, NAND_READ, source, (struct nand_address){.die = 2, .page = 1}, 1);
}

static void test_a_program_that_has_begun_goes_on_before_another_begins(void **state)
{
    (void)state;
    struct rig *rig = slow_bus_rig(0);
    struct rig_op *first = program(rig, 0, 0), *second = program(rig, 0, 2);
    rig_run(rig);
    assert_int_equal(first->done, 6 * 43 * US + 1100 * US);
    assert_int_equal(second->done, 12 * 43 * US + 1100 * US);
    rig_destroy(rig);
}

static void test_no_program_begins_while_another_pauses(void **state)
{
    (void)state;
    struct nand_config c = slow_bus();
    c.t_dbsy = 1 * US;
    struct rig *rig = rig_create(&c, 1);
    struct rig_op *first = program(rig, 0, 0), *second = program(rig, 0, 2);
    rig_run(rig);
    assert_int_equal(first->done, (6 * 43 + 5 + 1100) * US);
    assert_int_equal(second->done, (12 * 43 + 10 + 1100) * US);
    rig_destroy(rig);
}

// Its first page takes 10 us, at 55 to 65, the others none, at 66 to 70. Data of a copy wait from 60 us on, for 5 us.
static void test_who_waits_for_a_program_goes_on_when_its_last_page_takes_no_time(void **state)
{
    (void)state;
    struct nand_config c = rig_config();
    c.t_cs = 10 * US;
    c.t_rpre = 5 * US;
    c.t_dbsy = 1 * US;
    struct rig *rig = rig_create(&c, 1);
    nand_assume(&rig->port, 0, rig->g->rows);
    struct rig_op *read = read_from(rig, NAND_GC);
    program(rig, 55 * US, 0);
    rig_run(rig);
    assert_int_equal(read->done, 75 * US);
    rig_destroy(rig);
}

static void test_data_of_host_reads_pass_pages_of_programs(void **state)
{
    (void)state;
    struct rig *rig = slow_bus_rig(0);
    struct rig_op *read = read_from(rig, NAND_HOST), *written = program(rig, 1 * US, 0); // pages end at 46, 89, ...
    rig_run(rig);
    assert_int_equal(read->done, (89 + 10) * US);
    assert_int_equal(written->done, (3 + 6 * 43 + 10 + 1100) * US);
    rig_destroy(rig);
}

static void test_data_of_copies_wait_for_programs_that_have_begun(void **state)
{
    (void)state;
    struct rig *rig = slow_bus_rig(0);
    struct rig_op *read = read_from(rig, NAND_GC), *written = program(rig, 1 * US, 0);
    rig_run(rig);
    assert_int_equal(read->done, (3 + 6 * 43 + 10) * US);
    assert_int_equal(written->done, (3 + 6 * 43 + 1100) * US);
    rig_destroy(rig);
}

// Six pages of 43 us.
static void test_a_copy_whose_data_have_begun_goes_on_before_a_program_begins(void **state)
{
    (void)state;
    struct rig *rig = slow_bus_rig(0);
    struct rig_op *read = read_of_two_planes(rig, NAND_GC), *written = program(rig, 50 * US, 2);
    rig_run(rig);
    assert_int_equal(read->done, 69 * US);
    assert_int_equal(written->done, (69 + 6 * 43 + 1100) * US);
    rig_destroy(rig);
}

static void test_data_of_copies_and_programs_begin_in_order_of_arrival(void **state)
{
    (void)state;
    struct rig *rig = slow_bus_rig(0);
    struct rig_op *read = read_from(rig, NAND_GC);
    program(rig, 1 * US, 0);
    struct rig_op *before = program(rig, 52 * US, 4), *after = program(rig, 54 * US, 6);
    rig_run(rig);
    assert_int_equal(before->done, (3 + 12 * 43 + 1100) * US);
    assert_int_equal(read->done, (3 + 12 * 43 + 10) * US);
    assert_int_equal(after->done, (3 + 18 * 43 + 10 + 1100) * US);
    rig_destroy(rig);
}

// It waits from 53 us on; pages end at 132, 175, 218 us.
static void test_what_waits_for_longer_than_the_bound_goes_first(void **state)
{
    (void)state;
    for (tick_t early = 0; early < 2; early++) {
        struct rig *rig = slow_bus_rig(122 * US - early);
        struct rig_op *read = read_from(rig, NAND_GC);
        program(rig, 1 * US, 0);
        rig_run(rig);
        assert_int_equal(read->done, early == 1 ? (175 + 10) * US : (218 + 10) * US);
        rig_destroy(rig);
    }
}

// --- a closed loop of random reads: 64 dies, 8 channels, tR 50 us, everything else free ----------------------------

enum { LOOP_READS = 200000, LOOP_SKIPPED = 20000, LOOP_DEPTH_MAX = 256 };

struct loop {
    struct sim *sim;
    struct nand_port port;
    const struct nand_geometry *g;
    struct rng rng;
    tick_t think; // from a completion to the next submission; counts as latency
    unsigned finished;
    tick_t begun;
    double latency[LOOP_READS];
    struct loop_op {
        struct nand_op op;
        tick_t start;
    } ops[LOOP_DEPTH_MAX];
};

static void loop_submit(void *context)
{
    struct loop_op *op = context;
    struct loop *loop = op->op.owner;
    uint32_t unit;
    op->op.at.n = (uint32_t)rng_below(&loop->rng, loop->g->units);
    fastdiv_split(op->op.at.n, &loop->g->by_multi_page, &unit);
    op->op.units = UINT64_C(1) << unit;
    nand_submit(&loop->port, &op->op);
}

static void loop_next(struct loop *loop, struct loop_op *op)
{
    op->start = sim_now(loop->sim);
    sim_after(loop->sim, loop->think, loop_submit, op);
}

static void loop_done(struct nand_op *done)
{
    struct loop_op *op = (struct loop_op *)done;
    struct loop *loop = done->owner;
    if (loop->finished == LOOP_READS)
        return;
    loop->latency[loop->finished++] = (double)(sim_now(loop->sim) - op->start) / 1e6;
    if (loop->finished == LOOP_SKIPPED)
        loop->begun = sim_now(loop->sim);
    if (loop->finished == LOOP_READS)
        sim_stop(loop->sim);
    loop_next(loop, op);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void expect_loop(uint64_t transfer_rate, tick_t think, unsigned depth, double kiops, double mean, double p99)
{
    struct nand_config c = rig_config();
    c.channels = 8, c.dies_per_channel = 8, c.planes_per_die = 1, c.cell = CELL_SLC;
    c.t_r = (struct config_times){.count = 1, .at = {50 * US}};
    c.transfer_rate = transfer_rate;
    struct loop *loop = calloc(1, sizeof *loop);
    loop->sim = sim_create(5);
    struct nand *nand = nand_create(loop->sim, &c);
    loop->port = nand_get_port(nand);
    loop->g = nand_get_geometry(nand);
    loop->think = think;
    rng_seed(&loop->rng, 5, "test");
    for (uint32_t block = 0; block < loop->g->blocks; block++)
        nand_assume(&loop->port, block, loop->g->rows);
    for (unsigned i = 0; i < depth; i++) {
        loop->ops[i].op = (struct nand_op){.done = loop_done, .owner = loop, .kind = NAND_READ};
        loop_next(loop, &loop->ops[i]);
    }
    sim_run_before(loop->sim, TICK_NEVER);
    unsigned counted = LOOP_READS - LOOP_SKIPPED;
    double rate = counted / ((double)(sim_now(loop->sim) - loop->begun) / 1e9), sum = 0; // reads a ms
    for (unsigned i = LOOP_SKIPPED; i < LOOP_READS; i++)
        sum += loop->latency[i];
    qsort(loop->latency + LOOP_SKIPPED, counted, sizeof loop->latency[0], compare);
    assert_true(fabs(rate / kiops - 1) < 0.01);
    assert_true(fabs(sum / counted / mean - 1) < 0.01);
    // Deep queues move slowly: few independent samples of their tail, which arrays alone make a multiple of tR.
    double sampling = depth > 128 ? 0.12 : depth > 64 ? 0.05 : 0.03;
    assert_true(fabs(loop->latency[LOOP_SKIPPED + counted / 100 * 99] / p99 - 1) < sampling);
    nand_destroy(nand);
    sim_destroy(loop->sim);
    free(loop);
}

// Columns "dethold" (dies held during their transfer) of a table computed by another program.
static void test_closed_loop_with_arrays_alone(void **state)
{
    (void)state;
    expect_loop(0, 0, 1, 20.00, 50.00, 50.00);
    expect_loop(0, 0, 16, 282.19, 56.68, 150.00);
    expect_loop(0, 0, 64, 755.91, 84.66, 250.00);
    expect_loop(0, 0, 256, 1124.12, 227.71, 900.00);
}

static void test_closed_loop_with_arrays_channels_and_think_time(void **state)
{
    (void)state;
    expect_loop(800000000, 8 * US, 1, 15.84, 63.12, 63.12);
    expect_loop(800000000, 8 * US, 16, 228.92, 69.89, 138.72);
    expect_loop(800000000, 8 * US, 64, 645.64, 99.13, 280.72);
    expect_loop(800000000, 8 * US, 128, 862.53, 148.40, 511.04);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_command_waits_for_the_burst_but_passes_waiting_data),
        cmocka_unit_test(test_the_bus_is_busy_at_t_minus_1_and_free_at_t),
        cmocka_unit_test(test_what_comes_when_a_burst_ends_goes_behind_what_waits),
        cmocka_unit_test(test_a_command_comes_between_the_pages_of_two_planes),
        cmocka_unit_test(test_data_of_another_host_read_do_not_come_between_them),
        cmocka_unit_test(test_data_of_host_reads_come_between_the_pages_of_copies),
        cmocka_unit_test(test_what_takes_no_time_on_the_bus_does_not_wait_for_it),
        cmocka_unit_test(test_a_program_that_has_begun_goes_on_before_another_begins),
        cmocka_unit_test(test_no_program_begins_while_another_pauses),
        cmocka_unit_test(test_who_waits_for_a_program_goes_on_when_its_last_page_takes_no_time),
        cmocka_unit_test(test_data_of_host_reads_pass_pages_of_programs),
        cmocka_unit_test(test_data_of_copies_wait_for_programs_that_have_begun),
        cmocka_unit_test(test_a_copy_whose_data_have_begun_goes_on_before_a_program_begins),
        cmocka_unit_test(test_data_of_copies_and_programs_begin_in_order_of_arrival),
        cmocka_unit_test(test_what_waits_for_longer_than_the_bound_goes_first),
        cmocka_unit_test(test_closed_loop_with_arrays_alone),
        cmocka_unit_test(test_closed_loop_with_arrays_channels_and_think_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
