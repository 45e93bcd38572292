// User data as bytes: what is done beside the timing where a drive's contents are kept.
//
// They move when the core is done with a command: between its submission and its completion a command may see, or be seen
// by, any other that overlaps it (NVM Express 1.4, section 6.4.2), and the host leaves its memory alone. Each moves at
// one moment, so that no command is ever seen in part.
#include "nvme/io/contents.h"

#include "nvme/command/command_buffer.h"
#include "nvme/nvme_internal.h"

void contents_attach(struct nvme_command *command)
{
    command_buffer_attach(command, command->data_bytes, command->sqe.opcode == NVME_IO_READ);
}

void contents_give(struct nvme_command *command)
{
    const struct ftl_request *request = &command->request;
    store_read(command->nvme->store, request->offset, command->buffer->data, request->bytes);
}

bool contents_take(struct nvme_command *command)
{
    const struct ftl_request *request = &command->request;
    if (request->status != FTL_OK || command->lost)
        return true; // it fails for that
    if (!command_buffer_move(command))
        return false;
    store_write(command->nvme->store, request->offset, command->buffer->data, request->bytes, request->fua);
    return true;
}

void contents_zero(struct nvme *nvme, uint64_t offset, uint64_t bytes)
{
    contents_unmark(nvme, offset, bytes);
    if (nvme->store != NULL)
        store_zero(nvme->store, offset, bytes);
}

void contents_unmark(struct nvme *nvme, uint64_t offset, uint64_t bytes)
{
    if (unlikely(nvme->uncorrectable.count != 0))
        sectors_remove(&nvme->uncorrectable, offset, bytes);
}
