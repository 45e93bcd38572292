// What Identify tells, as rows.
//
// A value of CNS is one row, next to the function that fills its page, and one line in the list below.
#ifndef SQTAIL_NVME_IDENTIFY_CNS_H
#define SQTAIL_NVME_IDENTIFY_CNS_H

#include <stdint.h>

struct nvme_command;

enum nvme_cns_needs {
    CNS_NAMESPACE = 1 << 0,  // NSID names a namespace
    CNS_LIST_START = 1 << 1, // NSID is what a list's identifiers are to be above
    CNS_NVM_SET = 1 << 2,    // CSI names the NVM command set
};

struct nvme_cns_row {
    uint8_t value;
    uint8_t needs;
    void (*fill)(const struct nvme_command *command, void *page); // a page of zeroes
};

#define NVME_CNS_LIST(X) X(namespace) X(controller) X(active_namespaces) X(descriptors) X(io_controller)

#define NVME_CNS_DECLARE(name) extern const struct nvme_cns_row nvme_cns_##name;
NVME_CNS_LIST(NVME_CNS_DECLARE)
#undef NVME_CNS_DECLARE

#endif
