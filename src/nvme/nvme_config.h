// The `nvme` section: what the controller offers and how long its command processing takes.
#ifndef SQTAIL_NVME_NVME_CONFIG_H
#define SQTAIL_NVME_NVME_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "config/field.h"

enum { NVME_QUEUES_MAX = 65535, NVME_VECTORS_MAX = 2048, NVME_FETCH_BURST_MAX = 64, NVME_PROCESSORS_MAX = 16 };

enum nvme_version { NVME_VERSION_1_4, NVME_VERSION_2_0 };

struct nvme_config {
    char serial_number[CONFIG_STRING_BYTES];     // up to 20 ASCII characters
    char model_number[CONFIG_STRING_BYTES];      // up to 40
    char firmware_revision[CONFIG_STRING_BYTES]; // up to 8
    bool sgl;                                    // I/O commands may have scatter gather lists
    bool functional;                             // contents of what is written are kept: the general key of that name
    uint32_t copy_ranges;                        // MSRC + 1, up to NVME_COPY_RANGES_MAX; 0: Copy is not offered
    uint32_t copy_range_blocks;                  // MSSRL
    uint32_t copy_blocks;                        // MCL
    uint64_t lba_size;                           // bytes: 512 to 4096
    char namespaces[CONFIG_STRING_BYTES];        // nvme/namespace_layout.h; empty: one of all capacity
    uint32_t max_namespaces;                     // NN; 0: as many as there are, which the host cannot change
    uint32_t max_queues;                         // I/O queue pairs, 1 to NVME_QUEUES_MAX
    uint32_t max_queue_entries;                  // CAP.MQES + 1, 2 to 65536
    uint64_t cmb;                                // bytes of the controller memory buffer, whole pages of 4 KiB
    bool shadow_doorbells;                       // Doorbell Buffer Config is offered
    bool contiguous_queues;                      // CAP.CQR
    uint32_t doorbell_stride;                    // CAP.DSTRD: 2^(2 + n) bytes
    uint32_t version;                            // enum nvme_version
    bool subsystem_reset;                        // CAP.NSSRS
    uint32_t msix_vectors;                       // 1 to NVME_VECTORS_MAX
    uint32_t mdts;                               // largest transfer 2^n pages of 4 KiB, 1 to 12
    uint32_t mpsmax;                             // CAP.MPSMAX: largest host page 2^(12 + n) bytes
    uint32_t max_commands;                       // in the controller at once
    uint32_t fetch_burst;                        // SQEs a fetch DMA, 1 to NVME_FETCH_BURST_MAX
    uint32_t fetch_depth;                        // fetch DMAs at once
    uint32_t arbitration;                        // index into nvme_arbitrations: the best that CAP.AMS offers
    uint32_t arbitration_burst;                  // default of feature 01h: 2^n commands, 7: no limit
    uint32_t processors;                         // that decode and complete commands
    uint64_t frequency;                          // Hz of their clock; 0: times are not rounded to cycles
    tick_t t_decode;                             // ps a command
    tick_t t_complete;                           // ps a completion
    tick_t ready_delay;                          // ps, from CC.EN to CSTS.RDY
    char power_states[CONFIG_STRING_BYTES];      // nvme/power_states.h; empty: one of 8 W
    uint32_t firmware_slots;                     // 1 to 7; 1: nothing can be downloaded
    tick_t t_firmware_commit;                    // ps
    bool self_test;                              // Device Self-test is offered
    tick_t t_short_self_test;                    // ps
    tick_t t_extended_self_test;                 // ps
    bool timestamp;                              // feature 0Eh is offered
    bool volatile_write_cache;                   // false: the write buffer survives power loss
    uint32_t aerl;                               // Asynchronous Event Requests at once, 0's based
    uint32_t error_log_entries;                  // 1 to 256
    uint32_t temperature;                        // K, composite
    uint32_t warning_temperature;                // K
    uint32_t critical_temperature;               // K
    uint32_t spare_threshold;                    // %
};

extern const struct config_field nvme_config_fields[];
extern const size_t nvme_config_field_count;

// Checks what spans several keys. Returns the number of errors added to `diag`.
int nvme_config_check(const struct nvme_config *nvme, const struct config *config, struct diag *diag);

// How many namespaces there are at first, of a configuration that has passed its check.
uint32_t nvme_config_namespaces(const struct nvme_config *nvme);

// Whether the host may create and delete namespaces.
bool nvme_manages_namespaces(const struct nvme_config *config);

// After that check: whether the namespaces have room on a drive of so many bytes. Returns the number of errors.
int nvme_config_check_capacity(const struct nvme_config *nvme, uint64_t bytes, const struct config *config,
                               struct diag *diag);

#endif
