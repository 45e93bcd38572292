// I/O commands by opcode: NVM Express 1.4, section 6.
//
// User data cross the link but are not moved as bytes. A read's data are sent as the core delivers them, and the
// completion follows the last of them; a write's data are fetched when the core has room. Write Zeroes that asks not
// to deallocate (6.16, DEAC) is a write whose data need no way. Dataset Management's ranges are real; they are
// deallocated one after the other. Left out: metadata and protection information (PRINFO is ignored, as for a
// namespace without it), fused operations, Compare, Write Uncorrectable.
#include "nvme/nvme_internal.h"
#include "util/macros.h"

static struct nvme_command *command_of(struct ftl_request *request)
{
    return container_of(request, struct nvme_command, request);
}

static void submit(struct nvme_command *command)
{
    command->state = NVME_COMMAND_CORE;
    command->request.status = FTL_OK;
    ftl_submit(&command->nvme->core, &command->request);
}

// Maps what the core says to a status and completes.
static void finish(struct nvme_command *command)
{
    static const unsigned statuses[] = {
        [FTL_OK] = NVME_SC_SUCCESS,
        [FTL_UNRECOVERED_READ] = NVME_SC_UNRECOVERED_READ,
        [FTL_WRITE_FAULT] = NVME_SC_WRITE_FAULT,
    };
    unsigned status = statuses[command->request.status];
    if (status != NVME_SC_SUCCESS) {
        command->nvme->media_errors++;
        command->lba = command->request.error_offset >> command->nvme->lba_shift;
        command_fail(command, status, NVME_LOCATION_NONE);
    } else if (unlikely(command->lost)) {
        command_fail(command, NVME_SC_DATA_TRANSFER_ERROR, AT_PRP1);
    } else {
        command_complete(command);
    }
}

static void done(struct ftl_request *request)
{
    struct nvme_command *command = command_of(request);
    if (!command_stale(command))
        finish(command);
}

// --- read ----------------------------------------------------------------------------------------------------------

static void read_piece(struct ftl_request *request, uint64_t bytes)
{
    struct nvme_command *command = command_of(request);
    struct nvme *nvme = command->nvme;
    if (command->epoch != nvme->epoch)
        return; // nobody waits for it
    command->moved += bytes;
    command->lost |= !nvme->master_enabled;
    command->data_end = link_to_host(&nvme->link, sim_now(nvme->sim), bytes);
}

static void read_done(struct ftl_request *request)
{
    struct nvme_command *command = command_of(request);
    if (command_stale(command))
        return;
    struct nvme *nvme = command->nvme;
    SIM_CHECK(nvme->sim, "nvme", command->moved == command->data_bytes || request->status != FTL_OK,
              "the core delivered %llu of %u bytes", (unsigned long long)command->moved, command->data_bytes);
    nvme->host_reads++;
    nvme->units_read_bytes += command->data_bytes;
    nvme->stats.data_read_bytes += command->moved;
    finish(command);
}

// --- write ---------------------------------------------------------------------------------------------------------

static void data_arrived(void *context)
{
    struct nvme_dma dma = *(struct nvme_dma *)context;
    struct nvme *nvme = dma.command->nvme;
    pool_give(&nvme->dmas, context);
    dma.command->lost |= !nvme->master_enabled;
    ftl_data_in(&nvme->core, &dma.command->request, dma.bytes);
}

// The core gets `bytes` at `arrival`.
static void deliver(struct nvme_command *command, uint64_t bytes, tick_t arrival, sim_event_fn *arrived)
{
    struct nvme *nvme = command->nvme;
    struct nvme_dma *dma = pool_take(&nvme->dmas);
    *dma = (struct nvme_dma){.command = command, .bytes = bytes};
    sim_at(nvme->sim, arrival, arrived, dma);
}

// After a reset the core still waits for data; they come without crossing the link.
static void write_ready(struct ftl_request *request, uint64_t bytes)
{
    struct nvme_command *command = command_of(request);
    struct nvme *nvme = command->nvme;
    tick_t now = sim_now(nvme->sim);
    bool crosses = command->epoch == nvme->epoch && nvme->master_enabled;
    command->lost |= !nvme->master_enabled;
    command->moved += bytes;
    deliver(command, bytes, crosses ? link_read_host(&nvme->link, now, bytes) : now, data_arrived);
}

