// What the function does to the host as bus master: all of it, so that one place says when it may.
//
// Sources: PCI Express Base 4.0, 7.5.1.1.3 (without Bus Master Enable a function issues no memory requests, and a
// message is one), 5.3.1 (nor outside D0); NVM Express 1.4, 2.1.2. A DMA that would end while the function is no master
// fails, as one to an address that nothing answers at: the transfer is stopped, not held until the host may have given
// its memory to somebody else. What a failed DMA means is the caller's: Data Transfer Error where a command can be
// told, CSTS.CFS for the queues themselves (3.1.6), as QEMU's hw/nvme has it. Addresses in the controller memory buffer
// are the drive's own: they are reached at once, and not by the bus.
#include "nvme/pci/bus_master.h"

#include "nvme/nvme_internal.h"
#include "nvme/pci/pci_errors.h"
#include "util/macros.h"

tick_t bus_read_arrival(struct nvme *nvme, uint64_t address, uint64_t bytes)
{
    tick_t now = sim_now(nvme->sim);
    return cmb_has(&nvme->cmb, address) ? now : link_read_host(&nvme->link, now, bytes);
}

bool bus_read(struct nvme *nvme, uint64_t address, void *to, size_t bytes)
{
    if (cmb_has(&nvme->cmb, address))
        return cmb_copy_out(&nvme->cmb, address, to, bytes);
    if (!nvme->pci.master_enabled)
        return false;
    if (likely(nvme->host.dma_read(nvme->host.self, address, to, bytes)))
        return true;
    pci_master_abort(nvme);
    return false;
}

bool bus_write(struct nvme *nvme, uint64_t address, const void *from, size_t bytes)
{
    if (cmb_has(&nvme->cmb, address))
        return cmb_copy_in(&nvme->cmb, address, from, bytes);
    return nvme->pci.master_enabled && nvme->host.dma_write(nvme->host.self, address, from, bytes);
}

void bus_message(const struct nvme *nvme, uint32_t vector, uint64_t address, uint32_t data)
{
    SIM_CHECK(nvme->sim, "nvme", nvme->pci.master_enabled, "a message from a function that is no bus master");
    nvme->host.interrupt(nvme->host.self, vector, address, data);
}
