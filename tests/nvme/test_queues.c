// Rings, doorbells, phase tags, limits, and the commands that create and delete queues.
#include "bench.h"

static struct nvme_sqe reading(void)
{
    return bench_rw(NVME_IO_READ, 0, 8);
}

static void test_phase_and_head_follow_the_rings_over_their_ends(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    bench_create_queue(b, 2, 5);
    for (uint32_t i = 1; i <= 33; i++) {
        struct nvme_cqe cqe = bench_command(b, 2, reading());
        assert_int_equal(cqe.status & NVME_CQE_PHASE, ((i - 1) / 5) % 2 == 0);
        assert_int_equal(cqe.sqhd, i % 5);
    }
    bench_destroy(b);
}

static void test_a_fetch_ends_at_the_end_of_the_ring(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    bench_create_queue(b, 2, 8);
    for (int i = 0; i < 6; i++)
        bench_command(b, 2, reading());
    uint64_t fetches = nvme_get_stats(b->nvme)->fetches, entries = nvme_get_stats(b->nvme)->entries_fetched;
    for (int i = 0; i < 6; i++)
        bench_put(b, 2, reading());
    bench_ring(b, 2);
    bench_run(b);
    struct nvme_cqe cqe;
    for (int i = 0; i < 6; i++)
        assert_true(bench_take(b, 2, &cqe));
    assert_int_equal(cqe.sqhd, 12 % 8);
    assert_int_equal(nvme_get_stats(b->nvme)->fetches, fetches + 2); // 2 and 4 entries
    assert_int_equal(nvme_get_stats(b->nvme)->entries_fetched, entries + 6);
    bench_destroy(b);
}

static void test_completions_wait_for_room_in_their_queue(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    assert_int_equal(bench_admin(b, bench_create_cq(2, 4)), 0);
    assert_int_equal(bench_admin(b, bench_create_sq(2, 64)), 0);
    b->queues[2] = (struct bench_queue){.size = 64, .phase = 1, .sq = BENCH_SQ + 0x20000, .cq = BENCH_CQ + 0x20000};
    for (int i = 0; i < 10; i++)
        bench_put(b, 2, reading());
    bench_ring(b, 2);
    bench_run(b);
    b->queues[2].size = 4; // now the completion queue's ring
    struct nvme_cqe cqe;
    uint32_t total = 0;
    for (uint32_t expected = 3; total < 10; expected = MIN(3u, 10 - total)) {
        uint32_t taken = 0;
        while (taken < 4 && bench_take(b, 2, &cqe))
            assert_int_equal(cqe.cid, (4 + total + taken++) % 64); // four commands created queues 1 and 2
        assert_int_equal(taken, expected);
        total += taken;
        assert_int_equal(nvme_idle(b->nvme), total == 10);
        bench_ring_head(b, 2);
        bench_run(b);
    }
    assert_int_equal(nvme_get_stats(b->nvme)->completions_delayed, 7);
    bench_destroy(b);
}

static void test_limits_of_commands_and_fetches_hold(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    b->config.max_commands = 5;
    b->config.fetch_burst = 2;
    b->config.fetch_depth = 2;
    bench_up(b);
    b->core_hold = true;
    for (int i = 0; i < 20; i++)
        bench_put(b, 1, reading());
    bench_ring(b, 1);
    while (sim_next(b->sim) != TICK_NEVER) {
        sim_run_before(b->sim, sim_next(b->sim) + 1);
        assert_true(b->nvme->commands.in_flight <= 5);
        assert_true(b->nvme->fetch.under_way <= 2);
    }
    assert_int_equal(b->nvme->commands.in_flight, 5);
    assert_int_equal(b->core_count, 5);
    bench_core_release(b);
    bench_run(b);
    assert_int_equal(b->core_count, 20);
    assert_true(nvme_idle(b->nvme));
    bench_destroy(b);
}

// With room for one command, those behind an event request are fetched once it waits for its event.
static void test_a_waiting_event_request_takes_no_room(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    struct nvme_cqe cqe;
    b->config.max_commands = 1;
    b->config.t_decode = 200000;
    bench_up(b);
    bench_put(b, 0, (struct nvme_sqe){.opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST});
    uint16_t cid = bench_put(b, 0, (struct nvme_sqe){.opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = 1});
    bench_ring(b, 0);
    bench_run(b);
    assert_true(bench_take(b, 0, &cqe));
    assert_int_equal(cqe.cid, cid);
    bench_destroy(b);
}

static void test_the_burst_of_the_arbitration_feature_bounds_a_fetch(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    bench_create_queue(b, 2, 64);
    assert_int_equal(bench_admin(b, (struct nvme_sqe){.opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 1, .cdw11 = 1}), 0);
    uint64_t fetches = nvme_get_stats(b->nvme)->fetches;
    for (int i = 0; i < 8; i++)
        bench_put(b, 1, reading());
    bench_ring(b, 1);
    bench_run(b);
    assert_int_equal(nvme_get_stats(b->nvme)->fetches - fetches, 4);
    bench_destroy(b);
}

