// What the core promises at its port, in detail and under random load with every policy.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench.h"

enum { UNIT = 4096 };

// The configuration room gives places; these tests need none.
struct place config_place(const struct config *config, const char *key);
struct place config_place(const struct config *config, const char *key)
{
    (void)config;
    return (struct place){.file = key, .line = 1, .column = 1};
}

struct load;

// One request and what happened to it.
struct io {
    struct ftl_request request;
    struct breakdown path;
    struct bench *bench;
    struct load *load; // that it is part of
    uint64_t pieces, piece_bytes, readies, ready_bytes;
    uint64_t hold; // bytes that ready asked for and that do not arrive by themselves
    bool manual;
    bool in_submit;
    unsigned done;
    tick_t done_at;
};

static struct ftl_config default_config(void)
{
    return (struct ftl_config){.mapping_unit = UNIT, .over_provisioning = 0.5, .write_buffer = 64 * UNIT,
                               .merge = true, .placement = FTL_PLACE_SEPARATE, .gc_start = 3, .gc_stop = 4, .gc_reserve = 1,
                               .gc_choices = 4, .gc_parallel = 4, .precondition_fill = 1, .processors = 1,
                               .verify = FTL_VERIFY_VERSIONS};
}

static struct bench bench_create(struct ftl_config config)
{
    return bench_open(config, bench_geometry(), NULL);
}

static void on_piece(struct ftl_request *request, uint64_t bytes)
{
    struct io *io = request->owner;
    assert_false(io->in_submit);
    assert_in_range(bytes, 1, request->bytes);
    io->pieces++;
    io->piece_bytes += bytes;
}

static void on_pieces(struct ftl_request *request, uint64_t bytes, const tick_t *when, uint32_t count)
{
    struct io *io = request->owner;
    for (uint32_t i = 0; i < count; i++)
        assert_true(when[i] >= sim_now(io->bench->sim));
    io->pieces += count;
    io->piece_bytes += bytes * count;
}

static void on_ready(struct ftl_request *request, uint64_t bytes)
{
    struct io *io = request->owner;
    assert_false(io->in_submit);
    assert_int_equal(io->path.stage, STAGE_DATA_IN);
    io->readies++;
    io->ready_bytes += bytes;
    if (io->manual)
        io->hold += bytes;
    else
        ftl_data_in(&io->bench->port, request, bytes);
}

static void on_done(struct ftl_request *request)
{
    struct io *io = request->owner;
    tick_t sum = 0;
    assert_false(io->in_submit);
    io->done++;
    io->done_at = sim_now(io->bench->sim);
    for (int i = 0; i < STAGE_COUNT; i++)
        sum += io->path.spent[i];
    assert_int_equal(io->path.stage, request->kind == FTL_READ ? STAGE_DATA_OUT : STAGE_COMPLETION);
    assert_int_equal(io->path.changed, io->done_at);
    assert_int_equal(sum, io->path.changed - io->path.start);
}

static void io_submit(struct bench *b, struct io *io, enum ftl_kind kind, uint64_t offset, uint64_t bytes)
{
    const struct ftl_request asked = io->request;
    *io = (struct io){.bench = b, .manual = io->manual};
    io->request = (struct ftl_request){.kind = kind, .offset = offset, .bytes = bytes, .fua = asked.fua,
                                       .piece = on_piece, .pieces = asked.pieces, .ready = on_ready, .done = on_done,
                                       .owner = io, .path = &io->path};
    breakdown_start(&io->path, STAGE_CONTROLLER, sim_now(b->sim));
    io->in_submit = true;
    ftl_submit(&b->port, &io->request);
    io->in_submit = false;
}

// Submits and runs until nothing is left to do.
static struct io io_run(struct bench *b, enum ftl_kind kind, uint64_t offset, uint64_t bytes)
{
    struct io io = {0};
    io_submit(b, &io, kind, offset, bytes);
    bench_run(b);
    assert_int_equal(io.done, 1);
    return io;
}

static void test_a_read_of_what_was_never_written_needs_no_nand(void **state)
{
    (void)state;
    struct ftl_config config = default_config();
    config.t_buffer_hit = 700;
    struct bench b = bench_create(config);
    struct io io = io_run(&b, FTL_READ, 5 * UNIT, 3 * UNIT);
    assert_int_equal(io.done_at, 700);
    assert_int_equal(io.piece_bytes, 3 * UNIT);
    assert_int_equal(b.nand->ops[NAND_READ], 0);
    assert_int_equal(ftl_get_stats(b.ftl)->unmapped_reads, 3);
    bench_close(&b);
}

static void test_a_write_is_done_when_buffered_and_read_from_there(void **state)
{
    (void)state;
    struct bench b = bench_create(default_config());
    assert_true(ftl_get_stats(b.ftl)->padding_share == 0);
    struct io io = io_run(&b, FTL_WRITE, 0, 2 * UNIT);
    assert_int_equal(io.done_at, 0);
    io = io_run(&b, FTL_READ, 0, 2 * UNIT);
    assert_int_equal(io.pieces, 1);
    assert_int_equal(ftl_get_stats(b.ftl)->buffer_hits, 2);
    assert_int_equal(b.nand->ops[NAND_PROGRAM] + b.nand->ops[NAND_READ], 0);
    bench_close(&b);
}

static void test_a_flush_pads_and_waits_for_the_program(void **state)
{
    (void)state;
    struct bench b = bench_create(default_config());
    io_run(&b, FTL_WRITE, 0, 5 * UNIT);
    struct io io = io_run(&b, FTL_FLUSH, 0, 0);
    assert_int_equal(io.done_at, T_PROGRAM);
    assert_int_equal(io.path.spent[STAGE_FLUSH_WAIT], T_PROGRAM);
    assert_int_equal(ftl_get_stats(b.ftl)->padding_units, 12 - 5);
    assert_true(ftl_get_stats(b.ftl)->padding_share == 7 / 12.0);
    assert_int_equal(b.nand->ops[NAND_PROGRAM], 1);
    io = io_run(&b, FTL_FLUSH, 0, 0); // nothing left to flush
    assert_int_equal(io.done_at, T_PROGRAM);
    assert_int_equal(ftl_get_stats(b.ftl)->flushes, 2);
    bench_close(&b);
}

static void test_a_flush_waits_for_the_slowest_of_the_programs_before_it(void **state)
{
    (void)state;
    struct bench b = bench_create(default_config());
    struct io writes[3] = {0}, flush = {0};
    io_submit(&b, &writes[0], FTL_WRITE, 0, 60 * UNIT); // five programs on four dies
    sim_run_before(b.sim, 1);
    io_submit(&b, &flush, FTL_FLUSH, 0, 0);
    bench_run(&b);
    assert_int_equal(flush.done_at, 2 * T_PROGRAM);
    bench_close(&b);
}

static void test_sequential_data_lie_side_by_side_in_multi_plane_pages(void **state)
{
    (void)state;
    struct bench b = bench_create(default_config());
    io_run(&b, FTL_WRITE, 0, 24 * UNIT);
    struct io io = io_run(&b, FTL_READ, 0, 24 * UNIT);
    assert_int_equal(b.nand->ops[NAND_READ], 6); // 4 units each
    assert_int_equal(io.pieces, 6);
    assert_int_equal(io.piece_bytes, 24 * UNIT);
    assert_int_equal(io.done_at - io.path.start, 3 * T_READ); // three pages on each of two dies
    assert_int_equal(io.path.spent[STAGE_ARRAY], T_READ);     // of the part that came last
    assert_int_equal(io.path.spent[STAGE_DIE_WAIT], 2 * T_READ);
    bench_close(&b);
}

// Even units lie in one page, odd ones in another: a read of both in turn takes each page once.
static void test_a_read_gathers_the_units_of_a_page_though_others_lie_between(void **state)
{
    (void)state;
    struct bench b = bench_create(default_config());
    for (uint64_t odd = 0; odd < 2; odd++)
        for (uint64_t unit = odd; unit < 24; unit += 2)
            io_run(&b, FTL_WRITE, unit * UNIT, UNIT);
    struct io io = io_run(&b, FTL_READ, 0, 8 * UNIT);
    assert_int_equal(b.nand->ops[NAND_READ], 2);
    assert_int_equal(b.nand->units_read, 8);
    assert_int_equal(io.pieces, 2);
    bench_close(&b);
}

static void test_reads_of_parts_of_units_report_their_bytes(void **state)
{
    (void)state;
    struct bench b = bench_create(default_config());
    io_run(&b, FTL_WRITE, 0, 12 * UNIT);
    struct io io = io_run(&b, FTL_READ, 512, 2 * UNIT);
    assert_int_equal(io.piece_bytes, 2 * UNIT);
    assert_int_equal(b.nand->ops[NAND_READ], 1);
    assert_int_equal(b.nand->units_read, 3);
    bench_close(&b);
}

