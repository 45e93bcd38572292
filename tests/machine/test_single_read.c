// One command at a time on an idle drive takes exactly the sum of its parts.
//
// Two independent accounts. A closed form, written here from the standards and the data sheets' command sequences and
// not from the code, is held against every shipped configuration to the picosecond. And on the ideal drive, where
// all costs are zero, each cost is switched on alone: the latency rises by an amount worked out by hand.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

#include "ftl/ftl_internal.h"
#include "nand/ecc/ecc.h"
#include "rig.h"
#include "util/rng.h"

enum { UNIT = 4096, READS = 40 };

static const tick_t FIRST = TICKS_PER_S, DISTANCE = 100 * TICKS_PER_MS;

// --- the closed form -----------------------------------------------------------------------------------------------

// What a command has gone through so far.
struct account {
    const struct machine_config *config;
    tick_t now;
    tick_t sent; // when the last data will have left the drive
};

static uint64_t parts(uint64_t bytes, uint64_t each)
{
    return (bytes + each - 1) / each;
}

// Time on the wire of so many bytes. PCIe Base 4.0: 8b/10b up to generation 2, 128b/130b up to 5.
static tick_t wire(const struct pcie_config *pcie, uint64_t bytes)
{
    static const double giga_transfers[] = {0, 2.5, 5, 8, 16, 32};
    if (pcie->generation == 0)
        return 0;
    assert_in_range(pcie->generation, 1, 5);
    long double bits = 8.0L * bytes * (pcie->generation <= 2 ? 10.0L / 8 : 130.0L / 128) * (1 + pcie->dllp_overhead);
    return (tick_t)floorl(bits / (giga_transfers[pcie->generation] * pcie->lanes) * 1000 + 0.5L + 1e-9L);
}

// A TLP's framing: STP, sequence number, LCRC (and END): 8 bytes.
static uint64_t requests(const struct pcie_config *pcie, uint64_t count)
{
    return count * (pcie->request_header + 8);
}

static uint64_t completions(const struct pcie_config *pcie, uint64_t count)
{
    return count * (pcie->completion_header + 8);
}

static void read_host_memory(struct account *a, uint64_t bytes)
{
    const struct pcie_config *pcie = &a->config->drive.pcie;
    a->now += wire(pcie, requests(pcie, parts(bytes, pcie->max_read_request))) + pcie->latency_to_host;
    a->now += pcie->host_read_latency;
    a->now += wire(pcie, bytes + completions(pcie, parts(bytes, pcie->completion_size))) + pcie->latency_to_device;
}

// A processor starts on an edge of its clock and works for whole cycles.
static void process(struct account *a, uint64_t hertz, tick_t cost)
{
    tick_t period = hertz == 0 ? 1 : (TICKS_PER_S + hertz / 2) / hertz;
    if (cost > 0)
        a->now = (parts(a->now, period) + parts(cost, period)) * period;
}

static void submit(struct account *a)
{
    const struct pcie_config *pcie = &a->config->drive.pcie;
    a->now += a->config->host.t_submit;
    a->now += wire(pcie, 4 + requests(pcie, 1)) + pcie->latency_to_device; // doorbell
    read_host_memory(a, 64);                                               // SQE
    process(a, a->config->drive.nvme.frequency, a->config->drive.nvme.t_decode);
}

static void complete(struct account *a)
{
    const struct pcie_config *pcie = &a->config->drive.pcie;
    process(a, a->config->drive.nvme.frequency, a->config->drive.nvme.t_complete);
    if (a->now < a->sent)
        a->now = a->sent;
    a->now += wire(pcie, 16 + 4 + requests(pcie, 2)) + pcie->latency_to_host; // CQE and MSI-X message
    a->now += a->config->host.t_interrupt + a->config->host.t_complete;
}

struct code {
    uint64_t codewords, parity_bytes; // of a unit
    tick_t latency, occupancy;        // of a codeword without errors
};

static uint64_t cycles_of(uint64_t bits, uint32_t bits_per_cycle)
{
    return bits_per_cycle == 0 ? 0 : parts(bits, bits_per_cycle);
}

