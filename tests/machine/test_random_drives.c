// Drives drawn at random serve mixes of all commands drawn at random, and every read returns the last version.
//
// The drives are such as nobody would build: as full as the configuration's check accepts, of a single die or plane,
// with a write buffer of one unit or none, units of 512 B and 16 KiB, stripes of two, free superblocks kept at the
// least number. Nobody thinks of the combinations that matter; so they are drawn, the same in every run.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "draw.h"
#include "ftl/ftl_internal.h"
#include "rig.h"
#include "trace/trace.h"
#include "util/alloc.h"
#include "util/rng.h"

enum { DRIVES = 60 };

// --- drives --------------------------------------------------------------------------------------------------------

struct shape {
    uint32_t unit, units_per_page, planes, channels, ways, bits, rows, blocks, stripe; // stripe 0: no RAID
    bool one_shot;
    uint32_t gc_reserve, gc_start, gc_stop;
    bool cache; // of SLC
    uint32_t cache_blocks;
};

static uint32_t draw_stripe(struct rng *rng, uint32_t dies)
{
    uint32_t stripe = 2 + draw(rng, dies - 1);
    while (dies % stripe != 0)
        stripe++;
    return stripe;
}

// Statement by statement, for the order within an expression is the compiler's to choose.
static struct shape draw_shape(struct rng *rng)
{
    struct shape s;
    s.unit = 512u << draw(rng, 6);
    s.units_per_page = 1u << draw(rng, 3);
    s.planes = 1 + draw(rng, 4);
    s.channels = 1 + draw(rng, 4);
    s.ways = 1 + draw(rng, 3);
    s.bits = 1 + draw(rng, 4);
    s.rows = 1 + draw(rng, 8);
    s.one_shot = draw(rng, 3) != 0;
    s.gc_reserve = 1 + draw(rng, 3);
    s.gc_stop = s.gc_reserve + 1 + draw(rng, 3);
    s.gc_start = s.gc_reserve + draw(rng, s.gc_stop - s.gc_reserve + 1);
    s.blocks = s.gc_stop + 3 + draw(rng, 40);
    s.stripe = 0;
    if (s.channels * s.ways > 1 && draw(rng, 3) == 0)
        s.stripe = draw_stripe(rng, s.channels * s.ways);
    s.cache = s.bits > 1 && s.gc_reserve > 1 && draw(rng, 2) == 0;
    s.cache_blocks = s.cache ? draw(rng, 4) : 0;
    s.blocks += s.cache ? s.cache_blocks + 1 : 0;
    return s;
}

static uint64_t superblock_units(const struct shape *s)
{
    uint64_t units = s->units_per_page * s->planes * s->channels * s->ways * s->rows * s->bits;
    return s->stripe != 0 ? units / s->stripe * (s->stripe - 1) : units;
}

// The most units for the user that the check accepts; in one of two drives, fewer.
static uint64_t draw_capacity(struct rng *rng, const struct shape *s)
{
    uint64_t program = s->units_per_page * s->planes * (s->one_shot ? s->bits : 1);
    uint32_t cache = s->cache ? s->cache_blocks + 1 : 0;
    uint64_t most = (s->blocks - cache - s->gc_stop - 2) * (superblock_units(s) - program + 1);
    return draw(rng, 2) == 0 ? most : most - rng_below(rng, most);
}

static void add_placement(struct rng *rng, struct changes *to, const struct shape *s)
{
    if (!s->cache) {
        add(to, "ftl.placement=%s ", CHOOSE(rng, "separate", "shared"));
        return;
    }
    add(to, "ftl.placement=slc ftl.slc_size=%lluB ",
        (unsigned long long)(s->cache_blocks * superblock_units(s) / s->bits * s->unit));
    add(to, "ftl.slc_dynamic=%s ", s->cache_blocks == 0 ? "100%" : CHOOSE(rng, "0", "30%", "100%"));
    add(to, "ftl.slc_full=%s ", CHOOSE(rng, "direct", "wait"));
    add(to, "ftl.slc_fold=%s ", s->stripe != 0 ? "copy" : CHOOSE(rng, "copy", "on_die"));
    add(to, "ftl.slc_fold_idle=%s ", CHOOSE(rng, "0", "1us", "1ms"));
    add(to, "ftl.slc_fold_from=%s ", CHOOSE(rng, "0", "50%", "100%"));
}

