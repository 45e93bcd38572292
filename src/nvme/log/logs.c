// Get Log Page: NVM Express 1.4, section 5.14, by log identifier; offsets by index are of NVM Express Base 2.0, 5.16.
//
// The part asked for is made, not the log as a whole; what lies beyond its end reads 0. The event that a log tells of
// is cleared when the host has it: with the completion of a command that succeeds (5.2).
#include "nvme/command/command_buffer.h"
#include "nvme/admin/events.h"
#include "nvme/log/log_page.h"
#include "nvme/nvme_internal.h"
#include "nvme/command/prp.h"
#include "util/macros.h"

static const struct nvme_log_page *page_of(const struct nvme_command *command)
{
    uint32_t lid = NVME_FIELD(command->sqe.cdw10, NVME_LOG_LID);
    for (size_t i = 0; i < NVME_LOG_PAGE_COUNT; i++)
        if (nvme_log_pages[i]->lid == lid && nvme_log_page_offered(command->nvme, nvme_log_pages[i]))
            return nvme_log_pages[i];
    return NULL;
}

static void page_was_read(struct nvme_command *command)
{
    const struct nvme_log_page *page = page_of(command);
    if (page->was_read != NULL)
        page->was_read(command->nvme);
    events_log_read(command->nvme, page->type);
}

static void answer(struct nvme_command *command, const struct nvme_log_page *page, uint64_t offset, uint32_t bytes)
{
    size_t size = page->size(command->nvme);
    if (offset > size) {
        command_fail(command, NVME_SC_INVALID_FIELD, AT_CDW12);
        return;
    }
    unsigned status = page->check == NULL ? NVME_SC_SUCCESS : page->check(command);
    if (status != NVME_SC_SUCCESS) {
        command_fail(command, status, AT_CDW10);
        return;
    }
    command_buffer_attach(command, bytes, true);
    page->fill(command, command->buffer->data, offset, MIN(size - offset, (uint64_t)bytes));
    if (page->clears && !(command->sqe.cdw10 & NVME_LOG_RAE))
        command->posted = page_was_read;
    prp_answer(command);
}

// Most logs are the controller's; of those of a namespace LPA bit 0 tells.
static bool scope_suits(const struct nvme_command *command, const struct nvme_log_page *page)
{
    uint32_t nsid = command->sqe.nsid;
    if (nsid == 0 || nsid == NVME_NSID_ALL)
        return true;
    return page->per_namespace && command->nvme->subsystem.limit > 1 && command->ns != NULL;
}

static void get_log_page(struct nvme_command *command)
{
    const struct nvme_sqe *sqe = &command->sqe;
    const struct nvme_log_page *page = page_of(command);
    uint64_t high = NVME_FIELD(sqe->cdw11, NVME_LOG_NUMDU), low = NVME_FIELD(sqe->cdw10, NVME_LOG_NUMDL);
    uint64_t bytes = ((high << 16 | low) + 1) * 4, offset = sqe->cdw12 | (uint64_t)sqe->cdw13 << 32;
    bool by_index = sqe->cdw14 & NVME_LOG_OT;
    if (page == NULL)
        command_fail(command, NVME_SC_INVALID_LOG_PAGE, AT_CDW10);
    else if (!scope_suits(command, page))
        command_fail(command, NVME_SC_INVALID_FIELD, AT_NSID);
    else if (bytes > command->nvme->transfer_max)
        command_fail(command, NVME_SC_INVALID_FIELD, AT_CDW10_HIGH);
    else if (by_index && page->entry == 0)
        command_fail(command, NVME_SC_INVALID_FIELD, AT_OFFSET_TYPE);
    else if (offset % (by_index ? 1 : 4) != 0 || (by_index && offset > UINT32_MAX))
        command_fail(command, NVME_SC_INVALID_FIELD, AT_CDW12);
    else
        answer(command, page, by_index ? offset * page->entry : offset, (uint32_t)bytes);
}

const struct nvme_opcode nvme_opcode_get_log_page = {
    .set = NVME_SET_ADMIN,
    .code = NVME_ADMIN_GET_LOG_PAGE,
    .name = "Get Log Page",
    .counter = OPCODE_COUNTER(admin_commands),
    .execute = get_log_page,
};