static struct code code_of(const struct ecc_config *ecc)
{
    struct code code = {.codewords = UNIT / ecc->codeword_data};
    uint64_t data = 8 * ecc->codeword_data, parity;
    tick_t period = ecc->clock == 0 ? 0 : (TICKS_PER_S + ecc->clock / 2) / ecc->clock;
    if (ecc->engine == ECC_NONE)
        return (struct code){0};
    if (ecc->engine == ECC_BCH) { // without errors the syndromes are all there is, and they overlap the transfer
        uint64_t m = 1;
        while ((UINT64_C(1) << m) < data + m * ecc->bch_t + 1)
            m++;
        parity = m * ecc->bch_t;
        code.occupancy = cycles_of(data + parity, ecc->bch_syndrome_bits) * period;
    } else {
        parity = (uint64_t)(data / ecc->ldpc_rate + 0.5) - data;
        code.occupancy = ecc->ldpc_min_iterations * cycles_of(data + parity, ecc->ldpc_iteration_bits) * period;
        code.latency = code.occupancy;
    }
    code.parity_bytes = ecc->transfer_parity ? code.codewords * parts(parity, 8) : 0;
    return code;
}

// From a unit's last codeword on the bus, where they come one after the other, to the last one decoded.
static tick_t decoding_time(const struct ecc_config *ecc, tick_t on_the_bus)
{
    struct code code = code_of(ecc);
    tick_t free_at[16] = {0}, end = on_the_bus;
    for (uint64_t i = 0; i < code.codewords; i++) {
        tick_t start = on_the_bus * (i + 1) / code.codewords, *decoder = &free_at[0];
        for (uint32_t d = 0; d < ecc->decoders_per_channel; d++)
            decoder = free_at[d] < *decoder ? &free_at[d] : decoder;
        if (ecc->decoders_per_channel > 0 && *decoder > start)
            start = *decoder;
        *decoder = start + code.occupancy;
        end = start + code.latency > end ? start + code.latency : end;
    }
    return end - on_the_bus;
}

static tick_t on_the_bus(const struct nand_config *nand, uint64_t units)
{
    uint64_t bytes = units * (UNIT + code_of(&nand->ecc).parity_bytes);
    return nand->transfer_rate == 0 ? 0 : (tick_t)floorl(bytes * 1e12L / nand->transfer_rate + 0.5L);
}

static tick_t array_time(const struct config_times *times, uint32_t page_type)
{
    return times->at[times->count == 1 ? 0 : page_type];
}

static void read_page(struct account *a, uint32_t page_type)
{
    const struct nand_config *nand = &a->config->drive.nand;
    a->now += nand->t_cs + 6 * nand->t_wc + nand->t_wb + nand->t_rr; // 00h, five addresses
    a->now += array_time(&nand->t_r, page_type);
    a->now += nand->t_rpre + nand->t_dqsre + on_the_bus(nand, 1);
    a->now += decoding_time(&nand->ecc, on_the_bus(nand, 1));
}

// A program unit of the first row, padded: all planes' pages, in one-shot mode those of all page types.
static void program_unit(struct account *a)
{
    const struct nand_config *nand = &a->config->drive.nand;
    uint64_t pages = nand->planes_per_die * (nand->program_mode == PROGRAM_ONE_SHOT ? nand->cell + 1 : 1);
    tick_t page = 6 * nand->t_wc + nand->t_adl + on_the_bus(nand, nand->page_size / UNIT) + nand->t_wpst +
                  nand->t_wpsth + nand->t_wb;
    a->now += nand->t_cs + pages * page + (pages - 1) * nand->t_dbsy;
    a->now += array_time(&nand->t_prog, 0);
}

static void send_data(struct account *a)
{
    const struct pcie_config *pcie = &a->config->drive.pcie;
    a->sent = a->now + wire(pcie, UNIT + requests(pcie, parts(UNIT, pcie->max_payload)));
}

static tick_t read_time(const struct machine_config *config, tick_t at, uint32_t page_type)
{
    struct account a = {.config = config, .now = at};
    const struct ftl_config *ftl = &config->drive.ftl;
    submit(&a);
    process(&a, ftl->clock, ftl->t_read + ftl->t_read_unit);
    read_page(&a, page_type);
    send_data(&a);
    complete(&a);
    return a.now - at;
}

static tick_t write_time(const struct machine_config *config, tick_t at, bool fua)
{
    struct account a = {.config = config, .now = at};
    const struct ftl_config *ftl = &config->drive.ftl;
    submit(&a);
    process(&a, ftl->clock, ftl->t_write + ftl->t_write_unit);
    read_host_memory(&a, UNIT);
    if (fua)
        program_unit(&a);
    complete(&a);
    return a.now - at;
}

