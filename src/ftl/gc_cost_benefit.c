// Victim policy: the greatest benefit / cost = age * (1 - u) / (2 u), u the share of valid units (Kawaguchi,
// Nishioka, Motoda, "A flash-memory based file system", USENIX 1995, after Rosenblum and Ousterhout's log-structured
// file system). Age is counted in units programmed since the superblock was filled. Compared by cross multiplication,
// since floating point must not decide order; an empty superblock wins over any other.
#include "ftl/ftl_internal.h"

typedef unsigned __int128 wide;

// Is a the better victim? Benefit age * (n - v) has up to 64 bits, v 32.
static bool better(const struct ftl *ftl, const struct superblock *a, const struct superblock *b)
{
    wide benefit_a = (wide)(ftl->write_clock - a->closed) * (ftl->data_units - a->valid);
    wide benefit_b = (wide)(ftl->write_clock - b->closed) * (ftl->data_units - b->valid);
    return benefit_a * b->valid > benefit_b * a->valid;
}

static uint32_t pick(struct ftl *ftl)
{
    uint32_t best = NONE;
    for (uint32_t s = 0; s < ftl->geometry.blocks; s++) {
        const struct superblock *sb = &ftl->superblocks[s];
        if (!gc_eligible(ftl, sb))
            continue;
        if (sb->valid == 0)
            return s;
        if (best == NONE || better(ftl, sb, &ftl->superblocks[best]))
            best = s;
    }
    return best;
}

const struct gc_ops gc_cost_benefit_ops = {
    .name = "cost_benefit",
    .help = "greatest age * (1 - u) / 2u, u the share of valid units",
    .pick = pick,
};
