// The error log.
#ifndef SQTAIL_NVME_ADMIN_ERRORS_H
#define SQTAIL_NVME_ADMIN_ERRORS_H

#include <stddef.h>
#include <stdint.h>

#include "spec/nvme.h"

struct nvme;
struct nvme_command;

// Where in a submission queue entry a parameter lies, as the error log names it (5.14.1.1): byte, and bit in 10:8.
#define NVME_AT(field, byte, bit) ((int)(offsetof(struct nvme_sqe, field) + (byte)) | (bit) << 8)

enum nvme_location {
    AT_OPCODE = NVME_AT(opcode, 0, 0),
    AT_FUSE = NVME_AT(flags, 0, 0),
    AT_PSDT = NVME_AT(flags, 0, 6),
    AT_NSID = NVME_AT(nsid, 0, 0),
    AT_PRP1 = NVME_AT(prp1, 0, 0),
    AT_PRP2 = NVME_AT(prp2, 0, 0),
    AT_CDW10 = NVME_AT(cdw10, 0, 0),
    AT_CDW10_HIGH = NVME_AT(cdw10, 2, 0), // upper 16 bits
    AT_CDW11 = NVME_AT(cdw11, 0, 0),
    AT_CDW11_HIGH = NVME_AT(cdw11, 2, 0),
    AT_CDW12 = NVME_AT(cdw12, 0, 0),
    AT_OFFSET_TYPE = NVME_AT(cdw14, 2, 7), // Get Log Page, NVMe 2.0
    AT_SELECT = NVME_AT(cdw10, 1, 0), // Get Features, SEL
    AT_SAVE = NVME_AT(cdw10, 3, 7),   // Set Features, SV
    AT_CSI = NVME_AT(cdw11, 3, 0),    // Identify, NVMe 2.0
};

struct nvme_errors {
    struct nvme_error_entry *ring; // the newest at (count - 1) % error_log_entries
    uint64_t count;
};

void errors_create(struct nvme *nvme);
void errors_destroy(struct nvme *nvme);
void errors_record_command(struct nvme_command *command);

// An error of no command.
void errors_record_event(struct nvme *nvme, unsigned status);

#endif
