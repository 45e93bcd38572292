// The `pcie` section: the link between host and drive, and what the drive calls itself on it.
#ifndef SQTAIL_NVME_PCIE_CONFIG_H
#define SQTAIL_NVME_PCIE_CONFIG_H

#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "config/field.h"

enum { PCIE_GENERATION_IDEAL = 0, PCIE_GENERATION_MAX = 6 };

struct pcie_config {
    uint32_t generation;       // 1 to 6; 0: infinite bandwidth
    uint32_t lanes;            // 1, 2, 4, 8, 12, 16 or 32
    uint64_t max_payload;      // bytes of a posted write's TLP, 128 to 4096, a power of two
    uint64_t max_read_request; // bytes of a read request, 128 to 4096, a power of two
    uint32_t dma_engines;      // that write reads' data to the host, 1 to 16
    uint32_t read_requests;    // for user data, under way at once
    uint64_t completion_size;  // bytes of a completion TLP, 64 to max_payload, a power of two
    uint64_t request_header;   // bytes: 16 with 64-bit addresses, 12 with 32-bit ones
    uint64_t completion_header; // bytes
    double dllp_overhead;      // part of the link that Ack and flow-control DLLPs take, relative to the TLPs' bytes
    tick_t latency_to_host;    // ps, from the last symbol sent to host memory
    tick_t latency_to_device;  // ps, from the last symbol sent to the drive's logic
    tick_t host_read_latency;  // ps, the root complex's and memory's time to answer a read
    uint32_t vendor_id;
    uint32_t device_id;
    uint32_t subsystem_vendor_id;
    uint32_t subsystem_id;
    uint32_t revision;
    uint32_t class_code; // 24 bits
};

extern const struct config_field pcie_config_fields[];
extern const size_t pcie_config_field_count;

// Checks what spans several keys. Returns the number of errors added to `diag`.
int pcie_config_check(const struct pcie_config *pcie, const struct config *config, struct diag *diag);

#endif
