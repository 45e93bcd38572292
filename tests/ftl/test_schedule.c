// Collection, reads and flushes step by step: which operations the core asks for after each that ends. Everything else
// takes no time, so that the order is all there is.
#include "hand_drive.h"

// Collection starts only when the host cannot go on, in order of age, and superblocks are collected until 3 are free.
static struct ftl_config plain(void)
{
    return (struct ftl_config){.mapping_unit = UNIT, .capacity = USER * UNIT, .write_buffer = 32 * UNIT,
                               .gc_policy = FTL_GC_FIFO, .placement = FTL_PLACE_SEPARATE, .gc_start = 2, .gc_stop = 3,
                               .gc_reserve = 2, .gc_parallel = 3, .gc_buffer = 32 * UNIT, .processors = 1,
                               .verify = FTL_VERIFY_VERSIONS};
}

// Units 0 to 63 in order fill superblocks 0 to 3; the others up to `superblocks` are filled with `hot` over and over.
static void fill(struct drive *d, unsigned superblocks, const uint64_t hot[N])
{
    for (uint64_t i = 0; i < superblocks * N; i++) {
        ask(d, FTL_WRITE, i < USER ? i : hot[i % N], 1);
        end_all(d);
        d->count = 0;
    }
}

// Of each of the first four superblocks two pages are overwritten: pages 2 to 7 of it are valid.
static const uint64_t two_pages_of_each[N] = {0, 1, 2, 3, 16, 17, 18, 19, 32, 33, 34, 35, 48, 49, 50, 51};
static const uint64_t all_of_the_fourth[N] = {48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};

// --- collection that the host waits for ----------------------------------------------------------------------------

// Eight of ten superblocks are full and the last two are the reserve: the next write has to wait.
static struct drive *drive_blocked(struct ftl_config config)
{
    struct drive *d = drive_open(&config);
    fill(d, 5 + config.gc_stop, two_pages_of_each);
    ask(d, FTL_WRITE, 0, 4);
    return d;
}

// The same with one superblock more to collect. Units 4 to 9 of superblock 0 are valid and 20 to 23 of superblock 1.
static struct drive *drive_with_two_small_victims(void)
{
    struct ftl_config config = plain();
    config.gc_stop = 4;
    config.gc_parallel = 8;
    struct drive *d = drive_open(&config);
    fill(d, 9, two_pages_of_each);
    ask(d, FTL_TRIM, 10, 6);
    ask(d, FTL_TRIM, 24, 8);
    d->count = 0;
    return d;
}

// Three reads at once; every four units make a program; copies hold 12 units at most, from the read to the end of their
// program; the next victim is begun when the last page of the one before is asked for.
static void test_collection_of_two_victims_step_by_step(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {"gr0.2", "gr0.3 gr0.4 gr0.5"},
        {"gr0.3", "gr0.4 gr0.5 gp8.0 gr0.6"},
        {"gr0.4", "gr0.5 gp8.0 gr0.6 gr0.7"},
        {"gr0.5", "gp8.0 gr0.6 gr0.7 gp8.1"}, // two programs and two pages: 12 units
        {"gr0.6", "gp8.0 gr0.7 gp8.1"},
        {"gr0.7", "gp8.0 gp8.1 gp8.2"},
        {"gp8.0", "gp8.1 gp8.2 gr1.2 gr1.3"},
        {"gp8.1", "gp8.2 gr1.2 gr1.3 gr1.4"},
        {"gp8.2", "gr1.2 gr1.3 gr1.4 ge0.0 ge0.1"}, // the last of superblock 0's copies
        {"ge0.0", "gr1.2 gr1.3 gr1.4 ge0.1"},
        {"ge0.1", "gr1.2 gr1.3 gr1.4"},
        {"gr1.2", "gr1.3 gr1.4 gr1.5"},
        {"gr1.3", "gr1.4 gr1.5 gp8.3 gr1.6"},
        {"gr1.4", "gr1.5 gp8.3 gr1.6 gr1.7"},
        {"gr1.5", "gp8.3 gr1.6 gr1.7 gp9.0"}, // 9 is less worn than 0
        {"gr1.6", "gp8.3 gr1.7 gp9.0"},
        {"gr1.7", "gp8.3 gp9.0 gp9.1"},
        {"gp8.3", "gp9.0 gp9.1 gr2.2 gr2.3"},
    };
    struct ftl_config config = plain();
    config.gc_buffer = 12 * UNIT;
    struct drive *d = drive_blocked(config);
    expect(d, "gr0.2 gr0.3 gr0.4");
    follow(d, steps, ARRAY_SIZE(steps));
    assert_int_equal(stat(d, "gc_victims"), 3);
    assert_int_equal(stat(d, "gc_reads"), 14);
    assert_int_equal(stat(d, "gc_copies"), 6 * 4);
    assert_int_equal(stat(d, "erased_superblocks"), 1);
    drive_close(d);
}