// --- doorbells -----------------------------------------------------------------------------------------------------

static uint64_t invalid_doorbells(struct bench *b)
{
    return nvme_get_stats(b->nvme)->invalid_doorbells;
}

static void test_impossible_doorbells_change_nothing_and_are_reported(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    bench_put(b, 0, (struct nvme_sqe){.opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST});
    bench_ring(b, 0);
    bench_write(b, bench_doorbell(b, 5, false), 1); // no such queue
    struct nvme_cqe cqe;
    assert_true(bench_take(b, 0, &cqe));
    assert_int_equal(cqe.dw0, NVME_EVENT_ERROR | NVME_EVENT_ERROR_INVALID_DOORBELL << 8 | NVME_LOG_ERROR << 16);
    bench_write(b, bench_doorbell(b, 5, true), 1);
    assert_int_equal(invalid_doorbells(b), 2);
    bench_write(b, bench_doorbell(b, 1, false), 64); // beyond the ring
    assert_int_equal(invalid_doorbells(b), 3);
    bench_write(b, bench_doorbell(b, 1, true), 1); // nothing was completed
    assert_int_equal(invalid_doorbells(b), 4);
    bench_write(b, bench_doorbell(b, 1, false), 0); // the present value
    bench_write(b, bench_doorbell(b, 1, true), 0);
    assert_int_equal(invalid_doorbells(b), 4);
    assert_int_equal(b->core_count, 0);
    assert_int_equal(bench_status(bench_command(b, 1, reading())), NVME_SC_SUCCESS);
    bench_destroy(b);
}

// 8 is no entry of a ring of 8, though it is no farther than what may be rung: 3 entries behind the fifth.
static void test_doorbells_stay_within_the_ring(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    bench_create_queue(b, 2, 8);
    for (int i = 0; i < 5; i++)
        bench_command(b, 2, reading());
    bench_write(b, bench_doorbell(b, 2, false), 8);
    assert_int_equal(invalid_doorbells(b), 1);
    for (int i = 0; i < 5; i++)
        bench_submit(b, 2, reading());
    bench_write(b, bench_doorbell(b, 2, true), 8);
    assert_int_equal(invalid_doorbells(b), 2);
    assert_int_equal(b->core_count, 10);
    bench_destroy(b);
}

static void test_a_tail_cannot_pass_the_head(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    b->config.max_commands = 2;
    bench_up(b);
    bench_create_queue(b, 2, 8);
    b->core_hold = true;
    for (int i = 0; i < 4; i++)
        bench_put(b, 2, reading());
    bench_ring(b, 2);
    bench_run(b); // 2 fetched, 2 left: head 2, tail 4
    bench_write(b, bench_doorbell(b, 2, false), 2); // 6 more where 5 fit
    assert_int_equal(invalid_doorbells(b), 1);
    bench_write(b, bench_doorbell(b, 2, false), 1);
    assert_int_equal(invalid_doorbells(b), 1);
    bench_core_release(b);
    bench_run(b);
    bench_destroy(b);
}

static void test_doorbells_lie_the_stride_apart(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    b->config.doorbell_stride = 3;
    bench_up(b);
    assert_int_equal(bench_status(bench_command(b, 1, reading())), NVME_SC_SUCCESS);
    uint64_t doorbells = nvme_get_stats(b->nvme)->doorbells;
    bench_write(b, bench_doorbell(b, 1, false) + 4, 7); // between two doorbells
    assert_int_equal(nvme_get_stats(b->nvme)->doorbells, doorbells);
    bench_destroy(b);
}

// --- creation and deletion -----------------------------------------------------------------------------------------

static void test_creation_is_refused_with_the_standards_status(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    struct nvme_sqe cq = bench_create_cq(2, 16), sq = bench_create_sq(2, 16), wrong;
    assert_int_equal(bench_admin(b, sq), NVME_SC_INVALID_CQ);
    for (int kind = 0; kind < 2; kind++) {
        struct nvme_sqe right = kind == 0 ? cq : sq;
        static const uint16_t qids[] = {0, 1, BENCH_QUEUES + 1, 0xffff}; // admin, taken, too many
        for (size_t i = 0; i < ARRAY_SIZE(qids); i++) {
            wrong = right;
            wrong.cdw10 = (right.cdw10 & 0xffff0000) | qids[i];
            assert_int_equal(bench_admin(b, wrong), NVME_SC_INVALID_QID);
        }
        wrong = right;
        wrong.cdw10 = 2 | 0 << 16;
        assert_int_equal(bench_admin(b, wrong), NVME_SC_INVALID_QUEUE_SIZE);
        wrong.cdw10 = 2 | 1024 << 16; // CAP.MQES is 1023
        assert_int_equal(bench_admin(b, wrong), NVME_SC_INVALID_QUEUE_SIZE);
        wrong = right;
        wrong.cdw11 &= ~(uint32_t)NVME_QUEUE_PC;
        assert_int_equal(bench_admin(b, wrong), NVME_SC_INVALID_FIELD);
        wrong = right;
        wrong.prp1 += 64;
        assert_int_equal(bench_admin(b, wrong), NVME_SC_PRP_OFFSET_INVALID);
    }
    wrong = cq;
    wrong.cdw11 = 3 | BENCH_VECTORS << 16;
    assert_int_equal(bench_admin(b, wrong), NVME_SC_INVALID_INTERRUPT_VECTOR);
    wrong = sq;
    wrong.cdw11 = 1 | 0 << 16;
    assert_int_equal(bench_admin(b, wrong), NVME_SC_INVALID_QID);
    wrong.cdw11 = 1 | (BENCH_QUEUES + 1) << 16;
    assert_int_equal(bench_admin(b, wrong), NVME_SC_INVALID_QID);
    cq.cdw10 = 2 | 1023 << 16;
    assert_int_equal(bench_admin(b, cq), NVME_SC_SUCCESS);
    assert_int_equal(bench_admin(b, sq), NVME_SC_SUCCESS);
    bench_destroy(b);
}

