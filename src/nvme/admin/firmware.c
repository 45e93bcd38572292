// Firmware Image Download and Firmware Commit: NVM Express 1.4, sections 5.11, 5.12, 8.1.
//
// An image is fetched from the host in order, part by part, and hashed: its revision is "F" and seven hexadecimal digits
// of the hash, since what the host sends has no other name. Committing it takes `nvme.t_firmware_commit`, the time to write it
// to where it is kept. It becomes active with the next reset, or at once, as the commit action says; then Identify and
// log page 03h tell its revision, and the drive goes on as before: nothing of it is executed. Slot 1 is read-only. Left
// out: boot partitions, parts out of order, the pause while firmware is activated at once.
#include "nvme/admin/firmware.h"

#include <stdio.h>
#include <string.h>

#include "nvme/admin/events.h"
#include "nvme/command/command_buffer.h"
#include "nvme/command/prp.h"
#include "nvme/nvme_internal.h"
#include "util/rng.h"

void firmware_create(struct nvme *nvme)
{
    struct nvme_firmware *firmware = &nvme->subsystem.firmware;
    const char *revision = nvme->config->firmware_revision;
    memset(firmware->slots[0], ' ', NVME_FIRMWARE_REVISION);
    memcpy(firmware->slots[0], revision, strnlen(revision, NVME_FIRMWARE_REVISION));
    firmware->active = 1;
}

static void activate(struct nvme_firmware *firmware, uint32_t slot)
{
    firmware->active = slot;
    firmware->next = 0;
}

void firmware_reset(struct nvme *nvme, enum nvme_reset kind)
{
    struct nvme_firmware *firmware = &nvme->subsystem.firmware;
    (void)kind;
    firmware->image = (struct nvme_firmware_image){0};
    if (firmware->next != 0)
        activate(firmware, firmware->next);
}

static bool has_slots(const struct nvme_config *config)
{
    return config->firmware_slots > 1;
}

// --- download ------------------------------------------------------------------------------------------------------

static void part_arrived(struct nvme_command *command)
{
    struct nvme_firmware_image *image = &command->nvme->subsystem.firmware.image;
    uint64_t offset = (uint64_t)command->sqe.cdw11 * 4;
    if (offset != image->bytes) {
        command_fail(command, offset < image->bytes ? NVME_SC_OVERLAPPING_RANGE : NVME_SC_INVALID_FIELD, AT_CDW11);
        return;
    }
    for (uint32_t i = 0; i < command->data_bytes; i += sizeof(uint32_t)) {
        uint32_t word;
        memcpy(&word, command->buffer->data + i, sizeof word);
        image->hash = rng_mix(image->hash ^ word);
    }
    image->bytes += command->data_bytes;
    command_complete(command);
}

static void download(struct nvme_command *command)
{
    uint64_t bytes = ((uint64_t)command->sqe.cdw10 + 1) * 4;
    if (bytes > command->nvme->transfer_max)
        command_fail(command, NVME_SC_INVALID_FIELD, AT_CDW10);
    else
        prp_take(command, (uint32_t)bytes, part_arrived);
}

// --- commit --------------------------------------------------------------------------------------------------------

enum action { REPLACE, REPLACE_THEN_ACTIVATE, ACTIVATE, ACTIVATE_NOW, ACTIONS }; // by a reset, but for the last

static uint32_t action_of(const struct nvme_command *command)
{
    return NVME_FIELD(command->sqe.cdw10, NVME_FIRMWARE_CA);
}

// With slot 0 the controller chooses: an empty one, or else one that is not in use.
static uint32_t slot_of(const struct nvme_command *command)
{
    const struct nvme_firmware *firmware = &command->nvme->subsystem.firmware;
    uint32_t asked = NVME_FIELD(command->sqe.cdw10, NVME_FIRMWARE_FS), slots = command->nvme->config->firmware_slots;
    if (asked != 0 || action_of(command) == ACTIVATE)
        return asked;
    for (uint32_t slot = 2; slot <= slots; slot++)
        if (firmware->slots[slot - 1][0] == '\0')
            return slot;
    return firmware->active == slots ? 2 : slots;
}

static bool replaces(const struct nvme_command *command)
{
    uint32_t action = action_of(command);
    return action <= REPLACE_THEN_ACTIVATE ||
           (action == ACTIVATE_NOW && command->nvme->subsystem.firmware.image.bytes > 0);
}

static unsigned commit_status(const struct nvme_command *command, uint32_t slot)
{
    const struct nvme_firmware *firmware = &command->nvme->subsystem.firmware;
    if (action_of(command) >= ACTIONS)
        return NVME_SC_INVALID_FIELD;
    if (slot == 0 || slot > command->nvme->config->firmware_slots || (replaces(command) && slot == 1))
        return NVME_SC_INVALID_FIRMWARE_SLOT;
    if (replaces(command) ? firmware->image.bytes == 0 : firmware->slots[slot - 1][0] == '\0')
        return NVME_SC_INVALID_FIRMWARE_IMAGE;
    return NVME_SC_SUCCESS;
}

static void put_image(struct nvme_firmware *firmware, uint32_t slot)
{
    char revision[NVME_FIRMWARE_REVISION + 1];
    snprintf(revision, sizeof revision, "F%07x", (unsigned)(firmware->image.hash & 0xfffffff));
    memcpy(firmware->slots[slot - 1], revision, NVME_FIRMWARE_REVISION);
    firmware->image = (struct nvme_firmware_image){0};
}

static void tell_activation(struct nvme *nvme)
{
    if (nvme->features.value[NVME_FEATURE_ASYNC_EVENT] & NVME_OAES_FIRMWARE_ACTIVATION)
        events_raise(nvme, NVME_EVENT_NOTICE, NVME_EVENT_NOTICE_FIRMWARE, NVME_LOG_FIRMWARE);
}

static void committed(void *context)
{
    struct nvme_command *command = context;
    if (command_stale(command))
        return;
    struct nvme_firmware *firmware = &command->nvme->subsystem.firmware;
    uint32_t slot = slot_of(command), action = action_of(command);
    if (replaces(command))
        put_image(firmware, slot);
    if (action == ACTIVATE_NOW) {
        activate(firmware, slot);
        tell_activation(command->nvme);
    } else if (action != REPLACE) {
        firmware->next = slot;
    }
    command_complete(command);
}

static void commit(struct nvme_command *command)
{
    struct nvme *nvme = command->nvme;
    unsigned status = commit_status(command, slot_of(command));
    if (status != NVME_SC_SUCCESS)
        command_fail(command, status, AT_CDW10);
    else
        command_at(command, sim_now(nvme->sim) + nvme->config->t_firmware_commit, committed);
}

const struct nvme_opcode nvme_opcode_firmware_download = {
    .set = NVME_SET_ADMIN,
    .code = NVME_ADMIN_FIRMWARE_DOWNLOAD,
    .name = "Firmware Image Download",
    .optional = NVME_OACS_FIRMWARE,
    .offered = has_slots,
    .counter = OPCODE_COUNTER(admin_commands),
    .execute = download,
};

const struct nvme_opcode nvme_opcode_firmware_commit = {
    .set = NVME_SET_ADMIN,
    .code = NVME_ADMIN_FIRMWARE_COMMIT,
    .name = "Firmware Commit",
    .optional = NVME_OACS_FIRMWARE,
    .offered = has_slots,
    .effects = NVME_EFFECT_CONTROLLER,
    .counter = OPCODE_COUNTER(admin_commands),
    .execute = commit,
};
