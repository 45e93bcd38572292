// What an architect asks of a drive, and what reasoning answers: a change of one thing, the figure that it moves, and
// between which factors. The factors come from what is said in each row, not from runs.
//
// Drives are made small, so that a row takes milliseconds: the times of their parts, and how many there are, stay.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "rig.h"
#include "util/macros.h"

struct base {
    const char *drive, *changes;
};

// One 4 KiB read takes 0.7 us to its decoding, 1.2 us of decoding and firmware, 0.3 us of command, tR of 50 us in the
// mean, 2.9 us of transfer, 0.7 us to the host: 56 us.
static const struct base generic = {"generic-tlc-gen4.yaml",
                                    "nand.blocks_per_plane=60 nand.pages_per_block=48 ftl.write_buffer=16MiB ftl.over_provisioning=50% "
                                    "ftl.precondition=sequential reliability.model=off"};
// The flash is the limit of writes: 32 dies, 96 KiB each in 1725 us and what the data take on the channel.
static const struct base client = {"wd-black-sn750-1tb.yaml",
                                   "nand.blocks_per_plane=60 nand.pages_per_block=48 ftl.capacity=0 "
                                   "ftl.placement=separate ftl.over_provisioning=50% ftl.write_buffer=6MiB ftl.precondition=sequential reliability.model=off"};
// Four dies and next to no buffer, for long runs of random writes.
static const struct base small = {"tiny.yaml",
                                  "nand.blocks_per_plane=256 nand.pages_per_block=24 ftl.capacity=0 "
                                  "ftl.over_provisioning=25% ftl.write_buffer=768KiB ftl.precondition=random "
                                  "ftl.verify=off reliability.model=off"};

enum figure { MEAN_READ, MEAN_WRITE, MEAN_WRITE_FUA, P99_READ, IOPS, AMPLIFICATION };

#define READ_ONE "rw=randread bs=4k iodepth=1 number_ios=2000"
#define READ_MANY "rw=randread bs=4k iodepth=256 number_ios=40000"
#define READ_RUNS "rw=read bs=128k iodepth=128 number_ios=8000"
#define WRITE_RUNS "rw=write bs=128k iodepth=32 number_ios=4000"
#define WRITE_LONG "rw=randwrite bs=4k iodepth=32 ramp_ios=20000 number_ios=60000"
#define WRITE_LONGER "rw=randwrite bs=4k iodepth=32 ramp_ios=20000 number_ios=400000"
#define WRITE_BURST "rw=write bs=4k iodepth=1 number_ios=1000"
#define WRITE_FORCED "rw=randwrite bs=4k iodepth=1 writefua number_ios=300"
#define MIX "rw=randrw rwmixread=80 bs=4k iodepth=16 number_ios=40000"
#define MIX_KEYS "nand.suspend_limit=100 nand.t_suspend_program=50us "
#define MIX_DEEP "rw=randrw rwmixread=50 bs=4k iodepth=128 number_ios=40000"

struct question {
    const char *what; // the change, and why the answer is what it is
    const struct base *base;
    const char *before, *after; // keys
    const char *job;
    enum figure figure;
    double least, most; // factors, after over before
};