static void write_done(struct ftl_request *request)
{
    struct nvme_command *command = command_of(request);
    if (command_stale(command))
        return;
    struct nvme *nvme = command->nvme;
    nvme->host_writes++;
    nvme->units_written_bytes += command->data_bytes;
    nvme->stats.data_written_bytes += command->moved;
    finish(command);
}

// --- commands on a range of blocks ---------------------------------------------------------------------------------

// The range of CDW10 to CDW12, as the request's bytes. Returns false after having failed the command.
static bool take_range(struct nvme_command *command)
{
    const struct nvme *nvme = command->nvme;
    uint64_t slba = command->sqe.cdw10 | (uint64_t)command->sqe.cdw11 << 32;
    uint64_t blocks = (command->sqe.cdw12 & NVME_RW_NLB_MASK) + 1;
    command->lba = slba;
    if (slba >= nvme->blocks || blocks > nvme->blocks - slba) {
        command->lba = MAX(slba, nvme->blocks);
        command_fail(command, NVME_SC_LBA_RANGE, AT_CDW10);
        return false;
    }
    command->request.offset = slba << nvme->lba_shift;
    command->request.bytes = blocks << nvme->lba_shift;
    return true;
}

// As take_range, for commands that move the range's data.
static bool take_transfer(struct nvme_command *command)
{
    uint64_t bytes = (uint64_t)((command->sqe.cdw12 & NVME_RW_NLB_MASK) + 1) << command->nvme->lba_shift;
    if (bytes > command->nvme->transfer_max) {
        command_fail(command, NVME_SC_INVALID_FIELD, AT_CDW12);
        return false;
    }
    command->data_bytes = (uint32_t)bytes;
    return take_range(command);
}

// Whether data that the buffer holds are not good enough for the command. Where the cache is not volatile they are.
static bool asks_for_flash(const struct nvme_command *command)
{
    return command->nvme->config->volatile_write_cache && (command->sqe.cdw12 & NVME_RW_FUA);
}

// Whether a write may be acknowledged only from the flash. A write cache that keeps its data without power counts as
// non-volatile, 5.21.1.6; one that is switched off holds nothing back.
static bool must_reach_flash(const struct nvme_command *command)
{
    const struct nvme *nvme = command->nvme;
    bool cached = nvme->features[NVME_FEATURE_VOLATILE_WRITE_CACHE];
    return asks_for_flash(command) || (nvme->config->volatile_write_cache && !cached);
}

static void io_read(struct nvme_command *command)
{
    if (!take_transfer(command))
        return;
    command->request.kind = FTL_READ;
    command->request.fua = asks_for_flash(command);
    command->request.piece = read_piece;
    command->request.done = read_done;
    prp_walk(command, submit);
}

static void io_write(struct nvme_command *command)
{
    if (!take_transfer(command))
        return;
    command->request.kind = FTL_WRITE;
    command->request.fua = must_reach_flash(command);
    command->request.ready = write_ready;
    command->request.done = write_done;
    prp_walk(command, submit);
}

static void zeroes_made(void *context)
{
    struct nvme_dma dma = *(struct nvme_dma *)context;
    struct nvme *nvme = dma.command->nvme;
    pool_give(&nvme->dmas, context);
    ftl_data_in(&nvme->core, &dma.command->request, dma.bytes);
}

static void zeroes_ready(struct ftl_request *request, uint64_t bytes)
{
    struct nvme_command *command = command_of(request);
    deliver(command, bytes, sim_now(command->nvme->sim), zeroes_made);
}

static void io_write_zeroes(struct nvme_command *command)
{
    if (!take_range(command))
        return;
    bool deallocate = command->sqe.cdw12 & NVME_RW_DEAC;
    command->request.kind = deallocate ? FTL_WRITE_ZEROES : FTL_WRITE;
    command->request.fua = must_reach_flash(command);
    command->request.ready = zeroes_ready;
    command->request.done = done;
    submit(command);
}