// Units of one page. Whole ones are told of one by one; of the parts of others their bytes come together, when all have.
static void test_only_whole_units_are_told_of_as_they_come(void **state)
{
    (void)state;
    static const struct {
        uint64_t offset, bytes, pieces;
    } cases[] = {{0, 3 * UNIT, 3}, {512, 2 * UNIT, 1}, {512, 3 * UNIT - 512, 1}, {0, 2 * UNIT + 512, 1}};
    struct bench b = bench_create(default_config());
    io_run(&b, FTL_WRITE, 0, 12 * UNIT);
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct io io = {.request.pieces = on_pieces};
        io_submit(&b, &io, FTL_READ, cases[i].offset, cases[i].bytes);
        bench_run(&b);
        assert_int_equal(io.pieces, cases[i].pieces);
        assert_int_equal(io.piece_bytes, cases[i].bytes);
    }
    bench_close(&b);
}

static void test_overwrites_merge_only_when_asked_to(void **state)
{
    (void)state;
    for (int merge = 0; merge < 2; merge++) {
        struct ftl_config config = default_config();
        config.merge = merge;
        struct bench b = bench_create(config);
        for (int i = 0; i < 4; i++)
            io_run(&b, FTL_WRITE, 0, UNIT);
        io_run(&b, FTL_FLUSH, 0, 0);
        assert_int_equal(ftl_get_stats(b.ftl)->buffer_merges, merge ? 3 : 0);
        assert_int_equal(ftl_get_stats(b.ftl)->host_units_programmed, merge ? 1 : 4);
        assert_int_equal(ftl_get_stats(b.ftl)->mapped_units, 1);
        bench_close(&b);
    }
}

static void test_without_a_buffer_two_program_units_a_die_are_under_way(void **state)
{
    (void)state;
    struct ftl_config config = default_config();
    config.write_buffer = 0;
    struct bench b = bench_create(config);
    struct io io = {.manual = true};
    io_submit(&b, &io, FTL_WRITE, 0, 200 * UNIT);
    bench_run(&b);
    assert_int_equal(io.hold, 2 * 4 * 12 * UNIT);
    for (; io.done == 0; bench_run(&b)) {
        uint64_t bytes = io.hold;
        io.hold = 0;
        ftl_data_in(&b.port, &io.request, bytes);
    }
    assert_int_equal(io.ready_bytes, 200 * UNIT);
    bench_close(&b);
}

// An overwrite that takes the place of a queued unit leaves its own room to who waits.
static void test_a_merge_makes_room_at_once(void **state)
{
    (void)state;
    struct ftl_config config = default_config();
    config.write_buffer = 12 * UNIT;
    struct bench b = bench_create(config);
    struct io again = {.manual = true}, waits = {0};
    io_run(&b, FTL_WRITE, 0, 10 * UNIT);
    io_submit(&b, &again, FTL_WRITE, 0, 2 * UNIT);
    io_submit(&b, &waits, FTL_WRITE, 20 * UNIT, UNIT);
    bench_run(&b);
    assert_int_equal(waits.done, 0);
    ftl_data_in(&b.port, &again.request, 2 * UNIT);
    bench_run(&b);
    assert_int_equal(waits.done_at, 0);
    assert_int_equal(ftl_get_stats(b.ftl)->buffer_merges, 2);
    assert_int_equal(b.nand->ops[NAND_PROGRAM], 0);
    bench_close(&b);
}

// 12 units in a buffer of 12 that still holds 6: they are granted in two turns, and the stages say so.
static void test_waiting_between_the_turns_of_a_write_is_waiting_for_room(void **state)
{
    (void)state;
    struct ftl_config config = default_config();
    config.write_buffer = 12 * UNIT;
    struct bench b = bench_create(config);
    io_run(&b, FTL_WRITE, 0, 6 * UNIT);
    struct io io = io_run(&b, FTL_WRITE, 20 * UNIT, 12 * UNIT);
    assert_int_equal(io.readies, 2);
    assert_int_equal(io.done_at, T_PROGRAM);
    assert_int_equal(io.path.spent[STAGE_BUFFER_WAIT], T_PROGRAM);
    assert_int_equal(io.path.spent[STAGE_DATA_IN], 0);
    bench_close(&b);
}

static void test_an_overwrite_of_what_is_being_programmed_is_a_unit_of_its_own(void **state)
{
    (void)state;
    struct bench b = bench_create(default_config());
    struct io first = {0}, second = {0};
    io_submit(&b, &first, FTL_WRITE, 0, 12 * UNIT);
    sim_run_before(b.sim, T_PROGRAM / 2);
    io_submit(&b, &second, FTL_WRITE, 0, UNIT);
    bench_run(&b);
    io_run(&b, FTL_FLUSH, 0, 0);
    assert_int_equal(ftl_get_stats(b.ftl)->buffer_merges, 0);
    assert_int_equal(ftl_get_stats(b.ftl)->host_units_programmed, 13);
    assert_int_equal(ftl_get_stats(b.ftl)->mapped_units, 12);
    bench_close(&b);
}

static void test_writers_wait_for_room_in_order_of_arrival(void **state)
{
    (void)state;
    struct ftl_config config = default_config();
    config.write_buffer = 12 * UNIT;
    struct bench b = bench_create(config);
    struct io first = {0}, second = {0}, third = {0};
    io_submit(&b, &first, FTL_WRITE, 0, 12 * UNIT);
    io_submit(&b, &second, FTL_WRITE, 12 * UNIT, 12 * UNIT);
    io_submit(&b, &third, FTL_WRITE, 24 * UNIT, UNIT);
    bench_run(&b);
    assert_int_equal(first.done_at, 0);
    assert_int_equal(second.done_at, T_PROGRAM);
    assert_int_equal(second.path.spent[STAGE_BUFFER_WAIT], T_PROGRAM);
    assert_int_equal(third.done_at, 2 * T_PROGRAM);
    assert_int_equal(ftl_get_stats(b.ftl)->buffer_waits, 2);
    bench_close(&b);
}

static void test_a_write_larger_than_the_buffer_is_taken_in_turns(void **state)
{
    (void)state;
    struct ftl_config config = default_config();
    config.write_buffer = 7 * UNIT; // less than a program unit: padding is the only way on
    struct bench b = bench_create(config);
    struct io io = io_run(&b, FTL_WRITE, 100 * UNIT + 512, 20 * UNIT);
    assert_int_equal(io.ready_bytes, 20 * UNIT);
    assert_int_equal(io.readies, 3); // 21 units
    assert_int_equal(io.done_at, 2 * T_PROGRAM);
    io_run(&b, FTL_READ, 100 * UNIT, 21 * UNIT);
    bench_close(&b);
}

static void test_data_that_are_slow_to_arrive_hold_their_room(void **state)
{
    (void)state;
    struct ftl_config config = default_config();
    config.write_buffer = 2 * UNIT;
    struct bench b = bench_create(config);
    struct io slow = {.manual = true}, other = {0};
    io_submit(&b, &slow, FTL_WRITE, 0, 2 * UNIT);
    io_submit(&b, &other, FTL_WRITE, 8 * UNIT, UNIT);
    bench_run(&b);
    assert_int_equal(slow.hold, 2 * UNIT);
    assert_int_equal(other.readies, 0);
    ftl_data_in(&b.port, &slow.request, 1024);
    ftl_data_in(&b.port, &slow.request, 2 * UNIT - 1024);
    assert_int_equal(slow.done, 0);
    bench_run(&b);
    assert_int_equal(slow.done, 1);
    assert_int_equal(other.done_at, T_PROGRAM);
    bench_close(&b);
}

static void test_nothing_is_padded_while_data_are_on_their_way(void **state)
{
    (void)state;
    struct ftl_config config = default_config();
    config.write_buffer = 12 * UNIT; // one program unit
    struct bench b = bench_create(config);
    struct io slow = {.manual = true}, other = {0};
    io_run(&b, FTL_WRITE, 0, 10 * UNIT);
    io_submit(&b, &slow, FTL_WRITE, 10 * UNIT, 2 * UNIT);
    io_submit(&b, &other, FTL_WRITE, 12 * UNIT, UNIT); // waits: the buffer is full
    bench_run(&b);
    assert_int_equal(b.nand->ops[NAND_PROGRAM], 0);
    ftl_data_in(&b.port, &slow.request, 2 * UNIT);
    bench_run(&b);
    assert_int_equal(other.done_at, T_PROGRAM);
    assert_int_equal(b.nand->ops[NAND_PROGRAM], 1);
    assert_int_equal(ftl_get_stats(b.ftl)->padding_units, 0);
    bench_close(&b);
}

static void test_nothing_is_padded_while_a_program_is_about_to_make_room(void **state)
{
    (void)state;
    struct ftl_config config = default_config();
    config.write_buffer = 20 * UNIT;
    struct bench b = bench_create(config);
    struct io first = {0}, second = {0};
    io_submit(&b, &first, FTL_WRITE, 0, 20 * UNIT); // 12 in a program, 8 queued
    io_submit(&b, &second, FTL_WRITE, 20 * UNIT, 4 * UNIT);
    bench_run(&b);
    assert_int_equal(second.done_at, T_PROGRAM);
    assert_int_equal(b.nand->ops[NAND_PROGRAM], 2);
    assert_int_equal(ftl_get_stats(b.ftl)->padding_units, 0);
    bench_close(&b);
}

