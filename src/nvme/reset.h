// The kinds of reset, and what each of them reaches.
#ifndef SQTAIL_NVME_RESET_H
#define SQTAIL_NVME_RESET_H

#include <stdbool.h>

struct nvme;

enum nvme_reset {
    NVME_RESET_POWER_ON,   // a conventional reset, cold: PCI Express Base 4.0, 6.6.1
    NVME_RESET_HOT,        // a conventional reset, hot or warm
    NVME_RESET_SUBSYSTEM,  // NSSR written, NVM Express 1.4, 7.3.1
    NVME_RESET_FUNCTION,   // PCI Express function level reset, 6.6.2
    NVME_RESET_CONTROLLER, // CC.EN cleared, NVM Express 1.4, 7.3.2
    NVME_RESET_FATAL,      // not one by the host: CSTS.CFS is set and nothing more happens
    NVME_RESET_COUNT
};

// What a reset may leave as it is.
enum nvme_reset_keeps {
    KEEPS_STICKY = 1 << 0,         // what outlives all but power
    KEEPS_LINK = 1 << 1,           // of configuration space what is the link's rather than the function's
    KEEPS_CONFIGURATION = 1 << 2,  // configuration space and the MSI-X table
    KEEPS_ADMIN_QUEUE = 1 << 3,    // the registers AQA, ASQ and ACQ, and what else a controller reset leaves
    KEEPS_REGISTERS = 1 << 4,      // all of them
    KEEPS_FEATURES = 1 << 5,
};

struct nvme_reset_row {
    const char *name;
    unsigned keeps;
};

extern const struct nvme_reset_row nvme_reset_rows[NVME_RESET_COUNT];

static inline bool reset_keeps(enum nvme_reset kind, enum nvme_reset_keeps what)
{
    return nvme_reset_rows[kind].keeps & what;
}

// Commands in flight are forgotten; each part is as its own reset leaves it, by what the kind keeps.
void reset_all(struct nvme *nvme, enum nvme_reset kind);

#endif
