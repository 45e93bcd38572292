// Data of a command as bytes: Identify, logs and ranges, never user data.
#ifndef SQTAIL_NVME_COMMAND_COMMAND_BUFFER_H
#define SQTAIL_NVME_COMMAND_COMMAND_BUFFER_H

#include <stdbool.h>
#include <stdint.h>

#include "util/list.h"

struct nvme;
struct nvme_command;

// Where some of an SGL's data are; a bucket's are nowhere.
struct nvme_extent {
    uint64_t address;
    uint32_t bytes;
    bool is_bucket;
};

struct nvme_buffer {
    struct list_link link;
    uint8_t *data;
    uint64_t *pages; // their addresses in host memory, the first one with its offset
    struct nvme_extent *extents; // those of an SGL instead
    uint32_t extent_count;
    uint32_t capacity; // bytes
};

void command_buffers_destroy(struct nvme *nvme);

// Gives the command a buffer of zeroes, which is its data.
void command_buffer_attach(struct nvme_command *command, uint32_t bytes, bool to_host);
void command_buffer_release(struct nvme_command *command);

// Of an SGL: what comes next.
void command_buffer_add(struct nvme_command *command, struct nvme_extent extent);

// Moves the bytes between buffer and host memory; false when a page could not be reached.
bool command_buffer_move(struct nvme_command *command);

#endif