static tick_t flush_time(const struct machine_config *config, tick_t at, bool dirty)
{
    struct account a = {.config = config, .now = at};
    submit(&a);
    process(&a, config->drive.ftl.clock, config->drive.ftl.t_flush);
    if (dirty)
        program_unit(&a);
    complete(&a);
    return a.now - at;
}

// --- shipped configurations against the closed form ----------------------------------------------------------------

// The type of the page that holds the logical unit: LSB 0, and so on. Physical units are numbered, from the slowest
// changing, by block, row, die, page of the row, plane, unit of the page.
static uint32_t page_type_of(struct rig *rig, uint64_t lpn)
{
    const struct nand_config *nand = &rig->values.drive.nand;
    uint64_t ppn = map_lookup(&ssd_core(machine_ssd(rig->machine))->map, lpn);
    assert_int_not_equal(ppn, MAP_NOWHERE);
    uint64_t page = ppn / (nand->page_size / UNIT) / nand->planes_per_die;
    uint32_t bits = nand->cell + 1;
    if (nand->program_mode == PROGRAM_ONE_SHOT)
        return (uint32_t)(page % bits);
    return (uint32_t)(page / (nand->channels * nand->dies_per_channel) % (nand->pages_per_block) % bits);
}

static void check_reads(const char *name, const char *changes)
{
    struct rig rig;
    struct script script;
    struct rng rng;
    uint32_t seen[4] = {0};
    rig_load(&rig, name, changes);
    script_init(&script);
    rig_open(&rig, &script.workload);
    rng_seed(&rng, 3, name);
    uint64_t units = ftl_capacity_bytes(ssd_core(machine_ssd(rig.machine))) / UNIT;
    for (uint32_t i = 0; i < READS; i++) { // arrivals that lie anywhere between the edges of the clocks
        tick_t at = FIRST + i * DISTANCE + rng_below(&rng, TICKS_PER_US);
        script_add(&script, at, IO_READ, rng_below(&rng, units) * UNIT, UNIT, false);
    }
    rig_run(&rig);
    for (uint32_t i = 0; i < READS; i++) {
        uint32_t type = page_type_of(&rig, script.steps[i].offset / UNIT);
        assert_int_equal(script.latency[i], read_time(&rig.values, script.steps[i].at, type));
        seen[type]++;
    }
    for (uint32_t type = 0; type <= rig.values.drive.nand.cell; type++)
        assert_true(seen[type] > 0);
    rig_destroy(&rig);
}

// Four reads of one unit at once on the ideal drive: tR 50 us and 5.12 us on the channel for the first; the others wait
// for it, and are one read or three.
static void test_reads_of_one_unit_at_once(void **state)
{
    (void)state;
    static const tick_t one = 55120 * TICKS_PER_NS;
    for (int join = 0; join <= 1; join++) {
        struct rig rig;
        struct script script;
        rig_load(&rig, "ideal.yaml", join ? "ftl.join_reads=true" : "");
        script_init(&script);
        for (int i = 0; i < 4; i++)
            script_add(&script, FIRST, IO_READ, 7 * UNIT, UNIT, false);
        rig_open(&rig, &script.workload);
        rig_run(&rig);
        for (unsigned i = 0; i < 4; i++)
            assert_int_equal(script.latency[i], one * (join ? 1 + (i > 0) : 1 + i));
        rig_destroy(&rig);
    }
}

static void check_writes(const char *name, const char *changes)
{
    static const struct {
        enum io_kind kind;
        bool fua, dirty;
    } steps[] = {
        {IO_WRITE, false, false}, {IO_FLUSH, false, true},  {IO_FLUSH, false, false},
        {IO_WRITE, true, false},  {IO_FLUSH, false, false}, {IO_WRITE, false, false},
    };
    struct rig rig;
    struct script script;
    rig_load(&rig, name, changes);
    script_init(&script);
    for (uint32_t i = 0; i < ARRAY_SIZE(steps); i++)
        script_add(&script, FIRST + i * DISTANCE + 777 * i, steps[i].kind, i * UNIT,
                   steps[i].kind == IO_FLUSH ? 0 : UNIT, steps[i].fua);
    rig_open(&rig, &script.workload);
    rig_run(&rig);
    for (uint32_t i = 0; i < ARRAY_SIZE(steps); i++) {
        tick_t at = script.steps[i].at;
        tick_t expected = steps[i].kind == IO_FLUSH ? flush_time(&rig.values, at, steps[i].dirty)
                                                    : write_time(&rig.values, at, steps[i].fua);
        if (script.latency[i] != expected)
            print_message("step %u of %s\n", i, name);
        assert_int_equal(script.latency[i], expected);
    }
    rig_destroy(&rig);
}

