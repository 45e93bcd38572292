// What holds after every run, whatever the drive and the job: nothing is lost, times add up, tables agree, and the
// result depends on the input alone.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "ftl/ftl_internal.h"
#include "rig.h"
#include "shipped.h"

// --- a matrix of drives and jobs -----------------------------------------------------------------------------------

#define TINY "nand.pages_per_block=12 ftl.precondition=random ftl.capacity="
#define RAID TINY "120MiB raid.enabled=true "

static const struct shipped variants[] = {
    {"tiny.yaml", RAID},
    // 1 KiB codewords of BCH 60 at 45 errors on average: some reads are retried
    {"tiny.yaml", TINY "200MiB reliability.model=constant reliability.rber=0.005"},
    // ... or, without retries, reconstructed
    {"tiny.yaml", RAID "reliability.model=constant reliability.rber=0.005 ecc.retry_steps=0"},
    // ... or lost
    {"tiny.yaml", TINY "200MiB reliability.model=constant reliability.rber=0.006 ecc.retry_steps=0"},
    // soft steps
    {"tiny.yaml", RAID "ecc.engine=ldpc ecc.codeword_data=4KiB ecc.retry_steps=0 reliability.model=constant "
                       "reliability.rber=0.008"},
    {"tiny.yaml", TINY "200MiB ftl.write_buffer=0 ftl.allocation=way_first ftl.gc_policy=fifo"},
    {"tiny.yaml", TINY "200MiB ftl.write_buffer=128KiB ftl.placement=shared ftl.gc_policy=d_choices"},
    {"tiny.yaml", TINY "200MiB nand.scheduler=fifo nand.suspend_limit=0 ftl.allocation=least_busy"},
    {"tiny.yaml", TINY "200MiB ftl.power_loss_protection=true nvme.volatile_write_cache=false ftl.merge=false"},
    {"tiny.yaml", TINY "200MiB host.t_submit=800ns host.t_interrupt=2us host.t_complete=500ns host.think_time=3us"},
    {"tiny.yaml", TINY "200MiB ftl.mapping_unit=16KiB nvme.arbitration=weighted_round_robin host.queue_depth=7"},
    {"tiny.yaml", TINY "200MiB nvme.max_commands=1 nvme.msix_vectors=1 nvme.max_queue_entries=2"},
    {"tiny.yaml", TINY "200MiB nvme.max_commands=5 nvme.arbitration=weighted_round_robin "
                       "host.arbitration=weighted_round_robin host.urgent_queues=1 host.high_queues=1"},
};

static const char *const jobs[] = {
    "rw=randread bs=4k iodepth=32 number_ios=3000",
    "rw=randread bs=512 rate_iops=100000 rate_process=poisson number_ios=3000",
    "rw=randwrite bs=4k iodepth=32 number_ios=12000",
    "rw=randrw bs=16k rwmixread=60 fsync=16 iodepth=8 numjobs=4 number_ios=700",
    "rw=randrw bs=1536 iodepth=16 number_ios=2000", // read-modify-write
    "rw=randwrite bs=4k writefua iodepth=8 number_ios=400",
    "rw=randtrim bs=64k iodepth=8 number_ios=400",
    "rw=write bs=2m iodepth=4 number_ios=40", // split by the largest transfer
    "rw=rw bs=128k fsync=5 writefua iodepth=2 number_ios=200",
};

// The map, looked at from outside: mapped units, valid units and those counted by superblock are the same.
static void check_map(struct ftl *ftl)
{
    const struct map *map = &ftl->map;
    uint64_t mapped = 0, valid = 0, counted = 0;
    for (uint64_t lpn = 0; lpn < map->lpns; lpn++)
        mapped += map_lookup(map, lpn) != MAP_NOWHERE;
    for (uint64_t ppn = 0; ppn < map->ppns; ppn++)
        valid += map_valid_units(map, ppn, 1);
    for (uint32_t s = 0; s < ftl->base.geometry.blocks; s++)
        counted += ftl->space.superblocks[s].valid;
    assert_int_equal(mapped, valid);
    assert_int_equal(mapped, counted);
    assert_int_equal(mapped, ftl_get_stats(ftl)->mapped_units);
}

// The stages of all commands of a kind add up to their latencies, to the picosecond.
static void check_kind(const struct kind_stats *kind)
{
    tick_t stages = 0;
    for (int i = 0; i < STAGE_COUNT; i++)
        stages += kind->stage_sum[i];
    assert_int_equal(stages, kind->latency_sum);
    assert_int_equal(kind->latency.count, kind->count);
    if (kind->count > 0)
        assert_in_range(kind->latency_sum / kind->count, kind->latency_min, kind->latency_max);
}

