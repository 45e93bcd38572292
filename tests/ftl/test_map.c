// The page map: what is computed of a prepared drive, and what is kept of its changes.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake_nand.h"
#include "ftl/ftl_internal.h"
#include "util/alloc.h"
#include "util/macros.h"

// --- permutations --------------------------------------------------------------------------------------------------

static void test_a_permutation_reaches_every_number_once_and_is_undone(void **state)
{
    (void)state;
    static const uint64_t counts[] = {1, 2, 3, 4, 5, 7, 8, 9, 100, 1023, 1024, 1025, 4097};
    struct rng rng;
    rng_seed(&rng, 5, "test");
    for (size_t c = 0; c < ARRAY_SIZE(counts); c++) {
        struct permutation p = permutation_draw(&rng, counts[c]);
        uint64_t salt = rng_u64(&rng);
        uint8_t *hit = xcalloc(counts[c], 1);
        for (uint64_t x = 0; x < counts[c]; x++) {
            uint64_t y = permute(&p, salt, x);
            assert_true(y < counts[c]);
            assert_int_equal(hit[y]++, 0);
            assert_int_equal(permute_back(&p, salt, y), x);
        }
        free(hit);
    }
}

static void test_a_large_permutation_is_undone(void **state)
{
    (void)state;
    struct rng rng;
    rng_seed(&rng, 6, "test");
    for (unsigned bits = 20; bits <= 40; bits++) {
        uint64_t count = (UINT64_C(1) << bits) - rng_below(&rng, UINT64_C(1) << (bits - 1));
        uint64_t salt = rng_u64(&rng);
        struct permutation p = permutation_draw(&rng, count);
        for (int i = 0; i < 1000; i++) {
            uint64_t x = rng_below(&rng, count), y = permute(&p, salt, x);
            assert_true(y < count);
            assert_int_equal(permute_back(&p, salt, y), x);
        }
    }
}

// --- prepared drives -----------------------------------------------------------------------------------------------

enum { BLOCKS = 24, ROWS = 6, STRIPE = 3 };

struct drive {
    struct nand_geometry geometry;
    struct raid_layout raid;
    struct striping striping;
    struct prepared_content contents[BLOCKS];
    struct prepared prepared;
    uint64_t count;
};

static bool holds_data(const struct drive *d, uint64_t ppn)
{
    struct nand_address at = nand_locate(&d->geometry, (ppn_t){ppn});
    const struct prepared_content *content = &d->contents[at.block];
    return at.row >= content->first_row && at.row < content->end_row && !raid_is_parity(&d->raid, at.row, at.die);
}

static uint32_t data_units(const struct drive *d, uint32_t block)
{
    uint32_t units = 0;
    for (uint64_t i = 0; i < d->geometry.units_per_superblock; i++)
        units += holds_data(d, (uint64_t)block * d->geometry.units_per_superblock + i);
    return units;
}

static const struct striping one_by_one = {.dies = 1, .group = 1};

// Whole superblocks, one half read, one half written, an empty one, and one of which nothing is valid.
static void drive_init(struct drive *d, bool parity, uint64_t seed, bool shuffled, struct striping striping)
{
    struct raid_config raid = {.enabled = parity, .stripe_dies = STRIPE};
    struct rng rng;
    rng_seed(&rng, seed, "test");
    *d = (struct drive){.geometry = fake_geometry(6, 2, BLOCKS, ROWS, 3, 2)};
    d->raid = raid_layout_make(&raid, &d->geometry);
    d->striping = striping;
    for (uint32_t s = 0; s < BLOCKS; s++) {
        d->contents[s] = (struct prepared_content){.first_row = s == 5 ? 3 : 0, .end_row = s == 9 ? 2 : ROWS};
        if (s == 12)
            d->contents[s].end_row = 0;
        d->contents[s].valid = s == 20 ? 0 : (uint32_t)rng_below(&rng, data_units(d, s) + 1);
        d->count += d->contents[s].valid;
    }
    prepared_init(&d->prepared, &d->geometry, &d->raid, &d->striping, d->count, d->contents, shuffled ? &rng : NULL);
}

