// Which request a completion ends: the newest at a place that fits, through merges, splits and parts; what is
// forgotten, and what completes before it is issued.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "trace/build/pending.h"

struct fixture {
    struct pending pending;
    uint64_t now;
    char done[64];
};

static int set_up(void **state)
{
    static struct fixture f;
    f = (struct fixture){.now = 1000};
    pending_init(&f.pending);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    pending_destroy(&f->pending);
    return 0;
}

static struct pending_key at(uint64_t sector, enum pending_class class)
{
    return (struct pending_key){.sector = sector, .device = 8, .class = class};
}

static void add(struct fixture *f, struct pending_key key, uint64_t request, uint64_t sectors)
{
    pending_add(&f->pending, key, request, sectors, ++f->now);
}

// "7 " for a request that is done, "7? " when another one may have been meant.
static void note(void *context, uint64_t request, bool shared)
{
    char *done = context;
    snprintf(done + strlen(done), 64 - strlen(done), "%llu%s ", (unsigned long long)request, shared ? "?" : "");
}

static const char *complete(struct fixture *f, struct pending_key key, uint64_t sectors)
{
    f->done[0] = '\0';
    bool any = pending_complete(&f->pending, key, sectors, note, f->done);
    if (f->done[0] != '\0')
        assert_true(any);
    return f->done;
}

static void test_of_the_same_place_the_newest_ends_first(void **state)
{
    struct fixture *f = *state;
    for (uint64_t request = 1; request <= 3; request++)
        add(f, at(100, PENDING_WRITE), request, 8);
    add(f, at(100, PENDING_READ), 9, 8);
    assert_string_equal(complete(f, at(100, PENDING_WRITE), 8), "3? ");
    assert_string_equal(complete(f, at(100, PENDING_READ), 8), "9 ");
    add(f, at(100, PENDING_WRITE), 4, 8);
    assert_string_equal(complete(f, at(100, PENDING_WRITE), 8), "4? ");
    assert_string_equal(complete(f, at(100, PENDING_WRITE), 8), "2? ");
    assert_string_equal(complete(f, at(100, PENDING_WRITE), 8), "1? ");
    assert_false(pending_complete(&f->pending, at(100, PENDING_WRITE), 8, note, f->done));
}

// A lost completion costs its own request a latency, and no other one.
static void test_a_lost_completion_shifts_no_other(void **state)
{
    struct fixture *f = *state;
    add(f, at(100, PENDING_WRITE), 1, 8);
    add(f, at(100, PENDING_WRITE), 2, 8);
    assert_string_equal(complete(f, at(100, PENDING_WRITE), 8), "2? ");
    add(f, at(100, PENDING_WRITE), 3, 8);
    assert_string_equal(complete(f, at(100, PENDING_WRITE), 8), "3? ");
}

static void test_what_is_too_old_is_forgotten_when_the_place_is_used_again(void **state)
{
    struct fixture *f = *state;
    add(f, at(100, PENDING_READ), 1, 8);
    add(f, at(100, PENDING_READ), 2, 8);
    f->now += PENDING_FORGET_NS - 1; // the next is so much younger than the second
    add(f, at(100, PENDING_READ), 3, 8);
    f->now += PENDING_FORGET_NS;
    add(f, at(100, PENDING_READ), 4, 8);
    assert_string_equal(complete(f, at(100, PENDING_READ), 8), "4 ");
    assert_string_equal(complete(f, at(100, PENDING_READ), 8), "");
    add(f, at(100, PENDING_READ), 5, 8);
    f->now += PENDING_FORGET_NS - 1;
    add(f, at(100, PENDING_READ), 6, 8);
    assert_string_equal(complete(f, at(100, PENDING_READ), 8), "6? ");
    assert_string_equal(complete(f, at(100, PENDING_READ), 8), "5? ");
}

static void test_the_one_of_that_length_is_preferred(void **state)
{
    struct fixture *f = *state;
    add(f, at(0, PENDING_READ), 1, 8);
    add(f, at(0, PENDING_READ), 2, 16);
    add(f, at(0, PENDING_READ), 3, 32);
    assert_string_equal(complete(f, at(0, PENDING_READ), 16), "2? ");
    assert_string_equal(complete(f, at(0, PENDING_READ), 8), "1? ");
    add(f, at(0, PENDING_READ), 4, 8);
    add(f, at(8, PENDING_READ), 5, 8);
    assert_string_equal(complete(f, at(0, PENDING_READ), 16), "4? 5 "); // merged: the shorter one begins it
    assert_string_equal(complete(f, at(0, PENDING_READ), 32), "3? ");
}

