// The console: register accesses, an admin queue pair of two entries, and memory of its own. NVM Express 1.4, 7.6.1.
#include "host/console/console.h"

#include <stdlib.h>
#include <string.h>

#include "spec/pci.h"
#include "util/alloc.h"
#include "util/macros.h"

enum {
    PAGE = 4096,
    ASQ = 1 * PAGE,
    ACQ = 2 * PAGE,
    LIST = 3 * PAGE, // of PRPs
    DATA = 4 * PAGE,
    MEMORY = DATA + CONSOLE_DATA_BYTES,
    ENTRIES = 2,
    CC_ENABLE = 1 | NVME_SQE_SHIFT << NVME_CC_IOSQES_SHIFT | NVME_CQE_SHIFT << NVME_CC_IOCQES_SHIFT,
};

struct console {
    struct sim *sim;
    struct pcie_device_port device;
    uint8_t *memory;
    uint32_t tail, head;
    uint16_t phase;
    uint32_t doorbell_bytes; // from one to the next
    bool read; // a register has been
    uint64_t value;
};

static bool reaches(uint64_t address, size_t bytes)
{
    return address <= MEMORY && bytes <= MEMORY - address;
}

static bool dma_read(void *self, uint64_t address, void *to, size_t bytes)
{
    const struct console *console = self;
    if (!reaches(address, bytes))
        return false;
    memcpy(to, console->memory + address, bytes);
    return true;
}

static bool dma_write(void *self, uint64_t address, const void *from, size_t bytes)
{
    struct console *console = self;
    if (!reaches(address, bytes))
        return false;
    memcpy(console->memory + address, from, bytes);
    return true;
}

static void no_interrupt(void *self, uint32_t vector, uint64_t address, uint32_t data)
{
    (void)self, (void)vector, (void)address, (void)data;
}

// --- accesses, each with what follows from it until the next event ---------------------------------------------------

// Lets the next thing happen; false when nothing will.
static bool step(struct console *console)
{
    tick_t next = sim_next(console->sim);
    if (next == TICK_NEVER)
        return false;
    sim_run_before(console->sim, next + 1);
    return true;
}

static void write_register(struct console *console, uint64_t offset, uint32_t value)
{
    console->device.mmio_write(console->device.self, offset, 4, value);
}

static void value_arrived(void *context, uint64_t value)
{
    struct console *console = context;
    console->read = true;
    console->value = value;
}

static uint32_t read_register(struct console *console, uint64_t offset)
{
    console->read = false;
    console->device.mmio_read(console->device.self, offset, 4, value_arrived, console);
    while (!console->read && step(console))
        continue;
    return (uint32_t)console->value;
}

static bool wait_ready(struct console *console, bool ready)
{
    while ((read_register(console, NVME_REG_CSTS) & NVME_CSTS_RDY) != (ready ? NVME_CSTS_RDY : 0))
        if (!step(console))
            return false;
    return true;
}

static bool enable(struct console *console)
{
    static const struct {
        uint64_t offset;
        uint32_t value;
    } writes[] = {
        {NVME_REG_AQA, (ENTRIES - 1) * 0x00010001}, {NVME_REG_ASQ, ASQ}, {NVME_REG_ASQ + 4, 0},
        {NVME_REG_ACQ, ACQ},                        {NVME_REG_ACQ + 4, 0}, {NVME_REG_CC, CC_ENABLE},
    };
    console->device.config_write(console->device.self, PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    write_register(console, NVME_REG_CC, 0);
    if (!wait_ready(console, false))
        return false;
    for (size_t i = 0; i < ARRAY_SIZE(writes); i++)
        write_register(console, writes[i].offset, writes[i].value);
    uint64_t cap = (uint64_t)read_register(console, NVME_REG_CAP + 4) << 32;
    console->doorbell_bytes = 4u << NVME_FIELD(cap, NVME_CAP_DSTRD);
    return wait_ready(console, true);
}

struct console *console_open(struct sim *sim, struct nvme *nvme)
{
    struct console *console = xcalloc(1, sizeof *console);
    *console = (struct console){.sim = sim, .device = nvme_get_port(nvme), .memory = xcalloc(1, MEMORY), .phase = 1};
    nvme_bind_host(nvme, (struct pcie_host_port){.self = console, .dma_read = dma_read, .dma_write = dma_write,
                                                 .interrupt = no_interrupt});
    if (enable(console))
        return console;
    console_close(console);
    return NULL;
}

void console_close(struct console *console)
{
    if (console == NULL)
        return;
    free(console->memory);
    free(console);
}

uint8_t *console_data(struct console *console)
{
    return console->memory + DATA;
}

// --- commands ------------------------------------------------------------------------------------------------------

// Data of up to two pages are named in the entry, others by a list.
static void point_to_data(struct console *console, struct nvme_sqe *sqe, uint32_t bytes)
{
    uint64_t *list = (uint64_t *)(console->memory + LIST);
    sqe->prp1 = bytes > 0 ? DATA : 0;
    sqe->prp2 = bytes > 2 * PAGE ? LIST : bytes > PAGE ? DATA + PAGE : 0;
    for (uint32_t page = 1; page * PAGE < bytes; page++)
        list[page - 1] = DATA + (uint64_t)page * PAGE;
}

static bool take_answer(struct console *console, struct nvme_cqe *answer)
{
    memcpy(answer, console->memory + ACQ + console->head * sizeof *answer, sizeof *answer);
    if ((answer->status & NVME_CQE_PHASE) != console->phase)
        return false;
    console->head = (console->head + 1) % ENTRIES;
    if (console->head == 0)
        console->phase ^= NVME_CQE_PHASE;
    write_register(console, NVME_REG_DOORBELLS + console->doorbell_bytes, console->head);
    return true;
}

bool console_admin(struct console *console, struct nvme_sqe sqe, uint32_t bytes, struct nvme_cqe *answer)
{
    point_to_data(console, &sqe, MIN(bytes, (uint32_t)CONSOLE_DATA_BYTES));
    memcpy(console->memory + ASQ + console->tail * sizeof sqe, &sqe, sizeof sqe);
    console->tail = (console->tail + 1) % ENTRIES;
    write_register(console, NVME_REG_DOORBELLS, console->tail);
    while (!take_answer(console, answer))
        if (!step(console))
            return false;
    return true;
}
