// The PCI Express link: what crosses it takes time, and shares its direction with what else does.
#ifndef SQTAIL_NVME_LINK_LINK_H
#define SQTAIL_NVME_LINK_LINK_H

#include "nvme/pcie_config.h"
#include "nvme/link/wire.h"
#include "sim/timeline.h"
#include "stats/meter.h"

// Bytes on the wire and TLPs of one transfer.
struct link_load {
    uint64_t bytes; // headers, framing and payload
    uint64_t tlps;
};

struct link {
    // set-up
    uint64_t ticks_per_byte; // in 2^-LINK_TICK_SHIFT ps, DLLP overhead included
    uint32_t write_overhead; // bytes a request TLP, framing included
    uint32_t completion_overhead;
    unsigned payload_shift, read_request_shift, completion_shift; // log2 bytes
    unsigned payload_shift_max, completion_shift_max;             // as configured
    tick_t latency_to_host, latency_to_device, host_read_latency;
    // state
    struct wire up;         // to the host
    struct timeline down;   // to the device: completions, and the wire time of posted writes
    struct timeline posted; // to the device: posted writes and read requests among themselves
    struct meter down_meter;
    // counters
    uint64_t tlps_up, tlps_down, wire_bytes_up, wire_bytes_down;
};

void link_init(struct link *link, const struct pcie_config *config);
void link_destroy(struct link *link);
void link_restart(struct link *link, tick_t origin);

// The host's choice in Device Control: Max_Payload_Size and Max_Read_Request_Size as 128 << n bytes.
void link_set_limits(struct link *link, unsigned payload, unsigned read_request);

// Closed forms; addresses are taken as aligned to the sizes.
struct link_load link_write_load(const struct link *link, uint64_t bytes);
struct link_load link_read_request_load(const struct link *link, uint64_t bytes);
struct link_load link_completion_load(const struct link *link, uint64_t bytes);

// Time on the wire of `wire_bytes`, rounded to the nearest ps.
static inline tick_t link_ticks(const struct link *link, uint64_t wire_bytes)
{
    return (wire_bytes * link->ticks_per_byte + (UINT64_C(1) << (LINK_TICK_SHIFT - 1))) >> LINK_TICK_SHIFT;
}

// The drive writes `bytes`, some of a command's data, to host memory. Returns when their last symbol can be sent at the
// earliest; the data are in host memory latency_to_host later.
tick_t link_to_host(struct link *link, tick_t now, uint64_t bytes, struct wire_flow *data);

// The same for pieces of `bytes` each that will be there at `when[0]`, ..., `when[count - 1]`, in order of time.
void link_to_host_later(struct link *link, uint64_t bytes, const tick_t *when, uint32_t count, struct wire_flow *data);

// What tells the host of an interrupt.
enum link_message {
    LINK_MESSAGE_NONE,
    LINK_MESSAGE_MSI,  // a memory write of 4 bytes, for MSI-X too
    LINK_MESSAGE_INTX, // no data
};

// The drive writes a CQE, behind the command's data, and a message behind it. Returns when they reach the host at the
// earliest: link_arrival has to be asked then.
tick_t link_completion_entry(struct link *link, tick_t now, struct wire_flow *data, enum link_message message);

// When that is: exact when it is not later than `now`, which is at least what was said, and the earliest otherwise.
static inline tick_t link_arrival(struct link *link, tick_t now, const struct wire_flow *data)
{
    return wire_look(&link->up, now, data) + link->latency_to_host;
}

// A message on its own. Returns as link_completion_entry.
tick_t link_message(struct link *link, tick_t now, enum link_message message);

// The drive reads `bytes` of host memory. Returns when the last of them has reached the drive.
tick_t link_read_host(struct link *link, tick_t now, uint64_t bytes);

// The host writes `bytes` to, or asks to read, the drive's registers; returns when that has reached the drive.
tick_t link_mmio_write(struct link *link, tick_t now, uint64_t bytes);
tick_t link_mmio_read(struct link *link, tick_t now);

// The drive answers a register read; returns when the answer has reached the host.
tick_t link_mmio_completion(struct link *link, tick_t now, uint64_t bytes);

#endif
