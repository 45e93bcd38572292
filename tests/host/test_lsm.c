// The log-structured merge tree: its shape and write amplification against closed forms, its parts, and operations on
// it.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/generate/lru.h"
#include "host/generate/lsm_memtable.h"
#include "util/macros.h"
#include "util/rng.h"

enum { KEYS = 1 << 20, ENTRY = 1000 };

static void expect_near(double got, double expected, double share)
{
    if (fabs(got - expected) > share * expected)
        fail_msg("%g is not near %g", got, expected);
}

static void fill_whole(struct lsm_tree *tree, uint32_t level, double share)
{
    uint32_t shares[LSM_CLASSES];
    for (int c = 0; c < LSM_CLASSES; c++)
        shares[c] = (uint32_t)(share * LSM_ALL);
    lsm_fill(tree, level, shares);
}

// All levels full, keys alike.
static void start(struct lsm_tree *tree, uint64_t file, uint64_t base, uint64_t ratio)
{
    lsm_tree_init(tree, KEYS, ENTRY, file, base, ratio);
    double share = 1;
    for (uint32_t i = tree->level_count; i-- > 1; share /= (double)ratio)
        fill_whole(tree, i, share);
}

static void check_level(const struct lsm_level *level)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < level->count; i++) {
        assert_true(level->files[i].low < level->files[i].high);
        assert_true(i == 0 || level->files[i - 1].high <= level->files[i].low);
        bytes += level->files[i].bytes;
    }
    assert_int_equal(bytes, level->bytes);
}

static void test_levels_have_the_ratio_of_their_targets(void **state)
{
    (void)state;
    struct lsm_tree tree;
    start(&tree, 4 << 20, 16 << 20, 10);
    assert_int_equal(tree.level_count, 4); // 1 GB, 105 MB, 10.5 MB, and level 0
    for (uint32_t i = 1; i < tree.level_count; i++) {
        check_level(&tree.levels[i]);
        expect_near((double)tree.levels[i].bytes, (double)KEYS * ENTRY / pow(10, 3 - i), 1e-4);
    }
    assert_int_equal(tree.levels[3].count, (KEYS * (uint64_t)ENTRY + (4 << 20) - 1) / (4 << 20));
    assert_int_equal(lsm_choose(&tree, 4), tree.level_count); // nothing is to be done
    lsm_tree_destroy(&tree);
}

// Flushes of `records` keys each, whatever is due after each of them. Returns what was written by merges of each level
// with the next, for each byte flushed.
static void churn(struct lsm_tree *tree, uint64_t records, uint32_t flushes, double written[LSM_LEVELS_MAX])
{
    double flushed = 0;
    memset(written, 0, LSM_LEVELS_MAX * sizeof *written);
    for (uint32_t i = 0; i < 2 * flushes; i++) {
        struct lsm_file file = {.high = LSM_WHOLE};
        for (int c = 0; c < LSM_CLASSES; c++)
            file.share[c] = (uint32_t)(records * LSM_ALL / KEYS);
        lsm_measure(tree, &file);
        lsm_add(tree, file);
        flushed += i < flushes ? 0 : (double)file.bytes; // the first half is a ramp
        for (uint32_t level; (level = lsm_choose(tree, 4)) < tree->level_count;) {
            struct lsm_merge merge = lsm_plan(tree, level);
            written[level] += i < flushes ? 0 : (double)merge.bytes_out;
            lsm_apply(tree, &merge);
        }
    }
    for (int i = 0; i < LSM_LEVELS_MAX; i++)
        written[i] /= flushed;
}

// A range of a level that moved on begins anew without keys, and has a share of 1 - e^-x when it has been waiting for
// the part x of a round. The share d of all keys that the level has on average gives what a whole round adds, r, and
// with it what a range has when its turn comes, the last of the round.
static double share_at_the_end(double average, double *round)
{
    double low = 0, high = 50;
    for (int i = 0; i < 100; i++) {
        *round = (low + high) / 2;
        *(1 - (1 - exp(-*round)) / *round < average ? &low : &high) = *round;
    }
    return 1 - exp(-*round);
}

// A range that moves on is overlapped by what the next level has there, and by one file more, because it does not end
// where files there do. Keys that are the same are written once: share d of the next level's keys, and all of the last
// one's. The last level's stay as many. From level 0 four files come at once, to a level 1 of one and a quarter of what
// they have.
static void test_write_amplification_is_half_the_ratio_for_each_level(void **state)
{
    (void)state;
    static const struct {
        uint64_t base, ratio;
        uint32_t levels;
    } cases[] = {{KEYS * UINT64_C(1000) / 100, 10, 3}, {KEYS * UINT64_C(1000) / 20, 20, 2}};
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct lsm_tree tree;
        double written[LSM_LEVELS_MAX], ratio = (double)cases[i].ratio, coming = 1, round;
        start(&tree, cases[i].base / 128, cases[i].base, cases[i].ratio);
        assert_int_equal(tree.level_count, cases[i].levels + 1);
        churn(&tree, cases[i].base / ENTRY / 20, 400, written); // each of a twentieth of level 1
        expect_near(written[0], 1 + 20 / 4.0, 0.03);
        for (uint32_t level = 1; level < cases[i].levels; level++) {
            double from = 1 / pow(ratio, cases[i].levels - level), to = from * ratio;
            double share = share_at_the_end(from, &round);
            coming *= share / round;
            expect_near(written[level], coming * (1 - to + to / share + 1), 0.1);
        }
        for (uint32_t level = 1; level < tree.level_count; level++)
            check_level(&tree.levels[level]);
        expect_near((double)tree.levels[cases[i].levels].bytes, (double)KEYS * ENTRY, 1e-3);
        lsm_tree_destroy(&tree);
    }
}

