// Admin commands by opcode: NVM Express 1.4, section 5. Optional commands that are not in the table are Invalid
// Opcode.
#include "nvme/nvme_internal.h"
#include "util/macros.h"

// Commands complete before the next one is looked at, or have gone to the core: only an event request can be caught.
static void abort_command(struct nvme_command *command)
{
    uint16_t sqid = command->sqe.cdw10 & 0xffff, cid = (uint16_t)(command->sqe.cdw10 >> 16);
    bool aborted = sqid == NVME_ADMIN_QUEUE && events_abort(command->nvme, cid);
    command->dw0 = !aborted;
    command_complete(command);
}

static void (*const handlers[256])(struct nvme_command *command) = {
    [NVME_ADMIN_DELETE_SQ] = admin_delete_sq,
    [NVME_ADMIN_CREATE_SQ] = admin_create_sq,
    [NVME_ADMIN_GET_LOG_PAGE] = admin_get_log_page,
    [NVME_ADMIN_DELETE_CQ] = admin_delete_cq,
    [NVME_ADMIN_CREATE_CQ] = admin_create_cq,
    [NVME_ADMIN_IDENTIFY] = admin_identify,
    [NVME_ADMIN_ABORT] = abort_command,
    [NVME_ADMIN_SET_FEATURES] = admin_set_features,
    [NVME_ADMIN_GET_FEATURES] = admin_get_features,
    [NVME_ADMIN_ASYNC_EVENT_REQUEST] = admin_async_event_request,
};

bool admin_supports(uint8_t opcode)
{
    return handlers[opcode] != NULL;
}

void admin_execute(struct nvme_command *command)
{
    if (handlers[command->sqe.opcode] == NULL)
        command_fail(command, NVME_SC_INVALID_OPCODE, AT_OPCODE);
    else if (command->sqe.flags & (NVME_SQE_FUSE_MASK | NVME_SQE_PSDT_MASK))
        command_fail_flags(command); // admin commands use PRPs, 4.2
    else
        handlers[command->sqe.opcode](command);
}
