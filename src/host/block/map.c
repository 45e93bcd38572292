// The map of CPUs to hardware queues (map.h).
#include "host/block/map.h"

#include "util/macros.h"

const char *const queue_set_names[SETS] = {"default", "read", "poll"};

struct queue_map map_make(uint32_t queues, uint32_t write_queues, uint32_t poll_queues)
{
    uint32_t poll = MIN(poll_queues, queues - 1), interrupts = queues - poll, reads;
    if (interrupts == 1 || write_queues == 0)
        reads = 0;
    else
        reads = write_queues >= interrupts ? 1 : interrupts - write_queues;
    return (struct queue_map){{[SET_DEFAULT] = interrupts - reads, [SET_READ] = reads, [SET_POLL] = poll}};
}

uint32_t map_queue_count(const struct queue_map *map)
{
    return map->queues[SET_DEFAULT] + map->queues[SET_READ] + map->queues[SET_POLL];
}

static uint32_t first_of(const struct queue_map *map, enum queue_set set)
{
    uint32_t first = 0;
    for (int before = 0; before < (int)set; before++)
        first += map->queues[before];
    return first;
}

uint32_t map_queue(const struct queue_map *map, enum queue_set set, uint32_t cpu)
{
    if (map->queues[set] == 0)
        set = SET_DEFAULT;
    return first_of(map, set) + cpu % map->queues[set];
}

enum queue_set map_set_of(const struct queue_map *map, uint32_t queue)
{
    enum queue_set set = SET_DEFAULT;
    while (queue >= first_of(map, set) + map->queues[set])
        set++;
    return set;
}

uint32_t map_place_in_set(const struct queue_map *map, uint32_t queue)
{
    return queue - first_of(map, map_set_of(map, queue));
}
