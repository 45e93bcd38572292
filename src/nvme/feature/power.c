// Power states: NVM Express 1.4, sections 8.4 (states, transitions), 5.21.1.2 (power management), 5.21.1.12 (autonomous
// power state transition), 5.21.1.17 (non-operational power state configuration).
//
// A change of state takes the exit latency of the old one and the entry latency of the new one (8.4), in which nothing
// is fetched; Set Features completes after it. A doorbell of an I/O queue brings a controller in a non-operational state
// back to the operational one that it had, which its command waits for.
//
// Autonomous transitions need no events: since nothing happens in a controller without commands, the states that it has
// gone through are worked out from the time without, when the next command comes. A command that comes while a state is
// being entered waits for that, too.
//
// Left out: that an operational state of less power is slower; PCI's power states (PMCSR) beyond D0 and D3hot.
#include "nvme/feature/power.h"

#include <string.h>

#include "nvme/feature/feature.h"
#include "nvme/nvme_internal.h"
#include "util/macros.h"

static const struct nvme_power_state_row *row_of(const struct nvme_power *power, uint32_t state)
{
    return &power->states.row[state];
}

static tick_t transition(const struct nvme_power *power, uint32_t from, uint32_t to)
{
    return from == to ? 0 : row_of(power, from)->exit + row_of(power, to)->entry;
}

// The state after what happened by itself until `now`, and when it was, or will be, entered.
static uint32_t drift(const struct nvme *nvme, tick_t idle_since, tick_t now, tick_t *since)
{
    const struct nvme_power *power = &nvme->power;
    uint32_t state = power->state;
    *since = MAX(power->since, idle_since);
    for (uint32_t steps = 0; power->autonomous && steps < power->states.count; steps++) {
        const struct nvme_power_transition *next = &power->transitions[state];
        if (next->after == 0 || now < *since || now - *since < next->after)
            break;
        *since += next->after + transition(power, state, next->to);
        state = next->to;
    }
    return state;
}

uint32_t power_state_now(const struct nvme *nvme)
{
    tick_t since;
    bool idle = nvme->subsystem.health.io_commands == 0;
    return idle ? drift(nvme, nvme->subsystem.health.idle_since, sim_now(nvme->sim), &since) : nvme->power.state;
}

// --- waiting for a transition --------------------------------------------------------------------------------------

static void entered(void *context)
{
    struct nvme *nvme = context;
    if (!nvme->power.held || sim_now(nvme->sim) < nvme->power.since)
        return; // reset, or another transition since
    nvme->power.held = false;
    nvme->commands.room(nvme);
}

// From `at` on the controller changes its state.
static void enter(struct nvme *nvme, uint32_t from, uint32_t to, tick_t at)
{
    struct nvme_power *power = &nvme->power;
    tick_t takes = transition(power, from, to), now = sim_now(nvme->sim);
    power->state = to;
    power->since = MAX(at, now) + takes;
    power->held = power->since > now;
    if (power->held)
        sim_at(nvme->sim, power->since, entered, nvme);
}

// An I/O command comes after a time without.
static void leave_idle(struct nvme *nvme)
{
    struct nvme_power *power = &nvme->power;
    tick_t since;
    uint32_t state = drift(nvme, nvme->subsystem.health.idle_since, sim_now(nvme->sim), &since);
    if (row_of(power, state)->kind == NVME_POWER_IDLE)
        enter(nvme, state, power->operational, since);
}

static void wake(struct nvme *nvme)
{
    if (!nvme->power.held)
        leave_idle(nvme);
}

void power_create(struct nvme *nvme)
{
    struct config_problem problem;
    bool valid = power_states_read(nvme->config, &nvme->power.states, &problem);
    SIM_CHECK(nvme->sim, "nvme", valid, "nvme.power_states was not checked");
    if (nvme->power.states.count > 1)
        nvme->subsystem.health.wake = wake;
}

void power_reset(struct nvme *nvme, enum nvme_reset kind)
{
    (void)kind;
    nvme->power.state = nvme->power.operational = 0;
    nvme->power.held = false;
    nvme->power.since = sim_now(nvme->sim);
}

// --- power management ----------------------------------------------------------------------------------------------