// The copies of the first victim in the example above, one page after the other, and their three programs.
static struct drive *drive_drained(enum ftl_erase erase)
{
    static const char *const ends[] = {"gr0.2", "gr0.3", "gr0.4", "gr0.5", "gr0.6", "gr0.7",
                                       "gr1.2", "gr1.3", "gp8.3", "gp8.0", "gp8.1", "gp8.2"};
    struct ftl_config config = plain();
    config.erase = erase;
    struct drive *d = drive_blocked(config);
    for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
        hand_end(&d->nand, ends[i]);
        settle(d);
    }
    return d;
}

static void test_dies_can_be_erased_one_after_the_other(void **state)
{
    (void)state;
    static const struct step steps[] = {{"ge0.0", "gr1.4 gr1.5 gr1.6 ge0.1"}, {"ge0.1", "gr1.4 gr1.5 gr1.6"}};
    struct drive *d = drive_drained(FTL_ERASE_DIE_BY_DIE);
    expect(d, "gr1.4 gr1.5 gr1.6 ge0.0");
    follow(d, steps, ARRAY_SIZE(steps) - 1);
    assert_int_equal(stat(d, "erased_superblocks"), 0);
    follow(d, steps + 1, 1);
    assert_int_equal(stat(d, "erased_superblocks"), 1);
    drive_close(d);
}

static void end_first(struct drive *d, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        hand_end(&d->nand, d->nand.ops[0].name);
        settle(d);
    }
}

// Superblock 0 is free as soon as it is drained, and each of its blocks is erased when a program comes to it.
static void test_blocks_can_be_erased_before_their_first_program(void **state)
{
    (void)state;
    struct drive *d = drive_drained(FTL_ERASE_BEFORE_PROGRAM);
    expect(d, "gr1.4 gr1.5 gr1.6");
    assert_int_equal(stat(d, "erased_superblocks"), 1);
    end_first(d, 13);
    expect(d, "gp9.3 ge0.0 gp0.0 gr3.2 gr3.3 gr3.4");
    end_first(d, 5);
    expect(d, "gr3.4 gr3.5 ge0.1 gp0.1 gr3.6");
    end_first(d, 6);
    expect(d, "gp0.2 gp0.3");
    drive_close(d);
}

// Pages read and gathered that the host has trimmed meanwhile fill no program.
static void test_copies_that_were_trimmed_are_not_programmed(void **state)
{
    (void)state;
    static const struct step before[] = {{"gr0.2", "gr0.3 gr0.4 gr0.5"}};
    static const struct step after[] = {{"gr0.3", "gr0.4 gr0.5 gr0.6"}, {"gr0.4", "gr0.5 gr0.6 gp8.0 gr0.7"}};
    struct drive *d = drive_blocked(plain());
    follow(d, before, ARRAY_SIZE(before));
    ask(d, FTL_TRIM, 4, 2); // page 2
    follow(d, after, ARRAY_SIZE(after));
    assert_int_equal(stat(d, "gc_copies"), 4);
    drive_close(d);
}

static void test_each_unit_that_collection_cannot_read_is_lost(void **state)
{
    (void)state;
    struct drive *d = drive_blocked(plain());
    hand_fail(&d->nand, "gr0.2", 3);
    hand_fail(&d->nand, "gr0.3", 2);
    assert_int_equal(stat(d, "lost_units"), 3);
    assert_int_equal(stat(d, "gc_copies"), 4); // as they are
    drive_close(d);
}

// Superblocks 0, 1 and 2 hold two pages each. The third is taken when one of the others is being erased.
static void test_two_victims_end_at_a_time(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {"gr0.2", "gr0.3 gr1.2 gr1.3"},
        {"gr0.3", "gr1.2 gr1.3 gp11.0"},
        {"gr1.2", "gr1.3 gp11.0"},
        {"gr1.3", "gp11.0 gp11.1"},
        {"gp11.1", "gp11.0 ge1.0 ge1.1 gr2.2 gr2.3"},
    };
    struct ftl_config config = plain();
    config.gc_stop = 6;
    config.gc_parallel = 8;
    struct drive *d = drive_open(&config);
    fill(d, 11, two_pages_of_each);
    for (uint64_t first = 8; first < 48; first += N)
        ask(d, FTL_TRIM, first, 8);
    d->count = 0;
    ask(d, FTL_WRITE, 0, 4);
    expect(d, "gr0.2 gr0.3 gr1.2 gr1.3");
    follow(d, steps, ARRAY_SIZE(steps));
    drive_close(d);
}