// Smaller superblocks, so that preparing takes no time; what a single command meets is unchanged. Filled in order,
// since in the random state the write buffer is full and the dies have to do with that.
#define SMALL_SF3700 "nand.blocks_per_plane=100 nand.pages_per_block=12 ftl.capacity=1GiB ftl.precondition=sequential "
#define SMALL_GENERIC "nand.blocks_per_plane=100 nand.pages_per_block=12 ftl.precondition=sequential "
#define SMALL_SN750                                                                                                 \
    "ftl.placement=separate nand.t_r_spread=0 nand.t_prog_spread=0 nand.blocks_per_plane=100 "                      \
    "nand.pages_per_block=12 ftl.capacity=1GiB ftl.precondition=sequential "
#define NO_ERRORS "reliability.model=off "
#define HOST_COSTS "host.t_submit=700ns host.t_interrupt=1500ns host.t_complete=333ns nvme.t_complete=123ns "

static void test_a_read_on_the_ideal_drive_is_tr_and_transfer(void **state)
{
    (void)state;
    struct rig rig;
    rig_load(&rig, "ideal.yaml", "nand.pages_per_block=8");
    assert_int_equal(read_time(&rig.values, FIRST, 0), 50 * TICKS_PER_US + 5120 * TICKS_PER_NS);
    rig_open_job(&rig, "rw=randread number_ios=1");
    rig_run(&rig);
    assert_int_equal(machine_commands(rig.machine)->kinds[IO_READ].latency_max, 55120 * TICKS_PER_NS);
    rig_destroy(&rig);
    check_reads("ideal.yaml", "nand.pages_per_block=8");
    check_writes("ideal.yaml", "nand.pages_per_block=8 nand.page_size=8KiB");
}

static void test_reads_on_the_tiny_drive(void **state)
{
    (void)state;
    check_reads("tiny.yaml", NO_ERRORS "ftl.precondition=random");
    check_reads("tiny.yaml", NO_ERRORS HOST_COSTS
                "ftl.precondition=sequential ecc.decoders_per_channel=3 ftl.clock=333MHz");
}

static void test_reads_on_the_generic_drive(void **state)
{
    (void)state;
    check_reads("generic-tlc-gen4.yaml", NO_ERRORS SMALL_GENERIC);
    check_reads("generic-tlc-gen4.yaml", NO_ERRORS SMALL_GENERIC HOST_COSTS
                "pcie.generation=5 pcie.max_payload=512B");
}

static void test_reads_on_the_sn750_class_drive(void **state)
{
    (void)state;
    check_reads("wd-black-sn750-1tb.yaml", NO_ERRORS SMALL_SN750);
}

static void test_reads_on_the_sf3700_class_drive(void **state)
{
    (void)state;
    check_reads("sandforce-sf3700.yaml", NO_ERRORS SMALL_SF3700);
}

static void test_writes_and_flushes_on_shipped_drives(void **state)
{
    (void)state;
    check_writes("tiny.yaml", NO_ERRORS "ftl.precondition=sequential");
    check_writes("tiny.yaml", NO_ERRORS HOST_COSTS);
    check_writes("generic-tlc-gen4.yaml", NO_ERRORS SMALL_GENERIC);
    check_writes("wd-black-sn750-1tb.yaml", NO_ERRORS SMALL_SN750);
    check_writes("sandforce-sf3700.yaml", NO_ERRORS SMALL_SF3700);
}

// --- each cost alone -----------------------------------------------------------------------------------------------

enum request { READ, READ_16K, READ_AFTER_TRIM, HIT, WRITE, FUA, FLUSH, TRIM };

struct cost {
    enum request request;
    const char *base;  // changes to the ideal drive on both sides
    const char *costs; // what is switched on
    uint64_t rise_ns;
};

#define LANE "pcie.generation=1 pcie.lanes=1 pcie.dllp_overhead=0% " // 4 ns a byte
#define HALF "nand.page_size=8KiB "                                 // a unit is half a page: it stays in the buffer
#define PLANES "nand.planes_per_die=2 nand.page_size=8KiB "         // READ_16K: two units of each plane
#define PER_PAGE "nand.cell=mlc nand.program_mode=per_page "
#define ONE_SHOT "nand.cell=tlc nand.program_mode=one_shot nand.pages_per_block=12 "
#define BCH "ecc.engine=bch ecc.codeword_data=1KiB ecc.bch_t=40 ecc.clock=1GHz "
#define LDPC "ecc.engine=ldpc ecc.codeword_data=4KiB ecc.ldpc_rate=0.5 ecc.clock=1GHz "
#define HOPELESS "reliability.model=constant reliability.rber=0.5 ecc.retry_gain=1 "