static void test_io_entry_sizes_must_be_set(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    bench_start(b);
    bench_enable_function(b);
    bench_enable_controller(b, 1);
    assert_int_equal(bench_admin(b, bench_create_cq(1, 16)), NVME_SC_INVALID_QUEUE_SIZE);
    bench_enable_controller(b, 1 | NVME_CQE_SHIFT << NVME_CC_IOCQES_SHIFT);
    assert_int_equal(bench_admin(b, bench_create_cq(1, 16)), NVME_SC_SUCCESS);
    assert_int_equal(bench_admin(b, bench_create_sq(1, 16)), NVME_SC_INVALID_QUEUE_SIZE);
    bench_destroy(b);
}

static unsigned delete_queue(struct bench *b, uint8_t opcode, uint32_t qid)
{
    return bench_admin(b, (struct nvme_sqe){.opcode = opcode, .cdw10 = qid});
}

static void test_queues_are_deleted_submission_first(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    assert_int_equal(delete_queue(b, NVME_ADMIN_DELETE_SQ, 0), NVME_SC_INVALID_QID);
    assert_int_equal(delete_queue(b, NVME_ADMIN_DELETE_SQ, 2), NVME_SC_INVALID_QID);
    assert_int_equal(delete_queue(b, NVME_ADMIN_DELETE_SQ, 0xffff), NVME_SC_INVALID_QID);
    assert_int_equal(delete_queue(b, NVME_ADMIN_DELETE_CQ, 0), NVME_SC_INVALID_QID);
    assert_int_equal(delete_queue(b, NVME_ADMIN_DELETE_CQ, 2), NVME_SC_INVALID_QID);
    assert_int_equal(delete_queue(b, NVME_ADMIN_DELETE_CQ, 0xffff), NVME_SC_INVALID_QID);
    assert_int_equal(delete_queue(b, NVME_ADMIN_DELETE_CQ, 1), NVME_SC_INVALID_QUEUE_DELETION);
    const struct nvme_sqe count = {.opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = NVME_FEATURE_NUMBER_OF_QUEUES,
                                   .cdw11 = 0x00070007};
    assert_int_not_equal(bench_admin(b, count), NVME_SC_SUCCESS); // 5.21.1.7: only before any is created
    assert_int_equal(delete_queue(b, NVME_ADMIN_DELETE_SQ, 1), NVME_SC_SUCCESS);
    assert_int_not_equal(bench_admin(b, count), NVME_SC_SUCCESS);
    assert_int_equal(delete_queue(b, NVME_ADMIN_DELETE_CQ, 1), NVME_SC_SUCCESS);
    assert_int_equal(bench_admin(b, count), NVME_SC_SUCCESS);
    bench_create_queue(b, 1, 16);
    assert_int_equal(bench_status(bench_command(b, 1, reading())), NVME_SC_SUCCESS);
    bench_destroy(b);
}

static void test_a_queue_is_deleted_once(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    struct nvme_cqe cqe;
    b->core_hold = true;
    bench_submit(b, 1, reading());
    bench_submit(b, 0, (struct nvme_sqe){.opcode = NVME_ADMIN_DELETE_SQ, .cdw10 = 1});
    assert_false(bench_take(b, 0, &cqe));
    assert_int_equal(delete_queue(b, NVME_ADMIN_DELETE_SQ, 1), NVME_SC_INVALID_QID);
    bench_core_release(b);
    bench_run(b);
    assert_true(bench_take(b, 0, &cqe));
    assert_int_equal(bench_status(cqe), NVME_SC_SUCCESS);
    bench_destroy(b);
}

