// Time that transfers take on a PCI Express link.
//
// A transfer of n bytes is cut into ceil(n / limit) TLPs, each with a header and the framing of its generation; the
// wire moves lanes * rate * encoding bits a second. All of it is a closed form; no loop runs over TLPs.
//
//   generation   GT/s   encoding            framing of a TLP
//   1, 2         2.5, 5 8b/10b              8 B: STP 1, sequence number 2, LCRC 4, END 1  (PCIe Base 4.0, 3.6, 4.2.1)
//   3, 4, 5      8 - 32 128b/130b           8 B: STP token with sequence number 4, LCRC 4 (PCIe Base 4.0, 4.2.2)
//   6            64     flits, 236 of 256 B none: CRC and sequence number are the flit's  (PCIe Base 6.0, 4.2.3)
//
// What the drive sends shares the way upstream TLP by TLP (wire.c). Downstream is a timeline: the completions of the
// drive's reads are reserved when the request is sent, from the moment at which the host can have them, since a host
// answers in the order in which it is asked. So it is the requests that share, and the window of those under way
// (dma_read.c) bounds what a small one finds before it. Register accesses by the host come in between and are posted
// (or small) requests, which may pass completions (PCIe Base 4.0, 2.4.1): they wait for each other only, and push the
// completions behind them back by their own time on the wire.
//
// Left out: flow-control credits (taken as sufficient), retries, alignment of addresses to the limits, power states.
#include "nvme/link/link.h"

#include "util/macros.h"

enum { CQE_BYTES = 16 };

static const uint8_t message_bytes[] = {[LINK_MESSAGE_MSI] = 4, [LINK_MESSAGE_INTX] = 0};

static const char *const data_word = "data", *const control_word = "control"; // what the way to the device is used for

struct generation {
    uint32_t rate;                          // 0.1 GT/s
    uint32_t payload_symbols, wire_symbols; // encoding
    uint32_t framing;                       // bytes a TLP
};

static const struct generation generations[PCIE_GENERATION_MAX + 1] = {
    [PCIE_GENERATION_IDEAL] = {0, 1, 1, 0},
    {25, 8, 10, 8},
    {50, 8, 10, 8},
    {80, 128, 130, 8},
    {160, 128, 130, 8},
    {320, 128, 130, 8},
    {640, 236, 256, 0},
};

static unsigned log2_of(uint64_t power_of_two)
{
    return (unsigned)__builtin_ctzll(power_of_two);
}

// 8 bits take 8 / (rate * lanes) ns on the wire, more by the encoding and the DLLPs.
static uint64_t ticks_per_byte(const struct pcie_config *config, const struct generation *g)
{
    if (g->rate == 0)
        return 0;
    double ps = 8.0 * 1e4 * g->wire_symbols / ((double)g->rate * config->lanes * g->payload_symbols);
    return (uint64_t)(ps * (1 + config->dllp_overhead) * (1 << LINK_TICK_SHIFT) + 0.5);
}

static uint64_t full_tlp(const struct link *link)
{
    return ((UINT64_C(1) << link->payload_shift) + link->write_overhead) * link->ticks_per_byte;
}

void link_init(struct link *link, const struct pcie_config *config)
{
    const struct generation *g = &generations[config->generation];
    *link = (struct link){
        .ticks_per_byte = ticks_per_byte(config, g),
        .write_overhead = (uint32_t)config->request_header + g->framing,
        .completion_overhead = (uint32_t)config->completion_header + g->framing,
        .payload_shift = log2_of(config->max_payload),
        .payload_shift_max = log2_of(config->max_payload),
        .read_request_shift = log2_of(config->max_read_request),
        .completion_shift = log2_of(config->completion_size),
        .completion_shift_max = log2_of(config->completion_size),
        .latency_to_host = config->latency_to_host,
        .latency_to_device = config->latency_to_device,
        .host_read_latency = config->host_read_latency,
    };
    wire_init(&link->up, full_tlp(link), config->dma_engines);
    meter_init(&link->down_meter, 1);
}

void link_destroy(struct link *link)
{
    wire_destroy(&link->up);
}

void link_restart(struct link *link, tick_t origin)
{
    meter_restart(&link->up.meter, origin);
    meter_restart(&link->down_meter, origin);
    link->tlps_up = link->tlps_down = 0;
    link->wire_bytes_up = link->wire_bytes_down = 0;
}

