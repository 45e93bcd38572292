// Which superblocks may be chosen as victims, kept in the orders that policies ask for.
//
// Nothing is done when a superblock changes but noting that it has: of the thousands of units that the host overwrites
// between two choices many lie in one superblock. Before a choice the entries of those noted are set anew, so that
// neither a change nor a choice takes longer the more superblocks there are.
#include <stdlib.h>

#include "ftl/space/space.h"
#include "util/alloc.h"

void victims_init(struct space *space)
{
    struct victims *victims = &space->victims;
    size_t words = bitmap_words(space->count);
    ranking_init(&victims->by_valid, space->count);
    ranking_init(&victims->by_age, space->count);
    victims->eligible = xcalloc(words, sizeof *victims->eligible);
    victims->counts = xcalloc(words + 1, sizeof *victims->counts);
    victims->changed = xcalloc(space->count, sizeof *victims->changed);
}

void victims_destroy(struct space *space)
{
    struct victims *victims = &space->victims;
    ranking_destroy(&victims->by_valid);
    ranking_destroy(&victims->by_age);
    free(victims->eligible);
    free(victims->counts);
    free(victims->changed);
}

// Counts in a binary indexed tree (Fenwick, "A new data structure for cumulative frequency tables", Software: Practice
// and Experience 24, 1994): element i, from 1 on, has the sum of the words i - (i & -i) + 1 to i.
static void count(struct space *space, uint32_t superblock, uint32_t change)
{
    struct victims *victims = &space->victims;
    size_t words = bitmap_words(space->count);
    victims->count += change;
    for (size_t i = superblock / 64 + 1; i <= words; i += i & -i)
        victims->counts[i] += change;
}

static void set_eligible(struct space *space, uint32_t superblock, bool eligible)
{
    struct victims *victims = &space->victims;
    if (eligible)
        bitmap_set(victims->eligible, superblock);
    else
        bitmap_clear(victims->eligible, superblock);
    count(space, superblock, eligible ? 1 : UINT32_MAX);
}

static void update(struct space *space, uint32_t superblock)
{
    struct superblock *sb = &space->superblocks[superblock];
    bool eligible = superblock_eligible(sb);
    sb->changed = false;
    if (unlikely(bitmap_test(space->victims.eligible, superblock) != eligible))
        set_eligible(space, superblock, eligible);
    ranking_set(&space->victims.by_valid, superblock, eligible ? sb->valid : RANKING_OUT);
    ranking_set(&space->victims.by_age, superblock, eligible ? sb->closed : RANKING_OUT);
}

void victims_update(struct space *space)
{
    struct victims *victims = &space->victims;
    for (uint32_t i = 0; i < victims->changed_count; i++)
        update(space, victims->changed[i]);
    victims->changed_count = 0;
}

void space_reindex(struct space *space)
{
    for (uint32_t s = 0; s < space->count; s++) {
        const struct superblock *sb = &space->superblocks[s];
        ranking_set(&space->wear, s, sb->state == SUPERBLOCK_FREE ? sb->pe_cycles : RANKING_OUT);
        update(space, s);
    }
    space->victims.changed_count = 0;
}

// The word of the eligible superblock of that number; what is left of the number is its place among the word's.
static size_t word_of(const struct space *space, uint32_t *n)
{
    const uint32_t *counts = space->victims.counts;
    size_t words = bitmap_words(space->count), step = 1, at = 0;
    while (2 * step <= words)
        step *= 2;
    for (; step > 0; step /= 2) {
        if (at + step > words || counts[at + step] > *n)
            continue;
        at += step;
        *n -= counts[at];
    }
    return at;
}

uint32_t victims_at(const struct space *space, uint32_t n)
{
    size_t word = word_of(space, &n);
    uint64_t left = space->victims.eligible[word];
    while (n-- > 0)
        left &= left - 1;
    return (uint32_t)(word * 64) + (uint32_t)__builtin_ctzll(left);
}
