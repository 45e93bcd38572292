// The keys of the `nvme` section.
#include "nvme/nvme_config.h"

#include <string.h>

#include "nvme/namespace_layout.h"
#include "nvme/power_states.h"
#include "nvme/queue/arbitration.h"
#include "util/macros.h"

#define AT(member) offsetof(struct nvme_config, member)
#define SELF_TEST "nvme.self_test is true"
#define PROCESSORS_WORK "nvme.t_decode is not 0 or nvme.t_complete is not 0"

static const char *const versions[] = {"1.4", "2.0", NULL};

const struct config_field nvme_config_fields[] = {
    {.key = "serial_number", .type = CONFIG_STRING, .offset = AT(serial_number), .fallback = "SQTAIL0000000001",
     .help = "SN of Identify Controller, up to 20 ASCII characters."},
    {.key = "model_number", .type = CONFIG_STRING, .offset = AT(model_number),
     .fallback = "sqtail simulated NVMe drive",
     .help = "MN of Identify Controller, up to 40 ASCII characters."},
    {.key = "firmware_revision", .type = CONFIG_STRING, .offset = AT(firmware_revision), .fallback = "1.0",
     .help = "FR of Identify Controller, up to 8 ASCII characters."},
    {.key = "lba_size", .type = CONFIG_BYTES, .offset = AT(lba_size), .fallback = "512B", .min = "512B",
     .max = "4KiB", .help = "Logical block: 512B, 1KiB, 2KiB or 4KiB."},
    {.key = "namespaces", .type = CONFIG_STRING, .offset = AT(namespaces), .fallback = "",
     .help = "Size, as bytes or share of the capacity (0: the rest), and logical block of each, such as "
             "50% 4KiB, 0 512B; empty: one that has all."},
    {.key = "max_namespaces", .type = CONFIG_UINT, .offset = AT(max_namespaces), .fallback = "0", .min = "0",
     .max = "64", .help = "NN: with it the host may create, delete, attach and detach namespaces (NVMe 1.4, 8.12); "
                          "0: those that there are stay."},
    {.key = "sgl", .type = CONFIG_BOOL, .offset = AT(sgl), .fallback = "false",
     .help = "I/O commands may have scatter gather lists (NVMe 1.4, 4.4) instead of PRPs."},
    {.key = "copy_ranges", .type = CONFIG_UINT, .offset = AT(copy_ranges), .fallback = "0", .min = "0", .max = "128",
     .help = "Source ranges of a Copy, MSRC + 1, for hosts that use it; the host here does not (NVM Command Set 1.0, "
             "3.2.2); 0: it is not offered."},
    {.key = "copy_range_blocks", .type = CONFIG_UINT, .offset = AT(copy_range_blocks), .fallback = "2048", .min = "1",
     .max = "65535", .when = "nvme.copy_ranges is not 0",
     .help = "MSSRL: logical blocks of a range of a Copy (assumption)."},
    {.key = "copy_blocks", .type = CONFIG_UINT, .offset = AT(copy_blocks), .fallback = "16384", .min = "1",
     .max = "8388480", .when = "nvme.copy_ranges is not 0", .help = "MCL: logical blocks of a Copy (assumption)."},
    {.key = "max_queues", .type = CONFIG_UINT, .offset = AT(max_queues), .fallback = "64", .min = "1", .max = "65535",
     .help = "I/O queue pairs that feature 07h grants (NVMe 1.4, 5.21.1.7)."},
    {.key = "max_queue_entries", .type = CONFIG_UINT, .offset = AT(max_queue_entries), .fallback = "1024", .min = "2",
     .max = "65536", .help = "Entries of the largest I/O queue: CAP.MQES + 1 (NVMe 1.4, 3.1.1)."},
    {.key = "contiguous_queues", .type = CONFIG_BOOL, .offset = AT(contiguous_queues), .fallback = "true",
     .help = "CAP.CQR: queues are physically contiguous; false: hosts may give lists of pages (NVMe 1.4, 3.1.1, 5.3)."},
    {.key = "cmb", .type = CONFIG_BYTES, .offset = AT(cmb), .fallback = "0", .min = "0", .max = "1GiB",
     .help = "Controller memory buffer, for hosts that use it; the host here does not (NVMe 1.4, 4.7). 0: none."},
    {.key = "shadow_doorbells", .type = CONFIG_BOOL, .offset = AT(shadow_doorbells), .fallback = "false",
     .help = "Doorbell Buffer Config, for hosts that use it; the host here does not (NVMe 1.4, 5.7)."},
    {.key = "doorbell_stride", .type = CONFIG_UINT, .offset = AT(doorbell_stride), .fallback = "0", .min = "0",
     .max = "10", .help = "CAP.DSTRD: doorbells lie 2^(2 + n) bytes apart (NVMe 1.4, 3.1.1)."},
    {.key = "version", .type = CONFIG_CHOICE, .offset = AT(version), .fallback = "1.4", .choices = versions,
     .help = "Version of the standard that VS names; 2.0 has CRTO and CAP.CRMS (NVMe 2.0, 3.1.3)."},
    {.key = "subsystem_reset", .type = CONFIG_BOOL, .offset = AT(subsystem_reset), .fallback = "false",
     .help = "CAP.NSSRS: writing NSSR resets the NVM subsystem (NVMe 1.4, 3.1.7, 7.3.1)."},
    {.key = "msix_vectors", .type = CONFIG_UINT, .offset = AT(msix_vectors), .fallback = "65", .min = "1",
     .max = "2048", .help = "Entries of the MSI-X table (PCI 3.0, 6.8.2)."},
    {.key = "mdts", .type = CONFIG_UINT, .offset = AT(mdts), .fallback = "7", .min = "1", .max = "12",
     .help = "Largest data transfer: 2^n pages of 4 KiB (NVMe 1.4, 5.15.2.2)."},
    {.key = "mpsmax", .type = CONFIG_UINT, .offset = AT(mpsmax), .fallback = "4", .min = "0", .max = "4",
     .help = "CAP.MPSMAX: largest host page, 2^(12 + n) bytes (NVMe 1.4, 3.1.1)."},
    {.key = "max_commands", .type = CONFIG_UINT, .offset = AT(max_commands), .fallback = "1024", .min = "1",
     .max = "65536", .help = "Commands in the controller at once, more stay in the host's queues (assumption)."},
    {.key = "fetch_burst", .type = CONFIG_UINT, .offset = AT(fetch_burst), .fallback = "8", .min = "1", .max = "64",
     .help = "Submission queue entries that one DMA fetches at most (assumption)."},
    {.key = "fetch_depth", .type = CONFIG_UINT, .offset = AT(fetch_depth), .fallback = "8", .min = "1", .max = "256",
     .help = "Fetch DMAs under way at once (assumption)."},
    {.key = "arbitration", .type = CONFIG_CHOICE, .offset = AT(arbitration), .fallback = "round_robin",
     .choices = nvme_arbitration_names,
     .help = "Best mechanism that CAP.AMS offers; host.arbitration selects one (NVMe 1.4, 4.13)."},
    {.key = "arbitration_burst", .type = CONFIG_UINT, .offset = AT(arbitration_burst), .fallback = "3", .min = "0",
     .max = "7",
     .help = "Default of feature 01h and RAB: 2^n commands of one queue at a time, 7: all (NVMe 1.4, 5.21.1.1)."},
    {.key = "processors", .type = CONFIG_UINT, .offset = AT(processors), .fallback = "1", .min = "1", .max = "16",
     .when = PROCESSORS_WORK,
     .help = "Front-end processors that decode and complete commands (assumption)."},
    {.key = "frequency", .type = CONFIG_FREQUENCY, .offset = AT(frequency), .fallback = "500MHz", .min = "0",
     .max = "10GHz", .when = PROCESSORS_WORK,
     .help = "Clock of the front-end processors, whose work takes whole cycles (assumption); 0: ideal."},
    {.key = "t_decode", .type = CONFIG_TIME, .offset = AT(t_decode), .fallback = "200ns", .min = "0", .max = "1ms",
     .help = "A front-end processor's time to decode a command (assumption)."},
    {.key = "t_complete", .type = CONFIG_TIME, .offset = AT(t_complete), .fallback = "0", .min = "0", .max = "1ms",
     .help = "A front-end processor's time to complete a command (assumption)."},
    {.key = "ready_delay", .type = CONFIG_TIME, .offset = AT(ready_delay), .fallback = "1ms", .min = "0",
     .max = "127s", .help = "From CC.EN = 1 to CSTS.RDY = 1; CAP.TO is derived from it (assumption)."},
    {.key = "volatile_write_cache", .type = CONFIG_BOOL, .offset = AT(volatile_write_cache), .fallback = "true",
     .help = "The write buffer loses its data with power; false: Flush and FUA need not wait (NVMe 1.4, 5.21.1.6)."},
    {.key = "power_states", .type = CONFIG_STRING, .offset = AT(power_states), .fallback = "",
     .help = "Power in mW, latency of entry and of exit, and active or idle (non-operational) of each, such as 8000, "
             "4000 1ms 1ms, 50 5ms 10ms idle; empty: one of 8000 (NVMe 1.4, 8.4)."},
    {.key = "firmware_slots", .type = CONFIG_UINT, .offset = AT(firmware_slots), .fallback = "1", .min = "1",
     .max = "7", .help = "Firmware slots, of which the first is read-only; more than one offer Firmware Image Download and "
                         "Commit (NVMe 1.4, 8.1)."},
    {.key = "t_firmware_commit", .type = CONFIG_TIME, .offset = AT(t_firmware_commit), .fallback = "100ms", .min = "0",
     .max = "60s", .when = "nvme.firmware_slots is not 1", .help = "To write an image to its slot (assumption)."},
    {.key = "self_test", .type = CONFIG_BOOL, .offset = AT(self_test), .fallback = "false",
     .help = "Offer Device Self-test (NVMe 1.4, 5.8, 8.11), for hosts that use it; the host here does not."},
    {.key = "t_short_self_test", .type = CONFIG_TIME, .offset = AT(t_short_self_test), .fallback = "60s", .min = "1us",
     .max = "120s", .when = SELF_TEST,
     .help = "A short self-test, two minutes at most (NVMe 1.4, 8.11; assumption)."},
    {.key = "t_extended_self_test", .type = CONFIG_TIME, .offset = AT(t_extended_self_test), .fallback = "1800s",
     .min = "1us", .max = "86400s", .when = SELF_TEST,
     .help = "An extended self-test; EDSTT is its whole minutes, rounded up (NVMe 1.4, 5.15.2.2; assumption)."},
    {.key = "timestamp", .type = CONFIG_BOOL, .offset = AT(timestamp), .fallback = "false",
     .help = "Offer the timestamp, feature 0Eh, which the modelled host then sets (NVMe 1.4, 5.21.1.14)."},
    {.key = "aerl", .type = CONFIG_UINT, .offset = AT(aerl), .fallback = "3", .min = "0", .max = "15",
     .help = "Asynchronous Event Requests at once, 0's based (NVMe 1.4, 5.15.2.2)."},
    {.key = "error_log_entries", .type = CONFIG_UINT, .offset = AT(error_log_entries), .fallback = "64", .min = "1",
     .max = "256", .help = "Entries of the error log: ELPE + 1 (NVMe 1.4, 5.15.2.2)."},
    {.key = "temperature", .type = CONFIG_UINT, .offset = AT(temperature), .fallback = "313", .min = "200",
     .max = "500", .help = "Composite temperature, in kelvin, constant."},
    {.key = "warning_temperature", .type = CONFIG_UINT, .offset = AT(warning_temperature), .fallback = "343",
     .min = "200", .max = "500",
     .help = "Warning composite temperature WCTEMP, in kelvin, and the default of feature 04h."},
    {.key = "critical_temperature", .type = CONFIG_UINT, .offset = AT(critical_temperature), .fallback = "358",
     .min = "200", .max = "500", .help = "Critical composite temperature CCTEMP, in kelvin."},
    {.key = "spare_threshold", .type = CONFIG_UINT, .offset = AT(spare_threshold), .fallback = "10", .min = "0",
     .max = "100", .help = "Available spare, in percent, below which the SMART log warns."},
};
const size_t nvme_config_field_count = ARRAY_SIZE(nvme_config_fields);

