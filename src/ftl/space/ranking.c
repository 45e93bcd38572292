// Tournaments of keys.
#include "ftl/space/ranking.h"

#include <stdlib.h>

#include "util/alloc.h"
#include "util/macros.h"

void ranking_init(struct ranking *ranking, uint32_t entries)
{
    ranking->leaves = 1;
    while (ranking->leaves < entries)
        ranking->leaves *= 2;
    ranking->keys = xmalloc(2 * (size_t)ranking->leaves * sizeof *ranking->keys);
    for (size_t i = 0; i < 2 * (size_t)ranking->leaves; i++)
        ranking->keys[i] = RANKING_OUT;
}

void ranking_destroy(struct ranking *ranking)
{
    free(ranking->keys);
}

void ranking_change(struct ranking *ranking, uint32_t entry, uint64_t key)
{
    uint64_t *keys = ranking->keys;
    uint32_t at = ranking->leaves + entry;
    keys[at] = key;
    for (; at > 1; at /= 2) {
        key = MIN(key, keys[at ^ 1]);
        if (keys[at / 2] == key)
            return;
        keys[at / 2] = key;
    }
}

uint32_t ranking_first(const struct ranking *ranking)
{
    const uint64_t *keys = ranking->keys;
    uint32_t at = 1;
    if (keys[1] == RANKING_OUT)
        return UINT32_MAX;
    while (at < ranking->leaves)
        at = 2 * at + (keys[2 * at] > keys[2 * at + 1]);
    return at - ranking->leaves;
}
