// Names of the stages, and parts of a breakdown.
#include "stats/stage.h"

#include <string.h>

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

static void add_waits(struct breakdown *b, const struct breakdown *part, enum stage stage, unsigned first)
{
    const tick_t *restrict from = part->waits + first;
    tick_t *restrict to = b->waits + first;
    if (!(part->split >> stage & 1))
        return;
    if (!(b->split >> stage & 1))
        memcpy(to, from, sizeof(tick_t) * NAND_HOLDER_COUNT);
    else
        for (int i = 0; i < NAND_HOLDER_COUNT; i++)
            to[i] += from[i];
    b->split |= 1u << stage;
}

void breakdown_add_waits(struct breakdown *b, const struct breakdown *part)
{
    if (b->waits == NULL)
        return;
    if (part->split >> SPLIT_FACT & 1)
        b->fact = part->fact;
    b->split |= part->split & 1u << SPLIT_FACT;
    if (b->waits == part->waits) {
        b->split |= part->split;
        return;
    }
    add_waits(b, part, STAGE_DIE_WAIT, WAIT_DIE_WAIT_HOST_READ);
    add_waits(b, part, STAGE_CHANNEL_WAIT, WAIT_CHANNEL_WAIT_HOST_READ);
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
