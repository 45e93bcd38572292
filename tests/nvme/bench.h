// A host with memory and a core that answers after a delay, around one controller: what the front-end's tests share.
#ifndef SQTAIL_TESTS_NVME_BENCH_H
#define SQTAIL_TESTS_NVME_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "nvme/nvme_internal.h"
#include "util/alloc.h"
#include "util/macros.h"

enum {
    BENCH_MEMORY = 8 << 20,
    BENCH_ASQ = 0x10000,
    BENCH_ACQ = 0x20000,
    BENCH_ADMIN_ENTRIES = 32,
    BENCH_SQ = 0x100000, // I/O queues, 64 KiB apart
    BENCH_CQ = 0x200000,
    BENCH_DATA = 0x400000,
    BENCH_LISTS = 0x600000,
    BENCH_MSI = 0x7f0000,
    BENCH_VECTORS = 9,
    BENCH_QUEUES = 8,
    BENCH_CORE_LOG = 4096,
    BENCH_CIDS = 1024,
    BENCH_PAYLOAD = 1,      // 256 B, in Device Control's code
    BENCH_READ_REQUEST = 2, // 512 B
};

static const uint64_t BENCH_CAPACITY = UINT64_C(1) << 30;

struct bench_queue {
    uint32_t size, sq_tail, cq_head;
    uint16_t phase;
    uint64_t sq, cq;
};

struct bench_core_entry {
    enum ftl_kind kind;
    uint64_t offset, bytes;
    bool fua;
    tick_t at;
};

struct bench {
    struct sim *sim;
    struct pcie_config pcie;
    struct nvme_config config;
    struct nvme *nvme;
    struct pcie_device_port device;
    struct nvme_completed completed; // the last of an I/O command, as the observer was told
    struct nvme_sqe entry;           // of that
    struct breakdown path;
    uint32_t completed_count;
    uint8_t *memory;
    uint32_t messages[BENCH_VECTORS];
    tick_t message_at;
    uint32_t vector; // of the last message, as the controller names it
    bool keeps_vectors, maps_memory;
    bool contents; // are kept
    uint64_t volatile_bytes;
    bool line; // INTA#
    uint32_t line_edges;
    tick_t line_at;
    uint64_t dma_reads, dma_read_bytes, dma_writes;
    uint64_t dma_until_failure; // the so manieth from now on fails; 0: none
    struct bench_queue queues[BENCH_QUEUES + 1];
    uint16_t next_cid;
    // core
    tick_t core_delay;
    bool core_hold;
    unsigned core_pieces;
    tick_t core_spacing; // of a read's pieces, which are told of beforehand; 0: they come at once
    enum ftl_status core_status;
    uint64_t core_error_offset;
    struct list core_held;
    struct bench_core_entry core_log[BENCH_CORE_LOG];
    uint32_t core_count;
    tick_t core_data_at; // last data_in
};

// --- host memory ---------------------------------------------------------------------------------------------------

// The first page is nobody's: a DMA there, or beyond the memory, fails.
static inline bool bench_reaches(uint64_t address, size_t bytes)
{
    return address >= 0x1000 && address <= BENCH_MEMORY && bytes <= BENCH_MEMORY - address;
}

// Whether this is the DMA that is to fail.
static inline bool bench_fails(struct bench *b)
{
    return b->dma_until_failure != 0 && --b->dma_until_failure == 0;
}

static inline bool bench_dma_read(void *self, uint64_t address, void *to, size_t bytes)
{
    struct bench *b = self;
    assert_true(b->nvme->pci.master_enabled);
    if (bench_fails(b) || !bench_reaches(address, bytes))
        return false;
    memcpy(to, b->memory + address, bytes);
    b->dma_reads++;
    b->dma_read_bytes += bytes;
    return true;
}

static inline bool bench_dma_write(void *self, uint64_t address, const void *from, size_t bytes)
{
    struct bench *b = self;
    assert_true(b->nvme->pci.master_enabled);
    if (bench_fails(b) || !bench_reaches(address, bytes))
        return false;
    memcpy(b->memory + address, from, bytes);
    b->dma_writes++;
    return true;
}

