// Following discards from queueing to the driver.
//
// A driver that takes several ranges in one command (NVMe: Dataset Management) lets Linux merge discards that are not
// neighbours (block/blk-merge.c: bio_attempt_discard_merge): the request keeps the first sector of the first and adds
// the lengths. Its 'D' says no more than that. What tells the ranges are the 'Q' events before it: the one at its
// first sector got a request ('G'); those that were merged into it got none. Such a merge leaves no event of its own.
//
// A request's ranges are its own and those queued after it without a request, in order, until their sum is right: first
// of the same process up to its next request, since a process's plug merges into its newest request; where that does
// not add up, of all processes. A request that is issued again has the ranges that it had.
//
// The last DISCARDS_KEPT such requests are remembered.
//
// Left out: which of two requests took a range, when both add up either way.
#include "trace/build/discards.h"

#include <stdlib.h>
#include <string.h>

#include "spec/blktrace.h"
#include "util/alloc.h"
#include "util/macros.h"

enum { QUEUED_MAX = 4096 }; // of which no issue ever came: the oldest are given up

void discards_init(struct discards *discards)
{
    *discards = (struct discards){0};
    pair_map_init(&discards->by_place);
}

void discards_destroy(struct discards *discards)
{
    for (uint64_t i = 0; i < MIN(discards->request_count, (uint64_t)DISCARDS_KEPT); i++)
        free(discards->requests[i].ranges);
    free(discards->queued);
    free(discards->requests);
    pair_map_destroy(&discards->by_place);
}

static void remove_queued(struct discards *discards, size_t i, size_t count)
{
    memmove(&discards->queued[i], &discards->queued[i + count],
            (discards->queued_count - i - count) * sizeof *discards->queued);
    discards->queued_count -= count;
}

static void insert_queued(struct discards *discards, size_t at, struct queued_discard added)
{
    if (discards->queued_count == QUEUED_MAX) {
        remove_queued(discards, 0, QUEUED_MAX / 2);
        at -= MIN(at, (size_t)QUEUED_MAX / 2);
    }
    discards->queued = xgrow(discards->queued, discards->queued_count, sizeof *discards->queued);
    memmove(&discards->queued[at + 1], &discards->queued[at], (discards->queued_count - at) * sizeof added);
    discards->queued[at] = added;
    discards->queued_count++;
}

void discards_queue(struct discards *discards, struct discard_place place, uint64_t sectors, uint32_t pid)
{
    insert_queued(discards, discards->queued_count,
                  (struct queued_discard){place.sector, sectors, place.device, pid, false});
}

static bool stands_at(const struct queued_discard *queued, struct discard_place place)
{
    return queued->sector == place.sector && queued->device == place.device;
}

// The newest one at the place that was not issued yet, or NULL.
static struct queued_discard *newest_at(const struct discards *discards, struct discard_place place)
{
    for (size_t i = discards->queued_count; i-- > 0;)
        if (stands_at(&discards->queued[i], place))
            return &discards->queued[i];
    return NULL;
}

void discards_split(struct discards *discards, struct discard_place place, uint64_t where)
{
    struct queued_discard *first = newest_at(discards, place);
    if (first == NULL || where <= first->sector || where - first->sector >= first->sectors)
        return;
    struct queued_discard second = *first;
    first->sectors = where - first->sector;
    second.sector = where;
    second.sectors -= first->sectors;
    insert_queued(discards, (size_t)(first - discards->queued) + 1, second);
}

void discards_lead(struct discards *discards, struct discard_place place, bool leads)
{
    struct queued_discard *queued = newest_at(discards, place);
    if (queued != NULL)
        queued->leads = leads;
}

// --- composing a request -------------------------------------------------------------------------------------------

struct composition {
    size_t members[DISCARDS_RANGES_MAX]; // indices of `queued`, ascending but for the first
    uint32_t count;
};

