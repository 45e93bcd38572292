// The fake device. Checks what a device can: no overrun of a queue, entries in order, tags not used twice.
#include "fake_device.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "spec/pci.h"
#include "util/macros.h"

enum { MSIX_CAP = 0x40, MSIX_TABLE = 0x2000, AER_CID = 31 };

static void note(struct fake_device *d, const char *format, ...) PRINTF_LIKE(2, 3);

static void note(struct fake_device *d, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (d->log_used < FAKE_LOG_BYTES - 200)
        d->log_used += (size_t)vsnprintf(d->log + d->log_used, FAKE_LOG_BYTES - d->log_used, format, arguments);
    va_end(arguments);
}

// --- completions ---------------------------------------------------------------------------------------------------

static void send_message(struct fake_device *d, uint32_t vector)
{
    struct pci_msix_entry entry;
    memcpy(&entry, d->msix_table + vector * sizeof entry, sizeof entry);
    assert_int_equal(entry.control & PCI_MSIX_ENTRY_MASKED, 0);
    d->host.interrupt(d->host.self, vector, entry.address, entry.data);
}

static void post_entry(struct fake_device *d, uint32_t id, uint16_t cid, uint32_t dw0, unsigned status)
{
    struct fake_queue *q = &d->queues[id];
    uint32_t next = (q->cq_tail + 1) % q->cq_size;
    assert_int_not_equal(next, q->cq_head); // no overrun
    struct nvme_cqe cqe = {.dw0 = dw0, .sqhd = (uint16_t)q->sq_head, .sqid = (uint16_t)id, .cid = cid,
                           .status = (uint16_t)(status << 1 | q->phase)};
    d->host.dma_write(d->host.self, q->cq + q->cq_tail * 16ull, &cqe, sizeof cqe);
    q->cq_tail = next;
    if (next == 0)
        q->phase ^= 1;
    q->in_flight--;
}

static void send_io_message(void *context)
{
    struct fake_command *command = context;
    struct fake_device *d = command->device;
    d->queues[command->queue].message_pending = false;
    send_message(d, d->queues[command->queue].vector);
    free(command);
}

static void complete_io(void *context)
{
    struct fake_command *command = context;
    struct fake_device *d = command->device;
    struct fake_queue *q = &d->queues[command->queue];
    post_entry(d, command->queue, command->sqe.cid, 0, d->io_status);
    if (q->message_pending) {
        free(command);
        return;
    }
    q->message_pending = true;
    if (d->batch_time == 0)
        send_io_message(command);
    else
        sim_after(d->sim, d->batch_time, send_io_message, command);
}

void fake_release(struct fake_device *d, uint32_t first, uint32_t count)
{
    bool touched[FAKE_QUEUES] = {false};
    for (uint32_t i = first; i < first + count; i++) {
        struct fake_command *command = d->held[i];
        post_entry(d, command->queue, command->sqe.cid, 0, d->io_status);
        touched[command->queue] = true;
        d->held[i] = NULL;
        free(command);
    }
    for (uint32_t q = 0; q < FAKE_QUEUES; q++)
        if (touched[q])
            send_message(d, d->queues[q].vector);
}

// --- commands ------------------------------------------------------------------------------------------------------

static void write_data(struct fake_device *d, const struct nvme_sqe *sqe, const void *data, size_t bytes)
{
    d->host.dma_write(d->host.self, sqe->prp1, data, bytes);
}

static void identify(struct fake_device *d, const struct nvme_sqe *sqe)
{
    uint8_t page[4096] = {0};
    note(d, " cns %x", sqe->cdw10 & 0xff);
    if (sqe->nsid != 0)
        note(d, " nsid %u", sqe->nsid);
    if (sqe->cdw10 == NVME_CNS_CONTROLLER)
        memcpy(page, &d->controller, sizeof page);
    else if (sqe->cdw10 == NVME_CNS_NAMESPACE)
        memcpy(page, &d->ns, sizeof page);
    else if (sqe->cdw10 == NVME_CNS_ACTIVE_NAMESPACES)
        page[0] = 1;
    write_data(d, sqe, page, sizeof page);
}

static uint32_t set_features(struct fake_device *d, const struct nvme_sqe *sqe)
{
    note(d, " fid %x value %x", sqe->cdw10 & 0xff, sqe->cdw11);
    if ((sqe->cdw10 & 0xff) != NVME_FEATURE_NUMBER_OF_QUEUES)
        return 0;
    return (d->queues_granted - 1) << 16 | (d->queues_granted - 1);
}

