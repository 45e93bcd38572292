// Names of causes, and what is reckoned with them.
#include "stats/wait.h"

const struct wait_row wait_rows[WAIT_COUNT] = {
#define WAIT_ROW(stage, id, name, help) [WAIT_##stage##_##id] = {STAGE_##stage, name, help},
    WAIT_LIST(WAIT_ROW)
#undef WAIT_ROW
};

#define RANGE(first_wait, last_wait) .first = WAIT_##first_wait, .end = WAIT_##last_wait + 1

const struct wait_range wait_ranges[STAGE_COUNT] = {
    [STAGE_DIE_WAIT] = {RANGE(DIE_WAIT_HOST_READ, DIE_WAIT_PAUSE), "other", "not known"},
    [STAGE_CHANNEL_WAIT] = {RANGE(CHANNEL_WAIT_HOST_READ, CHANNEL_WAIT_PAUSE), "other", "not known"},
    [STAGE_CONTROLLER] = {RANGE(CONTROLLER_FRONTEND, CONTROLLER_BACKGROUND), "work",
                          "its own work, and the way to PRPs in host memory"},
    [STAGE_BUFFER_WAIT] = {RANGE(BUFFER_WAIT_PROGRAMS, BUFFER_WAIT_FOLDING), "other", "not known"},
    [STAGE_FLUSH_WAIT] = {RANGE(FLUSH_WAIT_PROGRAMS, FLUSH_WAIT_PROGRAM), "other", "not known"},
};

tick_t wait_rest(const struct breakdown *path, enum stage stage)
{
    tick_t rest = path->spent[stage];
    if (path->split >> stage & 1)
        for (unsigned i = wait_ranges[stage].first; i < wait_ranges[stage].end; i++)
            rest -= path->waits[i];
    return rest;
}

void wait_copy(struct breakdown *to, const struct breakdown *from)
{
    to->split = from->split;
    for (unsigned i = 0; i < WAIT_COUNT; i++)
        if (from->split >> wait_rows[i].stage & 1)
            to->waits[i] = from->waits[i];
}