static void expect_places(bool parity, bool shuffled, struct striping striping)
{
    struct drive d;
    drive_init(&d, parity, 7 + parity, shuffled, striping);
    uint8_t *taken = xcalloc(d.geometry.units, 1);
    uint32_t valid[BLOCKS] = {0};
    for (uint64_t lpn = 0, owner; lpn < d.count; lpn++) {
        uint64_t ppn = prepared_place(&d.prepared, lpn);
        assert_true(ppn < d.geometry.units && holds_data(&d, ppn));
        assert_int_equal(taken[ppn]++, 0);
        assert_int_equal(prepared_owners(&d.prepared, ppn, 1, &owner), 1);
        assert_int_equal(owner, lpn);
        valid[ppn / d.geometry.units_per_superblock]++;
    }
    for (uint32_t s = 0; s < BLOCKS; s++)
        assert_int_equal(valid[s], d.contents[s].valid);
    uint32_t page = d.geometry.units_per_multi_page;
    for (uint64_t ppn = 0; ppn < d.geometry.units; ppn++) {
        struct nand_address at = nand_locate(&d.geometry, (ppn_t){ppn});
        bool written = at.row >= d.contents[at.block].first_row && at.row < d.contents[at.block].end_row;
        assert_int_equal(prepared_covers(&d.prepared, ppn), written);
        if (written)
            assert_int_equal(prepared_valid_units(&d.prepared, ppn - ppn % page, page) >> ppn % page & 1, taken[ppn]);
    }
    free(taken);
    prepared_destroy(&d.prepared);
}

static void test_each_unit_has_a_place_and_each_superblock_its_count(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++)
        expect_places(i & 1, i & 2, one_by_one);
    for (uint32_t dies = 2; dies <= 6; dies++)
        for (uint32_t group = 1; group <= dies; group++)
            expect_places(dies & 1, false, (struct striping){.dies = dies, .group = group});
}

// In order: the k-th unit lies where the k-th place for data is, when all of these are valid.
static void test_in_order_units_lie_side_by_side_and_skip_parity(void **state)
{
    (void)state;
    for (int parity = 0; parity <= 1; parity++) {
        struct drive d;
        drive_init(&d, parity, 3, false, one_by_one);
        prepared_destroy(&d.prepared);
        d.count = 0;
        for (uint32_t s = 0; s < BLOCKS; s++)
            d.count += d.contents[s].valid = data_units(&d, s);
        prepared_init(&d.prepared, &d.geometry, &d.raid, &d.striping, d.count, d.contents, NULL);
        uint64_t lpn = 0;
        for (uint64_t ppn = 0; ppn < d.geometry.units; ppn++)
            if (holds_data(&d, ppn))
                assert_int_equal(prepared_place(&d.prepared, lpn++), ppn);
        assert_int_equal(lpn, d.count);
        prepared_destroy(&d.prepared);
    }
}

// As many pages have k valid units as when these are drawn without replacement: hypergeometric, here as good as
// binomial. Chi-square over k = 3 .. 13, of 10 degrees of freedom: beyond 29.6 once in a thousand.
static void test_valid_units_scatter_over_pages_as_if_drawn(void **state)
{
    (void)state;
    enum { PAGES = 16384, UNITS = 16, SUPERBLOCKS = 8 };
    static const double ways[UNITS + 1] = {1, 16, 120, 560, 1820, 4368, 8008, 11440, 12870,
                                           11440, 8008, 4368, 1820, 560, 120, 16, 1};
    struct nand_geometry g = fake_geometry(4, 4, SUPERBLOCKS, PAGES / 4, 1, 4);
    struct prepared_content contents[SUPERBLOCKS];
    struct prepared prepared;
    struct rng rng;
    rng_seed(&rng, 8, "test");
    for (int s = 0; s < SUPERBLOCKS; s++)
        contents[s] = (struct prepared_content){.valid = PAGES * UNITS / 2, .end_row = PAGES / 4};
    prepared_init(&prepared, &g, NULL, &one_by_one, (uint64_t)PAGES * UNITS / 2 * SUPERBLOCKS, contents, &rng);
    for (uint64_t s = 0; s < SUPERBLOCKS; s++) {
        uint32_t pages[UNITS + 1] = {0};
        double square = 0;
        for (uint64_t p = 0; p < PAGES; p++)
            pages[__builtin_popcountll(prepared_valid_units(&prepared, (s * PAGES + p) * UNITS, UNITS))]++;
        for (int k = 3; k <= 13; k++) {
            double expected = PAGES * ways[k] / 65536;
            square += (pages[k] - expected) * (pages[k] - expected) / expected;
        }
        print_message("    chi-square %.1f\n", square);
        assert_true(square < 29.6);
    }
    prepared_destroy(&prepared);
}