static void test_deletion_waits_for_the_queues_commands(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    struct nvme_cqe cqe;
    b->core_hold = true;
    bench_put(b, 1, reading());
    bench_put(b, 1, reading());
    bench_ring(b, 1);
    bench_run(b);
    bench_put(b, 0, (struct nvme_sqe){.opcode = NVME_ADMIN_DELETE_SQ, .cdw10 = 1});
    bench_ring(b, 0);
    bench_run(b);
    bench_put(b, 1, reading()); // never to be fetched
    bench_ring(b, 1);
    bench_run(b);
    assert_false(bench_take(b, 0, &cqe));
    sim_after(b->sim, 0, bench_core_run, container_of(list_pop(&b->core_held), struct ftl_request, link));
    bench_run(b);
    assert_true(bench_take(b, 1, &cqe));
    assert_false(bench_take(b, 0, &cqe)); // one of two is left
    bench_core_release(b);
    bench_run(b);
    assert_true(bench_take(b, 1, &cqe));
    assert_false(bench_take(b, 1, &cqe));
    assert_true(bench_take(b, 0, &cqe));
    assert_int_equal(bench_status(cqe), NVME_SC_SUCCESS);
    assert_int_equal(b->core_count, 2);
    assert_true(nvme_idle(b->nvme)); // the entry that was not fetched went with its queue
    bench_ring_head(b, 0);
    bench_run(b);
    bench_create_queue(b, 3, 16);
    assert_int_equal(delete_queue(b, NVME_ADMIN_DELETE_CQ, 1), NVME_SC_SUCCESS);
    bench_create_queue(b, 1, 16);
    assert_int_equal(bench_status(bench_command(b, 1, reading())), NVME_SC_SUCCESS);
    assert_int_equal(bench_status(bench_command(b, 3, reading())), NVME_SC_SUCCESS);
    bench_destroy(b);
}

// The queue waits in the arbiter while it is deleted and created anew.
static void test_a_queue_created_anew_has_its_new_priority(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    b->config.arbitration = NVME_AMS_WEIGHTED;
    b->config.fetch_depth = 1;
    bench_start(b);
    bench_enable_function(b);
    bench_enable_controller(b, BENCH_CC | NVME_AMS_WEIGHTED << NVME_CC_AMS_SHIFT);
    bench_create_queue(b, 1, 16);
    struct nvme_sqe creation = bench_create_sq(1, 16);
    creation.cdw11 |= NVME_QPRIO_LOW << NVME_SQ_QPRIO_SHIFT;
    bench_put(b, 0, (struct nvme_sqe){.opcode = NVME_ADMIN_DELETE_SQ, .cdw10 = 1});
    bench_put(b, 0, creation);
    bench_put(b, 1, reading());
    bench_ring(b, 0);
    bench_ring(b, 1);
    bench_run(b);
    struct nvme_cqe cqe;
    assert_true(bench_take(b, 0, &cqe) && bench_take(b, 0, &cqe));
    assert_int_equal(bench_status(cqe), NVME_SC_SUCCESS);
    assert_int_equal(b->nvme->queues.sqs[1].contender.priority, NVME_QPRIO_LOW);
    assert_true(nvme_idle(b->nvme));
    bench_destroy(b);
}

static void test_two_submission_queues_share_a_completion_queue(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    struct nvme_sqe second = bench_create_sq(2, 16);
    second.cdw11 = 1 | 1 << 16;
    assert_int_equal(bench_admin(b, second), NVME_SC_SUCCESS);
    b->queues[2] = (struct bench_queue){.size = 16, .sq = BENCH_SQ + 0x20000};
    bench_put(b, 1, reading());
    bench_put(b, 2, reading());
    bench_ring(b, 1);
    bench_ring(b, 2);
    bench_run(b);
    struct nvme_cqe first, other;
    assert_true(bench_take(b, 1, &first));
    assert_true(bench_take(b, 1, &other));
    assert_int_equal(first.sqid, 1);
    assert_int_equal(other.sqid, 2);
    assert_int_equal(delete_queue(b, NVME_ADMIN_DELETE_SQ, 1), 0);
    assert_int_equal(delete_queue(b, NVME_ADMIN_DELETE_CQ, 1), NVME_SC_INVALID_QUEUE_DELETION);
    bench_destroy(b);
}

// Two submission queues of 64 entries that share a completion queue of `size`.
static void share_queue(struct bench *b, uint32_t size)
{
    assert_int_equal(bench_admin(b, bench_create_cq(2, size)), 0);
    for (uint32_t qid = 2; qid <= 3; qid++) {
        struct nvme_sqe sq = bench_create_sq(qid, 64);
        sq.cdw11 = NVME_QUEUE_PC | 2 << NVME_SQ_CQID_SHIFT;
        assert_int_equal(bench_admin(b, sq), 0);
        b->queues[qid] = (struct bench_queue){.size = 64, .sq = BENCH_SQ + qid * 0x10000};
    }
}

