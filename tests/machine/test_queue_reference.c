// Random reads on the drive of a queueing reference: 64 dies on 8 channels, tR 50 us, everything else free.
//
// data/queue_reference.csv holds what a simulation written for this purpose alone found, a closed network of queues
// with the die held while its data wait for and cross the channel (columns X_dethold, R_dethold and p99_hold), for
// depths 1 to 256 and three sets of parameters:
//
//   A  data take no time on the channel
//   B  4 KiB take 5.12 us
//   C  as B, and 8 us pass between a completion and the next read at the flash; here as the host memory's latency
//
// Throughput and mean latency must lie within 1 % and the 99th percentile within 3 %. In set A every latency is a
// multiple of 50 us, and the reference's percentile, taken from a sample of its own, may lie on either side of a
// step. There the distribution is compared instead: the share of latencies at or below the reference's percentile
// must not lie below 0.99, nor the share below it above 0.99, by more than three standard errors of the reference's
// sample.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <math.h>

#include "rig.h"

enum { ROWS_PER_SET = 9, REFERENCE_SAMPLE = 32000 }; // 40 000 completions or more, of which a fifth was dropped

struct reference {
    char set[32];
    unsigned depth;
    double kiops, mean_us, p99_us;
};

static uint32_t load_set(char letter, struct reference rows[ROWS_PER_SET])
{
    const char *folder = getenv("srcdir");
    char path[4096], line[256];
    uint32_t count = 0;
    snprintf(path, sizeof path, "%s/tests/machine/data/queue_reference.csv", folder == NULL ? "." : folder);
    FILE *from = fopen(path, "r");
    assert_non_null(from);
    while (fgets(line, sizeof line, from) != NULL) {
        struct reference row;
        if (sscanf(line, "%31[^,],%u,%lf,%lf,%lf", row.set, &row.depth, &row.kiops, &row.mean_us, &row.p99_us) != 5 ||
            row.set[0] != letter)
            continue;
        assert_true(count < ROWS_PER_SET);
        rows[count++] = row;
    }
    fclose(from);
    return count;
}

static void expect_within(double measured, double expected, double tolerance, const char *what, unsigned depth)
{
    double difference = measured / expected - 1;
    if (fabs(difference) >= tolerance)
        print_message("depth %u: %s %.2f, reference %.2f: %+.2f %%\n", depth, what, measured, expected,
                      100 * difference);
    assert_true(fabs(difference) < tolerance);
}

// Of the latencies, the share at or below `us`.
static double share_up_to(const struct kind_stats *reads, double us)
{
    uint64_t below = 0;
    for (uint32_t i = 0; us > 0 && i <= histogram_index((uint64_t)(us * 1000)); i++)
        below += reads->latency.buckets[i];
    return (double)below / (double)reads->count;
}

static void check_steps(const struct kind_stats *reads, const struct reference *row)
{
    double error = 3 * sqrt(0.99 * 0.01 / REFERENCE_SAMPLE);
    double at = share_up_to(reads, row->p99_us), below = share_up_to(reads, row->p99_us - 50);
    if (at < 0.99 - error || below > 0.99 + error)
        print_message("depth %u: %.5f at or below %.0f us, %.5f below\n", row->depth, at, row->p99_us, below);
    assert_true(at >= 0.99 - error);
    assert_true(below <= 0.99 + error);
}

// Long queues change slowly, and the tail with them. At depth 256 the percentile of 96 000 reads, about the
// reference's sample, has a standard error of 4 %, and that of four million still of nearly 1 %: the 3 % asked for
// leave no room for less. The end of a run, when the queue runs dry, lowers its throughput too.
static unsigned request_count(unsigned depth, bool steps)
{
    if (depth <= 8)
        return 100000;
    return depth < 256 || steps ? 500000 : 4000000;
}

static void check_row(struct rig *rig, const struct reference *row, bool steps)
{
    char job[128];
    snprintf(job, sizeof job, "rw=randread bs=4k iodepth=%u number_ios=%u ramp_ios=40000", row->depth,
             request_count(row->depth, steps));
    rig_open_job(rig, job);
    rig_run(rig);
    const struct kind_stats *reads = &machine_commands(rig->machine)->kinds[IO_READ];
    double seconds = (double)machine_duration(rig->machine) / (double)TICKS_PER_S;
    expect_within((double)reads->count / seconds / 1000, row->kiops, 0.01, "kIOPS", row->depth);
    double mean_us = (double)reads->latency_sum / (double)reads->count / (double)TICKS_PER_US;
    expect_within(mean_us, row->mean_us, 0.01, "mean", row->depth);
    if (steps)
        check_steps(reads, row);
    else
        expect_within((double)histogram_quantile(&reads->latency, 0.99) / 1000, row->p99_us, 0.03, "p99", row->depth);
    rig_close(rig);
}

static void check_set(char letter, const char *changes)
{
    struct reference rows[ROWS_PER_SET];
    struct rig rig;
    assert_int_equal(load_set(letter, rows), ROWS_PER_SET);
    assert_int_equal(rows[ROWS_PER_SET - 1].depth, 256);
    rig_load(&rig, "ideal.yaml", changes);
    for (uint32_t i = 0; i < ROWS_PER_SET; i++)
        check_row(&rig, &rows[i], letter == 'A');
    rig_destroy(&rig);
}

static void test_set_a_dies_alone(void **state)
{
    (void)state;
    check_set('A', "nand.transfer_rate=0");
}

static void test_set_b_dies_and_channels(void **state)
{
    (void)state;
    check_set('B', "");
}

static void test_set_c_with_a_latency_outside_the_flash(void **state)
{
    (void)state;
    check_set('C', "pcie.host_read_latency=8us nvme.fetch_depth=256");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set_a_dies_alone),
        cmocka_unit_test(test_set_b_dies_and_channels),
        cmocka_unit_test(test_set_c_with_a_latency_outside_the_flash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