static void add_geometry(struct rng *rng, struct changes *to)
{
    struct shape s = draw_shape(rng);
    add(to, "ftl.mapping_unit=%uB nvme.lba_size=512B ", s.unit);
    add(to, "nand.channels=%u nand.dies_per_channel=%u nand.planes_per_die=%u ", s.channels, s.ways, s.planes);
    add(to, "nand.blocks_per_plane=%u nand.pages_per_block=%u nand.page_size=%uB nand.cell=%s nand.program_mode=%s ",
        s.blocks, s.rows * s.bits, s.unit * s.units_per_page,
        (const char *const[]){"slc", "mlc", "tlc", "qlc"}[s.bits - 1], s.one_shot ? "one_shot" : "per_page");
    uint64_t capacity = draw_capacity(rng, &s) * s.unit;
    add(to, "ftl.capacity=%lluB ftl.gc_reserve=%u ftl.gc_start=%u ftl.gc_stop=%u ",
        (unsigned long long)capacity, s.gc_reserve, s.gc_start, s.gc_stop);
    add(to, "raid.enabled=%s raid.stripe_dies=%u ", s.stripe != 0 ? "true" : "false", s.stripe);
    add_placement(rng, to, &s);
    add(to, "ftl.write_buffer=%lluB ecc.codeword_data=512B ",
        (unsigned long long)s.unit * draw(rng, draw(rng, 2) == 0 ? 8 : 200));
}

static void add_policies(struct rng *rng, struct changes *to)
{
    add(to, "ftl.verify=versions ftl.precondition=%s ",
        CHOOSE(rng, "empty", "sequential", "random", "sequential ftl.precondition_fill=70%",
               "random ftl.precondition_fill=40%"));
    add(to, "ftl.merge=%s ", CHOOSE(rng, "true", "false"));
    add(to, "ftl.merge_renews=%s ", CHOOSE(rng, "true", "false"));
    add(to, "ftl.destage=%s ", CHOOSE(rng, "full", "water"));
    add(to, "ftl.destage_age=%s ", CHOOSE(rng, "0", "100us"));
    add(to, "ftl.destage_idle=%s ", CHOOSE(rng, "0", "1us"));
    add(to, "ftl.forced_wait=%s ", CHOOSE(rng, "0", "20us"));
    add(to, "ftl.power_loss_protection=%s ", CHOOSE(rng, "true", "false", "false"));
    add(to, "ftl.allocation=%s ", CHOOSE(rng, "round_robin", "way_first", "least_busy"));
    add(to, "ftl.read_ahead=%s ", CHOOSE(rng, "0", "64KiB", "1MiB"));
    add(to, "ftl.striping=%s ", CHOOSE(rng, "off", "plane_first", "plane_between", "plane_last"));
    add(to, "ftl.join_reads=%s ", CHOOSE(rng, "true", "false"));
    add(to, "ftl.gc_policy=%s ", CHOOSE(rng, "greedy", "cost_benefit", "random ftl.erase=die_by_die", "fifo",
               "d_choices ftl.erase=before_program"));
    add(to, "ftl.gc_parallel=%u ", draw(rng, 9));
    add(to, "ftl.gc_idle=%s ", CHOOSE(rng, "0", "0", "1us", "1ms"));
}

static void add_flash(struct rng *rng, struct changes *to)
{
    add(to, "nand.scheduler=%s ", CHOOSE(rng, "fifo", "read_priority"));
    add(to, "nand.suspend_limit=%s ", CHOOSE(rng, "0", "1", "1000"));
    add(to, "nand.starvation_bound=%s ", CHOOSE(rng, "0", "10us", "10ms"));
    add(to, "nand.t_r=%s ", CHOOSE(rng, "0", "50us"));
    add(to, "nand.t_prog=%s ", CHOOSE(rng, "0", "700us nand.t_prog_spread=20%"));
    add(to, "nand.t_bers=%s ", CHOOSE(rng, "0", "3ms"));
    add(to, "nand.t_suspend_program=%s ", CHOOSE(rng, "0", "100us"));
    add(to, "nand.suspend_steps_program=%s ", CHOOSE(rng, "0", "70us", "50us,20us"));
    add(to, "nand.suspend_min_run=%s ", CHOOSE(rng, "0", "50us"));
    add(to, "nand.suspend_total=%s ", CHOOSE(rng, "0", "200us", "10ms"));
    add(to, "nand.t_resume=%s ", CHOOSE(rng, "0", "20us"));
    add(to, "ecc.engine=%s ", CHOOSE(rng, "none", "bch", "ldpc"));
    add(to, "ecc.retry_steps=%u ", draw(rng, 3));
    add(to, "ecc.decoders_per_channel=%u ", draw(rng, 3));
    add(to, "reliability.model=constant reliability.rber=%s ", CHOOSE(rng, "0", "0.004", "0.009"));
}

