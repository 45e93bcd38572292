// The block layer alone: splits, merges, plugs, tags and the flush machine, against schedules worked out from Linux's rules.
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/block/block.h"
#include "util/macros.h"

enum { LOG_BYTES = 4096, REQUESTS_MAX = 128 };

struct bench {
    struct sim *sim;
    struct block_setup setup;
    struct block *block;
    char log[LOG_BYTES];    // what was issued: kind, first sector, sectors
    char events[LOG_BYTES]; // blktrace's letters
    struct block_request *issued[REQUESTS_MAX];
    uint32_t queues[REQUESTS_MAX];
    uint32_t count, done, failed;
    struct block_bio bios[REQUESTS_MAX];
    uint32_t submitted;
};

static void append(char *log, const char *format, ...)
{
    va_list arguments;
    size_t length = strlen(log);
    va_start(arguments, format);
    assert_true(vsnprintf(log + length, LOG_BYTES - length, format, arguments) < (int)(LOG_BYTES - length));
    va_end(arguments);
}

static void issue(void *self, uint32_t queue, struct block_request *request)
{
    static const char *const names[IO_KIND_COUNT] = {"R", "W", "WF", "F", "D", "Z"};
    struct bench *bench = self;
    append(bench->log, "%s%s%llu+%llu ", names[request->kind], request->fua ? "F" : "",
           (unsigned long long)request->offset / 512, (unsigned long long)request->bytes / 512);
    bench->queues[bench->count] = queue;
    bench->issued[bench->count++] = request;
}

static void commit(void *self)
{
    (void)self;
}

static void bio_done(void *self, struct block_bio *bio, const struct block_request *last)
{
    struct bench *bench = self;
    (void)last;
    bench->done++;
    bench->failed += bio->failed;
}

static void tell(void *context, const struct block_event *event)
{
    static const char *const letters[] = {"", "Q", "M", "F", "G", "S", "R", "D", "C", "P", "U", "UT", "I", "X"};
    append(((struct bench *)context)->events, "%s ", letters[event->action]);
}

static void begin(struct bench *bench)
{
    *bench = (struct bench){.sim = sim_create(1)};
    bench->setup = (struct block_setup){
        .limits = {.max_bytes = {[IO_READ] = 512 << 10, [IO_WRITE] = 512 << 10, [IO_TRIM] = 1 << 30},
                   .max_segments = 127, .max_discard_segments = 256},
        .cpus = 2, .map = {{2, 0, 0}}, .tags = 64, .merges = true, .volatile_cache = true,
    };
}

static void start(struct bench *bench)
{
    bench->block = block_create(bench->sim, &bench->setup, (struct block_port){bench, issue, commit, bio_done});
    block_on_event(bench->block, tell, bench);
}

static void start_default(struct bench *bench)
{
    begin(bench);
    start(bench);
}

// What workers do at this moment.
static void work(struct bench *bench)
{
    sim_run_before(bench->sim, TICK_NEVER);
}

static struct block_bio *next_bio(struct bench *bench, enum io_kind kind, uint64_t sector, uint64_t sectors)
{
    struct block_bio *bio = &bench->bios[bench->submitted++];
    *bio = (struct block_bio){.kind = kind, .task = 1, .offset = sector * 512, .bytes = sectors * 512,
                              .preflush = kind == IO_FLUSH};
    return bio;
}

static void submit(struct bench *bench, enum io_kind kind, uint64_t sector, uint64_t sectors, uint32_t how)
{
    struct block_bio *bio = next_bio(bench, kind, sector, sectors);
    bio->how = how;
    block_submit(bench->block, bio);
}

static void complete(struct bench *bench, uint32_t number, bool failed)
{
    uint32_t queue = bench->queues[number];
    block_complete(bench->block, bench->issued[number], failed);
    block_resume(bench->block, queue);
    work(bench);
}

static void complete_rest(struct bench *bench, uint32_t from)
{
    for (uint32_t i = from; i < bench->count; i++)
        complete(bench, i, false);
}

