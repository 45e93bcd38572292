// Data of a command as bytes: Identify, logs and ranges, never user data.
#ifndef SQTAIL_NVME_COMMAND_COMMAND_BUFFER_H
#define SQTAIL_NVME_COMMAND_COMMAND_BUFFER_H

#include <stdbool.h>
#include <stdint.h>

#include "util/list.h"

struct nvme;
struct nvme_command;

struct nvme_buffer {
    struct list_link link;
    uint8_t *data;
    uint64_t *pages; // their addresses in host memory, the first one with its offset
    uint32_t capacity; // bytes
};

void command_buffers_destroy(struct nvme *nvme);

// Gives the command a buffer of zeroes, which is its data.
void command_buffer_attach(struct nvme_command *command, uint32_t bytes, bool to_host);
void command_buffer_release(struct nvme_command *command);

// Moves the bytes between buffer and host memory; false when a page could not be reached.
bool command_buffer_move(struct nvme_command *command);

#endif
