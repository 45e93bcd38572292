// Bounds by operational analysis: no resource gives more than its servers over what a request demands of each of them
// (Denning and Buzen, "The Operational Analysis of Queueing Network Models", Computing Surveys 1978). A load's least
// bound is what a run comes to when enough requests are in flight.
//
// Two of them are more than a quotient, and tell how busy the dies can be at all.
//   * A die is held while it waits for its channel. The d dies of a channel are its customers, with tR or tPROG as
//     think time: mean value analysis, where who comes finds in service half a transfer on average (Reiser, "A
//     Queueing Network Analysis of Computer Communication Networks with Window Flow Control", IEEE Trans. Comm. 1979).
//     Dies whose tR is always the same fall into step and do not wait; so waiting counts by how far tR varies against
//     a transfer (a rule that agrees with simulation, no theory). With collection, programs, whose pages follow each
//     other, and the data of copies are transfers of different length: who comes finds a long one more often, and of
//     it half, E[b^2] / 2 E[b] (Kleinrock, "Queueing Systems", volume 1, 5.2, residual life). Some dies can take
//     turns so that none waits, and do; of d on a channel so much waiting as 1 - 3 / d of that counts (again a rule: the
//     least that was seen, on random drives and shipped ones).
//   * N commands, each for a random one of D dies, leave some of them idle. With a share u of the dies busy, and
//     services of equal length, the queues are as long as u + u^2 / (2 (1 - u)) (Pollaczek and Khinchine); the
//     commands fill them, so that this is N / (D - 1). For exponential services the same reasoning is exact,
//     u = N / (N + D - 1).
//
// The write amplification of random writes is that of the drive's own collection, played (ftl/steady.c). Copies under
// way are left out there: of superblocks of few rows they take more than the pace counts with, up to 1 %. So is what
// else overwriting in the buffer spares than the programs themselves: measured nothing with a buffer of 1.4 % of the
// drive, but with 5.6 % a run is 4 % above the bound.
//
// With collection on dies that share a busy channel a run stays below the bound, the more the closer to each other dies
// and channels are as limits: reads of copies come in bursts, and what a die waits for depends on what its neighbours
// have just begun, which mean values leave out. With two reads a die (gc_parallel) some of the dies have nothing to do,
// too.
//
// Sequential reads in parts of different length keep dies that share a channel from falling into step; they wait, which
// is left out: up to a tenth with two dies on a channel.
//
// Reads include the expected steps of the read ladder at the wear and age at the start. Left out, so that a bound may
// be too high: read disturb, reconstruction by RAID, doorbells and fetches that carry less than they could.
#include "machine/bounds.h"

#include <math.h>
#include <string.h>

#include "nand/ecc/ecc.h"
#include "nand/chip/rber.h"
#include "nand/chip/sequence.h"
#include "nvme/pci/dma_read.h"
#include "nvme/link/link.h"
#include "spec/nvme.h"
#include "util/check.h"
#include "util/exact_math.h"
#include "util/macros.h"

enum { RANDOM_BYTES = 4096, SEQUENTIAL_BYTES = 128 << 10, SOFT_STROBES = 2, MSI_BYTES = 4 };

struct drive {
    const struct machine_config *config;
    const struct nand_config *nand;
    struct nand_geometry geometry;
    struct raid_layout raid;
    struct link link;
    struct ecc ecc;
    double rber;
    uint32_t transfer_bytes; // of a mapping unit on the channel
};

// What a load does, as a row: requests of `bytes`, of which the core makes work.
struct load {
    const char *name, *note;
    uint64_t bytes;
    bool writes, scattered, collects;
    double written;       // share of what the host writes that is programmed; the rest is overwritten in the buffer
    double amplification; // units programmed for each of these, copies included
};

