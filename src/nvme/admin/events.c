// Asynchronous events: NVM Express 1.4, section 5.2.
//
// An event waits until the host has an Asynchronous Event Request outstanding. When one is reported, further events
// of its type are held back until the host has read the log page that tells about it. Events that wait and tell the
// same are one. Errors are always reported. SMART events are a condition rather than something that happens: as long
// as a critical warning stands and feature 0Bh enables it there is one to report, and again when the host has read
// the log; a host that does not want to be told again disables it (5.21.1.11). A function that is no bus master keeps
// its events.
#include "nvme/admin/events.h"

#include "nvme/nvme_internal.h"
#include "util/macros.h"

void events_reset(struct nvme *nvme, enum nvme_reset kind)
{
    (void)kind;
    nvme->events = (struct nvme_events){0};
}

static void remove_event(struct nvme_events *events, uint32_t index)
{
    events->count--;
    for (uint32_t i = index; i < events->count; i++)
        events->queue[i] = events->queue[i + 1];
}

// Takes out the first event whose type is not masked.
static bool take_event(struct nvme_events *events, struct nvme_event *event)
{
    for (uint32_t i = 0; i < events->count; i++) {
        if (events->masked >> events->queue[i].type & 1)
            continue;
        *event = events->queue[i];
        remove_event(events, i);
        return true;
    }
    return false;
}

static struct nvme_command *take_request(struct nvme *nvme)
{
    struct nvme_command *command = container_of(list_pop(&nvme->events.requests), struct nvme_command, link);
    nvme->events.request_count--;
    command->uncounted = false;
    flight_enter(nvme, 1);
    return command;
}

void events_deliver(struct nvme *nvme)
{
    struct nvme_events *events = &nvme->events;
    struct nvme_event event;
    while (nvme->pci.master_enabled && !list_empty(&events->requests) && take_event(events, &event)) {
        events->masked |= UINT32_C(1) << event.type;
        nvme->stats.events++;
        struct nvme_command *command = take_request(nvme);
        command->dw0 = event.type | (uint32_t)event.information << NVME_EVENT_INFORMATION_SHIFT |
                       (uint32_t)event.log << NVME_EVENT_LOG_SHIFT;
        command_complete(command);
    }
}

void events_raise(struct nvme *nvme, enum nvme_event_type type, unsigned information, unsigned log)
{
    struct nvme_events *events = &nvme->events;
    for (uint32_t i = 0; i < events->count; i++)
        if (events->queue[i].type == type && events->queue[i].information == information)
            return;
    if (events->count == NVME_EVENT_QUEUE)
        return;
    events->queue[events->count++] =
        (struct nvme_event){.type = (uint8_t)type, .information = (uint8_t)information, .log = (uint8_t)log};
    events_deliver(nvme);
}

void events_log_read(struct nvme *nvme, enum nvme_event_type type)
{
    nvme->events.masked &= ~(UINT32_C(1) << type);
    events_check_health(nvme);
    events_deliver(nvme);
}

static void async_event_request(struct nvme_command *command)
{
    struct nvme *nvme = command->nvme;
    if (nvme->events.request_count > nvme->config->aerl) {
        command_fail(command, NVME_SC_AER_LIMIT, AT_OPCODE);
        return;
    }
    nvme->events.request_count++;
    command->uncounted = true;
    command_park(command, &nvme->events.requests);
    flight_leave(nvme, 1);
    events_deliver(nvme);
}

bool events_abort(struct nvme *nvme, uint16_t cid)
{
    struct list others = {NULL, NULL};
    struct nvme_command *found = NULL;
    while (!list_empty(&nvme->events.requests)) {
        struct nvme_command *command = container_of(nvme->events.requests.head, struct nvme_command, link);
        if (found == NULL && command->sqe.cid == cid) {
            found = take_request(nvme);
        } else {
            list_pop(&nvme->events.requests);
            list_push(&others, &command->link);
        }
    }
    nvme->events.requests = others;
    if (found != NULL)
        command_fail(found, NVME_SC_ABORT_REQUESTED, NVME_LOCATION_NONE);
    return found != NULL;
}

// --- health --------------------------------------------------------------------------------------------------------

// Bit n of the critical warning and of feature 0Bh, and the event that tells of it.
static const struct {
    uint8_t bit;
    uint8_t information;
} smart_events[] = {
    {NVME_WARNING_SPARE, NVME_EVENT_SMART_SPARE},
    {NVME_WARNING_TEMPERATURE, NVME_EVENT_SMART_TEMPERATURE},
};

// Takes out the event, which waits, of a condition that is gone or disabled.
static void withdraw(struct nvme_events *events, unsigned information)
{
    for (uint32_t i = 0; i < events->count; i++)
        if (events->queue[i].type == NVME_EVENT_SMART && events->queue[i].information == information)
            remove_event(events, i);
}

void events_check_health(struct nvme *nvme)
{
    uint32_t stands = health_critical_warning(nvme) & nvme->features.value[NVME_FEATURE_ASYNC_EVENT];
    for (size_t i = 0; i < ARRAY_SIZE(smart_events); i++) {
        if (stands & smart_events[i].bit)
            events_raise(nvme, NVME_EVENT_SMART, smart_events[i].information, NVME_LOG_SMART);
        else
            withdraw(&nvme->events, smart_events[i].information);
    }
}

const struct nvme_opcode nvme_opcode_async_event_request = {
    .set = NVME_SET_ADMIN,
    .code = NVME_ADMIN_ASYNC_EVENT_REQUEST,
    .name = "Asynchronous Event Request",
    .counter = OPCODE_COUNTER(admin_commands),
    .execute = async_event_request,
};