static void end(struct bench *bench)
{
    assert_int_equal(bench->done, bench->submitted);
    block_check(bench->block);
    block_destroy(bench->block);
    sim_destroy(bench->sim);
}

// --- splitting -----------------------------------------------------------------------------------------------------

static void test_a_bio_is_cut_at_the_limit_and_ends_with_its_last_part(void **state)
{
    (void)state;
    struct bench bench;
    start_default(&bench);
    submit(&bench, IO_READ, 100, 2500, 0);
    assert_string_equal(bench.log, "R100+1024 R1124+1024 R2148+452 ");
    assert_string_equal(bench.events, "Q X G D X G D G D ");
    complete(&bench, 2, false);
    complete(&bench, 0, false);
    assert_int_equal(bench.done, 0);
    complete(&bench, 1, true);
    assert_int_equal(bench.failed, 1);
    assert_int_equal(block_get_stats(bench.block)->splits, 2);
    end(&bench);
}

static void test_a_boundary_cuts_transfers_and_no_trims(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench);
    bench.setup.limits.boundary = 128 << 10; // 256 sectors
    start(&bench);
    submit(&bench, IO_WRITE, 200, 120, 0);
    submit(&bench, IO_WRITE, 256, 256, 0);
    submit(&bench, IO_TRIM, 200, 400, 0);
    assert_string_equal(bench.log, "W200+56 W256+64 W256+256 D200+400 ");
    complete_rest(&bench, 0);
    end(&bench);
}

// --- merging -------------------------------------------------------------------------------------------------------

static void test_neighbours_join_the_last_request_of_the_plug(void **state)
{
    (void)state;
    struct bench bench;
    start_default(&bench);
    submit(&bench, IO_WRITE, 16, 8, IO_PLUGGED);
    submit(&bench, IO_WRITE, 24, 8, IO_PLUGGED);  // behind it
    submit(&bench, IO_WRITE, 8, 8, IO_PLUGGED);   // before it
    submit(&bench, IO_READ, 32, 8, IO_PLUGGED);   // another kind
    submit(&bench, IO_WRITE, 32, 8, IO_PLUGGED | IO_UNPLUG_END); // not the last one's any more
    assert_string_equal(bench.log, "W32+8 R32+8 W8+24 ");
    assert_string_equal(bench.events, "Q G P Q M Q F Q G Q G D D D ");
    assert_int_equal(block_get_stats(bench.block)->back_merges, 1);
    assert_int_equal(block_get_stats(bench.block)->front_merges, 1);
    complete(&bench, 2, false);
    assert_int_equal(bench.done, 3);
    complete(&bench, 0, false);
    complete(&bench, 1, false);
    end(&bench);
}

static void test_a_request_grows_to_its_segments_and_its_size(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench);
    bench.setup.limits.max_segments = 3;
    bench.setup.limits.max_bytes[IO_READ] = 10 << 10;
    start(&bench);
    for (uint32_t i = 0; i < 4; i++)
        submit(&bench, IO_WRITE, 8 * i, 8, IO_PLUGGED | (i == 3 ? IO_UNPLUG_END : 0));
    for (uint32_t i = 0; i < 3; i++)
        submit(&bench, IO_READ, 8 * i, 8, IO_PLUGGED | (i == 2 ? IO_UNPLUG_END : 0));
    assert_string_equal(bench.log, "W24+8 W0+24 R16+8 R0+16 ");
    complete_rest(&bench, 0);
    end(&bench);
}

// The second bio is cut at the boundary: its first part is the first request's neighbour.
static void test_a_part_that_was_cut_off_joins_nothing(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench);
    bench.setup.limits.boundary = 64 << 10; // 128 sectors
    start(&bench);
    submit(&bench, IO_WRITE, 112, 8, IO_PLUGGED);
    submit(&bench, IO_WRITE, 120, 16, IO_PLUGGED);
    submit(&bench, IO_WRITE, 136, 8, IO_PLUGGED | IO_UNPLUG_END);
    assert_string_equal(bench.log, "W128+16 W120+8 W112+8 ");
    complete_rest(&bench, 0);
    end(&bench);
}

