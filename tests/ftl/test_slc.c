// The SLC cache step by step: what goes into it, when it is folded, and how large it is. A program unit has 4 units
// natively and 2 in SLC mode, a superblock 16 and 8; in SLC mode only the even pages exist.
#include "hand_drive.h"

static const tick_t MS = 1000000000;

static struct ftl_config plain(void)
{
    return (struct ftl_config){.mapping_unit = UNIT, .capacity = USER * UNIT, .write_buffer = 16 * UNIT, .merge = true,
                               .gc_policy = FTL_GC_FIFO, .placement = FTL_PLACE_SLC, .slc_size = 8 * UNIT,
                               .gc_start = 2, .gc_stop = 3, .gc_reserve = 2, .processors = 1,
                               .verify = FTL_VERIFY_VERSIONS};
}

static void until(struct drive *d, tick_t at)
{
    sim_at(d->sim, at, nothing, NULL);
    sim_run_before(d->sim, at + 1);
}

// At one moment: idle time does not pass.
static void write_units(struct drive *d, uint64_t first, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        begin(d, (struct ftl_request){.kind = FTL_WRITE, .offset = (first + i) * UNIT, .bytes = UNIT});
        until(d, sim_now(d->sim));
    }
}

static void end_now(struct drive *d, const char *name)
{
    hand_end(&d->nand, name);
    until(d, sim_now(d->sim));
}

// Two units make a program as long as there is room in the cache, then four.
static void test_host_data_go_to_the_cache_until_it_is_full(void **state)
{
    (void)state;
    struct ftl_config config = plain();
    struct drive *d = drive_open(&config);
    write_units(d, 0, 2);
    expect(d, "hp0.0");
    write_units(d, 2, 6);
    expect(d, "hp0.0 hp0.1 hp0.2 hp0.3");
    write_units(d, 8, 3);
    expect(d, "hp0.0 hp0.1 hp0.2 hp0.3");
    write_units(d, 11, 1);
    expect(d, "hp0.0 hp0.1 hp0.2 hp0.3 hp1.0");
    assert_int_equal(stat(d, "slc_written"), 8);
    assert_int_equal(stat(d, "slc_overflows"), 1);
    assert_int_equal(stat(d, "slc_superblocks"), 1);
    drive_close(d);
}

// Native data cannot take what is set aside: the drive is blocked with the cache's superblock free.
static void test_the_fixed_cache_is_set_aside(void **state)
{
    (void)state;
    struct ftl_config config = plain();
    struct drive *d = drive_open(&config); // 12 superblocks
    write_units(d, 0, 8);
    end_all(d);
    for (unsigned i = 0; i < 9; i++) { // 11 native ones, of which 2 are the reserve
        d->count = 0;
        write_units(d, i % 4 * N, N);
        while (d->nand.count > 0 && strstr(hand_names(&d->nand), "g") == NULL)
            end_now(d, d->nand.ops[0].name);
    }
    assert_int_equal(stat(d, "slc_written"), 8);
    assert_int_equal(stat(d, "free_superblocks"), 2);
    drive_close(d);
}

static struct drive *drive_that_folds(uint32_t parallel)
{
    struct ftl_config config = plain();
    config.slc_fold_idle = MS;
    config.gc_parallel = parallel;
    struct drive *d = drive_open(&config);
    write_units(d, 0, 8);
    while (d->nand.count > 0)
        end_now(d, d->nand.ops[0].name);
    return d;
}

static void test_idle_time_folds_the_cache(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {"gr0.0", "gr0.2 gr0.4 gr0.6"},
        {"gr0.2", "gr0.4 gr0.6 gp1.0"},
        {"gr0.4", "gr0.6 gp1.0"},
        {"gr0.6", "gp1.0 gp1.1"},
        {"gp1.1", "gp1.0"},
        {"gp1.0", "ge0.0 ge0.1"},
    };
    struct drive *d = drive_that_folds(4);
    until(d, MS - 1);
    expect(d, "");
    until(d, MS);
    expect(d, "gr0.0 gr0.2 gr0.4 gr0.6");
    follow(d, steps, ARRAY_SIZE(steps));
    assert_int_equal(stat(d, "slc_folded"), 8);
    assert_int_equal(stat(d, "gc_copies"), 0);
    assert_int_equal(stat(d, "slc_superblocks"), 1); // being erased
    end_all(d);
    assert_int_equal(stat(d, "slc_superblocks"), 0);
    ask(d, FTL_READ, 0, 1);
    expect(d, "hr1.0");
    drive_close(d);
}

