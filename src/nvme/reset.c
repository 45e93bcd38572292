// Reset: which parts of the controller each kind reaches, in this order.
//
// Sources: NVM Express 1.4, sections 7.3.1 (a function level reset is a controller level one), 7.3.2 (all but the admin
// queues' registers); PCI Express Base 4.0, 6.6.2. A part decides itself what the kind of reset leaves it.
#include "nvme/reset.h"

#include "nvme/queue/cq_heads.h"
#include "nvme/nvme_internal.h"
#include "util/macros.h"

enum {
    FATAL = 1 << NVME_RESET_FATAL,
    CONTROLLER = 1 << NVME_RESET_CONTROLLER,
    FUNCTION = 1 << NVME_RESET_FUNCTION,
    POWER_ON = 1 << NVME_RESET_POWER_ON,
    ANY = FATAL | CONTROLLER | FUNCTION | POWER_ON,
};

static const struct {
    void (*reset)(struct nvme *nvme, enum nvme_reset kind);
    unsigned kinds;
} parts[] = {
    {fetch_reset, ANY},
    {commands_reset, ANY},
    {health_reset, ANY},
    {queues_reset, ANY},
    {events_reset, ANY},
    {power_reset, ANY},
    {features_reset, CONTROLLER | FUNCTION | POWER_ON},
    {registers_reset, ANY},
    {config_space_reset, FUNCTION | POWER_ON},
    {interrupts_reset, ANY}, // when masks are as the reset leaves them
};

void reset_all(struct nvme *nvme, enum nvme_reset kind)
{
    cq_heads_become_events(nvme);
    nvme->epoch++; // of what is under way nobody knows any more
    nvme->ready = false;
    nvme->stopped = false;
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
        if (parts[i].kinds & 1u << kind)
            parts[i].reset(nvme, kind);
}
