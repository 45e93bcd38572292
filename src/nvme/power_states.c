// Reading `nvme.power_states`.
#include "nvme/power_states.h"

#include <stdio.h>

#include "util/macros.h"

#define AT(member) offsetof(struct nvme_power_state_row, member)

static const char *const kinds[] = {"active", "idle", NULL};

static const struct config_field row_fields[] = {
    {.key = "power", .type = CONFIG_UINT, .offset = AT(power_mw), .fallback = "0", .min = "1", .max = "100000"},
    {.key = "entry", .type = CONFIG_TIME, .offset = AT(entry), .fallback = "0", .max = "60s"},
    {.key = "exit", .type = CONFIG_TIME, .offset = AT(exit), .fallback = "0", .max = "60s"},
    {.key = "kind", .type = CONFIG_CHOICE, .offset = AT(kind), .fallback = "active", .choices = kinds},
};

static const struct config_tuples tuples = {row_fields, ARRAY_SIZE(row_fields), sizeof(struct nvme_power_state_row),
                                            NVME_POWER_STATES_MAX};
static const struct nvme_power_state_row only = {.power_mw = 8000};

static bool fail(struct config_problem *problem, const char *why, uint32_t state)
{
    snprintf(problem->message, sizeof problem->message, "state %u %s", state, why);
    return false;
}

bool power_states_read(const struct nvme_config *config, struct nvme_power_states *states,
                       struct config_problem *problem)
{
    int count = config_parse_tuples(&tuples, config->power_states, states->row, problem);
    if (count < 0)
        return false;
    if (count == 0)
        states->row[0] = only;
    states->count = MAX((uint32_t)count, 1);
    if (states->row[0].kind != NVME_POWER_ACTIVE)
        return fail(problem, "must be active", 0);
    for (uint32_t i = 1; i < states->count; i++)
        if (states->row[i].power_mw > states->row[i - 1].power_mw)
            return fail(problem, "draws more than the one before it", i);
    return true;
}
