// Interrupts: MSI-X messages, masks, coalescing.
#ifndef SQTAIL_NVME_PCI_MSIX_H
#define SQTAIL_NVME_PCI_MSIX_H

#include <stdbool.h>
#include <stdint.h>

#include "nvme/reset.h"
#include "sim/tick.h"
#include "util/bitmap.h"

struct nvme_cq;

struct nvme_vector {
    struct nvme *nvme;
    uint32_t index;
    bool coalescing_disabled; // feature 09h
    uint32_t held;   // completions that the host has neither been told of nor taken by itself
    tick_t deadline; // when the aggregation time ends
};

struct nvme_msix {
    uint32_t *table; // 4 doublewords a vector
    uint64_t *pending; // a bit a vector
    uint32_t control; // as in configuration space
    struct nvme_vector *vectors;
};

// No message of the vector is held back or pending.
static inline bool msix_owes_nothing(const struct nvme_msix *msix, uint32_t vector)
{
    return msix->vectors[vector].held == 0 && !bitmap_test(msix->pending, vector);
}

void msix_create(struct nvme *nvme);
void msix_destroy(struct nvme *nvme);

// Nothing is owed; table and enable bits are those of power-on, or outlive a reset of the controller.
void msix_reset(struct nvme *nvme, enum nvme_reset kind);

uint32_t msix_read(const struct nvme *nvme, uint64_t offset);
void msix_write(struct nvme *nvme, uint64_t offset, uint32_t value);

// Masks, enable bit or bus mastering have changed: what is pending and may now be sent is.
void msix_control_changed(struct nvme *nvme);

// A message of `vector` has reached the host: delivered, or kept pending while it may not be sent.
void msix_raise(struct nvme *nvme, uint32_t vector);

// The host has emptied, or deleted, a completion queue of `vector`: when that was the last one, nothing is owed.
void msix_satisfied(struct nvme *nvme, uint32_t vector);

// Whether a message of `vector` would be sent now: MSI-X on, nothing masked, bus master.
bool msix_sends(const struct nvme *nvme, uint32_t vector);

// Whether the completion that is now posted to the queue sends a message behind it.
bool msix_coalesce(struct nvme *nvme, const struct nvme_cq *cq, bool failed);

#endif
