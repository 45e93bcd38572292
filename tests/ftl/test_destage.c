// When buffered data go to the flash: policies of destaging, what forces them, and for how long they may linger. Steps
// by hand, each at its time.
#include "fake_nand.h"
#include "hand_drive.h"
#include "util/rng.h"

static const tick_t US = 1000000;

static struct ftl_config plain(void)
{
    return (struct ftl_config){.mapping_unit = UNIT, .capacity = USER * UNIT, .write_buffer = 16 * UNIT, .merge = true,
                               .gc_policy = FTL_GC_FIFO, .placement = FTL_PLACE_SEPARATE, .gc_start = 2, .gc_stop = 3,
                               .gc_reserve = 2, .processors = 1, .verify = FTL_VERIFY_VERSIONS};
}

// Until `at`, in microseconds, that included.
static void until(struct drive *d, uint64_t at)
{
    sim_at(d->sim, at * US, nothing, NULL);
    sim_run_before(d->sim, at * US + 1);
}

static struct io *at(struct drive *d, uint64_t when, struct ftl_request request)
{
    until(d, when);
    struct io *io = begin(d, request);
    until(d, when);
    return io;
}

static struct io *write_at(struct drive *d, uint64_t when, uint64_t unit, bool fua)
{
    return at(d, when, (struct ftl_request){.kind = FTL_WRITE, .offset = unit * UNIT, .bytes = UNIT, .fua = fua});
}

static void end_at(struct drive *d, uint64_t when, const char *name)
{
    until(d, when);
    hand_end(&d->nand, name);
    until(d, when);
}

// --- what is forced ------------------------------------------------------------------------------------------------

static struct drive *drive_that_gathers(void)
{
    struct ftl_config config = plain();
    config.forced_wait = 10 * US;
    return drive_open(&config);
}

// The first goes at once. Those that come while its program is under way have until 11 us to join.
static void test_forced_writes_gather_while_a_program_is_under_way(void **state)
{
    (void)state;
    struct drive *d = drive_that_gathers();
    write_at(d, 0, 0, true);
    expect(d, "hp0.0");
    write_at(d, 1, 1, true);
    write_at(d, 5, 2, true);
    until(d, 10);
    expect(d, "hp0.0");
    until(d, 11);
    expect(d, "hp0.0 hp0.1");
    assert_int_equal(stat(d, "padding_units"), 3 + 2);
    drive_close(d);
}

static void test_forced_writes_that_fill_a_program_do_not_wait(void **state)
{
    (void)state;
    struct drive *d = drive_that_gathers();
    write_at(d, 0, 0, true);
    for (uint64_t i = 1; i <= 3; i++)
        write_at(d, i, i, true);
    expect(d, "hp0.0");
    write_at(d, 4, 4, false); // whatever fills it
    expect(d, "hp0.0 hp0.1");
    assert_int_equal(stat(d, "padding_units"), 3);
    drive_close(d);
}

// Both dies have a program: a third could not begin earlier than one of them ends.
static void test_forced_writes_wait_for_a_die(void **state)
{
    (void)state;
    struct drive *d = drive_that_gathers();
    write_at(d, 0, 0, true);
    write_at(d, 0, 1, true);
    until(d, 10);
    write_at(d, 12, 2, true);
    until(d, 50);
    expect(d, "hp0.0 hp0.1");
    end_at(d, 50, "hp0.0");
    expect(d, "hp0.1 hp0.2");
    drive_close(d);
}

// With none under way there is nothing to wait for; the end of the last one is the moment.
static void test_forced_writes_one_by_one_wait_for_nothing(void **state)
{
    (void)state;
    struct drive *d = drive_that_gathers();
    write_at(d, 0, 0, true);
    write_at(d, 1, 1, true);
    end_at(d, 3, "hp0.0");
    expect(d, "hp0.1");
    end_at(d, 5, "hp0.1");
    write_at(d, 6, 2, true);
    expect(d, "hp0.2");
    drive_close(d);
}

// --- marks ---------------------------------------------------------------------------------------------------------