// 5.6: the queue's commands are completed explicitly or implicitly; a host that takes no more entries can delete.
static void test_a_queue_is_deleted_behind_a_full_completion_queue(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    struct nvme_cqe cqe;
    share_queue(b, 2);
    uint16_t cids[4];
    for (uint32_t i = 0; i < 4; i++)
        cids[i] = bench_submit(b, 2 + i % 2, reading());
    assert_int_equal(nvme_get_stats(b->nvme)->completions_delayed, 3);
    assert_int_equal(delete_queue(b, NVME_ADMIN_DELETE_SQ, 2), NVME_SC_SUCCESS);
    // The entry that was written stands; the other queue's commands get theirs as room becomes free.
    b->queues[2] = (struct bench_queue){.size = 2, .phase = 1, .cq = BENCH_CQ + 0x20000};
    static const uint16_t sqids[] = {2, 3, 3}, kept[] = {0, 1, 3};
    for (size_t i = 0; i < ARRAY_SIZE(sqids); i++) {
        assert_true(bench_take(b, 2, &cqe));
        assert_int_equal(cqe.sqid, sqids[i]);
        assert_int_equal(cqe.cid, cids[kept[i]]);
        bench_ring_head(b, 2);
        bench_run(b);
    }
    assert_false(bench_take(b, 2, &cqe));
    assert_true(nvme_idle(b->nvme));
    assert_int_equal(delete_queue(b, NVME_ADMIN_DELETE_SQ, 3), NVME_SC_SUCCESS);
    assert_int_equal(delete_queue(b, NVME_ADMIN_DELETE_CQ, 2), NVME_SC_SUCCESS);
    bench_destroy(b);
}

static void test_commands_of_a_deleted_queue_that_find_no_room_are_dropped(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    struct nvme_cqe cqe;
    share_queue(b, 2);
    b->core_hold = true;
    bench_submit(b, 2, reading());
    bench_submit(b, 2, reading());
    bench_submit(b, 0, (struct nvme_sqe){.opcode = NVME_ADMIN_DELETE_SQ, .cdw10 = 2});
    assert_false(bench_take(b, 0, &cqe));
    bench_core_release(b);
    bench_run(b);
    assert_true(bench_take(b, 0, &cqe));
    assert_int_equal(bench_status(cqe), NVME_SC_SUCCESS);
    assert_true(nvme_idle(b->nvme));
    bench_destroy(b);
}

// 4.6: how far the host's entries have been taken when the completion is made, not those that are being fetched.
static void test_sqhd_names_what_has_been_fetched(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    b->config.fetch_burst = 1;
    bench_up(b);
    for (int i = 0; i < 4; i++)
        bench_put(b, 1, reading());
    bench_ring(b, 1);
    bench_run(b);
    struct nvme_cqe cqe;
    for (uint16_t head = 1; head <= 4; head++) {
        assert_true(bench_take(b, 1, &cqe));
        assert_int_equal(cqe.sqhd, head);
    }
    bench_destroy(b);
}

// All places of the controller are taken by commands that wait for the host to take completions: it may still delete.
static void test_the_admin_queue_always_has_a_place(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    b->config.max_commands = 3;
    bench_up(b);
    share_queue(b, 2);
    for (int i = 0; i < 6; i++)
        bench_submit(b, 2 + (uint32_t)i % 2, reading());
    assert_int_equal(b->nvme->commands.in_flight, 3);
    assert_int_equal(bench_admin(b, (struct nvme_sqe){.opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = 1}), 0);
    assert_int_equal(b->nvme->commands.in_flight, 3);
    assert_int_equal(delete_queue(b, NVME_ADMIN_DELETE_SQ, 2), NVME_SC_SUCCESS);
    assert_int_equal(delete_queue(b, NVME_ADMIN_DELETE_SQ, 3), NVME_SC_SUCCESS);
    assert_true(nvme_idle(b->nvme));
    bench_destroy(b);
}

// What it says is seen by who looks at the queue, once it has arrived.
static void test_a_completion_queues_doorbell_takes_no_event_where_nobody_waits(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    struct nvme_cqe cqe;
    bench_submit(b, 1, bench_rw(NVME_IO_READ, 0, 8));
    assert_true(bench_take(b, 1, &cqe));
    uint64_t doorbells = nvme_get_stats(b->nvme)->doorbells;
    bench_ring_head(b, 1);
    assert_true(sim_next(b->sim) == TICK_NEVER);
    assert_int_equal(b->nvme->queues.cqs[1].head, 0);
    assert_int_equal(nvme_get_stats(b->nvme)->doorbells, doorbells);
    bench_submit(b, 1, bench_rw(NVME_IO_READ, 0, 8));
    assert_int_equal(nvme_get_stats(b->nvme)->doorbells, doorbells + 2); // with the one of the submission
    assert_int_equal(b->nvme->queues.cqs[1].head, 1);
    bench_destroy(b);
}

