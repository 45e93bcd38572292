// Get Log Page: NVM Express 1.4, section 5.14, by log identifier; and the error log that failing commands fill.
//
// A log is made whole in the scratch memory, then the part asked for is copied; what lies beyond its end reads 0. The
// event that a log tells of is cleared when the host has it: with the completion of a command that succeeds (5.2).
#include <string.h>

#include "nvme/nvme_internal.h"
#include "util/macros.h"

enum { NO_COMMAND = 0xffff }; // SQID and CID of an error of none, 5.14.1.1

static void record(struct nvme *nvme, struct nvme_error_entry entry)
{
    entry.error_count = nvme->error_count + 1;
    nvme->errors[nvme->error_count % nvme->config->error_log_entries] = entry;
    nvme->error_count++;
}

void logs_record_error(struct nvme_command *command)
{
    record(command->nvme, (struct nvme_error_entry){
                              .sqid = command->sq->id,
                              .cid = command->sqe.cid,
                              .status = (uint16_t)(command->status << NVME_CQE_STATUS_SHIFT),
                              .location = command->location,
                              .lba = command->lba,
                              .nsid = command->sqe.nsid,
                          });
}

void logs_record_event(struct nvme *nvme, unsigned status)
{
    record(nvme, (struct nvme_error_entry){.sqid = NO_COMMAND,
                                           .cid = NO_COMMAND,
                                           .status = (uint16_t)(status << NVME_CQE_STATUS_SHIFT),
                                           .location = NVME_LOCATION_NONE});
}

// The newest entry first; unused ones are 0.
static size_t make_error_log(struct nvme *nvme, void *data)
{
    struct nvme_error_entry *to = data;
    uint32_t slots = nvme->config->error_log_entries;
    memset(to, 0, slots * sizeof *to);
    uint64_t count = MIN(nvme->error_count, slots);
    for (uint64_t i = 0; i < count; i++)
        to[i] = nvme->errors[(nvme->error_count - 1 - i) % slots];
    return slots * sizeof *to;
}

static uint64_t data_units(uint64_t bytes)
{
    return (bytes + 512 * 1000 - 1) / (512 * 1000);
}

// The time so far with the temperature, which is constant, from `low` to below `high`.
static uint32_t minutes_between(const struct nvme *nvme, uint32_t low, uint32_t high)
{
    uint32_t temperature = nvme->config->temperature;
    bool within = temperature >= low && temperature < high;
    return within ? (uint32_t)(sim_now(nvme->sim) / (60 * TICKS_PER_S)) : 0;
}

static size_t make_smart_log(struct nvme *nvme, void *data)
{
    const struct nvme_config *config = nvme->config;
    tick_t now = sim_now(nvme->sim);
    tick_t busy = nvme->busy + (nvme->io_commands > 0 ? now - nvme->busy_since : 0);
    struct nvme_smart_log *log = data;
    *log = (struct nvme_smart_log){
        .critical_warning = events_critical_warning(nvme),
        .temperature = (uint16_t)config->temperature,
        .available_spare = (uint8_t)nvme->available_spare,
        .available_spare_threshold = (uint8_t)config->spare_threshold,
        .percentage_used = (uint8_t)MIN(nvme->percentage_used, 255u),
        .data_units_read = {.low = data_units(nvme->units_read_bytes)},
        .data_units_written = {.low = data_units(nvme->units_written_bytes)},
        .host_reads = {.low = nvme->host_reads},
        .host_writes = {.low = nvme->host_writes},
        .controller_busy_minutes = {.low = busy / (60 * TICKS_PER_S)},
        .power_cycles = {.low = 1},
        .power_on_hours = {.low = now / (3600 * TICKS_PER_S)},
        .media_errors = {.low = nvme->media_errors},
        .error_log_entries = {.low = nvme->error_count},
        .warning_temperature_minutes =
            minutes_between(nvme, config->warning_temperature, config->critical_temperature),
        .critical_temperature_minutes = minutes_between(nvme, config->critical_temperature, UINT32_MAX),
    };
    return sizeof *log;
}

