// Asynchronous events.
#ifndef SQTAIL_NVME_ADMIN_EVENTS_H
#define SQTAIL_NVME_ADMIN_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "nvme/reset.h"
#include "spec/nvme.h"
#include "util/list.h"

enum { NVME_EVENT_QUEUE = 8 }; // events kept until the host asks for them

struct nvme_event {
    uint8_t type, information, log;
};

struct nvme_events {
    struct nvme_event queue[NVME_EVENT_QUEUE];
    uint32_t count;
    uint32_t masked;   // by type: reported, and its log not yet read
    struct list requests; // parked Asynchronous Event Requests
    uint32_t request_count;
};

void events_reset(struct nvme *nvme, enum nvme_reset kind);
void events_deliver(struct nvme *nvme);
void events_raise(struct nvme *nvme, enum nvme_event_type type, unsigned information, unsigned log);

// The host has read the log page that tells of events of this type.
void events_log_read(struct nvme *nvme, enum nvme_event_type type);

// Completes the Asynchronous Event Request of that identifier, if there is one, as aborted.
bool events_abort(struct nvme *nvme, uint16_t cid);

// Reports the warnings that are enabled, for as long as they stand.
void events_check_health(struct nvme *nvme);

#endif
