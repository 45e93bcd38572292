// Garbage collection in its parts: what each policy chooses of a table made by hand, when collection starts and stops,
// how fast it goes, what its times are, which superblock and which die come next.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "fake_nand.h"
#include "ftl/ftl_internal.h"
#include "util/macros.h"
#include "writer.h"

enum { DIES = 4, BLOCKS = 16, ROWS = 8, UNITS = 8, N = DIES * ROWS * UNITS }; // UNITS: of a program

struct drive {
    struct sim *sim;
    struct fake_nand *nand;
    struct ftl *ftl;
    struct writer writer;
};

static struct ftl_config plain(void)
{
    return (struct ftl_config){.mapping_unit = 4096, .capacity = 4 * N * 4096, .write_buffer = 4 * UNITS * 4096,
                               .placement = FTL_PLACE_SEPARATE, .gc_start = 4, .gc_stop = 6, .gc_reserve = 2, .gc_parallel = 2,
                               .gc_choices = 2, .processors = 1};
}

static void drive_open(struct drive *d, const struct ftl_config *config)
{
    struct nand_geometry g = fake_geometry(DIES, 2, BLOCKS, ROWS, 2, 2);
    *d = (struct drive){.sim = sim_create(5)};
    d->nand = fake_nand_create(d->sim, &g, 10 * TICKS_PER_US, 100 * TICKS_PER_US, TICKS_PER_MS);
    d->ftl = ftl_create(d->sim, config, &g, NULL);
    ftl_bind(d->ftl, fake_nand_port(d->nand));
    d->writer = (struct writer){.sim = d->sim, .port = ftl_get_port(d->ftl), .range = 4 * N};
    assert_int_equal(d->ftl->space.data_units, N);
}

static void drive_close(struct drive *d)
{
    ftl_destroy(d->ftl);
    fake_nand_destroy(d->nand);
    sim_destroy(d->sim);
}

// --- policies ------------------------------------------------------------------------------------------------------

struct row {
    uint32_t valid;
    uint64_t closed;
};

// The first superblocks are closed and as said, the others free.
static void set_table(struct ftl *ftl, const struct row *rows, uint32_t count, uint64_t clock)
{
    for (uint32_t s = 0; s < BLOCKS; s++)
        ftl->space.superblocks[s] = (struct superblock){.state = SUPERBLOCK_FREE, .units = N};
    for (uint32_t s = 0; s < count; s++)
        ftl->space.superblocks[s] = (struct superblock){.state = SUPERBLOCK_CLOSED, .units = N,
                                                        .valid = rows[s].valid, .closed = rows[s].closed};
    ftl->space.free_count = BLOCKS - count;
    ftl->space.write_clock = clock;
}

// What the policy takes from the table as it is.
static uint32_t pick_now(struct ftl *ftl)
{
    struct collect *collect = ftl_collect(ftl);
    space_reindex(&ftl->space);
    return collect->ops->pick(&ftl->space, &collect->draw);
}

static uint32_t pick(enum ftl_gc_policy policy, const struct row *rows, uint32_t count)
{
    struct drive d;
    struct ftl_config config = plain();
    config.gc_policy = policy;
    drive_open(&d, &config);
    set_table(d.ftl, rows, count, 1000);
    uint32_t victim = pick_now(d.ftl);
    drive_close(&d);
    return victim;
}

// N is 256, the clock at 1000. Age * (1 - u) / 2u: 100 * 192 / 64 = 300, 800 * 64 / 192 = 267, 20 * 236 / 20 = 236,
// halved. Without the cost 2u it would be 800 * 64 first, with age alone, too; with 1 / u alone the third.
static void test_policies_choose_by_their_own_measure(void **state)
{
    (void)state;
    static const struct row rows[] = {{64, 900}, {192, 200}, {20, 980}, {256, 10}};
    assert_int_equal(pick(FTL_GC_COST_BENEFIT, rows, 4), 0);
    assert_int_equal(pick(FTL_GC_GREEDY, rows, 4), 2);
    assert_int_equal(pick(FTL_GC_FIFO, rows, 4), 1);
}

// As above, and the second is a little older: 872 * 64 / 192 = 290.7 is not enough, 904 * 64 / 192 = 301.3 is.
static void test_cost_benefit_turns_where_the_ratios_cross(void **state)
{
    (void)state;
    static const struct row before[] = {{64, 900}, {192, 128}}, after[] = {{64, 900}, {192, 96}};
    assert_int_equal(pick(FTL_GC_COST_BENEFIT, before, 2), 0);
    assert_int_equal(pick(FTL_GC_COST_BENEFIT, after, 2), 1);
}

