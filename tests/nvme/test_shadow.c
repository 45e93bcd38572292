// Shadow doorbells, with a host that does as Linux 6.1: it writes the shadow, and rings only when it passes EventIdx.
#include "bench.h"

#include "util/rng.h"

enum { SHADOWS = BENCH_LISTS, EVENTS = BENCH_LISTS + 0x1000 };

static struct nvme_sqe configuration(uint64_t shadows, uint64_t events)
{
    return (struct nvme_sqe){.opcode = NVME_ADMIN_DOORBELL_BUFFER_CONFIG, .prp1 = shadows, .prp2 = events};
}

static struct bench *up(void)
{
    struct bench *b = bench_create();
    b->config.shadow_doorbells = true;
    bench_up(b);
    assert_int_equal(bench_admin(b, configuration(SHADOWS, EVENTS)), NVME_SC_SUCCESS);
    return b;
}

static uint32_t *word(struct bench *b, uint64_t buffer, uint32_t qid, bool head)
{
    return (uint32_t *)(void *)(b->memory + buffer + 4 * (2 * qid + head));
}

// drivers/nvme/host/pci.c, nvme_dbbuf_need_event, worked out anew: whether the way from `before` to `now` passes the
// index.
static bool passes(uint16_t event_index, uint16_t now, uint16_t before)
{
    return (uint16_t)(now - event_index - 1) < (uint16_t)(now - before);
}

// Returns whether the bell had to be rung.
static bool tell(struct bench *b, uint32_t qid, bool head, uint32_t value)
{
    uint32_t before = *word(b, SHADOWS, qid, head);
    *word(b, SHADOWS, qid, head) = value;
    if (!passes((uint16_t)*word(b, EVENTS, qid, head), (uint16_t)value, (uint16_t)before))
        return false;
    bench_post(b, bench_doorbell(b, qid, head), value);
    return true;
}

static bool submit(struct bench *b, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        bench_put(b, 1, bench_rw(NVME_IO_READ, i, 1));
    return tell(b, 1, false, b->queues[1].sq_tail);
}

static uint32_t take(struct bench *b)
{
    struct nvme_cqe cqe;
    uint32_t count = 0;
    while (bench_take(b, 1, &cqe))
        count++;
    if (count > 0)
        tell(b, 1, true, b->queues[1].cq_head);
    return count;
}

static uint16_t oacs(struct bench *b)
{
    struct nvme_sqe identify = {.opcode = NVME_ADMIN_IDENTIFY, .prp1 = BENCH_DATA, .cdw10 = 1};
    assert_int_equal(bench_admin(b, identify), NVME_SC_SUCCESS);
    return ((struct nvme_identify_controller *)(void *)(b->memory + BENCH_DATA))->oacs;
}

// NVMe 1.4, 5.7 and figure 247 (OACS bit 8).
static void test_the_command_is_there_where_oacs_says_so(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    assert_int_equal(bench_admin(b, configuration(SHADOWS, EVENTS)), NVME_SC_INVALID_OPCODE);
    assert_int_equal(oacs(b) & 1 << 8, 0);
    bench_destroy(b);
    b = up();
    assert_int_equal(oacs(b) & 1 << 8, 1 << 8);
    assert_int_equal(bench_admin(b, configuration(SHADOWS + 4, EVENTS)), NVME_SC_INVALID_FIELD);
    assert_int_equal(bench_admin(b, configuration(SHADOWS, EVENTS + 4)), NVME_SC_INVALID_FIELD);
    bench_destroy(b);
}

