// What was captured for telemetry.
#ifndef SQTAIL_NVME_LOG_TELEMETRY_H
#define SQTAIL_NVME_LOG_TELEMETRY_H

#include <stdint.h>

enum { NVME_TELEMETRY_DATA_BYTES = 4096 };

struct nvme_telemetry {
    uint32_t generation; // captures so far
    char data[NVME_TELEMETRY_DATA_BYTES];
};

#endif