static void test_fua_waits_for_its_own_data_only(void **state)
{
    (void)state;
    struct bench b = bench_create(default_config());
    struct io fua = {.request.fua = true}, plain = {0};
    io_submit(&b, &plain, FTL_WRITE, 0, 3 * UNIT);
    io_submit(&b, &fua, FTL_WRITE, 8 * UNIT, UNIT);
    bench_run(&b);
    assert_int_equal(plain.done_at, 0);
    assert_int_equal(fua.done_at, T_PROGRAM);
    assert_int_equal(fua.path.spent[STAGE_FLUSH_WAIT], T_PROGRAM);
    assert_int_equal(b.nand->ops[NAND_PROGRAM], 1);
    bench_close(&b);
}

static void test_fua_data_overwritten_in_the_buffer_are_still_programmed(void **state)
{
    (void)state;
    struct bench b = bench_create(default_config());
    struct io fua[2] = {{.request.fua = true}, {.request.fua = true}};
    io_submit(&b, &fua[0], FTL_WRITE, 0, UNIT);
    io_submit(&b, &fua[1], FTL_WRITE, 0, UNIT);
    bench_run(&b);
    assert_int_equal(fua[0].done + fua[1].done, 2);
    assert_int_equal(ftl_get_stats(b.ftl)->buffer_merges, 0);
    io_run(&b, FTL_READ, 0, UNIT);
    bench_close(&b);
}

// NVMe 1.4, 6.9: data are committed, then read from the medium. Other data stay in the buffer.
static void test_a_fua_read_commits_its_data_and_reads_the_flash(void **state)
{
    (void)state;
    struct bench b = bench_create(default_config());
    struct io fua = {.request.fua = true}, again = {.request.fua = true};
    io_run(&b, FTL_WRITE, 0, 2 * UNIT);
    assert_int_equal(io_run(&b, FTL_READ, 0, UNIT).done_at, 0);
    assert_int_equal(b.nand->ops[NAND_READ], 0); // a hit
    io_submit(&b, &fua, FTL_READ, 0, UNIT);
    bench_run(&b);
    assert_int_equal(fua.done_at, T_PROGRAM + T_READ);
    assert_int_equal(fua.pieces, 1);
    assert_int_equal(fua.path.spent[STAGE_FLUSH_WAIT], T_PROGRAM);
    assert_int_equal(b.nand->ops[NAND_PROGRAM], 1);
    assert_int_equal(b.nand->ops[NAND_READ], 1);
    io_run(&b, FTL_WRITE, 8 * UNIT, UNIT);
    io_submit(&b, &again, FTL_READ, 0, UNIT); // nothing of it is buffered
    bench_run(&b);
    assert_int_equal(again.done_at, T_PROGRAM + 2 * T_READ);
    assert_int_equal(b.nand->ops[NAND_PROGRAM], 1);
    bench_close(&b);
}

// Unit 0 is committed first; unit 1 was never written, and what has no data comes late.
static void test_a_fua_read_that_has_waited_goes_on_in_the_controller(void **state)
{
    (void)state;
    struct ftl_config config = default_config();
    config.t_buffer_hit = 2 * T_READ;
    struct bench b = bench_create(config);
    struct io fua = {.request.fua = true};
    io_run(&b, FTL_WRITE, 0, UNIT);
    io_submit(&b, &fua, FTL_READ, 0, 2 * UNIT);
    bench_run(&b);
    assert_int_equal(fua.done_at, T_PROGRAM + 2 * T_READ);
    assert_int_equal(fua.path.spent[STAGE_FLUSH_WAIT], T_PROGRAM);
    assert_int_equal(fua.path.spent[STAGE_CONTROLLER], 2 * T_READ);
    bench_close(&b);
}

// Of a FUA write whose second half has not arrived, so that the first is still queued.
static void test_an_overwrite_does_not_merge_into_what_fua_waits_for(void **state)
{
    (void)state;
    struct bench b = bench_create(default_config());
    struct io fua = {.request.fua = true, .manual = true};
    io_submit(&b, &fua, FTL_WRITE, 0, 2 * UNIT);
    bench_run(&b);
    ftl_data_in(&b.port, &fua.request, UNIT);
    io_run(&b, FTL_WRITE, 0, UNIT);
    assert_int_equal(ftl_get_stats(b.ftl)->buffer_merges, 0);
    assert_int_equal(fua.done, 0);
    ftl_data_in(&b.port, &fua.request, UNIT);
    bench_run(&b);
    assert_int_equal(fua.done_at, T_PROGRAM);
    assert_int_equal(ftl_get_stats(b.ftl)->host_units_programmed, 3);
    assert_int_equal(ftl_get_stats(b.ftl)->mapped_units, 2);
    io_run(&b, FTL_READ, 0, 2 * UNIT);
    bench_close(&b);
}

// Its first turn is in the flash long before the data of the second come.
static void test_a_fua_write_in_turns_is_done_with_its_last(void **state)
{
    (void)state;
    struct ftl_config config = default_config();
    config.write_buffer = 12 * UNIT;
    struct bench b = bench_create(config);
    struct io fua = {.request.fua = true, .manual = true};
    io_submit(&b, &fua, FTL_WRITE, 0, 24 * UNIT);
    bench_run(&b);
    ftl_data_in(&b.port, &fua.request, 12 * UNIT);
    bench_run(&b);
    assert_int_equal(b.nand->ops[NAND_PROGRAM], 1);
    assert_int_equal(fua.done, 0);
    ftl_data_in(&b.port, &fua.request, 12 * UNIT);
    bench_run(&b);
    assert_int_equal(fua.done_at, 2 * T_PROGRAM);
    assert_int_equal(ftl_get_stats(b.ftl)->host_units_written, 24);
    bench_close(&b);
}

static void test_a_flush_does_not_wait_for_what_comes_after_it(void **state)
{
    (void)state;
    struct bench b = bench_create(default_config());
    struct io first = {0}, flush = {0}, later = {0};
    io_submit(&b, &first, FTL_WRITE, 0, 12 * UNIT);
    sim_run_before(b.sim, 1);
    io_submit(&b, &flush, FTL_FLUSH, 0, 0);
    sim_run_before(b.sim, T_PROGRAM / 2);
    io_submit(&b, &later, FTL_WRITE, 20 * UNIT, 12 * UNIT); // in the flash at one and a half
    bench_run(&b);
    assert_int_equal(flush.done_at, T_PROGRAM);
    bench_close(&b);
}

static void test_versions_are_kept_only_when_they_are_checked(void **state)
{
    (void)state;
    for (int verify = 0; verify < 2; verify++) {
        struct ftl_config config = default_config();
        config.verify = verify ? FTL_VERIFY_VERSIONS : FTL_VERIFY_OFF;
        struct bench b = bench_create(config);
        io_run(&b, FTL_WRITE, 0, 12 * UNIT);
        io_run(&b, FTL_READ, 0, 12 * UNIT);
        assert_int_equal(b.ftl->map.written != NULL, verify);
        assert_int_equal(b.ftl->map.stored != NULL, verify);
        bench_close(&b);
    }
}

static void test_power_loss_protection_makes_flush_and_fua_immediate(void **state)
{
    (void)state;
    struct ftl_config config = default_config();
    config.power_loss_protection = true;
    struct bench b = bench_create(config);
    struct io fua = {.request.fua = true};
    io_submit(&b, &fua, FTL_WRITE, 0, UNIT);
    bench_run(&b);
    assert_int_equal(fua.done_at, 0);
    assert_int_equal(io_run(&b, FTL_FLUSH, 0, 0).done_at, 0);
    struct io read = {.request.fua = true};
    io_submit(&b, &read, FTL_READ, 0, UNIT);
    bench_run(&b);
    assert_int_equal(read.done_at, 0);
    assert_int_equal(b.nand->ops[NAND_PROGRAM], 0);
    bench_close(&b);
}

static void test_without_a_buffer_a_write_is_done_when_programmed(void **state)
{
    (void)state;
    struct ftl_config config = default_config();
    config.write_buffer = 0;
    struct bench b = bench_create(config);
    assert_int_equal(io_run(&b, FTL_WRITE, 0, UNIT).done_at, T_PROGRAM);
    assert_int_equal(ftl_get_stats(b.ftl)->padding_units, 11);
    bench_close(&b);
}

static void test_partial_writes_read_what_they_do_not_replace(void **state)
{
    (void)state;
    struct bench b = bench_create(default_config());
    io_run(&b, FTL_WRITE, 0, 12 * UNIT);
    tick_t before = sim_now(b.sim);
    struct io io = io_run(&b, FTL_WRITE, 512, 3 * UNIT); // two partial units at the edges
    assert_int_equal(ftl_get_stats(b.ftl)->rmw_reads, 2);
    assert_int_equal(io.done_at - before, 2 * T_READ);
    assert_int_equal(io.path.spent[STAGE_ARRAY], T_READ);
    io_run(&b, FTL_WRITE, 1024, 512);         // now in the buffer
    io_run(&b, FTL_WRITE, 40 * UNIT, UNIT / 2); // never written
    assert_int_equal(ftl_get_stats(b.ftl)->rmw_reads, 2);
    bench_close(&b);
}

