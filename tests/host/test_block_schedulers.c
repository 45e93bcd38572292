// Schedulers of the block layer, each against a schedule worked out from Linux's rules.
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "host/block/scheduler.h"
#include "util/macros.h"

enum { REQUESTS_MAX = 1024, LOG_BYTES = 8192 };

struct bench {
    struct sim *sim;
    const struct block_scheduler_ops *ops;
    void *self;
    struct block_request requests[REQUESTS_MAX];
    struct block_part parts[REQUESTS_MAX];
    struct block_bio bios[REQUESTS_MAX];
    uint32_t count, made;
    char log[LOG_BYTES]; // what was dispatched
};

static const struct block_limits limits = {
    .max_bytes = {[IO_READ] = 512 << 10, [IO_WRITE] = 512 << 10, [IO_TRIM] = 1 << 30},
    .max_segments = 127, .max_discard_segments = 256};

static void begin(struct bench *bench, const struct block_scheduler_ops *ops)
{
    *bench = (struct bench){.sim = sim_create(1), .ops = ops};
    bench->self = ops->create(&(struct scheduler_setup){
        .sim = bench->sim, .limits = &limits, .cpus = 2, .hardware_queues = 1, .requests = 400});
}

static void end(struct bench *bench)
{
    bench->ops->destroy(bench->self);
    sim_destroy(bench->sim);
}

static struct block_request *insert(struct bench *bench, enum io_kind kind, uint64_t sector, uint32_t cpu)
{
    struct block_request *request = &bench->requests[bench->count];
    struct block_part *part = &bench->parts[bench->count];
    struct block_bio *bio = &bench->bios[bench->count++];
    *bio = (struct block_bio){.kind = kind, .cpu = cpu};
    *part = (struct block_part){.bio = bio, .range = {sector * 512, 4096}};
    *request = (struct block_request){.kind = kind, .cpu = cpu, .offset = sector * 512, .bytes = 4096, .segments = 1,
                                      .first = part, .last = part, .made = sim_now(bench->sim)};
    bench->made++;
    bench->ops->insert(bench->self, 0, request);
    return request;
}

static struct block_request *dispatch(struct bench *bench)
{
    static const char kinds[] = {[IO_READ] = 'R', [IO_WRITE] = 'W', [IO_TRIM] = 'D', [IO_WRITE_ZEROES] = 'Z'};
    struct block_request *request = bench->ops->dispatch(bench->self, 0);
    size_t length = strlen(bench->log);
    if (request != NULL)
        snprintf(bench->log + length, LOG_BYTES - length, "%c%llu ", kinds[request->kind],
                 (unsigned long long)request->offset / 512);
    return request;
}

static uint32_t dispatch_all(struct bench *bench)
{
    uint32_t count = 0;
    while (dispatch(bench) != NULL)
        count++;
    return count;
}

static bool may_make(const struct bench *bench, enum io_kind kind)
{
    return bench->made < bench->ops->limit_depth(bench->self, &(struct block_bio){.kind = kind});
}

static enum merge_kind merge(struct bench *bench, enum io_kind kind, uint64_t sector)
{
    struct block_request *joined;
    struct block_part *part = &bench->parts[bench->count];
    struct block_bio *bio = &bench->bios[bench->count++];
    *bio = (struct block_bio){.kind = kind};
    *part = (struct block_part){.bio = bio, .range = {sector * 512, 4096}};
    return bench->ops->merge(bench->self, 0, part, &joined);
}

// --- mq_deadline ---------------------------------------------------------------------------------------------------

// A batch begins with the oldest, and goes upwards; what lies below waits for another one; reads are first.
static void test_deadline_goes_upwards_from_the_oldest_and_reads_before_writes(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench, &block_mq_deadline_ops);
    insert(&bench, IO_WRITE, 500, 0);
    insert(&bench, IO_WRITE, 200, 0);
    insert(&bench, IO_READ, 5000, 0);
    insert(&bench, IO_READ, 1000, 0);
    insert(&bench, IO_READ, 3000, 0);
    dispatch_all(&bench);
    assert_string_equal(bench.log, "R5000 R1000 R3000 W500 W200 ");
    end(&bench);
}

// Each of these reads is a batch of its own: after two writes stand back no more.
static void test_deadline_lets_writes_stand_back_twice(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench, &block_mq_deadline_ops);
    insert(&bench, IO_WRITE, 100, 0);
    for (uint32_t i = 0; i < 4; i++)
        insert(&bench, IO_READ, 900 - 100 * i, 0);
    dispatch_all(&bench);
    assert_string_equal(bench.log, "R900 R800 W100 R700 R600 ");
    end(&bench);
}

