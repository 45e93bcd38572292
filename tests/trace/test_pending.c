// Which request a completion ends: in order for one place, through merges, splits and parts.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "trace/pending.h"

struct fixture {
    struct pending pending;
    char done[64];
};

static struct pending_key at(uint64_t sector, enum pending_class class)
{
    return (struct pending_key){.sector = sector, .device = 8, .class = class};
}

static void note(void *context, uint64_t request)
{
    char *done = context;
    snprintf(done + strlen(done), 64 - strlen(done), "%llu ", (unsigned long long)request);
}

static const char *complete(struct fixture *f, struct pending_key key, uint64_t sectors)
{
    f->done[0] = '\0';
    pending_complete(&f->pending, key, sectors, note, f->done);
    return f->done;
}

static void test_same_place_ends_first_come_first_served(void **state)
{
    (void)state;
    struct fixture f;
    pending_init(&f.pending);
    for (uint64_t request = 1; request <= 3; request++)
        pending_add(&f.pending, at(100, PENDING_WRITE), request, 8);
    pending_add(&f.pending, at(100, PENDING_READ), 9, 8);
    assert_string_equal(complete(&f, at(100, PENDING_WRITE), 8), "1 ");
    assert_string_equal(complete(&f, at(100, PENDING_READ), 8), "9 ");
    pending_add(&f.pending, at(100, PENDING_WRITE), 4, 8);
    assert_string_equal(complete(&f, at(100, PENDING_WRITE), 8), "2 ");
    assert_string_equal(complete(&f, at(100, PENDING_WRITE), 8), "3 ");
    assert_string_equal(complete(&f, at(100, PENDING_WRITE), 8), "4 ");
    assert_string_equal(complete(&f, at(100, PENDING_WRITE), 8), "");
    pending_destroy(&f.pending);
}

static void test_a_range_ends_all_that_were_merged_into_it(void **state)
{
    (void)state;
    struct fixture f;
    pending_init(&f.pending);
    pending_add(&f.pending, at(24, PENDING_WRITE), 3, 8);
    pending_add(&f.pending, at(8, PENDING_WRITE), 1, 8);
    pending_add(&f.pending, at(16, PENDING_WRITE), 2, 8);
    pending_add(&f.pending, at(32, PENDING_WRITE), 4, 8);
    assert_string_equal(complete(&f, at(8, PENDING_WRITE), 24), "1 2 3 ");
    assert_string_equal(complete(&f, at(32, PENDING_WRITE), 8), "4 ");
    pending_destroy(&f.pending);
}

static void test_parts_of_a_split_end_in_either_order(void **state)
{
    (void)state;
    struct fixture f;
    pending_init(&f.pending);
    pending_add(&f.pending, at(0, PENDING_READ), 7, 30);
    assert_int_equal(pending_split(&f.pending, at(0, PENDING_READ), 10), 7);
    assert_int_equal(pending_split(&f.pending, at(10, PENDING_READ), 20), 7);
    assert_int_equal(pending_split(&f.pending, at(10, PENDING_READ), 20), PAIR_MAP_ABSENT);
    assert_int_equal(pending_split(&f.pending, at(10, PENDING_READ), 10), PAIR_MAP_ABSENT);
    assert_int_equal(pending_split(&f.pending, at(5, PENDING_READ), 7), PAIR_MAP_ABSENT);
    assert_string_equal(complete(&f, at(20, PENDING_READ), 10), "7 ");
    assert_string_equal(complete(&f, at(10, PENDING_READ), 10), "7 ");
    assert_string_equal(complete(&f, at(0, PENDING_READ), 10), "7 ");
    assert_string_equal(complete(&f, at(0, PENDING_READ), 10), "");
    pending_destroy(&f.pending);
}

static void test_a_partial_completion_leaves_the_rest(void **state)
{
    (void)state;
    struct fixture f;
    pending_init(&f.pending);
    pending_add(&f.pending, at(0, PENDING_READ), 7, 16);
    assert_string_equal(complete(&f, at(0, PENDING_READ), 4), "");
    assert_string_equal(complete(&f, at(4, PENDING_READ), 12), "7 ");
    pending_destroy(&f.pending);
}

static void test_a_flush_ends_one_flush(void **state)
{
    (void)state;
    struct fixture f;
    pending_init(&f.pending);
    pending_add(&f.pending, at(0, PENDING_FLUSH), 1, 0);
    pending_add(&f.pending, at(0, PENDING_FLUSH), 2, 0);
    assert_string_equal(complete(&f, at(0, PENDING_FLUSH), 0), "1 ");
    assert_string_equal(complete(&f, at(0, PENDING_FLUSH), 0), "2 ");
    assert_string_equal(complete(&f, at(0, PENDING_FLUSH), 0), "");
    pending_destroy(&f.pending);
}

static void test_what_is_taken_back_never_ends(void **state)
{
    (void)state;
    struct fixture f;
    pending_init(&f.pending);
    pending_add(&f.pending, at(0, PENDING_WRITE), 1, 8);
    pending_add(&f.pending, at(0, PENDING_WRITE), 2, 8);
    assert_int_equal(pending_take(&f.pending, at(0, PENDING_WRITE)), 1);
    assert_string_equal(complete(&f, at(0, PENDING_WRITE), 8), "2 ");
    assert_int_equal(pending_take(&f.pending, at(0, PENDING_WRITE)), PAIR_MAP_ABSENT);
    pending_destroy(&f.pending);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_place_ends_first_come_first_served),
        cmocka_unit_test(test_a_range_ends_all_that_were_merged_into_it),
        cmocka_unit_test(test_parts_of_a_split_end_in_either_order),
        cmocka_unit_test(test_a_partial_completion_leaves_the_rest),
        cmocka_unit_test(test_a_flush_ends_one_flush),
        cmocka_unit_test(test_what_is_taken_back_never_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