static struct drive *drive_that_folds_on_dies(void)
{
    struct ftl_config config = plain();
    config.t_gc_unit = 10;
    config.slc_fold_idle = MS;
    config.slc_fold = FTL_SLC_FOLD_ON_DIE;
    struct drive *d = drive_open(&config);
    write_units(d, 0, 8);
    while (d->nand.count > 0)
        end_now(d, d->nand.ops[0].name);
    return d;
}

// Die 0 holds pages 0 and 4 of the cache, units 0, 1, 4 and 5, which become pages 0 and 1 of its first word line; die 1
// units 2, 3, 6 and 7, pages 2 and 3 of the superblock.
static void test_dies_fold_whole_word_lines_by_themselves(void **state)
{
    (void)state;
    static const char *const reads[8] = {"hr1.0", "hr1.0", "hr1.2", "hr1.2", "hr1.1", "hr1.1", "hr1.3", "hr1.3"};
    static const struct step steps[] = {{"gf1.1", "gf1.0"}, {"gf1.0", "ge0.0 ge0.1"}};
    struct drive *d = drive_that_folds_on_dies();
    until(d, MS);
    expect(d, "gf1.0 gf1.1");
    follow(d, steps, ARRAY_SIZE(steps));
    assert_int_equal(meter_total(ftl_get_processor_meter(d->ftl)), 8 * 10); // the firmware's work on each unit
    assert_int_equal(stat(d, "slc_folded"), 8);
    assert_int_equal(stat(d, "slc_folded_on_die"), 8);
    end_all(d);
    assert_int_equal(stat(d, "slc_superblocks"), 0);
    for (uint64_t unit = 0; unit < 8; unit++) {
        ask(d, FTL_READ, unit, 1);
        expect(d, reads[unit]);
        end_all(d);
    }
    drive_close(d);
}

// Unit 0 was overwritten: its page is valid in part, and the die's other one fills no word line alone.
static void test_pages_that_are_valid_in_part_go_by_copy(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {"gr0.0", "gf1.1 gr0.4"}, {"gr0.4", "gf1.1"}, {"gf1.1", "gp1.0"}, {"gp1.0", "ge0.0 ge0.1"}};
    struct drive *d = drive_that_folds_on_dies();
    ask(d, FTL_TRIM, 0, 1);
    expect(d, "gf1.1 gr0.0 gr0.4");
    follow(d, steps, ARRAY_SIZE(steps));
    assert_int_equal(stat(d, "slc_folded"), 7);
    assert_int_equal(stat(d, "slc_folded_on_die"), 4);
    assert_int_equal(stat(d, "padding_units"), 1);
    drive_close(d);
}

// What is overwritten or trimmed while a die moves it has no place in the end, and the superblock goes all the same.
static void test_what_is_overwritten_while_a_die_folds_it_stays_where_it_was_written_last(void **state)
{
    (void)state;
    static const struct step steps[] = {{"gf1.0", "gf1.1"}, {"gf1.1", "ge0.0 ge0.1"}};
    struct drive *d = drive_that_folds_on_dies();
    until(d, MS);
    expect(d, "gf1.0 gf1.1");
    write_units(d, 0, 2);
    ask(d, FTL_FLUSH, 0, 0);
    expect(d, "gf1.0 gf1.1 hp2.0");
    end_now(d, "hp2.0");
    ask(d, FTL_TRIM, 2, 1);
    follow(d, steps, ARRAY_SIZE(steps));
    ask(d, FTL_READ, 0, 2);
    expect(d, "ge0.0 ge0.1 hr2.0");
    assert_int_equal(stat(d, "mapped_units"), 7);
    drive_close(d);
}

// A command of the host stops it; what is under way ends. It goes on when the drive has been idle again.
static void test_folding_gives_way_to_the_host(void **state)
{
    (void)state;
    struct drive *d = drive_that_folds(1);
    until(d, MS);
    expect(d, "gr0.0");
    begin(d, (struct ftl_request){.kind = FTL_READ, .offset = 6 * UNIT, .bytes = UNIT});
    until(d, MS + 1);
    expect(d, "gr0.0 hr0.6");
    end_now(d, "gr0.0");
    expect(d, "hr0.6");
    until(d, 3 * MS);
    end_now(d, "hr0.6");
    until(d, 4 * MS - 1);
    expect(d, "");
    until(d, 4 * MS);
    expect(d, "gr0.2");
    drive_close(d);
}

