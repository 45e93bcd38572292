// A model of an application: what its clients do, as requests to the drive.
//
// Clients carry out operations one after the other, and tasks in the background do what operations leave behind. Both
// go step by step: a step issues requests, and the next one is taken when they have completed, so that what depends on
// what is said by the order of steps. A model is a file with a struct model_ops and a row in host/generate/models.h.
#ifndef SQTAIL_HOST_GENERATE_MODEL_H
#define SQTAIL_HOST_GENERATE_MODEL_H

#include "host/beside.h"
#include "host/generate/word_rows.h"
#include "host/job/rate_process.h"
#include "stats/stat.h"
#include "util/rng.h"

// The words that every model takes. A model's own options begin with them.
struct model_options {
    uint64_t clients;        // 0: as the model has it
    uint64_t number_ops;     // of all clients; 0: not given
    uint64_t rate_ops;       // a second; 0: closed loop
    struct rate_process rate_process;
    tick_t optime;           // of an operation, beside its requests, before the first
    tick_t thinktime, startdelay, runtime, ramp_time; // ps
    uint64_t ramp_ops;
    uint64_t offset, size;   // bytes, or JOB_PERCENT with a share
    uint64_t stonewall, exitall;
    char name[LOAD_NAME_BYTES];
};

struct generator;

enum step_result {
    STEP_ON,    // goes on when its requests have completed; without any, at once
    STEP_WAITS, // goes on when it is woken; none of its requests is in flight
    STEP_DONE,  // the operation is over; a task in the background rests until it is woken
};

struct task {
    enum step_result (*step)(struct generator *generator, struct task *task);
    uint32_t index;     // clients first
    uint32_t at;        // the model's own: which step comes next
    uint32_t in_flight; // requests
    bool resting;       // waits, or has nothing to do
    tick_t began;       // a client's operation
    bool measured;
    uint64_t until;     // what it waits for, of whom it waits for
    struct task *next;  // in the list that it is in
    struct rng rng;
};

// Tasks in the order in which they came.
struct task_list {
    struct task *first, *last;
};

void task_list_push(struct task_list *list, struct task *task);
struct task *task_list_pop(struct task_list *list); // NULL: there is none

// The part of the drive that is the model's, from 0 on.
struct model_space {
    uint64_t bytes;
    uint32_t block;
};

struct model_ops {
    const char *name;
    const char *help;
    const struct word_row *rows;       // of its own words; ends with a NULL name
    size_t options_bytes;
    uint32_t tasks;                    // in the background, at most
    const struct stat_field *fields;   // what it counts
    size_t field_count, counts_bytes;

    uint64_t (*clients)(const void *options); // where none are given

    // What is wrong with the words together, or with the space that there is for them; NULL: nothing. NULL: nothing can
    // be.
    const char *(*check)(const void *options);
    const char *(*check_space)(const void *options, const struct model_space *space);

    // What it keeps, when it starts; it may add its tasks.
    void *(*create)(struct generator *generator, const struct model_space *space);
    void (*destroy)(void *model);

    // A client's next operation: chosen, then carried out from its step 0 on.
    void (*choose)(struct generator *generator, struct task *client);
    enum step_result (*step)(struct generator *generator, struct task *client);

    // What is told at the end of what it has counted. NULL: nothing to compute.
    void (*settle)(struct generator *generator);
};

const void *generator_options(const struct generator *generator);
uint32_t generator_clients(const struct generator *generator);
void *generator_model(const struct generator *generator);
void *generator_counts(struct generator *generator); // zeroed when measuring begins
tick_t generator_now(const struct generator *generator);

// A task in the background, at rest.
struct task *generator_add_task(struct generator *generator,
                                enum step_result (*step)(struct generator *generator, struct task *task));

// It goes on now, unless it does already.
void generator_wake(struct generator *generator, struct task *task);

// It goes on at that time; to be followed by STEP_WAITS.
void generator_sleep(struct generator *generator, struct task *task, tick_t until);

// A request of the task; bytes from the beginning of the model's space.
void generator_io(struct generator *generator, struct task *task, enum io_kind kind, uint64_t offset, uint64_t bytes);

// A write with FUA, after a flush where that is wanted.
void generator_write_through(struct generator *generator, struct task *task, uint64_t offset, uint64_t bytes,
                             bool preflush);

#endif