// 7.13: a queue that is empty asks for the next entry.
static void test_the_bell_is_rung_for_the_first_command_only(void **state)
{
    (void)state;
    struct bench *b = up();
    uint64_t doorbells = nvme_get_stats(b->nvme)->doorbells;
    assert_true(submit(b, 1));
    sim_run_before(b->sim, sim_now(b->sim) + 100 * 1000); // the bell is on its way
    assert_false(submit(b, 1));
    assert_false(submit(b, 3));
    bench_run(b);
    assert_int_equal(take(b), 5);
    assert_int_equal(*word(b, EVENTS, 1, false), 5);
    assert_true(submit(b, 2));
    bench_run(b);
    assert_int_equal(take(b), 2);
    assert_int_equal(nvme_get_stats(b->nvme)->doorbells - doorbells, 2 + 1); // head: from 0 on past an index of 0
    bench_destroy(b);
}

// Once the entry is fetched: EventIdx written, 4 + 24 bytes, and the shadow asked for, 24, and answered, 4 + 20.
static void test_a_look_costs_a_write_and_a_read(void **state)
{
    (void)state;
    struct link before[2], after[2];
    for (int shadow = 0; shadow < 2; shadow++) {
        struct bench *b = shadow ? up() : bench_up(bench_create());
        before[shadow] = b->nvme->link;
        bench_put(b, 1, bench_rw(NVME_IO_READ, 0, 8));
        tell(b, 1, false, 1);
        bench_run(b);
        after[shadow] = b->nvme->link;
        bench_destroy(b);
    }
    uint64_t up_bytes[2], down_bytes[2];
    for (int shadow = 0; shadow < 2; shadow++) {
        up_bytes[shadow] = after[shadow].wire_bytes_up - before[shadow].wire_bytes_up;
        down_bytes[shadow] = after[shadow].wire_bytes_down - before[shadow].wire_bytes_down;
    }
    assert_int_equal(up_bytes[1] - up_bytes[0], 28 + 24);
    assert_int_equal(down_bytes[1] - down_bytes[0], 24);
}

// A host that comes at any moment: none of its entries is forgotten, though it rings for few of them.
static void test_no_entry_is_forgotten_whenever_it_comes(void **state)
{
    (void)state;
    struct rng rng;
    struct bench *b = up();
    uint32_t put = 0, taken = 0, rung = 0;
    rng_seed(&rng, 1, "shadow");
    b->core_delay = 2 * TICKS_PER_US;
    while (taken < 20000) {
        uint32_t room = 62 - (put - taken), count = (uint32_t)rng_below(&rng, 3);
        if (put < 20000 && count > 0 && count <= room) {
            rung += submit(b, count);
            put += count;
        }
        if (rng_below(&rng, 200) == 0 || put >= 20000)
            bench_run(b); // all are done, whatever comes
        else
            sim_run_before(b->sim, sim_now(b->sim) + rng_below(&rng, 1500000));
        if (sim_next(b->sim) == TICK_NEVER)
            assert_int_equal(b->nvme->commands.in_flight, 0);
        taken += take(b);
        if (sim_next(b->sim) == TICK_NEVER)
            assert_int_equal(taken, put);
    }
    assert_true(rung < put / 3);
    assert_int_equal(nvme_get_stats(b->nvme)->invalid_doorbells, 0);
    bench_destroy(b);
}

// A completion queue of 4 entries under 40 commands: the controller looks at its head when it is full.
static void test_completions_wait_for_a_head_that_is_written_to_memory(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    b->config.shadow_doorbells = true;
    bench_up(b);
    assert_int_equal(bench_admin(b, configuration(SHADOWS, EVENTS)), NVME_SC_SUCCESS);
    assert_int_equal(bench_admin(b, bench_create_cq(2, 4)), 0);
    assert_int_equal(bench_admin(b, bench_create_sq(2, 64)), 0);
    b->queues[2] = (struct bench_queue){.size = 64, .phase = 1, .sq = BENCH_SQ + 0x20000, .cq = BENCH_CQ + 0x20000};
    for (uint32_t i = 0; i < 40; i++)
        bench_put(b, 2, bench_rw(NVME_IO_READ, i, 1));
    tell(b, 2, false, 40);
    uint32_t head = 0, done = 0, rung = 0;
    uint16_t phase = 1;
    for (int turns = 0; done < 40 && turns < 200; turns++) {
        struct nvme_cqe cqe;
        bench_run(b);
        for (;;) {
            memcpy(&cqe, b->memory + BENCH_CQ + 0x20000 + head * sizeof cqe, sizeof cqe);
            if ((cqe.status & 1) != phase)
                break;
            head = (head + 1) % 4;
            phase ^= head == 0;
            done++;
        }
        rung += tell(b, 2, true, head);
    }
    assert_int_equal(done, 40);
    assert_true(rung > 0);
    bench_destroy(b);
}