// Once it had no room for a neighbour a request takes none, not even one for which there is.
static void test_a_request_that_was_full_stays_full(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench);
    bench.setup.worker_delay = TICKS_PER_US;
    bench.setup.limits.max_bytes[IO_READ] = 10 << 10;
    start(&bench);
    submit(&bench, IO_READ, 0, 16, IO_PLUGGED | IO_UNPLUG_SLEEP);
    submit(&bench, IO_READ, 16, 8, 0);
    submit(&bench, IO_READ, 16, 4, 0);
    work(&bench);
    assert_string_equal(bench.log, "R16+8 R16+4 R0+16 ");
    complete_rest(&bench, 0);
    end(&bench);
}

static void test_trims_become_ranges_of_one_wherever_they_lie(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench);
    bench.setup.limits.max_discard_segments = 3;
    start(&bench);
    submit(&bench, IO_TRIM, 1000, 8, IO_PLUGGED);
    submit(&bench, IO_TRIM, 8, 16, IO_PLUGGED);
    submit(&bench, IO_TRIM, 500, 8, IO_PLUGGED);
    submit(&bench, IO_TRIM, 700, 8, IO_PLUGGED | IO_UNPLUG_END);
    assert_string_equal(bench.log, "D700+8 D1000+32 ");
    const struct block_request *trim = bench.issued[1];
    assert_int_equal(trim->segments, 3);
    assert_int_equal(trim->first->next->range.offset, 8 * 512);
    assert_int_equal(trim->first->next->range.bytes, 16 * 512);
    assert_int_equal(trim->last->range.offset, 500 * 512);
    complete_rest(&bench, 0);
    end(&bench);
}

static void test_nothing_joins_without_merges(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench);
    bench.setup.merges = false;
    start(&bench);
    submit(&bench, IO_WRITE, 0, 8, IO_PLUGGED);
    submit(&bench, IO_WRITE, 8, 8, IO_PLUGGED | IO_UNPLUG_END);
    assert_string_equal(bench.log, "W8+8 W0+8 ");
    complete_rest(&bench, 0);
    end(&bench);
}

// --- plugs ---------------------------------------------------------------------------------------------------------

static void test_a_plug_of_32_is_emptied_from_the_top_when_another_comes(void **state)
{
    (void)state;
    struct bench bench;
    start_default(&bench);
    for (uint32_t i = 0; i < 32; i++)
        submit(&bench, IO_READ, 100 * i, 8, IO_PLUGGED);
    assert_int_equal(bench.count, 0);
    submit(&bench, IO_READ, 5000, 8, IO_PLUGGED);
    assert_int_equal(bench.count, 32);
    for (uint32_t i = 0; i < 32; i++)
        assert_int_equal(bench.issued[i]->offset, 100 * (31 - i) * 512);
    block_sleep(bench.block);
    work(&bench);
    assert_int_equal(bench.count, 33);
    complete_rest(&bench, 0);
    end(&bench);
}

static void test_a_large_request_on_top_empties_the_plug(void **state)
{
    (void)state;
    struct bench bench;
    start_default(&bench);
    submit(&bench, IO_READ, 0, 255, IO_PLUGGED);
    submit(&bench, IO_READ, 1000, 256, IO_PLUGGED); // 128 KiB
    assert_int_equal(bench.count, 0);
    submit(&bench, IO_READ, 2000, 8, IO_PLUGGED | IO_UNPLUG_END);
    assert_string_equal(bench.log, "R1000+256 R0+255 R2000+8 ");
    assert_string_equal(bench.events, "Q G P Q G Q G D D P D ");
    complete_rest(&bench, 0);
    end(&bench);
}

