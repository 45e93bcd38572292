// Growth of the map's entries from a hash table to a table by unit. See forward.h.
#include "ftl/map/forward.h"

#include <stdlib.h>

enum { FIRST_BITS = 12 };

static void allocate(struct forward *forward, unsigned bits)
{
    forward->slots = xcalloc(UINT64_C(1) << bits, sizeof *forward->slots);
    forward->mask = (UINT64_C(1) << bits) - 1;
    forward->shift = 64 - bits;
}

void forward_init(struct forward *forward, uint64_t lpns, uint64_t most)
{
    *forward = (struct forward){.lpns = lpns, .most = most};
    allocate(forward, FIRST_BITS);
}

void forward_destroy(struct forward *forward)
{
    free(forward->slots);
    packed_destroy(&forward->table);
}

// Where `old` was, all entries go to what forward_set() sees now.
static void move_all(struct forward *forward, struct forward_slot *old, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        if (old[i].key != 0)
            forward_set(forward, old[i].key - 1, old[i].value);
    free(old);
}

static void grow(struct forward *forward)
{
    struct forward_slot *old = forward->slots;
    uint64_t count = forward->mask + 1;
    if (forward->used >= forward->lpns / FORWARD_SPARSE) {
        forward->slots = NULL;
        forward->table = packed_create(forward->lpns, forward->most);
        lazy_advise_huge(forward->table.entries, forward->table.bytes);
    } else {
        allocate(forward, 65 - forward->shift);
        forward->used = 0;
    }
    move_all(forward, old, count);
}

void forward_set_sparse(struct forward *forward, uint64_t lpn, uint64_t value)
{
    struct forward_slot *slot = forward_slot(forward, lpn);
    forward->used += slot->key == 0;
    *slot = (struct forward_slot){.key = lpn + 1, .value = value};
    if (2 * forward->used > forward->mask)
        grow(forward);
}
