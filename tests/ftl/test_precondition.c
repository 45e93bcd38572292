// Instant preconditioning against the state that simulated writes reach.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <math.h>

#include "fake_nand.h"
#include "ftl/ftl_internal.h"
#include "writer.h"

enum { BLOCKS = 512, N = 128 };

struct drive {
    struct sim *sim;
    struct fake_nand *nand;
    struct ftl *ftl;
    struct rng rng;
    uint64_t range; // units that are written
};

static struct ftl_config plain(enum ftl_precondition precondition, double fill)
{
    return (struct ftl_config){.mapping_unit = 4096, .over_provisioning = 0.15, .write_buffer = 64 * 4096,
                               .placement = FTL_PLACE_SEPARATE, .gc_start = 4, .gc_stop = 6, .gc_reserve = 2, .gc_parallel = 8,
                               .gc_choices = 4, .processors = 1, .precondition = precondition,
                               .precondition_fill = fill};
}

// `other`: a drive beside which it is prepared; NULL: none.
static void drive_open_beside(struct drive *d, const struct ftl_config *config, const struct drive *other)
{
    struct nand_geometry g = fake_geometry(2, 2, BLOCKS, N / 16, 2, 2);
    *d = (struct drive){.sim = sim_create(11)};
    d->nand = fake_nand_create(d->sim, &g, 0, 0, 0);
    d->ftl = ftl_create(d->sim, config, &g, NULL);
    ftl_bind(d->ftl, fake_nand_port(d->nand));
    d->range = d->ftl->map.lpns;
    rng_seed(&d->rng, 11, "test");
    ftl_precondition_beside(d->ftl, other == NULL ? NULL : other->ftl);
    ftl_check(d->ftl);
}

static void drive_open_with(struct drive *d, const struct ftl_config *config)
{
    drive_open_beside(d, config, NULL);
}

static void drive_open(struct drive *d, enum ftl_precondition precondition, double fill)
{
    struct ftl_config config = plain(precondition, fill);
    drive_open_with(d, &config);
}

static void drive_close(struct drive *d)
{
    ftl_check(d->ftl);
    ftl_destroy(d->ftl);
    fake_nand_destroy(d->nand);
    sim_destroy(d->sim);
}

// The write amplification of `writes` uniform random writes.
static double write_randomly(struct drive *d, uint64_t writes)
{
    ftl_stats_restart(d->ftl, sim_now(d->sim));
    struct writer writer = {.sim = d->sim, .port = ftl_get_port(d->ftl), .rng = &d->rng, .range = d->range};
    writer_run(&writer, writes);
    return ftl_get_stats(d->ftl)->write_amplification;
}

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void sorted_valid_counts(const struct drive *d, uint32_t counts[BLOCKS])
{
    for (uint32_t s = 0; s < BLOCKS; s++)
        counts[s] = d->ftl->space.superblocks[s].valid;
    qsort(counts, BLOCKS, sizeof *counts, by_value);
}

// Two drives, one prepared so and one written over and over, are compared: how many valid units the superblocks hold,
// sorted; and the amplification, of the prepared one from its very first writes on.
static void expect_steady(struct ftl_config config, double fill, double first_tolerance, double tolerance)
{
    struct drive instant, simulated;
    uint32_t a[BLOCKS], b[BLOCKS];
    config.precondition = FTL_PRECONDITION_RANDOM;
    config.precondition_fill = fill;
    drive_open_with(&instant, &config);
    config.precondition = FTL_PRECONDITION_SEQUENTIAL;
    drive_open_with(&simulated, &config);
    instant.range = simulated.range = instant.ftl->map.mapped;
    write_randomly(&simulated, 6 * simulated.range);
    sorted_valid_counts(&instant, a);
    sorted_valid_counts(&simulated, b);
    double difference = 0;
    for (uint32_t s = 0; s < BLOCKS; s++)
        difference += fabs((double)a[s] - (double)b[s]) / N / BLOCKS;
    double first = write_randomly(&instant, 16 * N), next = write_randomly(&instant, 512 * N);
    double later = write_randomly(&simulated, 1024 * N);
    print_message("    %s, fill %.0f %%: difference of validity %.4f; amplification %.3f, then %.3f; simulated %.3f\n",
                  gc_registry[config.gc_policy]->name, 100 * fill, difference, first, next, later);
    assert_true(difference < 0.015);
    assert_true(fabs(first / later - 1) < first_tolerance);
    assert_true(fabs(next / later - 1) < tolerance);
    drive_close(&instant);
    drive_close(&simulated);
}