// One slot, read-only.
static size_t make_firmware_log(struct nvme *nvme, void *data)
{
    struct nvme_firmware_log *log = data;
    *log = (struct nvme_firmware_log){.afi = 1};
    memset(log->revisions[0], ' ', sizeof log->revisions[0]);
    memcpy(log->revisions[0], nvme->config->firmware_revision,
           strnlen(nvme->config->firmware_revision, sizeof log->revisions[0]));
    return sizeof *log;
}

// The namespace never changes: an empty list.
static size_t make_changed_namespaces(struct nvme *nvme, void *data)
{
    (void)nvme;
    memset(data, 0, NVME_CHANGED_NAMESPACES_BYTES);
    return NVME_CHANGED_NAMESPACES_BYTES;
}

static size_t make_effects_log(struct nvme *nvme, void *data)
{
    (void)nvme;
    struct nvme_effects_log *log = data;
    *log = (struct nvme_effects_log){0};
    for (unsigned opcode = 0; opcode < 256; opcode++) {
        log->admin[opcode] = admin_supports((uint8_t)opcode) ? NVME_EFFECT_SUPPORTED : 0;
        log->io[opcode] = (io_supports((uint8_t)opcode) ? NVME_EFFECT_SUPPORTED : 0) |
                          (io_changes_blocks((uint8_t)opcode) ? NVME_EFFECT_LOGICAL_BLOCKS : 0);
    }
    return sizeof *log;
}

static size_t (*const makers[])(struct nvme *nvme, void *data) = {
    [NVME_LOG_ERROR] = make_error_log,
    [NVME_LOG_SMART] = make_smart_log,
    [NVME_LOG_FIRMWARE] = make_firmware_log,
    [NVME_LOG_CHANGED_NAMESPACES] = make_changed_namespaces,
    [NVME_LOG_COMMANDS_EFFECTS] = make_effects_log,
};

static void log_was_read(struct nvme_command *command)
{
    events_log_read(command->nvme, (enum nvme_log)(command->sqe.cdw10 & 0xff));
}

static void answer(struct nvme_command *command, uint32_t lid, uint64_t offset, uint32_t bytes)
{
    struct nvme *nvme = command->nvme;
    size_t size = makers[lid](nvme, nvme->scratch);
    if (offset > size) {
        command_fail(command, NVME_SC_INVALID_FIELD, AT_CDW12);
        return;
    }
    command_buffer_attach(command, bytes, true);
    memcpy(command->buffer->data, nvme->scratch + offset, MIN(size - offset, (uint64_t)bytes));
    if (!(command->sqe.cdw10 & NVME_LOG_RAE))
        command->posted = log_was_read;
    command_buffer_answer(command);
}

void admin_get_log_page(struct nvme_command *command)
{
    const struct nvme_sqe *sqe = &command->sqe;
    uint32_t lid = sqe->cdw10 & 0xff;
    uint64_t bytes = (((uint64_t)(sqe->cdw11 & 0xffff) << 16 | sqe->cdw10 >> 16) + 1) * 4;
    uint64_t offset = sqe->cdw12 | (uint64_t)sqe->cdw13 << 32;
    if (lid >= ARRAY_SIZE(makers) || makers[lid] == NULL)
        command_fail(command, NVME_SC_INVALID_LOG_PAGE, AT_CDW10);
    else if (sqe->nsid != 0 && sqe->nsid != NVME_NSID_ALL) // all logs are the controller's
        command_fail(command, NVME_SC_INVALID_FIELD, AT_NSID);
    else if (bytes > command->nvme->transfer_max)
        command_fail(command, NVME_SC_INVALID_FIELD, AT_CDW10_HIGH);
    else if (offset % 4 != 0)
        command_fail(command, NVME_SC_INVALID_FIELD, AT_CDW12);
    else
        answer(command, lid, offset, (uint32_t)bytes);
}
