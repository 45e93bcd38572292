// Interrupts: which kind the host has enabled, what is owed, coalescing.
//
// A kind of interrupt is one row, in a file of its own, and one place in the list in interrupt.c.
#ifndef SQTAIL_NVME_PCI_INTERRUPT_H
#define SQTAIL_NVME_PCI_INTERRUPT_H

#include <stdbool.h>
#include <stdint.h>

#include "nvme/link/link.h"
#include "nvme/reset.h"
#include "sim/tick.h"
#include "util/bitmap.h"

struct nvme_cq;

struct nvme_interrupt_mode {
    const char *name;
    enum link_message message; // what crosses the link for one
    bool (*enabled)(const struct nvme *nvme);
    // Whether nothing masks the vector.
    bool (*sends)(const struct nvme *nvme, uint32_t vector);
    // An interrupt of a vector that sends has reached the host.
    void (*deliver)(struct nvme *nvme, uint32_t vector);
    // What is pending has changed; NULL where that needs nothing: messages are told, not taken back.
    void (*changed)(struct nvme *nvme);
};

extern const struct nvme_interrupt_mode nvme_interrupt_intx, nvme_interrupt_msi, nvme_interrupt_msix;

struct nvme_vector {
    struct nvme *nvme;
    uint32_t index;
    bool coalescing_disabled; // feature 09h
    uint32_t held;   // completions that the host has neither been told of nor taken by itself
    tick_t deadline; // when the aggregation time ends
};

struct nvme_interrupts {
    const struct nvme_interrupt_mode *mode;
    struct nvme_vector *vectors;
    uint64_t *pending; // a bit a vector: one is owed that no message has told of
    uint64_t *open;    // a bit a vector: it sends, as its mode says
    uint32_t *table;   // MSI-X: 4 doublewords a vector
    bool line, line_told; // INTA#: whether it is asserted, and whether the host sees it so
};

// Nothing of the vector is held back or pending.
static inline bool interrupt_owes_nothing(const struct nvme_interrupts *interrupts, uint32_t vector)
{
    return interrupts->vectors[vector].held == 0 && !bitmap_test(interrupts->pending, vector);
}

// What follows a completion of `vector` across the link, were it sent now. A line that is asserted tells of all.
static inline enum link_message interrupt_message(const struct nvme_interrupts *interrupts, uint32_t vector)
{
    return bitmap_test(interrupts->open, vector) && !interrupts->line ? interrupts->mode->message : LINK_MESSAGE_NONE;
}

void interrupts_create(struct nvme *nvme);
void interrupts_destroy(struct nvme *nvme);

// Nothing is owed; what the host has enabled and masked is its configuration space's and its table's to keep.
void interrupts_reset(struct nvme *nvme, enum nvme_reset kind);

// Enable bits in configuration space or the function's power have changed.
void interrupts_mode_changed(struct nvme *nvme);

// Masks of `count` vectors from `first` on have changed: what is pending and may now be sent is.
void interrupts_masks_changed(struct nvme *nvme, uint32_t first, uint32_t count);

// An interrupt of `vector` has reached the host: delivered, or kept pending while it may not be.
void interrupt_raise(struct nvme *nvme, uint32_t vector);

// The host has emptied, or deleted, a completion queue of `vector`: when that was the last one, nothing is owed.
void interrupt_satisfied(struct nvme *nvme, uint32_t vector);

// Whether the completion that is now posted to the queue interrupts.
bool interrupt_coalesce(struct nvme *nvme, const struct nvme_cq *cq, bool failed);

// Whether a wire would tell of something pending: Status bit 3, which does not ask whether INTx is disabled.
bool interrupts_line_pending(struct nvme *nvme);

#endif