// Five doorbells on their way, before any arrives: the last one finds no place, and is an event. After all of them the
// head is where the last one says.
static void test_more_doorbells_on_their_way_than_are_kept(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    struct nvme_cqe cqe;
    for (unsigned i = 0; i < 5; i++)
        bench_put(b, 1, bench_rw(NVME_IO_READ, 0, 8));
    bench_ring(b, 1);
    bench_run(b);
    uint64_t doorbells = nvme_get_stats(b->nvme)->doorbells;
    for (unsigned i = 0; i < 5; i++) {
        assert_true(bench_take(b, 1, &cqe));
        assert_true(sim_next(b->sim) == TICK_NEVER);
        bench_ring_head(b, 1);
    }
    assert_true(sim_next(b->sim) != TICK_NEVER);
    bench_run(b);
    assert_int_equal(b->nvme->queues.cqs[1].head, 5);
    assert_int_equal(nvme_get_stats(b->nvme)->doorbells, doorbells + 5);
    bench_destroy(b);
}

// The interrupt is masked, and pending: the doorbell that empties the queue withdraws it when it arrives.
static void test_a_doorbell_that_a_pending_interrupt_waits_for_is_an_event(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    struct nvme_cqe cqe;
    bench_write(b, b->nvme->pci.table_offset + PCI_MSIX_ENTRY_BYTES + 12, PCI_MSIX_ENTRY_MASKED);
    bench_submit(b, 1, bench_rw(NVME_IO_READ, 0, 8));
    assert_true(bench_take(b, 1, &cqe));
    bench_ring_head(b, 1);
    assert_true(sim_next(b->sim) != TICK_NEVER);
    bench_run(b);
    assert_int_equal(bench_read(b, b->nvme->pci.pba_offset, 4), 0);
    bench_destroy(b);
}

// As if it were an event: after a reset nobody takes it; and a wrong value is told.
static void test_doorbells_on_their_way_do_not_outlive_a_reset(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    struct nvme_cqe cqe;
    bench_submit(b, 1, bench_rw(NVME_IO_READ, 0, 8));
    assert_true(bench_take(b, 1, &cqe));
    uint64_t doorbells = nvme_get_stats(b->nvme)->doorbells;
    bench_ring_head(b, 1);
    registers_write(b->nvme, NVME_REG_CC, BENCH_CC & ~1u);
    bench_run(b);
    assert_int_equal(nvme_get_stats(b->nvme)->doorbells, doorbells); // it found a controller that was not ready
    bench_enable_controller(b, BENCH_CC);
    bench_create_queue(b, 1, 64);
    assert_int_equal(b->nvme->queues.cqs[1].head, 0);
    b->queues[1].cq_head = 1;
    bench_ring_head(b, 1); // no entry is there
    bench_run(b);
    assert_int_equal(nvme_get_stats(b->nvme)->invalid_doorbells, 1);
    bench_destroy(b);
}

// --- queues by lists of pages --------------------------------------------------------------------------------------

enum { PAGE = 4096, SQ_PAGES = BENCH_SQ, CQ_PAGES = BENCH_CQ, SQ_ENTRIES = 130, CQ_ENTRIES = 300 };

// The n-th page of a queue, from the end of its memory to the beginning, so that no two lie behind each other.
static uint64_t page_of(uint64_t memory, uint32_t n)
{
    return memory + (7 - n) * 2 * (uint64_t)PAGE;
}

static void put_list(struct bench *b, uint64_t list, uint64_t memory, uint32_t pages)
{
    for (uint32_t i = 0; i < pages; i++)
        memcpy(b->memory + list + 8 * i, &(uint64_t){page_of(memory, i)}, 8);
}

static struct nvme_sqe by_list(struct nvme_sqe sqe, uint64_t list)
{
    sqe.cdw11 &= ~(uint32_t)NVME_QUEUE_PC;
    sqe.prp1 = list;
    return sqe;
}

static struct bench *with_lists(void)
{
    struct bench *b = bench_create();
    b->config.contiguous_queues = false;
    bench_up(b);
    put_list(b, BENCH_LISTS, CQ_PAGES, 2);
    put_list(b, BENCH_LISTS + PAGE, SQ_PAGES, 3);
    return b;
}

// NVMe 1.4, 5.3 and 5.4 (PC = 0), 3.1.1 (CAP.CQR): entries are where the list says; 64 of a submission queue fill a
// page, 256 of a completion queue, and no fetch goes beyond one.
static void test_queues_may_lie_in_pages_that_a_list_names(void **state)
{
    (void)state;
    struct bench *b = with_lists();
    assert_int_equal(NVME_FIELD(bench_read(b, NVME_REG_CAP, 8), NVME_CAP_CQR), 0);
    assert_int_equal(bench_admin(b, by_list(bench_create_cq(2, CQ_ENTRIES), BENCH_LISTS)), NVME_SC_SUCCESS);
    assert_int_equal(bench_admin(b, by_list(bench_create_sq(2, SQ_ENTRIES), BENCH_LISTS + PAGE)), NVME_SC_SUCCESS);
    uint32_t tail = 0, head = 0, phase = 1;
    for (uint32_t n = 0; n < 1000; n++) {
        struct nvme_sqe sqe = bench_rw(NVME_IO_READ, n, 1);
        struct nvme_cqe cqe;
        sqe.cid = (uint16_t)n;
        memcpy(b->memory + page_of(SQ_PAGES, tail / 64) + tail % 64 * sizeof sqe, &sqe, sizeof sqe);
        tail = (tail + 1) % SQ_ENTRIES;
        bench_write(b, bench_doorbell(b, 2, false), tail);
        memcpy(&cqe, b->memory + page_of(CQ_PAGES, head / 256) + head % 256 * sizeof cqe, sizeof cqe);
        assert_int_equal(cqe.status, phase);
        assert_int_equal(cqe.cid, n);
        assert_int_equal(cqe.sqhd, tail);
        phase ^= ++head == CQ_ENTRIES;
        head %= CQ_ENTRIES;
        bench_write(b, bench_doorbell(b, 2, true), head);
    }
    assert_int_equal(bench_admin(b, (struct nvme_sqe){.opcode = NVME_ADMIN_DELETE_SQ, .cdw10 = 2}), NVME_SC_SUCCESS);
    assert_int_equal(bench_admin(b, (struct nvme_sqe){.opcode = NVME_ADMIN_DELETE_CQ, .cdw10 = 2}), NVME_SC_SUCCESS);
    assert_int_equal(bench_admin(b, bench_create_cq(2, 8)), NVME_SC_SUCCESS);
    bench_destroy(b);
}

