// What a namespace held is forgotten.
#ifndef SQTAIL_NVME_ADMIN_DEALLOCATE_H
#define SQTAIL_NVME_ADMIN_DEALLOCATE_H

#include "nvme/command/command.h"
#include "nvme/namespace.h"

// Its marks and contents are gone at once; the core takes its time, and calls `done`, with the command as its owner.
void deallocate_namespace(struct nvme_command *command, const struct nvme_namespace *ns,
                          void (*done)(struct ftl_request *request));

#endif
