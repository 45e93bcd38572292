// Fuzzing fio's job files: whatever the bytes, reading ends, and jobs that are taken ask for nothing beyond their drive.
//
// Linked with libFuzzer (--enable-fuzzers), or with fuzz_driver.c, which feeds the job files of the tests.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/job/job_file.h"
#include "host/job/job.h"
#include "util/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { REQUESTS = 200, IN_FLIGHT = 4096, JOBS = 16 };

static const struct workload_drive drive = {.capacity_bytes = UINT64_C(1) << 30, .block_bytes = 512};

static void check_request(const struct workload_request *request)
{
    CHECK(request->kind == IO_FLUSH || request->bytes > 0, "a request of nothing");
    CHECK(request->bytes <= drive.capacity_bytes && request->offset <= drive.capacity_bytes - request->bytes,
          "a request beyond the drive");
    CHECK(request->offset % drive.block_bytes == 0 && request->bytes % drive.block_bytes == 0, "a part of a block");
}

// Each request takes a microsecond, or waits for those before it.
static void play(struct workload *workload)
{
    struct workload_request *requests = calloc(IN_FLIGHT, sizeof *requests);
    uint32_t in_flight = 0;
    tick_t now = 0;
    workload->ops->start(workload, &(struct workload_start){.seed = 1, .drive = drive});
    for (int i = 0; i < REQUESTS;) {
        tick_t at = workload->ops->arrival(workload, now);
        if (at != TICK_NEVER && in_flight < IN_FLIGHT) {
            struct workload_request *request = &requests[in_flight++];
            *request = (struct workload_request){0};
            now = MAX(now, at);
            workload->ops->next(workload, now, request);
            check_request(request);
            i++;
        } else if (in_flight > 0) {
            now += TICKS_PER_US;
            workload->ops->completed(workload, now, &requests[--in_flight]);
        } else {
            break;
        }
    }
    free(requests);
}

// As many as there is memory for.
static void try_job(const struct job_text *text)
{
    struct diag *diag = diag_create();
    struct job_options options;
    bool small = job_options_parse_text(text, &options, diag) == 0 && options.numjobs * options.iodepth <= IN_FLIGHT &&
                 options.numjobs <= JOBS;
    struct workload *workload = small ? job_create_one_of(text, 0, diag) : NULL;
    if (workload != NULL && workload->ops->check(workload, &drive, diag) == 0)
        play(workload);
    workload_destroy(workload);
    diag_destroy(diag);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    int file = memfd_create("job", 0);
    char path[32];
    CHECK(file >= 0 && write(file, bytes, size) == (ssize_t)size, "no memory for the file");
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    struct diag *diag = diag_create();
    struct job_file *jobs = job_file_read(path, diag);
    CHECK((jobs == NULL) == (diag_error_count(diag) > 0), "read, and refused");
    for (uint32_t i = 0; jobs != NULL && i < jobs->count && i < JOBS; i++)
        try_job(&jobs->texts[i]);
    job_file_destroy(jobs);
    diag_destroy(diag);
    close(file);
    return 0;
}