void link_set_limits(struct link *link, unsigned payload, unsigned read_request)
{
    link->payload_shift = MIN(7 + payload, link->payload_shift_max);
    link->completion_shift = MIN(link->payload_shift, link->completion_shift_max);
    link->read_request_shift = MIN(7 + read_request, 12u);
    link->up.tlp = full_tlp(link);
}

static struct link_load load(uint64_t bytes, unsigned shift, uint32_t overhead)
{
    uint64_t tlps = (bytes + (UINT64_C(1) << shift) - 1) >> shift;
    return (struct link_load){.bytes = bytes + tlps * overhead, .tlps = tlps};
}

struct link_load link_write_load(const struct link *link, uint64_t bytes)
{
    return load(bytes, link->payload_shift, link->write_overhead);
}

struct link_load link_completion_load(const struct link *link, uint64_t bytes)
{
    return load(bytes, link->completion_shift, link->completion_overhead);
}

struct link_load link_read_request_load(const struct link *link, uint64_t bytes)
{
    struct link_load requests = load(bytes, link->read_request_shift, link->write_overhead);
    requests.bytes -= bytes; // a request carries no data
    return requests;
}

// Counts what is sent upstream; returns its time on the wire.
static inline tick_t count_up(struct link *link, struct link_load load_up)
{
    link->tlps_up += load_up.tlps;
    link->wire_bytes_up += load_up.bytes;
    return link_ticks(link, load_up.bytes);
}

// Returns when it is sent.
static tick_t send_up(struct link *link, tick_t now, struct link_load load_up)
{
    return wire_control(&link->up, now, count_up(link, load_up));
}

static inline tick_t send_down(struct link *link, tick_t ready, struct link_load load_down, const char *const *what)
{
    tick_t duration = link_ticks(link, load_down.bytes);
    tick_t start = timeline_reserve(&link->down, ready, duration);
    link->tlps_down += load_down.tlps;
    link->wire_bytes_down += load_down.bytes;
    meter_add_use(&link->down_meter, start, duration, NULL, what, NULL);
    return start + duration;
}

tick_t link_to_host(struct link *link, tick_t now, uint64_t bytes, struct wire_flow *data)
{
    return wire_data(&link->up, now, count_up(link, link_write_load(link, bytes)), data);
}

void link_to_host_later(struct link *link, uint64_t bytes, const tick_t *when, uint32_t count, struct wire_flow *data)
{
    struct link_load piece = link_write_load(link, bytes);
    link->tlps_up += count * piece.tlps;
    link->wire_bytes_up += count * piece.bytes;
    wire_data_later(&link->up, link_ticks(link, piece.bytes), when, count, data);
}

tick_t link_completion_entry(struct link *link, tick_t now, struct wire_flow *data, enum link_message message)
{
    struct link_load entry = {.bytes = CQE_BYTES + link->write_overhead, .tlps = 1};
    if (message != LINK_MESSAGE_NONE) {
        entry.bytes += message_bytes[message] + link->write_overhead;
        entry.tlps++;
    }
    return wire_follow(&link->up, now, count_up(link, entry), data) + link->latency_to_host;
}

tick_t link_message(struct link *link, tick_t now, enum link_message message)
{
    struct link_load load_up = {.bytes = message_bytes[message] + link->write_overhead, .tlps = 1};
    return send_up(link, now, load_up) + link->latency_to_host;
}

tick_t link_read_host(struct link *link, tick_t now, uint64_t bytes)
{
    tick_t asked = send_up(link, now, link_read_request_load(link, bytes)) + link->latency_to_host;
    return send_down(link, asked + link->host_read_latency, link_completion_load(link, bytes), &data_word) +
           link->latency_to_device;
}

// One TLP from the host, which passes completions that are still to come.
static tick_t send_posted(struct link *link, tick_t now, uint64_t bytes)
{
    struct link_load tlp = {.bytes = bytes + link->write_overhead, .tlps = 1};
    tick_t duration = link_ticks(link, tlp.bytes);
    tick_t start = timeline_reserve(&link->posted, now, duration);
    send_down(link, start, tlp, &control_word);
    return start + duration + link->latency_to_device;
}

tick_t link_mmio_write(struct link *link, tick_t now, uint64_t bytes)
{
    return send_posted(link, now, bytes);
}

tick_t link_mmio_read(struct link *link, tick_t now)
{
    return send_posted(link, now, 0);
}

tick_t link_mmio_completion(struct link *link, tick_t now, uint64_t bytes)
{
    struct link_load completion = {.bytes = bytes + link->completion_overhead, .tlps = 1};
    return send_up(link, now, completion) + link->latency_to_host;
}
