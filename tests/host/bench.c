#include "bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "host/job/jobs.h"

void bench_init(struct bench *bench)
{
    *bench = (struct bench){.sim = sim_create(1)};
    bench->config = (struct host_config){.cpus = 4, .nsid = 1, .queue_depth = 1023, .max_transfer = 1280 << 10};
    command_stats_init(&bench->stats);
    bench->device = fake_create(bench->sim);
}

static void finished(void *context)
{
    struct bench *bench = context;
    bench->finished++;
}

static void measure(void *context, tick_t origin)
{
    struct bench *bench = context;
    bench->measured++;
    bench->origin = origin;
}

void bench_start(struct bench *bench, struct workload *workload)
{
    bench->host = host_create(bench->sim, &bench->config, &bench->pcie, &bench->stats);
    bench->workload = workload;
    host_bind(bench->host, fake_get_port(bench->device));
    bench->device->host = host_get_port(bench->host);
    host_on_measure(bench->host, measure, bench);
    host_start(bench->host, workload, finished, bench);
}

// Of a text that has no errors.
static struct workload *checked(struct workload *workload, struct diag *diag)
{
    diag_print(diag, stderr);
    assert_non_null(workload);
    diag_destroy(diag);
    return workload;
}

struct workload *bench_job(const char *job)
{
    struct diag *diag = diag_create();
    return checked(job_create(job, diag), diag);
}

struct workload *bench_jobs(const char *const *texts, uint32_t count)
{
    struct diag *diag = diag_create();
    return checked(jobs_create(texts, count, diag), diag);
}

void bench_run_job(struct bench *bench, const char *job)
{
    bench_start(bench, bench_job(job));
    sim_run_before(bench->sim, TICK_NEVER);
    assert_null(host_failure(bench->host));
    assert_int_equal(bench->finished, 1);
    host_check(bench->host);
}

void bench_destroy(struct bench *bench)
{
    host_destroy(bench->host);
    workload_destroy(bench->workload);
    fake_destroy(bench->device);
    command_stats_destroy(&bench->stats);
    sim_destroy(bench->sim);
}