static void create_queue(struct fake_device *d, const struct nvme_sqe *sqe)
{
    uint32_t id = sqe->cdw10 & 0xffff, size = sqe->cdw10 >> 16;
    assert_in_range(id, 1, FAKE_QUEUES - 1);
    struct fake_queue *q = &d->queues[id];
    if (sqe->opcode == NVME_ADMIN_CREATE_CQ) {
        *q = (struct fake_queue){.cq = sqe->prp1, .cq_size = size + 1, .phase = 1, .vector = sqe->cdw11 >> 16};
        note(d, " qid %u vector %u size %u flags %u", id, sqe->cdw11 >> 16, size, sqe->cdw11 & 0xffff);
    } else {
        q->sq = sqe->prp1;
        q->sq_size = size + 1;
        note(d, " qid %u cqid %u size %u flags %u", id, sqe->cdw11 >> 16, size, sqe->cdw11 & 0xffff);
    }
}

static uint32_t execute_admin(struct fake_device *d, const struct nvme_sqe *sqe)
{
    switch (sqe->opcode) {
    case NVME_ADMIN_IDENTIFY:
        identify(d, sqe);
        return 0;
    case NVME_ADMIN_GET_LOG_PAGE:
        note(d, " lid %x len %u", sqe->cdw10 & 0xff, ((sqe->cdw10 >> 16) + 1) * 4);
        return 0;
    case NVME_ADMIN_SET_FEATURES:
        return set_features(d, sqe);
    case NVME_ADMIN_CREATE_CQ:
    case NVME_ADMIN_CREATE_SQ:
        create_queue(d, sqe);
        return 0;
    default:
        return 0;
    }
}

struct answer {
    struct fake_device *device;
    uint16_t cid;
    uint32_t dw0;
    unsigned status;
};

static void answer_admin(void *context)
{
    struct answer *answer = context;
    post_entry(answer->device, 0, answer->cid, answer->dw0, answer->status);
    send_message(answer->device, 0);
    free(answer);
}

static void take_admin(struct fake_device *d, const struct nvme_sqe *sqe)
{
    note(d, "ADM %02x", sqe->opcode);
    uint32_t dw0 = execute_admin(d, sqe);
    note(d, "\n");
    if (sqe->opcode == NVME_ADMIN_ASYNC_EVENT_REQUEST || sqe->opcode == d->mute_opcode)
        return;
    struct answer *answer = malloc(sizeof *answer);
    *answer = (struct answer){.device = d, .cid = sqe->cid, .dw0 = dw0,
                              .status = sqe->opcode == d->failing_opcode ? NVME_SC_INVALID_FIELD : 0};
    sim_after(d->sim, 5 * TICKS_PER_US, answer_admin, answer);
}

void fake_raise_event(struct fake_device *d)
{
    post_entry(d, 0, AER_CID, 0, 0);
    send_message(d, 0);
}

static void take_io(struct fake_device *d, uint32_t queue, const struct nvme_sqe *sqe)
{
    d->io_commands++;
    if (d->on_io != NULL)
        d->on_io(d->context, queue, sqe);
    struct fake_command *command = malloc(sizeof *command);
    *command = (struct fake_command){.device = d, .queue = queue, .sqe = *sqe};
    if (!d->hold)
        sim_after(d->sim, d->service_time, complete_io, command);
    else
        d->held[d->held_count++] = command;
}

static void ring_tail(struct fake_device *d, uint32_t id, uint32_t tail)
{
    struct fake_queue *q = &d->queues[id];
    assert_in_range(tail, 0, q->sq_size - 1);
    assert_int_not_equal(tail, q->sq_tail);
    q->sq_doorbells++;
    q->sq_tail = tail;
    while (q->sq_head != tail) {
        struct nvme_sqe sqe;
        d->host.dma_read(d->host.self, q->sq + q->sq_head * 64ull, &sqe, sizeof sqe);
        q->sq_head = (q->sq_head + 1) % q->sq_size;
        q->in_flight++;
        assert_true(q->in_flight < q->sq_size);
        q->most_in_flight = MAX(q->most_in_flight, q->in_flight);
        if (id == 0)
            take_admin(d, &sqe);
        else
            take_io(d, id, &sqe);
    }
}

