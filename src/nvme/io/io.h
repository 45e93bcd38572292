// What commands of the NVM command set share.
#ifndef SQTAIL_NVME_IO_IO_H
#define SQTAIL_NVME_IO_IO_H

#include <stdbool.h>
#include <stdint.h>

struct nvme_command;
struct ftl_request;

// The command whose request it is.
struct nvme_command *io_command_of(struct ftl_request *request);

// The range of CDW10 to CDW12, as the request's bytes. Returns false after having failed the command.
bool io_take_range(struct nvme_command *command);

// The same, for commands that move the range's data.
bool io_take_transfer(struct nvme_command *command);

// Whether data that the buffer holds are not good enough for the command (FUA).
bool io_asks_for_flash(const struct nvme_command *command);

// Whether a write may be acknowledged only from the flash.
bool io_must_reach_flash(const struct nvme_command *command);

// A write whose data are in the controller: what the core has room for is there at once, in an event of its own.
void io_make_data(struct ftl_request *request, uint64_t bytes);

// A piece of a read that the host does not get.
void io_drop_piece(struct ftl_request *request, uint64_t bytes);

// The core has read the command's range: it could not, where Write Uncorrectable has marked a block.
void io_check_marks(struct nvme_command *command);

// Hands the command's request to the core.
void io_submit(struct nvme_command *command);

// The core is done with it: maps what it says to a status, and completes.
void io_finish(struct nvme_command *command);

// Completes when the core has written out what it holds.
void io_flush(struct nvme_command *command);

#endif