// Processors that the work of a drive keeps busy, so that there is something to wait for.
static void add_firmware(struct rng *rng, struct changes *to)
{
    add(to, "%s ",
        CHOOSE(rng, "", "ftl.t_read=1us ftl.t_write=2us ftl.t_gc_unit=500ns ftl.slice=0",
               "ftl.t_read=3us ftl.t_read_unit=1us ftl.t_write=1us ftl.t_trim=1us ftl.t_trim_unit=1us "
               "ftl.t_gc_unit=3us ftl.processors=2 ftl.slice=2us ftl.background_bound=50us",
               "ftl.t_flush=5us ftl.t_trim=40us ftl.t_write=9us ftl.t_gc_unit=20us ftl.clock=300MHz ftl.slice=7us "
               "ftl.background_bound=0",
               "ftl.t_read=2us ftl.t_gc_unit=20us ftl.slice=5us ftl.host_first=false"));
}

// --- mixes ---------------------------------------------------------------------------------------------------------

struct mix {
    struct workload workload; // first
    struct rng *rng;
    uint64_t capacity, largest;
    uint32_t weights[IO_KIND_COUNT];
    uint32_t depth, in_flight, left;
    bool aligned; // to mapping units
    uint32_t unit;
};

static struct mix *mix_of(struct workload *workload)
{
    return (struct mix *)workload;
}

static int mix_check(struct workload *workload, const struct workload_drive *drive, struct diag *diag)
{
    (void)workload, (void)drive, (void)diag;
    return 0;
}

static void mix_start(struct workload *workload, const struct workload_start *start)
{
    (void)workload, (void)start;
}

static tick_t mix_arrival(struct workload *workload, tick_t now)
{
    const struct mix *mix = mix_of(workload);
    return mix->left > 0 && mix->in_flight < mix->depth ? now : TICK_NEVER;
}

static enum io_kind draw_kind(struct mix *mix)
{
    uint32_t sum = 0, kind = 0;
    for (int i = 0; i < IO_KIND_COUNT; i++)
        sum += mix->weights[i];
    for (uint32_t left = draw(mix->rng, sum); left >= mix->weights[kind]; kind++)
        left -= mix->weights[kind];
    return kind;
}

static void mix_next(struct workload *workload, tick_t now, struct workload_request *request)
{
    (void)now;
    struct mix *mix = mix_of(workload);
    mix->left--;
    mix->in_flight++;
    *request = (struct workload_request){.kind = draw_kind(mix), .recorded_ns = TRACE_LATENCY_UNKNOWN};
    if (request->kind == IO_FLUSH)
        return;
    uint64_t grain = mix->aligned ? mix->unit : 512, range = mix->capacity / grain;
    uint64_t most = MIN(1 + mix->largest / grain, range);
    uint64_t length = 1 + rng_below(mix->rng, draw(mix->rng, 3) != 0 ? 4 : most);
    if (draw(mix->rng, 3) == 0)
        range = range / 16 + 1; // a hot sixteenth
    length = MIN(length, range);
    request->bytes = length * grain;
    request->offset = rng_below(mix->rng, range - length + 1) * grain;
    request->fua = (request->kind == IO_WRITE || request->kind == IO_WRITE_ZEROES) && draw(mix->rng, 8) == 0;
}

static void mix_completed(struct workload *workload, tick_t now, const struct workload_request *request)
{
    (void)now, (void)request;
    mix_of(workload)->in_flight--;
}

static uint64_t mix_count(const struct workload *workload)
{
    return ((const struct mix *)workload)->left;
}

static void mix_destroy(struct workload *workload)
{
    (void)workload;
}

static const struct workload_ops mix_ops = {
    .name = "mix",
    .help = "all commands, anywhere, of any length",
    .check = mix_check,
    .start = mix_start,
    .arrival = mix_arrival,
    .next = mix_next,
    .completed = mix_completed,
    .count = mix_count,
    .destroy = mix_destroy,
};

// Enough to overwrite the drive some times, within limits of time.
static struct mix draw_mix(struct rng *rng, uint64_t capacity, uint32_t unit)
{
    struct mix mix = {.workload = {.ops = &mix_ops}, .rng = rng, .capacity = capacity, .unit = unit};
    mix.weights[IO_READ] = draw(rng, 10);
    mix.weights[IO_WRITE] = 1 + draw(rng, 20);
    mix.weights[IO_FLUSH] = draw(rng, 3);
    mix.weights[IO_TRIM] = draw(rng, 3);
    mix.weights[IO_WRITE_ZEROES] = draw(rng, 3);
    mix.depth = 1 + draw(rng, draw(rng, 2) == 0 ? 4 : 64);
    mix.aligned = draw(rng, 2) == 0;
    mix.largest = (uint64_t)unit * (1 + draw(rng, 60));
    mix.left = (uint32_t)MIN(500 + 4 * capacity / unit, 5000u);
    return mix;
}

