// Where a command's data lie in host memory.
#ifndef SQTAIL_NVME_COMMAND_PRP_H
#define SQTAIL_NVME_COMMAND_PRP_H

#include <stdint.h>

struct nvme_command;

// Checks the command's PRP entries, or its SGL, for data_bytes, fetching lists; then(command), or the command fails. With a
// buffer, the pages' addresses are kept there.
void prp_walk(struct nvme_command *command, void (*then)(struct nvme_command *command));

// As prp_walk for a list of `pages` entries, at PRP1, that says where a queue's pages are; they are kept in a buffer.
void prp_walk_queue(struct nvme_command *command, uint32_t pages, void (*then)(struct nvme_command *command));

// The command's answer is in its buffer: walk the PRPs, send it, complete.
void prp_answer(struct nvme_command *command);

// Gives the command a buffer and fetches that many bytes into it; then(command), or the command fails.
void prp_take(struct nvme_command *command, uint32_t bytes, void (*then)(struct nvme_command *command));

// The PRPs have been walked, with a buffer: fetches what they name into it; then(command), or the command fails.
void prp_fetch(struct nvme_command *command, void (*then)(struct nvme_command *command));

#endif