// Superblock 0 holds 6 units and 1 holds 4: two programs, and two units that fill none. As long as copies are being
// programmed there is no need to pad: their end may, and here does, let a third victim be read.
static void test_copies_that_fill_no_program_wait_for_more(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {"gr0.2", "gr0.3 gr0.4 gr1.2 gr1.3"},
        {"gr0.3", "gr0.4 gr1.2 gr1.3 gp9.0"},
        {"gr0.4", "gr1.2 gr1.3 gp9.0"},
        {"gr1.2", "gr1.3 gp9.0 gp9.1"},
        {"gr1.3", "gp9.0 gp9.1"},
        {"gp9.0", "gp9.1"},
        {"gp9.1", "ge0.0 ge0.1 gr2.2 gr2.3 gr2.4 gr2.5 gr2.6 gr2.7"},
    };
    struct drive *d = drive_with_two_small_victims();
    ask(d, FTL_WRITE, 0, 4);
    expect(d, "gr0.2 gr0.3 gr0.4 gr1.2 gr1.3");
    follow(d, steps, ARRAY_SIZE(steps));
    assert_int_equal(stat(d, "padding_units"), 0);
    drive_close(d);
}

// As above, but a host read holds superblock 0, so that no third victim is taken: the two units go out as they are,
// unless they have been trimmed.
static void test_copies_are_padded_when_nothing_else_helps(void **state)
{
    (void)state;
    static const char *const ends[] = {"gr0.2", "gr0.3", "gr0.4", "gr1.2", "gr1.3", "gp9.0"};
    for (int trimmed = 0; trimmed < 2; trimmed++) {
        struct drive *d = drive_with_two_small_victims();
        ask(d, FTL_READ, 4, 1);
        ask(d, FTL_WRITE, 0, 4);
        for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
            hand_end(&d->nand, ends[i]);
            settle(d);
        }
        expect(d, "hr0.2 gp9.1");
        if (trimmed)
            ask(d, FTL_TRIM, 22, 2);
        hand_end(&d->nand, "gp9.1");
        settle(d);
        expect(d, trimmed ? "hr0.2 ge1.0 ge1.1" : "hr0.2 gp9.2");
        assert_int_equal(stat(d, "gc_copies"), trimmed ? 8 : 10);
        assert_int_equal(stat(d, "padding_units"), trimmed ? 0 : 2);
        drive_close(d);
    }
}

static tick_t since(const struct drive *d, const char *name)
{
    for (unsigned i = 0; i < d->nand.count; i++)
        if (strcmp(d->nand.ops[i].name, name) == 0)
            return d->nand.ops[i].since;
    fail_msg("no %s outstanding", name);
    return 0;
}

// Two pages of two units come at once: 400 ps later they are worked on, and the dies have not waited for that.
static void test_firmware_works_on_each_unit_that_is_copied(void **state)
{
    (void)state;
    struct ftl_config config = plain();
    config.t_gc_unit = 100;
    struct drive *d = drive_open(&config);
    fill(d, 8, two_pages_of_each);
    ask(d, FTL_WRITE, 0, 4);
    tick_t start = sim_now(d->sim);
    hand_end(&d->nand, "gr0.2");
    hand_end(&d->nand, "gr0.3");
    settle(d);
    expect(d, "gr0.4 gr0.5 gr0.6 gp8.0");
    assert_int_equal(since(d, "gr0.6") - start, 0);
    assert_int_equal(since(d, "gp8.0") - start, 400);
    drive_close(d);
}

// One stall, however often the core looks again, as long as it lasts.
static void test_waiting_for_a_superblock_is_one_stall_and_its_time(void **state)
{
    (void)state;
    struct drive *d = drive_blocked(plain());
    pass(d, 1000);
    ask(d, FTL_WRITE, 16, 4); // waits, too
    hand_end(&d->nand, "gr0.2");
    pass(d, 700);
    end_all(d);
    assert_int_equal(stat(d, "host_units_programmed"), 8 * N + 2 * 4);
    assert_int_equal(stat(d, "gc_urgent_stalls"), 1);
    assert_int_equal(stat(d, "gc_urgent_time"), 1700);
    assert_int_equal(stat(d, "gc_active_time"), 1700);
    assert_int_equal(stat(d, "gc_paced_waits"), 0);
    assert_int_equal(stat(d, "gc_paced_time"), 0);
    pass(d, 300);
    assert_int_equal(stat(d, "gc_urgent_time"), 1700);
    drive_close(d);
}