static void ring_doorbell(struct fake_device *d, uint64_t offset, uint32_t value)
{
    unsigned stride = 4u << NVME_FIELD(d->cap, NVME_CAP_DSTRD);
    uint64_t index = (offset - NVME_REG_DOORBELLS) / stride;
    uint32_t id = (uint32_t)(index / 2);
    assert_int_equal((offset - NVME_REG_DOORBELLS) % stride, 0);
    assert_in_range(id, 0, FAKE_QUEUES - 1);
    if (id == 0)
        note(d, index % 2 == 0 ? "SQ\n" : "CQ\n");
    if (index % 2 == 0) {
        ring_tail(d, id, value);
        return;
    }
    assert_in_range(value, 0, d->queues[id].cq_size - 1);
    d->queues[id].cq_head = value;
    d->queues[id].cq_doorbells++;
}

// --- registers -----------------------------------------------------------------------------------------------------

static void become_ready(void *context)
{
    struct fake_device *d = context;
    d->csts |= NVME_CSTS_RDY;
    d->queues[0] = (struct fake_queue){.sq = d->asq, .cq = d->acq, .phase = 1,
                                       .sq_size = (d->aqa & 0xfff) + 1, .cq_size = (d->aqa >> 16) + 1};
}

static void write_cc(struct fake_device *d, uint32_t value)
{
    if ((value & 1) == 0)
        d->csts &= ~(uint32_t)NVME_CSTS_RDY;
    else if ((d->cc & 1) == 0 && d->ready_time != TICK_NEVER)
        sim_after(d->sim, d->ready_time, become_ready, d);
    d->cc = value;
}

static void write_register(struct fake_device *d, uint64_t offset, uint32_t value)
{
    switch (offset) {
    case NVME_REG_CC:
        note(d, "WR CC %x\n", value);
        write_cc(d, value);
        return;
    case NVME_REG_AQA:
        note(d, "WR AQA %x\n", value);
        d->aqa = value;
        return;
    case NVME_REG_ASQ:
        note(d, "WR ASQ.lo\n");
        d->asq = value;
        return;
    case NVME_REG_ASQ + 4:
        note(d, "WR ASQ.hi\n");
        d->asq |= (uint64_t)value << 32;
        return;
    case NVME_REG_ACQ:
        note(d, "WR ACQ.lo\n");
        d->acq = value;
        return;
    case NVME_REG_ACQ + 4:
        note(d, "WR ACQ.hi\n");
        d->acq |= (uint64_t)value << 32;
        return;
    default:
        fail_msg("write of register 0x%x", (unsigned)offset);
    }
}

static void mmio_write(void *self, uint64_t offset, unsigned bytes, uint64_t value)
{
    struct fake_device *d = self;
    assert_int_equal(bytes, 4);
    uint32_t word = (uint32_t)value;
    if (offset >= MSIX_TABLE)
        memcpy(d->msix_table + (offset - MSIX_TABLE), &word, 4);
    else if (offset >= NVME_REG_DOORBELLS)
        ring_doorbell(d, offset, word);
    else
        write_register(d, offset, word);
}

static uint32_t read_register(struct fake_device *d, uint64_t offset)
{
    switch (offset) {
    case NVME_REG_CAP:
        note(d, "RD CAP.lo\n");
        return (uint32_t)d->cap;
    case NVME_REG_CAP + 4:
        note(d, "RD CAP.hi\n");
        return (uint32_t)(d->cap >> 32);
    case NVME_REG_VS:
        note(d, "RD VS\n");
        return d->vs;
    case NVME_REG_CC:
        note(d, "RD CC\n");
        return d->cc;
    case NVME_REG_CSTS:
        note(d, "RD CSTS\n");
        return d->csts;
    case NVME_REG_CMBSZ:
        note(d, "RD CMBSZ\n");
        return 0;
    default:
        fail_msg("read of register 0x%x", (unsigned)offset);
        return 0;
    }
}

struct pending_read {
    void (*done)(void *context, uint64_t value);
    void *context;
    struct fake_device *device;
    uint64_t offset;
};

static void finish_read(void *context)
{
    struct pending_read *read = context;
    read->done(read->context, read_register(read->device, read->offset));
    free(read);
}

