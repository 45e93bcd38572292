// What each kind of reset keeps.
//
// Sources: NVM Express 1.4, sections 7.3.1 (a conventional, function level or subsystem reset is a controller level
// one), 7.3.2 (a controller reset leaves the admin queues' registers, configuration space and the MSI-X table); PCI
// Express Base 4.0, 6.6.1, 6.6.2 (sticky bits outlive all but power; a function level reset leaves the link's
// settings).
#include "nvme/reset.h"

const struct nvme_reset_row nvme_reset_rows[NVME_RESET_COUNT] = {
    [NVME_RESET_POWER_ON] = {"power on", 0},
    [NVME_RESET_HOT] = {"hot reset", KEEPS_STICKY},
    [NVME_RESET_SUBSYSTEM] = {"subsystem reset", KEEPS_STICKY},
    [NVME_RESET_FUNCTION] = {"function level reset", KEEPS_STICKY | KEEPS_LINK},
    [NVME_RESET_CONTROLLER] = {"controller reset",
                               KEEPS_STICKY | KEEPS_LINK | KEEPS_CONFIGURATION | KEEPS_ADMIN_QUEUE},
    [NVME_RESET_FATAL] = {"fatal error", KEEPS_STICKY | KEEPS_LINK | KEEPS_CONFIGURATION | KEEPS_ADMIN_QUEUE |
                                             KEEPS_REGISTERS | KEEPS_FEATURES},
};
