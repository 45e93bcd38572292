// The words of a job and their values.
#ifndef SQTAIL_HOST_JOB_OPTIONS_H
#define SQTAIL_HOST_JOB_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "host/distribution.h"
#include "sim/tick.h"
#include "util/diag.h"

enum job_rw { JOB_READ, JOB_WRITE, JOB_RW, JOB_TRIM, JOB_RANDREAD, JOB_RANDWRITE, JOB_RANDRW, JOB_RANDTRIM };

enum { JOB_NAME_BYTES = 32, JOB_SPLITS_MAX = 16 };

#define JOB_PERCENT (UINT64_C(1) << 63)

enum job_rate_process { JOB_RATE_LINEAR, JOB_RATE_POISSON };

struct job_options {
    uint32_t rw;               // enum job_rw
    uint64_t bs;               // bytes a request; with bssplit: the smallest
    uint32_t bssplit_count;      // 0: all requests are of bs
    struct job_size_share {
        uint64_t bytes;        // a multiple of bs
        uint32_t percent;      // of the requests; 100 in all
    } bssplit[JOB_SPLITS_MAX];
    uint64_t size;             // of the region; 0: to the end of the drive. Bytes, or JOB_PERCENT with that share of it
    uint64_t offset;           // as size: where the region begins
    uint64_t offset_increment; // as size: each further job's region begins so much later
    struct distribution_spec random_distribution;
    uint64_t iodepth;          // requests in flight a job
    uint64_t numjobs;
    uint64_t number_ios;       // requests a job; 0: as many as the region has blocks
    uint64_t rwmixread;        // %
    uint64_t rate_iops;        // a job; 0: none
    uint64_t rate;             // bytes a second of a job; 0: none; without either: closed loop
    uint32_t rate_process;     // enum job_rate_process
    uint64_t fsync;            // a flush after so many writes; 0: never
    uint64_t writefua;         // 1: writes with FUA
    tick_t startdelay;         // ps
    tick_t runtime;            // ps; 0: until number_ios
    uint64_t time_based;       // 1: until runtime, whatever the size
    tick_t ramp_time;          // ps not measured
    uint64_t ramp_ios;         // requests a job not measured
    uint64_t exitall;          // 1: its end is the others'
    char name[JOB_NAME_BYTES]; // "": none given
    bool iodepth_given;
};

// fio's words that may be given and change nothing, with what they mean here; the last has a NULL name.
struct job_neutral_word {
    const char *name;
    const char *values; // each followed by a blank; NULL: any
    const char *help;
};
extern const struct job_neutral_word job_neutral_words[];

// Fills in what `text` says over the defaults. Returns 0, or -1 with all errors in `diag`, each at {where, 1, column}.
int job_options_parse(const char *text, const char *where, struct job_options *options, struct diag *diag);

// Bytes of the largest request.
uint64_t job_options_largest(const struct job_options *options);

// What results call the job number `index` of several.
void job_options_name(const struct job_options *options, uint32_t index, char name[JOB_NAME_BYTES]);

#endif