// Adds up what was queued after `first` without a request of its own.
static bool compose(const struct discards *discards, size_t first, uint64_t sectors, bool same_process,
                    struct composition *composition)
{
    const struct queued_discard *queued = discards->queued, *leader = &queued[first];
    uint64_t sum = leader->sectors;
    composition->members[0] = first;
    composition->count = 1;
    for (size_t i = first + 1; i < discards->queued_count && sum < sectors; i++) {
        if (queued[i].device != leader->device || (same_process && queued[i].pid != leader->pid))
            continue;
        if (queued[i].leads && same_process)
            break;
        if (queued[i].leads || queued[i].sectors > sectors - sum)
            continue;
        if (composition->count == DISCARDS_RANGES_MAX)
            return false;
        composition->members[composition->count++] = i;
        sum += queued[i].sectors;
    }
    return sum == sectors;
}

// Several may stand at one place: the oldest of the whole length, else the oldest with a request, else the oldest.
static size_t find_leader(const struct discards *discards, struct discard_place place, uint64_t sectors)
{
    size_t leader = SIZE_MAX;
    for (size_t i = 0; i < discards->queued_count; i++) {
        const struct queued_discard *queued = &discards->queued[i];
        if (!stands_at(queued, place) || queued->sectors > sectors)
            continue;
        if (queued->sectors == sectors)
            return i;
        if (leader == SIZE_MAX || (queued->leads && !discards->queued[leader].leads))
            leader = i;
    }
    return leader;
}

// Room for another request, in place of the oldest where there are many.
static struct discard_request *next_request(struct discards *discards)
{
    uint64_t oldest = discards->request_count - DISCARDS_KEPT;
    struct discard_request *request;
    if (discards->requests == NULL)
        discards->requests = xcalloc(DISCARDS_KEPT, sizeof *discards->requests);
    request = &discards->requests[discards->request_count++ % DISCARDS_KEPT];
    if (request->ranges == NULL)
        return request;
    const uint64_t *last = pair_map_find(&discards->by_place, request->sector, request->device);
    if (last != NULL && *last == oldest)
        pair_map_remove(&discards->by_place, request->sector, request->device);
    free(request->ranges);
    return request;
}

static void keep_request(struct discards *discards, struct discard_place place, uint64_t sectors,
                         const struct composition *composition)
{
    struct discard_request *request = next_request(discards);
    *request = (struct discard_request){.sectors = sectors, .count = composition->count, .sector = place.sector,
                                        .device = place.device};
    request->ranges = xcalloc(composition->count, sizeof *request->ranges);
    *pair_map_get(&discards->by_place, place.sector, place.device, 0) = discards->request_count - 1;
    for (uint32_t i = 0; i < composition->count; i++) {
        const struct queued_discard *queued = &discards->queued[composition->members[i]];
        request->ranges[i] = (struct io_range){queued->sector * BLKTRACE_SECTOR_BYTES,
                                               queued->sectors * BLKTRACE_SECTOR_BYTES};
    }
}

enum discards_answer discards_issue(struct discards *discards, struct discard_place place, uint64_t sectors)
{
    struct composition composition;
    size_t leader = find_leader(discards, place, sectors);
    if (leader == SIZE_MAX)
        return discards_find(discards, place, sectors) != NULL ? DISCARDS_SEVERAL : DISCARDS_UNKNOWN;
    if (!compose(discards, leader, sectors, true, &composition) &&
        !compose(discards, leader, sectors, false, &composition))
        return DISCARDS_UNKNOWN;
    if (composition.count > 1)
        keep_request(discards, place, sectors, &composition);
    else
        pair_map_remove(&discards->by_place, place.sector, place.device);
    for (uint32_t i = composition.count; i-- > 0;)
        remove_queued(discards, composition.members[i], 1);
    return composition.count > 1 ? DISCARDS_SEVERAL : DISCARDS_ONE;
}

const struct discard_request *discards_find(const struct discards *discards, struct discard_place place,
                                            uint64_t sectors)
{
    const uint64_t *index = pair_map_find(&discards->by_place, place.sector, place.device);
    if (index == NULL)
        return NULL;
    const struct discard_request *request = &discards->requests[*index % DISCARDS_KEPT];
    return request->sectors == sectors ? request : NULL;
}