static void test_a_write_inside_one_unit_has_one_edge(void **state)
{
    (void)state;
    struct bench b = bench_create(default_config());
    io_run(&b, FTL_WRITE, 0, 12 * UNIT);
    tick_t before = sim_now(b.sim);
    assert_int_equal(io_run(&b, FTL_WRITE, 512, 512).done_at - before, T_READ);
    assert_int_equal(ftl_get_stats(b.ftl)->rmw_reads, 1);
    io_run(&b, FTL_WRITE_ZEROES, UNIT + 512, 1024);
    assert_int_equal(ftl_get_stats(b.ftl)->rmw_reads, 2);
    assert_int_equal(ftl_get_stats(b.ftl)->host_units_written, 12 + 1 + 1);
    assert_int_equal(b.nand->units_read, 2);
    bench_close(&b);
}

static void test_trim_unmaps_whole_units_only(void **state)
{
    (void)state;
    struct ftl_config config = default_config();
    config.t_trim = 1000;
    config.t_trim_unit = 10;
    struct bench b = bench_create(config);
    io_run(&b, FTL_WRITE, 0, 12 * UNIT);
    tick_t before = sim_now(b.sim);
    struct io io = io_run(&b, FTL_TRIM, UNIT / 2, 4 * UNIT); // units 1 to 3
    assert_int_equal(io.done_at - before, 1000 + 3 * 10);
    assert_int_equal(ftl_get_stats(b.ftl)->mapped_units, 9);
    io_run(&b, FTL_READ, 0, 12 * UNIT);
    assert_int_equal(ftl_get_stats(b.ftl)->unmapped_reads, 3);
    bench_close(&b);
}

// Looked for unit by unit and, where the range is longer than what is buffered, entry by entry.
static void test_a_trim_forgets_exactly_its_range_of_the_buffer(void **state)
{
    (void)state;
    for (uint64_t end = 5; end <= 9; end += 4) {
        struct bench b = bench_create(default_config());
        io_run(&b, FTL_WRITE, 2 * UNIT, UNIT);
        io_run(&b, FTL_WRITE, 3 * UNIT, UNIT);
        io_run(&b, FTL_WRITE, 4 * UNIT, UNIT);
        io_run(&b, FTL_WRITE, end * UNIT, UNIT);
        io_run(&b, FTL_TRIM, 3 * UNIT, (end - 3) * UNIT);
        assert_int_equal(b.ftl->buffer.in_table, 2);
        assert_int_not_equal(buffer_find(&b.ftl->buffer, 2), NONE);
        assert_int_not_equal(buffer_find(&b.ftl->buffer, (uint32_t)end), NONE);
        assert_int_equal(b.ftl->buffer.used, 2);
        bench_close(&b);
    }
}

static void test_a_trim_makes_room_for_a_writer_that_waits(void **state)
{
    (void)state;
    struct ftl_config config = default_config();
    config.write_buffer = 12 * UNIT;
    struct bench b = bench_create(config);
    struct io slow = {.manual = true}, waits = {0};
    io_run(&b, FTL_WRITE, 0, 10 * UNIT);
    io_submit(&b, &slow, FTL_WRITE, 10 * UNIT, 2 * UNIT); // holds the rest
    io_submit(&b, &waits, FTL_WRITE, 20 * UNIT, UNIT);
    bench_run(&b);
    assert_int_equal(waits.done, 0);
    for (uint64_t unit = 0; unit < 2; unit++) { // each time anew
        io_run(&b, FTL_TRIM, unit * UNIT, UNIT);
        assert_int_equal(waits.done, 1);
        io_submit(&b, &waits, FTL_WRITE, (21 + unit) * UNIT, UNIT);
        bench_run(&b);
        assert_int_equal(waits.done, 0);
    }
    io_run(&b, FTL_TRIM, 2 * UNIT, UNIT);
    assert_int_equal(waits.done, 1);
    ftl_data_in(&b.port, &slow.request, 2 * UNIT);
    bench_close(&b);
}

static void test_a_trim_of_any_range_unmaps_all_of_it(void **state)
{
    (void)state;
    for (uint64_t first = 0; first < 4; first++)
        for (uint64_t count = 1; first + count <= 12; count++) {
            struct bench b = bench_create(default_config());
            for (uint64_t unit = 0; unit < 12; unit += 1 + (unit % 3 == 1)) // two of three units, eight in all
                io_run(&b, FTL_WRITE, unit * UNIT, UNIT);
            io_run(&b, FTL_FLUSH, 0, 0);
            io_run(&b, FTL_TRIM, first * UNIT, count * UNIT);
            for (uint64_t unit = 0; unit < 12; unit++) {
                bool left = unit % 3 != 2 && (unit < first || unit >= first + count);
                assert_int_equal(map_lookup(&b.ftl->map, unit) != MAP_NOWHERE, left);
            }
            bench_close(&b);
        }
}

static void test_trim_forgets_buffered_data_and_data_being_programmed(void **state)
{
    (void)state;
    struct bench b = bench_create(default_config());
    struct io io = {0}, trim = {0};
    io_submit(&b, &io, FTL_WRITE, 0, 14 * UNIT); // 12 in a program, 2 queued
    sim_run_before(b.sim, 1);
    io_submit(&b, &trim, FTL_TRIM, 0, 14 * UNIT);
    bench_run(&b);
    assert_int_equal(ftl_get_stats(b.ftl)->mapped_units, 0);
    io_run(&b, FTL_READ, 0, 14 * UNIT);
    assert_int_equal(ftl_get_stats(b.ftl)->unmapped_reads, 14);
    bench_close(&b);
}

static void test_write_zeroes_writes_the_partial_edges(void **state)
{
    (void)state;
    struct bench b = bench_create(default_config());
    io_run(&b, FTL_WRITE, 0, 12 * UNIT);
    io_run(&b, FTL_WRITE_ZEROES, UNIT / 2, 4 * UNIT); // units 1 to 3, halves of 0 and 4
    assert_int_equal(ftl_get_stats(b.ftl)->trimmed_units, 3);
    assert_int_equal(ftl_get_stats(b.ftl)->rmw_reads, 2);
    assert_int_equal(ftl_get_stats(b.ftl)->host_units_written, 12 + 2);
    io_run(&b, FTL_WRITE_ZEROES, 50 * UNIT + 512, 512); // zeroes already
    assert_int_equal(ftl_get_stats(b.ftl)->host_units_written, 12 + 2);
    bench_close(&b);
}

static void test_write_zeroes_takes_the_time_of_a_trim_and_writes_edges_that_are_only_buffered(void **state)
{
    (void)state;
    struct ftl_config config = default_config();
    config.t_trim = 1000;
    config.t_trim_unit = 10;
    struct bench b = bench_create(config);
    io_run(&b, FTL_WRITE, 0, 12 * UNIT);
    io_run(&b, FTL_FLUSH, 0, 0);
    tick_t before = sim_now(b.sim);
    assert_int_equal(io_run(&b, FTL_WRITE_ZEROES, UNIT, 4 * UNIT).done_at - before, 1000 + 4 * 10);
    io_run(&b, FTL_WRITE, 20 * UNIT, UNIT);
    io_run(&b, FTL_WRITE_ZEROES, 20 * UNIT + 512, UNIT); // of unit 20, buffered, and of 21, which is zeroes already
    assert_int_equal(ftl_get_stats(b.ftl)->host_units_written, 12 + 1 + 1);
    bench_close(&b);
}

static void test_firmware_time_grows_with_the_units(void **state)
{
    (void)state;
    struct ftl_config config = default_config();
    config.t_read = 1000, config.t_read_unit = 10;
    config.t_write = 2000, config.t_write_unit = 20;
    config.t_flush = 3000;
    struct bench b = bench_create(config);
    assert_int_equal(io_run(&b, FTL_READ, 512, 3 * UNIT).done_at, 1000 + 4 * 10); // part of four units
    tick_t before = sim_now(b.sim);
    assert_int_equal(io_run(&b, FTL_WRITE, 0, 5 * UNIT).done_at - before, 2000 + 5 * 20);
    before = sim_now(b.sim);
    assert_int_equal(io_run(&b, FTL_FLUSH, 0, 0).done_at - before, 3000 + T_PROGRAM);
    bench_close(&b);
}

static void test_what_lies_in_the_buffer_comes_after_its_own_time(void **state)
{
    (void)state;
    struct ftl_config config = default_config();
    config.t_buffer_hit = 700;
    struct bench b = bench_create(config);
    io_run(&b, FTL_WRITE, 0, UNIT);
    tick_t before = sim_now(b.sim);
    assert_int_equal(io_run(&b, FTL_READ, 0, UNIT).done_at - before, 700);
    bench_close(&b);
}

static void test_wear_at_the_start_is_where_erasures_count_from(void **state)
{
    (void)state;
    struct ftl_config config = default_config();
    config.initial_pe_cycles = 500;
    struct bench b = bench_create(config);
    ftl_precondition(b.ftl);
    assert_int_equal(ftl_get_stats(b.ftl)->pe_cycles_min, 500);
    assert_int_equal(ftl_get_stats(b.ftl)->pe_cycles_max, 500);
    bench_close(&b);
}

