// Who holds a resource (a die, a channel), and for how long it has been held by whom: what waits are explained by.
//
// One holding belongs to one resource that one holder at a time has. It is there only where somebody asks; whoever
// takes and gives the resource tells it, and pays more than three stores only while somebody waits, to whom alone it
// matters. Then running sums by kind of holder make a wait's causes the difference of two moments, however many held the
// resource meanwhile, and the last occupations are kept one by one. Invariant: the sums lack the latest occupation, and
// nothing else that somebody who waits has seen.
#ifndef SQTAIL_STATS_HOLDING_H
#define SQTAIL_STATS_HOLDING_H

#include <stdbool.h>

#include "stats/wait.h"
#include "util/macros.h"

// What comes of it that a host read waits for a program or erase. In words; "": no host read did.
#define UNSUSPENDED_LIST(X)                                                                                  \
    X(NOT_ASKED, "")                                                                                         \
    X(OFF, "not suspended because suspension is off: nand.suspend_limit is 0")                               \
    X(LIMIT, "not suspended again because it had been suspended nand.suspend_limit times")                   \
    X(TOTAL, "not suspended again because it had rested for nand.suspend_total in all")                      \
    X(TOO_LATE, "not suspended because it was done sooner than suspending takes")                            \
    X(DELAYED, "not suspended sooner because it had to run for nand.suspend_min_run after it last rested")   \
    X(AT_ONCE, "suspended as soon as the channel was free for the command, and a step was at its end")

enum unsuspended {
#define UNSUSPENDED_ENUM(id, text) UNSUSPENDED_##id,
    UNSUSPENDED_LIST(UNSUSPENDED_ENUM)
#undef UNSUSPENDED_ENUM
};

extern const char *const unsuspended_words[];

// A time for which a resource has one holder.
struct occupation {
    tick_t from, to;      // to: TICK_NEVER while it is not known
    uint8_t holder;       // enum nand_holder
    uint8_t why;          // enum unsuspended, of a program or erase
};

enum { HOLDING_RECENT = 64 };

struct holding {
    uint32_t waiting; // for the resource, and ask what for
    uint32_t latest;
    struct occupation recent[HOLDING_RECENT]; // a ring; the present one, or the last, is the latest
    tick_t total[NAND_HOLDER_COUNT]; // in occupations before the latest
    uint32_t seen;   // holders of those, a bit each: the others' totals are 0
    bool goes_on;    // the latest is a suspension, and its end begins another occupation of
    uint8_t holder;  // this holder
    bool paused;     // while nobody holds the resource, it is kept for the next page of a program
    wait_origin_fn *origin_of; // waits keep who held the resource for most of them; NULL: they do not
    struct wait_origin origins[HOLDING_RECENT]; // of the occupations; where that is not NULL
};

static inline struct occupation *holding_latest(struct holding *holding)
{
    return &holding->recent[holding->latest];
}

// The end of the present occupation is known: `when`, now or later.
static inline void holding_give(struct holding *holding, tick_t when)
{
    holding_latest(holding)->to = when;
}

// The suspension that is the present occupation ends at `when`, and `holder`'s begins.
void holding_go_on(struct holding *holding, tick_t when, enum nand_holder holder);
void holding_gone_on(struct holding *holding);

static inline void holding_settle(struct holding *holding, tick_t now)
{
    if (unlikely(holding->goes_on) && holding_latest(holding)->to <= now)
        holding_gone_on(holding);
}

// What holding_take_until leaves to be done while somebody waits.
void holding_take_waited_for(struct holding *holding, enum nand_holder holder, tick_t from, tick_t to);

// An occupation from `from`, which nobody has the resource for, until `to`.
static inline void holding_take_until(struct holding *holding, enum nand_holder holder, tick_t from, tick_t to)
{
    if (holding->waiting > 0)
        holding_take_waited_for(holding, holder, from, to);
    else
        *holding_latest(holding) = (struct occupation){from, to, (uint8_t)holder, UNSUSPENDED_NOT_ASKED};
}

// The same, of one whose end is given by holding_give.
static inline void holding_take(struct holding *holding, enum nand_holder holder, tick_t from)
{
    holding_take_until(holding, holder, from, TICK_NEVER);
}

// The present occupation is that of `op`.
static inline void holding_tell_origin(struct holding *holding, const struct nand_op *op)
{
    if (unlikely(holding->origin_of != NULL))
        holding->origins[holding->latest] = holding->origin_of(op);
}

// Between two of these, at the same or a later time, somebody waits for the resource. What that was for is added to the
// causes of his path, which keeps them; `first` is that of the first holder.
void holding_wait_begins(struct holding *holding, tick_t now, struct breakdown *path, enum wait first);
void holding_wait_ends(struct holding *holding, tick_t now, struct breakdown *path, enum wait first);

// The same, for a wait that can have seen but few occupations, which are looked at one by one: fewer steps than the sums
// take. Time that lies further back than the last of them has no cause.
static inline void holding_short_wait_begins(struct holding *holding)
{
    holding->waiting++;
}
void holding_short_wait_ends(struct holding *holding, tick_t since, tick_t now, struct breakdown *path,
                             enum wait first);

// Of the last occupations the one that took most of the time from `since` until now, for somebody who has waited.
struct wait_fact holding_longest(struct holding *holding, tick_t since, tick_t now);

#endif
