// Each term of the bounds by itself: the ideal drive, on which a 4 KiB read takes 50 us of a die and 5.12 us of its
// channel and nothing else costs anything, with one cost switched on at a time.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "machine/bounds.h"
#include "nand/ecc/binomial.h"
#include "rig.h"

#define US 1e-6

enum { DIES = 64, CHANNELS = 8 };

static const double READ = 55.12 * US, PROGRAM = 505.12 * US;

static double bound(const char *changes, enum bound_load load, const char *by)
{
    struct rig rig;
    struct bounds bounds;
    double found = -1;
    rig_load(&rig, "ideal.yaml", changes);
    bounds_of(&rig.values, load, &bounds);
    rig_destroy(&rig);
    for (size_t i = 0; i < bounds.count; i++)
        if (strcmp(bounds.bounds[i].by, by) == 0)
            found = bounds.bounds[i].per_second;
    return found;
}

#define expect_within(tolerance, changes, load, by, expected)                                                         \
    assert_true(fabs(bound(changes, load, by) / (expected) - 1) < (tolerance))
#define expect(...) expect_within(1e-6, __VA_ARGS__)

#define FAILS                                                                                                        \
    "ecc.codeword_data=4KiB ecc.transfer_parity=false ecc.clock=0 reliability.model=constant reliability.rber=0.1 "

static void test_reads_of_one_page(void **state)
{
    (void)state;
    expect("", BOUND_RANDOM_READ, "dies", DIES / READ);
    expect("nand.cell=mlc nand.program_mode=per_page nand.t_r=[40us,90us]", BOUND_RANDOM_READ, "dies",
           DIES / (65 * US + 5.12 * US));
    // 16 reads of two planes; another plane's data take a change of column
    expect("nand.planes_per_die=2 nand.t_ccs=1us", BOUND_SEQUENTIAL_READ, "dies",
           DIES / (16 * (50 * US + 2 * 5.12 * US + 1 * US)));
}

// At a rate of errors at which nothing is ever corrected.
static void test_the_whole_read_ladder(void **state)
{
    (void)state;
    expect(FAILS "ecc.engine=bch ecc.bch_t=40 ecc.retry_steps=2 ecc.retry_gain=1 ecc.t_retry=1us", BOUND_RANDOM_READ,
           "dies", DIES / (3 * READ + 2 * US));
    expect(FAILS "ecc.engine=ldpc ecc.soft_levels=3 ecc.retry_steps=0 ecc.t_sense=10us", BOUND_RANDOM_READ, "dies",
           DIES / (READ + 3 * (20 * US + 5.12 * US)));
}

// A unit of four codewords, each of which fails with the chance f, is read again by 1 - (1 - f)^4; of two units, one or
// both.
static void test_retries_read_what_has_failed(void **state)
{
    (void)state;
#define SOME_FAIL                                                                                                    \
    "ecc.engine=bch ecc.codeword_data=1KiB ecc.bch_t=40 ecc.transfer_parity=false ecc.clock=0 ecc.retry_steps=1 "    \
    "ecc.retry_gain=0.05 ecc.t_retry=0 reliability.model=constant reliability.rber=4e-3 "
    double f = binomial_tail(8 * 1024 + 14 * 40, 40, 4e-3), unit = 1 - pow(1 - f, 4);
    assert_true(unit > 0.1 && unit < 0.9);
    expect(SOME_FAIL, BOUND_RANDOM_READ, "dies", DIES / (READ * (1 + unit)));
    double any = 1 - (1 - unit) * (1 - unit), first = 50 * US + 2 * 5.12 * US;
    expect(SOME_FAIL "nand.page_size=8KiB", BOUND_SEQUENTIAL_READ, "dies",
           DIES / (16 * (first + any * 50 * US + 2 * unit * 5.12 * US)));
}

// 200 days at 1000 cycles: a share of 4.9e-3 of the bits is wrong, 2.0e-3 for the wear alone. 110 of 34 528 bits lie
// more than four standard deviations from either.
static void test_data_have_aged_when_the_drive_was_prepared(void **state)
{
    (void)state;
#define AGED                                                                                                         \
    "ecc.engine=bch ecc.codeword_data=4KiB ecc.bch_t=110 ecc.transfer_parity=false ecc.clock=0 ecc.retry_steps=1 "   \
    "ecc.retry_gain=0.05 ecc.t_retry=0 reliability.model=tlc_72l reliability.initial_pe_cycles=1000 "                \
    "reliability.retention_age=200d "
    expect_within(1e-5, AGED "ftl.precondition=sequential", BOUND_RANDOM_READ, "dies", DIES / (2 * READ));
    expect_within(1e-5, AGED "ftl.precondition=empty", BOUND_RANDOM_READ, "dies", DIES / READ);
}

// 8752 bits, 64 a cycle of 2 ns, four times a unit.
static void test_decoders(void **state)
{
    (void)state;
#define DECODES                                                                                                      \
    "ecc.engine=bch ecc.codeword_data=1KiB ecc.bch_t=40 ecc.clock=500MHz ecc.bch_syndrome_bits=64 "                  \
    "reliability.model=constant reliability.rber=1e-12 "
    expect(DECODES "ecc.decoders_per_channel=1", BOUND_RANDOM_READ, "ECC decoders", CHANNELS / (4 * 137 * 2e-9));
    expect(DECODES "ecc.decoders_per_channel=3", BOUND_RANDOM_READ, "ECC decoders", 3 * CHANNELS / (4 * 137 * 2e-9));
}