static void test_a_task_that_sleeps_leaves_its_plug_to_a_worker_in_order(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench);
    bench.setup.worker_delay = 5 * TICKS_PER_US;
    start(&bench);
    submit(&bench, IO_READ, 0, 8, IO_PLUGGED);
    submit(&bench, IO_READ, 100, 8, IO_PLUGGED | IO_UNPLUG_SLEEP);
    assert_string_equal(bench.log, "");
    submit(&bench, IO_READ, 108, 8, 0); // joins what waits in the CPU's software queue
    submit(&bench, IO_READ, 300, 8, 0); // is issued before it
    work(&bench);
    assert_int_equal(sim_now(bench.sim), 5 * TICKS_PER_US);
    assert_string_equal(bench.log, "R300+8 R0+8 R100+16 ");
    assert_string_equal(bench.events, "Q G P Q G UT I I Q M Q G D D D ");
    complete_rest(&bench, 0);
    end(&bench);
}

// --- tags ----------------------------------------------------------------------------------------------------------

static void test_tasks_that_wait_for_a_tag_go_on_in_order(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench);
    bench.setup.tags = 2;
    start(&bench);
    for (uint32_t i = 0; i < 4; i++)
        submit(&bench, IO_READ, 100 * i, 8, 0);
    struct block_bio *other = next_bio(&bench, IO_READ, 900, 8);
    other->task = 2;
    block_submit(bench.block, other);
    assert_string_equal(bench.log, "R0+8 R100+8 ");
    complete(&bench, 1, false);
    assert_string_equal(bench.log, "R0+8 R100+8 R200+8 "); // and sleeps again, for its next, behind the other task
    complete(&bench, 0, false);
    complete(&bench, 2, false);
    assert_string_equal(bench.log, "R0+8 R100+8 R200+8 R900+8 R300+8 ");
    assert_int_equal(block_get_stats(bench.block)->tag_waits, 3);
    complete_rest(&bench, 3);
    end(&bench);
}

static void test_a_task_without_a_tag_empties_its_plug_first(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench);
    bench.setup.tags = 2;
    start(&bench);
    for (uint32_t i = 0; i < 3; i++)
        submit(&bench, IO_READ, 100 * i, 8, IO_PLUGGED | (i == 2 ? IO_UNPLUG_END : 0));
    work(&bench);
    assert_string_equal(bench.log, "R0+8 R100+8 ");
    assert_string_equal(bench.events, "Q G P Q G Q UT I I D D ");
    complete_rest(&bench, 0);
    assert_string_equal(bench.log, "R0+8 R100+8 R200+8 ");
    end(&bench);
}

// --- flushes -------------------------------------------------------------------------------------------------------

static void test_flushes_that_come_while_one_runs_share_the_next(void **state)
{
    (void)state;
    struct bench bench;
    start_default(&bench);
    for (uint32_t i = 0; i < 3; i++) {
        submit(&bench, IO_FLUSH, 0, 0, IO_SYNC);
        work(&bench);
    }
    assert_string_equal(bench.log, "F0+0 ");
    complete(&bench, 0, false);
    assert_int_equal(bench.done, 1);
    assert_string_equal(bench.log, "F0+0 F0+0 ");
    complete(&bench, 1, false);
    assert_int_equal(bench.done, 3);
    assert_int_equal(block_get_stats(bench.block)->flushes, 2);
    assert_int_equal(block_get_stats(bench.block)->flushes_shared, 1);
    end(&bench);
}

static void submit_preflush(struct bench *bench, uint64_t sector, bool fua)
{
    struct block_bio *bio = next_bio(bench, IO_WRITE, sector, 8);
    bio->preflush = true;
    bio->fua = fua;
    block_submit(bench->block, bio);
    work(bench);
}

static void test_a_preflush_is_a_flush_and_then_the_write(void **state)
{
    (void)state;
    struct bench bench;
    start_default(&bench);
    submit_preflush(&bench, 80, true);
    assert_string_equal(bench.log, "F0+0 ");
    complete(&bench, 0, false);
    assert_string_equal(bench.log, "F0+0 WF80+8 ");
    assert_int_equal(bench.done, 0);
    complete(&bench, 1, false);
    end(&bench);
}

