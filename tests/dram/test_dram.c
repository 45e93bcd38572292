// The controller's memory between a front-end, a core and a back-end of these tests': times worked out by hand.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "dram/dram.h"
#include "util/macros.h"

enum { UNIT = 1000, TIMES = 16 }; // bytes; 1 GB/s: 1 ns a byte

static const tick_t US = TICKS_PER_US;

struct bench {
    struct sim *sim;
    struct dram_config config;
    struct nand_geometry geometry;
    struct dram *dram;
    struct nand_port nand;
    struct ftl_port core;
    tick_t reached[TIMES]; // when what was handed on came, in order
    uint32_t count;
    tick_t told[TIMES]; // of units that will be there then
    uint32_t told_count;
    struct nand_op ops[4];
    struct ftl_request requests[4];
    struct breakdown paths[4];
};

static struct bench *bench;

static void note(void)
{
    assert_true(bench->count < TIMES);
    bench->reached[bench->count++] = sim_now(bench->sim);
}

static void nand_gets(void *self, struct nand_op *op)
{
    (void)self, (void)op;
    note();
}

static void op_done(struct nand_op *op)
{
    assert_ptr_equal(op->owner, &bench->geometry);
    assert_int_equal(op->path.changed, sim_now(bench->sim));
    note();
}

static void core_gets(void *self, struct ftl_request *request)
{
    (void)self, (void)request;
}

static void core_gets_data(void *self, struct ftl_request *request, uint64_t bytes)
{
    (void)self, (void)request;
    assert_int_equal(bytes, 2 * UNIT);
    note();
}

static void piece(struct ftl_request *request, uint64_t bytes)
{
    (void)request;
    assert_int_equal(bytes, UNIT);
    note();
}

static void request_done(struct ftl_request *request)
{
    (void)request;
    note();
}

static void start(struct bench *b, struct dram_config config)
{
    *b = (struct bench){.sim = sim_create(1), .config = config,
                        .geometry = {.unit_bytes = UNIT, .units_per_program = 6, .units_per_multi_page = 2}};
    bench = b;
    b->config.bandwidth = 1000000000;
    b->dram = dram_create(b->sim, &b->config, &b->geometry);
    b->nand = dram_over_nand(b->dram, (struct nand_port){.self = b, .submit = nand_gets});
    b->core = dram_over_core(b->dram, (struct ftl_port){.self = b, .submit = core_gets, .data_in = core_gets_data});
    for (size_t i = 0; i < ARRAY_SIZE(b->ops); i++)
        b->ops[i] = (struct nand_op){.done = op_done, .owner = &b->geometry, .source = NAND_HOST};
    for (size_t i = 0; i < ARRAY_SIZE(b->requests); i++)
        b->requests[i] = (struct ftl_request){.piece = piece, .done = request_done, .path = &b->paths[i]};
}

static void finish(struct bench *b, const tick_t *expected, uint32_t count)
{
    sim_run_before(b->sim, TICK_NEVER);
    assert_int_equal(b->count, count);
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(b->reached[i], expected[i]);
    dram_destroy(b->dram);
    sim_destroy(b->sim);
}

// In one instant: data of a write (2 us in), a program of six units (6 us out), and one of two in SLC mode (2 us out). The
// memory serves them in this order; 100 ns go by with the change of direction, and 30 ns until data can be used.
static void test_what_comes_at_once_is_served_in_order(void **state)
{
    (void)state;
    struct bench b;
    start(&b, (struct dram_config){.turnaround = 100000, .latency = 30000});
    b.ops[0].kind = b.ops[1].kind = NAND_PROGRAM;
    b.ops[1].mode = NAND_SLC;
    ftl_data_in(&b.core, &b.requests[0], 2 * UNIT); // the memory begins as if data had gone out
    nand_submit(&b.nand, &b.ops[0]);
    nand_submit(&b.nand, &b.ops[1]);
    assert_int_equal(dram_get_stats(b.dram)->bytes_in, 2 * UNIT);
    assert_int_equal(dram_get_stats(b.dram)->bytes_out, 8 * UNIT);
    assert_int_equal(dram_get_stats(b.dram)->turnarounds, 2);
    assert_true(meter_total(dram_get_meter(b.dram)) == 10 * US + 200000);
    finish(&b, (tick_t[]){2 * US + 130000, 8 * US + 230000, 10 * US + 230000}, 3);
}

static void read_ends(void *context)
{
    struct nand_op *op = context;
    op->path.changed = sim_now(bench->sim);
    op->done(op);
}