static void test_programs(void **state)
{
    (void)state;
    expect("", BOUND_RANDOM_WRITE, "dies", DIES / PROGRAM);
    expect("raid.enabled=true raid.stripe_dies=4", BOUND_RANDOM_WRITE, "dies", DIES / (PROGRAM * 4 / 3));
    expect("nand.planes_per_die=2 nand.t_dbsy=3us", BOUND_RANDOM_WRITE, "dies",
           DIES / ((2 * 5.12 * US + 3 * US + 500 * US) / 2));
    // five units hold two programs of two
    expect("nand.planes_per_die=2 ftl.write_buffer=20KiB", BOUND_RANDOM_WRITE, "write buffer",
           2 / ((2 * 5.12 * US + 500 * US) / 2));
}

// Of 640 superblocks 5.5 hold no data in the mean: (6 + 2) / 2 are free, and two open ones and the victim are half
// full. 1 / A = 1 - exp(-a / A) with a = 634.5 / 640 * 1.12 has A = 5.2085936.
static void test_collection(void **state)
{
    (void)state;
#define COLLECTS "nand.blocks_per_plane=640 ftl.merge=false "
    double a = 5.2085936;
    double each = a * PROGRAM + (a - 1) * READ + a / 128 * 2000 * US;
    expect_within(1e-3, COLLECTS, BOUND_COLLECTED_WRITE, "dies", DIES / each);
    expect_within(1e-3, COLLECTS "ftl.t_write=1us ftl.t_gc_unit=100ns", BOUND_COLLECTED_WRITE, "firmware",
                  1 / (1 * US + (a - 1) * 0.1 * US));
}

// A buffer of a twentieth of the drive, all of which waits and may be overwritten.
static void test_overwrites_in_the_buffer(void **state)
{
    (void)state;
#define A_TWENTIETH "ftl.capacity=2560MiB ftl.write_buffer=128MiB ftl.t_write=1us ftl.t_gc_unit=100us "
    const char *merges = A_TWENTIETH "ftl.merge=true", *does_not = A_TWENTIETH "ftl.merge=false";
    double all = bound(does_not, BOUND_COLLECTED_WRITE, "dies");
    expect(merges, BOUND_COLLECTED_WRITE, "dies", all / 0.95);
    all = 1 / bound(does_not, BOUND_COLLECTED_WRITE, "firmware") - 1 * US;
    expect(merges, BOUND_COLLECTED_WRITE, "firmware", 1 / (1 * US + 0.95 * all));
    all = bound(does_not, BOUND_COLLECTED_WRITE, "write buffer");
    expect(merges, BOUND_COLLECTED_WRITE, "write buffer", all / 0.95);
}

static void test_front_end_and_firmware(void **state)
{
    (void)state;
    // 128 KiB in commands of 32 KiB
    expect("nvme.mdts=3 nvme.t_decode=1us nvme.t_complete=500ns nvme.processors=2", BOUND_SEQUENTIAL_READ,
           "front-end processors", 2 / (4 * 1.5 * US));
    expect("nvme.fetch_depth=2 nvme.fetch_burst=4 pcie.latency_to_host=100ns pcie.host_read_latency=200ns "
           "pcie.latency_to_device=300ns", BOUND_RANDOM_READ, "fetches of queue entries", 2 * 4 / (0.6 * US));
    expect("ftl.t_write=1us ftl.t_write_unit=300ns ftl.t_read_unit=100ns ftl.processors=2", BOUND_RANDOM_WRITE,
           "firmware", 2 / (1.3 * US));
    expect("ftl.t_read=1us ftl.t_read_unit=100ns ftl.clock=4MHz", BOUND_RANDOM_READ, "firmware", 1 / (1.25 * US));
}

static void test_the_host(void **state)
{
    (void)state;
#define HOST "host.cpus=2 host.t_submit=1us host.t_complete=2us "
    expect(HOST "nvme.max_queues=8", BOUND_RANDOM_READ, "host's processors", 2 / (3 * US));
    expect(HOST "nvme.max_queues=8", BOUND_RANDOM_READ, "host's interrupts", 2 / (2 * US));
    expect(HOST "nvme.max_queues=1", BOUND_RANDOM_READ, "host's interrupts", 1 / (2 * US));
}

// A queue of 16 entries holds 15 commands. 15 of them keep u of 64 dies busy, with u + u^2 / (2 (1 - u)) = 15 / 63.
static void test_commands_in_flight(void **state)
{
    (void)state;
    const char *one = "nvme.max_queue_entries=16 host.queue_depth=1023 ";
    const char *two = "nvme.max_queue_entries=16 host.queue_depth=1023 host.cpus=2 nvme.max_queues=8";
    expect(one, BOUND_RANDOM_READ, "commands in flight", 15 / READ);
    expect(two, BOUND_RANDOM_READ, "commands in flight", 30 / READ);
    expect("nvme.max_commands=8", BOUND_RANDOM_READ, "commands in flight", 8 / READ);
    double u = 0.2101413;
    assert_true(fabs(u + u * u / (2 * (1 - u)) - 15 / 63.0) < 1e-6);
    expect_within(1e-5, one, BOUND_RANDOM_READ, "dies that wait for channels", DIES * u / READ);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_of_one_page),
        cmocka_unit_test(test_the_whole_read_ladder),
        cmocka_unit_test(test_retries_read_what_has_failed),
        cmocka_unit_test(test_data_have_aged_when_the_drive_was_prepared),
        cmocka_unit_test(test_decoders),
        cmocka_unit_test(test_programs),
        cmocka_unit_test(test_collection),
        cmocka_unit_test(test_overwrites_in_the_buffer),
        cmocka_unit_test(test_front_end_and_firmware),
        cmocka_unit_test(test_the_host),
        cmocka_unit_test(test_commands_in_flight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