// --- collection by the pace ----------------------------------------------------------------------------------------

// Thirteen superblocks, of which nine are full: the tenth leaves three free, below gc_start. Collection is now on and
// has no credit yet. A host program earns 4 units times the ratio times twice what the level is short of 120 units
// (six superblocks and three halves), over the 64 from gc_stop to gc_reserve.
static struct drive *drive_paced(struct ftl_config config, const uint64_t hot[N])
{
    config.gc_start = 4;
    config.gc_stop = 6;
    struct drive *d = drive_open(&config);
    fill(d, 9, hot);
    return d;
}

// The second program, padded, earns at a level of 3 * 16 + 8: 4 * 1 * 2 * 64 / 64 = 8 units, four pages. Victims of 12
// valid units of 16 have a ratio of 3: the third program, at 48 + 12 read + 4 - 8 without a place = 56, earns 24 and is
// given 16, a superblock's. What may lag behind is 8, so the fourth waits until four pages more are asked for.
static void test_the_host_waits_while_copies_lag_behind_the_pace(void **state)
{
    (void)state;
    static const struct step waits[] = {
        {"hp9.2", "gr0.2 gr0.3 gr0.4 gr0.5"},
        {"gr0.2", "gr0.3 gr0.4 gr0.5 gr0.6"},
        {"gr0.3", "gr0.4 gr0.5 gr0.6 gp10.0 gr0.7"},
        {"gr0.4", "gr0.5 gr0.6 gp10.0 gr0.7 gr1.2"},
        {"gr0.5", "gr0.6 gp10.0 gr0.7 gr1.2 gp10.1 gr1.3 hp9.3"},
    };
    struct ftl_config config = plain();
    config.gc_parallel = 4;
    struct drive *d = drive_paced(config, two_pages_of_each);
    pass(d, 200);
    ask(d, FTL_WRITE, 0, 4);
    expect(d, "hp9.0");
    hand_end(&d->nand, "hp9.0");
    pass(d, 500);
    ask(d, FTL_WRITE, 16, 2);
    ask(d, FTL_FLUSH, 0, 0);
    expect(d, "hp9.1 gr0.2 gr0.3 gr0.4 gr0.5");
    hand_end(&d->nand, "hp9.1");
    ask(d, FTL_WRITE, 32, 4);
    expect(d, "gr0.2 gr0.3 gr0.4 gr0.5 hp9.2");
    pass(d, 100);
    assert_int_equal(stat(d, "gc_active_time"), 600);
    ask(d, FTL_WRITE, 48, 4);
    expect(d, "gr0.2 gr0.3 gr0.4 gr0.5 hp9.2");
    pass(d, 1000);
    follow(d, waits, ARRAY_SIZE(waits));
    pass(d, 30);
    assert_int_equal(stat(d, "gc_paced_waits"), 1);
    assert_int_equal(stat(d, "gc_paced_time"), 1000);
    assert_int_equal(stat(d, "gc_urgent_stalls"), 0);
    assert_int_equal(stat(d, "gc_urgent_time"), 0);
    assert_int_equal(stat(d, "gc_active_time"), 1630);
    drive_close(d);
}

// With one stream for both there are two halves, 112 units: the second program earns 7 units instead of 8. Pages hold
// one valid unit each.
static void test_a_shared_stream_has_half_a_superblock_less_to_reckon_with(void **state)
{
    (void)state;
    for (int separate = 0; separate < 2; separate++) {
        struct ftl_config config = plain();
        config.gc_parallel = 16;
        config.placement = separate ? FTL_PLACE_SEPARATE : FTL_PLACE_SHARED;
        struct drive *d = drive_paced(config, all_of_the_fourth);
        for (uint64_t odd = 1; odd < N; odd += 2)
            ask(d, FTL_TRIM, odd, 1);
        ask(d, FTL_WRITE, 48, 4);
        expect(d, "hp9.0");
        ask(d, FTL_WRITE, 52, 4);
        expect(d, separate ? "hp9.0 hp9.1 gr0.0 gr0.1 gr0.2 gr0.3 gr0.4 gr0.5 gr0.6 gr0.7"
                            : "hp9.0 hp9.1 gr0.0 gr0.1 gr0.2 gr0.3 gr0.4 gr0.5 gr0.6");
        drive_close(d);
    }
}

