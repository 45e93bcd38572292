// The power state that the controller is in.
#ifndef SQTAIL_NVME_FEATURE_POWER_H
#define SQTAIL_NVME_FEATURE_POWER_H

#include <stdbool.h>
#include <stdint.h>

#include "nvme/power_states.h"
#include "nvme/reset.h"
#include "sim/tick.h"

// A row of Autonomous Power State Transition: after so long without work, into that state.
struct nvme_power_transition {
    uint32_t to;
    tick_t after; // 0: never
};

struct nvme_power {
    struct nvme_power_states states;
    uint32_t state, operational; // as the host has set it, and the one to go back to from a non-operational one
    tick_t since;                // the state has been entered, or will have been
    bool autonomous;
    struct nvme_power_transition transitions[NVME_POWER_STATES_MAX];
    bool held; // nothing is fetched: a state is being left
};

void power_create(struct nvme *nvme);
void power_reset(struct nvme *nvme, enum nvme_reset kind);

// The state that the controller is in now.
uint32_t power_state_now(const struct nvme *nvme);

#endif