static inline void bench_interrupt(void *self, uint32_t vector, uint64_t address, uint32_t data)
{
    struct bench *b = self;
    assert_true(b->nvme->pci.master_enabled);
    b->vector = vector;
    if (b->keeps_vectors)
        data = vector, address = BENCH_MSI;
    assert_int_equal(address, BENCH_MSI);
    assert_true(data < BENCH_VECTORS);
    b->messages[data]++;
    b->message_at = sim_now(b->sim);
}

static inline void bench_intx(void *self, bool asserted)
{
    struct bench *b = self;
    assert_int_not_equal(b->line, asserted); // an edge
    b->line = asserted;
    b->line_edges++;
    b->line_at = sim_now(b->sim);
}

// --- core ----------------------------------------------------------------------------------------------------------

static inline struct bench *bench_of(struct ftl_request *request)
{
    return request->core.state;
}

static inline void bench_core_done(void *context)
{
    struct ftl_request *request = context;
    struct bench *b = bench_of(request);
    if (request->kind != FTL_READ)
        breakdown_enter(request->path, STAGE_COMPLETION, sim_now(b->sim));
    request->status = b->core_status;
    request->error_offset = b->core_error_offset;
    request->done(request);
}

static inline void bench_core_last_piece(void *context)
{
    struct ftl_request *request = context;
    breakdown_enter(request->path, STAGE_DATA_OUT, sim_now(bench_of(request)->sim));
    bench_core_done(request);
}

static inline void bench_core_stream(struct ftl_request *request)
{
    struct bench *b = bench_of(request);
    tick_t when[64];
    for (unsigned i = 0; i < b->core_pieces; i++)
        when[i] = sim_now(b->sim) + (i + 1) * b->core_spacing;
    request->pieces(request, request->bytes / b->core_pieces, when, b->core_pieces);
    sim_at(b->sim, when[b->core_pieces - 1], bench_core_last_piece, request);
}

static inline void bench_core_run(void *context)
{
    struct ftl_request *request = context;
    struct bench *b = bench_of(request);
    if (request->kind == FTL_READ && b->core_spacing > 0) {
        bench_core_stream(request);
        return;
    }
    if (request->kind == FTL_WRITE) {
        breakdown_enter(request->path, STAGE_DATA_IN, sim_now(b->sim));
        request->core.arrived = 0;
        for (unsigned i = 0; i < b->core_pieces; i++)
            request->ready(request, request->bytes / b->core_pieces);
        return;
    }
    if (request->kind == FTL_READ) {
        for (unsigned i = 0; i < b->core_pieces && b->core_status == FTL_OK; i++)
            request->piece(request, request->bytes / b->core_pieces);
        breakdown_enter(request->path, STAGE_DATA_OUT, sim_now(b->sim));
    }
    bench_core_done(request);
}

static inline void bench_core_submit(void *self, struct ftl_request *request)
{
    struct bench *b = self;
    assert_int_equal(request->path->stage, STAGE_CONTROLLER);
    request->core.state = b;
    b->core_log[b->core_count++ % BENCH_CORE_LOG] = (struct bench_core_entry){
        request->kind, request->offset, request->bytes, request->fua, sim_now(b->sim)};
    if (b->core_hold)
        list_push(&b->core_held, &request->link);
    else
        sim_after(b->sim, b->core_delay, bench_core_run, request);
}

static inline void bench_core_data_in(void *self, struct ftl_request *request, uint64_t bytes)
{
    struct bench *b = self;
    b->core_data_at = sim_now(b->sim);
    request->core.arrived += bytes;
    if (request->core.arrived == request->bytes)
        sim_after(b->sim, 0, bench_core_done, request);
}

static inline void bench_core_release(struct bench *b)
{
    b->core_hold = false;
    for (struct list_link *link; (link = list_pop(&b->core_held)) != NULL;)
        sim_after(b->sim, b->core_delay, bench_core_run, container_of(link, struct ftl_request, link));
}

