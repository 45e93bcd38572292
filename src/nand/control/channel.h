// A channel: the bus that its dies share, and the decoders at its end.
#ifndef SQTAIL_NAND_CONTROL_CHANNEL_H
#define SQTAIL_NAND_CONTROL_CHANNEL_H

#include "nand/nand.h"
#include "sim/sim.h"
#include "sim/timeline.h"
#include "stats/meter.h"

enum { CHANNEL_DECODERS_LIMIT = 16 };

// What waits for a channel, the first first; see channel.c.
enum bus_class { BUS_COMMAND, BUS_HOST_DATA, BUS_PROGRAM_GOES_ON, BUS_DATA, BUS_CLASS_COUNT };

struct nand_channel {
    struct sim *sim;
    struct meter *meter;
    tick_t starvation_bound;
    tick_t free_at;
    struct list classes[BUS_CLASS_COUNT]; // requests that wait
    uint32_t waiting;                     // their number
    uint32_t programs_begun;              // that have pages still to send
    bool wake_pending;                    // an event is scheduled for free_at
    struct timeline decoders[CHANNEL_DECODERS_LIMIT];
};

// Asks for the channel. `granted` is called once, from inside when the bus is idle or `duration` is 0.
void channel_request(struct nand_channel *channel, struct bus_request *request, enum bus_class class,
                     tick_t duration, void (*granted)(struct bus_request *request));

// Between these a program may pause between its pages, and no other begins.
void channel_program_begins(struct nand_channel *channel);
void channel_program_sent(struct nand_channel *channel);

#endif