bool nvme_manages_namespaces(const struct nvme_config *config)
{
    return config->max_namespaces > 0;
}

static int check_length(const char *text, size_t max, const char *key, const struct config *config, struct diag *diag)
{
    if (strlen(text) <= max)
        return 0;
    CONFIG_ERROR(config, diag, key, "has more than %zu characters", max);
    return 1;
}

static int check_namespaces(const struct nvme_config *nvme, const struct config *config, struct diag *diag)
{
    struct nvme_layout layout;
    struct config_problem problem;
    if (!layout_read(nvme, &layout, &problem)) {
        CONFIG_ERROR(config, diag, "nvme.namespaces", "%s", problem.message);
        return 1;
    }
    if (nvme->max_namespaces == 0 || layout.count <= nvme->max_namespaces)
        return 0;
    CONFIG_ERROR(config, diag, "nvme.max_namespaces", "must not lie below the %u of nvme.namespaces", layout.count);
    return 1;
}

static int check_power_states(const struct nvme_config *nvme, const struct config *config, struct diag *diag)
{
    struct nvme_power_states states;
    struct config_problem problem;
    if (power_states_read(nvme, &states, &problem))
        return 0;
    CONFIG_ERROR(config, diag, "nvme.power_states", "%s", problem.message);
    return 1;
}

