// Who queued what a driver was given.
//
// A request is issued by whoever happens to run the hardware queue: its own process, one whose plug is emptied, a
// kworker. Who asked for it stands in the 'Q' of its first sector, or in the 'X' that cut it off; of what was merged, the
// first is taken. As many places are remembered as are likely to be queued at one time, each where its hash says, so
// that one that is never issued (merged behind another, lost) is forgotten when another takes its place.
#include "trace/build/queuers.h"

#include <stdlib.h>

#include "util/alloc.h"

enum { QUEUERS = 8192 };

static uint32_t place_of(struct pending_key key)
{
    return key.device * 8 + (uint32_t)key.class;
}

static struct queuer *slot_of(struct queuers *queuers, struct pending_key key)
{
    uint64_t hash = (key.sector * 8191 + place_of(key)) * UINT64_C(0x9e3779b97f4a7c15);
    return &queuers->queuers[hash >> 51];
}

void queuers_destroy(struct queuers *queuers)
{
    free(queuers->queuers);
}

void queuers_note(struct queuers *queuers, struct pending_key key, uint32_t pid)
{
    _Static_assert(QUEUERS == 1 << (64 - 51), "the hash has as many bits");
    if (queuers->queuers == NULL)
        queuers->queuers = xcalloc(QUEUERS, sizeof *queuers->queuers);
    *slot_of(queuers, key) = (struct queuer){.sector = key.sector, .place = place_of(key), .pid = pid, .is = true};
}

uint32_t queuers_take(struct queuers *queuers, struct pending_key key, uint32_t otherwise)
{
    struct queuer *queuer = queuers->queuers == NULL ? NULL : slot_of(queuers, key);
    if (queuer == NULL || !queuer->is || queuer->sector != key.sector || queuer->place != place_of(key))
        return otherwise;
    queuer->is = false;
    return queuer->pid;
}