// --- creation ------------------------------------------------------------------------------------------------------

static inline struct bench *bench_create(void)
{
    struct bench *b = xcalloc(1, sizeof *b);
    b->sim = sim_create(1);
    b->memory = xcalloc(1, BENCH_MEMORY);
    b->core_pieces = 1;
    b->pcie = (struct pcie_config){
        .generation = 3, .lanes = 4, .max_payload = 256, .max_read_request = 512, .completion_size = 256,
        .read_requests = 64,
        .request_header = 16, .completion_header = 12, .latency_to_host = 150000, .latency_to_device = 140000,
        .host_read_latency = 200000, .vendor_id = 0x15b7, .device_id = 0x5006, .subsystem_vendor_id = 0x15b7,
        .subsystem_id = 0x5007, .revision = 1, .class_code = PCI_CLASS_NVME};
    b->config = (struct nvme_config){
        .serial_number = "SERIAL", .model_number = "Model", .firmware_revision = "1.0", .lba_size = 512,
        .max_queues = BENCH_QUEUES, .max_queue_entries = 1024, .contiguous_queues = true,
        .msix_vectors = BENCH_VECTORS, .mdts = 5, .mpsmax = 4,
        .firmware_slots = 1, .max_commands = 64, .fetch_burst = 8, .fetch_depth = 4, .arbitration_burst = 3, .processors = 1,
        .ready_delay = 1000000, .volatile_write_cache = true, .aerl = 3, .error_log_entries = 4, .temperature = 313,
        .warning_temperature = 343, .critical_temperature = 358, .spare_threshold = 10};
    return b;
}

static inline void bench_completed(void *self, const struct nvme_completed *completed)
{
    struct bench *b = self;
    if (completed->sqid == 0)
        return;
    b->completed = *completed;
    b->path = *completed->path;
    b->entry = *completed->sqe;
    b->completed_count++;
}

static inline void bench_start(struct bench *b)
{
    b->nvme = nvme_create(b->sim, &b->pcie, &b->config, BENCH_CAPACITY);
    if (b->contents)
        nvme_keep_contents(b->nvme, b->volatile_bytes);
    nvme_bind(b->nvme, (struct pcie_host_port){b, bench_dma_read, bench_dma_write, bench_interrupt, bench_intx,
                                                   b->keeps_vectors, b->maps_memory},
              (struct ftl_port){b, bench_core_submit, bench_core_data_in});
    nvme_observe(b->nvme, (struct nvme_observer){.self = b, .completed = bench_completed});
    b->device = nvme_get_port(b->nvme);
}

static inline void bench_destroy(struct bench *b)
{
    nvme_destroy(b->nvme);
    sim_destroy(b->sim);
    free(b->memory);
    free(b);
}

static inline void bench_run(struct bench *b)
{
    sim_run_before(b->sim, TICK_NEVER);
}

// --- accesses ------------------------------------------------------------------------------------------------------

static inline void bench_read_done(void *context, uint64_t value)
{
    *(uint64_t *)context = value;
}

static inline uint64_t bench_read(struct bench *b, uint64_t offset, unsigned bytes)
{
    uint64_t value = 0;
    b->device.mmio_read(b->nvme, offset, bytes, bench_read_done, &value);
    bench_run(b);
    return value;
}

static inline void bench_post(struct bench *b, uint64_t offset, uint32_t value)
{
    b->device.mmio_write(b->nvme, offset, 4, value);
}

static inline void bench_write(struct bench *b, uint64_t offset, uint32_t value)
{
    bench_post(b, offset, value);
    bench_run(b);
}

static inline uint32_t bench_config(struct bench *b, uint32_t offset, unsigned bytes)
{
    return b->device.config_read(b->nvme, offset, bytes);
}

// Offset of a capability in configuration space; 0 when it is not there.
static inline uint32_t bench_capability(struct bench *b, uint32_t id)
{
    uint32_t at = bench_config(b, PCI_CAPABILITIES, 1);
    while (at != 0 && bench_config(b, at, 1) != id)
        at = bench_config(b, at + PCI_CAP_NEXT, 1);
    return at;
}

