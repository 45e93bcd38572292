// Compare: NVM Express 1.4, section 6.6. The blocks are read in the flash; then the host's data are fetched and compared.
// It is there where contents are kept: without them nobody could say how it ends. Left out: that both could go on at
// the same time; metadata; the fused Compare and Write.
#include <string.h>

#include "nvme/command/command_buffer.h"
#include "nvme/command/prp.h"
#include "nvme/io/contents.h"
#include "nvme/io/io.h"
#include "nvme/nvme_internal.h"

// Whether a block differs; the first that does is the error's.
static bool find_difference(struct nvme_command *command)
{
    const uint8_t *theirs = command->buffer->data;
    uint8_t ours[UINT32_C(1) << NVME_LBA_SHIFT_MAX];
    size_t block = (size_t)1 << command->ns->lba_shift;
    for (uint64_t at = 0; at < command->data_bytes; at += block) {
        store_read(command->nvme->store, command->request.offset + at, ours, block);
        if (memcmp(ours, theirs + at, block) != 0) {
            command->lba += at >> command->ns->lba_shift;
            return true;
        }
    }
    return false;
}

static void compare_data(struct nvme_command *command)
{
    if (find_difference(command))
        command_fail(command, NVME_SC_COMPARE_FAILURE, NVME_LOCATION_NONE);
    else
        command_complete(command);
}

static void read_done(struct ftl_request *request)
{
    struct nvme_command *command = io_command_of(request);
    if (command_stale(command))
        return;
    io_check_marks(command);
    if (request->status != FTL_OK)
        io_finish(command);
    else
        prp_fetch(command, compare_data);
}

static void compare(struct nvme_command *command)
{
    if (!io_take_transfer(command))
        return;
    command->request.kind = FTL_READ;
    command->request.fua = io_asks_for_flash(command);
    command->request.piece = io_drop_piece;
    command->request.pieces = NULL;
    command->request.done = read_done;
    prp_walk(command, io_submit);
}

static bool offered(const struct nvme_config *config)
{
    return config->functional;
}

const struct nvme_opcode nvme_opcode_compare = {
    .set = NVME_SET_NVM,
    .code = NVME_IO_COMPARE,
    .name = "Compare",
    .flags = OPCODE_NAMESPACE,
    .optional = NVME_ONCS_COMPARE,
    .offered = offered,
    .counter = OPCODE_COUNTER(other_commands),
    .execute = compare,
};