static unsigned check_state(struct nvme *nvme, uint32_t part, uint32_t *value, const uint8_t *data)
{
    (void)part, (void)data;
    return NVME_FIELD(*value, NVME_POWER_PS) < nvme->power.states.count ? NVME_SC_SUCCESS : NVME_SC_INVALID_FIELD;
}

// What a saved value says is so after the reset.
static void state_changed(struct nvme *nvme, uint32_t part, uint32_t value, const uint8_t *data)
{
    struct nvme_power *power = &nvme->power;
    uint32_t from = power_state_now(nvme), to = NVME_FIELD(value, NVME_POWER_PS);
    (void)part, (void)data;
    if (row_of(power, to)->kind == NVME_POWER_ACTIVE)
        power->operational = to;
    enter(nvme, from, to, power->since);
}

static uint32_t show_state(const struct nvme *nvme, uint32_t value, uint8_t *data)
{
    (void)data;
    return (value & ~(uint32_t)NVME_POWER_PS_MASK) | power_state_now(nvme);
}

static void in_state(void *context)
{
    struct nvme_command *command = context;
    if (!command_stale(command))
        command_complete(command);
}

static void apply_state(struct nvme_command *command)
{
    if (command->nvme->power.held)
        command_at(command, command->nvme->power.since, in_state);
    else
        command_complete(command);
}

const struct nvme_feature_row nvme_feature_power_management = {
    .fid = NVME_FEATURE_POWER_MANAGEMENT,
    .name = "Power Management",
    .flags = FEATURE_SAVEABLE,
    .reserved = 0xffffff00, // any workload hint
    .check = check_state,
    .changed = state_changed,
    .apply = apply_state,
    .show = show_state,
};

// --- autonomous transitions ----------------------------------------------------------------------------------------

static bool has_states(const struct nvme *nvme)
{
    return nvme->power.states.count > 1;
}

static struct nvme_power_transition transition_at(const uint8_t *data, uint32_t state)
{
    uint64_t entry;
    memcpy(&entry, data + state * sizeof entry, sizeof entry);
    return (struct nvme_power_transition){.to = NVME_FIELD(entry, NVME_APST_ITPS),
                                          .after = NVME_FIELD(entry, NVME_APST_ITPT) * TICKS_PER_MS};
}

// A transition leads to a non-operational state of less power (figure 308).
static unsigned check_transitions(struct nvme *nvme, uint32_t part, uint32_t *value, const uint8_t *data)
{
    (void)part, (void)value;
    for (uint32_t state = 0; state < nvme->power.states.count; state++) {
        struct nvme_power_transition to = transition_at(data, state);
        if (to.after != 0 && (to.to <= state || to.to >= nvme->power.states.count ||
                              row_of(&nvme->power, to.to)->kind != NVME_POWER_IDLE))
            return NVME_SC_INVALID_FIELD;
    }
    return NVME_SC_SUCCESS;
}

static void transitions_changed(struct nvme *nvme, uint32_t part, uint32_t value, const uint8_t *data)
{
    struct nvme_power *power = &nvme->power;
    (void)part;
    uint32_t state = power_state_now(nvme);
    if (state != power->state) { // it has got there by the old rules
        power->state = state;
        power->since = sim_now(nvme->sim);
    }
    power->autonomous = value & NVME_APST_ENABLE;
    for (uint32_t i = 0; i < power->states.count; i++)
        power->transitions[i] = transition_at(data, i);
}

const struct nvme_feature_row nvme_feature_power_transitions = {
    .fid = NVME_FEATURE_POWER_TRANSITIONS,
    .name = "Autonomous Power State Transition",
    .flags = FEATURE_SAVEABLE,
    .reserved = ~(uint32_t)NVME_APST_ENABLE,
    .bytes = NVME_POWER_STATES_MAX * sizeof(uint64_t),
    .offered = has_states,
    .check = check_transitions,
    .changed = transitions_changed,
};

const struct nvme_feature_row nvme_feature_non_operational_power = {
    .fid = NVME_FEATURE_NON_OPERATIONAL_POWER,
    .name = "Non-Operational Power State Config",
    .flags = FEATURE_SAVEABLE,
    .reserved = 0xfffffffe,
    .offered = has_states,
};
