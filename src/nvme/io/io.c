// I/O commands by opcode: NVM Express 1.4, section 6.
//
// User data cross the link but are not moved as bytes, unless their contents are kept (contents.h). A read's data are
// sent as the core delivers them, and the completion follows the last of them; a write's data are fetched when the core
// has room. Write Zeroes that asks not to deallocate (6.17, DEAC) is a write whose data need no way. Left out: metadata
// and protection information (PRINFO is ignored, as for a namespace without it), fused operations.
#include "nvme/io/io.h"

#include "nvme/io/contents.h"
#include "nvme/nvme_internal.h"
#include "nvme/command/prp.h"
#include "util/macros.h"

struct nvme_command *io_command_of(struct ftl_request *request)
{
    return container_of(request, struct nvme_command, request);
}

void io_submit(struct nvme_command *command)
{
    command->state = NVME_COMMAND_CORE;
    command->request.status = FTL_OK;
    ftl_submit(&command->nvme->core, &command->request);
}

// Of a flush of all namespaces none.
static uint64_t first_bad_block(const struct nvme_command *command)
{
    const struct nvme_namespace *ns = command->ns;
    return ns == NULL ? 0 : (command->request.error_offset - ns->base) >> ns->lba_shift;
}

static inline void check_marks(struct nvme_command *command)
{
    struct ftl_request *request = &command->request;
    const struct sectors *marks = &command->nvme->uncorrectable;
    if (likely(marks->count == 0) || request->status != FTL_OK)
        return;
    request->error_offset = sectors_first(marks, request->offset, request->bytes);
    if (request->error_offset < request->offset + request->bytes)
        request->status = FTL_UNRECOVERED_READ;
}

void io_check_marks(struct nvme_command *command)
{
    check_marks(command);
}

// Maps what the core says to a status and completes.
void io_finish(struct nvme_command *command)
{
    static const unsigned statuses[] = {
        [FTL_OK] = NVME_SC_SUCCESS,
        [FTL_UNRECOVERED_READ] = NVME_SC_UNRECOVERED_READ,
        [FTL_WRITE_FAULT] = NVME_SC_WRITE_FAULT,
    };
    unsigned status = statuses[command->request.status];
    if (status != NVME_SC_SUCCESS) {
        command->nvme->subsystem.health.media_errors++;
        command->lba = first_bad_block(command);
        command_fail(command, status, NVME_LOCATION_NONE);
    } else if (unlikely(command->lost)) {
        command_fail(command, NVME_SC_DATA_TRANSFER_ERROR, AT_PRP1);
    } else {
        command_complete(command);
    }
}

// --- read ----------------------------------------------------------------------------------------------------------

// What of a piece goes to the host: what bit buckets cover is taken off the first ones.
static uint64_t wanted(struct nvme_command *command, uint64_t bytes)
{
    uint32_t dropped = (uint32_t)MIN(bytes, (uint64_t)command->bucket_bytes);
    command->bucket_bytes -= dropped;
    return bytes - dropped;
}

static void read_piece(struct ftl_request *request, uint64_t bytes)
{
    struct nvme_command *command = io_command_of(request);
    struct nvme *nvme = command->nvme;
    if (command->epoch != nvme->epoch)
        return; // nobody waits for it
    command->moved += bytes;
    if (unlikely(command->in_cmb))
        return;
    if (unlikely(command->bucket_bytes > 0))
        bytes = wanted(command, bytes);
    command->lost |= !nvme->pci.master_enabled;
    if (likely(bytes > 0))
        link_to_host(&nvme->link, sim_now(nvme->sim), bytes, &command->data);
}

// The same for some that will come.
static void read_pieces(struct ftl_request *request, uint64_t bytes, const tick_t *when, uint32_t count)
{
    struct nvme_command *command = io_command_of(request);
    struct nvme *nvme = command->nvme;
    if (command->epoch != nvme->epoch)
        return;
    command->moved += count * bytes;
    if (unlikely(command->in_cmb))
        return;
    command->lost |= !nvme->pci.master_enabled;
    link_to_host_later(&nvme->link, bytes, when, count, &command->data);
}

void io_drop_piece(struct ftl_request *request, uint64_t bytes)
{
    (void)request, (void)bytes;
}