static const struct load loads[BOUND_LOAD_COUNT] = {
    [BOUND_RANDOM_READ] = {"random reads", "", RANDOM_BYTES, false, true, false, 1, 1},
    [BOUND_SEQUENTIAL_READ] = {"sequential reads", "", SEQUENTIAL_BYTES, false, false, false, 1, 1},
    [BOUND_WRITE] = {"sequential writes", "", SEQUENTIAL_BYTES, true, false, false, 1, 1},
    [BOUND_RANDOM_WRITE] = {"random writes", ", nothing to collect", RANDOM_BYTES, true, false, false, 1, 1},
    [BOUND_COLLECTED_WRITE] = {"random writes", " in the long run", RANDOM_BYTES, true, true, true, 1, 1},
};

// The drive's time for one request, ps; of a die and of its channel separately.
struct flash_work {
    double die;     // the die held, the bus included
    double bus;     // the channel
    double data;    // of that, data: what others wait for
    double visits;  // times that a die asks for the channel; pages of a program, which follow each other, once
    double squares; // sum of the squares of these visits' lengths
    double reads;   // operations, however many steps each takes
    double decoder; // the decoder held
    double latency; // from the last data on the channel to all decoded, of an operation that meets nobody
};

static struct drive drive_make(const struct machine_config *config, struct nand_config *nand)
{
    const struct reliability_config *reliability = &config->drive.nand.reliability;
    *nand = config->drive.nand;
    nand->unit_bytes = (uint32_t)config->drive.ftl.mapping_unit;
    struct drive drive = {.config = config, .nand = nand, .geometry = nand_geometry_make(nand)};
    drive.raid = raid_layout_make(&nand->raid, &drive.geometry);
    bool aged = config->drive.ftl.precondition != FTL_PRECONDITION_EMPTY;
    drive.rber = rber_of_block(reliability, reliability->initial_pe_cycles, aged, 0, nand->pages_per_block);
    link_init(&drive.link, &config->drive.pcie);
    ecc_init(&drive.ecc, &nand->ecc, nand->unit_bytes, drive.rber);
    drive.transfer_bytes = ecc_unit_bytes(&nand->ecc, &drive.ecc, nand->unit_bytes);
    return drive;
}

static double mean(const struct config_times *times)
{
    double sum = 0;
    for (uint32_t i = 0; i < times->count; i++)
        sum += (double)times->at[i];
    return sum / times->count;
}

// Standard deviation.
static double spread(const struct config_times *times)
{
    double sum = 0, middle = mean(times);
    for (uint32_t i = 0; i < times->count; i++)
        sum += ((double)times->at[i] - middle) * ((double)times->at[i] - middle);
    return sqrt(sum / times->count);
}

static double bus_time(const struct drive *drive, enum nand_sequence sequence, uint32_t planes)
{
    return (double)nand_sequence_time(drive->nand, sequence, planes).bus;
}

static double die_time(const struct drive *drive, enum nand_sequence sequence, uint32_t planes)
{
    return (double)nand_sequence_time(drive->nand, sequence, planes).die;
}

static double transfer(const struct drive *drive, double units)
{
    uint64_t rate = drive->nand->transfer_rate;
    return rate == 0 ? 0 : units * drive->transfer_bytes * TICKS_PER_S / (double)rate;
}

// --- decoding ------------------------------------------------------------------------------------------------------

// A codeword at a step of the read ladder: the chance that it fails, and the decoder's mean times for it.
static double codeword(struct drive *drive, uint32_t step, double *decoder, double *latency)
{
    struct ecc *ecc = &drive->ecc;
    uint32_t level = ecc_level(ecc, step), capability = ecc->code.capability[level];
    const struct binomial_table *table = ecc_table(ecc, ecc_bin(ecc, drive->rber), step);
    double below = 0, failing = 0;
    *decoder = *latency = 0;
    for (uint32_t i = 0; i < table->count; i++) {
        double up_to = ldexp((double)table->threshold[i], -64), share = up_to - below;
        uint32_t errors = MIN(table->first + i, capability + 1);
        failing += errors > capability ? share : 0;
        *decoder += share * (double)ecc->times[level][errors].occupancy;
        *latency += share * (double)ecc->times[level][errors].latency;
        below = up_to;
    }
    return failing;
}

