// Reads of one page that wait together are done by one operation (join_reads): who joins whom, what each is told.
#include "hand_drive.h"

#include "ftl/ftl_internal.h"

enum { PAGE = 2, PROGRAM = 4 };
#define US TICKS_PER_US

// One program unit is written: units 0 and 1 in page 0 of superblock 0, 2 and 3 in page 1.
static struct drive *written(bool join)
{
    struct ftl_config config = {.mapping_unit = UNIT, .capacity = USER * UNIT, .write_buffer = 16 * UNIT, .gc_start = 3,
                                .gc_stop = 4, .gc_reserve = 1, .gc_choices = 4, .gc_parallel = 4, .processors = 1,
                                .verify = FTL_VERIFY_VERSIONS, .join_reads = join};
    struct drive *d = drive_open(&config);
    submit(d, (struct ftl_request){.kind = FTL_WRITE, .bytes = PROGRAM * UNIT});
    end_all(d);
    return d;
}

static struct io *read_units(struct drive *d, uint64_t unit, uint64_t units)
{
    return submit(d, (struct ftl_request){.kind = FTL_READ, .offset = unit * UNIT, .bytes = units * UNIT});
}

static void wait_until(struct drive *d, tick_t when)
{
    sim_at(d->sim, when, nothing, NULL);
    settle(d);
}

static void test_reads_of_a_page_that_waits_are_done_with_it(void **state)
{
    (void)state;
    struct drive *d = written(true);
    d->nand.waiting = true;
    struct io *first = read_units(d, 0, 1), *other_page = read_units(d, 2, 1);
    wait_until(d, 30 * US);
    struct io *same_unit = read_units(d, 0, 1), *neighbour = read_units(d, 1, 1), *both = read_units(d, 1, 2);
    assert_string_equal(hand_names(&d->nand), "hr0.0 hr0.1"); // unit 2, of the last, goes with the other page
    wait_until(d, 50 * US);
    hand_end(&d->nand, "hr0.0");
    settle(d);
    assert_int_equal(first->done + same_unit->done + neighbour->done, 3);
    assert_int_equal(both->done + other_page->done, 0);
    assert_int_equal(first->path.spent[STAGE_ARRAY], 50 * US);
    assert_int_equal(same_unit->path.spent[STAGE_ARRAY], 20 * US); // what was left
    hand_end(&d->nand, "hr0.1");
    settle(d);
    assert_int_equal(both->done + other_page->done, 2);
    assert_int_equal(ftl_get_stats(d->ftl)->joined_reads, 4);
    drive_close(d);
}

static void expect_two(struct drive *d)
{
    read_units(d, 0, 1);
    read_units(d, 1, 1);
    assert_string_equal(hand_names(&d->nand), "hr0.0 hr0.0");
    end_all(d);
    assert_int_equal(ftl_get_stats(d->ftl)->joined_reads, 0);
    drive_close(d);
}

static void test_not_where_it_has_begun_or_is_not_asked_for(void **state)
{
    (void)state;
    struct drive *d = written(true);
    expect_two(d);
    d = written(false);
    d->nand.waiting = true;
    expect_two(d);
}

// A read that has begun is joined by none; the next of its page is, by those after it.
static void test_the_latest_of_a_page_is_joined(void **state)
{
    (void)state;
    struct drive *d = written(true);
    read_units(d, 0, 1);
    read_units(d, 1, 1);
    d->nand.waiting = true;
    read_units(d, 0, 1);
    assert_string_equal(hand_names(&d->nand), "hr0.0 hr0.0");
    assert_int_equal(ftl_get_stats(d->ftl)->joined_reads, 1);
    hand_end(&d->nand, "hr0.0"); // the first, joined by none
    settle(d);
    assert_int_equal(d->ios[1].done, 1);
    assert_int_equal(d->ios[2].done + d->ios[3].done, 0);
    drive_close(d);
}

static void test_each_is_told_of_its_own_units_alone(void **state)
{
    (void)state;
    struct drive *d = written(true);
    d->nand.waiting = true;
    struct io *first = read_units(d, 0, 1), *second = read_units(d, 1, 1), *both = read_units(d, 0, 2);
    hand_fail(&d->nand, "hr0.0", 2);
    settle(d);
    assert_int_equal(first->request.status, FTL_OK);
    assert_int_equal(second->request.status, FTL_UNRECOVERED_READ);
    assert_int_equal(second->request.error_offset, UNIT);
    assert_int_equal(both->request.status, FTL_UNRECOVERED_READ);
    assert_int_equal(both->request.error_offset, UNIT);
    drive_close(d);
}

static unsigned told[IOS];

static void on_pieces(struct ftl_request *request, uint64_t bytes, const tick_t *when, uint32_t count)
{
    const struct io *io = request->owner;
    assert_int_equal(bytes, UNIT);
    assert_int_equal(*when, 80 * US);
    told[io - io->d->ios] += count;
}

static struct io *read_page(struct drive *d)
{
    return submit(d, (struct ftl_request){.kind = FTL_READ, .bytes = 2 * UNIT, .pieces = on_pieces});
}

// Its data leave unit by unit as those of the other do: not with the operation's end.
static void test_who_has_joined_is_told_of_units_as_they_come(void **state)
{
    (void)state;
    struct drive *d = written(true);
    d->nand.waiting = true;
    const struct io *first = read_page(d), *joined = read_page(d);
    struct nand_op *op = d->nand.ops[0].op;
    op->coming(op, &(struct nand_arrivals){.count = 1, .when = {80 * US}, .unit = {1}});
    assert_int_equal(told[first - d->ios], 1);
    assert_int_equal(told[joined - d->ios], 1);
    assert_int_equal(first->done + joined->done, 0);
    drive_close(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_of_a_page_that_waits_are_done_with_it),
        cmocka_unit_test(test_not_where_it_has_begun_or_is_not_asked_for),
        cmocka_unit_test(test_the_latest_of_a_page_is_joined),
        cmocka_unit_test(test_each_is_told_of_its_own_units_alone),
        cmocka_unit_test(test_who_has_joined_is_told_of_units_as_they_come),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