static void test_after_a_failed_preflush_no_data_go_out(void **state)
{
    (void)state;
    struct bench bench;
    start_default(&bench);
    submit_preflush(&bench, 80, false);
    complete(&bench, 0, true);
    assert_string_equal(bench.log, "F0+0 ");
    assert_int_equal(bench.failed, 1);
    end(&bench);
}

static void test_a_flush_waits_for_data_of_the_machine_for_five_seconds(void **state)
{
    (void)state;
    struct bench bench;
    start_default(&bench);
    submit_preflush(&bench, 80, false);
    complete(&bench, 0, false);
    submit(&bench, IO_FLUSH, 0, 0, IO_SYNC);
    work(&bench);
    assert_string_equal(bench.log, "F0+0 W80+8 ");
    sim_advance(bench.sim, sim_now(bench.sim) + 5 * TICKS_PER_S - 1);
    submit(&bench, IO_FLUSH, 0, 0, IO_SYNC);
    work(&bench);
    assert_string_equal(bench.log, "F0+0 W80+8 ");
    sim_advance(bench.sim, sim_now(bench.sim) + 1);
    submit(&bench, IO_FLUSH, 0, 0, IO_SYNC);
    work(&bench);
    assert_string_equal(bench.log, "F0+0 W80+8 F0+0 ");
    complete_rest(&bench, 1);
    end(&bench);
}

static void test_fua_goes_past_the_plug(void **state)
{
    (void)state;
    struct bench bench;
    start_default(&bench);
    submit(&bench, IO_WRITE, 0, 8, IO_PLUGGED);
    struct block_bio *bio = next_bio(&bench, IO_WRITE, 8, 8);
    bio->fua = true;
    bio->how = IO_PLUGGED;
    block_submit(bench.block, bio);
    assert_string_equal(bench.log, "WF8+8 ");
    block_sleep(bench.block);
    work(&bench);
    assert_string_equal(bench.log, "WF8+8 W0+8 ");
    complete_rest(&bench, 0);
    end(&bench);
}

static void test_without_a_volatile_cache_a_flush_ends_at_once(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench);
    bench.setup.volatile_cache = false;
    start(&bench);
    submit(&bench, IO_FLUSH, 0, 0, IO_SYNC);
    assert_int_equal(bench.done, 0);
    work(&bench);
    assert_int_equal(bench.done, 1);
    submit_preflush(&bench, 8, true);
    assert_string_equal(bench.log, "W8+8 ");
    complete_rest(&bench, 0);
    end(&bench);
}

// --- queues --------------------------------------------------------------------------------------------------------

static void check_map(uint32_t queues, uint32_t write_queues, uint32_t poll_queues, struct queue_map wanted)
{
    struct queue_map map = map_make(queues, write_queues, poll_queues);
    assert_memory_equal(&map, &wanted, sizeof map);
    assert_int_equal(map_queue_count(&map), queues);
}

static void test_queues_are_shared_out_as_the_driver_does(void **state)
{
    (void)state;
    check_map(20, 0, 0, (struct queue_map){{20, 0, 0}});
    check_map(14, 4, 2, (struct queue_map){{4, 8, 2}});
    check_map(3, 5, 9, (struct queue_map){{1, 0, 2}}); // one is left for all else
    check_map(5, 4, 1, (struct queue_map){{3, 1, 1}}); // and one for reads
    check_map(1, 0, 3, (struct queue_map){{1, 0, 0}});
    struct queue_map map = map_make(14, 4, 2);
    assert_int_equal(map_queue(&map, SET_DEFAULT, 5), 1);
    assert_int_equal(map_queue(&map, SET_READ, 5), 9);
    assert_int_equal(map_queue(&map, SET_POLL, 5), 13);
    assert_int_equal(map_set_of(&map, 3), SET_DEFAULT);
    assert_int_equal(map_set_of(&map, 4), SET_READ);
    assert_int_equal(map_set_of(&map, 12), SET_POLL);
    assert_int_equal(map_place_in_set(&map, 9), 5);
}

