// The command journal: a stopwatch for each command that is between host and drive.
//
// It is instrumentation, not part of the modelled machine: host and controller share nothing but PCIe, yet a
// command's latency is to be split across both. Both find the same stopwatch by what the SQE carries anyway, the
// submission queue and the command identifier.
#ifndef SQTAIL_STATS_JOURNAL_H
#define SQTAIL_STATS_JOURNAL_H

#include <stddef.h>
#include <stdint.h>

#include "stats/stage.h"

struct journal {
    struct breakdown **queues; // by submission queue identifier, then command identifier
    uint32_t queue_count;
    uint32_t command_count; // stopwatches a queue
};

// For `queues` submission queues, the admin queue included, with command identifiers 0 .. commands - 1.
struct journal *journal_create(uint32_t queues, uint32_t commands);
void journal_destroy(struct journal *journal);

// The stopwatch of a command, or NULL for one that a host of another make numbered beyond the journal.
static inline struct breakdown *journal_at(struct journal *journal, uint32_t queue, uint32_t command)
{
    if (queue >= journal->queue_count || command >= journal->command_count)
        return NULL;
    return &journal->queues[queue][command];
}

#endif
