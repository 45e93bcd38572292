// What an operation's waits were for, by schedules made by hand: each cause to the picosecond, and together the wait.
#include "rig.h"
#include "stats/holding.h"
#include "util/macros.h"

#define BEGUN (10 * US)

static struct nand_config config;

static struct rig *created;

// As if block 3 belonged to superblock 103.
static struct wait_origin origin_of(const struct nand_op *op)
{
    static const char *const names[NAND_KIND_COUNT] = {"reading", "programming", "erasing"};
    return (struct wait_origin){names[op->kind], 100 + nand_locate_page(created->g, op->at).block};
}

static struct rig *explained_rig(void)
{
    struct rig *rig = created = rig_create(&config, 1);
    nand_explain(rig->nand, origin_of);
    for (uint32_t block = 0; block < 7; block++)
        nand_assume(&rig->port, block, rig->g->rows);
    return rig;
}

static tick_t waits[RIG_OPS][WAIT_NAND_COUNT];

static struct rig_op *kept(struct rig_op *r)
{
    r->op.waits = waits[r - r->rig->ops];
    return r;
}

static tick_t cause(const struct rig_op *r, enum stage stage, enum nand_holder holder)
{
    return wait_of(&r->op.path, wait_ranges[stage].first + holder);
}

// These causes, and no others.
static void expect(const struct rig_op *r, enum stage stage, const tick_t causes[NAND_HOLDER_COUNT])
{
    tick_t sum = 0;
    for (int i = 0; i < NAND_HOLDER_COUNT; i++) {
        assert_int_equal(cause(r, stage, i), causes[i]);
        sum += causes[i];
    }
    assert_int_equal(rig_spent(r, stage), sum);
    assert_int_equal(wait_rest(&r->op.path, stage), 0);
}

#define CAUSES(...) (const tick_t[NAND_HOLDER_COUNT]){__VA_ARGS__}

// --- dies ----------------------------------------------------------------------------------------------------------

// A die is taken at 0, a host read comes 10 us later.
static void test_a_read_waits_for_whoever_has_the_die(void **state)
{
    (void)state;
    static const struct {
        enum nand_kind kind;
        struct nand_source source;
        enum nand_holder holder;
        tick_t takes;
    } rows[] = {
        {NAND_READ, NAND_HOST, HOLDER_HOST_READ, 40 * US},
        {NAND_READ, NAND_AHEAD, HOLDER_READ_AHEAD, 40 * US},
        {NAND_READ, NAND_GC, HOLDER_GC_READ, 40 * US},
        {NAND_READ, NAND_FOLD, HOLDER_FOLD_READ, 40 * US},
        {NAND_READ, {NAND_URGENT, NAND_FOR_STRIPE, NAND_TO_RAID}, HOLDER_RAID, 40 * US},
        {NAND_PROGRAM, NAND_HOST, HOLDER_HOST_WRITE, 1100 * US},
        {NAND_PROGRAM, NAND_GC, HOLDER_GC_WRITE, 1100 * US},
        {NAND_PROGRAM, NAND_FOLD, HOLDER_FOLD_WRITE, 1100 * US},
        {NAND_PROGRAM, {NAND_BACKGROUND, NAND_FOR_GC, NAND_TO_PARITY}, HOLDER_PARITY, 1100 * US},
        {NAND_ERASE, NAND_GC, HOLDER_ERASE, 5000 * US},
    };
    config = rig_config();
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct rig *rig = explained_rig();
        tick_t causes[NAND_HOLDER_COUNT] = {0};
        causes[rows[i].holder] = rows[i].takes - BEGUN;
        rig_at(rig, 0, rows[i].kind, rows[i].source, (struct nand_address){.block = 7 * (rows[i].kind != NAND_READ)},
               rows[i].kind == NAND_READ);
        struct rig_op *read = kept(rig_read(rig, BEGUN, 0, 0, 1));
        rig_run(rig);
        expect(read, STAGE_DIE_WAIT, causes);
        assert_int_equal(rig_took(read), rows[i].takes - BEGUN + 40 * US);
        rig_destroy(rig);
    }
}

