// The error log's entries: NVM Express 1.4, section 5.14.1.1. The newest ones are kept, as many as the log has.
#include "nvme/admin/errors.h"

#include <stdlib.h>
#include <string.h>

#include "nvme/log/log_page.h"
#include "nvme/nvme_internal.h"
#include "util/alloc.h"
#include "util/macros.h"

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

// --- log page 01h --------------------------------------------------------------------------------------------------

static size_t log_size(const struct nvme *nvme)
{
    return nvme->config->error_log_entries * sizeof(struct nvme_error_entry);
}

// The newest entry first; unused ones are 0.
static struct nvme_error_entry entry_at(const struct nvme *nvme, uint64_t index)
{
    const struct nvme_errors *errors = &nvme->errors;
    uint32_t slots = nvme->config->error_log_entries;
    return index < errors->count ? errors->ring[(errors->count - 1 - index) % slots] : (struct nvme_error_entry){0};
}

static void fill_log(const struct nvme_command *command, uint8_t *to, size_t offset, size_t bytes)
{
    for (size_t end = offset + bytes, part; offset < end; offset += part, to += part) {
        struct nvme_error_entry entry = entry_at(command->nvme, offset / sizeof entry);
        size_t within = offset % sizeof entry;
        part = MIN(sizeof entry - within, end - offset);
        memcpy(to, (const uint8_t *)&entry + within, part);
    }
}

const struct nvme_log_page nvme_log_page_error = {
    .lid = NVME_LOG_ERROR,
    .name = "Error Information",
    .entry = sizeof(struct nvme_error_entry),
    .clears = true,
    .type = NVME_EVENT_ERROR,
    .size = log_size,
    .fill = fill_log,
};