static struct drive *drive_with_marks(bool renews)
{
    struct ftl_config config = plain();
    config.destage = FTL_DESTAGE_WATER;
    config.destage_high = 0.75;
    config.destage_low = 0.5;
    config.merge_renews = renews;
    return drive_open(&config);
}

// 12 and 8 of 16 units.
static void test_data_go_from_the_high_mark_down_to_the_low_one(void **state)
{
    (void)state;
    struct drive *d = drive_with_marks(false);
    for (uint64_t i = 0; i < 11; i++)
        ask(d, FTL_WRITE, i, 1);
    expect(d, "");
    ask(d, FTL_WRITE, 11, 1);
    expect(d, "hp0.0");
    end_all(d);
    for (uint64_t i = 12; i < 15; i++)
        ask(d, FTL_WRITE, i, 1);
    expect(d, "");
    ask(d, FTL_WRITE, 15, 1);
    expect(d, "hp0.1");
    drive_close(d);
}

static void test_a_hot_set_below_the_high_mark_stays_in_the_buffer(void **state)
{
    (void)state;
    struct drive *d = drive_with_marks(false);
    for (uint64_t i = 0; i < 100; i++)
        ask(d, FTL_WRITE, i % 10, 1);
    expect(d, "");
    assert_int_equal(stat(d, "buffer_merges"), 90);
    assert_int_equal(stat(d, "host_units_programmed"), 0);
    drive_close(d);
}

// Writers that wait for room do not wait for the mark.
static void test_marks_do_not_count_while_writers_wait(void **state)
{
    (void)state;
    struct ftl_config config = plain();
    config.destage = FTL_DESTAGE_WATER;
    config.destage_high = 1;
    config.destage_low = 0.9;
    struct drive *d = drive_open(&config);
    ask(d, FTL_WRITE, 0, 24); // more than the buffer
    expect(d, "hp0.0 hp0.1 hp0.2 hp0.3");
    drive_close(d);
}

// Unit 0 is overwritten when 0 to 4 are there: the first program takes 0 to 3, or 1 to 4.
static void test_what_is_overwritten_may_become_the_youngest(void **state)
{
    (void)state;
    for (int renews = 0; renews < 2; renews++) {
        struct drive *d = drive_with_marks(renews);
        for (uint64_t i = 0; i < 5; i++)
            ask(d, FTL_WRITE, i, 1);
        ask(d, FTL_WRITE, 0, 1);
        for (uint64_t i = 5; i < 12; i++)
            ask(d, FTL_WRITE, i, 1);
        expect(d, "hp0.0");
        end_all(d);
        ask(d, FTL_READ, 0, 1);
        expect(d, renews ? "" : "hr0.0");
        end_all(d);
        ask(d, FTL_READ, 4, 1);
        expect(d, renews ? "hr0.1" : "");
        drive_close(d);
    }
}

// --- what lingers --------------------------------------------------------------------------------------------------

// What is there goes along with what is old.
static void test_old_data_are_sent(void **state)
{
    (void)state;
    struct ftl_config config = plain();
    config.destage_age = 1000 * US;
    struct drive *d = drive_open(&config);
    write_at(d, 0, 0, false);
    write_at(d, 400, 1, false);
    until(d, 999);
    expect(d, "");
    until(d, 1000);
    expect(d, "hp0.0");
    assert_int_equal(stat(d, "padding_units"), 2);
    write_at(d, 1500, 2, false);
    until(d, 2499);
    expect(d, "hp0.0");
    until(d, 2500);
    expect(d, "hp0.0 hp0.1");
    drive_close(d);
}

static struct drive *drive_that_idles(void)
{
    struct ftl_config config = plain();
    config.destage_idle = 1000 * US;
    return drive_open(&config);
}

// The read at 900 us begins the idle time anew.
static void test_an_idle_drive_sends_what_it_has(void **state)
{
    (void)state;
    struct drive *d = drive_that_idles();
    write_at(d, 0, 0, false);
    at(d, 900, (struct ftl_request){.kind = FTL_READ, .offset = 9 * UNIT, .bytes = UNIT});
    until(d, 1899);
    expect(d, "");
    until(d, 1900);
    expect(d, "hp0.0");
    drive_close(d);
}