static const struct cost costs[] = {
    // the host
    {READ, "", "host.t_submit=700ns", 700},
    {READ, "", "host.t_interrupt=1500ns", 1500},
    {READ, "", "host.t_complete=300ns", 300},
    {READ, "", "host.think_time=5us", 0}, // between requests, not in them
    // the link: doorbell 4 + 24; SQE request 24, completion 64 + 20; data 4096 + 16 x 24; CQE 16 + 24; MSI-X 4 + 24
    {READ, "", LANE, 4 * (28 + 24 + 84 + 4480 + 40 + 28)},
    {WRITE, "", LANE, 4 * (28 + 24 + 84 + 8 * 24 + 4096 + 16 * 20 + 40 + 28)},
    {FLUSH, HALF, LANE, 4 * (28 + 24 + 84 + 40 + 28)},
    {TRIM, "", LANE, 4 * (28 + 24 + 84 + 24 + 16 + 20 + 40 + 28)}, // and the range, 16 bytes
    {READ, LANE, "pcie.dllp_overhead=100%", 4 * (28 + 24 + 84 + 4480 + 40 + 28)},
    {READ, LANE, "pcie.request_header=32B", 4 * 16 * (1 + 1 + 16 + 2)},
    {READ, LANE, "pcie.completion_header=28B", 4 * 16},
    {READ, LANE "pcie.completion_size=128B", "pcie.max_payload=128B", 4 * 16 * 24},
    {WRITE, LANE, "pcie.max_read_request=128B", 4 * 24 * 24},
    {WRITE, LANE, "pcie.completion_size=64B", 4 * 48 * 20},
    {READ, "", "pcie.latency_to_device=150ns", 2 * 150}, // doorbell, SQE
    {READ, "", "pcie.latency_to_host=150ns", 2 * 150},   // request for the SQE, CQE
    {READ, "", "pcie.host_read_latency=200ns", 200},     // SQE
    {WRITE, "", "pcie.latency_to_device=150ns", 3 * 150},
    {WRITE, "", "pcie.latency_to_host=150ns", 3 * 150},
    {WRITE, "", "pcie.host_read_latency=200ns", 2 * 200},
    // four units: each leaves as it comes, every 5.12 us. A slow link, 17.92 us a unit, is busy from the first one on; of a
    // fast one, 1.12 us a unit, only the last is waited for. From the controller's memory they leave together
    {READ_16K, PLANES, LANE, 4 * (28 + 24 + 84 + 40 + 28) + 4 * 17920 - 3 * 5120 + 4 * (24 + 24 + 20)},
    {READ_16K, PLANES, "pcie.generation=1 pcie.lanes=16 pcie.dllp_overhead=0%", (28 + 24 + 84 + 4480 + 40 + 28 + 24 + 24 + 20) / 4},
    {READ_16K, PLANES "dram.bandwidth=4096MB", LANE, 4 * (28 + 24 + 84 + 40 + 28) + 4 * 17920 + 4 * (24 + 24 + 20)},
    // the front-end
    {READ, "", "nvme.t_decode=200ns", 200},
    {READ, "", "nvme.t_decode=3ns", 4}, // whole cycles of 500 MHz
    {READ, "nvme.frequency=0", "nvme.t_decode=3ns", 3},
    {READ, "", "nvme.t_complete=100ns", 100},
    {READ, LANE "nvme.frequency=0", "nvme.t_complete=100ns", 0}, // hidden behind 17.92 us of data
    {READ, LANE "nvme.frequency=0", "nvme.t_complete=18us", 18000 - 17920},
    {READ, "", "nvme.ready_delay=1ms", 0}, // before all commands
    // the controller's memory: 1 us for 4 KiB. In and out for a read; in for a write, and out for what is programmed
    {READ, "", "dram.bandwidth=4096MB", 2 * 1000},
    {READ_16K, PLANES, "dram.bandwidth=4096MB", 8 * 1000},
    {READ, "dram.bandwidth=4096MB", "dram.latency=100ns", 2 * 100},
    {READ, "", "dram.bandwidth=4096MB dram.latency=100ns dram.reads=bypass", 0},
    {HIT, HALF, "dram.bandwidth=4096MB", 1000},
    {WRITE, "", "dram.bandwidth=4096MB", 1000},
    {WRITE, "dram.bandwidth=4096MB", "dram.latency=100ns", 100},
    {FUA, "", "dram.bandwidth=4096MB", 2 * 1000},
    {FUA, "dram.bandwidth=4096MB dram.latency=100ns", "dram.turnaround=50ns", 2 * 50}, // in after out, out after in
    {TRIM, "", "dram.bandwidth=4096MB dram.latency=100ns", 0},
    // the core
    {READ, "", "ftl.t_read=1500ns", 1500},
    {READ, "", "ftl.t_read=1500ns ftl.clock=1MHz", 2000},
    {READ, "", "ftl.t_read_unit=70ns", 70},
    {READ_16K, PLANES, "ftl.t_read_unit=70ns", 4 * 70},
    {WRITE, "", "ftl.t_write=1100ns", 1100},
    {WRITE, "", "ftl.t_write_unit=90ns", 90},
    {FLUSH, HALF, "ftl.t_flush=400ns", 400},
    {TRIM, "", "ftl.t_trim=800ns", 800},
    {TRIM, "", "ftl.t_trim_unit=60ns", 60},
    {HIT, HALF, "ftl.t_buffer_hit=500ns", 500},
    {READ, "", "ftl.t_buffer_hit=500ns", 0}, // not from the buffer
    {READ, "", "ftl.t_gc_unit=500ns", 0},    // nothing to collect
    {TRIM, "ftl.t_trim=800ns", "ftl.slice=300ns ftl.background_bound=100ns", 0}, // nobody to give way to
    {READ_AFTER_TRIM, "ftl.t_read=1us ftl.slice=0", "ftl.t_trim=50us", 45000},   // that came 5 us before it
    {READ_AFTER_TRIM, "ftl.t_read=1us", "ftl.t_trim=50us ftl.slice=20us", 15000},
    // command sequences: SLC, one plane
    {READ, "", "nand.t_r=60us", 10000},
    {READ, "", "nand.transfer_rate=400MT/s", 5120},
    {READ, "", "nand.t_cs=20ns", 20},
    {READ, "", "nand.t_wc=25ns", 6 * 25},
    {READ, "", "nand.t_wb=100ns", 100},
    {READ, "", "nand.t_rr=20ns", 20},
    {READ, "", "nand.t_rpre=15ns", 15},
    {READ, "", "nand.t_dqsre=15ns", 15},
    {READ, "", "nand.t_dbsy=500ns nand.t_ccs=300ns nand.t_rhw=100ns", 0}, // one plane, one piece
    {READ, "", "nand.t_adl=70ns nand.t_wpst=6ns nand.t_wpsth=15ns", 0},   // data in only
    // two planes: 32h between the commands, then 06h .. E0h, or 00h .. 05h .. E0h, before the second plane's data
    {READ_16K, PLANES, "nand.t_dbsy=500ns", 500},
    {READ_16K, PLANES, "nand.t_ccs=300ns", 300},
    {READ_16K, PLANES, "nand.t_rhw=100ns", 100},
    {READ_16K, PLANES, "nand.t_rpre=15ns", 2 * 15},
    {READ_16K, PLANES, "nand.t_dqsre=15ns", 2 * 15},
    {READ_16K, PLANES, "nand.t_wc=25ns", (2 * 6 + 6) * 25},
    {READ_16K, PLANES "nand.interface=toggle", "nand.t_wc=25ns", (2 * 6 + 10) * 25},
    {READ_16K, PLANES, "nand.transfer_rate=400MT/s", 4 * 5120},
    // programs: one page; two planes; a word line of three pages
    {FUA, "", "nand.t_prog=700us", 200000},
    {FLUSH, HALF, "nand.t_prog=700us", 200000},
    {WRITE, "", "nand.t_prog=700us", 0},
    {FUA, PER_PAGE, "nand.t_prog=900us,1300us", 400000},
    {FUA, "", "nand.transfer_rate=400MT/s", 5120},
    {FUA, "", "nand.t_cs=20ns nand.t_wb=100ns nand.t_adl=70ns", 190},
    {FUA, "", "nand.t_wc=25ns", 6 * 25},
    {FUA, "", "nand.t_wpst=6ns nand.t_wpsth=15ns", 21},
    {FUA, PLANES, "nand.t_dbsy=500ns", 500},
    {FUA, PLANES, "nand.t_wc=25ns", 2 * 6 * 25},
    {FUA, ONE_SHOT, "nand.t_dbsy=500ns", 2 * 500},
    {FUA, ONE_SHOT, "nand.t_adl=70ns", 3 * 70},
    {FUA, ONE_SHOT PLANES, "nand.t_dbsy=500ns", 5 * 500},
    {FUA, "", "nand.t_rr=20ns nand.t_rpre=15ns nand.t_dqsre=15ns", 0},
    {FUA, "", "nand.t_bers=9ms", 0}, // nothing to erase
    // ECC. BCH: 70 bytes of parity a codeword of 1 KiB at 1.25 ns each; four of 137 cycles, which come every 1280 ns
    {READ, "", BCH, 350},
    {READ, "", BCH "ecc.transfer_parity=false", 0},
    {READ, "", BCH "ecc.transfer_parity=false ecc.clock=100MHz", 3 * (1370 - 1280)},
    {READ, "", BCH "ecc.transfer_parity=false ecc.clock=50MHz ecc.decoders_per_channel=2", 2740 - 2560},
    {READ, "", BCH "ecc.clock=50MHz ecc.decoders_per_channel=0", 350},
    {READ, "", BCH "ecc.bch_syndrome_bits=0", 350},
    {READ, "", BCH "ecc.clock=0", 350},
    {FUA, "", BCH, 350},
    // LDPC of rate 1/2: 4 KiB of parity, two iterations of 128 cycles
    {READ, "", LDPC, 5120 + 256},
    {READ, "", LDPC "ecc.ldpc_min_iterations=5", 5120 + 5 * 128},
    {READ, "", LDPC "ecc.ldpc_iteration_bits=1024", 5120 + 128},
    // half of all bits are wrong: every step fails, 30 iterations or 40 + 137 cycles each
    {READ, HOPELESS BCH "ecc.retry_steps=0 ecc.decoders_per_channel=0 ecc.t_retry=0", "ecc.retry_steps=1",
     50000 + 5120 + 350 + 177},
    {READ, HOPELESS BCH "ecc.retry_steps=3 ecc.t_retry=0", "ecc.t_retry=1us", 3 * 1000},
    {READ, HOPELESS BCH "ecc.decoders_per_channel=0 ecc.retry_steps=0", "ecc.bch_chien_bits=32", 137},
    {READ, HOPELESS LDPC "ecc.retry_steps=2 ecc.soft_levels=0 ecc.t_sense=10us", "ecc.soft_levels=1",
     20000 + 10240 + 30 * 128},
    {READ, HOPELESS LDPC "ecc.soft_levels=3 ecc.t_sense=0", "ecc.t_sense=20us", 3 * 2 * 20000},
    {READ, HOPELESS LDPC "ecc.retry_steps=0 ecc.soft_levels=0", "ecc.ldpc_max_iterations=40", 10 * 128},
};

