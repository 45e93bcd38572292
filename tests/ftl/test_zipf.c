// Write amplification of greedy collection under zipf, against a simulator of another make.
//
// Haas, Lee, Bonnet and Leis (SSD-iq, PVLDB 18(11), 2025) published curves from theirs: 16 GiB of 4 KiB pages in blocks
// of 8 MiB, filled to 0.875, zipf over all of it, one open block that takes what collection keeps and what the host
// writes, and before all of it an LRU buffer of 0.02 % of the pages, in which overwrites cost nothing. The same is put
// together here around the core, with its shared placement, and as a flat model of a few lines, which has no time, no
// reserve and no streams. The small drives of every test run are held against the model; the published size, a minute
// of it, with the argument --published, is held against the published figures.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

#include "fake_nand.h"
#include "ftl/ftl_internal.h"
#include "host/job/distribution.h"
#include "util/alloc.h"
#include "util/macros.h"
#include "writer.h"

enum { NOBODY = -1 };

static const double fill = 0.875, buffered = 0.0002;

// Writes of zipf that an LRU buffer lets through.
struct source {
    struct rng rng;
    struct distribution_spec spec;
    struct distribution distribution;
    int32_t *newer, *older; // by unit in the buffer
    bool *in_buffer;
    int32_t newest, oldest;
    uint64_t held, capacity;
    uint64_t asked; // how many have been drawn
};

static void source_init(struct source *s, double theta, uint64_t units)
{
    struct rng spread;
    *s = (struct source){.spec = {.kind = DISTRIBUTION_ZIPF, .parameter = theta}, .newest = NOBODY, .oldest = NOBODY};
    rng_seed(&s->rng, 1, "writes");
    rng_seed(&spread, 1, "spread");
    distribution_init(&s->distribution, &s->spec, units, &spread);
    s->newer = xcalloc(units, sizeof *s->newer);
    s->older = xcalloc(units, sizeof *s->older);
    s->in_buffer = xcalloc(units, sizeof *s->in_buffer);
    s->capacity = (uint64_t)(buffered * (double)units);
}

static void source_destroy(struct source *s)
{
    free(s->newer);
    free(s->older);
    free(s->in_buffer);
}

static void unlink_unit(struct source *s, int32_t unit)
{
    int32_t newer = s->newer[unit], older = s->older[unit];
    *(newer == NOBODY ? &s->newest : &s->older[newer]) = older;
    *(older == NOBODY ? &s->oldest : &s->newer[older]) = newer;
    s->held--;
}

static void make_newest(struct source *s, int32_t unit)
{
    s->newer[unit] = NOBODY;
    s->older[unit] = s->newest;
    *(s->newest == NOBODY ? &s->oldest : &s->newer[s->newest]) = unit;
    s->newest = unit;
    s->held++;
}

static uint64_t source_next(struct source *s)
{
    for (;;) {
        int32_t unit = (int32_t)distribution_draw(&s->distribution, &s->rng);
        s->asked++;
        if (s->in_buffer[unit])
            unlink_unit(s, unit);
        s->in_buffer[unit] = true;
        make_newest(s, unit);
        if (s->held <= s->capacity)
            continue;
        int32_t victim = s->oldest;
        unlink_unit(s, victim);
        s->in_buffer[victim] = false;
        return (uint64_t)victim;
    }
}

// --- the flat model ------------------------------------------------------------------------------------------------

struct flat {
    uint32_t blocks, units;    // units a block
    uint32_t *place;           // by logical unit; UINT32_MAX: none
    uint32_t *owner;           // by place; UINT32_MAX: stale
    uint32_t *valid, *written; // by block
    uint32_t open, fresh;      // fresh: blocks used so far
    uint64_t programmed;
};

static void flat_program(struct flat *f, uint32_t lpn)
{
    uint32_t place = f->open * f->units + f->written[f->open]++;
    f->owner[place] = lpn;
    f->place[lpn] = place;
    f->valid[f->open]++;
    f->programmed++;
}

static uint32_t flat_victim(const struct flat *f)
{
    uint32_t best = f->open == 0;
    for (uint32_t b = 0; b < f->blocks; b++)
        if (b != f->open && f->valid[b] < f->valid[best])
            best = b;
    return best;
}

// What is valid moves to the front of its own block, which is open then.
static void flat_collect(struct flat *f)
{
    uint32_t *kept = xcalloc(f->units, sizeof *kept), count = 0;
    f->open = flat_victim(f);
    uint32_t *owners = &f->owner[f->open * f->units];
    for (uint32_t i = 0; i < f->units; i++)
        if (owners[i] != UINT32_MAX)
            kept[count++] = owners[i];
    memset(owners, 0xff, f->units * sizeof *owners);
    f->valid[f->open] = f->written[f->open] = 0;
    for (uint32_t i = 0; i < count; i++)
        flat_program(f, kept[i]);
    free(kept);
}

static void flat_write(struct flat *f, uint32_t lpn)
{
    while (f->written[f->open] == f->units) {
        if (f->fresh < f->blocks)
            f->open = f->fresh++;
        else
            flat_collect(f);
    }
    if (f->place[lpn] != UINT32_MAX) {
        f->owner[f->place[lpn]] = UINT32_MAX;
        f->valid[f->place[lpn] / f->units]--;
    }
    flat_program(f, lpn);
}

