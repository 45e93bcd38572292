// Interrupts: when one is owed, kept back or taken back, and NVMe's interrupt coalescing; what it is, its mode says.
//
// Sources: NVM Express 1.4, sections 3.1.3, 3.1.4, 5.21.1.8, 5.21.1.9 and 7.5; PCI Local Bus 3.0, 6.8 (a function uses
// one kind at a time).
//
// A vector that may not send, because something masks it, is pending and sends once when it may. With coalescing, a
// vector counts the completions that it has not told the host of: the one that exceeds the threshold carries the
// message, or the aggregation time, running from the first, ends with one. Completions of the admin queue are not
// coalesced, and, as recommended, failed ones are not either.
//
// An interrupt is owed as long as one of the vector's completion queues has entries. A host that has taken them all
// without it is owed none: pending bit and count are cleared when its head doorbells say so, or the queues are gone.
//
// Invariant: while `held` is not 0, an event is pending at `deadline`.
#include "nvme/pci/interrupt.h"

#include <stdlib.h>
#include <string.h>

#include "nvme/pci/msix_table.h"
#include "nvme/queue/cq_heads.h"
#include "nvme/nvme_internal.h"
#include "util/alloc.h"
#include "util/bitmap.h"
#include "util/macros.h"

static const tick_t TIME_UNIT = 100 * TICKS_PER_US;

// --- modes ---------------------------------------------------------------------------------------------------------

static bool always(const struct nvme *nvme)
{
    (void)nvme;
    return true;
}

static bool never(const struct nvme *nvme, uint32_t vector)
{
    (void)nvme, (void)vector;
    return false;
}

// Nobody is told; what completes is not owed an interrupt later either.
static const struct nvme_interrupt_mode none = {.name = "none", .enabled = always, .sends = never};

// The first that is enabled is in use: with MSI-X or MSI enabled there is no INTx (PCI 3.0, 6.8.1.3, 6.8.2.3).
static const struct nvme_interrupt_mode *const modes[] = {&nvme_interrupt_msix, &nvme_interrupt_msi,
                                                          &nvme_interrupt_intx, &none};

static const struct nvme_interrupt_mode *enabled_mode(const struct nvme *nvme)
{
    const struct nvme_interrupt_mode *const *mode = modes;
    while (!(*mode)->enabled(nvme))
        mode++;
    return *mode;
}

static void pending_changed(struct nvme *nvme)
{
    for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
        if (modes[i]->changed != NULL)
            modes[i]->changed(nvme);
}

// --- what is owed --------------------------------------------------------------------------------------------------

void interrupts_create(struct nvme *nvme)
{
    uint32_t count = nvme->config->msix_vectors;
    struct nvme_interrupts *interrupts = &nvme->interrupts;
    interrupts->vectors = xcalloc(count, sizeof *interrupts->vectors);
    interrupts->table = xcalloc(count, PCI_MSIX_ENTRY_BYTES);
    interrupts->pending = xcalloc(bitmap_words(count), sizeof *interrupts->pending);
    interrupts->open = xcalloc(bitmap_words(count), sizeof *interrupts->open);
    interrupts->mode = &none;
    for (uint32_t i = 0; i < count; i++)
        interrupts->vectors[i] = (struct nvme_vector){.nvme = nvme, .index = i};
    msix_table_reset(nvme);
}

void interrupts_destroy(struct nvme *nvme)
{
    free(nvme->interrupts.vectors);
    free(nvme->interrupts.table);
    free(nvme->interrupts.pending);
    free(nvme->interrupts.open);
}

void interrupts_reset(struct nvme *nvme, enum nvme_reset kind)
{
    uint32_t count = nvme->config->msix_vectors;
    for (uint32_t vector = 0; vector < count; vector++)
        nvme->interrupts.vectors[vector].held = 0;
    memset(nvme->interrupts.pending, 0, bitmap_words(count) * sizeof *nvme->interrupts.pending);
    if (!reset_keeps(kind, KEEPS_CONFIGURATION))
        msix_table_reset(nvme);
    interrupts_masks_changed(nvme, 0, count);
}

// A host with shadow doorbells is asked to tell when it has taken what the vector is pending for.
static void look_at_heads(struct nvme *nvme, uint32_t vector)
{
    for (uint32_t id = 1; id <= nvme->config->max_queues; id++)
        if (nvme->queues.cqs[id].exists && nvme->queues.cqs[id].vector == vector)
            shadow_look_at_head(nvme, &nvme->queues.cqs[id]);
}

static void keep_pending(struct nvme *nvme, uint32_t vector)
{
    if (nvme->interrupts.mode == &none)
        return;
    cq_heads_become_events(nvme);
    if (unlikely(nvme->shadow.used) && !bitmap_test(nvme->interrupts.pending, vector))
        look_at_heads(nvme, vector);
    bitmap_set(nvme->interrupts.pending, vector);
}