int nvme_config_check(const struct nvme_config *nvme, const struct config *config, struct diag *diag)
{
    int errors = check_length(nvme->serial_number, 20, "nvme.serial_number", config, diag) +
                 check_length(nvme->model_number, 40, "nvme.model_number", config, diag) +
                 check_length(nvme->firmware_revision, 8, "nvme.firmware_revision", config, diag) +
                 check_power_states(nvme, config, diag);
    if (nvme->cmb % 4096 != 0) {
        CONFIG_ERROR(config, diag, "nvme.cmb", "must be whole pages of 4KiB");
        errors++;
    }
    if (!nvme_is_block_size(nvme->lba_size)) {
        CONFIG_ERROR(config, diag, "nvme.lba_size", "must be 512B, 1KiB, 2KiB or 4KiB");
        errors++;
    } else {
        errors += check_namespaces(nvme, config, diag);
    }
    if (nvme->copy_ranges > 0 && nvme->copy_blocks < nvme->copy_range_blocks) {
        CONFIG_ERROR(config, diag, "nvme.copy_blocks", "must not lie below nvme.copy_range_blocks, %u",
                     nvme->copy_range_blocks);
        errors++;
    }
    if (nvme->critical_temperature < nvme->warning_temperature) {
        CONFIG_ERROR(config, diag, "nvme.critical_temperature", "must not lie below nvme.warning_temperature, %u",
                     nvme->warning_temperature);
        errors++;
    }
    return errors;
}

int nvme_config_check_capacity(const struct nvme_config *nvme, uint64_t bytes, const struct config *config,
                               struct diag *diag)
{
    struct nvme_layout layout;
    struct config_problem problem;
    if (layout_read(nvme, &layout, &problem) && layout_fits(&layout, bytes))
        return 0;
    CONFIG_ERROR(config, diag, "nvme.namespaces", "the drive's %llu bytes have no room for all of them, 1 MiB at least each",
                 (unsigned long long)bytes);
    return 1;
}

uint32_t nvme_config_namespaces(const struct nvme_config *nvme)
{
    struct nvme_layout layout;
    struct config_problem problem;
    return layout_read(nvme, &layout, &problem) ? layout.count : 0;
}