static void mmio_read(void *self, uint64_t offset, unsigned bytes, void (*done)(void *, uint64_t), void *context)
{
    struct fake_device *d = self;
    assert_int_equal(bytes, 4);
    struct pending_read *read = malloc(sizeof *read);
    *read = (struct pending_read){.done = done, .context = context, .device = d, .offset = offset};
    sim_after(d->sim, d->mmio_time, finish_read, read);
}

// --- configuration space -------------------------------------------------------------------------------------------

static uint32_t config_read(void *self, uint32_t offset, unsigned bytes)
{
    struct fake_device *d = self;
    uint32_t value = 0;
    memcpy(&value, d->config + offset, bytes);
    return value;
}

static void config_write(void *self, uint32_t offset, unsigned bytes, uint32_t value)
{
    struct fake_device *d = self;
    note(d, "CFG %x %x\n", offset, value);
    memcpy(d->config + offset, &value, bytes);
}

static void put(struct fake_device *d, uint32_t offset, unsigned bytes, uint32_t value)
{
    memcpy(d->config + offset, &value, bytes);
}

struct pcie_device_port fake_get_port(struct fake_device *d)
{
    put(d, MSIX_CAP + PCI_MSIX_CONTROL, 2, d->msix_vectors - 1);
    return (struct pcie_device_port){.self = d, .config_read = config_read, .config_write = config_write,
                                     .mmio_read = mmio_read, .mmio_write = mmio_write};
}

// As the device of the recording: QEMU 7.2's, but for Doorbell Buffer Config.
struct fake_device *fake_create(struct sim *sim)
{
    struct fake_device *d = calloc(1, sizeof *d);
    d->sim = sim;
    d->cap = 0x004018200f0107ffull;
    d->vs = NVME_VS_1_4;
    d->queues_granted = 64;
    d->msix_vectors = 65;
    d->controller.mdts = 7;
    d->controller.lpa = 7;
    d->controller.oncs = 0x15d;
    d->controller.oaes = NVME_OAES_NAMESPACE_ATTRIBUTE;
    d->controller.ctratt = 0x8000;
    d->ns.nsze = 1 << 21; // 1 GiB
    d->ns.lbaf[0].lbads = 9;
    d->mmio_time = 500 * TICKS_PER_NS;
    d->ready_time = 100 * TICKS_PER_US;
    d->service_time = 10 * TICKS_PER_US;
    d->mute_opcode = d->failing_opcode = -1;
    put(d, PCI_VENDOR_ID, 2, 0x1af4);
    put(d, PCI_REVISION_ID, 4, PCI_CLASS_NVME << 8);
    put(d, PCI_COMMAND, 2, 0x101);
    put(d, PCI_CAPABILITIES, 1, 0x60);
    put(d, 0x60 + PCI_CAP_ID, 1, PCI_CAP_PM);
    put(d, 0x60 + PCI_CAP_NEXT, 1, MSIX_CAP);
    put(d, MSIX_CAP + PCI_CAP_ID, 1, PCI_CAP_MSIX);
    put(d, MSIX_CAP + PCI_MSIX_TABLE, 4, MSIX_TABLE);
    return d;
}

void fake_destroy(struct fake_device *d)
{
    for (uint32_t i = 0; i < d->held_count; i++)
        free(d->held[i]);
    free(d);
}

// --- PRPs ----------------------------------------------------------------------------------------------------------

static uint32_t walk_list(struct fake_device *d, uint64_t list, uint32_t entries, uint64_t *pages)
{
    uint64_t page[512];
    uint32_t found = 0;
    for (;;) {
        assert_int_equal(list % 4096, 0);
        d->host.dma_read(d->host.self, list, page, sizeof page);
        uint32_t here = MIN(entries - found, entries - found > 512 ? 511u : 512u);
        memcpy(pages + found, page, here * sizeof *page);
        found += here;
        if (found == entries)
            return found;
        list = page[511];
    }
}

uint32_t fake_walk_prps(struct fake_device *d, const struct nvme_sqe *sqe, uint64_t bytes, uint64_t *pages)
{
    uint32_t count = (uint32_t)((bytes + 4095) / 4096);
    pages[0] = sqe->prp1;
    if (count == 2)
        pages[1] = sqe->prp2;
    else if (count > 2)
        walk_list(d, sqe->prp2, count - 1, pages + 1);
    return count;
}
