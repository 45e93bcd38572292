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

enum { BLOCKS = 512, N = 512 };

struct drive {
    struct sim *sim;
    struct fake_nand *nand;
    struct ftl *ftl;
    struct ftl_port port;
    struct rng rng;
    uint64_t range, left;
    struct ftl_request request;
    struct breakdown path;
};

static void drive_open(struct drive *d, enum ftl_precondition precondition, double fill)
{
    struct nand_geometry g = fake_geometry(2, 2, BLOCKS, N / 16, 2, 2);
    struct ftl_config config = {.mapping_unit = 4096, .over_provisioning = 0.15, .write_buffer = 64 * 4096,
                                .gc_separate = true, .gc_start = 4, .gc_stop = 6, .gc_reserve = 2, .gc_parallel = 8,
                                .processors = 1, .precondition = precondition, .precondition_fill = fill};
    *d = (struct drive){.sim = sim_create(11)};
    d->nand = fake_nand_create(d->sim, &g, 0, 0, 0);
    d->ftl = ftl_create(d->sim, &config, &g, NULL);
    ftl_bind(d->ftl, fake_nand_port(d->nand));
    d->port = ftl_get_port(d->ftl);
    d->range = d->ftl->mapping.lpns;
    rng_seed(&d->rng, 11, "test");
    ftl_precondition(d->ftl);
    ftl_check(d->ftl);
}

static void drive_close(struct drive *d)
{
    ftl_check(d->ftl);
    ftl_destroy(d->ftl);
    fake_nand_destroy(d->nand);
    sim_destroy(d->sim);
}

static void next_write(struct drive *d)
{
    if (d->left-- == 0)
        return;
    d->request.offset = rng_below(&d->rng, d->range) * 4096;
    breakdown_start(&d->path, STAGE_CONTROLLER, sim_now(d->sim));
    ftl_submit(&d->port, &d->request);
}

static void ready(struct ftl_request *request, uint64_t bytes)
{
    struct drive *d = request->owner;
    ftl_data_in(&d->port, request, bytes);
}

static void done(struct ftl_request *request)
{
    next_write(request->owner);
}

// The write amplification of `writes` uniform random writes.
static double write_randomly(struct drive *d, uint64_t writes)
{
    ftl_stats_restart(d->ftl, sim_now(d->sim));
    d->left = writes;
    d->request = (struct ftl_request){.kind = FTL_WRITE, .bytes = 4096, .ready = ready, .done = done, .owner = d,
                                      .path = &d->path};
    next_write(d);
    sim_run_before(d->sim, TICK_NEVER);
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
        counts[s] = d->ftl->superblocks[s].valid;
    qsort(counts, BLOCKS, sizeof *counts, by_value);
}

static void test_the_instant_random_state_is_the_one_that_writes_lead_to(void **state)
{
    (void)state;
    struct drive instant, simulated;
    uint32_t a[BLOCKS], b[BLOCKS];
    drive_open(&instant, FTL_PRECONDITION_RANDOM, 1);
    drive_open(&simulated, FTL_PRECONDITION_SEQUENTIAL, 1);
    write_randomly(&simulated, UINT64_C(6) * BLOCKS * N);
    sorted_valid_counts(&instant, a);
    sorted_valid_counts(&simulated, b);
    double difference = 0;
    for (uint32_t s = 0; s < BLOCKS; s++)
        difference += fabs((double)a[s] - (double)b[s]) / N / BLOCKS;
    double amplification_a = write_randomly(&instant, UINT64_C(1) * BLOCKS * N);
    double amplification_b = write_randomly(&simulated, UINT64_C(2) * BLOCKS * N);
    print_message("    mean difference of validity %.4f; write amplification %.3f instant, %.3f simulated\n",
                  difference, amplification_a, amplification_b);
    assert_true(difference < 0.02);
    assert_true(fabs(amplification_a / amplification_b - 1) < 0.03);
    assert_int_equal(ftl_get_stats(instant.ftl)->gc_urgent_stalls, 0);
    drive_close(&instant);
    drive_close(&simulated);
}

static void test_a_range_of_the_random_state_scatters_over_the_superblocks(void **state)
{
    (void)state;
    struct drive d;
    uint32_t hits[BLOCKS] = {0}, touched = 0;
    drive_open(&d, FTL_PRECONDITION_RANDOM, 1);
    assert_int_equal(d.ftl->mapping.mapped, d.ftl->mapping.lpns);
    for (uint32_t lpn = 1000; lpn < 1000 + 4 * BLOCKS; lpn++)
        if (hits[superblock_of(d.ftl, d.ftl->mapping.forward[lpn] - 1)]++ == 0)
            touched++;
    assert_true(touched > BLOCKS * 9 / 10);
    drive_close(&d);
}

static void test_the_sequential_state_lies_in_order(void **state)
{
    (void)state;
    struct drive d;
    drive_open(&d, FTL_PRECONDITION_SEQUENTIAL, 0.5);
    uint64_t count = d.ftl->mapping.lpns / 2;
    assert_int_equal(d.ftl->mapping.mapped, count);
    for (uint32_t lpn = 0; lpn < d.ftl->mapping.lpns; lpn++)
        assert_int_equal(d.ftl->mapping.forward[lpn], lpn < count ? lpn + 1 : 0);
    assert_int_equal(d.nand->assumed_blocks, BLOCKS);
    assert_int_equal(d.ftl->free_count, BLOCKS - (count + N - 1) / N);
    drive_close(&d);
}

static void test_a_partly_filled_random_state_maps_the_first_units(void **state)
{
    (void)state;
    struct drive d;
    drive_open(&d, FTL_PRECONDITION_RANDOM, 0.25);
    uint64_t count = d.ftl->mapping.lpns / 4;
    assert_int_equal(d.ftl->mapping.mapped, count);
    for (uint32_t lpn = 0; lpn < d.ftl->mapping.lpns; lpn++)
        assert_int_equal(d.ftl->mapping.forward[lpn] != 0, lpn < count);
    d.range = count;
    write_randomly(&d, BLOCKS * N / 4);
    drive_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_instant_random_state_is_the_one_that_writes_lead_to),
        cmocka_unit_test(test_a_range_of_the_random_state_scatters_over_the_superblocks),
        cmocka_unit_test(test_the_sequential_state_lies_in_order),
        cmocka_unit_test(test_a_partly_filled_random_state_maps_the_first_units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