static void test_an_uncorrectable_read_is_reported(void **state)
{
    (void)state;
    struct bench b = bench_create(default_config());
    io_run(&b, FTL_WRITE, 0, 12 * UNIT);
    b.nand->fail = true;
    b.nand->failing.n = map_lookup(&b.ftl->map, 5);
    assert_int_equal(io_run(&b, FTL_READ, 4 * UNIT, UNIT).request.status, FTL_OK);
    struct ftl_request failed = io_run(&b, FTL_READ, 4 * UNIT, 4 * UNIT).request;
    assert_int_equal(failed.status, FTL_UNRECOVERED_READ);
    assert_int_equal(failed.error_offset, 5 * UNIT); // the bad unit, not the first one asked for
    assert_int_equal(io_run(&b, FTL_READ, 5 * UNIT + 512, 512).request.error_offset, 5 * UNIT + 512);
    assert_int_equal(ftl_get_stats(b.ftl)->unrecovered_reads, 2);
    bench_close(&b);
}

// Four units, one of them overwritten in the buffer, go out in a program of twelve: 12 programmed for 5 that left the
// buffer, 8 of the 12 padding. Of eight trimmed units four were mapped.
static void test_statistics_count_units_and_not_commands(void **state)
{
    (void)state;
    struct ftl_config config = default_config();
    config.merge = true;
    struct bench b = bench_create(config);
    io_run(&b, FTL_WRITE, 0, 4 * UNIT);
    io_run(&b, FTL_WRITE, 0, UNIT);
    io_run(&b, FTL_FLUSH, 0, 0);
    io_run(&b, FTL_READ, 0, 3 * UNIT);
    b.ftl->space.superblocks[0].pe_cycles = 7;
    const struct ftl_stats *stats = ftl_get_stats(b.ftl);
    assert_int_equal(b.ftl->base.geometry.units_per_program, 12);
    assert_int_equal(stats->write_amplification * 1e9 + 0.5, 2400000000);
    assert_int_equal(stats->padding_share * 1e9 + 0.5, 666666667);
    assert_int_equal(stats->host_units_read, 3);
    assert_int_equal(stats->user_units * UNIT, ftl_capacity_bytes(b.ftl));
    assert_int_equal(stats->pe_cycles_min, 0);
    assert_int_equal(stats->pe_cycles_max, 7);
    io_run(&b, FTL_TRIM, 0, 8 * UNIT);
    assert_int_equal(ftl_get_stats(b.ftl)->trimmed_units, 4);
    bench_close(&b);
}

static void test_processors_take_work_in_whole_cycles_earliest_free_first(void **state)
{
    (void)state;
    struct ftl_config config = default_config();
    config.processors = 2;
    config.clock = 1000000000; // 1 ns
    config.t_read = 2500;
    config.t_read_unit = 100;
    struct bench b = bench_create(config);
    struct io io[3] = {0};
    for (int i = 0; i < 3; i++)
        io_submit(&b, &io[i], FTL_READ, 0, UNIT);
    bench_run(&b);
    assert_int_equal(io[0].done_at, 3000);
    assert_int_equal(io[1].done_at, 3000);
    assert_int_equal(io[2].done_at, 6000);
    assert_int_equal(io[2].path.spent[STAGE_CONTROLLER], 6000);
    assert_int_equal(meter_total(ftl_get_processor_meter(b.ftl)), 9000);
    ftl_stats_restart(b.ftl, sim_now(b.sim));
    assert_int_equal(meter_total(ftl_get_processor_meter(b.ftl)), 0);
    io_run(&b, FTL_READ, 0, UNIT);
    assert_int_equal(meter_total(ftl_get_processor_meter(b.ftl)), 3000);
    bench_close(&b);
}

static void test_firmware_work_begins_on_a_clock_edge(void **state)
{
    (void)state;
    struct ftl_config config = default_config();
    config.clock = 1000000000; // 1 ns
    config.t_read = 2500;
    struct bench b = bench_create(config);
    struct io io = {0};
    sim_advance(b.sim, 300);
    io_submit(&b, &io, FTL_READ, 0, UNIT);
    bench_run(&b);
    assert_int_equal(io.done_at, 1000 + 3000);
    bench_close(&b);
}

static void test_parity_follows_the_data_of_its_stripe(void **state)
{
    (void)state;
    struct nand_geometry g = bench_geometry();
    struct raid_config raid_config = {.enabled = true, .stripe_dies = 2};
    struct raid_layout raid = raid_layout_make(&raid_config, &g);
    struct bench b = bench_open(default_config(), g, &raid);
    uint64_t data = (uint64_t)g.units_per_superblock / 2;
    assert_int_equal(ftl_capacity_bytes(b.ftl), (uint64_t)((double)(data * g.blocks) / 1.5) * UNIT);
    io_run(&b, FTL_WRITE, 0, 12 * UNIT);
    assert_int_equal(ftl_get_stats(b.ftl)->parity_programs, 1);
    io_run(&b, FTL_WRITE, 0, data * UNIT);
    assert_int_equal(ftl_get_stats(b.ftl)->parity_programs, 1 + data / 12);
    bench_close(&b);
}

static void expect_dies(uint32_t allocation, const uint32_t dies[4])
{
    struct ftl_config config = default_config();
    config.allocation = allocation;
    struct bench b = bench_create(config);
    for (uint64_t i = 0; i < 8; i++)
        io_run(&b, FTL_WRITE, i * 12 * UNIT, 12 * UNIT);
    for (uint64_t i = 0; i < 8; i++)
        assert_int_equal(die_of(&b.ftl->space, map_lookup(&b.ftl->map, i * 12)), dies[i % 4]);
    bench_close(&b);
}

// Four dies on two channels: 0 and 2, 1 and 3. Each program is done before the next.
static void test_dies_take_their_turns_in_the_order_of_the_policy(void **state)
{
    (void)state;
    expect_dies(FTL_ALLOC_ROUND_ROBIN, (const uint32_t[]){0, 1, 2, 3});
    expect_dies(FTL_ALLOC_WAY_FIRST, (const uint32_t[]){0, 2, 1, 3});
    expect_dies(FTL_ALLOC_LEAST_BUSY, (const uint32_t[]){0, 1, 2, 3});
}

static void test_least_busy_forgets_work_that_is_done(void **state)
{
    (void)state;
    struct ftl_config config = default_config();
    config.allocation = FTL_ALLOC_LEAST_BUSY;
    struct bench b = bench_create(config);
    io_run(&b, FTL_WRITE, 0, 48 * UNIT); // row 0 on all dies
    io_run(&b, FTL_READ, 0, UNIT);       // of die 0
    io_run(&b, FTL_WRITE, 0, 12 * UNIT);
    assert_int_equal(die_of(&b.ftl->space, map_lookup(&b.ftl->map, 0)), 0);
    bench_close(&b);
}

static void test_least_busy_avoids_the_die_that_has_work(void **state)
{
    (void)state;
    struct ftl_config config = default_config();
    config.allocation = FTL_ALLOC_LEAST_BUSY;
    struct bench b = bench_create(config);
    io_run(&b, FTL_WRITE, 0, 48 * UNIT); // row 0 on all dies
    struct io reads[2] = {0}, write = {0};
    uint32_t busy = die_of(&b.ftl->space, map_lookup(&b.ftl->map, 0));
    assert_int_equal(busy, 0);
    io_submit(&b, &reads[0], FTL_READ, 0, UNIT);
    io_submit(&b, &write, FTL_WRITE, 0, 12 * UNIT);
    bench_run(&b);
    assert_int_equal(die_of(&b.ftl->space, map_lookup(&b.ftl->map, 0)), 1);
    bench_close(&b);
}

// --- random load ---

enum { DEPTH = 12 };

struct load {
    struct bench *bench;
    struct rng rng;
    uint64_t left;
    struct io ios[DEPTH];
};

static void load_next(struct load *load, struct io *io);

static void load_done(struct ftl_request *request)
{
    struct io *io = request->owner;
    on_done(request);
    assert_int_equal(io->piece_bytes, request->kind == FTL_READ ? request->bytes : 0);
    load_next(io->load, io);
}

static void load_data(void *context)
{
    struct io *io = context;
    uint64_t bytes = io->hold;
    io->hold = 0;
    if (bytes > 0)
        ftl_data_in(&io->bench->port, &io->request, bytes);
}

static void load_ready(struct ftl_request *request, uint64_t bytes)
{
    struct io *io = request->owner;
    on_ready(request, bytes); // manual: holds
    sim_after(io->bench->sim, rng_below(&io->load->rng, 3) * TICKS_PER_US, load_data, io);
}

static enum ftl_kind random_kind(struct rng *rng)
{
    uint64_t dice = rng_below(rng, 100);
    if (dice < 30)
        return FTL_READ;
    if (dice < 90)
        return FTL_WRITE;
    return dice < 93 ? FTL_FLUSH : dice < 97 ? FTL_TRIM : FTL_WRITE_ZEROES;
}

