// Places: whatever comes is counted once, in the cell it belongs to, however wide that has become, in any order.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "stats/places.h"
#include "util/rng.h"

enum { KIB = 1024, BIN = 1 << 22, PART = 4 * KIB };

static void test_a_command_falls_into_the_cell_of_its_time_and_offset(void **state)
{
    (void)state;
    struct places p;
    places_init(&p, 1000);
    assert_int_equal(places_extent(&p).count, 0);
    places_add(&p, IO_READ, 100 * PART, 1000);
    places_add(&p, IO_READ, 101 * PART - 1, 1000 + BIN - 1);
    places_add(&p, IO_READ, 101 * PART, 1000 + BIN);
    places_add(&p, IO_WRITE, 98 * PART, 0); // before the origin
    assert_int_equal(places_extent(&p).first, 98);
    assert_int_equal(places_extent(&p).count, 4);
    assert_int_equal(places_at(&p, IO_READ, 100, 0), 2);
    assert_int_equal(places_at(&p, IO_READ, 101, 1), 1);
    assert_int_equal(places_at(&p, IO_READ, 101, 0), 0);
    assert_int_equal(places_at(&p, IO_WRITE, 98, 0), 1);
    assert_int_equal(places_at(&p, IO_TRIM, 98, 0), 0);
    places_destroy(&p);
}

// 64 parts from an odd number on have a row each; one more, below or above, and all are twice as large.
static void test_parts_double_when_they_are_more_than_rows(void **state)
{
    (void)state;
    for (int above = 0; above < 2; above++) {
        struct places p;
        places_init(&p, 0);
        for (uint64_t part = 33; part < 33 + PLACES_ROWS; part++)
            for (uint64_t i = 0; i <= part; i++)
                places_add(&p, IO_READ, part * PART, 0);
        assert_int_equal(p.offset_shift, 12);
        for (uint64_t part = 33; part < 33 + PLACES_ROWS; part++)
            assert_int_equal(places_at(&p, IO_READ, part, 0), part + 1);
        places_add(&p, IO_READ, (above ? 97 : 32) * PART, 0);
        assert_int_equal(p.offset_shift, 13);
        for (uint64_t part = 17; part < 48; part++)
            assert_int_equal(places_at(&p, IO_READ, part, 0), 4 * part + 3); // 2 * part + 1, and one more
        assert_int_equal(places_at(&p, IO_READ, 16, 0), above ? 34 : 35);
        assert_int_equal(places_extent(&p).first, 16);
        assert_int_equal(places_extent(&p).count, 33);
        places_destroy(&p);
    }
}

static void test_bins_double_when_time_runs_past_the_last(void **state)
{
    (void)state;
    struct places p;
    places_init(&p, 0);
    for (uint64_t bin = 0; bin < PLACES_BINS; bin++)
        places_add(&p, IO_TRIM, 0, bin * BIN);
    assert_int_equal(p.time_shift, 22);
    places_add(&p, IO_TRIM, 0, (tick_t)PLACES_BINS * BIN * 4);
    assert_int_equal(p.time_shift, 25);
    assert_int_equal(places_at(&p, IO_TRIM, 0, 31), 8);
    assert_int_equal(places_at(&p, IO_TRIM, 0, 32), 0);
    assert_int_equal(places_at(&p, IO_TRIM, 0, 128), 1);
    places_destroy(&p);
}

struct command {
    enum io_kind kind;
    uint64_t offset;
    tick_t when;
};

static void shuffle(struct command *commands, size_t count, struct rng *rng)
{
    for (size_t i = count - 1; i > 0; i--) {
        size_t k = rng_below(rng, i + 1);
        struct command kept = commands[i];
        commands[i] = commands[k];
        commands[k] = kept;
    }
}

// Up to 2^50 bytes and ps, so that both widen often; each order ends in the same cells.
static void test_the_order_in_which_commands_come_does_not_matter(void **state)
{
    (void)state;
    enum { COUNT = 300 };
    struct command commands[COUNT];
    struct rng rng;
    rng_seed(&rng, 1, "places");
    for (size_t i = 0; i < COUNT; i++)
        commands[i] = (struct command){i % 2 ? IO_READ : IO_WRITE, rng_below(&rng, UINT64_C(1) << (12 + i % 39)),
                                       rng_below(&rng, UINT64_C(1) << (22 + i % 29))};
    for (int order = 0; order < 4; order++) {
        struct places p;
        places_init(&p, 0);
        for (size_t i = 0; i < COUNT; i++)
            places_add(&p, commands[i].kind, commands[i].offset, commands[i].when);
        struct places_extent extent = places_extent(&p);
        assert_true(extent.count > PLACES_ROWS / 2 && extent.count <= PLACES_ROWS);
        for (uint64_t part = extent.first; part < extent.first + extent.count; part++)
            for (uint32_t bin = 0; bin < PLACES_BINS; bin++) {
                uint32_t there = 0;
                for (size_t i = 0; i < COUNT; i++)
                    there += commands[i].kind == IO_READ && commands[i].offset >> p.offset_shift == part &&
                             commands[i].when >> p.time_shift == bin;
                assert_int_equal(places_at(&p, IO_READ, part, bin), there);
            }
        places_destroy(&p);
        shuffle(commands, COUNT, &rng);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_command_falls_into_the_cell_of_its_time_and_offset),
        cmocka_unit_test(test_parts_double_when_they_are_more_than_rows),
        cmocka_unit_test(test_bins_double_when_time_runs_past_the_last),
        cmocka_unit_test(test_the_order_in_which_commands_come_does_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
