// What a PCIe function and its host show each other; host and controller know nothing else of one another.
//
// Sources: PCI Express Base 4.0 (configuration space, memory requests), PCI Local Bus 3.0 sections 2.2.6
// (INTx) and 6.8 (MSI, MSI-X).
#ifndef SQTAIL_NVME_PCIE_H
#define SQTAIL_NVME_PCIE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Conventional resets, PCI Express Base 4.0, 6.6.1: of the link, and by the loss of power.
enum pcie_reset { PCIE_RESET_HOT, PCIE_RESET_COLD };

// The device, as the host reaches it. Configuration accesses take no simulated time; memory accesses cross the link.
struct pcie_device_port {
    void *self;
    // `bytes` is 1, 2 or 4, the offset below 4096 and a multiple of it. Others read ones and write nothing.
    uint32_t (*config_read)(void *self, uint32_t offset, unsigned bytes);
    void (*config_write)(void *self, uint32_t offset, unsigned bytes, uint32_t value);
    // Reads `bytes` (1, 2, 4 or 8, `offset` a multiple of at most 4 of them) at `offset` of BAR0; done(context, value)
    // is called when the completion reaches the host. Where nobody answers all bits are 1.
    void (*mmio_read)(void *self, uint64_t offset, unsigned bytes, void (*done)(void *context, uint64_t value),
                      void *context);
    // A posted write of `bytes` (4 or 8, `offset` a multiple of 4) to BAR0. Shorter ones write nothing.
    void (*mmio_write)(void *self, uint64_t offset, unsigned bytes, uint64_t value);
    // At once.
    void (*reset)(void *self, enum pcie_reset kind);
};

// The host, as the device reaches it. The device's link model does the timing and calls these at the simulated time
// at which the data are read from, or have reached, host memory. A DMA returns false when no memory answers there
// (an unsupported request, PCI Express Base 4.0, 2.3.1); what was read is undefined then.
struct pcie_host_port {
    void *self;
    bool (*dma_read)(void *self, uint64_t address, void *to, size_t bytes);
    bool (*dma_write)(void *self, uint64_t address, const void *from, size_t bytes);
    // A message, MSI or MSI-X: a 32-bit write to an address that the host gave out for interrupts. `vector` counts the
    // function's messages of that kind; a host that keeps the MSI-X table itself goes by it.
    void (*interrupt)(void *self, uint32_t vector, uint64_t address, uint32_t data);
    // The function's INTA# is asserted, or is no longer. NULL: the host has no such line.
    void (*intx)(void *self, bool asserted);
    // The MSI-X table is the host's own, addresses, data and masks: the one in BAR0 is never written.
    bool keeps_vectors;
    // BAR0 is mapped by the host itself: accesses are answered without Memory Space Enable, which SPDK's client of
    // vfio-user, for one, never sets.
    bool maps_memory;
};

#endif
