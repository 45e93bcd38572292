// Identify: NVM Express 1.4, section 5.15, by controller or namespace structure (CNS).
//
// CNS 06h is of NVMe 2.0; Linux asks 1.4 controllers for it too. Its answer for the NVM command set is all zeroes:
// no limits beyond MDTS.
#include "nvme/identify/cns.h"
#include "nvme/command/command_buffer.h"
#include "nvme/nvme_internal.h"
#include "nvme/command/prp.h"
#include "util/macros.h"

static void fill_io_controller(const struct nvme_command *command, void *page)
{
    (void)command, (void)page; // no limits
}

const struct nvme_cns_row nvme_cns_io_controller = {
    .value = NVME_CNS_IO_CONTROLLER, .needs = CNS_NVM_SET, .fill = fill_io_controller};

#define CNS_ROW(name) &nvme_cns_##name,
static const struct nvme_cns_row *const rows[] = {NVME_CNS_LIST(CNS_ROW)};

static const struct nvme_cns_row *find(uint32_t value)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        if (rows[i]->value == value)
            return rows[i];
    return NULL;
}

static bool namespace_suits(const struct nvme_command *command, unsigned needs)
{
    if (needs & CNS_LIST_START)
        return command->sqe.nsid < NVME_NSID_ALL - 1;
    return !(needs & CNS_NAMESPACE) || command->ns != NULL;
}

static void identify(struct nvme_command *command)
{
    const struct nvme_cns_row *cns = find(NVME_FIELD(command->sqe.cdw10, NVME_IDENTIFY_CNS));
    if (cns == NULL) {
        command_fail(command, NVME_SC_INVALID_FIELD, AT_CDW10);
    } else if (!namespace_suits(command, cns->needs)) {
        command_fail(command, NVME_SC_INVALID_NAMESPACE, AT_NSID);
    } else if ((cns->needs & CNS_NVM_SET) && NVME_FIELD(command->sqe.cdw11, NVME_IDENTIFY_CSI) != 0) {
        command_fail(command, NVME_SC_INVALID_FIELD, AT_CSI);
    } else {
        command_buffer_attach(command, NVME_IDENTIFY_BYTES, true);
        cns->fill(command, command->buffer->data);
        prp_answer(command);
    }
}

const struct nvme_opcode nvme_opcode_identify = {
    .set = NVME_SET_ADMIN,
    .code = NVME_ADMIN_IDENTIFY,
    .counter = OPCODE_COUNTER(admin_commands),
    .execute = identify,
};