// --- runs ----------------------------------------------------------------------------------------------------------

// No die, channel or processor is busy for longer than there is time.
static void check_meters(struct rig *rig)
{
    struct ssd_meter meters[SSD_METERS_MAX];
    size_t count = machine_meters(rig->machine, meters);
    for (size_t m = 0; m < count; m++)
        for (int bin = 0; bin < METER_BINS; bin++)
            assert_true(meters[m].meter->busy[bin] <= (tick_t)meters[m].meter->resources << meters[m].meter->shift);
}

static void run_one(struct rng *rng, uint64_t *copies)
{
    struct changes changes = {.length = 0};
    struct rig rig;
    add_geometry(rng, &changes);
    add_policies(rng, &changes);
    add_flash(rng, &changes);
    add_firmware(rng, &changes);
    rig_load(&rig, "tiny.yaml", changes.text);
    struct mix mix = draw_mix(rng, rig.values.drive.ftl.capacity, (uint32_t)rig.values.drive.ftl.mapping_unit);
    rig_open(&rig, &mix.workload);
    rig_run(&rig);
    check_meters(&rig);
    *copies += ftl_get_stats(ssd_core(machine_ssd(rig.machine)))->gc_copies;
    rig_destroy(&rig);
}

static void test_every_drive_serves_every_mix(void **state)
{
    (void)state;
    struct rng rng;
    uint64_t copies = 0;
    rng_seed(&rng, 1, "drives");
    for (int i = 0; i < DRIVES; i++)
        run_one(&rng, &copies);
    assert_true(copies > 100000);
}

// --- computed and stored maps --------------------------------------------------------------------------------------

// All that is computed of a prepared drive goes into the tables of what has changed, as it would be without.
static void store_all(struct map *map)
{
    uint64_t count = map->prepared.count;
    uint64_t *places = xcalloc(count, sizeof *places);
    for (uint64_t lpn = 0; lpn < count; lpn++)
        places[lpn] = map_lookup(map, lpn);
    prepared_destroy(&map->prepared);
    map->prepared = (struct prepared){0};
    for (uint64_t lpn = 0; lpn < count; lpn++) {
        forward_set(&map->forward, lpn, places[lpn] + 1);
        packed_set(&map->reverse, places[lpn], lpn);
        bitmap_set(map->changed, places[lpn]);
    }
    free(places);
}

static char *run_prepared(const char *changes, struct rng rng, bool stored)
{
    struct rig rig;
    rig_load(&rig, "tiny.yaml", changes);
    struct mix mix = draw_mix(&rng, rig.values.drive.ftl.capacity, (uint32_t)rig.values.drive.ftl.mapping_unit);
    rig_open(&rig, &mix.workload);
    rig_start(&rig);
    if (stored)
        store_all(&ssd_core(machine_ssd(rig.machine))->map);
    machine_run_native(rig.machine);
    rig_check(&rig);
    char *statistics = rig_statistics(&rig);
    rig_destroy(&rig);
    return statistics;
}

// The first line that differs is told, with the drive.
static void expect_same(const char *drive, const char *a, const char *b)
{
    size_t line = 0;
    for (size_t i = 0; a[i] != '\0' && a[i] == b[i]; i++)
        line = a[i] == '\n' ? i + 1 : line;
    if (strcmp(a, b) != 0)
        fail_msg("%.*s, stored: %.*s; %s", (int)strcspn(a + line, "\n"), a + line, (int)strcspn(b + line, "\n"),
                 b + line, drive);
}

static void test_a_map_computed_and_one_stored_give_the_same_results(void **state)
{
    (void)state;
    struct rng rng;
    rng_seed(&rng, 2, "drives");
    for (int i = 0; i < DRIVES; i++) {
        struct changes changes = {.length = 0};
        add_geometry(&rng, &changes);
        add_policies(&rng, &changes);
        add_flash(&rng, &changes);
        char *computed = run_prepared(changes.text, rng, false), *stored = run_prepared(changes.text, rng, true);
        expect_same(changes.text, computed, stored);
        free(computed);
        free(stored);
        rng_u64(&rng);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_drive_serves_every_mix),
        cmocka_unit_test(test_a_map_computed_and_one_stored_give_the_same_results),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