// --- queues --------------------------------------------------------------------------------------------------------

static inline uint64_t bench_doorbell(struct bench *b, uint32_t qid, bool completion)
{
    return NVME_REG_DOORBELLS + ((2 * (uint64_t)qid + completion) << (2 + b->config.doorbell_stride));
}

// Puts an entry into the queue, not telling the controller; returns its command identifier.
static inline uint16_t bench_put(struct bench *b, uint32_t qid, struct nvme_sqe sqe)
{
    struct bench_queue *q = &b->queues[qid];
    sqe.cid = b->next_cid++ % BENCH_CIDS;
    memcpy(b->memory + q->sq + q->sq_tail * sizeof sqe, &sqe, sizeof sqe);
    q->sq_tail = (q->sq_tail + 1) % q->size;
    return sqe.cid;
}

static inline void bench_ring(struct bench *b, uint32_t qid)
{
    bench_post(b, bench_doorbell(b, qid, false), b->queues[qid].sq_tail);
}

// Puts an entry into the queue and lets the controller work, taking no completion.
static inline uint16_t bench_submit(struct bench *b, uint32_t qid, struct nvme_sqe sqe)
{
    uint16_t cid = bench_put(b, qid, sqe);
    bench_ring(b, qid);
    bench_run(b);
    return cid;
}

// Takes the next completion, if there is one; the controller is told by bench_ring_head.
static inline bool bench_take(struct bench *b, uint32_t qid, struct nvme_cqe *cqe)
{
    struct bench_queue *q = &b->queues[qid];
    memcpy(cqe, b->memory + q->cq + q->cq_head * sizeof *cqe, sizeof *cqe);
    if ((cqe->status & NVME_CQE_PHASE) != q->phase)
        return false;
    if (++q->cq_head == q->size) {
        q->cq_head = 0;
        q->phase ^= NVME_CQE_PHASE;
    }
    return true;
}

static inline void bench_ring_head(struct bench *b, uint32_t qid)
{
    bench_post(b, bench_doorbell(b, qid, true), b->queues[qid].cq_head);
}

// Runs one command to its end.
static inline struct nvme_cqe bench_command(struct bench *b, uint32_t qid, struct nvme_sqe sqe)
{
    struct nvme_cqe cqe;
    uint16_t cid = bench_put(b, qid, sqe);
    bench_ring(b, qid);
    bench_run(b);
    assert_true(bench_take(b, qid, &cqe));
    assert_int_equal(cqe.cid, cid);
    assert_int_equal(cqe.sqid, qid);
    bench_ring_head(b, qid);
    bench_run(b);
    return cqe;
}

static inline unsigned bench_status(struct nvme_cqe cqe)
{
    return cqe.status >> NVME_CQE_STATUS_SHIFT & NVME_STATUS_CODE_MASK;
}

static inline unsigned bench_admin(struct bench *b, struct nvme_sqe sqe)
{
    return bench_status(bench_command(b, 0, sqe));
}

// --- bring-up, in the order of Linux 6.1 ---------------------------------------------------------------------------

static inline void bench_enable_function(struct bench *b)
{
    uint32_t msix = bench_capability(b, PCI_CAP_MSIX);
    uint32_t table = bench_config(b, msix + PCI_MSIX_TABLE, 4) & ~7u;
    b->device.config_write(b->nvme, bench_capability(b, PCI_CAP_PCIE) + PCI_EXP_DEVICE_CONTROL, 2,
                           BENCH_PAYLOAD << PCI_EXP_DEVICE_CONTROL_MPS_SHIFT |
                               BENCH_READ_REQUEST << PCI_EXP_DEVICE_CONTROL_MRRS_SHIFT);
    b->device.config_write(b->nvme, PCI_COMMAND, 2,
                           PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE);
    b->device.config_write(b->nvme, msix + PCI_MSIX_CONTROL, 2, PCI_MSIX_CONTROL_ENABLE | PCI_MSIX_CONTROL_MASK_ALL);
    for (uint32_t v = 0; v < b->config.msix_vectors; v++) {
        bench_write(b, table + 16 * v, BENCH_MSI);
        bench_write(b, table + 16 * v + 4, 0);
        bench_write(b, table + 16 * v + 8, v);
        bench_write(b, table + 16 * v + 12, 0);
    }
    b->device.config_write(b->nvme, msix + PCI_MSIX_CONTROL, 2, PCI_MSIX_CONTROL_ENABLE);
}