// Behind an erase, reads of the host queue up, one each microsecond: each waits for the rest of it and all before it.
static void test_a_wait_is_split_among_all_who_had_the_die_meanwhile(void **state)
{
    (void)state;
    struct rig_op *reads[12];
    config = rig_config();
    struct rig *rig = explained_rig();
    rig_at(rig, 0, NAND_ERASE, NAND_GC, (struct nand_address){.block = 3}, 0);
    rig_at(rig, US, NAND_READ, NAND_GC, (struct nand_address){.block = 2}, 1); // goes last
    for (unsigned i = 0; i < ARRAY_SIZE(reads); i++)
        reads[i] = kept(rig_read(rig, (i + 1) * US, 0, 0, 1));
    rig_run(rig);
    for (unsigned i = 0; i < ARRAY_SIZE(reads); i++)
        expect(reads[i], STAGE_DIE_WAIT,
               CAUSES([HOLDER_ERASE] = (5000 - (i + 1)) * US, [HOLDER_HOST_READ] = 40 * US * i));
    rig_destroy(rig);
}

// An erase of 5 ms is told to stop at 100 us; 20 us later the first read has the die, until 160 us. 30 us of going on; the
// second read comes at 170 us, when the erase may not be suspended again, and waits for 20 us of that and the 4.9 ms left.
static void test_suspending_and_going_on_are_causes_of_their_own(void **state)
{
    (void)state;
    config = rig_config();
    config.suspend_limit = 1;
    config.t_suspend_erase = 20 * US;
    config.t_resume = 30 * US;
    struct rig *rig = explained_rig();
    rig_at(rig, 0, NAND_ERASE, NAND_GC, (struct nand_address){.block = 3}, 0);
    struct rig_op *first = kept(rig_read(rig, 100 * US, 0, 0, 1)), *second = kept(rig_read(rig, 170 * US, 0, 0, 1));
    rig_run(rig);
    expect(first, STAGE_DIE_WAIT, CAUSES([HOLDER_SUSPEND] = 20 * US));
    expect(second, STAGE_DIE_WAIT, CAUSES([HOLDER_SUSPEND] = 20 * US, [HOLDER_ERASE] = 4900 * US));
    assert_int_equal(nand_get_stats(rig->nand)->suspends, 1);
    assert_int_equal(second->op.path.fact.length, 4900 * US);
    assert_int_equal(second->op.path.fact.origin.superblock, 103);
    assert_string_equal(second->op.path.fact.origin.begun_by, "erasing");
    assert_int_equal(second->op.path.fact.holder, HOLDER_ERASE);
    assert_int_equal(second->op.path.fact.why, UNSUSPENDED_LIMIT);
    rig_destroy(rig);
}

// An erase of 5 ms, suspended by a read at 100 us in all but the first two cases. What is said of the last read.
static void test_why_an_erase_was_not_suspended(void **state)
{
    (void)state;
    static const struct {
        uint32_t limit;
        tick_t min_run, total, first, last;
        enum unsuspended why;
    } rows[] = {
        {0, 0, 0, 0, 200 * US, UNSUSPENDED_OFF},
        {9, 0, 0, 0, 4990 * US, UNSUSPENDED_TOO_LATE}, // stopping takes 20 us
        {1, 0, 0, 100 * US, 1000 * US, UNSUSPENDED_LIMIT},
        {9, 0, 10 * US, 100 * US, 1000 * US, UNSUSPENDED_TOTAL},
        {9, 2000 * US, 0, 100 * US, 1000 * US, UNSUSPENDED_DELAYED},
        {9, 500 * US, 0, 100 * US, 1000 * US, UNSUSPENDED_NOT_ASKED}, // it was, at once: the wait is for the stopping
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        config = rig_config();
        config.suspend_limit = rows[i].limit;
        config.suspend_min_run = rows[i].min_run;
        config.suspend_total = rows[i].total;
        config.t_suspend_erase = 20 * US;
        config.t_resume = 30 * US;
        struct rig *rig = explained_rig();
        rig_at(rig, 0, NAND_ERASE, NAND_GC, (struct nand_address){.block = 3}, 0);
        if (rows[i].first > 0)
            kept(rig_read(rig, rows[i].first, 0, 0, 1));
        struct rig_op *last = kept(rig_read(rig, rows[i].last, 0, 0, 1));
        rig_run(rig);
        assert_int_equal(last->op.path.fact.why, rows[i].why);
        assert_int_equal(last->op.path.fact.origin.superblock, 103);
        rig_destroy(rig);
    }
}

