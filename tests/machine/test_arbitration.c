// What the arbitration makes of hosts that compete: the shares of two queues that always have commands waiting.
//
// The controller holds few commands at once, so that each completion lets the arbiter choose one queue; then the
// shares are those of the mechanism (NVMe 1.4, section 4.13), whatever the flash does.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "host/job/job.h"
#include "rig.h"

// A job workload that counts what each of its two jobs completed.
struct tally {
    struct workload workload; // first
    struct workload *jobs;
    uint64_t completed[2];
};

static struct workload *jobs_of(struct workload *workload)
{
    return ((struct tally *)workload)->jobs;
}

static int tally_check(struct workload *workload, const struct workload_drive *drive, struct diag *diag)
{
    return jobs_of(workload)->ops->check(jobs_of(workload), drive, diag);
}

static void tally_start(struct workload *workload, const struct workload_start *start)
{
    jobs_of(workload)->ops->start(jobs_of(workload), start);
}

static tick_t tally_arrival(struct workload *workload, tick_t now)
{
    return jobs_of(workload)->ops->arrival(jobs_of(workload), now);
}

static void tally_next(struct workload *workload, tick_t now, struct workload_request *request)
{
    jobs_of(workload)->ops->next(jobs_of(workload), now, request);
}

static void tally_completed(struct workload *workload, tick_t now, const struct workload_request *request)
{
    ((struct tally *)workload)->completed[request->job]++;
    jobs_of(workload)->ops->completed(jobs_of(workload), now, request);
}

static const struct workload_ops tally_ops = {
    .name = "tally",
    .check = tally_check,
    .start = tally_start,
    .arrival = tally_arrival,
    .next = tally_next,
    .completed = tally_completed,
};

// The share of the first of two queues, in percent, rounded.
static unsigned first_share(const char *arbitration)
{
    char changes[512];
    struct rig rig;
    struct diag *diag = diag_create();
    struct tally tally = {.workload.ops = &tally_ops};
    tally.jobs = job_create("rw=randread bs=4k iodepth=16 numjobs=2 time_based=1 runtime=200ms", diag);
    assert_non_null(tally.jobs);
    snprintf(changes, sizeof changes, "host.cpus=2 nvme.max_commands=4 nvme.arbitration_burst=0 %s", arbitration);
    rig_load(&rig, "ideal.yaml", changes);
    rig_open(&rig, &tally.workload);
    rig_run(&rig);
    rig_destroy(&rig);
    workload_destroy(tally.jobs);
    diag_destroy(diag);
    uint64_t all = tally.completed[0] + tally.completed[1];
    assert_true(all > 10000);
    return (unsigned)((tally.completed[0] * 100 + all / 2) / all);
}

#define WEIGHTED "nvme.arbitration=weighted_round_robin host.arbitration=weighted_round_robin "

static void test_round_robin_shares_equally(void **state)
{
    (void)state;
    assert_int_equal(first_share("nvme.arbitration=round_robin"), 50);
    assert_int_equal(first_share("nvme.arbitration=weighted_round_robin"), 50); // offered, not asked for
}

static void test_classes_share_by_weight(void **state)
{
    (void)state;
    assert_int_equal(first_share(WEIGHTED "host.high_queues=1 host.high_weight=3"), 75);
    assert_int_equal(first_share(WEIGHTED "host.medium_queues=1 host.medium_weight=4"), 80);
    assert_int_equal(first_share(WEIGHTED "host.high_queues=1 host.low_weight=4"), 20);
    assert_int_equal(first_share(WEIGHTED "host.high_queues=1 host.medium_queues=1 host.medium_weight=9"), 10);
}

static void test_an_urgent_queue_leaves_nothing(void **state)
{
    (void)state;
    assert_true(first_share(WEIGHTED "host.urgent_queues=1 host.low_weight=256") >= 99);
}

static void test_the_host_cannot_ask_for_what_is_not_offered(void **state)
{
    (void)state;
    struct rig rig;
    struct diag *diag = diag_create();
    rig_load(&rig, "ideal.yaml", WEIGHTED);
    assert_int_equal(machine_check_config(&rig.values, rig.config, diag), 0);
    assert_int_equal(config_set(rig.config, diag, "nvme.arbitration=round_robin"), 0);
    assert_int_equal(machine_check_config(&rig.values, rig.config, diag), 1);
    rig_destroy(&rig);
    diag_destroy(diag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_robin_shares_equally),
        cmocka_unit_test(test_classes_share_by_weight),
        cmocka_unit_test(test_an_urgent_queue_leaves_nothing),
        cmocka_unit_test(test_the_host_cannot_ask_for_what_is_not_offered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