// Neighbours lie apart: two of them share one of 64 superblocks once in 64 times, one of 16 places in a page likewise.
static void test_neighbours_scatter(void **state)
{
    (void)state;
    enum { SUPERBLOCKS = 64, UNITS = 4096, COUNT = SUPERBLOCKS * UNITS / 2 };
    struct nand_geometry g = fake_geometry(4, 4, SUPERBLOCKS, UNITS / 64, 1, 4);
    struct prepared_content contents[SUPERBLOCKS];
    struct prepared prepared;
    struct rng rng;
    uint32_t same_superblock = 0, same_place = 0;
    rng_seed(&rng, 9, "test");
    for (int s = 0; s < SUPERBLOCKS; s++)
        contents[s] = (struct prepared_content){.valid = UNITS / 2, .end_row = UNITS / 64};
    prepared_init(&prepared, &g, NULL, &one_by_one, COUNT, contents, &rng);
    for (uint64_t lpn = 1; lpn < COUNT; lpn++) {
        uint64_t a = prepared_place(&prepared, lpn - 1), b = prepared_place(&prepared, lpn);
        same_superblock += a / UNITS == b / UNITS;
        same_place += a % 16 == b % 16;
    }
    assert_in_range(same_superblock, COUNT / 64 * 9 / 10, COUNT / 64 * 11 / 10);
    assert_in_range(same_place, COUNT / 16 * 9 / 10, COUNT / 16 * 11 / 10);
    prepared_destroy(&prepared);
}

// --- changes -------------------------------------------------------------------------------------------------------

// Against plain arrays: entries of both widths, in the hash table, and after they have moved.
static void expect_entries(uint64_t most)
{
    enum { LPNS = FORWARD_SPARSE * 4096 };
    struct forward forward;
    struct rng rng;
    uint64_t *plain = xcalloc(LPNS, sizeof *plain);
    rng_seed(&rng, 10, "test");
    forward_init(&forward, LPNS, most);
    for (uint32_t i = 0; i < 3 * LPNS / FORWARD_SPARSE; i++) {
        uint64_t lpn = rng_below(&rng, LPNS), other = rng_below(&rng, LPNS);
        plain[lpn] = rng_below(&rng, 5) == 0 ? forward_last(&forward) : rng_below(&rng, most + 1);
        forward_set(&forward, lpn, plain[lpn]);
        assert_int_equal(forward_get(&forward, lpn), plain[lpn]);
        assert_int_equal(forward_get(&forward, other), plain[other]);
    }
    assert_null(forward.slots);
    for (uint64_t lpn = 0; lpn < LPNS; lpn++)
        assert_int_equal(forward_get(&forward, lpn), plain[lpn]);
    forward_destroy(&forward);
    free(plain);
}

static void test_entries_are_kept_in_few_bytes(void **state)
{
    (void)state;
    expect_entries(UINT32_MAX - 1);
    expect_entries(UINT32_MAX);
    expect_entries(NAND_UNITS_MAX);
}

// A read of `lpn` is told the place of `found`.
static void check_read(struct map *map, uint64_t lpn, uint64_t found)
{
    struct map_run run = map_find(map, found, 1);
    run.lpn = lpn;
    map_check_read(map, &run);
}