static void test_ties_go_to_the_lowest_number(void **state)
{
    (void)state;
    static const struct row rows[] = {{100, 300}, {50, 200}, {50, 200}, {100, 300}};
    assert_int_equal(pick(FTL_GC_GREEDY, rows, 4), 1);
    assert_int_equal(pick(FTL_GC_FIFO, rows, 4), 1);
    assert_int_equal(pick(FTL_GC_COST_BENEFIT, rows, 4), 1);
}

static void test_a_single_unit_of_age_decides_in_order_of_age(void **state)
{
    (void)state;
    static const struct row rows[] = {{50, 301}, {50, 300}};
    assert_int_equal(pick(FTL_GC_FIFO, rows, 2), 1);
}

static void test_no_policy_takes_what_gives_nothing_back(void **state)
{
    (void)state;
    static const struct row full[] = {{N, 10}, {N, 20}}, one[] = {{N, 10}, {N - 1, 20}};
    for (uint32_t policy = 0; policy < FTL_GC_COUNT; policy++) {
        assert_int_equal(pick(policy, full, 2), NONE);
        assert_int_equal(pick(policy, one, 2), 1);
    }
}

// How often each of `count` superblocks is chosen, in 20 000 draws; superblock s holds s units.
static void draw_often(enum ftl_gc_policy policy, uint32_t count, uint32_t choices, double shares[BLOCKS])
{
    enum { DRAWS = 20000 };
    struct drive d;
    struct ftl_config config = plain();
    config.gc_policy = policy;
    config.gc_choices = choices;
    drive_open(&d, &config);
    struct row rows[BLOCKS] = {{0}};
    for (uint32_t s = 0; s < count; s++)
        rows[s].valid = s;
    set_table(d.ftl, rows, count, 1000);
    for (uint32_t s = 0; s < BLOCKS; s++)
        shares[s] = 0;
    for (int i = 0; i < DRAWS; i++)
        shares[pick_now(d.ftl)] += 1.0 / DRAWS;
    drive_close(&d);
}

// Of d drawn with replacement from k, the best is at least the i-th with probability ((k - i) / k)^d. Four standard
// deviations of a share of 20 000 draws are at most 0.014.
static void test_random_policies_choose_with_their_probabilities(void **state)
{
    (void)state;
    double shares[BLOCKS];
    for (uint32_t choices = 1; choices <= 4; choices++) {
        draw_often(choices == 1 ? FTL_GC_RANDOM : FTL_GC_D_CHOICES, 5, choices, shares);
        for (int s = 0; s < 5; s++) {
            double expected = pow((5 - s) / 5.0, choices) - pow((4 - s) / 5.0, choices);
            assert_true(fabs(shares[s] - expected) < 0.014);
        }
    }
}

// --- superblocks and dies ------------------------------------------------------------------------------------------

static void test_the_least_worn_superblock_is_opened_first(void **state)
{
    (void)state;
    static const uint32_t wear[] = {7, 3, 5, 3, 9}, order[] = {1, 3, 2, 0, 4};
    struct drive d;
    struct ftl_config config = plain();
    drive_open(&d, &config);
    for (uint32_t s = 0; s < BLOCKS; s++)
        d.ftl->space.superblocks[s].pe_cycles = s < ARRAY_SIZE(wear) ? wear[s] : 100;
    space_reindex(&d.ftl->space);
    for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
        stream_open(&d.ftl->space, &d.ftl->space.streams[STREAM_HOST]);
        assert_int_equal(d.ftl->space.streams[STREAM_HOST].superblock, order[i]);
    }
    drive_close(&d);
}

