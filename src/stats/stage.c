// Names of the stages, and parts of a breakdown.
#include "stats/stage.h"

#include "util/macros.h"

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

struct breakdown breakdown_since(const struct breakdown *part, tick_t since)
{
    static const enum stage order[] = {STAGE_DIE_WAIT, STAGE_NAND_COMMAND, STAGE_ARRAY, STAGE_CHANNEL_WAIT,
                                       STAGE_TRANSFER, STAGE_ECC, STAGE_RETRY, STAGE_RAID};
    struct breakdown rest = *part;
    tick_t passed = since - part->start;
    for (size_t i = 0; i < ARRAY_SIZE(order) && passed > 0; i++) {
        tick_t spent = MIN(rest.spent[order[i]], passed);
        rest.spent[order[i]] -= spent;
        passed -= spent;
    }
    rest.start = since;
    return rest;
}
