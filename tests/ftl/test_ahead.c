// Reading ahead: which reads make a stream, what is read ahead of it, what a read finds of that and when, and what
// becomes of it when it is not read, changes, or is lost. Times are worked out by hand: a die takes 50 us for any read.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "bench.h"
#include "util/rng.h"

enum { UNIT = 4096 };
#define US TICKS_PER_US

struct io {
    struct ftl_request request;
    struct breakdown path;
    struct bench *bench;
    tick_t submitted, latency;
    uint64_t bytes;
    unsigned done;
};

static struct ftl_config default_config(void)
{
    return (struct ftl_config){.mapping_unit = UNIT, .over_provisioning = 0.5, .write_buffer = 64 * UNIT, .merge = true,
                               .gc_start = 3, .gc_stop = 4, .gc_reserve = 1, .gc_choices = 4,
                               .precondition = FTL_PRECONDITION_SEQUENTIAL, .precondition_fill = 1, .processors = 1,
                               .t_buffer_hit = US, .verify = FTL_VERIFY_VERSIONS, .read_ahead = 16 * UNIT,
                               .read_ahead_buffer = 64 * UNIT, .read_ahead_streams = 2, .read_ahead_after = 2};
}

static struct bench bench_create(struct ftl_config config)
{
    struct bench b = bench_open(config, bench_geometry(), NULL);
    ftl_precondition(b.ftl);
    return b;
}

static void on_piece(struct ftl_request *request, uint64_t bytes)
{
    struct io *io = request->owner;
    io->bytes += bytes;
}

static void on_ready(struct ftl_request *request, uint64_t bytes)
{
    struct io *io = request->owner;
    ftl_data_in(&io->bench->port, request, bytes);
}

static void on_done(struct ftl_request *request)
{
    struct io *io = request->owner;
    tick_t sum = 0;
    io->done++;
    io->latency = sim_now(io->bench->sim) - io->submitted;
    for (int i = 0; i < STAGE_COUNT; i++)
        sum += io->path.spent[i];
    assert_int_equal(sum, io->latency);
    assert_true(request->kind != FTL_READ || io->bytes == request->bytes);
    sim_stop(io->bench->sim);
}

static void io_submit(struct bench *b, struct io *io, enum ftl_kind kind, uint64_t offset, uint64_t bytes)
{
    *io = (struct io){.bench = b, .submitted = sim_now(b->sim)};
    io->request = (struct ftl_request){.kind = kind, .offset = offset, .bytes = bytes, .piece = on_piece,
                                       .ready = on_ready, .done = on_done, .owner = io, .path = &io->path};
    breakdown_start(&io->path, STAGE_CONTROLLER, io->submitted);
    ftl_submit(&b->port, &io->request);
}

// Until the request is done, and no further.
static struct io io_run(struct bench *b, enum ftl_kind kind, uint64_t unit, uint64_t units)
{
    static struct io io;
    io_submit(b, &io, kind, unit * UNIT, units * UNIT);
    sim_run_before(b->sim, TICK_NEVER);
    assert_int_equal(io.done, 1);
    return io;
}

static struct io read_units(struct bench *b, uint64_t unit, uint64_t units)
{
    return io_run(b, FTL_READ, unit, units);
}

// Read 0 begins, read 1 makes a stream. Its window grows from one unit to two, which end with the page and are read
// from 100 us on, after read 1, as read 2 comes; with this four more, until 200 us; with read 4, at 151 us, eight more,
// four of them on the same die, until 250 us, and with read 8, at 203 us, twelve.
static void test_a_stream_finds_its_units_on_their_way_and_then_there(void **state)
{
    (void)state;
    struct bench b = bench_create(default_config());
    static const unsigned latency[] = {50, 50, 50, 1, 49, 1, 1, 1, 47};
    static const unsigned held[] = {0, 2, 6, 4, 12, 12, 12, 8, 20};
    for (unsigned unit = 0; unit < 9; unit++) {
        struct io io = read_units(&b, unit, 1);
        assert_int_equal(io.latency, latency[unit] * US);
        assert_int_equal(io.path.spent[STAGE_ARRAY], latency[unit] > 1 ? latency[unit] * US : 0);
        assert_int_equal(b.ftl->base.memory.held[MEMORY_AHEAD], held[unit]);
    }
    const struct ftl_stats *stats = ftl_get_stats(b.ftl);
    assert_int_equal(stats->ahead_units, 26);
    assert_int_equal(stats->ahead_used, 7);
    assert_int_equal(stats->ahead_waits, 3);
    assert_int_equal(stats->ahead_useless, 0);
    assert_int_equal(b.nand->ops[NAND_READ], 9); // of units 0, 1, 2 to 3, and of the six pages from 4 to 27
    bench_close(&b);
}

