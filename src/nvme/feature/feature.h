// Features as rows.
//
// A feature is one row, next to the functions that it needs, and one line in the list below. Its value is a doubleword,
// as CDW11 sets it, and `bytes` of data; a feature may have several parts, each with a value of its own, such as one for
// each namespace or interrupt vector. For each part there are a current, a saved and a default value.
#ifndef SQTAIL_NVME_FEATURE_FEATURE_H
#define SQTAIL_NVME_FEATURE_FEATURE_H

#include <stdbool.h>
#include <stdint.h>

#include "spec/nvme.h"

struct nvme;
struct nvme_command;

enum nvme_feature_scope { SCOPE_CONTROLLER, SCOPE_NAMESPACE };

enum nvme_feature_flags {
    FEATURE_SAVEABLE = 1 << 0,
    FEATURE_ANSWERS = 1 << 1, // the completion of Set Features tells the value that was taken
};

// Of a feature's parts all: what CDW11 may name.
#define FEATURE_ALL_PARTS UINT32_MAX

struct nvme_feature_row {
    uint8_t fid;
    uint8_t flags;
    enum nvme_feature_scope scope;
    const char *name;
    uint32_t reserved; // bits of CDW11 that must be 0
    uint32_t selects;  // ... that name the part and are no value
    uint32_t bytes;    // of data
    uint16_t oncs;     // Identify Controller's bit that tells of it
    uint32_t initial_value;
    uint32_t (*initial)(const struct nvme *nvme, uint32_t part, uint8_t *data); // NULL: initial_value and zeroes
    bool (*offered)(const struct nvme *nvme);                                   // NULL: always
    uint32_t (*parts)(const struct nvme *nvme); // NULL: 1, or as many as there may be namespaces
    // Which part CDW11 names, for Set Features perhaps all; false: none. NULL: the only one.
    bool (*part)(const struct nvme *nvme, uint32_t cdw11, bool set, uint32_t *part);
    // How much of the data goes with that value; NULL: all.
    uint32_t (*used)(uint32_t value);
    // Whether a value may be set, as a status; may change it. NULL: any.
    unsigned (*check)(struct nvme *nvme, uint32_t part, uint32_t *value, const uint8_t *data);
    // The part has a value, which another one may have been: makes it so. NULL: nothing follows.
    void (*changed)(struct nvme *nvme, uint32_t part, uint32_t value, const uint8_t *data);
    // The host has set it: does what takes time, and completes the command. NULL: nothing does.
    void (*apply)(struct nvme_command *command);
    // What Get Features tells, where the current value goes on by itself; NULL: the value.
    uint32_t (*show)(const struct nvme *nvme, uint32_t value, uint8_t *data);
    // A reset, before the value is what it was saved as; NULL: nothing more.
    void (*reset)(struct nvme *nvme);
};

#define NVME_FEATURE_LIST(X)                                                                              \
    X(arbitration) X(power_management) X(lba_range_type) X(temperature_threshold) X(error_recovery)       \
    X(volatile_write_cache) X(number_of_queues) X(interrupt_coalescing) X(interrupt_vector)               \
    X(write_atomicity) X(async_event) X(power_transitions) X(timestamp)                                   \
    X(non_operational_power) X(host_behaviour) X(software_progress)

#define NVME_FEATURE_DECLARE(name) extern const struct nvme_feature_row nvme_feature_##name;
NVME_FEATURE_LIST(NVME_FEATURE_DECLARE)
#undef NVME_FEATURE_DECLARE

#define NVME_FEATURE_NUMBER(name) NVME_FEATURE_AT_##name,
enum { NVME_FEATURE_LIST(NVME_FEATURE_NUMBER) NVME_FEATURE_COUNT };
#undef NVME_FEATURE_NUMBER

extern const struct nvme_feature_row *const nvme_feature_rows[NVME_FEATURE_COUNT];

// Whether the row is there for hosts.
bool nvme_feature_offered(const struct nvme *nvme, const struct nvme_feature_row *row);

#endif
