// Get Features and Set Features: NVM Express 1.4, sections 5.14, 5.21, by feature identifier.
//
// No feature can be saved over a reset, so the saved value is the default one (5.14). Error recovery and write
// atomicity keep what the host sets: the drive retries as its error model says, and writes of a logical block are
// atomic anyhow.
#include "nvme/features.h"

#include "nvme/events.h"
#include "nvme/io.h"
#include "nvme/nvme_internal.h"
#include "util/macros.h"

enum feature_scope { SCOPE_CONTROLLER, SCOPE_NAMESPACE };

struct feature {
    enum feature_scope scope;
    bool (*offered)(const struct nvme *nvme); // NULL: always
    uint32_t (*initial)(const struct nvme *nvme);
    // The new value is checked and taken; returns a status. NULL: the value is stored.
    unsigned (*set)(struct nvme *nvme, uint32_t value, uint32_t *dw0);
    // The value has been taken: does what it asks for and completes the command; NULL: nothing more.
    void (*apply)(struct nvme_command *command);
    // The value, where CDW11 selects among several, false when it selects none; NULL: the stored one.
    bool (*get)(const struct nvme *nvme, uint32_t selector, bool initial, uint32_t *value);
    uint32_t reserved; // bits of CDW11 that must be 0
};

static uint32_t initial_zero(const struct nvme *nvme)
{
    (void)nvme;
    return 0;
}

// --- arbitration ---------------------------------------------------------------------------------------------------

static uint32_t initial_arbitration(const struct nvme *nvme)
{
    return nvme->config->arbitration_burst;
}

static unsigned set_arbitration(struct nvme *nvme, uint32_t value, uint32_t *dw0)
{
    (void)dw0;
    nvme->features.value[NVME_FEATURE_ARBITRATION] = value;
    nvme_arbiter_configure(&nvme->fetch.arbiter, value);
    return NVME_SC_SUCCESS;
}

// --- temperature ---------------------------------------------------------------------------------------------------

enum { TMPTH_MASK = 0xffff, TMPSEL_SHIFT = 16, TMPSEL_MASK = 0xf, TMPSEL_ALL = 0xf, THSEL_SHIFT = 20,
       THSEL_MASK = 3 };

static uint32_t initial_temperature(const struct nvme *nvme)
{
    return nvme->config->warning_temperature;
}

// Only the composite temperature is there; `under` selects the lower threshold.
static bool select_threshold(uint32_t value, bool all_allowed, bool *under)
{
    uint32_t sensor = (value >> TMPSEL_SHIFT) & TMPSEL_MASK, type = (value >> THSEL_SHIFT) & THSEL_MASK;
    *under = type == 1;
    return type <= 1 && (sensor == 0 || (all_allowed && sensor == TMPSEL_ALL));
}

static unsigned set_temperature(struct nvme *nvme, uint32_t value, uint32_t *dw0)
{
    bool under;
    (void)dw0;
    if (!select_threshold(value, true, &under))
        return NVME_SC_INVALID_FIELD;
    if (under)
        nvme->features.under_temperature = value & TMPTH_MASK;
    else
        nvme->features.value[NVME_FEATURE_TEMPERATURE_THRESHOLD] = value & TMPTH_MASK;
    events_check_health(nvme);
    return NVME_SC_SUCCESS;
}

static bool get_temperature(const struct nvme *nvme, uint32_t selector, bool initial, uint32_t *value)
{
    bool under;
    if (!select_threshold(selector, false, &under))
        return false;
    if (under)
        *value = initial ? 0 : nvme->features.under_temperature;
    else
        *value = initial ? initial_temperature(nvme) : nvme->features.value[NVME_FEATURE_TEMPERATURE_THRESHOLD];
    return true;
}

// --- queues and interrupts -----------------------------------------------------------------------------------------

static uint32_t initial_queues(const struct nvme *nvme)
{
    return (nvme->config->max_queues - 1) * 0x00010001;
}

static unsigned set_queues(struct nvme *nvme, uint32_t value, uint32_t *dw0)
{
    uint32_t submission = value & 0xffff, completion = value >> 16;
    if (submission == 0xffff || completion == 0xffff)
        return NVME_SC_INVALID_FIELD;
    if (nvme->queues.count > 0)
        return NVME_SC_COMMAND_SEQUENCE;
    // Pairs are granted, as many as the larger request asks for; once, until a reset (5.21.1.7).
    if (!nvme->queues.granted)
        nvme->queues.limit = MIN(MAX(submission, completion) + 1, nvme->config->max_queues);
    nvme->queues.granted = true;
    *dw0 = (nvme->queues.limit - 1) * 0x00010001;
    nvme->features.value[NVME_FEATURE_NUMBER_OF_QUEUES] = *dw0;
    return NVME_SC_SUCCESS;
}

