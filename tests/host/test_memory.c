// Host memory: contents where they count, addresses alone where they do not, and nothing beyond.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "host/driver/memory.h"

static void test_contents_are_kept_and_directly_addressable(void **state)
{
    (void)state;
    struct memory memory;
    memory_init(&memory, UINT64_C(64) << 30); // takes memory only where written
    uint64_t a = memory_allocate(&memory, 100), b = memory_allocate(&memory, 5000), c = memory_allocate(&memory, 1);
    assert_int_equal(a % 4096, 0);
    assert_int_equal(b - a, 4096);
    assert_int_equal(c - b, 8192);
    char text[6] = "";
    assert_true(memory_write(&memory, b + 4094, "hello", 6));
    assert_true(memory_read(&memory, b + 4094, text, 6));
    assert_string_equal(text, "hello");
    assert_string_equal(memory_at(&memory, b + 4094, 6), "hello");
    assert_true(memory_read(&memory, b, text, 6));
    assert_int_equal(text[0], 0);
    memory_destroy(&memory);
}

static void test_nothing_lies_beyond_the_regions(void **state)
{
    (void)state;
    struct memory memory;
    char byte[2] = "x";
    memory_init(&memory, 8192);
    assert_true(memory_write(&memory, MEMORY_BASE + 8190, byte, 2));
    assert_false(memory_write(&memory, MEMORY_BASE + 8191, byte, 2));
    assert_false(memory_write(&memory, MEMORY_BASE - 1, byte, 1));
    assert_false(memory_read(&memory, MEMORY_BASE + 8192, byte, 1));
    assert_false(memory_read(&memory, UINT64_MAX, byte, 2));
    assert_null(memory_at(&memory, MEMORY_BASE, UINT64_MAX));
    memory_destroy(&memory);
}

static void test_data_have_addresses_and_read_as_zeroes(void **state)
{
    (void)state;
    struct memory memory;
    char bytes[4] = "abc";
    memory_init(&memory, 4096);
    uint64_t data = memory_allocate_data(&memory, 6000);
    assert_int_equal(data % 4096, 0);
    assert_true(memory_write(&memory, data, bytes, 4));
    assert_true(memory_read(&memory, data, bytes, 4));
    assert_int_equal(bytes[0], 0);
    assert_true(memory_read_data(&memory, data, NULL, 8192));
    assert_false(memory_read_data(&memory, data + 1, NULL, 8192));
    assert_true(memory_write(&memory, data + 8191, NULL, 1));
    memory_destroy(&memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_contents_are_kept_and_directly_addressable),
        cmocka_unit_test(test_nothing_lies_beyond_the_regions),
        cmocka_unit_test(test_data_have_addresses_and_read_as_zeroes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
