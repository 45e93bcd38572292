// Scatter gather lists: where a command's data lie in host memory, in pieces of any size.
#ifndef SQTAIL_NVME_COMMAND_SGL_H
#define SQTAIL_NVME_COMMAND_SGL_H

struct nvme_command;

// Checks the command's SGL for data_bytes, fetching segments; then(command), or the command fails. With a buffer, the
// places are kept there.
void sgl_walk(struct nvme_command *command, void (*then)(struct nvme_command *command));

#endif
