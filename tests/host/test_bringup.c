// The controller is brought up in the order that was recorded of Linux 6.1, and what goes wrong is told.
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench.h"
#include "spec/pci.h"
#include "util/macros.h"

static char *read_recording(void)
{
    const char *source = getenv("srcdir");
    char path[4096], line[256];
    snprintf(path, sizeof path, "%s/tests/host/linux_probe.txt", source == NULL ? "." : source);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char *text = calloc(1, FAKE_LOG_BYTES);
    while (fgets(line, sizeof line, file) != NULL)
        if (line[0] != '#')
            strcat(text, line);
    fclose(file);
    return text;
}

static const char *const one_read = "rw=read number_ios=1";

static void test_the_order_is_that_of_the_recording(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    bench.device->ready_time = 100; // ready at the first look, as in the recording
    bench_run_job(&bench, one_read);
    char *recording = read_recording();
    char *begin = strstr(bench.device->log, "RD CSTS"); // the recording begins after enumeration
    assert_string_equal(begin, recording);
    free(recording);
    bench_destroy(&bench);
}

// The smallest set of commands with which a controller works: nothing optional is advertised.
static void test_what_is_not_advertised_is_not_used(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    bench.config.cpus = 1;
    bench.device->cap &= ~(UINT64_C(0xff) << 37);
    bench.device->cap |= UINT64_C(1) << 37;
    memset(&bench.device->controller, 0, sizeof bench.device->controller);
    bench_run_job(&bench, one_read);
    char commands[1024] = "";
    for (char *at = bench.device->log; (at = strstr(at, "ADM ")) != NULL; at += 4)
        strncat(commands, at + 4, strcspn(at + 4, "\n") + 1);
    assert_string_equal(commands, "06 cns 1\n02 lid 2 len 512\n09 fid 7 value 0\n"
                                  "05 qid 1 vector 1 size 1023 flags 3\n01 qid 1 cqid 1 size 1023 flags 1\n"
                                  "06 cns 6\n06 cns 2\n06 cns 3 nsid 1\n06 cns 0 nsid 1\n06 cns 0 nsid 1\n");
    bench_destroy(&bench);
}

static void test_capacity_and_block_come_from_identify(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    bench.device->ns.flbas = 1;
    bench.device->ns.lbaf[1].lbads = 12;
    bench.device->ns.nsze = 1000;
    bench_run_job(&bench, one_read);
    assert_int_equal(host_capacity_bytes(bench.host), 4096000);
    assert_int_equal(host_block_bytes(bench.host), 4096);
    bench_destroy(&bench);
}

static void test_fewer_queues_granted_are_fewer_queues_used(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    bench.device->queues_granted = 3;
    bench_run_job(&bench, "rw=read number_ios=2 numjobs=4");
    assert_int_equal(host_get_stats(bench.host)->queues, 3);
    assert_int_equal(bench.device->queues[1].cq_doorbells, 4); // CPUs 0 and 3
    assert_int_equal(bench.device->queues[2].cq_doorbells, 2);
    assert_int_equal(bench.device->queues[3].cq_doorbells, 2);
    assert_int_equal(bench.device->queues[4].sq_size, 0);
    bench_destroy(&bench);
}

static void test_few_vectors_are_few_queues(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    bench.device->msix_vectors = 3;
    bench_run_job(&bench, one_read);
    assert_int_equal(host_get_stats(bench.host)->queues, 2);
    assert_non_null(strstr(bench.device->log, "fid 7 value 30003\n")); // one a CPU, before the vectors are looked at
    bench_destroy(&bench);
}

static void test_the_only_vector_is_shared_with_the_admin_queue(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    bench.device->msix_vectors = 1;
    bench_run_job(&bench, "rw=read number_ios=3");
    assert_int_equal(host_get_stats(bench.host)->queues, 1);
    assert_int_equal(host_get_stats(bench.host)->spurious, 0);
    assert_non_null(strstr(bench.device->log, "ADM 05 qid 1 vector 0 "));
    assert_int_equal(bench.device->io_commands, 3);
    fake_raise_event(bench.device);
    assert_int_equal(host_get_stats(bench.host)->async_events, 1);
    bench_destroy(&bench);
}

