// Several loads at once, jobs, models of applications or recordings (host/beside.h), each with its own words, CPUs and
// random numbers.
//
// What is due first is issued first; of jobs that are due at one moment, the one that is given first. A job's streams
// depend on its place among the jobs alone, so that one more at the end changes nobody's requests.
//
// All are measured within one window: it begins when the last ramp is over, and what any of them issues before that
// counts nowhere, also of jobs that have no ramp. runtime and number_ios count from there, or from a job's own
// beginning (startdelay), if that is later. A job that is done first leaves the others going on, as in fio, unless it
// says exitall: then they issue nothing more once its last request has completed.
//
// A job that says stonewall waits, and those after it wait with it, until all before it are done: phases, each of which
// begins where the one before it ended, its jobs with ramps of their own.
#include "host/job/jobs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/beside.h"
#include "stats/stat.h"
#include "util/alloc.h"
#include "util/macros.h"

struct one_job {
    struct workload *workload;
    const char *text;
    char name[LOAD_NAME_BYTES];
    uint32_t phase;
    uint64_t outstanding; // requests
    char groups[2][64];   // names of what it counts of itself
    tick_t left_at;       // when one that says exitall was done in its phase; TICK_NEVER: not yet
};

struct jobs_workload {
    struct workload base;
    struct one_job *jobs;
    uint32_t phase;       // that goes on
    struct load_ramp ramp; // of the first
    struct workload_start start;
};

static struct jobs_workload *jobs_of(const struct workload *workload)
{
    return container_of(workload, struct jobs_workload, base);
}

static struct one_job *end_of(const struct jobs_workload *w)
{
    return w->jobs + w->base.group_count;
}

static const struct load_terms *terms_of(const struct one_job *job)
{
    return job->workload->ops->beside->terms(job->workload);
}

// --- the life of all -----------------------------------------------------------------------------------------------

static int jobs_check(struct workload *workload, const struct workload_drive *drive, struct diag *diag)
{
    const struct jobs_workload *w = jobs_of(workload);
    int result = 0;
    for (struct one_job *job = w->jobs; job < end_of(w); job++)
        result |= job->workload->ops->check(job->workload, drive, diag);
    return result;
}

static void jobs_start(struct workload *workload, const struct workload_start *start)
{
    struct jobs_workload *w = jobs_of(workload);
    w->ramp = (struct load_ramp){0};
    w->start = *start;
    w->phase = 0;
    for (struct one_job *job = w->jobs; job < end_of(w); job++) {
        job->left_at = TICK_NEVER;
        if (job->phase == 0)
            job->workload->ops->beside->join(job->workload, &w->ramp, start);
    }
    load_ramp_seal(&w->ramp, start->now);
}

// Of a job whose phase is there; left alone.
static tick_t own_arrival(const struct one_job *job, tick_t now)
{
    return job->workload->ops->arrival(job->workload, now);
}

static tick_t arrival_of(const struct jobs_workload *w, const struct one_job *job, tick_t now)
{
    return job->phase > w->phase || job->left_at != TICK_NEVER ? TICK_NEVER : own_arrival(job, now);
}

// The job whose request comes first, and when.
static struct one_job *first_due(const struct jobs_workload *w, tick_t now, tick_t *at)
{
    struct one_job *first = w->jobs;
    *at = arrival_of(w, first, now);
    for (struct one_job *job = first + 1; job < end_of(w); job++) {
        tick_t arrival = arrival_of(w, job, now);
        if (arrival >= *at)
            continue;
        *at = arrival;
        first = job;
    }
    return first;
}

static bool is_done(const struct jobs_workload *w, const struct one_job *job, tick_t now)
{
    return job->outstanding == 0 && arrival_of(w, job, now) == TICK_NEVER;
}

// One that another took along had more to give, or it had ended before.
static tick_t until_of(const struct jobs_workload *w, const struct one_job *job)
{
    tick_t until = job->phase > w->phase ? 0 : workload_until(job->workload);
    return job->left_at != TICK_NEVER && own_arrival(job, job->left_at) != TICK_NEVER ? job->left_at : until;
}

static bool phase_is_over(const struct jobs_workload *w, tick_t now)
{
    for (const struct one_job *job = w->jobs; job < end_of(w); job++)
        if (job->phase <= w->phase && !is_done(w, job, now))
            return false;
    return w->jobs[w->base.group_count - 1].phase > w->phase;
}

