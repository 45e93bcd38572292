// Dataset Management: NVM Express 1.4, section 6.7.
//
// The ranges are real: they are fetched from host memory, checked, and deallocated one after the other. Hints about how
// blocks will be used have no effect.
#include "nvme/command/command_buffer.h"
#include "nvme/io/contents.h"
#include "nvme/io/io.h"
#include "nvme/nvme_internal.h"
#include "nvme/command/prp.h"

static const struct nvme_dsm_range *ranges_of(const struct nvme_command *command)
{
    return (const struct nvme_dsm_range *)command->buffer->data;
}

static void deallocate_next(struct nvme_command *command);

static void range_done(struct ftl_request *request)
{
    struct nvme_command *command = io_command_of(request);
    if (command_stale(command))
        return;
    if (command->range == command->ranges || request->status != FTL_OK) {
        io_finish(command);
        return;
    }
    breakdown_enter(&command->path, STAGE_CONTROLLER, sim_now(command->nvme->sim));
    deallocate_next(command);
}

// Empty ranges are passed over.
static void deallocate_next(struct nvme_command *command)
{
    const struct nvme_dsm_range *ranges = ranges_of(command);
    while (command->range < command->ranges && ranges[command->range].nlb == 0)
        command->range++;
    if (command->range == command->ranges) {
        command_complete(command);
        return;
    }
    const struct nvme_dsm_range *range = &ranges[command->range++];
    command->request.offset = command->ns->base + (range->slba << command->ns->lba_shift);
    command->request.bytes = (uint64_t)range->nlb << command->ns->lba_shift;
    contents_zero(command->nvme, command->request.offset, command->request.bytes);
    io_submit(command);
}

static bool ranges_valid(struct nvme_command *command)
{
    const struct nvme_dsm_range *ranges = ranges_of(command);
    uint64_t blocks = command->ns->blocks;
    for (uint32_t i = 0; i < command->ranges; i++) {
        if (ranges[i].slba <= blocks && ranges[i].nlb <= blocks - ranges[i].slba)
            continue;
        command->lba = MAX(ranges[i].slba, blocks);
        return false;
    }
    return true;
}

static void take_ranges(struct nvme_command *command)
{
    command->range = 0;
    command->request.kind = FTL_TRIM;
    command->request.done = range_done;
    if (!ranges_valid(command))
        command_fail(command, NVME_SC_LBA_RANGE, AT_PRP1);
    else if (command->sqe.cdw11 & NVME_DSM_AD)
        deallocate_next(command);
    else
        command_complete(command); // hints, which this drive has no use for
}

static void dataset_management(struct nvme_command *command)
{
    command->ranges = (command->sqe.cdw10 & NVME_DSM_NR_MASK) + 1;
    prp_take(command, command->ranges * (uint32_t)sizeof(struct nvme_dsm_range), take_ranges);
}

const struct nvme_opcode nvme_opcode_dataset_management = {
    .set = NVME_SET_NVM,
    .code = NVME_IO_DATASET_MANAGEMENT,
    .name = "Dataset Management",
    .flags = OPCODE_NAMESPACE,
    .optional = NVME_ONCS_DSM,
    .effects = NVME_EFFECT_LOGICAL_BLOCKS,
    .counter = OPCODE_COUNTER(dataset_managements),
    .execute = dataset_management,
};