static void test_queue_size_is_limited_by_mqes(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    bench.device->cap = (bench.device->cap & ~UINT64_C(0xffff)) | 7;
    bench_run_job(&bench, "rw=read iodepth=100 number_ios=300");
    assert_int_equal(bench.device->queues[1].sq_size, 8);
    assert_int_equal(bench.device->queues[1].most_in_flight, 7);
    bench_destroy(&bench);
}

static void test_the_doorbell_stride_is_obeyed(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    bench.device->cap |= UINT64_C(1) << 32; // 8 bytes: the fake device checks the offsets
    bench_run_job(&bench, "rw=read number_ios=10 numjobs=4");
    assert_int_equal(bench.device->io_commands, 40);
    bench_destroy(&bench);
}

static void test_weighted_round_robin_is_selected_and_set_up(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    bench.config.arbitration = NVME_AMS_WEIGHTED;
    bench.config.urgent_queues = bench.config.high_queues = bench.config.medium_queues = 1;
    bench.config.high_weight = 16;
    bench.config.medium_weight = 4;
    bench.config.low_weight = 1;
    bench.device->cap |= NVME_MAKE(NVME_CAP_AMS, 1);
    bench.device->controller.rab = 2;
    bench_run_job(&bench, one_read);
    assert_int_equal(NVME_FIELD(bench.device->cc, NVME_CC_AMS), NVME_AMS_WEIGHTED);
    const char *arbitration = strstr(bench.device->log, "fid 1 value f030002\n");
    const char *creation = strstr(bench.device->log, "ADM 01 qid 1");
    assert_true(arbitration != NULL && creation != NULL && arbitration < creation);
    assert_non_null(strstr(bench.device->log, "ADM 01 qid 1 cqid 1 size 1023 flags 1\n"));
    assert_non_null(strstr(bench.device->log, "ADM 01 qid 2 cqid 2 size 1023 flags 3\n"));
    assert_non_null(strstr(bench.device->log, "ADM 01 qid 3 cqid 3 size 1023 flags 5\n"));
    assert_non_null(strstr(bench.device->log, "ADM 01 qid 4 cqid 4 size 1023 flags 7\n"));
    bench_destroy(&bench);
}

static void run_to_failure(struct bench *bench, const char *reason)
{
    bench_start(bench, bench_job(one_read));
    sim_run_before(bench->sim, TICK_NEVER);
    const char *failure = host_failure(bench->host);
    assert_non_null(failure);
    if (strstr(failure, reason) == NULL)
        fail_msg("'%s' does not say '%s'", failure, reason);
    bench_destroy(bench);
}

static void test_a_controller_never_ready_is_a_failure_after_the_time_that_cap_allows(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    bench.device->cap = (bench.device->cap & ~(UINT64_C(0xff) << 24)) | 1 << 24;
    bench.device->ready_time = TICK_NEVER;
    bench_start(&bench, bench_job(one_read));
    sim_run_before(bench.sim, 990 * TICKS_PER_MS);
    assert_int_equal(bench.finished, 0);
    sim_run_before(bench.sim, TICK_NEVER);
    assert_int_equal(bench.finished, 1);
    assert_true(sim_now(bench.sim) < 1010 * TICKS_PER_MS);
    assert_non_null(strstr(host_failure(bench.host), "1000 ms"));
    bench_destroy(&bench);
}

static void test_a_slow_controller_is_waited_for(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    bench.device->ready_time = 7900 * TICKS_PER_MS; // of (15 + 1) * 500 ms
    bench_run_job(&bench, one_read);
    bench_destroy(&bench);
}

