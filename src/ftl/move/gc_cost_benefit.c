// Victim policy: the greatest benefit / cost = age * (1 - u) / (2 u), u the share of valid units (Kawaguchi,
// Nishioka, Motoda, "A flash-memory based file system", USENIX 1995, after Rosenblum and Ousterhout's log-structured
// file system). Age is counted in units programmed since the superblock was filled. Compared by cross multiplication,
// since floating point must not decide order; an empty superblock wins over any other; ties go to the lowest number.
//
// The figure changes with time for all superblocks, so there is no order to keep. The search goes down the two
// tournaments, by age and by valid units, which have the same shape: no superblock below a match can be better than
// one of the least age and the fewest units among them, and where that is no better than the best found, it goes no
// further.
#include "ftl/move/policies.h"

typedef unsigned __int128 wide;

struct candidate {
    uint64_t age;
    uint64_t valid;
    uint64_t units;
};

struct search {
    const struct space *space;
    struct candidate best;
    uint32_t found; // NONE for none
};

// Is a the better victim? Benefit age * (n - v) has up to 64 bits, v 32.
static bool better(const struct candidate *a, const struct candidate *b)
{
    wide benefit_a = (wide)a->age * (a->units - a->valid);
    wide benefit_b = (wide)b->age * (b->units - b->valid);
    return benefit_a * b->valid > benefit_b * a->valid;
}

static struct candidate superblock_of_match(const struct space *space, uint32_t match)
{
    const struct superblock *sb = &space->superblocks[match - space->victims.by_age.leaves];
    return (struct candidate){space->write_clock - sb->closed, sb->valid, sb->units};
}

// None of those below a match can be better than this.
static struct candidate bound_of_match(const struct space *space, uint32_t match)
{
    const struct victims *victims = &space->victims;
    uint64_t age = space->write_clock - victims->by_age.keys[match];
    return (struct candidate){age, victims->by_valid.keys[match], space->data_units};
}

static void look(struct search *search, uint32_t match)
{
    const struct victims *victims = &search->space->victims;
    if (victims->by_age.keys[match] == RANKING_OUT)
        return;
    bool leaf = match >= victims->by_age.leaves;
    struct candidate candidate =
        leaf ? superblock_of_match(search->space, match) : bound_of_match(search->space, match);
    if (search->found != NONE && !better(&candidate, &search->best))
        return;
    if (leaf) {
        search->best = candidate;
        search->found = match - victims->by_age.leaves;
        return;
    }
    look(search, 2 * match);
    look(search, 2 * match + 1);
}

static uint32_t pick(const struct space *space, struct gc_draw *draw)
{
    struct search search = {.space = space, .found = NONE};
    (void)draw;
    if (space->victims.by_valid.keys[1] == 0)
        return ranking_first(&space->victims.by_valid);
    look(&search, 1);
    return search.found;
}

const struct gc_ops gc_cost_benefit_ops = {
    .name = "cost_benefit",
    .help = "greatest age * (1 - u) / 2u, u the share of valid units",
    .pick = pick,
};