// Victims of `random` differ from one another, so that a few of them tell little.
static void test_the_instant_random_state_is_the_one_that_writes_lead_to(void **state)
{
    (void)state;
    for (uint32_t policy = 0; policy < FTL_GC_COUNT; policy++) {
        struct ftl_config config = plain(FTL_PRECONDITION_RANDOM, 1);
        config.gc_policy = policy;
        bool alike = policy != FTL_GC_RANDOM && policy != FTL_GC_D_CHOICES;
        expect_steady(config, 1, alike ? 0.04 : 0.4, alike ? 0.01 : 0.04);
    }
}

static void test_the_random_state_of_a_drive_half_full_or_with_one_stream(void **state)
{
    (void)state;
    struct ftl_config config = plain(FTL_PRECONDITION_RANDOM, 1);
    expect_steady(config, 0.5, 0.04, 0.01);
    config.placement = FTL_PLACE_SHARED;
    expect_steady(config, 0.8, 0.04, 0.01);
}

// With much spare, and any superblock as likely a victim as another, the end lies far from where it is looked for
// first.
static void test_the_random_state_of_a_drive_that_forgets_slowly(void **state)
{
    (void)state;
    struct ftl_config config = plain(FTL_PRECONDITION_RANDOM, 1);
    config.over_provisioning = 1;
    config.gc_policy = FTL_GC_RANDOM;
    expect_steady(config, 1, 0.4, 0.04);
}

// A drive so large that its state is found on a model, against itself played in full: valid units of its superblocks,
// sorted, and of its closed ones by age.
static void expect_model_agrees(const struct ftl_config *config, double fill)
{
    enum { LARGE = 1536 };
    struct nand_geometry g = fake_geometry(2, 2, LARGE, N / 16, 2, 2);
    struct sim *sim = sim_create(11);
    struct ftl *by_model = ftl_create(sim, config, &g, NULL), *in_full = ftl_create(sim, config, &g, NULL);
    uint64_t units = (uint64_t)((double)by_model->map.lpns * fill), sum = 0;
    uint32_t a[LARGE], b[LARGE];
    assert_true(steady_needs_model(by_model));
    steady_reach(by_model, units);
    steady_play(in_full, units);
    for (uint32_t s = 0; s < LARGE; s++) {
        sum += a[s] = by_model->space.superblocks[s].valid;
        b[s] = in_full->space.superblocks[s].valid;
        assert_true(by_model->space.superblocks[s].closed <= by_model->space.write_clock);
    }
    assert_int_equal(sum, units);
    qsort(a, LARGE, sizeof *a, by_value);
    qsort(b, LARGE, sizeof *b, by_value);
    double difference = 0;
    for (uint32_t s = 0; s < LARGE; s++)
        difference += fabs((double)a[s] - (double)b[s]) / N / LARGE;
    uint32_t model_victim = by_model->space.superblocks[by_model->movers[WHY_COLLECT].at.source].unread;
    print_message("    %s, fill %.0f %%: difference of validity %.4f, half victim %u and %u\n",
                  gc_registry[config->gc_policy]->name, 100 * fill, difference, model_victim,
                  in_full->space.superblocks[in_full->movers[WHY_COLLECT].at.source].unread);
    assert_true(difference < 0.01);
    assert_int_equal(by_model->space.free_count, in_full->space.free_count);
    ftl_destroy(by_model);
    ftl_destroy(in_full);
    sim_destroy(sim);
}

static void test_a_large_drive_is_like_its_model(void **state)
{
    (void)state;
    for (uint32_t policy = 0; policy < FTL_GC_COUNT; policy++) {
        struct ftl_config config = plain(FTL_PRECONDITION_RANDOM, 1);
        config.gc_policy = policy;
        expect_model_agrees(&config, 1);
    }
    struct ftl_config config = plain(FTL_PRECONDITION_RANDOM, 1);
    expect_model_agrees(&config, 0.6);
    config.placement = FTL_PLACE_SHARED;
    expect_model_agrees(&config, 0.9);
}