static void test_deadline_ends_a_batch_after_sixteen(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench, &block_mq_deadline_ops);
    for (uint32_t i = 0; i < 40; i++)
        insert(&bench, IO_READ, 100 * i, 0);
    insert(&bench, IO_WRITE, 7, 0);
    for (uint32_t i = 0; i < 32; i++)
        assert_int_equal(dispatch(&bench)->offset, 100 * i * 512);
    assert_int_equal(dispatch(&bench)->kind, IO_WRITE); // two batches, sixteen each
    assert_int_equal(dispatch_all(&bench), 8);
    end(&bench);
}

static void check_deadline(tick_t at, const char *rest)
{
    struct bench bench;
    begin(&bench, &block_mq_deadline_ops);
    for (uint32_t i = 0; i < 16; i++)
        insert(&bench, IO_READ, 10 * i, 0);
    insert(&bench, IO_READ, 900, 0);
    sim_advance(bench.sim, TICKS_PER_MS);
    insert(&bench, IO_READ, 170, 0);
    sim_advance(bench.sim, at);
    for (uint32_t i = 0; i < 16; i++)
        dispatch(&bench);
    bench.log[0] = '\0';
    dispatch_all(&bench);
    assert_string_equal(bench.log, rest);
    end(&bench);
}

static void test_deadline_turns_to_the_oldest_when_its_time_is_up(void **state)
{
    (void)state;
    check_deadline(500 * TICKS_PER_MS - 1, "R170 R900 ");
    check_deadline(500 * TICKS_PER_MS, "R900 R170 ");
}

static void test_deadline_merges_behind_and_before_what_it_has(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench, &block_mq_deadline_ops);
    insert(&bench, IO_WRITE, 1000, 0);
    insert(&bench, IO_WRITE, 100, 0);
    insert(&bench, IO_READ, 300, 0);
    assert_int_equal(merge(&bench, IO_WRITE, 108), MERGE_BACK);
    assert_int_equal(merge(&bench, IO_READ, 292), MERGE_FRONT);
    assert_int_equal(merge(&bench, IO_WRITE, 308), MERGE_NONE);
    assert_int_equal(merge(&bench, IO_WRITE, 992), MERGE_FRONT);
    dispatch_all(&bench);
    assert_string_equal(bench.log, "R292 W992 W100 ");
    end(&bench);
}

// What precedes a request gives it its place: 112 is before 113.
static void test_deadline_moves_what_was_merged_in_front(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench, &block_mq_deadline_ops);
    insert(&bench, IO_READ, 50, 0);
    insert(&bench, IO_READ, 113, 0);
    insert(&bench, IO_READ, 120, 0);
    assert_int_equal(merge(&bench, IO_READ, 112), MERGE_FRONT);
    dispatch_all(&bench);
    assert_string_equal(bench.log, "R50 R112 R113 ");
    end(&bench);
}

static void test_deadline_keeps_a_quarter_of_the_requests_for_reads(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench, &block_mq_deadline_ops);
    for (uint32_t i = 0; i < 299; i++)
        insert(&bench, IO_WRITE, 10 * i, 0);
    assert_true(may_make(&bench, IO_WRITE));
    insert(&bench, IO_WRITE, 9, 0);
    assert_false(may_make(&bench, IO_WRITE));
    assert_true(may_make(&bench, IO_READ));
    bench.made--; // one is complete
    assert_true(may_make(&bench, IO_WRITE));
    end(&bench);
}

// --- kyber ---------------------------------------------------------------------------------------------------------

static void test_kyber_gives_batches_of_domains_in_turn(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench, &block_kyber_ops);
    for (uint32_t i = 0; i < 10; i++)
        insert(&bench, IO_WRITE, i, 0);
    for (uint32_t i = 0; i < 18; i++)
        insert(&bench, IO_READ, i, 0);
    insert(&bench, IO_TRIM, 1, 0);
    insert(&bench, IO_TRIM, 2, 0);
    insert(&bench, IO_WRITE_ZEROES, 1, 0);
    dispatch_all(&bench);
    assert_string_equal(bench.log, "R0 R1 R2 R3 R4 R5 R6 R7 R8 R9 R10 R11 R12 R13 R14 R15 "
                                   "W0 W1 W2 W3 W4 W5 W6 W7 D1 Z1 R16 R17 W8 W9 D2 ");
    end(&bench);
}

// The first of a domain brings all that the CPUs have of it; what comes later waits until these are gone.
static void test_kyber_takes_requests_over_cpu_by_cpu(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench, &block_kyber_ops);
    insert(&bench, IO_READ, 11, 1);
    insert(&bench, IO_READ, 1, 0);
    insert(&bench, IO_READ, 12, 1);
    dispatch(&bench);
    insert(&bench, IO_READ, 2, 0);
    dispatch_all(&bench);
    assert_string_equal(bench.log, "R1 R11 R12 R2 ");
    end(&bench);
}