enum { VECTOR_MASK = 0xffff, VECTOR_CD_SHIFT = 16 };

static unsigned set_vector(struct nvme *nvme, uint32_t value, uint32_t *dw0)
{
    uint32_t vector = value & VECTOR_MASK;
    (void)dw0;
    if (vector >= nvme->config->msix_vectors)
        return NVME_SC_INVALID_FIELD;
    nvme->msix.vectors[vector].coalescing_disabled = value >> VECTOR_CD_SHIFT & 1;
    return NVME_SC_SUCCESS;
}

static bool get_vector(const struct nvme *nvme, uint32_t selector, bool initial, uint32_t *value)
{
    uint32_t vector = selector & VECTOR_MASK;
    if (vector >= nvme->config->msix_vectors)
        return false;
    bool disabled = !initial && nvme->msix.vectors[vector].coalescing_disabled;
    *value = vector | (uint32_t)disabled << VECTOR_CD_SHIFT;
    return true;
}

// --- others --------------------------------------------------------------------------------------------------------

static uint32_t initial_write_cache(const struct nvme *nvme)
{
    return nvme->config->volatile_write_cache;
}

static bool has_write_cache(const struct nvme *nvme)
{
    return nvme->config->volatile_write_cache; // 5.21.1.6: not supported without
}

// What a cache holds that is switched off is written out.
static void apply_write_cache(struct nvme_command *command)
{
    if (command->nvme->features.value[NVME_FEATURE_VOLATILE_WRITE_CACHE])
        command_complete(command);
    else
        io_flush(command);
}

static unsigned set_events(struct nvme *nvme, uint32_t value, uint32_t *dw0)
{
    (void)dw0;
    nvme->features.value[NVME_FEATURE_ASYNC_EVENT] = value;
    events_check_health(nvme);
    return NVME_SC_SUCCESS;
}

static const struct feature features[NVME_FEATURE_COUNT] = {
    [NVME_FEATURE_ARBITRATION] = {.initial = initial_arbitration, .set = set_arbitration, .reserved = 0x000000f8},
    [NVME_FEATURE_POWER_MANAGEMENT] = {.initial = initial_zero,
                                       .reserved = 0xffffff1f}, // one power state; any workload hint
    [NVME_FEATURE_TEMPERATURE_THRESHOLD] = {.initial = initial_temperature, .set = set_temperature,
                                            .get = get_temperature, .reserved = 0xffc00000},
    [NVME_FEATURE_ERROR_RECOVERY] = {.scope = SCOPE_NAMESPACE, .initial = initial_zero,
                                     .reserved = 0xffff0000}, // DULBE is not offered
    [NVME_FEATURE_VOLATILE_WRITE_CACHE] = {.offered = has_write_cache, .initial = initial_write_cache,
                                           .apply = apply_write_cache, .reserved = 0xfffffffe},
    [NVME_FEATURE_NUMBER_OF_QUEUES] = {.initial = initial_queues, .set = set_queues},
    [NVME_FEATURE_INTERRUPT_COALESCING] = {.initial = initial_zero, .reserved = 0xffff0000},
    [NVME_FEATURE_INTERRUPT_VECTOR] = {.initial = initial_zero, .set = set_vector, .get = get_vector,
                                       .reserved = 0xfffe0000},
    [NVME_FEATURE_WRITE_ATOMICITY] = {.initial = initial_zero, .reserved = 0xfffffffe},
    [NVME_FEATURE_ASYNC_EVENT] = {.initial = initial_zero, .set = set_events, .reserved = 0xfffffe00},
};

void features_reset(struct nvme *nvme, enum nvme_reset kind)
{
    (void)kind;
    for (uint32_t id = 0; id < NVME_FEATURE_COUNT; id++)
        nvme->features.value[id] = features[id].initial == NULL ? 0 : features[id].initial(nvme);
    nvme->features.under_temperature = 0;
    nvme->queues.limit = nvme->config->max_queues;
    nvme->queues.granted = false;
    for (uint32_t vector = 0; vector < nvme->config->msix_vectors; vector++)
        nvme->msix.vectors[vector].coalescing_disabled = false;
    nvme_arbiter_reset(&nvme->fetch.arbiter, nvme->features.value[NVME_FEATURE_ARBITRATION]);
}

