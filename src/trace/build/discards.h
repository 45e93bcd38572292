// What was queued of the discards that the driver was given. Internal to the trace room.
#ifndef SQTAIL_TRACE_BUILD_DISCARDS_H
#define SQTAIL_TRACE_BUILD_DISCARDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spec/io.h"
#include "trace/pair_map.h"

enum {
    DISCARDS_RANGES_MAX = 256, // of one command: NVMe's Dataset Management, and Linux's limit
    DISCARDS_KEPT = 4096,      // requests of several ranges that are remembered
};

struct queued_discard {
    uint64_t sector, sectors;
    uint32_t device, pid;
    bool leads; // has got a request of its own
};

// A request made of several ranges.
struct discard_request {
    uint64_t sectors;        // of all
    struct io_range *ranges; // bytes
    uint32_t count;
    uint64_t sector;         // the first, and the device: where it stands
    uint32_t device;
};

struct discards {
    struct queued_discard *queued; // not issued yet, in order of time
    size_t queued_count;
    struct discard_request *requests; // a ring of DISCARDS_KEPT
    uint64_t request_count;           // ever
    struct pair_map by_place; // (first sector, device) -> the last request there
};

// Where a discard stands.
struct discard_place {
    uint64_t sector;
    uint32_t device;
};

void discards_init(struct discards *discards);
void discards_destroy(struct discards *discards);

void discards_queue(struct discards *discards, struct discard_place place, uint64_t sectors, uint32_t pid);

// A queued discard falls into two, the second from sector `where` on.
void discards_split(struct discards *discards, struct discard_place place, uint64_t where);

// A queued discard got a request of its own, or lost it to another one's.
void discards_lead(struct discards *discards, struct discard_place place, bool leads);

// The ranges of a request, by its first sector and the sum of its sectors.
enum discards_answer { DISCARDS_ONE, DISCARDS_SEVERAL, DISCARDS_UNKNOWN };
enum discards_answer discards_issue(struct discards *discards, struct discard_place place, uint64_t sectors);

// The last request of several ranges that was issued at this place, or NULL; valid until the next is issued.
const struct discard_request *discards_find(const struct discards *discards, struct discard_place place,
                                            uint64_t sectors);

#endif
