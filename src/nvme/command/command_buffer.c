// Data of commands as bytes: buffers, which are kept for the next command that needs one, and the way between them and
// the host's pages.
#include "nvme/command/command_buffer.h"

#include <stdlib.h>
#include <string.h>

#include "nvme/pci/bus_master.h"
#include "nvme/nvme_internal.h"
#include "util/alloc.h"

void command_buffers_destroy(struct nvme *nvme)
{
    for (struct list_link *link; (link = list_pop(&nvme->buffers)) != NULL;) {
        struct nvme_buffer *buffer = container_of(link, struct nvme_buffer, link);
        free(buffer->data);
        free(buffer->pages);
        free(buffer->extents);
        free(buffer);
    }
}

void command_buffer_attach(struct nvme_command *command, uint32_t bytes, bool to_host)
{
    struct nvme *nvme = command->nvme;
    struct list_link *link = list_pop(&nvme->buffers);
    struct nvme_buffer *buffer =
        link != NULL ? container_of(link, struct nvme_buffer, link) : xcalloc(1, sizeof *buffer);
    if (buffer->capacity < bytes) {
        buffer->capacity = bytes;
        buffer->data = xrealloc(buffer->data, bytes);
        buffer->pages = xrealloc(buffer->pages, ((bytes >> NVME_PAGE_SHIFT_MIN) + 2) * sizeof *buffer->pages);
    }
    buffer->extent_count = 0;
    memset(buffer->data, 0, bytes);
    command->buffer = buffer;
    command->data_bytes = bytes;
    command->data_to_host = to_host;
}

void command_buffer_release(struct nvme_command *command)
{
    if (command->buffer == NULL)
        return;
    list_push_front(&command->nvme->buffers, &command->buffer->link);
    command->buffer = NULL;
}

// Grown by doubling from its beginning for each command; what it had before is kept for the next.
void command_buffer_add(struct nvme_command *command, struct nvme_extent extent)
{
    struct nvme_buffer *buffer = command->buffer;
    buffer->extents = xgrow(buffer->extents, buffer->extent_count, sizeof *buffer->extents);
    buffer->extents[buffer->extent_count++] = extent;
}

static bool move(struct nvme_command *command, uint64_t address, uint8_t *data, size_t bytes)
{
    struct nvme *nvme = command->nvme;
    return command->data_to_host ? bus_write(nvme, address, data, bytes) : bus_read(nvme, address, data, bytes);
}

static bool move_extents(struct nvme_command *command)
{
    const struct nvme_buffer *buffer = command->buffer;
    uint8_t *data = buffer->data;
    for (uint32_t i = 0; i < buffer->extent_count; data += buffer->extents[i++].bytes)
        if (!buffer->extents[i].is_bucket && !move(command, buffer->extents[i].address, data, buffer->extents[i].bytes))
            return false;
    return true;
}

static bool move_pages(struct nvme_command *command)
{
    uint64_t page_bytes = UINT64_C(1) << command->nvme->page_shift;
    uint8_t *data = command->buffer->data, *end = data + command->data_bytes;
    for (const uint64_t *page = command->buffer->pages; data < end; page++) {
        size_t bytes = MIN(page_bytes - (*page & (page_bytes - 1)), (uint64_t)(end - data));
        if (!move(command, *page, data, bytes))
            return false;
        data += bytes;
    }
    return true;
}

bool command_buffer_move(struct nvme_command *command)
{
    return command->sqe.flags & NVME_SQE_PSDT_MASK ? move_extents(command) : move_pages(command);
}