static void test_an_erased_superblock_holds_nothing_of_preparation(void **state)
{
    (void)state;
    struct sim *sim = sim_create(1);
    struct nand_geometry g = fake_geometry(2, 2, 8, 3, 3, 2);
    struct prepared_content contents[8] = {{.valid = 50, .end_row = 3}, {.valid = 70, .end_row = 3}};
    struct rng rng;
    struct map map;
    rng_seed(&rng, 11, "test");
    struct base base = {.sim = sim, .geometry = g};
    struct space space = {0};
    space_init(&space, &base);
    const struct superblock *superblocks = space.superblocks;
    map_init(&map, &space, 200, true);
    for (int s = 0; s < 2; s++)
        space.superblocks[s].valid = contents[s].valid;
    map_prepare(&map, NULL, 120, contents, &rng);
    uint64_t to = 2 * g.units_per_superblock;
    for (uint64_t lpn = 0; lpn < 120; lpn++) {
        uint64_t from = map_lookup(&map, lpn);
        check_read(&map, lpn, lpn);
        if (from >= g.units_per_superblock)
            continue;
        assert_int_equal(map_owner(&map, from), lpn);
        assert_true(map_still_valid(&map, from));
        map_move(&map, &(struct program_unit){.lpn = lpn, .from = from}, 1, to);
        assert_false(map_still_valid(&map, from));
        assert_int_equal(map_valid_units(&map, from, 1), 0);
        assert_int_equal(map_lookup(&map, lpn), to++);
    }
    assert_int_equal(superblocks[0].valid, 0);
    assert_int_equal(superblocks[1].valid, 70);
    assert_int_equal(superblocks[2].valid, 50);
    map_check(&map);
    map_erased(&map, 0);
    map_set(&map, 150, 7, map_version_next(&map, 150)); // in the superblock erased
    assert_int_equal(map_valid_units(&map, 0, 12), 1 << 7);
    assert_int_equal(map_owner(&map, 7), 150);
    assert_int_equal(map_trim(&map, 100, 200), 21);
    assert_int_equal(map_trim(&map, 100, 200), 0);
    assert_int_equal(map.mapped, 100);
    map_set(&map, 100, 8, map_version_next(&map, 100));
    assert_int_equal(map.mapped, 101);
    map_check(&map);
    map_destroy(&map);
    space_destroy(&space);
    sim_destroy(sim);
}

// A run's units lie side by side in one page, and it goes on as long as they do, up to `most`.
static void expect_run(const struct map *map, uint64_t lpn, uint64_t most)
{
    struct map_run run = map_find(map, lpn, most);
    uint32_t page = map->geometry->units_per_multi_page, count = 1;
    assert_int_equal(run.ppn, map_lookup(map, lpn));
    if (run.ppn != MAP_NOWHERE)
        while (count < most && (run.ppn + count) % page != 0 && map_lookup(map, lpn + count) == run.ppn + count &&
               prepared_covers(&map->prepared, run.ppn + count) == run.placed)
            count++;
    assert_int_equal(run.lpn, lpn);
    assert_int_equal(run.count, count);
}

// In order with parity and a partly filled superblock, some of it overwritten in stretches, some trimmed.
static void expect_runs(struct striping striping)
{
    struct drive d;
    struct rng rng;
    rng_seed(&rng, 13, "test");
    drive_init(&d, true, 3, false, striping);
    struct sim *sim = sim_create(1);
    struct base base = {.sim = sim, .geometry = d.geometry};
    struct space space = {0};
    struct map map;
    space_init(&space, &base);
    space.striping = striping;
    map_init(&map, &space, d.count + 50, false);
    for (uint32_t s = 0; s < BLOCKS; s++)
        space.superblocks[s].valid = d.contents[s].valid;
    map_prepare(&map, &d.raid, d.count, d.contents, NULL);
    for (uint64_t lpn = 0; lpn < map.lpns - 20; lpn++)
        expect_run(&map, lpn, 1 + lpn % 20);
    uint64_t to = 12 * (uint64_t)d.geometry.units_per_superblock; // nothing was prepared there
    for (uint64_t lpn = 0; lpn < map.lpns - 20; lpn += rng_below(&rng, 40))
        for (uint64_t end = lpn + rng_below(&rng, 12); lpn < end; lpn++)
            if (to < 13 * (uint64_t)d.geometry.units_per_superblock)
                map_set(&map, lpn, to++, 0);
            else
                map_trim(&map, lpn, lpn + 1);
    for (uint64_t lpn = 0; lpn < map.lpns - 20; lpn++)
        expect_run(&map, lpn, 1 + lpn % 20);
    map_check(&map);
    map_destroy(&map);
    space_destroy(&space);
    prepared_destroy(&d.prepared);
    sim_destroy(sim);
}

static void test_runs_go_as_far_as_units_lie_side_by_side(void **state)
{
    (void)state;
    expect_runs(one_by_one);
    expect_runs((struct striping){.dies = 4, .group = 1});
    expect_runs((struct striping){.dies = 3, .group = 3});
}

