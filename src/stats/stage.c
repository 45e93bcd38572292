// Names of the stages.
#include "stats/stage.h"

const char *const stage_names[STAGE_COUNT] = {
#define STAGE_NAME(id, name, help) [STAGE_##id] = name,
    STAGE_LIST(STAGE_NAME)
#undef STAGE_NAME
};

const char *const stage_help[STAGE_COUNT] = {
#define STAGE_HELP(id, name, help) [STAGE_##id] = help,
    STAGE_LIST(STAGE_HELP)
#undef STAGE_HELP
};