static double flat_amplification(double theta, uint32_t blocks, uint32_t units)
{
    uint32_t all = blocks * units, logical = (uint32_t)(fill * all);
    struct flat f = {.blocks = blocks, .units = units, .fresh = 1};
    struct source source;
    f.place = xcalloc(logical, sizeof *f.place);
    f.owner = xcalloc(all, sizeof *f.owner);
    f.valid = xcalloc(blocks, sizeof *f.valid);
    f.written = xcalloc(blocks, sizeof *f.written);
    memset(f.place, 0xff, logical * sizeof *f.place);
    memset(f.owner, 0xff, all * sizeof *f.owner);
    for (uint32_t i = 0; i < logical; i++)
        flat_write(&f, i);
    source_init(&source, theta, logical);
    while (source.asked < 2ull * logical)
        flat_write(&f, (uint32_t)source_next(&source));
    uint64_t programmed = f.programmed, asked = source.asked;
    while (source.asked < 4ull * logical)
        flat_write(&f, (uint32_t)source_next(&source));
    double result = (double)(f.programmed - programmed) / (double)(source.asked - asked);
    source_destroy(&source);
    free(f.place);
    free(f.owner);
    free(f.valid);
    free(f.written);
    return result;
}

// --- the core ------------------------------------------------------------------------------------------------------

static uint64_t draw(void *context)
{
    return source_next(context);
}

static uint64_t units_programmed(struct ftl *ftl)
{
    const struct ftl_stats *stats = ftl_get_stats(ftl);
    return stats->host_units_programmed + stats->gc_copies;
}

// Two free superblocks and half an open one are more than the other simulator has.
static double core_amplification(double theta, uint32_t blocks, uint32_t units)
{
    struct sim *sim = sim_create(7);
    struct nand_geometry g = fake_geometry(1, 1, blocks, units / 4, 1, 4);
    struct ftl_config config = {.mapping_unit = 4096, .write_buffer = 16 * 4096, .gc_policy = FTL_GC_GREEDY,
                                .placement = FTL_PLACE_SHARED, .gc_start = 3, .gc_stop = 3, .gc_reserve = 1,
                                .gc_parallel = 8, .processors = 1, .gc_choices = 1, .verify = FTL_VERIFY_OFF};
    uint64_t logical = (uint64_t)(fill * (blocks - 2.5) * units);
    config.capacity = logical * 4096;
    struct fake_nand *nand = fake_nand_create(sim, &g, 0, 0, 0);
    struct ftl *ftl = ftl_create(sim, &config, &g, NULL);
    ftl_bind(ftl, fake_nand_port(nand));
    struct source source;
    struct writer writer = {.sim = sim, .port = ftl_get_port(ftl), .range = logical};
    writer_run(&writer, logical);
    source_init(&source, theta, logical);
    writer.draw = draw;
    writer.draw_context = &source;
    while (source.asked < 2 * logical)
        writer_run(&writer, 1000);
    uint64_t programmed = units_programmed(ftl), asked = source.asked;
    while (source.asked < 4 * logical)
        writer_run(&writer, 1000);
    double result = (double)(units_programmed(ftl) - programmed) / (double)(source.asked - asked);
    ftl_check(ftl);
    ftl_destroy(ftl);
    fake_nand_destroy(nand);
    sim_destroy(sim);
    source_destroy(&source);
    return result;
}

static void expect_near(double theta, double measured, double expected, double tolerance)
{
    print_message("    theta %.1f: %.4f, expected %.4f: %+.2f %%\n", theta, measured, expected,
                  100 * (measured / expected - 1));
    assert_true(fabs(measured / expected - 1) < tolerance);
}

static void test_the_core_amplifies_as_a_flat_model_does(void **state)
{
    (void)state;
    static const double thetas[] = {0, 0.5, 0.8, 1};
    for (size_t i = 0; i < ARRAY_SIZE(thetas); i++)
        expect_near(thetas[i], core_amplification(thetas[i], 512, 128), flat_amplification(thetas[i], 512, 128), 0.02);
}

static const struct {
    double theta, amplification;
} published[] = {{0, 4.1798},   {0.1, 4.1797}, {0.2, 4.1845}, {0.3, 4.2077}, {0.4, 4.2688}, {0.5, 4.3802},
                 {0.6, 4.5319}, {0.7, 4.7658}, {0.8, 4.8778}, {0.9, 4.6603}, {1, 3.9399}};

static void test_the_flat_model_gives_the_published_figures(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(published); i++)
        expect_near(published[i].theta, flat_amplification(published[i].theta, 2048, 2048), published[i].amplification,
                    0.02);
}

static void test_the_core_gives_the_published_figures(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(published); i++)
        expect_near(published[i].theta, core_amplification(published[i].theta, 2048, 2048), published[i].amplification,
                    0.02);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_core_amplifies_as_a_flat_model_does),
    };
    const struct CMUnitTest long_tests[] = {
        cmocka_unit_test(test_the_flat_model_gives_the_published_figures),
        cmocka_unit_test(test_the_core_gives_the_published_figures),
    };
    if (argc == 2 && strcmp(argv[1], "--published") == 0)
        return cmocka_run_group_tests(long_tests, NULL, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
