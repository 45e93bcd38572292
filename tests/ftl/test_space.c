// Space: rankings, victims found without looking at all, blocks exchanged, the order of the agenda.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fake_nand.h"
#include "ftl/ftl_internal.h"
#include "util/macros.h"

// --- rankings ------------------------------------------------------------------------------------------------------

static uint32_t first_by_looking(const uint64_t *keys, uint32_t count)
{
    uint32_t best = UINT32_MAX;
    for (uint32_t i = 0; i < count; i++)
        if (keys[i] != RANKING_OUT && (best == UINT32_MAX || keys[i] < keys[best]))
            best = i;
    return best;
}

static void test_the_first_of_a_ranking_is_what_a_look_at_all_finds(void **state)
{
    (void)state;
    static const uint32_t counts[] = {1, 2, 3, 7, 64, 65, 200};
    struct rng rng;
    rng_seed(&rng, 1, "test");
    for (size_t c = 0; c < ARRAY_SIZE(counts); c++) {
        uint64_t keys[200];
        struct ranking ranking;
        ranking_init(&ranking, counts[c]);
        for (uint32_t i = 0; i < counts[c]; i++)
            keys[i] = RANKING_OUT;
        assert_int_equal(ranking_first(&ranking), UINT32_MAX);
        for (int i = 0; i < 2000; i++) {
            uint32_t entry = (uint32_t)rng_below(&rng, counts[c]);
            keys[entry] = rng_below(&rng, 4) == 0 ? RANKING_OUT : rng_below(&rng, 50);
            ranking_set(&ranking, entry, keys[entry]);
            assert_int_equal(ranking_first(&ranking), first_by_looking(keys, counts[c]));
        }
        ranking_destroy(&ranking);
    }
}

// --- victims -------------------------------------------------------------------------------------------------------

enum { BLOCKS = 300, DIES = 2 };

struct drive {
    struct sim *sim;
    struct fake_nand *nand;
    struct ftl *ftl;
};

static struct ftl_config plain(void)
{
    return (struct ftl_config){.mapping_unit = 4096, .over_provisioning = 0.5, .write_buffer = 64 * 4096,
                               .placement = FTL_PLACE_SEPARATE, .gc_start = 4, .gc_stop = 6, .gc_reserve = 2,
                               .processors = 1, .verify = FTL_VERIFY_VERSIONS};
}

static void drive_open(struct drive *d, uint32_t blocks, struct ftl_config config)
{
    struct nand_geometry g = fake_geometry(DIES, 2, blocks, 4, 1, 4);
    d->sim = sim_create(1);
    d->nand = fake_nand_create(d->sim, &g, 50, 500, 3000);
    d->ftl = ftl_create(d->sim, &config, &g, NULL);
    ftl_bind(d->ftl, fake_nand_port(d->nand));
}

static void drive_close(struct drive *d)
{
    ftl_destroy(d->ftl);
    fake_nand_destroy(d->nand);
    sim_destroy(d->sim);
}

// Few values, so that many are alike.
static void change_at_random(struct space *space, struct rng *rng)
{
    uint32_t s = (uint32_t)rng_below(rng, BLOCKS);
    struct superblock *sb = &space->superblocks[s];
    sb->state = rng_below(rng, 4) == 0 ? SUPERBLOCK_OPEN : SUPERBLOCK_CLOSED;
    sb->valid = sb->units - (uint32_t)rng_below(rng, 20);
    sb->closed = rng_below(rng, 1000);
    sb->programs = rng_below(rng, 8) == 0;
    superblock_changed(space, s);
}

static bool eligible(const struct superblock *sb)
{
    return sb->state == SUPERBLOCK_CLOSED && sb->programs == 0 && sb->valid < sb->units;
}

// age * (1 - u) / 2u; of numbers this small equal ones are equal, and others are told apart.
static double worth(const struct space *space, const struct superblock *sb)
{
    double n = sb->units, v = sb->valid;
    return (double)(space->write_clock - sb->closed) * (n - v) / (2 * v);
}

static void expect_choices(const struct space *space)
{
    uint32_t count = 0, fewest = NONE, oldest = NONE, best = NONE;
    for (uint32_t s = 0; s < BLOCKS; s++) {
        const struct superblock *sb = &space->superblocks[s], *all = space->superblocks;
        if (!eligible(sb))
            continue;
        assert_int_equal(victims_at(space, count++), s);
        fewest = fewest == NONE || sb->valid < all[fewest].valid ? s : fewest;
        oldest = oldest == NONE || sb->closed < all[oldest].closed ? s : oldest;
        best = best == NONE || worth(space, sb) > worth(space, &all[best]) ? s : best;
    }
    assert_int_equal(space->victims.count, count);
    assert_int_equal(gc_greedy_ops.pick(space, NULL), fewest);
    assert_int_equal(gc_fifo_ops.pick(space, NULL), oldest);
    assert_int_equal(gc_cost_benefit_ops.pick(space, NULL), best);
}

static void test_policies_choose_what_a_look_at_all_finds(void **state)
{
    (void)state;
    struct drive d;
    struct rng rng;
    drive_open(&d, BLOCKS, plain());
    struct space *space = &d.ftl->space;
    space->write_clock = 1000;
    rng_seed(&rng, 2, "test");
    for (int round = 0; round < 200; round++) {
        uint64_t changes = rng_below(&rng, 40);
        for (uint64_t i = 0; i < changes; i++)
            change_at_random(space, &rng);
        victims_update(space);
        expect_choices(space);
    }
    drive_close(&d);
}

// --- blocks exchanged ----------------------------------------------------------------------------------------------