static const struct question questions[] = {
    // --- the array ---
    {"tR doubled: 50 us more on 56", &generic, "", "nand.t_r=[80us,100us,120us]", READ_ONE, MEAN_READ, 1.87, 1.91},
    {"tR halved, dies the limit: a die is held 53 us, then 28", &generic, "", "nand.t_r=[20us,25us,30us]", READ_MANY,
     IOPS, 1.5, 1.9},
    {"tR doubled, 128 KiB at depth 128: 64 dies read 64 KiB each in 140 us, four times what the link carries", &generic,
     "", "nand.t_r=[80us,100us,120us]", READ_RUNS, IOPS, 0.97, 1.01},
    {"tPROG doubled, dies the limit: 1725 us of 1945 are twice as long", &client, "", "nand.t_prog=3450us", WRITE_RUNS,
     IOPS, 0.50, 0.56},
    {"tPROG doubled, under the buffer: a write waits for the link alone", &generic, "", "nand.t_prog=2340us",
     WRITE_BURST, MEAN_WRITE, 0.999, 1.001},
    {"tPROG does not touch reads of a drive that is only read", &generic, "", "nand.t_prog=2340us", READ_MANY, IOPS, 1,
     1},
    // --- how many there are ---
    {"twice the channels: random reads at a depth of 256 have twice the dies, half as many at each", &generic, "",
     "nand.channels=16 nand.blocks_per_plane=30", READ_MANY, IOPS, 1.3, 2},
    {"twice the channels: one read finds one die", &generic, "", "nand.channels=16 nand.blocks_per_plane=30", READ_ONE,
     MEAN_READ, 0.99, 1.01},
    {"half the dies, sequential writes: the dies are the limit", &client, "",
     "nand.dies_per_channel=2 nand.blocks_per_plane=120", WRITE_RUNS, IOPS, 0.49, 0.53},
    {"half the planes: a program holds the die for nearly as long and writes half", &client, "",
     "nand.planes_per_die=1 nand.blocks_per_plane=120", WRITE_RUNS, IOPS, 0.5, 0.56},
    {"a quarter of the planes: a 4 KiB read uses one of them in any case", &generic, "",
     "nand.planes_per_die=1 nand.blocks_per_plane=240", READ_ONE, MEAN_READ, 0.99, 1.01},
    // --- channels ---
    {"half the transfer rate: 2.85 us more on 56", &generic, "", "nand.transfer_rate=800MT/s", READ_ONE, MEAN_READ, 1.045,
     1.055},
    {"an eighth of the rate: 8 channels of 200 MB/s carry 1440 MB/s of data, the link 7050", &generic, "",
     "nand.transfer_rate=200MT/s", READ_RUNS, IOPS, 0.18, 0.21},
    // --- the link ---
    {"PCIe 3.0 for 4.0: half the rate", &generic, "", "pcie.generation=3", READ_RUNS, IOPS, 0.49, 0.51},
    {"half the lanes: half the rate", &generic, "", "pcie.lanes=2", READ_RUNS, IOPS, 0.49, 0.51},
    {"PCIe 3.0 for 4.0, one read: 0.6 us more on 56", &generic, "", "pcie.generation=3", READ_ONE, MEAN_READ, 1.008,
     1.014},
    {"payloads of 128 B for 256: 152 B on the wire for 128 instead of 280 for 256", &generic, "", "pcie.max_payload=128B pcie.completion_size=128B",
     READ_RUNS, IOPS, 0.915, 0.925},
    // --- controller and firmware ---
    {"decoding 2 us longer: 2 us more on 56", &generic, "", "nvme.t_decode=2200ns", READ_ONE, MEAN_READ, 1.033, 1.038},
    {"firmware of 10 us on four processors: 400 k reads a second for 900 k", &generic, "nvme.processors=8",
     "nvme.processors=8 ftl.t_read=10us", READ_MANY, IOPS, 0.35, 0.5},
    {"one processor for four, 10 us each: 100 k for 400 k", &generic, "ftl.t_read=10us", "ftl.t_read=10us ftl.processors=1",
     READ_MANY, IOPS, 0.25, 0.27},
    {"commands in flight, 8 for 1024: as a depth of 8 in a queue of 256, an eighth of 64 dies at work", &generic, "",
     "nvme.max_commands=8", READ_MANY, IOPS, 0.12, 0.2},
    // --- the host ---
    {"the host takes 5 us to submit: 5 us more on 56", &generic, "", "host.t_submit=5us", READ_ONE, MEAN_READ, 1.087,
     1.092},
    {"thinks for 56 us between requests: half the rate", &generic, "", "host.think_time=56us", READ_ONE, IOPS, 0.49, 0.51},
    // --- buffer ---
    {"no buffer: a write is a program of 1170 us instead of 3 us", &generic, "", "ftl.write_buffer=0 ftl.t_buffer_hit=0",
     WRITE_BURST, MEAN_WRITE, 200, 600},
    {"four times the buffer, dies the limit: they stay it", &client, "", "ftl.write_buffer=24MiB", WRITE_RUNS, IOPS, 0.999,
     1.3},
    {"power-loss protection: a forced write is one like any other, 3 us instead of 1170", &generic, "",
     "ftl.power_loss_protection=true", WRITE_FORCED, MEAN_WRITE_FUA, 0.001, 0.01},
    // --- reads beside writes ---
    {"no suspension: one in ten reads meets a program of 1725 us", &client, "", "nand.suspend_limit=0", MIX, P99_READ, 1.5,
     10},
    {"reads in order of arrival: they wait for the programs before them", &client, "", "nand.scheduler=fifo", MIX_DEEP, MEAN_READ,
     1.1, 10},
    // --- collection ---
    {"28 % of spare for 12 %: 1/x, x = 1 - exp(-alpha x)", &small, "ftl.over_provisioning=12% ftl.gc_start=2 ftl.gc_stop=3",
     "ftl.over_provisioning=28% ftl.gc_start=2 ftl.gc_stop=3", WRITE_LONG, AMPLIFICATION, 0.40, 0.56},
    {"random victims for greedy: 1/(1 - rho) for 1/x, rho = 205 of 250.5 superblocks: 5.50 for 2.87; some 2700 victims, "
     "whose share of valid units varies by 0.15 about 0.82, are good for 1.5 % of that", &small, "",
     "ftl.gc_policy=random", WRITE_LONGER, AMPLIFICATION, 1.77, 2.07},
    {"half the drive in use: 150 % of spare for 25 %, 1/x = 1.12 for 2.87", &small, "", "ftl.precondition_fill=50%",
     "rw=randwrite bs=4k iodepth=32 size=256m ramp_ios=20000 number_ios=60000", AMPLIFICATION, 0.35, 0.43},
    {"mapping units of 16 KiB: 4 KiB writes move four times as much", &small, "", "ftl.mapping_unit=16KiB", WRITE_LONG,
     IOPS, 0.2, 0.3},
    {"tBERS doubled: 4.5 ms more for each 8 programs of 1.2 ms, one erase of 4.5 and the reads of copies", &small, "",
     "nand.t_bers=9ms", WRITE_LONG, IOPS, 0.72, 0.83},
    // --- errors ---
    {"one read in two is retried: half a read more on one", &generic,
     "ecc.engine=bch ecc.codeword_data=1KiB ecc.bch_t=60 ecc.decoders_per_channel=4",
     "ecc.engine=bch ecc.codeword_data=1KiB ecc.bch_t=60 ecc.decoders_per_channel=4 reliability.model=constant reliability.rber=0.0057",
     READ_ONE, MEAN_READ, 1.2, 1.8},
    // --- reading ahead, striping, an SLC cache ---
    {"reading ahead, one sequential read of 4 KiB at a time: 3 us of link, firmware and buffer instead of 56", &generic,
     "ftl.read_ahead=0", "ftl.read_ahead=512KiB", "rw=read bs=4k iodepth=1 number_ios=4000", MEAN_READ, 0.045, 0.07},
    {"superpages: two dies read 64 KiB each at once instead of one die twice, 80 us; the link's 19 and 10 more stay",
     &generic,
     "ftl.read_ahead=0 ftl.striping=off", "ftl.read_ahead=0 ftl.striping=plane_first",
     "rw=read bs=128k iodepth=1 number_ios=1000", MEAN_READ, 0.55, 0.7},
    {"an SLC cache: 32 KiB a die in 280 us and 61 on the channel, 3 GB/s, instead of 96 KiB in 1945, 1.6 GB/s", &client,
     "ftl.over_provisioning=150%", "ftl.over_provisioning=150% ftl.placement=slc ftl.slc_size=256MiB",
     "rw=write bs=128k iodepth=32 number_ios=1500", IOPS, 1.75, 2.1},
    {"array times that vary by 20 %: their mean stays", &generic, "", "nand.t_r_spread=20%", READ_ONE, MEAN_READ, 0.985,
     1.015},
    {"a program that can rest only every 300 us: reads that meet one wait 150 us longer", &client, MIX_KEYS,
     MIX_KEYS "nand.suspend_steps_program=300us", MIX, P99_READ, 1.2, 3},
    // --- RAID ---
    {"stripes of four dies: three quarters of what is programmed are data", &client, "",
     "raid.enabled=true raid.stripe_dies=4", WRITE_RUNS, IOPS, 0.74, 0.77},
    {"stripes of four dies: reads without errors do not notice", &generic, "", "raid.enabled=true raid.stripe_dies=4",
     READ_ONE, MEAN_READ, 0.99, 1.01},
};

