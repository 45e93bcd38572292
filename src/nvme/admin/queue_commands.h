// Creation and deletion of I/O queues.
#ifndef SQTAIL_NVME_ADMIN_QUEUE_COMMANDS_H
#define SQTAIL_NVME_ADMIN_QUEUE_COMMANDS_H

struct nvme;

void queue_commands_create(struct nvme *nvme);

#endif