// A part of what waits comes with the operation under way, the rest from the flash.
static void test_a_read_may_lie_in_part_in_what_was_read_ahead(void **state)
{
    (void)state;
    struct bench b = bench_create(default_config());
    read_units(&b, 0, 1);
    read_units(&b, 1, 1); // units 2 and 3 are read ahead until 150 us
    struct io io = read_units(&b, 2, 4);
    assert_int_equal(io.latency, 100 * US); // 4 and 5 lie on the same die, and come next
    assert_int_equal(io.path.spent[STAGE_DIE_WAIT], 50 * US);
    assert_int_equal(ftl_get_stats(b.ftl)->ahead_used, 2);
    bench_close(&b);
}

static void test_reads_smaller_than_a_unit_are_in_sequence_by_their_bytes(void **state)
{
    (void)state;
    struct bench b = bench_create(default_config());
    struct io io;
    for (unsigned i = 0; i < 16; i++) {
        io_submit(&b, &io, FTL_READ, i * 1024, 1024);
        bench_run(&b);
        assert_int_equal(io.done, 1);
        assert_int_equal(io.latency, (i < 2 ? 50 : 1) * US);
    }
    assert_int_equal(ftl_get_stats(b.ftl)->ahead_used, 4); // unit 0, which the second read needed in part, among them
    bench_close(&b);
}

static void test_nothing_is_read_ahead_of_reads_in_no_order(void **state)
{
    (void)state;
    struct bench b = bench_create(default_config());
    for (unsigned i = 0; i < 50; i++)
        read_units(&b, i * 7, 1);
    for (unsigned i = 50; i-- > 0;)
        read_units(&b, 400 + i, 1);
    assert_int_equal(ftl_get_stats(b.ftl)->ahead_units, 0);
    bench_close(&b);
}

// With more reads asked for, it begins later.
static void test_it_begins_after_as_many_reads_as_asked_for(void **state)
{
    (void)state;
    struct ftl_config config = default_config();
    config.read_ahead_after = 4;
    struct bench b = bench_create(config);
    for (unsigned unit = 0; unit < 3; unit++)
        read_units(&b, unit, 1);
    assert_int_equal(ftl_get_stats(b.ftl)->ahead_units, 0);
    read_units(&b, 3, 1);
    assert_int_equal(ftl_get_stats(b.ftl)->ahead_units, 4); // 4 to 7, to which the page goes
    bench_close(&b);
}

// Two streams and sixteen others between their reads.
static void test_streams_are_told_apart_and_from_others_between_them(void **state)
{
    (void)state;
    struct bench b = bench_create(default_config());
    for (unsigned unit = 0; unit < 16; unit++) {
        struct io a = read_units(&b, unit, 1), c = read_units(&b, 200 + unit, 1);
        assert_true(unit < 3 || a.latency < 50 * US);
        assert_true(unit < 3 || c.latency < 50 * US);
        for (unsigned other = 0; unit >= 2 && other < 16; other++)
            read_units(&b, 400 + (unit * 16 + other) * 3, 1);
    }
    assert_true(ftl_get_stats(b.ftl)->ahead_used >= 2 * 12);
    bench_close(&b);
}

// What was overwritten since is read from where it lies now (the versions are checked), the rest as read ahead.
static void test_what_has_changed_does_not_count(void **state)
{
    (void)state;
    struct bench b = bench_create(default_config());
    for (unsigned unit = 0; unit < 3; unit++)
        read_units(&b, unit, 1);
    bench_run(&b); // 2 to 7 are there
    io_run(&b, FTL_WRITE, 3, 1);
    io_run(&b, FTL_WRITE, 5, 1);
    struct io io = read_units(&b, 3, 1); // from the write buffer
    assert_int_equal(io.latency, US);
    io_run(&b, FTL_FLUSH, 0, 0);
    io_run(&b, FTL_TRIM, 6, 1);
    uint64_t reads = b.nand->ops[NAND_READ];
    io = read_units(&b, 4, 4);
    assert_int_equal(io.latency, 50 * US); // for unit 5; 6 holds nothing
    assert_true(b.nand->ops[NAND_READ] > reads);
    assert_int_equal(ftl_get_stats(b.ftl)->ahead_used, 1 + 2); // 2; 4 and 7
    bench_close(&b);
}

