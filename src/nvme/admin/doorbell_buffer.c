// Doorbell Buffer Config: NVM Express 1.4, section 5.7.
#include "nvme/nvme_internal.h"

static bool is_offered(const struct nvme_config *config)
{
    return config->shadow_doorbells;
}

static void doorbell_buffer_config(struct nvme_command *command)
{
    struct nvme *nvme = command->nvme;
    uint64_t mask = (UINT64_C(1) << nvme->page_shift) - 1;
    if (command->sqe.prp1 & mask) {
        command_fail(command, NVME_SC_INVALID_FIELD, AT_PRP1);
        return;
    }
    if (command->sqe.prp2 & mask) {
        command_fail(command, NVME_SC_INVALID_FIELD, AT_PRP2);
        return;
    }
    shadow_use(nvme, command->sqe.prp1, command->sqe.prp2);
    command_complete(command);
}

const struct nvme_opcode nvme_opcode_doorbell_buffer_config = {
    .set = NVME_SET_ADMIN,
    .code = NVME_ADMIN_DOORBELL_BUFFER_CONFIG,
    .name = "Doorbell Buffer Config",
    .optional = NVME_OACS_DOORBELL_BUFFER,
    .offered = is_offered,
    .counter = OPCODE_COUNTER(admin_commands),
    .execute = doorbell_buffer_config,
};
