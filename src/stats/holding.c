// Running sums over the holders of a resource.
#include "stats/holding.h"

#define UNSUSPENDED_WORDS(id, text) text,
const char *const unsuspended_words[] = {UNSUSPENDED_LIST(UNSUSPENDED_WORDS)};

void holding_go_on(struct holding *holding, tick_t when, enum nand_holder holder)
{
    holding_give(holding, when);
    holding->goes_on = true;
    holding->holder = (uint8_t)holder;
}

void holding_gone_on(struct holding *holding)
{
    struct occupation told = *holding_latest(holding);
    struct wait_origin origin = holding->origins[holding->latest];
    holding->goes_on = false;
    holding_take(holding, holding->holder, told.to);
    holding_latest(holding)->why = told.why;
    holding->origins[holding->latest] = origin;
}

// What the sums lack at `now`, or have too much, of the latest occupation; and what the resource is kept for.
static inline void add_latest(struct holding *holding, tick_t now, tick_t sign, tick_t *restrict waits)
{
    const struct occupation *latest = holding_latest(holding);
    if (latest->to == TICK_NEVER)
        waits[latest->holder] += sign * (now - latest->from);
    else if (latest->to > now)
        waits[latest->holder] -= sign * (latest->to - now);
    else if (unlikely(holding->paused))
        waits[HOLDER_PAUSE] += sign * (now - latest->to);
}

void holding_wait_begins(struct holding *holding, tick_t now, tick_t *restrict waits, bool again)
{
    const tick_t *restrict total = holding->total;
    holding_settle(holding, now);
    if (unlikely(again))
        for (int i = 0; i < NAND_HOLDER_COUNT; i++)
            waits[i] -= total[i];
    else
        for (int i = 0; i < NAND_HOLDER_COUNT; i++)
            waits[i] = -total[i];
    add_latest(holding, now, -1, waits);
}

void holding_wait_ends(struct holding *holding, tick_t now, tick_t *restrict waits)
{
    const tick_t *restrict total = holding->total;
    holding_settle(holding, now);
    for (int i = 0; i < NAND_HOLDER_COUNT; i++)
        waits[i] += total[i];
    add_latest(holding, now, 1, waits);
}

void holding_waited(const struct holding *holding, tick_t since, tick_t now, tick_t *restrict waits)
{
    for (uint32_t i = 0; i < HOLDING_RECENT; i++) {
        const struct occupation *o = &holding->recent[(holding->latest - i) % HOLDING_RECENT];
        if (o->to <= since)
            return;
        waits[o->holder] += MIN(o->to, now) - MAX(o->from, since);
    }
}

static tick_t overlap(const struct occupation *occupation, tick_t since, tick_t now)
{
    tick_t from = MAX(occupation->from, since), to = MIN(occupation->to, now);
    return to > from ? to - from : 0;
}

struct wait_fact holding_longest(struct holding *holding, tick_t since, tick_t now)
{
    holding_settle(holding, now);
    const struct occupation *best = &holding->recent[0];
    for (uint32_t i = 1; i < HOLDING_RECENT; i++)
        if (overlap(&holding->recent[i], since, now) > overlap(best, since, now))
            best = &holding->recent[i];
    return (struct wait_fact){.length = overlap(best, since, now), .origin = holding->origins[best - holding->recent],
                              .holder = best->holder, .why = best->why};
}
