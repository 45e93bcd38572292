// Power states, as the configuration names them.
#ifndef SQTAIL_NVME_POWER_STATES_H
#define SQTAIL_NVME_POWER_STATES_H

#include <stdbool.h>
#include <stdint.h>

#include "config/tuples.h"
#include "nvme/nvme_config.h"
#include "sim/tick.h"

enum { NVME_POWER_STATES_MAX = 32 };
enum nvme_power_kind { NVME_POWER_ACTIVE, NVME_POWER_IDLE }; // operational, non-operational

struct nvme_power_state_row {
    uint32_t power_mw; // at most
    tick_t entry, exit; // ps
    uint32_t kind;     // enum nvme_power_kind
};

struct nvme_power_states {
    uint32_t count;
    struct nvme_power_state_row row[NVME_POWER_STATES_MAX];
};

// Of `nvme.power_states`; the first one must be operational, and none may draw more than the one before it (NVM Express
// 1.4, 8.4). False when that is no table, with the reason in `problem`.
bool power_states_read(const struct nvme_config *config, struct nvme_power_states *states,
                       struct config_problem *problem);

#endif
