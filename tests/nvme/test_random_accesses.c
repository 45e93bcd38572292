// A host that knows nothing: any access to configuration space, registers, doorbells, tables and the controller memory
// buffer, of any width and value, any bytes as queue entries, any reset, at any moment. Nothing crashes or hangs,
// nothing reaches the host while it may not, and a cold reset makes a controller of it that works.
#include "bench.h"

#include "util/rng.h"

#ifndef SEEDS
#define SEEDS 12
#endif

enum { STEPS = 4000 };

struct rig {
    struct bench *b;
    struct rng rng;
    uint64_t interrupts, edges, resets, dmas;
};

static uint32_t draw(struct rig *r, uint32_t bound)
{
    return (uint32_t)rng_below(&r->rng, bound);
}

// Small numbers, single bits, all ones, anything.
static uint64_t draw_value(struct rig *r)
{
    switch (draw(r, 5)) {
    case 0: return draw(r, 8);
    case 1: return UINT64_C(1) << draw(r, 64);
    case 2: return UINT64_MAX;
    case 3: return BENCH_SQ + draw(r, 64) * UINT64_C(0x1000);
    default: return rng_u64(&r->rng);
    }
}

// --- the host ------------------------------------------------------------------------------------------------------

static bool dma_read(void *self, uint64_t address, void *to, size_t bytes)
{
    struct rig *r = self;
    r->dmas++;
    return bench_dma_read(r->b, address, to, bytes);
}

static bool dma_write(void *self, uint64_t address, const void *from, size_t bytes)
{
    struct rig *r = self;
    r->dmas++;
    return bench_dma_write(r->b, address, from, bytes);
}

static void interrupt(void *self, uint32_t vector, uint64_t address, uint32_t data)
{
    struct rig *r = self;
    (void)address, (void)data;
    assert_true(r->b->nvme->pci.master_enabled);
    assert_true(vector < BENCH_VECTORS);
    r->interrupts++;
}

static void intx(void *self, bool asserted)
{
    struct rig *r = self;
    bench_intx(r->b, asserted);
    r->edges++;
}

// --- what it does --------------------------------------------------------------------------------------------------

static void access_config(struct rig *r)
{
    static const uint32_t known[] = {PCI_COMMAND, PCI_PM_AT + PCI_PM_CONTROL, PCI_MSIX_AT, PCI_MSI_AT,
                                     PCI_EXP_AT + PCI_EXP_DEVICE_CONTROL};
    uint32_t offset = draw(r, 2) ? known[draw(r, ARRAY_SIZE(known))] + draw(r, 4) : draw(r, 4104);
    unsigned bytes = draw(r, 2) ? 1u << draw(r, 3) : draw(r, 9);
    if (draw(r, 2))
        r->b->device.config_write(r->b->nvme, offset, bytes, (uint32_t)draw_value(r));
    else
        bench_config(r->b, offset, bytes);
    assert_int_equal(bench_config(r->b, PCI_VENDOR_ID, 4), 0x500615b7);
}

static uint64_t draw_offset(struct rig *r)
{
    const struct nvme_pci *pci = &r->b->nvme->pci;
    switch (draw(r, 8)) {
    case 0: return draw(r, 0x1000) & ~3u;
    case 1: return pci->table_offset + draw(r, 16 * BENCH_VECTORS) / 4 * 4;
    case 2: return r->b->nvme->cmb.offset + draw(r, 0x3000) / 4 * 4;
    case 3: return draw(r, (uint32_t)pci->bar_bytes + 16) & ~3u;
    case 4: return 0x1000 + 4 * draw(r, 2 * BENCH_QUEUES + 4);
    default: return draw(r, 0x70) & ~3u;
    }
}

static void ignore(void *context, uint64_t value)
{
    (void)context, (void)value;
}

static void access_memory(struct rig *r)
{
    static const unsigned widths[] = {1, 2, 4, 4, 4, 8};
    unsigned bytes = widths[draw(r, ARRAY_SIZE(widths))];
    uint64_t offset = draw_offset(r);
    if (draw(r, 4))
        r->b->device.mmio_write(r->b->nvme, offset, bytes, draw_value(r));
    else
        r->b->device.mmio_read(r->b->nvme, offset, bytes, ignore, NULL);
}

// As good as a host can be, so that the drive gets somewhere.
static void bring_up(struct rig *r)
{
    struct bench *b = r->b;
    uint32_t command = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | draw(r, 2) * PCI_COMMAND_INTX_DISABLE;
    b->device.config_write(b->nvme, PCI_PM_AT + PCI_PM_CONTROL, 2, 0);
    b->device.config_write(b->nvme, PCI_COMMAND, 2, command);
    b->device.config_write(b->nvme, PCI_MSIX_AT + PCI_MSIX_CONTROL, 2, draw(r, 2) * PCI_MSIX_CONTROL_ENABLE);
    bench_enable_controller(b, BENCH_CC);
}

