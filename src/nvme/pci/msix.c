// MSI-X: table and pending bits in BAR0, masks, and NVMe's interrupt coalescing.
//
// Sources: PCI Local Bus 3.0, section 6.8 (6.8.3.4: pending bits); NVM Express 1.4, sections 5.21.1.8, 5.21.1.9 and
// 7.5.
//
// A vector that is masked, by itself or by the function mask, or whose function is no bus master, sets its pending bit
// instead of sending; when it may send it does so once and clears the bit. With coalescing, a vector counts the
// completions that it has not told the host of: the one that exceeds the threshold carries the message, or the
// aggregation time, running from the first, ends with one. Completions of the admin queue are not coalesced, and,
// as recommended, failed ones are not either.
//
// An interrupt is owed as long as one of the vector's completion queues has entries. A host that has taken them all
// without it is owed none: pending bit and count are cleared when its head doorbells say so, or the queues are gone.
//
// Invariant: while `held` is not 0, an event is pending at `deadline`.
#include "nvme/pci/msix.h"

#include <stdlib.h>
#include <string.h>

#include "nvme/pci/bus_master.h"
#include "nvme/queue/cq_heads.h"
#include "nvme/nvme_internal.h"
#include "util/alloc.h"
#include "util/bitmap.h"
#include "util/macros.h"

enum { CONTROL_WORD = 3 };

static const tick_t TIME_UNIT = 100 * TICKS_PER_US;

void msix_create(struct nvme *nvme)
{
    uint32_t count = nvme->config->msix_vectors;
    nvme->msix.vectors = xcalloc(count, sizeof *nvme->msix.vectors);
    nvme->msix.table = xcalloc(count, PCI_MSIX_ENTRY_BYTES);
    nvme->msix.pending = xcalloc(bitmap_words(count), sizeof *nvme->msix.pending);
    for (uint32_t i = 0; i < count; i++) {
        nvme->msix.vectors[i] = (struct nvme_vector){.nvme = nvme, .index = i};
        nvme->msix.table[4 * i + CONTROL_WORD] = PCI_MSIX_ENTRY_MASKED;
    }
}

void msix_destroy(struct nvme *nvme)
{
    free(nvme->msix.vectors);
    free(nvme->msix.table);
    free(nvme->msix.pending);
}

void msix_reset(struct nvme *nvme, enum nvme_reset kind)
{
    uint32_t count = nvme->config->msix_vectors;
    for (uint32_t vector = 0; vector < count; vector++)
        nvme->msix.vectors[vector].held = 0;
    memset(nvme->msix.pending, 0, bitmap_words(count) * sizeof *nvme->msix.pending);
    for (uint32_t vector = 0; kind == NVME_RESET_FUNCTION && vector < count; vector++)
        memcpy(nvme->msix.table + 4 * vector, (uint32_t[]){0, 0, 0, PCI_MSIX_ENTRY_MASKED}, PCI_MSIX_ENTRY_BYTES);
}

uint32_t msix_read(const struct nvme *nvme, uint64_t offset)
{
    if (offset >= nvme->pci.pba_offset) {
        uint64_t word = (offset - nvme->pci.pba_offset) / 4;
        if (word >= 2 * bitmap_words(nvme->config->msix_vectors))
            return 0;
        return (uint32_t)(nvme->msix.pending[word / 2] >> (word % 2 * 32));
    }
    uint64_t word = (offset - nvme->pci.table_offset) / 4;
    return word < 4 * (uint64_t)nvme->config->msix_vectors ? nvme->msix.table[word] : 0;
}

static bool masked(const struct nvme *nvme, uint32_t vector)
{
    return (nvme->msix.control & PCI_MSIX_CONTROL_MASK_ALL) ||
           (nvme->msix.table[4 * vector + CONTROL_WORD] & PCI_MSIX_ENTRY_MASKED);
}

bool msix_sends(const struct nvme *nvme, uint32_t vector)
{
    return (nvme->msix.control & PCI_MSIX_CONTROL_ENABLE) && nvme->pci.master_enabled && !masked(nvme, vector);
}

