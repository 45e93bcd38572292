// What writes and flushes wait for, by schedules made by hand: each cause to the picosecond, and no time without one; and
// what operations are said to be for.
#include "hand_drive.h"

#include "ftl/inspect.h"

// As in test_schedule.c: collection starts only when the host cannot go on. Eight units of buffer, two programs.
static struct ftl_config plain(void)
{
    return (struct ftl_config){.mapping_unit = UNIT, .capacity = USER * UNIT, .write_buffer = 8 * UNIT,
                               .gc_policy = FTL_GC_FIFO, .placement = FTL_PLACE_SEPARATE, .gc_start = 2, .gc_stop = 3,
                               .gc_reserve = 2, .gc_parallel = 4, .gc_buffer = 32 * UNIT, .processors = 1,
                               .verify = FTL_VERIFY_VERSIONS};
}

// Units 0 to 63 in order fill superblocks 0 to 3; the others two pages of each of these, over and over.
static struct drive *drive_filled(const struct ftl_config *config, unsigned superblocks)
{
    static const uint64_t hot[N] = {0, 1, 2, 3, 16, 17, 18, 19, 32, 33, 34, 35, 48, 49, 50, 51};
    struct drive *d = drive_open(config);
    for (uint64_t i = 0; i < superblocks * N; i++) {
        ask(d, FTL_WRITE, i < USER ? i : hot[i % N], 1);
        end_all(d);
        d->count = 0;
    }
    drive_explain(d);
    return d;
}

static void end(struct drive *d, const char *name)
{
    hand_end(&d->nand, name);
    settle(d);
}

// The first of all that is outstanding ends, again and again, until a program of the host's is.
static void end_until_the_host_goes_on(struct drive *d)
{
    while (strstr(hand_names(&d->nand), "hp") == NULL)
        end(d, d->nand.ops[0].name);
}

struct cause {
    enum wait wait;
    tick_t time; // 0: no further one
};

// These causes of a stage, which add up to it, and no others.
static void expect_causes(const struct io *io, enum stage stage, const struct cause *causes)
{
    tick_t sum = 0, found = 0;
    assert_int_equal(io->done, 1);
    for (; causes->time != 0; causes++) {
        assert_int_equal(wait_of(&io->path, causes->wait), causes->time);
        sum += causes->time;
    }
    for (unsigned i = wait_ranges[stage].first; i < wait_ranges[stage].end; i++)
        found += wait_of(&io->path, i);
    assert_int_equal(found, sum);
    assert_int_equal(io->path.spent[stage], sum);
}

#define CAUSES(...) ((const struct cause[]){__VA_ARGS__, {0, 0}})

// --- room in the buffer --------------------------------------------------------------------------------------------

// Two programs fill the buffer. The first ends 700 ps after a third write has come.
static void test_a_write_waits_for_programs(void **state)
{
    (void)state;
    struct ftl_config config = plain();
    struct drive *d = drive_filled(&config, 1);
    ask(d, FTL_WRITE, 16, 8);
    expect(d, "hp1.0 hp1.1");
    const struct io *write = ask(d, FTL_WRITE, 0, 1);
    pass(d, 700);
    end(d, "hp1.1");
    expect_causes(write, STAGE_BUFFER_WAIT, CAUSES({WAIT_BUFFER_WAIT_PROGRAMS, 700}));
    drive_close(d);
}

// Eight units cannot go until a superblock is free; 1000 ps later it is, and 300 ps after that their first program ends.
static void test_a_write_waits_for_a_superblock_and_then_for_programs(void **state)
{
    (void)state;
    struct ftl_config config = plain();
    struct drive *d = drive_filled(&config, 8);
    ask(d, FTL_WRITE, 0, 8);
    const struct io *write = ask(d, FTL_WRITE, 16, 1);
    pass(d, 1000);
    end_until_the_host_goes_on(d);
    pass(d, 300);
    end(d, "hp1.0");
    expect_causes(write, STAGE_BUFFER_WAIT,
                  CAUSES({WAIT_BUFFER_WAIT_URGENT, 1000}, {WAIT_BUFFER_WAIT_PROGRAMS, 300}));
    drive_close(d);
}