void io_flush(struct nvme_command *command)
{
    if (!command->nvme->config->volatile_write_cache) {
        command_complete(command); // nothing volatile to write out
        return;
    }
    command->request.kind = FTL_FLUSH;
    command->request.offset = command->request.bytes = 0;
    command->request.done = done;
    submit(command);
}

// --- dataset management --------------------------------------------------------------------------------------------

static const struct nvme_dsm_range *ranges_of(const struct nvme_command *command)
{
    return (const struct nvme_dsm_range *)command->buffer->data;
}

static void deallocate_next(struct nvme_command *command);

static void range_done(struct ftl_request *request)
{
    struct nvme_command *command = command_of(request);
    if (command_stale(command))
        return;
    if (command->range == command->ranges || request->status != FTL_OK) {
        finish(command);
        return;
    }
    breakdown_enter(request->path, STAGE_CONTROLLER, sim_now(command->nvme->sim));
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
    command->request.offset = range->slba << command->nvme->lba_shift;
    command->request.bytes = (uint64_t)range->nlb << command->nvme->lba_shift;
    submit(command);
}

static bool ranges_valid(struct nvme_command *command)
{
    const struct nvme_dsm_range *ranges = ranges_of(command);
    uint64_t blocks = command->nvme->blocks;
    for (uint32_t i = 0; i < command->ranges; i++) {
        if (ranges[i].slba <= blocks && ranges[i].nlb <= blocks - ranges[i].slba)
            continue;
        command->lba = MAX(ranges[i].slba, blocks);
        return false;
    }
    return true;
}

static void ranges_arrived(void *context)
{
    struct nvme_command *command = context;
    if (command_stale(command))
        return;
    if (!command_buffer_move(command)) {
        command_fail(command, NVME_SC_DATA_TRANSFER_ERROR, AT_PRP1);
        return;
    }
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

static void fetch_ranges(struct nvme_command *command)
{
    struct nvme *nvme = command->nvme;
    command_at(command, link_read_host(&nvme->link, sim_now(nvme->sim), command->data_bytes), ranges_arrived);
}

static void io_dataset_management(struct nvme_command *command)
{
    command->ranges = (command->sqe.cdw10 & NVME_DSM_NR_MASK) + 1;
    command_buffer_attach(command, command->ranges * (uint32_t)sizeof(struct nvme_dsm_range), false);
    prp_walk(command, fetch_ranges);
}

// --- dispatch ------------------------------------------------------------------------------------------------------

static const struct {
    void (*execute)(struct nvme_command *command);
    bool changes_blocks;
    bool all_namespaces; // NSID FFFFFFFFh is allowed
} commands[256] = {
    [NVME_IO_FLUSH] = {.execute = io_flush, .all_namespaces = true},
    [NVME_IO_WRITE] = {.execute = io_write, .changes_blocks = true},
    [NVME_IO_READ] = {.execute = io_read},
    [NVME_IO_WRITE_ZEROES] = {.execute = io_write_zeroes, .changes_blocks = true},
    [NVME_IO_DATASET_MANAGEMENT] = {.execute = io_dataset_management, .changes_blocks = true},
};

bool io_supports(uint8_t opcode)
{
    return commands[opcode].execute != NULL;
}

bool io_changes_blocks(uint8_t opcode)
{
    return commands[opcode].changes_blocks;
}

void io_execute(struct nvme_command *command)
{
    const struct nvme_sqe *sqe = &command->sqe;
    uint8_t opcode = sqe->opcode;
    if (commands[opcode].execute == NULL)
        command_fail(command, NVME_SC_INVALID_OPCODE, AT_OPCODE);
    else if (unlikely(sqe->flags & (NVME_SQE_FUSE_MASK | NVME_SQE_PSDT_MASK)))
        command_fail_flags(command);
    else if (sqe->nsid != NVME_NAMESPACE && !(sqe->nsid == NVME_NSID_ALL && commands[opcode].all_namespaces))
        command_fail(command, NVME_SC_INVALID_NAMESPACE, AT_NSID);
    else
        commands[opcode].execute(command);
}
