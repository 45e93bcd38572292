// Striping: where data written in sequence come to lie, worked out by hand; that preparation in order leaves them where
// writing in order does; what is forced; and what it is for, reads of one request on several dies.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "bench.h"
#include "util/macros.h"
#include "writer.h"

enum { UNIT = WRITER_UNIT, DIES = 4, PROGRAM = 12 };
#define US TICKS_PER_US

static struct ftl_config config_of(enum ftl_striping striping, uint32_t dies)
{
    return (struct ftl_config){.mapping_unit = UNIT, .over_provisioning = 0.5, .write_buffer = 96 * UNIT, .gc_start = 3,
                               .gc_stop = 4, .gc_reserve = 1, .gc_choices = 4, .precondition_fill = 1, .processors = 1,
                               .striping = striping, .stripe_dies = dies, .verify = FTL_VERIFY_VERSIONS};
}

static struct bench bench_create(struct ftl_config config, const struct raid_layout *raid)
{
    struct bench b = bench_open(config, bench_geometry(), raid);
    ftl_precondition(b.ftl);
    return b;
}

static void write_in_order(struct bench *b, uint64_t units)
{
    struct writer w = {.sim = b->sim, .port = b->port, .range = units};
    writer_run(&w, units);
}

static void quiet(struct ftl_request *request)
{
    (void)request;
}

static void none(struct ftl_request *request, uint64_t bytes)
{
    (void)request;
    (void)bytes;
}

// How long it takes.
static tick_t run(struct bench *b, enum ftl_kind kind, uint64_t unit, uint64_t units)
{
    struct breakdown path;
    struct ftl_request request = {.kind = kind, .offset = unit * UNIT, .bytes = units * UNIT, .piece = none,
                                  .done = quiet, .path = &path};
    tick_t begin = sim_now(b->sim);
    breakdown_start(&path, STAGE_CONTROLLER, begin);
    ftl_submit(&b->port, &request);
    sim_run_before(b->sim, TICK_NEVER);
    return sim_now(b->sim) - begin;
}

// Die, plane and page, a digit each, of every second unit, that is, of each page of a plane.
static void expect_layout(struct ftl_config config, const char *const *pages, unsigned count)
{
    struct bench b = bench_create(config, NULL);
    write_in_order(&b, DIES * PROGRAM);
    for (unsigned i = 0; i < 2 * count; i++) {
        struct nand_address at = nand_locate(&b.ftl->base.geometry, (ppn_t){map_lookup(&b.ftl->map, i)});
        assert_int_equal(at.unit, i % 2);
        assert_int_equal(at.row, 0);
        assert_int_equal('0' + at.die, pages[i / 2][0]);
        assert_int_equal('0' + at.plane, pages[i / 2][1]);
        assert_int_equal('0' + at.page, pages[i / 2][2]);
    }
    bench_close(&b);
}

static void test_the_orders_are_what_they_are_called(void **state)
{
    (void)state;
    static const char *const off[] = {"000", "010", "001", "011", "002", "012", "100", "110"};
    static const char *const plane_first[] = {"000", "010", "100", "110", "200", "210", "300", "310", "001", "011"};
    static const char *const plane_between[] = {"000", "100", "010", "110", "200", "300", "210", "310", "001", "101"};
    static const char *const plane_last[] = {"000", "100", "200", "300", "010", "110", "210", "310", "001", "101"};
    static const char *const ways_first[] = {"000", "200", "010", "210", "100", "300", "110", "310", "001", "201"};
    static const char *const two_dies[] = {"000", "010", "100", "110", "001", "011", "101", "111", "002", "012", "102",
                                           "112", "200", "210", "300"};
    expect_layout(config_of(FTL_STRIPING_OFF, 0), off, ARRAY_SIZE(off));
    expect_layout(config_of(FTL_STRIPING_PLANE_FIRST, 0), plane_first, ARRAY_SIZE(plane_first));
    expect_layout(config_of(FTL_STRIPING_PLANE_BETWEEN, 0), plane_between, ARRAY_SIZE(plane_between));
    expect_layout(config_of(FTL_STRIPING_PLANE_LAST, 0), plane_last, ARRAY_SIZE(plane_last));
    expect_layout(config_of(FTL_STRIPING_PLANE_FIRST, 2), two_dies, ARRAY_SIZE(two_dies));
    struct ftl_config config = config_of(FTL_STRIPING_PLANE_BETWEEN, 0);
    config.allocation = FTL_ALLOC_WAY_FIRST;
    expect_layout(config, ways_first, ARRAY_SIZE(ways_first));
}

// 96 units of buffer hold 8 program units; half of them are as many as there are dies.
static void test_a_stripe_is_what_half_the_buffer_holds(void **state)
{
    (void)state;
    static const unsigned buffers[] = {96, 95, 72, 48, 24, 12}, dies[] = {4, 3, 3, 2, 1, 1};
    for (unsigned i = 0; i < ARRAY_SIZE(buffers); i++) {
        struct ftl_config config = config_of(FTL_STRIPING_PLANE_FIRST, 0);
        config.write_buffer = buffers[i] * UNIT;
        struct bench b = bench_create(config, NULL);
        assert_int_equal(b.ftl->space.striping.dies, dies[i]);
        bench_close(&b);
    }
}

