// Scatter gather lists: where a command's data lie in host memory, in pieces of any size.
//
// Source: NVM Express 1.4, section 4.4. The entry has one descriptor: a data block, a bit bucket, or where a segment of
// descriptors lies; a segment's last one may lead on to another, unless the segment was told to be the last. What a bit
// bucket covers of a Read's data never crosses the link; of a Write it covers nothing. Segments are fetched by DMA, up
// to FETCH_BYTES at a time. A list may cover more than the command moves (SGLS bit 18).
//
// Left out: keyed descriptors (Fabrics), offsets into the controller memory buffer (SGLS bit 20): their addresses serve.
#include "nvme/command/sgl.h"

#include "nvme/command/command_buffer.h"
#include "nvme/nvme_internal.h"
#include "nvme/pci/bus_master.h"
#include "util/macros.h"

enum { FETCH_BYTES = 4096 };

// A descriptor, `final` if it is the last of its segment. Returns its status.
typedef unsigned take_fn(struct nvme_command *command, const struct nvme_sgl_descriptor *descriptor, bool final);

// What the command still needs of so many bytes.
static uint32_t cover(struct nvme_command *command, uint32_t bytes)
{
    bytes = MIN(bytes, command->data_bytes - command->sgl.covered);
    command->sgl.covered += bytes;
    return bytes;
}

static unsigned take_data_block(struct nvme_command *command, const struct nvme_sgl_descriptor *descriptor, bool final)
{
    bool in_cmb = cmb_has(&command->nvme->cmb, descriptor->address);
    (void)final;
    if (descriptor->length == 0)
        return NVME_SC_SUCCESS;
    if (!command->sgl.placed)
        command->in_cmb = in_cmb;
    command->sgl.placed = true;
    if (in_cmb != command->in_cmb)
        return NVME_SC_INVALID_CMB_USE;
    uint32_t bytes = cover(command, descriptor->length);
    if (command->buffer != NULL && bytes > 0)
        command_buffer_add(command, (struct nvme_extent){descriptor->address, bytes, false});
    return NVME_SC_SUCCESS;
}

static unsigned take_bit_bucket(struct nvme_command *command, const struct nvme_sgl_descriptor *descriptor, bool final)
{
    (void)final;
    if (command->sqe.opcode & NVME_OPCODE_TO_CONTROLLER)
        return NVME_SC_SUCCESS;
    uint32_t bytes = cover(command, descriptor->length);
    command->bucket_bytes += bytes;
    if (command->buffer != NULL && bytes > 0)
        command_buffer_add(command, (struct nvme_extent){0, bytes, true});
    return NVME_SC_SUCCESS;
}

static unsigned take_segment(struct nvme_command *command, const struct nvme_sgl_descriptor *descriptor, bool final)
{
    struct nvme_sgl *sgl = &command->sgl;
    if (!final)
        return NVME_SC_INVALID_SGL_COUNT;
    if (sgl->in_last || descriptor->length == 0 || descriptor->length % sizeof *descriptor != 0)
        return NVME_SC_INVALID_SGL_SEGMENT;
    sgl->next = descriptor->address;
    sgl->next_bytes = descriptor->length;
    sgl->in_last = descriptor->type >> 4 == NVME_SGL_LAST_SEGMENT;
    return NVME_SC_SUCCESS;
}

static take_fn *const takers[16] = {
    [NVME_SGL_DATA_BLOCK] = take_data_block,
    [NVME_SGL_BIT_BUCKET] = take_bit_bucket,
    [NVME_SGL_SEGMENT] = take_segment,
    [NVME_SGL_LAST_SEGMENT] = take_segment,
};

// The type's lower half is a subtype: 0, an address, is all that a PCIe function has.
static unsigned take(struct nvme_command *command, const struct nvme_sgl_descriptor *descriptor, bool final)
{
    take_fn *taker = takers[descriptor->type >> 4];
    return taker == NULL || (descriptor->type & 0xf) != 0 ? NVME_SC_INVALID_SGL_TYPE : taker(command, descriptor, final);
}

static void fetch(struct nvme_command *command);

// All of a segment has been taken: on to the next, or the end.
static void segment_taken(struct nvme_command *command, bool leads_on)
{
    struct nvme_sgl *sgl = &command->sgl;
    if (sgl->next_bytes > 0) {
        sgl->at = sgl->next;
        sgl->left = sgl->next_bytes;
        sgl->next_bytes = 0;
        fetch(command);
    } else if (leads_on) {
        command_fail(command, NVME_SC_INVALID_SGL_SEGMENT, AT_PRP1);
    } else if (sgl->covered < command->data_bytes) {
        command_fail(command, NVME_SC_INVALID_SGL_LENGTH, AT_PRP1);
    } else {
        sgl->then(command);
    }
}

static void arrived(void *context)
{
    struct nvme_command *command = context;
    if (command_stale(command))
        return;
    struct nvme_sgl *sgl = &command->sgl;
    const struct nvme_sgl_descriptor *descriptors = (const void *)command->nvme->scratch;
    uint32_t bytes = MIN(sgl->left, (uint32_t)FETCH_BYTES), count = bytes / (uint32_t)sizeof *descriptors;
    bool leads_on = !sgl->in_last;
    unsigned status = NVME_SC_SUCCESS;
    if (!bus_read(command->nvme, sgl->at, command->nvme->scratch, bytes))
        status = NVME_SC_DATA_TRANSFER_ERROR;
    sgl->at += bytes;
    sgl->left -= bytes;
    for (uint32_t i = 0; i < count && status == NVME_SC_SUCCESS; i++)
        status = take(command, &descriptors[i], sgl->left == 0 && i + 1 == count);
    if (status != NVME_SC_SUCCESS)
        command_fail(command, status, AT_PRP1);
    else if (sgl->left > 0)
        fetch(command);
    else
        segment_taken(command, leads_on);
}

static void fetch(struct nvme_command *command)
{
    struct nvme_sgl *sgl = &command->sgl;
    command->nvme->stats.prp_lists++;
    command_at(command, bus_read_arrival(command->nvme, sgl->at, MIN(sgl->left, (uint32_t)FETCH_BYTES)), arrived);
}

void sgl_walk(struct nvme_command *command, void (*then)(struct nvme_command *command))
{
    const struct nvme_sgl_descriptor *first = (const void *)&command->sqe.prp1;
    command->sgl = (struct nvme_sgl){.then = then};
    command->in_cmb = false;
    unsigned status = take(command, first, true);
    if (status != NVME_SC_SUCCESS)
        command_fail(command, status, AT_PRP1);
    else
        segment_taken(command, false);
}