// Superblocks 0 and 1 hold 4 units each, on pages 2 and 3, and all credit is spent when these are asked for, so that
// the other pages of 1 are still to be looked at. At a level of 4 * 16 + 8 + 4 - 8 the third host program earns 4 units
// times a third, which is 4 over 12, times 2 * (120 - 68) / 64: 2.2 units, for two pages of the third victim.
static void test_victims_that_hold_little_make_a_slow_pace(void **state)
{
    (void)state;
    struct ftl_config config = plain();
    config.gc_parallel = 16;
    struct drive *d = drive_paced(config, two_pages_of_each);
    ask(d, FTL_TRIM, 8, 8);
    ask(d, FTL_TRIM, 24, 8);
    ask(d, FTL_WRITE, 48, 4);
    ask(d, FTL_WRITE, 52, 4);
    expect(d, "hp9.0 hp9.1 gr0.2 gr0.3 gr1.2 gr1.3"); // 8 units
    ask(d, FTL_WRITE, 56, 4);
    expect(d, "hp9.0 hp9.1 gr0.2 gr0.3 gr1.2 gr1.3 hp9.2");
    hand_end(&d->nand, "gr0.2");
    hand_end(&d->nand, "gr0.3");
    expect(d, "hp9.0 hp9.1 gr1.2 gr1.3 hp9.2 gp10.0");
    hand_end(&d->nand, "gp10.0");
    expect(d, "hp9.0 hp9.1 gr1.2 gr1.3 hp9.2 ge0.0 ge0.1 gr2.2 gr2.3");
    drive_close(d);
}

// --- room for copies -----------------------------------------------------------------------------------------------

// With a reserve of one superblock, which is all that is free. The 12 units of superblock 0 are on their way; the 12 of
// superblock 1 find room when 0 is erased, on both dies, and are then read without any further write.
static void test_a_victim_waits_for_room_until_the_one_before_is_erased(void **state)
{
    (void)state;
    struct ftl_config config = plain();
    config.gc_reserve = 1;
    config.gc_parallel = 16;
    struct drive *d = drive_open(&config);
    fill(d, 8, two_pages_of_each);
    for (uint64_t first = 48; first < 60; first += 4)
        ask(d, FTL_WRITE, first, 4);
    expect(d, "hp8.0 hp8.1 gr0.2 gr0.3 gr0.4 gr0.5 gr0.6 gr0.7 hp8.2");
    for (int i = 0; i < 9; i++)
        hand_end(&d->nand, d->nand.ops[0].name);
    expect(d, "gp9.0 gp9.1 gp9.2");
    for (int i = 0; i < 3; i++)
        hand_end(&d->nand, d->nand.ops[0].name);
    expect(d, "ge0.0 ge0.1");
    hand_end(&d->nand, "ge0.0");
    expect(d, "ge0.1");
    assert_int_equal(stat(d, "free_superblocks"), 0);
    hand_end(&d->nand, "ge0.1");
    settle(d);
    expect(d, "gr1.2 gr1.3 gr1.4 gr1.5 gr1.6 gr1.7");
    assert_int_equal(stat(d, "free_superblocks"), 1);
    drive_close(d);
}

// Two superblocks are free, one of them the reserve. But 24 units are on their way and need both.
static void test_the_host_opens_no_superblock_that_copies_need(void **state)
{
    (void)state;
    struct ftl_config config = plain();
    config.gc_start = 3;
    config.gc_stop = 5;
    config.gc_reserve = 1;
    config.gc_parallel = 16;
    struct drive *d = drive_open(&config);
    fill(d, 9, two_pages_of_each);
    for (uint64_t first = 48; first < 64; first += 4)
        ask(d, FTL_WRITE, first, 4);
    expect(d, "hp9.0 hp9.1 gr0.2 gr0.3 gr0.4 gr0.5 hp9.2 gr0.6 gr0.7 "
              "gr1.2 gr1.3 gr1.4 gr1.5 gr1.6 gr1.7 hp9.3");
    assert_int_equal(stat(d, "free_superblocks"), 2);
    assert_int_equal(stat(d, "gc_urgent_stalls"), 0);
    ask(d, FTL_WRITE, 48, 4);
    assert_int_equal(stat(d, "gc_urgent_stalls"), 1);
    assert_int_equal(stat(d, "gc_paced_waits"), 0);
    drive_close(d);
}

