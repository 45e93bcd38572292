// A host, a fake device and a workload on one bench.
#ifndef SQTAIL_TESTS_HOST_BENCH_H
#define SQTAIL_TESTS_HOST_BENCH_H

#include "fake_device.h"
#include "host/host.h"
#include "host/job/job.h"

struct bench {
    struct sim *sim;
    struct host_config config;
    struct pcie_config pcie;
    struct command_stats stats;
    struct fake_device *device;
    struct host *host;
    struct workload *workload;
    int finished;
    int measured;
    tick_t origin; // of the last measuring
};

// 4 CPUs, a queue each, 1023 deep, costs nothing; change `config` and `device` before bench_start.
void bench_init(struct bench *bench);
void bench_destroy(struct bench *bench);
void bench_start(struct bench *bench, struct workload *workload);

// Parses the job, checks it against the device, starts it and runs until no event is left; it must end well.
void bench_run_job(struct bench *bench, const char *job);
struct workload *bench_job(const char *job);
struct workload *bench_jobs(const char *const *texts, uint32_t count);

#endif
