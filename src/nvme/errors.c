// The error log's entries: NVM Express 1.4, section 5.14.1.1. The newest ones are kept, as many as the log has.
#include "nvme/errors.h"

#include <stdlib.h>

#include "nvme/nvme_internal.h"
#include "util/alloc.h"

void errors_create(struct nvme *nvme)
{
    nvme->errors.ring = xcalloc(nvme->config->error_log_entries, sizeof *nvme->errors.ring);
}

void errors_destroy(struct nvme *nvme)
{
    free(nvme->errors.ring);
}

enum { NO_COMMAND = 0xffff }; // SQID and CID of an error of none, 5.14.1.1

static void record(struct nvme *nvme, struct nvme_error_entry entry)
{
    entry.error_count = nvme->errors.count + 1;
    nvme->errors.ring[nvme->errors.count % nvme->config->error_log_entries] = entry;
    nvme->errors.count++;
}

void errors_record_command(struct nvme_command *command)
{
    record(command->nvme, (struct nvme_error_entry){
                              .sqid = command->sq->id,
                              .cid = command->sqe.cid,
                              .status = (uint16_t)(command->status << NVME_CQE_STATUS_SHIFT),
                              .location = command->location,
                              .lba = command->lba,
                              .nsid = command->sqe.nsid,
                          });
}

void errors_record_event(struct nvme *nvme, unsigned status)
{
    record(nvme, (struct nvme_error_entry){.sqid = NO_COMMAND,
                                           .cid = NO_COMMAND,
                                           .status = (uint16_t)(status << NVME_CQE_STATUS_SHIFT),
                                           .location = NVME_LOCATION_NONE});
}