static void test_a_command_that_fails_or_is_not_answered_is_a_failure(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    bench.device->failing_opcode = NVME_ADMIN_CREATE_SQ;
    run_to_failure(&bench, "Create I/O Submission Queue: status 0x002");
    bench_init(&bench);
    bench.device->mute_opcode = NVME_ADMIN_IDENTIFY;
    run_to_failure(&bench, "never answered: Identify controller");
    bench_init(&bench);
    bench.device->config[9] = 8; // class code 010808
    run_to_failure(&bench, "class code");
    bench_init(&bench);
    bench.device->csts = UINT32_MAX;
    run_to_failure(&bench, "does not answer");
    bench_init(&bench);
    bench.config.arbitration = NVME_AMS_WEIGHTED;
    run_to_failure(&bench, "CAP.AMS");
}

static void test_a_log_page_that_fails_is_tolerated(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    bench.device->failing_opcode = NVME_ADMIN_GET_LOG_PAGE;
    bench_run_job(&bench, one_read);
    bench_destroy(&bench);
}

static void test_an_asynchronous_event_is_counted_and_requested_anew(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    bench_run_job(&bench, one_read);
    size_t before = bench.device->log_used;
    for (int i = 0; i < 100; i++) // more than the admin queue has entries
        fake_raise_event(bench.device);
    assert_int_equal(host_get_stats(bench.host)->async_events, 100);
    assert_int_equal(bench.device->log_used - before, 100 * strlen("CQ\nSQ\nADM 0c\n"));
    bench_destroy(&bench);
}

// Firmware's part: the payload that both ends take, the platform's read request size, all else as it was.
static void test_the_links_sizes_are_set_in_device_control(void **state)
{
    (void)state;
    enum { EXPRESS = 0xc0, PAYLOAD_256 = 1, REQUEST_1024 = 3 };
    for (uint32_t supported = 0; supported <= 2; supported++) {
        struct bench bench;
        bench_init(&bench);
        uint8_t *space = bench.device->config;
        bench.pcie = (struct pcie_config){.max_payload = 256, .max_read_request = 1024};
        space[EXPRESS] = PCI_CAP_PCIE;
        space[EXPRESS + PCI_CAP_NEXT] = space[PCI_CAPABILITIES];
        space[PCI_CAPABILITIES] = EXPRESS;
        space[EXPRESS + PCI_EXP_DEVICE_CAPABILITIES] = (uint8_t)supported;
        memcpy(space + EXPRESS + PCI_EXP_DEVICE_CONTROL, (uint16_t[]){0x2810}, 2);
        bench_run_job(&bench, one_read);
        uint16_t control;
        memcpy(&control, bench.device->config + EXPRESS + PCI_EXP_DEVICE_CONTROL, 2);
        assert_int_equal(control, 0x0810 | REQUEST_1024 << 12 | MIN(supported, (uint32_t)PAYLOAD_256) << 5);
        bench_destroy(&bench);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_order_is_that_of_the_recording),
        cmocka_unit_test(test_what_is_not_advertised_is_not_used),
        cmocka_unit_test(test_capacity_and_block_come_from_identify),
        cmocka_unit_test(test_fewer_queues_granted_are_fewer_queues_used),
        cmocka_unit_test(test_few_vectors_are_few_queues),
        cmocka_unit_test(test_the_only_vector_is_shared_with_the_admin_queue),
        cmocka_unit_test(test_queue_size_is_limited_by_mqes),
        cmocka_unit_test(test_the_doorbell_stride_is_obeyed),
        cmocka_unit_test(test_weighted_round_robin_is_selected_and_set_up),
        cmocka_unit_test(test_a_controller_never_ready_is_a_failure_after_the_time_that_cap_allows),
        cmocka_unit_test(test_a_slow_controller_is_waited_for),
        cmocka_unit_test(test_a_command_that_fails_or_is_not_answered_is_a_failure),
        cmocka_unit_test(test_a_log_page_that_fails_is_tolerated),
        cmocka_unit_test(test_an_asynchronous_event_is_counted_and_requested_anew),
        cmocka_unit_test(test_the_links_sizes_are_set_in_device_control),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
