// Which of many entries has the smallest key: a tournament.
//
// Entries are numbered; those in the ranking have a key. The winner is the one of the smallest key, among equals that
// of the lowest number. A change plays the matches on the way up, and stops where the better key stays the same: about
// two of them for keys that change at random, so that neither a change nor the winner costs more the more entries
// there are.
#ifndef SQTAIL_FTL_SPACE_RANKING_H
#define SQTAIL_FTL_SPACE_RANKING_H

#include <stdint.h>

#define RANKING_OUT UINT64_MAX // the key of an entry that is not in the ranking

struct ranking {
    uint64_t *keys; // of matches, the root at 1, those of match m at 2 m and 2 m + 1; entries from `leaves` on
    uint32_t leaves; // a power of two
};

void ranking_init(struct ranking *ranking, uint32_t entries);
void ranking_destroy(struct ranking *ranking);

// The first in the ranking, or UINT32_MAX when nobody is in it.
uint32_t ranking_first(const struct ranking *ranking);

// The entry's key changes to this.
void ranking_change(struct ranking *ranking, uint32_t entry, uint64_t key);

static inline void ranking_set(struct ranking *ranking, uint32_t entry, uint64_t key)
{
    if (ranking->keys[ranking->leaves + entry] != key)
        ranking_change(ranking, entry, key);
}

#endif