static void load_next(struct load *load, struct io *io)
{
    if (load->left == 0)
        return;
    load->left--;
    uint64_t sectors = ftl_capacity_bytes(load->bench->ftl) / 512;
    bool aligned = rng_below(&load->rng, 4) != 0;
    uint64_t offset = rng_below(&load->rng, sectors), length = 1 + rng_below(&load->rng, 24);
    if (rng_below(&load->rng, 50) == 0)
        length = 1 + rng_below(&load->rng, 400);
    if (aligned) {
        offset -= offset % 8;
        length += 7 - (length + 7) % 8;
    }
    length = MIN(length, sectors - offset);
    enum ftl_kind kind = random_kind(&load->rng);
    *io = (struct io){.bench = load->bench, .load = load, .manual = true};
    io->request = (struct ftl_request){.kind = kind, .offset = offset * 512,
                                       .bytes = kind == FTL_FLUSH ? 0 : length * 512,
                                       .fua = rng_below(&load->rng, 20) == 0, .piece = on_piece, .ready = load_ready,
                                       .done = load_done, .owner = io, .path = &io->path};
    breakdown_start(&io->path, STAGE_CONTROLLER, sim_now(load->bench->sim));
    io->in_submit = true;
    ftl_submit(&load->bench->port, &io->request);
    io->in_submit = false;
}

static struct ftl_stats run_load(struct bench *b, uint64_t requests, uint64_t seed)
{
    struct load load = {.bench = b, .left = requests};
    rng_seed(&load.rng, seed, "load");
    for (int i = 0; i < DEPTH; i++)
        load_next(&load, &load.ios[i]);
    bench_run(b);
    assert_int_equal(load.left, 0);
    assert_true(ftl_idle(b->ftl));
    for (int i = 0; i < DEPTH; i++)
        assert_int_equal(load.ios[i].done, 1);
    ftl_check(b->ftl);
    return *ftl_get_stats(b->ftl);
}

// What the core counts against what the back-end was given: every program is full of data, copies and padding but for
// parity, every superblock erased takes an erasure of each die, and is worn by one.
static void expect_counts_of_nand(const struct bench *b, const struct ftl_stats *stats)
{
    const struct nand_geometry *g = &b->ftl->base.geometry;
    uint64_t worn = 0;
    assert_int_equal(stats->slc_folded_on_die, b->nand->ops[NAND_FOLD_ON_DIE] * g->units_per_program);
    for (uint32_t s = 0; s < g->blocks; s++)
        worn += b->ftl->space.superblocks[s].pe_cycles;
    assert_int_equal(stats->erased_superblocks * g->dies, b->nand->ops[NAND_ERASE]);
    assert_int_equal(worn, stats->erased_superblocks);
    if (b->ftl->base.config.placement == FTL_PLACE_SLC) // whose programs are of two sizes
        return;
    assert_int_equal(stats->host_units_programmed + stats->gc_copies + stats->padding_units,
                     (b->nand->ops[NAND_PROGRAM] - stats->parity_programs) * g->units_per_program);
    assert_int_equal(stats->gc_reads, b->nand->from_gc[NAND_READ]);
    uint64_t data = g->units_per_program * b->ftl->space.data_units; // of each of its programs, less parity's share
    if (b->ftl->base.config.placement == FTL_PLACE_SEPARATE) // but for a stripe that is not full
        assert_true(stats->gc_copies * g->units_per_superblock <= (b->nand->from_gc[NAND_PROGRAM] + 1) * data);
    assert_true(stats->gc_copies <= b->nand->from_gc[NAND_PROGRAM] * g->units_per_program);
}

static struct ftl_stats load_with(struct ftl_config config, bool with_raid, uint64_t seed)
{
    struct nand_geometry g = fake_geometry(4, 2, 40, 4, 3, 2);
    struct raid_config raid_config = {.enabled = true, .stripe_dies = 4};
    struct raid_layout raid = raid_layout_make(&raid_config, &g);
    struct bench b = bench_open(config, g, with_raid ? &raid : NULL);
    ftl_precondition(b.ftl);
    struct ftl_stats stats = run_load(&b, 8000, seed);
    expect_counts_of_nand(&b, &stats);
    bench_close(&b);
    return stats;
}

static void test_random_load_is_served_right_with_every_policy(void **state)
{
    (void)state;
    for (uint32_t policy = 0; policy < FTL_GC_COUNT; policy++)
        for (uint32_t variant = 0; variant < 8; variant++) {
            struct ftl_config config = default_config();
            config.gc_policy = policy;
            config.allocation = variant % FTL_ALLOC_COUNT;
            config.placement = (variant & 1) == 0 ? FTL_PLACE_SEPARATE : FTL_PLACE_SHARED;
            config.merge = (variant & 2) == 0;
            config.write_buffer = (variant & 4) == 0 ? 40 * UNIT : 0;
            config.precondition = variant % 3;
            config.t_gc_unit = variant == 6 ? 300 : 0;
            struct ftl_stats stats = load_with(config, variant >= 5, 100 * policy + variant);
            assert_true(stats.gc_victims > 10);
            assert_true(stats.gc_copies > 0);
        }
}

static void test_random_load_is_served_right_when_space_is_as_tight_as_can_be(void **state)
{
    (void)state;
    for (uint32_t variant = 0; variant < 4; variant++) {
        struct ftl_config config = default_config();
        struct nand_geometry g = fake_geometry(4, 2, 40, 4, 3, 2);
        config.gc_start = 2;
        config.gc_stop = 2;
        config.placement = (variant & 1) == 0 ? FTL_PLACE_SEPARATE : FTL_PLACE_SHARED;
        config.precondition = FTL_PRECONDITION_SEQUENTIAL;
        config.write_buffer = (variant & 2) == 0 ? 0 : 100 * UNIT;
        config.capacity = (40 - 2 - 2) * ftl_config_usable_units(&g, NULL) * UNIT;
        struct diag *diag = diag_create();
        assert_int_equal(ftl_config_check_capacity(&config, &g, NULL, NULL, diag), 0);
        diag_destroy(diag);
        assert_true(load_with(config, false, variant).gc_copies > 0);
    }
}

// The cache is folded while the host overwrites what is in it, with all that may go beside: collection, trims, flushes.
static void test_random_load_is_served_right_while_dies_fold_the_cache(void **state)
{
    (void)state;
    for (uint32_t variant = 0; variant < 4; variant++) {
        struct ftl_config config = default_config();
        config.gc_reserve = 2;
        config.placement = FTL_PLACE_SLC;
        config.slc_size = 4 * 64 * UNIT;
        config.slc_fold = FTL_SLC_FOLD_ON_DIE;
        config.slc_fold_from = 0.5;
        config.slc_full = (variant & 1) == 0 ? FTL_SLC_DIRECT : FTL_SLC_WAIT;
        config.allocation = variant % FTL_ALLOC_COUNT;
        config.precondition = variant % 3;
        config.t_gc_unit = (variant & 2) == 0 ? 0 : 3000;
        struct ftl_stats stats = load_with(config, false, 100 + variant);
        assert_true(stats.slc_folded_on_die > 300 && stats.slc_folded > stats.slc_folded_on_die);
        assert_true(stats.gc_copies > 0);
    }
}

static void test_two_runs_of_one_seed_are_the_same(void **state)
{
    (void)state;
    struct ftl_config config = default_config();
    config.gc_policy = FTL_GC_D_CHOICES;
    config.precondition = FTL_PRECONDITION_RANDOM;
    struct ftl_stats a = load_with(config, true, 9), b = load_with(config, true, 9);
    assert_memory_equal(&a, &b, sizeof a);
}

static void test_collection_reads_two_pages_a_die_at_once_unless_told_otherwise(void **state)
{
    (void)state;
    struct ftl_stats stats[3];
    static const uint32_t parallel[] = {0, 8, 7}; // of 4 dies
    for (int i = 0; i < 3; i++) {
        struct ftl_config config = default_config();
        config.precondition = FTL_PRECONDITION_RANDOM;
        config.gc_parallel = parallel[i];
        stats[i] = load_with(config, false, 9);
    }
    assert_memory_equal(&stats[0], &stats[1], sizeof stats[0]);
    assert_memory_not_equal(&stats[0], &stats[2], sizeof stats[0]);
}

// A superblock that holds nothing any more costs no copies, so nobody should have to wait for it.
static void test_sequential_overwrites_copy_nothing_and_never_wait_for_a_superblock(void **state)
{
    (void)state;
    struct ftl_config config = default_config();
    config.precondition = FTL_PRECONDITION_SEQUENTIAL;
    struct bench b = bench_create(config);
    ftl_precondition(b.ftl);
    uint64_t capacity = ftl_capacity_bytes(b.ftl), step = 48 * UNIT;
    for (uint64_t at = 0; at < 3 * capacity; at += step)
        io_run(&b, FTL_WRITE, at % capacity / step * step, MIN(step, capacity - at % capacity / step * step));
    const struct ftl_stats *stats = ftl_get_stats(b.ftl);
    assert_true(stats->gc_victims > 50);
    assert_int_equal(stats->gc_copies, 0);
    assert_int_equal(stats->gc_urgent_stalls, 0);
    bench_close(&b);
}

static void test_data_lost_to_garbage_collection_are_counted(void **state)
{
    (void)state;
    struct ftl_config config = default_config();
    config.precondition = FTL_PRECONDITION_RANDOM;
    struct bench b = bench_open(config, fake_geometry(4, 2, 40, 4, 3, 2), NULL);
    ftl_precondition(b.ftl);
    b.nand->fail = true;
    b.nand->failing.n = map_lookup(&b.ftl->map, 0);
    uint64_t lost = 0;
    for (uint32_t lpn = 1; lpn + 12 < b.ftl->map.lpns && lost == 0; lpn += 12) {
        io_run(&b, FTL_WRITE, (uint64_t)lpn * UNIT, 12 * UNIT);
        lost = ftl_get_stats(b.ftl)->lost_units;
    }
    assert_int_equal(lost, 1);
    bench_close(&b);
}

