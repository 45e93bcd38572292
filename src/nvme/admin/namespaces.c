// Namespace Management and Namespace Attachment: NVM Express 1.4, sections 5.19, 5.20, 8.12.
//
// A namespace that is created gets the first range that is large enough. What a deleted one held is deallocated before
// the command completes, which takes the core's time for that. Either, and attaching or detaching one, is told as a
// namespace attribute event when the host has enabled it (5.2, 5.21.1.11), and listed in log page 04h. Left out:
// sharing (there is one controller), thin provisioning, ANA groups, NVM sets.
#include "nvme/admin/deallocate.h"
#include "nvme/admin/events.h"
#include "nvme/command/command_buffer.h"
#include "nvme/command/prp.h"
#include "nvme/nvme_internal.h"

enum { CONTROLLER_ID = 0 };

static void note_change(struct nvme *nvme, uint32_t nsid)
{
    nvme->subsystem.changed |= UINT64_C(1) << (nsid - 1);
    if (nvme->features.value[NVME_FEATURE_ASYNC_EVENT] & NVME_OAES_NAMESPACE_ATTRIBUTE)
        events_raise(nvme, NVME_EVENT_NOTICE, NVME_EVENT_NOTICE_NAMESPACE_CHANGED, NVME_LOG_CHANGED_NAMESPACES);
}

// --- create --------------------------------------------------------------------------------------------------------

// The status of a description that cannot be followed.
static unsigned description_status(const struct nvme_identify_namespace *id)
{
    if (id->flbas >= NVME_LBA_FORMATS)
        return NVME_SC_INVALID_FORMAT;
    if (id->nsze == 0 || id->ncap != id->nsze || id->dps != 0 || id->nmic != 0)
        return NVME_SC_INVALID_FIELD;
    return NVME_SC_SUCCESS;
}

// Why there is no such namespace.
static unsigned lack_of_room(const struct nvme_subsystem *subsystem)
{
    for (uint32_t i = 0; i < subsystem->limit; i++)
        if (!subsystem->namespaces[i].allocated)
            return NVME_SC_INSUFFICIENT_CAPACITY;
    return NVME_SC_NSID_UNAVAILABLE;
}

static void create(struct nvme_command *command)
{
    struct nvme_subsystem *subsystem = &command->nvme->subsystem;
    const struct nvme_identify_namespace *id = (const void *)command->buffer->data;
    unsigned status = description_status(id);
    if (status != NVME_SC_SUCCESS) {
        command_fail(command, status, AT_PRP1);
        return;
    }
    const struct nvme_namespace *ns = subsystem_allocate(subsystem, id->nsze, NVME_LBA_SHIFT_MIN + id->flbas);
    if (ns == NULL) {
        command_fail(command, lack_of_room(subsystem), AT_PRP1);
        return;
    }
    features_forget_namespace(command->nvme, ns->nsid);
    command->dw0 = ns->nsid;
    command_complete(command);
}

// --- delete --------------------------------------------------------------------------------------------------------

static void delete_next(struct nvme_command *command);

static void deallocated(struct ftl_request *request)
{
    struct nvme_command *command = request->owner;
    if (command_stale(command))
        return;
    breakdown_enter(&command->path, STAGE_CONTROLLER, sim_now(command->nvme->sim));
    delete_next(command);
}

static void delete_one(struct nvme_command *command, struct nvme_namespace *ns)
{
    struct nvme *nvme = command->nvme;
    bool told = subsystem_is_active(&nvme->subsystem, ns);
    self_test_end_on(nvme, ns->nsid, NVME_SELF_TEST_NAMESPACE_REMOVED);
    subsystem_free(&nvme->subsystem, ns);
    if (told)
        note_change(nvme, ns->nsid);
    deallocate_namespace(command, ns, deallocated);
}

// `range` and `ranges` are the next identifier and the last one.
static void delete_next(struct nvme_command *command)
{
    while (command->range <= command->ranges) {
        struct nvme_namespace *ns = subsystem_find(&command->nvme->subsystem, command->range++);
        if (ns != NULL) {
            delete_one(command, ns);
            return;
        }
    }
    command_complete(command);
}