static void test_a_fetch_ends_at_the_end_of_a_page(void **state)
{
    (void)state;
    struct bench *b = with_lists();
    assert_int_equal(bench_admin(b, by_list(bench_create_cq(2, CQ_ENTRIES), BENCH_LISTS)), NVME_SC_SUCCESS);
    assert_int_equal(bench_admin(b, by_list(bench_create_sq(2, SQ_ENTRIES), BENCH_LISTS + PAGE)), NVME_SC_SUCCESS);
    for (uint32_t i = 0; i < 68; i++) {
        struct nvme_sqe sqe = bench_rw(NVME_IO_READ, i, 1);
        memcpy(b->memory + page_of(SQ_PAGES, i / 64) + i % 64 * sizeof sqe, &sqe, sizeof sqe);
    }
    bench_write(b, bench_doorbell(b, 2, false), 60);
    uint64_t fetches = b->nvme->stats.fetches, reads = b->nvme->stats.reads;
    bench_write(b, bench_doorbell(b, 2, false), 68); // eight, the burst: four of either page
    assert_int_equal(b->nvme->stats.fetches - fetches, 2);
    assert_int_equal(b->nvme->stats.reads - reads, 8);
    bench_destroy(b);
}

// 4.3: the last entry of a list's page points to the next page where there are more. 65 536 entries of 64 bytes are
// 1024 pages: 511 and a pointer, 511 and a pointer, 2.
static void test_lists_of_large_queues_are_chained(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    b->config.contiguous_queues = false;
    b->config.max_queue_entries = 65536;
    bench_up(b);
    uint64_t place = 0, before = b->nvme->stats.prp_lists;
    for (uint64_t i = 0; i < 1024; i++, place++) {
        if (place % 512 == 511) {
            memcpy(b->memory + BENCH_LISTS + 8 * place, &(uint64_t){BENCH_LISTS + 8 * (place + 1)}, 8);
            place++;
        }
        memcpy(b->memory + BENCH_LISTS + 8 * place, &(uint64_t){BENCH_DATA + (i * 37 % 256) * PAGE}, 8);
    }
    assert_int_equal(bench_admin(b, bench_create_cq(2, 8)), NVME_SC_SUCCESS);
    assert_int_equal(bench_admin(b, by_list(bench_create_sq(2, 65536), BENCH_LISTS)), NVME_SC_SUCCESS);
    assert_int_equal(b->nvme->stats.prp_lists - before, 3);
    for (uint64_t i = 0; i < 1024; i++)
        assert_int_equal(b->nvme->queues.sqs[2].memory.pages[i], BENCH_DATA + (i * 37 % 256) * PAGE);
    bench_write(b, NVME_REG_CC, 0); // which gives them back
    bench_destroy(b);
}

static void test_wrong_lists_of_queues_are_refused(void **state)
{
    (void)state;
    struct bench *b = with_lists();
    memcpy(b->memory + BENCH_LISTS + 8, &(uint64_t){CQ_PAGES + 4}, 8);
    assert_int_equal(bench_admin(b, by_list(bench_create_cq(2, CQ_ENTRIES), BENCH_LISTS)), NVME_SC_PRP_OFFSET_INVALID);
    assert_int_equal(bench_admin(b, by_list(bench_create_cq(2, CQ_ENTRIES), BENCH_MEMORY)),
                     NVME_SC_DATA_TRANSFER_ERROR);
    assert_int_equal(bench_admin(b, by_list(bench_create_cq(2, CQ_ENTRIES), BENCH_LISTS + 8)),
                     NVME_SC_PRP_OFFSET_INVALID);
    assert_false(b->nvme->queues.cqs[2].exists);
    bench_destroy(b);
    b = bench_up(bench_create()); // CAP.CQR
    assert_int_equal(bench_admin(b, by_list(bench_create_cq(2, CQ_ENTRIES), BENCH_LISTS)), NVME_SC_INVALID_FIELD);
    bench_destroy(b);
}