// --- tables ---

static const char *const *choices_of(const char *key)
{
    for (size_t i = 0; i < ftl_config_field_count; i++)
        if (strcmp(ftl_config_fields[i].key, key) == 0)
            return ftl_config_fields[i].choices;
    return NULL;
}

static void test_d_choices_takes_the_first_drawn_of_equal_ones(void **state)
{
    (void)state;
    struct ftl_config config = default_config();
    config.gc_policy = FTL_GC_D_CHOICES;
    struct bench b = bench_create(config);
    for (uint32_t s = 0; s < b.ftl->base.geometry.blocks; s++) {
        b.ftl->space.superblocks[s].state = SUPERBLOCK_CLOSED;
        b.ftl->space.superblocks[s].valid = 5;
    }
    space_reindex(&b.ftl->space);
    struct collect *collect = ftl_collect(b.ftl);
    for (int i = 0; i < 20; i++) {
        struct rng same = collect->draw.rng;
        uint64_t drawn = rng_below(&same, b.ftl->base.geometry.blocks);
        assert_int_equal(collect->ops->pick(&b.ftl->space, &collect->draw), drawn);
    }
    for (uint32_t s = 0; s < b.ftl->base.geometry.blocks; s++)
        b.ftl->space.superblocks[s] = (struct superblock){0};
    bench_close(&b);
}

static void test_collection_starts_and_stops_without_credit(void **state)
{
    (void)state;
    struct bench b = bench_create(default_config());
    uint32_t all = b.ftl->space.free_count;
    for (int start = 1; start >= 0; start--) {
        b.ftl->pace.credit = 777;
        b.ftl->space.free_count = start ? 2 : all; // gc_start is 3
        pace_update(&b.ftl->pace);
        assert_int_equal(b.ftl->pace.active, start);
        assert_int_equal(b.ftl->pace.credit, 0);
    }
    bench_close(&b);
}

static void test_names_of_choices_match_the_registries(void **state)
{
    (void)state;
    for (size_t i = 0; i < FTL_GC_COUNT; i++)
        assert_string_equal(choices_of("gc_policy")[i], gc_registry[i]->name);
    assert_null(choices_of("gc_policy")[FTL_GC_COUNT]);
    for (size_t i = 0; i < FTL_ALLOC_COUNT; i++)
        assert_string_equal(choices_of("allocation")[i], alloc_registry[i]->name);
    assert_null(choices_of("allocation")[FTL_ALLOC_COUNT]);
    for (size_t i = 0; i < FTL_PLACE_COUNT; i++)
        assert_string_equal(choices_of("placement")[i], place_registry[i]->name);
    assert_null(choices_of("placement")[FTL_PLACE_COUNT]);
}

static void test_every_statistic_has_a_name_and_a_place_of_its_own(void **state)
{
    (void)state;
    assert_int_equal(ftl_stat_field_count * sizeof(uint64_t), sizeof(struct ftl_stats));
    for (size_t i = 0; i < ftl_stat_field_count; i++)
        for (size_t other = 0; other < i; other++) {
            assert_string_not_equal(ftl_stat_fields[i].name, ftl_stat_fields[other].name);
            assert_int_not_equal(ftl_stat_fields[i].offset, ftl_stat_fields[other].offset);
        }
}

static void test_a_drive_that_the_flash_cannot_hold_is_refused(void **state)
{
    (void)state;
    struct nand_geometry g = bench_geometry();
    struct ftl_config config = default_config();
    struct diag *diag = diag_create();
    assert_int_equal(ftl_config_usable_units(&g, NULL), 384 - 11); // a whole program unit of 12 is invalid
    config.capacity = (40 - 4 - 2) * ftl_config_usable_units(&g, NULL) * UNIT;
    assert_int_equal(ftl_config_check_capacity(&config, &g, NULL, NULL, diag), 0);
    config.capacity += UNIT;
    assert_int_equal(ftl_config_check_capacity(&config, &g, NULL, NULL, diag), 1);
    config.capacity = 5000;
    assert_int_equal(ftl_config_check_capacity(&config, &g, NULL, NULL, diag), 1);
    assert_int_equal(diag_error_count(diag), 2);
    diag_destroy(diag);
}

// 2000 superblocks, of which data take 1500 and the open ones 2: 498 are spare, a quarter of which are 124. Between the
// reserve of 1 and 4, at which it stops, collection starts at 3: two thirds of the way, 1 + 82 of 123.
static void test_levels_of_collection_are_a_share_of_the_spare(void **state)
{
    (void)state;
    struct nand_geometry g = fake_geometry(4, 2, 2000, 4, 3, 2);
    struct ftl_config config = default_config(), levels = ftl_config_on_flash(&config, &g, NULL);
    config.capacity = 1500 * ftl_config_usable_units(&g, NULL) * UNIT;
    assert_int_equal(levels.gc_stop, 4);
    config.gc_share = 0.25;
    levels = ftl_config_on_flash(&config, &g, NULL);
    assert_int_equal(levels.gc_stop, 124);
    assert_int_equal(levels.gc_start, 83);
    assert_int_equal(levels.gc_reserve, 1);
    config.gc_share = 0.008; // 3.98: fewer than the number given
    levels = ftl_config_on_flash(&config, &g, NULL);
    assert_int_equal(levels.gc_stop, 4);
    assert_int_equal(levels.gc_start, 3);
}

// A thousand units take 4000 bytes of map; a buffer of 24 units and copies of 50.
static void test_memory_too_small_for_all_that_takes_it_is_refused(void **state)
{
    (void)state;
    struct nand_geometry g = bench_geometry();
    struct ftl_config config = default_config();
    struct diag *diag = diag_create();
    config.capacity = 1000 * UNIT;
    config.write_buffer = 24 * UNIT;
    config.gc_buffer = 50 * UNIT;
    config.memory = 4000 + (24 + 50) * UNIT;
    assert_int_equal(ftl_config_check_capacity(&config, &g, NULL, NULL, diag), 0);
    config.memory--;
    assert_int_equal(ftl_config_check_capacity(&config, &g, NULL, NULL, diag), 1);
    diag_destroy(diag);
}

// Of 100 units 30 are kept for copies: 70 may be read ahead; of these 25 are held, so that copies may hold 75.
// Of 100 units: 25 % and 50 % as if so many bytes were written; without a memory, or with too little, refused.
static void test_buffers_may_be_shares_of_the_memory(void **state)
{
    (void)state;
    enum { QUARTER = 25 * CONFIG_PERCENT, HALF = 50 * CONFIG_PERCENT };
    struct nand_geometry g = bench_geometry();
    struct ftl_config shares = default_config();
    struct diag *diag = diag_create();
    shares.write_buffer = CONFIG_SHARE | QUARTER;
    shares.gc_buffer = CONFIG_SHARE | HALF;
    shares.read_ahead = 4 * UNIT;
    shares.read_ahead_buffer = CONFIG_SHARE | QUARTER;
    assert_int_equal(ftl_config_check(&shares, NULL, diag), 3);
    shares.memory = 3;
    assert_int_equal(ftl_config_check(&shares, NULL, diag), 2);
    shares.memory = 100 * UNIT;
    assert_int_equal(ftl_config_check(&shares, NULL, diag), 0);
    assert_int_equal(ftl_config_check_effect(&shares, &g, NULL, diag), 0);
    assert_int_equal(ftl_config_copy_units(&shares, &g), 50);
    struct ftl_memory takes = ftl_config_memory(&shares, &g, NULL);
    assert_int_equal(takes.buffer, 25 * UNIT);
    assert_int_equal(takes.ahead, 25 * UNIT);
    assert_int_equal(takes.copies, 50 * UNIT);
    shares.memory = 15 * UNIT; // a quarter is less than the 4 units that are read ahead of one stream
    assert_int_equal(ftl_config_check(&shares, NULL, diag), 1);
    shares.memory = 40 * UNIT; // 10 units of buffer are less than a program, 20 of copies less than they need
    assert_int_equal(ftl_config_check_effect(&shares, &g, NULL, diag), 2);
    diag_destroy(diag);
}

static void test_memory_is_shared_and_some_is_kept_for_copies(void **state)
{
    (void)state;
    struct memory memory = {.limit = {90, 80}, .kept = {[MEMORY_COPIES] = 30}, .shared = 100};
    assert_int_equal(memory_room(&memory, MEMORY_AHEAD), 70);
    assert_int_equal(memory_room(&memory, MEMORY_COPIES), 80);
    memory_take(&memory, MEMORY_AHEAD, 25);
    assert_int_equal(memory_room(&memory, MEMORY_COPIES), 75);
    memory_take(&memory, MEMORY_COPIES, 75);
    assert_int_equal(memory_room(&memory, MEMORY_COPIES), 0);
    assert_int_equal(memory_room(&memory, MEMORY_AHEAD), 0);
    memory_give(&memory, MEMORY_AHEAD, 25);
    assert_int_equal(memory_room(&memory, MEMORY_COPIES), 5);
    assert_int_equal(memory_room(&memory, MEMORY_AHEAD), 25);
}