// INTx: the line is released by a head that no register told of.
static void test_the_line_is_released_by_a_shadow(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    b->config.shadow_doorbells = true;
    bench_start(b);
    b->device.config_write(b->nvme, PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    bench_enable_controller(b, BENCH_CC);
    bench_create_queue(b, 1, 64);
    assert_int_equal(bench_admin(b, configuration(SHADOWS, EVENTS)), NVME_SC_SUCCESS);
    for (int i = 0; i < 100; i++) {
        submit(b, 1 + (uint32_t)i % 3);
        bench_run(b);
        assert_true(b->line);
        assert_int_equal(take(b), 1 + i % 3);
        bench_run(b);
        assert_false(b->line);
    }
    bench_destroy(b);
}

// 5.7: not retained across a reset; a new queue asks for its first entry, whatever an older one has left.
static void test_buffers_are_not_used_after_a_reset(void **state)
{
    (void)state;
    struct bench *b = up();
    submit(b, 5);
    bench_run(b);
    bench_enable_controller(b, BENCH_CC);
    bench_create_queue(b, 1, 64);
    uint64_t looks = b->nvme->shadow.looks;
    assert_int_equal(bench_status(bench_command(b, 1, bench_rw(NVME_IO_READ, 0, 8))), NVME_SC_SUCCESS);
    assert_int_equal(b->nvme->shadow.looks, looks);
    assert_int_equal(*word(b, EVENTS, 1, false), 5);
    bench_destroy(b);
    b = up();
    submit(b, 5);
    bench_run(b);
    take(b);
    bench_run(b);
    bench_admin(b, (struct nvme_sqe){.opcode = NVME_ADMIN_DELETE_SQ, .cdw10 = 1});
    assert_int_equal(bench_admin(b, bench_create_sq(1, 64)), NVME_SC_SUCCESS);
    b->queues[1].sq_tail = 0;
    *word(b, SHADOWS, 1, false) = 0;
    assert_int_equal(*word(b, EVENTS, 1, false), 0);
    assert_true(submit(b, 1));
    bench_run(b);
    assert_int_equal(take(b), 1);
    bench_destroy(b);
}

// A buffer where no memory is is as bad as a queue there: 3.1.6.
static void test_a_shadow_that_cannot_be_read_is_fatal(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    b->config.shadow_doorbells = true;
    bench_up(b);
    assert_int_equal(bench_admin(b, configuration(BENCH_MEMORY, EVENTS)), NVME_SC_SUCCESS);
    bench_run(b);
    assert_int_equal(bench_read(b, NVME_REG_CSTS, 4), NVME_CSTS_RDY | NVME_CSTS_CFS);
    bench_destroy(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_command_is_there_where_oacs_says_so),
        cmocka_unit_test(test_the_bell_is_rung_for_the_first_command_only),
        cmocka_unit_test(test_a_look_costs_a_write_and_a_read),
        cmocka_unit_test(test_no_entry_is_forgotten_whenever_it_comes),
        cmocka_unit_test(test_completions_wait_for_a_head_that_is_written_to_memory),
        cmocka_unit_test(test_the_line_is_released_by_a_shadow),
        cmocka_unit_test(test_buffers_are_not_used_after_a_reset),
        cmocka_unit_test(test_a_shadow_that_cannot_be_read_is_fatal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