static void delete(struct nvme_command *command)
{
    struct nvme_subsystem *subsystem = &command->nvme->subsystem;
    uint32_t nsid = command->sqe.nsid;
    if (nsid != NVME_NSID_ALL && subsystem_find(subsystem, nsid) == NULL) {
        command_fail(command, NVME_SC_INVALID_NAMESPACE, AT_NSID);
        return;
    }
    command->range = nsid == NVME_NSID_ALL ? 1 : nsid;
    command->ranges = nsid == NVME_NSID_ALL ? subsystem->limit : nsid;
    delete_next(command);
}

static void namespace_management(struct nvme_command *command)
{
    switch (NVME_FIELD(command->sqe.cdw10, NVME_NAMESPACE_SEL)) {
    case NVME_NAMESPACE_CREATE: prp_take(command, sizeof(struct nvme_identify_namespace), create); break;
    case NVME_NAMESPACE_DELETE: delete(command); break;
    default: command_fail(command, NVME_SC_INVALID_FIELD, AT_CDW10);
    }
}

// --- attachment ----------------------------------------------------------------------------------------------------

// What is wrong with attaching, or detaching, the namespace.
static unsigned attachment_status(const struct nvme_command *command, const struct nvme_namespace *ns, bool attach)
{
    const struct nvme_controller_list *list = (const void *)command->buffer->data;
    if (list->count != 1 || list->id[0] != CONTROLLER_ID)
        return NVME_SC_INVALID_CONTROLLER_LIST;
    if (attach == subsystem_is_active(&command->nvme->subsystem, ns))
        return attach ? NVME_SC_ALREADY_ATTACHED : NVME_SC_NOT_ATTACHED;
    return NVME_SC_SUCCESS;
}

static void list_arrived(struct nvme_command *command)
{
    struct nvme *nvme = command->nvme;
    bool attach = NVME_FIELD(command->sqe.cdw10, NVME_NAMESPACE_SEL) == NVME_NAMESPACE_ATTACH;
    struct nvme_namespace *ns = subsystem_find(&nvme->subsystem, command->sqe.nsid);
    unsigned status = ns == NULL ? NVME_SC_INVALID_NAMESPACE : attachment_status(command, ns, attach);
    if (status != NVME_SC_SUCCESS) {
        command_fail(command, status, ns == NULL ? AT_NSID : AT_PRP1);
        return;
    }
    if (!attach)
        self_test_end_on(nvme, ns->nsid, NVME_SELF_TEST_NAMESPACE_REMOVED);
    subsystem_attach(&nvme->subsystem, ns, attach);
    note_change(nvme, ns->nsid);
    command_complete(command);
}

static void namespace_attachment(struct nvme_command *command)
{
    if (NVME_FIELD(command->sqe.cdw10, NVME_NAMESPACE_SEL) > NVME_NAMESPACE_DETACH)
        command_fail(command, NVME_SC_INVALID_FIELD, AT_CDW10);
    else
        prp_take(command, sizeof(struct nvme_controller_list), list_arrived);
}

const struct nvme_opcode nvme_opcode_namespace_management = {
    .set = NVME_SET_ADMIN,
    .code = NVME_ADMIN_NAMESPACE_MANAGEMENT,
    .name = "Namespace Management",
    .optional = NVME_OACS_NAMESPACES,
    .offered = nvme_manages_namespaces,
    .effects = NVME_EFFECT_LOGICAL_BLOCKS | NVME_EFFECT_INVENTORY,
    .counter = OPCODE_COUNTER(admin_commands),
    .execute = namespace_management,
};

const struct nvme_opcode nvme_opcode_namespace_attachment = {
    .set = NVME_SET_ADMIN,
    .code = NVME_ADMIN_NAMESPACE_ATTACHMENT,
    .name = "Namespace Attachment",
    .optional = NVME_OACS_NAMESPACES,
    .offered = nvme_manages_namespaces,
    .effects = NVME_EFFECT_INVENTORY,
    .counter = OPCODE_COUNTER(admin_commands),
    .execute = namespace_attachment,
};
