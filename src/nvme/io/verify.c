// Verify: NVM Express 1.4, section 6.14. The blocks are read in the flash, with all that corrects errors, and no data
// cross the link. Left out: protection information.
#include "nvme/io/io.h"
#include "nvme/nvme_internal.h"

static void verified(struct ftl_request *request)
{
    struct nvme_command *command = io_command_of(request);
    if (command_stale(command))
        return;
    io_check_marks(command);
    io_finish(command);
}

static void verify(struct nvme_command *command)
{
    if (!io_take_range(command))
        return;
    command->request.kind = FTL_READ;
    command->request.fua = io_asks_for_flash(command);
    command->request.piece = io_drop_piece;
    command->request.pieces = NULL;
    command->request.done = verified;
    io_submit(command);
}

const struct nvme_opcode nvme_opcode_verify = {
    .set = NVME_SET_NVM,
    .code = NVME_IO_VERIFY,
    .name = "Verify",
    .flags = OPCODE_NAMESPACE,
    .optional = NVME_ONCS_VERIFY,
    .counter = OPCODE_COUNTER(other_commands),
    .execute = verify,
};