// 9 units of superblock 0 and 11 of superblock 1 are on their way. There is room for 24, 8 of them in the superblock
// that the host shares: one program more may go, and no second one.
static void test_the_host_leaves_copies_their_places_in_a_shared_superblock(void **state)
{
    (void)state;
    struct ftl_config config = plain();
    config.placement = FTL_PLACE_SHARED;
    config.gc_reserve = 1;
    config.gc_parallel = 16;
    struct drive *d = drive_open(&config);
    fill(d, 8, two_pages_of_each);
    ask(d, FTL_TRIM, 4, 3);
    ask(d, FTL_TRIM, 20, 1);
    ask(d, FTL_WRITE, 48, 4);
    ask(d, FTL_WRITE, 52, 4);
    expect(d, "hp8.0 hp8.1 gr0.3 gr0.4 gr0.5 gr0.6 gr0.7 gr1.2"); // 10 units
    ask(d, FTL_WRITE, 56, 4);
    expect(d, "hp8.0 hp8.1 gr0.3 gr0.4 gr0.5 gr0.6 gr0.7 gr1.2 hp8.2 gr1.3 gr1.4 gr1.5 gr1.6 gr1.7");
    assert_int_equal(stat(d, "gc_urgent_stalls"), 0);
    ask(d, FTL_WRITE, 60, 4);
    expect(d, "hp8.0 hp8.1 gr0.3 gr0.4 gr0.5 gr0.6 gr0.7 gr1.2 hp8.2 gr1.3 gr1.4 gr1.5 gr1.6 gr1.7");
    assert_int_equal(stat(d, "gc_urgent_stalls"), 1);
    drive_close(d);
}

// Copies have opened a superblock of the reserve, where the host may not follow them, though there is room.
static void test_the_host_writes_nothing_into_the_reserve(void **state)
{
    (void)state;
    struct ftl_config config = plain();
    config.placement = FTL_PLACE_SHARED;
    config.gc_start = 3;
    config.gc_stop = 4;
    config.gc_parallel = 16;
    struct drive *d = drive_open(&config);
    fill(d, 8, two_pages_of_each);
    ask(d, FTL_TRIM, 4, 3);
    ask(d, FTL_TRIM, 20, 1);
    for (uint64_t first = 48; first < 64; first += 4)
        ask(d, FTL_WRITE, first, 4);
    for (int i = 0; i < 5; i++)
        hand_end(&d->nand, d->nand.ops[0].name); // 7 units are there
    assert_non_null(strstr(hand_names(&d->nand), "gp9.0"));
    assert_int_equal(stat(d, "free_superblocks"), 1);
    assert_int_equal(stat(d, "gc_urgent_stalls"), 0);
    ask(d, FTL_WRITE, 48, 4);
    assert_null(strstr(hand_names(&d->nand), "hp9"));
    assert_int_equal(stat(d, "gc_urgent_stalls"), 1);
    drive_close(d);
}

// --- reads and flushes ---------------------------------------------------------------------------------------------

static struct drive *drive_with_one_superblock(const uint64_t order[N])
{
    struct ftl_config config = plain();
    struct drive *d = drive_open(&config);
    for (unsigned i = 0; i < N; i++)
        ask(d, FTL_WRITE, order[i], 1);
    end_all(d);
    return d;
}

static const uint64_t in_order[N] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

// Whichever page comes last, and however the units lie in it.
static void test_of_several_lost_units_the_first_of_the_range_is_told(void **state)
{
    (void)state;
    static const uint64_t swapped[N] = {1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14};
    static const struct {
        const uint64_t *order;
        const char *fail[2];
        uint64_t failed[2], told;
    } rows[] = {
        {in_order, {"hr0.0", "hr0.2"}, {2, 3}, 1}, {in_order, {"hr0.2", "hr0.0"}, {3, 2}, 1},
        {in_order, {"hr0.2", "hr0.0"}, {3, 0}, 4}, {swapped, {"hr0.2", "hr0.0"}, {3, 0}, 4},
        {swapped, {"hr0.1", "hr0.3"}, {1, 2}, 3},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct drive *d = drive_with_one_superblock(rows[i].order);
        struct io *read = ask(d, FTL_READ, 0, 8);
        expect(d, "hr0.0 hr0.1 hr0.2 hr0.3");
        for (int k = 0; k < 2; k++)
            hand_fail(&d->nand, rows[i].fail[k], rows[i].failed[k]);
        end_all(d);
        assert_int_equal(read->request.status, FTL_UNRECOVERED_READ);
        assert_int_equal(read->request.error_offset, rows[i].told * UNIT);
        assert_int_equal(stat(d, "unrecovered_reads"), 1);
        drive_close(d);
    }
}