static inline void bench_enable_controller(struct bench *b, uint32_t cc)
{
    b->queues[0] = (struct bench_queue){.size = BENCH_ADMIN_ENTRIES, .phase = 1, .sq = BENCH_ASQ, .cq = BENCH_ACQ};
    memset(b->memory + BENCH_ACQ, 0, BENCH_ADMIN_ENTRIES * NVME_CQE_BYTES);
    bench_write(b, NVME_REG_CC, 0);
    bench_write(b, NVME_REG_AQA, (BENCH_ADMIN_ENTRIES - 1) * 0x00010001);
    bench_write(b, NVME_REG_ASQ, BENCH_ASQ);
    bench_write(b, NVME_REG_ASQ + 4, 0);
    bench_write(b, NVME_REG_ACQ, BENCH_ACQ);
    bench_write(b, NVME_REG_ACQ + 4, 0);
    bench_write(b, NVME_REG_CC, cc & ~1u);
    bench_write(b, NVME_REG_CC, cc);
}

static inline struct nvme_sqe bench_create_cq(uint32_t qid, uint32_t size)
{
    return (struct nvme_sqe){.opcode = NVME_ADMIN_CREATE_CQ, .prp1 = BENCH_CQ + (uint64_t)qid * 0x10000,
                             .cdw10 = qid | (size - 1) << 16,
                             .cdw11 = NVME_QUEUE_PC | NVME_CQ_IEN | qid << NVME_CQ_VECTOR_SHIFT};
}

static inline struct nvme_sqe bench_create_sq(uint32_t qid, uint32_t size)
{
    return (struct nvme_sqe){.opcode = NVME_ADMIN_CREATE_SQ, .prp1 = BENCH_SQ + (uint64_t)qid * 0x10000,
                             .cdw10 = qid | (size - 1) << 16,
                             .cdw11 = NVME_QUEUE_PC | qid << NVME_SQ_CQID_SHIFT};
}

static inline void bench_create_queue(struct bench *b, uint32_t qid, uint32_t size)
{
    assert_int_equal(bench_admin(b, bench_create_cq(qid, size)), NVME_SC_SUCCESS);
    assert_int_equal(bench_admin(b, bench_create_sq(qid, size)), NVME_SC_SUCCESS);
    b->queues[qid] = (struct bench_queue){.size = size, .phase = 1, .sq = BENCH_SQ + (uint64_t)qid * 0x10000,
                                          .cq = BENCH_CQ + (uint64_t)qid * 0x10000};
    memset(b->memory + b->queues[qid].cq, 0, size * NVME_CQE_BYTES);
}

enum { BENCH_CC = 0x00460001 };

// A controller that is up, with one I/O queue pair of 64 entries.
static inline struct bench *bench_up(struct bench *b)
{
    bench_start(b);
    bench_enable_function(b);
    bench_enable_controller(b, BENCH_CC);
    assert_int_equal(bench_read(b, NVME_REG_CSTS, 4), NVME_CSTS_RDY);
    bench_create_queue(b, 1, 64);
    return b;
}

static inline struct nvme_sqe bench_rw(uint8_t opcode, uint64_t slba, uint32_t blocks)
{
    return (struct nvme_sqe){.opcode = opcode, .nsid = 1, .prp1 = BENCH_DATA, .prp2 = BENCH_DATA + 0x1000,
                             .cdw10 = (uint32_t)slba, .cdw11 = (uint32_t)(slba >> 32), .cdw12 = blocks - 1};
}

#endif
