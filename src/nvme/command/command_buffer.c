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

bool command_buffer_move(struct nvme_command *command)
{
    struct nvme *nvme = command->nvme;
    uint64_t page_bytes = UINT64_C(1) << nvme->page_shift;
    uint8_t *data = command->buffer->data, *end = data + command->data_bytes;
    for (const uint64_t *page = command->buffer->pages; data < end; page++) {
        size_t bytes = MIN(page_bytes - (*page & (page_bytes - 1)), (uint64_t)(end - data));
        if (!(command->data_to_host ? bus_write(nvme, *page, data, bytes) : bus_read(nvme, *page, data, bytes)))
            return false;
        data += bytes;
    }
    return true;
}