static void test_each_kind_goes_to_its_set(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench);
    bench.setup.map = (struct queue_map){{1, 2, 1}};
    start(&bench);
    submit(&bench, IO_READ, 0, 8, 0);
    submit(&bench, IO_WRITE, 0, 8, 0);
    submit(&bench, IO_READ, 100, 8, IO_POLLED);
    submit(&bench, IO_READ, 200, 1032, IO_POLLED); // split: not polled for
    const uint32_t queues[] = {1, 0, 3, 1, 1};
    for (uint32_t i = 0; i < 5; i++)
        assert_int_equal(bench.queues[i], queues[i]);
    complete_rest(&bench, 0);
    end(&bench);
}

// A write needs that there are fewer than three of four requests, whatever they are; a read takes the fourth.
static void test_a_scheduler_keeps_writes_from_the_last_requests(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench);
    bench.setup.scheduler = BLOCK_SCHEDULER_MQ_DEADLINE;
    bench.setup.requests = 4;
    start(&bench);
    for (uint64_t i = 0; i < 4; i++)
        submit(&bench, IO_WRITE, 1000 * i, 8, 0);
    struct block_bio *read = next_bio(&bench, IO_READ, 9000, 8);
    read->task = 2;
    block_submit(bench.block, read);
    work(&bench);
    assert_string_equal(bench.log, "R9000+8 W0+8 W1000+8 W2000+8 ");
    complete(&bench, 1, false);
    assert_string_equal(bench.log, "R9000+8 W0+8 W1000+8 W2000+8 ");
    complete(&bench, 0, false);
    assert_string_equal(bench.log, "R9000+8 W0+8 W1000+8 W2000+8 W3000+8 ");
    complete_rest(&bench, 2);
    end(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_bio_is_cut_at_the_limit_and_ends_with_its_last_part),
        cmocka_unit_test(test_a_boundary_cuts_transfers_and_no_trims),
        cmocka_unit_test(test_neighbours_join_the_last_request_of_the_plug),
        cmocka_unit_test(test_a_request_grows_to_its_segments_and_its_size),
        cmocka_unit_test(test_a_part_that_was_cut_off_joins_nothing),
        cmocka_unit_test(test_a_request_that_was_full_stays_full),
        cmocka_unit_test(test_trims_become_ranges_of_one_wherever_they_lie),
        cmocka_unit_test(test_nothing_joins_without_merges),
        cmocka_unit_test(test_a_plug_of_32_is_emptied_from_the_top_when_another_comes),
        cmocka_unit_test(test_a_large_request_on_top_empties_the_plug),
        cmocka_unit_test(test_a_task_that_sleeps_leaves_its_plug_to_a_worker_in_order),
        cmocka_unit_test(test_tasks_that_wait_for_a_tag_go_on_in_order),
        cmocka_unit_test(test_a_task_without_a_tag_empties_its_plug_first),
        cmocka_unit_test(test_flushes_that_come_while_one_runs_share_the_next),
        cmocka_unit_test(test_a_preflush_is_a_flush_and_then_the_write),
        cmocka_unit_test(test_after_a_failed_preflush_no_data_go_out),
        cmocka_unit_test(test_a_flush_waits_for_data_of_the_machine_for_five_seconds),
        cmocka_unit_test(test_fua_goes_past_the_plug),
        cmocka_unit_test(test_without_a_volatile_cache_a_flush_ends_at_once),
        cmocka_unit_test(test_queues_are_shared_out_as_the_driver_does),
        cmocka_unit_test(test_each_kind_goes_to_its_set),
        cmocka_unit_test(test_a_scheduler_keeps_writes_from_the_last_requests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
