// What the function notes of errors on its bus.
#ifndef SQTAIL_NVME_PCI_PCI_ERRORS_H
#define SQTAIL_NVME_PCI_PCI_ERRORS_H

#include <stdbool.h>

struct nvme;

// A request that the function does not answer: an access to memory that is not enabled, or beyond BAR0.
void pci_unsupported_request(struct nvme *nvme, bool posted);

// A read of the function's own that nobody answers.
void pci_master_abort(struct nvme *nvme);

#endif