static bool part_full(const struct stream *stream)
{
    return stream->superblock != NONE && stream->row > 0 && stream->row < N / 16;
}

// All that moves slowly is where the middle of a long run would find it.
static void test_the_random_state_is_in_the_middle_of_things(void **state)
{
    (void)state;
    struct drive d;
    drive_open(&d, FTL_PRECONDITION_RANDOM, 1);
    const struct ftl *ftl = d.ftl;
    const struct progress *at = &ftl->movers[WHY_COLLECT].at;
    uint64_t committed = ftl->space.committed;
    uint32_t half = at->source * N + N / 2;
    assert_true(ftl->pace.active && at->source != NONE);
    assert_int_equal(ftl->space.superblocks[at->source].state, SUPERBLOCK_VICTIM);
    assert_int_equal(at->cursor, half);
    assert_int_equal(committed, ftl->space.superblocks[at->source].valid);
    for (uint32_t ppn = half - N / 2; ppn < half; ppn++)
        assert_int_equal(map_valid_units(&ftl->map, ppn, 1), 0);
    assert_true(committed > N / 4 && committed < N / 2);
    assert_int_equal(ftl->pace.credit, (2 * 8) << CREDIT_BITS); // a program unit a die
    assert_true(part_full(&ftl->space.streams[STREAM_HOST]) || part_full(&ftl->space.streams[STREAM_COPIES]));
    double gain = (double)pace_worth(&ftl->pace, 1 << 20, 1 << CREDIT_BITS) / (1 << 20) / (1 << CREDIT_BITS);
    assert_true(fabs(gain - 1) < 0.1);
    assert_int_equal(ftl->buffer.queued, 64);
    assert_int_equal(ftl->buffer.used, 64);
    for (uint32_t s = 0; s < BLOCKS; s++)
        assert_int_equal(ftl->space.superblocks[s].pe_cycles, 0);
    assert_int_equal(ftl_get_stats(d.ftl)->gc_victims, 0);
    assert_int_equal(ftl_get_stats(d.ftl)->gc_headroom_bytes, 0);
    drive_close(&d);
}

static void test_a_range_of_the_random_state_scatters_over_the_superblocks(void **state)
{
    (void)state;
    struct drive d;
    uint32_t hits[BLOCKS] = {0}, touched = 0;
    drive_open(&d, FTL_PRECONDITION_RANDOM, 1);
    assert_int_equal(d.ftl->map.mapped, d.ftl->map.lpns);
    for (uint32_t lpn = 1000; lpn < 1000 + 4 * BLOCKS; lpn++)
        if (hits[superblock_of(&d.ftl->space, map_lookup(&d.ftl->map, lpn))]++ == 0)
            touched++;
    assert_true(touched > BLOCKS * 9 / 10);
    drive_close(&d);
}

static void test_the_sequential_state_lies_in_order(void **state)
{
    (void)state;
    struct drive d;
    drive_open(&d, FTL_PRECONDITION_SEQUENTIAL, 0.5);
    uint64_t count = d.ftl->map.lpns / 2;
    assert_int_equal(d.ftl->map.mapped, count);
    for (uint32_t lpn = 0; lpn < d.ftl->map.lpns; lpn++)
        assert_int_equal(map_lookup(&d.ftl->map, lpn), lpn < count ? lpn : MAP_NOWHERE);
    assert_int_equal(d.nand->assumed_blocks, BLOCKS);
    assert_int_equal(d.ftl->space.free_count, BLOCKS - (count + N - 1) / N);
    drive_close(&d);
}

static void test_a_partly_filled_random_state_maps_the_first_units(void **state)
{
    (void)state;
    struct drive d;
    drive_open(&d, FTL_PRECONDITION_RANDOM, 0.25);
    uint64_t count = d.ftl->map.lpns / 4;
    assert_int_equal(d.ftl->map.mapped, count);
    for (uint32_t lpn = 0; lpn < d.ftl->map.lpns; lpn++)
        assert_int_equal(map_lookup(&d.ftl->map, lpn) != MAP_NOWHERE, lpn < count);
    d.range = count;
    write_randomly(&d, BLOCKS * N / 4);
    drive_close(&d);
}