static void check_run(struct rig *rig)
{
    uint64_t count = 0;
    for (int kind = 0; kind < IO_KIND_COUNT; kind++) {
        check_kind(&machine_commands(rig->machine)->kinds[kind]);
        count += machine_commands(rig->machine)->kinds[kind].count;
    }
    const struct host_stats *host = host_get_stats(machine_host(rig->machine));
    const struct nvme_stats *nvme = nvme_get_stats(ssd_frontend(machine_ssd(rig->machine)));
    assert_int_equal(count, host->submitted);
    assert_int_equal(host->completed, host->submitted);
    assert_in_range(count, workload_request_count(rig->workload), 2 * workload_request_count(rig->workload));
    assert_int_equal(nvme->reads + nvme->writes + nvme->flushes + nvme->dataset_managements, host->commands);
    assert_int_equal(nvme->entries_fetched, nvme->completions);
    check_map(ssd_core(machine_ssd(rig->machine)));
}

static void run_all_jobs(const struct shipped *drive, const char *more)
{
    char changes[512];
    struct rig rig;
    snprintf(changes, sizeof changes, "%s %s", drive->changes, more);
    rig_load(&rig, drive->name, changes);
    for (size_t j = 0; j < ARRAY_SIZE(jobs); j++) {
        rig_open_job(&rig, jobs[j]);
        rig_run(&rig);
        check_run(&rig);
        rig_close(&rig);
    }
    rig_destroy(&rig);
}

static void test_every_shipped_drive_passes_every_job(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(shipped); i++)
        run_all_jobs(&shipped[i], "");
}

static void test_every_read_returns_the_last_version_on_every_shipped_drive(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(shipped); i++)
        run_all_jobs(&shipped[i], "ftl.verify=versions");
}

static void test_raid_errors_and_policies_pass_every_job(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(variants); i++)
        run_all_jobs(&variants[i], "ftl.verify=versions");
}

// The variants above do what their names say.
static void test_the_variants_retry_reconstruct_lose_and_collect(void **state)
{
    (void)state;
    struct rig rig;
    const struct ecc_stats *ecc;
    rig_load(&rig, variants[1].name, variants[1].changes);
    rig_open_job(&rig, "rw=randrw bs=4k iodepth=32 number_ios=20000");
    rig_run(&rig);
    ecc = nand_get_ecc_stats(ssd_backend(machine_ssd(rig.machine)));
    assert_true(ecc->retried_reads > 100);
    assert_int_equal(ecc->uncorrectable_reads, 0);
    assert_true(ftl_get_stats(ssd_core(machine_ssd(rig.machine)))->gc_victims > 10);
    assert_int_equal(host_get_stats(machine_host(rig.machine))->failed, 0);
    rig_destroy(&rig);

    rig_load(&rig, variants[2].name, variants[2].changes);
    rig_open_job(&rig, jobs[0]);
    rig_run(&rig);
    ecc = nand_get_ecc_stats(ssd_backend(machine_ssd(rig.machine)));
    const struct raid_stats *raid = nand_get_raid_stats(ssd_backend(machine_ssd(rig.machine)));
    assert_true(raid->reconstructions > 10);
    assert_true(raid->reconstructions > raid->failures);
    assert_int_equal(ecc->retry_steps, 0);
    assert_int_equal(host_get_stats(machine_host(rig.machine))->failed, raid->failures);
    rig_destroy(&rig);

    rig_load(&rig, variants[3].name, variants[3].changes);
    rig_open_job(&rig, jobs[0]);
    rig_run(&rig);
    uint64_t failed = host_get_stats(machine_host(rig.machine))->failed;
    assert_true(failed > 100);
    assert_int_equal(machine_commands(rig.machine)->kinds[IO_READ].errors, failed);
    assert_int_equal(nand_get_ecc_stats(ssd_backend(machine_ssd(rig.machine)))->uncorrectable_reads, failed);
    rig_destroy(&rig);

    rig_load(&rig, variants[4].name, variants[4].changes);
    rig_open_job(&rig, jobs[0]);
    rig_run(&rig);
    assert_true(nand_get_ecc_stats(ssd_backend(machine_ssd(rig.machine)))->soft_steps > 0);
    rig_destroy(&rig);
}

// --- Little's law --------------------------------------------------------------------------------------------------