static void test_allocation_orders(void **state)
{
    (void)state;
    // dies 0 and 2 are on channel 0, 1 and 3 on channel 1; the loads make 2 the idlest, 0 and 3 alike
    static const uint32_t load[DIES] = {1, 4, 0, 1};
    static const uint32_t orders[FTL_ALLOC_COUNT][DIES] = {
        [FTL_ALLOC_ROUND_ROBIN] = {0, 1, 2, 3},
        [FTL_ALLOC_WAY_FIRST] = {0, 2, 1, 3},
        [FTL_ALLOC_LEAST_BUSY] = {2, 0, 3, 1},
    };
    for (uint32_t policy = 0; policy < FTL_ALLOC_COUNT; policy++) {
        struct drive d;
        struct ftl_config config = plain();
        config.allocation = policy;
        drive_open(&d, &config);
        struct stream *stream = &d.ftl->space.streams[STREAM_HOST];
        stream_open(&d.ftl->space, stream);
        for (uint32_t i = 0; i < DIES; i++)
            d.ftl->base.die_load[i] = load[i];
        for (uint32_t i = 0; i < DIES; i++) {
            uint32_t die = d.ftl->space.alloc->pick(&d.ftl->space, stream);
            assert_int_equal(die, orders[policy][i]);
            bitmap_clear(stream->row_dies, die);
        }
        drive_close(&d);
    }
}

// --- levels and pace -----------------------------------------------------------------------------------------------

// Writes so many units one after the other, round and round in order.
static void write_units(struct drive *d, uint64_t units)
{
    writer_run(&d->writer, units);
}

// 16 superblocks: with 12 opened 4 are free, which is not below gc_start; the 13th makes it 3.
static void test_collection_starts_below_gc_start_and_not_before(void **state)
{
    (void)state;
    struct drive d;
    struct ftl_config config = plain();
    drive_open(&d, &config);
    assert_int_equal(ftl_get_stats(d.ftl)->gc_headroom_bytes, (BLOCKS - 4) * UINT64_C(4096) * N);
    write_units(&d, 11 * N + 5 * UNITS);
    assert_int_equal(ftl_get_stats(d.ftl)->free_superblocks, 4);
    assert_int_equal(ftl_get_stats(d.ftl)->gc_headroom_bytes, (N - 5 * UNITS) * UINT64_C(4096));
    write_units(&d, N - 5 * UNITS);
    assert_int_equal(ftl_get_stats(d.ftl)->gc_active_time, 0);
    assert_int_equal(ftl_get_stats(d.ftl)->gc_headroom_bytes, 0);
    assert_false(d.ftl->pace.active);
    write_units(&d, UNITS);
    assert_true(d.ftl->pace.active);
    write_units(&d, UNITS); // the first program that earns credit
    assert_true(ftl_get_stats(d.ftl)->gc_victims > 0);
    drive_close(&d);
}

// Victims that hold nothing are erased one after the other, until gc_stop superblocks are free: 6 and not 7.
static void test_collection_stops_at_gc_stop(void **state)
{
    (void)state;
    struct drive d;
    struct ftl_config config = plain();
    drive_open(&d, &config);
    write_units(&d, 12 * N + 2 * UNITS);
    assert_int_equal(ftl_get_stats(d.ftl)->free_superblocks, 6);
    assert_int_equal(ftl_get_stats(d.ftl)->gc_victims, 3);
    assert_false(d.ftl->pace.active);
    drive_close(&d);
}

// Four superblocks that are there from the start, in order; then one written by the host and two programs more.
static void test_a_superblocks_age_is_what_was_written_since_its_last_unit(void **state)
{
    (void)state;
    static const uint64_t ages[] = {4 * N, 3 * N, 2 * N, N, 0};
    struct drive d;
    struct ftl_config config = plain();
    config.precondition = FTL_PRECONDITION_SEQUENTIAL;
    config.precondition_fill = 1;
    drive_open(&d, &config);
    ftl_precondition(d.ftl);
    write_units(&d, N + 2 * UNITS);
    for (uint32_t s = 0; s < ARRAY_SIZE(ages); s++)
        assert_int_equal(d.ftl->space.write_clock - d.ftl->space.superblocks[s].closed, ages[s] + 2 * UNITS);
    drive_close(&d);
}

// With gc_stop 6 and gc_reserve 2 the pace is one at 4 superblocks, and half of the open ones and of the victim: 5.5 N
// units. It changes by a half for a superblock more or less, and is zero from two more on.
static void test_the_pace_follows_the_level(void **state)
{
    (void)state;
    enum { HOST = 1000, RATIO = 3 << CREDIT_BITS };
    static const struct {
        uint32_t free, left; // superblocks; units of the host's open one
        double gain;
    } points[] = {{5, N / 2, 1}, {4, N / 2, 1.5}, {6, N / 2, 0.5}, {5, 0, 1.25},
                  {7, N / 2, 0}, {9, N / 2, 0},   {3, N / 2, 2}};
    struct drive d;
    struct ftl_config config = plain();
    drive_open(&d, &config);
    for (size_t i = 0; i < ARRAY_SIZE(points); i++) {
        d.ftl->space.free_count = points[i].free;
        d.ftl->space.streams[STREAM_HOST].units_left = points[i].left;
        assert_int_equal(pace_worth(&d.ftl->pace, HOST, RATIO), (uint64_t)(HOST * RATIO * points[i].gain));
    }
    drive_close(&d);
}

