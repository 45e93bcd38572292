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

// The latest occupation is over, and another comes at `from`.
static void add_latest_to_sums(struct holding *holding, tick_t from)
{
    const struct occupation *latest = holding_latest(holding);
    holding->total[latest->holder] += latest->to - latest->from;
    holding->seen |= 1u << latest->holder;
    if (unlikely(holding->paused)) {
        holding->total[HOLDER_PAUSE] += from - latest->to;
        holding->seen |= 1u << HOLDER_PAUSE;
    }
}

// What a holder has had without a break is one occupation, unless it is told whose.
void holding_take_waited_for(struct holding *holding, enum nand_holder holder, tick_t from, tick_t to)
{
    struct occupation *latest = holding_latest(holding);
    if (latest->to == from && latest->holder == holder && holding->origin_of == NULL) {
        latest->to = to;
        return;
    }
    add_latest_to_sums(holding, from);
    holding->latest = (holding->latest + 1) % HOLDING_RECENT;
    *holding_latest(holding) = (struct occupation){from, to, (uint8_t)holder, UNSUSPENDED_NOT_ASKED};
}

// --- waits ---------------------------------------------------------------------------------------------------------

static inline void add_sums(struct holding *holding, tick_t now, tick_t sign, struct breakdown *path, enum wait first)
{
    const struct occupation *latest = holding_latest(holding);
    for (uint32_t left = holding->seen; left != 0; left &= left - 1) {
        unsigned holder = (unsigned)__builtin_ctz(left);
        wait_add(path, first + holder, sign * holding->total[holder]);
    }
    wait_add(path, first + latest->holder, sign * (MIN(latest->to, now) - latest->from));
    if (unlikely(holding->paused) && latest->to < now)
        wait_add(path, first + HOLDER_PAUSE, sign * (now - latest->to));
}

void holding_wait_begins(struct holding *holding, tick_t now, struct breakdown *path, enum wait first)
{
    holding_settle(holding, now);
    holding->waiting++;
    add_sums(holding, now, -(tick_t)1, path, first);
}

void holding_wait_ends(struct holding *holding, tick_t now, struct breakdown *path, enum wait first)
{
    holding_settle(holding, now);
    holding->waiting--;
    add_sums(holding, now, 1, path, first);
}

void holding_short_wait_ends(struct holding *holding, tick_t since, tick_t now, struct breakdown *path, enum wait first)
{
    uint32_t at = holding->latest;
    holding->waiting--;
    do {
        const struct occupation *o = &holding->recent[at];
        if (o->to <= since)
            return;
        wait_add(path, first + o->holder, MIN(o->to, now) - MAX(o->from, since));
        at = (at - 1) % HOLDING_RECENT;
    } while (at != holding->latest);
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