// In a closed loop, throughput times mean latency is the depth; but for the end, where the loop empties. To the
// picosecond it is part of every run's check; here it is computed from what a user sees.
static void test_throughput_times_latency_is_the_depth(void **state)
{
    (void)state;
    static const unsigned depths[] = {1, 7, 64};
    struct rig rig;
    for (size_t i = 0; i < ARRAY_SIZE(shipped); i++) {
        rig_load(&rig, shipped[i].name, shipped[i].changes);
        for (size_t d = 0; d < ARRAY_SIZE(depths); d++) {
            char job[128];
            snprintf(job, sizeof job, "rw=randread bs=4k iodepth=%u number_ios=20000", depths[d]);
            rig_open_job(&rig, job);
            rig_run(&rig);
            const struct kind_stats *reads = &machine_commands(rig.machine)->kinds[IO_READ];
            double outstanding = (double)reads->latency_sum / (double)machine_duration(rig.machine);
            assert_true(outstanding <= depths[d] * 1.0000001);
            assert_true(outstanding > depths[d] * 0.97);
            rig_close(&rig);
        }
        rig_destroy(&rig);
    }
}

// --- the result depends on the input alone -------------------------------------------------------------------------

static const char mixed_job[] = "rw=randrw bs=4k iodepth=16 numjobs=2 fsync=50 number_ios=3000";

static char *statistics_alone(const struct shipped *drive, const char *more, const char *job)
{
    struct rig rig;
    char changes[512];
    snprintf(changes, sizeof changes, "%s %s", drive->changes, more);
    rig_load(&rig, drive->name, changes);
    rig_open_job(&rig, job);
    rig_run(&rig);
    char *text = rig_statistics(&rig);
    rig_destroy(&rig);
    return text;
}

static void test_a_second_run_in_the_same_process_gives_the_same_statistics(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(shipped); i++) {
        char *first = statistics_alone(&shipped[i], "", mixed_job);
        char *second = statistics_alone(&shipped[i], "", mixed_job);
        char *other = statistics_alone(&shipped[i], "seed=2", mixed_job);
        assert_true(strlen(first) > 1000);
        assert_string_equal(first, second);
        assert_string_not_equal(first, other);
        free(first);
        free(second);
        free(other);
    }
}

static void open_mixed(struct rig *rig, const struct shipped *drive)
{
    rig_load(rig, drive->name, drive->changes);
    rig_open_job(rig, mixed_job);
    rig_start(rig);
}

static void expect_as_alone(struct rig *rig, const struct shipped *drive)
{
    rig_check(rig);
    char *together = rig_statistics(rig), *alone = statistics_alone(drive, "", mixed_job);
    assert_string_equal(together, alone);
    free(together);
    free(alone);
    rig_destroy(rig);
}

// Two machines take turns, ten microseconds each.
static void test_two_machines_that_take_turns_do_not_know_of_each_other(void **state)
{
    (void)state;
    const struct shipped *drives[] = {&shipped[1], &shipped[4]};
    struct rig rigs[2];
    open_mixed(&rigs[0], drives[0]);
    open_mixed(&rigs[1], drives[1]);
    struct sim *sims[] = {machine_sim(rigs[0].machine), machine_sim(rigs[1].machine)};
    for (tick_t until = 0; sim_next(sims[0]) != TICK_NEVER || sim_next(sims[1]) != TICK_NEVER;) {
        until += 10 * TICKS_PER_US;
        sim_run_before(sims[0], until);
        sim_run_before(sims[1], until);
    }
    expect_as_alone(&rigs[0], drives[0]);
    expect_as_alone(&rigs[1], drives[1]);
}

// 128 TiB in the random steady state: read, written and collected, in little time and memory.
static void test_a_drive_of_128_tb_takes_what_is_touched(void **state)
{
    (void)state;
    struct rig rig;
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    rig_load(&rig, "generic-tlc-gen4.yaml", "nand.blocks_per_plane=6144 nand.dies_per_channel=64");
    rig_open_job(&rig, "rw=randrw bs=4k iodepth=32 number_ios=1000");
    rig_run(&rig);
    getrusage(RUSAGE_SELF, &after);
    const struct ftl_stats *stats = ftl_get_stats(ssd_core(machine_ssd(rig.machine)));
    assert_true(stats->user_units * 4096 >= UINT64_C(128) << 40);
    assert_int_equal(stats->mapped_units, stats->user_units);
    assert_true(stats->gc_copies > 1000);
    assert_true(after.ru_maxrss - before.ru_maxrss < 256 << 10); // KiB
    rig_destroy(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_shipped_drive_passes_every_job),
        cmocka_unit_test(test_every_read_returns_the_last_version_on_every_shipped_drive),
        cmocka_unit_test(test_raid_errors_and_policies_pass_every_job),
        cmocka_unit_test(test_the_variants_retry_reconstruct_lose_and_collect),
        cmocka_unit_test(test_throughput_times_latency_is_the_depth),
        cmocka_unit_test(test_a_second_run_in_the_same_process_gives_the_same_statistics),
        cmocka_unit_test(test_two_machines_that_take_turns_do_not_know_of_each_other),
        cmocka_unit_test(test_a_drive_of_128_tb_takes_what_is_touched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