static void test_kyber_has_256_reads_in_the_driver_at_most(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench, &block_kyber_ops);
    for (uint32_t i = 0; i < 300; i++)
        insert(&bench, IO_READ, 10 * i, 0);
    assert_int_equal(dispatch_all(&bench), 256);
    bench.ops->completed(bench.self, 0, &bench.requests[7]);
    assert_int_equal(dispatch_all(&bench), 1);
    end(&bench);
}

// 500 requests of the kind, each `time` in the driver and since it was made.
static void complete_many(struct bench *bench, enum io_kind kind, tick_t time)
{
    for (uint32_t i = 0; i < 500; i++) {
        bench->count = 0;
        bench->log[0] = '\0';
        insert(bench, kind, 0, 0);
        struct block_request *request = dispatch(bench);
        request->made = request->issued = sim_now(bench->sim) - time;
        bench->ops->completed(bench->self, 0, request);
    }
}

static uint32_t depth_of(struct bench *bench, enum io_kind kind)
{
    bench->count = 0;
    for (uint32_t i = 0; i < 300; i++)
        insert(bench, kind, 10 * i, 0);
    bench->log[0] = '\0';
    uint32_t depth = dispatch_all(bench);
    return depth;
}

static void run_until(struct bench *bench, tick_t time)
{
    sim_run_before(bench->sim, TICK_NEVER);
    if (sim_now(bench->sim) < time)
        sim_advance(bench->sim, time);
}

// Reads of 3 ms, target 2 ms, p90 in the sixth quarter: congested. Writes of 2 ms, target 10 ms, p99 in the first quarter:
// depth 128 * 1/4. Reads, p99 in the sixth: 256 * 6/4, but no more than 256.
static void test_kyber_throttles_writes_when_reads_take_too_long(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench, &block_kyber_ops);
    sim_advance(bench.sim, TICKS_PER_S);
    complete_many(&bench, IO_READ, 3 * TICKS_PER_MS);
    complete_many(&bench, IO_WRITE, 2 * TICKS_PER_MS);
    run_until(&bench, 2 * TICKS_PER_S);
    assert_int_equal(depth_of(&bench, IO_WRITE), 32);
    assert_int_equal(depth_of(&bench, IO_READ), 256);
    end(&bench);
}

// Then writes of 12 ms, p99 in the fifth quarter: 32 * 5/4.
static void test_kyber_gives_way_to_a_domain_that_takes_too_long(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench, &block_kyber_ops);
    sim_advance(bench.sim, TICKS_PER_S);
    complete_many(&bench, IO_READ, 3 * TICKS_PER_MS);
    complete_many(&bench, IO_WRITE, 2 * TICKS_PER_MS);
    run_until(&bench, 2 * TICKS_PER_S);
    complete_many(&bench, IO_WRITE, 12 * TICKS_PER_MS);
    run_until(&bench, 3 * TICKS_PER_S);
    assert_int_equal(depth_of(&bench, IO_WRITE), 40);
    end(&bench);
}

// Within a second 499 samples are too few.
static void test_kyber_waits_for_samples(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench, &block_kyber_ops);
    sim_advance(bench.sim, TICKS_PER_S);
    complete_many(&bench, IO_WRITE, 2 * TICKS_PER_MS);
    insert(&bench, IO_READ, 0, 0);
    struct block_request *read = dispatch(&bench);
    read->made = read->issued = sim_now(bench.sim) - 3 * TICKS_PER_MS;
    bench.ops->completed(bench.self, 0, read);
    run_until(&bench, 2 * TICKS_PER_S);
    assert_int_equal(depth_of(&bench, IO_WRITE), 128);
    end(&bench);
}

// --- bfq -----------------------------------------------------------------------------------------------------------

static struct block_request *insert_of(struct bench *bench, uint32_t task, uint64_t sector, uint64_t sectors, bool sync)
{
    struct block_request *request = &bench->requests[bench->count++];
    *request = (struct block_request){.kind = sync ? IO_READ : IO_WRITE, .task = task, .offset = sector * 512,
                                      .bytes = sectors * 512};
    bench->made++;
    bench->ops->insert(bench->self, 0, request);
    return request;
}

static void expect_tasks(struct bench *bench, const char *tasks)
{
    for (; *tasks != '\0'; tasks++)
        assert_int_equal(dispatch(bench)->task, *tasks - '0');
}

