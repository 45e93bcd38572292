// Which queued ranges a discard request is made of.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "trace/build/discards.h"

enum { DISK = 8 };

static int set_up(void **state)
{
    static struct discards discards;
    discards_init(&discards);
    *state = &discards;
    return 0;
}

static int tear_down(void **state)
{
    discards_destroy(*state);
    return 0;
}

static struct discard_place at(uint64_t sector)
{
    return (struct discard_place){.sector = sector, .device = DISK};
}

// Queued by process `pid`; with a request of its own, or merged into one before it.
static void queue(struct discards *discards, uint32_t pid, uint64_t sector, uint64_t sectors, bool own)
{
    discards_queue(discards, at(sector), sectors, pid);
    if (own)
        discards_lead(discards, at(sector), true);
}

// "0+8 800+8 " in sectors; "" when it cannot be told.
static const char *issue(struct discards *discards, uint64_t sector, uint64_t sectors)
{
    static char text[256];
    text[0] = '\0';
    switch (discards_issue(discards, at(sector), sectors)) {
    case DISCARDS_ONE:
        snprintf(text, sizeof text, "%llu+%llu ", (unsigned long long)sector, (unsigned long long)sectors);
        assert_null(discards_find(discards, at(sector), sectors));
        break;
    case DISCARDS_SEVERAL: {
        const struct discard_request *request = discards_find(discards, at(sector), sectors);
        assert_non_null(request);
        for (uint32_t i = 0; i < request->count; i++) {
            const struct io_range *range = &request->ranges[i];
            snprintf(text + strlen(text), sizeof text - strlen(text), "%llu+%llu ",
                     (unsigned long long)range->offset / 512, (unsigned long long)range->bytes / 512);
        }
        break;
    }
    case DISCARDS_UNKNOWN:
        break;
    }
    return text;
}

static void test_ranges_without_a_request_belong_to_the_one_before(void **state)
{
    queue(*state, 1, 0, 8, true);
    queue(*state, 1, 800, 8, false);
    queue(*state, 1, 1600, 8, false);
    assert_string_equal(issue(*state, 0, 24), "0+8 800+8 1600+8 ");
    assert_string_equal(issue(*state, 800, 8), ""); // it was taken
}

static void test_each_process_merges_into_its_newest_request(void **state)
{
    queue(*state, 1, 0, 8, true);
    queue(*state, 2, 100, 8, true);
    queue(*state, 1, 200, 8, false);
    queue(*state, 2, 300, 8, false);
    queue(*state, 1, 400, 8, true);
    queue(*state, 1, 500, 8, false);
    assert_string_equal(issue(*state, 100, 16), "100+8 300+8 ");
    assert_string_equal(issue(*state, 400, 16), "400+8 500+8 ");
    assert_string_equal(issue(*state, 0, 16), "0+8 200+8 ");
}

static void test_a_scheduler_merges_across_processes(void **state)
{
    queue(*state, 1, 0, 8, true);
    queue(*state, 2, 300, 8, false);
    assert_string_equal(issue(*state, 0, 16), "0+8 300+8 ");
}

// What the process queued behind its next request is that one's.
static void test_a_next_request_ends_what_the_process_adds(void **state)
{
    queue(*state, 1, 0, 8, true);
    queue(*state, 1, 400, 8, true);
    queue(*state, 2, 450, 8, false);
    queue(*state, 1, 500, 8, false);
    assert_string_equal(issue(*state, 0, 16), "0+8 450+8 ");
    assert_string_equal(issue(*state, 400, 16), "400+8 500+8 ");
}

static void test_a_request_that_was_merged_into_another_loses_its_own(void **state)
{
    queue(*state, 1, 0, 8, true);
    queue(*state, 1, 300, 8, true);
    discards_lead(*state, at(300), false); // 'M' of two requests
    assert_string_equal(issue(*state, 0, 16), "0+8 300+8 ");
}

static void test_parts_of_a_split_are_requests_of_their_own(void **state)
{
    queue(*state, 1, 0, 100, false);
    discards_split(*state, at(0), 60);
    discards_split(*state, at(0), 60);  // nothing is left to split there,
    discards_split(*state, at(60), 60); // nor before its start,
    discards_split(*state, at(60), 100); // nor at its end
    assert_int_equal(((struct discards *)*state)->queued_count, 2);
    discards_lead(*state, at(0), true);
    discards_lead(*state, at(60), true);
    assert_string_equal(issue(*state, 60, 40), "60+40 ");
    assert_string_equal(issue(*state, 0, 60), "0+60 ");
}

// The older one at the place was merged into another request, and is not mistaken for the one that was issued.
static void test_of_two_at_one_place_the_one_with_a_request_is_issued(void **state)
{
    queue(*state, 1, 500, 8, true);
    queue(*state, 1, 0, 8, false);
    queue(*state, 2, 0, 8, true);
    queue(*state, 2, 900, 8, false);
    assert_string_equal(issue(*state, 0, 16), "0+8 900+8 ");
    assert_string_equal(issue(*state, 500, 16), "500+8 0+8 ");
}