static double mean_us(const struct rig *rig, enum io_kind kind)
{
    const struct kind_stats *stats = &machine_commands(rig->machine)->kinds[kind];
    assert_true(stats->count > 0);
    return (double)stats->latency_sum / (double)stats->count / TICKS_PER_US;
}

static double rate(const struct rig *rig)
{
    struct kind_stats total;
    kind_stats_init(&total);
    command_stats_total(machine_commands(rig->machine), &total);
    double count = (double)total.count;
    kind_stats_destroy(&total);
    return count * TICKS_PER_S / (double)machine_duration(rig->machine);
}

static double figure_of(struct rig *rig, enum figure figure)
{
    switch (figure) {
    case MEAN_READ:
        return mean_us(rig, IO_READ);
    case MEAN_WRITE:
        return mean_us(rig, IO_WRITE);
    case MEAN_WRITE_FUA:
        return mean_us(rig, IO_WRITE_FUA);
    case P99_READ:
        return (double)histogram_quantile(&machine_commands(rig->machine)->kinds[IO_READ].latency, 0.99);
    case IOPS:
        return rate(rig);
    case AMPLIFICATION:
        return ftl_get_stats(ssd_core(machine_ssd(rig->machine)))->write_amplification;
    }
    return 0;
}

static double measure(const struct base *base, const char *keys, const char *job, enum figure figure)
{
    char changes[1024];
    struct rig rig;
    snprintf(changes, sizeof changes, "%s %s", base->changes, keys);
    rig_load(&rig, base->drive, changes);
    rig_open_job(&rig, job);
    rig_run(&rig);
    double value = figure_of(&rig, figure);
    rig_destroy(&rig);
    return value;
}