// Budgets of 16384 sectors are four requests of 4096.
static void test_bfq_serves_tasks_by_turns_of_their_budgets(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench, &block_bfq_ops);
    for (uint32_t i = 0; i < 10; i++)
        insert_of(&bench, 1, 4096 * i, 4096, true);
    for (uint32_t i = 0; i < 10; i++)
        insert_of(&bench, 2, 4096 * i, 4096, true);
    expect_tasks(&bench, "11112222111122221122");
    assert_null(dispatch(&bench));
    end(&bench);
}

// Task 1 has 4 requests of 1 sector and then none; it is charged these alone, and so is before task 2 when it has more.
static void test_bfq_charges_what_was_served(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench, &block_bfq_ops);
    for (uint32_t i = 0; i < 4; i++)
        insert_of(&bench, 1, i, 1, true);
    for (uint32_t i = 0; i < 12; i++)
        insert_of(&bench, 2, 4096 * i, 4096, true);
    expect_tasks(&bench, "111122");
    insert_of(&bench, 1, 100, 1, true);
    expect_tasks(&bench, "221222");
    end(&bench);
}

// Five requests of 3000 sectors are 15000, after which task 1 starts anew, before task 2, at 16384.
static void test_bfq_does_not_charge_what_is_left_of_a_budget(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench, &block_bfq_ops);
    for (uint32_t i = 0; i < 8; i++)
        insert_of(&bench, 2, 4096 * i, 4096, true);
    for (uint32_t i = 0; i < 10; i++)
        insert_of(&bench, 1, 3000 * i, 3000, true);
    expect_tasks(&bench, "222211111111112222");
    end(&bench);
}

// Writes that nobody waits for count threefold: one of 4096 sectors, since two would be 24576.
static void test_bfq_charges_what_is_not_waited_for_threefold(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench, &block_bfq_ops);
    for (uint32_t i = 0; i < 3; i++)
        insert_of(&bench, 1, 4096 * i, 4096, false);
    for (uint32_t i = 0; i < 9; i++)
        insert_of(&bench, 2, 4096 * i, 4096, true);
    expect_tasks(&bench, "1222212222");
    end(&bench);
}

static void test_bfq_ends_a_service_after_an_eighth_of_a_second(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench, &block_bfq_ops);
    for (uint32_t i = 0; i < 4; i++)
        insert_of(&bench, 1, 100 * i, 8, true);
    insert_of(&bench, 2, 0, 8, true);
    expect_tasks(&bench, "1");
    sim_advance(bench.sim, 125 * TICKS_PER_MS - 1);
    expect_tasks(&bench, "1");
    sim_advance(bench.sim, 125 * TICKS_PER_MS);
    expect_tasks(&bench, "211");
    end(&bench);
}

static void test_bfq_goes_upwards_in_a_queue(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench, &block_bfq_ops);
    const uint64_t sectors[] = {500, 100, 900, 300};
    for (uint32_t i = 0; i < ARRAY_SIZE(sectors); i++)
        insert_of(&bench, 1, sectors[i], 8, true);
    dispatch(&bench);
    dispatch(&bench);
    insert_of(&bench, 1, 200, 8, true);
    dispatch_all(&bench);
    assert_string_equal(bench.log, "R100 R300 R500 R900 R200 ");
    end(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_deadline_goes_upwards_from_the_oldest_and_reads_before_writes),
        cmocka_unit_test(test_deadline_lets_writes_stand_back_twice),
        cmocka_unit_test(test_deadline_ends_a_batch_after_sixteen),
        cmocka_unit_test(test_deadline_turns_to_the_oldest_when_its_time_is_up),
        cmocka_unit_test(test_deadline_merges_behind_and_before_what_it_has),
        cmocka_unit_test(test_deadline_moves_what_was_merged_in_front),
        cmocka_unit_test(test_deadline_keeps_a_quarter_of_the_requests_for_reads),
        cmocka_unit_test(test_kyber_gives_batches_of_domains_in_turn),
        cmocka_unit_test(test_kyber_takes_requests_over_cpu_by_cpu),
        cmocka_unit_test(test_kyber_has_256_reads_in_the_driver_at_most),
        cmocka_unit_test(test_kyber_throttles_writes_when_reads_take_too_long),
        cmocka_unit_test(test_kyber_gives_way_to_a_domain_that_takes_too_long),
        cmocka_unit_test(test_kyber_waits_for_samples),
        cmocka_unit_test(test_bfq_serves_tasks_by_turns_of_their_budgets),
        cmocka_unit_test(test_bfq_charges_what_was_served),
        cmocka_unit_test(test_bfq_does_not_charge_what_is_left_of_a_budget),
        cmocka_unit_test(test_bfq_charges_what_is_not_waited_for_threefold),
        cmocka_unit_test(test_bfq_ends_a_service_after_an_eighth_of_a_second),
        cmocka_unit_test(test_bfq_goes_upwards_in_a_queue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
