// Abort: NVM Express 1.4, section 5.1.
#include "nvme/admin/events.h"
#include "nvme/nvme_internal.h"

// Commands complete before the next one is looked at, or have gone to the core: only an event request can be caught.
static void abort_request(struct nvme_command *command)
{
    uint32_t sqid = NVME_FIELD(command->sqe.cdw10, NVME_ABORT_SQID);
    uint32_t cid = NVME_FIELD(command->sqe.cdw10, NVME_ABORT_CID);
    bool aborted = sqid == NVME_ADMIN_QUEUE && events_abort(command->nvme, (uint16_t)cid);
    command->dw0 = !aborted;
    command_complete(command);
}

const struct nvme_opcode nvme_opcode_abort = {
    .set = NVME_SET_ADMIN,
    .code = NVME_ADMIN_ABORT,
    .name = "Abort",
    .counter = OPCODE_COUNTER(admin_commands),
    .execute = abort_request,
};
