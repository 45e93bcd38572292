// DMA reads of user data.
//
// One engine reads the data of Write commands, in the order in which the core has made room for them and in pieces of
// up to 16 KiB. It asks for as much ahead as it has tags for, `pcie.read_requests` of them: their data are what a fetch of
// queue entries can find before it on the way from the host, which answers in order. The core is told of each piece
// when its last TLP has come, so that it can begin to program before all of a command is there.
//
// Sources: PCI Express Base 4.0, 2.2.6.2 (a tag for each request outstanding: 32, 256 or 768); AMD, "DMA/Bridge
// Subsystem for PCI Express", PG195 (2 to 64 reads outstanding a channel, each of up to Max_Read_Request_Size).
//
// Left out: several engines; pieces that end inside a mapping unit count with the next.
#include "nvme/pci/dma_read.h"

#include "nvme/nvme_internal.h"
#include "util/macros.h"

static void send_waiting(struct nvme *nvme);

static void data_arrived(void *context)
{
    struct nvme_dma dma = *(struct nvme_dma *)context;
    struct nvme *nvme = dma.command->nvme;
    pool_give(&nvme->dma_reads.pool, context);
    nvme->dma_reads.under_way -= dma.requests;
    send_waiting(nvme);
    dma.command->lost |= !nvme->pci.master_enabled && !dma.command->in_cmb;
    ftl_data_in(&nvme->core, &dma.command->request, dma.bytes);
}

// After a reset the core still waits for data; they come without crossing the link.
static void send(struct nvme *nvme, struct nvme_dma *dma)
{
    struct nvme_command *command = dma->command;
    tick_t now = sim_now(nvme->sim);
    bool crosses = command->epoch == nvme->epoch && nvme->pci.master_enabled && !command->in_cmb;
    command->lost |= !nvme->pci.master_enabled && !command->in_cmb;
    nvme->dma_reads.under_way += dma->requests;
    sim_at(nvme->sim, crosses ? link_read_host(&nvme->link, now, dma->bytes) : now, data_arrived, dma);
}

static void send_waiting(struct nvme *nvme)
{
    struct nvme_dma_reads *reads = &nvme->dma_reads;
    while (!list_empty(&reads->waiting)) {
        struct nvme_dma *dma = container_of(reads->waiting.head, struct nvme_dma, link);
        if (reads->under_way + dma->requests > nvme->pcie->read_requests)
            return;
        list_pop(&reads->waiting);
        send(nvme, dma);
    }
}

void dma_read_data(struct nvme_command *command, uint64_t bytes)
{
    struct nvme *nvme = command->nvme;
    uint64_t window = (uint64_t)nvme->pcie->read_requests << nvme->link.read_request_shift;
    uint64_t limit = MIN(window, (uint64_t)DMA_READ_PIECE);
    for (uint64_t part; bytes > 0; bytes -= part) {
        part = MIN(bytes, limit);
        struct nvme_dma *dma = pool_take(&nvme->dma_reads.pool);
        dma->command = command;
        dma->bytes = part;
        dma->requests = (uint32_t)link_read_request_load(&nvme->link, part).tlps;
        list_push(&nvme->dma_reads.waiting, &dma->link);
    }
    send_waiting(nvme);
}

void dma_read_create(struct nvme *nvme)
{
    pool_init(&nvme->dma_reads.pool, sizeof(struct nvme_dma));
}

void dma_read_destroy(struct nvme *nvme)
{
    pool_destroy(&nvme->dma_reads.pool);
}