static void test_a_merge_of_shares_counts_common_keys_once(void **state)
{
    (void)state;
    struct lsm_tree tree;
    lsm_tree_init(&tree, KEYS, ENTRY, UINT64_C(1) << 40, UINT64_C(1) << 40, 10);
    fill_whole(&tree, 1, 0.5);
    struct lsm_file file = {.high = LSM_WHOLE};
    for (int c = 0; c < LSM_CLASSES; c++)
        file.share[c] = LSM_ALL / 4;
    for (int i = 0; i < 2; i++)
        lsm_add(&tree, file);
    struct lsm_merge merge = lsm_plan(&tree, 0);
    assert_int_equal(merge.count, 3);
    assert_int_equal(merge.output_count, 1);
    expect_near((double)merge.bytes_out, (1 - 0.75 * 0.75 * 0.5) * KEYS * ENTRY, 1e-6);
    lsm_apply(&tree, &merge);
    assert_int_equal(tree.levels[0].count, 0);
    assert_int_equal(tree.levels[1].count, 1);
    lsm_tree_destroy(&tree);
}

// As many keys as its shares say, spread evenly, and inserted ones by their numbers.
static void test_a_file_has_as_many_keys_as_its_share(void **state)
{
    (void)state;
    struct lsm_tree tree;
    lsm_tree_init(&tree, KEYS, ENTRY, 1 << 20, 1 << 30, 10);
    struct lsm_file file = {.id = 5, .high = LSM_WHOLE, .added_from = KEYS + 10, .added_to = KEYS + 20};
    for (int c = 0; c < LSM_CLASSES; c++)
        file.share[c] = LSM_ALL / 8;
    uint32_t has = 0, low = 0;
    for (uint64_t key = 0; key < 100000; key++) {
        has += lsm_file_has(&tree, &file, key);
        low += lsm_place_of(key) < LSM_WHOLE / 4;
    }
    expect_near(has, 100000 / 8.0, 0.03);
    expect_near(low, 100000 / 4.0, 0.03);
    assert_false(lsm_file_has(&tree, &file, KEYS + 9));
    assert_true(lsm_file_has(&tree, &file, KEYS + 10));
    assert_false(lsm_file_has(&tree, &file, KEYS + 20));
    lsm_measure(&tree, &file);
    assert_int_equal(file.bytes, (KEYS / 8 + 10) * (uint64_t)ENTRY);
    lsm_tree_destroy(&tree);
}

static void test_a_memtable_writes_each_key_once(void **state)
{
    (void)state;
    struct lsm_tree tree;
    struct lsm_memtable table;
    lsm_tree_init(&tree, KEYS, ENTRY, 1 << 20, 1 << 30, 10);
    lsm_memtable_init(&table, 100);
    for (int i = 0; i < 3; i++)
        for (uint64_t key = 1000; key < 1020; key++)
            lsm_memtable_put(&table, &tree, key);
    lsm_memtable_put(&table, &tree, KEYS + 3);
    assert_int_equal(table.records, 61);
    assert_true(lsm_memtable_has(&table, 1019));
    assert_false(lsm_memtable_has(&table, 1020));
    struct lsm_file file = lsm_memtable_file(&table, &tree);
    assert_in_range(file.bytes, 20.9 * ENTRY, 21 * ENTRY);
    lsm_memtable_clear(&table);
    assert_false(lsm_memtable_has(&table, 1000));
    lsm_memtable_destroy(&table);
    lsm_tree_destroy(&tree);
}

static void test_the_block_used_least_recently_leaves_first(void **state)
{
    (void)state;
    struct lru lru;
    lru_init(&lru, 3);
    for (uint64_t i = 1; i <= 3; i++)
        assert_non_null(lru_add(&lru, i * 100));
    assert_non_null(lru_use(&lru, 100));
    assert_int_equal(lru_leaves(&lru)->number, 200);
    lru_add(&lru, 400);
    assert_null(lru_use(&lru, 200));
    assert_non_null(lru_use(&lru, 300));
    assert_non_null(lru_use(&lru, 100));
    lru_add(&lru, 500);
    assert_null(lru_use(&lru, 400));
    lru_destroy(&lru);
    lru_init(&lru, 0);
    assert_null(lru_add(&lru, 1));
    assert_null(lru_use(&lru, 1));
    lru_destroy(&lru);
}

// Against one that looks through all of them.
static void test_a_cache_is_what_a_list_would_be(void **state)
{
    (void)state;
    enum { ROOM = 16 };
    uint64_t list[ROOM], count = 0;
    struct lru lru;
    struct rng rng;
    rng_seed(&rng, 1, "test");
    lru_init(&lru, ROOM);
    for (int i = 0; i < 20000; i++) {
        uint64_t number = rng_below(&rng, 24) * 4096, at = 0;
        while (at < count && list[at] != number)
            at++;
        bool there = at < count;
        assert_true((lru_use(&lru, number) != NULL) == there);
        if (!there)
            lru_add(&lru, number);
        count = there ? count : MIN(count + 1, (uint64_t)ROOM);
        memmove(list + 1, list, MIN(at, count - 1) * sizeof *list);
        list[0] = number;
    }
    lru_destroy(&lru);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_levels_have_the_ratio_of_their_targets),
        cmocka_unit_test(test_write_amplification_is_half_the_ratio_for_each_level),
        cmocka_unit_test(test_a_merge_of_shares_counts_common_keys_once),
        cmocka_unit_test(test_a_file_has_as_many_keys_as_its_share),
        cmocka_unit_test(test_a_memtable_writes_each_key_once),
        cmocka_unit_test(test_the_block_used_least_recently_leaves_first),
        cmocka_unit_test(test_a_cache_is_what_a_list_would_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