// --- the check of reads --------------------------------------------------------------------------------------------

enum { MAPPED = 50 };

struct board {
    struct sim *sim;
    struct base base;
    struct space space;
    struct map map;
};

// The first units lie in superblock 0, as preparation or as writes left them.
static void board_open(struct board *b, bool prepared)
{
    struct prepared_content contents[8] = {{.valid = MAPPED, .end_row = 3}};
    struct rng rng;
    rng_seed(&rng, 12, "test");
    *b = (struct board){.sim = sim_create(1)};
    b->base = (struct base){.sim = b->sim, .geometry = fake_geometry(2, 2, 8, 3, 3, 2)};
    space_init(&b->space, &b->base);
    map_init(&b->map, &b->space, 200, false);
    if (prepared) {
        b->space.superblocks[0].valid = MAPPED;
        map_prepare(&b->map, NULL, MAPPED, contents, &rng);
    }
    for (uint64_t lpn = 0; lpn < MAPPED && !prepared; lpn++)
        map_set(&b->map, lpn, lpn, 0);
}

static void board_close(struct board *b)
{
    map_destroy(&b->map);
    space_destroy(&b->space);
    sim_destroy(b->sim);
}

static bool ends_with_a_bug(struct map *map, void (*what)(struct map *map))
{
    int status;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        assert_non_null(freopen("/dev/null", "w", stderr));
        what(map);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

static void read_rightly(struct map *map)
{
    for (int i = 0; i < 3 * MAP_ARREARS; i++)
        check_read(map, 3, 3);
    map_check(map);
}

static void read_of_another(struct map *map)
{
    check_read(map, 3, 4);
    map_check(map);
}

static void read_then_moved(struct map *map)
{
    check_read(map, 3, 3);
    map_set(map, 3, 77, 0); // not a fault: the read came first
    map_check(map);
}

static void read_of_the_old(struct map *map)
{
    struct map_run old = map_find(map, 3, 1);
    map_set(map, 3, 77, 0);
    map_check_read(map, &old);
    map_trim(map, 9, 10);
    _exit(0);
}

static void read_of_a_run_whose_last_has_moved(struct map *map)
{
    struct map_run old = map_find(map, 4, 4);
    map_set(map, old.lpn + old.count - 1, 77, 0);
    map_check_read(map, &old);
    map_check(map);
}

static void many_reads_of_another(struct map *map)
{
    for (int i = 0; i <= MAP_ARREARS; i++)
        check_read(map, 3, 4);
    _exit(0);
}

// A read that was told a wrong place is told before the map changes, and after a few more reads. Among places that
// preparation wrote only what a unit has left is wrong: the owner of the others is computed from the same numbers.
static void test_every_read_is_checked_against_the_map_as_it_was(void **state)
{
    (void)state;
    for (int prepared = 0; prepared <= 1; prepared++) {
        struct board b;
        board_open(&b, prepared);
        assert_false(ends_with_a_bug(&b.map, read_rightly));
        assert_false(ends_with_a_bug(&b.map, read_then_moved));
        assert_true(ends_with_a_bug(&b.map, read_of_the_old));
        assert_true(ends_with_a_bug(&b.map, read_of_a_run_whose_last_has_moved));
        assert_int_equal(ends_with_a_bug(&b.map, read_of_another), !prepared);
        assert_int_equal(ends_with_a_bug(&b.map, many_reads_of_another), !prepared);
        board_close(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_permutation_reaches_every_number_once_and_is_undone),
        cmocka_unit_test(test_a_large_permutation_is_undone),
        cmocka_unit_test(test_each_unit_has_a_place_and_each_superblock_its_count),
        cmocka_unit_test(test_in_order_units_lie_side_by_side_and_skip_parity),
        cmocka_unit_test(test_valid_units_scatter_over_pages_as_if_drawn),
        cmocka_unit_test(test_neighbours_scatter),
        cmocka_unit_test(test_entries_are_kept_in_few_bytes),
        cmocka_unit_test(test_an_erased_superblock_holds_nothing_of_preparation),
        cmocka_unit_test(test_runs_go_as_far_as_units_lie_side_by_side),
        cmocka_unit_test(test_every_read_is_checked_against_the_map_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
