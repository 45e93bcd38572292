// Features as rows.
//
// A feature is one row, next to the functions that it needs, and one line in the list below.
#ifndef SQTAIL_NVME_FEATURE_FEATURE_H
#define SQTAIL_NVME_FEATURE_FEATURE_H

#include <stdbool.h>
#include <stdint.h>

#include "spec/nvme.h"

struct nvme;
struct nvme_command;

enum nvme_feature_scope { SCOPE_CONTROLLER, SCOPE_NAMESPACE };

struct nvme_feature_row {
    uint8_t fid;
    enum nvme_feature_scope scope;
    uint32_t reserved; // bits of CDW11 that must be 0
    uint32_t initial_value;
    uint32_t (*initial)(const struct nvme *nvme); // NULL: initial_value
    bool (*offered)(const struct nvme *nvme);     // NULL: always
    // The new value is checked and taken; returns a status. NULL: the value is stored.
    unsigned (*set)(struct nvme *nvme, uint32_t value, uint32_t *dw0);
    // The value has been taken: does what it asks for and completes the command; NULL: nothing more.
    void (*apply)(struct nvme_command *command);
    // The value, where CDW11 selects among several, false when it selects none; NULL: the stored one.
    bool (*get)(const struct nvme *nvme, uint32_t selector, bool initial, uint32_t *value);
    // What else a reset does to it; NULL: nothing. The stored value is then the initial one.
    void (*reset)(struct nvme *nvme);
};

#define NVME_FEATURE_LIST(X)                                                                              \
    X(arbitration) X(power_management) X(temperature_threshold) X(error_recovery)                         \
    X(volatile_write_cache) X(number_of_queues) X(interrupt_coalescing) X(interrupt_vector)               \
    X(write_atomicity) X(async_event)

#define NVME_FEATURE_DECLARE(name) extern const struct nvme_feature_row nvme_feature_##name;
NVME_FEATURE_LIST(NVME_FEATURE_DECLARE)
#undef NVME_FEATURE_DECLARE

#endif