static void test_a_drive_at_rest_begins_nothing(void **state)
{
    (void)state;
    struct drive *d = drive_that_idles();
    write_at(d, 0, 0, false);
    ftl_rest(d->ftl);
    until(d, 5000);
    expect(d, "");
    drive_close(d);
}

// --- size ----------------------------------------------------------------------------------------------------------

enum { DEPTH = 48, WRITES = 3000 };

struct load {
    struct sim *sim;
    struct ftl_port port;
    struct rng rng;
    unsigned left;
    struct ftl_request requests[DEPTH];
    struct breakdown paths[DEPTH];
};

static void next(struct ftl_request *request)
{
    struct load *load = request->owner;
    if (load->left == 0)
        return;
    load->left--;
    request->offset = rng_below(&load->rng, USER) * UNIT;
    breakdown_start(request->path, STAGE_CONTROLLER, sim_now(load->sim));
    ftl_submit(&load->port, request);
}

static void data_come(struct ftl_request *request, uint64_t bytes)
{
    struct load *load = request->owner;
    ftl_data_in(&load->port, request, bytes);
}

// How long WRITES random writes take at a depth of DEPTH, with a buffer of so many units; 8 dies, tPROG 500 us.
static tick_t time_with_buffer(uint64_t units, bool write_through)
{
    struct nand_geometry g = fake_geometry(8, 1, 40, 8, 2, 2);
    struct ftl_config config = plain();
    config.capacity = 1024 * UNIT;
    config.write_buffer = units * UNIT;
    config.write_through = write_through;
    struct load load = {.sim = sim_create(1), .left = WRITES};
    struct fake_nand *nand = fake_nand_create(load.sim, &g, 50 * US, 500 * US, 3000 * US);
    struct ftl *ftl = ftl_create(load.sim, &config, &g, NULL);
    load.port = ftl_get_port(ftl);
    ftl_bind(ftl, fake_nand_port(nand));
    rng_seed(&load.rng, 1, "load");
    for (unsigned i = 0; i < DEPTH; i++) {
        load.requests[i] = (struct ftl_request){.kind = FTL_WRITE, .bytes = UNIT, .ready = data_come, .done = next,
                                                .owner = &load, .path = &load.paths[i]};
        next(&load.requests[i]);
    }
    sim_run_before(load.sim, TICK_NEVER);
    tick_t taken = sim_now(load.sim);
    ftl_destroy(ftl);
    fake_nand_destroy(nand);
    sim_destroy(load.sim);
    return taken;
}

static void test_a_larger_buffer_is_never_slower(void **state)
{
    (void)state;
    tick_t before = TICK_NEVER;
    for (uint64_t units = 4; units <= 512; units *= 2) {
        tick_t taken = time_with_buffer(units, false);
        assert_true(taken <= before);
        assert_true(taken <= time_with_buffer(units, true));
        before = taken;
    }
}

// What passes through no buffer has room for two program units a die: as much in a buffer is no slower.
static void test_no_buffer_is_no_faster_than_one_of_the_same_room(void **state)
{
    (void)state;
    assert_true(time_with_buffer(2 * 8 * 4, false) <= time_with_buffer(0, false));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forced_writes_gather_while_a_program_is_under_way),
        cmocka_unit_test(test_forced_writes_that_fill_a_program_do_not_wait),
        cmocka_unit_test(test_forced_writes_wait_for_a_die),
        cmocka_unit_test(test_forced_writes_one_by_one_wait_for_nothing),
        cmocka_unit_test(test_data_go_from_the_high_mark_down_to_the_low_one),
        cmocka_unit_test(test_a_hot_set_below_the_high_mark_stays_in_the_buffer),
        cmocka_unit_test(test_marks_do_not_count_while_writers_wait),
        cmocka_unit_test(test_what_is_overwritten_may_become_the_youngest),
        cmocka_unit_test(test_old_data_are_sent),
        cmocka_unit_test(test_an_idle_drive_sends_what_it_has),
        cmocka_unit_test(test_a_drive_at_rest_begins_nothing),
        cmocka_unit_test(test_a_larger_buffer_is_never_slower),
        cmocka_unit_test(test_no_buffer_is_no_faster_than_one_of_the_same_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