static void read_done(struct ftl_request *request)
{
    struct nvme_command *command = io_command_of(request);
    if (command_stale(command))
        return;
    struct nvme *nvme = command->nvme;
    SIM_CHECK(nvme->sim, "nvme", command->moved == command->data_bytes || request->status != FTL_OK,
              "the core delivered %llu of %u bytes", (unsigned long long)command->moved, command->data_bytes);
    command->ns->usage.reads++;
    command->ns->usage.read_bytes += command->data_bytes;
    nvme->stats.data_read_bytes += command->moved;
    check_marks(command);
    if (unlikely(nvme->store != NULL))
        contents_give(command);
    io_finish(command);
}

// --- write ---------------------------------------------------------------------------------------------------------

static void write_ready(struct ftl_request *request, uint64_t bytes)
{
    struct nvme_command *command = io_command_of(request);
    command->moved += bytes;
    dma_read_data(command, bytes);
}

static void write_done(struct ftl_request *request)
{
    struct nvme_command *command = io_command_of(request);
    if (command_stale(command))
        return;
    struct nvme *nvme = command->nvme;
    command->ns->usage.writes++;
    command->ns->usage.written_bytes += command->data_bytes;
    nvme->stats.data_written_bytes += command->moved;
    if (nvme->store != NULL && !contents_take(command))
        command->lost = true;
    if (request->status == FTL_OK)
        contents_unmark(nvme, request->offset, request->bytes);
    io_finish(command);
}

// --- commands on a range of blocks ---------------------------------------------------------------------------------

bool io_take_range(struct nvme_command *command)
{
    const struct nvme_namespace *ns = command->ns;
    uint64_t slba = command->sqe.cdw10 | (uint64_t)command->sqe.cdw11 << 32;
    uint64_t blocks = (command->sqe.cdw12 & NVME_RW_NLB_MASK) + 1;
    command->lba = slba;
    if (slba >= ns->blocks || blocks > ns->blocks - slba) {
        command->lba = MAX(slba, ns->blocks);
        command_fail(command, NVME_SC_LBA_RANGE, AT_CDW10);
        return false;
    }
    command->request.offset = ns->base + (slba << ns->lba_shift);
    command->request.bytes = blocks << ns->lba_shift;
    return true;
}

// As io_take_range, for commands that move the range's data.
static inline bool take_transfer(struct nvme_command *command)
{
    uint64_t bytes = (uint64_t)((command->sqe.cdw12 & NVME_RW_NLB_MASK) + 1) << command->ns->lba_shift;
    if (bytes > command->nvme->transfer_max) {
        command_fail(command, NVME_SC_INVALID_FIELD, AT_CDW12);
        return false;
    }
    command->data_bytes = (uint32_t)bytes;
    if (!io_take_range(command))
        return false;
    if (unlikely(command->nvme->store != NULL))
        contents_attach(command);
    return true;
}

// Whether data that the buffer holds are not good enough for the command. Where the cache is not volatile they are.
static inline bool asks_for_flash(const struct nvme_command *command)
{
    return command->nvme->config->volatile_write_cache && (command->sqe.cdw12 & NVME_RW_FUA);
}

bool io_take_transfer(struct nvme_command *command)
{
    return take_transfer(command);
}

bool io_asks_for_flash(const struct nvme_command *command)
{
    return asks_for_flash(command);
}

// Whether a write may be acknowledged only from the flash. A write cache that keeps its data without power counts as
// non-volatile, 5.21.1.6; one that is switched off holds nothing back.
static bool must_reach_flash(const struct nvme_command *command)
{
    const struct nvme *nvme = command->nvme;
    bool cached = nvme->features.value[NVME_FEATURE_VOLATILE_WRITE_CACHE];
    return asks_for_flash(command) || (nvme->config->volatile_write_cache && !cached);
}

bool io_must_reach_flash(const struct nvme_command *command)
{
    return must_reach_flash(command);
}

// With bit buckets its pieces are taken one by one.
static void submit_read(struct nvme_command *command)
{
    if (unlikely(command->bucket_bytes > 0))
        command->request.pieces = NULL;
    io_submit(command);
}