static void test_a_write_whose_old_contents_are_lost_is_no_unrecovered_read(void **state)
{
    (void)state;
    struct drive *d = drive_with_one_superblock(in_order);
    struct io *write = submit(d, (struct ftl_request){.kind = FTL_WRITE, .offset = 5 * UNIT + 512, .bytes = 512});
    expect(d, "hr0.2");
    hand_fail(&d->nand, "hr0.2", 2);
    end_all(d);
    assert_int_equal(write->request.status, FTL_WRITE_FAULT);
    assert_int_equal(write->request.error_offset, 5 * UNIT + 512);
    assert_int_equal(stat(d, "unrecovered_reads"), 0);
    assert_int_equal(stat(d, "rmw_reads"), 1);
    drive_close(d);
}

// Units 0 and 1 are in programs of their own; whichever ends last, the read comes after both.
static void test_a_fua_read_waits_for_all_of_its_units(void **state)
{
    (void)state;
    for (int turn = 0; turn < 2; turn++) {
        struct drive *d = drive_with_one_superblock(in_order);
        ask(d, FTL_WRITE, 0, 1);
        ask(d, FTL_WRITE, 20, 3);
        ask(d, FTL_WRITE, 1, 1);
        ask(d, FTL_WRITE, 30, 3);
        struct io *read = fua_read(d, 0, 2);
        expect(d, "hp1.0 hp1.1");
        hand_end(&d->nand, turn == 0 ? "hp1.0" : "hp1.1");
        settle(d);
        expect(d, turn == 0 ? "hp1.1" : "hp1.0");
        hand_end(&d->nand, turn == 0 ? "hp1.1" : "hp1.0");
        settle(d);
        expect(d, "hr1.0 hr1.2");
        assert_int_equal(read->done, 0);
        drive_close(d);
    }
}

// While the host waits for a superblock: a flush of six units, then a FUA read of the first. The last two units are
// programmed for the flush all the same.
static void test_a_later_wait_for_less_does_not_take_back_a_flush(void **state)
{
    (void)state;
    struct drive *d = drive_blocked(plain());
    ask(d, FTL_WRITE, 20, 2);
    struct io *flush = ask(d, FTL_FLUSH, 0, 0), *read = fua_read(d, 0, 1);
    expect(d, "gr0.2 gr0.3 gr0.4");
    end_all(d);
    assert_int_equal(flush->done, 1);
    assert_int_equal(read->done, 1);
    assert_int_equal(stat(d, "host_units_programmed"), 8 * N + 6);
    drive_close(d);
}

// Halves of units 0 and 4: with three units that wait already the first fills a program, and the other one waits.
static void test_write_zeroes_writes_its_edges_in_order(void **state)
{
    (void)state;
    struct drive *d = drive_with_one_superblock(in_order);
    ask(d, FTL_WRITE, 20, 3);
    submit(d, (struct ftl_request){.kind = FTL_WRITE_ZEROES, .offset = UNIT / 2, .bytes = 4 * UNIT});
    expect(d, "hr0.0 hr0.2");
    end_all(d);
    ask(d, FTL_READ, 4, 1);
    expect(d, ""); // from the buffer
    ask(d, FTL_READ, 0, 1);
    expect(d, "hr1.1");
    drive_close(d);
}

// What a flush waits for keeps its place in the buffer when it is overwritten: behind the others, the flush would end
// without it.
static void test_a_flush_waits_for_what_is_overwritten_after_it(void **state)
{
    (void)state;
    struct ftl_config config = plain();
    config.merge = config.merge_renews = true;
    struct drive *d = drive_blocked(config);
    ask(d, FTL_WRITE, 4, 4);
    struct io *flush = submit(d, (struct ftl_request){.kind = FTL_FLUSH});
    ask(d, FTL_WRITE, 0, 4);
    assert_int_equal(stat(d, "buffer_merges"), 4);
    while (strstr(hand_names(&d->nand), "hp") == NULL) {
        hand_end(&d->nand, d->nand.ops[0].name);
        settle(d);
    }
    expect(d, "hp1.0 hp1.1 ge4.0 ge4.1");
    hand_end(&d->nand, "hp1.0");
    settle(d);
    assert_int_equal(flush->done, 0);
    hand_end(&d->nand, "hp1.1");
    settle(d);
    assert_int_equal(flush->done, 1);
    drive_close(d);
}