static void test_each_change_moves_what_reasoning_says_and_as_far(void **state)
{
    (void)state;
    unsigned wrong = 0;
    for (size_t i = 0; i < ARRAY_SIZE(questions); i++) {
        const struct question *q = &questions[i];
        double before = measure(q->base, q->before, q->job, q->figure);
        double after = measure(q->base, q->after, q->job, q->figure);
        bool right = after >= q->least * before * 0.9999 && after <= q->most * before * 1.0001;
        if (!right)
            print_message("    %s: %.4g to %.4g, a factor of %.3f, not within %.3f and %.3f\n", q->what, before, after,
                          after / before, q->least, q->most);
        wrong += !right;
    }
    assert_int_equal(wrong, 0);
}

// --- what must not turn round --------------------------------------------------------------------------------------

struct chain {
    const char *what;
    const struct base *base;
    const char *job;
    enum figure figure;
    double slack; // by how much a step may go the wrong way
    const char *steps[6]; // none makes the figure smaller
};

static const struct chain chains[] = {
    {"dies", &generic, READ_MANY, IOPS, 0,
     {"nand.dies_per_channel=1", "nand.dies_per_channel=2", "nand.dies_per_channel=4", "nand.dies_per_channel=8",
      "nand.dies_per_channel=16"}},
    {"channels", &generic, READ_MANY, IOPS, 0,
     {"nand.channels=1", "nand.channels=2", "nand.channels=4", "nand.channels=8", "nand.channels=16"}},
    {"a faster link", &generic, READ_RUNS, IOPS, 0,
     {"pcie.generation=1", "pcie.generation=2", "pcie.generation=3", "pcie.generation=4", "pcie.generation=5"}},
    {"a faster bus", &client, WRITE_RUNS, IOPS, 0,
     {"nand.transfer_rate=100MT/s", "nand.transfer_rate=200MT/s", "nand.transfer_rate=400MT/s",
      "nand.transfer_rate=800MT/s"}},
    {"more spare", &small, WRITE_LONG, IOPS, 0,
     {"ftl.over_provisioning=10%", "ftl.over_provisioning=15%", "ftl.over_provisioning=28%",
      "ftl.over_provisioning=60%"}},
    {"a shorter tPROG", &client, WRITE_RUNS, IOPS, 0,
     {"nand.t_prog=3000us", "nand.t_prog=1725us", "nand.t_prog=800us", "nand.t_prog=400us"}},
    {"a shorter tR", &generic, READ_MANY, IOPS, 0,
     {"nand.t_r=100us", "nand.t_r=70us", "nand.t_r=50us", "nand.t_r=25us", "nand.t_r=10us"}},
    {"a larger depth", &generic, NULL, IOPS, 0,
     {"rw=randread bs=4k iodepth=1 number_ios=4000", "rw=randread bs=4k iodepth=4 number_ios=8000",
      "rw=randread bs=4k iodepth=16 number_ios=20000", "rw=randread bs=4k iodepth=64 number_ios=40000",
      "rw=randread bs=4k iodepth=256 number_ios=80000"}},
};

static double step(const struct chain *chain, size_t i)
{
    if (chain->job == NULL)
        return measure(chain->base, "", chain->steps[i], chain->figure);
    return measure(chain->base, chain->steps[i], chain->job, chain->figure);
}

static void test_more_of_it_is_never_worse(void **state)
{
    (void)state;
    for (size_t c = 0; c < ARRAY_SIZE(chains); c++) {
        double before = 0;
        for (size_t i = 0; i < ARRAY_SIZE(chains[c].steps) && chains[c].steps[i] != NULL; i++) {
            double value = step(&chains[c], i);
            if (value < before * (1 - chains[c].slack))
                fail_msg("%s, %s: %.5g after %.5g", chains[c].what, chains[c].steps[i], value, before);
            before = value;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_change_moves_what_reasoning_says_and_as_far),
        cmocka_unit_test(test_more_of_it_is_never_worse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