// One operation that reads `units` on `planes` planes at a step.
static struct flash_work read_step(struct drive *drive, uint32_t step, double units, uint32_t planes, double chance)
{
    const struct ecc_config *ecc = &drive->nand->ecc;
    double array = step > ecc->retry_steps ? SOFT_STROBES * (double)ecc->t_sense
                                           : mean(&drive->nand->t_r) + (step > 0 ? (double)ecc->t_retry : 0);
    double command = bus_time(drive, SEQUENCE_READ, planes);
    double data = bus_time(drive, SEQUENCE_READ_DATA, 1) + transfer(drive, units) +
                  (planes - 1) * bus_time(drive, SEQUENCE_NEXT_PLANE, 1);
    return (struct flash_work){
        .die = chance * (command + die_time(drive, SEQUENCE_READ, planes) + array + data),
        .bus = chance * (command + data),
        .data = chance * data,
        .visits = chance,
        .squares = chance * data * data,
    };
}

static void add_work(struct flash_work *sum, struct flash_work work, double times)
{
    sum->die += times * work.die;
    sum->bus += times * work.bus;
    sum->data += times * work.data;
    sum->visits += times * work.visits;
    sum->squares += times * work.squares;
    sum->reads += times * work.reads;
    sum->decoder += times * work.decoder;
    sum->latency += times * work.latency;
}

// What the decoders lag behind the bus by when a unit's last codeword has come, `decoder` being their time for each.
static double decoding_lag(const struct drive *drive, double decoder)
{
    double decoders = drive->nand->ecc.decoders_per_channel, codewords = drive->ecc.codewords_per_unit;
    double lag = decoders == 0 ? 0 : decoder / decoders - transfer(drive, 1) / codewords;
    return (codewords - 1) * MAX(lag, 0);
}

// A whole ladder: step k reads the units that all steps before have left wrong.
static struct flash_work read_work(struct drive *drive, double units, uint32_t planes)
{
    struct flash_work sum = read_step(drive, 0, units, planes, 1);
    double codewords = drive->ecc.codewords_per_unit;
    sum.reads = 1;
    double wrong = 1; // chance that a unit is, before the step
    for (uint32_t step = 0; drive->ecc.active && step <= drive->ecc.last_step && wrong > 1e-9; step++) {
        double decoder, latency, chance = 1 - exact_pow(1 - wrong, units);
        double failing = codeword(drive, step, &decoder, &latency);
        if (step > 0)
            add_work(&sum, read_step(drive, step, units * wrong / chance, 1, chance), 1);
        sum.decoder += units * wrong * codewords * decoder;
        sum.latency += chance * (latency + decoding_lag(drive, decoder));
        wrong *= 1 - exact_pow(1 - failing, codewords);
    }
    return sum;
}

// --- the flash's work for a load -----------------------------------------------------------------------------------

static double units_of(const struct drive *drive, const struct load *load)
{
    return (double)MAX(load->bytes / drive->nand->unit_bytes, UINT64_C(1));
}

// Units that lie side by side, from one of a multi-plane page on: page by page.
static struct flash_work reads_from(struct drive *drive, uint32_t from, uint32_t units)
{
    const struct nand_geometry *g = &drive->geometry;
    struct flash_work sum = {0};
    while (units > 0) {
        uint32_t count = MIN(units, g->units_per_multi_page - from);
        uint32_t planes = (from + count - 1) / g->units_per_page - from / g->units_per_page + 1;
        add_work(&sum, read_work(drive, count, planes), 1);
        units -= count;
        from = 0;
    }
    return sum;
}

static uint32_t common_divisor(uint32_t a, uint32_t b)
{
    return b == 0 ? a : common_divisor(b, a % b);
}

