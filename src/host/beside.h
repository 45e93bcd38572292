// What a workload that can run beside others shows to who runs them all (host/job/jobs.c).
#ifndef SQTAIL_HOST_BESIDE_H
#define SQTAIL_HOST_BESIDE_H

#include "host/workload.h"

enum { LOAD_NAME_BYTES = 32 };

// The ramp of all loads that run at once: it is over when none counts its requests any more and its time has come.
struct load_ramp {
    uint32_t counting;    // loads whose ramps by number have not all come
    tick_t end;           // of the last ramp_time; 0: none
    bool by_count;        // some counted
    tick_t measured_from; // TICK_NEVER: not known yet
};

// Once all have joined.
static inline void load_ramp_seal(struct load_ramp *ramp, tick_t now)
{
    ramp->by_count = ramp->counting > 0;
    ramp->measured_from = ramp->by_count ? TICK_NEVER : ramp->end > now ? ramp->end : now;
}

// What its words say of it.
struct load_terms {
    char name[LOAD_NAME_BYTES]; // "": none
    uint32_t cpus;              // that it issues from
    uint64_t numjobs;           // how many have its rate, or its depth
    bool stonewall;             // begins when those before it are done
    bool exitall;               // its end is the others'
    bool has_load;              // a depth or a rate is given
    bool by_requests;           // so many requests end it, and nothing else
};

struct beside_ops {
    const struct load_terms *(*terms)(const struct workload *workload);
    void (*set_first_cpu)(struct workload *workload, uint32_t cpu);

    // In place of its start: each joins the ramp, then it is sealed.
    void (*join)(struct workload *workload, struct load_ramp *ramp, const struct workload_start *start);

    // When it begins to issue, once it has joined.
    tick_t (*begins)(const struct workload *workload);
};

struct job_text;

// The workload that `text` describes, the number `index` of several: of a model of an application, whose name is its
// first word, or a job. NULL with all errors in `diag`, where the text is.
struct workload *load_create(const struct job_text *text, uint32_t index, struct diag *diag);

// Whether it begins with the name of a model.
bool load_is_model(const char *text);

// Which option gives such a text, for messages: "workload", also where the name is none, or "job".
const char *load_option(const char *text);

// What results call the load number `index` of several.
void load_name(const struct load_terms *terms, uint32_t index, char name[LOAD_NAME_BYTES]);

#endif
