// Format NVM: NVM Express 1.4, section 5.23.
//
// A namespace, or with FFFFFFFFh each of them, gets logical blocks of another size; whatever was asked for as secure
// erase, what it held is deallocated, which takes the core's time for that (a user data erase and a cryptographic one
// need no more here, since what is deallocated reads as zeroes). Left out: metadata, protection information, progress
// (FPI).
#include "nvme/admin/deallocate.h"
#include "nvme/command/opcode.h"
#include "nvme/nvme_internal.h"

static void format_next(struct nvme_command *command);

static void deallocated(struct ftl_request *request)
{
    struct nvme_command *command = request->owner;
    if (command_stale(command))
        return;
    breakdown_enter(&command->path, STAGE_CONTROLLER, sim_now(command->nvme->sim));
    format_next(command);
}

static void change_blocks(struct nvme_namespace *ns, unsigned lba_shift)
{
    ns->blocks = namespace_bytes(ns) >> lba_shift;
    ns->lba_shift = lba_shift;
}

static void format_one(struct nvme_command *command, struct nvme_namespace *ns)
{
    struct nvme *nvme = command->nvme;
    self_test_end_on(nvme, ns->nsid, NVME_SELF_TEST_FORMATTED);
    change_blocks(ns, NVME_LBA_SHIFT_MIN + NVME_FIELD(command->sqe.cdw10, NVME_FORMAT_LBAF));
    features_forget_namespace(nvme, ns->nsid);
    deallocate_namespace(command, ns, deallocated);
}

// `range` and `ranges` are the next identifier and the last one.
static void format_next(struct nvme_command *command)
{
    while (command->range <= command->ranges) {
        struct nvme_namespace *ns = subsystem_namespace(&command->nvme->subsystem, command->range++);
        if (ns != NULL) {
            format_one(command, ns);
            return;
        }
    }
    command_complete(command);
}

static void format(struct nvme_command *command)
{
    uint32_t cdw10 = command->sqe.cdw10, nsid = command->sqe.nsid;
    if (NVME_FIELD(cdw10, NVME_FORMAT_LBAF) >= NVME_LBA_FORMATS || (cdw10 & NVME_FORMAT_METADATA_MASK)) {
        command_fail(command, NVME_SC_INVALID_FORMAT, AT_CDW10);
        return;
    }
    if (NVME_FIELD(cdw10, NVME_FORMAT_SES) > NVME_FORMAT_SES_CRYPTO) {
        command_fail(command, NVME_SC_INVALID_FIELD, AT_CDW10);
        return;
    }
    command->range = nsid == NVME_NSID_ALL ? 1 : nsid;
    command->ranges = nsid == NVME_NSID_ALL ? command->nvme->subsystem.limit : nsid;
    format_next(command);
}

const struct nvme_opcode nvme_opcode_format = {
    .set = NVME_SET_ADMIN,
    .code = NVME_ADMIN_FORMAT_NVM,
    .name = "Format NVM",
    .flags = OPCODE_NAMESPACE | OPCODE_ALL_NAMESPACES,
    .optional = NVME_OACS_FORMAT,
    .effects = NVME_EFFECT_LOGICAL_BLOCKS | NVME_EFFECT_NAMESPACE,
    .counter = OPCODE_COUNTER(admin_commands),
    .execute = format,
};
