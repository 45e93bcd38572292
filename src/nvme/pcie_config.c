// The keys of the `pcie` section.
#include "nvme/pcie_config.h"

#include <stdbool.h>

#include "util/macros.h"

#define AT(member) offsetof(struct pcie_config, member)

const struct config_field pcie_config_fields[] = {
    {.key = "generation", .type = CONFIG_UINT, .offset = AT(generation), .fallback = "4", .min = "0", .max = "6",
     .help = "PCI Express generation, 2.5, 5, 8, 16, 32 or 64 GT/s a lane; 0: a link of infinite bandwidth."},
    {.key = "lanes", .type = CONFIG_UINT, .offset = AT(lanes), .fallback = "4", .min = "1", .max = "32",
     .help = "Lanes of the link: 1, 2, 4, 8, 12, 16 or 32."},
    {.key = "max_payload", .type = CONFIG_BYTES, .offset = AT(max_payload), .fallback = "256B", .min = "128B",
     .max = "4KiB", .help = "Max_Payload_Size: most data in a write TLP (PCIe Base 4.0, 7.5.3.4)."},
    {.key = "max_read_request", .type = CONFIG_BYTES, .offset = AT(max_read_request), .fallback = "512B",
     .min = "128B", .max = "4KiB",
     .help = "Max_Read_Request_Size: most data that one read TLP asks for (PCIe Base 4.0, 7.5.3.4)."},
    {.key = "dma_engines", .type = CONFIG_UINT, .offset = AT(dma_engines), .fallback = "1", .min = "1", .max = "16",
     .when = "pcie.generation is not 0",
     .help = "Engines that write reads' data to the host, a command's by one of them; they send a TLP each in turn."},
    {.key = "read_requests", .type = CONFIG_UINT, .offset = AT(read_requests), .fallback = "64", .min = "1",
     .max = "768",
     .help = "Read requests for user data under way at once, a tag each (PCIe Base 4.0, 2.2.6.2; AMD PG195)."},
    {.key = "completion_size", .type = CONFIG_BYTES, .offset = AT(completion_size), .fallback = "256B", .min = "64B",
     .max = "4KiB",
     .help = "Data in each completion TLP of a read: from the read completion boundary, 64 B, to max_payload."},
    {.key = "request_header", .type = CONFIG_BYTES, .offset = AT(request_header), .fallback = "16B", .min = "0",
     .max = "64B",
     .help = "Header of a memory request TLP: 4 doublewords with 64-bit addresses (PCIe Base 4.0, 2.2.4.1)."},
    {.key = "completion_header", .type = CONFIG_BYTES, .offset = AT(completion_header), .fallback = "12B", .min = "0",
     .max = "64B", .help = "Header of a completion TLP: 3 doublewords (PCIe Base 4.0, 2.2.9)."},
    {.key = "dllp_overhead", .type = CONFIG_RATIO, .offset = AT(dllp_overhead), .fallback = "2%", .min = "0%",
     .max = "100%",
     .when = "pcie.generation is not 0",
     .help = "Ack and flow-control bytes for each byte of TLPs (assumption: two of 8 B to three 256 B TLPs)."},
    {.key = "latency_to_host", .type = CONFIG_TIME, .offset = AT(latency_to_host), .fallback = "150ns", .min = "0",
     .max = "1ms",
     .help = "From the drive to host memory, besides the time on the wire (assumption, see host_read_latency)."},
    {.key = "latency_to_device", .type = CONFIG_TIME, .offset = AT(latency_to_device), .fallback = "150ns",
     .min = "0", .max = "1ms",
     .help = "From the host to the drive, besides the time on the wire (assumption, see host_read_latency)."},
    {.key = "host_read_latency", .type = CONFIG_TIME, .offset = AT(host_read_latency), .fallback = "200ns",
     .min = "0", .max = "1ms",
     .help = "Root complex and memory; so a DMA read takes some 500 ns, as Neugebauer et al., SIGCOMM 2018, saw."},
    {.key = "vendor_id", .type = CONFIG_HEX, .offset = AT(vendor_id), .fallback = "0xfff0", .min = "0",
     .max = "0xffff", .help = "PCI vendor identifier; the default is nobody's."},
    {.key = "device_id", .type = CONFIG_HEX, .offset = AT(device_id), .fallback = "0x5171", .min = "0",
     .max = "0xffff", .help = "PCI device identifier."},
    {.key = "subsystem_vendor_id", .type = CONFIG_HEX, .offset = AT(subsystem_vendor_id), .fallback = "0xfff0",
     .min = "0", .max = "0xffff", .help = "PCI subsystem vendor identifier."},
    {.key = "subsystem_id", .type = CONFIG_HEX, .offset = AT(subsystem_id), .fallback = "0x5171", .min = "0",
     .max = "0xffff", .help = "PCI subsystem identifier."},
    {.key = "revision", .type = CONFIG_HEX, .offset = AT(revision), .fallback = "0x1", .min = "0", .max = "0xff",
     .help = "PCI revision identifier."},
    {.key = "class_code", .type = CONFIG_HEX, .offset = AT(class_code), .fallback = "0x10802", .min = "0",
     .max = "0xffffff", .help = "PCI class code, 24 bits; Linux and the host here look for 0x10802 (NVMe 1.4, 2.1.5)."},
};
const size_t pcie_config_field_count = ARRAY_SIZE(pcie_config_fields);

static bool power_of_two(uint64_t n)
{
    return n != 0 && (n & (n - 1)) == 0;
}

static int check_power_of_two(uint64_t n, const char *key, const struct config *config, struct diag *diag)
{
    if (power_of_two(n))
        return 0;
    CONFIG_ERROR(config, diag, key, "must be a power of two");
    return 1;
}

static int check_lanes(uint32_t lanes, const struct config *config, struct diag *diag)
{
    if (lanes == 12 || power_of_two(lanes))
        return 0;
    CONFIG_ERROR(config, diag, "pcie.lanes", "a PCI Express link has 1, 2, 4, 8, 12, 16 or 32 lanes");
    return 1;
}

int pcie_config_check(const struct pcie_config *pcie, const struct config *config, struct diag *diag)
{
    int errors = check_lanes(pcie->lanes, config, diag) +
                 check_power_of_two(pcie->max_payload, "pcie.max_payload", config, diag) +
                 check_power_of_two(pcie->max_read_request, "pcie.max_read_request", config, diag) +
                 check_power_of_two(pcie->completion_size, "pcie.completion_size", config, diag);
    if (pcie->completion_size > pcie->max_payload) {
        CONFIG_ERROR(config, diag, "pcie.completion_size", "must not be larger than pcie.max_payload");
        errors++;
    }
    return errors;
}
