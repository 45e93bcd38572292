// Opcodes as rows: what the controller does with each, and what it says about them.
//
// An opcode is one row, next to the function that executes it, and one line in the list below. The commands supported
// and effects log, ONCS, the checks before a command runs and its counter derive from the row.
#ifndef SQTAIL_NVME_COMMAND_OPCODE_H
#define SQTAIL_NVME_COMMAND_OPCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nvme/nvme_stats.h"
#include "spec/nvme.h"

struct nvme_command;
struct nvme_config;

enum nvme_set { NVME_SET_ADMIN, NVME_SET_NVM, NVME_SET_COUNT };

enum nvme_opcode_flags {
    OPCODE_NAMESPACE = 1 << 0,      // NSID must name a namespace
    OPCODE_ALL_NAMESPACES = 1 << 1, // ... or FFFFFFFFh all of them
};

struct nvme_opcode {
    enum nvme_set set;
    uint8_t code;
    uint8_t flags;
    uint16_t optional; // Identify Controller's bit that tells of it: of OACS or ONCS
    const char *name;
    bool (*offered)(const struct nvme_config *config); // NULL: always
    uint32_t effects; // beside CSUPP: 5.14.1.5
    size_t counter;   // of completions, in struct nvme_stats
    void (*execute)(struct nvme_command *command); // NULL: Invalid Opcode
};

#define OPCODE_COUNTER(name) offsetof(struct nvme_stats, name)

#define NVME_OPCODE_LIST(X)                                                                              \
    X(delete_sq) X(create_sq) X(get_log_page) X(delete_cq) X(create_cq) X(identify) X(abort)             \
    X(set_features) X(get_features) X(async_event_request)                                               \
    X(namespace_management) X(namespace_attachment) X(doorbell_buffer_config) X(firmware_commit)         \
    X(firmware_download) X(format) X(device_self_test)                                                   \
    X(flush) X(write) X(read) X(write_uncorrectable) X(compare) X(write_zeroes) X(dataset_management) X(verify) X(copy)

#define NVME_OPCODE_DECLARE(name) extern const struct nvme_opcode nvme_opcode_##name;
NVME_OPCODE_LIST(NVME_OPCODE_DECLARE)
#undef NVME_OPCODE_DECLARE

// Every row that is not Invalid Opcode's, by set and code.
struct nvme_opcodes {
    const struct nvme_opcode *rows[NVME_SET_COUNT][256];
};

void opcodes_create(struct nvme_opcodes *opcodes, const struct nvme_config *config);

// All rows, offered or not.
extern const struct nvme_opcode *const nvme_opcode_rows[];
extern const size_t nvme_opcode_row_count;

#endif