// In the mean over where requests, one behind the other, begin within a page.
static struct flash_work reads(struct drive *drive, const struct load *load)
{
    uint32_t page = drive->geometry.units_per_multi_page, units = (uint32_t)units_of(drive, load);
    uint32_t stride = common_divisor(units, page);
    struct flash_work sum = {0};
    for (uint32_t from = 0; from < page; from += stride)
        add_work(&sum, reads_from(drive, from, units), (double)stride / page);
    return sum;
}

static struct flash_work program_work(const struct drive *drive)
{
    const struct nand_geometry *g = &drive->geometry;
    double pages = g->pages_per_row * g->planes;
    double bus = bus_time(drive, SEQUENCE_PROGRAM, 1) + (pages - 1) * bus_time(drive, SEQUENCE_PROGRAM_NEXT, 1) +
                 pages * transfer(drive, g->units_per_page);
    double gaps = (pages - 1) * die_time(drive, SEQUENCE_PROGRAM_NEXT, 1);
    double die = bus + gaps + mean(&drive->nand->t_prog);
    return (struct flash_work){.die = die, .bus = bus, .data = bus, .visits = 1, .squares = bus * bus};
}

static double parity_share(const struct drive *drive)
{
    double stripe = drive->raid.stripe_dies;
    return drive->raid.enabled ? stripe / (stripe - 1) : 1;
}

// While the host waits for copies nearly all of the buffer waits, too, and may be overwritten there.
static void set_collection(struct load *load, const struct drive *drive)
{
    const struct ftl_config *config = &drive->config->drive.ftl;
    struct sim *sim = sim_create(drive->config->seed);
    struct ftl *ftl = ftl_create(sim, config, &drive->geometry, &drive->raid);
    load->amplification = ftl_steady_amplification(ftl);
    uint64_t buffer = ftl_config_in_bytes(config).write_buffer;
    if (config->merge && !config->write_through)
        load->written = 1 - MIN((double)buffer / (double)ftl_capacity_bytes(ftl), 1.0);
    ftl_destroy(ftl);
    sim_destroy(sim);
}

// What one copy costs: its share in the read of a page, v of whose units are valid, and its program and erase below.
static struct flash_work copy_read_work(struct drive *drive, double valid)
{
    const struct nand_geometry *g = &drive->geometry;
    double page = g->units_per_multi_page, pages = 1 - exact_pow(1 - valid, page), units = page * valid / pages;
    uint32_t planes = (uint32_t)round(g->planes * (1 - exact_pow(1 - valid, g->units_per_page)) / pages);
    struct flash_work sum = {0};
    add_work(&sum, read_work(drive, units, MAX(planes, 1u)), 1 / units);
    return sum;
}

static struct flash_work erase_work(const struct drive *drive)
{
    uint32_t planes = drive->geometry.planes;
    double bus = bus_time(drive, SEQUENCE_ERASE, planes);
    return (struct flash_work){
        .die = bus + die_time(drive, SEQUENCE_ERASE, planes) + (double)drive->nand->t_bers,
        .bus = bus,
    };
}

static struct flash_work writes(struct drive *drive, const struct load *load)
{
    const struct nand_geometry *g = &drive->geometry;
    double units = units_of(drive, load) * load->written, amplification = load->amplification;
    double programs = units * amplification / g->units_per_program * parity_share(drive);
    struct flash_work sum = {0};
    add_work(&sum, program_work(drive), programs);
    if (!load->collects)
        return sum;
    add_work(&sum, copy_read_work(drive, 1 - 1 / amplification), units * (amplification - 1));
    add_work(&sum, erase_work(drive), programs / g->rows);
    return sum;
}

// --- resources -----------------------------------------------------------------------------------------------------

static void add(struct bounds *bounds, const char *by, double servers, double demand)
{
    CHECK(bounds->count < BOUNDS_MAX, "%zu bounds", bounds->count);
    struct bound *bound = &bounds->bounds[bounds->count++];
    *bound = (struct bound){.by = by, .per_second = demand > 0 ? servers * TICKS_PER_S / demand : INFINITY};
    if (bounds->least == NULL || bound->per_second < bounds->least->per_second)
        bounds->least = bound;
}

