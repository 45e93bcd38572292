// The kinds of reset, and what each of them reaches.
#ifndef SQTAIL_NVME_RESET_H
#define SQTAIL_NVME_RESET_H

struct nvme;

enum nvme_reset {
    NVME_RESET_POWER_ON,
    NVME_RESET_FATAL,      // not one by the host: CSTS.CFS is set and nothing more happens
    NVME_RESET_CONTROLLER, // CC.EN cleared, NVM Express 1.4, 7.3.2
    NVME_RESET_FUNCTION,   // PCI Express function level reset
};

// Commands in flight are forgotten; each part that the kind of reset reaches is as its own reset leaves it.
void reset_all(struct nvme *nvme, enum nvme_reset kind);

#endif
