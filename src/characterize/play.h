// A job's requests without a drive: as they come where each takes as long as one of its kind took in a recording.
#ifndef SQTAIL_CHARACTERIZE_PLAY_H
#define SQTAIL_CHARACTERIZE_PLAY_H

#include "profile/profile.h"
#include "util/diag.h"

// How long requests take: so many quantiles of each kind's latencies.
enum { PLAY_QUANTILES = 1024 };

struct play_latency {
    uint64_t seed; // of what is drawn, the job's own numbers, too
    uint64_t ns[IO_KIND_COUNT][PLAY_QUANTILES];
    bool known; // else all are 0, and not known of what comes
};

// Of a kind without any those of all.
void play_latency_of(struct play_latency *latency, const struct profile *profile);

// What the job of that text is like, looked at in the region of `scope`. The drive ends with the region. NULL with the
// reasons in `diag` where the text is no job.
struct profile *play_job(const char *text, const struct play_latency *latency, const struct profile_scope *scope,
                         struct diag *diag);

// The same, each request handed to `taken` in order of time.
typedef void play_taken_fn(void *context, const struct trace_request *request);
int play_each(const char *text, const struct play_latency *latency, uint64_t capacity, play_taken_fn *taken,
              void *context, struct diag *diag);

#endif