// Commands that the host makes of a request.
static double commands_of(const struct drive *drive, const struct load *load)
{
    uint64_t limit = MIN(drive->config->host.max_transfer, UINT64_C(4096) << drive->config->drive.nvme.mdts);
    return ceil((double)load->bytes / (double)limit);
}

// Queue entries cross in full bursts, and each completion sends its message.
static void add_link(struct bounds *bounds, const struct drive *drive, const struct load *load)
{
    const struct link *link = &drive->link;
    double commands = commands_of(drive, load);
    uint64_t burst = drive->config->drive.nvme.fetch_burst;
    uint64_t entries = burst * NVME_SQE_BYTES;
    double up = commands * ((double)link_read_request_load(link, entries).bytes / (double)burst + NVME_CQE_BYTES +
                            MSI_BYTES + 2.0 * link->write_overhead);
    double down = commands * (double)link_completion_load(link, entries).bytes / (double)burst;
    if (load->writes) {
        up += (double)link_read_request_load(link, load->bytes).bytes;
        down += (double)link_completion_load(link, load->bytes).bytes;
    } else {
        up += (double)link_write_load(link, load->bytes).bytes;
    }
    double tick = ldexp((double)link->ticks_per_byte, -LINK_TICK_SHIFT);
    add(bounds, "link to the host", 1, up * tick);
    add(bounds, "link to the device", 1, down * tick);
}

// What the tags allow to be under way of writes' data comes once in a round trip.
static void add_data_reads(struct bounds *bounds, const struct drive *drive, const struct load *load)
{
    const struct link *link = &drive->link;
    uint64_t window = (uint64_t)drive->config->drive.pcie.read_requests << link->read_request_shift;
    double piece = (double)MIN(MIN(window, (uint64_t)DMA_READ_PIECE), load->bytes);
    double tick = ldexp((double)link->ticks_per_byte, -LINK_TICK_SHIFT);
    double trip = (double)(link->latency_to_host + link->host_read_latency + link->latency_to_device) +
                  tick * (double)link_completion_load(link, (uint64_t)piece).bytes;
    if (load->writes)
        add(bounds, "data reads under way", (double)window, (double)load->bytes * trip);
}

// Each byte goes in and out; copies do, too. Turnarounds are as rare as they can be.
static void add_dram(struct bounds *bounds, const struct drive *drive, const struct load *load)
{
    const struct dram_config *dram = &drive->config->drive.dram;
    double written = units_of(drive, load) * load->written * drive->nand->unit_bytes;
    double bytes = dram->reads == DRAM_READS_THROUGH ? 2.0 * (double)load->bytes : 0;
    if (load->writes)
        bytes = (double)load->bytes + written * load->amplification + written * (load->amplification - 1);
    if (dram->bandwidth > 0)
        add(bounds, "controller's memory", 1, bytes * TICKS_PER_S / (double)dram->bandwidth);
}

static void add_frontend(struct bounds *bounds, const struct drive *drive, const struct load *load)
{
    const struct nvme_config *nvme = &drive->config->drive.nvme;
    const struct link *link = &drive->link;
    struct clock clock = clock_from_hz(nvme->frequency);
    double commands = commands_of(drive, load);
    double work = (double)(clock_round_up(clock, nvme->t_decode) + clock_round_up(clock, nvme->t_complete));
    double fetch = (double)(link->latency_to_host + link->host_read_latency + link->latency_to_device);
    add(bounds, "front-end processors", nvme->processors, commands * work);
    add(bounds, "fetches of queue entries", (double)nvme->fetch_depth * nvme->fetch_burst, commands * fetch);
}