static void write_script(struct script *script, enum request request)
{
    tick_t second = FIRST + DISTANCE;
    switch (request) {
    case READ: script_add(script, FIRST, IO_READ, 16 * UNIT, UNIT, false); break;
    case READ_16K: script_add(script, FIRST, IO_READ, 16 * UNIT, 4 * UNIT, false); break;
    case READ_AFTER_TRIM:
        script_add(script, FIRST, IO_TRIM, 64 * UNIT, UNIT, false);
        script_add(script, FIRST + 5 * TICKS_PER_US, IO_READ, 16 * UNIT, UNIT, false);
        break;
    case WRITE: script_add(script, FIRST, IO_WRITE, 16 * UNIT, UNIT, false); break;
    case FUA: script_add(script, FIRST, IO_WRITE, 16 * UNIT, UNIT, true); break;
    case TRIM: script_add(script, FIRST, IO_TRIM, 16 * UNIT, UNIT, false); break;
    case HIT:
        script_add(script, FIRST, IO_WRITE, 16 * UNIT, UNIT, false);
        script_add(script, second, IO_READ, 16 * UNIT, UNIT, false);
        break;
    case FLUSH:
        script_add(script, FIRST, IO_WRITE, 16 * UNIT, UNIT, false);
        script_add(script, second, IO_FLUSH, 0, 0, false);
        break;
    }
}

