// Of a namespace that is formatted or deleted: NVM Express 1.4, sections 5.20 and 5.23. The core is asked for a trim of
// all of it.
#include "nvme/admin/deallocate.h"

#include "nvme/nvme_internal.h"

void deallocate_namespace(struct nvme_command *command, const struct nvme_namespace *ns,
                          void (*done)(struct ftl_request *request))
{
    struct nvme *nvme = command->nvme;
    uint64_t bytes = namespace_bytes(ns);
    sectors_remove(&nvme->uncorrectable, ns->base, bytes);
    if (nvme->store != NULL)
        store_zero(nvme->store, ns->base, bytes);
    command->request.kind = FTL_TRIM;
    command->request.offset = ns->base;
    command->request.bytes = bytes;
    command->request.done = done;
    command->request.status = FTL_OK;
    command->state = NVME_COMMAND_CORE;
    ftl_submit(&nvme->core, &command->request);
}
