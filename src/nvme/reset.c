// Reset: all parts in this order; what the kind leaves of each, nvme_reset_rows says.
#include "nvme/reset.h"

#include "nvme/queue/cq_heads.h"
#include "nvme/nvme_internal.h"
#include "util/macros.h"

static const struct {
    void (*reset)(struct nvme *nvme, enum nvme_reset kind);
    unsigned unless; // the kind keeps this: then the part is not reached
} parts[] = {
    {fetch_reset, 0},
    {commands_reset, 0},
    {health_reset, 0},
    {queues_reset, 0},
    {shadow_reset, 0},
    {events_reset, 0},
    {firmware_reset, KEEPS_FEATURES},
    {self_test_reset, KEEPS_REGISTERS},
    {power_reset, 0},
    {features_reset, KEEPS_FEATURES},
    {registers_reset, 0},
    {config_space_reset, KEEPS_CONFIGURATION},
    {interrupts_reset, 0}, // when masks are as the reset leaves them
};

void reset_all(struct nvme *nvme, enum nvme_reset kind)
{
    cq_heads_become_events(nvme);
    nvme->epoch++; // of what is under way nobody knows any more
    nvme->ready = false;
    nvme->stopped = false;
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
        if (!(nvme_reset_rows[kind].keeps & parts[i].unless))
            parts[i].reset(nvme, kind);
}
