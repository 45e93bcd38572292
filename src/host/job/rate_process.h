// How arrivals of a rate lie in time: at equal distances, at random, or at random with a rate that changes.
#ifndef SQTAIL_HOST_JOB_RATE_PROCESS_H
#define SQTAIL_HOST_JOB_RATE_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/tick.h"
#include "util/rng.h"

enum { RATE_STATES_MAX = 256 };

// As it is given: "onoff:10ms/90ms".
struct rate_process {
    bool random;      // distances are exponential, else equal
    bool markov;      // so are the times in states, and the next state is any of the others; else they go round
    uint32_t count;   // of states; 0: the rate does not change
    tick_t round;     // of each state once, on average
    struct rate_state {
        tick_t time;      // in it, on average, ps
        uint64_t weight;  // its rate beside the others'
        uint64_t speed;   // its rate over the mean, in 1 / 2^32
    } states[RATE_STATES_MAX];
};

// Returns NULL, or what is expected instead.
const char *rate_process_parse(const char *text, struct rate_process *process);

// Where a stream of arrivals is in a process whose rate changes. Zeroed: at its beginning.
struct rate_phase {
    bool begun;
    uint32_t state;
    tick_t left; // of it
};

// The time that passes while `interval` would at the mean rate; moves the phase on.
tick_t rate_process_stretch(const struct rate_process *process, struct rate_phase *phase, tick_t interval,
                            struct rng *rng);

#endif