struct write {
    struct ftl_request request;
    struct breakdown path;
    struct drive *drive;
};

static void write_ready(struct ftl_request *request, uint64_t bytes)
{
    struct write *write = request->owner;
    struct ftl_port port = ftl_get_port(write->drive->ftl);
    ftl_data_in(&port, request, bytes);
}

static void write_done(struct ftl_request *request)
{
    free(request->owner);
}

// Data arrive in an event of their own.
struct arrival {
    struct ftl_request *request;
    uint64_t bytes;
};

static void arrive(void *context)
{
    struct arrival *arrival = context;
    write_ready(arrival->request, arrival->bytes);
    free(arrival);
}

static void ready(struct ftl_request *request, uint64_t bytes)
{
    struct write *write = request->owner;
    struct arrival *arrival = malloc(sizeof *arrival);
    *arrival = (struct arrival){request, bytes};
    sim_after(write->drive->sim, 1, arrive, arrival);
}

static void write_unit(struct drive *d, uint64_t lpn)
{
    struct write *write = calloc(1, sizeof *write);
    struct ftl_port port = ftl_get_port(d->ftl);
    write->drive = d;
    write->request = (struct ftl_request){.kind = FTL_WRITE, .offset = lpn * 4096, .bytes = 4096, .ready = ready,
                                          .done = write_done, .owner = write, .path = &write->path};
    breakdown_start(&write->path, STAGE_CONTROLLER, sim_now(d->sim));
    ftl_submit(&port, &write->request);
    sim_run_before(d->sim, TICK_NEVER);
}

// The dies of fake_nand refuse a row out of order and a read of what is not written: an address that is exchanged in
// one place and not in another does not pass. Overwritten four times, with collection.
static void test_a_drive_works_with_blocks_exchanged(void **state)
{
    (void)state;
    struct drive d;
    struct rng rng;
    drive_open(&d, 40, plain());
    struct layout *layout = &d.ftl->space.layout;
    layout_exchange(layout, 0, 7, 1);
    layout_exchange(layout, 7, 39, 1);
    layout_exchange(layout, 3, 4, 0);
    assert_int_equal(layout_block(layout, 0, 1), 7);
    assert_int_equal(layout_block(layout, 7, 1), 39);
    assert_int_equal(layout_block(layout, 39, 1), 0);
    assert_int_equal(layout_block(layout, 7, 0), 7);
    rng_seed(&rng, 3, "test");
    for (uint64_t i = 0; i < 4 * d.ftl->map.lpns; i++)
        write_unit(&d, rng_below(&rng, d.ftl->map.lpns));
    assert_true(ftl_get_stats(d.ftl)->erased_superblocks > 40);
    assert_int_equal(d.nand->next_row[7 * DIES + 1] > 0, d.ftl->space.superblocks[0].state != SUPERBLOCK_FREE);
    ftl_check(d.ftl);
    drive_close(&d);
}

static void test_a_unit_lies_in_its_exchanged_block(void **state)
{
    (void)state;
    struct nand_geometry g = fake_geometry(DIES, 2, 8, 4, 3, 4);
    struct layout layout;
    layout_init(&layout, &g);
    ppn_t there = nand_unit_at(&g, (struct nand_address){2, 3, 1, 2, 1, 3});
    assert_int_equal(layout_place(&layout, there).n, there.n);
    layout_exchange(&layout, 2, 5, 1);
    assert_int_equal(layout_place(&layout, there).n, nand_unit_at(&g, (struct nand_address){5, 3, 1, 2, 1, 3}).n);
    ppn_t other_die = nand_unit_at(&g, (struct nand_address){2, 3, 0, 2, 1, 3});
    assert_int_equal(layout_place(&layout, other_die).n, other_die.n);
    layout_destroy(&layout);
}

// --- the agenda ----------------------------------------------------------------------------------------------------

struct record {
    struct agenda agenda;
    char done[16];
    size_t count;
};

static void note(struct record *record, char item)
{
    record->done[record->count++] = item;
}

static void flush_row(void *context)
{
    note(context, 'f');
}

static void grant_row(void *context)
{
    note(context, 'g');
}

// Raises what comes before it and what comes after it; both wait for its end.
static void dispatch_row(void *context)
{
    struct record *record = context;
    agenda_raise(&record->agenda, AGENDA_FLUSH | AGENDA_MOVE);
    note(record, 'd');
}

static void move_row(void *context)
{
    note(context, 'm');
}

static void test_the_agenda_is_done_in_its_order(void **state)
{
    (void)state;
    static agenda_fn *const rows[AGENDA_ITEMS] = {flush_row, grant_row, dispatch_row, move_row};
    struct sim *sim = sim_create(1);
    struct record record = {.agenda = {.sim = sim, .rows = rows, .context = &record}};
    agenda_raise(&record.agenda, AGENDA_MOVE | AGENDA_DISPATCH | AGENDA_GRANT);
    assert_string_equal(record.done, "gdfm");
    agenda_raise_later(&record.agenda, AGENDA_MOVE);
    agenda_raise_later(&record.agenda, AGENDA_GRANT);
    assert_int_equal(record.count, 4);
    sim_run_before(sim, TICK_NEVER);
    assert_string_equal(record.done, "gdfmgm");
    assert_int_equal(sim_events(sim), 1);
    sim_destroy(sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_first_of_a_ranking_is_what_a_look_at_all_finds),
        cmocka_unit_test(test_policies_choose_what_a_look_at_all_finds),
        cmocka_unit_test(test_a_drive_works_with_blocks_exchanged),
        cmocka_unit_test(test_a_unit_lies_in_its_exchanged_block),
        cmocka_unit_test(test_the_agenda_is_done_in_its_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
