// Which hardware queue a CPU has for what: sets of queues for all else, for reads, and for requests that are polled for.
//
// Linux 6.1 block/blk-mq.h: blk_mq_map_queue, blk_mq_get_hctx_type; drivers/nvme/host/pci.c: nvme_calc_irq_sets,
// nvme_setup_irqs, nvme_pci_map_queues. A CPU has the queue of its number modulo the set's.
#ifndef SQTAIL_HOST_BLOCK_MAP_H
#define SQTAIL_HOST_BLOCK_MAP_H

#include <stdint.h>

enum queue_set { SET_DEFAULT, SET_READ, SET_POLL, SETS };

// Queues of each set; they stand in this order. Only the first set is never empty.
struct queue_map {
    uint32_t queues[SETS];
};

// Shares `queues` out as the driver's parameters write_queues and poll_queues ask: those that are polled leave one other,
// and there are sets for writes and reads only where write queues were asked for.
struct queue_map map_make(uint32_t queues, uint32_t write_queues, uint32_t poll_queues);

uint32_t map_queue_count(const struct queue_map *map);

// A set that is empty has the default one's queues.
uint32_t map_queue(const struct queue_map *map, enum queue_set set, uint32_t cpu);

enum queue_set map_set_of(const struct queue_map *map, uint32_t queue);

// The number within its set.
uint32_t map_place_in_set(const struct queue_map *map, uint32_t queue);

extern const char *const queue_set_names[SETS];

#endif