static void test_of_several_that_are_shorter_the_newest_begins_the_range(void **state)
{
    struct fixture *f = *state;
    add(f, at(0, PENDING_READ), 1, 8);
    add(f, at(0, PENDING_READ), 2, 4);
    add(f, at(4, PENDING_READ), 3, 12);
    assert_string_equal(complete(f, at(0, PENDING_READ), 16), "2? 3 ");
}

// What is left of a request is as old as the request.
static void test_parts_keep_the_time_of_their_request(void **state)
{
    struct fixture *f = *state;
    f->now = 10 * PENDING_FORGET_NS;
    add(f, at(0, PENDING_READ), 1, 16);
    assert_true(pending_complete(&f->pending, at(0, PENDING_READ), 4, note, f->done));
    add(f, at(20, PENDING_READ), 2, 16);
    pending_split(&f->pending, at(20, PENDING_READ), 30);
    add(f, at(4, PENDING_READ), 3, 12);
    add(f, at(30, PENDING_READ), 4, 6);
    assert_string_equal(complete(f, at(4, PENDING_READ), 12), "3? ");
    assert_string_equal(complete(f, at(4, PENDING_READ), 12), "1? ");
    assert_string_equal(complete(f, at(30, PENDING_READ), 6), "4? ");
    assert_string_equal(complete(f, at(30, PENDING_READ), 6), "2? ");
}

static void test_what_is_forgotten_takes_no_room(void **state)
{
    struct fixture *f = *state;
    for (uint64_t i = 0; i < 1000; i++) {
        add(f, at(0, PENDING_READ), 2 * i, 8);
        add(f, at(0, PENDING_READ), 2 * i + 1, 8);
        f->now += 2 * PENDING_FORGET_NS;
    }
    assert_true(f->pending.count <= 4);
}

static void test_a_range_ends_all_that_were_merged_into_it(void **state)
{
    struct fixture *f = *state;
    add(f, at(24, PENDING_WRITE), 3, 8);
    add(f, at(8, PENDING_WRITE), 1, 8);
    add(f, at(16, PENDING_WRITE), 2, 8);
    add(f, at(32, PENDING_WRITE), 4, 8);
    assert_string_equal(complete(f, at(8, PENDING_WRITE), 24), "1 2 3 ");
    assert_string_equal(complete(f, at(32, PENDING_WRITE), 8), "4 ");
}

static void test_parts_of_a_split_end_in_either_order(void **state)
{
    struct fixture *f = *state;
    add(f, at(0, PENDING_READ), 7, 30);
    assert_int_equal(pending_split(&f->pending, at(0, PENDING_READ), 10), 7);
    assert_int_equal(pending_split(&f->pending, at(10, PENDING_READ), 20), 7);
    assert_int_equal(pending_split(&f->pending, at(10, PENDING_READ), 20), PAIR_MAP_ABSENT);
    assert_int_equal(pending_split(&f->pending, at(10, PENDING_READ), 10), PAIR_MAP_ABSENT);
    assert_int_equal(pending_split(&f->pending, at(5, PENDING_READ), 7), PAIR_MAP_ABSENT);
    assert_string_equal(complete(f, at(20, PENDING_READ), 10), "7 ");
    assert_string_equal(complete(f, at(10, PENDING_READ), 10), "7 ");
    assert_string_equal(complete(f, at(0, PENDING_READ), 10), "7 ");
    assert_string_equal(complete(f, at(0, PENDING_READ), 10), "");
}

static void test_a_partial_completion_leaves_the_rest(void **state)
{
    struct fixture *f = *state;
    add(f, at(0, PENDING_READ), 7, 16);
    assert_true(pending_complete(&f->pending, at(0, PENDING_READ), 4, note, f->done));
    assert_string_equal(f->done, "");
    assert_string_equal(complete(f, at(4, PENDING_READ), 12), "7 ");
}

static void test_a_flush_ends_one_flush(void **state)
{
    struct fixture *f = *state;
    add(f, at(0, PENDING_FLUSH), 1, 0);
    add(f, at(0, PENDING_FLUSH), 2, 0);
    assert_string_equal(complete(f, at(0, PENDING_FLUSH), 0), "2? ");
    assert_string_equal(complete(f, at(0, PENDING_FLUSH), 0), "1? ");
    assert_string_equal(complete(f, at(0, PENDING_FLUSH), 0), "");
}

