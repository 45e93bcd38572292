// Get Log Page: NVM Express 1.4, section 5.14, by log identifier.
//
// A log is made whole in the scratch memory, then the part asked for is copied; what lies beyond its end reads 0. The
// event that a log tells of is cleared when the host has it: with the completion of a command that succeeds (5.2).
#include <string.h>

#include "nvme/command_buffer.h"
#include "nvme/events.h"
#include "nvme/nvme_internal.h"
#include "nvme/prp.h"
#include "util/macros.h"

// The newest entry first; unused ones are 0.
static size_t make_error_log(struct nvme *nvme, void *data)
{
    struct nvme_error_entry *to = data;
    uint32_t slots = nvme->config->error_log_entries;
    memset(to, 0, slots * sizeof *to);
    uint64_t count = MIN(nvme->errors.count, slots);
    for (uint64_t i = 0; i < count; i++)
        to[i] = nvme->errors.ring[(nvme->errors.count - 1 - i) % slots];
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
    struct nvme_smart_log *log = data;
    *log = (struct nvme_smart_log){
        .critical_warning = health_critical_warning(nvme),
        .temperature = (uint16_t)config->temperature,
        .available_spare = (uint8_t)nvme->health.available_spare,
        .available_spare_threshold = (uint8_t)config->spare_threshold,
        .percentage_used = (uint8_t)MIN(nvme->health.percentage_used, 255u),
        .data_units_read = {.low = data_units(nvme->health.units_read_bytes)},
        .data_units_written = {.low = data_units(nvme->health.units_written_bytes)},
        .host_reads = {.low = nvme->health.host_reads},
        .host_writes = {.low = nvme->health.host_writes},
        .controller_busy_minutes = {.low = health_busy_time(nvme) / (60 * TICKS_PER_S)},
        .power_cycles = {.low = 1},
        .power_on_hours = {.low = now / (3600 * TICKS_PER_S)},
        .media_errors = {.low = nvme->health.media_errors},
        .error_log_entries = {.low = nvme->errors.count},
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

static uint32_t effects_of(const struct nvme_opcode *opcode)
{
    return opcode->execute == NULL ? 0 : NVME_EFFECT_SUPPORTED | opcode->effects;
}

static size_t make_effects_log(struct nvme *nvme, void *data)
{
    struct nvme_effects_log *log = data;
    *log = (struct nvme_effects_log){0};
    for (unsigned code = 0; code < 256; code++) {
        log->admin[code] = effects_of(nvme->opcodes.rows[NVME_SET_ADMIN][code]);
        log->io[code] = effects_of(nvme->opcodes.rows[NVME_SET_NVM][code]);
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
    prp_answer(command);
}

static void get_log_page(struct nvme_command *command)
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

const struct nvme_opcode nvme_opcode_get_log_page = {
    .set = NVME_SET_ADMIN,
    .code = NVME_ADMIN_GET_LOG_PAGE,
    .counter = OPCODE_COUNTER(admin_commands),
    .execute = get_log_page,
};
