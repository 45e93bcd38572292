// How fast collection goes, and when the host waits for it.
#ifndef SQTAIL_FTL_MOVE_PACE_H
#define SQTAIL_FTL_MOVE_PACE_H

#include "ftl/space/space.h"

// Why host programs wait.
enum host_hold {
    HOST_GOES,
    HOST_PACED,   // copies lag behind the pace
    HOST_BLOCKED, // no superblock may be opened: urgent
    HOST_FOLDING, // the SLC cache is full
    HOST_HOLD_COUNT,
};

enum { CREDIT_BITS = 10 }; // credit and paces are counted in 1/1024 of a unit

// How far a mover is.
struct progress {
    uint32_t source;   // superblock being read; NONE
    uint64_t cursor;   // place of its next multi-plane page
    uint64_t end;
    uint32_t reads;    // in the back-end
    uint32_t arriving; // read, and not yet worked on by the firmware
    uint32_t programs; // outstanding
};

struct pace {
    struct base *base;
    const struct space *space;
    const struct progress *progress; // of collection
    bool active;
    enum host_hold hold;
    tick_t held[HOST_HOLD_COUNT]; // for how long each hold has lasted, up to held_since
    tick_t held_since;            // of the present one
    tick_t counted; // up to here the times of `active` and `hold` are in the statistics
    int64_t credit; // units that may be read, in 1/1024
    uint64_t ratio; // copies a host unit at the present victim, in 1/1024
};

void pace_init(struct pace *pace, struct base *base, const struct space *space, const struct progress *progress);

// Turns collection on and off by the superblocks that are free.
void pace_update(struct pace *pace);

// Is there no room to fold the SLC cache?
bool pace_folding_stuck(const struct pace *pace);

// Does the host wait for a superblock, by itself or for the folding that it waits for?
static inline bool pace_urgent(const struct pace *pace)
{
    if (likely(pace->hold < HOST_BLOCKED))
        return false;
    return pace->hold == HOST_BLOCKED || pace_folding_stuck(pace);
}

// The copies that so many host units are worth at a ratio given, both in 1/1024.
uint64_t pace_worth(const struct pace *pace, uint32_t host_units, uint64_t ratio);

// The ratio of a victim: it gives units - valid back for valid copies.
void pace_set_ratio(struct pace *pace, const struct superblock *victim);

// The host has programmed so many units; copies of so many are being read.
void pace_earn(struct pace *pace, uint32_t host_units);
void pace_spend(struct pace *pace, uint32_t copies);

// Are copies so far behind the pace that the host must wait for them? Never when none is under way, so that there is
// an end to the wait.
bool pace_lags(const struct pace *pace);

void pace_set_hold(struct pace *pace, enum host_hold hold);

// Between these two somebody waits for host programs: times[i] is what each hold lasted meanwhile.
void pace_wait_begins(const struct pace *pace, tick_t *times);
void pace_wait_ends(const struct pace *pace, tick_t *times);

// Adds to the statistics the time since this was done last. Done before what is timed changes, and before somebody
// reads the statistics.
void pace_count_time(struct pace *pace);

// Host units that can be programmed until collection starts.
uint64_t pace_headroom(const struct pace *pace);

// As when the host has written for long as fast as it can: copies lag behind by what they may.
void pace_settle(struct pace *pace);

#endif