// A line is told of by what is pending; a message that may not be sent is pending.
void interrupt_raise(struct nvme *nvme, uint32_t vector)
{
    const struct nvme_interrupt_mode *mode = nvme->interrupts.mode;
    bool sends = interrupt_message(&nvme->interrupts, vector) != LINK_MESSAGE_NONE;
    if (unlikely(!sends || mode->changed != NULL))
        keep_pending(nvme, vector);
    if (unlikely(!sends))
        return;
    nvme->stats.interrupts++;
    mode->deliver(nvme, vector);
}

static bool has_entries(struct nvme *nvme, struct nvme_cq *cq)
{
    cq_heads_arrive(nvme, cq);
    return cq->exists && cq->interrupts && cq->head != cq->promised;
}

static bool owed(struct nvme *nvme, uint32_t vector)
{
    for (uint32_t id = 0; id <= nvme->config->max_queues; id++)
        if (has_entries(nvme, &nvme->queues.cqs[id]) && nvme->queues.cqs[id].vector == vector)
            return true;
    return false;
}

void interrupt_satisfied(struct nvme *nvme, uint32_t vector)
{
    if (likely(interrupt_owes_nothing(&nvme->interrupts, vector)) || owed(nvme, vector))
        return;
    nvme->interrupts.vectors[vector].held = 0;
    bitmap_clear(nvme->interrupts.pending, vector);
    pending_changed(nvme);
}

// A message that no completion carries has crossed the link.
static void message_arrived(void *context)
{
    struct nvme_vector *vector = context;
    if (owed(vector->nvme, vector->index)) // it may have been satisfied, or reset, meanwhile
        interrupt_raise(vector->nvme, vector->index);
}

static void send_message(struct nvme_vector *vector)
{
    struct nvme *nvme = vector->nvme;
    enum link_message message = nvme->interrupts.mode->message;
    if (nvme->interrupts.mode->changed != NULL)
        message_arrived(vector); // what tells of it comes by itself
    else if (message != LINK_MESSAGE_NONE)
        sim_at(nvme->sim, link_message(&nvme->link, sim_now(nvme->sim), message), message_arrived, vector);
}

static void send_pending(struct nvme *nvme, uint32_t vector)
{
    if (!bitmap_test(nvme->interrupts.pending, vector) || !bitmap_test(nvme->interrupts.open, vector))
        return;
    bitmap_clear(nvme->interrupts.pending, vector);
    send_message(&nvme->interrupts.vectors[vector]);
}

static void open_or_close(struct nvme *nvme, uint32_t vector)
{
    if (nvme->interrupts.mode->sends(nvme, vector))
        bitmap_set(nvme->interrupts.open, vector);
    else
        bitmap_clear(nvme->interrupts.open, vector);
}

void interrupts_masks_changed(struct nvme *nvme, uint32_t first, uint32_t count)
{
    for (uint32_t vector = first; vector < first + count; vector++)
        open_or_close(nvme, vector);
    pending_changed(nvme);
    for (uint32_t vector = first; nvme->interrupts.mode->changed == NULL && vector < first + count; vector++)
        send_pending(nvme, vector);
}

// A line tells at once of what is there already.
static void take_stock(struct nvme *nvme)
{
    cq_heads_become_events(nvme);
    for (uint32_t id = 0; id <= nvme->config->max_queues; id++)
        if (has_entries(nvme, &nvme->queues.cqs[id]))
            bitmap_set(nvme->interrupts.pending, nvme->queues.cqs[id].vector);
}

void interrupts_mode_changed(struct nvme *nvme)
{
    const struct nvme_interrupt_mode *before = nvme->interrupts.mode, *mode = enabled_mode(nvme);
    nvme->interrupts.mode = mode;
    if (mode != before && mode->changed != NULL)
        take_stock(nvme);
    interrupts_masks_changed(nvme, 0, nvme->config->msix_vectors);
}

bool interrupts_line_pending(struct nvme *nvme)
{
    if (nvme->interrupts.mode->message == LINK_MESSAGE_MSI)
        return false;
    for (uint32_t id = 0; id <= nvme->config->max_queues; id++)
        if (has_entries(nvme, &nvme->queues.cqs[id]) &&
            !registers_mask_vector(&nvme->registers, nvme->queues.cqs[id].vector))
            return true;
    return false;
}

// --- coalescing ----------------------------------------------------------------------------------------------------

static void aggregation_time_over(void *context)
{
    struct nvme_vector *vector = context;
    if (vector->held == 0 || vector->deadline != sim_now(vector->nvme->sim))
        return;
    vector->held = 0;
    send_message(vector);
}

bool interrupt_coalesce(struct nvme *nvme, const struct nvme_cq *cq, bool failed)
{
    struct nvme_vector *vector = &nvme->interrupts.vectors[cq->vector];
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