// The controller never sees what parity would be made of.
static void test_dies_do_not_fold_what_has_parity(void **state)
{
    (void)state;
    struct nand_geometry g = bench_geometry();
    struct raid_config raid_config = {.enabled = true, .stripe_dies = 4};
    struct raid_layout raid = raid_layout_make(&raid_config, &g), none = {.enabled = false};
    struct ftl_config config = default_config();
    struct diag *diag = diag_create();
    config.placement = FTL_PLACE_SLC;
    config.slc_size = 64 * UNIT;
    assert_int_equal(ftl_config_check_capacity(&config, &g, &raid, NULL, diag), 0);
    config.slc_fold = FTL_SLC_FOLD_ON_DIE;
    assert_int_equal(ftl_config_check_capacity(&config, &g, &none, NULL, diag), 0);
    assert_int_equal(ftl_config_check_capacity(&config, &g, NULL, NULL, diag), 0);
    assert_int_equal(ftl_config_check_capacity(&config, &g, &raid, NULL, diag), 1);
    config.placement = FTL_PLACE_SEPARATE;
    assert_int_equal(ftl_config_check_capacity(&config, &g, &raid, NULL, diag), 0);
    diag_destroy(diag);
}

static void test_settings_that_contradict_each_other_are_refused(void **state)
{
    (void)state;
    struct diag *diag = diag_create();
    struct ftl_config config = default_config();
    assert_int_equal(ftl_config_check(&config, NULL, diag), 0);
    config.gc_reserve = config.gc_stop;
    config.mapping_unit = 3000;
    config.write_buffer = 100;
    assert_int_equal(ftl_config_check(&config, NULL, diag), 4);
    assert_int_equal(diag_error_count(diag), 4);
    diag_destroy(diag);
}

// gc_start may equal either of its bounds, gc_stop may not be the reserve; one program's bytes are buffer enough.
static void test_settings_at_their_bounds_are_accepted_and_beyond_refused(void **state)
{
    (void)state;
    static const struct {
        uint32_t reserve, start, stop;
        int errors;
    } levels[] = {{2, 2, 5, 0}, {2, 5, 5, 0}, {2, 1, 5, 1}, {2, 6, 5, 1}, {2, 2, 2, 1}, {2, 2, 3, 0}};
    struct nand_geometry g = fake_geometry(4, 2, 40, 4, 3, 2);
    uint64_t program = g.units_per_program * UNIT;
    struct diag *diag = diag_create();
    struct ftl_config config = default_config();
    for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
        config.gc_reserve = levels[i].reserve;
        config.gc_start = levels[i].start;
        config.gc_stop = levels[i].stop;
        assert_int_equal(ftl_config_check(&config, NULL, diag), levels[i].errors);
    }
    config.write_buffer = program;
    assert_int_equal(ftl_config_check_effect(&config, &g, NULL, diag), 0);
    config.write_buffer = program - UNIT;
    assert_int_equal(ftl_config_check_effect(&config, &g, NULL, diag), 1);
    config.write_buffer = program;
    config.gc_buffer = 2 * program + g.units_per_multi_page * UNIT;
    assert_int_equal(ftl_config_check_effect(&config, &g, NULL, diag), 0);
    config.gc_buffer -= UNIT;
    assert_int_equal(ftl_config_check_effect(&config, &g, NULL, diag), 1);
    diag_destroy(diag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_read_of_what_was_never_written_needs_no_nand),
        cmocka_unit_test(test_a_write_is_done_when_buffered_and_read_from_there),
        cmocka_unit_test(test_a_flush_pads_and_waits_for_the_program),
        cmocka_unit_test(test_a_flush_waits_for_the_slowest_of_the_programs_before_it),
        cmocka_unit_test(test_sequential_data_lie_side_by_side_in_multi_plane_pages),
        cmocka_unit_test(test_a_read_gathers_the_units_of_a_page_though_others_lie_between),
        cmocka_unit_test(test_reads_of_parts_of_units_report_their_bytes),
        cmocka_unit_test(test_only_whole_units_are_told_of_as_they_come),
        cmocka_unit_test(test_overwrites_merge_only_when_asked_to),
        cmocka_unit_test(test_without_a_buffer_two_program_units_a_die_are_under_way),
        cmocka_unit_test(test_a_merge_makes_room_at_once),
        cmocka_unit_test(test_waiting_between_the_turns_of_a_write_is_waiting_for_room),
        cmocka_unit_test(test_an_overwrite_of_what_is_being_programmed_is_a_unit_of_its_own),
        cmocka_unit_test(test_writers_wait_for_room_in_order_of_arrival),
        cmocka_unit_test(test_a_write_larger_than_the_buffer_is_taken_in_turns),
        cmocka_unit_test(test_data_that_are_slow_to_arrive_hold_their_room),
        cmocka_unit_test(test_nothing_is_padded_while_data_are_on_their_way),
        cmocka_unit_test(test_nothing_is_padded_while_a_program_is_about_to_make_room),
        cmocka_unit_test(test_fua_waits_for_its_own_data_only),
        cmocka_unit_test(test_a_fua_read_commits_its_data_and_reads_the_flash),
        cmocka_unit_test(test_fua_data_overwritten_in_the_buffer_are_still_programmed),
        cmocka_unit_test(test_a_fua_read_that_has_waited_goes_on_in_the_controller),
        cmocka_unit_test(test_an_overwrite_does_not_merge_into_what_fua_waits_for),
        cmocka_unit_test(test_a_fua_write_in_turns_is_done_with_its_last),
        cmocka_unit_test(test_a_flush_does_not_wait_for_what_comes_after_it),
        cmocka_unit_test(test_versions_are_kept_only_when_they_are_checked),
        cmocka_unit_test(test_power_loss_protection_makes_flush_and_fua_immediate),
        cmocka_unit_test(test_without_a_buffer_a_write_is_done_when_programmed),
        cmocka_unit_test(test_partial_writes_read_what_they_do_not_replace),
        cmocka_unit_test(test_a_write_inside_one_unit_has_one_edge),
        cmocka_unit_test(test_trim_unmaps_whole_units_only),
        cmocka_unit_test(test_a_trim_forgets_exactly_its_range_of_the_buffer),
        cmocka_unit_test(test_a_trim_makes_room_for_a_writer_that_waits),
        cmocka_unit_test(test_a_trim_of_any_range_unmaps_all_of_it),
        cmocka_unit_test(test_trim_forgets_buffered_data_and_data_being_programmed),
        cmocka_unit_test(test_write_zeroes_writes_the_partial_edges),
        cmocka_unit_test(test_write_zeroes_takes_the_time_of_a_trim_and_writes_edges_that_are_only_buffered),
        cmocka_unit_test(test_firmware_time_grows_with_the_units),
        cmocka_unit_test(test_what_lies_in_the_buffer_comes_after_its_own_time),
        cmocka_unit_test(test_wear_at_the_start_is_where_erasures_count_from),
        cmocka_unit_test(test_an_uncorrectable_read_is_reported),
        cmocka_unit_test(test_statistics_count_units_and_not_commands),
        cmocka_unit_test(test_processors_take_work_in_whole_cycles_earliest_free_first),
        cmocka_unit_test(test_firmware_work_begins_on_a_clock_edge),
        cmocka_unit_test(test_parity_follows_the_data_of_its_stripe),
        cmocka_unit_test(test_dies_take_their_turns_in_the_order_of_the_policy),
        cmocka_unit_test(test_least_busy_forgets_work_that_is_done),
        cmocka_unit_test(test_least_busy_avoids_the_die_that_has_work),
        cmocka_unit_test(test_random_load_is_served_right_with_every_policy),
        cmocka_unit_test(test_random_load_is_served_right_when_space_is_as_tight_as_can_be),
        cmocka_unit_test(test_random_load_is_served_right_while_dies_fold_the_cache),
        cmocka_unit_test(test_two_runs_of_one_seed_are_the_same),
        cmocka_unit_test(test_collection_reads_two_pages_a_die_at_once_unless_told_otherwise),
        cmocka_unit_test(test_sequential_overwrites_copy_nothing_and_never_wait_for_a_superblock),
        cmocka_unit_test(test_data_lost_to_garbage_collection_are_counted),
        cmocka_unit_test(test_d_choices_takes_the_first_drawn_of_equal_ones),
        cmocka_unit_test(test_collection_starts_and_stops_without_credit),
        cmocka_unit_test(test_names_of_choices_match_the_registries),
        cmocka_unit_test(test_every_statistic_has_a_name_and_a_place_of_its_own),
        cmocka_unit_test(test_a_drive_that_the_flash_cannot_hold_is_refused),
        cmocka_unit_test(test_dies_do_not_fold_what_has_parity),
        cmocka_unit_test(test_settings_that_contradict_each_other_are_refused),
        cmocka_unit_test(test_levels_of_collection_are_a_share_of_the_spare),
        cmocka_unit_test(test_memory_too_small_for_all_that_takes_it_is_refused),
        cmocka_unit_test(test_buffers_may_be_shares_of_the_memory),
        cmocka_unit_test(test_memory_is_shared_and_some_is_kept_for_copies),
        cmocka_unit_test(test_settings_at_their_bounds_are_accepted_and_beyond_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