// --- collection in idle time ---------------------------------------------------------------------------------------

static void at_once(struct drive *d, enum ftl_kind kind, uint64_t unit)
{
    begin(d, (struct ftl_request){.kind = kind, .offset = unit * UNIT, .bytes = UNIT});
    sim_run_before(d->sim, sim_now(d->sim) + 1);
}

static void wait_until(struct drive *d, tick_t at)
{
    sim_at(d->sim, at, nothing, NULL);
    sim_run_before(d->sim, at + 1);
}

static void end_now(struct drive *d, const char *name)
{
    hand_end(&d->nand, name);
    sim_run_before(d->sim, sim_now(d->sim) + 1);
}

// 10 superblocks, of which the user's data take 4, open ones 2 and gc_stop 3: 1 is left, so that 4 are to be free. With
// 7 filled, 3 are. A command stops it, and what is under way ends.
static void test_collection_in_idle_time(void **state)
{
    (void)state;
    const tick_t ms = 1000000000;
    struct ftl_config config = plain();
    config.gc_idle = ms;
    config.gc_idle_free = 1;
    struct drive *d = drive_open(&config);
    for (uint64_t i = 0; i < 7 * N; i++) {
        at_once(d, FTL_WRITE, i < USER ? i : two_pages_of_each[i % N]);
        while (d->nand.count > 0)
            end_now(d, d->nand.ops[0].name);
    }
    wait_until(d, ms - 1);
    expect(d, "");
    wait_until(d, ms);
    expect(d, "gr0.2 gr0.3 gr0.4");
    at_once(d, FTL_READ, 20);
    end_now(d, "gr0.2");
    expect(d, "gr0.3 gr0.4 hr1.2");
    end_now(d, "hr1.2");
    wait_until(d, 2 * ms - 1);
    expect(d, "gr0.3 gr0.4");
    wait_until(d, 2 * ms);
    expect(d, "gr0.3 gr0.4 gr0.5");
    assert_int_equal(stat(d, "gc_victims"), 1);
    end_all(d);
    assert_true(stat(d, "free_superblocks") >= 4);
    assert_int_equal(stat(d, "gc_active_time"), 0);
    drive_close(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_collection_of_two_victims_step_by_step),
        cmocka_unit_test(test_copies_that_were_trimmed_are_not_programmed),
        cmocka_unit_test(test_each_unit_that_collection_cannot_read_is_lost),
        cmocka_unit_test(test_two_victims_end_at_a_time),
        cmocka_unit_test(test_copies_that_fill_no_program_wait_for_more),
        cmocka_unit_test(test_copies_are_padded_when_nothing_else_helps),
        cmocka_unit_test(test_firmware_works_on_each_unit_that_is_copied),
        cmocka_unit_test(test_waiting_for_a_superblock_is_one_stall_and_its_time),
        cmocka_unit_test(test_the_host_waits_while_copies_lag_behind_the_pace),
        cmocka_unit_test(test_a_shared_stream_has_half_a_superblock_less_to_reckon_with),
        cmocka_unit_test(test_victims_that_hold_little_make_a_slow_pace),
        cmocka_unit_test(test_a_victim_waits_for_room_until_the_one_before_is_erased),
        cmocka_unit_test(test_dies_can_be_erased_one_after_the_other),
        cmocka_unit_test(test_blocks_can_be_erased_before_their_first_program),
        cmocka_unit_test(test_the_host_opens_no_superblock_that_copies_need),
        cmocka_unit_test(test_the_host_leaves_copies_their_places_in_a_shared_superblock),
        cmocka_unit_test(test_the_host_writes_nothing_into_the_reserve),
        cmocka_unit_test(test_of_several_lost_units_the_first_of_the_range_is_told),
        cmocka_unit_test(test_a_write_whose_old_contents_are_lost_is_no_unrecovered_read),
        cmocka_unit_test(test_a_fua_read_waits_for_all_of_its_units),
        cmocka_unit_test(test_a_later_wait_for_less_does_not_take_back_a_flush),
        cmocka_unit_test(test_write_zeroes_writes_its_edges_in_order),
        cmocka_unit_test(test_a_flush_waits_for_what_is_overwritten_after_it),
        cmocka_unit_test(test_collection_in_idle_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
