// Names of the stages, and parts of a breakdown.
#include "stats/stage.h"

#include "stats/wait.h"
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

void breakdown_add_waits(struct breakdown *b, const struct breakdown *part)
{
    static const enum stage stages[] = {STAGE_DIE_WAIT, STAGE_CHANNEL_WAIT};
    for (size_t i = 0; b->waits != NULL && i < ARRAY_SIZE(stages); i++) {
        if (!(part->split >> stages[i] & 1))
            continue;
        wait_split(b, stages[i]);
        for (unsigned w = wait_ranges[stages[i]].first; w < wait_ranges[stages[i]].end; w++)
            b->waits[w] += part->waits[w];
    }
}

// The causes of a stage of which `left` of `whole` is left. Their running sum is scaled, so that the new ones add up.
static void scale_waits(struct breakdown *rest, const tick_t *waits, enum stage stage, tick_t left, tick_t whole)
{
    struct wait_range range = wait_ranges[stage];
    tick_sum_t sum = 0, before = 0;
    if (!(rest->split >> stage & 1))
        return;
    for (unsigned i = range.first; i < range.end; i++) {
        sum += waits[i];
        tick_sum_t scaled = whole == 0 ? 0 : sum * left / whole;
        rest->waits[i] = (tick_t)(scaled - before);
        before = scaled;
    }
}

struct breakdown breakdown_since(const struct breakdown *part, tick_t since, tick_t *waits)
{
    static const enum stage order[] = {STAGE_DIE_WAIT, STAGE_NAND_COMMAND, STAGE_ARRAY, STAGE_CHANNEL_WAIT,
                                       STAGE_TRANSFER, STAGE_ECC, STAGE_RETRY, STAGE_RAID};
    struct breakdown rest = *part;
    tick_t passed = since - part->start;
    rest.waits = waits;
    for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
        enum stage stage = order[i];
        tick_t spent = MIN(rest.spent[stage], passed);
        rest.spent[stage] -= spent;
        passed -= spent;
        scale_waits(&rest, part->waits, stage, rest.spent[stage], part->spent[stage]);
    }
    rest.start = since;
    return rest;
}