static double firmware_time(const struct drive *drive, const struct load *load)
{
    const struct ftl_config *ftl = &drive->config->drive.ftl;
    struct clock clock = clock_from_hz(ftl->clock);
    double units = units_of(drive, load) / commands_of(drive, load);
    tick_t each = load->writes ? ftl->t_write : ftl->t_read, unit = load->writes ? ftl->t_write_unit : ftl->t_read_unit;
    return commands_of(drive, load) * (double)clock_round_up(clock, each + (tick_t)(units * (double)unit));
}

static void add_firmware(struct bounds *bounds, const struct drive *drive, const struct load *load)
{
    const struct ftl_config *ftl = &drive->config->drive.ftl;
    double copies = units_of(drive, load) * load->written * (load->amplification - 1);
    add(bounds, "firmware", ftl->processors, firmware_time(drive, load) + copies * (double)ftl->t_gc_unit);
}

// The customers of one channel: what a die's cycle lasts when all of its dies are at work. `rest` is what one who comes
// finds left of the transfer under way.
static double cycle_with_waiting(double think, double bus, double rest, uint32_t dies)
{
    double cycle = think + bus, queue = 0, busy = 0;
    for (uint32_t n = 1; n <= dies && bus > 0; n++) {
        double at_bus = bus + (queue - busy) * bus + busy * rest;
        cycle = think + at_bus;
        queue = n / cycle * at_bus;
        busy = MIN(n / cycle * bus, 1.0);
        queue = MAX(queue, busy);
    }
    return cycle;
}

static double commands_in_flight(const struct drive *drive)
{
    const struct host_config *host = &drive->config->host;
    const struct nvme_config *nvme = &drive->config->drive.nvme;
    double queues = MIN(host_config_queues(host), MIN(nvme->max_queues, host->cpus));
    double depth = MIN(host->queue_depth, nvme->max_queue_entries - 1);
    return MIN(queues * depth, (double)nvme->max_commands);
}

// The share of dies that commands for random ones keep busy.
static double busy_share(double commands, double dies)
{
    if (dies <= 1)
        return 1;
    double length = commands / (dies - 1); // u + u^2 / (2 (1 - u)) = length
    return MIN(1 + length - sqrt(1 + length * length), 1.0);
}

// The dies on their own, and as busy as they can be when commands go to random ones.
static void add_flash(struct bounds *bounds, const struct drive *drive, const struct load *load,
                      struct flash_work work)
{
    const struct nand_geometry *g = &drive->geometry;
    uint32_t decoders = drive->nand->ecc.decoders_per_channel;
    double visits = MAX(work.visits, 1e-12);
    double share = load->writes ? 1 : busy_share(commands_in_flight(drive), g->dies);
    double rest = load->collects ? work.squares * visits / (2 * work.bus) : work.data / 2;
    double cycle = cycle_with_waiting((work.die - work.bus) / visits, work.bus / visits, rest / visits,
                                      g->dies / g->channels);
    add(bounds, "dies", g->dies, work.die);
    double varies = load->collects ? 1 - 3.0 / MAX(g->dies / g->channels, 3u)
                                   : MIN(spread(&drive->nand->t_r) * visits / MAX(work.data, 1), 1);
    double waiting = (cycle - work.die / visits) * varies;
    if (load->scattered)
        add(bounds, "dies that wait for channels", g->dies * share, work.die + waiting * visits);
    add(bounds, "channels", g->channels, work.bus);
    if (decoders > 0 && work.decoder > 0)
        add(bounds, "ECC decoders", (double)g->channels * decoders, work.decoder);
}

// Pages of a request that lie on one die, one after the other, in the mean over where it may begin.
static double longest_chain(const struct drive *drive, double pages)
{
    uint32_t row = drive->geometry.pages_per_row;
    double sum = 0;
    for (uint32_t from = 0; from < row; from++) {
        double first = MIN(pages, (double)(row - from));
        sum += MAX(first, MIN(pages - first, (double)row));
    }
    return sum / row;
}