// The fourth program waits for four pages more to be asked for, as test_schedule.c works out. Meanwhile its four units
// and those of the third, which is under way, fill the buffer.
static void test_a_write_waits_for_the_pace_and_then_for_programs(void **state)
{
    (void)state;
    struct ftl_config config = plain();
    config.gc_start = 4;
    config.gc_stop = 6;
    struct drive *d = drive_filled(&config, 9);
    ask(d, FTL_WRITE, 0, 4);
    end(d, "hp9.0");
    ask(d, FTL_WRITE, 16, 2);
    ask(d, FTL_FLUSH, 0, 0);
    end(d, "hp9.1");
    ask(d, FTL_WRITE, 32, 4);
    ask(d, FTL_WRITE, 48, 4);
    expect(d, "gr0.2 gr0.3 gr0.4 gr0.5 hp9.2");
    const struct io *write = ask(d, FTL_WRITE, 20, 1);
    pass(d, 400);
    end(d, "gr0.2");
    pass(d, 600);
    end(d, "gr0.3");
    end(d, "gr0.4");
    end(d, "gr0.5");
    assert_non_null(strstr(hand_names(&d->nand), "hp9.3"));
    pass(d, 250);
    end(d, "hp9.2");
    expect_causes(write, STAGE_BUFFER_WAIT,
                  CAUSES({WAIT_BUFFER_WAIT_PACING, 1000}, {WAIT_BUFFER_WAIT_PROGRAMS, 250}));
    drive_close(d);
}

// --- what is not in the flash yet ----------------------------------------------------------------------------------

// Of the program that is under way for 300 ps when the flush comes, what is left counts.
static void test_a_flush_waits_for_a_program_that_was_sent_before(void **state)
{
    (void)state;
    struct ftl_config config = plain();
    struct drive *d = drive_filled(&config, 1);
    ask(d, FTL_WRITE, 16, 4);
    pass(d, 300);
    const struct io *flush = ask(d, FTL_FLUSH, 0, 0);
    pass(d, 450);
    end(d, "hp1.0");
    expect_causes(flush, STAGE_FLUSH_WAIT, CAUSES({WAIT_FLUSH_WAIT_PROGRAM, 450}));
    drive_close(d);
}

// Two units cannot go until a superblock is free; then they do, and are programmed within 400 ps.
static void test_a_flush_waits_for_a_superblock_and_then_for_its_program(void **state)
{
    (void)state;
    struct ftl_config config = plain();
    struct drive *d = drive_filled(&config, 8);
    ask(d, FTL_WRITE, 20, 2);
    const struct io *flush = ask(d, FTL_FLUSH, 0, 0);
    pass(d, 900);
    end_until_the_host_goes_on(d);
    pass(d, 400);
    end(d, "hp1.0");
    expect_causes(flush, STAGE_FLUSH_WAIT, CAUSES({WAIT_FLUSH_WAIT_URGENT, 900}, {WAIT_FLUSH_WAIT_PROGRAM, 400}));
    drive_close(d);
}

// --- what operations are for ---------------------------------------------------------------------------------------

// The first of all that is outstanding ends, again and again, until one is whose name begins like this.
static const struct nand_op *first_named(struct drive *d, const char *begins)
{
    for (;;) {
        for (unsigned i = 0; i < d->nand.count; i++)
            if (strncmp(d->nand.ops[i].name, begins, strlen(begins)) == 0)
                return d->nand.ops[i].op;
        end(d, d->nand.ops[0].name);
    }
}

static void expect_purpose(struct drive *d, const char *begins, const char *purpose)
{
    assert_string_equal(ftl_inspect(first_named(d, begins)).purpose, purpose);
}

static void test_collection_says_so(void **state)
{
    (void)state;
    struct ftl_config config = plain();
    for (int late = 0; late < 2; late++) {
        config.erase = late ? FTL_ERASE_BEFORE_PROGRAM : FTL_ERASE_AT_ONCE;
        struct drive *d = drive_filled(&config, 8);
        ask(d, FTL_WRITE, 0, 4);
        expect_purpose(d, "gr", "collect");
        expect_purpose(d, "gp", "collect");
        expect_purpose(d, "ge", late ? "reuse" : "collect");
        expect_purpose(d, "hp", "host");
        drive_close(d);
    }
}

static void test_folding_says_so(void **state)
{
    (void)state;
    struct ftl_config config = plain();
    config.placement = FTL_PLACE_SLC;
    config.slc_size = 8 * UNIT;
    config.slc_fold_idle = 1;
    struct drive *d = drive_open(&config);
    ask(d, FTL_WRITE, 0, 8);
    expect_purpose(d, "hp", "host");
    expect_purpose(d, "gr", "fold");
    expect_purpose(d, "gp", "fold");
    expect_purpose(d, "ge", "fold");
    drive_close(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_write_waits_for_programs),
        cmocka_unit_test(test_a_write_waits_for_a_superblock_and_then_for_programs),
        cmocka_unit_test(test_a_write_waits_for_the_pace_and_then_for_programs),
        cmocka_unit_test(test_a_flush_waits_for_a_program_that_was_sent_before),
        cmocka_unit_test(test_a_flush_waits_for_a_superblock_and_then_for_its_program),
        cmocka_unit_test(test_collection_says_so),
        cmocka_unit_test(test_folding_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
