// Lists, bitmaps, pools and divisions against the plain way of doing the same.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "util/bitmap.h"
#include "util/fastdiv.h"
#include "util/list.h"
#include "util/pool.h"
#include "util/macros.h"
#include "util/rng.h"
#include "util/sparse.h"

static void test_a_list_keeps_its_order_from_either_end(void **state)
{
    (void)state;
    struct list list = {NULL, NULL};
    struct list_link links[4];
    assert_true(list_empty(&list));
    assert_null(list_pop(&list));
    list_push_front(&list, &links[1]);
    list_push(&list, &links[2]);
    list_push_front(&list, &links[0]);
    list_push(&list, &links[3]);
    for (int i = 0; i < 4; i++)
        assert_ptr_equal(list_pop(&list), &links[i]);
    assert_true(list_empty(&list));
    list_push(&list, &links[0]); // anew after it was empty
    assert_ptr_equal(list_pop(&list), &links[0]);
}

// Each range bit by bit. In every second map there is no word beyond the last that a range reaches into.
static void test_a_range_of_a_bitmap_is_its_bits(void **state)
{
    (void)state;
    struct rng rng;
    rng_seed(&rng, 1, "test");
    for (unsigned first = 0; first < 128; first++)
        for (unsigned count = 1; count <= 64; count++) {
            size_t words = bitmap_words(first + count) + first / 64;
            uint64_t *map = malloc(words * sizeof *map), expected = 0;
            for (size_t w = 0; w < words; w++)
                map[w] = rng_u64(&rng);
            for (unsigned i = 0; i < count; i++)
                expected |= (uint64_t)bitmap_test(map, first + i) << i;
            assert_int_equal(bitmap_extract(map, first, count), expected);
            free(map);
        }
}

static void test_bits_are_set_and_cleared_one_by_one(void **state)
{
    (void)state;
    uint64_t map[2] = {0};
    bitmap_set(map, 63);
    bitmap_set(map, 64);
    assert_int_equal(map[0], UINT64_C(1) << 63);
    assert_int_equal(map[1], 1);
    bitmap_clear(map, 63);
    assert_int_equal(map[0], 0);
    assert_false(bitmap_test(map, 63));
    assert_true(bitmap_test(map, 64));
    assert_int_equal(bitmap_words(0), 0);
    assert_int_equal(bitmap_words(64), 1);
    assert_int_equal(bitmap_words(65), 2);
}

static void expect_division(uint64_t n, uint32_t divisor)
{
    struct fastdiv by = fastdiv_make(divisor);
    uint32_t remainder;
    assert_int_equal(fastdiv_quotient(n, &by), n / divisor);
    assert_int_equal(fastdiv_split(n, &by, &remainder), n / divisor);
    assert_int_equal(remainder, n % divisor);
}

// Of a table far larger than memory, in any order; `next` finds what was touched and nothing else.
static void test_a_sparse_table_has_what_was_touched(void **state)
{
    (void)state;
    static const uint64_t indices[] = {UINT64_C(1) << 32, 0, 3, 1 << SPARSE_LEAF_SHIFT, (UINT64_C(1) << 32) - 1};
    struct sparse sparse;
    sparse_init(&sparse, (UINT64_C(1) << 32) + 1, 24);
    for (size_t i = 0; i < ARRAY_SIZE(indices); i++) {
        uint64_t *element = sparse_touch(&sparse, indices[i]);
        assert_true(element[0] == 0 && element[1] == 0 && element[2] == 0);
        element[0] = element[2] = indices[i] + 1;
    }
    for (size_t i = 0; i < ARRAY_SIZE(indices); i++)
        assert_int_equal(*(uint64_t *)sparse_find(&sparse, indices[i]), indices[i] + 1);
    assert_null(sparse_find(&sparse, 1));
    assert_null(sparse_find(&sparse, UINT64_C(1) << 30));
    assert_int_equal(sparse_next(&sparse, 0, 100), 0);
    assert_int_equal(sparse_next(&sparse, 1, 100), 3);
    assert_int_equal(sparse_next(&sparse, 1, 3), 3);
    assert_int_equal(sparse_next(&sparse, 4, 100), 100);
    assert_int_equal(sparse_next(&sparse, 4, UINT64_C(1) << 32), 1 << SPARSE_LEAF_SHIFT);
    sparse_destroy(&sparse);
}

static void test_fast_division_is_division(void **state)
{
    (void)state;
    struct rng rng;
    rng_seed(&rng, 2, "test");
    for (int i = 0; i < 20000; i++) {
        uint32_t divisor = (uint32_t)(rng_u64(&rng) >> (32 + rng_below(&rng, 32)));
        divisor += divisor == 0;
        uint32_t whole = UINT32_MAX / divisor * divisor;
        const uint32_t numbers[] = {0, divisor - 1, divisor, whole - 1, whole, UINT32_MAX, (uint32_t)rng_u64(&rng)};
        for (size_t k = 0; k < ARRAY_SIZE(numbers); k++)
            expect_division(numbers[k], divisor);
        uint64_t most = UINT64_MAX / divisor - 1;
        expect_division(most, divisor);
        expect_division(most / divisor * divisor - 1, divisor);
    }
    expect_division(UINT32_MAX, 1);
    expect_division(UINT32_MAX, UINT32_MAX);
}

// Of sizes at and beside the alignment: every object is written whole and found as it was.
static void test_objects_of_a_pool_do_not_overlap(void **state)
{
    (void)state;
    enum { OBJECTS = 500 };
    static const size_t sizes[] = {1, 8, 15, 16, 17, 100};
    unsigned char *objects[OBJECTS];
    for (size_t s = 0; s < ARRAY_SIZE(sizes); s++) {
        struct pool pool;
        pool_init(&pool, sizes[s]);
        for (int i = 0; i < OBJECTS; i++) {
            objects[i] = pool_take(&pool);
            memset(objects[i], i % 251, sizes[s]);
        }
        assert_int_equal(pool_taken(&pool), OBJECTS);
        for (int i = 0; i < OBJECTS; i++)
            for (size_t byte = 0; byte < sizes[s]; byte++)
                assert_int_equal(objects[i][byte], i % 251);
        pool_give(&pool, objects[7]);
        assert_int_equal(pool_taken(&pool), OBJECTS - 1);
        assert_ptr_equal(pool_take(&pool), objects[7]); // last in, first out
        pool_destroy(&pool);
    }
}

// So that a million objects are a few hundred allocations.
static void test_chunks_of_a_pool_double_up_to_4096(void **state)
{
    (void)state;
    struct pool pool;
    size_t chunk = 64;
    pool_init(&pool, 32);
    for (int grown = 0; grown < 9; grown++) {
        assert_int_equal(pool.chunk_objects, chunk);
        pool_grow(&pool);
        chunk = chunk < 4096 ? 2 * chunk : 4096;
    }
    pool_destroy(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_list_keeps_its_order_from_either_end),
        cmocka_unit_test(test_a_range_of_a_bitmap_is_its_bits),
        cmocka_unit_test(test_bits_are_set_and_cleared_one_by_one),
        cmocka_unit_test(test_a_sparse_table_has_what_was_touched),
        cmocka_unit_test(test_fast_division_is_division),
        cmocka_unit_test(test_objects_of_a_pool_do_not_overlap),
        cmocka_unit_test(test_chunks_of_a_pool_double_up_to_4096),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