// Entries that may mean something, with any field wrong.
static struct nvme_sqe draw_entry(struct rig *r)
{
    static const uint8_t opcodes[] = {0x00, 0x01, 0x02, 0x04, 0x05, 0x06, 0x08, 0x09, 0x0a, 0x0c, 0x7c};
    uint32_t qid = 1 + draw(r, 3);
    struct nvme_sqe sqe = draw(r, 2) ? bench_create_cq(qid, 2 + draw(r, 60)) : bench_create_sq(qid, 2 + draw(r, 60));
    if (draw(r, 2))
        sqe = (struct nvme_sqe){.opcode = opcodes[draw(r, ARRAY_SIZE(opcodes))], .nsid = draw(r, 3),
                                .prp1 = draw_value(r), .prp2 = draw_value(r), .cdw10 = (uint32_t)draw_value(r)};
    if (draw(r, 4) == 0)
        memset((uint8_t *)&sqe + draw(r, 64), (int)draw(r, 256), 1);
    return sqe;
}

static void submit(struct rig *r)
{
    uint32_t qid = draw(r, 3), count = 1 + draw(r, 4);
    struct nvme_sq *sq = &r->b->nvme->queues.sqs[qid];
    for (uint32_t i = 0; sq->exists && i < count; i++) {
        uint64_t address = queue_memory_at(&sq->memory, (sq->tail + i) % sq->size * (uint64_t)NVME_SQE_BYTES);
        struct nvme_sqe sqe = draw_entry(r);
        if (bench_reaches(address, sizeof sqe))
            memcpy(r->b->memory + address, &sqe, sizeof sqe);
    }
    if (sq->exists)
        bench_post(r->b, bench_doorbell(r->b, qid, false), (sq->tail + count) % sq->size);
}

static void take(struct rig *r)
{
    uint32_t qid = draw(r, 3);
    if (r->b->nvme->queues.cqs[qid].exists)
        bench_post(r->b, bench_doorbell(r->b, qid, true), r->b->nvme->queues.cqs[qid].tail);
}

static void wait(struct rig *r)
{
    sim_run_before(r->b->sim, sim_now(r->b->sim) + draw(r, 3 * (uint32_t)TICKS_PER_US));
}

static void reset(struct rig *r)
{
    r->b->device.reset(r->b->nvme, draw(r, 2) ? PCIE_RESET_HOT : PCIE_RESET_COLD);
    r->resets++;
}

static void step(struct rig *r)
{
    static const struct {
        void (*act)(struct rig *r);
        uint32_t weight;
    } acts[] = {{access_config, 8}, {access_memory, 20}, {submit, 30}, {take, 15},
                {wait, 30},         {bring_up, 4},       {reset, 1}};
    uint32_t at = draw(r, 8 + 20 + 30 + 15 + 30 + 4 + 1);
    size_t i = 0;
    for (; at >= acts[i].weight; i++)
        at -= acts[i].weight;
    acts[i].act(r);
}

static void check_that_it_works(struct rig *r)
{
    struct bench *b = r->b;
    b->device.reset(b->nvme, PCIE_RESET_COLD);
    bench_run(b); // everything ends by itself
    assert_false(b->line);
    assert_int_equal(b->nvme->commands.in_flight, 0);
    b->device.config_write(b->nvme, PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    bench_enable_controller(b, BENCH_CC);
    bench_create_queue(b, 1, 64);
    assert_int_equal(bench_status(bench_command(b, 1, bench_rw(NVME_IO_WRITE, 0, 8))), NVME_SC_SUCCESS);
    assert_int_equal(bench_status(bench_command(b, 1, bench_rw(NVME_IO_READ, 0, 8))), NVME_SC_SUCCESS);
}

static void test_any_access_is_survived(void **state)
{
    (void)state;
    uint64_t interrupts = 0, edges = 0, dmas = 0, errors = 0, completions = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct rig *r = xcalloc(1, sizeof *r);
        struct bench *b = r->b = bench_create();
        rng_seed(&r->rng, seed, "random accesses");
        b->config.subsystem_reset = draw(r, 2);
        b->config.shadow_doorbells = draw(r, 2);
        b->config.contiguous_queues = draw(r, 2);
        b->config.cmb = draw(r, 2) * 0x2000;
        b->config.ready_delay = 0;
        b->nvme = nvme_create(b->sim, &b->pcie, &b->config, BENCH_CAPACITY);
        nvme_bind(b->nvme, (struct pcie_host_port){r, dma_read, dma_write, interrupt, intx, draw(r, 2), draw(r, 2)},
                  (struct ftl_port){b, bench_core_submit, bench_core_data_in});
        b->device = nvme_get_port(b->nvme);
        for (int i = 0; i < STEPS; i++)
            step(r);
        const struct nvme_stats *stats = nvme_get_stats(b->nvme);
        errors += stats->errors_generic + stats->errors_command;
        completions += stats->completions;
        check_that_it_works(r);
        interrupts += r->interrupts, edges += r->edges, dmas += r->dmas;
        bench_destroy(b);
        free(r);
    }
    // It got somewhere.
    assert_true(interrupts > 100 && edges > 100 && dmas > 1000 && errors > 100 && completions > 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_access_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