// Two operations that read three units and one end at once, at 5 us: in memory at 8 and 9 us.
static void test_what_is_read_is_stored_before_the_core_has_it(void **state)
{
    (void)state;
    struct bench b;
    start(&b, (struct dram_config){0});
    b.ops[0].units = 7, b.ops[1].units = 8;
    for (int i = 0; i < 2; i++) {
        nand_submit(&b.nand, &b.ops[i]); // at once with the back-end
        sim_at(b.sim, 5 * US, read_ends, &b.ops[i]);
    }
    finish(&b, (tick_t[]){0, 0, 8 * US, 9 * US}, 4);
    assert_int_equal(b.ops[0].path.spent[STAGE_TRANSFER], 3 * US);
    assert_int_equal(b.ops[1].path.spent[STAGE_TRANSFER], 4 * US);
}

static void told_of(struct nand_op *op, const struct nand_arrivals *arrivals)
{
    (void)op;
    for (uint32_t i = 0; i < arrivals->count; i++)
        bench->told[bench->told_count++] = arrivals->when[i];
}

// As a back-end does that knows at 5 us that the first unit is decoded then and the second 1 us later.
static void units_come(void *context)
{
    struct nand_op *op = context;
    if (op->coming != NULL)
        op->coming(op, &(struct nand_arrivals){.count = 2, .when = {5 * US, 6 * US}, .unit = {0, 1}});
}

// Two units are decoded at 5 and 6 us, when the operation ends, and in memory at 8 us: nobody is told of an
// earlier time.
static void test_nobody_is_told_of_units_that_the_memory_does_not_have(void **state)
{
    (void)state;
    struct bench b;
    start(&b, (struct dram_config){0});
    b.ops[0].units = 3;
    b.ops[0].coming = told_of;
    nand_submit(&b.nand, &b.ops[0]);
    sim_at(b.sim, 5 * US, units_come, &b.ops[0]);
    sim_at(b.sim, 6 * US, read_ends, &b.ops[0]);
    finish(&b, (tick_t[]){0, 8 * US}, 2);
    for (uint32_t i = 0; i < b.told_count; i++)
        assert_true(b.told[i] >= 8 * US);
}

// With `bypass` the host's are not stored, copies are, and only of what is not stored units are told of as they come.
static void test_bypass_is_for_the_host_only(void **state)
{
    (void)state;
    struct bench b;
    start(&b, (struct dram_config){.reads = DRAM_READS_BYPASS});
    b.ops[0].units = b.ops[1].units = 1;
    b.ops[1].source = NAND_GC;
    b.ops[0].coming = told_of;
    for (int i = 0; i < 2; i++) {
        nand_submit(&b.nand, &b.ops[i]);
        sim_at(b.sim, 4 * US, units_come, &b.ops[i]);
        sim_at(b.sim, 5 * US, read_ends, &b.ops[i]);
    }
    finish(&b, (tick_t[]){0, 0, 5 * US, 6 * US}, 4);
    assert_int_equal(b.told_count, 2);
}

// Two pieces go out at 1 and 2 us; the end, which the core tells of with the last one, comes when that has gone out. A
// request that is used again, with the pointers that the memory has left in it, is served as the first time.
static void test_a_read_ends_with_its_last_piece(void **state)
{
    (void)state;
    struct bench b;
    start(&b, (struct dram_config){0});
    struct ftl_request *request = &b.requests[0];
    for (int i = 0; i < 2; i++) {
        ftl_submit(&b.core, request);
        request->piece(request, UNIT);
        request->piece(request, UNIT);
        request->done(request);
        assert_int_equal(b.count, 3 * i);
        sim_run_before(b.sim, TICK_NEVER);
    }
    finish(&b, (tick_t[]){1 * US, 2 * US, 2 * US, 3 * US, 4 * US, 4 * US}, 6);
}

static void test_without_a_memory_the_parts_are_bound_to_each_other(void **state)
{
    (void)state;
    struct dram_config none = {0};
    struct nand_geometry geometry = {0};
    assert_null(dram_create(NULL, &none, &geometry));
    assert_ptr_equal(dram_over_nand(NULL, (struct nand_port){.submit = nand_gets}).submit, nand_gets);
    assert_ptr_equal(dram_over_core(NULL, (struct ftl_port){.submit = core_gets}).submit, core_gets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_comes_at_once_is_served_in_order),
        cmocka_unit_test(test_what_is_read_is_stored_before_the_core_has_it),
        cmocka_unit_test(test_nobody_is_told_of_units_that_the_memory_does_not_have),
        cmocka_unit_test(test_bypass_is_for_the_host_only),
        cmocka_unit_test(test_a_read_ends_with_its_last_piece),
        cmocka_unit_test(test_without_a_memory_the_parts_are_bound_to_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