static void test_a_longer_one_at_the_place_is_not_part_of_it(void **state)
{
    queue(*state, 1, 0, 100, false);
    queue(*state, 1, 0, 8, false);
    queue(*state, 1, 800, 8, false);
    assert_string_equal(issue(*state, 0, 16), "0+8 800+8 ");
}

static void test_other_devices_do_not_matter(void **state)
{
    queue(*state, 1, 0, 8, true);
    discards_queue(*state, (struct discard_place){.sector = 50, .device = DISK + 1}, 8, 1);
    queue(*state, 1, 60, 8, false);
    assert_string_equal(issue(*state, 0, 16), "0+8 60+8 ");
}

static void test_what_does_not_add_up_is_not_guessed(void **state)
{
    queue(*state, 1, 0, 8, true);
    queue(*state, 1, 800, 16, false);
    assert_string_equal(issue(*state, 0, 20), "");
    assert_string_equal(issue(*state, 5000, 8), "");
    assert_string_equal(issue(*state, 0, 24), "0+8 800+16 ");
}

static void test_a_request_issued_again_has_its_ranges_until_the_place_has_another(void **state)
{
    queue(*state, 1, 0, 8, true);
    queue(*state, 1, 800, 8, false);
    assert_string_equal(issue(*state, 0, 16), "0+8 800+8 ");
    assert_string_equal(issue(*state, 0, 16), "0+8 800+8 ");
    assert_string_equal(issue(*state, 0, 24), "");
    queue(*state, 1, 0, 16, true);
    assert_string_equal(issue(*state, 0, 16), "0+16 ");
    assert_string_equal(issue(*state, 0, 16), "");
}

static void test_of_two_at_one_place_the_one_of_the_whole_length_is_issued(void **state)
{
    queue(*state, 1, 0, 8, true);
    queue(*state, 1, 0, 16, true);
    assert_string_equal(issue(*state, 0, 16), "0+16 ");
    assert_string_equal(issue(*state, 0, 8), "0+8 ");
}

// With as many queued as are kept the older half is given up, and the second part still follows the first.
static void test_a_split_where_no_more_are_kept(void **state)
{
    struct discards *discards = *state;
    for (uint64_t i = 0; i < 4096; i++)
        queue(discards, 1, 100 * i, 100, true);
    discards_split(discards, at(409500), 409560);
    assert_int_equal(discards->queued_count, 2049);
    assert_string_equal(issue(discards, 409560, 40), "409560+40 ");
    assert_string_equal(issue(discards, 409500, 60), "409500+60 ");
}

// As many as one command takes, and no more.
static void test_the_limit_of_ranges(void **state)
{
    struct discards *discards = *state;
    for (int excess = 0; excess < 2; excess++) {
        for (uint64_t i = 0; i < (uint64_t)DISCARDS_RANGES_MAX + (uint64_t)excess; i++)
            queue(discards, 1, 100 * i, 1, i == 0);
        enum discards_answer answer = discards_issue(discards, at(0), DISCARDS_RANGES_MAX + (uint64_t)excess);
        assert_int_equal(answer, excess ? DISCARDS_UNKNOWN : DISCARDS_SEVERAL);
    }
}

static void test_discards_that_are_never_issued_do_not_pile_up(void **state)
{
    struct discards *discards = *state;
    for (uint64_t i = 0; i < 100000; i++)
        queue(discards, 1, 8 * i, 8, true);
    assert_true(discards->queued_count <= 4096);
    assert_string_equal(issue(discards, 8 * 99999, 8), "799992+8 ");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_ranges_without_a_request_belong_to_the_one_before),
        TEST(test_each_process_merges_into_its_newest_request),
        TEST(test_a_scheduler_merges_across_processes),
        TEST(test_a_next_request_ends_what_the_process_adds),
        TEST(test_a_request_that_was_merged_into_another_loses_its_own),
        TEST(test_parts_of_a_split_are_requests_of_their_own),
        TEST(test_of_two_at_one_place_the_one_with_a_request_is_issued),
        TEST(test_of_two_at_one_place_the_one_of_the_whole_length_is_issued),
        TEST(test_a_split_where_no_more_are_kept),
        TEST(test_a_longer_one_at_the_place_is_not_part_of_it),
        TEST(test_other_devices_do_not_matter),
        TEST(test_what_does_not_add_up_is_not_guessed),
        TEST(test_a_request_issued_again_has_its_ranges_until_the_place_has_another),
        TEST(test_the_limit_of_ranges),
        TEST(test_discards_that_are_never_issued_do_not_pile_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
