// Names of causes, and what is reckoned with them.
#include "stats/wait.h"

const struct wait_row wait_rows[WAIT_COUNT] = {
#define WAIT_ROW(stage, id, name, help) [WAIT_##stage##_##id] = {STAGE_##stage, name, help},
    WAIT_LIST(WAIT_ROW)
#undef WAIT_ROW
};

#define REST_LIST(X)                                                                   \
    X(DIE_WAIT, "other", "not known")                                                  \
    X(CHANNEL_WAIT, "other", "not known")                                              \
    X(CONTROLLER, "work", "its own work, and the way to PRPs in host memory")          \
    X(BUFFER_WAIT, "other", "not known")                                               \
    X(FLUSH_WAIT, "other", "not known")

#define REST_NAME(stage, name, help) [STAGE_##stage] = name,
#define REST_HELP(stage, name, help) [STAGE_##stage] = help,
const char *const wait_rest_names[STAGE_COUNT] = {REST_LIST(REST_NAME)};
const char *const wait_rest_help[STAGE_COUNT] = {REST_LIST(REST_HELP)};

tick_t wait_rest(const struct breakdown *path, enum stage stage)
{
    tick_t rest = path->spent[stage];
    for (unsigned i = wait_ranges[stage].first; i < wait_ranges[stage].end; i++)
        rest -= wait_of(path, i);
    return rest;
}