// Two Create commands for one queue: the second one passes the first while its list is read.
static void test_a_queue_is_created_once_while_its_list_is_read(void **state)
{
    (void)state;
    struct bench *b = with_lists();
    struct nvme_cqe first, second;
    bench_put(b, 0, by_list(bench_create_cq(2, CQ_ENTRIES), BENCH_LISTS));
    bench_put(b, 0, bench_create_cq(2, 8));
    bench_ring(b, 0);
    bench_run(b);
    assert_true(bench_take(b, 0, &first) && bench_take(b, 0, &second));
    assert_int_equal(bench_status(first), NVME_SC_SUCCESS);
    assert_int_equal(bench_status(second), NVME_SC_INVALID_QID);
    assert_int_equal(b->nvme->queues.cqs[2].size, 8);
    bench_destroy(b);
}

// 5.21.1.7: 0's based numbers of 16 bits, of which FFFFh is none: 65 535 of each kind.
static void test_there_may_be_65535_queues(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    b->config.max_queues = 65535;
    bench_up(b);
    struct nvme_cqe answer = bench_command(b, 0, (struct nvme_sqe){.opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = 7});
    assert_int_equal(answer.dw0, 0xfffefffe);
    struct nvme_sqe cq = bench_create_cq(65535, 8), sq = bench_create_sq(65535, 8);
    cq.prp1 = BENCH_CQ + 0x20000, sq.prp1 = BENCH_SQ + 0x20000;
    cq.cdw11 = NVME_QUEUE_PC | NVME_CQ_IEN | 1 << NVME_CQ_VECTOR_SHIFT;
    assert_int_equal(bench_admin(b, cq), NVME_SC_SUCCESS);
    assert_int_equal(bench_admin(b, sq), NVME_SC_SUCCESS);
    struct nvme_sqe sqe = bench_rw(NVME_IO_READ, 0, 1);
    struct nvme_cqe cqe;
    memcpy(b->memory + BENCH_SQ + 0x20000, &sqe, sizeof sqe);
    bench_write(b, 0x1000 + 2 * 65535 * 4, 1);
    memcpy(&cqe, b->memory + BENCH_CQ + 0x20000, sizeof cqe);
    assert_int_equal(cqe.status, 1);
    assert_int_equal(cqe.sqid, 65535);
    assert_int_equal(b->messages[1], 1);
    bench_destroy(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_completion_queues_doorbell_takes_no_event_where_nobody_waits),
        cmocka_unit_test(test_more_doorbells_on_their_way_than_are_kept),
        cmocka_unit_test(test_a_doorbell_that_a_pending_interrupt_waits_for_is_an_event),
        cmocka_unit_test(test_doorbells_on_their_way_do_not_outlive_a_reset),
        cmocka_unit_test(test_phase_and_head_follow_the_rings_over_their_ends),
        cmocka_unit_test(test_a_fetch_ends_at_the_end_of_the_ring),
        cmocka_unit_test(test_completions_wait_for_room_in_their_queue),
        cmocka_unit_test(test_limits_of_commands_and_fetches_hold),
        cmocka_unit_test(test_a_waiting_event_request_takes_no_room),
        cmocka_unit_test(test_the_burst_of_the_arbitration_feature_bounds_a_fetch),
        cmocka_unit_test(test_impossible_doorbells_change_nothing_and_are_reported),
        cmocka_unit_test(test_doorbells_stay_within_the_ring),
        cmocka_unit_test(test_a_tail_cannot_pass_the_head),
        cmocka_unit_test(test_doorbells_lie_the_stride_apart),
        cmocka_unit_test(test_creation_is_refused_with_the_standards_status),
        cmocka_unit_test(test_io_entry_sizes_must_be_set),
        cmocka_unit_test(test_queues_are_deleted_submission_first),
        cmocka_unit_test(test_a_queue_is_deleted_once),
        cmocka_unit_test(test_deletion_waits_for_the_queues_commands),
        cmocka_unit_test(test_a_queue_created_anew_has_its_new_priority),
        cmocka_unit_test(test_two_submission_queues_share_a_completion_queue),
        cmocka_unit_test(test_a_queue_is_deleted_behind_a_full_completion_queue),
        cmocka_unit_test(test_commands_of_a_deleted_queue_that_find_no_room_are_dropped),
        cmocka_unit_test(test_sqhd_names_what_has_been_fetched),
        cmocka_unit_test(test_the_admin_queue_always_has_a_place),
        cmocka_unit_test(test_queues_may_lie_in_pages_that_a_list_names),
        cmocka_unit_test(test_a_fetch_ends_at_the_end_of_a_page),
        cmocka_unit_test(test_lists_of_large_queues_are_chained),
        cmocka_unit_test(test_wrong_lists_of_queues_are_refused),
        cmocka_unit_test(test_a_queue_is_created_once_while_its_list_is_read),
        cmocka_unit_test(test_there_may_be_65535_queues),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