// A new stream takes the place of the one not used for longest, whose data are given up.
static void test_what_nobody_reads_is_given_up(void **state)
{
    (void)state;
    struct ftl_config config = default_config();
    config.read_ahead_streams = 1;
    struct bench b = bench_create(config);
    for (unsigned unit = 0; unit < 3; unit++)
        read_units(&b, unit, 1);
    assert_int_equal(b.ftl->base.memory.held[MEMORY_AHEAD], 6); // 2 to 3, and 4 to 7 on their way
    read_units(&b, 100, 1);
    read_units(&b, 101, 1);
    bench_run(&b);
    const struct ftl_stats *stats = ftl_get_stats(b.ftl);
    assert_int_equal(stats->ahead_useless, 5);
    assert_int_equal(stats->ahead_units - stats->ahead_used - stats->ahead_useless, b.ftl->base.memory.held[MEMORY_AHEAD]);
    bench_close(&b);
}

// Of a reader that leaves out every other page half is given up; the window does not grow beyond half of what it was.
static void test_the_window_shrinks_where_data_are_left_out(void **state)
{
    (void)state;
    struct bench b = bench_create(default_config());
    for (unsigned unit = 0; unit < 24; unit++)
        read_units(&b, unit, 1);
    assert_int_equal(b.ftl->serve.ahead.streams[0].window, 16);
    uint64_t useless = ftl_get_stats(b.ftl)->ahead_useless;
    read_units(&b, 32, 1);
    for (unsigned unit = 33; unit < 37; unit++)
        read_units(&b, unit, 1);
    assert_true(ftl_get_stats(b.ftl)->ahead_useless > useless);
    assert_true(b.ftl->serve.ahead.streams[0].window < 16);
    bench_close(&b);
}

// 24 units of memory for two streams: 12 each, which three pages fill.
static void test_streams_share_the_memory(void **state)
{
    (void)state;
    struct ftl_config config = default_config();
    config.read_ahead_buffer = 24 * UNIT;
    struct bench b = bench_create(config);
    for (unsigned unit = 0; unit < 60; unit++) {
        read_units(&b, unit, 1);
        read_units(&b, 300 + unit, 1);
        assert_true(b.ftl->base.memory.held[MEMORY_AHEAD] <= 24);
        for (int i = 0; i < 2; i++)
            assert_in_range(b.ftl->serve.ahead.streams[i].window, 0, 12);
    }
    const struct ftl_stats *stats = ftl_get_stats(b.ftl);
    assert_in_range(stats->ahead_used, 2 * 54, 2 * 58);
    assert_in_range(stats->ahead_useless, 0, 12);
    bench_close(&b);
}

// The memory of a stream that has come to its end goes to others, but not before these have long been read from alone.
static void test_a_stream_that_has_ended_gives_its_memory_back(void **state)
{
    (void)state;
    struct ftl_config config = default_config();
    config.read_ahead_buffer = 16 * UNIT;
    struct bench b = bench_create(config);
    for (unsigned unit = 1000; unit < 1016; unit++)
        read_units(&b, unit, 1);
    const struct ahead_stream *ended = &b.ftl->serve.ahead.streams[0], *other = &b.ftl->serve.ahead.streams[1];
    for (unsigned unit = 0; unit < 200; unit++)
        read_units(&b, unit, 1);
    assert_false(list_empty(&ended->segments));
    assert_in_range(other->window, 1, 8);
    for (unsigned unit = 0; unit < 200; unit++)
        read_units(&b, 200 + unit, 1);
    assert_true(list_empty(&ended->segments));
    assert_int_equal(other->window, 16);
    bench_close(&b);
}

