// The pair map against a plain array, with keys that collide.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "trace/pair_map.h"
#include "util/rng.h"

enum { KEYS = 300 };

static void test_it_remembers_what_an_array_would(void **state)
{
    (void)state;
    uint64_t expected[KEYS];
    size_t held = 0;
    struct rng rng;
    struct pair_map map;
    rng_seed(&rng, 1, "test");
    pair_map_init(&map);
    for (int i = 0; i < KEYS; i++)
        expected[i] = PAIR_MAP_ABSENT;
    for (int step = 0; step < 200000; step++) {
        uint64_t key = rng_below(&rng, KEYS);
        uint64_t a = key % 20, b = key / 20;
        if (rng_below(&rng, 2) == 0) {
            uint64_t value = *pair_map_get(&map, a, b, (uint64_t)step);
            held += expected[key] == PAIR_MAP_ABSENT;
            if (expected[key] == PAIR_MAP_ABSENT)
                expected[key] = (uint64_t)step;
            assert_int_equal(value, expected[key]);
        } else {
            pair_map_remove(&map, a, b);
            held -= expected[key] != PAIR_MAP_ABSENT;
            expected[key] = PAIR_MAP_ABSENT;
        }
        assert_int_equal(map.count, held);
        key = rng_below(&rng, KEYS);
        const uint64_t *found = pair_map_find(&map, key % 20, key / 20);
        assert_int_equal(found == NULL ? PAIR_MAP_ABSENT : *found, expected[key]);
    }
    assert_true(map.capacity <= 1024);
    pair_map_destroy(&map);
}

static void test_an_empty_map_holds_nothing(void **state)
{
    (void)state;
    struct pair_map map;
    pair_map_init(&map);
    assert_null(pair_map_find(&map, 0, 0));
    pair_map_remove(&map, 0, 0);
    assert_int_equal(*pair_map_get(&map, 0, 0, 5), 5);
    pair_map_remove(&map, 0, 0);
    assert_null(pair_map_find(&map, 0, 0));
    pair_map_destroy(&map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_remembers_what_an_array_would),
        cmocka_unit_test(test_an_empty_map_holds_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