// Of the last request.
static tick_t latency(enum request request, const char *base, const char *added)
{
    struct rig rig;
    struct script script;
    char changes[512];
    snprintf(changes, sizeof changes, "nand.pages_per_block=8 %s %s", base, added);
    script_init(&script);
    write_script(&script, request);
    rig_load(&rig, "ideal.yaml", changes);
    rig_open(&rig, &script.workload);
    rig_run(&rig);
    rig_destroy(&rig);
    return script.latency[script.count - 1];
}

static void test_each_cost_alone_adds_what_it_should(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(costs); i++) {
        const struct cost *cost = &costs[i];
        tick_t rise = latency(cost->request, cost->base, cost->costs) - latency(cost->request, cost->base, "");
        if (rise != cost->rise_ns * TICKS_PER_NS)
            print_message("row %zu: %s | %s\n", i, cost->base, cost->costs);
        assert_int_equal(rise, cost->rise_ns * TICKS_PER_NS);
    }
}

// --- no cost is forgotten ------------------------------------------------------------------------------------------

// Times that a single request on an idle drive cannot meet; their own tests are named.
static const char *const met_by_crowds_only[] = {
    "host.t_worker",            // tests/host/test_block.c
    "host.t_poll",              // tests/host/test_queue.c
    "nvme.t_firmware_commit",   // of admin commands: tests/nvme/test_conform_admin.c
    "nvme.t_short_self_test",
    "nvme.t_extended_self_test",
    "ftl.destage_age",          // tests/ftl/test_destage.c
    "ftl.destage_idle",         // tests/ftl/test_destage.c
    "ftl.gc_idle",              // tests/ftl/test_schedule.c
    "ftl.slc_fold_idle",        // tests/ftl/test_slc.c
    "nand.slc_t_r",             // tests/machine/test_slc.c
    "nand.slc_t_prog",          // tests/machine/test_slc.c
    "nand.slc_t_bers",          // tests/machine/test_slc.c
    "ftl.forced_wait",          // tests/ftl/test_destage.c
    "nand.starvation_bound",    // tests/nand/test_die.c
    "nand.slc_t_r",             // tests/nand/test_mode.c
    "nand.slc_t_prog",
    "nand.slc_t_bers",
    "nand.suspend_total",       // tests/nand/test_suspend.c
    "nand.suspend_min_run",
    "nand.suspend_steps_program",
    "nand.suspend_steps_erase",
    "nand.t_resume",
    "nand.t_suspend_program",
    "nand.t_suspend_erase",
    "raid.t_xor",               // tests/nand/test_reconstruct.c
    "reliability.retention_age" // an age, not a cost: tests/nand/test_rber.c
};

