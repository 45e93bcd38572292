// Identify: NVM Express 1.4, section 5.15, by controller or namespace structure (CNS).
//
// Values of NVMe 2.0 are answered as far as a drive with the NVM command set alone has something to say; Linux asks 1.4
// controllers for some of them too.
#include "nvme/identify/cns.h"
#include "nvme/command/command_buffer.h"
#include "nvme/nvme_internal.h"
#include "nvme/command/prp.h"
#include "util/macros.h"

#define CNS_ROW(name) &nvme_cns_##name,
const struct nvme_cns_row *const nvme_cns_rows[] = {NVME_CNS_LIST(CNS_ROW)};
const size_t nvme_cns_row_count = ARRAY_SIZE(nvme_cns_rows);

static const struct nvme_cns_row *find(const struct nvme *nvme, uint32_t value)
{
    for (size_t i = 0; i < ARRAY_SIZE(nvme_cns_rows); i++) {
        const struct nvme_cns_row *row = nvme_cns_rows[i];
        if (row->value == value && (row->offered == NULL || row->offered(nvme->config)))
            return row;
    }
    return NULL;
}

static bool namespace_suits(const struct nvme_command *command, unsigned needs)
{
    uint32_t nsid = command->sqe.nsid;
    if (needs & CNS_LIST_START)
        return nsid < NVME_NSID_ALL - 1;
    if ((needs & CNS_COMMON) && nsid == NVME_NSID_ALL)
        return nvme_manages_namespaces(command->nvme->config);
    if (needs & (CNS_VALID | CNS_ALLOCATED))
        return nsid - 1 < command->nvme->subsystem.limit;
    return !(needs & CNS_ACTIVE) || command->ns != NULL;
}

static void identify(struct nvme_command *command)
{
    const struct nvme_cns_row *cns = find(command->nvme, NVME_FIELD(command->sqe.cdw10, NVME_IDENTIFY_CNS));
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
    .name = "Identify",
    .counter = OPCODE_COUNTER(admin_commands),
    .execute = identify,
};
