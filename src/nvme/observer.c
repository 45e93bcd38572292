// What an observer may ask about commands.
#include "nvme/observer.h"

#include "nvme/nvme_internal.h"

struct nvme_command_name nvme_name_of(const struct ftl_request *request)
{
    const struct nvme_command *command = request->owner;
    return (struct nvme_command_name){.sqid = command->sq->id, .cid = command->sqe.cid};
}