static const struct feature *find(const struct nvme *nvme, uint32_t id)
{
    if (id >= NVME_FEATURE_COUNT || features[id].initial == NULL)
        return NULL;
    return features[id].offered == NULL || features[id].offered(nvme) ? &features[id] : NULL;
}

// The value that Get Features asks for; false when CDW11 selects none.
static bool get_value(const struct nvme *nvme, uint32_t id, uint32_t select, uint32_t selector, uint32_t *value)
{
    const struct feature *feature = &features[id];
    bool initial = select == NVME_SELECT_DEFAULT || select == NVME_SELECT_SAVED;
    if (select == NVME_SELECT_CAPABILITIES)
        *value = NVME_FEATURE_CAN_CHANGE | (feature->scope == SCOPE_NAMESPACE ? NVME_FEATURE_PER_NAMESPACE : 0);
    else if (feature->get != NULL)
        return feature->get(nvme, selector, initial, value);
    else
        *value = initial ? feature->initial(nvme) : nvme->features.value[id];
    return true;
}

// Whether the namespace identifier is one, and suits the feature's scope: 5.14, 5.21, 6.1.4. Set may name all
// namespaces, not none; Get one, or none, as hosts ask that do not look at the scope.
static unsigned check_scope(const struct feature *feature, uint32_t nsid, bool set)
{
    if (nsid != 0 && nsid != NVME_NAMESPACE && nsid != NVME_NSID_ALL)
        return NVME_SC_INVALID_NAMESPACE;
    if (feature->scope == SCOPE_CONTROLLER)
        return set && nsid == NVME_NAMESPACE ? NVME_SC_FEATURE_NOT_NAMESPACE_SPECIFIC : NVME_SC_SUCCESS;
    return nsid == (set ? 0 : NVME_NSID_ALL) ? NVME_SC_INVALID_NAMESPACE : NVME_SC_SUCCESS;
}

static void get_features(struct nvme_command *command)
{
    const struct nvme *nvme = command->nvme;
    uint32_t id = command->sqe.cdw10 & 0xff, select = (command->sqe.cdw10 >> 8) & 7;
    const struct feature *feature = find(nvme, id);
    unsigned status = feature == NULL ? NVME_SC_SUCCESS : check_scope(feature, command->sqe.nsid, false);
    if (feature == NULL)
        command_fail(command, NVME_SC_INVALID_FIELD, AT_CDW10);
    else if (select > NVME_SELECT_CAPABILITIES)
        command_fail(command, NVME_SC_INVALID_FIELD, AT_SELECT);
    else if (status != NVME_SC_SUCCESS)
        command_fail(command, status, AT_NSID);
    else if (!get_value(nvme, id, select, command->sqe.cdw11, &command->dw0))
        command_fail(command, NVME_SC_INVALID_FIELD, AT_CDW11);
    else
        command_complete(command);
}

static void set_features(struct nvme_command *command)
{
    struct nvme *nvme = command->nvme;
    uint32_t id = command->sqe.cdw10 & 0xff, value = command->sqe.cdw11;
    const struct feature *feature = find(nvme, id);
    if (feature == NULL) {
        command_fail(command, NVME_SC_INVALID_FIELD, AT_CDW10);
        return;
    }
    if (command->sqe.cdw10 >> NVME_FEATURE_SV_SHIFT) {
        command_fail(command, NVME_SC_FEATURE_NOT_SAVEABLE, AT_SAVE);
        return;
    }
    unsigned status = check_scope(feature, command->sqe.nsid, true);
    if (status != NVME_SC_SUCCESS) {
        command_fail(command, status, AT_NSID);
        return;
    }
    if (value & feature->reserved)
        status = NVME_SC_INVALID_FIELD;
    else if (feature->set != NULL)
        status = feature->set(nvme, value, &command->dw0);
    else
        nvme->features.value[id] = value;
    if (status != NVME_SC_SUCCESS)
        command_fail(command, status, AT_CDW11);
    else if (feature->apply != NULL)
        feature->apply(command);
    else
        command_complete(command);
}

const struct nvme_opcode nvme_opcode_get_features = {
    .set = NVME_SET_ADMIN,
    .code = NVME_ADMIN_GET_FEATURES,
    .counter = OPCODE_COUNTER(admin_commands),
    .execute = get_features,
};

const struct nvme_opcode nvme_opcode_set_features = {
    .set = NVME_SET_ADMIN,
    .code = NVME_ADMIN_SET_FEATURES,
    .counter = OPCODE_COUNTER(admin_commands),
    .execute = set_features,
};
