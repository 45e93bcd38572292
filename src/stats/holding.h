// Who holds a resource (a die, a channel), and for how long it has been held by whom: what waits are explained by.
//
// One holding belongs to one resource that one holder at a time has. It is there only where somebody asks; whoever
// takes and gives the resource tells it. Running sums by kind of holder make a wait's causes the difference of two
// moments, however many held the resource meanwhile. The last occupations are kept one by one. All zeroes is a resource
// that nobody has had yet.
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
    tick_t total[NAND_HOLDER_COUNT]; // in occupations of which the end is known
    struct occupation recent[HOLDING_RECENT]; // a ring; the present one, or the last, is the latest
    uint32_t latest;
    bool goes_on;    // the latest is a suspension, and its end begins another occupation of
    uint8_t holder;  // this holder
    wait_origin_fn *origin_of; // waits keep who held the resource for most of them; NULL: they do not
    struct wait_origin origins[HOLDING_RECENT]; // of the occupations; where that is not NULL
    bool paused;     // while nobody holds the resource, it is kept for the next page of a program
};

static inline struct occupation *holding_latest(struct holding *holding)
{
    return &holding->recent[holding->latest];
}

// The end of the present occupation is known: `when`, now or later.
static inline void holding_give(struct holding *holding, tick_t when)
{
    struct occupation *latest = holding_latest(holding);
    latest->to = when;
    holding->total[latest->holder] += when - latest->from;
}

// The suspension that is the present occupation ends at `when`, and `holder`'s begins.
void holding_go_on(struct holding *holding, tick_t when, enum nand_holder holder);
void holding_gone_on(struct holding *holding);

static inline void holding_settle(struct holding *holding, tick_t now)
{
    if (unlikely(holding->goes_on) && holding_latest(holding)->to <= now)
        holding_gone_on(holding);
}

// An occupation begins at `from`, which nobody has the resource for. Its end is given by holding_give.
static inline void holding_take(struct holding *holding, enum nand_holder holder, tick_t from)
{
    if (unlikely(holding->paused))
        holding->total[HOLDER_PAUSE] += from - holding_latest(holding)->to;
    holding->latest = (holding->latest + 1) % HOLDING_RECENT;
    *holding_latest(holding) = (struct occupation){.from = from, .to = TICK_NEVER, .holder = (uint8_t)holder};
}

// The same, of one whose end is known from the start.
static inline void holding_take_until(struct holding *holding, enum nand_holder holder, tick_t from, tick_t to)
{
    if (unlikely(holding->paused))
        holding->total[HOLDER_PAUSE] += from - holding_latest(holding)->to;
    holding->latest = (holding->latest + 1) % HOLDING_RECENT;
    holding->total[holder] += to - from;
    *holding_latest(holding) = (struct occupation){.from = from, .to = to, .holder = (uint8_t)holder};
}

// The present occupation is that of `op`.
static inline void holding_tell_origin(struct holding *holding, const struct nand_op *op)
{
    if (unlikely(holding->origin_of != NULL))
        holding->origins[holding->latest] = holding->origin_of(op);
}

// Between these two, at the same or a later time, somebody waits for the resource. `waits` then holds the causes of the
// wait by holder, added to what was there when it is `again`.
void holding_wait_begins(struct holding *holding, tick_t now, tick_t *restrict waits, bool again);
void holding_wait_ends(struct holding *holding, tick_t now, tick_t *restrict waits);

// The same in one, for a wait from `since` until now that can have seen but few occupations: fewer steps than the sums
// take. Time that lies further back than the last of them has no cause.
void holding_waited(const struct holding *holding, tick_t since, tick_t now, tick_t *restrict waits);

// Of the last occupations the one that took most of the time from `since` until now.
struct wait_fact holding_longest(struct holding *holding, tick_t since, tick_t now);

#endif