static void expect_same_superblocks(const struct drive *a, const struct drive *b)
{
    for (uint32_t s = 0; s < BLOCKS; s++) {
        const struct superblock *one = &a->ftl->space.superblocks[s], *other = &b->ftl->space.superblocks[s];
        assert_int_equal(one->state, other->state);
        assert_int_equal(one->valid, other->valid);
        assert_int_equal(one->closed, other->closed);
        assert_int_equal(one->pe_cycles, other->pe_cycles);
    }
}

// A drive that differs from a prepared one in what the state does not follow from, prepared beside it and by itself: both
// are the same, and so is all that comes of as many writes.
static void expect_same_beside(struct ftl_config config)
{
    struct drive first, beside, alone;
    struct ftl_stats after;
    drive_open_with(&first, &config);
    config.t_write = 2 * TICKS_PER_US;
    config.initial_pe_cycles = 7;
    drive_open_beside(&beside, &config, &first);
    drive_open_with(&alone, &config);
    assert_true(steady_is_twin(beside.ftl, first.ftl));
    expect_same_superblocks(&beside, &alone);
    write_randomly(&beside, 20000);
    write_randomly(&alone, 20000);
    expect_same_superblocks(&beside, &alone);
    after = *ftl_get_stats(beside.ftl);
    assert_memory_equal(&after, ftl_get_stats(alone.ftl), sizeof after);
    drive_close(&first);
    drive_close(&beside);
    drive_close(&alone);
}

static void test_beside_another_drive_the_state_is_the_same_whatever_chooses_victims_or_places_data(void **state)
{
    (void)state;
    for (uint32_t policy = 0; policy < FTL_GC_COUNT; policy++)
        for (uint32_t placement = FTL_PLACE_SEPARATE; placement <= FTL_PLACE_SHARED; placement++) {
            struct ftl_config config = plain(FTL_PRECONDITION_RANDOM, policy == FTL_GC_FIFO ? 0.8 : 1);
            config.gc_policy = policy;
            config.placement = placement;
            expect_same_beside(config);
        }
}

static void expect_no_twin(struct drive *first, const struct ftl_config *config)
{
    struct drive other, alone;
    drive_open_beside(&other, config, first);
    drive_open_with(&alone, config);
    assert_false(steady_is_twin(other.ftl, first->ftl));
    expect_same_superblocks(&other, &alone);
    drive_close(&other);
    drive_close(&alone);
}

static void test_a_drive_of_another_policy_level_or_fill_takes_nothing_from_one_beside_it(void **state)
{
    (void)state;
    struct ftl_config plain_one = plain(FTL_PRECONDITION_RANDOM, 1), config = plain_one;
    struct drive first;
    drive_open_with(&first, &plain_one);
    config.gc_policy = FTL_GC_FIFO;
    expect_no_twin(&first, &config);
    config = plain_one;
    config.gc_stop = 9;
    expect_no_twin(&first, &config);
    config = plain_one;
    config.precondition_fill = 0.9;
    expect_no_twin(&first, &config);
    drive_close(&first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_instant_random_state_is_the_one_that_writes_lead_to),
        cmocka_unit_test(test_the_random_state_of_a_drive_half_full_or_with_one_stream),
        cmocka_unit_test(test_the_random_state_of_a_drive_that_forgets_slowly),
        cmocka_unit_test(test_a_large_drive_is_like_its_model),
        cmocka_unit_test(test_the_random_state_is_in_the_middle_of_things),
        cmocka_unit_test(test_a_range_of_the_random_state_scatters_over_the_superblocks),
        cmocka_unit_test(test_the_sequential_state_lies_in_order),
        cmocka_unit_test(test_a_partly_filled_random_state_maps_the_first_units),
        cmocka_unit_test(test_beside_another_drive_the_state_is_the_same_whatever_chooses_victims_or_places_data),
        cmocka_unit_test(test_a_drive_of_another_policy_level_or_fill_takes_nothing_from_one_beside_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