// The time of a request that meets nobody.
static double lone_time(const struct drive *drive, const struct load *load, struct flash_work work)
{
    const struct link *link = &drive->link;
    const struct nvme_config *nvme = &drive->config->drive.nvme;
    double tick = ldexp((double)link->ticks_per_byte, -LINK_TICK_SHIFT);
    double fetch = (double)(link->latency_to_host + link->host_read_latency + link->latency_to_device);
    double time = fetch + (double)link->latency_to_host + (double)nvme->t_decode + (double)nvme->t_complete +
                  firmware_time(drive, load) + tick * (double)link_completion_load(link, NVME_SQE_BYTES).bytes +
                  tick * (NVME_CQE_BYTES + MSI_BYTES + 3.0 * link->write_overhead);
    if (load->writes)
        return time + fetch + tick * (double)link_completion_load(link, load->bytes).bytes;
    double last = (double)link_write_load(link, load->bytes / (uint64_t)MAX(work.reads, 1)).bytes;
    return time + work.die / work.reads * longest_chain(drive, work.reads) + work.latency / work.reads + tick * last;
}

static void add_commands(struct bounds *bounds, const struct drive *drive, const struct load *load,
                         struct flash_work work)
{
    add(bounds, "commands in flight", commands_in_flight(drive), lone_time(drive, load, work));
}

// What is in a program keeps its room in the buffer until that is done; then the next program's data come, but for
// those that had room beside.
static void add_buffer(struct bounds *bounds, const struct drive *drive, const struct load *load)
{
    const struct nand_geometry *g = &drive->geometry;
    const struct link *link = &drive->link;
    uint64_t units = ftl_config_in_bytes(&drive->config->drive.ftl).write_buffer / drive->nand->unit_bytes;
    if (!load->writes || units < g->units_per_program)
        return;
    uint64_t missing = g->units_per_program - units % g->units_per_program;
    double tick = ldexp((double)link->ticks_per_byte, -LINK_TICK_SHIFT);
    double gather = (double)(link->latency_to_host + link->host_read_latency + link->latency_to_device) +
                    tick * (double)link_completion_load(link, missing * drive->nand->unit_bytes).bytes;
    double programs = units_of(drive, load) * load->written / g->units_per_program;
    add(bounds, "write buffer", (double)(units / g->units_per_program), programs * (program_work(drive).die + gather));
}

static void add_host(struct bounds *bounds, const struct drive *drive, const struct load *load)
{
    const struct host_config *host = &drive->config->host;
    double commands = commands_of(drive, load);
    double queues = MIN(host_config_queues(host), MIN(drive->config->drive.nvme.max_queues, host->cpus));
    add(bounds, "host's processors", host->cpus, (double)host->t_submit + commands * (double)host->t_complete);
    add(bounds, "host's interrupts", queues, commands * (double)host->t_complete);
}

void bounds_of(const struct machine_config *config, enum bound_load kind, struct bounds *bounds)
{
    struct load load = loads[kind];
    struct nand_config nand;
    struct drive drive = drive_make(config, &nand);
    load.bytes = MAX(load.bytes, (uint64_t)nand.unit_bytes);
    if (load.collects)
        set_collection(&load, &drive);
    *bounds = (struct bounds){
        .name = load.name,
        .note = load.note,
        .bytes = load.bytes,
        .writes = load.writes,
        .write_amplification = load.written * load.amplification,
    };
    struct flash_work work = load.writes ? writes(&drive, &load) : reads(&drive, &load);
    add_link(bounds, &drive, &load);
    add_data_reads(bounds, &drive, &load);
    add_dram(bounds, &drive, &load);
    add_frontend(bounds, &drive, &load);
    add_firmware(bounds, &drive, &load);
    add_flash(bounds, &drive, &load, work);
    add_commands(bounds, &drive, &load, work);
    add_buffer(bounds, &drive, &load);
    add_host(bounds, &drive, &load);
    ecc_destroy(&drive.ecc);
}