static bool is_covered(const char *key)
{
    char assignment[128];
    snprintf(assignment, sizeof assignment, "%s=", key);
    for (size_t i = 0; i < ARRAY_SIZE(costs); i++)
        if (strstr(costs[i].costs, assignment) != NULL)
            return true;
    for (size_t i = 0; i < ARRAY_SIZE(met_by_crowds_only); i++)
        if (strcmp(met_by_crowds_only[i], key) == 0)
            return true;
    return false;
}

static void expect_covered(void *context, const struct config_section *section, const struct config_field *field,
                           const void *value)
{
    (void)value;
    uint32_t *times = context;
    char key[128];
    if (field->type != CONFIG_TIME && field->type != CONFIG_TIMES)
        return;
    snprintf(key, sizeof key, "%s.%s", section->name, field->key);
    if (!is_covered(key))
        print_message("%s is in no row\n", key);
    assert_true(is_covered(key));
    ++*times;
}

static void test_every_time_of_the_configuration_is_covered(void **state)
{
    (void)state;
    struct rig rig;
    uint32_t times = 0;
    rig_load(&rig, "ideal.yaml", "");
    config_visit(rig.config, expect_covered, &times);
    assert_true(times > 35);
    rig_destroy(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_read_on_the_ideal_drive_is_tr_and_transfer),
        cmocka_unit_test(test_reads_of_one_unit_at_once),
        cmocka_unit_test(test_reads_on_the_tiny_drive),
        cmocka_unit_test(test_reads_on_the_generic_drive),
        cmocka_unit_test(test_reads_on_the_sn750_class_drive),
        cmocka_unit_test(test_reads_on_the_sf3700_class_drive),
        cmocka_unit_test(test_writes_and_flushes_on_shipped_drives),
        cmocka_unit_test(test_each_cost_alone_adds_what_it_should),
        cmocka_unit_test(test_every_time_of_the_configuration_is_covered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
