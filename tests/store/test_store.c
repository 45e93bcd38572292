// Contents of a drive: what is read is what was written last, and a power loss takes back what no flush has made durable.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "store/store.h"
#include "util/macros.h"
#include "util/rng.h"

enum { SECTOR = 512, CAPACITY = 1 << 22, CACHE = 64 << 10 };

static void put(struct store *store, uint64_t sector, uint64_t sectors, int value, bool durable)
{
    uint8_t data[2048 * SECTOR];
    memset(data, value, sectors * SECTOR);
    store_write(store, sector * SECTOR, data, sectors * SECTOR, durable);
}

static int get(const struct store *store, uint64_t sector)
{
    uint8_t data[SECTOR];
    store_read(store, sector * SECTOR, data, SECTOR);
    for (int i = 1; i < SECTOR; i++)
        assert_int_equal(data[i], data[0]);
    return data[0];
}

static void test_what_nobody_wrote_is_zeroes(void **state)
{
    (void)state;
    struct store *store = store_create(UINT64_C(8) << 40, CACHE); // takes no memory
    assert_int_equal(get(store, (UINT64_C(8) << 40) / SECTOR - 1), 0);
    put(store, 7, 2, 3, false);
    assert_int_equal(get(store, 6), 0);
    assert_int_equal(get(store, 7), 3);
    assert_int_equal(get(store, 8), 3);
    assert_int_equal(get(store, 9), 0);
    store_destroy(store);
}

static void test_zeroed_ranges_end_where_they_end(void **state)
{
    (void)state;
    struct store *store = store_create(CAPACITY, CACHE);
    static const struct { uint64_t first, count; } ranges[] = {{0, 1}, {3, 130}, {1, 1000}, {8, 1024}, {5, 128}};
    for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
        put(store, 0, 2048, 5, false);
        store_zero(store, ranges[i].first * SECTOR, ranges[i].count * SECTOR);
        for (uint64_t s = 0; s < 2048; s++)
            assert_int_equal(get(store, s), s - ranges[i].first < ranges[i].count ? 0 : 5);
    }
    store_destroy(store);
}

static void test_a_power_loss_takes_back_what_was_not_flushed(void **state)
{
    (void)state;
    struct store *store = store_create(CAPACITY, CACHE);
    put(store, 0, 4, 1, false);
    store_settle(store, store_mark(store));
    assert_false(store_is_volatile(store, 0, 4 * SECTOR));
    put(store, 1, 2, 2, false);
    uint64_t mark = store_mark(store);
    put(store, 2, 2, 3, false); // while the flush is under way
    store_settle(store, mark);
    assert_false(store_is_volatile(store, SECTOR, SECTOR));
    assert_true(store_is_volatile(store, SECTOR, 2 * SECTOR));
    assert_int_equal(store_volatile_bytes(store), 2 * SECTOR);
    store_lose_power(store);
    static const int left[] = {1, 2, 2, 1};
    for (uint64_t s = 0; s < 4; s++)
        assert_int_equal(get(store, s), left[s]);
    assert_int_equal(store_volatile_bytes(store), 0);
    store_destroy(store);
}

// 1.4, 6.15 (FUA) and 6.7: a younger write that is durable keeps what is older from coming back over it.
static void test_durable_writes_stay_over_older_ones_that_are_not(void **state)
{
    (void)state;
    struct store *store = store_create(CAPACITY, CACHE);
    put(store, 0, 4, 1, false);
    put(store, 1, 1, 2, true);
    store_zero(store, 2 * SECTOR, SECTOR);
    put(store, 3, 1, 4, false);
    assert_true(store_is_volatile(store, 0, SECTOR));
    assert_false(store_is_volatile(store, SECTOR, SECTOR));
    store_lose_power(store);
    static const int left[] = {0, 2, 0, 0};
    for (uint64_t s = 0; s < 4; s++)
        assert_int_equal(get(store, s), left[s]);
    store_destroy(store);
}

static void test_no_more_is_volatile_than_the_cache_holds(void **state)
{
    (void)state;
    struct store *store = store_create(CAPACITY, 8 * SECTOR);
    for (int i = 1; i <= 20; i++)
        put(store, (uint64_t)i, 1, i, false);
    assert_int_equal(store_volatile_bytes(store), 8 * SECTOR);
    store_lose_power(store);
    for (int i = 1; i <= 20; i++)
        assert_int_equal(get(store, (uint64_t)i), i <= 12 ? i : 0);
    put(store, 0, 9, 7, false); // more than the cache can hold has gone through it
    assert_int_equal(store_volatile_bytes(store), 0);
    store_destroy(store);
}

// Against a model that keeps every sector's whole history. After a power loss each write is there whole or not at all.
static void test_random_histories(void **state)
{
    (void)state;
    enum { SECTORS = 32, STEPS = 400 };
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct rng rng;
        rng_seed(&rng, seed, "history");
        struct store *store = store_create(SECTORS * SECTOR, SECTORS * SECTOR * 100);
        int now[SECTORS] = {0}, durable[SECTORS] = {0};
        for (int step = 1; step <= STEPS; step++) {
            uint64_t first = rng_below(&rng, SECTORS), count = 1 + rng_below(&rng, SECTORS - first);
            int value = 1 + step % 250;
            unsigned what = (unsigned)rng_below(&rng, 20);
            bool fua = what >= 14;
            if (what == 19) {
                store_settle(store, store_mark(store));
                memcpy(durable, now, sizeof now);
            } else if (what == 18) {
                store_lose_power(store);
                memcpy(now, durable, sizeof now);
            } else {
                put(store, first, count, value, fua);
                for (uint64_t s = first; s < first + count; s++) {
                    now[s] = value;
                    durable[s] = fua ? value : durable[s];
                }
            }
            for (uint64_t s = 0; s < SECTORS; s++)
                assert_int_equal(get(store, s), now[s]);
        }
        store_destroy(store);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_nobody_wrote_is_zeroes),
        cmocka_unit_test(test_zeroed_ranges_end_where_they_end),
        cmocka_unit_test(test_a_power_loss_takes_back_what_was_not_flushed),
        cmocka_unit_test(test_durable_writes_stay_over_older_ones_that_are_not),
        cmocka_unit_test(test_no_more_is_volatile_than_the_cache_holds),
        cmocka_unit_test(test_random_histories),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
