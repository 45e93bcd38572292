// Write Uncorrectable: NVM Express 1.4, section 6.16. The blocks are unmapped in the core as far as they fill mapping
// units, and marked: whoever reads one of them, with Read, Compare or Verify, gets Unrecovered Read Error, until it is
// written, deallocated or made zeroes. Left out: that the marks themselves are written to the flash; that a power loss
// could take them back.
#include "nvme/io/io.h"
#include "nvme/nvme_internal.h"

static void marked(struct ftl_request *request)
{
    struct nvme_command *command = io_command_of(request);
    if (command_stale(command))
        return;
    sectors_add(&command->nvme->uncorrectable, request->offset, request->bytes);
    io_finish(command);
}

static void write_uncorrectable(struct nvme_command *command)
{
    if (!io_take_range(command))
        return;
    command->request.kind = FTL_TRIM;
    command->request.done = marked;
    io_submit(command);
}

const struct nvme_opcode nvme_opcode_write_uncorrectable = {
    .set = NVME_SET_NVM,
    .code = NVME_IO_WRITE_UNCORRECTABLE,
    .name = "Write Uncorrectable",
    .flags = OPCODE_NAMESPACE,
    .optional = NVME_ONCS_WRITE_UNCORRECTABLE,
    .effects = NVME_EFFECT_LOGICAL_BLOCKS,
    .counter = OPCODE_COUNTER(other_commands),
    .execute = write_uncorrectable,
};