// It begins now, or when the time of the one before it is up.
static void begin_next_phase(struct jobs_workload *w, tick_t now)
{
    for (const struct one_job *job = w->jobs; job < end_of(w); job++)
        w->start.now = MAX(MAX(now, w->start.now), until_of(w, job));
    w->phase++;
    for (struct one_job *job = w->jobs; job < end_of(w); job++)
        if (job->phase == w->phase)
            job->workload->ops->start(job->workload, &w->start);
}

static tick_t jobs_arrival(struct workload *workload, tick_t now)
{
    struct jobs_workload *w = jobs_of(workload);
    tick_t at;
    first_due(w, now, &at);
    while (unlikely(at == TICK_NEVER) && phase_is_over(w, now)) {
        begin_next_phase(w, now);
        first_due(w, now, &at);
    }
    return at;
}

static void jobs_next(struct workload *workload, tick_t now, struct workload_request *request)
{
    struct jobs_workload *w = jobs_of(workload);
    tick_t at;
    struct one_job *job = first_due(w, now, &at);
    job->workload->ops->next(job->workload, now, request);
    job->outstanding++;
    request->group = (uint32_t)(job - w->jobs);
}

static bool takes_all_along(const struct one_job *job)
{
    return terms_of(job)->exitall;
}

static void take_along(struct jobs_workload *w, uint32_t phase, tick_t now)
{
    for (struct one_job *job = w->jobs; job < end_of(w); job++)
        if (job->phase == phase)
            job->left_at = MIN(job->left_at, now);
}

static void jobs_completed(struct workload *workload, tick_t now, const struct workload_request *request)
{
    struct jobs_workload *w = jobs_of(workload);
    struct one_job *job = &w->jobs[request->group];
    job->outstanding--;
    job->workload->ops->completed(job->workload, now, request);
    if (unlikely(takes_all_along(job) && is_done(w, job, now)))
        take_along(w, job->phase, now);
}

static tick_t jobs_ramp_end(const struct workload *workload)
{
    const struct load_ramp *ramp = &jobs_of(workload)->ramp;
    return ramp->by_count ? TICK_NEVER : ramp->end;
}

// --- what is told of it --------------------------------------------------------------------------------------------

static tick_t jobs_until(struct workload *workload)
{
    const struct jobs_workload *w = jobs_of(workload);
    tick_t until = 0;
    for (const struct one_job *job = w->jobs; job < end_of(w); job++)
        until = MAX(until, until_of(w, job));
    return until;
}

static struct workload_group jobs_group(struct workload *workload, uint32_t index)
{
    const struct jobs_workload *w = jobs_of(workload);
    const struct one_job *job = &w->jobs[index];
    return (struct workload_group){
        .name = job->name,
        .text = job->text,
        .open_loop = job->workload->open_loop,
        .begins = job->phase > w->phase ? TICK_NEVER : job->workload->ops->beside->begins(job->workload),
        .until = until_of(w, job),
    };
}

// Progress is that of those whose end is the end of all; of all, where none's is.
static bool counts(const struct jobs_workload *w, const struct one_job *job)
{
    bool any = false;
    for (const struct one_job *other = w->jobs; other < end_of(w); other++)
        any |= takes_all_along(other);
    return !any || takes_all_along(job);
}

static uint64_t jobs_count(const struct workload *workload)
{
    const struct jobs_workload *w = jobs_of(workload);
    uint64_t sum = 0;
    for (const struct one_job *job = w->jobs; job < end_of(w); job++) {
        uint64_t count = workload_request_count(job->workload);
        if (counts(w, job) && count == 0)
            return 0;
        sum += counts(w, job) ? count : 0;
    }
    return sum;
}

static uint64_t jobs_done(const struct workload *workload)
{
    const struct jobs_workload *w = jobs_of(workload);
    uint64_t sum = 0;
    for (const struct one_job *job = w->jobs; job < end_of(w); job++)
        sum += counts(w, job) ? workload_requests_done(job->workload, 0) : 0;
    return sum;
}

// Each group of a job by the job's name, among what else is told of it.
static size_t name_groups(struct one_job *job, struct stat_group *groups, size_t count)
{
    for (size_t i = 0; i < count && i < ARRAY_SIZE(job->groups); i++) {
        snprintf(job->groups[i], sizeof job->groups[i], "jobs.%s.%s", job->name, groups[i].name);
        groups[i].name = job->groups[i];
    }
    return count;
}

