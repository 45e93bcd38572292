// Shadow doorbells: the host writes its tails and heads to memory, and rings only when it passes the value at which the
// controller has asked for it, EventIdx.
//
// Sources: NVM Express 1.4, 5.7, 7.13; Linux 6.1 drivers/nvme/host/pci.c, nvme_dbbuf_update_and_check_event, which uses
// them for I/O queues only: here, too, the admin queue's doorbells are registers alone.
//
// A submission queue is looked at when its last known entry has been fetched: EventIdx is written, then the shadow is
// read, in this order, so that the host either sees the one or is seen by the other. While commands are under way the
// host rings no bell. A completion queue is looked at only when somebody waits for its head.
#include "nvme/queue/shadow.h"

#include "nvme/nvme_internal.h"
#include "nvme/pci/bus_master.h"
#include "util/macros.h"

struct nvme_look {
    struct nvme *nvme;
    uint32_t epoch;
    uint32_t id;    // of the queue
    bool head;      // a completion queue's
    uint32_t known; // the value past which the host is to ring
};

static uint64_t place_of(const struct nvme *nvme, const struct nvme_look *look)
{
    return (2 * (uint64_t)look->id + look->head) << (2 + nvme->config->doorbell_stride);
}

static bool is_stale(const struct nvme_look *look)
{
    return look->epoch != look->nvme->epoch || !look->nvme->shadow.used;
}

static bool take_value(struct nvme *nvme, const struct nvme_look *look, uint32_t *value)
{
    if (bus_read(nvme, nvme->shadow.doorbells + place_of(nvme, look), value, sizeof *value))
        return true;
    nvme->reset(nvme, NVME_RESET_FATAL);
    return false;
}

static void told(struct nvme *nvme, const struct nvme_look *look, uint32_t value)
{
    struct nvme_sq *sq = &nvme->queues.sqs[look->id];
    struct nvme_cq *cq = &nvme->queues.cqs[look->id];
    value &= NVME_DOORBELL_MASK;
    if (look->head && cq->exists)
        nvme->shadow.head(nvme, cq, value);
    else if (!look->head && sq->exists)
        nvme->shadow.tail(nvme, sq, value);
    if (!look->head && sq->exists && sq->tail != look->known && sq->head == sq->tail)
        shadow_look_at_tail(nvme, sq); // a doorbell came first
}

static void drop(struct nvme_look *look)
{
    pool_give(&look->nvme->shadow.pool, look);
}

static void value_arrived(void *context)
{
    struct nvme_look look = *(struct nvme_look *)context;
    uint32_t value;
    drop(context);
    if (!look.head)
        look.nvme->queues.sqs[look.id].looked_at = false;
    if (!is_stale(&look) && take_value(look.nvme, &look, &value))
        told(look.nvme, &look, value);
}

static void event_index_arrived(void *context)
{
    struct nvme_look look = *(struct nvme_look *)context;
    struct nvme *nvme = look.nvme;
    drop(context);
    if (is_stale(&look))
        return;
    if (!bus_write(nvme, nvme->shadow.event_indices + place_of(nvme, &look), &look.known, sizeof look.known))
        nvme->reset(nvme, NVME_RESET_FATAL);
}

static struct nvme_look *make(struct nvme *nvme, uint32_t id, bool head, uint32_t known)
{
    struct nvme_look *look = pool_take(&nvme->shadow.pool);
    *look = (struct nvme_look){.nvme = nvme, .epoch = nvme->epoch, .id = id, .head = head, .known = known};
    return look;
}

// Both are 4 bytes, as a message is.
static void write_event_index(struct nvme *nvme, uint32_t id, bool head, uint32_t known)
{
    sim_at(nvme->sim, link_message(&nvme->link, sim_now(nvme->sim), LINK_MESSAGE_MSI), event_index_arrived,
           make(nvme, id, head, known));
}

static void look(struct nvme *nvme, uint32_t id, bool head, uint32_t known)
{
    write_event_index(nvme, id, head, known);
    nvme->shadow.looks++;
    sim_at(nvme->sim, link_read_host(&nvme->link, sim_now(nvme->sim), sizeof known), value_arrived,
           make(nvme, id, head, known));
}

void shadow_look_at_tail(struct nvme *nvme, struct nvme_sq *sq)
{
    if (!nvme->shadow.used || sq->id == NVME_ADMIN_QUEUE || sq->looked_at || sq->deleting)
        return;
    sq->looked_at = true;
    look(nvme, sq->id, false, sq->tail);
}

void shadow_look_at_head(struct nvme *nvme, struct nvme_cq *cq)
{
    if (nvme->shadow.used && cq->id != NVME_ADMIN_QUEUE)
        look(nvme, cq->id, true, cq->head);
}

void shadow_open(struct nvme *nvme, const struct nvme_sq *sq)
{
    if (nvme->shadow.used && sq->id != NVME_ADMIN_QUEUE)
        write_event_index(nvme, sq->id, false, sq->tail);
}

void shadow_use(struct nvme *nvme, uint64_t doorbells, uint64_t event_indices)
{
    nvme->shadow.used = true;
    nvme->shadow.doorbells = doorbells;
    nvme->shadow.event_indices = event_indices;
    for (uint32_t id = 1; id <= nvme->config->max_queues; id++) {
        struct nvme_sq *sq = &nvme->queues.sqs[id];
        if (sq->exists && sq->tail == sq->fetched)
            shadow_look_at_tail(nvme, sq);
    }
}

void shadow_create(struct nvme *nvme)
{
    pool_init(&nvme->shadow.pool, sizeof(struct nvme_look));
}

void shadow_destroy(struct nvme *nvme)
{
    pool_destroy(&nvme->shadow.pool);
}

// 5.7: a controller level reset ends their use.
void shadow_reset(struct nvme *nvme, enum nvme_reset kind)
{
    (void)kind;
    nvme->shadow.used = false;
}
