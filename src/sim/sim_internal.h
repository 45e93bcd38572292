// What the engine shares with its unit test.
#ifndef SQTAIL_SIM_SIM_INTERNAL_H
#define SQTAIL_SIM_SIM_INTERNAL_H

#include <stdint.h>

struct sim;

// As though so many events had been scheduled that the sequence has only `left` numbers left.
void sim_skip_sequence(struct sim *sim, uint64_t left);

#endif