void msix_raise(struct nvme *nvme, uint32_t vector)
{
    if (!(nvme->msix.control & PCI_MSIX_CONTROL_ENABLE))
        return;
    if (!msix_sends(nvme, vector)) {
        cq_heads_become_events(nvme);
        bitmap_set(nvme->msix.pending, vector);
        return;
    }
    const uint32_t *entry = nvme->msix.table + 4 * vector;
    nvme->stats.interrupts++;
    bus_message(nvme, entry[0] | (uint64_t)entry[1] << 32, entry[2]);
}

static bool owed(struct nvme *nvme, uint32_t vector)
{
    for (uint32_t id = 0; id <= nvme->config->max_queues; id++) {
        struct nvme_cq *cq = &nvme->queues.cqs[id];
        cq_heads_arrive(nvme, cq);
        if (cq->exists && cq->interrupts && cq->vector == vector && cq->head != cq->promised)
            return true;
    }
    return false;
}

void msix_satisfied(struct nvme *nvme, uint32_t vector)
{
    if (likely(msix_owes_nothing(&nvme->msix, vector)) || owed(nvme, vector))
        return;
    nvme->msix.vectors[vector].held = 0;
    bitmap_clear(nvme->msix.pending, vector);
}

// A message that no completion carries has crossed the link.
static void message_arrived(void *context)
{
    struct nvme_vector *vector = context;
    if (owed(vector->nvme, vector->index)) // it may have been satisfied, or reset, meanwhile
        msix_raise(vector->nvme, vector->index);
}

static void send_message(struct nvme_vector *vector)
{
    struct nvme *nvme = vector->nvme;
    sim_at(nvme->sim, link_message(&nvme->link, sim_now(nvme->sim)), message_arrived, vector);
}

static void deliver_pending(struct nvme *nvme, uint32_t vector)
{
    if (!bitmap_test(nvme->msix.pending, vector) || !msix_sends(nvme, vector))
        return;
    bitmap_clear(nvme->msix.pending, vector);
    send_message(&nvme->msix.vectors[vector]);
}

void msix_control_changed(struct nvme *nvme)
{
    for (uint32_t vector = 0; vector < nvme->config->msix_vectors; vector++)
        deliver_pending(nvme, vector);
}

void msix_write(struct nvme *nvme, uint64_t offset, uint32_t value)
{
    uint64_t word = (offset - nvme->pci.table_offset) / 4;
    if (word >= 4 * (uint64_t)nvme->config->msix_vectors)
        return; // beyond the table, or the pending bits, which are read-only
    if (word % 4 == CONTROL_WORD)
        value &= PCI_MSIX_ENTRY_MASKED;
    if (word % 4 == 0)
        value &= ~UINT32_C(3); // messages go to doubleword addresses
    nvme->msix.table[word] = value;
    deliver_pending(nvme, (uint32_t)(word / 4));
}

static void aggregation_time_over(void *context)
{
    struct nvme_vector *vector = context;
    if (vector->held == 0 || vector->deadline != sim_now(vector->nvme->sim))
        return;
    vector->held = 0;
    send_message(vector);
}

bool msix_coalesce(struct nvme *nvme, const struct nvme_cq *cq, bool failed)
{
    struct nvme_vector *vector = &nvme->msix.vectors[cq->vector];
    uint32_t feature = nvme->features.value[NVME_FEATURE_INTERRUPT_COALESCING];
    uint32_t threshold = NVME_FIELD(feature, NVME_COALESCING_THR), time = NVME_FIELD(feature, NVME_COALESCING_TIME);
    if (threshold == 0 || time == 0 || vector->coalescing_disabled || vector->held >= threshold ||
        cq->id == NVME_ADMIN_QUEUE || failed) {
        vector->held = 0;
        return true;
    }
    vector->held++;
    nvme->stats.interrupts_coalesced++;
    if (vector->held == 1) {
        vector->deadline = sim_now(nvme->sim) + time * TIME_UNIT;
        sim_at(nvme->sim, vector->deadline, aggregation_time_over, vector);
    }
    return false;
}