// A quarter of a victim read is worth a quarter of a superblock; units read that have no place yet take theirs.
static void test_the_level_moves_with_each_unit_of_the_victim(void **state)
{
    (void)state;
    enum { HOST = 1000, RATIO = 1 << CREDIT_BITS };
    struct drive d;
    struct ftl_config config = plain();
    drive_open(&d, &config);
    struct progress *at = &d.ftl->movers[WHY_COLLECT].at;
    d.ftl->space.free_count = 5;
    at->source = 3;
    at->cursor = 3 * N + N / 4;
    d.ftl->space.committed = d.ftl->space.superblocks[3].unread = 90;
    assert_int_equal(pace_worth(&d.ftl->pace, HOST, RATIO), HOST * RATIO * 9 / 8); // 5.25 N instead of 5.5
    d.ftl->space.free_count = 3; // what is drained or being erased will be free
    d.ftl->space.drained = d.ftl->space.erasing = 1;
    assert_int_equal(pace_worth(&d.ftl->pace, HOST, RATIO), HOST * RATIO * 9 / 8);
    d.ftl->space.superblocks[3].unread = 90 - N / 4;
    assert_int_equal(pace_worth(&d.ftl->pace, HOST, RATIO), HOST * RATIO * 10 / 8);
    drive_close(&d);
}

// --- times ---------------------------------------------------------------------------------------------------------

static void nothing(void *context)
{
    (void)context;
}

static void pass(struct drive *d, tick_t duration)
{
    sim_after(d->sim, duration, nothing, NULL);
    sim_run_before(d->sim, TICK_NEVER);
}

// The interval that is still open counts, once, and from the start of the window.
static void test_times_include_what_has_not_ended(void **state)
{
    (void)state;
    struct drive d;
    struct ftl_config config = plain();
    drive_open(&d, &config);
    pass(&d, 1000);
    pace_count_time(&d.ftl->pace);
    d.ftl->pace.hold = HOST_PACED;
    d.ftl->pace.active = true;
    pass(&d, 70);
    assert_int_equal(ftl_get_stats(d.ftl)->gc_paced_time, 70);
    assert_int_equal(ftl_get_stats(d.ftl)->gc_active_time, 70);
    assert_int_equal(ftl_get_stats(d.ftl)->gc_urgent_time, 0);
    pass(&d, 5);
    assert_int_equal(ftl_get_stats(d.ftl)->gc_paced_time, 75);
    pass(&d, 100);
    ftl_stats_restart(d.ftl, sim_now(d.sim));
    pace_count_time(&d.ftl->pace);
    d.ftl->pace.hold = HOST_BLOCKED;
    pass(&d, 30);
    assert_int_equal(ftl_get_stats(d.ftl)->gc_paced_time, 0);
    assert_int_equal(ftl_get_stats(d.ftl)->gc_urgent_time, 30);
    assert_int_equal(ftl_get_stats(d.ftl)->gc_active_time, 30);
    drive_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_policies_choose_by_their_own_measure),
        cmocka_unit_test(test_cost_benefit_turns_where_the_ratios_cross),
        cmocka_unit_test(test_ties_go_to_the_lowest_number),
        cmocka_unit_test(test_a_single_unit_of_age_decides_in_order_of_age),
        cmocka_unit_test(test_no_policy_takes_what_gives_nothing_back),
        cmocka_unit_test(test_random_policies_choose_with_their_probabilities),
        cmocka_unit_test(test_the_least_worn_superblock_is_opened_first),
        cmocka_unit_test(test_allocation_orders),
        cmocka_unit_test(test_collection_starts_below_gc_start_and_not_before),
        cmocka_unit_test(test_collection_stops_at_gc_stop),
        cmocka_unit_test(test_a_superblocks_age_is_what_was_written_since_its_last_unit),
        cmocka_unit_test(test_the_pace_follows_the_level),
        cmocka_unit_test(test_the_level_moves_with_each_unit_of_the_victim),
        cmocka_unit_test(test_times_include_what_has_not_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