static void expect_prepared_as_written(struct ftl_config config, const struct raid_layout *raid)
{
    struct bench written = bench_create(config, raid);
    config.precondition = FTL_PRECONDITION_SEQUENTIAL;
    struct bench prepared = bench_create(config, raid);
    uint64_t units = ftl_capacity_bytes(written.ftl) / UNIT;
    write_in_order(&written, units);
    run(&written, FTL_FLUSH, 0, 0);
    for (uint64_t lpn = 0; lpn + 2 * DIES * PROGRAM < units; lpn++) // what is flushed at the end is narrower
        assert_int_equal(map_lookup(&written.ftl->map, lpn), map_lookup(&prepared.ftl->map, lpn));
    bench_close(&written);
    bench_close(&prepared);
}

static void test_preparation_in_order_is_what_writing_in_order_leaves(void **state)
{
    (void)state;
    struct nand_geometry g = bench_geometry();
    struct raid_config parity = {.enabled = true, .stripe_dies = DIES};
    struct raid_layout raid = raid_layout_make(&parity, &g);
    for (uint32_t dies = 0; dies <= DIES; dies++)
        for (int striping = FTL_STRIPING_OFF; striping <= FTL_STRIPING_PLANE_LAST; striping++) {
            expect_prepared_as_written(config_of((enum ftl_striping)striping, dies), NULL);
            expect_prepared_as_written(config_of((enum ftl_striping)striping, dies), &raid);
        }
}

// Nothing goes before the stripe is full. Of 15 units that are flushed 12 would fill one program: two are sent, 12 + 3
// units of two dies of which pages 0, 1 of the first and 0, 1 of the second hold 4, 4, 4 and 3.
static void test_what_is_forced_fills_as_few_programs_as_it_can(void **state)
{
    (void)state;
    struct bench b = bench_create(config_of(FTL_STRIPING_PLANE_FIRST, 0), NULL);
    write_in_order(&b, DIES * PROGRAM - 1);
    assert_int_equal(b.nand->ops[NAND_PROGRAM], 0);
    bench_close(&b);
    b = bench_create(config_of(FTL_STRIPING_PLANE_FIRST, 0), NULL);
    write_in_order(&b, 15);
    run(&b, FTL_FLUSH, 0, 0);
    assert_int_equal(b.nand->ops[NAND_PROGRAM], 2);
    assert_int_equal(ftl_get_stats(b.ftl)->padding_units, 24 - 15);
    for (uint64_t lpn = 0; lpn < 15; lpn++)
        assert_int_equal(map_lookup(&b.ftl->map, lpn), (lpn / 4 % 2) * PROGRAM + lpn / 8 * 4 + lpn % 4);
    bench_close(&b);
}

// Eight pages: two on each of four dies, where they would else lie on three dies, three on the first.
static void test_a_read_of_many_units_is_served_by_all_dies(void **state)
{
    (void)state;
    struct ftl_config config = config_of(FTL_STRIPING_OFF, 0);
    config.precondition = FTL_PRECONDITION_SEQUENTIAL;
    struct bench b = bench_create(config, NULL);
    assert_int_equal(run(&b, FTL_READ, 0, 32), 150 * US);
    bench_close(&b);
    config.striping = FTL_STRIPING_PLANE_FIRST;
    b = bench_create(config, NULL);
    assert_int_equal(run(&b, FTL_READ, 0, 32), 100 * US);
    assert_int_equal(b.nand->ops[NAND_READ], 8);
    bench_close(&b);
}

// Overwrites at random with collection, and reads that the versions check.
static void test_random_writes_and_collection_keep_every_unit(void **state)
{
    (void)state;
    for (int striping = FTL_STRIPING_PLANE_FIRST; striping <= FTL_STRIPING_PLANE_LAST; striping++) {
        struct ftl_config config = config_of((enum ftl_striping)striping, 3);
        config.precondition = FTL_PRECONDITION_SEQUENTIAL;
        config.over_provisioning = 0.3;
        struct bench b = bench_create(config, NULL);
        struct rng rng;
        rng_seed(&rng, 4, "test");
        uint64_t units = ftl_capacity_bytes(b.ftl) / UNIT;
        struct writer w = {.sim = b.sim, .port = b.port, .range = units, .rng = &rng};
        writer_run(&w, 30000);
        for (uint64_t unit = 0; unit + 64 <= units; unit += 64)
            run(&b, FTL_READ, unit, 64);
        assert_true(ftl_get_stats(b.ftl)->gc_copies > 1000);
        bench_close(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_orders_are_what_they_are_called),
        cmocka_unit_test(test_a_stripe_is_what_half_the_buffer_holds),
        cmocka_unit_test(test_preparation_in_order_is_what_writing_in_order_leaves),
        cmocka_unit_test(test_what_is_forced_fills_as_few_programs_as_it_can),
        cmocka_unit_test(test_a_read_of_many_units_is_served_by_all_dies),
        cmocka_unit_test(test_random_writes_and_collection_keep_every_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