static size_t jobs_stats(struct workload *workload, struct stat_group *groups, size_t at_most)
{
    const struct jobs_workload *w = jobs_of(workload);
    size_t count = 0;
    for (struct one_job *job = w->jobs; job < end_of(w); job++)
        count += name_groups(job, groups + count, workload_stats(job->workload, groups + count, at_most - count));
    return count;
}

static void jobs_destroy(struct workload *workload)
{
    struct jobs_workload *w = jobs_of(workload);
    for (struct one_job *job = w->jobs; job < end_of(w); job++)
        workload_destroy(job->workload);
    free(w->jobs);
    free(w);
}

static const struct workload_ops jobs_ops = {
    .name = "jobs",
    .help = "several loads at once",
    .check = jobs_check,
    .start = jobs_start,
    .arrival = jobs_arrival,
    .next = jobs_next,
    .completed = jobs_completed,
    .ramp_end = jobs_ramp_end,
    .until = jobs_until,
    .count = jobs_count,
    .done = jobs_done,
    .stats = jobs_stats,
    .group = jobs_group,
    .destroy = jobs_destroy,
};

// --- creation ------------------------------------------------------------------------------------------------------

static int check_names(const struct jobs_workload *w, struct diag *diag)
{
    for (const struct one_job *job = w->jobs + 1; job < end_of(w); job++)
        for (const struct one_job *other = w->jobs; other < job; other++)
            if (strcmp(job->name, other->name) == 0)
                return diag_error(diag, (struct place){.file = "--job"}, "jobs %td and %td are both called '%s'; give "
                                  "name=...", other - w->jobs + 1, job - w->jobs + 1, job->name);
    return 0;
}

// Each job's CPUs come after those of the jobs before it. Arrivals of all are open where each one's are.
static void join_all(struct jobs_workload *w)
{
    uint64_t cpu = 0;
    uint32_t phase = 0;
    w->base.open_loop = true;
    for (struct one_job *job = w->jobs; job < end_of(w); job++) {
        const struct load_terms *terms = terms_of(job);
        job->workload->ops->beside->set_first_cpu(job->workload, (uint32_t)cpu);
        cpu += terms->cpus;
        phase += terms->stonewall && job > w->jobs;
        job->phase = phase;
        w->base.open_loop &= job->workload->open_loop;
    }
}

struct workload *jobs_beside(const struct load_part *parts, uint32_t count, struct diag *diag)
{
    if (count == 1)
        return parts[0].workload;
    struct jobs_workload *w = xcalloc(1, sizeof *w);
    w->base = (struct workload){.ops = &jobs_ops, .group_count = count};
    w->jobs = xcalloc(count, sizeof *w->jobs);
    for (uint32_t i = 0; i < count; i++) {
        w->jobs[i].text = parts[i].text;
        w->jobs[i].workload = parts[i].workload;
        load_name(terms_of(&w->jobs[i]), i, w->jobs[i].name);
    }
    if (check_names(w, diag) != 0) {
        jobs_destroy(&w->base);
        return NULL;
    }
    join_all(w);
    return &w->base;
}

static int create_parts(const struct job_text *texts, uint32_t count, struct load_part *parts, struct diag *diag)
{
    int result = 0;
    for (uint32_t i = 0; i < count; i++) {
        parts[i] = (struct load_part){load_create(&texts[i], i, diag), texts[i].text};
        result |= parts[i].workload == NULL ? -1 : 0;
    }
    for (uint32_t i = 0; result != 0 && i < count; i++)
        workload_destroy(parts[i].workload);
    return result;
}

struct workload *jobs_create_of(const struct job_text *texts, uint32_t count, struct diag *diag)
{
    struct load_part parts[JOBS_MAX];
    return create_parts(texts, count, parts, diag) != 0 ? NULL : jobs_beside(parts, count, diag);
}

int jobs_create_parts(const char *const *texts, uint32_t count, struct load_part *parts, struct diag *diag)
{
    struct job_text of[JOBS_MAX];
    char where[JOBS_MAX][16];
    for (uint32_t i = 0; i < count; i++) {
        snprintf(where[i], sizeof where[i], count == 1 ? "--%s" : "--%s %u", load_option(texts[i]), i + 1);
        of[i] = (struct job_text){.text = texts[i], .where = where[i], .line = 1};
    }
    return create_parts(of, count, parts, diag);
}

struct workload *jobs_create(const char *const *texts, uint32_t count, struct diag *diag)
{
    struct load_part parts[JOBS_MAX];
    return jobs_create_parts(texts, count, parts, diag) != 0 ? NULL : jobs_beside(parts, count, diag);
}