// A program of the host that is suspended waits for its die as long as the read has it, and for the 20 us of stopping.
static void test_a_suspended_program_waits_for_the_read(void **state)
{
    (void)state;
    config = rig_config();
    config.suspend_limit = 1;
    config.t_suspend_program = 20 * US;
    struct rig *rig = explained_rig();
    struct rig_op *program = kept(rig_at(rig, 0, NAND_PROGRAM, NAND_HOST, (struct nand_address){.block = 7}, 0));
    rig_read(rig, 100 * US, 0, 0, 1);
    rig_run(rig);
    expect(program, STAGE_DIE_WAIT, CAUSES([HOLDER_HOST_READ] = 60 * US));
    assert_int_equal(rig_took(program), 1160 * US);
    rig_destroy(rig);
}

// --- channels ------------------------------------------------------------------------------------------------------

// Dies 0 and 2 share a channel. Both reads come at once: the second's command waits for the first's, its data too.
static void test_a_read_waits_for_the_channel_behind_another_read(void **state)
{
    (void)state;
    config = rig_config();
    rig_set_bus(&config, 333000000);
    struct rig *rig = explained_rig();
    struct rig_op *first = kept(rig_read(rig, 0, 0, 0, 1)), *second = kept(rig_read(rig, 0, 2, 0, 1));
    rig_run(rig);
    expect(first, STAGE_CHANNEL_WAIT, CAUSES(0));
    assert_true(rig_spent(second, STAGE_CHANNEL_WAIT) > 0);
    expect(second, STAGE_CHANNEL_WAIT, CAUSES([HOLDER_HOST_READ] = rig_spent(second, STAGE_CHANNEL_WAIT)));
    rig_destroy(rig);
}

// The data of a copy wait until all pages of a program have been sent: for its transfers, and for the tDBSY in which the
// channel is kept for the next one. The program has six pages, so five pauses, all of them while the copy waits.
static void test_a_copy_waits_for_a_program_and_its_pauses(void **state)
{
    (void)state;
    config = rig_config();
    rig_set_bus(&config, 333000000);
    struct rig *rig = explained_rig();
    struct rig_op *copy = kept(rig_at(rig, 0, NAND_READ, NAND_GC, (struct nand_address){.die = 2}, 1));
    struct rig_op *program = rig_at(rig, 30 * US, NAND_PROGRAM, NAND_HOST, (struct nand_address){.block = 7}, 0);
    rig_run(rig);
    tick_t all = rig_spent(copy, STAGE_CHANNEL_WAIT), pause = 5 * 500 * NS;
    assert_int_equal(cause(copy, STAGE_CHANNEL_WAIT, HOLDER_PAUSE), pause);
    expect(copy, STAGE_CHANNEL_WAIT, CAUSES([HOLDER_HOST_WRITE] = all - pause, [HOLDER_PAUSE] = pause));
    assert_true(rig_spent(program, STAGE_TRANSFER) > all - pause);
    rig_destroy(rig);
}

// The same for data that come at any time of a page and its pause: of what is under way only what is left is waited for.
static void test_a_wait_may_begin_within_a_pause(void **state)
{
    (void)state;
    unsigned within = 0;
    config = rig_config();
    rig_set_bus(&config, 333000000);
    config.t_r.at[0] = 90 * US;
    for (tick_t at = 10 * US; at < 70 * US; at += 400 * NS) {
        struct rig *rig = explained_rig();
        struct rig_op *copy = kept(rig_at(rig, 0, NAND_READ, NAND_GC, (struct nand_address){.die = 2}, 1));
        rig_at(rig, at, NAND_PROGRAM, NAND_HOST, (struct nand_address){.block = 7}, 0);
        rig_run(rig);
        tick_t all = rig_spent(copy, STAGE_CHANNEL_WAIT), pauses = cause(copy, STAGE_CHANNEL_WAIT, HOLDER_PAUSE);
        expect(copy, STAGE_CHANNEL_WAIT, CAUSES([HOLDER_HOST_WRITE] = all - pauses, [HOLDER_PAUSE] = pauses));
        within += pauses % (500 * NS) != 0;
        rig_destroy(rig);
    }
    assert_in_range(within, 1, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_read_waits_for_whoever_has_the_die),
        cmocka_unit_test(test_a_wait_is_split_among_all_who_had_the_die_meanwhile),
        cmocka_unit_test(test_suspending_and_going_on_are_causes_of_their_own),
        cmocka_unit_test(test_why_an_erase_was_not_suspended),
        cmocka_unit_test(test_a_suspended_program_waits_for_the_read),
        cmocka_unit_test(test_a_read_waits_for_the_channel_behind_another_read),
        cmocka_unit_test(test_a_copy_waits_for_a_program_and_its_pauses),
        cmocka_unit_test(test_a_wait_may_begin_within_a_pause),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