static void io_read(struct nvme_command *command)
{
    if (!take_transfer(command))
        return;
    command->request.kind = FTL_READ;
    command->request.fua = asks_for_flash(command);
    command->request.piece = read_piece;
    command->request.pieces = read_pieces;
    command->request.done = read_done;
    prp_walk(command, submit_read);
}

static void io_write(struct nvme_command *command)
{
    if (!take_transfer(command))
        return;
    command->request.kind = FTL_WRITE;
    command->request.fua = must_reach_flash(command);
    command->request.ready = write_ready;
    command->request.done = write_done;
    prp_walk(command, io_submit);
}

static void zeroes_written(struct ftl_request *request)
{
    struct nvme_command *command = io_command_of(request);
    if (command_stale(command))
        return;
    if (request->status == FTL_OK)
        contents_zero(command->nvme, request->offset, request->bytes);
    io_finish(command);
}

static void data_made(void *context)
{
    struct nvme_dma dma = *(struct nvme_dma *)context;
    struct nvme *nvme = dma.command->nvme;
    pool_give(&nvme->dma_reads.pool, context);
    ftl_data_in(&nvme->core, &dma.command->request, dma.bytes);
}

void io_make_data(struct ftl_request *request, uint64_t bytes)
{
    struct nvme_command *command = io_command_of(request);
    struct nvme *nvme = command->nvme;
    struct nvme_dma *dma = pool_take(&nvme->dma_reads.pool);
    *dma = (struct nvme_dma){.command = command, .bytes = bytes};
    sim_after(nvme->sim, 0, data_made, dma);
}

static void io_write_zeroes(struct nvme_command *command)
{
    if (!io_take_range(command))
        return;
    bool deallocate = command->sqe.cdw12 & NVME_RW_DEAC;
    command->request.kind = deallocate ? FTL_WRITE_ZEROES : FTL_WRITE;
    command->request.fua = must_reach_flash(command);
    command->request.ready = io_make_data;
    command->request.done = zeroes_written;
    io_submit(command);
}

static void flushed(struct ftl_request *request)
{
    struct nvme_command *command = io_command_of(request);
    if (command_stale(command))
        return;
    if (command->nvme->store != NULL)
        store_settle(command->nvme->store, command->mark);
    io_finish(command);
}

void io_flush(struct nvme_command *command)
{
    if (!command->nvme->config->volatile_write_cache) {
        command_complete(command); // nothing volatile to write out
        return;
    }
    command->request.kind = FTL_FLUSH;
    command->request.offset = command->request.bytes = 0;
    command->request.done = flushed;
    if (command->nvme->store != NULL)
        command->mark = store_mark(command->nvme->store);
    io_submit(command);
}

// --- rows ----------------------------------------------------------------------------------------------------------

const struct nvme_opcode nvme_opcode_flush = {
    .set = NVME_SET_NVM,
    .code = NVME_IO_FLUSH,
    .name = "Flush",
    .flags = OPCODE_NAMESPACE | OPCODE_ALL_NAMESPACES,
    .counter = OPCODE_COUNTER(flushes),
    .execute = io_flush,
};

const struct nvme_opcode nvme_opcode_write = {
    .set = NVME_SET_NVM,
    .code = NVME_IO_WRITE,
    .name = "Write",
    .flags = OPCODE_NAMESPACE,
    .effects = NVME_EFFECT_LOGICAL_BLOCKS,
    .counter = OPCODE_COUNTER(writes),
    .execute = io_write,
};

const struct nvme_opcode nvme_opcode_read = {
    .set = NVME_SET_NVM,
    .code = NVME_IO_READ,
    .name = "Read",
    .flags = OPCODE_NAMESPACE,
    .counter = OPCODE_COUNTER(reads),
    .execute = io_read,
};

const struct nvme_opcode nvme_opcode_write_zeroes = {
    .set = NVME_SET_NVM,
    .code = NVME_IO_WRITE_ZEROES,
    .name = "Write Zeroes",
    .flags = OPCODE_NAMESPACE,
    .optional = NVME_ONCS_WRITE_ZEROES,
    .effects = NVME_EFFECT_LOGICAL_BLOCKS,
    .counter = OPCODE_COUNTER(write_zeroes),
    .execute = io_write_zeroes,
};
