// INTx: one wire, INTA#, told of to the host by messages when it is asserted and when it no longer is.
//
// Sources: NVM Express 1.4, 7.5.1 (the line is asserted while a vector that INTMS does not mask has unacknowledged
// entries); PCI Express Base 4.0, 2.2.8.1 (messages, which need no bus master, but Interrupt Disable clear and D0).
#include "nvme/nvme_internal.h"

static bool enabled(const struct nvme *nvme)
{
    return nvme->pci.powered && !(config_space_get(&nvme->pci, PCI_COMMAND) & PCI_COMMAND_INTX_DISABLE);
}

static bool sends(const struct nvme *nvme, uint32_t vector)
{
    return !registers_mask_vector(&nvme->registers, vector);
}

static void tell(struct nvme *nvme)
{
    struct nvme_interrupts *interrupts = &nvme->interrupts;
    if (interrupts->line == interrupts->line_told)
        return;
    interrupts->line_told = interrupts->line;
    if (nvme->host.intx != NULL)
        nvme->host.intx(nvme->host.self, interrupts->line);
}

// A message on its own has crossed the link.
static void message_arrived(void *context)
{
    tell(context);
}

static void deliver(struct nvme *nvme, uint32_t vector)
{
    (void)vector; // it is pending for as long as the line tells of it
    nvme->interrupts.line = true;
    tell(nvme);
}

static bool is_wanted(const struct nvme *nvme)
{
    if (nvme->interrupts.mode != &nvme_interrupt_intx)
        return false;
    for (uint32_t vector = 0; vector < nvme->config->msix_vectors; vector++)
        if (bitmap_test(nvme->interrupts.pending, vector) && !registers_mask_vector(&nvme->registers, vector))
            return true;
    return false;
}

static void changed(struct nvme *nvme)
{
    bool line = is_wanted(nvme);
    if (line == nvme->interrupts.line)
        return;
    nvme->interrupts.line = line;
    nvme->stats.interrupts += line;
    sim_at(nvme->sim, link_message(&nvme->link, sim_now(nvme->sim), LINK_MESSAGE_INTX), message_arrived, nvme);
}

const struct nvme_interrupt_mode nvme_interrupt_intx = {
    .name = "intx",
    .message = LINK_MESSAGE_INTX,
    .enabled = enabled,
    .sends = sends,
    .deliver = deliver,
    .changed = changed,
};
