// Submission queue entries fetched by DMA, as the arbiter and the controller's limits allow.
//
// A fetch reads consecutive entries of one queue, up to the end of its ring or page. Their room in the controller is
// taken when the fetch is sent, so that what arrives always fits. One place more is the admin queue's: when all others
// wait for room in completion queues, the host can still delete those. The entries are read from host memory, for the
// model's purposes, when they arrive: the host may not change what it has handed over (NVM Express 1.4, section 4.1).
#include "nvme/queue/fetch.h"

#include "nvme/pci/bus_master.h"
#include "nvme/queue/dispatch.h"
#include "nvme/queue/shadow.h"
#include "nvme/nvme_internal.h"
#include "util/macros.h"

struct nvme_fetch {
    struct nvme *nvme;
    struct nvme_sq *sq;
    uint32_t epoch;
    uint32_t index; // first entry
    uint32_t count;
};

// All of a fetch's entries become commands.
static void start_all(struct nvme *nvme, struct nvme_sq *sq, uint32_t index, uint32_t count)
{
    struct nvme_sqe entries[NVME_FETCH_BURST_MAX];
    uint64_t address = queue_memory_at(&sq->memory, (uint64_t)index * NVME_SQE_BYTES);
    if (!bus_read(nvme, address, entries, count * NVME_SQE_BYTES)) {
        nvme->reset(nvme, NVME_RESET_FATAL);
        flight_leave(nvme, count);
        return;
    }
    sq->head = index + count == sq->size ? 0 : index + count;
    nvme->fetch.under_way--;
    for (uint32_t i = 0; i < count; i++)
        dispatch_start(nvme, sq, &entries[i]);
    if (unlikely(nvme->shadow.used) && sq->head == sq->tail)
        shadow_look_at_tail(nvme, sq);
    if (is_room_wanted(nvme))
        fetch_pump(nvme);
}

static void fetch_arrived(void *context)
{
    struct nvme_fetch *fetch = context;
    struct nvme *nvme = fetch->nvme;
    struct nvme_sq *sq = fetch->sq;
    uint32_t index = fetch->index, count = fetch->count;
    bool stale = fetch->epoch != nvme->epoch;
    pool_give(&nvme->fetch.pool, fetch);
    if (stale)
        flight_leave(nvme, count);
    else
        start_all(nvme, sq, index, count);
}

static uint32_t fetch_size(const struct nvme *nvme, const struct nvme_sq *sq, uint32_t limit)
{
    uint32_t run = sq->tail >= sq->fetched ? sq->tail - sq->fetched : sq->size - sq->fetched;
    uint32_t room = nvme->config->max_commands - nvme->commands.in_flight;
    if (unlikely(sq->memory.pages != NULL)) {
        uint32_t entries = (1u << sq->memory.page_shift) / NVME_SQE_BYTES;
        run = MIN(run, entries - sq->fetched % entries);
    }
    return MIN(MIN(run, limit), MIN(nvme->config->fetch_burst, room));
}

static inline tick_t entries_arrive(struct nvme *nvme, const struct nvme_sq *sq, uint32_t index, uint32_t count)
{
    uint64_t bytes = count * (uint64_t)NVME_SQE_BYTES;
    if (likely(nvme->cmb.window == 0))
        return link_read_host(&nvme->link, sim_now(nvme->sim), bytes);
    return bus_read_arrival(nvme, queue_memory_at(&sq->memory, index * (uint64_t)NVME_SQE_BYTES), bytes);
}

static void send_fetch(struct nvme *nvme, struct nvme_sq *sq, uint32_t count)
{
    struct nvme_fetch *fetch = pool_take(&nvme->fetch.pool);
    *fetch = (struct nvme_fetch){.nvme = nvme, .sq = sq, .epoch = nvme->epoch, .index = sq->fetched, .count = count};
    sq->fetched = sq->fetched + count == sq->size ? 0 : sq->fetched + count;
    sq->outstanding += count;
    flight_enter(nvme, count);
    nvme->fetch.under_way++;
    nvme->stats.fetches++;
    nvme->stats.entries_fetched += count;
    sim_at(nvme->sim, entries_arrive(nvme, sq, fetch->index, count), fetch_arrived, fetch);
}

static bool fetch_allowed(const struct nvme *nvme)
{
    return nvme->ready && !nvme->stopped && !nvme->power.held && nvme->pci.master_enabled &&
           nvme->fetch.under_way < nvme->config->fetch_depth;
}

// The queue may be with the arbiter, which then finds it empty, or still served.
static void fetch_reserved(struct nvme *nvme)
{
    struct nvme_sq *admin = &nvme->queues.sqs[NVME_ADMIN_QUEUE];
    if (fetch_allowed(nvme) && admin->tail != admin->fetched)
        send_fetch(nvme, admin, 1);
}

// The arbiter's choice; it may have been deleted since it entered.
static void fetch_from(struct nvme *nvme, struct nvme_contender *picked, uint32_t limit)
{
    struct nvme_sq *sq = container_of(picked, struct nvme_sq, contender);
    sq->listed = false;
    nvme->fetch.listed--;
    if (!sq->exists || sq->deleting || sq->tail == sq->fetched)
        return;
    uint32_t count = fetch_size(nvme, sq, limit);
    send_fetch(nvme, sq, count);
    sq->listed = sq->tail != sq->fetched;
    nvme->fetch.listed += sq->listed;
    nvme->fetch.arbitration->served(&nvme->fetch.arbiter, picked, count, sq->listed);
}

void fetch_pump(struct nvme *nvme)
{
    uint32_t limit;
    struct nvme_contender *picked;
    while (nvme->fetch.listed > 0 && nvme->commands.in_flight < nvme->config->max_commands && fetch_allowed(nvme) &&
           (picked = nvme->fetch.arbitration->pick(&nvme->fetch.arbiter, &limit)) != NULL)
        fetch_from(nvme, picked, limit);
    if (unlikely(nvme->commands.in_flight == nvme->config->max_commands))
        fetch_reserved(nvme);
}

void fetch_enter(struct nvme *nvme, struct nvme_sq *sq)
{
    sq->listed = true;
    nvme->fetch.listed++;
    nvme->fetch.arbitration->enter(&nvme->fetch.arbiter, &sq->contender);
}

void fetch_create(struct nvme *nvme)
{
    pool_init(&nvme->fetch.pool, sizeof(struct nvme_fetch));
    nvme->fetch.arbitration = nvme_arbitrations[NVME_AMS_ROUND_ROBIN];
    nvme->commands.room = fetch_pump;
}

void fetch_destroy(struct nvme *nvme)
{
    pool_destroy(&nvme->fetch.pool);
}

void fetch_reset(struct nvme *nvme, enum nvme_reset kind)
{
    (void)kind;
    nvme->fetch.under_way = nvme->fetch.listed = 0;
}
