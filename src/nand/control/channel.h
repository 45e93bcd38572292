// A channel: the bus that its dies share, and the decoders at its end.
#ifndef SQTAIL_NAND_CONTROL_CHANNEL_H
#define SQTAIL_NAND_CONTROL_CHANNEL_H

#include "nand/nand.h"
#include "sim/sim.h"
#include "sim/timeline.h"
#include "stats/holding.h"
#include "stats/meter.h"

enum { CHANNEL_DECODERS_LIMIT = 16 };

// What waits for a channel, the first first; see channel.c.
enum bus_class { BUS_COMMAND, BUS_HOST_GOES_ON, BUS_HOST_DATA, BUS_GOES_ON, BUS_DATA, BUS_CLASS_COUNT };

struct nand_channel {
    struct sim *sim;
    struct meter *meter;
    tick_t *busy; // of the meter, its own
    tick_t starvation_bound;
    tick_t free_at;
    struct list classes[BUS_CLASS_COUNT]; // requests that wait
    uint32_t waiting;                     // their number
    uint32_t programs_begun;              // that have pages still to send
    bool wake_pending;                    // an event is scheduled for free_at
    struct timeline decoders[CHANNEL_DECODERS_LIMIT];
    struct holding *holding; // by whom it is held; NULL: nobody asks
};

static inline bool channel_lets_go(const struct nand_channel *channel, enum bus_class class)
{
    return class != BUS_DATA || channel->programs_begun == 0;
}

// The bus is held from now on. Whoever asks is told here and nowhere else: who looks on, by the meter, and who waits.
static inline void channel_hold(struct nand_channel *channel, const struct nand_op *op, enum nand_holder holder,
                                tick_t duration)
{
    tick_t now = sim_now(channel->sim);
    channel->free_at = now + duration;
    meter_add_own(channel->meter, channel->busy, now, duration, channel, NULL, op);
    if (unlikely(channel->holding != NULL))
        holding_take_until(channel->holding, holder, now, now + duration);
}

// Asks for the channel for `duration`, for what `op` does next or is told, as `holder`. True: it is the asker's from now on, who
// calls channel_taken when he has set in motion what follows.
static inline bool channel_take(struct nand_channel *channel, const struct nand_op *op, enum nand_holder holder,
                                enum bus_class class, tick_t duration)
{
    if (duration == 0)
        return true;
    if (channel->free_at > sim_now(channel->sim) || channel->wake_pending || !channel_lets_go(channel, class))
        return false;
    channel_hold(channel, op, holder, duration);
    return true;
}

// The first that waits is to be looked at when the bus is free, if any does.
void channel_look_again(struct nand_channel *channel);

static inline void channel_taken(struct nand_channel *channel)
{
    if (unlikely(channel->waiting > 0))
        channel_look_again(channel);
}

// What could not be taken is waited for. The asker has filled in all but the link; request->granted is called once,
// when the bus is the asker's.
void channel_wait(struct nand_channel *channel, struct bus_request *request, enum bus_class class);

// Between these a program may pause between its pages, and no other begins.
void channel_program_begins(struct nand_channel *channel);
void channel_program_sent(struct nand_channel *channel);

#endif
