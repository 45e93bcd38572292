// Copy: NVM Command Set 1.0, section 3.2.2. The ranges' descriptors are fetched; then range after range is read by the
// core and written behind the one before, and no user data cross the link. A range whose blocks an earlier one of the
// command has written brings what that wrote. Left out: protection information, which formats 0h and 1h differ in;
// several ranges at a time.
#include "nvme/command/command_buffer.h"
#include "nvme/command/prp.h"
#include "nvme/io/contents.h"
#include "nvme/io/io.h"
#include "nvme/nvme_internal.h"

static const uint32_t descriptor_bytes[NVME_COPY_FORMATS] = {32, 40};

static uint32_t format_of(const struct nvme_command *command)
{
    return NVME_FIELD(command->sqe.cdw12, NVME_COPY_FORMAT);
}

static const struct nvme_copy_range *range_at(const struct nvme_command *command, uint32_t range)
{
    return (const void *)(command->buffer->data + range * (size_t)descriptor_bytes[format_of(command)]);
}

static uint32_t blocks_at(const struct nvme_command *command, uint32_t range)
{
    return range_at(command, range)->nlb + UINT32_C(1);
}

static uint64_t destination(const struct nvme_command *command)
{
    return command->sqe.cdw10 | (uint64_t)command->sqe.cdw11 << 32;
}

static uint64_t source_offset(const struct nvme_command *command)
{
    return command->ns->base + (range_at(command, command->range)->slba << command->ns->lba_shift);
}

// --- contents: block by block, from the end that keeps what is still to be moved ------------------------------------

static void move_contents(struct nvme_command *command)
{
    struct store *store = command->nvme->store;
    const struct ftl_request *request = &command->request;
    uint64_t from = source_offset(command), block = UINT64_C(1) << command->ns->lba_shift;
    uint8_t data[UINT32_C(1) << NVME_LBA_SHIFT_MAX];
    for (uint64_t done = 0; done < request->bytes; done += block) {
        uint64_t at = from < request->offset ? request->bytes - block - done : done;
        store_read(store, from + at, data, block);
        store_write(store, request->offset + at, data, block, request->fua);
    }
}

// --- ranges, one after the other -----------------------------------------------------------------------------------

static void read_range(struct nvme_command *command);

// Dword 0 names the first range that was not copied.
static void finish(struct nvme_command *command)
{
    if (command->request.status != FTL_OK)
        command->dw0 = command->range;
    io_finish(command);
}

static void range_written(struct ftl_request *request)
{
    struct nvme_command *command = io_command_of(request);
    if (command_stale(command))
        return;
    if (request->status == FTL_OK) {
        if (command->nvme->store != NULL)
            move_contents(command);
        contents_unmark(command->nvme, request->offset, request->bytes);
        command->moved += request->bytes;
        command->range++;
    }
    if (request->status != FTL_OK || command->range == command->ranges)
        finish(command);
    else
        read_range(command);
}

static void range_read(struct ftl_request *request)
{
    struct nvme_command *command = io_command_of(request);
    if (command_stale(command))
        return;
    io_check_marks(command);
    if (request->status != FTL_OK) {
        finish(command);
        return;
    }
    breakdown_enter(&command->path, STAGE_CONTROLLER, sim_now(command->nvme->sim));
    request->kind = FTL_WRITE;
    request->fua = io_must_reach_flash(command);
    request->offset = command->ns->base + (destination(command) << command->ns->lba_shift) + command->moved;
    request->ready = io_make_data;
    request->done = range_written;
    io_submit(command);
}

static void read_range(struct nvme_command *command)
{
    struct ftl_request *request = &command->request;
    breakdown_enter(&command->path, STAGE_CONTROLLER, sim_now(command->nvme->sim));
    request->kind = FTL_READ;
    request->fua = false;
    request->offset = source_offset(command);
    request->bytes = (uint64_t)blocks_at(command, command->range) << command->ns->lba_shift;
    request->piece = io_drop_piece;
    request->pieces = NULL;
    request->done = range_read;
    io_submit(command);
}

// --- checks --------------------------------------------------------------------------------------------------------

static bool range_valid(struct nvme_command *command, uint64_t slba, uint64_t blocks)
{
    uint64_t end = command->ns->blocks;
    if (slba < end && blocks <= end - slba)
        return true;
    command->lba = MAX(slba, end);
    return false;
}

static bool sizes_valid(const struct nvme_command *command, uint64_t *total)
{
    const struct nvme_config *config = command->nvme->config;
    *total = 0;
    for (uint32_t i = 0; i < command->ranges; i++) {
        if (blocks_at(command, i) > config->copy_range_blocks)
            return false;
        *total += blocks_at(command, i);
    }
    return *total <= config->copy_blocks;
}

static bool sources_valid(struct nvme_command *command)
{
    for (uint32_t i = 0; i < command->ranges; i++)
        if (!range_valid(command, range_at(command, i)->slba, blocks_at(command, i)))
            return false;
    return true;
}

static void take_ranges(struct nvme_command *command)
{
    uint64_t total;
    command->range = 0;
    if (!sizes_valid(command, &total))
        command_fail(command, NVME_SC_COMMAND_SIZE_LIMIT, AT_PRP1);
    else if (!sources_valid(command))
        command_fail(command, NVME_SC_LBA_RANGE, AT_PRP1);
    else if (!range_valid(command, destination(command), total))
        command_fail(command, NVME_SC_LBA_RANGE, AT_CDW10);
    else
        read_range(command);
}

static void copy(struct nvme_command *command)
{
    command->ranges = NVME_FIELD(command->sqe.cdw12, NVME_COPY_RANGES) + 1;
    if (format_of(command) >= NVME_COPY_FORMATS)
        command_fail(command, NVME_SC_INVALID_FIELD, AT_CDW12);
    else if (command->ranges > command->nvme->config->copy_ranges)
        command_fail(command, NVME_SC_COMMAND_SIZE_LIMIT, AT_CDW12);
    else
        prp_take(command, command->ranges * descriptor_bytes[format_of(command)], take_ranges);
}

static bool offered(const struct nvme_config *config)
{
    return config->copy_ranges > 0;
}

const struct nvme_opcode nvme_opcode_copy = {
    .set = NVME_SET_NVM,
    .code = NVME_IO_COPY,
    .name = "Copy",
    .flags = OPCODE_NAMESPACE,
    .optional = NVME_ONCS_COPY,
    .offered = offered,
    .effects = NVME_EFFECT_LOGICAL_BLOCKS,
    .counter = OPCODE_COUNTER(other_commands),
    .execute = copy,
};