static void test_what_is_taken_back_never_ends(void **state)
{
    struct fixture *f = *state;
    add(f, at(0, PENDING_WRITE), 1, 8);
    add(f, at(0, PENDING_WRITE), 2, 8);
    assert_int_equal(pending_newest(&f->pending, at(0, PENDING_WRITE))->request, 2);
    assert_int_equal(pending_take(&f->pending, at(0, PENDING_WRITE)), 2);
    assert_string_equal(complete(f, at(0, PENDING_WRITE), 8), "1? ");
    assert_int_equal(pending_take(&f->pending, at(0, PENDING_WRITE)), PAIR_MAP_ABSENT);
    assert_null(pending_newest(&f->pending, at(0, PENDING_WRITE)));
}

static void test_a_completion_just_before_its_issue_is_remembered_once(void **state)
{
    struct fixture *f = *state;
    const struct pending_key key = at(40, PENDING_READ);
    const struct pending_early early = {.key = key, .sectors = 8, .time_ns = 5000, .cpu = 1};
    pending_note_early(&f->pending, early);
    assert_false(pending_was_early(&f->pending, key, 3, 16, 5100, 0));                  // another length,
    assert_false(pending_was_early(&f->pending, at(48, PENDING_READ), 3, 8, 5100, 0));  // place,
    assert_false(pending_was_early(&f->pending, at(40, PENDING_WRITE), 3, 8, 5100, 0)); // direction;
    assert_false(pending_was_early(&f->pending, key, 3, 8, 5100, 1));                   // a CPU has one clock
    assert_false(pending_was_early(&f->pending, key, 3, 8, 5000 + PENDING_SKEW_NS + 1, 0));
    assert_true(pending_was_early(&f->pending, key, 3, 8, 5000 + PENDING_SKEW_NS, 0));
    assert_false(pending_was_early(&f->pending, key, 4, 8, 5100, 0)); // it has served,
    assert_false(pending_was_early(&f->pending, key, 4, 8, 5100, 2)); // also for a third CPU
    pending_note_early(&f->pending, early);
    for (uint64_t i = 0; i < PENDING_EARLY - 1; i++)
        pending_note_early(&f->pending, (struct pending_early){.key = at(1000 + i, PENDING_READ), .time_ns = 5001});
    assert_true(pending_was_early(&f->pending, key, 5, 8, 5100, 0));
    pending_note_early(&f->pending, early);
    for (uint64_t i = 0; i < PENDING_EARLY; i++)
        pending_note_early(&f->pending, (struct pending_early){.key = at(1000 + i, PENDING_READ), .time_ns = 5001});
    assert_false(pending_was_early(&f->pending, key, 5, 8, 5100, 0)); // too many came since
}

// The completion taken to be early was another request's: the request that it served has its own, once.
static void test_a_second_completion_belongs_to_what_an_early_one_served(void **state)
{
    struct fixture *f = *state;
    const struct pending_key key = at(40, PENDING_READ);
    pending_note_early(&f->pending, (struct pending_early){.key = key, .sectors = 8, .time_ns = 5000, .cpu = 1});
    assert_int_equal(pending_deny_early(&f->pending, key, 8, 5001), PAIR_MAP_ABSENT); // it has not served
    assert_true(pending_was_early(&f->pending, key, 3, 8, 5100, 0));
    assert_int_equal(pending_deny_early(&f->pending, key, 16, 6000), PAIR_MAP_ABSENT);
    assert_int_equal(pending_deny_early(&f->pending, at(48, PENDING_READ), 8, 6000), PAIR_MAP_ABSENT);
    assert_int_equal(pending_deny_early(&f->pending, key, 8, 5001 + PENDING_FORGET_NS), PAIR_MAP_ABSENT);
    assert_int_equal(pending_deny_early(&f->pending, key, 8, 5000 + PENDING_FORGET_NS), 3);
    assert_int_equal(pending_deny_early(&f->pending, key, 8, 6000), PAIR_MAP_ABSENT);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_of_the_same_place_the_newest_ends_first),
        TEST(test_a_lost_completion_shifts_no_other),
        TEST(test_what_is_too_old_is_forgotten_when_the_place_is_used_again),
        TEST(test_the_one_of_that_length_is_preferred),
        TEST(test_of_several_that_are_shorter_the_newest_begins_the_range),
        TEST(test_parts_keep_the_time_of_their_request),
        TEST(test_what_is_forgotten_takes_no_room),
        TEST(test_a_range_ends_all_that_were_merged_into_it),
        TEST(test_parts_of_a_split_end_in_either_order),
        TEST(test_a_partial_completion_leaves_the_rest),
        TEST(test_a_flush_ends_one_flush),
        TEST(test_what_is_taken_back_never_ends),
        TEST(test_a_completion_just_before_its_issue_is_remembered_once),
        TEST(test_a_second_completion_belongs_to_what_an_early_one_served),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