// What was overwritten since is not moved; a superblock without any data is erased at once.
static void test_what_was_overwritten_is_not_folded(void **state)
{
    (void)state;
    for (uint64_t overwritten = 4; overwritten <= 8; overwritten += 4) {
        struct drive *d = drive_that_folds(4);
        write_units(d, 0, overwritten);
        expect(d, overwritten == 4 ? "hp1.0" : "hp1.0 hp1.1");
        while (d->nand.count > 0)
            end_now(d, d->nand.ops[0].name);
        until(d, MS);
        expect(d, overwritten == 4 ? "gr0.4 gr0.6" : "ge0.0 ge0.1");
        end_all(d);
        assert_int_equal(stat(d, "slc_folded"), 8 - overwritten);
        assert_int_equal(stat(d, "slc_superblocks"), 0);
        drive_close(d);
    }
}

// The host waits for the oldest superblock of the cache, and for nothing else.
static void test_the_host_may_wait_for_folding(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {"gr0.0", "gr0.2 gr0.4 gr0.6"}, {"gr0.2", "gr0.4 gr0.6 gp1.0"}, {"gr0.4", "gr0.6 gp1.0"},
        {"gr0.6", "gp1.0 gp1.1"},       {"gp1.0", "gp1.1"},             {"gp1.1", "ge0.0 ge0.1"},
        {"ge0.0", "ge0.1"},             {"ge0.1", "hp2.0"},
    };
    struct ftl_config config = plain();
    config.slc_full = FTL_SLC_WAIT;
    struct drive *d = drive_open(&config);
    write_units(d, 0, 8);
    while (d->nand.count > 0)
        end_now(d, d->nand.ops[0].name);
    write_units(d, 8, 2);
    expect(d, "gr0.0 gr0.2 gr0.4 gr0.6");
    follow(d, steps, ARRAY_SIZE(steps));
    assert_int_equal(stat(d, "slc_waits"), 1);
    assert_int_equal(stat(d, "slc_overflows"), 0);
    drive_close(d);
}

// All of the space without data may be used: 64 / 16 = 4 superblocks when nothing is written, (64 - 16) / 16 = 3 when
// two are full, 2 as soon as the third holds a unit: that is more than the cache may have, and it is folded.
static void test_a_dynamic_cache_shrinks_as_the_drive_fills(void **state)
{
    (void)state;
    struct ftl_config config = plain();
    config.slc_size = 0;
    config.slc_dynamic = 1;
    config.gc_stop = 5;
    struct drive *d = drive_open(&config);
    for (unsigned i = 0; i < 3; i++) {
        write_units(d, 8 * i, 8);
        while (d->nand.count > 0 && strstr(hand_names(&d->nand), "g") == NULL)
            end_now(d, d->nand.ops[0].name);
        expect(d, i < 2 ? "" : "hp2.1 hp2.2 hp2.3 gr0.0 gr0.2 gr0.4 gr0.6");
    }
    assert_int_equal(stat(d, "slc_superblocks"), 3);
    drive_close(d);
}

// From half of the cache on, here when the second superblock of four is opened, it is folded beside the host's writes.
static void test_folding_beside_host_writes(void **state)
{
    (void)state;
    struct ftl_config config = plain();
    config.slc_size = 4 * 8 * UNIT;
    config.slc_fold_from = 0.5;
    struct drive *d = drive_open(&config);
    for (unsigned i = 0; i < 2; i++) {
        write_units(d, 8 * i, 8);
        while (d->nand.count > 0 && i == 0)
            end_now(d, d->nand.ops[0].name);
        expect(d, i == 0 ? "" : "hp1.0 gr0.0 gr0.2 gr0.4 gr0.6 hp1.1 hp1.2 hp1.3");
    }
    drive_close(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_host_data_go_to_the_cache_until_it_is_full),
        cmocka_unit_test(test_the_fixed_cache_is_set_aside),
        cmocka_unit_test(test_idle_time_folds_the_cache),
        cmocka_unit_test(test_dies_fold_whole_word_lines_by_themselves),
        cmocka_unit_test(test_pages_that_are_valid_in_part_go_by_copy),
        cmocka_unit_test(test_what_is_overwritten_while_a_die_folds_it_stays_where_it_was_written_last),
        cmocka_unit_test(test_folding_gives_way_to_the_host),
        cmocka_unit_test(test_what_was_overwritten_is_not_folded),
        cmocka_unit_test(test_the_host_may_wait_for_folding),
        cmocka_unit_test(test_a_dynamic_cache_shrinks_as_the_drive_fills),
        cmocka_unit_test(test_folding_beside_host_writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