// Who waits is told which unit is lost, who comes later tries again.
static void test_what_cannot_be_read_ahead_is_an_error_of_who_asks_for_it_only(void **state)
{
    (void)state;
    struct bench b = bench_create(default_config());
    b.nand->failing.n = 3;
    b.nand->fail = true;
    read_units(&b, 0, 1);
    read_units(&b, 1, 1); // 2 and 3 on their way
    struct io first, second;
    io_submit(&b, &first, FTL_READ, 2 * UNIT, UNIT);
    io_submit(&b, &second, FTL_READ, 3 * UNIT, UNIT);
    bench_run(&b);
    assert_int_equal(first.done + second.done, 2);
    assert_int_equal(first.request.status, FTL_OK);
    assert_int_equal(second.request.status, FTL_UNRECOVERED_READ);
    assert_int_equal(second.request.error_offset, 3 * UNIT);
    uint64_t reads = b.nand->ops[NAND_READ];
    struct io again = read_units(&b, 3, 1);
    assert_int_equal(again.request.status, FTL_UNRECOVERED_READ);
    assert_int_equal(b.nand->ops[NAND_READ], reads + 1);
    bench_close(&b);
}

// What was lost when nobody waited for it is read again, and lost again for who asks for it.
static void test_what_could_not_be_read_ahead_is_not_taken_for_data(void **state)
{
    (void)state;
    struct bench b = bench_create(default_config());
    b.nand->failing.n = 3;
    b.nand->fail = true;
    read_units(&b, 0, 1);
    read_units(&b, 1, 1);
    bench_run(&b); // 2 and 3 were tried
    assert_int_equal(read_units(&b, 2, 1).request.status, FTL_OK);
    assert_int_equal(read_units(&b, 3, 1).request.status, FTL_UNRECOVERED_READ);
    assert_int_equal(ftl_get_stats(b.ftl)->ahead_used, 0);
    bench_close(&b);
}

// Readers in sequence among writers at random, so that collection moves and erases what was read ahead: every read is
// of the version written last.
static void test_reads_among_writes_and_collection_return_what_was_written_last(void **state)
{
    (void)state;
    struct ftl_config config = default_config();
    config.over_provisioning = 0.3;
    struct bench b = bench_create(config);
    uint64_t units = ftl_capacity_bytes(b.ftl) / UNIT, at[3] = {0, units / 3, units / 2};
    struct rng rng;
    rng_seed(&rng, 5, "test");
    for (unsigned i = 0; i < 20000; i++) {
        uint64_t *reader = &at[rng_below(&rng, 3)];
        if (*reader + 3 > units)
            *reader = 0;
        if (rng_below(&rng, 2) == 0)
            io_run(&b, FTL_WRITE, rng_below(&rng, units), 1);
        else
            *reader += read_units(&b, *reader, 1 + rng_below(&rng, 3)).request.bytes / UNIT;
    }
    const struct ftl_stats *stats = ftl_get_stats(b.ftl);
    assert_true(stats->ahead_used > 5000 && stats->gc_copies > 1000);
    bench_run(&b);
    assert_int_equal(stats->ahead_units - stats->ahead_used - stats->ahead_useless <= b.ftl->base.memory.held[MEMORY_AHEAD], true);
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_stream_finds_its_units_on_their_way_and_then_there),
        cmocka_unit_test(test_a_read_may_lie_in_part_in_what_was_read_ahead),
        cmocka_unit_test(test_reads_smaller_than_a_unit_are_in_sequence_by_their_bytes),
        cmocka_unit_test(test_nothing_is_read_ahead_of_reads_in_no_order),
        cmocka_unit_test(test_it_begins_after_as_many_reads_as_asked_for),
        cmocka_unit_test(test_streams_are_told_apart_and_from_others_between_them),
        cmocka_unit_test(test_what_has_changed_does_not_count),
        cmocka_unit_test(test_what_nobody_reads_is_given_up),
        cmocka_unit_test(test_the_window_shrinks_where_data_are_left_out),
        cmocka_unit_test(test_streams_share_the_memory),
        cmocka_unit_test(test_a_stream_that_has_ended_gives_its_memory_back),
        cmocka_unit_test(test_what_cannot_be_read_ahead_is_an_error_of_who_asks_for_it_only),
        cmocka_unit_test(test_what_could_not_be_read_ahead_is_not_taken_for_data),
        cmocka_unit_test(test_reads_among_writes_and_collection_return_what_was_written_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
