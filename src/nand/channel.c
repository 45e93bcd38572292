// Channels: a bus that carries one thing at a time, commands before data.
//
// What comes to an idle bus has it at once. What does not, waits; each time the bus becomes free, a waiting command
// of a read, an erase or a suspension goes first, then data of reads and pages of programs, each in order of
// arrival. Commands go first because they are short and set a whole array to work: behind data in one queue they
// would collect, start their arrays together and have all of them come back together, so that the channel would
// alternate between idling and a convoy. A burst is not interrupted. An event is spent only when somebody waits. What
// takes no time on the bus does not wait for it either.
#include "nand/backend_internal.h"

static void grant(struct nand_channel *channel, struct bus_request *request)
{
    struct nand *nand = request->die->nand;
    tick_t now = sim_now(nand->sim);
    channel->free_at = now + request->duration;
    meter_add(&nand->channel_meter, now, request->duration);
    request->granted(request->die);
}

static void channel_free(void *context);

static void schedule_free(struct nand_channel *channel, struct sim *sim)
{
    bool waiting = !list_empty(&channel->commands) || !list_empty(&channel->data);
    if (!waiting || channel->wake_pending)
        return;
    channel->wake_pending = true;
    sim_at(sim, channel->free_at, channel_free, channel);
}

static void channel_free(void *context)
{
    struct nand_channel *channel = context;
    struct list *list = list_empty(&channel->commands) ? &channel->data : &channel->commands;
    struct bus_request *request = container_of(list_pop(list), struct bus_request, link);
    struct sim *sim = request->die->nand->sim;
    channel->wake_pending = false;
    grant(channel, request);
    schedule_free(channel, sim);
}

void channel_request(struct bus_request *request, struct nand_die *die, enum bus_class class, tick_t duration,
                     void (*granted)(struct nand_die *die))
{
    struct nand_channel *channel = die->channel;
    *request = (struct bus_request){.die = die, .duration = duration, .granted = granted};
    if (duration == 0) {
        granted(die);
    } else if (likely(channel->free_at <= sim_now(die->nand->sim) && !channel->wake_pending)) {
        grant(channel, request);
    } else {
        list_push(class == BUS_COMMAND ? &channel->commands : &channel->data, &request->link);
        schedule_free(channel, die->nand->sim);
    }
}
