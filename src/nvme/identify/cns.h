// What Identify tells, as rows.
//
// A value of CNS is one row, next to the function that fills its page, and one line in the list below.
#ifndef SQTAIL_NVME_IDENTIFY_CNS_H
#define SQTAIL_NVME_IDENTIFY_CNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nvme_command;
struct nvme_config;

enum nvme_cns_needs {
    CNS_ACTIVE = 1 << 0,     // NSID names an active namespace
    CNS_VALID = 1 << 1,      // NSID is one that a namespace may have; without a namespace the page is all zeroes
    CNS_ALLOCATED = 1 << 2,  // ... an allocated one suffices
    CNS_COMMON = 1 << 3,     // FFFFFFFFh is answered, too: what namespaces have in common
    CNS_LIST_START = 1 << 4, // NSID is what a list's identifiers are to be above
    CNS_NVM_SET = 1 << 5,    // CSI names the NVM command set
};

struct nvme_cns_row {
    uint8_t value;
    uint8_t needs;
    const char *name;
    bool (*offered)(const struct nvme_config *config); // NULL: always
    void (*fill)(const struct nvme_command *command, void *page); // a page of zeroes
};

#define NVME_CNS_LIST(X)                                                                                   \
    X(namespace) X(controller) X(active_namespaces) X(descriptors) X(io_namespace) X(io_controller)        \
    X(io_active_namespaces) X(independent_namespace) X(allocated_namespaces) X(allocated_namespace)        \
    X(attached_controllers) X(controllers) X(io_allocated_namespaces) X(io_allocated_namespace)            \
    X(command_sets)

#define NVME_CNS_DECLARE(name) extern const struct nvme_cns_row nvme_cns_##name;
NVME_CNS_LIST(NVME_CNS_DECLARE)
#undef NVME_CNS_DECLARE

extern const struct nvme_cns_row *const nvme_cns_rows[];
extern const size_t nvme_cns_row_count;

#endif
