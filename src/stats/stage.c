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
    if (b->waits == NULL)
        return;
    if (part->fact.length > 0)
        b->fact = part->fact;
    if (b->waits == part->waits) {
        b->causes |= part->causes;
        return;
    }
    for (uint64_t left = part->causes; left != 0; left &= left - 1)
        wait_add(b, (enum wait)__builtin_ctzll(left), part->waits[__builtin_ctzll(left)]);
}

// The causes of a stage of which a share is left. Their running sum is scaled, so that the new ones add up.
static void scale_waits(struct breakdown *rest, const struct breakdown *part, enum stage stage)
{
    struct wait_range range = wait_ranges[stage];
    tick_t left = rest->spent[stage], whole = part->spent[stage];
    tick_sum_t sum = 0, before = 0;
    for (unsigned i = range.first; i < range.end; i++) {
        sum += wait_of(part, i);
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
    rest.causes = waits == NULL ? 0 : part->causes;
    for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
        enum stage stage = order[i];
        tick_t spent = MIN(rest.spent[stage], passed);
        rest.spent[stage] -= spent;
        passed -= spent;
        if (rest.causes != 0)
            scale_waits(&rest, part, stage);
    }
    rest.start = since;
    return rest;
}
